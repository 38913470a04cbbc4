"""History is what happened: no report changes what had ended before it began, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import hub_plan
import pytest
import small
from replans import replanned, rows_of

from planner.base.clock import parse_instant
from planner.events.apply import CHANGING, effective
from planner.events.kinds import KINDS, ON_THE_WAY, KindRule
from planner.events.loads import losses
from planner.events.schema import Event, EventKind
from planner.events.values import value_of
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip
from planner.proof.check import check_plan
from planner.proof.eras import Eras
from planner.proof.worst.policy import Policy
from planner.replanning.state import State, state_of

K = EventKind
CLOCK = small.CLOCK
CASES = {"small": (small.INSTANCE, small.PLAN), "hub": (hub_plan.INSTANCE, hub_plan.PLAN)}


def clock(time, day=22):
    return CLOCK.seconds(parse_instant(f"2024-11-{day}T{time}+08:00"))


def ended(trip: Trip) -> Iterator[tuple[str, int]]:
    """What of a trip ends, and when: its loading, each leg and each service."""
    yield "loaded", trip.depart_s
    for number, stop in enumerate(trip.stops):
        yield f"came {number}", stop.leg.arrive_s
        yield f"served {number}", stop.end_s
    if trip.back is not None:
        yield "back", trip.back.arrive_s


def moved(state: State, begins_s: int, but: frozenset[str] = frozenset()) -> list[tuple[str, str, int]]:
    """What had ended before a moment by the plan, and is not so any more."""
    found = []
    for one in state.trips:
        now = dict(ended(one.trip)) if one.begun or one.stuck is None else {}
        broken_s = None if one.trip.broken is None else one.trip.broken.at_s
        for name, at_s in ended(one.planned):
            number = name.removeprefix("came ")
            served_s = one.planned.stops[int(number)].end_s if number.isdigit() and name != "back" else 0
            under_way = broken_s is not None and name.startswith("came") and served_s > broken_s
            if at_s <= begins_s and now.get(name) != at_s and not under_way and one.planned.id not in but:
                found.append((one.planned.id, name, at_s))
    return found


def subjects(kind: EventKind, instance: Instance, plan: Plan) -> Iterator[tuple[str, str]]:
    """Things that a kind may be about, and an item where it needs one."""
    rule = KINDS[kind]
    named = {
        "vehicle": dict.fromkeys(trip.vehicle_id for trip in plan.trips),
        "type": [one.id for one in instance.vehicles],
        "edge": [one.id for one in instance.edges],
        "mode": dict.fromkeys(one.mode.value for one in instance.edges),
        "region": [one.id for one in instance.regions],
        "warehouse": [one.id for one in instance.warehouses],
        "hub": [one.id for one in instance.hubs],
        "calendar": dict.fromkeys(one.calendar for one in instance.calendars),
    }
    if kind is K.STOCK:
        yield from dict.fromkeys((row.warehouse, row.item) for row in instance.stock)
        return
    things = {K.VEHICLE_ADDED: ("type",), K.DECISION: ("region",)}.get(kind, rule.subjects)
    for thing in things:
        yield from ((name, "") for name in named.get(thing, ()))


VALUES = {
    K.SPEED: ("30%", "400%"),
    K.STOCK: ("-1", "-4", "-12", "5"),
    K.DOCK: ("0", "1", "3"),
    K.WAREHOUSE: ("closed", "open"),
    K.CALENDAR: ("closed", "12:00-13:00", "00:00-24:00"),
    K.DEMAND: ("1",),
    K.DAMAGED: ("1",),
    K.MISSING: ("1",),
    K.RECALL: ("1",),
    K.VEHICLE_ADDED: ("1",),
    K.MISDELIVERED: ("1",),
    K.FOUND: ("1",),
    K.FEWER: ("1",),
    K.CONTACT: ("Budi 0812 3456",),
    K.LONGEST_DELAY: ("50%", "0% + 40 min"),
}
RULES = {K.DECISION: (("leave_out", ""), ("day", "2024-11-23"))}
CHANGES = [kind for kind in CHANGING if kind is not K.BREAKDOWN and kind is not K.REPAIRED]


def _untils(rule: KindRule, begins_s: int) -> tuple[int | None, ...]:
    if "until" in rule.needs:
        return (begins_s + 5400,)
    return (None, begins_s + 5400) if "until" in rule.may else (None,)


def drawn(kind: EventKind, instance: Instance, plan: Plan, begins_s: int) -> Iterator[Event]:
    """Reports of a kind that begin at a moment: told then or later, for good or for a while."""
    rule = KINDS[kind]
    for subject, item in subjects(kind, instance, plan):
        values = [("", value_of(rule.value, text) if text else "") for text in VALUES.get(kind, ("",))]
        for ruling, value in RULES.get(kind, values):
            for later_s in (0, 3600):
                for until_s in _untils(rule, begins_s):
                    from_s = begins_s if later_s and "from" in rule.columns else None
                    if later_s and from_s is None:
                        continue
                    yield Event(
                        id="E1", time_s=begins_s + later_s, kind=kind, subject=(subject,), from_s=from_s,
                        until_s=until_s, value=value, item=item, type=ruling,
                    )  # fmt: skip


def moments(plan: Plan, every: int) -> list[int]:
    """Before, while loading, under way, at stops, between trips, and after all."""
    ends = sorted({at_s for trip in plan.trips for _, at_s in ended(trip)})
    between = [(one + other) // 2 for one, other in zip(ends, ends[1:], strict=False)]
    return [ends[0] - 7200, *between[::every], ends[-1] + 7200]


def check(case: str, kind: EventKind, every: int) -> None:
    instance, plan = CASES[case]
    for begins_s in moments(plan, every):
        for event in drawn(kind, instance, plan, begins_s):
            state = state_of(plan, instance, [event], event.time_s + 600)
            assert moved(state, begins_s) == [], (event.subject, event.value, event.until_s, begins_s)


@pytest.mark.parametrize("kind", CHANGES, ids=str)
@pytest.mark.parametrize("case", CASES)
def test_no_report_moves_what_had_ended_before_it_began(case, kind):
    check(case, kind, 13)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHANGES, ids=str)
@pytest.mark.parametrize("case", CASES)
def test_no_report_moves_what_had_ended_at_any_moment(case, kind):
    check(case, kind, 1)


@pytest.mark.parametrize("case", CASES)
def test_no_report_of_a_vehicle_moves_what_others_had_ended(case):
    """Only the trip that it is about, and those that wait for its vehicle, its dock or its goods."""
    instance, plan = CASES[case]
    trip_of = {}
    for trip in sorted(plan.trips, key=lambda one: one.load_start_s):
        trip_of.setdefault(trip.vehicle_id, trip)
    for begins_s in moments(plan, 3):
        for vehicle in trip_of:
            for kind in ON_THE_WAY:
                value = {K.DELAY: "3600", K.PARTLY: "1"}.get(kind, "")
                event = Event(
                    id="E1", time_s=begins_s, kind=kind, subject=(vehicle,), from_s=begins_s, value=value
                )
                state = state_of(plan, instance, [event], begins_s + 600)
                own = waiting(plan, {one.id for one in plan.trips if one.vehicle_id == vehicle})
                assert moved(state, begins_s, own) == [], (kind, vehicle, begins_s)


def waiting(plan: Plan, names: set[str]) -> frozenset[str]:
    """Trips, and all that wait for them: the same vehicle or dock later, or goods at a hub."""
    found = set(names)
    for trip in sorted(plan.trips, key=lambda one: one.load_start_s):
        for other in plan.trips:
            if other.id in found and other.load_start_s < trip.load_start_s:
                dock = (other.origin_id, other.dock) == (trip.origin_id, trip.dock)
                goods = any(stop.node_id == trip.origin_id for stop in other.stops)
                if other.vehicle_id == trip.vehicle_id or dock or goods:
                    found.add(trip.id)
    return frozenset(found)


# ---------------------------------------------------------------- stock


def lost(number, at_s, item="box"):
    return Event(id="E1", time_s=at_s, kind=K.STOCK, subject=("W",), value=f"-{number}", item=item)


def test_goods_that_are_loaded_cannot_be_lost_at_the_warehouse():
    """12 boxes; loaded by then those of T1, T2 and T3: so many are left of the rest as are not lost."""
    at_s = clock("09:30")
    loaded = {"T1", "T2", "T3"}
    for number in (1, 4, 150):
        state = state_of(small.PLAN, small.INSTANCE, [lost(number, at_s)], at_s + 60)
        begun = {one.planned.id for one in state.trips if one.begun and one.planned.origin_id == "W"}
        assert begun == loaded
        gone = [one.planned.id for one in state.trips if one.planned.origin_id == "W" and one.stuck]
        [loss] = losses(small.INSTANCE, lost(number, at_s), state.net)
        assert loss.told == number
        rows = [row for row in state.effective.stock if row.item == "box"]
        assert sum(row.quantity for row in rows) == 12 - min(number, loss.there)
        assert bool(gone) == (number > 0), number
        assert not set(gone) & loaded


def test_what_comes_later_is_not_lost_with_what_was_there():
    """Two forms come at 09:00: a loss told at 08:00 takes none of these, one at 10:00 may."""
    for at_s, left in ((clock("08:00"), 2), (clock("10:00"), 0)):
        instance = effective(small.INSTANCE, [lost(9, at_s, "form")])
        assert sum(row.quantity for row in instance.stock if row.item == "form") == left


# ---------------------------------------------------------------- speed under way


@pytest.mark.parametrize(("percent", "more_s"), [(50, 1700), (25, 5100), (100, 0)])
def test_who_is_under_way_when_it_slows_drives_the_rest_slower(percent, more_s):
    """T1 drives e1 from 06:19 in 2,700 s; 1,000 s after it set out travel slows down."""
    trip = small.PLAN.trips[0]
    leg = trip.stops[0].leg
    at_s = leg.arrive_s - 1700
    for from_s, told_s, until_s in (
        (None, at_s, None),
        (at_s, at_s + 900, None),
        (at_s, at_s, at_s + 40_000),
    ):
        slow = Event(
            id="E1", time_s=told_s, kind=K.SPEED, subject=("e1",), value=str(percent), from_s=from_s,
            until_s=until_s,
        )  # fmt: skip
        state = state_of(small.PLAN, small.INSTANCE, [slow], told_s + 60)
        assert state.trips[0].trip.stops[0].leg.arrive_s == leg.arrive_s + more_s


def test_a_slow_spell_ends_for_who_is_under_way():
    """900 s at a third of the speed are 300 s of way: 600 s are lost."""
    leg = small.PLAN.trips[0].stops[0].leg
    at_s = leg.arrive_s - 1700
    slow = Event(
        id="E1", time_s=at_s, kind=K.SPEED, subject=("e1",), value="33", from_s=at_s, until_s=at_s + 900
    )
    state = state_of(small.PLAN, small.INSTANCE, [replace(slow, value="50")], at_s + 60)
    assert state.trips[0].trip.stops[0].leg.arrive_s == leg.arrive_s + 450


# ---------------------------------------------------------------- the rule


def rows_as_told(event: Event):
    return rows_of([event], CLOCK)


def one_world(monkeypatch):
    """Let one world judge everything, as if reports held for ever and losses took from what is loaded."""

    def plain(self, facts, files, events, now_s, net):
        self.policy, self._now_s, self._plain = Policy(facts.world), now_s, True

    monkeypatch.setattr(Eras, "__init__", plain)
    monkeypatch.setattr("planner.replanning.state.net_of", lambda *_, **__: {})
    monkeypatch.setattr("planner.proof.evidence.net_loaded", lambda *_: {})


ERASING = {
    "slow for a night, told later": (K.SPEED, "e1", "50", "", clock("07:30"), 1380, clock("18:00")),
    "slow from now on": (K.SPEED, "river", "70", "", clock("08:40"), 0, None),
    "some boxes gone after loading": (K.STOCK, "W", "-8", "box", clock("09:30"), 0, None),
    "all boxes gone after loading": (K.STOCK, "W", "-150", "box", clock("09:30"), 0, None),
    "other hours today": (K.CALENDAR, "shift", "540-600", "", clock("12:00"), 0, None),
    "a type is slower": (K.SPEED, "TRUCK", "50", "", clock("09:00"), 0, None),
}


@pytest.mark.parametrize("case", ERASING)
def test_the_check_finds_who_changes_what_was_over(case, monkeypatch):
    kind, subject, value, item, begins_s, later_s, until_s = ERASING[case]
    value = "00:00-01:00" if kind is K.CALENDAR else value
    event = Event(
        id="E1", time_s=begins_s + later_s, kind=kind, subject=(subject,), value=value, item=item,
        from_s=begins_s if later_s else None, until_s=until_s,
    )  # fmt: skip
    now_s = event.time_s + 60
    kept = replanned(small.PLAN, small.INSTANCE, rows_as_told(event), now_s)
    rules = check_plan(kept, CLOCK, small.INSTANCE, previous=[small.PLAN]).rules
    assert rules["executed"].passed
    assert rules["executed"].cases > 3
    assert rules["history"].passed
    one_world(monkeypatch)
    erased = replanned(small.PLAN, small.INSTANCE, rows_as_told(event), now_s)
    assert moved(state_of(small.PLAN, small.INSTANCE, [event], now_s), begins_s)
    verdict = check_plan(erased, CLOCK, small.INSTANCE, previous=[small.PLAN])
    assert not verdict.rules["executed"].passed


@pytest.mark.parametrize("kind", CHANGES, ids=str)
def test_what_a_replan_makes_of_any_report_keeps_history(kind):
    instance, plan = CASES["hub"]
    for begins_s in moments(plan, 7):
        for event in list(drawn(kind, instance, plan, begins_s))[::5]:
            again = replanned(plan, instance, rows_as_told(event), event.time_s + 600)
            rules = check_plan(again, CLOCK, instance, previous=[plan]).rules
            assert rules["executed"].passed, (event, begins_s)
            assert rules["history"].passed, (event, begins_s)


@pytest.mark.parametrize("at", ["07:10", "07:55"])
def test_who_breaks_down_while_he_hands_over_had_come_there(at):
    """T1 is at A from 07:03 to 07:20, and at B from 07:50 to 08:07: the leg there was over, and is kept."""
    broken = Event(id="E1", time_s=clock(at), kind=K.BREAKDOWN, subject=("TRUCK-01",), from_s=clock(at))
    plan = replanned(small.PLAN, small.INSTANCE, rows_of((broken,), CLOCK), clock("09:00"))
    assert check_plan(plan, CLOCK, small.INSTANCE, previous=(small.PLAN,)).violations == ()


@pytest.mark.parametrize(("seconds", "revised"), [(-59, 0), (-24, 0), (24, 0), (59, 0), (60, 1), (900, 1)])
def test_what_is_told_within_a_minute_of_the_plan_is_as_planned(seconds, revised):
    """The last stop of a trip is told some seconds off: reports are told in minutes."""
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    trip = max(plan.trips, key=lambda one: one.end_s)
    at_s = trip.stops[-1].end_s + seconds
    told = Event(
        id="E1", time_s=trip.stops[-1].end_s + 1800, kind=EventKind.DELIVERED, subject=(trip.id,),
        from_s=at_s,
        place=trip.stops[-1].node_id,
    )  # fmt: skip
    found = replanned(plan, instance, rows_of((told,), instance.clock), trip.stops[-1].end_s + 3600)
    verdict = check_plan(found, instance.clock, instance, previous=(plan,))
    assert verdict.violations == ()
    assert verdict.history.news.revised == revised
