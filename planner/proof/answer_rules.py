"""Rules of the answer: which instance, what the regions get, what it costs, what is proven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from planner.instance.digest import digest
from planner.instance.schema import Region
from planner.plan import Component, RegionResult, RegionStatus, Status
from planner.proof.costs import own_paid_s, total_cost, trip_cost
from planner.proof.gamma import is_gamma
from planner.proof.reckoning import Reckoning, TripView
from planner.proof.verdict import Measure, Recorder
from planner.text import LANGUAGES, catalogue

__all__ = [
    "check_bound",
    "check_cost",
    "check_deadline",
    "check_guarantee",
    "check_header",
    "check_instance_digest",
    "check_proof",
    "check_reasons",
    "check_received",
    "check_regions_complete",
    "check_status",
    "check_trip_cost",
    "component_gamma",
    "component_status",
    "component_trips",
    "is_guaranteed",
    "proven_regions",
]

_HUB_LATE = "hub_late"  # the reason of who is late at a hub only


def check_instance_digest(reckoning: Reckoning, found: Recorder) -> None:
    """Check that the plan was made for what the files say now, without any report."""
    own = digest(reckoning.files)
    found.case(reckoning.plan.instance_digest == own, reckoning.plan.instance_digest, own)


def check_header(reckoning: Reckoning, found: Recorder) -> None:
    """Check that the plan's start, time zone and currency are the instance's."""
    claimed, own = reckoning.plan_clock, reckoning.world.clock
    apart = abs(claimed.start - own.start) // timedelta(seconds=1)
    if apart:
        found.broken(claimed.start.isoformat(), own.start.isoformat(), apart, Measure.SECONDS)
    else:
        found.good()
    found.case(claimed.time_zone == own.time_zone, claimed.time_zone, own.time_zone)
    currency = reckoning.world.instance.settings.currency
    found.case(reckoning.plan.currency == currency, reckoning.plan.currency, currency)


def check_regions_complete(reckoning: Reckoning, found: Recorder) -> None:
    """Check that components and results hold each region asked for, once and in its warehouse's component."""
    plan, regions = reckoning.plan, reckoning.world.instance.region_of
    asked = {region.id for region in _asked(reckoning)}
    in_components = Counter(name for component in plan.components for name in component.regions)
    in_results = Counter(result.region_id for result in plan.regions)
    for name in sorted(asked | set(in_components) | set(in_results)):
        expected = 1 if name in asked else 0
        for number in (in_components[name], in_results[name]):
            if number == expected:
                found.good()
            else:
                found.broken(str(number), str(expected), abs(number - expected), region=name)
    ids = Counter(component.id for component in plan.components)
    for component in plan.components:
        found.case(ids[component.id] == 1, str(ids[component.id]), "1", component=component.id)
        for name in component.regions:
            if name in regions:
                warehouse = regions[name].warehouse
                found.case(component.id == warehouse, component.id, warehouse, region=name)


def _asked(reckoning: Reckoning) -> Iterator[Region]:
    area = reckoning.plan.options.get("area", "")
    names = {name.strip() for name in area.split(",")} - {""}
    for region in reckoning.world.instance.regions:
        if not names or names & {region.id, region.subarea, region.area}:
            yield region


def _results(reckoning: Reckoning) -> Iterator[tuple[RegionResult, Region]]:
    for result in reckoning.plan.regions:
        region = reckoning.world.instance.region_of.get(result.region_id)
        if region is not None:
            yield result, region


def check_received(reckoning: Reckoning, found: Recorder) -> None:
    """Check that a region's receipt is the end of its last delivery; without all its units it has none."""
    for result, region in _results(reckoning):
        own_s = reckoning.received[region.id]
        claimed_s = result.received_s
        if claimed_s is not None and own_s is not None:
            found.same_instant(claimed_s, own_s, region=region.id)
        else:
            claimed = "" if claimed_s is None else found.at(claimed_s)
            own = "" if own_s is None else found.at(own_s)
            found.case(claimed_s is None and own_s is None, claimed, own, region=region.id)
        got = RegionStatus.UNDELIVERED not in {result.status, reckoning.status(region)}
        nothing = result.status is reckoning.status(region)
        found.case(got or nothing, result.status.value, reckoning.status(region).value, region=region.id)


