"""A plan's trips as the checker looks at them: what is claimed, beside its own walk and loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from planner.instance.schema import Edge, Hub, Overnight, Region, VehicleType, Warehouse
from planner.plans.model import Delivery, Leg, Stop, Trip
from planner.proof.calendars import Interval
from planner.proof.kit import Load
from planner.proof.paths import Walk

__all__ = ["LateHub", "LegView", "Move", "Piece", "StopView", "Taken", "TripView"]


class Taken(NamedTuple):
    """A consignment that a trip took over from another vehicle: it had been loaded by that one.

    ``stop`` is the number of the stop where it is handed over; 0: it is still aboard. ``since_s`` is when
    it was taken over, where that is looked at.
    """

    consignment: str
    stop: int
    load: Load
    since_s: int


class Piece(NamedTuple):
    """A part of a leg: an edge with hours or closures, or all that lies before the next such one."""

    time_s: int
    delay_s: int
    edge: Edge | None


@dataclass(slots=True)
class LegView:
    """A claimed leg and the checker's own times for it.

    ``driven`` are the checker's own intervals of travel, ``arrive_s`` its own arrival; None where
    the way cannot be followed or the calendar leaves no room. ``name`` numbers the leg from 1.
    """

    leg: Leg
    name: int
    walk: Walk
    driven: tuple[Interval, ...] = ()
    arrive_s: int | None = None

    def moment(self, travelled_s: int, *, entering: bool) -> int | None:
        """When so much of the travelling time is over: the last such moment when entering, else the first."""
        for start_s, end_s in self.driven:
            span = end_s - start_s
            if travelled_s < span or (travelled_s == span and not entering):
                return start_s + travelled_s
            travelled_s -= span
        return None


@dataclass(slots=True)
class StopView:
    """A claimed stop, its own goods, and its region, hub or warehouse if there is such a one."""

    stop: Stop
    name: int
    region: Region | None
    loads: tuple[Load, ...]  # of its deliveries
    hub: Hub | None = None  # always None where the instance has no chain
    warehouse: Warehouse | None = None
    goods: Load = field(default_factory=Load)  # of its items
    taken: tuple[Load, ...] = ()  # of what is fetched here
    load: Load = field(init=False)  # all that is handed over or unloaded

    def __post_init__(self) -> None:
        self.load = Load.total((*self.loads, self.goods))

    @property
    def fetched(self) -> Load:
        """All that is taken over here from a vehicle that has broken down."""
        return Load.total(self.taken)

    @property
    def only_fetches(self) -> bool:
        """Whether goods are taken over here, and nothing is handed over."""
        return bool(self.stop.fetched) and not self.stop.deliveries and not self.stop.items


@dataclass(slots=True)
class TripView:
    """A claimed trip with the checker's own facts; ``kind`` is None for an unknown type.

    ``load`` is all that it carries: what it hands over and, where it has broken down, what is still aboard.
    ``begun`` trips of a replan began before its moment. The last leg of one that has broken down leads to
    where it stands, if that is none of its stops.
    """

    trip: Trip
    kind: VehicleType | None
    stops: tuple[StopView, ...]
    legs: tuple[LegView, ...]
    load: Load
    begun: bool = False
    took: tuple[Taken, ...] = ()
    ways: tuple[tuple[Piece, ...] | None, ...] | None = None  # as `Course`, once they are asked for

    @property
    def loaded(self) -> Load:
        """What it takes on at its origin: all but what it fetches and takes over on its way."""
        other = (*(stop.fetched for stop in self.stops), *(one.load for one in self.took))
        return self.load - Load.total(other)

    @property
    def taken_on(self) -> Iterator[Delivery]:
        """Yield what it takes on at its origin."""
        fetched = {item.consignment_id for stop in self.trip.stops for item in stop.fetched}
        for item in self.carried:
            if item.consignment_id not in fetched:
                yield item

    @property
    def is_transfer(self) -> bool:
        """Whether it brings something to another warehouse."""
        return any(stop.items for stop in self.trip.stops)

    @property
    def loads_nothing(self) -> bool:
        """Whether it leaves its origin empty, to fetch something on its way."""
        fetches = any(stop.fetched for stop in self.trip.stops)
        return fetches and next(self.taken_on, None) is None

    @property
    def carried(self) -> Iterator[Delivery]:
        """Yield what it hands over, and what is still aboard where it has broken down."""
        for stop in self.trip.stops:
            yield from stop.deliveries
        if self.trip.broken is not None:
            yield from self.trip.broken.deliveries

    @property
    def overnight(self) -> Overnight | None:
        """Rule at the end of a shift."""
        return None if self.kind is None else self.kind.overnight

    @property
    def instants(self) -> Iterator[int]:
        """Every instant that the trip claims."""
        trip = self.trip
        yield from (trip.load_start_s, trip.depart_s, trip.end_s)
        for view in self.legs:
            yield from (view.leg.depart_s, view.leg.arrive_s)
        for stop in trip.stops:
            yield from (stop.start_s, stop.end_s)


@dataclass(frozen=True, slots=True)
class Move:
    """One leg of a consignment: from where its trip loads to the stop that unloads it.

    ``origin`` is where it was loaded: the trip's origin or, where the trip fetched it, that of the one that
    had broken down.
    """

    view: TripView
    stop: StopView
    item: Delivery
    load: Load
    origin: str

    @property
    def ends(self) -> tuple[str, str]:
        """Where it is loaded and where it is unloaded."""
        return self.origin, self.stop.stop.node_id


@dataclass(frozen=True, slots=True)
class LateHub:
    """A hub at which goods of a region were unloaded too late."""

    hub: str
    end_s: int
    deadline_s: int
