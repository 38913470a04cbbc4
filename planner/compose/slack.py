"""How late the trips of a solution could begin with everybody as much on time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from planner.compose.list_scheduling import is_on_time
from planner.compose.solution import Assignment, Solution
from planner.network.calendars import day_index
from planner.problem.ledger import Line
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing

__all__ = ["latest_starts"]


def latest_starts(solution: Solution) -> list[int]:
    """Latest start of each assignment, in their order, all trips moved together.

    Notes
    -----
    From the last trip backwards each moves as far as its vehicle's and its dock's next trip, the working time
    of the day, its own hours and deadlines allow. A trip that is late stays where it is.
    """
    problem = solution.problem
    order = sorted(
        range(len(solution.assignments)), key=lambda idx: -solution.assignments[idx].timing.load_start_s
    )
    found = [one.timing.load_start_s for one in solution.assignments]
    vehicle_free: dict[tuple[int, int], int] = {}
    dock_free: dict[tuple[int, int], int] = {}
    lines: defaultdict[tuple[int, int], Line] = defaultdict(Line)
    for idx in order:
        one = solution.assignments[idx]
        fleet = one.candidate.route.fleet
        kind, vehicle = problem.fleet[fleet], (fleet, one.vehicle)
        dock, loads = (kind.origin, one.dock), one.timing.depart_s > one.timing.load_start_s
        ends_s = vehicle_free.get(vehicle, problem.horizon_s)
        departs_s = dock_free.get(dock, problem.horizon_s) if loads else problem.horizon_s
        timing = one.timing
        for later in _later(problem, one, ends_s, departs_s):
            room = lines[vehicle].has_work_room(later.work, kind.work_s)
            fits = later.free_s <= ends_s and later.depart_s <= departs_s
            if room and fits and is_on_time(problem, one.candidate, later):
                timing = later
                break
        found[idx] = timing.load_start_s
        vehicle_free[vehicle] = min(ends_s, timing.load_start_s)
        if loads:
            dock_free[dock] = min(departs_s, timing.load_start_s)
        lines[vehicle].works(timing.work, ())
    return found


def _later(problem: Problem, one: Assignment, ends_s: int, departs_s: int) -> Iterator[Timing]:
    """Times of a trip from later starts, the latest first, that may end and depart in time."""
    start_s, trip = one.timing.load_start_s, one.candidate
    if not is_on_time(problem, trip, one.timing):
        return
    length_s = one.timing.end_s - start_s
    deadlines = [stop.due_s - 1 for stop in trip.stops]
    for low, high in reversed(trip.firm if trip.offsets and trip.offsets.worst_ends_s else trip.starts):
        assert trip.offsets is not None
        ends = zip(deadlines, trip.offsets.promised_s, strict=True)
        limits = [ends_s - trip.offsets.free_s, departs_s - trip.offsets.depart_s]
        latest_s = min(high, *limits, *(limit - end for limit, end in ends))
        while latest_s >= max(low, start_s + 1):
            yield trip.rigid_timing(problem, latest_s)
            # else on the day before
            latest_s = problem.midnights[day_index(problem.midnights, latest_s)] - length_s
    for point in sorted(trip.points, key=lambda point: -point.load_start_s):
        if point.load_start_s > start_s:
            yield point
