"""Trips to one place alone: which vehicles can bring something at all, how much, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from planner.instance.kits import Load
from planner.instance.schema import Overnight, Split
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing, schedule_trip
from planner.problem.visits import Visit

__all__ = [
    "Runs",
    "all_fit",
    "direct_trips",
    "each_fits",
    "goes_after",
    "in_runs",
    "largest_run",
    "share_of",
    "useful",
]

Runs = list[tuple[int, int]]
"""First unit and number of units of each run of units that travels together."""
# A region's demand above half the largest load is cut into runs of at most a quarter of it, so that loads
# pack well.
_RUN_SHARE = 4
_MOST_RUNS = 60


def in_runs(num_units: int, rooms: Sequence[Sequence[int]], split: Split = Split.FREE) -> Runs:
    """(first unit, number of units) of each run; none where there is no room at all, or not for one run.

    Parameters
    ----------
    num_units
        Units to be carried.
    rooms
        Largest run of each vehicle type that is of use, for each leg of its chain of hubs.
    split
        Whether there must be one run, as few as the largest vehicle allows, or any number.

    Notes
    -----
    As few as can be are full loads and a rest. Of any number each fits every such type, so that all of them
    may carry it, unless that made more than `_MOST_RUNS` runs; they are even, and small against the largest
    load, so that loads pack well.
    """
    if not all(rooms):
        return []
    largest = min(max(one) for one in rooms)
    if split is Split.NEVER and largest < num_units:
        return []
    if split is not Split.FREE:
        return [(first, min(largest, num_units - first)) for first in range(0, num_units, largest)]
    size = num_units if 2 * num_units <= largest else max(1, largest // _RUN_SHARE)
    size = min(size, *(min(one) for one in rooms))
    size = max(size, min(largest, -(-num_units // _MOST_RUNS)))
    number = -(-num_units // size)
    share, more = divmod(num_units, number)
    runs, first = [], 0
    for position in range(number):
        count = share + (1 if position < more else 0)
        runs.append((first, count))
        first += count
    return runs


def useful(problem: Problem, region: int, units: Sequence[Load], room: Sequence[int]) -> list[int]:
    """Room of the types that bring a unit in time, else of all that bring it at all.

    Parameters
    ----------
    problem, region
        The echelon, and the number of the region.
    units
        What the region needs, the heaviest unit first.
    room
        Units that one trip brings at most, of each type in the order of `Problem.fleet`; 0: none.
    """
    deadline, pieces = problem.region_deadlines[region], units[0].pieces
    able = [(kind, run) for kind, run in zip(problem.fleet, room, strict=True) if run > 0]
    if all(run >= 2 * len(units) for _, run in able):
        return [run for _, run in able]  # one run, whichever of them are of use
    timely = [
        run
        for kind, run in able
        if any(timing.services[-1][1] < deadline for timing in direct_trips(problem, kind, region, pieces))
    ]
    return timely or [run for _, run in able]


def _fits(kind: FleetType, units: Sequence[Load]) -> bool:
    return (
        sum(unit.mass_g for unit in units) <= kind.mass_g
        and sum(unit.volume_cm3 for unit in units) <= kind.volume_cm3
        and (kind.pieces is None or sum(unit.pieces for unit in units) <= kind.pieces)
    )


def each_fits(kinds: Sequence[FleetType], units: Iterable[Load]) -> bool:
    """Whether each unit, alone, fits into a vehicle of one of the types."""
    sizes = {(one.mass_g, one.volume_cm3, one.pieces): one for one in units}
    return all(any(_fits(kind, [unit]) for kind in kinds) for unit in sizes.values())


def all_fit(kind: FleetType, loads: Iterable[Sequence[Load]]) -> bool:
    """Whether one vehicle holds all of these units."""
    return _fits(kind, [unit for units in loads for unit in units])


def share_of(kind: FleetType, units: Sequence[Load], loads: Iterable[Sequence[Load]]) -> int:
    """Units of a region on each trip, if all of these loads are shared out over full trips evenly."""
    every = [unit for mine in loads for unit in mine]
    trips = max(
        -(-sum(one.mass_g for one in every) // max(1, kind.mass_g)),
        -(-sum(one.volume_cm3 for one in every) // max(1, kind.volume_cm3)),
        1 if kind.pieces is None else -(-sum(one.pieces for one in every) // max(1, kind.pieces)),
    )
    return len(units) // max(1, trips)


def largest_run(problem: Problem, kind: FleetType, region: int, units: Sequence[Load]) -> int:
    """Units like the first (the heaviest) that one trip to this region alone can carry and keep its rules.

    It may be more than there are; where it is fewer it is exact.

    Parameters
    ----------
    problem, kind, region
        The echelon, the vehicle type, and the number of the region.
    units
        What the region needs.
    """
    low, high = 0, len(units)
    tried = high  # most often all can go together
    while low < high:
        pieces = sum(one.pieces for one in units[:tried])
        if _fits(kind, units[:tried]) and next(direct_trips(problem, kind, region, pieces), None) is not None:
            low = tried
        else:
            high = tried - 1
        tried = (low + high + 1) // 2
    return max(low, _room(kind, units[0])) if low == len(units) else low


def _room(kind: FleetType, unit: Load) -> int:
    """Units like this one that fit into a vehicle."""
    limits = [(kind.mass_g, unit.mass_g), (kind.volume_cm3, unit.volume_cm3)]
    if kind.pieces is not None:
        limits.append((kind.pieces, unit.pieces))
    return min((capacity // one for capacity, one in limits if one > 0), default=0)


def trip_starts(problem: Problem, kind: FleetType) -> list[int]:
    """Moments worth trying as the start of a trip alone.

    They are begins of shifts, opening hours and days, and those from which a day's working time lasts to
    midnight.
    """
    moments = {
        0,
        *problem.midnights,
        *problem.origins[kind.origin].openings.begins_after(-1),
        *kind.shifts.begins_after(-1),
        *(() if kind.work_s is None else (midnight - kind.work_s for midnight in problem.midnights)),
    }
    return sorted(moment for moment in moments if 0 <= moment < problem.horizon_s)


def direct_trips(
    problem: Problem, kind: FleetType, region: int, pieces: int, release_s: int = 0
) -> Iterator[Timing]:
    """Trips to one region alone that keep the rules (deadlines apart), by their start.

    Parameters
    ----------
    problem, kind, region
        The echelon, the vehicle type, and the number of the region.
    pieces
        Pieces on the trip.
    release_s
        No trip begins to load before this moment, in seconds.
    """
    if kind.reaches(kind.origin, problem.place(region)) and not _too_far(problem, kind, region, pieces):
        stop = (Visit(region, pieces, (), release_s),)
        starts = {release_s, *trip_starts(problem, kind)}
        for start in sorted(start for start in starts if start >= release_s):
            timing = schedule_trip(problem, kind, stop, start)
            if timing is not None:
                yield timing


def goes_after(problem: Problem, region: int, units: Sequence[Load], release_s: int) -> bool:
    """Whether some vehicle can bring these units, loaded not before a moment.

    Parameters
    ----------
    problem, region
        The echelon, and the number of the region.
    units
        What one vehicle is to bring, all of it.
    release_s
        The moment, in seconds.
    """
    pieces = sum(one.pieces for one in units)
    return any(
        _fits(kind, units) and next(direct_trips(problem, kind, region, pieces, release_s), None) is not None
        for kind in problem.fleet
    )


def _too_far(problem: Problem, kind: FleetType, region: int, pieces: int) -> bool:
    """Whether a trip to a region alone is longer than any shift, where it must be in one."""
    if kind.overnight is not Overnight.HOME:
        return False
    there = problem.place(region)
    least_s = (
        kind.load_fixed_s
        + (kind.load_piece_s + kind.unload_piece_s) * pieces
        + int(problem.handover_s[region])
        + kind.time_between(kind.origin, there)
        + (0 if kind.open_end else kind.time_between(there, kind.origin))
    )
    return all(least_s > end - begin for begin, end in kind.shifts.intervals)
