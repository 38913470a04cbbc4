"""Arrival as a function of departure: flat lists of pieces, and what is made of two of them.

``f(t)`` is the first arrival of who is ready at t or later. It never falls, since waiting is allowed, and
each piece of it is either constant (something is waited for) or as long as the way takes. Its pseudo-inverse
``latest(T)`` is the last moment from which one still arrives by T.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from planner.network.calendars import Interval
from planner.network.graph import Passage

__all__ = ["NEVER_S", "Arrivals", "Driving", "driving_in", "earliest", "in_one_shift", "sets_out", "then"]

NEVER_S = 800_000_000
"""Beyond every horizon, and within 32 bits."""

Shifts = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A function from departure to arrival.

    Parameters
    ----------
    starts
        First departure of each piece, from 0 on, in order.
    values
        Of each piece the arrival, if that is constant, or -1 less the seconds that the way takes.
    """

    starts: Sequence[int]
    values: Sequence[int]

    def at(self, moment_s: int) -> int:
        """First arrival for a departure at a moment or later; from `NEVER_S` on: there is none."""
        if moment_s >= NEVER_S:
            return NEVER_S
        value = self.values[max(0, bisect_right(self.starts, moment_s) - 1)]
        return value if value >= 0 else moment_s - 1 - value

    @property
    def least_s(self) -> int:
        """Fewest seconds from any departure to its arrival; `NEVER_S`: there is none."""
        ends = (*self.starts[1:], NEVER_S)
        found = (
            -1 - value if value < 0 else max(0, value - end_s + 1)
            for value, end_s in zip(self.values, ends, strict=True)
            if value < NEVER_S
        )
        return min(found, default=NEVER_S)

    def latest(self, moment_s: int) -> int:
        """Last departure with an arrival by a moment; -1: there is none from 0 on."""
        piece = self._last_piece(moment_s)
        if piece < 0:
            return -1
        last_s = self.starts[piece + 1] - 1 if piece + 1 < len(self.starts) else NEVER_S
        value = self.values[piece]
        return last_s if value >= 0 else min(last_s, moment_s + 1 + value)

    def _last_piece(self, moment_s: int) -> int:
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            value = self.values[middle]
            if (value if value >= 0 else self.starts[middle] - 1 - value) <= moment_s:
                low = middle + 1
            else:
                high = middle
        return low - 1


def _made(pieces: Iterable[tuple[int, int]]) -> Arrivals:
    """Pieces in order, those that say the same as the one before left out."""
    starts: list[int] = []
    values: list[int] = []
    for start_s, value in pieces:
        if not values or values[-1] != value:
            starts.append(start_s)
            values.append(value)
    return Arrivals(starts, values)


def _tabulated(arrival: Callable[[int], int], moments: Iterable[int]) -> Arrivals:
    """A function that bends at no other moments than these."""
    bends = sorted({0, *(one for one in moments if 0 < one < NEVER_S)})
    found = []
    for number, begin_s in enumerate(bends):
        end_s = bends[number + 1] if number + 1 < len(bends) else NEVER_S
        arrive_s = arrival(begin_s)
        grows = arrive_s < NEVER_S and begin_s + 1 < end_s and arrival(begin_s + 1) > arrive_s
        found.append((begin_s, begin_s - arrive_s - 1 if grows else arrive_s))
    return _made(found)


def then(first: Arrivals, second: Arrivals) -> Arrivals:
    """One way after another."""
    bends = {one if one == 0 else first.latest(one - 1) + 1 for one in second.starts}
    bends.update(first.starts)
    found = []
    for begin_s in sorted(one for one in bends if one < NEVER_S):
        value = first.values[bisect_right(first.starts, begin_s) - 1]
        between_s = value if value >= 0 else begin_s - 1 - value
        if between_s >= NEVER_S:
            found.append((begin_s, NEVER_S))
            continue
        further = second.values[bisect_right(second.starts, between_s) - 1]
        if value < 0 and further < 0:
            found.append((begin_s, value + further + 1))
        else:
            found.append((begin_s, min(NEVER_S, further if further >= 0 else between_s - 1 - further)))
    return _made(found)


