"""Trips that ended where their vehicle broke down: what was served, where it stands, what is aboard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.events.schema import Event
from planner.instance.schema import Instance, VehicleType
from planner.network.graph import edge_times_s
from planner.plans.model import Broken, Delivery, Leg, Step, StepKind, Trip

__all__ = ["BrokenVehicle", "broken_off", "standing"]


@dataclass(frozen=True, slots=True)
class BrokenVehicle:
    """A vehicle that stands with goods aboard.

    Parameters
    ----------
    trip_id, vehicle_id
        Which.
    at_s, node_id
        Since when, and at or near which node of the network.
    deliveries
        Goods aboard that nobody has fetched yet.
    """

    trip_id: str
    vehicle_id: str
    at_s: int
    node_id: str
    deliveries: tuple[Delivery, ...]


def broken_off(instance: Instance, kind: VehicleType, trip: Trip, event: Event) -> Trip | None:
    """The trip as far as it came before its vehicle broke down; None where it had not left yet.

    Parameters
    ----------
    instance, kind
        What the files say with the reports applied, and the type of the vehicle.
    trip
        With the times as they happened.
    event
        The report of the breakdown.
    """
    at_s = event.begins_s
    if at_s < trip.depart_s:
        return None
    served = tuple(stop for stop in trip.stops if stop.end_s <= at_s)
    rest = trip.stops[len(served) :]
    leg = rest[0].leg if rest else trip.back
    if leg is None or (not rest and trip.end_s <= at_s):
        return None  # the trip is over
    left = served[-1].node_id if served else trip.origin_id
    node, partial = left, None
    if leg.depart_s < at_s:
        node, partial = _part_of(instance, kind, leg, at_s, event.place)
    elif event.place:
        node = event.place
    legs = [stop.leg for stop in served] + ([partial] if partial is not None else [])
    return replace(
        trip,
        stops=served,
        back=None,
        end_s=at_s,
        distance_m=sum(one.distance_m for one in legs),
        broken=Broken(
            at_s,
            node,
            partial,
            tuple(one for stop in rest for one in stop.deliveries),
            tuple(one for stop in rest for one in stop.items),
        ),
    )


def _part_of(
    instance: Instance, kind: VehicleType, leg: Leg, at_s: int, place: str
) -> tuple[str, Leg | None]:
    """Where on a leg a vehicle stands: at the named node of it, else at the last one that it passed."""
    if leg.arrive_s <= at_s:
        return leg.to_node, replace(leg, arrive_s=min(leg.arrive_s, at_s))
    nodes = _nodes(instance, kind, leg)
    whole_s = max(1, nodes[-1][1])
    done_s = (at_s - leg.depart_s) * whole_s // max(1, leg.arrive_s - leg.depart_s)
    passed = [one for one in nodes if one[1] <= done_s] or nodes[:1]
    if place in {one[0] for one in nodes}:
        passed = nodes[: next(at for at, one in enumerate(nodes) if one[0] == place) + 1]
    node, _, distance_m, steps = passed[-1]
    if not steps:
        return (place or node), None
    return node, Leg(leg.from_node, node, leg.depart_s, at_s, distance_m, steps)


def _nodes(instance: Instance, kind: VehicleType, leg: Leg) -> list[tuple[str, int, int, tuple[Step, ...]]]:
    """Nodes of a way, with nominal seconds, metres and steps until there; of a known trip only its ends."""
    node, time_s, distance_m = leg.from_node, 0, 0
    found: list[tuple[str, int, int, tuple[Step, ...]]] = [(node, 0, 0, ())]
    refs = {step.ref for step in leg.path}
    known = {row.id: row for row in instance.known_trips if row.id in refs}
    edges = {edge.id: edge for edge in instance.edges if edge.id in refs}
    for number, step in enumerate(leg.path, start=1):
        if step.kind is StepKind.KNOWN:
            node, distance_m = leg.to_node, leg.distance_m
            time_s += known[step.ref].time_s
        else:
            edge = edges[step.ref]
            forward = step.kind is StepKind.FORWARD
            there_s, back_s = edge_times_s(kind, edge)
            time_s += there_s if forward else back_s or 0
            distance_m += edge.length_m
            node = edge.to_node if forward else edge.from_node
        found.append((node, time_s, distance_m, leg.path[:number]))
    return found


def standing(trips: tuple[Trip, ...], begun: frozenset[str]) -> tuple[BrokenVehicle, ...]:
    """Vehicles that stand with goods aboard which no begun trip fetches."""
    fetched = {
        one.consignment_id
        for trip in trips
        if trip.id in begun
        for stop in trip.stops
        for one in stop.fetched
    }
    found = []
    for trip in trips:
        if trip.broken is None:
            continue
        left = tuple(one for one in trip.broken.deliveries if one.consignment_id not in fetched)
        if left or trip.broken.items:
            found.append(BrokenVehicle(trip.id, trip.vehicle_id, trip.broken.at_s, trip.broken.node_id, left))
    return tuple(found)
