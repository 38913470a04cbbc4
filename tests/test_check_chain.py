"""Chains of hubs: each rule of the check once kept, just so, and once broken; and corrupted plans.

Warehouse W supplies C by truck straight, A through hub P, and B through P and Q. The truck T stops at P and
C, the boat M at home at P stops at A and Q, the canoe N at home at Q stops at B. A needs two boxes, B three,
C one; a box is one piece of 10 kg and 10 dm³. Second 0 is Friday, 22 November 2024.
"""

import copy
import json
import random
from dataclasses import replace
from unittest.mock import patch

import pytest
import small
import test_check_mutations
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CALENDARS, CLOCK, DAY, road, store, truck, village, world

from planner.base.errors import InputError
from planner.base.text import set_language
from planner.instance.digest import digest
from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Deadline,
    Echelon,
    Hub,
    HubKind,
    KnownTrip,
    Mode,
    Stock,
    WindowRule,
)
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    Proof,
    ProofKind,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Status,
    Stop,
    StopReason,
    Trip,
)
from planner.proof.chain_bounds import chain_earliest_receipt, chain_least_s
from planner.proof.check import CHECKS, check_plan
from planner.proof.verdict import Measure
from planner.proof.world import World

HOUR = 3600
DEADLINE = 2 * DAY


def _hub(name, **more):
    return Hub(id=name, name=f"Jetty {name}", kind=HubKind.JETTY, lat=0.0, lon=117.0, **more)


INSTANCE = world(
    [
        village("A", boxes=2, hub="P"),
        village("B", boxes=3, hub="Q"),
        village("C", boxes=1),
    ],
    [
        truck(
            "T", mass_kg=60, calendar="shift", load_fixed_s=600, load_piece_s=60, unload_piece_s=30,
            price_vehicle=1000, price_day=500, price_trip=100, price_km=10, price_hour=360,
        ),
        truck(
            "M", home="P", modes=(Mode.RIVER,), load_fixed_s=120, load_piece_s=10, unload_piece_s=15,
            price_vehicle=200, price_trip=50, price_km=5,
        ),
        truck("N", home="Q", modes=(Mode.RIVER,), load_piece_s=20, unload_piece_s=10, price_hour=36),
    ],
    [
        road("wp", "W", "P", 1800, length_m=10_000),
        road("pc", "P", "C", 1200, length_m=5000),
        road("cw", "C", "W", 2400, length_m=12_000),
        road("pa", "P", "A", 3600, length_m=20_000, mode=Mode.RIVER),
        road("aq", "A", "Q", 900, length_m=4000, mode=Mode.RIVER),
        road("pq", "P", "Q", 1200, length_m=8000, mode=Mode.RIVER),
        road("qb", "Q", "B", 1800, length_m=6000, mode=Mode.RIVER),
    ],
    settings={"chain": Chain.REQUIRED},
    warehouses=(store(calendar="shift"), store("V")),
    hubs=(
        _hub("P", calendar="jetty", transfer_fixed_s=300, transfer_piece_s=20, price_piece=7, storage_dm3=60),
        _hub("Q", via="P", transfer_piece_s=10, price_piece=11),
        _hub("R"),
    ),
    calendars=(*CALENDARS, CalendarRow(calendar="jetty", opens_s=6 * HOUR, closes_s=18 * HOUR)),
    stock=(Stock(warehouse="W", item="box", quantity=6),),
    deadlines=(
        Deadline(echelon=Echelon.HUB, place="", deadline_s=DAY),
        Deadline(echelon=Echelon.HUB, place="Q", deadline_s=31_000, not_before_s=30_000),
    ),
)  # fmt: skip


def _leg(start, end, depart_s, arrive_s, distance_m, path):
    return Leg(start, end, depart_s, arrive_s, distance_m, small._steps(path))


def _delivery(name, units):
    return Delivery(f"{name}/main/1", name, "main", 0, units, 10_000 * units, 10_000 * units, units)


TO_A, TO_B, TO_C = _delivery("A", 2), _delivery("B", 3), _delivery("C", 1)

# 6 pieces: 600 + 6 x 60 s of loading; 5 x 30 s at P without a hand-over, 600 + 30 s at C;
# 100 + 27 km x 10 + 7,140 s x 360/h, and 5 pieces x 7 at P
T1 = Trip(
    "W-1", "T-01", "T", "W", 1, 21_600, 22_560,
    (
        Stop("P", _leg("W", "P", 22_560, 24_360, 10_000, "wp+"), 24_360, 24_510, (TO_A, TO_B)),
        Stop("C", _leg("P", "C", 24_510, 25_710, 5000, "pc+"), 25_710, 26_340, (TO_C,)),
    ),
    _leg("C", "W", 26_340, 28_740, 12_000, "cw+"), 28_740,
    mass_g=60_000, volume_cm3=60_000, pieces=6, distance_m=27_000, paid_s=7140, cost=1119,
)  # fmt: skip

