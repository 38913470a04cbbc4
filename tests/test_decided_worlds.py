"""Tiny worlds in which something is decided: what a solve finds against all plans there are."""

import pytest

from planner.building.echelons import build_echelons
from planner.plans.model import Status
from planner.propose.engine import Budget
from planner.propose.engines import engine_named
from planner.propose.pool import candidate
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.exhaustive_decisions import DecidedWorld, drawn

# With six villages composition has not every route: what is decided the engine has to find.
LARGER = [
    (3, ("together", "together")),
    (14, ("together", "depart_at vehicle")),
    (28, ("together", "depart_at vehicle")),
]
# Some with a late leg to withstand, and some in which not all can be had.
SMALL = [3, 4, 5, 8, 11]


def agrees(world):
    """Whether a plan of the program is as good as any, and withstands what it says that it does."""
    rank, best = world.best()
    assert world.is_legal(best)
    plan = solve(world.instance, SolveOptions(effort=1, workers=0, guarantee=world.gamma)).plan
    mine = world.as_planned(plan)
    assert world.is_legal(mine)
    assert world.rank(mine) == rank
    assert plan.status is not Status.GUARANTEED or world.withstands(mine)
    return plan


@pytest.mark.parametrize("number", SMALL)
def test_small_worlds(number):
    agrees(drawn(number))


@pytest.mark.parametrize(("seed", "kinds"), LARGER)
def test_worlds_with_more_routes_than_are_tried_one_by_one(seed, kinds):
    agrees(DecidedWorld(seed, kinds, villages=6))


def test_a_guarantee_is_found_and_holds():
    assert agrees(drawn(7)).status is Status.GUARANTEED


KINDS = ("together", "depart_at place", "depart_at vehicle", "day place", "use")


@pytest.mark.usefixtures("short_searches")
@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS[:3])
def test_the_engine_proposes_what_is_decided(first, second):
    """Each trip it proposes may be made, when it says, and at no moment leave more than there are docks."""
    for seed in range(2):
        world = DecidedWorld(seed, (first, second), seed, 4 + 3 * seed)
        problem = build_echelons(world.instance, "W", world.instance.regions, world.gamma).root
        told = []
        engine_named("sisr").propose(
            problem, budget=Budget(effort=1), seed=seed, report=lambda one, to=told: to.append(one) or False
        )
        for one in told[-1]:
            trip = candidate(problem, one.route)
            assert trip is not None
            assert one.load_start_s is not None
            assert trip.timing_at(problem, one.load_start_s) is not None


@pytest.mark.parametrize("seed", [1, 2, 13])
def test_departures_closer_than_loading_takes_and_departures_that_exclude_each_other(seed):
    close = ("08:00", "08:10", "13:00", "13:10")
    agrees(DecidedWorld(seed, ("depart_at vehicle", "depart_at vehicle"), villages=5, departures=close))
