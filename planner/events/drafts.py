"""Trips while they are written anew as they went: their stops, with what is handed over there now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.events.meaning import ARRIVED_AT, EACH, LEFT_AT, SERVED_AT, own_order
from planner.events.schema import Event
from planner.events.tellings import Happened, TripReports
from planner.instance.schema import Instance
from planner.plans.model import Delivery, Leg, Stop, Trip

__all__ = ["Draft", "Halt", "draft_of", "had_begun", "reached_by", "takers", "written"]


@dataclass(eq=False, slots=True)
class Halt:
    """A stop of a trip while it is written anew."""

    stop: Stop
    goods: list[Delivery]
    moment_s: int | None = None  # when something was reported of it
    told: str = ""  # by which report
    served: Event | None = None  # the report that goods were handed over
    there: tuple[Event, ...] = ()  # reports that somebody came there, was served or left
    not_before_s: int = 0
    aboard: bool = False  # its goods stayed aboard, to be handed over here later

    @property
    def bulk(self) -> bool:
        """Whether that goods were handed over was confirmed with all that was due."""
        return self.served is not None and bool(self.served.bulk)

    @property
    def served_s(self) -> int | None:
        """When somebody has said that goods were handed over; None: nobody has."""
        return None if self.served is None else self.served.begins_s

    def is_open(self, moment_s: int) -> bool:
        """Whether it has goods that nobody has said to be handed over by a moment."""
        return bool(self.goods) and (self.served_s is None or self.served_s > moment_s)


@dataclass(eq=False, slots=True)
class Draft:
    """A trip while it is written anew."""

    trip: Trip
    halts: list[Halt]
    late_s: int
    over: bool  # it is reported to be back
    told: bool  # something is reported of it
    first: Happened | None = None  # the first thing of it that was told by itself
    changed: bool = False

    @property
    def fetched(self) -> frozenset[str]:
        """Consignments that it took over from a vehicle that had broken down."""
        return frozenset(one.consignment_id for stop in self.trip.stops for one in stop.fetched)

    def drop(self, halt: Halt) -> None:
        """Leave out a stop for nothing, unless somebody came there or it is the only one."""
        if len(self.halts) > 1 and not halt.there:
            self.halts.remove(halt)

    def number(self, halt: Halt) -> int:
        """The number of a stop in the trip as ordered, from 1; of another trip's goods 0."""
        return next((at for at, one in enumerate(self.trip.stops, start=1) if one is halt.stop), 0)

    def put_in_order(self, fresh: Collection[str]) -> None:
        """Stops in the order in which they were reached, where some of these reports say another one."""
        told = [one for one in self.halts if one.moment_s is not None]
        moments = [one.moment_s or 0 for one in told]
        if moments == sorted(moments) or not any(one.told in fresh for one in told):
            return
        for halt in reversed(told):
            sooner = [one for one in self.halts if one.moment_s is not None]
            sooner = [one for one in sooner if (one.moment_s or 0) < (halt.moment_s or 0)]
            at, last = self.halts.index(halt), max(map(self.halts.index, sooner), default=-1)
            if last > at:
                self.halts.insert(last + 1, halt)
                del self.halts[at]
        self.changed = True

    def is_left(self, moment_s: int, but: Halt) -> bool:
        """Whether a stop is left after a moment, beside one."""
        return any(
            one is not but and one.is_open(moment_s) and one.stop.end_s + self.late_s > moment_s
            for one in self.halts
        )


def had_begun(draft: Draft, moment_s: int, drafts: Iterable[Draft]) -> bool:
    """Whether a trip had begun by a moment, as is told of it and of those of its vehicle before.

    Parameters
    ----------
    draft, moment_s
        The trip, and the moment in seconds.
    drafts
        All trips.
    """
    trip = draft.trip
    if trip.begun or draft.told:
        return True
    before = [
        one.trip.end_s + one.late_s
        for one in drafts
        if one.trip.vehicle_id == trip.vehicle_id and one.trip.load_start_s < trip.load_start_s
        if not one.over
    ]
    return max(trip.load_start_s, *before, 0) <= moment_s


def reached_by(instance: Instance, trip: Trip) -> frozenset[str]:
    """Places to which a trip's vehicle has a way from where it loads, and from which it comes back."""
    kind = instance.vehicle_type_of.get(trip.vehicle_type)
    onward: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}

    def way(start: str, end: str) -> None:
        onward.setdefault(start, set()).add(end)
        back.setdefault(end, set()).add(start)

    for edge in instance.edges if kind is not None else ():
        if kind is not None and edge.mode in kind.modes:
            way(edge.from_node, edge.to_node)
            if edge.time_back_s is not None:
                way(edge.to_node, edge.from_node)
    for row in instance.known_trips:
        if row.vehicle in ("", trip.vehicle_type):
            way(row.from_node, row.to_node)
    there = _connected(trip.origin_id, onward)
    return there if trip.back is None else there & _connected(trip.origin_id, back)


