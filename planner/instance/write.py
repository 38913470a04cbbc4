"""Writes tables and whole instances as a folder of CSV files and plan.toml.

The bytes are stable: UTF-8, LF, the schema's order of columns, the given order of rows. Where the comma is
the decimal sign, files are as spreadsheets save them there: semicolons separate, and a mark says UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.base.clock import Clock
from planner.base.files import write_text
from planner.base.safe_text import csv_text
from planner.instance.cells import cell_text
from planner.instance.kinds import Kind
from planner.instance.local import Notation
from planner.instance.raw import SEMICOLON, value_text
from planner.instance.schema import NOTICE_MIN, TABLES, Column, Instance, Region, Settings
from planner.instance.settings import FORMAT, PLAN_FILE

__all__ = [
    "BYTE_ORDER_MARK",
    "settings_text",
    "table_text",
    "write_instance",
    "write_table",
    "writes_commas",
]

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheet programs know UTF-8

_Rows = Iterable[Mapping[str, object]] | Iterable[Any]


def table_text(
    name: str,
    rows: _Rows,
    counts: Sequence[str] = (),
    *,
    clock: Clock | None = None,
    all_columns: bool = False,
    commas: bool = False,
) -> str:
    """Write rows as the text of a CSV file.

    Parameters
    ----------
    name
        Name of the table.
    rows
        Row objects of the schema, or mappings from the column's name in the file to its value
        as it stands there (text or number, in the file's unit). Not both.
    counts
        Names of the counts, further columns of `regions`.
    clock
        Needed where row objects hold instants.
    all_columns
        Whether columns are written in which every row has its default, too.
    commas
        Whether numbers have decimal commas, and semicolons separate (`writes_commas`).

    Returns
    -------
    str
        Header and rows. A column that is not required is left out where every row has its default.

    Raises
    ------
    ValueError
        If a mapping names an unknown column or lacks a required one, or a value cannot be
        written exactly in its column's unit.
    """
    table = TABLES[name]
    columns = list(table.columns)
    lines = [_cells(row, columns, counts, clock) for row in rows]
    # A table without required columns keeps its key's, since a row of empty cells would be no row.
    always = {column.attribute for column in columns if column.required} or set(table.key)
    kept = [
        column.name
        for column in columns
        if all_columns or column.attribute in always or _needed(column, lines, clock)
    ]
    if table.row is Region:
        kept += counts
    cells = [kept, *([line[column] for column in kept] for line in lines)]
    if not commas:
        return csv_text(cells)
    decimal = {column.name for column in columns if column.kind in (Kind.DECIMAL, Kind.DEGREE)}
    for position in (at for at, name in enumerate(kept) if name in decimal):
        for row in cells[1:]:
            row[position] = row[position].replace(".", ",")
    return BYTE_ORDER_MARK + csv_text(cells, separator=SEMICOLON)


def writes_commas(settings: Settings) -> bool:
    """Whether `number_format` names a language whose decimal sign is the comma."""
    return Notation(settings.clock, settings.number_format).decimal_sign == ","


def _cells(row: Any, columns: list[Column], counts: Sequence[str], clock: Clock | None) -> dict[str, str]:  # noqa: ANN401
    """Texts by column; of a mapping as they are, of an object by the schema."""
    if not isinstance(row, Mapping):
        texts = {column.name: cell_text(column, getattr(row, column.attribute), clock) for column in columns}
        return texts | {count: str(row.counts[count]) for count in counts}
    known = {column.name for column in columns} | set(counts)
    required = {column.name for column in columns if column.required} | set(counts)
    if wrong := sorted((set(row) - known) | (required - set(row))):
        msg = f"unknown or missing columns: {', '.join(wrong)}"
        raise ValueError(msg)
    return {name: value_text(row.get(name)) for name in known}


def _needed(column: Column, lines: list[dict[str, str]], clock: Clock | None) -> bool:
    default = cell_text(column, column.default, clock)
    return any(line[column.name] not in ("", default) for line in lines)


def write_table(
    folder: Path,
    name: str,
    rows: _Rows,
    counts: Sequence[str] = (),
    *,
    clock: Clock | None = None,
    commas: bool = False,
) -> Path:
    """Write a table's file anew, at once or not at all.

    Parameters
    ----------
    folder
        Made if it is not there.
    name, rows, counts, clock, commas
        As for `table_text`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        As for `table_text`.
    """
    text = table_text(name, rows, counts, clock=clock, commas=commas)
    return write_text(Path(folder) / f"{name}.csv", text)


def write_instance(folder: Path, instance: Instance, *, commas: bool = False) -> None:
    """Write an instance as a folder that reads back as the same.

    Parameters
    ----------
    folder
        Made if it is not there. A table without rows is not written; if its file is there
        already, its rows are taken out.
    instance
        The instance.
    commas
        As for `table_text`.

    Raises
    ------
    ValueError
        If a value cannot be written exactly in its column's unit.
    """
    folder = Path(folder)
    settings = instance.settings
    texts = {PLAN_FILE: settings_text(settings)}
    for name, table in TABLES.items():
        rows = getattr(instance, name)
        if rows or table.required or (folder / f"{name}.csv").exists():
            counts = settings.counts if table.row is Region else ()
            texts[f"{name}.csv"] = table_text(name, rows, counts, clock=settings.clock, commas=commas)
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        write_text(folder / file, text)


def settings_text(settings: Settings) -> str:
    """Write plan.toml."""
    clock = settings.clock
    lines = [
        f"format = {_toml(FORMAT)}",
        f"name = {_toml(settings.name)}",
        f"time_zone = {_toml(clock.time_zone)}",
        f"start = {_toml(clock.start.isoformat())}",
        f"horizon_end = {_toml(clock.text(settings.horizon_s))}",
        f"deadline = {_toml(clock.text(settings.deadline_s))}",
    ]
    if settings.not_before_s:
        lines.append(f"not_before = {_toml(clock.text(settings.not_before_s))}")
    lines += [
        f"counts = [{', '.join(_toml(count) for count in settings.counts)}]",
        f"unit = {_toml(settings.unit)}",
        f"weight = {_toml(settings.weight)}",
        f"guarantee = {settings.guarantee}",
        f"objective = {_toml(settings.objective.value)}",
        f"chain = {_toml(settings.chain.value)}",
        *([f"season = {_toml(settings.season)}"] if settings.season else []),
        *([f"price_night = {settings.price_night}"] if settings.price_night else []),
        f"currency = {_toml(settings.currency)}",
        f"number_format = {_toml(settings.number_format)}",
        "",
        "[model]",
        f"neighbours = {settings.model.neighbours}",
        f"longest_join_km = {settings.model.longest_join_m / 1000!r}",
    ]
    replan = [f"notice_min = {settings.notice_min}"] if settings.notice_min != NOTICE_MIN else []
    replan += [f"approvals = {settings.approvals}"] if settings.approvals != 1 else []
    if replan:
        lines += ["", "[replan]", *replan]
    for source in settings.sources:
        lines += ["", "[[sources]]"]
        keys = {key: getattr(source, key) for key in ("title", "address", "licence", "note")}
        lines += [f"{key} = {_toml(text)}" for key, text in keys.items() if text]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped) + '"'
