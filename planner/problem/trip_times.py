"""Times of one trip: the one place where a plan's times, loads and costs are computed for every engine.

`schedule_trip` starts loading at a given moment and does everything as early as the rules allow.
`rigid_starts` finds all starts from which nothing waits or pauses, so that every later moment is a constant
offset from the start.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planner.instance.schema import Overnight
from planner.network.calendars import day_index, spread_over_days
from planner.network.timed import Pieces, TimedWay, TimedWays
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.visits import UNPROMISED_S, Visit, release_s, too_long

__all__ = ["Timing", "schedule_rest", "schedule_trip"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Moments of a trip, in seconds.

    Parameters
    ----------
    legs
        (departure, arrival) of each leg; the last one leads home unless the end is open.
    services
        (start, end) of the service at each stop.
    work
        (local day, seconds of driving, loading and service).
    paid_s
        Seconds from the start of loading to the end that lie inside shifts.
    ways
        Of each leg the way that it takes, or None for the least-time way; empty: all take that.
    further_m
        Metres by which these ways are longer than the least-time ways (they may be shorter too).
    worst_ends_s
        Ends of the services in the worst case (`planner.problem.robust_trip`); empty: no leg need be late.
    worst_end_s
        From when the vehicle is free for sure; only with `worst_ends_s`.
    late_by_s
        By how much later it begins to load in the worst case, as its vehicle comes late from another trip.
    """

    load_start_s: int
    depart_s: int
    legs: tuple[tuple[int, int], ...]
    services: tuple[tuple[int, int], ...]
    end_s: int
    work: tuple[tuple[int, int], ...]
    paid_s: int
    ways: tuple[TimedWay | None, ...] = ()
    further_m: int = 0
    worst_ends_s: tuple[int, ...] = ()
    worst_end_s: int = 0
    late_by_s: int = 0

    @property
    def loaded_s(self) -> int:
        """From when its dock is free for sure."""
        return self.depart_s + self.late_by_s

    @property
    def promised_s(self) -> tuple[int, ...]:
        """Ends of the services that can be promised: the worst ones, where legs may be late."""
        return self.worst_ends_s or tuple(end for _, end in self.services)

    @property
    def free_s(self) -> int:
        """From when the vehicle can be given another trip."""
        return self.worst_end_s if self.worst_ends_s else self.end_s

    @property
    def sure_s(self) -> tuple[int, ...]:
        """Ends of the services to count on; as planned where nothing is promised."""
        ends = zip(self.services, self.promised_s, strict=True)
        return tuple(end if worst >= end + UNPROMISED_S else worst for (_, end), worst in ends)

    def is_late(self, stop: int, due_s: int) -> bool:
        """Whether a stop is late even as planned."""
        return self.services[stop][1] >= due_s

    def over_s(self, stop: int, due_s: int) -> int:
        """By how much a stop is late, as far as can be promised; 0 or less: in time."""
        if self.worst_ends_s and self.is_late(stop, due_s):
            return 2 * UNPROMISED_S + self.services[stop][1] + 1 - due_s
        return self.promised_s[stop] + 1 - due_s

    def shifted(self, by_s: int, work: tuple[tuple[int, int], ...]) -> Timing:
        """The same trip later, where every offset stays, with the work of its days."""
        return Timing(
            self.load_start_s + by_s,
            self.depart_s + by_s,
            tuple((begin + by_s, end + by_s) for begin, end in self.legs),
            tuple((begin + by_s, end + by_s) for begin, end in self.services),
            self.end_s + by_s,
            work,
            self.paid_s,
            worst_ends_s=tuple(end + by_s for end in self.worst_ends_s),
            worst_end_s=self.worst_end_s + by_s if self.worst_ends_s else 0,
        )