# Ready at P after 300 + 5 x 20 s: at 24,910 s. 120 + 5 x 10 s of loading; 600 + 2 x 15 s at A, 3 x 15 s at Q;
# 50 + 32 km x 5, and 3 pieces x 11 at Q
T2 = Trip(
    "W-2", "M-01", "M", "P", 1, 24_910, 25_080,
    (
        Stop("A", _leg("P", "A", 25_080, 28_680, 20_000, "pa+"), 28_680, 29_310, (TO_A,)),
        Stop("Q", _leg("A", "Q", 29_310, 30_210, 4000, "aq+"), 30_210, 30_255, (TO_B,)),
    ),
    _leg("Q", "P", 30_255, 31_455, 8000, "pq-"), 31_455,
    mass_g=50_000, volume_cm3=50_000, pieces=5, distance_m=32_000, paid_s=6545, cost=243,
)  # fmt: skip

# Ready at Q after 3 x 10 s. 3 x 20 s of loading, 600 + 3 x 10 s at B; 4,290 s x 36/h = 42.9
T3 = Trip(
    "W-3", "N-01", "N", "Q", 1, 30_285, 30_345,
    (Stop("B", _leg("Q", "B", 30_345, 32_145, 6000, "qb+"), 32_145, 32_775, (TO_B,)),),
    _leg("B", "Q", 32_775, 34_575, 6000, "qb-"), 34_575,
    mass_g=30_000, volume_cm3=30_000, pieces=3, distance_m=12_000, paid_s=4290, cost=43,
)  # fmt: skip

# Trips 1,405; vehicles 1,000 + 200; one day of the truck 500
COST = 3105

