"""What has happened before a replan: judged by physics, by the plans before it, and by who tells it."""

import json
from dataclasses import replace
from pathlib import Path

import hub_plan
import pytest
import small
from forgeries import consistent
from hub_plan import INSTANCE as HUB
from replans import replanned, row, rows_of

import planner
from planner.base.text import set_language
from planner.cli import main
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.events.read import events_of
from planner.instance.schema import Outage, Stock
from planner.outputs.history import history_lines
from planner.plans.file import plan_digest, plan_to_text
from planner.plans.model import Status
from planner.proof.certificate import document_of
from planner.proof.check import check_plan
from planner.proof.evidence import easing
from planner.proof.verdict import AsReported
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan

CLOCK, INSTANCE, PLAN = small.CLOCK, small.INSTANCE, small.PLAN
NOW = 26_000  # T1 hands over at A, T2 has left C's landing, T3 is on its way, T6 is over
T1, T2, T3, T4, T5, T6 = (one.id for one in PLAN.trips)
AS_REPORTED = AsReported.AS_REPORTED


def verdict(plan, previous=(PLAN,), outside=None, instance=INSTANCE):
    return check_plan(plan, instance.clock, instance, previous=previous, outside=outside)


def broken(plan, previous=(), instance=INSTANCE):
    return {one.rule for one in verdict(plan, previous, instance=instance).violations}


def with_trip(plan, name, instance=INSTANCE, **changes):
    """The plan with one trip changed and all claims that follow made true."""
    trips = tuple(replace(one, **changes) if one.id == name else one for one in plan.trips)
    return consistent(replace(plan, trips=trips), instance)


def stop_with(trip, number, **changes):
    stops = list(trip.stops)
    stops[number] = replace(stops[number], **changes)
    return tuple(stops)


CALM = replanned(PLAN, INSTANCE, (), NOW)
AGAIN = replanned(CALM, INSTANCE, (), NOW + 600)
TOLD = (row("E1", NOW, "departed", T1, CLOCK, from_time=PLAN.trips[0].depart_s + 300),)
LATE = replanned(PLAN, INSTANCE, TOLD, NOW)
# A is reached 20 min early: the way takes 45, and took 25
SOON = (row("E1", 25_000, "arrived", T1, CLOCK, from_time=25_380 - 1200, place="A"),)
EARLY = replanned(PLAN, INSTANCE, SOON, NOW)


# ---------------------------------------------------------------- the plans before


def test_without_the_plan_before_the_answer_is_as_reported():
    for plan in (CALM, replace(CALM, replan=replace(CALM.replan, previous_digest=""))):
        alone = verdict(plan, ())
        assert alone.passed and alone.status is Status.ON_TIME
        assert alone.answer is AS_REPORTED
        assert set(alone.components) and {alone.answer_of(one) for one in alone.components.values()} == {
            AS_REPORTED
        }
    assert verdict(CALM).answer is Status.ON_TIME
    assert verdict(CALM).history.compared == (plan_digest(PLAN, CLOCK),)


def test_a_chain_is_followed_to_its_beginning():
    assert verdict(AGAIN, (PLAN, CALM)).answer is Status.ON_TIME
    half = verdict(AGAIN, (CALM,))
    assert half.answer is AS_REPORTED
    assert half.history.missing == plan_digest(PLAN, CLOCK)
    assert len(half.history.compared) == 1


def test_a_plan_before_counts_only_if_it_keeps_the_rules():
    bad = replace(PLAN, cost=PLAN.cost - 1)
    plan = replace(CALM, replan=replace(CALM.replan, previous_digest=plan_digest(bad, CLOCK)))
    found = verdict(plan, (bad,))
    assert found.passed and found.answer is AS_REPORTED
    assert found.history.failed == (plan_digest(bad, CLOCK),) and not found.history.compared
    bad_between = replace(CALM, cost=CALM.cost - 1)
    plan = replanned(bad_between, INSTANCE, (), NOW + 600)
    found = verdict(plan, (PLAN, bad_between))
    assert found.answer is AS_REPORTED
    assert not found.history.compared


def test_a_late_answer_stays_late():
    late = with_trip(CALM, T5, stops=(), back=None, begun=True)  # what was to come is gone
    trips = tuple(one for one in late.trips if one.id != T5)
    late = consistent(replace(late, trips=trips), INSTANCE)
    found = verdict(late, ())
    assert found.passed and found.answer is Status.LATE
    assert found.as_reported


# ---------------------------------------------------------------- physics of what has begun


