"""Reports of goods further on that a vehicle which had broken down before its stop should have brought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from planner.events.kinds import kind_word
from planner.events.schema import Event
from planner.events.tellings import Dispute, TripReports, rank
from planner.plans.model import Plan, Trip

__all__ = ["settle_downstream"]

_NEVER = 10**18


def settle_downstream(
    plan: Plan, reports: Mapping[str, TripReports], served_s: Callable[[Trip, int], int]
) -> Iterator[Dispute]:
    """Yield reports by which a trip took on what another one, by a report that it broke down, never brought.

    Parameters
    ----------
    plan
        The plan in force.
    reports
        By trip; what is disputed is no longer in them.
    served_s
        When a stop of a trip was served, in seconds, by what is reported of the trip.

    Notes
    -----
    As of all that cannot both be, what was told first stands, and what was confirmed in bulk never does.
    """
    for trip in plan.trips:
        mine = reports.get(trip.id)
        if mine is None or mine.broken is None:
            continue
        left = _left(plan, trip, mine.broken, served_s)
        for other in plan.trips if left else ():
            theirs = reports.get(other.id)
            if theirs is None or other.load_start_s <= trip.load_start_s:
                continue
            until_s = max((left.get(one, 0) for one in _loaded(other)), default=0)
            yield from _settle(trip, mine, other, theirs, until_s)


def _settle(
    trip: Trip, mine: TripReports, other: Trip, theirs: TripReports, until_s: int
) -> Iterator[Dispute]:
    """Yield disputes between a breakdown and what is told of a trip that it left without goods until then."""
    for place, here in sorted(theirs.known.items()):
        broken, event = mine.broken, here.event
        if broken is None or here.at_s >= until_s:
            continue
        params = {"what": kind_word(event.kind), "first": trip.id, "trip": other.id}
        if rank(event) < rank(broken):
            mine.broken = None
            yield Dispute(broken, event, "E965", {**params, "other": event.id})
            continue
        del theirs.known[place]
        if not event.bulk:
            yield Dispute(event, broken, "E964", {**params, "other": broken.id})


def _left(plan: Plan, trip: Trip, broken: Event, served_s: Callable[[Trip, int], int]) -> Mapping[str, int]:
    """Consignments that a trip did not bring, each with when somebody else left who had come for it."""
    if trip.broken is None:
        stops = [stop for at, stop in enumerate(trip.stops) if served_s(trip, at) > broken.begins_s]
        return {one.consignment_id: _NEVER for stop in stops for one in stop.deliveries}
    found = {one.consignment_id: _NEVER for one in trip.broken.deliveries}
    fetched = [(one, other) for other in plan.trips for stop in other.stops for one in stop.fetched]
    return found | {one.consignment_id: by.depart_s for one, by in fetched if one.consignment_id in found}


def _loaded(trip: Trip) -> set[str]:
    """Consignments that a trip takes on where it begins."""
    fetched = {one.consignment_id for stop in trip.stops for one in stop.fetched}
    return {one.consignment_id for stop in trip.stops for one in stop.deliveries} - fetched
