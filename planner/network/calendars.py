"""Opening hours and shifts as intervals of seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from planner.instance.schema import CalendarRow, Instance, WindowRule

__all__ = [
    "Interval",
    "Openings",
    "days_between",
    "expand",
    "intersect",
    "local_midnights",
    "merged",
    "whole_intervals",
]

Interval = tuple[int, int]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def intersect(first: Iterable[Interval], second: Iterable[Interval]) -> list[Interval]:
    """Intersection of two sorted lists of disjoint *closed* intervals.

    Examples
    --------
    >>> intersect([(0, 10), (20, 30)], [(5, 20)])
    [(5, 10), (20, 20)]
    """
    left, right = list(first), list(second)
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


@dataclass(frozen=True)
class Openings:
    """Half-open intervals in which activities may be, sorted and disjoint.

    Parameters
    ----------
    intervals
        [from, to) in seconds from the plan's start.
    starts_only
        Intervals (a subset) in which only the start of an activity must lie.
    """

    intervals: tuple[Interval, ...]
    starts_only: frozenset[Interval] = frozenset()

    @cached_property
    def _begins(self) -> list[int]:
        return [one[0] for one in self.intervals]

    def starts(self, duration_s: int) -> list[Interval]:
        """Closed intervals of the moments at which an activity of this duration may start."""
        found: list[Interval] = []
        for begin, end in self.intervals:
            last = end - 1 if (begin, end) in self.starts_only else end - max(duration_s, 0)
            if begin <= last:
                found.append((begin, last))
        return found

    def allows(self, start_s: int, duration_s: int) -> bool:
        """Whether an activity may be in [start_s, start_s + duration_s)."""
        around = self.around(start_s)
        if around is None:
            ends = (one for one in self.intervals if one[1] == start_s)
            return duration_s == 0 and any(one not in self.starts_only for one in ends)
        return around in self.starts_only or start_s + duration_s <= around[1]

    def around(self, moment_s: int) -> Interval | None:
        """The interval that holds a moment, or None."""
        position = bisect_right(self._begins, moment_s) - 1
        if position >= 0 and moment_s < self.intervals[position][1]:
            return self.intervals[position]
        return None

    def around_or_next(self, moment_s: int) -> Interval | None:
        """The interval that holds a moment, or else the next one; None: there is none."""
        position = bisect_right(self._begins, moment_s) - 1
        if position < 0 or moment_s >= self.intervals[position][1]:
            position += 1
        return self.intervals[position] if position < len(self.intervals) else None

    def begins_after(self, moment_s: int) -> Iterable[int]:
        """Begins of the intervals after a moment, in order."""
        return self._begins[bisect_right(self._begins, moment_s) :]

    def overlap_s(self, start_s: int, end_s: int) -> int:
        """Seconds of [start_s, end_s) that lie in the intervals."""
        total = 0
        for begin, end in self.intervals[max(0, bisect_right(self._begins, start_s) - 1) :]:
            if begin >= end_s:
                break
            total += max(0, min(end, end_s) - max(begin, start_s))
        return total


def local_midnights(instance: Instance) -> tuple[int, ...]:
    """Seconds at which local days begin, from the day of the start to the one after the horizon."""
    clock, horizon_s = instance.clock, instance.settings.horizon_s
    day = clock.day(0)
    found: list[int] = []
    while not found or found[-1] <= horizon_s:
        found.append(clock.midnight(day))
        day += timedelta(days=1)
    return tuple(found)


def expand(instance: Instance, calendar: str) -> Openings:
    """Intervals of a calendar over the horizon; an empty id is always open."""
    horizon_s = instance.settings.horizon_s
    if not calendar:
        return Openings(((0, horizon_s),))
    rows = [row for row in instance.calendars if row.calendar == calendar]
    found: list[tuple[int, int, bool]] = []
    last = instance.clock.day(horizon_s)
    day = instance.clock.day(0) - timedelta(days=1)
    while day <= last:
        for row in _rows_of_day(rows, day):
            if row.opens_s is not None and row.closes_s is not None:
                begin = max(0, instance.clock.at(day, row.opens_s))
                end = min(horizon_s, instance.clock.at(day, row.closes_s))
                if begin < end:
                    found.append((begin, end, row.window is WindowRule.START))
        day += timedelta(days=1)
    return _merged(sorted(found))


def whole_intervals(instance: Instance, calendar: str) -> Openings:
    """Hours in which activities lie whole, whatever the rows' `window` says: shifts, and loading."""
    return _merged([(begin, end, False) for begin, end in expand(instance, calendar).intervals])


def _rows_of_day(rows: list[CalendarRow], day: date) -> list[CalendarRow]:
    for wanted in ({day.isoformat()}, {_WEEKDAYS[day.weekday()]}, {"daily"}):
        matching = [row for row in rows if wanted & set(row.days.split("+"))]
        if matching:
            return matching
    return []


def _merged(intervals: list[tuple[int, int, bool]]) -> Openings:
    merged: list[tuple[int, int, bool]] = []
    for begin, end, starts_only in intervals:
        if merged and begin <= merged[-1][1] and merged[-1][2] == starts_only:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), starts_only)
        else:
            merged.append((begin, end, starts_only))
    return Openings(
        tuple((begin, end) for begin, end, _ in merged),
        frozenset((begin, end) for begin, end, starts_only in merged if starts_only),
    )


def day_index(midnights: tuple[int, ...], moment_s: int) -> int:
    """Position of the local day that holds a moment."""
    return bisect_right(midnights, moment_s) - 1


def days_between(midnights: tuple[int, ...], start_s: int, end_s: int) -> range:
    """Local days on which a trip is on its way that begins to load and ends then."""
    return range(day_index(midnights, start_s), day_index(midnights, max(start_s, end_s - 1)) + 1)


def spread_over_days(midnights: tuple[int, ...], start_s: int, end_s: int) -> list[tuple[int, int]]:
    """(day, seconds) of each local day that [start_s, end_s) has a part of."""
    found = []
    day = day_index(midnights, start_s)
    while start_s < end_s:
        until = min(end_s, midnights[day + 1]) if day + 1 < len(midnights) else end_s
        found.append((day, until - start_s))
        start_s, day = until, day + 1
    return found


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals as disjoint ones in order; empty ones are left out."""
    found: list[Interval] = []
    for begin, end in sorted(intervals):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
