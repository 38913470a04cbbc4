"""A delay that is told before its trip begins is in every later plan, unless others bring the goods."""

from __future__ import annotations

from dataclasses import replace

import hub_plan
import pytest
import small
from replans import row

from planner.base.clock import parse_instant
from planner.events.read import events_of
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

CLOCK = small.CLOCK
OPTIONS = ReplanOptions(effort=1, notice_s=0)


def clock(time):
    return CLOCK.seconds(parse_instant(f"2024-11-22T{time}+08:00"))


T1 = small.PLAN.trips[0]
CASES = {
    "several stops": (small.PLAN, small.INSTANCE, "T1", T1.load_start_s - 600),
    "small": (small.PLAN, small.INSTANCE, "T5", clock("09:20")),
    "hub": (hub_plan.PLAN, hub_plan.INSTANCE, "T3", clock("07:50")),
}


def legs(plan, name):
    trip = next(one for one in plan.trips if one.id == name)
    return [stop.leg for stop in trip.stops]


def told(case, minutes, number):
    plan, instance, name, now_s = CASES[case]
    subject = next(one for one in plan.trips if one.id == name)
    more = {"trip": name, "stop": str(number + 1), "place": subject.stops[number].node_id}
    rows = [row("E1", now_s - 60, "delay", name, CLOCK, value=f"{minutes} min", **more)]
    return plan, instance, name, now_s, events_of(rows, instance, plan, now_s)


@pytest.mark.parametrize("minutes", [10, 40])
@pytest.mark.parametrize(
    ("case", "number"), [("several stops", 0), ("several stops", 1), ("small", 0), ("hub", 0)]
)
def test_a_trip_to_come_is_as_late_as_was_told_in_every_later_plan(case, minutes, number):
    plan, instance, name, now_s, events = told(case, minutes, number)
    planned = legs(plan, name)[number]
    earlier = []
    for later_s in (0, 300, 900):
        result = replan(plan, instance, events, now_s + later_s, OPTIONS, previous=earlier)
        assert result.verdict.violations == ()
        leg = legs(result.plan, name)[number]
        late_s = leg.arrive_s - leg.depart_s - (planned.arrive_s - planned.depart_s)
        assert late_s == 60 * minutes
        earlier.append(plan)
        plan = result.plan


@pytest.mark.parametrize("case", CASES)
def test_a_plan_that_leaves_out_what_was_told_is_not_accepted(case):
    plan, instance, name, now_s, events = told(case, 40, 0)
    good = replan(plan, instance, events, now_s, OPTIONS).plan
    old = next(one for one in plan.trips if one.id == name)
    forged = replace(good, trips=tuple(old if one.id == name else one for one in good.trips))
    rules = check_plan(forged, CLOCK, instance, previous=[plan]).rules
    assert not rules["history"].passed


def test_others_bring_the_goods_of_who_would_be_too_late():
    plan, instance, name, now_s, events = told("small", 60 * 30, 0)
    result = replan(plan, instance, events, now_s, OPTIONS)
    assert result.verdict.violations == ()
    assert name not in {one.id for one in result.plan.trips}
    assert all(one.received_s is not None for one in result.plan.regions)
