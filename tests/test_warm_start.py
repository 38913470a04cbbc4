"""Going on from a plan: its trips as a solution, whole where nothing changed, as near as can be elsewhere."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from planner.building.echelons import build_echelons
from planner.instance.read import read_instance
from planner.plans.model import Status, StopReason
from planner.proof.check import check_plan
from planner.reasons.outcome import outcome_of
from planner.search.warm_start import solution_of
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

INSTANCES = Path(__file__).resolve().parents[1] / "instances"


@cache
def solved(name):
    instance = read_instance(INSTANCES / name)
    return instance, solve(instance, SolveOptions(time_limit_s=3, workers=0)).plan


def warm(instance, plan):
    warehouse = instance.warehouses[0].id
    regions = [one for one in instance.regions if one.warehouse == warehouse]
    return solution_of(build_echelons(instance, warehouse, regions), plan.trips)


@pytest.mark.parametrize("name", ["toy", "mahulu"])
def test_a_plan_is_its_own_solution(name):
    instance, plan = solved(name)
    found = warm(instance, plan)
    assert (found.moved, found.left_out) == ((), ())
    again = outcome_of(found.solution, stop_reason=StopReason.COMPLETE, lower_bound=None)
    renamed = {one.id: one for one in again.trips}
    assert [renamed[one.id] for one in plan.trips] == list(plan.trips)
    assert [after.received_s for after in again.regions] == [before.received_s for before in plan.regions]


def test_nothing_worse_is_found_after():
    instance, plan = solved("mahulu")
    found = solve(instance, SolveOptions(time_limit_s=1.5, workers=0, base=plan))
    # the first plan may be one of a busy machine
    better = found.plan.regions_on_time > plan.regions_on_time
    better = better or Status.worst_of([found.plan.status, plan.status]) is not found.plan.status
    assert better or found.plan.cost <= plan.cost
    assert found.plan.regions_on_time >= plan.regions_on_time
    assert found.plan.options["base"]


def test_without_a_type_its_trips_are_left_out_and_the_others_stay():
    instance, plan = solved("mahulu")
    gone = plan.trips[0].vehicle_type
    fewer = replace(instance, vehicles=tuple(one for one in instance.vehicles if one.id != gone))
    found = warm(fewer, plan)
    assert {one.id for one in plan.trips if one.vehicle_type == gone} <= set(found.left_out)
    again = solve(fewer, SolveOptions(time_limit_s=2, workers=0, base=plan))
    assert check_plan(again.plan, fewer.clock, fewer).passed


def test_a_dock_less_moves_trips():
    instance, plan = solved("toy")
    fewer = replace(instance, warehouses=tuple(replace(one, docks=1) for one in instance.warehouses))
    found = warm(fewer, plan)
    kept = [one for part in found.solution.parts for one in part.assignments]
    loads = sorted((one.timing.load_start_s, one.timing.depart_s) for one in kept)
    assert all(end <= start for (_, end), (start, _) in zip(loads, loads[1:], strict=False))
    assert len(kept) + len(found.left_out) == len(plan.trips)
