"""From given routes to a plan that claims what the check finds, and the check of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from planner.base.errors import Fault, InputError
from planner.base.rules import CLAIMED
from planner.base.version import __version__
from planner.building.places import regions_in_area
from planner.evaluation.goods import load_of, shared_out
from planner.evaluation.routes import RouteRun, RouteTrip
from planner.evaluation.timing import Scheduled, scheduled
from planner.instance.area_names import area_ids
from planner.instance.digest import digest, table_digests
from planner.instance.schema import Instance, Region
from planner.instance.subjects import vehicle_id
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Status,
    Stop,
    StopReason,
    Trip,
)
from planner.plans.model import Goods as PlanGoods
from planner.problem.visits import trip_cost
from planner.proof.check import checked
from planner.proof.costs import total_cost
from planner.proof.facts import PlanFacts
from planner.proof.rules.answer import component_status
from planner.proof.rules.cost import component_trips
from planner.proof.verdict import Verdict
from planner.proof.world import World
from planner.reasons.outcome import leg_of

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A plan of given routes, and what the check says of it: every rule that they break, with its amount."""

    plan: Plan
    verdict: Verdict


def evaluate(
    instance: Instance, trips: Sequence[RouteTrip], *, area: str = "", guarantee: int | None = None
) -> Evaluation:
    """Judge routes that people have made.

    Parameters
    ----------
    instance
        As read and validated.
    trips
        See `planner.evaluation.read.read_routes`.
    area
        Comma-separated ids of areas, subareas or regions that the routes are for; empty: all regions of the
        warehouses whose vehicles drive.
    guarantee
        Late legs that each vehicle is to withstand; None: as the files say.

    Raises
    ------
    InputError
        C701 if the area is unknown.

    Notes
    -----
    The routes are taken as they are, whatever rules they break. Times, loads and costs are computed as for
    every plan; what the plan claims is what the check finds, so that only rules of the world can be broken.
    """
    asked = area_ids(instance, area) or _area_of(instance, trips)
    try:
        regions = regions_in_area(instance, asked)
    except KeyError as error:
        raise InputError([Fault("C701", "--area", value=str(error.args[0]))]) from error
    goods = shared_out(instance, trips)
    times = scheduled(instance, trips, goods)
    made = tuple(
        _trip(instance, one, [goods[number, stop] for stop in range(len(one.stops))], times[number])
        for number, one in enumerate(trips)
    )
    plan = _plan(instance, regions, made, {"area": asked, "guarantee": guarantee})
    return Evaluation(*checked(_as_found(plan, instance), instance.clock, instance))


def _area_of(instance: Instance, trips: Sequence[RouteTrip]) -> str:
    """The area that covers just the warehouses whose vehicles drive; empty for all of them."""
    driving = {instance.vehicle_type_of[one.vehicle_type].warehouse for one in trips}
    mine = [one for one in instance.regions if one.warehouse in driving]
    if len(mine) in (0, len(instance.regions)):
        return ""
    found: list[str] = []
    for one in mine:
        whole = [two for two in instance.regions if one.area and one.area in (two.area, two.subarea, two.id)]
        name = one.area if whole and all(two.warehouse in driving for two in whole) else one.id
        if name not in found:
            found.append(name)
    return ",".join(found)


def _trip(instance: Instance, given: RouteTrip, runs: Sequence[Sequence[RouteRun]], one: Scheduled) -> Trip:
    """A trip as it stands in a plan."""
    relaxed, timing, kind = one.relaxed, one.timing, one.driven.kind
    ways = timing.ways or (None,) * len(timing.legs)
    numbers = [0, *(relaxed.place_of[stop.place] for stop in given.stops)]
    ends = [*zip(numbers, numbers[1:], strict=False), (numbers[-1], 0)]
    legs = []
    for (here, there), when, way in zip(ends, timing.legs, ways, strict=False):
        if way is None and kind.time_between(here, there) == 0 and not relaxed.kind.reaches(here, there):
            ids = relaxed.problem.places
            legs.append(Leg(ids[here], ids[there], *when, 0, ()))  # there is no way at all
        else:
            legs.append(leg_of(relaxed.problem, kind, (here, there), when, way))
    stops = tuple(
        Stop(
            node_id=stop.place,
            leg=leg,
            start_s=start,
            end_s=end,
            deliveries=tuple(_delivery(instance, run) for run in mine),
            items=tuple(PlanGoods(item, quantity) for item, quantity in stop.items),
        )
        for stop, mine, leg, (start, end) in zip(given.stops, runs, legs, timing.services, strict=False)
    )
    distance_m = sum(leg.distance_m for leg in legs)
    handling = sum(
        relaxed.problem.handling_of(
            relaxed.region(stop.node_id), sum(item.pieces for item in stop.deliveries)
        )
        for stop in stops
    )
    paid_s = relaxed.kind.shifts.overlap_s(timing.load_start_s, timing.end_s)
    return Trip(
        id=given.id,
        vehicle_id=vehicle_id(kind.id, one.vehicle),
        vehicle_type=kind.id,
        origin_id=given.origin,
        dock=one.dock,
        load_start_s=timing.load_start_s,
        depart_s=timing.depart_s,
        stops=stops,
        back=None if kind.open_end else legs[-1],
        end_s=timing.end_s,
        mass_g=one.load.mass_g,
        volume_cm3=one.load.volume_cm3,
        pieces=one.load.pieces,
        distance_m=distance_m,
        paid_s=paid_s,
        cost=handling + trip_cost(kind, distance_m, paid_s),
    )


