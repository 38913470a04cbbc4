"""One component of a replan: what goes on by itself, and the setting of what is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.building.decisions import left_out
from planner.building.places import deadline_of, gamma_of, hub_limits, release_of
from planner.instance.chains import hub_of
from planner.instance.decisions import Ruling, rulings_of
from planner.instance.schema import Chain, Hub, Instance, Region
from planner.network.calendars import Interval, Openings, local_midnights, whole_intervals
from planner.plans.model import Delivery, Stop, Trip
from planner.problem.ledger import Docks, Ledger, Stock
from planner.problem.supply import arrivals
from planner.replanning.changes import RegionWay
from planner.replanning.commitments import commitments_of, work_of
from planner.replanning.decided import with_together
from planner.replanning.goods import GoodsLeg, reloaded
from planner.replanning.leg_delays import LegDelays
from planner.replanning.one_day import days_of, lots_of
from planner.replanning.places import Place, Places
from planner.replanning.rests import Rest
from planner.replanning.setting import LegId, RegionCase, Setting, Stay

__all__ = ["Case", "Opened"]

_DAY_S = 86_400


@dataclass(frozen=True)
class Opened:
    """What of a component is searched anew.

    Parameters
    ----------
    trips
        Ids of trips that have not begun.
    rests
        Trips under way whose last stops may have another order.
    """

    trips: frozenset[str]
    rests: tuple[Rest, ...] = ()


@dataclass
class Case:
    """One component.

    Parameters
    ----------
    instance
        The effective one.
    regions
        Those of the component.
    old
        Trips of the plan in force.
    trips
        The same as they go by themselves; what cannot be driven any more is left out.
    begun
        Ids of those that have begun.
    lacking
        Legs of goods for which there is no trip: of trips that cannot be driven, of vehicles that have broken
        down, and new ones.
    gone
        Trips of the plan in force that cannot be driven and have not begun.
    old_ways
        How regions receive in the plan in force.
    blocked
        When vehicles are out of use.
    inside
        Regions that may change; None: all.
    used_ids
        Ids of trips of the plan in force and of those before it.
    given_up
        Ids of trips of which something was reported though they never left: what was told stays with them.
    notice_s
        No trip begins sooner after now, but those that go as they would by themselves.
    delayed
        Ids of trips that have not begun and of which a delay is told: they go as they would by themselves.
    one_day
        Regions whose parts come on one day each.
    """

    instance: Instance
    regions: tuple[Region, ...]
    old: tuple[Trip, ...]
    trips: tuple[Trip, ...]
    begun: frozenset[str]
    lacking: tuple[GoodsLeg, ...]
    gone: tuple[Trip, ...]
    old_ways: Mapping[str, RegionWay]
    now_s: int
    tolerance_s: int
    guarantee: int | None
    blocked: Mapping[str, Sequence[Interval]] = field(default_factory=dict)
    inside: frozenset[str] | None = None
    used_ids: frozenset[str] = frozenset()
    given_up: frozenset[str] = frozenset()
    notice_s: int = 0
    delayed: frozenset[str] = frozenset()
    one_day: frozenset[str] = frozenset()
    _arrival_cache: dict[str, Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def free(self) -> Mapping[str, Trip]:
        """Trips that have not begun and may be searched anew, as they go by themselves."""
        return {
            trip.id: trip
            for trip in self.trips
            if trip.id not in self.begun
            and trip.id not in self.delayed
            and not any(stop.items for stop in trip.stops)
            and self.may_change(trip)
        }

    def may_change(self, trip: Trip) -> bool:
        """Whether all that a trip carries is for regions that may change."""
        return self.inside is None or all(
            one.region_id in self.inside for stop in trip.stops for one in stop.deliveries
        )

    @cached_property
    def places(self) -> Places:
        """Makes problems."""
        return Places(self.instance, self.guarantee)

    @cached_property
    def hubs(self) -> Mapping[str, Hub]:
        """Hubs that goods may pass, by id."""
        return {} if self.instance.settings.chain is Chain.NONE else hub_of(self.instance)

    @cached_property
    def region_of(self) -> Mapping[str, Region]:
        """Its regions, by id."""
        return {one.id: one for one in self.regions}

    @cached_property
    def _shifts(self) -> Mapping[str, Openings]:
        return {kind.id: whole_intervals(self.instance, kind.calendar) for kind in self.instance.vehicles}

    @cached_property
    def _delays(self) -> LegDelays:
        return LegDelays(self.instance)

    @cached_property
    def gammas(self) -> Mapping[str, int]:
        """Late legs that vehicles of each type must withstand."""
        return {kind.id: gamma_of(self.instance, kind, self.guarantee) for kind in self.instance.vehicles}

    @cached_property
    def worst(self) -> Mapping[str, tuple[tuple[int, ...], int]]:
        """By how much the stops and the end of each trip may be later."""
        kinds = self.instance.vehicle_type_of
        return {
            trip.id: self._delays.of_trip(
                kinds[trip.vehicle_type], trip, self.gammas[trip.vehicle_type], self.now_s
            )
            for trip in self.trips
        }

    def rest_of(self, trip: Trip) -> Rest | None:
        """What of a trip under way may have another order; None where nothing may."""
        if (
            trip.broken is not None
            or any(stop.items or stop.fetched for stop in trip.stops)
            or not self.may_change(trip)
        ):
            return None
        kind, _, number = trip.vehicle_id.rpartition("-")
        if any(one.bars_vehicles and one.about_vehicle(kind, int(number)) for one in self.decided):
            return None  # it ends its trip as it was ordered
        done = sum(1 for stop in trip.stops if stop.start_s <= self.now_s)
        if done < len(trip.stops) and trip.stops[done].leg.arrive_s <= self.now_s:
            done += 1  # it is there, and waits to be served
        here, moment_s, worst_s = trip.origin_id, max(trip.depart_s, self.now_s), 0
        if done < len(trip.stops) and trip.stops[done].leg.depart_s < self.now_s:
            leg = trip.stops[done].leg  # it is on its way there, and serves that place first
            worst_s = self._delays.of(self.instance.vehicle_type_of[trip.vehicle_type], leg)
            done += 1
        if done:
            here, moment_s = trip.stops[done - 1].node_id, trip.stops[done - 1].end_s
        if len(trip.stops) - done < 2:
            return None
        moment_s = max(moment_s, self.now_s)
        before = replace(trip, stops=trip.stops[:done], back=None)
        hours = self._shifts[trip.vehicle_type], local_midnights(self.instance)
        work, whole = (tuple(work_of(one, *hours)) for one in (before, trip))
        late, end_late = self.worst[trip.id]
        handling = sum(self.places.handling(stop.node_id, stop.deliveries) for stop in trip.stops[:done])
        return Rest(
            trip, done, here, moment_s, moment_s + worst_s, work, whole, handling, late[done:], end_late
        )

    # ---------------------------------------------------------------- settings

    def setting(self, opened: Opened, *, sure: bool) -> Setting:
        """What is searched anew, and what is given.

        Parameters
        ----------
        opened
            What is searched.
        sure
            Whether legs may be late, of trips that stay too.
        """
        rests = {rest.trip.id: rest for rest in opened.rests}
        kept = [trip for trip in self.trips if trip.id not in opened.trips and trip.id not in rests]
        legs = [*self.legs(opened), *self.lacking]
        given = _Given(self, kept, list(rests.values()), sure=sure)
        places, upper, ready, came, by = self._places(legs, given, opened, sure=sure)
        names = sorted({leg.goods.region_id for leg in legs})
        opens = {trip.id: trip for trip in self.old if trip.id in opened.trips or trip.id in rests}
        opens |= {trip.id: trip for trip in self.gone}
        midnights = local_midnights(self.instance)
        return Setting(
            places=places,
            taken=commitments_of(
                Ledger(
                    docks={name: Docks(place.problem.origins[0]) for name, place in places.items()},
                    stock=self.stock_left(legs, kept),
                ),
                kept,
                shifts=self._shifts,
                midnights=midnights,
                ends_s={trip.id: trip.end_s + self.worst[trip.id][1] for trip in kept} if sure else {},
                open_ends=[kind.id for kind in self.instance.vehicles if kind.open_end],
                horizon_s=self.instance.settings.horizon_s,
                blocked=self.blocked,
            ),
            upper=upper,
            ready_s=ready,
            came_s=came,
            by_s=by,
            regions={name: self._region(name, given) for name in names if name in self.region_of},
            opened=opens,
            hubs=self.hubs,
            now_s=self.now_s,
            first_s=self.now_s + self.notice_s,
            tolerance_s=self.tolerance_s,
            horizon_s=self.instance.settings.horizon_s,
            room_cm3=self._rooms(legs, given),
            stays=tuple(given.stays()),
            lots=lots_of(places, self.one_day),
            days=days_of((one for one in kept if one.id not in self.begun), self.one_day, midnights),
            midnights=midnights,
        )

    def legs(self, opened: Opened) -> list[GoodsLeg]:
        """Legs of the goods of what is opened.

        Parameters
        ----------
        opened
            What is searched.
        """
        found: list[GoodsLeg] = []
        gone = left_out(self.decided)
        for trip in self.trips:
            if trip.id in opened.trips:
                mine = self._legs_of(trip, trip.stops)
                found += [leg for leg in mine if leg.goods.region_id not in gone]
        for rest in opened.rests:
            found += self._legs_of(rest.trip, rest.trip.stops[rest.done :])
        return [leg for leg in found if leg.goods.units > 0]

    @cached_property
    def decided(self) -> tuple[Ruling, ...]:
        """What people have decided."""
        return rulings_of(self.instance)

    def with_together(self, names: Collection[str]) -> frozenset[str]:
        """Trips that have not begun, with those that carry what goes together with what these carry."""
        lacking = {leg.goods.region_id for leg in self.lacking}
        return with_together(self.decided, self.free, lacking, names)

    def _legs_of(self, trip: Trip, stops: Iterable[Stop]) -> list[GoodsLeg]:
        fetched = {one.consignment_id: stop.node_id for stop in trip.stops for one in stop.fetched}
        return [
            GoodsLeg(
                trip.origin_id,
                stop.node_id,
                *reloaded(self.instance, goods),
                fetched_from=fetched.get(goods.consignment_id, ""),
            )
            for stop in stops
            for goods in stop.deliveries
        ]

    def _places(
        self, legs: Sequence[GoodsLeg], given: _Given, opened: Opened, *, sure: bool
    ) -> tuple[dict[str, Place], dict[LegId, LegId], dict[LegId, int], dict[LegId, int], dict[LegId, int]]:
        by_origin: dict[str, list[GoodsLeg]] = {}
        for leg in legs:
            by_origin.setdefault(leg.origin_id, []).append(leg)
        at = {
            (leg.goods.consignment_id, leg.node_id): (origin, position)
            for origin, mine in by_origin.items()
            for position, leg in enumerate(mine)
        }
        upper: dict[LegId, LegId] = {}
        ready: dict[LegId, int] = {}
        came: dict[LegId, int] = {}
        by: dict[LegId, int] = {}
        for origin, mine in by_origin.items():
            for position, leg in enumerate(mine):
                one, name = (origin, position), leg.goods.consignment_id
                if origin in self.hubs and not leg.fetched_from:
                    if (name, origin) in at:
                        upper[one] = at[name, origin]
                    elif (name, origin) in given.comes:
                        came[one], ready[one] = given.comes[name, origin]
                if leg.node_id in self.hubs and (name, leg.node_id) in given.leaves:
                    by[one] = given.leaves[name, leg.node_id]
        nodes: dict[str, set[str]] = {}
        for rest in opened.rests:
            nodes.setdefault(rest.trip.origin_id, set()).add(rest.here)
        for leg in legs:
            if leg.fetched_from:
                nodes.setdefault(leg.origin_id, set()).add(leg.fetched_from)
        wanted = {leg.node_id for leg in legs if leg.node_id == leg.goods.region_id}
        places: dict[str, Place] = {}
        for origin, mine in by_origin.items():
            release = [
                max(self.now_s, leg.free_s, ready.get((origin, position), self._there_from(origin, leg)))
                for position, leg in enumerate(mine)
            ]
            place = self.places.place(origin, mine, release, nodes.get(origin, ()), wanted)
            places[origin] = place if sure else place.as_planned()
        return places, upper, ready, came, by

    def _there_from(self, origin: str, leg: GoodsLeg) -> int:
        """When it may leave and enough of its items for itself alone has come; the model sees to the rest."""
        stored = origin in self.instance.warehouse_of and not leg.fetched_from
        moment = release_of(self.instance, self.instance.region_of[leg.goods.region_id]) if stored else 0
        for item, (moments, amounts) in self._arrivals(origin).items():
            need = leg.needs.get(item, 0)
            come = (when for when, amount in zip(moments, amounts, strict=True) if amount >= need)
            moment = max(moment, next(come, 0))
        return moment

    def _arrivals(self, origin: str) -> Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]:
        if origin not in self._arrival_cache:
            known = origin in self.instance.warehouse_of
            self._arrival_cache[origin] = arrivals(self.instance, origin) if known else {}
        return self._arrival_cache[origin]

    def _region(self, name: str, given: _Given) -> RegionCase:
        region = self.region_of[name]
        old = self.old_ways.get(name, RegionWay())
        same = (0, -1)
        if old.received_s is not None:
            midnight_s = self.instance.clock.midnight(self.instance.clock.day(old.received_s))
            same = (
                max(old.received_s - self.tolerance_s, midnight_s),
                min(old.received_s + self.tolerance_s, midnight_s + _DAY_S - 1),
            )
        return RegionCase(
            weight=self.instance.weight_of(region),
            deadline_s=deadline_of(self.instance, region),
            old=old,
            same_from_s=same[0],
            same_until_s=same[1],
            kept_vehicles=frozenset(given.vehicles.get(name, ())),
            kept_s=given.received.get(name, -1),
            kept_over_s=given.over.get(name, 0),
        )

    # ---------------------------------------------------------------- room and stock

    def _rooms(self, legs: Sequence[GoodsLeg], given: _Given) -> dict[str, int]:
        """Room of the hubs that opened goods pass, where more passes than there is room for."""
        passing: dict[str, int] = {}
        for leg in legs:
            if leg.node_id in self.hubs:
                passing[leg.node_id] = passing.get(leg.node_id, 0) + leg.goods.volume_cm3
            elif leg.origin_id in self.hubs and not leg.fetched_from:
                passing.setdefault(leg.origin_id, 0)
                passing[leg.origin_id] += leg.goods.volume_cm3
        for stay in given.stays():
            if stay.hub in passing:
                passing[stay.hub] += stay.volume_cm3
        found = {}
        for hub, volume_cm3 in passing.items():
            room_cm3 = self.places.storage_cm3(hub)
            if room_cm3 is not None and volume_cm3 > room_cm3:
                found[hub] = room_cm3
        return found

    def stock_left(self, legs: Collection[GoodsLeg], kept: Sequence[Trip]) -> dict[tuple[str, str], Stock]:
        """What trips that stay leave of items that are short at warehouses.

        Parameters
        ----------
        legs
            What is to be loaded.
        kept
            Trips that stay.

        Returns
        -------
        dict
            Of each warehouse and item.
        """
        found: dict[tuple[str, str], Stock] = {}
        for origin in {leg.origin_id for leg in legs if leg.origin_id in self.instance.warehouse_of}:
            curves = self._arrivals(origin)
            wanted: dict[str, int] = {}
            for leg in legs:
                if leg.origin_id == origin and not leg.fetched_from:
                    for item, number in leg.needs.items():
                        wanted[item] = wanted.get(item, 0) + number
            loads = self._loads_from(origin, kept)
            for item, (moments, amounts) in curves.items():
                if not wanted.get(item):
                    continue
                if amounts[0] >= wanted[item] + sum(need.get(item, 0) for _, need in loads):
                    continue
                found[origin, item] = Stock(moments, amounts)
                for moment, need in loads:
                    found[origin, item].take(need.get(item, 0), moment)
        return found

    def _loads_from(self, origin: str, kept: Sequence[Trip]) -> list[tuple[int, Mapping[str, int]]]:
        found: list[tuple[int, Mapping[str, int]]] = []
        for trip in kept:
            if trip.origin_id == origin:
                goods: list[Delivery] = [one for stop in trip.stops for one in stop.deliveries]
                if trip.broken is not None:
                    goods += trip.broken.deliveries
                fetched = {one.consignment_id for stop in trip.stops for one in stop.fetched}
                for one in goods:
                    if one.consignment_id not in fetched:
                        found.append((trip.load_start_s, reloaded(self.instance, one)[1]))
                for stop in trip.stops:
                    found += [(trip.load_start_s, {one.item_id: one.quantity}) for one in stop.items]
        return found


class _Given:
    """What trips that stay do: where goods come from and go to, and who receives what."""

    def __init__(self, case: Case, kept: Sequence[Trip], rests: Sequence[Rest], *, sure: bool) -> None:
        self._case = case
        self.comes: dict[tuple[str, str], tuple[int, int]] = {}  # goods and hub: unloaded, ready
        self.leaves: dict[tuple[str, str], int] = {}
        self._under_way: set[tuple[str, str]] = set()
        self.vehicles: dict[str, set[str]] = {}
        self.received: dict[str, int] = {}
        self.over: dict[str, int] = {}
        self._volumes: dict[tuple[str, str], int] = {}
        deadlines = {name: hub_limits(case.instance, name)[1] for name in case.hubs}
        for trip in kept:
            self._enter(trip, len(trip.stops), deadlines, sure=sure)
        for rest in rests:
            self._enter(rest.trip, rest.done, deadlines, sure=sure)

    def _enter(self, trip: Trip, number: int, deadlines: Mapping[str, int], *, sure: bool) -> None:
        case = self._case
        fetched = {one.consignment_id for stop in trip.stops for one in stop.fetched}
        later = case.worst[trip.id][0] if sure else (0,) * len(trip.stops)
        if trip.origin_id in case.hubs:
            everything = [one for stop in trip.stops for one in stop.deliveries]
            if trip.broken is not None:
                everything += trip.broken.deliveries
            for one in everything:
                if one.consignment_id not in fetched:
                    self.leaves[one.consignment_id, trip.origin_id] = trip.load_start_s
                    self._volumes[one.consignment_id, trip.origin_id] = one.volume_cm3
        for stop, late_s in zip(trip.stops[:number], later, strict=False):
            pieces = sum(one.pieces for one in stop.deliveries)
            for one in stop.deliveries:
                name = one.region_id
                if stop.node_id == name:
                    self.vehicles.setdefault(name, set()).add(trip.vehicle_id)
                    self.received[name] = max(self.received.get(name, -1), stop.end_s)
                    region = case.region_of.get(name)
                    if region is not None:
                        over_s = stop.end_s + 1 - deadline_of(case.instance, region)
                        self.over[name] = max(self.over.get(name, 0), over_s)
                elif stop.node_id in case.hubs:
                    ready_s = stop.end_s + late_s + case.hubs[stop.node_id].transfer_s(pieces)
                    self.comes[one.consignment_id, stop.node_id] = (stop.end_s, ready_s)
                    if trip.id in case.begun:
                        self._under_way.add((one.consignment_id, stop.node_id))
                    self._volumes[one.consignment_id, stop.node_id] = one.volume_cm3
                    over_s = stop.end_s + 1 - deadlines[stop.node_id]
                    self.over[name] = max(self.over.get(name, 0), over_s)

    def stays(self) -> Iterable[Stay]:
        """Goods that trips that stay bring to a hub and take away there."""
        for (name, hub), (came_s, _) in self.comes.items():
            if (name, hub) in self.leaves:
                begun = (name, hub) in self._under_way
                yield Stay(hub, self._volumes[name, hub], came_s, self.leaves[name, hub], begun)
