"""Adding one report: read as a person writes it, checked against the others and the plan, then written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.safe_text import label_text
from planner.events.as_told import matched_as_it_went
from planner.events.clocks import time_of
from planner.events.kinds import kind_of, kind_word
from planner.events.moments import is_clock_time, moment_s
from planner.events.names import Names
from planner.events.read import Reading, names_for, read_rows, reading_of
from planner.events.repeated import told_before
from planner.events.rows import TABLE, Row, cells_of
from planner.events.schema import Event, EventKind
from planner.events.table import add_row
from planner.events.tellings import Dispute, Matched, understood
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import Plan
from planner.store.reports import has_reports

__all__ = ["NewReport", "add_report", "checked_rows", "tried_report"]

_TORN = ("I102", "I114")  # what a line that is cut off is: no text, or with too few cells


@dataclass(frozen=True)
class NewReport:
    """A report that was added.

    Parameters
    ----------
    event
        As it was understood.
    names
        What everything is called.
    others
        All reports that hold now, this one too.
    faults
        What is wrong with other rows of the table; they keep it from being used until they are mended.
    torn
        A line that somebody's power cut had left incomplete, which was taken out.
    disputed
        Why it, or another report, is without effect beside the other one.
    """

    event: Event
    names: Names
    others: tuple[Event, ...]
    faults: tuple[Fault, ...]
    torn: str
    disputed: tuple[Dispute, ...] = ()


def add_report(
    path: Path,
    cells: Mapping[str, str],
    instance: Instance,
    plan: Plan | None,
    now_s: int,
    *,
    again: bool = False,
) -> NewReport:
    """Add a report to a table, whole or not at all.

    Parameters
    ----------
    path
        The table; it is made where it is not there.
    cells
        As a person writes them: names, `2h`, `14.30`; without `id`, and without `time` where it is now.
    instance
        Says which ids and names there are.
    plan
        The plan in force.
    now_s
        Now.
    again
        Whether it may tell what another report has told before.

    Raises
    ------
    InputError
        With everything that is wrong with the report (E9xx), or that it is told before (E961); the table
        stays as it was.
    """
    found: list[NewReport] = []

    def make(name: str) -> Mapping[str, str]:
        rows, faults = read_rows(path) if has_reports(path) else ((), [])
        told = {**cells, "id": name}
        found.append(_new_report(rows, faults, told, instance, plan, now_s, again=again))
        return cells_of(found[-1].event, instance.clock)

    taken = () if plan is None or plan.replan is None else tuple(one.id for one in plan.replan.events)
    added = add_row(path, make, taken=taken)
    report = found[-1]
    if added.torn:  # the line that was taken out was the last one, and is no fault any more
        last = max((one.row for one in report.faults if one.row is not None), default=None)
        left = tuple(one for one in report.faults if one.row != last or one.code not in _TORN)
        report = replace(report, faults=left)
    return replace(report, torn=added.torn)


def tried_report(
    rows: Sequence[Row], cells: Mapping[str, str], instance: Instance, plan: Plan | None, now_s: int
) -> NewReport:
    """What `add_report` would add to rows of a table; nothing is written.

    Parameters
    ----------
    rows
        Of the table, and of reports that are tried before this one.
    cells
        As for `add_report`, with an `id` that no row has.
    instance, plan, now_s
        As for `add_report`.

    Raises
    ------
    InputError
        As `add_report` does.
    """
    return _new_report(rows, (), cells, instance, plan, now_s, again=False)


def _new_report(
    rows: Sequence[Row],
    faults: Sequence[Fault],
    cells: Mapping[str, str],
    instance: Instance,
    plan: Plan | None,
    now_s: int,
    *,
    again: bool,
) -> NewReport:
    """A report beside rows of a table, with the id that its cells have."""
    here_s = time_of(rows, instance.clock, now_s)
    row = Row(None, _completed(cells, instance, here_s))
    name = row.cells["id"]
    reading = checked_rows([*rows, row], instance, plan, now_s)
    event = _own(reading, name)
    disputed: tuple[Dispute, ...] = ()
    if event is None:  # it takes others back, and does not hold itself
        event = _void(row, instance)
        before = {one.event.id for one in reading_of(rows, instance, plan, now_s).aside}
        disputed = tuple(one for one in reading.aside if one.event.id not in before)
    else:
        found = _matched(plan, reading.events, instance)
        if not again:
            _refuse_repeated(row, event, reading.events, found)
        if plan is not None and found is not None and event in reading.events:
            meant = understood(event, found, short_digest(plan_digest(plan, instance.clock)))
            if meant != event:  # what it means may contradict what others say of the same place
                row = Row(None, cells_of(meant, instance.clock))
                reading = checked_rows([*rows, row], instance, plan, now_s)
                event = _own(reading, name) or meant
                found = _matched(plan, reading.events, instance)
        disputed = _disputed(event, found, reading)
    names, _ = names_for([*rows, row], instance, plan)
    return NewReport(event, names, reading.events, (*faults, *reading.faults), "", disputed)


def _own(reading: Reading, name: str) -> Event | None:
    """A report by its id, with effect or without; None: it takes others back."""
    every = (*reading.events, *(one.event for one in reading.aside))
    return next((one for one in every if one.id == name), None)


def _matched(plan: Plan | None, events: Sequence[Event], instance: Instance) -> Matched | None:
    """What reports mean of the plan as it went; nothing where there is no plan."""
    return None if plan is None else matched_as_it_went(plan, events, instance)[1]


def _refuse_repeated(row: Row, event: Event, events: Sequence[Event], found: Matched | None) -> None:
    """Raise that a report tells what another one has told before."""
    other = told_before(event, events, found)
    if other is not None:
        params = {"other": other.id, "kind": kind_word(event.kind)}
        subject = "+".join(event.subject)
        raise InputError([Fault("E961", TABLE, row.line, "subject", subject, params)])


def _disputed(event: Event, found: Matched | None, reading: Reading) -> tuple[Dispute, ...]:
    """Disputes between a report and others."""
    every = (*reading.aside, *(() if found is None else found.disputed))
    return tuple(one for one in every if event.id in (one.event.id, one.beside))


def checked_rows(rows: Sequence[Row], instance: Instance, plan: Plan | None, now_s: int) -> Reading:
    """What rows say, with the faults that rows have without new ones (which are in no file yet).

    Parameters
    ----------
    rows
        All rows of the table, and new ones, which have no line yet.
    instance, plan, now_s
        As for `planner.events.read.read_events`.

    Raises
    ------
    InputError
        With all that is wrong with new rows, and with others beside them that was not before: so that no row
        makes the table one that cannot be used. Who takes a report back is never refused for others.
    """
    found = reading_of(rows, instance, plan, now_s)
    own = [one for one in found.faults if one.table == TABLE and one.row is None]
    if len(found.faults) > len(own) and not all(_takes_back(row) for row in rows if row.line is None):
        before = reading_of([row for row in rows if row.line is not None], instance, plan, now_s)
        known = {(one.code, one.row, one.column) for one in before.faults}
        own += [
            one
            for one in found.faults
            if one.row is not None and (one.code, one.row, one.column) not in known
        ]
    if own:
        raise InputError(own)
    return found


def _takes_back(row: Row) -> bool:
    return kind_of(row.cells.get("kind", "")) is EventKind.VOID


def _completed(cells: Mapping[str, str], instance: Instance, now_s: int) -> dict[str, str]:
    """Cells with the time in full, and a delay's clock time as until when it lasts."""
    full = {name: label_text(cell).strip() for name, cell in cells.items()}
    clock = instance.clock
    if not full.get("time"):
        full["time"] = clock.text(now_s)
    try:
        time_s = moment_s(full["time"], clock, now_s)
    except ValueError:
        return full  # said when the row is read
    full["time"] = clock.text(time_s)
    if kind_of(full.get("kind", "")) is EventKind.DELAY and is_clock_time(full.get("value", "")):
        full["until"], full["value"] = full["value"], ""
    return full


def _void(row: Row, instance: Instance) -> Event:
    """The row of a `void`, which is no report that holds."""
    subject = tuple(one.strip() for one in row.cells.get("subject", "").split("+"))
    time_s = moment_s(row.cells["time"], instance.clock)
    return Event(
        id=row.cells["id"],
        time_s=time_s,
        kind=EventKind.VOID,
        subject=subject,
        note=row.cells.get("note", ""),
        by=row.cells.get("by", ""),
    )
