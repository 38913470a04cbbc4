"""When what has begun happened, by the plan before, the reports and the policy: step by step.

Each step is looked at by itself: it follows from the step before it as the new plan states that. So a moment
that was moved is found where it was moved, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from planner.events.amend import Amended
from planner.events.match import match
from planner.events.meaning import ARRIVED_AT, DEPARTED, LEFT_AT, LOADED, SERVED_AT
from planner.events.schema import Event, EventKind
from planner.events.tellings import TripReports
from planner.plans.model import Broken, Leg, Plan, StepKind, Trip
from planner.proof.eras import Eras
from planner.proof.evidence import Past
from planner.proof.facts import PlanFacts
from planner.proof.paths import step_s
from planner.proof.told import Told
from planner.proof.verdict import Measure, Recorder
from planner.proof.worst.outages import OutagesOfTrips
from planner.proof.worst.policy import NEVER, Course, Feed
from planner.proof.worst.way_home import home_again_s

__all__ = ["check_times"]

_EACH = 3  # things that happen at a stop
_NOTHING = "nothing"  # what is believed of things that are due and not reported


def check_times(facts: PlanFacts, past: Past, went: Amended, now_s: int, found: Recorder) -> None:
    """Check the moments of trips that have begun, as far as they began before now.

    What was reported to be sooner than the plan before and the policy would have it is listed.

    Parameters
    ----------
    facts, past
        The new plan, and what is behind it.
    went
        The plan that was replaced, as it went.
    now_s
        The moment of the replan, in seconds.
    found
        Counts the cases.

    """
    before = went.plan
    old = PlanFacts(went, facts.plan_clock, facts.world)
    broken = _breakdowns(past)
    reports = _with_breakdowns(match(before, past.events)[0], broken, before, facts.plan)
    settled = frozenset() if before.replan is None else frozenset(row.id for row in before.replan.events)
    replan = facts.plan.replan
    hold = replan is not None and replan.assume == _NOTHING
    eras = Eras(old, facts.files, past.held, now_s, past.net)
    checker = _Times(facts, old, reports, settled, now_s, hold, eras)
    checker.broken = broken
    for idx, course in enumerate(old.courses):
        trip = checker.new.get(course.view.trip.id)
        if trip is None or not trip.begun:
            checker.not_begun(idx, found)
        else:
            checker.check(idx, trip, found)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A thing of a trip: its place in the order, what the plan says, what follows, and whether exactly."""

    place: int
    claimed_s: int
    expected_s: int
    at_least: bool = False


