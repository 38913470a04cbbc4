"""`plan show` of a warehouse, a hub or an area: all that is done there on a day, as counted by hand."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import hub_plan
import pytest
from pages import run

import planner
from planner.base.text import set_language
from planner.instance.read import read_instance
from planner.instance.write import write_instance
from planner.outputs.itineraries import shown
from planner.plans.file import write_plan

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


@pytest.fixture(scope="module")
def toy():
    return read_instance(TOY)


@pytest.fixture(scope="module")
def plan(toy):
    return planner.solve(toy, effort=1, workers=0).plan


def cells(found, heading):
    at = [name for name, _ in found.columns].index(heading)
    return [row[at] for row in found.rows]


def test_a_warehouses_list_has_each_loading_of_the_day(plan, toy):
    days = {toy.clock.day(trip.load_start_s) for trip in plan.trips}
    for day in days:
        found = shown(plan, toy, "store", day)
        mine = [one for one in plan.trips if toy.clock.day(one.load_start_s) == day]
        assert sorted(cells(found, "Trip")) == sorted(one.id for one in mine)
        assert sum(map(int, cells(found, "Pieces"))) == sum(one.pieces for one in mine)
        order = [one.id for one in sorted(mine, key=lambda trip: trip.load_start_s)]
        assert cells(found, "Trip") == order
    assert len(shown(plan, toy, "store").rows) == len(plan.trips)


def test_an_areas_list_has_each_delivery_of_the_day(plan, toy):
    day = toy.clock.day(plan.trips[0].load_start_s)
    whole = [
        (toy.clock.day(stop.leg.arrive_s), one.region_id, trip.id)
        for trip in plan.trips
        for stop in trip.stops
        for one in stop.deliveries
        if toy.region_of[one.region_id].area == "east"
    ]
    found = shown(plan, toy, "east", day)
    regions = [one.split()[0] for one in cells(found, "Region")]
    assert sorted(zip(regions, cells(found, "Trip"), strict=True)) == sorted(
        (region, trip) for at, region, trip in whole if at == day
    )
    assert regions


def test_another_day_is_empty_and_says_which_days_are_not(plan, toy):
    found = shown(plan, toy, "store", date(2030, 1, 1))
    assert list(found.rows) == []
    assert toy.clock.day(plan.trips[0].load_start_s).isoformat() in " ".join(found.notes)


def test_a_hubs_list_has_what_comes_and_what_goes(tmp_path):
    instance, plan = hub_plan.INSTANCE, hub_plan.PLAN
    found = [(trip.id, "loads") for trip in plan.trips if trip.origin_id == "H"] + [
        (trip.id, "unloads") for trip in plan.trips for stop in trip.stops if stop.node_id == "H"
    ]
    days = {
        instance.clock.day(at)
        for trip in plan.trips
        for at in (trip.load_start_s, *(stop.leg.arrive_s for stop in trip.stops))
    }
    listed = []
    for day in days:
        one = shown(plan, instance, "H", day)
        listed += zip(cells(one, "Trip"), cells(one, "What"), strict=True)
    assert sorted(listed) == sorted(found)
    assert {what for _, what in found} == {"loads", "unloads"}


@pytest.mark.parametrize("language", ["en", "id"])
def test_it_is_shown_by_name_within_80_columns_and_refused_without_a_day(tmp_path, monkeypatch, language):
    monkeypatch.setenv("COLUMNS", "80")
    write_instance(tmp_path / "hub", hub_plan.INSTANCE)
    write_plan(hub_plan.PLAN, hub_plan.INSTANCE.clock, tmp_path / "hub.json")
    day = hub_plan.INSTANCE.clock.day(hub_plan.PLAN.trips[0].load_start_s).isoformat()
    name = hub_plan.INSTANCE.warehouses[0].name
    line = ["show", str(tmp_path / "hub.json"), name.upper(), "--instance", str(tmp_path / "hub")]
    code, said = run([*line, "--day", day, "--lang", language])
    assert code == 0, said
    assert hub_plan.PLAN.trips[0].id in said or "Not shown" in said or "Tidak ditampilkan" in said
    assert max(map(len, said.splitlines())) <= 80
    code, said = run([*line, "--day", "24 Nop", "--json"])
    assert code == 2
    assert json.loads(said)["faults"][0]["code"] == "C744"


def test_a_comparison_finds_names_by_the_tables_near_it(plan, toy, tmp_path, monkeypatch):
    shutil.copytree(TOY, tmp_path / "toy")
    later = tmp_path / "far" / "away"
    later.mkdir(parents=True)
    monkeypatch.chdir(later)
    for folder in (tmp_path, later):
        write_plan(plan, toy.clock, folder / "b.json")
        write_plan(planner.solve(toy, effort=1, workers=0, seed=9).plan, toy.clock, folder / "a.json")
    code, near = run(["diff", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--all"])
    assert code == 0, near
    assert "west" in near
    code, far = run(["diff", str(later / "a.json"), str(later / "b.json"), "--all"])
    assert code == 0, far
    assert "west" not in far
