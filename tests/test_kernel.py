"""The search of chains of trips (engine `sisr`) against the exhaustive reference, on hundreds of problems.

`disagreements` takes any ``solve(problem, iterations, seed)`` that answers with chains, or with proposals
that say vehicles and starts of loading; how a chain is read is written in ``tests/kernel_reference.py``.
"""

from functools import cache
from importlib.util import find_spec

import pytest

from planner.instance.schema import Overnight
from planner.problem.problem import Proposal, Route
from planner.propose.engine import Budget
from planner.propose.engines import engine_named
from tests.kernel_reference import broken, chains_of, cost, missing, optimum, plan_broken
from tests.random_problems import FEATURES, random_features, random_problem

ALONE = [(frozenset({feature}), seed) for feature in FEATURES for seed in range(5)]
TOGETHER = [(random_features(seed), seed) for seed in range(160)]
# Larger ones that were not solved once, for one reason each: days paid by the second, several consignments
# of a place in two shifts, trips of which only the first two jobs together can be, whole trips that had to
# change types, types that cost the same, trips and vehicles counted by shift alone.
ONCE_WRONG = (1076, 1084, 1096, 1233, 1299, 5238, 20065, 20067, 31163, 32026, 40544, 40927)

_problem = cache(random_problem)  # many tests take the same ones
_OPTIMA = {}

kernel = pytest.mark.skipif(find_spec("numba") is None, reason="no numba for this computer")


@pytest.fixture(autouse=True)
def few_iterations(request, monkeypatch):
    """A quarter would do for each of the problems here, but not for each of the slow ones."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr("planner.propose.sisr.engine._PER_EFFORT", 4000)


def best_of(problem, *, least=False):
    """The optimum of a problem that `_problem` keeps, worked out once."""
    key = id(problem), least
    if key not in _OPTIMA:
        _OPTIMA[key] = optimum(problem, least=least)
    return _OPTIMA[key]


def solve_by_engine(problem, iterations, seed):
    """The last and best proposals of the engine."""
    found = [()]

    def report(proposals):
        if all(one.load_start_s is not None for one in proposals):  # else for the pipeline: some are late
            found.append(tuple(proposals))
        return False

    budget = Budget(effort=max(1, iterations // 20_000))
    engine_named("sisr").propose(problem, budget=budget, seed=seed, report=report)
    return found[-1]


def disagreement(problem, answer, *, least=False):
    """What is wrong with an engine's answer, or an empty text: it breaks a rule, or is not the optimum."""
    if answer and all(isinstance(one, Proposal) for one in answer):
        chains = chains_of(answer)
        if rule := _wrong_starts(problem, answer):
            return rule
    else:
        chains = answer
    if rule := broken(problem, chains):
        return rule
    best = best_of(problem, least=least)
    out, _ = missing(problem, chains)
    price = cost(problem, chains, least=least)
    rounding = sum(len(chain) for chain in chains)  # the price of each trip is rounded
    if out == best.missing and best.cost <= price <= best.cost + rounding:
        return ""
    return f"{out} left out, cost {price} by {chains}; best {best.missing}, {best.cost} by {best.chains}"


def _wrong_starts(problem, proposals):
    """A vehicle whose own starts of loading break a rule."""
    vehicles = {}
    for trip in sorted(proposals, key=lambda proposal: proposal.load_start_s):
        trips = vehicles.setdefault((trip.route.fleet, trip.vehicle), [])
        trips.append(((trip.route.fleet, trip.route.consignments), trip.load_start_s))
    for vehicle, trips in vehicles.items():
        if rule := plan_broken(problem, [trip for trip, _ in trips], [load_s for _, load_s in trips]):
            return f"{vehicle} {trips}: {rule}"
    return ""


def disagreements(solve, cases, *, iterations=2000, seed=1, consignments=4, least=False):
    """Each case, as text, in which an engine's answer is wrong."""
    found = []
    for features, number in cases:
        problem = _problem(features, number, consignments=consignments)
        if wrong := disagreement(problem, solve(problem, iterations, seed), least=least):
            found.append(f"{sorted(features)} {number}: {wrong}")
    return found


