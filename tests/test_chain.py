"""Chains of hubs: as good as exhaustive search over tiny instances; parts of the search; repetition."""

from dataclasses import replace
from itertools import combinations

import pytest

from planner.building.echelons import build_echelons
from planner.compose import neighbourhoods
from planner.compose.component_solution import ComponentSolution, empty
from planner.compose.solution import Assignment, Solution
from planner.instance.schema import Chain, Echelon
from planner.plans.file import plan_to_text
from planner.plans.model import RegionStatus
from planner.problem.problem import Route
from planner.proof.check import check_plan
from planner.propose.pool import Pool, every_route
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests import problems
from tests.chain_worlds import DETOURS, FEATURES, chain_world
from tests.exhaustive_chain import least
from tests.hub_plan import COST, INSTANCE, T1, T2, T3

QUICK = SolveOptions(effort=1, workers=0)

# As good as exhaustive search


def some(cases, step):
    """All of them, but only each so manieth in the quick run."""
    return [
        pytest.param(one, id="+".join(one), marks=[pytest.mark.slow] if number % step else [])
        for number, one in enumerate(cases)
    ]


PAIRS = list(combinations(FEATURES, 2))
SINGLE = some([(one,) for one in FEATURES], 1)


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


@pytest.mark.parametrize("features", [*SINGLE, *some(PAIRS, 4)])
def test_a_tiny_plan_is_as_good_as_the_best_of_all(features, short_searches):
    instance = chain_world(features, 0)
    found = solve(instance, QUICK)
    assert check_plan(found.plan, instance.clock, instance).passed
    assert score_of(found.plan, instance) == least(instance)


@pytest.mark.parametrize(
    "features, seed",
    [
        ("anywhere+transfer+types", 144),  # when the goods are ready in a better solution
        ("anywhere+price_piece+types", 158),  # when another boat than the solution's is back
        ("anywhere+edge_hours+work", 3),  # as late as the working time of both trips lasts
        ("anywhere+price_piece+work", 4099),
        ("anywhere+docks+work", 2838),  # as late as it comes back as early
        ("anywhere+docks", 9028),  # when goods are ready that a second trip brings
    ],
)
def test_what_pauses_starts_when_other_trips_bring_its_vehicle_and_goods(features, seed, short_searches):
    instance = chain_world(features.split("+"), seed, large=True)
    assert score_of(solve(instance, QUICK).plan, instance) == least(instance)


@pytest.mark.parametrize(
    "features, seed",
    [("closure", 7), ("closure+edge_hours", 3), ("closure+deadlines", 1), ("edge_hours+docks", 0)],
)
def test_each_leg_takes_the_way_that_serves_best(features, seed, short_searches):
    """In the first three no plan is as good in which all legs of a trip make the same choice."""
    instance = chain_world((*features.split("+"), DETOURS), seed)
    assert score_of(solve(instance, QUICK).plan, instance) == least(instance)


@pytest.mark.parametrize("storage_dm3", [0, 5])
@pytest.mark.parametrize(
    "features, seed", [("storage", 0), ("storage+via", 1), ("docks+storage", 1), ("storage+types", 2)]
)
def test_goods_pass_a_hub_without_room_from_vehicle_to_vehicle(features, seed, storage_dm3, short_searches):
    """A unit is larger than the room, and transfers take no time."""
    instance = chain_world(features.split("+"), seed)
    instance = replace(instance, hubs=tuple(replace(one, storage_dm3=storage_dm3) for one in instance.hubs))
    found = solve(instance, QUICK)
    assert found.plan.trips
    assert score_of(found.plan, instance) == least(instance)
    starts = {one.load_start_s for one in found.plan.trips}
    hubs = {one.id for one in instance.hubs}
    stops = [stop for one in found.plan.trips for stop in one.stops if stop.node_id in hubs]
    assert all(one.end_s in starts for one in stops)


@pytest.mark.parametrize("large", [False, True])
def test_so_it_is_where_only_parts_are_searched_together(large, short_searches, monkeypatch):
    monkeypatch.setattr(neighbourhoods, "_TOGETHER", 0)
    instance = chain_world(("price_piece", "stop"), 38, large=large)
    assert score_of(solve(instance, QUICK).plan, instance) == least(instance)


@pytest.mark.parametrize("features", [*SINGLE, *some(PAIRS[::3], 4)])
def test_so_it_is_where_goods_may_also_go_straight(features, short_searches):
    instance = chain_world(features, 0, chain=Chain.ALLOWED)
    found = solve(instance, QUICK)
    assert check_plan(found.plan, instance.clock, instance).passed
    assert score_of(found.plan, instance) == least(instance)


