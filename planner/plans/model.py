"""The frozen plan: everything a reader needs, nothing an engine needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

__all__ = [
    "Broken",
    "Component",
    "Delivery",
    "EventRow",
    "Goods",
    "Leg",
    "Moved",
    "Plan",
    "PlanReason",
    "Proof",
    "ProofKind",
    "ReasonCode",
    "RegionResult",
    "RegionStatus",
    "Replan",
    "Status",
    "Step",
    "StepKind",
    "Stop",
    "StopReason",
    "Trip",
    "UnknownReason",
]


class Status(StrEnum):
    """What a plan (or one component of it) achieves; the worst component's is the plan's."""

    GUARANTEED = "GUARANTEED"
    ON_TIME = "ON_TIME"
    LATE = "LATE"
    IMPOSSIBLE = "IMPOSSIBLE"
    NOT_FOUND = "NOT_FOUND"

    @property
    def rank(self) -> int:
        """0 is best."""
        return list(Status).index(self)

    @staticmethod
    def worst_of(statuses: Iterable[Status], *, default: Status | None = None) -> Status:
        """The worst of some; where there are none the default, and without one a ``ValueError``."""
        worst = max(statuses, key=lambda status: status.rank, default=default)
        if worst is None:
            raise ValueError("no status")
        return worst


class StopReason(StrEnum):
    """Why the search ended."""

    COMPLETE = "complete"  # nothing left that the engine could improve
    TIME_LIMIT = "time_limit"
    EFFORT = "effort"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not_started"  # the component had no turn yet (only in plans on the way)


class RegionStatus(StrEnum):
    """What a plan does for a region."""

    ON_TIME = "on_time"
    LATE = "late"
    UNDELIVERED = "undelivered"


class StepKind(StrEnum):
    """One piece of a way."""

    FORWARD = "forward"  # an edge from its `from` to its `to`
    BACK = "back"  # an edge from its `to` to its `from`
    KNOWN = "known"  # a row of known_trips, which is the whole way


class ProofKind(StrEnum):
    """What kind of argument shows that a region cannot be on time."""

    CUT = "cut"  # no way by any vehicle of its warehouse
    EARLIEST_ARRIVAL = "earliest_arrival"  # even alone, by the fastest vehicle, too late
    CAPACITY = "capacity"  # one unit exceeds every vehicle that reaches it
    STOCK = "stock"  # the warehouse has less than its regions need


class ReasonCode(StrEnum):
    """Why a region is not on time; each has its texts below ``reasons`` in the catalogue."""

    CUT = "cut"
    CUT_OFF = "cut_off"
    EARLIEST_ARRIVAL = "earliest_arrival"
    NEVER_RECEIVES = "never_receives"
    EDGE_HOURS = "edge_hours"
    CAPACITY = "capacity"
    STOCK = "stock"
    STOCK_COMES = "stock_comes"
    STOCK_NEVER_COMES = "stock_never_comes"
    STOCK_EARLY = "stock_early"
    STOCK_LATE = "stock_late"
    STOCK_ELSEWHERE = "stock_elsewhere"
    LEFT_OUT = "left_out"
    DECIDED = "decided"
    FLEET_DECIDED = "fleet_decided"
    DEPARTURES_FULL = "departures_full"
    PERHAPS_DECIDED = "perhaps_decided"
    HUB_LATE = "hub_late"
    TRANSFER_LATE = "transfer_late"
    LEG_NO_VEHICLE = "leg_no_vehicle"
    LEG_NO_WAY = "leg_no_way"
    LEG_CAPACITY = "leg_capacity"
    LEG_NO_ROOM = "leg_no_room"
    LEG_EDGES_SHUT = "leg_edges_shut"
    LEG_HOURS = "leg_hours"
    LEG_TOO_LATE = "leg_too_late"
    LEG_SLOW = "leg_slow"
    LEG_EDGE_HOURS = "leg_edge_hours"
    LEG_ROOM_FULL = "leg_room_full"
    LEG_FLEET_FULL = "leg_fleet_full"
    LEG_DOCKS_FULL = "leg_docks_full"
    LEG_FLEET_DOCKS_FULL = "leg_fleet_docks_full"
    LEG_WAITS = "leg_waits"
    LEG_ROUND = "leg_round"
    LEG_NOT_DETERMINED = "leg_not_determined"
    NO_TRIP = "no_trip"
    FLEET_FULL = "fleet_full"
    DOCKS_FULL = "docks_full"
    FLEET_DOCKS_FULL = "fleet_docks_full"
    NOT_DETERMINED = "not_determined"
    NOT_IN_ROUTES = "not_in_routes"
    LATE_IN_ROUTES = "late_in_routes"
    NOT_SEARCHED = "not_searched"
    WORKER_LOST = "worker_lost"
    SEARCH_FAILED = "search_failed"
    AFTER_REPORTS_LATE = "after_reports_late"
    AFTER_REPORTS_MISSING = "after_reports_missing"


class UnknownReason(str):
    """A reason that a plan file names and this program has no words for; it breaks the rule ``reasons``."""

    __slots__ = ()


PlanReason = ReasonCode | UnknownReason | Literal[""]
"""What a plan says of a region; a region that is on time needs no reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a way; `ref` is the edge or known trip."""

    kind: StepKind
    ref: str


@dataclass(frozen=True, slots=True)
class Leg:
    """The way between two consecutive stops of a trip.

    ``arrive_s - depart_s`` is more than the travelling time where the vehicle pauses overnight.
    """

    from_node: str
    to_node: str
    depart_s: int
    arrive_s: int
    distance_m: int
    path: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units of one part handed over at a stop, from number `first_unit` (the first is 0), and their load."""

    consignment_id: str
    region_id: str
    part: str
    first_unit: int
    units: int
    mass_g: int
    volume_cm3: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Goods:
    """So much of an item, not meant for one region."""

    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: reached by `leg`, served in [start_s, end_s). `end_s` is the receipt.

    ``items`` are what is unloaded at another warehouse and lies in its stock from then on; empty elsewhere.
    ``fetched`` are what is taken over from a vehicle that has broken down here; empty elsewhere.
    """

    node_id: str
    leg: Leg
    start_s: int
    end_s: int
    deliveries: tuple[Delivery, ...]
    items: tuple[Goods, ...] = ()
    fetched: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """The end of a trip whose vehicle has broken down.

    Parameters
    ----------
    at_s
        When it broke down; the trip ends then.
    node_id
        Where it stands.
    leg
        The way from its last stop (or its origin) to there, as far as it came; None where it stands at that
        place itself.
    deliveries, items
        What is still aboard.
    """

    at_s: int
    node_id: str
    leg: Leg | None = None
    deliveries: tuple[Delivery, ...] = ()
    items: tuple[Goods, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip of one vehicle: loads in [load_start_s, depart_s), serves its stops, comes back.

    ``back`` is ``None`` where the trip ends at its last stop, or was ``broken``. ``begun`` trips of a replan
    are history or under way: their loading began before the replan's moment. ``paid_s`` is the time from
    ``load_start_s`` to ``end_s`` that lies inside the vehicle's shifts. ``cost`` is the trip's own
    price, rounded once, half up; prices of vehicles and days used come on top in the plan.
    """

    id: str
    vehicle_id: str
    vehicle_type: str
    origin_id: str
    dock: int
    load_start_s: int
    depart_s: int
    stops: tuple[Stop, ...]
    back: Leg | None
    end_s: int
    mass_g: int
    volume_cm3: int
    pieces: int
    distance_m: int
    paid_s: int
    cost: int
    begun: bool = False
    broken: Broken | None = None


