"""A problem as flat arrays for the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, Openings, day_index, intersect
from planner.network.plane import PlaneTravel
from planner.problem.problem import Consignment, FleetType, Problem
from planner.propose.sisr.kernel.arrays import (
    ANYWHERE,
    CAP,
    DAY,
    DELAYS,
    END,
    FAR,
    GAMMA,
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
    PER_DAY,
    PER_DAY_S,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLAIN,
    PRICE_FIELDS,
    ROOM,
    ROW,
    RULE_FIELDS,
    SERVES,
    SHARED,
    SHUTS,
    STOP,
    TYPE,
    Data,
)

__all__ = ["Flat", "Kind", "Outline", "flatten", "outline"]

_MODES = {Overnight.HOME: PLAIN, Overnight.STOP: STOP, Overnight.ANYWHERE: ANYWHERE}
_DAY_S = 86_400
# Jobs considered before and after a job, where time matters and where not (twice as many where types have
# ways of their own: what is near for one is not for another); jobs around one, to remove. Where jobs share
# more than a few places these are not more than so many of each: else all would be of a job's own.
_NEAR_TIMED, _NEAR = 20, 15
_AROUND = 200
_OF_A_PLACE, _OF_A_PLACE_AROUND, _FEW_PLACES = 12, 4, 2
# A second of waiting, in seconds of driving, when neighbours are chosen (at 0.2 wide windows lose a third).
_WAIT = 0.05
# Jobs whose neighbours are looked for at once.
_ROWS = 1024


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
        Row of each kind.
    kept
        Which of mass, volume and pieces matter.
    job
        int64, shape (jobs, 2 + loads): region, release and loads.
    worth
        float64, shape (jobs, 2): prize (negative: it must be delivered) and weight.
    """

    kinds: tuple[Kind, ...]
    position: NDArray[np.int64]
    window: NDArray[np.int32]
    several: list[list[list[Interval]]] | None
    row_of: list[int]
    kept: list[int]
    job: NDArray[np.int64]
    worth: NDArray[np.float64]


def outline(problem: Problem, jobs: Sequence[int]) -> Outline:
    """What parts of some consignments of a problem have in common."""
    kinds = _kinds(problem)
    hours: _Hours = {}
    windows = [_windows(problem, kind, jobs, hours) for kind in kinds]
    (window, several), row_of = _distinct_rows(problem, kinds, windows, jobs)
    loads = [problem.consignments[idx] for idx in jobs]
    position = np.full(len(problem.consignments), -1, dtype=np.int64)
    position[list(jobs)] = np.arange(len(jobs))
    kept = _kept_loads(problem)
    columns = [(one.region, min(one.release_s, FAR), *_all_loads(one)) for one in loads]
    worth = [(-1.0 if one.prize is None else one.prize, max(1, problem.weight[one.region])) for one in loads]
    return Outline(
        kinds=kinds,
        position=position,
        window=np.ascontiguousarray(window),
        several=several,
        row_of=row_of,
        kept=kept,
        job=np.array(columns, dtype=np.int64).reshape(-1, 5)[:, [0, 1, *(2 + dim for dim in kept)]],
        worth=np.array(worth, dtype=np.float64).reshape(-1, 2),
    )