@pytest.mark.parametrize(
    "features, seed",
    [
        ("hours", 5354),  # trips that the engine does not propose
        ("docks+storage", 3479),
        ("anywhere+hours", 1527),
        ("hub_deadline+stock+storage", 7288),  # where all are late in every plan, lateness counts
    ],
)
def test_all_trips_with_goods_by_either_way_are_composed(features, seed, short_searches):
    instance = chain_world(features.split("+"), seed, chain=Chain.ALLOWED)
    assert score_of(solve(instance, QUICK).plan, instance) == least(instance)


def test_no_route_has_goods_by_both_their_ways():
    problem = problems.problem([0, 1, 2, 3])
    orders = [(0,), (1,), (2,), (0, 2), (1, 2), (2, 0), (2, 1)]
    assert [one.consignments for one in every_route(problem, 7, {0: 1})] == orders
    assert every_route(problem, 6, {0: 1}) == []
    gone = replace(problem, unserved=frozenset({1}))
    assert {one.consignments for one in every_route(gone, 4, {0: 1})} == {(0,), (2,), (0, 2), (2, 0)}
    assert len(every_route(problem, 15)) == 15


# Echelons and their solutions, on the plan made by hand of `tests/hub_plan.py`


def hand_solution(instance=INSTANCE, **storage):
    """The plan by hand as a solution of its echelons: T1 from W; T2 and T3 from H, perhaps with other
    storage.

    What T1 unloads at once may exceed it; the search makes no such trips.
    """
    echelons = build_echelons(instance, "W", instance.regions)
    if storage:
        room_dm3 = storage["storage_dm3"]
        low = replace(echelons.each[1], storage_cm3=None if room_dm3 is None else 1000 * room_dm3)
        echelons = replace(echelons, each=(echelons.each[0], low))
    parts = []
    for echelon, trips in zip(echelons.each, [(T1,), (T2, T3)], strict=True):
        pool, found = Pool(echelon.problem), []
        where = {one.id: idx for idx, one in enumerate(echelon.problem.consignments)}
        for trip in trips:
            names = dict.fromkeys(where_of(one) for stop in trip.stops for one in stop.deliveries)
            route = Route(0, tuple(where[name] for name in names))
            (one,) = pool.add([route])
            found.append(Assignment(one, one.timing_at(echelon.problem, trip.load_start_s), 0, 0))
        parts.append(Solution(echelon.problem, tuple(found)))
    return ComponentSolution(echelons, tuple(parts))


def where_of(delivery):
    """The consignment of the planner that holds a unit."""
    return f"{delivery.region_id}/main/{delivery.first_unit + 1}"


def test_a_chain_knows_its_echelons():
    echelons = hand_solution().echelons
    assert [one.problem.places for one in echelons.each] == [("W", "C", "H"), ("H", "A", "B")]
    assert (echelons.is_single, echelons.root) == (False, echelons.each[0].problem)
    assert dict(echelons.regions) == {"C": (0, 0), "A": (1, 0), "B": (1, 1)}
    assert [echelons.legs(name) for name in "AC"] == [[(1, 0), (0, 1)], [(0, 0)]]
    assert echelons.num_consignments == 4 + 3
    for (number, above), below in echelons.below.items():
        assert number == 1
        same = (echelons.root.consignments[above].id, echelons.each[1].problem.consignments[below].id)
        assert same[0] == same[1]
    assert echelons.servable == {"A/main/1", "A/main/2", "B/main/1", "C/main/1"}
    assert echelons.each[1].transfer_s(3) == 600 + 3 * 10


def test_a_solution_by_hand_is_scored_as_worked_out():
    found = hand_solution()
    assert [(one.pieces, one.end_s, one.ready_s) for one in found.unloadings(1)] == [(3, 25_230, 25_860)]
    assert set(found.ready_s(1).values()) == {25_860}
    assert list(found.unloadings(0)) == []
    got = {name: (one.received_s, one.hub_over_s, one.hub) for name, one in found.received.items()}
    assert got == {"C": (26_960, 0, -1), "A": (32_620, 0, -1), "B": (29_500, 0, -1)}
    assert found.score[:5] == (0, 0, 0, 0, COST)
    assert found.all_on_time
    assert dict(found.undelivered) == {"A": 0, "B": 0, "C": 0}
    assert empty(found.echelons).score[:5] == (20 + 10 + 10, 0, 0, 0, 0)


def test_what_lies_at_a_hub_is_counted_from_unloading_to_loading():
    assert hand_solution(storage_dm3=300).overfull(1) is None
    assert hand_solution(storage_dm3=299).overfull(1) == 25_230
    assert hand_solution(storage_dm3=None).overfull(1) is None
    found = hand_solution(storage_dm3=100)
    assert found.overfull(0) is None


# Repetition


def test_the_same_seed_and_effort_give_the_same_plan(short_searches):
    instance = chain_world(("via", "docks", "storage", "types"), 3)
    first, second = (plan_to_text(solve(instance, QUICK).plan, instance.clock) for _ in range(2))
    assert first == second
