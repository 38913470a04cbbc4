"""The Python functions: what they take and give, that they print nothing, and how they stop."""

from __future__ import annotations

import doctest
import json
import math
import subprocess
import sys
import threading
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import planner
from planner.api.dataframes import raw_from_frame
from planner.instance.digest import digest
from planner.instance.kinds import Mode
from planner.instance.read import read_instance
from planner.plans.file import plan_to_text
from planner.plans.model import Status
from tests.tiny_folder import write_tiny

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"
TOY_COST = 834_000  # worked out in docs/toy.md


@pytest.fixture(scope="module")
def toy():
    return planner.read(TOY)


@pytest.fixture(scope="module")
def solved(toy):
    return planner.solve(toy, effort=1, workers=0)


def places(report):
    return [(one.code, one.table, one.row, one.column, one.value) for one in report.faults]


# ---------------------------------------------------------------- the page


def test_the_page_is_true(tmp_path, monkeypatch, capfd, no_workers, short_searches):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "python.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert failed == 0, capfd.readouterr().out
    assert tried > 30


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("name", ["toy", "mahulu"])
def test_tables_as_frames_read_back_as_the_same_instance(name):
    first = planner.read(ROOT / "instances" / name)
    again = planner.read(planner.frames(first), first.settings)
    assert again == first
    assert digest(again) == digest(first)


def test_every_kind_of_column_reads_back(tmp_path):
    first = planner.read(write_tiny(tmp_path / "tiny"))
    assert planner.read(planner.frames(first), first.settings) == first


def test_lists_of_mappings_are_tables_too(toy):
    rows = {name: frame.to_dict("records") for name, frame in planner.frames(toy).items()}
    assert planner.read(rows, toy.settings) == toy


def test_a_path_is_read_as_by_the_command_line(toy):
    assert planner.read(str(TOY)) == toy == read_instance(TOY)
    with pytest.raises(TypeError, match="settings belong to tables"):
        planner.read(TOY, {})


def test_all_faults_of_frames_come_together_at_their_places(toy):
    tables = planner.frames(toy)
    regions = tables["regions"].astype({"boxes": object, "lat": object}).set_index("id")
    regions.iloc[2, regions.columns.get_loc("boxes")] = "three"
    regions.iloc[4, regions.columns.get_loc("lat")] = None
    vehicles = tables["vehicles"].rename(columns={"mass_kg": "mass"})
    stock = tables["stock"].astype({"quantity": object}).reset_index(drop=True)
    stock.loc[1, "warehouse"] = "shop"
    given = tables | {"regions": regions, "vehicles": vehicles, "stock": stock, "people": stock}
    report = planner.validate(given, toy.settings)
    assert not report.valid
    assert report.instance is None
    found = [(code, table, row, column) for code, table, row, column, _ in places(report)]
    assert ("I202", "regions", 4, "boxes") in found
    assert ("I201", "regions", 6, "lat") in found
    assert ("I111", "vehicles", 1, "mass") in found
    assert ("I104", "people", None, None) in found
    assert any(row == 3 and table == "stock" for _, table, row, _ in found)
    table = report.table
    assert table["code"].tolist() == [one.code for one in report.faults]
    assert table.loc[table["code"] == "I202", "cause"].str.len().min() > 0
    with pytest.raises(planner.InputError) as error:
        planner.read(given, toy.settings)
    assert error.value.faults == report.errors


def test_settings_in_python_are_the_keys_of_the_file(toy):
    settings = {
        "name": "T",
        "time_zone": "Africa/Kampala",
        "start": datetime.fromisoformat("2025-03-03T00:00+03:00"),
        "horizon_end": pd.Timestamp("2025-03-04T00:00+03:00"),
        "deadline": "2025-03-03T12:00+03:00",
        "counts": ["boxes", "patients"],
        "unit": "boxes",
        "weight": "patients",
        "currency": "UGX",
    }
    tables = planner.frames(toy)
    assert digest(planner.read(tables, settings)) == digest(toy)
    without = {key: value for key, value in settings.items() if key != "deadline"} | {"colour": "red"}
    codes = {(one.code, one.column) for one in planner.validate(tables, without).faults}
    assert codes == {("I122", "deadline"), ("I123", "colour")}
    assert {one.code for one in planner.validate(tables).faults} == {"I122"}


def test_ids_that_became_numbers_are_faults(toy):
    tables = planner.frames(toy)
    regions = tables["regions"].assign(id=[6401.1, 6401.2, 6401.3, 6401.4, 6401.5, 6401.6, 6402.0])
    report = planner.validate(tables | {"regions": regions}, toy.settings)
    wrong = [(row, value) for code, _, row, _, value in places(report) if code == "A101"]
    assert wrong == [(row, f"6401.{row - 1}") for row in range(2, 8)]
    assert "id" in report.faults[0].cause
    whole, faults = raw_from_frame("regions", tables["regions"].assign(id=[6401.0 + i for i in range(7)]))
    assert [row.cells[0] for row in whole.rows] == [str(6401 + i) for i in range(7)]
    assert faults == []


