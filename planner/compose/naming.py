"""Naming: which vehicle and which dock, once trips have their times."""

from __future__ import annotations

from collections.abc import Sequence

from planner.compose.roster import Docks, Line, stays
from planner.compose.solution import Assignment, Solution, days_of
from planner.problem import Problem
from planner.propose.pool import Candidate
from planner.schedule import Timing

__all__ = ["NamingFailedError", "name_resources"]


class NamingFailedError(Exception):
    """Trips need more vehicles than were counted: on one day, because of working time, or on all together.

    Parameters
    ----------
    day
        None: where the trips of a vehicle are limited, those of all days count.
    """

    def __init__(self, fleet: int, day: int | None, vehicles: int, candidates: Sequence[Candidate]) -> None:
        super().__init__(f"fleet {fleet}, day {day}: more than {vehicles} vehicles")
        self.fleet = fleet
        self.day = day
        self.vehicles = vehicles
        self.candidates = tuple(candidates)


def name_resources(problem: Problem, chosen: Sequence[tuple[Candidate, Timing]]) -> Solution:
    """Name vehicles and docks of trips with fixed times, few vehicles a day.

    Raises
    ------
    NamingFailedError
        If a type's trips do not fit its vehicles one by one.

    Notes
    -----
    Intervals in order of their start: without working time the first fitting vehicle is optimal
    (interval graphs); with it, the fullest fitting one is taken. Where trips are limited a vehicle with all
    its trips is full.
    """
    order = sorted(
        range(len(chosen)),
        key=lambda idx: (
            not stays(problem, chosen[idx][0]),
            chosen[idx][1].load_start_s,
            chosen[idx][1].end_s,
            idx,
        ),
    )
    vehicles = [[Line(out=kind.out_of(one)) for one in range(kind.number)] for kind in problem.fleet]
    docks = [Docks(origin) for origin in problem.origins]
    found: list[Assignment] = []
    for idx in order:
        trip, timing = chosen[idx]
        fleet = trip.route.fleet
        kind = problem.fleet[fleet]
        position = _fitting(problem, vehicles[fleet], fleet, timing)
        if position is None:
            day = days_of(problem, timing)[0] if kind.max_trips is None else None
            same = [
                one
                for one, when in chosen
                if one.route.fleet == fleet and (day is None or day in days_of(problem, when))
            ]
            raise NamingFailedError(fleet, day, kind.number, same)
        vehicles[fleet][position].take(timing, days_of(problem, timing), gone=kind.open_end)
        dock = problem.decided.dock_of(trip.route.consignments)
        if dock is None:
            dock = docks[kind.origin].free(timing)
        if dock is None:  # no more load at once than there are docks, but some have theirs
            raise NamingFailedError(fleet, None, kind.number, [trip])
        docks[kind.origin].occupy(dock, timing)
        found.append(Assignment(trip, timing, position, dock))
    return Solution(problem, tuple(found))


def _fitting(problem: Problem, lines: Sequence[Line], fleet: int, timing: Timing) -> int | None:
    """A vehicle already used on these days before a used one before a new one; the fullest of them."""
    kind, days = problem.fleet[fleet], set(days_of(problem, timing))
    best: tuple[int, int, int] | None = None
    for position, line in enumerate(lines):
        if (
            not line.gone
            and line.has_trips_left(kind.max_trips)
            and line.free(timing.load_start_s, timing.free_s)
            and line.has_work_room(timing.work, kind.work_s)
        ):
            rank = (len(days - line.days), -sum(line.work.get(day, 0) for day in days), position)
            if best is None or rank < best:
                best = rank
        if not line.busy and not kind.out:
            break
    return None if best is None else best[2]
