"""Transfers between warehouses: who sends what to a warehouse that has too little, before any search.

Vehicles that drive transfers are the last-numbered of their type and do nothing else; the components are
searched without them, with the stock that the transfers leave and bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.base.clock import DAY_S, Clock
from planner.building.places import deadline_of
from planner.building.shortage import regions_to_leave
from planner.instance.outages import with_closed_hours
from planner.instance.schema import CalendarRow, Instance, Region, Stock
from planner.network.calendars import Interval, local_midnights, whole_intervals
from planner.plans.model import Trip
from planner.problem.supply import Curve, arrivals
from planner.proof.stocks import deliverable
from planner.proof.world import World
from planner.transshipment.trips import Driven, Lot, Shuttle, cost_of

__all__ = ["Transshipment", "plan_transshipment"]


@dataclass(frozen=True)
class Transshipment:
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


def plan_transshipment(
    instance: Instance, regions: Sequence[Region], guarantee: int | None = None
) -> Transshipment:
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
        return Transshipment(instance)
    planner = _Transshipment(instance, guarantee)
    for warehouse in instance.warehouses:
        planner.supply(warehouse.id, [one for one in regions if one.warehouse == warehouse.id])
    return planner.result()


class _Transshipment:
    """Transfers as they are found, warehouse by warehouse."""

    def __init__(self, instance: Instance, guarantee: int | None) -> None:
        self._instance = instance = with_closed_hours(instance)
        self._guarantee = guarantee
        self._world = World(instance)
        self._items = [one.id for one in instance.items]
        self._curves = {one.id: arrivals(instance, one.id) for one in instance.warehouses}
        self._driven = Driven()
        self._shuttles: dict[tuple[str, str], Shuttle] = {}
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
            for one in tried.sent[len(self._driven.sent) :]:
                for item, number in one.items.items():
                    come[item] += number
            if all(come[item] >= number for item, number in wanted.items()):
                self._driven = tried
                return
            most = {item: come[item] if come[item] < wanted.get(item, 0) else most[item] for item in most}

    def _surplus(self, taker: str, item: str) -> int:
        givers = (one.id for one in self._instance.warehouses if one.id != taker)
        return sum(sum(number for _, number in self._spare(giver, item, self._driven)) for giver in givers)

    def _spare(self, giver: str, item: str, driven: Driven) -> list[tuple[int, int]]:
        """What a warehouse has beyond its own regions' need and former transfers, and from when."""
        curve = self._curves[giver].get(item)
        if curve is None:
            return []
        taken = self._need(giver, item)
        taken += sum(one.items.get(item, 0) for one in driven.sent if one.giver == giver)
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

    def _sent_to(self, taker: str, wanted: Mapping[str, int], regions: Sequence[Region]) -> Driven:
        """All transfers after sending as much of this as can be, the nearest giver in time first."""
        driven, left = self._driven.copy(), dict(wanted)
        due_s = min((self._due_s(region) for region in regions), default=self._instance.settings.horizon_s)
        for giver in self._givers(taker, wanted):
            shuttle = self._shuttle(giver, taker)
            tried: set[str] = set()
            while lots := self._lots(giver, left, driven):
                drives = [
                    (drive.rank, position, kind.id, drive)
                    for position, kind in enumerate(shuttle.kinds)
                    if kind.id not in tried
                    for drive in shuttle.drives(kind, lots, driven, due_s)
                ]
                if not drives:
                    break
                _, _, name, best = min(drives, key=lambda one: one[:3])
                tried.add(name)
                for one in best.driven.sent[len(driven.sent) :]:
                    for item, number in one.items.items():
                        left[item] -= number
                driven = best.driven
        return driven

    def _shuttle(self, giver: str, taker: str) -> Shuttle:
        if (giver, taker) not in self._shuttles:
            shuttle = Shuttle(self._instance, self._world, self._guarantee, giver, taker)
            self._shuttles[giver, taker] = shuttle
        return self._shuttles[giver, taker]

    def _due_s(self, region: Region) -> int:
        """When goods for a region must leave its warehouse at the latest, about."""
        world = self._world
        places = world.places(region.warehouse)
        ways = [
            world.ways.least_times(kind, places).get(region.id) for kind in world.types_of(region.warehouse)
        ]
        return deadline_of(self._instance, region) - min((way for way in ways if way is not None), default=0)

    def _lots(self, giver: str, wanted: Mapping[str, int], driven: Driven) -> list[Lot]:
        """What a giver has of what is wanted, by the moment from which it is there."""
        found = []
        for item, number in wanted.items():
            left = number
            for moment, amount in self._spare(giver, item, driven):
                part = min(amount, left)
                left -= part
                if part > 0:
                    found.append((moment, item, part))
        return sorted(found, key=lambda lot: (lot[0], self._items.index(lot[1])))

    def _givers(self, taker: str, wanted: Mapping[str, int]) -> list[str]:
        """Those who can send something, the one first whose first piece arrives first."""
        firsts: list[tuple[int, int, str]] = []
        for position, other in enumerate(self._instance.warehouses):
            lots = [] if other.id == taker else self._lots(other.id, wanted, self._driven)
            for moment, item, _ in lots:
                end_s = self._shuttle(other.id, taker).first_s(item, moment, self._driven)
                if end_s is not None:
                    firsts.append((end_s, position, other.id))
        return list(dict.fromkeys(name for _, _, name in sorted(firsts)))

    # ---------------------------------------------------------------- what comes of it

    def result(self) -> Transshipment:
        """The transfers, and what they leave."""
        sent = self._driven.sent
        if not sent:
            return Transshipment(self._instance)
        givers = [one.id for one in self._instance.warehouses if any(two.giver == one.id for two in sent)]
        return Transshipment(
            self._after(givers),
            {giver: self._trips(giver) for giver in givers},
            {giver: cost_of(self._instance, (one for one in sent if one.giver == giver)) for giver in givers},
        )

    def _trips(self, giver: str) -> tuple[Trip, ...]:
        mine = [one for one in self._driven.sent if one.giver == giver]
        mine.sort(key=lambda one: (one.timing.load_start_s, one.dock, one.kind.id, one.vehicle))
        return tuple(
            self._shuttle(giver, one.taker).trip(one, f"{giver}/t{number:02d}")
            for number, one in enumerate(mine, start=1)
        )

    def _after(self, givers: Sequence[str]) -> Instance:
        """The instance without the vehicles and loading hours of the transfers, with the stock they leave."""
        given = self._instance
        used = {name: len(mine) for name, mine in self._driven.vehicles.items()}
        vehicles = tuple(replace(one, number=one.number - used.get(one.id, 0)) for one in given.vehicles)
        hours = {giver: self._hours(giver) for giver in givers if self._driven.loads(giver)}
        warehouses = tuple(
            replace(one, calendar=hours[one.id][0].calendar) if one.id in hours else one
            for one in given.warehouses
        )
        rows = (row for mine in hours.values() for row in mine)
        return replace(
            given,
            vehicles=vehicles,
            warehouses=warehouses,
            stock=self._stock(),
            calendars=(*given.calendars, *rows),
            before_transfers=given,
        )

    def _stock(self) -> tuple[Stock, ...]:
        """The rows of stock after the transfers."""
        coming: dict[tuple[str, str], list[tuple[int, int]]] = {}
        going: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for one in self._driven.sent:
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
        for _, (begin, end) in self._driven.loads(giver):
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
