"""The check of replans: history, trips that have begun, stranded goods; corrupted replans are caught."""

from dataclasses import replace

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from replans import replanned, row, settled

from planner.base.errors import InputError
from planner.events.read import events_of
from planner.instance.schema import Delay
from planner.plans.file import plan_digest
from planner.plans.model import Broken, Delivery, Leg, Step, StepKind, Stop, Trip
from planner.proof.check import check_plan, facts_of
from planner.replanning.moved import moved_trips

NOW = 26_000  # T1 hands over at A, T2 has left C's landing, T3 is on its way, T6 is over
CLOCK, INSTANCE, PLAN = small.CLOCK, small.INSTANCE, small.PLAN
REPORTS = (
    row("E1", 22_800, "departed", "TRUCK-01", CLOCK, from_time=22_740),
    row("E2", 25_500, "arrived", "TRUCK-01", CLOCK, from_time=25_440, place="A"),
)


def verdict_of(plan, previous=(PLAN,), instance=INSTANCE):
    return check_plan(plan, instance.clock, instance, previous=previous)


def broken_rules(plan, previous=(PLAN,), instance=INSTANCE):
    return {one.rule for one in verdict_of(plan, previous, instance).violations}


def amounts(plan, rule, previous=(PLAN,), instance=INSTANCE):
    return [one.amount for one in verdict_of(plan, previous, instance).violations if one.rule == rule]


def changed(plan, name, change):
    """The plan with one trip changed, its answer made true again."""
    trips = tuple(change(one) if one.id == name else one for one in plan.trips)
    return settled(replace(plan, trips=trips), INSTANCE)


def moved(trip, seconds):
    """Every moment of a trip later by so much."""

    def leg(one):
        return replace(one, depart_s=one.depart_s + seconds, arrive_s=one.arrive_s + seconds)

    stops = tuple(
        replace(one, leg=leg(one.leg), start_s=one.start_s + seconds, end_s=one.end_s + seconds)
        for one in trip.stops
    )
    return replace(
        trip,
        load_start_s=trip.load_start_s + seconds,
        depart_s=trip.depart_s + seconds,
        stops=stops,
        back=None if trip.back is None else leg(trip.back),
        end_s=trip.end_s + seconds,
    )


SHIFTED = replanned(PLAN, INSTANCE, REPORTS, NOW)
T1, T2, T3, T4, T5, T6 = (one.id for one in PLAN.trips)


# ---------------------------------------------------------------- begun


def test_begun_kept():
    assert verdict_of(SHIFTED).passed
    assert [one.id for one in SHIFTED.trips if one.begun] == [T1, T2, T3, T6]
    edge = replanned(PLAN, INSTANCE, now_s=PLAN.trips[4].load_start_s)  # T5 begins just now
    assert verdict_of(edge).passed
    assert not edge.trips[4].begun


def test_begun_broken():
    later = replanned(PLAN, INSTANCE, now_s=36_001)
    assert later.trips[4].begun
    forgotten = changed(later, T5, lambda one: replace(one, begun=False))
    assert amounts(forgotten, "begun", ()) == [1]
    early = changed(SHIFTED, T5, lambda one: replace(one, begun=True))
    assert amounts(early, "begun", ()) == [36_000 - NOW + 1]
    assert "begun" in broken_rules(replace(PLAN, trips=(replace(PLAN.trips[0], begun=True), *PLAN.trips[1:])))


def test_what_has_begun_is_judged_by_its_history_only():
    """A leg that took longer, hours that were missed: facts; the same of a trip to come: broken rules."""
    late = replanned(
        PLAN,
        INSTANCE,
        (row("E1", 30_000, "arrived", "TRUCK-01", CLOCK, from_time=29_900, place="A"),),
        30_000,
    )
    assert verdict_of(late).passed
    trip = late.trips[0]
    assert trip.stops[0].leg.arrive_s - trip.stops[0].leg.depart_s > 2700
    free = replace(late, trips=(replace(trip, begun=False), *late.trips[1:]))
    assert {"begun", "travel_time"} <= broken_rules(free)


# ---------------------------------------------------------------- history


