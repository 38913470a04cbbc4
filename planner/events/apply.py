"""The effective instance: the tables with the reports from the field applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from planner.events.calendars import with_calendar
from planner.events.deadlines import with_contact, with_deadline
from planner.events.decisions import with_decision
from planner.events.delays import with_longest_delay
from planner.events.docks import with_docks
from planner.events.goods import (
    with_demand,
    with_fewer,
    with_found,
    with_replacement,
    with_stock,
    with_taken_back,
)
from planner.events.loads import Loss, Net, is_loss, losses
from planner.events.schema import Event, EventKind
from planner.events.ways import with_closure, with_opening, with_speed
from planner.instance.outages import vehicle_of
from planner.instance.schema import Instance, Outage
from planner.instance.subjects import vehicle_id

__all__ = ["CHANGING", "effective", "shortfalls", "with_needs", "with_vehicles"]


def effective(instance: Instance, events: Sequence[Event], net: Net | None = None) -> Instance:
    """The instance that the future obeys; the same object where no report changes a table.

    Parameters
    ----------
    instance
        As its files say.
    events
        Reports that hold; their order is without effect.
    net
        What had been loaded before goods were reported to be lost; None: nothing.

    Notes
    -----
    Reports are applied in the order of their times; at last what is gone from warehouses, in the order in
    which it was lost, whenever that was told. What has happened to vehicles on their way (`loaded`, …,
    `delay`) changes no table; a `breakdown` takes the vehicle out of use until it is repaired. Rows that
    reports add have ids made of the reports' ids.
    """
    changed = with_docks(instance, [one for one in events if one.kind is EventKind.DOCK])
    for event in _in_turn(events):
        change = CHANGING.get(event.kind)
        if event.kind is EventKind.STOCK:
            changed = with_stock(changed, event, net or {})
        elif event.kind is EventKind.FOUND:
            changed = with_found(changed, event, events)
        elif event.kind is EventKind.VOID:
            changed = with_taken_back(changed, event, events)
        elif change is not None:
            changed = change(changed, event)
    return changed


def shortfalls(instance: Instance, events: Sequence[Event], net: Net) -> tuple[Loss, ...]:
    """Losses of more than lay at a warehouse.

    Parameters
    ----------
    instance, events, net
        As for `effective`.
    """
    ordered = _in_turn(events)
    found: list[Loss] = []
    for number, event in enumerate(ordered):
        if is_loss(event):
            found += losses(effective(instance, ordered[:number], net), event, net)
    return tuple(one for one in found if one.told > one.there)


def _in_turn(events: Sequence[Event]) -> list[Event]:
    """Reports in the order in which they are applied."""
    ordered = sorted(events, key=lambda one: one.order)
    lost = sorted(filter(is_loss, ordered), key=lambda one: (one.begins_s, *one.order))
    return [*(one for one in ordered if not is_loss(one)), *lost]


def with_needs(instance: Instance, events: Sequence[Event]) -> Instance:
    """The instance with the further goods alone that reports ask for."""
    return effective(instance, [one for one in events if one.kind in _NEEDS])


def with_vehicles(instance: Instance, event: Event) -> Instance:
    """`vehicle_added`: more vehicles of a type, or of a type of its own at another place."""
    number = int(event.value or 1)
    if not event.type:
        for name in event.subject:
            instance = _more(instance, event, name, number)
        return instance
    kind, place = instance.vehicle_type_of[event.type], event.subject[0]
    if place == (kind.home or kind.warehouse):
        return _more(instance, event, kind.id, number)
    own = f"{kind.id}@{place}"
    if own not in instance.vehicle_type_of:
        at_hub = place not in instance.warehouse_of
        warehouse = _warehouse_of_hub(instance, place, kind.warehouse) if at_hub else place
        copy = replace(kind, id=own, warehouse=warehouse, home=place if at_hub else "", number=0)
        instance = replace(instance, vehicles=(*instance.vehicles, copy))
    return _more(instance, event, own, number)


def _warehouse_of_hub(instance: Instance, hub: str, otherwise: str) -> str:
    """Whose vehicles stand at a hub: those of the warehouse that supplies regions through it."""
    return next((one.warehouse for one in instance.regions if one.hub == hub), otherwise)


def _more(instance: Instance, event: Event, name: str, number: int) -> Instance:
    """So many vehicles more, out of use before they come and after they go."""
    kind = instance.vehicle_type_of[name]
    vehicles = tuple(
        replace(one, number=one.number + number) if one.id == name else one for one in instance.vehicles
    )
    outages = [
        Outage(
            id=f"{event.id}:{name}/{one}:{side}",
            subject=vehicle_id(name, one),
            from_s=from_s,
            until_s=until_s,
        )
        for one in range(kind.number + 1, kind.number + number + 1)
        for side, from_s, until_s in (
            ("before", None, event.begins_s),
            *((("after", event.until_s, None),) if event.until_s is not None else ()),
        )
        if until_s is None or until_s > 0
    ]
    return replace(instance, vehicles=vehicles, outages=(*instance.outages, *outages))


def _lost(instance: Instance, event: Event) -> Instance:
    """`vehicle_lost`, `breakdown`: out of use from then on."""
    number = int(event.value) if event.value else None
    rows = tuple(
        Outage(
            id=f"{event.id}:{name}",
            subject=name,
            from_s=event.begins_s,
            until_s=event.until_s,
            number=number,
            note=event.note,
        )
        for name in event.subject
    )
    return replace(instance, outages=(*instance.outages, *rows))


def _repaired(instance: Instance, event: Event) -> Instance:
    """`repaired`: an outage of the vehicle that reaches beyond this moment ends then."""
    rows = []
    for row in instance.outages:
        if _is_about(instance, row.subject, event) and (row.until_s is None or row.until_s > event.begins_s):
            if (row.from_s or 0) >= event.begins_s:
                continue
            rows.append(replace(row, until_s=event.begins_s))
        else:
            rows.append(row)
    return replace(instance, outages=tuple(rows))


def _is_about(instance: Instance, subject: str, event: Event) -> bool:
    """Whether a row's subject, `truck/3` as well as `truck-03`, is one of a report's."""
    vehicle = vehicle_of(subject, instance.vehicle_type_of)
    return subject in event.subject or (vehicle is not None and vehicle_id(*vehicle) in event.subject)


def _warehouse(instance: Instance, event: Event) -> Instance:
    """`warehouse`: a place is closed, or open again."""
    if event.value == "open":
        return _repaired(instance, event)
    return _lost(instance, replace(event, value=""))


_NEEDS = (
    EventKind.DEMAND,
    EventKind.DAMAGED,
    EventKind.MISSING,
    EventKind.RECALL,
    EventKind.MISDELIVERED,
    EventKind.FOUND,
    EventKind.FEWER,
    EventKind.VOID,
)
CHANGING: Mapping[EventKind, Callable[[Instance, Event], Instance]] = {
    EventKind.CLOSURE: with_closure,
    EventKind.OPENED: with_opening,
    EventKind.SPEED: with_speed,
    EventKind.DEMAND: with_demand,
    EventKind.DAMAGED: with_replacement,
    EventKind.MISSING: with_replacement,
    EventKind.RECALL: with_replacement,
    EventKind.MISDELIVERED: with_replacement,
    EventKind.FEWER: with_fewer,
    EventKind.STOCK: with_stock,
    EventKind.VEHICLE_ADDED: with_vehicles,
    EventKind.VEHICLE_LOST: _lost,
    EventKind.BREAKDOWN: _lost,
    EventKind.REPAIRED: _repaired,
    EventKind.WAREHOUSE: _warehouse,
    EventKind.CALENDAR: with_calendar,
    EventKind.DEADLINE: with_deadline,
    EventKind.CONTACT: with_contact,
    EventKind.DECISION: with_decision,
    EventKind.LONGEST_DELAY: with_longest_delay,
}
