"""Times of one trip: each rule at its exact second, and every timing before the independent checker."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.compose.solution import Assignment, Solution
from planner.instance.schema import CalendarRow, Deadline, Overnight, WindowRule
from planner.network.calendars import Openings
from planner.problem.problem import Route
from planner.problem.start_windows import rigid_starts
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import fits_capacity, trip_cost, trip_distance_m, visits
from planner.propose.pool import candidate
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests import problems
from tests.worlds import (
    BOX,
    DAY,
    HOUR,
    broken_rules,
    problem_of,
    road,
    store,
    truck,
    village,
    world,
    worlds,
)

pytestmark = pytest.mark.usefixtures("short_searches")

STOP, ANYWHERE = Overnight.STOP, Overnight.ANYWHERE
# One village, an hour away; loading takes 15 minutes, the hand-over 10: a trip takes 2 h 25 min.
LOAD, WAY, SERVE = 900, HOUR, 600
TRIP = LOAD + WAY + SERVE + WAY
BASE = {"load_fixed_s": LOAD}


def trip(start_s, *, village_more=None, edge=None, truck_more=None, **tables):
    """Times of the trip to A that starts loading at a moment, or None."""
    region = village("A", **({"handover_s": SERVE} | (village_more or {})))
    kind = truck(**(BASE | (truck_more or {})))
    instance = world([region], [kind], [edge or road("a", "W", "A", WAY)], **tables)
    problem = problem_of(instance)
    everything = range(len(problem.consignments))
    return schedule_trip(problem, problem.fleet[0], visits(problem, everything), start_s)


def test_everything_follows_as_early_as_it_can():
    found = trip(100)
    assert (found.load_start_s, found.depart_s) == (100, 100 + LOAD)
    assert found.legs == ((1000, 4600), (5200, 8800))
    assert found.services == ((4600, 5200),)
    assert (found.end_s, found.paid_s) == (100 + TRIP, TRIP)
    assert found.work == ((0, TRIP),)


def test_pieces_make_loading_and_service_longer():
    found = trip(
        0, village_more={"boxes": 3}, truck_more={"load_piece_s": 7, "unload_piece_s": 11, "pieces": 3}
    )
    assert found.depart_s == LOAD + 21
    assert [end - start for start, end in found.services] == [SERVE + 33]


@pytest.mark.parametrize(
    ("start_s", "allowed"),
    [(6 * HOUR - 1, False), (6 * HOUR, True), (18 * HOUR - LOAD, True), (18 * HOUR - LOAD + 1, False)],
)
def test_loading_lies_in_one_opening_of_the_warehouse(start_s, allowed):
    found = trip(start_s, warehouses=(store(calendar="shift"),))
    assert (found is not None) == allowed


@pytest.mark.parametrize(
    ("start_s", "allowed"), [(9 * HOUR, True), (10 * HOUR - 900, True), (9.9 * HOUR, False)]
)
def test_loading_lies_whole_in_hours_with_window_start(start_s, allowed):
    found = trip(int(start_s), warehouses=(store(calendar="tide"),))
    assert (found is not None) == allowed


@pytest.mark.parametrize(
    ("start_s", "allowed"),
    [(6 * HOUR - 1, False), (6 * HOUR, True), (18 * HOUR - LOAD, True), (18 * HOUR - LOAD + 1, False)],
)
def test_loading_lies_in_one_shift(start_s, allowed):
    found = trip(start_s, truck_more={"calendar": "shift", "overnight": STOP})
    assert (found is not None) == allowed


@pytest.mark.parametrize(("late_s", "allowed"), [(0, True), (1, False)])
def test_home_means_that_the_whole_trip_lies_in_one_shift(late_s, allowed):
    found = trip(18 * HOUR - TRIP + late_s, truck_more={"calendar": "shift"})
    assert (found is not None) == allowed


def test_home_means_that_nothing_waits_for_the_next_shift():
    assert trip(17 * HOUR, truck_more={"calendar": "shift"}) is None
    assert trip(17 * HOUR, truck_more={"calendar": "shift", "overnight": STOP}) is not None


@pytest.mark.parametrize(("late_s", "departs"), [(0, 17 * HOUR), (1, DAY + 6 * HOUR)])
def test_with_stop_a_leg_fits_into_a_shift_or_waits_for_the_next(late_s, departs):
    found = trip(17 * HOUR - LOAD + late_s, truck_more={"calendar": "shift", "overnight": STOP})
    assert found.legs[0] == (departs, departs + WAY)


def test_with_stop_a_leg_longer_than_every_shift_is_never_driven():
    long = road("a", "W", "A", 12 * HOUR + 1)
    assert trip(6 * HOUR, edge=long, truck_more={"calendar": "shift", "overnight": STOP}) is None
    just = road("a", "W", "A", 12 * HOUR, back_s=60)
    assert trip(6 * HOUR, edge=just, truck_more={"calendar": "shift", "overnight": STOP}) is not None


def test_with_anywhere_the_vehicle_pauses_at_the_end_of_its_shift():
    found = trip(17 * HOUR, truck_more={"calendar": "shift", "overnight": ANYWHERE})
    assert found.legs[0] == (17 * HOUR + LOAD, DAY + 6 * HOUR + LOAD)
    assert found.paid_s == TRIP  # the night is not paid
    assert found.work == ((0, HOUR), (1, TRIP - HOUR))


def test_working_time_of_a_day_ends_a_leg_on_the_way():
    found = trip(
        20 * HOUR,
        truck_more={"overnight": ANYWHERE, "work_s": 2 * HOUR},
        edge=road("a", "W", "A", 3 * HOUR, back_s=HOUR),
    )
    # 15 min of loading and 1 h 45 of the way, then a pause until midnight; 1 h 15 and the service
    assert found.legs[0] == (20 * HOUR + LOAD, DAY + 75 * 60)
    assert found.services[0] == (DAY + 75 * 60, DAY + 85 * 60)
    assert found.work == ((0, 2 * HOUR), (1, 2 * HOUR), (2, 25 * 60))


def test_an_activity_across_midnight_counts_on_each_day():
    start = DAY - LOAD - HOUR // 2
    just = trip(start, truck_more={"work_s": TRIP - LOAD - HOUR // 2})
    assert just.work == ((0, LOAD + HOUR // 2), (1, TRIP - LOAD - HOUR // 2))
    # a second less: the way back waits until the rest of it fits the next day
    later = trip(start, truck_more={"work_s": TRIP - LOAD - HOUR // 2 - 1})
    assert later.legs[-1][0] > just.legs[-1][0]
    assert all(part <= TRIP - LOAD - HOUR // 2 - 1 for _, part in later.work)


@pytest.mark.parametrize(("work_s", "allowed"), [(TRIP, True), (TRIP - 1, False)])
def test_a_trip_home_keeps_the_working_time_of_its_day(work_s, allowed):
    found = trip(8 * HOUR, truck_more={"calendar": "shift", "work_s": work_s})
    assert (found is not None) == allowed


@pytest.mark.parametrize(("late_s", "served"), [(0, LOAD + WAY), (1, DAY - SERVE + 1)])
def test_with_stop_what_exceeds_the_days_work_goes_on_into_the_next_day(late_s, served):
    work_s = LOAD + WAY + SERVE - late_s
    found = trip(0, truck_more={"overnight": STOP, "work_s": work_s})
    assert found.services[0][0] == served
    assert dict(found.work)[0] <= work_s


@pytest.mark.parametrize(("late_s", "served"), [(0, 12 * HOUR - SERVE), (1, 13 * HOUR)])
def test_a_service_lies_in_one_opening_of_the_region(late_s, served):
    arrive = 12 * HOUR - SERVE + late_s
    found = trip(arrive - WAY - LOAD, village_more={"calendar": "office"})
    assert found.services == ((served, served + SERVE),)
    assert found.legs[0][1] == arrive


@pytest.mark.parametrize(
    ("arrive_s", "served"), [(10 * HOUR - 1, 10 * HOUR - 1), (10 * HOUR, DAY + 9 * HOUR)]
)
def test_with_window_start_only_the_start_of_the_service_lies_in_it(arrive_s, served):
    found = trip(arrive_s - WAY - LOAD, village_more={"calendar": "tide"})
    assert found.services == ((served, served + SERVE),)


def test_a_service_lies_in_a_shift_even_where_only_its_start_must_be_in_hours():
    rows = (
        CalendarRow(calendar="dusk", opens_s=17 * HOUR, closes_s=18 * HOUR, window=WindowRule.START),
        CalendarRow(calendar="shift", opens_s=6 * HOUR, closes_s=18 * HOUR),
    )
    more = {"truck_more": {"calendar": "shift", "overnight": STOP}, "calendars": rows}
    start = 18 * HOUR - SERVE - WAY - LOAD
    assert trip(start, village_more={"calendar": "dusk"}, **more).services[0][0] == start + LOAD + WAY
    assert trip(start + 1, village_more={"calendar": "dusk"}, **more).services[0][0] == DAY + 17 * HOUR


@pytest.mark.parametrize("not_before_s", [0, LOAD + WAY + SERVE, LOAD + WAY + SERVE + 1, 9 * HOUR])
def test_no_delivery_ends_before_not_before(not_before_s):
    found = trip(0, deadlines=(Deadline(place="A", not_before_s=not_before_s),))
    assert found.services[0][1] == max(LOAD + WAY + SERVE, not_before_s)


@pytest.mark.parametrize(("late_s", "allowed"), [(0, True), (1, False)])
def test_a_trip_ends_within_the_horizon(late_s, allowed):
    found = trip(3 * DAY - TRIP + late_s, truck_more={"overnight": ANYWHERE})
    assert (found is not None) == allowed


def test_an_open_end_ends_at_the_last_stop():
    found = trip(0, truck_more={"open_end": True}, edge=road("a", "W", "A", WAY, back_s=None))
    assert (found.end_s, len(found.legs)) == (LOAD + WAY + SERVE, 1)


def test_without_a_way_back_there_is_no_trip():
    assert trip(0, edge=road("a", "W", "A", WAY, back_s=None)) is None


def test_deadlines_do_not_stop_a_trip():
    assert trip(2 * DAY) is not None


def test_neighbouring_consignments_of_a_region_are_one_stop():
    regions = [village("A", boxes=3), village("B")]
    kind = truck(mass_kg=30)
    problem = problem_of(world(regions, [kind], [road("a", "W", "A"), road("b", "A", "B")]))
    of_a, (of_b,) = problem.consignments_of
    assert len(of_a) == 3
    assert [stop.pieces for stop in visits(problem, (*of_a, of_b))] == [3, 1]
    assert [stop.region for stop in visits(problem, (of_a[0], of_b, of_a[1]))] == [0, 1, 0]


def test_the_length_of_a_trip_is_that_of_all_its_legs():
    kind = truck()
    edges = [road("a", "W", "A", length_m=5), road("b", "A", "B", length_m=7)]
    problem = problem_of(world([village("A"), village("B")], [kind], edges))
    stops = visits(problem, problem.served)
    assert trip_distance_m(problem, problem.fleet[0], stops) == 5 + 7 + 12
    assert trip_distance_m(problem, replace(problem.fleet[0], open_end=True), stops) == 12


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"mass_kg": 20}, True),
        ({"mass_kg": 19}, False),
        ({"volume_dm3": 20}, True),
        ({"volume_dm3": 19}, False),
        ({"pieces": 2}, True),
        ({"pieces": 1}, False),
    ],
)
def test_each_capacity_holds(more, fits):
    edges = [road("a", "W", "A"), road("b", "A", "B")]
    problem = problem_of(world([village("A"), village("B")], [truck(**more)], edges))
    assert fits_capacity(problem, Route(0, problem.served)) == fits


EXAMPLE = truck(
    mass_kg=1000,
    load_fixed_s=600,
    load_piece_s=60,
    unload_piece_s=30,
    price_trip=50_000,
    price_km=4000,
    price_hour=30_000,
    price_vehicle=200_000,
    price_day=500_000,
)


def test_the_worked_example_of_the_concepts_page():
    region = village("A", handover_s=900, boxes=10)
    edge = road("a", "W", "A", 45 * 60, length_m=30_000)
    found = solve(world([region], [EXAMPLE], [edge]), SolveOptions(effort=1, workers=0))
    assert [trip.cost for trip in found.plan.trips] == [355_000]
    assert found.plan.trips[0].paid_s == 130 * 60
    assert found.plan.cost == found.verdict.figures.cost == 1_055_000


@pytest.mark.parametrize(
    ("km", "metres", "hour", "paid_s", "cost"),
    [(1, 499, 0, 0, 0), (1, 500, 0, 0, 1), (0, 0, 1, 1799, 0), (0, 0, 1, 1800, 1), (1, 250, 1, 900, 1)],
)
def test_a_trips_price_is_rounded_once_half_up(km, metres, hour, paid_s, cost):
    problem = problem_of(world([village("A")], [truck(price_km=km, price_hour=hour)], [road("a", "W", "A")]))
    assert trip_cost(problem.fleet[0], metres, paid_s) == cost


@settings(max_examples=80, deadline=None)
@given(worlds(), st.data())
def test_from_every_rigid_start_a_trip_runs_through(instance, data):
    problem = problem_of(instance)
    assume(problem.served and problem.fleet)
    kind = data.draw(st.sampled_from(problem.fleet))
    some = [problem.served, *[(one,) for one in problem.served], *list(permutations(problem.served[:4], 2))]
    stops = visits(problem, data.draw(st.sampled_from(some)))
    found = rigid_starts(problem, kind, stops)
    if found is None:
        return
    starts, offsets = found
    for low, high in starts:
        for start in {low, high, (low + high) // 2, data.draw(st.integers(low, high))}:
            timing, moved = schedule_trip(problem, kind, stops, start), offsets.shifted(start, offsets.work)
            assert timing is not None
            assert timing == replace(moved, work=timing.work, paid_s=timing.paid_s)
            assert timing.paid_s == moved.paid_s
        for start in {low - 1, high + 1}:
            timing = schedule_trip(problem, kind, stops, start) if start >= 0 else None
            through = timing is not None and timing.end_s == start + offsets.end_s
            one_day = timing is not None and len(timing.work) == 1
            one_shift = timing is not None and timing.paid_s == offsets.paid_s
            outside = all(not first <= start <= last for first, last in starts)
            assert not (through and one_day and one_shift and outside)


@settings(max_examples=60, deadline=None)
@given(worlds(), st.data())
def test_every_candidates_times_pass_the_independent_checker(instance, data):
    problem = problem_of(instance)
    assume(problem.served and problem.fleet)
    size = data.draw(st.integers(1, min(3, len(problem.served))))
    chosen = data.draw(st.permutations(problem.served))[:size]
    one = candidate(problem, Route(data.draw(st.integers(0, len(problem.fleet) - 1)), tuple(chosen)))
    if one is None:
        return
    timings = list(one.points)
    timings += [one.rigid_timing(problem, start) for interval in one.starts for start in interval]
    for timing in timings:
        broken = broken_rules(instance, Solution(problem, (Assignment(one, timing, 0, 0),)))
        # How much lies in store is no matter of one trip: composition and list scheduling see to it.
        assert [fault for fault in broken if fault[0] != "stock"] == []


@settings(max_examples=20, deadline=None)
@given(worlds())
def test_what_a_solve_finds_passes_the_independent_checker(instance):
    found = solve(instance, SolveOptions(effort=1, workers=0))  # raises where the check rejects it
    assert all(one.reason != "search_failed" for one in found.plan.regions)
    assert found.verdict.passed
    assert found.verdict.status is found.plan.status


def test_items_without_mass_travel_too():
    paper = replace(BOX, mass_g=0, volume_cm3=0, pieces=0)
    instance = world([village("A", boxes=5)], [truck()], [road("a", "W", "A")], items=(paper,))
    found = solve(instance, SolveOptions(effort=1, workers=0))
    assert found.plan.regions_on_time == 1


# Problems made directly: a region at 100 of a line, so that a trip there and back is 200 s and 200 m.


@pytest.mark.parametrize(("start_s", "allowed"), [(500, True), (499, False)])
def test_loading_begins_after_the_latest_release(start_s, allowed):
    loads = [problems.load(0, release_s=500), problems.load(1, release_s=300)]
    problem = problems.problem([0, 50, 100], loads=loads)
    stops = visits(problem, (1, 0))
    assert (schedule_trip(problem, problem.fleet[0], stops, start_s) is not None) == allowed
    starts, _ = rigid_starts(problem, problem.fleet[0], stops)
    assert any(low <= start_s <= high for low, high in starts) == allowed


def test_one_stop_is_released_with_its_last_consignment():
    loads = [problems.load(0, release_s=500), problems.load(0, release_s=300)]
    problem = problems.problem([0, 100], loads=loads)
    assert [stop.release_s for stop in visits(problem, (0, 1))] == [500]


@pytest.mark.parametrize(("limit", "allowed"), [(200, True), (199, False)])
@pytest.mark.parametrize("field", ["max_trip_s", "max_trip_m"])
def test_a_trip_takes_no_longer_than_its_type_may(field, limit, allowed):
    problem = problems.problem([0, 100], kinds=[problems.kind(**{field: limit})])
    kind, stops = problem.fleet[0], visits(problem, (0,))
    assert (schedule_trip(problem, kind, stops, 5) is not None) == allowed
    assert (rigid_starts(problem, kind, stops) is not None) == allowed
    assert (candidate(problem, Route(0, (0,))) is not None) == allowed


def test_loading_counts_into_the_time_of_a_trip_and_waiting_too():
    kinds = [problems.kind(max_trip_s=230, load_fixed_s=30)]
    opens = (Openings(((1000, problems.DAY),)),)
    problem = problems.problem([0, 100], kinds=kinds, region_openings=opens)
    kind, stops = problem.fleet[0], visits(problem, (0,))
    assert schedule_trip(problem, kind, stops, 869) is None
    assert schedule_trip(problem, kind, stops, 870).end_s == 1100


def test_a_trip_that_must_wait_starts_as_late_as_its_limit_needs():
    # hand-overs of a second in 1000 and 3000, and the ways of 100 s before and after
    windows = tuple(Openings(((moment, moment + 1),)) for moment in (1000, 3000))
    for limit_s, found in ((2201, True), (2200, False)):
        kinds = [problems.kind(max_trip_s=limit_s)]
        problem = problems.problem([0, 100, 100], kinds=kinds, region_openings=windows)
        problem = replace(problem, handover_s=problem.handover_s + 1)
        assert (candidate(problem, Route(0, (0, 1))) is not None) == found


def test_a_trip_begins_and_ends_at_the_origin_of_its_type():
    origins = (problems.origin(), problems.origin(opens_s=50))
    kinds = [problems.kind(origin=1), problems.kind("L", origin=1, open_end=True)]
    problem = problems.problem([0, 1000, 900], origins=origins, kinds=kinds)
    stops = visits(problem, (0,))
    assert schedule_trip(problem, problem.fleet[0], stops, 49) is None
    assert schedule_trip(problem, problem.fleet[0], stops, 50).legs == ((50, 150), (150, 250))
    assert rigid_starts(problem, problem.fleet[0], stops)[0][0][0] == 50
    assert [trip_distance_m(problem, kind, stops) for kind in problem.fleet] == [200, 100]
