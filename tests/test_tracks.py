"""GeoJSON and GPX: each place and stop where and when the plan has it, names as texts, the 180th degree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import hub_plan
import pytest
import small

from planner.cli import main
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.write import write_instance
from planner.outputs.map.scene import scene_of
from planner.outputs.tracks import geojson_text, gpx_texts
from planner.plans.file import write_plan

PLANS = {"small": (small.PLAN, small.INSTANCE), "hub": (hub_plan.PLAN, hub_plan.INSTANCE)}
GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture(params=PLANS)
def pair(request):
    return PLANS[request.param]


def where(instance):
    rows = (*instance.nodes, *instance.hubs, *instance.regions, *instance.warehouses)
    return {row.id: [row.lon, row.lat] for row in rows}


def test_geojson_has_every_region_and_trip(pair):
    plan, instance = pair
    features = json.loads(geojson_text(scene_of(plan, instance)))["features"]
    of = {kind: {one["id"]: one for one in features if one["properties"]["kind"] == kind} for kind in KINDS}
    assert set(of["region"]) == {one.region_id for one in plan.regions}
    assert set(of["trip"]) == {trip.id for trip in plan.trips}
    spots = where(instance)
    for one in plan.regions:
        told = of["region"][one.region_id]
        assert told["geometry"]["coordinates"] == spots[one.region_id]
        assert told["properties"]["margin_s"] == one.margin_s
        assert datetime.fromisoformat(told["properties"]["received"]) == instance.clock.instant(
            one.received_s
        )
    for trip in plan.trips:
        line = of["trip"][trip.id]["geometry"]["coordinates"]
        assert line[0] == spots[trip.origin_id]
        at = 0
        for stop in trip.stops:
            at = line.index(spots[stop.node_id], at)


KINDS = ("region", "hub", "warehouse", "trip")


def test_gpx_has_every_stop_of_each_vehicle_in_order(pair):
    plan, instance = pair
    texts = gpx_texts(scene_of(plan, instance))
    assert set(texts) == {trip.vehicle_id for trip in plan.trips}
    names = instance.place_name_of
    for vehicle, text in texts.items():
        root = ET.fromstring(text)
        routes = {one.findtext(f"{GPX}name"): one for one in root.iter(f"{GPX}rte")}
        mine = {trip.id: trip for trip in plan.trips if trip.vehicle_id == vehicle}
        assert set(routes) == set(mine)
        for name, trip in mine.items():
            told = [one for one in routes[name].iter(f"{GPX}rtept") if one.find(f"{GPX}name") is not None]
            ends = [trip.origin_id, *(stop.node_id for stop in trip.stops)]
            for point, place in zip(told, ends, strict=False):
                assert point.findtext(f"{GPX}name").startswith(names[place])
            for point, stop in zip(told[1:], trip.stops, strict=False):
                at = datetime.fromisoformat(point.findtext(f"{GPX}time"))
                assert at == instance.clock.instant(stop.leg.arrive_s)


def test_names_are_texts_and_the_meridian_is_not_crossed():
    rows = tuple(
        replace(row, name="<b>&\x07\"'", lon=179.9 if at % 2 else -179.9)
        for at, row in enumerate(small.INSTANCE.regions)
    )
    houses = tuple(replace(row, lon=179.5) for row in small.INSTANCE.warehouses)
    nodes = tuple(replace(row, lon=179.0) for row in small.INSTANCE.nodes)
    hubs = tuple(replace(row, lon=179.0) for row in small.INSTANCE.hubs)
    instance = replace(small.INSTANCE, regions=rows, warehouses=houses, nodes=nodes, hubs=hubs)
    scene = scene_of(small.PLAN, instance)
    for one in json.loads(geojson_text(scene))["features"]:
        found = one["geometry"]
        lines = found["coordinates"] if found["type"] == "MultiLineString" else []
        lines = [found["coordinates"]] if found["type"] == "LineString" else lines
        for line in lines:
            assert all(abs(a[0] - b[0]) <= 180 for a, b in zip(line, line[1:], strict=False))
            assert all(-180 <= lon <= 180 for lon, _ in line)
    for text in gpx_texts(scene).values():
        ET.fromstring(text)


def test_the_command_writes_them_once(tmp_path, capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in ("export", tmp_path / "plan.json", *arguments)])
        return int(ended.value.code)

    write_instance(tmp_path / "folder", hub_plan.INSTANCE)
    again = read_instance(tmp_path / "folder")
    write_plan(replace(hub_plan.PLAN, instance_digest=digest(again)), again.clock, tmp_path / "plan.json")
    folder = ("--instance", tmp_path / "folder")
    assert call("--format", "geojson", *folder) == 0
    assert call("--format", "geojson", *folder) == 2
    assert call("--format", "gpx", *folder) == 0
    assert call("--format", "gpx", *folder) == 2
    assert call("--format", "gpx", *folder, "--force", "--network") == 2
    assert call("--format", "gpx") == 2
    files = {path.name for path in Path(tmp_path / "plan-gpx").iterdir()}
    assert files == {f"{trip.vehicle_id}.gpx" for trip in hub_plan.PLAN.trips}
