"""Tiny worlds whose stock comes late: what a solve finds against all plans there are.

``benchmarks/tiny_worlds.py`` does so by the hundred, within the default limit.
"""

from pathlib import Path

import pytest
from exhaustive_stock import SHAPES, LateStock, solved_as_well_as_can_be

from planner.instance.read import read_instance
from planner.plans.model import Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

CASES = Path(__file__).parent / "cases"
# Quick ones: all are guaranteed, only planned, or not even that.
FEW = [
    ("plain", 1, 0),
    ("plain", 2, 1),
    ("two types", 1, 1),
    ("two types", 2, 0),
    ("four", 1, 1),
    ("dock", 1, 0),
    ("dock", 2, 1),
    ("days", 1, 0),
    ("home", 2, 2),
    ("anywhere", 1, 1),
    ("tight", 0, 0),
]
MANY = [(name, gamma, seed) for name in SHAPES for gamma in (0, 1, 2) for seed in range(10, 12)]


def agrees(name, gamma, seed):
    solved_as_well_as_can_be(LateStock(seed, SHAPES[name], gamma))


@pytest.mark.parametrize("case", FEW, ids=str)
def test_a_plan_with_late_stock_is_as_good_as_the_best_of_all(case, short_searches):
    agrees(*case)


@pytest.mark.slow
@pytest.mark.parametrize("case", MANY, ids=str)
def test_so_are_many(case):
    agrees(*case)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_component_is_searched_on_while_somebody_is_late(seed):
    """Its goods come in two lots, and the first look at both echelons together is too short."""
    found = solve(read_instance(CASES / "late_4015"), SolveOptions(seed=seed, workers=0))
    assert (found.plan.status, found.plan.cost) == (Status.GUARANTEED, 357_600)
