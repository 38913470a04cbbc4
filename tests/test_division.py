"""Large problems by parts: everything is in one part, no vehicle in two, and what comes out is valid."""

from importlib.util import find_spec

import numpy as np
import pytest

from planner.benchmark.files import read_file
from planner.benchmark.generate import cvrp_text, vrptw_text
from planner.benchmark.read import read_instance
from planner.benchmark.solution import solution_text
from planner.benchmark.verify import verify
from planner.building.echelons import build_echelons
from planner.propose.engine import Budget
from planner.propose.engines import engine_named
from tests.exhaustive_decisions import DecidedWorld
from tests.kernel_reference import broken, chains_of
from tests.random_problems import FEATURES, random_features, random_problem

if find_spec("numba") is None:
    pytest.skip("no numba for this computer", allow_module_level=True)

from planner.propose.sisr import division, engine, fleet_shares, points
from planner.propose.sisr.kernel.search import search as compiled_search
from planner.propose.sisr.kernel.start import start_from
from planner.propose.sisr.outline import outline

CASES = [(frozenset({feature}), 3) for feature in FEATURES] + [
    (random_features(seed), seed) for seed in range(200, 240)
]
# The kernel's longest time of a trip leaves out nights and breaks.
CASES = [case for case in CASES if "max_trip_s" not in case[0]]


@pytest.fixture
def in_parts(monkeypatch):
    """Divide every problem into so many parts, and search little."""

    def divide(number, per_effort=2000):
        monkeypatch.setattr(engine, "num_parts", lambda _problem, _iterations: number)
        monkeypatch.setattr(engine, "_PER_EFFORT", per_effort)

    return divide


def reports_of(problem, **more):
    found = []

    def report(proposals):
        found.append(tuple(proposals))
        return False

    more = {"budget": Budget(effort=1), "seed": 1} | more
    engine = engine_named("sisr")
    engine.propose(problem, report=report, **more)
    return found, engine


def generated(tmp_path, make, customers):
    path = tmp_path / "one.vrp"
    path.write_text(make(customers, seed=3), encoding="utf-8")
    return read_instance(read_file(path))


# ---- points and groups -----------------------------------------------------------------------------------


def test_points_of_places_on_a_plane_are_as_far_apart_as_these(tmp_path):
    problem = generated(tmp_path, cvrp_text, 150).problem
    every = np.arange(150)
    found = points.points_of(problem, every)
    places = [problem.place(region) for region in every.tolist()]
    ways = problem.fleet[0].distances(places, places)
    between = np.linalg.norm(found[:, None] - found[None, :], axis=2)
    assert np.abs(between - ways).max() < 15  # the lengths are rounded, and there are hundreds


def test_points_are_finite_where_there_is_no_way_and_where_all_is_one_place():
    for features, seed in [(frozenset({"masks"}), seed) for seed in range(10)]:
        problem = random_problem(features, seed, consignments=8)
        regions = np.array([one.region for one in problem.consignments])
        assert np.isfinite(points.points_of(problem, regions)).all()
        assert points.points_of(problem, regions[:1]).shape[0] == 1


def test_groups_are_about_equally_heavy_and_hold_each_once():
    random = np.random.default_rng(1)
    places, weight = random.normal(size=(500, 2)), random.integers(1, 9, size=500).astype(float)
    groups = points.bisected(places, weight, 7)
    assert sorted(np.concatenate(groups).tolist()) == list(range(500))
    sums = [weight[group].sum() for group in groups]
    assert max(sums) - min(sums) <= 16
    assert [len(one) for one in points.bisected(places[:2], weight[:2], 5)] == [1, 1]


def test_vehicles_are_shared_out_to_the_last_and_never_twice():
    random = np.random.default_rng(1)
    for features, seed in CASES:
        problem = random_problem(features, seed, consignments=12)
        kinds = outline(problem, problem.served).veh_types
        pools = fleet_shares.VehiclePools(problem, kinds)
        part = random.integers(0, 3, size=len(problem.served))
        lost = random.random(len(problem.served)) < 0.3
        found = pools.shared(np.zeros((3, len(kinds)), dtype=np.int64), part, lost)
        numbers = [problem.fleet[kind.fleet].number for kind in kinds]
        assert found.sum(axis=0).tolist() == numbers
        used = np.minimum(found, 1)
        assert (pools.shared(used, part, lost) >= used).all()


