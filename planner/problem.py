"""The frozen problem of one component: everything an engine needs, as arrays.

Places are numbered 0 (the warehouse) and 1 … regions; region r of the other arrays is place r + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.calendars import Openings
from planner.clock import Clock
from planner.instance.schema import Overnight
from planner.network.travel import Travel
from planner.plan import Proof

__all__ = ["Consignment", "FleetType", "Prices", "Problem", "Route"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a vehicle type, in the currency's smallest unit."""

    vehicle: int
    day: int
    trip: int
    km: int
    hour: int


@dataclass(frozen=True)
class FleetType:
    """One vehicle type.

    Parameters
    ----------
    travel
        Least times between the problem's places.
    serves
        bool, shape (regions,): a direct trip with the region's smallest load keeps every rule but
        the deadline.
    """

    id: str
    number: int
    mass_g: int
    volume_cm3: int
    pieces: int | None
    load_fixed_s: int
    load_piece_s: int
    unload_piece_s: int
    shifts: Openings
    overnight: Overnight
    work_s: int | None
    open_end: bool
    prices: Prices
    travel: Travel
    serves: NDArray[np.bool_]

    @cached_property
    def time_rows(self) -> list[list[int]]:
        """``travel.time_s`` as plain lists, which Python reads faster one by one."""
        rows: list[list[int]] = self.travel.time_s.tolist()
        return rows

    @cached_property
    def distance_rows(self) -> list[list[int]]:
        """``travel.distance_m`` as plain lists."""
        rows: list[list[int]] = self.travel.distance_m.tolist()
        return rows

    @cached_property
    def reach_rows(self) -> list[list[bool]]:
        """``travel.reachable`` as plain lists."""
        rows: list[list[bool]] = self.travel.reachable.tolist()
        return rows


@dataclass(frozen=True, slots=True)
class Consignment:
    """A run of units of one part of one region that travels together."""

    id: str
    region: int
    part: str
    first_unit: int
    units: int
    mass_g: int
    volume_cm3: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Route:
    """A proposal: a vehicle type and the consignments it delivers, in order."""

    fleet: int
    consignments: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """One component.

    Parameters
    ----------
    id
        Id of the warehouse.
    places
        Ids of the warehouse and then the regions.
    deadline_s, not_before_s, handover_s, weight
        int64, shape (regions,).
    openings
        Opening hours of each region.
    unserved
        Positions of consignments no vehicle may carry, each with the proof that names it.
    midnights
        Seconds at which local days begin.
    """

    id: str
    name: str
    clock: Clock
    horizon_s: int
    midnights: tuple[int, ...]
    places: tuple[str, ...]
    place_names: tuple[str, ...]
    docks: int
    origin_openings: Openings
    region_openings: tuple[Openings, ...]
    deadline_s: NDArray[np.int64]
    not_before_s: NDArray[np.int64]
    handover_s: NDArray[np.int64]
    weight: NDArray[np.int64]
    fleet: tuple[FleetType, ...]
    consignments: tuple[Consignment, ...]
    unserved: frozenset[int]
    proofs: tuple[Proof, ...]

    @property
    def num_regions(self) -> int:
        """Number of regions."""
        return len(self.places) - 1

    @cached_property
    def served(self) -> tuple[int, ...]:
        """Positions of the consignments that some vehicle may carry."""
        return tuple(idx for idx in range(len(self.consignments)) if idx not in self.unserved)

    @cached_property
    def given_up(self) -> frozenset[int]:
        """Regions that cannot receive everything, because no vehicle may carry it."""
        return frozenset(self.consignments[idx].region for idx in self.unserved)

    @cached_property
    def hopeless(self) -> frozenset[int]:
        """Regions that can receive, but are proven late."""
        proven = {name for proof in self.proofs for name in proof.regions}
        late = {region for region in range(self.num_regions) if self.places[region + 1] in proven}
        return frozenset(late - self.given_up)

    @cached_property
    def consignments_of(self) -> tuple[tuple[int, ...], ...]:
        """Positions of each region's consignments."""
        found: list[list[int]] = [[] for _ in range(self.num_regions)]
        for idx, one in enumerate(self.consignments):
            found[one.region].append(idx)
        return tuple(tuple(one) for one in found)

    @cached_property
    def region_deadlines(self) -> list[int]:
        """``deadline_s`` as a plain list."""
        rows: list[int] = self.deadline_s.tolist()
        return rows
