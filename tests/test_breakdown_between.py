"""A breakdown is told of a vehicle that should be at home: by what is told besides it may be on its way.

Late arrivals and delays, of its own trips and of those that bring it goods, are drawn, told before or after
it; each report keeps what it was understood to mean when it was entered. No search is asked.
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
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of
from planner.replanning.state import Assume

MINUTE = 60


@pytest.fixture(autouse=True)
def nothing_searched(monkeypatch):
    """Each component goes on as it does by itself."""

    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def drawn(plan, instance, draws):
    """Cells of a breakdown and of what makes trips late, in a drawn order, and when all is told."""
    trip = draws.choice(plan.trips)
    feeding = [
        one
        for one in plan.trips
        if any(stop.node_id == trip.origin_id for stop in one.stops) and one.load_start_s < trip.load_start_s
    ]
    late = draws.choice([trip, *feeding])
    at_s = draws.choice([trip.depart_s, trip.end_s]) + draws.randint(-30, 300) * MINUTE
    now_s = max(0, at_s) + draws.choice([0, MINUTE, 2 * HOUR, 8 * HOUR])
    text = instance.clock.text
    told = [{"kind": "breakdown", "subject": trip.vehicle_id, "from": text(max(0, at_s))}]
    late_s = draws.choice([30, 90, 180]) * MINUTE
    stop = draws.choice(late.stops)
    if draws.random() < 0.5:
        cells = {"kind": "arrived", "place": stop.node_id, "from": text(stop.leg.arrive_s + late_s)}
        now_s = max(now_s, stop.leg.arrive_s + late_s)
    else:
        cells = {"kind": "delay", "value": f"{late_s // MINUTE} min", "from": text(late.load_start_s)}
        now_s = max(now_s, late.load_start_s)
    told.append({"subject": late.id, **cells})
    draws.shuffle(told)
    return [{**one, "time": text(now_s)} for one in told], now_s


def tried(seed, table, seen):
    """One drawn case; counts what was refused, and on what trip the breakdown was understood to be."""
    draws = random.Random(seed)
    name = draws.choice(sorted(CASES))
    plan, instance = CASES[name]
    told, now_s = drawn(plan, instance, draws)
    for cells in told:
        try:
            new = add_report(table, cells, instance, plan, now_s)
        except InputError as error:
            seen.update(fault.code for fault in error.faults)
            continue
        if cells["kind"] == "breakdown":
            seen["at home" if new.event.trip == "-" else "on its way"] += 1
    events = read_events(table, instance, plan, now_s) if table.exists() else ()
    options = ReplanOptions(assume=draws.choice([Assume.PLANNED, Assume.NOTHING]))
    new = pipeline.replan(plan, instance, tuple(events), now_s, options).plan
    rows = [row_of(one, instance.clock) for one in events]
    verdict = check_plan(new, instance.clock, instance, previous=(plan,), outside=rows)
    assert verdict.violations == (), seed


def test_a_vehicle_thought_to_be_at_home_may_be_on_its_way(tmp_path):
    seen = Counter()
    for seed in range(150):
        tried(seed, tmp_path / f"{seed}.csv", seen)
    assert seen["at home"] > 10
    assert seen["on its way"] > 10


@pytest.mark.slow
def test_a_vehicle_thought_to_be_at_home_may_be_on_its_way_in_many_cases(tmp_path):
    for seed in range(150, 1200):
        tried(seed, tmp_path / f"{seed}.csv", Counter())
