"""The plan before a replan as it went: with what was skipped, refused, brought back or taken over."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from planner.events.amend import Amended, amended
from planner.events.apply import effective
from planner.events.as_told import matched_as_it_went, undisputed
from planner.events.kinds import ON_THE_WAY
from planner.events.match import matched
from planner.events.meaning import ARRIVED_AT, EACH, LOADED, SERVED_AT
from planner.events.read import row_faults, rows_of
from planner.events.schema import Event, EventKind
from planner.events.tellings import TripReports
from planner.instance.schema import Instance, VehicleType
from planner.plans.model import Leg, Plan, Step, StepKind, Stop, Trip
from planner.proof.world import World

__all__ = ["as_it_went"]


def as_it_went(
    plan: Plan, events: Sequence[Event], files: Instance, world: World, home: Collection[str] = ()
) -> Amended:
    """A plan as it went, by the reports that it does not contain yet; its new legs are the quickest ways.

    Parameters
    ----------
    plan, events
        The plan in force, and all reports that hold.
    files
        What the files say, without reports.
    world
        What they say with the reports applied.
    home
        Ids of trips with which all goods that stay aboard come back.

    Notes
    -----
    What is disputed has no effect. What was over sooner than it can be by a report that holds no more lasts
    as long as it must again.
    """
    believed = {} if plan.replan is None else {row.id: row for row in plan.replan.events}
    aside: set[str] = set()
    if believed.keys() != {one.id for one in events}:
        _, now = matched_as_it_went(plan, events, files)
        aside = {one.event.id for one in now.disputed}
        then = matched(plan, [one for one in events if one.id in believed])
        holding = {one.id for one in events} - aside
        holding |= {one.event.id for one in then.disputed}
        gone = [row for name, row in believed.items() if row.kind in ON_THE_WAY and name not in holding]
        names = {name for row in gone for name in row.trip.split("+")}
        plan = _no_shorter(plan, names, now.reports, (world, World(files)) if names else ())
    plan = _on_known_edges(plan, files, world)
    found = amended(plan, undisputed(events, aside), files, home)
    if not found.changed:
        return found
    old = {trip.id: trip for trip in plan.trips}
    trips = tuple(
        _with_ways(world, trip, old[trip.id]) if trip.id in found.changed else trip
        for trip in found.plan.trips
    )
    return replace(found, plan=replace(found.plan, trips=trips))


def _on_known_edges(plan: Plan, files: Instance, world: World) -> Plan:
    """The plan over the edges that there are, where it drives doubles at a speed that is taken back."""
    if plan.replan is None:
        return plan
    known = world.ways.edges
    steps = (step for trip in plan.trips for leg in _legs(trip) for step in leg.path)
    if all(step.kind is StepKind.KNOWN or step.ref in known for step in steps):
        return plan
    rows = rows_of(one for one in plan.replan.events if one.kind == EventKind.SPEED)
    then = effective(files, row_faults(rows, files)[0])
    bases = {one.id: one.double_of for one in then.edges if one.double_of and one.id not in known}

    def driven(leg: Leg) -> Leg:
        path = tuple(replace(step, ref=bases.get(step.ref, step.ref)) for step in leg.path)
        return leg if path == leg.path else replace(leg, path=path)

    return replace(plan, trips=tuple(_over(trip, driven) for trip in plan.trips))


def _legs(trip: Trip) -> list[Leg]:
    """All legs of a trip, the one on which its vehicle broke down too."""
    last = (trip.back, None if trip.broken is None else trip.broken.leg)
    return [*(stop.leg for stop in trip.stops), *(leg for leg in last if leg is not None)]


def _over(trip: Trip, driven: Callable[[Leg], Leg]) -> Trip:
    """The trip with other legs; the same object where they are the same."""
    broken = trip.broken
    if broken is not None and broken.leg is not None:
        broken = replace(broken, leg=driven(broken.leg))
    found = replace(
        trip,
        stops=tuple(replace(stop, leg=driven(stop.leg)) for stop in trip.stops),
        back=None if trip.back is None else driven(trip.back),
        broken=broken,
    )
    return trip if found == trip else found


def _no_shorter(
    plan: Plan, names: Collection[str], reports: Mapping[str, TripReports], worlds: Sequence[World]
) -> Plan:
    """The plan in which nothing of some trips that have begun lasts shorter than it must, unless told so."""
    if not names:
        return plan
    trips = tuple(
        _as_long_as_it_must(worlds, trip, reports.get(trip.id, TripReports()))
        if trip.id in names and trip.begun
        else trip
        for trip in plan.trips
    )
    return replace(plan, trips=trips)


def _as_long_as_it_must(worlds: Sequence[World], trip: Trip, told: TripReports) -> Trip:
    """A trip with longer loading, legs and stops where they were too short; what comes after is later.

    Too short is a leg in each world, the one of now and that of the files: he may have driven in either.
    """
    world = worlds[0]
    kind = world.instance.vehicle_type_of.get(trip.vehicle_type)
    if kind is None:
        return trip

    def over_s(place: int, planned_s: int, least_s: int) -> int:
        known = any(at >= place and one.at_s == planned_s for at, one in told.known.items())
        return planned_s if known else max(planned_s, least_s)

    loads_s = kind.load_fixed_s + kind.load_piece_s * trip.pieces if trip.pieces else 0
    ready_s = depart_s = over_s(LOADED, trip.depart_s, trip.load_start_s + loads_s)

    def driven(leg: Leg, number: int) -> Leg:
        sets_out_s = max(leg.depart_s, ready_s)
        least_s = sets_out_s + min(one.ways.walk(kind, leg).time_s or 0 for one in worlds)
        arrive_s = over_s(ARRIVED_AT + EACH * number, max(leg.arrive_s, sets_out_s), least_s)
        return replace(leg, depart_s=sets_out_s, arrive_s=arrive_s)

    stops: list[Stop] = []
    for number, stop in enumerate(trip.stops):
        leg = driven(stop.leg, number)
        start_s = max(stop.start_s, leg.arrive_s)
        least_s = start_s + _service_s(world, kind, stop)
        ready_s = over_s(SERVED_AT + EACH * number, max(stop.end_s, start_s), least_s)
        stops.append(replace(stop, leg=leg, start_s=start_s, end_s=ready_s))
    back = None if trip.back is None else driven(trip.back, len(stops))
    end_s = max(trip.end_s, ready_s if back is None else back.arrive_s)
    return replace(trip, depart_s=depart_s, stops=tuple(stops), back=back, end_s=end_s)


def _with_ways(world: World, trip: Trip, old: Trip) -> Trip:
    """The trip with a way for each leg, and times that follow; what is as planned stays as it is."""
    kind = world.instance.vehicle_type_of.get(trip.vehicle_type)
    if kind is None:
        return trip
    ready_s, moved = trip.depart_s, False
    waits = {stop.node_id: stop.start_s for stop in old.stops if stop.start_s > stop.leg.arrive_s}
    stops: list[Stop] = []
    for number, ordered in enumerate(trip.stops):
        stop = ordered
        moved = moved or number >= len(old.stops) or stop.leg != old.stops[number].leg
        if moved:
            leg = _driven(world, kind, stop.leg, ready_s)
            long_s = _service_s(world, kind, stop)
            first_s = _not_before_s(world, stop) - long_s
            start_s = max(leg.arrive_s, waits.get(stop.node_id, 0), first_s)
            stop = replace(stop, leg=leg, start_s=start_s, end_s=start_s + long_s)
        elif stop.deliveries != old.stops[number].deliveries:
            long_s = _service_s(world, kind, stop)
            start_s = max(stop.start_s, _not_before_s(world, stop) - long_s)
            stop = replace(stop, start_s=start_s, end_s=start_s + long_s)
            moved = True
        stops.append(stop)
        ready_s = stop.end_s
    back = trip.back
    if back is not None and (moved or back != old.back):
        back = _driven(world, kind, back, ready_s)
    legs = [stop.leg for stop in stops] + ([] if back is None else [back])
    return replace(
        trip,
        stops=tuple(stops),
        back=back,
        end_s=back.arrive_s if back is not None else ready_s,
        distance_m=sum(leg.distance_m for leg in legs),
    )


def _driven(world: World, kind: VehicleType, leg: Leg, ready_s: int) -> Leg:
    """A leg from when its vehicle is ready, or later where it says so; the quickest way where it has none."""
    depart_s = max(ready_s, leg.depart_s) if not leg.path else ready_s
    if not leg.path:
        path, distance_m = _way(world, kind, leg.from_node, leg.to_node)
        leg = replace(leg, path=path, distance_m=distance_m)
    time_s = world.ways.walk(kind, leg).time_s
    lasts_s = leg.arrive_s - leg.depart_s if time_s is None else time_s
    return replace(leg, depart_s=depart_s, arrive_s=depart_s + lasts_s)


def _not_before_s(world: World, stop: Stop) -> int:
    """The first moment of receipt at a stop, where anything is handed over."""
    region = world.instance.region_of.get(stop.node_id)
    hub = next((one for one in world.instance.hubs if one.id == stop.node_id), None)
    if not stop.deliveries:
        return 0
    if region is not None:
        return world.not_before_s(region)
    return 0 if hub is None else world.hub_not_before_s(hub) or 0


def _service_s(world: World, kind: VehicleType, stop: Stop) -> int:
    """How long a stop lasts with what is handed over there now."""
    region = world.instance.region_of.get(stop.node_id)
    fetching_s = sum(one.pieces for one in stop.fetched) * kind.load_piece_s
    if stop.fetched:
        fetching_s += kind.load_fixed_s
    handover_s = 0 if region is None or (stop.fetched and not stop.deliveries) else region.handover_s
    pieces = sum(one.pieces for one in stop.deliveries)
    pieces += sum(world.kit.goods(one.item_id, one.quantity).pieces for one in stop.items)
    return handover_s + fetching_s + kind.unload_piece_s * pieces


def _way(world: World, kind: VehicleType, start: str, end: str) -> tuple[tuple[Step, ...], int]:
    """The quickest way of a type between two places, and its length in metres; none where there is none."""
    if start == end:
        return (), 0
    rows = world.ways.known_for(kind.id, start, end)
    if rows:
        row = min(rows, key=lambda one: (one.time_s, one.id))
        return (Step(StepKind.KNOWN, row.id),), row.distance_m
    heap: list[tuple[int, int, int, str, tuple[Step, ...]]] = [(0, 0, 0, start, ())]
    seen: set[str] = set()
    number = 0
    while heap:
        time_s, metres, _, node, path = heapq.heappop(heap)
        if node == end:
            return path, metres
        if node in seen:
            continue
        seen.add(node)
        for edge, other, step_s in world.ways.onward(kind, node):
            if other not in seen:
                forward = edge.from_node == node and edge.to_node == other
                step = Step(StepKind.FORWARD if forward else StepKind.BACK, edge.id)
                number += 1
                heapq.heappush(heap, (time_s + step_s, metres + edge.length_m, number, other, (*path, step)))
    return (), 0
