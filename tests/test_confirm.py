"""Confirming all that was due at once, taking back what was told last, and desks whose clocks differ."""

from __future__ import annotations

import json
from dataclasses import replace

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from replans import replanned, rows_of

from planner.base.clock import parse_instant
from planner.base.errors import InputError
from planner.cli import main
from planner.events.adding import add_report
from planner.events.bulk import add_confirmation, told_last
from planner.events.clocks import AHEAD_S, now_among
from planner.events.read import read_events
from planner.instance.write import write_instance
from planner.outputs.event_list import event_lines
from planner.plans.file import write_plan
from planner.proof.check import check_plan
from planner.replanning.due import due_things
from planner.replanning.state import Known, state_of

DONE = (Known.ASSUMED, Known.OVERDUE)
CASES = {"small": (small.PLAN, small.INSTANCE), "hubs": (hub_plan.PLAN, hub_plan.INSTANCE)}


def clock(time, day=22):
    return small.CLOCK.seconds(parse_instant(f"2024-11-{day}T{time}+08:00"))


def confirmed(path, case, subjects, until_s):
    """Everything of some subjects that was due, confirmed in a table; gives the reports that hold then."""
    plan, instance = CASES[case]
    held = read_events(path, instance, plan) if path.exists() else ()
    due = due_things(state_of(plan, instance, held, until_s), subjects, until_s)
    cells = [
        {
            "kind": one.kind.value,
            "subject": one.trip,
            "place": one.node,
            "from": instance.clock.text(one.at_s),
        }
        for one in due
    ]
    made = add_confirmation(path, cells, "Sari", instance, plan, until_s).events if cells else ()
    return due, made, read_events(path, instance, plan) if path.exists() else ()


def late_by_turns(path, case, delays):
    """Vehicles report delays; what cannot be is left out."""
    plan, instance = CASES[case]
    for vehicle, at_s, minutes in delays:
        cells = {"kind": "delay", "subject": vehicle, "value": f"{minutes} min"}
        try:
            add_report(path, cells | {"time": instance.clock.text(at_s)}, instance, plan, 10**6)
        except InputError:
            continue


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_confirmation_leaves_nothing_that_was_due_open_and_changes_no_moment(data, tmp_path_factory):
    case = data.draw(st.sampled_from(sorted(CASES)))
    plan, instance = CASES[case]
    path = tmp_path_factory.mktemp("bulk") / "events.csv"
    vehicles = sorted({trip.vehicle_id for trip in plan.trips})
    last_s = max(trip.end_s for trip in plan.trips) + 7200
    delays = st.tuples(st.sampled_from(vehicles), st.integers(0, last_s), st.integers(1, 90))
    late_by_turns(path, case, sorted(data.draw(st.lists(delays, max_size=3)), key=lambda one: one[1]))
    until_s = data.draw(st.integers(0, last_s))
    subjects = data.draw(st.lists(st.sampled_from(vehicles), min_size=1, unique=True))
    before_rows = read_events(path, instance, plan) if path.exists() else ()
    before = state_of(plan, instance, before_rows, until_s)
    due, made, held = confirmed(path, case, subjects, until_s)
    after = state_of(plan, instance, held, until_s)
    for old, new in zip(before.trips, after.trips, strict=True):
        assert new.trip == old.trip
        assert (new.begun, new.stuck) == (old.begun, old.stuck)
        mine = old.planned.vehicle_id in subjects and old.begun
        assert not mine or not {*new.stops, new.departed}.intersection(DONE)
        known = [Known.CONFIRMED if mine and one in DONE else one for one in old.stops]
        assert list(new.stops) == known
    assert (after.received_s, after.on_time) == (before.received_s, before.on_time)
    assert {(one.by, one.bulk) for one in made} <= {("Sari", made[0].id if made else "")}
    assert len(made) == len(due)
    assert confirmed(path, case, subjects, until_s)[0] == ()  # nothing is left
    if made:
        assert told_last(path, instance, plan) == made
        void = {"kind": "void", "subject": "+".join(one.id for one in made)}
        add_report(path, void, instance, plan, until_s)
        assert read_events(path, instance, plan) == before_rows


