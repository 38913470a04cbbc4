"""Turns a workbook's cell into the text that a CSV file would hold there, by its column's kind; and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite

from planner.base.clock import DAY_S, Clock
from planner.instance.cells import CellError
from planner.instance.kinds import Column, Kind
from planner.instance.local import Notation, instant_text, plain_text
from planner.instance.workbook.grid import Cell, CellType

__all__ = ["moment_of", "number_text", "seen_text", "serial_of", "text_of_cell", "whole_code"]

_FIRST = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_CODES = frozenset({Kind.ID, Kind.REF})
_NUMBERS = frozenset({Kind.COUNT, Kind.DECIMAL, Kind.MONEY, Kind.DEGREE})
_PER_DAY = {"h": 24, "min": 1440, "s": DAY_S}
_EXACT = 10**15  # whole numbers from here on lose digits in a workbook


def text_of_cell(cell: Cell, column: Column | None, notation: Notation, *, is_1904: bool) -> str:
    """Text of a cell, in the notation of the format.

    Parameters
    ----------
    cell
        The cell as the file holds it.
    column
        Its column; None where the column is unknown.
    notation
        How a text that stands for a number or a date is to be understood.
    is_1904
        Whether the workbook counts days from 1904.

    Returns
    -------
    str
        Stripped text. Where the cell cannot be what the column asks for, a text that its reader will refuse.

    Raises
    ------
    CellError
        Where it could be misread.
    """
    match cell.type:
        case CellType.FORMULA:
            raise CellError("X311")
        case CellType.ERROR:
            raise CellError("X315")
        case CellType.YES_NO:
            is_true = cell.text != "0"
            if column is not None and column.kind is Kind.YESNO:
                return "yes" if is_true else "no"
            return str(is_true).upper()
        case CellType.NUMBER:
            return _of_number(cell, column, notation.clock, is_1904)
        case CellType.TEXT:
            text = cell.text.strip()
            return text if column is None else plain_text(text, column, notation)


def seen_text(cell: Cell, text: str, notation: Notation) -> str:
    """What people see in a cell of which a text was read: their decimal sign, and text as they typed it."""
    if cell.type is CellType.TEXT:
        return cell.text.strip()
    if cell.type is CellType.NUMBER and notation.decimal_sign == "," and _float(text) is not None:
        return number_text(text).replace(".", ",")
    return text


def whole_code(cell: Cell) -> bool:
    """Whether a code that stands as a number can be told from it, if it had no zeros at its beginning."""
    if cell.type is not CellType.NUMBER or cell.format.day or cell.format.time:
        return False
    number = _float(cell.text)
    return number is not None and number.is_integer() and abs(number) < _EXACT


def number_text(text: str) -> str:
    """A number without exponent, in the fifteen digits that spreadsheet programs show and keep."""
    number = _float(text)
    if number is None:
        return text
    shown = format(number, ".15g")
    if "e" not in shown and "n" not in shown:
        return "0" if shown == "-0" else shown
    return shown if "n" in shown or abs(number) > 1e40 else format(Decimal(shown), "f")


def _float(text: str) -> float | None:
    """A finite number; None where the text is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _of_number(cell: Cell, column: Column | None, clock: Clock, is_1904: bool) -> str:
    kind = None if column is None else column.kind
    if column is not None and kind in _CODES:
        return _code(cell, is_1904)
    if column is not None and kind in _NUMBERS:
        return _figure(cell, column, is_1904)
    if kind is Kind.HOUR or (kind is Kind.TEXT and not cell.format.day):
        return _hour(cell, is_1904)
    if kind is Kind.INSTANT:
        return _instant(cell, clock, is_1904)
    if kind in (Kind.DATE, Kind.DAYS) or cell.format.day:
        return _moment_text(cell, is_1904)
    return number_text(cell.text)


def _code(cell: Cell, is_1904: bool) -> str:
    if cell.format.day or cell.format.time:
        raise CellError("X314", shown=_moment_text(cell, is_1904))
    if not whole_code(cell):
        raise CellError("X313", shown=number_text(cell.text))
    return number_text(cell.text)


def _figure(cell: Cell, column: Column, is_1904: bool) -> str:
    """A number; a duration may be shown as a time of day (8:30 hours), a percentage as 85 %."""
    number = _float(cell.text)
    if number is None:
        return cell.text
    if cell.format.day:
        raise CellError("X325", shown=_moment_text(cell, is_1904))
    if cell.format.time:
        if column.unit not in _PER_DAY:
            raise CellError("X325", shown=_moment_text(cell, is_1904))
        return number_text(str(round(number * DAY_S) * _PER_DAY[column.unit] / DAY_S))
    if cell.format.percent:
        if column.unit != "%":
            raise CellError("X316", shown=f"{number_text(str(number * 100))} %", unit=column.unit or "-")
        return number_text(format(number * 100, ".15g"))
    return number_text(cell.text)


def _hour(cell: Cell, is_1904: bool) -> str:
    number = _float(cell.text)
    if number is None or not cell.format.time:
        return _moment_text(cell, is_1904) if cell.format.day else number_text(cell.text)
    seconds = round(number * DAY_S)
    if not 0 <= seconds <= DAY_S:
        return _moment_text(cell, is_1904)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def _instant(cell: Cell, clock: Clock, is_1904: bool) -> str:
    moment = moment_of(cell.text, is_1904=is_1904)
    if moment is None:
        return number_text(cell.text)
    if moment == moment.replace(hour=0, minute=0, second=0) and not cell.format.time:
        raise CellError("X320", shown=moment.date().isoformat(), day=moment.date().isoformat())
    return instant_text(moment, clock)


def _moment_text(cell: Cell, is_1904: bool) -> str:
    """A day, with its time of day if that is not midnight."""
    moment = moment_of(cell.text, is_1904=is_1904)
    if moment is None:
        return number_text(cell.text)
    shown = moment.isoformat(timespec="seconds")
    return shown.removesuffix("T00:00:00")


def moment_of(text: str, *, is_1904: bool = False) -> datetime | None:
    """Local time of a workbook's day number, to the second; None if it is none."""
    number = _float(text)
    if number is None:
        return None
    try:
        return _FIRST[is_1904] + timedelta(seconds=round(number * DAY_S))
    except (OverflowError, ValueError):
        return None


def serial_of(instant: datetime, clock: Clock) -> float | None:
    """Day number of an instant in local time; None where reading it back would not give the same."""
    local = instant.astimezone(clock.zone).replace(tzinfo=None)
    number = (local - _FIRST[False]).total_seconds() / DAY_S
    try:
        back = datetime.fromisoformat(instant_text(local, clock)).astimezone(UTC)
    except CellError:
        return None
    return number if number > 61 and back == instant and moment_of(repr(number)) == local else None
