"""What of a plan was due by a moment and is not reported: rows of one confirmation of all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from planner.events.meaning import ARRIVED_AT, EACH
from planner.events.schema import EventKind
from planner.events.tellings import TripReports
from planner.instance.chains import chain_of
from planner.instance.schema import Instance
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Ids of what is called, and of the places of areas among it."""

    called: frozenset[str]
    places: frozenset[str]


def due_things(state: State, subjects: Collection[str], until_s: int) -> tuple[Due, ...]:
    """What was due by a moment, in the order in which it was expected.

    Parameters
    ----------
    state
        Where the plan stands; its reports hold what is known already.
    subjects
        Ids of vehicles or trips (all that they should have done), of hubs or warehouses (what should have
        come there and left), of regions (what should have been handed over there), of areas and subareas (all
        that at their regions, hubs and warehouses, and who should be back there).
    until_s
        The moment; not after the state's.

    Notes
    -----
    Of a trip that cannot be driven as planned nothing is due after what stops it. A hub or a warehouse is of
    an area if all regions that it supplies are: the office of a subarea is of that and of its area, a jetty
    or a warehouse for several subareas of the area alone.
    """
    called = frozenset(subjects)
    wanted = _Wanted(called, _places_of(state.instance, called))
    found = [
        (one.at_s, order, one)
        for trip in state.trips
        if trip.begun
        for order, one in enumerate(_of_trip(trip, state.found.reports.get(trip.planned.id, TripReports())))
        if one.at_s <= until_s and _is_meant(one, wanted)
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


def _places_of(instance: Instance, called: frozenset[str]) -> frozenset[str]:
    """Regions, hubs and warehouses of the areas and subareas among what is called."""
    regions = {one.id for one in instance.regions if called.intersection((one.area, one.subarea))}
    if not regions:
        return frozenset()
    supplied: dict[str, set[str]] = {}
    for one in instance.regions:
        for place in (one.warehouse, *(hub.id for hub in chain_of(instance, one))):
            supplied.setdefault(place, set()).add(one.id)
    return frozenset((*regions, *(place for place, mine in supplied.items() if mine <= regions)))


def _is_meant(one: Due, wanted: _Wanted) -> bool:
    if one.trip in wanted.called or one.vehicle in wanted.called or one.node in wanted.places:
        return True
    # a vehicle that is back is its own business and that of an area, not that of a single place
    return one.kind is not EventKind.ARRIVED and one.node in wanted.called
