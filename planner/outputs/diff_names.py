"""Names of places and vehicles for words on the telephone, and who is to be called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.crews import people_of
from planner.instance.schema import Contact, Instance
from planner.instance.write import writes_commas

__all__ = ["DiffNames"]


class DiffNames:
    """Names from an instance; without one, ids.

    Parameters
    ----------
    instance
        Its regions, hubs, warehouses, vehicle types, drivers and contacts are used.
    """

    def __init__(self, instance: Instance | None) -> None:
        self._instance = instance
        self._places = _places(instance)
        self._types: Mapping[str, str] = (
            {} if instance is None else {one.id: one.name for one in instance.vehicles}
        )
        self._contacts: dict[str, list[Contact]] = {}
        for one in () if instance is None else people_of(instance):
            self._contacts.setdefault(one.place, []).append(one)

    def place(self, node: str) -> str:
        """Name of a place; where several regions are called so, with the part of the area."""
        return self._places.get(node, node)

    def vehicle(self, vehicle_id: str, vehicle_type: str) -> str:
        """Name of a vehicle's type, its call sign and its id."""
        name, sign = self._types.get(vehicle_type, ""), self.sign(vehicle_id)
        return words("diff.trip.vehicle", name=name, sign=sign, id=vehicle_id).strip() if sign else vehicle_id

    def sign(self, vehicle_id: str) -> str:
        """Call sign of a vehicle; empty without an instance."""
        return "" if self._instance is None else call_signs(self._instance).of(vehicle_id)

    @property
    def separator(self) -> str:
        """What separates the cells of a table for people: a semicolon where decimals have commas."""
        return ";" if self._instance is not None and writes_commas(self._instance.settings) else ","

    def area(self, region: str) -> str:
        """Name of a region's area, or its id; empty where there is none."""
        one = None if self._instance is None else self._instance.region_of.get(region)
        return "" if one is None else one.area_name or one.area

    def is_hub(self, place: str) -> bool:
        """Whether a place where vehicles load is a hub."""
        instance = self._instance
        return instance is not None and place not in instance.warehouse_of and place in self._places

    def contacts(self, *places: str) -> Sequence[Contact]:
        """Who is to be called for a place or vehicle: of the first of these names that has somebody."""
        for name in places:
            if name in self._contacts:
                return self._contacts[name]
        return ()


def _places(instance: Instance | None) -> Mapping[str, str]:
    if instance is None:
        return {}
    often = Counter(region.name for region in instance.regions)
    found = {one.id: one.name for one in instance.nodes}
    found |= {one.id: one.name for one in instance.warehouses}
    found |= {one.id: one.name for one in instance.hubs}
    for region in instance.regions:
        part = region.subarea_name or region.area_name
        same = often[region.name] > 1 and part
        found[region.id] = f"{region.name} ({part})" if same else region.name
    return {name: label or name for name, label in found.items()}
