"""Who would be in time if there were more vehicles, or more docks: the trips of a plan, scheduled anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from planner.compose.list_scheduling import Wish, schedule_all
from planner.compose.solution import Assignment, Solution
from planner.problem.problem import Problem, Route
from planner.propose.pool import Candidate, Pool

__all__ = ["Relaxed"]


class Relaxed:
    """An echelon's solution, and who would be in time with less of a limit.

    Notes
    -----
    The trips are given to vehicles and docks one after another: those that are in time as they are and then
    the others, and once more all by their urgency. Who is late goes on trips of its own where that is better.
    So who is said to be in time can be, with all who are as it is; the contrary is not proven.
    """

    def __init__(self, solution: Solution) -> None:
        self.solution = solution
        self._pool = Pool(solution.problem)
        self._known: dict[tuple[frozenset[int], bool, bool], frozenset[int]] = {}

    def in_time(self, region: int, kinds: Collection[int] = (), *, docks: bool = False) -> bool:
        """Whether a region would be in time with any number of vehicles of some types, and of docks."""
        return any(region in self._scheduled((frozenset(kinds), docks, anew)) for anew in (False, True))

    def _scheduled(self, key: tuple[frozenset[int], bool, bool]) -> frozenset[int]:
        """Regions that are in time if the trips are scheduled so; none where others no longer would be."""
        if key not in self._known:
            kinds, docks, anew = key
            planned = self.solution.assignments
            trips = [*(one.candidate for one in planned), *self._missing]
            wishes = None if anew else [*map(_wish, planned), *(None for _ in self._missing)]
            problem = self._without_limits(kinds, docks=docks)
            found = _in_time(schedule_all(problem, trips, others=self._apart, at=wishes))
            self._known[key] = found if found >= _in_time(self.solution) else frozenset()
        return self._known[key]

    def _without_limits(self, kinds: Collection[int], *, docks: bool) -> Problem:
        problem, enough = self.solution.problem, len(self.solution.problem.consignments)
        fleet = tuple(
            replace(kind, number=kind.number + enough) if position in kinds else kind
            for position, kind in enumerate(problem.fleet)
        )
        every = tuple(one.every for one in problem.origins)
        origins = tuple(replace(one, docks=one.docks + enough) for one in every) if docks else every
        return replace(problem, fleet=fleet, origins=origins)

    @cached_property
    def _missing(self) -> list[Candidate]:
        """Trips of their own for what is not delivered, by the first type that can."""
        problem, found = self.solution.problem, []
        for idx in sorted({*problem.served} - self.solution.delivered):
            routes = [Route(fleet, (idx,)) for fleet in range(len(problem.fleet))]
            found += [one for one in self._pool.add(routes) if one is not None][:1]
        return found

    def _apart(self, one: Candidate) -> list[list[Candidate]]:
        """The stops of a trip on trips of their own, by each type that can."""
        found = []
        for fleet in range(len(self.solution.problem.fleet)):
            trips = self._pool.add(Route(fleet, stop.consignments) for stop in one.stops)
            if all(trips):
                found.append([trip for trip in trips if trip is not None])
        return found


def _in_time(solution: Solution) -> frozenset[int]:
    return frozenset(
        region
        for region, received_s in enumerate(solution.received_s)
        if received_s is not None and solution.over_s[region] <= 0
    )


def _wish(one: Assignment) -> Wish | None:
    """When a trip that is in time should start; None for others."""
    in_time = all(
        one.timing.over_s(number, stop.due_s) <= 0 for number, stop in enumerate(one.candidate.stops)
    )
    return Wish(one.timing.load_start_s, one.vehicle) if in_time else None
