"""A table as text that can be searched and changed; nothing of it is changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from planner.batches.changes import Condition
from planner.instance.cells import cell_text
from planner.instance.raw import RawRow, RawTable
from planner.instance.schema import TABLES, Column

__all__ = [
    "EITHER_END",
    "column_of",
    "columns_of",
    "matching",
    "text_of",
    "with_cells",
    "with_row",
    "without",
]

# In conditions on a table with `from` and `to`: either of them.
EITHER_END = "at"


@cache
def _schema(table: str) -> Mapping[str, tuple[Column, str]]:
    """Columns by name, each with the text of its default."""
    found = {}
    for column in TABLES[table].columns:
        default = column.default
        found[column.name] = (column, "" if default in (None, "") else cell_text(column, default))
    return found


def column_of(table: str, name: str) -> Column | None:
    """A column of the schema; None for counts of regions and for what is unknown."""
    found = _schema(table).get(name)
    return None if found is None else found[0]


def columns_of(table: str, counts: Sequence[str], *, conditions: bool = False) -> list[str]:
    """Names that a change may use of a table."""
    names = [*_schema(table), *(counts if table == "regions" else ())]
    if conditions and {"from", "to"} <= set(names):
        names.append(EITHER_END)
    return names


def text_of(raw: RawTable, row: RawRow, column: str) -> str:
    """Text of a cell; that of the default where it is empty."""
    position = raw.index.get(column)
    text = "" if position is None else row.cells[position]
    if text:
        return text
    found = _schema(raw.name).get(column)
    return "" if found is None else found[1]


def matching(raw: RawTable, ids: Sequence[str], where: Sequence[Condition]) -> list[RawRow]:
    """Rows with one of the ids (all where none is given) for which all conditions hold."""
    wanted = set(ids)
    return [
        row
        for row in raw.rows
        if (not wanted or text_of(raw, row, "id") in wanted) and all(_holds(raw, row, one) for one in where)
    ]


def _holds(raw: RawTable, row: RawRow, one: Condition) -> bool:
    if one.column != EITHER_END:
        return one.holds(text_of(raw, row, one.column))
    ends = [one.holds(text_of(raw, row, name)) for name in ("from", "to")]
    return all(ends) if one.sign == "!=" else any(ends)


def with_cells(raw: RawTable, cells: Mapping[int, Mapping[str, str]]) -> RawTable:
    """The table with other texts in some cells, given by line and column; columns that lack are added."""
    wider = _with_columns(raw, [name for values in cells.values() for name in values])
    rows = []
    for row in wider.rows:
        values = cells.get(row.line)
        if values:
            texts = list(row.cells)
            for name, text in values.items():
                texts[wider.index[name]] = text
            row = RawRow(row.line, tuple(texts))  # noqa: PLW2901
        rows.append(row)
    return replace(wider, rows=tuple(rows))


def without(raw: RawTable, rows: Iterable[RawRow]) -> RawTable:
    """The table without some rows."""
    gone = {row.line for row in rows}
    return replace(raw, rows=tuple(row for row in raw.rows if row.line not in gone))


def with_row(raw: RawTable, values: Mapping[str, str]) -> RawTable:
    """The table with one more row, on the line after the last one."""
    wider = _with_columns(raw, list(values))
    line = max((row.line for row in wider.rows), default=1) + 1
    cells = tuple(
        values.get(name, "") if wider.index[name] == at else "" for at, name in enumerate(wider.header)
    )
    return replace(wider, rows=(*wider.rows, RawRow(line, cells)))


def _with_columns(raw: RawTable, names: Iterable[str]) -> RawTable:
    new = tuple(dict.fromkeys(name for name in names if name not in raw.index))
    if not new:
        return raw
    blank = ("",) * len(new)
    rows = tuple(RawRow(row.line, row.cells + blank) for row in raw.rows)
    return RawTable(raw.name, raw.header + new, rows, raw.complete)
