"""What a verdict says is known and what only believed: against a count of its own, from the rows."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from replans import replanned, row

from planner.base.text import set_language
from planner.outputs.knowledge import knowledge_clause, knowledge_rows, silence_lines
from planner.proof.certificate import certificate, document_of
from planner.proof.certificate_check import differences
from planner.proof.check import check_plan
from planner.proof.knowledge import Counts, Knowledge, Silence

CASES = {"small": (small.PLAN, small.INSTANCE), "hubs": (hub_plan.PLAN, hub_plan.INSTANCE)}
TOLERANCE_S = 1800


def counted(plan, told, now_s):
    """Regions and stops by what is known: read off the trips and the rows, by hand."""
    stops, regions = [], {}
    for trip in plan.trips:
        for stop in trip.stops:
            how = told.get((trip.id, stop.node_id))
            if how is None:
                late_s = now_s - stop.end_s
                how = "future" if late_s < 0 else "overdue" if late_s > TOLERANCE_S else "assumed"
            stops.append(how)
            if any(one.region_id == stop.node_id for one in stop.deliveries):
                regions.setdefault(stop.node_id, []).append(how)
    order = ["future", "overdue", "assumed", "bulk", "confirmed"]
    worst = Counter(
        next(how for how in order if how in regions.get(one.region_id, ["future"])) for one in plan.regions
    )
    return worst, Counter(stops)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_figures_are_those_of_a_count_by_hand(data):
    case = data.draw(st.sampled_from(sorted(CASES)))
    plan, instance = CASES[case]
    now_s = data.draw(st.integers(0, max(trip.end_s for trip in plan.trips) + 7200))
    due = [
        (trip, stop)
        for trip in plan.trips
        for stop in trip.stops
        if stop.end_s <= now_s and sum(one.node_id == stop.node_id for one in trip.stops) == 1
    ]
    told, rows = {}, []
    for number, (trip, stop) in enumerate(due):
        how = data.draw(st.sampled_from(["", "confirmed", "bulk"]))
        if how:
            told[trip.id, stop.node_id] = how
            rows.append(
                row(
                    f"E{number + 1:04d}",
                    now_s,
                    "delivered",
                    trip.id,
                    instance.clock,
                    place=stop.node_id,
                    from_time=stop.end_s,
                    bulk="E0001" if how == "bulk" else "",
                )
            )
    new = replanned(plan, instance, tuple(rows), now_s)
    known = check_plan(new, instance.clock, instance, None, (plan,), outside=new.replan.events).knowledge
    regions, stops = counted(new, told, now_s)
    assert known.bulk_by == ((("", stops["bulk"]),) if stops["bulk"] else ())
    assert Counter(asdict(known.regions)) == regions
    assert Counter(asdict(known.stops)) == stops
    for one in known.silent:
        heard = [now_s for trip, _ in told if trip_vehicle(plan, trip) == one.vehicle]
        assert not heard and one.since_s < now_s - TOLERANCE_S
        assert one.since_s in {trip.load_start_s for trip in plan.trips if trip.vehicle_id == one.vehicle}
    named = {one.vehicle for one in known.silent}
    for trip in new.trips:
        if trip.begun and trip.load_start_s < now_s - TOLERANCE_S and trip.end_s > now_s - TOLERANCE_S:
            heard = any(trip_vehicle(plan, name) == trip.vehicle_id for name, _ in told)
            assert heard or trip.vehicle_id in named


def trip_vehicle(plan, name):
    return next(trip.vehicle_id for trip in plan.trips if trip.id == name)


def test_only_a_replan_knows_and_believes():
    verdict = check_plan(small.PLAN, small.CLOCK, small.INSTANCE)
    assert verdict.knowledge is None
    assert knowledge_clause(None) == ""
    assert list(silence_lines(None, small.INSTANCE)) == []


def test_a_second_person_finds_forged_knowledge_and_older_certificates_pass():
    plan = replanned(small.PLAN, small.INSTANCE, (), 26_000)
    verdict = check_plan(plan, small.CLOCK, small.INSTANCE, None, (small.PLAN,))
    own = json.loads(certificate(plan, small.CLOCK, small.INSTANCE, verdict))
    assert sum(own["replan"]["knowledge"]["regions"].values()) == len(plan.regions)
    assert differences(own, own) == []
    forged = json.loads(json.dumps(own))
    forged["replan"]["knowledge"]["regions"]["confirmed"] += 1
    assert "replan.knowledge.regions.confirmed" in [one.column for one in differences(forged, own)]
    older = document_of(plan, small.CLOCK, small.INSTANCE, replace(verdict, knowledge=None))
    del older["replan"]["knowledge"]
    assert [one.code for one in differences(older, own) if one.column and "knowledge" in one.column] == []


@pytest.mark.parametrize("code", ["en", "id"])
def test_belief_and_knowledge_are_told_apart_in_words(code):
    try:
        set_language(code)
        known = Knowledge(
            Counts(21, 12, 7, 5, 5), Counts(30, 14, 8, 28, 9), (Silence("TRUCK-01", 25_000, 2),)
        )
        clause = knowledge_clause(known)
        assert all(figure in clause for figure in ("21", "12", "28"))
        assert len(knowledge_rows(known)) == 2
        [line] = silence_lines(known, small.INSTANCE)
        assert "tru1" in line and "06:56" in line
        calm = Counts(0, 0, 0, 0, 9)
        assert knowledge_clause(Knowledge(calm, calm, ())) == ""
    finally:
        set_language("en")