def _delivery(instance: Instance, run: RouteRun) -> Delivery:
    load = load_of(instance, run)
    return Delivery(
        run.consignment_id,
        run.region_id,
        run.part,
        run.first_unit,
        run.units,
        load.mass_g,
        load.volume_cm3,
        load.pieces,
    )


def _plan(
    instance: Instance, regions: Sequence[Region], trips: tuple[Trip, ...], asked: Mapping[str, object]
) -> Plan:
    """A plan of these trips, without what it achieves."""
    mine: dict[str, list[str]] = {}
    for region in regions:
        mine.setdefault(region.warehouse, []).append(region.id)
    owners = {
        kind.warehouse for kind in instance.vehicles if any(one.vehicle_type == kind.id for one in trips)
    }
    guarantee = asked["guarantee"]
    return Plan(
        instance_name=instance.settings.name,
        instance_digest=digest(instance),
        instance_tables=table_digests(instance),
        planner_version=__version__,
        options={
            "engine": "given",
            "area": str(asked["area"]),
            "guarantee": "" if guarantee is None else str(guarantee),
            "rules": " ".join(CLAIMED),
        },
        status=Status.NOT_FOUND,
        gamma=0,
        currency=instance.settings.currency,
        cost=0,
        components=tuple(
            Component(one.id, Status.NOT_FOUND, StopReason.COMPLETE, tuple(mine.get(one.id, ())), 0, None)
            for one in instance.warehouses
            if one.id in mine or one.id in owners
        ),
        trips=trips,
        regions=tuple(RegionResult(one.id, RegionStatus.UNDELIVERED, None, 0) for one in regions),
    )


def _as_found(plan: Plan, instance: Instance) -> Plan:
    """The plan with what the check finds: receipts, costs, statuses."""
    facts = PlanFacts(plan, instance.clock, World(instance))
    results = tuple(_result(facts, instance.region_of[one.region_id], instance) for one in plan.regions)
    components = tuple(
        replace(one, cost=total_cost(facts, component_trips(facts, one))) for one in plan.components
    )
    cost = total_cost(facts, facts.trips)
    plan = replace(plan, components=components, regions=results, cost=cost)
    facts = PlanFacts(plan, instance.clock, facts.world)
    names = (Status.ON_TIME, Status.GUARANTEED)
    found = [component_status(facts, number) for number in range(len(components))]
    components = tuple(
        replace(one, status=Status.ON_TIME if status in names else status)
        for one, status in zip(components, found, strict=True)
    )
    worst = Status.worst_of((one.status for one in components), default=Status.ON_TIME)
    return replace(plan, components=components, status=worst)


def _result(facts: PlanFacts, region: Region, instance: Instance) -> RegionResult:
    """What the routes do for a region, and why not better."""
    status, deadline_s = facts.status(region), facts.world.deadline_s(region)
    received_s = facts.received[region.id] if facts.world.kit.needs(region) else None
    if status is RegionStatus.ON_TIME:
        return RegionResult(region.id, status, received_s, deadline_s)
    if status is RegionStatus.UNDELIVERED:
        params = {"units": str(facts.missing(region))}
        return RegionResult(region.id, status, None, deadline_s, ReasonCode.NOT_IN_ROUTES, params)
    late = facts.late_hubs.get(region.id)
    if late is not None and received_s is not None and received_s < deadline_s:
        name = next(one.name for one in instance.hubs if one.id == late.hub)
        hub = {"hub": late.hub, "hub_name": name}
        moments = {"deadline": late.deadline_s, "arrival": late.end_s}
        params = hub | {key: instance.clock.text(moment) for key, moment in moments.items()}
        return RegionResult(region.id, status, received_s, deadline_s, ReasonCode.HUB_LATE, params)
    trips = sorted(
        {
            view.trip.id
            for view in facts.trips
            for stop in view.stops
            if stop.stop.node_id == region.id and stop.stop.end_s >= deadline_s
        }
    )
    return RegionResult(
        region.id, status, received_s, deadline_s, ReasonCode.LATE_IN_ROUTES, {"trips": ", ".join(trips)}
    )
