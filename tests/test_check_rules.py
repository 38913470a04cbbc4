"""Each rule of the check: once kept, just so, and once broken, with the amount."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import small

from planner.base.errors import InputError
from planner.instance.digest import digest
from planner.instance.schema import (
    CalendarRow,
    Closure,
    Deadline,
    Delay,
    Item,
    KnownTrip,
    Outage,
    Overnight,
    Rounding,
    Stock,
    WindowRule,
)
from planner.plans.file import claims_from_text, plan_from_text, plan_to_text
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Proof,
    ProofKind,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    StopReason,
    UnknownReason,
)
from planner.proof.check import check_plan
from planner.proof.impossibility import earliest_receipt
from planner.proof.kit import Kit
from planner.proof.rules.deadline import PROVEN
from planner.proof.rules.docks import check_docks
from planner.proof.verdict import Measure, Recorder
from planner.proof.world import World

DAY = small.DAY


def check(plan=small.PLAN, instance=small.INSTANCE, clock=small.CLOCK):
    return check_plan(plan, clock, instance)


def kept(rule, plan=small.PLAN, instance=small.INSTANCE):
    """The rule's result, which must pass with at least one case."""
    result = check(plan, instance).rules[rule]
    assert result.passed
    assert result.cases > 0
    return result


def broken(rule, plan=small.PLAN, instance=small.INSTANCE, clock=small.CLOCK):
    """The rule's violations, at least one; their words can be made."""
    found = [one for one in check(plan, instance, clock).violations if one.rule == rule]
    assert found
    assert all(one.text for one in found)
    return found


def amounts(violations):
    return [one.amount for one in violations]


def with_trip(name, /, **changes):
    """The plan with one changed trip."""
    trips = (replace(one, **changes) if one.id == name else one for one in small.PLAN.trips)
    return replace(small.PLAN, trips=tuple(trips))


def with_stop(trip, idx=0, /, **changes):
    """The plan with one changed stop."""
    stops = list(trip.stops)
    stops[idx] = replace(stops[idx], **changes)
    return with_trip(trip.id, stops=tuple(stops))


def with_leg(trip, idx=0, /, **changes):
    """The plan with one changed leg to a stop."""
    return with_stop(trip, idx, leg=replace(trip.stops[idx].leg, **changes))


def with_delivery(trip, idx=0, /, **changes):
    """The plan with a changed first delivery of a stop."""
    first, *others = trip.stops[idx].deliveries
    return with_stop(trip, idx, deliveries=(replace(first, **changes), *others))


def with_region(name, /, **changes):
    """The plan with one changed result."""
    regions = (replace(one, **changes) if one.region_id == name else one for one in small.PLAN.regions)
    return replace(small.PLAN, regions=tuple(regions))


def with_component(name, /, **changes):
    """The plan with one changed component."""
    components = (replace(one, **changes) if one.id == name else one for one in small.PLAN.components)
    return replace(small.PLAN, components=tuple(components))


def with_type(name, /, **changes):
    """The instance with one changed vehicle type."""
    return replace(
        small.INSTANCE,
        vehicles=tuple(replace(one, **changes) if one.id == name else one for one in small.INSTANCE.vehicles),
    )


def with_region_row(name, /, **changes):
    """The instance with one changed region."""
    regions = (replace(one, **changes) if one.id == name else one for one in small.INSTANCE.regions)
    return replace(small.INSTANCE, regions=tuple(regions))


def with_calendars(rows, **changes):
    """The instance with further calendars."""
    return replace(small.INSTANCE, calendars=(*small.INSTANCE.calendars, *rows), **changes)


def steps(text):
    return small._steps(text)


def test_the_whole_plan_is_on_time():
    verdict = check()
    assert verdict.passed
    assert verdict.violations == ()
    assert verdict.status is Status.ON_TIME
    assert verdict.components == {"W": Status.ON_TIME, "V": Status.ON_TIME}
    figures = verdict.figures
    assert (figures.cost, figures.distance_m, figures.trips) == (small.COST, 727_000, 6)
    assert (figures.vehicles_used, figures.regions_total, figures.regions_on_time) == (5, 6, 6)
    assert (figures.smallest_margin_s, figures.smallest_margin_region) == (41_475, "D")


def check_text(text):
    """What the check of a plan file finds, whose digest and margins need not be right."""
    plan, clock, claims = claims_from_text(text)
    return check_plan(plan, clock, small.INSTANCE, claims)


def test_plan_digest_kept():
    text = plan_to_text(small.PLAN, small.CLOCK)
    plan, clock = plan_from_text(text)
    assert plan == small.PLAN
    assert check(plan, clock=clock).passed
    assert check_text(text).rules["plan_digest"].cases == 1
    assert check_text(text).passed


def test_plan_digest_broken():
    text = plan_to_text(small.PLAN, small.CLOCK).replace('"pieces": 8', '"pieces": 9')
    with pytest.raises(InputError) as caught:
        plan_from_text(text)
    assert [fault.code for fault in caught.value.faults] == ["P102"]
    violations = check_text(text).violations
    assert {"plan_digest", "pieces"} <= {one.rule for one in violations}
    (changed,) = (one for one in violations if one.rule == "plan_digest")
    assert changed.amount == 1
    assert changed.claimed != changed.expected


def test_margin_kept():
    result = check_text(plan_to_text(small.PLAN, small.CLOCK)).rules["margin"]
    assert result.passed
    assert result.cases == len(small.PLAN.regions)


@pytest.mark.parametrize(("change", "amount"), [(60, 60), (-1, 1), (None, 1)])
def test_margin_broken(change, amount):
    data = small.document()
    region = data["regions"][2]
    region["margin_s"] = None if change is None else region["margin_s"] + change
    violations = check_text(small.signed(data)).violations
    assert [(one.rule, one.place["region"], one.amount) for one in violations] == [
        ("margin", region["id"], amount)
    ]
    assert violations[0].text
    with pytest.raises(InputError) as caught:
        plan_from_text(small.signed(data))
    assert [fault.code for fault in caught.value.faults] == ["P101"]


def test_instance_digest_kept():
    renamed = with_region_row("A", name="another label")
    assert kept("instance_digest", instance=renamed).cases == 1


def test_instance_digest_broken():
    assert amounts(broken("instance_digest", instance=with_type("BOAT", number=2))) == [1]


def test_header_kept():
    assert kept("header").cases == 3


def test_header_broken():
    clock = replace(small.CLOCK, start=small.CLOCK.instant(60))
    assert amounts(broken("header", clock=clock)) == [60]
    assert broken("header", replace(small.PLAN, currency="USD"))[0].claimed == "USD"
    assert broken("header", clock=replace(small.CLOCK, time_zone="no zone"))[0].expected == "Asia/Makassar"