def check_deadline(reckoning: Reckoning, found: Recorder) -> None:
    """Check that deadlines are those of the files, and regions on time exactly where they receive before."""
    for result, region in _results(reckoning):
        deadline_s = reckoning.world.deadline_s(region)
        found.same_instant(result.deadline_s, deadline_s, region=region.id)
        received_s, own = reckoning.received[region.id], reckoning.status(region)
        if received_s is None:
            continue
        if result.status is RegionStatus.ON_TIME:
            found.near(deadline_s - received_s, Measure.SECONDS, region=region.id)
        late_hub = reckoning.late_hubs.get(region.id)
        if result.status is own or result.status is RegionStatus.UNDELIVERED:
            found.good()
        elif received_s < deadline_s and late_hub is not None:
            claimed, expected = found.at(late_hub.end_s), found.at(late_hub.deadline_s)
            amount, place = late_hub.end_s - late_hub.deadline_s, {"region": region.id, "hub": late_hub.hub}
            found.broken(claimed, expected, amount, Measure.SECONDS, **place)
        else:
            amount = abs(received_s - deadline_s)
            found.broken(
                found.at(received_s), found.at(deadline_s), amount, Measure.SECONDS, region=region.id
            )
    for view in reckoning.trips:
        for stop in view.stops:
            hub_s = None if stop.hub is None else reckoning.world.hub_deadline_s(stop.hub)
            if hub_s is not None and stop.stop.end_s < hub_s:
                found.near(hub_s - stop.stop.end_s, Measure.SECONDS, trip=view.trip.id, hub=stop.stop.node_id)


def check_reasons(reckoning: Reckoning, found: Recorder) -> None:
    """Check that every region that is not on time has a reason with words; one that is on time has none."""
    known = catalogue(LANGUAGES[0])
    for result in reckoning.plan.regions:
        if result.status is RegionStatus.ON_TIME:
            good = not result.reason
        else:
            keys = [result.reason, *([result.params["because"]] if "because" in result.params else [])]
            good = all(f"reasons.{key}.why" in known for key in keys)
        found.case(good, result.reason, result.status.value, region=result.region_id)
    _check_hub_reasons(reckoning, found)


def _check_hub_reasons(reckoning: Reckoning, found: Recorder) -> None:
    """Check that who is late only because of a hub says so, and who says so is late at a hub."""
    for result, region in _results(reckoning):
        if result.status is not RegionStatus.LATE:
            continue
        received_s, late_hub = reckoning.received[region.id], reckoning.late_hubs.get(region.id)
        hub = {} if late_hub is None else {"hub": late_hub.hub}
        if late_hub is None and result.reason == _HUB_LATE:
            found.broken(result.reason, result.status.value, region=region.id)
        elif late_hub is not None and received_s is not None:
            only_there = received_s < reckoning.world.deadline_s(region)
            good = not only_there or result.reason == _HUB_LATE
            found.case(good, result.reason, result.status.value, region=region.id, **hub)


def check_trip_cost(reckoning: Reckoning, found: Recorder) -> None:
    """Check that a trip's paid time and price are those of the files."""
    for view in reckoning.trips:
        if view.kind is not None:
            trip = view.trip
            found.same(trip.paid_s, own_paid_s(reckoning, view, view.kind), Measure.SECONDS, trip=trip.id)
            found.same(trip.cost, trip_cost(reckoning, view, view.kind), Measure.MONEY, trip=trip.id)


def component_trips(reckoning: Reckoning, component: Component) -> list[TripView]:
    """Trips that start at the warehouse of a component's regions, or at a hub with a type of it."""
    regions = reckoning.world.instance.region_of
    origins = {component.id} | {regions[name].warehouse for name in component.regions if name in regions}
    return [view for view in reckoning.trips if reckoning.warehouse_of(view) in origins]


def check_cost(reckoning: Reckoning, found: Recorder) -> None:
    """Check that the costs of components and plan are those of their trips, vehicles and days."""
    for component in reckoning.plan.components:
        own = total_cost(reckoning, component_trips(reckoning, component))
        found.same(component.cost, own, Measure.MONEY, component=component.id)
    found.same(reckoning.plan.cost, total_cost(reckoning, reckoning.trips), Measure.MONEY)


def check_bound(reckoning: Reckoning, found: Recorder) -> None:
    """Check that a lower bound is claimed only where all receive, late or not, and exceeds no such cost."""
    regions = reckoning.world.instance.region_of
    for component in reckoning.plan.components:
        bound = component.lower_bound
        if bound is None:
            continue
        members = [regions[name] for name in component.regions if name in regions]
        if any(reckoning.status(one) is RegionStatus.UNDELIVERED for one in members):
            found.broken(str(bound), "null", max(1, bound), Measure.MONEY, component=component.id)
        else:
            cost = total_cost(reckoning, component_trips(reckoning, component))
            found.at_most(bound, cost, Measure.MONEY, component=component.id)