def test_history_kept():
    result = verdict_of(SHIFTED).rules["history"]
    assert result.passed
    assert result.cases > 20
    assert verdict_of(SHIFTED, ()).passed  # without the plan before only the reports are compared
    again = replanned(SHIFTED, INSTANCE, REPORTS, 40_000)
    assert verdict_of(again, (PLAN, SHIFTED)).passed
    assert verdict_of(again, (SHIFTED,)).passed


def test_history_broken():
    """A moment that was reported, and one that was not, each moved by a minute."""
    reported = changed(
        SHIFTED,
        T1,
        lambda one: replace(one, stops=(_arrives(one.stops[0], 60), *one.stops[1:])),
    )
    assert 60 in amounts(reported, "history", ())
    assumed = changed(SHIFTED, T6, lambda one: moved(one, -60))
    assert "history" not in broken_rules(assumed, ())
    assert 60 in amounts(assumed, "history")


def test_executed_kept():
    """Nothing new, and a closure that begins now: all that was over is the same."""
    rows = (*REPORTS, row("E3", NOW, "closure", "e4", CLOCK))
    for told in (REPORTS, rows):
        again = replanned(SHIFTED, INSTANCE, told, NOW)
        result = verdict_of(again, (PLAN, SHIFTED)).rules["executed"]
        assert result.passed
        assert result.cases > 1


def test_executed_broken():
    """A stop that was over an hour before the closure began is a minute later, or its trip is gone."""
    rows = (*REPORTS, row("E3", 40_000, "closure", "e4", CLOCK))
    again = replanned(SHIFTED, INSTANCE, rows, 40_000)
    assert verdict_of(again, (PLAN, SHIFTED)).rules["executed"].passed
    late = changed(again, T1, lambda one: replace(one, stops=(_arrives(one.stops[0], 60), *one.stops[1:])))
    assert 60 in amounts(late, "executed", (PLAN, SHIFTED))
    gone = settled(replace(again, trips=again.trips[1:]), INSTANCE)
    assert "executed" in broken_rules(gone, (PLAN, SHIFTED))


def _arrives(stop, seconds):
    leg = replace(stop.leg, arrive_s=stop.leg.arrive_s + seconds)
    return replace(stop, leg=leg, start_s=stop.start_s + seconds, end_s=stop.end_s + seconds)


MUTATIONS = {
    "another vehicle": lambda one: replace(one, vehicle_id="TRUCK-02"),
    "another dock": lambda one: replace(one, dock=2),
    "goods lost": lambda one: replace(one, stops=(one.stops[0], replace(one.stops[1], deliveries=()))),
    "a stop lost": lambda one: replace(one, stops=one.stops[:1], back=_home(one.stops[0], 2700)),
    "another order": lambda one: replace(one, stops=one.stops[::-1]),
    "loaded earlier": lambda one: replace(one, load_start_s=one.load_start_s - 300),
    "no longer begun": lambda one: replace(moved(one, 10_000), begun=False),
}


def _home(stop, time_s):
    return Leg("A", "W", stop.end_s, stop.end_s + time_s, 30_000, (Step(StepKind.BACK, "e1"),))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_corrupted_history_is_found(name):
    plan = changed(SHIFTED, T1, MUTATIONS[name])
    assert "history" in broken_rules(plan), name


def test_a_lost_trip_is_found():
    """A trip that was confirmed is missing: by its report, and by the plan before."""
    without = settled(replace(SHIFTED, trips=SHIFTED.trips[1:]), INSTANCE)
    assert "history" in broken_rules(without, ())
    silent = settled(replace(SHIFTED, trips=tuple(one for one in SHIFTED.trips if one.id != T2)), INSTANCE)
    assert "history" not in broken_rules(silent, ())
    assert "history" in broken_rules(silent)


def test_a_trip_that_nobody_had_ordered_is_found():
    made_up = replace(moved(PLAN.trips[4], -12_000), id="T9", vehicle_id="TRUCK-02", dock=2, begun=True)
    plan = settled(replace(SHIFTED, trips=(*SHIFTED.trips, made_up)), INSTANCE)
    assert "history" in broken_rules(plan)


def test_a_chain_names_each_plan_before():
    other = replace(SHIFTED, replan=replace(SHIFTED.replan, previous_digest="sha256:0"))
    assert "history" in broken_rules(other)
    assert "history" not in broken_rules(other, ())
    again = replanned(SHIFTED, INSTANCE, REPORTS, 40_000)
    assert "history" in broken_rules(again, (PLAN, PLAN))
    early = replace(again, replan=replace(again.replan, now_s=NOW - 1))
    assert "history" in broken_rules(early, (PLAN, SHIFTED))


