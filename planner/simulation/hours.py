"""Hours and shifts, asked for many moments at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Edge, VehicleType
from planner.proof.calendars import Calendars, Interval
from planner.proof.paths import Ways

__all__ = ["NEVER", "Driving", "Gate", "Hours", "Moments", "Shifts", "Starts"]

Moments = NDArray[np.int64]

NEVER = 10**15  # later than any moment of a plan; what waits for it never happens


def _arrays(intervals: Iterable[Interval]) -> tuple[Moments, Moments]:
    found = list(intervals)
    return (
        np.array([low for low, _ in found], dtype=np.int64),
        np.array([high for _, high in found], dtype=np.int64),
    )


class Starts:
    """Moments at which something may begin: closed intervals in order."""

    def __init__(self, spans: Iterable[Interval]) -> None:
        self._lows, self._highs = _arrays(spans)

    def first(self, moments: Moments) -> Moments:
        """The first such moment at or after each; NEVER where there is none."""
        if not len(self._lows):
            return np.full_like(moments, NEVER)
        idx = np.searchsorted(self._highs, moments)
        found = np.maximum(moments, self._lows[np.minimum(idx, len(self._lows) - 1)])
        return np.where(idx < len(self._lows), found, NEVER)


class Driving(Protocol):
    """How vehicles drive in several runs."""

    def only(self, runs: Moments) -> Driving:
        """How they do in some of the runs, by their numbers."""

    def begins(self, moments: Moments) -> Moments:
        """When driving begins for who wants to set out at each moment."""

    def drive(self, moments: Moments, times: Moments) -> Moments:
        """Arrivals after so much driving from each moment on; NEVER where there is none."""


class Shifts:
    """Shifts of a vehicle type: driving that pauses between them.

    Notes
    -----
    Driving counts on a clock that runs inside shifts only: `_before` is what it shows when a shift begins.
    """

    def __init__(self, intervals: Iterable[Interval]) -> None:
        self._from, self._to = _arrays(intervals)
        lengths = self._to - self._from
        self._before = np.cumsum(lengths) - lengths
        self._after = self._before + lengths
        self._begins = Starts((low, high - 1) for low, high in zip(self._from, self._to, strict=True))

    def only(self, runs: Moments) -> Shifts:
        """How it is driven in some of the runs."""
        return self

    def begins(self, moments: Moments) -> Moments:
        """When driving begins for who wants to set out at each moment."""
        return self._begins.first(moments)

    def drive(self, moments: Moments, times: Moments) -> Moments:
        """Arrivals after so much driving from each moment on; NEVER where the shifts do not suffice."""
        if not len(self._from):
            return np.where(times > 0, NEVER, moments)
        idx = np.maximum(np.searchsorted(self._from, moments, side="right") - 1, 0)
        inside = np.clip(moments - self._from[idx], 0, self._to[idx] - self._from[idx])
        goal = self._before[idx] + inside + times
        at = np.searchsorted(self._after, goal)
        last = np.minimum(at, len(self._from) - 1)
        arrivals = np.where(at < len(self._from), self._from[last] + goal - self._before[last], NEVER)
        return np.where(times > 0, np.maximum(arrivals, moments), moments)


class Gate:
    """An edge with hours or closures, and how one waits in front of it."""

    def __init__(self, kind: VehicleType, edge: Edge, ways: Ways, calendars: Calendars) -> None:
        whole, start = calendars.whole_intervals(edge.calendar), calendars.start_intervals(edge.calendar)
        self._gone = ways.gone(kind, edge.id)
        self._closed = tuple(ways.closed(kind, edge.id))
        self._whole, self._start = _arrays(whole), _arrays(start)
        opens = {until_s for _, until_s in self._closed} | {low for low, _ in (*whole, *start)}
        self._opens = np.array(sorted(opens), dtype=np.int64)

    def passed(self, shifts: Shifts, moments: Moments, times: Moments) -> Moments:
        """Ends of the first passages at or after each moment: at once, or when something opens."""
        starts = self.first(shifts, moments, times)
        return np.where(starts < NEVER, shifts.drive(np.minimum(starts, NEVER), times), NEVER)

    def first(self, shifts: Driving, moments: Moments, times: Moments) -> Moments:
        """When the first passages at or after each moment may begin; NEVER where there is none."""
        starts = np.full_like(moments, NEVER)
        left = np.arange(len(moments))
        tries, idx = moments, np.searchsorted(self._opens, moments, side="right")
        while len(left):
            mine = shifts.only(left)
            reached = mine.drive(tries, times[left])
            begun = np.where(times[left] > 0, mine.begins(tries), tries)
            good = self._may(begun, reached) & (reached < NEVER)
            starts[left[good]] = tries[good]
            again = ~good & (idx < len(self._opens)) & (reached < NEVER)
            left, idx = left[again], idx[again]
            tries = self._opens[idx]
            idx = idx + 1
        return starts

    def _may(self, starts: Moments, ends: Moments) -> NDArray[np.bool_]:
        if self._gone:
            return np.zeros(len(starts), dtype=np.bool_)
        found = _lies(self._whole, starts, ends) | _lies(self._start, starts, starts + 1)
        for from_s, until_s in self._closed:
            found &= np.minimum(ends, until_s) <= np.maximum(starts, from_s)
        return found


def _lies(spans: tuple[Moments, Moments], starts: Moments, ends: Moments) -> NDArray[np.bool_]:
    """Whether each activity lies whole in one of the intervals."""
    lows, highs = spans
    if not len(lows):
        return np.zeros(len(starts), dtype=np.bool_)
    idx = np.searchsorted(lows, starts, side="right") - 1
    return (idx >= 0) & (ends <= highs[np.maximum(idx, 0)])


class Hours:
    """Starts, shifts and gates of an instance, each made once."""

    def __init__(self, calendars: Calendars, ways: Ways) -> None:
        self._calendars, self._ways = calendars, ways
        self._starts: dict[tuple[str, str, int, bool], Starts] = {}
        self._shifts: dict[str, Shifts] = {}
        self._gates: dict[tuple[frozenset[str], str], Gate] = {}

    def starts(self, shift: str, place: str, time_s: int, *, service: bool = False) -> Starts:
        """When an activity may begin that lies in one shift and in the hours of a place.

        Parameters
        ----------
        shift, place
            Ids of the calendars of the shifts, and of the place.
        time_s
            Length of the activity, in seconds.
        service
            Whether it is one, which need only start in hours with ``window = start``.
        """
        key = (shift, place, time_s, service)
        if key not in self._starts:
            calendars = self._calendars
            if service:
                spans = _within(calendars.whole_intervals(place), time_s)
                spans += _within(calendars.start_intervals(place), 1)
            else:
                spans = _within(calendars.intervals(place), time_s)
            self._starts[key] = Starts(_common(_within(calendars.intervals(shift), time_s), _union(spans)))
        return self._starts[key]

    def shifts(self, calendar: str) -> Shifts:
        """Shifts of a calendar."""
        if calendar not in self._shifts:
            self._shifts[calendar] = Shifts(self._calendars.intervals(calendar))
        return self._shifts[calendar]

    def gate(self, kind: VehicleType, edge: Edge) -> Gate:
        """The gate of an edge with hours, as it is for a vehicle type."""
        key = (self._ways.barring(kind), edge.id)
        if key not in self._gates:
            self._gates[key] = Gate(kind, edge, self._ways, self._calendars)
        return self._gates[key]


def _within(intervals: Iterable[Interval], time_s: int) -> list[Interval]:
    """First and last moment at which something of this length may begin, for each interval."""
    return [(low, high - time_s) for low, high in intervals if low <= high - time_s]


def _union(spans: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _common(first: list[Interval], second: list[Interval]) -> list[Interval]:
    """Moments in both; each list is in order and its intervals are disjoint."""
    found: list[Interval] = []
    one = other = 0
    while one < len(first) and other < len(second):
        low = max(first[one][0], second[other][0])
        high = min(first[one][1], second[other][1])
        if low <= high:
            found.append((low, high))
        if first[one][1] < second[other][1]:
            one += 1
        else:
            other += 1
    return found
