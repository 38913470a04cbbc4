"""Where a plan stands: by hand on the small plan, and as properties of any reports."""

from __future__ import annotations

from dataclasses import replace

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.clock import parse_instant
from planner.events.schema import Event, EventKind
from planner.plans.model import EventRow, Replan
from planner.proof.check import check_plan
from planner.replanning.state import Assume, Known, Stuck, state_of

HOUR, DAY = 3600, 86_400
C, A, O, F = Known.CONFIRMED, Known.ASSUMED, Known.OVERDUE, Known.FUTURE  # noqa: E741


def clock(time, day=22):
    return small.CLOCK.seconds(parse_instant(f"2024-11-{day}T{time}+08:00"))


def event(kind, *subject, id="E1", at="12:00", **more):
    """A report; `at` is when it was made."""
    for name in ("from_s", "until_s"):
        if isinstance(more.get(name), str):
            more[name] = clock(more[name])
    return Event(id=id, time_s=clock(at), kind=EventKind(kind), subject=subject, **more)


def stand(now, *events, assume=Assume.PLANNED, plan=small.PLAN, instance=small.INSTANCE):
    return state_of(plan, instance, events, clock(now), assume)


def trip(state, name):
    return next(one for one in state.trips if one.planned.id == name)


def test_before_anything_all_is_to_come_and_as_planned():
    for assume in Assume:
        state = stand("00:00", assume=assume, plan=replace(small.PLAN, trips=small.PLAN.trips[:5]))
        assert all(one.trip is one.planned and not one.begun for one in state.trips)
        assert {known for one in state.trips for known in one.stops} == {F}
        assert state.projected.trips == state.plan.trips


def test_what_is_due_is_assumed_and_then_overdue():
    """T1 is served at A at 07:20, at B at 08:07, and is back at 09:13:40."""
    for now, stops in (
        ("07:19", (F, F)),
        ("07:20", (A, F)),
        ("07:50", (A, F)),
        ("07:51", (O, F)),
        ("08:40", (O, O)),
    ):
        one = trip(stand(now), "T1")
        assert (now, one.stops) == (now, stops)
        assert one.begun
    assert trip(stand("06:00"), "T1").begun is False
    assert trip(stand("06:01"), "T1").loaded is F
    assert stand("09:00").projected == small.PLAN


def test_reports_confirm_and_nothing_else_does():
    done = event("delivered", "B", from_s="08:10", at="08:15")
    one = trip(stand("08:15", done), "T1")
    assert one.stops == (O, C)  # A was passed, but nobody has said that it was served
    assert one.loaded is O
    assert one.trip.stops[1].end_s == clock("08:10")
    assert one.last_report_s == clock("08:15")


def test_a_delay_moves_all_that_waits_for_it():
    """Two hours on the way to A: B and the way home are late, and T5 (10:00) loads when the truck is back."""
    late = event("delay", "TRUCK-01", at="06:40", value="7200", from_s="06:40")
    state = stand("06:45", late)
    first = trip(state, "T1").trip
    assert [stop.leg.arrive_s for stop in first.stops] == [25_380 + 7200, 28_200 + 7200]
    assert first.end_s == 33_220 + 7200
    assert trip(state, "T5").trip.load_start_s == 33_220 + 7200
    assert state.received_s["B"] == 29_220 + 7200
    assert trip(state, "T2").trip is trip(state, "T2").planned


def test_time_that_a_plan_has_in_hand_is_used():
    """T5 begins 46 minutes after T1 is back: a delay of half an hour does not move it."""
    state = stand("06:45", event("delay", "TRUCK-01", at="06:40", value="1800", from_s="06:40"))
    assert trip(state, "T5").trip is trip(state, "T5").planned
    assert trip(state, "T1").trip.end_s == 33_220 + 1800


def test_a_delay_until_a_moment():
    state = stand("06:45", event("delay", "TRUCK-01", at="06:40", from_s="06:40", until_s="09:00"))
    assert trip(state, "T1").trip.stops[0].leg.arrive_s == clock("09:00")


