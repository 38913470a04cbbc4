"""Reads the events table, and says everything that is wrong with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, content_of, system_words
from planner.base.safe_text import csv_text, label_text
from planner.events.apply import with_vehicles
from planner.events.clocks import AHEAD_S
from planner.events.goods import ASKING
from planner.events.kinds import kind_of
from planner.events.meaning import remembered
from planner.events.names import Names
from planner.events.rows import TABLE, Row, read_row
from planner.events.schema import COLUMNS, Event, EventKind
from planner.events.tellings import Dispute
from planner.events.together import together
from planner.instance.raw import RawTable, raw_from_bytes
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan
from planner.store.reports import stored_reports, take_over_reports

__all__ = [
    "Reading",
    "events_of",
    "names_for",
    "read_events",
    "read_rows",
    "read_table",
    "reading_of",
    "row_faults",
    "rows_in",
    "rows_of",
]


@dataclass(frozen=True)
class Reading:
    """What a table of reports says.

    Parameters
    ----------
    events
        The reports that hold and have effect, or are disputed only by what they say of one trip.
    faults
        What is wrong with the rows.
    aside
        Reports that hold and have no effect, each with why.
    ids
        Of all rows, those that are taken back too.
    """

    events: tuple[Event, ...] = ()
    faults: tuple[Fault, ...] = ()
    aside: tuple[Dispute, ...] = ()
    ids: frozenset[str] = frozenset()


def read_events(
    path: Path, instance: Instance, plan: Plan | None = None, now_s: int | None = None
) -> tuple[Event, ...]:
    """Read the reports that hold, in canonical order; what a `void` takes back is left out.

    Parameters
    ----------
    path
        The table, separated by commas or semicolons; a file that is not there is a fault.
    instance
        Says which ids and names there are.
    plan
        The plan in force, by which impossible reports are found (delivered before it was loaded).
    now_s
        No report is later, by more than clocks of several desks differ (`planner.events.clocks.AHEAD_S`).

    Raises
    ------
    InputError
        With every fault of the file (E9xx).
    """
    return read_table(path, instance, plan, now_s).events


def read_table(path: Path, instance: Instance, plan: Plan | None = None, now_s: int | None = None) -> Reading:
    """The same, with the reports that are without effect.

    Parameters
    ----------
    path, instance, plan, now_s
        As for `read_events`.

    Raises
    ------
    InputError
        With every fault of the file (E9xx).
    """
    rows, faults = read_rows(path)
    found = reading_of(rows, instance, plan, now_s)
    if faults or found.faults:
        raise InputError([*faults, *found.faults])
    take_over_reports(Path(path), found.ids)
    return found


def read_rows(path: Path) -> tuple[tuple[Row, ...], list[Fault]]:
    """The rows of an events file as text, and what is wrong with the file itself."""
    path = Path(path)
    try:
        content = stored_reports(path)
        content = content_of(path, FileSort.REPORTS) if content is None else content
    except OSError as error:
        reason = system_words(error)
        return (), [Fault("E901", TABLE, value=str(path), params={"reason": reason})]
    raw, faults = raw_from_bytes(TABLE, _with_commas(content))
    if raw is None:
        return (), faults
    rows, more = rows_in(raw)
    return rows, [*faults, *more]


def rows_in(raw: RawTable) -> tuple[tuple[Row, ...], list[Fault]]:
    """The rows of a table that is there as text, and what is wrong with its header."""
    faults: list[Fault] = []
    for position, name in enumerate(raw.header):
        if not name:
            if any(row.cells[position] for row in raw.rows):
                faults.append(Fault("I115", TABLE, 1, params={"position": position + 1}))
        elif raw.index[name] != position:
            faults.append(Fault("I112", TABLE, 1, name))
        elif name not in COLUMNS:
            faults.append(Fault("E902", TABLE, 1, name, name, {"columns": ", ".join(COLUMNS)}))
    lacking = [Fault("I110", TABLE, 1, name) for name in COLUMNS[:4] if name not in raw.index]
    if lacking:
        return (), [*faults, *lacking]
    rows = tuple(
        Row(row.line, {name: label_text(row.cells[at]) for name, at in raw.index.items() if name in COLUMNS})
        for row in raw.rows
    )
    return rows, faults


def _with_commas(content: bytes) -> bytes:
    """The same table with commas where it is separated by semicolons, as some spreadsheets write it."""
    head = content.split(b"\n", 1)[0]
    if head.count(b";") <= head.count(b","):
        return content
    try:
        text = content.decode("utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        return csv_text(rows, as_is=True).encode("utf-8")
    except (UnicodeDecodeError, csv.Error):
        return content  # said when it is read


def rows_of(events: Iterable[EventRow]) -> tuple[Row, ...]:
    """The rows that a plan holds of the reports it believed."""
    return tuple(
        Row(
            None,
            {name: getattr(one, {"from": "from_time"}.get(name, name)) for name in COLUMNS},
        )
        for one in events
    )


def events_of(
    rows: Iterable[EventRow], instance: Instance, plan: Plan | None = None, now_s: int | None = None
) -> tuple[Event, ...]:
    """The reports that a plan holds, in canonical order.

    Parameters
    ----------
    rows
        As the plan holds them.
    instance, plan, now_s
        As for `read_events`.

    Raises
    ------
    InputError
        If they are none that can be.
    """
    rows = tuple(rows)
    events, faults = row_faults(rows_of(rows), instance, plan, now_s, believed=_ids(rows))
    if faults:
        raise InputError(faults)
    return events


def _ids(rows: Iterable[EventRow]) -> frozenset[str]:
    return frozenset(row.id for row in rows)


def names_for(rows: Sequence[Row], instance: Instance, plan: Plan | None = None) -> tuple[Names, Instance]:
    """Everything that rows may be about, with the vehicles that some of them add."""
    plain, more = Names(instance, plan), instance
    taken = {
        part.strip() for row in rows if _is_void(row) for part in row.cells.get("subject", "").split("+")
    }
    for row in rows:
        if _kind_of(row) is EventKind.VEHICLE_ADDED and row.cells.get("id") not in taken:
            event, _ = read_row(row, plain, instance)
            if event is not None:
                more = with_vehicles(more, event)
    return (plain if more is instance else Names(more, plan)), more


def _kind_of(row: Row) -> EventKind | None:
    return kind_of(row.cells.get("kind", ""))


def _is_void(row: Row) -> bool:
    return _kind_of(row) is EventKind.VOID


def row_faults(
    rows: Sequence[Row],
    instance: Instance,
    plan: Plan | None = None,
    now_s: int | None = None,
    *,
    believed: Collection[str] = (),
) -> tuple[tuple[Event, ...], list[Fault]]:
    """The reports that hold of some rows, and every fault of the rows.

    Parameters
    ----------
    rows
        As they were read.
    instance, plan, now_s
        As for `read_events`.
    believed
        Ids of reports that a plan believed, besides those of ``plan``.

    Notes
    -----
    A report about goods that a plan has believed holds on with the `void` that takes it back: what it asked
    for may be under way. `planner.events.goods.with_taken_back` waives it.
    """
    reading = reading_of(rows, instance, plan, now_s, believed=believed)
    return reading.events, list(reading.faults)


def reading_of(
    rows: Sequence[Row],
    instance: Instance,
    plan: Plan | None = None,
    now_s: int | None = None,
    *,
    believed: Collection[str] = (),
) -> Reading:
    """The same, with the reports that are without effect.

    Parameters
    ----------
    rows, instance, plan, now_s, believed
        As for `row_faults`.

    Notes
    -----
    A row that could be used until others were taken back, and cannot be beside those that are left, has no
    effect, and is no fault: taking back is never refused for the sake of other rows.
    """
    found = _reading(rows, instance, plan, now_s, believed)
    for place in [at for at, row in enumerate(rows) if _is_void(row)][::-1]:
        stuck = {one.id for one in found.stuck}
        if not stuck:
            break
        before = _reading(rows[:place], instance, plan, now_s, believed)
        there = {row.cells.get("id", "") for row in rows[:place]} - {one.id for one in before.stuck}
        if stuck & there:
            idle = found.idle | (stuck & there)
            found = _reading(rows, instance, plan, now_s, believed, idle)
    return found.reading


@dataclass(frozen=True)
class _Found:
    """What rows are together; `stuck` are those that cannot be beside the others."""

    reading: Reading
    stuck: tuple[Event, ...]
    idle: frozenset[str]


def _reading(
    rows: Sequence[Row],
    instance: Instance,
    plan: Plan | None,
    now_s: int | None,
    believed: Collection[str],
    idle: frozenset[str] = frozenset(),
) -> _Found:
    if plan is not None and plan.replan is not None:
        believed = {*believed, *_ids(plan.replan.events)}
    names, more = names_for(rows, instance, plan)
    earlier: tuple[Names, Instance] | None = None
    aside: list[Dispute] = []
    read: list[tuple[Row, Event]] = []
    faults: list[Fault] = []
    first: dict[str, Row] = {}
    for row in rows:
        event, wrong = read_row(row, names, more)
        if wrong and any(map(_is_void, rows)):
            earlier = earlier or names_for([one for one in rows if not _is_void(one)], instance, plan)
            other, still = read_row(row, *earlier)
            if other is not None and not still:  # of a vehicle that was taken back
                aside.append(Dispute(other, None, wrong[0].code, wrong[0].params))
                wrong = []
        faults += wrong
        name = row.cells.get("id", "")
        if name and first.setdefault(name, row) is not row:
            faults.append(row.fault("E910", "id", first=first[name].line or "-"))
        elif event is not None:
            read.append((row, event))
            if now_s is not None and event.time_s > now_s + AHEAD_S:
                faults.append(row.fault("E911", "time", now=instance.clock.text(now_s), ahead=AHEAD_S // 60))
    held, wrong = _held(read, believed)
    if plan is not None:
        held = [(row, remembered(event, plan, instance)) for row, event in held]
    faults += wrong
    row_of = {event.id: row for row, event in held}
    events = sorted((event for _, event in held), key=lambda one: one.order)
    beside = together(events, instance, plan, idle)
    faults += [row_of[one.event.id].fault(one.code, one.column, **one.params) for one in beside.wrong]
    stuck = tuple({one.event.id: one.event for one in beside.wrong}.values())
    return _Found(
        Reading(beside.events, tuple(faults), (*aside, *beside.aside), frozenset(first)), stuck, idle
    )


def _held(
    read: Sequence[tuple[Row, Event]], believed: Collection[str]
) -> tuple[list[tuple[Row, Event]], list[Fault]]:
    """Reports that are not taken back, and what is wrong with taking back."""
    by_id = {event.id: event for _, event in read}
    faults: list[Fault] = []
    gone: set[str] = set()
    for row, event in read:
        if event.kind is not EventKind.VOID:
            continue
        gone.add(event.id)
        for name in event.subject:
            other = by_id.get(name)
            if other is None:
                faults.append(row.fault("E915", "subject", nearest=_nearest(name, by_id)))
            elif other.kind is EventKind.VOID:
                faults.append(row.fault("E916", "subject", other=name))
            elif other.time_s > event.time_s + AHEAD_S:
                faults.append(row.fault("E917", "time", other=name))
            elif name in believed and other.kind in ASKING:
                gone.discard(event.id)
            else:
                gone.add(name)
    return [(row, event) for row, event in read if event.id not in gone], faults


def _nearest(name: str, known: Mapping[str, Event]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(name[:60], sorted(known), n=3)) or "-"