def test_what_is_no_table_is_a_fault(toy):
    tables = planner.frames(toy)
    report = planner.validate(tables | {"stock": 5, "edges": "edges.csv"}, toy.settings)
    assert [one for one in places(report) if one[0] == "A102"] == [
        ("A102", "edges", None, None, "str"),
        ("A102", "stock", None, None, "int"),
    ]


def test_columns_of_the_same_name_are_a_fault(toy):
    tables = planner.frames(toy)
    twice = pd.concat([tables["items"], tables["items"][["name"]]], axis=1)
    report = planner.validate(tables | {"items": twice}, toy.settings)
    assert [one[:4] for one in places(report)] == [("I112", "items", 1, "name")]


def test_a_table_without_rows_is_told_by_its_name(toy):
    tables = planner.frames(toy)
    report = planner.validate(tables | {"regions": tables["regions"].iloc[:0]}, toy.settings)
    assert ("I107", "regions") in [one[:2] for one in places(report)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (math.nan, ""),
        (np.float64("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (True, "yes"),
        (np.bool_(False), "no"),
        (3, "3"),
        (np.int64(-3), "-3"),
        (2.0, "2"),
        (np.float32(0.1), "0.1"),
        (1e-7, "0.0000001"),
        (123456789.25, "123456789.25"),
        (math.inf, "inf"),
        ("  a b ", "a b"),
        (time(6, 30), "06:30:00"),
        (date(2026, 6, 1), "2026-06-01"),
        (pd.Timestamp("2026-06-01T08:00+02:00"), "2026-06-01T08:00:00+02:00"),
        ([Mode.ROAD, "river"], "road+river"),
        (Mode.SEA, "sea"),
    ],
)
def test_values_become_the_text_of_cells(value, text):
    frame = pd.DataFrame({"other": pd.Series(["x"], dtype=object), "name": pd.Series([value], dtype=object)})
    table, faults = raw_from_frame("problems", frame)
    assert table.value(2, "name") == text
    assert faults == []


def test_a_day_may_be_a_timestamp():
    frame = pd.DataFrame({"calendar": ["a", "b"], "days": [pd.Timestamp("2026-06-01"), "daily"]})
    table, _ = raw_from_frame("calendars", frame)
    assert [table.value(line, "days") for line in (2, 3)] == ["2026-06-01", "daily"]


# ---------------------------------------------------------------- solving


def test_a_solve_gives_the_known_best_plan_and_prints_nothing(toy, capfd):
    result = planner.solve(toy, effort=1, workers=0)
    assert (result.status, result.cost, result.as_asked) == (Status.ON_TIME, TOY_COST, True)
    assert tuple(capfd.readouterr()) == ("", "")


def test_on_processes_nothing_is_printed_either(toy, capfd):
    seen = []
    result = planner.solve(TOY, effort=1, workers=2, on_progress=seen.append)
    assert result.cost == TOY_COST
    assert plan_to_text(result.plan, toy.clock) == plan_to_text(
        planner.solve(toy, effort=1, workers=2).plan, toy.clock
    )
    assert seen[-1].final
    assert tuple(capfd.readouterr()) == ("", "")


def test_tables_of_a_result_have_types(solved, toy):
    regions = solved.regions.set_index("region_id")
    assert regions.index.tolist() == [region.id for region in toy.regions]
    assert regions.loc["elm", "deadline"] == pd.Timestamp("2025-03-03T10:30+03:00")
    assert regions.loc["elm", "margin_s"] > 0
    assert (regions["why"] == "").all()
    deliveries = solved.deliveries
    assert (deliveries["received"] < deliveries["deadline"]).all()
    late = (deliveries["deadline"] - deliveries["received"]).dt.total_seconds()
    assert (late == deliveries["margin_s"]).all()
    trips = solved.trips
    assert set(trips["trip_id"]) == {trip.id for trip in solved.plan.trips}
    assert trips.loc[trips["stop_index"] == 0, "mass_kg"].sum() == pytest.approx(
        sum(trip.mass_g for trip in solved.plan.trips) / 1000
    )
    assert trips["arrive"].isna().sum() == len(solved.plan.trips)
    assert len(solved.transfers) == len(solved.violations) == 0


def test_a_late_region_says_why(toy):
    tables = planner.frames(toy)
    tables["deadlines"]["deadline"] = "2025-03-03T08:30+03:00"
    result = planner.solve(planner.read(tables, toy.settings), effort=1, workers=0)
    row = result.regions.set_index("region_id").loc["elm"]
    assert result.status is Status.IMPOSSIBLE
    assert not result.as_asked
    assert row["status"] == "late"
    assert row["why"]
    assert row["action"]


def test_guarantees_stand_in_the_table(toy, short_searches):
    result = planner.solve(toy, effort=1, workers=0, guarantee=1)
    assert result.regions["guaranteed"].notna().all()
    auto = planner.solve(toy, effort=1, workers=0, guarantee="auto")
    assert auto.as_asked


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kind", ["event", "function"])
def test_a_flag_stops_the_search(toy, workers, kind):
    stop = threading.Event()
    result = planner.solve(
        toy,
        time_limit_s=100,
        workers=workers,
        on_progress=lambda _: stop.set(),
        cancel=stop if kind == "event" else stop.is_set,
    )
    assert result.interrupted
    assert result.verdict.passed
    assert result.wall_s < 60


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("which", ["on_progress", "cancel"])
def test_an_error_of_the_caller_comes_out_as_it_is(toy, workers, which):
    def fail(*_):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        planner.solve(toy, time_limit_s=100, workers=workers, **{which: fail})


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"engine": "magic"}, ValueError),
        ({"time_limit_s": 0}, ValueError),
        ({"time_limit_s": math.nan}, ValueError),
        ({"effort": 0}, ValueError),
        ({"workers": -1}, ValueError),
        ({"guarantee": -1}, ValueError),
        ({"guarantee": "all"}, ValueError),
        ({"cancel": 5}, TypeError),
        ({"area": "moon"}, planner.InputError),
    ],
)
def test_wrong_options_are_refused(toy, options, error):
    with pytest.raises(error):
        planner.solve(toy, **({"effort": 1, "workers": 0} | options))