PLAN = Plan(
    instance_name="world",
    instance_digest=digest(INSTANCE),
    planner_version="0.1.0",
    options={"engine": "hand"},
    status=Status.ON_TIME,
    gamma=0,
    currency="IDR",
    cost=COST,
    components=(Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A", "B", "C"), COST, 1000),),
    trips=(T1, T2, T3),
    regions=(
        RegionResult("A", RegionStatus.ON_TIME, 29_310, DEADLINE),
        RegionResult("B", RegionStatus.ON_TIME, 32_775, DEADLINE),
        RegionResult("C", RegionStatus.ON_TIME, 26_340, DEADLINE),
    ),
)


def check(plan=PLAN, instance=INSTANCE):
    return check_plan(plan, CLOCK, instance)


def kept(rule, plan=PLAN, instance=INSTANCE):
    """The rule's result, which must pass with at least one case."""
    result = check(plan, instance).rules[rule]
    assert result.passed
    assert result.cases > 0
    return result


def broken(rule, plan=PLAN, instance=INSTANCE):
    """The rule's violations, at least one; their words can be made."""
    found = [one for one in check(plan, instance).violations if one.rule == rule]
    assert found
    assert all(one.text for one in found)
    return found


def amounts(violations):
    return [one.amount for one in violations]


def with_rows(table, name, /, **changes):
    """The instance with one changed row of a table."""
    rows = tuple(replace(one, **changes) if one.id == name else one for one in getattr(INSTANCE, table))
    return replace(INSTANCE, **{table: rows})


def with_chain(chain):
    return replace(INSTANCE, settings=replace(INSTANCE.settings, chain=chain))


def with_trip(trip, /, **changes):
    """The plan with one changed trip."""
    trips = (replace(one, **changes) if one.id == trip.id else one for one in PLAN.trips)
    return replace(PLAN, trips=tuple(trips))


def with_stop(trip, idx=0, /, **changes):
    """The plan with one changed stop."""
    stops = list(trip.stops)
    stops[idx] = replace(stops[idx], **changes)
    return with_trip(trip, stops=tuple(stops))


def without(*trips):
    return replace(PLAN, trips=tuple(one for one in PLAN.trips if one not in trips))


def and_trip(*trips):
    return replace(PLAN, trips=(*PLAN.trips, *trips))


def with_region(name, /, **changes):
    """The plan with one changed result."""
    regions = (replace(one, **changes) if one.region_id == name else one for one in PLAN.regions)
    return replace(PLAN, regions=tuple(regions))


def hub_rows(*rows):
    return replace(INSTANCE, deadlines=tuple(replace(one, echelon=Echelon.HUB) for one in rows))


def moved(trip, seconds, /, name, **changes):
    """The same trip once more, so much later, its consignments under other names."""

    def leg(one):
        return replace(one, depart_s=one.depart_s + seconds, arrive_s=one.arrive_s + seconds)

    stops = tuple(
        replace(
            one,
            leg=leg(one.leg),
            start_s=one.start_s + seconds,
            end_s=one.end_s + seconds,
            deliveries=tuple(
                replace(item, consignment_id=item.consignment_id + name) for item in one.deliveries
            ),
        )
        for one in trip.stops
    )
    times = {key: getattr(trip, key) + seconds for key in ("load_start_s", "depart_s", "end_s")}
    return replace(trip, id=name, stops=stops, back=leg(trip.back), **times, **changes)


def test_the_whole_plan_is_on_time():
    verdict = check()
    assert verdict.violations == ()
    assert verdict.status is Status.ON_TIME
    assert verdict.components == {"W": Status.ON_TIME}
    figures = verdict.figures
    assert (figures.cost, figures.distance_m, figures.trips, figures.regions_on_time) == (COST, 71_000, 3, 3)
    assert (figures.smallest_margin_s, figures.smallest_margin_region) == (DEADLINE - 32_775, "B")


# A straight trip of the truck to A: 600 + 2 x 60 s of loading. There is no road, so only some rules hold.
STRAIGHT = Trip(
    "W-4", "T-01", "T", "W", 1, 30_000, 30_720,
    (Stop("A", _leg("W", "A", 30_720, 36_120, 30_000, "wp+ pa+"), 36_120, 36_780, (TO_A,)),),
    _leg("A", "W", 36_780, 42_180, 30_000, "pa- wp-"), 42_180,
    mass_g=20_000, volume_cm3=20_000, pieces=2, distance_m=60_000, paid_s=12_180, cost=0,
)  # fmt: skip


def _straight(*stops_of_t2):
    """A's boxes go straight; P and the boat have B's only."""
    first = replace(T1, stops=(replace(T1.stops[0], deliveries=(TO_B,)), T1.stops[1]))
    return replace(PLAN, trips=(first, replace(T2, stops=stops_of_t2), T3, STRAIGHT))


def test_chain_kept():
    kept("chain")
    kept("chain", instance=with_chain(Chain.ALLOWED))
    kept("chain", _straight(T2.stops[1]), with_chain(Chain.ALLOWED))
    kept("chain", without(T3))  # B's boxes stay at Q
    only_c = replace(PLAN, trips=(replace(T1, stops=T1.stops[1:]),))
    homes = tuple(replace(one, home="") for one in INSTANCE.vehicles)
    kept("chain", only_c, replace(with_chain(Chain.NONE), vehicles=homes))


def test_chain_broken():
    [one] = broken("chain", _straight(T2.stops[1]))
    assert (one.claimed, one.expected) == ("W → A", "W → P → A")
    assert one.place == {"trip": "W-4", "consignment": "A/main/1"}
    both = replace(PLAN, trips=(T1, replace(T2, stops=T2.stops[1:]), T3, STRAIGHT))
    [one] = broken("chain", both, with_chain(Chain.ALLOWED))
    assert (one.claimed, one.place) == ("W → P; W → A", {"consignment": "A/main/1"})
    [one] = broken("chain", without(T2))
    assert (one.claimed, one.expected) == ("W → P; Q → B", "W → P → Q → B")
    [one] = broken("chain", without(T1))[:1]
    assert one.amount == 1
    assert broken("chain", instance=with_rows("hubs", "Q", via=""))
    assert broken("chain", instance=with_rows("regions", "B", hub="P"))
    assert broken("chain", instance=with_rows("regions", "C", hub="P"))


def test_a_consignment_keeps_its_run_on_all_its_legs():
    less = replace(TO_B, units=2, mass_g=20_000, volume_cm3=20_000, pieces=2)
    [one] = broken("chain", with_stop(T3, deliveries=(less,)))
    assert (one.claimed, one.expected) == ("B main 0 + 2", "B main 0 + 3")
    assert broken("chain", with_stop(T3, deliveries=(replace(TO_B, consignment_id="other"),)))


def test_without_a_chain_hubs_take_no_part():
    found = broken("chain", instance=with_chain(Chain.NONE))
    # T1 stops at P; T2 has another home, starts at P and stops at Q; so with T3, which stops at B
    places = [dict(one.place) for one in found]
    assert places == [
        {"trip": "W-1", "stop": "1"},
        {"trip": "W-2", "vehicle": "M-01"},
        {"trip": "W-2"},
        {"trip": "W-2", "stop": "2"},
        {"trip": "W-3", "vehicle": "N-01"},
        {"trip": "W-3"},
    ]
    no_chain = World(with_chain(Chain.NONE))
    assert [one.id for one in no_chain.types_of("W")] == ["T"]
    assert no_chain.places("W") == {"W", "A", "B", "C"}
    assert World(INSTANCE).places("W") == {"W", "A", "B", "C", "P", "Q"}
    assert check(instance=with_chain(Chain.NONE)).rules["not_before"].cases == 3


def test_transfer_kept():
    assert kept("transfer").tightest.amount == 0
    assert kept("transfer").cases == 3
    kept("transfer", instance=with_rows("hubs", "Q", transfer_fixed_s=0))


def test_transfer_broken():
    found = broken("transfer", instance=with_rows("hubs", "P", transfer_piece_s=21))
    assert [(one.amount, one.place["consignment"]) for one in found] == [(5, "A/main/1"), (5, "B/main/1")]
    [one] = broken("transfer", with_trip(T3, load_start_s=30_284))
    assert (one.amount, one.place) == (1, {"trip": "W-3", "hub": "Q", "consignment": "B/main/1"})


def test_hub_storage_kept():
    assert kept("hub_storage").tightest.amount == 10_000
    assert kept("hub_storage", instance=with_rows("hubs", "P", storage_dm3=50)).tightest.amount == 0
    again = and_trip(moved(T1, 400, "again"))  # unloads when the boat begins to load: 24,910 s
    assert kept("hub_storage", again, with_rows("hubs", "P", storage_dm3=50)).tightest.amount == 0
    assert check(instance=with_rows("hubs", "P", storage_dm3=None)).rules["hub_storage"].cases == 0


def test_hub_storage_broken():
    [one] = broken("hub_storage", instance=with_rows("hubs", "P", storage_dm3=49))
    assert (one.amount, one.measure, one.place) == (1000, Measure.CUBIC_CM, {"hub": "P"})
    tight = with_rows("hubs", "P", storage_dm3=50)
    assert amounts(broken("hub_storage", and_trip(moved(T1, 399, "again")), tight)) == [50_000]
    stays = replace(PLAN, trips=(T1, moved(T1, DAY, "again")))  # nothing takes either
    assert amounts(broken("hub_storage", stays, tight)) == [50_000]


def test_own_warehouse_kept():
    assert kept("own_warehouse").cases == 3 + 6


def test_own_warehouse_broken():
    [one] = broken("own_warehouse", with_trip(T2, origin_id="W"))
    assert (one.claimed, one.expected) == ("W", "P")
    assert broken("own_warehouse", with_trip(T1, origin_id="P"))
    assert broken("own_warehouse", instance=with_rows("vehicles", "N", home=""))
    foreign = broken("own_warehouse", instance=with_rows("vehicles", "N", warehouse="V"))
    assert [(one.claimed, one.expected) for one in foreign] == [("V", "W")]
    assert foreign[0].place == {"trip": "W-3", "region": "B"}
    assert {one.rule for one in check(instance=with_chain(Chain.NONE)).violations} >= {"own_warehouse"}


def test_stop_node_kept():
    assert kept("stop_node").cases == 6


def test_stop_node_broken():
    [one] = broken("stop_node", with_stop(T1, deliveries=(TO_A, TO_B, TO_C)))
    assert (one.claimed, one.expected) == ("P", "C")
    assert broken("stop_node", with_stop(T2, 1, deliveries=(TO_A,)))
    assert broken("stop_node", with_stop(T2, 1, deliveries=()))
    assert broken("stop_node", with_stop(T1, node_id="R"))
    assert broken("stop_node", instance=with_chain(Chain.NONE))


def test_docks_kept():
    two = moved(T2, 170, "again")  # loads when the first one has left
    assert kept("docks", and_trip(two)).cases == 3 + 3 + 2
    kept("docks", and_trip(moved(T2, 0, "again", dock=2)), with_rows("hubs", "P", docks=2))


def test_docks_broken():
    [one] = broken("docks", with_trip(T2, dock=2))
    assert (one.claimed, one.expected) == ("2", "1")
    [one] = broken("docks", and_trip(moved(T2, 169, "again")))  # told once: of the dock
    assert (one.amount, one.measure) == (1, Measure.SECONDS)


def _jetty(opens_s, closes_s, window=WindowRule.WHOLE, name="P"):
    row = CalendarRow(calendar="short", opens_s=opens_s, closes_s=closes_s, window=window)
    return replace(with_rows("hubs", name, calendar="short"), calendars=(*INSTANCE.calendars, row))


def test_warehouse_hours_kept():
    assert kept("warehouse_hours", instance=_jetty(24_360, 25_080)).tightest.amount == 0


def test_warehouse_hours_broken():
    [one] = broken("warehouse_hours", instance=_jetty(24_360, 25_079))
    assert (one.amount, one.place) == (1, {"trip": "W-2", "hub": "P"})
    assert amounts(broken("warehouse_hours", instance=_jetty(24_911, 26_000))) == [1]


def test_region_hours_kept():
    assert kept("region_hours", instance=_jetty(24_360, 24_510)).tightest.amount == 0
    kept("region_hours", instance=_jetty(24_360, 24_361, WindowRule.START))


def test_region_hours_broken():
    [one] = broken("region_hours", instance=_jetty(24_360, 24_509))
    assert (one.amount, one.place) == (1, {"trip": "W-1", "hub": "P"})
    assert broken("region_hours", instance=_jetty(24_300, 24_360, WindowRule.START))
    assert broken("region_hours", instance=_jetty(30_211, 40_000, name="Q"))


def test_not_before_kept():
    rows = hub_rows(Deadline(place="Q", not_before_s=30_255))
    assert kept("not_before", instance=rows).tightest.amount == 0
    assert kept("not_before", instance=rows).cases == 4
    assert kept("not_before").cases == 4  # P has none


def test_not_before_broken():
    [one] = broken("not_before", instance=hub_rows(Deadline(place="Q", not_before_s=30_256)))
    assert (one.amount, one.place) == (1, {"trip": "W-2", "hub": "Q"})
    all_hubs = hub_rows(Deadline(place="", not_before_s=24_511), Deadline(place="Q", deadline_s=DAY))
    assert [one.place["hub"] for one in broken("not_before", instance=all_hubs)] == ["P"]


def test_service_time_kept():
    assert kept("service_time").cases == 5


def test_service_time_broken():
    assert amounts(broken("service_time", with_stop(T1, end_s=24_509))) == [1]
    assert amounts(broken("service_time", with_stop(T2, 1, end_s=30_255 + 600))) == [600]


def test_path_kept():
    assert kept("path").cases == 8 + 2 * 8
    stays = with_trip(T3, back=None, end_s=32_775)
    kept("path", stays, with_rows("vehicles", "N", open_end=True))


def test_path_broken():
    home = _leg("Q", "W", 30_255, 33_255, 18_000, "pq- wp-")
    [one] = broken("path", with_trip(T2, back=home))
    assert (one.claimed, one.expected) == ("W", "P")
    assert broken("path", with_trip(T3, back=None))
    assert broken("path", with_stop(T1, leg=replace(T1.stops[0].leg, path=small._steps("cw-"))))


def test_known_trip_kept():
    row = KnownTrip(id="k", from_node="P", to_node="A", time_s=3600, distance_m=20_000)
    by_it = with_stop(T2, leg=replace(T2.stops[0].leg, path=small._steps("k!")))
    kept("known_trip", by_it, replace(INSTANCE, known_trips=(row,)))
    kept("travel_time", by_it, replace(INSTANCE, known_trips=(row,)))


def test_known_trip_broken():
    row = KnownTrip(id="k", from_node="P", to_node="A", time_s=3600, distance_m=20_000)
    [one] = broken("known_trip", instance=replace(INSTANCE, known_trips=(row,)))
    assert (one.claimed, one.expected) == ("pa", "k")


def test_stock_kept():
    assert kept("stock").tightest.amount == 0


def test_stock_broken():
    less = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=5),))
    assert amounts(broken("stock", instance=less)) == [1]


