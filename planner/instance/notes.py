"""Validation: warnings about the tables `problems` and `preparation`, on which no plan depends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from planner.base.errors import Fault
from planner.base.nearest import folded, nearest
from planner.instance.draft import Draft

__all__ = ["note_faults"]

_STEPS = ("received", "sorted", "packed")


def note_faults(draft: Draft) -> Iterator[Fault]:
    """W528: a place that is not there; W529: days in the wrong order; W530: more packed than has come."""
    yield from _places(draft)
    for line, row in draft.of("problems"):
        for column in ("due", "closed"):
            day = getattr(row, column)
            if day and day < row.date:
                yield draft.warning("W529", "problems", line, column, date=row.date)
    for line, row in draft.of("preparation"):
        for before, after in pairwise(_STEPS):
            if getattr(row, after) > getattr(row, before):
                params = {"before": before, "most": getattr(row, before)}
                yield draft.warning("W530", "preparation", line, after, **params)


def _places(draft: Draft) -> Iterator[Fault]:
    tables = ("regions", "hubs", "warehouses")
    if not draft.of("problems") or not draft.whole(*tables):
        return
    known: set[str] = set()
    for _, row in draft.of("regions"):
        known |= {row.area, row.area_name, row.subarea, row.subarea_name}
    known |= {word for table in tables for _, row in draft.of(table) for word in (row.id, row.name)}
    words = {folded(word): word for word in known if word}
    for line, row in draft.of("problems"):
        if row.area and folded(row.area) not in words:
            near = ", ".join(nearest(row.area, list(words.values()))) or "-"
            yield draft.warning("W528", "problems", line, "area", nearest=near)
