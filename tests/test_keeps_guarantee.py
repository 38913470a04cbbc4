"""A replan without news takes nobody's guarantee away, and news of one component none of another's."""

import re
from dataclasses import fields, is_dataclass, replace

import hub_plan
import pytest
from small import CLOCK

from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.schema import Delay, Instance
from planner.plans.model import Status
from planner.proof.check import checked, facts_of
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

pytestmark = pytest.mark.usefixtures("short_searches")

OPTIONS = ReplanOptions(effort=1)
NAMES = re.compile(r"\b(W|H|A|B|C|TRUCK|VAN|[Tek][0-9]+)\b")
MOMENTS = range(0, 45_000, 1700)


def twin(one):
    """The same thing with other ids."""
    if type(one) is str:
        return NAMES.sub(r"\1x", one)
    if isinstance(one, tuple):
        return tuple(twin(part) for part in one)
    if is_dataclass(one) and not isinstance(one, type):
        if one is CLOCK:
            return one
        return replace(one, **{part.name: twin(getattr(one, part.name)) for part in fields(one) if part.init})
    return one


def pair(percent, gamma):
    """The instance twice, with nothing in common, and the plan for both; how much longer late legs take."""
    one, plan = hub_plan.INSTANCE, hub_plan.PLAN
    both = {}
    for part in fields(Instance):
        value = getattr(one, part.name)
        if isinstance(value, tuple) and part.name not in ("items", "calendars"):
            both[part.name] = (*value, *twin(value))
    both["delays"] = (Delay(id="d", percent=percent),)
    instance = replace(one, **both)
    made = replace(
        plan,
        instance_digest=digest(instance),
        components=(*plan.components, *twin(plan.components)),
        trips=(*plan.trips, *twin(plan.trips)),
        regions=(*plan.regions, *twin(plan.regions)),
        options={**plan.options, "guarantee": str(gamma)},
        cost=2 * plan.cost,
    )
    found, verdict = checked(made, CLOCK, instance)
    assert verdict.violations == ()
    return instance, found, set(verdict.robustness.guaranteed)


@pytest.mark.parametrize(("percent", "gamma"), [(100, 1), (50, 2), (100, 3)])
def test_without_news_the_same_future_and_the_same_answer_come_back(percent, gamma):
    instance, plan, sure = pair(percent, gamma)
    for now_s in MOMENTS:
        again = replan(plan, instance, (), now_s, OPTIONS)
        assert [replace(trip, begun=False) for trip in again.plan.trips] == list(plan.trips)
        assert sure <= set(again.verdict.robustness.guaranteed), now_s
        assert again.plan.status is plan.status and not again.changes.regions
        later = replan(again.plan, instance, (), now_s + 900, OPTIONS, previous=(plan,))
        assert sure <= set(later.verdict.robustness.guaranteed), now_s
        assert later.plan.status is plan.status


def test_a_delay_in_one_component_takes_no_guarantee_of_another():
    instance, plan, _ = pair(100, 1)
    for now_s in (22_000, 24_000, 25_200, 27_500, 30_000):
        late = Event(id="e1", time_s=now_s, kind=EventKind.DELAY, subject=("TRUCK-01",), value="7200")
        again = replan(plan, instance, (late,), now_s, OPTIONS)
        assert again.untouched == ("Wx",)
        status = {one.id: one.status for one in again.plan.components}
        assert status["Wx"] is Status.GUARANTEED
        assert {"Ax", "Bx", "Cx"} <= set(again.verdict.robustness.guaranteed)
        mine = [trip for trip in plan.trips if trip.origin_id in ("Wx", "Hx")]
        kept = [replace(trip, begun=False) for trip in again.plan.trips if trip.origin_id in ("Wx", "Hx")]
        assert kept == mine


def test_a_delay_that_is_told_uses_no_late_leg_up():
    """The leg under way is one of the late ones; what was told of it is known, and its own delay may come."""
    instance, plan, _ = pair(100, 1)
    now_s, told_s = 24_000, 600
    late = Event(id="e1", time_s=now_s, kind=EventKind.DELAY, subject=("TRUCK-01",), value=str(told_s))
    again = replan(plan, instance, (late,), now_s, OPTIONS)
    first = next(trip for trip in again.plan.trips if trip.vehicle_id == "TRUCK-01")
    leg = first.stops[0].leg
    assert leg.depart_s < now_s < leg.arrive_s
    worst = facts_of(again.plan, CLOCK, instance, None, (plan,)).worst["C"].received_s
    last = first.stops[1]
    own_s, next_s = leg.arrive_s - leg.depart_s - told_s, last.leg.arrive_s - last.leg.depart_s
    # either the leg under way takes its own largest delay in place of the one told, or the next one
    assert worst == last.end_s + max(own_s - told_s, next_s)
