"""Composition against exhaustive search on tiny components, and its parts one by one."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.compose.list_scheduling import Wish, schedule_all
from planner.compose.margins import even_out
from planner.compose.master import compose
from planner.compose.solution import Solution
from planner.compose.stages import cp_solver
from planner.compose.vehicle_assignment import assign_explicitly
from planner.compose.vehicle_naming import NamingFailedError, name_resources
from planner.instance.schema import CalendarRow, Deadline, Overnight, Stock
from planner.problem.fleet import Prices
from planner.problem.ledger import Line
from planner.problem.problem import Proposal, Route
from planner.propose.engine import Budget
from planner.propose.ortools import OrtoolsRouting
from planner.propose.pool import Pool, candidate, direct_routes
from planner.search import echelon
from tests import problems
from tests.exhaustive import best_solution, full_pool
from tests.worlds import (
    DAY,
    HOUR,
    broken_rules,
    outcome,
    problem_of,
    road,
    store,
    truck,
    village,
    world,
)

SHIFTS = (
    CalendarRow(calendar="short", opens_s=6 * HOUR, closes_s=11 * HOUR),
    CalendarRow(calendar="long", opens_s=6 * HOUR, closes_s=20 * HOUR),
)
EFFORT = Budget(effort=4)


@st.composite
def components(draw, *, overnights=(Overnight.HOME,), tight=False, max_regions=4):
    """A warehouse with up to four single loads, one or two types of one or two vehicles, two days."""
    names = [f"R{idx}" for idx in range(draw(st.integers(2, max_regions)))]
    ways = st.sampled_from([1200, 2400, 3600, 5400])
    edges = [
        road("w" + name, "W", name, draw(ways), length_m=draw(st.integers(1, 30)) * 1000) for name in names
    ]
    edges += [
        road("x" + here, here, there, draw(ways), length_m=draw(st.integers(1, 20)) * 1000)
        for here, there in zip(names, names[1:], strict=False)
    ]
    kinds = [
        truck(
            f"K{idx}",
            number=draw(st.integers(1, 2)) if idx == 0 else 1,
            mass_kg=draw(st.sampled_from([10, 20, 40])),
            calendar=draw(st.sampled_from(["short", "long"])),
            overnight=draw(st.sampled_from(overnights)),
            work_s=draw(st.sampled_from([None, 5 * HOUR, 8 * HOUR])),
            load_fixed_s=draw(st.sampled_from([0, 600, 3600])),
            speed_percent=draw(st.sampled_from([100, 70])),
            price_vehicle=draw(st.sampled_from([0, 100_000])),
            price_day=draw(st.sampled_from([0, 50_000])),
            price_trip=draw(st.sampled_from([0, 20_000])),
            price_km=draw(st.sampled_from([0, 1000])),
            price_hour=draw(st.sampled_from([0, 9000])),
        )
        for idx in range(draw(st.integers(1, 2)))
    ]
    limits = [8 * HOUR, 9 * HOUR, 10 * HOUR, 30 * HOUR] if tight else [12 * HOUR, 34 * HOUR, 2 * DAY]
    return world(
        [village(name, people=draw(st.integers(1, 9))) for name in names],
        kinds,
        edges,
        horizon_s=2 * DAY,
        deadline_s=draw(st.sampled_from(limits)),
        deadlines=[Deadline(place=names[0], not_before_s=DAY)] if draw(st.booleans()) and not tight else (),
        warehouses=(store(docks=draw(st.integers(1, 2))),),
        calendars=SHIFTS,
        stock=_stock(draw, len(names)),
    )


def _stock(draw, needed):
    """Enough from the start, or some that comes later, on the first day or on the second."""
    first = draw(st.integers(0, 2 * needed))
    later = draw(st.lists(st.sampled_from([7 * HOUR, 9 * HOUR + 60, 30 * HOUR]), min_size=1, max_size=2))
    rows = [Stock(warehouse="W", item="box", quantity=first)]
    rows += [
        Stock(warehouse="W", item="box", quantity=1, available_s=moment) for moment in sorted(set(later))
    ]
    rest = max(0, needed - sum(row.quantity for row in rows))
    rows.append(Stock(warehouse="W", item="box", quantity=rest, available_s=8 * HOUR))
    return tuple(rows)


def composed(problem, candidates, **more):
    pool = Pool(problem)
    hint = schedule_all(problem, hint_trips(problem, pool))
    return hint, compose(problem, candidates, hint, budget=EFFORT, seed=1, **more)


def hint_trips(problem, pool):
    """A direct trip for each consignment, by the first type that has one."""
    trips = {}
    for one in pool.add(direct_routes(problem)):
        if one is not None:
            trips.setdefault(one.route.consignments, one)
    return list(trips.values())


@settings(max_examples=30, deadline=None)
@given(components())
def test_with_all_trips_in_the_pool_the_composed_cost_is_the_optimum(instance):
    problem = problem_of(instance)
    assume(problem.served)
    candidates = full_pool(problem)
    best = best_solution(problem, candidates)
    hint, found = composed(problem, candidates)
    assert found.score <= hint.score
    assert broken_rules(instance, found) == []
    assume(best.all_on_time)
    assert found.score[:5] <= best.score[:5]


@settings(max_examples=15, deadline=None)
@given(components(tight=True, max_regions=3))
def test_where_not_all_can_be_on_time_the_order_of_the_objective_holds(instance):
    problem = problem_of(instance)
    assume(problem.served)
    candidates = full_pool(problem)
    best = best_solution(problem, candidates)
    hint, found = composed(problem, candidates)
    assert found.score <= hint.score
    assert broken_rules(instance, found) == []
    assert found.score[:3] <= best.score[:3]
    # lateness is weighed by the minute
    assert found.score.lateness - best.score.lateness < 60 * int(problem.weight.sum())


def test_a_loading_that_takes_no_time_needs_no_dock_and_keeps_nobody_away():
    kinds = [truck("K0", load_fixed_s=0, mass_kg=10), truck("K1", load_fixed_s=1800, number=2, mass_kg=10)]
    edges = [road("a", "W", "A", 3000), road("b", "W", "B", 3000), road("c", "W", "C", 3000)]
    regions = [village(name) for name in "ABC"]
    instance = world(regions, kinds, edges, horizon_s=2 * HOUR + 1200, deadline_s=2 * HOUR)
    problem = problem_of(instance)
    trips = [candidate(problem, Route(fleet, (idx,))) for idx, fleet in enumerate((0, 1, 1))]
    for order in (trips, trips[::-1]):
        assert len(schedule_all(problem, order).assignments) == 2  # only one of K1 can load in time
    found = compose(problem, trips, Solution(problem, ()), budget=EFFORT, seed=1)
    assert len(found.assignments) == 2
    assert broken_rules(instance, found) == []
    late = trips[0].rigid_timing(problem, 900)
    named = name_resources(problem, [(trips[1], trips[1].rigid_timing(problem, 0)), (trips[0], late)])
    assert broken_rules(instance, named) == []


@settings(max_examples=15, deadline=None)
@given(components(overnights=tuple(Overnight), max_regions=3))
def test_trips_of_several_days_keep_every_rule_and_are_not_worse_than_the_hint(instance):
    problem = problem_of(instance)
    assume(problem.served)
    candidates = full_pool(problem)
    hint, found = composed(problem, candidates)
    assert found.score <= hint.score
    assert found.score[:3] <= best_solution(problem, candidates).score[:3]
    assert broken_rules(instance, found) == []


@settings(max_examples=12, deadline=None)
@given(components(max_regions=3), st.integers(1, 99))
def test_the_same_effort_and_seed_give_the_same_solution(instance, seed):
    problem = problem_of(instance)
    assume(problem.served)
    candidates = full_pool(problem)
    hint = schedule_all(problem, candidates[:1])
    first, second = (compose(problem, candidates, hint, budget=Budget(effort=1), seed=seed) for _ in range(2))
    assert first == second


@settings(max_examples=15, deadline=None)
@given(components(overnights=tuple(Overnight), max_regions=3))
def test_evening_out_costs_nothing_and_lowers_no_smallest_margin(instance):
    problem = problem_of(instance)
    assume(problem.served)
    _, found = composed(problem, full_pool(problem))
    even = even_out(problem, found, budget=EFFORT, seed=1)
    assert even.score <= found.score
    assert even.cost <= found.cost
    assert broken_rules(instance, even) == []
    if found.all_on_time:
        assert even.score.margin <= found.score.margin  # the negative of the smallest relative margin
        routes = [
            sorted((one.candidate.route for one in each.assignments), key=repr) for each in (found, even)
        ]
        assert routes[0] == routes[1]


def test_evening_out_delivers_earlier_where_that_costs_nothing():
    instance = world([village("A")], [truck(load_fixed_s=600)], [road("a", "W", "A")], deadline_s=DAY)
    problem = problem_of(instance)
    one = candidate(problem, Route(0, problem.served))
    late = name_resources(problem, [(one, one.rigid_timing(problem, 20 * HOUR))])
    even = even_out(problem, late, budget=EFFORT, seed=1)
    assert even.assignments[0].timing.load_start_s == 0


def test_evening_out_sends_the_farthest_first():
    edges = [road("a", "W", "A", 1800), road("b", "W", "B", 4 * HOUR)]
    kind = truck(mass_kg=10, price_vehicle=9)
    instance = world([village("A"), village("B")], [kind], edges, deadline_s=DAY)
    problem = problem_of(instance)
    trips = [candidate(problem, Route(0, (idx,))) for idx in problem.served]
    near_first = name_resources(
        problem,
        [(trips[0], trips[0].rigid_timing(problem, 0)), (trips[1], trips[1].rigid_timing(problem, 2 * HOUR))],
    )
    even = even_out(problem, near_first, budget=EFFORT, seed=1)
    assert even.received_s[1] == 4 * HOUR + 600
    assert even.score.margin < near_first.score.margin


def test_late_plans_are_left_as_they_are():
    instance = world([village("A")], [truck()], [road("a", "W", "A")], deadline_s=HOUR)
    problem = problem_of(instance)
    one = candidate(problem, Route(0, problem.served))
    late = name_resources(problem, [(one, one.rigid_timing(problem, 2 * HOUR))])
    assert even_out(problem, late, budget=EFFORT, seed=1) is late


# Trips of 3 h 10 min work (A, B) and 1 h 50 min (C, D), the truck's day has 5 h: one long and one short each.
WORK = [
    road("a", "W", "A", 5400),
    road("b", "W", "B", 5400),
    road("c", "W", "C", 3000),
    road("d", "W", "D", 3000),
]


def working(**more):
    kind = truck(mass_kg=10, number=2, work_s=5 * HOUR, **more)
    return world([village(name) for name in "ABCD"], [kind], WORK, horizon_s=DAY, deadline_s=DAY)


def test_naming_fails_where_working_time_does_not_let_the_trips_fit():
    problem = problem_of(working())
    trips = [candidate(problem, Route(0, (idx,))) for idx in problem.served]
    starts = (0, 2 * HOUR, 4 * HOUR, 6 * HOUR)
    order = [trips[idx] for idx in (2, 3, 0, 1)]  # both short ones would fill one truck first
    pairs = [(one, one.rigid_timing(problem, start)) for one, start in zip(order, starts, strict=True)]
    with pytest.raises(NamingFailedError) as failed:
        name_resources(problem, pairs)
    assert (failed.value.fleet, failed.value.day, failed.value.vehicles) == (0, 0, 2)
    assert len(failed.value.candidates) == 4


def test_a_failed_naming_is_resolved():
    instance = working(price_day=7)
    problem = problem_of(instance)
    trips = [candidate(problem, Route(0, (idx,))) for idx in problem.served]
    found = compose(problem, trips, Solution(problem, ()), budget=EFFORT, seed=1)
    assert found.all_on_time
    assert broken_rules(instance, found) == []


def test_what_does_not_fit_the_working_time_is_missing_rather_than_wrong():
    instance = working(price_day=7)
    kind = replace(instance.vehicles[0], work_s=13_200)  # one long trip or two short ones
    instance = replace(instance, vehicles=(kind,))
    problem = problem_of(instance)
    trips = [candidate(problem, Route(0, (idx,))) for idx in problem.served]
    found = compose(problem, trips, Solution(problem, ()), budget=EFFORT, seed=1)
    assert found.score.undelivered == 1
    assert broken_rules(instance, found) == []


def test_an_open_end_keeps_the_vehicle_away():
    edges = [road("a", "W", "A"), road("b", "W", "B")]
    kind = truck(mass_kg=10, open_end=True, number=1)
    instance = world([village("A", people=5), village("B")], [kind], edges)
    problem = problem_of(instance)
    _, found = composed(problem, full_pool(problem))
    assert found.score.undelivered == 1  # the lighter one
    assert broken_rules(instance, found) == []


def test_identical_vehicles_are_named_from_the_first_on():
    edges = [road("a", "W", "A"), road("b", "W", "B")]
    instance = world([village("A"), village("B")], [truck(mass_kg=10, number=3)], edges)
    problem = problem_of(instance)
    trips = [candidate(problem, Route(0, (idx,))) for idx in problem.served]
    at_once = name_resources(problem, [(one, one.rigid_timing(problem, 0)) for one in trips])
    assert [one.vehicle for one in at_once.assignments] == [0, 1]


def test_lines_are_free_between_what_they_do():
    line = Line()
    line.occupy(10, 20)
    line.occupy(30, 40)
    assert line.free(20, 30)
    assert line.free(0, 10)
    assert line.free(40, 99)
    assert not line.free(19, 30)
    assert not line.free(20, 31)
    assert not line.free(0, 99)


# Problems made directly: a trip to the region at x of a line takes 2x seconds and costs 2x.


def trips_of(problem, *orders, fleet=0):
    return [candidate(problem, Route(fleet, order)) for order in orders]


def placed(solution):
    return {
        one.candidate.route.consignments: (one.timing.load_start_s, one.vehicle, one.dock)
        for one in solution.assignments
    }


def composed_directly(problem, trips):
    return compose(problem, trips, Solution(problem, ()), budget=EFFORT, seed=1)


def composed_in_every_way(problem, trips):
    """One after another, together, and together with vehicles in the model."""
    exact = assign_explicitly(problem, trips, Solution(problem, ()), cp_solver(EFFORT, 1.0, 1))
    rough = schedule_all(problem, trips)
    return [rough, composed_directly(problem, trips), exact or Solution(problem, ())]


@pytest.mark.parametrize(("number", "enough"), [(2, True), (1, False)])
def test_a_vehicle_drives_no_more_trips_than_it_may(number, enough):
    kinds = [problems.kind(number=number, max_trips=2)]
    problem = problems.problem([0, 100, 200, 300], kinds=kinds)
    for found in composed_in_every_way(problem, trips_of(problem, (0,), (1,), (2,))):
        assert (found.score.undelivered == 0) == enough
        counts = Counter(one.vehicle for one in found.assignments)
        assert all(count <= 2 for count in counts.values())


def test_naming_fails_where_a_vehicle_has_all_its_trips():
    problem = problems.problem([0, 100, 200], kinds=[problems.kind(max_trips=1)])
    trips = trips_of(problem, (0,), (1,))
    pairs = [(one, one.rigid_timing(problem, start)) for one, start in zip(trips, (0, 1000), strict=True)]
    with pytest.raises(NamingFailedError) as failed:
        name_resources(problem, pairs)
    assert (failed.value.day, len(failed.value.candidates)) == (None, 2)
    two = problems.problem([0, 100, 200], kinds=[problems.kind(max_trips=1, number=2)])
    assert [one.vehicle for one in name_resources(two, pairs).assignments] == [0, 1]


@pytest.mark.parametrize(("docks", "together"), [((2, 1), True), ((1, 2), False)])
def test_each_origin_has_its_own_docks(docks, together):
    """Two trips from the first origin and one from the second must load at once to be on time."""
    origins = [problems.origin(docks=number) for number in docks]
    kinds = [
        problems.kind(load_fixed_s=100, number=2),
        problems.kind("L", origin=1, load_fixed_s=100),
    ]
    problem = problems.problem([0, 1000, 100, 900, 100], origins=origins, kinds=kinds, deadline_s=201)
    trips = [candidate(problem, Route(*order)) for order in ((0, (0,)), (1, (1,)), (0, (2,)))]
    for found in composed_in_every_way(problem, trips):
        assert found.all_on_time == together
    rough = schedule_all(problem, trips)
    starts = sorted((one.timing.load_start_s, one.candidate.route.fleet) for one in rough.assignments)
    assert starts == ([(0, 0), (0, 0), (0, 1)] if together else [(0, 0), (0, 1), (100, 0)])


def test_a_tiny_problem_with_two_origins_through_the_engine_and_composition():
    kinds = [problems.kind("K", origin=0, mass_g=2), problems.kind("L", origin=1, mass_g=2)]
    origins = (problems.origin(docks=1), problems.origin(docks=1))
    problem = problems.problem([0, 1000, 20, 10, 990, 980], origins=origins, kinds=kinds)
    reports = []

    def report(proposals):
        reports.append(proposals)
        return True

    OrtoolsRouting().propose(problem, budget=Budget(effort=1), seed=1, report=report)
    assert all(one.vehicle is None and one.load_start_s is None for one in reports[-1])
    trips = [candidate(problem, one.route) for one in reports[-1]]
    assert {(one.route.fleet, frozenset(one.route.consignments)) for one in trips} == {
        (0, frozenset({0, 1})),
        (1, frozenset({2, 3})),
    }
    found = composed_directly(problem, trips)
    assert found.score[:5] == (0, 0, 0, 0, 80)
    plan = outcome(problem, found)
    assert {(trip.origin_id, frozenset(stop.node_id for stop in trip.stops)) for trip in plan.trips} == {
        ("P0", frozenset({"P2", "P3"})),
        ("P1", frozenset({"P4", "P5"})),
    }
    assert plan.component.regions == problem.places[2:]


@pytest.mark.parametrize(("limit", "num_trips"), [(60, 1), (59, 2)])
@pytest.mark.parametrize("field", ["max_trip_s", "max_trip_m"])
def test_the_engine_keeps_the_length_of_a_trip(field, limit, num_trips):
    problem = problems.problem([0, 20, -10], kinds=[problems.kind(number=2, **{field: limit})])
    reports = []
    OrtoolsRouting().propose(
        problem, budget=Budget(effort=1), seed=1, report=lambda found: bool(reports.append(found)) or True
    )
    assert len(reports[-1]) == num_trips
    assert all(candidate(problem, one.route) is not None for one in reports[-1])


@pytest.mark.parametrize(("prize", "goes"), [(201, True), (199, False)])
def test_what_has_a_prize_goes_where_the_way_costs_less(prize, goes):
    points = [(0, 0), (100, 0), (-10, 0)]  # on opposite sides: no trip to both is shorter than two
    problem = problems.problem(points, loads=[problems.load(0, prize=prize), problems.load(1)])
    trips = trips_of(problem, (0,), (1,))
    found = composed_directly(problem, trips)
    assert (0 in found.delivered) == goes
    assert found.all_on_time
    assert found.cost == (220 if goes else 20 + prize)
    proposed = []
    OrtoolsRouting().propose(
        problem, budget=Budget(effort=1), seed=1, report=lambda found: bool(proposed.append(found)) or True
    )
    delivered = {idx for one in proposed[-1] for idx in one.route.consignments}
    assert (0 in delivered) == goes
    assert 1 in delivered


def test_what_must_be_delivered_counts_more_than_any_prize():
    loads = [problems.load(0, prize=10**6), problems.load(1)]
    problem = problems.problem([0, 100, 10], loads=loads, kinds=[problems.kind(max_trips=1)])
    assert composed_directly(problem, trips_of(problem, (0,), (1,))).delivered == {1}


def test_a_region_that_gets_a_part_of_what_it_may_get_has_received():
    loads = [problems.load(0), problems.load(0, prize=5), problems.load(1, prize=7)]
    problem = problems.problem([0, 100, 10], loads=loads)
    (trip,) = trips_of(problem, (0,))
    solution = schedule_all(problem, [trip])
    assert solution.received_s == (100, None)
    assert solution.score[:5] == (0, 0, 0, 0, 212)
    nothing = Solution(problem, ())
    assert (nothing.received_s, nothing.score.undelivered) == ((None, None), 1)


def test_an_engine_that_knows_hours_gets_its_schedule_back():
    problem = problems.problem(
        [0, 100, 200, 300], kinds=[problems.kind(number=2, prices=Prices(9, 9, 0, 1, 0))]
    )
    trips = trips_of(problem, (0,), (1,), (2,))
    wishes = [Wish(5000, 7), Wish(4700, 3), Wish(5300, 3)]
    found = schedule_all(problem, trips, at=wishes)
    assert {order: (start, vehicle) for order, (start, vehicle, _) in placed(found).items()} == {
        (1,): (4700, 0),
        (0,): (5000, 1),
        (2,): (5300, 0),
    }
    unasked = schedule_all(problem, trips)  # as early as can be, on the cheapest vehicles
    assert {vehicle for _, vehicle, _ in placed(unasked).values()} == {0}


def test_where_docks_do_not_allow_the_wished_moment_the_trip_loads_soon_after():
    kinds = [problems.kind(number=2, load_fixed_s=60)]
    problem = problems.problem([0, 100, 200], kinds=kinds, origins=(problems.origin(docks=1),))
    trips = trips_of(problem, (0,), (1,))
    found = schedule_all(problem, trips, at=[Wish(1000), Wish(1030)])
    assert placed(found) == {(0,): (1000, 0, 0), (1,): (1060, 1, 0)}


@pytest.mark.parametrize(("deadline_s", "start_s"), [(1101, 1000), (1100, 0)])
def test_a_wish_counts_only_where_the_trip_is_on_time(deadline_s, start_s):
    problem = problems.problem([0, 100], deadline_s=deadline_s)
    found = schedule_all(problem, trips_of(problem, (0,)), at=[Wish(1000)])
    assert placed(found) == {(0,): (start_s, 0, 0)}


def test_trips_without_a_wish_come_last():
    problem = problems.problem([0, 100, 200])
    found = schedule_all(problem, trips_of(problem, (0,), (1,)), at=[None, Wish(50)])
    assert placed(found) == {(1,): (50, 0, 0), (0,): (450, 0, 0)}


def test_a_search_takes_the_hours_of_an_engine():
    problem = problems.problem([0, 100, 200])
    heard = []
    search = echelon.EchelonSearch(problem, heard.append)
    assert search.report([Proposal(Route(0, (1, 0)), vehicle=0, load_start_s=777)])
    assert placed(search.incumbent) == {(1, 0): (777, 0, 0)}


def test_a_search_sends_no_own_trip_for_a_prize():
    loads = [problems.load(0), problems.load(1, prize=5), problems.load(2)]
    problem = problems.problem([0, 100, 200, 300], loads=loads)
    search = echelon.EchelonSearch(problem, lambda _: None)
    search.report([Proposal(Route(0, (0,)))])
    assert search.incumbent.delivered == {0, 2}