class _Day:
    """Working time used on each local day by one trip."""

    def __init__(self, problem: Problem, limit_s: int | None) -> None:
        self._problem = problem
        self._midnights = problem.midnights
        self._limit_s = limit_s
        self.used: dict[int, int] = {}

    @property
    def worked(self) -> tuple[tuple[int, int], ...] | None:
        """What was worked before, on each day, where that decides when one may drive on."""
        return None if self._limit_s is None else tuple(self.used.items())

    def room(self, start_s: int, duration_s: int) -> bool:
        if self._limit_s is None:
            return True
        parts = spread_over_days(self._midnights, start_s, start_s + duration_s)
        return all(self.used.get(day, 0) + part <= self._limit_s for day, part in parts)

    def left_s(self, moment_s: int) -> tuple[int, int]:
        """Working time left at a moment, and when the next day begins."""
        day = spread_over_days(self._midnights, moment_s, moment_s + 1)[0][0]
        next_day = self._midnights[day + 1] if day + 1 < len(self._midnights) else moment_s + 86_400
        if self._limit_s is None:
            return next_day - moment_s, next_day
        return self._limit_s - self.used.get(day, 0), next_day

    def left_before_s(self, midnight_s: int) -> int:
        """Working time left on the day that ends at a midnight."""
        return (self._limit_s or 0) - self.used.get(day_index(self._midnights, midnight_s - 1), 0)

    def with_pieces(self, pieces: Pieces) -> _Day:
        """The same with further work."""
        other = _Day(self._problem, self._limit_s)
        other.used = dict(self.used)
        for start, end in pieces:
            other.use(start, end)
        return other

    def has_room(self, pieces: Pieces) -> bool:
        """Whether there is working time for several activities."""
        if self._limit_s is None:
            return True
        return all(used <= self._limit_s for used in self.with_pieces(pieces).used.values())

    def use(self, start_s: int, end_s: int) -> None:
        for day, part in spread_over_days(self._midnights, start_s, end_s):
            self.used[day] = self.used.get(day, 0) + part


def schedule_trip(
    problem: Problem, kind: FleetType, stops: Sequence[Visit], load_start_s: int
) -> Timing | None:
    """Times of a trip that starts loading at a moment, everything as early as the rules allow.

    Parameters
    ----------
    problem, kind
        The echelon, and a vehicle type of it on the ways that the trip takes.
    stops
        In order; what they unload is loaded.
    load_start_s
        The moment, in seconds.

    Returns
    -------
    Timing or None
        None where a rule other than the deadlines cannot be kept from this start.
    """
    pieces = sum(stop.pieces for stop in stops)
    depart_s = load_start_s + kind.load_fixed_s + kind.load_piece_s * pieces
    day = _Day(problem, kind.work_s)
    shift = kind.shifts.around(load_start_s)
    if (
        not kind.shifts.allows(load_start_s, depart_s - load_start_s)
        or not problem.origins[kind.origin].openings.allows(load_start_s, depart_s - load_start_s)
        or not day.room(load_start_s, depart_s - load_start_s)
        or load_start_s < release_s(stops)
        or too_long(problem, kind, stops)
    ):
        return None
    day.use(load_start_s, depart_s)
    gone = _go(problem, kind, day, stops, depart_s, kind.origin)
    if gone is None:
        return None
    legs, services, now = gone
    home_by_s = problem.horizon_s
    if kind.overnight is Overnight.HOME:
        home_by_s = min(home_by_s, load_start_s if shift is None else shift[1])
    if kind.max_trip_s is not None:
        home_by_s = min(home_by_s, load_start_s + kind.max_trip_s)
    if now > home_by_s:
        return None
    return Timing(
        load_start_s,
        depart_s,
        tuple((leg.depart_s, leg.arrive_s) for leg in legs),
        tuple(services),
        now,
        tuple(sorted(day.used.items())),
        kind.shifts.overlap_s(load_start_s, now),
        tuple(leg.way for leg in legs) if any(leg.way for leg in legs) else (),
        sum(leg.further_m for leg in legs),
    )