def test_regions_complete_kept():
    only_v = replace(
        small.PLAN,
        options={"area": "64.02"},
        cost=0,
        components=small.PLAN.components[1:],
        trips=small.PLAN.trips[5:],
        regions=small.PLAN.regions[5:],
    )
    for area in ("64.02", "64.02.01", "G", "64.03, G"):
        assert check(replace(only_v, options={"area": area})).passed


def test_regions_complete_broken():
    missing = replace(small.PLAN, regions=small.PLAN.regions[:-1])
    [one] = broken("regions_complete", missing)
    assert (one.place, one.amount, one.claimed, one.expected) == ({"region": "G"}, 1, "0", "1")
    doubled = replace(small.PLAN, regions=(*small.PLAN.regions, *small.PLAN.regions[:1]))
    assert amounts(broken("regions_complete", doubled)) == [1]
    assert len(broken("regions_complete", replace(small.PLAN, options={"area": "64.02"}))) == 10
    assert broken("regions_complete", with_component("V", id="X"))[0].expected == "V"
    moved = with_component("W", regions=("A", "B", "C", "D", "F", "G"))
    assert {one.place["region"] for one in broken("regions_complete", moved)} == {"G"}


def test_trip_id_kept():
    assert kept("trip_id").cases == 6


def test_trip_id_broken():
    [one] = broken("trip_id", with_trip("T2", id="T1"))
    assert (one.place, one.amount) == ({"trip": "T1"}, 1)


def test_fleet_kept():
    assert kept("fleet", with_trip("T5", vehicle_id="TRUCK-02")).cases == 6


def test_fleet_broken():
    for vehicle in ("TRUCK-03", "TRUCK-1", "TRUCK-00", "SHIP-01", "TRUCK"):
        assert amounts(broken("fleet", with_trip("T1", vehicle_id=vehicle))) == [1]
    assert amounts(broken("fleet", with_trip("T1", vehicle_type="CART"))) == [1]
    assert amounts(broken("fleet", instance=with_type("BOAT", number=0))) == [1]


def test_own_warehouse_kept():
    assert kept("own_warehouse").cases == 20


def test_own_warehouse_broken():
    assert {one.amount for one in broken("own_warehouse", with_trip("T6", origin_id="W"))} == {1}
    assert broken("own_warehouse", with_trip("T6", origin_id="nowhere"))
    [one] = broken("own_warehouse", with_delivery(small.T6, region_id="A"))
    assert (one.claimed, one.expected, one.place["region"]) == ("V", "W", "A")


def test_stop_node_kept():
    assert kept("stop_node").cases == 14


def test_stop_node_broken():
    [one] = broken("stop_node", with_delivery(small.T1, region_id="B"))
    assert (one.claimed, one.expected, one.amount) == ("A", "B", 1)
    assert broken("stop_node", with_trip("T1", stops=()))
    assert broken("stop_node", with_stop(small.T1, deliveries=()))
    assert broken("stop_node", with_stop(small.T1, node_id="J"))


def test_path_kept():
    assert kept("path").cases == 36


def test_path_broken():
    assert broken("path", with_leg(small.T1, path=()))[0].expected == "A"
    assert broken("path", with_leg(small.T1, path=steps("e2-")))
    assert broken("path", with_leg(small.T1, path=steps("nothing+")))
    assert broken("path", with_leg(small.T1, from_node="B"))
    assert broken("path", with_leg(small.T1, to_node="B"))
    assert amounts(broken("path", with_trip("T1", back=None))) == [1]
    assert broken("path", with_leg(small.T2, path=steps("e3+ e4+ e4-")))
    one_way = Leg("F", "W", 111_600, 114_000, 12_000, steps("e6-"))
    assert amounts(broken("path", with_trip("T4", back=one_way))) == [1]


def test_modes_kept():
    assert kept("modes").cases == 12


def test_modes_broken():
    [one] = broken("modes", with_leg(small.T1, path=steps("e6+ e1+")))
    assert (one.claimed, one.expected, one.amount) == ("e6: river", "road", 1)
    [one] = broken("modes", with_leg(small.T2, path=steps("e1+ e3+ e4+")))
    assert (one.claimed, one.expected, one.amount) == ("e1: road", "sea+river", 1)


def test_known_trip_kept():
    own = KnownTrip(id="k2", from_node="B", to_node="W", vehicle="JEEP", time_s=1, distance_m=1)
    instance = replace(small.INSTANCE, known_trips=(*small.INSTANCE.known_trips, own))
    assert kept("known_trip", instance=instance).cases == 12


def test_known_trip_broken():
    back = replace(small.T1.back, path=steps("e2- e1-"))
    [one] = broken("known_trip", with_trip("T1", back=back))
    assert (one.claimed, one.expected, one.amount) == ("e2+e1", "k1", 1)
    assert broken("known_trip", with_leg(small.T1, path=steps("k1!")))
    own = KnownTrip(id="k2", from_node="B", to_node="W", vehicle="TRUCK", time_s=4000, distance_m=45_000)
    instance = replace(small.INSTANCE, known_trips=(*small.INSTANCE.known_trips, own))
    assert broken("known_trip", instance=instance)[0].expected == "k2"


def test_closed_edge_kept():
    until = Closure(id="c3", edge="e6", from_s=0, until_s=108_240)
    instance = replace(small.INSTANCE, closures=(*small.INSTANCE.closures, until))
    assert kept("closed_edge", instance=instance).cases == 1


def test_closed_edge_broken():
    [one] = broken("closed_edge", with_leg(small.T1, path=steps("e7+")))
    assert (one.amount, one.place["edge"]) == (22_740 - 22_680, "e7")
    until = Closure(id="c3", edge="e6", until_s=108_300)
    instance = replace(small.INSTANCE, closures=(*small.INSTANCE.closures, until))
    assert amounts(broken("closed_edge", instance=instance)) == [60]
    late = (CalendarRow(calendar="ferry", opens_s=21_900, closes_s=64_800),)
    edges = tuple(replace(one, calendar="ferry") if one.id == "e6" else one for one in small.INSTANCE.edges)
    instance = replace(small.INSTANCE, edges=edges, calendars=(*small.INSTANCE.calendars, *late))
    assert amounts(broken("closed_edge", instance=instance)) == [60]


def _closed(*closures, **edge):
    """The instance with further closures, and a changed edge e6, which T4 enters at 108,240 for 2,400 s."""
    edges = tuple(replace(one, **edge) if one.id == "e6" else one for one in small.INSTANCE.edges)
    return replace(small.INSTANCE, edges=edges, closures=(*small.INSTANCE.closures, *closures))


