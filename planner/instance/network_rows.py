"""The rows of the tables that make the network: places, modes, ways, times and what delays or closes them."""

from __future__ import annotations

from dataclasses import dataclass

from planner.instance.kinds import (
    Basis,
    CalibrationUse,
    Direction,
    Kind,
    Mode,
    col,
)

__all__ = [
    "Access",
    "Barrier",
    "Calibration",
    "Closure",
    "Delay",
    "Edge",
    "KnownTrip",
    "Line",
    "Node",
    "Speed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """By what modes a place is reached; used when the network is modelled."""

    place: str = col(Kind.REF, "Region, subarea, area, hub, warehouse or node.", refs=("places",))
    mode: Mode = col(Kind.CHOICE, "Mode.", choices=Mode)
    class_: str = col(Kind.TEXT, "Class of speed there (see `speeds`).", name="class", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Speeds by which the network is modelled."""

    mode: Mode = col(Kind.CHOICE, "Mode.", choices=Mode)
    class_: str = col(Kind.ID, "Class, for instance of a road.", name="class", default="")
    direction: Direction = col(Kind.CHOICE, "Direction.", choices=Direction, default=Direction.BOTH)
    speed_m_per_h: int = col(
        Kind.DECIMAL,
        "Speed of a vehicle with speed_percent 100.",
        name="speed_kmh",
        unit="km/h",
        scale=1000,
        minimum=1,
    )
    circuity_milli: int = col(
        Kind.DECIMAL,
        "Length of the way ÷ straight line.",
        name="circuity",
        scale=1000,
        default=1000,
        minimum=1000,
    )
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Further nodes of the network: junctions, bends of a river, landings."""

    id: str = col(Kind.ID, "Id of the node.")
    name: str = col(Kind.TEXT, "Name for people.", default="")
    lat: float = col(Kind.DEGREE, "Latitude (WGS 84).", unit="degrees")
    lon: float = col(Kind.DEGREE, "Longitude (WGS 84).", unit="degrees")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Known ways that a modelled network must hold: rivers downstream, crossings, sea and air routes."""

    line: str = col(Kind.ID, "Id of the line.")
    seq: int = col(Kind.COUNT, "Order along the line; a river runs down.")
    node: str = col(Kind.REF, "Node.", refs=("network",))
    mode: Mode = col(Kind.CHOICE, "Mode.", choices=Mode)
    class_: str = col(Kind.TEXT, "Class of speed.", name="class", default="")
    minutes_s: int | None = col(
        Kind.COUNT,
        "Time to the next node where it is known.",
        name="minutes",
        unit="min",
        scale=60,
        default=None,
    )
    length_m: int | None = col(
        Kind.DECIMAL,
        "Length to the next node where it is known, for instance along a drawn river; empty: the straight "
        "line times the class's circuity.",
        name="length_km",
        unit="km",
        scale=1000,
        default=None,
        minimum=1,
    )
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """Polylines that no modelled road or footpath crosses, except along a line: bays, rivers, ridges."""

    barrier: str = col(Kind.ID, "Id of the barrier.")
    seq: int = col(Kind.COUNT, "Order along it.")
    lat: float = col(Kind.DEGREE, "Latitude (WGS 84).", unit="degrees")
    lon: float = col(Kind.DEGREE, "Longitude (WGS 84).", unit="degrees")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Edges of the network between warehouses, hubs, regions and nodes."""

    id: str = col(Kind.ID, "Id of the edge.")
    from_node: str = col(Kind.REF, "Node at one end.", name="from", refs=("network",))
    to_node: str = col(Kind.REF, "Node at the other end.", name="to", refs=("network",))
    mode: Mode = col(Kind.CHOICE, "Mode.", choices=Mode)
    class_: str = col(Kind.TEXT, "Class of speed it was modelled with.", name="class", default="")
    length_m: int = col(Kind.COUNT, "Length.", unit="m")
    time_s: int = col(Kind.COUNT, "Time from `from` to `to` at speed_percent 100.", unit="s", minimum=1)
    time_back_s: int | None = col(
        Kind.COUNT, "Time from `to` to `from`; empty: one way.", unit="s", default=None, minimum=1
    )
    delay_max_s: int = col(Kind.COUNT, "Largest delay from `from` to `to`.", unit="s", default=0)
    delay_back_max_s: int = col(Kind.COUNT, "Largest delay from `to` to `from`.", unit="s", default=0)
    calendar: str = col(
        Kind.REF, "Hours of a ferry or a tidal passage; empty: always.", refs=("calendars",), default=""
    )
    basis: Basis = col(Kind.CHOICE, "Where the time comes from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")
    double_of: str = ""  # no column: the edge that this one, made by a report, is with another speed
    told_percents: tuple[int, ...] = ()  # no column: of a double for a type, what reports say of its speed


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrip:
    """Known times of trips; they override the network between these two places."""

    id: str = col(Kind.ID, "Id of the row.")
    from_node: str = col(
        Kind.REF,
        "From: a warehouse, hub or region (else R610); a hub matters only where goods pass it.",
        name="from",
        refs=("network",),
    )
    to_node: str = col(
        Kind.REF,
        "To: a warehouse, hub or region (else R610); a hub matters only where goods pass it.",
        name="to",
        refs=("network",),
    )
    vehicle: str = col(Kind.REF, "Vehicle type; empty: all.", refs=("vehicles",), default="")
    time_s: int = col(Kind.DECIMAL, "Time.", name="hours", unit="h", scale=3600, minimum=1)
    distance_m: int = col(Kind.DECIMAL, "Distance.", name="distance_km", unit="km", scale=1000)
    basis: Basis = col(Kind.CHOICE, "Where the time comes from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Published trips that the model's speeds are fitted to and judged by."""

    id: str = col(Kind.ID, "Id of the trip.")
    from_node: str = col(Kind.REF, "From.", name="from", refs=("network",))
    to_node: str = col(Kind.REF, "To.", name="to", refs=("network",))
    modes: tuple[Mode, ...] = col(Kind.CHOICES, "Modes used, joined by +.", choices=Mode)
    speed_percent: int = col(
        Kind.COUNT, "Speed of the craft against the reference.", unit="%", default=100, minimum=1
    )
    river_percent: int | None = col(
        Kind.COUNT,
        "The same on rivers, where another craft goes there; empty: speed_percent.",
        unit="%",
        default=None,
        minimum=1,
    )
    upstream_percent: int | None = col(
        Kind.COUNT,
        "The same on rivers against the stream; empty: river_percent.",
        unit="%",
        default=None,
        minimum=1,
    )
    ends_s: int = col(
        Kind.COUNT,
        "So much of the published time is not the way: casting off, landing, taxiing, getting out of town; "
        "in a plan that is loading and hand-over.",
        name="ends_min",
        unit="min",
        scale=60,
        default=0,
    )
    hours_min_s: int = col(
        Kind.DECIMAL, "Shortest time published.", name="hours_min", unit="h", scale=3600, minimum=1
    )
    hours_max_s: int = col(
        Kind.DECIMAL, "Longest time published.", name="hours_max", unit="h", scale=3600, minimum=1
    )
    use: CalibrationUse = col(Kind.CHOICE, "Fitted to, judged by, or neither.", choices=CalibrationUse)
    note: str = col(Kind.TEXT, "Remark.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Largest extra times of legs, for the guarantee."""

    id: str = col(Kind.ID, "Id of the row.")
    mode: Mode | None = col(Kind.CHOICE, "Edges of this mode; empty: all.", choices=Mode, default=None)
    season: str = col(Kind.TEXT, "Season it holds in (`season` in plan.toml); empty: in all.", default="")
    edge: str = col(Kind.REF, "This edge; empty: all.", refs=("edges",), default="")
    vehicle: str = col(Kind.REF, "This vehicle type; empty: all.", refs=("vehicles",), default="")
    percent: int = col(Kind.COUNT, "Largest delay, of the time.", unit="%", default=0)
    fixed_s: int = col(Kind.COUNT, "Largest delay, fixed.", name="fixed_min", unit="min", scale=60, default=0)
    basis: Basis = col(Kind.CHOICE, "Where the figure comes from.", choices=Basis, default=Basis.DEFAULT)
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Edges that are closed, for a time or altogether."""

    id: str = col(Kind.ID, "Id of the closure.")
    edge: str = col(Kind.REF, "Edge.", refs=("edges",))
    from_s: int | None = col(Kind.INSTANT, "Closed from; empty: from the start.", name="from", default=None)
    until_s: int | None = col(Kind.INSTANT, "Closed until; empty: to the end.", name="until", default=None)
    types: tuple[str, ...] = col(
        Kind.NAMES,
        "Vehicle types that it bars (low water, a weak bridge), or modes, each for all types that have it; "
        "empty: it bars all.",
        default=(),
    )
    note: str = col(Kind.TEXT, "Why.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")
