"""What list scheduling hands out: the free time of single vehicles, and of docks."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field

from planner.network.calendars import Interval, merged
from planner.problem.fleet import Origin
from planner.problem.trip_times import Timing
from planner.propose.pool import Candidate

__all__ = ["Docks", "Line"]


@dataclass
class Line:
    """What one vehicle does (or one dock): disjoint intervals in order, and a vehicle's work by day."""

    busy: list[Interval] = field(default_factory=list)
    work: dict[int, int] = field(default_factory=dict)
    days: set[int] = field(default_factory=set)
    trips: list[tuple[Candidate, Timing]] = field(default_factory=list)
    gone: bool = False
    out: tuple[Interval, ...] = ()  # in which it is out of use

    def free(self, start_s: int, end_s: int) -> bool:
        """Whether nothing is done in [start_s, end_s), and it can be used then."""
        if any(begin < end_s and start_s < end for begin, end in self.out):
            return False
        position = bisect_left(self.busy, (start_s, start_s))
        after = position >= len(self.busy) or self.busy[position][0] >= end_s
        return after and (position == 0 or self.busy[position - 1][1] <= start_s)

    def occupy(self, start_s: int, end_s: int) -> None:
        """Enter an interval."""
        insort(self.busy, (start_s, end_s))

    def take(self, timing: Timing, days: Iterable[int], *, gone: bool, until_s: int | None = None) -> None:
        """Enter a trip, until its vehicle is there for sure or until another moment.

        Parameters
        ----------
        timing
            Times of the trip.
        days
            Numbers of the local days on which it is out.
        gone
            Whether the vehicle does not come back from it.
        until_s
            The other moment, in seconds; None: until it is there for sure.
        """
        self.occupy(timing.load_start_s, timing.free_s if until_s is None else until_s)
        for day, part in timing.work:
            self.work[day] = self.work.get(day, 0) + part
        self.days.update(days)
        self.gone = self.gone or gone

    def has_trips_left(self, most: int | None, number: int = 1) -> bool:
        """Whether a vehicle may drive so many more trips."""
        return most is None or len(self.busy) + number <= most

    def has_work_room(self, work: Iterable[tuple[int, int]], limit_s: int | None) -> bool:
        """Whether the working time of these days stays within the limit."""
        return limit_s is None or all(self.work.get(day, 0) + part <= limit_s for day, part in work)


class Docks:
    """Docks of one origin; a loading that takes no time is given the first one and keeps nobody away.

    Which docks are out of use is left open: only so many are used at once as can be.
    """

    def __init__(self, origin: Origin) -> None:
        self._number = origin.docks
        self._lines = [Line() for _ in range(origin.docks)]
        self._out = origin.out

    def copy(self) -> Docks:
        """Docks in use as these are, to be used further by themselves."""
        found = copy(self)
        found._lines = [Line(list(line.busy)) for line in self._lines]
        return found

    def any_free(self, start_s: int, end_s: int) -> bool:
        """Whether some dock is not in use then, though perhaps out of use."""
        return start_s == end_s or any(line.free(start_s, end_s) for line in self._lines[: self._number])

    def first_free(self, start_s: int, end_s: int, wished: int | None = None) -> int | None:
        """A dock that is free in [start_s, end_s): the one wished for if it is, else the first; or None."""
        if start_s == end_s:
            return 0
        if not self._enough(start_s, end_s):
            return None
        docks = (*(() if wished is None else (wished,)), *range(self._number))
        able = (dock for dock in docks if dock < self._number and self._lines[dock].free(start_s, end_s))
        return next(able, None)

    def free(self, timing: Timing) -> int | None:
        """A dock that is free while a trip loads."""
        if timing.depart_s == timing.load_start_s:
            return 0
        return self.first_free(timing.load_start_s, timing.loaded_s)

    def is_free(self, dock: int, timing: Timing) -> bool:
        """Whether a dock is there and free while a trip loads."""
        if dock >= self._number:
            return False
        start_s, end_s = timing.load_start_s, timing.loaded_s
        return start_s == timing.depart_s or (
            self._enough(start_s, end_s) and self._lines[dock].free(start_s, end_s)
        )

    def _enough(self, start_s: int, end_s: int) -> bool:
        """Whether one more load does not exceed the docks that can be used, where some are out of use."""
        for begin, until, number in self._out:
            low, high = max(begin, start_s), min(until, end_s)
            if low < high and self._most_at_once(low, high) >= self._number - number:
                return False
        return True

    def _most_at_once(self, low: int, high: int) -> int:
        """Loads at once, at most, in [low, high)."""
        there = [one for line in self._lines for one in line.busy if one[0] < high and low < one[1]]
        begins = {low, *(begin for begin, _ in there if begin > low)}
        return max(sum(begin <= moment < end for begin, end in there) for moment in begins)

    def occupy(self, dock: int, timing: Timing) -> None:
        """Load a trip at a dock."""
        if timing.depart_s > timing.load_start_s:
            self._lines[dock].occupy(timing.load_start_s, timing.loaded_s)

    def keep(self, dock: int, start_s: int, end_s: int) -> None:
        """Enter a load that is given, also at a dock that is no longer there, or together with another."""
        self._lines += [Line() for _ in range(dock + 1 - len(self._lines))]
        line = self._lines[dock]
        line.busy = merged([*line.busy, (start_s, end_s)])

    @property
    def in_use(self) -> list[Interval]:
        """When docks that are there are in use, each dock by itself: at most so many at once as there are."""
        return [span for line in self._lines[: self._number] for span in line.busy]

    @property
    def ends(self) -> set[int]:
        """Moments at which a loading ends, or docks can be used again."""
        ends = {end for line in self._lines for _, end in line.busy}
        return ends.union(until for _, until, _ in self._out)
