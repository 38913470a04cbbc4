"""Tables as text: header, rows of stripped cells, and the line each row stands on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, Severity
from planner.base.opening import FileSort, content_of, system_words
from planner.base.safe_text import from_spreadsheet
from planner.instance.schema import TABLES
from planner.instance.settings import PLAN_FILE
from planner.instance.sheet_names import SETTINGS_SHEET

__all__ = [
    "COMMA",
    "LONGEST_TITLE",
    "NOTHING_READ",
    "SEMICOLON",
    "TITLE",
    "RawInstance",
    "RawRow",
    "RawTable",
    "header_at",
    "raw_from_bytes",
    "raw_from_path",
    "raw_from_rows",
    "separator_of",
    "title_warning",
    "value_text",
]

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
FIELD_LIMIT = 131_072
COMMA, SEMICOLON, TAB = (
    ",",
    ";",
    "\t",
)  # what separates columns; Excel writes semicolons where commas are decimal
TITLE = "W560"
LONGEST_TITLE, _NAMES_OF_HEADER = 12, 2  # rows of which one is the header; names by which it is known
_QUOTED = re.compile(r'"[^"]*"')
_LINE_END = re.compile(r"[\r\n]")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=([,;])\"?\s*(\r\n|\r|\n|$)", re.IGNORECASE)


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
    separator
        What separated the columns; where it is a semicolon, numbers and dates are in local notation.
    faulty
        Line and column of cells that a fault was reported for already; they are empty in `rows`.
    typed
        By line and column what people see in a cell, where `rows` have it in the notation of the format.
    header_line
        The line of the header.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[RawRow, ...]
    complete: bool = True
    separator: str = COMMA
    faulty: frozenset[tuple[int, str]] = frozenset()
    typed: Mapping[tuple[int, str], str] = field(default_factory=dict)
    header_line: int = 1

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

    @cached_property
    def faulty_of(self) -> Mapping[int, frozenset[str]]:
        """Columns of the faulty cells by line."""
        found: dict[int, set[str]] = {}
        for line, column in self.faulty:
            found.setdefault(line, set()).add(column)
        return {line: frozenset(columns) for line, columns in found.items()}

    def value(self, line: int | None, column: str | None) -> str | None:
        """Text at a place; ``None`` where there is none."""
        row = self._by_line.get(line or 0)
        if row is None or column is None or column not in self.index:
            return None
        return row.cells[self.index[column]]


def raw_from_path(name: str, path: Path) -> tuple[RawTable | None, list[Fault]]:
    """Read a CSV file; see `raw_from_bytes`."""
    try:
        content = content_of(path, FileSort.TABLE)
    except OSError as error:
        reason = system_words(error)
        return None, [Fault("I108", name, params={"file": path.name, "reason": reason})]
    return raw_from_bytes(name, content)


def raw_from_bytes(name: str, content: bytes, *, tabs: bool = False) -> tuple[RawTable | None, list[Fault]]:
    """Split the bytes of a CSV file into a table of text.

    Parameters
    ----------
    name
        Name of the table, for the faults.
    content
        UTF-8, with or without a byte order mark, separated by commas or by semicolons (then the header
        holds no comma outside of quotation marks); any line ends. A first line ``sep=;`` is Excel's own.
    tabs
        Whether tabs may separate the columns, too.

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
        return None, [_not_utf8(name, content.removeprefix(_BOM), error.start)]
    if "\0" in text:
        return None, [Fault("I109", name, text[: text.index("\0")].count("\n") + 1)]
    return _split(name, text, tabs=tabs)


def _not_utf8(name: str, content: bytes, start: int) -> Fault:
    """The fault of bytes that are no UTF-8, with the word that they would be in a Western code page."""
    line = content[:start].count(b"\n") + 1
    before, after = content[:start], content[start:]
    first = max(before.rfind(sign) for sign in b',;\t\r\n" ') + 1
    last = min((end for sign in b',;\t\r\n" ' if (end := after.find(sign)) >= 0), default=len(after))
    word = content[first : start + last][:40].decode("cp1252", "replace")
    return Fault("I102", name, line, value=f"0x{content[start]:02X} ({word})")


