"""Reports that something went otherwise than ordered: an own ledger, and replans that pass the check."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import hub_plan
import pytest
import small
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.events.adding import add_report
from planner.events.amend import OTHERWISE, amended
from planner.events.kinds import KEYWORDS, KINDS, kind_of
from planner.events.read import read_events, row_faults, rows_of
from planner.events.schema import Event, EventKind
from planner.events.told import row_of, with_contacts
from planner.instance.read import read_instance
from planner.instance.schema import Deadline
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan
from planner.replanning.state import state_of

HOUR = 3600
TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


@cache
def toy(*, second=False):
    """The toy with routes of its own; with a second van that goes to Birch and Ash."""
    instance = read_instance(TOY)
    instance = replace(instance, settings=replace(instance.settings, horizon_s=3 * 24 * HOUR))
    trips = {"van/1,1": "fig elm", "van/1,2": "cedar birch ash", "boat,1": "gum holly"}
    if second:
        trips |= {"van/1,2": "cedar", "van/2,1": "birch ash"}
    rows = [f"{trip},{order},{stop}" for trip in trips for order, stop in enumerate(trips[trip].split(), 1)]
    given = routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), instance)
    return evaluate(instance, given).plan, instance


CASES = {
    "small": (small.PLAN, small.INSTANCE),
    "hub": (hub_plan.PLAN, hub_plan.INSTANCE),
    "toy": toy(),
    "vans": toy(second=True),
}


def report(kind, *subject, at, told=None, name="E1", **more):
    """A report of a moment, told then or later; all in seconds."""
    told = at if told is None else told
    return Event(id=name, time_s=told, kind=EventKind(kind), subject=subject, from_s=at, **more)


def faults(plan, instance, *events, now=None):
    now = max(one.time_s for one in events) if now is None else now
    rows = rows_of(row_of(one, instance.clock) for one in events)
    return [one.code for one in row_faults(rows, instance, plan, now)[1]]


def replanned(plan, instance, *events, now, previous=(), effort=1):
    assert not events or faults(plan, instance, *events, now=now) == []
    found = replan(plan, instance, events, now, ReplanOptions(effort=effort), previous=previous)
    verdict = check_plan(found.plan, instance.clock, instance, previous=(*previous, plan))
    assert verdict.violations == ()
    return found.plan


# ---------------------------------------------------------------- the ledger


def units(instance):
    """Every unit that is needed, by hand: kits of one unit each, for all parts that have items."""
    parts = {
        part: [one for one in instance.items if one.part == part] for part in {i.part for i in instance.items}
    }
    return Counter(
        (region.id, part, number)
        for region in instance.regions
        for part in parts
        for number in range(region.counts[instance.settings.unit])
    )


def runs(deliveries):
    for one in deliveries:
        for number in range(one.first_unit, one.first_unit + one.units):
            yield (one.region_id, one.part, number)


def handed_over(plan, before_s=None):
    return Counter(
        unit
        for trip in plan.trips
        for stop in trip.stops
        if before_s is None or (trip.begun and stop.end_s <= before_s)
        for unit in runs([one for one in stop.deliveries if one.region_id == stop.node_id])
    )


def left(plan, instance):
    """What leaves each warehouse."""
    return Counter(
        unit
        for trip in plan.trips
        if trip.origin_id in instance.warehouse_of
        for stop in trip.stops
        for unit in runs(stop.deliveries)
    )


def assert_conserved(plan, instance, *, fewest=1):
    """No unit is handed over twice or leaves twice; those of no trip are of regions that lack something.

    With `fewest` of 0 it may be that nothing is handed over at all.
    """
    needed, given_out = units(instance), handed_over(plan)
    assert fewest <= max(given_out.values(), default=0) <= 1
    assert fewest <= max(left(plan, instance).values(), default=0) <= 1
    assert not given_out - needed
    lacking = {region for region, _, _ in needed - given_out}
    undelivered = {one.region_id for one in plan.regions if one.status == "undelivered"}
    assert lacking == undelivered


# ---------------------------------------------------------------- any report at any moment


def halts(plan):
    return [(trip, stop) for trip in plan.trips for stop in trip.stops if stop.deliveries]


def drawn(draw, plan, instance, kind):
    """A report of a kind about some stop of a plan; None where the plan has none that fits."""
    trip, stop = draw(st.sampled_from(halts(plan)))
    at = max(0, stop.start_s + draw(st.integers(-2 * HOUR, 2 * HOUR)))
    more = {"at": at, "told": at + draw(st.integers(0, 2 * HOUR))}
    if kind == EventKind.PARTLY:
        there = max(one.units for one in stop.deliveries)
        if there < 2 or stop.node_id not in instance.region_of:
            return None
        return report(kind, stop.node_id, value=str(draw(st.integers(1, there - 1))), **more)
    if kind == EventKind.TAKEN_OVER:
        other = draw(st.sampled_from(plan.trips))
        return report(kind, other.vehicle_id, place=stop.node_id, **more)
    if draw(st.booleans()):
        return report(kind, trip.id, place=stop.node_id, **more)
    return report(kind, stop.node_id, **more)


def any_moment(data, case, kind):
    """One report at any moment; a replan, which the check passes; and one more, later, without news."""
    plan, instance = CASES[case]
    event = drawn(data.draw, plan, instance, kind)
    now = 0 if event is None else event.time_s + data.draw(st.integers(1, HOUR))
    if event is None or now + HOUR >= instance.settings.horizon_s or faults(plan, instance, event, now=now):
        return
    found = replanned(plan, instance, event, now=now)
    assert_conserved(found, instance)
    again = replanned(found, instance, event, now=now + HOUR, previous=(plan,))
    assert_conserved(again, instance)


@pytest.mark.parametrize("kind", OTHERWISE)
@pytest.mark.parametrize("case", CASES)
@settings(max_examples=2, deadline=None, phases=(Phase.generate,))
@given(data=st.data())
def test_no_unit_is_lost_or_doubled(case, kind, data):
    any_moment(data, case, kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", OTHERWISE)
@pytest.mark.parametrize("case", CASES)
@settings(max_examples=30, deadline=None, phases=(Phase.generate,))
@given(data=st.data())
def test_no_unit_is_lost_or_doubled_at_many_moments(case, kind, data):
    any_moment(data, case, kind)


@settings(max_examples=60, deadline=None, phases=(Phase.generate,))
@given(data=st.data())
def test_goods_move_as_the_report_says_and_no_others(data):
    """The plan as it went: what is carried is the same but for what is back where it was loaded."""
    plan, instance = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    event = drawn(data.draw, plan, instance, data.draw(st.sampled_from(OTHERWISE)))
    if event is None or faults(plan, instance, event):
        return
    went = amended(plan, (event,), instance)
    assert went.plan is not plan
    gone = handed_over(plan) - handed_over(went.plan)
    back = Counter(unit for one, _ in went.back_with for unit in runs([one]))
    if event.kind in (EventKind.PARTLY, EventKind.TAKEN_OVER):
        assert gone <= back or event.kind == EventKind.TAKEN_OVER
    assert not handed_over(went.plan) - handed_over(plan)
    assert amended(went.plan, (event,), instance).plan is not went.plan or gone
    assert sum(trip.pieces for trip in went.plan.trips) <= sum(trip.pieces for trip in plan.trips)


# ---------------------------------------------------------------- each kind by itself

T1 = small.PLAN.trips[0]  # W 06:18, A 07:03-07:20, B 07:50-08:07, W 09:13:40


def moment(text):
    hours, minutes = text.split(":")
    return int(hours) * HOUR + int(minutes) * 60


def trip_of(state, name="T1"):
    return next(one.trip for one in state.trips if one.planned.id == name)


def stops_of(state, name="T1"):
    return [(one.node_id, sum(item.units for item in one.deliveries)) for one in trip_of(state, name).stops]


def state(*events, now, plan=small.PLAN, instance=small.INSTANCE):
    return state_of(plan, instance, events, now)


def test_a_stop_skipped_comes_last():
    """A is passed by at 07:03 and told at 07:10: B first, then A, and home from there."""
    found = state(report("skipped", "A", at=moment("7:03"), told=moment("7:10")), now=moment("7:15"))
    there = [one.units for one in T1.stops[1].deliveries]
    assert stops_of(found) == [("B", sum(there)), ("A", sum(one.units for one in T1.stops[0].deliveries))]
    assert trip_of(found).back.from_node == "A"


def test_who_was_passed_by_may_be_served_after_that(tmp_path):
    """Told in a table, one after the other, and both stand; what was handed over before is not passed by."""
    path = tmp_path / "events.csv"
    rows = [("skipped", "07:03", "07:10"), ("delivered", "08:40", "08:45")]
    for kind, at, told in rows:
        cells = {"kind": kind, "subject": "TRUCK-01", "place": "A", "from": at, "time": f"2024-11-22 {told}"}
        add_report(path, cells, small.INSTANCE, small.PLAN, moment("9:00"))
    events = read_events(path, small.INSTANCE, small.PLAN, moment("9:00"))
    found = state(*events, now=moment("9:00"))
    assert [node for node, _ in stops_of(found)] == ["B", "A"]
    assert trip_of(found).stops[1].end_s == moment("8:40")
    again = {
        "kind": "skipped",
        "subject": "TRUCK-01",
        "place": "A",
        "from": "08:50",
        "time": "2024-11-22 08:55",
    }
    new = add_report(path, again, small.INSTANCE, small.PLAN, moment("9:00"))
    assert [(one.event.id, one.beside, one.code) for one in new.disputed] == [("E0003", "E0002", "E977")]
    assert read_events(path, small.INSTANCE, small.PLAN, moment("9:00")) == events


def test_the_last_stop_skipped_brings_its_goods_home():
    """B is passed by and told on the way home: its goods come back with the truck, and go anew after that."""
    event = report("skipped", "B", at=moment("7:50"), told=moment("8:30"))
    found = state(event, now=moment("8:31"))
    assert [node for node, _ in stops_of(found)] == ["A"]
    assert {one.region_id for one, _ in found.back_with} == {"B"}
    plan = replanned(small.PLAN, small.INSTANCE, event, now=moment("8:31"))
    again = [one for one in plan.trips for stop in one.stops if stop.node_id == "B"]
    home = next(one.end_s for one in plan.trips if one.id == "T1")
    assert again
    assert min(one.load_start_s for one in again) >= home


def test_receipt_refused_is_a_stop_for_nothing():
    found = state(report("refused", "A", at=moment("7:10"), told=moment("7:12")), now=moment("7:15"))
    assert [node for node, _ in stops_of(found)] == ["A", "B", "A"]
    assert stops_of(found)[0] == ("A", 0)
    assert trip_of(found).stops[0].end_s == moment("7:10")


def test_partly_delivered_leaves_the_rest_aboard():
    """Two of Fig's five boxes are handed over: the other three go there after Elm."""
    plan, instance = toy()
    event = report("partly", "fig", at=moment("8:50"), told=moment("8:55"), value="2")
    found = state(event, now=moment("8:56"), plan=plan, instance=instance)
    name = next(one.planned.id for one in found.trips if one.planned.stops[0].node_id == "fig")
    assert stops_of(found, name) == [("fig", 2), ("elm", 5), ("fig", 3)]
    after = replanned(plan, instance, event, now=moment("8:56"))
    assert_conserved(after, instance)
    assert sum(one for unit, one in handed_over(after, moment("8:50")).items() if unit[0] == "fig") == 2


