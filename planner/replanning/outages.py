"""Which vehicles are out of use, and when: by the names that plans give them."""

from __future__ import annotations

from collections.abc import Iterable

from planner.instance.outages import out_of_use
from planner.instance.subjects import vehicle_id
from planner.network.calendars import Interval
from planner.plans.model import Trip
from planner.proof.world import World
from planner.proof.worst.way_home import home_again_s

__all__ = ["blocked_vehicles"]


def blocked_vehicles(world: World, trips: Iterable[Trip]) -> dict[str, list[Interval]]:
    """When vehicles are out of use.

    Parameters
    ----------
    world
        Its outages hold.
    trips
        Trips that are planned: where a row says only how many vehicles of a type are out of use, those that
        have least to do then are. Who broke down on one of them is not back before he would be home again.
    """
    instance = world.instance
    found: dict[str, list[Interval]] = {}
    rows = out_of_use(instance)
    planned: dict[str, list[Trip]] = {}
    for trip in trips:
        planned.setdefault(trip.vehicle_id, []).append(trip)
    for kind in instance.vehicles:
        names = [vehicle_id(kind.id, number) for number in range(1, kind.number + 1)]
        for row in rows.get(kind.id, ()):
            if row.vehicle is not None:
                chosen = names[row.vehicle - 1 : row.vehicle]
            elif row.number is None:
                chosen = names
            else:
                busy = {
                    name: sum(
                        min(trip.end_s, row.until_s) - max(trip.load_start_s, row.from_s)
                        for trip in planned.get(name, ())
                        if trip.load_start_s < row.until_s and row.from_s < trip.end_s
                    )
                    for name in names
                }
                chosen = sorted(names, key=lambda name: (busy[name], -names.index(name)))[: row.number]
            for name in chosen:
                found.setdefault(name, []).append((row.from_s, row.until_s))
    for name, mine in planned.items():
        for trip in mine:
            if trip.broken is not None:
                back_s = min(home_again_s(world, trip), world.horizon_s)
                found.setdefault(name, []).append((trip.broken.at_s, max(back_s, trip.broken.at_s)))
    return found
