"""What a text that people write names: places, vehicle types, single vehicles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from planner.base.nearest import nearest
from planner.instance.call_signs import CallSigns
from planner.instance.schema import FleetRow, Hub, Instance, Node, Region, VehicleType, Warehouse

__all__ = ["ALL_OF_TYPE", "Named", "Subjects", "Vehicles", "vehicle_id"]

ALL_OF_TYPE = 0
Vehicles = frozenset[tuple[str, int]]
"""Vehicles by type and number; the number `ALL_OF_TYPE` stands for all of a type."""

_NUMBER = re.compile(r"\s*0*([1-9]\d{0,5})")
_NEAREST = 3


def vehicle_id(kind: str, number: int) -> str:
    """Id of a vehicle in plans.

    Examples
    --------
    >>> vehicle_id("TRUCK", 3)
    'TRUCK-03'
    """
    return f"{kind}-{number:02d}"


@dataclass(frozen=True)
class Named:
    """What a text names.

    Parameters
    ----------
    regions, hubs
        Ids, in the order of their tables.
    vehicles
        Types and single vehicles.
    nearest
        What may have been meant, where nothing or too much is named.
    ambiguous
        Whether it names several things at once.
    beyond
        Number of the vehicles that there are, where a single one beyond them is named.
    """

    regions: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    vehicles: Vehicles = frozenset()
    nearest: tuple[str, ...] = ()
    ambiguous: bool = False
    beyond: int | None = None

    @property
    def something(self) -> bool:
        """Whether it names something, and one thing only."""
        return not self.ambiguous and bool(self.regions or self.hubs or self.vehicles)


@dataclass(frozen=True)
class Subjects:
    """All that can be named.

    Notes
    -----
    Ids come before names; an area that shares its id with its office, a hub, is the area (``hub:ID`` is the
    hub). Names are compared without regard to capitals.
    """

    regions: Mapping[str, Region]
    hubs: Mapping[str, Hub]
    types: Mapping[str, VehicleType]
    areas: Mapping[str, tuple[str, ...]]
    warehouses: Mapping[str, Warehouse] = field(default_factory=dict)
    signs: CallSigns | None = None

    @classmethod
    def of_rows(
        cls,
        regions: Iterable[Region],
        hubs: Iterable[Hub],
        types: Iterable[VehicleType],
        warehouses: Iterable[Warehouse] = (),
        nodes: Iterable[Node] = (),
        fleet: Iterable[FleetRow] = (),
    ) -> Subjects:
        """What the rows of these tables name.

        Parameters
        ----------
        regions, hubs, types, warehouses, nodes, fleet
            Rows; those of vehicle types are `types`.
        """
        mine = {one.id: one for one in regions}
        hubs, types, warehouses = tuple(hubs), tuple(types), tuple(warehouses)
        rows: tuple[Region | Hub | VehicleType | Warehouse | Node, ...]
        rows = (*mine.values(), *hubs, *types, *warehouses, *nodes)
        signs = CallSigns(types, (word for one in rows for word in (one.id, one.name)), fleet)
        areas: dict[str, list[str]] = {}
        for one in mine.values():
            for name in dict.fromkeys((one.area, one.subarea)):
                if name and name not in mine:
                    areas.setdefault(name, []).append(one.id)
        return cls(
            mine,
            {one.id: one for one in hubs},
            {one.id: one for one in types},
            {name: tuple(found) for name, found in areas.items()},
            {one.id: one for one in warehouses},
            signs,
        )

    @classmethod
    def of(cls, instance: Instance) -> Subjects:
        """What an instance's tables name."""
        tables = (instance.regions, instance.hubs, instance.vehicles, instance.warehouses, instance.nodes)
        return cls.of_rows(*tables, instance.fleet)

    def named(self, text: str) -> Named:
        """What one text names."""
        text = text.strip()
        kind, _, rest = text.partition(":")
        if kind in ("region", "area", "hub", "vehicle") and rest.strip():
            return self._one_of(rest.strip(), {kind})
        return self._one_of(text, {"region", "area", "hub", "vehicle"})

    def split(self, text: str) -> list[str]:
        """The single texts of several joined by ``+``; what names something as a whole stays whole."""
        text = text.strip()
        if not text or "+" not in text or self.named(text).something:
            return [text] if text else []
        return [part.strip() for part in text.split("+") if part.strip()]

    def _one_of(self, text: str, kinds: set[str]) -> Named:
        found = list(self._by_id(text, kinds))
        if not found:
            single = self._numbered(text) if "vehicle" in kinds else None
            if single is not None:
                return single
            found = list(self._by_name(text, kinds))
        if len(found) == 1:
            return found[0][1]
        if found:
            return Named(ambiguous=True, nearest=tuple(name for name, _ in found))
        return Named(nearest=self._nearest(text))

    def _by_id(self, text: str, kinds: set[str]) -> Iterable[tuple[str, Named]]:
        area = text in self.areas and "area" in kinds
        if text in self.regions and "region" in kinds:
            yield f"region:{text}", Named(regions=(text,))
        if area:
            yield f"area:{text}", Named(regions=self.areas[text])
        if text in self.hubs and "hub" in kinds and not area:
            yield f"hub:{text}", Named(hubs=(text,))
        if text in self.types and "vehicle" in kinds:
            yield f"vehicle:{text}", Named(vehicles=frozenset({(text, ALL_OF_TYPE)}))

    def _numbered(self, text: str) -> Named | None:
        """A single vehicle, as ``TYPE/3``, as its id in plans, or by its call sign."""
        called = None if self.signs is None else self.signs.vehicle(text)
        at = max(text.rfind("/"), text.rfind("-"))
        match = _NUMBER.fullmatch(text, at + 1) if at > 0 else None
        kind = None if match is None else self._type(text[:at].rstrip())
        if called is not None:
            kind, number = self.types[called[0]], called[1]
        elif match is not None and kind is not None:
            number = int(match[1])
        else:
            return None
        if number > kind.number:
            return Named(beyond=kind.number)
        return Named(vehicles=frozenset({(kind.id, number)}))

    def _type(self, text: str) -> VehicleType | None:
        """A type by its id, else by id or name whatever their capitals, if there is only one."""
        if text in self.types:
            return self.types[text]
        wanted = text.casefold()
        found = [one for one in self.types.values() if wanted in (one.id.casefold(), one.name.casefold())]
        return found[0] if len(found) == 1 else None

    def _by_name(self, text: str, kinds: set[str]) -> Iterable[tuple[str, Named]]:
        wanted = " ".join(text.casefold().split())
        for kind, name, one, named in self._names:
            called = (name, one) if kind == "vehicle" else (name,)
            if kind in kinds and wanted in [each.casefold() for each in called]:
                yield f"{name} ({one})", named

    @property
    def _names(self) -> Iterator[tuple[str, str, str, Named]]:
        """Kind, name, id and meaning of all that has a name."""
        for region in self.regions.values():
            yield "region", region.name, region.id, Named(regions=(region.id,))
        for name, area in self._area_names:
            yield "area", name, area, Named(regions=self.areas[area])
        for hub in self.hubs.values():
            yield "hub", hub.name, hub.id, Named(hubs=(hub.id,))
        for kind in self.types.values():
            yield "vehicle", kind.name, kind.id, Named(vehicles=frozenset({(kind.id, ALL_OF_TYPE)}))

    @property
    def _area_names(self) -> Mapping[tuple[str, str], str]:
        """Ids of areas and subareas by name and id."""
        found: dict[tuple[str, str], str] = {}
        for one in self.regions.values():
            for name, area in ((one.area_name, one.area), (one.subarea_name, one.subarea)):
                if name and area in self.areas:
                    found[name, area] = area
        return found

    def _nearest(self, text: str) -> tuple[str, ...]:
        """Ids and names that are like a text."""
        ids = (*self.regions, *self.areas, *self.hubs, *self.types)
        known = {name: name for name in ids}
        for _, name, one, _ in self._names:
            known.setdefault(name, f"{name} ({one})")
        near = nearest(text, known, most=_NEAREST)
        return tuple(dict.fromkeys(known[name] for name in near))[:_NEAREST]
