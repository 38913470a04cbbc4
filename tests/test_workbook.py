"""Workbooks read as the same instance, and say where they are faulty."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_write import COUNTS, rows
from tiny_folder import write_tiny

from planner.base.errors import Fault, InputError, Severity
from planner.base.safe_text import label_text
from planner.instance.digest import digest
from planner.instance.read import read_instance, read_tables
from planner.instance.schema import TABLES, Instance, Settings, Source
from planner.instance.settings import settings_from_mapping
from planner.instance.workbook.formats import format_of
from planner.instance.workbook.package import LARGEST_BYTES, unescaped
from planner.instance.workbook.read import read_workbook
from planner.instance.workbook.values import number_text
from planner.instance.workbook.write import workbook_bytes, write_workbook

ROOT = Path(__file__).resolve().parents[1]

LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(label_text)


@pytest.fixture
def tiny(tmp_path: Path) -> Instance:
    return read_instance(write_tiny(tmp_path / "asal – é"))


@pytest.fixture
def book(tmp_path: Path, tiny: Instance) -> Path:
    return write_workbook(tmp_path / "buku kerja – é.xlsx", tiny)


def change(path: Path, *changes: tuple[str, str, object] | tuple[str, str, object, str]) -> Path:
    """Change cells by openpyxl, which is another program: sheet, cell, value and perhaps a format."""
    made = openpyxl.load_workbook(path)
    for sheet, place, value, *form in changes:
        made[sheet][place] = value
        if form:
            made[sheet][place].number_format = form[0]
    made.save(path)
    return path


def places(path: Path) -> set[tuple[str, str, int | None, str | None]]:
    return {
        (fault.code, fault.table, fault.row, fault.column)
        for fault in read_tables(path)[1]
        if fault.severity is Severity.ERROR
    }


def letter(path: Path, sheet: str, column: str) -> str:
    made = openpyxl.load_workbook(path, read_only=True)
    names = [cell.value for cell in next(made[sheet].iter_rows(max_row=1))]
    made.close()
    return chr(ord("A") + names.index(column))


# ---- the same both ways -------------------------------------------------------------------------


def test_a_workbook_is_the_same_instance(book: Path, tiny: Instance) -> None:
    assert read_instance(book) == tiny


def test_a_folder_that_holds_a_workbook_alone(tmp_path: Path, tiny: Instance) -> None:
    folder = tmp_path / "sendiri"
    write_workbook(folder / "data.xlsx", tiny)
    (folder / "~$data.xlsx").write_bytes(b"lock")
    (folder / "catatan.txt").write_text("x", "utf-8")
    assert read_instance(folder) == tiny
    write_workbook(folder / "lain.xlsx", tiny)
    (fault,) = read_tables(folder)[1]
    assert (fault.code, fault.value) == ("X306", "data.xlsx, lain.xlsx")
    write_tiny(folder)
    assert read_instance(folder) == tiny


def test_the_same_bytes_each_time(tiny: Instance) -> None:
    assert workbook_bytes(tiny) == workbook_bytes(tiny)


def test_written_over_itself_nothing_changes(book: Path) -> None:
    before = book.read_bytes()
    write_workbook(book, read_instance(book))
    assert book.read_bytes() == before


def test_another_program_saves_it(book: Path, tiny: Instance) -> None:
    assert read_instance(change(book)) == tiny


@pytest.mark.parametrize("name", ["mahulu", "toy", pytest.param("kaltim", marks=pytest.mark.slow)])
def test_the_instances_of_the_project(name: str, tmp_path: Path) -> None:
    instance = read_instance(ROOT / "instances" / name)
    again = read_instance(write_workbook(tmp_path / f"{name}.xlsx", instance))
    assert again == instance
    assert digest(again) == digest(instance)


BASE = dict.fromkeys(TABLES, ())


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    """Whatever a table's cells hold comes back; ids need not be known for that."""
    given_rows = tuple(data.draw(rows(name)))
    with tempfile.TemporaryDirectory(prefix="buku – é") as folder:
        clean = read_instance(write_tiny(Path(folder) / "asal"))
        instance = replace(clean, **(BASE | {name: given_rows}))
        path = write_workbook(Path(folder) / "buku.xlsx", instance)
        assert parsed(path, name) == given_rows


