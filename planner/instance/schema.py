"""What each table of an instance holds; the one source for reading, validation, docs and templates.

Every row class is a frozen dataclass whose fields carry their column's description. A column's
file name is the field's name unless ``name`` says otherwise; ``unit`` is the unit *in the file*,
the unit inside stands in the field's name where it is not obvious.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any

from planner.clock import Clock

__all__ = ["TABLES", "Column", "Instance", "Kind", "Settings", "Table"]


class Kind(StrEnum):
    """How a cell is read."""

    ID = "id"  # text that names the row (or, with others, makes its key)
    REF = "ref"  # id of a row of another table
    REFS = "refs"  # ids joined by "+"
    TEXT = "text"
    COUNT = "count"  # integer >= 0
    DECIMAL = "decimal"  # number >= 0, kept as integer: scale in Column.scale
    DEGREE = "degree"  # decimal degrees, kept as float
    MONEY = "money"  # integer >= 0 in the smallest unit of the currency
    INSTANT = "instant"  # ISO 8601 with offset, kept as seconds from the plan's start
    HOUR = "hour"  # HH:MM, kept as seconds after midnight; 24:00 is the day's end
    DAYS = "days"  # daily, weekdays joined by "+" (mon+tue), or a date
    DATE = "date"
    CHOICE = "choice"  # one of Column.choices, kept as that enum
    CHOICES = "choices"  # some of them joined by "+", kept as a tuple
    YESNO = "yesno"  # yes or no


class Mode(StrEnum):
    """What an edge is travelled by."""

    ROAD = "road"
    RIVER = "river"
    SEA = "sea"
    AIR = "air"
    FOOT = "foot"


class Overnight(StrEnum):
    """What happens to a vehicle at the end of its shift."""

    HOME = "home"  # is back before it
    STOP = "stop"  # waits at a stop; each leg fits into a shift
    ANYWHERE = "anywhere"  # may pause on the way


class Basis(StrEnum):
    """Where a figure comes from."""

    MEASURED = "measured"
    ENTERED = "entered"
    MODELLED = "modelled"
    SYNTHETIC = "synthetic"
    DEFAULT = "default"


class HubKind(StrEnum):
    """What a hub is."""

    OFFICE = "office"
    JETTY = "jetty"
    PORT = "port"
    AIRSTRIP = "airstrip"


class WindowRule(StrEnum):
    """What of a service must lie in opening hours."""

    WHOLE = "whole"
    START = "start"


class Echelon(StrEnum):
    """Which receivers a deadline is for."""

    REGION = "region"
    HUB = "hub"


class Direction(StrEnum):
    """Direction of a speed: with the order of a line, against it, or both."""

    BOTH = "both"
    DOWN = "down"
    UP = "up"


class Rounding(StrEnum):
    """Where a quantity per count is rounded up."""

    UNIT = "unit"
    REGION = "region"


class CalibrationUse(StrEnum):
    """What a published trip is used for."""

    FIT = "fit"
    JUDGE = "judge"
    NONE = "none"


class Chain(StrEnum):
    """Whether consignments pass a hub."""

    NONE = "none"
    ALLOWED = "allowed"
    REQUIRED = "required"


class Objective(StrEnum):
    """What comes after lateness."""

    COST = "cost"
    MARGIN = "margin"
    VEHICLES = "vehicles"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: how it is read and what it means."""

    attribute: str
    name: str
    kind: Kind
    description: str
    unit: str
    required: bool
    default: object
    refs: tuple[str, ...]
    choices: type[Enum] | None
    scale: int
    minimum: int | None