# ---- the search ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(4))
def test_problems_of_every_feature_are_valid_by_parts(part, in_parts):
    in_parts(3)
    whole = 0
    for features, seed in CASES[part::4]:
        problem = random_problem(features, seed, consignments=14)
        found, _ = reports_of(problem, workers=1 + seed % 2)
        timely = [one for one in found if all(trip.load_start_s is not None for trip in one)]
        for one in timely[-1:]:
            assert broken(problem, chains_of(one)) == "", (sorted(features), seed)
            assert all(trip.vehicle is not None for trip in one), (sorted(features), seed)
            whole += sum(len(trip.route.consignments) for trip in one) == len(problem.consignments)
    assert whole > 3
    assert len(compiled_search.signatures) == len(start_from.signatures) == 1  # else it was compiled here


@pytest.mark.parametrize("make", [cvrp_text, vrptw_text])
def test_the_same_seed_and_threads_give_the_same_reports_which_the_verifier_accepts(make, in_parts, tmp_path):
    in_parts(5, 4000)
    instance = generated(tmp_path, make, 300)
    costs = []
    for workers in (1, 2):
        first, engine = reports_of(instance.problem, workers=workers)
        assert first == reports_of(instance.problem, workers=workers)[0]
        assert abs(engine.iterations - 4000 * workers) < 300
        assert len(first) > 2
        for one in first:
            verdict = verify(instance.file, instance.convention.name, solution_text(instance, one))
            assert verdict.feasible
            costs.append(verdict.cost)
    assert costs[-1] < costs[0]


def test_a_fleet_with_no_vehicle_to_spare_is_enough(in_parts, tmp_path):
    in_parts(4, 20_000)
    path = tmp_path / "one.vrp"
    text = cvrp_text(120, seed=5)
    path.write_text(text, encoding="utf-8")
    demand = read_file(path).fields["demand"]
    least = -(-int(demand.sum()) // 1000)
    path.write_text(text.replace("CAPACITY", f"VEHICLES : {least + 1}\nCAPACITY"), encoding="utf-8")
    instance = read_instance(read_file(path))
    assert instance.problem.fleet[0].number == least + 1
    found, _ = reports_of(instance.problem)
    assert verify(instance.file, instance.convention.name, solution_text(instance, found[-1])).feasible


def test_by_the_clock_something_is_reported_however_short_the_time(in_parts, tmp_path):
    in_parts(3)
    problem = generated(tmp_path, vrptw_text, 100).problem
    found, _ = reports_of(problem, budget=Budget(time_s=0.0), workers=2)
    assert sum(len(one.route.consignments) for one in found[-1]) == 100


def test_small_problems_are_not_divided_and_parts_are_larger_where_there_is_time(tmp_path, monkeypatch):
    problem = generated(tmp_path, cvrp_text, 100).problem
    assert division.num_parts(problem, 1.0) == 1
    monkeypatch.setattr(division, "LEAST", 50)
    monkeypatch.setattr(division, "PART", 10)
    assert [division.num_parts(problem, iterations) for iterations in (1.0, 60_000.0, 1e9)] == [10, 5, 2]


def test_few_vehicles_are_in_few_parts(monkeypatch):
    monkeypatch.setattr(division, "LEAST", 2)
    monkeypatch.setattr(division, "PART", 1)
    problem = random_problem(frozenset({"limited"}), 1, consignments=14)
    assert division.num_parts(problem, 1.0) == 1


@pytest.mark.slow
def test_ten_thousand_stops_need_little_memory_and_overrun_little(tmp_path):
    import time

    instance = generated(tmp_path, vrptw_text, 10_000)
    began = time.monotonic()
    found, _ = reports_of(instance.problem, budget=Budget(time_s=10))
    assert time.monotonic() - began < 13
    assert verify(instance.file, instance.convention.name, solution_text(instance, found[-1])).feasible


def test_what_goes_together_is_in_one_part_and_on_one_trip(in_parts):
    in_parts(2)
    for seed in range(3):
        world = DecidedWorld(seed, ("together", "together", "depart_at vehicle"), villages=8)
        problem = build_echelons(world.instance, "W", world.instance.regions).root
        found, _ = reports_of(problem)
        trips = [{problem.consignments[idx].region for idx in one.route.consignments} for one in found[-1]]
        assert problem.fixings.bundles
        assert any(bundle <= trip for bundle in problem.fixings.bundles for trip in trips)
        for bundle in problem.fixings.bundles:
            assert all(bundle <= trip or bundle.isdisjoint(trip) for trip in trips)
