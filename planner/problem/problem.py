"""The frozen problem of one component, or of one layer of it: everything an engine needs, as arrays.

Places are numbered: first the origins (warehouses, depots, hubs), 0 … len(origins) - 1, then the regions.
Region r of the other arrays is place `Problem.place(r)`. Where goods pass hubs (`planner.problem.echelons`) a
hub that receives them is one of the regions here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import cached_property
from itertools import chain, groupby, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from planner.base.clock import Clock
from planner.instance.schema import Overnight
from planner.instance.subjects import vehicle_id
from planner.network.calendars import Interval, Openings
from planner.network.delays import Piece
from planner.network.plane import PlaneTravel
from planner.network.timed import TimedWay, TimedWays
from planner.network.travel import Travel
from planner.plans.model import Proof, Step
from planner.problem.fixings import NOTHING_DECIDED, Decided

__all__ = [
    "Consignment",
    "FleetType",
    "Origin",
    "Prices",
    "Problem",
    "Proposal",
    "Route",
    "Supply",
    "WayChoice",
]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a vehicle type, in the currency's smallest unit."""

    vehicle: int
    day: int
    trip: int
    km: int
    hour: int


@dataclass(frozen=True)
class Origin:
    """A place where trips begin: a warehouse, a depot.

    Parameters
    ----------
    docks
        So many vehicles may load at once.
    openings
        Each loading lies whole in one of these intervals.
    out
        [from, until) in which so many of the docks are out of use: disjoint, in order.
    spare
        So many further docks are there, which nobody needs as long as there are no more vehicles.
    """

    docks: int
    openings: Openings
    out: tuple[tuple[int, int, int], ...] = ()
    spare: int = 0

    @property
    def every(self) -> Origin:
        """The same with all docks that are there."""
        out = tuple((begin, end, number + self.spare) for begin, end, number in self.out)
        return Origin(self.docks + self.spare, self.openings, out)


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
    origin
        Place where its trips begin and, unless the end is open, end.
    max_trips
        Trips of one vehicle over the whole plan; None: any number.
    max_trip_s
        Seconds from the start of loading to the end of a trip; None: any number.
    max_trip_m
        Metres of all legs of a trip; None: any number.
    gamma
        So many legs may take their maximal delay at once.
    out
        Vehicle (from 0) and [from, until) in which it is out of use: on no trip at all.
    numbers
        Numbers of its vehicles in plans, where other vehicles of the type are apart; else empty.

    Notes
    -----
    Whatever the kind of `travel` is, times and lengths are read by `time_between` and its neighbours. They
    hold as if every edge were always open; where `timed_between` gives ways, those say how long it takes.
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
    travel: Travel | PlaneTravel
    serves: NDArray[np.bool_]
    origin: int = 0
    max_trips: int | None = None
    max_trip_s: int | None = None
    max_trip_m: int | None = None
    gamma: int = 0
    out: tuple[tuple[int, int, int], ...] = ()
    numbers: tuple[int, ...] = ()

    def out_of(self, vehicle: int) -> tuple[Interval, ...]:
        """When a vehicle is out of use."""
        return tuple((begin, end) for number, begin, end in self.out if number == vehicle)

    def number_in(self, intervals: Iterable[Interval]) -> int:
        """How many vehicles can be used for more than half of some intervals."""
        if not self.out:
            return self.number
        spans = list(intervals)
        half = sum(end - begin for begin, end in spans) / 2
        away = 0
        for vehicle in {number for number, _, _ in self.out}:
            lost = sum(
                max(0, min(end, until) - max(begin, low))
                for begin, end in spans
                for low, until in self.out_of(vehicle)
            )
            away += lost >= half
        return self.number - away

    @property
    def vehicle_numbers(self) -> Sequence[int]:
        """Numbers of its vehicles in plans."""
        return self.numbers or range(1, self.number + 1)

    def vehicle_id(self, vehicle: int) -> str:
        """Id in plans of a vehicle, numbered from 0."""
        return vehicle_id(self.id, self.vehicle_numbers[vehicle])

    def time_between(self, start: int, end: int) -> int:
        """Seconds of the leg between two places; 0 where there is none."""
        travel = self.travel
        return travel.time_rows[start][end] if isinstance(travel, Travel) else travel.pair(start, end)

    def distance_between(self, start: int, end: int) -> int:
        """Metres of the leg between two places; 0 where there is none."""
        travel = self.travel
        return travel.distance_rows[start][end] if isinstance(travel, Travel) else travel.pair(start, end)

    def delay_between(self, start: int, end: int) -> int:
        """Largest delay of the leg between two places, in seconds."""
        delay_s = self.travel.delay_s if isinstance(self.travel, Travel) else None
        return 0 if delay_s is None else int(delay_s[start, end])

    def pieces_between(self, start: int, end: int, way: TimedWay | None) -> tuple[Piece, ...]:
        """Times and largest delays along a leg: of the way taken, or (None) of the least-time way."""
        if self.timed_between(start, end) is None:
            return (Piece(self.time_between(start, end), self.delay_between(start, end), None),)
        assert isinstance(self.travel, Travel) and self.travel.paths is not None
        return self.travel.paths.pieces(self.path(start, end) if way is None else way.path)

    def reaches(self, start: int, end: int) -> bool:
        """Whether there is a way between two places."""
        return not isinstance(self.travel, Travel) or self.travel.reach_rows[start][end]

    def times(self, rows: Sequence[int], cols: Sequence[int]) -> NDArray[np.int64]:
        """`time_between` as a matrix; int64, shape (rows, columns)."""
        if isinstance(self.travel, Travel):
            return self.travel.time_s[np.ix_(rows, cols)]
        return self.travel.block(rows, cols)

    def distances(self, rows: Sequence[int], cols: Sequence[int]) -> NDArray[np.int64]:
        """`distance_between` as a matrix; int64, shape (rows, columns)."""
        if isinstance(self.travel, Travel):
            return self.travel.distance_m[np.ix_(rows, cols)]
        return self.travel.block(rows, cols)

    def reach(self, rows: Sequence[int], cols: Sequence[int]) -> NDArray[np.bool_]:
        """`reaches` as a matrix; bool, shape (rows, columns)."""
        if isinstance(self.travel, Travel):
            return self.travel.reachable[np.ix_(rows, cols)]
        return np.ones((len(rows), len(cols)), dtype=bool)

    def path(self, start: int, end: int) -> tuple[Step, ...]:
        """Way between two places; empty where only its length is known."""
        return self.travel.path(start, end) if isinstance(self.travel, Travel) else ()

    def timed_between(self, start: int, end: int) -> TimedWays | None:
        """Ways by departure where it matters for the leg between two places; None where it does not."""
        timed = self.timed
        return timed if timed is not None and timed.affects[start][end] else None

    @property
    def timed(self) -> TimedWays | None:
        """Ways by departure; None where every edge is open throughout."""
        return self.travel.timed if isinstance(self.travel, Travel) else None

    @cached_property
    def avoiding(self) -> FleetType:
        """The same type on edges that are open throughout."""
        travel = self.travel.avoiding if isinstance(self.travel, Travel) else None
        if travel is None:
            return self
        away = slice(len(travel.nodes) - len(self.serves), None)
        reached = travel.reachable[self.origin, away]
        if not self.open_end:
            reached = reached & travel.reachable[away, self.origin]
        return replace(self, travel=travel, serves=self.serves & reached)

    @cached_property
    def always_open(self) -> FleetType:
        """The same type if every edge were open whenever it gets there."""
        if self.timed is None or not isinstance(self.travel, Travel):
            return self
        return replace(self, travel=replace(self.travel, timed=None))

    @cached_property
    def waiting(self) -> FleetType:
        """The same type on least-time ways, waiting where an edge is closed."""
        if not isinstance(self.travel, Travel) or self.travel.timed is None:
            return self
        return replace(self, travel=replace(self.travel, timed=self.travel.timed.waiting))

    def by(self, choice: WayChoice) -> FleetType:
        """The same type on the ways of a choice."""
        if choice is WayChoice.FIRST:
            return self
        return self.waiting if choice is WayChoice.WAITS else self.avoiding

    def by_legs(self, legs: Sequence[tuple[int, int]], by: Sequence[WayChoice]) -> FleetType:
        """The same type on one trip, by its legs and the choices of ways of `Route.by`, one at least."""
        choices = chain(by, repeat(by[-1]))
        on = {leg: self.by(choice) for leg, choice in zip(legs, choices, strict=False)}
        same = {one.name: getattr(self, one.name) for one in fields(self)}
        return _ByLegs(**same, legs=on)

    @cached_property
    def most_trips(self) -> int | None:
        """Trips of all its vehicles together; None: any number."""
        return None if self.max_trips is None else self.number * self.max_trips

    @cached_property
    def of_any_length(self) -> FleetType:
        """The same type without a limit to the time of a trip."""
        return self if self.max_trip_s is None else replace(self, max_trip_s=None)