@pytest.mark.parametrize(
    ("late_s", "rule", "amount"), [(60, None, 0), (59, "both", 60), (61, "travel_time", 1)]
)
def test_a_leg_waits_until_an_edge_is_open(late_s, rule, amount):
    instance = _closed(Closure(id="c3", edge="e6", until_s=108_300))
    plan = with_leg(small.T4, arrive_s=110_640 + late_s)
    rules = check(plan, instance).rules
    assert rules["closed_edge"].passed == (rule != "both")
    assert rules["travel_time"].passed == (rule is None)
    if rule == "both":  # it is taken at its word: nothing waits
        assert amounts(broken("closed_edge", plan, instance)) == [amount]
    elif rule is not None:
        assert amounts(broken("travel_time", plan, instance)) == [amount]


@pytest.mark.parametrize(("closes_s", "passed"), [(2400 + 240, True), (2400 + 239, False)])
def test_a_passage_lies_whole_in_the_hours(closes_s, passed):
    row = CalendarRow(calendar="ferry", opens_s=21_600, closes_s=21_600 + closes_s)
    instance = replace(_closed(calendar="ferry"), calendars=(*small.INSTANCE.calendars, row))
    assert check(instance=instance).rules["closed_edge"].passed == passed
    if not passed:
        assert amounts(broken("closed_edge", instance=instance)) == [1]


@pytest.mark.parametrize(("closes_s", "passed"), [(241, True), (240, False)])
def test_a_ferry_need_only_be_entered_in_its_hours(closes_s, passed):
    row = CalendarRow(calendar="f", opens_s=21_600, closes_s=21_600 + closes_s, window=WindowRule.START)
    instance = replace(_closed(calendar="f"), calendars=(*small.INSTANCE.calendars, row))
    assert check(instance=instance).rules["closed_edge"].passed == passed


@pytest.mark.parametrize(("from_s", "passed"), [(110_640, True), (110_639, False)])
def test_a_closure_touches_no_passage(from_s, passed):
    row = CalendarRow(calendar="f", opens_s=21_600, closes_s=22_000, window=WindowRule.START)
    closed = _closed(Closure(id="c3", edge="e6", from_s=from_s), calendar="f")
    instance = replace(closed, calendars=(*small.INSTANCE.calendars, row))
    assert check(instance=instance).rules["closed_edge"].passed == passed
    if not passed:
        assert amounts(broken("closed_edge", instance=instance)) == [1]


def test_travel_time_kept():
    assert kept("travel_time").cases == 12


def test_travel_time_broken():
    plan = with_leg(small.T3, arrive_s=130_424)
    [one] = broken("travel_time", plan)
    assert (one.amount, one.measure, one.place) == (1, Measure.SECONDS, {"trip": "T3", "leg": "1"})
    assert amounts(broken("travel_time", with_leg(small.T1, depart_s=22_700))) == [20]
    never = replace(
        small.INSTANCE,
        calendars=(*small.INSTANCE.calendars, CalendarRow(calendar="shift", days="2024-11-23")),
        settings=replace(small.INSTANCE.settings, horizon_s=DAY),
    )
    assert 50_625 in amounts(broken("travel_time", instance=never)) or broken("travel_time", instance=never)


def test_distance_kept():
    assert kept("distance").cases == 18


def test_distance_broken():
    assert amounts(broken("distance", with_leg(small.T1, distance_m=29_000))) == [1000]
    assert amounts(broken("distance", with_trip("T1", distance_m=95_001))) == [1]


def test_loading_time_kept():
    assert kept("loading_time").cases == 6


def test_loading_time_broken():
    assert amounts(broken("loading_time", with_trip("T1", load_start_s=21_601))) == [1]
    assert amounts(broken("loading_time", instance=with_type("TRUCK", load_piece_s=61))) == [8, 3]


def test_service_time_kept():
    assert kept("service_time").cases == 7


def test_service_time_broken():
    assert amounts(broken("service_time", with_stop(small.T1, end_s=26_399))) == [1]
    assert amounts(broken("service_time", instance=with_region_row("C", handover_s=600))) == [300]


def test_order_kept():
    assert kept("order").tightest.amount == 0


def test_order_broken():
    assert amounts(broken("order", with_leg(small.T1, depart_s=22_679))) == [1]
    assert amounts(broken("order", with_stop(small.T1, 1, start_s=28_199))) == [1]
    assert amounts(broken("order", with_trip("T1", end_s=33_221))) == [1]
    assert amounts(broken("order", with_trip("T4", end_s=111_601))) == [1]


def test_warehouse_hours_kept():
    calendars = (CalendarRow(calendar="exact", opens_s=21_600, closes_s=36_780),)
    warehouses = tuple(replace(one, calendar="exact") for one in small.INSTANCE.warehouses)
    instance = with_calendars(calendars, warehouses=warehouses[:1])
    assert kept("warehouse_hours", instance=instance).tightest.amount == 0


def test_warehouse_hours_broken():
    calendars = (CalendarRow(calendar="short", opens_s=21_600, closes_s=36_779),)
    warehouses = (replace(small.INSTANCE.warehouses[0], calendar="short"),)
    instance = with_calendars(calendars, warehouses=warehouses)
    [one] = broken("warehouse_hours", instance=instance)
    assert (one.amount, one.place["trip"]) == (1, "T5")


def test_vehicle_shift_kept():
    assert kept("vehicle_shift").cases == 23


def _shift(opens_s, closes_s):
    others = tuple(one for one in small.INSTANCE.calendars if one.calendar != "shift")
    row = CalendarRow(calendar="shift", opens_s=opens_s, closes_s=closes_s)
    return replace(small.INSTANCE, calendars=(*others, row))


def test_vehicle_shift_broken():
    found = broken("vehicle_shift", instance=_shift(21_600, 35_599))
    assert {"trip": "T2", "leg": "2"} in [one.place for one in found]
    assert [one.amount for one in found if one.place == {"trip": "T2", "leg": "2"}] == [1]


def test_region_hours_kept():
    assert kept("region_hours").cases == 7
    touching = (
        CalendarRow(calendar="office", opens_s=0, closes_s=26_000),
        CalendarRow(calendar="office", opens_s=26_000, closes_s=40_470),
    )
    others = tuple(one for one in small.INSTANCE.calendars if one.calendar != "office")
    instance = replace(small.INSTANCE, calendars=(*others, *touching))
    assert kept("region_hours", instance=instance).tightest.amount == 0