def parsed(path: Path, name: str) -> tuple[object, ...]:
    from planner.instance.read import _parse

    found = read_workbook(path)
    assert found.settings is not None
    assert [fault for fault in found.faults if fault.table == name] == []
    if name not in found.tables:
        return ()
    table, faults = _parse(found.tables[name], settings_from_mapping(found.settings)[0].clock, COUNTS)
    assert faults == []
    return tuple(row for _, row in table)


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(LABELS, min_size=4, max_size=4))
def test_settings_round_trip(texts: list[str]) -> None:
    title, address, licence, note = texts
    source = Source(title=title or "x", address=address, licence=licence, note=note)
    if not title.strip():
        source = replace(source, title="x")
    source = replace(
        source, **{key: "" for key in ("address", "licence", "note") if not getattr(source, key).strip()}
    )
    with tempfile.TemporaryDirectory(prefix="buku ") as folder:
        clean = read_instance(write_tiny(Path(folder) / "asal"))
        name = "Ujian " + "x".join(texts).strip()
        changed: Settings = replace(clean.settings, name=name.strip(), sources=(source,), not_before_s=3661)
        path = write_workbook(Path(folder) / "buku.xlsx", replace(clean, settings=changed))
        assert read_instance(path).settings == changed


@pytest.mark.parametrize(
    "text",
    [
        "<r>kaya</r>",
        "<r><t>x</t></r>",
        "=1+1",
        "_x000D_",
        "a\rb",
        "x005F_y",
        "_x0041_x0042_x0043_",
        "_x005F_x0041_",
        "'x",
        "TRUE",
        "007",
        "1e5",
    ],
)
def test_texts_that_programs_take_for_something_else(text: str, tmp_path: Path, tiny: Instance) -> None:
    region = replace(tiny.regions[0], name=text, source=text)
    changed = replace(tiny, regions=(region, *tiny.regions[1:]))
    path = write_workbook(tmp_path / "x.xlsx", changed)
    meant = replace(region, name=label_text(text), source=label_text(text))  # a line end is a space
    assert read_instance(path) == replace(changed, regions=(meant, *tiny.regions[1:]))
    assert zipfile.ZipFile(path).testzip() is None


def test_a_text_too_long_for_a_cell_is_refused(tmp_path: Path, tiny: Instance) -> None:
    changed = replace(tiny, nodes=(replace(tiny.nodes[0], source="x" * 32_768),))
    with pytest.raises(InputError) as raised:
        write_workbook(tmp_path / "x.xlsx", changed)
    (fault,) = raised.value.faults
    assert (fault.code, fault.table, fault.row, fault.column) == ("X324", "nodes", 2, "source")
    assert not (tmp_path / "x.xlsx").exists()


# ---- what people and programs put into cells -----------------------------------------------------


def value(path: Path, table: str, row: int, column: str) -> str | None:
    found = read_workbook(path)
    return found.tables[table].value(row, column)


@pytest.mark.parametrize(
    ("sheet", "column", "given_value", "form", "text"),
    [
        ("calendars", "opens", time(8, 30), "h:mm", "08:30"),
        ("calendars", "opens", "08.30", None, "08.30"),
        ("calendars", "closes", 1, "[h]:mm", "24:00"),
        ("calendars", "days", datetime(2024, 11, 26), "dd/mm/yyyy", "2024-11-26"),
        (
            "deadlines",
            "deadline",
            datetime(2024, 11, 26, 12, 30),
            "dd/mm/yyyy hh:mm",
            "2024-11-26T12:30:00+08:00",
        ),
        ("deadlines", "deadline", 45622.5, "General", "2024-11-26T12:00:00+08:00"),
        ("deadlines", "deadline", "26/11/2024 08.00", None, "2024-11-26T08:00:00+08:00"),
        ("deadlines", "deadline", "2024-11-26 08:00", None, "2024-11-26T08:00:00+08:00"),
        ("deadlines", "deadline", "26/11/2024 24:00", None, "2024-11-27T00:00:00+08:00"),
        ("items", "reserve_percent", 0.025, "0.0%", "2.5"),
        ("items", "reserve_percent", 2.5, "General", "2.5"),
        ("items", "reserve_percent", "2,5", None, "2.5"),
        ("vehicles", "work_h", time(8, 30), "h:mm", "8.5"),
        ("vehicles", "mass_kg", 4e3, "#,##0", "4000"),
        ("vehicles", "mass_kg", "1.250.000", None, "1250000"),
        ("regions", "lat", "-0,45", None, "-0.45"),
        ("regions", "lat", -0.1 - 0.2, "General", "-0.3"),
        ("regions", "name", 12, "General", "12"),
        ("regions", "tps", 3.0, "0.00", "3"),
    ],
)
def test_values(
    book: Path, sheet: str, column: str, given_value: object, form: str | None, text: str
) -> None:
    place = f"{letter(book, sheet, column)}2"
    change(book, (sheet, place, given_value, *([form] if form else [])))
    assert value(book, sheet, 2, column) == text
    assert not [fault for fault in read_tables(book)[1] if (fault.row, fault.column) == (2, column)]


