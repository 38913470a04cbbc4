"""From an instance to problems: splitting, deadlines, areas, and each kind of proof."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from planner.building.places import component_ids, deadline_of, not_before_of, regions_in_area
from planner.building.shortage import regions_to_leave
from planner.instance.schema import (
    CalendarRow,
    Closure,
    Deadline,
    Echelon,
    Item,
    KnownTrip,
    Mode,
    Overnight,
    Stock,
)
from planner.plans.model import ProofKind
from planner.proof.impossibility import flaws
from planner.proof.world import World
from tests.worlds import BOX, HOUR, hub, problem_of, road, store, truck, village, world

EDGES = [road("a", "W", "A"), road("b", "A", "B")]
AB = [village("A"), village("B")]


def proofs_of(instance):
    """The proofs of W's problem, each verified by the checker."""
    problem = problem_of(instance)
    short = {name for one in problem.proofs if one.kind is ProofKind.STOCK for name in one.regions}
    for proof in problem.proofs:
        assert flaws(World(instance), proof, problem.places[1:], short) == []
    return problem, problem.proofs


# Splitting


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(0, 90),
    st.lists(st.tuples(st.integers(10, 120), st.sampled_from([None, 1, 3, 50])), min_size=1, max_size=2),
    st.booleans(),
)
def test_every_unit_is_in_exactly_one_consignment_that_some_vehicle_holds(boxes, people, kinds, two_parts):
    paper = Item(id="paper", name="Paper", per="people", mass_g=900, volume_cm3=5, pieces=0)
    sign = Item(
        id="sign", name="Sign", per="region", mass_g=9000, volume_cm3=5, part="late" if two_parts else "main"
    )
    fleet = [truck(f"K{idx}", mass_kg=mass, pieces=pieces) for idx, (mass, pieces) in enumerate(kinds)]
    region = village("A", boxes=boxes, people=people)
    problem = problem_of(world([region], fleet, [road("a", "W", "A")], items=(BOX, paper, sign)))
    parts = {one.part for one in problem.consignments}
    assert parts == ({"main", "late"} if two_parts else {"main"})
    for part in parts:
        mine = [one for one in problem.consignments if one.part == part]
        assert [unit for one in mine for unit in range(one.first_unit, one.first_unit + one.units)] == list(
            range(boxes)
        )
    for idx in problem.served:
        one = problem.consignments[idx]
        assert any(
            one.mass_g <= kind.mass_g and (kind.pieces is None or one.pieces <= kind.pieces)
            for kind in problem.fleet
        )
    total = boxes * 10_000 + people * 900 + 9000
    assert sum(one.mass_g for one in problem.consignments) == total
    assert len({one.id for one in problem.consignments}) == len(problem.consignments)
    assert bool(problem.unserved) == bool(problem.proofs)


def test_a_small_demand_is_not_split():
    problem = problem_of(world([village("A", boxes=5)], [truck(mass_kg=100)], EDGES[:1]))
    assert [one.units for one in problem.consignments] == [5]


def test_a_region_larger_than_every_vehicle_is_split_evenly():
    problem = problem_of(world([village("A", boxes=11)], [truck(mass_kg=40)], EDGES[:1]))
    assert [one.units for one in problem.consignments] == [1] * 11
    problem = problem_of(world([village("A", boxes=50)], [truck(mass_kg=160)], EDGES[:1]))
    assert [one.units for one in problem.consignments] == [4] * 11 + [3] * 2


def test_a_trip_that_its_shift_cannot_load_is_split_too():
    # a day of 12 h: 2 h of way, 10 min of hand-over, so 9 h 50 for boxes of an hour each
    kind = truck(mass_kg=1000, load_piece_s=HOUR, calendar="shift")
    problem = problem_of(world([village("A", boxes=20)], [kind], [road("a", "W", "A", HOUR)]))
    assert max(one.units for one in problem.consignments) <= 9
    assert len(problem.served) == len(problem.consignments)


