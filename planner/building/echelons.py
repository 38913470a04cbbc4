"""From an instance to the problems of its components: demand, splitting, windows, first proofs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.building.blocked import Reason, blocked_at, late_for_leg
from planner.building.decisions import absent, apart, as_decided, left_out
from planner.building.direct_trips import (
    Runs,
    all_fit,
    direct_trips,
    goes_after,
    in_runs,
    largest_run,
    share_of,
    useful,
)
from planner.building.infeasibility import Prover, merged_proofs, stock_proofs
from planner.instance.chains import chain_of, home_of
from planner.instance.decisions import rulings_of
from planner.instance.kits import Load, unit_loads
from planner.instance.outages import docks_out, vehicles_out, with_closed_hours
from planner.instance.schema import Chain as ChainRule
from planner.instance.schema import Echelon, Hub, Instance, Region, VehicleType, Warehouse
from planner.network.calendars import expand, local_midnights, whole_intervals
from planner.network.delays import with_delays
from planner.network.travel import travel
from planner.plans.model import Proof
from planner.problem.echelons import Chain, Layer
from planner.problem.problem import Consignment, FleetType, Origin, Prices, Problem, Supply
from planner.problem.supply import Curve, arrivals, as_given, needed, needed_from, split
from planner.proof.stocks import stock_before
from planner.proof.world import world_of

__all__ = [
    "Given",
    "build_chain",
    "build_problem",
    "component_ids",
    "deadline_of",
    "fleet_type",
    "gamma_of",
    "hub_limits",
    "not_before_of",
    "origin_of",
    "regions_in_area",
]


def component_ids(instance: Instance, regions: Iterable[Region]) -> tuple[str, ...]:
    """Warehouses that supply some of the regions, in the order of their table."""
    used = {region.warehouse for region in regions}
    return tuple(one.id for one in instance.warehouses if one.id in used)


def regions_in_area(instance: Instance, area: str) -> tuple[Region, ...]:
    """Regions of a comma-separated list of region, subarea and area ids; all for an empty one.

    Raises
    ------
    KeyError
        Naming the ids that are none of these.
    """
    wanted = {part.strip() for part in area.split(",") if part.strip()}
    if not wanted:
        return instance.regions
    known = {name for one in instance.regions for name in (one.id, one.subarea, one.area)}
    if wanted - known:
        raise KeyError(", ".join(sorted(wanted - known)))
    return tuple(one for one in instance.regions if wanted & {one.id, one.subarea, one.area})


def deadline_of(instance: Instance, region: Region) -> int:
    """Deadline of a region by its most exact row, else the instance's."""
    found = _most_exact(instance, region, "deadline_s")
    return instance.settings.deadline_s if found is None else found


def not_before_of(instance: Instance, region: Region) -> int:
    """First allowed moment of receipt of a region by its most exact row, else the instance's."""
    found = _most_exact(instance, region, "not_before_s")
    return instance.settings.not_before_s if found is None else found


def _most_exact(instance: Instance, region: Region, field: str) -> int | None:
    for place in (region.id, region.subarea, region.area, ""):
        for row in instance.deadlines_of.get((Echelon.REGION, place), ()):
            value: int | None = getattr(row, field)
            if value is not None:
                return value
    return None


def hub_limits(instance: Instance, hub: str) -> tuple[int, int]:
    """First allowed moment of receipt and deadline of a hub by its own row, else that of all hubs."""
    not_before_s: int | None = None
    deadline_s: int | None = None
    for place in (hub, ""):
        for row in instance.deadlines:
            if row.echelon is Echelon.HUB and row.place == place:
                not_before_s = row.not_before_s if not_before_s is None else not_before_s
                deadline_s = row.deadline_s if deadline_s is None else deadline_s
    horizon_s = instance.settings.horizon_s
    return not_before_s or 0, horizon_s if deadline_s is None else deadline_s


def gamma_of(instance: Instance, kind: VehicleType, guarantee: int | None) -> int:
    """Late legs that each vehicle of a type must withstand: as asked, else its own, else the instance's."""
    if guarantee is not None:
        return guarantee
    return instance.settings.guarantee if kind.gamma is None else kind.gamma


