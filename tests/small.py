"""A small instance and a valid plan for it, both worked out by hand.

Warehouse W (two docks) supplies A and B by truck, C by a ship past the jetty J and up a river, D by a
jeep that pauses on the way, and F by a boat that stays there. Warehouse V supplies G. Second 0 is Friday,
22 November 2024.

Goods of one unit: two boxes, one form (part `late`), its ballots; with unit 0 one sign for the region. The
ballots are its share of the voters plus 2.5 %, rounded up: A 5 + 4, B 6, C 5, D 4, F 3, G 2.
"""

import hashlib
import json

from planner.base.clock import Clock, parse_instant
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
    Stock,
    VehicleType,
    Warehouse,
    WindowRule,
)
from planner.plans.file import plan_to_text
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)

CLOCK = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
DAY = 86_400
DEADLINE = 4 * DAY


def _region(name, warehouse, tps, voters, **more):
    more["counts"] = {"tps": tps, "voters": voters}
    return Region(id=name, name=f"Desa {name}", warehouse=warehouse, lat=0.0, lon=117.0, **more)


def _road(name, start, end, length_m, time_s, back_s, mode=Mode.ROAD, **more):
    more |= {"length_m": length_m, "time_s": time_s, "time_back_s": back_s}
    return Edge(id=name, from_node=start, to_node=end, mode=mode, **more)


def _vehicle(name, warehouse, number, modes, **more):
    return VehicleType(id=name, name=name, warehouse=warehouse, number=number, modes=modes, **more)


def _item(name, part, per, mass_g, volume_cm3, **more):
    return Item(id=name, name=name, part=part, per=per, mass_g=mass_g, volume_cm3=volume_cm3, **more)


VEHICLES = (
    _vehicle(
        "TRUCK", "W", 2, (Mode.ROAD,), mass_kg=1000, volume_dm3=5000, pieces=40, calendar="shift",
        work_s=36_000, load_fixed_s=600, load_piece_s=60, unload_piece_s=30, price_vehicle=200_000,
        price_day=500_000, price_trip=50_000, price_km=4000, price_hour=30_000,
    ),
    _vehicle(
        "SHIP", "W", 1, (Mode.SEA, Mode.RIVER), mass_kg=300, volume_dm3=1000, calendar="shift",
        overnight=Overnight.STOP, load_fixed_s=300, load_piece_s=30, unload_piece_s=20,
        price_vehicle=100_000, price_km=2000,
    ),
    _vehicle(
        "JEEP", "W", 1, (Mode.ROAD,), speed_percent=80, mass_kg=200, volume_dm3=900, calendar="shift",
        overnight=Overnight.ANYWHERE, work_s=28_800, load_fixed_s=600, price_day=50_000, price_km=1000,
        price_hour=10_000,
    ),
    _vehicle(
        "BOAT", "W", 1, (Mode.RIVER,), mass_kg=100, volume_dm3=400, calendar="shift", load_piece_s=60,
        unload_piece_s=15, open_end=True, price_vehicle=5000, price_day=1000, price_trip=10_000,
    ),
    _vehicle("VAN", "V", 1, (Mode.ROAD,), mass_kg=100, volume_dm3=400, load_fixed_s=300),
)  # fmt: skip