def begun_trip(name):
    return next(one for one in CALM.trips if one.id == name)


def quick(trip):
    leg = trip.stops[0].leg
    return stop_with(trip, 0, leg=replace(leg, depart_s=leg.depart_s + 60))


HISTORY = {
    "a leg that is too quick": ("travel_time", T1, lambda one: {"stops": quick(one)}),
    "loading that is too quick": ("loading_time", T1, lambda one: {"load_start_s": one.load_start_s + 1}),
    "service that is too quick": (
        "service_time",
        T6,
        lambda one: {"stops": stop_with(one, 0, start_s=one.stops[0].start_s + 1)},
    ),
    "a way over a closed edge": (
        "path",
        T1,
        lambda one: {"stops": stop_with(one, 0, leg=replace(one.stops[0].leg, path=()))},
    ),
    "a dock that is not there": ("docks", T1, lambda one: {"dock": 3}),
    "a dock that is taken": ("docks", T2, lambda one: {"dock": 1}),
    "a vehicle that is not there": ("fleet", T1, lambda one: {"vehicle_id": "TRUCK-09"}),
    "a vehicle that is too small": (
        "volume",
        T1,
        lambda one: {"vehicle_type": "BOAT", "vehicle_id": "BOAT-01"},
    ),
    "goods of others": (
        "exactly_once",
        T1,
        lambda one: {"stops": stop_with(one, 1, deliveries=one.stops[0].deliveries)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORY)
def test_what_has_begun_is_judged_by_physics(name):
    rule, trip, change = HISTORY[name]
    forged = with_trip(CALM, trip, **change(begun_trip(trip)))
    assert rule in broken(forged), name


def test_stock_that_had_not_come_was_not_loaded():
    """T6's boxes come to V a second after its loading began; a report of the loading is no help."""
    trip = begun_trip(T6)
    item = "box"
    later = Stock(warehouse="V", item=item, quantity=99, available_s=trip.load_start_s + 1)
    world = replace(INSTANCE, stock=(*INSTANCE.stock, later))
    assert "stock" in broken(CALM, instance=world)
    told = row("E1", NOW, "loaded", T6, CLOCK, from_time=trip.depart_s)
    assert "stock" in broken(replanned(PLAN, INSTANCE, (told,), NOW), instance=world)
    there = replace(later, available_s=trip.load_start_s)
    assert "stock" not in broken(CALM, instance=replace(world, stock=(*INSTANCE.stock, there)))


def test_goods_do_not_leave_a_hub_before_they_come():
    now_s = hub_plan.PLAN.trips[1].depart_s
    calm = replanned(hub_plan.PLAN, HUB, (), now_s)
    van = next(one for one in calm.trips if one.id == hub_plan.T2.id)
    assert van.begun and not broken(calm, instance=HUB)
    earlier = tuple(
        replace(one, load_start_s=one.load_start_s - 1, depart_s=one.depart_s - 1) if one is van else one
        for one in calm.trips
    )
    assert "transfer" in broken(consistent(replace(calm, trips=earlier), HUB), instance=HUB)


def test_what_belief_and_a_report_say_cannot_both_be():
    """The van had left with the goods, it was believed; then the truck is told to have come after that."""
    truck, van = hub_plan.PLAN.trips[:2]
    now_s = van.depart_s
    first = replanned(hub_plan.PLAN, HUB, (), now_s)
    told = row("E1", now_s + 60, "arrived", truck.id, HUB.clock, from_time=now_s - 60, place="H")
    second = replanned(first, HUB, (told,), now_s + 600)
    found = verdict(second, (hub_plan.PLAN, first), instance=HUB)
    assert found.passed, [one.text for one in found.violations]
    assert found.answer in (AS_REPORTED, Status.LATE) and found.as_reported
    (rule,) = {one.rule for one in found.history.overrides if one.contradiction}
    assert rule == "transfer"
    assert all(one.events == ("E1",) for one in found.history.overrides)
    assert broken(replace(second, replan=replace(second.replan, events=()))) != set()


# ---------------------------------------------------------------- reports


def test_a_report_may_say_that_something_took_less_than_is_usual():
    assert EARLY.trips[0].stops[0].leg.arrive_s == 25_380 - 1200
    told = verdict(EARLY)
    assert told.answer is Status.ON_TIME
    rules = {one.rule for one in told.history.overrides}
    assert rules == {"history", "travel_time"}
    assert all(one.events == ("E1",) and not one.contradiction for one in told.history.overrides)
    assert max(one.amount for one in told.history.overrides) == 1200
    silent = replace(EARLY, replan=replace(EARLY.replan, events=()))
    assert "travel_time" in broken(silent)


def test_a_report_that_only_the_plan_tells_is_no_witness():
    untold = verdict(EARLY, outside=())
    assert untold.passed and untold.answer is AS_REPORTED
    assert untold.history.only_told == ("E1",)
    rows = rows_of(events_of(SOON, INSTANCE, PLAN, NOW), CLOCK)
    assert verdict(EARLY, outside=rows).answer is Status.ON_TIME
    other = [replace(one, from_time=CLOCK.text(25_000)) for one in rows]
    assert verdict(EARLY, outside=other).answer is AS_REPORTED


def test_a_report_of_the_very_moment_of_a_replan_is_history():
    """The truck reaches C just now, before the policy has it at the hub: all until then is over."""
    truck = hub_plan.PLAN.trips[0]
    now_s = truck.stops[0].leg.arrive_s - 600
    told = row("E1", now_s, "arrived", truck.id, HUB.clock, from_time=now_s, place=truck.stops[1].node_id)
    plan = replanned(hub_plan.PLAN, HUB, (told,), now_s)
    assert plan.trips[0].stops[1].leg.depart_s == now_s
    rules = {one.rule for one in verdict(plan, (hub_plan.PLAN,), instance=HUB).violations}
    assert not rules & {"travel_time", "service_time", "history"}


def test_who_is_late_needs_no_witness():
    assert verdict(LATE, outside=()).answer is Status.ON_TIME
    assert verdict(LATE, outside=()).history.overrides == ()


EASING = {
    "opened": row("E1", NOW, "opened", "e7", CLOCK),
    "vehicle_added": row("E1", NOW, "vehicle_added", "BOAT", CLOCK, value="1"),
    "calendar": row("E1", NOW, "calendar", "office", CLOCK, value="06:00-20:00", from_time=NOW),
    "faster": row("E1", NOW, "speed", "e5", CLOCK, value="120"),
    "more stock": row("E1", NOW, "stock", "W", CLOCK, item="box", value="5"),
    "sooner stock": row("E1", NOW, "stock", "W", CLOCK, item="box", from_time=NOW),
    "more docks": row("E1", NOW, "dock", "W", CLOCK, value="3"),
    "breakdown": row("E1", NOW, "breakdown", "BOAT-01", CLOCK),
}
BINDING = {
    "closure": row("E1", NOW, "closure", "e3", CLOCK, from_time=NOW + 600, until=NOW + 1200),
    "slower": row("E1", NOW, "speed", "e5", CLOCK, value="80"),
    "less stock": row("E1", NOW, "stock", "W", CLOCK, item="box", value="-1"),
    "fewer docks": row("E1", NOW, "dock", "W", CLOCK, value="1"),
    "more to bring": row("E1", NOW, "demand", "A", CLOCK, value="1"),
    "damaged": row("E1", NOW, "damaged", "A", CLOCK, value="1"),
    "vehicle_lost": row("E1", NOW, "vehicle_lost", "BOAT-01", CLOCK),
}


@pytest.mark.parametrize("name", [*EASING, *BINDING])
def test_reports_after_which_more_can_be_done_need_a_witness(name):
    event = EASING.get(name) or BINDING[name]
    events = events_of((event,), INSTANCE, PLAN, NOW)
    assert [one.id for one in easing(events, INSTANCE)] == (["E1"] if name in EASING else [])
    plan = replanned(PLAN, INSTANCE, (event,), NOW)
    untold = verdict(plan, outside=())
    assert untold.history.only_told == (("E1",) if name in EASING else ())
    assert not verdict(plan).history.only_told


def test_a_replan_does_not_believe_the_reports_of_a_plan_alone():
    """A forged replan is in force, with a report that no table tells: what follows from it is as reported."""
    events = events_of(EASING["more stock"] and (EASING["more stock"],), INSTANCE, PLAN, NOW)
    asked = ReplanOptions(effort=1)
    first = replan(PLAN, INSTANCE, events, NOW, asked)
    assert first.verdict.answer is Status.ON_TIME
    kept = replace(asked, only_told=frozenset({"E1"}))
    second = replan(first.plan, INSTANCE, events, NOW + 600, kept, previous=(PLAN,))
    assert second.verdict.answer is AS_REPORTED
    assert second.plan.status is Status.ON_TIME
    whole = replan(first.plan, INSTANCE, events, NOW + 600, asked, previous=(PLAN,))
    assert whole.verdict.answer is Status.ON_TIME
    lost = replan(first.plan, INSTANCE, events, NOW + 600, asked)
    assert lost.verdict.answer is AS_REPORTED


def test_history_keeps_ways_transfers_and_fetched_goods():
    trip = begun_trip(T1)
    onto = replace(trip.stops[0].leg, path=(*trip.stops[0].leg.path, *trip.stops[0].leg.path))
    other = replace(CALM, trips=(replace(trip, stops=stop_with(trip, 0, leg=onto)), *CALM.trips[1:]))
    assert "history" in broken(other, (PLAN,))
    fetched = replace(trip, stops=stop_with(trip, 0, fetched=trip.stops[1].deliveries))
    assert "history" in broken(replace(CALM, trips=(fetched, *CALM.trips[1:])), (PLAN,))


def test_docks_that_were_reported_to_be_gone_explain_who_loaded_where():
    out = (row("E1", NOW, "dock", "W", CLOCK, value="1", from_time=21_000),)
    assert not verdict(replanned(PLAN, INSTANCE, out, NOW)).rules["docks"].broken
    world = replace(INSTANCE, outages=(Outage(id="o", subject="W", from_s=90_000, until_s=91_000, number=1),))
    assert "docks" in broken(with_trip(CALM, T2, dock=1), instance=world)


# ---------------------------------------------------------------- words, certificate, files


@pytest.mark.parametrize("code", ["en", "id"])
def test_it_is_told_in_words(code):
    set_language(code)
    try:
        lines = [
            line for one in (verdict(CALM, ()), verdict(EARLY, outside=())) for line in history_lines(one)
        ]
        bad = replace(PLAN, cost=1)
        plan = replace(CALM, replan=replace(CALM.replan, previous_digest=plan_digest(bad, CLOCK)))
        lines += history_lines(verdict(plan, (bad,)))
        lines += history_lines(verdict(AGAIN, (CALM,)))
    finally:
        set_language("en")
    assert sum("AS REPORTED" in line or "AS_REPORTED" in line for line in lines) == 4
    assert all("{" not in line for line in lines)
    assert list(history_lines(check_plan(PLAN, CLOCK, INSTANCE))) == []


def test_the_certificate_says_so():
    document = document_of(EARLY, CLOCK, INSTANCE, verdict(EARLY, outside=()))
    assert document["status"] == "AS_REPORTED" and set(document["components"].values()) == {"AS_REPORTED"}
    assert document["plan"]["status"] == "ON_TIME"
    about = document["replan"]
    assert about["as_reported"] and about["only_told"] == ["E1"] and about["missing"] is None
    assert {one["rule"] for one in about["overrides"]} == {"history", "travel_time"}
    good = document_of(CALM, CLOCK, INSTANCE, verdict(CALM))
    assert good["status"] == "ON_TIME" and not good["replan"]["as_reported"]


TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


@pytest.fixture(scope="module")
def toy():
    """The toy, a plan of it by hand, and a moment at which its first van is on its way."""
    world = planner.read(TOY)
    stops = {"van/1,1": "elm fig", "van/1,2": "ash birch cedar", "boat,1": "gum holly"}
    rows = [f"{trip},{order},{stop}" for trip in stops for order, stop in enumerate(stops[trip].split(), 1)]
    plan = evaluate(world, routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), world)).plan
    return world, plan, plan.trips[0].stops[0].leg.arrive_s + 60


