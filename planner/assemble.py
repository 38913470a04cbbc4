"""From an instance to the problems of its components: demand, splitting, windows, first proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from planner.calendars import expand, local_midnights, whole_intervals
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Echelon, Instance, Overnight, Region, VehicleType, Warehouse
from planner.network.geometry import great_circle_m
from planner.network.travel import travel
from planner.plan import Proof, ProofKind
from planner.problem import Consignment, FleetType, Origin, Prices, Problem, Supply
from planner.proof.proofs import crossing_edges, earliest_receipt, last_to_come, types_reaching
from planner.proof.world import World
from planner.schedule import Timing, Visit, schedule_trip
from planner.shortage import regions_to_leave
from planner.supply import Curve, arrivals, needed, needed_from, split

__all__ = [
    "build_problem",
    "component_ids",
    "deadline_of",
    "direct_trips",
    "not_before_of",
    "regions_in_area",
]

# A region's demand above half the largest load is cut into runs of at most a quarter of it, so that loads
# pack well.
_RUN_SHARE = 4
_MOST_RUNS = 60
_Runs = list[tuple[int, int]]


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
        for row in instance.deadlines:
            value: int | None = getattr(row, field)
            if row.echelon is Echelon.REGION and row.place == place and value is not None:
                return value
    return None


def build_problem(instance: Instance, warehouse_id: str, regions: Sequence[Region]) -> Problem:
    """Problem of one warehouse and (some of) its regions.

    Notes
    -----
    A consignment no vehicle may carry is kept, in `Problem.unserved`; where that is proven, `proofs` says
    how. A region that can only be late is served and has a proof too.
    """
    warehouse = instance.warehouse_of[warehouse_id]
    places = (warehouse_id, *(one.id for one in regions))
    loads = [unit_loads(instance, one) for one in regions]
    openings = {name: expand(instance, name) for name in {one.calendar for one in regions}}
    bare = Problem(
        id=warehouse_id,
        name=warehouse.name,
        clock=instance.clock,
        horizon_s=instance.settings.horizon_s,
        midnights=local_midnights(instance),
        places=places,
        place_names=(warehouse.name, *(one.name for one in regions)),
        origins=(_origin(instance, warehouse),),
        region_openings=tuple(openings[one.calendar] for one in regions),
        deadline_s=np.array([deadline_of(instance, one) for one in regions], dtype=np.int64),
        not_before_s=np.array([not_before_of(instance, one) for one in regions], dtype=np.int64),
        handover_s=np.array([one.handover_s for one in regions], dtype=np.int64),
        weight=np.array(
            [max(1, one.counts.get(instance.settings.weight, 0)) for one in regions], dtype=np.int64
        ),
        fleet=tuple(
            _fleet_type(instance, kind, places)
            for kind in instance.vehicles
            if kind.warehouse == warehouse_id and kind.number > 0
        ),
        consignments=(),
        unserved=frozenset(),
        proofs=(),
    )
    return _with_consignments(instance, bare, regions, loads)


def _origin(instance: Instance, warehouse: Warehouse) -> Origin:
    vehicles = sum(kind.number for kind in instance.vehicles if kind.warehouse == warehouse.id)
    # more docks than vehicles are never used at once
    return Origin(min(warehouse.docks, max(1, vehicles)), whole_intervals(instance, warehouse.calendar))


def _fleet_type(instance: Instance, kind: VehicleType, places: Sequence[str]) -> FleetType:
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
        travel=travel(instance, kind, places),
        serves=np.zeros(len(places) - 1, dtype=bool),
    )


def _with_consignments(
    instance: Instance,
    bare: Problem,
    regions: Sequence[Region],
    loads: Sequence[Mapping[str, tuple[Load, ...]]],
) -> Problem:
    consignments: list[Consignment] = []
    unserved: set[int] = set()
    serves = np.zeros((len(bare.fleet), bare.num_regions), dtype=bool)
    runs_of: list[dict[str, _Runs]] = [{} for _ in regions]  # by part; empty where nobody can carry it
    for idx, parts in enumerate(loads):
        for part, units in parts.items():
            room = [_largest_run(bare, kind, idx, units) for kind in bare.fleet]
            serves[:, idx] |= np.array([run > 0 for run in room], dtype=bool)
            runs_of[idx][part] = _runs(len(units), _useful(bare, idx, units, room))
    # what nobody can carry takes no stock from others
    carried = [
        {part: units for part, units in parts.items() if runs_of[idx][part]}
        for idx, parts in enumerate(loads)
    ]
    proofs = list(_stock_proofs(instance, regions, carried))
    short = {region for proof in proofs for region in proof.regions}
    delivered = [{} if region.id in short else parts for region, parts in zip(regions, carried, strict=True)]
    curves = _late_items(instance, bare, delivered)
    _cut_runs(bare, runs_of, delivered, curves)
    prover = _Prover(instance, bare, curves)
    needs: list[Mapping[str, int]] = []  # of each consignment
    for idx, region in enumerate(regions):
        parts = loads[idx]
        if not parts:
            continue
        proof = None if region.id in short else prover.proof(idx, parts)
        if proof is not None:
            proofs.append(proof)
        for part, units in parts.items():
            runs = runs_of[idx][part]
            for number, (first, count) in enumerate(runs or [(0, len(units))], start=1):
                run = units[first : first + count]
                needs.append(needed(curves, [run]))
                release_s = needed_from(curves, needs[-1])[0]
                too_late = bool(release_s) and not _goes_after(bare, idx, run, release_s or 0)
                if not runs or region.id in short or too_late:
                    unserved.add(len(consignments))
                consignments.append(_consignment(region, idx, part, number, first, run, release_s or 0))
    fleet = tuple(replace(kind, serves=serves[position]) for position, kind in enumerate(bare.fleet))
    return replace(
        bare,
        fleet=fleet,
        consignments=tuple(consignments),
        unserved=frozenset(unserved),
        proofs=_merged_proofs(proofs),
        supplies=tuple(
            Supply(item, *curve, tuple(one[item] for one in needs)) for item, curve in curves.items()
        ),
    )


def _late_items(
    instance: Instance, bare: Problem, loads: Sequence[Mapping[str, tuple[Load, ...]]]
) -> dict[str, Curve]:
    """Items of which the start has less than the regions need."""
    if not any(row.available_s for row in instance.stock):
        return {}
    curves = arrivals(instance, bare.id)
    wanted = needed(curves, [units for parts in loads for units in parts.values()])
    return {item: curve for item, curve in curves.items() if wanted[item] > curve[1][0]}


def _cut_runs(
    bare: Problem,
    runs_of: Sequence[dict[str, _Runs]],
    loads: Sequence[Mapping[str, tuple[Load, ...]]],
    curves: Mapping[str, Curve],
) -> None:
    """Cut runs where a part of them may have to wait for what comes later."""
    if not curves:
        return
    deadlines, ways = bare.region_deadlines, bare.shortest_ways_s
    order = sorted(range(len(loads)), key=lambda idx: (deadlines[idx] - ways[idx], idx))
    units = {(idx, part): mine for idx in order for part, mine in loads[idx].items()}
    runs = {(idx, part): runs_of[idx][part] for idx, part in units}
    for (idx, part), finer in split(runs, units, curves).items():
        runs_of[idx][part] = finer


def _consignment(
    region: Region, idx: int, part: str, number: int, first: int, units: Sequence[Load], release_s: int
) -> Consignment:
    return Consignment(
        id=f"{region.id}/{part}/{number}",
        region=idx,
        part=part,
        first_unit=first,
        units=len(units),
        mass_g=sum(one.mass_g for one in units),
        volume_cm3=sum(one.volume_cm3 for one in units),
        pieces=sum(one.pieces for one in units),
        release_s=release_s,
    )


def _runs(num_units: int, rooms: Sequence[int]) -> _Runs:
    """(first unit, number of units) of each run, as even as can be; none where there is no room at all.

    Parameters
    ----------
    num_units
        Units to be carried.
    rooms
        Largest run of each vehicle type that is of use.

    Notes
    -----
    A run fits every such type, so that all of them may carry it, unless that made more than `_MOST_RUNS`
    runs; and it is small against the largest load, so that loads pack well.
    """
    if not rooms:
        return []
    largest = max(rooms)
    size = num_units if 2 * num_units <= largest else max(1, largest // _RUN_SHARE)
    size = min(size, *rooms)
    size = max(size, min(largest, -(-num_units // _MOST_RUNS)))
    number = -(-num_units // size)
    share, more = divmod(num_units, number)
    runs, first = [], 0
    for position in range(number):
        count = share + (1 if position < more else 0)
        runs.append((first, count))
        first += count
    return runs


def _useful(problem: Problem, region: int, units: Sequence[Load], room: Sequence[int]) -> list[int]:
    """Room of the types that bring a unit in time, else of all that bring it at all."""
    deadline, pieces = problem.region_deadlines[region], units[0].pieces
    able = [(kind, run) for kind, run in zip(problem.fleet, room, strict=True) if run > 0]
    if all(run >= 2 * len(units) for _, run in able):
        return [run for _, run in able]  # one run, whichever of them are of use
    timely = [
        run
        for kind, run in able
        if any(timing.services[-1][1] < deadline for timing in direct_trips(problem, kind, region, pieces))
    ]
    return timely or [run for _, run in able]


def _fits(kind: FleetType, units: Sequence[Load]) -> bool:
    return (
        sum(one.mass_g for one in units) <= kind.mass_g
        and sum(one.volume_cm3 for one in units) <= kind.volume_cm3
        and (kind.pieces is None or sum(one.pieces for one in units) <= kind.pieces)
    )


def _each_fits(kinds: Sequence[FleetType], units: Iterable[Load]) -> bool:
    """Whether each unit, alone, fits into a vehicle of one of the types."""
    sizes = {(one.mass_g, one.volume_cm3, one.pieces): one for one in units}
    return all(any(_fits(kind, [unit]) for kind in kinds) for unit in sizes.values())


def _largest_run(problem: Problem, kind: FleetType, region: int, units: Sequence[Load]) -> int:
    """Units like the first (the heaviest) that one trip to this region alone can carry and keep its rules.

    It may be more than there are; where it is fewer it is exact.
    """
    low, high = 0, len(units)
    tried = high  # most often all can go together
    while low < high:
        pieces = sum(one.pieces for one in units[:tried])
        if _fits(kind, units[:tried]) and next(direct_trips(problem, kind, region, pieces), None) is not None:
            low = tried
        else:
            high = tried - 1
        tried = (low + high + 1) // 2
    return max(low, _room(kind, units[0])) if low == len(units) else low


def _room(kind: FleetType, unit: Load) -> int:
    """Units like this one that fit into a vehicle."""
    limits = [(kind.mass_g, unit.mass_g), (kind.volume_cm3, unit.volume_cm3)]
    if kind.pieces is not None:
        limits.append((kind.pieces, unit.pieces))
    return min((capacity // one for capacity, one in limits if one > 0), default=0)


def trip_starts(problem: Problem, kind: FleetType) -> list[int]:
    """Moments worth trying as the start of a trip alone.

    They are begins of shifts, opening hours and days, and those from which a day's working time lasts to
    midnight.
    """
    moments = {
        0,
        *problem.midnights,
        *problem.origins[kind.origin].openings.begins_after(-1),
        *kind.shifts.begins_after(-1),
        *(() if kind.work_s is None else (midnight - kind.work_s for midnight in problem.midnights)),
    }
    return sorted(moment for moment in moments if 0 <= moment < problem.horizon_s)


def direct_trips(
    problem: Problem, kind: FleetType, region: int, pieces: int, release_s: int = 0
) -> Iterator[Timing]:
    """Trips to one region alone that keep the rules (deadlines apart), by their start."""
    if kind.reaches(kind.origin, problem.place(region)) and not _too_far(problem, kind, region, pieces):
        stop = (Visit(region, pieces, (), release_s),)
        starts = {release_s, *trip_starts(problem, kind)}
        for start in sorted(start for start in starts if start >= release_s):
            timing = schedule_trip(problem, kind, stop, start)
            if timing is not None:
                yield timing


def _goes_after(problem: Problem, region: int, units: Sequence[Load], release_s: int) -> bool:
    """Whether some vehicle can bring these units, loaded not before a moment."""
    pieces = sum(one.pieces for one in units)
    return any(
        _fits(kind, units) and next(direct_trips(problem, kind, region, pieces, release_s), None) is not None
        for kind in problem.fleet
    )


def _too_far(problem: Problem, kind: FleetType, region: int, pieces: int) -> bool:
    """Whether a trip to a region alone is longer than any shift, where it must be in one."""
    if kind.overnight is not Overnight.HOME:
        return False
    there = problem.place(region)
    least_s = (
        kind.load_fixed_s
        + (kind.load_piece_s + kind.unload_piece_s) * pieces
        + int(problem.handover_s[region])
        + kind.time_between(kind.origin, there)
        + (0 if kind.open_end else kind.time_between(there, kind.origin))
    )
    return all(least_s > end - begin for begin, end in kind.shifts.intervals)


class _Prover:
    """Finds proofs that a region cannot be on time, where one of the simple kinds holds."""

    def __init__(self, instance: Instance, problem: Problem, curves: Mapping[str, Curve]) -> None:
        self._instance = instance
        self._problem = problem
        self._curves = curves

    @cached_property
    def _world(self) -> World:
        return World(self._instance)

    def proof(self, region: int, parts: Mapping[str, Sequence[Load]]) -> Proof | None:
        """A proof for a region, or None where there is none."""
        problem = self._problem
        there = problem.place(region)
        name = problem.places[there]
        reaching = [kind for kind in problem.fleet if kind.reaches(kind.origin, there)]
        units = [unit for one in parts.values() for unit in one]
        if not _each_fits(reaching, units):  # or in what comes by a known trip from another place?
            one = self._instance.region_of[name]
            by_any_way = {kind.id for kind in types_reaching(self._world, one)}
            reaching = [kind for kind in problem.fleet if kind.id in by_any_way]
            if not reaching:
                crossing = crossing_edges(self._world, one)
                edges = tuple(edge.id for edge in self._instance.edges if edge.id in crossing)
                return Proof(ProofKind.CUT, (name,), edges, {} if edges else self._nearest_reached(one))
            if not _each_fits(reaching, units):
                return Proof(ProofKind.CAPACITY, (name,))
        pieces = min(unit.pieces for unit in units)
        come_s, _ = needed_from(self._curves, needed(self._curves, [units]))
        if come_s is not None and any(self._on_time_alone(kind, region, pieces, come_s) for kind in reaching):
            return None
        # what the checker itself will say: other ways than the direct one count there, too
        earliest = earliest_receipt(self._world, self._instance.region_of[name])
        if earliest is not None and earliest < problem.region_deadlines[region]:
            return None
        figures = {"earliest": "" if earliest is None else problem.clock.text(earliest)}
        come_s, items = last_to_come(self._world, self._instance.region_of[name])
        if come_s != 0 and any(self._on_time_alone(kind, region, pieces, 0) for kind in reaching):
            come = "" if come_s is None else problem.clock.text(come_s)
            figures |= {"item": min(items), "available": come}
        return Proof(ProofKind.EARLIEST_ARRIVAL, (name,), figures=figures)

    def _nearest_reached(self, region: Region) -> dict[str, str]:
        """The nearest place of the warehouse that its vehicles reach, for a cut without any edge."""
        problem = self._problem
        reached = [
            place
            for place in range(len(problem.places))
            if place < problem.num_origins or any(kind.reaches(kind.origin, place) for kind in problem.fleet)
        ]
        points = self._instance.point_of
        there = np.array([points[problem.places[place]] for place in reached])
        here = np.broadcast_to(np.array(points[region.id]), there.shape)
        metres = great_circle_m(here, there)
        nearest = int(metres.argmin())
        name = f"{problem.place_names[reached[nearest]]} ({problem.places[reached[nearest]]})"
        return {"nearest": name, "nearest_km": str(round(float(metres[nearest]) / 1000))}

    def _on_time_alone(self, kind: FleetType, region: int, pieces: int, release_s: int) -> bool:
        deadline = self._problem.region_deadlines[region]
        timings = direct_trips(self._problem, _relaxed(kind), region, pieces, release_s)
        return any(timing.services[-1][1] < deadline for timing in timings)


def _relaxed(kind: FleetType) -> FleetType:
    return replace(kind, overnight=Overnight.ANYWHERE) if kind.overnight is Overnight.STOP else kind


def _stock_proofs(
    instance: Instance, regions: Sequence[Region], loads: Sequence[Mapping[str, tuple[Load, ...]]]
) -> list[Proof]:
    """Which regions go without where the warehouse has too little of an item; least by weight."""
    if not instance.stock or not regions:
        return []
    warehouse = regions[0].warehouse
    stock: dict[str, int] = {}
    for row in instance.stock:
        if row.warehouse == warehouse and (row.available_s or 0) < instance.settings.horizon_s:
            stock[row.item] = stock.get(row.item, 0) + row.quantity
    needs = [
        {item: sum(unit.items.get(item, 0) for units in parts.values() for unit in units) for item in stock}
        for parts in loads
    ]
    weights = [max(1, region.counts.get(instance.settings.weight, 0)) for region in regions]
    left = regions_to_leave(needs, weights, stock)
    short = sorted(item for item, quantity in stock.items() if sum(need[item] for need in needs) > quantity)
    if not left:
        return []
    figures = {"items": "+".join(short)}
    return [Proof(ProofKind.STOCK, tuple(regions[idx].id for idx in left), figures=figures)]


def _merged_proofs(proofs: Sequence[Proof]) -> tuple[Proof, ...]:
    """Proofs of the same kind with the same edges and figures as one."""
    merged: dict[tuple[ProofKind, tuple[str, ...], tuple[tuple[str, str], ...]], list[str]] = {}
    for proof in proofs:
        key = (proof.kind, proof.edges, tuple(sorted(proof.figures.items())))
        merged.setdefault(key, []).extend(proof.regions)
    return tuple(
        Proof(kind, tuple(regions), edges, dict(figures))
        for (kind, edges, figures), regions in merged.items()
    )
