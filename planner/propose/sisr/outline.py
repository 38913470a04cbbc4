"""What all parts of a problem have in common for the kernel: vehicle types by shift, windows, loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, Openings, intersect
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.propose.sisr.decided import Decided, decided
from planner.propose.sisr.kernel.arrays import FAR

__all__ = ["Outline", "VehType", "capacities", "outline"]


@dataclass(frozen=True)
class VehType:
    """A vehicle type, of `home` types in one of its shifts."""

    fleet: int
    shifts: tuple[Interval, ...]


@dataclass(frozen=True)
class Outline:
    """What all parts of a problem have in common, so that it is found once.

    Parameters
    ----------
    position
        int64, by consignment: its place in the arrays that follow; -1: it is in none.
    window
        int32, shape (rows, jobs, 3), as in `Data`; `several` has all windows where some have more than one.
    row_of
        Row of each vehicle type.
    kept
        Which of mass, volume and pieces matter.
    job
        int64, shape (jobs, 2 + loads): region, release and loads.
    worth
        float64, shape (jobs, 2): prize (negative: it must be delivered) and weight.
    decided
        What people have decided of them.
    """

    veh_types: tuple[VehType, ...]
    position: NDArray[np.int64]
    window: NDArray[np.int32]
    several: list[list[list[Interval]]] | None
    row_of: list[int]
    kept: list[int]
    job: NDArray[np.int64]
    worth: NDArray[np.float64]
    decided: Decided


def outline(problem: Problem, jobs: Sequence[int]) -> Outline:
    """What parts of some consignments of a problem have in common."""
    veh_types = veh_types_of(problem)
    hours: _Hours = {}
    windows = [_windows(problem, kind, jobs, hours) for kind in veh_types]
    (window, several), row_of = _distinct_rows(problem, veh_types, windows, jobs)
    loads = [problem.consignments[idx] for idx in jobs]
    position = np.full(len(problem.consignments), -1, dtype=np.int64)
    position[list(jobs)] = np.arange(len(jobs))
    kept = _kept_loads(problem)
    columns = [(one.region, min(one.release_s, FAR), *_all_loads(one)) for one in loads]
    worth = [(-1.0 if one.prize is None else one.prize, max(1, problem.weight[one.region])) for one in loads]
    return Outline(
        veh_types=veh_types,
        position=position,
        window=np.ascontiguousarray(window),
        several=several,
        row_of=row_of,
        kept=kept,
        job=np.array(columns, dtype=np.int64).reshape(-1, 5)[:, [0, 1, *(2 + dim for dim in kept)]],
        worth=np.array(worth, dtype=np.float64).reshape(-1, 2),
        decided=decided(problem, jobs),
    )


def veh_types_of(problem: Problem) -> tuple[VehType, ...]:
    found: list[VehType] = []
    for position, kind in enumerate(problem.fleet):
        shifts = [(max(0, begin), min(end, FAR - 1)) for begin, end in kind.shifts.intervals]
        shifts = [(begin, end) for begin, end in shifts if begin < end or begin == end]
        if kind.overnight is Overnight.HOME:
            found.extend(VehType(position, (shift,)) for shift in shifts)
        elif shifts:
            found.append(VehType(position, tuple(shifts)))
    return tuple(found)


def _service_s(problem: Problem, kind: FleetType, idx: int) -> int:
    one = problem.consignments[idx]
    return int(problem.handover_s[one.region]) + kind.unload_piece_s * one.pieces


_Hours = dict[tuple[int, int, int], list[Interval]]


def _windows(problem: Problem, kind: VehType, jobs: Sequence[int], hours: _Hours) -> list[list[Interval]]:
    """Closed intervals in which each job's service may begin; none where the vehicle type does not serve it.

    What regions and deadlines allow is kept in `hours`, by region, duration and deadline.
    """
    fleet = problem.fleet[kind.fleet]
    shifts = Openings(kind.shifts)
    known: dict[tuple[int, int, int], list[Interval]] = {}
    found: list[list[Interval]] = []
    for idx in jobs:
        region, duration_s = problem.consignments[idx].region, _service_s(problem, fleet, idx)
        key = (region, duration_s, problem.dues_s[idx])
        if key not in known:
            known[key] = []
            if fleet.serves[region]:
                if key not in hours:
                    hours[key] = _begins(problem, *key)
                known[key] = _within(hours[key], shifts.starts(duration_s))
        found.append(known[key])
    return found


def _begins(problem: Problem, region: int, duration_s: int, due_s: int) -> list[Interval]:
    """Closed intervals in which a service at a region may begin to be in its hours and in time."""
    earliest = max(0, int(problem.not_before_s[region]) - duration_s)
    deadline_s = problem.horizon_s if region in problem.hopeless else due_s
    latest = min(deadline_s - 1 - duration_s, FAR - 1)
    opens = problem.region_openings[region].starts(duration_s)
    return intersect(opens, [(earliest, latest)] if earliest <= latest else [])


def _within(hours: Sequence[Interval], shifts: Sequence[Interval]) -> list[Interval]:
    """`intersect`, quick where there is one shift."""
    if len(shifts) != 1:
        return intersect(hours, shifts)
    (from_s, until_s), *_ = shifts
    return [(max(a, from_s), min(b, until_s)) for a, b in hours if a <= until_s and b >= from_s]


Several = list[list[list[Interval]]] | None


def _distinct_rows(
    problem: Problem,
    veh_types: Sequence[VehType],
    windows: Sequence[list[list[Interval]]],
    jobs: Sequence[int],
) -> tuple[tuple[NDArray[np.int32], Several], list[int]]:
    """First and last begins and service times, once for types with the same; all windows if not one each."""
    known: dict[tuple[object, ...], int] = {}
    row_of: list[int] = []
    kept: list[list[list[Interval]]] = []
    serve: list[list[int]] = []
    for kind, mine in zip(veh_types, windows, strict=True):
        seconds = [_service_s(problem, problem.fleet[kind.fleet], idx) for idx in jobs]
        key = (tuple(tuple(one) for one in mine), tuple(seconds))
        if key not in known:
            known[key] = len(kept)
            kept.append(mine)
            serve.append(seconds)
        row_of.append(known[key])
    window = np.array(
        [
            [
                (one[0][0], one[-1][1], took) if one else (0, -1, took)
                for one, took in zip(row, seconds, strict=True)
            ]
            for row, seconds in zip(kept, serve, strict=True)
        ],
        dtype=np.int32,
    )
    several = kept if any(len(one) > 1 for row in kept for one in row) else None
    return (window.reshape(len(kept), len(jobs), 3), several), row_of


def _all_loads(one: Consignment) -> tuple[int, int, int]:
    return one.mass_g, one.volume_cm3, one.pieces


def _kept_loads(problem: Problem) -> list[int]:
    """Which of mass, volume and pieces some vehicle limits; pieces, if kept, are last."""
    loads = np.array([_all_loads(problem.consignments[idx]) for idx in problem.served], dtype=np.int64)
    sums: list[int] = loads.reshape(-1, 3).sum(axis=0).tolist()
    capacity = [capacities(kind) for kind in problem.fleet]
    kept = [dim for dim, total in enumerate(sums) if any(total > one[dim] for one in capacity)]
    pieces_matter = any(kind.load_piece_s for kind in problem.fleet)
    return kept if kept and (not pieces_matter or 2 in kept) else [*kept, 2]


def capacities(kind: FleetType) -> tuple[int, int, int]:
    """Most grams, cm³ and pieces that a vehicle holds."""
    return kind.mass_g, kind.volume_cm3, 2**62 if kind.pieces is None else kind.pieces
