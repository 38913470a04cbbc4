"""The plan merely shifted: when everything happened or will happen, by the reports and the policy.

Nothing leaves before its planned time; it leaves as soon as vehicle, goods and dock are there; orders stay.
The steps of trips are those of the checker's reading of the policy, over the effective instance.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from planner.events.meaning import ARRIVED_AT, DEPARTED, EACH, LEFT_AT, LOADED, SERVED_AT
from planner.events.tellings import TripReports
from planner.instance.schema import Overnight
from planner.plans.model import Step, StepKind, Trip
from planner.proof.eras import Eras
from planner.proof.facts import LegView, PlanFacts
from planner.proof.told import Told
from planner.proof.world import World
from planner.proof.worst.delays import Delays
from planner.proof.worst.outages import OutagesOfTrips
from planner.proof.worst.pieces import pieces_of
from planner.proof.worst.policy import NEVER, Course, Feed
from planner.proof.worst.way_home import home_again_s
from planner.replanning.decided import DecidedTrips

__all__ = ["NEVER", "Broken", "Stuck", "Times", "project"]


class Stuck(StrEnum):
    """Why a trip cannot be driven as it is."""

    VEHICLE_OUT = "vehicle_out"  # its vehicle is out of use
    VEHICLE_BLOCKED = "vehicle_blocked"  # its vehicle does not come back from the trip before
    GOODS = "goods"  # what it takes on does not come
    STOCK = "stock"  # the warehouse has not enough of an item any more
    HOURS = "hours"  # no hours are left in which it could load
    DECIDED = "decided"  # people have decided otherwise
    WAY = "way"  # an edge of its way is closed for good, or no shift is left


@dataclass(slots=True)
class Times:
    """When the parts of a trip happened or will happen; NEVER: they do not.

    Parameters
    ----------
    begun
        Its loading began, by the reports or by what is believed.
    stuck
        Why it cannot be driven, or not to its end; None: it can.
    paths
        Ways that legs take in place of those planned, by their numbers: the same edges at the speed of then.
    reached
        So many stops were served before its vehicle broke down; None: it did not.
    """

    load_start_s: int
    depart_s: int
    legs: list[tuple[int, int]] = field(default_factory=list)
    services: list[tuple[int, int]] = field(default_factory=list)
    begun: bool = False
    stuck: Stuck | None = None
    reached: int | None = None
    paths: dict[int, tuple[Step, ...]] = field(default_factory=dict)

    @property
    def end_s(self) -> int:
        """When it ends."""
        if len(self.legs) > len(self.services):
            return self.legs[-1][1]
        return self.services[-1][1] if self.services else self.depart_s


Broken = Callable[[Trip, Times, World], Trip | None]
"""Gives a trip, with its times in a world, as far as it came before its vehicle broke down."""


def project(
    facts: PlanFacts,
    reports: Mapping[str, TripReports],
    eras: Eras,
    *,
    now_s: int,
    hold: bool,
    settled: Collection[str] = (),
    broken: Broken | None = None,
) -> Mapping[str, Times]:
    """Times of every trip of a plan.

    Parameters
    ----------
    facts
        The checker's view of the plan, over the effective instance.
    reports
        What is reported of its trips.
    eras
        Which world judges which step of a trip.
    now_s
        The moment of looking.
    hold
        What is due and not reported has not happened: it happens now at the earliest.
    settled
        Ids of reports that the plan's times contain already.
    broken
        How far trips came before their vehicles broke down.
    """
    return _Projection(facts, reports, eras, now_s=now_s, hold=hold, settled=settled, broken=broken).run()


class _Projection:
    def __init__(
        self,
        facts: PlanFacts,
        reports: Mapping[str, TripReports],
        eras: Eras,
        *,
        now_s: int,
        hold: bool,
        settled: Collection[str],
        broken: Broken | None,
    ) -> None:
        self._broken = broken
        self._since_s = 0 if facts.plan.replan is None else facts.plan.replan.now_s
        self._courses = facts.courses
        self._world: World = facts.world
        self._reports = reports
        self._now_s, self._hold, self._settled = now_s, hold, settled
        self._eras = eras
        self._out = OutagesOfTrips(facts.world.instance)
        rows = facts.world.instance
        self._known = {edge.id for edge in rows.edges} | {row.id for row in rows.known_trips}
        self._delays = Delays(rows)
        self._base = {edge.id: edge.double_of for edge in rows.edges if edge.double_of}
        self._doubles: dict[str, list[str]] = {}
        for double, edge_id in self._base.items():
            self._doubles.setdefault(edge_id, []).append(double)
        self._decided = DecidedTrips(facts.world.instance)
        self._stores = _Stores(facts)
        self._free: dict[str, int] = {}  # vehicles
        self._over: dict[str, int] = {}  # the same, whatever became of who had broken down before
        self._driving = facts.driving
        self._worked: dict[str, dict[int, int]] = {}  # seconds of each vehicle on each local day
        self._docks: dict[tuple[str, int], int] = {}
        self._times: list[Times] = []
        self._told = Told(self._courses, reports, feeds=hold)
        self._latest_work: dict[int, int] = {}  # of the trip driven last, with those before it

    def run(self) -> Mapping[str, Times]:
        for idx, course in enumerate(self._courses):
            times = self._trip(idx, course)
            self._times.append(times)
            self._occupy(course.view.trip, times)
        return {course.view.trip.id: times for course, times in zip(self._courses, self._times, strict=True)}

    def _occupy(self, trip: Trip, times: Times) -> None:
        """Enter what a trip keeps busy; one that is not driven keeps nothing busy."""
        if times.stuck is not None and not times.begun:
            return
        ended = trip if trip.broken is not None else None
        if times.reached is not None and self._broken is not None:
            ended = self._broken(trip, times, self._world) or ended
        end_s = times.end_s if ended is None else home_again_s(self._world, ended)
        self._free[trip.vehicle_id] = max(self._free.get(trip.vehicle_id, 0), end_s)
        over_s = end_s if trip.broken is None else trip.end_s
        self._over[trip.vehicle_id] = max(self._over.get(trip.vehicle_id, 0), over_s)
        self._worked[trip.vehicle_id] = self._latest_work
        if trip.depart_s > trip.load_start_s:
            key = (trip.origin_id, trip.dock)
            self._docks[key] = max(self._docks.get(key, 0), times.depart_s)

    def _trip(self, idx: int, course: Course) -> Times:
        trip = course.view.trip
        reports = self._reports.get(trip.id) or TripReports()
        known = trip.begun or self._told.is_known(idx)
        possible, stuck = self._possible_s(idx, course, known=known)
        if stuck is not None:
            return Times(NEVER, NEVER, stuck=stuck)
        if self._hold and reports.broken is not None:
            free_s = max(trip.load_start_s, self._free.get(trip.vehicle_id, 0))
            possible = min(possible, free_s)  # it was on its way when it broke down
        while True:
            times = self._driven(idx, course, possible, reports)
            due = times.load_start_s < self._now_s and (trip.begun or not self._hold)
            times.begun = self._told.is_known(idx) or due
            if known or times.load_start_s >= NEVER:
                break
            again = self._out.vehicle_after(trip, times.load_start_s, times.end_s, begun=times.begun)
            why = Stuck.VEHICLE_OUT
            if again is None and not times.begun and times.end_s < NEVER:
                moments = times.load_start_s, times.depart_s, times.end_s
                again = self._decided.after(trip, moments, times.services)
                why = Stuck.DECIDED
            if again is None:
                break
            if again >= NEVER:
                return Times(NEVER, NEVER, stuck=why)
            possible = again
        if times.load_start_s >= NEVER:
            times.stuck = Stuck.HOURS
        elif times.end_s > self._world.horizon_s:
            times.stuck = Stuck.WAY
        if reports.broken is not None and trip.broken is None:
            at_s = reports.broken.begins_s
            if at_s < times.depart_s and not trip.begun and not reports.known:  # it had not left
                self._free[trip.vehicle_id] = max(self._free.get(trip.vehicle_id, 0), at_s)
                return Times(NEVER, NEVER, stuck=Stuck.VEHICLE_OUT)
            times.reached = sum(end <= at_s for _, end in times.services)
        return times

    def _possible_s(self, idx: int, course: Course, *, known: bool) -> tuple[int, Stuck | None]:
        """First moment at which a trip can load, or why it never can; what has begun, began as planned."""
        trip = course.view.trip
        planned = trip.load_start_s
        there = self._stores.there_s(course)
        if trip.begun:  # as planned, unless what it was to load never came
            missing = not self._told.is_known(idx) and any(
                self._ready_s(one) >= NEVER for one in course.feeds
            )
            return (NEVER, Stuck.GOODS) if missing else (planned, None)
        waits = [planned, self._free.get(trip.vehicle_id, 0)]
        if waits[-1] >= NEVER and not known:
            out = self._out.vehicle_after(trip, planned, trip.end_s, begun=False) is not None
            return NEVER, Stuck.VEHICLE_OUT if out else Stuck.VEHICLE_BLOCKED
        for stuck, feeds in ((Stuck.GOODS, course.feeds), (Stuck.STOCK, course.stock)):
            for feed in feeds:
                ready = self._ready_s(feed)
                if ready >= NEVER and not known:
                    return NEVER, stuck
                waits.append(ready)
        if there >= NEVER and not known:
            return NEVER, Stuck.STOCK
        waits.append(there)
        if course.load_s:
            waits.append(self._dock_s(trip, max(one for one in waits if one < NEVER)))
        if self._hold and not known:
            waits.append(self._now_s)
        return max(one for one in waits if one < NEVER), None

    def _ready_s(self, feed: Feed) -> int:
        """When what another trip brings can be loaded; NEVER where it does not come."""
        brings = self._times[feed.course]
        comes = feed.stop < len(brings.services) and (brings.reached is None or feed.stop < brings.reached)
        return brings.services[feed.stop][1] + feed.rest_s if comes else NEVER

    def _dock_s(self, trip: Trip, moment_s: int) -> int:
        """When a trip has a dock: its own one, or where that is out of use the first that is free."""
        own = self._docks.get((trip.origin_id, trip.dock), 0)
        count = self._out.docks_in_use(trip.origin_id, max(own, moment_s))
        if count is None or trip.dock <= count:
            return own
        if count == 0:
            return self._out.docks_again_s(trip.origin_id, max(own, moment_s))
        return min(self._docks.get((trip.origin_id, dock), 0) for dock in range(1, count + 1))

    def _driven(self, idx: int, course: Course, possible_s: int, reports: TripReports) -> Times:
        """All times of a trip whose loading can begin at a moment."""
        trip = course.view.trip
        bound = partial(self._told.before, idx)
        if trip.begun:
            start = max(trip.load_start_s, self._over.get(trip.vehicle_id, 0))
        else:
            free_s = 0 if reports.at(LOADED) is None else self._free.get(trip.vehicle_id, 0)
            start = self._eras.load_start_s(course, possible_s)
            start = max(min(start, max(self._told.began(idx), free_s)), self._told.since(idx))
        start = min(start, bound(LOADED))
        if start >= NEVER:
            return Times(NEVER, NEVER)
        depart = self._taken(start + course.load_s, LOADED, reports, bound)
        start = min(start, depart)
        times = Times(start, depart)
        worked = dict(self._worked.get(trip.vehicle_id, {}))
        self._driving.spend(worked, ((start, depart),))
        moment = depart
        for number in range(len(course.view.legs)):
            rested = partial(self._rested, course, number, times, worked, known=self._told.is_known(idx))
            moment = self._leg(course, number, moment, reports, bound, times, rested)
            if number < len(trip.stops):
                moment = self._service(course, number, moment, reports, bound, times)
                if moment < NEVER:
                    self._driving.spend(worked, (times.services[number],))
        self._latest_work = worked
        return times

    def _rested(
        self,
        course: Course,
        number: int,
        times: Times,
        worked: dict[int, int],
        departs: int,
        arrives: int,
        *,
        known: bool,
    ) -> int:
        """Enter the work of a leg; who has not begun pauses when his day's working time is over."""
        view = course.view.legs[number]
        leg = replace(view.leg, depart_s=departs, arrive_s=arrives)
        walk = view.walk
        if number in times.paths:
            leg = replace(leg, path=times.paths[number])
            walk = self._world.ways.walk(course.kind, leg)
        begun = known or times.load_start_s < self._now_s
        drives = LegView(leg, view.name, walk)
        self._driving.drive(drives, course.kind, worked, begun=begun)
        if not begun and drives.arrive_s is not None and course.kind.overnight is Overnight.ANYWHERE:
            arrives = max(arrives, drives.arrive_s)
        self._driving.spend(worked, drives.driven)
        return arrives

    def _leg(
        self,
        course: Course,
        number: int,
        moment: int,
        reports: TripReports,
        bound: Callable[[int], int],
        times: Times,
        rested: Callable[[int, int], int],
    ) -> int:
        """Enter a leg; gives the arrival."""
        left = DEPARTED if number == 0 else LEFT_AT + EACH * (number - 1)
        leaves = self._eras.departs_s(course, number, moment)
        held = self._taken(leaves, left, reports, bound)
        if held > leaves and reports.at(left) is None:  # he has not left: he does when he may
            held = self._eras.departs_s(course, number, held)
        leaves = held
        arrives = NEVER if leaves >= NEVER else self._eras.arrive_s(course, number, leaves)
        if self._doubles and leaves >= self._now_s and reports.at(left) is None:
            ready = max(moment, self._now_s)
            for path in self._at_other_speeds(course, number):
                other = self._by_way(course, number, path)
                sets_out = self._eras.departs_s(other, number, ready)
                comes = NEVER if sets_out >= NEVER else self._eras.arrive_s(other, number, sets_out)
                if comes < arrives:
                    leaves, arrives, times.paths[number] = sets_out, comes, path
        if arrives < NEVER:
            arrives = rested(leaves, arrives)
        delay = reports.delays.get(number)
        if delay is not None and arrives < NEVER and delay.id not in self._settled:
            arrives = max(arrives + int(delay.value or 0), delay.until_s or 0)
        if arrives > self._world.horizon_s and leaves >= self._now_s and reports.at(left) is None:
            leaves = arrives = NEVER  # nobody sets out on a way that is closed for good
        arrives = self._taken(arrives, ARRIVED_AT + EACH * number, reports, bound)
        times.legs.append((leaves, arrives))
        return arrives

    def _by_way(self, course: Course, number: int, path: tuple[Step, ...]) -> Course:
        """A trip with another way for one of its legs."""
        leg = replace(course.view.legs[number].leg, path=path)
        pieces = pieces_of(self._world, self._delays, course.kind, leg)
        return replace(course, ways=(*course.ways[:number], pieces, *course.ways[number + 1 :]))

    def _at_other_speeds(self, course: Course, number: int) -> Iterator[tuple[Step, ...]]:
        """Yield the ways of a leg over the doubles that its edges have while another speed holds."""
        path = course.view.legs[number].leg.path
        of_step = [(self._base.get(step.ref, step.ref), step) for step in path]
        most = max((len(self._doubles.get(edge, ())) for edge, _ in of_step), default=0)
        for at in range(-1, most):
            found = []
            for edge, step in of_step:
                doubles = self._doubles.get(edge, ())
                ref = edge if at < 0 or not doubles else doubles[min(at, len(doubles) - 1)]
                found.append(step if step.kind is StepKind.KNOWN else replace(step, ref=ref))
            if tuple(found) != path and self._known.issuperset(one.ref for one in found):
                yield tuple(found)

    def _service(
        self,
        course: Course,
        number: int,
        arrives: int,
        reports: TripReports,
        bound: Callable[[int], int],
        times: Times,
    ) -> int:
        """Enter a service; gives its end."""
        stop = course.view.trip.stops[number]
        long_s = stop.end_s - stop.start_s
        ends = NEVER if arrives >= NEVER else self._eras.served_s(course, number, arrives)
        ends = self._taken(ends, SERVED_AT + EACH * number, reports, bound)
        times.services.append((ends if ends >= NEVER else max(arrives, ends - long_s), ends))
        return ends

    def _taken(self, expected: int, place: int, reports: TripReports, bound: Callable[[int], int]) -> int:
        """When something happened: as reported; else as expected, not before now if it is held back."""
        at = reports.at(place)
        if at is not None:
            return at
        limit = bound(place)
        if limit < NEVER:
            return min(expected, limit)
        if not self._hold or expected >= NEVER or expected < self._since_s:
            return expected  # what the plan in force took for history stays
        if reports.broken is not None:
            return expected  # it was on its way when it broke down; what comes after that is cut off
        return max(expected, self._now_s)


class _Stores:
    """What has come to warehouses, and what trips take of it in their order."""

    def __init__(self, facts: PlanFacts) -> None:
        self._come: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for row in facts.world.instance.stock:
            key = (row.warehouse, row.item)
            self._come.setdefault(key, []).append((row.available_s or 0, row.quantity))
        for view in facts.trips:
            for stop in view.stops:
                for item, number in stop.goods.items.items():
                    if (stop.stop.node_id, item) in self._come:
                        self._come[stop.stop.node_id, item].append((stop.stop.end_s, number))
        for rows in self._come.values():
            rows.sort()
        self._taken: dict[tuple[str, str], int] = {}

    def there_s(self, course: Course) -> int:
        """When all is there that a trip loads, after what trips before it take; NEVER: not at all."""
        latest = 0
        for item, number in course.view.loaded.items.items():
            key = (course.view.trip.origin_id, item)
            rows = self._come.get(key)
            if rows is None:
                continue
            self._taken[key] = self._taken.get(key, 0) + number
            come = 0
            for moment, quantity in rows:
                come += quantity
                if come >= self._taken[key]:
                    latest = max(latest, moment)
                    break
            else:
                latest = NEVER
        return latest
