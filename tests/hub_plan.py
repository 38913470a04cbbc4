"""An instance with one hub and a valid plan for it, both worked out by hand.

Warehouse W supplies A (two units) and B through the hub H, and C, which has no hub, straight. One truck is at
home at W; it brings three units to H and goes on to C. The van of H takes one unit of A and B's first, then
A's other one. Each unit is one box. Second 0 is Friday, 22 November 2024.
"""

from small import CLOCK, DAY

from planner.instance.digest import digest
from planner.instance.schema import (
    Chain,
    Deadline,
    Echelon,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    Mode,
    Region,
    Settings,
    Split,
    VehicleType,
    Warehouse,
)
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

DEADLINE, HUB_DEADLINE = DAY, DAY // 2


def _region(name, units, lat, lon, hub):
    counts = {"tps": units, "voters": 10 * units}
    return Region(
        id=name,
        name=f"Desa {name}",
        warehouse="W",
        lat=lat,
        lon=lon,
        hub=hub,
        counts=counts,
        split=Split.FREE,
    )


def _road(name, start, end, length_m, time_s):
    more = {"length_m": length_m, "time_s": time_s, "time_back_s": time_s}
    return Edge(id=name, from_node=start, to_node=end, mode=Mode.ROAD, **more)


INSTANCE = Instance(
    settings=Settings(
        name="one hub",
        clock=CLOCK,
        horizon_s=2 * DAY,
        deadline_s=DEADLINE,
        counts=("tps", "voters"),
        unit="tps",
        weight="voters",
        currency="IDR",
        chain=Chain.REQUIRED,
    ),
    warehouses=(Warehouse(id="W", name="Gudang W", lat=0.0, lon=117.0),),
    hubs=(
        Hub(
            id="H",
            name="Kantor H",
            kind=HubKind.OFFICE,
            lat=0.2,
            lon=117.2,
            storage_dm3=300,
            transfer_fixed_s=600,
            transfer_piece_s=10,
            price_piece=100,
        ),
        Hub(id="X", name="Kantor X", kind=HubKind.OFFICE, lat=0.1, lon=117.0),
    ),
    regions=(
        _region("A", 2, 0.3, 117.2, "H"),
        _region("B", 1, 0.3, 117.3, "H"),
        _region("C", 1, 0.2, 117.1, ""),
    ),
    vehicles=(
        VehicleType(
            id="TRUCK", name="Truk", warehouse="W", number=1, modes=(Mode.ROAD,), mass_kg=1000,
            volume_dm3=5000, load_fixed_s=600, load_piece_s=60, unload_piece_s=30, price_trip=50_000,
            price_km=4000, price_hour=30_000,
        ),
        VehicleType(
            id="VAN", name="Mobil", warehouse="W", home="H", number=1, modes=(Mode.ROAD,), mass_kg=100,
            volume_dm3=200, load_fixed_s=300, unload_piece_s=20, price_trip=20_000, price_km=2000,
        ),
    ),
    items=(Item(id="box", name="Kotak", per="tps", mass_g=5000, volume_cm3=100_000),),
    edges=(
        _road("e1", "W", "H", 30_000, 2700),
        _road("e2", "H", "A", 10_000, 900),
        _road("e3", "A", "B", 5000, 600),
        _road("e4", "B", "H", 12_000, 1000),
        _road("e5", "H", "C", 8000, 800),
    ),
    deadlines=(Deadline(echelon=Echelon.HUB, place="", deadline_s=HUB_DEADLINE),),
)  # fmt: skip


def _leg(start, end, depart_s, arrive_s, distance_m, path):
    kinds = {"+": StepKind.FORWARD, "-": StepKind.BACK}
    return Leg(
        start,
        end,
        depart_s,
        arrive_s,
        distance_m,
        tuple(Step(kinds[one[-1]], one[:-1]) for one in path.split()),
    )


def _unit(region, number):
    return Delivery(f"{region}-main-{number}", region, "main", number, 1, 5000, 100_000, 1)


def _stop(leg, end_s, *units):
    return Stop(leg.to_node, leg, leg.arrive_s, end_s, tuple(_unit(*one) for one in units))


# 4 boxes: 600 + 4 x 60 s of loading; 3 x 30 s at the hub, 900 + 30 s at C;
# 50,000 + 76 km x 4,000 + 8,860 s x 30,000/h (rounded), and 3 boxes x 100 at the hub
T1 = Trip(
    "T1", "TRUCK-01", "TRUCK", "W", 1, 21_600, 22_440,
    (
        _stop(_leg("W", "H", 22_440, 25_140, 30_000, "e1+"), 25_230, ("A", 0), ("A", 1), ("B", 0)),
        _stop(_leg("H", "C", 25_230, 26_030, 8000, "e5+"), 26_960, ("C", 0)),
    ),
    _leg("C", "W", 26_960, 30_460, 38_000, "e5- e1-"), 30_460,
    mass_g=20_000, volume_cm3=400_000, pieces=4, distance_m=76_000, paid_s=8860, cost=428_133,
)  # fmt: skip

# ready at 25,230 + 600 + 3 x 10 = 25,860; 20,000 + 27 km x 2,000
T2 = Trip(
    "T2", "VAN-01", "VAN", "H", 1, 25_860, 26_160,
    (
        _stop(_leg("H", "A", 26_160, 27_060, 10_000, "e2+"), 27_980, ("A", 0)),
        _stop(_leg("A", "B", 27_980, 28_580, 5000, "e3+"), 29_500, ("B", 0)),
    ),
    _leg("B", "H", 29_500, 30_500, 12_000, "e4+"), 30_500,
    mass_g=10_000, volume_cm3=200_000, pieces=2, distance_m=27_000, paid_s=4640, cost=74_000,
)  # fmt: skip

T3 = Trip(
    "T3", "VAN-01", "VAN", "H", 1, 30_500, 30_800,
    (_stop(_leg("H", "A", 30_800, 31_700, 10_000, "e2+"), 32_620, ("A", 1)),),
    _leg("A", "H", 32_620, 33_520, 10_000, "e2-"), 33_520,
    mass_g=5000, volume_cm3=100_000, pieces=1, distance_m=20_000, paid_s=3020, cost=60_000,
)  # fmt: skip

COST = 562_133

PLAN = Plan(
    instance_name="one hub",
    instance_digest=digest(INSTANCE),
    planner_version="0.1.0",
    options={"engine": "hand", "seed": "1"},
    status=Status.ON_TIME,
    gamma=0,
    currency="IDR",
    cost=COST,
    components=(Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A", "B", "C"), COST, None),),
    trips=(T1, T2, T3),
    regions=(
        RegionResult("A", RegionStatus.ON_TIME, 32_620, DEADLINE),
        RegionResult("B", RegionStatus.ON_TIME, 29_500, DEADLINE),
        RegionResult("C", RegionStatus.ON_TIME, 26_960, DEADLINE),
    ),
)