# ---- the comparison itself -----------------------------------------------------------------------------


def by_reference(problem, _iterations, _seed):
    return best_of(problem).chains


def as_proposals(shift_s):
    """The optimum as proposals whose starts are wrong by so much."""

    def solve(problem, _iterations, _seed):
        best = best_of(problem)
        numbers, found = {}, []
        for chain, starts in zip(best.chains, best.starts, strict=True):
            number = numbers[chain[0][0]] = numbers.get(chain[0][0], -1) + 1
            for (fleet, load), load_s in zip(chain, starts, strict=True):
                found.append(Proposal(Route(fleet, load), number, load_s + shift_s))
        return found

    return solve


def nothing(_problem, _iterations, _seed):
    return ()


def one_by_one(problem, _iterations, _seed):
    """Each consignment with a vehicle of its own, of the first type that keeps the rules."""
    chains = []
    for idx in problem.served:
        for fleet in range(len(problem.fleet)):
            more = [*chains, [(fleet, (idx,))]]
            if not broken(problem, more):
                chains = more
                break
    return chains


def all_in_order(problem, _iterations, _seed):
    """One vehicle with everything, whatever the rules."""
    return [[(0, problem.served)]]


def test_the_reference_agrees_with_itself():
    cases = ALONE[::3] + TOGETHER[::4]
    assert disagreements(by_reference, cases) == []
    assert disagreements(as_proposals(0), cases) == []


@pytest.mark.parametrize(
    ("solve", "says", "at_least"),
    [
        (nothing, "left out", 60),
        (one_by_one, "left out", 20),
        (all_in_order, "mass", 20),
        (all_in_order, "no plan keeps the times", 5),
        (as_proposals(-60), "cannot start to load", 50),
    ],
)
def test_wrong_answers_are_found(solve, says, at_least):
    found = disagreements(solve, ALONE[::3] + TOGETHER[::4])
    assert sum(says in one for one in found) >= at_least


def shortcomings(cases, consignments=4):
    """Cases in which the engine falls short.

    Its trips end as early as they can, and begin as late as that allows: so hours are paid as the least, and
    days of vehicles that stay out as in the earliest plan, or less.
    """
    found = []
    for case in cases:
        fleet = _problem(*case, consignments=consignments).fleet
        hours = any(kind.prices.hour for kind in fleet)
        days = any(kind.prices.day and kind.overnight is not Overnight.HOME for kind in fleet)
        wrong = disagreements(solve_by_engine, [case], least=hours, consignments=consignments)
        if wrong and days and not hours:
            wrong = disagreements(solve_by_engine, [case], least=True, consignments=consignments)
        found += wrong
    return found


# ---- the engine ----------------------------------------------------------------------------------------


@kernel
@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_alone_is_solved_to_the_optimum(feature):
    cases = [case for case in ALONE if case[0] == {feature}]
    assert shortcomings(cases) == []


@kernel
@pytest.mark.parametrize("part", range(8))
def test_features_together_are_solved_to_the_optimum(part):
    assert shortcomings(TOGETHER[part::8]) == []


@kernel
def test_what_was_wrong_once_is_solved():
    for consignments in (4, 5):
        cases = [(random_features(seed), seed) for seed in ONCE_WRONG]
        assert shortcomings(cases, consignments=consignments) == []


@kernel
@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_larger_ones_too(part):
    cases = [(random_features(seed), seed) for seed in range(1000 + part, 1400, 8)]
    assert shortcomings(cases, consignments=5) == []


@kernel
def test_the_same_seed_gives_the_same_answer():
    for features, number in TOGETHER[:10]:
        problem = random_problem(features, number)
        assert solve_by_engine(problem, 200, 7) == solve_by_engine(problem, 200, 7)
