"""Rule `work_limit`: what a vehicle works on a local day."""

from __future__ import annotations

from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_work_limit"]


def check_work_limit(facts: PlanFacts, found: Recorder) -> None:
    """Check that driving, loading and service of a vehicle on a local day do not exceed its working time.

    Notes
    -----
    Where trips that were under way at a replan exceed it by themselves, nothing may be added on that day.
    """
    limits = {
        view.trip.vehicle_id: view.kind.work_s
        for view in facts.trips
        if view.kind is not None and view.kind.work_s is not None
    }
    for (vehicle, day), seconds in sorted(facts.work.items()):
        if vehicle in limits:
            name = facts.world.calendars.day_name(day)
            limit_s = max(limits[vehicle], facts.work_begun.get((vehicle, day), 0))
            found.at_most(seconds, limit_s, Measure.SECONDS, vehicle=vehicle, day=name)