@dataclass(frozen=True, slots=True)
class RegionResult:
    """What the plan does for one region, and why not better."""

    region_id: str
    status: RegionStatus
    received_s: int | None
    deadline_s: int
    reason: PlanReason = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def margin_s(self) -> int | None:
        """Deadline minus receipt; None where nothing is received."""
        return None if self.received_s is None else self.deadline_s - self.received_s


@dataclass(frozen=True, slots=True)
class Proof:
    """Why regions cannot be on time; the checker verifies it itself from the files.

    ``figures`` holds the kind's own figures as text, for instance the earliest possible receipt.
    ``edges`` names what is in the way: the closed or unusable edges of a cut.
    """

    kind: ProofKind
    regions: tuple[str, ...]
    edges: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    """Regions that share vehicles, docks or stock, and what was found for them."""

    id: str
    status: Status
    stop_reason: StopReason
    regions: tuple[str, ...]
    cost: int
    lower_bound: int | None
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """A report from the field as a replan believed it: the cells of its row, instants as ISO 8601 text.

    ``from_time`` is the column ``from``, which is a word of the language.
    """

    id: str
    time: str
    kind: str
    subject: str = ""
    from_time: str = ""
    until: str = ""
    value: str = ""
    item: str = ""
    type: str = ""
    place: str = ""
    note: str = ""
    by: str = ""
    bulk: str = ""
    trip: str = ""
    stop: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A trip of an earlier plan that is not as it was: who has its goods, or drives in its place, now.

    Parameters
    ----------
    trip
        Its id, which no other trip gets.
    vehicle
        Whose it was.
    to
        Ids of trips that carry what it carried on the same leg; none where nobody does.
    """

    trip: str
    vehicle: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replan:
    """What a replan started from.

    Parameters
    ----------
    now_s
        The moment of the replan: what began before it is kept, nothing else begins before it.
    previous_digest
        Digest of the content of the plan that it replaces.
    assume
        What it believed of things that were due and not reported: ``planned`` or ``nothing``.
    tolerance_s
        By how much an arrival may move before it counts as a change.
    events
        All reports that it believed, in the order of their times and ids, with what each was understood to
        mean.
    moved
        Trips of all plans before it that are not in it, or that gave something to other trips, by their ids.
    """

    now_s: int
    previous_digest: str
    assume: str
    tolerance_s: int
    events: tuple[EventRow, ...] = ()
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan.

    Parameters
    ----------
    instance_name, instance_digest
        Which instance it is for.
    options
        What the solve was asked for, as text (engine, seed, effort, area, …).
    gamma
        Late legs of each vehicle that were to be withstood; the status says whether all are guaranteed.
    replan
        What it started from; None for a plan made from nothing.
    instance_tables
        Short digests of the instance's settings and tables by name; empty in plans made before there were
        these.
    """

    instance_name: str
    instance_digest: str
    planner_version: str
    options: Mapping[str, str]
    status: Status
    gamma: int
    currency: str
    cost: int
    components: tuple[Component, ...]
    trips: tuple[Trip, ...]
    regions: tuple[RegionResult, ...]
    replan: Replan | None = None
    instance_tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def distance_m(self) -> int:
        """Length of all legs."""
        return sum(trip.distance_m for trip in self.trips)

    @property
    def vehicles_used(self) -> int:
        """Number of vehicles with a trip."""
        return len({trip.vehicle_id for trip in self.trips})

    @property
    def regions_on_time(self) -> int:
        """Number of regions on time."""
        return sum(one.status is RegionStatus.ON_TIME for one in self.regions)

    @property
    def smallest_margin_s(self) -> int | None:
        """Smallest margin of all regions that receive."""
        margins = [one.margin_s for one in self.regions if one.margin_s is not None]
        return min(margins, default=None)

    @property
    def lower_bound(self) -> int | None:
        """Lower bound of the cost as the search claims it; None where a component has none."""
        bounds = [one.lower_bound for one in self.components]
        known = [bound for bound in bounds if bound is not None]
        return sum(known) if len(known) == len(bounds) else None
