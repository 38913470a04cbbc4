"""Decisions are obeyed by a solve, named as causes, and reported where they cannot be meant or contradict."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError, RefusedError
from planner.base.text import words
from planner.building.echelons import build_echelons
from planner.instance.cells import CellError
from planner.instance.local import Notation, plain_text
from planner.instance.read import read_instance
from planner.instance.schema import Chain, Deadline, Decision, DecisionRule, Stock, columns_of
from planner.instance.subjects import Subjects
from planner.plans.model import RegionStatus, Status
from planner.reasons.decisions import decision_reason
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world
from tests.tiny_folder import write_tiny
from tests.worlds import DAY, HOUR, road, store, truck, village, world, worlds

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0)
NAMES = "ABCD"


def decided(rule, subject, value="", name="D1"):
    return Decision(id=name, rule=DecisionRule(rule), subject=subject, value=value)


def four(*decisions, kinds=None, **more):
    """Four villages half an hour from the store and from each other."""
    places = ["W", *NAMES]
    edges = [road(f"{one}{other}", one, other) for at, one in enumerate(places) for other in places[at + 1 :]]
    kinds = (
        [truck(number=3, calendar="shift"), truck("S", number=1, calendar="shift")]
        if kinds is None
        else kinds
    )
    regions = [village(name, area="64", subarea="64.1" if name in "AB" else "64.2") for name in NAMES]
    return world(regions, kinds, edges, decisions=decisions, **more)


def solved(*decisions, **more):
    """The checked plan; `solve` raises where the check finds a decision broken."""
    return solve(four(*decisions, **more), QUICK).plan


def trips_to(plan, name):
    return [one for one in plan.trips if any(stop.node_id == name for stop in one.stops)]


def result(plan, name):
    return next(one for one in plan.regions if one.region_id == name)


def test_nothing_decided_is_one_trip():
    assert len(solved().trips) == 1


def test_use():
    plan = solved(decided("use", "A", "S"), decided("use", "B", "T/2+T/3", "D2"))
    assert plan.status is Status.ON_TIME
    assert {one.vehicle_type for one in trips_to(plan, "A")} == {"S"}
    assert {one.vehicle_id for one in trips_to(plan, "B")} <= {"T-02", "T-03"}


def test_never_use():
    plan = solved(decided("never_use", "T"), decided("never_use", "A", "S-01", "D2"))
    assert {one.vehicle_id for one in plan.trips} == {"S-01"}
    assert result(plan, "A").status is RegionStatus.UNDELIVERED
    assert result(plan, "A").reason == "decided"
    assert plan.components[0].proofs == ()
    assert plan.status is Status.LATE
    plan = solved(decided("never_use", "T/1+S"), decided("never_use", "T/3", "A", "D2"))
    assert {one.vehicle_id for one in plan.trips} <= {"T-02", "T-03"}
    assert {one.vehicle_id for one in trips_to(plan, "A")} == {"T-02"}


def test_day_of_a_place():
    plan = solved(decided("day", "A", "2024-11-23"))
    [trip] = trips_to(plan, "A")
    stop = next(one for one in trip.stops if one.node_id == "A")
    assert stop.start_s >= DAY
    assert stop.end_s <= 2 * DAY
    assert plan.status is Status.ON_TIME


def test_day_of_a_vehicle():
    plan = solved(decided("day", "T", "2024-11-23"), decided("never_use", "S", name="D2"))
    assert all(one.load_start_s >= DAY and one.end_s <= 2 * DAY for one in plan.trips)
    assert plan.status is Status.ON_TIME


def test_day_after_the_deadline_is_the_cause():
    plan = solved(decided("day", "A", "2024-11-24"), decided("never_use", "S", "B", "D2"))
    assert result(plan, "A").status is RegionStatus.LATE
    assert result(plan, "A").reason == "decided"
    assert result(plan, "A").params == {"decisions": "D1 (day A 2024-11-24)"}
    assert plan.status is Status.LATE


def test_depart_at():
    plan = solved(
        decided("depart_at", "A", "09:17"), decided("depart_at", "S", "2024-11-22T10:00+08:00", "D2")
    )
    assert all(one.depart_s % DAY == 9 * HOUR + 17 * 60 for one in trips_to(plan, "A"))
    assert all(one.depart_s == 10 * HOUR for one in plan.trips if one.vehicle_type == "S")
    assert plan.status is Status.ON_TIME


def test_together():
    far = [truck(number=4, mass_kg=20, calendar="shift", price_trip=1000)]  # two villages at once
    plan = solved(decided("together", "A", "D"), kinds=far)
    [trip] = trips_to(plan, "A")
    assert {stop.node_id for stop in trip.stops} == {"A", "D"}
    assert len(plan.trips) == 2


def test_together_on_several_trips_where_one_does_not_hold_all():
    regions = [village(name, boxes=4) for name in "AB"]
    edges = [road("a", "W", "A"), road("b", "W", "B"), road("c", "A", "B")]
    kinds = [truck(number=4, calendar="shift")]  # five boxes
    plan = solve(world(regions, kinds, edges, decisions=(decided("together", "A+B"),)), QUICK).plan
    assert plan.status is Status.ON_TIME
    assert len(plan.trips) >= 2
    assert all({stop.node_id for stop in one.stops} == {"A", "B"} for one in plan.trips)


def test_together_that_no_vehicle_can_do_is_the_cause():
    one_box = [truck(number=4, mass_kg=10, calendar="shift")]
    plan = solved(decided("together", "A+B"), kinds=one_box)
    assert [result(plan, name).reason for name in NAMES] == ["decided", "decided", "", ""]


def test_leave_out():
    plan = solved(decided("leave_out", "64.1"), decided("leave_out", "T/1", name="D2"))
    assert {stop.node_id for one in plan.trips for stop in one.stops} == {"C", "D"}
    assert result(plan, "A").reason == "left_out"
    assert result(plan, "A").params == {"decision": "D1"}
    assert all(one.vehicle_id != "T-01" for one in plan.trips)


def test_who_is_left_out_takes_no_stock():
    stock = (Stock(warehouse="W", item="box", quantity=3),)
    plan = solved(decided("leave_out", "A"), stock=stock)
    assert plan.components[0].proofs == ()
    assert [one.region_id for one in plan.regions if one.status is RegionStatus.ON_TIME] == ["B", "C", "D"]


def test_a_decision_does_not_make_it_proven_impossible():
    """The only vehicle is not to be used: nobody receives, and that is no proof."""
    plan = solved(decided("never_use", "T+S"))
    assert plan.trips == ()
    assert plan.status is Status.NOT_FOUND
    assert {one.reason for one in plan.regions} == {"decided"}
    assert plan.components[0].proofs == ()


def test_what_is_impossible_anyway_stays_proven():
    instance = four(decided("use", "A", "S"), deadline_s=6 * HOUR + 60)
    plan = solve(instance, QUICK).plan
    assert plan.status is Status.IMPOSSIBLE
    assert result(plan, "A").reason == "earliest_arrival"


def test_a_fleet_cut_short_by_decision_is_named():
    regions = [village(name, people=people) for name, people in zip(NAMES, (9, 8, 7, 6), strict=True)]
    edges = [road(name, "W", name, 2 * HOUR) for name in NAMES]
    kinds = [truck(number=2, mass_kg=10, calendar="shift")]
    instance = world(regions, kinds, edges, deadline_s=DAY, decisions=(decided("never_use", "T/2"),))
    plan = solve(instance, QUICK).plan
    late = {one.region_id: one.reason for one in plan.regions if one.reason}
    assert late == {"C": "fleet_decided", "D": "fleet_decided"}


def test_departures_that_docks_limit_are_named():
    """Two trucks may leave at 09:00 only, and there is one dock: one of the two is loaded by then."""
    kinds = [truck(number=2, mass_kg=10, calendar="shift", load_fixed_s=600)]
    late = {}
    for docks in (1, 2):
        plan = solved(
            decided("depart_at", "T", "2024-11-22T09:00+08:00"), kinds=kinds, warehouses=(store(docks=docks),)
        )
        late[docks] = [one for one in plan.regions if one.reason]
    assert len(late[1]) > len(late[2])
    for docks, regions in late.items():
        for one in regions:
            assert one.reason == "departures_full"
            assert one.params["decisions"] == "D1 (depart_at T 2024-11-22T09:00+08:00)"
            assert (one.params["docks"], one.params["number"]) == (str(docks), str(docks))


def test_departures_that_fuller_trips_would_suffice_for_are_not_the_cause():
    """The only departure is taken; but one truck holds all: its way is too long for the last ones."""
    kinds = [truck(number=2, mass_kg=50, calendar="shift", load_fixed_s=600)]
    decision = decided("depart_at", "T", "2024-11-22T09:00+08:00")
    plan = solved(decision, kinds=kinds, deadline_s=10 * HOUR + 1800)
    reasons = [one.reason for one in plan.regions if one.reason]
    assert [one.depart_s for one in plan.trips].count(9 * HOUR) == 1
    assert reasons and "departures_full" not in reasons


def test_what_goes_together_is_no_cause_where_another_order_is_in_time():
    """B is nearer, but A is due earlier: with A first both are in time."""
    edges = [road("wa", "W", "A", 1800), road("wb", "W", "B", 1200), road("ab", "A", "B", 1800)]
    regions = [village("A"), village("B")]
    due = (Deadline(place="A", deadline_s=7 * HOUR),)
    kinds = [truck(calendar="shift")]
    together = decided("together", "A+B")
    world_ = world(regions, kinds, edges, deadlines=due, decisions=(together,))
    problem = build_echelons(world_, "W", world_.regions).root
    assert decision_reason(problem, 0) is None
    late = world(
        regions, kinds, edges, deadlines=due, decisions=(together, decided("day", "B", "2024-11-23", "D2"))
    )
    problem = build_echelons(late, "W", late.regions).root
    assert decision_reason(problem, 0) == (
        "decided", {"decisions": "D1 (together A+B), D2 (day B 2024-11-23)"}
    )  # fmt: skip


def test_docks_are_not_said_to_limit_departures_where_vehicles_do():
    """Two could be loaded for 09:00, but there is one truck only."""
    kinds = [truck(number=1, mass_kg=10, calendar="shift", load_fixed_s=600)]
    decision = decided("depart_at", "T", "2024-11-22T09:00+08:00")
    plan = solved(decision, kinds=kinds, warehouses=(store(docks=2),))
    reasons = {one.reason for one in plan.regions if one.reason}
    assert reasons and "departures_full" not in reasons


def test_a_decision_that_may_be_the_cause_is_named_as_such():
    """Each alone would be there in time by nine; two trucks leave then, and neither holds more than one."""
    kinds = [truck(number=2, mass_kg=10, calendar="shift")]
    plan = solved(decided("depart_at", "T", "2024-11-22T09:00+08:00"), kinds=kinds)
    late = [one for one in plan.regions if one.reason]
    assert late
    assert {(one.reason, one.params["decisions"]) for one in late} == {
        ("perhaps_decided", "D1 (depart_at T 2024-11-22T09:00+08:00)")
    }
    assert all("D1 (depart_at T" in words(f"reasons.{one.reason}.why", **one.params) for one in late)


def test_what_is_not_named_stays_free():
    plain, more = solved(), solved(decided("use", "A", "T"))
    assert plain.cost == more.cost
    assert len(more.trips) == 1


def test_vehicles_keep_their_numbers():
    plan = solved(
        decided("never_use", "T/1"), decided("never_use", "S", name="D2"), decided("use", "A", "T-03", "D3")
    )
    assert {one.vehicle_id for one in trips_to(plan, "A")} == {"T-03"}


def test_decisions_in_chains():
    """What goes through a hub: the trip that hands over obeys what is decided of the region."""
    instance = chain_world({"types", "transfer"}, 3)
    free = solve(instance, QUICK).plan
    last = next(one for one in free.trips if any(stop.node_id == "A" for stop in one.stops))
    barred = solve(replace(instance, decisions=(decided("never_use", "A", last.vehicle_id),)), QUICK).plan
    assert all(
        one.vehicle_id != last.vehicle_id
        for one in barred.trips
        if any(stop.node_id == "A" for stop in one.stops)
    )
    later = solve(replace(instance, decisions=(decided("day", "H", "2024-11-23"),)), QUICK).plan
    stops = [stop for one in later.trips for stop in one.stops if stop.node_id == "H"]
    assert all(stop.start_s >= DAY and stop.end_s <= 2 * DAY for stop in stops)


def test_decisions_hold_for_transfers_too():
    regions = [village("A"), village("B", warehouse="V")]
    edges = [road("a", "W", "A"), road("b", "V", "B"), road("c", "W", "V")]
    kinds = [truck(number=3), truck("X", warehouse="V")]
    stock = (Stock(warehouse="W", item="box", quantity=5), Stock(warehouse="V", item="box", quantity=0))
    more = {"warehouses": (store(), store("V")), "stock": stock}
    usual = solve(world(regions, kinds, edges, **more), QUICK).plan
    assert {stop.node_id for trip in usual.trips for stop in trip.stops} == {"A", "V", "B"}
    decisions = (decided("never_use", "T/1"), decided("never_use", "T/2"))
    plan = solve(world(regions, kinds, edges, decisions=decisions, **more), QUICK).plan
    assert {one.vehicle_id for one in plan.trips if one.origin_id == "W"} == {"T-03"}
    assert plan.regions_on_time == 2


_RULES = ("use", "never_use", "day", "depart_at", "together", "leave_out")


@st.composite
def _decisions(draw, instance):
    regions = [one.id for one in instance.regions]
    vehicles = [f"{kind.id}/{one}" for kind in instance.vehicles for one in range(1, kind.number + 1)]
    vehicles += [kind.id for kind in instance.vehicles]
    place, vehicle = st.sampled_from(regions), st.sampled_from(vehicles)
    found = []
    for number in range(draw(st.integers(1, 3))):
        rule = draw(st.sampled_from(_RULES))
        subject, value = draw(place), ""
        if rule in ("day", "depart_at", "leave_out") and draw(st.booleans()):
            subject = draw(vehicle)
        if rule in ("use", "never_use"):
            value = draw(vehicle)
        elif rule == "day":
            value = draw(st.sampled_from(["2024-11-22", "2024-11-23", "2024-11-22+2024-11-23"]))
        elif rule == "depart_at":
            value = draw(st.sampled_from(["08:00", "00:00+09:30", "2024-11-22T07:00+08:00", "22:10"]))
        elif rule == "together":
            value = draw(place)
            if value == subject:
                continue
        found.append(decided(rule, subject, value, f"D{number}"))
    return tuple(found)


def obeys(data):
    """`solve` raises where the check finds anything broken; every reason has its words."""
    instance = data.draw(worlds())
    instance = replace(instance, decisions=data.draw(_decisions(instance)))
    solve(instance, QUICK)


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_whatever_is_decided_is_obeyed(data):
    obeys(data)


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(st.data())
def test_whatever_is_decided_is_obeyed_in_many_worlds(data):
    obeys(data)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(one, marks=pytest.mark.slow) for one in range(3, 24))])
def test_whatever_is_decided_in_chains_is_obeyed(seed):
    instance = chain_world({"types", "hours", "anywhere", "work"}, seed, chain=list(Chain)[1 + seed % 2])
    kinds = [one.id for one in instance.vehicles]
    decisions = (
        decided("depart_at", kinds[seed % len(kinds)], "09:00+15:00"),
        decided("day", "A", "2024-11-22+2024-11-23", "D2"),
        decided("together", "A+B", name="D3"),
    )
    solve(replace(instance, decisions=decisions[seed % 3 :]), QUICK)


# Reading


def faults(tmp_path: Path, text: str, **tables: str):
    folder = write_tiny(tmp_path / "tiny")
    (folder / "decisions.csv").write_text("id,subject,rule,value\n" + text, encoding="utf-8")
    for name, more in tables.items():
        (folder / f"{name}.csv").write_text(more, encoding="utf-8")
    try:
        read_instance(folder)
    except InputError as error:
        assert all(one.cause and one.action for one in error.faults)
        return [(one.code, one.row, one.column) for one in error.faults]
    return []


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("D,R9,leave_out,", "V201", "subject"),
        ("D,R1,use,lorry", "V201", "value"),
        ("D,truck,day,R1", "V206", "value"),
        ("D,R1,leave_out,x", "V205", "value"),
        ("D,R1,use,", "V204", "value"),
        ("D,R1,use,R2", "V203", "value"),
        ("D,truck,use,truck", "V203", "subject"),
        ("D,R1,together,", "V204", "value"),
        ("D,R1,together,truck", "V203", "value"),
        ("D,J1,leave_out,", "V203", "subject"),
        ("D,R1,day,tomorrow", "V206", "value"),
        ("D,R1,day,2025-01-01", "V209", "value"),
        ("D,R1,depart_at,24:10", "V207", "value"),
        ("D,R1,depart_at,2023-01-01T08:00+08:00", "V209", "value"),
        ("D,truck/3,never_use,", "V208", "subject"),
        ("D,R1+truck,day,2024-11-25", "V203", "subject"),
        ("D,R1,before,R2+R1", "V212", "value"),
        ("D,J1,day,2024-11-25", "V214", "subject"),
        ("D,R1,whim,", "I214", "rule"),
    ],
)
def test_a_row_that_cannot_be_meant(tmp_path, row, code, column):
    found = faults(tmp_path, row + "\n")
    assert [(one[0], one[2]) for one in found] == [(code, column)]
    assert found[0][1] == 2


@pytest.mark.parametrize(
    "rows",
    [
        ("D1,R1,use,truck", "D2,R1,use,boat"),
        ("D1,R1,use,truck/1", "D2,A1,use,truck/2"),
        ("D1,R1,use,truck", "D2,truck,never_use,"),
        ("D1,R1,use,truck", "D2,truck,leave_out,"),
        ("D1,S1,use,truck", "D2,R1,never_use,truck"),
        ("D1,R1,day,2024-11-24", "D2,S1,day,2024-11-25"),
        ("D1,truck,day,2024-11-24", "D2,truck/2,day,2024-11-25"),
        ("D1,R1,depart_at,08:00", "D2,R1,depart_at,09:00"),
        ("D1,R1,depart_at,08:00", "D2,R1,depart_at,2024-11-25T08:01+08:00"),
        ("D1,R1,leave_out,", "D2,R1,use,truck"),
        ("D1,R1,leave_out,", "D2,R1,together,R2"),
        ("D1,truck,leave_out,", "D2,truck/1,depart_at,08:00"),
        ("D1,R1,before,R2", "D2,R2,before,R1"),
    ],
)
def test_a_contradiction_names_both_rows(tmp_path, rows):
    found = faults(tmp_path, "\n".join(rows) + "\n")
    codes = {code for code, _, _ in found}
    assert codes <= {"V211", "V212"}
    assert {row for _, row, _ in found} <= {2, 3}
    assert found


def test_a_contradiction_through_what_goes_together(tmp_path):
    rows = "D1,R1,use,truck\nD2,R2,use,boat\nD3,R1,together,R2\n"
    assert faults(tmp_path, rows) == [("V211", 3, "rule")]


@pytest.mark.parametrize(
    "rows",
    [
        ("D1,R1,use,truck", "D2,R1,use,truck/2+boat"),
        ("D1,A1,use,truck", "D2,R1,never_use,truck/1"),
        ("D1,R1,depart_at,08:00+09:00", "D2,R1,depart_at,09:00"),
        ("D1,A1,use,truck", "D2,R1,leave_out,"),
        ("D1,R1+R2+R3,together,", "D2,R1,leave_out,"),
        ("D1,Desa Satu,use,Truk", "D2,truck-02,depart_at,8.30"),
    ],
)
def test_what_can_be_kept_together_is_no_fault(tmp_path, rows):
    assert faults(tmp_path, "\n".join(rows) + "\n") == []


def test_what_is_not_obeyed_is_refused():
    instance = four(decided("before", "A", "B"))
    with pytest.raises(RefusedError) as error:
        solve(instance, QUICK)
    assert [(one.code, one.row) for one in error.value.faults] == [("R602", 2)]
    with pytest.raises(RefusedError) as error:
        solve(four(decided("use", "A", "LORRY")), QUICK)
    assert [(one.code, one.row, one.column) for one in error.value.faults] == [("V201", 2, "value")]


def test_a_vehicle_left_out_that_is_to_be_used_is_one_contradiction(tmp_path):
    assert faults(tmp_path, "D,truck,leave_out,\nE,R1,use,truck/1\n") == [("V211", 3, "rule")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("25/11/2024", "2024-11-25"),
        ("25/11/2024+26.11.2024", "2024-11-25+2024-11-26"),
        ("25/11/2024 08.00", "2024-11-25T08:00:00+08:00"),
        ("25/11/2024 08:00+09:00", "25/11/2024 08:00+09:00"),  # an offset, or a second hour
        ("08:00+Truck 3/4", "08:00+Truck 3/4"),
        ("2024-11-25T08:00+08:00", "2024-11-25T08:00+08:00"),
    ],
)
def test_days_are_written_as_in_other_columns(written, meant):
    value = next(one for one in columns_of("decisions", ()) if one.name == "value")
    assert plain_text(written, value, Notation(four().clock, "id")) == meant


def test_a_day_that_can_be_meant_in_two_ways_is_a_fault():
    value = next(one for one in columns_of("decisions", ()) if one.name == "value")
    with pytest.raises(CellError):
        plain_text("03/04/2024", value, Notation(four().clock))


def test_vehicles_are_found_whatever_their_capitals():
    subjects = Subjects.of(four())
    for text in ("t/3", "t-03"):
        assert subjects.named(text).vehicles == frozenset({("T", 3)})
    assert subjects.named("t").vehicles == subjects.named("T").vehicles


def test_names_are_found_by_id_name_and_number():
    subjects = Subjects.of(four())
    assert subjects.named("village a").regions == ("A",)
    assert subjects.named("64.1").regions == ("A", "B")
    assert subjects.named("T/3").vehicles == subjects.named("T-03").vehicles == frozenset({("T", 3)})
    assert subjects.named("T/4").beyond == 3
    assert subjects.named("Villag A").nearest[0] == "Village A (A)"
    assert subjects.split("A + B") == ["A", "B"]
