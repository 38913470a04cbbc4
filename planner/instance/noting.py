"""Adds a row to a table of a folder, or puts it in the place of the one with its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from planner.base.errors import Fault, InputError, Severity
from planner.base.files import write_text
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, content_of
from planner.base.safe_text import csv_text
from planner.instance.raw import SEMICOLON, RawRow, RawTable, raw_from_bytes
from planner.instance.read import raw_instance, tables_of
from planner.instance.schema import TABLES
from planner.instance.sheet_names import book_path
from planner.instance.write import BYTE_ORDER_MARK, writes_commas

__all__ = ["Cells", "note"]

Cells = Mapping[str, str]
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def note(folder: Path, table: str, make: Callable[[Sequence[Cells]], Cells]) -> tuple[Path, Cells]:
    """Write a row into a table's file, whole or not at all; gives the file and the row.

    Parameters
    ----------
    folder
        Of the instance.
    table
        Its file is made where it is not there. Separator, line ends, columns and what stands above the header
        stay.
    make
        Gives the row's cells, of those that there are; called while nobody else can write any, may raise.

    Raises
    ------
    InputError
        If the tables are a workbook (C745), the table has errors, with the row or without, or another one
        keeps it too long (E931).
    """
    book = book_path(folder)
    if book is not None:
        raise InputError([Fault("C745", table, value=str(book))])
    path = folder / f"{table}.csv"
    try:
        with locked(path):
            return path, _written(folder, path, table, make)
    except LockedError:
        raise InputError([Fault("E931", table, value=str(path))]) from None


def _written(folder: Path, path: Path, table: str, make: Callable[[Sequence[Cells]], Cells]) -> Cells:
    content = content_of(path, FileSort.TABLE) if path.exists() else b""
    raw, faults = raw_from_bytes(table, content) if content.strip() else (RawTable(table, (), ()), [])
    if raw is None or any(fault.severity is Severity.ERROR for fault in faults):
        raise InputError(faults)
    rows: list[Cells] = [dict(zip(raw.header, row.cells, strict=True)) for row in raw.rows]
    made = {name: cell.strip() for name, cell in make(rows).items()}
    new = {name: cell for name, cell in made.items() if cell or name in raw.header}
    names = {column.attribute: column.name for column in TABLES[table].columns}
    key = [names[attribute] for attribute in TABLES[table].key]
    at = next((i for i, row in enumerate(rows) if all(row.get(k) == new.get(k) for k in key)), len(rows))
    rows[at : at + 1] = [new]
    header = (*raw.header, *(name for name in new if name not in raw.header))
    cells = [tuple(row.get(name, "") for name in header) for row in rows]
    grown = replace(raw, header=header, rows=tuple(RawRow(i, one) for i, one in enumerate(cells, 2)))
    whole = raw_instance(folder)
    instance, found = tables_of(
        replace(whole, tables={**whole.tables, table: grown}), needs_times=False, with_warnings=False
    )
    wrong = [one for one in found if one.table == table and one.severity is Severity.ERROR]
    if wrong:
        raise InputError(wrong)
    text = content.decode("utf-8-sig")
    lines = [line for line in _LINE.findall(text) if line]
    is_marked, separator = content.startswith(BYTE_ORDER_MARK.encode()), raw.separator
    if not content.strip() and instance is not None and writes_commas(instance.settings):
        is_marked, separator = True, SEMICOLON
    body = csv_text([header, *cells], separator=separator, line_end="\r\n" if "\r\n" in text else "\n")
    above = "".join(lines[: raw.header_line - 1])
    write_text(path, (BYTE_ORDER_MARK if is_marked else "") + above + body)
    return new
