"""Working time of late crews, in many runs at once: what they have worked that day, and when they pause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from planner.proof.calendars import Calendars, Interval
from planner.proof.worst.working_time import Reached
from planner.simulation.hours import NEVER, Gate, Moments, Starts

__all__ = ["Crews", "WorkingDays"]


class Crews(NamedTuple):
    """In each run: when a crew is somewhere, and what it has worked by then on that local day."""

    at_s: Moments
    worked_s: Moments


class WorkingDays:
    """The days of a vehicle type whose late crews may work only so long on each.

    Parameters
    ----------
    calendars
        The local days.
    shifts
        Those of the type.
    limit_s
        The most work of a day, in seconds.
    """

    def __init__(self, calendars: Calendars, shifts: Iterable[Interval], limit_s: int) -> None:
        self.limit_s = limit_s
        days = range(calendars.num_days)
        self._midnights = np.array([calendars.midnight(day) for day in days], dtype=np.int64)
        whole = list(zip(self._midnights.tolist(), self._midnights[1:].tolist(), strict=False))
        shifts = list(shifts)
        parts = [(max(low, begin), min(high, end)) for begin, end in whole for low, high in shifts]
        parts = [(low, high) for low, high in parts if low < high]
        self._from = np.array([low for low, _ in parts], dtype=np.int64)
        self._to = np.array([high for _, high in parts], dtype=np.int64)

    def _day(self, moments: Moments) -> Moments:
        return np.maximum(np.searchsorted(self._midnights, moments, side="right") - 1, 0)

    def at(self, crews: Crews, moments: Moments) -> Crews:
        """Who does nothing until later moments."""
        same = self._day(crews.at_s) == self._day(moments)
        return Crews(moments, np.where(same, crews.worked_s, 0))

    def latest(self, crews: Crews, planned: Reached) -> Crews:
        """Who is nowhere sooner than planned, and has worked no less by then."""
        plan = Crews(*(np.full_like(crews.at_s, value) for value in planned))
        moments = np.minimum(np.maximum(crews.at_s, plan.at_s), NEVER)
        worked = np.maximum(self.at(crews, moments).worked_s, self.at(plan, moments).worked_s)
        return Crews(moments, worked)

    def do(self, crews: Crews, starts: Starts, start_s: int, time_s: int, planned: Reached) -> Crews:
        """Load or serve: as planned, or as soon as hours, shift and working time allow.

        Parameters
        ----------
        crews
            Who is there.
        starts
            When it may begin by hours and shift.
        start_s, time_s
            When it is planned to begin, and how long it takes, in seconds.
        planned
            What is reached then as planned.
        """
        now = np.maximum(crews.at_s, start_s)
        as_planned = (now == start_s) & (self.at(crews, now).worked_s + time_s <= planned.worked_s)
        begins = np.where(as_planned, start_s, self._fitting(crews, starts, now, time_s))
        ends = np.minimum(begins + time_s, NEVER)
        since = np.maximum(begins, self._midnights[self._day(ends)])
        return self.latest(Crews(ends, self.at(crews, ends).worked_s + ends - since), planned)

    def sets_out(self, crews: Crews, starts: Starts, depart_s: int, time_s: int, before: Reached) -> Moments:
        """When drivers leave who only do so when a leg fits their shift and their day.

        Parameters
        ----------
        crews, starts
            As for `do`.
        depart_s, time_s
            When it is planned to leave, and how long the way takes, in seconds.
        before
            What is reached before the leg as planned.
        """
        now = np.maximum(crews.at_s, depart_s)
        plan = self.at(Crews(*(np.array([value]) for value in before)), np.array([depart_s]))
        as_planned = (now == depart_s) & (self.at(crews, now).worked_s <= plan.worked_s)
        return np.where(as_planned, depart_s, self._fitting(crews, starts, now, time_s))

    def _fitting(self, crews: Crews, starts: Starts, moments: Moments, time_s: int) -> Moments:
        """First moments from which something so long may begin, by hours and by the work of each day."""
        now = starts.first(moments)
        while True:
            later = starts.first(self._with_room(crews, now, time_s))
            if (later == now).all():
                return now
            now = later

    def _with_room(self, crews: Crews, moments: Moments, time_s: int) -> Moments:
        """First moments from which no day has too much work of something so long."""
        found = moments.copy()
        left = np.flatnonzero(found < NEVER) if time_s > 0 else np.zeros(0, dtype=np.int64)
        while len(left):
            now = found[left]
            inside = (self._midnights[0] <= now) & (now < self._midnights[-1])
            found[left[~inside]] = NEVER
            left, now = left[inside], now[inside]
            mine = Crews(crews.at_s[left], crews.worked_s[left])
            midnights = self._midnights[self._day(now) + 1]
            room = self.limit_s - self.at(mine, now).worked_s
            today = np.minimum(time_s, midnights - now)
            shift = (today > room) & (room > 0)  # as much today as there is room for, the rest after midnight
            now, today = np.where(shift, midnights - room, now), np.where(shift, room, today)
            fits = (today <= room) & (np.minimum(time_s - today, 86_400) <= self.limit_s)
            found[left] = np.where(fits, now, midnights)
            left = left[~fits]
        return found

    def drive(self, crews: Crews, times: Moments) -> Crews:
        """Drive so long, with pauses between shifts and when a day's working time is used up."""
        at, worked, rest = crews.at_s.copy(), crews.worked_s.copy(), times.copy()
        idx = np.searchsorted(self._to, at, side="right")
        left = np.flatnonzero((rest > 0) & (at < NEVER))
        while len(left):
            over = idx[left] >= len(self._to)
            at[left[over]], worked[left[over]] = NEVER, 0
            left = left[~over]
            part = idx[left]
            begins = np.maximum(at[left], self._from[part])
            done = self.at(Crews(at[left], worked[left]), begins).worked_s
            room = np.maximum(self.limit_s - done, 0)
            run = np.minimum(np.minimum(rest[left], self._to[part] - begins), room)
            at[left] = begins + run
            worked[left] = np.where(self._midnights[self._day(at[left])] == at[left], 0, done + run)
            rest[left] -= run
            idx[left] += 1
            left = left[rest[left] > 0]
        return Crews(at, worked)

    def passed(self, gate: Gate, crews: Crews, times: Moments) -> Crews:
        """Pass an edge with hours or closures on the first chance."""
        starts = gate.first(_Driving(self, crews), crews.at_s, times)
        end = self.drive(self.at(crews, np.minimum(starts, NEVER)), times)
        return Crews(np.where(starts < NEVER, end.at_s, NEVER), end.worked_s)


class _Driving:
    """How some crews drive, as a gate asks for it."""

    def __init__(self, days: WorkingDays, crews: Crews) -> None:
        self._days, self._crews = days, crews

    def only(self, runs: Moments) -> _Driving:
        return _Driving(self._days, Crews(self._crews.at_s[runs], self._crews.worked_s[runs]))

    def begins(self, moments: Moments) -> Moments:
        """When driving begins for who wants to set out at each moment."""
        second = self._days.drive(self._days.at(self._crews, moments), np.ones_like(moments))
        return np.where(second.at_s < NEVER, second.at_s - 1, NEVER)

    def drive(self, moments: Moments, times: Moments) -> Moments:
        """Arrivals after so much driving from each moment on."""
        return self._days.drive(self._days.at(self._crews, moments), times).at_s
