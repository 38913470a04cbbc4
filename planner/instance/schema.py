"""What each table of an instance holds; the one source for reading, validation, docs and templates.

A column's file name is the field's name unless ``name`` says otherwise; ``unit`` is the unit *in the file*,
the
unit inside stands in the field's name where it is not obvious. Kinds and choices are in
`planner.instance.kinds`, the rows in `planner.instance.rows` and `planner.instance.network_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cached_property
from typing import Any

from planner.base.clock import Clock
from planner.instance.kinds import (
    Basis,
    CalibrationUse,
    Chain,
    Column,
    DecisionRule,
    Direction,
    Echelon,
    HubKind,
    Kind,
    Mode,
    Objective,
    Overnight,
    Rounding,
    Split,
    WindowRule,
)
from planner.instance.network_rows import (
    Access,
    Barrier,
    Calibration,
    Closure,
    Delay,
    Edge,
    KnownTrip,
    Line,
    Node,
    Speed,
)
from planner.instance.rows import (
    Alias,
    BoxRow,
    CalendarRow,
    Contact,
    Deadline,
    Decision,
    Escort,
    Extra,
    FleetRow,
    Hub,
    Item,
    Outage,
    Preparation,
    Problem,
    Region,
    Stock,
    Unit,
    VehicleType,
    Warehouse,
)

__all__ = [
    "NOTICE_MIN",
    "TABLES",
    "Access",
    "Alias",
    "Barrier",
    "Basis",
    "BoxRow",
    "CalendarRow",
    "Calibration",
    "CalibrationUse",
    "Chain",
    "Closure",
    "Column",
    "Contact",
    "Deadline",
    "Decision",
    "DecisionRule",
    "Delay",
    "Direction",
    "Echelon",
    "Edge",
    "Escort",
    "Extra",
    "FleetRow",
    "Hub",
    "HubKind",
    "Instance",
    "Item",
    "Kind",
    "KnownTrip",
    "Line",
    "Mode",
    "ModelSettings",
    "Node",
    "Objective",
    "Outage",
    "Overnight",
    "Preparation",
    "Problem",
    "Region",
    "Rounding",
    "Settings",
    "Source",
    "Speed",
    "Split",
    "Stock",
    "Table",
    "Unit",
    "VehicleType",
    "Warehouse",
    "WindowRule",
    "columns_of",
    "count_columns_of",
]

NOTICE_MIN = 15  # of new departures in a replan, unless the settings say otherwise


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
        dated=meta["dated"],
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
        _table("outages", Outage, "id"),
        _table("extra", Extra, "id", "region", "unit", "item"),
        _table("stock", Stock, "warehouse", "item", "available_s"),
        _table("escorts", Escort, "id"),
        _table("calendars", CalendarRow, "calendar", "days", "opens_s"),
        _table("deadlines", Deadline, "echelon", "place"),
        _table("decisions", Decision, "id"),
        _table("units", Unit, "region", "number", affects_plan=False),
        _table("boxes", BoxRow, "code", affects_plan=False),
        _table("fleet", FleetRow, "vehicle", "from_s", affects_plan=False),
        _table("contacts", Contact, "place", "name", affects_plan=False),
        _table("aliases", Alias, "name", affects_plan=False),
        _table("preparation", Preparation, "warehouse", "item", "date", affects_plan=False),
        _table("problems", Problem, "id", affects_plan=False),
    )
}


def count_columns_of(table: str, counts: Sequence[str]) -> tuple[Column, ...]:
    """The columns of an instance's counts, where the table has them."""
    if TABLES[table].row is not Region:
        return ()
    return tuple(
        Column(
            attribute=name,
            name=name,
            kind=Kind.COUNT,
            description="",
            unit=name,
            required=True,
            default=None,
            refs=(),
            choices=None,
            scale=1,
            minimum=None,
        )
        for name in counts
    )


def columns_of(table: str, counts: Sequence[str]) -> tuple[Column, ...]:
    """All columns of a table of an instance with these counts."""
    return (*TABLES[table].columns, *count_columns_of(table, counts))


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
        No modelled join is longer than this straight line; lines are drawn by people, and not limited.
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
    season
        Rows of the table `delays` with another season do not hold; empty: none with a season does.
    price_night
        Price of a night with goods at a region or hub whose own row says none.
    notice_min
        Minutes that people must have before a departure that a replan orders anew.
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
    season: str = ""
    price_night: int = 0
    notice_min: int = NOTICE_MIN


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
    outages: tuple[Outage, ...] = ()
    extra: tuple[Extra, ...] = ()
    stock: tuple[Stock, ...] = ()
    escorts: tuple[Escort, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    decisions: tuple[Decision, ...] = ()
    units: tuple[Unit, ...] = ()
    boxes: tuple[BoxRow, ...] = ()
    fleet: tuple[FleetRow, ...] = ()
    contacts: tuple[Contact, ...] = ()
    aliases: tuple[Alias, ...] = ()
    preparation: tuple[Preparation, ...] = ()
    problems: tuple[Problem, ...] = ()
    waived: frozenset[tuple[str, str, int]] = (
        frozenset()
    )  # region, part and number of units not needed any more
    before_transfers: Instance | None = field(default=None, repr=False)  # where these changed tables
    transfer_weights: Mapping[str, int] = field(
        default_factory=dict, repr=False
    )  # of warehouses that receive
    transfer_dues: Mapping[tuple[str, str], int] = field(default_factory=dict, repr=False)  # of their goods

    @property
    def as_filed(self) -> Instance:
        """The instance as its files say, before transfers between warehouses; proofs are about that one."""
        return self.before_transfers or self

    @property
    def clock(self) -> Clock:
        """The plan's clock."""
        return self.settings.clock

    @cached_property
    def region_of(self) -> Mapping[str, Region]:
        """Regions by id."""
        return {one.id: one for one in self.regions}

    def weight_of(self, region: Region) -> int:
        """By how much a region matters: its count of weight, at least 1; of a transfer, that of who waits."""
        return self.transfer_weights.get(region.id) or max(1, region.counts.get(self.settings.weight, 0))

    def price_night_of(self, place: Region | Hub) -> int:
        """Price of a night with goods at a place, in the currency's smallest unit."""
        return self.settings.price_night if place.price_night is None else place.price_night

    @cached_property
    def warehouse_of(self) -> Mapping[str, Warehouse]:
        """Warehouses by id."""
        return {one.id: one for one in self.warehouses}

    @cached_property
    def vehicle_type_of(self) -> Mapping[str, VehicleType]:
        """Vehicle types by id."""
        return {one.id: one for one in self.vehicles}

    @cached_property
    def closures_of(self) -> Mapping[str, tuple[Closure, ...]]:
        """Rows of `closures` by edge."""
        found: dict[str, list[Closure]] = {}
        for row in self.closures:
            found.setdefault(row.edge, []).append(row)
        return {edge: tuple(rows) for edge, rows in found.items()}

    @cached_property
    def extra_of(self) -> Mapping[str, tuple[Extra, ...]]:
        """Rows of `extra` by region."""
        found: dict[str, list[Extra]] = {}
        for row in self.extra:
            found.setdefault(row.region, []).append(row)
        return {region: tuple(rows) for region, rows in found.items()}

    @cached_property
    def deadlines_of(self) -> Mapping[tuple[Echelon, str], tuple[Deadline, ...]]:
        """Rows of `deadlines` by echelon and place."""
        found: dict[tuple[Echelon, str], list[Deadline]] = {}
        for row in self.deadlines:
            found.setdefault((row.echelon, row.place), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

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
