"""What proofs ask of a region's goods: single units, and who can carry them."""

from __future__ import annotations

from collections.abc import Mapping

from planner.instance.schema import Region, VehicleType
from planner.proof.kit import Load
from planner.proof.world import World

__all__ = ["carries", "largest_unit", "parts_of", "smallest_unit"]


def largest_unit(world: World, region: Region, part: str) -> Load:
    """Unit 0: it has the largest share of every count and all that is rounded for the region.

    Beyond the counts it is the unit of most pieces.
    """
    if world.kit.beyond_counts(region, part):
        return max(_units(world, region, part), key=lambda one: one.pieces)
    return world.kit.load(region, part, 0, 1)


def smallest_unit(world: World, region: Region, part: str) -> Load:
    """Last unit: it has the smallest share of every count and nothing that is rounded for the region.

    Beyond the counts it is as small in each measure as some unit.
    """
    if world.kit.beyond_counts(region, part):
        units = _units(world, region, part)
        return Load(
            *(min(getattr(one, name) for one in units) for name in ("mass_g", "volume_cm3", "pieces"))
        )
    return world.kit.load(region, part, world.kit.units(region, part) - 1, 1)


def _units(world: World, region: Region, part: str) -> list[Load]:
    return [world.kit.load(region, part, unit, 1) for unit in range(world.kit.units(region, part))]


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
