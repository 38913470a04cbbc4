"""Digests change with what they are over, and with nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tiny_folder import PLAN_TOML, TABLES, changed, write_tiny

from planner.instance.digest import digest, label_digest
from planner.instance.read import read_instance
from planner.instance.write import write_instance


def digests(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> tuple[str, str]:
    instance = read_instance(write_tiny(folder, changes))
    return digest(instance), label_digest(instance)


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
    before = digests(folder)
    tables = {f"{name}.csv": shuffled(text, seed) for name, text in TABLES.items() if '"' not in text}
    assert digests(folder, tables) == before
    assert before[0].startswith("sha256:")
    assert len(before[0]) == 71


def test_line_ends_mark_blank_lines_and_spaces_change_nothing(folder: Path) -> None:
    before = digests(folder)
    tables = {
        f"{name}.csv": b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").replace(",W1", ", W1 ").encode()
        for name, text in TABLES.items()
    }
    assert digests(folder, tables) == before


def test_a_default_written_out_changes_nothing(folder: Path) -> None:
    before = digests(folder)
    assert digests(folder, changed("regions", '"Desa ""Tiga"", hulu"', "Desa Lain"))[0] == before[0]
    text = TABLES["regions"].replace("Sub Dua,,", "Sub Dua,15,")
    assert digests(folder, {"regions.csv": text}) == before


def test_written_back_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    before = digests(folder)
    other = tmp_path / "lain"
    write_instance(other, read_instance(folder))
    again = read_instance(other)
    assert (digest(again), label_digest(again)) == before


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
def test_what_affects_the_plan_changes_its_digest_alone(folder: Path, change: tuple[str, str, str]) -> None:
    before = digests(folder)
    changes = changed(*change)
    if change[1] == "truck,":
        changes |= changed("known_trips", "truck", "lorry")
    after = digests(folder, changes)
    assert after[0] != before[0]
    if change[1] != "truck,":  # the key of a label is in the labels' digest too
        assert after[1] == before[1]


@pytest.mark.parametrize("change", LABEL_CHANGES, ids="-".join)
def test_labels_change_their_digest_alone(folder: Path, change: tuple[str, str, str]) -> None:
    before = digests(folder)
    after = digests(folder, changed(*change))
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_the_same_instant_written_differently_changes_nothing(folder: Path) -> None:
    before = digests(folder)
    text = PLAN_TOML.replace("2024-11-27T00:00+08:00", "2024-11-26T16:00+00:00")
    text = text.replace('"2024-11-29T00:00+08:00"', "2024-11-29T00:00:00+08:00")
    text = text.replace("2024-11-24T00:00+08:00", "2024-11-23T16:00Z")
    assert digests(folder, {"plan.toml": text}) == before


def test_rows_that_change_places_between_tables_are_told_apart(folder: Path) -> None:
    seen = {digests(folder)[0]}
    hub = "J2,Dermaga,jetty,-0.4,117.0\n"
    node = "J2,Dermaga,-0.4,117.0\n"
    seen.add(digests(folder, {"hubs.csv": TABLES["hubs"] + hub})[0])
    seen.add(digests(folder, {"nodes.csv": TABLES["nodes"] + node})[0])
    assert len(seen) == 3
