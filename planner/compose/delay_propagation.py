"""Late legs propagated from one trip of a vehicle to its next one.

A vehicle may have so many late legs on all its trips together. So a trip may be planned to begin before the
one before it is over in the worst case: with so many late legs gone, fewer are left. A trip that *overlaps*
the one before is one that begins so; every other one begins when the one before is over though it has had all
late legs.
Nobody else waits for an overlapping trip: a dock, and goods at a hub, are planned to be there when it is as
late as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.compose.solution import Assignment, Solution
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.robust_trip import with_worst, worst_case
from planner.problem.trip_times import Timing
from planner.problem.visits import UNPROMISED_S
from planner.propose.pool import Candidate

__all__ = [
    "fresh",
    "is_unpromised",
    "known_pairs",
    "may_overlap",
    "may_overlap",
    "overlapping_pairs",
    "propagate_delays",
]


def propagate_delays(problem: Problem, trips: Sequence[tuple[Candidate, Timing]]) -> list[Timing]:
    """Times of the trips of one vehicle, in their order, with late legs propagated from trip to trip.

    Notes
    -----
    Nothing changes where each trip begins when the one before is over in the worst case.
    """
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
