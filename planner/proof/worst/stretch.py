"""How much longer all travel may take, how much later a trip may start, before a region is late."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.base.clock import MINUTE_S
from planner.proof.world import World
from planner.proof.worst.policy import NEVER, Course, Policy
from planner.proof.worst.working_time import Reached

__all__ = ["Limits", "Stretch", "stretch_of"]

Limits = Mapping[int, Sequence[tuple[int, int]]]
"""For a course (by number) stops (by number) and the moment before which their service must have ended."""

_MOST_PERCENT = 10**9


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a plan withstands without any guarantee; None where nothing would ever be late.

    Parameters
    ----------
    percent
        Largest whole percent by which all travel may lengthen.
    minutes
        Largest number of minutes by which any single trip may start later.

    Notes
    -----
    Of the regions that are on time as planned none is late then; one percent or minute more makes one late.
    """

    percent: int | None
    minutes: int | None


@dataclass(slots=True)
class _Moments:
    """Moments of a trip: end of its loading, of its services, of itself."""

    depart: int
    served: list[int]
    end: Reached


def stretch_of(world: World, courses: Sequence[Course], limits: Limits) -> Stretch:
    """Find the stretch of a plan, by bisection with the policy's own propagation.

    Parameters
    ----------
    limits
        What must not be late.
    """
    if not limits:
        return Stretch(None, None)
    plan = _Propagation(world, courses, limits)
    if plan.is_late:  # only in a plan that breaks rules
        return Stretch(0, 0)
    return Stretch(plan.percent(), plan.minutes())


class _Propagation:
    def __init__(self, world: World, courses: Sequence[Course], limits: Limits) -> None:
        self._policy, self._courses, self._limits = Policy(world, heeds_limits=True), courses, limits
        self._usual: list[_Moments] = []
        self.is_late = False
        for idx in range(len(courses)):
            self._usual.append(self._run(idx, self._usual))
            self.is_late = self.is_late or self._late(idx, self._usual[idx])

    def _run(
        self, idx: int, others: Sequence[_Moments] | _Changed, *, slip_s: int = 0, percent: int = 0
    ) -> _Moments:
        course, policy = self._courses[idx], self._policy
        possible = [course.view.trip.load_start_s + slip_s]
        own = None if course.before is None else others[course.before].end
        if own is not None:
            possible.append(own.at_s)
        if course.dock is not None:
            possible.append(others[course.dock].depart)
        possible += [
            others[feed.course].served[feed.stop] + feed.rest_s for feed in (*course.feeds, *course.stock)
        ]
        ready = Reached(max(possible)) if own is None else policy.working.at(own, max(possible))
        now = policy.loaded(course, ready)
        depart_s = now.at_s
        served: list[int] = []
        for number in range(len(course.ways)):
            now = policy.arrived(course, number, now, percent=percent)
            if number < len(course.calendars):
                now = policy.served(course, number, now)
                served.append(now.at_s)
        return _Moments(depart_s, served, now)

    def _late(self, idx: int, moments: _Moments) -> bool:
        return any(moments.served[stop] >= limit_s for stop, limit_s in self._limits.get(idx, ()))

    def percent(self) -> int | None:
        """Largest percent: the smallest of all groups of trips, those with the least margin first."""
        least: int | None = None  # so much makes somebody late
        for group in sorted(self._groups(), key=lambda one: min(self._margin_s(idx) for idx in one)):
            if least is None:
                least = self._doubled(group)
            elif self._late_at(group, least - 1):
                least = self._halved(group, 0, least - 1)
        return None if least is None else least - 1

    def _groups(self) -> list[list[int]]:
        """Trips of which some wait for others, in their order; no trip waits for one of another group."""
        group = list(range(len(self._courses)))

        def first(idx: int) -> int:
            while group[idx] != idx:
                group[idx] = idx = group[group[idx]]
            return idx

        for idx, course in enumerate(self._courses):
            for other in course.then:
                one, two = sorted((first(idx), first(other)))
                group[two] = one
        found: dict[int, list[int]] = {}
        for idx in range(len(self._courses)):
            found.setdefault(first(idx), []).append(idx)
        return list(found.values())

    def _doubled(self, group: Sequence[int]) -> int | None:
        """The first percent that makes somebody of a group late; None: none does."""
        high = 1
        while not self._late_at(group, high):
            if high > _MOST_PERCENT:
                return None
            high *= 2
        return self._halved(group, high // 2, high)

    def _halved(self, group: Sequence[int], low: int, high: int) -> int:
        """The same between one that does not and one that does."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._late_at(group, middle) else (middle, high)
        return high

    def _late_at(self, group: Sequence[int], percent: int) -> bool:
        found = _Changed(self._usual)
        for idx in group:
            moments = found.new[idx] = self._run(idx, found, percent=percent)
            if self._late(idx, moments):
                return True
        return False

    def minutes(self) -> int | None:
        """Largest number of minutes: the smallest of all trips, those with the least margin first."""
        last_s = max(limit_s for limits in self._limits.values() for _, limit_s in limits)
        beyond = max(0, last_s) // MINUTE_S + 1  # who starts that late is late himself
        least = beyond
        for idx in sorted(range(len(self._courses)), key=self._margin_s):
            if self._late_after(idx, least):
                low = 0
                while least - low > 1:
                    middle = (low + least) // 2
                    low, least = (low, middle) if self._late_after(idx, middle) else (middle, least)
                least = low
        return None if least == beyond else least

    def _margin_s(self, idx: int) -> int:
        served = self._usual[idx].served
        return min((limit_s - served[stop] for stop, limit_s in self._limits.get(idx, ())), default=NEVER)

    def _late_after(self, idx: int, minutes: int) -> bool:
        """Whether somebody is late when a trip starts so much later; follows only what that changes."""
        changed = _Changed(self._usual)
        waiting, seen = [idx], {idx}
        while waiting:
            one = heapq.heappop(waiting)
            moments = self._run(one, changed, slip_s=minutes * MINUTE_S if one == idx else 0)
            if moments == self._usual[one]:
                continue
            if self._late(one, moments):
                return True
            changed.new[one] = moments
            for other in self._courses[one].then - seen:
                seen.add(other)
                heapq.heappush(waiting, other)
        return False


class _Changed:
    """Moments of all trips, of which some have changed."""

    def __init__(self, usual: Sequence[_Moments]) -> None:
        self._usual = usual
        self.new: dict[int, _Moments] = {}

    def __getitem__(self, idx: int) -> _Moments:
        return self.new.get(idx) or self._usual[idx]