def test_reports_that_cannot_be_are_named():
    replan = SHIFTED.replan
    nobody = replace(replan.events[0], subject="TRUCK-99")
    plan = replace(SHIFTED, replan=replace(replan, events=(nobody, *replan.events[1:])))
    assert "history" in broken_rules(plan, ())
    future = replace(
        replan.events[0],
        id="E9",
        kind="closure",
        subject="e4",
        time=CLOCK.text(NOW + 60),
        from_time="",
        place="",
        trip="",
        stop="",
        plan="",
    )
    plan = replace(SHIFTED, replan=replace(replan, events=(*replan.events, future)))
    assert 60 in amounts(plan, "history", ())
    revised = replace(replan.events[0], from_time=CLOCK.text(22_700))
    again = replanned(SHIFTED, INSTANCE, (revised, REPORTS[1]), 40_000)
    assert "history" in broken_rules(again, (PLAN, SHIFTED))


def test_a_report_that_was_believed_is_read_again_though_its_trip_is_gone():
    """A delay of a trip that had not begun; the replan gives the trip up, and the next reads the delay."""
    rows = (row("E1", NOW - 60, "delay", "VAN-01", CLOCK, value="2h", from_time=NOW - 60),)
    before = replace(PLAN, trips=(*PLAN.trips[:5], moved(PLAN.trips[5], 50_000)))
    first = replanned(settled(before, INSTANCE), INSTANCE, rows, NOW)
    kept = replace(first.replan, moved=moved_trips(before, first.trips[:5]))
    gone = settled(replace(first, trips=first.trips[:5], replan=kept), INSTANCE)
    events = events_of(gone.replan.events, INSTANCE, gone, NOW + 600)
    assert [one.id for one in events] == ["E1"]
    typed = [replace(one, trip="", stop="", plan="", place="") for one in gone.replan.events]
    with pytest.raises(InputError):
        events_of(typed, INSTANCE, replace(gone, replan=None), NOW + 600)
    again = replanned(gone, INSTANCE, gone.replan.events, NOW + 600)
    assert verdict_of(again, (settled(before, INSTANCE), gone)).passed


def test_what_is_believed_decides_who_has_begun():
    nothing = replanned(PLAN, INSTANCE, (), NOW, assume="nothing")
    assert verdict_of(nothing).passed
    assert not any(one.begun for one in nothing.trips)
    planned = replace(nothing, replan=replace(nothing.replan, assume="planned"))
    assert "history" in broken_rules(planned)
    kept = replanned(PLAN, INSTANCE, (), NOW)
    assert "history" in broken_rules(replace(kept, replan=replace(kept.replan, assume="nothing")))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_plan_merely_shifted_keeps_the_rule_and_a_moved_moment_breaks_it(data):
    """Reports at random moments; then one moment of history is moved."""
    module = data.draw(st.sampled_from([small, hub_plan]))
    now_s = data.draw(st.integers(1, 60_000))
    rows = _some_reports(module, data, now_s)
    plan = replanned(module.PLAN, module.INSTANCE, rows, now_s)
    found = [one.text for one in _history(plan, module)]
    assert not found
    begun = [at for at, one in enumerate(plan.trips) if one.begun]
    if begun:
        at = data.draw(st.sampled_from(begun))
        seconds = data.draw(st.sampled_from([-600, -1, 1, 600]))
        trips = (*plan.trips[:at], moved(plan.trips[at], seconds), *plan.trips[at + 1 :])
        assert _history(replace(plan, trips=trips), module)


def _history(plan, module):
    found = check_plan(plan, module.CLOCK, module.INSTANCE, previous=(module.PLAN,)).violations
    return [one for one in found if one.rule in ("history", "begun")]


