"""Rule `vehicle_overlap`: a vehicle makes one trip at a time, and goes on from where it ended."""

from __future__ import annotations

from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Recorder

__all__ = ["check_vehicle_overlap"]


def check_vehicle_overlap(facts: PlanFacts, found: Recorder) -> None:
    """Check that trips of a vehicle follow each other; after an open end there is none."""
    by_vehicle: dict[str, list[TripView]] = {}
    for view in facts.trips:
        by_vehicle.setdefault(view.trip.vehicle_id, []).append(view)
    for vehicle, views in by_vehicle.items():
        views.sort(key=lambda one: (one.trip.load_start_s, one.trip.end_s))
        busy_s, ended_open = views[0].trip.end_s, views[0].trip.back is None
        found.good()
        for view in views[1:]:
            trip = view.trip
            found.not_before(trip.load_start_s, busy_s, trip=trip.id, vehicle=vehicle)
            if ended_open:
                found.broken(trip.origin_id, "", trip=trip.id, vehicle=vehicle)
            busy_s, ended_open = max(busy_s, trip.end_s), ended_open or trip.back is None
