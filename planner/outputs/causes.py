"""Why something comes later than planned: the report it goes back to, through trips that wait for others."""

from __future__ import annotations

from collections.abc import Mapping

from planner.base.text import words
from planner.events.schema import Event, EventKind
from planner.events.tellings import TripReports
from planner.instance.call_signs import call_signs
from planner.outputs.figures import duration
from planner.plans.model import Trip
from planner.replanning.state import State, Stuck, TripState

__all__ = ["Causes"]

_DEEPEST = 50


class Causes:
    """Traces lateness back.

    Parameters
    ----------
    state
        Where the plan stands.
    reports
        What is reported of its trips.
    """

    def __init__(self, state: State, reports: Mapping[str, TripReports]) -> None:
        self._state = state
        self._reports = reports
        self._of_trip = {one.planned.id: one for one in state.trips}
        self._before = _trips_before(state)
        self._bringing: dict[tuple[str, str], str] = {}  # consignment and hub: the trip that brings it
        self._of_region: dict[str, list[tuple[str, int]]] = {}
        for one in state.trips:
            for number, stop in enumerate(one.planned.stops):
                for item in stop.deliveries:
                    self._bringing[item.consignment_id, stop.node_id] = one.planned.id
                    if item.region_id == stop.node_id:
                        self._of_region.setdefault(stop.node_id, []).append((one.planned.id, number))

    def of_region(self, region: str, planned_s: int | None, expected_s: int | None) -> str:
        """Why a region receives later than planned, in the language in force; empty where it does not."""
        stops = self._of_region.get(region, [])
        if expected_s is None:
            lost = [name for name, number in stops if not self._is_served(name, number)]
            return self._of_lost(lost[0]) if lost else words("status.why.not_planned")
        if planned_s is None or expected_s <= planned_s:
            return ""
        last = max(stops, key=lambda pair: self._ends_s(*pair), default=None)
        later = words("status.why.later", by=duration(expected_s - planned_s))
        if last is None:
            return later
        cause = self._of_late(last[0], last[1], _DEEPEST)
        return f"{later}: {cause}" if cause else later

    def _sign(self, one: TripState) -> str:
        """What its vehicle is called."""
        name = one.planned.vehicle_id
        return call_signs(self._state.effective).of(name) or name

    def _is_served(self, name: str, number: int) -> bool:
        one = self._of_trip[name]
        return (one.stuck is None or one.begun) and number < len(one.trip.stops)

    def _ends_s(self, name: str, number: int) -> int:
        one = self._of_trip[name]
        return one.trip.stops[number].end_s if self._is_served(name, number) else -1

    def _of_lost(self, name: str) -> str:
        """Why a trip does not come, or not so far."""
        one = self._of_trip[name]
        reports = self._reports.get(name)
        if reports is not None and reports.broken is not None:
            return words("status.why.broken", vehicle=self._sign(one), event=reports.broken.id)
        if one.stuck is Stuck.GOODS:
            for item in (item for stop in one.planned.stops for item in stop.deliveries):
                source = self._bringing.get((item.consignment_id, one.planned.origin_id))
                if source is not None and source != name and self._is_lost(source):
                    return self._of_lost(source)
        if one.stuck is Stuck.VEHICLE_OUT:
            event = self._out_by(one.planned)
            if event is not None:
                return words("status.why.out", vehicle=self._sign(one), event=event.id, trip=name)
        if one.stuck is not None:
            return words(f"status.stuck.{one.stuck.value}", trip=name, vehicle=self._sign(one))
        return words("status.why.not_planned")

    def _out_by(self, trip: Trip) -> Event | None:
        """The last report that takes the vehicle of a trip out of use."""
        kinds = (EventKind.BREAKDOWN, EventKind.VEHICLE_LOST)
        names = {trip.vehicle_id, trip.vehicle_type}
        found = [one for one in self._state.events if one.kind in kinds and names & set(one.subject)]
        return max(found, key=lambda one: one.order, default=None)

    def _is_lost(self, name: str) -> bool:
        one = self._of_trip[name]
        return one.stuck is not None or one.trip.broken is not None

    def _of_late(self, name: str, number: int, left: int) -> str:
        """The report that a late stop goes back to: of its trip, else of what its trip waited for."""
        one = self._of_trip[name]
        reports = self._reports.get(name)
        if reports is not None:
            delays = [event for leg, event in sorted(reports.delays.items()) if leg <= number]
            if delays:
                event = max(delays, key=lambda event: (int(event.value or 0), event.time_s))
                note = f" ({event.note})" if event.note else ""
                return words("status.why.delay", vehicle=self._sign(one), event=event.id, note=note)
        if left:
            source = self._source(one)
            if source is not None:
                cause = self._of_late(source, len(self._of_trip[source].planned.stops), left - 1)
                return cause or words("status.why.after", trip=source)
        if reports is not None and reports.known:
            known = reports.known[max(reports.known)]
            return words("status.why.reported", vehicle=self._sign(one), event=known.event.id)
        return words("status.why.tables")

    def _source(self, one: TripState) -> str | None:
        """What a trip waited for that was later than planned: its vehicle, or its goods at a hub."""
        if one.trip.load_start_s <= one.planned.load_start_s:
            return None
        names = {self._before.get(one.planned.id)}
        for item in (item for stop in one.planned.stops for item in stop.deliveries):
            names.add(self._bringing.get((item.consignment_id, one.planned.origin_id)))
        late = [
            (other.trip.end_s - other.planned.end_s, name)
            for name in names
            if name is not None and name != one.planned.id
            for other in (self._of_trip[name],)
            if other.trip.end_s > other.planned.end_s
        ]
        return max(late)[1] if late else None


def _trips_before(state: State) -> Mapping[str, str]:
    """The trip before each one of the same vehicle."""
    found: dict[str, str] = {}
    last: dict[str, Trip] = {}
    for one in sorted(state.trips, key=lambda each: (each.planned.load_start_s, each.planned.id)):
        trip = one.planned
        if trip.vehicle_id in last:
            found[trip.id] = last[trip.vehicle_id].id
        last[trip.vehicle_id] = trip
    return found
