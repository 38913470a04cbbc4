"""Moments, days and durations as people write them: `14.30`, `25 Nov`, `2 jam`, `1h30`, or in full."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from fractions import Fraction

from planner.base.clock import DAY_S, HOUR_S, MINUTE_S, Clock

__all__ = ["DayAloneError", "day_of", "duration_s", "duration_text", "is_clock_time", "moment_s"]

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)", re.ASCII)
_DATED = re.compile(r"(.*\S)[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_NUMBER_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", re.ASCII)
_NAMED_DAY = re.compile(r"(\d{1,2})[ -]?([a-z]{3,9})\.?(?:[ -](\d{4}))?", re.ASCII)
_MONTHS = (
    "january januari", "february februari pebruari", "march maret", "april", "may mei", "june juni",
    "july juli", "august agustus agt", "september", "october oktober", "november nopember",
    "december desember",
)  # fmt: skip
_DAY_WORDS = {"today": 0, "hari ini": 0, "tomorrow": 1, "besok": 1, "yesterday": -1, "kemarin": -1}
_NOW_WORDS = frozenset({"now", "sekarang"})
_PIECE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)\s*", re.ASCII)
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "hari"), DAY_S),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "jam", "j"), HOUR_S),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "menit", "mnt"), MINUTE_S),
    **dict.fromkeys(("s", "sec", "second", "seconds", "detik"), 1),
}
_NEXT_SMALLER = {DAY_S: HOUR_S, HOUR_S: MINUTE_S, MINUTE_S: 1}
_YEARS = (1970, 2200)


def is_clock_time(text: str) -> bool:
    """Whether a text is a time of day, as `14.30` or `14:30`.

    Examples
    --------
    >>> is_clock_time("14.30"), is_clock_time("2h")
    (True, False)
    """
    return _CLOCK_TIME.fullmatch(text.strip()) is not None


class DayAloneError(ValueError):
    """A day where a moment is wanted; `day` is how it is written in full."""

    def __init__(self, day: date) -> None:
        super().__init__(day.isoformat())
        self.day = day.isoformat()


def moment_s(text: str, clock: Clock, today_s: int | None = None) -> int:
    """Read a moment; without an offset it is local time.

    Parameters
    ----------
    text
        `2024-11-25T14:30+08:00`, `2024-11-25 14.30`, `25 Nov 14.30`, and, where there is a day to take it
        from, `14.30`, `tomorrow 08:00`, `besok 08.00`, `now`. The end of a day is `24.00`.
    today_s
        A second of the day that a mere time of day is on; None: there is none.

    Raises
    ------
    DayAloneError
        If it is a day without an hour.
    ValueError
        If it is no moment.

    Examples
    --------
    >>> from planner.base.clock import parse_instant
    >>> clock = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
    >>> moment_s("14.30", clock, today_s=90_000), moment_s("2024-11-22 06:00", clock)
    (138600, 21600)
    """
    plain = " ".join(text.split())
    if today_s is not None and plain.casefold() in _NOW_WORDS:
        return today_s
    if today_s is not None and _CLOCK_TIME.fullmatch(plain):
        hour, minute = plain.replace(".", ":").split(":")
        return _at(clock.day(today_s), int(hour), int(minute), 0, clock)
    if match := _DATED.fullmatch(plain):
        day = day_of(match[1], clock, today_s)
        if day is not None:
            return _at(day, int(match[2]), int(match[3]), int(match[4] or 0), clock)
    day = day_of(plain, clock, today_s)
    if day is not None:
        raise DayAloneError(day)
    instant = datetime.fromisoformat(plain)
    if instant.microsecond or "T" not in plain:
        msg = f"no moment: {text}"
        raise ValueError(msg)
    return _seconds(instant if instant.tzinfo else instant.replace(tzinfo=clock.zone), clock)


def day_of(text: str, clock: Clock, today_s: int | None = None) -> date | None:
    """Read a day; None: it is none. Without a year it is the one that lies nearest to the plan's start.

    Parameters
    ----------
    text
        `2024-11-25`, `25 Nov`, `25 Nopember 2024`, `25/11`, and, where `today_s` is given, `tomorrow`,
        `besok`, …

    Examples
    --------
    >>> from planner.base.clock import parse_instant
    >>> clock = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
    >>> [f"{day_of(one, clock, 0)}" for one in ("25 Nov", "25/11/2024", "besok", "3 Jan")]
    ['2024-11-25', '2024-11-25', '2024-11-23', '2025-01-03']
    """
    plain = " ".join(text.casefold().split())
    if plain in _DAY_WORDS:
        return None if today_s is None else clock.day(today_s) + timedelta(days=_DAY_WORDS[plain])
    if match := _ISO_DAY.fullmatch(plain):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    found = _NUMBER_DAY.fullmatch(plain) or _NAMED_DAY.fullmatch(plain)
    month = None if found is None else _month(found[2])
    if found is None or month is None:
        return None
    if found[3]:
        return _date(int(found[3]), month, int(found[1]))
    start = clock.day(0)
    near = [_date(start.year + shift, month, int(found[1])) for shift in (0, -1, 1)]
    return min((day for day in near if day is not None), key=lambda one: abs(one - start), default=None)


def _month(text: str) -> int | None:
    """The number of a month, by its number, its name, or at least three letters of it."""
    if text.isdigit():
        return int(text)
    found = (at for at, names in enumerate(_MONTHS, 1) for one in names.split() if one.startswith(text))
    return next(found, None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _at(day: date, hour: int, minute: int, second: int, clock: Clock) -> int:
    """A local time of a day; 24:00 is the midnight that ends it."""
    seconds = hour * HOUR_S + minute * MINUTE_S + second
    if minute > 59 or second > 59 or seconds > DAY_S or not _YEARS[0] <= day.year <= _YEARS[1]:
        msg = f"no time of a day: {hour}:{minute}:{second}"
        raise ValueError(msg)
    return clock.at(day, seconds)


def _seconds(instant: datetime, clock: Clock) -> int:
    if not _YEARS[0] <= instant.year <= _YEARS[1]:
        msg = f"no year of a plan: {instant.year}"
        raise ValueError(msg)
    return clock.seconds(instant)


def duration_s(text: str) -> int:
    """Read a duration: numbers with units, the last of which may be missing (then the next smaller one).

    Raises
    ------
    ValueError
        If it is no duration, or no whole number of seconds.

    Examples
    --------
    >>> [duration_s(one) for one in ("2h", "2 jam", "90 menit", "1h30", "1 jam 15 menit", "1,5 jam")]
    [7200, 7200, 5400, 5400, 4500, 5400]
    """
    left = text.strip().casefold()
    total, last = Fraction(0), 0
    while left:
        match = _PIECE.match(left)
        if match is None:
            break
        number, unit = match.groups()
        # 1h30: minutes; a bare number by itself says nothing
        size = _UNITS.get(unit, 0) if unit else _NEXT_SMALLER.get(last, 0)
        if not size or (last and size >= last):
            break
        total += Fraction(number.replace(",", ".")) * size
        last, left = size, left[match.end() :]
    if left or not last or total.denominator != 1:
        msg = f"no duration: {text}"
        raise ValueError(msg)
    return int(total)


def duration_text(seconds: int) -> str:
    """Write a duration so that `duration_s` reads it.

    Examples
    --------
    >>> duration_text(7200), duration_text(5400), duration_text(61)
    ('2h', '90min', '61s')
    """
    for unit, size in (("h", HOUR_S), ("min", MINUTE_S)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