# ---------------------------------------------------------------- check and export


def test_a_plan_is_checked_from_its_file_and_from_its_object(solved, toy, tmp_path):
    (path,) = planner.export(solved, tmp_path / "new" / "plan.json", format="json")
    for plan, instance in ((path, TOY), (str(path), toy), (solved.plan, toy), (solved, None)):
        found = planner.check(plan, instance)
        assert found.verdict.passed
        assert (found.status, found.cost, found.plan) == (solved.status, solved.cost, solved.plan)
        assert found.trips.equals(solved.trips)
    with pytest.raises(TypeError, match="needs the instance"):
        planner.check(path)


def test_a_changed_plan_has_its_broken_rules_in_a_table(solved, tmp_path):
    (path,) = planner.export(solved, tmp_path / "plan.json", format="json")
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document).replace(str(TOY_COST), str(TOY_COST - 7)), "utf-8")
    found = planner.check(path, TOY)
    assert found.status is Status.NOT_FOUND
    assert not found.as_asked
    assert found.cost == TOY_COST
    rows = found.violations
    assert set(rows["rule"]) >= {"cost"}
    assert (rows.loc[rows["rule"] == "cost", "amount"] == 7).all()
    assert (rows.loc[rows["rule"] == "cost", "measure"] == "money").all()


