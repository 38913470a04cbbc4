"""Boxes and items of consignments: which codes there are in them, and how much of each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from planner.instance.box_codes import box_code, check_sign, kinds_of
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import BoxRow, Instance, Region, Unit

__all__ = ["Box", "Boxes", "Consigned", "as_scanned", "ranges_text"]


class Consigned(Protocol):
    """Units of a region's part that travel together."""

    @property
    def region_id(self) -> str:
        """Whose they are."""

    @property
    def part(self) -> str:
        """Of which part."""

    @property
    def first_unit(self) -> int:
        """The first one, from 0."""

    @property
    def units(self) -> int:
        """How many they are."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Parameters
    ----------
    region_id, unit
        Whose it is: region, and number of its unit as people know it.
    item_id, number
        What it is, and which one of the unit's.
    seal
        Number of its seal; empty: not known.
    part, index
        Where its unit is in plans: of which part, and from 0 which one.
    """

    code: str
    region_id: str
    unit: str
    item_id: str
    number: int
    seal: str = ""
    part: str = ""
    index: int = 0


class Boxes:
    """What consignments hold, by the kit.

    Parameters
    ----------
    instance
        As reports leave it.
    coded
        Items whose boxes have codes, beside those that the table `boxes` names; empty: all that are handled
        as pieces.
    """

    def __init__(self, instance: Instance, coded: Sequence[str] = ()) -> None:
        self._instance = instance
        pieces = [item.id for item in instance.items if item.pieces]
        named = (row.item for row in instance.boxes)
        self.coded = tuple(dict.fromkeys((*(coded or pieces), *named)))
        self._kinds = {**kinds_of(self.coded), **kinds_of(coded or pieces)}
        self._made: dict[tuple[str, str], Sequence[Sequence[Box]]] = {}

    @cached_property
    def _units(self) -> Mapping[str, Sequence[Unit]]:
        found: dict[str, list[Unit]] = {}
        for row in self._instance.units:
            found.setdefault(row.region, []).append(row)
        return found

    @cached_property
    def _given(self) -> Mapping[tuple[str, str, str], Sequence[BoxRow]]:
        """Rows of `boxes` by region, unit and item."""
        found: dict[tuple[str, str, str], list[BoxRow]] = {}
        for row in self._instance.boxes:
            found.setdefault((row.region, row.unit, row.item), []).append(row)
        return found

    def _loads(self, region_id: str, part: str) -> Sequence[Load]:
        region = self._instance.region_of.get(region_id)
        return () if region is None else unit_loads(self._instance, region).get(part, ())

    def unit_name(self, region_id: str, part: str, index: int) -> str:
        """Number of a unit as people know it: that of its row in `units`, else its place, in three digits."""
        if part in {row.id for row in self._instance.extra_of.get(region_id, ())}:
            return f"{part}.{index + 1}"
        rows = self._units.get(region_id, ())
        return rows[index].number if index < len(rows) else f"{index + 1:03d}"

    def _boxes(self, region_id: str, part: str) -> Sequence[Sequence[Box]]:
        """Boxes of each unit of a region's part."""
        key = (region_id, part)
        if key not in self._made:
            loads = self._loads(region_id, part)
            self._made[key] = [list(self._of_unit(region_id, part, at)) for at in range(len(loads))]
        return self._made[key]

    def _of_unit(self, region_id: str, part: str, index: int) -> Iterable[Box]:
        unit = self.unit_name(region_id, part, index)
        rows = self._units.get(region_id, ())
        given = rows[index].code if index < len(rows) and rows[index].number == unit else ""
        for item in self.coded:
            mine = self._given.get((region_id, unit, item), ())
            for number in range(1, self._loads(region_id, part)[index].items.get(item, 0) + 1):
                if number <= len(mine):
                    row = mine[number - 1]
                    yield Box(row.code, region_id, unit, item, number, row.seal, part, index)
                    continue
                kind = f"{self._kinds[item]}{number}"
                body = f"{given}-{kind}"
                code = f"{body}-{check_sign(body)}" if given else box_code(region_id, unit, kind)
                yield Box(code, region_id, unit, item, number, "", part, index)

    def of_region(self, region: Region) -> Sequence[Box]:
        """All boxes that a region must receive."""
        return [
            box
            for part in unit_loads(self._instance, region)
            for boxes in self._boxes(region.id, part)
            for box in boxes
        ]

    def of(self, given: Consigned) -> Sequence[Box]:
        """Boxes of a consignment."""
        units = self._boxes(given.region_id, given.part)[given.first_unit : given.first_unit + given.units]
        return [box for boxes in units for box in boxes]

    def items_of(self, deliveries: Iterable[Consigned]) -> Counter[str]:
        """How much of each item there is in consignments."""
        found: Counter[str] = Counter()
        for given in deliveries:
            for load in self._loads(given.region_id, given.part)[given.first_unit :][: given.units]:
                found.update(load.items)
        return found

    def units_text(self, given: Consigned) -> str:
        """Numbers of a consignment's units: ``001–004, 007``."""
        last = given.first_unit + given.units
        return ranges_text(
            self.unit_name(given.region_id, given.part, at) for at in range(given.first_unit, last)
        )


def as_scanned(code: str) -> str:
    """A code as it is compared: whatever the case, without blanks."""
    return "".join(code.split()).upper()


def ranges_text(names: Iterable[str]) -> str:
    """Names in one line; what follows each other in numbers as wide as each other is joined.

    Examples
    --------
    >>> ranges_text(["001", "002", "003", "007", "x", "9", "10"])
    '001–003, 007, x, 9, 10'
    """
    found: list[list[str]] = []
    for name in names:
        last = found[-1][-1] if found else ""
        same = last.isdecimal() and name.isdecimal() and len(last) == len(name)
        if same and int(name) == int(last) + 1:
            found[-1].append(name)
        else:
            found.append([name])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)
