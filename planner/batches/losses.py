"""Each vehicle, dock, hub or edge lost in turn: which changes that makes, and what is not planned anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from planner.base.clock import MINUTE_S
from planner.batches.task import Mode
from planner.instance.schema import Hub, Instance, VehicleType, Warehouse
from planner.instance.subjects import vehicle_id
from planner.plans.model import Plan, StepKind, Trip

__all__ = ["How", "Loss", "LossKind", "dock_name", "losses_of"]

# Letters that a list of ids in one change may have, and the calendar of what never opens.
_LINE_LETTERS = 1500
_NEVER = "never-open"


class LossKind(StrEnum):
    """What is lost."""

    VEHICLES = "vehicles"
    DOCKS = "docks"
    HUBS = "hubs"
    EDGES = "edges"


class How(StrEnum):
    """What a loss asks for."""

    UNUSED = "unused"  # the plan does not use it
    SPARE = "spare"  # another one of its kind is idle and does its work
    PLANNED = "planned"  # the components that it touches are planned anew


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss.

    Parameters
    ----------
    name
        What is lost: a vehicle or dock by its name in plans, a hub, an edge.
    how
        What it asks for.
    components
        Warehouses whose plans it touches.
    changes
        The loss in the language of changes.
    renamed
        Vehicles and docks of the plan that get other names, where the plan is kept.
    """

    name: str
    how: How
    components: tuple[str, ...]
    changes: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def mode(self) -> Mode:
        """Whether something is planned."""
        return Mode.SOLVE if self.how is How.PLANNED else Mode.KEEP


def losses_of(kind: LossKind, plan: Plan, instance: Instance) -> list[Loss]:
    """All losses of a kind, in the order of the tables; none of what no component of the plan may use."""
    make = {
        LossKind.VEHICLES: _vehicles,
        LossKind.DOCKS: _docks,
        LossKind.HUBS: _hubs,
        LossKind.EDGES: _edges,
    }
    return list(make[kind](plan, instance))


def dock_name(place: str, dock: int) -> str:
    """A dock's name, for people and for `Loss.renamed`."""
    return f"{place}#{dock}"


def quoted(name: str) -> str:
    """An id as a word of a change: between double quotes, its own double quotes between single ones."""
    return "'\"'".join(f'"{part}"' for part in name.split('"'))


def pattern(name: str) -> str:
    """An id as the value of a condition that only this id meets (``|`` cannot be said; any letter does)."""
    escaped = "".join(f"[{one}]" if one in "*?[" else "?" if one == "|" else one for one in name)
    return quoted(escaped)


def _without(number: int, used: Iterable[int], lost: int) -> dict[int, int] | None:
    """New numbers of those in use once one of so many is lost; None where its work finds no other.

    Those after the lost one move up, since numbers run from 1 without gaps.
    """
    busy = set(used)
    free = next((one for one in range(1, number + 1) if one != lost and one not in busy), None)
    if lost in busy and free is None:
        return None
    found = {}
    for one in sorted(busy):
        now = free if one == lost and free is not None else one
        found[one] = now - 1 if now > lost else now
    return found


def _one_less(
    number: int,
    lost: int,
    *,
    names: Sequence[str],
    used: set[int],
    components: tuple[str, ...],
    changes: tuple[str, ...],
) -> Loss:
    moved = _without(number, used, lost)
    how = How.UNUSED if lost not in used else How.SPARE if moved is not None else How.PLANNED
    renamed = {names[old - 1]: names[new - 1] for old, new in (moved or {}).items() if old != new}
    return Loss(names[lost - 1], how, components, changes, renamed)


# ------------------------------------------------------------------ vehicles


def _vehicles(plan: Plan, instance: Instance) -> Iterator[Loss]:
    planned = {one.id for one in plan.components}
    for kind in instance.vehicles:
        if kind.warehouse not in planned:
            continue
        names = [vehicle_id(kind.id, one) for one in range(1, kind.number + 1)]
        used = {names.index(one.vehicle_id) + 1 for one in plan.trips if one.vehicle_type == kind.id}
        change = f"set vehicles {quoted(kind.id)} number={kind.number - 1}"
        for lost in range(1, kind.number + 1):
            yield _one_less(
                kind.number,
                lost,
                names=names,
                used=used,
                components=(kind.warehouse,),
                changes=(change,),
            )


# ------------------------------------------------------------------ docks


def _docks(plan: Plan, instance: Instance) -> Iterator[Loss]:
    planned = [one.id for one in plan.components]
    for table, places in (("warehouses", instance.warehouses), ("hubs", instance.hubs)):
        for place in places:
            loads = [one for one in plan.trips if one.origin_id == place.id]
            components = _of_place(plan, instance, place, planned)
            if not components:
                continue
            if place.docks == 1:
                yield _no_loading(table, place, components, plan, instance)
                continue
            names = [dock_name(place.id, one) for one in range(1, place.docks + 1)]
            for lost in range(1, place.docks + 1):
                yield _one_less(
                    place.docks,
                    lost,
                    names=names,
                    used={one.dock for one in loads},
                    components=components,
                    changes=(f"set {table} {quoted(place.id)} docks={place.docks - 1}",),
                )


