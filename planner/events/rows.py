"""One row of the events table: its cells, what is wrong with them, and the report that they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from planner.base.clock import Clock
from planner.base.errors import Fault
from planner.base.text import words
from planner.events.decisions import LIFTED, rule_of, unclear
from planner.events.kinds import (
    HAPPENINGS,
    KEYWORDS,
    KINDS,
    MEANING_KINDS,
    KindRule,
    ValueKind,
    kind_of,
    kind_word,
    kind_words,
)
from planner.events.moments import DayAloneError, day_of, moment_s
from planner.events.names import Names, UnknownNameError
from planner.events.schema import ANY_KIND, COLUMNS, MEANING, Event, EventKind
from planner.events.values import ValueFaultError, counts_of, value_cell, value_of
from planner.instance.schema import Instance
from planner.plans.model import EventRow

__all__ = ["NOWHERE", "TABLE", "Row", "cells_of", "read_row", "row_of"]

TABLE = "events"
NOWHERE = "-"  # on no trip, or at no stop


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a row by column, and its line; None: it is in no file yet."""

    line: int | None
    cells: Mapping[str, str]

    def fault(self, code: str, column: str | None = None, **params: object) -> Fault:
        """A fault at a cell of the row, or at the whole."""
        value = self.cells.get(column, "") if column else self.cells.get("id", "")
        return Fault(code, TABLE, self.line, column, value, params)


