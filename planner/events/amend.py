"""What went otherwise than ordered: stops skipped, goods refused, brought back or taken over, another order.

Such reports change no time, but who has which goods, and where somebody goes next. The plan in force is
written anew as it went (`amended`), and everything else is then read off that: what reports mean, where
things stand, what a replan keeps, and what a check compares it with.

Each change moves goods from one stop to another one, or leaves them at the place where they were loaded, so
that no unit is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.events.apply import effective
from planner.events.drafts import Draft, Halt, draft_of, reached_by, written
from planner.events.kinds import kind_word
from planner.events.match import matched, unsettled
from planner.events.meaning import meaning_of
from planner.events.schema import Event, EventKind
from planner.events.tellings import Matched, Mismatch, TripReports
from planner.instance.decisions import rulings_of
from planner.instance.kits import unit_loads
from planner.instance.schema import DecisionRule, Instance
from planner.plans.model import Delivery, Plan

__all__ = ["OTHERWISE", "Amended", "amended", "matched_as_it_went"]

OTHERWISE = (
    EventKind.SKIPPED,
    EventKind.REFUSED,
    EventKind.PARTLY,
    EventKind.RETURNED,
    EventKind.TAKEN_OVER,
)
_LESS = (EventKind.FOUND, EventKind.FEWER, EventKind.VOID, EventKind.DECISION)
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
    """

    plan: Plan
    changed: frozenset[str] = frozenset()
    back_with: tuple[tuple[Delivery, str], ...] = ()
    aboard: frozenset[str] = frozenset()
    wrong: tuple[Mismatch, ...] = ()


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
    for event in sorted(fresh, key=lambda one: (one.begins_s, *one.order)):
        if event.kind in OTHERWISE:
            work.take(event)
    work.put_in_order(frozenset(one.id for one in fresh))
    work.leave_out([one for one in fresh if one.kind in _LESS])
    return work.result()


def matched_as_it_went(plan: Plan, events: Sequence[Event], instance: Instance) -> tuple[Amended, Matched]:
    """The plan as it went, and what reports mean of it."""
    went = amended(plan, events, instance)
    return went, matched(went.plan, events)