@pytest.mark.parametrize("later_told_first", [False, True])
def test_refused_and_handed_over_later_whatever_is_told_first(later_told_first, tmp_path):
    """A refuses at 07:10 and takes the goods at 08:40, after B: entered one by one, in either order."""
    path = tmp_path / "small.events.csv"
    rows = [
        {"kind": "refused", "subject": "A", "from": "07:10", "time": "2024-11-22 08:50"},
        {"kind": "delivered", "subject": "A", "from": "08:40", "time": "2024-11-22 08:51"},
    ]
    for cells in reversed(rows) if later_told_first else rows:
        add_report(path, cells, small.INSTANCE, small.PLAN, moment("9:00"))
    events = read_events(path, small.INSTANCE, small.PLAN, moment("9:00"))
    found = state(*events, now=moment("9:00"))
    assert [(one.node_id, bool(one.deliveries)) for one in trip_of(found).stops] == [
        ("A", False),
        ("B", True),
        ("A", True),
    ]
    ends = [one.end_s for one in trip_of(found).stops]
    assert (ends[0], ends[2]) == (moment("7:10"), moment("8:40"))
    after = replanned(small.PLAN, small.INSTANCE, *events, now=moment("9:00"))
    assert_conserved(after, small.INSTANCE)


def test_what_stayed_aboard_comes_back_with_its_vehicle():
    """Fig takes two of five; the van is back at 10:00: Fig's other three are not assumed to be delivered."""
    plan, instance = toy()
    some = report("partly", "fig", at=moment("8:50"), told=moment("8:55"), value="2")
    home = report("returned", "van-01", at=moment("10:00"), name="E2")
    after = replanned(plan, instance, some, home, now=moment("10:05"))
    assert_conserved(after, instance)
    first = next(trip for trip in after.trips if trip.stops[0].node_id == "fig" and trip.begun)
    assert (first.end_s, [one.node_id for one in first.stops]) == (moment("10:00"), ["fig", "elm"])
    again = [trip for trip in after.trips if not trip.begun for stop in trip.stops if stop.node_id == "fig"]
    assert (
        sum(
            it.units
            for trip in again
            for stop in trip.stops
            for it in stop.deliveries
            if it.region_id == "fig"
        )
        == 3
    )


