"""What a status says to people: whole words in 80 columns, silence, and what to do now, by its harm."""

from __future__ import annotations

import io
import os
from dataclasses import asdict, replace
from pathlib import Path

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from test_otherwise import toy

import planner
from planner.base.text import set_language
from planner.cli.printing import desk_console, show_table, table
from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.schema import Contact
from planner.instance.subjects import vehicle_id
from planner.outputs.figures import duration, moment
from planner.outputs.now_what import Act, tasks
from planner.outputs.status import Standing
from planner.outputs.status_document import status_document
from planner.outputs.status_text import status_lines, status_tables, tasks_table
from planner.papers.bulletin.counts import Count, counts_of_regions
from planner.plans.model import Replan
from planner.proof.knowledge import Sure, knowledge_of
from planner.replanning.state import state_of

CASES = {"small": (small.PLAN, small.INSTANCE), "hubs": (hub_plan.PLAN, hub_plan.INSTANCE)}
LAST_S = 60_000
INSTANCES = Path(__file__).resolve().parents[1] / "instances"


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


def event(number, kind, subject, time_s, **more):
    return Event(id=f"E{number:04d}", time_s=time_s, kind=EventKind(kind), subject=(subject,), **more)


@st.composite
def situations(draw):
    """A moment of a plan with vehicles that broke down, are late, or were heard, singly or in bulk."""
    plan, instance = CASES[draw(st.sampled_from(sorted(CASES)))]
    now_s = draw(st.integers(0, LAST_S))
    events = []
    for trip in plan.trips:
        how = draw(st.sampled_from(["", "", "departed", "bulk", "delay", "breakdown"]))
        at_s = trip.stops[0].leg.depart_s
        if not how or at_s > now_s:
            continue
        more = {"value": "3600"} if how == "delay" else {"bulk": "E0001"} if how == "bulk" else {}
        kind, subject = ("departed" if how == "bulk" else how), trip.id
        if how == "breakdown":
            subject = trip.vehicle_id
        events.append(event(len(events) + 1, kind, subject, min(now_s, at_s + 60), from_s=at_s, **more))
    if draw(st.booleans()):
        people = (
            Contact(place=plan.trips[0].vehicle_id, name="Budi Santoso Wijaya", phone="+62 812 0000 0001"),
        )
        instance = replace(instance, contacts=people)
    return state_of(plan, instance, events, now_s)


def printed(shown, width):
    """Lines of tables as a console of that width prints them."""
    target = io.StringIO()
    console = Console(file=target, width=width, highlight=False, markup=False, emoji=False)
    for one in shown:
        console.print(table(one.title, one.columns, one.rows, width=width))
        console.print(one.note)
    return target.getvalue()


@settings(max_examples=80, deadline=None)
@given(state=situations(), language=st.sampled_from(["en", "id"]), everything=st.booleans())
def test_no_word_and_no_number_is_broken_in_80_columns(state, language, everything):
    set_language(language)
    standing = Standing(state)
    for tables in (status_tables, tasks_table):
        shown = list(tables(standing, everything=everything))
        text = printed(shown, 80)
        assert max(map(len, text.splitlines()), default=0) <= 80
        there = set(text.replace("│", " ").replace("┃", " ").split())
        cells = [
            cell for one in shown for row in ([name for name, _ in one.columns], *one.rows) for cell in row
        ]
        assert {word for cell in cells for word in cell.split()} <= there


@settings(max_examples=80, deadline=None)
@given(state=situations())
def test_what_harms_most_comes_first_and_weighs_what_a_count_by_hand_finds(state):
    standing = Standing(state)
    found = tasks(standing)
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    name = state.instance.settings.weight
    voters = {one.id: one.counts.get(name, 0) or 1 for one in state.instance.regions}
    assert all(one.weight == sum(voters[region] for region in one.regions) for one in found)
    late = sorted(region for region, on_time in state.on_time.items() if not on_time)
    assert [sorted(one.regions) for one in found if one.act is Act.REPLAN] == ([late] if late else [])
    calls = {one.subject for one in found if one.act is Act.CALL}
    assert {one.row.trip.planned.vehicle_id for one in standing.overdue} <= calls
    assert len(calls) == sum(one.act is Act.CALL for one in found)
    disputed = sorted(one.event.id for one in state.found.disputed)
    assert sorted(one.subject for one in found if one.act is Act.SETTLE) == disputed


