"""Faults and warnings where goods pass hubs: chains, homes, hub deadlines, reach and size on each leg."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_folder import PLAN_TOML, TABLES, write_tiny

from planner.base.text import set_language
from planner.instance.read import read_tables
from planner.instance.write import write_instance

# Two jetties along the river: R1 straight by road, R2 through J1, R3 through J1 and J2.
HUBS = "id,name,kind,lat,lon,via\nJ1,Dermaga,jetty,-0.4,117.0,\nJ2,Hulu,jetty,-0.35,116.95,J1\n"
REGIONS = """\
id,name,warehouse,hub,lat,lon,area,subarea,tps,voters
R1,Desa Satu,W1,,-0.45,117.05,A1,S1,3,1000
R2,Desa Dua,W1,J1,-0.35,116.95,A1,S1,2,601
R3,Desa Tiga,W1,J2,-0.3,116.9,A1,S2,1,200
"""
VEHICLES = """\
id,name,warehouse,number,modes,home,mass_kg,volume_dm3
truck,Truk,W1,2,road,,4000,16000
boat,Perahu,W1,1,river,J1,800,3000
canoe,Sampan,W1,1,river,J2,400,1500
"""
EDGES = """\
id,from,to,mode,length_m,time_s,time_back_s
e1,W1,N1,road,8000,900,900
e2,N1,R1,road,5000,600,600
e3,N1,J1,road,12000,1500,1500
e4,J1,R2,river,9000,2400,1800
e5,R2,J2,river,9000,2400,1800
e6,J2,R3,river,9000,2400,1800
"""
W2 = TABLES["warehouses"] + "W2,Gudang Dua,-0.5,117.1,,1\n"


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


def found(folder: Path, chain: str = "required", **changes: str):
    """The faults of the folder of two jetties with some tables changed."""
    files = {"plan.toml": PLAN_TOML.replace("currency", f'chain = "{chain}"\ncurrency', 1)}
    files |= {"hubs.csv": HUBS, "regions.csv": REGIONS, "vehicles.csv": VEHICLES, "edges.csv": EDGES}
    files |= {"deadlines.csv": None, "closures.csv": None, "known_trips.csv": None, "stock.csv": None}
    files |= {"units.csv": None} | {f"{name}.csv": text for name, text in changes.items()}
    return read_tables(write_tiny(folder, files))


def told(folder: Path, chain: str = "required", **changes: str):
    return [(one.code, one.table, one.row, one.column) for one in found(folder, chain, **changes)[1]]


@pytest.mark.parametrize("chain", ["required", "allowed"])
def test_two_jetties_are_valid(chain, tmp_path):
    instance, faults = found(tmp_path, chain)
    assert faults == ()
    again = tmp_path / "again"
    write_instance(again, instance)
    assert read_tables(again) == (instance, ())


# ---------------------------------------------------------------- chains


@pytest.mark.parametrize("chain", ["none", "required"])
@pytest.mark.parametrize(
    ("via", "cycle"), [(("J2", "J1"), "J1 ← J2 ← J1"), (("J1", "J1"), "J1 ← J1"), (("", "J2"), "J2 ← J2")]
)
def test_a_cycle_is_told_once(chain, via, cycle, tmp_path):
    hubs = HUBS.replace("117.0,\n", f"117.0,{via[0]}\n").replace("95,J1\n", f"95,{via[1]}\n")
    (fault,) = found(tmp_path, chain, hubs=hubs)[1]
    assert (fault.code, fault.table, fault.column) == ("I428", "hubs", "via")
    assert cycle in fault.cause
    set_language("id")
    assert cycle in fault.cause


def test_a_hub_of_two_warehouses_by_a_chain(tmp_path):
    """R3 comes through J1 too, which is W1's by R2; the fault names that hub."""
    regions = REGIONS.replace("Tiga,W1", "Tiga,W2")
    changes = {"regions": regions, "warehouses": W2, "vehicles": VEHICLES.replace("Sampan,W1", "Sampan,W2")}
    (fault,) = found(tmp_path, **changes)[1]
    assert (fault.code, fault.table, fault.row, fault.column, fault.value) == (
        "I429",
        "regions",
        4,
        "hub",
        "J2",
    )
    assert "The hub J1 is used for the warehouse W2 here, and for W1 in row 3 of regions" in fault.cause
    assert "I429" not in [code for code, *_ in told(tmp_path, "none", **changes)]