def test_who_comes_back_with_his_goods_has_delivered_nothing_more():
    event = report("returned", "TRUCK-01", at=moment("8:00"))
    found = state(event, now=moment("8:05"))
    assert [node for node, _ in stops_of(found)] == ["A"]
    assert trip_of(found).end_s == moment("8:00")
    plan = replanned(small.PLAN, small.INSTANCE, event, now=moment("8:05"))
    assert_conserved(plan, small.INSTANCE)
    assert any(
        stop.node_id == "B"
        for trip in plan.trips
        if trip.load_start_s >= moment("8:05")
        for stop in trip.stops
    )


def test_goods_that_another_vehicle_has_are_delivered_by_it():
    """Cedar's boxes went with the other van: `delivered` of that one is then no mistake."""
    plan, instance = toy(second=True)
    done = report("delivered", "van-02", place="cedar", at=moment("10:55"), told=moment("10:56"), name="E2")
    assert faults(plan, instance, done) != []
    took = report("taken_over", "van-02", place="cedar", at=moment("10:30"), told=moment("10:31"))
    after = replanned(plan, instance, took, done, now=moment("10:57"))
    assert_conserved(after, instance)
    by = [
        trip.vehicle_id
        for trip in after.trips
        for stop in trip.stops
        if stop.node_id == "cedar" and stop.deliveries
    ]
    assert by == ["van-02"]
    assert next(one.received_s for one in after.regions if one.region_id == "cedar") == moment("10:55")


