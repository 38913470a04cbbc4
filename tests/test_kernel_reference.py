"""The exhaustive reference itself: cases worked out by hand, and single trips against the scheduler."""

from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np
import pytest

from planner.base.clock import Clock, parse_instant
from planner.instance.schema import Overnight
from planner.network.calendars import Openings
from planner.network.travel import Travel
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType, Origin, Prices
from planner.problem.problem import Problem, Proposal, Route
from planner.problem.trip_times import schedule_trip
from planner.problem.visits import trip_cost, trip_distance_m, visits
from tests.kernel_reference import (
    at_gamma,
    broken,
    chains_of,
    cost,
    feasible,
    missing,
    optimum,
    plan_broken,
)
from tests.random_problems import FEATURES, random_features, random_problem

HOUR, DAY = 3600, 86_400
CLOCK = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
HOME, STOP, ANYWHERE = Overnight.HOME, Overnight.STOP, Overnight.ANYWHERE
FREE = Prices(vehicle=0, day=0, trip=0, km=0, hour=0)


def hours(*intervals, starts_only=False):
    """Openings of (from, to) in hours."""
    found = tuple((round(begin * HOUR), round(end * HOUR)) for begin, end in intervals)
    return Openings(found, frozenset(found if starts_only else ()))


def kind(times, *, delays=None, lengths=None, **more):
    """A type with times and delays in hours; metres are those of `lengths`, or 1000 for each hour."""
    times = np.array(times, dtype=float)
    travel = Travel(
        nodes=tuple(map(str, range(len(times)))),
        time_s=(times * HOUR).astype(np.int64),
        distance_m=np.array(times * 1000 if lengths is None else lengths).astype(np.int64),
        reachable=np.ones(times.shape, dtype=bool),
        delay_s=None if delays is None else (np.array(delays) * HOUR).astype(np.int64),
    )
    usual = {
        "id": "T", "number": 1, "mass_g": 100, "volume_cm3": 100, "pieces": None,
        "load_fixed_s": 0, "load_piece_s": 0, "unload_piece_s": 0,
        "shifts": hours((0, 72)), "overnight": STOP, "work_s": None, "open_end": False,
        "prices": FREE, "serves": np.ones(len(times), dtype=bool),
    }  # fmt: skip
    return FleetType(travel=travel, **(usual | more))


def load(region=0, **more):
    usual = {"part": "main", "first_unit": 0, "units": 1, "mass_g": 10, "volume_cm3": 10, "pieces": 1}
    return Consignment(id=f"c{region}", region=region, **(usual | more))


LOAD = load()


def made(
    kinds, loads=(LOAD,), *, openings=None, deadlines=None, not_before=None, handover=None, origins=None
):
    """A problem of three days; deadlines and the like in hours."""
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    origins = origins or (Origin(1, hours((0, 72))),)
    regions = len(kinds[0].travel.nodes) - len(origins)

    def seconds(values, usual):
        return np.rint(np.array(values or [usual] * regions) * HOUR).astype(np.int64)

    return Problem(
        id="made", name="made", clock=CLOCK, horizon_s=72 * HOUR, midnights=tuple(range(0, 5 * DAY, DAY)),
        places=kinds[0].travel.nodes, place_names=kinds[0].travel.nodes, origins=origins,
        region_openings=tuple(openings or [hours((0, 72))] * regions),
        deadline_s=seconds(deadlines, 73), not_before_s=seconds(not_before, 0),
        handover_s=seconds(handover, 0),
        weight=np.ones(regions, dtype=np.int64), fleet=kinds, consignments=tuple(loads),
        unserved=frozenset(), proofs=(),
    )  # fmt: skip


def line(*positions):
    """Times between places on a line."""
    return [[abs(one - two) for two in positions] for one in positions]


STAR = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]  # an hour from everywhere to everywhere else
ONE = [[(0, (0,))]]  # one vehicle, one trip, one consignment
DAYLIGHT = hours((6, 18), (30, 42), (54, 66))


# ---- single rules without delays -----------------------------------------------------------------------


