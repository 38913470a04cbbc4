"""Who is said to be beyond help is late in the best of all plans, by exhaustive search or by counting."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from exhaustive_replan import Tiny
from test_replan_exhaustive import FEW, MANY

from planner.events.schema import EventKind
from planner.instance.digest import digest
from planner.instance.schema import Stock
from planner.plans.model import RegionStatus
from planner.replanning import search
from planner.replanning.hopeless import Fate, Hopeless
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

pytestmark = pytest.mark.usefixtures("short_searches")

OPTIONS = ReplanOptions(effort=1, notice_s=0)


@pytest.fixture
def asked(monkeypatch):
    """What a replan asks of hopelessness: of whom, and whether the best was as good as can be."""
    found = []

    class Watched(Hopeless):
        def is_settled(self, best):
            settled = super().is_settled(best)
            found.append((self, best, settled))
            return settled

    monkeypatch.setattr(search, "Hopeless", Watched)
    return found


def by_fate(hopeless, tiny):
    return {name: hopeless._fate(name) for name in tiny.weight}


def compare(asked, worlds):
    drawn = Counter()
    for seed, chained, gamma in worlds:
        tiny = Tiny(seed, chained=chained, gamma=gamma)
        asked.clear()
        result = replan(tiny.plan, tiny.instance, tiny.events, tiny.now, OPTIONS)
        best, excused = tiny.best()
        for hopeless, _, settled in asked:
            fates = by_fate(hopeless, tiny)
            given_up = sum(tiny.weight[name] for name, fate in fates.items() if fate is not Fate.OPEN)
            assert given_up <= best[0] + best[1], (seed, chained, gamma)
            if settled:
                assert tiny.scored(result, excused)[:2] == best[:2], (seed, chained, gamma)
            drawn.update(fate.value for fate in fates.values())
            drawn["settled"] += settled
            drawn["not settled"] += not settled
    assert min(drawn[name] for name in ("open", "late", "settled", "not settled")) >= 2, drawn


def test_nobody_is_given_up_who_could_be_on_time(asked):
    compare(asked, [*FEW, *MANY[:12]])


@pytest.mark.slow
def test_nobody_is_given_up_who_could_be_on_time_in_many_worlds(asked):
    compare(asked, [one for one in MANY if not one[1] or one[0] < 8])


def test_who_must_go_without_is_known_by_counting(asked):
    """Three boxes for three villages, one asks for one more: the lightest that still can goes without."""
    drawn = Counter()
    for seed in range(60):
        tiny = Tiny(seed, chained=False, gamma=0)
        if [one.kind for one in tiny.events] != [EventKind.DEMAND]:
            continue
        instance = replace(tiny.instance, stock=(Stock(warehouse="W", item="box", quantity=3),))
        plan = replace(tiny.plan, instance_digest=digest(instance))
        asked.clear()
        result = replan(plan, instance, tiny.events, tiny.now, OPTIONS)
        gone = {one.region_id for one in result.plan.regions if one.status is RegionStatus.UNDELIVERED}
        begun = {
            good.region
            for one in tiny.drives
            if one.start < tiny.now
            for _, goods in one.stops
            for good in goods
        }
        asks = {event.subject[0] for event in tiny.events}
        least = min(tiny.weight[name] for name in {*"ABC"} - begun | asks)
        assert sum(tiny.weight[name] for name in gone) >= least
        for hopeless, _, settled in asked:
            alone = {name for name, fate in by_fate(hopeless, tiny).items() if fate is Fate.WITHOUT}
            assert alone in (set(), asks)
            drawn["settled"] += settled
            drawn["alone"] += bool(alone)
        if any(settled for _, _, settled in asked):
            assert sum(tiny.weight[name] for name in gone) == least
    assert min(drawn["settled"], drawn["alone"]) >= 2, drawn