def call(*arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(one) for one in arguments])
    return stopped.value.code


def write(folder, world, **plans):
    for name, one in plans.items():
        (folder / f"{name}.json").write_text(plan_to_text(one, world.clock), "utf-8")


def test_a_folder_has_the_plans_and_the_reports(toy, tmp_path, capsys):
    world, plan, now_s = toy
    trip = plan.trips[0]
    stop = trip.stops[0]
    moment = world.clock.text(stop.leg.arrive_s - 60)
    soon = (
        row(
            "E1", now_s, "arrived", trip.id, world.clock, from_time=stop.leg.arrive_s - 60, place=stop.node_id
        ),
    )
    early = replanned(plan, world, soon, now_s)
    write(tmp_path, world, a=plan, b=early, c=replanned(early, world, soon, now_s + 600))
    check = ("check", tmp_path / "c.json", "--instance", TOY, "--force")
    assert call(*check) == 3
    assert "E1" in capsys.readouterr().out
    table = tmp_path / "any.events.csv"
    cells = f"E1,{world.clock.text(now_s)},arrived,{trip.id},{moment},{stop.node_id}"
    table.write_text(f"id,time,kind,subject,from,place\n{cells}\n", "utf-8")
    assert call(*check) == 0
    assert "AS_REPORTED" not in capsys.readouterr().out
    assert call(*check, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "ON_TIME" and len(found["replan"]["compared"]) == 2
    assert planner.check(tmp_path / "c.json", TOY).status == "ON_TIME"
    told = table.rename(tmp_path / "reports.csv")
    assert call(*check) == 3
    assert call(*check, "--events", told) == 0
    assert planner.check(tmp_path / "c.json", TOY, events=told).status == "ON_TIME"
    assert planner.check(tmp_path / "c.json", TOY).status == "AS_REPORTED"
    assert not planner.check(tmp_path / "c.json", TOY).as_asked
    (tmp_path / "a.json").rename(tmp_path / "a.txt")
    capsys.readouterr()
    assert call(*check, "--events", told, "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "AS_REPORTED" and found["replan"]["missing"] == plan_digest(plan, world.clock)
    assert call(*check, "--events", told, "--previous", tmp_path / "a.txt") == 0
    assert call(*check, "--events", tmp_path / "nothing.csv") == 2


def test_who_approves_is_told(toy, tmp_path, capsys):
    world, plan, now_s = toy
    write(tmp_path, world, b=replanned(plan, world, (), now_s))
    asked = ("approve", tmp_path / "b.json", "--by", "Sari", "--instance", TOY)
    assert call(*asked) == 0
    assert "AS_REPORTED" in capsys.readouterr().out
    write(tmp_path, world, a=plan)
    assert call(*asked) == 0
    assert "The plan is ON_TIME." in capsys.readouterr().out


def test_a_replan_finds_the_plans_before_and_says_what_only_plans_tell(toy, tmp_path, capsys):
    world, plan, now_s = toy
    clock = world.clock
    more = (row("E1", now_s, "vehicle_added", "van", clock, value="1", from_time=now_s),)
    write(tmp_path, world, a=plan, b=replanned(plan, world, more, now_s))
    asked = ("replan", tmp_path / "b.json", "--instance", TOY, "--effort", "1", "--force")
    asked += ("--now", clock.text(now_s + 600), "--output", tmp_path / "c.json")
    assert call(*asked) == 3
    assert "AS REPORTED" in capsys.readouterr().out
    assert call(*asked, "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["events_only_told"], found["plan_missing"]) == (
        "AS_REPORTED",
        ["E1"],
        None,
    )
    cells = f"E1,{clock.text(now_s)},vehicle_added,van,{clock.text(now_s)},1"
    (tmp_path / "b.events.csv").write_text(f"id,time,kind,subject,from,value\n{cells}\n", "utf-8")
    assert call(*asked) == 0
    capsys.readouterr()
    (tmp_path / "a.json").unlink()
    assert call(*asked, "--quiet") == 3
    assert "AS REPORTED" in capsys.readouterr().out


# ---------------------------------------------------------------- breakdowns

BROKE = (row("E1", 26_900, "breakdown", "TRUCK-01", CLOCK, from_time=26_800),)  # ten minutes after it left A


def test_who_has_broken_down_stands_where_he_can_have_come():
    plan = replanned(PLAN, INSTANCE, BROKE, 27_000)
    trip = plan.trips[0]
    assert trip.broken.node_id == "A" and trip.broken.leg is None
    assert verdict(plan).rules["history"].passed
    planned = PLAN.trips[0].stops[1].leg
    leg = replace(planned, arrive_s=26_800)
    there = replace(trip.broken, node_id="B", leg=leg)
    further = replace(trip, broken=there, distance_m=trip.distance_m + leg.distance_m)
    plan = consistent(replace(plan, trips=(further, *plan.trips[1:])), INSTANCE)
    assert {"history", "travel_time"} <= {one.rule for one in verdict(plan).violations}
    assert "travel_time" in broken(plan)
    said = (replace(BROKE[0], place="B"),)
    told = replanned(PLAN, INSTANCE, said, 27_000)
    assert told.trips[0].broken.node_id == "B"
    found = verdict(told)
    assert found.rules["history"].passed and found.rules["travel_time"].passed
    assert ("travel_time", ("E1",)) in {(one.rule, one.events) for one in found.history.overrides}
    home = replace(trip, broken=replace(trip.broken, node_id="W", leg=None), stops=(), distance_m=0)
    assert "history" in {one.rule for one in verdict(replace(plan, trips=(home, *plan.trips[1:]))).violations}
