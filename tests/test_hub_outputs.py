"""What people and other programs get of a plan in which goods pass a hub; the plan is written by hand."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import hub_plan
import pytest
import small

from planner.base.text import set_language
from planner.cli import main
from planner.instance.read import read_tables
from planner.instance.write import write_instance
from planner.outputs.itineraries import shown
from planner.outputs.summary import hub_line, late_lines, plan_figures, summary_rows
from planner.outputs.tables import (
    DELIVERY_COLUMNS,
    HUB_DELIVERY_COLUMNS,
    HUB_TRIP_COLUMNS,
    TRANSFER_COLUMNS,
    TRIP_COLUMNS,
    deliveries_text,
    transfers_text,
    trips_text,
    write_tables,
)
from planner.outputs.transfers import hauls, hubs_used, is_trunk, transfers
from planner.plans.file import plan_from_text, plan_to_text, write_plan
from planner.plans.model import ReasonCode, RegionResult, RegionStatus, Status

PLAN, INSTANCE, CLOCK = hub_plan.PLAN, hub_plan.INSTANCE, hub_plan.CLOCK
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def at(seconds: int) -> str:
    return CLOCK.text(seconds)


def stranded():
    """The plan without its last trip: A's second unit stays at the hub."""
    result = RegionResult(
        "A", RegionStatus.UNDELIVERED, None, hub_plan.DEADLINE, ReasonCode.NOT_DETERMINED, {}
    )
    regions = (replace(result, params={"percent": "5"}), *PLAN.regions[1:])
    return replace(PLAN, status=Status.LATE, trips=PLAN.trips[:2], regions=regions)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ---------------------------------------------------------------- hauls


def test_the_instance_is_valid_and_the_plan_reads_back(tmp_path):
    write_instance(tmp_path, INSTANCE)
    instance, faults = read_tables(tmp_path)
    assert instance == INSTANCE
    assert {one.code for one in faults} <= {"W544"}  # its lengths are round figures
    assert plan_from_text(plan_to_text(PLAN, CLOCK))[0] == PLAN


def test_hauls_of_a_consignment_are_in_time_whatever_the_order_of_trips():
    for trips in (PLAN.trips, PLAN.trips[::-1]):
        found = hauls(replace(PLAN, trips=trips))
        assert [one.trip.id for one in found["A", "A-main-1"]] == ["T1", "T3"]
        assert [one.ends_at_hub for one in found["A", "A-main-1"]] == [True, False]
        assert [one.trip.id for one in found["C", "C-main-0"]] == ["T1"]


def test_what_is_unloaded_at_a_hub_is_taken_on_or_stays():
    def pairs(plan):
        return [(one.delivery.consignment_id, on and on.trip.id) for one, on in transfers(plan)]

    assert pairs(PLAN) == [("A-main-0", "T2"), ("A-main-1", "T3"), ("B-main-0", "T2")]
    assert pairs(stranded()) == [("A-main-0", "T2"), ("A-main-1", None), ("B-main-0", "T2")]
    assert pairs(small.PLAN) == []


def test_trunk_trips_are_those_with_a_stop_at_a_hub():
    assert [is_trunk(trip) for trip in PLAN.trips] == [True, False, False]
    assert hubs_used(PLAN) == ("H",)
    assert hubs_used(small.PLAN) == ()


# ---------------------------------------------------------------- CSV


def test_deliveries_say_through_which_hub_and_when():
    found = rows(deliveries_text(PLAN, CLOCK))
    assert tuple(found[0]) == (*DELIVERY_COLUMNS, *HUB_DELIVERY_COLUMNS)
    assert [
        (
            row["consignment_id"],
            row["origin_id"],
            row["trip_id"],
            row["received"],
            row["hubs"],
            row["at_hubs"],
        )
        for row in found
    ] == [
        ("A-main-0", "H", "T2", at(27_980), "H", at(25_230)),
        ("A-main-1", "H", "T3", at(32_620), "H", at(25_230)),
        ("B-main-0", "H", "T2", at(29_500), "H", at(25_230)),
        ("C-main-0", "W", "T1", at(26_960), "", ""),
    ]
    assert found[0]["margin_s"] == str(hub_plan.DEADLINE - 27_980)


def test_what_stays_at_a_hub_is_no_delivery():
    assert [row["consignment_id"] for row in rows(deliveries_text(stranded(), CLOCK))] == [
        "A-main-0",
        "B-main-0",
        "C-main-0",
    ]


