"""Reports made of what differs between two versions of an instance's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from planner.base.errors import Fault, InputError
from planner.building.places import deadline_of, hub_limits, not_before_of, release_of
from planner.events.apply import effective
from planner.events.decisions import LIFTED, rule_of
from planner.events.kinds import ValueKind
from planner.events.schema import Event, EventKind
from planner.events.values import ValueFaultError, counts_of, value_of
from planner.instance.cells import WEEKDAYS
from planner.instance.schema import Decision, Instance, WindowRule

__all__ = ["OF_TABLES", "events_between", "hours_on"]

OF_TABLES = "table-"
"""How the ids of such reports begin."""

# Of these reports the last one holds, whatever was said before.
_OVERWRITE = (
    EventKind.DEADLINE,
    EventKind.CALENDAR,
    EventKind.CONTACT,
    EventKind.DECISION,
    EventKind.LONGEST_DELAY,
)
# Columns that change nothing of a plan: what things are called, and where figures come from.
_LABELS = frozenset(
    {"name", "note", "source", "basis", "area_name", "subarea_name", "title", "address", "licence"}
)
_WHOLE_DAY = "00:00-24:00"
# Tables that no plan looks at.
_ASIDE = frozenset(
    {
        "units",
        "boxes",
        "fleet",
        "aliases",
        "preparation",
        "problems",
        "access",
        "speeds",
        "lines",
        "barriers",
        "calibration",
    }
)


def events_between(
    before: Instance, after: Instance, events: Sequence[Event], now_s: int, taken: set[str]
) -> tuple[Event, ...]:
    """Reports that make of the one instance the other.

    Parameters
    ----------
    before
        What the plan was made for.
    after
        The same, edited.
    events
        Reports that hold already: what earlier edits of the tables made is no difference any more.
    now_s
        When the differences are reported.
    taken
        Ids that reports have.

    Raises
    ------
    InputError
        D806 for each difference that no report can say.
    """
    told = [one for one in events if one.id.startswith(OF_TABLES)]
    made = _Maker(before, after, now_s, set(taken), told, events)
    found = tuple(made.all())
    if made.faults:
        raise InputError(made.faults)
    return found


@dataclass
class _Maker:
    before: Instance
    after: Instance
    now_s: int
    taken: set[str]
    told: Sequence[Event]  # what earlier edits made
    events: Sequence[Event]  # all reports

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []
        self.decided = {one.id for one in effective(self.before, self.events).decisions}
        self.known = effective(self.before, [one for one in self.told if one.kind in _OVERWRITE])

    def all(self) -> Iterator[Event]:
        handled: dict[str, Callable[[], Iterator[Event]]] = {
            "closures": self._closures,
            "stock": self._stock,
            "regions": self._regions,
            "vehicles": self._vehicles,
            "warehouses": self._docks,
            "hubs": self._docks_of_hubs,
            "deadlines": self._deadlines,
            "calendars": self._hours,
            "contacts": self._contacts,
            "decisions": self._decisions,
            "delays": self._delays,
        }
        for make in handled.values():
            yield from make()
        for one in fields(self.before):
            name = one.name
            if name in handled or name in _ASIDE:
                continue
            old, new = getattr(self.before, name), getattr(self.after, name)
            if name == "settings":
                if _bare(replace(old, deadline_s=0)) != _bare(replace(new, deadline_s=0)):
                    self._cannot("settings", "", "")
            elif isinstance(old, tuple) and sorted(map(repr, map(_bare, old))) != sorted(
                map(repr, map(_bare, new))
            ):
                self._cannot(name, "", "")

    def _event(self, kind: EventKind, subject: str, **more: object) -> Event:
        number = 1
        while (name := f"{OF_TABLES}{number:03d}") in self.taken:
            number += 1
        self.taken.add(name)
        event = Event(id=name, time_s=self.now_s, kind=kind, subject=(subject,))
        return replace(event, **more)  # type: ignore[arg-type]

    def _earlier(self, kind: EventKind, subject: str) -> list[Event]:
        return [one for one in self.told if one.kind is kind and subject in one.subject]

    def _cannot(self, table: str, row: str, column: str) -> None:
        self.faults.append(Fault("D806", table, None, column or None, row or table))

    # ---------------------------------------------------------------- tables

    def _closures(self) -> Iterator[Event]:
        old = {_bare(one) for one in self.before.closures}
        new = {_bare(one) for one in self.after.closures}
        for one in self.after.closures:
            told = {(row.from_s, row.until_s) for row in self._earlier(EventKind.CLOSURE, one.edge)}
            if _bare(one) not in old and (one.from_s, one.until_s) not in told:
                yield self._event(
                    EventKind.CLOSURE, one.edge, from_s=one.from_s, until_s=one.until_s, note=one.note
                )
        for one in self.before.closures:
            if _bare(one) not in new:
                if any(other.edge == one.edge for other in self.after.closures):
                    self._cannot("closures", one.id, "until")
                elif not self._earlier(EventKind.OPENED, one.edge) and (
                    one.until_s is None or one.until_s > self.now_s
                ):
                    yield self._event(EventKind.OPENED, one.edge, from_s=self.now_s)

    def _stock(self) -> Iterator[Event]:
        old = _amounts(self.before)
        new = _amounts(self.after)
        for key in sorted(old.keys() | new.keys(), key=str):
            warehouse, item, moment_s = key
            change = new.get(key, 0) - old.get(key, 0)
            change -= sum(
                int(one.value)
                for one in self._earlier(EventKind.STOCK, warehouse)
                if one.item == item and (None if one.from_s == one.time_s else one.from_s) == moment_s
            )
            if change:
                if (warehouse, item) not in {(one[0], one[1]) for one in old}:
                    self._cannot("stock", f"{warehouse}/{item}", "quantity")
                    continue
                from_s = self.now_s if moment_s is None else moment_s
                yield self._event(EventKind.STOCK, warehouse, item=item, value=str(change), from_s=from_s)

    def _regions(self) -> Iterator[Event]:
        old, new = self.before.region_of, self.after.region_of
        for name in _in_one_only(old, new):
            self._cannot("regions", name, "id")
        for name in old.keys() & new.keys():
            one, other = old[name], new[name]
            if dict(one.counts) != dict(other.counts):
                more = {key: other.counts[key] - one.counts.get(key, 0) for key in other.counts}
                for row in self._earlier(EventKind.DEMAND, name):
                    for key, number in counts_of(row.value).items():
                        more[key] -= number
                unit = self.before.settings.unit
                more[unit] += sum(int(row.value) for row in self._earlier(EventKind.FEWER, name))
                if more[unit] < 0 and all(number <= 0 for number in more.values()):
                    yield self._event(EventKind.FEWER, name, value=str(-more[unit]))
                elif any(number < 0 for number in more.values()) and not self._earlier(EventKind.FEWER, name):
                    self._cannot("regions", name, next(key for key, number in more.items() if number < 0))
                elif more[unit] > 0:
                    text = " ".join(f"{key}={number}" for key, number in sorted(more.items()) if number)
                    yield self._event(EventKind.DEMAND, name, value=text)
            for column in _differing(one, other, {"counts", "calendar"}):
                self._cannot("regions", name, column)

    def _vehicles(self) -> Iterator[Event]:
        old, new = self.before.vehicle_type_of, self.after.vehicle_type_of
        for name in _in_one_only(old, new):
            self._cannot("vehicles", name, "id")
        for name in sorted(old.keys() & new.keys()):
            more = new[name].number - old[name].number
            more -= sum(int(one.value) for one in self._earlier(EventKind.VEHICLE_ADDED, name))
            more += sum(int(one.value) for one in self._earlier(EventKind.VEHICLE_LOST, name))
            if more > 0:
                yield self._event(EventKind.VEHICLE_ADDED, name, value=str(more), from_s=self.now_s)
            elif more < 0:
                yield self._event(EventKind.VEHICLE_LOST, name, value=str(-more), from_s=self.now_s)
            for column in _differing(old[name], new[name], {"number", "calendar"}):
                self._cannot("vehicles", name, column)

    def _deadlines(self) -> Iterator[Event]:
        """Regions and hubs that must have received at another moment than is known; those alike together."""
        moved: dict[int, list[str]] = {}
        for region in self.before.regions:
            after = self.after.region_of.get(region.id)
            if after is None:
                continue  # said of the regions
            if not_before_of(self.known, region) != not_before_of(self.after, after):
                self._cannot("deadlines", region.id, "not_before")
            if release_of(self.known, region) != release_of(self.after, after):
                self._cannot("deadlines", region.id, "release")
            deadline_s = deadline_of(self.after, after)
            if deadline_s != deadline_of(self.known, region):
                moved.setdefault(deadline_s, []).append(region.id)
        for hub in self.before.hubs:
            old, new = hub_limits(self.known, hub.id), hub_limits(self.after, hub.id)
            if old[0] != new[0]:
                self._cannot("deadlines", hub.id, "not_before")
            elif old != new:
                moved.setdefault(new[1], []).append(hub.id)
        for until_s, names in moved.items():
            event = self._event(EventKind.DEADLINE, names[0], until_s=until_s)
            yield replace(event, subject=tuple(names))

    def _hours(self) -> Iterator[Event]:
        """Calendars, and places and types with another one, whose hours are others on days to come."""
        calendars = dict.fromkeys(row.calendar for row in self.before.calendars)
        pairs = [(name, name, name) for name in calendars]
        for table in ("warehouses", "hubs", "regions", "vehicles"):
            new = {row.id: row for row in getattr(self.after, table)}
            old = {row.id: row for row in getattr(self.known, table)}
            for row in getattr(self.before, table):
                after = new.get(row.id)
                if after is not None and after.calendar != row.calendar:
                    pairs.append((row.id, old[row.id].calendar, after.calendar))
        first, last = (self.before.clock.day(at_s) for at_s in (self.now_s, self.before.settings.horizon_s))
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        for subject, before, after in pairs:
            if _rules(self.known, before) != _rules(self.after, after):
                self._cannot("calendars", after or before, "window")
                continue
            yield from self._changed_days(subject, before, after, days)

    def _changed_days(self, subject: str, before: str, after: str, days: Sequence[date]) -> Iterator[Event]:
        """One report for each run of days on which the hours are the same others."""
        clock, run = self.before.clock, list[tuple[date, str]]()
        for day in (*days, None):
            hours = "" if day is None else hours_on(self.after, after, day)
            other = day is not None and hours != hours_on(self.known, before, day)
            if run and (not other or hours != run[-1][1]):
                from_s = max(self.now_s, clock.midnight(run[0][0]))
                until_s = clock.midnight(run[-1][0] + timedelta(days=1))
                yield self._event(
                    EventKind.CALENDAR, subject, value=run[0][1], from_s=from_s, until_s=until_s
                )
                run = []
            if other and day is not None:
                run.append((day, hours))

    def _contacts(self) -> Iterator[Event]:
        """Places and vehicles whose people are others; the first one of each is the one to be called."""
        old, new = _people(self.known), _people(self.after)
        for place, people in new.items():
            if people[:1] == old.get(place, [])[:1]:
                continue
            try:
                value = value_of(ValueKind.CONTACT, " ".join(people[0]))
            except ValueFaultError:
                continue  # nobody who could be called
            if " ".join(old.get(place, [("", "")])[0]) != value:
                yield self._event(EventKind.CONTACT, place, value=value)

    def _decisions(self) -> Iterator[Event]:
        """Rows that are new become decisions, and those that are gone are lifted."""
        known, new = (Counter(map(_meant, each.decisions)) for each in (self.known, self.after))
        more = new - known
        for row in self.after.decisions:
            if not more[_meant(row)]:
                continue
            more[_meant(row)] -= 1
            if not rule_of(row.rule.value):
                self._cannot("decisions", row.id, "rule")
                continue
            event = self._event(EventKind.DECISION, row.subject, type=row.rule.value, value=row.value)
            parts = tuple(part.strip() for part in row.subject.split("+"))
            yield replace(event, subject=parts, by=row.by, note=row.note)
        gone = known - new
        for row in self.known.decisions:
            if not gone[_meant(row)]:
                continue
            gone[_meant(row)] -= 1
            if not rule_of(row.rule.value):
                self._cannot("decisions", row.id, "rule")
            elif row.id in self.decided:
                yield self._event(EventKind.DECISION, row.id, type=LIFTED)

    def _delays(self) -> Iterator[Event]:
        """Largest delays of a mode, a vehicle type or an edge that are others in this season."""
        old, new = (_longest(each) for each in (self.known, self.after))
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) == new.get(key):
                continue
            margins = new.get(key, [(0, 0)])
            named = [name for name in key if name]
            if len(named) != 1 or len(margins) != 1:
                self._cannot("delays", ", ".join(named), "")
                continue
            value = " ".join(map(str, margins[0]))
            yield self._event(EventKind.LONGEST_DELAY, named[0], value=value)

    def _docks(self) -> Iterator[Event]:
        yield from self._places("warehouses")

    def _docks_of_hubs(self) -> Iterator[Event]:
        yield from self._places("hubs")

    def _places(self, table: str) -> Iterator[Event]:
        old = {one.id: one for one in getattr(self.before, table)}
        new = {one.id: one for one in getattr(self.after, table)}
        for name in _in_one_only(old, new):
            self._cannot(table, name, "id")
        for name in sorted(old.keys() & new.keys()):
            told = sorted(self._earlier(EventKind.DOCK, name), key=lambda one: one.order)
            known = int(told[-1].value) if told else old[name].docks
            if known != new[name].docks:
                yield self._event(EventKind.DOCK, name, value=str(new[name].docks), from_s=self.now_s)
            for column in _differing(old[name], new[name], {"docks", "calendar"}):
                self._cannot(table, name, column)


def _meant(row: Decision) -> tuple[str, tuple[str, ...], str]:
    """What a row of decisions says, whoever said it."""
    return row.rule.value, tuple(part.strip() for part in row.subject.split("+")), row.value.strip()


def _longest(instance: Instance) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """Percents and seconds of the rows of delays of this season, by mode, edge and vehicle type."""
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for row in instance.delays:
        if row.season in ("", instance.settings.season):
            key = ("" if row.mode is None else row.mode.value, row.edge, row.vehicle)
            found.setdefault(key, []).append((row.percent, row.fixed_s))
    return {key: sorted(mine) for key, mine in found.items()}


def hours_on(instance: Instance, calendar: str, day: date) -> str:
    """Hours of a calendar on a day, as a report says them; the whole day where there is no such calendar."""
    rows = [row for row in instance.calendars if row.calendar == calendar]
    if not calendar or not rows:
        return _WHOLE_DAY
    for named in (day.isoformat(), WEEKDAYS[day.weekday()], "daily"):
        mine = [row for row in rows if named in row.days.split("+")]
        if mine:
            spans = [
                f"{_clock_time(row.opens_s)}-{_clock_time(row.closes_s)}"
                for row in mine
                if row.opens_s is not None and row.closes_s is not None
            ]
            return value_of(ValueKind.HOURS, "+".join(spans)) if spans else "closed"
    return "closed"


def _clock_time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def _rules(instance: Instance, calendar: str) -> frozenset[WindowRule]:
    """What of a service must lie in the hours of a calendar."""
    return frozenset(row.window for row in instance.calendars if row.calendar == calendar) or frozenset(
        {WindowRule.WHOLE}
    )


def _people(instance: Instance) -> dict[str, list[tuple[str, str]]]:
    """Names and telephone numbers by place."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in instance.contacts:
        found.setdefault(row.place, []).append((row.name, row.phone))
    return found