def _some_reports(module, data, now_s):
    """Departures of some trips, late by as much as may be; nothing is reported of the others."""
    rows = []
    gone: dict[str, int] = {}
    for trip in module.PLAN.trips:
        late_s = data.draw(st.sampled_from([None, 0, 60, 1800, 7200]))
        at_s = trip.depart_s + (late_s or 0)
        if late_s is not None and gone.get(trip.vehicle_id, -1) < at_s <= now_s:
            gone[trip.vehicle_id] = at_s
            rows.append(row(f"E{len(rows)}", at_s, "departed", trip.id, module.CLOCK, from_time=at_s))
    return tuple(rows)


# ---------------------------------------------------------------- worst case


def test_a_leg_under_way_is_one_of_those_that_may_be_late():
    """One late leg of each vehicle is asked for: of those not over, the one under way among them."""
    instance = replace(INSTANCE, delays=(Delay(id="d", percent=100),))
    plan = replace(PLAN, options={**PLAN.options, "guarantee": "1"})
    before = facts_of(plan, CLOCK, instance).worst["B"]
    assert before.received_s == 29_220 + 2700
    for now_s, late_s in ((22_680, 2700), (22_681, 2700), (25_380, 1800), (28_200, 0)):
        new = replanned(plan, instance, (), now_s)
        assert facts_of(new, CLOCK, instance).worst["B"].received_s == 29_220 + late_s, now_s


# ---------------------------------------------------------------- fetched


def stranded():
    """T1 broke down on the way from A to B, at A's side; TRUCK-02 fetches B's goods at A and brings them."""
    now_s = 27_000
    rows = (row("E1", 26_900, "breakdown", "TRUCK-01", CLOCK, from_time=26_800),)
    plan = replanned(PLAN, INSTANCE, rows, now_s)
    broken = plan.trips[0].broken
    assert broken is not None
    assert (broken.node_id, broken.at_s) == ("A", 26_800)
    steps = {"out": (Step(StepKind.FORWARD, "e1"),), "on": (Step(StepKind.FORWARD, "e2"),)}
    start = 28_000
    fetch = Stop(
        "A",
        Leg("W", "A", start, start + 2700, 30_000, steps["out"]),
        start + 2700,
        start + 3540,
        (),
        (),
        broken.deliveries,
    )
    begins = fetch.end_s
    bring = Stop(
        "B",
        Leg("A", "B", begins, begins + 1800, 20_000, steps["on"]),
        begins + 1800,
        begins + 1800 + 1020,
        broken.deliveries,
    )
    home = Leg("B", "W", bring.end_s, bring.end_s + 4000, 45_000, (Step(StepKind.KNOWN, "k1"),))
    trip = Trip(
        "F1", "TRUCK-02", "TRUCK", "W", 1, start, start, (fetch, bring), home, home.arrive_s,
        mass_g=10_318, volume_cm3=289_500, pieces=4, distance_m=95_000,
        paid_s=home.arrive_s - start, cost=0,
    )  # fmt: skip
    others = tuple(one for one in plan.trips if one.id != T5)
    moved_t5 = replace(PLAN.trips[4], vehicle_id="TRUCK-02", load_start_s=38_600)
    t5 = moved(replace(moved_t5, load_start_s=36_000), 2600)
    return settled(replace(plan, trips=(*others, t5, trip)), INSTANCE)


def fetching(plan, change):
    trips = tuple(change(one) if one.id == "F1" else one for one in plan.trips)
    return replace(plan, trips=trips)


def test_fetched_kept():
    plan = stranded()
    verdict = verdict_of(plan)
    assert [one.text for one in verdict.violations] == []
    assert verdict.rules["fetched"].cases > 4
    assert {one.region_id: one.status.value for one in plan.regions}["B"] == "on_time"


def test_fetched_broken():
    plan = stranded()
    bring = next(one for one in plan.trips if one.id == "F1").stops[1]
    other = Delivery("A-main-7", "A", "main", 7, 1, *small.LOADS["main", "A", 1])
    cases = {
        "what is not there": lambda one: _fetches(one, (*bring.deliveries, other)),
        "elsewhere": lambda one: replace(one, stops=(replace(one.stops[0], node_id="J"), one.stops[1])),
        "not handed over": lambda one: replace(
            one, stops=(one.stops[0], replace(one.stops[1], deliveries=()))
        ),
        "other units": lambda one: _fetches(one, tuple(replace(item, units=2) for item in bring.deliveries)),
        "not fetched at all": lambda one: _fetches(one, ()),
        "beside a hand-over": lambda one: replace(
            one, stops=(replace(one.stops[0], deliveries=bring.deliveries), one.stops[1])
        ),
    }
    for name, change in cases.items():
        assert "fetched" in broken_rules(fetching(plan, change)), name


