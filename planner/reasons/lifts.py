"""Rows of the tables that may keep a region from being in time, each set aside for a trial.

A lift has its text below ``limits`` in the catalogue, by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planner.building.places import hub_limits, not_before_of, release_of
from planner.instance.chains import chain_of, home_of
from planner.instance.decisions import rulings_of
from planner.instance.outages import vehicle_of
from planner.instance.schema import (
    Deadline,
    DecisionRule,
    Echelon,
    Hub,
    Instance,
    Mode,
    Overnight,
    Region,
    Split,
    VehicleType,
    Warehouse,
)

__all__ = ["Lift", "lifts_for"]

Without = Callable[[Instance, Collection[str]], Instance]
"""The instance without what stands in some rows, by their ids."""

_NO_LIMIT = 1_000_000_000  # kg or dm³
_MORE = 2  # times as many vehicles of a type are tried

_Found = tuple[Mapping[str, str], Without]


@dataclass(frozen=True, slots=True)
class Lift:
    """Limits of one kind that can be set aside.

    Parameters
    ----------
    name
        What kind it is.
    what
        What stands in the tables, by the id of each row, place or vehicle type.
    without
        Sets some of them aside.
    """

    name: str
    what: Mapping[str, str]
    without: Without


def lifts_for(instance: Instance, regions: Sequence[Region]) -> tuple[Lift, ...]:
    """Limits in the tables that hold for some regions of one warehouse, the more exact ones first.

    Parameters
    ----------
    instance, regions
        The instance, and some of its regions that one warehouse supplies.
    """
    return tuple(_Limits(instance, regions).lifts())


class _Limits:
    """Limits for regions of one warehouse."""

    def __init__(self, instance: Instance, regions: Sequence[Region]) -> None:
        self._instance = instance
        self._regions = {one.id: one for one in regions}
        self._warehouse = instance.warehouse_of[regions[0].warehouse]
        self._hubs = {hub.id: hub for region in regions for hub in chain_of(instance, region)}
        homes = {self._warehouse.id, *self._hubs}
        self._kinds = {
            kind.id: kind
            for kind in instance.vehicles
            if kind.warehouse == self._warehouse.id and kind.number and home_of(kind) in homes
        }

    def lifts(self) -> Iterator[Lift]:
        """All that there is to set aside."""
        for name, (what, without) in (
            ("out_of_use", self._out_of_use()),
            ("decisions", self._decisions()),
            ("place_from", self._place_from()),
            ("release", self._release()),
            ("hub_from", self._hub_from()),
            ("hub_deadline", self._hub_deadline()),
            ("hub_vehicles", self._hub_vehicles()),
            ("place_hours", self._hours("regions", self._regions.values())),
            ("store_hours", self._hours("warehouses", [self._warehouse])),
            ("hub_hours", self._hours("hubs", self._hubs.values())),
            ("passages", self._passages()),
            ("known_trips", self._known_trips()),
            ("stock_from", self._stock_from()),
            ("hub_room", self._hub_room()),
            ("transfer", self._transfer()),
            ("handover", self._handover()),
            ("loading", self._loading()),
            ("work_hours", self._vehicles(_work, work_s=None)),
            ("shifts", self._vehicles(lambda one: one.calendar, calendar="")),
            ("nights", self._vehicles(_night, overnight=Overnight.ANYWHERE)),
            ("way_back", self._vehicles(lambda one: "" if one.open_end else "-", open_end=True)),
            ("split", self._split()),
            ("holds", self._vehicles(_holds, mass_kg=_NO_LIMIT, volume_dm3=_NO_LIMIT, pieces=None)),
            ("vehicles", self._number()),
            ("docks", self._docks()),
            ("slow", self._vehicles(_slow, speed_percent=100)),
            ("modes", self._vehicles(_modes, modes=tuple(Mode))),
        ):
            if what:
                yield Lift(name, what, without)

    # ------------------------------------------------------------- times of places

    def _out_of_use(self) -> _Found:
        mine, types = {self._warehouse.id, *self._hubs, *self._kinds}, self._instance.vehicle_type_of
        what = {}
        for row in self._instance.outages:
            vehicle = vehicle_of(row.subject, types)
            if row.subject in mine or (vehicle is not None and vehicle[0] in mine):
                what[row.id] = self._named(row.subject)
        return what, _dropping("outages")

    def _decisions(self) -> _Found:
        what = {
            one.id: one.id
            for one in rulings_of(self._instance)
            if one.rule is not DecisionRule.LEAVE_OUT or one.bars_vehicles
        }
        return what, _dropping("decisions")

    def _place_from(self) -> _Found:
        at = {one.id: not_before_of(self._instance, one) for one in self._regions.values()}
        return self._from(Echelon.REGION, at, "not_before_s")

    def _release(self) -> _Found:
        at = {one.id: release_of(self._instance, one) for one in self._regions.values()}
        return self._from(Echelon.REGION, at, "release_s")

    def _hub_from(self) -> _Found:
        at = {one: hub_limits(self._instance, one)[0] for one in self._hubs}
        return self._from(Echelon.HUB, at, "not_before_s")

    def _from(self, echelon: Echelon, at: Mapping[str, int], column: str) -> _Found:
        """Moments of `deadlines` before which something must not be, and the tables without them."""

        def without(world: Instance, names: Collection[str]) -> Instance:
            return _deadlines(world, echelon, names, **{column: 0})

        return {one: self._at(one, moment_s) for one, moment_s in at.items() if moment_s > 0}, without

    def _hub_deadline(self) -> _Found:
        horizon_s = self._instance.settings.horizon_s
        at = {one: hub_limits(self._instance, one)[1] for one in self._hubs}

        def without(world: Instance, names: Collection[str]) -> Instance:
            return _deadlines(world, Echelon.HUB, names, deadline_s=horizon_s)

        return {one: self._at(one, moment_s) for one, moment_s in at.items() if moment_s < horizon_s}, without

    def _hours(self, table: str, places: Iterable[Region | Warehouse | Hub]) -> _Found:
        what = {one.id: f"{self._named(one.id)}: {one.calendar}" for one in places if one.calendar}
        return what, _setting(table, calendar="")

    # ------------------------------------------------------------- hubs

    def _hub_vehicles(self) -> _Found:
        homes = {home_of(kind) for kind in self._kinds.values()}
        what = {hub: self._named(hub) for hub in self._hubs if hub not in homes}

        def without(world: Instance, names: Collection[str]) -> Instance:
            further = (
                replace(kind, id=f"{kind.id}@{hub}", home=hub)
                for hub in names
                for kind in world.vehicles
                if kind.warehouse == self._warehouse.id and kind.number
            )
            return replace(world, vehicles=(*world.vehicles, *further))

        return what, without

    def _hub_room(self) -> _Found:
        what = {
            one.id: f"{self._named(one.id)}: {one.storage_dm3} dm³"
            for one in self._hubs.values()
            if one.storage_dm3 is not None
        }
        return what, _setting("hubs", storage_dm3=None)

    def _transfer(self) -> _Found:
        what = {
            one.id: f"{self._named(one.id)}: {one.transfer_fixed_s // 60} min + {one.transfer_piece_s} s"
            for one in self._hubs.values()
            if one.transfer_fixed_s or one.transfer_piece_s
        }
        return what, _setting("hubs", transfer_fixed_s=0, transfer_piece_s=0)

    # ------------------------------------------------------------- ways and goods

    def _passages(self) -> _Found:
        what = {one.edge: one.edge for one in self._instance.closures}
        what |= {one.id: one.id for one in self._instance.edges if one.calendar}

        def without(world: Instance, names: Collection[str]) -> Instance:
            closures = tuple(one for one in world.closures if one.edge not in names)
            return _setting("edges", calendar="")(replace(world, closures=closures), names)

        return what, without

    def _known_trips(self) -> _Found:
        mine = {self._warehouse.id, *self._hubs, *self._regions}
        rows = [one for one in self._instance.known_trips if {one.from_node, one.to_node} <= mine]
        return {one.id: one.id for one in rows}, _dropping("known_trips")

    def _stock_from(self) -> _Found:
        coming: dict[str, int] = {}
        for row in self._instance.stock:
            if row.warehouse == self._warehouse.id and row.available_s:
                coming[row.item] = max(coming.get(row.item, 0), row.available_s)

        def without(world: Instance, names: Collection[str]) -> Instance:
            stock = tuple(replace(one, available_s=None) if one.item in names else one for one in world.stock)
            return replace(world, stock=stock)

        return {item: f"{item} {self._moment(at_s)}" for item, at_s in coming.items()}, without

    def _handover(self) -> _Found:
        what = {
            one.id: f"{self._named(one.id)}: {one.handover_s // 60} min"
            for one in self._regions.values()
            if one.handover_s
        }
        return what, _setting("regions", handover_s=0)

    def _split(self) -> _Found:
        what = {
            one.id: f"{self._named(one.id)}: {one.split.value}"
            for one in self._regions.values()
            if one.split is not Split.FREE
        }
        return what, _setting("regions", split=Split.FREE)

    # ------------------------------------------------------------- vehicles

    def _loading(self) -> _Found:
        return self._vehicles(_handling, load_fixed_s=0, load_piece_s=0, unload_piece_s=0)

    def _vehicles(self, said: Callable[[VehicleType], str], **values: object) -> _Found:
        what = {
            one.id: self._named(one.id) if said(one) == "-" else f"{self._named(one.id)}: {said(one)}"
            for one in self._kinds.values()
            if said(one)
        }
        return what, _setting("vehicles", **values)

    def _number(self) -> _Found:
        what = {one.id: f"{self._named(one.id)}: {one.number}" for one in self._kinds.values()}

        def without(world: Instance, names: Collection[str]) -> Instance:
            rows = (
                replace(one, number=_MORE * one.number) if one.id in names else one for one in world.vehicles
            )
            return replace(world, vehicles=tuple(rows))

        return what, without

    def _docks(self) -> _Found:
        places: list[Warehouse | Hub] = [self._warehouse, *self._hubs.values()]
        what = {one.id: f"{self._named(one.id)}: {one.docks}" for one in places}
        many = sum(kind.number for kind in self._kinds.values()) + 1

        def without(world: Instance, names: Collection[str]) -> Instance:
            return _setting("hubs", docks=many)(_setting("warehouses", docks=many)(world, names), names)

        return what, without

    # ------------------------------------------------------------- words

    def _named(self, one: str) -> str:
        kind = self._instance.vehicle_type_of.get(one)
        name = self._instance.place_name_of.get(one, one) if kind is None else kind.name
        return one if name in ("", one) else f"{name} ({one})"

    def _at(self, one: str, at_s: int) -> str:
        return f"{self._named(one)} {self._moment(at_s)}"

    def _moment(self, at_s: int) -> str:
        return f"{self._instance.clock.instant(at_s):%Y-%m-%d %H:%M}"


def _setting(table: str, **values: object) -> Without:
    """Other values in the rows of a table."""

    def without(world: Instance, names: Collection[str]) -> Instance:
        rows = tuple(replace(one, **values) if one.id in names else one for one in getattr(world, table))
        changed: dict[str, Any] = {table: rows}
        return replace(world, **changed)

    return without


def _deadlines(world: Instance, echelon: Echelon, places: Collection[str], **values: int) -> Instance:
    """Other values in the rows of places themselves, which are added where there are none."""
    changed: dict[str, Any] = {**values}
    own = {one.place: one for one in world.deadlines if one.echelon is echelon and one.place in places}
    others = (one for one in world.deadlines if one.echelon is not echelon or one.place not in places)
    rows = (replace(own.get(one, Deadline(echelon=echelon, place=one)), **changed) for one in places)
    return replace(world, deadlines=(*others, *rows))


def _dropping(table: str) -> Without:
    """A table without some rows."""

    def without(world: Instance, names: Collection[str]) -> Instance:
        kept: dict[str, Any] = {table: tuple(one for one in getattr(world, table) if one.id not in names)}
        return replace(world, **kept)

    return without


def _work(kind: VehicleType) -> str:
    return "" if kind.work_s is None else f"{kind.work_s / 3600:g} h"


def _night(kind: VehicleType) -> str:
    return "" if kind.overnight is Overnight.ANYWHERE else kind.overnight.value


def _slow(kind: VehicleType) -> str:
    return f"{kind.speed_percent} %" if kind.speed_percent < 100 else ""


def _modes(kind: VehicleType) -> str:
    return "" if set(kind.modes) == set(Mode) else "+".join(kind.modes)


def _holds(kind: VehicleType) -> str:
    pieces = "" if kind.pieces is None else f", {kind.pieces}"
    return f"{kind.mass_kg} kg, {kind.volume_dm3} dm³{pieces}"


def _handling(kind: VehicleType) -> str:
    if not (kind.load_fixed_s or kind.load_piece_s or kind.unload_piece_s):
        return ""
    return f"{kind.load_fixed_s // 60} min + {kind.load_piece_s} s, {kind.unload_piece_s} s"
