"""A digest changes with what a plan depends on, and with nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tiny_folder import PLAN_TOML, TABLES, changed, write_tiny

from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.instance.write import write_instance


def read(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Instance:
    return read_instance(write_tiny(folder, changes))


def digest_of(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> str:
    return digest(read(folder, changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Désa satu"


def shuffled(text: str, seed: int) -> str:
    """Turn rows and columns of a table without quoted commas round."""
    chance = random.Random(seed)
    rows = [line.split(",") for line in text.strip().splitlines()]
    order = chance.sample(range(len(rows[0])), len(rows[0]))
    body = chance.sample(rows[1:], len(rows) - 1)
    return "\n".join(",".join(row[position] for position in order) for row in [rows[0], *body]) + "\n"


@pytest.mark.parametrize("seed", range(5))
def test_order_of_rows_and_columns_changes_nothing(folder: Path, seed: int) -> None:
    before = digest_of(folder)
    tables = {f"{name}.csv": shuffled(text, seed) for name, text in TABLES.items() if '"' not in text}
    assert digest_of(folder, tables) == before
    assert before.startswith("sha256:")
    assert len(before) == 71


def test_line_ends_mark_blank_lines_and_spaces_change_nothing(folder: Path) -> None:
    before = digest_of(folder)
    tables = {
        f"{name}.csv": b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").replace(",W1", ", W1 ").encode()
        for name, text in TABLES.items()
    }
    assert digest_of(folder, tables) == before


def test_a_default_written_out_changes_nothing(folder: Path) -> None:
    before = digest_of(folder)
    assert digest_of(folder, changed("regions", '"Desa ""Tiga"", hulu"', "Desa Lain")) == before
    text = TABLES["regions"].replace("Sub Dua,,", "Sub Dua,15,")
    assert digest_of(folder, {"regions.csv": text}) == before


def test_written_back_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    before = read(folder)
    other = tmp_path / "lain"
    write_instance(other, before)
    again = read_instance(other)
    assert again == before
    assert digest(again) == digest(before)


PLAN_CHANGES = [
    ("regions", "601", "602"),
    ("regions", "-0.45", "-0.46"),
    ("vehicles", "4000,16000", "4001,16000"),
    ("vehicles", "truck,", "lorry,"),
    ("edges", "900,900", "901,900"),
    ("items", "2.5", "2.6"),
    ("closures", "T12:00", "T12:01"),
    ("calendars", "18:00", "18:01"),
    ("stock", "20", "21"),
    ("plan.toml", "2024-11-27", "2024-11-28"),
    ("plan.toml", "Asia/Makassar", "Asia/Singapore"),
    ("plan.toml", "IDR", "USD"),
]
LABEL_CHANGES = [
    ("regions", "Desa Satu", "Desa Lain"),
    ("vehicles", "Truk,", "Lori,"),
    ("contacts", "0812", "0813"),
    ("units", "K-1", "K-2"),
    ("plan.toml", "Tiny", "Small"),
    ("plan.toml", "Invented", "Made up"),
    ("plan.toml", "neighbours = 3", "neighbours = 5"),
]


@pytest.mark.parametrize("change", PLAN_CHANGES, ids="-".join)
def test_what_affects_the_plan_changes_its_digest(folder: Path, change: tuple[str, str, str]) -> None:
    before = digest_of(folder)
    changes = changed(*change)
    if change[1] == "truck,":
        changes |= changed("known_trips", "truck", "lorry")
    assert digest_of(folder, changes) != before


@pytest.mark.parametrize("change", LABEL_CHANGES, ids="-".join)
def test_labels_change_the_instance_and_not_its_digest(folder: Path, change: tuple[str, str, str]) -> None:
    before = read(folder)
    assert read(folder) == before
    after = read(folder, changed(*change))
    assert after != before
    assert digest(after) == digest(before)


def test_the_same_instant_written_differently_changes_nothing(folder: Path) -> None:
    before = digest_of(folder)
    text = PLAN_TOML.replace("2024-11-27T00:00+08:00", "2024-11-26T16:00+00:00")
    text = text.replace('"2024-11-29T00:00+08:00"', "2024-11-29T00:00:00+08:00")
    text = text.replace("2024-11-24T00:00+08:00", "2024-11-23T16:00Z")
    assert digest_of(folder, {"plan.toml": text}) == before


def test_rows_that_change_places_between_tables_are_told_apart(folder: Path) -> None:
    seen = {digest_of(folder)}
    hub = "J2,Dermaga,jetty,-0.4,117.0\n"
    node = "J2,Dermaga,-0.4,117.0\n"
    seen.add(digest_of(folder, {"hubs.csv": TABLES["hubs"] + hub}))
    seen.add(digest_of(folder, {"nodes.csv": TABLES["nodes"] + node}))
    assert len(seen) == 3
