"""Good files of every kind that a person may name, made from the small instance and its plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from planner.base.files import write_bytes, write_text
from planner.batches.prepare import FORMAT as BATCH_FORMAT
from planner.evaluation.read import read_routes
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.workbook.write import write_workbook
from planner.instance.write import write_instance
from planner.plans.file import plan_digest, write_plan
from planner.plans.registry import Approval, add_approval
from tests import small

EVENTS = """\
id,time,kind,subject,from,until,value,item,type,place,note
E0001,2024-11-22T07:00:00+08:00,delay,TRUCK-01,2024-11-22T07:00:00+08:00,,30min,,,A,ferry
E0002,2024-11-22T08:00:00+08:00,closure,e1,2024-11-22T08:00:00+08:00,2024-11-22T09:00:00+08:00,,,,,flood
"""
SCENARIOS = """\
format = "scenarios/1"
title = "Small"
[changes]
slow = {do = "speed road 50%", note = "rain", source = "x"}
fewer = ["fewer vehicles TRUCK by=1"]
[scenarios]
both = ["slow", "fewer"]
[grid]
road = {do = "speed road {}", values = ["50%", 0.8]}
boats = ["-", "fewer"]
"""
SCENARIO_TABLE = "scenario,change,area,note\nslow,speed road 50%,,rain\nfewer,fewer vehicles TRUCK by=1,,\n"
GROUND = {
    "type": "FeatureCollection",
    "kind": "land",
    "source": "x",
    "licence": "y",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Land"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[117, -1], [118, -1], [118, 1], [117, 1], [117, -1]]],
            },
        }
    ],
}
ROUTES = "trip,vehicle,stop\n1,TRUCK-01,A\n1,TRUCK-01,B\n"
COUNTS = "code,name,voters\nA,Desa A,5\nB,Desa B,6\n"


def _manifest() -> dict[str, object]:
    about = {"area": "", "axes": {}, "note": "rain", "source": "x"}
    names = [("base", []), ("slow", ["speed road 50%"])]
    return {
        "format": BATCH_FORMAT,
        "title": "Small",
        "source": "scenarios.toml",
        "instance": "../instance",
        "base": "0" * 24,
        "search": {"time_limit_s": 45.0, "effort": 1, "seed": 1, "engine": "sisr", "guarantee": None},
        "from_base": True,
        "all_changes": [],
        "versions": {"planner": "0"},
        "scenarios": [
            {"name": name, "key": f"{at}" * 24, "changes": changes, **about}
            for at, (name, changes) in enumerate(names)
        ],
    }


def make_world(folder: Path) -> Path:
    """Write all files into a folder."""
    trips = tuple(replace(one, time_s=3600) for one in small.INSTANCE.known_trips)
    write_instance(folder / "instance", replace(small.INSTANCE, known_trips=trips))
    instance = read_instance(folder / "instance")
    plan = replace(small.PLAN, instance_digest=digest(instance))
    write_text(folder / "instance/background/land.geojson", json.dumps(GROUND))
    write_workbook(folder / "book.xlsx", instance)
    write_plan(plan, small.CLOCK, folder / "plans/plan.json")
    write_plan(plan, small.CLOCK, folder / "plans/other.json")
    write_text(folder / "plans/plan.events.csv", EVENTS)
    approved = plan_digest(plan, small.CLOCK)
    name = plan.instance_name
    add_approval(
        folder / "plans",
        Approval(
            "plan.json", approved, name, "../instance", "plan.events.csv", "Ani", "2024-11-21T00:00+08:00"
        ),
    )
    write_text(folder / "routes.csv", ROUTES)
    assert read_routes(folder / "routes.csv", instance)
    write_text(folder / "scenarios.toml", SCENARIOS)
    write_text(folder / "scenarios.csv", SCENARIO_TABLE)
    write_text(folder / "counts.csv", COUNTS)
    write_bytes(folder / "runs/batch.json", json.dumps(_manifest(), indent=1).encode())
    return folder
