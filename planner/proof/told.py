"""What reports say of more than the trip that they are about: what must have happened before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from planner.events.meaning import EACH, LOADED, SERVED_AT
from planner.events.tellings import TripReports
from planner.proof.worst.policy import NEVER, Course

__all__ = ["Limit", "Told"]

_ALL = 10**9  # place in the order of a trip after all others


class Limit(NamedTuple):
    """By when things of a trip were over: all up to a place in its order, and the report that tells it."""

    place: int
    at_s: int
    event: str


class Told:
    """What is told of trips, by themselves and by later ones.

    Parameters
    ----------
    courses
        The trips, in the order of their loading.
    reports
        What is reported of each.
    feeds
        Whether goods that a trip loaded at a hub were brought there before. Not so where what nobody reported
        is believed to have gone as planned: there a report of the trip may contradict that belief, and it is
        said. Of who broke down it always holds: what went on had come before he did; and of a trip of which
        nothing itself is told, but something later of its vehicle.

    Notes
    -----
    Before a vehicle loaded again its trips before were over. Loading had begun when the plan says, for a trip
    that has begun in it; else as long before what is told first as it takes, but not before it was planned.
    Where its end is told it may have begun sooner, but not before the trips of its vehicle before were
    over: then it took less long, and they are as they were.
    """

    def __init__(self, courses: Sequence[Course], reports: Mapping[str, TripReports], *, feeds: bool) -> None:
        self._own = [reports.get(course.view.trip.id) or TripReports() for course in courses]
        self._before = [course.before for course in courses]
        self._later: list[list[Limit]] = [[] for _ in courses]
        self._began = [NEVER] * len(courses)
        for idx in range(len(courses) - 1, -1, -1):
            course = courses[idx]
            first = min(self._first(idx, course), default=None)
            if first is None:
                continue
            self._began[idx], at_s, event = first
            if course.before is not None:
                self._later[course.before].append(Limit(_ALL, at_s, event))
            own, planned_s = self._own[idx], course.view.trip.load_start_s
            at_s = self._began[idx]  # goods were there before it began to load
            on_its_way = feeds and own.broken is not None and not own.known  # when it broke down
            for feed in course.feeds:
                brings = self._own[feed.course]
                broken = brings.broken
                if feeds or broken is not None or not own.known:
                    soon = on_its_way and not brings.delays
                    last_s = (min(at_s, planned_s) if soon else at_s) - feed.rest_s
                    last_s = last_s if broken is None else min(last_s, broken.begins_s)
                    limit = Limit(SERVED_AT + EACH * feed.stop, last_s, event)
                    self._later[feed.course].append(limit)

    def _first(self, idx: int, course: Course) -> Iterator[tuple[int, int, str]]:
        """Yield when its loading had begun, and by when its vehicle had ended its trips before."""
        own, planned_s = self._own[idx], course.view.trip.load_start_s
        for place, one in own.known.items():
            over_s = began_s = min(one.at_s, max(one.at_s - course.load_s, planned_s))
            if course.view.begun:
                over_s = began_s = planned_s
            elif place == LOADED:
                began_s = one.at_s - course.load_s
            yield began_s, over_s, one.event.id
        if own.broken is not None:
            yield own.broken.begins_s, own.broken.begins_s, own.broken.id
        for limit in self._later[idx]:
            yield limit.at_s, limit.at_s, limit.event

    def began(self, idx: int) -> int:
        """When its loading had begun at the latest; `NEVER` where nothing is told."""
        return self._began[idx]

    def since(self, idx: int) -> int:
        """When its vehicle was elsewhere for sure: the last thing told of its trips before; 0: nothing is."""
        before, last_s = self._before[idx], 0
        while before is not None and not last_s:
            last_s = max((one.at_s for one in self._own[before].known.values()), default=0)
            before = self._before[before]
        return last_s

    def is_known(self, idx: int) -> bool:
        """Whether a trip has begun, by its own reports or by what must have been before others."""
        own = self._own[idx]
        return bool(own.known) or own.broken is not None or bool(self._later[idx])

    def limit(self, idx: int, place: int) -> Limit | None:
        """By when a thing of a trip was over at the latest; None: nothing is told of anything later."""
        own = self._own[idx]
        known = [Limit(at, one.at_s, one.event.id) for at, one in own.known.items() if at >= place]
        if known:
            return min(known, key=lambda one: one.at_s)
        later = [one for one in self._later[idx] if one.place >= place]
        if not later:
            return None
        found = min(later, key=lambda one: one.at_s)
        last_s = max((one.at_s for one in own.known.values()), default=self.since(idx))
        return found._replace(at_s=max(found.at_s, last_s))

    def later(self, idx: int) -> tuple[str, ...]:
        """Reports of later trips that tell something of a trip, the first one first."""
        return tuple(limit.event for limit in sorted(self._later[idx], key=lambda one: one.at_s))

    def before(self, idx: int, place: int) -> int:
        """The moment of `limit`; `NEVER` where there is none."""
        found = self.limit(idx, place)
        return NEVER if found is None else found.at_s
