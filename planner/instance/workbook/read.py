"""Reads the tables of a workbook as texts, each fault with its sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.base.errors import Fault, Severity
from planner.base.opening import system_words
from planner.instance.cells import CellError
from planner.instance.kinds import Column, Kind
from planner.instance.local import Notation
from planner.instance.raw import NOTHING_READ, RawInstance, RawRow, RawTable
from planner.instance.schema import TABLES, columns_of
from planner.instance.settings import PLAN_FILE, settings_from_mapping
from planner.instance.sheet_names import REMARK, SETTINGS_SHEET, SOURCES_SHEET, book_suffix
from planner.instance.workbook.grid import Cell, CellType, Grid, column_letters, grid_of, leave_title, row_of
from planner.instance.workbook.package import Package, PackageError, Sheet
from planner.instance.workbook.settings_sheet import settings_of
from planner.instance.workbook.values import seen_text, text_of_cell, whole_code

__all__ = ["read_workbook"]

_CODES = (Kind.ID, Kind.REF)


def read_workbook(path: Path) -> RawInstance:
    """Read a workbook (.xlsx; of .xlsm the values, no macro is run).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    RawInstance
        Texts and faults; nothing is raised for what the file holds.
    """
    if not book_suffix(path):
        return _nothing(Fault("X305", PLAN_FILE, value=path.name))
    try:
        with Package(path) as package:
            return _book(package, path.name)
    except PackageError as error:
        return _nothing(Fault(error.code, PLAN_FILE, value=path.name, params=error.params))
    except OSError as error:
        params = {"file": path.name, "reason": system_words(error)}
        return _nothing(Fault("I108", PLAN_FILE, params=params))


def _nothing(*faults: Fault) -> RawInstance:
    return RawInstance(None, {}, faults, NOTHING_READ)


def _book(package: Package, file: str) -> RawInstance:
    faults: list[Fault] = []
    sheets = _known_sheets(package, faults)
    if SETTINGS_SHEET not in sheets:
        faults.append(Fault("X308", SETTINGS_SHEET, value=file))
        return _nothing(*faults)
    sources = sheets.get(SOURCES_SHEET)
    grids = {one.name: grid_of(package, one) for one in (sheets[SETTINGS_SHEET], sources) if one is not None}
    setting_grid = grids[sheets[SETTINGS_SHEET].name]
    source_grid = grids[sources.name] if sources else None
    content, more, places = settings_of(setting_grid, source_grid, is_1904=package.is_1904)
    draft, _ = settings_from_mapping(content)  # its faults are told when the instance is understood
    faults += more
    for name, grid in ((SETTINGS_SHEET, setting_grid), (SOURCES_SHEET, source_grid)):
        faults += _merged(name, grid) if grid else ()
    raw: dict[str, RawTable] = {}
    unread: set[str] = set()
    notation = Notation(draft.clock, draft.values.get("number_format", ""))
    for name in TABLES:
        if name not in sheets:
            continue
        grid = grid_of(package, sheets[name])
        if not grid.rows and not TABLES[name].required:
            continue
        columns = {one.name: one for one in columns_of(name, draft.counts or ())}
        table, more = _Table(name, grid, columns, notation, package.is_1904).made()
        faults += more
        if table is None:
            unread.add(name)
        else:
            raw[name] = table
    return RawInstance(content, raw, tuple(faults), frozenset(unread), places)


def _known_sheets(package: Package, faults: list[Fault]) -> dict[str, Sheet]:
    """Sheets by the name of their table; unknown ones that are not empty are faults."""
    known = {*TABLES, SETTINGS_SHEET, SOURCES_SHEET}
    found: dict[str, Sheet] = {}
    for sheet in package.sheets:
        name = sheet.name.strip().lower()
        if name.startswith(REMARK):
            continue
        if name in known:
            if name in found:
                faults.append(Fault("X326", sheet.name, value=sheet.name, params={"first": found[name].name}))
            found.setdefault(name, sheet)
        elif grid_of(package, sheet).rows:
            faults.append(
                Fault("X312", sheet.name, value=sheet.name, params={"nearest": _nearest(name, known)})
            )
    return found


def _nearest(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name[:60], sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ", ".join(sorted(known))


def _merged(sheet: str, grid: Grid, header: Sequence[str] = ()) -> Iterator[Fault]:
    """X327: cells that are merged; only the first of them holds a value. The column is that of the first."""
    headings = {column_letters(at): name for at, name in enumerate(header) if name}
    for place in grid.merged:
        first = place.partition(":")[0]
        letters = "".join(sign for sign in first if sign.isalpha())
        yield Fault(
            "X327",
            sheet,
            row_of(place) or None,
            headings.get(letters, letters) or None,
            place,
        )


@dataclass
class _Table:
    """Makes the table of one sheet."""

    name: str
    grid: Grid
    columns: Mapping[str, Column]
    notation: Notation
    is_1904: bool
    faults: list[Fault] = field(default_factory=list)

    def made(self) -> tuple[RawTable | None, list[Fault]]:
        """The table, or None if there is not even a header; and all faults of its cells."""
        if not self.grid.rows:
            return None, [Fault("I106", self.name, 1)]
        self.faults += leave_title(self.grid, self.name, self.columns)
        line, cells = self.grid.rows[0]
        width = self._width(cells)
        header, header_line = self._header(line, cells, width), line
        self.faults += _merged(self.name, self.grid, header)
        named = [self.columns.get(name) for name in header]
        faulty: set[tuple[int, str]] = set()
        bad_codes = self._codes(header, named)
        rows: list[RawRow] = []
        typed: dict[tuple[int, str], str] = {}
        for line, row_cells in self.grid.rows[1:]:
            texts = [""] * width
            for cell in row_cells:
                name = header[cell.column]
                try:
                    if cell.column in bad_codes and whole_code(cell):
                        raise CellError("X313", shown=cell.text)
                    text = text_of_cell(cell, named[cell.column], self.notation, is_1904=self.is_1904)
                    texts[cell.column] = text
                    if (seen := seen_text(cell, text, self.notation)) != text:
                        typed[line, name] = seen
                except CellError as error:
                    where = name or column_letters(cell.column)
                    self._fault(error, line, where, cell)
                    faulty.add((line, where))
            if any(texts) or any(at == line for at, _ in faulty):
                rows.append(RawRow(line, tuple(texts)))
        table = RawTable(self.name, tuple(header), tuple(rows), faulty=frozenset(faulty))
        return replace(table, typed=typed, header_line=header_line), self.faults

    def _width(self, header: Sequence[Cell]) -> int:
        """Columns up to the last one with a name and one more; stray cells beyond are told of and left out.

        One cell in a sheet's last column would else make each row as wide as the sheet.
        """
        named = max((cell.column for cell in header if cell.text), default=0)
        width = min(1 + max(cell.column for _, row in self.grid.rows for cell in row), named + 2)
        stray = [(line, cell.column) for line, row in self.grid.rows for cell in row if cell.column >= width]
        if stray:
            line, column = stray[0]
            params = {"position": column + 1}
            self.faults.append(Fault("I115", self.name, line, column_letters(column), params=params))
            for _, row in self.grid.rows:
                row[:] = [cell for cell in row if cell.column < width]
        return width

    def _header(self, line: int, cells: Sequence[Cell], width: int) -> list[str]:
        header = [""] * width
        for cell in cells:
            try:
                header[cell.column] = text_of_cell(cell, None, self.notation, is_1904=self.is_1904)
            except CellError as error:
                self._fault(error, line, column_letters(cell.column), cell)
        return header

    def _fault(self, error: CellError, line: int, column: str, cell: Cell) -> None:
        shown = str(error.params.get("shown", seen_text(cell, cell.text, self.notation)))
        self.faults.append(Fault(error.code, self.name, line, column, shown, error.params))

    def _codes(self, header: Sequence[str], named: Sequence[Column | None]) -> set[int]:
        """Columns of codes in which some are texts and others numbers; X322 for those that are numbers all.

        A spreadsheet program that made numbers of some codes only took zeros or points from them. Where all
        are whole numbers they may be plain numbers, or have lost zeros at their beginning alike.
        """
        numbers: dict[int, list[int]] = {}
        texts: set[int] = set()
        for line, cells in self.grid.rows[1:]:
            for cell in cells:
                column = named[cell.column]
                if column is None or column.kind not in _CODES:
                    continue
                if cell.type is CellType.NUMBER:
                    numbers.setdefault(cell.column, []).append(line)
                elif cell.type is CellType.TEXT:
                    texts.add(cell.column)
        broken = {
            cell.column
            for _, cells in self.grid.rows[1:]
            for cell in cells
            if cell.column in numbers and cell.type is CellType.NUMBER and not whole_code(cell)
        }
        bad = (set(numbers) & texts) | broken
        for position, lines in numbers.items():
            if position not in bad:
                params = {"number": len(lines)}
                self.faults.append(
                    Fault("X322", self.name, lines[0], header[position], None, params, Severity.WARNING)
                )
        return bad
