"""Stock that comes after the start: shares, cuts, exhaustive search over units, proofs and reasons."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.instance.kits import Load
from planner.instance.schema import CalendarRow, Item, Stock
from planner.outputs.summary import reason_texts
from planner.plans.model import Proof, ProofKind, RegionStatus, Status
from planner.problem.consignment import Supply
from planner.problem.supply import Stores, arrivals, by_urgency, needed_from, released, split
from planner.proof.impossibility import earliest_receipt, flaws
from planner.proof.world import World
from planner.reasons.regions import proven
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests import exhaustive_units
from tests.worlds import BOX, CLOCK, HOUR, problem_of, road, store, timed_worlds, truck, village, world

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0)
SHEET = Item(id="sheet", name="Sheet", per="boxes", mass_g=100, volume_cm3=10, pieces=0, part="ballots")


def come(quantity, available_s=None, item="box", warehouse="W"):
    return Stock(warehouse=warehouse, item=item, quantity=quantity, available_s=available_s)


def star(*villages, ways=(), warehouse="W"):
    """Edges from the warehouse to each village, and between neighbours."""
    names = [one.id for one in villages]
    hours = ways or [1] * len(names)
    edges = [
        road("w" + name, warehouse, name, way * HOUR, length_m=way * 10_000)
        for name, way in zip(names, hours, strict=True)
    ]
    near = [
        road("x" + one, one, other, max(1, abs(a - b)) * HOUR, length_m=max(7000, abs(a - b) * 10_000))
        for one, other, a, b in zip(names, names[1:], hours, hours[1:], strict=False)
    ]
    return edges + near


def priced(name="T", **more):
    return truck(name, **({"price_trip": 20_000, "price_km": 1000} | more))


def results(found):
    return {one.region_id: (one.status, one.reason) for one in found.plan.regions}


# Curves, shares and cuts


def test_rows_make_one_curve_and_what_comes_after_the_end_does_not_count():
    rows = (
        come(2, 9 * HOUR),
        come(4),
        come(1, -5),
        come(3, 9 * HOUR),
        come(7, 72 * HOUR),
        come(1, 10, "sheet"),
    )
    instance = world([village("A")], [truck()], [], stock=rows, items=(BOX, SHEET))
    assert arrivals(instance, "W") == {"box": ((0, 9 * HOUR), (5, 10)), "sheet": ((0, 10), (0, 1))}
    assert arrivals(instance, "V") == {}


def test_what_needs_several_items_waits_for_the_last():
    curves = {"box": ((0, 60), (2, 5)), "sheet": ((0, 90), (0, 9))}
    assert needed_from(curves, {"box": 3, "sheet": 1}) == (90, "sheet")
    assert needed_from(curves, {"box": 3}) == (60, "box")
    assert needed_from(curves, {"box": 6, "sheet": 1}) == (None, "box")
    assert needed_from(curves, {"box": 2, "other": 8}) == (0, "")


def late_problem(*rows, boxes=(2, 1), **more):
    villages = [village(f"R{idx}", boxes=number) for idx, number in enumerate(boxes)]
    return problem_of(world(villages, [priced(mass_kg=100)], star(*villages), stock=rows, **more))


def test_stock_that_is_enough_at_the_start_is_no_supply():
    assert late_problem(come(3), come(9, HOUR)).supplies == ()
    assert late_problem().supplies == ()
    (supply,) = late_problem(come(2), come(9, HOUR)).supplies
    assert (supply.moments, supply.amounts, sum(supply.needs)) == ((0, HOUR), (2, 11), 3)


def test_who_goes_without_needs_nothing_of_what_comes_late():
    problem = late_problem(come(1), come(1, HOUR))  # R0 needs 2, R1 needs 1
    assert [proof.regions for proof in problem.proofs] == [("R0",)]
    assert problem.supplies == ()


def test_what_was_given_first_is_not_given_again():
    problem = late_problem(come(2), come(1, HOUR))
    stores = Stores(problem)
    first, second, third = problem.served
    assert stores.allows([first, second], 0)
    assert not stores.allows([first, second, third], HOUR - 1)
    assert stores.allows([first, second, third], HOUR)
    stores.take([first, second], HOUR)  # this takes what is there later, too
    assert stores.allows([], 0)
    assert stores.earliest([third]) == (0, "")
    stores.take([third], 0)
    assert stores.earliest([third]) == (None, "box")
    assert not stores.allows([third], 2 * HOUR)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_whatever_keeps_the_releases_loads_no_more_than_has_come(boxes, rows, random):
    problem = late_problem(
        come(0), *(come(number, hour * HOUR) for hour, number in rows), come(99, 50 * HOUR), boxes=boxes
    )
    order = list(problem.served)
    random.shuffle(order)
    for one in (order, by_urgency(problem)):
        shared = released(problem, one)
        assert shared.supplies == ()
        for hour in range(52):
            loaded = sum(got.units for got in shared.consignments if got.release_s <= hour * HOUR)
            there = sum(number for when, number in rows if when <= hour) + (99 if hour >= 50 else 0)
            assert loaded <= there
        assert all(
            got.release_s >= was.release_s
            for got, was in zip(shared.consignments, problem.consignments, strict=True)
        )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=12),
    st.lists(st.integers(0, 60), min_size=1, max_size=3),
)
def test_runs_that_are_cut_hold_every_unit_once_and_meet_each_receipt(boxes, coming):
    rows = [come(number, hour * HOUR) for hour, number in enumerate(coming)]
    problem = late_problem(*rows, come(sum(boxes), 20 * HOUR), boxes=boxes)
    for region, mine in enumerate(problem.consignments_of):
        some = [problem.consignments[idx] for idx in mine]
        runs = sorted((one.first_unit, one.units) for one in some)
        assert [first + number for first, number in runs] == [first for first, _ in runs[1:]] + [
            boxes[region]
        ]
    (supply,) = problem.supplies or (None,)
    if supply is not None and len(problem.consignments) <= 12:
        some = {0}
        for need in supply.needs:
            some |= {one + need for one in some}
        assert some.issuperset(min(amount, sum(boxes)) for amount in supply.amounts)


def test_many_runs_are_cut_only_where_a_receipt_is_used_up():
    needs = {(idx, "main"): [Load(10_000, 10_000, 1, {"box": 1})] * 10 for idx in range(30)}
    runs = {key: [(0, 10)] for key in needs}
    cut = split(runs, needs, {"box": ((0, HOUR, 2 * HOUR), (15, 40, 300))})
    changed = {key: mine for key, mine in cut.items() if mine != [(0, 10)]}
    assert changed == {(1, "main"): [(0, 5), (5, 5)]}  # 15 = 10 + 5; 40 is used up between two
    assert split(runs, needs, {"box": ((0, HOUR), (0, 300))}) == runs  # what all comes at once


# As good as exhaustive search over units


def score_of(found, instance):
    """The same figures of a plan, from what it says."""
    weight = {one.id: max(1, one.counts["people"]) for one in instance.regions}
    late = [one for one in found.plan.regions if one.status is RegionStatus.LATE]
    missing = [one for one in found.plan.regions if one.status is RegionStatus.UNDELIVERED]
    return (
        sum(weight[one.region_id] for one in missing),
        sum(weight[one.region_id] for one in late),
        sum(weight[one.region_id] * (1 + one.received_s - one.deadline_s) for one in late),
        found.plan.cost,
    )


def agrees(instance, warehouses=("W",)):
    """Solve, check (a solve does) and compare; lateness is composed by the minute."""
    found = solve(instance, QUICK)
    own, best = score_of(found, instance), [exhaustive_units.least(instance, one) for one in warehouses]
    least = tuple(sum(figures) for figures in zip(*best, strict=True))
    assert own[:2] == least[:2], (own, least)
    if own[1]:
        assert 0 <= own[2] - least[2] < 60 * sum(one.counts["people"] for one in instance.regions)
    else:
        assert own[3] == least[3], (own, least)
    bounds = [one.lower_bound for one in found.plan.components]
    assert all(one is None or one <= least[3] for one in bounds)
    return found


def two(boxes_a=2, boxes_b=1, **more):
    return village("A", boxes=boxes_a, people=2, **more), village("B", boxes=boxes_b, people=3, **more)


def test_where_there_is_time_the_trip_waits_and_is_driven_once():
    villages = two()
    instance = world(villages, [priced()], star(*villages), stock=(come(2), come(1, 20 * HOUR)))
    found = agrees(instance)
    (trip,) = found.plan.trips
    assert trip.load_start_s == 20 * HOUR


def test_where_all_that_comes_late_cannot_be_loaded_together_a_part_goes_before():
    # half an hour for each box: three of them loaded from ten are at A after twelve, one is not
    kind = priced(mass_kg=100, load_piece_s=1800)
    instance = world(
        [village("A", boxes=3)],
        [kind],
        star(village("A")),
        stock=(come(2), come(1, 10 * HOUR)),
        deadline_s=12 * HOUR,
    )
    found = solve(instance, QUICK)
    assert found.plan.status is Status.ON_TIME
    assert [one.pieces for one in found.plan.trips] == [2, 1]
    assert found.plan.trips[1].load_start_s == 10 * HOUR


def test_what_is_short_early_goes_to_who_cannot_wait():
    villages = two(2, 2)
    rows = (come(2), come(2, 9 * HOUR))
    edges = star(*villages, ways=(1, 6))
    instance = world(villages, [priced(number=2)], edges, stock=rows, deadline_s=14 * HOUR)
    found = agrees(instance)
    assert found.plan.status is Status.ON_TIME
    assert [[stop.node_id for stop in one.stops] for one in found.plan.trips] == [["B"], ["A"]]


def test_a_part_that_comes_later_goes_with_the_rest_or_apart():
    villages = (village("A", boxes=2),)
    rows = (come(2, 30 * HOUR, "sheet"),)
    found = agrees(world(villages, [priced()], star(*villages), stock=rows, items=(BOX, SHEET)))
    assert len(found.plan.trips) == 1  # waiting is cheaper
    bike = priced("M", mass_kg=1, price_trip=1000, price_km=100)
    lorry = priced(mass_kg=30, speed_percent=100)
    rows = (come(2, 46 * HOUR, "sheet"),)
    slow = replace(village("A", boxes=2), handover_s=HOUR)
    found = agrees(
        world([slow], [lorry, bike], star(slow), stock=rows, items=(BOX, SHEET), deadline_s=49 * HOUR)
    )
    assert found.plan.status is Status.ON_TIME


def test_two_warehouses_wait_each_for_their_own():
    villages = (*two(1, 1), village("C", boxes=2, warehouse="V"))
    edges = star(*villages[:2]) + star(villages[2], warehouse="V")
    instance = world(
        villages,
        [priced(), priced("X", warehouse="V")],
        edges,
        warehouses=(store(), store("V")),
        stock=(come(1), come(1, 10 * HOUR), come(0, warehouse="V"), come(2, 5 * HOUR, warehouse="V")),
    )
    found = agrees(instance, ("W", "V"))
    assert {one.origin_id: one.load_start_s for one in found.plan.trips} == {"W": 10 * HOUR, "V": 5 * HOUR}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_random_receipts_are_planned_as_well_as_can_be(data):
    boxes = [data.draw(st.integers(1, 2)), data.draw(st.integers(0, 2))]
    villages = two(*boxes)
    first = data.draw(st.integers(0, sum(boxes) - 1))
    later = data.draw(st.integers(0, sum(boxes) - first))
    rows = (come(first), come(later, 4 * HOUR), come(sum(boxes) - first - later, 9 * HOUR))
    kinds = [priced(mass_kg=data.draw(st.sampled_from([10, 20, 50])), number=data.draw(st.integers(1, 2)))]
    ways = (1, data.draw(st.integers(1, 3)))
    deadline_s = data.draw(st.sampled_from([7, 11, 14, 40])) * HOUR
    agrees(world(villages, kinds, star(*villages, ways=ways), stock=rows, deadline_s=deadline_s))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_parts_go_apart_or_together_as_well_as_can_be(data):
    villages = two(1, 1) if data.draw(st.booleans()) else (village("A", boxes=2, people=2),)
    moments = st.sampled_from([0, 4 * HOUR, 9 * HOUR])
    rows = (come(1, data.draw(moments)), come(1, 10 * HOUR), come(2, data.draw(moments), "sheet"))
    bike = priced("M", mass_kg=1, price_trip=data.draw(st.sampled_from([1000, 30_000])), price_km=100)
    kinds = [priced(mass_kg=data.draw(st.sampled_from([11, 30]))), bike]
    ways = [data.draw(st.integers(1, 3)) for _ in villages]
    more = {
        "stock": rows,
        "items": (BOX, SHEET),
        "deadline_s": data.draw(st.sampled_from([8, 12, 30])) * HOUR,
    }
    agrees(world(villages, kinds, star(*villages, ways=ways), **more))


@pytest.mark.parametrize("engine", ["sisr", "ortools"])
def test_every_engine_keeps_to_what_has_come(engine):
    villages = [village(f"R{idx}", boxes=idx % 3 + 1, people=idx) for idx in range(9)]
    rows = (come(4), come(6, 7 * HOUR), come(5, 15 * HOUR), come(3, 26 * HOUR))
    kinds = [priced(number=2, mass_kg=60, calendar="shift", load_piece_s=300)]
    edges = star(*villages, ways=[idx % 4 + 1 for idx in range(9)])
    found = solve(world(villages, kinds, edges, stock=rows), replace(QUICK, engine=engine))
    assert found.plan.status is Status.ON_TIME  # and the check knows what has come
    taken = [(one.load_start_s, one.pieces) for one in found.plan.trips]
    assert sum(pieces for _, pieces in taken) == 18
    for moment, amount in ((7 * HOUR, 4), (15 * HOUR, 10), (26 * HOUR, 15)):
        assert sum(pieces for start, pieces in taken if start < moment) <= amount


# Proofs and reasons


def late_world(*rows, deadline_s=11 * HOUR, boxes=2):
    villages = (village("A", boxes=boxes, people=2),)
    return world(villages, [priced()], star(*villages), stock=rows, deadline_s=deadline_s)


def proof_flaws(instance, earliest, **figures):
    proof = Proof(ProofKind.EARLIEST_ARRIVAL, ("A",), figures={"earliest": CLOCK.text(earliest), **figures})
    return flaws(World(instance), proof, ("A",), ())


def test_a_receipt_that_comes_too_late_is_proven_and_said():
    found = solve(late_world(come(1), come(1, 10 * HOUR)), QUICK)
    assert found.plan.status is Status.IMPOSSIBLE
    assert results(found) == {"A": (RegionStatus.LATE, "stock_comes")}
    ((proof,),) = (one.proofs for one in found.plan.components)
    assert proof.figures == {
        "earliest": CLOCK.text(11 * HOUR + 600),
        "item": "box",
        "available": CLOCK.text(10 * HOUR),
    }
    just = solve(late_world(come(1), come(1, 10 * HOUR - 601)), QUICK)
    assert just.plan.status is Status.ON_TIME


def test_the_checker_knows_when_all_of_an_item_has_come():
    instance = late_world(come(1), come(1, 10 * HOUR))
    world_ = World(instance)
    assert earliest_receipt(world_, instance.region_of["A"]) == 11 * HOUR + 600
    at = {"item": "box", "available": CLOCK.text(10 * HOUR)}
    assert proof_flaws(instance, 11 * HOUR + 600, **at) == []
    assert [one.amount for one in proof_flaws(instance, 11 * HOUR + 601, **at)] == [1]
    assert len(proof_flaws(instance, 11 * HOUR + 600, **at | {"item": "sheet"})) == 1
    assert len(proof_flaws(instance, 11 * HOUR + 600, **at | {"available": CLOCK.text(9 * HOUR)})) == 1
    early = late_world(come(1), come(1, 10 * HOUR - 601))
    assert [one.amount for one in proof_flaws(early, 11 * HOUR + 600)] == [1]  # a second before the deadline
    enough = late_world(come(2), come(1, 10 * HOUR), deadline_s=HOUR)
    named = proof_flaws(enough, HOUR + 600, item="box", available=CLOCK.text(0))
    assert len(named) == 1  # all is there: no item is the cause


def test_what_never_comes_in_time_has_no_earliest_receipt():
    after = late_world(come(1), come(1, 72 * HOUR))
    assert earliest_receipt(World(after), after.region_of["A"]) is None
    assert World(after).there_from_s("W", "box", 2) is None
    assert World(after).there_from_s("W", "sheet", 2) == 0


def test_too_little_before_the_last_deadline_is_proven_and_said():
    villages = two(1, 1)
    rows = (come(1), come(1, 10 * HOUR))
    found = solve(world(villages, [priced()], star(*villages), stock=rows, deadline_s=8 * HOUR), QUICK)
    assert found.plan.status is Status.IMPOSSIBLE
    assert results(found) == {"A": (RegionStatus.LATE, "stock_early"), "B": (RegionStatus.ON_TIME, "")}
    ((proof,),) = (one.proofs for one in found.plan.components)
    assert (proof.kind, proof.regions) == (ProofKind.STOCK, ("A",))
    assert proof.figures == {"items": "box", "before": CLOCK.text(8 * HOUR)}
    (late,) = (one for one in found.plan.regions if one.reason)
    assert late.params["available"] == CLOCK.text(10 * HOUR)
    assert late.received_s == 11 * HOUR + 600  # it is delivered all the same


def test_the_checker_knows_the_last_deadline_of_such_a_proof():
    villages = two(1, 1)

    def flaws_with(available_s, before):
        rows = (come(1), come(1, available_s))
        instance = world(villages, [priced()], star(*villages), stock=rows, deadline_s=8 * HOUR)
        figures = {"items": "box", "before": CLOCK.text(before)}
        proof = Proof(ProofKind.STOCK, ("A",), figures=figures)
        return flaws(World(instance), proof, ("A", "B"), ("A",))

    assert flaws_with(8 * HOUR, 8 * HOUR) == []
    assert [one.amount for one in flaws_with(8 * HOUR - 1, 8 * HOUR)] == [1]  # then there is just enough
    assert len(flaws_with(8 * HOUR, 9 * HOUR)) == 1


def test_who_goes_without_and_who_is_late_are_proven_side_by_side():
    villages = (*two(1, 1), village("C", people=1))
    form = replace(SHEET, id="form", per="region", part="main")
    rows = (come(2, item="form"), come(1), come(9, 10 * HOUR))
    more = {"stock": rows, "items": (BOX, form), "deadline_s": 8 * HOUR}
    found = solve(world(villages, [priced()], star(*villages), **more), QUICK)
    assert results(found) == {
        "A": (RegionStatus.LATE, "stock_early"),
        "B": (RegionStatus.ON_TIME, ""),
        "C": (RegionStatus.UNDELIVERED, "stock"),
    }
    ((short, early),) = (one.proofs for one in found.plan.components)
    assert (short.regions, early.regions) == (("C",), ("A",))


def test_who_waits_for_others_to_be_served_is_told_so():
    villages = two(1, 1)
    rows = (come(1), come(1, 7 * HOUR))
    found = solve(
        world(villages, [priced()], star(*villages, ways=(1, 2)), stock=rows, deadline_s=8 * HOUR), QUICK
    )
    assert found.plan.status is Status.LATE
    assert results(found) == {"A": (RegionStatus.LATE, "stock_late"), "B": (RegionStatus.ON_TIME, "")}
    (late,) = (one for one in found.plan.regions if one.reason)
    assert dict(late.params) == {"item": "box", "available": CLOCK.text(7 * HOUR), "warehouse": "Store W"}


def test_what_comes_too_late_for_any_trip_is_left_behind():
    villages = (village("A", boxes=2, people=2), village("B"))
    rows = (come(2), come(1, 71 * HOUR))
    found = solve(world(villages, [priced()], star(*villages), stock=rows), QUICK)
    assert found.plan.status is Status.IMPOSSIBLE
    assert [one.status for one in found.plan.regions].count(RegionStatus.ON_TIME) == 1
    assert {one.reason for one in found.plan.regions} == {"", "stock_early"}
    instance = world(villages[:1], [priced()], star(villages[0]), stock=(come(1), come(1, 71 * HOUR)))
    assert len(problem_of(instance).unserved) == 0  # either of its boxes may go first
    whole = world(villages[:1], [priced()], star(villages[0]), stock=(come(0), come(2, 71 * HOUR)))
    assert len(problem_of(whole).unserved) == len(problem_of(whole).consignments)
    assert results(solve(whole, QUICK)) == {"A": (RegionStatus.UNDELIVERED, "stock_comes")}


def keeps(supply, loads):
    """Whether loads (how much, which moment, promised) find enough, and promised ones what is sure."""
    for position in range(len(supply.moments)):
        taken = sum(need for need, at, _ in loads if at <= position)
        promised = any(at == position and is_promised for _, at, is_promised in loads)
        if taken > (supply.sure if promised else supply.amounts)[position]:
            return False
    return True


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_stores_allow_what_keeps_promises_and_no_less(random):
    steps = [random.randint(0, 3) for _ in range(4)]
    amounts = tuple(sum(steps[: number + 1]) for number in range(4))
    sure = []
    for amount in amounts:
        sure.append(max(sure[-1] if sure else 0, random.randint(0, amount)))
    needs = tuple(random.randint(1, 3) for _ in range(6))
    supply = Supply("box", (0, 10, 20, 30), amounts, needs, tuple(sure))
    unsure = frozenset(random.sample(range(6), 3))
    stores, loads = Stores(SimpleNamespace(supplies=(supply,), unsure=unsure)), []
    for idx, need in enumerate(needs):
        at = random.randrange(4)
        more = [*loads, (need, at, idx not in unsure)]
        assert stores.allows([idx], supply.moments[at] + 9) == keeps(supply, more)
        earliest = [one for one in range(4) if keeps(supply, [*loads, (need, one, idx not in unsure)])]
        assert stores.earliest([idx])[0] == (supply.moments[earliest[0]] if earliest else None)
        if keeps(supply, more):
            stores.take([idx], supply.moments[at])
            loads = more


@settings(max_examples=25, deadline=None)
@given(timed_worlds(max_regions=2))
def test_no_reason_has_an_empty_moment_or_name(instance):
    """Issue 26.2: 'it cannot receive before .'"""
    found = solve(instance, QUICK)
    for one in found.plan.regions:
        if one.status is not RegionStatus.ON_TIME:
            assert all(one.params.values()), (one.reason, one.params)
            assert " ." not in (told := " ".join(reason_texts(one))) and "  " not in told, told


def test_what_never_comes_and_who_never_receives_have_words_of_their_own():
    instance = late_world(come(2, 9 * HOUR))
    problem = problem_of(instance)
    for figures, reason in [
        ({"earliest": ""}, "never_receives"),
        ({"earliest": "", "item": "box", "available": ""}, "stock_never_comes"),
        ({"earliest": CLOCK.text(9 * HOUR)}, "earliest_arrival"),
    ]:
        told = replace(problem, proofs=(Proof(ProofKind.EARLIEST_ARRIVAL, ("A",), figures=figures),))
        code, params = proven(told, 0, told)
        assert (code, all(params.values())) == (reason, True)
    never = (CalendarRow(calendar="never", opens_s=None, closes_s=None),)
    shut = world([village("A", calendar="never")], [truck()], star(village("A")), calendars=never)
    assert results(solve(shut, QUICK)) == {"A": (RegionStatus.UNDELIVERED, "never_receives")}
