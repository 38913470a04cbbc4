"""What a component sees of orders: goods that it brings to other warehouses, stock that comes from them.

In the component that gives, a warehouse that receives is one more region: its counts are none, its goods
those of the order, a unit for each lot. In a plan these goods are items of a stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Deadline, Extra, Instance, Region, Split, Stock
from planner.plans.model import Delivery, Goods, Stop, Trip
from planner.reasons.outcome import Outcome, status_of
from planner.transshipment.orders import Arrival, Order

__all__ = ["arrivals_of", "as_deliveries", "as_transfers", "receivers", "seen_by"]


def seen_by(
    instance: Instance, warehouse: str, orders: Sequence[Order], come: Iterable[Arrival] = ()
) -> Instance:
    """The instance as a component is searched with; itself where it neither gives nor receives.

    Parameters
    ----------
    instance
        As its files say.
    warehouse
        Id of the component.
    orders
        All; those are used that the warehouse is to fulfil.
    come
        What comes to warehouses.
    """
    mine = [one for one in orders if one.giver == warehouse]
    stock = tuple(
        Stock(
            warehouse=warehouse,
            item=one.item,
            quantity=one.quantity,
            available_s=one.come_s,
            sure_s=one.sure_s,
        )
        for one in come
        if one.warehouse == warehouse
    )
    if not mine and not stock:
        return instance
    places = instance.warehouse_of
    receiving = tuple(
        Region(
            id=one.taker,
            name=places[one.taker].name,
            warehouse=warehouse,
            lat=places[one.taker].lat,
            lon=places[one.taker].lon,
            calendar=places[one.taker].calendar,
            handover_s=0,
            split=Split.FREE,
            price_night=0,
        )
        for one in mine
    )
    dues = tuple(
        Deadline(place=one.taker, deadline_s=max(lot.due_s for lot in one.lots), not_before_s=0)
        for one in mine
    )
    return replace(
        instance,
        regions=(*instance.regions, *receiving),
        extra=(*instance.extra, *(row for one in mine for row, _ in _rows(one))),
        deadlines=(*dues, *instance.deadlines),
        stock=(*instance.stock, *stock),
        before_transfers=instance,
        transfer_weights={one.taker: max(1, one.weight) for one in mine},
        transfer_dues={(one.taker, row.id): due_s for one in mine for row, due_s in _rows(one)},
    )


def _rows(order: Order) -> Iterable[tuple[Extra, int]]:
    """The goods of an order and their due dates; a part for each item and due date, a unit for each lot."""
    dues = dict.fromkeys((lot.item, lot.due_s) for lot in order.lots)
    for number, (item, due_s) in enumerate(dues, start=1):
        mine = [lot.quantity for lot in order.lots if (lot.item, lot.due_s) == (item, due_s)]
        for unit, quantity in enumerate(mine):
            part = f"{item}/{number}"
            yield Extra(id=part, region=order.taker, unit=unit, item=item, quantity=quantity), due_s


def receivers(view: Instance) -> tuple[Region, ...]:
    """Warehouses that receive something, as regions of a component's view."""
    return tuple(one for one in view.regions if one.id in view.transfer_weights)


def as_transfers(found: Outcome, view: Instance) -> Outcome:
    """An outcome of a component's view as it stands in a plan: goods for warehouses are items of stops."""
    names = view.transfer_weights
    if not names:
        return found
    regions = tuple(one for one in found.regions if one.region_id not in names)
    trips = tuple(
        replace(trip, stops=tuple(_with_items(stop, view) for stop in trip.stops)) for trip in found.trips
    )
    proofs = tuple(
        replace(one, regions=left)
        for one in found.component.proofs
        if (left := tuple(name for name in one.regions if name not in names))
    )
    component = replace(
        found.component,
        regions=tuple(name for name in found.component.regions if name not in names),
        proofs=proofs,
        status=status_of(proofs, [one for one in trips if _delivers(one)], regions),
    )
    promising = None if found.promising is None else as_transfers(found.promising, view)
    return replace(found, component=component, trips=trips, regions=regions, promising=promising)


def _delivers(trip: Trip) -> bool:
    """Whether a trip brings something to a region."""
    return any(stop.deliveries for stop in trip.stops)


def _with_items(stop: Stop, view: Instance) -> Stop:
    if stop.node_id not in view.transfer_weights:
        return stop
    region = next(one for one in receivers(view) if one.id == stop.node_id)
    loads = unit_loads(view, region)
    found: dict[str, int] = {}
    for one in stop.deliveries:
        for unit in loads[one.part][one.first_unit : one.first_unit + one.units]:
            for item, quantity in unit.items.items():
                found[item] = found.get(item, 0) + quantity
    goods = tuple(Goods(item.id, found[item.id]) for item in view.items if item.id in found)
    return replace(stop, deliveries=(), items=goods)


def as_deliveries(trips: Iterable[Trip], view: Instance) -> tuple[Trip, ...]:
    """Trips of a plan as a component's view has them; what its orders do not ask for stays as it is."""
    lots = {one.id: _lots(view, one) for one in receivers(view)}
    found = []
    for trip in trips:
        stops = []
        for stop in trip.stops:
            known = [_taken(lots.get(stop.node_id, []), goods) for goods in stop.items]
            if known and all(known):
                stops.append(replace(stop, deliveries=tuple(one for some in known for one in some), items=()))
            else:
                stops.append(stop)
        found.append(replace(trip, stops=tuple(stops)))
    return tuple(found)


def _lots(view: Instance, region: Region) -> list[tuple[Load, Delivery]]:
    """The goods that a warehouse asks for, lot by lot."""
    return [
        (load, _delivery(region.id, part, unit, 1, load))
        for part, units in unit_loads(view, region).items()
        for unit, load in enumerate(units)
    ]


def _delivery(region: str, part: str, first: int, units: int, load: Load) -> Delivery:
    name = f"{region}/{part}/{first}"
    return Delivery(name, region, part, first, units, load.mass_g, load.volume_cm3, load.pieces)


def _taken(lots: list[tuple[Load, Delivery]], goods: Goods) -> list[Delivery]:
    """The next lots of an item that are as much as a stop unloads of it, in runs; empty: there are none."""
    found: list[tuple[Load, Delivery]] = []
    for load, lot in lots:
        if (
            goods.item_id not in load.items
            or sum(one.items[goods.item_id] for one, _ in found) >= goods.quantity
        ):
            continue
        if found and found[-1][1].part == lot.part:
            before, first = found.pop()
            run = before + load
            found.append((run, _delivery(lot.region_id, lot.part, first.first_unit, first.units + 1, run)))
        else:
            found.append((load, lot))
    if sum(one.items[goods.item_id] for one, _ in found) != goods.quantity:
        return []
    number = sum(lot.units for _, lot in found)
    mine = [one for one in lots if goods.item_id in one[0].items][:number]
    lots[:] = [one for one in lots if one not in mine]
    return [lot for _, lot in found]


def arrivals_of(trips: Iterable[Trip], sure_s: Mapping[str, Sequence[int]] | None = None) -> list[Arrival]:
    """What trips bring to other warehouses.

    Parameters
    ----------
    trips
        As in a plan.
    sure_s
        Of each trip, by its id, when its services have ended for sure; as planned where it says nothing.
    """
    known = sure_s or {}
    return [
        Arrival(stop.node_id, one.item_id, one.quantity, stop.end_s, max(stop.end_s, latest_s))
        for trip in trips
        for stop, latest_s in zip(
            trip.stops, known.get(trip.id, [stop.end_s for stop in trip.stops]), strict=True
        )
        for one in stop.items
    ]
