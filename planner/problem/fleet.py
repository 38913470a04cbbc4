"""Where trips begin, and the types of vehicles that make them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import cached_property
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Overnight, VehicleType
from planner.instance.subjects import vehicle_id
from planner.network.calendars import Interval, Openings
from planner.network.pieces import Piece
from planner.network.plane import PlaneTravel
from planner.network.timed import TimedWay, TimedWays
from planner.network.travel import Travel
from planner.plans.model import Step

__all__ = ["FleetType", "Origin", "Prices", "WayChoice"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a vehicle type, in the currency's smallest unit."""

    vehicle: int
    day: int
    trip: int
    km: int
    hour: int

    @classmethod
    def of(cls, kind: VehicleType) -> Prices:
        """Those of a row of the vehicle types."""
        return cls(kind.price_vehicle, kind.price_day, kind.price_trip, kind.price_km, kind.price_hour)


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
    late_work_s
        Longest driving, loading and service of a local day for who is late; None: no shorter than any day's
        shifts.

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
    late_work_s: int | None = None

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

    @property
    def known_ends(self) -> dict[Hashable, int]:
        """Ends of legs over edges that are closed at times, kept by who computes them."""
        assert isinstance(self.travel, Travel) and self.travel.paths is not None
        return self.travel.paths.known_ends

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

    def choices_between(self, start: int, end: int) -> tuple[WayChoice, ...]:
        """Choices of ways that differ for the leg between two places."""
        timed, around = self.timed_between(start, end), self.avoiding
        if not around.reaches(start, end):
            return (WayChoice.FIRST, WayChoice.WAITS)
        if timed is not None and timed.is_either(start, end, around.time_between(start, end)):
            return (WayChoice.WAITS, WayChoice.AVOIDS)  # what arrives first is one of these
        return tuple(WayChoice)

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


class WayChoice(Enum):
    """Which way a leg takes where edges of its least-time way are closed at times."""

    FIRST = "first"  # the one that arrives first
    WAITS = "waits"  # the least-time way, waiting where an edge is closed
    AVOIDS = "avoids"  # the least-time way on edges that are open throughout