def _go(
    problem: Problem,
    kind: FleetType,
    day: _Day,
    stops: Sequence[Visit],
    now: int,
    here: int,
    lasts_s: Mapping[int, int] | None = None,
) -> tuple[list[_Leg], list[tuple[int, int]], int] | None:
    """Drive to stops and, unless the end is open, home; legs, services, and the moment of the end."""
    legs: list[_Leg] = []
    services: list[tuple[int, int]] = []
    for number, stop in enumerate(stops):
        there = problem.place(stop.region)
        leg = _drive(problem, kind, day, now, here, there)
        if leg is None:
            return None
        service = _serve(problem, kind, day, leg.arrive_s, stop, (lasts_s or {}).get(number))
        if service is None:
            return None
        legs.append(leg)
        services.append(service)
        now, here = service[1], there
    if not kind.open_end:
        leg = _drive(problem, kind, day, now, here, kind.origin)
        if leg is None:
            return None
        legs.append(leg)
        now = leg.arrive_s
    return legs, services, now


def schedule_rest(
    problem: Problem,
    kind: FleetType,
    stops: Sequence[Visit],
    *,
    here: int,
    moment_s: int,
    load_start_s: int,
    work: Iterable[tuple[int, int]] = (),
    lasts_s: Mapping[int, int] | None = None,
) -> Timing | None:
    """Times of what is left of a trip, from a place and a moment on, everything as early as the rules allow.

    Parameters
    ----------
    problem, kind
        The echelon, and a vehicle type of it on the ways that the trip takes.
    stops
        Those that are left.
    here, moment_s
        Number of the place where the vehicle is then.
    load_start_s
        When the trip began: in whose shift a vehicle that must be home ends, and from when a trip may last
        only so long.
    work
        What it has worked on each local day before.
    lasts_s
        Of some stops, by position, how long their service lasts, where that is not for unloading.

    Returns
    -------
    Timing or None
        None where a rule other than the deadlines cannot be kept. It departs at the moment; its work is that
        of the whole trip.
    """
    day = _Day(problem, kind.work_s)
    day.used = dict(work)
    gone = _go(problem, kind, day, stops, moment_s, here, lasts_s)
    if gone is None:
        return None
    legs, services, now = gone
    shift = kind.shifts.around(load_start_s)
    home_by_s = problem.horizon_s
    if kind.overnight is Overnight.HOME and shift is not None:
        home_by_s = min(home_by_s, shift[1])
    if kind.max_trip_s is not None:
        home_by_s = min(home_by_s, load_start_s + kind.max_trip_s)
    if now > home_by_s:
        return None
    return Timing(
        load_start_s,
        moment_s,
        tuple((leg.depart_s, leg.arrive_s) for leg in legs),
        tuple(services),
        now,
        tuple(sorted(day.used.items())),
        kind.shifts.overlap_s(load_start_s, now),
        tuple(leg.way for leg in legs) if any(leg.way for leg in legs) else (),
        sum(leg.further_m for leg in legs),
    )


class _Leg(NamedTuple):
    """A leg's times, and its way where that is not the least-time way, so many metres longer."""

    depart_s: int
    arrive_s: int
    way: TimedWay | None = None
    further_m: int = 0


def _drive(problem: Problem, kind: FleetType, day: _Day, now: int, here: int, there: int) -> _Leg | None:
    if not kind.reaches(here, there):
        return None
    timed = kind.timed_between(here, there)
    if timed is not None:
        return _drive_by_hours(problem, kind, day, timed, now, (here, there))
    time_s = kind.time_between(here, there)
    if kind.overnight is Overnight.ANYWHERE:
        return _drive_with_pauses(problem, kind, day, now, time_s)
    this_shift = kind.shifts.around(now)
    for start in _candidates(problem, kind, day, now, ()):
        if kind.overnight is Overnight.HOME and this_shift is not None and start >= this_shift[1]:
            return None  # not home in time
        shift = kind.shifts.around(start)
        inside = (shift is not None and start + time_s <= shift[1]) or time_s == 0
        if inside and day.room(start, time_s):
            day.use(start, start + time_s)
            return _Leg(start, start + time_s)
    return None