def _of_place(
    plan: Plan, instance: Instance, place: Warehouse | Hub, planned: Sequence[str]
) -> tuple[str, ...]:
    """Components that load at a warehouse or hub, or could."""
    mine = {place.id} if isinstance(place, Warehouse) else set()
    mine |= {one.warehouse for one in instance.vehicles if one.home == place.id}
    mine |= {_owner(instance, one) for one in plan.trips if one.origin_id == place.id}
    return tuple(one for one in planned if one in mine)


def _no_loading(
    table: str, place: Warehouse | Hub, components: tuple[str, ...], plan: Plan, instance: Instance
) -> Loss:
    """The only dock is lost: the place opens in the last minute of the plan only, too late for anything."""
    touched = any(place.id in (one.origin_id, *(stop.node_id for stop in one.stops)) for one in plan.trips)
    changes = (
        f"add calendars calendar={_NEVER} {_last_minute(instance)}",
        f"set {table} {quoted(place.id)} calendar={_NEVER}",
    )
    how = How.PLANNED if touched else How.UNUSED
    return Loss(dock_name(place.id, 1), how, components, changes)


def _last_minute(instance: Instance) -> str:
    """The last minute of the plan, as columns of a calendar."""
    clock, end_s = instance.clock, instance.settings.horizon_s
    day = clock.day(end_s - MINUTE_S)
    opens = clock.instant(end_s - MINUTE_S)
    closes = clock.instant(end_s)
    closes_text = f"{closes:%H:%M:%S}" if closes.date() == day else "24:00"
    return f"days={day.isoformat()} opens={opens:%H:%M:%S} closes={closes_text}"


def _owner(instance: Instance, trip: Trip) -> str:
    return instance.vehicle_type_of[trip.vehicle_type].warehouse


# ------------------------------------------------------------------ hubs


def _hubs(plan: Plan, instance: Instance) -> Iterator[Loss]:
    planned = [one.id for one in plan.components]
    for place in instance.hubs:
        regions = [one for one in instance.regions if one.hub == place.id]
        vehicles = [one for one in instance.vehicles if one.home == place.id]
        below = [one for one in instance.hubs if one.via == place.id]
        beyond = _beyond(instance, place.id)
        owners = {one.warehouse for one in instance.regions if one.hub in beyond}
        owners |= {one.warehouse for one in vehicles}
        components = tuple(one for one in planned if one in owners)
        if not components:
            continue
        changes = []
        if regions:
            changes.append(f"set regions hub={quoted(place.via)} where hub={pattern(place.id)}")
        if below:
            changes.append(f"set hubs via={quoted(place.via)} where via={pattern(place.id)}")
        if vehicles:
            changes.append(f"set vehicles number=0 where home={pattern(place.id)}")
        touched = any(
            place.id in (one.origin_id, *(stop.node_id for stop in one.stops)) for one in plan.trips
        )
        used = touched or any(_drives(plan, kind) for kind in vehicles)
        yield Loss(place.id, How.PLANNED if used else How.UNUSED, components, tuple(changes))


def _beyond(instance: Instance, hub: str) -> set[str]:
    """A hub and all that are supplied through it."""
    found = {hub}
    while more := {one.id for one in instance.hubs if one.via in found} - found:
        found |= more
    return found


def _drives(plan: Plan, kind: VehicleType) -> bool:
    return any(one.vehicle_type == kind.id for one in plan.trips)


# ------------------------------------------------------------------ edges


def _edges(plan: Plan, instance: Instance) -> Iterator[Loss]:
    users: dict[str, set[str]] = {}
    for trip in plan.trips:
        legs = [*(stop.leg for stop in trip.stops), *([] if trip.back is None else [trip.back])]
        for leg in legs:
            for step in leg.path:
                if step.kind is not StepKind.KNOWN:
                    users.setdefault(step.ref, set()).add(_owner(instance, trip))
    planned = tuple(one.id for one in plan.components)
    unused = [one.id for one in instance.edges if one.id not in users]
    all_unused = tuple(_lines(unused))
    for edge in instance.edges:
        mine = users.get(edge.id)
        if mine is None:
            # With all of them closed the plan still holds, and so with any one.
            yield Loss(edge.id, How.UNUSED, planned, all_unused)
        else:
            components = tuple(one for one in planned if one in mine)
            yield Loss(edge.id, How.PLANNED, components, (f"close edges {quoted(edge.id)}",))


def _lines(edges: Sequence[str]) -> Iterator[str]:
    """Closures of many edges, in changes that are not too long."""
    words: list[str] = []
    for edge in edges:
        if words and sum(map(len, words)) + len(words) + len(edge) > _LINE_LETTERS:
            yield " ".join(("close edges", *words))
            words = []
        words.append(quoted(edge))
    if words:
        yield " ".join(("close edges", *words))
