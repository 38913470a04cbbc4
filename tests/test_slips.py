"""Slips of the pen planted in the shipped instances: how many are noticed, and that nothing else is."""

from __future__ import annotations

import csv
import io
import random
import shutil
from pathlib import Path

import pytest

from planner.base.errors import Severity
from planner.instance.read import read_tables

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("toy", "clinics", "mahulu", "berau", "kaltim")
NUMBER = 100
SHARE = 90  # percent noticed at least


def _rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"{table}.csv").read_text("utf-8"))))


def _write(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{table}.csv").write_text(text.getvalue(), "utf-8")


def _lat(change):
    return lambda row: row | {"lat": change(row["lat"])}


def _lon(change):
    return lambda row: row | {"lon": change(row["lon"])}


def _of(column, change):
    return lambda row: row | {column: change(row[column])}


# A slip: its name, the table, what a row becomes. What is typed is wrong by one stroke, unit or column.
SLIPS = [
    ("minus of a longitude", "regions", _lon(lambda text: f"-{text}")),
    ("latitude and longitude swapped", "regions", lambda row: row | {"lat": row["lon"], "lon": row["lat"]}),
    ("point of a latitude lost", "regions", _lat(lambda text: text.replace(".", ""))),
    ("point of a longitude moved", "regions", _lon(lambda text: f"{float(text) / 10:.6f}")),
    ("point of a longitude moved to the right", "regions", _lon(lambda text: f"{float(text) * 10:.4f}")),
    ("-55.12 for a latitude", "regions", _lat(lambda text: "-55.12")),
    ("first digit lost", "regions", _lon(lambda text: text[1:])),
    ("digits of a longitude turned", "regions", _lon(lambda text: text[0] + text[2] + text[1] + text[3:])),
    ("a digit twice", "regions", _lon(lambda text: text[0] + text)),
    ("5 for 0 in a latitude", "regions", _lat(lambda text: f"{float(text) + 5:.5f}")),
    ("comma for the point", "regions", _lat(lambda text: text.replace(".", ","))),
    ("a warehouse's minus", "warehouses", _lon(lambda text: f"-{text}")),
    ("mass in kg", "items", _of("mass_g", lambda text: str(int(text) // 1000))),
    ("volume in dm³", "items", _of("volume_cm3", lambda text: str(int(text) // 1000))),
    ("payload in t", "vehicles", _of("mass_kg", lambda text: str(max(1, int(text) // 1000)))),
    ("room in m³", "vehicles", _of("volume_dm3", lambda text: str(max(1, int(text) // 1000)))),
    ("edge in km", "edges", _of("length_m", lambda text: str(int(text) * 1000))),
    ("time in minutes", "edges", _of("time_s", lambda text: str(max(1, int(text) // 60)))),
    ("a date of two meanings", "deadlines", _of("deadline", lambda text: "03/04/2024")),
    ("a date a month late", "deadlines", _of("deadline", lambda text: text.replace("-11-", "-12-"))),
    ("a year wrong", "deadlines", _of("deadline", lambda text: text.replace("2024", "2042"))),
]


def _planted(name: str, rows: list[dict[str, str]], rng: random.Random) -> int:
    """A row in which the slip makes a difference."""
    able = [at for at, row in enumerate(rows) if row.get("mass_g") is None or int(row["mass_g"]) >= 1000]
    if name == "volume in dm³":
        able = [at for at in able if int(rows[at]["volume_cm3"]) >= 1000]
    if "date" in name or "year" in name:
        able = [at for at in able if rows[at]["deadline"]]
    return rng.choice(able)


def _noticed(folder: Path, table: str, before: set[tuple[str, str, int | None]], line: int) -> bool:
    """Whether a new fault or warning points at the row."""
    _, faults = read_tables(folder)
    found = {(one.code, one.table, one.row) for one in faults} - before
    return any((where, row) == (table, line) for _, where, row in found)


@pytest.mark.parametrize("name", NAMES)
def test_no_wrong_alarm_on_what_is_shipped(name: str) -> None:
    _, faults = read_tables(ROOT / "instances" / name)
    assert [(one.code, one.cause) for one in faults if one.severity is Severity.WARNING] == []


def test_of_100_planted_slips_nearly_all_are_noticed_where_they_stand(tmp_path: Path) -> None:
    rng, missed, tried = random.Random(26), [], 0
    counts = [
        ("counts swapped", "regions", lambda row: row | {"tps": row["voters"], "voters": row["tps"]}),
        ("a digit too many", "regions", _of("voters", lambda text: text + "0")),
        ("a digit lacking", "regions", _of("voters", lambda text: text[:-1])),
    ]
    for at in range(NUMBER):
        name, table, slip = (SLIPS + counts)[at % len(SLIPS + counts)]
        folder = tmp_path / str(at)
        shutil.copytree(ROOT / "instances" / rng.choice(("mahulu", "berau")), folder)
        before = {(one.code, one.table, one.row) for one in read_tables(folder)[1]}
        rows = _rows(folder, table)
        chosen = _planted(name, rows, rng)
        rows[chosen] = slip(rows[chosen])
        _write(folder, table, rows)
        tried += 1
        if not _noticed(folder, table, before, chosen + 2):
            missed.append((name, rows[chosen]))
    print(f"planted {tried}, noticed {tried - len(missed)}; missed: {missed}")
    assert tried == NUMBER
    assert 100 * (tried - len(missed)) >= SHARE * tried, missed