def test_hours_of_two_kinds_that_touch_are_not_one_for_a_service():
    # the service at A's first stop lasts from 25,380 to 26,400 s
    def hours(*rows):
        others = tuple(one for one in small.INSTANCE.calendars if one.calendar not in {"office", "store"})
        ends = ((0, 26_000, rows[0]), (26_000, 40_470, rows[1]))
        office = (CalendarRow(calendar="office", opens_s=a, closes_s=b, window=kind) for a, b, kind in ends)
        store = (CalendarRow(calendar="store", opens_s=a, closes_s=b, window=kind) for a, b, kind in ends)
        return replace(small.INSTANCE, calendars=(*others, *office, *store))

    whole, start = WindowRule.WHOLE, WindowRule.START
    assert amounts(broken("region_hours", instance=hours(whole, start))) == [400]
    kept("region_hours", instance=hours(start, whole))
    kept("region_hours", instance=hours(start, start))
    kept("warehouse_hours", with_trip("T1", depart_s=26_500), hours(whole, start))


def test_region_hours_broken():
    others = tuple(one for one in small.INSTANCE.calendars if one.calendar not in {"office", "tide"})
    rows = (
        CalendarRow(calendar="office", opens_s=25_400, closes_s=43_200),
        CalendarRow(calendar="tide", opens_s=21_600, closes_s=24_300),
    )
    found = broken("region_hours", instance=replace(small.INSTANCE, calendars=(*others, *rows)))
    assert {one.place["region"]: one.amount for one in found} == {"A": 20, "F": 900}
    closed = (*rows[1:], CalendarRow(calendar="office", days="2024-11-22"), rows[0])
    assert len(broken("region_hours", instance=replace(small.INSTANCE, calendars=(*others, *closed)))) == 3


def test_overnight_kept():
    assert kept("overnight", instance=_shift(21_600, 43_170)).tightest.amount == 0


def test_overnight_broken():
    found = broken("overnight", instance=_shift(21_600, 43_169))
    assert [(one.place, one.amount) for one in found] == [({"trip": "T5"}, 1)]
    assert broken("overnight", instance=with_type("JEEP", overnight=Overnight.HOME))


def test_work_limit_kept():
    exact = with_type("TRUCK", work_s=11_620 + 7170)
    assert kept("work_limit", instance=exact).tightest.amount == 0


def test_work_limit_broken():
    [one] = broken("work_limit", instance=with_type("TRUCK", work_s=18_789))
    assert (one.amount, one.place) == (1, {"vehicle": "TRUCK-01", "day": "2024-11-22"})


def test_horizon_kept():
    settings = replace(small.INSTANCE.settings, horizon_s=297_150)
    assert kept("horizon", instance=replace(small.INSTANCE, settings=settings)).tightest.amount == 0


def test_horizon_broken():
    settings = replace(small.INSTANCE.settings, horizon_s=297_149)
    assert amounts(broken("horizon", instance=replace(small.INSTANCE, settings=settings))) == [1]
    assert amounts(broken("horizon", with_trip("T6", load_start_s=-1))) == [1]


def _not_before(seconds):
    rows = (Deadline(place="F", not_before_s=seconds), *small.INSTANCE.deadlines[:3])
    return replace(small.INSTANCE, deadlines=rows)


def test_not_before_kept():
    assert kept("not_before", instance=_not_before(111_600)).tightest.amount == 0


def test_not_before_broken():
    [one] = broken("not_before", instance=_not_before(111_601))
    assert (one.amount, one.place) == (1, {"trip": "T4", "region": "F"})


def _release(seconds):
    rows = (*small.INSTANCE.deadlines, Deadline(place="B", release_s=seconds))
    return replace(small.INSTANCE, deadlines=rows)


def test_release_kept():
    rule = kept("release", instance=_release(21_600))
    assert (rule.tightest.amount, rule.cases) == (0, 1)
    area = replace(small.INSTANCE, deadlines=(Deadline(place="64.02", release_s=0), Deadline(release_s=9)))
    assert [one.place["region"] for one in broken("release", with_trip("T2", load_start_s=8), area)] == ["C"]


def test_release_broken():
    [one] = broken("release", instance=_release(21_601))
    assert (one.amount, one.place) == (1, {"trip": "T1", "region": "B"})


def test_vehicle_overlap_kept():
    assert kept("vehicle_overlap").tightest.amount == 36_000 - 33_220


def test_vehicle_overlap_broken():
    assert amounts(broken("vehicle_overlap", with_trip("T5", load_start_s=33_219))) == [1]
    again = replace(small.T4, id="T7", load_start_s=200_000)
    plan = replace(small.PLAN, trips=(*small.PLAN.trips, again))
    [one] = broken("vehicle_overlap", plan)
    assert one.place == {"trip": "T7", "vehicle": "BOAT-01"}


def test_docks_kept():
    assert kept("docks").tightest.amount == 0


def test_docks_broken():
    [one] = broken("docks", with_trip("T3", dock=3))
    assert (one.claimed, one.expected, one.amount) == ("3", "2", 1)
    assert "dock 3: the plan uses dock or number 3" in one.text
    assert "1 cases" not in one.text
    assert broken("docks", with_trip("T3", dock=0))
    assert amounts(broken("docks", with_trip("T2", dock=1))) == [420]
    one_dock = (replace(small.INSTANCE.warehouses[0], docks=1), small.INSTANCE.warehouses[1])
    found = broken("docks", instance=replace(small.INSTANCE, warehouses=one_dock))
    assert {one.place["dock"] for one in found} == {"2"}  # that it is too many at once is not said besides


def test_docks_broken_by_history():
    """Two that have begun stand at one dock, which is not judged here; a third one begins meanwhile."""
    trips = [
        replace(one, dock=dock, load_start_s=0, depart_s=600) for one, dock in ((small.T1, 1), (small.T2, 1))
    ]
    views = [SimpleNamespace(trip=one, begun=True) for one in trips]
    views.append(SimpleNamespace(trip=replace(small.T3, dock=2, load_start_s=300, depart_s=900), begun=False))
    place = SimpleNamespace(docks=2)
    world = SimpleNamespace(hubs={}, loading_place=lambda _: place)
    found = Recorder("docks", small.CLOCK)
    check_docks(SimpleNamespace(trips=views, world=world, is_history=lambda *_: False), found)
    assert [(one.place, one.amount) for one in found.violations] == [({"warehouse": "W"}, 1)]


def with_outages(*rows):
    """The instance in which something is out of use, given as (subject, from, until, number)."""
    outages = tuple(
        Outage(id=f"o{at}", subject=subject, from_s=from_s, until_s=until_s, number=number)
        for at, (subject, from_s, until_s, number) in enumerate(rows)
    )
    return replace(small.INSTANCE, outages=outages)


