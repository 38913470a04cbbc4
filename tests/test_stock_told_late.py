"""Goods are told to be gone from before they were loaded, in one replan after another.

What had been loaded is not gone; what nothing is left for goes without, and all that is a plan that can be
checked. Losses, what came besides, delays and goods that come back are drawn. No search is asked.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest
from test_otherwise import CASES, HOUR

from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.read import read_events
from planner.events.told import row_of
from planner.plans.file import plan_from_text, plan_to_text
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of
from planner.replanning.state import Assume

STOCKED = [name for name, (_, instance) in CASES.items() if instance.stock]


@pytest.fixture(autouse=True)
def nothing_searched(monkeypatch):
    """Each component goes on as it does by itself."""

    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def drawn(plan, instance, now_s, draws):
    """Cells of some reports."""
    text = instance.clock.text
    for _ in range(draws.randint(1, 2)):
        row, trip = draws.choice(instance.stock), draws.choice(plan.trips)
        at_s = draws.choice([draws.randint(0, now_s), min(now_s, trip.load_start_s), 0])
        value = draws.choice([-1, -2, -5, -20, 3])
        cells = {"kind": "stock", "subject": row.warehouse, "item": row.item, "value": str(value)}
        yield {**cells, "from": text(at_s)}
    begun = [one for one in plan.trips if one.load_start_s < now_s]
    if begun and draws.random() < 0.6:
        trip = draws.choice(begun)
        stop, kind = draws.choice(trip.stops), draws.choice(["skipped", "returned", "delay"])
        cells = {"kind": kind, "subject": trip.id, "from": text(min(now_s, max(0, stop.leg.arrive_s)))}
        yield {**cells, "value": "90 min"} if kind == "delay" else {**cells, "place": stop.node_id}


def tried(seed, table, seen):
    """Up to three replans of one plan."""
    draws = random.Random(seed)
    plan, instance = CASES[draws.choice(STOCKED)]
    now_s, previous = 0, ()
    for _ in range(3):
        if not plan.trips:
            break
        trip = draws.choice(plan.trips)
        now_s = max(now_s + 60, draws.choice([trip.load_start_s, trip.depart_s, trip.end_s]) + HOUR // 4)
        for cells in drawn(plan, instance, now_s, draws):
            try:
                add_report(table, {**cells, "time": instance.clock.text(now_s)}, instance, plan, now_s)
            except InputError as error:
                seen.update(fault.code for fault in error.faults)
        events = read_events(table, instance, plan, now_s) if table.exists() else ()
        options = ReplanOptions(assume=draws.choice([Assume.PLANNED, Assume.PLANNED, Assume.NOTHING]))
        found = pipeline.replan(plan, instance, tuple(events), now_s, options, previous=previous).plan
        previous = (*previous, plan)
        plan, _ = plan_from_text(plan_to_text(found, instance.clock))
        rows = [row_of(one, instance.clock) for one in events]
        verdict = check_plan(plan, instance.clock, instance, previous=previous, outside=rows)
        assert verdict.violations == (), seed
        seen["replanned"] += 1


def test_whatever_is_gone_there_is_a_plan(tmp_path):
    seen = Counter()
    for seed in range(40):
        tried(seed, tmp_path / f"{seed}.csv", seen)
    assert seen["replanned"] > 80


@pytest.mark.slow
def test_whatever_is_gone_there_is_a_plan_in_many_cases(tmp_path):
    for seed in range(40, 800):
        tried(seed, tmp_path / f"{seed}.csv", Counter())