class _Times:
    def __init__(
        self,
        facts: PlanFacts,
        old: PlanFacts,
        reports: Mapping[str, TripReports],
        settled: frozenset[str],
        now_s: int,
        hold: bool,
        eras: Eras,
    ) -> None:
        self.new = {trip.id: trip for trip in facts.plan.trips}
        self._views = {view.trip.id: view for view in facts.trips}
        self._old, self._reports, self._settled = old, reports, settled
        self._now_s, self._hold = now_s, hold
        self._since_s = 0 if old.plan.replan is None else old.plan.replan.now_s
        self._eras = eras
        self._there = _there_from_s(old)
        rows = facts.world.instance
        self._out = {row.subject for row in rows.outages}
        self._loads: dict[tuple[str, int], list[int]] = {}  # by place and dock, in their order
        for idx, course in enumerate(old.courses):
            if course.load_s:
                self._loads.setdefault((course.view.trip.origin_id, course.view.trip.dock), []).append(idx)
        self._num_docks = {one.id: one.docks for table in (rows.warehouses, rows.hubs) for one in table}
        self._outages = OutagesOfTrips(facts.world.instance)
        self._told = Told(old.courses, reports, feeds=hold)
        self.broken: Mapping[str, list[Event]] = {}

    def not_begun(self, idx: int, found: Recorder) -> None:
        """Check that a trip which is not kept as begun had not, by the reports or by what is believed."""
        course = self._old.courses[idx]
        trip = course.view.trip
        self._check_delays(idx, found)
        if self._is_known(idx):
            if self._broke_down_loading(idx):
                found.good()
            else:
                found.broken("", trip.id, trip=trip.id)
        elif self._was_due(idx) and not self._broke_down_loading(idx):
            start, now = found.at(self._could_load_s(idx)), found.at(self._now_s)
            late_s = self._now_s - self._could_load_s(idx)
            found.broken(now, start, late_s, Measure.SECONDS, trip=trip.id)
        else:
            found.good()

    def _check_delays(self, idx: int, found: Recorder) -> None:
        """Check that a trip which still goes as planned is as late on its legs as is told of it."""
        trip = self._old.courses[idx].view.trip
        new, reports = self._views.get(trip.id), self._reports.get(trip.id)
        if new is None or new.begun or reports is None or new.trip.vehicle_id != trip.vehicle_id:
            return
        for number, delay in reports.delays.items():
            if delay.id in self._settled or number >= len(new.legs) or new.legs[number].arrive_s is None:
                continue
            leg = new.legs[number]
            expected_s = max((leg.arrive_s or 0) + int(delay.value or 0), delay.until_s or 0)
            found.not_before(leg.leg.arrive_s, min(expected_s, self._old.world.horizon_s), trip=trip.id)

    def _was_due(self, idx: int) -> bool:
        """Whether a trip had begun by what is believed: in the plan before, or by what it waited for."""
        if self._could_load_s(idx) >= self._now_s:
            return False
        return self._old.courses[idx].view.trip.begun or not (self._hold or self._may_wait(idx))

    def _is_known(self, idx: int) -> bool:
        """Whether a trip has begun by the reports: its own, or those of what was later."""
        return self._told.is_known(idx)

    def _broke_down_loading(self, idx: int) -> bool:
        """Whether it broke down before it had left: then its goods are still where they were loaded."""
        course = self._old.courses[idx]
        reports = self._reports.get(course.view.trip.id)
        trip = course.view.trip
        if trip.begun or (reports is not None and reports.known):
            return False
        begins_s = self._could_load_s(idx)
        moments = [one.begins_s for one in self.broken.get(trip.vehicle_id, ())]
        if reports is not None and reports.broken is not None:
            moments.append(max(begins_s, reports.broken.begins_s))
        longest_s = NEVER if self._may_wait(idx) else course.load_s
        return any(begins_s <= one < begins_s + longest_s for one in moments)

    def _may_wait(self, idx: int) -> bool:
        """Whether loading may have waited for those before it that have not begun either.

        Those of its vehicle, at its dock, or where docks were out of use at any dock there: they may be still
        to come first, or be given up.
        """
        origin = self._old.courses[idx].view.trip.origin_id
        docks = range(1, self._num_docks.get(origin, 0) + 1) if origin in self._out else None
        return any(not self._stated(one)[1] for one in (*self._vehicles(idx), *self._docks(idx, docks)))

    def _vehicles(self, idx: int) -> Iterator[int]:
        """Yield the trips of its vehicle before a trip, the last one first."""
        before = self._old.courses[idx].before
        while before is not None:
            yield before
            before = self._old.courses[before].before

    def _docks(self, idx: int, docks: Collection[int] | None = None) -> Iterator[int]:
        """Yield the loadings before that of a trip, at its dock or at some of that place."""
        trip = self._old.courses[idx].view.trip
        docks = (trip.dock,) if docks is None else docks
        for dock in docks:
            yield from takewhile(lambda one: one < idx, self._loads.get((trip.origin_id, dock), ()))

    def _dock_free_s(self, idx: int, moment_s: int) -> int:
        """When a trip that could load at a moment had a dock: its own, or where that was out of use another.

        Of the docks that were in use then, which are the first ones, the one that was free first.
        """
        trip = self._old.courses[idx].view.trip
        own_s = self._left_s(idx, trip.dock)
        count = self._outages.docks_in_use(trip.origin_id, max(own_s, moment_s))
        if count is None or trip.dock <= count:
            return own_s
        if count == 0:
            return self._outages.docks_again_s(trip.origin_id, max(own_s, moment_s))
        return min(self._left_s(idx, dock) for dock in range(1, count + 1))

    def _left_s(self, idx: int, dock: int) -> int:
        """When those that have begun, before a trip, had left a dock."""
        stated = (self._stated(one) for one in self._docks(idx, (dock,)))
        return max((trip.depart_s for trip, begun in stated if begun), default=0)

    def _could_load_s(self, idx: int) -> int:
        """First moment at which vehicle, goods and dock were there, as the new plan states them."""
        course = self._old.courses[idx]
        trip = course.view.trip
        if trip.begun:  # later only where a trip before it was longer on its way, as is known by now
            if not self._is_known(idx) and not all(self._has_come(one) for one in course.feeds):
                return NEVER
            return max([trip.load_start_s, *(self._over_s(one) for one in self._vehicles(idx))])
        waits = [trip.load_start_s, self._there[idx]]
        waits += [self._end_s(one) for one in self._vehicles(idx) if self._stated(one)[1]]
        for feed in (*course.feeds, *course.stock):
            other, begun = self._stated(feed.course)
            ends = other.stops[feed.stop].end_s if feed.stop < len(other.stops) else NEVER
            waits.append((ends if begun else max(ends, self._now_s)) + feed.rest_s)
        if course.load_s:
            waits.append(self._dock_free_s(idx, max([one for one in waits if one < NEVER], default=0)))
        if self._is_known(idx):  # it has begun, whatever there is against it
            waits = [one for one in waits if one < NEVER]
            return self._eras.load_start_s(course, max(waits))
        start_s = self._eras.load_start_s(course, max(waits))
        while start_s < self._now_s:  # its vehicle may have been out of use
            again_s = self._outages.vehicle_after(trip, start_s, self._ends_s(idx, start_s), begun=True)
            if again_s is None:
                break
            start_s = NEVER if again_s >= NEVER else self._eras.load_start_s(course, again_s)
        return start_s

    def _ends_s(self, idx: int, start_s: int) -> int:
        """When a trip that loads at a moment, and of which nothing happened is reported, is over."""
        course = self._old.courses[idx]
        reports = self._reports.get(course.view.trip.id) or TripReports()
        moment_s = start_s + course.load_s
        for number in range(len(course.ways)):
            leaves_s = self._eras.departs_s(course, number, moment_s)
            moment_s = NEVER if leaves_s >= NEVER else self._eras.arrive_s(course, number, leaves_s)
            delay = reports.delays.get(number)
            if delay is not None and moment_s < NEVER:
                moment_s = max(moment_s + int(delay.value or 0), delay.until_s or 0)
            if number < len(course.view.trip.stops) and moment_s < NEVER:
                moment_s = self._eras.served_s(course, number, moment_s)
        return moment_s

    def _stated(self, idx: int) -> tuple[Trip, bool]:
        """A trip as the new plan has it, if it has begun; else as it was planned. And whether it has."""
        trip = self._old.courses[idx].view.trip
        new = self.new.get(trip.id)
        return (trip, False) if new is None or not new.begun else (new, True)

    def _has_come(self, feed: Feed) -> bool:
        """Whether what a trip brings has come, or still comes, as the new plan states it."""
        trip, begun = self._stated(feed.course)
        return (
            begun and feed.stop < len(trip.stops) and trip.stops[feed.stop].end_s < self._old.world.horizon_s
        )

    def _over_s(self, idx: int) -> int:
        """When a trip was over, for one that had begun after it; who had broken down was there anyhow."""
        old = self._old.courses[idx].view.trip
        return self._end_s(idx) if old.broken is None else old.end_s

    def _end_s(self, idx: int) -> int:
        trip, _ = self._stated(idx)
        return trip.end_s if trip.broken is None else home_again_s(self._old.world, trip)

    def check(self, idx: int, trip: Trip, found: Recorder) -> None:
        """Check the moments of one trip."""
        reports = self._reports.get(trip.id) or TripReports()
        if self._hold and not self._is_known(idx) and not self._old.courses[idx].view.trip.begun:
            found.broken(found.at(trip.load_start_s), "", trip=trip.id)
            return
        if reports.broken is not None and trip.broken is None:
            over = trip.end_s <= reports.broken.begins_s
            found.case(over, found.at(trip.end_s), found.at(reports.broken.begins_s), trip=trip.id)
        if trip.broken is not None and reports.broken is not None:
            self._check_stands(idx, trip, trip.broken, reports, reports.broken.place, found)
        for one in self._moments(idx, trip, reports):
            at = reports.known.get(one.place) if one.place >= 0 else None
            if at is None:
                self._compare(one, trip, reports, self._told.before(idx, one.place), found)
            elif at.event.bulk and one.claimed_s != at.at_s:  # it may have given way only where it had to
                found.same_instant(one.claimed_s, at.at_s, trip=trip.id)
            elif at.at_s < one.expected_s < NEVER:
                claimed, expected = found.at(at.at_s), found.at(one.expected_s)
                sooner_s, events = one.expected_s - at.at_s, (at.event.id,)
                found.reported(claimed, expected, sooner_s, Measure.SECONDS, events, trip=trip.id)

    def _check_stands(
        self, idx: int, trip: Trip, broken: Broken, reports: TripReports, place: str, found: Recorder
    ) -> None:
        """Check where a vehicle stands that has broken down: at the last node passed, or as reported."""
        course, number = self._old.courses[idx], len(trip.stops)
        legs = _legs(course.view.trip)
        if course.view.trip.broken is not None or number >= len(legs):
            return
        left = DEPARTED if number == 0 else LEFT_AT + _EACH * (number - 1)
        ready = trip.stops[-1].end_s if trip.stops else trip.depart_s
        departs = reports.at(left) or self._eras.departs_s(course, number, ready)
        arrives = self._eras.arrive_s(course, number, departs)
        delay = reports.delays.get(number)
        if delay is not None:
            arrives = max(arrives + int(delay.value or 0), delay.until_s or 0)
        arrives = reports.at(ARRIVED_AT + _EACH * number) or arrives
        nodes = self._nodes(course, legs[number])
        done_s = (broken.at_s - departs) * nodes[-1][1] // max(1, arrives - departs)
        passed = [node for node, time_s in nodes if time_s <= done_s] or [nodes[0][0]]
        if broken.at_s <= departs:
            expected = place or nodes[0][0]
        elif broken.at_s >= arrives:
            expected = legs[number].to_node
        else:
            on_the_way = place in {node for node, _ in nodes}
            expected = place if on_the_way or (place and len(passed) == 1) else passed[-1]
        found.case(broken.node_id == expected, broken.node_id, expected, trip=trip.id)

    def _nodes(self, course: Course, leg: Leg) -> list[tuple[str, int]]:
        """Nodes of a way, with the least time until there; of a known trip only its ends."""
        ways, found = self._old.world.ways, [(leg.from_node, 0)]
        for step in leg.path:
            if step.kind is StepKind.KNOWN:
                found.append((leg.to_node, found[-1][1] + ways.known[step.ref].time_s))
                continue
            edge, forward = ways.edges[step.ref], step.kind is StepKind.FORWARD
            time_s = step_s(course.kind, edge, forward=forward)
            found.append((edge.to_node if forward else edge.from_node, found[-1][1] + time_s))
        return found

    def _compare(self, one: _Moment, trip: Trip, reports: TripReports, limit: int, found: Recorder) -> None:
        """Compare what was not reported; it was not after what was reported of later things."""
        expected = min(one.expected_s, limit, self._old.world.horizon_s)
        broken = None if reports.broken is None else reports.broken.begins_s
        held = self._hold and expected >= self._since_s  # what the plan before took for history stays
        if limit >= NEVER and held and not (broken is not None and expected <= broken):
            expected = max(expected, self._now_s)
        where: dict[str, str | int] = {"trip": trip.id}
        if one.at_least and one.claimed_s >= expected:
            found.good()
        else:
            found.same_instant(one.claimed_s, expected, **where)  # at the horizon: it never happens

    def _moments(self, idx: int, trip: Trip, reports: TripReports) -> Iterator[_Moment]:
        """What began before now, in order; each expected moment follows from the claimed one before it."""
        course = self._old.courses[idx]
        yield from self._loading(idx, trip, reports)
        ready = trip.depart_s
        for number, leg in enumerate(_legs(trip)):
            if leg.depart_s >= self._now_s or number >= len(course.ways):
                return
            place = DEPARTED if number == 0 else LEFT_AT + _EACH * (number - 1)
            yield _Moment(place, leg.depart_s, self._eras.departs_s(course, number, ready))
            arrives = self._eras.arrive_s(course, number, leg.depart_s)
            delay = reports.delays.get(number)
            if delay is not None and delay.id not in self._settled:
                arrives = max(arrives + int(delay.value or 0), delay.until_s or 0)
            yield _Moment(ARRIVED_AT + _EACH * number, leg.arrive_s, arrives)
            if number < len(trip.stops):
                stop = trip.stops[number]
                if stop.start_s >= self._now_s:
                    return
                served = self._eras.served_s(course, number, leg.arrive_s)
                yield _Moment(SERVED_AT + _EACH * number, stop.end_s, served)
                ready = stop.end_s

    def _loading(self, idx: int, trip: Trip, reports: TripReports) -> Iterator[_Moment]:
        course = self._old.courses[idx]
        if course.view.trip.begun:
            start = self._could_load_s(idx)
            yield _Moment(-1, trip.load_start_s, start)
            yield _Moment(LOADED, trip.depart_s, start + course.load_s)
            return
        start = max(min(self._could_load_s(idx), self._told.began(idx)), self._told.since(idx))
        if reports.at(LOADED) is None:
            yield _Moment(-1, trip.load_start_s, start, at_least=self._may_wait(idx))
            start = trip.load_start_s
        yield _Moment(LOADED, trip.depart_s, start + course.load_s)


