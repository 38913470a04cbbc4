"""The echelons of a component: a problem for its warehouse and for each hub, with first proofs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.building.blocked import late_for_leg
from planner.building.demand import Demand
from planner.building.direct_trips import (
    direct_trips,
    goes_after,
)
from planner.building.infeasibility import Prover, merged_proofs, stock_proofs
from planner.building.places import deadline_of, release_of
from planner.building.stations import Given, Stations, room_cm3_of
from planner.instance.kits import Load
from planner.instance.schema import Hub, Instance, Region, Split
from planner.plans.model import Proof
from planner.problem.consignment import Consignment, Supply
from planner.problem.echelons import EchelonProblem, Echelons
from planner.problem.supply import Curve, arrivals, at_moments, needed, needed_from
from planner.proof.stocks import stock_before
from planner.proof.world import world_of

__all__ = ["build_echelons"]


def build_echelons(
    instance: Instance,
    warehouse_id: str,
    regions: Sequence[Region],
    guarantee: int | None = None,
    given: Given | None = None,
) -> Echelons:
    """Echelons of one warehouse and (some of) its regions.

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
    given = given or Given()
    stations = Stations(instance, warehouse_id, regions, guarantee, given)
    return _Builder(stations, Demand(stations, given)).built()


class _Builder:
    """Builds the echelons of a component, the warehouse's first."""

    def __init__(self, stations: Stations, demand: Demand) -> None:
        self._at = stations
        self._demand = demand
        self._ready: dict[tuple[int, int, int, int], int | None] = {}

    def built(self) -> Echelons:
        """All echelons."""
        instance, regions, runs_of = self._at.instance, self._at.regions, self._demand.runs_of
        # what nobody can carry takes no stock from others
        carried = [
            {part: units for part, units in parts.items() if runs_of[position][part]}
            for position, parts in enumerate(self._at.loads)
        ]
        proofs, lacking = stock_proofs(instance, regions, carried, self._coming)
        short = {region for proof in proofs for region in proof.regions} | set(lacking)
        delivered = [
            {} if region.id in short else parts for region, parts in zip(regions, carried, strict=True)
        ]
        curves, sure = self._late_items(delivered)
        self._demand.cut(delivered, curves)
        proofs += self._proofs(curves, short)
        last_s = max((deadline_of(instance, one) for one in regions), default=0)
        may_come = self._coming(last_s) if curves else {}
        chain = self._echelons(curves, sure, short, merged_proofs(proofs))
        if not lacking and not may_come:
            return chain
        each = tuple(
            replace(one, problem=replace(one.problem, lacking=lacking, may_come=may_come))
            for one in chain.each
        )
        return replace(chain, each=each)

    def _coming(self, before_s: int | None = None) -> Mapping[str, int]:
        """How much of each item may be at the warehouse, where other warehouses might send some."""
        given, warehouse = self._at.instance.as_filed, self._at.stations[0].place.id
        if all(row.warehouse == warehouse for row in given.stock):
            return {}
        horizon_s = given.settings.horizon_s
        return stock_before(world_of(given), {warehouse}, horizon_s if before_s is None else before_s)

    def _late_items(
        self, loads: Sequence[Mapping[str, tuple[Load, ...]]]
    ) -> tuple[dict[str, Curve], dict[str, Curve]]:
        """Items of which the start has less than the regions need: as they come, and as can be counted on."""
        instance, warehouse = self._at.instance, self._at.stations[0].place.id
        if not any(row.available_s for row in instance.stock):
            return {}, {}
        curves = arrivals(instance, warehouse)
        wanted = needed(curves, [units for parts in loads for units in parts.values()])
        late = {item: curve for item, curve in curves.items() if wanted[item] > curve[1][0]}
        gammas = (kind.gamma for bare in self._at.bare for kind in bare.fleet)
        return late, arrivals(instance, warehouse, sure=True) if any(gammas) else late

    def _proofs(self, curves: Mapping[str, Curve], short: Collection[str]) -> list[Proof]:
        """Who cannot be on time for certain, of those for whom there is enough in stock."""
        prover = Prover(self._at.instance.as_filed, self._at.natural[0], curves)
        kinds = [kind for bare in self._at.natural for kind in bare.fleet]
        found = []
        for position, (region, parts) in enumerate(zip(self._at.regions, self._at.loads, strict=True)):
            if not parts or region.id in short or region.id in self._at.instance.transfer_weights:
                continue
            if self._at.own[position]:
                proof = prover.proof_in_chain(region, kinds, parts)
            else:
                proof = prover.proof(self._at.stations[0].regions.index(position), parts)
            if proof is not None and prover.holds(proof, [one.id for one in self._at.regions], short):
                found.append(proof)
        return found

    def _echelons(
        self,
        curves: Mapping[str, Curve],
        sure: Mapping[str, Curve],
        short: Collection[str],
        proofs: tuple[Proof, ...],
    ) -> Echelons:
        instance = self._at.instance
        drafts = [_Draft() for _ in self._at.stations]
        straight: dict[int, int] = {}  # in the warehouse's echelon: by its chain, and straight
        for position, (region, parts) in enumerate(zip(self._at.regions, self._at.loads, strict=True)):
            legs = self._at.legs(position)[::-1]
            for part, units in parts.items():
                runs = self._demand.runs_of[position][part]
                for number, (first, count) in enumerate(runs or [(0, len(units))], start=1):
                    run = units[first : first + count]
                    gone = not runs or region.id in short
                    name = self._demand.name(position, part, first, number)
                    one = _consignment(name, part, first, run)
                    one = replace(one, due_s=instance.transfer_dues.get((region.id, part)))
                    sent = _Sent(one, region.id, run, needed(curves, [run]), gone=gone)
                    come_s = max(needed_from(curves, sent.needs)[0] or 0, release_of(instance, region))
                    chained = self._send(drafts, legs, sent, come_s)
                    if len(legs) > 1 and self._at.may_go_straight:
                        direct = [(0, self._at.stations[0].regions.index(position))]
                        straight[chained] = self._send(drafts, direct, sent, come_s)
        upstream = self._at.upstream_s()
        return Echelons(
            tuple(
                self._echelon(
                    position,
                    draft,
                    self._demand.serves[position],
                    () if position else _supplies(curves, sure, draft.needs),
                    proofs,
                    upstream[position],
                )
                for position, draft in enumerate(drafts)
            ),
            straight,
            self._demand.blocked,
        )

    def _send(
        self, drafts: Sequence[_Draft], legs: Sequence[tuple[int, int]], sent: _Sent, come_s: int
    ) -> int:
        """Enter a consignment on its legs, each released when it can be there; its position on the first."""
        earliest: list[int] = [come_s]
        gone = sent.gone
        for echelon, stop in legs:
            if gone:
                break
            release_s = earliest[-1]
            if (release_s or echelon) and not goes_after(self._at.bare[echelon], stop, sent.units, release_s):
                gone = True
                why = late_for_leg(self._at.bare[echelon], stop, sent.units, release_s)
                self._demand.blocked.setdefault(sent.region_id, why)
            elif (hub := self._at.hub_at(echelon, stop)) is not None:
                ready_s = self._ready_s(echelon, stop, hub, sent.consignment.pieces, release_s)
                gone = ready_s is None
                earliest.append(ready_s or 0)
        earliest += [0] * (len(legs) - len(earliest))
        source = first = -1
        for (echelon, stop), release_s in zip(legs, earliest, strict=False):
            draft = drafts[echelon]
            position = len(draft.consignments)
            name = "" if self._at.hub_at(echelon, stop) is None else sent.region_id
            one = replace(sent.consignment, region=stop, release_s=release_s, for_region=name)
            draft.consignments.append(one)
            draft.needs.append(sent.needs)
            draft.sources.append(source)
            draft.unserved |= {position} if gone else set()
            first, source = (position if first < 0 else first), position
        return first

    def _ready_s(self, echelon: int, stop: int, hub: Hub, pieces: int, release_s: int) -> int | None:
        """First moment at which so many pieces can be loaded at a hub; None where none can get there."""
        key = (echelon, stop, pieces, release_s)
        if key not in self._ready:
            bare = self._at.bare[echelon]
            firsts = [next(direct_trips(bare, kind, stop, pieces, release_s), None) for kind in bare.fleet]
            ends = [timing.services[-1][1] for timing in firsts if timing is not None]
            self._ready[key] = min(ends) + hub.transfer_s(pieces) if ends else None
        return self._ready[key]

    def _echelon(
        self,
        position: int,
        draft: _Draft,
        serves: NDArray[np.bool_],
        supplies: tuple[Supply, ...],
        proofs: tuple[Proof, ...],
        upstream_s: int,
    ) -> EchelonProblem:
        station, bare = self._at.stations[position], self._at.bare[position]
        fleet = [replace(kind, serves=mine) for kind, mine in zip(bare.fleet, serves, strict=True)]
        room_cm3 = room_cm3_of(station.place) if isinstance(station.place, Hub) else None
        if room_cm3 is not None:  # no trip takes more from there than may lie there
            fleet = [replace(kind, volume_cm3=min(kind.volume_cm3, room_cm3)) for kind in fleet]
        problem = replace(
            bare,
            fleet=tuple(fleet),
            consignments=tuple(draft.consignments),
            unserved=frozenset(draft.unserved),
            proofs=proofs,
            supplies=supplies,
            upstream_s=upstream_s,
            rooms_cm3=self._at.stop_rooms(position),
            one_day=frozenset(
                stop
                for stop, region in enumerate(station.regions)
                if self._at.regions[region].split is Split.SAME_DAY
            ),
        )
        hubs = (*(-1 for _ in station.regions), *station.hubs)
        if not isinstance(station.place, Hub):
            return EchelonProblem(problem, hubs=hubs)
        above = self._at.stations[station.above]
        storage_dm3 = station.place.storage_dm3
        return EchelonProblem(
            problem,
            above=station.above,
            stop=len(above.regions) + above.hubs.index(position),
            source=tuple(draft.sources),
            hub=station.place,
            storage_cm3=None if storage_dm3 is None else 1000 * storage_dm3,
            price_night=self._at.instance.price_night_of(station.place),
            hubs=hubs,
        )


@dataclass
class _Draft:
    """Consignments of an echelon as they are entered."""

    consignments: list[Consignment] = field(default_factory=list)
    needs: list[Mapping[str, int]] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    unserved: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Sent:
    """A consignment before it is in any echelon."""

    consignment: Consignment
    region_id: str
    units: Sequence[Load]
    needs: Mapping[str, int]
    gone: bool  # nobody can carry it, or it is not in stock


def _supplies(
    curves: Mapping[str, Curve], sure: Mapping[str, Curve], needs: Sequence[Mapping[str, int]]
) -> tuple[Supply, ...]:
    found = []
    for item, curve in curves.items():
        moments = tuple(sorted({*curve[0], *sure[item][0]}))
        amounts = at_moments(curve, moments)
        mine = tuple(one[item] for one in needs)
        found.append(Supply(item, moments, amounts, mine, at_moments(sure[item], moments)))
    return tuple(found)


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
