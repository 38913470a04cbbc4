"""Rule ``split`` in a replan: what comes on the day of others, and the days of what stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from planner.instance.schema import Region, Split
from planner.network.calendars import day_index
from planner.plans.model import Trip
from planner.replanning.places import Place
from planner.replanning.setting import LegId, Lot

__all__ = ["days_of", "lots_of", "on_one_day"]


def on_one_day(regions: Iterable[Region]) -> frozenset[str]:
    """Ids of the regions of which each part comes on one day."""
    return frozenset(one.id for one in regions if one.split is Split.SAME_DAY)


def lots_of(places: Mapping[str, Place], regions: Collection[str]) -> dict[LegId, Lot]:
    """Region and part of each leg that ends at one of these regions.

    Parameters
    ----------
    places
        Where trips begin, with the legs of goods that are searched.
    regions
        See `on_one_day`.
    """
    return {
        (origin, position): (leg.node_id, leg.goods.part)
        for origin, place in places.items()
        for position, leg in enumerate(place.legs)
        if leg.node_id == leg.goods.region_id and leg.node_id in regions
    }


def days_of(
    trips: Iterable[Trip], regions: Collection[str], midnights: tuple[int, ...]
) -> dict[Lot, frozenset[int]]:
    """Local days on which trips that have not begun bring something to these regions, by its part.

    Parameters
    ----------
    trips
        What they have fetched from vehicles that have broken down does not count.
    regions, midnights
        See `on_one_day`; seconds at which local days begin.
    """
    found: dict[Lot, frozenset[int]] = {}
    for trip in trips:
        aboard = {one.consignment_id for stop in trip.stops for one in stop.fetched}
        for stop in trip.stops:
            for one in stop.deliveries:
                if stop.node_id in regions and one.consignment_id not in aboard:
                    lot = (stop.node_id, one.part)
                    found[lot] = found.get(lot, frozenset()) | {day_index(midnights, stop.end_s)}
    return found
