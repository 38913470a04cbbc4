"""The effective instance: what each kind of report makes of the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
import small
from tiny_folder import write_tiny

from planner.building.echelons import build_echelons
from planner.events.apply import effective
from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.kits import region_load, unit_loads
from planner.instance.outages import docks_out, out_of_use, vehicles_out, with_closed_hours
from planner.instance.read import read_instance, read_tables, tables_from_rows
from planner.instance.schema import Extra, Mode, Outage
from planner.instance.write import write_instance
from planner.network.calendars import expand
from planner.network.graph import edge_times_s
from planner.proof.kit import Kit
from planner.proof.needs import largest_unit, smallest_unit
from planner.proof.world import World

INSTANCE = small.INSTANCE
HOUR = 3600


def event(kind, *subject, id="E1", time_s=6 * HOUR, **more):
    return Event(id=id, time_s=time_s, kind=EventKind(kind), subject=subject, **more)


def applied(*events):
    return effective(INSTANCE, events)


def edge(instance, name):
    return next(one for one in instance.edges if one.id == name)


def test_reports_of_what_happened_change_no_table():
    happened = [event(kind, "TRUCK-01") for kind in ("loaded", "departed", "arrived", "delivered", "delay")]
    assert effective(INSTANCE, happened) is INSTANCE


def test_a_closure_and_its_end():
    closed = event("closure", "e2", "e8", from_s=8 * HOUR)
    rows = {row.edge: row for row in applied(closed).closures[len(INSTANCE.closures) :]}
    assert {name: (row.from_s, row.until_s) for name, row in rows.items()} == {
        "e2": (8 * HOUR, None),
        "e8": (8 * HOUR, None),
    }
    opened = event("opened", "e2", id="E2", time_s=9 * HOUR, from_s=10 * HOUR)
    found = applied(opened, closed).closures
    assert [(row.from_s, row.until_s) for row in found if row.edge == "e2"] == [(8 * HOUR, 10 * HOUR)]
    assert [(row.from_s, row.until_s) for row in found if row.edge == "e8"] == [(8 * HOUR, None)]


def test_speeds_are_rounded_up_and_hold_for_modes_edges_and_types():
    found = applied(event("speed", "road", value="60"))
    assert (edge(found, "e1").time_s, edge(INSTANCE, "e1").time_s) == (4500, 2700)
    assert edge(found, "e3") == edge(INSTANCE, "e3")
    jeep = applied(event("speed", "JEEP", value="50")).vehicle_type_of["JEEP"]
    assert (jeep.speed_percent, jeep.told_percents) == (80, (50,))
    assert edge_times_s(jeep, edge(INSTANCE, "e1"))[0] == 2700 * 100 * 100 // (80 * 50)
    assert edge(applied(event("speed", "e2", value="200")), "e2").time_s == 900


def test_a_speed_of_a_type_holds_against_the_stream_too():
    boat = replace(INSTANCE.vehicle_type_of["JEEP"], speed_percent=80, upstream_percent=50)
    others = tuple(one for one in INSTANCE.vehicles if one.id != "JEEP")
    slow = effective(
        replace(INSTANCE, vehicles=(*others, boat)), [event("speed", "JEEP", value="50")]
    ).vehicle_type_of["JEEP"]
    river = replace(edge(INSTANCE, "e1"), mode=Mode.RIVER, time_s=100, time_back_s=100)
    assert edge_times_s(slow, river) == (250, 400)


def test_a_speed_for_a_time_is_a_double_of_the_edge():
    found = applied(event("speed", "e1", value="50", from_s=8 * HOUR, until_s=10 * HOUR))
    double = edge(found, "e1~E1")
    assert (double.time_s, edge(found, "e1").time_s) == (5400, 2700)
    spans = {(row.edge, row.from_s, row.until_s) for row in found.closures} - {
        (row.edge, row.from_s, row.until_s) for row in INSTANCE.closures
    }
    assert spans == {
        ("e1", 8 * HOUR, 10 * HOUR),
        ("e1~E1", None, 8 * HOUR),
        ("e1~E1", 10 * HOUR, None),
    }


def test_more_demand_is_as_much_as_the_kit_says():
    """B has 1 unit and 5 voters: a further one with 30 voters has 31 ballots, two boxes, and no sign."""
    found = applied(event("demand", "B", value="tps=1 voters=30"))
    loads = unit_loads(found, found.region_of["B"])
    assert set(loads) == {"main", "late", "E1.main", "E1.late"}
    assert loads["main"] == unit_loads(INSTANCE, INSTANCE.region_of["B"])["main"]
    assert loads["E1.main"][0].items == {"box": 2, "ballot": 31}
    assert loads["E1.late"][0].items == {"form": 1}
    average = unit_loads(applied(event("demand", "B", value="2")), INSTANCE.region_of["B"])
    assert [one.items["ballot"] for one in average["E1.main"]] == [6, 6]


def test_replacements_are_as_large_as_the_largest_unit():
    found = applied(
        event("recall", "A", value="2", type="main"), event("missing", "A", id="E2", value="5", item="box")
    )
    loads = unit_loads(found, found.region_of["A"])
    assert [one.items for one in loads["E1.main"]] == [{"box": 2, "ballot": 5}] * 2
    assert [one.items for one in loads["E2"]] == [{"box": 2}, {"box": 2}, {"box": 1}]
    assert "E1.late" not in loads


def test_plans_and_the_check_weigh_extra_goods_alike():
    found = applied(
        event("demand", "A", "B", value="3"),
        event("damaged", "C", id="E2", value="1"),
        event("missing", "G", id="E3", value="3", item="box"),
    )
    kit = Kit(found)
    for region in found.regions:
        mine = unit_loads(found, region)
        assert kit.needs(region) == {part: len(units) for part, units in mine.items()}
        for part, units in mine.items():
            for number, unit in enumerate(units):
                own = kit.load(region, part, number, 1)
                assert (own.mass_g, own.volume_cm3, own.pieces, dict(own.items)) == (
                    unit.mass_g, unit.volume_cm3, unit.pieces, dict(unit.items),
                )  # fmt: skip
        total = region_load(found, region)
        assert total.pieces == sum(unit.pieces for units in mine.values() for unit in units)
    world = World(found)
    region = found.region_of["G"]
    assert largest_unit(world, region, "E3").pieces == 2
    assert smallest_unit(world, region, "E3").pieces == 1


def test_stock_comes_goes_and_is_late():
    rows = [
        row for row in applied(event("stock", "W", item="form", from_s=40_000)).stock if row.item == "form"
    ]
    assert [(row.quantity, row.available_s) for row in rows] == [
        (row.quantity, 40_000 if (row.available_s or 0) > 6 * HOUR else row.available_s)
        for row in INSTANCE.stock
        if row.item == "form"
    ]
    more = applied(event("stock", "W", item="box", value="5", from_s=40_000)).stock
    assert (more[-1].item, more[-1].quantity, more[-1].available_s) == ("box", 5, 40_000)
    whole = sum(row.quantity for row in INSTANCE.stock if row.item == "box")
    gone = applied(event("stock", "W", item="box", value="-3")).stock
    assert sum(row.quantity for row in gone if row.item == "box") == whole - 3


def test_vehicles_come_are_lost_break_down_and_are_repaired():
    added = applied(event("vehicle_added", "TRUCK", value="2", from_s=8 * HOUR, until_s=48 * HOUR))
    kind = added.vehicle_type_of["TRUCK"]
    assert kind.number == 4
    last = INSTANCE.settings.horizon_s
    assert vehicles_out(added, kind) == tuple(
        (vehicle, *span) for vehicle in (2, 3) for span in ((0, 8 * HOUR), (48 * HOUR, last))
    )
    broken = event("breakdown", "TRUCK-01", from_s=7 * HOUR)
    assert vehicles_out(applied(broken), kind) == ((0, 7 * HOUR, last),)
    repaired = event("repaired", "TRUCK-01", id="E2", time_s=9 * HOUR)
    assert vehicles_out(applied(repaired, broken), kind) == ((0, 7 * HOUR, 9 * HOUR),)
    lost = applied(event("vehicle_lost", "TRUCK", value="1", from_s=0))
    assert vehicles_out(lost, lost.vehicle_type_of["TRUCK"]) == ((1, 0, last),)


def test_a_type_of_another_place_becomes_a_type_of_its_own():
    found = applied(event("vehicle_added", "V", type="TRUCK", value="1"))
    kind = found.vehicle_type_of["TRUCK@V"]
    assert (kind.warehouse, kind.number, kind.mass_kg) == ("V", 1, 1000)
    assert found.vehicle_type_of["TRUCK"].number == 2


def test_docks_are_levels_of_which_the_later_report_holds():
    found = applied(
        event("dock", "W", value="1", from_s=8 * HOUR),
        event("dock", "W", id="E2", time_s=7 * HOUR, value="3", from_s=10 * HOUR, until_s=12 * HOUR),
    )
    place = found.warehouse_of["W"]
    last = INSTANCE.settings.horizon_s
    assert place.docks == 3
    assert docks_out(found, place, 3) == (
        (0, 8 * HOUR, 1),
        (8 * HOUR, 10 * HOUR, 2),
        (12 * HOUR, last, 2),
    )


def test_a_closed_place_has_hours_that_say_so():
    found = with_closed_hours(applied(event("warehouse", "W", from_s=8 * HOUR, until_s=10 * HOUR)))
    hours = expand(found, found.warehouse_of["W"].calendar).intervals
    usual = expand(INSTANCE, INSTANCE.warehouse_of["W"].calendar).intervals
    assert hours[:2] == ((usual[0][0], 8 * HOUR), (10 * HOUR, usual[0][1]))
    assert hours[2:] == usual[1:]
    again = applied(
        event("warehouse", "W", from_s=8 * HOUR),
        event("warehouse", "W", id="E2", time_s=9 * HOUR, value="open"),
    )
    assert [(row.from_s, row.until_s) for row in out_of_use(again)["W"]] == [(8 * HOUR, 9 * HOUR)]
    assert with_closed_hours(INSTANCE) is INSTANCE


def test_hours_of_a_place_of_a_type_and_of_a_calendar():
    day = 86_400
    found = applied(event("calendar", "V", value="07:00-09:00", until_s=day))
    assert expand(found, found.warehouse_of["V"].calendar).intervals[:2] == (
        (7 * HOUR, 9 * HOUR),
        (day, 5 * day),
    )
    shut = applied(event("calendar", "shift", value="closed", from_s=day))
    usual = expand(INSTANCE, "shift").intervals
    assert expand(shut, "shift").intervals == tuple(one for one in usual if one[1] <= day)
    own = applied(event("calendar", "TRUCK", value="closed", from_s=day, until_s=2 * day))
    assert own.vehicle_type_of["SHIP"].calendar == "shift"
    assert [
        one for one in expand(own, own.vehicle_type_of["TRUCK"].calendar).intervals if day <= one[0] < 2 * day
    ] == []


def test_the_order_of_reports_is_without_effect():
    events = [
        event("closure", "e2", from_s=8 * HOUR),
        event("opened", "e2", id="E2", time_s=9 * HOUR),
        event("speed", "road", id="E3", value="80"),
        event("dock", "W", id="E4", value="1"),
        event("demand", "B", id="E5", value="1"),
    ]
    assert effective(INSTANCE, events) == effective(INSTANCE, events[::-1])


def test_the_problem_of_a_component_has_the_outages():
    found = applied(event("vehicle_lost", "TRUCK-02", from_s=0), event("dock", "W", id="E2", value="1"))
    problem = build_echelons(found, "W", [one for one in found.regions if one.warehouse == "W"]).root
    kinds = {kind.id: kind for kind in problem.fleet}
    assert kinds["TRUCK"].out == ((1, 0, found.settings.horizon_s),)
    assert problem.origins[0].out == ((6 * HOUR, found.settings.horizon_s, 1),)


# ---------------------------------------------------------------- the tables


def with_tables(tmp_path, outages="", extra=""):
    changes = {}
    if outages:
        changes["outages.csv"] = "id,subject,from,until,number\n" + outages
    if extra:
        changes["extra.csv"] = "id,region,unit,item,quantity\n" + extra
    return read_tables(write_tiny(tmp_path, changes))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("o1,nobody,,,", "E981"),
        ("o1,truck-03,,,", "E981"),
        ("o1,truck-01,,,1", "E984"),
        ("o1,W1,2024-11-25T00:00+08:00,2024-11-24T00:00+08:00,", "E983"),
    ],
)
def test_outages_that_cannot_be_meant(row, code, tmp_path):
    instance, faults = with_tables(tmp_path, outages=row + "\n")
    assert instance is None
    assert [(one.code, one.row) for one in faults] == [(code, 2)]


@pytest.mark.parametrize(
    ("rows", "code"), [("main,R1,0,box,1\n", "E985"), ("x,R1,1,box,1\n", "E986"), ("x,R9,0,box,1\n", "I301")]
)
def test_extra_goods_that_cannot_be_meant(rows, code, tmp_path):
    instance, faults = with_tables(tmp_path, extra=rows)
    assert instance is None
    assert [one.code for one in faults] == [code]


def test_outages_and_extra_goods_are_read_written_and_part_of_the_digest(tmp_path):
    plain, _ = with_tables(tmp_path / "plain")
    found, _ = with_tables(
        tmp_path / "more", outages="o1,truck/2,,,\no2,J1,,,1\n", extra="x,R1,0,box,3\nx,R1,0,forms,1\n"
    )
    assert found.outages == (
        Outage(id="o1", subject="truck/2"),
        Outage(id="o2", subject="J1", number=1),
    )
    assert found.extra[0] == Extra(id="x", region="R1", unit=0, item="box", quantity=3)
    assert digest(found) != digest(plain)
    assert digest(replace(found, outages=(), extra=())) == digest(plain)
    write_instance(tmp_path / "again", found)
    assert read_instance(tmp_path / "again") == found


def test_outages_may_be_given_by_rows():
    found, faults = tables_from_rows(INSTANCE.settings, {"outages": [{"id": "o", "subject": "x"}]})
    assert found is None
    assert any(one.table == "outages" or one.code == "I101" for one in faults)
