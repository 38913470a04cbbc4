"""Small instances made in memory: one warehouse W, villages, vehicles; and random ones for property tests.

A village needs `boxes` (the unit that is never split): 10 kg, 10 dm³ and one piece each, handed over on any
trips and days (`split` is free) where it does not say otherwise. Second 0 is Friday, 22 November 2024, 00:00.
"""

from dataclasses import replace

from hypothesis import strategies as st

from planner.base.clock import Clock, parse_instant
from planner.building.echelons import build_echelons
from planner.compose.component_solution import ComponentSolution
from planner.instance.digest import digest
from planner.instance.schema import (
    CalendarRow,
    Closure,
    Deadline,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    KnownTrip,
    Mode,
    Overnight,
    Region,
    Settings,
    Split,
    Stock,
    VehicleType,
    Warehouse,
    WindowRule,
)
from planner.plans.model import Plan, Status, StopReason
from planner.problem.echelons import EchelonProblem, Echelons
from planner.proof.check import check_plan
from planner.reasons.outcome import outcome_of

CLOCK = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
HOUR, DAY = 3600, 86_400
BOX = Item(id="box", name="Box", per="boxes", mass_g=10_000, volume_cm3=10_000)
CALENDARS = (
    CalendarRow(calendar="shift", opens_s=6 * HOUR, closes_s=18 * HOUR),
    CalendarRow(calendar="office", opens_s=8 * HOUR, closes_s=12 * HOUR),
    CalendarRow(calendar="office", opens_s=13 * HOUR, closes_s=16 * HOUR),
    CalendarRow(calendar="tide", opens_s=9 * HOUR, closes_s=10 * HOUR, window=WindowRule.START),
    CalendarRow(calendar="night", opens_s=18 * HOUR, closes_s=24 * HOUR),
    CalendarRow(calendar="night", opens_s=0, closes_s=6 * HOUR),
)
FERRY = (
    CalendarRow(calendar="ferry", opens_s=8 * HOUR, closes_s=8 * HOUR + 300, window=WindowRule.START),
    CalendarRow(calendar="ferry", opens_s=11 * HOUR, closes_s=11 * HOUR + 300, window=WindowRule.START),
    CalendarRow(calendar="ferry", opens_s=13 * HOUR, closes_s=15 * HOUR),
)


def village(name, boxes=1, people=1, **more):
    more = {"warehouse": "W", "handover_s": 600, "lat": 0.0, "lon": 117.0, "split": Split.FREE} | more
    return Region(id=name, name=f"Village {name}", counts={"boxes": boxes, "people": people}, **more)


def truck(name="T", **more):
    more = {"warehouse": "W", "number": 1, "modes": (Mode.ROAD,), "mass_kg": 50, "volume_dm3": 1000} | more
    return VehicleType(id=name, name=name, **more)


def road(name, start, end, time_s=1800, back_s="same", length_m=10_000, **more):
    back = time_s if back_s == "same" else back_s
    more = {"mode": Mode.ROAD, "length_m": length_m, "time_s": time_s, "time_back_s": back} | more
    return Edge(id=name, from_node=start, to_node=end, **more)


def hub(name):
    return Hub(id=name, name=name, kind=HubKind.JETTY, lat=0.0, lon=117.0)


def store(name="W", **more):
    return Warehouse(id=name, name=f"Store {name}", lat=0.0, lon=117.0, **more)


def world(regions, vehicles, edges, *, horizon_s=3 * DAY, deadline_s=2 * DAY, **tables):
    """An instance of these rows; `settings` and any further table may be given."""
    settings = {"clock": CLOCK, "counts": ("boxes", "people"), "unit": "boxes", "weight": "people"}
    settings |= {"name": "world", "horizon_s": horizon_s, "deadline_s": deadline_s, "currency": "IDR"}
    settings |= tables.pop("settings", {})
    tables = {"warehouses": (store(),), "items": (BOX,), "calendars": CALENDARS} | tables
    return Instance(
        settings=Settings(**settings),
        regions=tuple(regions),
        vehicles=tuple(vehicles),
        edges=tuple(edges),
        **tables,
    )


