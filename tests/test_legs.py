"""Reasons where goods pass hubs: the right leg, the right resource, in both languages.

The truck T of the warehouse W brings boxes in an hour to the jetty H; boats of H bring them in two hours to
the villages. Each vehicle takes one box (10 kg, 10 dm³), each village needs one.
"""

from dataclasses import replace

import pytest

from planner.base.text import LANGUAGES, set_language
from planner.instance.schema import (
    CalendarRow,
    Chain,
    Deadline,
    Echelon,
    Hub,
    HubKind,
    KnownTrip,
    Mode,
    Stock,
    WindowRule,
)
from planner.outputs.summary import late_lines, reason_texts
from planner.plans.model import RegionStatus, Status
from planner.proof.check import check_plan
from planner.propose.sisr import engine
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.worlds import CALENDARS, DAY, HOUR, road, truck, village, world

QUICK = SolveOptions(effort=1, workers=0, guarantee=0)
BOTH = (Mode.ROAD, Mode.RIVER)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The engine proposes for a moment only: where there are so few routes composition has them all."""
    monkeypatch.setattr(engine, "_PER_EFFORT", 500)


def jetty(name="H", **more):
    return Hub(id=name, name=f"Jetty {name}", kind=HubKind.JETTY, lat=0.0, lon=117.0, **more)


def instance_of(vehicles, *, names="AB", hubs=None, edges=(), deadline_s=2 * DAY, **tables):
    ways = [
        road("wh", "W", "H", HOUR),
        *(road(f"h{name.lower()}", "H", name, 2 * HOUR, mode=Mode.RIVER) for name in names),
    ]
    return world(
        [village(name, hub="H", handover_s=0, people=9 - at) for at, name in enumerate(names)],
        vehicles,
        edges or ways,
        hubs=hubs or (jetty(docks=9),),
        deadline_s=deadline_s,
        settings={"chain": tables.pop("chain", Chain.REQUIRED)},
        **tables,
    )


def lorry(**more):
    return truck("T", **({"mass_kg": 10} | more))


def boat(name="boat", **more):
    return truck(name, **({"home": "H", "modes": (Mode.RIVER,), "mass_kg": 10} | more))


def late_of(instance):
    """(status, reason, params) of each region that is not on time, of a plan that the checker accepts."""
    found = solve(instance, QUICK)
    verdict = check_plan(found.plan, instance.clock, instance)
    assert verdict.passed, verdict.violations
    for code in LANGUAGES:
        set_language(code)
        try:
            assert not any("{" in line for line in late_lines(found.plan, instance))
        finally:
            set_language("en")
    return found.plan, {
        one.region_id: (one.reason, dict(one.params))
        for one in found.plan.regions
        if one.status is not RegionStatus.ON_TIME
    }


def leg(params):
    return params["from"], params["to"]


# No trip at all


def test_without_a_vehicle_at_the_warehouse_the_first_leg_is_named():
    plan, late = late_of(instance_of([boat(modes=BOTH)]))
    assert set(late) == {"A", "B"}
    for reason, params in late.values():
        assert (reason, leg(params)) == ("leg_no_vehicle", ("W", "H"))
    assert plan.status is Status.NOT_FOUND


def test_without_a_vehicle_at_the_first_of_two_hubs_its_leg_is_named():
    edges = [
        road("wh", "W", "H", HOUR),
        road("hj", "H", "J", HOUR, mode=Mode.RIVER),
        road("ja", "J", "A", HOUR, mode=Mode.RIVER),
    ]
    instance = instance_of(
        [lorry(), boat(home="J")], names="A", edges=edges, hubs=(jetty(), jetty("J", via="H"))
    )
    instance = replace(instance, regions=(replace(instance.regions[0], hub="J"),))
    _, late = late_of(instance)
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_no_vehicle", ("H", "J"))
    _, late = late_of(replace(instance, vehicles=(lorry(), boat())))
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_no_vehicle", ("J", "A"))


def test_without_a_vehicle_at_the_hub_its_leg_is_named():
    _, late = late_of(instance_of([lorry(modes=BOTH)]))
    assert {(reason, leg(params)) for reason, params in late.values()} == {
        ("leg_no_vehicle", ("H", "A")),
        ("leg_no_vehicle", ("H", "B")),
    }


def test_vehicles_of_another_mode_have_no_way_on_their_leg():
    _, late = late_of(instance_of([lorry(modes=(Mode.RIVER,)), boat(modes=BOTH)]))
    assert {(reason, leg(params)) for reason, params in late.values()} == {("leg_no_way", ("W", "H"))}


def test_a_unit_too_heavy_for_the_vehicles_of_a_hub_names_unit_and_leg():
    _, late = late_of(instance_of([lorry(), boat(mass_kg=9)], names="A"))
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_capacity", ("H", "A"))
    assert (params["mass"], params["volume"]) == ("10", "10")
    assert late_of(instance_of([lorry(), boat(mass_kg=10)], names="A"))[1] == {}


def test_a_hub_with_less_room_than_one_unit_is_named():
    """Where a transfer takes no time goods go from vehicle to vehicle."""
    small, fleet = jetty(storage_dm3=9, transfer_fixed_s=60), [lorry(), boat()]
    plan, late = late_of(instance_of(fleet, names="A", hubs=(small,)))
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_no_room", ("W", "H"))
    assert (params["volume"], params["room"]) == ("10", "9")
    assert plan.status is Status.NOT_FOUND
    for enough in (replace(small, storage_dm3=10), replace(small, transfer_fixed_s=0)):
        assert late_of(instance_of(fleet, names="A", hubs=(enough,)))[1] == {}


def test_vehicles_whose_shift_is_too_short_for_a_leg_are_named():
    short = (*CALENDARS, CalendarRow(calendar="short", opens_s=6 * HOUR, closes_s=9 * HOUR))
    _, late = late_of(instance_of([lorry(), boat(calendar="short")], names="A", calendars=short))
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_hours", ("H", "A"))


def test_edges_that_are_open_too_short_for_any_trip_are_named():
    rows = (*CALENDARS, CalendarRow(calendar="gate", opens_s=6 * HOUR, closes_s=7 * HOUR))
    instance = instance_of([lorry(), boat()], names="A", calendars=rows)
    edges = tuple(replace(one, calendar="gate") if one.id == "ha" else one for one in instance.edges)
    _, late = late_of(replace(instance, edges=edges))
    reason, params = late["A"]
    assert (reason, leg(params), params["edges"]) == ("leg_edges_shut", ("H", "A"), "ha")


# A plan in which somebody is late


def test_edges_are_named_though_another_type_knows_a_way_that_is_too_long_for_it():
    known = tuple(
        KnownTrip(
            id=f"k{here}", from_node=here, to_node=there, time_s=20 * HOUR, distance_m=1, vehicle="raft"
        )
        for here, there in ("HA", "AH")
    )
    ways = [
        road("wh", "W", "H", HOUR),
        road("ha", "H", "A", HOUR, calendar="night"),
        road("hw", "H", "W", HOUR, mode=Mode.RIVER, calendar="night"),
    ]
    raft = boat("raft", calendar="shift")
    fleet = [lorry(), raft, boat(modes=(Mode.ROAD,), calendar="shift")]
    _, late = late_of(instance_of(fleet, names="A", edges=ways, known_trips=known))
    reason, params = late["A"]
    assert (reason, leg(params), params["edges"]) == ("leg_edges_shut", ("H", "A"), "ha")


def test_a_hub_whose_dock_binds_is_named():
    boats = boat(number=3, load_fixed_s=HOUR)
    limited = instance_of([lorry(number=3), boats], names="ABC", hubs=(jetty(docks=1),), deadline_s=6 * HOUR)
    _, late = late_of(limited)
    assert len(late) == 1
    ((reason, params),) = late.values()
    assert (reason, params["from"], params["docks"]) == ("leg_docks_full", "H", "1")
    assert late_of(replace(limited, hubs=(jetty(docks=2),)))[1] == {}


def test_a_dock_and_vehicles_are_named_where_only_both_would_help():
    """The dock loads boats at 1 and 2; who is loaded at 3, or when a boat is back, comes too late."""
    boats = boat(number=2, load_fixed_s=HOUR)
    hubs, deadline_s = (jetty(docks=1),), 5 * HOUR + 1800
    limited = instance_of([lorry(number=3), boats], names="ABC", hubs=hubs, deadline_s=deadline_s)
    _, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, params["docks"], params["number"]) == ("leg_fleet_docks_full", "1", "2")
    three, docks = (lorry(number=3), replace(boats, number=3)), (jetty(docks=2),)
    assert {reason for reason, _ in late_of(replace(limited, vehicles=three))[1].values()} == {
        "leg_docks_full"
    }
    assert {reason for reason, _ in late_of(replace(limited, hubs=docks))[1].values()} == {"leg_fleet_full"}
    assert late_of(replace(limited, vehicles=three, hubs=docks))[1] == {}


def test_vehicles_of_a_hub_that_bind_are_named():
    limited = instance_of([lorry(number=2), boat()], deadline_s=4 * HOUR)
    _, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, params["from"], params["vehicle"]) == ("leg_fleet_full", "H", "boat")
    assert late_of(replace(limited, vehicles=(lorry(number=2), boat(number=2))))[1] == {}


def test_vehicles_of_the_warehouse_that_bind_are_named_on_their_leg():
    limited = instance_of([lorry(), boat(number=2)], deadline_s=4 * HOUR)
    _, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, leg(params), params["vehicle"]) == ("leg_fleet_full", ("W", "H"), "T")
    assert late_of(replace(limited, vehicles=(lorry(number=2), boat(number=2))))[1] == {}


def tide(instance, *names):
    rows = (
        *instance.calendars,
        CalendarRow(calendar="ebb", opens_s=HOUR // 2, closes_s=5 * HOUR // 2, window=WindowRule.START),
    )
    edges = tuple(replace(one, calendar="ebb") if one.id in names else one for one in instance.edges)
    return replace(instance, calendars=rows, edges=edges)


def test_a_tide_after_a_hub_is_named_where_goods_come_too_late_for_it():
    limited = tide(instance_of([lorry(), boat(number=2, overnight="stop")], deadline_s=10 * HOUR), "ha", "hb")
    _, late = late_of(limited)
    ((name, (reason, params)),) = late.items()
    assert (reason, leg(params)) == ("leg_edge_hours", ("H", name))
    assert params["edges"] == f"h{name.lower()}"
    assert params["ready"].startswith("2024-11-22T03:00")
    assert "00:30" in params["hours"]


def test_a_tide_is_named_where_goods_are_too_late_for_it_even_alone():
    limited = instance_of([lorry(), boat()], names="A", deadline_s=10 * HOUR)
    limited = tide(limited, "ha")
    edges = tuple(
        replace(one, time_s=3 * HOUR, time_back_s=3 * HOUR) if one.id == "wh" else one
        for one in limited.edges
    )
    _, late = late_of(replace(limited, edges=edges))
    reason, params = late["A"]
    assert (reason, leg(params), params["edges"]) == ("leg_edge_hours", ("H", "A"), "ha")
    assert params["ready"].startswith("2024-11-22T03:00")


def test_late_stock_is_named_where_goods_pass_hubs():
    stock = (
        Stock(warehouse="W", item="box", quantity=1),
        Stock(warehouse="W", item="box", quantity=1, available_s=20 * HOUR),
    )
    limited = instance_of([lorry(number=2), boat(number=2)], deadline_s=22 * HOUR, stock=stock)
    _, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, params["item"], params["warehouse"]) == ("stock_late", "box", "Store W")
    assert params["available"].startswith("2024-11-22T20:00")
    assert late_of(replace(limited, stock=()))[1] == {}


def test_room_at_a_hub_that_is_taken_is_named():
    boats = boat(number=2, load_fixed_s=HOUR)
    small = (jetty(docks=9, storage_dm3=10, transfer_fixed_s=60),)
    limited = instance_of([lorry(number=2), boats], deadline_s=4 * HOUR + 61, hubs=small)
    _, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, leg(params), params["room"]) == ("leg_room_full", ("W", "H"), "10")
    wide = replace(limited, hubs=(replace(limited.hubs[0], storage_dm3=20),))
    assert late_of(wide)[1] == {}


def test_who_is_late_even_alone_is_told_the_longest_leg():
    rows = (*CALENDARS, CalendarRow(calendar="late", opens_s=9 * HOUR, closes_s=18 * HOUR))
    limited = instance_of([lorry(), boat(calendar="late")], names="A", deadline_s=10 * HOUR, calendars=rows)
    _, late = late_of(limited)
    reason, params = late["A"]
    assert (reason, leg(params)) == ("leg_slow", ("H", "A"))
    assert params["earliest"].startswith("2024-11-22T11:00")


def test_who_misses_a_hubs_deadline_only_is_told_why():
    limits = (Deadline(echelon=Echelon.HUB, place="", deadline_s=2 * HOUR),)
    limited = instance_of([lorry(), boat(number=2)], deadlines=limits)
    plan, late = late_of(limited)
    ((reason, params),) = late.values()
    assert (reason, params["hub"], params["because"]) == ("hub_late", "H", "leg_fleet_full")
    assert leg(params) == ("W", "H")
    (late,) = [result for result in plan.regions if result.reason]
    why, action = reason_texts(late)
    assert "after that hub's deadline" in why
    assert "vehicles of type T" in why
    assert "Store W" in action


def test_where_goods_may_go_straight_the_first_leg_of_the_chain_is_told():
    _, late = late_of(instance_of([boat(modes=BOTH)], chain=Chain.ALLOWED))
    assert {(reason, leg(params)) for reason, params in late.values()} == {("leg_no_vehicle", ("W", "H"))}
