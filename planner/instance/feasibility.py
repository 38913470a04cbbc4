"""Validation: warnings about what can be read and meant, but hardly be delivered.

A solve proves what these only suspect.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planner.base.errors import Fault, Severity
from planner.instance.box_faults import box_warnings
from planner.instance.called import contact_faults
from planner.instance.chain_faults import chain_warnings
from planner.instance.chains import chain_of, home_of
from planner.instance.closures import bars
from planner.instance.crews import fleet_warnings
from planner.instance.draft import Draft
from planner.instance.edge_slips import edge_slips
from planner.instance.kits import Load, region_load, unit_loads
from planner.instance.notes import note_faults
from planner.instance.schema import (
    Chain,
    Instance,
    Mode,
    Region,
    VehicleType,
)
from planner.instance.settings import PLAN_FILE
from planner.instance.slips import slips_of

__all__ = ["fits", "fleets_of", "itineraries", "warnings_of"]


def warnings_of(instance: Instance, draft: Draft) -> list[Fault]:
    """All warnings.

    Parameters
    ----------
    instance
        An instance without errors.
    draft
        What it was made of; gives the lines.

    Returns
    -------
    list of Fault
        In no order, all with severity `warning`.
    """
    warnings = chain_warnings(instance, draft)
    for rule in (
        _no_units,
        _no_vehicles,
        _unreached,
        _beyond_stock,
        _too_big,
        _no_room,
        slips_of,
        _seasons,
        _one_sided,
        box_warnings,
    ):
        warnings += rule(instance, draft)
    of_labels = (*contact_faults(draft), *fleet_warnings(draft), *note_faults(draft))
    return [*warnings, *edge_slips(instance, draft), *of_labels]


_Leg = tuple[str, str]  # where it begins and ends


def fleets_of(instance: Instance) -> Mapping[str, list[VehicleType]]:
    """Vehicle types that have a vehicle, by the place where they are at home.

    Where no goods pass hubs, those at home at a hub drive nothing.
    """
    fleets: dict[str, list[VehicleType]] = defaultdict(list)
    for vehicle in instance.vehicles:
        if vehicle.number and not (vehicle.home and instance.settings.chain is Chain.NONE):
            fleets[home_of(vehicle)].append(vehicle)
    return fleets


def itineraries(instance: Instance, region: Region) -> list[list[_Leg]]:
    """All ways on which a region's goods may go, each as its legs; the one through its hubs first."""
    hubs = [hub.id for hub in chain_of(instance, region)]
    places = (region.warehouse, *hubs, region.id)
    found = [list(zip(places, places[1:], strict=False))]
    if hubs and instance.settings.chain is Chain.ALLOWED:
        found.append([(region.warehouse, region.id)])
    return found


