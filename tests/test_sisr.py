"""The engine of the compiled search: repeatable, on threads too, with docks and a day's work kept."""

from dataclasses import replace

import numpy as np
import pytest

from planner.compose.list_scheduling import Wish, schedule_all
from planner.instance.schema import Overnight
from planner.network.calendars import Openings
from planner.problem.fleet import Prices
from planner.problem.problem import Route
from planner.propose.engine import Budget
from planner.propose.engines import engine_named, made_ready
from planner.propose.loading_moments import PlannedTrip, loading_starts, within_working_time
from planner.propose.pool import candidate
from planner.propose.sisr.kernel import compile as kernel_compile
from tests import problems
from tests.kernel_reference import broken, chains_of
from tests.random_problems import random_features, random_problem

HOUR, DAY = 3600, 86_400


def reports_of(problem, **more):
    found = []

    def report(proposals):
        found.append(tuple(proposals))
        return False

    more = {"budget": Budget(effort=1), "seed": 1} | more
    engine_named("sisr").propose(problem, report=report, **more)
    return found


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_seed_effort_and_threads_give_the_same_reports(workers):
    problem = random_problem(frozenset({"trips", "types", "prices"}), 3, consignments=6)
    first = reports_of(problem, workers=workers)
    assert first == reports_of(problem, workers=workers)
    assert broken(problem, chains_of(first[-1])) == ""


@pytest.mark.parametrize("part", range(4))
def test_two_threads_race_and_what_they_report_is_valid(part):
    for seed in range(part, 48, 4):
        problem = random_problem(random_features(seed), seed, consignments=6)
        some_late = replace(problem, deadline_s=np.full_like(problem.deadline_s, problem.horizon_s + 1))
        *others, last = reports_of(problem, workers=2, seed=seed, budget=Budget(time_s=0.1))
        assert broken(problem, chains_of(last)) == "", seed
        for found in others:  # before the last one, some may be late
            if all(one.load_start_s is not None for one in found):
                assert broken(some_late, chains_of(found)) == "", seed


def test_threads_count_their_iterations_together():
    one, two = engine_named("sisr"), engine_named("sisr")
    for searching, workers in ((one, 1), (two, 2)):
        searching.propose(
            problems.problem([0, 3, -4]),
            budget=Budget(effort=1),
            seed=1,
            report=lambda _found: True,
            workers=workers,
        )
    assert two.iterations == 2 * one.iterations > 0


def test_by_the_clock_something_is_reported_however_short_the_time():
    assert {idx for one in reports_of(problems.problem([0, 3, -4]), budget=Budget(time_s=0.0))[-1]
            for idx in one.route.consignments} == {0, 1}  # fmt: skip


def test_nothing_to_serve_is_nothing_to_report():
    assert reports_of(problems.problem([0, 3], unserved=frozenset({0}))) == []


def test_where_somebody_cannot_be_in_time_all_is_brought_late_and_then_the_rest_in_time():
    problem = problems.problem([0, 100, -100], deadline_s=250)  # one vehicle: the second is reached after 300
    late, timely = reports_of(problem)
    assert {idx for one in late for idx in one.route.consignments} == {0, 1}
    assert len({idx for one in timely for idx in one.route.consignments}) == 1