def test_outage_kept():
    """TRUCK-01 is on its way from 21,600 to 33,220 and from 36,000 to 43,170."""
    assert kept("outage", instance=with_outages(("TRUCK-01", 33_220, 36_000, None))).cases == 2
    assert check(instance=with_outages(("TRUCK/2", None, None, None))).rules["outage"].passed
    kept("outage", instance=with_outages(("TRUCK", None, None, 1)))
    kept("outage", instance=with_outages(("W", 22_620, 36_000, 1), ("V", 300, None, None)))


def test_outage_broken():
    [one] = broken("outage", instance=with_outages(("TRUCK-01", 33_219, 36_000, None)))
    assert (one.amount, one.place) == (1, {"trip": "T1", "vehicle": "TRUCK-01"})
    assert amounts(broken("outage", instance=with_outages(("TRUCK-01", 33_220, 36_010, None)))) == [10]
    [one] = broken("outage", instance=with_outages(("TRUCK", 40_000, None, None)))
    assert (one.amount, one.claimed, one.expected) == (1, "1", "0")
    [one] = broken(
        "outage", instance=with_outages(("TRUCK", 40_000, None, 1), ("TRUCK-02", 43_169, None, None))
    )
    assert (one.claimed, one.expected) == ("1", "0")
    [one] = broken("outage", instance=with_outages(("W", 22_619, 36_000, 1)))
    assert (one.amount, one.claimed, one.place) == (1, "2", {"warehouse": "W"})
    [one] = broken("outage", instance=with_outages(("V", 299, None, None)))
    assert (one.amount, one.place) == (1, {"trip": "T6", "warehouse": "V"})


def test_stock_kept():
    assert kept("stock").tightest.amount == 0


def test_stock_broken():
    rows = (Stock(warehouse="W", item="box", quantity=9), *small.INSTANCE.stock[1:])
    [one] = broken("stock", instance=replace(small.INSTANCE, stock=rows))
    assert (one.amount, one.place) == (3, {"warehouse": "W", "item": "box"})
    late = (*small.INSTANCE.stock[:2], Stock(warehouse="W", item="form", quantity=2, available_s=36_001))
    [one] = broken("stock", instance=replace(small.INSTANCE, stock=late))
    assert (one.amount, one.claimed, one.expected) == (1, "5", "4")


def test_mass_kept():
    assert kept("mass", instance=with_type("JEEP", mass_kg=11)).tightest.amount == 11_000 - 10_312


def test_mass_broken():
    assert amounts(broken("mass", instance=with_type("TRUCK", mass_kg=20))) == [633]
    assert amounts(broken("mass", with_trip("T1", mass_g=20_632))) == [1]


def test_volume_kept():
    assert kept("volume", instance=with_type("TRUCK", volume_dm3=579)).tightest.amount == 0


def test_volume_broken():
    assert amounts(broken("volume", instance=with_type("TRUCK", volume_dm3=578))) == [1000]
    assert amounts(broken("volume", with_trip("T1", volume_cm3=579_001))) == [1]


def test_pieces_kept():
    assert kept("pieces", instance=with_type("TRUCK", pieces=8)).tightest.amount == 0


def test_pieces_broken():
    assert amounts(broken("pieces", instance=with_type("TRUCK", pieces=7))) == [1]
    assert amounts(broken("pieces", with_trip("T5", pieces=2))) == [1]


def test_exactly_once_kept():
    assert kept("exactly_once").cases == 34
    undelivered = {"status": RegionStatus.UNDELIVERED, "received_s": None, "reason": ReasonCode.NO_TRIP}
    plan = with_region("A", **undelivered)
    kept("exactly_once", replace(plan, trips=tuple(one for one in plan.trips if one is not small.T5)))


def test_exactly_once_broken():
    without = replace(small.PLAN, trips=tuple(t for t in small.PLAN.trips if t is not small.T5))
    [one] = broken("exactly_once", without)
    assert (one.amount, one.measure, one.place) == (2, Measure.UNITS, {"region": "A"})
    assert amounts(broken("exactly_once", with_delivery(small.T5, first_unit=0))) == [1, 1]
    assert 3 in amounts(broken("exactly_once", with_delivery(small.T5, units=4)))
    assert amounts(broken("exactly_once", with_delivery(small.T5, units=0))) == [1, 1]
    assert amounts(broken("exactly_once", with_delivery(small.T5, part="extra"))) == [2, 1]
    assert broken("exactly_once", with_delivery(small.T5, region_id="nowhere"))
    [one] = broken("exactly_once", with_delivery(small.T5, consignment_id="A-main-0"))
    assert (one.place, one.claimed) == ({"consignment": "A-main-0"}, "2")


def test_received_kept():
    assert kept("received").cases == 12
    nothing = with_region_row("G", counts={"tps": 0, "voters": 5})
    plan = replace(with_region("G", received_s=None), trips=small.PLAN.trips[:5])
    kept("received", plan, nothing)
    kept("status", plan, nothing)


def test_received_broken():
    assert amounts(broken("received", with_region("A", received_s=26_400))) == [14_070]
    undelivered = {"status": RegionStatus.UNDELIVERED, "received_s": None, "reason": ReasonCode.NO_TRIP}
    assert amounts(broken("received", with_region("A", **undelivered))) == [1, 1]


def _deadline(seconds):
    rows = (Deadline(place="D", deadline_s=seconds), *small.INSTANCE.deadlines[1:])
    return replace(small.INSTANCE, deadlines=rows)


def test_deadline_kept():
    plan = with_region("D", deadline_s=131_326)
    assert kept("deadline", plan, _deadline(131_326)).tightest.amount == 1


def test_deadline_broken():
    [one] = broken("deadline", with_region("D", deadline_s=131_324), _deadline(131_324))
    assert (one.amount, one.place) == (1, {"region": "D"})
    assert amounts(broken("deadline", with_region("A", deadline_s=small.DEADLINE + 60))) == [60]
    late = with_region("D", status=RegionStatus.LATE, reason=ReasonCode.FLEET_FULL)
    assert amounts(broken("deadline", late)) == [41_475]


def test_reasons_kept():
    late = with_region("D", status=RegionStatus.LATE, reason=ReasonCode.FLEET_FULL)
    assert kept("reasons", late).cases == 6


def test_reasons_broken():
    [one] = broken("reasons", with_region("D", status=RegionStatus.LATE))
    assert (one.amount, one.place) == (1, {"region": "D"})
    assert broken("reasons", with_region("D", reason=ReasonCode.FLEET_FULL))
    [one] = broken("reasons", with_region("D", status=RegionStatus.LATE, reason=UnknownReason("bad_luck")))
    assert (one.claimed, one.expected) == ("bad_luck", "late")
    assert broken("reasons", with_region("D", status=RegionStatus.LATE, reason=UnknownReason("cut.why")))