def test_nobody_to_call_is_said_once_and_whoever_is_known_is_named():
    plan, instance = CASES["hubs"]
    state = state_of(plan, instance, [], LAST_S)
    text = printed(status_tables(Standing(state), everything=True), 160)
    assert text.count("table contacts") == 1
    people = tuple(Contact(place=one.id, name="Budi", phone="0812") for one in instance.vehicles[:1])
    some = Standing(state_of(plan, replace(instance, contacts=people), [], LAST_S))
    text = printed(status_tables(some, everything=True), 160)
    assert "Budi 0812" in text and text.count("table contacts") == 1
    places = {*(one.id for one in instance.vehicles)}
    people = tuple(Contact(place=one, name="Budi", phone="0812") for one in places)
    every = Standing(state_of(plan, replace(instance, contacts=people), [], LAST_S))
    assert "table contacts" not in printed(status_tables(every, everything=True), 160)
    [call, *_] = [one for one in tasks(every) if one.act is Act.CALL]
    assert call.contacts[0].name == "Budi"


def test_silence_is_told_with_its_beginning():
    """Just not silent: heard half an hour ago; just silent: a second longer ago."""
    plan, instance = CASES["small"]
    trip = plan.trips[0]
    at_s = trip.stops[0].leg.depart_s
    told = event(1, "departed", trip.id, at_s + 60, from_s=at_s)
    for later_s, since_s in ((1800, None), (1801, at_s + 60)):
        standing = Standing(state_of(plan, instance, [told], at_s + 60 + later_s))
        [row] = [one for one in standing.vehicles if one.vehicle == trip.vehicle_id]
        assert row.silent_since_s == standing.silent_since_s(trip.vehicle_id) == since_s
        document = status_document(standing, "", "")
        [own] = [one for one in document["vehicles"] if one["vehicle"] == trip.vehicle_id]
        assert own["silent_since"] == (None if since_s is None else instance.clock.text(since_s))
        assert ("silent since" in printed(status_tables(standing), 160)) is any(
            one.silent_since_s is not None for one in standing.vehicles
        )


def test_what_was_confirmed_in_bulk_stands_apart():
    plan, instance = CASES["small"]
    trip = plan.trips[0]
    first, second = trip.stops[:2]
    single = event(1, "delivered", trip.id, second.end_s, from_s=first.end_s, place=first.node_id)
    bulk = event(
        2,
        "delivered",
        trip.id,
        second.end_s,
        from_s=second.end_s,
        place=second.node_id,
        bulk="E0002",
        by="Sari",
    )
    standing = Standing(state_of(plan, instance, [single, bulk], second.end_s))
    assert (standing.counts[Sure.CONFIRMED], standing.counts[Sure.BULK]) == (1, 1)
    assert "confirmed 1 (and 1 in bulk)" in next(status_lines(standing, "a.json"))
    assert status_document(standing, "", "")["stops"]["bulk"] == 1
    assert status_document(standing, "", "")["bulk_by"] == {"Sari": 1}
    assert "Stops confirmed in bulk, by whom: Sari 1." in status_lines(standing, "a.json")


@settings(max_examples=40, deadline=None)
@given(state=situations())
def test_status_and_the_verdict_of_a_replan_say_the_same_of_regions(state):
    """Two modules that count by themselves: one for people, one of the checker."""
    known = knowledge_of(
        replace(state.plan, replan=Replan(state.now_s, "", "planned", state.tolerance_s)), state.found.reports
    )
    planned = {sure.value: many for sure, many in Standing(state).received.items()}
    if all(one.trip is one.planned for one in state.trips):  # nothing moved: both see the same ends
        assert planned == asdict(known.regions)
    assert sum(planned.values()) == len(state.plan.regions)