def test_shifts_are_vehicles_of_the_same_number():
    shifts = Openings(((0, 210), (DAY, DAY + 210)))
    kinds = [problems.kind(number=2, shifts=shifts)]
    problem = problems.problem(
        [0, 100, -100, 101], kinds=kinds, horizon_s=2 * DAY, midnights=(0, DAY, 2 * DAY), deadline_s=2 * DAY
    )
    proposals = reports_of(problem)[-1]
    assert len({(one.vehicle, one.load_start_s // DAY) for one in proposals}) == len(proposals)
    assert {one.vehicle for one in proposals} <= {0, 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("small", "max_trips"), [(9, None), (6, None), (9, 2)])
def test_one_large_vehicle_takes_the_place_of_several_small_ones(seed, small, max_trips):
    """Twelve far regions near each other; a small vehicle is as cheap as a large one, and stands first."""
    more = {"number": 2, "max_trips": max_trips, "prices": Prices(1000, 0, 0, 1000, 0)}
    kinds = [problems.kind("small", mass_g=small, **more), problems.kind("large", mass_g=12, **more)]
    ring = [(20_000 + 1_500 * np.cos(turn), 1_500 * np.sin(turn)) for turn in np.arange(12) * np.pi / 6]
    proposals = reports_of(problems.problem([(0, 0), *ring], kinds=kinds), seed=seed)[-1]
    assert [(one.route.fleet, len(one.route.consignments)) for one in proposals] == [(1, 12)]


def test_a_vehicle_that_waits_for_an_opening_sets_out_late():
    more = {"not_before_s": problems.np.array([DAY + 12 * HOUR]), "horizon_s": 2 * DAY}
    kinds = [problems.kind(overnight=Overnight.ANYWHERE, shifts=Openings(((0, DAY), (DAY, 2 * DAY))))]
    problem = problems.problem(
        [0, 100], kinds=kinds, deadline_s=2 * DAY, region_openings=(Openings(((0, 2 * DAY),)),), **more
    )
    assert reports_of(problem)[-1][0].load_start_s >= DAY


# ---- docks and working time ----------------------------------------------------------------------------


def away(**more):
    shifts = Openings(tuple((day * DAY + 6 * HOUR, day * DAY + 20 * HOUR) for day in range(3)))
    return problems.kind(overnight=Overnight.ANYWHERE, shifts=shifts, work_s=12 * HOUR, **more)


def long_problem(points, kinds, docks=9):
    openings = (Openings(((0, 3 * DAY),)),) * (len(points) - 1)
    return problems.problem(
        points,
        kinds=kinds,
        origins=[problems.origin(docks, 0, 3 * DAY)],
        horizon_s=3 * DAY,
        deadline_s=3 * DAY,
        midnights=tuple(day * DAY for day in range(5)),
        region_openings=openings,
    )


def test_shifts_are_as_short_as_the_working_time_of_a_day():
    problem = long_problem([0, 5], [away()])
    (kind,) = within_working_time(problem).fleet
    assert kind.shifts.intervals == tuple((day * DAY + 6 * HOUR, day * DAY + 18 * HOUR) for day in range(3))
    home = long_problem([0, 5], [problems.kind(work_s=HOUR)])
    assert within_working_time(home).fleet[0].shifts == home.fleet[0].shifts
    late = long_problem([0, 5], [replace(home.fleet[0], late_work_s=3 * HOUR, gamma=1)])
    assert within_working_time(late).fleet[0].shifts.intervals == ((0, 3 * HOUR),)


def test_they_begin_when_one_can_load_where_that_is_later():
    problem = problems.problem(
        [0, 5],
        kinds=[problems.kind(overnight=Overnight.STOP, work_s=10 * HOUR)],
        origins=[problems.origin(1, 8 * HOUR, 17 * HOUR)],
    )
    assert within_working_time(problem).fleet[0].shifts.intervals == ((8 * HOUR, 18 * HOUR),)


def planned(problem, fleet, consignments, start_s, latest_s=3 * DAY):
    kind = problem.fleet[fleet]
    return PlannedTrip(Route(fleet, consignments), start_s, latest_s, kind.load_fixed_s)


def test_the_most_urgent_trip_takes_a_dock_first():
    problem = long_problem([0, 5, -5, 9], [away(number=3, load_fixed_s=HOUR)], docks=1)
    chains = [
        [planned(problem, 0, (0,), 6 * HOUR, 30 * HOUR)],
        [planned(problem, 0, (1,), 6 * HOUR, 8 * HOUR)],
        [planned(problem, 0, (2,), 6 * HOUR, 20 * HOUR)],
    ]
    assert loading_starts(problem, chains) == [[8 * HOUR], [6 * HOUR], [7 * HOUR]]


def test_a_second_trip_begins_so_late_that_the_working_time_lasts():
    far = 4 * HOUR
    problem = long_problem([0, far, 2 * far], [away()])
    chain = [planned(problem, 0, (0,), 6 * HOUR), planned(problem, 0, (1,), 6 * HOUR)]
    ((first, second),) = loading_starts(problem, [chain])
    assert first == 6 * HOUR
    assert second == 16 * HOUR  # eight hours are gone at 14:00; four are left until the shift ends at 20:00
    trips = [candidate(problem, one.route) for one in chain]
    found = schedule_all(problem, trips, at=[Wish(first, 0), Wish(second, 0)])
    assert sorted(one.timing.load_start_s for one in found.assignments) == [first, second]


def test_a_trip_that_finds_no_way_has_no_moment():
    home = problems.kind(shifts=Openings(((0, 2 * HOUR),)), load_fixed_s=HOUR, number=2)
    problem = long_problem([0, HOUR // 2, -HOUR // 2], [home], docks=1)
    chains = [[planned(problem, 0, (0,), 0)], [planned(problem, 0, (1,), 0)]]
    assert loading_starts(problem, chains) == [[0], [None]]


# ---- which engine --------------------------------------------------------------------------------------


def test_without_numba_the_other_engine_stands_in(monkeypatch):
    monkeypatch.setattr(kernel_compile, "is_available", lambda: False)
    said = []
    assert made_ready("sisr", said.append) == "ortools"
    assert len(said) == 1
    assert "numba" in said[0]
    assert made_ready("ortools", said.append) == "ortools"
