"""Transfers between warehouses: who sends what to a warehouse that has too little, before any search.

Vehicles that drive transfers are the last-numbered of their type and do nothing else; the components are
searched without them, with the stock that the transfers leave and bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from planner.assemble import deadline_of, fleet_type, gamma_of, origin_of
from planner.calendars import Interval, day_index, local_midnights, whole_intervals
from planner.clock import DAY_S, Clock
from planner.direct import trip_starts
from planner.instance.chains import home_of
from planner.instance.schema import CalendarRow, Chain, Instance, Item, Region, Stock, VehicleType
from planner.outcome import leg_of
from planner.plan import Goods, Stop, Trip
from planner.problem import FleetType, Problem
from planner.proof.stocks import deliverable
from planner.proof.world import World
from planner.schedule import Timing, Visit, schedule_trip, trip_cost
from planner.shortage import regions_to_leave
from planner.supply import Curve, Exchanged, arrivals
from planner.worst import with_worst

__all__ = ["Exchange", "exchange"]

_Lot = tuple[int, str, int]
"""From when, which item, and how many of it wait to be sent."""


@dataclass(frozen=True)
class Exchange:
    """Transfers, and the instance that they leave.

    Parameters
    ----------
    instance
        What components are searched with; the given instance itself where there are no transfers.
    trips
        Transfers of each warehouse that sends some, in time.
    costs
        Their cost, the prices of vehicles and days included.
    """

    instance: Instance
    trips: Mapping[str, tuple[Trip, ...]] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)


def exchange(instance: Instance, regions: Sequence[Region], guarantee: int | None = None) -> Exchange:
    """Plan transfers to the warehouses of regions that have too little for them.

    Parameters
    ----------
    instance
        As read and validated.
    regions
        Those that are planned for. What a warehouse's other regions need is not given away either.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.

    Notes
    -----
    Warehouses receive in the order of their table, each from who can bring something first. Only what lets
    further regions receive is sent. What the regions of the giver need stays there, at every moment.
    """
    if len({row.warehouse for row in instance.stock}) < 2:
        return Exchange(instance)
    planner = _Exchange(instance, guarantee)
    for warehouse in instance.warehouses:
        planner.supply(warehouse.id, [one for one in regions if one.warehouse == warehouse.id])
    return planner.result()


@dataclass
class _Vehicle:
    """A vehicle that drives transfers: from when it is free, and its work so far, by day."""

    free_s: int | None = 0  # None: it stays where it is
    work: dict[int, int] = field(default_factory=dict)

    def copy(self) -> _Vehicle:
        return _Vehicle(self.free_s, dict(self.work))


@dataclass(frozen=True)
class _Sent:
    """A transfer."""

    kind: VehicleType
    vehicle: int  # 0 is the last-numbered of its type
    giver: str
    taker: str
    dock: int
    items: Mapping[str, int]
    timing: Timing

    @property
    def come_s(self) -> int:
        """When its goods can be counted on."""
        return self.timing.sure_s[-1]


@dataclass
class _State:
    """What is used so far."""

    vehicles: dict[str, list[_Vehicle]] = field(default_factory=dict)  # by type
    sent: list[_Sent] = field(default_factory=list)

    def copy(self) -> _State:
        vehicles = {name: [one.copy() for one in mine] for name, mine in self.vehicles.items()}
        return _State(vehicles, list(self.sent))

    def loads(self, giver: str) -> list[tuple[int, Interval]]:
        """Dock and time of each loading of a transfer that takes time."""
        return [
            (one.dock, (one.timing.load_start_s, one.timing.depart_s))
            for one in self.sent
            if one.giver == giver and one.timing.depart_s > one.timing.load_start_s
        ]


@dataclass(frozen=True)
class _Drive:
    """What some vehicles of a type would send, and what not."""

    state: _State
    missing: int
    late_s: int
    vehicles: int
    cost: int
    last_s: int

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """Less is better: all is sent, in time, by few vehicles, at little cost, soon."""
        return self.missing, self.late_s, self.vehicles, self.cost, self.last_s


class _Exchange:
    """Transfers as they are found, warehouse by warehouse."""

    def __init__(self, instance: Instance, guarantee: int | None) -> None:
        self._instance = instance
        self._guarantee = guarantee
        self._world = World(instance)
        self._items: dict[str, Item] = {one.id: one for one in instance.items}
        self._curves = {one.id: arrivals(instance, one.id) for one in instance.warehouses}
        self._state = _State()
        self._problems: dict[tuple[str, str], Problem] = {}
        self._own: dict[str, dict[str, int]] = {}

    # ---------------------------------------------------------------- who needs and has what

    def supply(self, taker: str, regions: Sequence[Region]) -> None:
        """Plan what one warehouse receives for some of its regions."""
        have = {item: curve[1][-1] for item, curve in self._curves[taker].items()}
        needs = [_of(have, deliverable(self._world, region)) for region in regions]
        if not any(sum(need[item] for need in needs) > have[item] for item in have):
            return
        weights = [max(1, one.counts.get(self._instance.settings.weight, 0)) for one in regions]
        without = sum(weights[idx] for idx in regions_to_leave(needs, weights, have))
        most = {item: self._surplus(taker, item) for item in have}
        while any(most.values()):
            stock = {item: have[item] + most[item] for item in have}
            left = regions_to_leave(needs, weights, stock)
            if sum(weights[idx] for idx in left) >= without:
                return
            kept = [idx for idx in range(len(regions)) if idx not in left]
            wanted = {item: sum(needs[idx][item] for idx in kept) - have[item] for item in have}
            wanted = {item: number for item, number in wanted.items() if number > 0}
            tried = self._sent_to(taker, wanted, [regions[idx] for idx in kept])
            come = dict.fromkeys(have, 0)
            for one in tried.sent[len(self._state.sent) :]:
                for item, number in one.items.items():
                    come[item] += number
            if all(come[item] >= number for item, number in wanted.items()):
                self._state = tried
                return
            most = {item: come[item] if come[item] < wanted.get(item, 0) else most[item] for item in most}

    def _surplus(self, taker: str, item: str) -> int:
        givers = (one.id for one in self._instance.warehouses if one.id != taker)
        return sum(sum(number for _, number in self._spare(giver, item, self._state)) for giver in givers)

    def _spare(self, giver: str, item: str, state: _State) -> list[tuple[int, int]]:
        """What a warehouse has beyond its own regions' need and former transfers, and from when."""
        curve = self._curves[giver].get(item)
        if curve is None:
            return []
        taken = self._need(giver, item)
        taken += sum(one.items.get(item, 0) for one in state.sent if one.giver == giver)
        found = []
        for moment, amount in zip(*curve, strict=True):
            if amount > taken:
                found.append((moment, amount - taken))
                taken = amount
        return found

    def _need(self, giver: str, item: str) -> int:
        if giver not in self._own:
            self._own[giver] = {}
            for region in self._instance.regions:
                if region.warehouse == giver:
                    for name, number in deliverable(self._world, region).items():
                        self._own[giver][name] = self._own[giver].get(name, 0) + number
        return self._own[giver].get(item, 0)

    # ---------------------------------------------------------------- who sends it

    def _sent_to(self, taker: str, wanted: Mapping[str, int], regions: Sequence[Region]) -> _State:
        """The state after sending as much of this as can be, the nearest giver in time first."""
        state, left = self._state.copy(), dict(wanted)
        due_s = min((self._due_s(region) for region in regions), default=self._instance.settings.horizon_s)
        for giver in self._givers(taker, wanted):
            lots = self._lots(giver, left, state)
            tried: set[str] = set()
            while lots:
                drives = [
                    (drive.rank, position, kind.id, drive)
                    for position, kind in enumerate(self._problem(giver, taker).fleet)
                    if kind.id not in tried
                    for drive in self._drives(giver, taker, kind, lots, state, due_s)
                ]
                if not drives:
                    break
                _, _, name, best = min(drives, key=lambda one: one[:3])
                tried.add(name)
                for one in best.state.sent[len(state.sent) :]:
                    for item, number in one.items.items():
                        left[item] -= number
                state = best.state
                lots = self._lots(giver, left, state)
        return state

    def _due_s(self, region: Region) -> int:
        """When goods for a region must leave its warehouse at the latest, about."""
        world = self._world
        places = world.places(region.warehouse)
        ways = [
            world.ways.least_times(kind, places).get(region.id) for kind in world.types_of(region.warehouse)
        ]
        return deadline_of(self._instance, region) - min((way for way in ways if way is not None), default=0)

    def _lots(self, giver: str, wanted: Mapping[str, int], state: _State) -> list[_Lot]:
        """What a giver has of what is wanted, by the moment from which it is there."""
        found = []
        for item, number in wanted.items():
            left = number
            for moment, amount in self._spare(giver, item, state):
                part = min(amount, left)
                left -= part
                if part > 0:
                    found.append((moment, item, part))
        return sorted(found, key=lambda lot: (lot[0], list(self._items).index(lot[1])))

    def _givers(self, taker: str, wanted: Mapping[str, int]) -> list[str]:
        """Those who can send something, the one first whose first piece arrives first."""
        firsts: list[tuple[int, int, str]] = []
        for position, other in enumerate(self._instance.warehouses):
            lots = [] if other.id == taker else self._lots(other.id, wanted, self._state)
            ends = []
            for moment, item, _ in lots:
                for kind in self._problem(other.id, taker).fleet:
                    if _fits(kind, self._items[item]):
                        found = self._first(other.id, taker, kind, {item: 1}, _Vehicle(moment), self._state)
                        ends += [] if found is None else [found[1].services[-1][1]]
            if ends:
                firsts.append((min(ends), position, other.id))
        return [name for _, _, name in sorted(firsts)]

    def _problem(self, giver: str, taker: str) -> Problem:
        """Trips from one warehouse to another one, with the types of which it can spare a vehicle."""
        if (giver, taker) not in self._problems:
            instance, places = self._instance, (giver, taker)
            one, other = instance.warehouse_of[giver], instance.warehouse_of[taker]
            kinds = [kind for kind in instance.vehicles if home_of(kind) == giver and self._spared(kind)]
            fleet = tuple(
                fleet_type(instance, kind, places, gamma_of(instance, kind, self._guarantee))
                for kind in kinds
            )
            fleet = tuple(
                kind for kind in fleet if kind.reaches(0, 1) and (kind.open_end or kind.reaches(1, 0))
            )
            zero = np.zeros(1, dtype=np.int64)
            self._problems[giver, taker] = Problem(
                id=giver,
                name=one.name,
                clock=instance.clock,
                horizon_s=instance.settings.horizon_s,
                midnights=local_midnights(instance),
                places=places,
                place_names=(one.name, other.name),
                origins=(replace(origin_of(instance, one, fleet), docks=one.docks),),
                region_openings=(whole_intervals(instance, other.calendar),),
                deadline_s=zero + instance.settings.horizon_s,
                not_before_s=zero,
                handover_s=zero,
                weight=zero + 1,
                fleet=fleet,
                consignments=(),
                unserved=frozenset(),
                proofs=(),
            )
        return self._problems[giver, taker]

    def _spared(self, kind: VehicleType) -> int:
        """So many vehicles of a type may drive transfers: all but one, or all where they reach no region."""
        if self._instance.settings.chain is not Chain.NONE:
            return kind.number - 1 if kind.number > 1 else 0
        places = self._world.places(kind.warehouse) - {kind.warehouse}
        least = self._world.ways.least_times(kind, self._world.places(kind.warehouse))
        return kind.number - 1 if kind.number and any(place in least for place in places) else kind.number

    # ---------------------------------------------------------------- trips

    def _drives(
        self, giver: str, taker: str, kind: FleetType, lots: Sequence[_Lot], state: _State, due_s: int
    ) -> Iterator[_Drive]:
        """What one vehicle of a type would send, two, and so on, until more of them change nothing."""
        used = len(state.vehicles.get(kind.id, ()))
        before: _Drive | None = None
        for number in range(max(1, used), self._spared(self._instance.vehicle_type_of[kind.id]) + 1):
            drive = self._drive(giver, taker, kind, lots, state, number, due_s)
            if len(drive.state.sent) > len(state.sent):
                yield drive
            if drive.rank[:2] == (0, 0) or (before is not None and before.vehicles == drive.vehicles):
                return
            before = drive

    def _drive(
        self,
        giver: str,
        taker: str,
        kind: FleetType,
        lots: Sequence[_Lot],
        state: _State,
        number: int,
        due_s: int,
    ) -> _Drive:
        """What so many vehicles of a type send, each trip as soon as can be."""
        state = state.copy()
        used = len(state.vehicles.get(kind.id, ()))
        fleet = state.vehicles.setdefault(kind.id, [])
        fleet += [_Vehicle() for _ in range(number - len(fleet))]
        waiting = [lot for lot in lots if _fits(kind, self._items[lot[1]])]
        first = len(state.sent)
        while waiting:
            trips = [
                trip
                for vehicle, one in enumerate(fleet)
                if one.free_s is not None and one not in fleet[:vehicle]
                for trip in self._loaded(giver, taker, kind, vehicle, waiting, state)
            ]
            if not trips:
                break
            best = min(
                trips, key=lambda one: (one.timing.services[-1][1], one.timing.load_start_s, one.vehicle)
            )
            state.sent.append(best)
            fleet[best.vehicle] = _after(fleet[best.vehicle], kind, best.timing)
            waiting = _without(waiting, best.items)
        driven = {one.vehicle for one in state.sent if one.kind.id == kind.id}
        del fleet[max(used, 1 + max(driven, default=-1)) :]
        mine = state.sent[first:]
        last_s = max((one.come_s for one in mine), default=0)
        asked = sum(lot[2] for lot in lots)
        return _Drive(
            state,
            asked - sum(sum(one.items.values()) for one in mine),
            max(0, last_s - due_s + 1),
            len(fleet) - used,
            self._cost(state) - self._cost(replace(state, sent=state.sent[:first])),
            last_s,
        )

    def _loaded(
        self,
        giver: str,
        taker: str,
        kind: FleetType,
        vehicle: int,
        waiting: Sequence[_Lot],
        state: _State,
    ) -> Iterator[_Sent]:
        """A trip with as much of what waits as can be when its loading begins; none: there is none."""
        mine = state.vehicles[kind.id][vehicle]
        ready_s = max(mine.free_s or 0, waiting[0][0])
        while True:
            full = items = self._fill(kind, waiting, ready_s)
            found = self._first(giver, taker, kind, items, replace(mine, free_s=ready_s), state)
            while found is None and sum(items.values()) > 1:  # too much to handle in one shift?
                items = _half(items)
                found = self._first(giver, taker, kind, items, replace(mine, free_s=ready_s), state)
            if found is None:
                return
            dock, timing = found
            if self._fill(kind, waiting, timing.load_start_s) == full:
                row = self._instance.vehicle_type_of[kind.id]
                yield _Sent(row, vehicle, giver, taker, dock, items, timing)
                return
            ready_s = timing.load_start_s  # more has come until then

    def _fill(self, kind: FleetType, waiting: Sequence[_Lot], ready_s: int) -> dict[str, int]:
        """As much as fits a vehicle of what waits at a moment, the first lots first."""
        room = [kind.mass_g, kind.volume_cm3, kind.pieces]
        found: dict[str, int] = {}
        for moment, name, number in waiting:
            item = self._items[name]
            part = min(number, _most(room, item)) if moment <= ready_s else 0
            if part > 0:
                found[name] = found.get(name, 0) + part
                sizes = (item.mass_g, item.volume_cm3, item.pieces)
                room = [
                    None if left is None else left - part * size
                    for left, size in zip(room, sizes, strict=True)
                ]
        return found

    def _first(
        self,
        giver: str,
        taker: str,
        kind: FleetType,
        items: Mapping[str, int],
        vehicle: _Vehicle,
        state: _State,
    ) -> tuple[int, Timing] | None:
        """Dock and times of the first trip that a vehicle can make with a load from when it is free."""
        problem, ready_s = self._problem(giver, taker), vehicle.free_s or 0
        pieces = sum(number * self._items[item].pieces for item, number in items.items())
        stops = (Visit(0, pieces, (), ready_s),)
        loads = state.loads(giver)
        starts = {ready_s, *trip_starts(problem, kind), *(end for _, (_, end) in loads)}
        for start_s in sorted(one for one in starts if one >= ready_s):
            timing = schedule_trip(problem, kind, stops, start_s)
            if timing is None or not _works(kind, vehicle, timing):
                continue
            docks = self._instance.warehouse_of[giver].docks
            taken = {dock for dock, (begin, end) in loads if begin < timing.depart_s and start_s < end}
            free = [dock for dock in range(1, docks + 1) if dock not in taken]
            if free:
                return free[0], with_worst(problem, kind, stops, timing)
        return None

    # ---------------------------------------------------------------- what comes of it

    def _cost(self, state: _State, giver: str | None = None) -> int:
        """Cost of the transfers of one giver, or of all."""
        midnights = local_midnights(self._instance)
        total, days = 0, set()
        for one in state.sent:
            if giver is None or one.giver == giver:
                timing = one.timing
                total += self._trip_cost(one)
                first, last = (
                    day_index(midnights, moment)
                    for moment in (timing.load_start_s, max(timing.load_start_s, timing.end_s - 1))
                )
                days |= {(one.kind.id, one.vehicle, day) for day in range(first, last + 1)}
        kinds = self._instance.vehicle_type_of
        total += sum(kinds[name].price_day for name, _, _ in days)
        return total + sum(
            kinds[name].price_vehicle for name, _ in {(name, number) for name, number, _ in days}
        )

    def _fleet_of(self, one: _Sent) -> tuple[Problem, FleetType]:
        problem = self._problem(one.giver, one.taker)
        return problem, next(kind for kind in problem.fleet if kind.id == one.kind.id)

    def _distance_m(self, one: _Sent) -> int:
        _, kind = self._fleet_of(one)
        back_m = 0 if kind.open_end else kind.distance_between(1, 0)
        return kind.distance_between(0, 1) + back_m + one.timing.further_m

    def _trip_cost(self, one: _Sent) -> int:
        return trip_cost(self._fleet_of(one)[1], self._distance_m(one), one.timing.paid_s)

    def result(self) -> Exchange:
        """The transfers, and what they leave."""
        if not self._state.sent:
            return Exchange(self._instance)
        givers = [
            one.id for one in self._instance.warehouses if any(s.giver == one.id for s in self._state.sent)
        ]
        return Exchange(
            self._after(givers),
            {giver: self._trips(giver) for giver in givers},
            {giver: self._cost(self._state, giver) for giver in givers},
        )

    def _trips(self, giver: str) -> tuple[Trip, ...]:
        mine = [one for one in self._state.sent if one.giver == giver]
        mine.sort(key=lambda one: (one.timing.load_start_s, one.dock, one.kind.id, one.vehicle))
        return tuple(self._trip(one, f"{giver}/t{number:02d}") for number, one in enumerate(mine, start=1))

    def _trip(self, one: _Sent, name: str) -> Trip:
        problem, kind = self._fleet_of(one)
        timing = one.timing
        ways = timing.ways or (None,) * len(timing.legs)
        loads = [(self._items[item], number) for item, number in one.items.items()]
        stop = Stop(
            node_id=one.taker,
            leg=leg_of(problem, kind, (0, 1), timing.legs[0], ways[0]),
            start_s=timing.services[0][0],
            end_s=timing.services[0][1],
            deliveries=(),
            items=tuple(Goods(item, one.items[item]) for item in self._items if item in one.items),
        )
        return Trip(
            id=name,
            vehicle_id=f"{kind.id}-{kind.number - one.vehicle:02d}",
            vehicle_type=kind.id,
            origin_id=one.giver,
            dock=one.dock,
            load_start_s=timing.load_start_s,
            depart_s=timing.depart_s,
            stops=(stop,),
            back=None if kind.open_end else leg_of(problem, kind, (1, 0), timing.legs[1], ways[1]),
            end_s=timing.end_s,
            mass_g=sum(number * item.mass_g for item, number in loads),
            volume_cm3=sum(number * item.volume_cm3 for item, number in loads),
            pieces=sum(number * item.pieces for item, number in loads),
            distance_m=self._distance_m(one),
            paid_s=timing.paid_s,
            cost=self._trip_cost(one),
        )

    def _after(self, givers: Sequence[str]) -> Exchanged:
        """The instance without the vehicles and loading hours of the transfers, with the stock they leave."""
        given = self._instance
        used = {name: len(mine) for name, mine in self._state.vehicles.items()}
        vehicles = tuple(replace(one, number=one.number - used.get(one.id, 0)) for one in given.vehicles)
        hours = {giver: self._hours(giver) for giver in givers if self._state.loads(giver)}
        warehouses = tuple(
            replace(one, calendar=hours[one.id][0].calendar) if one.id in hours else one
            for one in given.warehouses
        )
        rows = (row for mine in hours.values() for row in mine)
        tables: dict[str, Any] = {one.name: getattr(given, one.name) for one in fields(Instance)}
        tables |= {"vehicles": vehicles, "warehouses": warehouses, "stock": self._stock()}
        return Exchanged(**tables | {"calendars": (*given.calendars, *rows)}, given=given)

    def _stock(self) -> tuple[Stock, ...]:
        """The rows of stock after the transfers."""
        coming: dict[tuple[str, str], list[tuple[int, int]]] = {}
        going: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for one in self._state.sent:
            for item, number in one.items.items():
                coming.setdefault((one.taker, item), []).append((one.come_s, number))
                going.setdefault((one.giver, item), []).append((one.timing.load_start_s, number))
        changed = coming.keys() | going.keys()
        rows = [row for row in self._instance.stock if (row.warehouse, row.item) not in changed]
        for warehouse, item in sorted(changed):
            key = warehouse, item
            curve = _left(self._curves[warehouse][item], coming.get(key, []), going.get(key, []))
            for moment, number in curve:
                available_s = moment or None
                rows.append(Stock(warehouse=warehouse, item=item, quantity=number, available_s=available_s))
        return tuple(rows)

    def _hours(self, giver: str) -> list[CalendarRow]:
        """The hours of a warehouse without those in which transfers are loaded, day by day."""
        given = self._instance
        hours = whole_intervals(given, given.warehouse_of[giver].calendar).intervals
        for _, (begin, end) in self._state.loads(giver):
            hours = tuple(
                part
                for low, high in hours
                for part in ((low, min(high, begin)), (max(low, end), high))
                if part[0] < part[1]
            )
        taken = {row.calendar for row in given.calendars}
        name = giver
        while name in taken:
            name += "'"
        found = [CalendarRow(calendar=name, days=given.clock.day(0).isoformat())]
        found += list(_rows(given.clock, name, local_midnights(given), hours))
        return found


