"""What proofs ask of a region's goods: single units, who can carry them, when they have come."""

from __future__ import annotations

from collections.abc import Mapping

from planner.instance.schema import Region, VehicleType
from planner.proof.kit import Load
from planner.proof.world import World

__all__ = ["all_there_from_s", "carries", "largest_unit", "last_to_come", "parts_of", "smallest_unit"]


def largest_unit(world: World, region: Region, part: str) -> Load:
    """Unit 0: it has the largest share of every count and all that is rounded for the region."""
    return world.kit.load(region, part, 0, 1)


def smallest_unit(world: World, region: Region, part: str) -> Load:
    """Last unit: it has the smallest share of every count and nothing that is rounded for the region."""
    return world.kit.load(region, part, world.kit.units(region) - 1, 1)


def carries(kind: VehicleType, load: Load) -> bool:
    """Whether a load fits into a vehicle of a type."""
    return (
        load.mass_g <= kind.mass_kg * 1000
        and load.volume_cm3 <= kind.volume_dm3 * 1000
        and (kind.pieces is None or load.pieces <= kind.pieces)
    )


def parts_of(world: World, region: Region) -> Mapping[str, Mapping[str, int]]:
    """How much of each item the region needs, by part."""
    found: dict[str, dict[str, int]] = {}
    for part, num in world.kit.needs(region).items():
        for item, number in world.kit.load(region, part, 0, num).items.items():
            if number:
                found.setdefault(item, {})[part] = number
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
    """First moment at which all of these have come to the region's warehouse; None: never."""
    last_s = 0
    for item, number in items.items():
        moment = world.there_from_s(region.warehouse, item, number)
        if moment is None:
            return None
        last_s = max(last_s, moment)
    return last_s
