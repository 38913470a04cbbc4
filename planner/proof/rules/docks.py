"""Rule `docks`: no more loads at once at an origin than it has docks, and one at each dock."""

from __future__ import annotations

from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_docks"]


def check_docks(facts: PlanFacts, found: Recorder) -> None:
    """Check that docks exist and each holds one load at a time."""
    by_origin: dict[str, list[TripView]] = {}
    for view in facts.trips:
        by_origin.setdefault(view.trip.origin_id, []).append(view)
    for origin, views in sorted(by_origin.items()):
        loads_at = facts.world.loading_place(origin)
        if loads_at is None:
            continue
        others = len(found.violations)
        for view in views:
            trip = view.trip
            if view.begun:
                continue
            exists = 1 <= trip.dock <= loads_at.docks
            found.case(exists, str(trip.dock), str(loads_at.docks), trip=trip.id, dock=trip.dock)
        _check_each_dock(views, found)
        place = {"hub" if origin in facts.world.hubs else "warehouse": origin}
        most = _most_at_once(views)
        if len(found.violations) == others:
            found.at_most(most, loads_at.docks, Measure.CASES, **place)
        else:  # the same is said of a dock already
            found.near(loads_at.docks - most, Measure.CASES, **place)


def _check_each_dock(views: list[TripView], found: Recorder) -> None:
    free_s: dict[int, int] = {}
    for view in sorted(views, key=lambda one: (one.trip.load_start_s, one.trip.depart_s)):
        trip = view.trip
        if trip.dock in free_s and not view.begun:
            overlap_s = free_s[trip.dock] - trip.load_start_s
            if overlap_s > 0 and trip.depart_s > trip.load_start_s:
                start, free = found.at(trip.load_start_s), found.at(free_s[trip.dock])
                found.broken(start, free, overlap_s, Measure.SECONDS, trip=trip.id, dock=trip.dock)
            else:
                found.good()
        free_s[trip.dock] = max(free_s.get(trip.dock, trip.depart_s), trip.depart_s)


def _most_at_once(views: list[TripView]) -> int:
    """Most loads at the same time, at moments when one begins that is no history."""
    changes = sorted(
        change
        for view in views
        if view.trip.depart_s > view.trip.load_start_s
        for change in ((view.trip.load_start_s, 1, view.begun), (view.trip.depart_s, -1, view.begun))
    )
    now = most = 0
    for _, change, begun in changes:
        now += change
        most = most if begun else max(most, now)
    return most