@pytest.mark.parametrize("case", CASES)
def test_a_replan_that_believes_a_confirmation_passes_the_check(case, tmp_path):
    plan, instance = CASES[case]
    ends = sorted({stop.end_s for trip in plan.trips for stop in trip.stops})
    for number, now_s in enumerate((ends[0], ends[len(ends) // 2], ends[-1])):
        path = tmp_path / f"{number}.csv"
        vehicles = {trip.vehicle_id for trip in plan.trips}
        _, made, held = confirmed(path, case, vehicles, now_s)
        assert made
        new = replanned(plan, instance, rows_of(held, instance.clock), now_s)
        verdict = check_plan(new, instance.clock, instance, None, (plan,), outside=new.replan.events)
        assert not [one.text for one in verdict.violations if one.rule in ("history", "replan")]


def test_places_are_confirmed_by_what_comes_there_and_leaves():
    """T1 leaves W at 06:20, serves A at 07:20 and B at 08:07; A and B lie in different parts."""
    state = state_of(small.PLAN, small.INSTANCE, (), clock("09:00"))
    first = small.PLAN.trips[0]
    found = {
        subject: [
            (one.kind.value, one.trip, one.node) for one in due_things(state, [subject], clock("09:00"))
        ]
        for subject in ("A", first.id, "W")
    }
    assert ("delivered", first.id, "A") in found["A"]
    assert {node for _, _, node in found["A"]} == {"A"}
    assert [what for what, _, _ in found[first.id]] == ["departed", "delivered", "delivered"]
    assert {what for what, _, _ in found["W"]} == {"departed"}


PARTS = {"A": ("K", "K1"), "B": ("K", "K1"), "C": ("K", "K2")}
OF_AREA = {"K": {"A", "B", "C", "H", "W"}, "K1": {"A", "B", "H"}, "K2": {"C"}}  # by hand: H supplies A and B


@pytest.mark.parametrize("area", OF_AREA)
@pytest.mark.parametrize("hour", range(0, 24, 2))
def test_an_area_is_confirmed_with_its_hub_and_its_warehouse(area, hour):
    """All that was due at places of the area, and nothing elsewhere; the kabupaten leaves nothing open."""
    regions = [
        replace(one, area=PARTS[one.id][0], subarea=PARTS[one.id][1]) for one in hub_plan.INSTANCE.regions
    ]
    instance = replace(hub_plan.INSTANCE, regions=tuple(regions))
    state = state_of(hub_plan.PLAN, instance, (), hour * 3600)
    vehicles = {trip.vehicle_id for trip in hub_plan.PLAN.trips}
    everything = due_things(state, vehicles, hour * 3600)
    due = due_things(state, [area], hour * 3600)
    assert due == tuple(one for one in everything if one.node in OF_AREA[area])
    assert area != "K" or due == everything


@pytest.mark.parametrize("everything", [False, True])
def test_a_confirmation_is_one_line_of_a_list_and_single_reports_have_their_own(everything, tmp_path):
    plan, instance = CASES["hubs"]
    path = tmp_path / "events.csv"
    cells = {"kind": "departed", "subject": "TRUCK-01", "time": instance.clock.text(23_000)}
    add_report(path, cells | {"from": instance.clock.text(22_500)}, instance, plan, 23_000)
    _, made, held = confirmed(path, "hubs", ["TRUCK-01", "VAN-01"], clock("23:00"))
    lines = list(event_lines(held, lambda told: told.id, instance, plan, everything=everything))
    assert len(made) > 3
    if everything:
        assert [line for _, line in lines] == [one.id for one in held]
        return
    assert [line for _, line in lines][:1] == ["E0001"] and len(lines) == 2
    folded = lines[1][1]
    assert all(part in folded for part in (made[0].id, made[-1].id, str(len(made)), "Sari", "tru1", "van1"))


# ---------------------------------------------------------------- clocks


def test_a_report_a_little_ahead_is_taken_and_more_is_refused(tmp_path):
    """Just kept: five minutes; just broken: a second more."""
    now_s = clock("10:00")
    for ahead_s, good in ((0, True), (AHEAD_S, True), (AHEAD_S + 1, False)):
        path = tmp_path / f"{ahead_s}.csv"
        cells = {"kind": "closure", "subject": "e1", "time": small.CLOCK.text(now_s + ahead_s)}
        if good:
            add_report(path, cells, small.INSTANCE, small.PLAN, now_s)
            held = read_events(path, small.INSTANCE, small.PLAN, now_s)
            assert now_among(held, now_s) == now_s + ahead_s
        else:
            with pytest.raises(InputError) as caught:
                add_report(path, cells, small.INSTANCE, small.PLAN, now_s)
            assert [one.code for one in caught.value.faults] == ["E911"]


@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 240)), min_size=2, max_size=8),
    skew=st.integers(0, 290),
)
@settings(max_examples=60, deadline=None)
def test_desks_whose_clocks_differ_keep_the_order_in_which_they_told(steps, skew, tmp_path_factory):
    """The later of two corrections holds, though the desk that told it is behind."""
    path = tmp_path_factory.mktemp("desks") / "events.csv"
    real_s, told = clock("06:30"), []
    for fast, wait_s in steps:
        real_s += wait_s
        now_s = real_s + (skew if fast else 0)
        cells = {"kind": "stock", "subject": "W", "item": "box", "value": str(len(told) + 1)}
        told.append(add_report(path, cells, small.INSTANCE, small.PLAN, now_s).event.id)
    assert [one.id for one in read_events(path, small.INSTANCE, small.PLAN, real_s)] == told


