"""The report of a plan: its document, and the file around it. In a browser: test_report_browser."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from dataclasses import replace
from datetime import timedelta

import hub_plan
import pytest
import small
from pictures import plan_of_all

from planner.background.read import read_background
from planner.background.schema import GroundKind
from planner.base.clock import Clock, parse_instant
from planner.base.text import set_language
from planner.cli import main
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.write import write_instance
from planner.outputs.map.scene import Asked, scene_of
from planner.pages.against import with_other
from planner.pages.document import page_document
from planner.pages.html import report_html
from planner.pages.shapes import UNIT, encoded, ground_document
from planner.plans.file import by_clock, write_plan
from planner.plans.model import RegionStatus
from planner.proof.check import check_plan
from scripts.structure import ROOT

PLANS = {"small": (small.PLAN, small.INSTANCE), "hub": (hub_plan.PLAN, hub_plan.INSTANCE)}
WEB = ROOT / "planner" / "web"


def document(plan, instance, **more):
    return page_document(scene_of(plan, instance, asked=Asked(area=more.pop("area", ""))), **more)


def decoded(numbers):
    found, x, y = [], 0, 0
    for east, north in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + east, y + north
        found.append((x / UNIT, y / UNIT))
    return found


@pytest.fixture(params=PLANS)
def pair(request):
    return PLANS[request.param]


def test_every_region_is_told_as_the_plan_has_it(pair):
    plan, instance = pair
    found = document(plan, instance)
    names = [found["places"][row["place"]]["id"] for row in found["regions"]]
    assert names == [item.region_id for item in plan.regions]
    for row, item in zip(found["regions"], plan.regions, strict=True):
        assert (row["received_s"], row["deadline_s"]) == (item.received_s, item.deadline_s)
        assert row["margin_s"] == item.margin_s
        assert row["status"] == item.status.value
        given = [
            (one.units, trip.vehicle_id)
            for trip in plan.trips
            for stop in trip.stops
            for one in stop.deliveries
            if stop.node_id == one.region_id == item.region_id
        ]
        assert row["units"] == sum(units for units, _ in given)
        assert {found["vehicles"][at]["id"] for at in row["vehicles"]} == {vehicle for _, vehicle in given}


def test_the_geometry_of_a_way_stands_once_for_each_edge(pair):
    plan, instance = pair
    found = document(plan, instance)
    rows = [tuple(edge) for edge in found["edges"]]
    assert len(rows) == len(set(rows))
    for trip, told in zip(plan.trips, found["trips"], strict=True):
        assert told["id"] == trip.id
        at = told["origin"]
        for leg in told["legs"]:
            for step in leg["way"]:
                ends = found["edges"][abs(step) - 1][:2]
                start, end = ends if step > 0 else ends[::-1]
                assert at == start
                at = end
            assert at == leg["to"]
        assert len(told["stops"]) == len(trip.stops)


def test_costs_add_up_however_they_are_shared_out(pair):
    plan, instance = pair
    costs = document(plan, instance)["costs"]
    for by in ("area", "echelon", "type", "day"):
        assert sum(row["cost"] for row in costs[by]) == plan.cost == costs["total"]


def test_the_worst_case_is_that_of_the_check(pair):
    plan, instance = pair
    verdict = check_plan(plan, instance.clock, instance)
    found = document(plan, instance, verdict=verdict)
    assert found["answer"]["checked"] is verdict.passed
    assert found["answer"]["status"] == verdict.answer.value
    worst = {one.region: one.margin_s for one in verdict.robustness.worst}
    for row in found["regions"]:
        assert row["worst_margin_s"] == worst.get(found["places"][row["place"]]["id"])


def test_both_languages_stand_in_a_document_that_is_the_same_in_each(pair):
    before = document(*pair)
    set_language("id")
    try:
        assert document(*pair) == before
    finally:
        set_language("en")
    assert set(before["texts"]["en"]) == set(before["texts"]["id"])
    assert before["answer"]["sentence"]["en"] != before["answer"]["sentence"]["id"]


def test_one_area_alone_has_its_regions_and_their_trips():
    found = document(small.PLAN, small.INSTANCE, area="A,B")
    assert [found["places"][row["place"]]["id"] for row in found["regions"]] == ["A", "B"]
    trips = [trip for trip in small.PLAN.trips if any(stop.node_id in "AB" for stop in trip.stops)]
    assert [trip["id"] for trip in found["trips"]] == [trip.id for trip in trips]
    assert found["costs"]["total"] == sum(trip.cost for trip in trips)


def test_local_time_follows_its_zone_through_a_change_of_summer_time():
    clock = Clock(parse_instant("2024-10-26T00:00+02:00"), "Europe/Berlin")
    instance = replace(small.INSTANCE, settings=replace(small.INSTANCE.settings, clock=clock))
    offsets = document(small.PLAN, instance)["clock"]["offsets"]
    assert offsets == [(0, 7200), (27 * 3600, 3600)]


@pytest.mark.parametrize("seed", range(20))
def test_lines_are_told_within_half_a_unit(seed):
    draw = random.Random(seed)
    line = [(draw.uniform(-180, 180), draw.uniform(-90, 90)) for _ in range(50)]
    for told, true in zip(decoded(encoded(line)), line, strict=True):
        assert max(abs(a - b) for a, b in zip(told, true, strict=True)) <= 0.5001 / UNIT


def test_the_ground_of_the_province_has_all_its_borders():
    folder = ROOT / "instances" / "berau"
    ground = read_background(folder)
    found = ground_document(ground, (110.0, -5.0, 125.0, 5.0))
    for kind in (GroundKind.REGION, GroundKind.SUBAREA, GroundKind.AREA):
        assert [row["code"] for row in found[kind.value]] == [item.code for item in ground.of(kind)]
    assert len(json.dumps(found)) < 900_000
    point = decoded(found["town"][0]["at"])[0]
    assert 110 < point[0] < 125


def later(plan, seconds):
    """The plan with its last trip later."""
    trip = plan.trips[-1]
    moved = {stop.node_id for stop in trip.stops}
    stops = tuple(
        replace(
            stop,
            start_s=stop.start_s + seconds,
            end_s=stop.end_s + seconds,
            leg=replace(stop.leg, depart_s=stop.leg.depart_s + seconds, arrive_s=stop.leg.arrive_s + seconds),
        )
        for stop in trip.stops
    )
    regions = tuple(
        replace(item, received_s=item.received_s + seconds) if item.region_id in moved else item
        for item in plan.regions
    )
    return replace(plan, trips=(*plan.trips[:-1], replace(trip, stops=stops)), regions=regions), moved


def test_another_plan_stands_beside_it(pair):
    plan, instance = pair
    other, moved = later(plan, 7200)
    scene = scene_of(plan, instance, asked=Asked())
    found = with_other(page_document(scene), scene, other, "other")
    rows = {
        found["places"][found["regions"][one["region"]]["place"]]["id"]: one
        for one in found["against"]["regions"]
    }
    received = {item.region_id: item.received_s for item in other.regions}
    assert set(rows) == moved & set(received)
    for name, row in rows.items():
        assert row["change"] == "sooner"
        assert row["before"]["received_s"] == received[name]
        assert row["told"]["en"] != row["told"]["id"]
    classes = {one["key"]: one["regions"] for one in found["colours"]["change"]["classes"]}
    assert sorted(classes["sooner"]) == sorted(one["region"] for one in rows.values())
    assert sorted(sum(classes.values(), [])) == [*range(len(plan.regions))]
    total = found["against"]["areas"][0]
    assert (total["id"], total["after"]["cost"], total["before"]["cost"]) == ("", plan.cost, other.cost)


@pytest.mark.parametrize("status", ["late", "undelivered"])
def test_who_is_worse_beside_another_plan_is_an_alarm(status):
    plan, instance = PLANS["small"]
    first = plan.regions[0]
    received_s = first.received_s if status == "late" else None
    bad = replace(first, status=RegionStatus(status), received_s=received_s)
    worse = replace(plan, regions=(bad, *plan.regions[1:]))
    for one, other, change in ((worse, plan, "worse"), (plan, worse, "better")):
        scene = scene_of(one, instance, asked=Asked())
        found = with_other(page_document(scene), scene, other, "other")
        assert [(row["region"], row["change"]) for row in found["against"]["regions"]] == [(0, change)]
        (kind,) = (row for row in found["colours"]["change"]["classes"] if row["regions"] == [0])
        assert kind["is_alarm"] is (change == "worse")


def test_the_same_plan_beside_itself_changes_nothing(pair):
    scene = scene_of(*pair, asked=Asked())
    found = with_other(page_document(scene), scene, pair[0], "same")
    assert found["against"]["regions"] == []
    assert all(row["before"] == row["after"] for row in found["against"]["areas"])


def test_every_key_is_explained():
    verdict = check_plan(hub_plan.PLAN, hub_plan.INSTANCE.clock, hub_plan.INSTANCE)
    found = document(hub_plan.PLAN, hub_plan.INSTANCE, verdict=verdict)
    told = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "page_format.md").read_text("utf-8")))
    rows = [
        found["answer"],
        found["clock"],
        *(found[key][0] for key in ("regions", "trips", "vehicles", "types", "places")),
    ]
    rows += [
        found["trips"][0]["stops"][0],
        found["trips"][0]["legs"][0],
        found["costs"],
        found["resources"],
        found,
    ]
    scene = scene_of(hub_plan.PLAN, hub_plan.INSTANCE, asked=Asked())
    beside = with_other(found, scene, later(hub_plan.PLAN, 7200)[0], "other")["against"]
    rows += [
        beside,
        beside["areas"][0],
        beside["areas"][0]["before"],
        beside["regions"][0],
        beside["regions"][0]["before"],
    ]
    assert {key for row in rows for key in row} <= told
    assert found["format"] in (ROOT / "docs" / "page_format.md").read_text("utf-8")


# ---------------------------------------------------------------- the file


def hashes(text, kind):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    return set(re.search(rf"{kind}-src ([^;]*)", policy)[1].split()), policy


def test_only_its_own_scripts_and_styles_may_run(pair):
    text = report_html(document(*pair))
    for kind, pattern in (("script", r"<script>(.*?)</script>"), ("style", r"<style>(.*?)</style>")):
        inside = re.findall(pattern, text, re.DOTALL)
        own = {
            "'sha256-" + base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() + "'"
            for one in inside
        }
        named, policy = hashes(text, kind)
        assert own == named
        assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(
        r"<(link|img|iframe|object|embed)|(src|href)\s*=", re.sub(r"(?s)<script.*?</script>", "", text)
    )
    assert "sourceMappingURL" not in text
    assert "url(" not in re.sub(r"url\(data:", "", re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0])


def test_names_cannot_end_the_document():
    name = "</script><script>alert(1)</script><!-- <b>"
    rows = tuple(replace(row, name=name) for row in small.INSTANCE.regions)
    instance = replace(small.INSTANCE, regions=rows, settings=replace(small.INSTANCE.settings, name=name))
    made = document(small.PLAN, instance)
    text = report_html(made)
    data = re.search(r'<script type="application/json" id="plan-data">(.*?)</script>', text, re.DOTALL)[1]
    assert json.loads(data) == json.loads(json.dumps(made))
    assert text.count("alert(1)") == data.count("alert(1)") + 1  # and in the title, escaped
    assert "<script>alert" not in text


def test_leaflet_is_the_one_that_was_published():
    lines = (WEB / "leaflet" / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == 3
    for line in lines:
        expected, name = line.split()
        assert hashlib.sha256((WEB / "leaflet" / name).read_bytes()).hexdigest() == expected
    assert "BSD 2-Clause" in (WEB / "leaflet" / "LICENSE.txt").read_text("utf-8")


def test_scripts_use_texts_that_there_are_and_no_others():
    from planner.base.text import catalogue

    source = "\n".join(path.read_text("utf-8") for path in WEB.glob("*.js"))
    source += (ROOT / "planner" / "pages" / "html.py").read_text("utf-8")
    texts = {key for key in catalogue("en") if key.startswith("web.")}
    beginnings = set(re.findall(r"""["'`](web\.[\w.]*[_.])["'`]""", source)) | {"web.section."}
    named = set(re.findall(r"""["'](web\.[\w.]*\w)["']""", source))
    assert named - texts - beginnings == set()
    left = {key for key in texts - named if not key.startswith(tuple(beginnings))}
    assert left == set()


def test_the_scripts_write_names_as_texts_alone():
    for path in WEB.glob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text
        )
        assert not re.search(r"""setAttribute\(["'](style|on\w+)""", text)


