"""Clocks of several desks, which differ by minutes: what is taken for the same moment."""

from __future__ import annotations

from collections.abc import Iterable

from planner.base.clock import Clock
from planner.events.moments import moment_s
from planner.events.rows import Row
from planner.events.schema import Event

__all__ = ["AHEAD_S", "ahead_s", "now_among", "time_of"]

AHEAD_S = 300  # so far may a report's time be after this desk's clock; another desk's may be ahead


def now_among(events: Iterable[Event], now_s: int) -> int:
    """Now, but not before the last report: a desk whose clock is a little behind takes the other's moment.

    Parameters
    ----------
    events
        Reports of which none is more than `AHEAD_S` after `now_s`; those that are, are passed over.
    now_s
        Now by this desk's clock.

    Examples
    --------
    >>> from planner.events.schema import EventKind
    >>> told = Event(id="E0001", time_s=720, kind=EventKind.CLOSURE, subject=("e1",))
    >>> now_among([told], 600), now_among([told], 60), now_among([told], 900)
    (720, 60, 900)
    """
    return max((one.time_s for one in events if now_s < one.time_s <= now_s + AHEAD_S), default=now_s)


def ahead_s(events: Iterable[Event], now_s: int) -> int:
    """By how many seconds the last report is after now; 0: none is."""
    return now_among(events, now_s) - now_s


def time_of(rows: Iterable[Row], clock: Clock, now_s: int) -> int:
    """When a new report is told: now, but not before what stands in the table already.

    A row whose time cannot be read, or lies further ahead than clocks differ, is passed over.
    """
    latest = now_s
    for row in rows:
        try:
            at_s = moment_s(row.cells.get("time", ""), clock)
        except ValueError:
            continue
        if at_s <= now_s + AHEAD_S:
            latest = max(latest, at_s)
    return latest
