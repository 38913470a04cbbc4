"""Solves of tiny worlds with outages against all plans there are."""

import pytest
from exhaustive_outages import SHAPES, OutOfUse
from exhaustive_stock import answer_of, is_as_good, withstands

from planner.plans.model import Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

pytestmark = pytest.mark.usefixtures("short_searches")


@pytest.mark.parametrize("gamma", [1, 2])
@pytest.mark.parametrize("name", ["plain", "one", "hub", "dock", "home", "tight"])
def test_no_plan_is_better(name, gamma):
    world = OutOfUse(0, SHAPES[name], gamma)
    best, found = world.best(), solve(world.instance, SolveOptions(effort=1, workers=0))
    answer = answer_of(found)
    assert is_as_good(answer, best), (answer, best)
    assert best.cost is None or answer.cost <= 1.03 * best.cost
    assert found.plan.status is not Status.GUARANTEED or withstands(world, found.plan)