def test_a_report_of_arrival_ends_what_a_delay_says():
    late = event("delay", "TRUCK-01", at="06:40", value="7200", from_s="06:40")
    there = event("arrived", "TRUCK-01", id="E2", at="07:40", from_s="07:35")
    assert trip(stand("07:45", late, there), "T1").trip.stops[0].leg.arrive_s == clock("07:35")


def test_who_is_early_leaves_no_earlier_than_planned():
    there = event("arrived", "TRUCK-01", at="06:50", from_s="06:45")
    one = trip(stand("06:55", there), "T1").trip
    assert one.stops[0].leg.arrive_s == clock("06:45")
    assert one.stops[0].end_s == 26_400
    assert one.stops[1] == small.T1.stops[1]


def test_nothing_reported_has_happened_nothing():
    state = stand("12:00", assume=Assume.NOTHING)
    assert not any(one.begun for one in state.trips)
    assert min(one.trip.load_start_s for one in state.trips if one.stuck is None) >= clock("12:00")
    assert trip(state, "T1").stops == trip(stand("12:00"), "T1").stops == (O, O)  # due by the plan


def test_nothing_reported_has_happened_but_what_came_before_a_report():
    state = stand(
        "12:00", event("arrived", "TRUCK-01", at="08:00", from_s="07:50", place="B"), assume=Assume.NOTHING
    )
    one = trip(state, "T1")
    assert one.begun
    assert one.trip.stops[0].end_s <= clock("07:50")
    assert one.trip.stops[1].end_s == clock("12:00")


@pytest.mark.parametrize(
    ("at", "stops", "node"),
    [("06:20", 0, "W"), ("06:30", 0, "W"), ("07:10", 0, "A"), ("07:30", 1, "A"), ("08:50", 2, "B")],
)
def test_a_breakdown_ends_a_trip_where_it_stands(at, stops, node):
    """T1 leaves at 06:18, is at A from 07:03 to 07:20 and at B from 07:50 to 08:07."""
    state = stand("09:00", event("breakdown", "TRUCK-01", at="09:00", from_s=at))
    one = trip(state, "T1").trip
    assert (len(one.stops), one.broken.node_id, one.end_s, one.back) == (stops, node, clock(at), None)
    left = small.T1.stops[stops:]
    assert one.broken.deliveries == tuple(item for stop in left for item in stop.deliveries)
    assert [(found.trip_id, found.node_id) for found in state.broken] == ([("T1", node)] if left else [])
    assert trip(state, "T5").stuck is Stuck.VEHICLE_OUT
    assert state.received_s["A"] is None
    assert one.distance_m == sum(stop.leg.distance_m for stop in one.stops) + (
        one.broken.leg.distance_m if one.broken.leg else 0
    )


def test_who_breaks_down_while_loading_has_not_left():
    state = stand("09:00", event("breakdown", "TRUCK-01", at="09:00", from_s="06:10"))
    assert trip(state, "T1").stuck is Stuck.VEHICLE_OUT
    assert not trip(state, "T1").begun
    assert state.broken == ()


def test_a_repaired_vehicle_drives_its_next_trip():
    events = (
        event("breakdown", "TRUCK-01", at="09:00", from_s="08:50"),
        event("repaired", "TRUCK-01", id="E2", at="10:30", from_s="11:00"),
    )
    one = trip(stand("10:30", *events), "T5")
    assert one.stuck is None
    assert one.trip.load_start_s == clock("12:06") + 40  # from B the way home takes so long


def test_a_closed_edge_is_waited_for_or_blocks():
    closed = event("closure", "e2", at="06:00", from_s="07:00", until_s="09:00")
    one = trip(stand("06:30", closed), "T1").trip
    assert one.stops[1].leg.arrive_s == clock("09:30")
    gone = replace(closed, until_s=None)
    state = stand("06:30", gone)
    assert trip(state, "T1").stuck is Stuck.WAY
    assert trip(state, "T3").stuck is Stuck.WAY  # the jeep needs it too, and has left
    assert state.received_s["B"] == small.INSTANCE.settings.horizon_s


def test_goods_that_come_later_are_waited_for():
    late = event("stock", "W", at="06:00", item="box", value="-8")
    state = stand("06:05", late)
    stuck = {name: why for name, why in state.stuck.items() if why is Stuck.STOCK}
    assert stuck
    assert "T1" not in stuck  # who loads first still gets some


