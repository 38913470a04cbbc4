"""Turns the text of one cell into a value, by its column's kind; and back.

Every reader raises `CellError`, which carries the code of the fault and what its texts need.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from planner.base.clock import DAY_S, Clock, parse_instant
from planner.base.safe_text import has_control_signs, label_text
from planner.instance.keywords import in_format
from planner.instance.schema import Column, Kind

__all__ = ["DURATIONS", "LARGEST", "LONGEST_DAYS", "WEEKDAYS", "CellError", "cell_reader", "cell_text"]

LARGEST = 10**12  # no figure inside is larger, so that sums and products stay far from 2**63
LONGEST_DAYS = 366  # no duration is longer; nor is a horizon
DURATIONS = ("s", "min", "h")  # units of columns that are durations, in seconds inside
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS = (1970, 2200)  # instants outside are slips of the pen, and could not be turned into local time

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_WITH_UNIT = re.compile(r"-?[0-9][0-9.,]*\s*[^\W\d_°%][\w³²/.]*|-?[0-9][0-9.,]*\s*[%°].*")
# A point for the colon, as in 08.00, is the usual way of writing times in Indonesia and elsewhere.
_HOUR = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOST_DIGITS = 40


class CellError(Exception):
    """A cell that cannot be read; carries the code of its fault and the texts' parameters."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def cell_reader(column: Column, clock: Clock) -> Callable[[str], Any]:
    """Make the function that reads the cells of a column.

    Parameters
    ----------
    column
        The column as the schema declares it.
    clock
        Turns instants into seconds from the plan's start.

    Returns
    -------
    Callable
        Takes the stripped text of a cell that is not empty. It raises `CellError` if the text
        is not of the column's kind, or out of its bounds.
    """
    if column.kind is Kind.INSTANT:
        return _worded(column, clock, lambda text: _instant(text, clock))
    reader = _READERS[column.kind]
    if column.kind in (Kind.CHOICE, Kind.CHOICES, Kind.YESNO, Kind.DAYS, Kind.DATE):
        return _worded(column, clock, lambda text: reader(column, text))
    return lambda text: reader(column, text)