@pytest.mark.parametrize("reason", PROVEN)
def test_a_reason_that_is_said_to_be_proven_needs_its_proof(reason):
    late = with_region("D", status=RegionStatus.LATE, reason=reason)
    [one] = broken("reasons", late)
    assert one.place == {"region": "D"}
    for kind in ProofKind:
        proofs = (Proof(kind, ("A", "D")),)
        first, *others = late.components
        with_proof = replace(late, components=(replace(first, proofs=proofs), *others))
        assert check(with_proof, small.INSTANCE).rules["reasons"].passed == (kind is PROVEN[reason])


def test_trip_cost_kept():
    assert kept("trip_cost").cases == 12


def test_trip_cost_broken():
    assert amounts(broken("trip_cost", with_trip("T1", cost=526_834))) == [1]
    [one] = broken("trip_cost", with_trip("T3", paid_s=145_529))
    assert (one.amount, one.measure) == (1, Measure.SECONDS)
    found = broken("trip_cost", instance=with_type("BOAT", price_trip=10_500))
    assert [(one.amount, one.measure) for one in found] == [(500, Measure.MONEY)]


def test_cost_kept():
    assert kept("cost").cases == 3


def test_cost_broken():
    assert amounts(broken("cost", with_component("W", cost=small.COST - 5))) == [5]
    assert amounts(broken("cost", replace(small.PLAN, cost=small.COST + 7))) == [7]
    assert amounts(broken("cost", with_trip("T5", vehicle_id="TRUCK-02"))) == [700_000, 700_000]


def test_bound_kept():
    assert kept("bound", with_component("W", lower_bound=small.COST)).tightest.amount == 0
    late = late_plan(lower_bound=small.COST)
    assert kept("bound", late, _deadline(131_325)).tightest.amount == 0
    nothing = replace(small.INSTANCE, regions=with_region_row("G", counts={"tps": 0}).regions)
    assert kept("bound", with_component("V", lower_bound=0), nothing).cases == 2


def test_bound_broken():
    assert amounts(broken("bound", with_component("W", lower_bound=small.COST + 1))) == [1]
    late = late_plan(lower_bound=small.COST + 1)
    assert amounts(broken("bound", late, _deadline(131_325))) == [1]
    empty = _empty_w((), status=Status.NOT_FOUND)
    components = (replace(empty.components[0], lower_bound=0),)
    [one] = broken("bound", replace(empty, components=components))
    assert (one.claimed, one.expected, one.place) == ("0", "null", {"component": "W"})


def _late_edge(fixed_s):
    """The instance with a largest delay of the only edge to G, which has 343,800 s left."""
    return replace(small.INSTANCE, delays=(Delay(id="d", edge="e8", fixed_s=fixed_s),))


def _late_jeep(fixed_s, work_late_s):
    """The instance with a largest delay of the edge to D; the jeep's crews work 8 h a day."""
    vehicles = with_type("JEEP", work_late_s=work_late_s).vehicles
    return replace(small.INSTANCE, vehicles=vehicles, delays=(Delay(id="d", edge="e5", fixed_s=fixed_s),))


def _guaranteed(instance, **changes):
    """The plan as it says that it withstands one late leg."""
    components = tuple(replace(one, status=Status.GUARANTEED) for one in small.PLAN.components)
    changes = {"gamma": 1, "status": Status.GUARANTEED, "components": components} | changes
    options = dict(small.PLAN.options) | {"guarantee": "1"}
    return replace(small.PLAN, instance_digest=digest(instance), options=options, **changes)


def test_guarantee_kept():
    assert kept("guarantee").cases == 5  # the option, the number, two components and the plan
    instance = _late_edge(343_799)
    verdict = check(_guaranteed(instance), instance)
    assert (verdict.passed, verdict.status) == (True, Status.GUARANTEED)
    tightest = verdict.rules["guarantee"].tightest
    assert (tightest.place, tightest.amount) == ({"region": "G"}, 1)
    by_file = replace(instance, settings=replace(instance.settings, guarantee=1))
    assert check(replace(_guaranteed(by_file), options={}), by_file).passed
    worked = _late_jeep(19_875, 7200)  # until 144,000: 10 h on Friday, 10 h on Saturday
    verdict = check(_guaranteed(worked), worked)
    assert (verdict.passed, verdict.status) == (True, Status.GUARANTEED)
    [jeep] = [one for one in verdict.robustness.worst if one.region == "D"]
    assert (jeep.received_s, jeep.exact) == (144_000, True)
    assert verdict.robustness.work_late_s == {"TRUCK": 7200, "JEEP": 7200}
    assert check(_guaranteed(worked := _late_jeep(5475, 0)), worked).passed


def test_guarantee_broken():
    [one] = broken("guarantee", replace(small.PLAN, gamma=2))
    assert (one.amount, one.measure, one.claimed, one.expected) == (2, Measure.LEGS, "2", "0")
    assert broken("guarantee", replace(small.PLAN, status=Status.GUARANTEED))
    assert broken("guarantee", with_component("V", status=Status.GUARANTEED))
    assert broken("guarantee", replace(small.PLAN, options={"guarantee": "some"}))
    instance = _late_edge(343_800)
    part, whole = broken("guarantee", _guaranteed(instance), instance)
    assert (part.place, part.amount) == ({"component": "V", "region": "G"}, 1)
    assert (part.claimed, part.expected, whole.place) == ("GUARANTEED", "ON_TIME", {})
    assert amounts(broken("guarantee", _guaranteed(instance, gamma=0), instance)) == [1, 1, 1]
    for delay_s, late_s in ((19_876, 7200), (5476, 0)):  # the hand-over is one second too long for Saturday
        worked = _late_jeep(delay_s, late_s)
        part, _ = broken("guarantee", _guaranteed(worked), worked)
        assert part.place == {"component": "W", "region": "D"}
        [jeep] = [one for one in check(_guaranteed(worked), worked).robustness.worst if one.region == "D"]
        assert jeep.received_s == 2 * DAY + 21_600 + 900  # when it opens on Sunday


def test_a_guarantee_that_is_not_claimed_is_broken():
    instance = _late_edge(1)
    plan = _guaranteed(instance, status=Status.ON_TIME, components=small.PLAN.components)
    found = broken("guarantee", plan, instance)
    assert [(one.claimed, one.expected) for one in found] == [("ON_TIME", "GUARANTEED")] * 3
    assert len(broken("status", plan, instance)) == 2


