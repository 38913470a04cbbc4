"""A problem as flat arrays for the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, day_index
from planner.network.plane import PlaneTravel
from planner.problem.problem import Problem
from planner.propose.sisr.decided import mates_among
from planner.propose.sisr.kernel.arrays import (
    ANYWHERE,
    BY_HOURS,
    CAP,
    DAY,
    DELAYS,
    DOCKS_OF,
    END,
    FAR,
    FLEET_FIELDS,
    FLEET_TYPE,
    GAMMA,
    GROUP,
    HOME,
    HOURS_OF,
    LEG_HOURS,
    LEG_HOURS_LATE,
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
    PER_DAY,
    PER_DAY_S,
    PER_JOURNEY,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLAIN,
    PRICE_FIELDS,
    ROOM,
    ROW,
    SERVES,
    SHARED,
    SHUTS,
    STOP,
    Data,
)
from planner.propose.sisr.leg_hours import LegHours, legs_by_hours
from planner.propose.sisr.neighbours import mean_price, near_each_other
from planner.propose.sisr.neighbours import neighbours as neighbours_of
from planner.propose.sisr.outline import Outline, Several, VehType, capacities, outline, veh_types_of

__all__ = ["Flat", "flatten"]

_MODES = {Overnight.HOME: PLAIN, Overnight.STOP: STOP, Overnight.ANYWHERE: ANYWHERE}
_DAY_S = 86_400


@dataclass(frozen=True)
class Flat:
    """The arrays, and what their numbers mean.

    Parameters
    ----------
    jobs
        Consignment of each job.
    veh_types
        Vehicle type and shifts of each vehicle type.
    """

    data: Data
    jobs: tuple[int, ...]
    veh_types: tuple[VehType, ...]
    mean_price: float


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
    problem
        One echelon.
    jobs
        Positions of the consignments.
    numbers
        Vehicles of each vehicle type, in the order of `Outline.veh_types`; None: all there are.
    neighbours
        How many jobs may stand before, and after, a job; None: 15, and 20 where time matters; twice
        as many where types have ways of their own.
    known
        The outline of more consignments than these, which are then taken in their order: who knows it gives
        them so that neighbours lie together.
    """
    if known is None:
        jobs = near_each_other(problem, veh_types_of(problem), jobs)
        known = outline(problem, jobs)
    veh_types = known.veh_types
    at_outline = known.position[list(jobs)]
    region, window = known.job[at_outline, 0], np.take(known.window, at_outline, axis=1)
    several = known.several and [[row[pos] for pos in at_outline.tolist()] for row in known.several]
    mates, without = mates_among(known.decided, jobs)
    window, several = _shut(window, several, without)
    places, place_of = _places(problem, region)
    handover = np.zeros(len(places), dtype=np.int64)
    handover[place_of] = problem.handover_s[region]
    length, time, delay, matrix_of = _ways(problem, veh_types, places, place_of, handover)
    ways, planes = _planes(length, time, delay)
    fleet_rows = _rules(problem, known, planes[matrix_of], len(places))
    if numbers is not None:
        fleet_rows[:, NUMBER] = numbers
    fleet_rows[:, NUMBER] = np.minimum(fleet_rows[:, NUMBER], max(1, len(jobs)))
    hours = _hours(problem, veh_types, places)
    fleet_rows[:, [LEG_HOURS, LEG_HOURS_LATE]] = -1
    price = _prices(problem, veh_types)
    price[:, ROOM] = _smallest_share(fleet_rows, known.job[at_outline][:, 2:])
    gamma = max((kind.gamma for kind in problem.fleet), default=0)
    docks = [_docks(problem, kind) for kind in veh_types]
    general = known.several is not None or gamma > 0 or bool((fleet_rows[:, MODE] != PLAIN).any())
    general |= any(hours) or known.decided.moments > 0
    general |= _docks_decide(fleet_rows, docks, veh_types)
    windows_of = _all_windows(window, several) if general else []
    days = list(pairwise(min(midnight, FAR) for midnight in problem.midnights))
    shifts = [kind.shifts for kind in veh_types]
    lists = [*windows_of, *shifts, *docks, days, *known.decided.sets]
    ways, functions = _planes_of_hours(ways, fleet_rows, hours, len(lists))
    _group(problem, veh_types, fleet_rows, price)
    at, span = _intervals([*lists, *functions])
    job = known.job[at_outline]
    timed = _is_timed(fleet_rows, window, time, job[:, 1], general=general)
    shortest = np.where(time < FAR, length, FAR).min(axis=0)
    near, width = neighbours_of(shortest, time, place_of, window, timed=timed, number=neighbours)
    away = shortest[: problem.num_origins, place_of].min(axis=0).astype(np.float64)
    data = Data(
        ways=ways,
        job=np.column_stack([place_of, job[:, 1:]]).astype(np.int64),
        worth=np.column_stack([known.worth[at_outline], away]),
        window=np.ascontiguousarray(window),
        at=at,
        span=span,
        decided=np.column_stack([_hours_of(known, region), mates]),
        meet=known.decided.meet,
        fleet=fleet_rows,
        price=price,
        near=near,
        width=width,
        loads=len(known.kept),
        shifts=len(windows_of),
        docks=len(windows_of) + len(veh_types),
        hours=len(windows_of) + 2 * len(veh_types) + 1,
        moments=known.decided.moments,
        bundled=bool((mates >= 0).any()),
        gamma=gamma,
        general=general,
        segments=not general and bool((fleet_rows[:, MAX_TIME] > 0).any()),
        limited=bool((fleet_rows[:, [MAX_TIME, MAX_LENGTH, MAX_WORK]] > 0).any()),
        mixed=bool((price[:, ROOM] < 1.0).any()),
        grouped=bool((fleet_rows[:, GROUP] >= 0).any()),
        timed=timed,
        stays=bool((price[:, PER_DAY] > 0).any()),
    )
    return Flat(data, tuple(jobs), veh_types, mean_price(shortest, price, place_of))


