"""All goes on as it does by itself: whatever is reported, at any moment, that is a plan which can be checked.

Reports of every kind are drawn as in `benchmarks/replan.py`, told late, doubled and taken back; mostly there
is a second replan, and nothing that is not reported is believed. No search is asked. A report may be refused
when it is entered, for one of the reasons named here; a table of reports that were accepted never is.
"""

import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import hub_plan
import pytest

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

QUICK = 16
# Why a drawn report may be refused: about what is not there, before what must come first, or said before.
REFUSED = {
    "nothing",  # no scene for it
    "E913", "E914", "E916", "E917", "E918", "E920", "E921", "E922", "E923", "E924", "E927", "E933", "E943",
    "E944", "E945", "E946", "E947", "E948", "E949", "E957", "E958", "E961", "E963", "E966", "E979",
    "D808", "D809", "V204", "V209", "V210",  # decisions
}  # fmt: skip


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


def story(plan, instance, seed, table, *, dense=False):
    """Replans after drawn reports, each checked again from its own file; gives what was refused.

    A dense story has three replans after three kinds each, and nothing unreported is believed.
    """
    draws, refused = random.Random(seed), Counter()
    previous, since_s = (), 0
    for _ in range(3 if dense else 1 + (seed % 3 > 0)):
        scene = scene_of(plan, instance, draws.choice(PHASES), draws, from_s=since_s)
        if scene.now_s >= instance.settings.horizon_s:
            break
        told = tell(scene, draws.sample(list(KINDS_DRAWN), 3 if dense else 2 + seed % 2), table)
        assert told.broken == [], seed
        refused += told.refused
        events = read_events(table, instance, plan, scene.now_s) if table.exists() else ()
        assume = Assume.NOTHING
        if not dense:
            assume = draws.choice((Assume.PLANNED, Assume.NOTHING, Assume.NOTHING))
        options = ReplanOptions(assume=assume)
        result = pipeline.replan(plan, instance, tuple(events), scene.now_s, options, previous=previous)
        previous = (*previous, plan)
        plan, _ = plan_from_text(plan_to_text(result.plan, instance.clock))
        rows = [row_of(one, instance.clock) for one in events]
        verdict = check_plan(plan, instance.clock, instance, None, previous, outside=rows)
        assert verdict.violations == (), seed
        since_s = scene.now_s
        if not plan.trips:
            break
    assert refused.keys() <= REFUSED, (seed, refused)
    return refused


@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize("name", ["hub", "toy"])
@pytest.mark.parametrize("seed", range(QUICK))
def test_whatever_is_reported_what_goes_on_by_itself_can_be_checked(cases, name, seed, tmp_path):
    story(*cases[name], seed, tmp_path / "events.csv")


@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize(
    ("name", "seed"),
    [("hub", seed) for seed in (2013, 2027, 2140, 2165, 6003, 6146, 7056, 7086, 7141, 7144, 8040, 8055)]
    + [("toy", seed) for seed in (6138, 6148, 7025, 7057)],
)
def test_stories_that_had_no_plan(cases, name, seed, tmp_path):
    story(*cases[name], seed, tmp_path / "events.csv", dense=True)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize("name", ["hub", "toy"])
@pytest.mark.parametrize("dense", [False, True])
def test_whatever_is_reported_in_many_stories(cases, name, dense, tmp_path):
    for seed in range(QUICK, 300):
        story(*cases[name], seed, tmp_path / f"{seed}.csv", dense=dense)