@pytest.mark.parametrize(("deadline", "kept"), [(3, False), (3 + 1 / HOUR, True)])
def test_receipt_is_before_the_deadline(deadline, kept):
    problem = made(kind(line(0, 2), load_fixed_s=HOUR // 2), handover=[0.5], deadlines=[deadline])
    assert feasible(problem, ONE) == kept


@pytest.mark.parametrize(("closes", "kept"), [(3, True), (2.9, False)])
def test_service_lies_whole_in_an_opening(closes, kept):
    assert feasible(made(kind(line(0, 2)), handover=[1], openings=[hours((0, closes))]), ONE) == kept


@pytest.mark.parametrize(("closes", "kept"), [(2, False), (2 + 1 / HOUR, True)])
def test_service_only_starts_in_an_opening_of_starts(closes, kept):
    openings = [hours((0, closes), starts_only=True)]
    assert feasible(made(kind(line(0, 2)), handover=[1], openings=openings), ONE) == kept


@pytest.mark.parametrize(("deadline", "kept"), [(21, False), (21.1, True)])
def test_service_waits_for_the_next_opening_and_for_not_before(deadline, kept):
    assert (
        feasible(made(kind(line(0, 2)), openings=[hours((0, 1), (21, 23))], deadlines=[deadline]), ONE)
        == kept
    )
    assert feasible(made(kind(line(0, 2)), handover=[1], not_before=[21], deadlines=[deadline]), ONE) == kept


@pytest.mark.parametrize(("overnight", "received"), [(STOP, 42), (ANYWHERE, 31)])
def test_a_leg_waits_for_a_shift_or_pauses(overnight, received):
    # Loaded at 7:00, 12 hours to go: all of them on the next day, or one of them.
    for more, kept in ((0, False), (1, True)):
        one = kind(line(0, 12), overnight=overnight, shifts=DAYLIGHT, load_fixed_s=HOUR)
        problem = made(
            replace(one, open_end=True), openings=[hours((0, 72))], deadlines=[received + more / HOUR]
        )
        assert feasible(problem, ONE) == kept


def test_home_needs_the_whole_trip_in_one_shift():
    short, long = line(0, 5.5), line(0, 5.6)
    for overnight, kept in ((HOME, False), (STOP, True), (ANYWHERE, True)):
        assert feasible(made(kind(short, overnight=overnight, shifts=DAYLIGHT), handover=[1]), ONE)
        assert feasible(made(kind(long, overnight=overnight, shifts=DAYLIGHT), handover=[1]), ONE) == kept


def test_a_stop_vehicle_waits_with_a_leg_and_an_anywhere_one_drives_on():
    # 8 hours there from 6:00: 14:00. 8 hours back do not fit before 18:00: from 30:00 to 38:00 (paid are
    # 12 + 8 hours), or 4 hours today and 4 more tomorrow until 34:00 (paid are 12 + 4).
    for overnight, paid in ((STOP, 20), (ANYWHERE, 16)):
        prices = replace(FREE, hour=100, day=1)
        problem = made(kind(line(0, 8), overnight=overnight, shifts=DAYLIGHT, prices=prices))
        assert cost(problem, ONE) == 100 * paid + 2
    # Least is to leave at 10:00 and to be back at 38:00: 16 hours.
    stop = made(kind(line(0, 8), shifts=DAYLIGHT, prices=prices))
    assert cost(stop, ONE, least=True) == 1602


@pytest.mark.parametrize(
    ("field", "just", "less"), [("mass_g", 20, 19), ("volume_cm3", 20, 19), ("pieces", 2, 1)]
)
def test_capacities(field, just, less):
    both = [[(0, (0, 1))]]
    for limit, kept in ((just, True), (less, False)):
        assert feasible(made(kind(line(0, 1, 2), **{field: limit}), (load(0), load(1))), both) == kept


@pytest.mark.parametrize(
    ("field", "just", "less"), [("max_trip_m", 4000, 3999), ("max_trip_s", 5 * HOUR, 5 * HOUR - 1)]
)
def test_limits_of_a_trip(field, just, less):
    for limit, kept in ((just, True), (less, False)):
        problem = made(kind(line(0, 2), load_fixed_s=HOUR, **{field: limit}), deadlines=[3.1])
        assert feasible(problem, ONE) == kept


def test_waiting_before_loading_keeps_a_trip_short():
    problem = made(kind(line(0, 2), max_trip_s=4 * HOUR), openings=[hours((10, 11))])
    assert optimum(problem).starts == ((8 * HOUR,),)
    assert plan_broken(problem, ONE[0], [8 * HOUR]) == ""
    assert plan_broken(problem, ONE[0], [8 * HOUR - 1]) != ""
    assert not feasible(made(problem.fleet[0], openings=[hours((10, 11))], deadlines=[10]), ONE)


def test_trips_follow_each_other_and_are_counted():
    # An hour out and back each, an hour of loading before: received at 2:00 and 5:00.
    loads = (load(0), load(1))
    two_trips = [[(0, (0,)), (0, (1,))]]
    for deadline, kept in ((5, False), (5.1, True)):
        problem = made(kind(STAR, load_fixed_s=HOUR, mass_g=10), loads, deadlines=[9, deadline])
        assert feasible(problem, two_trips) == kept
    assert optimum(problem).starts == ((0, 3 * HOUR),)
    for more, text in (({"max_trips": 1}, "max_trips"), ({"open_end": True}, "open end")):
        assert text in broken(made(kind(STAR, **more), loads), two_trips)
    assert "more vehicles" in broken(problem, [[(0, (0,))], [(0, (1,))]])
    assert "twice" in broken(problem, [[(0, (0,)), (0, (0,))]])


def test_loading_waits_for_releases_and_lies_in_one_opening():
    docks = (Origin(1, hours((0, 2), (5, 9))),)
    for deadline, kept in ((10, False), (10.1, True)):  # two pieces: loaded from 6:00 to 8:00
        more = {"load_piece_s": HOUR}
        loads = (load(0), load(0, release_s=6 * HOUR))
        problem = made(kind(line(0, 2), **more), loads, origins=docks, deadlines=[deadline])
        assert feasible(problem, [[(0, (0, 1))]]) == kept
    assert not feasible(made(kind(line(0, 2), load_fixed_s=4.1 * HOUR), origins=docks), ONE)


def test_neighbours_of_one_region_are_one_stop():
    loads = (load(0), load(1), load(0))
    problem = made(kind(line(0, 1, 2)), loads, handover=[1, 0], deadlines=[2.1, 9])
    assert feasible(problem, [[(0, (0, 2, 1))]])
    assert not feasible(problem, [[(0, (0, 1, 2))]])  # back at the first region at 4:00


def test_types_that_do_not_serve_or_reach():
    assert not feasible(made(kind(line(0, 1), serves=np.array([False]))), ONE)
    one = kind(line(0, 1))
    one.travel.reachable[1, 0] = False
    assert not feasible(made(one), ONE)
    assert feasible(made(replace(one, open_end=True)), ONE)


def test_each_type_has_its_origin():
    origins = (Origin(1, hours((0, 72))), Origin(1, hours((5, 72))))
    ways = line(0, 10, 9)  # the region is 9 from the first origin and 1 from the second
    kinds = (kind(ways), kind(ways, origin=1))
    problem = made(kinds, origins=origins, deadlines=[6.1])
    assert not feasible(problem, ONE)
    assert feasible(problem, [[(1, (0,))]])
    assert optimum(problem).chains == (((1, (0,)),),)


# ---- late legs -----------------------------------------------------------------------------------------


def late(times, delays, gamma, *, overnight=STOP, shifts=None, loads=(LOAD,), fleet_more=None, **more):
    shifts = hours((0, 72)) if shifts is None else shifts
    fleet_more = fleet_more or {}
    one = kind(times, delays=delays, gamma=gamma, overnight=overnight, shifts=shifts, **fleet_more)
    return made(one, loads, **more)


@pytest.mark.parametrize(("gamma", "withstood"), [(0, 3), (1, 5), (2, 6), (3, 6)])
def test_deadline_under_late_legs(gamma, withstood):
    # Legs of 1 and 2 hours, which may be 1 and 2 hours late, then back: received at 3:00; at 5:00 with the
    # second late.
    ways, delays = line(0, 1, 3), [[0, 1, 9], [9, 0, 2], [9, 9, 0]]
    for more, kept in ((0, False), (1, True)):
        problem = late(ways, delays, gamma, loads=(load(0), load(1)), deadlines=[9, withstood + more / HOUR])
        assert feasible(problem, [[(0, (0, 1))]]) == kept


@pytest.mark.parametrize(("gamma", "received"), [(0, 5), (1, 6), (2, 7), (3, 8)])
def test_late_legs_are_carried_over_to_the_next_trip(gamma, received):
    # There, back, there: 1 hour each, each may take 1 more; the second trip loads from 2:00 to 4:00.
    for more, kept in ((0, False), (1, True)):
        problem = late(
            STAR,
            STAR,
            gamma,
            loads=(load(0, pieces=0), load(1)),
            fleet_more={"load_piece_s": 2 * HOUR},
            deadlines=[9, received + more / HOUR],
        )
        assert feasible(problem, [[(0, (0,)), (0, (1,))]]) == kept


def test_waiting_absorbs_delay_and_nothing_leaves_before_its_planned_time():
    problem = late(line(0, 1), [[0, 2], [0, 0]], 1, openings=[hours((3, 4))], deadlines=[3.5])
    assert feasible(problem, ONE)  # arrives at 1:00 or at 3:00
    prices = replace(FREE, hour=1000)
    problem = replace(problem, fleet=(replace(problem.fleet[0], prices=prices),))
    assert cost(problem, ONE) == 4000
    # Who waits until 2:00 pays two hours, but arrives at 5:00 when late; before 0:30 is soon enough.
    assert cost(at_gamma(problem, 0), ONE, least=True) == 2000
    assert cost(problem, ONE, least=True) == 3500
    assert plan_broken(problem, ONE[0], [HOUR // 2 - 1]) == ""
    assert plan_broken(problem, ONE[0], [HOUR // 2]) == "late legs break a rule"


def test_a_missed_window_may_be_followed_by_another():
    openings = [hours((1, 2), (5, 6))]
    for deadline, kept in ((5, False), (5.1, True)):
        problem = late(line(0, 1), [[0, 2], [0, 0]], 1, openings=openings, deadlines=[deadline])
        assert feasible(problem, ONE) == kept
        assert feasible(at_gamma(problem, 0), ONE)


@pytest.mark.parametrize(("back_late", "kept"), [(3, True), (3.1, False)])
def test_home_is_back_in_its_shift_although_late(back_late, kept):
    # 4 hours there, 5 back in a shift of 12 hours; one leg is late.
    problem = late([[0, 4], [5, 0]], [[0, 2], [back_late, 0]], 1, overnight=HOME, shifts=DAYLIGHT)
    assert feasible(problem, ONE) == kept


def test_home_may_take_the_longer_shift_of_another_day():
    problem = late([[0, 4], [4, 0]], [[0, 1], [1, 0]], 1, overnight=HOME, shifts=hours((6, 14), (30, 39)))
    assert optimum(problem).starts == ((30 * HOUR,),)
    assert optimum(at_gamma(problem, 0)).starts == ((6 * HOUR,),)
    assert optimum(at_gamma(problem, 2)).missing == 1


def test_home_starts_each_day_anew():
    # Trips of 4 hours in two shifts of 5: each day has room for one late leg, and each may have one.
    shifts, loads = hours((6, 11), (30, 35)), (load(0), load(1))
    ways = [[0, 2, 2], [2, 0, 2], [2, 2, 0]]
    delays = STAR
    chains = [[(0, (0,)), (0, (1,))]]
    assert feasible(late(ways, delays, 1, overnight=HOME, shifts=shifts, loads=loads), chains)
    assert not feasible(late(ways, delays, 2, overnight=HOME, shifts=shifts, loads=loads), chains)


@pytest.mark.parametrize(("overnight", "received"), [(STOP, 31), (ANYWHERE, 31)])
def test_a_delay_that_runs_over_the_end_of_the_shift_goes_on_in_the_next(overnight, received):
    # 11 hours from 6:00 fit; with two hours more the last of them is from 30:00 to 31:00.
    for more, kept in ((0, False), (1, True)):
        problem = late(
            line(0, 11), [[0, 2], [0, 0]], 1, overnight=overnight, shifts=DAYLIGHT,
            deadlines=[received + more / HOUR],
        )  # fmt: skip
        assert feasible(problem, ONE) == kept


def test_whether_a_leg_fits_is_decided_without_its_delay():
    # Late at the first stop at 13:00 instead of 12:00; 6 hours on no longer fit: from 30:00 to 36:00.
    for deadline, kept in ((36, False), (36.1, True)):
        problem = late(
            [[0, 6, 6], [6, 0, 6], [6, 6, 0]], [[0, 1, 0], [0, 0, 3], [0, 0, 0]], 1, shifts=DAYLIGHT,
            loads=(load(0), load(1)), deadlines=[70, deadline],
        )  # fmt: skip
        assert feasible(problem, [[(0, (0, 1))]]) == kept


@pytest.mark.parametrize("seed", range(20))
def test_every_leg_late_is_the_same_as_longer_legs(seed):
    problem = at_gamma(random_problem({"gamma1", "trips", "windows", "releases"}, seed), 99)
    longer = tuple(
        replace(one, gamma=0, travel=replace(one.travel, time_s=one.travel.time_s + one.travel.delay_s))
        for one in problem.fleet
    )
    withstood, nominal = optimum(problem), optimum(replace(problem, fleet=longer))
    assert (withstood.missing, withstood.cost) == (nominal.missing, nominal.cost)


@pytest.mark.parametrize("seed", range(30))
def test_more_late_legs_are_never_better(seed):
    problem = random_problem(random_features(seed) | {"gamma2"}, seed, consignments=3)
    found = [optimum(at_gamma(problem, gamma)) for gamma in range(3)]
    scores = [(one.missing, one.cost) for one in found]
    assert scores == sorted(scores)


# ---- costs ---------------------------------------------------------------------------------------------


def test_the_worked_example_of_the_docs():
    prices = Prices(vehicle=200_000, day=500_000, trip=50_000, km=4000, hour=30_000)
    times, lengths = line(0, 0.75), [[0, 30_000], [30_000, 0]]
    truck = kind(times, lengths=lengths, prices=prices, load_fixed_s=600, load_piece_s=60, unload_piece_s=30)
    problem = made(truck, (load(pieces=10),), handover=[0.25])
    assert cost(problem, ONE) == optimum(problem).cost == 1_055_000


def test_days_and_hours_of_two_trips():
    # Open from 20:00 to 22:00: earliest, the first trip lasts from 0:00 to 21:00, the second until 23:00;
    # later, both last two hours.
    prices = Prices(vehicle=5, day=70, trip=1000, km=0, hour=100_000)
    problem = made(kind(STAR, prices=prices, mass_g=10), (load(0), load(1)), openings=[hours((20, 22))] * 2)
    chains = [[(0, (0,)), (0, (1,))]]
    assert cost(problem, chains) == 5 + 70 + 2000 + 100_000 * (21 + 2)
    assert cost(problem, chains, least=True) == 5 + 70 + 2000 + 100_000 * (2 + 2)


def test_another_day_may_be_cheaper_for_home():
    # The first could go on the first day, the second only on the second: one day is enough for both.
    prices = replace(FREE, day=70)
    one = kind(STAR, prices=prices, mass_g=10, overnight=HOME, shifts=DAYLIGHT)
    problem = made(one, (load(0), load(1)), not_before=[0, 30])
    assert optimum(problem).cost == 70
    stop = made(replace(one, overnight=STOP), (load(0), load(1)), not_before=[0, 30])
    assert cost(stop, [[(0, (0,)), (0, (1,))]]) == 140
    assert cost(stop, [[(0, (0,)), (0, (1,))]], least=True) == 70


def test_prizes_are_weighed_and_required_ones_come_first():
    prices = replace(FREE, km=1000)
    one = kind([[0, 2, 3], [2, 0, 4], [3, 4, 0]], prices=prices)  # 4, 6 and 9 km
    for prize, expected in ((4999, 4000 + 4999), (5001, 9000)):
        found = optimum(made(one, (load(0), load(1, prize=prize))))
        assert (found.missing, found.cost) == (0, expected)
    found = optimum(made(one, (load(0), load(1, prize=4999))))
    assert missing(made(one, (load(0), load(1, prize=4999))), found.chains) == (0, 4999)
    full = made(replace(one, mass_g=10, max_trips=1), (load(0), load(1, prize=10**9)))
    assert optimum(full).chains == (((0, (0,)),),)


def test_the_optimum_of_a_small_round_trip():
    # Around a square of side 1: 4 km for three corners; with two places, 4 for two and 2 for the third.
    prices = replace(FREE, km=1000)
    corners = [(0, 0), (0, 1), (1, 1), (1, 0)]
    ways = [[abs(a - c) + abs(b - d) for c, d in corners] for a, b in corners]
    assert optimum(made(kind(ways, prices=prices), [load(one) for one in range(3)])).cost == 4000
    small = made(kind(ways, prices=prices, mass_g=20, number=2), [load(one) for one in range(3)])
    assert optimum(small).cost == 4000 + 2000
    few = made(kind(ways, prices=prices, mass_g=20, max_trips=1), [load(one) for one in range(3)])
    assert (optimum(few).missing, optimum(few).cost) == (1, 4000)  # two corners, not one for 2 km


def test_chains_from_proposals():
    found = chains_of(
        [Proposal(Route(0, (1,)), 0, 500), Proposal(Route(0, (2, 3)), 0, 100), Proposal(Route(1, (0,)), 0, 0)]
    )
    assert found == [[(1, (0,))], [(0, (2, 3)), (0, (1,))]]


# ---- against the scheduler -----------------------------------------------------------------------------


def _scheduled(problem, fleet, order, moment):
    """Times of a trip by the scheduler, None where it breaks a rule."""
    kind_, stops = problem.fleet[fleet], visits(problem, order)
    timing = schedule_trip(problem, kind_, stops, moment)
    if timing is None or any(
        end >= problem.region_deadlines[stop.region]
        for stop, (_, end) in zip(stops, timing.services, strict=True)
    ):
        return None
    return timing


def _days(timing):
    return set(range(timing.load_start_s // DAY, max(timing.load_start_s, timing.end_s - 1) // DAY + 1))


@pytest.mark.parametrize("seed", range(40))
def test_single_trips_are_those_of_the_scheduler(seed):
    features = random_features(seed) | {FEATURES[seed % len(FEATURES)]}
    problem = at_gamma(random_problem(features, seed, consignments=3), 0)
    compared = 0
    for fleet, size in product(range(len(problem.fleet)), (1, 2, 3)):
        for order in permutations(problem.served, size):
            for moment in range(0, problem.horizon_s, 7 * 1800 - 300):
                rule = plan_broken(problem, [(fleet, order)], [moment])
                if rule.startswith(f"({fleet}, ") or not rule:
                    compared += 1
                    timing = _scheduled(problem, fleet, order, moment)
                    assert (timing is None) == bool(rule), (features, fleet, order, moment, rule)
    assert compared or "masks" in features or "max_trip_m" in features


def _cheapest(problem, chain):
    """Least cost over all starts on a grid and the second before each, timed and priced by the scheduler."""
    kinds, prices = problem.fleet, problem.fleet[chain[0][0]].prices
    numbers = [
        *kinds[0].travel.time_s.ravel().tolist(),
        *problem.handover_s.tolist(),
        kinds[0].unload_piece_s,
    ]
    step = next(step for step in (1800, 900, 600) if not any(one % step for one in numbers))
    moments = [one - back for one in range(0, problem.horizon_s, step) for back in (0, 1) if one >= back]
    timings = [[_scheduled(problem, *trip, moment) for moment in moments] for trip in chain]
    found = []
    for row in product(*([one for one in trip if one is not None] for trip in timings)):
        if all(one.end_s <= two.load_start_s for one, two in pairwise(row)):
            price = prices.vehicle + prices.day * len(set().union(*map(_days, row)))
            for (fleet, order), timing in zip(chain, row, strict=True):
                metres = trip_distance_m(problem, kinds[fleet], visits(problem, order))
                price += trip_cost(kinds[fleet], metres, timing.paid_s)
            found.append((price, tuple(one.load_start_s for one in row)))
    return next((price for price, loads in sorted(found) if not plan_broken(problem, chain, loads)), None)


def test_least_costs_are_those_of_all_starts():
    chains = [[(0, (0,))], [(0, (1,))], [(0, (0, 1))], [(0, (0,)), (0, (1,))], [(0, (1,)), (0, (0,))]]
    seen = []
    for seed in range(24):
        rule = ("stop", "anywhere", "home", "max_trip_s")[seed % 4]
        features = {"hours", "prices", "gamma1", rule, ("openings", "windows", "not_before")[seed % 3]}
        made_ = random_problem(features, 200 + seed, consignments=2)
        for gamma, chain in product((0, 1), chains):
            problem = at_gamma(made_, gamma)
            best = _cheapest(problem, chain)
            assert (best is not None) == feasible(problem, [chain])
            if best is not None:
                earliest, least = (cost(problem, [chain], least=least) for least in (False, True))
                assert least == best <= earliest
                seen.append((gamma, len(chain), least < earliest))
    assert len(seen) >= 60
    assert set(seen) == set(product((0, 1), (1, 2), (False, True)))


def _with(problem, chains, idx):
    """The chains with one more consignment, in every way; also without it."""
    yield chains
    for at, chain in enumerate(chains):
        fleet = chain[0][0]
        for number, (_, order) in enumerate(chain):
            for place in range(len(order) + 1):
                longer = (fleet, (*order[:place], idx, *order[place:]))
                yield [*chains[:at], [*chain[:number], longer, *chain[number + 1 :]], *chains[at + 1 :]]
        for number in range(len(chain) + 1):
            more = [*chain[:number], (fleet, (idx,)), *chain[number:]]
            yield [*chains[:at], more, *chains[at + 1 :]]
    for fleet in range(len(problem.fleet)):
        yield [*chains, [(fleet, (idx,))]]


@pytest.mark.parametrize("seed", range(16))
def test_the_optimum_is_the_best_of_all_ways(seed):
    """All ways made differently: consignment by consignment, into each place of each way so far."""
    problem = random_problem(random_features(500 + seed), seed, consignments=3)
    ways = [[]]
    for idx in problem.served:
        ways = [more for chains in ways for more in _with(problem, chains, idx)]
    scores = []
    for chains in ways:
        if not broken(problem, chains):
            out, _ = missing(problem, chains)
            scores.append((out, cost(problem, chains)))
    found = optimum(problem)
    assert (found.missing, found.cost) == min(scores)


@pytest.mark.parametrize("seed", range(40))
def test_what_the_optimum_says_is_true(seed):
    problem = random_problem(random_features(1000 + seed), seed)
    earliest, least = optimum(problem), optimum(problem, least=True)
    assert (least.missing, earliest.missing) == (earliest.missing, missing(problem, earliest.chains)[0])
    assert least.cost <= earliest.cost
    assert not broken(problem, earliest.chains)
    assert cost(problem, earliest.chains) == earliest.cost
    assert cost(problem, least.chains, least=True) == least.cost
    for found in (earliest, least):
        for chain, loads in zip(found.chains, found.starts, strict=True):
            assert plan_broken(problem, chain, loads) == ""


def test_generated_problems_differ_and_repeat():
    one, same, other = (random_problem({"hours", "windows"}, seed) for seed in (1, 1, 2))
    assert one.consignments == same.consignments
    assert one.region_openings == same.region_openings
    assert one.region_openings != other.region_openings
    assert len({random_features(seed) for seed in range(50)}) > 40
