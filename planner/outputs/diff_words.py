"""What changes from one plan to another, in words for the telephone: drivers, warehouses, hubs, regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.base.clock import MINUTE_S, Clock
from planner.base.text import words
from planner.compare.changes import Differences, TripPair, What, counts
from planner.compare.vehicles import ahead
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_places import place_text
from planner.outputs.diff_regions import region_text
from planner.outputs.figures import moment, number
from planner.plans.model import Broken, Plan, Stop, Trip
from planner.proof.verdict import Measure, amount_text

__all__ = ["DriverWords", "Message", "driver_words", "messages"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell somebody.

    Parameters
    ----------
    recipient
        ``driver``, ``warehouse``, ``hub`` or ``region``.
    id, name
        Whom it is for.
    called
        Under which of these names the contacts are looked up.
    regions
        Regions by which it belongs to an area.
    at_s
        When something of it happens first; it should be told before.
    counts
        Whether it must be told: else only times move, by no more than the tolerance.
    text
        The words, without the name.
    """

    recipient: str
    id: str
    name: str
    called: tuple[str, ...]
    regions: tuple[str, ...]
    at_s: int
    what: tuple[What, ...]
    counts: bool
    text: str


def messages(found: Differences, after: Plan, names: DiffNames, clock: Clock) -> list[Message]:
    """Everything that is to be told, in the order of time; history is not.

    Parameters
    ----------
    found
        What changes.
    after
        The second plan.
    names, clock
        By which places are called, and moments are written.
    """
    told = [*_to_drivers(found, after, names, clock), *_to_places(found, names, clock)]
    told += _to_regions(found, names, clock)
    order = ("driver", "warehouse", "hub", "region")
    return sorted(told, key=lambda one: (one.at_s, order.index(one.recipient), one.id))


def _to_places(found: Differences, names: DiffNames, clock: Clock) -> Iterator[Message]:
    for change in found.places:
        for pair in change.pairs:
            both = [one for one in (pair.before, pair.after) if one is not None]
            yield Message(
                recipient="hub" if names.is_hub(change.place_id) else "warehouse",
                id=change.place_id,
                name=names.place(change.place_id),
                called=(change.place_id,),
                regions=tuple(dict.fromkeys(name for one in both for name in one.regions)),
                at_s=_next(found, (one.at_s for one in both)),
                what=pair.what,
                counts=counts(pair.what),
                text=place_text(pair, names, clock),
            )


def _to_regions(found: Differences, names: DiffNames, clock: Clock) -> Iterator[Message]:
    for change in found.regions:
        if change.past:
            continue
        moments = [one.arrive_s for one in (*change.visits_before, *change.visits_after)]
        deadlines = [one.deadline_s for one in (change.before, change.after) if one is not None]
        yield Message(
            recipient="region",
            id=change.region_id,
            name=names.place(change.region_id),
            called=(change.region_id,),
            regions=(change.region_id,),
            at_s=_next(found, moments or deadlines),
            what=change.what,
            counts=change.counts,
            text=region_text(change, names, clock),
        )


def _next(found: Differences, moments: Iterable[int]) -> int:
    """The first of these moments that is not over; of those that are, the last."""
    every = sorted(moments)
    ahead_s = [one for one in every if found.from_s is None or one >= found.from_s]
    return (ahead_s or every[-1:] or [found.from_s or 0])[0]


def _to_drivers(found: Differences, after: Plan, names: DiffNames, clock: Clock) -> Iterator[Message]:
    told = driver_words(found, after, names, clock)
    for change in found.vehicles:
        for pair in change.pairs:
            trips = [one for one in (pair.before, pair.after) if one is not None]
            served = (item.region_id for trip in trips for stop in trip.stops for item in stop.deliveries)
            yield Message(
                recipient="driver",
                id=change.vehicle_id,
                name=names.vehicle(change.vehicle_id, change.vehicle_type),
                called=(change.vehicle_id, change.vehicle_type),
                regions=tuple(dict.fromkeys(served)),
                at_s=_next(found, _moments(pair, found.from_s)),
                what=pair.what,
                counts=counts(pair.what),
                text=told.pair(pair.before, pair.after),
            )


def driver_words(found: Differences, after: Plan, names: DiffNames, clock: Clock) -> DriverWords:
    """Words for drivers about what changes.

    Parameters
    ----------
    found, after, names, clock
        As for `messages`.
    """
    return DriverWords(names, clock, found.from_s, _fetchers(after))


def _moments(pair: TripPair, from_s: int | None) -> Iterator[int]:
    """When what differs begins."""
    stops = ahead(pair.before, pair.after, from_s)
    for trip, left in zip((pair.before, pair.after), stops, strict=True):
        if trip is not None:
            yield trip.load_start_s
            yield from (stop.leg.depart_s for stop in left[:1])