# ---------------------------------------------------------------- the command


def call(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code)


@pytest.fixture
def files(tmp_path):
    write_instance(tmp_path / "folder", hub_plan.INSTANCE)
    again = read_instance(tmp_path / "folder")
    write_plan(replace(hub_plan.PLAN, instance_digest=digest(again)), again.clock, tmp_path / "plan.json")
    return tmp_path / "folder", tmp_path / "plan.json"


def test_report_writes_one_file_and_none_over_another(files, capsys):
    folder, plan = files
    assert call("report", plan, "--instance", folder) == 0
    text = plan.with_suffix(".html").read_text("utf-8")
    assert '"checked":true' in text
    assert call("report", plan, "--instance", folder) == 2
    assert "C702" in capsys.readouterr().err
    assert call("report", plan, "--instance", folder, "--force", "--simulate", 5, "--lang", "id") == 0
    again = plan.with_suffix(".html").read_text("utf-8")
    assert '<html lang="id">' in again
    assert '"runs":5' in again
    assert again.split('"runs"')[0] != text


def test_report_refuses_what_does_not_go_together(files, capsys):
    folder, plan = files
    assert call("report", plan, "--instance", folder, "--now", "2024-11-25 12:00") == 2
    assert "C710" in capsys.readouterr().err
    assert call("report", plan, "--instance", folder, "--area", "nowhere") == 2
    assert "X342" in capsys.readouterr().err
    assert call("report", plan, "--instance", folder, "--public", "--against", plan) == 2
    assert "--against" in capsys.readouterr().err


def test_report_against_another_plan_is_read_by_its_own_clock(files, tmp_path):
    folder, plan = files
    again = read_instance(folder)
    other, moved = later(replace(hub_plan.PLAN, instance_digest=digest(again)), 7200)
    clock = replace(again.clock, start=again.clock.start - timedelta(days=1))
    write_plan(by_clock(other, again.clock, clock), clock, tmp_path / "other.json")
    assert call("report", plan, "--instance", folder, "--against", tmp_path / "other.json") == 0
    data = re.search(r'id="plan-data">(.*?)</script>', plan.with_suffix(".html").read_text("utf-8"))[1]
    found = json.loads(data)
    assert found["against"]["name"] == "other"
    names = {
        found["places"][found["regions"][row["region"]]["place"]]["id"] for row in found["against"]["regions"]
    }
    assert names == moved


@pytest.mark.slow
def test_the_report_of_the_province_is_small_enough():
    folder = ROOT / "instances" / "kaltim"
    instance = read_instance(folder)
    scene = scene_of(replace(plan_of_all(instance), components=()), instance, ground=read_background(folder))
    assert len(report_html(page_document(scene)).encode()) < 3_000_000
