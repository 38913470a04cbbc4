"""LibreOffice opens and saves what is written, and it is still the same.

Skipped, with a line in the report, where there is no LibreOffice; `.ci/run` installs it.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from pages import blocks, run

import planner
from planner.instance.digest import digest
from planner.instance.read import read_instance, read_tables
from planner.plans.file import plan_to_text
from planner.starting.folder import write_new

ROOT = Path(__file__).resolve().parents[1]
OFFICE = shutil.which("soffice")
BOOK = "xlsx:Calc MS Excel 2007 XML"
SEMICOLONS = "csv:Text - txt - csv (StarCalc):59,34,76,1"
COMMAS = "--infilter=CSV:44,34,76,1"
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LIBREOFFICE (soffice) IS NOT INSTALLED: NOT TRIED")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Opens a file in LibreOffice and saves it; gives the path of what was saved."""
    profile = tmp_path_factory.mktemp("profil")

    def save(path: Path, kind: str = BOOK, *options: str) -> Path:
        folder = path.parent / "disimpan"
        command = [OFFICE, "--headless", f"-env:UserInstallation={profile.as_uri()}", *options]
        command += ["--convert-to", kind, "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return folder / f"{path.stem}.{kind.split(':', maxsplit=1)[0]}"

    return save


def test_the_whole_province_is_the_same_and_has_the_same_plan(saved, tmp_path):
    first = planner.read(ROOT / "instances" / "kaltim")
    path = saved(planner.write(first, tmp_path / "provinsi.xlsx"))
    with zipfile.ZipFile(path) as book:
        assert b"LibreOffice" in book.read("docProps/app.xml")
    instance, faults = read_tables(path)
    assert faults == ()
    assert instance == first
    assert digest(instance) == digest(first)
    one, two = (  # a part of it, for the time that all of it takes
        planner.solve(given, area="64.74.01", guarantee=0, effort=1, workers=0).plan
        for given in (first, instance)
    )
    assert one.trips
    assert plan_to_text(one, first.clock) == plan_to_text(two, instance.clock)


def test_a_book_with_all_tables_and_drop_downs(saved, tmp_path):
    first = planner.read(ROOT / "instances" / "clinics")
    assert planner.read(saved(planner.write(first, tmp_path / "buku – é.xlsx", all_columns=True))) == first


def test_a_fault_stands_where_it_stood(saved, tmp_path):
    path = planner.write(planner.init(), tmp_path / "salah.xlsx", all_columns=True)
    book = openpyxl.load_workbook(path)
    names = [cell.value for cell in book["regions"][1]]
    book["regions"].cell(3, names.index("households") + 1).value = "25 rumah"
    book.save(path)
    faults = [(one.code, one.table, one.row, one.column) for one in read_tables(path)[1]]
    assert faults == [("I208", "regions", 3, "households")]
    assert [(one.code, one.table, one.row, one.column) for one in read_tables(saved(path))[1]] == faults


@pytest.fixture(scope="module")
def toy():
    return planner.read(ROOT / "instances" / "toy")


@pytest.fixture(scope="module")
def solved(toy):
    return planner.solve(toy, effort=1, workers=0)


def test_exported_tables_open_as_they_are(saved, solved, tmp_path):
    path, _ = planner.export(solved, tmp_path / "tabel")
    header, *rows = openpyxl.load_workbook(saved(path, BOOK, COMMAS)).active.values
    frame = solved.deliveries
    assert list(header) == frame.columns.tolist()
    for name in ("region_id", "units", "margin_s"):
        assert [row[header.index(name)] for row in rows] == frame[name].tolist()


def test_routes_saved_with_semicolons_are_the_same_routes(saved, solved, toy, tmp_path):
    _, path = planner.export(solved, tmp_path / "tabel")
    again = saved(path, SEMICOLONS, COMMAS)
    assert again.read_text("utf-8").startswith('"trip_id";')
    judged = planner.evaluate(again, toy)
    assert (judged.cost, len(judged.violations)) == (solved.cost, 0)
    assert judged.trips.equals(solved.trips)


def test_a_network_is_modelled_for_a_book_that_it_saved_and_it_opens_the_new_one(saved, tmp_path):
    for _, name, text in blocks("workbooks.md"):
        if name:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
    write_new(
        tmp_path / "a.xlsx", read_instance(tmp_path / "ladang", needs_times=False), excel=True, whole=True
    )
    book = saved(tmp_path / "a.xlsx")
    before = book.read_bytes()
    assert run(["network", "model", str(book)])[0] == 0
    assert book.read_bytes() == before
    made = book.with_name("a-network.xlsx")
    assert len(read_instance(made).edges) == 3
    assert read_instance(saved(made)) == read_instance(made)
    assert run(["init", str(tmp_path / "csv"), "--from", str(made)])[0] == 0
    path = next((tmp_path / "csv").glob("regions.csv"))
    sheet = openpyxl.load_workbook(saved(path, BOOK, "--infilter=CSV:59,34,76,1,,1057")).active
    header, first, *_ = sheet.values
    assert [first[header.index(name)] for name in ("lat", "lon", "tps")] == [-0.45, 117.05, 3]
