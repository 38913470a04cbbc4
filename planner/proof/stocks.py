"""What a warehouse has of an item and from when, with what other warehouses can send it at best."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from planner.instance.schema import Item, Region, VehicleType
from planner.proof.kit import Load
from planner.proof.needs import carries, largest_unit, parts_of
from planner.proof.world import World

__all__ = [
    "all_there_from_s",
    "deliverable",
    "direct_lag_s",
    "last_to_come",
    "own_stock",
    "sent_by_others",
    "stock_before",
    "types_reaching",
]


def types_reaching(world: World, region: Region) -> list[VehicleType]:
    """Types of the region's warehouse that have a way to it; under a chain all, if together they have one."""
    places, kinds = world.places(region.warehouse), world.types_of(region.warehouse)
    if world.chained:
        reached = region.id in world.ways.pooled_times(region.warehouse, kinds, places)
        return list(kinds) if reached else []
    return [kind for kind in kinds if region.id in world.ways.least_times(kind, places)]


def deliverable(world: World, region: Region) -> Mapping[str, int]:
    """Items of the region's parts that some vehicle which reaches it can carry; others use up no stock."""
    if region.id in world.deliverables:
        return world.deliverables[region.id]
    reaching = types_reaching(world, region)
    found: dict[str, int] = {}
    for part, num in world.kit.needs(region).items():
        unit = largest_unit(world, region, part)
        if any(carries(kind, unit) for kind in reaching):
            for item, quantity in world.kit.load(region, part, 0, num).items.items():
                found[item] = found.get(item, 0) + quantity
    world.deliverables[region.id] = MappingProxyType(found)
    return world.deliverables[region.id]


def own_stock(world: World, warehouse: str, item: str) -> list[tuple[int, int]]:
    """Moments and quantities of a warehouse's own rows of an item, in order of time; empty without rows."""
    rows = [one for one in world.instance.stock if (one.warehouse, one.item) == (warehouse, item)]
    return sorted((max(0, one.available_s or 0), one.quantity) for one in rows)


def sent_by_others(world: World, warehouse: str, item: str) -> tuple[tuple[int, int], ...]:
    """No plan brings more of an item from other warehouses to this one, nor earlier: moments, quantities.

    Notes
    -----
    Others send what they have beyond the need of all their own regions, whatever else these lack, and the
    first of it. One item by itself is on its way for the time of loading, leg and unloading of the fastest
    type that carries it; hours, shifts and numbers of vehicles are left out. It may pass further
    warehouses. What has no rows at a warehouse is not sent from there.
    """
    key = (warehouse, item)
    if key not in world.sendings:
        world.sendings[key] = tuple(sorted(_sent(world, warehouse, item)))
    return world.sendings[key]


def _sent(world: World, warehouse: str, item: str) -> Iterator[tuple[int, int]]:
    kinds = {one.id: one for one in world.instance.items}
    surplus = {
        one.id: _surplus(world, one.id, item) for one in world.instance.warehouses if one.id != warehouse
    }
    if item not in kinds or not any(surplus.values()):
        return
    for other, lag_s in _lags(world, warehouse, kinds[item]).items():
        left = surplus.get(other, 0)
        for moment_s, quantity in own_stock(world, other, item):
            part = min(left, quantity)
            left -= part
            if part > 0:
                yield moment_s + lag_s, part


def _surplus(world: World, warehouse: str, item: str) -> int:
    """What a warehouse has of an item before the horizon beyond the need of its own regions."""
    rows = own_stock(world, warehouse, item)
    come = sum(quantity for moment_s, quantity in rows if moment_s < world.horizon_s)
    if not come:
        return 0
    regions = world.regions_of.get(warehouse, ())
    return max(0, come - sum(deliverable(world, region).get(item, 0) for region in regions))


def _lags(world: World, warehouse: str, item: Item) -> Mapping[str, int]:
    """Least time of an item on its way from each other warehouse to this one; none where no vehicle goes."""
    found: dict[str, int] = {}
    heap = [(0, warehouse)]
    while heap:
        lag_s, here = heapq.heappop(heap)
        if here in found:
            continue
        found[here] = lag_s
        for other in world.instance.warehouses:
            if other.id not in found and own_stock(world, other.id, item.id):
                steps = [direct_lag_s(world, kind, here, item) for kind in world.types_of(other.id)]
                known = [step for step in steps if step is not None]
                if known:
                    heapq.heappush(heap, (lag_s + min(known), other.id))
    return {name: lag_s for name, lag_s in found.items() if name != warehouse}


def direct_lag_s(world: World, kind: VehicleType, to: str, item: Item) -> int | None:
    """Least time from the start of loading one item to the end of its unloading; None where it cannot be.

    Parameters
    ----------
    world
        What the files say.
    kind
        Type of the vehicle, which begins at its warehouse.
    to
        Id of the other warehouse.
    item
        One of it is carried.
    """
    home = world.home(kind)
    one = Load(item.mass_g, item.volume_cm3, item.pieces)
    if home != kind.warehouse or not carries(kind, one):
        return None
    leg_s = world.ways.leg_times_to(kind, to, frozenset({home})).get(home)
    back = kind.open_end or to in world.ways.leg_times_to(kind, home, frozenset({to}))
    if leg_s is None or not back:
        return None
    return kind.load_fixed_s + leg_s + (kind.load_piece_s + kind.unload_piece_s) * item.pieces


def stock_before(world: World, warehouses: Collection[str], before_s: int) -> Mapping[str, int]:
    """How much of each item with rows at these warehouses may be there before a moment, sent or not."""
    found: dict[str, int] = {}
    for row in world.instance.stock:
        if row.warehouse in warehouses:
            come = row.quantity if (row.available_s or 0) < before_s else 0
            found[row.item] = found.get(row.item, 0) + come
    for warehouse in sorted(warehouses):
        for item in found:
            if own_stock(world, warehouse, item):
                sent = sent_by_others(world, warehouse, item)
                found[item] += sum(quantity for moment_s, quantity in sent if moment_s < before_s)
    return found


def last_to_come(world: World, region: Region) -> tuple[int | None, frozenset[str]]:
    """When all that a region needs has come to its warehouse (None: never), and the items that come last."""
    moments = {
        item: all_there_from_s(world, region, {item: sum(parts.values())})
        for item, parts in parts_of(world, region).items()
    }
    never = frozenset(item for item, moment in moments.items() if moment is None)
    last_s = max((moment for moment in moments.values() if moment is not None), default=0)
    return (None, never) if never else (last_s, frozenset(one for one in moments if moments[one] == last_s))


def all_there_from_s(world: World, region: Region, items: Mapping[str, int]) -> int | None:
    """First moment at which all of these may have come to the region's warehouse; None: never."""
    last_s = 0
    for item, number in items.items():
        moment = _there_from_s(world, region.warehouse, item, number)
        if moment is None:
            return None
        last_s = max(last_s, moment)
    return last_s


def _there_from_s(world: World, warehouse: str, item: str, number: int) -> int | None:
    own_s = world.there_from_s(warehouse, item, number)
    if own_s == 0:
        return 0
    come = 0
    rows = (*own_stock(world, warehouse, item), *sent_by_others(world, warehouse, item))
    for moment_s, quantity in sorted(rows):
        come += quantity
        if come >= number:
            return moment_s if moment_s < world.horizon_s else None
    return None
