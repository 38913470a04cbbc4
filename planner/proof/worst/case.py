"""The worst case of a whole plan when vehicles have late legs: by region, with the legs that cause it.

For each vehicle a dynamic programme over (position, late legs so far). A later trip begins when the trip
before has ended with as many late legs, the goods of other vehicles are there at all of *their* late legs,
and the dock's load before is over. Where working time is limited it keeps all that may become the worst: who
comes last, and who comes sooner but has worked longer that day. What comes out is never less than the true
one: every step is monotone. It is exactly that where the late legs that were traced back are, for each
vehicle, no more than it may have. They can be more only where a vehicle waits at a dock for one that had
waited for it.
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
from planner.proof.worst.working_time import Reached

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
    NOT_BACK = "not_back"  # a vehicle that must be home is not back by the end of its next shift
    HORIZON = "horizon"  # it would be, but only after the horizon


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


_Crews = tuple[Reached, ...]
"""Those that may become the worst; the last one comes last."""


@dataclass(slots=True)
class _Track:
    """The worst of a trip by the number of late legs of its vehicle, from none to as many as may be."""

    ready: list[_Crews]  # vehicle, goods and dock are there
    depart: list[_Crews]
    arrive: list[list[_Crews]] = field(default_factory=list)  # of each leg
    served: list[list[_Crews]] = field(default_factory=list)  # of each stop

    @property
    def end(self) -> list[_Crews]:
        """End of the trip."""
        return [self.depart, *self.served, *self.arrive[len(self.served) :]][-1]


class _Point(NamedTuple):
    """A crew after a leg and the service at its end (-1: after the loading)."""

    course: int
    leg: int
    late: int
    crew: Reached


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
        self._policy = Policy(world, heeds_limits=True)
        self._working = self._policy.working
        legs = Counter[str]()
        for course in courses:
            open_legs = (
                not course.is_past(leg.leg.depart_s) or course.is_under_way(number)
                for number, leg in enumerate(course.view.legs)
            )
            legs[course.view.trip.vehicle_id] += sum(open_legs)
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
        course, policy, worst = self._courses[idx], self._policy, self._working.worst
        most = self._most[course.view.trip.vehicle_id]
        ready = [worst(self._ready(idx, late)) for late in range(most + 1)]
        track = _Track(ready, [worst(policy.loaded(course, one) for one in crews) for crews in ready])
        crews = track.depart
        for number in range(len(course.ways)):
            track.arrive.append(self._arrivals(course, number, crews))
            if number < len(course.calendars):
                crews = [
                    worst(policy.served(course, number, one) for one in there) for there in track.arrive[-1]
                ]
                track.served.append(crews)
        return track

    def _ready(self, idx: int, late: int) -> Iterator[Reached]:
        """Crews when all that their loading waits for is there."""
        course = self._courses[idx]
        others_s = max((moment_s for _, moment_s in self._others(idx, late)), default=0)
        if course.before is None:
            yield Reached(others_s)
            return
        for crew in self._tracks[course.before].end[late]:
            yield self._at(crew, others_s)

    def _arrivals(self, course: Course, number: int, crews: Sequence[_Crews]) -> list[_Crews]:
        """Worst ends of a leg, by the number of late legs so far.

        A leg under way at a replan is one of those that may be late; what is over by then is not.
        """
        policy = self._policy
        under_way = course.is_under_way(number)
        found: list[_Crews] = []
        for late in range(len(crews)):
            ends = [policy.arrived(course, number, one) for one in crews[late]]
            if late and under_way:
                ends.append(policy.under_way(course, number))
            elif late:
                ends += [policy.arrived(course, number, one, late=True) for one in crews[late - 1]]
            found.append(self._working.worst(ends))
        return found

    def _others(self, idx: int, late: int) -> Iterator[tuple[_Point, int]]:
        """Yield what a loading waits for beside its own crew, and until when: goods, dock."""
        course = self._courses[idx]
        for feed in (*course.feeds, *course.stock):
            point = _last(feed.course, feed.stop, self._tracks[feed.course].served[feed.stop])
            yield point, _plus(point.crew.at_s, feed.rest_s)
        if course.dock is not None:
            loaded = self._tracks[course.dock].depart
            own = self._courses[course.dock].view.trip.vehicle_id == course.view.trip.vehicle_id
            point = _last(course.dock, -1, loaded[: late + 1] if own else loaded)
            yield point, point.crew.at_s

    def _traced(self, point: _Point) -> tuple[LateLeg, ...]:
        """Late legs that lead to a moment, first ones first."""
        found: set[tuple[int, int]] = set()
        points = [point]
        while points:
            points += self._traced_trip(points.pop(), found)
        return tuple(LateLeg(self._courses[idx].view.trip.id, number + 1) for idx, number in sorted(found))

    def _traced_trip(self, point: _Point, found: set[tuple[int, int]]) -> list[_Point]:
        """Go back to the start of a trip: what its loading waited for, nothing if the plan held."""
        idx, last, late, crew = point
        course, track, policy = self._courses[idx], self._tracks[idx], self._policy
        for number in range(last, -1, -1):
            if number < len(course.served):
                if self._is_planned(crew, course.served[number]):
                    return []
                there = track.arrive[number][late]
                crew = next(one for one in there if policy.served(course, number, one) == crew)
            leg = course.view.legs[number].leg
            if self._is_planned(crew, course.arrived[number]):
                return []
            if course.is_past(leg.depart_s):
                found.add((idx, number))
                return []
            before = track.served[number - 1] if number else track.depart
            on_time = (one for one in before[late] if policy.arrived(course, number, one) == crew)
            start = next(on_time, None)
            if start is None:
                found.add((idx, number))
                late -= 1
                start = next(
                    one for one in before[late] if policy.arrived(course, number, one, late=True) == crew
                )
            crew, planned = start, course.served[number - 1] if number else course.loaded
            if self._is_planned(self._at(crew, leg.depart_s), self._at(planned, leg.depart_s)):
                return []
        return [] if self._is_planned(crew, course.loaded) else self._waited_for(idx, late, crew)

    def _at(self, crew: Reached, moment_s: int) -> Reached:
        """A crew at a moment, or later if it comes later."""
        return self._working.at(crew, max(crew.at_s, moment_s))

    def _waited_for(self, idx: int, late: int, crew: Reached) -> list[_Point]:
        """What made a loading end late: what it waited for, and what its crew had done that day."""
        course, track = self._courses[idx], self._tracks[idx]
        ready = next(one for one in track.ready[late] if self._policy.loaded(course, one) == crew)
        points: list[_Point] = []
        if course.before is not None:
            ends, last = self._tracks[course.before].end[late], len(self._courses[course.before].ways) - 1
            own = next(one for one in ends if self._at(one, ready.at_s) == ready)
            planned = self._working.at(self._courses[course.before].ended, course.view.trip.load_start_s)
            worked_s = self._at(ready, planned.at_s).worked_s
            if own.at_s == ready.at_s or worked_s > planned.worked_s:
                points.append(_Point(course.before, last, late, own))
            if own.at_s == ready.at_s:
                return points
        for point, ready_s in self._others(idx, late):
            if ready_s == ready.at_s:
                return [*points, point]
        return points

    def _is_planned(self, crew: Reached, planned: Reached) -> bool:
        """Whether a crew is no later than planned, and has worked no longer."""
        return self._working.latest(crew, planned) == planned

    def _is_exact(self, legs: Iterable[LateLeg]) -> bool:
        courses = ((self._by_trip[leg.trip], leg) for leg in legs)
        numbers = Counter(one.view.trip.vehicle_id for one, _ in courses)
        return all(number <= self._most[vehicle] for vehicle, number in numbers.items())

    def of(self, region: Region, *, delivered: bool) -> WorstCase:
        """Worst case of a region.

        Parameters
        ----------
        delivered
            Whether the plan brings all that it needs.
        """
        carriers = sorted(self._carriers.get(region.id, ()))
        last: _Point | None = None
        hubs: list[Failure] = []
        for idx in carriers:
            for number, stop in enumerate(self._courses[idx].view.stops):
                if any(item.region_id == region.id for item in stop.stop.deliveries):
                    point = _last(idx, number, self._tracks[idx].served[number])
                    if stop.hub is not None:
                        hubs += self._late_at_hub(point, self._world.hub_deadline_s(stop.hub))
                    elif last is None or point.crew.at_s > last.crew.at_s:
                        last = point
        if not delivered or last is None:
            return WorstCase(region.id, None, None, exact=True, failure=Failure(FailureKind.UNDELIVERED))
        worst_s, legs = last.crew.at_s, self._traced(last)
        received_s = _known(worst_s)
        deadline_s = self._world.deadline_s(region)
        trips = (*carriers, *self._transfers(carriers, region.warehouse))
        failures = [*hubs, *(one for idx in trips for one in self._not_back(idx, region.id))]
        if worst_s >= deadline_s:
            place = {"trip": self._courses[last.course].view.trip.id}
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
        worst_s = point.crew.at_s
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
            self._away[idx] = tuple(self._not_home(idx))
        return self._away[idx]

    def _not_home(self, idx: int) -> Iterator[Failure]:
        course = self._courses[idx]
        if course.kind.overnight is not Overnight.HOME:
            return
        point, trip = _last(idx, len(course.ways) - 1, self._tracks[idx].end), course.view.trip
        back_s, limit_s = point.crew.at_s, self._home_by_s(course)
        if limit_s is None or back_s > limit_s:
            place = {"trip": trip.id, "vehicle": trip.vehicle_id}
            yield Failure(FailureKind.NOT_BACK, place, _known(back_s), limit_s, self._traced(point))
        elif back_s > max(self._world.horizon_s, self._shift_ends_s(course) or 0):
            place = {"trip": trip.id, "vehicle": trip.vehicle_id}
            horizon_s = self._world.horizon_s
            yield Failure(FailureKind.HORIZON, place, _known(back_s), horizon_s, self._traced(point))

    def _shift_ends_s(self, course: Course) -> int | None:
        """End of the shift in which a vehicle plans to be back; None: it plans to be in none."""
        trip = course.view.trip
        slack_s = self._world.calendars.slack(course.kind.calendar, trip.load_start_s, trip.end_s)
        return None if slack_s is None else trip.end_s + slack_s

    def _home_by_s(self, course: Course) -> int | None:
        """When a vehicle that must be home is to be back at the latest: at the end of its next shift."""
        own_s = self._shift_ends_s(course)
        if own_s is None:
            return None
        shifts = self._world.calendars.intervals(course.kind.calendar)
        return next((until_s for from_s, until_s in shifts if from_s >= own_s), own_s)


def _last(course: int, leg: int, crews: Sequence[_Crews]) -> _Point:
    """The crew that comes last, with the fewest late legs with which it does."""
    last_s = crews[-1][-1].at_s
    late = next(late for late, there in enumerate(crews) if there[-1].at_s == last_s)
    return _Point(course, leg, late, crews[late][-1])


def _plus(moment_s: int, seconds: int) -> int:
    return NEVER if moment_s >= NEVER else moment_s + seconds


def _known(moment_s: int) -> int | None:
    return None if moment_s >= NEVER else moment_s
