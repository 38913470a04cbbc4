"""Rule `docks`: no more loads at once at an origin than it has docks, and one at each dock."""

from __future__ import annotations

from planner.events.meaning import LOADED
from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_docks"]


def check_docks(facts: PlanFacts, found: Recorder) -> None:
    """Check that docks exist and each holds one load at a time.

    Notes
    -----
    Of history, a report that something was loaded may say that it was so although the dock had another load
    for a part of the time. Other reports of the one contradict what is believed of the other.
    """
    by_origin: dict[str, list[TripView]] = {}
    for view in facts.trips:
        by_origin.setdefault(view.trip.origin_id, []).append(view)
    for origin, views in sorted(by_origin.items()):
        loads_at = facts.world.loading_place(origin)
        if loads_at is None:
            continue
        others = len(found.violations)
        for view in views:
            if not view.begun or facts.is_history(view, view.trip.load_start_s):
                _check_exists(facts, view, loads_at.docks, found)
        _check_each_dock(facts, views, found)
        place = {"hub" if origin in facts.world.hubs else "warehouse": origin}
        most = _most_at_once(views)
        if len(found.violations) == others:
            found.at_most(most, loads_at.docks, Measure.CASES, **place)
        else:  # the same is said of a dock already
            found.near(loads_at.docks - most, Measure.CASES, **place)


def _check_exists(facts: PlanFacts, view: TripView, number: int, found: Recorder) -> None:
    """Check that there is such a dock; of history, by the files or by reports believed then."""
    trip = view.trip
    place: dict[str, str | int] = {"trip": trip.id, "dock": trip.dock}
    if 1 <= trip.dock <= number:
        found.good()
        return
    reports: tuple[str, ...] = ()
    for world, events in facts.worlds if view.begun and trip.dock >= 1 else ():
        other = world.loading_place(trip.origin_id)
        if other is not None and trip.dock <= other.docks:
            if not events:
                found.good()
                return
            reports = reports or events
    found.reported(str(trip.dock), str(number), 1, Measure.CASES, reports, **place)


def _check_each_dock(facts: PlanFacts, views: list[TripView], found: Recorder) -> None:
    last: dict[int, TripView] = {}  # of each dock, the load that ends last
    for view in sorted(views, key=lambda one: (one.trip.load_start_s, one.trip.depart_s)):
        trip, other = view.trip, last.get(view.trip.dock)
        judged = not view.begun or facts.is_history(view, trip.load_start_s)
        if other is not None and judged:
            if other.trip.depart_s > trip.load_start_s and trip.depart_s > trip.load_start_s:
                _overlap(facts, view, other, found)
            else:
                found.good()
        if other is None or trip.depart_s > other.trip.depart_s:
            last[trip.dock] = view


def _overlap(facts: PlanFacts, view: TripView, other: TripView, found: Recorder) -> None:
    """Count two loads at one dock at once; of history they may be explained by reports."""
    trip = view.trip
    start, free = found.at(trip.load_start_s), found.at(other.trip.depart_s)
    overlap_s = other.trip.depart_s - trip.load_start_s
    place: dict[str, str | int] = {"trip": trip.id, "dock": trip.dock}
    if not view.begun:
        found.broken(start, free, overlap_s, Measure.SECONDS, **place)
        return
    events = facts.explains(view, LOADED, trip.depart_s)
    if events and trip.depart_s >= other.trip.depart_s:
        found.reported(start, free, overlap_s, Measure.SECONDS, events, **place)
    else:
        reports = facts.reaches(view, other)
        found.contradicted(start, free, overlap_s, Measure.SECONDS, reports, **place)


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