INSTANCE = Instance(
    settings=Settings(
        name="small",
        clock=CLOCK,
        horizon_s=5 * DAY,
        deadline_s=DEADLINE,
        counts=("tps", "voters"),
        unit="tps",
        weight="voters",
        currency="IDR",
    ),
    warehouses=(
        Warehouse(id="W", name="Gudang W", lat=0.0, lon=117.0, docks=2, calendar="store"),
        Warehouse(id="V", name="Gudang V", lat=1.0, lon=117.0),
    ),
    hubs=(Hub(id="J", name="Dermaga J", kind=HubKind.JETTY, lat=0.0, lon=117.0),),
    regions=(
        _region("A", "W", 2, 7, area="64.01", subarea="64.01.01", calendar="office"),
        _region("B", "W", 1, 5, area="64.01", subarea="64.01.01"),
        _region("C", "W", 1, 4, area="64.01", subarea="64.01.02"),
        _region("D", "W", 1, 3, area="64.01", subarea="64.01.02"),
        _region("F", "W", 1, 2, area="64.01", subarea="64.01.03", calendar="tide"),
        _region("G", "V", 1, 1, area="64.02", subarea="64.02.01"),
    ),
    vehicles=VEHICLES,
    items=(
        _item("box", "main", "tps", 5000, 144_000, quantity=2),
        _item("ballot", "main", "voters", 3, 0, reserve_bp=250, pieces=0),
        _item("sign", "main", "region", 200, 1000),
        _item("form", "late", "tps", 100, 500),
    ),
    edges=(
        _road("e1", "W", "A", 30_000, 2700, 2700),
        _road("e2", "A", "B", 20_000, 1800, 1800),
        _road("e3", "W", "J", 10_000, 1800, 1800, Mode.SEA),
        _road("e4", "J", "C", 15_000, 3600, 5400, Mode.RIVER),
        _road("e5", "B", "D", 200_000, 36_000, 36_000),
        _road("e6", "W", "F", 12_000, 2400, None, Mode.RIVER, calendar="shift"),
        _road("e7", "W", "A", 1000, 60, 60),
        _road("e8", "V", "G", 5000, 600, 600),
    ),
    known_trips=(KnownTrip(id="k1", from_node="B", to_node="W", time_s=4000, distance_m=45_000),),
    closures=(Closure(id="c1", edge="e7"), Closure(id="c2", edge="e6", from_s=2 * DAY)),
    stock=(
        Stock(warehouse="W", item="box", quantity=12),
        Stock(warehouse="W", item="form", quantity=4),
        Stock(warehouse="W", item="form", quantity=2, available_s=32_400),
    ),
    calendars=(
        CalendarRow(calendar="store", opens_s=21_600, closes_s=61_200),
        CalendarRow(calendar="shift", opens_s=21_600, closes_s=64_800),
        CalendarRow(calendar="office", days="mon+tue+wed+thu+fri", opens_s=25_200, closes_s=43_200),
        CalendarRow(calendar="office", days="mon+tue+wed+thu+fri", opens_s=46_800, closes_s=57_600),
        CalendarRow(calendar="office", days="2024-11-25", opens_s=None, closes_s=None),
        CalendarRow(calendar="tide", opens_s=21_600, closes_s=24_300, window=WindowRule.START),
    ),
    deadlines=(
        Deadline(place="D", deadline_s=2 * DAY),
        Deadline(place="64.01.03", deadline_s=3 * DAY),
        Deadline(place="64.01", not_before_s=20_000),
        Deadline(place="F", not_before_s=DAY),
    ),
)


def _steps(text):
    """Steps from words such as `e1+` (forward), `e1-` (back) or `k1!` (known trip)."""
    kinds = {"+": StepKind.FORWARD, "-": StepKind.BACK, "!": StepKind.KNOWN}
    return tuple(Step(kinds[word[-1]], word[:-1]) for word in text.split())


def _leg(start, end, depart_s, arrive_s, distance_m, path):
    return Leg(start, end, depart_s, arrive_s, distance_m, _steps(path))


# (grams, cm³, pieces): two boxes, ballots of 3 g for the voters + 2.5 %, and the sign with unit 0; one form
LOADS = {
    ("main", "A", 0): (10_215, 289_000, 3),
    ("main", "A", 1): (10_012, 288_000, 2),
    ("main", "B", 0): (10_218, 289_000, 3),
    ("main", "C", 0): (10_215, 289_000, 3),
    ("main", "D", 0): (10_212, 289_000, 3),
    ("main", "F", 0): (10_209, 289_000, 3),
    ("main", "G", 0): (10_206, 289_000, 3),
    **{("late", name, number): (100, 500, 1) for name in "ABCDFG" for number in (0, 1)},
}


def _stop(leg, end_s, first_unit=0):
    name = leg.to_node
    deliveries = tuple(
        Delivery(f"{name}-{part}-{first_unit}", name, part, first_unit, 1, *LOADS[part, name, first_unit])
        for part in ("main", "late")
    )
    return Stop(name, leg, leg.arrive_s, end_s, deliveries)


# 8 pieces: 600 + 8 x 60 s of loading; 900 + 4 x 30 s at each stop;
# 50,000 + 95 km x 4,000 + 11,620 s x 30,000/h
T1 = Trip(
    "T1", "TRUCK-01", "TRUCK", "W", 1, 21_600, 22_680,
    (
        _stop(_leg("W", "A", 22_680, 25_380, 30_000, "e1+"), 26_400),
        _stop(_leg("A", "B", 26_400, 28_200, 20_000, "e2+"), 29_220),
    ),
    _leg("B", "W", 29_220, 33_220, 45_000, "k1!"), 33_220,
    mass_g=20_633, volume_cm3=579_000, pieces=8, distance_m=95_000, paid_s=11_620, cost=526_833,
)  # fmt: skip

