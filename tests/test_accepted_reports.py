"""Whatever reports are accepted one by one, the table of them can be read."""

import random
import sys
from pathlib import Path

import hub_plan
import pytest

from planner.events.read import read_events

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
