"""All that changes from one plan to another."""

from __future__ import annotations

from planner.base.clock import Clock
from planner.compare.changes import Differences
from planner.compare.places import place_changes
from planner.compare.regions import region_changes
from planner.compare.vehicles import vehicle_changes
from planner.plans.model import Plan

__all__ = ["TOLERANCE_S", "differences"]

TOLERANCE_S = 1800


def differences(
    before: Plan, after: Plan, clock: Clock, *, tolerance_s: int = TOLERANCE_S, from_s: int | None = None
) -> Differences:
    """What changes from one plan to another, both read by the same clock.

    Parameters
    ----------
    before, after
        The plans.
    clock
        By which both plans are read, and by which days begin.
    tolerance_s
        A time that moves by no more is no change; for who loads, an earlier one always is.
    from_s
        What was over before is no change; by default the moment of the second plan, if it is a replan.
    """
    if from_s is None and after.replan is not None:
        from_s = after.replan.now_s
    return Differences(
        tolerance_s=tolerance_s,
        from_s=from_s,
        regions=region_changes(before, after, clock, tolerance_s=tolerance_s, from_s=from_s),
        vehicles=vehicle_changes(before, after, tolerance_s=tolerance_s, from_s=from_s),
        places=place_changes(before, after, tolerance_s=tolerance_s, from_s=from_s),
    )
