"""What trips have loaded, and what of a warehouse's goods a report of a loss can still be about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.events.schema import Event, EventKind
from planner.instance.kits import unit_loads
from planner.instance.schema import Instance
from planner.plans.model import Trip

__all__ = ["Loss", "Net", "is_loss", "items_of", "losses", "net_loaded"]

Net = Mapping[tuple[str, str], int]
"""Pieces that had left a warehouse, less those that had come from others, by report and warehouse."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a report says is gone from a warehouse, and how much was there to be lost.

    Parameters
    ----------
    told, there
        Pieces that are told to be gone, and that had not been loaded before; if fewer were there, no more
        than these are gone.
    """

    event: Event
    warehouse: str
    told: int
    there: int


def is_loss(event: Event) -> bool:
    """Whether a report says that some of an item is gone from a warehouse."""
    return event.kind is EventKind.STOCK and event.value.startswith("-")


def losses(instance: Instance, event: Event, net: Net) -> tuple[Loss, ...]:
    """What a loss takes at each of its warehouses, by rows that had come when it began.

    Parameters
    ----------
    instance
        Its stock rows, those of reports before among them.
    event
        A loss.
    net
        What had been loaded before; a report that is not in it finds all there.
    """
    found = []
    for name in event.subject:
        come = sum(
            row.quantity
            for row in instance.stock
            if (row.warehouse, row.item) == (name, event.item) and (row.available_s or 0) <= event.begins_s
        )
        found.append(Loss(event, name, -int(event.value), max(0, come - net.get((event.id, name), 0))))
    return tuple(found)


def net_loaded(
    trips: Iterable[Trip], instance: Instance, events: Sequence[Event], starts: Mapping[str, int]
) -> dict[tuple[str, str], int]:
    """What trips had loaded before each of some losses began, less what had come from other warehouses.

    Parameters
    ----------
    trips
        Those that load; a stop at another warehouse brings something there.
    instance
        With the reports of needs applied, which give further goods.
    events
        Losses.
    starts
        When the loading of a trip began, in seconds, where that is not as the trip has it.
    """
    found: dict[tuple[str, str], int] = {}
    items = {}
    for trip in trips if events else ():
        items[trip.id] = items_of(trip, instance)
        for event in events:
            if trip.origin_id in event.subject and starts.get(trip.id, trip.load_start_s) < event.begins_s:
                key = (event.id, trip.origin_id)
                found[key] = found.get(key, 0) + items[trip.id].get(event.item, 0)
            for stop in trip.stops:
                if stop.node_id in event.subject and stop.items and stop.end_s < event.begins_s:
                    key = (event.id, stop.node_id)
                    come = sum(one.quantity for one in stop.items if one.item_id == event.item)
                    found[key] = found.get(key, 0) - come
    return found


def items_of(trip: Trip, instance: Instance) -> dict[str, int]:
    """Items that a trip loaded; units that the tables do not know are passed over."""
    found: dict[str, int] = {}
    fetched = {one.consignment_id for stop in trip.stops for one in stop.fetched}
    for end in (*trip.stops, *(() if trip.broken is None else (trip.broken,))):
        for one in end.items:
            found[one.item_id] = found.get(one.item_id, 0) + one.quantity
        for goods in end.deliveries:
            region = instance.region_of.get(goods.region_id)
            if goods.consignment_id in fetched or region is None:
                continue
            loads = unit_loads(instance, region).get(goods.part, ())
            for load in loads[max(0, goods.first_unit) : max(0, goods.first_unit + goods.units)]:
                for item, number in load.items.items():
                    found[item] = found.get(item, 0) + number
    return found
