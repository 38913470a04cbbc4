"""Solutions of the kernel built from given trips: from good ones the same, from bad ones a valid one."""

from importlib.util import find_spec

import numpy as np
import pytest

from tests.kernel_reference import broken, chains_of
from tests.random_problems import FEATURES, random_features, random_problem

pytestmark = pytest.mark.skipif(find_spec("numba") is None, reason="no numba for this computer")

CASES = [(frozenset({feature}), 7) for feature in FEATURES] + [
    (random_features(seed), seed) for seed in range(100, 160)
]


def made(features, seed, consignments=9):
    from planner.propose.sisr.flatten import flatten

    problem = random_problem(features, seed, consignments=consignments)
    return problem, flatten(problem, problem.served)


def empty(flat):
    from planner.propose.sisr.kernel.arrays import new_state

    jobs = len(flat.jobs)
    return [new_state(flat.data, 2 * jobs + 1, 2 * jobs + 1, 1) for _ in range(2)]


def searched(flat, state, best, iterations, stamp=1):
    from planner.propose.sisr.kernel.search import search

    weights = np.array((4.0, 8.0, 10.0, 11.0, 13.0, 15.0, 17.0))
    heat = flat.mean_price * 0.05
    shape = (10.0, 5.0, 40.0, 0.01, 2, 2)
    return search(flat.data, state, best, iterations, heat, heat, *shape, weights, stamp)


def built(flat, trips):
    from planner.propose.sisr.kernel.start import start_from

    state, best = empty(flat)
    start_from(flat.data, state, best, *trips, 1)
    return state, best


def chains_in(problem, flat, state):
    from planner.propose.sisr.engine import _proposals

    return chains_of(_proposals(problem, [(flat, state)]))


@pytest.mark.parametrize("part", range(4))
def test_a_solution_taken_apart_and_built_again_is_the_same(part):
    from planner.propose.sisr.kernel.arrays import ABSENT, N_ABSENT
    from planner.propose.sisr.trip_arrays import trips_of

    for features, seed in CASES[part::4]:
        _, flat = made(features, seed)
        state, best = empty(flat)
        searched(flat, state, best, 300)
        trips = trips_of(best, len(flat.jobs))
        for again in built(flat, trips):
            for one, two in zip(trips_of(again, len(flat.jobs)), trips, strict=True):
                assert one.tolist() == two.tolist(), (sorted(features), seed)
            assert again.cost[[1, 3]] == pytest.approx(best.cost[[1, 3]])
            absent = again.lists[ABSENT, : again.number[N_ABSENT]].tolist()
            assert sorted([*absent, *trips.order.tolist()]) == list(range(len(flat.jobs)))


@pytest.mark.parametrize("part", range(4))
def test_a_solution_is_built_again_from_what_was_proposed_of_it(part):
    from planner.propose.sisr.engine import _proposals
    from planner.propose.sisr.kernel.arrays import N_ABSENT
    from planner.propose.sisr.trip_arrays import trips_from

    same = 0
    for features, seed in CASES[part::4]:
        problem, flat = made(features, seed)
        state, best = empty(flat)
        searched(flat, state, best, 300)
        proposals = _proposals(problem, [(flat, best)])
        known = [one for one in proposals if one.vehicle is not None and one.load_start_s is not None]
        _, again = built(flat, trips_from(flat, proposals))
        wrong = broken(problem, chains_in(problem, flat, again))
        assert wrong == "", (sorted(features), seed, wrong)
        if len(known) == len(proposals) and again.number[N_ABSENT] == best.number[N_ABSENT]:
            assert again.cost[[1, 3]] == pytest.approx(best.cost[[1, 3]]), (sorted(features), seed)
            same += 1
    assert same > len(CASES[part::4]) * 3 // 4


def test_proposals_without_vehicle_or_moment_and_goods_that_are_not_there_are_left_out():
    from planner.problem.problem import Proposal, Route
    from planner.propose.sisr.trip_arrays import trips_from

    _, flat = made(frozenset({"types"}), 7)
    (start_s, _), *_ = flat.veh_types[0].shifts
    route = Route(flat.veh_types[0].fleet, (flat.jobs[1], flat.jobs[0]))
    found = trips_from(
        flat,
        [
            Proposal(route, None, start_s),
            Proposal(route, 0, None),
            Proposal(Route(route.fleet, (10_000,)), 0, start_s),
            Proposal(Route(route.fleet, (flat.jobs[2],)), 0, start_s + 5),
            Proposal(route, 0, start_s),
        ],
    )
    assert [one.tolist() for one in found] == [[0, 0], [0, 1], [0, 2, 3], [1, 0, 2]]


@pytest.mark.parametrize("part", range(4))
def test_bad_trips_give_no_invalid_solution_and_the_search_goes_on_from_it(part):
    rng = np.random.default_rng(part)
    for features, seed in CASES[part::4]:
        problem, flat = made(features, seed)
        if flat.data.general and flat.data.segments:
            continue  # the kernel's longest time leaves out nights and breaks
        jobs, count = len(flat.jobs), int(rng.integers(1, 6))
        order = rng.integers(0, jobs, size=2 * jobs)  # some twice
        at = np.sort(rng.integers(0, len(order) + 1, size=count + 1))
        kinds, follows = rng.integers(0, len(flat.veh_types), size=count), rng.integers(0, 2, size=count)
        state, best = built(flat, (kinds, follows, at, order))
        for stage in range(3):
            for one in (state, best):
                wrong = broken(problem, chains_in(problem, flat, one))
                assert wrong == "", (sorted(features), seed, stage, wrong)
            searched(flat, state, best, 20, stamp=2 + 100 * stage)