def _fetches(trip, deliveries):
    return replace(trip, stops=(replace(trip.stops[0], fetched=deliveries), *trip.stops[1:]))


def test_nobody_fetches_the_same_twice():
    plan = stranded()
    again = replace(next(one for one in plan.trips if one.id == "F1"), id="F2", vehicle_id="TRUCK-01")
    assert {"fetched", "exactly_once"} <= broken_rules(
        replace(plan, trips=(*plan.trips, moved(again, 20_000)))
    )


def test_a_breakdown_that_nobody_reported_is_found():
    plan = stranded()
    trips = tuple(
        replace(one, broken=replace(one.broken, at_s=26_700), end_s=26_700) if one.broken else one
        for one in plan.trips
    )
    assert "history" in broken_rules(replace(plan, trips=trips), ())
    free = replace(PLAN, trips=(replace(PLAN.trips[0], broken=Broken(26_000, "A")), *PLAN.trips[1:]))
    assert "begun" in broken_rules(free)


def test_a_breakdown_that_was_reported_ends_the_trip():
    plan = stranded()
    whole = replanned(PLAN, INSTANCE, (), 27_000).trips[0]
    trips = tuple(whole if one.id == T1 else one for one in plan.trips if one.id != "F1")
    assert "history" in broken_rules(replace(plan, trips=trips), ())


def test_docks_that_are_out_of_use_had_been_used():
    """The loading was a fact before the report; what loads beside it is not."""
    rows = (row("E1", 22_000, "dock", "W", CLOCK, from_time=21_700, value="1"),)
    plan = replanned(PLAN, INSTANCE, rows, 22_050)
    assert verdict_of(plan).passed, [one.text for one in verdict_of(plan).violations]
    assert [one.begun for one in plan.trips[:3]] == [True, True, False]  # T3 waits for the other dock
    beside = changed(
        plan, T5, lambda _: moved(replace(PLAN.trips[4], vehicle_id="TRUCK-02"), 22_100 - 36_000)
    )
    assert "outage" in broken_rules(beside)


def test_a_vehicle_that_stands_drives_no_more():
    plan = stranded()
    t5 = replace(PLAN.trips[4], id="T8")
    assert "vehicle_overlap" in broken_rules(replace(plan, trips=(*plan.trips, t5)))


# ---------------------------------------------------------------- the future


FUTURE = {
    "before now": ("begun", lambda one: moved(one, NOW - 36_000 - 60)),
    "delivered twice": ("exactly_once", lambda one: _hands_over(one, 0)),
    "another load": ("mass", lambda one: replace(one, mass_g=1)),
}


def _hands_over(trip, unit):
    items = tuple(
        replace(item, consignment_id=f"{item.consignment_id}x", first_unit=unit)
        for item in trip.stops[0].deliveries
    )
    return replace(trip, stops=(replace(trip.stops[0], deliveries=items),))


@pytest.mark.parametrize("name", FUTURE)
def test_a_corrupted_future_is_found(name):
    rule, change = FUTURE[name]
    assert rule in broken_rules(changed(SHIFTED, T5, change)), name


def test_the_future_obeys_the_reports():
    """An edge that is closed from now on: the trip to come may not use it, the leg under way ends."""
    closed = (*REPORTS, row("E3", 25_900, "closure", "e1", CLOCK, from_time=25_950))
    plan = replanned(PLAN, INSTANCE, closed, NOW)
    assert "closed_edge" not in broken_rules(plan)
    assert plan.trips[0].stops[1].leg.depart_s > NOW
    assert T5 not in {one.id for one in plan.trips}
    forced = settled(replace(plan, trips=(*plan.trips, PLAN.trips[4])), INSTANCE)
    assert "closed_edge" in broken_rules(forced)


def test_the_digest_is_that_of_the_files():
    assert SHIFTED.instance_digest == PLAN.instance_digest
    assert SHIFTED.replan.previous_digest == plan_digest(PLAN, CLOCK)
    assert broken_rules(replace(SHIFTED, instance_digest="sha256:0")) == {"instance_digest"}