_WAYS = st.sampled_from([0, 600, 1500, 3600, 5400, 10_000, 20_000])


@st.composite
def worlds(draw, *, max_regions=4):
    """Random small instances with every kind of rule that a solve obeys."""
    names = [f"R{idx}" for idx in range(draw(st.integers(1, max_regions)))]
    regions = [
        village(
            name,
            boxes=draw(st.integers(0, 4)),
            people=draw(st.integers(0, 9)),
            calendar=draw(st.sampled_from(["", "", "office", "tide"])),
            split=draw(st.sampled_from(Split)),
            handover_s=draw(st.sampled_from([0, 600, 1800])),
        )
        for name in names
    ]
    kinds = [_kind(draw, f"K{idx}") for idx in range(draw(st.integers(1, 2)))]
    return world(
        regions,
        kinds,
        _edges(draw, names),
        horizon_s=draw(st.sampled_from([2 * DAY, 3 * DAY])),
        deadline_s=draw(st.sampled_from([10 * HOUR, DAY, 34 * HOUR, 2 * DAY, 2 * DAY])),
        warehouses=(
            store(
                docks=draw(st.integers(1, 2)), calendar=draw(st.sampled_from(["", "shift", "office", "tide"]))
            ),
        ),
        hubs=(hub("J"),),
        known_trips=_known(draw, [*names, "W"]),
        deadlines=_deadlines(draw, names),
        stock=_stock(draw),
    )


@st.composite
def timed_worlds(draw, *, max_regions=3):
    """The same with hours of edges and closures for a part of the time."""
    instance = draw(worlds(max_regions=max_regions))
    names = [one.id for one in instance.edges]
    hours = st.sampled_from(["", "", "shift", "office", "tide", "ferry", "night"])
    edges = tuple(replace(one, calendar=draw(hours)) for one in instance.edges)
    moments = st.sampled_from([None, 0, 7 * HOUR, 9 * HOUR + 1, 14 * HOUR, 30 * HOUR, 2 * DAY])
    closures = tuple(
        Closure(
            id=f"c{number}",
            edge=edge,
            from_s=draw(moments),
            until_s=draw(moments),
            types=draw(st.sampled_from([(), (), ("K0",), ("K1",), ("river",)])),
        )
        for number, edge in enumerate(draw(st.lists(st.sampled_from(names), max_size=3)))
    )
    kept = tuple(
        one for one in closures if one.from_s is None or one.until_s is None or one.from_s < one.until_s
    )
    return replace(instance, edges=edges, closures=kept, calendars=(*instance.calendars, *FERRY))


def _kind(draw, name):
    modes = draw(st.sampled_from([(Mode.ROAD,), (Mode.ROAD,), (Mode.ROAD, Mode.RIVER)]))
    return truck(
        name,
        number=draw(st.integers(1, 2)),
        modes=modes,
        mass_kg=draw(st.sampled_from([5, 10, 30, 60])),
        pieces=draw(st.sampled_from([None, 2])),
        speed_percent=draw(st.sampled_from([100, 70, 130])),
        calendar=draw(st.sampled_from(["", "shift", "shift", "night"])),
        overnight=draw(st.sampled_from(Overnight)),
        work_s=draw(st.sampled_from([None, 3 * HOUR, 8 * HOUR])),
        load_fixed_s=draw(st.sampled_from([0, 900])),
        load_piece_s=draw(st.sampled_from([0, 60])),
        unload_piece_s=draw(st.sampled_from([0, 45])),
        open_end=draw(st.integers(0, 3)) == 0,
        price_vehicle=draw(st.sampled_from([0, 1000])),
        price_day=draw(st.sampled_from([0, 700])),
        price_trip=draw(st.sampled_from([0, 50])),
        price_km=draw(st.sampled_from([0, 7])),
        price_hour=draw(st.sampled_from([0, 111])),
        upstream_percent=draw(st.sampled_from([None, None, 60])) if Mode.RIVER in modes else None,
    )


