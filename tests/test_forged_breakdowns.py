"""A replan of another story with the reports of this one: who broke down elsewhere than he did is found.

The forger makes a true replan as if the vehicle, or another one, had broken down at another moment (while it
loaded, on another trip, before other stops), puts the told reports into it, and makes all claims right that
follow. Where its past is not that of the true story, the check must refuse it.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest
from forgeries import consistent
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


@pytest.fixture(autouse=True)
def nothing_searched(monkeypatch):
    """Each component goes on as it does by itself."""

    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def moments(trip):
    """Moments of a trip at which something ends, and between them."""
    ends = [trip.load_start_s, trip.depart_s, trip.end_s]
    ends += [moment for stop in trip.stops for moment in (stop.leg.arrive_s, stop.end_s)]
    return sorted(moment + more for moment in ends for more in (-60, 0, 60) if moment + more > 0)


def others(plan, instance, now_s, draws):
    """Cells of a further report, or none: docks or a place out of use, a late trip, a trip that was seen."""
    trip = draws.choice(plan.trips)
    begins_s = draws.choice([one for one in moments(trip) if one <= now_s] or [now_s])
    place = {"subject": trip.origin_id, "from": begins_s}
    seen = {"kind": "departed", "subject": trip.id, "from": begins_s}
    return draws.choice(
        [
            {},
            seen if trip.origin_id in instance.warehouse_of else {},  # what a hub gave had come there
            {"kind": "dock", "value": "0", "until": now_s + HOUR, **place},
            {"kind": "dock", "value": "1", "until": begins_s + 600, **place},
            {"kind": "warehouse", "value": "closed", "until": now_s + HOUR, **place},
        ]
    )


def told(path, plan, instance, now_s, rows):
    """The reports, entered one by one; None where one is refused."""
    for cells in rows:
        text = {
            key: instance.clock.text(value) if key in ("from", "until") else value
            for key, value in cells.items()
        }
        try:
            add_report(path, {**text, "time": instance.clock.text(now_s)}, instance, plan, now_s)
        except InputError:
            return None
    return tuple(read_events(path, instance, plan, now_s))


def gone_on(plan, instance, events, now_s):
    """The replan, as a file has it."""
    found = pipeline.replan(plan, instance, events, now_s, ReplanOptions())
    return plan_from_text(plan_to_text(found.plan, instance.clock))[0]


def past(plan, now_s):
    """What a plan says of what has begun: by trip, its moments until now and where it stands broken."""
    found = {}
    for trip in plan.trips:
        if trip.begun:
            ends = [stop.end_s for stop in trip.stops if stop.end_s <= now_s]
            broken = None if trip.broken is None else (trip.broken.at_s, trip.broken.node_id)
            found[trip.id] = (trip.vehicle_id, trip.load_start_s, trip.depart_s, ends, broken)
    return found


def by_hand(plan, vehicle, at_s):
    """The trip on which a vehicle broke down, and how many stops it had served, where all went as planned."""
    for trip in plan.trips:
        if trip.vehicle_id == vehicle and trip.depart_s <= at_s < trip.end_s:
            return trip.id, sum(stop.end_s <= at_s for stop in trip.stops)
    return None


def forged(seed, path, seen):
    draws = random.Random(seed)
    plan, instance = CASES[draws.choice(list(CASES))]
    trip = draws.choice(plan.trips)
    at_s = draws.choice(moments(trip))
    now_s = at_s + draws.choice([60, HOUR, 6 * HOUR])
    more = others(plan, instance, now_s, draws)
    more = [more] if more else []
    other = draws.choice(
        [one for one in plan.trips if one.vehicle_id == trip.vehicle_id or draws.random() < 0.2]
    )
    lie_s = draws.choice([one for one in moments(other) if one <= now_s] or [at_s])

    def story(name, vehicle, moment_s):
        rows = [{"kind": "breakdown", "subject": vehicle, "from": moment_s}, *more]
        events = told(path / f"{seed}-{name}.csv", plan, instance, now_s, rows)
        return events, None if events is None else gone_on(plan, instance, events, now_s)

    events, true = story("true", trip.vehicle_id, at_s)
    lies, lie = story("lie", other.vehicle_id, lie_s)
    if true is None or lie is None:
        return
    if not more:
        stands = [(one.id, len(one.stops)) for one in true.trips if one.broken is not None]
        expected = by_hand(plan, trip.vehicle_id, at_s)
        assert stands == ([] if expected is None else [expected]), seed
    trips = tuple(
        one if one.broken is None else replace(one, broken=replace(one.broken, at_s=at_s))
        for one in lie.trips
    )
    lie = replace(lie, trips=trips, replan=replace(lie.replan, events=true.replan.events))
    if past(lie, now_s) == past(true, now_s):
        seen["same"] += 1
        return
    lie, own = plan_from_text(plan_to_text(consistent(lie, instance), instance.clock))
    rows = [row_of(one, instance.clock) for one in events]
    verdict = check_plan(lie, own, instance, previous=(plan,), outside=rows)
    seen["refused" if verdict.violations else "passed"] += 1
    return verdict.violations


def test_no_breakdown_elsewhere_passes(tmp_path):
    seen = Counter()
    for seed in range(60):
        assert forged(seed, tmp_path, seen) != (), seed
    assert seen["refused"] > 30


@pytest.mark.slow
def test_no_breakdown_elsewhere_passes_in_many_cases(tmp_path):
    for seed in range(60, 800):
        assert forged(seed, tmp_path, Counter()) != (), seed
