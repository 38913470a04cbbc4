"""Legs over edges with hours in the kernel: times of chains against a simulation edge by edge, from scratch.

The kernel runs uncompiled, on solutions that a random search passes; `Course` tries every set of late legs.
"""

import heapq
from functools import cache
from importlib.util import find_spec
from itertools import chain
from random import Random

import pytest

from planner.instance.schema import CalendarRow, Closure, Overnight, WindowRule
from planner.plans.model import StepKind
from planner.propose.sisr.flatten import flatten
from planner.propose.sisr.kernel import arrays as at
from tests import kernel_reference
from tests.plain_kernel import plain_state
from tests.test_kernel_properties import Walk, kernel, wrong_latest, wrong_starts
from tests.worlds import DAY, HOUR, problem_of, road, truck, village, world

pytestmark = pytest.mark.skipif(find_spec("numba") is None, reason="no numba for this computer")

TEN, DAYS = 600, 3


def random_world(seed):
    """Three villages; roads with tides, ferries and closures, with ways round; one type of trucks."""
    rng = Random(seed)
    places = ["W", "A", "B", "C"]
    pairs = [("W", "A"), ("W", "B"), ("A", "B"), ("B", "C"), ("W", "C"), ("W", "A"), ("A", "C")]
    edges = [
        road(
            f"e{number}", *pair, TEN * rng.randint(2, 18), TEN * rng.randint(2, 18),
            length_m=1000 * rng.randint(1, 90), calendar=rng.choice(("", "", "ferry", "tide", "tide")),
            delay_max_s=TEN * rng.randint(0, 5), delay_back_max_s=TEN * rng.randint(0, 5),
        )
        for number, pair in enumerate(pairs[: rng.randint(4, 7)])
    ]  # fmt: skip
    hours = sorted(rng.sample(range(4, 22), 4))
    ferry = sorted(rng.sample(range(5, 20), 3))
    calendars = [CalendarRow(calendar="day", opens_s=6 * HOUR, closes_s=rng.randint(15, 20) * HOUR)]
    calendars += [
        CalendarRow(calendar="tide", opens_s=a * HOUR, closes_s=b * HOUR)
        for a, b in zip(hours[::2], hours[1::2], strict=True)
    ]
    calendars += [
        CalendarRow(calendar="ferry", opens_s=a * HOUR, closes_s=a * HOUR + 60, window=WindowRule.START)
        for a in ferry
    ]
    closed_s = HOUR * rng.randint(4, 40)
    return world(
        [village(name, handover_s=TEN * rng.randint(0, 2)) for name in places[1:]],
        [
            truck(
                number=2, mass_kg=rng.choice((10, 20, 30)), load_fixed_s=TEN * rng.randint(0, 2),
                overnight=rng.choice(list(Overnight)), calendar="day", gamma=rng.randint(0, 2),
                price_km=10, price_hour=0,
            )
        ],
        edges,
        horizon_s=DAYS * DAY,
        deadline_s=rng.choice((DAY, 2 * DAY, DAYS * DAY)),
        calendars=tuple(calendars),
        closures=(Closure(id="x", edge="e1", from_s=closed_s, until_s=closed_s + HOUR * rng.randint(1, 30)),),
    )  # fmt: skip


class Edges:
    """Driving over the edges of an instance, by the plain meaning of the rules."""

    def __init__(self, instance):
        self.instance = instance
        self.rows = {one.id: one for one in instance.edges}

    def may_pass(self, edge, begin, end):
        rows = [one for one in self.instance.calendars if one.calendar == edge.calendar]
        spans = [
            (day * DAY + row.opens_s, day * DAY + row.closes_s, row) for day in range(DAYS) for row in rows
        ]
        inside = not edge.calendar or any(
            low <= begin < high and (row.window is WindowRule.START or end <= high)
            for low, high, row in spans
        )
        barred = (one for one in self.instance.closures if one.edge == edge.id)
        return (
            inside and end <= DAYS * DAY and all(end <= one.from_s or begin >= one.until_s for one in barred)
        )

    def passed(self, edge, now, seconds, shifts):
        """When an edge is behind one that comes to it at a moment; None: never."""
        moments = {now, *(one.until_s for one in self.instance.closures), *(a for a, _ in shifts or ())}
        moments |= {
            day * DAY + row.opens_s
            for row in self.instance.calendars
            if row.calendar == edge.calendar
            for day in range(DAYS)
        }
        for begin in sorted(one for one in moments if one >= now):
            end = drive(begin, seconds, shifts)
            enters = begin if shifts is None or seconds == 0 else drive(begin, 1, shifts)
            if end is None or enters is None:
                return None
            enters -= 0 if shifts is None or seconds == 0 else 1
            if self.is_free(edge) or self.may_pass(edge, enters, end):
                return end
        return None

    def is_free(self, edge):
        return not edge.calendar and all(one.edge != edge.id for one in self.instance.closures)

    def first(self, here, there, now, shifts):
        """First arrival over all ways."""
        heap, done = [(now, here)], set()
        while heap:
            moment, node = heapq.heappop(heap)
            if node == there:
                return moment
            if node in done:
                continue
            done.add(node)
            for edge in self.instance.edges:
                for begin, end, seconds in (
                    (edge.from_node, edge.to_node, edge.time_s),
                    (edge.to_node, edge.from_node, edge.time_back_s),
                ):
                    arrives = self.passed(edge, moment, seconds, shifts) if begin == node else None
                    if arrives is not None:
                        heapq.heappush(heap, (arrives, end))
        return None

    def along(self, path, now, shifts, *, late):
        for step in path:
            edge, forward = self.rows[step.ref], step.kind is StepKind.FORWARD
            seconds = edge.time_s if forward else edge.time_back_s
            seconds += (edge.delay_max_s if forward else edge.delay_back_max_s) if late else 0
            now = self.passed(edge, now, seconds, shifts)
            if now is None:
                return None
        return now