@pytest.mark.parametrize(
    ("sheet", "column", "given_value", "form", "code"),
    [
        ("regions", "area", 64.1, "General", "X313"),
        ("regions", "id", 101, "General", "X313"),  # the other ids are texts
        ("regions", "id", datetime(2024, 12, 1), "d-mmm", "X314"),
        ("regions", "name", "=UPPER(A2)", None, "X311"),
        ("regions", "tps", "=1+2", None, "X311"),
        ("regions", "name", "#N/A", None, "X315"),
        ("regions", "tps", 0.03, "0%", "X316"),
        ("regions", "tps", datetime(2024, 3, 1), "d/m/yyyy", "X325"),
        ("regions", "voters", "1.250", None, "X317"),
        ("vehicles", "mass_kg", "1,250", None, "X317"),
        ("deadlines", "deadline", "03/04/2024 08:00", None, "X319"),
        ("deadlines", "deadline", datetime(2024, 11, 26), "dd/mm/yyyy", "X320"),
        ("deadlines", "deadline", "26/11/2024", None, "X320"),
        ("regions", "tps", 2.5, "General", "I202"),
        ("regions", "tps", True, None, "I202"),
        ("regions", "lat", "selatan", None, "I203"),
        ("calendars", "opens", 8.5, "General", "I211"),
        ("vehicles", "overnight", "mondok", None, "I214"),
        ("edges", "from", "W9", None, "I301"),
    ],
)
def test_faults(
    book: Path, sheet: str, column: str, given_value: object, form: str | None, code: str
) -> None:
    place = f"{letter(book, sheet, column)}2"
    change(book, (sheet, place, given_value, *([form] if form else [])))
    assert (code, sheet, 2, column) in places(book)


def test_one_fault_for_one_cell(book: Path) -> None:
    change(book, ("regions", f"{letter(book, 'regions', 'voters')}3", "1.250"))
    assert places(book) == {("X317", "regions", 3, "voters")}


