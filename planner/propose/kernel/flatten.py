"""A problem as flat arrays for the kernel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.calendars import Interval, Openings, intersect
from planner.instance.schema import Overnight
from planner.problem import FleetType, Problem
from planner.propose.kernel.layout import (
    ANYWHERE,
    CAP,
    DELAYS,
    END,
    FAR,
    GROUP,
    HOME,
    LENGTHS,
    LOAD_FIXED,
    LOAD_PIECE,
    MAX_LENGTH,
    MAX_TIME,
    MAX_TRIPS,
    MAX_WORK,
    MODE,
    NUMBER,
    OPENS,
    ORIGIN,
    PER_CHAIN,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLAIN,
    PRICE_FIELDS,
    ROW,
    RULE_FIELDS,
    SERVES,
    SHUTS,
    STOP,
    TYPE,
    Data,
)

__all__ = ["Flat", "Kind", "flatten"]

_MODES = {Overnight.HOME: PLAIN, Overnight.STOP: STOP, Overnight.ANYWHERE: ANYWHERE}
_DAY_S = 86_400
# Jobs considered before and after a job, where time matters and where not; jobs around one, to remove.
_NEAR_TIMED, _NEAR = 40, 30
_AROUND = 200
# A second of waiting, in seconds of driving, when neighbours are chosen (at 0.2 wide windows lose a third).
_WAIT = 0.05


@dataclass(frozen=True)
class Kind:
    """A vehicle type, of `home` types in one of its shifts."""

    fleet: int
    shifts: tuple[Interval, ...]


@dataclass(frozen=True)
class Flat:
    """The arrays, and what their numbers mean.

    Parameters
    ----------
    jobs
        Consignment of each job.
    kinds
        Vehicle type and shifts of each kind.
    """

    data: Data
    jobs: tuple[int, ...]
    kinds: tuple[Kind, ...]
    mean_price: float


def flatten(
    problem: Problem,
    jobs: Sequence[int],
    *,
    numbers: Sequence[int] | None = None,
    neighbours: int | None = None,
) -> Flat:
    """Arrays for some consignments of a problem.

    Parameters
    ----------
    jobs
        Positions of the consignments.
    numbers
        Vehicles of each kind, in the order of `kinds`; None: all there are.
    neighbours
        How many jobs may stand before, and after, a job; None: 30, and 40 where time matters.
    """
    kinds = _kinds(problem)
    jobs = _near_each_other(problem, kinds, jobs)
    places, place_of = _places(problem, jobs)
    windows = [_windows(problem, kind, jobs) for kind in kinds]
    rows, row_of = _distinct_rows(problem, kinds, windows, jobs)
    length, time, delay, matrix_of = _ways(problem, kinds, places, jobs, place_of)
    ways, planes = _planes(length, time, delay)
    load = _loads(problem, jobs)
    rule = _rules(problem, kinds, row_of, planes[matrix_of], len(places), load.shape[1])
    if numbers is not None:
        rule[:, NUMBER] = numbers
    rule[:, NUMBER] = np.minimum(rule[:, NUMBER], max(1, len(jobs)))
    price = _prices(problem, kinds)
    _group(problem, kinds, rule, price)
    loads = [problem.consignments[idx] for idx in jobs]
    window, several = rows
    gamma = max((kind.gamma for kind in problem.fleet), default=0)
    general = several is not None or gamma > 0 or bool((rule[:, MODE] != PLAIN).any())
    windows_of = _all_windows(window, several) if general else []
    docks = [_docks(problem, kind) for kind in kinds]
    at, span = _intervals([*windows_of, *(kind.shifts for kind in kinds), *docks])
    release = [min(one.release_s, FAR) for one in loads]
    timed = _is_timed(rule, window, time, np.array(release), general=general)
    shortest = np.where(time < FAR, length, FAR).min(axis=0)
    near, width = _neighbours(shortest, time, place_of, window, timed=timed, number=neighbours)
    data = Data(
        ways=ways,
        job=np.column_stack([place_of, release, load]).astype(np.int64),
        worth=np.array(
            [
                (
                    -1.0 if one.prize is None else one.prize,
                    max(1, problem.weight[one.region]),
                    shortest[: problem.num_origins, at].min(),
                )
                for one, at in zip(loads, place_of.tolist(), strict=True)
            ],
            dtype=np.float64,
        ).reshape(-1, 3),
        window=window,
        at=at,
        span=span,
        rule=rule,
        price=price,
        near=near,
        width=width,
        loads=load.shape[1],
        shifts=len(windows_of),
        docks=len(windows_of) + len(kinds),
        gamma=gamma,
        general=general,
        segments=bool((rule[:, MAX_TIME] > 0).any()),
        limited=bool((rule[:, [MAX_TIME, MAX_LENGTH, MAX_WORK]] > 0).any()),
        timed=timed,
    )
    return Flat(data, tuple(jobs), kinds, _mean_price(shortest, price, place_of))


def _kinds(problem: Problem) -> tuple[Kind, ...]:
    found: list[Kind] = []
    for position, kind in enumerate(problem.fleet):
        shifts = [(max(0, begin), min(end, FAR - 1)) for begin, end in kind.shifts.intervals]
        shifts = [(begin, end) for begin, end in shifts if begin < end or begin == end]
        if kind.overnight is Overnight.HOME:
            found.extend(Kind(position, (shift,)) for shift in shifts)
        elif shifts:
            found.append(Kind(position, tuple(shifts)))
    return tuple(found)


def _near_each_other(problem: Problem, kinds: Sequence[Kind], jobs: Sequence[int]) -> list[int]:
    """The jobs in the order of a tour to the nearest neighbour: what is read together lies together."""
    regions = sorted({problem.consignments[idx].region for idx in jobs})
    if not regions or not kinds:
        return list(jobs)
    places = [problem.place(region) for region in regions]
    types = [problem.fleet[position] for position in sorted({kind.fleet for kind in kinds})]
    ways = np.min(
        [np.where(one.reach(places, places), one.distances(places, places), FAR) for one in types], axis=0
    )
    rank = np.zeros(len(regions), dtype=np.int64)
    here, left = 0, np.ones(len(regions), dtype=bool)
    for step in range(len(regions)):
        left[here] = False
        rank[here] = step
        here = int(np.argmin(np.where(left, ways[here], 2 * FAR)))
    position = {region: int(rank[pos]) for pos, region in enumerate(regions)}
    return sorted(jobs, key=lambda idx: position[problem.consignments[idx].region])


def _places(problem: Problem, jobs: Sequence[int]) -> tuple[list[int], NDArray[np.int32]]:
    """Places that matter, origins first, and the place of each job among them."""
    regions = list(dict.fromkeys(problem.consignments[idx].region for idx in jobs))
    number = {region: problem.num_origins + pos for pos, region in enumerate(regions)}
    places = [*range(problem.num_origins), *(problem.place(region) for region in regions)]
    return places, np.array([number[problem.consignments[idx].region] for idx in jobs], dtype=np.int32)


def _service_s(problem: Problem, kind: FleetType, idx: int) -> int:
    one = problem.consignments[idx]
    return int(problem.handover_s[one.region]) + kind.unload_piece_s * one.pieces


def _windows(problem: Problem, kind: Kind, jobs: Sequence[int]) -> list[list[Interval]]:
    """Closed intervals in which each job's service may begin; none where the kind does not serve it."""
    fleet = problem.fleet[kind.fleet]
    shifts = Openings(kind.shifts)
    known: dict[tuple[int, int], list[Interval]] = {}
    found: list[list[Interval]] = []
    for idx in jobs:
        region, duration_s = problem.consignments[idx].region, _service_s(problem, fleet, idx)
        key = (region, duration_s)
        if key not in known:
            known[key] = []
            if fleet.serves[region]:
                earliest = max(0, int(problem.not_before_s[region]) - duration_s)
                deadline_s = (
                    problem.horizon_s if region in problem.hopeless else int(problem.deadline_s[region])
                )
                latest = min(deadline_s - 1 - duration_s, FAR - 1)
                opens = intersect(
                    problem.region_openings[region].starts(duration_s), shifts.starts(duration_s)
                )
                known[key] = intersect(opens, [(earliest, latest)] if earliest <= latest else [])
        found.append(known[key])
    return found


