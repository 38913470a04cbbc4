"""Naming: which vehicle and which dock, once trips have their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planner.compose.delay_propagation import has_late_room, propagate_delays, with_working_time
from planner.compose.list_scheduling import stays
from planner.compose.solution import Assignment, Solution, days_of
from planner.problem.ledger import Docks, Line
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.propose.pool import Candidate

__all__ = ["NamingFailedError", "at_docks", "name_resources", "runs_of", "with_delays_propagated"]


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
        Of a trip that overlaps (`planner.compose.delay_propagation`), by its position, that of the trip
        before it.

    Raises
    ------
    NamingFailedError
        If a type's trips do not fit its vehicles one by one.

    Notes
    -----
    Intervals in order of their start: without working time the first fitting vehicle is optimal
    (interval graphs); with it, the fullest fitting one is taken. Where trips are limited a vehicle with all
    its trips is full. What overlaps goes with the trip before it, as one interval.
    """
    runs = runs_of(len(chosen), after or {})
    chosen = with_delays_propagated(problem, chosen, runs)

    def order(idx: int) -> tuple[bool, int, int, int]:
        trip, timing = chosen[idx]
        return (not stays(problem, trip), timing.load_start_s, timing.end_s, idx)

    vehicles = [[Line(out=kind.out_of(one)) for one in range(kind.number)] for kind in problem.fleet]
    at: dict[int, int] = {}
    for run in sorted(runs, key=lambda run: min(order(idx) for idx in run)):
        fleet = chosen[run[0]][0].route.fleet
        kind = problem.fleet[fleet]
        timings = [chosen[idx][1] for idx in run]
        position = _fitting(problem, vehicles[fleet], fleet, [chosen[idx] for idx in run])
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
            vehicles[fleet][position].trips.append(chosen[idx])
            at[idx] = position
    by_start = sorted(at, key=order)
    found = at_docks(problem, [chosen[idx] for idx in by_start], [at[idx] for idx in by_start])
    return Solution(problem, with_working_time(problem, found))


def runs_of(number: int, after: Mapping[int, int]) -> list[list[int]]:
    """The positions of so many trips, those together that overlap each other."""
    followers = {before: idx for idx, before in after.items()}
    runs: list[list[int]] = []
    for idx in range(number):
        if idx not in after:
            runs.append([idx])
            while runs[-1][-1] in followers:
                runs[-1].append(followers[runs[-1][-1]])
    return runs


def with_delays_propagated(
    problem: Problem, chosen: Sequence[tuple[Candidate, Timing]], runs: Iterable[Sequence[int]]
) -> list[tuple[Candidate, Timing]]:
    """The trips with what late legs mean for them from those before."""
    found = list(chosen)
    for run in runs:
        delayed = propagate_delays(problem, [chosen[idx] for idx in run])
        for idx, timing in zip(run, delayed, strict=True):
            found[idx] = chosen[idx][0], timing
    return found


def at_docks(
    problem: Problem, chosen: Iterable[tuple[Candidate, Timing]], vehicles: Iterable[int]
) -> Iterator[Assignment]:
    """Name a dock for each trip, one after another. Raises NamingFailedError."""
    docks = [Docks(origin) for origin in problem.origins]
    for (trip, timing), vehicle in zip(chosen, vehicles, strict=True):
        kind = problem.fleet[trip.route.fleet]
        dock = problem.fixings.dock_of(trip.route.consignments)
        if dock is None:
            dock = docks[kind.origin].free(timing)
        if dock is None:  # no more load at once than there are docks, but some have theirs
            raise NamingFailedError(trip.route.fleet, None, kind.number, [trip])
        docks[kind.origin].occupy(dock, timing)
        yield Assignment(trip, timing, vehicle, dock)


def _fitting(
    problem: Problem, lines: Sequence[Line], fleet: int, run: Sequence[tuple[Candidate, Timing]]
) -> int | None:
    """A vehicle already used on these days before a used one before a new one; the fullest of them."""
    timings = [timing for _, timing in run]
    kind, days = problem.fleet[fleet], {day for one in timings for day in days_of(problem, one)}
    alone = Line()
    for timing in timings:
        alone.works(timing.work, ())
    best: tuple[int, int, int] | None = None
    for position, line in enumerate(lines):
        if (
            not line.gone
            and line.has_trips_left(kind.max_trips, len(timings))
            and line.free(timings[0].load_start_s, timings[-1].free_s)
            and line.has_work_room(alone.work.items(), kind.work_s)
            and has_late_room(problem, line.trips, run)
        ):
            rank = (len(days - line.days.keys()), -sum(line.work.get(day, 0) for day in days), position)
            if best is None or rank < best:
                best = rank
        if not line.busy and not kind.out:
            break
    return None if best is None else best[2]