def test_villages_in_another_order_are_history():
    """B at 07:40 and A at 08:30: no contradiction any more, where both places are named."""
    events = (
        report("delivered", "TRUCK-01", place="B", at=moment("7:40")),
        report("delivered", "TRUCK-01", place="A", at=moment("8:30"), name="E2"),
    )
    found = state(*events, now=moment("8:35"))
    assert [(one.node_id, one.end_s) for one in trip_of(found).stops] == [
        ("B", moment("7:40")),
        ("A", moment("8:30")),
    ]
    plan = replanned(small.PLAN, small.INSTANCE, *events, now=moment("8:35"))
    assert_conserved(plan, small.INSTANCE)


# ---------------------------------------------------------------- lost, found again, not needed


def told(kind, *subject, at, **more):
    """A report without a moment of its own."""
    return replace(report(kind, *subject, at=at, **more), from_s=None)


def brought(plan, region):
    """Units that a plan brings to a region, by part."""
    return Counter(part for name, part, _ in handed_over(plan).elements() if name == region)


def test_what_somebody_else_was_given_is_sent_again():
    plan, instance = toy()
    event = told("misdelivered", "fig", at=moment("9:00"), value="2", place="elm")
    after = replanned(plan, instance, event, now=moment("9:05"))
    assert brought(after, "fig") == {"main": 5, "E1": 2}


