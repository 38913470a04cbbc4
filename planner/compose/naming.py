"""Naming: which vehicle and which dock, once trips have their times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.compose.carry import carry
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


def name_resources(
    problem: Problem,
    chosen: Sequence[tuple[Candidate, Timing]],
    after: Mapping[int, int] | None = None,
) -> Solution:
    """Name vehicles and docks of trips with fixed times, few vehicles a day.

    Parameters
    ----------
    problem, chosen
        The trips.
    after
        Of a trip that is carried (`planner.compose.carry`), by its position, that of the trip before it.

    Raises
    ------
    NamingFailedError
        If a type's trips do not fit its vehicles one by one.

    Notes
    -----
    Intervals in order of their start: without working time the first fitting vehicle is optimal
    (interval graphs); with it, the fullest fitting one is taken. Where trips are limited a vehicle with all
    its trips is full. What is carried goes with the trip before it, as one interval.
    """
    chosen, runs = _runs(problem, chosen, after or {})
    order = sorted(
        runs,
        key=lambda run: (
            not any(stays(problem, chosen[idx][0]) for idx in run),
            chosen[run[0]][1].load_start_s,
            chosen[run[0]][1].end_s,
            run[0],
        ),
    )
    vehicles = [[Line(out=kind.out_of(one)) for one in range(kind.number)] for kind in problem.fleet]
    at: dict[int, int] = {}
    for run in order:
        fleet = chosen[run[0]][0].route.fleet
        kind = problem.fleet[fleet]
        timings = [chosen[idx][1] for idx in run]
        position = _fitting(problem, vehicles[fleet], fleet, timings)
        if position is None:
            day = days_of(problem, timings[0])[0] if kind.max_trips is None else None
            same = [
                one
                for one, when in chosen
                if one.route.fleet == fleet and (day is None or day in days_of(problem, when))
            ]
            raise NamingFailedError(fleet, day, kind.number, same)
        ends = [*(timing.load_start_s for timing in timings[1:]), timings[-1].free_s]
        for idx, end_s in zip(run, ends, strict=True):
            days = days_of(problem, chosen[idx][1])
            vehicles[fleet][position].take(chosen[idx][1], days, until_s=end_s, gone=kind.open_end)
            at[idx] = position
    return Solution(problem, tuple(_at_docks(problem, chosen, at)))


def _runs(
    problem: Problem, chosen: Sequence[tuple[Candidate, Timing]], after: Mapping[int, int]
) -> tuple[list[tuple[Candidate, Timing]], list[list[int]]]:
    """The trips with what is carried, and which of them follow each other so."""
    found, runs = list(chosen), []
    followers = {before: idx for idx, before in after.items()}
    for idx in range(len(chosen)):
        if idx in after:
            continue
        run = [idx]
        while run[-1] in followers:
            run.append(followers[run[-1]])
        for one, timing in zip(run, carry(problem, [chosen[one] for one in run]), strict=True):
            found[one] = chosen[one][0], timing
        runs.append(run)
    return found, runs


def _at_docks(
    problem: Problem, chosen: Sequence[tuple[Candidate, Timing]], vehicles: Mapping[int, int]
) -> Iterator[Assignment]:
    """The trips with their docks, in the order of their loading; those that stay first."""
    order = sorted(
        vehicles,
        key=lambda idx: (
            not stays(problem, chosen[idx][0]),
            chosen[idx][1].load_start_s,
            chosen[idx][1].end_s,
            idx,
        ),
    )
    docks = [Docks(origin) for origin in problem.origins]
    for idx in order:
        trip, timing = chosen[idx]
        kind = problem.fleet[trip.route.fleet]
        dock = problem.decided.dock_of(trip.route.consignments)
        if dock is None:
            dock = docks[kind.origin].free(timing)
        if dock is None:  # no more load at once than there are docks, but some have theirs
            raise NamingFailedError(trip.route.fleet, None, kind.number, [trip])
        docks[kind.origin].occupy(dock, timing)
        yield Assignment(trip, timing, vehicles[idx], dock)


def _fitting(problem: Problem, lines: Sequence[Line], fleet: int, timings: Sequence[Timing]) -> int | None:
    """A vehicle already used on these days before a used one before a new one; the fullest of them."""
    kind, days = problem.fleet[fleet], {day for one in timings for day in days_of(problem, one)}
    work: dict[int, int] = {}
    for timing in timings:
        for day, part in timing.work:
            work[day] = work.get(day, 0) + part
    best: tuple[int, int, int] | None = None
    for position, line in enumerate(lines):
        if (
            not line.gone
            and line.has_trips_left(kind.max_trips, len(timings))
            and line.free(timings[0].load_start_s, timings[-1].free_s)
            and line.has_work_room(work.items(), kind.work_s)
        ):
            rank = (len(days - line.days), -sum(line.work.get(day, 0) for day in days), position)
            if best is None or rank < best:
                best = rank
        if not line.busy and not kind.out:
            break
    return None if best is None else best[2]
