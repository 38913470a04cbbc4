"""Who gets what at the stops of given routes, where the routes do not say it themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planner.evaluation.routes import RouteRun, RouteTrip
from planner.instance.chains import chain_of
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Chain, Instance, Region, VehicleType

__all__ = ["Goods", "load_of", "shared_out"]

Goods = Mapping[tuple[int, int], tuple[RouteRun, ...]]
"""What is unloaded, by the positions of trip and stop."""
_Key = tuple[int, int]
_Size = list[int]


def load_of(instance: Instance, run: RouteRun) -> Load:
    """Load of a run of units."""
    units = unit_loads(instance, instance.region_of[run.region_id])[run.part]
    return sum(units[run.first_unit : run.first_unit + run.units], Load())


def shared_out(instance: Instance, trips: Sequence[RouteTrip]) -> Goods:
    """What each stop unloads.

    Notes
    -----
    What the routes say themselves comes first: runs of units, wherever on the same trip the row stands, then
    numbers of units. Else a region's one stop gets all that it needs and no other stop brings; of several,
    each as much as its vehicle still holds, the last one the rest. Where more units are said than a region
    needs, some come twice, which breaks rule `exactly_once`. What local trips take from a hub comes
    there by the trips that stop there, likewise.
    """
    sharing = _Sharing(instance, trips)
    sharing.final_stops()
    sharing.hub_stops()
    return {key: tuple(runs) for key, runs in sharing.found.items()}


class _Sharing:
    """Goods as they are given to stops."""

    def __init__(self, instance: Instance, trips: Sequence[RouteTrip]) -> None:
        self._instance = instance
        self._trips = trips
        self._hubs = {one.id for one in instance.hubs} if instance.settings.chain is not Chain.NONE else set()
        self._names: dict[tuple[str, str], set[str]] = {}
        self.found: dict[_Key, list[RouteRun]] = {
            (number, stop): [] for number, trip in enumerate(trips) for stop in range(len(trip.stops))
        }

    def _stops_at(self, place: str) -> list[_Key]:
        return [key for key in self.found if self._stop_place(key) == place]

    def _stop_place(self, key: _Key) -> str:
        return self._trips[key[0]].stops[key[1]].place

    # ---------------------------------------------------------------- regions

    def final_stops(self) -> None:
        """What regions are handed over."""
        for number, trip in enumerate(self._trips):
            for stop, one in enumerate(trip.stops):
                for run in one.runs:
                    self._names.setdefault((run.region_id, run.part), set()).add(run.consignment_id)
                    there = [at for at, two in enumerate(trip.stops) if two.place == run.region_id]
                    if there:
                        self._give((number, stop if stop in there else there[0]), run)
        regions = dict.fromkeys(self._stop_place(key) for key in self.found)
        for name in regions:
            region = self._instance.region_of.get(name)
            if region is not None:
                self._region(region, self._stops_at(name))

    def _give(self, key: _Key, run: RouteRun) -> None:
        if run not in self.found[key]:
            self.found[key].append(run)

    def _region(self, region: Region, stops: Sequence[_Key]) -> None:
        """Units that nothing is said of, for the stops of which nothing is said."""
        open_stops = [key for key in stops if not self.found[key]]
        taken = [run for key in stops for run in self.found[key]]
        kit = {one.part for one in self._instance.items}
        for part, loads in unit_loads(self._instance, region).items():
            mine = {
                unit
                for run in taken
                if run.part == part
                for unit in range(run.first_unit, run.first_unit + run.units)
            }
            left = [unit for unit in range(len(loads)) if unit not in mine]
            for position, key in enumerate(open_stops):
                last = position == len(open_stops) - 1
                asked = self._trips[key[0]].stops[key[1]].units
                if asked is not None:
                    number = asked
                elif last:
                    number = len(left)
                else:
                    number = self._most(key, [loads[unit] for unit in left])
                for first, count in _runs(left[:number]):
                    name = self._new_name(region.id, part)
                    self._give(key, RouteRun(name, region.id, part, first, count))
                if asked is not None and part in kit:
                    self._too_many(key, region.id, part, number - len(left), len(loads))
                left = left[number:]

    def _too_many(self, key: _Key, region: str, part: str, surplus: int, units: int) -> None:
        """Units that are said to be handed over beyond those that are wanted: the same ones once more."""
        while surplus > 0 and units:
            number = min(surplus, units)
            self._give(key, RouteRun(self._new_name(region, part), region, part, 0, number))
            surplus -= number

    def _new_name(self, region: str, part: str) -> str:
        names = self._names.setdefault((region, part), set())
        number = 1
        while f"{region}/{part}/{number}" in names:
            number += 1
        names.add(f"{region}/{part}/{number}")
        return f"{region}/{part}/{number}"

    def _most(self, key: _Key, loads: Sequence[Load]) -> int:
        """How many of these loads, in order, a stop's vehicle still holds."""
        trip = self._trips[key[0]]
        room = _room(self._instance.vehicle_type_of[trip.vehicle_type])
        for stop in range(len(trip.stops)):
            for run in self.found[key[0], stop]:
                _take(room, load_of(self._instance, run))
        number = 0
        for load in loads:
            _take(room, load)
            if min(room) < 0:
                break
            number += 1
        return number

    # ---------------------------------------------------------------- hubs

    def hub_stops(self) -> None:
        """What is unloaded at hubs: what trips from there take, and what routes say of it."""
        for hub in sorted(self._hubs, key=lambda name: (-self._depth(name), name)):
            stops = self._stops_at(hub)
            if stops:
                self._said_at_hub(stops)
                wanted = list(self._taken_from(hub))
                self._bring(hub, stops, wanted)

    def _depth(self, hub: str) -> int:
        """How many hubs are before a hub."""
        via, found = {one.id: one.via for one in self._instance.hubs}, 0
        while via.get(hub) and found < len(via):
            hub, found = via[hub], found + 1
        return found

    def _said_at_hub(self, stops: Iterable[_Key]) -> None:
        for key in stops:
            own = self._trips[key[0]].stops[key[1]]
            for run in own.runs:
                if not any(one.place == run.region_id for one in self._trips[key[0]].stops):
                    self._give(key, run)

    def _taken_from(self, hub: str) -> Iterator[RouteRun]:
        """What trips that load at a hub unload anywhere."""
        for number, trip in enumerate(self._trips):
            if trip.origin == hub:
                for stop in range(len(trip.stops)):
                    yield from self.found[number, stop]

    def _bring(self, hub: str, stops: Sequence[_Key], wanted: Sequence[RouteRun]) -> None:
        come = {run.consignment_id for key in stops for run in self.found[key]}
        for run in wanted:
            if run.consignment_id in come:
                continue
            able = [key for key in stops if self._is_for(key, run.region_id)] or list(stops)
            silent = [key for key in able if not self._trips[key[0]].stops[key[1]].runs] or able
            fitting = [key for key in silent if self._most(key, [load_of(self._instance, run)])]
            self._give((fitting or silent[-1:])[0], run)
            come.add(run.consignment_id)
        brought = {(run.region_id, run.part) for key in stops for run in self.found[key]}
        for key in stops:
            own = self._trips[key[0]].stops[key[1]]
            for name in own.for_regions if not self.found[key] else ():
                region = self._instance.region_of[name]
                if hub in {one.id for one in chain_of(self._instance, region)}:
                    self._all_of(key, region, brought)

    def _all_of(self, key: _Key, region: Region, brought: set[tuple[str, str]]) -> None:
        """All that a region needs, which then lies at the hub."""
        for part, loads in unit_loads(self._instance, region).items():
            if (region.id, part) not in brought:
                brought.add((region.id, part))
                self._give(key, RouteRun(self._new_name(region.id, part), region.id, part, 0, len(loads)))

    def _is_for(self, key: _Key, region: str) -> bool:
        named = self._trips[key[0]].stops[key[1]].for_regions
        return not named or region in named


def _runs(units: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First unit and number of each run of units that follow each other."""
    first = 0
    for position in range(1, len(units) + 1):
        if position == len(units) or units[position] != units[position - 1] + 1:
            yield units[first], position - first
            first = position


def _room(kind: VehicleType) -> _Size:
    return [1000 * kind.mass_kg, 1000 * kind.volume_dm3, 10**12 if kind.pieces is None else kind.pieces]


def _take(room: _Size, load: Load) -> None:
    for at, size in enumerate((load.mass_g, load.volume_cm3, load.pieces)):
        room[at] -= size
