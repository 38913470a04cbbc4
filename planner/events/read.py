"""Reads the events table, and says everything that is wrong with it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.events.amend import amended
from planner.events.apply import with_vehicles
from planner.events.clocks import AHEAD_S
from planner.events.decisions import against_others, not_there
from planner.events.early_arrivals import too_early
from planner.events.early_loads import loaded_too_early
from planner.events.goods import ASKING, SPOILT, more_found, not_taken_back, too_much_spoilt, with_stock
from planner.events.kinds import kind_of, kind_words
from planner.events.loads import is_loss
from planner.events.match import match
from planner.events.meaning import remembered
from planner.events.names import Names
from planner.events.rows import TABLE, Row, read_row
from planner.events.schema import COLUMNS, Event, EventKind
from planner.instance.raw import raw_from_bytes
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan

__all__ = ["events_of", "names_for", "read_events", "read_rows", "row_faults", "rows_of"]


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
    rows, faults = read_rows(path)
    events, more = row_faults(rows, instance, plan, now_s)
    if faults or more:
        raise InputError([*faults, *more])
    return events


def read_rows(path: Path) -> tuple[tuple[Row, ...], list[Fault]]:
    """The rows of an events file as text, and what is wrong with the file itself."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return (), [Fault("E901", TABLE, value=str(path), params={"reason": reason})]
    raw, faults = raw_from_bytes(TABLE, _with_commas(content))
    if raw is None:
        return (), faults
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
        Row(row.line, {name: row.cells[at] for name, at in raw.index.items() if name in COLUMNS})
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
        target = io.StringIO(newline="")
        writer = csv.writer(target, lineterminator="\n")
        writer.writerows(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        return content  # said when it is read
    return target.getvalue().encode("utf-8")


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
    if plan is not None and plan.replan is not None:
        believed = {*believed, *_ids(plan.replan.events)}
    names, more = names_for(rows, instance, plan)
    read: list[tuple[Row, Event]] = []
    faults: list[Fault] = []
    first: dict[str, Row] = {}
    for row in rows:
        event, wrong = read_row(row, names, more)
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
    together = _Together({event.id: row for row, event in held}, instance, plan)
    events = sorted((event for _, event in held), key=lambda one: one.order)
    faults += together.faults(events)
    return tuple(events), faults


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


@dataclass(frozen=True)
class _Together:
    """What reports cannot be beside each other, and beside the plan."""

    row_of: Mapping[str, Row]
    instance: Instance
    plan: Plan | None

    def faults(self, events: Sequence[Event]) -> list[Fault]:
        found = self._repairs(events) + self._contradictions(events)
        replan = None if self.plan is None else self.plan.replan
        believed = frozenset() if replan is None else frozenset(row.id for row in replan.events)
        holding = not_taken_back(events)
        for much in too_much_spoilt(self.instance, holding, believed):
            row = self.row_of[much.event.id]
            params = {"region": much.region_id, "unit": much.what, "kinds": kind_words(SPOILT)}
            found.append(row.fault("E924", "value", reported=much.reported, units=much.there, **params))
        found += self._less(holding)
        found += self._decisions(events)
        if self.plan is not None:
            went = amended(self.plan, events, self.instance)
            reports, wrong = match(went.plan, events)
            amiss = {one.event.id for one in went.wrong}
            wrong = (*went.wrong, *(one for one in wrong if one.event.id not in amiss))
            early = tuple(too_early(went.plan, reports, self.instance))
            stocked = self.instance
            for event in events:
                if event.kind is EventKind.STOCK and not is_loss(event):
                    stocked = with_stock(stocked, event)
            early += tuple(loaded_too_early(went.plan, reports, stocked))
            both = {unmatched.event.id for unmatched in wrong if unmatched.code == "E920"}
            both &= {premature.event.id for premature in early}
            for one in (*wrong, *early):
                if one.event.id in believed:
                    continue  # the plan was made by it, and may have planned its trip away
                if one.event.id in both and one.code == ("E943" if one.event.place else "E920"):
                    continue  # one of the two is enough: without a place it may be a stop told again
                given = dict(one.params)
                if "load_start" in given:
                    given["load_start"] = self.instance.clock.text(int(str(given["load_start"])))
                found.append(self.row_of[one.event.id].fault(one.code, one.column, **given))
        return found

    def _decisions(self, events: Sequence[Event]) -> list[Fault]:
        """What is lifted was decided, and what is decided can hold beside all else."""
        found = []
        for event, name, known in not_there(self.instance, events):
            params = {"decision": name, "known": ", ".join(known) or "-"}
            found.append(self.row_of[event.id].fault("D808", "subject", **params))
        for event, fault, other in against_others(self.instance, events):
            row, why = self.row_of[event.id], fault.column or "type"
            column = "type" if why == "rule" else why
            if fault.code == "V211":
                found.append(row.fault("D809", column, other=other))
            else:
                found.append(row.fault(fault.code, column, **fault.params))
        return found

    def _less(self, events: Sequence[Event]) -> list[Fault]:
        """No more is found than was missing, and no more units fall away than there are."""
        unit, wrong = self.instance.settings.unit, []
        fewer: Counter[str] = Counter()
        for event in events:
            for name in event.subject:
                if event.kind is EventKind.FOUND and (much := more_found(event, name, events)) is not None:
                    params = {"region": name, "found": much[0], "missing": much[1]}
                    wrong.append(self.row_of[event.id].fault("E957", "value", **params))
                if event.kind is EventKind.FEWER:
                    fewer[name] += int(event.value)
                    there = self.instance.region_of[name].counts.get(unit, 0)
                    if fewer[name] > there:
                        params = {"region": name, "units": there, "reported": fewer[name]}
                        wrong.append(self.row_of[event.id].fault("E958", "value", **params))
        return wrong

    def _repairs(self, events: Sequence[Event]) -> list[Fault]:
        """`repaired` needs a breakdown, or a loss, reported to be before."""
        found = []
        for event in events:
            if event.kind is not EventKind.REPAIRED:
                continue
            for name in event.subject:
                trips = () if self.plan is None else self.plan.trips
                own = {name} | {trip.id for trip in trips if trip.vehicle_id == name}
                if not any(
                    one.kind in (EventKind.BREAKDOWN, EventKind.VEHICLE_LOST)
                    and own & set(one.subject)
                    and one.begins_s <= event.begins_s
                    for one in events
                ) and not any(row.subject == name for row in self.instance.outages):
                    found.append(self.row_of[event.id].fault("E923", "subject", vehicle=name))
        return found

    def _contradictions(self, events: Sequence[Event]) -> list[Fault]:
        """Two reports of one thing that say different things, of which none is later."""
        found = []
        seen: dict[tuple[object, ...], Event] = {}
        for event in events:
            for name in event.subject:
                key = _same_thing(event, name)
                if key is None:
                    continue
                other = seen.setdefault((*key, event.time_s), event)
                if other is not event and _says(other) != _says(event):
                    row = self.row_of[event.id]
                    found.append(row.fault("E918", "value", other=other.id, trip=name))
        return found


def _same_thing(event: Event, subject: str) -> tuple[object, ...] | None:
    """What two reports are about that cannot both hold; None: they add up, or the plan decides."""
    if event.kind in (EventKind.CLOSURE, EventKind.OPENED):
        return ("edge", subject)
    if event.kind in (EventKind.BREAKDOWN, EventKind.REPAIRED, EventKind.VEHICLE_LOST):
        return ("vehicle", subject)
    if event.kind in (EventKind.DOCK, EventKind.WAREHOUSE, EventKind.SPEED):
        return (event.kind, subject)
    if event.kind is EventKind.DELAY:
        return (event.kind, subject, event.place, event.from_s)
    if event.kind in (EventKind.CALENDAR, EventKind.DEADLINE, EventKind.CONTACT, EventKind.LONGEST_DELAY):
        return (event.kind, subject)
    return None


def _says(event: Event) -> tuple[object, ...]:
    return (event.kind, event.value, event.from_s, event.until_s, event.place)
