"""The worst case of a trip against all sets of late legs, driven one by one."""

from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest

from planner.building.echelons import build_echelons
from planner.compose.solution import Assignment, Solution
from planner.instance.schema import Chain, Overnight
from planner.network.calendars import Openings
from planner.network.travel import Travel
from planner.problem.fleet import WayChoice
from planner.problem.problem import Route
from planner.problem.robust_trip import worst_case
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import NEVER, visits
from planner.proof.check import check_plan
from planner.propose.pool import candidate
from tests import problems
from tests.late_legs import World
from tests.worlds import outcome, plan_of

HOUR, DAY = 3600, 86_400


def travel_of(rng, places):
    size = (places, places)
    time_s = np.array([[rng.randrange(1, 5) * HOUR for _ in range(places)] for _ in range(places)])
    delay_s = np.array([[rng.choice((0, 1, 2)) * HOUR for _ in range(places)] for _ in range(places)])
    np.fill_diagonal(time_s, 0)
    reach = np.ones(size, dtype=bool)
    names = tuple(f"P{place}" for place in range(places))
    return Travel(names, time_s, time_s.copy(), reach, delay_s=delay_s)


def world_of(seed, overnight, *, work=False):
    rng = Random(f"worst {seed} {overnight}" + " work" * work)
    days = range(6)
    shifts = Openings(tuple((day * DAY + 6 * HOUR, day * DAY + 18 * HOUR) for day in days))
    hours = Openings(tuple((day * DAY + 7 * HOUR, day * DAY + 20 * HOUR) for day in days))
    places = 4
    kind = problems.kind(
        travel=travel_of(rng, places), shifts=shifts, overnight=overnight, gamma=rng.randint(1, 2),
        load_fixed_s=HOUR // 2, open_end=rng.random() < 0.3,
    )  # fmt: skip
    if work:
        work_s = rng.randint(4, 10) * HOUR
        kind = replace(kind, work_s=work_s, late_work_s=work_s + rng.randrange(6) * HOUR // 2)
    found = problems.problem(
        [0, 1, 2, 3], kinds=[kind], horizon_s=6 * DAY, deadline_s=6 * DAY,
        midnights=tuple(day * DAY for day in range(8)), handover_s=np.full(3, HOUR // 4),
        region_openings=(hours,) * 3, origins=[problems.origin(closes_s=6 * DAY)],
    )  # fmt: skip
    order = rng.sample(range(3), rng.randint(1, 3))
    return found, order, rng.choice((6, 8, 11)) * HOUR


def worked_by(crew, moment):
    """What a crew (moment, work of that day) has worked on the day of a later moment."""
    return crew[1] if crew[0] // DAY == moment // DAY else 0


def drive(kind, crew, nominal_s, seconds, limit_s):
    """End of a leg that begins at a moment, by the policy, a quarter of an hour after the other."""
    now = crew[0]
    if kind.overnight is Overnight.STOP:
        fits = [
            max(now, b)
            for b, e in kind.shifts.intervals
            if max(now, b) + nominal_s <= e and worked_by(crew, max(now, b)) + nominal_s <= limit_s
        ]
        if not fits:
            return None
        now = fits[0]
    work = worked_by(crew, now)
    for _ in range(seconds // 900):
        while not kind.shifts.allows(now, 900) or work >= limit_s:
            now += 900
            work = 0 if now % DAY == 0 else work
            if now > 7 * DAY:
                return None
        now, work = now + 900, work + 900
    return now, work


def driven(problem, kind, stops, timing, late, limit_s=NEVER, planned=None):
    """Ends of services and of the trip where these legs are late, step by step.

    Also the crew (moment, work of that day) after loading and after each leg and service; no crew is ahead of
    the one `planned` there.
    """
    here, ends, crews = kind.origin, [], [(timing.depart_s, timing.depart_s - timing.load_start_s)]
    legs = [(stop, problem.place(stop.region)) for stop in stops]

    def reached(crew, planned_s):
        before = (0, 0) if planned is None else planned[len(crews)]
        now = max(crew[0], planned_s)
        crews.append((now, max(worked_by(crew, now), worked_by(before, now))))

    for idx, (stop, there) in enumerate(legs if kind.open_end else [*legs, (None, kind.origin)]):
        nominal_s = kind.time_between(here, there)
        extra_s = kind.delay_between(here, there) if idx in late else 0
        now = max(crews[-1][0], timing.legs[idx][0])
        end = drive(kind, (now, worked_by(crews[-1], now)), nominal_s, nominal_s + extra_s, limit_s)
        if end is None:
            return None
        reached(end, timing.legs[idx][1])
        if stop is not None:
            now, took = (
                max(crews[-1][0], timing.services[idx][0]),
                timing.services[idx][1] - timing.services[idx][0],
            )
            openings = problem.region_openings[stop.region]
            while now < 7 * DAY and not (
                kind.shifts.allows(now, took)
                and openings.allows(now, took)
                and worked_by(crews[-1], now) + took <= limit_s
            ):
                now += 900
            if now >= 7 * DAY:
                return None
            reached((now + took, worked_by(crews[-1], now) + took), 0)
            ends.append(now + took)
        here = there
    return ends, crews[-1][0], crews


@pytest.mark.parametrize("work", [False, True], ids=["", "work"])
@pytest.mark.parametrize("overnight", list(Overnight))
def test_no_set_of_late_legs_is_worse_and_one_is_as_bad(overnight, work):
    tried = paused = 0
    for seed in range(150):
        problem, order, start_s = world_of(seed, overnight, work=work)
        kind = problem.fleet[0]
        stops = visits(problem, order)
        timing = schedule_trip(problem, kind, stops, start_s)
        if timing is None:
            continue
        tried += 1
        worst = worst_case(problem, kind, stops, timing)
        planned, limit_s = None, NEVER
        if work:
            limit_s = kind.late_work_s
            planned = driven(problem, kind, stops, timing, (), kind.work_s)[2]
        cases = [
            driven(problem, kind, stops, timing, set(late), limit_s, planned)
            for late in combinations(range(len(timing.legs)), min(kind.gamma, len(timing.legs)))
        ]
        if any(case is None for case in cases):
            assert max(*worst.ends_s, worst.end_s) >= NEVER
            continue
        end_s = max(end for _, end, _ in cases)
        free = worst_case(problem, replace(kind, late_work_s=None), stops, timing)
        paused += free.end_s != end_s
        shift = kind.shifts.around(start_s)
        if overnight is Overnight.HOME and end_s > min(shift[1] + DAY, max(shift[1], problem.horizon_s)):
            assert worst.ends_s == (NEVER,) * len(stops)
            continue
        assert worst.end_s == end_s, seed
        assert worst.ends_s == tuple(max(one[idx] for one, *_ in cases) for idx in range(len(stops))), seed
    assert tried > 20
    assert (paused > 4) == work


def test_without_late_legs_it_is_the_plan_itself():
    problem, order, start_s = world_of(1, Overnight.ANYWHERE)
    kind = replace(problem.fleet[0], gamma=0)
    stops = visits(problem, order)
    timing = schedule_trip(problem, kind, stops, start_s)
    assert worst_case(problem, kind, stops, timing) == (
        tuple(end for _, end in timing.services),
        timing.end_s,
        (timing.end_s,),
        0,
        (),
        None,
    )


@pytest.mark.parametrize("work", [False, True], ids=["", "work"])
@pytest.mark.parametrize("overnight", list(Overnight))
def test_on_edges_with_hours_it_is_what_the_check_finds(overnight, work):
    """Trips from the warehouse alone, each in a plan of its own."""
    compared = waited = 0
    for seed in range(2 if work else 8):
        rng = Random(seed)
        instance = World(seed, overnight=overnight, docks="own", timed=True, work=work).instance
        settings = replace(instance.settings, guarantee=1 + seed % 2, chain=Chain.NONE)
        kinds = tuple(replace(one, home="") for one in instance.vehicles if one.home in ("", "W"))
        instance = replace(instance, settings=settings, vehicles=kinds)
        problem = build_echelons(instance, "W", instance.regions).root
        for _ in range(12):
            fleet = rng.randrange(len(problem.fleet))
            serves = problem.fleet[fleet].serves
            able = [idx for idx in problem.served if serves[problem.consignments[idx].region]]
            if not able:
                continue
            order = rng.sample(able, rng.randint(1, min(3, len(able))))
            one = candidate(
                problem, Route(fleet, tuple(order), tuple(rng.choices(list(WayChoice), k=rng.randint(0, 3))))
            )
            timing = None if one is None else one.timing_at(problem, rng.randrange(6, 80) * HOUR // 2)
            if timing is None:
                continue
            worst = worst_case(problem, problem.kind_of(one.route), one.stops, timing)
            only = Solution(problem, (Assignment(one, timing, 0, 0),))
            result = outcome(problem, only)
            found = check_plan(plan_of(instance, result), instance.clock, instance).robustness
            received = {case.region: case.received_s for case in found.worst}
            home = overnight is not Overnight.HOME or worst.ends_s[0] < NEVER  # else nothing is promised
            for stop, end in zip(one.stops, worst.ends_s, strict=True):
                if problem.consignments_of[stop.region] == stop.consignments and home:
                    name = problem.places[problem.place(stop.region)]
                    last_s = problem.horizon_s  # hours are known until then
                    got_s = received[name] or NEVER
                    assert min(got_s, last_s) == min(end, last_s), (seed, one.route)
                    compared += 1
            waited += bool(timing.ways)
    least = (8, 1) if work else (30, 5)
    assert (compared > least[0], waited > least[1]) == (True, True), (compared, waited)