@pytest.mark.parametrize(
    ("rule", "limits", "over"),
    [
        ("mass", {"mass_kg": 50}, {"mass_kg": 49}),
        ("volume", {"volume_dm3": 50}, {"volume_dm3": 49}),
        ("pieces", {"pieces": 5}, {"pieces": 4}),
    ],
)
def test_a_load_from_a_hub_fits_its_vehicle(rule, limits, over):
    assert kept(rule, instance=with_rows("vehicles", "M", **limits)).tightest.amount == 0
    assert broken(rule, instance=with_rows("vehicles", "M", **over))


def test_exactly_once_kept():
    kept("exactly_once")
    lacking = {"status": RegionStatus.UNDELIVERED, "received_s": None, "reason": ReasonCode.NO_TRIP}
    plan = replace(with_region("B", **lacking), trips=(T1, T2))
    kept("exactly_once", plan)
    kept("received", plan)


def test_exactly_once_broken():
    [one] = broken("exactly_once", without(T3))  # at Q they have not arrived
    assert (one.amount, one.measure, one.place) == (3, Measure.UNITS, {"region": "B"})
    twice = replace(PLAN, trips=(*PLAN.trips, replace(moved(T1, 9000, "W-4"), stops=T1.stops[:1])))
    found = broken("exactly_once", twice)
    assert {"consignment": "A/main/1", "hub": "P"} in [one.place for one in found]
    assert [one.amount for one in found if one.measure is Measure.UNITS] == [2, 3]
    # the same boxes under another name: they leave the warehouse twice
    renamed = replace(moved(T1, 9000, "W-4"), stops=moved(T1, 9000, "W-4").stops[:1])
    found = broken("exactly_once", and_trip(renamed))
    assert [(one.amount, one.place["region"]) for one in found] == [(2, "A"), (3, "B")]
    assert broken("exactly_once", with_stop(T2, 1, deliveries=(TO_B, TO_B)))