def _shut(
    window: NDArray[np.int32], several: Several, without: Sequence[int]
) -> tuple[NDArray[np.int32], Several]:
    """Windows in which the service of some jobs begins never."""
    if not without:
        return window, several
    window = window.copy()
    window[:, without, OPENS], window[:, without, SHUTS] = 0, -1
    return window, several and [
        [[] if pos in without else one for pos, one in enumerate(row)] for row in several
    ]


def _hours_of(known: Outline, region: NDArray[np.int64]) -> NDArray[np.int32]:
    """Set of departures of each job."""
    sets = known.decided.hours_of_region
    return np.array([sets.get(one, 0) for one in region.tolist()], dtype=np.int32)


def _places(problem: Problem, region: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int32]]:
    """Places that matter, origins first, and the place of each job among them."""
    regions = list(dict.fromkeys(region.tolist()))
    number = {one: problem.num_origins + pos for pos, one in enumerate(regions)}
    places = [*range(problem.num_origins), *(problem.place(one) for one in regions)]
    return places, np.array([number[one] for one in region.tolist()], dtype=np.int32)


def _all_windows(window: NDArray[np.int32], several: Several) -> list[list[Interval]]:
    if several is not None:
        return [one for row in several for one in row]
    return [[(low, high)] if high >= 0 else [] for row in window.tolist() for low, high, _ in row]


