"""The worst case of a whole plan when vehicles have late legs: by region, with the legs that cause it.

For each vehicle a dynamic programme over (position, late legs so far). A later trip begins when the trip
before has ended with as many late legs, the goods of other vehicles are there at all of *their* late legs,
and the dock's load before is over. What comes out is never less than the true one: every step is monotone.
It is exactly that where the late legs that were traced back are, for each vehicle, no more than it may have.
They can be more only where a vehicle waits at a dock for one that had waited for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from planner.instance.schema import Overnight, Region
from planner.plans.model import Stop
from planner.proof.world import World
from planner.proof.worst.policy import NEVER, Course, Policy

__all__ = ["Failure", "FailureKind", "LateLeg", "WorstCase", "WorstCases"]


class LateLeg(NamedTuple):
    """A leg that takes its largest delay; legs of a trip are numbered from 1."""

    trip: str
    leg: int


class FailureKind(StrEnum):
    """Why a region is not guaranteed."""

    UNDELIVERED = "undelivered"  # it does not receive everything even as planned
    LATE = "late"  # it receives too late
    HUB_LATE = "hub_late"  # its goods are unloaded too late at a hub
    NOT_BACK = "not_back"  # a vehicle that must be home is not back in its shift


@dataclass(frozen=True, slots=True)
class Failure:
    """What a region's guarantee fails by.

    Parameters
    ----------
    place
        Where: ids by kind (trip, hub, vehicle).
    moment_s
        When it happens in the worst case; None: never.
    limit_s
        When it should; None where there is no such moment.
    late_legs
        Legs that cause it.
    """

    kind: FailureKind
    place: Mapping[str, str] = field(default_factory=dict)
    moment_s: int | None = None
    limit_s: int | None = None
    late_legs: tuple[LateLeg, ...] = ()


@dataclass(frozen=True, slots=True)
class WorstCase:
    """Worst case of a region.

    Parameters
    ----------
    received_s
        Its receipt in the worst case; None: never, or it needs nothing.
    margin_s
        Deadline minus this receipt.
    exact
        Whether some set of late legs is as bad as this; else it is an upper bound.
    late_legs
        One set of late legs that causes the receipt; of a bound, what was traced back.
    failure
        Why the region is not guaranteed; None where it is.
    """

    region: str
    received_s: int | None
    margin_s: int | None
    exact: bool
    late_legs: tuple[LateLeg, ...] = ()
    failure: Failure | None = None

    @property
    def guaranteed(self) -> bool:
        """Whether the region is on time whatever legs are late."""
        return self.failure is None


@dataclass(slots=True)
class _Track:
    """Worst moments of a trip by the number of late legs of its vehicle, from none to as many as may be."""

    load_start: list[int]
    depart: list[int]
    arrive: list[list[int]] = field(default_factory=list)  # of each leg
    served: list[list[int]] = field(default_factory=list)  # of each stop

    @property
    def end(self) -> list[int]:
        """End of the trip."""
        return [self.depart, *self.served, *self.arrive[len(self.served) :]][-1]


class _Point(NamedTuple):
    """Where a moment is: after a leg and the service at its end (-1: at the start of loading)."""

    course: int
    leg: int
    late: int


class WorstCases:
    """Worst cases of a plan.

    Parameters
    ----------
    world
        What the files say.
    courses
        The plan's trips, in the order of their loading.
    gammas
        Late legs of each course's vehicle.
    """

    def __init__(self, world: World, courses: Sequence[Course], gammas: Sequence[int]) -> None:
        self._world, self._courses = world, courses
        self._by_trip = {one.view.trip.id: one for one in courses}
        self._policy = Policy(world, heeds_outages=True)
        legs = Counter[str]()
        for course in courses:
            own = (leg.leg for leg in course.view.legs)
            legs[course.view.trip.vehicle_id] += sum(not course.is_past(leg.depart_s) for leg in own)
        self._most: dict[str, int] = {}
        for course, gamma in zip(courses, gammas, strict=True):
            vehicle = course.view.trip.vehicle_id
            self._most.setdefault(vehicle, min(gamma, legs[vehicle]))
        self._tracks: list[_Track] = []
        for idx in range(len(courses)):
            self._tracks.append(self._track(idx))
        self._away: dict[int, tuple[Failure, ...]] = {}
        self._carriers: dict[str, set[int]] = {}
        for idx, course in enumerate(courses):
            for stop in course.view.trip.stops:
                for item in stop.deliveries:
                    self._carriers.setdefault(item.region_id, set()).add(idx)
        awaited = {feed.course for course in courses for feed in course.stock}
        self._unasked = [  # transfers that no loading waits for
            (stop.node_id, idx)
            for idx, course in enumerate(courses)
            if course.view.is_transfer and idx not in awaited
            for stop in course.view.trip.stops
        ]

    def _track(self, idx: int) -> _Track:
        course, policy = self._courses[idx], self._policy
        most = self._most[course.view.trip.vehicle_id]
        starts = [
            policy.load_start_s(course, max((one for _, one in self._waits(idx, late)), default=0))
            for late in range(most + 1)
        ]
        track = _Track(starts, [_plus(start, course.load_s) for start in starts])
        moments = track.depart
        for number in range(len(course.ways)):
            track.arrive.append(self._arrivals(course, number, moments))
            if number < len(course.calendars):
                moments = [policy.served_s(course, number, moment) for moment in track.arrive[-1]]
                track.served.append(moments)
        return track

    def _arrivals(self, course: Course, number: int, moments: Sequence[int]) -> list[int]:
        """Worst ends of a leg, by the number of late legs so far.

        A leg under way at a replan may take its own largest delay, which is no late leg of its vehicle.
        """
        policy = self._policy
        if course.is_under_way(number):
            return [policy.under_way_s(course, number)] * len(moments)
        return [
            max(
                policy.arrive_s(course, number, moments[late]),
                policy.arrive_s(course, number, moments[late - 1], late=True) if late else 0,
            )
            for late in range(len(moments))
        ]

    def _waits(self, idx: int, late: int) -> Iterator[tuple[_Point, int]]:
        """Yield what a loading waits for, and until when: trip before, goods, dock."""
        course = self._courses[idx]
        vehicle = course.view.trip.vehicle_id
        if course.before is not None:
            last = len(self._courses[course.before].ways) - 1
            yield _Point(course.before, last, late), self._tracks[course.before].end[late]
        for feed in (*course.feeds, *course.stock):
            served = self._tracks[feed.course].served[feed.stop]
            yield _Point(feed.course, feed.stop, _least(served)), _plus(served[-1], feed.rest_s)
        if course.dock is not None:
            other = self._tracks[course.dock].depart
            own = self._courses[course.dock].view.trip.vehicle_id == vehicle
            most = late if own else _least(other)
            yield _Point(course.dock, -1, most), other[most]

    def _traced(self, point: _Point | None) -> tuple[LateLeg, ...]:
        """Late legs that lead to a moment, first ones first."""
        found: list[LateLeg] = []
        while point is not None:
            point = self._traced_trip(point, found)
        return tuple(reversed(found))

    def _traced_trip(self, point: _Point, found: list[LateLeg]) -> _Point | None:
        """Go back to the start of a trip: what its loading waited for, None if a planned moment held."""
        idx, last, late = point
        course, track = self._courses[idx], self._tracks[idx]
        trip = course.view.trip
        for number in range(last, -1, -1):
            leg, arrive_s = course.view.legs[number].leg, track.arrive[number][late]
            if number < len(trip.stops) and arrive_s <= trip.stops[number].start_s:
                return None
            if arrive_s <= leg.arrive_s:
                return None
            before = track.served[number - 1] if number else track.depart
            if course.is_past(leg.depart_s):
                found.append(LateLeg(trip.id, number + 1))
                return None
            if self._policy.arrive_s(course, number, before[late]) < arrive_s:
                found.append(LateLeg(trip.id, number + 1))
                late -= 1
            if before[late] <= leg.depart_s:
                return None
        if track.load_start[late] <= trip.load_start_s:
            return None
        waits = list(self._waits(idx, late))
        longest = max((one for _, one in waits), default=0)
        return next((where for where, one in waits if one == longest), None)

    def _is_exact(self, legs: Iterable[LateLeg]) -> bool:
        courses = ((self._by_trip[leg.trip], leg) for leg in legs)
        numbers = Counter(
            one.view.trip.vehicle_id for one, leg in courses if not one.is_under_way(leg.leg - 1)
        )
        return all(number <= self._most[vehicle] for vehicle, number in numbers.items())

    def of(self, region: Region, *, delivered: bool) -> WorstCase:
        """Worst case of a region.

        Parameters
        ----------
        delivered
            Whether the plan brings all that it needs.
        """
        carriers = sorted(self._carriers.get(region.id, ()))
        last: tuple[int, _Point] | None = None
        hubs: list[Failure] = []
        for idx in carriers:
            for number, stop in enumerate(self._courses[idx].view.stops):
                if any(item.region_id == region.id for item in stop.stop.deliveries):
                    served = self._tracks[idx].served[number]
                    point = _Point(idx, number, _least(served))
                    if stop.hub is not None:
                        hubs += self._late_at_hub(point, self._world.hub_deadline_s(stop.hub))
                    elif last is None or served[-1] > last[0]:
                        last = served[-1], point
        if not delivered or last is None:
            return WorstCase(region.id, None, None, exact=True, failure=Failure(FailureKind.UNDELIVERED))
        worst_s, point = last
        received_s, legs = _known(worst_s), self._traced(point)
        deadline_s = self._world.deadline_s(region)
        trips = (*carriers, *self._transfers(carriers, region.warehouse))
        failures = [*hubs, *(one for idx in trips for one in self._not_back(idx, region.id))]
        if worst_s >= deadline_s:
            place = {"trip": self._courses[point.course].view.trip.id}
            failures.insert(0, Failure(FailureKind.LATE, place, received_s, deadline_s, legs))
        return WorstCase(
            region=region.id,
            received_s=received_s,
            margin_s=None if received_s is None else deadline_s - received_s,
            exact=self._is_exact(legs),
            late_legs=legs,
            failure=failures[0] if failures else None,
        )

    def _transfers(self, carriers: Sequence[int], warehouse: str) -> list[int]:
        """Transfers that some trips wait for, or those to the region's warehouse that nobody waits for."""
        found: set[int] = set()
        open_trips = list(carriers)
        while open_trips:
            before = {feed.course for feed in self._courses[open_trips.pop()].stock} - found
            found |= before
            open_trips += before
        return sorted(found | {idx for taker, idx in self._unasked if taker == warehouse})

    def _late_at_hub(self, point: _Point, deadline_s: int | None) -> Iterator[Failure]:
        trip = self._courses[point.course].view.trip
        worst_s = self._tracks[point.course].served[point.leg][-1]
        if deadline_s is not None and worst_s >= deadline_s:
            place = {"hub": trip.stops[point.leg].node_id, "trip": trip.id}
            yield Failure(FailureKind.HUB_LATE, place, _known(worst_s), deadline_s, self._traced(point))

    def _not_back(self, idx: int, region: str) -> tuple[Failure, ...]:
        """Whether a vehicle that must be home is not back from a trip in the shift of its plan.

        At a replan it is no matter of those regions any more that it has served.
        """
        course = self._courses[idx]
        stops: Sequence[Stop] = course.view.trip.stops
        if not course.view.is_transfer:
            stops = [stop for stop in stops if any(one.region_id == region for one in stop.deliveries)]
        if course.now_s is not None and all(stop.end_s <= course.now_s for stop in stops):
            return ()
        if idx not in self._away:
            course, end = self._courses[idx], self._tracks[idx].end
            trip = course.view.trip
            slack_s = self._world.calendars.slack(course.kind.calendar, trip.load_start_s, trip.end_s)
            limit_s = None if slack_s is None else trip.end_s + slack_s
            if course.kind.overnight is not Overnight.HOME or (limit_s is not None and end[-1] <= limit_s):
                self._away[idx] = ()
            else:
                legs = self._traced(_Point(idx, len(course.ways) - 1, _least(end)))
                place = {"trip": trip.id, "vehicle": trip.vehicle_id}
                failure = Failure(FailureKind.NOT_BACK, place, _known(end[-1]), limit_s, legs)
                self._away[idx] = (failure,)
        return self._away[idx]


def _least(moments: Sequence[int]) -> int:
    """Fewest late legs with which the worst moment is reached."""
    return moments.index(moments[-1])


def _plus(moment_s: int, seconds: int) -> int:
    return NEVER if moment_s >= NEVER else moment_s + seconds


def _known(moment_s: int) -> int | None:
    return None if moment_s >= NEVER else moment_s