def header_at(rows: Sequence[Sequence[str]], known: Container[str]) -> int:
    """Which of the first rows names the columns: the first one, or one below a title that names none.

    Parameters
    ----------
    rows
        Cells of rows that are not blank.
    known
        Names of columns. A row below the first one is the header if two of its cells are such names, and the
        first row has none.
    """
    if rows and not any(cell in known for cell in rows[0]):
        for at, cells in enumerate(rows[1:LONGEST_TITLE], start=1):
            if sum(cell in known for cell in cells) >= _NAMES_OF_HEADER:
                return at
    return 0


def title_warning(table: str, line: int, header_line: int, shown: str) -> Fault:
    """W560: something stands above the header, and is not read.

    Parameters
    ----------
    table, line, shown
        Where it stands, and what.
    header_line
        The line of the header.
    """
    return Fault(TITLE, table, line, None, shown, {"header": header_line}, Severity.WARNING)


def separator_of(text: str, *, tabs: bool = False) -> tuple[str, int]:
    """What separates the columns, and how many signs of the text are a line that only says so."""
    if said := _SEPARATOR_LINE.match(text):
        return said[1], said.end()
    first, *others = _LINE_END.split(text[: FIELD_LIMIT * 2].lstrip("\r\n "), maxsplit=LONGEST_TITLE)
    header = _QUOTED.sub("", first)
    if not {COMMA, SEMICOLON, TAB} & set(header):  # a title, or the only column
        lower = (_QUOTED.sub("", line) for line in others[: LONGEST_TITLE - 1])
        header = next((line for line in lower if {COMMA, SEMICOLON, TAB} & set(line)), header)
    if tabs and TAB in header:
        return TAB, 0
    return (SEMICOLON if SEMICOLON in header and COMMA not in header and TAB not in header else COMMA), 0


def _split(name: str, text: str, *, tabs: bool) -> tuple[RawTable | None, list[Fault]]:
    separator, begin = separator_of(text, tabs=tabs)
    reader = csv.reader(io.StringIO(text[begin:], newline=""), strict=True, delimiter=separator)
    csv.field_size_limit(FIELD_LIMIT)
    records: list[RawRow] = []
    faults: list[Fault] = []
    skipped = 1 if begin else 0
    line = 1 + skipped
    try:
        for record in reader:
            cells = tuple(from_spreadsheet(cell.strip()) for cell in record)
            if any(cells):
                records.append(RawRow(line, cells))
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        faults.append(Fault("I103", name, line, params={"reason": str(error)}))
    if not records:
        return None, faults or [Fault("I106", name, 1)]
    if name in TABLES:
        known = {column.name for column in TABLES[name].columns}
        if at := header_at([row.cells for row in records[:LONGEST_TITLE]], known):
            shown = " ".join(filter(None, records[0].cells))
            faults.append(title_warning(name, records[0].line, records[at].line, shown))
            records = records[at:]
    complete = not any(one.severity is Severity.ERROR for one in faults)
    table, more = _shaped(name, records, separator, complete=complete)
    return table, faults + more


def _shaped(
    name: str, records: Sequence[RawRow], separator: str, *, complete: bool
) -> tuple[RawTable | None, list[Fault]]:
    """Give every row the header's length; report those that are longer or shorter."""
    header = records[0].cells
    if len(header) == 1 and TAB in header[0]:
        return None, [Fault("I105", name, records[0].line, value=header[0][:80], params={"separator": "TAB"})]
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
    whole = complete and not faults
    return RawTable(name, header, tuple(rows), whole, separator, header_line=records[0].line), faults


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


NOTHING_READ = frozenset({"*"})  # in place of the tables, where not even the folder can be read


@dataclass(frozen=True, slots=True)
class RawInstance:
    """An instance as text: what stands in its files, before any cell is understood.

    Parameters
    ----------
    settings
        Keys and values of plan.toml; None where it cannot be read.
    tables
        The tables whose header could be read.
    faults
        Faults of the files themselves.
    unread
        Tables with a file that could not be read at all.
    setting_rows
        Row of each key in a workbook's sheet of settings; None for a folder.
    """

    settings: Mapping[str, Any] | None
    tables: Mapping[str, RawTable]
    faults: tuple[Fault, ...] = ()
    unread: frozenset[str] = frozenset()
    setting_rows: Mapping[str, int] | None = None

    def placed(self, fault: Fault) -> Fault:
        """A fault of plan.toml at its place in a workbook's sheet of settings."""
        if self.setting_rows is None or fault.table != PLAN_FILE:
            return fault
        row = fault.row or self.setting_rows.get(fault.column or "")
        return replace(fault, table=SETTINGS_SHEET, row=row)
