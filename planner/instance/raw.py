"""Tables as text: header, rows of stripped cells, and the line each row stands on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from planner.errors import Fault

__all__ = ["RawRow", "RawTable", "raw_from_bytes", "raw_from_path", "raw_from_rows", "value_text"]

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
FIELD_LIMIT = 131_072


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: the line it begins on (the header is line 1) and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """A table as it was written.

    Parameters
    ----------
    name
        Name of the table.
    header
        Names of the columns as written; may hold unknown or repeated ones.
    rows
        Rows that are neither blank nor of another length than the header.
    complete
        Whether no row was lost: then an id that is not here is unknown.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[RawRow, ...]
    complete: bool = True

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each column; of repeated ones the first."""
        positions: dict[str, int] = {}
        for position, name in enumerate(self.header):
            positions.setdefault(name, position)
        return positions

    @cached_property
    def _by_line(self) -> Mapping[int, RawRow]:
        return {row.line: row for row in self.rows}

    def value(self, line: int | None, column: str | None) -> str | None:
        """Text at a place; ``None`` where there is none."""
        row = self._by_line.get(line or 0)
        if row is None or column is None or column not in self.index:
            return None
        return row.cells[self.index[column]]


def raw_from_path(name: str, path: Path) -> tuple[RawTable | None, list[Fault]]:
    """Read a CSV file; see `raw_from_bytes`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return None, [Fault("I108", name, params={"file": path.name, "reason": reason})]
    return raw_from_bytes(name, content)


def raw_from_bytes(name: str, content: bytes) -> tuple[RawTable | None, list[Fault]]:
    """Split the bytes of a CSV file into a table of text.

    Parameters
    ----------
    name
        Name of the table, for the faults.
    content
        UTF-8, with or without a byte order mark, separated by commas; any line ends.

    Returns
    -------
    tuple
        The table, or ``None`` if not even a header can be read; and the faults.
    """
    if content.startswith(_UTF16):
        return None, [Fault("I102", name, 1, value="UTF-16")]
    try:
        text = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Fault("I102", name, line, value=f"0x{content[error.start]:02X}")]
    if "\0" in text:
        return None, [Fault("I109", name, text[: text.index("\0")].count("\n") + 1)]
    return _split(name, text)


def _split(name: str, text: str) -> tuple[RawTable | None, list[Fault]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    csv.field_size_limit(FIELD_LIMIT)
    records: list[RawRow] = []
    faults: list[Fault] = []
    line = 1
    try:
        for record in reader:
            cells = tuple(cell.strip() for cell in record)
            if any(cells):
                records.append(RawRow(line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault("I103", name, line, params={"reason": str(error)}))
    if not records:
        return None, faults or [Fault("I106", name, 1)]
    table, more = _shaped(name, records, complete=not faults)
    return table, faults + more


def _shaped(name: str, records: Sequence[RawRow], *, complete: bool) -> tuple[RawTable | None, list[Fault]]:
    """Give every row the header's length; report those that are longer or shorter."""
    header = records[0].cells
    if len(header) == 1 and (mark := next((one for one in ";\t" if one in header[0]), None)):
        shown = "TAB" if mark == "\t" else mark
        return None, [Fault("I105", name, records[0].line, value=header[0][:80], params={"separator": shown})]
    faults: list[Fault] = []
    rows: list[RawRow] = []
    width = len(header)
    for row in records[1:]:
        found = len(row.cells)
        if found < width or any(row.cells[width:]):
            code = "I114" if found < width else "I113"
            faults.append(Fault(code, name, row.line, params={"found": found, "expected": width}))
        else:
            rows.append(RawRow(row.line, row.cells[:width]))
    return RawTable(name, header, tuple(rows), complete and not faults), faults


def raw_from_rows(name: str, rows: Sequence[Mapping[str, object]]) -> RawTable:
    """Make a table of text of rows given as mappings from column to value.

    Row *i* (from 0) stands on line *i* + 2, as in a file. A column that a row lacks is empty there.
    """
    rows = [{str(column): value for column, value in row.items()} for row in rows]
    header = tuple(dict.fromkeys(column for row in rows for column in row))
    lines = (
        RawRow(number, tuple(value_text(row.get(column)) for column in header))
        for number, row in enumerate(rows, start=2)
    )
    return RawTable(name, header, tuple(row for row in lines if any(row.cells)))


def value_text(value: object) -> str:
    """Give the text of a cell for a value of Python: nothing for None, yes or no for booleans."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()
