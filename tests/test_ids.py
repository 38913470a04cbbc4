"""Ids are not read for a meaning: whose a trip is, which edge is a double, which vehicle is meant."""

from dataclasses import replace

import pytest

from planner.building.places import component_of
from planner.events.apply import effective
from planner.events.schema import Event, EventKind
from planner.instance.schema import Decision, DecisionRule, Outage
from planner.plans.model import Status
from planner.problem.trip_times import schedule_rest
from planner.problem.visits import visits
from planner.replanning.scope import touched_warehouses
from planner.solving.options import SolveOptions
from planner.solving.pareto_parts import parts_of
from planner.solving.pipeline import solve
from planner.starting.part import part_of
from tests import problems
from tests.worlds import HOUR, road, store, truck, village, world

QUICK = SolveOptions(effort=1, workers=0, guarantee=0)
# The id of the second warehouse begins as the ids of the first one's trips do.
PAIRS = [("A", "A/B"), ("A/B", "A"), ("A", "A/"), ("1", "1/001")]


def two_stores(first, second):
    return world(
        (replace(village("V"), warehouse=first), replace(village("X"), warehouse=second)),
        (truck("T1", warehouse=first), truck("T2", warehouse=second)),
        (road("e1", first, "V"), road("e2", second, "X")),
        warehouses=(store(first), store(second)),
    )


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_trip_belongs_to_the_warehouse_of_its_vehicle(first, second):
    instance = two_stores(first, second)
    found = solve(instance, QUICK)
    assert found.plan.status is Status.ON_TIME
    owners = {stop.node_id: component_of(instance, trip) for trip in found.plan.trips for stop in trip.stops}
    assert owners == {"V": first, "X": second}
    parts = {one.components[0].id: one for one in parts_of(found.plan, instance, together=False)}
    assert {name: [trip.vehicle_type for trip in part.trips] for name, part in parts.items()} == {
        first: ["T1"],
        second: ["T2"],
    }
    again = solve(instance, replace(QUICK, base=found.plan))  # trips go to the search of their own warehouse
    assert again.plan.status is Status.ON_TIME
    before, after = ({trip.id: trip.stops for trip in plan.trips} for plan in (found.plan, again.plan))
    assert after == before


def event(kind, *subject, id="E1", **more):
    return Event(id=id, time_s=HOUR, kind=EventKind(kind), subject=subject, **more)


def test_an_edge_is_no_double_of_another_whose_id_it_begins_with():
    instance = world(
        (village("V"), village("X")), (truck(),), (road("e1", "W", "V"), road("e1~north", "W", "X"))
    )
    closed = effective(instance, [event("closure", "e1")])
    assert [row.edge for row in closed.closures] == ["e1"]
    opened = effective(
        instance, [event("closure", "e1~north"), event("opened", "e1", id="E2", from_s=2 * HOUR)]
    )
    assert [(row.edge, row.until_s) for row in opened.closures] == [("e1~north", None)]


def test_a_double_made_by_a_report_is_closed_with_its_edge():
    instance = world((village("V"),), (truck(),), (road("e1", "W", "V"),))
    slower = event("speed", "e1", value="50", from_s=3 * HOUR)
    closed = effective(instance, [slower, event("closure", "e1", id="E2", from_s=4 * HOUR)])
    [double] = [one for one in closed.edges if one.double_of]
    assert double.double_of == "e1"
    assert {row.edge for row in closed.closures if row.id.startswith("E2:")} == {"e1", double.id}


def test_an_outage_of_one_vehicle_concerns_no_type_whose_id_begins_its_name():
    instance = world(
        (replace(village("V"), warehouse="W"), replace(village("X"), warehouse="Y")),
        (truck("van"), truck("van-x", warehouse="Y")),
        (road("e1", "W", "V"), road("e2", "Y", "X")),
        warehouses=(store("W"), store("Y")),
    )
    for subject, concerned in (("van-x-01", {"Y"}), ("van-x", {"Y"}), ("van-01", {"W"}), ("van", {"W"})):
        after = replace(instance, outages=(Outage(id="o", subject=subject),))
        assert touched_warehouses(instance, after, (), 0) == concerned


@pytest.mark.parametrize(("limit_s", "is_possible"), [(None, True), (1000, True), (999, False)])
def test_what_is_left_of_a_trip_keeps_the_limit_of_its_time(limit_s, is_possible):
    problem = problems.problem([0, 100])
    kind = replace(problem.fleet[0], max_trip_s=limit_s)
    stops = visits(problem, (0,))
    rest = {"here": 0, "moment_s": 800, "load_start_s": 0}  # 200 s of driving are left, there and back
    assert schedule_rest(problem, problem.fleet[0], stops, **rest).end_s == 1000
    assert (schedule_rest(problem, kind, stops, **rest) is not None) == is_possible


@pytest.mark.parametrize("subject", ["T1/2", "T1-02", "T1"])
def test_a_part_takes_along_what_is_said_of_its_vehicles_however_they_are_named(subject):
    instance = two_stores("A", "B")
    regions = tuple(replace(one, area="a" if one.id == "V" else "b") for one in instance.regions)
    vehicles = tuple(replace(one, number=3) for one in instance.vehicles)
    decision = Decision(id="d", subject=subject, rule=DecisionRule.NEVER_USE, value="")
    instance = replace(
        instance,
        regions=regions,
        vehicles=vehicles,
        outages=(Outage(id="o", subject=subject),),
        decisions=(decision,),
    )
    for area, there in (("a", 1), ("b", 0)):
        part = part_of(instance, area)
        assert (len(part.outages), len(part.decisions)) == (there, there)


@pytest.mark.parametrize("subject", ["T1/2", "T1-2", "T1-02"])
def test_a_repaired_vehicle_is_in_use_again_however_its_outage_names_it(subject):
    instance = world((village("V"),), (truck("T1", number=3),), (road("e1", "W", "V"),))
    instance = replace(instance, outages=(Outage(id="o", subject=subject, from_s=0),))
    repaired = effective(instance, [event("repaired", "T1-02", from_s=3 * HOUR)])
    assert [row.until_s for row in repaired.outages] == [3 * HOUR]
    other = effective(instance, [event("repaired", "T1-01", from_s=3 * HOUR)])
    assert [row.until_s for row in other.outages] == [None]


def test_a_double_has_an_id_of_its_own():
    instance = world(
        (village("V"), village("X")), (truck(),), (road("e1", "W", "V"), road("e1~E1", "W", "X"))
    )
    slower = effective(instance, [event("speed", "e1", value="50", from_s=3 * HOUR)])
    assert len({one.id for one in slower.edges}) == len(slower.edges) == 3
    assert "e1~E1" not in {row.edge for row in slower.closures}