def _connected(start: str, onward: Mapping[str, Collection[str]]) -> frozenset[str]:
    seen, pending = {start}, [start]
    while pending:
        for other in onward.get(pending.pop(), ()):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return frozenset(seen)


def takers(drafts: Collection[Draft], halt: Halt) -> Iterator[Draft]:
    """Yield the trips that take on, from a hub or further on, goods that a stop brings there."""
    hub = halt.stop.node_id
    pending = [(hub, {one.consignment_id for one in halt.goods if one.region_id != hub})]
    while pending:
        here, names = pending.pop()
        for other in drafts if names else ():
            if other.trip.origin_id != here or halt in other.halts:
                continue
            took = [(each, one) for each in other.halts for one in each.goods]
            mine = [pair for pair in took if pair[1].consignment_id in names]
            if mine:
                yield other
            for each, one in mine:
                if each.stop.node_id not in (here, one.region_id):
                    pending.append((each.stop.node_id, {one.consignment_id}))


def draft_of(trip: Trip, reports: TripReports | None) -> Draft:
    """A trip as it was ordered, with what is reported of it."""
    halts = [Halt(stop, list(stop.deliveries)) for stop in trip.stops]
    if reports is None:
        return Draft(trip, halts, 0, over=False, told=False)
    for number, halt in enumerate(halts):
        for place in (ARRIVED_AT + EACH * number, SERVED_AT + EACH * number, LEFT_AT + EACH * number):
            known = reports.known.get(place)
            if known is None:
                continue
            halt.there += (known.event,)
            if place == LEFT_AT + EACH * number:
                continue
            if place == SERVED_AT + EACH * number:
                halt.served = known.event
            if not known.event.bulk and halt.stop.node_id in (known.event.place, *known.event.subject):
                halt.moment_s, halt.told = known.at_s, known.event.id
    home = ARRIVED_AT + EACH * len(halts)
    planned = {place: moment_s for place, _, moment_s in own_order(trip)}
    reached = reports.reached
    late_s = 0 if reached < 0 else reports.known[reached].at_s - planned.get(reached, 0)
    late_s += sum(
        int(delay.value or 0) for leg, delay in reports.delays.items() if ARRIVED_AT + EACH * leg > reached
    )
    single = [one for one in reports.known.values() if not one.event.bulk]
    first = min(single, key=lambda one: one.at_s, default=None)
    return Draft(trip, halts, late_s, over=home in reports.known, told=bool(reports.known), first=first)


def written(draft: Draft) -> Trip:
    """The trip with its stops as they went; each leg that it did not have has no way yet."""
    trip = draft.trip
    here, ready_s, shifted = trip.origin_id, trip.depart_s, False
    stops: list[Stop] = []
    for number, halt in enumerate(draft.halts):
        old = halt.stop
        leg = old.leg
        same = number < len(trip.stops) and trip.stops[number] is old and leg.from_node == here
        if not same or shifted:
            shifted = True
            leg = _leg(leg, here, max(ready_s, halt.not_before_s))
            long_s = old.end_s - old.start_s
            stop = replace(old, leg=leg, start_s=leg.arrive_s, end_s=leg.arrive_s + long_s)
        else:
            stop = old
        stops.append(replace(stop, deliveries=tuple(halt.goods)))
        here, ready_s = stop.node_id, stop.end_s
    back = trip.back
    if back is not None and (shifted or back.from_node != here):
        back = _leg(back, here, ready_s)
    before, now = (_total(each) for each in (trip.stops, stops))
    return replace(
        trip,
        stops=tuple(stops),
        back=back,
        end_s=back.arrive_s if back is not None else ready_s,
        mass_g=trip.mass_g + now[0] - before[0],
        volume_cm3=trip.volume_cm3 + now[1] - before[1],
        pieces=trip.pieces + now[2] - before[2],
    )


def _total(stops: Sequence[Stop]) -> tuple[int, int, int]:
    """Mass (g), volume (cm³) and pieces of all that is handed over at some stops."""
    goods = [one for stop in stops for one in stop.deliveries]
    mass_g = sum(one.mass_g for one in goods)
    volume_cm3 = sum(one.volume_cm3 for one in goods)
    return mass_g, volume_cm3, sum(one.pieces for one in goods)


def _leg(old: Leg, here: str, depart_s: int) -> Leg:
    """A leg from a place on at a moment; one from elsewhere has no way yet, and lasts as long as before."""
    moved = replace(old, depart_s=depart_s, arrive_s=depart_s + old.arrive_s - old.depart_s)
    return moved if old.from_node == here else replace(moved, from_node=here, distance_m=0, path=())
