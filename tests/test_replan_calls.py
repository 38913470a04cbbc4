"""Whom to call after a replan, and what is said of a vehicle that broke down with goods or without."""

from __future__ import annotations

from dataclasses import replace

import hub_plan
import pytest
from test_otherwise import report

from planner.base.text import catalogue
from planner.events.names import Names
from planner.instance.schema import Contact
from planner.outputs.event_words import event_in_words
from planner.outputs.replan_calls import calls_of
from planner.replanning.changes import Changes

PLAN, INSTANCE = hub_plan.PLAN, hub_plan.INSTANCE
TRUCK = next(trip for trip in PLAN.trips if trip.vehicle_id == "TRUCK-01")
VAN = [trip for trip in PLAN.trips if trip.vehicle_id == "VAN-01"]


def people(*places):
    return replace(INSTANCE, contacts=tuple(Contact(place=one, name="Budi", phone="0812") for one in places))


def test_everybody_with_other_orders_is_named_who_is_needed_soonest_first():
    changes = Changes(frozenset(), frozenset({"VAN-01", "TRUCK-01"}), frozenset({"H"}))
    found = calls_of(PLAN, changes, people("VAN", "TRUCK-01", "H"), 0)
    assert [row[0] for row in found.rows][0] == "tru1"
    assert {row[2] for row in found.rows} == {"Budi 0812"}
    assert len(found.rows) == 3 and not found.notes
    later = calls_of(PLAN, changes, people("VAN", "H"), max(trip.end_s for trip in PLAN.trips))
    assert {row[1] for row in later.rows} == {"no more trips"}
    assert [row[2] for row in later.rows].count("–") == 1
    assert later.notes == (catalogue("en")["replan.call.nobody"],)
    many = replace(changes, vehicles=frozenset(f"VAN-{number:02d}" for number in range(1, 15)))
    assert len(calls_of(PLAN, many, people("VAN", "H"), 0).rows) == 10
    assert "5 more" in calls_of(PLAN, many, people("VAN", "H"), 0).notes[0]


@pytest.mark.parametrize("number", range(20))
def test_goods_are_to_be_fetched_only_where_there_are_some(number):
    """The truck has goods from the end of its loading to the end of its last stop; by hand."""
    first, last = TRUCK.load_start_s, TRUCK.end_s
    at_s = first + (last - first) * number // 20
    event = report("breakdown", "TRUCK-01", at=at_s)
    told = event_in_words(event, Names(INSTANCE, PLAN), INSTANCE, PLAN)
    aboard = TRUCK.depart_s <= at_s < TRUCK.stops[-1].end_s
    assert ("to be fetched" in told) == aboard
