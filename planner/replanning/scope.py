"""Which components reports may concern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from planner.instance.decisions import rulings_of
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.plans.model import StepKind, Trip

__all__ = ["touched_warehouses"]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Row = TypeVar("_Row", bound=_HasId)


def touched_warehouses(
    before: Instance, after: Instance, trips: Iterable[Trip], now_s: int
) -> frozenset[str]:
    """Warehouses whose part of the world differs between two instances.

    Parameters
    ----------
    before, after
        As the files say, and with the reports applied.
    trips
        Trips of the plan in force: an edge concerns those that will still drive it.
    now_s
        The moment of the replan.
    """
    if before is after:
        return frozenset()
    found: set[str] = set()
    owners = {kind.id: kind.warehouse for kind in (*before.vehicles, *after.vehicles)}
    found |= {kind.warehouse for kind in _differing(before.vehicles, after.vehicles)}
    found |= {region.warehouse for region in _differing(before.regions, after.regions)}
    found |= {one.id for one in _differing(before.warehouses, after.warehouses)}
    found |= {one.warehouse for one in set(before.stock) ^ set(after.stock)}
    hubs = {one.id for one in _differing(before.hubs, after.hubs)}
    calendars = {one.calendar for one in set(before.calendars) ^ set(after.calendars)}
    subjects = {one.subject for one in set(before.outages) ^ set(after.outages)}
    extra = {one.region for one in set(before.extra) ^ set(after.extra)}
    extra |= {name for name, _, _ in before.waived ^ after.waived}
    moved = {one.place for one in set(before.deadlines) ^ set(after.deadlines)}
    found |= _decided(before, after)
    for region in after.regions:
        late = moved and not moved.isdisjoint((region.id, region.subarea, region.area, region.hub, ""))
        if late or region.hub in hubs or region.calendar in calendars or region.id in extra:
            found.add(region.warehouse)
    for kind in after.vehicles:
        named = not subjects.isdisjoint(
            {kind.id, *(vehicle_id(kind.id, number) for number in range(1, kind.number + 1))}
        )
        if kind.calendar in calendars or named or (kind.home in hubs | subjects):
            found.add(kind.warehouse)
    hub_calendars = {one.id for one in after.hubs if one.calendar in calendars} | hubs | subjects
    found |= {region.warehouse for region in after.regions if region.hub in hub_calendars}
    found |= {one.id for one in after.warehouses if one.calendar in calendars or one.id in subjects}
    edges = {one.id for one in _differing(before.edges, after.edges)}
    edges |= {one.edge for one in set(before.closures) ^ set(after.closures)}
    edges |= {one.id for one in after.edges if one.calendar and one.calendar in calendars}
    known = {one.id for one in set(before.known_trips) ^ set(after.known_trips)}
    all_edges = any(not one.edge for one in set(before.delays) ^ set(after.delays))
    edges |= {one.edge for one in set(before.delays) ^ set(after.delays)}
    for trip in trips:
        if trip.end_s <= now_s:
            continue
        owner = owners.get(trip.vehicle_type)
        if owner is None or owner in found:
            continue
        legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
        used = {(step.kind is StepKind.KNOWN, step.ref) for leg in legs for step in leg.path}
        if all_edges or any(ref in (known if is_known else edges) for is_known, ref in used):
            found.add(owner)
    return frozenset(found)


def _differing(before: Iterable[_Row], after: Iterable[_Row]) -> list[_Row]:
    """Rows that are not the same in both, of either."""
    old, new = {row.id: row for row in before}, {row.id: row for row in after}
    names = [name for name in {**old, **new} if old.get(name) is not new.get(name)]
    return [
        one
        for name in names
        if old.get(name) != new.get(name)
        for one in (old.get(name), new.get(name))
        if one
    ]


def _decided(before: Instance, after: Instance) -> set[str]:
    """Warehouses of the places and vehicles of which something is decided otherwise."""
    changed = {one.id for one in set(before.decisions) ^ set(after.decisions)}
    if not changed:
        return set()
    rulings = [one for each in (before, after) for one in rulings_of(each) if one.id in changed]
    regions = {name for one in rulings for name in (*one.regions, *one.after)}
    hubs = {name for one in rulings for name in one.hubs}
    kinds = {kind for one in rulings for kind, _ in one.vehicles}
    found = {one.warehouse for one in after.regions if one.id in regions or one.hub in hubs}
    return found | {one.warehouse for one in after.vehicles if one.id in kinds}