def _intervals(lists: Sequence[Sequence[Interval]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    at = np.cumsum([0, *(len(one) for one in lists)]).astype(np.int32)
    return at, np.array([pair for one in lists for pair in one], dtype=np.int32).reshape(-1, 2)


def _docks(problem: Problem, kind: VehType) -> list[Interval]:
    """Half-open intervals in which loading lies whole: openings of the origin within shifts."""
    origin = problem.origins[problem.fleet[kind.fleet].origin]
    found = []
    for begin, end in origin.openings.intervals:
        for low, high in kind.shifts:
            if max(begin, low) <= min(end, high):
                found.append((max(begin, low), min(end, high, FAR - 1)))
    return sorted(found)


def _docks_decide(
    fleet_rows: NDArray[np.int64], docks: Sequence[Sequence[Interval]], veh_types: Sequence[VehType]
) -> bool:
    """Whether a departure that is put off, to shorten a trip, may find a dock closed."""
    return any(
        fleet_rows[pos, MAX_TIME] > 0 and tuple(docks[pos]) != kind.shifts
        for pos, kind in enumerate(veh_types)
    )


def _ways(
    problem: Problem,
    veh_types: Sequence[VehType],
    places: Sequence[int],
    place_of: NDArray[np.int32],
    handover: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32] | None, list[int]]:
    """Lengths, times and delays between the places, once for types with the same ways; and whose they are.

    The last place, if some trip has an open end, is that end. Where there is no way the time is beyond every
    horizon, so that no place in a trip is in time. A second job at the same region takes back the time of its
    handover, since neighbours are one stop.
    """
    travels = {id(problem.fleet[kind.fleet].travel): kind.fleet for kind in veh_types}
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
    return length, time, delay, [position[id(problem.fleet[kind.fleet].travel)] for kind in veh_types]


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


_Legs = dict[tuple[int, int], LegHours]


def _hours(problem: Problem, veh_types: Sequence[VehType], places: Sequence[int]) -> list[_Legs]:
    """For each vehicle type the legs whose time depends on their departure."""
    known: dict[tuple[object, ...], _Legs] = {}
    found = []
    for kind in veh_types:
        fleet = problem.fleet[kind.fleet]
        shifts = () if fleet.overnight is Overnight.HOME else kind.shifts
        key = (kind.fleet, shifts)
        if key not in known:
            known[key] = legs_by_hours(fleet, shifts, places)
        found.append(known[key])
    return found


def _planes_of_hours(
    ways: NDArray[np.int32], fleet_rows: NDArray[np.int64], hours: Sequence[_Legs], num_lists: int
) -> tuple[NDArray[np.int32], list[list[Interval]]]:
    """The planes with those of functions behind them, and the functions, as lists after so many others."""
    functions: list[list[Interval]] = []
    planes: list[NDArray[np.int32]] = []
    numbers: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    known: dict[int, tuple[int, int]] = {}
    for pos, legs in enumerate(hours):
        if not legs:
            continue
        if id(legs) not in known:
            pair = np.zeros((2, *ways.shape[1:]), dtype=np.int32)
            for (here, there), one in legs.items():
                for which, function in enumerate((one.planned, one.late)):
                    if function is None:
                        continue
                    key = tuple(function.starts), tuple(function.values)
                    if key not in numbers:
                        numbers[key] = num_lists + len(functions)
                        functions.append(list(zip(*key, strict=True)))
                    pair[which, here, there] = numbers[key]
            first = len(ways) + len(planes)
            planes += list(pair)
            known[id(legs)] = first, first + 1
        fleet_rows[pos, [LEG_HOURS, LEG_HOURS_LATE]] = known[id(legs)]
        fleet_rows[pos, MODE] += BY_HOURS
    return (np.concatenate([ways, np.stack(planes)]) if planes else ways), functions


def _rules(problem: Problem, known: Outline, planes: NDArray[np.int64], num_places: int) -> NDArray[np.int64]:
    fleet_rows = np.zeros((len(known.veh_types), FLEET_FIELDS), dtype=np.int64)
    for pos, kind in enumerate(known.veh_types):
        fleet = problem.fleet[kind.fleet]
        row = fleet_rows[pos]
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
        row[GROUP], row[FLEET_TYPE], row[GAMMA], row[DAY] = -1, kind.fleet, fleet.gamma, -1
        if fleet.overnight is Overnight.HOME:
            mine = [one.shifts[0][0] for one in known.veh_types if one.fleet == kind.fleet]
            days = [day_index(problem.midnights, begin) for begin in mine]
            row[SHARED] = trips is not None and trips > 1 and len(days) > 1
            day = day_index(problem.midnights, kind.shifts[0][0])
            if days.count(day) > 1 and trips != 1:
                row[DAY] = day
        row[HOURS_OF] = known.decided.hours_of_fleet[kind.fleet]
        loads = fleet.load_fixed_s > 0 or fleet.load_piece_s > 0
        row[DOCKS_OF] = problem.origins[fleet.origin].docks if loads else FAR
        for dim, which in enumerate(known.kept):
            row[CAP + dim] = capacities(fleet)[which]
    return fleet_rows


def _prices(problem: Problem, veh_types: Sequence[VehType]) -> NDArray[np.float64]:
    """Prices by kind.

    The day of a vehicle that stays out is spread over the seconds of a shift, for judging single places.
    """
    price = np.zeros((len(veh_types), PRICE_FIELDS))
    for pos, kind in enumerate(veh_types):
        fleet = problem.fleet[kind.fleet]
        home = fleet.overnight is Overnight.HOME
        longest = max(1, min(_DAY_S, max(end - begin for begin, end in kind.shifts)))
        per_day_s = 0 if home else fleet.prices.day / longest
        per_second = fleet.prices.hour / 3600 + per_day_s
        price[pos, PER_LENGTH] = fleet.prices.km / 1000
        price[pos, PER_TIME] = per_second
        price[pos, PER_TRIP] = fleet.prices.trip + per_second * fleet.load_fixed_s
        price[pos, PER_JOURNEY] = fleet.prices.day if home else 0
        price[pos, PER_VEHICLE] = fleet.prices.vehicle
        price[pos, PER_DAY], price[pos, PER_DAY_S] = 0 if home else fleet.prices.day, per_day_s
    return price


def _smallest_share(fleet_rows: NDArray[np.int64], loads: NDArray[np.int64]) -> NDArray[np.float64]:
    """What share of each type's room the smallest one has; more room than all loads need does not count."""
    if not len(fleet_rows) or not len(loads):
        return np.ones(len(fleet_rows))
    needed = loads.sum(axis=0)
    room = np.maximum(1, np.minimum(fleet_rows[:, CAP : CAP + loads.shape[1]], needed))
    scarce = (room < needed).any(axis=0)
    share: NDArray[np.float64] = (room.min(axis=0) / room)[:, scarce].max(axis=1, initial=0.0)
    return share if scarce.any() else np.ones(len(fleet_rows))


def _group(
    problem: Problem, veh_types: Sequence[VehType], fleet_rows: NDArray[np.int64], price: NDArray[np.float64]
) -> None:
    """Number the groups of vehicle types that differ in capacity and price only, of one trip each.

    A trip may pass from one of a group to another.
    """
    members: dict[tuple[object, ...], list[int]] = {}
    for pos in range(len(veh_types)):
        if fleet_rows[pos, MAX_TRIPS] == 1 and price[pos, PER_TIME] == 0 and fleet_rows[pos, LOAD_PIECE] == 0:
            same = [*range(NUMBER), *range(MAX_TRIPS, GROUP), GAMMA, HOURS_OF, LEG_HOURS, LEG_HOURS_LATE]
            key = (*fleet_rows[pos, same].tolist(), veh_types[pos].shifts)
            members.setdefault(key, []).append(pos)
    groups = [positions for positions in members.values() if len(positions) > 1]
    for number, positions in enumerate(groups):
        fleet_rows[positions, GROUP] = number


def _is_timed(
    fleet_rows: NDArray[np.int64],
    window: NDArray[np.int32],
    time: NDArray[np.int32],
    release: NDArray[np.int64],
    *,
    general: bool,
) -> bool:
    """Whether anything can ever be late: if not, times need no test."""
    if general or bool((fleet_rows[:, [MAX_TIME, MAX_LENGTH, MAX_WORK, LOAD_FIXED, LOAD_PIECE]] > 0).any()):
        return True
    opens, shuts, serve = window[:, :, OPENS], window[:, :, SHUTS], window[:, :, SERVES]
    if bool(
        (opens > 0).any() or (shuts < 0).any() or (release > 0).any() or (fleet_rows[:, MAX_TRIPS] > 1).any()
    ):
        return True
    longest = 2 * int(time.max(axis=(0, 1)).astype(np.int64).sum()) + int(
        serve.max(axis=0).astype(np.int64).sum()
    )
    return longest > int(shuts.min()) or longest > int(fleet_rows[:, END].min())