def test_a_hub_of_two_warehouses_by_a_home(tmp_path):
    vehicles = VEHICLES.replace("Perahu,W1", "Perahu,W2")
    assert told(tmp_path, warehouses=W2, vehicles=vehicles) == [("I429", "vehicles", 3, "home")]


def test_each_warehouse_is_told_once_for_a_hub(tmp_path):
    more = "".join(f"X{at},Desa,W2,J1,-0.3,116.9,A1,S2,1,10\n" for at in range(5))
    assert told(tmp_path, warehouses=W2, regions=REGIONS + more) == [("I429", "regions", 5, "hub")]


def test_a_hub_with_a_faulty_row_brings_no_other_fault(tmp_path):
    faults = told(tmp_path, hubs=HUBS.replace("-0.4,", "x,"))
    assert faults == [("I203", "hubs", 2, "lat")]


# ---------------------------------------------------------------- deadlines of hubs

DEADLINES = "echelon,place,deadline,not_before\n"
ALL = "hub,,2024-11-26T00:00+08:00,\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("hub,,2024-11-26T00:00+08:00,\nhub,J1,,2024-11-25T23:59+08:00\n", []),
        (
            "hub,,2024-11-26T00:00+08:00,\nhub,J1,,2024-11-26T00:00+08:00\n",
            [("I404", "deadlines", 3, "not_before")],
        ),
        (
            "hub,J1,2024-11-25T00:00+08:00,\nhub,,,2024-11-25T06:00+08:00\n",
            [("I404", "deadlines", 3, "not_before")],
        ),
        (  # its own row wins on both sides
            "hub,J1,2024-11-25T00:00+08:00,2024-11-24T00:00+08:00\nhub,,,2024-11-25T06:00+08:00\n",
            [],
        ),
        (  # plan.toml's deadline and not_before are the regions'
            "hub,,,2024-11-28T00:00+08:00\n",
            [],
        ),
        ("hub,A1,2024-11-26T00:00+08:00,\n", [("I420", "deadlines", 2, "place")]),
        ("hub,J3,2024-11-26T00:00+08:00,\n", [("I301", "deadlines", 2, "place")]),
    ],
)
def test_deadlines_of_hubs(rows, expected, tmp_path):
    assert told(tmp_path, deadlines=DEADLINES + rows) == expected


def test_deadlines_of_hubs_say_nothing_where_no_goods_pass_them(tmp_path):
    rows = "hub,,2024-11-26T00:00+08:00,\nhub,J1,,2024-11-26T00:00+08:00\n"
    assert "I404" not in [code for code, *_ in told(tmp_path, "none", deadlines=DEADLINES + rows)]


# ---------------------------------------------------------------- homes


def test_nothing_leaves_a_hub_without_vehicles(tmp_path):
    """Which regions wait there is not told one by one."""
    vehicles = VEHICLES.replace("Sampan,W1,1", "Sampan,W1,0")
    (fault,) = found(tmp_path, vehicles=vehicles)[1]
    assert (fault.code, fault.table, fault.row, fault.value) == ("W508", "hubs", 3, "J2")
    assert "for instance R3" in fault.cause


def test_a_home_through_which_nothing_comes(tmp_path):
    regions = REGIONS.replace("Tiga,W1,J2", "Tiga,W1,J1")
    (fault,) = found(tmp_path, regions=regions)[1]
    assert (fault.code, fault.table, fault.row, fault.value) == ("W507", "vehicles", 4, "J2")


def test_a_home_drives_nothing_without_chains(tmp_path):
    """And the warehouse reaches nothing by the boats that are not used."""
    faults = told(tmp_path, "none")
    assert faults == [
        ("W501", "regions", 3, "id"),
        ("W501", "regions", 4, "id"),
        ("W509", "vehicles", 3, "home"),
        ("W509", "vehicles", 4, "home"),
    ]


def test_a_warehouse_from_which_nothing_starts(tmp_path):
    vehicles = VEHICLES.replace("Truk,W1,2", "Truk,W1,0")
    assert told(tmp_path, vehicles=vehicles) == [("W506", "warehouses", 2, "id")]


# ---------------------------------------------------------------- reach and size


def missing(folder: Path, chain: str = "required", **changes: str):
    return [
        (one.code, one.value, one.params.get("begin"), one.params.get("end"))
        for one in found(folder, chain, **changes)[1]
        if one.code != "W544"  # lengths of these edges are round figures
    ]