def test_received_kept():
    assert kept("received").cases == 6


def test_received_broken():
    assert amounts(broken("received", with_region("B", received_s=30_255))) == [32_775 - 30_255]


def late_at_q(**changes):
    """B's boxes are unloaded at Q when its deadline is over, and B says so."""
    result = {"status": RegionStatus.LATE, "reason": ReasonCode.HUB_LATE} | changes
    plan = with_region("B", **result)
    components = (replace(plan.components[0], status=Status.LATE),)
    return replace(plan, status=Status.LATE, components=components)


AT_ONCE = hub_rows(Deadline(place="Q", deadline_s=30_255))


def test_deadline_kept():
    tight = kept("deadline", instance=hub_rows(Deadline(place="Q", deadline_s=30_256))).tightest
    assert (tight.amount, tight.place) == (1, {"trip": "W-2", "hub": "Q"})
    kept("deadline", late_at_q(), AT_ONCE)
    assert {one.rule for one in check(late_at_q(), AT_ONCE).violations} == {"instance_digest"}
    figures = check(late_at_q(), AT_ONCE).figures
    assert (figures.regions_on_time, figures.smallest_margin_s) == (2, DEADLINE - 32_775)


def test_deadline_broken():
    [one] = broken("deadline", instance=hub_rows(Deadline(place="Q", deadline_s=30_000)))
    assert (one.amount, one.place) == (255, {"region": "B", "hub": "Q"})
    [one] = broken("deadline", instance=AT_ONCE)
    assert (one.amount, one.place) == (1, {"region": "B", "hub": "Q"})
    all_hubs = hub_rows(Deadline(place="", deadline_s=24_500))
    found = broken("deadline", instance=all_hubs)
    assert [(one.place["region"], one.place["hub"], one.amount) for one in found] == [
        ("A", "P", 10),
        ("B", "Q", 30_255 - 24_500),
    ]
    assert broken("deadline", late_at_q())


