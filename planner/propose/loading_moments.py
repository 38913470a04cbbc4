"""What the kernel leaves out of time: the working time of a day, and docks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, Openings
from planner.problem.fleet import FleetType
from planner.problem.ledger import Line
from planner.problem.problem import Problem, Route
from planner.problem.trip_times import Timing, schedule_trip
from planner.problem.visits import visits

_MOST_TRIES = 4
__all__ = ["Journey", "PlannedTrip", "loading_starts", "within_working_time"]


def within_working_time(problem: Problem) -> Problem:
    """The problem in which vehicles that stay away have shifts as short as the working time of a day.

    Those that come home have shifts as short as their late crews may work: who is late is then never beyond
    that. (A crew that begins later could be on its way for longer; composition knows.)
    """
    return replace(problem, fleet=tuple(_shortened(problem, kind) for kind in problem.fleet))


def _shortened(problem: Problem, kind: FleetType) -> FleetType:
    limit_s = kind.late_work_s if kind.overnight is Overnight.HOME else kind.work_s
    if limit_s is None:
        return kind
    days = list(zip(problem.midnights, problem.midnights[1:], strict=False))
    if all(kind.shifts.overlap_s(*day) <= limit_s for day in days):
        return kind
    loads = problem.origins[kind.origin].openings
    shifts = tuple(
        part for day in days for part in _first_part(kind.shifts.intervals, loads.intervals, day, limit_s)
    )
    return replace(kind, shifts=Openings(shifts))


def _first_part(
    shifts: Sequence[Interval], loads: Sequence[Interval], day: Interval, seconds: int
) -> list[Interval]:
    """Parts of a day's shifts of so many seconds together, from when one can load, else so that all fits."""
    parts = _clipped(shifts, day)
    left = sum(end - begin for begin, end in parts)
    opens = min(
        (max(begin, low) for begin, end in parts for low, high in loads if low < end and begin < high),
        default=0,
    )
    found = []
    for begin, end in parts:
        start = max(begin, min(end, opens, begin + max(0, left - seconds)))
        left -= end - begin
        stop = min(end, start + seconds)
        seconds -= stop - start
        if start < stop:
            found.append((start, stop))
    return found


def _clipped(intervals: Sequence[Interval], inside: Interval) -> list[Interval]:
    both = [(max(begin, inside[0]), min(end, inside[1])) for begin, end in intervals]
    return [(begin, end) for begin, end in both if begin < end]


class PlannedTrip(NamedTuple):
    """A trip of a journey: when it begins to load, at the earliest and the latest, and how long it loads."""

    route: Route
    start_s: int
    latest_s: int
    load_s: int


Journey = list[PlannedTrip]


def loading_starts(problem: Problem, journeys: Sequence[Journey]) -> list[list[int | None]]:
    """When each trip begins to load so that there is a dock; None where that leaves it no way.

    Whenever a dock is free the most urgent trip of those that are ready takes it.
    """
    starts: list[list[int | None]] = [[] for _ in journeys]
    for numbers in _sharing_docks(problem, journeys):
        together = _in_turn(problem, [journeys[number] for number in numbers])
        for number, mine in zip(numbers, together, strict=True):
            starts[number] = mine
    return starts


def _sharing_docks(problem: Problem, journeys: Sequence[Journey]) -> list[list[int]]:
    """Numbers of the journeys that may have to wait for each other: taking turns is quadratic in them."""
    at: list[list[int]] = [[] for _ in problem.origins]
    for number, journey in enumerate(journeys):
        if journey:
            at[problem.fleet[journey[0].route.fleet].origin].append(number)
    found = []
    for origin, numbers in zip(problem.origins, at, strict=True):
        if len(numbers) > origin.docks and any(
            trip.load_s for number in numbers for trip in journeys[number]
        ):
            found.append(numbers)
        else:
            found += [[number] for number in numbers]
    return found


def _in_turn(problem: Problem, journeys: Sequence[Journey]) -> list[list[int | None]]:
    """`loading_starts` of journeys that share docks."""
    docks = [[0] * min(origin.docks, len(journeys)) for origin in problem.origins]
    vehicles = [_Vehicle() for _ in journeys]
    waiting = {number for number, journey in enumerate(journeys) if journey}
    while waiting:
        nexts = {number: journeys[number][len(vehicles[number].starts)] for number in waiting}
        moment, _, number = min(
            (_ready_s(problem, trip, vehicles[number].free_s, docks), trip.latest_s, number)
            for number, trip in nexts.items()
        )
        trip, vehicle = nexts[number], vehicles[number]
        timing = vehicle.take(problem, trip, moment)
        if timing is not None and trip.load_s > 0:
            lines = docks[problem.fleet[trip.route.fleet].origin]
            lines[lines.index(min(lines))] = timing.depart_s
        if len(vehicle.starts) == len(journeys[number]):
            waiting.remove(number)
    return [vehicle.starts for vehicle in vehicles]


class _Vehicle:
    """What a vehicle has done so far."""

    def __init__(self) -> None:
        self.starts: list[int | None] = []
        self.free_s = 0
        self._line = Line()

    def take(self, problem: Problem, trip: PlannedTrip, moment_s: int) -> Timing | None:
        """Drive a trip from a moment on, or so much later that the working time of the day lasts."""
        kind = problem.fleet[trip.route.fleet]
        stops = visits(problem, trip.route.consignments)
        for _ in range(_MOST_TRIES):
            timing = schedule_trip(problem, kind, stops, moment_s)
            over_s = 0 if timing is None or kind.work_s is None else self._over_s(timing, kind.work_s)
            if over_s == 0:
                break
            timing = None
            moment_s = _loads_from(problem, trip, moment_s + over_s)
        self.starts.append(None if timing is None else moment_s)
        if timing is not None:
            self.free_s = timing.end_s
            self._line.works(timing.work, ())
        return timing

    def _over_s(self, timing: Timing, limit_s: int) -> int:
        """Working time of a trip's first day beyond what is left of it."""
        return max([0, *(self._line.work.get(day, 0) + part - limit_s for day, part in timing.work)])


def _ready_s(problem: Problem, trip: PlannedTrip, free_s: int, docks: Sequence[Sequence[int]]) -> int:
    """First moment at which a trip can load."""
    kind = problem.fleet[trip.route.fleet]
    dock_s = min(docks[kind.origin]) if trip.load_s > 0 else 0
    return _loads_from(problem, trip, max(trip.start_s, free_s, dock_s))


def _loads_from(problem: Problem, trip: PlannedTrip, moment_s: int) -> int:
    """First moment, from one on, at which a loading lies whole in a shift and in an opening of the origin.

    Where departures are decided, it ends at one of them.
    """
    kind, load_s = problem.fleet[trip.route.fleet], trip.load_s
    origin = problem.origins[kind.origin]
    regions = {problem.consignments[idx].region for idx in trip.route.consignments}
    departures = problem.fixings.departures(trip.route.fleet, regions)
    if departures is not None:
        for start_s in sorted(one - load_s for one in departures if one - load_s >= moment_s):
            if kind.shifts.allows(start_s, load_s) and origin.openings.allows(start_s, load_s):
                return start_s
        return moment_s
    if kind.shifts.allows(moment_s, load_s) and origin.openings.allows(moment_s, load_s):
        return moment_s
    later = {*kind.shifts.begins_after(moment_s), *origin.openings.begins_after(moment_s)}
    for moment in sorted(later):
        if kind.shifts.allows(moment, load_s) and origin.openings.allows(moment, load_s):
            return moment
    return moment_s