def test_what_is_found_again_is_not_replaced():
    """Two are missing and one is found: one is sent; if that is told when it is under way, it is brought."""
    plan, instance = toy()
    lost = told("missing", "fig", at=moment("9:00"), value="2")
    found = told("found", "fig", at=moment("9:02"), value="1", name="E2")
    after = replanned(plan, instance, lost, found, now=moment("9:05"))
    assert brought(after, "fig") == {"main": 5, "E1": 1}
    first = replanned(plan, instance, lost, now=moment("9:05"))
    start = next(
        one.load_start_s
        for one in first.trips
        for stop in one.stops
        for it in stop.deliveries
        if it.part == "E1"
    )
    found = replace(found, time_s=start + 60, value="2")
    late = replanned(first, instance, lost, found, now=start + 120, previous=(plan,))
    assert brought(late, "fig") == {"main": 5, "E1": 2}
    found = replace(found, time_s=moment("9:10"))
    if start > moment("9:10"):
        soon = replanned(first, instance, lost, found, now=moment("9:11"), previous=(plan,))
        assert brought(soon, "fig") == {"main": 5}
    assert faults(plan, instance, lost, replace(found, value="3")) == ["E957"]
    assert faults(plan, instance, found) == ["E957"]


def test_fewer_units_are_brought_where_they_were_not_loaded():
    plan, instance = toy()
    fewer = told("fewer", "ash", at=moment("9:00"), value="1")
    after = replanned(plan, instance, fewer, now=moment("9:05"))
    assert brought(after, "ash") == {"main": 3}
    assert next(one.status for one in after.regions if one.region_id == "ash") == "on_time"
    none = replanned(plan, instance, replace(fewer, value="4"), now=moment("9:05"))
    assert brought(none, "ash") == {}
    assert next(one.status for one in none.regions if one.region_id == "ash") == "on_time"
    late = told("fewer", "fig", at=moment("8:30"), value="1")
    under_way = replanned(plan, instance, late, now=moment("8:35"))
    assert brought(under_way, "fig") == {"main": 5}
    assert faults(plan, instance, replace(fewer, value="5")) == ["E958"]
    assert faults(plan, instance, fewer, replace(fewer, id="E2", value="4")) == ["E958"]


# ---------------------------------------------------------------- deadlines and people


def of_region(plan, region):
    return next(one for one in plan.regions if one.region_id == region)


