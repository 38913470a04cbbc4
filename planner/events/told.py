"""Reports as rows of a plan, and which of them tables of reports tell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from planner.events.apply import effective
from planner.events.read import read_rows, row_faults, rows_of
from planner.events.rows import row_of
from planner.events.schema import EventKind
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan

__all__ = ["told_rows", "with_contacts"]


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


def with_contacts(instance: Instance, plan: Plan) -> Instance:
    """The tables with the people whom the reports of a plan name: they are to be called."""
    rows = () if plan.replan is None else plan.replan.events
    mine = rows_of(one for one in rows if one.kind == EventKind.CONTACT)
    events, _ = row_faults(mine, instance, plan)
    return effective(instance, events)
