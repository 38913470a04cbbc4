"""Names work where ids do, near ones are offered, and a plan of another instance is no base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pages import run

import planner
from planner.base.errors import InputError
from planner.base.nearest import nearest
from planner.building.places import regions_in_area
from planner.instance.area_names import area_ids
from planner.instance.read import read_instance, read_tables
from planner.plans.file import write_plan
from tests.quick_searches import search_here

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"


@pytest.fixture(scope="module")
def mahulu():
    return read_instance(ROOT / "instances" / "mahulu")


@pytest.fixture(scope="module")
def toy():
    return read_instance(TOY)


@pytest.fixture(scope="module")
def solved(toy, tmp_path_factory):
    path = tmp_path_factory.mktemp("rencana") / "toy.json"
    write_plan(planner.solve(toy, effort=1, workers=0).plan, toy.clock, path)
    return path


def test_each_name_that_only_one_thing_has_is_its_id(mahulu):
    things = {(one.id, one.name) for one in mahulu.regions}
    things |= {(one.subarea, one.subarea_name) for one in mahulu.regions}
    things |= {(one.area, one.area_name) for one in mahulu.regions}
    names = [name.casefold() for _, name in things]
    assert len(things) > 50
    for one, name in things:
        for word in (name, name.upper(), f" {name.lower()} "):
            if names.count(name.casefold()) == 1:
                assert area_ids(mahulu, word) == one
            else:
                with pytest.raises(InputError) as refused:
                    area_ids(mahulu, word)
                assert {fault.code for fault in refused.value.faults} == {"X345"}
                assert one in str(refused.value.faults[0].params["ids"])
        assert area_ids(mahulu, one) == one


def test_several_and_unknown_names(mahulu):
    first, second = mahulu.regions[0], mahulu.regions[30]
    assert area_ids(mahulu, f"{first.name}, {second.id}") == f"{first.id},{second.id}"
    assert area_ids(mahulu, "tidak ada") == "tidak ada"
    with pytest.raises(KeyError):
        regions_in_area(mahulu, area_ids(mahulu, "tidak ada"))


@pytest.mark.parametrize("word", ["Ash clinic", "ASH", "ash  CLINIC", "ash"])
def test_a_region_is_shown_by_its_name(solved, word):
    code, said = run(["show", str(solved), word, "--instance", str(TOY)])
    assert code == 0, said
    assert "Ash clinic" in said


def test_near_names_are_offered_to_who_asks_for_what_is_not_there(solved):
    code, said = run(["show", str(solved), "Ash klinik", "--instance", str(TOY)])
    assert code == 2
    assert "C707" in said
    assert "Ash clinic" in " ".join(said.split())


def test_a_solve_and_a_map_of_an_area_by_its_name(toy, solved, tmp_path, monkeypatch):
    search_here(monkeypatch)
    name = toy.regions[0].name
    out = tmp_path / "satu.json"
    command = ["solve", str(TOY), "--area", name.upper(), "--effort", "1", "--output", str(out)]
    assert run(command)[0] == 0
    document = json.loads(out.read_text("utf-8"))
    assert {one["region"] if "region" in one else one["id"] for one in document["regions"]} == {
        toy.regions[0].id
    }
    assert run(["check", str(out), "--instance", str(TOY)])[0] == 0
    picture = tmp_path / "peta.svg"
    command = ["export", str(solved), "--format", "svg", "--area", name, "--instance", str(TOY)]
    assert run([*command, "--output", str(picture)])[0] == 0
    assert name in picture.read_text("utf-8")


def test_a_plan_of_another_instance_is_no_base(solved, mahulu, tmp_path):
    code, said = run(["solve", str(ROOT / "instances/mahulu"), "--base", str(solved), "--effort", "1"])
    assert code == 2
    assert "X346" in said


def test_validation_warns_of_what_a_solve_refuses(tmp_path):
    shutil.copytree(TOY, tmp_path / "toy")
    settings = tmp_path / "toy" / "plan.toml"
    text = settings.read_text("utf-8")
    settings.write_text(
        "\n".join(
            [
                'objective = "margin"',
                *(line for line in text.splitlines() if not line.startswith("objective")),
            ]
        ),
        "utf-8",
    )
    (tmp_path / "toy/escorts.csv").write_text("id,warehouse\nTim 1,store\n", "utf-8")
    code, said = run(["validate", str(tmp_path / "toy"), "--json"])
    assert code == 0, said
    document = json.loads(said)
    assert document["valid"]
    found = {(one["code"], one["severity"]) for one in document["faults"]}
    assert {("R607", "warning"), ("R601", "warning")} <= found
    code, said = run(["solve", str(tmp_path / "toy"), "--effort", "1"])
    assert code == 2
    assert "R607" in said


def test_near_ids_whatever_the_case_and_inside_others(tmp_path):
    known = ["gudang-64.11", "jetty-long-bagun", "Samarinda"]
    assert nearest("GUDANG-64.11", known)[0] == "gudang-64.11"
    assert nearest("long-bagun", known)[0] == "jetty-long-bagun"
    assert nearest("gudang Samarinda", known)[0] == "Samarinda"
    assert nearest("?", known) == []
    shutil.copytree(TOY, tmp_path / "toy")
    path = tmp_path / "toy/regions.csv"
    path.write_text(path.read_text("utf-8").replace(",store,", ",STORE,", 1), "utf-8")
    (fault,) = [one for one in read_tables(tmp_path / "toy")[1] if one.code == "I301"]
    assert (fault.value, fault.params["nearest"]) == ("STORE", "store")
