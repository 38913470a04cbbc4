"""The frozen problem of one component, or of one echelon of it: everything an engine needs, as arrays.

Places are numbered: first the origins (warehouses, depots, hubs), 0 … len(origins) - 1, then the regions.
Region r of the other arrays is place `Problem.place(r)`. Where goods pass hubs (`planner.problem.echelons`) a
hub that receives them is one of the regions here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from planner.base.clock import Clock
from planner.network.calendars import Openings
from planner.plans.model import Proof
from planner.problem.consignment import Consignment, Supply
from planner.problem.fixings import NO_FIXINGS, Fixings
from planner.problem.fleet import FleetType, Origin, WayChoice

__all__ = ["Lot", "Problem", "Proposal", "Route"]

Lot = tuple[int, str]
"""A region, by its number, and a part of its demand."""


@dataclass(frozen=True, slots=True)
class Route:
    """A vehicle type and the consignments it delivers on one trip, in order.

    Parameters
    ----------
    by
        Which way each leg takes where edges are closed at times, in order; the last one holds for all further
        legs. Empty: all take the one that arrives first.
    """

    fleet: int
    consignments: tuple[int, ...]
    by: tuple[WayChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trip as an engine sees it.

    Parameters
    ----------
    vehicle
        Number of the vehicle within its type; None: it does not say.
    load_start_s
        When loading starts; None: it does not say.
    """

    route: Route
    vehicle: int | None = None
    load_start_s: int | None = None


