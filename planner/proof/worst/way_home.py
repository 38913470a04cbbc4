"""When a vehicle that broke down on its way, and can be used again, is back where its trip began."""

from __future__ import annotations

from planner.instance.outages import out_of_use, vehicle_of
from planner.plans.model import Trip
from planner.proof.world import World
from planner.proof.worst.working_time import NEVER

__all__ = ["home_again_s"]


def home_again_s(world: World, trip: Trip) -> int:
    """When the vehicle of a trip that broke down can load at the trip's origin again.

    It is driven home empty from where it stands, by the quickest way and within its shifts, from the moment
    on at which it can be used. What is aboard is fetched, or stays where it is.

    Parameters
    ----------
    world
        What the files say, with the reports applied.
    trip
        The trip that broke down.

    Returns
    -------
    int
        In seconds; `NEVER` where it cannot be used any more, or no way leads home.
    """
    kind = world.instance.vehicle_type_of.get(trip.vehicle_type)
    number = vehicle_of(trip.vehicle_id, world.instance.vehicle_type_of)
    if trip.broken is None or kind is None or number is None:
        return NEVER
    now = trip.broken.at_s
    for row in sorted(out_of_use(world.instance).get(kind.id, ()), key=lambda one: one.from_s):
        if row.vehicle in (None, number[1]) and row.from_s <= now < row.until_s:
            now = row.until_s
    if now >= world.horizon_s:
        return NEVER
    there_s = world.passages.arrivals(kind, world.places(kind.warehouse), trip.broken.node_id, now)
    if trip.origin_id not in there_s:
        return NEVER
    _, end_s = world.calendars.travel(kind.calendar, now, there_s[trip.origin_id] - now, None, {})
    return NEVER if end_s is None else end_s
