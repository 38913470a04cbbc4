"""Values of reports: read as people write them, kept as canonical text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from planner.events.kinds import ValueKind
from planner.events.moments import duration_s, duration_text

__all__ = ["ValueFaultError", "contact_of", "counts_of", "hours_of", "margin_of", "value_cell", "value_of"]

_PERCENT = re.compile(r"(\d{1,4})\s*%?", re.ASCII)
_NUMBER = re.compile(r"\+?(\d{1,9})", re.ASCII)
_CHANGE = re.compile(r"([+-]?)(\d{1,12})", re.ASCII)
_MOST_LETTERS = 2_000  # of a value that names several numbers
_COUNT = re.compile(r"([^\s=]+)\s*=\s*(\d{1,9})")
_HOUR = r"(\d{1,2})(?:[:.](\d{2}))?"
_HOURS = re.compile(rf"{_HOUR}\s*(?:[-–]|s\.?/?d\.?|sampai|to|until)\s*{_HOUR}", re.ASCII)
ERASED = "-"  # in place of a person whom a store's owner has erased
_CONTACT = re.compile(r"([^\d+][^\d]*?)[ ,:;]+(\+?[\d][\d ./()-]*)")
_WORDS = {"closed": "closed", "tutup": "closed", "libur": "closed", "open": "open", "buka": "open"}
_ALL_DAY = "00:00-24:00"
_ALL_DAY_WORDS = frozenset({"24h", "24 h", "24 hours", "24 jam", "all day", "sepanjang hari"})
_LONGEST_DELAY_S = 366 * 86_400
_LARGEST_PERCENT = 1000


class ValueFaultError(ValueError):
    """A value that is not of its kind; `expected` is a key below ``events.expected.`` of the catalogue."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def value_of(kind: str, text: str) -> str:
    """Canonical text of a value.

    Raises
    ------
    ValueFaultError
        If it is not of its kind.
    """
    found = _READERS[kind](text.strip())
    if found is None:
        raise ValueFaultError(kind)
    return found


def value_cell(kind: str, value: str) -> str:
    """The cell of a canonical value in the table, as people read it."""
    if kind == ValueKind.MARGIN and value:
        percent, fixed_s = margin_of(value)
        parts = [f"{percent}%"] if percent or not fixed_s else []
        return " + ".join([*parts, *([duration_text(fixed_s)] if fixed_s else [])])
    if kind == ValueKind.DURATION and value:
        return duration_text(int(value))
    return value


def _duration(text: str) -> str | None:
    try:
        seconds = duration_s(text)
    except ValueError:
        return None
    return str(seconds) if seconds <= _LONGEST_DELAY_S else None


def _percent(text: str) -> str | None:
    match = _PERCENT.fullmatch(text)
    return str(int(match[1])) if match and 1 <= int(match[1]) <= 1000 else None


def _margin(text: str) -> str | None:
    parts = [part.strip() for part in text.split("+")]
    percents = [part for part in parts if _PERCENT.fullmatch(part)]
    others = [_duration(part) for part in parts if part not in percents]
    if len(percents) > 1 or len(others) > 1 or None in others:
        return None
    percent = int(percents[0].rstrip("% ")) if percents else 0
    return f"{percent} {others[0] if others else 0}" if percent <= _LARGEST_PERCENT else None


def margin_of(value: str) -> tuple[int, int]:
    """Percent and seconds of a canonical value of a largest delay.

    Examples
    --------
    >>> margin_of(value_of("margin", "25% + 40 min")), value_cell("margin", "0 600")
    ((25, 2400), '10min')
    """
    percent, fixed_s = value.split()
    return int(percent), int(fixed_s)


def _number(text: str) -> str | None:
    match = _NUMBER.fullmatch(text)
    return str(int(match[1])) if match and int(match[1]) >= 1 else None


def _level(text: str) -> str | None:
    match = _NUMBER.fullmatch(text)
    return str(int(match[1])) if match and not text.startswith("+") else None