def _drive_by_hours(
    problem: Problem, kind: FleetType, day: _Day, timed: TimedWays, now: int, ends: tuple[int, int]
) -> _Leg | None:
    """A leg between places where it matters when it is driven.

    It takes the way that arrives first or, where that is too long for a shift or a day's work, the
    least-time way, which has the least driving.
    """
    way = _timed_way(problem, kind, day, timed, now, ends)
    if way is None:
        way = _timed_way(problem, kind, day, timed.waiting, now, ends)
    if way is None:
        return None
    for start, end in way.pieces:
        day.use(start, end)
    depart_s = way.pieces[0][0] if way.pieces else way.arrive_s
    return _Leg(depart_s, way.arrive_s, way, way.distance_m - kind.distance_between(*ends))


def _timed_way(
    problem: Problem, kind: FleetType, day: _Day, timed: TimedWays, now: int, ends: tuple[int, int]
) -> TimedWay | None:
    """The way that arrives first, in one shift unless the type may pause anywhere."""
    if kind.overnight is Overnight.ANYWHERE:

        def advance(pieces: Pieces, now_s: int, time_s: int) -> tuple[Pieces, int] | None:
            further = _pieces(problem, kind, day.with_pieces(pieces), now_s, time_s)
            return None if further is None else ((*pieces, *further[0]), further[1])

        return timed.way(*ends, now, advance, like=(kind.shifts.intervals, day.worked))
    this_shift = kind.shifts.around(now)
    for start in _candidates(problem, kind, day, now, ()):
        way = timed.way(*ends, start)
        if way is None:
            return None
        depart_s = way.pieces[0][0] if way.pieces else way.arrive_s
        if kind.overnight is Overnight.HOME and this_shift is not None and depart_s >= this_shift[1]:
            return None  # not home in time
        shift = kind.shifts.around(depart_s)
        if shift is not None and way.arrive_s <= shift[1] and day.has_room(way.pieces):
            return way
    return None


def _drive_with_pauses(problem: Problem, kind: FleetType, day: _Day, now: int, time_s: int) -> _Leg | None:
    driven = _pieces(problem, kind, day, now, time_s)
    if driven is None:
        return None
    pieces, end = driven
    return _Leg(pieces[0][0] if pieces else now, end)


def _pieces(problem: Problem, kind: FleetType, day: _Day, now: int, time_s: int) -> tuple[Pieces, int] | None:
    """Intervals of driving with pauses, entered into the day's work, and the moment of the arrival."""
    left_s, pieces = time_s, []
    while left_s > 0:
        if now >= problem.horizon_s:
            return None
        shift = kind.shifts.around(now)
        if shift is None:
            now = next(iter(kind.shifts.begins_after(now)), problem.horizon_s)
            continue
        work_left_s, next_day = day.left_s(now)
        if work_left_s <= 0:
            now = next_day
            continue
        part = min(left_s, shift[1] - now, work_left_s, next_day - now)
        day.use(now, now + part)
        pieces.append((now, now + part))
        now += part
        left_s -= part
    return tuple(pieces), now


def _serve(
    problem: Problem, kind: FleetType, day: _Day, now: int, stop: Visit, lasts_s: int | None = None
) -> tuple[int, int] | None:
    duration_s = lasts_s
    if duration_s is None:
        duration_s = int(problem.handover_s[stop.region]) + kind.unload_piece_s * stop.pieces
    openings = problem.region_openings[stop.region]
    now = max(now, int(problem.not_before_s[stop.region]) - duration_s)
    for start in _candidates(problem, kind, day, now, openings.begins_after(now)):
        if (
            kind.shifts.allows(start, duration_s)
            and openings.allows(start, duration_s)
            and day.room(start, duration_s)
        ):
            day.use(start, start + duration_s)
            return (start, start + duration_s)
    return None


def _candidates(problem: Problem, kind: FleetType, day: _Day, now: int, more: Iterable[int]) -> Iterator[int]:
    """`now` and the later moments from which more may be possible.

    They are begins of shifts, openings and days, and moments from which the working time of a day lasts to
    its end, so that what crosses midnight fits both days.
    """
    yield now
    midnights = problem.midnights[bisect_right(problem.midnights, now) :]
    later = set(midnights)
    if kind.work_s is not None:
        later.update(midnight - day.left_before_s(midnight) for midnight in midnights)
    later.update(kind.shifts.begins_after(now))
    later.update(more)
    yield from sorted(moment for moment in later if moment > now)