def build_problem(instance: Instance, warehouse_id: str, regions: Sequence[Region]) -> Problem:
    """Problem of one warehouse and (some of) its regions, of which none is supplied through a hub."""
    return build_chain(instance, warehouse_id, regions).root


@dataclass(frozen=True)
class Given:
    """What a component's layers take over from a plan.

    Parameters
    ----------
    vehicles
        Single vehicles that are types of their own, by type and number.
    runs
        Consignments of regions and parts: id, first unit and number of units.
    absent
        Ids of regions that get nothing, as in the plan.
    """

    vehicles: tuple[tuple[str, int], ...] = ()
    runs: Mapping[tuple[str, str], Sequence[tuple[str, int, int]]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def build_chain(
    instance: Instance,
    warehouse_id: str,
    regions: Sequence[Region],
    guarantee: int | None = None,
    given: Given | None = None,
) -> Chain:
    """Layers of one warehouse and (some of) its regions.

    Parameters
    ----------
    instance, warehouse_id, regions
        The component.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    given
        What is taken over from a plan.

    Notes
    -----
    A consignment no vehicle may carry is kept, in `Problem.unserved`; where that is proven, `proofs` says
    how. A region that can only be late is served and has a proof too.
    """
    return _Builder(instance, warehouse_id, regions, guarantee, given or Given()).chain()


@dataclass
class _Station:
    """A place where trips begin, and what they serve: regions, then hubs."""

    place: Warehouse | Hub
    above: int
    regions: list[int] = field(default_factory=list)  # positions
    hubs: list[int] = field(default_factory=list)  # stations


class _Builder:
    """Builds the layers of a component, the warehouse's first."""

    def __init__(
        self,
        instance: Instance,
        warehouse_id: str,
        regions: Sequence[Region],
        guarantee: int | None,
        given: Given,
    ) -> None:
        self._instance = instance = with_closed_hours(instance)
        self._guarantee = guarantee
        self._given = given
        self._regions = regions
        self._loads = [unit_loads(instance, one) for one in regions]
        self._chains = [chain_of(instance, one) for one in regions]
        self._stations = [_Station(instance.warehouse_of[warehouse_id], -1)]
        self._own = [self._station(chain) for chain in self._chains]  # where trips to a region begin
        self._straight = instance.settings.chain is not ChainRule.REQUIRED
        for position, station in enumerate(self._own):
            self._stations[station].regions.append(position)
            if station and self._straight:
                self._stations[0].regions.append(position)
        self._natural = [self._bare_problem(station) for station in self._stations]
        rulings = (
            *rulings_of(instance),
            *(apart(one) for one in given.vehicles),
            *(absent(one) for one in given.absent),
        )
        self._left_out = left_out(rulings)
        wanted = {
            one.id
            for one, parts in zip(regions, self._loads, strict=True)
            if parts and one.id not in self._left_out
        }
        self._bare = [as_decided(one, rulings, wanted) for one in self._natural]
        self._room: dict[tuple[int, int, int, int, tuple[int, int, int]], int] = {}
        self._ready: dict[tuple[int, int, int, int], int | None] = {}
        self._blocked: dict[str, Reason] = {}  # by region

    def _station(self, chain: Sequence[Hub]) -> int:
        known = {one.place.id: position for position, one in enumerate(self._stations)}
        station = 0
        for hub in chain:
            if hub.id not in known:
                known[hub.id] = len(self._stations)
                self._stations.append(_Station(hub, station))
                self._stations[station].hubs.append(known[hub.id])
            station = known[hub.id]
        return station

    def _bare_problem(self, station: _Station) -> Problem:
        """Places, hours and vehicles, without consignments."""
        instance = self._instance
        regions = [self._regions[position] for position in station.regions]
        hubs = [hub for one in station.hubs if isinstance(hub := self._stations[one].place, Hub)]
        stops: list[Region | Hub] = [*regions, *hubs]
        limits = [hub_limits(instance, hub.id) for hub in hubs]
        places = (station.place.id, *(one.id for one in stops))
        openings = {name: expand(instance, name) for name in {one.calendar for one in stops}}
        weights = [max(1, one.counts.get(instance.settings.weight, 0)) for one in regions]
        weights += [self._weight_beyond(one) for one in station.hubs]
        fleet = tuple(
            fleet_type(instance, kind, places, gamma_of(instance, kind, self._guarantee))
            for kind in instance.vehicles
            if home_of(kind) == station.place.id and kind.number > 0
        )
        prices = (*(0 for _ in regions), *(hub.price_piece for hub in hubs))
        return Problem(
            id=station.place.id,
            name=station.place.name,
            clock=instance.clock,
            horizon_s=instance.settings.horizon_s,
            midnights=local_midnights(instance),
            places=places,
            place_names=(station.place.name, *(one.name for one in stops)),
            origins=(origin_of(instance, station.place, fleet),),
            region_openings=tuple(openings[one.calendar] for one in stops),
            deadline_s=np.array(
                [*(deadline_of(instance, one) for one in regions), *(limit for _, limit in limits)],
                dtype=np.int64,
            ),
            not_before_s=np.array(
                [*(not_before_of(instance, one) for one in regions), *(first for first, _ in limits)],
                dtype=np.int64,
            ),
            handover_s=np.array([*(one.handover_s for one in regions), *(0 for _ in hubs)], dtype=np.int64),
            weight=np.array(weights, dtype=np.int64),
            fleet=fleet,
            consignments=(),
            unserved=frozenset(),
            proofs=(),
            price_pieces=prices if any(prices) else (),
        )

    def _weight_beyond(self, station: int) -> int:
        """Weight of the regions that are supplied through a hub."""
        weight = self._instance.settings.weight
        hub = self._stations[station].place.id
        beyond = [
            region
            for region, chain in zip(self._regions, self._chains, strict=True)
            if any(one.id == hub for one in chain)
        ]
        return max(1, sum(max(1, one.counts.get(weight, 0)) for one in beyond))

    def _legs(self, position: int) -> list[tuple[int, int]]:
        """Layer and receiving place of each leg of a region's chain, the last leg first."""
        station = self._own[position]
        found = [(station, self._stations[station].regions.index(position))]
        while station:
            above = self._stations[station].above
            place = self._stations[above]
            found.append((above, len(place.regions) + place.hubs.index(station)))
            station = above
        return found

    def _rooms(self, layer: int, stop: int, units: Sequence[Load]) -> list[int]:
        """Largest run of units like these that each type of a layer brings to a place and may by decision."""
        bare = self._bare[layer]
        bundle = bare.decided.bundle_of.get(stop)
        found = [
            run if bare.decided.serves(number, stop) else 0
            for number, run in enumerate(self._possible_rooms(layer, stop, units))
        ]
        return found if bundle is None else self._bundled_rooms(layer, bundle, units, found)

    def _bundled_rooms(
        self, layer: int, bundle: Collection[int], units: Sequence[Load], rooms: Sequence[int]
    ) -> list[int]:
        """Room of types that serve all that goes together; a share of it where they cannot hold it all."""
        bare, found = self._bare[layer], list(rooms)
        members = [self._stations[layer].regions[one] for one in sorted(bundle)]
        loads = [mine for position in members for mine in self._loads[position].values()]
        for number, kind in enumerate(bare.fleet):
            for stop in bundle:
                parts = self._loads[self._stations[layer].regions[stop]].values()
                able = bare.decided.serves(number, stop) and all(
                    self._possible_rooms(layer, stop, mine)[number] > 0 for mine in parts
                )
                found[number] = found[number] if able else 0
            if found[number] and not all_fit(kind, loads):
                found[number] = max(1, min(found[number], share_of(kind, units, loads)))
        return found

    def _possible_rooms(self, layer: int, stop: int, units: Sequence[Load]) -> list[int]:
        """Largest run of units like these that each type of a layer brings to a place."""
        bare, hub = self._bare[layer], self._hub_at(layer, stop)
        size = (units[0].mass_g, units[0].volume_cm3, units[0].pieces)
        most = len(units)  # that there is room for at a hub
        largest_cm3 = max(one.volume_cm3 for one in units)
        room_cm3 = _room_cm3(hub)
        if room_cm3 is not None and largest_cm3:
            most = min(most, room_cm3 // largest_cm3)
        found = []
        for number, kind in enumerate(bare.fleet):
            key = (layer, stop, number, len(units), size)
            alike = len(set(units)) == 1
            if not alike or key not in self._room:
                self._room[key] = largest_run(bare, kind, stop, units)
            found.append(min(self._room[key], most) if most < len(units) else self._room[key])
        return found

    def chain(self) -> Chain:
        """All layers."""
        instance, loads = self._instance, self._loads
        serves = [np.zeros((len(bare.fleet), bare.num_regions), dtype=bool) for bare in self._bare]
        # by part; empty: nobody can carry it, or must not by decision
        runs_of: list[dict[str, Runs]] = [dict.fromkeys(parts, []) for parts in loads]
        for position, parts in enumerate(loads):
            legs = self._legs(position)
            for part, units in parts.items():
                rooms: list[list[int]] = []
                for number, (layer, stop) in enumerate(legs):
                    room = self._rooms(layer, stop, units)
                    serves[layer][:, stop] |= np.array([run > 0 for run in room], dtype=bool)
                    of_use = [run for run in room if run > 0]
                    if number == 0:
                        of_use = useful(self._bare[layer], stop, units, room)
                    rooms.append(of_use)
                by_chain = rooms
                if self._own[position] and self._straight:
                    stop = self._stations[0].regions.index(position)
                    room = self._rooms(0, stop, units)
                    serves[0][:, stop] |= np.array([run > 0 for run in room], dtype=bool)
                    if not all(rooms):
                        rooms = [[run for run in room if run > 0]]
                if self._regions[position].id in self._left_out:
                    continue
                given = self._given_runs(position, part, len(units))
                runs_of[position][part] = given or in_runs(len(units), rooms)
                if not runs_of[position][part]:
                    self._block(position, units, legs, by_chain)
        # what nobody can carry takes no stock from others
        carried = [
            {part: units for part, units in parts.items() if runs_of[position][part]}
            for position, parts in enumerate(loads)
        ]
        proofs, lacking = stock_proofs(instance, self._regions, carried, self._coming)
        short = {region for proof in proofs for region in proof.regions} | set(lacking)
        delivered = [
            {} if region.id in short else parts for region, parts in zip(self._regions, carried, strict=True)
        ]
        curves = _late_items(instance, self._stations[0].place.id, delivered)
        self._cut_runs(runs_of, delivered, curves)
        proofs += self._proofs(curves, short)
        last_s = max((deadline_of(instance, one) for one in self._regions), default=0)
        may_come = self._coming(last_s) if curves else {}
        chain = self._layers(runs_of, serves, curves, short, merged_proofs(proofs))
        if not lacking and not may_come:
            return chain
        layers = tuple(
            replace(one, problem=replace(one.problem, lacking=lacking, may_come=may_come))
            for one in chain.layers
        )
        return replace(chain, layers=layers)

    def _block(
        self,
        position: int,
        units: Sequence[Load],
        legs: Sequence[tuple[int, int]],
        rooms: Sequence[Sequence[int]],
    ) -> None:
        """Note the first leg of a region's chain on which some unit cannot be brought, and why."""
        for (layer, stop), room in zip(legs[::-1], rooms[::-1], strict=True):
            if not room:
                room_cm3 = _room_cm3(self._hub_at(layer, stop))
                why = blocked_at(self._bare[layer], stop, units, room_cm3)
                self._blocked.setdefault(self._regions[position].id, why)
                return

    def _given_runs(self, position: int, part: str, units: int) -> Runs:
        """Runs that a plan has of a region's part, and runs of what it does not bring."""
        given = self._given.runs.get((self._regions[position].id, part), ())
        found: Runs = []
        first = 0
        for _, begin, count in [*sorted(given, key=lambda one: one[1]), ("", units, 0)] if given else ():
            if first < begin:
                found.append((first, begin - first))
            if count:
                found.append((begin, count))
            first = begin + count
        return found

    def _name(self, position: int, part: str, first: int, number: int) -> str:
        """Id of a consignment: the plan's, else one that the plan has not."""
        region = self._regions[position].id
        given = self._given.runs.get((region, part), ())
        known = next((name for name, begin, _ in given if begin == first), None)
        if known is not None:
            return known
        names = {name for name, _, _ in given}
        while f"{region}/{part}/{number}" in names:
            number += len(given)
        return f"{region}/{part}/{number}"

    def _coming(self, before_s: int | None = None) -> Mapping[str, int]:
        """How much of each item may be at the warehouse, where other warehouses might send some."""
        given, warehouse = as_given(self._instance), self._stations[0].place.id
        if all(row.warehouse == warehouse for row in given.stock):
            return {}
        horizon_s = given.settings.horizon_s
        return stock_before(world_of(given), {warehouse}, horizon_s if before_s is None else before_s)

    def _cut_runs(
        self,
        runs_of: Sequence[dict[str, Runs]],
        loads: Sequence[Mapping[str, tuple[Load, ...]]],
        curves: Mapping[str, Curve],
    ) -> None:
        """Cut runs where a part of them may have to wait for what comes later."""
        if not curves:
            return
        latest = [self._latest_s(position) for position in range(len(loads))]
        order = sorted(range(len(loads)), key=lambda position: (latest[position], position))
        units = {
            (position, part): mine
            for position in order
            for part, mine in loads[position].items()
            if (self._regions[position].id, part) not in self._given.runs
        }
        runs = {(position, part): runs_of[position][part] for position, part in units}
        for (position, part), finer in split(runs, units, curves).items():
            runs_of[position][part] = finer

    def _latest_s(self, position: int) -> int:
        """Deadline of a region less the least times of its legs: when its goods must leave, about."""
        legs = self._legs(position)
        layer, stop = legs[0]
        ways = sum(self._bare[layer].shortest_ways_s[stop] for layer, stop in legs)
        return self._bare[layer].region_deadlines[stop] - ways

    def _proofs(self, curves: Mapping[str, Curve], short: Collection[str]) -> list[Proof]:
        """Who cannot be on time for certain, of those for whom there is enough in stock."""
        prover = Prover(as_given(self._instance), self._natural[0], curves)
        kinds = [kind for bare in self._natural for kind in bare.fleet]
        found = []
        for position, (region, parts) in enumerate(zip(self._regions, self._loads, strict=True)):
            if not parts or region.id in short:
                continue
            if self._own[position]:
                proof = prover.proof_in_chain(region, kinds, parts)
            else:
                proof = prover.proof(self._stations[0].regions.index(position), parts)
            if proof is not None and prover.holds(proof, [one.id for one in self._regions], short):
                found.append(proof)
        return found

    def _layers(
        self,
        runs_of: Sequence[Mapping[str, Runs]],
        serves: Sequence[NDArray[np.bool_]],
        curves: Mapping[str, Curve],
        short: Collection[str],
        proofs: tuple[Proof, ...],
    ) -> Chain:
        drafts = [_Draft() for _ in self._stations]
        straight: dict[int, int] = {}  # in the warehouse's layer: by its chain, and straight
        for position, (region, parts) in enumerate(zip(self._regions, self._loads, strict=True)):
            legs = self._legs(position)[::-1]
            for part, units in parts.items():
                runs = runs_of[position][part]
                for number, (first, count) in enumerate(runs or [(0, len(units))], start=1):
                    run = units[first : first + count]
                    gone = not runs or region.id in short
                    name = self._name(position, part, first, number)
                    one = _consignment(name, part, first, run)
                    sent = _Sent(one, region.id, run, needed(curves, [run]), gone=gone)
                    come_s = needed_from(curves, sent.needs)[0] or 0
                    chained = self._send(drafts, legs, sent, come_s)
                    if len(legs) > 1 and self._straight:
                        direct = [(0, self._stations[0].regions.index(position))]
                        straight[chained] = self._send(drafts, direct, sent, come_s)
        upstream = self._upstream()
        return Chain(
            tuple(
                self._layer(position, draft, serves[position], curves, proofs, upstream[position])
                for position, draft in enumerate(drafts)
            ),
            straight,
            self._blocked,
        )

    def _send(
        self, drafts: Sequence[_Draft], legs: Sequence[tuple[int, int]], sent: _Sent, come_s: int
    ) -> int:
        """Enter a consignment on its legs, each released when it can be there; its position on the first."""
        earliest: list[int] = [come_s]
        gone = sent.gone
        for layer, stop in legs:
            if gone:
                break
            release_s = earliest[-1]
            if (release_s or layer) and not goes_after(self._bare[layer], stop, sent.units, release_s):
                gone = True
                why = late_for_leg(self._bare[layer], stop, sent.units, release_s)
                self._blocked.setdefault(sent.region_id, why)
            elif (hub := self._hub_at(layer, stop)) is not None:
                ready_s = self._ready_s(layer, stop, hub, sent.consignment.pieces, release_s)
                gone = ready_s is None
                earliest.append(ready_s or 0)
        earliest += [0] * (len(legs) - len(earliest))
        source = first = -1
        for (layer, stop), release_s in zip(legs, earliest, strict=False):
            draft = drafts[layer]
            position = len(draft.consignments)
            name = "" if self._hub_at(layer, stop) is None else sent.region_id
            one = replace(sent.consignment, region=stop, release_s=release_s, for_region=name)
            draft.consignments.append(one)
            draft.needs.append(sent.needs)
            draft.sources.append(source)
            draft.unserved |= {position} if gone else set()
            first, source = (position if first < 0 else first), position
        return first

    def _hub_at(self, layer: int, stop: int) -> Hub | None:
        """The hub that a receiving place of a layer is; None for a region."""
        station = self._stations[layer]
        if stop < len(station.regions):
            return None
        hub = self._stations[station.hubs[stop - len(station.regions)]].place
        assert isinstance(hub, Hub)
        return hub

    def _stop_rooms(self, layer: int) -> tuple[int | None, ...]:
        """Most that one stop may unload at each receiving place of a layer; see `Problem.rooms_cm3`."""
        largest_cm3 = max((kind.volume_cm3 for kind in self._bare[layer].fleet), default=0)
        rooms = [_room_cm3(self._hub_at(layer, stop)) for stop in range(self._bare[layer].num_regions)]
        small = tuple(room if room is not None and room < largest_cm3 else None for room in rooms)
        return small if any(room is not None for room in small) else ()

    def _ready_s(self, layer: int, stop: int, hub: Hub, pieces: int, release_s: int) -> int | None:
        """First moment at which so many pieces can be loaded at a hub; None where none can get there."""
        key = (layer, stop, pieces, release_s)
        if key not in self._ready:
            bare = self._bare[layer]
            firsts = [next(direct_trips(bare, kind, stop, pieces, release_s), None) for kind in bare.fleet]
            ends = [timing.services[-1][1] for timing in firsts if timing is not None]
            transfer_s = hub.transfer_fixed_s + hub.transfer_piece_s * pieces
            self._ready[key] = min(ends) + transfer_s if ends else None
        return self._ready[key]

    def _upstream(self) -> list[int]:
        """Least time from the warehouse to each station, about."""
        found = [0]
        for station in self._stations[1:]:
            above, bare = self._stations[station.above], self._bare[station.above]
            stop = len(above.regions) + above.hubs.index(len(found))
            found.append(found[station.above] + bare.shortest_ways_s[stop])
        return found

    def _layer(
        self,
        position: int,
        draft: _Draft,
        serves: NDArray[np.bool_],
        curves: Mapping[str, Curve],
        proofs: tuple[Proof, ...],
        upstream_s: int,
    ) -> Layer:
        station, bare = self._stations[position], self._bare[position]
        supplies = tuple(
            Supply(item, *curve, tuple(one[item] for one in draft.needs)) for item, curve in curves.items()
        )
        fleet = [replace(kind, serves=mine) for kind, mine in zip(bare.fleet, serves, strict=True)]
        room_cm3 = _room_cm3(station.place) if isinstance(station.place, Hub) else None
        if room_cm3 is not None:  # no trip takes more from there than may lie there
            fleet = [replace(kind, volume_cm3=min(kind.volume_cm3, room_cm3)) for kind in fleet]
        problem = replace(
            bare,
            fleet=tuple(fleet),
            consignments=tuple(draft.consignments),
            unserved=frozenset(draft.unserved),
            proofs=proofs,
            supplies=() if position else supplies,
            upstream_s=upstream_s,
            rooms_cm3=self._stop_rooms(position),
        )
        hubs = (*(-1 for _ in station.regions), *station.hubs)
        if not isinstance(station.place, Hub):
            return Layer(problem, hubs=hubs)
        above = self._stations[station.above]
        storage_dm3 = station.place.storage_dm3
        return Layer(
            problem,
            above=station.above,
            stop=len(above.regions) + above.hubs.index(position),
            source=tuple(draft.sources),
            transfer_fixed_s=station.place.transfer_fixed_s,
            transfer_piece_s=station.place.transfer_piece_s,
            storage_cm3=None if storage_dm3 is None else 1000 * storage_dm3,
            hubs=hubs,
        )


@dataclass
class _Draft:
    """Consignments of a layer as they are entered."""

    consignments: list[Consignment] = field(default_factory=list)
    needs: list[Mapping[str, int]] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    unserved: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Sent:
    """A consignment before it is in any layer."""

    consignment: Consignment
    region_id: str
    units: Sequence[Load]
    needs: Mapping[str, int]
    gone: bool  # nobody can carry it, or it is not in stock


def _room_cm3(hub: Hub | None) -> int | None:
    """Room that what is unloaded together needs at a hub; None: enough, or it may be taken on at once."""
    return None if hub is None or hub.storage_dm3 is None or hub.is_direct else 1000 * hub.storage_dm3


def origin_of(instance: Instance, place: Warehouse | Hub, fleet: Sequence[FleetType]) -> Origin:
    """Docks and hours of a place where trips of these types begin."""
    vehicles = sum(kind.number for kind in fleet)
    docks = min(place.docks, max(1, vehicles))  # more docks than vehicles are never used at once
    out = docks_out(instance, place, docks)
    return Origin(docks, whole_intervals(instance, place.calendar), out, spare=place.docks - docks)


def fleet_type(instance: Instance, kind: VehicleType, places: Sequence[str], gamma: int) -> FleetType:
    """A vehicle type with its ways between places, of which the first is its home."""
    ways = travel(instance, kind, places)
    return FleetType(
        id=kind.id,
        number=kind.number,
        mass_g=kind.mass_kg * 1000,
        volume_cm3=kind.volume_dm3 * 1000,
        pieces=kind.pieces,
        load_fixed_s=kind.load_fixed_s,
        load_piece_s=kind.load_piece_s,
        unload_piece_s=kind.unload_piece_s,
        shifts=whole_intervals(instance, kind.calendar),
        overnight=kind.overnight,
        work_s=kind.work_s,
        open_end=kind.open_end,
        prices=Prices(kind.price_vehicle, kind.price_day, kind.price_trip, kind.price_km, kind.price_hour),
        travel=with_delays(instance, kind, ways) if gamma else ways,
        serves=np.zeros(len(places) - 1, dtype=bool),
        gamma=gamma,
        out=vehicles_out(instance, kind),
    )


def _late_items(
    instance: Instance, warehouse: str, loads: Sequence[Mapping[str, tuple[Load, ...]]]
) -> dict[str, Curve]:
    """Items of which the start has less than the regions need."""
    if not any(row.available_s for row in instance.stock):
        return {}
    curves = arrivals(instance, warehouse)
    wanted = needed(curves, [units for parts in loads for units in parts.values()])
    return {item: curve for item, curve in curves.items() if wanted[item] > curve[1][0]}


def _consignment(name: str, part: str, first: int, units: Sequence[Load]) -> Consignment:
    return Consignment(
        id=name,
        region=-1,
        part=part,
        first_unit=first,
        units=len(units),
        mass_g=sum(one.mass_g for one in units),
        volume_cm3=sum(one.volume_cm3 for one in units),
        pieces=sum(one.pieces for one in units),
    )
