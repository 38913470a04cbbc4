"""What the nights cost for which goods of orders that are given are guarded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from planner.building.places import deadline_of
from planner.instance.schema import Hub, Instance
from planner.network.calendars import day_index, local_midnights
from planner.plans.model import Delivery, Trip

__all__ = ["NightPrices", "PricedNights"]

_Unit = tuple[str, str, int]


@dataclass(frozen=True)
class PricedNights:
    """How many nights with goods are paid at regions and at hubs, and what they cost."""

    regions: int
    hubs: int
    cost: int


class NightPrices:
    """Prices of nights with goods at regions and hubs, by the tables of an instance.

    Parameters
    ----------
    instance
        The one whose prices and deadlines hold.
    hubs
        Hubs that goods may pass, by id.
    """

    def __init__(self, instance: Instance, hubs: Mapping[str, Hub]) -> None:
        self._instance = instance
        self._hubs = {name: instance.price_night_of(hub) for name, hub in hubs.items()}
        self._regions = {one.id: instance.price_night_of(one) for one in instance.regions}
        self._midnights = local_midnights(instance)
        self._any = any(self._hubs.values()) or any(self._regions.values())

    def of(self, trips: Iterable[Trip]) -> int:
        """Price of the local midnights at which something lies where these trips hand over, each once."""
        return self.counted(trips).cost

    def counted(self, trips: Iterable[Trip]) -> PricedNights:
        """The nights themselves, where they have a price, and that price."""
        if not self._any:
            return PricedNights(0, 0, 0)
        trips = list(trips)
        regions, hubs = self._at_regions(trips), self._at_hubs(trips)
        cost = sum(self._regions[name] * nights for name, nights in regions.items())
        cost += sum(self._hubs[name] * nights for name, nights in hubs.items())
        return PricedNights(sum(regions.values()), sum(hubs.values()), cost)

    def _at_regions(self, trips: Iterable[Trip]) -> dict[str, int]:
        """From the day of the first receipt to the deadline, by region."""
        first: dict[str, int] = {}
        for trip in trips:
            for stop in trip.stops:
                if stop.deliveries and self._regions.get(stop.node_id):
                    first[stop.node_id] = min(stop.end_s, first.get(stop.node_id, stop.end_s))
        found = {}
        for name, end_s in first.items():
            last_s = deadline_of(self._instance, self._instance.region_of[name]) - 1
            found[name] = max(0, self._day(last_s) - self._day(end_s))
        return found

    def _at_hubs(self, trips: Iterable[Trip]) -> dict[str, int]:
        """By hub, from the day of each unloading to that of the next loading, else to the horizon's end."""
        leaves: dict[tuple[str, _Unit], list[int]] = {}
        nights: dict[str, set[int]] = {}
        for trip in trips:
            for unit in _units(one for stop in trip.stops for one in stop.deliveries):
                if self._hubs.get(trip.origin_id):
                    leaves.setdefault((trip.origin_id, unit), []).append(trip.load_start_s)
        for trip in trips:
            for stop in trip.stops:
                if self._hubs.get(stop.node_id):
                    for unit in _units(stop.deliveries):
                        later = (one for one in leaves.get((stop.node_id, unit), ()) if one >= stop.end_s)
                        last_s = min(later, default=self._instance.settings.horizon_s)
                        days = range(self._day(stop.end_s), self._day(last_s))
                        nights.setdefault(stop.node_id, set()).update(days)
        return {name: len(mine) for name, mine in nights.items()}

    def _day(self, moment_s: int) -> int:
        return day_index(self._midnights, moment_s)


def _units(deliveries: Iterable[Delivery]) -> Iterator[_Unit]:
    """Region, part and number of each unit."""
    for one in deliveries:
        for unit in range(one.first_unit, one.first_unit + one.units):
            yield one.region_id, one.part, unit
