"""What a plan costs and uses, shared out: by area, echelon, kind of vehicle and day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from planner.outputs.map.scene import Scene
from planner.outputs.summary import component_name, nights_of
from planner.outputs.transfers import is_trunk
from planner.plans.model import Trip

__all__ = ["costs_document", "resources_document"]

_USE = "use"  # prices of vehicles used and of days used, which belong to no trip
_NIGHTS = "nights"  # with goods at regions and hubs, which belong to none either


def costs_document(scene: Scene) -> dict[str, Any]:
    """Parts that add up to the whole cost of the plan, in its currency.

    Of a page of some areas: those of the trips that are shown alone, without prices of vehicles, days and
    nights.
    """
    plan = scene.plan
    trips = sum(trip.cost for trip in scene.trips)
    nights = 0 if scene.asked.area else nights_of(plan, scene.instance).cost
    use = 0 if scene.asked.area else plan.cost - trips - nights
    clock, instance = scene.instance.clock, scene.instance

    def parts(of: Mapping[str, int]) -> list[dict[str, Any]]:
        rows = [{"key": key, "cost": cost} for key, cost in of.items()]
        rest = ((_USE, use), (_NIGHTS, nights))
        return rows + [{"key": key, "cost": cost} for key, cost in rest if cost]

    def summed(pairs: Iterable[tuple[str, Trip]]) -> Mapping[str, int]:
        found = Counter[str]()
        for key, trip in pairs:
            found[key] += trip.cost
        return dict(sorted(found.items()))

    return {
        "total": trips + use + nights,
        "area": []
        if scene.asked.area
        else [
            {
                "key": component_name(instance, one),
                "cost": one.cost,
                "bound": one.lower_bound,
            }
            for one in plan.components
        ],
        "echelon": parts(summed(("trunk" if is_trunk(one) else "local", one) for one in scene.trips)),
        "type": parts(summed((instance.vehicle_type_of[one.vehicle_type].name, one) for one in scene.trips)),
        "day": parts(summed((clock.day(one.load_start_s).isoformat(), one) for one in scene.trips)),
    }


def resources_document(scene: Scene) -> dict[str, Any]:
    """How much of the fleet and the docks the trips take.

    Returns
    -------
    dict
        ``types``: of each kind of vehicle how many there are and drive, their trips and metres. ``docks``: of
        each place where somebody loads how many docks there are, how many trips load and how long (s).
    """
    instance = scene.instance
    used: dict[str, set[str]] = {}
    trips, metres = Counter[str](), Counter[str]()
    loads, busy = Counter[str](), Counter[str]()
    for trip in scene.trips:
        name = instance.vehicle_type_of[trip.vehicle_type].name
        used.setdefault(name, set()).add(trip.vehicle_id)
        trips[name] += 1
        metres[name] += trip.distance_m
        loads[trip.origin_id] += 1
        busy[trip.origin_id] += trip.depart_s - trip.load_start_s
    has = Counter[str]()
    for kind in instance.vehicles:
        has[kind.name] += kind.number
    docks = {house.id: house.docks for house in instance.warehouses} | {
        hub.id: hub.docks for hub in instance.hubs
    }
    return {
        "types": [
            {
                "key": name,
                "has": has[name],
                "used": len(used[name]),
                "trips": trips[name],
                "distance_m": metres[name],
            }
            for name in sorted(used)
        ],
        "docks": [
            {
                "key": instance.place_name_of.get(name, name),
                "has": docks.get(name),
                "trips": loads[name],
                "busy_s": busy[name],
            }
            for name in sorted(loads)
        ],
    }
