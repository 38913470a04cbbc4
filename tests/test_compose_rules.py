"""Each rule of composition by itself: trips that just keep it solve, and trips that just break it do not.

Problems made directly: a trip to the region at x of a line takes 2x seconds and costs 2x.
"""

import ast
import pkgutil
from dataclasses import replace
from pathlib import Path

import pytest
from ortools.sat.python import cp_model

from planner.base.rules import RULES
from planner.compose import joint_model, master, rules, vehicle_assignment
from planner.compose.component_solution import empty
from planner.compose.neighbourhoods import Free
from planner.compose.options import options_of
from planner.compose.rules import (
    chain,
    cost,
    deadline,
    docks,
    exactly_once,
    hub_storage,
    outage,
    split,
    stock,
    transfer,
    vehicle_overlap,
    work_limit,
)
from planner.compose.rules.hub_storage import Stay
from planner.compose.stages import cp_solver
from planner.compose.variants import variants_of
from planner.instance.schema import Hub, HubKind
from planner.problem.consignment import Supply
from planner.problem.echelons import EchelonProblem, Echelons
from planner.problem.fleet import Prices
from planner.problem.problem import Route
from planner.propose.engine import Budget
from planner.propose.pool import candidate
from planner.replanning import model
from tests import problems

MODULES = sorted(one.name for one in pkgutil.iter_modules(rules.__path__))


OWN = {
    node.name: node
    for node in ast.parse(Path(__file__).read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef | ast.ClassDef)
}


def words_behind(name):
    """All names that a function of this file says, and that those say that it calls."""
    found, left = set(), [name]
    while left:
        for node in ast.walk(OWN[left.pop()]):
            word = getattr(node, "attr", getattr(node, "id", ""))
            if word in OWN and word not in found:
                left.append(word)
            found.add(word)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_a_rule_with_both_tests(name):
    assert RULES[name].composed.split(":")[0] == f"{rules.__name__}.{name}"
    for how in ("kept", "broken"):
        said = OWN[f"test_{name}_{how}"]
        assert any(isinstance(node, ast.Assert) for node in ast.walk(said))
        assert RULES[name].composed.split(":")[1] in words_behind(said.name)


