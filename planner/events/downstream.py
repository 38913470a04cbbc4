"""What reports of one trip mean for others: of goods that it should have brought, and how late it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from planner.events.kinds import kind_word
from planner.events.meaning import EACH, SERVED_AT, own_order
from planner.events.schema import Event
from planner.events.tellings import Dispute, TripReports, rank
from planner.plans.model import Plan, Trip

__all__ = ["give_way", "not_left", "settle_downstream"]

_NEVER = 10**18
_TRANSFER_S = 7_200  # goods that wait longer at a hub wait for more than their transfer


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


def not_left(plan: Plan, reports: Mapping[str, TripReports], served_s: Callable[[Trip, int], int]) -> None:
    """Take breakdowns off trips that had not left by then, for goods came later to where they load.

    Parameters
    ----------
    plan, reports, served_s
        As for `settle_downstream`; nothing else is told of these trips, and not where the vehicle stands.
    """
    for trip in plan.trips:
        mine = reports.get(trip.id)
        if mine is None or mine.broken is None or mine.known or trip.begun:
            continue
        takes = _loaded(trip) if mine.broken.place in ("", trip.origin_id) else set()
        if any(
            other.id in reports and served_s(other, number) > mine.broken.begins_s
            for other in plan.trips
            for number, stop in enumerate(other.stops)
            if stop.node_id == trip.origin_id
            and takes.intersection(one.consignment_id for one in stop.deliveries)
        ):
            mine.broken = None


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


def give_way(plan: Plan, reports: Mapping[str, TripReports]) -> None:
    """Take out what was confirmed in bulk, where a single report told afterwards says that it was later.

    Of what is confirmed in bulk nobody was asked for the moment: it is that of the plan as it was known. So
    where a stop was later by what somebody has seen, what comes after it on the trip, on the vehicle's next
    ones and on those that take its goods on is no longer confirmed where that cannot have been in time.

    Parameters
    ----------
    plan
        The plan in force.
    reports
        By trip; what gives way is no longer in them.
    """
    if not any(one.event.bulk for mine in reports.values() for one in mine.known.values()):
        return
    order = {trip.id: own_order(trip) for trip in plan.trips}
    for trip in plan.trips:
        mine = reports.get(trip.id)
        planned = {place: moment_s for place, _, moment_s in order[trip.id]}
        for place, here in sorted(mine.known.items()) if mine is not None else ():
            late_s = here.at_s - planned.get(place, here.at_s)
            if not here.event.bulk and late_s > 0:
                _push_back(plan, reports, order, (trip, place, late_s), here.event)


def _push_back(
    plan: Plan,
    reports: Mapping[str, TripReports],
    order: Mapping[str, Sequence[tuple[int, str, int]]],
    start: tuple[Trip, int, int],
    told: Event,
) -> None:
    """Take out what was confirmed in bulk before a report, and cannot be as soon beside it."""
    pending, latest = [start], dict[str, int]()
    while pending:
        trip, after, late_s = pending.pop()
        if latest.get(trip.id, 0) >= late_s:
            continue
        latest[trip.id] = late_s
        known = {} if trip.id not in reports else reports[trip.id].known
        for place, _, planned_s in order[trip.id]:
            here = known.get(place)
            if place <= after or here is None or not here.event.bulk:
                continue
            if here.event.order < told.order and here.at_s < planned_s + late_s:
                del known[place]
        for other, slack_s in _waiting(plan, trip, after):
            if late_s > slack_s:
                pending.append((other, -1, late_s - slack_s))


def _waiting(plan: Plan, trip: Trip, after: int) -> Iterator[tuple[Trip, int]]:
    """Yield the trips that wait for one from some place of it on, and by how much it may be late for them."""
    brought = {
        (stop.node_id, one.consignment_id): stop.end_s
        for number, stop in enumerate(trip.stops)
        if SERVED_AT + EACH * number >= after
        for one in stop.deliveries
        if one.region_id != stop.node_id
    }
    for other in plan.trips:
        if other.id == trip.id or other.load_start_s < trip.load_start_s:
            continue
        if other.vehicle_id == trip.vehicle_id:
            yield other, max(0, other.load_start_s - trip.end_s)
            continue
        ends_s = [brought[key] for one in _loaded(other) if (key := (other.origin_id, one)) in brought]
        if ends_s:
            yield other, max(0, other.load_start_s - max(ends_s) - _TRANSFER_S)
