"""Solves of tiny worlds with transfers between warehouses against all plans there are."""

import pytest

from planner.plans.model import RegionStatus, Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.exhaustive_transfers import Answer, Transfers

pytestmark = pytest.mark.usefixtures("short_searches")


def answer_of(found):
    late = sum(one.status is not RegionStatus.ON_TIME for one in found.plan.regions)
    unpromised = len(found.verdict.robustness.not_guaranteed)
    return Answer(late, max(late, unpromised), found.plan.cost)


@pytest.mark.parametrize(("seed", "gamma"), [(0, 0), (0, 1), (1, 2)])
def test_no_plan_is_better(seed, gamma):
    case = Transfers(seed, gamma)
    best = case.best()
    found = solve(case.instance, SolveOptions(effort=1, workers=0))
    answer = answer_of(found)
    assert (answer.late, answer.unpromised) <= (best.late, best.unpromised)
    if found.plan.status is Status.GUARANTEED:
        assert best.unpromised == 0
    if not best.unpromised:
        assert answer.cost <= 1.03 * best.cost