def _change(text: str) -> str | None:
    match = _CHANGE.fullmatch(text)
    if not match or not int(match[2]):
        return None
    return f"{'-' if match[1] == '-' else ''}{int(match[2])}"


def _counts(text: str) -> str | None:
    if found := _number(text):
        return found
    if len(text) > _MOST_LETTERS:
        return None
    pairs = _COUNT.findall(text)
    if not pairs or _COUNT.sub("", text).strip(" ,;+"):
        return None
    if len({name for name, _ in pairs}) < len(pairs) or not any(int(number) for _, number in pairs):
        return None
    return " ".join(f"{name}={int(number)}" for name, number in sorted(pairs))


def counts_of(value: str) -> Mapping[str, int]:
    """Numbers by name of a canonical value; a bare number has the name "".

    Examples
    --------
    >>> counts_of("places=1 people=250"), counts_of("3")
    ({'places': 1, 'people': 250}, {'': 3})
    """
    if "=" not in value:
        return {"": int(value)}
    return {name: int(number) for name, _, number in (part.partition("=") for part in value.split())}


def _hours(text: str) -> str | None:
    plain = " ".join(text.casefold().split())
    if plain in _ALL_DAY_WORDS or _WORDS.get(plain) == "open":
        return _ALL_DAY
    if plain in _WORDS:
        return "closed"
    parts = []
    for part in plain.split("+"):
        match = _HOURS.fullmatch(part.strip())
        if match is None:
            return None
        opens, closes = ((int(match[at]), int(match[at + 1] or 0)) for at in (1, 3))
        if opens[1] > 59 or closes[1] > 59 or closes > (24, 0) or opens >= closes:
            return None
        parts.append((opens, closes))
    parts.sort()
    if any(before[1] > after[0] for before, after in zip(parts, parts[1:], strict=False)):
        return None
    return "+".join(f"{a[0]:02d}:{a[1]:02d}-{b[0]:02d}:{b[1]:02d}" for a, b in parts)


def hours_of(value: str) -> tuple[tuple[int, int], ...]:
    """Seconds after midnight of a canonical value of hours; empty: closed.

    Examples
    --------
    >>> hours_of("06:00-12:30"), hours_of("closed")
    (((21600, 45000),), ())
    """
    if value == "closed":
        return ()
    found = []
    for part in value.split("+"):
        opens, closes = ((int(one[:2]) * 60 + int(one[3:])) * 60 for one in part.split("-"))
        found.append((opens, closes))
    return tuple(found)


def _open(text: str) -> str | None:
    return _WORDS.get(text.casefold())


def _contact(text: str) -> str | None:
    if text == ERASED:
        return text
    match = _CONTACT.fullmatch(" ".join(text.split()))
    if match is None or sum(one.isdigit() for one in match[2]) < 5:
        return None
    return f"{match[1].strip(' ,:;')} {match[2].strip()}"


def contact_of(value: str) -> tuple[str, str] | None:
    """Name and telephone number of a canonical value; None: it was erased.

    Examples
    --------
    >>> contact_of("Pak Budi 0812-3456-789")
    ('Pak Budi', '0812-3456-789')
    """
    match = _CONTACT.fullmatch(value)
    return None if match is None else (match[1].strip(), match[2])


_READERS: Mapping[str, Callable[[str], str | None]] = {
    ValueKind.NONE: lambda _: None,
    ValueKind.DURATION: _duration,
    ValueKind.PERCENT: _percent,
    ValueKind.NUMBER: _number,
    ValueKind.LEVEL: _level,
    ValueKind.CHANGE: _change,
    ValueKind.COUNTS: _counts,
    ValueKind.HOURS: _hours,
    ValueKind.OPEN: _open,
    ValueKind.CONTACT: _contact,
    ValueKind.TEXT: lambda text: text,
    ValueKind.MARGIN: _margin,
}