def col(  # noqa: PLR0913 - a column has so many sides
    kind: Kind,
    description: str,
    *,
    name: str = "",
    unit: str = "",
    default: object = MISSING,
    refs: tuple[str, ...] = (),
    choices: type[Enum] | None = None,
    scale: int = 1,
    minimum: int | None = None,
) -> Any:  # noqa: ANN401 - stands where a dataclass wants a default
    """Declare a column; required when it has no default.

    ``scale`` turns the file's decimal number into the integer inside (value x scale, which
    must be whole). ``minimum`` is the smallest allowed integer *inside*.
    """
    meta = {
        "kind": kind,
        "description": description,
        "name": name,
        "unit": unit,
        "refs": refs,
        "choices": choices,
        "scale": scale,
        "minimum": minimum,
    }
    if default is MISSING:
        return field(metadata=meta)
    return field(default=default, metadata=meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """Places where the supplies lie."""

    id: str = col(Kind.ID, "Id of the warehouse.")
    name: str = col(Kind.TEXT, "Name for people.")
    lat: float = col(Kind.DEGREE, "Latitude (WGS 84).", unit="degrees")
    lon: float = col(Kind.DEGREE, "Longitude (WGS 84).", unit="degrees")
    calendar: str = col(Kind.REF, "Opening hours; empty: always open.", refs=("calendars",), default="")
    docks: int = col(Kind.COUNT, "Vehicles that can be loaded at once.", default=1, minimum=1)
    basis: Basis = col(Kind.CHOICE, "Where the figures come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Places where goods may change vehicles: offices, jetties, ports, airstrips."""

    id: str = col(Kind.ID, "Id of the hub.")
    name: str = col(Kind.TEXT, "Name for people.")
    kind: HubKind = col(Kind.CHOICE, "What it is.", choices=HubKind)
    lat: float = col(Kind.DEGREE, "Latitude (WGS 84).", unit="degrees")
    lon: float = col(Kind.DEGREE, "Longitude (WGS 84).", unit="degrees")
    calendar: str = col(Kind.REF, "Opening hours; empty: always open.", refs=("calendars",), default="")
    docks: int = col(Kind.COUNT, "Vehicles that can be loaded at once.", default=1, minimum=1)
    storage_dm3: int | None = col(Kind.COUNT, "Room for goods; empty: enough.", unit="dm³", default=None)
    transfer_fixed_s: int = col(
        Kind.COUNT, "Time of a transfer.", name="transfer_fixed_min", unit="min", scale=60, default=0
    )
    transfer_piece_s: int = col(Kind.COUNT, "Time of a transfer, each piece.", unit="s", default=0)
    basis: Basis = col(Kind.CHOICE, "Where the figures come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Places that must receive supplies. The instance's counts are further columns."""

    id: str = col(Kind.ID, "Id of the region, for instance its official code (text).")
    name: str = col(Kind.TEXT, "Name for people.")
    warehouse: str = col(Kind.REF, "Warehouse that supplies it.", refs=("warehouses",))
    lat: float = col(Kind.DEGREE, "Latitude (WGS 84).", unit="degrees")
    lon: float = col(Kind.DEGREE, "Longitude (WGS 84).", unit="degrees")
    hub: str = col(
        Kind.REF, "Hub it is supplied through where the chain asks for one.", refs=("hubs",), default=""
    )
    area: str = col(Kind.ID, "Id of its area (for instance the district).", default="")
    area_name: str = col(Kind.TEXT, "Name of the area.", default="")
    subarea: str = col(Kind.ID, "Id of its part of the area (for instance the subdistrict).", default="")
    subarea_name: str = col(Kind.TEXT, "Name of that part.", default="")
    calendar: str = col(Kind.REF, "Opening hours; empty: always open.", refs=("calendars",), default="")
    handover_s: int = col(
        Kind.COUNT,
        "Time of a hand-over, however many pieces.",
        name="handover_min",
        unit="min",
        scale=60,
        default=900,
    )
    basis: Basis = col(Kind.CHOICE, "Where the counts come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")
    counts: Mapping[str, int] = field(default_factory=dict)  # the columns that plan.toml names


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType:
    """Types of vehicles, each with its home warehouse and number."""

    id: str = col(Kind.ID, "Id of the type; vehicles are named id-01, id-02, …")
    name: str = col(Kind.TEXT, "Name for people.")
    warehouse: str = col(Kind.REF, "Home: where it starts and loads.", refs=("warehouses",))
    number: int = col(Kind.COUNT, "How many there are.")
    modes: tuple[Mode, ...] = col(Kind.CHOICES, "Edges it may move on, joined by +.", choices=Mode)
    relay_modes: tuple[Mode, ...] = col(
        Kind.CHOICES,
        "A relay changes to these modes at `relay_at`, and makes all its stops on them; empty: no relay.",
        choices=Mode,
        default=(),
    )
    relay_at: tuple[str, ...] = col(Kind.REFS, "Hubs where the relay changes.", refs=("hubs",), default=())
    relay_s: int = col(
        Kind.COUNT, "Time of each change of the relay.", name="relay_min", unit="min", scale=60, default=0
    )
    mass_kg: int = col(Kind.COUNT, "Capacity in mass.", unit="kg", minimum=1)
    volume_dm3: int = col(Kind.COUNT, "Capacity in volume.", unit="dm³", minimum=1)
    pieces: int | None = col(Kind.COUNT, "Capacity in pieces; empty: no such limit.", default=None, minimum=1)
    speed_percent: int = col(Kind.COUNT, "Speed against the edges' times.", unit="%", default=100, minimum=1)
    calendar: str = col(Kind.REF, "Shifts; empty: always.", refs=("calendars",), default="")
    overnight: Overnight = col(
        Kind.CHOICE, "What it does at the end of its shift.", choices=Overnight, default=Overnight.HOME
    )
    work_s: int | None = col(
        Kind.DECIMAL,
        "Longest driving, loading and service of a local day; empty: no limit.",
        name="work_h",
        unit="h",
        scale=3600,
        default=None,
        minimum=1,
    )
    load_fixed_s: int = col(
        Kind.COUNT, "Loading, each load.", name="load_fixed_min", unit="min", scale=60, default=0
    )
    load_piece_s: int = col(Kind.COUNT, "Loading, each piece.", unit="s", default=0)
    unload_piece_s: int = col(Kind.COUNT, "Unloading, each piece.", unit="s", default=0)
    open_end: bool = col(Kind.YESNO, "May end where its last stop is.", default=False)
    gamma: int | None = col(
        Kind.COUNT, "Late legs it must withstand; empty: as plan.toml says.", default=None
    )
    price_vehicle: int = col(Kind.MONEY, "Price of each vehicle used.", unit="currency", default=0)
    price_day: int = col(Kind.MONEY, "Price of each local day a vehicle is used.", unit="currency", default=0)
    price_trip: int = col(Kind.MONEY, "Price of each trip.", unit="currency", default=0)
    price_km: int = col(Kind.MONEY, "Price of each km, empty ones too.", unit="currency", default=0)
    price_hour: int = col(
        Kind.MONEY,
        "Price of each hour from the start of loading to the end of the trip, inside the shifts.",
        unit="currency",
        default=0,
    )
    basis: Basis = col(Kind.CHOICE, "Where fleet and prices come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The kit: what a count needs of each item."""

    id: str = col(Kind.ID, "Id of the item.")
    name: str = col(Kind.TEXT, "Name for people.")
    part: str = col(Kind.ID, "What may travel apart from other parts.", default="main")
    per: str = col(Kind.TEXT, "Count that the quantity is for (a count of plan.toml), or `region`.")
    quantity: int = col(Kind.COUNT, "Items for each of that count.", default=1)
    reserve_bp: int = col(
        Kind.DECIMAL, "Added to the quantity.", name="reserve_percent", unit="%", scale=100, default=0
    )
    rounding: Rounding = col(
        Kind.CHOICE,
        "Rounded up for each unit, or once for the region.",
        choices=Rounding,
        default=Rounding.UNIT,
    )
    mass_g: int = col(Kind.COUNT, "Mass of one.", unit="g")
    volume_cm3: int = col(Kind.COUNT, "Volume of one as it travels (0: inside another).", unit="cm³")
    pieces: int = col(Kind.COUNT, "Pieces to be handled for one (0: inside another).", default=1)
    basis: Basis = col(Kind.CHOICE, "Where the figures come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrip:
    """Known times of trips; they override the network between these two places."""

    id: str = col(Kind.ID, "Id of the row.")
    from_node: str = col(Kind.REF, "From.", name="from", refs=("network",))
    to_node: str = col(Kind.REF, "To.", name="to", refs=("network",))
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
    season: str = col(Kind.TEXT, "Season it holds in; empty: all.", default="")
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
    note: str = col(Kind.TEXT, "Why.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What lies at the warehouses. A warehouse without rows for an item has enough of it."""

    warehouse: str = col(Kind.REF, "Warehouse.", refs=("warehouses",))
    item: str = col(Kind.REF, "Item.", refs=("items",))
    quantity: int = col(Kind.COUNT, "How many.")
    available_s: int | None = col(
        Kind.INSTANT, "From when; empty: from the start.", name="available", default=None
    )
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escort:
    """Escort teams."""

    id: str = col(Kind.ID, "Id of the team.")
    warehouse: str = col(Kind.REF, "Where it starts.", refs=("warehouses",))
    vehicles: int = col(Kind.COUNT, "Vehicles it may cover at once.", default=1, minimum=1)
    area: str = col(Kind.TEXT, "Area that demands it; empty: all.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """Opening hours and shifts. For a day its date's rows hold, else its weekday's, else the daily ones."""

    calendar: str = col(Kind.ID, "Id of the calendar.")
    days: str = col(Kind.DAYS, "`daily`, weekdays joined by + (`mon+tue`), or a date.", default="daily")
    opens_s: int | None = col(Kind.HOUR, "Opens; both empty: closed that day.", name="opens", default=None)
    closes_s: int | None = col(Kind.HOUR, "Closes; 24:00 is the day's end.", name="closes", default=None)
    window: WindowRule = col(
        Kind.CHOICE,
        "Whether the whole service or its start must lie in it.",
        choices=WindowRule,
        default=WindowRule.WHOLE,
    )
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Deadlines other than plan.toml's. The most exact row holds: region, subarea, area, all."""

    echelon: Echelon = col(Kind.CHOICE, "Regions or hubs.", choices=Echelon, default=Echelon.REGION)
    place: str = col(Kind.REF, "Region, hub, subarea or area; empty: all.", refs=("places",), default="")
    deadline_s: int | None = col(
        Kind.INSTANT, "Received before this; empty: as the wider row says.", name="deadline", default=None
    )
    not_before_s: int | None = col(
        Kind.INSTANT,
        "Received not before this; empty: as the wider row says.",
        name="not_before",
        default=None,
    )
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people have decided."""

    id: str = col(Kind.ID, "Id of the decision.")
    subject: str = col(Kind.TEXT, "What it is about: a vehicle, a region, …")
    rule: str = col(Kind.TEXT, "use, never_use, day, depart_at, together, before, leave_out or keep.")
    value: str = col(Kind.TEXT, "Its value.", default="")
    by: str = col(Kind.TEXT, "Who decided.", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Single units of a region, for outputs only."""

    region: str = col(Kind.REF, "Region.", refs=("regions",))
    number: str = col(Kind.ID, "Number of the unit in its region.")
    code: str = col(Kind.TEXT, "Code on its boxes.", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """People to be called, for outputs only."""

    place: str = col(Kind.TEXT, "Region, hub, warehouse or vehicle.")
    name: str = col(Kind.ID, "Name.")
    role: str = col(Kind.TEXT, "Role.", default="")
    phone: str = col(Kind.TEXT, "Telephone.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How far the goods are prepared, for outputs only."""

    warehouse: str = col(Kind.REF, "Warehouse.", refs=("warehouses",))
    item: str = col(Kind.REF, "Item.", refs=("items",))
    date: str = col(Kind.DATE, "Day of the report.")
    needed: int = col(Kind.COUNT, "How many are needed.")
    received: int = col(Kind.COUNT, "How many have come.", default=0)
    sorted: int = col(Kind.COUNT, "How many are sorted.", default=0)
    packed: int = col(Kind.COUNT, "How many are packed.", default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is in the way, for outputs only."""

    id: str = col(Kind.ID, "Id of the problem.")
    date: str = col(Kind.DATE, "Day it was seen.")
    area: str = col(Kind.TEXT, "Where.", default="")
    kind: str = col(Kind.TEXT, "Kind.", default="")
    text: str = col(Kind.TEXT, "What it is.")
    responsible: str = col(Kind.TEXT, "Who sees to it.", default="")
    action: str = col(Kind.TEXT, "What is done.", default="")
    due: str = col(Kind.DATE, "Until when.", default="")
    closed: str = col(Kind.DATE, "When it was closed.", default="")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its rows' class, its key, and whether an instance must have it."""

    name: str
    row: type[Any]
    key: tuple[str, ...]
    required: bool
    affects_plan: bool

    @property
    def description(self) -> str:
        """First line of the row class."""
        return (self.row.__doc__ or "").splitlines()[0]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns in their usual order (the counts of regions excepted)."""
        return tuple(_column(one) for one in fields(self.row) if one.metadata)


def _column(one: Field[Any]) -> Column:
    meta = dict(one.metadata)
    return Column(
        attribute=one.name,
        name=str(meta["name"] or one.name),
        kind=Kind(meta["kind"]),
        description=str(meta["description"]),
        unit=str(meta["unit"]),
        required=one.default is MISSING,
        default=None if one.default is MISSING else one.default,
        refs=tuple(meta["refs"]),
        choices=meta["choices"],
        scale=int(meta["scale"]),
        minimum=meta["minimum"],
    )


def _table(name: str, row: type[Any], *key: str, required: bool = False, affects_plan: bool = True) -> Table:
    return Table(name, row, key, required, affects_plan)


# Key: attributes that together name a row; an empty key allows equal rows.
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        _table("warehouses", Warehouse, "id", required=True),
        _table("hubs", Hub, "id"),
        _table("regions", Region, "id", required=True),
        _table("vehicles", VehicleType, "id", required=True),
        _table("items", Item, "id", required=True),
        _table("access", Access, "place", "mode", affects_plan=False),
        _table("speeds", Speed, "mode", "class_", "direction", affects_plan=False),
        _table("nodes", Node, "id"),
        _table("lines", Line, "line", "seq", affects_plan=False),
        _table("barriers", Barrier, "barrier", "seq", affects_plan=False),
        _table("edges", Edge, "id"),
        _table("known_trips", KnownTrip, "id"),
        _table("calibration", Calibration, "id", affects_plan=False),
        _table("delays", Delay, "id"),
        _table("closures", Closure, "id"),
        _table("stock", Stock, "warehouse", "item", "available_s"),
        _table("escorts", Escort, "id"),
        _table("calendars", CalendarRow, "calendar", "days", "opens_s"),
        _table("deadlines", Deadline, "echelon", "place"),
        _table("decisions", Decision, "id"),
        _table("units", Unit, "region", "number", affects_plan=False),
        _table("contacts", Contact, "place", "name", affects_plan=False),
        _table("preparation", Preparation, "warehouse", "item", "date", affects_plan=False),
        _table("problems", Problem, "id", affects_plan=False),
    )
}


@dataclass(frozen=True, slots=True)
class Source:
    """One source of an instance's figures."""

    title: str
    address: str = ""
    licence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How ``plan network model`` joins places (``[model]`` of plan.toml).

    Parameters
    ----------
    neighbours
        Each place is joined to so many nearest places of its mode, besides a spanning tree.
    longest_join_m
        No modelled join is longer than this straight line; spanning trees are not limited.
    """

    neighbours: int = 4
    longest_join_m: int = 60_000


@dataclass(frozen=True, slots=True)
class Settings:
    """``plan.toml``.

    Parameters
    ----------
    name
        Name of the instance.
    clock
        Start and time zone.
    horizon_s
        Seconds from the start to the horizon's end; what is late is still delivered until then.
    deadline_s
        Default deadline of regions.
    not_before_s
        Default first moment of receipt.
    counts, unit, weight
        Names of the counts; the one that is never split; the one by which regions matter.
    """

    name: str
    clock: Clock
    horizon_s: int
    deadline_s: int
    counts: tuple[str, ...]
    unit: str
    weight: str
    not_before_s: int = 0
    guarantee: int = 0
    objective: Objective = Objective.COST
    chain: Chain = Chain.NONE
    currency: str = ""
    number_format: str = ""
    model: ModelSettings = field(default_factory=ModelSettings)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Everything of one instance, parsed. Rows keep the order of their files."""

    settings: Settings
    warehouses: tuple[Warehouse, ...]
    regions: tuple[Region, ...]
    vehicles: tuple[VehicleType, ...]
    items: tuple[Item, ...]
    hubs: tuple[Hub, ...] = ()
    access: tuple[Access, ...] = ()
    speeds: tuple[Speed, ...] = ()
    nodes: tuple[Node, ...] = ()
    lines: tuple[Line, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    edges: tuple[Edge, ...] = ()
    known_trips: tuple[KnownTrip, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    delays: tuple[Delay, ...] = ()
    closures: tuple[Closure, ...] = ()
    stock: tuple[Stock, ...] = ()
    escorts: tuple[Escort, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    decisions: tuple[Decision, ...] = ()
    units: tuple[Unit, ...] = ()
    contacts: tuple[Contact, ...] = ()
    preparation: tuple[Preparation, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def clock(self) -> Clock:
        """The plan's clock."""
        return self.settings.clock

    @cached_property
    def region_of(self) -> Mapping[str, Region]:
        """Regions by id."""
        return {one.id: one for one in self.regions}

    @cached_property
    def warehouse_of(self) -> Mapping[str, Warehouse]:
        """Warehouses by id."""
        return {one.id: one for one in self.warehouses}

    @cached_property
    def vehicle_type_of(self) -> Mapping[str, VehicleType]:
        """Vehicle types by id."""
        return {one.id: one for one in self.vehicles}

    @cached_property
    def point_of(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of warehouses, hubs, regions and nodes by id."""
        rows: tuple[Warehouse | Hub | Region | Node, ...] = (
            *self.nodes,
            *self.hubs,
            *self.regions,
            *self.warehouses,
        )
        return {one.id: (one.lat, one.lon) for one in rows}

    @cached_property
    def place_name_of(self) -> Mapping[str, str]:
        """Names of warehouses, hubs, regions and nodes by id."""
        rows: tuple[Warehouse | Hub | Region | Node, ...] = (
            *self.nodes,
            *self.hubs,
            *self.regions,
            *self.warehouses,
        )
        return {one.id: one.name or one.id for one in rows}
