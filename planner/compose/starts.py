"""Starts for trips that wait or pause: moments at which their vehicle and their goods may be there.

Such trips enter composition from single starts only. Which of them matter depends on the other trips: on when
these bring the vehicle back, and goods to a hub.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from planner.compose.component_solution import ComponentSolution
from planner.instance.schema import Overnight
from planner.network.calendars import day_index
from planner.problem.echelons import Echelons
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.propose.pool import Candidate

__all__ = ["FurtherStarts"]

# Where there are more moments than this only those of the solution are tried.
_MOST_STARTS = 40
Come = dict[tuple[int, int], set[int]]  # moments at which goods may be ready, by echelon and position there


class FurtherStarts:
    """Finds starts for the trips of a component, solution after solution."""

    def __init__(self, echelons: Echelons) -> None:
        self._echelons = echelons
        self._seen: set[tuple[int, int]] = set()  # trips of solutions, and their starts

    def add(self, best: ComponentSolution, trips: Mapping[int, Sequence[Candidate]]) -> list[Candidate]:
        """Try further starts of what may wait or pause; gives the trips that have new ones.

        Parameters
        ----------
        best
            The solution that is to be made better.
        trips
            Those that are searched anew, by echelon.
        """
        changed: list[Candidate] = []
        come: Come = {}
        for number, mine in sorted(trips.items()):
            for one, moments in self._moments(number, mine, best, trips.keys(), come):
                if _may_pause(self._echelons.each[number].problem, one):
                    before = len(one.all_points())
                    for start_s in moments:
                        one.timing_at(self._echelons.each[number].problem, start_s)
                    if len(one.all_points()) > before:
                        changed.append(one)
                self._bring(number, one, moments, trips.keys(), come)
        return changed

    def _moments(
        self,
        number: int,
        trips: Sequence[Candidate],
        best: ComponentSolution,
        searched: Set[int],
        come: Come,
    ) -> Iterator[tuple[Candidate, set[int]]]:
        """Trips of an echelon and when each might start; those of a type of which it matters."""
        echelon, known = self._echelons.each[number], best.ready_s(number)
        problem, by_fleet = echelon.problem, dict[int, list[Candidate]]()
        for one in trips:
            by_fleet.setdefault(one.route.fleet, []).append(one)
        for fleet, mine in by_fleet.items():
            if not any(_may_pause(problem, one) for one in mine) and searched.isdisjoint(echelon.hubs):
                continue
            theirs = [one for one in best.parts[number].assignments if one.candidate.route.fleet == fleet]
            ready = [_ready(number, one, known, come) for one in mine]
            soonest = (
                timing
                for one, moments in zip(mine, ready, strict=True)
                for timing in _soonest(problem, one, min(moments, default=0))
            )
            kind = problem.fleet[fleet]
            free = set(_free_again(problem, kind, (one.timing for one in theirs)))
            free |= _few(_free_again(problem, kind, soonest))
            latest = {
                id(one.candidate): self._latest_s(problem, one.candidate, one.timing.load_start_s)
                for one in theirs
            }
            for one, moments in zip(mine, ready, strict=True):
                yield one, free | moments | latest.get(id(one), set())

    def _latest_s(self, problem: Problem, one: Candidate, start_s: int) -> set[int]:
        """The latest start of a trip of a solution from which it ends as early, where that is not known."""
        if (id(one), start_s) in self._seen or not _may_pause(problem, one):
            return set()
        self._seen.add((id(one), start_s))
        return {one.latest_as_soon_s(problem, start_s)}

    def _bring(
        self, number: int, one: Candidate, moments: Iterable[int], searched: Set[int], come: Come
    ) -> None:
        """Note when a trip's goods may be ready at hubs whose trips are searched."""
        echelon = self._echelons.each[number]
        hubs = [echelon.hubs[stop.region] for stop in one.stops]
        if searched.isdisjoint(hubs):
            return
        timings = [*_soonest(echelon.problem, one, 0)]
        timings += [
            one.rigid_timing(echelon.problem, start_s)
            for start_s in moments
            if any(low < start_s <= high for low, high in one.starts)
        ]
        for position, (hub, stop) in enumerate(zip(hubs, one.stops, strict=True)):
            if hub in searched:
                there = self._echelons.each[hub]
                for is_sure, mine in there.by_promise(stop.consignments):
                    ends = (one.sure_s[position] if is_sure else one.services[position][1] for one in timings)
                    ready = {end + there.transfer_s(stop.pieces) for end in ends}
                    for idx in mine:
                        come.setdefault((hub, self._echelons.below[hub, idx]), set()).update(ready)


def _may_pause(problem: Problem, one: Candidate) -> bool:
    return not one.starts or problem.fleet[one.route.fleet].overnight is not Overnight.HOME


def _ready(number: int, one: Candidate, known: Mapping[int, int], come: Come) -> set[int]:
    """When all goods of a trip may be ready: in the solution, or by trips that could be."""
    goods = one.route.consignments
    found = {max(known[idx] for idx in goods)} if all(idx in known for idx in goods) else set()
    mine = [come[number, idx] for idx in goods if (number, idx) in come]
    if len(mine) == len(goods):
        first_s = max(min(moments) for moments in mine)
        found |= _few(moment for moments in mine for moment in moments if moment >= first_s)
    return found


def _soonest(problem: Problem, one: Candidate, ready_s: int) -> Iterator[Timing]:
    """Times of a trip from when its goods are ready, day after day, and from all single starts then."""
    for low, high in one.starts:
        if ready_s <= high:
            yield one.rigid_timing(problem, max(low, ready_s))
    yield from (point for point in one.all_points() if point.load_start_s >= ready_s)


def _free_again(problem: Problem, kind: FleetType, timings: Iterable[Timing]) -> Iterator[int]:
    """When vehicles of a type can drive after these trips: at once, or as late as the day's work lasts."""
    for one in timings:
        yield one.free_s
        shift = kind.shifts.around(one.free_s)
        if kind.work_s is not None and shift is not None:
            worked_s = dict(one.work).get(day_index(problem.midnights, one.free_s), 0)
            yield max(one.free_s, shift[1] - kind.work_s + worked_s)


def _few(moments: Iterable[int]) -> set[int]:
    """The moments, or none where there are too many."""
    found: set[int] = set()
    for moment in moments:
        found.add(moment)
        if len(found) > _MOST_STARTS:
            return set()
    return found