def test_a_region_without_units_has_nothing_to_receive():
    problem = problem_of(world([village("A", boxes=0), village("B")], [truck()], EDGES))
    assert problem.consignments_of == ((), (0,))
    assert problem.proofs == ()


def test_a_region_out_of_reach_without_units_is_not_proven_anything():
    assert problem_of(world([village("A", boxes=0)], [truck()], [])).proofs == ()


def test_types_without_vehicles_or_of_other_warehouses_are_not_there():
    kinds = [truck("K0", number=0), truck("K1", warehouse="V"), truck("K2")]
    problem = problem_of(world([village("A")], kinds, EDGES[:1], warehouses=(store(), store("V"))))
    assert [kind.id for kind in problem.fleet] == ["K2"]


# Deadlines, not_before, areas

PLACED = village("A", area="64", subarea="64.1")
LIMITS = {"deadline_s": 5, "not_before_s": 1}


@pytest.mark.parametrize("count", range(5))
def test_the_most_exact_row_holds(count):
    places = ["", "64", "64.1", "A"][:count]
    rows = [
        Deadline(place=place, deadline_s=10 + at, not_before_s=20 + at) for at, place in enumerate(places)
    ]
    rows.append(Deadline(place="A", echelon=Echelon.HUB, deadline_s=1, not_before_s=1))
    instance = world([PLACED], [truck()], [], deadlines=tuple(rows), settings=LIMITS)
    assert deadline_of(instance, PLACED) == (9 + count if count else 5)
    assert not_before_of(instance, PLACED) == (19 + count if count else 1)


def test_deadline_and_not_before_are_looked_up_separately():
    rows = (Deadline(place="A", deadline_s=7), Deadline(place="64", deadline_s=8, not_before_s=3))
    instance = world([PLACED], [truck()], [], deadlines=rows, settings=LIMITS)
    assert (deadline_of(instance, PLACED), not_before_of(instance, PLACED)) == (7, 3)


def test_an_area_is_a_list_of_regions_subareas_and_areas():
    regions = [PLACED, village("B", area="64", subarea="64.2"), village("C", area="65", warehouse="V")]
    instance = world(regions, [truck()], [], warehouses=(store("V"), store()))

    def names(area):
        return [one.id for one in regions_in_area(instance, area)]

    assert names("") == names(" , ") == ["A", "B", "C"]
    assert names("64") == ["A", "B"]
    assert names("64.2") == ["B"]
    assert names("C, 64.1") == ["A", "C"]
    with pytest.raises(KeyError, match="66, X"):
        names("X,64,66")
    assert component_ids(instance, regions) == ("V", "W")
    assert component_ids(instance, regions_in_area(instance, "64")) == ("W",)


# Proofs


def test_without_an_obstacle_nothing_is_proven():
    problem, proofs = proofs_of(world(AB, [truck()], EDGES))
    assert (proofs, problem.unserved) == ((), frozenset())


def test_a_missing_edge_cuts_off():
    problem, proofs = proofs_of(world(AB, [truck()], EDGES[:1]))
    assert [(one.kind, one.regions, one.edges) for one in proofs] == [(ProofKind.CUT, ("B",), ())]
    assert problem.unserved == {1}


def test_a_closed_edge_cuts_off_and_is_named():
    closures = (Closure(id="c", edge="a"),)
    problem, proofs = proofs_of(world(AB, [truck()], EDGES, closures=closures))
    assert [(one.kind, one.regions, one.edges) for one in proofs] == [(ProofKind.CUT, ("A", "B"), ("a",))]
    assert problem.unserved == {0, 1}


@pytest.mark.parametrize(("until_s", "proven"), [(10 * HOUR, True), (10 * HOUR - 1, False)])
def test_a_flood_that_lasts_too_long_is_proven(until_s, proven):
    closures = (Closure(id="c", edge="a", until_s=until_s),)
    instance = world(AB[:1], [truck()], EDGES[:1], closures=closures, deadline_s=10 * HOUR + 1800 + 600)
    problem, proofs = proofs_of(instance)
    expected = [(ProofKind.EARLIEST_ARRIVAL, ("A",))] if proven else []
    assert [(one.kind, one.regions) for one in proofs] == expected
    assert problem.unserved == frozenset()


