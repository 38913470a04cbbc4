"""A plan as a workbook: what stands in it, and that its routes come back, edited or not, meaning the same."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import hub_plan
import openpyxl
import pytest
import small

from planner.cli import main
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import read_routes, routes_from_text
from planner.instance.read import read_instance
from planner.outputs.plan_book import plan_book
from planner.outputs.tables import trips_text
from planner.plans.file import read_plan
from planner.plans.model import RegionStatus
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world

pytestmark = pytest.mark.usefixtures("short_searches")

INSTANCES = Path(__file__).resolve().parents[1] / "instances"
HOSTILE = (
    '=HYPERLINK("http://x";"y")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    "\t=1",
    "<r>x</r>",
    "_x0041_",
)


def call(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code)


@pytest.fixture(params=["toy", "hubs"])
def solved(request):
    instance = (
        read_instance(INSTANCES / "toy") if request.param == "toy" else chain_world({"transfer", "types"}, 3)
    )
    return solve(instance, SolveOptions(effort=1, workers=0)).plan, instance


@pytest.fixture
def book(solved, tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_book(*solved))
    return path


def meaning(trips):
    """Trips without where their rows stand."""
    return [
        replace(trip, line=0, stops=tuple(replace(stop, line=0) for stop in trip.stops)) for trip in trips
    ]


def by_csv(plan, instance, edit):
    """The same edit in the exported CSV, as a reference."""
    rows = list(csv.DictReader(io.StringIO(trips_text(plan, instance.clock))))
    edit(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return routes_from_text(text.getvalue(), instance)


def edited(path, edit):
    """The workbook after an edit of its routes by another program."""
    book = openpyxl.load_workbook(path)
    sheet = book["routes"]
    heads = [cell.value for cell in sheet[1]]
    edit([dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2)])
    book.save(path)
    return path


def test_routes_come_back_as_they_are(solved, book):
    plan, instance = solved
    assert meaning(read_routes(book, instance)) == meaning(by_csv(plan, instance, lambda rows: None))
    again = evaluate(instance, read_routes(book, instance))
    assert again.plan.cost == plan.cost
    assert again.plan.trips == plan.trips


def test_two_stops_swapped(solved, book):
    plan, instance = solved
    trip = next(one for one in plan.trips if len(one.stops) > 1)

    def cells(rows):
        first, second = (next(row for row in rows if of(row) == (trip.id, at)) for at in (1, 2))
        for name in ("node_id", "consignments"):
            first[name].value, second[name].value = second[name].value, first[name].value

    def of(row):
        return row["trip_id"].value, row["stop_index"].value

    def texts(rows):
        first, second = (
            next(row for row in rows if (row["trip_id"], row["stop_index"]) == (trip.id, at)) for at in "12"
        )
        for name in ("node_id", "consignments"):
            first[name], second[name] = second[name], first[name]

    found = read_routes(edited(book, cells), instance)
    assert meaning(found) == meaning(by_csv(plan, instance, texts))
    mine = next(one for one in evaluate(instance, found).plan.trips if one.id == trip.id)
    assert [stop.node_id for stop in mine.stops][:2] == [stop.node_id for stop in trip.stops][1::-1]


def test_another_vehicle(solved, book):
    plan, instance = solved
    kind = next(one for one in instance.vehicles if one.number > 1)
    trip = next((one for one in plan.trips if one.vehicle_type == kind.id), None)
    if trip is None:
        pytest.skip("no vehicle of a type of several drives")
    other = next(
        name
        for name in (f"{kind.id}-{at:02d}" for at in range(1, kind.number + 1))
        if name != trip.vehicle_id
    )

    def cells(rows):
        for row in rows:
            if row["trip_id"].value == trip.id:
                row["vehicle_id"].value = other

    mine = next(one for one in read_routes(edited(book, cells), instance) if one.id == trip.id)
    assert (mine.vehicle_type, f"{kind.id}-{mine.vehicle:02d}") == (kind.id, other)


def test_an_hour_moved(solved, book):
    plan, instance = solved
    trip = plan.trips[0]

    def cells(rows):
        (row,) = (one for one in rows if (one["trip_id"].value, one["stop_index"].value) == (trip.id, 0))
        row["start"].value += timedelta(hours=1)

    mine = next(one for one in read_routes(edited(book, cells), instance) if one.id == trip.id)
    assert mine.load_start_s == trip.load_start_s + 3600


def test_a_workbook_is_evaluated_and_gone_on_from(tmp_path, capsys):
    folder = INSTANCES / "toy"
    plan, book = tmp_path / "plan.json", tmp_path / "plan.xlsx"
    assert call("solve", folder, "--effort", 1, "--output", plan, "--quiet") in (0, 3)
    assert call("export", plan, "--format", "xlsx", "--instance", folder) == 0
    assert call("export", plan, "--format", "xlsx", "--instance", folder) == 2
    assert call("export", plan, "--format", "xlsx", "--instance", folder, "--force", "--colour", "day") == 2
    assert call("export", plan, "--format", "xlsx", "--force") == 2
    evaluated = tmp_path / "evaluated.json"
    assert call("evaluate", book, "--instance", folder, "--output", evaluated) in (0, 3)
    assert read_plan(evaluated).trips == read_plan(plan).trips
    again = tmp_path / "again.json"
    assert call("solve", folder, "--base", book, "--effort", 1, "--output", again, "--quiet") in (0, 3)
    assert read_plan(again).cost <= read_plan(plan).cost


def test_the_sheets_say_what_the_plan_says(solved, book):
    plan, instance = solved
    sheets = openpyxl.load_workbook(book)
    rows = [[cell.value for cell in row] for row in sheets["Regions"].iter_rows(min_row=2)]
    assert [row[0] for row in rows] == [one.region_id for one in plan.regions]
    for row, one in zip(rows, plan.regions, strict=True):
        assert row[5] == instance.clock.instant(one.received_s).replace(tzinfo=None)
    assert sheets["Vehicles"].max_row == 1 + sum(
        1 + len(trip.stops) + (trip.back is not None) for trip in plan.trips
    )
    assert sheets["Days"].max_row == 1 + len(plan.trips)
    for sheet in sheets.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref
        assert sheet.print_title_rows == "$1:$1"
    areas = {row.area_name or row.area for row in instance.regions}
    if len(areas) > 1:
        assert {name[:31] for name in areas} <= set(sheets.sheetnames)
    assert {"PlanRegions", "PlanRoutes"} <= set(sheets.defined_names)


def test_the_same_plan_gives_the_same_bytes(solved):
    assert plan_book(*solved) == plan_book(*solved)


def hostile():
    regions = tuple(
        replace(
            row, name=HOSTILE[at % len(HOSTILE)], area=f"a{at}", area_name=HOSTILE[-1 - at % len(HOSTILE)]
        )
        for at, row in enumerate(small.INSTANCE.regions)
    )
    houses = tuple(replace(row, name=HOSTILE[1]) for row in small.INSTANCE.warehouses)
    settings = replace(small.INSTANCE.settings, name=HOSTILE[0])
    return replace(small.INSTANCE, regions=regions, warehouses=houses, settings=settings)


def test_nothing_is_computed_but_what_the_program_wrote(tmp_path):
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(plan_book(small.PLAN, hostile()))
    book = openpyxl.load_workbook(path)
    formulas = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ]
    assert formulas
    assert all(text.startswith(("=COUNT", "=SUM")) for text in formulas)
    names = [row[1].value for row in book["Regions"].iter_rows(min_row=2)]
    assert [name.strip() for name in names] == [row.name.strip() for row in hostile().regions]


def test_who_is_late_is_told_without_a_negative_time(tmp_path):
    late = replace(
        hub_plan.PLAN.regions[0],
        status=RegionStatus.LATE,
        received_s=hub_plan.PLAN.regions[0].deadline_s + 5400,
    )
    plan = replace(hub_plan.PLAN, regions=(late, *hub_plan.PLAN.regions[1:]))
    path = tmp_path / "late.xlsx"
    path.write_bytes(plan_book(plan, hub_plan.INSTANCE))
    assert openpyxl.load_workbook(path)["Regions"]["H2"].value == "-1:30"


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LIBREOFFICE (soffice) IS NOT INSTALLED: NOT TRIED"
)
def test_libreoffice_opens_it_computes_it_and_gives_it_back(solved, book, tmp_path):
    plan, instance = solved
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "saved"), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    saved = tmp_path / "saved" / book.name
    assert meaning(read_routes(saved, instance)) == meaning(read_routes(book, instance))
    values = openpyxl.load_workbook(saved, data_only=True)["Summary"]
    row = next(row for row in values.iter_rows(values_only=True) if row[0] == "Total")
    assert row[1] == len(plan.regions)
    assert row[2] == sum(one.status is RegionStatus.ON_TIME for one in plan.regions)
    assert row[4] == plan.cost
