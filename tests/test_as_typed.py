"""Faults show what people typed, where they see it: number formats, titles, near ids, sheets."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from pages import run

from planner.base.errors import Severity
from planner.instance.number_formats import COUNTRIES, DATE_ORDERS, DECIMAL_SIGNS, is_number_format
from planner.instance.read import read_instance, read_tables
from planner.instance.workbook.mark import mark
from planner.starting.folder import write_new
from tests.tiny_folder import write_tiny

ROOT = Path(__file__).resolve().parents[1]
SAID = "number_format"


@pytest.fixture
def folder(tmp_path):
    """An instance of CSV files separated by semicolons, with decimal commas."""
    first = read_instance(write_tiny(tmp_path / "tiny"))
    write_new(tmp_path / "kecil.xlsx", first, excel=True, whole=False)
    book = openpyxl.load_workbook(tmp_path / "kecil.xlsx")
    put(book["settings"], SAID, "value", "id")
    book.save(tmp_path / "kecil.xlsx")
    assert run(["init", str(tmp_path / "kecil"), "--from", str(tmp_path / "kecil.xlsx")])[0] == 0
    return tmp_path / "kecil"


@pytest.fixture
def book(folder):
    """The same as a workbook."""
    return folder.with_name("kecil.xlsx")


def put(sheet, row, column, value, looks=None):
    """Put a value into the cell of a row (by its number or first cell) and column (by its heading)."""
    header = [cell.value for cell in sheet[1]]
    rows = {sheet.cell(at, 1).value: at for at in range(1, sheet.max_row + 1)}
    cell = sheet.cell(row if isinstance(row, int) else rows[row], header.index(column) + 1)
    cell.value = value
    cell.number_format = looks or "General"


def changed(path, table, row, column, value, looks=None):
    book = openpyxl.load_workbook(path)
    put(book[table], row, column, value, looks)
    book.save(path)


def told(place, code):
    return [one for one in read_tables(place)[1] if one.code == code]


# ------------------------------------------------------------------ number_format


@pytest.mark.parametrize("text", ["indonesia", "id-", "de-CH", "es-MX", "1.250,5", "xx"])
def test_an_unknown_number_format_is_refused(folder, book, text):
    settings = folder / "plan.toml"
    settings.write_text(settings.read_text("utf-8").replace('"id"', f'"{text}"'), "utf-8")
    changed(book, "settings", SAID, "value", text)
    for place in (folder, book):
        instance, faults = read_tables(place)
        assert instance is None
        (fault,) = [one for one in faults if one.code == "I230"]
        assert (fault.column, fault.value, fault.severity) == (SAID, text, Severity.ERROR)
        assert " id," in fault.action


@pytest.mark.parametrize(
    "text", [*sorted({*DECIMAL_SIGNS, *DATE_ORDERS, *COUNTRIES}), "id_ID", "EN-gb", " id "]
)
def test_known_number_formats(text):
    assert is_number_format(text)


# ------------------------------------------------------------------ what was typed


@pytest.mark.parametrize(
    ("table", "column", "typed", "code"),
    [
        ("regions", "tps", "1,5", "I202"),
        ("regions", "voters", "-1.250", "I204"),
        ("regions", "lat", "95,25", "I217"),
        ("items", "mass_g", "2.500,5", "I202"),
        ("vehicles", "work_h", "9.000,5", "I220"),
        ("deadlines", "deadline", "30/11/2024 08.00", "I403"),
    ],
)
def test_csv_files_show_what_was_typed(folder, book, table, column, typed, code):
    changed(book, table, 2, column, typed)
    lines = [line.split(";") for line in (folder / f"{table}.csv").read_text("utf-8-sig").splitlines()]
    if column not in lines[0]:
        lines = [[*line, column if not at else ""] for at, line in enumerate(lines)]
    lines[1][lines[0].index(column)] = typed
    (folder / f"{table}.csv").write_text("\n".join(map(";".join, lines)), "utf-8")
    for place in (folder, book):
        faults = [one for one in read_tables(place)[1] if one.severity is Severity.ERROR]
        assert [(one.code, one.table, one.row, one.column, one.value) for one in faults] == [
            (code, table, 2, column, typed)
        ], place


@pytest.mark.parametrize(
    ("table", "column", "value", "looks", "shown"),
    [
        ("regions", "tps", 1.5, None, "1,5"),
        ("regions", "lat", 95.25, None, "95,25"),
        ("regions", "tps", date(2024, 11, 26), "dd/mm/yyyy", "2024-11-26"),
        ("calendars", "opens", date(2024, 11, 26), "dd/mm/yyyy", "2024-11-26"),
        ("calendars", "opens", datetime(2024, 11, 26, 8, 30), "dd/mm/yyyy", "2024-11-26T08:30:00"),
        ("vehicles", "modes", date(2024, 11, 26), "dd/mm/yyyy", "2024-11-26"),
        ("regions", "warehouse", date(2024, 11, 26), "dd/mm/yyyy", "2024-11-26"),
        ("vehicles", "mass_kg", 12.3456, None, "12,3456"),
    ],
)
def test_cells_are_shown_as_people_see_them(book, table, column, value, looks, shown):
    changed(book, table, 2, column, value, looks)
    faults = [one for one in read_tables(book)[1] if (one.table, one.row) == (table, 2)]
    assert [(one.column, one.value) for one in faults] == [(column, shown)]


@pytest.mark.parametrize("key", ["deadline", "start", "horizon_end"])
def test_a_day_in_the_settings_is_no_number(book, key):
    changed(book, "settings", key, "value", date(2024, 11, 26), "dd/mm/yyyy")
    (fault,) = [one for one in read_tables(book)[1] if one.column == key]
    assert fault.value == "2024-11-26"


def test_season_and_price_of_a_night_are_settings_of_a_workbook_too(tmp_path):
    folder = write_tiny(tmp_path / "tiny")
    settings = folder / "plan.toml"
    text = settings.read_text("utf-8").replace("unit =", 'season = "hujan"\nprice_night = 5\nunit =')
    settings.write_text(text, "utf-8")
    first = read_instance(folder)
    write_new(tmp_path / "a.xlsx", first, excel=True, whole=False)
    assert read_instance(tmp_path / "a.xlsx") == first
    assert first.settings.season == "hujan"


# ------------------------------------------------------------------ titles


TITLES = [["Daftar desa"], ["Kabupaten Contoh", "", "per 26/11/2024"], []]


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("padded", [True, False])
def test_a_title_above_the_header_of_a_file_is_told_once(tmp_path, folder, separator, padded):
    place = folder if separator == ";" else tmp_path / "tiny"
    before, _ = read_tables(place)
    for path in place.glob("*.csv"):
        text = path.read_text("utf-8-sig")
        width = text.split("\n", 1)[0].count(separator) if padded else 0
        head = "".join(separator.join([*row, *[""] * max(0, width + 1 - len(row))]) + "\n" for row in TITLES)
        if separator == ";" and not padded:
            head = head.replace(";", " ")
        path.write_text(head + text, "utf-8")
    instance, faults = read_tables(place)
    assert instance == before is not None
    titles = [one for one in faults if one.code == "W560"]
    assert [one.table for one in titles] == sorted(path.stem for path in place.glob("*.csv"))
    assert {(one.row, one.value, one.params["header"]) for one in titles} == {(1, "Daftar desa", 4)}
    assert all(one.severity is Severity.WARNING for one in titles)


def test_a_title_above_the_header_of_a_sheet_is_told_once(book, tmp_path):
    before, _ = read_tables(book)
    opened = openpyxl.load_workbook(book)
    for sheet in opened.worksheets[1:]:
        sheet.insert_rows(1, 3)
        sheet["A1"], sheet["A2"] = "DAFTAR", date(2024, 11, 26)
        sheet.merge_cells("A1:D2")
    opened.save(book)
    instance, faults = read_tables(book)
    assert instance == before is not None
    assert [one.code for one in faults] == ["W560"] * (len(opened.worksheets) - 1)
    changed_row = openpyxl.load_workbook(book)
    header = [cell.value for cell in changed_row["regions"][4]]
    changed_row["regions"].cell(5, header.index("tps") + 1).value = "tiga"
    changed_row["regions"].cell(4, header.index("name") + 1).value = "nama"
    changed_row.save(book)
    wrong = [one for one in read_tables(book)[1] if one.severity is Severity.ERROR]
    assert {(one.row, one.column) for one in wrong} == {(4, "nama"), (4, "name"), (5, "tps")}
    marked = openpyxl.load_workbook(io.BytesIO(mark(book, wrong, tmp_path / "tanda.xlsx").read_bytes()))
    assert marked["regions"].cell(5, header.index("tps") + 1).comment is not None
    assert marked["regions"].cell(4, header.index("name") + 1).comment is not None


def test_a_header_of_unknown_names_is_no_title(folder):
    path = folder / "regions.csv"
    text = path.read_text("utf-8-sig").replace("id;name;", "kode;name;", 1)
    path.write_text(text, "utf-8")
    assert not told(folder, "W560")
    assert [one.column for one in told(folder, "I111")] == ["kode"]