def _fetchers(plan: Plan) -> Mapping[str, tuple[Trip, Stop]]:
    """For each consignment that is fetched: the last trip and stop that takes it over."""
    found = {}
    for trip in sorted(plan.trips, key=lambda one: one.load_start_s):
        for stop in trip.stops:
            for item in stop.fetched:
                found[item.consignment_id] = (trip, stop)
    return found


@dataclass(frozen=True)
class DriverWords:
    """Puts pairs of trips into words for a driver."""

    names: DiffNames
    clock: Clock
    from_s: int | None
    fetchers: Mapping[str, tuple[Trip, Stop]]

    def pair(self, before: Trip | None, after: Trip | None) -> str:
        """What the second trip is instead of the first."""
        if after is None:
            return "" if before is None else self.dropped(before)
        if before is None:
            return self._new(after)
        told = "; ".join([*self.clauses(before, after), *self._new_times(before, after)])
        told = told or words("diff.trip.same")
        if after.broken is not None or (self.from_s is not None and after.load_start_s < self.from_s):
            return told  # he is on it
        return words("diff.trip.which", stops=self._places([one.node_id for one in after.stops]), told=told)

    def dropped(self, trip: Trip) -> str:
        """That a trip falls away."""
        stops = ", ".join(self.names.place(stop.node_id) for stop in trip.stops)
        return words("diff.trip.drop", stops=stops, time=self._at(trip.load_start_s))

    def _new(self, trip: Trip) -> str:
        stops = [self._times(trip, list(trip.stops), trip.depart_s), *self._extras(trip.stops)]
        place, fetches = self.names.place(trip.origin_id), any(stop.fetched for stop in trip.stops)
        if fetches and trip.depart_s == trip.load_start_s:
            key, more = "diff.trip.new_empty", {}
        else:
            key, more = "diff.trip.new", {"dock": trip.dock, "leave": self._at(trip.depart_s)}
        return words(key, place=place, time=self._at(trip.load_start_s), stops="; ".join(stops), **more)

    def clauses(self, before: Trip, after: Trip) -> Iterator[str]:
        """What is other in the second trip, one thing after another; new times are not told here."""
        old, new = ahead(before, after, self.from_s)
        on_its_way = self.from_s is not None and after.load_start_s < self.from_s
        if after.broken is not None:
            yield from self._broken(after.broken)
            return
        if not on_its_way:
            yield from self._loading(before, after)
        stops = list(self._stops(old, new))
        yield from stops
        yield from self._departure(before, after, new, on_its_way=on_its_way, changed=bool(stops))
        yield from self._goods(old, new)
        yield from self._extras(
            [one for one in new if not any(one.fetched == other.fetched for other in old)]
        )

    def _new_times(self, before: Trip, after: Trip) -> Iterator[str]:
        """All times still ahead, where stops are others or times move."""
        old, new = ahead(before, after, self.from_s)
        if after.broken is None and (
            any(self._stops(old, new)) or self._apart_s(before, after, old, new) >= MINUTE_S
        ):
            yield words("diff.trip.times", stops=self._times(after, new, after.depart_s))

    def _broken(self, broken: Broken) -> Iterator[str]:
        yield words(
            "diff.trip.broken",
            place=self.names.place(broken.node_id),
            time=self._at(broken.at_s),
            pieces=_many(sum(one.pieces for one in broken.deliveries)),
        )
        told: dict[str, None] = {}
        for item in broken.deliveries:
            if item.consignment_id not in self.fetchers:
                told[words("diff.trip.broken_left")] = None
                continue
            trip, stop = self.fetchers[item.consignment_id]
            vehicle = self.names.vehicle(trip.vehicle_id, trip.vehicle_type)
            told[words("diff.trip.broken_fetched", vehicle=vehicle, time=self._at(stop.start_s))] = None
        yield from told

    def _loading(self, before: Trip, after: Trip) -> Iterator[str]:
        time, old = self._at(after.load_start_s), self._at(before.load_start_s)
        if before.origin_id != after.origin_id:
            yield words(
                "diff.trip.load_at",
                place=self.names.place(after.origin_id),
                dock=after.dock,
                time=time,
                old_place=self.names.place(before.origin_id),
                old_dock=before.dock,
                old=old,
            )
            return
        if time != old:
            yield words("diff.trip.load", time=time, old=old)
        if before.dock != after.dock:
            yield words("diff.trip.dock", dock=after.dock, old=before.dock)

    def _stops(self, old: Sequence[Stop], new: Sequence[Stop]) -> Iterator[str]:
        """Stops that fall away, that are new, and another order of those that stay."""
        olds, news = [stop.node_id for stop in old], [stop.node_id for stop in new]
        gone, more = Counter(olds) - Counter(news), Counter(news) - Counter(olds)
        if gone:
            yield words("diff.trip.skip", stops=self._places(_those(olds, gone)))
        added: set[int] = set()
        left = Counter(more)
        for at, node in enumerate(news):
            if left[node] > 0:
                left[node] -= 1
                added.add(at)
                yield self._added(news, at)
        stay_old = _without(olds, gone)
        stay_new = [node for at, node in enumerate(news) if at not in added]
        if stay_old != stay_new:
            if stay_new and stay_new[0] == news[0] and stay_new[0] != stay_old[0]:
                yield words("diff.trip.first", stop=self.names.place(stay_new[0]))
            if len(stay_new) > 2 or stay_new[0] == stay_old[0]:
                yield words("diff.trip.order", stops=self._places(news))

    def _added(self, nodes: Sequence[str], at: int) -> str:
        stop = self.names.place(nodes[at])
        if at == 0:
            return words("diff.trip.add_first", stop=stop)
        return words("diff.trip.add", stop=stop, before=self.names.place(nodes[at - 1]))

    def _departure(
        self, before: Trip, after: Trip, new: Sequence[Stop], *, on_its_way: bool, changed: bool
    ) -> Iterator[str]:
        """When to leave: the origin or, on the way, the stop before the first one ahead."""
        legs = [stop.leg for stop in new[:1]]
        if on_its_way:
            if changed and legs and self.from_s is not None and legs[0].depart_s >= self.from_s:
                yield words("diff.trip.leave_now", time=self._at(legs[0].depart_s))
            return
        time, old = self._at(after.depart_s), self._at(before.depart_s)
        if legs and legs[0].depart_s > after.depart_s:
            time = self._at(legs[0].depart_s)
        if before.stops and before.stops[0].leg.depart_s > before.depart_s:
            old = self._at(before.stops[0].leg.depart_s)
        if time != old:
            yield words("diff.trip.leave", time=time, old=old)

    def _goods(self, old: Sequence[Stop], new: Sequence[Stop]) -> Iterator[str]:
        pieces = [_pieces(stops) for stops in (old, new)]
        for node in pieces[1]:
            if node in pieces[0] and pieces[0][node] != pieces[1][node]:
                now, before = _many(pieces[1][node]), number(pieces[0][node])
                yield words("diff.trip.goods", stop=self.names.place(node), pieces=now, old=before)

    def _extras(self, stops: Sequence[Stop]) -> Iterator[str]:
        for stop in stops:
            if stop.fetched:
                pieces = _many(sum(one.pieces for one in stop.fetched))
                yield words("diff.trip.fetch", stop=self.names.place(stop.node_id), pieces=pieces)

    def _apart_s(self, before: Trip, after: Trip, old: Sequence[Stop], new: Sequence[Stop]) -> int:
        pairs = [(one.leg.arrive_s, other.leg.arrive_s) for one, other in zip(old, new, strict=False)]
        return max((abs(one - other) for one, other in (*pairs, (before.end_s, after.end_s))), default=0)

    def _times(self, trip: Trip, stops: Sequence[Stop], from_s: int) -> str:
        """Arrivals in order, the one at home last; the day stands only where it is another than before."""
        told: list[str] = []
        day = self.clock.day(from_s)
        ways = [("diff.trip.at", stop.node_id, stop.leg.arrive_s) for stop in stops]
        if trip.back is not None:
            ways.append(("diff.trip.back", trip.back.to_node, trip.back.arrive_s))
        for key, node, moment_s in ways:
            same = self.clock.day(moment_s) == day and bool(told)
            day = self.clock.day(moment_s)
            time = f"{self.clock.instant(moment_s):%H:%M}" if same else self._at(moment_s)
            told.append(words(key, stop=self.names.place(node), time=time))
        return ", ".join(told)

    def _places(self, nodes: Sequence[str]) -> str:
        return ", ".join(self.names.place(node) for node in nodes)

    def _at(self, seconds: int) -> str:
        return moment(seconds, self.clock)


def _many(pieces: int) -> str:
    return amount_text(pieces, Measure.PIECES)


def _pieces(stops: Sequence[Stop]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for stop in stops:
        found[stop.node_id] = found.get(stop.node_id, 0) + sum(item.pieces for item in stop.deliveries)
    return found


def _those(nodes: Sequence[str], wanted: Counter[str]) -> list[str]:
    left, found = Counter(wanted), []
    for node in nodes:
        if left[node] > 0:
            left[node] -= 1
            found.append(node)
    return found


def _without(nodes: Sequence[str], gone: Counter[str]) -> list[str]:
    left, found = Counter(gone), []
    for node in nodes:
        if left[node] > 0:
            left[node] -= 1
        else:
            found.append(node)
    return found
