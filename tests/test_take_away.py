"""Something is taken away from an instance with hubs: the plan adapts, or says what it was.

The tiny one: a truck brings two boxes each for A and B from W to the jetty H (07:00, transferred by 07:30);
two boats, each with room for two boxes, load there for an hour at two docks (H is open until 09:30) and are
at A and B at 10:30. The tight deadline is a second later, the loose one at 11:00 of the next day.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from planner.instance.read import read_instance
from planner.instance.schema import CalendarRow, Chain, Hub, HubKind, Mode, Stock
from planner.plans.file import plan_to_text
from planner.plans.model import ProofKind, RegionStatus
from planner.proof.check import check_plan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.worlds import DAY, HOUR, road, truck, village, world

pytestmark = pytest.mark.usefixtures("short_searches")

QUICK = SolveOptions(effort=1, workers=0, guarantee=0)
# Ten desa at the head of the river: road to the jetty, longboats to the office, ketinting to the desa.
LONG_APARI, ITS_BOATS = "64.11.04", "ketinting-ppk-64.11.04"
BRISK = SolveOptions(time_limit_s=2, workers=0, guarantee=0, area=LONG_APARI)
INSTANCES = Path(__file__).resolve().parents[1] / "instances"


def without(instance, table, name, **less):
    """The instance with a row changed, or without it."""
    rows = getattr(instance, table)
    key = "item" if table == "stock" else "id"
    assert sum(getattr(row, key) == name for row in rows) == 1
    changed = tuple(replace(row, **less) if getattr(row, key) == name else row for row in rows)
    kept = changed if less else tuple(row for row in rows if getattr(row, key) != name)
    return replace(instance, **{table: kept})


def a_day_later(instance, names=None):
    """The instance in which what the warehouses receive, or these items of it, is there a day later."""
    rows = tuple(
        replace(row, available_s=(row.available_s or 0) + DAY) if names is None or row.item in names else row
        for row in instance.stock
    )
    assert rows != instance.stock
    return replace(instance, stock=rows)


def solved(instance, options=QUICK):
    """The plan, checked, and for each region that is not on time its reason and what that names."""
    plan = solve(instance, options).plan
    verdict = check_plan(plan, instance.clock, instance)
    assert verdict.passed, verdict.violations
    return plan, {
        one.region_id: (one.reason, dict(one.params))
        for one in plan.regions
        if one.status is not RegionStatus.ON_TIME
    }


# A tiny chain

TIGHT, LOOSE = 10 * HOUR + 1801, DAY + 11 * HOUR


def tiny(deadline_s):
    jetty = Hub(
        id="H", name="Jetty", kind=HubKind.JETTY, lat=0.0, lon=117.0, calendar="jetty", docks=2,
        storage_dm3=40, transfer_fixed_s=1800,
    )  # fmt: skip
    boat = truck(
        "boat", home="H", modes=(Mode.RIVER,), number=2, mass_kg=20, load_fixed_s=HOUR, calendar="shift"
    )
    shift = CalendarRow(calendar="shift", opens_s=6 * HOUR, closes_s=18 * HOUR)
    return world(
        [village(name, boxes=2, hub="H", handover_s=0) for name in "AB"],
        [truck("truck", number=2, calendar="shift", price_vehicle=9), boat],
        [
            road("wh", "W", "H", HOUR),
            road("ha", "H", "A", 2 * HOUR, mode=Mode.RIVER),
            road("hb", "H", "B", 2 * HOUR, mode=Mode.RIVER),
        ],
        deadline_s=deadline_s,
        hubs=(jetty,),
        calendars=(shift, CalendarRow(calendar="jetty", opens_s=7 * HOUR, closes_s=9 * HOUR + 1800)),
        stock=(Stock(warehouse="W", item="box", quantity=4),),
        settings={"chain": Chain.REQUIRED},
    )


TAKEN = {
    "a dock": (("hubs", "H", {"docks": 1}), "leg_docks_full", {"from": "H", "docks": "1"}),
    "a boat": (("vehicles", "boat", {"number": 1}), "leg_fleet_full", {"vehicle": "boat", "number": "1"}),
    "a day": (("stock", "box", {"available_s": DAY}), "stock_comes", {"item": "box", "warehouse": "Store W"}),
    "half of the room": (
        ("hubs", "H", {"storage_dm3": 20}),
        "leg_room_full",
        {"to": "H", "to_name": "Jetty", "room": "20"},
    ),
}


@pytest.mark.parametrize("deadline_s", [TIGHT, LOOSE])
def test_with_all_that_is_there_everybody_is_on_time(deadline_s):
    plan, late = solved(tiny(deadline_s))
    assert (late, len(plan.trips)) == ({}, 3)


@pytest.mark.parametrize("taken", TAKEN)
def test_with_time_enough_a_tiny_plan_adapts(taken):
    (table, name, less), _, _ = TAKEN[taken]
    _, late = solved(without(tiny(LOOSE), table, name, **less))
    assert late == {}


@pytest.mark.parametrize("taken", TAKEN)
def test_without_time_the_reason_names_what_is_missing(taken):
    (table, name, less), reason, names = TAKEN[taken]
    _, late = solved(without(tiny(TIGHT), table, name, **less))
    assert len(late) == (2 if taken == "a day" else 1)
    for key, params in late.values():
        assert key == reason
        assert params.items() >= names.items()


@pytest.mark.parametrize("chain", [Chain.REQUIRED, Chain.ALLOWED])
def test_without_the_only_boats_the_regions_behind_the_jetty_are_proven_cut_off(chain):
    instance = without(tiny(LOOSE), "vehicles", "boat")
    instance = replace(instance, settings=replace(instance.settings, chain=chain))
    plan, late = solved(instance)
    assert set(late) == {"A", "B"}
    assert {key for key, _ in late.values()} == {"cut"}
    proofs = plan.components[0].proofs
    assert {one.kind for one in proofs} == {ProofKind.CUT}
    assert {name: one.edges for one in proofs for name in one.regions} == {"A": ("ha",), "B": ("hb",)}
    assert plan.trips == ()


def test_without_the_only_boats_what_has_a_road_goes_straight_where_that_is_allowed():
    instance = without(tiny(LOOSE), "vehicles", "boat")
    instance = replace(instance, edges=(*instance.edges, road("wa", "W", "A", 2 * HOUR)))
    _, late = solved(instance)
    assert set(late) == {"A", "B"}
    _, late = solved(replace(instance, settings=replace(instance.settings, chain=Chain.ALLOWED)))
    assert set(late) == {"B"}


# A kecamatan


@pytest.fixture(scope="module")
def mahulu():
    return read_instance(INSTANCES / "mahulu")


LESS = {
    "a dock": lambda instance: without(instance, "warehouses", "gudang-64.11", docks=1),
    "a longboat": lambda instance: without(instance, "vehicles", "longboat-jetty-ujoh-bilang", number=2),
    "a ketinting": lambda instance: without(instance, "vehicles", ITS_BOATS, number=2),
    "a day of everything": a_day_later,
}


@pytest.mark.parametrize("less", LESS)
def test_a_kecamatan_adapts(mahulu, less):
    _, late = solved(LESS[less](mahulu), BRISK)
    assert late == {}


@pytest.mark.slow
@pytest.mark.parametrize("item", ["box", "booth", "bag", "ballot-governor", "ballot-regent"])
def test_a_kecamatan_adapts_to_any_receipt_that_comes_a_day_later(mahulu, item):
    _, late = solved(a_day_later(mahulu, {item}), BRISK)
    assert late == {}


def test_where_goods_come_too_late_a_kecamatan_is_told_which(mahulu):
    later = mahulu
    for _ in range(mahulu.settings.deadline_s // DAY):
        later = a_day_later(later, {"bag"})
    plan, late = solved(later, BRISK)
    assert len(late) == len(plan.regions) == 10
    for reason, params in late.values():
        assert (reason, params["item"]) == ("stock_comes", "bag")


def test_without_its_boats_a_kecamatan_is_told_so(mahulu):
    plan, late = solved(without(mahulu, "vehicles", ITS_BOATS), BRISK)
    behind = {one.id: one for one in mahulu.regions if one.hub == "ppk-64.11.04"}
    assert set(late) == set(behind) & {one.region_id for one in plan.regions}
    assert {reason for reason, _ in late.values()} <= {"cut", "cut_off", "leg_no_vehicle"}


# Two kabupaten

REAL = {
    "mahulu": {
        "a dock": ("warehouses", "gudang-64.11", {"docks": 1}),
        "a boat": ("vehicles", "longboat-jetty-ujoh-bilang", {"number": 2}),
        "half of the room": ("hubs", "ppk-64.11.05", {"storage_dm3": 10_000}),
    },
    "berau": {
        "a dock": ("warehouses", "gudang-64.03", {"docks": 2}),
        "a boat": ("vehicles", "speedboat-sea-port-tanjung-batu", {"number": 1}),
        "a day": ("stock", "bag", {"available_s": 2 * DAY + 12 * HOUR}),
        "half of the room": ("hubs", "ppk-64.03.05", {"storage_dm3": 30_000}),
    },
}
# The only vehicles of a place, and the hub that nothing leaves without them.
ONLY = {
    "mahulu": ("ketinting-ppk-64.11.04", "ppk-64.11.04"),
    "berau": ("ketinting-landing-merancang", "landing-merancang"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name, taken", [(name, taken) for name, rows in REAL.items() for taken in rows])
def test_a_kabupaten_adapts(name, taken):
    table, row, less = REAL[name][taken]
    _, late = solved(without(read_instance(INSTANCES / name), table, row, **less))
    assert late == {}


@pytest.mark.slow
def test_a_kabupaten_adapts_to_all_receipts_a_day_later(mahulu):
    _, late = solved(a_day_later(mahulu))
    assert late == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ONLY)
def test_without_the_only_boats_of_a_place_a_kabupaten_names_those_behind_it(name):
    boat, hub = ONLY[name]
    instance = without(read_instance(INSTANCES / name), "vehicles", boat)
    plan, late = solved(instance)
    behind = {one.id: one for one in instance.regions if one.hub == hub}
    assert set(late) == set(behind)
    proven = {region for one in plan.components[0].proofs for region in one.regions}
    for region, (reason, params) in late.items():
        if region in proven:
            assert reason in ("cut", "cut_off")
        else:
            place = next(one.name for one in instance.hubs if one.id == hub)
            assert (reason, params["from_name"]) == ("leg_no_vehicle", place)


# Repetition


@pytest.mark.slow
def test_the_same_effort_gives_the_same_plan_of_berau_to_the_byte():
    instance = read_instance(INSTANCES / "berau")
    first, second = (plan_to_text(solve(instance, QUICK).plan, instance.clock) for _ in range(2))
    assert first == second