def test_reasons_kept():
    kept("reasons", late_at_q(), AT_ONCE)
    own_too = replace(AT_ONCE, deadlines=(*AT_ONCE.deadlines, Deadline(place="B", deadline_s=32_000)))
    kept("reasons", late_at_q(reason=ReasonCode.FLEET_FULL, deadline_s=32_000), own_too)
    kept("reasons", late_at_q(reason=ReasonCode.TRANSFER_LATE, deadline_s=32_000), own_too)


def test_reasons_broken():
    [one] = broken("reasons", late_at_q(reason=ReasonCode.FLEET_FULL), AT_ONCE)
    assert (one.claimed, one.place) == ("fleet_full", {"region": "B", "hub": "Q"})
    [one] = broken("reasons", late_at_q())
    assert (one.claimed, one.place) == ("hub_late", {"region": "B"})


def test_trip_cost_kept():
    assert kept("trip_cost").cases == 6


def test_trip_cost_broken():
    [one] = broken("trip_cost", instance=with_rows("hubs", "P", price_piece=9))
    assert (one.amount, one.place) == (2 * 5, {"trip": "W-1"})
    [one] = broken("trip_cost", with_trip(T2, cost=243 - 33))
    assert (one.amount, one.measure) == (33, Measure.MONEY)


def test_cost_kept():
    assert kept("cost").cases == 2


def test_cost_broken():
    component = replace(PLAN.components[0], cost=COST - 243 - 200)  # without the boat
    assert amounts(broken("cost", replace(PLAN, components=(component,)))) == [443]


def test_bound_kept():
    component = replace(PLAN.components[0], lower_bound=COST)
    assert kept("bound", replace(PLAN, components=(component,))).tightest.amount == 0


def test_bound_broken():
    component = replace(PLAN.components[0], lower_bound=COST + 1)
    assert amounts(broken("bound", replace(PLAN, components=(component,)))) == [1]


def test_status_kept():
    kept("status", late_at_q(), AT_ONCE)


def test_status_broken():
    found = broken("status", instance=AT_ONCE)
    assert {(one.claimed, one.expected) for one in found} == {("ON_TIME", "LATE")}
    assert check(instance=AT_ONCE).components == {"W": Status.LATE}


# Proofs


def _empty(*proofs, regions=("B",)):
    """A plan for some regions without any trip."""
    return replace(
        PLAN,
        options={"area": ",".join(regions)},
        status=Status.IMPOSSIBLE,
        cost=0,
        components=(Component("W", Status.IMPOSSIBLE, StopReason.COMPLETE, regions, 0, None, proofs),),
        trips=(),
        regions=tuple(
            RegionResult(name, RegionStatus.UNDELIVERED, None, DEADLINE, ReasonCode.CUT) for name in regions
        ),
    )


def test_a_cut_is_one_of_all_vehicles_together():
    closed = replace(INSTANCE, closures=(Closure(id="c", edge="qb"),))
    proof = Proof(ProofKind.CUT, ("B",), ("qb",))
    kept("proof", _empty(proof), closed)
    assert check(_empty(proof), closed).proven == ("B",)
    [one] = broken("proof", _empty(proof))
    assert one.amount == 3  # truck, boat and canoe reach it together
    assert broken("proof", _empty(Proof(ProofKind.CUT, ("B",))), closed)
    assert broken("proof", _empty(Proof(ProofKind.CUT, ("B",), ("pq",))), closed)
    no_boats = tuple(replace(one, number=0) if one.id in {"M", "N"} else one for one in INSTANCE.vehicles)
    kept("proof", _empty(Proof(ProofKind.CUT, ("B",), ("pa", "pq"))), replace(INSTANCE, vehicles=no_boats))
    known = KnownTrip(id="k", from_node="Q", to_node="B", time_s=1, distance_m=1)
    assert broken("proof", _empty(proof), replace(closed, known_trips=(known,)))


