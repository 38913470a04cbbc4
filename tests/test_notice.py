"""People have notice of a departure that is ordered anew; what goes on as planned or by itself needs none."""

from dataclasses import replace

import hub_plan
import pytest

from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.settings import settings_from_mapping
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

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
    return replan(plan, instance, (report,), now_s, options)


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
    _, faults = settings_from_mapping({"replan": {"notice": 5}})
    assert any(one.code == "I123" for one in faults)
