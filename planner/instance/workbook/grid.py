"""The cells of a sheet, row by row, as the file holds them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from xml.etree import ElementTree

from planner.base.errors import Fault
from planner.instance.raw import LONGEST_TITLE, header_at, title_warning
from planner.instance.workbook.formats import GENERAL, Format
from planner.instance.workbook.package import Package, Sheet, local_name, text_of, unescaped

__all__ = ["Cell", "CellType", "Grid", "column_letters", "grid_of", "leave_title", "row_of"]

_MOST_DIGITS = 9
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class CellType(Enum):
    """What a cell holds."""

    TEXT = auto()
    NUMBER = auto()
    YES_NO = auto()
    ERROR = auto()
    FORMULA = auto()  # one whose result is not in the file


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is not empty: its column from 0, what it holds, and its format."""

    column: int
    type: CellType
    text: str
    format: Format = GENERAL


@dataclass(slots=True)
class Grid:
    """A sheet: its rows that are not empty, by their numbers, and what is merged.

    Parameters
    ----------
    rows
        Number of the row (from 1) and its cells.
    merged
        Ranges of merged cells (``B2:B5``).
    """

    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


def column_letters(column: int) -> str:
    """Letters of a column, counted from 0: A, B and so on, AA after Z."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def leave_title(grid: Grid, sheet: str, known: Container[str]) -> list[Fault]:
    """Leave out what stands above the header of a sheet, with the merged cells in it; and say so once.

    Parameters
    ----------
    grid
        The sheet; it is changed.
    sheet
        Name of the sheet.
    known
        Names of its columns.
    """
    texts = [[cell.text.strip() for cell in cells] for _, cells in grid.rows[:LONGEST_TITLE]]
    at = header_at(texts, known)
    if not at:
        return []
    first, header = grid.rows[0][0], grid.rows[at][0]
    del grid.rows[:at]
    grid.merged[:] = [place for place in grid.merged if row_of(place) >= header]
    return [title_warning(sheet, first, header, " ".join(filter(None, texts[0])))]


def row_of(place: str) -> int:
    """The row in which a range of cells begins (``B2:B5``); 0: it says none."""
    return _whole("".join(sign for sign in place.partition(":")[0] if sign.isdecimal()), 0)


def grid_of(package: Package, sheet: Sheet) -> Grid:
    """Read a sheet.

    Raises
    ------
    PackageError
        If its part is missing or damaged.
    """
    grid = Grid()
    number = 0
    for node in package.elements(sheet.part, "row", "mergeCell"):
        if local_name(node.tag) == "mergeCell":
            grid.merged.append(node.get("ref", ""))
            continue
        said = node.get("r", "")
        number = _whole(said, number + 1)
        if cells := list(_cells(package, node)):
            grid.rows.append((number, cells))
    return grid


def _cells(package: Package, row: ElementTree.Element) -> Iterator[Cell]:
    column = -1
    for node in row:
        place = _PLACE.fullmatch(node.get("r", ""))
        column = _column_number(place[1]) if place else column + 1
        found = _content(package, node)
        if found is not None:
            style = node.get("s", "0")
            number = _whole(style, 0)
            shown = package.formats[number] if number < len(package.formats) else GENERAL
            yield Cell(column, *found, shown)


def _whole(text: str, otherwise: int) -> int:
    """A number of at most nine digits, as rows, formats and shared texts have them."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else otherwise


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _content(package: Package, node: ElementTree.Element) -> tuple[CellType, str] | None:
    """Type and text of a cell; None if it is empty."""
    kind = node.get("t", "n")
    value: str | None = None
    has_formula = False
    for child in node:
        name = local_name(child.tag)
        if name == "v":
            value = child.text or ""
        elif name == "f":
            has_formula = True
        elif name == "is":
            value = text_of(child)
    if has_formula and (value is None or package.is_uncalculated):
        return CellType.FORMULA, ""
    if value is None:
        return None
    if kind == "s":
        position = _whole(value.strip(), -1)
        if value.strip() and not 0 <= position < len(package.strings):
            return CellType.ERROR, f"sharedStrings[{value.strip()[:20]}]"
        value = package.strings[position] if value.strip() else ""
    elif kind == "str":
        value = unescaped(value)
    if kind in ("s", "str", "inlineStr", "d"):
        return (CellType.TEXT, value) if value.strip() else None
    types = {"b": CellType.YES_NO, "e": CellType.ERROR}
    return (types.get(kind, CellType.NUMBER), value.strip()) if value.strip() else None
