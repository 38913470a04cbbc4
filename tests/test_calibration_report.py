"""What `plan network calibrate` says of published trips: errors, medians by mode, CSV, both languages."""

from __future__ import annotations

import csv
import io
import json
import math
import runpy
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from test_calibrate import line, made, trip
from test_cli import call
from test_network_model import ROW
from tiny_folder import write_tiny

from planner.base.text import LANGUAGES, set_language
from planner.instance.read import read_instance
from planner.instance.schema import CalibrationUse, Instance, Mode
from planner.network.calibrate import calibration_report
from planner.network.model import model_edges
from planner.network.report import calibration_csv, calibration_json

ROOT = Path(__file__).resolve().parents[1]
USES = {"f": CalibrationUse.FIT, "j": CalibrationUse.JUDGE, "n": CalibrationUse.NONE}


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def river_and_road() -> Instance:
    """A river d-c-b-a-w and a road w-a-b, whose edges are known."""
    instance = made(
        ROW,
        {"a": (Mode.ROAD, "good"), "b": (Mode.ROAD, "good"), "w": (Mode.ROAD, "good")},
        lines=line("river", Mode.RIVER, "river", "d c b a w"),
    )
    return replace(instance, edges=model_edges(instance))


def down_s(instance: Instance) -> int:
    return sum(edge.time_s for edge in instance.edges if edge.mode is Mode.RIVER)


def up_s(instance: Instance) -> int:
    return sum(edge.time_back_s for edge in instance.edges if edge.mode is Mode.RIVER)


def asked(instance: Instance, *rows) -> Instance:
    return replace(instance, calibration=tuple(rows))


def published(row, least_s: int, most_s: int):
    return replace(row, hours_min_s=least_s, hours_max_s=most_s)


@pytest.mark.parametrize(
    ("least", "most", "error", "beyond"),
    [
        (0.8, 1.0, 1 / 0.9 - 1, 0.0),  # the upper end itself is inside
        (1.0, 1.4, 1 / 1.2 - 1, 0.0),
        (0.5, 0.7, 1 / 0.6 - 1, 1 / 0.7 - 1),
        (1.2, 1.6, 1 / 1.4 - 1, 1 / 1.2 - 1),
    ],
)
def test_a_trip_is_compared_with_the_middle_and_with_the_nearest_end_of_its_range(least, most, error, beyond):
    instance = river_and_road()
    way_s = down_s(instance)
    row = published(trip("f1", "d", "w", 1, Mode.RIVER), round(least * way_s), round(most * way_s))
    (found,) = calibration_report(asked(instance, row)).rows
    assert found.modelled_s == way_s
    assert found.error == pytest.approx(error, abs=1e-3)
    assert found.range_error == pytest.approx(beyond, abs=1e-3)
    assert (found.range_error == 0) == (beyond == 0)


def test_craft_have_their_speed_on_rivers_and_against_the_stream():
    instance = river_and_road()
    usual = trip("f1", "d", "w", 9, Mode.RIVER, 50)
    rows = (
        usual,
        replace(usual, id="f2", from_node="w", to_node="d"),
        replace(usual, id="f3", river_percent=80),
        replace(usual, id="f4", from_node="w", to_node="d", river_percent=80),
        replace(usual, id="f5", from_node="w", to_node="d", river_percent=80, upstream_percent=25),
        replace(usual, id="f6", river_percent=80, upstream_percent=25),
    )
    found = [row.modelled_s for row in calibration_report(asked(instance, *rows)).rows]
    down, up = down_s(instance), up_s(instance)
    assert found == pytest.approx([2 * down, 2 * up, down / 0.8, up / 0.8, up * 4, down / 0.8], abs=1)


def test_what_is_not_the_way_is_added_whatever_the_speed():
    instance = river_and_road()
    row = replace(trip("f1", "d", "w", 9, Mode.RIVER, 50), ends_s=600)
    (found,) = calibration_report(asked(instance, row)).rows
    assert found.modelled_s == pytest.approx(2 * down_s(instance) + 600, abs=1)


