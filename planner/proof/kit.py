"""The checker's own kit: what units of a region need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from planner.instance.schema import Instance, Item, Region, Rounding

__all__ = ["Kit", "Load"]


@dataclass(frozen=True, slots=True)
class Load:
    """Goods: how many of each item, and what they weigh together."""

    mass_g: int = 0
    volume_cm3: int = 0
    pieces: int = 0
    items: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def total(loads: Iterable[Load]) -> Load:
        """All of them together."""
        mass_g = volume_cm3 = pieces = 0
        items: dict[str, int] = {}
        for one in loads:
            mass_g += one.mass_g
            volume_cm3 += one.volume_cm3
            pieces += one.pieces
            for item, number in one.items.items():
                items[item] = items.get(item, 0) + number
        return Load(mass_g, volume_cm3, pieces, items)

    def __sub__(self, other: Load) -> Load:
        items = {item: number - other.items.get(item, 0) for item, number in self.items.items()}
        return Load(
            self.mass_g - other.mass_g,
            self.volume_cm3 - other.volume_cm3,
            self.pieces - other.pieces,
            {item: number for item, number in items.items() if number},
        )


class Kit:
    """Turns runs of units into goods.

    Parameters
    ----------
    instance
        Its items and the name of its unit are used.
    """

    def __init__(self, instance: Instance) -> None:
        self._unit = instance.settings.unit
        self._items: dict[str, list[Item]] = {}
        for item in instance.items:
            self._items.setdefault(item.part, []).append(item)
        self._needs: dict[str, Mapping[str, int]] = {}
        self._loads: dict[tuple[str, str, int, int], Load] = {}
        self._extra: dict[tuple[str, str], list[dict[str, int]]] = {}  # items of each unit
        for row in sorted(instance.extra, key=lambda one: one.unit):
            units = self._extra.setdefault((row.region, row.id), [])
            units += [{} for _ in range(row.unit + 1 - len(units))]
            units[row.unit][row.item] = units[row.unit].get(row.item, 0) + row.quantity

    def units(self, region: Region, part: str = "") -> int:
        """Count the units of a region that its counts give, or those of a part."""
        if (region.id, part) in self._extra:
            return len(self._extra[region.id, part])
        return max(0, region.counts.get(self._unit, 0))

    def beyond_counts(self, region: Region, part: str) -> bool:
        """Whether a part is not of the kit: its units are in no order of size."""
        return (region.id, part) in self._extra

    def needs(self, region: Region) -> Mapping[str, int]:
        """Parts that a region must receive, each with its number of units."""
        found = self._needs.get(region.id)
        if found is None:
            num = self.units(region)
            found = {
                part: num
                for part in self._items
                if num and any(self.load(region, part, 0, num).items.values())
            }
            found |= {part: len(units) for (name, part), units in self._extra.items() if name == region.id}
            self._needs[region.id] = found
        return found

    def load(self, region: Region, part: str, first: int, num: int) -> Load:
        """Goods of the units [first, first + num) of a part; units that do not exist carry nothing.

        Parameters
        ----------
        region, part
            The region, and a part of its kit.
        first, num
            First unit, from 0, and how many.
        """
        key = (region.id, part, first, num)
        if key not in self._loads:
            self._loads[key] = self._load(region, part, first, num)
        return self._loads[key]

    def _load(self, region: Region, part: str, first: int, num: int) -> Load:
        total = self.units(region, part)
        begin, end = max(0, first), min(total, first + num)
        if begin >= end:
            return Load()
        if (region.id, part) in self._extra:
            rows = self._extra[region.id, part][begin:end]
            return Load.total(self.goods(item, number) for row in rows for item, number in row.items())
        mass = volume = pieces = 0
        items: dict[str, int] = {}
        for item in self._items.get(part, ()):
            number = self._quantity(item, region, total, begin, end)
            if number:
                items[item.id] = number
                mass += number * item.mass_g
                volume += number * item.volume_cm3
                pieces += number * item.pieces
        return Load(mass, volume, pieces, items)

    def goods(self, item_id: str, quantity: int) -> Load:
        """So many of an item by themselves; an unknown one weighs nothing."""
        known = (one for items in self._items.values() for one in items if one.id == item_id)
        item = next(known, None)
        if item is None:
            return Load()
        mass_g, volume_cm3 = quantity * item.mass_g, quantity * item.volume_cm3
        return Load(mass_g, volume_cm3, quantity * item.pieces, {item_id: quantity})

    def _quantity(self, item: Item, region: Region, total: int, begin: int, end: int) -> int:
        if item.per == "region":
            return _with_reserve(item, 1) if begin == 0 else 0
        count = total if item.per == self._unit else max(0, region.counts.get(item.per, 0))
        if item.rounding is Rounding.REGION:
            return _with_reserve(item, count) if begin == 0 else 0
        share, num_larger = divmod(count, total)
        larger = max(0, min(end, num_larger) - begin)
        smaller = end - begin - larger
        return larger * _with_reserve(item, share + 1) + smaller * _with_reserve(item, share)


def _with_reserve(item: Item, count: int) -> int:
    return -(-item.quantity * count * (10_000 + item.reserve_bp) // 10_000)
