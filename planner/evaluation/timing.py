"""When given trips begin, by which vehicle and at which dock, where the routes do not say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.building.direct_trips import trip_starts
from planner.building.places import release_of
from planner.evaluation.goods import Goods, load_of
from planner.evaluation.relaxed_trip import Driven, RelaxedTrips
from planner.evaluation.routes import RouteTrip
from planner.instance.kits import Load
from planner.instance.schema import Hub, Instance
from planner.problem.ledger import Claim, Docks, Ledger, Line, Stock
from planner.problem.supply import arrivals
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER, Visit

__all__ = ["Scheduled", "scheduled"]


@dataclass(frozen=True)
class Scheduled:
    """A trip with its times, vehicle (from 1) and dock (from 1)."""

    relaxed: RelaxedTrips
    driven: Driven
    vehicle: int
    dock: int
    load: Load

    @property
    def timing(self) -> Timing:
        """Its times."""
        return self.driven.timing


def scheduled(instance: Instance, trips: Sequence[RouteTrip], goods: Goods) -> list[Scheduled]:
    """Times of all trips, in their order.

    Notes
    -----
    Trips with a moment of loading keep it, whatever rule that breaks. The others follow in the order in which
    they are given, each as early as its vehicle, a dock, its goods and the hours allow; where no moment keeps
    all rules of the trip itself, from the first moment at which it can be loaded.
    """
    work = _Work(instance, trips, goods)
    fixed = [number for number, one in enumerate(trips) if one.load_start_s is not None]
    for number in sorted(fixed, key=lambda at: (trips[at].load_start_s, at)):
        work.keep(number)
    for number in work.in_turn():
        work.place(number)
    return [work.found[number] for number in range(len(trips))]


class _Work:
    """Trips as they get their times."""

    def __init__(self, instance: Instance, trips: Sequence[RouteTrip], goods: Goods) -> None:
        self._instance = instance
        self._trips = trips
        self._goods = goods
        self._items = {one.id: one for one in instance.items}
        self._hubs: Mapping[str, Hub] = {one.id: one for one in instance.hubs}
        stock = {
            (one.id, item): Stock(*curve)
            for one in instance.warehouses
            for item, curve in arrivals(instance, one.id).items()
        }
        self._ledger = Ledger(stock=stock)
        self._all_relaxed = self._made_relaxed()
        self._ready: dict[tuple[str, str], int] = {}  # of a consignment at a hub
        self.found: dict[int, Scheduled] = {}

    def _made_relaxed(self) -> dict[tuple[str, str], RelaxedTrips]:
        places: dict[tuple[str, str], list[str]] = {}
        for one in self._trips:
            places.setdefault((one.vehicle_type, one.origin), []).extend(stop.place for stop in one.stops)
        types = self._instance.vehicle_type_of
        return {
            (kind, origin): RelaxedTrips(self._instance, types[kind], origin, mine)
            for (kind, origin), mine in places.items()
        }

    def _relaxed(self, number: int) -> RelaxedTrips:
        trip = self._trips[number]
        return self._all_relaxed[trip.vehicle_type, trip.origin]

    def _line(self, kind: str, vehicle: int) -> Line:
        if (kind, vehicle) not in self._ledger.lines:
            relaxed = next(one for (name, _), one in self._all_relaxed.items() if name == kind)
            self._ledger.lines[kind, vehicle] = Line(out=relaxed.kind.out_of(vehicle - 1))
        return self._ledger.lines[kind, vehicle]

    def _docks_of(self, number: int) -> Docks:
        origin = self._trips[number].origin
        return self._ledger.docks.setdefault(origin, Docks(self._relaxed(number).problem.origins[0]))

    # ---------------------------------------------------------------- goods

    def _loads(self, number: int, stop: int) -> list[Load]:
        given = self._trips[number].stops[stop]
        runs = [load_of(self._instance, run) for run in self._goods[number, stop]]
        return runs + [self._of_item(item, quantity) for item, quantity in given.items]

    def _of_item(self, item: str, quantity: int) -> Load:
        one = self._items[item]
        sizes = (quantity * one.mass_g, quantity * one.volume_cm3, quantity * one.pieces)
        return Load(*sizes, {item: quantity})

    def _load(self, number: int) -> Load:
        stops = range(len(self._trips[number].stops))
        return sum((load for stop in stops for load in self._loads(number, stop)), Load())

    def _visits(self, number: int, release_s: int) -> tuple[Visit, ...]:
        relaxed, trip = self._relaxed(number), self._trips[number]
        return tuple(
            Visit(
                relaxed.region(one.place),
                sum(load.pieces for load in self._loads(number, stop)),
                (),
                release_s,
                NEVER,
            )
            for stop, one in enumerate(trip.stops)
        )

    def _ready_s(self, number: int) -> int:
        """From when all goods of a trip can be loaded, as far as that is known."""
        origin = self._trips[number].origin
        stops = range(len(self._trips[number].stops))
        if origin in self._hubs:
            runs = (run for stop in stops for run in self._goods[number, stop])
            return max((self._ready.get((origin, run.consignment_id), 0) for run in runs), default=0)
        names = {run.region_id for stop in stops for run in self._goods[number, stop]}
        return max(
            *(self._in_stock_s(origin, item, need) for item, need in self._load(number).items.items()),
            *(release_of(self._instance, self._instance.region_of[name]) for name in names),
            0,
        )

    def _in_stock_s(self, warehouse: str, item: str, need: int) -> int:
        """First moment from which so much of an item is there for good, after what other trips load."""
        stock = self._ledger.stock.get((warehouse, item))
        return 0 if stock is None else stock.earliest(need) or 0  # never enough: no moment is better

    # ---------------------------------------------------------------- placing

    def in_turn(self) -> Iterator[int]:
        """Trips without a moment, each after those of its vehicle and those that bring its goods."""
        left = [number for number, one in enumerate(self._trips) if number not in self.found]
        while left:
            number = next((one for one in left if self._may_go(one, left)), left[0])
            left.remove(number)
            yield number

    def _may_go(self, number: int, left: Sequence[int]) -> bool:
        trip = self._trips[number]
        key = (trip.vehicle_type, trip.vehicle)
        mine = {run.consignment_id for at in range(len(trip.stops)) for run in self._goods[number, at]}
        for one in left:
            other = self._trips[one]
            if one < number and trip.vehicle is not None and (other.vehicle_type, other.vehicle) == key:
                return False
            brings = trip.origin in self._hubs and any(
                stop.place == trip.origin
                and not mine.isdisjoint(run.consignment_id for run in self._goods[one, at])
                for at, stop in enumerate(other.stops)
            )
            brings = brings or any(stop.place == trip.origin and stop.items for stop in other.stops)
            if one != number and brings:
                return False
        return True

    def keep(self, number: int) -> None:
        """A trip that says when it is loaded."""
        trip, relaxed = self._trips[number], self._relaxed(number)
        start_s = trip.load_start_s or 0
        visits = self._visits(number, 0)
        able = list(relaxed.ways(visits, start_s))
        if able:
            said = trip.starts_s
            driven = min(
                able,
                key=lambda one: sum(
                    known is not None and known != begin
                    for known, (begin, _) in zip(said, one.timing.services, strict=False)
                ),
            )
        else:
            driven = relaxed.driven(visits, start_s)
        vehicle = trip.vehicle or self._free_vehicle(number, driven.timing)
        self._take(number, driven, vehicle, trip.dock or self._dock(number, driven.timing))

    def _free_vehicle(self, number: int, timing: Timing) -> int:
        kind = self._relaxed(number).kind
        for vehicle in range(1, kind.number + 1):
            if self._line(kind.id, vehicle).free(timing.load_start_s, timing.end_s):
                return vehicle
        return 1

    def _dock(self, number: int, timing: Timing) -> int:
        """A free dock; where there is none, the first one."""
        free = self._docks_of(number).free(timing)
        return 1 if free is None else free + 1

    def place(self, number: int) -> None:
        """A trip that may start whenever it can."""
        trip, kind = self._trips[number], self._relaxed(number).kind
        vehicles = range(1, max(1, kind.number) + 1) if trip.vehicle is None else (trip.vehicle,)
        ready_s = self._ready_s(number)
        best: tuple[int, int, Driven, int] | None = None
        for vehicle in vehicles:
            line = self._line(kind.id, vehicle)
            found = self._first(number, vehicle, line, ready_s)
            if found is not None and (best is None or found[0].timing.load_start_s < best[0]):
                best = (found[0].timing.load_start_s, vehicle, *found)
            if not line.busy and not line.out and trip.vehicle is None:
                break  # all further ones are free, too
        if best is None:
            vehicle = trip.vehicle or 1
            line = self._line(kind.id, vehicle)
            start_s = self._loading_s(number, max([ready_s, *(end for _, end in line.busy)]))
            driven = self._relaxed(number).driven(self._visits(number, 0), start_s)
            best = (start_s, vehicle, driven, self._dock(number, driven.timing))
        self._take(number, best[2], best[1], trip.dock or best[3])

    def _first(self, number: int, vehicle: int, line: Line, ready_s: int) -> tuple[Driven, int] | None:
        """The first start at which a trip keeps every rule of its own, its vehicle is free, and a dock is."""
        relaxed = self._relaxed(number)
        docks, visits = self._docks_of(number), self._visits(number, ready_s)
        found: dict[int, Driven] = {}

        def at(start_s: int) -> Claim | None:
            driven = relaxed.strict(visits, start_s)
            if driven is None:
                return None
            found[start_s] = driven
            return self._claim(number, driven, vehicle)

        begin_s = max([ready_s, *(end for _, end in line.busy)])  # trips of a vehicle keep their order
        moments = {begin_s, *trip_starts(relaxed.problem, relaxed.kind), *docks.ends}
        claim = self._ledger.earliest(at, (one for one in moments if one >= begin_s))
        if claim is None:
            return None
        driven = found[claim.start_s]
        return driven, self._dock(number, driven.timing)

    def _claim(self, number: int, driven: Driven, vehicle: int) -> Claim:
        """What a trip takes besides its goods; a dock that it names need not be free."""
        trip, kind, timing = self._trips[number], self._relaxed(number).kind, driven.timing
        return Claim(
            (kind.id, vehicle),
            timing.load_start_s,
            timing.end_s,
            timing.work,
            kind.work_s,
            gone=kind.open_end,
            place=trip.origin,
            loaded_s=timing.depart_s if trip.dock is None else timing.load_start_s,
        )

    def _loading_s(self, number: int, begin_s: int) -> int:
        """First moment from one on at which a trip can be loaded; that moment itself where there is none."""
        relaxed = self._relaxed(number)
        kind, openings = relaxed.kind, relaxed.problem.origins[0].openings
        seconds = kind.load_fixed_s + kind.load_piece_s * self._load(number).pieces
        moments = {begin_s, *kind.shifts.begins_after(begin_s), *openings.begins_after(begin_s)}
        for moment in sorted(moments):
            if kind.shifts.allows(moment, seconds) and openings.allows(moment, seconds):
                return moment
        return begin_s

    def _take(self, number: int, driven: Driven, vehicle: int, dock: int) -> None:
        trip, relaxed, timing = self._trips[number], self._relaxed(number), driven.timing
        self._line(relaxed.kind.id, vehicle).take(timing, (), gone=relaxed.kind.open_end)
        docks = self._docks_of(number)
        if dock <= relaxed.problem.origins[0].docks:
            docks.occupy(dock - 1, timing)
        load = self._load(number)
        for item, quantity in load.items.items():
            if (trip.origin, item) in self._ledger.stock:
                self._ledger.stock[trip.origin, item].take(quantity, timing.load_start_s)
        for stop, (one, (_, end)) in enumerate(zip(trip.stops, timing.services, strict=True)):
            for item, quantity in one.items:
                if (one.place, item) in self._ledger.stock:
                    self._ledger.stock[one.place, item].bring(end, quantity)
            hub = self._hubs.get(one.place)
            pieces = sum(part.pieces for part in self._loads(number, stop))
            for run in self._goods[number, stop] if hub is not None else ():
                assert hub is not None
                self._ready[one.place, run.consignment_id] = end + hub.transfer_s(pieces)
        self.found[number] = Scheduled(relaxed, driven, vehicle, dock, load)
