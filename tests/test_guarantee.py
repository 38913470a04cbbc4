"""Plans that withstand late legs: the search promises no more than the check finds, and what steps cost."""

from dataclasses import replace
from functools import cache

import pytest

from planner.building.echelons import build_echelons
from planner.instance.digest import digest, table_digests
from planner.instance.schema import CalendarRow, Deadline, Delay, Overnight, WindowRule
from planner.network.delays import with_delays
from planner.network.travel import travel
from planner.outputs.robustness import given_up_lines
from planner.plans.model import Status
from planner.proof.check import check_plan
from planner.proof.worst.delays import Delays
from planner.propose.engine import Budget
from planner.propose.engines import engine_named
from planner.search.component import ComponentSearch
from planner.solving import jobs, price_of_robustness
from planner.solving.options import SolveOptions
from planner.solving.pipeline import is_as_asked, solve
from planner.solving.price_of_robustness import Step, best_for_each, most_legs, steps
from tests.late_legs import World
from tests.worlds import HOUR, road, store, truck, village, world

pytestmark = pytest.mark.usefixtures("short_searches")

# Those with 0 or 1 are searched for long; of those that stay out overnight 2 is on time, 6 is guaranteed.
SLOW = [(seed, overnight, timed) for overnight in Overnight for timed in (False, True) for seed in range(2)]
QUICK = [(0, Overnight.HOME, False), (0, Overnight.ANYWHERE, False)]
QUICK += [(seed, Overnight.STOP, False) for seed in (2, 6)]
CASES = QUICK + [pytest.param(one, marks=pytest.mark.slow) for one in SLOW if one not in QUICK]


@cache
def instance_of(seed, overnight, timed):
    return World(seed, overnight=overnight, docks="own", timed=timed).instance


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_search_promises_the_check_finds_guaranteed(case, monkeypatch):
    instance, guarantee = instance_of(*case), 1 + case[0] % 2
    searches: list[ComponentSearch] = []

    def kept(*arguments, **more):
        searches.append(ComponentSearch(*arguments, **more))
        return searches[-1]

    monkeypatch.setattr(jobs, "ComponentSearch", kept)
    found = solve(instance, SolveOptions(effort=1, workers=0, guarantee=guarantee))  # rejected: raises
    (search,) = searches
    if sum(got.over_s <= 0 for got in search.incumbent.received.values()) == len(instance.regions):
        assert found.plan.status is Status.GUARANTEED
        assert is_as_asked(found)
        assert found.plan.gamma == guarantee
    elif found.plan.status is Status.ON_TIME:
        assert not is_as_asked(found)


AB = [village("A"), village("B")]
EDGES = [road("wa", "W", "A", HOUR), road("wb", "W", "B", HOUR), road("ab", "A", "B", HOUR)]


def late_world(deadline_h, number=2, **more):
    return world(
        AB,
        [truck(number=number, price_day=100, price_km=1)],
        EDGES,
        deadline_s=deadline_h * HOUR,
        delays=(Delay(id="all", fixed_s=2 * HOUR),),
        **more,
    )


def test_a_guarantee_takes_a_second_vehicle_where_one_is_enough_as_planned():
    plain = solve(late_world(4), SolveOptions(effort=1, workers=0, guarantee=0)).plan
    firm = solve(late_world(4), SolveOptions(effort=1, workers=0, guarantee=1)).plan
    assert (plain.status, plain.vehicles_used) == (Status.ON_TIME, 1)
    assert (firm.status, firm.vehicles_used) == (Status.GUARANTEED, 2)
    assert firm.cost > plain.cost


def test_what_cannot_be_guaranteed_is_still_on_time_as_planned():
    found = solve(late_world(3), SolveOptions(effort=1, workers=0, guarantee=1))
    assert found.plan.status is Status.ON_TIME
    assert not is_as_asked(found)
    assert found.verdict.robustness.not_guaranteed


def test_promises_that_are_given_up_are_told():
    """One truck, one box: B first is safe, but then A is 5 min late; A first, and B may be 5 h late."""
    villages = [village("A"), village("B")]
    edges = [
        road("wa", "W", "A", HOUR, delay_max_s=5 * HOUR, delay_back_max_s=5 * HOUR),
        road("wb", "W", "B", HOUR),
    ]
    instance = world(
        villages,
        [truck(mass_kg=10, overnight=Overnight.ANYWHERE)],
        edges,
        deadlines=(
            Deadline(place="A", deadline_s=3 * HOUR + 600 + 300),
            Deadline(place="B", deadline_s=6 * HOUR),
        ),
        settings={"guarantee": 1},
    )
    found = solve(instance, SolveOptions(effort=1, workers=0))
    assert found.plan.status is Status.ON_TIME
    assert found.verdict.robustness.not_guaranteed == ("A", "B")
    (one,) = found.given_up
    assert (one.component, one.regions, one.late_s) == ("W", ("B",), {"A": 300})
    (line,) = given_up_lines(found.given_up, instance)
    assert line == (
        "Given up so that fewer are late as planned: 1 more region could be promised if there may be late: "
        "Village A (A) by 5 min."
    )
    assert solve(instance, SolveOptions(effort=1, workers=0, guarantee=0)).given_up == ()