def _amounts(instance: Instance) -> dict[tuple[str, str, int | None], int]:
    found: dict[tuple[str, str, int | None], int] = {}
    for row in instance.stock:
        key = (row.warehouse, row.item, row.available_s)
        found[key] = found.get(key, 0) + row.quantity
    return found


def _bare(row: object) -> tuple[tuple[str, object], ...]:
    """A row without what changes nothing of a plan."""
    found = []
    for one in fields(row):  # type: ignore[arg-type]
        if (
            one.name not in _LABELS
            and one.name not in ("id", "sources")
            or one.name == "id"
            and _has_meaning(row)
        ):
            value = getattr(row, one.name)
            found.append((one.name, tuple(sorted(value.items())) if isinstance(value, dict) else value))
    return tuple(found)


def _has_meaning(row: object) -> bool:
    """Whether a row's id is one that other tables name; a closure's or a delay's only tells rows apart."""
    return type(row).__name__ not in ("Closure", "Delay", "Outage")


def _in_one_only(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Names that are only in the first of two, then those that are only in the second."""
    return [name for name in {**old, **new} if (name in old) != (name in new)]


def _differing(one: object, other: object, known: set[str]) -> list[str]:
    """Columns in which two rows differ, but for labels and what is known."""
    return [
        column.name
        for column in fields(one)  # type: ignore[arg-type]
        if column.name not in _LABELS | known and getattr(one, column.name) != getattr(other, column.name)
    ]
