"""Which trip, and which stop of it, each report about a vehicle on its way means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from planner.events.schema import Event, EventKind
from planner.plans.model import Plan, Trip

__all__ = [
    "ARRIVED_AT",
    "DEPARTED",
    "EACH",
    "LEFT_AT",
    "LOADED",
    "SERVED_AT",
    "Happened",
    "Mismatch",
    "TripReports",
    "match",
    "own_order",
]

ON_THE_WAY = (
    EventKind.LOADED,
    EventKind.DEPARTED,
    EventKind.ARRIVED,
    EventKind.DELIVERED,
    EventKind.FETCHED,
    EventKind.DELAY,
    EventKind.BREAKDOWN,
)
LOADED, DEPARTED = 0, 1  # places in the order of a trip; then three for each stop
ARRIVED_AT, SERVED_AT, LEFT_AT = 2, 3, 4
EACH = 3


@dataclass(frozen=True, slots=True)
class Happened:
    """When something was reported to have happened, and by which report."""

    at_s: int
    event: Event


@dataclass(slots=True)
class TripReports:
    """What is reported of one trip.

    Parameters
    ----------
    known
        By place in the order of the trip: loaded, departed, then arrived, served and left at each stop, at
        last the arrival at home.
    delays
        By leg; the last report of each.
    broken
        The report of a breakdown on it.
    last_report_s
        Time of the last report about it.
    """

    known: dict[int, Happened] = field(default_factory=dict)
    delays: dict[int, Event] = field(default_factory=dict)
    broken: Event | None = None
    last_report_s: int | None = None

    def at(self, place: int) -> int | None:
        """When a thing of the trip was reported to have happened."""
        found = self.known.get(place)
        return None if found is None else found.at_s

    @property
    def reached(self) -> int:
        """The last thing that is reported; -1: none."""
        return max(self.known, default=-1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A report that cannot be, with the code of its fault and what the texts need."""

    event: Event
    code: str
    params: Mapping[str, object]
    column: str = "subject"


def own_order(trip: Trip) -> Sequence[tuple[int, str, int]]:
    """What happens on a trip, in order: place in the order, node, and planned moment."""
    found = [(LOADED, trip.origin_id, trip.depart_s), (DEPARTED, trip.origin_id, trip.depart_s)]
    for number, stop in enumerate(trip.stops):
        found += [
            (ARRIVED_AT + EACH * number, stop.node_id, stop.leg.arrive_s),
            (SERVED_AT + EACH * number, stop.node_id, stop.end_s),
            (LEFT_AT + EACH * number, stop.node_id, stop.end_s),
        ]
    if trip.back is not None:
        found[-1] = (found[-1][0], found[-1][1], trip.back.depart_s)
        found.append((ARRIVED_AT + EACH * len(trip.stops), trip.back.to_node, trip.back.arrive_s))
    return found


_PLACE_OF = {
    EventKind.LOADED: (LOADED,),
    EventKind.DEPARTED: (DEPARTED, LEFT_AT),
    EventKind.ARRIVED: (ARRIVED_AT,),
    EventKind.DELIVERED: (SERVED_AT,),
    EventKind.FETCHED: (SERVED_AT,),
}


def match(plan: Plan, events: Iterable[Event]) -> tuple[Mapping[str, TripReports], tuple[Mismatch, ...]]:
    """Reports by trip, and those that cannot be.

    Parameters
    ----------
    plan
        The plan in force.
    events
        Reports that hold; those that are not about vehicles on their way are passed over.

    Notes
    -----
    A report about a vehicle is about the trip on which it should be by the plan and by what was reported
    before, and about the next stop of it that fits, unless `place` says which.
    """
    mine = [event for event in events if event.kind in ON_THE_WAY]
    mine.sort(key=lambda event: (event.begins_s, *event.order))
    matching = _Matching(plan)
    for event in mine:
        for subject in event.subject:
            matching.take(event, subject)
    matching.check()
    return matching.reports, tuple(matching.wrong)


