"""Late legs propagated from one trip of a vehicle to its next one.

A vehicle may have so many late legs on all its trips together. So a trip may be planned to begin before the
one before it is over in the worst case: with so many late legs gone, fewer are left. A trip that *overlaps*
the one before is one that begins so; every other one begins when the one before is over though it has had all
late legs.
Nobody else waits for an overlapping trip: a dock, and goods at a hub, are planned to be there when it is as
late as it can be.

Where late crews may work only so long on a day, a trip also takes over what its crew has worked that day. So
all trips of such a vehicle are looked at together, whether they overlap or not (`keeps_promises`); models do
not know of it, and what they find is looked at when vehicles are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from planner.compose.solution import Assignment, Solution
from planner.network.calendars import days_between
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.robust_trip import Worst, with_that_worst, with_worst, worst_case
from planner.problem.trip_times import Timing
from planner.problem.visits import UNPROMISED_S
from planner.propose.pool import Candidate

__all__ = [
    "fresh",
    "has_late_room",
    "is_unpromised",
    "keeps_promises",
    "known_pairs",
    "may_overlap",
    "overlapping_pairs",
    "propagate_delays",
    "with_working_time",
]


def propagate_delays(problem: Problem, trips: Sequence[tuple[Candidate, Timing]]) -> list[Timing]:
    """Times of the trips of one vehicle, in their order, with late legs propagated from trip to trip.

    Notes
    -----
    Nothing changes where each trip begins when the one before is over in the worst case, and a late crew may
    work as long as its shifts are.
    """
    if trips and _counts_work(problem, trips[0][0]):
        return list(_with_work(problem, trips))
    found: list[Timing] = []
    free_s: tuple[int, ...] | None = None
    for trip, timing in trips:
        kind = problem.kind_of(trip.route)
        if kind.gamma and free_s is not None and max(free_s) > timing.load_start_s:
            worst = worst_case(problem, kind, trip.stops, timing, free_s)
            found.append(with_worst(problem, kind, trip.stops, timing, free_s))
            free_s = worst.free_s
            continue
        found.append(timing)
        free_s = None
        if kind.gamma and not is_unpromised(timing):
            free_s = worst_case(problem, kind, trip.stops, timing).free_s
    return found


def _counts_work(problem: Problem, trip: Candidate) -> bool:
    """Whether late crews of a trip's type may work only so long on a day."""
    kind = problem.fleet[trip.route.fleet]
    return kind.gamma > 0 and kind.late_work_s is not None


def _with_work(problem: Problem, trips: Iterable[tuple[Candidate, Timing]]) -> Iterator[Timing]:
    """`propagate_delays` with what late crews have worked on each day."""
    before: Worst | None = None
    for trip, timing in trips:
        before = worst_case(problem, problem.kind_of(trip.route), trip.stops, timing, before=before)
        yield with_that_worst(problem, timing, before)


def keeps_promises(problem: Problem, trips: Iterable[tuple[Candidate, Timing]]) -> bool:
    """Whether all that trips promise by themselves is so when one vehicle drives them all.

    Parameters
    ----------
    problem
        The echelon.
    trips
        Of a type whose late crews may work only so long on a day.
    """
    trips = sorted(trips, key=lambda pair: pair[1].load_start_s)
    for (trip, alone), timing in zip(trips, _with_work(problem, trips), strict=True):
        for number, stop in enumerate(trip.stops):
            promised = alone.over_s(number, stop.due_s) <= 0 < timing.over_s(number, stop.due_s)
            if promised and not problem.unsure.issuperset(stop.consignments):
                return False
    return True


def has_late_room(
    problem: Problem, driven: Sequence[tuple[Candidate, Timing]], further: Sequence[tuple[Candidate, Timing]]
) -> bool:
    """Whether a vehicle that drives some trips can drive others too, as far as late crews may work.

    Parameters
    ----------
    problem
        The echelon.
    driven, further
        Trips of one type, each of the two lists in order.
    """
    if not further or not _counts_work(problem, further[0][0]):
        return True
    return all(
        _works_little(problem, mine) or keeps_promises(problem, mine)
        for mine in _day_after_day(problem, [*driven, *further])
        if len(mine) > 1 and any(timing is other for _, timing in further for _, other in mine)
    )