def test_what_a_fast_desk_told_can_be_taken_back_by_a_slow_one(tmp_path):
    path = tmp_path / "events.csv"
    now_s = clock("10:00")
    add_report(path, {"kind": "closure", "subject": "e1"}, small.INSTANCE, small.PLAN, now_s + 120)
    void = {"kind": "void", "subject": "E0001"}
    add_report(path, void | {"time": small.CLOCK.text(now_s)}, small.INSTANCE, small.PLAN, now_s)
    assert read_events(path, small.INSTANCE, small.PLAN, now_s) == ()


# ---------------------------------------------------------------- the verbs


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    """A folder with the plan over one hub, and a function that runs `plan` there."""
    monkeypatch.chdir(tmp_path)
    write_instance(tmp_path / "tables", hub_plan.INSTANCE)
    write_plan(hub_plan.PLAN, small.CLOCK, tmp_path / "first.json")

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return run


CONFIRM = ("event", "confirm", "first.json", "TRUCK-01", "--time", "2024-11-22 09:00", "--instance", "tables")


def test_the_verbs_show_confirm_and_take_back(desk, tmp_path):
    code, out, err = desk(*CONFIRM, "--by", "Sari")
    assert (code, "Expected" in out, "first.events.csv" in err) == (0, True, True)
    rows = (tmp_path / "first.events.csv").read_text("utf-8").splitlines()[1:]
    assert len(rows) == 4
    assert all(",Sari,E0001," in row for row in rows)
    code, out, _ = desk(*CONFIRM, "--by", "Sari", "--json")
    assert (code, json.loads(out)["confirmed"]) == (0, [])
    code, out, _ = desk("event", "undo", "first.json", "--time", "2024-11-22 09:30", "--instance", "tables")
    assert (code, out.splitlines()[-1]) == (0, "E0005: 4 taken back.")
    code, out, err = desk("event", "undo", "first.json", "--instance", "tables")
    assert (code, "E971" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*CONFIRM, "--by", "Sari", "--until", "09:01"), "E970"),
        ((*CONFIRM[:3], "nobody", *CONFIRM[4:], "--by", "Sari"), "E908"),
        ((*CONFIRM, "--by", " "), "E955"),
        ((*CONFIRM[:3], *CONFIRM[4:], "--by", "Sari"), "E904"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(desk, tmp_path, arguments, code):
    left, _, err = desk(*arguments)
    assert (left, code in err) == (2, True)
    assert not (tmp_path / "first.events.csv").exists()


def test_asked_on_a_terminal_no_writes_nothing(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: False)
    code, _, err = desk(*CONFIRM, "--by", "Sari")
    assert (code, "Nothing was written." in err) == (0, True)
    assert not (tmp_path / "first.events.csv").exists()
