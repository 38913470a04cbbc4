"""Turns a region's counts into loads, one for each of its units.

The rules are told in ``docs/concepts.md``, "Demand".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from planner.instance.schema import Extra, Instance, Item, Region, Rounding

__all__ = ["Load", "region_load", "unit_loads"]

PER_REGION = "region"
_WHOLE = 10_000  # a reserve is in hundredths of a percent


@dataclass(frozen=True, slots=True)
class Load:
    """What travels together.

    Parameters
    ----------
    mass_g
        Mass in grams.
    volume_cm3
        Volume in cubic centimetres.
    pieces
        Pieces to be handled.
    items
        Quantity of each item, of those that there are.
    """

    mass_g: int = 0
    volume_cm3: int = 0
    pieces: int = 0
    items: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __add__(self, other: Load) -> Load:
        """Both loads together."""
        items = dict(self.items)
        for item, quantity in other.items.items():
            items[item] = items.get(item, 0) + quantity
        return Load(
            self.mass_g + other.mass_g,
            self.volume_cm3 + other.volume_cm3,
            self.pieces + other.pieces,
            items,
        )

    def __mul__(self, times: int) -> Load:
        """Take the load so many times."""
        items = {item: quantity * times for item, quantity in self.items.items()} if times else {}
        return Load(self.mass_g * times, self.volume_cm3 * times, self.pieces * times, items)


def unit_loads(instance: Instance, region: Region) -> Mapping[str, tuple[Load, ...]]:
    """Give the loads of a region's units, by part.

    Parameters
    ----------
    instance
        Gives the kit and the name of the unit.
    region
        The region.

    Returns
    -------
    Mapping
        For each part of which the region has something to receive, the load of each unit, units
        numbered from 0. Empty for a region without units. What the table `extra` asks for is a part of
        its own.
    """
    settings = instance.settings
    loads = _unit_loads(instance.items, settings.unit, tuple(region.counts.items()))
    more = instance.extra_of.get(region.id)
    return {**loads, **_extra_loads(instance.items, more)} if more else loads


def region_load(instance: Instance, region: Region) -> Load:
    """All that a region must receive, of all parts."""
    settings = instance.settings
    total = _region_load(instance.items, settings.unit, tuple(region.counts.items()))
    more = instance.extra_of.get(region.id)
    if more:
        for loads in _extra_loads(instance.items, more).values():
            total = sum(loads, total)
    return total


@lru_cache(maxsize=16_384)
def _extra_loads(items: tuple[Item, ...], rows: tuple[Extra, ...]) -> Mapping[str, tuple[Load, ...]]:
    """Loads of the units that rows of `extra` ask for, by the rows' id."""
    item_of = {item.id: item for item in items}
    found: dict[str, dict[int, list[tuple[Item, int]]]] = {}
    for row in rows:
        found.setdefault(row.id, {}).setdefault(row.unit, []).append((item_of[row.item], row.quantity))
    return {
        name: tuple(_load(units[unit]) for unit in sorted(units)) for name, units in sorted(found.items())
    }


@lru_cache(maxsize=16_384)
def _unit_loads(
    items: tuple[Item, ...], unit: str, counts: tuple[tuple[str, int], ...]
) -> Mapping[str, tuple[Load, ...]]:
    runs = _runs(unit, dict(counts))
    parts = dict.fromkeys(item.part for item in items)
    loads: dict[str, tuple[Load, ...]] = {}
    for part in parts:
        kit = tuple(item for item in items if item.part == part)
        units: list[Load] = []
        for length, shares in runs:
            units += [_kind_load(kit, unit, shares)] * length
        if units:
            units[0] += _with_first(kit, counts)
        if any(load.items for load in units):
            loads[part] = tuple(units)
    return loads


@lru_cache(maxsize=16_384)
def _region_load(items: tuple[Item, ...], unit: str, counts: tuple[tuple[str, int], ...]) -> Load:
    runs = _runs(unit, dict(counts))
    total = _with_first(items, counts) if runs else Load()
    for length, shares in runs:
        total += _kind_load(items, unit, shares) * length
    return total


def _runs(unit: str, counts: Mapping[str, int]) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Find the runs of units that have the same shares of all counts: length, and share by count.

    With V of a count and U units the first V mod U units have one more than the others.
    """
    number = counts.get(unit, 0)
    if not number:
        return []
    bounds = sorted({0, number} | {count % number for count in counts.values()})
    runs = []
    for first, end in zip(bounds, bounds[1:], strict=False):
        shares = tuple(
            (name, count // number + (first < count % number))
            for name, count in counts.items()
            if name != unit
        )
        runs.append((end - first, shares))
    return runs


@lru_cache(maxsize=65_536)
def _kind_load(items: tuple[Item, ...], unit: str, shares: tuple[tuple[str, int], ...]) -> Load:
    """Load of one unit without what travels with unit 0."""
    share_of = dict(shares)
    return _load(
        (item, _rounded_up(item, 1 if item.per == unit else share_of[item.per]))
        for item in items
        if item.per != PER_REGION and item.rounding is Rounding.UNIT
    )


@lru_cache(maxsize=16_384)
def _with_first(items: tuple[Item, ...], counts: tuple[tuple[str, int], ...]) -> Load:
    """Sum what is counted once for the region and travels with unit 0."""
    count_of = dict(counts) | {PER_REGION: 1}
    return _load(
        (item, _rounded_up(item, count_of[item.per]))
        for item in items
        if item.per == PER_REGION or item.rounding is Rounding.REGION
    )


def _rounded_up(item: Item, count: int) -> int:
    return -(-item.quantity * count * (_WHOLE + item.reserve_bp) // _WHOLE)


def _load(quantities: Iterable[tuple[Item, int]]) -> Load:
    mass = volume = pieces = 0
    items: dict[str, int] = {}
    for item, quantity in quantities:
        if quantity:
            mass += quantity * item.mass_g
            volume += quantity * item.volume_cm3
            pieces += quantity * item.pieces
            items[item.id] = quantity
    return Load(mass, volume, pieces, items)