def test_trips_say_where_they_load_and_for_whom_they_unload():
    found = rows(trips_text(PLAN, CLOCK))
    assert tuple(found[0]) == (*TRIP_COLUMNS, *HUB_TRIP_COLUMNS)
    assert [
        (row["trip_id"], row["origin_id"], row["node_id"], row["mass_kg"], row["for_regions"])
        for row in found
    ] == [
        ("T1", "W", "W", "20.000", ""),
        ("T1", "W", "H", "15.000", "A+B"),
        ("T1", "W", "C", "5.000", "C"),
        ("T1", "W", "W", "", ""),
        ("T2", "H", "H", "10.000", ""),
        ("T2", "H", "A", "5.000", "A"),
        ("T2", "H", "B", "5.000", "B"),
        ("T2", "H", "H", "", ""),
        ("T3", "H", "H", "5.000", ""),
        ("T3", "H", "A", "5.000", "A"),
        ("T3", "H", "H", "", ""),
    ]


def test_transfers_say_what_brings_and_what_takes():
    found = rows(transfers_text(stranded(), CLOCK))
    assert tuple(found[0]) == TRANSFER_COLUMNS
    assert found[0] == {
        "hub_id": "H",
        "region_id": "A",
        "consignment_id": "A-main-0",
        "part": "main",
        "units": "1",
        "mass_kg": "5.000",
        "volume_dm3": "100.000",
        "pieces": "1",
        "origin_id": "W",
        "vehicle_id": "TRUCK-01",
        "trip_id": "T1",
        "arrive": at(25_140),
        "unloaded": at(25_230),
        "next_vehicle_id": "VAN-01",
        "next_trip_id": "T2",
        "load_start": at(25_860),
    }
    assert [found[1][name] for name in ("consignment_id", "next_trip_id", "load_start")] == [
        "A-main-1",
        "",
        "",
    ]


def test_transfers_are_written_where_goods_pass_hubs_or_old_ones_would_stay(tmp_path):
    assert [path.name for path in write_tables(small.PLAN, CLOCK, tmp_path)] == [
        "deliveries.csv",
        "trips.csv",
    ]
    three = ["deliveries.csv", "trips.csv", "transfers.csv"]
    assert [path.name for path in write_tables(PLAN, CLOCK, tmp_path)] == three
    assert [path.name for path in write_tables(small.PLAN, CLOCK, tmp_path)] == three
    assert (tmp_path / "transfers.csv").read_text("utf-8") == ",".join(TRANSFER_COLUMNS) + "\n"


def test_columns_and_keys_are_told():
    page = (Path(__file__).resolve().parents[1] / "docs" / "outputs.md").read_text("utf-8")

    def told(heading: str) -> list[str]:
        section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)

    assert told("Where goods pass hubs") == [*HUB_DELIVERY_COLUMNS, *HUB_TRIP_COLUMNS]
    assert told("`transfers.csv`") == list(TRANSFER_COLUMNS)
    assert told("`chain`") == list(plan_figures(PLAN, INSTANCE, wall_s=1.0, plan_path="p.json")["chain"])


# ---------------------------------------------------------------- summary


def test_a_component_has_the_trips_of_its_vehicles_wherever_they_begin():
    row, total = [one.cells for one in summary_rows(PLAN, INSTANCE)]
    assert row[3:6] == total[3:6] == ("2", "3", "123")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Hubs used: 1; trunk trips (to hubs): 1; local trips: 2."),
        ("id", "Titik alih yang dipakai: 1; perjalanan utama (ke titik alih): 1; perjalanan setempat: 2."),
    ],
)
def test_the_line_on_hubs(code, text):
    set_language(code)
    assert hub_line(PLAN) == text
    assert hub_line(small.PLAN) == ""


def test_figures_tell_of_hubs_only_where_goods_pass_them():
    figures = plan_figures(PLAN, INSTANCE, wall_s=1.0, plan_path="p.json")
    assert figures["chain"] == {"hubs_used": 1, "trunk_trips": 1, "local_trips": 2}
    assert "chain" not in plan_figures(small.PLAN, small.INSTANCE, wall_s=1.0, plan_path="p.json")


@pytest.mark.parametrize(
    ("received_s", "text"),
    [
        (hub_plan.DEADLINE - 60, "received in time, but too late at a hub."),
        (hub_plan.DEADLINE + 5400, "1 h 30 min late."),
    ],
)
def test_a_region_that_only_missed_a_hub_is_not_called_late_by_less_than_nothing(received_s, text):
    result = RegionResult("B", RegionStatus.LATE, received_s, hub_plan.DEADLINE, ReasonCode.WORKER_LOST)
    (line,) = late_lines(replace(PLAN, regions=(PLAN.regions[0], result, PLAN.regions[2])), INSTANCE)
    assert line.startswith(f"B Desa B: {text}")


# ---------------------------------------------------------------- plan show


