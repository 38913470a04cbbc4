"""The checker's own cost arithmetic."""

from __future__ import annotations

from collections.abc import Iterable

from planner.instance.schema import VehicleType
from planner.proof.facts import PlanFacts, TripView
from planner.proof.nights import night_cost

__all__ = ["fleet_cost", "own_distance_m", "own_paid_s", "total_cost", "trip_cost"]

_PARTS = 3_600_000  # of a currency unit: metres per km times seconds per hour


def own_distance_m(view: TripView) -> int:
    """Metres of all legs; a leg that cannot be followed counts as claimed."""
    return sum(
        view_leg.leg.distance_m if view_leg.walk.distance_m is None else view_leg.walk.distance_m
        for view_leg in view.legs
    )


def own_paid_s(facts: PlanFacts, view: TripView, kind: VehicleType) -> int:
    """Seconds of a trip inside the vehicle's shifts."""
    return facts.world.calendars.overlap(kind.calendar, view.trip.load_start_s, view.trip.end_s)


def trip_cost(facts: PlanFacts, view: TripView, kind: VehicleType) -> int:
    """Price of a trip, rounded once, half up, and of the pieces that it unloads at hubs."""
    exact = (
        kind.price_trip * _PARTS
        + kind.price_km * own_distance_m(view) * 3600
        + kind.price_hour * own_paid_s(facts, view, kind) * 1000
    )
    handled = sum(stop.hub.price_piece * stop.load.pieces for stop in view.stops if stop.hub is not None)
    return (2 * exact + _PARTS) // (2 * _PARTS) + handled


def fleet_cost(facts: PlanFacts, views: Iterable[TripView]) -> int:
    """Prices of vehicles and of the local days on which they are on their way."""
    calendars = facts.world.calendars
    days: dict[tuple[str, str], set[int]] = {}
    kinds: dict[str, VehicleType] = {}
    for view in views:
        if view.kind is not None:
            kinds[view.kind.id] = view.kind
            first = calendars.day_index(view.trip.load_start_s)
            last = calendars.day_index(max(view.trip.load_start_s, view.trip.end_s - 1))
            days.setdefault((view.kind.id, view.trip.vehicle_id), set()).update(range(first, last + 1))
    return sum(
        kinds[kind].price_vehicle + kinds[kind].price_day * len(used) for (kind, _), used in days.items()
    )


def total_cost(facts: PlanFacts, views: Iterable[TripView]) -> int:
    """Cost of trips with their vehicles and days, and of the nights with goods."""
    chosen = list(views)
    trips = sum(trip_cost(facts, view, view.kind) for view in chosen if view.kind is not None)
    return trips + fleet_cost(facts, chosen) + night_cost(facts, chosen)