MORNING = CalendarRow(calendar="morning", opens_s=8 * HOUR, closes_s=12 * HOUR)
STORE = CalendarRow(calendar="store", opens_s=5 * HOUR, closes_s=20 * HOUR)


def morning_world(deadline_s, overnight, window):
    """A truck may set out at 5, is at A at 8 or, late, at 13, when A has closed until 8 on the next day."""
    return world(
        [village("A", calendar="morning", handover_s=HOUR)],
        [truck(number=1, price_km=1, overnight=overnight)],
        [road("wa", "W", "A", 3 * HOUR)],
        deadline_s=deadline_s,
        warehouses=(store(calendar="store"),),
        calendars=(replace(MORNING, window=window), STORE),
        delays=(Delay(id="all", fixed_s=5 * HOUR),),
    )


@pytest.mark.parametrize("overnight", Overnight)
@pytest.mark.parametrize("window", WindowRule)
def test_a_late_service_slips_to_the_next_opening_if_the_deadline_still_holds(overnight, window):
    received_s = 33 * HOUR  # at 9 on the next day
    just = morning_world(received_s + 1, overnight, window)
    found = solve(just, SolveOptions(effort=1, workers=0, guarantee=1))
    assert found.plan.status is Status.GUARANTEED
    assert [one.received_s for one in found.verdict.robustness.worst] == [received_s]
    over = morning_world(received_s, overnight, window)
    found = solve(over, SolveOptions(effort=1, workers=0, guarantee=1))
    assert found.plan.status is Status.ON_TIME
    assert [one.received_s for one in found.verdict.robustness.worst] == [received_s]


@pytest.mark.parametrize("overnight", Overnight)
@pytest.mark.parametrize("window", WindowRule)
def test_so_the_kernel_has_it(overnight, window):
    """What it proposes keeps all deadlines with one late leg, or says by a second proposal that it cannot."""

    def proposed(deadline_s):
        instance = morning_world(deadline_s, overnight, window)
        problem = build_echelons(instance, "W", instance.regions, 1).root
        heard = []
        engine_named("sisr").propose(problem, budget=Budget(effort=1), seed=1, report=heard.append)
        return [[(one.route.consignments, one.load_start_s) for one in trips] for trips in heard]

    trip = ((0,), 5 * HOUR)
    assert proposed(33 * HOUR + 1) == [[trip]]
    assert proposed(33 * HOUR) == [[trip], []]


def test_steps_end_where_no_more_can_be_had(tmp_path):
    target = tmp_path / "plan.json"
    taken = list(steps(late_world(11), SolveOptions(effort=1, workers=0), output=target))
    assert [one.late_legs for one in taken] == list(range(len(taken)))
    assert all(one.is_good for one in taken[:-1])
    assert taken[-1].late_legs >= 1
    assert not taken[-1].is_good or taken[-1].late_legs >= most_legs(taken[-1].result.plan)
    assert all(0 <= one.chance <= 1 for one in taken)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_who_withstands_more_withstands_less_too():
    """A row of the table never shows a plan that costs more than one for more late legs."""
    one = next(steps(late_world(4), SolveOptions(effort=1, workers=0)))

    def step(late_legs: int, status: Status, cost: int, margin_s: int) -> Step:
        regions = tuple(replace(row, received_s=row.deadline_s - margin_s) for row in one.result.plan.regions)
        plan = replace(one.result.plan, status=status, cost=cost, regions=regions)
        return Step(late_legs, replace(one.result, plan=plan), 0.5)

    good, on_time = Status.GUARANTEED, Status.ON_TIME
    taken = [
        step(0, on_time, 90, 60),
        step(1, good, 100, 60),
        step(2, good, 100, 3600),
        step(3, good, 95, 60),
        step(4, on_time, 80, 60),
    ]
    found = best_for_each(taken)
    assert [one.late_legs for one in found] == [0, 1, 2, 3, 4]
    assert [one.is_good for one in found] == [True, True, True, True, False]
    assert [one.result.plan.cost for one in found] == [90, 95, 95, 95, 80]
    assert best_for_each(taken[:3])[1].result.plan.smallest_margin_s == 3600
    assert best_for_each([]) == []


