"""Working time of late crews: how far one has come, what it has worked that day, and when it pauses.

As planned a crew works `work_s` on a local day, one that is late as much as `FleetType.late_work_s`; then it
pauses until its next shift of a later day. Of two crews at the same place neither is worse for certain where
one comes later and the other has worked longer that day; so all that may become the worst are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planner.network.calendars import Interval, Openings, day_index, spread_over_days
from planner.problem.visits import NEVER

__all__ = ["Crew", "Crews", "WorkingDays"]


class Crew(NamedTuple):
    """When a crew gets somewhere, and what it has worked by then on that local day."""

    at_s: int
    worked_s: int = 0


Crews = tuple[Crew, ...]
"""Those that may become the worst; the last one comes last."""

_NOWHERE = Crew(NEVER)


class WorkingDays:
    """Local days on which the crews of a type may work only so long.

    Parameters
    ----------
    midnights
        Begins of the local days, in seconds.
    shifts
        Those of the type.
    limit_s
        The most work of a day, in seconds.
    """

    def __init__(self, midnights: tuple[int, ...], shifts: Openings, limit_s: int) -> None:
        self._midnights, self._shifts, self._limit_s = midnights, shifts, limit_s

    def at(self, crew: Crew, moment_s: int) -> Crew:
        """A crew that does nothing until a later moment."""
        if moment_s == crew.at_s:
            return crew
        if crew.worked_s and self._day(crew.at_s) == self._day(moment_s):
            return Crew(moment_s, crew.worked_s)
        return Crew(moment_s)

    def latest(self, one: Crew, other: Crew) -> Crew:
        """The first crew that is nowhere sooner than two others, and has worked no less by then."""
        early, late = (one, other) if one <= other else (other, one)
        if late.at_s >= NEVER:
            return _NOWHERE
        if early.worked_s <= late.worked_s:
            return late
        return Crew(late.at_s, max(late.worked_s, self.at(early, late.at_s).worked_s))

    def worst(self, crews: Iterable[Crew]) -> Crews:
        """Those of which no other comes later and has worked longer."""
        there = tuple(crews)
        if len(there) == 1:
            return there
        last = max(there)
        found = [last]
        for crew in sorted((one for one in there if one.worked_s > last.worked_s), reverse=True):
            if self.at(crew, found[0].at_s).worked_s > found[-1].worked_s:
                found.append(crew)
        return tuple(reversed(found))

    def done(self, crew: Crew, pieces: Iterable[Interval], end_s: int) -> Crew:
        """A crew that works in these intervals, until a moment."""
        day = self._day(end_s)
        parts = (part for piece in pieces for part in spread_over_days(self._midnights, *piece))
        worked_s = sum(seconds for number, seconds in parts if number == day)
        return Crew(end_s, self.at(crew, end_s).worked_s + worked_s)

    def first_fitting(self, crew: Crew, moment_s: int, duration_s: int) -> int:
        """First moment, from one on, from which something so long is too much for no day; NEVER: none."""
        now = moment_s
        while duration_s > 0 and now < self._midnights[-1]:
            midnight_s = self._midnights[self._day(now) + 1]
            room_s = self._limit_s - self.at(crew, now).worked_s
            today_s = min(duration_s, midnight_s - now)
            if today_s > room_s > 0:  # as much today as there is room for, the rest after midnight
                now, today_s = midnight_s - room_s, room_s
            if today_s <= room_s and duration_s - today_s <= self._limit_s:
                return now
            now = midnight_s
        return now if duration_s <= 0 else NEVER

    def driven(self, crew: Crew, time_s: int, pieces: list[Interval] | None = None) -> Crew:
        """A crew that drives so long, with pauses between shifts and when its day's work is done.

        Parameters
        ----------
        crew
            Where it begins.
        time_s
            How long it drives, in seconds.
        pieces
            Takes in the intervals of driving.
        """
        left_s, here = time_s, crew
        while left_s > 0:
            shift = _shift_from(self._shifts.intervals, here.at_s)
            if shift is None or max(here.at_s, shift[0]) >= self._midnights[-1]:
                return _NOWHERE
            here = self.at(here, max(here.at_s, shift[0]))
            until_s = min(shift[1], self._midnights[self._day(here.at_s) + 1])
            part_s = max(0, min(left_s, until_s - here.at_s, self._limit_s - here.worked_s))
            if pieces is not None and part_s:
                pieces.append((here.at_s, here.at_s + part_s))
            left_s -= part_s
            here = self.at(Crew(here.at_s, here.worked_s + part_s), here.at_s + part_s)
            if left_s:
                here = self.at(here, until_s)
        return here

    def _day(self, moment_s: int) -> int:
        return day_index(self._midnights, moment_s)


def _shift_from(shifts: Sequence[Interval], moment_s: int) -> Interval | None:
    """The shift in which a moment lies and which does not end there, or the next one."""
    return next((one for one in shifts if one[1] > moment_s), None)