def test_status_kept():
    late = late_plan()
    assert check(late, _deadline(131_325)).passed is False  # the digest is that of the first deadline
    assert kept("status", late, _deadline(131_325)).cases == 3
    assert check(late, _deadline(131_325)).components == {"W": Status.LATE, "V": Status.ON_TIME}


def late_plan(**component):
    """D is late by none, which is late; its component says so."""
    plan = with_region("D", status=RegionStatus.LATE, deadline_s=131_325, reason=ReasonCode.FLEET_FULL)
    components = (replace(plan.components[0], **({"status": Status.LATE} | component)), plan.components[1])
    worst = Status.worst_of(one.status for one in components)
    return replace(plan, status=worst, components=components)


def test_status_broken():
    [one] = broken("status", replace(small.PLAN, status=Status.LATE))
    assert (one.claimed, one.expected, one.amount) == ("LATE", "ON_TIME", 1)
    assert broken("status", with_component("W", status=Status.IMPOSSIBLE))
    assert broken("status", late_plan(status=Status.ON_TIME), _deadline(131_325))
    assert broken("status", late_plan(status=Status.NOT_FOUND), _deadline(131_325))
    verdict = check(replace(small.PLAN, status=Status.LATE))
    assert verdict.status is Status.NOT_FOUND


def _empty_w(proofs, status=Status.IMPOSSIBLE, regions=("D",)):
    """A plan for one region of W without any trip."""
    return replace(
        small.PLAN,
        options={"area": "D"},
        status=status,
        cost=0,
        components=(Component("W", status, StopReason.COMPLETE, regions, 0, None, proofs),),
        trips=(),
        regions=tuple(
            RegionResult(name, RegionStatus.UNDELIVERED, None, 2 * DAY, ReasonCode.CUT) for name in regions
        ),
    )


def _cut_instance():
    closures = (*small.INSTANCE.closures, Closure(id="c3", edge="e5"))
    return replace(small.INSTANCE, closures=closures)


def test_proof_kept():
    plan = _empty_w((Proof(ProofKind.CUT, ("D",), ("e5",)),))
    kept("proof", plan, _cut_instance())
    kept("status", plan, _cut_instance())
    assert check(plan, _cut_instance()).proven == ("D",)


def test_proof_broken():
    [one] = broken("proof", _empty_w((Proof(ProofKind.CUT, ("D",), ("e5",)),)))
    # both the truck and the jeep have a way
    assert (one.amount, one.place) == (2, {"component": "W", "proof": "cut", "region": "D"})
    assert broken("proof", _empty_w((Proof(ProofKind.CUT, ("D",)),)), _cut_instance())
    assert broken("proof", _empty_w((Proof(ProofKind.CUT, ("D",), ("e2",)),)), _cut_instance())
    assert broken("proof", _empty_w((Proof(ProofKind.CUT, ("G",), ("e5",)),)), _cut_instance())
    assert broken("proof", _empty_w((Proof(ProofKind.CUT, ()),)), _cut_instance())


def _earliest(text):
    return _empty_w((Proof(ProofKind.EARLIEST_ARRIVAL, ("D",), figures={"earliest": text}),))


def test_earliest_arrival_is_that_of_the_best_vehicle_alone():
    # The truck must be home and D lies 40,500 s away, so only the jeep is left. Its trip T3 could begin at
    # 21,600 s: 28,200 s of the way on Friday, 22,425 s on Saturday, and the hand-over.
    own = 108_000 + 22_425 + 900
    exact = _deadline(own)
    kept("proof", _earliest(small.CLOCK.text(own)), exact)
    [one] = broken("proof", _earliest(small.CLOCK.text(own + 1)), exact)
    assert one.amount == 1
    [one] = broken("proof", _earliest(small.CLOCK.text(own)), _deadline(own + 60))
    assert one.amount == 60
    [one] = broken("proof", _earliest(small.CLOCK.text(own - 5)), exact)
    assert one.amount == 5
    assert broken("proof", _earliest("soon"), exact)
    kept("proof", _earliest(small.CLOCK.text(own - 5)), _deadline(own - 10))


def test_earliest_arrival_counts_the_way_home_of_a_vehicle_that_must_be_back():
    # C by the ship: 420 s, 5,400 s, 980 s; back 7,200 s.
    region = RegionResult("C", RegionStatus.UNDELIVERED, None, 10, "earliest_arrival")

    def plan(earliest):
        proof = Proof(ProofKind.EARLIEST_ARRIVAL, ("C",), figures={"earliest": earliest})
        return replace(_empty_w((proof,), regions=("C",)), options={"area": "C"}, regions=(region,))

    rows = (Deadline(place="C", deadline_s=10), *small.INSTANCE.deadlines)
    tight = replace(small.INSTANCE, deadlines=rows)
    kept("proof", plan(small.CLOCK.text(21_600 + 390 + 5400 + 960)), tight)
    home = replace(with_type("SHIP", overnight=Overnight.HOME), deadlines=rows)
    kept("proof", plan(small.CLOCK.text(21_600 + 390 + 5400 + 960)), home)
    short = (*small.INSTANCE.calendars, CalendarRow(calendar="short", opens_s=21_600, closes_s=35_549))
    ship = with_type("SHIP", overnight=Overnight.HOME, calendar="short")
    never = replace(ship, deadlines=rows, calendars=short)
    kept("proof", plan(""), never)
    assert broken("proof", plan(""), home)


def test_a_known_trip_that_is_slower_than_the_network_holds_for_the_earliest_arrival():
    # Alone 100,000 s; by way of A or B 50,625 s and a hand-over there.
    slow = KnownTrip(id="k2", from_node="W", to_node="D", time_s=100_000, distance_m=1)
    own = 108_000 + 22_425 + 900 + 900
    instance = replace(_deadline(own), known_trips=(*small.INSTANCE.known_trips, slow))
    kept("proof", _earliest(small.CLOCK.text(own)), instance)
    assert amounts(broken("proof", _earliest(small.CLOCK.text(own + 1)), instance)) == [1]


def test_no_region_receives_before_its_earliest_receipt():
    world = World(small.INSTANCE)
    for result in small.PLAN.regions:
        earliest_s = earliest_receipt(world, world.instance.region_of[result.region_id])
        assert earliest_s is not None
        assert earliest_s <= result.received_s


def test_a_cut_names_the_edges_between():
    region = RegionResult("C", RegionStatus.UNDELIVERED, None, small.DEADLINE, ReasonCode.CUT)

    def plan(*edges):
        proof = Proof(ProofKind.CUT, ("C",), edges)
        return replace(_empty_w((proof,), regions=("C",)), options={"area": "C"}, regions=(region,))

    without = with_type("SHIP", number=0)
    kept("proof", plan("e3"), without)
    assert broken("proof", plan("e4"), without)
    assert broken("proof", plan("e3"))
    no_edge = replace(without, edges=tuple(one for one in small.INSTANCE.edges if one.id != "e4"))
    kept("proof", plan(), no_edge)