def by_price(cheap, dear, delay_h, **more):
    """A at 1 h from W, ways late by so much; what a search finds is set: the cheap truck, or the dear one."""
    return world(
        [village("A")],
        [truck("cheap", price_trip=cheap), truck("dear", price_trip=dear, speed_percent=200)],
        [road("wa", "W", "A", HOUR)],
        delays=(Delay(id="all", fixed_s=delay_h * HOUR),),
        **more,
    )


def finding(monkeypatch, instance, trucks):
    """Let the search of each step know one truck only, in this order; and say from what it went on."""
    order, based = iter(trucks), []

    def narrow(given, options, **_):
        name = next(order)
        based.append(options.base)
        one = tuple(kind for kind in given.vehicles if kind.id == name)
        found = solve(replace(given, vehicles=one), replace(options, base=None))
        return replace(
            found,
            plan=replace(
                found.plan, instance_digest=digest(instance), instance_tables=table_digests(instance)
            ),
        )

    monkeypatch.setattr(price_of_robustness, "solve", narrow)
    return based


def rows_of(taken):
    return [(one.late_legs, one.result.plan.cost, one.is_good) for one in taken]


def test_a_plan_for_fewer_late_legs_that_withstands_more_is_taken_for_both(monkeypatch):
    """The second search finds the dear truck only, but the cheap one withstands as much."""
    instance = by_price(10, 50, delay_h=1, deadline_s=9 * HOUR)
    based = finding(monkeypatch, instance, ["cheap", "dear", "dear"])
    taken = list(steps(instance, SolveOptions(effort=1, workers=0)))
    assert rows_of(taken) == [(0, 10, True), (1, 10, True), (2, 10, True)]
    assert [one.beside.result.plan.cost for one in taken[1:]] == [50, 50]
    assert taken[2].result.plan.options["guarantee"] == "2"
    assert check_plan(taken[2].result.plan, instance.clock, instance).passed
    assert rows_of(best_for_each(taken)) == rows_of(taken)
    assert based[0] is None
    assert [one.cost for one in based[1:]] == [10, 10]  # each goes on from the plan before


def test_a_plan_for_more_late_legs_that_is_cheaper_is_taken_for_both(monkeypatch):
    instance = by_price(10, 50, delay_h=1, deadline_s=9 * HOUR)
    finding(monkeypatch, instance, ["dear", "cheap", "dear"])
    taken = list(steps(instance, SolveOptions(effort=1, workers=0)))
    assert rows_of(taken) == [(0, 50, True), (1, 10, True), (2, 10, True)]
    assert rows_of(best_for_each(taken)) == [(0, 10, True), (1, 10, True), (2, 10, True)]


def test_a_plan_that_fails_for_more_late_legs_is_taken_for_those_it_withstands(monkeypatch):
    """Asked for one late leg the search finds the cheap truck, which is late then, but not without."""
    instance = by_price(10, 50, delay_h=2, deadline_s=3 * HOUR + 1)
    finding(monkeypatch, instance, ["dear", "cheap", "dear"])
    taken = list(steps(instance, SolveOptions(effort=1, workers=0)))
    assert rows_of(taken)[:2] == [(0, 50, True), (1, 50, True)]
    assert (taken[1].beside.late_legs, taken[1].beside.result.plan.cost) == (0, 10)
    assert rows_of(best_for_each(taken))[:2] == [(0, 10, True), (1, 50, True)]


@pytest.mark.parametrize("seed", range(6))
def test_search_and_check_know_the_same_delays(seed):
    instance = instance_of(seed % 4, Overnight.HOME, timed=False)
    own = Delays(instance)
    for kind in instance.vehicles:
        home = kind.home or kind.warehouse
        nodes = (home, *(one for one in ("A", "B", "C", "D", "H", "K", "W") if one != home))
        found = with_delays(instance, kind, travel(instance, kind, nodes))
        for start in range(len(nodes)):
            for end in range(len(nodes)):
                if start == end or not found.reachable[start, end]:
                    continue
                total = 0
                for step in found.path(start, end):
                    if step.kind == "known":
                        row = next(one for one in instance.known_trips if one.id == step.ref)
                        total += own.of_known(kind, row)
                    else:
                        edge = next(one for one in instance.edges if one.id == step.ref)
                        total += own.of_edge(kind, edge, forward=step.kind == "forward")
                assert found.delay_s[start, end] == total


def test_gamma_of_a_type_stands_before_that_of_the_instance():
    instance = late_world(11, settings={"guarantee": 1})
    two = replace(instance, vehicles=tuple(replace(one, gamma=0) for one in instance.vehicles))
    assert solve(two, SolveOptions(effort=1, workers=0)).plan.gamma == 0
    assert solve(instance, SolveOptions(effort=1, workers=0)).plan.gamma == 1