@pytest.mark.parametrize(("closes_s", "proven"), [(3 * HOUR + 600, False), (3 * HOUR + 599, True)])
def test_no_way_back_through_a_flood_is_proven(closes_s, proven):
    rows = (CalendarRow(calendar="six", opens_s=0, closes_s=6 * HOUR),)
    closures = (Closure(id="c", edge="back", from_s=closes_s),)
    edges = [road("there", "W", "A", 2 * HOUR, back_s=None), road("back", "A", "W", HOUR, back_s=None)]
    kind = truck(calendar="six")
    _, proofs = proofs_of(world(AB[:1], [kind], edges, closures=closures, calendars=rows))
    assert [one.kind for one in proofs] == ([ProofKind.EARLIEST_ARRIVAL] if proven else [])


def test_an_edge_whose_calendar_never_opens_cuts_off():
    never = (CalendarRow(calendar="never", opens_s=None, closes_s=None),)
    edges = [replace(EDGES[0], calendar="never"), EDGES[1]]
    _, proofs = proofs_of(world(AB, [truck()], edges, calendars=never))
    assert [(one.kind, one.regions, one.edges) for one in proofs] == [(ProofKind.CUT, ("A", "B"), ("a",))]


def test_an_edge_of_another_mode_cuts_off_and_is_named():
    edges = [road("a", "W", "A"), road("river", "A", "B", mode=Mode.RIVER)]
    _, proofs = proofs_of(world(AB, [truck()], edges))
    assert [(one.kind, one.regions, one.edges) for one in proofs] == [(ProofKind.CUT, ("B",), ("river",))]


def test_a_one_way_edge_cuts_off():
    edges = [road("a", "W", "A"), road("b", "B", "A", back_s=None)]
    _, proofs = proofs_of(world(AB, [truck()], edges))
    assert [(one.kind, one.regions, one.edges) for one in proofs] == [(ProofKind.CUT, ("B",), ("b",))]


def test_a_known_trip_from_another_place_is_no_cut():
    known = (KnownTrip(id="k", from_node="A", to_node="B", time_s=60, distance_m=1),)
    problem, proofs = proofs_of(world(AB, [truck(open_end=True)], EDGES[:1], known_trips=known))
    assert proofs == ()
    assert problem.unserved == {1}  # no direct trip: not served, and not proven impossible


def test_a_vehicle_that_comes_by_a_known_trip_from_another_place_counts_for_the_capacity():
    boat = truck("K1", modes=(Mode.RIVER,), open_end=True)
    edges = [*EDGES, road("river", "W", "A", mode=Mode.RIVER)]
    known = (KnownTrip(id="k", from_node="A", to_node="B", time_s=60, distance_m=1),)
    instance = world(AB, [truck(mass_kg=5), boat], edges, known_trips=known)
    problem, proofs = proofs_of(instance)
    assert proofs == ()
    assert problem.unserved == {1}


def test_of_vehicles_without_way_back_nothing_is_claimed_wrongly():
    edges = [road("a", "W", "A", back_s=None)]
    _, proofs = proofs_of(world(AB[:1], [truck()], edges))
    assert {one.kind for one in proofs} <= {ProofKind.EARLIEST_ARRIVAL}


@pytest.mark.parametrize(("deadline_s", "proven"), [(1800 + 600, True), (1800 + 601, False)])
def test_an_earliest_arrival_at_the_deadline_is_too_late(deadline_s, proven):
    instance = world(AB[:1], [truck(), truck("slow", speed_percent=50)], EDGES[:1], deadline_s=deadline_s)
    problem, proofs = proofs_of(instance)
    assert [one.kind for one in proofs] == [ProofKind.EARLIEST_ARRIVAL] * proven
    assert problem.unserved == frozenset()  # late rather than never
    if proven:
        assert proofs[0].figures["earliest"] == instance.clock.text(2400)


