"""From Python as on the command line: changes, networks, replans, diffs, trade-offs; types without rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import tiny_folder

import planner
from planner.api.dataframes import _series, faults_frame, violations_frame
from planner.batches.apply import read_changed
from planner.cli import main
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.schema import TABLES
from planner.plans.file import plan_to_text, write_plan

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"
NOW = "2025-03-03T09:00+03:00"
REPORTS = [
    {"id": "E0001", "time": "2025-03-03T08:40+03:00", "kind": "delay", "subject": "van-01", "value": "20min"},
    {"id": "E0002", "time": "2025-03-03T08:50+03:00", "kind": "breakdown", "subject": "boat-01"},
]


@pytest.fixture(scope="module")
def toy():
    return planner.read(TOY)


@pytest.fixture(scope="module")
def solved(toy):
    return planner.solve(toy, effort=1, workers=0)


@pytest.fixture(scope="module")
def again(solved):
    return planner.replan(solved, REPORTS, now=NOW, effort=1)


def said(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main([*map(str, arguments)])
    return left.value.code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("set vehicles van number=1",),
        ("drop vehicles boat/1", "deadline -20min"),
        ("close edges birch-cedar from=2025-03-03T08:00+03:00 until=2025-03-03T10:00+03:00",),
        ("scale regions boxes=2",),
    ],
)
def test_changes_are_those_of_scenarios(toy, changes):
    wanted = read_changed(TOY, changes).instance
    assert planner.change(toy, *changes) == wanted
    assert planner.change(str(TOY), *changes) == wanted
    assert toy == planner.read(TOY)


@pytest.mark.parametrize("name", ["toy", "clinics", "mahulu"])
def test_no_change_is_none(name):
    instance = planner.read(ROOT / "instances" / name)
    same = planner.change(instance)
    assert same == instance
    assert digest(same) == digest(instance)


def test_faults_of_changes_come_together(toy):
    with pytest.raises(planner.InputError) as raised:
        planner.change(toy, "nonsense", "rubbish")
    assert [one.row for one in raised.value.faults] == [1, 2], raised.value.faults
    with pytest.raises(planner.InputError) as raised:
        planner.change(toy, "drop vehicles vann/1")
    assert raised.value.faults[0].code.startswith("S4")
    for one in ("guarantee 2", "seed 7"):
        with pytest.raises(ValueError, match="arguments of planner.solve"):
            planner.change(toy, one)


def test_a_network_is_the_one_of_the_command_line(tmp_path, capsys):
    folder = tiny_folder.write_tiny(tmp_path / "tiny")
    for name in ("edges", "closures"):
        (folder / f"{name}.csv").unlink()
    (folder / "access.csv").write_text("place,mode\nR1,road\nR2,road\nR3,road\n", "utf-8")
    (folder / "speeds.csv").write_text("mode,speed_kmh\nroad,40\n", "utf-8")
    made = planner.network_model(folder)
    bare = read_instance(folder, needs_times=False)
    of_tables = planner.network_model(planner.frames(bare), bare.settings)
    code, answer = said(capsys, "network", "model", folder, "--json")
    assert code == 0
    wanted = planner.read(folder)
    assert made.edges and made == wanted == of_tables == planner.network_model(bare)
    apart = planner.places_left_apart(made)
    assert apart["value"].tolist() == [one["value"] for one in answer["faults"]]


def test_entered_edges_are_replaced_only_by_force(toy):
    access = [{"place": one.id, "mode": "road"} for one in (*toy.warehouses, *toy.regions)]
    tables = planner.frames(toy) | {"access": access, "speeds": [{"mode": "road", "speed_kmh": 40}]}
    tables.pop("closures", None)
    with pytest.raises(planner.InputError) as raised:
        planner.network_model(tables, toy.settings)
    assert [one.code for one in raised.value.faults] == ["C706"]
    made = planner.network_model(tables, toy.settings, force=True)
    assert {one.basis.value for one in made.edges} == {"modelled"}


@pytest.mark.parametrize("wrong", [None, 3, object()])
def test_what_is_no_instance_is_told(wrong):
    for verb in (planner.network_model, planner.tradeoff, planner.change, planner.solve, planner.read):
        with pytest.raises(TypeError, match="an instance is"):
            verb(wrong)


def test_a_replan_is_that_of_the_command_line(solved, again, toy, tmp_path, capsys):
    write_plan(solved.plan, toy.clock, tmp_path / "toy.json")
    header = ["id", "time", "kind", "subject", "value"]
    table = pd.DataFrame(REPORTS, columns=header)
    table.to_csv(tmp_path / "reports.csv", index=False)
    for events in (table, tmp_path / "reports.csv"):
        one = planner.replan(tmp_path / "toy.json", events, TOY, now=datetime.fromisoformat(NOW), effort=1)
        assert plan_to_text(one.plan, toy.clock) == plan_to_text(again.plan, toy.clock)
    out = tmp_path / "new.json"
    line = ["replan", tmp_path / "toy.json", "--events", tmp_path / "reports.csv", "--instance", TOY]
    code, answer = said(capsys, *line, "--now", NOW, "--effort", 1, "--output", out, "--json")
    assert out.read_text("utf-8") == plan_to_text(again.plan, toy.clock)
    assert again.status.value == answer["status"]
    assert list(again.regions_changed) == answer["regions_changed"]
    assert again.verdict.passed and code == (0 if again.as_asked else 3)
    assert repr(again).startswith("<Result LATE: ")


def test_moments_without_a_zone_are_the_instances_own(solved, again):
    one = planner.replan(solved, REPORTS, now="2025-03-03T09:00", effort=1)
    assert one.plan == again.plan


def test_a_replan_of_a_replan_wants_all_reports(solved, again):
    more = [*REPORTS, {"id": "E0003", "time": NOW, "kind": "delay", "subject": "van-02", "value": "10min"}]
    later = planner.replan(again, more, now="2025-03-03T09:10", effort=1, previous=[solved])
    assert later.verdict.passed
    with pytest.raises(planner.InputError) as raised:
        planner.replan(again, more[2:], now="2025-03-03T09:10", effort=1, previous=[solved])
    assert [one.code for one in raised.value.faults] == ["D802"]


@pytest.mark.parametrize(
    ("events", "now", "codes"),
    [
        ([{"id": "E1", "time": NOW, "kind": "nonsense", "subject": "van-01"}], NOW, ["E903"]),
        ([{"id": "E1", "time": NOW}], NOW, ["I110", "I110"]),
        ([], "2031-03-03T09:00", ["D805"]),
        (3, NOW, ["A102"]),
    ],
)
def test_faults_of_reports_are_those_of_files(solved, events, now, codes):
    with pytest.raises(planner.InputError) as raised:
        planner.replan(solved, events, now=now)
    assert [one.code for one in raised.value.faults] == codes


def test_a_replan_without_news_changes_nobody(solved):
    same = planner.replan(solved, [], now=NOW, effort=1)
    assert same.regions_changed == same.regions_hit == ()
    assert planner.diff(solved, same).regions.empty


def test_a_difference_is_that_of_the_command_line(solved, again, toy, tmp_path, capsys):
    for name, one in (("a", solved), ("b", again)):
        write_plan(one.plan, toy.clock, tmp_path / f"{name}.json")
    found = planner.diff(solved, again)
    line = ["diff", tmp_path / "a.json", tmp_path / "b.json", "--instance", TOY, "--json"]
    code, answer = said(capsys, *line)
    assert code == 0
    assert json.loads(json.dumps(found.document)) == {k: v for k, v in answer.items() if k not in ("a", "b")}
    assert planner.diff(tmp_path / "a.json", tmp_path / "b.json", TOY).document == found.document
    changed = found.regions.set_index("region_id")
    assert changed.index[changed["counts"]].tolist() == sorted(answer["regions_changed"]) != []
    boats = [one for one in answer["messages"] if one["id"] == "boat-01"]
    assert found.messages["text"].tolist().count(boats[0]["text"]) == 1
    with pytest.raises(TypeError, match="needs the instance"):
        planner.diff(tmp_path / "a.json", tmp_path / "b.json")


def test_a_row_of_plans_is_that_of_the_command_line(toy, tmp_path, capsys, no_workers):
    row = planner.tradeoff(toy, points=2, effort=1)
    line = ["solve", TOY, "--effort", 1, "--tradeoff", "cost,margin", "--points", 2]
    code, answer = said(capsys, *line, "--output", tmp_path / "row.json", "--json")
    told = answer["tradeoff"]["points"]
    assert code == 0
    assert row.table["cost"].tolist() == [one["cost"] for one in told]
    assert row.table["smallest_margin_s"].tolist() == [one["smallest_margin_s"] for one in told]
    for one, mine in zip(told, row.results, strict=True):
        assert Path(one["plan_path"]).read_text("utf-8") == plan_to_text(mine.plan, toy.clock)
    for points in (1, 21):
        with pytest.raises(ValueError, match="points is"):
            planner.tradeoff(toy, points=points)


# ---------------------------------------------------------------- empty tables


def test_empty_tables_of_an_instance_have_the_types_of_full_ones(toy):
    for table in TABLES.values():
        for column in table.columns:
            full = [getattr(row, column.attribute) for row in getattr(toy, table.name)]
            if full and all(one is not None for one in full):
                assert _series(column, full, toy.clock).dtype == _series(column, [], toy.clock).dtype


def test_empty_tables_of_a_result_have_the_types_of_full_ones(solved, again, toy):
    late = planner.change(toy, "deadline -4h")
    full = planner.evaluate([{"vehicle": "van/1", "stop": "elm"}] * 9, late, area="elm")
    no_trips = replace(solved.plan, trips=(), regions=())
    bare = replace(solved, plan=no_trips)
    assert len(bare.trips) == len(bare.deliveries) == len(bare.regions) == 0
    assert len(full.violations) > 0
    for name in ("trips", "deliveries", "regions"):
        pd.testing.assert_series_equal(getattr(solved, name).dtypes, getattr(bare, name).dtypes)
    pd.testing.assert_series_equal(full.violations.dtypes, solved.violations.dtypes)
    with pytest.raises(planner.InputError) as raised:
        planner.read({}, {})
    pd.testing.assert_series_equal(faults_frame(raised.value.faults).dtypes, faults_frame(()).dtypes)
    other, same = planner.diff(solved, again), planner.diff(solved, solved)
    assert len(other.regions) and len(other.messages) and not len(same.regions) and not len(same.messages)
    pd.testing.assert_series_equal(other.regions.dtypes, same.regions.dtypes)
    pd.testing.assert_series_equal(other.messages.dtypes, same.messages.dtypes)
    assert violations_frame(solved.verdict).empty
