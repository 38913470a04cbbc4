"""What a search of a replan may choose, and what is given to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planner.instance.schema import Hub
from planner.instance.subjects import vehicle_id as id_of
from planner.plans.model import Trip
from planner.problem.ledger import Ledger
from planner.problem.trip_times import Timing
from planner.problem.visits import Visit
from planner.propose.pool import Candidate
from planner.replanning.changes import RegionWay
from planner.replanning.places import Place

__all__ = [
    "Choice",
    "LegId",
    "Lot",
    "Picked",
    "RegionCase",
    "Setting",
    "Stay",
    "dock_before",
    "timing_from",
    "vehicle_id",
]

LegId = tuple[str, int]
"""A leg of goods: the place where it is loaded, and its position among the goods of that place."""
Lot = tuple[str, str]
"""A region and a part of its demand."""


@dataclass(frozen=True)
class Choice:
    """A trip that may be driven, within an interval of starts from which all its offsets are the same.

    Parameters
    ----------
    origin_id, fleet
        Where it begins, and by which type of that place.
    order
        Positions of its goods among those of the place.
    stops
        Its stops.
    timing
        Its times for a start at `low_s`.
    cost
        Its own price.
    vehicles
        Numbers (from 0) of the vehicles that may drive it.
    candidate
        Gives its times for other starts; None where it has only the one.
    same_as
        Id of the trip of the plan in force that has the same goods in the same order; empty: none.
    rest_of
        Id of the trip under way that it goes on; empty: it is a trip of its own.
    fetches
        Node where it takes over goods from a vehicle that has broken down; empty: it does not.
    """

    origin_id: str
    fleet: int
    order: tuple[int, ...]
    stops: tuple[Visit, ...]
    timing: Timing
    low_s: int
    high_s: int
    cost: int
    vehicles: tuple[int, ...]
    candidate: Candidate | None = None
    same_as: str = ""
    rest_of: str = ""
    fetches: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """Goods of trips that stay, at a hub that has little room: how much, from when until when.

    `begun` says whether what brings them is under way.
    """

    hub: str
    volume_cm3: int
    from_s: int
    until_s: int
    begun: bool = False


@dataclass(frozen=True, slots=True)
class RegionCase:
    """What counts for a region.

    Parameters
    ----------
    weight
        Its weight.
    deadline_s
        It must receive before.
    old
        How it receives in the plan in force.
    same_from_s, same_until_s
        A last receipt in this closed interval is no change.
    kept_vehicles, kept_s
        Vehicles of trips that stay which bring it something, and the last of these receipts (-1: none).
    kept_over_s
        By how much these are late, here or at hubs; 0 or less: not.
    """

    weight: int
    deadline_s: int
    old: RegionWay
    same_from_s: int
    same_until_s: int
    kept_vehicles: frozenset[str] = frozenset()
    kept_s: int = -1
    kept_over_s: int = 0


@dataclass(frozen=True)
class Setting:
    """What is searched anew, and what is given.

    Parameters
    ----------
    places
        Where opened trips begin, by id; their goods are what is to be brought.
    taken
        What the trips that stay take of vehicles, docks of the opened places, and items that are short.
    upper
        Of a leg that begins at a hub, the leg that brings its goods there, where that is opened too.
    ready_s, came_s
        Of the others, when the goods can be loaded, and when they were unloaded there.
    by_s
        Of a leg to a hub, when its goods must be ready there for a trip that stays.
    regions
        All regions that some opened goods are for.
    opened
        Trips of the plan in force that are searched anew, by id.
    hubs
        The places that are hubs, by id.
    room_cm3
        Room of the hubs that have less than may come there.
    stays
        What trips that stay leave there.
    lots, days
        Of each leg whose goods come on the day of others, the region and part; the days of what stays of it.
    midnights
        Seconds at which local days begin.
    now_s, tolerance_s
        No trip begins before; what moves by no more is no change.
    first_s
        Nor before this, unless it goes as it would by itself.
    """

    places: Mapping[str, Place]
    taken: Ledger
    upper: Mapping[LegId, LegId]
    ready_s: Mapping[LegId, int]
    by_s: Mapping[LegId, int]
    regions: Mapping[str, RegionCase]
    opened: Mapping[str, Trip]
    hubs: Mapping[str, Hub]
    now_s: int
    tolerance_s: int
    horizon_s: int
    first_s: int = 0
    came_s: Mapping[LegId, int] = field(default_factory=dict)
    room_cm3: Mapping[str, int] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    lots: Mapping[LegId, Lot] = field(default_factory=dict)
    days: Mapping[Lot, frozenset[int]] = field(default_factory=dict)
    midnights: tuple[int, ...] = (0,)

    def receipts(self, one: Choice) -> Iterator[tuple[Lot, int]]:
        """Yield what of a choice's goods has one day, and its receipt, in seconds after the start."""
        if not self.lots or one.rest_of or one.fetches:  # what is aboard comes as it does
            return
        for stop, (_, end) in zip(one.stops, one.timing.services, strict=True):
            lots = (self.lots.get((one.origin_id, leg)) for leg in stop.consignments)
            for lot in dict.fromkeys(lots):
                if lot is not None:
                    yield lot, end - one.low_s


@dataclass(frozen=True, slots=True)
class Picked:
    """A choice that is driven: its times and the number of its vehicle."""

    choice: Choice
    timing: Timing
    vehicle: int


def vehicle_id(setting: Setting, choice: Choice, number: int) -> str:
    """Name of a vehicle, as plans have it; numbers begin with 0."""
    kind = setting.places[choice.origin_id].problem.fleet[choice.fleet]
    return id_of(kind.id, number + 1)


def timing_from(setting: Setting, choice: Choice, start_s: int) -> Timing:
    """Times of a choice for another of its starts."""
    if start_s == choice.low_s or choice.candidate is None:
        return choice.timing
    return choice.candidate.rigid_timing(setting.places[choice.origin_id].problem, start_s)


def dock_before(setting: Setting, choice: Choice) -> int | None:
    """The dock, from 0, of the trip of the plan in force that a choice is; None for another."""
    old = setting.opened.get(choice.same_as)
    return None if old is None else old.dock - 1
