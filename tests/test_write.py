"""What is written reads back as the same, and always in the same bytes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_folder import write_tiny

from planner.base.clock import Clock, parse_instant
from planner.base.files import write_text
from planner.base.safe_text import label_text
from planner.instance.cells import DURATIONS, LARGEST, LONGEST_DAYS, WEEKDAYS
from planner.instance.raw import raw_from_bytes
from planner.instance.read import _parse, read_instance
from planner.instance.schema import TABLES, Column, Kind, Region
from planner.instance.workbook.write import write_workbook
from planner.instance.write import settings_text, table_text, write_instance, write_table

CLOCK = Clock(parse_instant("2024-11-24T00:00+08:00"), "Asia/Makassar")
COUNTS = ("tps", "voters")

TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
    .map(label_text)
    .map(str.strip)
    .filter(lambda text: text == text.strip())
)
IDS = st.text("abcXYZ019.- ,\"';é中", min_size=1, max_size=8).map(str.strip).filter(bool)
HOURS = st.integers(0, 86_400)
DAYS = st.one_of(
    st.just("daily"),
    st.dates().filter(lambda day: day.year > 999).map(str),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(
        lambda days: "+".join(sorted(days, key=WEEKDAYS.index))
    ),
)

LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(label_text)


def largest(column: Column, otherwise: int) -> int:
    return LONGEST_DAYS * 86_400 if column.unit in DURATIONS else otherwise


def decimals(column: Column) -> st.SearchStrategy[int]:
    """Values inside that a finite decimal can give."""
    step = 36 if column.scale == 3600 else 1
    least = -(-(column.minimum or 0) // step)
    return st.integers(least, largest(column, LARGEST // 10**4) // step).map(lambda value: value * step)


def values(column: Column) -> st.SearchStrategy[object]:
    kinds: dict[Kind, st.SearchStrategy[object]] = {
        Kind.ID: IDS,
        Kind.REF: IDS,
        Kind.TEXT: TEXTS.filter(bool),
        Kind.MONEY: st.integers(0, LARGEST),
        Kind.DEGREE: st.floats(-90, 90).map(lambda value: round(value, 9) + 0.0),
        Kind.INSTANT: st.integers(-(10**6), 10**7),
        Kind.HOUR: HOURS,
        Kind.DAYS: DAYS,
        Kind.DATE: st.dates().filter(lambda day: day.year > 999).map(str),
        Kind.YESNO: st.booleans(),
        Kind.NAMES: st.sets(IDS, min_size=1).map(lambda names: tuple(sorted(names))),
    }
    if column.kind is Kind.COUNT:
        least = -(-(column.minimum or 0) // column.scale)
        made = st.integers(least, largest(column, LARGEST) // column.scale).map(
            lambda value: value * column.scale
        )
    elif column.kind is Kind.DECIMAL:
        made = decimals(column)
    elif column.choices is not None:
        one = st.sampled_from(list(column.choices))
        made = one if column.kind is Kind.CHOICE else st.lists(one, unique=True, min_size=1).map(tuple)
    else:
        made = kinds[column.kind]
    return made if column.required else st.one_of(st.just(column.default), made)


@st.composite
def rows(draw: st.DrawFn, name: str) -> list[object]:
    table = TABLES[name]
    fields = {column.attribute: values(column) for column in table.columns}
    if table.row is Region:
        fields["counts"] = st.fixed_dictionaries({count: st.integers(0, LARGEST) for count in COUNTS})
    return [table.row(**draw(st.fixed_dictionaries(fields))) for _ in range(draw(st.integers(0, 4)))]


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    counts = COUNTS if name == "regions" else ()
    given_rows = data.draw(rows(name))
    text = table_text(name, given_rows, counts, clock=CLOCK)
    raw, faults = raw_from_bytes(name, text.encode("utf-8"))
    assert faults == []
    assert raw is not None
    parsed, faults = _parse(raw, CLOCK, counts)
    assert faults == []
    assert [row for _, row in parsed] == given_rows
    assert table_text(name, [row for _, row in parsed], counts, clock=CLOCK) == text


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(LABELS, min_size=4, max_size=4))
def test_settings_round_trip(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="désa ") as name:
        instance = read_instance(write_tiny(Path(name)))
        title, address, licence, note = texts
        source = replace(
            instance.settings.sources[0], title=title or "x", address=address, licence=licence, note=note
        )
        changed = replace(
            instance.settings, name="Ujian " + "x".join(texts).strip(), sources=(source,), not_before_s=3600
        )
        changed = replace(changed, name=changed.name.strip())
        write_text(Path(name) / "plan.toml", settings_text(changed))
        assert read_instance(Path(name)).settings == changed


def test_an_instance_round_trips(tmp_path: Path) -> None:
    instance = read_instance(write_tiny(tmp_path / "dari sini – é"))
    target = tmp_path / "ke sana – é"
    write_instance(target, instance)
    assert read_instance(target) == instance
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    write_instance(target, read_instance(target))
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert not [content for content in before.values() if b"\r" in content]


def test_a_table_that_is_empty_now_loses_its_rows(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "a b")
    write_instance(folder, replace(read_instance(folder), known_trips=()))
    assert read_instance(folder).known_trips == ()
    assert (folder / "known_trips.csv").read_text("utf-8") == "id,from,to,hours,distance_km\n"


def test_columns_of_defaults_are_left_out() -> None:
    row = {"id": "W1", "name": "Gudang, satu", "lat": "-0.5", "lon": 117, "docks": 1, "source": ""}
    assert table_text("warehouses", [row]) == 'id,name,lat,lon\nW1,"Gudang, satu",-0.5,117\n'
    rows_ = [row, row | {"id": "W2", "docks": 2}]
    assert table_text("warehouses", rows_).splitlines()[0] == "id,name,lat,lon,docks"


def test_wrong_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="latt"):
        table_text("nodes", [{"id": "N1", "lat": 1, "lon": 1, "latt": 1}])
    with pytest.raises(ValueError, match="lon"):
        table_text("nodes", [{"id": "N1", "lat": 1}])
    with pytest.raises(ValueError, match="clock"):
        table_text("closures", [TABLES["closures"].row(id="c", edge="e", from_s=0)])


@pytest.mark.parametrize(
    ("table", "field", "value"), [("regions", "handover_s", 7), ("vehicles", "work_s", 1201)]
)
def test_what_cannot_be_written_exactly_is_refused(
    tmp_path: Path, table: str, field: str, value: int
) -> None:
    instance = read_instance(write_tiny(tmp_path))
    row = replace(getattr(instance, table)[0], **{field: value})
    with pytest.raises(ValueError, match="exactly"):
        table_text(table, [row], COUNTS if table == "regions" else ())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "x y")
    before = (folder / "nodes.csv").read_bytes()
    with pytest.raises(UnicodeEncodeError):
        write_table(folder, "nodes", [{"id": "\ud800", "lat": 1, "lon": 1}])
    assert (folder / "nodes.csv").read_bytes() == before
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]
    path = write_table(folder, "nodes", [{"id": "N1", "lat": 1, "lon": 1}])
    assert path.read_bytes() == b"id,lat,lon\nN1,1,1\n"


OTHERS: dict[str, object] = {
    "not_before_s": 3600,
    "guarantee": 2,
    "currency": "UGX",
    "number_format": "id",
    "season": "wet",
    "price_night": 150_000,
    "notice_min": 40,
    "approvals": 2,
}


@pytest.mark.parametrize("name", sorted(OTHERS))
@pytest.mark.parametrize("form", ["folder", "book"])
def test_each_setting_that_is_not_the_usual_one_is_kept(name: str, form: str, tmp_path: Path) -> None:
    instance = read_instance(write_tiny(tmp_path / "from"))
    changed = replace(instance.settings, **{name: OTHERS[name]})  # type: ignore[arg-type]
    assert changed != instance.settings
    target = tmp_path / ("to.xlsx" if form == "book" else "to")
    write = write_workbook if form == "book" else write_instance
    write(target, replace(instance, settings=changed))
    assert read_instance(target).settings == changed
