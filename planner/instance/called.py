"""Names and call signs in tables that are about vehicles and places: what stands there, by its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from planner.base.errors import Fault, Severity
from planner.base.nearest import folded, nearest
from planner.instance.call_signs import CallSigns
from planner.instance.draft import Draft
from planner.instance.outages import vehicle_of
from planner.instance.schema import FleetRow, VehicleType
from planner.instance.subjects import vehicle_id

__all__ = ["contact_faults", "with_ids"]

_COLUMNS = {
    "fleet": ("vehicle", ()),
    "outages": ("subject", ("warehouses", "hubs")),
    "contacts": ("place", ("warehouses", "hubs", "regions")),
    "aliases": ("id", ("warehouses", "hubs", "regions")),
}


class _Called:
    """What vehicles and places of some tables are called."""

    def __init__(self, draft: Draft, places: tuple[str, ...], fleet: Iterable[FleetRow] = ()) -> None:
        self.types: dict[str, VehicleType] = {row.id: row for _, row in draft.of("vehicles")}
        tables = ("regions", "hubs", "warehouses", "nodes", "vehicles")
        others = ((row.id, row.name) for table in tables for _, row in draft.of(table))
        self._signs = CallSigns(self.types.values(), (word for pair in others for word in pair), fleet)
        self.places = {row.id for table in places for _, row in draft.of(table)}
        self._named: dict[str, set[str]] = {}
        for table in (*places, "vehicles"):
            for _, row in draft.of(table):
                for word in (row.name, row.id):
                    self._named.setdefault(folded(word), set()).add(row.id)
        for kind in self.types.values():
            for number in range(1, kind.number + 1):
                for word in (f"{kind.name} {number}", f"{kind.id} {number}"):
                    self._named.setdefault(folded(word), set()).add(vehicle_id(kind.id, number))

    def knows(self, text: str) -> bool:
        """Whether it is an id; numbers of vehicles beyond those that there are count too."""
        kind, _, number = text.rpartition("-")
        is_vehicle = kind in self.types and number.isascii() and number.isdigit() and int(number) > 0
        return text in self.places or text in self.types or is_vehicle

    def id_of(self, text: str) -> str:
        """The id of what a text names; the text itself where it names nothing, or several things."""
        if text in self.places or text in self.types:
            return text
        known = vehicle_of(text, self.types) or self._signs.vehicle(text)
        if known is not None and known[1] <= self.types[known[0]].number:
            return vehicle_id(*known)
        found = self._named.get(folded(text), set())
        return next(iter(found)) if len(found) == 1 else text

    def nearest(self, text: str) -> list[str]:
        """Names that are like a text."""
        return nearest(text, self._named)


def with_ids(draft: Draft) -> Draft:
    """The rows of `fleet`, `outages`, `contacts` and `aliases` with ids in place of names and call signs.

    What is unknown stays, as does `truck/3` in `outages`, which is read everywhere: digests know it.
    """
    rows: dict[str, tuple[tuple[int, Any], ...]] = dict(draft.rows)
    fleet: list[FleetRow] = []
    for table, (column, places) in _COLUMNS.items():
        if not draft.of(table):
            continue
        called, kept = _Called(draft, places, fleet), []
        for line, row in draft.of(table):
            text = getattr(row, column)
            known = table == "outages" and vehicle_of(text, called.types) is not None
            kept.append((line, row if known else replace(row, **{column: called.id_of(text)})))
        rows[table] = tuple(kept)
        fleet = [row for _, row in kept] if table == "fleet" else fleet
    return replace(draft, rows=rows)


def contact_faults(draft: Draft) -> Iterator[Fault]:
    """W515: people are of a place, a vehicle or a type that there is.

    A warning, since nobody's plan depends on it, and a vehicle may have gone or be added later.
    """
    tables = _COLUMNS["contacts"][1]
    if not draft.of("contacts") or not draft.whole(*tables, "vehicles"):
        return
    called = _Called(draft, tables, (row for _, row in draft.of("fleet")))
    for line, row in draft.of("contacts"):
        if not called.knows(row.place):
            near = ", ".join(called.nearest(row.place)) or "-"
            yield draft.fault("W515", "contacts", line, "place", severity=Severity.WARNING, nearest=near)
