"""All goes on as it does by itself: whatever is reported, at any moment, that is a plan which can be checked.

Reports of every kind are drawn as in `benchmarks/replan.py`, told late, doubled and taken back; now and then
there is a second replan, or nothing that is not reported is believed. No search is asked.
"""

import random
import sys
from dataclasses import replace
from pathlib import Path

import hub_plan
import pytest

from planner.base.errors import InputError
from planner.events.read import read_events
from planner.events.told import row_of
from planner.instance.read import read_instance
from planner.plans.file import plan_from_text, plan_to_text
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of
from planner.replanning.state import Assume
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
from replan import tell  # noqa: E402
from replan_draws import KINDS_DRAWN, PHASES, scene_of  # noqa: E402

QUICK = 12


@pytest.fixture(scope="module")
def cases():
    found = {"hub": (hub_plan.PLAN, hub_plan.INSTANCE)}
    for name in ("toy",):
        instance = read_instance(ROOT / "instances" / name)
        found[name] = (solve(instance, SolveOptions(effort=1, workers=0)).plan, instance)
    return found


@pytest.fixture
def nothing_searched(monkeypatch):
    """Each component goes on as it does by itself."""

    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def story(plan, instance, seed, table):
    """One or two replans after drawn reports; each is checked again from its own file."""
    draws = random.Random(seed)
    previous, since_s = (), 0
    for _ in range(1 + seed % 2):
        scene = scene_of(plan, instance, draws.choice(PHASES), draws, from_s=since_s)
        if scene.now_s >= instance.settings.horizon_s:
            break
        kinds = draws.sample(list(KINDS_DRAWN), 2)
        tell(scene, kinds, table)
        try:
            events = read_events(table, instance, plan, scene.now_s) if table.exists() else ()
        except InputError:
            break  # together they cannot be
        assume = draws.choice((Assume.PLANNED, Assume.PLANNED, Assume.NOTHING))
        options = ReplanOptions(assume=assume)
        result = pipeline.replan(plan, instance, tuple(events), scene.now_s, options, previous=previous)
        previous = (*previous, plan)
        plan, _ = plan_from_text(plan_to_text(result.plan, instance.clock))
        told = [row_of(one, instance.clock) for one in events]
        verdict = check_plan(plan, instance.clock, instance, None, previous, outside=told)
        assert verdict.violations == (), seed
        since_s = scene.now_s
        if not plan.trips:
            break


@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize("name", ["hub", "toy"])
@pytest.mark.parametrize("seed", range(QUICK))
def test_whatever_is_reported_what_goes_on_by_itself_can_be_checked(cases, name, seed, tmp_path):
    story(*cases[name], seed, tmp_path / "events.csv")


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize("name", ["hub", "toy"])
def test_whatever_is_reported_in_many_stories(cases, name, tmp_path):
    for seed in range(QUICK, 300):
        story(*cases[name], seed, tmp_path / f"{seed}.csv")