def drive(begin, seconds, shifts):
    """End of driving so long, with pauses between shifts."""
    return begin + seconds if shifts is None else kernel_reference._worked(shifts, begin, seconds)


def leg_over(edges, problem, *, waits):
    """What `kernel_reference._leg` does, where edges have hours."""
    plain = kernel_reference._leg

    def leg(kind, ends, now, shifts, delay):
        if kind.timed_between(*ends) is None:
            return plain(kind, ends, now, shifts, delay)
        end = over_hours(kind, ends, now, shifts, delay)
        home = kind.overnight is Overnight.HOME
        return None if end is None or (home and end > shifts[-1][1]) else end

    def over_hours(kind, ends, now, shifts, delay):
        here, there = (problem.places[one] for one in ends)
        path, pauses = kind.path(*ends), kind.overnight is not Overnight.HOME
        if delay:
            paths = [path]
            if not waits and kind.avoiding.reaches(*ends):
                paths.append(kind.avoiding.path(*ends))
            found = [late(kind, one, now, shifts if pauses else None) for one in paths]
            return min((one for one in found if one is not None), default=None)

        def ride(moment, hours):
            if waits:
                return edges.along(path, moment, hours, late=False)
            return edges.first(here, there, moment, hours)

        if kind.overnight is not Overnight.STOP:
            return ride(now, shifts if pauses else None)
        ways = [(end, ride(max(now, low), None)) for low, end in shifts if max(now, low) <= end]
        return next((moment for end, moment in ways if moment is not None and moment <= end), None)

    def late(kind, path, now, shifts):
        if kind.overnight is Overnight.STOP:
            steps = [(edges.rows[one.ref], one.kind is StepKind.FORWARD) for one in path]
            seconds = sum(edge.time_s if forward else edge.time_back_s for edge, forward in steps)
            now = kernel_reference._whole(shifts, now, seconds)
        return None if now is None else edges.along(path, now, shifts, late=True)

    return leg


class HoursWalk(Walk):
    """A random search over edges with hours."""

    def __init__(self, problem, seed):
        self.problem = problem
        self.flat = flatten(problem, problem.served)
        self.data = self.flat.data
        self.jobs = len(self.data.job)
        self.state = plain_state(self.data, 2 * self.jobs + 1, 2 * self.jobs + 2, seed)
        self.rng = Random(seed)
        self.stamp = 1
        self._courses = {}


@cache
def walks():
    """Random worlds with functions in the kernel, each by both choices of ways."""
    found = []
    for seed in range(16):
        instance = random_world(seed)
        problem = problem_of(instance)
        if problem.hopeless:
            continue  # who is late for certain has no deadline in the kernel
        for waits, view in ((False, problem), (True, problem.waiting)):
            if (
                view is not None
                and view.served
                and (flatten(view, view.served).data.fleet[:, at.LEG_HOURS] >= 0).any()
            ):
                found.append((seed, waits, instance, view))
    return found


def test_the_worlds_have_every_rule_of_the_night_with_and_without_late_legs():
    assert len({(view.fleet[0].overnight, view.fleet[0].gamma > 0) for *_, view in walks()}) == 6
    assert len(walks()) > 18


def test_times_are_those_of_a_simulation_over_the_edges(monkeypatch):
    """Starts and latest starts of all nodes, for each number of late legs before and after."""
    wrong, looked_at = [], 0
    for seed, waits, instance, view in walks():
        monkeypatch.setattr(kernel_reference, "_leg", leg_over(Edges(instance), view, waits=waits))
        walk = HoursWalk(view, seed)
        for _ in walk.states(4):
            looked_at += len(walk.chains())
            first = next(chain(wrong_starts(walk), wrong_latest(walk)), None)
            if first is not None:
                wrong.append((seed, waits, first))
                break
        monkeypatch.undo()
    assert wrong == []
    assert looked_at > 80


def test_the_pseudo_inverse_of_each_function_is_its_own():
    functions = 0
    for _, _, _, view in walks():
        data = flatten(view, view.served).data
        for plane in {*data.fleet[:, at.LEG_HOURS], *data.fleet[:, at.LEG_HOURS_LATE]} - {-1}:
            for which in set(data.ways[plane].ravel().tolist()) - {0}:
                first, last = data.at[which], data.at[which + 1]
                before, functions = -1, functions + 1
                for moment in range(0, 2 * DAY, 13 * TEN + 1):
                    arrives = kernel().arrives(data.span, first, last, moment)
                    assert arrives >= max(before, moment)
                    before = arrives
                    if arrives < at.FAR:
                        latest = kernel().departs(data.span, first, last, arrives)
                        assert latest >= moment
                        assert kernel().arrives(data.span, first, last, latest) == arrives
                        assert kernel().arrives(data.span, first, last, latest + 1) > arrives
                assert kernel().arrives(data.span, first, last, at.FAR) >= at.FAR
    assert functions > 80