def _edges(draw, names):
    edges = [
        road("w" + name, "W", name, draw(_WAYS.filter(bool)), back_s=draw(_WAYS.map(lambda s: s or None)))
        for name in names
        if draw(st.integers(0, 6))
    ]
    edges += [
        road("x" + here, here, there, draw(_WAYS.filter(bool)), length_m=draw(st.integers(0, 9000)))
        for here, there in zip(names, names[1:], strict=False)
    ]
    edges.append(road("j", "W", "J", 1200))
    edges += [
        road("j" + name, "J", name, draw(_WAYS.filter(bool)), mode=Mode.RIVER)
        for name in names
        if draw(st.booleans())
    ]
    return edges


def _known(draw, places):
    ends = draw(st.lists(st.tuples(*[st.sampled_from(places)] * 2), max_size=2, unique=True))
    return tuple(
        KnownTrip(
            id=f"k{idx}", from_node=here, to_node=there, time_s=draw(_WAYS.filter(bool)), distance_m=5000
        )
        for idx, (here, there) in enumerate(ends)
        if here != there and draw(st.booleans())
    )


def _deadlines(draw, names):
    if draw(st.integers(0, 2)):
        return ()
    limits = st.sampled_from(
        [(None, 10 * HOUR), (6 * HOUR, None), (DAY, 10 * HOUR), (20 * HOUR, DAY - HOUR * 6)]
    )
    deadline_s, not_before_s = draw(limits)
    place, release_s = draw(st.sampled_from(names)), draw(st.sampled_from([None, 5 * HOUR, 9 * HOUR]))
    return (Deadline(place=place, deadline_s=deadline_s, not_before_s=not_before_s, release_s=release_s),)


def _stock(draw):
    """None, some at the start, or some that comes later."""
    first = Stock(warehouse="W", item="box", quantity=draw(st.integers(0, 9)))
    kind = draw(st.integers(0, 4))
    later = tuple(
        Stock(warehouse="W", item="box", quantity=draw(st.integers(1, 5)), available_s=moment)
        for moment in draw(st.sets(st.sampled_from([-HOUR, 600, 9 * HOUR, 20 * HOUR, 31 * HOUR]), max_size=2))
    )
    return () if kind < 3 else (first,) if kind == 3 else (first, *later)


def build_problem(instance, warehouse, regions):
    """The problem of a warehouse and some of its regions, of which none is supplied through a hub."""
    return build_echelons(instance, warehouse, regions).root


def problem_of(instance, warehouse="W"):
    """The problem of a warehouse and all its regions."""
    regions = [one for one in instance.regions if one.warehouse == warehouse]
    return build_problem(instance, warehouse, regions)


def outcome(problem, solution, *, stop_reason=StopReason.COMPLETE, lower_bound=None, **more):
    """The parts of a plan for a solution of a component of one echelon."""
    echelons = Echelons((EchelonProblem(problem, hubs=(-1,) * problem.num_regions),))
    found = ComponentSolution(echelons, (solution,))
    return outcome_of(found, stop_reason=stop_reason, lower_bound=lower_bound, **more)


def plan_of(instance, *outcomes):
    """A plan of these outcomes, as a solve would put it together."""
    regions = {one.region_id: one for found in outcomes for one in found.regions}
    return Plan(
        instance_name=instance.settings.name,
        instance_digest=digest(instance),
        planner_version="0",
        options={},
        status=Status.worst_of(found.component.status for found in outcomes),
        gamma=0,
        currency=instance.settings.currency,
        cost=sum(found.component.cost for found in outcomes),
        components=tuple(found.component for found in outcomes),
        trips=tuple(trip for found in outcomes for trip in found.trips),
        regions=tuple(regions[one.id] for one in instance.regions if one.id in regions),
    )


def broken_rules(instance, *solutions):
    """What the independent checker says of composed solutions, one for each component."""
    found = [outcome(one.problem, one) for one in solutions]
    verdict = check_plan(plan_of(instance, *found), instance.clock, instance)
    return [(one.rule, dict(one.place), one.claimed, one.expected) for one in verdict.violations]
