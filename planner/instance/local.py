"""Numbers, dates and hours as people write them where they live, made into the notation of the format.

Two places hold such texts: CSV files whose columns a semicolon separates (which spreadsheet programs
write where the comma is the decimal sign), and cells of a workbook that hold text instead of a number
or a date. Comma-separated files are in the notation of the format already.

What can be meant in two ways (`1.250`, `03/04/2024`) is read only if ``number_format`` says how;
without it it is a fault, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from planner.base.clock import Clock
from planner.base.errors import Fault
from planner.instance.cells import CellError
from planner.instance.keywords import in_format, of_zone
from planner.instance.kinds import Column, Kind
from planner.instance.number_formats import DATE_ORDERS, DECIMAL_SIGNS, format_key
from planner.instance.raw import RawRow, RawTable

__all__ = ["Notation", "instant_text", "localised", "plain_instant", "plain_text"]

_NUMBERS = frozenset({Kind.COUNT, Kind.DECIMAL, Kind.MONEY, Kind.DEGREE})
_PLAIN = re.compile(r"-?[0-9]+", re.ASCII)
_SIGNED = re.compile(r"-?[0-9][0-9.,]*[0-9]", re.ASCII)
_POINT = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
_GROUPED = {sign: re.compile(rf"-?[1-9][0-9]{{0,2}}(?:\{sign}[0-9]{{3}})+", re.ASCII) for sign in (".", ",")}
_SPACES = re.compile(r"(-?[0-9]{1,3})((?:[ \u00a0\u202f][0-9]{3})+)((?:[.,][0-9]+)?)", re.ASCII)
_DAY = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_OFFSET = re.compile(r"\s*[0-9]{1,2}:[0-9]{2}\s*", re.ASCII)
_TIME = re.compile(r"(?:T|,?\s+)([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notation:
    """How texts of a file are to be understood.

    Parameters
    ----------
    clock
        Turns local times into instants with offset.
    number_format
        The setting of that name: a language, with or without a country; empty where nothing is said.
    comma_is_decimal
        Whether a comma can only be the decimal sign, because a semicolon separates the columns.
    """

    clock: Clock
    number_format: str = ""
    comma_is_decimal: bool = False

    @property
    def decimal_sign(self) -> str:
        """The decimal sign that `number_format` names; empty where it names none."""
        return DECIMAL_SIGNS.get(self._key.split("-")[0], "")

    @property
    def date_order(self) -> str:
        """``day`` or ``month``, whichever `number_format` puts first; empty where it does not say."""
        return DATE_ORDERS.get(self._key, "") or DATE_ORDERS.get(self._key.split("-")[0], "")

    @property
    def _key(self) -> str:
        return format_key(self.number_format)


def localised(table: RawTable, columns: Sequence[Column], notation: Notation) -> tuple[RawTable, list[Fault]]:
    """Put a table's numbers and dates into the notation of the format.

    Parameters
    ----------
    table
        Texts as they were found.
    columns
        The table's columns, counts included.
    notation
        How its texts are to be understood.

    Returns
    -------
    tuple
        The table, in which ambiguous cells are empty and named in `RawTable.faulty`; and their faults.
    """
    readers = [(table.index[one.name], one) for one in columns if one.name in table.index and _is_local(one)]
    rows: list[RawRow] = []
    faults: list[Fault] = []
    typed: dict[tuple[int, str], str] = {}
    for row in table.rows:
        cells = list(row.cells)
        for position, column in readers:
            if not (text := cells[position]):
                continue
            try:
                cells[position] = plain_text(text, column, notation)
                if cells[position] != text:
                    typed[row.line, column.name] = text
            except CellError as error:
                faults.append(Fault(error.code, table.name, row.line, column.name, text, error.params))
                cells[position] = ""
        rows.append(RawRow(row.line, tuple(cells)))
    faulty = table.faulty | {(fault.row or 0, fault.column or "") for fault in faults}
    return replace(table, rows=tuple(rows), faulty=faulty, typed=typed), faults


def _is_local(column: Column) -> bool:
    return column.dated or column.kind in _NUMBERS or column.kind in _READERS


def plain_text(text: str, column: Column, notation: Notation) -> str:
    """Put one text into the notation of the format.

    Texts that are no number or date in any notation are given back as they are, so that reading
    reports them.

    Raises
    ------
    CellError
        Where the text can be meant in two ways, or is not written as `number_format` says.
    """
    if column.dated:
        return _dated(text, notation)
    if column.kind in _NUMBERS:
        return _number(text, column, notation)
    reader = _READERS.get(column.kind)
    if reader is None:
        return text
    named = in_format(column, text, notation.clock)
    plain, offset = of_zone(named) if column.kind is Kind.INSTANT else (named, "")
    found = reader(plain, notation)
    return f"{found[: -len(offset)]}{offset}" if offset and found != plain else found if not offset else named


def _number(text: str, column: Column, notation: Notation) -> str:
    if spaced := _SPACES.fullmatch(text):  # 1 250,5: a space groups in every language
        text = spaced[1] + re.sub(r"\D", "", spaced[2]) + spaced[3]
    if _PLAIN.fullmatch(text) or not _SIGNED.fullmatch(text):
        return text
    if column.kind is Kind.DEGREE and _POINT.fullmatch(text):
        return text  # degrees have at most three digits before the decimal sign, so no groups
    if sign := notation.decimal_sign:
        if (found := _with_sign(text, sign)) is None:
            raise CellError("X318", number_format=notation.number_format, example=_example(sign))
        return found
    only_comma = "," in text and "." not in text
    signs = "," if only_comma and (notation.comma_is_decimal or column.kind is Kind.DEGREE) else ",."
    readings = {found for one in signs if (found := _with_sign(text, one)) is not None}
    if len(readings) > 1:
        raise CellError("X317", first=min(readings, key=float), second=max(readings, key=float))
    return readings.pop() if readings else text


def _with_sign(text: str, decimal: str) -> str | None:
    """The number if the decimal sign is this one and the other groups thousands; None if it cannot be."""
    group = "." if decimal == "," else ","
    whole, found, rest = text.partition(decimal)
    if found and not rest.isdigit():
        return None
    if not _PLAIN.fullmatch(whole) and not _GROUPED[group].fullmatch(whole):
        return None
    plain = whole.replace(group, "")
    return f"{plain}.{rest}" if found else plain


def _example(sign: str) -> str:
    return "1.250,5" if sign == "," else "1,250.5"


def _day(text: str, notation: Notation) -> str:
    """A day as YYYY-MM-DD; the text itself where it is none in any notation."""
    found = _DAY.fullmatch(text)
    if not found:
        return text
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    orders = {"day": (year, second, first), "month": (year, first, second)}
    possible = {order: day for order, numbers in orders.items() if (day := _real_day(*numbers))}
    if notation.date_order in possible:
        return possible[notation.date_order]
    if notation.date_order:
        return text
    if len(set(possible.values())) > 1:
        raise CellError("X319", first=possible["day"], second=possible["month"])
    return next(iter(possible.values()), text)


def _dated(text: str, notation: Notation) -> str:
    """Days, and days with a time, among the parts of a text; the other parts stay."""
    parts = text.split("+")
    for at, part in enumerate(parts):
        plain = part.strip()
        if _DAY.fullmatch(plain):
            parts[at] = _day(plain, notation)
        elif _DAY.match(plain) and not _OFFSET.fullmatch("".join(parts[at + 1 : at + 2])):
            parts[at] = plain_instant(plain, notation)
    return "+".join(parts)


def _real_day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def plain_instant(text: str, notation: Notation) -> str:
    """A local time as an instant with offset; the text itself where it has one, or is no local time.

    Raises
    ------
    CellError
        As `plain_text`, and where it is a day alone (X320).
    """
    found = _DAY.match(text) or _ISO_DAY.match(text)
    rest = text[found.end() :] if found else ""
    time = _TIME.fullmatch(rest)
    if not found or (rest and not time):
        return text  # it has an offset, or is nothing at all
    day = _day(found[0], notation) if found.re is _DAY else _real_day(*map(int, found.groups()))
    if not _ISO_DAY.fullmatch(day):
        return text
    if not time:
        raise CellError("X320", day=day)
    hours, minutes, seconds = (int(part or 0) for part in time.groups())
    after_midnight = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or after_midnight > timedelta(days=1):
        return text
    try:
        return instant_text(datetime.fromisoformat(day) + after_midnight, notation.clock)
    except OverflowError:
        return text


def instant_text(local: datetime, clock: Clock) -> str:
    """The instant, with offset, at which clocks of the plan's time zone show a time.

    Raises
    ------
    CellError
        Where clocks never show it or show it twice, since they were put forward or back.
    """
    early, late = (local.replace(tzinfo=clock.zone, fold=fold) for fold in (0, 1))
    exists = early.astimezone(UTC).astimezone(clock.zone).replace(tzinfo=None) == local
    if early.utcoffset() != late.utcoffset() or not exists:
        raise CellError("X321", time_zone=clock.time_zone)
    return early.isoformat(timespec="seconds")


_READERS: Mapping[Kind, Callable[[str, Notation], str]] = {
    Kind.DATE: _day,
    Kind.DAYS: _day,
    Kind.INSTANT: plain_instant,
}
