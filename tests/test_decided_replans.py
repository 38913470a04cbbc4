"""What is decided, or lifted, while a plan is carried out: obeyed from then on, never against what has begun.

The reference reads the decision off the cells of the report by itself, and looks at the trips of the plan.
"""

import random
import sys
from pathlib import Path

import hub_plan
import pytest

from planner.base.clock import parse_instant
from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.decisions import bound
from planner.events.kinds import kind_of
from planner.events.read import read_events
from planner.events.schema import EventKind
from planner.events.told import row_of
from planner.instance.read import read_instance
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import ReasonCode
from planner.proof.check import check_plan
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
from replan_draws import PHASES, draw, scene_of  # noqa: E402


@pytest.fixture(scope="module")
def cases():
    toy = read_instance(ROOT / "instances" / "toy")
    return {
        "hub": (hub_plan.PLAN, hub_plan.INSTANCE),
        "toy": (solve(toy, SolveOptions(effort=1, workers=0)).plan, toy),
    }


def breaks(cells, trip, clock):
    """Whether a trip is against a decision, by the cells of its report, but for what goes together."""
    names, value = cells["subject"].split("+"), cells.get("value", "")
    named = bool({trip.vehicle_id, trip.vehicle_type} & set(names))
    by_value = bool({trip.vehicle_id, trip.vehicle_type} & set(value.split("+")))
    stops = [stop for stop in trip.stops if stop.node_id in names]
    match cells["type"]:
        case "use":
            return bool(stops) and not by_value
        case "never_use":
            return named if not value else bool(stops) and by_value
        case "leave_out":
            return any(one.region_id in names for stop in trip.stops for one in stop.deliveries)
        case "depart_at":
            return (bool(stops) or named) and clock.text(trip.depart_s)[11:16] != value
        case "day":
            return any(
                {clock.text(at)[:10] for at in (stop.start_s, stop.end_s - 1)} != {value} for stop in stops
            )
    return False


@pytest.mark.parametrize("name", ["hub", "toy"])
@pytest.mark.parametrize("seed", range(30))
def test_a_decision_is_obeyed_by_all_that_has_not_begun(cases, name, seed, tmp_path):
    plan, instance = cases[name]
    draws, table = random.Random(seed), tmp_path / "events.csv"
    scene = scene_of(plan, instance, draws.choice(PHASES[:5]), draws)
    drawn = draw(EventKind.DECISION, scene)
    try:
        add_report(table, drawn.cells, instance, plan, scene.now_s)
    except InputError as error:
        assert {fault.code for fault in error.faults} <= {"V204", "D808", "V209", "V210"}
        return
    events = read_events(table, instance, plan, scene.now_s)
    found = replan(plan, instance, events, scene.now_s, ReplanOptions(effort=1))
    again, _ = plan_from_text(plan_to_text(found.plan, instance.clock))
    rows = [row_of(one, instance.clock) for one in events]
    assert check_plan(again, instance.clock, instance, None, (plan,), outside=rows).violations == ()
    assert all(one.kind.value == "best" for one in found.taken.values())
    ahead = [trip for trip in again.trips if not trip.begun]
    assert [trip.id for trip in ahead if breaks(drawn.cells, trip, instance.clock)] == []
    begun = {trip.id for trip in plan.trips if trip.load_start_s < events[-1].time_s}
    assert begun <= {trip.id for trip in again.trips}
    left = {one.region_id for one in again.regions if one.reason is ReasonCode.LEFT_OUT}
    assert left <= set(drawn.cells["subject"].split("+"))


def told(path, plan, instance, now, *reports):
    """Reports entered one after another, and the replan that believes them."""
    now_s = instance.clock.seconds(parse_instant(now))
    for one in reports:
        add_report(path, {"time": now, **one}, instance, plan, now_s)
    events = read_events(path, instance, plan, now_s)
    return events, replan(plan, instance, events, now_s, ReplanOptions(effort=1)).plan


def test_what_is_lifted_holds_no_more(cases, tmp_path):
    plan, instance = cases["toy"]
    made = {"kind": "keputusan", "subject": "elm", "type": "tidak dilayani", "by": "Sari"}
    now = "2025-03-03T07:30+03:00"
    _, without = told(tmp_path / "1.csv", plan, instance, now, made)
    lifted = {"kind": "decision", "subject": "E0001", "type": "dicabut"}
    _, back = told(tmp_path / "2.csv", plan, instance, now, made, lifted)
    results = [{one.region_id: one for one in each.regions}["elm"] for each in (without, back)]
    assert results[0].reason is ReasonCode.LEFT_OUT
    assert results[1].received_s is not None
    assert not any(
        one.region_id == "elm" for trip in without.trips for s in trip.stops for one in s.deliveries
    )


@pytest.mark.parametrize(
    ("reports", "code"),
    [
        ([{"subject": "elm", "type": "keep"}], "E907"),
        ([{"subject": "elm"}], "E904"),
        ([{"subject": "elm", "type": "use"}], "V204"),
        ([{"subject": "elmo", "type": "leave_out"}], "V201"),
        ([{"subject": "elm", "type": "day", "value": "1999-01-01"}], "V209"),
        ([{"subject": "D7", "type": "lifted"}], "D808"),
        ([{"subject": "E0001", "type": "lifted", "value": "elm"}], "E905"),
        (
            [
                {"subject": "elm", "type": "use", "value": "van"},
                {"subject": "elm", "type": "never_use", "value": "van"},
            ],
            "D809",
        ),
    ],
)
def test_decisions_that_cannot_be_meant_or_hold_are_refused(cases, tmp_path, reports, code):
    plan, instance = cases["toy"]
    with pytest.raises(InputError) as refused:
        told(
            tmp_path / "e.csv",
            plan,
            instance,
            "2025-03-03T07:30+03:00",
            *({"kind": "decision", **one} for one in reports),
        )
    assert {fault.code for fault in refused.value.faults} == {code}


def test_what_has_begun_is_named_and_goes_on(cases, tmp_path):
    plan, instance = cases["toy"]
    report = {"kind": "decision", "subject": "van-01", "type": "never_use"}
    events, new = told(tmp_path / "e.csv", plan, instance, "2025-03-03T08:30+03:00", report)
    (trip,) = bound(events[0], instance, plan)
    assert trip.vehicle_id == "van-01"
    kept = next(one for one in new.trips if one.id == trip.id)
    before, after = ([stop.node_id for stop in each.stops] for each in (trip, kept))
    assert kept.begun and before == after
    assert [one.id for one in new.trips if one.vehicle_id == "van-01" and not one.begun] == []


def test_the_kind_is_known_in_indonesian():
    assert kind_of("Keputusan") is EventKind.DECISION