def used_by(*models):
    used = set()
    for one in models:
        for node in ast.walk(ast.parse(Path(one.__file__).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == rules.__name__:
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module.startswith(rules.__name__):
                used.add(node.module.removeprefix(rules.__name__ + "."))
    return used


def test_every_module_is_used_by_a_model():
    assert used_by(master, vehicle_assignment, joint_model) == set(MODULES)


def test_a_replan_states_every_rule_by_the_same_modules():
    """Who is out of use is in its ledger, and of a chain no leg is left to choose."""
    assert used_by(model) == set(MODULES) - {"outage", "chain"}


class Tiny:
    """A model in which it is given what is driven when: a start, or None, for each order of consignments."""

    def __init__(self, problem, driven, *, shared=None):
        self.problem = problem
        self.model = shared.model if shared else cp_model.CpModel()
        trips = [candidate(problem, Route(0, order)) for order in driven]
        variants = variants_of(problem, trips, with_late=True)
        self.options = options_of(self.model, trips, variants)
        starts = list(driven.values())
        for one in self.options:
            start = starts[one.variant.candidate]
            here = start is not None and one.variant.low_s <= start <= one.variant.high_s
            self.model.add(one.used == here)
            if here:
                self.model.add(one.start == start)

    @property
    def solves(self):
        status = cp_solver(Budget(effort=1), 1.0, 1).solve(self.model)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE)
        return status != cp_model.INFEASIBLE


def flags(tiny, **values):
    """Variables of a model with these values."""
    found = {name: tiny.model.new_bool_var(name) for name in values}
    for name, value in values.items():
        tiny.model.add(found[name] == value)
    return found


# ---------------------------------------------------------------- exactly_once


def covered(*, loads=None, all_may_miss=False, missing=(), away=(), **driven):
    """Trips a to the first region, b to the second, ab to both."""
    problem = problems.problem([0, 100, 200], loads=loads)
    orders = {"a": (0,), "b": (1,), "ab": (0, 1)}
    tiny = Tiny(problem, {orders[name]: start for name, start in driven.items()})
    others = {idx: tiny.model.new_constant(1) for idx in away}
    found = exactly_once.cover(tiny.model, problem, tiny.options, all_may_miss=all_may_miss, away=others)
    for idx, var in found.items():
        tiny.model.add(var == (idx in missing))
    return tiny.solves


def test_exactly_once_kept():
    assert covered(a=0, b=0, ab=None)
    assert covered(a=None, b=None, ab=0)
    assert covered(a=0, b=None, all_may_miss=True, missing=[1])
    assert covered(a=0, b=None, loads=[problems.load(0), problems.load(1, prize=5)], missing=[1])
    assert covered(a=0, b=None, away=[1])


def test_exactly_once_broken():
    assert not covered(a=0, b=None, ab=0)  # a twice
    assert not covered(a=0, b=None, ab=None)  # b missing
    assert not covered(a=0, b=None, all_may_miss=True)  # and it must say so
    assert not covered(a=0, b=0, all_may_miss=True, missing=[1])
    assert not covered(a=None, b=0, loads=[problems.load(0), problems.load(1, prize=5)])
    assert not covered(a=0, b=0, away=[1])


# ---------------------------------------------------------------- vehicle_overlap


def driven_by(vehicles, *starts, as_variable=False, **kind):
    """As many trips of 200 s, each to a region of its own."""
    problem = problems.problem([0, *[100] * len(starts)], kinds=[problems.kind(number=9, **kind)])
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    number = tiny.model.new_int_var(0, vehicles, "n") if as_variable else vehicles
    driving = vehicle_overlap.driving(tiny.model, problem, tiny.options)
    vehicle_overlap.at_once(tiny.model, driving, number)
    vehicle_overlap.limit_trips(tiny.model, problem.fleet[0], tiny.options, number)
    return tiny.solves


@pytest.mark.parametrize("as_variable", [False, True])
def test_vehicle_overlap_kept(as_variable):
    assert driven_by(1, 0, 200, as_variable=as_variable)
    assert driven_by(2, 0, 199, as_variable=as_variable)
    assert driven_by(2, 0, 0, as_variable=as_variable, open_end=True)
    assert driven_by(1, 0, 200, as_variable=as_variable, max_trips=2)
    assert driven_by(2, 0, 200, 400, as_variable=as_variable, max_trips=2)


@pytest.mark.parametrize("as_variable", [False, True])
def test_vehicle_overlap_broken(as_variable):
    assert not driven_by(1, 0, 199, as_variable=as_variable)
    assert not driven_by(2, 0, 1, 199, as_variable=as_variable)
    assert not driven_by(1, 0, 9000, as_variable=as_variable, open_end=True)
    assert not driven_by(1, 0, 200, 400, as_variable=as_variable, max_trips=2)


# ---------------------------------------------------------------- work_limit


def worked(vehicles, work_s, *starts):
    """Trips of 200 s; what is worked on the first day."""
    kinds = [problems.kind(number=9, work_s=work_s)]
    problem = problems.problem([0, *[100] * len(starts)], kinds=kinds)
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    work_limit.limit_work(tiny.model, problem.fleet[0], 0, tiny.options, vehicles)
    return tiny.solves


def test_work_limit_kept():
    assert worked(1, 400, 0, 200)
    assert worked(2, 200, 0, 200)
    assert worked(1, 399, 0, None)
    assert worked(1, None, 0, 200)


def test_work_limit_broken():
    assert not worked(1, 399, 0, 200)
    assert not worked(2, 299, 0, 200, 400)


# ---------------------------------------------------------------- docks


def loaded_at(number, *starts):
    """Loads of 100 s."""
    kinds = [problems.kind(number=9, load_fixed_s=100)]
    points = [0, *[100] * len(starts)]
    problem = problems.problem(points, kinds=kinds, origins=[problems.origin(docks=number)])
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    docks.limit_docks(tiny.model, problem, tiny.options)
    return tiny.solves


def test_docks_kept():
    assert loaded_at(1, 0, 100)
    assert loaded_at(2, 0, 99, None)


def test_docks_broken():
    assert not loaded_at(1, 0, 99)
    assert not loaded_at(2, 0, 50, 99)


# ---------------------------------------------------------------- outage


def used_with_outages(vehicles, out, *starts):
    """Trips of 200 s by vehicles of which some are out of use."""
    kinds = [problems.kind(number=vehicles, out=out)]
    problem = problems.problem([0, *[100] * len(starts)], kinds=kinds)
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    driving = vehicle_overlap.driving(tiny.model, problem, tiny.options)
    outage.limit_vehicles(tiny.model, problem.fleet[0], driving)
    return tiny.solves


def loaded_with_outages(number, out, *starts):
    """Loads of 100 s at docks of which some are out of use."""
    kinds = [problems.kind(number=9, load_fixed_s=100)]
    origins = [replace(problems.origin(docks=number), out=out)]
    problem = problems.problem([0, *[100] * len(starts)], kinds=kinds, origins=origins)
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    docks.limit_docks(tiny.model, problem, tiny.options)
    return tiny.solves


def test_outage_kept():
    assert used_with_outages(2, ((1, 100, 400),), 0, 200)
    assert used_with_outages(2, ((1, 0, 300),), 0, 300)
    assert loaded_with_outages(2, ((100, 400, 1),), 0, 0, 100)
    assert loaded_with_outages(1, ((100, 400, 1),), 0, 400)


def test_outage_broken():
    assert not used_with_outages(2, ((1, 100, 400),), 0, 199)
    assert not used_with_outages(1, ((0, 199, 400),), 0)
    assert not loaded_with_outages(2, ((99, 400, 1),), 0, 0)
    assert not loaded_with_outages(1, ((100, 400, 1),), 1)


# ---------------------------------------------------------------- split


def received_on(*starts, after_s=10, on=None):
    """Trips that bring something of one part of a region; days begin at 0, 100 and 200 s."""
    model = cp_model.CpModel()
    found = [
        split.Receipt(
            "lot", model.new_constant(1), model.new_constant(start), start - 50, start + 50, after_s
        )
        for start in starts
    ]
    split.one_day(model, (0, 100, 200), found, None if on is None else {"lot": on})
    return cp_solver(Budget(effort=1), 1.0, 1).solve(model) != cp_model.INFEASIBLE


def test_split_kept():
    assert received_on(60, 89)
    assert received_on(90, 189)
    assert received_on(60, 190, on=(0, 2))


def test_split_broken():
    assert not received_on(60, 90)
    assert not received_on(60, 89, on=(1,))
    assert not received_on(60, 190)


# ---------------------------------------------------------------- stock


def taken_at(*starts, sure=(1, 2), unsure=()):
    """Trips that take one box each; there is one, and another from 1000 s on."""
    supply = Supply("box", (0, 1000), (1, 2), (1,) * len(starts), sure)
    problem = problems.problem([0, *[100] * len(starts)], supplies=(supply,), unsure=frozenset(unsure))
    tiny = Tiny(problem, {(idx,): start for idx, start in enumerate(starts)})
    stock.limit_loads(tiny.model, problem, tiny.options)
    return tiny.solves


def test_stock_kept():
    assert taken_at(0, 1000)
    assert taken_at(2000, 3000, None)


def test_stock_broken():
    assert not taken_at(0, 999)
    assert not taken_at(0, 2000, 3000)


def test_stock_that_cannot_be_counted_on():
    """The second box is never sure: who takes it is promised nothing, and comes after who is promised."""
    assert not taken_at(0, 1000, sure=(1, 1))
    assert taken_at(0, 1000, sure=(1, 1), unsure=(1,))
    assert not taken_at(1000, 0, sure=(1, 1), unsure=(1,))
    assert taken_at(1000, 0, sure=(1, 1), unsure=(0, 1))
    assert not taken_at(1000, 1500, sure=(1, 1), unsure=(1,))  # the first must not wait for the second


# ---------------------------------------------------------------- transfer


def transferred(come_s, leave_s, *, searched="both", missing=None):
    """A trip to a hub takes 100 s; what it brings, one piece, is ready 60 + 1 x 5 s later."""
    above = problems.problem([0, 100], loads=[problems.load(0, pieces=1)])
    below = problems.problem([100, 150], loads=[problems.load(0, pieces=1)])
    hub = Hub(
        id="H", name="H", kind=HubKind.OFFICE, lat=0.0, lon=0.0, transfer_fixed_s=60, transfer_piece_s=5
    )
    echelon = EchelonProblem(below, above=0, stop=0, source=(0,), hub=hub)
    first = Tiny(above, {(0,): come_s})
    second = Tiny(below, {(0,): leave_s}, shared=first)
    brought = transfer.handovers(echelon, first.options)
    if searched == "both":
        moments = {0: first.model.new_int_var(0, above.horizon_s, "r")}
        transfer.bring_by(first.model, brought, moments)
        transfer.load_after(first.model, second.options, moments)
    elif searched == "above":
        transfer.bring_by(first.model, brought, {} if leave_s is None else {0: leave_s})
    else:
        ready = {} if come_s is None else {0: come_s + 165}
        transfer.load_after(first.model, second.options, ready)
    if missing is not None:
        gone = flags(first, above=missing[0], below=missing[1])
        transfer.only_what_comes(first.model, echelon, {0: gone["above"]}, {0: gone["below"]})
    return first.solves


@pytest.mark.parametrize("searched", ["both", "above", "below"])
def test_transfer_kept(searched):
    assert transferred(0, 165, searched=searched)
    assert transferred(0, None, searched=searched)
    assert transferred(None, None, searched=searched)
    assert transferred(0, None, searched=searched, missing=(False, True))
    assert transferred(None, None, searched=searched, missing=(True, True))


@pytest.mark.parametrize("searched", ["both", "above", "below"])
def test_transfer_broken(searched):
    assert not transferred(0, 164, searched=searched)
    assert not transferred(1, 165, searched=searched)
    assert not transferred(None, None, searched=searched, missing=(True, False))


def test_transfer_broken_by_what_does_not_come():
    assert not transferred(None, 165, searched="below")


@pytest.mark.parametrize(("start_s", "kept"), [(200, True), (199, False)])
def test_a_trip_waits_for_the_last_of_what_it_carries(start_s, kept):
    problem = problems.problem([0, 100, 200])
    tiny = Tiny(problem, {(0, 1): start_s})
    transfer.load_after(tiny.model, tiny.options, {0: 100, 1: 200})
    assert tiny.solves == kept


@pytest.mark.parametrize("missing", [False, True])
def test_what_leaves_in_any_case_comes(missing):
    problem = problems.problem([0, 100])
    tiny = Tiny(problem, {})
    echelon = EchelonProblem(problem, above=0, stop=0, source=(0,))
    above = {0: flags(tiny, m=missing)["m"]}
    transfer.only_what_comes(tiny.model, echelon, above, {}, taken=frozenset({0}))
    assert tiny.solves == (not missing)


# ---------------------------------------------------------------- hub_storage


def lying(*times, room_cm3, there=None):
    """Goods of 5 cm³ each that come and leave at these moments."""
    tiny = Tiny(problems.problem([0, 100]), {})
    there = there or [1] * len(times)
    stays = [Stay(f"{idx}", 5, there[idx], come_s, leave_s) for idx, (come_s, leave_s) in enumerate(times)]
    hub_storage.limit_storage(tiny.model, stays, room_cm3=room_cm3, horizon_s=1000)
    return tiny.solves


def test_hub_storage_kept():
    assert lying((0, 100), (100, 200), room_cm3=5)
    assert lying((0, 101), (100, 200), room_cm3=10)
    assert lying((0, 101), (100, 200), room_cm3=5, there=[1, 0])


def test_hub_storage_broken():
    assert not lying((0, 101), (100, 200), room_cm3=5)
    assert not lying((0, 101), (100, 200), room_cm3=9)
    assert not lying((0, 101), (100, 200), (50, 101), room_cm3=14)


@pytest.mark.parametrize(("start_s", "kept"), [(100, True), (101, False)])
def test_what_is_driven_says_how_long_goods_lie(start_s, kept):
    """Two variants of the trip that takes the first goods away: the driven one counts."""
    problem = problems.problem([0, 100], midnights=(0, 101, 2 * problems.DAY))
    tiny = Tiny(problem, {(0,): start_s})
    assert len(tiny.options) == 2
    leaves = [(one.used, one.start) for one in tiny.options]
    stays = [Stay("a", 5, 1, 0, leaves), Stay("b", 5, 1, 100, 1000)]
    hub_storage.limit_storage(tiny.model, stays, room_cm3=5, horizon_s=1000)
    assert tiny.solves == kept


# ---------------------------------------------------------------- deadline


def lateness(start_s, *, missing=(), weight=None, minutes=None, **more):
    """A trip of 100 s to a region of weight 3 that is on time where it receives before 200 s."""
    problem = problems.problem([0, 100], deadline_s=200, **more)
    problem.weight[0] = 3
    tiny = Tiny(problem, {(0,): start_s})
    gone = {0: tiny.model.new_constant(1)} if missing else {}
    found = list(deadline.receipts(problem, tiny.options, gone))
    if weight is not None:
        (late,) = deadline.late_weights(tiny.model, found)
        tiny.model.add(late <= weight)
    if minutes is not None:
        tiny.model.add(deadline.lateness_min(tiny.model, found) <= minutes)
    return tiny.solves


def test_deadline_kept():
    assert lateness(99, weight=0, minutes=0)
    assert lateness(100, weight=3, minutes=3)
    assert lateness(159, weight=3, minutes=3)
    assert lateness(160, weight=3, minutes=6)
    assert lateness(None, missing=[0], weight=4 * 3, minutes=0)


def test_deadline_broken():
    assert not lateness(100, weight=2)
    assert not lateness(100, minutes=2)
    assert not lateness(160, minutes=5)
    assert not lateness(None, missing=[0], weight=4 * 3 - 1)


@pytest.mark.parametrize("weight", [0, 3, 4 * 3])
def test_trips_that_stay_are_late_in_any_case(weight):
    """Nothing is driven here: a region is late, or without something, by what is not searched."""
    tiny = Tiny(problems.problem([0, 100]), {})
    more = {"name": "A", "weight": 3, "counts": True, "late": (), "horizon_s": 1000}
    over_s = 61 if weight == 3 else 0
    found = [deadline.Receipt(missing=weight > 3, over_s=over_s, is_late=over_s > 0, **more)]
    (total,) = deadline.late_weights(tiny.model, found)
    minutes = deadline.lateness_min(tiny.model, found)
    tiny.model.add(total <= weight)
    tiny.model.add(minutes <= (6 if weight == 3 else 0))
    assert tiny.solves
    tiny.model.add(total + minutes <= weight + (5 if weight == 3 else -1))
    assert not tiny.solves


# ---------------------------------------------------------------- cost


def costs(total, *, left_out=False):
    """A trip of 200 m, a vehicle-day of 50 and a vehicle of 700; or a prize of 30 in their place."""
    kinds = [problems.kind(prices=Prices(700, 50, 0, 1000, 0))]
    problem = problems.problem([0, 100], kinds=kinds, loads=[problems.load(0, prize=30)])
    tiny = Tiny(problem, {(0,): None if left_out else 0})
    var = flags(tiny, m=left_out, n=not left_out)
    driven = [(0, var["n"])]
    spent = cost.cost_of(problem, tiny.options, days=driven, vehicles=driven, missing={0: var["m"]})
    tiny.model.add(spent <= total)
    return tiny.solves


def test_cost_kept():
    assert costs(200 + 50 + 700)
    assert costs(30, left_out=True)


def test_cost_broken():
    assert not costs(200 + 50 + 700 - 1)
    assert not costs(29, left_out=True)


# ---------------------------------------------------------------- chain


def gone_by(first, second, straight):
    """Whether a consignment goes by each of the two legs of its chain, and straight."""
    tiny = Tiny(problems.problem([0, 100]), {})
    away = flags(tiny, first=not first, second=not second, straight=not straight)
    by_chain = tiny.model.new_bool_var("by_chain")
    legs = [away["first"], away["second"]]
    chain.one_way(tiny.model, by_chain, chain=legs, straight=[away["straight"]])
    return tiny.solves


def test_chain_kept():
    assert gone_by(True, True, False)
    assert gone_by(False, False, True)


def test_chain_broken():
    assert not gone_by(True, False, False)
    assert not gone_by(True, True, True)
    assert not gone_by(False, False, False)


@pytest.mark.parametrize(("leg_stays", "straight_away"), [(False, True), (True, False)])
def test_echelons_that_stay_choose_the_way(leg_stays, straight_away):
    tiny = Tiny(problems.problem([0, 100]), {})
    by_chain = tiny.model.new_bool_var("by_chain")
    chain.one_way(tiny.model, by_chain, chain=[leg_stays], straight=[straight_away])
    assert tiny.solves
    tiny.model.add(by_chain == leg_stays)
    assert not tiny.solves


def test_an_echelon_is_searched_while_another_that_stays_lacks_something():
    """Two hubs below a warehouse; nothing goes anywhere, and only the trips of the first are searched."""
    trunk = problems.problem([0, 100, 200, 300], loads=[problems.load(0), problems.load(1), problems.load(2)])
    straight = {1: 2}  # what goes by the second hub may go straight to the third place
    local = problems.problem([100, 150])
    each = (
        EchelonProblem(trunk, hubs=(1, 2, -1)),
        *(EchelonProblem(local, above=0, stop=hub, source=(hub,), hubs=(-1,)) for hub in (0, 1)),
    )
    component = Echelons(each, straight)
    found = joint_model.JointModel(component, empty(component), {1: Free((), ())}, with_late=True)
    assert cp_solver(Budget(effort=1), 1.0, 1).solve(found.model) == cp_model.OPTIMAL