def test_each_leg_must_be_reached(tmp_path):
    """Without the road to J1 both chains break on their first leg, without e5 only the longer one."""
    assert missing(tmp_path / "a", edges=EDGES.replace("e3,N1,J1,road", "e3,N1,J1,foot")) == [
        ("W510", "R2", "W1", "J1"),
        ("W510", "R3", "W1", "J1"),
    ]
    assert missing(tmp_path / "b", edges=EDGES.replace("e5,R2,J2,river", "e5,R2,J2,foot")) == [
        ("W510", "R3", "J1", "J2")
    ]
    assert missing(tmp_path / "c", edges=EDGES.replace("e6,J2,R3,river", "e6,J2,R3,foot")) == [
        ("W510", "R3", "J2", "R3")
    ]
    assert missing(tmp_path / "d", edges=EDGES.replace("e2,N1,R1,road", "e2,N1,R1,foot")) == [
        ("W501", "R1", None, None)
    ]


def test_a_vehicle_must_come_back_to_its_hub(tmp_path):
    one_way = EDGES.replace("e6,J2,R3,river,9000,2400,1800", "e6,J2,R3,river,9000,2400,")
    assert missing(tmp_path / "a", edges=one_way) == [("W510", "R3", "J2", "R3")]
    vehicles = VEHICLES.replace("volume_dm3", "volume_dm3,open_end").replace("1500\n", "1500,yes\n")
    vehicles = vehicles.replace("16000\n", "16000,\n").replace("3000\n", "3000,\n")
    assert missing(tmp_path / "b", edges=one_way, vehicles=vehicles) == []


def test_a_boat_of_another_place_does_not_help(tmp_path):
    """J1's boat reaches R3 along the river, but it is not at home at J2."""
    roads = VEHICLES.replace("Sampan,W1,1,river", "Sampan,W1,1,road")
    assert missing(tmp_path, vehicles=roads) == [("W510", "R3", "J2", "R3")]


def test_straight_ways_help_where_they_are_allowed(tmp_path):
    edges = EDGES.replace("e6,J2,R3,river", "e6,J2,R3,foot")
    edges += "e7,R1,R3,road,9000,2400,1800\n"
    assert missing(tmp_path / "a", "allowed", edges=edges) == []
    assert missing(tmp_path / "b", edges=edges) == [("W510", "R3", "J2", "R3")]


@pytest.mark.parametrize("trip", ["W1,J1", "J1,J2"])
def test_known_trips_end_at_hubs(trip, tmp_path):
    """A known trip there and back replaces the edge of a leg."""
    begin, end = trip.split(",")
    edge = "e3,N1,J1,road" if begin == "W1" else "e5,R2,J2,river"
    edges = EDGES.replace(edge, edge.rsplit(",", 1)[0] + ",foot")
    known = f"id,from,to,vehicle,hours,distance_km\nk1,{trip},,1,10\nk2,{end},{begin},,1,10\n"
    assert missing(tmp_path / "a", edges=edges, known_trips=known) == []
    one_way = known.rsplit("k2", 1)[0]
    assert "W510" in [code for code, *_ in missing(tmp_path / "b", edges=edges, known_trips=one_way)]


def test_a_unit_fits_a_vehicle_on_each_leg(tmp_path):
    """Two boxes of 96 dm³ for each unit: the canoe carries 150 dm³ only."""
    vehicles = VEHICLES.replace("400,1500", "400,150")
    (fault,) = found(tmp_path / "a", vehicles=vehicles)[1]
    assert (fault.code, fault.value, fault.params["warehouse"]) == ("W503", "R3", "J2")
    assert "more than any vehicle of J2 can take" in fault.cause
    # where straight ways are allowed, the truck takes it
    assert found(tmp_path / "b", "allowed", vehicles=vehicles)[1] == ()


@pytest.mark.parametrize(
    "chain, room, minutes, warned",
    [
        ("required", 0, 1, True),
        ("required", 0, 0, False),
        ("required", 192, 1, False),
        ("allowed", 0, 1, False),
    ],
)
def test_a_hub_has_room_for_a_unit_where_transfers_take_time(chain, room, minutes, warned, tmp_path):
    """Two boxes of 96 dm³ for each unit."""
    hubs = HUBS.replace("via\n", "via,storage_dm3,transfer_fixed_min\n").replace(
        "117.0,\n", f"117.0,,{room},{minutes}\n"
    )
    hubs = hubs.replace("J1\n", "J1,,\n")
    expected = [("W513", "hubs", 2, "storage_dm3")] if warned else []
    assert told(tmp_path, chain, hubs=hubs) == expected