def test_the_way_is_the_quickest_for_the_craft():
    """A car of 100 % takes the road where the boat of the trip is slow, and the river where it is not."""
    instance = river_and_road()
    road_s = sum(edge.time_s for edge in instance.edges if edge.id in ("road:w:a", "road:a:b"))
    river_s = sum(edge.time_s for edge in instance.edges if edge.id in ("river:b:a", "river:a:w"))
    both = replace(trip("f1", "b", "w", 9), modes=(Mode.ROAD, Mode.RIVER))
    rows = (replace(both, river_percent=1), replace(both, id="f2", river_percent=1000))
    slow, fast = (row.modelled_s for row in calibration_report(asked(instance, *rows)).rows)
    assert slow == pytest.approx(road_s, abs=2)
    assert fast == pytest.approx(river_s / 10, abs=1)


def several() -> Instance:
    """Trips of three kinds of modes, of both halves, one of them without a way."""
    instance = river_and_road()
    way = down_s(instance) / 3600
    rows = [
        *(
            trip(f"f{at}", "d", "w", way / (1 + error), Mode.RIVER)
            for at, error in enumerate((0.5, -0.2, 0.1))
        ),
        replace(trip("f7", "w", "a", 5), modes=(Mode.RIVER, Mode.ROAD)),
        replace(trip("f8", "w", "a", 7), modes=(Mode.ROAD, Mode.RIVER)),
        trip("j1", "w", "d", 9, Mode.SEA),
        trip("j2", "d", "w", way, Mode.RIVER),
    ]
    return asked(instance, *rows)


def test_medians_are_by_use_and_modes_in_any_order_and_then_of_all():
    report = calibration_report(several())
    found = {(one.use.value, one.modes): one for one in report.groups()}
    assert list(found) == [
        ("fit", (Mode.ROAD, Mode.RIVER)),
        ("fit", (Mode.RIVER,)),
        ("fit", ()),
        ("judge", (Mode.RIVER,)),
        ("judge", (Mode.SEA,)),
        ("judge", ()),
    ]
    river = found["fit", (Mode.RIVER,)]
    assert [row.trip.id for row in river.rows] == ["f0", "f1", "f2"]
    assert river.median_error == pytest.approx(0.2, abs=1e-3)
    assert river.bias == pytest.approx((1.5 * 0.8 * 1.1) ** (1 / 3) - 1, abs=1e-3)
    assert found["fit", ()].median_error == median(abs(row.error) for row in report.rows[:5])


def test_a_trip_without_a_way_is_an_error_of_all_but_no_bias():
    report = calibration_report(several())
    sea, judges = report.groups()[-2:]
    assert (sea.median_error, sea.median_range_error, sea.bias, sea.share_inside) == (1, 1, None, 0)
    assert judges.median_error == pytest.approx(0.5, abs=1e-3)
    assert judges.bias == pytest.approx(0, abs=1e-3)


def test_share_inside_counts_trips_within_their_range():
    instance = river_and_road()
    way_s = down_s(instance)
    base = trip("f1", "d", "w", 1, Mode.RIVER)
    rows = [
        published(replace(base, id=f"f{at}"), least, most)
        for at, (least, most) in enumerate(
            [(1, way_s), (way_s, 2 * way_s), (1, way_s - 1), (way_s + 1, 10**6)]
        )
    ]
    (group,) = calibration_report(asked(instance, *rows)).groups()
    assert group.share_inside == 0.5


def test_csv_holds_every_trip_with_its_figures():
    instance = several()
    report = calibration_report(instance)
    rows = list(csv.DictReader(io.StringIO(calibration_csv(instance, report))))
    assert [row["id"] for row in rows] == [row.id for row in instance.calibration]
    first, sea = rows[0], rows[5]
    assert (first["use"], first["modes"], first["from"], first["to"]) == ("fit", "river", "d", "w")
    assert int(first["modelled_s"]) == down_s(instance)
    middle = (int(first["published_min_s"]) + int(first["published_max_s"])) // 2
    assert int(first["published_s"]) == middle
    assert float(first["error_percent"]) == round(100 * (down_s(instance) / middle - 1), 1)
    assert (first["inside"], sea["inside"], sea["modelled_s"], sea["error_percent"]) == ("no", "", "", "")


def test_json_holds_the_same_figures():
    report = calibration_report(several())
    found = json.loads(json.dumps(calibration_json(report)))
    assert [one["id"] for one in found["trips"]] == [row.trip.id for row in report.rows]
    assert [(one["use"], one["trips"]) for one in found["groups"]] == [
        ("fit", 2),
        ("fit", 3),
        ("fit", 5),
        ("judge", 1),
        ("judge", 1),
        ("judge", 2),
    ]
    assert found["fit_error"] == found["groups"][2]["median_error"]
    assert found["trips"][5]["range_error"] is None
    assert all(math.isfinite(one["share_inside"]) for one in found["groups"])


