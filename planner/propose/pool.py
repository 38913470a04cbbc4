"""The pool: every proposed trip once, with all moments at which it may start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planner.calendars import Interval, day_index, spread_over_days
from planner.instance.schema import Overnight
from planner.problem import FleetType, Problem, Route
from planner.schedule import (
    Timing,
    Visit,
    fits_capacity,
    rigid_starts,
    schedule_trip,
    trip_cost,
    trip_distance_m,
    visits,
)

__all__ = ["Candidate", "Pool", "candidate", "direct_routes"]

# Starts that are tried for trips that must wait or pause, as offsets from each begin of a shift.
_GRID_S = 3600
_GRID_STEPS = 4


@dataclass(frozen=True)
class Candidate:
    """A trip that keeps every rule but the deadlines, and when it may start.

    Parameters
    ----------
    starts
        Closed intervals of starts from which the trip runs through: its times are `offsets` later.
    offsets
        Its times for a start at 0.
    points
        Times from single further starts, where it has to wait or to pause.
    """

    route: Route
    stops: tuple[Visit, ...]
    distance_m: int
    starts: tuple[Interval, ...]
    offsets: Timing | None
    points: tuple[Timing, ...]

    def rigid_timing(self, problem: Problem, start_s: int) -> Timing:
        """Times from a start inside `starts`."""
        assert self.offsets is not None
        moved = self.offsets.shifted(start_s)
        work = tuple(spread_over_days(problem.midnights, start_s, moved.end_s))
        return Timing(
            moved.load_start_s, moved.depart_s, moved.legs, moved.services, moved.end_s, work, moved.paid_s
        )

    def cost(self, kind: FleetType, timing: Timing) -> int:
        """Price of the trip alone."""
        return trip_cost(kind, self.distance_m, timing.paid_s)


def candidate(problem: Problem, route: Route) -> Candidate | None:
    """The route as a candidate, or None where it breaks a capacity or has no start at all."""
    kind = problem.fleet[route.fleet]
    stops = visits(problem, route.consignments)
    if not stops or not fits_capacity(problem, route):
        return None
    rigid = rigid_starts(problem, kind, stops)
    starts, offsets = ((), None) if rigid is None else (tuple(rigid[0]), rigid[1])
    points = tuple(_points(problem, kind, stops, starts))
    if not starts and not points:
        return None
    return Candidate(route, stops, trip_distance_m(kind, stops), starts, offsets, points)


def _points(
    problem: Problem, kind: FleetType, stops: tuple[Visit, ...], starts: tuple[Interval, ...]
) -> Iterator[Timing]:
    """Trips from a grid of starts on the days that have no rigid start."""
    covered = {day_index(problem.midnights, low) for low, _ in starts}
    if covered and kind.overnight is Overnight.HOME:
        return
    seen: set[int] = set()
    for shift_start, shift_end in kind.shifts.intervals:
        begins = {shift_start, *problem.origin_openings.begins_after(shift_start)}
        for begin in sorted(one for one in begins if one < shift_end):
            for step in range(_GRID_STEPS):
                start = begin + step * _GRID_S
                if start in seen or start >= shift_end or day_index(problem.midnights, start) in covered:
                    continue
                seen.add(start)
                timing = schedule_trip(problem, kind, stops, start)
                if timing is not None:
                    yield timing


class Pool:
    """Candidates by route, in the order of their proposal."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._found: dict[tuple[int, tuple[int, ...]], Candidate | None] = {}

    def add(self, routes: Iterable[Route]) -> list[Candidate | None]:
        """Add routes; gives the candidate of each, None where it cannot be driven."""
        return [self._add(route) for route in routes]

    def _add(self, route: Route) -> Candidate | None:
        key = (route.fleet, route.consignments)
        if key not in self._found:
            self._found[key] = candidate(self._problem, route)
        return self._found[key]

    def __iter__(self) -> Iterator[Candidate]:
        return (one for one in self._found.values() if one is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def direct_routes(problem: Problem) -> list[Route]:
    """A trip for each consignment alone, with each type that serves its region."""
    return [
        Route(position, (idx,))
        for idx in problem.served
        for position, kind in enumerate(problem.fleet)
        if kind.serves[problem.consignments[idx].region]
    ]
