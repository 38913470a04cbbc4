"""What reports cannot be beside each other, and beside the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.base.clock import Clock
from planner.events.as_told import matched_as_it_went
from planner.events.decisions import against_others, not_there
from planner.events.early_arrivals import too_early
from planner.events.early_loads import loaded_too_early
from planner.events.goods import SPOILT, more_found, not_taken_back, too_much_spoilt, with_stock
from planner.events.kinds import MEANING_KINDS, kind_word, kind_words
from planner.events.loads import is_loss
from planner.events.schema import Event, EventKind
from planner.events.tellings import CLOCKS_S, Dispute, Matched, Mismatch, understood
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import Plan

__all__ = ["Beside", "together"]

_TOO_SOON = ("E920", "E921", "E943", "E963")  # what is said of a stop told again, taken for the next one


@dataclass(frozen=True)
class Beside:
    """Reports beside each other.

    Parameters
    ----------
    events
        Those that have effect, in their order.
    aside
        Those that have none, each with why.
    wrong
        Those that cannot be.
    """

    events: tuple[Event, ...]
    aside: tuple[Dispute, ...]
    wrong: tuple[Mismatch, ...]


def together(
    events: Sequence[Event], instance: Instance, plan: Plan | None, idle: Collection[str] = ()
) -> Beside:
    """Which reports stand beside each other.

    Parameters
    ----------
    events
        All that hold, in their order.
    instance
        What the files say, without reports.
    plan
        The plan in force.
    idle
        Ids of reports that, if they cannot be, have no effect: others were taken back since.

    Notes
    -----
    Of two reports that cannot both be, the one that the plan in force was made by stands, else the one that
    was told first; what was confirmed in bulk stands behind all others. What contradicts no other report, but
    the plan or the tables, is wrong.
    """
    standing = list(events)
    aside: list[Dispute] = []
    beside = _Beside(instance, plan)
    while True:
        wrong = list(beside.wrong(standing))
        lost = next((one for one in wrong if isinstance(one, Dispute)), None)
        if lost is None:
            misfit = next((one for one in wrong if isinstance(one, Mismatch) and one.event.id in idle), None)
            lost = None if misfit is None else Dispute(misfit.event, None, misfit.code, misfit.params)
        if lost is None:
            renamed = {one.id: one for one in wrong if isinstance(one, Event)}
            if not renamed:
                return Beside(
                    tuple(standing),
                    tuple(sorted(aside, key=lambda one: one.event.order)),
                    tuple(one for one in wrong if isinstance(one, Mismatch)),
                )
            standing = [renamed.get(one.id, one) for one in standing]
            continue
        aside.append(replace(lost, event=beside.understood(lost, standing)))
        standing = [one for one in standing if one.id != lost.event.id]


class _Beside:
    def __init__(self, instance: Instance, plan: Plan | None) -> None:
        self._instance, self._plan = instance, plan
        replan = None if plan is None else plan.replan
        self._believed = frozenset() if replan is None else frozenset(row.id for row in replan.events)

    @property
    def _clock(self) -> Clock:
        return self._instance.clock

    def understood(self, lost: Dispute, events: Sequence[Event]) -> Event:
        """A report with what it means beside the others, but that which it contradicts."""
        if self._plan is None or lost.event.trip or lost.event.kind not in MEANING_KINDS:
            return lost.event
        others = [one for one in events if one.id != lost.beside]
        _, found = matched_as_it_went(self._plan, others, self._instance)
        return understood(lost.event, found, self._digest)

    @cached_property
    def _digest(self) -> str:
        return "" if self._plan is None else short_digest(plan_digest(self._plan, self._clock))

    def wrong(self, events: Sequence[Event]) -> Iterator[Mismatch | Dispute | Event]:
        """Yield what cannot be, and reports of a stop told again with what they mean."""
        yield from self._repairs(events)
        yield from self._contradictions(events)
        holding = not_taken_back(events)
        for much in too_much_spoilt(self._instance, holding, self._believed):
            params = {"region": much.region_id, "unit": much.what, "reported": much.reported}
            params |= {"kinds": kind_words(SPOILT)}
            yield Mismatch(much.event, "E924", {**params, "units": much.there}, "value")
        yield from self._less(holding)
        yield from self._decisions(events)
        if self._plan is not None:
            yield from self._of_trips(self._plan, events)

    def _of_trips(self, plan: Plan, events: Sequence[Event]) -> Iterator[Mismatch | Dispute | Event]:
        went, found = matched_as_it_went(plan, events, self._instance)
        against = [self._dispute(one, other) for one, other in went.against]
        if against:
            yield min(against, key=lambda one: self._rank(one.event))
            return
        amiss = {one.event.id for one in went.wrong}
        early = list(too_early(went.plan, found.reports, self._instance))
        stocked = self._instance
        for event in events:
            if event.kind is EventKind.STOCK and not is_loss(event):
                stocked = with_stock(stocked, event)
        early += loaded_too_early(went.plan, found.reports, stocked)
        wrong = [*went.wrong, *(one for one in found.wrong if one.event.id not in amiss), *early]
        both = {one.event.id for one in found.wrong if one.code == "E920"}
        both &= {premature.event.id for premature in early}
        again: dict[str, Event] = {}
        for one in wrong:
            if one.event.id in self._believed:
                continue  # the plan was made by it, and may have planned its trip away
            if one.event.id in both and one.code == ("E943" if one.event.place else "E920"):
                continue  # one of the two is enough: without a place it may be a stop told again
            same = self._told_again(one, events, found)
            if same is not None:
                again[same.id] = same
            elif one.other is not None and one.event.place:
                yield self._early(one, one.other)
            else:
                given = dict(one.params)
                if "load_start" in given:
                    given["load_start"] = self._clock.text(int(str(given["load_start"])))
                yield replace(one, params=given)
        yield from again.values()

    def _rank(self, event: Event) -> tuple[bool, bool, int, str]:
        """Which of two reports stands: the smaller."""
        return (bool(event.bulk), event.id not in self._believed, *event.order)

    def _dispute(self, one: Event, two: Event) -> Dispute:
        first, then = sorted((one, two), key=self._rank)
        params = {"what": kind_word(then.kind), "before": kind_word(first.kind), "other": first.id}
        params |= {"at": self._clock.text(first.begins_s)}
        return Dispute(then, first, "E977", params)

    def _early(self, one: Mismatch, other: Event) -> Dispute:
        first, then = sorted((one.event, other), key=self._rank)
        return Dispute(then, first, one.code, one.params)

    def _told_again(self, one: Mismatch, events: Sequence[Event], found: Matched) -> Event | None:
        """A report without a place that cannot be of the next stop, as one of the stop told before."""
        event = one.event
        if one.code not in _TOO_SOON or event.place or event.trip or len(event.subject) != 1:
            return None
        subject = event.subject[0]
        vehicle = self._vehicle(subject)
        if vehicle is None:
            return None
        near = [
            (abs(other.begins_s - event.begins_s), other.order, where)
            for other in events
            for name in other.subject
            if other.id != event.id
            and other.kind is event.kind
            and abs(other.begins_s - event.begins_s) <= CLOCKS_S
            and (where := found.stops.get((other.id, name))) is not None
            and (where.trip == subject or self._vehicle(where.trip) == vehicle)
        ]
        if not near:
            return None
        where = min(near)[2]
        return replace(
            event,
            from_s=event.begins_s,
            place=where.node,
            trip=where.trip,
            stop=where.stop,
            plan=self._digest,
        )

    def _vehicle(self, name: str) -> str | None:
        """The vehicle of a trip, or that it is itself; None: it is neither."""
        for trip in () if self._plan is None else self._plan.trips:
            if name in (trip.id, trip.vehicle_id):
                return trip.vehicle_id
        return None

    def _decisions(self, events: Sequence[Event]) -> Iterator[Mismatch]:
        """What is lifted was decided, and what is decided can hold beside all else."""
        for event, name, known in not_there(self._instance, events):
            yield Mismatch(event, "D808", {"decision": name, "known": ", ".join(known) or "-"}, "subject")
        for event, fault, other in against_others(self._instance, events):
            why = fault.column or "type"
            column = "type" if why == "rule" else why
            if fault.code == "V211":
                yield Mismatch(event, "D809", {"other": other}, column)
            else:
                yield Mismatch(event, fault.code, fault.params, column)

    def _less(self, events: Sequence[Event]) -> Iterator[Mismatch]:
        """No more is found than was missing, and no more units fall away than there are."""
        unit = self._instance.settings.unit
        fewer: Counter[str] = Counter()
        for event in events:
            for name in event.subject:
                if event.kind is EventKind.FOUND and (much := more_found(event, name, events)) is not None:
                    params: Mapping[str, object] = {"region": name, "found": much[0], "missing": much[1]}
                    yield Mismatch(event, "E957", params, "value")
                if event.kind is EventKind.FEWER:
                    fewer[name] += int(event.value)
                    there = self._instance.region_of[name].counts.get(unit, 0)
                    if fewer[name] > there:
                        params = {"region": name, "units": there, "reported": fewer[name]}
                        yield Mismatch(event, "E958", params, "value")

    def _repairs(self, events: Sequence[Event]) -> Iterator[Mismatch]:
        """`repaired` needs a breakdown, or a loss, reported to be before."""
        for event in events:
            if event.kind is not EventKind.REPAIRED:
                continue
            for name in event.subject:
                trips = () if self._plan is None else self._plan.trips
                own = {name} | {trip.id for trip in trips if trip.vehicle_id == name}
                if not any(
                    one.kind in (EventKind.BREAKDOWN, EventKind.VEHICLE_LOST)
                    and own & set(one.subject)
                    and one.begins_s <= event.begins_s
                    for one in events
                ) and not any(row.subject == name for row in self._instance.outages):
                    yield Mismatch(event, "E923", {"vehicle": name}, "subject")

    def _contradictions(self, events: Sequence[Event]) -> Iterator[Mismatch]:
        """Two reports of one thing that say different things, of which none is later."""
        seen: dict[tuple[object, ...], Event] = {}
        for event in events:
            for name in event.subject:
                key = _same_thing(event, name)
                if key is None:
                    continue
                other = seen.setdefault((*key, event.time_s), event)
                if other is not event and _says(other) != _says(event):
                    yield Mismatch(event, "E918", {"other": other.id, "trip": name}, "value")


def _same_thing(event: Event, subject: str) -> tuple[object, ...] | None:
    """What two reports are about that cannot both hold; None: they add up, or the plan decides."""
    if event.kind in (EventKind.CLOSURE, EventKind.OPENED):
        return ("edge", subject)
    if event.kind in (EventKind.BREAKDOWN, EventKind.REPAIRED, EventKind.VEHICLE_LOST):
        return ("vehicle", subject)
    if event.kind in (EventKind.DOCK, EventKind.WAREHOUSE, EventKind.SPEED):
        return (event.kind, subject)
    if event.kind is EventKind.DELAY:
        return (event.kind, subject, event.place, event.from_s)
    if event.kind in (EventKind.CALENDAR, EventKind.DEADLINE, EventKind.CONTACT, EventKind.LONGEST_DELAY):
        return (event.kind, subject)
    return None


def _says(event: Event) -> tuple[object, ...]:
    return (event.kind, event.value, event.from_s, event.until_s, event.place)