def flatten(
    problem: Problem,
    jobs: Sequence[int],
    *,
    numbers: Sequence[int] | None = None,
    neighbours: int | None = None,
    known: Outline | None = None,
) -> Flat:
    """Arrays for some consignments of a problem.

    Parameters
    ----------
    jobs
        Positions of the consignments.
    numbers
        Vehicles of each kind, in the order of `kinds`; None: all there are.
    neighbours
        How many jobs may stand before, and after, a job; None: 15, and 20 where time matters; twice
        as many where types have ways of their own.
    known
        The outline of more consignments than these, which are then taken in their order: who knows it gives
        them so that neighbours lie together.
    """
    if known is None:
        jobs = _near_each_other(problem, _kinds(problem), jobs)
        known = outline(problem, jobs)
    kinds = known.kinds
    at_outline = known.position[list(jobs)]
    region, window = known.job[at_outline, 0], np.take(known.window, at_outline, axis=1)
    several = known.several and [[row[pos] for pos in at_outline.tolist()] for row in known.several]
    places, place_of = _places(problem, region)
    handover = np.zeros(len(places), dtype=np.int64)
    handover[place_of] = problem.handover_s[region]
    length, time, delay, matrix_of = _ways(problem, kinds, places, place_of, handover)
    ways, planes = _planes(length, time, delay)
    rule = _rules(problem, known, planes[matrix_of], len(places))
    if numbers is not None:
        rule[:, NUMBER] = numbers
    rule[:, NUMBER] = np.minimum(rule[:, NUMBER], max(1, len(jobs)))
    price = _prices(problem, kinds)
    price[:, ROOM] = _smallest_share(rule, known.job[at_outline][:, 2:])
    _group(problem, kinds, rule, price)
    gamma = max((kind.gamma for kind in problem.fleet), default=0)
    docks = [_docks(problem, kind) for kind in kinds]
    general = known.several is not None or gamma > 0 or bool((rule[:, MODE] != PLAIN).any())
    general |= _docks_decide(rule, docks, kinds)
    windows_of = _all_windows(window, several) if general else []
    days = list(pairwise(min(midnight, FAR) for midnight in problem.midnights))
    at, span = _intervals([*windows_of, *(kind.shifts for kind in kinds), *docks, days])
    job = known.job[at_outline]
    timed = _is_timed(rule, window, time, job[:, 1], general=general)
    shortest = np.where(time < FAR, length, FAR).min(axis=0)
    near, width = _neighbours(shortest, time, place_of, window, timed=timed, number=neighbours)
    away = shortest[: problem.num_origins, place_of].min(axis=0).astype(np.float64)
    data = Data(
        ways=ways,
        job=np.column_stack([place_of, job[:, 1:]]).astype(np.int64),
        worth=np.column_stack([known.worth[at_outline], away]),
        window=np.ascontiguousarray(window),
        at=at,
        span=span,
        rule=rule,
        price=price,
        near=near,
        width=width,
        loads=len(known.kept),
        shifts=len(windows_of),
        docks=len(windows_of) + len(kinds),
        gamma=gamma,
        general=general,
        segments=not general and bool((rule[:, MAX_TIME] > 0).any()),
        limited=bool((rule[:, [MAX_TIME, MAX_LENGTH, MAX_WORK]] > 0).any()),
        mixed=bool((price[:, ROOM] < 1.0).any()),
        grouped=bool((rule[:, GROUP] >= 0).any()),
        timed=timed,
        stays=bool((price[:, PER_DAY] > 0).any()),
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


def _places(problem: Problem, region: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int32]]:
    """Places that matter, origins first, and the place of each job among them."""
    regions = list(dict.fromkeys(region.tolist()))
    number = {one: problem.num_origins + pos for pos, one in enumerate(regions)}
    places = [*range(problem.num_origins), *(problem.place(one) for one in regions)]
    return places, np.array([number[one] for one in region.tolist()], dtype=np.int32)


def _service_s(problem: Problem, kind: FleetType, idx: int) -> int:
    one = problem.consignments[idx]
    return int(problem.handover_s[one.region]) + kind.unload_piece_s * one.pieces


_Hours = dict[tuple[int, int, int], list[Interval]]


