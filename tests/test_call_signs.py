"""Call signs: short, unique, the same whatever the order of rows, and taken by every command."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

import planner
from planner.cli import main
from planner.evaluation.read import routes_from_text
from planner.events.names import Names
from planner.instance.call_signs import call_signs
from planner.instance.subjects import vehicle_id

INSTANCES = Path(__file__).resolve().parents[1] / "instances"
TOY = INSTANCES / "toy"


def vehicles(instance, more=0):
    return [
        vehicle_id(one.id, number) for one in instance.vehicles for number in range(1, one.number + 1 + more)
    ]


@pytest.mark.parametrize("name", ["toy", "clinics", "mahulu", "berau", "kaltim"])
def test_those_of_the_instances_are_short_unique_and_mean_their_vehicles(name):
    instance = planner.read(INSTANCES / name)
    signs = call_signs(instance)
    found = {one: signs.of(one) for one in vehicles(instance, more=2)}
    assert len(set(found.values())) == len(found)
    assert all(vehicle_id(*signs.vehicle(sign.upper())) == one for one, sign in found.items())
    assert max(len(sign) for sign in found.values()) <= 9
    assert all(sign.isascii() and sign.isalnum() and sign[:2].isalpha() for sign in found.values())
    names = Names(instance)
    for one in vehicles(instance)[:40]:
        assert names.find(found[one], ("vehicle", "trip", "region")) == ("vehicle", one)


def test_what_they_look_like():
    mahulu = call_signs(planner.read(INSTANCES / "mahulu"))
    assert mahulu.of("longboat-jetty-ujoh-bilang-02") == "lon1b"
    assert mahulu.of("pickup-4x4-64.11-01") == "pic1"
    toy = call_signs(planner.read(TOY))
    assert [toy.of(one) for one in ("van-01", "van-02", "boat-01", "tank-01", "van-x")] == [
        "van1", "van2", "boat1", "", "",
    ]  # fmt: skip
    for nobody in ("", "van", "van0", "lon1", "van1a", "tank1", "1van"):
        assert toy.vehicle(nobody) is None


@st.composite
def fleets(draw):
    """Types with ids that share words, begin alike, have no letters, or are like names of places."""
    ids = [
        "van",
        "van-a",
        "van-b",
        "vanguard",
        "truck",
        "trail-team",
        "tram",
        "7",
        "64.11",
        "t1",
        "Perahu",
        "bus-9",
    ]
    chosen = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    types = [worlds.truck(one, number=draw(st.integers(1, 30))) for one in chosen]
    villages = draw(
        st.lists(st.sampled_from(["van1", "tru1a", "v1", "t1a", "per2"]), min_size=1, unique=True)
    )
    return worlds.world([worlds.village(one) for one in villages], types, [])


@settings(max_examples=80, deadline=None)
@given(instance=fleets(), seed=st.integers(0, 9))
def test_any_fleet_has_signs_that_nothing_else_is_called_by_whatever_the_order_of_rows(instance, seed):
    signs = call_signs(instance)
    found = {one: signs.of(one) for one in vehicles(instance, more=3)}
    assert len(set(found.values())) == len(found)
    assert all(vehicle_id(*signs.vehicle(sign)) == one for one, sign in found.items())
    assert not {one.id.casefold() for one in (*instance.regions, *instance.vehicles)} & set(found.values())
    rows = list(instance.vehicles)
    random.Random(seed).shuffle(rows)
    more = [replace(one, number=one.number + 1) for one in rows]
    for others in (rows, more):
        again = call_signs(replace(instance, vehicles=tuple(others)))
        assert {one: again.of(one) for one in found} == found


# ---------------------------------------------------------------- the verbs


def call(*arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(one) for one in arguments])
    return stopped.value.code


ROUTES = "vehicle,trip,order,stop\nvan1,1,1,elm\nvan1,1,2,fig\nVAN2,1,1,ash\nvan2,1,2,birch\nvan1,2,1,cedar\nboat1,1,1,gum\nboat1,1,2,holly\n"  # noqa: E501


def test_every_verb_that_takes_a_vehicle_takes_its_sign(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    world = planner.read(TOY)
    by_sign = routes_from_text(ROUTES, world)
    by_id = routes_from_text(
        ROUTES.replace("van1", "van/1").replace("VAN2", "van-02").replace("van2", "van/2"), world
    )
    assert by_sign == by_id
    Path("routes.csv").write_text(ROUTES, "utf-8")
    assert call("evaluate", "routes.csv", "--instance", TOY, "--output", "a.json") in (0, 3)
    capsys.readouterr()
    assert call("show", "a.json", "VAN1", "--instance", TOY) == 0
    by_sign = capsys.readouterr().out
    assert call("show", "a.json", "van-01", "--instance", TOY) == 0
    assert capsys.readouterr().out == by_sign
    assert "van1 van-01" in by_sign
    at = ("--instance", TOY, "--time", "2025-03-03T09:00+03:00")
    assert call("event", "add", "a.json", "delay", "van2", "20 min", *at) == 0
    assert "van-02" in capsys.readouterr().out
    assert call("event", "confirm", "a.json", "van1", "--by", "Sari", *at) == 0
    assert "van1" in capsys.readouterr().out
    assert call("export", "a.json", "--format", "csv", "--instance", TOY) == 0
    rows = list(csv.DictReader(Path("a/trips.csv").read_text("utf-8").splitlines()))
    assert {(row["vehicle_id"], row["call_sign"]) for row in rows} == {
        ("van-01", "van1"), ("van-02", "van2"), ("boat-01", "boat1"),
    }  # fmt: skip
    capsys.readouterr()
    assert call("evaluate", "a/trips.csv", "--instance", TOY, "--output", "b.json") in (
        0,
        3,
    )  # what was exported is read again