def _of(items: Mapping[str, int], found: Mapping[str, int]) -> dict[str, int]:
    """Quantities of these items alone."""
    return {item: found.get(item, 0) for item in items}


def _most(room: Sequence[int | None], item: Item) -> int:
    """So many of an item fit into what is left of mass, volume and pieces."""
    sizes = (item.mass_g, item.volume_cm3, item.pieces)
    limits = [left // size for left, size in zip(room, sizes, strict=True) if left is not None and size > 0]
    return min(limits, default=2**31)


def _fits(kind: FleetType, item: Item) -> int:
    return _most((kind.mass_g, kind.volume_cm3, kind.pieces), item)


def _half(items: Mapping[str, int]) -> dict[str, int]:
    """Half of each item, at least one in all."""
    found = {item: number // 2 for item, number in items.items() if number > 1}
    return found or {next(iter(items)): 1}


def _without(waiting: Sequence[_Lot], items: Mapping[str, int]) -> list[_Lot]:
    """What still waits when this is on its way."""
    left, found = dict(items), []
    for moment, item, number in waiting:
        part = min(number, left.get(item, 0))
        left[item] = left.get(item, 0) - part
        if number > part:
            found.append((moment, item, number - part))
    return found


def _works(kind: FleetType, vehicle: _Vehicle, timing: Timing) -> bool:
    """Whether a vehicle's working time of each day is enough for a further trip."""
    limit_s = kind.work_s
    return limit_s is None or all(vehicle.work.get(day, 0) + used <= limit_s for day, used in timing.work)


def _after(vehicle: _Vehicle, kind: FleetType, timing: Timing) -> _Vehicle:
    """A vehicle after a trip."""
    work = dict(vehicle.work)
    for day, used in timing.work:
        work[day] = work.get(day, 0) + used
    return _Vehicle(None if kind.open_end else timing.free_s, work)


def _left(
    curve: Curve, coming: Sequence[tuple[int, int]], going: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Moments and quantities of what is free to be loaded, so that what goes later is still there."""
    rows = dict(zip(*curve, strict=True))
    moments = sorted({*rows, *(moment for moment, _ in coming), *(moment for moment, _ in going)})
    totals = []
    for moment in moments:
        own = max(amount for when, amount in rows.items() if when <= moment)
        come = sum(number for when, number in coming if when <= moment)
        gone = sum(number for when, number in going if when <= moment)
        totals.append(own + come - gone)
    free = [min(totals[position:]) for position in range(len(totals))]
    steps = zip(moments, free, [0, *free], strict=False)
    return [(moment, now - before) for moment, now, before in steps if now > before or moment == 0]


def _rows(
    clock: Clock, name: str, midnights: Sequence[int], hours: Sequence[Interval]
) -> Iterator[CalendarRow]:
    """Rows of a calendar for intervals, cut at midnights; what no clock of the day shows stays closed."""
    for begin, end in zip(midnights, midnights[1:], strict=False):
        day = clock.day(begin)
        for low, high in hours:
            first_s, last_s = max(low, begin), min(high, end)
            if first_s < last_s:
                opens_s = _wall_s(clock, first_s)
                closes_s = DAY_S if last_s == end else _wall_s(clock, last_s)
                if clock.at(day, opens_s) == first_s and clock.at(day, closes_s) == last_s:
                    yield CalendarRow(calendar=name, days=day.isoformat(), opens_s=opens_s, closes_s=closes_s)


def _wall_s(clock: Clock, second: int) -> int:
    at = clock.instant(second)
    return at.hour * 3600 + at.minute * 60 + at.second
