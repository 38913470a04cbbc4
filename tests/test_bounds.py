"""The radial bound undercuts every plan, and is tight where it can be."""

import pytest
from hypothesis import assume, given, settings

from planner.bounds.radial import radial_bound
from planner.building.echelons import build_echelons
from planner.instance.schema import KnownTrip, Overnight
from tests.exhaustive import best_solution, full_pool
from tests.test_compose import components
from tests.worlds import DAY, HOUR, broken_rules, problem_of, road, truck, village, world


def bound_of(instance):
    echelons = build_echelons(instance, instance.warehouses[0].id, instance.regions)
    return radial_bound(instance, echelons, instance.regions)


@settings(max_examples=60, deadline=None)
@given(components(overnights=(Overnight.HOME, Overnight.HOME, Overnight.STOP), max_regions=3))
def test_no_plan_undercuts_the_bound(instance):
    problem = problem_of(instance)
    assume(problem.served and not problem.unserved)
    best = best_solution(problem, full_pool(problem))
    assume(best.score.undelivered == 0)
    assert bound_of(instance) <= best.cost


def optimum(instance):
    problem = problem_of(instance)
    best = best_solution(problem, full_pool(problem))
    assert best.all_on_time
    assert broken_rules(instance, best) == []
    return best.cost


PRICES = {"price_trip": 1000, "price_km": 3000, "price_hour": 7200, "price_day": 24_000, "price_vehicle": 50}


def test_full_loads_for_one_village_meet_the_bound():
    # two full trips of two boxes; a shift that both fill to the last second
    kind = truck(mass_kg=20, load_fixed_s=600, load_piece_s=60, unload_piece_s=30, **PRICES)
    edge = road("a", "W", "A", 3000, length_m=10_000)
    instance = world([village("A", boxes=4, handover_s=600)], [kind], [edge], horizon_s=DAY, deadline_s=DAY)
    trip_s = 600 + 2 * 90 + 600 + 6000
    assert 2 * (1000 + 60_000 + 2 * trip_s) + 24_000 + 50 == optimum(instance)
    day = 24_000 * 2 * trip_s // DAY  # the day's price enters by the paid time
    assert bound_of(instance) == 2 * (1000 + 60_000 + 2 * trip_s) + day + 50


@pytest.mark.parametrize("prices", [{"price_trip": 1000}, {"price_km": 3000}, {"price_hour": 7200}])
def test_with_one_price_and_full_loads_the_bound_is_the_optimum(prices):
    kind = truck(mass_kg=20, load_fixed_s=600, unload_piece_s=30, price_vehicle=50, **prices)
    edges = [road("a", "W", "A", 3000), road("b", "W", "B", HOUR)]
    regions = [village("A", boxes=2, handover_s=600), village("B", boxes=2)]
    instance = world(regions, [kind], edges, horizon_s=DAY, deadline_s=DAY)
    assert bound_of(instance) == optimum(instance)


def test_a_part_load_pays_its_share_only():
    kind = truck(mass_kg=40, price_trip=1000)
    instance = world([village("A", boxes=1)], [kind], [road("a", "W", "A")])
    assert (bound_of(instance), optimum(instance)) == (250, 1000)


def test_the_dimension_that_binds_most_counts():
    kind = truck(mass_kg=40, volume_dm3=20, pieces=4, price_trip=1000)
    instance = world([village("A", boxes=2)], [kind], [road("a", "W", "A")])
    assert bound_of(instance) == 1000


def test_the_cheapest_type_counts():
    kinds = [truck("K0", mass_kg=10, price_trip=1000), truck("K1", mass_kg=20, price_trip=500)]
    instance = world([village("A", boxes=2)], kinds, [road("a", "W", "A")])
    assert bound_of(instance) == optimum(instance) == 500


def test_half_a_unit_is_taken_off_for_rounding():
    kind = truck(mass_kg=10, price_km=1)
    instance = world([village("A")], [kind], [road("a", "W", "A", length_m=5249)])  # 10.498 is rounded to 10
    assert bound_of(instance) <= optimum(instance) == 10


def test_a_slow_known_trip_does_not_raise_the_bound_above_the_way_round_it():
    known = KnownTrip(id="k", from_node="W", to_node="B", time_s=9 * HOUR, distance_m=90_000)
    edges = [road("a", "W", "A", 600), road("b", "A", "B", 600)]
    kind = truck(mass_kg=20, price_hour=7200)
    instance = world([village("A"), village("B")], [kind], edges, known_trips=(known,))
    assert bound_of(instance) <= optimum(instance)


def test_there_is_no_bound_where_somebody_cannot_be_served():
    instance = world([village("A"), village("B")], [truck(price_trip=9)], [road("a", "W", "A")])
    assert bound_of(instance) is None


def test_nothing_to_deliver_costs_nothing():
    instance = world([village("A", boxes=0)], [truck(price_vehicle=9)], [road("a", "W", "A")])
    assert bound_of(instance) == 0
