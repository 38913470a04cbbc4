"""What a plan does at hubs: which trips bring goods there, for whom, and which take them on.

A *haul* is one consignment on one trip, from where the trip loads to where it is unloaded. A stop is at a hub
where its deliveries are for other places than its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.plans.model import Delivery, Plan, Stop, Trip

__all__ = [
    "Haul",
    "hauls",
    "hubs_used",
    "is_at_hub",
    "is_trunk",
    "local_trips",
    "receivers",
    "transfers",
    "trunk_trips",
]

Consignment = tuple[str, str]  # ids of its region and its own


@dataclass(frozen=True, slots=True)
class Haul:
    """One consignment on one trip."""

    trip: Trip
    stop: Stop
    delivery: Delivery

    @property
    def consignment(self) -> Consignment:
        """Whose haul it is."""
        return self.delivery.region_id, self.delivery.consignment_id

    @property
    def ends_at_hub(self) -> bool:
        """Whether the consignment is unloaded at a hub, not at its region."""
        return self.stop.node_id != self.delivery.region_id


def is_at_hub(stop: Stop) -> bool:
    """Whether a stop is at a hub."""
    return any(one.region_id != stop.node_id for one in stop.deliveries)


def is_trunk(trip: Trip) -> bool:
    """Whether a trip brings goods to a hub; all others are local trips."""
    return any(is_at_hub(stop) for stop in trip.stops)


def trunk_trips(plan: Plan) -> int:
    """Number of trips that bring goods to a hub."""
    return sum(is_trunk(trip) for trip in plan.trips)


def local_trips(plan: Plan) -> int:
    """Number of trips that bring nothing to a hub, and not only to other warehouses."""
    return sum(
        not is_trunk(trip)
        and (any(stop.deliveries for stop in trip.stops) or not any(stop.items for stop in trip.stops))
        for trip in plan.trips
    )


def hubs_used(plan: Plan) -> tuple[str, ...]:
    """Hubs at which goods are unloaded, in the order of the trips."""
    stops = (stop for trip in plan.trips for stop in trip.stops)
    return tuple(dict.fromkeys(stop.node_id for stop in stops if is_at_hub(stop)))


def receivers(stop: Stop) -> tuple[str, ...]:
    """Regions that what is unloaded at a stop is for, each once."""
    return tuple(dict.fromkeys(one.region_id for one in stop.deliveries))


def hauls(plan: Plan) -> Mapping[Consignment, Sequence[Haul]]:
    """All hauls of each consignment in time."""
    found: dict[Consignment, list[Haul]] = {}
    for trip in plan.trips:
        for stop in trip.stops:
            for delivery in stop.deliveries:
                one = Haul(trip, stop, delivery)
                found.setdefault(one.consignment, []).append(one)
    for its_hauls in found.values():
        its_hauls.sort(key=lambda one: one.stop.end_s)
    return found


def transfers(plan: Plan) -> Sequence[tuple[Haul, Haul | None]]:
    """Each haul that ends at a hub and the one that goes on from there; None where the goods stay.

    In the order of the hubs' ids, and at each hub in time.
    """
    found = [
        (one, next((on for on in its_hauls[at + 1 :] if on.trip.origin_id == one.stop.node_id), None))
        for its_hauls in hauls(plan).values()
        for at, one in enumerate(its_hauls)
        if one.ends_at_hub
    ]
    return sorted(found, key=lambda pair: (pair[0].stop.node_id, pair[0].stop.end_s, pair[0].consignment))