def test_a_time_of_day_in_a_column_of_texts_is_what_the_cell_shows(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    if "decisions" in made.sheetnames:
        del made["decisions"]
    sheet = made.create_sheet("decisions")
    for row in (["id", "subject", "rule", "value"], ["D1", "R1", "depart_at", time(8, 30)]):
        sheet.append(row)
    made.save(book)
    assert value(book, "decisions", 2, "value") == "08:30"


def test_what_number_format_says_is_obeyed(book: Path) -> None:
    change(
        book,
        ("regions", f"{letter(book, 'regions', 'voters')}2", "1.250"),
        ("settings", "B16", "id"),
        ("deadlines", f"{letter(book, 'deadlines', 'deadline')}2", "03/12/2024 08:00"),
    )
    assert openpyxl.load_workbook(book)["settings"]["A16"].value == "number_format"
    assert value(book, "regions", 2, "voters") == "1250"
    assert value(book, "deadlines", 2, "deadline") == "2024-12-03T08:00:00+08:00"


def test_codes_that_are_numbers_all_are_read_with_a_warning(tmp_path: Path, tiny: Instance) -> None:
    nodes = (replace(tiny.nodes[0], id="17"),)
    path = write_workbook(
        tmp_path / "x.xlsx", replace(tiny, nodes=nodes, edges=(), known_trips=(), closures=())
    )
    change(path, ("nodes", "A2", 17, "General"))
    found = [fault for fault in read_tables(path)[1] if fault.table == "nodes"]
    assert [(fault.code, fault.row, fault.column, fault.severity) for fault in found] == [
        ("X322", 2, "id", Severity.WARNING)
    ]
    assert value(path, "nodes", 2, "id") == "17"


def test_merged_cells(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    made["regions"].merge_cells("B2:B3")
    made.save(book)
    assert ("X327", "regions", 2, "name") in places(book)
    (fault,) = [fault for fault in read_tables(book)[1] if fault.code == "X327"]
    assert fault.value == "B2:B3"


def test_a_day_without_a_time_is_shown_as_the_cell_shows_it(book: Path) -> None:
    place = f"{letter(book, 'deadlines', 'deadline')}2"
    change(book, ("deadlines", place, datetime(2024, 11, 26), "dd/mm/yyyy"))
    (fault,) = [fault for fault in read_tables(book)[1] if fault.code == "X320"]
    assert (fault.value, "45622" in fault.cause) == ("2024-11-26", False)


def test_sheets(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    made["edges"].title = "edgs"
    made.create_sheet("Sheet1")
    made.create_sheet("_catatan")["A1"] = "x"
    made["nodes"].title = "Nodes"
    made.save(book)
    found = places(book)
    assert ("X312", "edgs", None, None) in found
    assert not [one for one in found if one[1] in ("Sheet1", "_catatan", "Nodes")]
    made = openpyxl.load_workbook(book)
    del made["regions"]
    made.save(book)
    assert ("X307", "regions", None, None) in places(book)
    made = openpyxl.load_workbook(book)
    del made["settings"]
    made.save(book)
    assert {one[0] for one in places(book)} >= {"X308"}


def test_settings_have_their_place(book: Path) -> None:
    made = openpyxl.load_workbook(book)["settings"]
    rows_ = {made.cell(row, 1).value: row for row in range(2, made.max_row + 1)}
    change(book, ("settings", f"B{rows_['time_zone']}", "Asia/Nowhere"))
    assert ("I126", "settings", rows_["time_zone"], "time_zone") in places(book)


def test_1904(book: Path, tiny: Instance) -> None:
    made = openpyxl.load_workbook(book)
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.save(book)
    assert read_instance(book) == tiny


# ---- files that are no workbooks, or bombs --------------------------------------------------------


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "X301"),
        (b"id,name\n", "X301"),
        (b"PK\x03\x04" + b"\0" * 40, "X301"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "X302"),
        (zipped({"a.txt": b"x"}), "X301"),
        (zipped({"xl/big": b"\0" * (9 * 2**20)}), "X303"),
    ],
)
def test_no_workbook(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    instance, faults = read_tables(path)
    assert instance is None
    assert [fault.code for fault in faults] == [code]
    assert faults[0].cause


def test_entities_are_refused(book: Path) -> None:
    parts = parts_of(book)
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><sst><si><t>&a;</t></si></sst>'
    book.write_bytes(zipped(parts | {"xl/sharedStrings.xml": bomb}))
    assert {fault.code for fault in read_tables(book)[1]} == {"X304"}


def test_a_size_that_lies(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.instance.workbook.package.LARGEST_BYTES", 10_000)
    (fault,) = read_tables(book)[1]
    assert fault.code == "X303"
    assert LARGEST_BYTES > 10**8


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet4.xml"]
)
@pytest.mark.parametrize("damage", ["cut", "gone", "garbled"])
def test_damaged_parts(book: Path, part: str, damage: str) -> None:
    parts = parts_of(book)
    if damage == "gone":
        del parts[part]
    else:
        parts[part] = parts[part][: len(parts[part]) // 2] if damage == "cut" else b"\0\1\2"
    book.write_bytes(zipped(parts))
    instance, faults = read_tables(book)
    assert instance is None or damage == "gone"
    assert all(fault.cause and fault.action for fault in faults)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        content = bytearray(FLIPPED)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(bytes(content))
        instance, faults = read_tables(path)
        assert instance is not None or faults
        assert all(fault.cause for fault in faults)


def _flipped() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return workbook_bytes(read_instance(write_tiny(Path(folder) / "x")))


FLIPPED = _flipped()


def test_other_kinds_of_spreadsheets(tmp_path: Path) -> None:
    for name in ("x.xls", "x.ods", "x.xlsb"):
        (tmp_path / name).write_bytes(b"x")
        assert [fault.code for fault in read_tables(tmp_path / name)[1]] == ["X305"]
    assert [fault.code for fault in read_tables(tmp_path / "none.xlsx")[1]] == ["I108"]


# ---- small parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "day", "time_", "percent"),
    [
        ("General", False, False, False),
        ("0.00%", False, False, True),
        ("dd/mm/yyyy", True, False, False),
        ("[$-421]dd mmmm yyyy;@", True, False, False),
        ("hh:mm", False, True, False),
        ("[h]:mm:ss", False, True, False),
        ("d/m/yy h.mm", True, True, False),
        ('#,##0 "kg"', False, False, False),
        ("[Red]0", False, False, False),
        ("@", False, False, False),
        ('"Rp"#,##0', False, False, False),
    ],
)
def test_formats(code: str, day: bool, time_: bool, percent: bool) -> None:
    found = format_of(code)
    assert (found.day, found.time, found.percent) == (day, time_, percent)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("0.30000000000000004", "0.3"),
        ("1E-3", "0.001"),
        ("1e12", "1000000000000"),
        ("-0", "0"),
        ("1E+20", "100000000000000000000"),
        ("x", "x"),
        ("nan", "nan"),
        ("1.5e-7", "0.00000015"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert number_text(text) == expected


def test_escapes() -> None:
    assert unescaped("a_x000D_b") == "a\rb"
    assert unescaped("_x005F_x000D_") == "_x000D_"
    assert unescaped("_xD83D__xDE00_") == "😀"
    assert unescaped("_xZZZZ_") == "_xZZZZ_"


def test_faults_have_words(book: Path) -> None:
    assert Fault("X313", "regions", 2, "id", "64.1", {"shown": "64.1"}).cause
