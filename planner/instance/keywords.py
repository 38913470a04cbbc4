"""Words of tables as people of Indonesia write them: modes, weekdays, zones, months.

They are accepted in every table, whatever the language of the program: none of them means another thing in
the format.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from planner.base.clock import Clock
from planner.instance.kinds import Column, Kind

__all__ = ["MONTHS", "WORDS", "ZONES", "in_format", "moment_text", "of_zone", "zone_name"]

WORDS = {
    "darat": "road",
    "jalan": "road",
    "sungai": "river",
    "laut": "sea",
    "udara": "air",
    "jalan kaki": "foot",
    "kaki": "foot",
    "pulang": "home",
    "berhenti": "stop",
    "di mana saja": "anywhere",
    "dimana saja": "anywhere",
    "ya": "yes",
    "tidak": "no",
    "setiap hari": "daily",
    "tiap hari": "daily",
    "senin": "mon",
    "selasa": "tue",
    "rabu": "wed",
    "kamis": "thu",
    "jumat": "fri",
    "jum'at": "fri",
    "jum’at": "fri",
    "sabtu": "sat",
    "minggu": "sun",
    "ahad": "sun",
}
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_OFFSETS = {"WIB": "+07:00", "WITA": "+08:00", "WIT": "+09:00"}
MONTHS = {
    **{"jan": 1, "januari": 1, "january": 1, "feb": 2, "februari": 2, "february": 2, "mar": 3, "maret": 3},
    **{"march": 3, "apr": 4, "april": 4, "mei": 5, "may": 5, "jun": 6, "juni": 6, "june": 6, "jul": 7},
    **{"juli": 7, "july": 7, "agu": 8, "agt": 8, "ags": 8, "agustus": 8, "aug": 8, "august": 8, "sep": 9},
    **{"sept": 9, "september": 9, "okt": 10, "oktober": 10, "oct": 10, "october": 10, "nov": 11, "nop": 11},
    **{"november": 11, "nopember": 11, "des": 12, "desember": 12, "dec": 12, "december": 12},
}
_WORDY = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.YESNO, Kind.DAYS})
_RANGE = re.compile(r"(.+?)\s*(?:-|–|—|\bs/d\b|\bsampai\b|\bs\.d\.)\s*(.+)")
_NAMED_DAY = re.compile(r"(\d{1,2})[ .-]+([^\W\d_]+)\.?[ .-]+(\d{4})", re.ASCII)
_ZONE = re.compile(r"\s*\b(WIB|WITA|WIT)$", re.IGNORECASE)
_CLOCK = re.compile(r"(?:T|,|\bpukul\b|\bjam\b|\s)*(\d{1,2})[:.](\d{2})", re.ASCII | re.IGNORECASE)
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{1,2})[:.](\d{2})(?:[:.]\d{2})?", re.ASCII)


def zone_name(text: str) -> str:
    """The IANA name of a zone of Indonesia; another text as it is.

    Examples
    --------
    >>> zone_name("wita"), zone_name("Asia/Makassar")
    ('Asia/Makassar', 'Asia/Makassar')
    """
    return ZONES.get(text.strip().upper(), text)


def of_zone(text: str) -> tuple[str, str]:
    """A text without the name of a zone at its end, and the zone's offset; empty where it has none.

    Examples
    --------
    >>> of_zone("26/11/2024 08.00 WITA"), of_zone("08.00")
    (('26/11/2024 08.00', '+08:00'), ('08.00', ''))
    """
    found = _ZONE.search(text)
    return (text, "") if found is None else (text[: found.start()].strip(), _OFFSETS[found[1].upper()])


def in_format(column: Column, text: str, clock: Clock) -> str:
    """The words of the format for what a cell says; a text without such words as it is.

    Parameters
    ----------
    column
        The column as the schema declares it.
    text
        What the cell says.
    clock
        By which moments without a zone are meant.
    """
    if column.kind in _WORDY:
        if column.kind is Kind.DAYS and (day := _named_day(text)):
            return day
        parts = (_range(part) for part in text.split("+"))
        return "+".join(parts)
    if column.kind is Kind.DATE:
        return _named_day(text) or text
    return moment_text(text, clock) if column.kind is Kind.INSTANT else text


def _word(text: str) -> str:
    plain = " ".join(text.split())
    return WORDS.get(plain.casefold(), plain)


def _range(text: str) -> str:
    """A word, or the weekdays from one to another."""
    found = _RANGE.fullmatch(text.strip())
    if found is not None:
        first, last = _word(found[1]), _word(found[2])
        if first in _WEEK and last in _WEEK:
            start, end = _WEEK.index(first), _WEEK.index(last)
            span = (end - start) % len(_WEEK) + 1
            return "+".join(_WEEK[(start + at) % len(_WEEK)] for at in range(span))
    return _word(text)


def _named_day(text: str) -> str:
    """A day whose month is a word, as YYYY-MM-DD; empty where it is none."""
    found = _NAMED_DAY.fullmatch(text.strip())
    month = None if found is None else MONTHS.get(found[2].casefold())
    if found is None or month is None:
        return ""
    try:
        return date(int(found[3]), month, int(found[1])).isoformat()
    except ValueError:
        return ""


def moment_text(text: str, clock: Clock | None) -> str:
    """A moment with the name of a zone or month, as an instant with offset; else the text as it is.

    Parameters
    ----------
    text
        What the cell says.
    clock
        By which moments without a zone are meant; None: they stay as they are.
    """
    plain, offset = of_zone(text)
    named = _NAMED_DAY.match(plain)
    if named is not None and (day := _named_day(named[0])):
        rest = plain[named.end() :]
        time = _CLOCK.fullmatch(rest)
        plain = f"{day} {time[1]}.{time[2]}" if time else day + rest
    elif not offset:
        return text
    local = _LOCAL.fullmatch(plain)
    if local is None:
        return text if offset else plain
    begin = f"{local[1]}T{int(local[2]):02d}:{local[3]}"
    if offset or clock is None:
        return begin + offset if offset else text
    try:
        return datetime.fromisoformat(begin).replace(tzinfo=clock.zone).isoformat(timespec="minutes")
    except ValueError:
        return text
