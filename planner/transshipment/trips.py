"""Trips between two warehouses: which vehicles drive them, what they carry, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from planner.building.direct_trips import trip_starts
from planner.building.places import fleet_type, gamma_of, origin_of
from planner.instance.chains import home_of
from planner.instance.decisions import rulings_of
from planner.instance.outages import docks_out, vehicles_out
from planner.instance.schema import Chain, Instance, Item, VehicleType
from planner.network.calendars import Interval, day_index, local_midnights, whole_intervals
from planner.plans.model import Goods, Stop, Trip
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.robust_trip import with_worst
from planner.problem.trip_times import Timing, schedule_trip
from planner.problem.visits import Visit, trip_cost
from planner.proof.world import World
from planner.reasons.outcome import leg_of

__all__ = ["Drive", "Driven", "Lot", "Sent", "Shuttle", "cost_of"]

Lot = tuple[int, str, int]
"""From when, which item, and how many of it wait to be sent."""


@dataclass
class Vehicle:
    """A vehicle that drives transfers: from when it is free, and its work so far, by day."""

    free_s: int | None = 0  # None: it stays where it is
    work: dict[int, int] = field(default_factory=dict)

    def after(self, kind: FleetType, timing: Timing) -> Vehicle:
        """The same after a trip."""
        work = dict(self.work)
        for day, used in timing.work:
            work[day] = work.get(day, 0) + used
        return Vehicle(None if kind.open_end else timing.free_s, work)

    def works(self, kind: FleetType, timing: Timing) -> bool:
        """Whether its working time of each day is enough for a further trip."""
        limit_s = kind.work_s
        return limit_s is None or all(self.work.get(day, 0) + used <= limit_s for day, used in timing.work)


@dataclass(frozen=True)
class Sent:
    """A transfer: one trip from a warehouse to another one.

    Parameters
    ----------
    vehicle
        0 is the last-numbered one of its type.
    """

    kind: VehicleType
    vehicle: int
    giver: str
    taker: str
    dock: int
    items: Mapping[str, int]
    timing: Timing
    cost: int

    @property
    def come_s(self) -> int:
        """When its goods can be counted on."""
        return self.timing.sure_s[-1]


@dataclass
class Driven:
    """Vehicles that drive transfers, by type, and all transfers so far."""

    vehicles: dict[str, list[Vehicle]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def copy(self) -> Driven:
        """The same, to go on from."""
        return Driven({name: list(mine) for name, mine in self.vehicles.items()}, list(self.sent))

    def loads(self, giver: str) -> list[tuple[int, Interval]]:
        """Dock and time of each loading that takes time."""
        return [
            (one.dock, (one.timing.load_start_s, one.timing.depart_s))
            for one in self.sent
            if one.giver == giver and one.timing.depart_s > one.timing.load_start_s
        ]


@dataclass(frozen=True)
class Drive:
    """What some vehicles of a type would send: how much not, how much late, and when the last of it comes."""

    driven: Driven
    missing: int
    late: int
    late_s: int
    vehicles: int
    cost: int
    last_s: int

    @property
    def rank(self) -> tuple[int, int, int, int, int, int]:
        """Less is better: all is sent, in time, by few vehicles, at little cost, soon."""
        return self.missing, self.late, self.late_s, self.vehicles, self.cost, self.last_s


def cost_of(instance: Instance, sent: Iterable[Sent]) -> int:
    """Cost of transfers, the prices of vehicles and days included."""
    midnights = local_midnights(instance)
    total, days, vehicles = 0, set(), set()
    for one in sent:
        begin, end = one.timing.load_start_s, one.timing.end_s
        first, last = day_index(midnights, begin), day_index(midnights, max(begin, end - 1))
        total += one.cost
        days |= {(one.kind.id, one.vehicle, day) for day in range(first, last + 1)}
        vehicles.add((one.kind.id, one.vehicle))
    kinds = instance.vehicle_type_of
    total += sum(kinds[name].price_day for name, _, _ in days)
    return total + sum(kinds[name].price_vehicle for name, _ in vehicles)


class Shuttle:
    """Trips from one warehouse to another, with the types of which it can spare a vehicle.

    Parameters
    ----------
    instance, world
        What the files say, and the checker's view of it.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    giver, taker
        Ids of the warehouses.
    """

    def __init__(
        self, instance: Instance, world: World, guarantee: int | None, giver: str, taker: str
    ) -> None:
        self._instance, self._world, self._guarantee = instance, world, guarantee
        self.giver, self.taker = giver, taker
        self._rulings = rulings_of(instance)
        self._items: dict[str, Item] = {one.id: one for one in instance.items}
        self._problem = self._made()

    @property
    def kinds(self) -> tuple[FleetType, ...]:
        """Vehicle types that drive there."""
        return self._problem.fleet

    def _made(self) -> Problem:
        giver, taker = self.giver, self.taker
        instance, places = self._instance, (giver, taker)
        one, other = instance.warehouse_of[giver], instance.warehouse_of[taker]
        kinds = [kind for kind in instance.vehicles if home_of(kind) == giver and self._spared(kind)]
        fleet = tuple(
            fleet_type(instance, kind, places, gamma_of(instance, kind, self._guarantee)) for kind in kinds
        )
        fleet = tuple(kind for kind in fleet if kind.reaches(0, 1) and (kind.open_end or kind.reaches(1, 0)))
        zero = np.zeros(1, dtype=np.int64)
        return Problem(
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

    def _spared(self, kind: VehicleType) -> int:
        """So many vehicles of a type may drive transfers: all but one, or all where they reach no region.

        None of a type of which some are out of use for a time, or of which something is decided.
        """
        decided = any(kind.id == name for one in self._rulings for name, _ in one.vehicles if not one.places)
        if decided or vehicles_out(self._instance, kind):
            return 0
        if self._instance.settings.chain is not Chain.NONE:
            return kind.number - 1 if kind.number > 1 else 0
        places = self._world.places(kind.warehouse) - {kind.warehouse}
        least = self._world.ways.least_times(kind, self._world.places(kind.warehouse))
        return kind.number - 1 if kind.number and any(place in least for place in places) else kind.number

    def drives(self, kind: FleetType, lots: Sequence[Lot], driven: Driven, due_s: int) -> Iterator[Drive]:
        """What one vehicle of a type would send, two, and so on, until more of them change nothing.

        Each of them sends all lots as they come, or when the last one has come.

        Parameters
        ----------
        kind
            One of `kinds`.
        lots
            What waits to be sent; at least one.
        driven
            What has been sent so far; it stays as it is.
        due_s
            What comes at this moment or later is late, in seconds.
        """
        used = len(driven.vehicles.get(kind.id, ()))
        last_s = max(moment for moment, _, _ in lots)
        for choice in {tuple(lots): None, tuple((last_s, item, part) for _, item, part in lots): None}:
            before: Drive | None = None
            for number in range(max(1, used), self._spared(self._instance.vehicle_type_of[kind.id]) + 1):
                drive = self._drive(kind, choice, driven, number, due_s)
                if len(drive.driven.sent) > len(driven.sent):
                    yield drive
                if drive.rank[:2] == (0, 0) or (before is not None and before.vehicles == drive.vehicles):
                    break
                before = drive

    def _drive(
        self,
        kind: FleetType,
        lots: Sequence[Lot],
        driven: Driven,
        number: int,
        due_s: int,
    ) -> Drive:
        """What so many vehicles of a type send, each trip as soon as can be."""
        driven = driven.copy()
        used = len(driven.vehicles.get(kind.id, ()))
        fleet = driven.vehicles.setdefault(kind.id, [])
        fleet += [Vehicle() for _ in range(number - len(fleet))]
        waiting = [lot for lot in lots if _fits(kind, self._items[lot[1]])]
        first = len(driven.sent)
        while waiting:
            trips = [
                trip
                for vehicle, one in enumerate(fleet)
                if one.free_s is not None and one not in fleet[:vehicle]
                for trip in self._loaded(kind, vehicle, waiting, driven)
            ]
            if not trips:
                break
            best = min(
                trips, key=lambda one: (one.timing.services[-1][1], one.timing.load_start_s, one.vehicle)
            )
            driven.sent.append(best)
            fleet[best.vehicle] = fleet[best.vehicle].after(kind, best.timing)
            waiting = _without(waiting, best.items)
        busy = {one.vehicle for one in driven.sent if one.kind.id == kind.id}
        del fleet[max(used, 1 + max(busy, default=-1)) :]
        mine = driven.sent[first:]
        last_s = max((one.come_s for one in mine), default=0)
        asked = sum(lot[2] for lot in lots)
        return Drive(
            driven,
            asked - sum(sum(one.items.values()) for one in mine),
            sum(sum(one.items.values()) for one in mine if one.come_s >= due_s),
            max(0, last_s - due_s + 1),
            len(fleet) - used,
            cost_of(self._instance, driven.sent) - cost_of(self._instance, driven.sent[:first]),
            last_s,
        )

    def _loaded(
        self,
        kind: FleetType,
        vehicle: int,
        waiting: Sequence[Lot],
        driven: Driven,
    ) -> Iterator[Sent]:
        """A trip with as much of what waits as can be when its loading begins; none: there is none."""
        mine = driven.vehicles[kind.id][vehicle]
        ready_s = max(mine.free_s or 0, waiting[0][0])
        while True:
            full = items = self._fill(kind, waiting, ready_s)
            found = self._first(kind, items, replace(mine, free_s=ready_s), driven)
            while found is None and sum(items.values()) > 1:  # too much to handle in one shift?
                items = _half(items)
                found = self._first(kind, items, replace(mine, free_s=ready_s), driven)
            if found is None:
                return
            dock, timing = found
            if self._fill(kind, waiting, timing.load_start_s) == full:
                row = self._instance.vehicle_type_of[kind.id]
                yield Sent(
                    row, vehicle, self.giver, self.taker, dock, items, timing, self._cost(kind, timing)
                )
                return
            ready_s = timing.load_start_s  # more has come until then

    def _fill(self, kind: FleetType, waiting: Sequence[Lot], ready_s: int) -> dict[str, int]:
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
        kind: FleetType,
        items: Mapping[str, int],
        vehicle: Vehicle,
        driven: Driven,
    ) -> tuple[int, Timing] | None:
        """Dock and times of the first trip that a vehicle can make with a load from when it is free."""
        problem, ready_s = self._problem, vehicle.free_s or 0
        pieces = sum(number * self._items[item].pieces for item, number in items.items())
        stops = (Visit(0, pieces, (), ready_s),)
        loads = driven.loads(self.giver)
        starts = {ready_s, *trip_starts(problem, kind), *(end for _, (_, end) in loads)}
        for start_s in sorted(one for one in starts if one >= ready_s):
            timing = schedule_trip(problem, kind, stops, start_s)
            if timing is None or not vehicle.works(kind, timing):
                continue
            place = self._instance.warehouse_of[self.giver]
            out = (number for _, _, number in docks_out(self._instance, place, place.docks))
            docks = place.docks - max(out, default=0)
            taken = {dock for dock, (begin, end) in loads if begin < timing.depart_s and start_s < end}
            free = [dock for dock in range(1, docks + 1) if dock not in taken]
            if free:
                return free[0], with_worst(problem, kind, stops, timing)
        return None

    def first_s(self, item: str, moment_s: int, driven: Driven) -> int | None:
        """When one of an item that is there from a moment can be unloaded first; None: never."""
        found = [
            self._first(kind, {item: 1}, Vehicle(moment_s), driven)
            for kind in self.kinds
            if _fits(kind, self._items[item])
        ]
        return min((timing.services[-1][1] for _, timing in filter(None, found)), default=None)

    def _distance_m(self, kind: FleetType, timing: Timing) -> int:
        back_m = 0 if kind.open_end else kind.distance_between(1, 0)
        return kind.distance_between(0, 1) + back_m + timing.further_m

    def _cost(self, kind: FleetType, timing: Timing) -> int:
        return trip_cost(kind, self._distance_m(kind, timing), timing.paid_s)

    def trip(self, one: Sent, name: str) -> Trip:
        """A transfer as it stands in a plan."""
        problem, timing = self._problem, one.timing
        kind = next(kind for kind in problem.fleet if kind.id == one.kind.id)
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
            distance_m=self._distance_m(kind, timing),
            paid_s=timing.paid_s,
            cost=one.cost,
        )


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


def _without(waiting: Sequence[Lot], items: Mapping[str, int]) -> list[Lot]:
    """What still waits when this is on its way."""
    left, found = dict(items), []
    for moment, item, number in waiting:
        part = min(number, left.get(item, 0))
        left[item] = left.get(item, 0) - part
        if number > part:
            found.append((moment, item, number - part))
    return found
