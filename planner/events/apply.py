"""The effective instance: the tables with the reports from the field applied."""

from __future__ import annotations

from collections.abc import Sequence

from planner.events.schema import Event
from planner.instance.schema import Instance

__all__ = ["effective"]


def effective(instance: Instance, events: Sequence[Event]) -> Instance:
    """The instance that the future obeys; the same object where no report changes a table.

    Parameters
    ----------
    instance
        As its files say.
    events
        Reports that hold; their order is without effect.
    """
    raise NotImplementedError
