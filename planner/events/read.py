"""Reads the events table."""

from __future__ import annotations

from pathlib import Path

from planner.events.schema import Event
from planner.instance.schema import Instance
from planner.plan import Plan

__all__ = ["read_events"]


def read_events(
    path: Path, instance: Instance, plan: Plan | None = None, now_s: int | None = None
) -> tuple[Event, ...]:
    """Read the reports that hold, in canonical order; what a `void` takes back is left out.

    Parameters
    ----------
    path
        The table; a file that is not there is a fault.
    instance
        Says which ids and names there are.
    plan
        The plan in force, by which impossible reports are found (delivered before it was loaded).
    now_s
        No report is later.

    Raises
    ------
    InputError
        With every fault of the file (E9xx).
    """
    raise NotImplementedError
