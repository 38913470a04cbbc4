"""What comes back is never worse than what does not: a boat that can be used again tonight, a road, a hub."""

from dataclasses import replace

import hub_plan
import pytest

from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.plans.model import RegionStatus
from planner.replanning.component import cases_with_less
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import _prepared, replan

pytestmark = pytest.mark.usefixtures("short_searches")

HOUR = 3600
REPORTS = (
    ("breakdown", "VAN-01", {}),
    ("breakdown", "TRUCK-01", {}),
    ("vehicle_lost", "VAN-01", {}),
    ("vehicle_lost", "VAN", {"value": "1"}),
    ("closure", "e2", {}),
    ("closure", "e5", {}),
    ("warehouse", "H", {"value": "closed"}),
    ("warehouse", "W", {"value": "closed"}),
    ("dock", "H", {"value": "0"}),
    ("speed", "road", {"value": "20"}),
)


def setting(vans):
    vehicles = tuple(
        replace(one, number=vans if one.id == "VAN" else one.number) for one in hub_plan.INSTANCE.vehicles
    )
    instance = replace(hub_plan.INSTANCE, vehicles=vehicles)
    return instance, replace(hub_plan.PLAN, instance_digest=digest(instance))


def worth(plan, instance):
    """Weights without goods and late, and how late: recomputed from the regions of the plan."""
    weights = {one.id: instance.weight_of(one) for one in instance.regions}
    without = sum(weights[one.region_id] for one in plan.regions if one.status is RegionStatus.UNDELIVERED)
    late = [one for one in plan.regions if one.status is RegionStatus.LATE]
    over = sum(weights[one.region_id] * max(0, -(one.margin_s or 0)) for one in late)
    return without, sum(weights[one.region_id] for one in late), over


@pytest.mark.parametrize(
    ("vans", "now_s"),
    [
        (2, 20_000),
        *(
            pytest.param(vans, now_s, marks=pytest.mark.slow)
            for vans, now_s in ((1, 20_000), (1, 22_500), (1, 25_700), (2, 22_500), (2, 25_700))
        ),
    ],
)
def test_what_comes_back_is_never_worse(vans, now_s):
    instance, plan = setting(vans)
    for kind, subject, more in REPORTS:
        report = Event(id="e1", time_s=now_s, kind=EventKind(kind), subject=(subject,), **more)
        never = replan(plan, instance, (report,), now_s, ReplanOptions(effort=1)).plan
        for hours in (1, 5, 14):
            back = replace(report, until_s=now_s + hours * HOUR)
            found = replan(plan, instance, (back,), now_s, ReplanOptions(effort=1)).plan
            assert worth(found, instance) <= worth(never, instance), (kind, subject, hours)


def test_goods_do_not_wait_for_a_van_that_comes_back_where_another_one_is_free():
    instance, plan = setting(2)
    lost = Event(
        id="e1", time_s=20_000, kind=EventKind.BREAKDOWN, subject=("VAN-01",), until_s=hub_plan.DEADLINE
    )
    found = replan(plan, instance, (lost,), 20_000, ReplanOptions(effort=1)).plan
    assert found.regions_on_time == len(plan.regions)
    assert {trip.vehicle_id for trip in found.trips} == {"TRUCK-01", "VAN-02"}


def test_what_waits_is_also_searched_as_if_it_had_no_trip():
    """A trip that goes on at once, or does not wait for what comes back, stays in both."""
    instance, plan = setting(1)
    lost = Event(id="e1", time_s=20_000, kind=EventKind.VEHICLE_LOST, subject=("VAN-01",), until_s=12 * HOUR)
    work = _prepared(plan, instance, (lost,), 20_000, ReplanOptions())
    assert [trip.id for trip in work.new["W"]] == ["T1", "T2", "T3"]
    (other,) = cases_with_less(work, "W", None)
    assert [trip.id for trip in other.trips] == ["T1"]
    assert {leg.goods.region_id for leg in other.lacking} == {"A", "B"}
    work = _prepared(plan, instance, (replace(lost, until_s=None),), 20_000, ReplanOptions())
    assert list(cases_with_less(work, "W", None)) == []  # it does not come back