@pytest.mark.parametrize("name", ["toy", "clinics", "mahulu", "berau", "kaltim"])
def test_the_shipped_instances_name_somebody_invented_everywhere_and_plans_stay_theirs(name):
    instance = planner.read(INSTANCES / name)
    places = {one.id for table in (instance.warehouses, instance.hubs, instance.regions) for one in table}
    places |= {vehicle_id(one.id, number) for one in instance.vehicles for number in range(1, one.number + 1)}
    assert {one.place for one in instance.contacts} == places
    assert all(
        one.source.startswith("Invented") and one.phone.startswith("000-") for one in instance.contacts
    )
    assert digest(replace(instance, contacts=())) == digest(instance)


# ---------------------------------------------------------------- 80 columns


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text("abc ", max_size=30).map(str.strip),
            st.integers(0, 400_000).map(duration),
            st.integers(0, 10**6).map(lambda at: moment(at, small.CLOCK)),
            st.integers(0, 10**6).map(lambda at: f"{moment(at, small.CLOCK)}, {duration(at)} x; 0812-34 5"),
        ),
        min_size=1,
        max_size=5,
    ),
    language=st.sampled_from(["en", "id"]),
)
def test_no_moment_and_no_duration_is_divided_between_lines(rows, language):
    set_language(language)
    columns = [(name, False) for name in ("one", "two", "three", "four")]
    target = io.StringIO()
    shown = Console(file=target, width=66)
    show_table(shown, "", columns, rows)
    lines = target.getvalue().splitlines()
    assert max(map(len, lines)) <= 66
    for row in rows:
        assert not row[1] or any(row[1] in line for line in lines)
        assert any(row[2] in line for line in lines)
        assert any(row[3].partition(",")[0] in line for line in lines)


@pytest.mark.parametrize("columns", ["", "120"])
def test_a_desk_that_is_no_terminal_has_80_columns_unless_it_says_otherwise(columns, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((200, 50)))
    assert desk_console().width == int(columns or 80)


def _handing_over(plan, instance):
    for trip in plan.trips:
        for stop in trip.stops:
            mine = any(one.region_id == stop.node_id for one in stop.deliveries)
            if mine and stop.node_id in instance.region_of:
                yield stop


def ledger_says(plan, instance, place, kind):
    """Told of a region's last stop as `kind`, of all others as delivered: only delivered makes it whole."""
    mine = sorted(
        (stop for stop in _handing_over(plan, instance) if stop.node_id == place), key=lambda one: one.end_s
    )
    last = mine[-1]
    if kind == "partly" and max(one.units for one in last.deliveries) < 2:
        return False  # one unit has no part
    before = enumerate(mine[:-1], 1)
    told = [event(at, "delivered", place, stop.end_s, from_s=stop.end_s) for at, stop in before]
    more = {"value": "1"} if kind == "partly" else {}
    told.append(event(len(mine), kind, place, last.end_s, from_s=last.end_s, **more))
    standing = Standing(state_of(plan, instance, told, last.end_s + 60))
    counts, is_whole = counts_of_regions(plan, standing)[place], kind == "delivered"
    assert (standing.sure_of_regions[place] is Sure.CONFIRMED) is is_whole
    assert counts[Count.REGIONS].sure[Sure.CONFIRMED] == is_whole
    units = counts[Count.UNITS]
    assert (units.sure[Sure.CONFIRMED] == units.total) is is_whole
    assert status_document(standing, "plan", "")["received"]["confirmed"] == is_whole
    return True


@pytest.mark.parametrize("kind", ["delivered", "partly", "refused", "skipped", "returned"])
def test_a_region_has_received_only_what_was_handed_over(kind):
    tried = 0
    for plan, instance in (*CASES.values(), toy()):
        for place in sorted({stop.node_id for stop in _handing_over(plan, instance)}):
            tried += ledger_says(plan, instance, place, kind)
    assert tried >= 7


def test_a_replan_calls_nobody_confirmed_who_lacks_something():
    plan, instance = CASES["small"]
    told = {"now_s": LAST_S, "previous_digest": "x", "assume": "planned", "tolerance_s": 1800, "events": ()}
    whole = replace(plan, replan=Replan(**told))
    place = plan.regions[0].region_id
    regions = tuple(replace(one, received_s=None) if one.region_id == place else one for one in plan.regions)
    lacks = replace(whole, regions=regions)
    before, after = (knowledge_of(one, {}).regions for one in (whole, lacks))
    assert after.future == before.future + 1
    assert after.assumed + after.overdue == before.assumed + before.overdue - 1
