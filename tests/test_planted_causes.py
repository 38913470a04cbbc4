"""Each planted cause is named for who is late by it, and each limit that is named helps when changed."""

from dataclasses import replace

import pytest
from planted_causes import BASES, PLANTED, REPAIRS, both, open_at, out, rows
from quick_searches import propose_shortly, search_here

from planner.base.text import catalogue
from planner.outputs.summary import reason_texts
from planner.plans.model import RegionStatus
from planner.reasons.lifts import lifts_for
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

OPTIONS = SolveOptions(effort=1, seed=1, workers=1, guarantee=0)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    propose_shortly(monkeypatch)
    search_here(monkeypatch)


def late_in(world):
    """Regions of a plan that are not on time."""
    return [one for one in solve(world, OPTIONS).plan.regions if one.status is not RegionStatus.ON_TIME]


def alone(world, name):
    """The instance in which only one region needs anything."""
    nothing = dict.fromkeys(world.settings.counts, 0)
    regions = tuple(one if one.id == name else replace(one, counts=nothing) for one in world.regions)
    return replace(world, regions=regions)


def limits_of(one):
    """Names of the limits that a reason gives, and whether only all of them together help."""
    named = one.params.get("limits", "")
    return [name for name in named.replace("+", ",").split(",") if name], "+" in named


@pytest.mark.parametrize("base", BASES)
def test_without_a_cause_all_are_in_time(base):
    assert late_in(BASES[base]()) == []


@pytest.mark.parametrize("case", PLANTED, ids=str)
def test_a_planted_cause_is_named(case):
    world = case.world
    late = late_in(world)
    assert late
    for one in late:
        names, _ = limits_of(one)
        told = {str(one.reason), one.params.get("because", ""), *names}
        assert told & case.causes, (one.region_id, told)
        why, action = reason_texts(one)
        assert "{" not in why + action


@pytest.mark.slow
@pytest.mark.parametrize("case", PLANTED, ids=str)
def test_whatever_is_named_helps(case):
    world = case.world
    for one in late_in(world):
        names, together = limits_of(one)
        for name in names if not together else []:
            repaired = REPAIRS[name](world)
            if one.params["limits_of"] == "region":
                repaired = alone(repaired, one.region_id)
            assert late_in(repaired) == [], (one.region_id, name)


def test_every_limit_has_its_words_and_a_repair():
    """A new kind of limit is said in both languages, and tried by the tests."""
    keys = {key.rpartition(".")[2] for key in catalogue("en") if key.startswith("limits.limit.")}
    world = BASES["river"]()
    crowded = both(
        open_at("regions", "", 0, 86_400), out("truck", 60), rows("vehicles", work_s=36_000, speed_percent=90)
    )(world)
    named = {one.name for one in lifts_for(crowded, crowded.regions)}
    assert named <= keys == set(REPAIRS)
    assert len(named) > 12