def _earliest(name, instance=INSTANCE):
    """The earliest receipt, which a proof states exactly where the deadline is not later."""
    own = chain_earliest_receipt(World(instance), instance.region_of[name])
    row = Deadline(place=name, deadline_s=own)

    def plan(second):
        figures = {"earliest": CLOCK.text(second)}
        return _empty(Proof(ProofKind.EARLIEST_ARRIVAL, (name,), figures=figures), regions=(name,))

    exact = replace(instance, deadlines=(*instance.deadlines, row))
    kept("proof", plan(own), exact)
    assert amounts(broken("proof", plan(own + 1), exact)) == [1]
    later = replace(instance, deadlines=(*instance.deadlines, replace(row, deadline_s=own + 60)))
    assert amounts(broken("proof", plan(own), later)) == [60]
    return own


def test_earliest_arrival_is_over_each_edge_at_its_fastest():
    # The warehouse opens at 21,600 s; A is nearer by Q; hand-over, and one piece by the canoe.
    assert _earliest("A") == 21_600 + 1800 + 1200 + 900 + 600 + 10
    assert _earliest("B") == 21_600 + 1800 + 1200 + 1800 + 600 + 10
    faster = with_rows("vehicles", "N", speed_percent=200)
    assert _earliest("B", faster) == 21_600 + 1800 + 600 + 900 + 600 + 10
    heavy = with_rows("vehicles", "N", mass_kg=9)
    assert _earliest("B", heavy) == 21_600 + 1800 + 1200 + 1800 + 600 + 15
    known = KnownTrip(id="k", from_node="P", to_node="Q", vehicle="M", time_s=1000, distance_m=1)
    assert _earliest("B", replace(INSTANCE, known_trips=(known,))) == 21_600 + 1800 + 1000 + 1800 + 600 + 10
    foreign = replace(known, vehicle="X")
    assert _earliest("B", replace(INSTANCE, known_trips=(foreign,))) == _earliest("B")


def test_earliest_arrival_waits_for_stock_opening_and_not_before():
    noon = Stock(warehouse="W", item="box", quantity=1, available_s=12 * HOUR)
    some = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=2), noon))
    assert _earliest("A", some) == _earliest("A")
    assert _earliest("B", some) == 12 * HOUR + 1800 + 1200 + 1800 + 600 + 10
    night = replace(some, stock=(some.stock[0], replace(noon, available_s=20 * HOUR)))
    assert _earliest("B", night) == DAY + 6 * HOUR + 1800 + 1200 + 1800 + 600 + 10
    rows = (Deadline(place="", not_before_s=50_000),)
    late = replace(INSTANCE, deadlines=rows)
    assert chain_earliest_receipt(World(late), late.region_of["B"]) == 50_000
    few = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=2),))
    assert chain_earliest_receipt(World(few), few.region_of["B"]) is None


def test_no_region_receives_before_its_earliest_receipt():
    own = World(INSTANCE)
    for result in PLAN.regions:
        assert chain_earliest_receipt(own, INSTANCE.region_of[result.region_id]) <= result.received_s
    assert chain_least_s(own, INSTANCE.region_of["C"]) == 2400


def test_capacity_is_that_of_every_vehicle_of_the_warehouse():
    proof = Proof(ProofKind.CAPACITY, ("B",))
    assert amounts(broken("proof", _empty(proof))) == [3]
    tiny = tuple(replace(one, mass_kg=9) for one in INSTANCE.vehicles)
    kept("proof", _empty(proof), replace(INSTANCE, vehicles=tiny))
    one_can = (replace(tiny[0], mass_kg=10), *tiny[1:])
    assert amounts(broken("proof", _empty(proof), replace(INSTANCE, vehicles=one_can))) == [1]


def test_stock_is_short_of_what_all_regions_need():
    regions = ("A", "B", "C")
    proof = Proof(ProofKind.STOCK, ("B",), figures={"items": "box"})
    short = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=5),))
    kept("proof", _empty(proof, regions=regions), short)
    assert broken("proof", _empty(proof, regions=regions))


# Corrupted plans


def document():
    """The plan as parsed JSON, free to be changed."""
    return json.loads(plan_to_text(PLAN, CLOCK))


def verdict_of(data):
    plan, clock = plan_from_text(small.signed(data))
    return check_plan(plan, clock, INSTANCE)


def shift_trip(trip, seconds):
    test_check_mutations.shift_trip(trip, seconds)


def load_before_it_is_ready(plan):
    shift_trip(plan["trips"][1], -1)


def load_before_it_comes(plan):
    shift_trip(plan["trips"][2], -HOUR)


def start_at_the_warehouse(plan):
    plan["trips"][1]["origin"] = "W"


def start_at_another_hub(plan):
    plan["trips"][2]["origin"] = "P"


def serve_another_hub(plan):
    plan["trips"][0]["stops"][0]["node"] = "Q"


def no_first_leg(plan):
    plan["trips"][0]["stops"].pop(0)


def no_middle_leg(plan):
    plan["trips"][1]["stops"].pop(1)


def no_last_leg(plan):
    plan["trips"].pop(2)


def one_box_less_on(plan):
    plan["trips"][2]["stops"][0]["deliveries"][0] |= {"units": 2, "mass_g": 20_000, "pieces": 2}


def other_boxes_on(plan):
    plan["trips"][2]["stops"][0]["deliveries"][0]["first_unit"] = 1