@pytest.mark.parametrize("subject", ["ash", "area"])
def test_a_deadline_that_is_moved_holds_from_then_on(subject):
    """Ash receives at 11:40: late by a deadline of 11:00, for it alone or for its whole area."""
    plan, instance = toy()
    subject = instance.region_of["ash"].area or "ash" if subject == "area" else subject
    event = told("deadline", subject, at=moment("9:00"), until_s=moment("11:00"))
    after = replanned(plan, instance, event, now=moment("9:05"))
    assert of_region(after, "ash").deadline_s == moment("11:00")
    received_s = of_region(after, "ash").received_s
    assert (of_region(after, "ash").status == "on_time") == (received_s < moment("11:00"))
    later = told("deadline", "ash", at=moment("9:10"), until_s=moment("15:00"), name="E2")
    again = replanned(after, instance, event, later, now=moment("9:15"), previous=(plan,))
    assert (of_region(again, "ash").deadline_s, of_region(again, "ash").status) == (
        moment("15:00"),
        "on_time",
    )


def test_what_may_not_leave_yet_does_not_in_a_replan_either():
    """The second van leaves from 9:30 on; a report that moves a deadline keeps that row's release."""
    _, instance = toy()
    row = Deadline(place="ash", release_s=moment("9:30"))
    instance = replace(instance, deadlines=(*instance.deadlines, row))
    stops = {"van/1,1": "fig elm", "van/1,2": "cedar", "van/2,1": "birch ash", "boat,1": "gum holly"}
    rows = [f"{trip},{order},{stop}" for trip in stops for order, stop in enumerate(stops[trip].split(), 1)]
    plan = evaluate(instance, routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), instance)).plan
    events = (
        told("deadline", "ash", at=moment("8:40"), until_s=moment("15:00")),
        told("delay", "van-01", at=moment("8:45"), value="2400", name="E2"),
    )
    after = replanned(plan, instance, *events, now=moment("8:50"))
    rule = check_plan(after, instance.clock, instance, previous=(plan,)).rules["release"]
    assert rule.passed and rule.cases == 1
    of_ash = [one.load_start_s for one in after.trips if any(stop.node_id == "ash" for stop in one.stops)]
    assert of_ash and min(of_ash) >= moment("9:30")


def test_a_longer_deadline_is_easing_and_rests_on_the_table():
    plan, instance = toy()
    event = told("deadline", "ash", at=moment("9:00"), until_s=moment("20:00"))
    found = replan(plan, instance, (event,), moment("9:05"), ReplanOptions(effort=1)).plan
    assert check_plan(found, instance.clock, instance, previous=(plan,)).history.only_told == ("E1",)


def test_who_is_to_be_called_is_somebody_else():
    plan, instance = toy()
    event = told("contact", "ash", at=moment("9:00"), value="Bu Ani +62 812-999")
    after = replanned(plan, instance, event, now=moment("9:05"))
    assert [trip.id for trip in after.trips] == [trip.id for trip in plan.trips]
    people = [(one.name, one.phone) for one in with_contacts(instance, after).contacts if one.place == "ash"]
    assert people == [("Bu Ani", "+62 812-999")]
    assert faults(plan, instance, replace(event, value="Bu Ani")) == ["E907"]


@pytest.mark.parametrize(
    ("second", "event"),
    [
        (False, report("skipped", "fig", at=31_800, told=32_100)),
        (False, report("refused", "fig", at=31_800, told=32_100)),
        (False, report("partly", "fig", at=31_800, told=32_100, value="2")),
        (False, report("returned", "van-01", at=33_000, told=33_000)),
        (True, report("taken_over", "van-02", place="cedar", at=37_800, told=37_860)),
        (False, told("fewer", "ash", at=32_400, value="1")),
        (False, told("deadline", "ash", at=32_400, until_s=39_600)),
    ],
    ids=lambda one: one.kind.value if isinstance(one, Event) else "",
)
def test_what_is_taken_back_after_a_replan_leaves_a_plan_with_all_units(second, event):
    """The trips stay as they were written by it, and everybody still gets what he needs."""
    plan, instance = toy(second=second)
    first = replanned(plan, instance, event, now=event.time_s + 300)
    again = replanned(first, instance, now=event.time_s + 600, previous=(plan,))
    ordinary = [(unit, one) for unit, one in handed_over(again).items() if unit[1] != "E1"]
    assert dict(ordinary) == dict(units(instance))
    assert of_region(again, "ash").deadline_s == of_region(plan, "ash").deadline_s


