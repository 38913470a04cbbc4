"""Indonesian words in tables: a folder written with them alone is the same instance."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from pages import run

from planner.base.clock import Clock, parse_instant
from planner.base.errors import InputError
from planner.instance.cells import CellError, cell_reader
from planner.instance.digest import digest
from planner.instance.keywords import WORDS
from planner.instance.kinds import Kind
from planner.instance.local import Notation, plain_text
from planner.instance.read import read_instance
from planner.instance.schema import TABLES

ROOT = Path(__file__).resolve().parents[1]
CLOCK = Clock(datetime.fromisoformat("2024-11-22T00:00+08:00"), "Asia/Makassar")
BACK = {format_word: word for word, format_word in reversed(WORDS.items())}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]


def column(table, name):
    return next(one for one in TABLES[table].columns if one.name == name)


def translated(kind, text):
    if kind in (Kind.CHOICE, Kind.CHOICES, Kind.YESNO, Kind.DAYS):
        return "+".join(BACK.get(one, one).capitalize() for one in text.split("+"))
    if kind is Kind.INSTANT and text:
        when = parse_instant(text)
        return f"{when.day} {MONTHS[when.month - 1]} {when.year} {when:%H.%M} WITA"
    return text


@pytest.mark.parametrize("name", ["mahulu"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_folder_in_indonesian_words_is_the_same_instance(name, separator, tmp_path):
    folder = Path(shutil.copytree(ROOT / "instances" / name, tmp_path / name))
    changed = set()
    for path in folder.glob("*.csv"):
        columns = {one.name: one for one in TABLES[path.stem].columns}
        head, *rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        for row in rows:
            for at, cell in enumerate(row):
                kind = columns[head[at]].kind if head[at] in columns else Kind.TEXT
                row[at] = translated(kind, cell)
                if separator == ";" and kind in (Kind.DECIMAL, Kind.DEGREE):
                    row[at] = cell.replace(".", ",")
                if row[at] != cell and row[at].lower() != cell:
                    changed.add(row[at])
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, delimiter=separator).writerows([head, *rows])
    settings = folder / "plan.toml"
    text = settings.read_text("utf-8").replace('"Asia/Makassar"', '"WITA"')
    settings.write_text(text.replace('"2024-11-22T00:00:00+08:00"', '"22 November 2024 00.00 WITA"'), "utf-8")
    assert {"Darat", "Sungai", "Setiap hari"} <= changed
    assert any(one.endswith("WITA") for one in changed)
    assert digest(read_instance(folder)) == digest(read_instance(ROOT / "instances" / name))


@pytest.mark.parametrize(
    ("table", "name", "text", "found"),
    [
        ("calendars", "days", "Senin-Jumat", "mon+tue+wed+thu+fri"),
        ("calendars", "days", "sabtu – minggu", "sat+sun"),
        ("calendars", "days", "Jum'at+SENIN", "mon+fri"),
        ("calendars", "days", "26 Nov 2024", "2024-11-26"),
        ("calendars", "days", "Setiap  hari", "daily"),
        ("deadlines", "deadline", "26 Nov 2024 08.00", "2024-11-26T08:00+08:00"),
        ("deadlines", "deadline", "26 Nopember 2024 pukul 08:00 WITA", "2024-11-26T08:00+08:00"),
        ("deadlines", "deadline", "2024-11-26 08.00 wita", "2024-11-26T08:00+08:00"),
    ],
)
def test_words_of_cells(table, name, text, found):
    one = column(table, name)
    read = cell_reader(one, CLOCK)
    assert read(text) == read(found)
    assert read(plain_text(text, one, Notation(CLOCK, "id"))) == read(found)


def test_a_local_day_with_a_zone_is_understood_where_days_are_written_so():
    one = column("deadlines", "deadline")
    read = cell_reader(one, CLOCK)
    text = plain_text("26/11/2024 08.00 WITA", one, Notation(CLOCK, "id"))
    assert read(text) == read("2024-11-26T08:00+08:00")


@pytest.mark.parametrize("text", ["26 Nov 2024 08.00 WIB", "2024-11-26 08.00 WIT", "26/11/2024 08.00 WIB"])
def test_another_zone_than_the_instances_is_refused(text):
    one = column("deadlines", "deadline")
    with pytest.raises(CellError) as refused:
        cell_reader(one, CLOCK)(plain_text(text, one, Notation(CLOCK, "id")))
    assert refused.value.code == "I229"


@pytest.mark.parametrize(
    ("table", "name", "text", "code"),
    [
        ("calendars", "days", "31 Feb 2024", "I212"),
        ("calendars", "days", "senin-setiap hari", "I212"),
        ("calendars", "days", "senin+senin", "I215"),
        ("edges", "mode", "rel", "I214"),
        ("deadlines", "deadline", "26 Nov 2024", "I209"),
        ("deadlines", "deadline", "26 Foo 2024 08.00 WITA", "I209"),
    ],
)
def test_what_is_no_word_is_refused_as_before(table, name, text, code):
    with pytest.raises(CellError) as refused:
        cell_reader(column(table, name), CLOCK)(text)
    assert refused.value.code == code


def test_no_word_means_another_thing_in_the_format():
    choices = {
        str(one.value)
        for table in TABLES.values()
        for field in table.columns
        if field.choices
        for one in field.choices
    }
    assert not choices & set(WORDS)


def test_an_instance_can_be_begun_in_a_zone_of_indonesia(tmp_path):
    code, said = run(["init", str(tmp_path / "baru"), "--time-zone", "WITA"])
    assert code == 0, said
    assert 'time_zone = "Asia/Makassar"' in (tmp_path / "baru" / "plan.toml").read_text("utf-8")
    with pytest.raises(InputError):
        read_instance(tmp_path / "nowhere")
