"""Which tables held when something happened: no report changes what had ended before it began.

Reports change tables for the future. What began before a moment is judged by the tables with those reports
alone that had begun by then: each stretch of time between two beginnings is an era with a world of its own. A
leg that is under way when an era ends goes on by the next one from where it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from planner.events.amend import Amended
from planner.events.apply import CHANGING, effective
from planner.events.loads import Net
from planner.events.read import row_faults, rows_of
from planner.events.schema import Event, EventKind
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Edge, Instance
from planner.plans.model import Step, StepKind
from planner.proof.facts import PlanFacts
from planner.proof.paths import step_s
from planner.proof.world import World
from planner.proof.worst.policy import NEVER, Course, Policy

__all__ = ["Era", "Eras"]

_ONLY_MORE = (  # they change what is needed, when, or add vehicles, and move nothing that is planned
    EventKind.DEMAND,
    EventKind.DAMAGED,
    EventKind.MISSING,
    EventKind.RECALL,
    EventKind.MISDELIVERED,
    EventKind.FOUND,
    EventKind.FEWER,
    EventKind.DEADLINE,
    EventKind.CONTACT,
    EventKind.DECISION,
    EventKind.LONGEST_DELAY,
    EventKind.VEHICLE_ADDED,
)
_AS_USUAL = 100  # percent
_EVER = -(10**18)


class Era:
    """A stretch of time with the world that held in it.

    Parameters
    ----------
    from_s, until_s
        Its beginning and its end; the last one ends never.
    files, events
        What the files say, and the reports that had begun.
    facts
        Of the plan, in the world of the future.
    net
        What had been loaded before goods were reported to be lost.
    bases
        Edges of the files by those that reports have doubled, at other speeds.
    """

    def __init__(
        self,
        from_s: int,
        until_s: int,
        files: Instance,
        events: Sequence[Event],
        facts: PlanFacts,
        net: Net,
        bases: Mapping[str, str],
    ) -> None:
        self.from_s, self.until_s = from_s, until_s
        self._files, self._events, self._facts, self._net = files, events, facts, net
        self._courses: dict[str, Course | None] = {}
        self._bases = bases

    @cached_property
    def world(self) -> World:
        """What the files say with these reports applied."""
        return World(with_closed_hours(effective(self._files, self._events, self._net)))

    @cached_property
    def policy(self) -> Policy:
        """How trips go on in it."""
        return Policy(self.world, changed_s=NEVER if self.from_s == _EVER else self.from_s)

    def course(self, course: Course) -> Course | None:
        """A trip of the plan in this world, by itself; None: its vehicle type does not exist in it.

        Where the tables say the same of all that it needs, that is its course in the world of the future.
        """
        trip = course.view.trip
        if trip.id not in self._courses:
            found: tuple[Course, ...] = (course,)
            if not self._is_same(course):
                plan = replace(self._facts.plan, trips=(trip,))
                found = PlanFacts(
                    Amended(plan, took=self._facts.took), self._facts.plan_clock, self.world
                ).courses
            self._courses[trip.id] = found[0] if found else None
        return self._courses[trip.id]

    def _is_same(self, course: Course) -> bool:
        """Whether type, hours and ways of a trip are those of the world of the future."""
        trip = course.view.trip
        if self.world.instance.vehicle_type_of.get(trip.vehicle_type) != course.kind:
            return False
        names = {trip.origin_id, *(stop.node_id for stop in trip.stops)}
        names |= {course.kind.calendar, course.origin_calendar, *course.calendars}
        names |= {step.ref for view in course.view.legs for step in view.leg.path}
        return self._differing.isdisjoint(names)

    @cached_property
    def _differing(self) -> frozenset[str]:
        """Places, calendars, edges and known trips of which the two worlds say something else."""
        here, there = self.world.instance, self._facts.world.instance
        before, after = _hours(here), _hours(there)
        places = {name for name in before | after if before.get(name) != after.get(name)}
        calendars = {one.calendar for one in set(here.calendars) ^ set(there.calendars)}
        closed = {one.edge for one in set(here.closures) ^ set(there.closures)}
        known = {one.id for one in set(here.known_trips) ^ set(there.known_trips)}
        edges = {one.id for one in set(here.edges) ^ set(there.edges)}
        edges |= {one.id for one in there.edges if one.calendar in calendars}
        return frozenset(places | calendars | closed | known | edges)

    def edge(self, step: Step) -> Edge | None:
        """The edge of a piece of a way; of one that was doubled at another speed, what this world has."""
        if step.kind is StepKind.KNOWN:
            return None
        known = self.world.ways.edges
        return known.get(step.ref) or known.get(self._bases.get(step.ref, ""))

    def step_s(self, course: Course, step: Step) -> int | None:
        """Nominal seconds of a piece of a way; None: it does not exist in this world."""
        known = self.world.ways.known
        if step.kind is StepKind.KNOWN:
            return known[step.ref].time_s if step.ref in known else None
        edge = self.edge(step)
        forward = step.kind is StepKind.FORWARD
        if edge is None or (not forward and edge.time_back_s is None):
            return None
        return step_s(course.kind, edge, forward=forward)


class Eras:
    """The steps of trips, each by the world that held when it began.

    Parameters
    ----------
    facts
        Of the plan, in the world that holds from now on.
    files, events
        What the files say, and the reports in effect.
    now_s
        What begins then or later is judged by the world of `facts` alone.
    net
        What had been loaded before goods were reported to be lost.
    """

    def __init__(
        self, facts: PlanFacts, files: Instance, events: Sequence[Event], now_s: int, net: Net
    ) -> None:
        self.policy = Policy(facts.world, changed_s=now_s)
        self._now_s = now_s
        changing = [one for one in events if one.kind in CHANGING and one.kind not in _ONLY_MORE]
        moments = {one.begins_s for one in changing}
        moments |= {
            one.until_s for one in changing if one.kind is EventKind.SPEED and one.until_s is not None
        }
        bases = _bases(facts, files) if moments else {}
        begins = [_EVER, *sorted(moments)]
        self._begins = begins
        self._eras = [
            Era(from_s, until_s, files, tuple(_held(events, from_s)), facts, net, bases)
            for from_s, until_s in zip(begins, [*begins[1:], NEVER], strict=True)
        ]
        self._plain = not moments

    def _from(self, moment_s: int) -> Iterator[Era]:
        """Yield the era of a moment, and those after it."""
        yield from self._eras[max(0, bisect_right(self._begins, moment_s) - 1) :]

    def load_start_s(self, course: Course, possible_s: int) -> int:
        """See `Policy.load_start_s`."""
        moment_s = max(possible_s, course.view.trip.load_start_s)

        def start_s(policy: Policy, own: Course, ready_s: int) -> int:
            return policy.load_start_s(own, ready_s)

        return self._begun(course, moment_s, possible_s, start_s, 0)

    def departs_s(self, course: Course, number: int, moment_s: int) -> int:
        """See `Policy.departs_s`."""

        def departs_s(policy: Policy, own: Course, ready_s: int) -> int:
            return policy.departs_s(own, number, ready_s)

        return self._begun(course, moment_s, moment_s, departs_s, 0)

    def served_s(self, course: Course, number: int, arrive_s: int) -> int:
        """See `Policy.served_s`."""
        stop = course.view.trip.stops[number]
        long_s = max(0, stop.end_s - stop.start_s)

        def served_s(policy: Policy, own: Course, ready_s: int) -> int:
            return policy.served_s(own, number, ready_s)

        return self._begun(course, arrive_s, arrive_s, served_s, long_s)

    def _begun(
        self,
        course: Course,
        moment_s: int,
        ready_s: int,
        step: Callable[[Policy, Course, int], int],
        long_s: int,
    ) -> int:
        """End of a step that lasts so long: it begins as soon as the world of then allows."""
        if self._plain or moment_s >= self._now_s:
            return step(self.policy, course, ready_s)
        for era in self._from(moment_s):
            if era.from_s >= self._now_s:
                break
            own = era.course(course)
            end_s = NEVER if own is None else step(era.policy, own, max(ready_s, era.from_s))
            if end_s < NEVER and end_s - long_s < min(era.until_s, self._now_s):
                return end_s
        return step(self.policy, course, max(ready_s, self._now_s))

    def arrive_s(self, course: Course, number: int, moment_s: int) -> int:
        """See `Policy.arrive_s`."""
        if self._plain or moment_s >= self._now_s or moment_s >= NEVER:
            return self.policy.arrive_s(course, number, moment_s)
        leg = course.view.legs[number].leg
        if course.is_past(leg.depart_s):
            return self.policy.arrive_s(course, number, moment_s)
        era = next(self._from(moment_s))
        own = era.course(course)
        if own is not None and own.ways[number] is not None:
            end_s = era.policy.arrive_s(own, number, moment_s)
            if end_s <= era.until_s:
                return end_s
        for step in leg.path:
            moment_s = self._passed_s(course, step, moment_s)
        return max(moment_s, leg.arrive_s)  # nobody is earlier than planned

    def _passed_s(self, course: Course, step: Step, moment_s: int) -> int:
        """When a piece of a way is passed, in whatever worlds hold meanwhile."""
        left, whole = 1, 1  # so much of it is still to be driven
        if moment_s >= NEVER:
            return NEVER
        for era in self._from(moment_s):
            own = era.course(course)
            time_s = None if own is None else era.step_s(own, step)
            if own is None or time_s is None:
                moment_s = max(moment_s, era.until_s)
                continue
            rest_s = -(-time_s * left // whole)
            edge = era.edge(step)
            if edge is not None and (left != whole or not era.world.ways.timed(own.kind, edge)):
                edge = None  # nobody turns back who is on it
            end_s, driven_s = era.policy.driven_until(own, edge, moment_s, rest_s, era.until_s)
            if end_s <= era.until_s:
                return end_s
            left, whole = left * max(1, rest_s) - driven_s * left, whole * max(1, rest_s)
            moment_s = max(moment_s, era.until_s)
        return NEVER


def _hours(instance: Instance) -> dict[str, str]:
    """The calendar of each place."""
    found: dict[str, str] = {one.id: one.calendar for one in instance.hubs}
    found |= {one.id: one.calendar for one in instance.warehouses}
    return found | {one.id: one.calendar for one in instance.regions}


def _bases(facts: PlanFacts, files: Instance) -> Mapping[str, str]:
    """Edges of the files by their doubles, in the world of now and in that of the plan."""
    replan = facts.plan.replan
    worlds = [facts.world.instance]
    if replan is not None and replan.events:
        rows = rows_of(one for one in replan.events if one.kind == EventKind.SPEED)
        worlds.append(effective(files, row_faults(rows, files)[0]))
    return {one.id: one.double_of for world in worlds for one in world.edges if one.double_of}


def _held(events: Sequence[Event], moment_s: int) -> Iterator[Event]:
    """Yield the reports that had begun at a moment; a speed holds while it lasts, and not beside another."""
    for one in events:
        if one.begins_s > moment_s:
            continue
        if one.kind is not EventKind.SPEED:
            yield one
        elif one.until_s is None or (one.until_s > moment_s and int(one.value) <= _AS_USUAL):
            yield replace(one, from_s=None, until_s=None)
