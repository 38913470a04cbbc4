"""Numbers, times and sums of money as people read them, in the language in force."""

from __future__ import annotations

from datetime import date

from planner.base.clock import DAY_S, HOUR_S, MINUTE_S, Clock
from planner.base.text import language, words

__all__ = ["day_text", "duration", "moment", "money", "number"]


def number(value: int) -> str:
    """A whole number with separators: 1,038 in English, 1.038 in Indonesian.

    Examples
    --------
    >>> number(1038)
    '1,038'
    """
    text = f"{value:,}"
    return text if language() == "en" else text.replace(",", ".")


def money(value: int, currency: str) -> str:
    """A sum of money.

    Examples
    --------
    >>> money(1250000, "IDR")
    'IDR 1,250,000'
    """
    return f"{currency} {number(value)}".strip()


def duration(seconds: int) -> str:
    """A time span in its two largest units, rounded down; a minus in front where it is negative.

    Examples
    --------
    >>> duration(24460)
    '6 h 47 min'
    >>> duration(-90000)
    '-1 d 1 h'
    """
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    day, hour, minute = (words(f"report.unit.{name}") for name in ("day", "hour", "minute"))
    if rest >= DAY_S:
        return f"{sign}{rest // DAY_S} {day} {rest % DAY_S // HOUR_S} {hour}"
    if rest >= HOUR_S:
        return f"{sign}{rest // HOUR_S} {hour} {rest % HOUR_S // MINUTE_S} {minute}"
    return f"{sign}{rest // MINUTE_S} {minute}"


def moment(seconds: int, clock: Clock) -> str:
    """Local day and time, for instance ``27 Nov 00:00``."""
    at = clock.instant(seconds)
    return f"{day_text(at)} {at:%H:%M}"


def day_text(day: date) -> str:
    """A day, for instance ``27 Nov``."""
    month = words("report.months").split()[day.month - 1]
    return f"{day.day} {month}"