_Several = list[list[list[Interval]]] | None


def _distinct_rows(
    problem: Problem, kinds: Sequence[Kind], windows: Sequence[list[list[Interval]]], jobs: Sequence[int]
) -> tuple[tuple[NDArray[np.int32], _Several], list[int]]:
    """First and last begins and service times, once for kinds with the same; all windows if not one each."""
    known: dict[tuple[object, ...], int] = {}
    row_of: list[int] = []
    kept: list[list[list[Interval]]] = []
    serve: list[list[int]] = []
    for kind, mine in zip(kinds, windows, strict=True):
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


def _all_windows(window: NDArray[np.int32], several: _Several) -> list[list[Interval]]:
    if several is not None:
        return [one for row in several for one in row]
    return [[(low, high)] if high >= 0 else [] for row in window.tolist() for low, high, _ in row]


def _intervals(lists: Sequence[Sequence[Interval]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    at = np.cumsum([0, *(len(one) for one in lists)]).astype(np.int32)
    return at, np.array([pair for one in lists for pair in one], dtype=np.int32).reshape(-1, 2)


def _docks(problem: Problem, kind: Kind) -> list[Interval]:
    """Half-open intervals in which loading lies whole: openings of the origin within shifts."""
    origin = problem.origins[problem.fleet[kind.fleet].origin]
    found = []
    for begin, end in origin.openings.intervals:
        for low, high in kind.shifts:
            if max(begin, low) <= min(end, high):
                found.append((max(begin, low), min(end, high, FAR - 1)))
    return sorted(found)


def _ways(
    problem: Problem,
    kinds: Sequence[Kind],
    places: Sequence[int],
    jobs: Sequence[int],
    place_of: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32] | None, list[int]]:
    """Lengths, times and delays between the places, once for types with the same ways; which are each kind's.

    The last place, if some trip has an open end, is that end. Where there is no way the time is beyond every
    horizon, so that no place in a trip is in time. A second job at the same region takes back the time of its
    handover, since neighbours are one stop.
    """
    travels = {id(problem.fleet[kind.fleet].travel): kind.fleet for kind in kinds}
    position = {key: pos for pos, key in enumerate(travels)}
    size = len(places) + (1 if any(kind.open_end for kind in problem.fleet) else 0)
    length = np.zeros((max(1, len(travels)), size, size), dtype=np.int32)
    time, delay = np.zeros_like(length), np.zeros_like(length)
    inner = slice(0, len(places))
    handover = np.zeros(len(places), dtype=np.int64)
    handover[place_of] = [problem.handover_s[problem.consignments[idx].region] for idx in jobs]
    several = np.flatnonzero(np.bincount(place_of, minlength=len(places)) > 1)
    for pos, number in enumerate(travels.values()):
        kind = problem.fleet[number]
        length[pos, inner, inner] = np.minimum(kind.distances(places, places), FAR)
        seconds = np.minimum(kind.times(places, places), FAR)
        time[pos, inner, inner] = np.where(kind.reach(places, places), seconds, FAR)
        delayed = getattr(kind.travel, "delay_s", None)
        if delayed is not None:
            delay[pos, inner, inner] = delayed[np.ix_(places, places)]
        time[pos, several, several] = -handover[several]
    late = delay if any(kind.gamma for kind in problem.fleet) else None
    return length, time, late, [position[id(problem.fleet[kind.fleet].travel)] for kind in kinds]


def _planes(
    length: NDArray[np.int32], time: NDArray[np.int32], delay: NDArray[np.int32] | None
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """All matrices, each once, and for each way which they are (LENGTHS … DELAYS)."""
    found: list[NDArray[np.int32]] = []
    number: dict[bytes, int] = {}

    def plane(matrix: NDArray[np.int32]) -> int:
        matrix = np.ascontiguousarray(matrix)
        key = hashlib.sha256(matrix.tobytes()).digest()
        if key not in number:
            number[key] = len(found)
            found.append(matrix)
        return number[key]

    planes = [
        [
            plane(length[pos]),
            plane(time[pos]),
            plane(length[pos].T),
            plane(time[pos].T),
            0 if delay is None else plane(delay[pos]),
        ]
        for pos in range(len(length))
    ]
    return np.stack(found), np.array(planes, dtype=np.int64)


def _loads(problem: Problem, jobs: Sequence[int]) -> NDArray[np.int64]:
    """Mass, volume and pieces of each job, leaving out what no vehicle limits; pieces, if kept, are last."""
    loads = [problem.consignments[idx] for idx in jobs]
    all_loads = np.array([(one.mass_g, one.volume_cm3, one.pieces) for one in loads], dtype=np.int64)
    return all_loads.reshape(-1, 3)[:, _kept_loads(problem)].copy()


def _kept_loads(problem: Problem) -> list[int]:
    loads = [problem.consignments[idx] for idx in problem.served]
    sums = [
        sum(one.mass_g for one in loads),
        sum(one.volume_cm3 for one in loads),
        sum(one.pieces for one in loads),
    ]
    capacity = [_capacities(kind) for kind in problem.fleet]
    kept = [dim for dim in range(3) if any(sums[dim] > one[dim] for one in capacity)]
    pieces_matter = any(kind.load_piece_s for kind in problem.fleet)
    return kept if kept and (not pieces_matter or 2 in kept) else [*kept, 2]


def _capacities(kind: FleetType) -> tuple[int, int, int]:
    return kind.mass_g, kind.volume_cm3, 2**62 if kind.pieces is None else kind.pieces


def _rules(
    problem: Problem,
    kinds: Sequence[Kind],
    row_of: Sequence[int],
    planes: NDArray[np.int64],
    num_places: int,
    num_loads: int,
) -> NDArray[np.int64]:
    rule = np.zeros((len(kinds), RULE_FIELDS), dtype=np.int64)
    kept = _kept_loads(problem)
    for pos, kind in enumerate(kinds):
        fleet = problem.fleet[kind.fleet]
        row = rule[pos]
        row[MODE], row[ROW] = _MODES[fleet.overnight], row_of[pos]
        row[LENGTHS : DELAYS + 1] = planes[pos]
        row[ORIGIN] = fleet.origin
        row[HOME] = num_places if fleet.open_end else fleet.origin
        row[NUMBER] = fleet.number
        trips = 1 if fleet.open_end else fleet.max_trips
        row[MAX_TRIPS] = 2**31 if trips is None else trips
        row[MAX_TIME], row[MAX_LENGTH] = fleet.max_trip_s or 0, fleet.max_trip_m or 0
        row[LOAD_FIXED], row[LOAD_PIECE] = fleet.load_fixed_s, fleet.load_piece_s
        row[END] = min(
            kind.shifts[-1][1] if fleet.overnight is Overnight.HOME else problem.horizon_s, FAR - 1
        )
        row[MAX_WORK] = (fleet.work_s or 0) if fleet.overnight is Overnight.HOME else 0
        row[GROUP], row[TYPE] = -1, kind.fleet
        for dim, which in enumerate(kept[:num_loads]):
            row[CAP + dim] = _capacities(fleet)[which]
    return rule


def _prices(problem: Problem, kinds: Sequence[Kind]) -> NDArray[np.float64]:
    """Prices by kind. The day of a vehicle that stays out is spread over the seconds of a shift."""
    price = np.zeros((len(kinds), PRICE_FIELDS))
    for pos, kind in enumerate(kinds):
        fleet = problem.fleet[kind.fleet]
        home = fleet.overnight is Overnight.HOME
        longest = max(1, min(_DAY_S, max(end - begin for begin, end in kind.shifts)))
        per_second = fleet.prices.hour / 3600 + (0 if home else fleet.prices.day / longest)
        price[pos, PER_LENGTH] = fleet.prices.km / 1000
        price[pos, PER_TIME] = per_second
        price[pos, PER_TRIP] = fleet.prices.trip + per_second * fleet.load_fixed_s
        price[pos, PER_CHAIN] = fleet.prices.day if home else 0
        price[pos, PER_VEHICLE] = fleet.prices.vehicle
    return price


def _group(
    problem: Problem, kinds: Sequence[Kind], rule: NDArray[np.int64], price: NDArray[np.float64]
) -> None:
    """Number the groups of kinds that differ in capacity and price only, of one trip each.

    A trip may pass from one of a group to another.
    """
    members: dict[tuple[object, ...], list[int]] = {}
    for pos in range(len(kinds)):
        if rule[pos, MAX_TRIPS] == 1 and price[pos, PER_TIME] == 0 and rule[pos, LOAD_PIECE] == 0:
            same = [*range(NUMBER), *range(MAX_TRIPS, GROUP)]
            key = (*rule[pos, same].tolist(), kinds[pos].shifts, problem.fleet[kinds[pos].fleet].gamma)
            members.setdefault(key, []).append(pos)
    for number, one in enumerate(one for one in members.values() if len(one) > 1):
        rule[one, GROUP] = number


def _is_timed(
    rule: NDArray[np.int64],
    window: NDArray[np.int32],
    time: NDArray[np.int32],
    release: NDArray[np.int64],
    *,
    general: bool,
) -> bool:
    """Whether anything can ever be late: if not, times need no test."""
    if general or bool((rule[:, [MAX_TIME, MAX_LENGTH, MAX_WORK, LOAD_FIXED, LOAD_PIECE]] > 0).any()):
        return True
    opens, shuts, serve = window[:, :, OPENS], window[:, :, SHUTS], window[:, :, SERVES]
    if bool((opens > 0).any() or (shuts < 0).any() or (release > 0).any() or (rule[:, MAX_TRIPS] > 1).any()):
        return True
    longest = 2 * int(time.max(axis=(0, 1)).astype(np.int64).sum()) + int(
        serve.max(axis=0).astype(np.int64).sum()
    )
    return longest > int(shuts.min()) or longest > int(rule[:, END].min())


def _neighbours(
    shortest: NDArray[np.int32],
    time: NDArray[np.int32],
    place_of: NDArray[np.int32],
    window: NDArray[np.int32],
    *,
    timed: bool,
    number: int | None,
) -> tuple[NDArray[np.int32], int]:
    """Jobs that a job best follows, that best follow it, that are around it; and how many of the first."""
    jobs = len(place_of)
    if jobs < 2:
        return np.full((jobs, 3), -1, dtype=np.int32), 1
    if number is None:
        number = _NEAR_TIMED if timed else _NEAR
    ways = shortest[np.ix_(place_of, place_of)].astype(np.float64)
    near = ways + ways.T
    follows = ways.copy()  # [i, j]: j after i
    if timed:
        never = window[:, :, SHUTS] < 0
        opens = np.where(never, FAR, window[:, :, OPENS]).min(axis=0).astype(np.float64)
        shuts = window[:, :, SHUTS].max(axis=0).astype(np.float64)
        serve = window[:, :, SERVES].min(axis=0).astype(np.float64)
        seconds = time.min(axis=0)[np.ix_(place_of, place_of)].astype(np.float64)
        able = seconds < FAR
        per_second = ways[able].sum() / max(1.0, seconds[able].sum())
        wait = np.maximum(0, opens[None, :] - (shuts + serve)[:, None] - seconds)
        late = np.maximum(0, (opens + serve)[:, None] + seconds - shuts[None, :])
        follows += per_second * _WAIT * wait
        if len(time) == 1:
            follows[(late > 0) & (shuts >= 0)[:, None] & (shuts >= 0)[None, :]] = np.inf
    for one in (near, follows):
        np.fill_diagonal(one, np.inf)
    width = max(1, min(number, jobs - 1))
    around = max(1, min(_AROUND, jobs - 1))
    return np.hstack([_nearest(follows.T, width), _nearest(follows, width), _nearest(near, around)]), width


def _nearest(far: NDArray[np.float64], width: int) -> NDArray[np.int32]:
    """The columns with the least values of each row, in order; -1 where a value is infinite."""
    part = np.argpartition(far, width - 1, axis=1)[:, :width]
    values = np.take_along_axis(far, part, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    found = np.take_along_axis(part, order, axis=1).astype(np.int32)
    found[np.isinf(np.take_along_axis(values, order, axis=1))] = -1
    return found


def _mean_price(
    shortest: NDArray[np.int32], price: NDArray[np.float64], place_of: NDArray[np.int32]
) -> float:
    """Mean price of the way between two jobs."""
    ways = shortest[np.ix_(place_of, place_of)]
    ways = ways[ways < FAR]
    return max(1e-9, float(ways.mean()) * float(price[:, PER_LENGTH].mean())) if len(ways) else 1.0
