"""Cases that were answered wrongly once, each for a class of faults: ``tests/cases``."""

from dataclasses import replace
from pathlib import Path

import pytest

from planner.base.clock import DAY_S as DAY
from planner.base.clock import HOUR_S as HOUR
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import read_routes
from planner.instance.read import read_instance
from planner.plans.file import read_claims
from planner.plans.model import RegionStatus, Status
from planner.proof.check import check_plan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", ["outage_dock", "outage_place", "outage_vehicle"])
def test_who_is_late_meets_an_outage(name):
    """A truck that is back late finds its dock, its store or itself out of use until the evening."""
    found = solve(read_instance(CASES / name), SolveOptions(effort=1, workers=0))
    assert found.plan.status is Status.ON_TIME
    assert found.verdict.robustness.not_guaranteed == ("A",)


def test_who_would_be_late_loads_what_is_planned_to_come():
    """To wait until the two boxes can be counted on would be too late even if nothing is."""
    found = solve(read_instance(CASES / "late_transfer"), SolveOptions(effort=1, workers=0))
    assert found.plan.status is Status.ON_TIME
    assert found.verdict.robustness.not_guaranteed == ("A",)


def test_one_truck_brings_boxes_to_a_warehouse_and_to_a_village():
    instance = read_instance(CASES / "one_truck")
    by_hand = evaluate(instance, read_routes(CASES / "one_truck.routes.csv", instance))
    assert by_hand.verdict.passed
    found = solve(instance, SolveOptions(effort=1, workers=0))
    assert found.plan.status is Status.ON_TIME
    assert found.plan.cost <= by_hand.plan.cost


@pytest.mark.parametrize(
    ("late_h", "received_s", "status"),
    [
        (2, DAY + 10 * HOUR, Status.ON_TIME),  # 10 h on the first day, 4 on the next: at the deadline
        (3, DAY + 9 * HOUR, Status.GUARANTEED),
        (0, DAY + 12 * HOUR, Status.ON_TIME),
    ],
)
def test_a_late_crew_pauses_when_its_day_is_over(late_h, received_s, status):
    """A boat under way for 10 h that may be late by 4 h, with 8 h of work a day."""
    instance = read_instance(CASES / "work_pause")
    vehicles = tuple(replace(one, work_late_s=late_h * HOUR) for one in instance.vehicles)
    found = solve(replace(instance, vehicles=vehicles), SolveOptions(effort=1, workers=0))
    assert [one.received_s for one in found.verdict.robustness.worst] == [received_s]
    assert found.plan.status is status


@pytest.mark.parametrize(
    "name", ["hours_2007", "hours_2015", pytest.param("hours_2042", marks=pytest.mark.slow)]
)
def test_edges_with_hours_cost_no_more_than_a_plan_that_is_known(name, short_searches):
    """Trips that wait for a ferry or a tide, or go round, one after another; also with late legs."""
    instance = read_instance(CASES / name)
    plan, clock, claims = read_claims(CASES / f"{name}.better.json")
    assert check_plan(plan, clock, instance, claims).status is Status.GUARANTEED
    found = solve(instance, SolveOptions(effort=1, workers=0))
    assert found.plan.status is Status.GUARANTEED
    assert found.plan.gamma >= plan.gamma
    assert found.plan.cost <= 1.03 * plan.cost


def test_a_reason_said_to_be_proven_without_its_proof_is_refused():
    plan, clock, claims = read_claims(CASES / "forged_reason.json")
    verdict = check_plan(plan, clock, read_instance(CASES / "two_causes"), claims)
    assert [(one.rule, one.place) for one in verdict.violations] == [("reasons", {"region": "B"})]


def test_a_transfer_that_comes_late_takes_the_promise():
    """By hand: two boxes come by a road that may take half as long again; so does the trip that waits."""
    instance = read_instance(CASES / "late_transfer")
    routes = read_routes(CASES / "late_transfer.routes.csv", instance)
    found = evaluate(instance, routes, guarantee=1)
    assert found.plan.status is Status.ON_TIME
    (worst,) = [one for one in found.verdict.robustness.worst if one.region == "A"]
    assert instance.clock.text(worst.received_s) == "2025-03-03T16:30:00+08:00"


def test_what_goes_together_at_decided_hours_is_found_by_the_search():
    """Two pickups leave at two hours from one dock: four trips in time, and two villages go together."""
    area = ",".join(f"64.02.02.{number}" for number in range(2015, 2026))
    instance = read_instance(CASES / "together")
    hand = evaluate(instance, read_routes(CASES / "together.routes.csv", instance)).plan
    found = solve(instance, SolveOptions(effort=1, workers=0, area=area)).plan
    late = {one.region_id: one.reason for one in found.regions if one.status is not RegionStatus.ON_TIME}
    assert late == {"64.02.02.2025": "left_out"}
    assert found.cost <= 1.03 * hand.cost


def test_a_past_in_which_everything_took_no_time_is_refused():
    plan, clock, claims = read_claims(CASES / "clinics_fake_replan.json")
    assert plan.status is Status.GUARANTEED and all(one.begun for one in plan.trips)
    verdict = check_plan(plan, clock, read_instance(CASES.parents[1] / "instances" / "clinics"), claims)
    broken = {one.rule for one in verdict.violations}
    assert {"travel_time", "loading_time", "service_time"} <= broken
    assert verdict.answer is Status.NOT_FOUND