def test_exports_are_those_of_the_command_line(solved, toy, tmp_path):
    paths = planner.export(solved, tmp_path / "tables")
    assert [path.name for path in paths] == ["deliveries.csv", "trips.csv"]
    (plan,) = planner.export(solved.plan, tmp_path / "plan.json", format="json", instance=toy)
    again = planner.export(plan, tmp_path / "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]
    (drawn,) = planner.export(plan, tmp_path / "map.svg", format="svg", instance=TOY)
    assert drawn.read_text("utf-8").startswith(("<svg", "<?xml"))


def test_nothing_is_overwritten_unasked(solved, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("mine", "utf-8")
    with pytest.raises(planner.InputError, match="C702"):
        planner.export(solved, path, format="json")
    assert path.read_text("utf-8") == "mine"
    planner.export(solved, path, format="json", force=True)
    (tmp_path / "trips.csv").touch()
    with pytest.raises(planner.InputError, match="C702"):
        planner.export(solved, tmp_path)
    with pytest.raises(planner.InputError, match="C703"):
        planner.export(solved, tmp_path, format="svg")
    with pytest.raises(planner.InputError, match="C704"):
        planner.export(solved, path)


def test_an_export_wants_the_right_instance(solved, toy, tmp_path):
    other = planner.read(planner.frames(toy) | {"stock": []}, toy.settings)
    with pytest.raises(planner.InputError, match="P103"):
        planner.export(solved, tmp_path / "a", instance=other)
    with pytest.raises(ValueError, match="no format named"):
        planner.export(solved, tmp_path / "a", format="docx")
    with pytest.raises(TypeError, match="needs the instance"):
        planner.export(solved.plan, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- routes of people, a first instance


def test_trips_of_a_result_are_routes_that_give_the_same_plan(solved, toy, capfd):
    judged = planner.evaluate(solved.trips, toy)
    assert (judged.cost, judged.status, len(judged.violations)) == (TOY_COST, Status.ON_TIME, 0)
    assert judged.trips.equals(solved.trips)
    assert planner.check(judged).verdict.passed
    assert tuple(capfd.readouterr()) == ("", "")


def test_two_stops_swapped_by_hand_are_what_the_same_file_gives(solved, toy, tmp_path):
    (_, path) = planner.export(solved, tmp_path / "tables")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    pair = frame[frame["trip_id"] == frame["trip_id"].iloc[-1]].index[1:3]
    frame.loc[pair, "node_id"] = frame.loc[pair[::-1], "node_id"].to_list()
    frame.to_csv(path, index=False)
    of_frame, of_file = planner.evaluate(frame, TOY), planner.evaluate(str(path), toy)
    assert of_frame.plan == of_file.plan
    assert of_frame.cost != TOY_COST
    assert planner.check(of_frame).violations.equals(of_frame.violations)


def test_faults_of_routes_come_together(toy):
    rows = [{"vehicle": "van/1", "stop": "Elm hospitl"}, {"vehicle": "bus", "stop": "fig"}]
    with pytest.raises(planner.InputError) as error:
        planner.evaluate(rows, toy)
    found = [(one.code, one.row, one.column) for one in error.value.faults]
    assert found == [("V201", 2, "stop"), ("V201", 3, "vehicle")]
    with pytest.raises(planner.InputError, match="V224"):
        planner.evaluate([], toy)


def test_a_template_an_area_and_counts_of_a_list(toy, tmp_path, capfd):
    assert planner.init().regions
    assert planner.init(time_zone="Africa/Kampala").settings.clock.time_zone == "Africa/Kampala"
    assert planner.init(TOY) == toy
    listed = pd.DataFrame({"nama": ["ELM hospital"], "boxes": [9], "patients": [7]})
    mine = planner.init(toy, area="elm,fig", counts=listed)
    assert [one.id for one in mine.regions] == ["elm", "fig"]
    assert mine.region_of["elm"].counts == {"boxes": 9, "patients": 7}
    path = tmp_path / "list.csv"
    listed.to_csv(path, index=False)
    assert planner.init(toy, counts=path).region_of["elm"].counts == mine.region_of["elm"].counts
    with pytest.raises(planner.InputError, match="X331"):
        planner.init(toy, counts=listed.assign(nama="Elk"))
    with pytest.raises(planner.InputError, match="A102"):
        planner.init(toy, counts=5)
    for options in ({"area": "elm"}, {"counts": listed}, {"source": toy, "time_zone": "UTC"}):
        with pytest.raises(ValueError, match="source"):
            planner.init(**options)
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.parametrize("name", ["mine", "mine.xlsx"])
@pytest.mark.parametrize("all_columns", [False, True])
def test_an_instance_is_written_and_reads_back(name, all_columns, toy, tmp_path):
    written = planner.write(toy, tmp_path / name, all_columns=all_columns)
    assert planner.read(written) == toy
    with pytest.raises(planner.InputError, match="X341"):
        planner.write(toy, written)
    assert planner.write(toy, written, force=True) == written


def test_an_area_planned_anew_leaves_all_else(solved, toy):
    again = planner.solve(toy, effort=1, workers=0, area="elm", base=solved)
    assert again.verdict.passed
    kept = [one for one in solved.plan.regions if one.region_id != "elm"]
    assert [one for one in again.plan.regions if one.region_id != "elm"] == kept
    assert planner.check(again, previous=[solved]).verdict.passed


# ---------------------------------------------------------------- the package


def python(code: str, **more) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **more)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_importing_the_package_is_light():
    code = "import planner, sys; print(sorted({'pandas', 'numpy', 'planner.api'} & set(sys.modules)))"
    assert python(code).strip() == "[]"


def test_no_folder_is_named_like_a_verb():
    code = (
        "import planner.solving.pipeline, planner.evaluation.read, planner.starting.part\n"
        "import planner, pathlib\n"
        "rooms = {path.stem for path in pathlib.Path('planner').iterdir()}\n"
        "print(planner.solve.__module__, rooms & {*planner.__all__})\n"
        "from planner import *\n"
        "print(planner.evaluate.__module__, planner.init.__module__)\n"
        "print(solve is planner.solve, read is planner.read, __version__ == planner.__version__)\n"
    )
    told = "planner.api.solving set() planner.api.judging planner.api.reading True True True"
    assert python(code).split() == told.split()


def test_names_are_listed_and_others_are_not_there():
    assert set(planner.__all__) <= set(dir(planner))
    for name in planner.__all__:
        assert getattr(planner, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'sovle'"):
        planner.sovle  # noqa: B018
