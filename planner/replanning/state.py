"""What has happened to a plan until now, what is believed of the rest, and where that leads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from planner.events.amend import OTHERWISE, Amended
from planner.events.apply import effective
from planner.events.as_told import matched_as_it_went
from planner.events.loads import Net
from planner.events.match import matched
from planner.events.meaning import DEPARTED, EACH, LOADED, SERVED_AT, remembered
from planner.events.schema import Event, EventKind
from planner.events.tellings import Dispute, Matched, TripReports, in_effect, understood
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import Delivery, Leg, Plan, ReasonCode, RegionResult, RegionStatus, Stop, Trip
from planner.proof.as_it_went import as_it_went
from planner.proof.eras import Eras
from planner.proof.facts import PlanFacts
from planner.proof.world import World
from planner.replanning.breakdowns import BrokenVehicle, broken_off, standing
from planner.replanning.lost_stock import net_of
from planner.replanning.projection import Broken, Stuck, Times, project
from planner.replanning.results import Results, TripPrices

__all__ = ["TOLERANCE_S", "Assume", "BrokenVehicle", "Known", "State", "Stuck", "TripState", "state_of"]

TOLERANCE_S = 1800


class Assume(StrEnum):
    """What is believed of things that are due and not reported."""

    PLANNED = "planned"  # they happened as planned, shifted by what is known
    NOTHING = "nothing"  # they have not happened


class Known(StrEnum):
    """How much is known of one thing of the plan."""

    CONFIRMED = "confirmed"  # reported
    ASSUMED = "assumed"  # due, no report
    OVERDUE = "overdue"  # due since longer than the tolerance, no report
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class TripState:
    """One trip of the plan in force, as it went and is expected to go.

    Parameters
    ----------
    trip
        With the times as reported, or as expected under the policy (nothing leaves before its planned time;
        it leaves as soon as vehicle, goods and dock are there). Of a trip broken off only the stops served
        are left. Of one that is `stuck` and has not begun, it is the trip as planned.
    planned
        The trip as the plan has it.
    loaded, departed
        What is known of the end of loading and of the first departure.
    stops
        What is known of each stop of ``planned`` (of its end of service).
    begun
        Loading had begun at `now` (reported, or believed): vehicle, origin, order and goods stand.
    last_report_s
        Time of the last report about it; None: there is none.
    stuck
        Why it cannot be driven as it is, or not to its end; None: it can.
    """

    trip: Trip
    planned: Trip
    loaded: Known
    departed: Known
    stops: tuple[Known, ...]
    begun: bool
    last_report_s: int | None = None
    stuck: Stuck | None = None


@dataclass(frozen=True)
class State:
    """Where a plan stands at a moment.

    Parameters
    ----------
    instance
        As its files say.
    effective
        The instance that the future obeys: with the reports applied.
    plan
        The plan in force as it went (`planner.events.amend`): where stops were skipped, goods refused,
        brought back or taken over, its trips are those that were driven.
    trips
        All trips of it, in its order.
    broken
        Vehicles that stand with goods aboard.
    received_s
        Expected (or reported) receipt of each region of the plan under the policy; None: something is
        missing, or comes by a trip that cannot go on.
    on_time
        Whether that is before the region's deadline, and its goods were at hubs before theirs.
    projected
        The plan merely shifted: same vehicles, docks and orders, times under the policy. Trips that cannot be
        driven any more are left out of it, and regions that lack something for it are undelivered in it.
    stuck
        Trips left out of `projected`, and begun ones that do not get to their end, with why.
    found
        What the reports say of the plan's trips, which of them are disputed, and which are about nothing that
        there is any more.
    net
        What had been loaded before goods were reported to be gone.
    back_with
        Goods that come back to where they were loaded, each with the trip that brings them.
    """

    now_s: int
    assume: Assume
    tolerance_s: int
    instance: Instance
    effective: Instance
    events: tuple[Event, ...]
    plan: Plan
    trips: tuple[TripState, ...]
    broken: tuple[BrokenVehicle, ...]
    received_s: Mapping[str, int | None]
    on_time: Mapping[str, bool]
    projected: Plan
    stuck: Mapping[str, Stuck]
    found: Matched
    net: Net
    back_with: tuple[tuple[Delivery, str], ...] = ()


def state_of(
    plan: Plan,
    instance: Instance,
    events: Sequence[Event],
    now_s: int,
    assume: Assume = Assume.PLANNED,
    *,
    tolerance_s: int = TOLERANCE_S,
    aside: Sequence[Dispute] = (),
) -> State:
    """Where the plan stands at `now_s`.

    Parameters
    ----------
    plan
        The plan in force.
    instance
        As its files say; the reports are applied here.
    events
        Reports that hold (`planner.events.read.read_events`), none of them later than `now_s`.
    now_s
        The moment, in seconds.
    assume
        What is believed of things that are due and not reported.
    tolerance_s
        Seconds; what is due for longer and not reported is overdue.
    aside
        Reports without effect that are not among `events`; they are told with those that are disputed.
    """
    events = tuple(remembered(one, plan, instance) for one in events)
    went, found = matched_as_it_went(plan, events, instance)
    if went.changed:  # as the new plan will hold them: so the check reads the same off the plan before
        digest = short_digest(plan_digest(plan, instance.clock))
        events = tuple(understood(one, found, digest) for one in events)
        went, found = matched_as_it_went(plan, events, instance)
    first = found
    held = in_effect(events, found)
    reports = found.reports
    settled = frozenset() if plan.replan is None else frozenset(one.id for one in plan.replan.events)
    hold = assume is Assume.NOTHING

    in_force, home = plan, frozenset[str]()
    if went.changed:
        at_first = World(with_closed_hours(effective(instance, held)))
        went = as_it_went(plan, events, instance, at_first)
    net = net_of(
        went, instance, held, reports, now_s=now_s, hold=hold, settled=settled, broken=_ends_by(reports)
    )
    changed = effective(instance, held, net)
    world = World(with_closed_hours(changed))
    prices = TripPrices(world.instance)
    while True:
        went = as_it_went(in_force, events, instance, world, home)
        plan = _with_costs(prices, went)
        facts = PlanFacts(replace(went, plan=plan), instance.clock, world)
        found = matched(plan, events)
        eras = Eras(facts, instance, held, now_s, net)
        driven = partial(_driven, facts, eras=eras, now_s=now_s, settled=settled)
        reports = found.reports if hold else _where_it_broke_down(plan, held, found.reports, driven)
        due = driven(reports, hold=False)
        times = driven(reports, hold=True) if hold else due
        found = replace(found, reports=reports)
        too_late = {name for name in went.aboard if name in due and due[name].stuck is Stuck.WAY}
        if not too_late:
            break
        home |= too_late  # what stayed aboard cannot be brought any more
    nothing = TripReports()
    trips = tuple(
        _trip_state(
            prices, trip, times[trip.id], due[trip.id], reports.get(trip.id, nothing), (now_s, tolerance_s)
        )
        if trip.id in times
        else _unknown_kind(trip)
        for trip in plan.trips
    )
    kept = tuple(one.trip for one in trips if one.stuck is None or one.begun)
    shifted = replace(plan, trips=kept)
    seen = facts if kept == plan.trips else PlanFacts(shifted, instance.clock, world, before=facts)
    regions = tuple(_region(seen, one) for one in plan.regions)
    asides = [one for one in aside if not (one.event.bulk and one.beside)]  # those are not asked about
    disputed = {one.event.id for one in found.disputed}
    asides += [one for one in first.disputed if one.event.kind in OTHERWISE and one.event.id not in disputed]
    cost = plan.cost if seen is facts and not went.changed else Results(changed, {}).cost(kept)
    return State(
        now_s=now_s,
        assume=assume,
        tolerance_s=tolerance_s,
        instance=instance,
        effective=changed,
        events=events,
        plan=plan,
        trips=trips,
        broken=standing(kept, frozenset(one.trip.id for one in trips if one.begun)),
        received_s={one.region_id: one.received_s for one in regions},
        on_time={one.region_id: one.status is RegionStatus.ON_TIME for one in regions},
        projected=replace(shifted, regions=regions, cost=cost),
        stuck={one.planned.id: one.stuck for one in trips if one.stuck is not None},
        found=replace(
            found, disputed=(*asides, *found.disputed), gone=(*found.gone, *went.gone), stops=first.stops
        ),
        net=net,
        back_with=went.back_with,
    )


def _driven(
    facts: PlanFacts,
    reports: Mapping[str, TripReports],
    *,
    eras: Eras,
    now_s: int,
    settled: Collection[str],
    hold: bool,
) -> Mapping[str, Times]:
    """Times of all trips by these reports; see `project`."""
    ended = _ends_by(reports)
    return project(facts, reports, eras, now_s=now_s, hold=hold, settled=settled, broken=ended)


def _ends_by(reports: Mapping[str, TripReports]) -> Broken:
    """How far trips came before their vehicles broke down, by reports."""

    def ended(trip: Trip, times: Times, at: World) -> Trip | None:
        event = reports[trip.id].broken
        assert event is not None
        return _ended(TripPrices(at.instance), trip, times, event)

    return ended


def _where_it_broke_down(
    plan: Plan,
    held: Sequence[Event],
    reports: Mapping[str, TripReports],
    driven: Callable[..., Mapping[str, Times]],
) -> Mapping[str, TripReports]:
    """Reports, with each breakdown on the trip on which its vehicle was by all that is told now.

    That may be another one than it was thought to be, or none: it had not begun the next one, or was later
    than expected. Nothing is moved that says where the vehicle stands, or of which something else is told.
    """
    breakdowns = [one for one in held if one.kind is EventKind.BREAKDOWN]
    found = dict(reports)
    for trip in plan.trips if breakdowns else ():
        mine = found.get(trip.id)
        if mine is None or mine.broken is None or trip.begun or mine.known:
            continue
        if mine.broken.place in ("", trip.origin_id):
            found[trip.id] = replace(mine, broken=None)
    moved = bool(breakdowns)
    while moved:
        times, moved = driven(found, hold=False), False
        for event in breakdowns:
            theirs = [one for one in plan.trips if one.vehicle_id in event.subject and one.broken is None]
            placed = {one.vehicle_id for one in theirs if one.id in found and found[one.id].broken == event}
            for trip in theirs:
                told, at = found.get(trip.id, TripReports()), times.get(trip.id)
                under_way = at is not None and at.begun and at.load_start_s <= event.begins_s < at.end_s
                later = any(one.at_s > event.begins_s for one in told.known.values())
                if under_way and not later and told.broken is None and trip.vehicle_id not in placed:
                    found[trip.id], moved = replace(told, broken=event), True
    return found


def _with_costs(prices: TripPrices, went: Amended) -> Plan:
    """The plan as it went, with what its trips cost."""
    if not went.changed:
        return went.plan
    trips = tuple(
        prices.priced(trip)
        if trip.id in went.changed and trip.vehicle_type in prices.instance.vehicle_type_of
        else trip
        for trip in went.plan.trips
    )
    return replace(went.plan, trips=trips)


def _unknown_kind(trip: Trip) -> TripState:
    """A trip of a vehicle type that there is not: left out."""
    future = tuple(Known.FUTURE for _ in trip.stops)
    return TripState(trip, trip, Known.FUTURE, Known.FUTURE, future, begun=False, stuck=Stuck.VEHICLE_OUT)


def _trip_state(
    prices: TripPrices, trip: Trip, times: Times, due: Times, reports: TripReports, when: tuple[int, int]
) -> TripState:
    known = [
        _known(reports, LOADED, due.depart_s, when),
        _known(reports, DEPARTED, due.legs[0][0] if due.legs else due.depart_s, when),
    ]
    stops = tuple(
        _known(reports, SERVED_AT + EACH * number, due.services[number][1], when)
        if number < len(due.services)
        else Known.FUTURE
        for number in range(len(trip.stops))
    )
    begun, stuck = times.begun, times.stuck
    now = trip if stuck is not None and not begun else _with_times(prices, trip, times)
    if reports.broken is not None and trip.broken is None:
        ended = _ended(prices, trip, times, reports.broken)
        if ended is not None:
            now, stuck = prices.priced(ended), None
            stops = tuple(
                one if number < len(ended.stops) or one is Known.CONFIRMED else Known.FUTURE
                for number, one in enumerate(stops)
            )
    return TripState(now, trip, known[0], known[1], stops, begun, reports.last_report_s, stuck)


def _ended(prices: TripPrices, trip: Trip, times: Times, event: Event) -> Trip | None:
    """A trip as far as it came before its vehicle broke down; None where it had not left, or was over."""
    if times.stuck is not None and not times.begun:
        return None
    kind = prices.instance.vehicle_type_of[trip.vehicle_type]
    return broken_off(prices.instance, kind, _with_times(prices, trip, times), event)


def _known(reports: TripReports, place: int, expected_s: int, when: tuple[int, int]) -> Known:
    now_s, tolerance_s = when
    if reports.at(place) is not None:
        return Known.CONFIRMED
    if expected_s > now_s:
        return Known.FUTURE
    return Known.OVERDUE if expected_s + tolerance_s < now_s else Known.ASSUMED


def _with_times(prices: TripPrices, trip: Trip, times: Times) -> Trip:
    """A trip with other times, the same object where nothing moves; what never happens is at the end.

    So is what would happen after the horizon.
    """
    last_s = prices.instance.settings.horizon_s

    def capped(moment_s: int) -> int:
        return min(moment_s, last_s)

    def moved(leg: Leg, number: int) -> Leg:
        departs, arrives = (capped(one) for one in times.legs[number])
        if number in times.paths:
            leg = replace(leg, path=times.paths[number])
        same = (departs, arrives) == (leg.depart_s, leg.arrive_s)
        return leg if same else replace(leg, depart_s=departs, arrive_s=arrives)

    stops: list[Stop] = []
    for number, stop in enumerate(trip.stops):
        leg = moved(stop.leg, number)
        start, end = (capped(one) for one in times.services[number])
        same = leg is stop.leg and (start, end) == (stop.start_s, stop.end_s)
        stops.append(stop if same else replace(stop, leg=leg, start_s=start, end_s=end))
    back = None if trip.back is None else moved(trip.back, len(trip.stops))
    found = replace(
        trip,
        load_start_s=times.load_start_s,
        depart_s=times.depart_s,
        stops=tuple(stops),
        back=back,
        end_s=trip.end_s if trip.broken is not None else capped(times.end_s),
    )
    found = prices.priced(found)
    return trip if found == trip else found


def _region(seen: PlanFacts, old: RegionResult) -> RegionResult:
    """What the shifted plan does for a region; the old result where that is the same."""
    region = seen.world.instance.region_of.get(old.region_id)
    if region is None:
        return old
    status, received_s = seen.status(region), seen.received.get(region.id)
    if not seen.world.is_needed(region):
        received_s = None
    if (status, received_s) == (old.status, old.received_s):
        return old
    late = status is not RegionStatus.ON_TIME
    return RegionResult(
        old.region_id,
        status,
        received_s,
        seen.world.deadline_s(region),
        ReasonCode.NOT_DETERMINED if late else "",
        {"percent": "0"} if late else {},
    )
