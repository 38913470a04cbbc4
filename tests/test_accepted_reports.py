"""Whatever reports are accepted one by one, the table of them can be read."""

import random
import sys
from pathlib import Path

import hub_plan
import pytest

from planner.events.adding import add_report
from planner.events.read import read_events, read_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from replan import tell
from replan_draws import KINDS_DRAWN, PHASES, scene_of


@pytest.mark.parametrize("seed", range(30))
def test_what_was_accepted_can_be_read(seed, tmp_path):
    draws, table = random.Random(seed), tmp_path / "events.csv"
    scene = scene_of(hub_plan.PLAN, hub_plan.INSTANCE, draws.choice(PHASES), draws)
    told = tell(scene, draws.sample(list(KINDS_DRAWN), 4), table)
    if told.taken:
        assert read_events(table, hub_plan.INSTANCE, hub_plan.PLAN, scene.now_s) is not None
    assert told.broken == []


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_taken_back_in_any_order_is_never_refused(seed, tmp_path):
    """Six reports of any kinds that were accepted, taken back one by one: at the end nothing holds."""
    draws, table = random.Random(f"void {seed}"), tmp_path / "events.csv"
    scene = scene_of(hub_plan.PLAN, hub_plan.INSTANCE, draws.choice(PHASES), draws)
    told = tell(scene, draws.sample(list(KINDS_DRAWN), 6), table)
    if not told.taken:
        return
    while True:
        found = read_table(table, hub_plan.INSTANCE, hub_plan.PLAN, scene.now_s)
        left = sorted({one.id for one in found.events} | {lost.event.id for lost in found.aside})
        if not left:
            return
        void = {"kind": "void", "subject": draws.choice(left)}
        add_report(table, void, hub_plan.INSTANCE, hub_plan.PLAN, scene.now_s)
