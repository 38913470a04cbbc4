"""When goods of a region may leave the warehouse (`deadlines.release`): obeyed, and the best of all plans.

``benchmarks/tiny_worlds.py releases`` compares with all plans there are by the hundred.
"""

import csv
import io

import pytest
from exhaustive_releases import Releases
from exhaustive_stock import SHAPES, solved_as_well_as_can_be

from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.outputs.tables import trips_text
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

FEW = [(name, gamma, seed) for name in SHAPES for gamma, seed in ((0, 1), (1, 2)) if "nights" not in name]
MANY = [(name, gamma, seed) for name in SHAPES for gamma in (0, 1, 2) for seed in range(10, 12)]


def ready_s(world, trip):
    """When the last of a trip's goods may leave the store."""
    return max(world.release_s[one.region_id] for stop in trip.stops for one in stop.deliveries)


def agrees(name, gamma, seed):
    world = Releases(seed, SHAPES[name], gamma)
    plan = solved_as_well_as_can_be(world)
    assert all(one.load_start_s >= ready_s(world, one) for one in plan.trips if one.origin_id == "W")


@pytest.mark.parametrize("case", FEW, ids=str)
def test_a_plan_with_releases_is_as_good_as_the_best_of_all(case, short_searches):
    agrees(*case)


def test_routes_by_hand_wait_until_their_goods_may_leave():
    world = Releases(1, SHAPES["plain"], 0)
    plan = solve(world.instance, SolveOptions(effort=1, workers=0)).plan
    rows = trips_text(plan, world.instance.clock)
    bare = [row | {"start": ""} for row in csv.DictReader(io.StringIO(rows))]
    text = "\n".join([",".join(bare[0]), *(",".join(row.values()) for row in bare)])
    found = evaluate(world.instance, routes_from_text(text, world.instance))
    assert found.verdict.rules["release"].passed and found.verdict.rules["release"].cases
    waits = {one.id: ready_s(world, one) for one in found.plan.trips}
    assert any(waits.values())
    assert all(one.load_start_s >= waits[one.id] for one in found.plan.trips)
    assert any(one.load_start_s == waits[one.id] > 0 for one in found.plan.trips)


@pytest.mark.slow
@pytest.mark.parametrize("case", MANY, ids=str)
def test_so_are_many(case):
    agrees(*case)