@dataclass(frozen=True)
class Problem:
    """One component.

    Parameters
    ----------
    id
        Id of the component: of its warehouse, or of a benchmark.
    places
        Ids of the origins and then the regions; `place_names` are their names.
    origins
        Where trips begin.
    deadline_s, not_before_s, handover_s, weight
        int64, shape (regions,).
    region_openings
        Opening hours of each region.
    unserved
        Positions of consignments no vehicle may carry, each with the proof that names it.
    midnights
        Seconds at which local days begin.
    supplies
        Items that are not all there at the start; engines see them as releases (`planner.problem.supply`).
    price_pieces
        Price of each piece unloaded at a region; empty: none. Only hubs ask for one.
    rooms_cm3
        Most that one stop may unload at each receiving place; None there, or empty: any amount. Only hubs
        with room for less than a vehicle's load, where a transfer takes time, have one.
    upstream_s
        Least time from the warehouse to a hub where trips begin; 0 where they begin at the warehouse.
    elsewhere
        Positions of consignments that go another way, so that these trips have nothing to do with them.
    unsure
        Positions of consignments of which nothing is promised: they leave as soon as they can if all goes as
        planned, though late legs may bring goods or vehicles later.
    lacking
        Regions that go without for lack of stock though other warehouses may have it, and the items.
    may_come
        How much of an item may be at the warehouse before the last deadline, where others may send some.
    fixings
        What people have decided of its trips.
    unfixed
        The same places, hours and vehicles as they are without decisions; None where nothing is decided.
    nights
        Of each receiving place the price of a local midnight between its first receipt and its deadline, and
        the local day on which that deadline is; empty: none has a price.
    by_day
        Hubs for which it matters on which day something comes, for the same sake.
    one_day
        Regions of which each part is handed over on one local day (rule ``split``).
    days
        The day on which a part of a region comes, where something outside says so, by region and part.
    """

    id: str
    name: str
    clock: Clock
    horizon_s: int
    midnights: tuple[int, ...]
    places: tuple[str, ...]
    place_names: tuple[str, ...]
    origins: tuple[Origin, ...]
    region_openings: tuple[Openings, ...]
    deadline_s: NDArray[np.int64]
    not_before_s: NDArray[np.int64]
    handover_s: NDArray[np.int64]
    weight: NDArray[np.int64]
    fleet: tuple[FleetType, ...]
    consignments: tuple[Consignment, ...]
    unserved: frozenset[int]
    proofs: tuple[Proof, ...]
    supplies: tuple[Supply, ...] = ()
    price_pieces: tuple[int, ...] = ()
    rooms_cm3: tuple[int | None, ...] = ()
    upstream_s: int = 0
    elsewhere: frozenset[int] = frozenset()
    unsure: frozenset[int] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)
    may_come: Mapping[str, int] = field(default_factory=dict)
    fixings: Fixings = NO_FIXINGS
    unfixed: Problem | None = None
    nights: tuple[tuple[int, int], ...] = ()
    by_day: frozenset[int] = frozenset()
    one_day: frozenset[int] = frozenset()
    days: Mapping[Lot, int] = field(default_factory=dict)

    @cached_property
    def lot_of(self) -> Mapping[int, Lot]:
        """Region and part of each consignment whose day is that of others."""
        lots = {idx: (one.region, one.part) for idx, one in enumerate(self.consignments)}
        numbers = Counter(lot for lot in lots.values() if lot[0] in self.one_day)
        return {idx: lot for idx, lot in lots.items() if numbers[lot] > 1}

    @cached_property
    def arrivals(self) -> tuple[int, ...]:
        """Moments after the start at which something comes."""
        return tuple(sorted({moment for one in self.supplies for moment in one.moments[1:]}))

    @property
    def num_origins(self) -> int:
        """Number of origins."""
        return len(self.origins)

    @property
    def num_regions(self) -> int:
        """Number of regions."""
        return len(self.places) - self.num_origins

    def place(self, region: int) -> int:
        """Number of a region's place."""
        return len(self.origins) + region

    def legs_of(self, route: Route) -> list[tuple[int, int]]:
        """Both places of each leg of a route."""
        kind = self.fleet[route.fleet]
        regions = groupby(self.consignments[idx].region for idx in route.consignments)
        home = () if kind.open_end else (kind.origin,)
        return list(pairwise((kind.origin, *(self.place(region) for region, _ in regions), *home)))

    def kind_of(self, route: Route) -> FleetType:
        """The vehicle type of a route, on the ways that it takes."""
        kind, by = self.fleet[route.fleet], route.by
        if len(by) < 2:
            return kind.by(by[0]) if by else kind
        return self._by_legs(route)

    @cached_property
    def _by_legs(self) -> Callable[[Route], FleetType]:
        """The vehicle type of a route whose legs choose their ways one by one; each is made once."""
        return cache(lambda route: self.fleet[route.fleet].by_legs(self.legs_of(route), route.by))

    @cached_property
    def avoiding(self) -> Problem | None:
        """The same problem on edges that are open throughout; None where all are."""
        fleet = tuple(kind.avoiding for kind in self.fleet)
        if all(one is kind for one, kind in zip(fleet, self.fleet, strict=True)):
            return None
        lost = {
            idx
            for idx, one in enumerate(self.consignments)
            if not any(kind.serves[one.region] for kind in fleet)
        }
        return replace(self, fleet=fleet, unserved=self.unserved | lost)

    @cached_property
    def waiting(self) -> Problem | None:
        """The same problem on least-time ways, waiting where an edge is closed; None where all are open."""
        fleet = tuple(kind.waiting for kind in self.fleet)
        if all(one is kind for one, kind in zip(fleet, self.fleet, strict=True)):
            return None
        return replace(self, fleet=fleet)

    @cached_property
    def served(self) -> tuple[int, ...]:
        """Positions of the consignments that some vehicle may carry."""
        away = self.unserved | self.elsewhere
        return tuple(idx for idx in range(len(self.consignments)) if idx not in away)

    @cached_property
    def required(self) -> frozenset[int]:
        """Positions of the consignments that some vehicle may carry and that must not be left out."""
        return frozenset(idx for idx in self.served if self.consignments[idx].prize is None)

    @cached_property
    def prizes(self) -> dict[int, int]:
        """What leaving out costs, by the positions of the consignments that may be left out."""
        return {
            idx: one.prize
            for idx, one in enumerate(self.consignments)
            if one.prize is not None and idx not in self.elsewhere
        }

    @cached_property
    def given_up(self) -> frozenset[int]:
        """Regions that cannot receive everything they must, because no vehicle may carry it."""
        missing = self.unserved - self.elsewhere
        return frozenset(self.consignments[idx].region for idx in missing if idx not in self.prizes)

    @cached_property
    def hopeless(self) -> frozenset[int]:
        """Regions that can receive, but are proven late."""
        proven = {name for proof in self.proofs for name in proof.regions}
        late = {region for region in range(self.num_regions) if self.places[self.place(region)] in proven}
        return frozenset(late - self.given_up)

    @cached_property
    def consignments_of(self) -> tuple[tuple[int, ...], ...]:
        """Positions of each region's consignments."""
        found: list[list[int]] = [[] for _ in range(self.num_regions)]
        for idx, one in enumerate(self.consignments):
            if idx not in self.elsewhere:
                found[one.region].append(idx)
        return tuple(tuple(one) for one in found)

    @cached_property
    def region_deadlines(self) -> list[int]:
        """``deadline_s`` as a plain list."""
        rows: list[int] = self.deadline_s.tolist()
        return rows

    @cached_property
    def dues_s(self) -> tuple[int, ...]:
        """Before when each consignment must be handed over."""
        deadlines = self.region_deadlines
        return tuple(
            deadlines[one.region] if one.due_s is None else min(one.due_s, deadlines[one.region])
            for one in self.consignments
        )

    @cached_property
    def shortest_ways_s(self) -> tuple[int, ...]:
        """Shortest one-way time from the warehouse (or a depot) to each region, at least a minute."""
        found: list[int] = []
        for region in range(self.num_regions):
            there = self.place(region)
            times = [
                kind.time_between(kind.origin, there)
                for kind in self.fleet
                if kind.reaches(kind.origin, there)
            ]
            found.append(self.upstream_s + max(60, min(times, default=60)))
        return tuple(found)

    def handling(self, consignments: Iterable[int]) -> int:
        """Price of unloading consignments where each piece has one."""
        if not self.price_pieces:
            return 0
        mine = [self.consignments[idx] for idx in consignments]
        return sum(self.handling_of(one.region, one.pieces) for one in mine)

    def guard_of(self, region: int, day: int) -> int:
        """Price of the nights from a region's first receipt, on a local day, to its deadline."""
        price, last = self.nights[region] if self.nights else (0, 0)
        return price * max(0, last - day)

    @cached_property
    def whole(self) -> frozenset[int]:
        """Regions that one trip brings all that they get, so that its day is that of their first receipt."""
        return frozenset(region for region, mine in enumerate(self.consignments_of) if len(mine) == 1)

    def handling_of(self, region: int, pieces: int) -> int:
        """Price of unloading so many pieces at a receiving place."""
        return self.price_pieces[region] * pieces if self.price_pieces else 0
