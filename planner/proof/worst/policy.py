"""What happens to a plan when something is late: the checker's own reading of the policy.

Nothing begins before its planned time. It begins as soon as the vehicle is there, the goods are ready, the
dock is free in the plan's order, and hours and shifts allow. Who is overtaken by the end of a shift pauses
where he is. All steps are monotone: what is ready later never ends earlier.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from planner.instance.schema import Edge, Overnight, VehicleType
from planner.plans.model import Leg, StepKind
from planner.proof.calendars import Interval
from planner.proof.paths import scaled
from planner.proof.views import Move, Piece, TripView
from planner.proof.world import World
from planner.proof.worst.delays import Delays
from planner.proof.worst.outages import first_clear, vehicles_and_docks_out
from planner.proof.worst.stock_feeds import transfers_before

__all__ = ["NEVER", "Course", "Feed", "Policy", "courses"]

NEVER = 10**15
"""Seconds after which nothing happens any more; such a moment leaves this package only as None."""


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
    for course, out in zip(made, vehicles_and_docks_out(world.instance, trips), strict=True):
        course.vehicle_out, course.dock_out = out
    return made


def _course(world: World, delays: Delays, view: TripView, kind: VehicleType) -> Course:
    receivers = (
        None if stop.only_fetches else stop.region or stop.hub or stop.warehouse for stop in view.stops
    )
    origin = world.loading_place(view.trip.origin_id)
    if view.ways is None:
        view.ways = tuple(
            None if leg.walk.time_s is None else _pieces(world, delays, kind, leg.leg) for leg in view.legs
        )
    return Course(
        view=view,
        kind=kind,
        ways=view.ways,
        calendars=tuple("" if one is None else one.calendar for one in receivers),
        origin_calendar="" if origin is None else origin.calendar,
    )


def _pieces(world: World, delays: Delays, kind: VehicleType, leg: Leg) -> tuple[Piece, ...]:
    found = [Piece(0, 0, None)]
    for step in leg.path:
        if step.kind is StepKind.KNOWN:
            row = world.ways.known[step.ref]
            found.append(Piece(row.time_s, delays.of_known(kind, row), None))
            continue
        edge, forward = world.ways.edges[step.ref], step.kind is StepKind.FORWARD
        time_s = scaled((edge.time_s if forward else edge.time_back_s) or 0, kind.speed_percent)
        piece = Piece(time_s, delays.of_edge(kind, edge, forward=forward), None)
        if world.ways.timed(kind, edge):
            found.append(piece._replace(edge=edge))
        elif found[-1].edge is None:
            last = found.pop()
            found.append(Piece(last.time_s + piece.time_s, last.delay_s + piece.delay_s, None))
        else:
            found.append(piece)
    return tuple(piece for piece in found if piece.time_s or piece.delay_s or piece.edge is not None)


def _feeds(course: Course, moves: Mapping[str, Sequence[Move]], index: Mapping[int, int]) -> list[Feed]:
    origin = course.view.trip.origin_id
    found: dict[tuple[int, int], Feed] = {}
    fetched = {item.consignment_id for stop in course.view.trip.stops for item in stop.fetched}
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
    """Moments at which the steps of a trip end, given when they could begin.

    Parameters
    ----------
    world
        What the files say.
    heeds_outages
        Whether who is late waits while his vehicle or his dock is out of use. Not so where history is told:
        there people may have taken another dock.
    """

    def __init__(self, world: World, *, heeds_outages: bool = False) -> None:
        self._world = world
        self._heeds_outages = heeds_outages
        self._calendars = world.calendars
        self._passed: dict[tuple[str, frozenset[str], str, int, int], int] = {}

    def load_start_s(self, course: Course, possible_s: int) -> int:
        """Start of loading: as planned, or the first moment that the origin's hours and the shift allow."""
        planned_s = course.view.trip.load_start_s
        if possible_s <= planned_s or course.is_past(planned_s):
            return planned_s
        places = (
            self._calendars.intervals(course.kind.calendar),
            self._calendars.intervals(course.origin_calendar),
        )
        now = possible_s
        while now < NEVER:
            later = now
            for intervals in places:
                later = _first_inside(intervals, later, course.load_s)
            if self._heeds_outages:
                later = first_clear(course.dock_out, later, course.load_s)
                later = first_clear(course.vehicle_out, later, course.view.trip.end_s - planned_s)
            if later == now:
                return now
            now = later
        return NEVER

    def arrive_s(
        self, course: Course, number: int, moment_s: int, *, late: bool = False, percent: int = 0
    ) -> int:
        """End of a leg of someone who is there at a moment.

        Parameters
        ----------
        course, number
            The trip, and the number of the leg in it.
        moment_s
            When someone is there, in seconds.
        late
            The leg takes its largest delay.
        percent
            All travel takes so much longer.
        """
        leg, pieces = course.view.legs[number].leg, course.ways[number]
        if course.is_past(leg.depart_s):
            return leg.arrive_s + max(0, moment_s - leg.depart_s) if moment_s < NEVER else NEVER
        if moment_s >= NEVER or pieces is None:
            return NEVER
        now = leg.depart_s
        if moment_s > now:
            now = self._departs_s(course.kind, moment_s, sum(piece.time_s for piece in pieces))
        for time_s, delay_s, edge in pieces:
            whole_s = time_s + (delay_s if late else 0) + (time_s * percent + 50) // 100
            if edge is None:
                now = self._driven_s(course.kind, now, whole_s)
            else:
                now = self._past_s(course.kind, edge, now, whole_s)
        return max(leg.arrive_s, self._paused_s(course, max(moment_s, leg.depart_s), now))

    def departs_s(self, course: Course, number: int, moment_s: int) -> int:
        """When a leg begins of someone who is there at a moment."""
        leg, pieces = course.view.legs[number].leg, course.ways[number]
        if moment_s <= leg.depart_s or pieces is None or moment_s >= NEVER:
            return max(leg.depart_s, moment_s)
        return self._departs_s(course.kind, moment_s, sum(piece.time_s for piece in pieces))

    def under_way_s(self, course: Course, number: int) -> int:
        """Latest end of a leg that is under way at a replan: expected, or with its largest delay."""
        leg, pieces = course.view.legs[number].leg, course.ways[number]
        if pieces is None:
            return NEVER
        now = driven = leg.depart_s
        for time_s, delay_s, edge in pieces:
            driven = self._driven_s(course.kind, driven, time_s + delay_s)
            if edge is None:
                now = self._driven_s(course.kind, now, time_s + delay_s)
            else:
                now = self._past_s(course.kind, edge, now, time_s + delay_s)
        # where a way has been closed meanwhile, who is on it still ends his leg
        return max(leg.arrive_s, driven if now >= NEVER else now)

    def served_s(self, course: Course, number: int, arrive_s: int) -> int:
        """End of a service: as planned, or as soon after the arrival as hours and shift allow."""
        stop = course.view.trip.stops[number]
        if arrive_s <= stop.start_s:
            return stop.end_s
        if course.is_past(stop.start_s) and arrive_s < NEVER:
            return stop.end_s + arrive_s - stop.start_s
        duration_s = max(0, stop.end_s - stop.start_s)
        calendar, now = course.calendars[number], arrive_s
        while now < NEVER:
            later = _first_inside(self._calendars.intervals(course.kind.calendar), now, duration_s)
            whole_s = _first_inside(self._calendars.whole_intervals(calendar), later, duration_s)
            later = min(whole_s, _first_start(self._calendars.start_intervals(calendar), later))
            if later == now:
                return self._paused_s(course, now, now + duration_s)
            now = later
        return NEVER

    def _paused_s(self, course: Course, begin_s: int, end_s: int) -> int:
        """End of what a late vehicle does, longer by the time in which it is out of use meanwhile."""
        for from_s, until_s in course.vehicle_out if self._heeds_outages and end_s < NEVER else ():
            if begin_s < until_s and from_s < end_s:
                end_s += until_s - max(begin_s, from_s)
        return end_s

    def _departs_s(self, kind: VehicleType, moment_s: int, nominal_s: int) -> int:
        """When a driver who is late sets out: if he stops overnight, only when the way fits his shift."""
        if kind.overnight is not Overnight.STOP:
            return moment_s
        return _first_inside(self._calendars.intervals(kind.calendar), moment_s, nominal_s)

    def _driven_s(self, kind: VehicleType, now: int, time_s: int) -> int:
        """End of driving so long, with pauses between shifts; the working time of a day does not count."""
        if not kind.calendar or time_s <= 0 or now >= NEVER:
            return now + time_s if now < NEVER else NEVER
        intervals = self._calendars.intervals(kind.calendar)
        left_s = time_s
        idx = max(0, bisect_right(intervals, now, key=_begin) - 1)
        for from_s, to_s in intervals[idx:]:
            now = max(now, from_s)
            if now < to_s:
                if now + left_s <= to_s:
                    return now + left_s
                left_s -= to_s - now
        return NEVER

    def _past_s(self, kind: VehicleType, edge: Edge, now: int, time_s: int) -> int:
        """End of a passage that waits in front of an edge until all of it, the delay too, may be driven."""
        if now >= NEVER:
            return NEVER
        key = (kind.calendar, self._world.ways.barring(kind), edge.id, now, time_s)
        if key not in self._passed:
            _, end_s = self._world.passages.first(
                kind, edge, now, time_s, lambda moment_s, long_s: self._pieces_of(kind, moment_s, long_s)
            )
            self._passed[key] = NEVER if end_s is None else end_s
        return self._passed[key]

    def _pieces_of(
        self, kind: VehicleType, moment_s: int, time_s: int
    ) -> tuple[tuple[Interval, ...], int | None]:
        return self._calendars.travel(kind.calendar, moment_s, time_s, None, {})


def _begin(interval: Interval) -> int:
    return interval[0]


def _first_inside(intervals: Sequence[Interval], now: int, duration_s: int) -> int:
    """First moment from which something that long lies in one of the intervals."""
    idx = max(0, bisect_right(intervals, now, key=_begin) - 2)  # what ends now may touch two
    for from_s, to_s in intervals[idx:]:
        start_s = max(now, from_s)
        if start_s + duration_s <= to_s:
            return start_s
    return NEVER


def _first_start(intervals: Sequence[Interval], now: int) -> int:
    """First moment in one of the intervals."""
    idx = max(0, bisect_right(intervals, now, key=_begin) - 1)
    return next((max(now, from_s) for from_s, to_s in intervals[idx:] if max(now, from_s) < to_s), NEVER)
