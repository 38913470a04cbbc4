"""What can be proven before any search: who cannot be reached, carried, supplied or on time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from planner.building.direct_trips import direct_trips, each_fits
from planner.building.places import release_of
from planner.building.shortage import regions_to_leave
from planner.instance.kits import Load
from planner.instance.schema import Instance, Overnight, Region
from planner.network.geometry import great_circle_m
from planner.plans.model import Proof, ProofKind
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.supply import Curve, needed, needed_from
from planner.proof.impossibility import (
    crossing_edges,
    earliest_receipt,
    flaws,
    last_to_come,
    types_reaching,
)
from planner.proof.world import World, world_of

__all__ = ["Prover", "merged_proofs", "stock_proofs"]


class Prover:
    """Finds proofs that a region cannot be on time, where one of the simple kinds holds."""

    def __init__(self, instance: Instance, problem: Problem, curves: Mapping[str, Curve]) -> None:
        self._instance = instance
        self._problem = problem
        self._curves = curves

    @cached_property
    def _world(self) -> World:
        return world_of(self._instance)

    def holds(self, proof: Proof, component: Sequence[str], left_out: Collection[str]) -> bool:
        """Whether the checker verifies a proof; it counts vehicles that take no part here, too."""
        return not flaws(self._world, proof, component, left_out)

    @cached_property
    def _all_there(self) -> World:
        """The same with all goods at the warehouse from the start."""
        return World(replace(self._instance, stock=()))

    def proof(self, region: int, parts: Mapping[str, Sequence[Load]]) -> Proof | None:
        """A proof for a region, or None where there is none."""
        problem = self._problem
        there = problem.place(region)
        name = problem.places[there]
        reaching = [kind for kind in problem.fleet if kind.reaches(kind.origin, there)]
        units = [unit for one in parts.values() for unit in one]
        if not each_fits(reaching, units):  # or in what comes by a known trip from another place?
            one = self._instance.region_of[name]
            by_any_way = {kind.id for kind in types_reaching(self._world, one)}
            reaching = [kind for kind in problem.fleet if kind.id in by_any_way]
            if not reaching:
                crossing = crossing_edges(self._world, one)
                edges = tuple(edge.id for edge in self._instance.edges if edge.id in crossing)
                return Proof(ProofKind.CUT, (name,), edges, {} if edges else self._nearest_reached(one))
            if not each_fits(reaching, units):
                return Proof(ProofKind.CAPACITY, (name,))
        pieces = min(unit.pieces for unit in units)
        come_s, _ = needed_from(self._curves, needed(self._curves, [units]))
        if come_s is not None:
            ready_s = max(come_s, release_of(self._instance, self._instance.region_of[name]))
            if any(self._on_time_alone(kind, region, pieces, ready_s) for kind in reaching):
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

    def proof_in_chain(
        self, region: Region, kinds: Sequence[FleetType], parts: Mapping[str, Sequence[Load]]
    ) -> Proof | None:
        """A proof for a region that is supplied through hubs by these vehicles; None: there is none."""
        units = [unit for one in parts.values() for unit in one]
        if not types_reaching(self._world, region):
            crossing = crossing_edges(self._world, region)
            edges = tuple(edge.id for edge in self._instance.edges if edge.id in crossing)
            return Proof(ProofKind.CUT, (region.id,), edges, {} if edges else self._nearest_reached(region))
        if not each_fits(kinds, units):
            return Proof(ProofKind.CAPACITY, (region.id,))
        earliest = earliest_receipt(self._world, region)
        if earliest is not None and earliest < self._world.deadline_s(region):
            return None
        figures = {"earliest": "" if earliest is None else self._problem.clock.text(earliest)}
        come_s, items = last_to_come(self._world, region)
        if come_s != 0:
            soonest = earliest_receipt(self._all_there, region)
            if soonest is not None and soonest < self._world.deadline_s(region):
                come = "" if come_s is None else self._problem.clock.text(come_s)
                figures |= {"item": min(items), "available": come}
        return Proof(ProofKind.EARLIEST_ARRIVAL, (region.id,), figures=figures)

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


def stock_proofs(
    instance: Instance,
    regions: Sequence[Region],
    loads: Sequence[Mapping[str, tuple[Load, ...]]],
    coming: Callable[[], Mapping[str, int]] = dict,
) -> tuple[list[Proof], dict[str, str]]:
    """Which regions go without where the warehouse has too little of an item; least by weight.

    Parameters
    ----------
    instance, regions, loads
        The component, its stock after transfers, and what its regions need.
    coming
        How much of an item there may be with what other warehouses could send.

    Returns
    -------
    (list of Proof, dict of str)
        The proofs; and those who go without though others could send it, each with the items.
    """
    if not instance.stock or not regions:
        return [], {}
    warehouse = regions[0].warehouse
    stock: dict[str, int] = {}
    for row in instance.stock:
        if row.warehouse == warehouse and (row.available_s or 0) < instance.settings.horizon_s:
            stock[row.item] = stock.get(row.item, 0) + row.quantity
    needs = [
        {item: sum(unit.items.get(item, 0) for units in parts.values() for unit in units) for item in stock}
        for parts in loads
    ]
    weights = [instance.weight_of(region) for region in regions]
    left = regions_to_leave(needs, weights, stock)
    if not left:
        return [], {}
    may_be = coming()
    most = {item: max(quantity, may_be.get(item, 0)) for item, quantity in stock.items()}
    room = {item: most[item] - sum(need[item] for need in needs) for item in stock}
    short = sorted(item for item, over in room.items() if over < 0)
    spare = {item: room[item] + sum(needs[idx][item] for idx in left) for item in short}
    others = _fitting(needs, sorted(left, key=lambda idx: (-weights[idx], idx)), spare)
    proven = tuple(regions[idx].id for idx in left if idx not in others)
    proofs = [Proof(ProofKind.STOCK, proven, figures={"items": "+".join(short)})] if proven else []
    lacking = [item for item, quantity in stock.items() if sum(need[item] for need in needs) > quantity]
    return proofs, {regions[idx].id: "+".join(sorted(lacking)) for idx in left if idx in others}


def _fitting(needs: Sequence[Mapping[str, int]], order: Iterable[int], spare: Mapping[str, int]) -> set[int]:
    """Who would receive from what is to spare, one after another."""
    found, left = set(), dict(spare)
    for idx in order:
        if all(needs[idx][item] <= left[item] for item in left):
            found.add(idx)
            left = {item: left[item] - needs[idx][item] for item in left}
    return found


def merged_proofs(proofs: Sequence[Proof]) -> tuple[Proof, ...]:
    """Proofs of the same kind with the same edges and figures as one."""
    merged: dict[tuple[ProofKind, tuple[str, ...], tuple[tuple[str, str], ...]], list[str]] = {}
    for proof in proofs:
        key = (proof.kind, proof.edges, tuple(sorted(proof.figures.items())))
        merged.setdefault(key, []).extend(proof.regions)
    return tuple(
        Proof(kind, tuple(regions), edges, dict(figures))
        for (kind, edges, figures), regions in merged.items()
    )
