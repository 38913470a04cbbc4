"""How late the trips of a solution could begin, each at the same cost and with everybody as much on time."""

from __future__ import annotations

from bisect import bisect_right

from planner.compose.solution import Assignment, Solution, days_of
from planner.problem import Problem

__all__ = ["latest_starts"]


def latest_starts(solution: Solution) -> list[int]:
    """Latest start of each assignment, in their order, all trips moved together.

    Notes
    -----
    From the last trip backwards each moves as far as its vehicle's and its dock's next trip, its own hours
    and deadlines, and the local days on which it is driven allow. A trip that waits, pauses or is late stays.
    """
    problem = solution.problem
    order = sorted(
        range(len(solution.assignments)), key=lambda idx: -solution.assignments[idx].timing.load_start_s
    )
    found = [one.timing.load_start_s for one in solution.assignments]
    vehicle_free: dict[tuple[int, int], int] = {}
    dock_free: dict[tuple[int, int], int] = {}
    for idx in order:
        one = solution.assignments[idx]
        timing, fleet = one.timing, one.candidate.route.fleet
        vehicle = (fleet, one.vehicle)
        dock = (problem.fleet[fleet].origin, one.dock)
        by_s = min(
            vehicle_free.get(vehicle, problem.horizon_s) - timing.end_s,
            dock_free.get(dock, problem.horizon_s) - timing.depart_s,
            _own_slack(problem, one),
        )
        start_s = timing.load_start_s + max(0, by_s)
        found[idx] = start_s
        vehicle_free[vehicle] = start_s
        if timing.depart_s > timing.load_start_s:
            dock_free[dock] = start_s
    return found


def _own_slack(problem: Problem, one: Assignment) -> int:
    """How much later a trip may begin for itself."""
    start_s, trip, timing = one.timing.load_start_s, one.candidate, one.timing
    position = bisect_right(trip.starts, (start_s, problem.horizon_s + 1)) - 1
    if position < 0 or trip.starts[position][1] < start_s:
        return 0
    left = [trip.starts[position][1] - start_s]
    for stop, (_, end) in zip(trip.stops, timing.services, strict=True):
        left.append(problem.region_deadlines[stop.region] - 1 - end)
    last_day = days_of(problem, timing)[-1]
    if last_day + 1 < len(problem.midnights):
        left.append(problem.midnights[last_day + 1] - timing.end_s)
    if len(days_of(problem, timing)) > 1:
        return 0
    return max(0, min(left))
