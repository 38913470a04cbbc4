"""Tiny replans against exhaustive search: nobody more on time, and no fewer changes, can be had.

Where legs may be late and somebody cannot be on time, only who that is is compared: how late he is, and what
changes then, is searched for plans that wait for late vehicles and for plans that do not, not for mixtures.
"""

from __future__ import annotations

from collections import Counter

import pytest
from exhaustive_replan import Tiny

from planner.events.schema import EventKind
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

pytestmark = pytest.mark.usefixtures("short_searches")

FEW = [(seed, chained, gamma) for chained in (False, True) for gamma in (0, 1) for seed in range(3)]
MANY = [
    (seed, chained, gamma)
    for chained in (False, True)
    for gamma in (0, 1)
    for seed in range(3, 12 if chained and gamma else 60)
]


def compare(seed, chained, gamma):
    tiny = Tiny(seed, chained=chained, gamma=gamma)
    assert check_plan(tiny.plan, tiny.instance.clock, tiny.instance).violations == ()
    result = replan(tiny.plan, tiny.instance, tiny.events, tiny.now, ReplanOptions(effort=1, notice_s=0))
    best, excused = tiny.best()
    compared = 3 if gamma and best[1] else 5
    assert tiny.scored(result, excused)[:compared] == best[:compared], (tiny.events, tiny.now)


@pytest.mark.parametrize(("seed", "chained", "gamma"), FEW)
def test_the_fewest_changes_are_the_fewest(seed, chained, gamma):
    compare(seed, chained, gamma)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "chained", "gamma"), MANY)
def test_the_fewest_changes_are_the_fewest_in_many_worlds(seed, chained, gamma):
    compare(seed, chained, gamma)


def test_the_tiny_worlds_have_reports_of_all_kinds_and_changes_of_all_sorts():
    worlds = [Tiny(seed, chained=chained, gamma=gamma) for seed, chained, gamma in MANY]
    kinds = Counter(one.kind for tiny in worlds for one in tiny.events)
    assert set(kinds) == {
        EventKind.DELAY, EventKind.VEHICLE_LOST, EventKind.VEHICLE_ADDED, EventKind.DEMAND,
        EventKind.DAMAGED, EventKind.DOCK,
    }  # fmt: skip
    assert any(len(tiny.events) == 2 for tiny in worlds)