def _worded(column: Column, clock: Clock, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader that knows other words for those of the format, too."""

    def found(text: str) -> Any:  # noqa: ANN401
        try:
            return read(text)
        except CellError:
            meant = in_format(column, text, clock)
            if meant == text:
                raise
        return read(meant)

    return found


def _number_of(column: Column, text: str, pattern: re.Pattern[str], code: str) -> str:
    unit = column.unit or "-"
    if pattern.fullmatch(text):
        if text.startswith("-"):
            raise CellError("I204", unit=unit)
        if len(text) > _MOST_DIGITS:
            raise _too_large(column)
        return text
    if _WITH_UNIT.fullmatch(text):
        raise CellError("I208", unit=unit)
    raise CellError(code, unit=unit)


def _largest(column: Column) -> int:
    return LONGEST_DAYS * DAY_S if column.unit in DURATIONS else LARGEST


def _too_large(column: Column) -> CellError:
    params = {"largest": _largest(column) // column.scale, "unit": column.unit or "-"}
    if column.unit in DURATIONS:
        return CellError("I220", days=LONGEST_DAYS, **params)
    return CellError("I206", **params)


def _bounded(column: Column, inside: int) -> int:
    if inside > _largest(column):
        raise _too_large(column)
    if column.minimum is not None and inside < column.minimum:
        raise CellError("I205", minimum=_decimal_text(column.minimum, column.scale), unit=column.unit or "-")
    return inside


def _count(column: Column, text: str) -> int:
    return _bounded(column, int(_number_of(column, text, _INTEGER, "I202")) * column.scale)


def _decimal(column: Column, text: str) -> int:
    inside = Fraction(_number_of(column, text, _NUMBER, "I203")) * column.scale
    if inside.denominator != 1 and inside <= _largest(column):
        raise CellError("I207", scale=column.scale, nearest=_near_text(round(inside), column.scale))
    return _bounded(column, int(inside))


def _degree(column: Column, text: str) -> float:
    if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
        code = "I208" if _WITH_UNIT.fullmatch(text) else "I203"
        raise CellError(code, unit=column.unit)
    degrees = float(text)
    largest = 90 if column.attribute == "lat" else 180
    if abs(degrees) > largest:
        raise CellError("I217", largest=largest)
    return round(degrees, 9) + 0.0  # a tenth of a millimetre; no -0.0


def _instant(text: str, clock: Clock) -> int:
    try:
        instant = parse_instant(text)
    except ValueError:
        raise CellError("I209") from None
    if not YEARS[0] <= instant.year <= YEARS[1]:
        raise CellError("I210", first=YEARS[0], last=YEARS[1])
    if expected := clock.other_offset(instant):
        raise CellError("I229", zone=clock.time_zone, expected=expected)
    return clock.seconds(instant)


def _hour(_column: Column, text: str) -> int:
    match = _HOUR.fullmatch(text)
    if not match:
        raise CellError("I211")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > 86_400:
        raise CellError("I211")
    return total


def _days(_column: Column, text: str) -> str:
    lower = text.lower()
    if lower == "daily":
        return lower
    if _DATE.fullmatch(lower):
        return _real_date(lower, "I212")
    parts = [part.strip() for part in lower.split("+")]
    if not all(part in WEEKDAYS for part in parts):
        raise CellError("I212")
    if len(set(parts)) < len(parts):
        raise CellError("I215")
    return "+".join(sorted(parts, key=WEEKDAYS.index))


def _date(_column: Column, text: str) -> str:
    if not _DATE.fullmatch(text):
        raise CellError("I213")
    return _real_date(text, "I213")


def _real_date(text: str, code: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise CellError(code) from None


def _choice(column: Column, text: str) -> Enum:
    choices = column.choices
    assert choices is not None
    try:
        return choices(text.lower())
    except ValueError:
        raise CellError("I214", choices=", ".join(str(one.value) for one in choices)) from None


def _choices(column: Column, text: str) -> tuple[Enum, ...]:
    found = [_choice(column, part.strip()) for part in text.split("+")]
    if len(set(found)) < len(found):
        raise CellError("I215")
    return tuple(found)


def _names(_column: Column, text: str) -> tuple[str, ...]:
    found = sorted(part.strip() for part in text.split("+"))
    if len(set(found)) < len(found) or "" in found:
        raise CellError("I215")
    return tuple(found)


def _yes_no(_column: Column, text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise CellError("I216")
    return text.lower() == "yes"


def _id(_column: Column, text: str) -> str:
    if "+" in text or has_control_signs(text, or_lines=True):
        raise CellError("I219")
    return text


def _text(_column: Column, text: str) -> str:
    return text


def _label(column: Column, text: str) -> str:
    """A text for people, on one line and without control signs; the reading warns where it has some."""
    cleaned = label_text(text)
    if not cleaned and column.required:
        raise CellError("I201")
    return cleaned


_READERS: dict[Kind, Callable[[Column, str], Any]] = {
    Kind.ID: _id,
    Kind.REF: _text,
    Kind.TEXT: _label,
    Kind.COUNT: _count,
    Kind.DECIMAL: _decimal,
    Kind.DEGREE: _degree,
    Kind.MONEY: _count,
    Kind.HOUR: _hour,
    Kind.DAYS: _days,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.NAMES: _names,
    Kind.YESNO: _yes_no,
}


def cell_text(column: Column, value: Any, clock: Clock | None = None) -> str:  # noqa: ANN401, PLR0911
    """Write a value of a row as the text of its cell.

    Parameters
    ----------
    column
        The column as the schema declares it.
    value
        The value inside, as reading gives it.
    clock
        Needed for instants only.

    Raises
    ------
    ValueError
        If the value cannot be written exactly in the column's unit (7 s as minutes), or is an
        instant and there is no clock.
    """
    if value is None:
        return ""
    match column.kind:
        case Kind.CHOICE:
            return str(value.value)
        case Kind.CHOICES:
            return "+".join(str(one.value) for one in value)
        case Kind.NAMES:
            return "+".join(value)
        case Kind.YESNO:
            return "yes" if value else "no"
        case Kind.COUNT | Kind.DECIMAL:
            return _scaled_text(column, value)
        case Kind.DEGREE:
            return _degree_text(value)
        case Kind.HOUR:
            return _hour_text(value)
        case Kind.INSTANT:
            if clock is None:
                msg = f"{column.name}: an instant is written with a clock"
                raise ValueError(msg)
            return clock.text(value)
        case _:
            return str(value)


def _scaled_text(column: Column, value: int) -> str:
    text = _decimal_text(value, column.scale)
    if column.kind is Kind.COUNT and "." in text or Fraction(text) * column.scale != value:
        msg = f"{column.name}: {value} cannot be written exactly in {column.unit}"
        raise ValueError(msg)
    return text


def _decimal_text(value: int, scale: int) -> str:
    """Value ÷ scale in as few digits as are exact, at most ten behind the point."""
    digits = 0
    while digits < 10 and value * 10**digits % scale:
        digits += 1
    return _fixed(value, scale, digits)


def _near_text(value: int, scale: int) -> str:
    """Shortest decimal near value ÷ scale whose product with scale is whole."""
    for digits in range(6):
        units = Fraction(round(Fraction(value, scale) * 10**digits), 10**digits)
        if (units * scale).denominator == 1 and abs(units * scale - value) * 100 <= value:
            return _fixed(int(units * 10**digits), 10**digits, digits)
    return _decimal_text(value, scale)


def _fixed(value: int, scale: int, digits: int) -> str:
    whole = round(Fraction(value * 10**digits, scale))
    if not digits:
        return str(whole)
    text = f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}"
    return text.rstrip("0").rstrip(".")


def _degree_text(value: float) -> str:
    text = format(value, ".9f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _hour_text(seconds: int) -> str:
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
