"""Goods taken over by another vehicle: at any moment that is refused, or there is a plan that can be checked.

Who takes over what from whom is drawn: while one of them loads, under way, after, of more than fits, with
delays, docks out of use and breakdowns beside it. No search is asked.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest
from test_otherwise import CASES, HOUR, assert_conserved, faults, report

from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of
from planner.replanning.state import Assume

MINUTE = 60
REFUSED = {"E920", "E921", "E945", "E946", "E948", "E949", "E979"}


@pytest.fixture(autouse=True)
def nothing_searched(monkeypatch):
    """Each component goes on as it does by itself."""

    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def drawn(plan, draws):
    """A report that something was taken over, others beside it, and when all is looked at."""
    taker, giver = draws.sample(list(plan.trips), 2)
    stop = draws.choice(giver.stops)
    span = [one for trip in (taker, giver) for one in (trip.load_start_s, trip.end_s)]
    around = [taker.load_start_s, taker.depart_s, taker.stops[0].leg.arrive_s, taker.end_s]
    around += [giver.load_start_s, giver.depart_s, stop.leg.arrive_s, stop.end_s]
    near_s = draws.choice(around) + draws.choice([-10 * MINUTE, -1, 0, 1, 10 * MINUTE])
    at_s = max(0, draws.choice([draws.randint(min(span), max(span)), near_s]))
    told_s = at_s + draws.choice([0, MINUTE, HOUR // 2, 2 * HOUR])
    subject = draws.choice([taker.id, taker.vehicle_id])
    found = [report("taken_over", subject, place=stop.node_id, at=at_s, told=told_s)]
    early_s = max(0, taker.load_start_s - HOUR)
    if draws.random() < 0.4:
        late = draws.choice([taker, giver, *plan.trips])
        value = str(draws.choice([HOUR // 2, 2 * HOUR]))
        found.append(report("delay", late.id, at=max(0, late.load_start_s - 600), name="E2", value=value))
    if draws.random() < 0.2:
        at_s = max(0, taker.depart_s + draws.choice([-5 * MINUTE, 0, 15 * MINUTE]))
        found.append(report("loaded", taker.id, at=at_s, name="E3"))
    if draws.random() < 0.3:
        kind, value = draws.choice([("warehouse", "closed"), ("dock", "0")])
        until_s = early_s + draws.choice([2, 4]) * HOUR
        found.append(report(kind, taker.origin_id, at=early_s, name="E4", value=value, until_s=until_s))
    if draws.random() < 0.3:
        moments = [early_s, *(found[0].from_s + shift * MINUTE for shift in (-20, 0, 10))]
        vehicle = draws.choice([taker, giver]).vehicle_id
        found.append(report("breakdown", vehicle, at=max(0, draws.choice(moments)), name="E5"))
    last_s = max(one.time_s for one in found)
    return found, last_s + draws.choice([0, MINUTE, HOUR, 4 * HOUR])


def tried(seed, seen):
    """One drawn case of each world; counts what was refused and what was replanned."""
    draws = random.Random(seed)
    name = draws.choice([one for one, (plan, _) in CASES.items() if len(plan.trips) > 1])
    plan, instance = CASES[name]
    events, now_s = drawn(plan, draws)
    codes = faults(plan, instance, *events, now=now_s)
    seen.update(codes or ["replanned"])
    if codes:
        return
    options = ReplanOptions(assume=draws.choice([Assume.PLANNED, Assume.NOTHING]))
    new = pipeline.replan(plan, instance, tuple(events), now_s, options).plan
    verdict = check_plan(new, instance.clock, instance, previous=(plan,))
    assert verdict.violations == (), seed
    horizon_s = instance.settings.horizon_s
    if all(stop.end_s < horizon_s for trip in new.trips for stop in trip.stops):  # else it never happens
        assert_conserved(new, instance, fewest=0)


def test_whatever_is_taken_over_there_is_a_plan():
    seen = Counter()
    for seed in range(700):
        tried(seed, seen)
    assert set(seen) - {"replanned"} <= REFUSED
    assert seen["replanned"] > 50
    assert seen["E979"] > 10


@pytest.mark.slow
def test_whatever_is_taken_over_there_is_a_plan_in_many_cases():
    for seed in range(700, 8000):
        tried(seed, Counter())
