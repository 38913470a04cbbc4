"""Which trip, and which stop of it, each report about a vehicle on its way means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.events.downstream import give_way, not_left, settle_downstream
from planner.events.kinds import ON_THE_WAY, kind_word
from planner.events.meaning import (
    ARRIVED_AT,
    EACH,
    LOADED,
    PLACE_OF,
    SERVED_AT,
    Trips,
    happenings_s,
    is_of,
    meaning_of,
    own_order,
)
from planner.events.schema import Event, EventKind
from planner.events.tellings import (
    CLOCKS_S,
    Dispute,
    Gone,
    Happened,
    Matched,
    Mismatch,
    TripReports,
    rank,
    settle_place,
    settle_vehicle,
)
from planner.plans.model import Plan, Stop, Trip

__all__ = ["match", "matched", "unsettled"]


def match(plan: Plan, events: Iterable[Event]) -> tuple[Mapping[str, TripReports], tuple[Mismatch, ...]]:
    """Reports by trip, and those that cannot be; see `matched`."""
    found = matched(plan, events)
    return found.reports, found.wrong


def unsettled(plan: Plan, events: Iterable[Event]) -> Mapping[str, TripReports]:
    """Reports by trip, those that contradict others too: stops may have been reached in another order."""
    return _taken(plan, events).reports


def _taken(plan: Plan, events: Iterable[Event]) -> _Matching:
    matching = _Matching(plan)
    for event in sorted(events, key=lambda event: (event.begins_s, *event.order)):
        if event.kind in ON_THE_WAY:
            for subject in event.subject:
                matching.take(event, subject)
    return matching


def matched(plan: Plan, events: Iterable[Event]) -> Matched:
    """Which trip, and which stop of it, each report means.

    Parameters
    ----------
    plan
        The plan in force.
    events
        Reports that hold; those that are not about vehicles on their way are passed over.

    Notes
    -----
    What a report was understood to mean when it was entered, it means in every later plan. One that does
    not say is about the trip on which the vehicle should be by the plan and by what was reported before, and
    about the next stop of it that fits, unless `place` says which. Of two reports that cannot both be, the
    one that was told first stands; what was confirmed in bulk stands behind all others.
    """
    matching = _taken(plan, events)
    matching.settle()
    disputed = {id(one.event) for one in matching.disputed}
    matching.check()
    return Matched(
        reports=matching.reports,
        wrong=tuple(matching.wrong),
        disputed=tuple(matching.disputed),
        again=tuple((one, other) for one, other in matching.again if id(one) not in disputed),
        gone=tuple(matching.gone),
        meant=matching.meant,
    )


class _Matching:
    """Takes reports in the order in which things happened."""

    def __init__(self, plan: Plan) -> None:
        self.reports: dict[str, TripReports] = {}
        self.wrong: list[Mismatch] = []
        self.disputed: list[Dispute] = []
        self.again: list[tuple[Event, Event]] = []
        self.gone: list[Gone] = []
        self.meant: dict[tuple[str, str], tuple[str, int]] = {}
        self._told: dict[tuple[str, int], list[Event]] = {}
        self._broken: dict[str, list[Event]] = {}
        self._plan = plan
        self._believed = frozenset(() if plan.replan is None else (row.id for row in plan.replan.events))
        self._kept = Trips(plan)
        self._trips = self._kept.of_id
        self._of_vehicle: dict[str, list[Trip]] = {}
        for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
            self._of_vehicle.setdefault(trip.vehicle_id, []).append(trip)
        self._of_region: dict[str, list[tuple[Trip, int]]] = {}
        for trip in plan.trips:
            for number, stop in enumerate(trip.stops):
                if _is_empty(stop) or any(one.region_id == stop.node_id for one in stop.deliveries):
                    self._of_region.setdefault(stop.node_id, []).append((trip, number))
        self._order = {trip.id: own_order(trip) for trip in plan.trips}

    def take(self, event: Event, subject: str) -> None:
        """Enter one report."""
        meant = meaning_of(event, subject)
        if meant is not None:
            known = self._kept.find(event, subject, meant) if meant.trip else None
            place = None if known is None else self._as_it_went(event, *known)
            if known is not None and place is not None:
                if not event.bulk or self._holds_still(event, known[0], place):
                    self._enter(event, subject, known[0], place)
            elif meant.trip and not event.bulk and event.kind not in _OF_GOODS:  # what was believed gives way
                self.gone.append(Gone(event, subject, meant.trip))
            return
        if subject in self._trips:
            found = self._on_trips(event, [self._trips[subject]], named=True)
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
            if event.kind in _OF_GOODS:
                return  # it says of goods, not of a vehicle, where they are (`planner.events.amend`)
            code = "E922" if event.place else "E921"
            column = "place" if event.place else "subject"
            params = {"subject": subject, "kind": kind_word(event.kind)}
            self.wrong.append(Mismatch(event, code, params, column))
            return
        self._enter(event, subject, *found)

    def _may_be(self, event: Event, trip: Trip, place: int) -> bool:
        """Whether a report may mean a thing of a trip, by what is done there."""
        number = (place - ARRIVED_AT) // EACH
        return event.kind not in PLACE_OF or place < ARRIVED_AT or _may_mean(event, trip, number)

    def _holds_still(self, event: Event, trip: Trip, place: int) -> bool:
        """Whether what was confirmed in bulk has not given way: now, or in the plan that believed it."""
        if not self._may_be(event, trip, place):
            return False
        if event.id not in self._believed:
            return True
        return trip.begun and happenings_s(trip).get(place, event.begins_s) == event.begins_s

    def _as_it_went(self, event: Event, trip: Trip, place: int) -> int | None:
        """The thing that was meant; None: it says of goods alone where they are.

        Where the stop was for nothing by now, or left when it happened, it is the same place's other stop.
        """
        number = (place - ARRIVED_AT) // EACH
        if event.kind not in PLACE_OF or place < ARRIVED_AT or number >= len(trip.stops) or event.bulk:
            return place
        node = trip.stops[number].node_id
        others = [
            other
            for other, at, _ in self._order[trip.id]
            if at == node
            and other != place
            and is_of(other, event.kind)
            and _may_mean(event, trip, (other - ARRIVED_AT) // EACH)
        ]
        able = _may_mean(event, trip, number)
        if event.kind in _OF_GOODS:
            chosen = place if able else next(iter(others), None)
            reports = self.reports.get(trip.id, TripReports())
            passed = event.kind in (EventKind.SKIPPED, EventKind.RETURNED)
            return (
                None if chosen is None or (passed and not _fits(chosen, event.begins_s, reports)) else chosen
            )
        if not able and others:
            place = others[-1]
        known = self.reports.get(trip.id, TripReports()).known
        for other in others:
            between = [one.at_s for at, one in known.items() if place < at < other]
            if other > place and between and min(between) + CLOCKS_S <= event.begins_s:
                place = other
        return place

    def _enter(self, event: Event, subject: str, trip: Trip, place: int) -> None:
        self.meant[event.id, subject] = (trip.id, place)
        reports = self.reports.setdefault(trip.id, TripReports())
        reports.last_report_s = max(event.time_s, reports.last_report_s or event.time_s)
        if event.kind is EventKind.DELAY:
            other = reports.delays.get(place)
            if other is not None and (other.value, other.until_s) == (event.value, event.until_s):
                self.again.append(
                    (
                        max(event, other, key=lambda one: one.order),
                        min(event, other, key=lambda one: one.order),
                    )
                )
            if other is None or other.order <= event.order:
                reports.delays[place] = event
        elif event.kind is EventKind.BREAKDOWN:
            self._broken.setdefault(trip.id, []).append(event)
            if reports.broken is None or reports.broken.order <= event.order:
                reports.broken = event
        else:
            told = self._told.setdefault((trip.id, place), [])
            told.append(event)
            first = min(told, key=rank)
            reports.known[place] = Happened(first.begins_s, first)

    def _at_region(self, event: Event, region: str) -> tuple[Trip, int] | None:
        """The stop at a region that a report means: the one told, or else due, at the nearest moment."""
        kind = PLACE_OF[event.kind][-1]
        ranked = []
        for trip, number in self._of_region[region]:
            if not _may_mean(event, trip, number):
                continue
            place = kind + EACH * number
            told_s = self.reports.get(trip.id, TripReports()).at(place)
            stop = trip.stops[number]
            due_s = stop.leg.arrive_s if event.kind is EventKind.ARRIVED else stop.end_s
            due_s = due_s + self._late_s(trip, number) if told_s is None else told_s
            apart_s = abs(event.begins_s - due_s)
            ranked.append((apart_s, told_s is not None, trip.load_start_s, trip.id, place))
        if not ranked:
            return None
        *_, name, place = min(ranked)
        return self._trips[name], place

    def _on_trips(
        self, event: Event, trips: Sequence[Trip], *, named: bool = False
    ) -> tuple[Trip, int] | None:
        for trip in trips:
            place = self._place(event, trip, named=named)
            if place is not None:
                return trip, place
        return None

    def _place(self, event: Event, trip: Trip, *, named: bool) -> int | None:
        """Which thing of a trip is meant; of a delay the leg, of a breakdown anything.

        What is not told yet and fits between what is told comes first, so that what happened earlier may be
        told later; then what comes next; where the place or the trip is named, what is told already.
        """
        reports = self.reports.get(trip.id, TripReports())
        if event.kind is EventKind.BREAKDOWN:
            return 0
        if event.kind is EventKind.DELAY:
            return self._leg(event, trip, reports)
        if event.kind is EventKind.RETURNED and not event.place and trip.back is not None:
            return ARRIVED_AT + EACH * len(trip.stops)
        able = [
            place
            for place, node, _ in self._order[trip.id]
            if is_of(place, event.kind)
            and (not event.place or node == event.place)
            and _may_mean(event, trip, (place - ARRIVED_AT) // EACH)
        ]
        fitting = [place for place in able if _fits(place, event.begins_s, reports)]
        later = [place for place in able if place > reports.reached]
        known = able if event.place or named else []
        return next(iter(fitting or later or known), None)

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
        if (
            event.kind is EventKind.RETURNED and not event.place
        ):  # from the one that ends at the nearest moment
            ends_s = {trip.id: end_s for trip, (_, end_s) in zip(trips, starts, strict=True)}
            return sorted(trips, key=lambda trip: (abs(ends_s[trip.id] - event.begins_s), trip.id))
        begun = [at for at in range(last, len(trips)) if starts[at][0] <= event.begins_s]
        likely = begun[-1] if begun else last
        if event.kind is EventKind.DELAY and begun and likely + 1 < len(trips):
            likely += starts[likely][1] <= event.begins_s  # between two trips the next one is meant
        after = list(range(likely, len(trips)))
        before = list(range(likely - 1, -1, -1)) if event.place else []
        return [trips[at] for at in (*after, *before)]

    def _under_way(self, trips: Sequence[Trip], moment_s: int) -> list[Trip]:
        """The trip on which a vehicle is at a moment; none between trips."""
        spans = zip(trips, self._starts(trips), strict=True)
        return [trip for trip, (begins_s, ends_s) in spans if begins_s <= moment_s < ends_s][-1:]

    def settle(self) -> None:
        """Take out what contradicts something that was told before, and what tells it once more."""
        for (name, _), told in self._told.items():
            disputed, again = settle_place(name, told)
            self.disputed += disputed
            self.again += again
        for several in self._broken.values():
            first, *others = sorted(several, key=rank)
            self.again += [(event, first) for event in others if _says(event) == _says(first)]
        for trips in self._of_vehicle.values():
            self.disputed += settle_vehicle(trips, self.reports)
        self.disputed += settle_downstream(self._plan, self.reports, self._served_s)
        not_left(self._plan, self.reports, self._served_s)
        give_way(self._plan, self.reports)

    def _served_s(self, trip: Trip, number: int) -> int:
        """When a stop was served: as reported, else as planned and as late as is known."""
        reports = self.reports.get(trip.id, TripReports())
        told_s = reports.at(SERVED_AT + EACH * number)
        if told_s is None and reports.reached > SERVED_AT + EACH * number:
            return 0  # something later is told
        return trip.stops[number].end_s + self._late_s(trip, number) if told_s is None else told_s

    def check(self) -> None:
        """What begins before it can."""
        for trips in self._of_vehicle.values():
            to_come: Trip | None = None  # the latest to begin of those before that nobody reported
            for trip in trips:
                reports = self.reports.get(trip.id)
                if reports is not None:
                    self._check_begin(trip, reports)
                if reports is not None and reports.known:
                    self._check_turn(trip, reports, to_come)
                elif not trip.begun and (to_come is None or to_come.load_start_s < trip.load_start_s):
                    to_come = trip

    def _check_begin(self, trip: Trip, reports: TripReports) -> None:
        """Nothing of a trip happens before its loading should begin, unless it is reported to be loaded."""
        if not reports.known or LOADED in reports.known or trip.begun:
            return
        first = reports.known[min(reports.known)]
        if first.at_s < trip.load_start_s:
            params = {"what": kind_word(first.event.kind), "trip": trip.id, "load_start": trip.load_start_s}
            self.wrong.append(Mismatch(first.event, "E920", params, "from"))

    def _check_turn(self, trip: Trip, reports: TripReports, before: Trip | None) -> None:
        """Nothing of a trip happens while one before it of the same vehicle should not even have begun."""
        first = reports.known[min(reports.known)]
        if before is None or trip.begun or first.at_s >= before.load_start_s:
            return
        params = {
            "what": kind_word(first.event.kind),
            "trip": trip.id,
            "other": before.id,
            "load_start": before.load_start_s,
        }
        self.wrong.append(Mismatch(first.event, "E963", params, "from"))


_OF_GOODS = (EventKind.SKIPPED, EventKind.REFUSED, EventKind.PARTLY, EventKind.RETURNED)


def _fits(place: int, at_s: int, reports: TripReports) -> bool:
    """Whether something not told yet may have happened then, by all that is told of the trip."""
    return place not in reports.known and all(
        known.at_s <= at_s if other < place else known.at_s >= at_s for other, known in reports.known.items()
    )


def _says(event: Event) -> tuple[object, ...]:
    return (event.begins_s, event.until_s)


def _is_empty(stop: Stop) -> bool:
    """Whether nothing is handed over or taken over at a stop, as where receipt was refused."""
    return not (stop.deliveries or stop.items or stop.fetched)


def _may_mean(event: Event, trip: Trip, number: int) -> bool:
    """Whether a report may be about a stop, or the way home, by what is done there."""
    if number < 0 or number >= len(trip.stops):
        return True
    stop = trip.stops[number]
    if event.kind is EventKind.FETCHED:
        return bool(stop.fetched)
    if event.kind in (EventKind.SKIPPED, EventKind.REFUSED, EventKind.RETURNED):
        return _is_empty(stop)
    return event.kind not in (EventKind.DELIVERED, EventKind.PARTLY) or not _is_empty(stop)