def _day_after_day(
    problem: Problem, trips: Iterable[tuple[Candidate, Timing]]
) -> Iterator[list[tuple[Candidate, Timing]]]:
    """Trips of a vehicle that may share a day with each other, be it only when they are late."""
    mine: list[tuple[Candidate, Timing]] = []
    last = -1
    for trip, timing in sorted(trips, key=lambda pair: pair[1].load_start_s):
        days = _days_until_sure(problem, timing)
        if mine and days.start > last:
            yield mine
            mine = []
        mine.append((trip, timing))
        last = max(last, days.stop - 1)
    if mine:
        yield mine


def _works_little(problem: Problem, trips: Iterable[tuple[Candidate, Timing]]) -> bool:
    """Whether trips are no day's work too much even if all of them are late on one day."""
    total_s = limit_s = 0
    for trip, timing in trips:
        kind = problem.kind_of(trip.route)
        if kind.timed is not None or kind.late_work_s is None:
            return False
        places = [kind.origin, *(problem.place(stop.region) for stop in trip.stops), kind.origin]
        delays = sorted((kind.delay_between(*ends) for ends in pairwise(places)), reverse=True)
        total_s += sum(seconds for _, seconds in timing.work) + sum(delays[: kind.gamma])
        limit_s = kind.late_work_s
    return total_s <= limit_s


def _days_until_sure(problem: Problem, timing: Timing) -> range:
    """Local days until a vehicle is there for sure."""
    return days_between(problem.midnights, timing.load_start_s, max(timing.end_s, timing.free_s) + 1)


def with_working_time(problem: Problem, assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """The same trips, each with what others of its vehicle mean for it where late crews work only so long."""
    found = list(assignments)
    lines: dict[tuple[int, int], list[int]] = {}
    for idx, one in enumerate(found):
        if _counts_work(problem, one.candidate):
            lines.setdefault((one.candidate.route.fleet, one.vehicle), []).append(idx)
    for mine in lines.values():
        mine.sort(key=lambda idx: found[idx].timing.load_start_s)
        pairs = [(found[idx].candidate, found[idx].timing) for idx in mine]
        for idx, timing in zip(mine, propagate_delays(problem, pairs) if len(mine) > 1 else (), strict=False):
            found[idx] = replace(found[idx], timing=timing)
    return tuple(found)


def may_overlap(problem: Problem, kind: FleetType) -> bool:
    """Whether trips of a type may overlap at all.

    Not where vehicles of it, or docks of its origin, are out of use for a time: who is late might meet that.
    """
    return kind.gamma > 0 and not kind.out and not problem.origins[kind.origin].out


def fresh(problem: Problem, one: Assignment) -> Timing:
    """Times of a trip as if it overlapped none."""
    timing = one.candidate.timing_at(problem, one.timing.load_start_s) if one.timing.late_by_s else None
    return one.timing if timing is None else timing


def overlapping_pairs(solution: Solution) -> Iterator[tuple[Assignment, Assignment]]:
    """The overlapping trips of a solution, each with the one before it."""
    lines: dict[tuple[int, int], list[Assignment]] = {}
    for one in solution.assignments:
        lines.setdefault((one.candidate.route.fleet, one.vehicle), []).append(one)
    for mine in lines.values():
        mine.sort(key=lambda one: one.timing.load_start_s)
        for before, after in zip(mine, mine[1:], strict=False):
            if before.timing.free_s > after.timing.load_start_s:
                yield before, after


def known_pairs(solution: Solution) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """What overlaps in a solution, after what: the candidate's identity and the start, of both trips."""
    return tuple(
        (
            (id(before.candidate), before.timing.load_start_s),
            (id(after.candidate), after.timing.load_start_s),
        )
        for before, after in overlapping_pairs(solution)
    )


def is_unpromised(timing: Timing) -> bool:
    """Whether nothing is promised of a trip at some stop."""
    ends = zip(timing.services, timing.promised_s, strict=True)
    return any(worst >= end + UNPROMISED_S for (_, end), worst in ends)
