"""Reports about goods that a replan has believed are taken back: there is a plan, and nothing is lost."""

from __future__ import annotations

import pytest

from planner.events.adding import add_report
from planner.events.read import read_events
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan
from planner.replanning.state import Assume
from tests.test_otherwise import handed_over, toy, units

KINDS = ("missing", "damaged", "recall", "misdelivered", "demand")


def told(path, instance, plan, now_s, kind, subject, value="", **cells):
    cells |= {"kind": kind, "subject": subject, "value": value, "time": instance.clock.text(now_s)}
    return add_report(path, cells, instance, plan, now_s).event


def replanned(path, instance, plan, now_s, previous, assume=Assume.PLANNED):
    events = read_events(path, instance, plan, now_s)
    options = ReplanOptions(effort=1, assume=assume)
    found = replan(plan, instance, events, now_s, options, previous=previous)
    verdict = check_plan(found.plan, instance.clock, instance, previous=(*previous, plan))
    assert verdict.violations == ()
    return found.plan


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("later_s", [600, 3600, 10_800])
def test_goods_that_a_replan_believed_in(kind, later_s, tmp_path):
    plan, instance = toy()
    path, now_s = tmp_path / "e.csv", 32_400
    event = told(path, instance, plan, now_s, kind, "ash", "1")
    first = replanned(path, instance, plan, now_s + 300, ())
    asked = {unit for unit in handed_over(first) if unit not in units(instance)}
    assert asked  # it is brought besides
    told(path, instance, first, now_s + later_s, "void", event.id)
    held = read_events(path, instance, first, now_s + later_s)
    assert [one.kind.value for one in held] == [kind, "void"]
    again = replanned(path, instance, first, now_s + later_s + 60, (plan,))
    found = handed_over(again)
    assert {unit: found[unit] for unit in units(instance)} == dict(units(instance))
    told(path, instance, again, now_s + later_s + 600, "delay", again.trips[-1].vehicle_id, "10min")
    replanned(path, instance, again, now_s + later_s + 660, (plan, first))


def test_what_no_plan_believed_is_simply_gone(tmp_path):
    plan, instance = toy()
    path = tmp_path / "e.csv"
    event = told(path, instance, plan, 32_400, "missing", "ash", "1")
    told(path, instance, plan, 32_500, "void", event.id)
    assert read_events(path, instance, plan, 32_600) == ()
