"""Edges with hours and ways round: what a solve answers against all plans of tiny worlds."""

import pytest
from exhaustive_hours import Answer, HoursWorld

from planner.plans.model import RegionStatus
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

pytestmark = pytest.mark.usefixtures("short_searches")


def answer_of(found):
    """What a solve says: how many are late, how many not promised, and the cost."""
    late = {one.region_id for one in found.plan.regions if one.status is not RegionStatus.ON_TIME}
    unsure = set() if found.verdict.robustness is None else set(found.verdict.robustness.not_guaranteed)
    return Answer(len(late), len(late | unsure), found.plan.cost)


QUICK = (0, 3, 5, 6, 7, 8, 10, 13, 20, 23)
MANY = [pytest.param(one, marks=pytest.mark.slow) for one in range(40) if one not in QUICK]


@pytest.mark.parametrize("seed", [*QUICK, *MANY])
def test_an_answer_is_as_good_as_the_best_of_all_plans(seed):
    world = HoursWorld(seed)
    found, best = answer_of(solve(world.instance, SolveOptions(effort=1, workers=0))), world.best()
    assert (found.late, found.unpromised) <= (best.late, best.unpromised)
    same = (found.late, found.unpromised) == (
        best.late,
        best.unpromised,
    ) and not best.late  # lateness before cost
    assert not same or found.cost <= 1.03 * best.cost