@dataclass(frozen=True)
class _ByLegs(FleetType):
    """A type on one trip whose legs take ways of several choices.

    Parameters
    ----------
    legs
        The type on the ways of each leg, by the leg's two places.
    """

    legs: Mapping[tuple[int, int], FleetType] = field(default_factory=dict)

    def time_between(self, start: int, end: int) -> int:
        """As `FleetType.time_between`."""
        return self.legs[start, end].time_between(start, end)

    def distance_between(self, start: int, end: int) -> int:
        """As `FleetType.distance_between`."""
        return self.legs[start, end].distance_between(start, end)

    def delay_between(self, start: int, end: int) -> int:
        """As `FleetType.delay_between`."""
        return self.legs[start, end].delay_between(start, end)

    def pieces_between(self, start: int, end: int, way: TimedWay | None) -> tuple[Piece, ...]:
        """As `FleetType.pieces_between`."""
        return self.legs[start, end].pieces_between(start, end, way)

    def reaches(self, start: int, end: int) -> bool:
        """As `FleetType.reaches`."""
        return self.legs[start, end].reaches(start, end)

    def path(self, start: int, end: int) -> tuple[Step, ...]:
        """As `FleetType.path`."""
        return self.legs[start, end].path(start, end)

    def timed_between(self, start: int, end: int) -> TimedWays | None:
        """As `FleetType.timed_between`."""
        return self.legs[start, end].timed_between(start, end)