def test_not_before_the_opening_hours_and_the_shift_count_for_the_earliest_arrival():
    region = village("A", calendar="office")
    instance = world([region], [truck(calendar="shift")], EDGES[:1], deadline_s=8 * HOUR + 600)
    assert [one.kind for one in proofs_of(instance)[1]] == [ProofKind.EARLIEST_ARRIVAL]
    instance = world([region], [truck(calendar="shift")], EDGES[:1], deadline_s=8 * HOUR + 601)
    assert proofs_of(instance)[1] == ()


def test_waiting_at_stops_is_no_proof_where_going_on_would_be_in_time():
    kind = truck(calendar="shift", overnight=Overnight.STOP)
    edges = [road("a", "W", "A", 13 * HOUR)]  # longer than every shift; with pauses it would be there
    problem, proofs = proofs_of(world(AB[:1], [kind], edges))
    assert proofs == ()
    assert problem.unserved == {0}


def test_a_night_shift_is_no_proof_where_a_later_start_shares_the_work_between_two_days():
    kind = truck(calendar="night", work_s=4 * HOUR)
    edges = [
        road("a", "W", "A", 3 * HOUR)
    ]  # 6 h 10 in all: not from the begin of the shift, not from midnight
    _, proofs = proofs_of(world(AB[:1], [kind], edges))
    assert proofs == ()


def test_a_trip_that_cannot_be_back_within_the_horizon_is_never_claimed_against_the_checker():
    instance = world(
        AB[:1], [truck()], [road("a", "W", "A", 10 * HOUR)], horizon_s=15 * HOUR, deadline_s=15 * HOUR
    )
    proofs_of(instance)


@pytest.mark.parametrize(
    ("more", "proven"),
    [
        ({"mass_kg": 9}, True),
        ({"mass_kg": 10}, False),
        ({"volume_dm3": 9}, True),
        ({"volume_dm3": 10}, False),
        ({"pieces": 1}, False),
    ],
)
def test_a_unit_beyond_every_vehicle_is_proven(more, proven):
    edges = [*EDGES[:1], road("x", "W", "J", mode=Mode.AIR)]
    large_elsewhere = truck("plane", modes=(Mode.AIR,), mass_kg=1000)
    problem, proofs = proofs_of(world(AB[:1], [truck(**more), large_elsewhere], edges, hubs=(hub("J"),)))
    assert [one.kind for one in proofs] == [ProofKind.CAPACITY] * proven
    assert problem.unserved == ({0} if proven else frozenset())


def test_only_the_first_unit_may_exceed_because_of_what_is_counted_once():
    sign = Item(id="sign", name="Sign", per="region", mass_g=1000, volume_cm3=0)
    instance = world([village("A", boxes=3)], [truck(mass_kg=10)], EDGES[:1], items=(BOX, sign))
    assert [one.kind for one in proofs_of(instance)[1]] == [ProofKind.CAPACITY]


# Stock


def stocked(*boxes, quantity, people=None, **tables):
    people = people or [1] * len(boxes)
    regions = [
        village(f"R{idx}", number, weight)
        for idx, (number, weight) in enumerate(zip(boxes, people, strict=True))
    ]
    edges = [road(f"e{idx}", "W", one.id) for idx, one in enumerate(regions)]
    stock = (Stock(warehouse="W", item="box", quantity=quantity),)
    return world(regions, [truck()], edges, stock=stock, **tables)


def test_enough_stock_proves_nothing():
    assert proofs_of(stocked(2, 3, quantity=5))[1] == ()


def test_with_too_little_stock_the_lightest_regions_go_without():
    problem, proofs = proofs_of(stocked(2, 2, 2, quantity=5, people=[5, 3, 4]))
    assert [(one.kind, one.regions, one.figures) for one in proofs] == [
        (ProofKind.STOCK, ("R1",), {"items": "box"})
    ]
    assert problem.unserved == {1}