def check_guarantee(reckoning: Reckoning, found: Recorder) -> None:
    """Check that the plan names the late legs asked for, and says guaranteed exactly where that is so."""
    plan = reckoning.plan
    found.case(is_gamma(option := plan.options.get("guarantee", "")), option, "")
    own = reckoning.gamma(reckoning.trips, reckoning.world.instance.vehicles)
    found.same(plan.gamma, own, Measure.LEGS)
    owns = [component_status(reckoning, idx) for idx in range(len(plan.components))]
    for component, status in zip(plan.components, owns, strict=True):
        _check_claim(reckoning, found, component, status)
    worst = max(owns, key=lambda one: one.rank, default=Status.ON_TIME)
    same = (plan.status is Status.GUARANTEED) == (worst is Status.GUARANTEED)
    found.case(same, plan.status.value, worst.value)


def _check_claim(reckoning: Reckoning, found: Recorder, component: Component, own: Status) -> None:
    claimed = component.status is Status.GUARANTEED
    place = {"component": component.id}
    failed = [name for name in component.regions if not _withstands(reckoning, name)]
    if claimed and own is not Status.GUARANTEED and failed:
        place["region"] = failed[0]
    if claimed == (own is Status.GUARANTEED):
        found.good()
    else:
        found.broken(component.status.value, own.value, len(failed), **place)
    for name in component.regions if claimed else ():
        worst = reckoning.worst.get(name)
        if worst is not None and worst.margin_s is not None:
            found.near(worst.margin_s, Measure.SECONDS, region=name)


def _withstands(reckoning: Reckoning, name: str) -> bool:
    return name in reckoning.worst and reckoning.worst[name].guaranteed


def component_gamma(reckoning: Reckoning, component: Component) -> int:
    """Late legs that all vehicles of a component must withstand."""
    types = reckoning.world.types_of(component.id)
    return reckoning.gamma(component_trips(reckoning, component), types)


def is_guaranteed(reckoning: Reckoning, component: Component) -> bool:
    """Whether all regions of a component are on time as planned and whatever legs are late, at least one."""
    if component_gamma(reckoning, component) < 1:
        return False
    regions = reckoning.world.instance.region_of
    return all(
        name in regions
        and reckoning.status(regions[name]) is RegionStatus.ON_TIME
        and _withstands(reckoning, name)
        for name in component.regions
    )


def check_proof(reckoning: Reckoning, found: Recorder) -> None:
    """Check that every proof of impossibility holds."""
    for component, all_flaws in zip(reckoning.plan.components, reckoning.flaws, strict=True):
        for proof, flaws in zip(component.proofs, all_flaws, strict=True):
            for flaw in flaws:
                place = {"component": component.id, "proof": proof.kind.value, "region": flaw.region}
                found.broken(flaw.claimed, flaw.expected, flaw.amount, flaw.measure, **place)
            if not flaws:
                found.good()


def proven_regions(reckoning: Reckoning, component_idx: int) -> tuple[str, ...]:
    """List the regions of a component that are proven not to be on time."""
    proofs = reckoning.plan.components[component_idx].proofs
    verified = zip(proofs, reckoning.flaws[component_idx], strict=True)
    return tuple(sorted({name for proof, flaws in verified if not flaws for name in proof.regions}))


def component_status(reckoning: Reckoning, component_idx: int) -> Status:
    """Tell the status of a component as its trips and verified proofs show it.

    Notes
    -----
    A component without any trip is ``NOT_FOUND``, unless a proof holds and it says so.
    """
    component, regions = reckoning.plan.components[component_idx], reckoning.world.instance.region_of
    statuses = {reckoning.status(regions[name]) for name in component.regions if name in regions}
    if statuses <= {RegionStatus.ON_TIME}:
        return Status.GUARANTEED if is_guaranteed(reckoning, component) else Status.ON_TIME
    proven = bool(proven_regions(reckoning, component_idx))
    if not any(stop.stop.deliveries for view in component_trips(reckoning, component) for stop in view.stops):
        return Status.IMPOSSIBLE if proven and component.status is Status.IMPOSSIBLE else Status.NOT_FOUND
    return Status.IMPOSSIBLE if proven else Status.LATE


def check_status(reckoning: Reckoning, found: Recorder) -> None:
    """Check that components have the status that regions and proofs show, and the plan the worst of them."""
    plan = reckoning.plan
    for idx, component in enumerate(plan.components):
        own = component_status(reckoning, idx)
        found.case(component.status is own, component.status.value, own.value, component=component.id)
    worst = max((one.status for one in plan.components), key=lambda one: one.rank, default=Status.ON_TIME)
    found.case(plan.status is worst, plan.status.value, worst.value)
