"""Reports that tell once more what was told before."""

from __future__ import annotations

from collections.abc import Iterable

from planner.events.kinds import ON_THE_WAY
from planner.events.schema import Event
from planner.events.tellings import Matched

__all__ = ["told_before"]


def told_before(event: Event, events: Iterable[Event], found: Matched | None) -> Event | None:
    """The report that has told the same as a new one; None: there is none.

    Parameters
    ----------
    event
        The new report.
    events
        All reports that hold.
    found
        What reports about vehicles on their way mean; None: there is no plan.

    Notes
    -----
    Of vehicles on their way the same is told where trip, stop and kind are the same, and the moments differ
    by no more than clocks do (of a delay: where it is as long). Of all else, where every cell but the note
    and the time of the report is the same: people who tell the same need, loss or speed twice mean one.
    """
    pairs = () if found is None else found.again
    for one, other in pairs:
        if one.bulk and event.id == other.id:
            continue  # nobody had said so before: it was confirmed with all that was due
        if event.id in (one.id, other.id):
            known = other if event.id == one.id else one
            if event.bulk or not known.bulk:  # of what was confirmed in bulk nobody has told
                return known
    if event.kind in ON_THE_WAY:
        return None
    return next((one for one in events if one.id != event.id and _says(one) == _says(event)), None)


def _says(event: Event) -> tuple[object, ...]:
    return (
        event.kind,
        frozenset(event.subject),
        event.from_s,
        event.until_s,
        event.value,
        event.item,
        event.type,
        event.place,
    )
