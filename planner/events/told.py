"""Reports as rows of a plan, and which of them tables of reports tell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from planner.events.read import read_rows, row_faults
from planner.events.rows import row_of
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan

__all__ = ["told_rows"]


def told_rows(tables: Iterable[Path], plans: Iterable[Plan], instance: Instance) -> frozenset[EventRow]:
    """Reports of tables that hold, as a plan would hold them.

    Parameters
    ----------
    tables
        Files of reports; of one that cannot be read nothing is told, nor of a row with faults.
    plans
        Plans that the reports may be about: names of vehicles and trips are looked up in each.
    instance
        Says which ids and names there are.
    """
    found: set[EventRow] = set()
    several = tuple(plans)
    for table in tables:
        rows, _ = read_rows(table)
        for plan in several if rows else ():
            events, _ = row_faults(rows, instance, plan)
            found |= {row_of(event, instance.clock) for event in events}
    return frozenset(found)
