"""Reports that a vehicle is at a place before it can be there, as when two people report one stop.

Or when it went there first: then the stops before it by plan are still to come, and are to be told first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from planner.events.kinds import kind_word
from planner.events.meaning import ARRIVED_AT, EACH, LOADED, SERVED_AT, own_order
from planner.events.schema import EventKind
from planner.events.tellings import Happened, Mismatch, TripReports
from planner.instance.schema import Edge, Instance, Mode, VehicleType
from planner.plans.model import Leg, Plan, StepKind, Trip

__all__ = ["too_early"]

_FASTER = 3  # no vehicle drives a leg in less than this part of its usual time


@dataclass(frozen=True, slots=True)
class _Point:
    """One thing of a vehicle's trips, and the seconds from its first trip to there."""

    trip: Trip
    place: int
    node: str
    planned_s: int
    least_s: int  # the least drives
    usual_s: int  # and services as planned
    service_s: int  # services alone, as planned


def too_early(plan: Plan, reports: Mapping[str, TripReports], instance: Instance) -> Iterator[Mismatch]:
    """Yield reports of things that cannot have happened yet (E943, E966).

    Parameters
    ----------
    plan, reports
        The plan in force, and what is reported of its trips.
    instance
        Its edges and known trips say how long legs take.

    Notes
    -----
    No leg takes less than a third of its usual driving time. Where a report does not name the place, and the
    last one of its kind was about the stop before, the next stop must be served as planned in between too:
    else it may as well be the same stop once more, and the next one would be taken for confirmed.
    """
    ways = _Ways(instance)
    by_vehicle: dict[str, list[Trip]] = {}
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        by_vehicle.setdefault(trip.vehicle_id, []).append(trip)
    for trips in by_vehicle.values():
        points = list(ways.points(trips))
        known = [
            (point, reports[point.trip.id].known[point.place])
            for point in points
            if point.trip.id in reports and _is_told(reports[point.trip.id], point.place)
        ]
        early = list(_of_vehicle(known, ways, instance))
        yield from early
        if not early:
            yield from _passing_by(known, points, reports, instance)


def _passing_by(
    known: Sequence[tuple[_Point, Happened]],
    points: Sequence[_Point],
    reports: Mapping[str, TripReports],
    instance: Instance,
) -> Iterator[Mismatch]:
    """Yield reports of stops that were reached too soon for the stops before them to be served."""
    for point, here in known:
        told = reports[point.trip.id]
        mine = [one for one in points if one.trip.id == point.trip.id and one.place < point.place]
        last = max((one.place for one in mine if one.place in told.known), default=-1)
        due = [one for one in mine if one.place > last and one.planned_s <= here.at_s]
        if not due:
            continue
        base = due[-1]
        after = [one for one in mine if one.place > base.place and _is_service(one.place)]
        if not after:
            continue
        earliest_s = base.planned_s + point.least_s - base.least_s + point.service_s - base.service_s
        earliest_s -= _service_s(point) if _is_service(point.place) else 0
        if here.at_s < earliest_s:
            params = {
                "what": kind_word(here.event.kind),
                "vehicle": point.trip.vehicle_id,
                "node": point.node,
                "at": instance.clock.text(here.at_s),
                "earliest": instance.clock.text(earliest_s),
                "stops": ", ".join(dict.fromkeys(one.node for one in after)),
            }
            yield Mismatch(here.event, "E966", params, "from")


def _is_service(place: int) -> bool:
    return place >= SERVED_AT and (place - SERVED_AT) % EACH == 0