@dataclass(slots=True)
class _Reading:
    """What is known of a row while it is read."""

    row: Row
    names: Names
    instance: Instance
    faults: list[Fault]

    @property
    def clock(self) -> Clock:
        return self.instance.clock

    def cell(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def fault(self, code: str, column: str | None = None, **params: object) -> None:
        self.faults.append(self.row.fault(code, column, **params))

    def moment(self, column: str, today_s: int | None, *, whole_day: bool = False) -> int | None:
        """The moment of a cell; of a day alone, where that is enough, its beginning, in `until` its end."""
        text = self.cell(column)
        if not text:
            return None
        day = day_of(text, self.clock, today_s) if whole_day else None
        if day is not None:
            return self.clock.midnight(day + timedelta(days=column == "until"))
        try:
            return moment_s(text, self.clock, today_s)
        except DayAloneError as error:
            self.fault("E987", column, day=error.day)
        except ValueError:
            self.fault("E906", column)
        return None

    def name(self, column: str, word: str, kinds: tuple[str, ...]) -> tuple[str, str] | None:
        try:
            return self.names.find(word, kinds)
        except UnknownNameError as error:
            code = "E909" if error.ambiguous else "E908"
            meant = ", ".join(words(f"events.thing.{kind}") for kind in kinds)
            nearest = "; ".join(error.candidates) or "-"
            self.faults.append(
                Fault(code, TABLE, self.row.line, column, word, {"kinds": meant, "nearest": nearest})
            )
            return None


def read_row(row: Row, names: Names, instance: Instance) -> tuple[Event | None, list[Fault]]:
    """The report that a row is, or what is wrong with it.

    Parameters
    ----------
    row
        Its cells; unknown columns are not looked at.
    names
        Everything that it may be about; a `void` is looked up by whoever knows the other rows.
    """
    reading = _Reading(row, names, instance, [])
    kind = _kind(reading)
    called = kind_word(kind) if kind is not None else reading.cell("kind") or "-"
    if not reading.cell("id"):
        reading.fault("E904", "id", kind=called, expected=words("events.expected.id"))
    time_s = reading.moment("time", None)
    if not reading.cell("time"):
        moment = words("events.expected.moment")
        reading.fault("E904", "time", kind=called, expected=moment)
    if kind is None:
        return None, reading.faults
    if kind is EventKind.ESCORT:
        reading.fault("E914", "kind")
        return None, reading.faults
    rule = KINDS[kind]
    _columns(reading, kind, rule)
    subject, things = _subject(reading, kind, rule)
    from_s, until_s = (
        reading.moment(column, time_s, whole_day=column in rule.days) for column in ("from", "until")
    )
    if reading.faults or time_s is None:
        return None, reading.faults
    event = Event(
        id=reading.cell("id"),
        time_s=time_s,
        kind=kind,
        subject=subject,
        from_s=from_s,
        until_s=until_s,
        value=_value(reading, rule),
        item=_one(reading, "item", ("item",)),
        type=_type(reading, kind),
        place=_one(reading, "place", rule.places),
        trip=reading.cell("trip"),
        stop=reading.cell("stop"),
        plan=reading.cell("plan"),
        note=reading.cell("note"),
        by=reading.cell("by"),
        bulk=reading.cell("bulk"),
    )
    if not reading.faults:
        event = _filled(reading, event, things)
    return (None if reading.faults else event), reading.faults


def _kind(reading: _Reading) -> EventKind | None:
    text = reading.cell("kind")
    kind = kind_of(text)
    if kind is None:
        from difflib import get_close_matches

        close = get_close_matches(text[:40].casefold(), list(KEYWORDS), n=3)
        near = dict.fromkeys(KEYWORDS[one] for one in close)
        reading.fault("E903", "kind", nearest=kind_words(near or EventKind))
    return kind


def _expected(column: str, rule: KindRule) -> str:
    """What a column of a kind holds, in words."""
    if column == "value":
        return words(f"events.expected.{rule.value}")
    if column in ("from", "until"):
        return words("events.expected.moment")
    if column == "type":
        return words("events.expected.rule")
    things = {"subject": rule.subjects, "place": rule.places, "item": ("item",)}
    return ", ".join(words(f"events.thing.{one}") for one in things[column])


def _columns(reading: _Reading, kind: EventKind, rule: KindRule) -> None:
    """Columns that must be filled are, and others are empty."""
    for column in ("subject", *rule.needs):
        if not reading.cell(column):
            reading.fault("E904", column, kind=kind_word(kind), expected=_expected(column, rule))
    meaning = MEANING if kind in MEANING_KINDS else ()
    for column in COLUMNS[4:]:
        if reading.cell(column) and column not in (*rule.columns, *meaning, *ANY_KIND):
            reading.fault("E905", column, kind=kind_word(kind), columns=", ".join(rule.columns) or "-")
    if kind is EventKind.DELAY and bool(reading.cell("value")) == bool(reading.cell("until")):
        reading.fault("E932", "value")
    if kind is EventKind.STOCK and not reading.cell("value") and not reading.cell("from"):
        reading.fault("E933", "value")


def _subject(reading: _Reading, kind: EventKind, rule: KindRule) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of what a row is about, and what each is."""
    parts = [part.strip() for part in reading.cell("subject").split("+") if part.strip()]
    if kind in (EventKind.VOID, EventKind.DECISION):
        return tuple(dict.fromkeys(parts)), ()
    earlier = reading.cell("trip").split("+") if "trip" in rule.subjects and reading.cell("plan") else ()
    found = [
        ("trip", part)
        if part in earlier and not reading.names.knows("trip", part)
        else reading.name("subject", part, rule.subjects)
        for part in parts
    ]
    known = dict.fromkeys(one for one in found if one is not None)
    return tuple(name for _, name in known), tuple(thing for thing, _ in known)


def _value(reading: _Reading, rule: KindRule) -> str:
    text = reading.cell("value")
    if not text or rule.value == ValueKind.NONE:
        return ""
    try:
        return value_of(rule.value, text)
    except ValueFaultError as error:
        reading.fault("E907", "value", expected=words(f"events.expected.{error.expected}"))
        return ""


def _one(reading: _Reading, column: str, kinds: tuple[str, ...]) -> str:
    text = reading.cell(column)
    found = reading.name(column, text, kinds) if text else None
    return "" if found is None else found[1]


def _type(reading: _Reading, kind: EventKind) -> str:
    """A vehicle type that is added somewhere, or a part of what is damaged or missing."""
    text = reading.cell("type")
    if not text:
        return ""
    if kind is EventKind.VEHICLE_ADDED:
        return _added_type(reading, text)
    if kind is EventKind.DECISION:
        rule = rule_of(text)
        if not rule:
            reading.fault("E907", "type", expected=words("events.expected.rule"))
        return rule
    parts = dict.fromkeys(item.part for item in reading.instance.items)
    if text not in parts:
        reading.fault("E934", "type", parts=", ".join(parts))
    return text


def _added_type(reading: _Reading, text: str) -> str:
    """A type by its id or name; of several of one name the one that is at home at the subject."""
    same = [
        one
        for one in reading.instance.vehicles
        if text.casefold() in (one.id.casefold(), one.name.casefold())
    ]
    place = reading.cell("subject")
    home = [one for one in same if place in (one.home or one.warehouse, one.warehouse)]
    if len(home) == 1:
        return home[0].id
    return _one(reading, "type", ("type",))


def _filled(reading: _Reading, event: Event, things: tuple[str, ...]) -> Event:
    """Checks between columns, and what follows from them: the count of units behind a bare number."""
    for check in (_meaning, _moments, _added, _counts, _stock, _levels, _decided):
        check(reading, event, things)
    return event


def _meaning(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    """A trip and a stop for each subject, or neither."""
    if not any((event.trip, event.stop, event.plan)):
        return
    trips, stops = event.trip.split("+"), event.stop.split("+")
    numbered = all(one == NOWHERE or (one.isascii() and one.isdigit() and len(one) < 10) for one in stops)
    many = len(event.subject) + (event.kind is EventKind.TAKEN_OVER)  # and the trip that had the goods
    if not all(trips) or not numbered or not len(trips) == len(stops) == many:
        reading.fault("E960", "stop", subjects=len(event.subject))


def _moments(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    lasts = event.kind not in (EventKind.DELAY, EventKind.DEADLINE)
    if event.until_s is not None and lasts and event.until_s <= event.begins_s:
        begins = reading.clock.text(event.begins_s)
        reading.fault("E912", "until", begins=begins)
    if event.kind in (*HAPPENINGS, EventKind.BREAKDOWN) and event.begins_s > event.time_s:
        reading.fault("E913", "from", kind=kind_word(event.kind), time=reading.clock.text(event.time_s))
    horizon_s = reading.instance.settings.horizon_s
    for column, moment in (("time", event.time_s), ("from", event.from_s)):
        if moment is not None and not -horizon_s <= moment <= horizon_s:
            reading.fault("E927", column, start=reading.clock.text(0), end=reading.clock.text(horizon_s))


def _added(reading: _Reading, event: Event, things: tuple[str, ...]) -> None:
    if event.kind is EventKind.TAKEN_OVER and len(event.subject) > 1:
        reading.fault("E978", "subject")
    if event.kind is EventKind.VEHICLE_ADDED:
        if event.type and "type" in things:
            reading.fault("E935", "type")
        elif not event.type and set(things) != {"type"}:
            reading.fault("E936", "type")
        elif event.type and len(event.subject) > 1:
            reading.fault("E937", "subject")
    if event.kind is EventKind.VEHICLE_LOST and event.value and set(things) != {"type"}:
        reading.fault("E938", "value")
    elif event.kind is EventKind.VEHICLE_LOST and event.value:
        for name in event.subject:
            there = reading.instance.vehicle_type_of[name].number
            if int(event.value) > there:
                reading.fault("E944", "value", type=name, number=there)


def _counts(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    if KINDS[event.kind].value != ValueKind.COUNTS:
        return
    settings = reading.instance.settings
    counts = counts_of(event.value)
    named = [name for name in counts if name]
    if named and (event.item or event.kind is not EventKind.DEMAND):
        reading.fault("E939", "value", unit=settings.unit)
        return
    for name in named:
        if name not in settings.counts:
            reading.fault("E940", "value", counts=", ".join(settings.counts))
            return
    if named and not counts.get(settings.unit):
        reading.fault("E941", "value", unit=settings.unit)


def _stock(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    """An item of which a warehouse has no rows is always there: a report would make it scarce."""
    if event.kind is EventKind.STOCK:
        known = {(row.warehouse, row.item) for row in reading.instance.stock}
        for name in event.subject:
            if (name, event.item) not in known:
                reading.fault("E925", "item", warehouse=name, item=event.item)


def _levels(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    if event.kind is EventKind.DOCK and int(event.value) > 1000:
        reading.fault("E907", "value", expected=words("events.expected.level"))


def _decided(reading: _Reading, event: Event, _: tuple[str, ...]) -> None:
    """A decision means what a row of the table of decisions does."""
    if event.kind is not EventKind.DECISION:
        return
    if event.type == LIFTED and event.value:
        reading.fault("E905", "value", kind=kind_word(event.kind), columns="type")
    for one in unclear(event, reading.instance):
        cell = "+".join(event.subject) if one.column == "subject" else event.value
        reading.faults.append(Fault(one.code, TABLE, reading.row.line, one.column, cell, one.params))


def row_of(event: Event, clock: Clock) -> EventRow:
    """A report as a plan holds it."""
    cells = cells_of(event, clock)
    return EventRow(**{("from_time" if name == "from" else name): text for name, text in cells.items()})


def cells_of(event: Event, clock: Clock) -> dict[str, str]:
    """The cells of a report, in the columns of the table; reading them gives the report back."""
    return {
        "id": event.id,
        "time": clock.text(event.time_s),
        "kind": kind_word(event.kind),
        "subject": "+".join(event.subject),
        "from": "" if event.from_s is None else clock.text(event.from_s),
        "until": "" if event.until_s is None else clock.text(event.until_s),
        "value": value_cell(KINDS[event.kind].value, event.value),
        "item": event.item,
        "type": event.type,
        "place": event.place,
        "note": event.note,
        "by": event.by,
        "bulk": event.bulk,
        "trip": event.trip,
        "stop": event.stop,
        "plan": event.plan,
    }
