"""What happens to a plan when something is late: the checker's own reading of the policy.

Nothing begins before its planned time. It begins as soon as the vehicle is there, the goods are ready, the
dock is free in the plan's order, and hours, shifts and the working time of the day allow. Who is overtaken by
the end of a shift, or has worked as long as who is late may, pauses where he is until his next shift of a
later day. All steps are monotone: who comes later, or has worked longer on that day, never ends earlier
(`planner.proof.worst.working_time`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from planner.instance.schema import Edge, Overnight, VehicleType
from planner.proof.calendars import Interval
from planner.proof.views import Move, Piece, TripView
from planner.proof.world import World
from planner.proof.worst.delays import Delays
from planner.proof.worst.outages import first_clear, vehicles_and_docks_out
from planner.proof.worst.pieces import pieces_of
from planner.proof.worst.stock_feeds import transfers_before
from planner.proof.worst.working_time import (
    NEVER,
    NEVER_REACHED,
    Reached,
    WorkingTime,
    begin_of,
    without,
)

__all__ = ["NEVER", "Course", "Feed", "Policy", "courses"]

_ALWAYS: tuple[Interval, ...] = ((-(10**18), 10**18),)
_Fit = Callable[[int], int]  # the first moment, from a moment on, that a rule allows


class Feed(NamedTuple):
    """Goods that a trip takes on: course and stop that bring them, time of their transfer at a hub."""

    course: int
    stop: int
    rest_s: int


@dataclass(slots=True)
class Course:
    """A trip, what it waits for, and what waits for it; courses are in the order of their loading.

    ``ways`` holds the pieces of each leg; None where the claimed path cannot be followed. ``now_s`` is the
    moment of a replan at which the trip had begun; what of it began before takes as long as it took.
    """

    view: TripView
    kind: VehicleType
    ways: tuple[tuple[Piece, ...] | None, ...]
    calendars: tuple[str, ...]  # of the receivers, stop by stop
    origin_calendar: str
    before: int | None = None  # trip before of the same vehicle
    dock: int | None = None  # load before at the same dock
    feeds: tuple[Feed, ...] = ()
    stock: tuple[Feed, ...] = ()  # transfers of other warehouses that bring what it loads
    then: set[int] = field(default_factory=set)  # what waits for it
    now_s: int | None = None
    vehicle_out: tuple[Interval, ...] = ()  # in which its vehicle is out of use
    dock_out: tuple[Interval, ...] = ()  # in which its dock is
    limit_s: int | None = None  # most work of a day when late; None: no less than any day's shifts are long
    loaded: Reached = NEVER_REACHED  # as planned, with the work of the day (0 without a limit)
    arrived: tuple[Reached, ...] = ()  # the same at the end of each leg
    served: tuple[Reached, ...] = ()  # and of each service

    def is_past(self, start_s: int) -> bool:
        """Whether what begins then is history, or under way at a replan."""
        return self.now_s is not None and start_s < self.now_s

    def is_under_way(self, number: int) -> bool:
        """Whether a leg had begun at a replan, and not ended."""
        leg = self.view.legs[number].leg
        return self.now_s is not None and leg.depart_s < self.now_s < leg.arrive_s

    @property
    def load_s(self) -> int:
        """Length of its loading."""
        return max(0, self.view.trip.depart_s - self.view.trip.load_start_s)

    @property
    def ended(self) -> Reached:
        """Its end as planned."""
        return [self.loaded, *self.served, *self.arrived[len(self.served) :]][-1]


def courses(
    world: World,
    views: Iterable[TripView],
    moves: Mapping[str, Sequence[Move]],
    now_s: int | None = None,
) -> tuple[Course, ...]:
    """Make the courses of all trips of known types, with what they wait for.

    Parameters
    ----------
    world, views
        What the files say, and the plan's trips.
    moves
        Of each consignment, the legs by which it goes.
    now_s
        The moment of a replan; None for a plan that is none.
    """
    delays = Delays(world.instance)
    known = [(view, view.kind) for view in views if view.kind is not None]
    known.sort(key=lambda one: (one[0].trip.load_start_s, not one[0].is_transfer, one[0].trip.end_s))
    made = tuple(_course(world, delays, view, kind) for view, kind in known)
    index = {id(course.view): idx for idx, course in enumerate(made)}
    at_vehicle: dict[str, int] = {}
    at_dock: dict[tuple[str, int], int] = {}
    transfers = transfers_before(world.instance, [view for view, _ in known])
    for idx, course in enumerate(made):
        trip = course.view.trip
        course.now_s = now_s if course.view.begun else None
        course.before = at_vehicle.get(trip.vehicle_id)
        at_vehicle[trip.vehicle_id] = idx
        if course.load_s:
            course.dock = at_dock.get((trip.origin_id, trip.dock))
            at_dock[trip.origin_id, trip.dock] = idx
        course.feeds = tuple(feed for feed in _feeds(course, moves, index) if feed.course < idx)
        course.stock = tuple(Feed(trip, stop, 0) for trip, stop in transfers[idx] if trip < idx)
        for one in (course.before, course.dock, *(feed.course for feed in (*course.feeds, *course.stock))):
            if one is not None:
                made[one].then.add(idx)
    trips = [course.view.trip for course in made]
    working = WorkingTime(world.calendars)
    for course, out in zip(made, vehicles_and_docks_out(world.instance, trips), strict=True):
        course.vehicle_out, course.dock_out = out
        course.limit_s = working.limit_s(course.kind)
        _plan_work(working, course, None if course.before is None else made[course.before].ended)
    return made


def _plan_work(working: WorkingTime, course: Course, before: Reached | None) -> None:
    """Enter what is reached as planned, with the work of the day where that has a limit."""
    counts, trip = course.limit_s is not None, course.view.trip
    now = Reached(trip.load_start_s) if before is None else before

    def done(pieces: tuple[Interval, ...], end_s: int) -> Reached:
        return working.done(now, pieces, end_s) if counts else Reached(end_s)

    now = course.loaded = done(((trip.load_start_s, trip.depart_s),), trip.depart_s)
    arrived, served = [], []
    for number, view in enumerate(course.view.legs):
        now = done(view.driven, view.leg.arrive_s)
        arrived.append(now)
        if number < len(trip.stops):
            stop = trip.stops[number]
            now = done(((stop.start_s, stop.end_s),), stop.end_s)
            served.append(now)
    course.arrived, course.served = tuple(arrived), tuple(served)


def _course(world: World, delays: Delays, view: TripView, kind: VehicleType) -> Course:
    receivers = (
        None if stop.only_fetches else stop.region or stop.hub or stop.warehouse for stop in view.stops
    )
    origin = world.loading_place(view.trip.origin_id)
    if view.ways is None:
        view.ways = tuple(
            None if leg.walk.time_s is None else pieces_of(world, delays, kind, leg.leg) for leg in view.legs
        )
    return Course(
        view=view,
        kind=kind,
        ways=view.ways,
        calendars=tuple("" if one is None else one.calendar for one in receivers),
        origin_calendar="" if origin is None else origin.calendar,
    )


def _feeds(course: Course, moves: Mapping[str, Sequence[Move]], index: Mapping[int, int]) -> list[Feed]:
    origin = course.view.trip.origin_id
    found: dict[tuple[int, int], Feed] = {}
    fetched = {item.consignment_id for stop in course.view.trip.stops for item in stop.fetched}
    fetched |= {one.consignment for one in course.view.took}
    for stop in course.view.trip.stops:
        for item in stop.deliveries:
            if item.consignment_id in fetched:
                continue  # it has left the hub before
            for move in moves.get(item.consignment_id, ()):
                hub, brings = move.stop.hub, index.get(id(move.view))
                if hub is not None and hub.id == origin and brings is not None:
                    rest_s = hub.transfer_fixed_s + hub.transfer_piece_s * move.stop.load.pieces
                    at = move.stop.name - 1
                    found[brings, at] = Feed(brings, at, rest_s)
    return list(found.values())


class Policy:
    """What the steps of a trip lead to, given when they could begin.

    Parameters
    ----------
    world
        What the files say.
    heeds_limits
        Whether who is late waits while his vehicle or his dock is out of use, and pauses when the working
        time of his day is used up. Not so where history is told: there people may have done otherwise.
    changed_s
        From this moment on hours may be others than those that the plan was made for: what was planned
        then is looked at anew, and waits where it must. None: all that is planned keeps its hours.
    """

    def __init__(self, world: World, *, heeds_limits: bool = False, changed_s: int | None = None) -> None:
        self._world = world
        self._heeds_limits = heeds_limits
        self._changed_s = NEVER if changed_s is None else changed_s
        self._calendars = world.calendars
        self.working = WorkingTime(world.calendars)
        self._passed: dict[tuple[object, ...], Reached] = {}
        self._usable: dict[tuple[str, tuple[Interval, ...]], tuple[Interval, ...]] = {}

    def _limit_s(self, course: Course) -> int | None:
        """The most work of a day of who is late; None: any."""
        return course.limit_s if self._heeds_limits else None

    def _out(self, course: Course) -> tuple[Interval, ...]:
        return course.vehicle_out if self._heeds_limits else ()

    def load_start_s(self, course: Course, possible_s: int) -> int:
        """Start of loading: as planned, or the first moment that the origin's hours and the shift allow."""
        return self._load_start_s(course, Reached(possible_s))

    def loaded(self, course: Course, ready: Reached) -> Reached:
        """End of the loading of a crew that is there with all that it loads."""
        start_s = self._load_start_s(course, ready)
        if start_s >= NEVER:
            return NEVER_REACHED
        end_s = start_s + course.load_s
        if self._limit_s(course) is None:
            return Reached(end_s)
        return self.working.latest(course.loaded, self.working.done(ready, ((start_s, end_s),), end_s))

    def _load_start_s(self, course: Course, ready: Reached) -> int:
        planned_s = course.view.trip.load_start_s
        if course.is_past(planned_s):
            return planned_s
        now = max(ready.at_s, planned_s)
        limit_s = self._limit_s(course)
        if now == planned_s < self._changed_s and (
            limit_s is None or self.working.at(ready, now).worked_s + course.load_s <= course.loaded.worked_s
        ):
            return planned_s
        calendars = [course.kind.calendar]
        if not course.view.loads_nothing:
            calendars.append(course.origin_calendar)
        fits: list[_Fit] = [
            partial(_first_inside, self._calendars.intervals(calendar), duration_s=course.load_s)
            for calendar in calendars
        ]
        fits.append(partial(self.working.first_fitting, ready, duration_s=course.load_s, limit_s=limit_s))
        if self._heeds_limits:
            lasts_s = course.view.trip.end_s - planned_s
            fits.append(partial(first_clear, course.dock_out, duration_s=course.load_s))
            fits.append(partial(first_clear, course.vehicle_out, duration_s=lasts_s))
        return _first_of_all(fits, now)

    def arrive_s(self, course: Course, number: int, moment_s: int) -> int:
        """End of a leg of someone who is there at a moment."""
        return self.arrived(course, number, Reached(moment_s)).at_s

    def arrived(
        self, course: Course, number: int, reached: Reached, *, late: bool = False, percent: int = 0
    ) -> Reached:
        """End of a leg.

        Parameters
        ----------
        course, number
            The trip, and the number of the leg in it.
        reached
            How the crew is there.
        late
            The leg takes its largest delay.
        percent
            All travel takes so much longer.
        """
        leg, pieces, planned = course.view.legs[number].leg, course.ways[number], course.arrived[number]
        if reached.at_s >= NEVER:
            return NEVER_REACHED
        if course.is_past(leg.depart_s) and reached.at_s < self._changed_s:
            moved_s = leg.arrive_s + max(0, reached.at_s - leg.depart_s)
            return self.working.latest(planned, Reached(moved_s))
        if pieces is None:
            return NEVER_REACHED
        now = self.working.at(reached, self._leaves_s(course, number, reached))
        for time_s, delay_s, edge in pieces:
            whole_s = time_s + (delay_s if late else 0) + (time_s * percent + 50) // 100
            now = self._passed_or_driven(course, edge, now, whole_s)
        return self.working.latest(planned, now)

    def departs_s(self, course: Course, number: int, moment_s: int) -> int:
        """When a leg begins of someone who is there at a moment."""
        if course.ways[number] is None or moment_s >= NEVER:
            return max(course.view.legs[number].leg.depart_s, moment_s)
        return self._leaves_s(course, number, Reached(moment_s))

    def _leaves_s(self, course: Course, number: int, reached: Reached) -> int:
        """When a crew sets out: if it stops overnight, only when the way fits its shift and its day."""
        depart_s, kind, limit_s = (
            course.view.legs[number].leg.depart_s,
            course.kind,
            self._limit_s(course),
        )
        now = max(depart_s, reached.at_s)
        if kind.overnight is not Overnight.STOP:
            return now
        if now == depart_s < self._changed_s:
            planned = course.served[number - 1] if number else course.loaded
            worked_s = 0 if limit_s is None else self.working.at(reached, now).worked_s
            if worked_s <= self.working.at(planned, now).worked_s:
                return now
        nominal_s = sum(piece.time_s for piece in course.ways[number] or ())
        shifts = self._calendars.intervals(kind.calendar)
        fits: list[_Fit] = [
            partial(_first_inside, shifts, duration_s=nominal_s),
            partial(self.working.first_fitting, reached, duration_s=nominal_s, limit_s=limit_s),
        ]
        return _first_of_all(fits, now)

    def under_way(self, course: Course, number: int) -> Reached:
        """Latest end of a leg that is under way at a replan: expected, or with its largest delay.

        Its vehicle ends it though it is out of use by now.
        """
        course = replace(course, vehicle_out=())
        leg, pieces = course.view.legs[number].leg, course.ways[number]
        if pieces is None:
            return NEVER_REACHED
        before = course.served[number - 1] if number else course.loaded
        now = driven = self.working.at(before, leg.depart_s)
        for time_s, delay_s, edge in pieces:
            driven = self._passed_or_driven(course, None, driven, time_s + delay_s)
            now = self._passed_or_driven(course, edge, now, time_s + delay_s)
        # where a way has been closed meanwhile, who is on it still ends his leg
        return self.working.latest(course.arrived[number], driven if now.at_s >= NEVER else now)

    def served_s(self, course: Course, number: int, arrive_s: int) -> int:
        """End of a service of someone who arrives at a moment."""
        return self.served(course, number, Reached(arrive_s)).at_s

    def served(self, course: Course, number: int, reached: Reached) -> Reached:
        """End of a service: as planned, or as soon as hours, shift and working time allow."""
        stop, planned = course.view.trip.stops[number], course.served[number]
        duration_s, limit_s = max(0, stop.end_s - stop.start_s), self._limit_s(course)
        if reached.at_s >= NEVER:
            return NEVER_REACHED
        if course.is_past(stop.start_s) and reached.at_s < self._changed_s:
            return self.working.latest(planned, Reached(stop.end_s + max(0, reached.at_s - stop.start_s)))
        now = max(reached.at_s, stop.start_s)
        if now == stop.start_s < self._changed_s and (
            limit_s is None or self.working.at(reached, now).worked_s + duration_s <= planned.worked_s
        ):
            return planned
        calendar = course.calendars[number]
        whole, start = self._calendars.whole_intervals(calendar), self._calendars.start_intervals(calendar)
        fits: list[_Fit] = [
            partial(_first_inside, self._calendars.intervals(course.kind.calendar), duration_s=duration_s),
            lambda moment: min(_first_inside(whole, moment, duration_s), _first_start(start, moment)),
            partial(self.working.first_fitting, reached, duration_s=duration_s, limit_s=limit_s),
        ]
        now = _first_of_all(fits, now)
        if now >= NEVER:
            return NEVER_REACHED
        return self.working.latest(planned, self._worked(course, self.working.at(reached, now), duration_s))

    def _worked(self, course: Course, reached: Reached, duration_s: int) -> Reached:
        """End of work that only a vehicle out of use interrupts."""
        out = self._out(course)
        if not out and self._limit_s(course) is None:
            return Reached(reached.at_s + duration_s)
        if not duration_s:  # done when the vehicle can be used
            again = (until_s for from_s, until_s in out if from_s < reached.at_s < until_s)
            return self.working.at(reached, next(again, reached.at_s))
        pieces: list[Interval] = []
        end = self.working.driven(without(_ALWAYS, out), reached, duration_s, None, pieces)
        return self.working.done(reached, pieces, end.at_s)

    def _passed_or_driven(self, course: Course, edge: Edge | None, now: Reached, time_s: int) -> Reached:
        """End of driving so long, with pauses; in front of an edge with hours one waits for all of it."""
        kind, out, limit_s = course.kind, self._out(course), self._limit_s(course)
        if now.at_s >= NEVER:
            return NEVER_REACHED
        if edge is None:
            if not kind.calendar and not out and limit_s is None:
                return Reached(now.at_s + time_s)
            return self.working.driven(self._open(course), now, time_s, limit_s)
        key = (kind.calendar, self._world.ways.barring(kind), edge.id, now, time_s, out, limit_s)
        if key not in self._passed:
            drive = partial(self._pieces_of, course, now)
            pieces, end_s = self._world.passages.first(kind, edge, now.at_s, time_s, drive)
            done = NEVER_REACHED if end_s is None else Reached(end_s)
            if end_s is not None and limit_s is not None:
                done = self.working.done(now, pieces, end_s)
            self._passed[key] = done
        return self._passed[key]

    def driven_until(
        self, course: Course, edge: Edge | None, moment_s: int, time_s: int, until_s: int
    ) -> tuple[int, int]:
        """End of driving so long, and how long of it lies before a moment.

        Parameters
        ----------
        course
            Who drives.
        edge
            The edge with hours or closures that is passed; None: any way.
        moment_s, time_s
            When the driving could begin, and how long it lasts, in seconds.
        until_s
            The moment.
        """
        now = Reached(moment_s)
        end_s = self._passed_or_driven(course, edge, now, time_s).at_s
        if end_s <= until_s:
            return end_s, time_s
        if edge is not None:
            pieces, _ = self._world.passages.first(
                course.kind, edge, moment_s, time_s, partial(self._pieces_of, course, now)
            )
        else:
            pieces, _ = self._pieces_of(course, now, moment_s, time_s)
        return end_s, sum(max(0, min(high, until_s) - low) for low, high in pieces)

    def _open(self, course: Course) -> tuple[Interval, ...]:
        """When a vehicle may be driven: in its shifts, while it is not out of use."""
        key = course.kind.calendar, self._out(course)
        if key not in self._usable:
            self._usable[key] = without(self._calendars.intervals(key[0]), key[1])
        return self._usable[key]

    def _pieces_of(
        self, course: Course, reached: Reached, moment_s: int, time_s: int
    ) -> tuple[tuple[Interval, ...], int | None]:
        pieces: list[Interval] = []
        now = self.working.at(reached, moment_s)
        end = self.working.driven(self._open(course), now, time_s, self._limit_s(course), pieces)
        return tuple(pieces), None if end.at_s >= NEVER else end.at_s


def _first_of_all(fits: Sequence[_Fit], now: int) -> int:
    """First moment that all of some rules allow, each of which gives the first one that it does."""
    while now < NEVER:
        later = now
        for fit in fits:
            if later < NEVER:
                later = fit(later)
        if later == now:
            return now
        now = later
    return NEVER


def _first_inside(intervals: Sequence[Interval], now: int, duration_s: int) -> int:
    """First moment from which something that long lies in one of the intervals."""
    idx = max(0, bisect_right(intervals, now, key=begin_of) - 2)  # what ends now may touch two
    for from_s, to_s in intervals[idx:]:
        start_s = max(now, from_s)
        if start_s + duration_s <= to_s:
            return start_s
    return NEVER


def _first_start(intervals: Sequence[Interval], now: int) -> int:
    """First moment in one of the intervals."""
    idx = max(0, bisect_right(intervals, now, key=begin_of) - 1)
    return next((max(now, from_s) for from_s, to_s in intervals[idx:] if max(now, from_s) < to_s), NEVER)
