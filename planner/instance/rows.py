"""The rows of each table: one frozen class for each, whose fields carry their column's description.

Those of the network are in `planner.instance.network_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.instance.kinds import (
    Basis,
    DecisionRule,
    Echelon,
    HubKind,
    Kind,
    Mode,
    Overnight,
    Rounding,
    Split,
    WindowRule,
    col,
)

__all__ = [
    "Alias",
    "BoxRow",
    "CalendarRow",
    "Contact",
    "Deadline",
    "Decision",
    "Escort",
    "Extra",
    "FleetRow",
    "Hub",
    "Item",
    "Outage",
    "Preparation",
    "Problem",
    "Region",
    "Stock",
    "Unit",
    "VehicleType",
    "Warehouse",
]


# What matters only where goods change vehicles at a hub, which plan.toml's `chain` says.
_CHAIN = "matters only where goods pass hubs (`chain` allowed or required)"


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
    calendar: str = col(
        Kind.REF,
        f"Opening hours; empty: always open; {_CHAIN}.",
        refs=("calendars",),
        default="",
    )
    docks: int = col(Kind.COUNT, f"Vehicles that can be loaded at once; {_CHAIN}.", default=1, minimum=1)
    storage_dm3: int | None = col(
        Kind.COUNT,
        f"Room for goods; empty: enough; 0: none but what is taken on as soon as it is unloaded; {_CHAIN}.",
        unit="dm³",
        default=None,
    )
    transfer_fixed_s: int = col(
        Kind.COUNT,
        f"Time of a transfer; {_CHAIN}.",
        name="transfer_fixed_min",
        unit="min",
        scale=60,
        default=0,
    )
    transfer_piece_s: int = col(Kind.COUNT, f"Time of a transfer, each piece; {_CHAIN}.", unit="s", default=0)
    via: str = col(
        Kind.REF,
        f"Hub it is supplied through itself; empty: straight from the warehouse; {_CHAIN}.",
        refs=("hubs",),
        default="",
    )
    price_piece: int = col(
        Kind.MONEY, f"Price of each piece unloaded there; {_CHAIN}.", unit="currency", default=0
    )
    price_night: int | None = col(
        Kind.MONEY,
        f"Price of a night with goods there; empty: that of plan.toml; {_CHAIN}.",
        unit="currency",
        default=None,
    )
    basis: Basis = col(Kind.CHOICE, "Where the figures come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")

    @property
    def is_direct(self) -> bool:
        """Whether goods may be taken on as soon as they are unloaded, so that they need no room."""
        return not (self.transfer_fixed_s or self.transfer_piece_s)

    def transfer_s(self, pieces: int) -> int:
        """Time from the end of an unloading of so many pieces to the begin of loading them, in seconds."""
        return self.transfer_fixed_s + self.transfer_piece_s * pieces


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
    split: Split = col(
        Kind.CHOICE,
        "How each part of its demand is handed over: on one trip; on few trips of one day; as is cheapest.",
        choices=Split,
        default=Split.SAME_DAY,
    )
    price_night: int | None = col(
        Kind.MONEY,
        "Price of a night with goods there before the deadline; empty: that of plan.toml.",
        unit="currency",
        default=None,
    )
    basis: Basis = col(Kind.CHOICE, "Where the counts come from.", choices=Basis, default=Basis.ENTERED)
    source: str = col(Kind.TEXT, "Source.", default="")
    counts: Mapping[str, int] = field(default_factory=dict)  # the columns that plan.toml names


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType:
    """Types of vehicles, each with its home warehouse and number."""

    id: str = col(Kind.ID, "Id of the type; vehicles are named id-01, id-02, …")
    name: str = col(Kind.TEXT, "Name for people.")
    warehouse: str = col(Kind.REF, "Whose it is; its home unless `home` names a hub.", refs=("warehouses",))
    number: int = col(Kind.COUNT, "How many there are.")
    modes: tuple[Mode, ...] = col(Kind.CHOICES, "Edges it may move on, joined by +.", choices=Mode)
    mass_kg: int = col(Kind.COUNT, "Capacity in mass.", unit="kg", minimum=1)
    volume_dm3: int = col(Kind.COUNT, "Capacity in volume.", unit="dm³", minimum=1)
    pieces: int | None = col(Kind.COUNT, "Capacity in pieces; empty: no such limit.", default=None, minimum=1)
    speed_percent: int = col(Kind.COUNT, "Speed against the edges' times.", unit="%", default=100, minimum=1)
    upstream_percent: int | None = col(
        Kind.COUNT,
        "The same against the stream, on edges of rivers from `to` to `from`; empty: speed_percent.",
        unit="%",
        default=None,
        minimum=1,
    )
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
    work_late_s: int = col(
        Kind.DECIMAL,
        "So much longer may a crew that is late work on a day; then it pauses until its next shift.",
        name="work_late_h",
        unit="h",
        scale=3600,
        default=7200,
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
    home: str = col(
        Kind.REF,
        f"Hub where its trips begin and load; empty: its warehouse; {_CHAIN}.",
        refs=("hubs",),
        default="",
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
    told_percents: tuple[int, ...] = ()  # no column: what reports say of its speed


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
class Outage:
    """Vehicles, docks, warehouses and hubs that are out of use, for a time or altogether."""

    id: str = col(Kind.ID, "Id of the row.")
    subject: str = col(
        Kind.TEXT,
        "What is out of use: a vehicle as plans name it (`truck-03`) or by its call sign, a vehicle type, a "
        "warehouse or a hub, by its id or its name.",
    )
    from_s: int | None = col(
        Kind.INSTANT, "Out of use from; empty: from the start.", name="from", default=None
    )
    until_s: int | None = col(
        Kind.INSTANT, "Out of use until; empty: to the end.", name="until", default=None
    )
    number: int | None = col(
        Kind.COUNT,
        "How many vehicles of the type, or docks of the place, are out of use; empty: all, and at a place"
        " nothing is unloaded either.",
        default=None,
        minimum=1,
    )
    note: str = col(Kind.TEXT, "Why.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Goods for a region beyond what its counts ask for: replacements, late additions."""

    id: str = col(
        Kind.ID, "Name of these goods; in plans it stands where a part does. No part of `items` has it."
    )
    region: str = col(Kind.REF, "Region that must receive them.", refs=("regions",))
    unit: int = col(
        Kind.COUNT, "Rows with the same number travel as one unit; from 0, none left out.", default=0
    )
    item: str = col(Kind.REF, "Item.", refs=("items",))
    quantity: int = col(Kind.COUNT, "How many.", minimum=1)
    note: str = col(Kind.TEXT, "Why.", default="")
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What lies at warehouses or comes later; rows add up. Where an item has no row there is enough of it."""

    warehouse: str = col(Kind.REF, "Warehouse.", refs=("warehouses",))
    item: str = col(Kind.REF, "Item.", refs=("items",))
    quantity: int = col(Kind.COUNT, "How many.")
    available_s: int | None = col(
        Kind.INSTANT, "From when it may be loaded; empty: from the start.", name="available", default=None
    )
    source: str = col(Kind.TEXT, "Source.", default="")
    sure_s: int | None = None  # no column: from when what another warehouse sends can be counted on


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
    """Deadlines other than plan.toml's. The most exact row holds: region, subarea, area, all; or hub, all."""

    echelon: Echelon = col(
        Kind.CHOICE, f"Regions or hubs; a row for hubs {_CHAIN}.", choices=Echelon, default=Echelon.REGION
    )
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
    release_s: int | None = col(
        Kind.INSTANT,
        "Its goods are not loaded at the warehouse before this; empty: as the wider row says. Of regions.",
        name="release",
        default=None,
    )
    source: str = col(Kind.TEXT, "Source.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people have decided; a solve obeys it and fixes nothing else."""

    id: str = col(Kind.ID, "Id of the decision.")
    subject: str = col(
        Kind.TEXT,
        "What it is about, several joined by +: a region, subarea, area or hub; a vehicle type, or a "
        "vehicle (`TYPE/3`, its id in plans, or its call sign).",
    )
    rule: DecisionRule = col(Kind.CHOICE, "What is decided.", choices=DecisionRule)
    value: str = col(
        Kind.TEXT,
        "Vehicles, places, days or hours, as the rule wants; several joined by +.",
        default="",
        dated=True,
    )
    by: str = col(Kind.TEXT, "Who decided.", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Single units of a region, in order: the first row is its first unit; papers and box codes name them."""

    region: str = col(Kind.REF, "Region.", refs=("regions",))
    number: str = col(Kind.ID, "Number of the unit in its region.")
    code: str = col(Kind.TEXT, "Code on its boxes.", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Single vehicles: what they are called, and who drives them when; no plan depends on it."""

    vehicle: str = col(Kind.ID, "Vehicle as plans name it (`TYPE-03`), `TYPE/3`, or its made call sign.")
    call_sign: str = col(Kind.TEXT, "What it is called; empty: the call sign that is made.", default="")
    plate: str = col(Kind.TEXT, "Number plate, or name of a boat.", default="")
    driver: str = col(Kind.TEXT, "Who drives it.", default="")
    phone: str = col(Kind.TEXT, "Telephone of the driver.", default="")
    language: str = col(Kind.TEXT, "In which the driver reads, `en` or `id`; empty: as papers.", default="")
    from_s: int | None = col(Kind.INSTANT, "Holds from; empty: from the start.", name="from", default=None)
    until_s: int | None = col(Kind.INSTANT, "Holds until; empty: to the end.", name="until", default=None)
    source: str = col(Kind.TEXT, "Where this comes from.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """Codes of single boxes; a box without a row has a code that is made."""

    code: str = col(Kind.ID, "Code on the box.")
    region: str = col(Kind.REF, "Region that must receive it.", refs=("regions",))
    unit: str = col(Kind.ID, "Number of its unit, as in `units`; without rows there `001`, `002`, …")
    item: str = col(
        Kind.REF, "What it holds; rows of one unit and item are its boxes in turn.", refs=("items",)
    )
    seal: str = col(Kind.TEXT, "Number of its seal.", default="")
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """People to be called: status, diff and what is to be done now name them."""

    place: str = col(
        Kind.TEXT,
        "Region, hub, warehouse, vehicle (as plans name it, or its call sign) or vehicle type; id or name.",
    )
    name: str = col(Kind.ID, "Name.")
    role: str = col(Kind.TEXT, "Role.", default="")
    phone: str = col(Kind.TEXT, "Telephone.", default="")
    source: str = col(Kind.TEXT, "Where this comes from.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What else people call things, in messages and on the telephone; no plan depends on it."""

    name: str = col(Kind.ID, "What they say.")
    id: str = col(
        Kind.TEXT,
        "What they mean: region, area or part of one, hub, warehouse, node, way, vehicle or vehicle type; by "
        "its id, vehicles and places by a name too.",
    )
    note: str = col(Kind.TEXT, "Remark.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How far the goods are prepared; no plan depends on it, plan preparation writes it."""

    warehouse: str = col(Kind.REF, "Warehouse.", refs=("warehouses",))
    item: str = col(Kind.REF, "Item.", refs=("items",))
    date: str = col(Kind.DATE, "Day of the report.")
    needed: int = col(Kind.COUNT, "How many are needed.")
    received: int = col(Kind.COUNT, "How many have come.", default=0)
    sorted: int = col(Kind.COUNT, "How many are sorted.", default=0)
    packed: int = col(Kind.COUNT, "How many are packed.", default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is in the way; no plan depends on it, plan problem writes it."""

    id: str = col(Kind.ID, "Id of the problem.")
    date: str = col(Kind.DATE, "Day it was seen.")
    area: str = col(Kind.TEXT, "Where: region, hub, warehouse, area or part of one; id or name.", default="")
    kind: str = col(Kind.TEXT, "Kind.", default="")
    text: str = col(Kind.TEXT, "What it is.")
    responsible: str = col(Kind.TEXT, "Who sees to it.", default="")
    action: str = col(Kind.TEXT, "What is done.", default="")
    due: str = col(Kind.DATE, "Until when.", default="")
    closed: str = col(Kind.DATE, "When it was closed.", default="")