def test_who_went_to_a_later_stop_first_says_what_is_still_to_come(tmp_path):
    """Third in the plan, reached when the first one was over: the second cannot have been served."""
    plan, instance = toy()
    trip = next(one for one in plan.trips if len(one.stops) > 2)
    first, second, third = trip.stops[:3]
    path, now = tmp_path / "e.csv", third.end_s
    row = {"kind": "delivered", "subject": trip.id, "place": third.node_id}
    row |= {"from": instance.clock.text(first.end_s + 60), "time": instance.clock.text(now)}
    with pytest.raises(InputError) as caught:
        add_report(path, row, instance, plan, now)
    assert [one.code for one in caught.value.faults] == ["E966"]
    assert caught.value.faults[0].params["stops"] == second.node_id
    soon = row | {"from": instance.clock.text(first.leg.depart_s + 60)}  # when none was served
    with pytest.raises(InputError) as caught:
        add_report(path, soon, instance, plan, now)
    assert [one.code for one in caught.value.faults] == ["E966"]
    passed = row | {"kind": "skipped", "place": second.node_id}
    add_report(path, passed, instance, plan, now)
    add_report(path, row, instance, plan, now)
    events = read_events(path, instance, plan, now)
    found = replanned(plan, instance, *events, now=now)
    assert dict(handed_over(found)) == dict(units(instance))
    stops = [stop for one in found.trips for stop in one.stops]
    stop = next(one for one in stops if one.node_id == second.node_id)
    assert stop.end_s > first.end_s + 60


# ---------------------------------------------------------------- what is refused


def test_nobody_has_goods_for_a_place_where_none_were_ordered():
    for kind in ("skipped", "refused", "returned"):
        assert faults(small.PLAN, small.INSTANCE, report(kind, "F", at=moment("7:30"))) == ["E946"]


@pytest.mark.parametrize("value", ["1", "9"])
def test_partly_is_less_than_all(value):
    """The truck has one unit for A."""
    assert faults(small.PLAN, small.INSTANCE, report("partly", "A", at=moment("7:20"), value=value)) == [
        "E947"
    ]


def test_no_vehicle_takes_over_where_it_cannot_go():
    found = faults(small.PLAN, small.INSTANCE, report("taken_over", "SHIP-01", place="B", at=moment("7:30")))
    assert found == ["E949"]


# ---------------------------------------------------------------- words


def test_every_kind_has_an_indonesian_word():
    for kind in EventKind:
        words = [word for word, one in KEYWORDS.items() if one is kind]
        assert words[-1] == kind.value
        assert len(words) > 1
        for word in words:
            assert kind_of(word.upper()) is kind
            assert kind_of(f" {word.replace('_', '-')} ") is kind
            assert kind_of(word.replace("_", " ").title()) is kind
    assert set(KINDS) == set(EventKind)


def test_the_table_keeps_the_english_word(tmp_path):
    path = tmp_path / "small.events.csv"
    cells = {"kind": "Ditolak", "subject": "A", "from": "07:10", "time": "2024-11-22 07:12"}
    new = add_report(path, cells, small.INSTANCE, small.PLAN, moment("8:00"))
    assert new.event.kind is EventKind.REFUSED
    assert ",refused,A," in path.read_text("utf-8")
    with pytest.raises(InputError):
        add_report(
            path,
            {**cells, "kind": "skipped", "from": "07:15", "value": "3"},
            small.INSTANCE,
            small.PLAN,
            moment("8:00"),
        )