def earliest(first: Arrivals, second: Arrivals) -> Arrivals:
    """The better one of two ways for each departure."""
    bends = sorted({*first.starts, *second.starts})
    found = []
    for number, begin_s in enumerate(bends):
        end_s = bends[number + 1] if number + 1 < len(bends) else NEVER_S
        one = first.values[bisect_right(first.starts, begin_s) - 1]
        other = second.values[bisect_right(second.starts, begin_s) - 1]
        if (one < 0) == (other < 0):
            found.append((begin_s, min(one, other) if one >= 0 else max(one, other)))
            continue
        constant, grows = max(one, other), min(one, other)
        until_s = constant + 1 + grows  # until then who is on the way without a stop is there first
        if until_s > begin_s:
            found.append((begin_s, grows))
        if until_s < end_s:
            found.append((max(begin_s, until_s), constant))
    return _made(found)


class Driving:
    """How vehicles drive: on and on, or only in their shifts, with pauses between them.

    Parameters
    ----------
    shifts
        Half-open, in order; None: there are no pauses.
    """

    def __init__(self, shifts: Shifts | None = None) -> None:
        self._shifts = shifts
        # of one way of driving the same pieces are asked for again and again
        self.free = lru_cache(maxsize=None)(self._free)
        self.passes = lru_cache(maxsize=None)(self._passes)

    def ends_s(self, begin_s: int, time_s: int) -> int:
        """End of so much driving from a moment on."""
        if self._shifts is None or time_s == 0:
            return begin_s + time_s
        left_s = time_s
        for low, high in self._shifts:
            now = max(begin_s, low)
            if now >= high:
                continue
            if now + left_s <= high:
                return now + left_s
            left_s -= high - now
        return NEVER_S

    def _free(self, time_s: int) -> Arrivals:
        """A way that is always open."""
        if self._shifts is None or time_s == 0:
            return Arrivals([0], [-1 - time_s])
        bends = {moment for shift in self._shifts for moment in shift}
        for _, high in self._shifts:  # who sets out any later goes on in the next shift
            bends.add(self._latest_s(high, time_s) + 1)
        return _tabulated(lambda begin_s: self.ends_s(begin_s, time_s), bends)

    def _latest_s(self, end_s: int, time_s: int) -> int:
        left_s = time_s
        for low, high in reversed(self._shifts or ()):
            last_s = min(end_s, high)
            if last_s - left_s >= low:
                return last_s - left_s
            left_s -= max(0, last_s - low)
        return -1

    def _passes(self, passages: tuple[Passage, ...], time_s: int) -> Arrivals:
        """Over an edge that may be passed at some times only, as early as one of its chances allows."""
        driven = self.free(time_s)

        def arrival(now_s: int) -> int:
            for opens_s, closes_s, clear_by_s in passages:
                if closes_s <= now_s:
                    continue
                begin_s = max(now_s, opens_s)
                if self._enters_s(begin_s, time_s) < closes_s and driven.at(begin_s) <= clear_by_s:
                    return driven.at(begin_s)
            return NEVER_S

        bends = set(driven.starts)
        for opens_s, closes_s, clear_by_s in passages:
            bends.update((opens_s, closes_s, driven.latest(clear_by_s) + 1))
            bends.update(high for _, high in self._shifts or ())
        return _tabulated(arrival, bends)

    def _enters_s(self, begin_s: int, time_s: int) -> int:
        if self._shifts is None or time_s == 0:
            return begin_s
        return next((max(begin_s, low) for low, high in self._shifts if high > begin_s), NEVER_S)


@lru_cache(maxsize=64)
def driving_in(shifts: Shifts | None) -> Driving:
    """Driving in shifts, or (None) on and on: always the same one."""
    return Driving(shifts)


def sets_out(time_s: int, shifts: Shifts) -> Arrivals:
    """When one sets out who does so only where so much driving fits into a shift."""

    def departure(now_s: int) -> int:
        fits = (max(now_s, low) for low, high in shifts if max(now_s, low) + time_s <= high)
        return next(fits, NEVER_S)

    return _tabulated(departure, [moment for low, high in shifts for moment in (low, high - time_s + 1)])


def in_one_shift(way: Arrivals, shifts: Shifts) -> Arrivals:
    """A way that is driven in one shift, from its first moment to its last."""

    def arrival(now_s: int) -> int:
        for low, high in shifts:
            begin_s = max(now_s, low)
            if begin_s <= high and way.at(begin_s) <= high:
                return way.at(begin_s)
        return NEVER_S

    bends = set(way.starts)
    for low, high in shifts:
        bends.update((low, high + 1, way.latest(high) + 1))
    return _tabulated(arrival, bends)
