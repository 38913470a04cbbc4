"""The checker's own count of the nights for which goods are guarded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.instance.schema import Hub, Region
from planner.plans.model import Delivery
from planner.proof.facts import PlanFacts, TripView

__all__ = ["hub_nights", "night_cost", "region_nights"]

_Unit = tuple[str, str, int]  # region, part, number
_There = tuple[str, _Unit]


def night_cost(facts: PlanFacts, views: Iterable[TripView]) -> int:
    """Price of the local midnights with goods at the places where trips hand over, each once."""
    views, instance = list(views), facts.world.instance
    places: list[Region | Hub] = [*instance.regions, *instance.hubs]
    if not any(instance.price_night_of(one) for one in places):
        return 0
    at_regions = sum(
        instance.price_night_of(instance.region_of[name]) * number
        for name, number in region_nights(facts, views).items()
    )
    hubs = {hub.id: hub for hub in instance.hubs}
    return at_regions + sum(
        instance.price_night_of(hubs[name]) * number for name, number in hub_nights(facts, views).items()
    )


def region_nights(facts: PlanFacts, views: Iterable[TripView]) -> dict[str, int]:
    """Local midnights after the day of the first receipt and before the deadline, by region."""
    first: dict[str, int] = {}
    for view in views:
        for stop in view.stops:
            if stop.region is not None and stop.stop.deliveries:
                name = stop.region.id
                first[name] = min(stop.stop.end_s, first.get(name, stop.stop.end_s))
    days = facts.world.calendars
    regions = facts.world.instance.region_of
    return {
        name: max(0, days.day_index(facts.world.deadline_s(regions[name]) - 1) - days.day_index(end_s))
        for name, end_s in first.items()
    }


def hub_nights(facts: PlanFacts, views: Iterable[TripView]) -> dict[str, int]:
    """Local midnights at which something lies at a hub, from the day of its unloading to that of its loading.

    What never leaves lies there until the end of the horizon.
    """
    come: dict[_There, list[int]] = {}
    leave: dict[_There, list[int]] = {}
    for view in views:
        for name, stop in ((one.stop.node_id, one) for one in view.stops):
            for unit in _units(stop.stop.deliveries):
                if stop.hub is not None:
                    come.setdefault((name, unit), []).append(stop.stop.end_s)
                leave.setdefault((view.trip.origin_id, unit), []).append(view.trip.load_start_s)
    days = facts.world.calendars
    horizon_s = facts.world.instance.settings.horizon_s
    nights: dict[str, set[int]] = {}
    for there, ends in come.items():
        for end_s in ends:
            later = (start_s for start_s in leave.get(there, ()) if start_s >= end_s)
            last = days.day_index(min(later, default=horizon_s))
            nights.setdefault(there[0], set()).update(range(days.day_index(end_s), last))
    return {name: len(mine) for name, mine in nights.items()}


def _units(deliveries: Iterable[Delivery]) -> Iterator[_Unit]:
    """Region, part and number of each unit."""
    for one in deliveries:
        for unit in range(one.first_unit, one.first_unit + one.units):
            yield one.region_id, one.part, unit