def _windows(problem: Problem, kind: Kind, jobs: Sequence[int], hours: _Hours) -> list[list[Interval]]:
    """Closed intervals in which each job's service may begin; none where the kind does not serve it.

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


def _docks_decide(
    rule: NDArray[np.int64], docks: Sequence[Sequence[Interval]], kinds: Sequence[Kind]
) -> bool:
    """Whether a departure that is put off, to shorten a trip, may find a dock closed."""
    return any(rule[pos, MAX_TIME] > 0 and tuple(docks[pos]) != kind.shifts for pos, kind in enumerate(kinds))


def _ways(
    problem: Problem,
    kinds: Sequence[Kind],
    places: Sequence[int],
    place_of: NDArray[np.int32],
    handover: NDArray[np.int64],
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
    time = np.zeros_like(length)
    late = any(kind.gamma for kind in problem.fleet)
    delay = np.zeros_like(length) if late else None
    inner = slice(0, len(places))
    several = np.flatnonzero(np.bincount(place_of, minlength=len(places)) > 1)
    for pos, number in enumerate(travels.values()):
        kind = problem.fleet[number]
        metres = kind.distances(places, places)
        length[pos, inner, inner] = np.minimum(metres, FAR)
        if isinstance(kind.travel, PlaneTravel):
            time[pos] = length[pos]
        else:
            seconds = np.minimum(kind.times(places, places), FAR)
            time[pos, inner, inner] = np.where(kind.reach(places, places), seconds, FAR)
            if delay is not None and kind.travel.delay_s is not None:
                delay[pos, inner, inner] = kind.travel.delay_s[np.ix_(places, places)]
        time[pos, several, several] = -handover[several]
    return length, time, delay, [position[id(problem.fleet[kind.fleet].travel)] for kind in kinds]


def _planes(
    length: NDArray[np.int32], time: NDArray[np.int32], delay: NDArray[np.int32] | None
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """All matrices, each once, and for each way which they are (LENGTHS … DELAYS)."""
    found: list[NDArray[np.int32]] = []

    def plane(matrix: NDArray[np.int32]) -> int:
        for number, other in enumerate(found):  # one row tells most of them apart
            if np.array_equal(other[-1], matrix[-1]) and np.array_equal(other, matrix):
                return number
        found.append(np.ascontiguousarray(matrix))
        return len(found) - 1

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


def _all_loads(one: Consignment) -> tuple[int, int, int]:
    return one.mass_g, one.volume_cm3, one.pieces


def _kept_loads(problem: Problem) -> list[int]:
    """Which of mass, volume and pieces some vehicle limits; pieces, if kept, are last."""
    loads = np.array([_all_loads(problem.consignments[idx]) for idx in problem.served], dtype=np.int64)
    sums: list[int] = loads.reshape(-1, 3).sum(axis=0).tolist()
    capacity = [_capacities(kind) for kind in problem.fleet]
    kept = [dim for dim, total in enumerate(sums) if any(total > one[dim] for one in capacity)]
    pieces_matter = any(kind.load_piece_s for kind in problem.fleet)
    return kept if kept and (not pieces_matter or 2 in kept) else [*kept, 2]


def _capacities(kind: FleetType) -> tuple[int, int, int]:
    return kind.mass_g, kind.volume_cm3, 2**62 if kind.pieces is None else kind.pieces


def _rules(problem: Problem, known: Outline, planes: NDArray[np.int64], num_places: int) -> NDArray[np.int64]:
    rule = np.zeros((len(known.kinds), RULE_FIELDS), dtype=np.int64)
    for pos, kind in enumerate(known.kinds):
        fleet = problem.fleet[kind.fleet]
        row = rule[pos]
        row[MODE], row[ROW] = _MODES[fleet.overnight], known.row_of[pos]
        row[LENGTHS : DELAYS + 1] = planes[pos]
        row[ORIGIN] = fleet.origin
        row[HOME] = num_places if fleet.open_end else fleet.origin
        row[NUMBER] = fleet.number_in(kind.shifts)
        trips = 1 if fleet.open_end else fleet.max_trips
        row[MAX_TRIPS] = 2**31 if trips is None else trips
        row[MAX_TIME], row[MAX_LENGTH] = fleet.max_trip_s or 0, fleet.max_trip_m or 0
        row[LOAD_FIXED], row[LOAD_PIECE] = fleet.load_fixed_s, fleet.load_piece_s
        row[END] = min(
            kind.shifts[-1][1] if fleet.overnight is Overnight.HOME else problem.horizon_s, FAR - 1
        )
        row[MAX_WORK] = (fleet.work_s or 0) if fleet.overnight is Overnight.HOME else 0
        row[GROUP], row[TYPE], row[GAMMA], row[DAY] = -1, kind.fleet, fleet.gamma, -1
        if fleet.overnight is Overnight.HOME:
            mine = [one.shifts[0][0] for one in known.kinds if one.fleet == kind.fleet]
            days = [day_index(problem.midnights, begin) for begin in mine]
            row[SHARED] = trips is not None and trips > 1 and len(days) > 1
            day = day_index(problem.midnights, kind.shifts[0][0])
            if days.count(day) > 1 and trips != 1:
                row[DAY] = day
        for dim, which in enumerate(known.kept):
            row[CAP + dim] = _capacities(fleet)[which]
    return rule


def _prices(problem: Problem, kinds: Sequence[Kind]) -> NDArray[np.float64]:
    """Prices by kind.

    The day of a vehicle that stays out is spread over the seconds of a shift, for judging single places.
    """
    price = np.zeros((len(kinds), PRICE_FIELDS))
    for pos, kind in enumerate(kinds):
        fleet = problem.fleet[kind.fleet]
        home = fleet.overnight is Overnight.HOME
        longest = max(1, min(_DAY_S, max(end - begin for begin, end in kind.shifts)))
        per_day_s = 0 if home else fleet.prices.day / longest
        per_second = fleet.prices.hour / 3600 + per_day_s
        price[pos, PER_LENGTH] = fleet.prices.km / 1000
        price[pos, PER_TIME] = per_second
        price[pos, PER_TRIP] = fleet.prices.trip + per_second * fleet.load_fixed_s
        price[pos, PER_CHAIN] = fleet.prices.day if home else 0
        price[pos, PER_VEHICLE] = fleet.prices.vehicle
        price[pos, PER_DAY], price[pos, PER_DAY_S] = 0 if home else fleet.prices.day, per_day_s
    return price


def _smallest_share(rule: NDArray[np.int64], loads: NDArray[np.int64]) -> NDArray[np.float64]:
    """What share of each kind's room the smallest kind has; more room than all loads need does not count."""
    if not len(rule) or not len(loads):
        return np.ones(len(rule))
    needed = loads.sum(axis=0)
    room = np.maximum(1, np.minimum(rule[:, CAP : CAP + loads.shape[1]], needed))
    scarce = (room < needed).any(axis=0)
    share: NDArray[np.float64] = (room.min(axis=0) / room)[:, scarce].max(axis=1, initial=0.0)
    return share if scarce.any() else np.ones(len(rule))


