"""The cheapest plan that withstands late legs: what a solve finds against all plans there are."""

from dataclasses import replace

import pytest
from exhaustive_late import Shape, Tiny
from late_legs import STEP

from planner.building.echelons import build_echelons
from planner.compose.delay_propagation import overlapping_pairs
from planner.instance.schema import Overnight
from planner.plans.model import RegionStatus, Status
from planner.propose.sisr import engine
from planner.search.warm_start import solution_of
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

SHAPES = {
    "plain": Shape(3, 2),
    "four": Shape(4, 2),
    "five": Shape(5, 2),
    "hub": Shape(3, 2, 2),
    "one boat": Shape(4, 2, 1),
    "dock": Shape(3, 2, docks=1),
    "three at a dock": Shape(4, 3, docks=1),
    "dock and hub": Shape(3, 1, 2, docks=1),
    "days": Shape(3, 2, days=True),
    "home": Shape(2, 2, overnight=Overnight.HOME),
    "stop": Shape(2, 2, overnight=Overnight.STOP),
    "anywhere": Shape(2, 2, overnight=Overnight.ANYWHERE),
    "tight": Shape(3, 2, hurry=2),
    "tight four": Shape(4, 2, hurry=2),
    "tight dock": Shape(3, 2, docks=1, hurry=2),
    "tight hub": Shape(2, 1, 1, hurry=2),
}
# The same with crews that may work only so long on a day.
WORK = {
    "work home": Shape(2, 2, overnight=Overnight.HOME, work=True),
    "work stop": Shape(2, 2, overnight=Overnight.STOP, work=True),
    "work anywhere": Shape(2, 2, overnight=Overnight.ANYWHERE, work=True),
    "work home, days": Shape(2, 1, days=True, overnight=Overnight.HOME, work=True),
    "work stop, days": Shape(2, 1, days=True, overnight=Overnight.STOP, work=True),
    "work anywhere, days": Shape(2, 1, days=True, overnight=Overnight.ANYWHERE, work=True),
}
# If late crews worked on without limit, a cheaper plan would do, or one at all where there is none.
WORKED = [
    ("work home", 1, 11),
    ("work stop", 1, 10),
    ("work anywhere", 2, 4),
    ("work home, days", 2, 8),
    ("work anywhere, days", 2, 3),
]
# Not all can be promised to be on time, but more as planned.
SCARCE = [
    ("tight", 2, 2),
    ("tight", 2, 3),
    ("tight four", 2, 4),
    ("tight four", 2, 5),
    ("tight dock", 1, 0),
    ("tight dock", 2, 4),
    ("tight hub", 1, 2),
    ("tight hub", 2, 1),
    ("hub", 2, 12),
]
# In the best plan a vehicle's next trip begins before the one before is over in the worst case.
CARRIED = [
    ("plain", 2, 2),
    ("hub", 1, 3),
    ("hub", 2, 6),
    ("dock", 2, 3),
    ("dock", 2, 4),
    ("days", 1, 2),
    ("days", 1, 11),
    ("four", 1, 8),
    ("four", 2, 7),
]
MANY = [
    (name, gamma, seed)
    for name in SHAPES
    for gamma in (1, 2)
    for seed in range(12)
    if not name.startswith("tight")
] + [(name, gamma, seed) for name in WORK for gamma in (1, 2) for seed in range(9)]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The engine proposes for a moment only: where there are so few routes composition has them all."""
    monkeypatch.setattr(engine, "_PER_EFFORT", 500)


def costs(name, gamma, seed):
    """Least cost of all plans that withstand their late legs, and that found; None: there is none."""
    tiny = Tiny(seed, (SHAPES | WORK)[name], gamma)
    plan = solve(tiny.instance, SolveOptions(effort=1, workers=0)).plan  # what the check rejects raises
    return tiny.least(), plan.cost if plan.status is Status.GUARANTEED else None


@pytest.mark.parametrize("case", CARRIED, ids=str)
def test_late_legs_that_are_gone_are_not_held_in_reserve_again(case):
    least, found = costs(*case)
    assert least is not None
    assert found == least


@pytest.mark.parametrize("case", CARRIED, ids=str)
def test_a_plan_with_carried_trips_is_its_own_solution(case):
    name, gamma, seed = case
    instance = Tiny(seed, SHAPES[name], gamma).instance
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    warm = solution_of(build_echelons(instance, "W", instance.regions), plan.trips)
    assert (warm.moved, warm.left_out) == ((), ())
    assert warm.solution.cost == plan.cost
    assert warm.solution.all_on_time
    assert any(True for part in warm.solution.parts for _ in overlapping_pairs(part))


@pytest.mark.parametrize("case", [pytest.param(one, marks=pytest.mark.slow) for one in MANY], ids=str)
def test_the_cheapest_guaranteed_plan_is_found(case):
    least, found = costs(*case)
    assert found == least


@pytest.mark.parametrize("case", WORKED, ids=str)
def test_late_crews_work_no_longer_than_they_may(case):
    least, found = costs(*case)
    assert found == least
    name, gamma, seed = case
    tiny = Tiny(seed, WORK[name], gamma)
    tiny.kinds = {name: replace(kind, work_late_s=100 * STEP) for name, kind in tiny.kinds.items()}
    free = tiny.least()
    assert free is not None
    assert least is None or free < least


def test_some_of_the_tiny_worlds_cannot_be_guaranteed():
    tiny = Tiny(3, SHAPES["plain"], 2)
    assert tiny.least() is None
    assert solve(tiny.instance, SolveOptions(effort=1, workers=0)).plan.status is Status.ON_TIME


def compare_fewest(name, gamma, seed):
    """How many are late as planned, and not promised, against the best of all plans; what that is."""
    tiny = Tiny(seed, SHAPES[name], gamma)
    found = solve(tiny.instance, SolveOptions(effort=1, workers=0))
    late = {one.region_id for one in found.plan.regions if one.status is not RegionStatus.ON_TIME}
    unsure = late.union(found.verdict.robustness.not_guaranteed)
    fewest = tiny.fewest()
    assert (len(late), len(unsure)) == fewest, (late, unsure)
    return fewest


@pytest.mark.parametrize("case", SCARCE, ids=str)
def test_nobody_is_late_as_planned_so_that_others_are_promised(case):
    late, unsure = compare_fewest(*case)
    assert unsure > late


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHAPES if name.startswith("tight")])
@pytest.mark.parametrize("gamma", [1, 2])
def test_fewest_are_late_and_then_fewest_not_promised(name, gamma):
    assert any(compare_fewest(name, gamma, seed)[1] for seed in range(10))
