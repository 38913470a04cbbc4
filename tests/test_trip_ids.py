"""The id of a trip that is no more is never given to another one, in no later plan of the chain."""

from dataclasses import replace

import hub_plan
import pytest
from small import CLOCK

from planner.events.schema import Event, EventKind
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

pytestmark = pytest.mark.usefixtures("short_searches")


def told(kind, name, time_s, **more):
    return Event(id=name, time_s=time_s, kind=EventKind(kind), subject=("VAN",), value="1", **more)


def chain():
    """A van is lost, another one comes and is lost, and so on: trips come and go in each plan."""
    events, plans = [], [hub_plan.PLAN]
    for number in range(6):
        now_s = 25_500 + 60 * number
        kind = "vehicle_added" if number % 2 else "vehicle_lost"
        events.append(told(kind, f"e{number}", now_s))
        found = replan(
            plans[-1], hub_plan.INSTANCE, tuple(events), now_s, ReplanOptions(effort=1), previous=plans[:-1]
        )
        plans.append(found.plan)
    return plans


def test_no_id_comes_back():
    plans = chain()
    names = [{trip.id for trip in plan.trips} for plan in plans]
    assert len(set.union(*names)) > len(names[0])  # there were new ones
    for number, now in enumerate(names):
        before = set().union(*names[:number]) - (names[number - 1] if number else set())
        assert not now & before, number


def test_an_id_that_comes_back_is_found():
    plans = chain()
    last, gone = plans[-1], plans[-1].replan.moved
    free = next(trip for trip in last.trips if not trip.begun)
    name = next(one.trip for one in gone if one.trip not in {trip.id for trip in plans[-2].trips})
    trips = tuple(replace(trip, id=name) if trip is free else trip for trip in last.trips)
    verdict = check_plan(replace(last, trips=trips), CLOCK, hub_plan.INSTANCE, None, plans[:-1])
    assert any(one.rule == "trip_id" and one.place["trip"] == name for one in verdict.violations)
