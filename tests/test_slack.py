"""How late trips could begin, and problems whose goods come later or are due earlier."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.compose.list_scheduling import is_on_time, schedule_all
from planner.compose.master import compose
from planner.compose.slack import latest_starts
from planner.compose.solution import Solution
from planner.problem.fleet import WayChoice
from planner.problem.problem import Route
from planner.problem.robust_trip import with_worst
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import release_s
from planner.propose.alternatives import is_timed
from planner.propose.engine import Budget
from planner.propose.pool import Pool, candidate, direct_routes
from tests import problems
from tests.exhaustive import all_routes, best_solution, full_pool
from tests.worlds import DAY, HOUR, broken_rules, problem_of, timed_worlds, worlds

# Later starts


@st.composite
def solutions(draw):
    """An instance and trips of one region or two, placed in some order; some goods are due earlier."""
    instance = draw(st.one_of(worlds(), timed_worlds()))
    problem = problem_of(instance)
    dues = st.sampled_from([None, None, 9 * HOUR, 15 * HOUR, 30 * HOUR])
    consignments = tuple(replace(one, due_s=draw(dues)) for one in problem.consignments)
    problem = replace(problem, consignments=consignments)
    served = draw(st.permutations(problem.served))
    pairs = [tuple(served[at : at + 2]) for at in range(0, len(served) - 1, 2)] if draw(st.booleans()) else []
    routes = [Route(fleet, pair) for pair in pairs for fleet in range(len(problem.fleet))]
    routes += draw(st.permutations(direct_routes(problem)))
    left, trips = set(problem.served), []
    for one in Pool(problem).add(routes):
        if one is not None and left.issuperset(one.route.consignments):
            left.difference_update(one.route.consignments)
            trips.append(one)
    return instance, schedule_all(problem, trips)


def moved(solution, starts):
    """The same trips from other starts, by the same vehicles at the same docks."""
    return Solution(
        solution.problem,
        tuple(
            replace(one, timing=one.candidate.timing_at(solution.problem, start))
            for one, start in zip(solution.assignments, starts, strict=True)
        ),
    )


@settings(max_examples=150, deadline=None)
@given(solutions())
def test_trips_that_begin_as_late_as_they_can_keep_every_rule(drawn):
    instance, solution = drawn
    assume(solution.assignments)
    starts = latest_starts(solution)
    later = moved(solution, starts)
    for one, start in zip(solution.assignments, starts, strict=True):
        assert start >= one.timing.load_start_s
        if not is_on_time(solution.problem, one.candidate, one.timing):
            assert start == one.timing.load_start_s
    assert broken_rules(instance, later) == []
    assert all(
        max(after, 0) == max(before, 0) for before, after in zip(solution.over_s, later.over_s, strict=True)
    )
    assert latest_starts(later) == starts or not _is_simple(later)


def _is_simple(solution):
    """Whether no trip waits or pauses, so that it has a whole interval of starts."""
    return all(
        one.candidate.starts
        and not one.candidate.points
        and solution.problem.fleet[one.candidate.route.fleet].work_s is None
        for one in solution.assignments
    )


def line(points, starts, **more):
    """Trips to points of a line, one after another by one vehicle at one dock: 2 s and a load each."""
    problem = problems.problem([0, *points], origins=[problems.origin(docks=1)], **more)
    trips = [candidate(problem, Route(0, (idx,))) for idx in range(len(points))]
    found = schedule_all(problem, trips)
    by_route = {one.candidate.route.consignments: one for one in found.assignments}
    placed = [by_route[idx,] for idx in range(len(points))]
    timed = [
        replace(one, timing=one.candidate.rigid_timing(problem, start))
        for one, start in zip(placed, starts, strict=True)
    ]
    return Solution(problem, tuple(timed))


def test_the_last_trip_begins_for_its_deadline_and_each_other_one_for_the_next():
    assert latest_starts(line([100, 50], [0, 200], deadline_s=1000)) == [749, 949]
    assert latest_starts(line([50, 100], [0, 100], deadline_s=1000)) == [799, 899]


def test_a_dock_is_left_to_the_next_trip():
    kinds = [problems.kind(number=2, load_fixed_s=30)]
    found = line([100, 100], [0, 30], deadline_s=1000, kinds=kinds)
    assert sorted(latest_starts(found)) == [839, 869]


def test_a_late_trip_stays():
    assert latest_starts(line([100], [950], deadline_s=1000)) == [950]
    assert latest_starts(line([100, 100], [0, 950], deadline_s=1000)) == [750, 950]


# Pools of problems with goods that come later or are due earlier


@st.composite
def later_problems(draw):
    """A problem, and the same with later releases and earlier dues."""
    problem = problem_of(draw(st.one_of(worlds(max_regions=3), timed_worlds())))
    moments = st.sampled_from([0, 0, 5 * HOUR, 8 * HOUR, 8 * HOUR + 1, 13 * HOUR, 20 * HOUR, 31 * HOUR])
    dues = st.sampled_from([None, 9 * HOUR, 30 * HOUR, 40 * HOUR])
    later = tuple(
        replace(one, release_s=max(one.release_s, draw(moments)), due_s=draw(dues))
        for one in problem.consignments
    )
    return problem, replace(problem, consignments=later)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a whole problem
@settings(max_examples=100, deadline=None)
@given(later_problems())
def test_a_pool_made_of_another_holds_the_same_trips(drawn):
    problem, later = drawn
    assume(0 < len(problem.served) <= 3)
    base = Pool(problem)
    made, own = Pool(later, base), Pool(later)
    routes = [replace(one, by=(by,)) for one in all_routes(problem) for by in WayChoice]
    for route, one, other in zip(routes, made.add(routes), own.add(routes), strict=True):
        if one is None or other is None:
            assert one is None or not one.starts
            assert other is None or not other.starts
            continue
        same = other if one.starts else replace(other, offsets=one.offsets)  # nobody asks for these then
        assert one == same, route  # but for single starts
        kind, released = later.kind_of(one.route), release_s(one.stops)
        for point in one.points:
            timing = schedule_trip(later, kind, one.stops, point.load_start_s)
            assert point == with_worst(later, kind, one.stops, timing)
            assert point.load_start_s >= released
        here = {point.load_start_s for point in one.points}
        # From the release on the other one tries more in that shift, or in the next where it lies between
        # two; and over edges with hours more that is late anyway.
        shift = kind.shifts.around_or_next(released)
        for point in other.points:
            start = point.load_start_s
            tried = shift is not None and shift[0] <= start < shift[1]
            late = all(point.is_late(number, stop.due_s) for number, stop in enumerate(one.stops))
            assert start in here or tried or (late and is_timed(later, one.route))


# Dues against exhaustive search


@settings(max_examples=30, deadline=None)
@given(worlds(max_regions=3), st.data())
def test_dues_are_obeyed_as_well_as_they_can_be(instance, data):
    problem = problem_of(instance)
    assume(0 < len(problem.served) <= 3)
    dues = st.sampled_from([None, 8 * HOUR, 10 * HOUR + 1, 16 * HOUR, 31 * HOUR])
    problem = replace(
        problem, consignments=tuple(replace(one, due_s=data.draw(dues)) for one in problem.consignments)
    )
    candidates = full_pool(problem)
    best = best_solution(problem, candidates)
    hint = schedule_all(problem, candidates[:1])
    found = compose(problem, candidates, hint, budget=Budget(effort=4), seed=1)
    assert broken_rules(instance, found) == []
    assert found.score[:3] <= best.score[:3]
    if best.all_on_time:
        assert found.score[:5] <= best.score[:5]


def test_a_due_makes_late_what_is_handed_over_in_time():
    problem = problems.problem([0, 100], loads=[problems.load(0, due_s=500)], deadline_s=DAY)
    one = candidate(problem, Route(0, (0,)))
    for start, over in ((399, 0), (400, 1)):
        (lateness,) = Solution(problem, tuple(schedule_all(problem, [one]).assignments)).over_s
        assert lateness <= 0
        moved_to = moved(schedule_all(problem, [one]), [start])
        assert max(0, moved_to.over_s[0]) == over
        assert moved_to.score.late == over
