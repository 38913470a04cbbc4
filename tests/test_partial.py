"""A part planned anew: all else stays to the byte, and what is decided to be kept stays too."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError, RefusedError
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.instance.digest import digest
from planner.instance.schema import Chain, Decision, DecisionRule, Stock
from planner.plans.model import RegionStatus, Status
from planner.proof.check import check_plan
from planner.search.component import ComponentSearch
from planner.search.echelon import SearchOptions
from planner.search.warm_start import given_of
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world
from tests.worlds import HOUR, road, store, truck, village, world, worlds

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0)


def keep(subject, name="K"):
    return Decision(id=name, rule=DecisionRule.KEEP, subject=subject)


def six(**more):
    """Six villages, two in each area, on a road; two trucks that hold two."""
    names = "ABCDEF"
    places = ["W", *names]
    edges = [
        road(f"{one}{other}", one, other, 1200 * (at + 1), length_m=10_000)
        for at, one in enumerate(places)
        for other in places[at + 1 :]
    ]
    boxes = more.pop("boxes", 1)
    regions = [village(name, area=f"{1 + at // 2}", boxes=boxes) for at, name in enumerate(names)]
    kinds = more.pop("kinds", [truck(number=2, mass_kg=20, calendar="shift", price_trip=1000, price_km=10)])
    return world(regions, kinds, edges, warehouses=(store(docks=2),), **more)


def outside(plan, regions):
    """Trips with something for others than these regions, and what the others get."""
    trips = [
        one
        for one in plan.trips
        if any(item.region_id not in regions for stop in one.stops for item in stop.deliveries)
    ]
    return trips, [one for one in plan.regions if one.region_id not in regions]


def anew(instance, base, area, **more):
    found = solve(instance, replace(QUICK, base=base, area=area, **more))
    assert check_plan(found.plan, instance.clock, instance, previous=[base]).violations == ()
    return found.plan


def by_hand(instance, text):
    found = evaluate(instance, routes_from_text(text, instance))
    assert found.verdict.violations == ()
    return found.plan


BAD = """vehicle,trip,stop,load_start
T/1,1,A,2024-11-22T06:00+08:00
T/1,1,B,
T/2,1,C,2024-11-22T07:00+08:00
T/1,2,D,2024-11-22T12:00+08:00
T/2,2,E,2024-11-22T12:00+08:00
T/2,2,F,
"""


def test_an_area_alone_is_planned_anew():
    """C and D go apart in the routes; together they are cheaper, in the hours that the others leave."""
    instance = six()
    base = by_hand(instance, BAD)
    plan = anew(instance, base, "2")
    assert outside(plan, "CD") == outside(base, "CD")
    assert len(plan.trips) == 3
    assert plan.cost < base.cost
    assert plan.status is Status.ON_TIME
    assert plan.options["area"] == ""
    assert plan.options["planned_anew"] == "2"


def test_what_shares_a_trip_with_others_stays():
    instance = six()
    base = by_hand(instance, "vehicle,trip,stop\nT/1,1,A\nT/1,1,C\nT/2,1,B\nT/2,2,D\nT/1,2,E\nT/1,2,F\n")
    plan = anew(instance, base, "2")
    assert outside(plan, "CD") == outside(base, "CD")
    assert next(one for one in plan.trips if "C" in {stop.node_id for stop in one.stops}) in base.trips


def test_a_new_area_joins_the_plan():
    instance = six()
    base = solve(instance, replace(QUICK, area="1")).plan
    plan = anew(instance, base, "2")
    assert outside(plan, "CD") == outside(base, "CD")
    assert plan.options["area"] == "1,2"
    assert [one.region_id for one in plan.regions] == ["A", "B", "C", "D"]
    assert anew(instance, plan, "3").options["area"] == ""


def test_other_components_stay():
    regions = [village("A", area="1"), village("B", warehouse="V", area="2")]
    edges = [road("a", "W", "A"), road("b", "V", "B")]
    kinds = [truck(price_trip=9), truck("X", warehouse="V", price_trip=9)]
    instance = world(regions, kinds, edges, warehouses=(store(), store("V")))
    base = by_hand(
        instance, "vehicle,stop,load_start\nT,A,2024-11-22T20:00+08:00\nX,B,2024-11-22T20:00+08:00\n"
    )
    plan = anew(instance, base, "1")
    assert outside(plan, "A") == outside(base, "A")
    assert plan.components[1] == base.components[1]


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_whatever_the_plan_the_others_stay(data):
    stays(data)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_the_plan_the_others_stay_in_many_worlds(data):
    stays(data)


def stays(data):
    instance = data.draw(worlds())
    base = solve(instance, QUICK).plan
    area = data.draw(st.sets(st.sampled_from([one.id for one in instance.regions]), min_size=1))
    before = {one.region_id: one.status for one in base.regions}
    try:
        plan = anew(instance, base, ",".join(sorted(area)))
    except InputError as error:  # who got a part of his goods cannot be left so
        assert {one.code for one in error.faults} == {"V244"}
        assert all(before[one.value] is RegionStatus.UNDELIVERED for one in error.faults)
        assert not area.intersection(one.value for one in error.faults)
        return
    assert outside(plan, area) == outside(base, area)
    assert all(
        before[one.region_id] is not RegionStatus.ON_TIME or one.status is RegionStatus.ON_TIME
        for one in plan.regions
        if one.region_id not in area
    )


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(one, marks=pytest.mark.slow) for one in range(3, 24))])
def test_chains_stay_outside_an_area(seed):
    features = [{"stop", "via", "work", "storage"}, {"transfer", "types", "hours", "docks", "stock"}][
        seed % 2
    ]
    instance = chain_world(features, seed, chain=(Chain.REQUIRED, Chain.ALLOWED)[seed // 2 % 2], large=True)
    base = solve(instance, QUICK).plan
    if base.trips:
        plan = anew(instance, base, "B")
        assert outside(plan, "B") == outside(base, "B")


def test_what_stays_is_there_in_every_solution_on_the_way():
    """Held trips are in the search itself, not put back after it."""
    instance = six()
    base = by_hand(instance, BAD)
    held = {one.id for one in outside(base, "CD")[0]}
    heard = []
    given_ = given_of(base.trips, held, ())
    search = ComponentSearch(
        instance, "W", instance.regions, options=SearchOptions(effort=1), hear=heard.append, given=given_
    )
    search.fix_trips(base.trips, held, ())
    search.start_from(base.trips)
    heard.append(search.go_on(None))
    known = {(one.vehicle_id, one.load_start_s, one.dock, one.stops) for one in base.trips if one.id in held}
    assert all(
        known <= {(one.vehicle_id, one.load_start_s, one.dock, one.stops) for one in found.trips}
        for found in heard
    )


def test_a_plan_of_other_files_is_refused():
    instance = six()
    base = by_hand(instance, BAD)
    other = replace(instance, stock=(Stock(warehouse="W", item="box", quantity=99),))
    with pytest.raises(InputError) as error:
        solve(other, replace(QUICK, base=base, area="2"))
    assert [one.code for one in error.value.faults] == ["V240"]
    with pytest.raises(InputError) as error:
        solve(instance, replace(QUICK, base=base, area="9"))
    assert [one.code for one in error.value.faults] == ["C701"]


# Decisions


def test_keep_a_region_and_a_vehicle():
    plain = six()
    base = by_hand(plain, BAD)
    instance = replace(plain, decisions=(keep("D"),))
    plan = solve(instance, replace(QUICK, base=base)).plan
    mine = [one for one in plan.trips if "D" in {stop.node_id for stop in one.stops}]
    assert [(one.vehicle_id, one.load_start_s) for one in mine] == [("T-01", 12 * HOUR)]
    assert [len(one.stops) for one in mine] == [1]
    instance = replace(plain, decisions=(keep("T/2"),))
    plan = solve(instance, replace(QUICK, base=base)).plan
    own = [(one.load_start_s, one.stops) for one in base.trips if one.vehicle_id == "T-02"]
    assert sorted((one.load_start_s, one.stops) for one in plan.trips if one.vehicle_id == "T-02") == sorted(
        own
    )


def test_what_is_to_be_kept_does_not_make_the_plan_another_ones():
    plain = six()
    base = by_hand(plain, BAD)
    instance = replace(plain, decisions=(keep("D"),))
    assert digest(instance) == digest(plain)
    assert digest(replace(plain, decisions=(replace(keep("D"), rule=DecisionRule.LEAVE_OUT),))) != digest(
        plain
    )
    assert check_plan(base, instance.clock, instance).rules["keep"].passed


def test_keep_needs_a_plan():
    with pytest.raises(RefusedError) as error:
        solve(six(decisions=(keep("D"),)), QUICK)
    assert [(one.code, one.row) for one in error.value.faults] == [("V242", 2)]


def test_what_is_to_be_kept_and_gets_nothing_is_planned():
    plain = six()
    base = evaluate(plain, routes_from_text("vehicle,trip,stop\nT/1,1,A\nT/1,1,C\n", plain)).plan
    instance = replace(plain, decisions=(keep("1"),))  # A has a trip in the plan, B has none
    found = solve(instance, replace(QUICK, base=base)).plan
    assert found.regions_on_time == 6
    (trip,) = (one for one in found.trips if "A" in {stop.node_id for stop in one.stops})
    assert trip.stops == base.trips[0].stops
    assert check_plan(found, instance.clock, instance, previous=[base]).violations == ()


@pytest.mark.parametrize(("area", "decisions"), [("2", ()), ("", (keep("A"),))])
def test_what_is_to_stay_and_breaks_a_rule_is_a_fault(area, decisions):
    plain = six()
    base = evaluate(plain, routes_from_text("vehicle,trip,stop\nT/1,1,A\nT/1,1,B\nT/1,1,E\n", plain)).plan
    instance = replace(plain, decisions=decisions)
    with pytest.raises(InputError) as error:
        solve(instance, replace(QUICK, base=base, area=area))
    assert {(one.code, one.value, one.params["rule"]) for one in error.value.faults} == {
        ("V243", "W/001", "mass")
    }
    assert solve(plain, replace(QUICK, base=base, area="1,2,3")).plan.regions_on_time == 6  # nothing stays


def test_who_gets_nothing_and_is_to_stay_still_gets_nothing():
    instance = six()
    base = evaluate(instance, routes_from_text("vehicle,trip,stop\nT/1,1,A\nT/1,1,B\n", instance)).plan
    plan = anew(instance, base, "3")
    assert outside(plan, "EF") == outside(base, "EF")
    status = {one.region_id: one.status for one in plan.regions}
    assert [name for name, one in status.items() if one is RegionStatus.UNDELIVERED] == ["C", "D"]
    assert plan.status is Status.LATE
    assert anew(instance, base, "3,C,D").regions_on_time == 6


def test_who_gets_a_part_and_is_to_stay_is_a_fault_where_the_rest_could_come():
    instance = six(boxes=2)
    text = "vehicle,trip,stop,units\nT/1,1,A,1\nT/1,1,B,1\n"
    base = evaluate(instance, routes_from_text(text, instance)).plan
    with pytest.raises(InputError) as error:
        solve(instance, replace(QUICK, base=base, area="3"))
    assert [(one.code, one.value) for one in error.value.faults] == [("V244", "A"), ("V244", "B")]
    assert anew(instance, base, "1,3").regions_on_time == 4


def test_a_trip_that_stays_in_the_way_is_no_decision():
    one_truck = [truck(number=1, mass_kg=20, calendar="shift", price_trip=1000, price_km=10)]
    instance = six(kinds=one_truck, deadline_s=9 * HOUR)
    text = "vehicle,trip,stop,load_start\nT/1,1,F,2024-11-22T06:00+08:00\nT/1,1,E,\n"
    base = evaluate(instance, routes_from_text(text, instance)).plan
    plan = anew(instance, base, "2")
    late = {one.region_id: one.reason for one in plan.regions if one.region_id in "CD"}
    assert late
    assert "decided" not in late.values()
    instance = replace(instance, decisions=(keep("T/1"),))
    plan = solve(instance, replace(QUICK, base=base)).plan
    reasons = {one.reason: one.params["decisions"] for one in plan.regions if one.region_id in "ABCD"}
    assert reasons == {"perhaps_decided": "K (keep T/1)"}  # the trip that stays is in the way, too


def kept_case():
    """An instance, a plan, and one that goes on from it and keeps D."""
    plain = six()
    instance = replace(plain, decisions=(keep("D"),))
    base = by_hand(plain, BAD)
    return instance, base, solve(instance, replace(QUICK, base=base)).plan


def broken(instance, plan, base):
    found = check_plan(plan, instance.clock, instance, previous=[base])
    assert all(one.text for one in found.violations)
    return [one.place for one in found.violations if one.rule == "keep"]


def test_keep_kept():
    instance, base, plan = kept_case()
    result = check_plan(plan, instance.clock, instance, previous=[base]).rules["keep"]
    assert result.passed
    assert result.cases >= 3
    assert check_plan(plan, instance.clock, instance).rules["keep"].passed  # not compared


def test_keep_broken():
    instance, base, plan = kept_case()
    mine = next(one for one in plan.trips if "D" in {stop.node_id for stop in one.stops})

    def changed(**more):
        return replace(plan, trips=tuple(replace(one, **more) if one is mine else one for one in plan.trips))

    for other in (
        changed(vehicle_id="T-02"),
        changed(load_start_s=mine.load_start_s + 1),
        changed(dock=2 if mine.dock == 1 else 1),
        changed(stops=()),
        replace(plan, trips=tuple(one for one in plan.trips if one is not mine)),
    ):
        assert {place["decision"] for place in broken(instance, other, base)} == {"K"}
    assert broken(instance, replace(plan, options={}), base)
    assert broken(instance, plan, replace(base, cost=1))


def test_what_changes_outside_an_area_is_found():
    instance = six()
    base = by_hand(instance, BAD)
    plan = anew(instance, base, "2")
    first = next(one for one in plan.trips if "A" in {stop.node_id for stop in one.stops})
    others = tuple(one for one in plan.trips if one is not first)
    late = tuple(replace(one, received_s=1) if one.region_id == "A" else one for one in plan.regions)
    for other in (
        replace(plan, trips=(replace(first, dock=2), *others)),
        replace(plan, trips=(replace(first, id="W/777"), *others)),
        replace(plan, trips=others),
        replace(plan, trips=(*plan.trips, replace(first, id="W/777"))),
        replace(plan, regions=late),
    ):
        assert broken(instance, other, base)
