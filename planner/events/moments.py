"""Moments and durations as people write them: `14.30`, `2 jam`, `1h30`, or in full."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from fractions import Fraction

from planner.base.clock import DAY_S, HOUR_S, MINUTE_S, Clock

__all__ = ["duration_s", "duration_text", "is_clock_time", "moment_s"]

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)", re.ASCII)
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?", re.ASCII)
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


def moment_s(text: str, clock: Clock, today_s: int | None = None) -> int:
    """Read a moment; without an offset it is local time.

    Parameters
    ----------
    text
        `2024-11-25T14:30+08:00`, `2024-11-25 14.30`, and, where there is a day to take it from, `14.30`,
        `tomorrow 08:00`, `besok 08.00`, `now`.
    today_s
        A second of the day that a mere time of day is on; None: there is none.

    Raises
    ------
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
    if match := _DATED.fullmatch(plain):
        date, hour, minute, second = match.groups()
        local = datetime.fromisoformat(f"{date}T{int(hour):02d}:{minute}:{second or '00'}")
        return _seconds(local.replace(tzinfo=clock.zone), clock)
    if today_s is not None:
        if plain.casefold() in _NOW_WORDS:
            return today_s
        day, rest = 0, plain.casefold()
        for word, shift in _DAY_WORDS.items():
            if rest.startswith(f"{word} "):
                day, rest = shift, rest.removeprefix(f"{word} ")
        if match := _CLOCK_TIME.fullmatch(rest):
            seconds = int(match[1]) * HOUR_S + int(match[2]) * MINUTE_S
            if seconds <= DAY_S:
                return clock.at(clock.day(today_s) + timedelta(days=day), seconds)
    instant = datetime.fromisoformat(plain)
    if instant.microsecond or "T" not in plain:
        msg = f"no moment: {text}"
        raise ValueError(msg)
    return _seconds(instant if instant.tzinfo else instant.replace(tzinfo=clock.zone), clock)


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