def test_stock_of_other_warehouses_does_not_count():
    instance = stocked(2, 3, quantity=5)
    rows = (*instance.stock, Stock(warehouse="V", item="box", quantity=0))
    assert proofs_of(replace(instance, stock=rows))[1] == ()


def test_rows_of_an_item_are_added_up():
    instance = stocked(2, 3, quantity=4)
    rows = (*instance.stock, Stock(warehouse="W", item="box", quantity=1, available_s=-5))
    assert proofs_of(replace(instance, stock=rows))[1] == ()


def test_a_region_that_nobody_reaches_takes_no_stock_from_others():
    instance = stocked(2, 2, quantity=2, people=[9, 1])
    instance = replace(instance, edges=instance.edges[1:])  # R0 is cut off
    problem, proofs = proofs_of(instance)
    assert [(one.kind, one.regions) for one in proofs] == [(ProofKind.CUT, ("R0",))]
    assert problem.unserved == {0}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_the_weight_left_out_is_least(rows, stock_a, stock_b):
    needs = [{"a": need_a, "b": need_b} for need_a, need_b, _ in rows]
    weights = [weight for _, _, weight in rows]
    left = regions_to_leave(needs, weights, {"a": stock_a, "b": stock_b})

    def enough(keep):
        return all(
            sum(need[item] for need, kept in zip(needs, keep, strict=True) if kept) <= stock
            for item, stock in (("a", stock_a), ("b", stock_b))
        )

    least = min(
        sum(weight for weight, kept in zip(weights, keep, strict=True) if not kept)
        for keep in product([True, False], repeat=len(rows))
        if enough(keep)
    )
    assert sum(weights[idx] for idx in left) == least
    assert enough([idx not in left for idx in range(len(rows))])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 9), st.sampled_from([5, 10, 50])), min_size=1, max_size=5
    ),
    st.integers(0, 9),
    st.integers(0, 5),
)
def test_every_proof_of_stock_convinces_the_checker(rows, quantity, cut):
    """Also where some are cut off, and one vehicle is too small for a part of what they need."""
    instance = stocked(*(boxes for boxes, _, _ in rows), quantity=quantity, people=[one[1] for one in rows])
    sign = Item(id="sign", name="Sign", part="late", per="region", mass_g=20_000, volume_cm3=0)
    stock = (*instance.stock, Stock(warehouse="W", item="sign", quantity=quantity))
    edges = tuple(one for one in instance.edges if one.id != f"e{cut}")
    kinds = (truck(mass_kg=rows[0][2]),)
    proofs_of(replace(instance, items=(BOX, sign), stock=stock, edges=edges, vehicles=kinds))


@pytest.mark.parametrize("status", ["unknown", "feasible"])
def test_nobody_is_left_out_for_whom_there_is_enough_though_the_search_was_cut_short(status, monkeypatch):
    solver = "ortools.sat.python.cp_model.CpSolver"
    number = {"unknown": cp_model.UNKNOWN, "feasible": cp_model.FEASIBLE}[status]
    monkeypatch.setattr(f"{solver}.solve", lambda self, model: number)
    monkeypatch.setattr(f"{solver}.value", lambda self, var: False)
    needs = [{"a": 2}, {"a": 3}, {"a": 0}, {"a": 1}]
    assert regions_to_leave(needs, [4, 9, 1, 2], {"a": 4}) == (0,)


def test_who_needs_nothing_of_a_short_item_is_never_left_out():
    assert regions_to_leave([{"a": 0}, {"a": 3}], [1, 9], {"a": 2}) == (1,)


def test_calendars_that_never_open_leave_nothing_but_a_proof():
    never = (CalendarRow(calendar="never", opens_s=None, closes_s=None),)
    region = village("A", calendar="never")
    problem, proofs = proofs_of(world([region], [truck()], EDGES[:1], calendars=never))
    assert [(one.kind, one.figures) for one in proofs] == [(ProofKind.EARLIEST_ARRIVAL, {"earliest": ""})]
    assert problem.unserved == {0}
