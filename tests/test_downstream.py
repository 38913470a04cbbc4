"""A breakdown beside reports of goods further on, hub after hub: disputed or believed, and always a plan."""

from dataclasses import replace

import hub_plan
import pytest
from replans import row

from planner.events.match import matched
from planner.events.read import events_of
from planner.plans.file import plan_from_text, plan_to_text
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of

PLAN, INSTANCE = hub_plan.PLAN, hub_plan.INSTANCE


def pairs():
    """Each trip with each one that takes on goods of it where it brings them, and the stop."""
    for trip in PLAN.trips:
        for other in PLAN.trips:
            loads = {one.consignment_id for stop in other.stops for one in stop.deliveries}
            for number, stop in enumerate(trip.stops):
                if stop.node_id == other.origin_id and any(
                    one.consignment_id in loads for one in stop.deliveries
                ):
                    yield trip, number, other


@pytest.fixture
def nothing_searched(monkeypatch):
    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


@pytest.mark.usefixtures("nothing_searched")
@pytest.mark.parametrize("first", ["breakdown", "delivered"])
@pytest.mark.parametrize("when", ["loading", "under_way", "served"])
def test_what_was_told_first_stands_and_there_is_a_plan(first, when):
    clock, cases = INSTANCE.clock, list(pairs())
    assert cases
    for trip, number, other in cases:
        stop, last = trip.stops[number], other.stops[-1]
        at_s = {
            "loading": (trip.load_start_s + trip.depart_s) // 2,
            "under_way": (stop.leg.depart_s + stop.leg.arrive_s) // 2,
            "served": stop.end_s,
        }[when]
        now_s = last.end_s + 120
        broke_s, told_s = (at_s, now_s) if first == "breakdown" else (now_s, last.end_s)
        rows = (
            row("E0001", broke_s, "breakdown", trip.vehicle_id, clock, from_time=at_s),
            row("E0002", told_s, "delivered", other.id, clock, from_time=last.end_s, place=last.node_id),
        )
        events = events_of(rows, INSTANCE, PLAN, now_s)
        disputed = [one.event.kind for one in matched(PLAN, events).disputed]
        assert disputed == ([] if when == "served" else [{"breakdown": "delivered"}.get(first, "breakdown")])
        result = pipeline.replan(PLAN, INSTANCE, events, now_s, ReplanOptions())
        plan, _ = plan_from_text(plan_to_text(result.plan, clock))
        assert check_plan(plan, clock, INSTANCE, None, (PLAN,), outside=rows).violations == ()
