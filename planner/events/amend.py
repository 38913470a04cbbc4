"""What went otherwise than ordered: stops skipped, goods refused, brought back or taken over, another order.

Such reports change no time, but who has which goods, and where somebody goes next. The plan in force is
written anew as it went (`amended`), and everything else is then read off that: what reports mean, where
things stand, what a replan keeps, and what a check compares it with.

Each change moves goods from one stop to another one, or leaves them at the place where they were loaded, so
that no unit is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.events.drafts import Draft, Halt, draft_of, had_begun, reached_by, takers, written
from planner.events.entered import Entered
from planner.events.kinds import kind_word
from planner.events.match import unsettled
from planner.events.meaning import Trips, Where, meaning_of
from planner.events.rows import NOWHERE
from planner.events.schema import Event, EventKind
from planner.events.tellings import CLOCKS_S, Gone, Mismatch, TripReports
from planner.events.units import Units
from planner.instance.schema import Instance
from planner.plans.model import Delivery, Plan

__all__ = ["OTHERWISE", "Amended", "amended"]

OTHERWISE = (
    EventKind.SKIPPED,
    EventKind.REFUSED,
    EventKind.PARTLY,
    EventKind.RETURNED,
    EventKind.TAKEN_OVER,
)
_LESS = (EventKind.FOUND, EventKind.FEWER, EventKind.VOID, EventKind.DECISION)
STAYS_ABOARD = (EventKind.SKIPPED, EventKind.REFUSED, EventKind.PARTLY)
_LEAVES = (EventKind.SKIPPED, EventKind.RETURNED)
_SAYS_WHERE = (EventKind.ARRIVED, EventKind.DELIVERED)


@dataclass(frozen=True)
class Amended:
    """A plan as it went.

    Parameters
    ----------
    plan
        The same object where nothing went otherwise. New legs have no way yet, and times that are estimates.
    changed
        Ids of trips that have other stops, orders or goods, and of those that are left out.
    back_with
        Goods that come back to where they were loaded, each with the trip that brings them.
    aboard
        Ids of trips on which goods stay aboard, for after the stops that are left.
    wrong
        Reports that cannot be.
    against
        Reports that something went otherwise, each with one beside which it cannot be.
    again
        Reports of what another one, the second of each pair, has told before.
    gone
        Reports about trips that there are no more; they are without effect.
    meant
        By report and subject what reports that something went otherwise mean of the plan in force.
    numbers
        For each trip that changed, the number in the plan in force of each of its stops; 0: it had none.
    took
        By trip the ids of consignments that it took over from other vehicles: it did not load them.
    """

    plan: Plan
    changed: frozenset[str] = frozenset()
    back_with: tuple[tuple[Delivery, str], ...] = ()
    aboard: frozenset[str] = frozenset()
    wrong: tuple[Mismatch, ...] = ()
    against: tuple[tuple[Event, Event], ...] = ()
    again: tuple[tuple[Event, Event], ...] = ()
    gone: tuple[Gone, ...] = ()
    meant: Mapping[tuple[str, str], Where] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    took: Mapping[str, frozenset[str]] = field(default_factory=dict)


def amended(plan: Plan, events: Sequence[Event], instance: Instance, home: Collection[str] = ()) -> Amended:
    """The plan in force as it went by reports that it does not contain yet.

    Parameters
    ----------
    plan
        The plan in force. What a replan believed is in it already.
    events
        All reports that hold.
    instance
        What the files say, without reports.
    home
        Ids of trips with which all goods that stay aboard come back.

    Notes
    -----
    Goods that stay aboard are handed over after the stops that are left, if there are any and the vehicle is
    not on its way back when it is told; else they come back with it and are planned anew from there. They
    then count as if they had not been loaded. Goods that another vehicle has taken over count as loaded by
    that one.
    """
    believed = frozenset() if plan.replan is None else frozenset(row.id for row in plan.replan.events)
    fresh = [one for one in events if one.id not in believed]
    if not any(one.kind in (*OTHERWISE, *_LESS, *_SAYS_WHERE) for one in fresh):
        return Amended(plan)
    plain = [one for one in events if one.kind not in OTHERWISE]
    reports = unsettled(plan, plain)
    work = _Amending(plan, instance, events, reports)
    work.home = frozenset(home)
    work.recall([one for one in events if one.id in believed], fresh)
    for event in sorted(fresh, key=lambda one: (one.begins_s, *one.order)):
        if event.kind in OTHERWISE:
            work.take(event)
    work.put_in_order(frozenset(one.id for one in fresh))
    work.leave_out([one for one in fresh if one.kind in _LESS])
    return work.result()


class _Amending:
    def __init__(
        self, plan: Plan, instance: Instance, events: Sequence[Event], reports: Mapping[str, TripReports]
    ) -> None:
        self._plan, self._instance, self._events = plan, instance, events
        self._drafts = {trip.id: draft_of(trip, reports.get(trip.id)) for trip in plan.trips}
        self._wrong: list[Mismatch] = []
        self._lost: list[Gone] = []
        self._entered = Entered()
        self._units = Units(instance, events, self._drafts.values())
        self._by: Event | None = None  # the report that is entered
        self._trips = Trips(plan)
        self._back_with: list[tuple[Delivery, str]] = []
        self._gone: set[str] = set()
        self._aboard: set[str] = set()
        self._took: dict[str, frozenset[str]] = {}
        self.home: Collection[str] = ()

    # ---------------------------------------------------------------- one report

    def recall(self, believed: Sequence[Event], fresh: Sequence[Event]) -> None:
        """What the plan in force was made by stands: who was passed by then, was not served until then."""
        new = {one.id for one in fresh}
        for event in believed:
            if event.kind not in STAYS_ABOARD or not event.trip:
                continue
            for trip in event.trip.split("+"):
                draft = self._drafts.get(trip)
                for halt in () if draft is None else draft.halts:
                    if halt.stop.node_id not in (event.place, *event.subject):
                        continue
                    if halt.served is not None and halt.bulk:
                        self._entered.against.append((event, halt.served))
                    self._entered.enter(halt.stop, event)
                    done = halt.served
                    if done is not None and done.id in new and done.begins_s <= event.begins_s + CLOCKS_S:
                        self._entered.against.append((done, event))
        for event in believed:
            for trip in event.trip.split("+") if event.kind in _LEAVES else ():
                self._entered.against += [(one, event) for one in fresh if self._was_left(one, event, trip)]

    def _was_left(self, event: Event, left: Event, trip: str) -> bool:
        """Whether a report is of a stop that its trip has no more: passed by, or its goods came back."""
        draft = self._drafts.get(trip)
        if event.kind not in _SAYS_WHERE or draft is None or trip not in event.trip.split("+"):
            return False
        places = {event.place, *event.subject} & ({left.place, *left.subject} - {""})
        there = {halt.stop.node_id for halt in draft.halts}
        return any(self._is_place(one) and one not in there for one in places)

    def take(self, event: Event) -> None:
        """Enter one report."""
        self._by = event
        if event.kind is EventKind.TAKEN_OVER:
            self._taken_over(event)
            return
        for subject in event.subject:
            place = event.place or (subject if self._is_place(subject) else "")
            drafts = self._named(event, subject)
            if drafts is None:
                continue
            place = place or self._stop_told(event, subject)
            found = list(self._meant(event, subject, place, drafts))
            if not found and not self._entered.is_over(event, subject, place, drafts):
                params = {"subject": event.place or subject, "kind": kind_word(event.kind)}
                self._wrong.append(Mismatch(event, "E946", params, "place" if event.place else "subject"))
            if found and not (event.kind is EventKind.RETURNED and not place):
                draft, halt = found[0]
                self._entered.means(event, subject, draft, halt)
            for draft, halt in found:
                other = self._contradicts(event, halt)
                if other is not None:
                    self._entered.against.append((event, other))
                elif not self._entered.is_told(event, halt):
                    self._entered.enter(halt.stop, event)
                    self._enter(event, draft, halt)

    def _contradicts(self, event: Event, halt: Halt) -> Event | None:
        """A single report by which goods came that by a new one did not: at a stop, or from a hub on."""
        again_s = None if event.kind is EventKind.RETURNED or halt.bulk else halt.served_s
        for other in takers(self._drafts.values(), halt):
            if other.first is not None and (again_s is None or other.first.at_s < again_s):
                return other.first.event
        return None

    def _named(self, event: Event, subject: str) -> Sequence[Draft] | None:
        """The trips that a report may be about; None: that which it was about is no more."""
        meant = meaning_of(event, subject)
        if meant is None or not meant.trip:
            return tuple(self._of(subject))
        found = [self._drafts[one] for one in self._trips.names(meant.trip) if one in self._drafts]
        if not found:
            self._lost.append(Gone(event, subject, meant.trip))
            return None
        return found

    def _stop_told(self, event: Event, subject: str) -> str:
        """The place of the stop of the plan in force that a report says; of all that was aboard none."""
        meant = meaning_of(event, subject)
        trip = None if meant is None else self._trips.of_id.get(meant.trip)
        if meant is None or trip is None or event.kind is EventKind.RETURNED:
            return ""
        number = meant.stop or 0
        return trip.stops[number - 1].node_id if 1 <= number <= len(trip.stops) else ""

    def _enter(self, event: Event, draft: Draft, halt: Halt) -> None:
        draft.changed = True
        if halt.bulk:  # that was only believed to be served
            halt.served, halt.moment_s, halt.told = None, None, ""
        if event.kind is EventKind.RETURNED:
            if self._is_free(event, draft, halt):
                self._brought_back(draft, halt)
            return
        later = Halt(halt.stop, halt.goods, not_before_s=event.time_s, aboard=True)
        if halt.served is not None:  # and handed over after that, as somebody has said
            later = replace(
                later, moment_s=halt.served_s, told=halt.served.id, served=halt.served, not_before_s=0
            )
        if event.kind is EventKind.SKIPPED:
            halt.goods = []
            self._passed_by(event, draft, halt)
        else:
            handed = 0 if event.kind is EventKind.REFUSED else int(event.value)
            there = max((one.units for one in halt.goods), default=0)
            if handed >= there:
                params = {"value": event.value, "units": there, "region": halt.stop.node_id}
                self._wrong.append(Mismatch(event, "E947", params, "value"))
                return
            halt.goods, later.goods = self._units.parted(halt.goods, handed, event)
            halt.moment_s, halt.told, halt.served = event.begins_s, event.id, event
        self._stays_aboard(event, draft, later)

    def _passed_by(self, event: Event, draft: Draft, halt: Halt) -> None:
        """A stop that was passed by is none, unless somebody has said that he came there."""
        came = [one for one in halt.there if one.begins_s <= event.begins_s + CLOCKS_S]
        self._entered.against += [(event, one) for one in came if one.bulk]
        if any(not one.bulk for one in came):
            halt.moment_s, halt.told, halt.served = min(one.begins_s for one in came), event.id, event
        elif len(draft.halts) > 1:
            draft.halts.remove(halt)

    def _meant(
        self, event: Event, subject: str, place: str, drafts: Sequence[Draft]
    ) -> Iterator[tuple[Draft, Halt]]:
        """The stops that a report means: one, or of a vehicle that came back all that are left."""
        if event.kind is EventKind.RETURNED and not place:
            draft = self._coming_back(event, subject)
            if draft is not None:
                end = NOWHERE if draft.trip.back is None else str(len(draft.trip.stops) + 1)
                self._entered.meaning[event.id, subject] = Where(draft.trip.id, end)
                open_ones = [one for one in draft.halts if one.is_open(event.begins_s)]
                left = [
                    one for one in open_ones if one.aboard or one.stop.end_s + draft.late_s > event.begins_s
                ]  # where all was due, and nobody has said that it was handed over, it was not
                yield from ((draft, halt) for halt in left or open_ones)
            return
        found = [
            (draft, halt)
            for draft in drafts
            for halt in draft.halts
            if place in ("", halt.stop.node_id)
            if halt.is_open(event.begins_s) or (bool(place) and halt.bulk and bool(halt.goods))
            if draft.told or draft.trip.begun or draft.trip.load_start_s <= event.begins_s
        ]
        if found:
            yield min(found, key=lambda one: (abs(one[1].stop.start_s - event.begins_s), one[0].trip.id))

    def _is_place(self, subject: str) -> bool:
        return subject not in self._drafts and not any(
            one.trip.vehicle_id == subject for one in self._drafts.values()
        )

    def _of(self, subject: str) -> Iterator[Draft]:
        """Drafts of a trip or a vehicle; of a place all."""
        all_of_them = self._is_place(subject)
        for name, draft in self._drafts.items():
            if all_of_them or subject in (name, draft.trip.vehicle_id):
                yield draft

    def _under_way(self, subject: str, moment_s: int) -> Draft | None:
        """The trip on which a vehicle was at a moment: the one that is named, or the last that had begun."""
        mine = [one for one in self._of(subject) if not self._is_place(subject)]
        begun = [one for one in mine if had_begun(one, moment_s, self._drafts.values())]
        known = begun or [one for one in mine if one.trip.id == subject]
        return max(known, key=lambda one: (one.trip.load_start_s, one.trip.id), default=None)

    def _coming_back(self, event: Event, subject: str) -> Draft | None:
        """The trip that a vehicle came back from: the one named, or that ends at the nearest moment."""
        meant = meaning_of(event, subject)
        if meant is not None and meant.trip:
            return next(iter(self._named(event, subject) or ()), None)
        mine = [one for one in self._of(subject) if one.trip.load_start_s <= event.begins_s or one.trip.begun]
        return min(
            mine,
            key=lambda one: (abs(one.trip.end_s + one.late_s - event.begins_s), one.trip.id),
            default=None,
        )

    # ---------------------------------------------------------------- goods

    def _stays_aboard(self, event: Event, draft: Draft, halt: Halt) -> None:
        """Goods not handed over go on to the end of the trip, or come back with it."""
        fetched = draft.fetched.intersection(one.consignment_id for one in halt.goods)
        stays = draft.trip.back is None or fetched or halt.served_s is not None
        goes_on = not draft.over and draft.is_left(event.time_s, halt) and draft.trip.id not in self.home
        if stays or goes_on:
            draft.halts.append(halt)
            if not stays:
                self._aboard.add(draft.trip.id)
        else:
            self._back_with += [(one, draft.trip.id) for one in halt.goods]
            self._not_there(halt.goods, halt.stop.node_id)

    def _is_free(self, event: Event, draft: Draft, halt: Halt) -> bool:
        """Whether goods were loaded where the trip began, and so may be there again, or on another one."""
        if not draft.fetched.intersection(one.consignment_id for one in halt.goods):
            return True
        params = {"vehicle": draft.trip.vehicle_id, "origin": draft.trip.origin_id}
        self._wrong.append(Mismatch(event, "E948", params))
        return False

    def _brought_back(self, draft: Draft, halt: Halt) -> None:
        goods, halt.goods = halt.goods, []
        self._empty(draft, halt)
        self._not_there(goods, halt.stop.node_id)

    def _empty(self, draft: Draft, halt: Halt) -> None:
        """A stop has no goods any more: it stays one where somebody has said that he came there."""
        by = self._by
        assert by is not None
        self._entered.against += [(by, one) for one in halt.there if one.bulk]
        done = halt.served
        if done is not None and done.kind not in STAYS_ABOARD and not done.bulk and done is not by:
            self._entered.against.append((by, done))
        draft.drop(halt)

    def _not_there(self, goods: Sequence[Delivery], hub: str, *, only_future: bool = False) -> None:
        """Goods do not come to a hub: who was to take them on there has none, if he goes at all."""
        names = {one.consignment_id for one in goods if one.region_id != hub}
        for draft in self._drafts.values() if names else ():
            begun = draft.told or draft.trip.begun
            if draft.trip.origin_id != hub or (begun and only_future):
                continue
            for halt in tuple(draft.halts):
                mine = [one for one in halt.goods if one.consignment_id in names]
                if not mine:
                    continue
                draft.changed = True
                halt.goods = [one for one in halt.goods if one not in mine]
                if not halt.goods:
                    self._empty(draft, halt)
                self._not_there(mine, halt.stop.node_id)
            if not begun and not any(one.goods or one.stop.items for one in draft.halts):
                self._gone.add(draft.trip.id)

    def _taken_over(self, event: Event) -> None:
        """Goods for a place go over to another vehicle."""
        taker, _, giver = event.trip.partition("+")
        known = [one for one in self._trips.names(taker) if one in self._drafts] if taker else []
        to = self._under_way((known or event.subject)[0], event.begins_s)
        others = list(self._drafts.values())
        if giver:
            others = [self._drafts[one] for one in self._trips.names(giver) if one in self._drafts]
        found = [
            (draft, halt)
            for draft in others
            for halt in draft.halts
            if halt.stop.node_id == event.place and halt.is_open(event.begins_s)
            if to is None or draft.trip.vehicle_id != to.trip.vehicle_id
            if not any(one.told or one.trip.begun for one in takers(self._drafts.values(), halt))
        ]
        if to is not None and not found and self._entered.was_taken(event, to, others):
            return
        if to is None or not found:
            params = {
                "subject": event.subject[0] if to is None else event.place,
                "kind": kind_word(event.kind),
            }
            self._wrong.append(Mismatch(event, "E946", params, "subject" if to is None else "place"))
            return
        source, halt = min(found, key=lambda one: (abs(one[1].stop.start_s - event.begins_s), one[0].trip.id))
        self._entered.takes(event, to, source, source.number(halt) or source.halts.index(halt) + 1)
        if self._entered.is_told(event, halt):
            return
        why = self._why_not(event, to, source)
        if why is not None:
            self._wrong.append(why)
            return
        if not self._is_free(event, source, halt):
            return
        self._entered.enter(halt.stop, event)
        goods, halt.goods = halt.goods, []
        self._empty(source, halt)
        if (
            halt in source.halts
            and len(source.halts) == 1
            and not source.trip.begun
            and source.trip.load_start_s >= event.begins_s
        ):
            self._gone.add(source.trip.id)
        same = next(
            (one for one in to.halts if one.stop.node_id == event.place and one.is_open(event.begins_s)), None
        )
        if same is not None:
            same.goods += goods
        else:
            done = sum(1 for one in to.halts if one.stop.end_s + to.late_s <= event.begins_s)
            to.halts.insert(done, Halt(halt.stop, goods, not_before_s=event.begins_s))
        self._not_there(goods, event.place, only_future=True)
        source.changed = to.changed = True
        names = frozenset(one.consignment_id for one in goods)
        self._took[to.trip.id] = self._took.get(to.trip.id, frozenset()) | names

    def _why_not(self, event: Event, to: Draft, source: Draft) -> Mismatch | None:
        """Why a trip cannot have taken over goods of another one; None: it can."""
        vehicle = {"vehicle": to.trip.vehicle_id}
        if not had_begun(to, event.begins_s, self._drafts.values()):
            return Mismatch(event, "E979", {**vehicle, "trip": to.trip.id}, "from")
        if source.trip.origin_id != to.trip.origin_id:
            return Mismatch(event, "E948", {**vehicle, "origin": source.trip.origin_id})
        if event.place not in reached_by(self._instance, to.trip):
            return Mismatch(event, "E949", {**vehicle, "place": event.place}, "place")
        return None

    def leave_out(self, fresh: Sequence[Event]) -> None:
        """What is not needed any more is taken off trips that had not begun when that was told."""
        self._gone.update(self._units.leave_out(fresh))

    # ---------------------------------------------------------------- order

    def put_in_order(self, fresh: Collection[str]) -> None:
        """Stops in the order in which reports say that they were reached, where that is another one.

        Notes
        -----
        Only reports that name the place say so. A stop that was reached after one that was to come later
        stands behind that; stops of which nothing is reported keep their places, and were passed as ordered.
        """
        for draft in self._drafts.values():
            draft.put_in_order(fresh)

    # ---------------------------------------------------------------- result

    def result(self) -> Amended:
        """The plan with what was entered."""
        changed = {name for name, one in self._drafts.items() if one.changed}
        said = Amended(
            self._plan,
            wrong=tuple(self._wrong),
            against=tuple(dict.fromkeys(self._entered.against)),
            again=tuple(self._entered.again),
            gone=tuple(self._lost),
            meant=self._entered.meaning,
        )
        if not changed:
            return said
        trips = tuple(
            written(self._drafts[trip.id]) if trip.id in changed else trip
            for trip in self._plan.trips
            if trip.id not in self._gone
        )
        return replace(
            said,
            plan=replace(self._plan, trips=trips),
            changed=frozenset(changed),
            back_with=tuple(self._back_with),
            aboard=frozenset(self._aboard),
            took=self._took,
            numbers={
                name: tuple(one.number(halt) for halt in one.halts)
                for name, one in self._drafts.items()
                if name in changed
            },
        )