def test_a_region_shows_its_whole_way():
    found = shown(PLAN, INSTANCE, "A")
    assert found.heading == "A Desa A: On time, 22 Nov 09:03 (deadline 23 Nov 00:00)"
    assert found.rows[0] == (
        *("A-main-0", "1", "W Gudang W", "tru1 TRUCK-01", "T1", "22 Nov 06:00", "22 Nov 06:14"),
        *("H Kantor H", "22 Nov 06:59", "22 Nov 07:00"),
    )
    assert found.rows[1] == (
        *("A-main-0", "1", "H Kantor H", "van1 VAN-01", "T2", "22 Nov 07:11", "22 Nov 07:16"),
        *("A Desa A", "22 Nov 07:31", "22 Nov 07:46"),
    )
    assert [row[4] for row in found.rows] == ["T1", "T2", "T1", "T3"]
    assert found.notes == ["Margin: 14 h 56 min."]


def test_a_region_that_is_not_served_shows_how_far_its_goods_come_and_why():
    found = shown(stranded(), INSTANCE, "A")
    assert [row[4] for row in found.rows] == ["T1", "T2", "T1"]
    assert found.heading == "A Desa A: Not delivered (deadline 23 Nov 00:00)"
    (line,) = found.notes
    assert line.startswith("A Desa A: not delivered. Why is not determined")


def test_a_vehicle_shows_its_trips_and_a_trip_its_stops():
    found = shown(PLAN, INSTANCE, "VAN-01")
    assert found.heading == "van1 VAN-01 (Mobil), trips: 2"
    assert [row[:2] for row in found.rows] == [
        ("T2", "H Kantor H"),
        ("T2", "A Desa A"),
        ("T2", "B Desa B"),
        ("T2", "H Kantor H"),
        ("T3", "H Kantor H"),
        ("T3", "A Desa A"),
        ("T3", "H Kantor H"),
    ]
    assert all(len(row) == len(found.columns) for row in found.rows)
    (_, hub, village, _) = shown(PLAN, INSTANCE, "T1").rows
    assert hub[1:] == (
        *("H Kantor H", "22 Nov 06:59", "22 Nov 06:59", "22 Nov 07:00", "22 Nov 07:00", "15", "3", "A, B"),
    )
    assert village[-1] == ""


def test_a_hub_shows_what_comes_and_what_goes():
    found = shown(stranded(), INSTANCE, "H")
    assert found.heading == "H Kantor H, consignments unloaded: 3"
    assert [(row[0], row[3], row[6], row[7]) for row in found.rows] == [
        ("A Desa A", "tru1 TRUCK-01 T1", "van1 VAN-01 T2", "22 Nov 07:11"),
        ("A Desa A", "tru1 TRUCK-01 T1", "", ""),
        ("B Desa B", "tru1 TRUCK-01 T1", "van1 VAN-01 T2", "22 Nov 07:11"),
    ]
    assert shown(PLAN, INSTANCE, "X").rows == []


def test_what_there_is_not_is_not_shown():
    assert shown(PLAN, INSTANCE, "Z") is None
    assert shown(PLAN, INSTANCE, "TRUCK") is None


def test_a_plan_without_hubs_is_shown_too():
    found = shown(small.PLAN, small.INSTANCE, "A")
    assert [row[4] for row in found.rows] == ["T1", "T1", "T5", "T5"]
    assert shown(small.PLAN, small.INSTANCE, "BOAT-01").rows[-1][5] == ""  # it stays where its last stop is


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return left.value.code


def test_the_verb(tmp_path, capsys):
    folder, path = tmp_path / "instans é", tmp_path / "plan.json"
    write_instance(folder, INSTANCE)
    write_plan(PLAN, CLOCK, path)
    assert call("show", path, "A", "VAN-01", "--instance", folder) == 0
    printed = capsys.readouterr().out
    assert "A Desa A: On time, 22 Nov 09:03" in printed
    assert "van1 VAN-01 (Mobil), trips: 2" in printed
    assert call("show", path, "A", "--instance", folder, "--lang", "id") == 0
    assert "A Desa A: Tepat waktu, 22 Nov 09:03 (tenggat 23 Nov 00:00)" in capsys.readouterr().out
    set_language("en")
    assert call("show", path, "A", "Z", "--instance", folder) == 2
    refused = capsys.readouterr()
    assert "C707" in refused.err
    assert refused.out == ""
    assert call("show", path, "--instance", folder) == 2
    assert call("show", path, "A") == 2


def test_the_tables_are_exported(tmp_path, capsys):
    path = tmp_path / "plan.json"
    write_plan(PLAN, CLOCK, path)
    assert call("export", path, "--format", "csv") == 0
    assert (tmp_path / "plan" / "transfers.csv").exists()
    assert call("export", path, "--format", "csv") == 2
    assert capsys.readouterr().err.count("C702") == 3
