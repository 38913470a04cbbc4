"""What was only believed gives way to what somebody saw: bulk confirmations, in moments and in goods."""

from dataclasses import replace

import hub_plan
import pytest

from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.apply import effective
from planner.events.bulk import add_confirmation
from planner.events.read import read_events
from planner.events.schema import Event, EventKind
from planner.events.told import row_of
from planner.plans.file import plan_from_text, plan_to_text
from planner.proof.check import check_plan
from planner.replanning import pipeline
from planner.replanning.due import due_things
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of
from planner.replanning.state import Assume, state_of

PLAN, INSTANCE = hub_plan.PLAN, hub_plan.INSTANCE
CLOCK = INSTANCE.clock
LAST_S = max(trip.end_s for trip in PLAN.trips)


@pytest.fixture(autouse=True)
def nothing_searched(monkeypatch):
    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)


def confirm_all(path, now_s):
    """All that was due is confirmed at once."""
    state = state_of(PLAN, INSTANCE, (), now_s)
    due = due_things(state, sorted({trip.vehicle_id for trip in PLAN.trips}), now_s)
    cells = [
        {"kind": one.kind.value, "subject": one.trip, "place": one.node, "from": CLOCK.text(one.at_s)}
        for one in due
    ]
    add_confirmation(path, cells, "Sari", INSTANCE, PLAN, now_s)


def replanned(path, now_s, assume=Assume.PLANNED):
    """The checked replan from its own file, and what the check says."""
    events = read_events(path, INSTANCE, PLAN, now_s)
    found = pipeline.replan(PLAN, INSTANCE, tuple(events), now_s, ReplanOptions(assume=assume))
    plan, _ = plan_from_text(plan_to_text(found.plan, CLOCK))
    told = [row_of(one, CLOCK) for one in events]
    return plan, check_plan(plan, CLOCK, INSTANCE, None, (PLAN,), outside=told)


def stops():
    return [(trip, number) for trip in PLAN.trips for number in range(len(trip.stops))]


@pytest.mark.parametrize("late_min", [1, 12, 45, 200])
@pytest.mark.parametrize("kind", ["arrived", "delivered"])
def test_who_was_later_than_confirmed_in_bulk_pushes_back_what_comes_after(late_min, kind, tmp_path):
    for position, (trip, number) in enumerate(stops()):
        stop, path = trip.stops[number], tmp_path / f"{position}.csv"
        planned_s = stop.end_s if kind == "delivered" else stop.leg.arrive_s
        at_s = planned_s + 60 * late_min
        now_s = max(LAST_S, at_s) + 60
        confirm_all(path, LAST_S + 30)
        cells = {"kind": kind, "subject": trip.id, "place": stop.node_id, "from": CLOCK.text(at_s)}
        add_report(path, cells | {"time": CLOCK.text(now_s)}, INSTANCE, PLAN, now_s)
        plan, verdict = replanned(path, now_s)
        assert verdict.violations == (), (trip.id, number)
        assert not verdict.as_reported, (trip.id, number)
        new = next(one for one in plan.trips if one.id == trip.id).stops[number]
        assert (new.end_s if kind == "delivered" else new.leg.arrive_s) == at_s


@pytest.mark.parametrize("assume", list(Assume))
@pytest.mark.parametrize("kind", ["skipped", "refused", "returned"])
def test_goods_that_did_not_come_stand_before_what_was_confirmed_in_bulk(kind, assume, tmp_path):
    for position, (trip, number) in enumerate(stops()):
        stop, path, now_s = trip.stops[number], tmp_path / f"{position}.csv", LAST_S + 600
        confirm_all(path, now_s - 60)
        cells = {"kind": kind, "subject": trip.id, "place": stop.node_id, "from": CLOCK.text(stop.end_s)}
        add_report(path, cells | {"time": CLOCK.text(now_s)}, INSTANCE, PLAN, now_s)
        _, verdict = replanned(path, now_s, assume)
        assert verdict.violations == (), (trip.id, number)


