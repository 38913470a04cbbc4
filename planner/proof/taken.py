"""What trips took over from other vehicles: goods that they did not load themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from planner.events.schema import EventKind
from planner.plans.model import Trip
from planner.proof.evidence import Past
from planner.proof.views import Taken, TripView
from planner.proof.world import World

__all__ = ["taken", "taken_over"]


def taken_over(trip: Trip, past: Past | None) -> Mapping[str, tuple[int, str]]:
    """For each place for which a trip that has begun took over goods: since when, and by which report.

    Parameters
    ----------
    trip
        A trip of a replan.
    past
        What is behind the replan; a report that was taken back later counts too: the trip was written by it.
    """
    if past is None:
        return {}
    names = {trip.id, trip.vehicle_id}
    pasts = [one for one in (*past.ancestry.pasts, past) if one is not None]
    return {
        one.place: (one.begins_s, one.id)
        for each in pasts
        for one in each.events
        if one.kind is EventKind.TAKEN_OVER and names & set(one.subject)
    }


def taken(
    view: TripView, world: World, names: Collection[str], places: Mapping[str, tuple[int, str]]
) -> Iterator[Taken]:
    """Yield what a trip took over.

    Parameters
    ----------
    view, world
        The trip, and what the files say.
    names
        Ids of consignments that it took over.
    places
        As `taken_over` gives them.
    """
    for stop in view.stops if names or places else ():
        since_s, _ = places.get(stop.stop.node_id, (0, ""))
        for item, load in zip(stop.stop.deliveries, stop.loads, strict=True):
            if stop.stop.node_id in places or item.consignment_id in names:
                yield Taken(item.consignment_id, stop.name, load, since_s)
    broken = view.trip.broken if places else None
    for item in () if broken is None else broken.deliveries:
        region = world.instance.region_of.get(item.region_id)
        if region is None:
            continue
        on_the_way = (region.id, *(hub.id for hub in world.chain_of(region)))
        place = next((name for name in on_the_way if name in places), None)
        if place is not None:
            load = world.kit.load(region, item.part, item.first_unit, item.units)
            yield Taken(item.consignment_id, 0, load, places[place][0])
