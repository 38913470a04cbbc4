"""CSV files as spreadsheet programs write them where the comma is the decimal sign."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_folder import PLAN_TOML, TABLES, changed, write_tiny

from planner.base.clock import Clock, parse_instant
from planner.instance.cells import CellError, cell_reader
from planner.instance.local import Notation, plain_text
from planner.instance.raw import raw_from_bytes
from planner.instance.read import read_instance, read_tables
from planner.instance.schema import TABLES as SCHEMA
from planner.instance.schema import Column

CLOCK = Clock(parse_instant("2024-11-24T00:00+08:00"), "Asia/Makassar")


def column(table: str, name: str) -> Column:
    return next(one for one in SCHEMA[table].columns if one.name == name)


COLUMNS = {
    "whole": column("vehicles", "mass_kg"),
    "decimal": column("vehicles", "work_h"),
    "money": column("vehicles", "price_km"),
    "degree": column("regions", "lat"),
    "instant": column("deadlines", "deadline"),
    "days": column("calendars", "days"),
    "date": column("problems", "date"),
    "text": column("regions", "name"),
}


def read(text: str, kind: str, number_format: str, *, semicolon: bool = True) -> str:
    """The text in the notation of the format, or the code of its fault."""
    notation = Notation(CLOCK, number_format, comma_is_decimal=semicolon)
    try:
        return plain_text(text, COLUMNS[kind], notation)
    except CellError as error:
        return error.code


@pytest.mark.parametrize(
    ("text", "kind", "unset", "indonesian", "english"),
    [
        ("12", "whole", "12", "12", "12"),
        ("2,5", "decimal", "2.5", "2.5", "X318"),
        ("2.5", "decimal", "2.5", "X318", "2.5"),
        ("1.250", "decimal", "X317", "1250", "1.250"),
        ("1.250", "whole", "X317", "1250", "1.250"),
        ("1.250", "money", "X317", "1250", "1.250"),
        ("0.125", "decimal", "0.125", "X318", "0.125"),
        ("1,250", "decimal", "1.250", "1.250", "1250"),
        ("1.250.000", "money", "1250000", "1250000", "X318"),
        ("1 250 000", "money", "1250000", "1250000", "1250000"),
        ("1\u00a0250,5", "decimal", "1250.5", "1250.5", "X318"),
        ("1.250,5", "decimal", "1250.5", "1250.5", "X318"),
        ("1,250.5", "decimal", "1250.5", "X318", "1250.5"),
        ("-0,45", "degree", "-0.45", "-0.45", "X318"),
        ("-0.45", "degree", "-0.45", "-0.45", "-0.45"),
        ("117.125", "degree", "117.125", "117.125", "117.125"),
        ("12.34.56", "decimal", "12.34.56", "X318", "X318"),
        ("5 kg", "whole", "5 kg", "5 kg", "5 kg"),
        ("1.2e3", "decimal", "1.2e3", "1.2e3", "1.2e3"),
        ("27/11/2024", "date", "2024-11-27", "2024-11-27", "2024-11-27"),
        ("3/4/2024", "date", "X319", "2024-04-03", "X319"),
        ("05-05-2024", "days", "2024-05-05", "2024-05-05", "2024-05-05"),
        ("31.04.2024", "date", "31.04.2024", "31.04.2024", "31.04.2024"),
        ("11/27/2024", "date", "2024-11-27", "11/27/2024", "2024-11-27"),
        ("mon+tue", "days", "mon+tue", "mon+tue", "mon+tue"),
        ("26/11/2024 08.00", "instant", *["2024-11-26T08:00:00+08:00"] * 3),
        ("2024-11-26 08:00:30", "instant", *["2024-11-26T08:00:30+08:00"] * 3),
        ("2024-11-26T08:00+07:00", "instant", *["2024-11-26T08:00+07:00"] * 3),
        ("26/11/2024 24.00", "instant", *["2024-11-27T00:00:00+08:00"] * 3),
        ("26/11/2024 25.00", "instant", *["26/11/2024 25.00"] * 3),
        ("26/11/2024", "instant", *["X320"] * 3),
        ("1.250", "text", "1.250", "1.250", "1.250"),
    ],
)
def test_texts(text: str, kind: str, unset: str, indonesian: str, english: str) -> None:
    assert (read(text, kind, ""), read(text, kind, "id"), read(text, kind, "en")) == (
        unset,
        indonesian,
        english,
    )


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("en-US", "2024-03-04"),
        ("en_GB", "2024-04-03"),
        ("id-ID", "2024-04-03"),
        ("en", "X319"),
        ("xx", "X319"),
    ],
)
def test_the_order_of_dates(number_format: str, expected: str) -> None:
    assert read("03/04/2024", "date", number_format) == expected


def test_in_a_workbook_a_comma_may_group_too() -> None:
    assert read("1,250", "decimal", "", semicolon=False) == "X317"
    assert read("1,25", "decimal", "", semicolon=False) == "1.25"
    assert read("1,250,000", "money", "", semicolon=False) == "1250000"


def test_times_that_clocks_do_not_show() -> None:
    berlin = Notation(Clock(parse_instant("2024-03-01T00:00+01:00"), "Europe/Berlin"))
    for text in ("31/03/2024 02:30", "27/10/2024 02:30"):
        with pytest.raises(CellError) as raised:
            plain_text(text, COLUMNS["instant"], berlin)
        assert raised.value.code == "X321"
    assert plain_text("31/03/2024 03:30", COLUMNS["instant"], berlin) == "2024-03-31T03:30:00+02:00"


def test_hours_with_a_point() -> None:
    hour = cell_reader(column("calendars", "opens"), CLOCK)
    assert hour("08.00") == hour("8:00") == 8 * 3600
    assert hour("24.00") == 86_400
    for wrong in ("8.5", "08.60", "08,00", "8"):
        with pytest.raises(CellError):
            hour(wrong)


def indonesian(text: str) -> str:
    """A table as a spreadsheet program set to Indonesian saves it; the texts hold no other commas."""
    return text.replace(",", ";").replace(".", ",").replace(":00,", ".00,")


def test_a_folder_saved_by_an_indonesian_spreadsheet(tmp_path: Path) -> None:
    expected = read_instance(write_tiny(tmp_path / "asal"))
    changes: dict[str, str | bytes | None] = {}
    for name in ("warehouses", "hubs", "vehicles", "nodes", "edges", "items"):
        changes[f"{name}.csv"] = indonesian(TABLES[name]).replace("\n", "\r\n").encode("utf-8-sig")
    changes["calendars.csv"] = (
        TABLES["calendars"].replace(",", ";").replace(":00", ".00").replace("2024-11-26", "26/11/2024")
    )
    changes["deadlines.csv"] = (
        "sep=;\r\necholon;place\r\n".replace("echolon", "echelon").replace(
            "place\r\n", "place;deadline;not_before\r\n"
        )
        + "region;S2;26/11/2024 00.00;24/11/2024 06:00\r\nhub;J1;2024-11-26T00:00+08:00;\r\n"
    )
    assert read_instance(write_tiny(tmp_path / "désa", changes)) == expected


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = "sep=;\nid;name;lat;lon\n\nN1;Simpang;1.250;117,07\n"
    faults = read_tables(write_tiny(tmp_path / "x", {"nodes.csv": text}))[1]
    assert [one.code for one in faults if not one.code.startswith("W")] == []  # its new place is far off
    text = "sep=;\nid;from;to;mode;length_m;time_s\n\ne1;W1;N1;road;8.000;900\n"
    faults = read_tables(write_tiny(tmp_path / "y", {"edges.csv": text, "closures.csv": None}))[1]
    (fault,) = [one for one in faults if one.code == "X317"]
    assert (fault.table, fault.row, fault.column, fault.value) == ("edges", 4, "length_m", "8.000")
    assert "8000" in fault.cause


def test_number_format_decides(tmp_path: Path) -> None:
    text = TABLES["edges"].replace(",", ";").replace(";8000;", ";8.000;")
    plan = PLAN_TOML.replace('currency = "IDR"', 'currency = "IDR"\nnumber_format = "id"')
    instance = read_instance(write_tiny(tmp_path / "x", {"edges.csv": text, "plan.toml": plan}))
    assert instance.edges[0].length_m == 8000


def test_comma_separated_files_are_as_the_format_says(tmp_path: Path) -> None:
    """`number_format` is for outputs there; a point stays decimal."""
    plan = PLAN_TOML.replace('currency = "IDR"', 'currency = "IDR"\nnumber_format = "id"')
    expected = read_instance(write_tiny(tmp_path / "asal"))
    assert read_instance(write_tiny(tmp_path / "x", {"plan.toml": plan})).regions == expected.regions
    faults = read_tables(write_tiny(tmp_path / "y", changed("vehicles", ",8.5,", ',"8,5",')))[1]
    assert [(one.code, one.column) for one in faults] == [("I203", "work_h")]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("id;name\n1;2", ";"),
        ('"id;x";name\n1;2', ";"),
        ('"id;x",name\n1,2', ","),
        ("id,name;x\n1,2", ","),
        ("\n \nid;name\n1;2", ";"),
        ("sep=,\nid,name\n", ","),
        ('"sep=;"\r\nid\r\n', ";"),
    ],
)
def test_what_separates(text: str, separator: str) -> None:
    table, _ = raw_from_bytes("nodes", text.encode())
    assert table is not None
    assert table.separator == separator


def test_an_old_code_page_shows_its_word() -> None:
    table, (fault,) = raw_from_bytes("nodes", "id;name\nN1;Désa Baru\n".encode("cp1252"))
    assert table is None
    assert (fault.code, fault.row, fault.value) == ("I102", 2, "0xE9 (Désa)")