def _group(
    problem: Problem, kinds: Sequence[Kind], rule: NDArray[np.int64], price: NDArray[np.float64]
) -> None:
    """Number the groups of kinds that differ in capacity and price only, of one trip each.

    A trip may pass from one of a group to another.
    """
    members: dict[tuple[object, ...], list[int]] = {}
    for pos in range(len(kinds)):
        if rule[pos, MAX_TRIPS] == 1 and price[pos, PER_TIME] == 0 and rule[pos, LOAD_PIECE] == 0:
            same = [*range(NUMBER), *range(MAX_TRIPS, GROUP), GAMMA]
            key = (*rule[pos, same].tolist(), kinds[pos].shifts)
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
    rank, many = _ranks(place_of)
    shared = _FEW_PLACES < np.count_nonzero(rank == 0) < jobs
    if number is None:
        number = (_NEAR_TIMED if timed else _NEAR) * (2 if shared or len(time) > 1 else 1)
    width = max(1, min(number, jobs - 1))
    around = max(1, min(_AROUND, jobs - 1))
    ways = _between(shortest, place_of)
    follows = _Follows(ways, _between(time.min(axis=0), place_of), window, len(time) == 1) if timed else None
    found = np.empty((jobs, 2 * width + around), dtype=np.int32)
    for begin in range(0, jobs, _ROWS):  # in parts, for which less memory is needed and the cache is enough
        rows = slice(begin, min(jobs, begin + _ROWS))
        every = slice(0, jobs)
        there, back = ways[rows].astype(np.float64), ways[:, rows].T.astype(np.float64)
        own = np.arange(there.shape[0])
        near = there + back
        after = there if follows is None else follows.between(rows, every)
        if follows is None:
            before = back
        else:  # where all are in one part this is known already
            before = np.ascontiguousarray((after if jobs <= _ROWS else follows.between(every, rows)).T)
        for one in (near, after, before):
            one[own, begin + own] = np.inf
        if shared:  # others of each place for each row
            turn = (rank + (begin + own)[:, None]) % many
            near[turn >= _OF_A_PLACE_AROUND] = np.inf
            for one in (after, before):
                one[turn >= _OF_A_PLACE] = np.inf
        found[rows] = np.hstack([_nearest(before, width), _nearest(after, width), _nearest(near, around)])
    return found, width