def test_a_hub_hands_delays_on():
    """The truck brings to the hub what the van takes on: a delay of it moves both trips of the van."""
    late = event("delay", "TRUCK-01", at="06:20", value="1800", from_s="06:20")
    state = stand("06:25", late, plan=hub_plan.PLAN, instance=hub_plan.INSTANCE)
    assert trip(state, "T2").trip.load_start_s == 25_860 + 1800
    assert trip(state, "T3").trip.load_start_s == 30_500 + 1800
    lost = event("breakdown", "TRUCK-01", at="06:25", from_s="06:25")
    state = stand("06:25", lost, plan=hub_plan.PLAN, instance=hub_plan.INSTANCE)
    assert state.stuck == {"T2": Stuck.GOODS, "T3": Stuck.GOODS}
    assert set(state.received_s.values()) == {None}


def test_more_demand_and_recalls_are_missing():
    state = stand("06:00", event("demand", "B", at="06:00", value="tps=1 voters=5"))
    assert [name for name, got in state.received_s.items() if got is None] == ["B"]


def test_a_plan_that_holds_a_report_already_is_not_delayed_again():
    late = event("delay", "TRUCK-01", at="06:40", value="7200", from_s="06:40")
    state = stand("06:45", late)
    trips = tuple(replace(one.trip, begun=one.begun) for one in state.trips)
    held = Replan(clock("06:45"), "sha256:0", "planned", 1800, (EventRow("E1", "", "delay"),))
    again = replace(small.PLAN, trips=trips, replan=held)
    assert trip(stand("06:50", late, plan=again), "T1").trip == trips[0]


def test_the_shifted_plan_keeps_every_rule_where_nothing_new_is_known():
    """A delay within the time in hand: what it moves is no shorter than a leg may take."""
    state = stand("06:45", event("delay", "TRUCK-01", at="06:40", value="600", from_s="06:40"))
    verdict = check_plan(state.projected, small.CLOCK, small.INSTANCE)
    assert {one.rule for one in verdict.violations} <= {
        "travel_time",
        "cost",
        "trip_cost",
        "received",
        "reasons",
    }


KINDS = st.sampled_from(["loaded", "departed", "arrived", "delivered", "delay", "breakdown"])
REPORTS = st.lists(
    st.tuples(
        KINDS,
        st.sampled_from(["TRUCK-01", "SHIP-01", "JEEP-01", "BOAT-01"]),
        st.integers(0, 40),
        st.integers(1, 20),
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(reports=REPORTS, now=st.integers(0, 48), assume=st.sampled_from(list(Assume)))
def test_whatever_is_reported_time_runs_forward_and_no_goods_are_lost(reports, now, assume):
    now_s = now * HOUR
    events = [
        Event(
            id=f"E{number}",
            time_s=min(now_s, at * HOUR // 2),
            kind=EventKind(kind),
            subject=(vehicle,),
            value=str(600 * size) if kind == "delay" else "",
        )
        for number, (kind, vehicle, at, size) in enumerate(reports)
        if at * HOUR // 2 <= now_s
    ]
    state = state_of(small.PLAN, small.INSTANCE, events, now_s, assume)
    for one in state.trips:
        here = one.trip
        if one.stuck is None:
            assert here.load_start_s <= here.depart_s
            moment = here.depart_s if not here.stops else min(here.depart_s, here.stops[0].leg.depart_s)
            for stop in here.stops:
                assert moment <= stop.leg.depart_s <= stop.leg.arrive_s <= stop.start_s <= stop.end_s
                moment = stop.end_s
            assert moment <= here.end_s
        if not one.begun and one.stuck is None:
            assert here.load_start_s >= min(now_s, one.planned.load_start_s)
            assert here.load_start_s >= now_s or assume is Assume.PLANNED
            assert here.load_start_s >= now_s
        aboard = () if here.broken is None else here.broken.deliveries
        kept = [item for stop in here.stops for item in stop.deliveries] + list(aboard)
        assert kept == [item for stop in one.planned.stops for item in stop.deliveries]
    counted = [known for one in state.trips for known in one.stops]
    assert len(counted) == sum(len(one.stops) for one in small.PLAN.trips)
