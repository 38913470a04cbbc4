"""Whatever the files hold, reading ends with an instance or with faults, never with anything else."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_folder import PLAN_TOML, TABLES, write_tiny

from planner.base.errors import InputError, Severity
from planner.base.text import set_language
from planner.instance.read import read_instance, read_tables, tables_from_rows

SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NASTY = [
    "",
    "0",
    "-1",
    "1e999",
    "9" * 13,
    "9" * 5000,
    "0." + "9" * 5000,
    "NaN",
    "inf",
    "1,5",
    "5 kg",
    "x" * 200_000,
    '"',
    '"""',
    "a\nb",
    "{value}",
    "{0}",
    "%s",
    "é",
    "\u2028",
    "\x01",
    "\ufeff",
    "١٢٣",
    "W1",
    "R1+R2",
    "+",
    "daily",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+23:59",
    "2024-11-24T00:00+08:00",
    "24:00",
    "2024-02-30",
    "road+river",
    "yes",
    "region",
    "tps",
]
NAMES = sorted(TABLES)


def assert_sound(folder: Path) -> None:
    """Read; every fault must have a code, a place and words in both languages."""
    instance, faults = read_tables(folder)
    for language in ("en", "id"):
        set_language(language)
        for fault in faults:
            assert fault.code[0] in "IW"
            assert fault.table
            assert fault.cause
            assert fault.action
    set_language("en")
    assert list(faults) == sorted(faults, key=lambda fault: fault.sort_key)
    if instance is None:
        assert any(fault.severity is Severity.ERROR for fault in faults)
        with pytest.raises(InputError):
            read_instance(folder)
    else:
        assert read_instance(folder) == instance


def check(changes: dict[str, str | bytes | None]) -> None:
    with tempfile.TemporaryDirectory(prefix="berkas rusak – é ") as name:
        assert_sound(write_tiny(Path(name) / "instansi", changes))


def grid(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.strip().split("\n")]


def ungrid(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in rows) + "\n"


@SETTINGS
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 10**6))
def test_shuffled(name: str, seed: int) -> None:
    rows = grid(TABLES[name])
    cells = [cell for row in rows for cell in row]
    random.Random(seed).shuffle(cells)
    width = len(rows[0])
    check({f"{name}.csv": ungrid([cells[first : first + width] for first in range(0, len(cells), width)])})


@SETTINGS
@given(name=st.sampled_from([*NAMES, "plan.toml"]), where=st.floats(0, 1))
def test_truncated(name: str, where: float) -> None:
    text = PLAN_TOML if name == "plan.toml" else TABLES[name]
    content = text.encode()
    check({name if name == "plan.toml" else f"{name}.csv": content[: int(len(content) * where)]})


@SETTINGS
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 20), st.integers(0, 20), st.sampled_from(NASTY)),
        min_size=1,
        max_size=6,
    ),
    quoted=st.booleans(),
)
def test_nasty_cells(changes: list[tuple[str, int, int, str]], quoted: bool) -> None:
    tables = {name: grid(TABLES[name]) for name, *_ in changes}
    for name, row, column, text in changes:
        rows = tables[name]
        line = rows[row % len(rows)]
        line[column % len(line)] = '"' + text.replace('"', '""') + '"' if quoted else text
    check({f"{name}.csv": ungrid(rows) for name, rows in tables.items()})


@SETTINGS
@given(name=st.sampled_from(NAMES), content=st.binary(max_size=300))
def test_random_bytes(name: str, content: bytes) -> None:
    check({f"{name}.csv": content})


@SETTINGS
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_random_plan_toml(content: bytes) -> None:
    check({"plan.toml": content})
    check({"plan.toml": PLAN_TOML.encode() + b"\n" + content})


@SETTINGS
@given(name=st.sampled_from(NAMES), column=st.integers(0, 20), count=st.integers(1, 3))
def test_deleted_columns(name: str, column: int, count: int) -> None:
    rows = grid(TABLES[name])
    first = column % len(rows[0])
    check({f"{name}.csv": ungrid([row[:first] + row[first + count :] for row in rows])})


@SETTINGS
@given(name=st.sampled_from(NAMES), data=st.data())
def test_flipped_bytes(name: str, data: st.DataObject) -> None:
    content = bytearray(TABLES[name].encode())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check({f"{name}.csv": bytes(content)})


DRESSES: dict[str, Callable[[str], bytes]] = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "two BOMs": lambda text: b"\xef\xbb\xbf" * 2 + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "cp1252": lambda text: text.replace("a", "á").encode("cp1252"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 without mark": lambda text: text.encode("utf-16-le"),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "no header": lambda text: text.split("\n", 1)[1].encode(),
    "header twice": lambda text: (text.split("\n", 1)[0] + "\n" + text).encode(),
    "every row twice": lambda text: (text + text.split("\n", 1)[1]).encode(),
    "empty": lambda _: b"",
    "NUL": lambda text: text.replace(",", "\0").encode(),
    "open quote": lambda text: (text + '"').encode(),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_dresses(name: str, dress: str) -> None:
    check({f"{name}.csv": DRESSES[dress](TABLES[name])})


@pytest.mark.parametrize("dress", ["BOM", "CRLF"])
def test_all_files_in_a_dress_are_read(dress: str, tmp_path: Path) -> None:
    changes: dict[str, str | bytes | None] = {
        f"{name}.csv": DRESSES[dress](text) for name, text in TABLES.items()
    }
    assert read_tables(write_tiny(tmp_path / "désa", changes))[1] == ()


@pytest.mark.parametrize("missing", [*NAMES, "plan.toml"])
def test_a_missing_file(missing: str) -> None:
    check({missing if missing == "plan.toml" else f"{missing}.csv": None})


HOSTILE_TOML = [
    "[" * 5000,
    "a = " + "[" * 100_000,
    "guarantee = 0x" + "f" * 20_000,
    "guarantee = " + "9" * 20_000,
    "start = 0001-01-01T00:00:00+14:00",
    "deadline = 9999-12-31T23:59:59-14:00",
    "start = 2024-11-24",
    "start = 12:00:00",
    'time_zone = "../../etc/passwd"',
    'time_zone = "/etc/localtime"',
    'time_zone = "\\u0000"',
    'time_zone = "Asia"',
    'time_zone = "' + "x" * 10_000 + '"',
    'counts = "tps"',
    "counts = [1]",
    'counts = ["tps", "tps"]',
    'counts = ["tps", ""]',
    "counts = [[]]",
    "model = 5",
    "model = {neighbours = true, longest_join_km = nan}",
    "sources = 5",
    "sources = [5]",
    "sources = [{title = 5}]",
    "sources = [{title = 'x', more = 1}]",
    "objective = ['cost']",
    "chain = 5",
    "name = {a = 1}",
    "unit = nan",
]


@pytest.mark.parametrize("line", HOSTILE_TOML, ids=range(len(HOSTILE_TOML)))
def test_hostile_plan_toml(line: str) -> None:
    key = line.split(" =", maxsplit=1)[0]
    kept = "\n".join(
        one for one in PLAN_TOML.split("\n") if not one.startswith((f"{key} =", "[", "neigh", "title"))
    )
    check({"plan.toml": line + "\n" + kept})


@pytest.mark.parametrize("rows", [[{}], [{"id": None}], [{"": 1}], [{"id": 1}, {"name": object()}], [{1: 2}]])
def test_rows_from_python(rows: list[dict[str, object]]) -> None:
    for name in TABLES:
        instance, faults = tables_from_rows({}, {name: rows})
        assert instance is None
        assert all(fault.cause for fault in faults)
