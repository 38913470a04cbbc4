"""Bounds under a chain of hubs: all vehicles of a warehouse together, transfers and hours left out.

Goods start at the warehouse, whoever carries them further on and wherever that vehicle is at home. So no
plan brings them where no vehicle has an edge, nor sooner than each edge at its fastest vehicle.
"""

from __future__ import annotations

from planner.instance.schema import Region
from planner.proof.kit import Load
from planner.proof.needs import carries, largest_unit, parts_of, smallest_unit
from planner.proof.stocks import all_there_from_s
from planner.proof.world import World

__all__ = ["chain_crossing_edges", "chain_earliest_receipt", "chain_least_s"]


def chain_least_s(world: World, region: Region) -> int | None:
    """No plan takes less time on the way from the warehouse to a region; None: there is no way."""
    kinds, places = world.types_of(region.warehouse), world.places(region.warehouse)
    return world.ways.pooled_times(region.warehouse, kinds, places).get(region.id)


def chain_crossing_edges(world: World, region: Region) -> set[str]:
    """Edges between what the vehicles together reach and the side of the region."""
    kinds, places = world.types_of(region.warehouse), world.places(region.warehouse)
    reached = world.ways.pooled_times(region.warehouse, kinds, places)
    return world.ways.border(reached, region.id)


def chain_earliest_receipt(world: World, region: Region) -> int | None:
    """No plan hands over everything to a region before this second; None: not at all.

    Notes
    -----
    Each part's largest unit must come, on the least way, from when its items have come and the warehouse is
    open; so must some unit for which the last of an item had to come. Unloading is that of the fastest type
    that carries the unit; loading, transfers, the hours of all but the warehouse, and other goods are left
    out.
    """
    least_s = chain_least_s(world, region)
    if least_s is None:
        return None
    latest = 0
    for part in world.kit.needs(region):
        receipt = _receipt(world, region, least_s, largest_unit(world, region, part), 0)
        if receipt is None:
            return None
        latest = max(latest, receipt)
    for item, parts in parts_of(world, region).items():
        come_s = all_there_from_s(world, region, {item: sum(parts.values())})
        if come_s is None:
            return None
        lasts = [smallest_unit(world, region, part) for part in parts] if come_s else []
        receipts = [_receipt(world, region, least_s, unit, come_s) for unit in lasts]
        known = [one for one in receipts if one is not None]
        if lasts and not known:
            return None
        latest = max(latest, min(known, default=0))
    return latest


def _receipt(world: World, region: Region, least_s: int, unit: Load, not_before_s: int) -> int | None:
    """No earlier is one unit received that is loaded when it has come, and not before a moment."""
    come_s = all_there_from_s(world, region, unit.items)
    unloads = [kind.unload_piece_s for kind in world.types_of(region.warehouse) if carries(kind, unit)]
    if come_s is None:
        return None
    open_s = _first_open(world, region.warehouse, max(come_s, not_before_s, world.release_s(region)))
    if open_s is None or not unloads:
        return None
    receipt_s = open_s + least_s + region.handover_s + min(unloads) * unit.pieces
    return max(receipt_s, world.not_before_s(region))


def _first_open(world: World, name: str, moment_s: int) -> int | None:
    """First moment from one on at which a warehouse is open."""
    warehouse = world.instance.warehouse_of.get(name)
    hours = () if warehouse is None else world.calendars.intervals(warehouse.calendar)
    return next((max(moment_s, from_s) for from_s, to_s in hours if moment_s <= to_s), None)
