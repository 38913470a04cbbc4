"""How far a late crew has come, and what it has worked on that local day: the order in which late is later.

Of two crews at the same place the one is *ahead* that is there on an earlier day or, on the same day, is
there no later and has worked no longer. What follows keeps this order, whatever is late after: a crew that
is ahead may wait until the other one begins, so it begins and ends no later; and on the day on which both
end it has worked no longer, since it has no more left of what they do. So the worst that can become of
several crews is the worst of those that none of them is behind.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from planner.base.clock import DAY_S
from planner.instance.schema import VehicleType
from planner.proof.calendars import Calendars, Interval

__all__ = ["NEVER", "NEVER_REACHED", "Reached", "WorkingTime", "begin_of", "without"]

NEVER = 10**15
"""Seconds after which nothing happens any more; such a moment leaves this package only as None."""


class Reached(NamedTuple):
    """When a crew gets somewhere, and what it has worked by then on that local day (0 without a limit)."""

    at_s: int
    worked_s: int = 0


NEVER_REACHED = Reached(NEVER)


class WorkingTime:
    """Driving, loading and service of a local day, counted as in plans.

    Parameters
    ----------
    calendars
        The local days.

    Notes
    -----
    Days are known until two after the horizon; who would have to work later never gets anywhere.
    """

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._first_s, self._last_s = calendars.midnight(0), calendars.midnight(calendars.num_days - 1)
        self._limits: dict[tuple[str, int], int | None] = {}

    def limit_s(self, kind: VehicleType) -> int | None:
        """The most work of a day of a late crew; None: any, or no less than any day's shifts are long."""
        if kind.work_s is None:
            return None
        key = kind.calendar, kind.work_s + kind.work_late_s
        if key not in self._limits:
            midnights = [self._calendars.midnight(day) for day in range(self._calendars.num_days)]
            longest_s = max(self._calendars.overlap(kind.calendar, *day) for day in pairwise(midnights))
            self._limits[key] = key[1] if longest_s > key[1] else None
        return self._limits[key]

    def at(self, reached: Reached, moment_s: int) -> Reached:
        """Who does nothing until a later moment."""
        if moment_s == reached.at_s:
            return reached
        if reached.worked_s and self._day(reached.at_s) == self._day(moment_s):
            return Reached(moment_s, reached.worked_s)
        return Reached(moment_s)

    def done(self, reached: Reached, pieces: Iterable[Interval], end_s: int) -> Reached:
        """Who then works in these intervals, until a moment."""
        worked_s = self.at(reached, end_s).worked_s
        return Reached(end_s, worked_s + self._calendars.by_day(pieces).get(self._day(end_s), 0))

    def latest(self, one: Reached, other: Reached) -> Reached:
        """The first crew that is behind both."""
        early, late = (one, other) if one <= other else (other, one)
        if late.at_s >= NEVER:
            return NEVER_REACHED
        if early.worked_s <= late.worked_s:
            return late
        return Reached(late.at_s, max(late.worked_s, self.at(early, late.at_s).worked_s))

    def worst(self, crews: Iterable[Reached]) -> tuple[Reached, ...]:
        """Those that are ahead of no other; the one that is there last stands last."""
        there = tuple(crews)
        if len(there) == 1:
            return there
        last = max(there)
        found = [last]
        for crew in sorted((one for one in there if one.worked_s > last.worked_s), reverse=True):
            if self.at(crew, found[0].at_s).worked_s > found[-1].worked_s:
                found.append(crew)
        return tuple(reversed(found))

    def _day(self, moment_s: int) -> int:
        return self._calendars.day_index(moment_s)

    def _midnight_after(self, moment_s: int) -> int:
        return self._calendars.midnight(self._day(moment_s) + 1)

    def first_fitting(self, reached: Reached, now: int, duration_s: int, limit_s: int | None) -> int:
        """First moment from which work lasts so long and no day has more of it than its limit.

        Parameters
        ----------
        reached
            Where the crew has been.
        now
            From which moment on it looks, in seconds.
        duration_s
            How long it works without a pause.
        limit_s
            The most work of a day; None: any.
        """
        if limit_s is None or duration_s <= 0:
            return now
        while self._first_s <= now < self._last_s:
            midnight_s = self._midnight_after(now)
            room_s = limit_s - self.at(reached, now).worked_s
            today_s = min(duration_s, midnight_s - now)
            if today_s > room_s > 0:  # as much today as there is room for, the rest after midnight
                now, today_s = midnight_s - room_s, room_s
            if today_s <= room_s and min(duration_s - today_s, DAY_S) <= limit_s:
                return now
            now = midnight_s
        return NEVER

    def driven(
        self,
        intervals: Sequence[Interval],
        reached: Reached,
        time_s: int,
        limit_s: int | None,
        pieces: list[Interval] | None = None,
    ) -> Reached:
        """Who works so long, only inside of intervals and until a day's limit, with pauses between.

        Parameters
        ----------
        intervals
            In order.
        reached
            Where it begins.
        time_s
            How long it works, in seconds.
        limit_s
            The most work of a day; None: any.
        pieces
            Takes in the intervals of work.
        """
        if time_s <= 0 or reached.at_s >= NEVER:
            return reached
        if limit_s is None:
            return _in_shifts(intervals, reached.at_s, time_s, pieces)
        left_s, here = time_s, reached
        first = max(0, bisect_right(intervals, here.at_s, key=begin_of) - 1)
        for from_s, to_s in intervals[first:]:
            here = self.at(here, max(here.at_s, from_s))
            while here.at_s < to_s:
                if not self._first_s <= here.at_s < self._last_s:
                    return NEVER_REACHED
                pause_s = min(to_s, self._midnight_after(here.at_s))
                run_s = max(0, min(left_s, pause_s - here.at_s, limit_s - here.worked_s))
                if pieces is not None and run_s:
                    pieces.append((here.at_s, here.at_s + run_s))
                left_s -= run_s
                here = self.at(Reached(here.at_s, here.worked_s + run_s), here.at_s + run_s)
                if left_s == 0:
                    return here
                here = self.at(here, pause_s)
        return NEVER_REACHED


def _in_shifts(
    intervals: Sequence[Interval], now: int, left_s: int, pieces: list[Interval] | None
) -> Reached:
    """`WorkingTime.driven` without a limit."""
    for from_s, to_s in intervals[max(0, bisect_right(intervals, now, key=begin_of) - 1) :]:
        now = max(now, from_s)
        if now < to_s:
            run_s = min(left_s, to_s - now)
            if pieces is not None:
                pieces.append((now, now + run_s))
            now, left_s = now + run_s, left_s - run_s
            if not left_s:
                return Reached(now)
    return NEVER_REACHED


def begin_of(interval: Interval) -> int:
    """When it begins."""
    return interval[0]


def without(intervals: Sequence[Interval], out: Sequence[Interval]) -> tuple[Interval, ...]:
    """What others leave of intervals; both are in order and disjoint."""
    found = list(intervals)
    for from_s, until_s in out:
        parts = (
            part for low, high in found for part in ((low, min(high, from_s)), (max(low, until_s), high))
        )
        found = [(low, high) for low, high in parts if low < high]
    return tuple(found)