class _Matching:
    """Takes reports in the order in which things happened."""

    def __init__(self, plan: Plan) -> None:
        self.reports: dict[str, TripReports] = {}
        self.wrong: list[Mismatch] = []
        self._trips = {trip.id: trip for trip in plan.trips}
        self._of_vehicle: dict[str, list[Trip]] = {}
        for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
            self._of_vehicle.setdefault(trip.vehicle_id, []).append(trip)
        self._of_region: dict[str, list[tuple[Trip, int]]] = {}
        for trip in plan.trips:
            for number, stop in enumerate(trip.stops):
                if any(one.region_id == stop.node_id for one in stop.deliveries):
                    self._of_region.setdefault(stop.node_id, []).append((trip, number))
        self._order = {trip.id: own_order(trip) for trip in plan.trips}

    def take(self, event: Event, subject: str) -> None:
        """Enter one report."""
        if subject in self._trips:
            found = self._on_trips(event, [self._trips[subject]])
        elif subject in self._of_region:
            found = self._at_region(event, subject)
        else:
            trips = self._of_vehicle.get(subject, [])
            if event.kind is EventKind.BREAKDOWN:
                trips = self._under_way(trips, event.begins_s)
                if not trips:
                    return  # it stands at home: out of use, and nothing aboard
            found = self._on_trips(event, self._candidates(trips, event))
        if found is None:
            code = "E922" if event.place else "E921"
            column = "place" if event.place else "subject"
            params = {"subject": subject, "kind": event.kind.value}
            self.wrong.append(Mismatch(event, code, params, column))
            return
        trip, place = found
        self._enter(event, trip, place)

    def _enter(self, event: Event, trip: Trip, place: int) -> None:
        reports = self.reports.setdefault(trip.id, TripReports())
        reports.last_report_s = max(event.time_s, reports.last_report_s or event.time_s)
        if event.kind is EventKind.DELAY:
            other = reports.delays.get(place)
            if other is None or other.order <= event.order:
                reports.delays[place] = event
        elif event.kind is EventKind.BREAKDOWN:
            if reports.broken is None or reports.broken.order <= event.order:
                reports.broken = event
        else:
            self._happened(event, trip, place, reports)

    def _happened(self, event: Event, trip: Trip, place: int, reports: TripReports) -> None:
        other = reports.known.get(place)
        if other is not None and other.at_s != event.begins_s and other.event.time_s == event.time_s:
            self.wrong.append(Mismatch(event, "E918", {"other": other.event.id, "trip": trip.id}, "from"))
        elif other is None or other.event.order <= event.order:
            reports.known[place] = Happened(event.begins_s, event)

    def _at_region(self, event: Event, region: str) -> tuple[Trip, int] | None:
        """The stop at a region that a report means: one not reported yet, and due first."""
        stops = sorted(
            self._of_region[region], key=lambda pair: (pair[0].stops[pair[1]].leg.arrive_s, pair[0].id)
        )
        kind = _PLACE_OF[event.kind][0]
        free = [
            (trip, number)
            for trip, number in stops
            if self.reports.get(trip.id, TripReports()).at(kind + EACH * number) is None
        ]
        due = [pair for pair in free if pair[0].stops[pair[1]].leg.arrive_s <= event.begins_s]
        chosen = (due or free or stops)[0]
        return chosen[0], kind + EACH * chosen[1]

    def _on_trips(self, event: Event, trips: Sequence[Trip]) -> tuple[Trip, int] | None:
        for trip in trips:
            place = self._place(event, trip)
            if place is not None:
                return trip, place
        return None

    def _place(self, event: Event, trip: Trip) -> int | None:
        """Which thing of a trip is meant; of a delay the leg, of a breakdown anything."""
        reports = self.reports.get(trip.id, TripReports())
        if event.kind is EventKind.BREAKDOWN:
            return 0
        if event.kind is EventKind.DELAY:
            return self._leg(event, trip, reports)
        able = [
            place
            for place, node, _ in self._order[trip.id]
            if _is_of(place, event.kind)
            and (not event.place or node == event.place)
            and (event.kind is not EventKind.FETCHED or trip.stops[(place - SERVED_AT) // EACH].fetched)
        ]
        later = [place for place in able if place > reports.reached]
        if event.place:
            return next(iter(later or able), None)
        return next(iter(later), None)

    def _leg(self, event: Event, trip: Trip, reports: TripReports) -> int | None:
        """The leg that a delay is on: to the named place, else the first not ended by reports or the hour."""
        legs = [*(stop.leg for stop in trip.stops), *([trip.back] if trip.back is not None else [])]
        open_legs = [number for number in range(len(legs)) if ARRIVED_AT + EACH * number > reports.reached]
        if event.place:
            return next((one for one in open_legs if legs[one].to_node == event.place), None)
        due = [
            one for one in open_legs if self._arrives_s(trip, one, self._late_s(trip, one)) > event.begins_s
        ]
        return next(iter(due or open_legs[-1:]), None)

    def _arrives_s(self, trip: Trip, leg: int, late_s: int) -> int:
        planned = (trip.stops[leg].leg if leg < len(trip.stops) else trip.back or trip.stops[-1].leg).arrive_s
        return planned + late_s

    def _late_s(self, trip: Trip, leg: int | None = None) -> int:
        """How late a trip is, or comes to the end of a leg: by the last report, and delays after it."""
        reports = self.reports.get(trip.id)
        if reports is None:
            return 0
        planned = {place: moment for place, _, moment in self._order[trip.id]}
        reached = reports.reached
        late_s = 0 if reached < 0 else reports.known[reached].at_s - planned[reached]
        for number, event in sorted(reports.delays.items()):
            if ARRIVED_AT + EACH * number > reached and (leg is None or number <= leg):
                late_s += int(event.value or 0) or max(
                    0, (event.until_s or 0) - self._arrives_s(trip, number, late_s)
                )
        return late_s

    def _starts(self, trips: Sequence[Trip]) -> list[tuple[int, int]]:
        """When each trip of a vehicle is expected to begin and to end, by what is reported."""
        found = []
        free_s: int | None = None
        for trip in trips:
            begins_s = trip.load_start_s if free_s is None else max(trip.load_start_s, free_s)
            reports = self.reports.get(trip.id)
            late_s = begins_s - trip.load_start_s if reports is None else self._late_s(trip)
            free_s = trip.end_s + late_s
            found.append((begins_s, free_s))
        return found

    def _candidates(self, trips: Sequence[Trip], event: Event) -> list[Trip]:
        """Trips of a vehicle that a report may be about, the likeliest first."""
        if not trips:
            return []
        last = max((at for at, trip in enumerate(trips) if trip.id in self.reports), default=0)
        starts = self._starts(trips)
        begun = [at for at in range(last, len(trips)) if starts[at][0] <= event.begins_s]
        likely = begun[-1] if begun else last
        after = list(range(likely, len(trips)))
        before = list(range(likely - 1, -1, -1)) if event.place else []
        return [trips[at] for at in (*after, *before)]

    def _under_way(self, trips: Sequence[Trip], moment_s: int) -> list[Trip]:
        """The trip on which a vehicle is at a moment; none between trips."""
        spans = zip(trips, self._starts(trips), strict=True)
        return [trip for trip, (begins_s, ends_s) in spans if begins_s <= moment_s < ends_s][-1:]

    def check(self) -> None:
        """Orders of time that cannot be."""
        for trips in self._of_vehicle.values():
            before: Happened | None = None
            for trip in trips:
                reports = self.reports.get(trip.id)
                if reports is None:
                    continue
                for place in sorted(reports.known):
                    here = reports.known[place]
                    if before is not None and here.at_s < before.at_s:
                        self._out_of_order(trip, here, before)
                    before = here
                self._check_begin(trip, reports)
                self._check_broken(trip, reports)

    def _out_of_order(self, trip: Trip, here: Happened, before: Happened) -> None:
        event, other = sorted((here.event, before.event), key=lambda one: one.order)[::-1]
        params = {
            "what": here.event.kind.value,
            "before": before.event.kind.value,
            "other": other.id,
            "trip": trip.id,
        }
        self.wrong.append(Mismatch(event, "E919", params, "from"))

    def _check_begin(self, trip: Trip, reports: TripReports) -> None:
        """Nothing of a trip happens before its loading should begin, unless it is reported to be loaded."""
        if not reports.known or LOADED in reports.known or trip.begun:
            return
        first = reports.known[min(reports.known)]
        if first.at_s < trip.load_start_s:
            params = {"what": first.event.kind.value, "trip": trip.id, "load_start": trip.load_start_s}
            self.wrong.append(Mismatch(first.event, "E920", params, "from"))

    def _check_broken(self, trip: Trip, reports: TripReports) -> None:
        if reports.broken is None:
            return
        for here in reports.known.values():
            if here.at_s > reports.broken.begins_s:
                params = {"what": here.event.kind.value, "other": reports.broken.id, "trip": trip.id}
                self.wrong.append(Mismatch(here.event, "E942", params, "from"))


def _is_of(place: int, kind: EventKind) -> bool:
    """Whether a place in the order of a trip is of a kind of report."""
    if place in (LOADED, DEPARTED):
        return place in _PLACE_OF[kind]
    return ARRIVED_AT + (place - ARRIVED_AT) % EACH in _PLACE_OF[kind]
