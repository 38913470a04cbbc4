"""Reads a pasted list: text with tabs, semicolons or commas, or the first sheet of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, content_of, system_words
from planner.base.text import LANGUAGES, catalogue
from planner.instance.cells import CellError
from planner.instance.local import Notation
from planner.instance.raw import SEMICOLON, RawTable, raw_from_bytes
from planner.instance.settings import any_clock
from planner.instance.sheet_names import is_spreadsheet
from planner.instance.workbook.grid import grid_of
from planner.instance.workbook.package import Package, PackageError
from planner.instance.workbook.values import text_of_cell

__all__ = ["ListRow", "NamedList", "list_of", "read_list"]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of the list: where it stands, whom it names, and its texts by count."""

    line: int
    code: str
    name: str
    others: tuple[str, ...]
    counts: dict[str, str]

    @property
    def shown(self) -> str:
        """What the row calls the region."""
        return " ".join(one for one in (self.code, self.name, *self.others) if one)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of counts.

    Parameters
    ----------
    file
        Its name, for the faults.
    rows
        Its rows without the heading.
    count_columns
        Counts that it has a column of.
    has_names
        Whether it has a column of codes or of names.
    comma_is_decimal
        Whether a semicolon separates its columns.
    is_exact
        Whether its numbers are numbers of a workbook, not texts.
    twice
        Counts that it has several columns of.
    """

    file: str
    rows: tuple[ListRow, ...]
    count_columns: tuple[str, ...]
    has_names: bool
    comma_is_decimal: bool = False
    is_exact: bool = False
    twice: tuple[str, ...] = ()


def read_list(path: Path, counts: Sequence[str]) -> NamedList:
    """Read a list whose first row names its columns.

    Parameters
    ----------
    path
        Text (UTF-8) or workbook.
    counts
        Names of the counts, by which their columns are found. Columns of codes and names have one of the
        usual headings (id, code, name, … in either language); all others tell areas apart. A list of two
        columns without heading is read, too, if there is one count.

    Raises
    ------
    InputError
        With the faults of its form; X338 if it cannot be read.
    """
    table, is_exact = _table(path)
    return list_of(table, counts, is_exact=is_exact)


def list_of(table: RawTable, counts: Sequence[str], *, is_exact: bool) -> NamedList:
    """A list of a table that was read; see `read_list`."""
    headings = [text.strip().casefold() for text in table.header]
    codes = _named(headings, "codes")
    names = _named(headings, "names")
    numbers = {one: headings.index(one.casefold()) for one in counts if one.casefold() in headings}
    rows = [(row.line, row.cells) for row in table.rows]
    if not numbers and not codes and not names and len(headings) == 2 and len(counts) == 1:
        rows.insert(0, (1, table.header))
        names, numbers = [0], {counts[0]: 1}
    others = [at for at in range(len(headings)) if at not in {*codes, *names, *numbers.values()}]
    return NamedList(
        table.name,
        tuple(
            ListRow(
                line,
                next((cells[at] for at in codes if cells[at]), ""),
                next((cells[at] for at in names if cells[at]), ""),
                tuple(cells[at] for at in others if cells[at]),
                {one: cells[at] for one, at in numbers.items()},
            )
            for line, cells in rows
        ),
        tuple(numbers),
        bool(codes or names),
        comma_is_decimal=table.separator == SEMICOLON,
        is_exact=is_exact,
        twice=tuple(one for one in numbers if headings.count(one.casefold()) > 1),
    )


def _named(headings: Sequence[str], key: str) -> list[int]:
    """Columns with one of the usual headings, in any language."""
    usual = {
        word.strip().casefold()
        for code in LANGUAGES
        for word in catalogue(code)[f"init.heading.{key}"].split(",")
    }
    return [at for at, heading in enumerate(headings) if heading in usual]


def _table(path: Path) -> tuple[RawTable, bool]:
    if is_spreadsheet(path):
        return _first_sheet(path), True
    try:
        content = content_of(path, FileSort.TABLE)
    except OSError as error:
        params = {"file": path.name, "reason": system_words(error)}
        raise InputError([Fault("I108", path.name, params=params)]) from error
    table, faults = raw_from_bytes(path.name, content, tabs=True)
    if table is None or faults:
        raise InputError(faults)
    return table, False


def _first_sheet(path: Path) -> RawTable:
    from planner.instance.raw import RawRow

    try:
        with Package(path) as package:
            grids = [grid_of(package, sheet) for sheet in package.sheets]
            is_1904 = package.is_1904
    except PackageError as error:
        raise InputError([Fault(error.code, path.name, value=path.name, params=error.params)]) from error
    except OSError as error:
        params = {"file": path.name, "reason": system_words(error)}
        raise InputError([Fault("I108", path.name, params=params)]) from error
    grid = next((one for one in grids if one.rows), None)
    if grid is None:
        raise InputError([Fault("I106", path.name, 1)])
    width = 1 + max(cell.column for _, cells in grid.rows for cell in cells)
    rows: list[RawRow] = []
    faults: list[Fault] = []
    notation = Notation(any_clock())
    for line, cells in grid.rows:
        texts = [""] * width
        for cell in cells:
            try:
                texts[cell.column] = text_of_cell(cell, None, notation, is_1904=is_1904)
            except CellError as error:
                faults.append(Fault(error.code, path.name, line, None, cell.text, error.params))
        rows.append(RawRow(line, tuple(texts)))
    if faults:
        raise InputError(faults)
    return RawTable(path.name, rows[0].cells, tuple(rows[1:]))
