"""Goods that still have to be moved: the legs of deliveries, from where they are loaded to who gets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.instance.chains import chain_of
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Instance, Region
from planner.plans.model import Delivery, Trip

__all__ = ["GoodsLeg", "legs_of_trips", "missing_units", "new_legs", "reloaded"]


@dataclass(frozen=True, slots=True)
class GoodsLeg:
    """One leg of a delivery.

    Parameters
    ----------
    origin_id, node_id
        Where it is loaded, and where it is handed over.
    goods
        What.
    needs
        Quantity of each item in it.
    fetched_from
        Node where a vehicle that has broken down stands with it; empty: it is loaded at its origin.
    free_s
        Not loaded before: it comes back to its origin then.
    """

    origin_id: str
    node_id: str
    goods: Delivery
    needs: Mapping[str, int]
    fetched_from: str = ""
    free_s: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What it is called: origin and consignment."""
        return (self.origin_id, self.goods.consignment_id)


def reloaded(instance: Instance, one: Delivery) -> tuple[Delivery, Mapping[str, int]]:
    """A delivery with the load that its units have now, and its items."""
    region = instance.region_of[one.region_id]
    units = unit_loads(instance, region).get(one.part, ())[one.first_unit : one.first_unit + one.units]
    return _delivery(one.consignment_id, region, one.part, one.first_unit, units)


def _delivery(
    name: str, region: Region, part: str, first: int, units: Sequence[Load]
) -> tuple[Delivery, Mapping[str, int]]:
    items: dict[str, int] = {}
    for unit in units:
        for item, quantity in unit.items.items():
            items[item] = items.get(item, 0) + quantity
    return (
        Delivery(
            consignment_id=name,
            region_id=region.id,
            part=part,
            first_unit=first,
            units=len(units),
            mass_g=sum(unit.mass_g for unit in units),
            volume_cm3=sum(unit.volume_cm3 for unit in units),
            pieces=sum(unit.pieces for unit in units),
        ),
        items,
    )


def legs_of_trips(instance: Instance, trips: Iterable[Trip]) -> list[GoodsLeg]:
    """The legs of all that some trips carry."""
    return [
        GoodsLeg(trip.origin_id, stop.node_id, *reloaded(instance, goods))
        for trip in trips
        for stop in trip.stops
        for goods in stop.deliveries
    ]


def missing_units(
    instance: Instance, region: Region, deliveries: Iterable[Delivery]
) -> list[tuple[str, int, int]]:
    """Runs of units (part, first, number) that a region needs and none of these deliveries holds."""
    held: dict[str, set[int]] = {}
    for one in deliveries:
        held.setdefault(one.part, set()).update(range(one.first_unit, one.first_unit + one.units))
    found: list[tuple[str, int, int]] = []
    for part, units in unit_loads(instance, region).items():
        gone = [
            unit
            for unit in range(len(units))
            if unit not in held.get(part, ()) and (region.id, part, unit) not in instance.waived
        ]
        begin = 0
        for position in range(1, len(gone) + 1):
            if position == len(gone) or gone[position] != gone[position - 1] + 1:
                found.append((part, gone[begin], position - begin))
                begin = position
    return found


def new_legs(
    instance: Instance, region: Region, runs: Iterable[tuple[str, int, int]], taken: set[str]
) -> list[GoodsLeg]:
    """Legs, from the warehouse on, for units that no trip brings yet.

    Parameters
    ----------
    instance
        With the reports applied.
    region
        Whom the units are for.
    runs
        Part, first unit (from 0) and number of units of each run.
    taken
        Names of consignments that there are; those of the new ones are entered.
    """
    places = (region.warehouse, *(hub.id for hub in chain_of(instance, region)), region.id)
    found: list[GoodsLeg] = []
    for part, first, number in runs:
        units = unit_loads(instance, region)[part][first : first + number]
        count = 1
        while (name := f"{region.id}/{part}/{count}") in taken:
            count += 1
        taken.add(name)
        goods, needs = _delivery(name, region, part, first, units)
        found += [GoodsLeg(*ends, goods, needs) for ends in zip(places, places[1:], strict=False)]
    return found
