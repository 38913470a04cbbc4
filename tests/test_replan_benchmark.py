"""The benchmark of replans draws every kind, and its ledger finds what cannot be."""

from __future__ import annotations

import copy
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from planner.events.schema import EventKind
from planner.instance.read import read_instance
from planner.plans.file import read_plan, write_plan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import replan_draws  # noqa: E402
import replan_ledger as ledger  # noqa: E402
from replan import pair_of  # noqa: E402

TOY = ROOT / "instances" / "toy"


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    instance = read_instance(TOY)
    path = tmp_path_factory.mktemp("replan") / "plan.json"
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    write_plan(plan, instance.clock, path)
    return instance, read_plan(path), ledger.read(path)


def test_every_kind_is_drawn_and_every_pair_comes():
    assert set(replan_draws.KINDS_DRAWN) == set(EventKind)
    number = len(EventKind) * (len(EventKind) + 1) // 2
    assert len({pair_of(case, 3) for case in range(number)}) == number


@pytest.mark.parametrize("phase", replan_draws.PHASES)
def test_all_kinds_have_reports_at_all_moments(toy, phase):
    instance, plan, _ = toy
    none = Counter()
    for seed in range(20):
        scene = replan_draws.scene_of(plan, instance, phase, Random(seed))
        for kind in EventKind:
            none[kind] += replan_draws.draw(kind, scene) is None
    never = {kind for kind, number in none.items() if number == 20}
    assert never <= {EventKind.FETCHED, EventKind.VOID, EventKind.STOCK, EventKind.LOADED} - {
        EventKind.LOADED
    }


def test_ledger_finds_goods_that_are_lost_doubled_or_in_two_places(toy):
    instance, _, plan = toy
    homes = {one.id: one.warehouse for one in instance.regions}
    known = ledger.units_of(plan)
    assert ledger.lost_or_doubled(plan, known, homes, {}) == []
    trip = next(
        at
        for at, one in enumerate(plan["trips"])
        if any(each["region"] == stop["node"] for stop in one["stops"] for each in stop["deliveries"])
    )

    lost = copy.deepcopy(plan)
    for stop in lost["trips"][trip]["stops"]:
        stop["deliveries"] = []
    assert any("not handed over" in one for one in ledger.lost_or_doubled(lost, known, homes, {}))

    doubled = copy.deepcopy(plan)
    doubled["trips"].append(copy.deepcopy(plan["trips"][trip]) | {"id": "again"})
    assert ledger.lost_or_doubled(doubled, known, homes, {})

    more = copy.deepcopy(plan)
    extra = copy.deepcopy(more["trips"][trip]["stops"][0]["deliveries"][0])
    more["trips"][trip]["stops"][0]["deliveries"].append(extra | {"part": "E0001", "units": 3})
    assert any("more than it had" in one for one in ledger.lost_or_doubled(more, known, homes, {}))


def test_ledger_follows_what_was_taken_over_by_report_only():
    """A boat left the hub at 8, and hands over at 10 what a truck brought to the hub at 9."""

    def at(hour):
        return f"2025-03-03T{hour:02d}:00:00+08:00"

    def trip(name, origin, depart, node, end):
        unit = {"region": "R", "part": "main", "first_unit": 0, "units": 1}
        return {
            "id": name,
            "origin": origin,
            "depart": at(depart),
            "stops": [{"node": node, "end": at(end), "deliveries": [unit]}],
        }

    truck, boat = trip("truck", "W", 6, "H", 9), trip("boat", "H", 8, "R", 10)
    regions = [{"id": "R", "status": "on_time", "received": at(10)}]
    known, carried = frozenset({("R", "main", 0)}), {"boat": frozenset()}

    def faults(*events, held=carried):
        plan = {"trips": [truck, boat], "regions": regions, "replan": {"events": events}}
        return ledger.lost_or_doubled(plan, known, {"R": "W"}, {}, carried=held)

    report = {"id": "E1", "kind": "taken_over", "from": at(9), "place": "R", "trip": "boat+other"}
    assert any("loaded by boat" in one for one in faults())
    assert faults(report) == []
    assert any(
        "loaded by boat" in one for one in faults(report, {"id": "E2", "kind": "void", "subject": "E1"})
    )
    assert any("loaded by boat" in one for one in faults(report | {"place": "S"}))
    assert any("loaded by boat" in one for one in faults(report, held={"boat": known}))
    assert any("unloaded by truck" in one for one in faults(report | {"from": at(7)}))


def test_ledger_finds_changed_history_and_moved_components(toy):
    _, _, plan = toy
    trip = plan["trips"][0]
    now = ledger.second(trip["end"]) + 1
    assert ledger.changed_history(plan, plan, now, now, {}, wide_s=None) == []
    other = copy.deepcopy(plan)
    other["trips"][0]["stops"][0]["end"] = trip["end"]
    assert ledger.changed_history(plan, other, now, now, {}, wide_s=None)
    assert ledger.changed_history(plan, other, now, 0, {trip["vehicle"]: 0}, wide_s=None) == []
    assert ledger.changed_history(plan, other, now, 0, {}, wide_s=now)
    assert ledger.changed_history(plan, other | {"trips": plan["trips"][1:]}, now, now, {}, wide_s=None)
    assert ledger.disturbed(plan, plan, (), {}) == []
    assert ledger.disturbed(plan, other, (), {})
    assert (
        ledger.disturbed(
            plan, other, (trip["origin"],), {one["vehicle_type"]: trip["origin"] for one in plan["trips"]}
        )
        == []
    )


def test_ledger_finds_confirmations_that_were_forgotten(toy):
    _, _, plan = toy
    trip = plan["trips"][0]
    stop = trip["stops"][0]
    held = ledger.Confirmed(trip["id"], stop["node"], ledger.second(stop["end"]))
    assert ledger.changed_confirmed(plan, [held]) == []
    assert ledger.changed_confirmed(plan, [ledger.Confirmed(trip["id"], stop["node"], held.at_s + 60)])
