"""From the warehouse down: each echelon's trips once those that bring its goods are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from planner.compose.component_solution import ComponentSolution, empty, unloadings
from planner.compose.solution import Solution
from planner.network.calendars import day_index
from planner.problem.echelons import Echelons
from planner.problem.one_day import received
from planner.problem.problem import Problem
from planner.propose.pool import Pool
from planner.search.echelon import EchelonSearch, proposals_of
from planner.search.hub_capacity import HubDueDates
from planner.search.warm_start import seen_as, with_releases

__all__ = ["FEW_OF_ECHELON", "Search", "TopDownPass", "with_dues"]

Search = Callable[[int, Problem], Solution]

# An echelon by itself has all its routes where there are no more than this.
FEW_OF_ECHELON = 150
# So many times trips are moved until hubs have room for what they bring; so often when the time is over.
_WAITS_FOR_ROOM, _WAITS_OVERDRAWN, _DAY_S = 150, 20, 86_400


class TopDownPass:
    """Goes down the echelons of a chain.

    Parameters
    ----------
    echelons, pools
        The chain, and the pool of each echelon.
    """

    def __init__(self, echelons: Echelons, pools: Sequence[Pool]) -> None:
        self._echelons = echelons
        self._pools = pools

    def down(self, problems: Sequence[Problem], hub_dues: HubDueDates, search: Search) -> ComponentSolution:
        """The solution of each echelon once those above it have theirs.

        Parameters
        ----------
        problems
            Of each echelon what goes by its trips.
        hub_dues
            When goods are wanted at the hubs.
        search
            Gives a solution of an echelon's problem, by its position.
        """
        parts: list[Solution] = []
        for number, echelon in enumerate(self._echelons.each):
            problem = with_dues(problems[number], hub_dues.dues[number])
            ready = {idx: one.release_s for idx, one in enumerate(problem.consignments)}
            if echelon.above >= 0:
                ready = {
                    self._echelons.below[number, idx]: one.ready_s
                    for one in unloadings(self._echelons, number, parts[echelon.above].assignments)
                    for idx in one.consignments
                }
            ready = {
                idx: max(moment, hub_dues.not_before.get((number, idx), 0)) for idx, moment in ready.items()
            }
            problem = self._on_days(with_releases(problem, ready), parts)
            parts.append(seen_as(search(number, problem), self._pools[number]))
            planned = hub_dues.planned.get(number)
            if planned is not None and self._is_too_full(number, parts):
                other = seen_as(self._as_it_was(number, planned, problem), self._pools[number])
                if not self._is_too_full(number, [*parts[:-1], other]):
                    parts[-1] = other
        return ComponentSolution(self._echelons, tuple(parts))

    def _on_days(self, problem: Problem, parts: Sequence[Solution]) -> Problem:
        """A hub's problem with the days on which the rest of what it brings comes straight."""
        if not parts or not self._echelons.straight or not problem.lot_of:
            return problem
        root = parts[0].problem
        straight = {
            (root.places[root.place(lot[0])], lot[1]): day_index(root.midnights, end_s)
            for one in parts[0].assignments
            for lot, end_s in received(root, one.candidate.stops, one.timing)
        }
        lots = {lot: (problem.places[problem.place(lot[0])], lot[1]) for lot in problem.lot_of.values()}
        days = {lot: straight[name] for lot, name in lots.items() if name in straight}
        return replace(problem, days={**days, **problem.days})

    def _is_too_full(self, number: int, parts: Sequence[Solution]) -> bool:
        """Whether the hub of an echelon would be too full with the solutions of the echelons down to it."""
        rest = empty(self._echelons).parts[len(parts) :]
        return ComponentSolution(self._echelons, (*parts, *rest)).overfull(number) is not None

    def as_in(self, known: ComponentSolution) -> Search:
        """The trips of a solution at their hours, or as soon after them as can be."""
        return lambda number, problem: self._as_it_was(number, known.parts[number], problem)

    def _as_it_was(self, number: int, known: Solution, problem: Problem) -> Solution:
        search = EchelonSearch(problem, lambda _: None, FEW_OF_ECHELON, self._pools[number])
        search.report(proposals_of(known, problem))
        return search.incumbent

    def with_room(
        self,
        found: ComponentSolution,
        problems: Sequence[Problem],
        hub_dues: HubDueDates,
        again: Search,
        *,
        is_over: Callable[[], bool],
        may_overdraw: bool,
    ) -> ComponentSolution:
        """The same trips, later where a hub would hold more than it has room for; else without them.

        Parameters
        ----------
        found, problems, hub_dues
            A solution, what goes by the trips of each echelon, and what was wanted of it.
        again
            Gives the trips of an echelon at other hours.
        is_over, may_overdraw
            Whether the time is over, and whether a few waits may be tried even so.
        """
        not_before = dict(hub_dues.not_before)
        hub_dues = replace(hub_dues, not_before=not_before, planned={})
        known: dict[tuple[object, ...], Solution] = {}

        def once(number: int, problem: Problem) -> Solution:
            key = (number, problem.unserved, *(one.release_s for one in problem.consignments))
            if key not in known:
                known[key] = again(number, problem)
            return known[key]

        for waits in range(_WAITS_FOR_ROOM):
            if is_over() and (waits >= _WAITS_OVERDRAWN or not may_overdraw):
                break
            if not found.full:
                return found
            moment, number = min(found.full)
            above = self._echelons.each[number].above
            starts = [one.timing.load_start_s for one in found.parts[number].assignments]
            free_s = min((start for start in starts if start > moment), default=moment + _DAY_S)
            for one in found.parts[above].assignments:
                unloads = zip(one.candidate.stops, one.timing.services, strict=True)
                if any(
                    stop.region == self._echelons.each[number].stop and end == moment
                    for stop, (_, end) in unloads
                ):
                    start_s = one.timing.load_start_s + free_s - moment
                    for idx in one.candidate.route.consignments:
                        not_before[above, idx] = max(not_before.get((above, idx), 0), start_s)
            found = self.down(problems, hub_dues, once)
        return self._without_full_hubs(found, problems, hub_dues)

    def _without_full_hubs(
        self, found: ComponentSolution, problems: Sequence[Problem], hub_dues: HubDueDates
    ) -> ComponentSolution:
        """A solution in which nothing goes to the hubs that would be too full."""
        each = self._echelons.each
        places = {(each[number].above, each[number].stop) for _, number in found.full}

        def without(number: int, problem: Problem) -> Solution:
            mine = tuple(
                one
                for one in found.parts[number].assignments
                if all((number, stop.region) not in places for stop in one.candidate.stops)
                and problem.unserved.isdisjoint(one.candidate.route.consignments)
            )
            return Solution(problem, mine)

        return self.down(problems, replace(hub_dues, not_before={}, planned={}), without)


def with_dues(problem: Problem, dues: Mapping[int, int]) -> Problem:
    """The problem with consignments that must come earlier."""
    if not dues:
        return problem
    consignments = tuple(
        replace(one, due_s=dues[idx]) if idx in dues else one for idx, one in enumerate(problem.consignments)
    )
    return replace(problem, consignments=consignments)
