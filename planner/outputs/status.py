"""Where a plan stands, as figures and rows: by area, what is expected, what is overdue, whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.events.meaning import EACH, SERVED_AT
from planner.instance.crews import people_of
from planner.instance.schema import Contact, Region
from planner.outputs.causes import Causes
from planner.plans.model import Delivery, Stop
from planner.proof.knowledge import Sure
from planner.replanning.state import Known, State, TripState

__all__ = ["AreaRow", "Arrival", "Overdue", "Standing", "StopRow", "VehicleRow"]


@dataclass(frozen=True, slots=True)
class StopRow:
    """One planned stop.

    Parameters
    ----------
    planned_s, expected_s
        End of its service as planned, and as reported or expected; None: it is not expected any more.
    known
        What is known of it.
    sure
        The same, with what was confirmed in bulk apart.
    """

    trip: TripState
    number: int
    stop: Stop
    area: str
    subarea: str
    planned_s: int
    expected_s: int | None
    known: Known
    sure: Sure


@dataclass(frozen=True, slots=True)
class AreaRow:
    """What is known of the stops for the regions of an area, and what is expected of these."""

    id: str
    name: str
    stops: Mapping[Sure, int]
    on_time: int
    late: int
    missing: int
    last_report_s: int | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is expected for a region that has not received everything by the reports.

    Parameters
    ----------
    planned_s, expected_s
        Receipt as planned and as expected; None: something is missing.
    why
        Why it is later than planned; empty: it is not.
    """

    region: Region
    planned_s: int | None
    expected_s: int | None
    deadline_s: int
    on_time: bool
    known: Known
    why: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """A stop of which nothing is reported though it was due, and who may know."""

    row: StopRow
    since_s: int
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A vehicle that is on its way, or should be.

    Parameters
    ----------
    silent_since_s
        Its last report, or the beginning of its trip, where that is longer ago than the tolerance; None: it
        is not.
    """

    vehicle: str
    trip: str
    last_report_s: int | None
    overdue: int
    next_place: str
    next_s: int | None
    silent_since_s: int | None


class Standing:
    """Everything that a status says.

    Parameters
    ----------
    state
        Where the plan stands.
    by_subarea
        Group by parts of areas.
    """

    def __init__(self, state: State, *, by_subarea: bool = False) -> None:
        self.state = state
        self._by_subarea = by_subarea
        self._regions = state.instance.region_of
        self._causes = Causes(state, state.found.reports)

    @cached_property
    def stops(self) -> tuple[StopRow, ...]:
        """All planned stops, in the order in which they are expected."""
        rows = [row for trip in self.state.trips for row in self._rows(trip)]
        last = self.state.instance.settings.horizon_s * 2
        return tuple(sorted(rows, key=lambda one: (one.expected_s or last, one.trip.planned.id, one.number)))

    def _rows(self, trip: TripState) -> Iterator[StopRow]:
        for number, stop in enumerate(trip.planned.stops):
            area, subarea = self._area_of(stop)
            driven = trip.stuck is None or trip.begun
            now = trip.trip.stops[number].end_s if driven and number < len(trip.trip.stops) else None
            known = trip.stops[number]
            sure = Sure.BULK if self._is_bulk(trip, number) else Sure(known.value)
            yield StopRow(trip, number, stop, area, subarea, stop.end_s, now, known, sure)

    def _is_bulk(self, trip: TripState, number: int) -> bool:
        """Whether a stop is confirmed only by one confirmation of all that was due."""
        reports = self.state.found.reports.get(trip.planned.id)
        told = None if reports is None else reports.known.get(SERVED_AT + EACH * number)
        return told is not None and bool(told.event.bulk)

    def _area_of(self, stop: Stop) -> tuple[str, str]:
        region = self._regions.get(stop.node_id)
        if region is None:
            region = next(
                (self._regions[one.region_id] for one in _all(stop) if one.region_id in self._regions), None
            )
        return ("", "") if region is None else (region.area, region.subarea)

    @cached_property
    def counts(self) -> Mapping[Sure, int]:
        """Stops by how sure they are."""
        return _counted(self.stops)

    @cached_property
    def areas(self) -> tuple[AreaRow, ...]:
        """A row for each area (or part of one) that the plan supplies, in the order of the regions."""
        names: dict[str, str] = {}
        for result in self.state.plan.regions:
            region = self._regions.get(result.region_id)
            if region is not None:
                names.setdefault(self._group(region), self._group_name(region))
        stops: dict[str, list[StopRow]] = {}
        for row in self.stops:
            stops.setdefault(row.subarea if self._by_subarea else row.area, []).append(row)
        return tuple(self._area(name, label, stops.get(name, [])) for name, label in names.items())

    def _group(self, region: Region) -> str:
        return region.subarea if self._by_subarea else region.area

    def _group_name(self, region: Region) -> str:
        if self._by_subarea:
            return region.subarea_name or region.subarea
        return region.area_name or region.area

    def _area(self, name: str, label: str, rows: Sequence[StopRow]) -> AreaRow:
        state = self.state
        mine = [one for one in state.on_time if self._group(self._regions[one]) == name]
        late = [one for one in mine if not state.on_time[one]]
        missing = [one for one in late if state.received_s[one] is None]
        reported = [row.trip.last_report_s for row in rows if row.trip.last_report_s is not None]
        return AreaRow(
            name,
            label,
            _counted(rows),
            len(mine) - len(late),
            len(late) - len(missing),
            len(missing),
            max(reported, default=None),
        )

    @cached_property
    def arrivals(self) -> tuple[Arrival, ...]:
        """Regions that are late, and then those that have not received everything yet, by time.

        What is overdue, but believed to have been received, is no arrival that is expected.
        """
        known = self.known_of_regions
        found = []
        for result in self.state.plan.regions:
            region = self._regions.get(result.region_id)
            sure = known.get(result.region_id, Known.FUTURE)
            expected_s = self.state.received_s.get(result.region_id)
            on_time = self.state.on_time.get(result.region_id, False)
            done = sure is Known.CONFIRMED or (expected_s is not None and expected_s <= self.state.now_s)
            if region is None or (on_time and (done or expected_s is None)):
                continue
            found.append(
                Arrival(
                    region,
                    result.received_s,
                    expected_s,
                    result.deadline_s,
                    on_time,
                    sure,
                    self._causes.of_region(region.id, result.received_s, expected_s),
                )
            )
        last = self.state.instance.settings.horizon_s * 2
        return tuple(
            sorted(
                found,
                key=lambda one: (
                    one.on_time,
                    one.expected_s is not None,
                    one.expected_s or last,
                    one.region.id,
                ),
            )
        )

    @cached_property
    def bulk_by(self) -> Sequence[tuple[str, int]]:
        """Who confirmed in bulk, and how many stops."""
        found: dict[str, int] = {}
        for row in self.stops:
            if row.sure is Sure.BULK:
                told = self.state.found.reports[row.trip.planned.id].known[SERVED_AT + EACH * row.number]
                found[told.event.by] = found.get(told.event.by, 0) + 1
        return sorted(found.items())

    @cached_property
    def sure_of_regions(self) -> Mapping[str, Sure]:
        """How sure each region's receipt is: the least sure of the stops that bring it something.

        Of which something is missing that nobody brings, like goods that were refused, it is none.
        """
        order = tuple(Sure)
        found = {result.region_id: Sure.FUTURE for result in self.state.plan.regions}
        told: dict[str, Sure] = {}
        for row in self.stops:
            name = row.stop.node_id
            if name in found:
                told[name] = max(told.get(name, row.sure), row.sure, key=order.index)
        received = self.state.received_s
        return found | {name: sure for name, sure in told.items() if received.get(name) is not None}

    @cached_property
    def received(self) -> Mapping[Sure, int]:
        """Regions by the least sure of the stops that bring them something; nothing comes: not due."""
        return {sure: sum(one is sure for one in self.sure_of_regions.values()) for sure in Sure}

    @cached_property
    def known_of_regions(self) -> Mapping[str, Known]:
        """What is known of a region's receipt: of the least known of its stops."""
        order = (Known.CONFIRMED, Known.ASSUMED, Known.OVERDUE, Known.FUTURE)
        found: dict[str, Known] = {}
        for row in self.stops:
            if row.stop.node_id in self._regions:
                name = row.stop.node_id
                found[name] = max(found.get(name, row.known), row.known, key=order.index)
        return found

    @cached_property
    def overdue(self) -> tuple[Overdue, ...]:
        """Stops that were due and are not reported, the longest overdue first, and whom to call."""
        found = []
        for row in self.stops:
            if row.known is Known.OVERDUE:
                trip = row.trip.planned
                near = (*self.contacts_of(trip.vehicle_id), *self.contacts_at(row.stop.node_id))
                mine = near or self.contacts_at(trip.origin_id)
                due_s = row.planned_s if row.expected_s is None else min(row.planned_s, row.expected_s)
                if row.expected_s is not None and row.expected_s <= self.state.now_s:
                    due_s = row.expected_s
                found.append(Overdue(row, due_s, mine))
        return tuple(sorted(found, key=lambda one: (one.since_s, one.row.trip.planned.id, one.row.number)))

    @cached_property
    def vehicles(self) -> tuple[VehicleRow, ...]:
        """Vehicles on their way, those with the oldest reports first."""
        found = []
        silent = self._silent_since
        for one in self.state.trips:
            trip, now_s = one.trip, self.state.now_s
            if not one.begun or trip.end_s <= now_s or trip.broken is not None:
                continue
            ahead = next((stop for stop in trip.stops if stop.end_s > now_s), None)
            found.append(
                VehicleRow(
                    trip.vehicle_id,
                    trip.id,
                    one.last_report_s,
                    sum(known is Known.OVERDUE for known in one.stops),
                    trip.origin_id if ahead is None else ahead.node_id,
                    trip.end_s if ahead is None else ahead.leg.arrive_s,
                    silent.get(trip.vehicle_id),
                )
            )
        return tuple(sorted(found, key=lambda row: (row.last_report_s or 0, row.vehicle)))

    @cached_property
    def _silent_since(self) -> Mapping[str, int | None]:
        """Since when nothing is heard of each vehicle that has begun a trip not known to be over."""
        state = self.state
        heard: dict[str, int] = {}
        began: dict[str, int] = {}
        for one in state.trips:
            name = one.planned.vehicle_id
            if one.last_report_s is not None:
                heard[name] = max(one.last_report_s, heard.get(name, one.last_report_s))
            if one.begun and (one.trip.end_s > state.now_s or Known.OVERDUE in one.stops):
                began[name] = min(one.trip.load_start_s, began.get(name, one.trip.load_start_s))
        last = {name: max(start_s, heard.get(name, start_s)) for name, start_s in began.items()}
        limit_s = state.now_s - state.tolerance_s
        return {name: since_s if since_s < limit_s else None for name, since_s in last.items()}

    @cached_property
    def _contacts(self) -> Mapping[str, Sequence[Contact]]:
        found: dict[str, list[Contact]] = {}
        for one in people_of(self.state.effective, self.state.now_s):
            found.setdefault(one.place, []).append(one)
        return found

    def contacts_at(self, *places: str) -> tuple[Contact, ...]:
        """Who may know of places, each once."""
        return tuple(one for place in dict.fromkeys(places) for one in self._contacts.get(place, ()))

    def contacts_of(self, vehicle: str) -> tuple[Contact, ...]:
        """Who may know of a vehicle: its people, else those of its type."""
        kind = next((one.planned for one in self.state.trips if one.planned.vehicle_id == vehicle), None)
        return self.contacts_at(vehicle) or self.contacts_at("" if kind is None else kind.vehicle_type)

    def silent_since_s(self, vehicle: str) -> int | None:
        """Since when nothing is heard of a vehicle; None: it is heard, or need not be."""
        return self._silent_since.get(vehicle)


def _all(stop: Stop) -> Iterable[Delivery]:
    return (*stop.deliveries, *stop.fetched)


def _counted(rows: Iterable[StopRow]) -> Mapping[Sure, int]:
    found = dict.fromkeys(Sure, 0)
    for row in rows:
        found[row.sure] += 1
    return found