def test_capacity_is_that_of_every_vehicle_that_reaches():
    proofs = (Proof(ProofKind.CAPACITY, ("D",)),)
    small_jeep = with_type("JEEP", volume_dm3=288)
    assert amounts(broken("proof", _empty_w(proofs), small_jeep)) == [1]  # the truck still carries it
    both = replace(
        small_jeep,
        vehicles=tuple(replace(one, mass_kg=10) if one.id == "TRUCK" else one for one in small_jeep.vehicles),
    )
    kept("proof", _empty_w(proofs), both)


def test_stock_must_be_short_of_what_the_component_needs():
    proof = Proof(ProofKind.STOCK, ("D",), figures={"items": "form"})
    rows = (Stock(warehouse="W", item="form", quantity=5),)
    whole = ("A", "B", "C", "D", "F")
    plan = _empty_w((proof,), regions=whole)
    kept("proof", plan, replace(small.INSTANCE, stock=rows))
    assert amounts(broken("proof", plan)) == [1]
    late = (*rows, Stock(warehouse="W", item="form", quantity=9, available_s=small.DEADLINE))
    kept("proof", plan, replace(small.INSTANCE, stock=late))
    unnamed = replace(proof, figures={})
    kept("proof", _empty_w((unnamed,), regions=whole), replace(small.INSTANCE, stock=rows))
    other = replace(proof, figures={"items": "box"})
    assert broken("proof", _empty_w((other,), regions=whole), replace(small.INSTANCE, stock=rows))


def test_nobody_is_proven_to_go_without_for_whom_there_is_enough():
    # C, D and F each need one form, and there are two
    plan_for = partial(_short_of_forms, ("C", "D", "F"))
    kept("proof", plan_for(("F",)), _forms(2))
    assert amounts(broken("proof", plan_for(("C", "D", "F")), _forms(2))) == [2, 2, 2]
    assert amounts(broken("proof", plan_for(("D", "F")), _forms(2))) == [1, 1]
    kept("proof", plan_for(("D", "F")), _forms(1))
    one_each = plan_for(("D",), ("F",))
    assert amounts(broken("proof", one_each, _forms(2))) == [1, 1]
    kept("proof", one_each, _forms(1))


def test_who_cannot_get_anything_uses_up_no_stock():
    plan = _short_of_forms(("C", "D", "F"), ("F",))
    kept("proof", plan, _forms(2))
    cut = replace(_forms(2), closures=_cut_instance().closures)  # D is cut off
    assert amounts(broken("proof", plan, cut)) == [1]
    small_jeep = replace(_forms(2), vehicles=with_type("JEEP", volume_dm3=0).vehicles)
    no_truck = tuple(one for one in small_jeep.vehicles if one.id != "TRUCK")
    assert broken("proof", plan, replace(small_jeep, vehicles=no_truck))


def _forms(quantity):
    return replace(small.INSTANCE, stock=(Stock(warehouse="W", item="form", quantity=quantity),))


def _short_of_forms(regions, *listed):
    proofs = tuple(Proof(ProofKind.STOCK, names, figures={"items": "form"}) for names in listed)
    return _empty_w(proofs, regions=regions)


def test_a_proof_for_who_needs_nothing_is_false():
    nothing = replace(_cut_instance(), regions=with_region_row("D", counts={"tps": 0}).regions)
    assert broken("proof", _empty_w((Proof(ProofKind.CUT, ("D",), ("e5",)),)), nothing)


def test_a_component_without_trips_is_not_found():
    plan = _empty_w((), status=Status.NOT_FOUND)
    regions = tuple(replace(result, reason=ReasonCode.NO_TRIP) for result in plan.regions)
    verdict = check(replace(plan, regions=regions))
    assert verdict.passed
    assert verdict.status is Status.NOT_FOUND


def test_the_kit_rounds_each_unit_or_the_region_once():
    region = with_region_row("A", counts={"tps": 3, "voters": 500}).regions[0]
    items = (
        Item(id="ballot", name="", per="voters", reserve_bp=250, mass_g=1, volume_cm3=0),
        Item(
            id="spare",
            name="",
            per="voters",
            reserve_bp=250,
            rounding=Rounding.REGION,
            mass_g=0,
            volume_cm3=0,
        ),
    )
    kit = Kit(replace(small.INSTANCE, items=items))
    # 167 and 167 and 166 voters: 171.175, 171.175, 170.15, each rounded up; together 512.5
    assert [kit.load(region, "main", unit, 1).items for unit in range(3)] == [
        {"ballot": 172, "spare": 513},
        {"ballot": 172},
        {"ballot": 171},
    ]
    assert kit.load(region, "main", 0, 3).items == {"ballot": 515, "spare": 513}
    assert kit.load(region, "main", -5, 10**18).items == {"ballot": 515, "spare": 513}


def test_the_worked_example_of_the_cost():
    # docs/concepts.md, Cost: 130 min, 60 km; 355,000 for the trip, 1,055,000 for the plan.
    kind = replace(
        with_type("TRUCK").vehicles[0], work_s=None, calendar="", price_vehicle=200_000, price_day=500_000
    )
    item = Item(id="box", name="", per="tps", mass_g=1, volume_cm3=1)
    region = with_region_row("A", counts={"tps": 10}, calendar="").regions[0]
    instance = replace(
        small.INSTANCE, vehicles=(kind,), items=(item,), regions=(region,), stock=(), deadlines=()
    )
    leg = Leg("W", "A", 22_800, 25_500, 30_000, (Step(StepKind.FORWARD, "e1"),))
    stop = replace(small.T1.stops[0], leg=leg, start_s=25_500, end_s=26_700)
    stop = replace(stop, deliveries=(Delivery("A", "A", "main", 0, 10, 10, 10, 10),))
    back = replace(small.T5.back, depart_s=26_700, arrive_s=29_400)
    trip = replace(small.T1, depart_s=22_800, stops=(stop,), back=back, end_s=29_400, mass_g=10)
    trip = replace(trip, volume_cm3=10, pieces=10, distance_m=60_000, paid_s=130 * 60, cost=355_000)
    plan = replace(
        small.PLAN,
        cost=1_055_000,
        trips=(trip,),
        regions=(replace(small.PLAN.regions[0], received_s=26_700),),
        components=(Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A",), 1_055_000, None),),
    )
    assert {one.rule for one in check(plan, instance).violations} == {"instance_digest"}
