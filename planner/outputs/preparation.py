"""How far goods are prepared: the last report of each warehouse and item, no later than a day."""

from __future__ import annotations

from collections.abc import Iterable

from planner.instance.schema import Preparation

__all__ = ["latest"]


def latest(rows: Iterable[Preparation], day: str = "") -> tuple[Preparation, ...]:
    """The last row of each warehouse and item, in the order of the table.

    Parameters
    ----------
    rows
        Of the table.
    day
        The last day that counts, as ISO 8601; empty: all do.
    """
    found: dict[tuple[str, str], Preparation] = {}
    for row in rows:
        before = found.get((row.warehouse, row.item))
        if (not day or row.date <= day) and (before is None or before.date <= row.date):
            found[row.warehouse, row.item] = row
    return tuple(found.values())
