"""A page for everybody holds nothing of how, by whom or when next."""

from __future__ import annotations

import json
from dataclasses import replace

import browser
import hub_plan
import pytest
import small
from pictures import plan_of_all

from planner.events.schema import Event, EventKind
from planner.instance.boxes import Boxes
from planner.instance.read import read_instance
from planner.instance.schema import BoxRow, FleetRow
from planner.outputs.map.scene import scene_of
from planner.outputs.status import Standing
from planner.pages.document import page_document
from planner.pages.html import report_html
from planner.pages.public import public_document
from planner.proof.check import check_plan
from planner.replanning.state import state_of
from scripts.structure import ROOT

PLANS = {"small": (small.PLAN, small.INSTANCE), "hub": (hub_plan.PLAN, hub_plan.INSTANCE)}


def public(plan, instance, standing=None):
    scene = scene_of(plan, instance, standing=standing)
    verdict = check_plan(plan, instance.clock, instance) if plan.components else None
    return public_document(page_document(scene, verdict=verdict), scene)


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [found for one in value for found in numbers(one)]
    return [value] if type(value) is int else []


@pytest.mark.parametrize("name", PLANS)
def test_no_trip_vehicle_store_or_moment_to_come(name):
    plan, instance = PLANS[name]
    found = public(plan, instance)
    text = json.dumps({key: value for key, value in found.items() if key != "texts"}, ensure_ascii=False)
    hidden = {trip.id for trip in plan.trips} | {trip.vehicle_id for trip in plan.trips}
    hidden |= {row.name for row in (*instance.hubs, *instance.warehouses, *instance.vehicles) if row.name}
    assert not [one for one in hidden if f'"{one}"' in text]
    moments = {at for item in plan.regions for at in (item.received_s, item.deadline_s)}
    moments |= {moment for trip in plan.trips for moment in (trip.load_start_s, trip.depart_s, trip.end_s)}
    assert not moments & set(numbers([found["regions"], found["answer"], found["clock"]])) - {0}
    assert {row["received_s"] for row in found["regions"]} == {None}


def test_who_is_confirmed_has_received_and_nobody_else():
    plan, instance = PLANS["hub"]
    stops = [(trip, stop) for trip in plan.trips for stop in trip.stops if stop.node_id in instance.region_of]
    alone = [one for one in stops if sum(stop.node_id == one[1].node_id for _, stop in stops) == 1]
    trip, stop = alone[0]
    now = stop.end_s + 60
    told = Event(id="E1", time_s=now, kind=EventKind.DELIVERED, subject=(trip.id,), place=stop.node_id)
    standing = Standing(state_of(plan, instance, [told], now))
    sure = standing.sure_of_regions
    confirmed = {name for name, how in sure.items() if how.value in ("confirmed", "bulk")}
    assert confirmed == {stop.node_id}
    found = public(plan, instance, standing)
    names = [found["places"][row["place"]]["id"] for row in found["regions"]]
    given = {name for name, row in zip(names, found["regions"], strict=True) if row["received_s"] is not None}
    assert given == confirmed
    assert all(row["received_s"] <= now for row in found["regions"] if row["received_s"] is not None)


@pytest.mark.parametrize("name", ["berau", "mahulu"])
def test_no_person_phone_or_box_of_the_instance(name):
    instance = read_instance(ROOT / "instances" / name)
    boxes = Boxes(instance, ("box",))
    codes = [box.code for region in instance.regions for box in boxes.of_region(region)]
    fleet = instance.fleet or (
        FleetRow(vehicle=f"{instance.vehicles[0].id}-01", plate="KT 7Q", driver="Lawing", phone="0812777"),
    )
    rows = (BoxRow(code="BOX-7Q", region=instance.regions[0].id, unit="001", item="box", seal="SEAL-7Q"),)
    instance = replace(instance, fleet=fleet, boxes=rows)
    text = report_html(public(replace(plan_of_all(instance), components=()), instance)).split(
        'id="plan-data">'
    )[1]
    hidden = {cell for row in instance.contacts for cell in (row.name, row.phone) if cell}
    hidden |= {row.code for row in instance.units if row.code}
    hidden |= {row.name for row in (*instance.warehouses, *instance.vehicles)}
    hidden |= {
        cell for row in instance.fleet for cell in (row.call_sign, row.plate, row.driver, row.phone) if cell
    }
    hidden |= {cell for row in instance.boxes for cell in (row.code, row.seal)} | {*codes}
    assert instance.contacts and len(codes) > 100
    assert not [one for one in hidden if one in text]


def test_it_opens_with_a_map_and_a_table_alone(tmp_path):
    if browser.chromium() is None:
        pytest.skip("NO CHROMIUM on this machine: pages are not opened")
    pytest.importorskip("playwright")
    path = tmp_path / "public.html"
    path.write_text(report_html(public(*PLANS["hub"])), "utf-8")
    with browser.opened() as opened:
        page = opened(path)
        assert page.locator("section").count() == 2
        assert page.locator("plan-table tbody tr").count() == len(hub_plan.PLAN.regions)
        assert not page.is_visible("#plan-time")
        page.click("#languages button[lang=id]")
        page.evaluate("PlanPage.change({ chosen: 0 })")
        assert page.trouble == []
