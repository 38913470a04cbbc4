"""Rule `vehicle_overlap`: a vehicle makes one trip at a time, and goes on from where it ended."""

from __future__ import annotations

from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Recorder
from planner.proof.worst.way_home import home_again_s

__all__ = ["check_vehicle_overlap"]


def check_vehicle_overlap(facts: PlanFacts, found: Recorder) -> None:
    """Check that trips of a vehicle follow each other; after an open end there is none.

    Notes
    -----
    Who broke down on his way loads again when he can be used, and would be home by the quickest way.
    """
    by_vehicle: dict[str, list[TripView]] = {}
    for view in facts.trips:
        by_vehicle.setdefault(view.trip.vehicle_id, []).append(view)
    for vehicle, views in by_vehicle.items():
        views.sort(key=lambda one: (one.trip.load_start_s, one.trip.end_s))
        busy_s, away_s, ended_open = views[0].trip.end_s, _free_s(facts, views[0]), _ends_open(views[0])
        found.good()
        for view in views[1:]:
            trip = view.trip
            free_s = busy_s if view.begun else max(busy_s, away_s)  # who has begun had come home
            found.not_before(trip.load_start_s, free_s, trip=trip.id, vehicle=vehicle)
            if ended_open:
                found.broken(trip.origin_id, "", trip=trip.id, vehicle=vehicle)
            busy_s, away_s = max(busy_s, trip.end_s), max(away_s, _free_s(facts, view))
            ended_open = ended_open or _ends_open(view)


def _free_s(facts: PlanFacts, view: TripView) -> int:
    if view.trip.broken is None:
        return view.trip.end_s
    return min(home_again_s(facts.world, view.trip), max(facts.world.horizon_s, view.trip.end_s))


def _ends_open(view: TripView) -> bool:
    return view.trip.back is None and view.trip.broken is None
