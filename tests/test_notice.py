"""People have notice of a departure that is ordered anew; what goes on as planned or by itself needs none."""

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import hub_plan
import pytest

from planner.events.read import read_events
from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.settings import settings_from_mapping
from planner.outputs.figures import moment
from planner.outputs.replan_summary import notice_line
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan as replanned
from planner.replanning.state import state_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from replan import tell
from replan_draws import KINDS_DRAWN, PHASES, scene_of

pytestmark = pytest.mark.usefixtures("short_searches")


def with_vans(number, **settings):
    vehicles = tuple(
        replace(one, number=number if one.id == "VAN" else one.number) for one in hub_plan.INSTANCE.vehicles
    )
    instance = replace(
        hub_plan.INSTANCE, vehicles=vehicles, settings=replace(hub_plan.INSTANCE.settings, **settings)
    )
    return instance, replace(hub_plan.PLAN, instance_digest=digest(instance))


def again(kind, subject, now_s, *, notice_s=None, settings=None, **more):
    instance, plan = with_vans(2, **(settings or {}))
    report = Event(id="e1", time_s=now_s, kind=EventKind(kind), subject=(subject,), **more)
    options = ReplanOptions(effort=1, notice_s=notice_s)
    return replanned(plan, instance, (report,), now_s, options)


@pytest.mark.parametrize(
    ("notice_s", "settings", "expected_s"),
    [(None, None, 900), (0, None, 0), (3600, None, 3600), (None, {"notice_min": 40}, 2400)],
)
@pytest.mark.parametrize("now_s", [25_800, 27_000])
def test_what_is_ordered_anew_begins_after_the_notice(now_s, notice_s, settings, expected_s):
    found = again("vehicle_lost", "VAN-01", now_s, notice_s=notice_s, settings=settings)
    other = [trip for trip in found.plan.trips if trip.vehicle_id == "VAN-02"]
    assert other and all(trip.load_start_s >= now_s + expected_s for trip in other)
    assert found.plan.regions_on_time == 3

    instance, _ = with_vans(2, **(settings or {}))
    asked_s = ReplanOptions(notice_s=notice_s).notice_of(instance)
    assert asked_s == expected_s
    told = notice_line(found, asked_s, now_s, instance)
    assert (moment(now_s + expected_s, instance.clock) in told) is bool(expected_s)


def test_what_goes_by_itself_needs_none():
    """The truck is late by a little; the van loads as soon as its goods are there, though that is soon."""
    found = again("delay", "TRUCK-01", 25_100, value="300", notice_s=3600)
    second = next(trip for trip in found.plan.trips if trip.id == "T2")
    assert not second.begun and 25_100 < second.load_start_s < 25_100 + 3600
    assert not found.changes.people


def test_the_setting_is_read_and_its_faults_are_found():
    for value, good in ((0, True), (1440, True), (-1, False), (1441, False), ("soon", False), (True, False)):
        draft, faults = settings_from_mapping({"replan": {"notice_min": value}})
        named = [one for one in faults if "notice_min" in str(one.column)]
        assert bool(named) is not good
    for value, good in ((1, True), (2, True), (0, False), (3, False), ("2", False), (True, False)):
        _, faults = settings_from_mapping({"replan": {"approvals": value}})
        assert any("approvals" in str(one.column) for one in faults) is not good
    _, faults = settings_from_mapping({"replan": {"notice": 5}})
    assert any(one.code == "I123" for one in faults)


# ---------------------------------------------------------------- any report at any moment


@pytest.mark.parametrize("kind", KINDS_DRAWN, ids=str)
@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(one, marks=pytest.mark.slow) for one in range(2, 12))]
)
def test_nothing_new_begins_before_the_notice_is_over(kind, seed, tmp_path):
    """Whatever is told: what begins sooner is what goes on by itself, with its vehicle and at its moment."""
    instance, plan = with_vans(2)
    draws, table = Random(f"{seed} {kind}"), tmp_path / "events.csv"
    scene = scene_of(plan, instance, draws.choice(PHASES), draws)
    told = tell(scene, [kind], table)
    if not told.taken:
        return
    held = read_events(table, instance, plan, scene.now_s)
    found = replanned(plan, instance, held, scene.now_s, ReplanOptions(effort=1)).plan
    by_itself = {
        (one.trip.vehicle_id, one.trip.load_start_s)
        for one in state_of(plan, instance, held, scene.now_s).trips
        if one.stuck is None
    }
    for trip in found.trips:
        if not trip.begun and trip.load_start_s < scene.now_s + 900:
            assert trip.load_start_s >= scene.now_s
            assert (trip.vehicle_id, trip.load_start_s) in by_itself
