"""What every engine keeps: one suite for all of them (`planner.propose.engine` says what they promise)."""

from dataclasses import replace

import numpy as np
import pytest

from planner.problem.problem import Proposal
from planner.problem.visits import fits_capacity
from planner.propose.engine import Budget
from planner.propose.engines import DEFAULT_ENGINE, ENGINES, engine_named
from planner.propose.pool import candidate
from planner.search.echelon import EchelonSearch, SearchOptions
from tests import problems
from tests.problems import kind, load, origin
from tests.random_problems import random_features, random_problem

pytestmark = pytest.mark.parametrize("engine", ENGINES)
DAY = problems.DAY
LATE_LEGS = frozenset({"gamma1", "gamma2"})  # are no engine's promise
SEEDS = range(6)


def reports_of(engine, problem, budget=None, **more):
    found = []

    def report(proposals):
        found.append(tuple(proposals))
        return False

    engine_named(engine).propose(
        problem, budget=budget or Budget(effort=1), seed=more.pop("seed", 1), report=report, **more
    )
    return found


def carried(proposals):
    return sorted(idx for one in proposals for idx in one.route.consignments)


def small(seed):
    return random_problem(random_features(seed) - LATE_LEGS, seed, consignments=5)


@pytest.mark.parametrize("seed", SEEDS)
def test_trips_hold_what_is_served_once_and_fit_their_vehicle(engine, seed):
    problem = small(seed)
    for proposals in reports_of(engine, problem):
        assert len(set(carried(proposals))) == len(carried(proposals))
        assert set(carried(proposals)) <= set(problem.served)
        for one in proposals:
            fleet = problem.fleet[one.route.fleet]
            assert one.route.consignments
            assert all(fleet.serves[problem.consignments[idx].region] for idx in one.route.consignments)
            assert fits_capacity(problem, one.route)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_and_effort_give_the_same_reports(engine, seed):
    problem = small(seed)
    assert reports_of(engine, problem, seed=seed) == reports_of(engine, problem, seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_composition_the_score_is_the_same_whichever_engine_proposed(engine, seed):
    problem = small(seed)
    if not problem.served or problem.num_origins > 1:
        return  # composition is for one warehouse or hub
    search, other = (EchelonSearch(problem, lambda _: None) for _ in range(2))
    search.run(lambda _: Budget(effort=1), SearchOptions(engine=engine, effort=1))
    other.run(lambda _: Budget(effort=1), SearchOptions(engine=DEFAULT_ENGINE, effort=1))
    assert search.incumbent.score[:5] == other.incumbent.score[:5]


def test_all_is_brought_where_that_can_be(engine):
    problem = problems.problem([0, 3, -4, 9, 12], kinds=[kind(mass_g=2)])
    last = reports_of(engine, problem)[-1]
    assert carried(last) == [0, 1, 2, 3]
    assert all(candidate(problem, one.route) is not None for one in last)


def test_nothing_to_serve_is_nothing_to_carry(engine):
    problem = problems.problem([0, 3], unserved=frozenset({0}))
    assert all(not proposals for proposals in reports_of(engine, problem))


def test_what_goes_another_way_is_left_alone(engine):
    problem = problems.problem([0, 3, -4], elsewhere=frozenset({0}))
    assert {tuple(carried(one)) for one in reports_of(engine, problem)} == {(1,)}


def test_who_cannot_be_in_time_is_brought_late(engine):
    problem = problems.problem([0, 100, -100], deadline_s=250)  # one vehicle reaches the second after 300
    assert any(carried(one) == [0, 1] for one in reports_of(engine, problem))


def test_what_is_due_earlier_than_its_region_comes_first(engine):
    loads = [load(0), load(1, due_s=101)]
    problem = problems.problem([0, 100, -100], loads=loads)
    search = EchelonSearch(problem, lambda _: None)
    for proposals in reports_of(engine, problem):
        search.report(proposals)
    assert search.incumbent.all_on_time


def test_nothing_is_loaded_before_it_is_there(engine):
    loads = [load(0), load(1, release_s=50_000)]
    problem = problems.problem([0, 100, 200], loads=loads, deadline_s=50_000)
    search = EchelonSearch(problem, lambda _: None)
    search.run(lambda _: Budget(effort=1), SearchOptions(engine=engine, effort=1))
    starts = {
        idx: one.timing.load_start_s
        for one in search.incumbent.assignments
        for idx in one.candidate.route.consignments
    }
    assert starts[1] >= 50_000
    assert search.incumbent.score.late == 1  # the other one is on time, alone


def test_two_types_and_two_warehouses(engine):
    kinds = [kind("A", number=2), kind("B", origin=1)]
    problem = problems.problem([0, 1000, 5, 995], origins=[origin(), origin()], kinds=kinds)
    last = reports_of(engine, problem)[-1]
    by_region = {idx: one.route.fleet for one in last for idx in one.route.consignments}
    assert by_region == {0: 0, 1: 1}


def test_a_prize_that_is_worth_less_than_its_way_is_left(engine):
    problem = problems.problem([0, 3, 500], loads=[load(0), load(1, prize=5)])
    assert carried(reports_of(engine, problem)[-1]) == [0]


def test_by_the_clock_something_comes_at_once(engine):
    problem = problems.problem([0, 3, -4])
    assert any(carried(one) == [0, 1] for one in reports_of(engine, problem, budget=Budget(time_s=0.05)))


def test_it_stops_when_all_deadlines_are_past(engine):
    problem = problems.problem([0, 3, -4])
    past = replace(problem, deadline_s=np.zeros_like(problem.deadline_s))
    assert all(isinstance(one, Proposal) for found in reports_of(engine, past) for one in found)
