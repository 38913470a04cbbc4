"""Reports made of what differs between two versions of an instance's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from planner.base.errors import Fault, InputError
from planner.events.schema import Event, EventKind
from planner.events.values import counts_of
from planner.instance.schema import Instance

__all__ = ["OF_TABLES", "events_between"]

OF_TABLES = "table-"
"""How the ids of such reports begin."""

# Columns that change nothing of a plan: what things are called, and where figures come from.
_LABELS = frozenset(
    {"name", "note", "source", "basis", "area_name", "subarea_name", "title", "address", "licence"}
)
# Tables that no plan looks at.
_ASIDE = frozenset(
    {"units", "contacts", "preparation", "problems", "access", "speeds", "lines", "barriers", "calibration"}
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
    made = _Maker(before, after, now_s, set(taken), told)
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

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []

    def all(self) -> Iterator[Event]:
        handled: dict[str, Callable[[], Iterator[Event]]] = {
            "closures": self._closures,
            "stock": self._stock,
            "regions": self._regions,
            "vehicles": self._vehicles,
            "warehouses": self._docks,
            "hubs": self._docks_of_hubs,
        }
        for make in handled.values():
            yield from make()
        for one in fields(self.before):
            name = one.name
            if name in handled or name in _ASIDE:
                continue
            old, new = getattr(self.before, name), getattr(self.after, name)
            if name == "settings":
                if _bare(old) != _bare(new):
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
                if any(number < 0 for number in more.values()):
                    self._cannot("regions", name, next(key for key, number in more.items() if number < 0))
                elif any(more.values()):
                    text = " ".join(f"{key}={number}" for key, number in sorted(more.items()) if number)
                    yield self._event(EventKind.DEMAND, name, value=text)
            for column in _differing(one, other, {"counts"}):
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
            for column in _differing(old[name], new[name], {"number"}):
                self._cannot("vehicles", name, column)

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
            for column in _differing(old[name], new[name], {"docks"}):
                self._cannot(table, name, column)


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