def _no_units(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W504: a region has something to receive."""
    unit = instance.settings.unit
    for line, region in draft.of("regions"):
        if not region.counts[unit]:
            yield draft.warning("W504", "regions", line, unit)


def _no_vehicles(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W506: at a warehouse with regions vehicles are at home."""
    fleets = fleets_of(instance)
    served = {region.warehouse for region in instance.regions}
    for line, warehouse in draft.of("warehouses"):
        if warehouse.id in served and warehouse.id not in fleets:
            yield draft.warning("W506", "warehouses", line, "id")


def _unreached(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W501, W510: on each leg to a region some vehicle type at home where it begins goes, and comes back.

    Where no vehicle at all is at home, W506 and W508 say so.
    """
    network = _Network(instance)
    reached: dict[str, set[str]] = {}
    for home, fleet in fleets_of(instance).items():
        reached[home] = set().union(*(network.served(vehicle) for vehicle in fleet))
    for line, region in draft.of("regions"):
        ways = itineraries(instance, region)
        missing = [_first_missing(legs, reached) for legs in ways]
        if None in missing:
            continue
        begin, end = missing[0] or ways[0][0]
        if begin not in reached:
            continue
        if len(ways[0]) == 1:
            yield draft.warning("W501", "regions", line, "id", warehouse=begin)
        else:
            yield draft.warning("W510", "regions", line, "id", begin=begin, end=end)


def _first_missing(legs: list[_Leg], reached: Mapping[str, set[str]]) -> _Leg | None:
    return next(((begin, end) for begin, end in legs if end not in reached.get(begin, ())), None)


_Ways = Mapping[str, list[str]]


@dataclass(slots=True)
class _Network:
    """The instance's ways, for the question who reaches whom.

    A known trip joins homes, regions and (where goods pass them) hubs alone, since only they are
    ends of legs.
    """

    instance: Instance
    ways: dict[tuple[tuple[Mode, ...], frozenset[str], bool], _Ways] = field(default_factory=dict)
    cache: dict[tuple[object, ...], set[str]] = field(default_factory=dict)

    def served(self, vehicle: VehicleType) -> set[str]:
        """Regions and hubs that a vehicle can stop at (and come back from, unless its trips end anywhere)."""
        trips = tuple(row.id for row in self.instance.known_trips if row.vehicle in ("", vehicle.id))
        key = (home_of(vehicle), vehicle.modes, vehicle.open_end, trips, self._closed(vehicle))
        if key not in self.cache:
            stops = self._reached(vehicle, back=False)
            if not vehicle.open_end:
                stops &= self._reached(vehicle, back=True)
            self.cache[key] = stops
        return self.cache[key]

    def _reached(self, vehicle: VehicleType, *, back: bool) -> set[str]:
        ways = self._ways(vehicle.modes, self._closed(vehicle), back=back)
        known = self._known(vehicle, back=back)
        seen = {home_of(vehicle)}
        waiting = deque(seen)
        while waiting:
            place = waiting.popleft()
            for other in (*ways.get(place, ()), *known.get(place, ())):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    def _ways(self, modes: tuple[Mode, ...], closed: frozenset[str], *, back: bool) -> _Ways:
        """Places that are one edge away."""
        key = (modes, closed, back)
        if key not in self.ways:
            ways: dict[str, list[str]] = defaultdict(list)
            for edge in self.instance.edges:
                if edge.mode not in modes or edge.id in closed:
                    continue
                if not back or edge.time_back_s is not None:
                    ways[edge.from_node].append(edge.to_node)
                if back or edge.time_back_s is not None:
                    ways[edge.to_node].append(edge.from_node)
            self.ways[key] = ways
        return self.ways[key]

    def _known(self, vehicle: VehicleType, *, back: bool) -> _Ways:
        """Places that are one known trip away."""
        ends = {home_of(vehicle), *(region.id for region in self.instance.regions)}
        if self.instance.settings.chain is not Chain.NONE:
            ends.update(hub.id for hub in self.instance.hubs)
        known: dict[str, list[str]] = defaultdict(list)
        for row in self.instance.known_trips:
            if row.vehicle in ("", vehicle.id) and row.from_node in ends and row.to_node in ends:
                here, there = (row.to_node, row.from_node) if back else (row.from_node, row.to_node)
                known[here].append(there)
        return known

    def _closed(self, vehicle: VehicleType) -> frozenset[str]:
        """Edges that a closure bars to a type for the whole horizon."""
        horizon = self.instance.settings.horizon_s
        return frozenset(
            row.edge
            for row in self.instance.closures
            if (row.from_s or 0) <= 0
            and (row.until_s is None or row.until_s >= horizon)
            and bars(row, vehicle)
        )


def _seasons(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W511, W512: `delays` of a season are of one that plan.toml names, and the other way round."""
    season = instance.settings.season
    rows = [(line, row) for line, row in draft.of("delays") if row.season]
    if rows and not season:
        seasons = ", ".join(sorted({row.season for _, row in rows}))
        yield draft.warning("W511", "delays", rows[0][0], "season", number=len(rows), seasons=seasons)
    elif season and all(row.season != season for _, row in rows):
        yield Fault("W512", PLAN_FILE, None, "season", season, severity=Severity.WARNING)


def _one_sided(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W514: who gives a two-way edge a delay one way gives it one the other way, or none in figures.

    Where a row of `delays` holds for all vehicles on the edge, no way is without a delay.
    """
    raw = draft.raw.get("edges")
    if raw is None:
        return
    wide = [
        row
        for row in instance.delays
        if not row.vehicle and row.season in ("", instance.settings.season) and (row.percent or row.fixed_s)
    ]
    found = [
        (line, "delay_back_max_s" if edge.delay_max_s else "delay_max_s")
        for line, edge in draft.of("edges")
        if edge.time_back_s is not None
        and bool(edge.delay_max_s) != bool(edge.delay_back_max_s)
        and not any(row.mode in (None, edge.mode) and row.edge in ("", edge.id) for row in wide)
    ]
    empty = [(line, column) for line, column in found if not raw.value(line, column)]
    if empty:
        line, column = empty[0]
        yield draft.warning("W514", "edges", line, column, id=raw.value(line, "id"), number=len(empty))


def _beyond_stock(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W502, W549: a warehouse has what its regions need of an item; where it has rows, of each."""
    needed: dict[str, Load] = defaultdict(Load)
    for region in instance.regions:
        needed[region.warehouse] += region_load(instance, region)
    available: dict[tuple[str, str], int] = defaultdict(int)
    first: dict[tuple[str, str], int] = {}
    for line, row in draft.of("stock"):
        come = (row.available_s or 0) < instance.settings.horizon_s
        available[row.warehouse, row.item] += row.quantity if come else 0
        first.setdefault((row.warehouse, row.item), line)
    for warehouse, line in {home: first[home, item] for home, item in reversed(first)}.items():
        for item, wanted in sorted(needed[warehouse].items.items()):
            if wanted and (warehouse, item) not in available:
                params = {"warehouse": warehouse, "item": item, "needed": wanted}
                yield draft.warning("W549", "stock", line, "item", **params)
    for (warehouse, item), quantity in available.items():
        wanted = needed[warehouse].items.get(item, 0)
        if wanted > quantity:
            params = {"warehouse": warehouse, "item": item, "needed": wanted, "available": quantity}
            yield draft.warning("W502", "stock", first[warehouse, item], "quantity", **params)


def _too_big(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W503: on each leg of its way a unit fits into some vehicle at home where the leg begins.

    Where no vehicle at all is at home, W506 and W508 say so.
    """
    fleets = fleets_of(instance)
    for line, region in draft.of("regions"):
        found = [_unfit_on(instance, region, legs, fleets) for legs in itineraries(instance, region)]
        if found[0] is None or None in found:
            continue
        load, begin = found[0]
        params = {"mass_kg": -(-load.mass_g // 1000), "volume_dm3": -(-load.volume_cm3 // 1000)}
        params |= {"pieces": load.pieces}
        yield draft.warning("W503", "regions", line, "id", **params, warehouse=begin)


def _no_room(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W513: a hub where transfers take time has room for each unit that must pass it."""
    largest: dict[str, tuple[int, str]] = {}  # volume and region of the largest unit, by hub
    for region in instance.regions if instance.settings.chain is Chain.REQUIRED else ():
        volumes = [one.volume_cm3 for loads in unit_loads(instance, region).values() for one in loads]
        for hub in chain_of(instance, region):
            if (volume_cm3 := max(volumes, default=0)) > largest.get(hub.id, (0, ""))[0]:
                largest[hub.id] = volume_cm3, region.id
    for line, hub in draft.of("hubs"):
        volume_cm3, name = largest.get(hub.id, (0, ""))
        if not hub.is_direct and hub.storage_dm3 is not None and volume_cm3 > 1000 * hub.storage_dm3:
            params = {"hub": hub.id, "region": name, "volume_dm3": -(-volume_cm3 // 1000)}
            yield draft.warning("W513", "hubs", line, "storage_dm3", **params)


def _unfit_on(
    instance: Instance, region: Region, legs: list[_Leg], fleets: Mapping[str, list[VehicleType]]
) -> tuple[Load, str] | None:
    """Return a unit that no vehicle can take on some leg, and where that leg begins."""
    for begin, _ in legs:
        fleet = fleets.get(begin)
        if fleet and (load := _unfit(instance, region, fleet)):
            return load, begin
    return None


def _unfit(instance: Instance, region: Region, fleet: list[VehicleType]) -> Load | None:
    """Return a unit that no vehicle can take."""
    for loads in unit_loads(instance, region).values():
        for load in {id(one): one for one in loads}.values():  # equal units are one object
            if not any(fits(load, vehicle) for vehicle in fleet):
                return load
    return None


def fits(load: Load, vehicle: VehicleType) -> bool:
    """Whether a vehicle takes a load."""
    return (
        load.mass_g <= vehicle.mass_kg * 1000
        and load.volume_cm3 <= vehicle.volume_dm3 * 1000
        and (vehicle.pieces is None or load.pieces <= vehicle.pieces)
    )