def _service_s(point: _Point) -> int:
    """How long the service takes that a point is the end of."""
    stop = point.trip.stops[(point.place - SERVED_AT) // EACH]
    return stop.end_s - stop.start_s


def _is_told(reports: TripReports, place: int) -> bool:
    """Whether somebody was asked about a moment: one confirmation of many at once says nothing of it."""
    return place in reports.known and not reports.known[place].event.bulk


def _of_vehicle(
    known: Sequence[tuple[_Point, Happened]], ways: _Ways, instance: Instance
) -> Iterator[Mismatch]:
    last: tuple[_Point, Happened] | None = None
    of_kind: dict[EventKind, tuple[_Point, Happened]] = {}
    for point, here in known:
        bounds: list[tuple[int, Happened | None]] = []
        if last is not None:
            bounds.append((last[1].at_s + point.least_s - last[0].least_s, last[1]))
            same = of_kind.get(here.event.kind)
            if same is not None and point.node not in (here.event.place, *here.event.subject):
                bounds.append((same[1].at_s + point.usual_s - same[0].usual_s, same[1]))
        elif point.place != LOADED and not point.trip.begun and here.at_s >= point.trip.load_start_s:
            own = next(one for one in ways.points([point.trip]) if one.place == point.place)
            bounds.append((point.trip.load_start_s + own.least_s, None))
        earliest_s, since = max(bounds, key=lambda one: one[0], default=(here.at_s, None))
        if (0 if last is None else last[1].at_s) <= here.at_s < earliest_s:
            event = here.event if since is None else max(here.event, since.event, key=lambda one: one.order)
            params = {
                "what": kind_word(here.event.kind),
                "vehicle": point.trip.vehicle_id,
                "trip": point.trip.id,
                "node": point.node,
                "at": instance.clock.text(here.at_s),
                "earliest": instance.clock.text(earliest_s),
                "since": point.trip.id if since is None else since.event.id,
            }
            other = None if since is None else min(here.event, since.event, key=lambda one: one.order)
            yield Mismatch(event, "E943", params, "from", other)
        last = of_kind[here.event.kind] = (point, here)


class _Ways:
    """How long legs take by the tables, without pauses and waiting."""

    def __init__(self, instance: Instance) -> None:
        self._types = instance.vehicle_type_of
        self._edges = {one.id: one for one in instance.edges}
        self._known = {one.id: one for one in instance.known_trips}

    def points(self, trips: Sequence[Trip]) -> Iterator[_Point]:
        """Yield what happens on the trips of a vehicle, in order."""
        least_s = usual_s = service_s = 0
        for trip in trips:
            last = (trip.back, None if trip.broken is None else trip.broken.leg)
            legs = [*(stop.leg for stop in trip.stops), *(leg for leg in last if leg is not None)]
            for place, node, planned_s in own_order(trip):
                number, what = divmod(place - ARRIVED_AT, EACH)
                if number >= 0 and what == 0:
                    drive_s = self._drive_s(trip, legs[number])
                    least_s, usual_s = least_s + drive_s, usual_s + drive_s
                elif number >= 0 and what == SERVED_AT - ARRIVED_AT:
                    serving_s = trip.stops[number].end_s - trip.stops[number].start_s
                    usual_s, service_s = usual_s + serving_s, service_s + serving_s
                yield _Point(trip, place, node, planned_s, least_s, usual_s, service_s)

    def _drive_s(self, trip: Trip, leg: Leg) -> int:
        kind = self._types.get(trip.vehicle_type)
        total = 0
        for step in leg.path:
            if step.kind is StepKind.KNOWN and step.ref in self._known:
                total += self._known[step.ref].time_s
            elif step.ref in self._edges:
                edge = self._edges[step.ref]
                time_s = edge.time_s if step.kind is StepKind.FORWARD else edge.time_back_s or 0
                total += time_s * 100 // _percent(kind, edge, step.kind)
        return total // _FASTER


def _percent(kind: VehicleType | None, edge: Edge, direction: StepKind) -> Fraction:
    """Speed of a type, which may be unknown, on an edge."""
    if kind is None:
        return Fraction(100)
    upstream = edge.mode is Mode.RIVER and direction is StepKind.BACK
    percent = kind.speed_percent if kind.upstream_percent is None or not upstream else kind.upstream_percent
    told = (*kind.told_percents, *edge.told_percents)
    return Fraction(max(1, percent) * prod(told), 100 ** len(told))