def _with_breakdowns(
    reports: Mapping[str, TripReports], broken: Mapping[str, list[Event]], before: Plan, after: Plan
) -> Mapping[str, TripReports]:
    """Reports, with breakdowns on trips on which the new plan has them, and not on those not begun in it."""
    new = {trip.id: trip for trip in after.trips if trip.begun}
    hold = after.replan is not None and after.replan.assume == _NOTHING
    found = dict(reports)
    for trip in before.trips:
        stands, mine = None, found.get(trip.id) or TripReports()
        if trip.id in new:
            stands = new[trip.id].broken
        elif mine.broken is not None and not (trip.begun or mine.known or hold):
            found[trip.id] = replace(mine, broken=None)  # it had not begun; see `_Times.not_begun`
        if trip.broken is not None or stands is None or mine.broken is not None:
            continue
        event = next((one for one in broken.get(trip.vehicle_id, ()) if one.begins_s == stands.at_s), None)
        if event is not None:
            found[trip.id] = replace(mine, broken=event)
    return found


def _breakdowns(past: Past) -> Mapping[str, list[Event]]:
    """Breakdowns in effect, by vehicle."""
    found: dict[str, list[Event]] = {}
    for event in past.held:
        for name in event.subject if event.kind is EventKind.BREAKDOWN else ():
            found.setdefault(name, []).append(event)
    return found


def _there_from_s(old: PlanFacts) -> list[int]:
    """For each course: when all had come that it loads, after what those before it took; NEVER: not."""
    come: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in old.world.instance.stock:
        come.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, row.quantity))
    for view in old.trips:
        for stop in view.stops:
            for item, number in stop.goods.items.items():
                if (stop.stop.node_id, item) in come:
                    come[stop.stop.node_id, item].append((stop.stop.end_s, number))
    taken: dict[tuple[str, str], int] = {}
    found = []
    for course in old.courses:
        latest = 0
        for item, number in course.view.loaded.items.items():
            key = (course.view.trip.origin_id, item)
            if key in come:
                taken[key] = taken.get(key, 0) + number
                latest = max(latest, _come_s(sorted(come[key]), taken[key]))
        found.append(latest)
    return found


def _come_s(rows: list[tuple[int, int]], number: int) -> int:
    """When so much had come."""
    so_far = 0
    for moment_s, quantity in rows:
        so_far += quantity
        if so_far >= number:
            return moment_s
    return NEVER


def _legs(trip: Trip) -> list[Leg]:
    return [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
