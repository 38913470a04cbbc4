"""Closures that bar some vehicle types only, and ferries by timetable: planned, proven, checked, read."""

from dataclasses import replace

import pytest

from planner.base.errors import InputError
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.schema import CalendarRow, Chain, Closure, Mode, WindowRule
from planner.instance.write import write_instance
from planner.plans.model import ProofKind, RegionStatus, Status
from planner.proof.check import check_plan
from planner.proof.world import World
from planner.propose.sisr import engine
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.test_legs import boat, instance_of, late_of, leg, lorry
from tests.worlds import CALENDARS, DAY, HOUR, road, truck, village, world

QUICK = SolveOptions(effort=1, workers=0, guarantee=0)
RIVER = (Mode.RIVER,)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The engine proposes for a moment only."""
    monkeypatch.setattr(engine, "_PER_EFFORT", 500)


def river(closures, vehicles=None, **more):
    """A river of two hours from W to A, and closures of it."""
    kinds = vehicles or [truck("deep", modes=RIVER), truck("flat", modes=RIVER, price_vehicle=100)]
    return world(
        [village("A")], kinds, [road("r", "W", "A", 2 * HOUR, mode=Mode.RIVER)], closures=closures, **more
    )


def solved(instance):
    plan = solve(instance, QUICK).plan
    verdict = check_plan(plan, instance.clock, instance)
    assert verdict.passed, verdict.violations
    return plan


def types_used(plan):
    return {one.vehicle_type for one in plan.trips}


def test_low_water_bars_the_deep_boat_and_the_flat_one_goes():
    assert types_used(solved(river(()))) == {"deep"}
    assert types_used(solved(river((Closure(id="low", edge="r", types=("deep",)),)))) == {"flat"}
    assert types_used(solved(river((Closure(id="low", edge="r", types=("flat",)),)))) == {"deep"}


@pytest.mark.parametrize("types", [("deep", "flat"), ("river",), ()])
def test_where_all_boats_are_barred_that_is_proven(types):
    plan = solved(river((Closure(id="low", edge="r", types=types),)))
    (proof,) = plan.components[0].proofs
    assert (proof.kind, proof.edges, proof.regions) == (ProofKind.CUT, ("r",), ("A",))
    assert plan.status is Status.IMPOSSIBLE


def test_low_water_for_a_time_is_waited_for_and_proven_where_that_is_too_late():
    low = (Closure(id="low", edge="r", until_s=10 * HOUR, types=("deep",)),)
    only = [truck("deep", modes=RIVER)]
    (trip,) = solved(river(low, only)).trips
    assert trip.stops[0].start_s == 12 * HOUR
    plan = solved(river(low, only, deadline_s=12 * HOUR))
    assert [one.reason for one in plan.regions] == ["edge_hours"]
    both = solved(river(low, deadline_s=12 * HOUR))
    assert (both.status, types_used(both)) == (Status.ON_TIME, {"flat"})


def test_the_checker_notices_who_was_barred_and_lets_others_pass():
    open_plan = solved(river(()))
    for types, broken in ((("deep",), True), (("river",), True), ((), True), (("flat",), False)):
        closed = river((Closure(id="low", edge="r", types=types),))
        rules = {one.rule for one in check_plan(open_plan, closed.clock, closed).violations}
        assert ("closed_edge" in rules) is broken
        assert rules - {"closed_edge", "proof", "status"} == {"instance_digest"}


def test_bounds_hold_for_the_types_that_may_pass():
    low = (Closure(id="low", edge="r", types=("fast",)),)
    kinds = [truck("fast", modes=RIVER, speed_percent=200), truck("slow", modes=RIVER)]
    instance = river(low, kinds)
    ways, places = World(instance).ways, frozenset({"W", "A"})
    assert ways.pooled_times("W", kinds, places) == {"W": 0, "A": 2 * HOUR}
    assert ways.least_times(kinds[0], places) == {"W": 0}
    assert ways.least_times(kinds[1], places) == {"W": 0, "A": 2 * HOUR}
    assert ways.leg_times_to(kinds[0], "A", places) == {}
    assert ways.leg_times_to(kinds[1], "A", places) == {"W": 2 * HOUR}
    assert [ways.timed(kind, ways.edges["r"]) for kind in kinds] == [True, False]


def test_a_reason_names_the_edge_that_bars_the_boat_of_a_hub():
    low = (Closure(id="low", edge="ha", until_s=20 * HOUR, types=("boat",)),)
    limited = instance_of([lorry(), boat()], names="A", deadline_s=20 * HOUR, closures=low)
    _, late = late_of(limited)
    reason, params = late["A"]
    assert (reason, leg(params), params["edges"]) == ("leg_edge_hours", ("H", "A"), "ha")
    assert late_of(replace(limited, closures=(replace(low[0], types=("T",)),)))[1] == {}


@pytest.mark.parametrize("chain", [Chain.REQUIRED, Chain.ALLOWED])
def test_a_chain_barred_for_good_is_named_or_proven(chain):
    low = (Closure(id="low", edge="ha", types=("boat",)),)
    plan, late = late_of(instance_of([lorry(), boat()], names="A", closures=low, chain=chain))
    assert late["A"][0] == "cut"
    other = boat("other", home="H", modes=(Mode.RIVER,), mass_kg=5)
    _, late = late_of(instance_of([lorry(), boat(), other], names="A", closures=low, chain=chain))
    assert (late["A"][0], leg(late["A"][1])) == ("leg_capacity", ("H", "A"))
    assert plan.regions[0].status is RegionStatus.UNDELIVERED


# A ferry


def test_a_ferry_by_timetable_takes_who_is_there_when_it_departs():
    rows = tuple(
        CalendarRow(calendar="ferry", opens_s=at * HOUR, closes_s=at * HOUR + 60, window=WindowRule.START)
        for at in (8, 14)
    )
    edges = [road("wp", "W", "A", 9 * HOUR), replace(road("f", "A", "B", 3 * HOUR), calendar="ferry")]
    instance = world(
        [village("A", boxes=0), village("B", handover_s=0)],
        [truck(open_end=True)],
        edges,
        calendars=(*CALENDARS, *rows),
    )
    (trip,) = solved(instance).trips
    assert trip.stops[0].start_s == 17 * HOUR  # at the pier by 09:00, on the ferry of 14:00
    late = replace(instance, edges=(replace(edges[0], time_s=14 * HOUR + 60), edges[1]))
    (trip,) = solved(late).trips
    assert trip.stops[0].start_s == DAY + 11 * HOUR  # too late by a second: on the next day's first


# Files


def test_types_are_read_written_and_digested(tmp_path):
    low = Closure(id="low", edge="r", types=("deep", "flat"))
    instance = river((low,))
    write_instance(tmp_path, instance)
    text = (tmp_path / "closures.csv").read_text("utf-8")
    assert "deep+flat" in text
    assert read_instance(tmp_path) == instance
    (tmp_path / "closures.csv").write_text(text.replace("deep+flat", "flat + deep"), "utf-8")
    assert digest(read_instance(tmp_path)) == digest(instance)
    assert digest(river((replace(low, types=("deep",)),))) != digest(instance)


@pytest.mark.parametrize(
    "cell, code", [("deep+barge", "I431"), ("deep+deep", "I215"), ("deep++flat", "I215")]
)
def test_types_that_are_unknown_or_named_twice_are_faults(tmp_path, cell, code):
    write_instance(tmp_path, river((Closure(id="low", edge="r", types=("deep",)),)))
    path = tmp_path / "closures.csv"
    path.write_text(path.read_text("utf-8").replace(",deep", f",{cell}"), "utf-8")
    with pytest.raises(InputError) as caught:
        read_instance(tmp_path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.table, fault.column, fault.row) == (code, "closures", "types", 2)


def test_a_mode_is_a_name_too(tmp_path):
    instance = river((Closure(id="low", edge="r", until_s=HOUR, types=("river",)),))
    write_instance(tmp_path, instance)
    assert read_instance(tmp_path).closures == instance.closures
