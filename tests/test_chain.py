"""Chains of hubs: as good as exhaustive search over tiny instances; repetition; take-aways."""

from itertools import combinations

import pytest

from planner.instance.schema import Echelon
from planner.plan import RegionStatus
from planner.proof.check import check_plan
from planner.propose import sisr
from planner.solve import SolveOptions, solve
from tests.chain_worlds import FEATURES, chain_world
from tests.exhaustive_chain import least

QUICK = SolveOptions(effort=1, workers=0)

# As good as exhaustive search


@pytest.fixture
def short(monkeypatch):
    """The engine proposes for a moment only: where there are so few routes composition has them all."""
    monkeypatch.setattr(sisr, "_PER_EFFORT", 500)


def score_of(plan, instance):
    """(weight undelivered, weight late, weighted seconds late, cost) of a plan, from what it says."""
    weight = {one.id: max(1, one.counts["people"]) for one in instance.regions}
    limits = {row.place: row.deadline_s for row in instance.deadlines if row.echelon is Echelon.HUB}
    over = dict.fromkeys(weight, 0)
    for stop in (stop for trip in plan.trips for stop in trip.stops):
        limit = limits.get(stop.node_id) or limits.get("")
        for one in stop.deliveries if limit is not None and stop.node_id not in weight else ():
            over[one.region_id] = max(over[one.region_id], stop.end_s + 1 - limit)
    for one in plan.regions:
        if one.received_s is not None:
            over[one.region_id] = max(over[one.region_id], one.received_s + 1 - one.deadline_s)
    missing = {one.region_id for one in plan.regions if one.status is RegionStatus.UNDELIVERED}
    late = {name: over_s for name, over_s in over.items() if over_s > 0 and name not in missing}
    assert set(late) == {one.region_id for one in plan.regions if one.status is RegionStatus.LATE}
    return (
        sum(weight[name] for name in missing),
        sum(weight[name] for name in late),
        sum(weight[name] * over_s for name, over_s in late.items()),
        plan.cost,
    )


@pytest.mark.parametrize(
    "features", [(one,) for one in FEATURES] + list(combinations(FEATURES, 2)), ids="+".join
)
def test_a_tiny_plan_is_as_good_as_the_best_of_all(features, short):
    instance = chain_world(features, 0)
    found = solve(instance, QUICK)
    assert check_plan(found.plan, instance.clock, instance).passed
    assert score_of(found.plan, instance) == least(instance)
