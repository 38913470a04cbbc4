"""List scheduling, the master and replanning are asked the same question of tiny worlds: the same answer."""

from random import Random
from types import SimpleNamespace as Some

import problems
import pytest

from planner.compose.list_scheduling import ListScheduler, schedule_all
from planner.compose.master import compose
from planner.compose.variants import variants_of
from planner.network.calendars import Openings
from planner.problem.ledger import Docks, Ledger, Line
from planner.problem.problem import Route
from planner.propose.engine import Budget
from planner.propose.pool import Pool
from planner.replanning.changes import RegionWay
from planner.replanning.greedy import one_by_one
from planner.replanning.model import pick
from planner.replanning.places import Place
from planner.replanning.setting import Choice, RegionCase, Setting
from planner.replanning.value import value_of
from planner.replanning.work_clock import WorkCount

DAY = problems.DAY


def drawn(seed):
    """One or two vehicles with short shifts, one dock, and three or four villages, each with a deadline."""
    random = Random(seed)
    points = [0, *(random.randint(1, 6) for _ in range(random.randint(3, 4)))]
    opens_s = random.choice([0, 5])
    kind = problems.kind(
        number=random.randint(1, 2),
        load_fixed_s=random.randint(0, 3),
        work_s=random.choice([None, None, 25]),
        shifts=Openings(((0, random.choice([20, 35, 60])),)),
    )
    problem = problems.problem(
        points,
        origins=[problems.origin(docks=1, opens_s=opens_s)],
        kinds=[kind],
        deadline_s=random.randint(8, 50),
        weight=problems.np.array([random.randint(1, 3) for _ in points[1:]]),
    )
    pool = Pool(problem)
    routes = [Route(0, (idx,)) for idx in range(len(points) - 1)]
    return problem, [one for one in pool.add(routes) if one is not None]


def as_choices(problem, trips):
    choices = []
    for variant in variants_of(problem, trips, with_late=True):
        one = trips[variant.candidate]
        vehicles = tuple(range(problem.fleet[0].number))
        choices.append(
            Choice(
                problem.id, 0, one.route.consignments, one.stops, variant.timing, variant.low_s,
                variant.high_s, variant.cost, vehicles, candidate=one,
            )
        )  # fmt: skip
    return choices


def as_setting(problem, ledger):
    names = problem.places[1:]
    legs = tuple(
        Some(
            goods=Some(region_id=name, consignment_id=one.id, volume_cm3=0),
            node_id=name, fetched_from="", needs={},
        )
        for name, one in zip(names, problem.consignments, strict=True)
    )  # fmt: skip
    regions = {
        name: RegionCase(int(problem.weight[idx]), problem.region_deadlines[idx], RegionWay(), 0, -1)
        for idx, name in enumerate(names)
    }
    return Setting(
        places={problem.id: Place(problem, legs, names)}, taken=ledger, upper={}, ready_s={}, by_s={},
        regions=regions, opened={}, hubs={}, now_s=0, tolerance_s=0, horizon_s=DAY,
    )  # fmt: skip


def ledger_of(problem):
    kind = problem.fleet[0]
    return Ledger(
        {kind.vehicle_id(number): Line(out=kind.out_of(number)) for number in range(kind.number)},
        {problem.id: Docks(problem.origins[0])},
    )


def first_fit(seed):
    """When the last trip can begin beside the others: by list scheduling, and by a replan."""
    problem, trips = drawn(seed)
    *others, last = trips
    scheduler = ListScheduler(problem)
    placed = [one for trip in others for one in scheduler.place(trip)]
    mine = scheduler.place(last)
    ledger, kind = ledger_of(problem), problem.fleet[0]
    for one in placed:
        line = ledger.line(kind.vehicle_id(one.vehicle))
        line.take(one.timing, (), gone=False)
        ledger.docks[problem.id].occupy(one.dock, one.timing)
    setting = as_setting(problem, ledger)
    setting.regions.clear()  # late or not, it is driven as soon as it can be
    found = one_by_one(setting, as_choices(problem, [last]), work=WorkCount(), ends_s=None, tries=0, seed=1)
    return (
        mine[0].timing.load_start_s if mine else None,
        found[0].timing.load_start_s if found else None,
    )


def best(seed):
    """Weights gone, late and not promised, of the best plan: by the master, and by a replan."""
    problem, trips = drawn(seed)
    hint = schedule_all(problem, trips)
    master = compose(problem, trips, hint, budget=Budget(effort=2), seed=1)
    setting, choices = as_setting(problem, ledger_of(problem)), as_choices(problem, trips)
    start = one_by_one(setting, choices, work=WorkCount(), ends_s=None, tries=0, seed=1)
    found = pick(setting, choices, start, work=WorkCount(), ends_s=60, seed=1)
    assert master.score <= hint.score
    return master.score[:3], value_of(setting, found)[:3]


def same(seeds, ask):
    answers = {seed: ask(seed) for seed in seeds}
    wrong = {seed: both for seed, both in answers.items() if both[0] != both[1]}
    assert not wrong
    return [one for one, _ in answers.values()]


def test_a_trip_fits_first_at_the_same_moment():
    assert len(set(same(range(100), first_fit))) > 5


def test_the_best_plan_leaves_the_same_weights_late():
    assert len(set(same(range(40), best))) > 5


@pytest.mark.slow
def test_in_five_hundred_worlds():
    same(range(100, 600), first_fit)
    same(range(40, 540), best)
