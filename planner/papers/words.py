"""Words, days and amounts of papers, in the language of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from planner.base.clock import Clock
from planner.base.text import speaking, words
from planner.instance.schema import Instance
from planner.outputs.figures import number

__all__ = ["ROMAN", "clock_time", "day_title", "file_stem", "item_rows", "kg_text", "listed", "spoken"]

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """All words in this language meanwhile."""
    with speaking(code):
        yield


def day_title(day: date) -> str:
    """A day with its weekday and year: ``Sunday, 24 November 2024``."""
    weekday = words("papers.weekdays").split()[day.weekday()]
    month = words("papers.months").split()[day.month - 1]
    return f"{weekday}, {day.day} {month} {day.year}"


def clock_time(seconds: int, clock: Clock, day: date) -> str:
    """The hour of a moment; with its day where that is another one."""
    at = clock.instant(seconds)
    if at.date() == day:
        return f"{at:%H:%M}"
    return f"{at.day} {words('report.months').split()[at.month - 1]} {at:%H:%M}"


def kg_text(mass_g: int) -> str:
    """A mass in kilograms, rounded up."""
    return number(-(-mass_g // 1000))


def item_rows(items: Mapping[str, int], instance: Instance) -> list[list[str]]:
    """Name and quantity of each item, in the order of the table."""
    return [[item.name or item.id, number(items[item.id])] for item in instance.items if items.get(item.id)]


def listed(texts: Iterable[str]) -> str:
    """Texts in one line."""
    return ", ".join(text for text in texts if text)


def file_stem(label: str) -> str:
    """A name of a file that every system takes.

    Examples
    --------
    >>> file_stem("64.11 Lake side"), file_stem("../..")
    ('64.11_Lake_side', '_')
    """
    return re.sub(r"[^\w.-]+", "_", label, flags=re.ASCII).strip("._")[:60] or "_"
