"""The table `aliases`: what else people call things, and the table's faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.base.errors import Fault
from planner.base.nearest import folded, nearest
from planner.instance.call_signs import CallSigns
from planner.instance.draft import Draft
from planner.instance.outages import vehicle_of
from planner.instance.schema import FleetRow, Instance, VehicleType
from planner.instance.subjects import vehicle_id

__all__ = ["alias_faults", "aliases_of"]

_PLACES = ("regions", "hubs", "warehouses", "nodes")
_TABLES = (*_PLACES, "vehicles", "edges")


def aliases_of(instance: Instance) -> Mapping[str, tuple[str, ...]]:
    """What else each thing is called, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    for row in instance.aliases:
        found[row.id] = (*found.get(row.id, ()), row.name)
    return found


def alias_faults(draft: Draft) -> Iterator[Fault]:
    """I444, I445: an alias is of one thing that there is, and nobody else's name."""
    if not draft.of("aliases") or not all(draft.whole(table) for table in _TABLES):
        return
    types: dict[str, VehicleType] = {row.id: row for _, row in draft.of("vehicles")}
    known = {row.id for table in _TABLES for _, row in draft.of(table)}
    regions = [row for _, row in draft.of("regions")]
    known |= {name for row in regions for name in (row.area, row.subarea) if name}
    taken = _taken(draft, types)
    first: dict[str, str] = {}
    for line, row in draft.of("aliases"):
        if row.id not in known and vehicle_of(row.id, types) is None:
            near = ", ".join(nearest(row.id, known)) or "-"
            yield draft.fault("I444", "aliases", line, "id", nearest=near)
        word = folded(row.name)
        other = taken.get(word, row.id)
        other = first.setdefault(word, row.id) if other == row.id else other
        if other != row.id:
            yield draft.fault("I445", "aliases", line, "name", other=other)


def _taken(draft: Draft, types: Mapping[str, VehicleType]) -> dict[str, str]:
    """Words that name something already, each with its id; a name of several things too."""
    found: dict[str, str] = {}
    rows = [row for table in (*_PLACES, "vehicles") for _, row in draft.of(table)]
    for row in rows:
        for word in (row.id, row.name):
            if word:
                found.setdefault(folded(word), row.id)
    fleet: list[FleetRow] = [row for _, row in draft.of("fleet")]
    signs = CallSigns(types.values(), (word for row in rows for word in (row.id, row.name)), fleet)
    for one in fleet:
        for word in (one.call_sign, one.plate):
            if word:
                found.setdefault(folded(word), one.vehicle)
    for kind in types.values():
        for number in range(1, kind.number + 1):
            vehicle = vehicle_id(kind.id, number)
            found.setdefault(folded(signs.made(vehicle)), vehicle)
    return found
