"""Which vehicles are out of use, and when: by the names that plans give them."""

from __future__ import annotations

from collections.abc import Iterable

from planner.instance.outages import out_of_use
from planner.instance.schema import Instance
from planner.network.calendars import Interval
from planner.plans.model import Trip

__all__ = ["blocked_vehicles"]


def blocked_vehicles(instance: Instance, trips: Iterable[Trip]) -> dict[str, list[Interval]]:
    """When vehicles are out of use.

    Parameters
    ----------
    instance
        Its outages hold.
    trips
        Trips that are planned: where a row says only how many vehicles of a type are out of use, those that
        have least to do then are.
    """
    found: dict[str, list[Interval]] = {}
    rows = out_of_use(instance)
    planned: dict[str, list[Trip]] = {}
    for trip in trips:
        planned.setdefault(trip.vehicle_id, []).append(trip)
    for kind in instance.vehicles:
        names = [f"{kind.id}-{number:02d}" for number in range(1, kind.number + 1)]
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
    return found