def another_name_on(plan):
    plan["trips"][2]["stops"][0]["deliveries"][0]["consignment"] = "B/main/2"


def unload_twice(plan):
    deliveries = plan["trips"][0]["stops"][0]["deliveries"]
    deliveries.append(copy.deepcopy(deliveries[0]))


def send_again_to_the_hub(plan):
    again = copy.deepcopy(plan["trips"][0])
    again["id"] = "W-9"
    shift_trip(again, 300)  # unloads before the boat loads
    for stop in again["stops"]:
        for item in stop["deliveries"]:
            item["consignment"] += "-again"
    plan["trips"].append(again)


def unload_for_nobody_beyond(plan):
    first, second = plan["trips"][0]["stops"]
    first["deliveries"] += second["deliveries"]


def hand_over_at_the_hub(plan):
    plan["trips"][0]["stops"][0]["end"] = small.later(plan["trips"][0]["stops"][0]["end"], 600)


def other_dock_of_the_hub(plan):
    plan["trips"][1]["dock"] = 2


def at_night_at_the_hub(plan):
    shift_trip(plan["trips"][1], 12 * HOUR)


def unload_at_night_at_the_hub(plan):
    shift_trip(plan["trips"][0], 12 * HOUR)


def before_the_hub_may_receive(plan):
    shift_trip(plan["trips"][1], -600)


def after_the_deadline_of_the_hub(plan):
    shift_trip(plan["trips"][1], 745)


def received_at_the_hub(plan):
    region = plan["regions"][1]
    region["received"] = plan["trips"][1]["stops"][1]["end"]
    region["margin_s"] = DEADLINE - 30_255


def handling_for_nothing(plan):
    plan["trips"][0]["cost"] -= 35


def component_without_the_boat(plan):
    plan["components"][0]["cost"] -= 443


def home_to_the_warehouse(plan):
    plan["trips"][1]["back"]["to"] = "W"


def says_hub_late(plan):
    plan["regions"][1] |= {"status": "late", "reason": "hub_late"}


def lost_at_the_hub(plan):
    plan["trips"].pop(2)
    plan["regions"][1] |= {"received": None, "margin_s": None}


MUTATIONS = {
    load_before_it_is_ready: "transfer",
    load_before_it_comes: "transfer",
    start_at_the_warehouse: "own_warehouse",
    start_at_another_hub: "chain",
    serve_another_hub: "chain",
    no_first_leg: "chain",
    no_middle_leg: "chain",
    no_last_leg: "exactly_once",
    one_box_less_on: "chain",
    other_boxes_on: "chain",
    another_name_on: "chain",
    unload_twice: "exactly_once",
    send_again_to_the_hub: "hub_storage",
    unload_for_nobody_beyond: "stop_node",
    hand_over_at_the_hub: "service_time",
    other_dock_of_the_hub: "docks",
    at_night_at_the_hub: "warehouse_hours",
    unload_at_night_at_the_hub: "region_hours",
    before_the_hub_may_receive: "not_before",
    after_the_deadline_of_the_hub: "deadline",
    received_at_the_hub: "received",
    handling_for_nothing: "trip_cost",
    component_without_the_boat: "cost",
    home_to_the_warehouse: "path",
    says_hub_late: "reasons",
    lost_at_the_hub: "exactly_once",
}


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
@pytest.mark.parametrize("code", ["en", "id"])
def test_a_corrupted_plan_is_caught(mutate, code):
    data = document()
    mutate(data)
    set_language(code)
    try:
        verdict = verdict_of(data)
        assert all("{" not in one.text for one in verdict.violations)
    finally:
        set_language("en")
    assert not verdict.rules[MUTATIONS[mutate]].passed
    assert verdict.status == "NOT_FOUND"


def is_free(path):
    """Whether nothing in the files can contradict a leaf; the names of consignments at hubs can be."""
    if path[0] == "trips" and path[-1] == "consignment":
        return path[:4] == ("trips", 0, "stops", 1)
    return test_check_mutations.is_free(path)


CHECKED_LEAVES = [path for path in test_check_mutations.leaves(document()) if not is_free(path)]


def is_refused(data):
    try:
        return not verdict_of(data).passed
    except InputError:
        return True


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_leaf_can_be_changed_unseen(data):
    path = data.draw(st.sampled_from(CHECKED_LEAVES))
    plan = document()
    holder = plan
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = test_check_mutations.change(holder[path[-1]], data.draw)
    assert is_refused(plan)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(Chain))
def test_senseless_plans_get_violations_and_never_an_exception(seed, chain):
    with patch.object(
        test_check_mutations, "NAMES", ("", "A", "B", "W", "P", "Q", "R", "T", "M", "N-01", "wp")
    ):
        plan = test_check_mutations.senseless(PLAN, random.Random(seed))
    verdict = check(plan, with_chain(chain))
    assert set(verdict.rules) == set(CHECKS)
    assert all(one.text and one.amount >= 1 for one in verdict.violations)
