"""One confirmation of many things at once, and taking back what was told last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault
from planner.events.adding import checked_rows
from planner.events.as_told import matched_as_it_went
from planner.events.clocks import time_of
from planner.events.read import read_rows, reading_of
from planner.events.rows import Row, cells_of
from planner.events.schema import Event
from planner.events.table import add_rows
from planner.events.tellings import understood
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import Plan
from planner.store.reports import has_reports

__all__ = ["Confirmation", "add_confirmation", "told_last"]


@dataclass(frozen=True)
class Confirmation:
    """Reports that one confirmation made.

    Parameters
    ----------
    events
        The new ones, in the order of their ids.
    faults
        What is wrong with other rows of the table.
    torn
        A line that somebody's power cut had left incomplete, which was taken out.
    """

    events: tuple[Event, ...]
    faults: tuple[Fault, ...]
    torn: str


def add_confirmation(
    path: Path, things: Sequence[Mapping[str, str]], by: str, instance: Instance, plan: Plan, now_s: int
) -> Confirmation:
    """Confirm several things at once: a row for each, all or none, marked as made together.

    Parameters
    ----------
    path
        The table; it is made where it is not there.
    things
        Cells of each: kind, subject, place, from; and time where it was not told now.
    by
        Who confirms.
    instance, plan
        What the reports are about.
    now_s
        Now.

    Raises
    ------
    InputError
        With everything that is wrong with one of the new rows (E9xx); the table stays as it was.
    """
    found: list[Confirmation] = []

    def make(ids: Iterator[str]) -> Sequence[Mapping[str, str]]:
        rows, faults = read_rows(path) if has_reports(path) else ((), [])
        names = [next(ids) for _ in things]
        told = {"time": instance.clock.text(time_of(rows, instance.clock, now_s)), "by": by}
        new = [
            Row(None, {**told, **cells, "id": name, "bulk": names[0]})
            for name, cells in zip(names, things, strict=True)
        ]
        reading = checked_rows([*rows, *new], instance, plan, now_s)
        _, meant = matched_as_it_went(plan, reading.events, instance)
        digest = short_digest(plan_digest(plan, instance.clock))
        mine = [understood(one, meant, digest) for one in reading.events if one.id in set(names)]
        mine += [one.event for one in reading.aside if one.event.id in set(names)]
        found.append(
            Confirmation(tuple(sorted(mine, key=lambda one: one.id)), (*faults, *reading.faults), "")
        )
        return [cells_of(one, instance.clock) for one in found[-1].events]

    taken = () if plan.replan is None else tuple(one.id for one in plan.replan.events)
    added = add_rows(path, make, taken=taken)
    return Confirmation(found[-1].events, found[-1].faults, added.torn)


def told_last(path: Path, instance: Instance, plan: Plan | None) -> tuple[Event, ...]:
    """What was entered last and still holds: one report, or all of one confirmation of many.

    Parameters
    ----------
    path
        The table; where it is not there, nothing was told.
    instance, plan
        What the reports are about.

    Notes
    -----
    The last is that of the last row, whatever its time. Of a confirmation of many, those that were taken back
    already are left out.
    """
    if not has_reports(path):
        return ()
    rows, _ = read_rows(path)
    reading = reading_of(rows, instance, plan)
    held = {one.id: one for one in (*reading.events, *(lost.event for lost in reading.aside))}
    order = [name for row in rows if (name := row.cells.get("id", "")) in held]
    if not order:
        return ()
    last = held[order[-1]]
    return tuple(
        held[name] for name in order if name == last.id or (last.bulk and held[name].bulk == last.bulk)
    )