# 300 + 4 x 30 s; 1,800 s by sea, 3,600 s up and 5,400 s down the river; 50 km x 2,000
T2 = Trip(
    "T2", "SHIP-01", "SHIP", "W", 2, 21_600, 22_020,
    (_stop(_leg("W", "C", 22_020, 27_420, 25_000, "e3+ e4+"), 28_400),),
    _leg("C", "W", 28_400, 35_600, 25_000, "e4- e3-"), 35_600,
    mass_g=10_315, volume_cm3=289_500, pieces=4, distance_m=50_000, paid_s=14_000, cost=100_000,
)  # fmt: skip

# 3,375 + 2,250 + 45,000 s at 80 %. Work of 28,800 s a day: 600 s of loading and 28,200 s of the way on
# Friday, the other 22,425 s, the service and 5,475 s of the way back on Saturday, 28,800 s on Sunday,
# 16,350 s on Monday.
# Paid are 42,780 + 2 x 43,200 + 16,350 s; 500 km x 1,000 + 145,530 s x 10,000/h
T3 = Trip(
    "T3", "JEEP-01", "JEEP", "W", 2, 22_020, 22_620,
    (_stop(_leg("W", "D", 22_620, 130_425, 250_000, "e1+ e2+ e5+"), 131_325),),
    _leg("D", "W", 131_325, 297_150, 250_000, "e5- e2- e1-"), 297_150,
    mass_g=10_312, volume_cm3=289_500, pieces=4, distance_m=500_000, paid_s=145_530, cost=904_250,
)  # fmt: skip

# 4 x 60 s of loading on Saturday; the boat stays
T4 = Trip(
    "T4", "BOAT-01", "BOAT", "W", 1, 108_000, 108_240,
    (_stop(_leg("W", "F", 108_240, 110_640, 12_000, "e6+"), 111_600),), None, 111_600,
    mass_g=10_309, volume_cm3=289_500, pieces=4, distance_m=12_000, paid_s=3600, cost=10_000,
)  # fmt: skip

# A's other unit: 600 + 3 x 60 s; 50,000 + 60 km x 4,000 + 7,170 s x 30,000/h
T5 = Trip(
    "T5", "TRUCK-01", "TRUCK", "W", 1, 36_000, 36_780,
    (_stop(_leg("W", "A", 36_780, 39_480, 30_000, "e1+"), 40_470, first_unit=1),),
    _leg("A", "W", 40_470, 43_170, 30_000, "e1-"), 43_170,
    mass_g=10_112, volume_cm3=288_500, pieces=3, distance_m=60_000, paid_s=7170, cost=349_750,
)  # fmt: skip

T6 = Trip(
    "T6", "VAN-01", "VAN", "V", 1, 0, 300,
    (_stop(_leg("V", "G", 300, 900, 5000, "e8+"), 1800),),
    _leg("G", "V", 1800, 2400, 5000, "e8-"), 2400,
    mass_g=10_306, volume_cm3=289_500, pieces=4, distance_m=10_000, paid_s=2400, cost=0,
)  # fmt: skip

# Trips 1,890,833; vehicles 200,000 + 100,000 + 5,000; days 500,000 + 4 x 50,000 + 1,000
COST = 2_896_833


def _on_time(name, received_s, deadline_s=DEADLINE):
    return RegionResult(name, RegionStatus.ON_TIME, received_s, deadline_s)


PLAN = Plan(
    instance_name="small",
    instance_digest=digest(INSTANCE),
    planner_version="0.1.0",
    options={"engine": "hand", "seed": "1"},
    status=Status.ON_TIME,
    gamma=0,
    currency="IDR",
    cost=COST,
    components=(
        Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A", "B", "C", "D", "F"), COST, 1_000_000),
        Component("V", Status.ON_TIME, StopReason.COMPLETE, ("G",), 0, None),
    ),
    trips=(T1, T2, T3, T4, T5, T6),
    regions=(
        _on_time("A", 40_470),
        _on_time("B", 29_220),
        _on_time("C", 28_400),
        _on_time("D", 131_325, 2 * DAY),
        _on_time("F", 111_600, 3 * DAY),
        _on_time("G", 1800),
    ),
)


def document():
    """The plan as parsed JSON, free to be changed."""
    return json.loads(plan_to_text(PLAN, CLOCK))


def signed(data):
    """JSON text of a changed plan with the digest that fits it."""
    body = {key: value for key, value in data.items() if key not in {"format", "digest"}}
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    hexes = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    return json.dumps({"format": data["format"], "digest": f"sha256:{hexes}"} | body)


def later(text, seconds):
    """An instant of a plan file, moved."""
    return CLOCK.text(CLOCK.seconds(parse_instant(text)) + seconds)