def _ranks(place_of: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each job its number among those of its place, and how many these are."""
    order = np.argsort(place_of, kind="stable")
    _, first, each = np.unique(place_of[order], return_index=True, return_counts=True)
    rank = np.empty(len(place_of), dtype=np.int64)
    rank[order] = np.arange(len(place_of)) - np.repeat(first, each)
    many = np.empty(len(place_of), dtype=np.int64)
    many[order] = np.repeat(each, each)
    return rank, many


class _Follows:
    """How well a job follows another: by the way, and by waiting; infinite where it would be too late."""

    def __init__(
        self, ways: NDArray[np.int32], seconds: NDArray[np.int32], window: NDArray[np.int32], one_time: bool
    ) -> None:
        self._ways, self._seconds = ways, seconds
        never = window[:, :, SHUTS] < 0
        self._opens = np.where(never, FAR, window[:, :, OPENS]).min(axis=0).astype(np.float64)
        self._shuts = window[:, :, SHUTS].max(axis=0).astype(np.float64)
        self._serve = window[:, :, SERVES].min(axis=0).astype(np.float64)
        able = seconds < FAR
        metres_all = ways.sum(dtype=np.int64, where=able)
        self._per_second = _WAIT * float(metres_all / max(1, seconds.sum(dtype=np.int64, where=able)))
        self._one_time = one_time

    def between(self, rows: slice, columns: slice) -> NDArray[np.float64]:
        """Of each column's job after each row's job."""
        seconds = self._seconds[rows, columns]
        found: NDArray[np.float64] = seconds + (self._shuts + self._serve)[rows, None]
        np.subtract(self._opens[None, columns], found, out=found)
        np.maximum(found, 0, out=found)
        found *= self._per_second
        found += self._ways[rows, columns]
        if self._one_time:
            begins = seconds + (self._opens + self._serve)[rows, None]
            known = (self._shuts >= 0)[rows, None] & (self._shuts >= 0)[None, columns]
            found[(begins > self._shuts[None, columns]) & known] = np.inf
        return found


def _between(matrix: NDArray[np.int32], place_of: NDArray[np.int32]) -> NDArray[np.int32]:
    """A matrix of places as one of jobs; a view of it where each job has a place of its own, in order."""
    first, last = int(place_of[0]), int(place_of[-1]) + 1
    if last - first == len(place_of) and bool((np.diff(place_of) == 1).all()):
        return matrix[first:last, first:last]
    return matrix[np.ix_(place_of, place_of)]


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
    if len(place_of) == 0:
        return 1.0
    ways = _between(shortest, place_of)
    able = ways < FAR
    mean = ways.sum(dtype=np.int64, where=able) / max(1, np.count_nonzero(able))
    return max(1e-9, float(mean) * float(price[:, PER_LENGTH].mean()))
