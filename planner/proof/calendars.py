"""The checker's own calendars: opening hours, shifts, local days, travel with pauses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from planner.base.clock import DAY_S, Clock
from planner.instance.schema import CalendarRow, Instance, WindowRule

__all__ = ["Calendars", "Interval"]

Interval = tuple[int, int]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS: tuple[Interval, ...] = ((-(10**18), 10**18),)


class Calendars:
    """Opening hours of all calendars of an instance, over its horizon.

    Parameters
    ----------
    instance
        Its calendars, clock and horizon are used.

    Notes
    -----
    Hours are wall-clock hours of the local day. A calendar without rows of its own is never open;
    only the empty id is always open. Days are known from one before the start to two after the
    horizon; nothing is open beyond.
    """

    def __init__(self, instance: Instance) -> None:
        clock = instance.clock
        self._clock = clock
        first = clock.day(0) - timedelta(days=1)
        num_days = (clock.day(max(0, instance.settings.horizon_s)) - first).days + 3
        self._days = [first + timedelta(days=idx) for idx in range(num_days)]
        self._midnights = [clock.midnight(day) for day in self._days]
        self._rows: dict[str, list[CalendarRow]] = {}
        for row in instance.calendars:
            self._rows.setdefault(row.calendar, []).append(row)
        self._all: dict[str, tuple[Interval, ...]] = {"": _ALWAYS}
        self._whole: dict[str, tuple[Interval, ...]] = {"": _ALWAYS}
        self._start: dict[str, tuple[Interval, ...]] = {"": ()}

    def intervals(self, calendar: str) -> tuple[Interval, ...]:
        """Open intervals in order, for shifts and loading; those that touch are one, of either ``window``."""
        if calendar not in self._all:
            self._load(calendar)
        return self._all[calendar]

    def whole_intervals(self, calendar: str) -> tuple[Interval, ...]:
        """Intervals in which a service must lie whole (``window = whole``); those that touch are one."""
        if calendar not in self._whole:
            self._load(calendar)
        return self._whole[calendar]

    def start_intervals(self, calendar: str) -> tuple[Interval, ...]:
        """Intervals in which only the start of a service must lie (``window = start``), likewise."""
        if calendar not in self._start:
            self._load(calendar)
        return self._start[calendar]

    def _load(self, calendar: str) -> None:
        rows = self._rows.get(calendar, [])
        by_days: dict[str, list[CalendarRow]] = {}
        for row in rows:
            for word in row.days.lower().split("+"):
                by_days.setdefault(word.strip(), []).append(row)
        whole: list[Interval] = []
        start: list[Interval] = []
        for day in self._days:
            for row in _rows_of(day, by_days):
                interval = self._interval(day, row)
                if interval is not None:
                    (start if row.window is WindowRule.START else whole).append(interval)
        self._all[calendar] = _merged(whole + start)
        self._whole[calendar] = _merged(whole)
        self._start[calendar] = _merged(start)

    def _interval(self, day: date, row: CalendarRow) -> Interval | None:
        if row.opens_s is None or row.closes_s is None:
            return None
        opens, closes = (_wall(self._clock, day, hour) for hour in (row.opens_s, row.closes_s))
        return (opens, closes) if opens < closes else None

    def slack(self, calendar: str, start_s: int, end_s: int, *, service: bool = False) -> int | None:
        """Seconds between the end of an activity and the end of the interval it lies in; None if in none.

        A service must lie whole in an interval of ``window = whole``; other activities in one of any kind.

        Parameters
        ----------
        calendar
            Id of a calendar; empty: always open.
        start_s, end_s
            Moments of the activity, in seconds.
        service
            Whether it is one.
        """
        intervals = self.whole_intervals(calendar) if service else self.intervals(calendar)
        idx = bisect_right(intervals, start_s, key=lambda one: one[0]) - 1
        for from_s, to_s in intervals[max(0, idx - 1) : idx + 1]:
            if from_s <= start_s and end_s <= to_s and from_s <= end_s:
                return to_s - end_s
        return None

    def outside(self, calendar: str, start_s: int, end_s: int, *, service: bool = False) -> int:
        """Seconds of an activity that no single interval holds, at least 1 where it lies in none.

        Parameters
        ----------
        calendar, start_s, end_s, service
            As for `slack`.
        """
        if self.slack(calendar, start_s, end_s, service=service) is not None:
            return 0
        intervals = self.whole_intervals(calendar) if service else self.intervals(calendar)
        inside = max((min(end_s, to_s) - max(start_s, from_s) for from_s, to_s in intervals), default=0)
        return max(1, abs(end_s - start_s) - max(0, inside))

    def starts_inside(self, calendar: str, start_s: int) -> bool:
        """Whether an instant lies in an interval with ``window = start``."""
        return any(from_s <= start_s < to_s for from_s, to_s in self.start_intervals(calendar))

    def overlap(self, calendar: str, start_s: int, end_s: int) -> int:
        """Seconds of [start_s, end_s) that are open."""
        return sum(
            max(0, min(end_s, to_s) - max(start_s, from_s))
            for from_s, to_s in self._near(calendar, start_s, end_s)
        )

    def _near(self, calendar: str, start_s: int, end_s: int) -> Sequence[Interval]:
        intervals = self.intervals(calendar)
        first = bisect_right(intervals, start_s, key=lambda one: one[0]) - 1
        last = bisect_right(intervals, end_s, key=lambda one: one[0])
        return intervals[max(0, first) : last]

    def day_index(self, second: int) -> int:
        """Get the number of a second's local day; seconds beyond all days count to the first or last one."""
        return min(max(0, bisect_right(self._midnights, second) - 1), len(self._midnights) - 1)

    def midnight(self, index: int) -> int:
        """Second at which a local day begins."""
        return self._next_midnight(index - 1)

    @property
    def num_days(self) -> int:
        """Number of known days."""
        return len(self._days)

    def day_name(self, index: int) -> str:
        """ISO date of a local day."""
        return self._days[index].isoformat()

    def by_day(self, pieces: Iterable[Interval]) -> Mapping[int, int]:
        """Seconds of activities on each local day."""
        sums: dict[int, int] = {}
        low, high = self._midnights[0], self._midnights[-1]
        for raw_start, raw_end in pieces:
            start_s, end_s = max(low, raw_start), min(high, raw_end)
            while start_s < end_s:
                idx = self.day_index(start_s)
                stop_s = min(end_s, self._next_midnight(idx))
                sums[idx] = sums.get(idx, 0) + stop_s - start_s
                start_s = stop_s
        return sums

    def _next_midnight(self, idx: int) -> int:
        return self._midnights[idx + 1] if idx + 1 < len(self._midnights) else self._midnights[-1] + DAY_S

    def travel(
        self, calendar: str, depart_s: int, time_s: int, work_s: int | None, used: Mapping[int, int]
    ) -> tuple[tuple[Interval, ...], int | None]:
        """Travel that pauses outside shifts and when a day's working time is used up.

        Parameters
        ----------
        calendar
            Id of the shifts.
        depart_s, time_s
            The departure, and how long to drive, in seconds.
        work_s
            Longest work of a local day; None: no limit.
        used
            Work already done on each day.

        Returns
        -------
        tuple
            The intervals of driving, and the arrival; None if the calendar leaves no room.
        """
        if time_s <= 0:
            return (), depart_s
        pieces: list[Interval] = []
        now, left = depart_s, time_s
        for from_s, to_s in self._near(calendar, depart_s, self._midnights[-1]):
            now = max(now, from_s)
            while now < min(to_s, self._midnights[-1]) and now >= self._midnights[0]:
                day = self.day_index(now)
                room = (
                    to_s - now if work_s is None else work_s - used.get(day, 0) - _driven(pieces, self, day)
                )
                run = min(left, to_s - now, self._next_midnight(day) - now, room)
                if run > 0:
                    pieces.append((now, now + run))
                    left -= run
                    if left == 0:
                        return tuple(pieces), now + run
                now = now + run if 0 < run < room else min(to_s, self._next_midnight(day))
        return tuple(pieces), None


def _driven(pieces: list[Interval], calendars: Calendars, day: int) -> int:
    # Pieces never cross midnight; only the last few can be of this day.
    total = 0
    for start_s, end_s in reversed(pieces):
        if calendars.day_index(start_s) != day:
            break
        total += end_s - start_s
    return total


def _rows_of(day: date, by_days: Mapping[str, list[CalendarRow]]) -> list[CalendarRow]:
    for key in (day.isoformat(), _WEEKDAYS[day.weekday()], "daily"):
        if key in by_days:
            return by_days[key]
    return []


def _wall(clock: Clock, day: date, hour_s: int) -> int:
    if hour_s >= DAY_S:
        return clock.midnight(day + timedelta(days=1))
    naive = datetime(day.year, day.month, day.day) + timedelta(seconds=hour_s)
    return clock.seconds(naive.replace(tzinfo=clock.zone))


def _merged(intervals: list[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for from_s, to_s in sorted(intervals):
        if merged and from_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(to_s, merged[-1][1]))
        else:
            merged.append((from_s, to_s))
    return tuple(merged)