CALIBRATION = "id,from,to,modes,hours_min,hours_max,use\n" + "".join(
    f"trip-{at},W1,R{1 + at % 3},road,{1 + at},{2 + at},{use}\n"
    for at, use in enumerate(["fit", "judge", "fit", "none", "judge"])
)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_verb_prints_trips_and_medians_in_80_columns_and_writes_csv(code, tmp_path, capsys):
    folder = write_tiny(tmp_path / "tiny")
    (folder / "calibration.csv").write_text(CALIBRATION, "utf-8")
    target = tmp_path / "trips.csv"
    assert call("--lang", code, "network", "calibrate", folder, "--csv", target) == 0
    said = capsys.readouterr().out
    assert max(len(row) for row in said.splitlines() if str(target) not in row) <= 80
    for at in range(5):
        assert f"trip-{at}" in said
    assert len(target.read_text("utf-8").splitlines()) == 6
    assert call("--lang", code, "network", "calibrate", folder, "--csv", target) == 2
    assert call("--lang", code, "network", "calibrate", folder, "--csv", target, "--force", "--json") == 0
    assert json.loads(capsys.readouterr().out)["list_path"] == str(target)


def test_without_published_trips_it_says_so(tmp_path, capsys):
    folder = write_tiny(tmp_path / "tiny")
    assert call("network", "calibrate", folder) == 0
    assert "no published trips" in capsys.readouterr().out


# ---------------------------------------------------------------- what pages say of the shipped network


def recorded() -> list[dict[str, str]]:
    with (ROOT / "benchmarks" / "results" / "calibration.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_of_the_data_has_the_medians_of_the_recorded_rows():
    def error(row: dict[str, str]) -> float:
        return 100 * abs(int(row["modelled_s"]) / int(row["published_s"]) - 1)

    rows = recorded()
    by_modes = {
        modes: [error(row) for row in rows if row["modes"] in wanted]
        for modes, wanted in {
            "road": {"road"},
            "river": {"river"},
            "inland": {"road", "river", "road+river"},
            "both": {"road+river"},
            "all": {row["modes"] for row in rows},
        }.items()
    }
    told = {name: f"{median(errors):.1f} % ({len(errors)})" for name, errors in by_modes.items()}
    line = "| now, with E01 to E08 | {road} | {river} | {inland}, road+river {both} | {all} |".format(**told)
    assert line in (ROOT / "scripts" / "data" / "kaltim" / "README.md").read_text("utf-8")


def test_readme_has_the_medians_of_the_judging_half():
    """Least times by the network as it is shipped, medians by this test."""
    report = calibration_report(read_instance(ROOT / "instances" / "kaltim"))
    judges = [row for row in report.rows if row.trip.use is CalibrationUse.JUDGE]

    def told(*modes: Mode) -> tuple[str, int]:
        some = [row for row in judges if not modes or set(row.trip.modes) == set(modes)]
        middles = [(row.trip.hours_min_s + row.trip.hours_max_s) / 2 for row in some]
        errors = [abs(row.modelled_s / middle - 1) for row, middle in zip(some, middles, strict=True)]
        return f"{100 * median(errors):.0f} %", len(some)

    (road, num_roads), (river, num_rivers), (all_, number) = told(Mode.ROAD), told(Mode.RIVER), told()
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert (
        f"{road} by road ({num_roads} trips), {river} by river ({num_rivers}) and {all_} in all ({number})"
        in text
    )


@pytest.mark.parametrize(
    "left_out",
    [pytest.param(row["id"], marks=[pytest.mark.slow] * (row["id"] != "E07")) for row in recorded()],
)
def test_recorded_rows_are_those_of_the_network_as_it_is(left_out):
    """Each trip by speeds fitted to the others again: rows of a network before would be off."""
    script = str(ROOT / "benchmarks" / "calibration.py")
    found = runpy.run_path(script)
    draft = found["build_kaltim"].draft_instance()
    free = found["build_kaltim"].free_speeds(draft)
    (row,) = found["left_out"](draft, free, only=left_out).rows
    (known,) = (one for one in recorded() if one["id"] == left_out)
    assert row.modelled_s == int(known["modelled_s"])
