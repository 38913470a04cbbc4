"""The kit: what a region's units weigh and hold."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.base.clock import Clock, parse_instant
from planner.instance.kits import Load, region_load, unit_loads
from planner.instance.schema import Instance, Item, Region, Rounding, Settings

SETTINGS = Settings(
    name="Kit",
    clock=Clock(parse_instant("2024-11-24T00:00+08:00"), "Asia/Makassar"),
    horizon_s=86_400,
    deadline_s=86_400,
    counts=("tps", "voters"),
    unit="tps",
    weight="voters",
)
BOX = Item(id="box", name="Box", per="tps", quantity=2, mass_g=2500, volume_cm3=96_000)
BALLOT = Item(id="ballot", name="Ballot", per="voters", reserve_bp=250, mass_g=10, volume_cm3=0, pieces=0)
FORMS = Item(id="forms", name="Forms", per="region", quantity=3, mass_g=500, volume_cm3=2000, part="late")
LISTS = Item(
    id="lists", name="Lists", per="voters", rounding=Rounding.REGION, reserve_bp=1000, mass_g=1, volume_cm3=1
)


def instance(*items: Item) -> Instance:
    return Instance(settings=SETTINGS, warehouses=(), regions=(), vehicles=(), items=items)


def region(tps: int, voters: int) -> Region:
    return Region(
        id="R1", name="Desa", warehouse="W1", lat=0.0, lon=117.0, counts={"tps": tps, "voters": voters}
    )


def test_worked_example() -> None:
    """1,000 voters in 3 units: 334, 333, 333; with 2.5 % more: 342.35, 341.325, 341.325, rounded up."""
    loads = unit_loads(instance(BOX, BALLOT), region(3, 1000))
    assert list(loads) == ["main"]
    assert [load.items for load in loads["main"]] == [
        {"box": 2, "ballot": 343},
        {"box": 2, "ballot": 342},
        {"box": 2, "ballot": 342},
    ]
    assert [load.mass_g for load in loads["main"]] == [8430, 8420, 8420]
    assert [load.volume_cm3 for load in loads["main"]] == [192_000] * 3
    assert [load.pieces for load in loads["main"]] == [2, 2, 2]


def test_what_is_for_the_region_travels_with_unit_0() -> None:
    loads = unit_loads(instance(BOX, FORMS, LISTS), region(2, 5))
    assert [load.items for load in loads["late"]] == [{"forms": 3}, {}]
    assert [load.items for load in loads["main"]] == [
        {"box": 2, "lists": 6},
        {"box": 2},
    ]  # 5.5 rounded up once


def test_a_region_without_units_receives_nothing() -> None:
    assert unit_loads(instance(BOX, FORMS), region(0, 500)) == {}
    assert region_load(instance(BOX, FORMS), region(0, 500)) == Load()


def test_a_part_that_needs_no_item_is_not_there() -> None:
    assert list(unit_loads(instance(BOX, FORMS), region(1, 0))) == ["main", "late"]
    without = Item(id="none", name="None", per="voters", part="ballots", mass_g=1, volume_cm3=1)
    assert list(unit_loads(instance(BOX, without), region(1, 0))) == ["main"]


def test_fewer_voters_than_units() -> None:
    loads = unit_loads(instance(BALLOT), region(3, 2))["main"]
    assert [load.items for load in loads] == [{"ballot": 2}, {"ballot": 2}, {}]


@given(
    tps=st.integers(1, 40),
    voters=st.integers(0, 20_000),
    quantity=st.integers(0, 5),
    reserve=st.integers(0, 20_000),
    rounding=st.sampled_from(Rounding),
    per=st.sampled_from(["tps", "voters", "region"]),
)
def test_against_fractions(
    tps: int, voters: int, quantity: int, reserve: int, rounding: Rounding, per: str
) -> None:
    item = Item(
        id="x",
        name="X",
        per=per,
        quantity=quantity,
        reserve_bp=reserve,
        rounding=rounding,
        mass_g=7,
        volume_cm3=11,
        pieces=1,
    )
    shares = [voters // tps + (number < voters % tps) for number in range(tps)]
    assert sum(shares) == voters
    more = quantity * (1 + Fraction(reserve, 10_000))
    expected = [0] * tps
    if per == "region":
        expected[0] = math.ceil(more)
    elif rounding is Rounding.REGION:
        expected[0] = math.ceil(more * (voters if per == "voters" else tps))
    else:
        expected = [math.ceil(more * (share if per == "voters" else 1)) for share in shares]
    loads = unit_loads(instance(item), region(tps, voters)).get("main", (Load(),) * tps)
    assert [load.pieces for load in loads] == expected
    assert [load.mass_g for load in loads] == [7 * one for one in expected]
    assert [load.volume_cm3 for load in loads] == [11 * one for one in expected]
    assert region_load(instance(item), region(tps, voters)) == sum(loads, Load())


def test_loads_add_and_multiply() -> None:
    one, other = Load(1, 2, 3, {"a": 3}), Load(10, 20, 30, {"a": 1, "b": 29})
    assert one + other == Load(11, 22, 33, {"a": 4, "b": 29})
    assert one * 3 == one + one + one
    assert one * 0 == Load()
    assert hash(one) == hash(Load(1, 2, 3, {"a": 3}))


@pytest.mark.parametrize("units", [6274])
def test_a_province_is_quick(units: int) -> None:
    kit = instance(BOX, BALLOT, FORMS, LISTS)
    regions = [region(units // 1038 + (number < units % 1038), 2500 + number) for number in range(1038)]
    begun = time.perf_counter()
    total = sum(len(unit_loads(kit, one)["main"]) for one in regions)
    assert total == units
    assert time.perf_counter() - begun < 1.0
