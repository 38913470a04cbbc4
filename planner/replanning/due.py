"""What of a plan was due by a moment and is not reported: rows of one confirmation of all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from planner.events.meaning import ARRIVED_AT, EACH
from planner.events.schema import EventKind
from planner.events.tellings import TripReports
from planner.plans.model import Stop
from planner.replanning.state import Known, State, TripState

__all__ = ["Due", "due_things"]


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that was due and is not reported.

    Parameters
    ----------
    kind
        As what it is confirmed: departed, delivered, fetched or arrived.
    at_s
        When it was expected, by the plan and the reports.
    """

    trip: str
    vehicle: str
    kind: EventKind
    node: str
    at_s: int


def due_things(state: State, subjects: Collection[str], until_s: int) -> tuple[Due, ...]:
    """What was due by a moment, in the order in which it was expected.

    Parameters
    ----------
    state
        Where the plan stands; its reports hold what is known already.
    subjects
        Ids of vehicles or trips (all that they should have done), of hubs or warehouses (what should have
        come there and left), of regions, areas and subareas (what should have been handed over there).
    until_s
        The moment; not after the state's.

    Notes
    -----
    Of a trip that cannot be driven as planned nothing is due after what stops it.
    """
    wanted = frozenset(subjects)
    found = [
        (one.at_s, order, one)
        for trip in state.trips
        if trip.begun
        for order, one in enumerate(_of_trip(trip, state.found.reports.get(trip.planned.id, TripReports())))
        if one.at_s <= until_s and _is_meant(one, state, wanted)
    ]
    return tuple(one for _, _, one in sorted(found, key=lambda row: (row[0], row[2].trip, row[1])))


def _of_trip(one: TripState, reports: TripReports) -> Iterator[Due]:
    trip, planned = one.trip, one.planned
    if trip.stops and one.departed in (Known.ASSUMED, Known.OVERDUE):
        yield Due(trip.id, trip.vehicle_id, EventKind.DEPARTED, trip.origin_id, trip.stops[0].leg.depart_s)
    for number, (stop, known) in enumerate(zip(planned.stops, one.stops, strict=True)):
        if known in (Known.ASSUMED, Known.OVERDUE) and number < len(trip.stops):
            yield Due(trip.id, trip.vehicle_id, _kind(stop), stop.node_id, trip.stops[number].end_s)
    home = ARRIVED_AT + EACH * len(planned.stops)
    if trip.back is not None and planned.back is not None and reports.at(home) is None:
        yield Due(trip.id, trip.vehicle_id, EventKind.ARRIVED, planned.back.to_node, trip.back.arrive_s)


def _kind(stop: Stop) -> EventKind:
    return EventKind.FETCHED if stop.fetched and not stop.deliveries else EventKind.DELIVERED


def _is_meant(one: Due, state: State, wanted: frozenset[str]) -> bool:
    if one.trip in wanted or one.vehicle in wanted:
        return True
    if one.kind is EventKind.ARRIVED:
        return False  # a vehicle that is back is its own business, not that of the place
    region = state.instance.region_of.get(one.node)
    parts = () if region is None else (region.area, region.subarea)
    return bool(wanted.intersection((one.node, *parts)))
