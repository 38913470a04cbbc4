"""The rule of outages: vehicles, docks and places that are out of use are not used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.instance.outages import OutOfUse, out_of_use
from planner.instance.schema import Hub, VehicleType, Warehouse
from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_outage"]

_Span = tuple[int, int]


def check_outage(facts: PlanFacts, found: Recorder) -> None:
    """Check that vehicles, docks and places are not used while they are out of use.

    Notes
    -----
    A vehicle is used from the start of loading to the end of its trip. A place that is wholly out of use
    neither loads nor unloads. What was over or under way at a replan is no matter of this rule; what comes
    beside it is.
    """
    rows = out_of_use(facts.world.instance)
    for kind in facts.world.instance.vehicles:
        if kind.id in rows:
            views = [view for view in facts.trips if view.trip.vehicle_type == kind.id]
            _check_type(kind, rows[kind.id], views, found)
    for table in (facts.world.instance.warehouses, facts.world.instance.hubs):
        for place in table:
            if place.id in rows:
                _check_place(facts, place, rows[place.id], found)


def _check_type(
    kind: VehicleType, rows: Sequence[OutOfUse], views: Sequence[TripView], found: Recorder
) -> None:
    for view in views:
        trip = view.trip
        for row in rows if not view.begun else ():
            if row.vehicle is not None and trip.vehicle_id == f"{kind.id}-{row.vehicle:02d}":
                _apart((trip.load_start_s, trip.end_s), row, found, trip=trip.id, vehicle=trip.vehicle_id)
    uses = [(view.trip.load_start_s, view.trip.end_s, view.begun) for view in views]
    for begin, end in _segments(rows):
        out = _out(rows, begin, end, kind.number)
        if any(row.vehicle is None and row.from_s <= begin and end <= row.until_s for row in rows):
            most = _most_at_once(uses, begin, end)
            found.at_most(most, kind.number - out, Measure.CASES, vehicle=kind.id)


def _check_place(facts: PlanFacts, place: Warehouse | Hub, rows: Sequence[OutOfUse], found: Recorder) -> None:
    what = "hub" if place.id in facts.world.all_hubs else "warehouse"
    loads = []
    for view in facts.trips:
        trip = view.trip
        if trip.origin_id == place.id and trip.depart_s > trip.load_start_s:
            loads.append((trip.load_start_s, trip.depart_s, view.begun))
        for row in (one for one in rows if one.number is None):
            if trip.origin_id == place.id and not view.begun:
                _apart((trip.load_start_s, trip.depart_s), row, found, **{"trip": trip.id, what: place.id})
            for stop in trip.stops:
                if stop.node_id == place.id and facts.free(view, stop.start_s):
                    _apart((stop.start_s, stop.end_s), row, found, **{"trip": trip.id, what: place.id})
    for begin, end in _segments(rows):
        out = _out(rows, begin, end, place.docks)
        if out < place.docks:
            found.at_most(
                _most_at_once(loads, begin, end), place.docks - out, Measure.CASES, **{what: place.id}
            )


def _apart(use: _Span, row: OutOfUse, found: Recorder, **place: str | int) -> None:
    """Count a case in which a use must not overlap an outage."""
    overlap_s = min(use[1], row.until_s) - max(use[0], row.from_s)
    if overlap_s > 0:
        claimed = f"{found.at(use[0])} – {found.at(use[1])}"
        expected = f"{found.at(row.from_s)} – {found.at(row.until_s)}"
        found.broken(claimed, expected, overlap_s, Measure.SECONDS, **place)
    else:
        found.good()


def _segments(rows: Iterable[OutOfUse]) -> Iterable[_Span]:
    """Times between which nothing of the outages changes."""
    moments = sorted({moment for row in rows for moment in (row.from_s, row.until_s)})
    return zip(moments, moments[1:], strict=False)


def _out(rows: Iterable[OutOfUse], begin: int, end: int, number: int) -> int:
    """How many are out of use in a segment, at most all."""
    there = [row for row in rows if row.from_s <= begin and end <= row.until_s]
    named = {row.vehicle for row in there if row.vehicle is not None}
    others = sum(number if row.number is None else row.number for row in there if row.vehicle is None)
    return min(number, len(named) + others)


def _most_at_once(uses: Iterable[tuple[int, int, bool]], begin: int, end: int) -> int:
    """How many uses there are at once in [begin, end), at most, while there is one that had not begun."""
    there = [use for use in uses if use[0] < end and begin < use[1]]
    moments = {max(begin, start) for start, _, begun in there if not begun}
    at_once = (sum(start <= moment < stop for start, stop, _ in there) for moment in moments)
    return max(at_once, default=0)