@pytest.mark.parametrize("first", ["otherwise", "further_on"])
@pytest.mark.parametrize("kind", ["skipped", "refused", "returned"])
def test_goods_that_did_not_come_and_were_handed_over_further_on_are_not_both_told(kind, first, tmp_path):
    pairs = [
        (trip, stop, other)
        for trip in PLAN.trips
        for stop in trip.stops
        for other in PLAN.trips
        if other.origin_id == stop.node_id
        and {one.consignment_id for one in stop.deliveries}
        & {one.consignment_id for each in other.stops for one in each.deliveries}
    ]
    assert pairs
    for position, (trip, stop, other) in enumerate(pairs):
        path, now_s, last = tmp_path / f"{position}.csv", LAST_S + 600, other.stops[-1]
        otherwise = {"kind": kind, "subject": trip.id, "place": stop.node_id, "from": CLOCK.text(stop.end_s)}
        further = {"kind": "delivered", "subject": other.id, "place": last.node_id}
        further |= {"from": CLOCK.text(last.end_s)}
        told = (otherwise, further) if first == "otherwise" else (further, otherwise)
        add_report(path, told[0] | {"time": CLOCK.text(now_s)}, INSTANCE, PLAN, now_s)
        new = add_report(path, told[1] | {"time": CLOCK.text(now_s)}, INSTANCE, PLAN, now_s)
        assert [(one.event.id, one.beside, one.code) for one in new.disputed] == [("E0002", "E0001", "E977")]
        assert [one.id for one in read_events(path, INSTANCE, PLAN, now_s)] == ["E0001"]


@pytest.mark.parametrize("assume", list(Assume))
@pytest.mark.parametrize("kind", ["loaded", "departed", "arrived", "delivered", "breakdown", "skipped"])
def test_what_is_told_of_the_very_second_of_now_is_believed(kind, assume, tmp_path):
    taken = 0
    for trip in PLAN.trips:
        for now_s in sorted({trip.load_start_s, trip.depart_s, trip.stops[0].leg.arrive_s, trip.end_s}):
            path = tmp_path / f"{trip.id}-{now_s}.csv"
            cells = {"kind": kind, "subject": trip.vehicle_id, "from": CLOCK.text(now_s)}
            try:
                add_report(path, cells | {"time": CLOCK.text(now_s)}, INSTANCE, PLAN, now_s)
            except InputError:
                continue
            taken += 1
            _, verdict = replanned(path, now_s, assume)
            assert verdict.violations == (), (trip.id, now_s)
    assert taken


@pytest.mark.parametrize("percent", [40, 80, 150])
def test_a_type_is_slower_only_as_long_as_is_said(percent):
    kind, now_s = INSTANCE.vehicle_type_of["VAN"], 10_000
    until_s = now_s + 20_000
    speed = Event(
        id="s",
        time_s=now_s,
        kind=EventKind.SPEED,
        subject=("VAN",),
        until_s=until_s,
        value=str(percent),
    )
    after = effective(INSTANCE, (speed,))
    assert after.vehicle_type_of["VAN"].speed_percent == kind.speed_percent
    usual = {one.id: one for one in INSTANCE.edges if one.mode in kind.modes}
    others = {one.id for one in INSTANCE.vehicles} - {"VAN"}

    def open_at(edge, moment_s, vehicle):
        return not any(
            row.edge == edge.id
            and (not row.types or vehicle in row.types)
            and (row.from_s or 0) <= moment_s
            and (row.until_s is None or moment_s < row.until_s)
            for row in after.closures
        )

    for edge in after.edges:
        own = usual.get(edge.double_of or edge.id)
        if own is None:
            assert open_at(edge, now_s, "VAN") and open_at(edge, until_s, "VAN")
            continue
        slow = bool(edge.double_of)
        assert (edge.time_s, edge.told_percents) == (own.time_s, (percent,) if slow else ())
        assert open_at(edge, now_s, "VAN") is slow
        assert open_at(edge, until_s, "VAN") is not slow
        assert all(
            open_at(edge, moment_s, name) is not slow for name in others for moment_s in (now_s, until_s)
        )


@pytest.mark.parametrize("subject", ["road", "VAN", "e5"])
@pytest.mark.parametrize("percent", [40, 130])
def test_a_plan_at_another_speed_goes_on_when_the_report_of_it_is_taken_back(subject, percent):
    for trip in PLAN.trips:
        now_s = trip.load_start_s - 60
        speed = Event(
            id="s",
            time_s=now_s,
            kind=EventKind.SPEED,
            subject=(subject,),
            until_s=now_s + 20_000,
            value=str(percent),
        )
        first = pipeline.replan(PLAN, INSTANCE, (speed,), now_s, ReplanOptions()).plan
        for later_s in (now_s + 600, trip.depart_s + 300, trip.end_s):
            second = pipeline.replan(first, INSTANCE, (), later_s, ReplanOptions(), previous=(PLAN,)).plan
            doubles = {
                step.ref
                for one in second.trips
                for stop in one.stops
                for step in stop.leg.path
                if step.ref.endswith("~s")
            }
            assert doubles == set()
