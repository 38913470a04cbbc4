"""Causes planted in instances in which all are in time: what is wrong, what may be named, what repairs it.

Each repair is an edit of its own of the planted instance; it is what the name of a limit or reason asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from small import CLOCK, DAY

from planner.instance.read import read_instance
from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Deadline,
    Decision,
    DecisionRule,
    Echelon,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    KnownTrip,
    Mode,
    Outage,
    Overnight,
    Region,
    Settings,
    Split,
    Stock,
    VehicleType,
    Warehouse,
)

ROOT = Path(__file__).parent.parent
H = 3600


@dataclass(frozen=True)
class Planted:
    """One cause: where, what, and the names of which one at least must be told for those late."""

    base: str
    name: str
    plant: Callable[[Instance], Instance]
    causes: frozenset[str]

    @property
    def world(self) -> Instance:
        """The instance with the cause in it."""
        return self.plant(BASES[self.base]())

    def __str__(self) -> str:
        return f"{self.base}-{self.name}"


# ---------------------------------------------------------------- instances in which all are in time


@cache
def toy() -> Instance:
    """Seven clinics on a lake, by vans and a boat from one store."""
    return read_instance(ROOT / "instances" / "toy")


@cache
def clinics() -> Instance:
    """Twenty-four clinics behind four hubs."""
    return read_instance(ROOT / "instances" / "clinics")


@cache
def river() -> Instance:
    """A warehouse, a jetty, an office upstream behind it; regions at both, one straight; two days."""
    points = {"W": 0.0, "J": 0.2, "U": 0.4, "a": 0.25, "b": 0.3, "c": 0.45, "d": 0.5, "s": -0.1}

    def region(name: str, hub: str, units: int) -> Region:
        return Region(
            id=name,
            name=f"Desa {name.upper()}",
            warehouse="W",
            lat=0.0,
            lon=points[name],
            hub=hub,
            counts={"tps": units, "voters": 100 * units},
        )

    def hub(name: str, via: str) -> Hub:
        return Hub(
            id=name,
            name=f"Jetty {name}",
            kind=HubKind.JETTY,
            lat=0.0,
            lon=points[name],
            via=via,
            docks=1,
            transfer_fixed_s=900,
        )

    def edge(here: str, there: str, mode: Mode, time_s: int) -> Edge:
        length = max(1, round(abs(points[there] - points[here]) * 120_000))
        return Edge(
            id=f"{here}-{there}",
            from_node=here,
            to_node=there,
            mode=mode,
            length_m=length,
            time_s=time_s,
            time_back_s=time_s,
        )

    def vehicle(name: str, home: str, mode: Mode, units: int) -> VehicleType:
        return VehicleType(
            id=name,
            name=name.title(),
            warehouse="W",
            home=home,
            number=1,
            modes=(mode,),
            mass_kg=10 * units,
            volume_dm3=100 * units,
            load_fixed_s=600,
            load_piece_s=60,
            unload_piece_s=60,
            price_trip=1000,
            price_km=10,
        )

    return Instance(
        settings=Settings(
            name="River",
            clock=CLOCK,
            horizon_s=2 * DAY,
            deadline_s=DAY,
            counts=("tps", "voters"),
            unit="tps",
            weight="voters",
            chain=Chain.REQUIRED,
            currency="IDR",
        ),
        warehouses=(Warehouse(id="W", name="Gudang W", lat=0.0, lon=0.0, docks=1),),
        hubs=(hub("J", ""), hub("U", "J")),
        regions=(
            region("a", "J", 2),
            region("b", "J", 3),
            region("c", "U", 2),
            region("d", "U", 2),
            region("s", "", 2),
        ),
        vehicles=(
            vehicle("truck", "", Mode.ROAD, 12),
            vehicle("boat", "J", Mode.RIVER, 6),
            vehicle("canoe", "U", Mode.RIVER, 4),
        ),
        items=(Item(id="box", name="Box", per="tps", mass_g=5_000, volume_cm3=50_000),),
        edges=(
            edge("W", "J", Mode.ROAD, 1800),
            edge("W", "s", Mode.ROAD, 1200),
            edge("J", "a", Mode.RIVER, 1200),
            edge("a", "b", Mode.RIVER, 900),
            edge("J", "U", Mode.RIVER, 3600),
            edge("U", "c", Mode.RIVER, 1200),
            edge("c", "d", Mode.RIVER, 1200),
        ),
    )


BASES: dict[str, Callable[[], Instance]] = {"toy": toy, "river": river, "clinics": clinics}

# ---------------------------------------------------------------- edits


def rows(table: str, names: str = "", **values: object) -> Callable[[Instance], Instance]:
    """Other values in the rows of a table: of all, or those that are named."""
    wanted = set(names.split())

    def change(world: Instance) -> Instance:
        found = tuple(
            replace(one, **values) if not wanted or one.id in wanted else one for one in getattr(world, table)
        )
        assert found != getattr(world, table), (table, names)
        return replace(world, **{table: found})

    return change


def add(table: str, *more: object) -> Callable[[Instance], Instance]:
    """Further rows, before the others."""
    return lambda world: replace(world, **{table: (*more, *getattr(world, table))})


def setting(**values: object) -> Callable[[Instance], Instance]:
    """Other settings."""
    return lambda world: replace(world, settings=replace(world.settings, **values))


def both(*changes: Callable[[Instance], Instance]) -> Callable[[Instance], Instance]:
    """One change after another."""

    def change(world: Instance) -> Instance:
        for one in changes:
            world = one(world)
        return world

    return change


def hours(name: str, opens_s: int, closes_s: int) -> CalendarRow:
    """A calendar of one daily span."""
    return CalendarRow(calendar=name, days="daily", opens_s=opens_s, closes_s=closes_s)


def open_at(table: str, names: str, opens_s: int, closes_s: int) -> Callable[[Instance], Instance]:
    """Places or vehicles with other hours."""
    return both(add("calendars", hours("odd", opens_s, closes_s)), rows(table, names, calendar="odd"))


def out(subject: str, until_s: int | None, number: int | None = None) -> Callable[[Instance], Instance]:
    """Something out of use from the start."""
    return add("outages", Outage(id="out", subject=subject, until_s=until_s, number=number))


def without(table: str, names: str) -> Callable[[Instance], Instance]:
    """A table without some rows."""
    gone = set(names.split())
    return lambda world: replace(
        world, **{table: tuple(one for one in getattr(world, table) if one.id not in gone)}
    )


def scaled(names: str, times: float) -> Callable[[Instance], Instance]:
    """Edges that take so many times as long."""
    wanted = set(names.split())

    def longer(edge: Edge) -> Edge:
        back = None if edge.time_back_s is None else round(times * edge.time_back_s)
        return replace(edge, time_s=round(times * edge.time_s), time_back_s=back)

    return lambda world: replace(
        world, edges=tuple(longer(one) if one.id in wanted or not wanted else one for one in world.edges)
    )


def decided(rule: DecisionRule, subject: str, value: str = "") -> Callable[[Instance], Instance]:
    """A decision."""
    return add("decisions", Decision(id="d1", rule=rule, subject=subject, value=value))


def planted(base: str, name: str, plant: Callable[[Instance], Instance], causes: str) -> Planted:
    """A cause; `causes` are names of reasons and limits."""
    return Planted(base, name, plant, frozenset(causes.split()))


NINE, TEN, ELEVEN = 9 * H, 10 * H, 11 * H
FIG = "elm-fig fig-store"

PLANTED = (
    # one warehouse, no hubs
    planted(
        "toy", "place opens after its deadline", open_at("regions", "fig", 12 * H, 13 * H), "place_hours"
    ),
    planted("toy", "store opens late", open_at("warehouses", "", 11 * H + 1800, 13 * H), "store_hours"),
    planted("toy", "short shifts", open_at("vehicles", "van", 11 * H, 13 * H), "shifts fleet_full"),
    planted("toy", "boat's shift", open_at("vehicles", "boat", 11 * H + 1800, 13 * H), "shifts"),
    planted("toy", "half an hour of work", rows("vehicles", "van", work_s=1800), "work_hours"),
    planted("toy", "an hour of work", rows("vehicles", "van", work_s=2 * H - 600), "work_hours"),
    planted(
        "toy",
        "receives late",
        add("deadlines", Deadline(place="fig", not_before_s=12 * H)),
        "place_from",
    ),
    planted(
        "toy", "goods leave late", add("deadlines", Deadline(place="fig", release_s=11 * H + 1800)), "release"
    ),
    planted("toy", "all vans out", out("van", ELEVEN + 1800), "out_of_use"),
    planted("toy", "all vans out for good", out("van", None), "out_of_use"),
    planted("toy", "store out", out("store", ELEVEN + 1800), "out_of_use"),
    planted("toy", "dock out", out("store", ELEVEN + 1800, 1), "out_of_use"),
    planted(
        "toy",
        "edges closed for a time",
        add("closures", *(Closure(id=one, edge=one, until_s=ELEVEN + 1800) for one in FIG.split())),
        "passages edge_hours",
    ),
    planted(
        "toy",
        "edges closed for good",
        add("closures", *(Closure(id=one, edge=one) for one in FIG.split())),
        "passages cut",
    ),
    planted(
        "toy",
        "edges with hours",
        both(add("calendars", hours("odd", 12 * H, 13 * H)), rows("edges", FIG, calendar="odd")),
        "passages edge_hours",
    ),
    planted("toy", "no boats", rows("vehicles", "boat", number=0), "modes cut"),
    planted("toy", "wrong mode", rows("vehicles", "boat", modes=(Mode.SEA,)), "modes cut"),
    planted("toy", "slow boat", rows("vehicles", "boat", speed_percent=10), "slow"),
    planted("toy", "far too long", scaled(FIG, 12), "earliest_arrival never_receives"),
    planted(
        "toy",
        "absurd known trip",
        add(
            "known_trips",
            KnownTrip(id="k", from_node="store", to_node="gum", time_s=20 * H, distance_m=10_000),
        ),
        "known_trips",
    ),
    planted("toy", "one way only", rows("edges", "store-gum gum-holly", time_back_s=None), "way_back"),
    planted("toy", "a box of half a tonne", rows("items", "box", mass_g=500_000), "capacity"),
    planted("toy", "too many pieces", rows("vehicles", "", pieces=1), "holds"),
    planted("toy", "too few boxes", rows("stock", quantity=20), "stock"),
    planted("toy", "left out", decided(DecisionRule.LEAVE_OUT, "fig"), "left_out"),
    planted("toy", "boat not to be used", decided(DecisionRule.NEVER_USE, "boat"), "decided decisions"),
    planted("toy", "leaves late", decided(DecisionRule.DEPART_AT, "fig", "11:45"), "decided decisions"),
    planted("toy", "one van", rows("vehicles", "van", number=1, mass_kg=80), "fleet_full vehicles"),
    planted("toy", "long loading", rows("vehicles", "van", load_fixed_s=2 * H), "loading docks_full docks"),
    planted("toy", "deadline too early", setting(deadline_s=8 * H + 900), "earliest_arrival"),
    planted("toy", "long hand-over", rows("regions", "fig", handover_s=4 * H), "handover"),
    planted("toy", "slow loading", rows("vehicles", "boat", load_piece_s=3000), "loading"),
    # hubs
    planted("river", "nobody at home at a hub", without("vehicles", "canoe"), "hub_vehicles leg_no_vehicle"),
    planted(
        "river", "nobody at home at the first hub", without("vehicles", "boat"), "hub_vehicles leg_no_vehicle"
    ),
    planted("river", "hub opens late", open_at("hubs", "U", 23 * H, 24 * H), "hub_hours"),
    planted("river", "first hub opens late", open_at("hubs", "J", 22 * H, 24 * H), "hub_hours"),
    planted("river", "hub out of use", out("U", 23 * H), "out_of_use"),
    planted("river", "hub's dock out of use", out("J", 23 * H, 1), "out_of_use"),
    planted("river", "canoe out of use", out("canoe", 23 * H), "out_of_use"),
    planted("river", "slow transfer", rows("hubs", "U", transfer_fixed_s=23 * H), "transfer"),
    planted("river", "slow transfer of pieces", rows("hubs", "J", transfer_piece_s=3 * H), "transfer"),
    planted(
        "river",
        "hub receives late",
        add("deadlines", Deadline(echelon=Echelon.HUB, place="U", not_before_s=23 * H)),
        "hub_from",
    ),
    planted(
        "river",
        "hub's deadline too early",
        add("deadlines", Deadline(echelon=Echelon.HUB, place="U", deadline_s=H)),
        "hub_deadline hub_late",
    ),
    planted("river", "hub too small for a box", rows("hubs", "U", storage_dm3=10), "hub_room leg_no_room"),
    planted("river", "goods leave late", add("deadlines", Deadline(place="d", release_s=DAY)), "release"),
    planted("river", "canoe's shift", open_at("vehicles", "canoe", 23 * H, 24 * H), "shifts"),
    planted("river", "canoe works an hour", rows("vehicles", "canoe", work_s=H), "work_hours"),
    planted("river", "canoe is slow", rows("vehicles", "canoe", speed_percent=1), "slow"),
    planted("river", "slow loading of the boat", rows("vehicles", "boat", load_fixed_s=23 * H), "loading"),
    planted("river", "place opens late", open_at("regions", "d", 23 * H + 3300, 24 * H), "place_hours"),
    planted(
        "river",
        "place receives late",
        add("deadlines", Deadline(place="d", not_before_s=DAY)),
        "place_from",
    ),
    planted(
        "river", "closed for good", add("closures", Closure(id="x", edge="U-c")), "passages cut leg_no_way"
    ),
    planted(
        "river",
        "closed for a day",
        add("closures", Closure(id="x", edge="J-U", until_s=23 * H)),
        "passages leg_edge_hours edge_hours",
    ),
    planted("river", "one way upstream", rows("edges", "c-d", time_back_s=None), "way_back"),
    planted("river", "one way to the hub", rows("edges", "J-U", time_back_s=None), "way_back leg_no_way"),
    planted("river", "no edge at all", without("edges", "c-d"), "cut_off cut"),
    planted(
        "river", "wrong mode at a hub", rows("vehicles", "canoe", modes=(Mode.ROAD,)), "modes leg_no_way cut"
    ),
    planted(
        "river",
        "goods come late",
        add("stock", Stock(warehouse="W", item="box", quantity=99, available_s=23 * H)),
        "stock_comes stock_from stock_early",
    ),
    planted("river", "far too long", scaled("U-c c-d", 60), "leg_slow earliest_arrival never_receives"),
    planted("river", "truck works little", rows("vehicles", "truck", work_s=2000), "work_hours"),
    planted("river", "warehouse opens late", open_at("warehouses", "", 22 * H, 24 * H), "store_hours"),
    planted("river", "small canoe", rows("vehicles", "canoe", mass_kg=1), "capacity leg_capacity"),
)


def _everywhere(table: str, **values: object) -> Callable[[Instance], Instance]:
    return lambda world: replace(
        world, **{table: tuple(replace(one, **values) for one in getattr(world, table))}
    )


def _at_home_everywhere(world: Instance) -> Instance:
    """Vehicles of each type at home at every hub and warehouse too."""
    more = (
        replace(kind, id=f"{kind.id}-{home}", home=home, number=max(1, kind.number))
        for kind in world.vehicles
        for home in ("", *(hub.id for hub in world.hubs))
        if home != kind.home
    )
    return replace(world, vehicles=(*world.vehicles, *more))


def _more(table: str, column: str) -> Callable[[Instance], Instance]:
    return lambda world: replace(
        world,
        **{
            table: tuple(
                replace(one, **{column: 2 * getattr(one, column) + 1}) for one in getattr(world, table)
            )
        },
    )


# What each limit asks for, done in all its rows.
REPAIRS: dict[str, Callable[[Instance], Instance]] = {
    "out_of_use": lambda world: replace(world, outages=()),
    "decisions": lambda world: replace(world, decisions=()),
    "place_from": lambda world: replace(
        setting(not_before_s=0)(world), deadlines=_without_begin(world, Echelon.REGION)
    ),
    "release": lambda world: replace(
        world, deadlines=tuple(replace(one, release_s=None) for one in world.deadlines)
    ),
    "hub_from": lambda world: replace(world, deadlines=_without_begin(world, Echelon.HUB)),
    "hub_deadline": lambda world: replace(
        world, deadlines=tuple(one for one in world.deadlines if one.echelon is not Echelon.HUB)
    ),
    "hub_vehicles": _at_home_everywhere,
    "place_hours": _everywhere("regions", calendar=""),
    "store_hours": _everywhere("warehouses", calendar=""),
    "hub_hours": _everywhere("hubs", calendar=""),
    "passages": lambda world: replace(_everywhere("edges", calendar="")(world), closures=()),
    "known_trips": lambda world: replace(world, known_trips=()),
    "stock_from": _everywhere("stock", available_s=None),
    "hub_room": _everywhere("hubs", storage_dm3=None),
    "transfer": _everywhere("hubs", transfer_fixed_s=0, transfer_piece_s=0),
    "handover": _everywhere("regions", handover_s=0),
    "loading": _everywhere("vehicles", load_fixed_s=0, load_piece_s=0, unload_piece_s=0),
    "work_hours": _everywhere("vehicles", work_s=None),
    "shifts": _everywhere("vehicles", calendar=""),
    "nights": _everywhere("vehicles", overnight=Overnight.ANYWHERE),
    "way_back": _everywhere("vehicles", open_end=True),
    "split": _everywhere("regions", split=Split.FREE),
    "holds": _everywhere("vehicles", mass_kg=10**6, volume_dm3=10**6, pieces=None),
    "vehicles": _more("vehicles", "number"),
    "docks": both(_more("warehouses", "docks"), _more("hubs", "docks")),
    "slow": _everywhere("vehicles", speed_percent=100),
    "modes": _everywhere("vehicles", modes=tuple(Mode)),
}


def _without_begin(world: Instance, echelon: Echelon) -> tuple[Deadline, ...]:
    return tuple(
        replace(one, not_before_s=None) if one.echelon is echelon else one for one in world.deadlines
    )