class _Amending:
    def __init__(
        self, plan: Plan, instance: Instance, events: Sequence[Event], reports: Mapping[str, TripReports]
    ) -> None:
        self._plan, self._instance, self._events = plan, instance, events
        self._drafts = {trip.id: draft_of(trip, reports.get(trip.id)) for trip in plan.trips}
        self._wrong: list[Mismatch] = []
        self._back_with: list[tuple[Delivery, str]] = []
        self._gone: set[str] = set()
        self._aboard: set[str] = set()
        self.home: Collection[str] = ()

    # ---------------------------------------------------------------- one report

    def take(self, event: Event) -> None:
        """Enter one report."""
        if event.kind is EventKind.TAKEN_OVER:
            self._taken_over(event)
            return
        for subject in event.subject:
            found = list(self._meant(event, subject))
            if not found:
                params = {"subject": event.place or subject, "kind": kind_word(event.kind)}
                self._wrong.append(Mismatch(event, "E946", params, "place" if event.place else "subject"))
            for draft, halt in found:
                other = self._contradicts(event, draft, halt)
                if other is None:
                    self._enter(event, draft, halt)
                    continue
                params = {"kind": kind_word(event.kind), "place": halt.stop.node_id, "trip": draft.trip.id}
                params |= {"other": other.id, "what": kind_word(other.kind)}
                self._wrong.append(Mismatch(event, "E980", params))

    def _contradicts(self, event: Event, draft: Draft, halt: Halt) -> Event | None:
        """A single report by which goods came that by a new one did not: at a stop, or from a hub on."""
        known = {one.id: one for one in self._events}
        served = known.get(halt.served_by)
        if event.kind is EventKind.RETURNED and served is not None and not halt.bulk:
            return served
        again_s = None if event.kind is EventKind.RETURNED or halt.bulk else halt.served_s
        for other in self._takers(halt):
            if other.first is not None and (again_s is None or other.first.at_s < again_s):
                return other.first.event
        return None

    def _takers(self, halt: Halt) -> Iterator[Draft]:
        """Yield the trips that take on, from a hub or further on, goods that a stop brings there."""
        hub = halt.stop.node_id
        pending = [(hub, {one.consignment_id for one in halt.goods if one.region_id != hub})]
        while pending:
            here, names = pending.pop()
            for other in self._drafts.values() if names else ():
                if other.trip.origin_id != here or halt in other.halts:
                    continue
                took = [(each, one) for each in other.halts for one in each.goods]
                mine = [pair for pair in took if pair[1].consignment_id in names]
                if mine:
                    yield other
                for each, one in mine:
                    if each.stop.node_id not in (here, one.region_id):
                        pending.append((each.stop.node_id, {one.consignment_id}))

    def _enter(self, event: Event, draft: Draft, halt: Halt) -> None:
        draft.changed = True
        if halt.bulk:  # that was only believed to be served
            halt.bulk, halt.served_s, halt.served_by = False, None, ""
            halt.moment_s, halt.told = None, ""
        if event.kind is EventKind.RETURNED:
            if self._is_free(event, draft, halt):
                self._brought_back(draft, halt)
            return
        later = Halt(halt.stop, halt.goods, not_before_s=event.time_s, aboard=True)
        if halt.served_s is not None:  # and handed over after that, as somebody has said
            later = replace(later, moment_s=halt.served_s, told=halt.served_by, not_before_s=0)
            later.served_s, later.served_by = halt.served_s, halt.served_by
        if event.kind is EventKind.SKIPPED:
            halt.goods = []
            if len(draft.halts) > 1:
                draft.halts.remove(halt)
        else:
            handed = 0 if event.kind is EventKind.REFUSED else int(event.value)
            there = max((one.units for one in halt.goods), default=0)
            if handed >= there:
                params = {"value": event.value, "units": there, "region": halt.stop.node_id}
                self._wrong.append(Mismatch(event, "E947", params, "value"))
                return
            halt.goods, later.goods = self._parted(halt.goods, handed, event)
            halt.moment_s, halt.told = event.begins_s, event.id
            halt.served_s, halt.served_by = event.begins_s, event.id
        self._stays_aboard(event, draft, later)

    def _meant(self, event: Event, subject: str) -> Iterator[tuple[Draft, Halt]]:
        """The stops that a report means: one, or of a vehicle that came back all that are left."""
        if event.kind is EventKind.RETURNED and not event.place and not self._is_place(subject):
            draft = self._coming_back(event, subject)
            if draft is not None:
                open_ones = [one for one in draft.halts if one.is_open(event.begins_s)]
                left = [
                    one for one in open_ones if one.aboard or one.stop.end_s + draft.late_s > event.begins_s
                ]  # where all was due, and nobody has said that it was handed over, it was not
                yield from ((draft, halt) for halt in left or open_ones)
            return
        place = event.place or (subject if self._is_place(subject) else "")
        meant = meaning_of(event, subject)
        trip = self._drafts.get(meant.trip) if meant is not None else None
        found = [
            (draft, halt)
            for draft in (self._of(subject) if trip is None else (trip,))
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
        """The trip on which a vehicle was at a moment, or that is named."""
        mine = [one for one in self._of(subject) if not self._is_place(subject)]
        begun = [one for one in mine if one.trip.load_start_s <= moment_s or one.trip.begun]
        known = begun or [one for one in mine if one.trip.id == subject]
        return max(known, key=lambda one: (one.trip.load_start_s, one.trip.id), default=None)

    def _coming_back(self, event: Event, subject: str) -> Draft | None:
        """The trip that a vehicle came back from: the one named, or that ends at the nearest moment."""
        meant = meaning_of(event, subject)
        if meant is not None and meant.trip in self._drafts:
            return self._drafts[meant.trip]
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
        if len(draft.halts) > 1:
            draft.halts.remove(halt)
        self._not_there(goods, halt.stop.node_id)

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
                if not halt.goods and len(draft.halts) > 1:
                    draft.halts.remove(halt)
                self._not_there(mine, halt.stop.node_id)
            if not begun and not any(one.goods or one.stop.items for one in draft.halts):
                self._gone.add(draft.trip.id)

    def _taken_over(self, event: Event) -> None:
        """Goods for a place go over to another vehicle."""
        to = self._under_way(event.subject[0], event.begins_s)
        found = [
            (draft, halt)
            for draft in self._drafts.values()
            for halt in draft.halts
            if halt.stop.node_id == event.place and halt.is_open(event.begins_s) and draft is not to
            if not any(one.told or one.trip.begun for one in self._takers(halt))
        ]
        if to is None or not found:
            params = {
                "subject": event.subject[0] if to is None else event.place,
                "kind": kind_word(event.kind),
            }
            self._wrong.append(Mismatch(event, "E946", params, "subject" if to is None else "place"))
            return
        source, halt = min(found, key=lambda one: (abs(one[1].stop.start_s - event.begins_s), one[0].trip.id))
        if source.trip.origin_id != to.trip.origin_id:
            params = {"vehicle": to.trip.vehicle_id, "origin": source.trip.origin_id}
            self._wrong.append(Mismatch(event, "E948", params))
            return
        if not self._is_free(event, source, halt):
            return
        if event.place not in reached_by(self._instance, to.trip):
            params = {"vehicle": to.trip.vehicle_id, "place": event.place}
            self._wrong.append(Mismatch(event, "E949", params, "place"))
            return
        goods, halt.goods = halt.goods, []
        if len(source.halts) > 1:
            source.halts.remove(halt)
        elif not source.trip.begun and source.trip.load_start_s >= event.begins_s:
            self._gone.add(source.trip.id)
        same = next(
            (one for one in to.halts if one.stop.node_id == event.place and one.is_open(event.begins_s)), None
        )
        if same is not None:
            same.goods += goods
        else:
            done = sum(1 for one in to.halts if one.stop.end_s + to.late_s <= event.begins_s)
            to.halts.insert(done, Halt(halt.stop, goods, not_before_s=0))
        self._not_there(goods, event.place, only_future=True)
        source.changed = to.changed = True

    def _parted(
        self, goods: list[Delivery], number: int, event: Event
    ) -> tuple[list[Delivery], list[Delivery]]:
        """The first units of each consignment, and the others; the legs before are parted likewise."""
        kept: list[Delivery] = []
        rest: list[Delivery] = []
        for one in goods:
            if one.units <= number:
                kept.append(one)
            elif not number:
                rest.append(one)
            else:
                first, second = self._halves(one, number, event)
                kept.append(first)
                rest.append(second)
                self._part_before(one, (first, second))
        return kept, rest

    def _halves(self, one: Delivery, number: int, event: Event) -> tuple[Delivery, Delivery]:
        name = f"{one.consignment_id}~{event.id}"
        second = self._run_of(one, name, one.first_unit + number, one.units - number)
        return self._run_of(one, one.consignment_id, one.first_unit, number), second

    @cached_property
    def _tables(self) -> Instance:
        """What the files say with the reports applied."""
        return effective(self._instance, self._events)

    @cached_property
    def _left_out(self) -> frozenset[str]:
        """Regions to which nothing goes by decision."""
        rulings = rulings_of(self._tables)
        return frozenset(
            name for one in rulings if one.rule is DecisionRule.LEAVE_OUT for name in one.regions
        )

    def _run_of(self, one: Delivery, name: str, first: int, units: int) -> Delivery:
        """Other units of a delivery's region and part, with their load."""
        region = self._tables.region_of[one.region_id]
        mine = unit_loads(self._tables, region).get(one.part, ())[first : first + units]
        return replace(
            one,
            consignment_id=name,
            first_unit=first,
            units=units,
            mass_g=sum(load.mass_g for load in mine),
            volume_cm3=sum(load.volume_cm3 for load in mine),
            pieces=sum(load.pieces for load in mine),
        )

    def _part_before(self, one: Delivery, halves: tuple[Delivery, Delivery]) -> None:
        """A consignment that came by way of hubs was two from the beginning."""
        for draft in self._drafts.values():
            for halt in draft.halts:
                if one in halt.goods and halt.stop.node_id != one.region_id:
                    at = halt.goods.index(one)
                    halt.goods[at : at + 1] = halves
                    draft.changed = True

    def leave_out(self, fresh: Sequence[Event]) -> None:
        """What is not needed any more is taken off trips that had not begun when that was told."""
        if not fresh:
            return
        told_s = max(one.time_s for one in fresh)
        begun = [
            draft
            for draft in self._drafts.values()
            if draft.trip.begun or draft.told or draft.trip.load_start_s < told_s
        ]
        there = {one.consignment_id for draft in begun for halt in draft.halts for one in halt.goods}
        for draft in self._drafts.values():
            if draft in begun:
                continue
            for halt in tuple(draft.halts):
                goods = [run for one in halt.goods for run in self._needed(one, there)]
                if goods != halt.goods:
                    draft.changed = True
                    halt.goods = goods
                    if not goods and len(draft.halts) > 1:
                        draft.halts.remove(halt)
            if draft.changed and not any(one.goods or one.stop.items for one in draft.halts):
                self._gone.add(draft.trip.id)

    def _needed(self, one: Delivery, there: Collection[str]) -> Iterator[Delivery]:
        """What is still needed of a delivery: the same, the units before those that are not, or nothing.

        What is on its way already (`there`) stays together.
        """
        waived = self._tables.waived
        if one.region_id in self._left_out:
            return
        wanted = [
            unit
            for unit in range(one.first_unit, one.first_unit + one.units)
            if (one.region_id, one.part, unit) not in waived
        ]
        if len(wanted) == one.units:
            yield one
        elif (
            wanted
            and one.consignment_id not in there
            and wanted == list(range(one.first_unit, one.first_unit + len(wanted)))
        ):
            yield self._run_of(one, one.consignment_id, one.first_unit, len(wanted))
        elif wanted:
            yield one

    # ---------------------------------------------------------------- order

    def put_in_order(self, fresh: Collection[str]) -> None:
        """Stops in the order in which reports say that they were reached, where that is another one.

        Notes
        -----
        Only reports that name the place say so. A stop that was reached after one that was to come later
        stands behind that; stops of which nothing is reported keep their places, and were passed as ordered.
        """
        for draft in self._drafts.values():
            told = [one for one in draft.halts if one.moment_s is not None]
            moments = [one.moment_s or 0 for one in told]
            if moments == sorted(moments) or not any(one.told in fresh for one in told):
                continue
            for halt in reversed(told):
                sooner = [one for one in draft.halts if one.moment_s is not None]
                sooner = [one for one in sooner if (one.moment_s or 0) < (halt.moment_s or 0)]
                at, last = draft.halts.index(halt), max(map(draft.halts.index, sooner), default=-1)
                if last > at:
                    draft.halts.insert(last + 1, halt)
                    del draft.halts[at]
            draft.changed = True

    # ---------------------------------------------------------------- result

    def result(self) -> Amended:
        """The plan with what was entered."""
        changed = {name for name, one in self._drafts.items() if one.changed}
        if not changed:
            return Amended(self._plan, wrong=tuple(self._wrong))
        trips = tuple(
            written(self._drafts[trip.id]) if trip.id in changed else trip
            for trip in self._plan.trips
            if trip.id not in self._gone
        )
        return Amended(
            replace(self._plan, trips=trips),
            frozenset(changed),
            tuple(self._back_with),
            frozenset(self._aboard),
            tuple(self._wrong),
        )