@dataclass(frozen=True, slots=True)
class Consignment:
    """A run of units of one part of one region that travels together.

    Parameters
    ----------
    release_s
        Loading may not begin before.
    prize
        What leaving it out costs, in the currency's smallest unit; None: it must be delivered.
    for_region
        Id of the region that gets it in the end, where it is handed over at a hub; else empty.
    due_s
        It must be handed over before, if that is earlier than the deadline of its region (or hub).
    """

    id: str
    region: int
    part: str
    first_unit: int
    units: int
    mass_g: int
    volume_cm3: int
    pieces: int
    release_s: int = 0
    prize: int | None = None
    for_region: str = ""
    due_s: int | None = None


class WayChoice(Enum):
    """Which way a leg takes where edges of its least-time way are closed at times."""

    FIRST = "first"  # the one that arrives first
    WAITS = "waits"  # the least-time way, waiting where an edge is closed
    AVOIDS = "avoids"  # the least-time way on edges that are open throughout


@dataclass(frozen=True, slots=True)
class Supply:
    """An item that is not all there at the start.

    Parameters
    ----------
    moments
        When some of it comes, rising; the first is 0.
    amounts
        How much has come in all, from each of these moments on.
    needs
        How much of it each consignment holds.

    Notes
    -----
    At no moment has more been loaded than has come. Only problems of one origin have supplies.
    """

    item: str
    moments: tuple[int, ...]
    amounts: tuple[int, ...]
    needs: tuple[int, ...]

    def need_of(self, consignments: Iterable[int]) -> int:
        """How much of it some consignments hold together."""
        return sum(self.needs[idx] for idx in consignments)


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
    openings
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
    decided
        What people have decided of its trips.
    undecided
        The same places, hours and vehicles as they are without decisions; None where nothing is decided.
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
    decided: Decided = NOTHING_DECIDED
    undecided: Problem | None = None

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
        if route not in self._kinds:
            self._kinds[route] = kind.by_legs(self.legs_of(route), by)
        return self._kinds[route]

    @cached_property
    def _kinds(self) -> dict[Route, FleetType]:
        """Types by the routes whose legs take ways of several choices."""
        return {}

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
        return sum(self.price_pieces[one.region] * one.pieces for one in mine)
