"""docs/plan_format.md tells every key of a plan and of a certificate, and no other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import small

from planner.base.errors import InputError
from planner.base.text import catalogue
from planner.outputs.summary import plan_figures
from planner.outputs.tables import DELIVERY_COLUMNS, TRIP_COLUMNS
from planner.plans.file import FORMAT_1, plan_digest, plan_from_text, plan_to_text
from planner.plans.model import (
    Broken,
    Component,
    EventRow,
    Goods,
    Moved,
    Proof,
    ProofKind,
    ReasonCode,
    RegionStatus,
    Replan,
    Status,
    StopReason,
)
from planner.plans.writer import FORMAT
from planner.proof import certificate as certificates
from planner.proof.check import check_plan
from planner.proof.knowledge import Counts, Knowledge, Silence
from planner.proof.news import Disputed, News, NotThere, Short
from planner.proof.verdict import History, Measure, Override
from planner.simulation.result import Chance, RegionChance, Simulation
from planner.solving.options import SolveOptions

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "plan_format.md").read_text("utf-8")
MAPS = {
    "params",
    "place",
    "components",
    "bounds",
    "delay_figures",
    "vehicle_types",
    "work_late_s",
}  # their keys are ids, or depend on a reason
OPEN = {"components[].proofs[].figures", "certificate.plan.options", "instance.tables"}


def event_in_words() -> dict[str, set[str]]:
    """Keys by the path in their section's heading; `.` is the plan itself."""
    found: dict[str, set[str]] = {}
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        heading, body = section.split("\n", 1)
        keys = set(re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE))
        for path in re.findall(r"`([^`]+)`", heading):
            found[path] = keys
    return found


def keys_of(value: object, path: str, found: dict[str, set[str]]) -> None:
    """Collect the keys of all objects by their paths."""
    if isinstance(value, list):
        for one in value:
            keys_of(one, f"{path}[]", found)
    elif isinstance(value, dict):
        name = path.rsplit(".", 1)[-1]
        if (name in MAPS and path != "components") or path in OPEN:
            return
        found.setdefault(path or ".", set()).update(value)
        for key, one in value.items():
            keys_of(one, f"{path}.{key}" if path else key, found)


def real_plan():
    """The small plan with a proof, goods for a warehouse, and what `plan solve` writes as options."""
    first, second = small.PLAN.components
    proof = Proof(ProofKind.CUT, ("G",), ("e8",))
    second = Component(second.id, Status.IMPOSSIBLE, StopReason.COMPLETE, second.regions, 0, None, (proof,))
    trip = small.PLAN.trips[0]
    trip = replace(trip, stops=(replace(trip.stops[0], items=(Goods("box", 1),)), *trip.stops[1:]))
    trips = (trip, *small.PLAN.trips[1:])
    return replace(
        small.PLAN, components=(first, second), trips=trips, options=SolveOptions().as_text(small.CLOCK)
    )


REPLAN = Replan(
    now_s=30_000,
    previous_digest="sha256:0",
    assume="planned",
    tolerance_s=1800,
    events=(
        EventRow(
            "E1",
            small.CLOCK.text(25_400),
            "arrived",
            subject="TRUCK-01",
            place="A",
            by="S",
            bulk="E1",
            trip="T1",
            stop="1",
            plan="sha256:0123456789ab",
        ),
    ),
    moved=(Moved("T9", "TRUCK-01", ("T1",)), Moved("T8", "TRUCK-01")),
)


def replanned():
    """The real plan as a replan: its truck has broken down before B, the ship fetches what is aboard."""
    plan = real_plan()
    first, second, *others = plan.trips
    stop = first.stops[1]
    broken = Broken(27_000, "A", stop.leg, stop.deliveries, (Goods("box", 1),))
    first = replace(first, stops=first.stops[:1], back=None, begun=True, broken=broken)
    second = replace(second, stops=(replace(second.stops[0], fetched=stop.deliveries),))
    return replace(plan, trips=(first, second, *others), replan=REPLAN)


def test_a_replan_is_read_as_it_was_written():
    plan = replanned()
    text = plan_to_text(plan, small.CLOCK)
    again, clock = plan_from_text(text)
    assert again == plan
    assert plan_to_text(again, clock) == text
    assert plan_digest(plan, clock) == json.loads(text)["digest"]


def test_a_plan_with_reports_of_before_there_was_by_keeps_its_digest():
    rows = tuple(replace(one, by="", bulk="", trip="", stop="", plan="") for one in REPLAN.events)
    document = json.loads(
        plan_to_text(replace(replanned(), replan=replace(REPLAN, events=rows)), small.CLOCK)
    )
    assert {"by", "bulk", "trip", "stop", "plan"}.isdisjoint(document["replan"]["events"][0])
    again, clock = plan_from_text(json.dumps(document))
    assert (again.replan.events, plan_digest(again, clock)) == (rows, document["digest"])


def test_each_trip_and_region_has_a_line_of_its_own():
    lines = plan_to_text(small.PLAN, small.CLOCK).splitlines()
    for number, key in ((len(small.PLAN.trips), "load_start"), (len(small.PLAN.regions), "margin_s")):
        assert sum(f'"{key}"' in line for line in lines) == number > 1
        assert all(line.count(f'"{key}"') <= 1 for line in lines)


def test_the_format_before_is_read_and_knows_no_replans():
    """What is no replan has the same digest in both formats."""
    text = plan_to_text(small.PLAN, small.CLOCK).replace(f'"{FORMAT}"', f'"{FORMAT_1}"', 1)
    assert plan_from_text(text)[0] == small.PLAN
    assert not set(json.loads(text)) & {"replan", "begun"}
    with pytest.raises(InputError) as caught:
        plan_from_text(plan_to_text(replanned(), small.CLOCK).replace(f'"{FORMAT}"', f'"{FORMAT_1}"', 1))
    assert "replan" in caught.value.faults[0].cause


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('"begun": true', '"begun": 1', "true or false"),
        ('"tolerance_s": 1800', '"tolerance_s": "1800"', "a whole number"),
        ('"note": ""', '"remark": ""', "note"),
        ('"at": "2024', '"at": "never', "instant"),
    ],
)
def test_a_replan_of_another_form_is_refused(before, after, what):
    text = plan_to_text(replanned(), small.CLOCK)
    assert before in text
    with pytest.raises(InputError) as caught:
        plan_from_text(text.replace(before, after, 1))
    assert caught.value.faults[0].code == "P101"
    assert what in caught.value.faults[0].cause


def test_every_key_of_a_plan_is_told():
    found: dict[str, set[str]] = {}
    plan = replace(replanned(), instance_tables={"vehicles": "0123456789ab"})
    keys_of(json.loads(plan_to_text(plan, small.CLOCK)), "", found)
    page = {path: keys for path, keys in event_in_words().items() if not path.startswith("certificate")}
    assert found == page


NEWS = News((Disputed("E2", "E1", "E962"),), (NotThere("E3", "T9"),), (Short("E4", "W", "box", 9, 4),), 1, 1)


def test_every_key_of_a_certificate_is_told():
    plan = real_plan()  # its proof and digest are wrong, so that there are violations
    plan = replace(plan, options={"guarantee": "1"}, trips=plan.trips[1:], replan=REPLAN)
    verdict = check_plan(plan, small.CLOCK, small.INSTANCE)
    assert verdict.violations
    override = Override("history", {"trip": "T1"}, 60, Measure.SECONDS, "06:00", "06:01", ("E1",))
    counts = Counts(1, 0, 1, 0, 1)
    known = Knowledge(counts, counts, (Silence("TRUCK-01", 60, 1),), (("Sari", 1),))
    verdict = replace(verdict, history=History(overrides=(override,), news=NEWS), knowledge=known)
    found: dict[str, set[str]] = {}
    chance = Chance(1, 2)
    played = Simulation(2, 1, True, chance, (RegionChance("A", chance),), 0.5, 1)
    text = certificates.certificate(plan, small.CLOCK, small.INSTANCE, verdict, simulation=played.document)
    keys_of(json.loads(text), "certificate", found)
    assert found == {path: keys for path, keys in event_in_words().items() if path.startswith("certificate")}


def test_formats_and_words_are_told():
    assert f"`{FORMAT}`" in PAGE
    assert f"`{certificates.FORMAT}`" in PAGE
    for words in (Status, StopReason, ProofKind):
        assert [one.value for one in words if f"`{one.value}`" not in PAGE] == []


def rows_of(section: str, page: str = PAGE) -> dict[str, str]:
    """Rows of a section's table: the first cell's word, and the last cell."""
    body = re.split(r"^## ", page.split(f"\n## {section}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `(\w+)` \|(?:.*\|)? ?([^|]*?) ?\|$", body, re.MULTILINE))


def test_every_reason_is_told_with_its_params():
    told_of = {name: set(re.findall(r"`(\w+)`", params)) for name, params in rows_of("Reasons").items()}
    assert list(told_of) == list(ReasonCode)
    texts = catalogue("en")
    for name, params in told_of.items():
        words = texts[f"reasons.{name}.why"] + texts[f"reasons.{name}.action"]
        assert params == set(re.findall(r"{(\w+)}", words)), name


OUTPUTS = (Path(__file__).resolve().parents[1] / "docs" / "outputs.md").read_text("utf-8")


def test_columns_of_the_tables_are_told():
    assert tuple(rows_of("`deliveries.csv`", OUTPUTS)) == DELIVERY_COLUMNS
    assert tuple(rows_of("`trips.csv`", OUTPUTS)) == TRIP_COLUMNS


def test_keys_of_the_solve_object_are_told():
    late = replace(small.PLAN.regions[0], status=RegionStatus.LATE, reason=ReasonCode.NOT_DETERMINED)
    plan = replace(real_plan(), regions=(late,), trips=small.PLAN.trips)
    figures = plan_figures(plan, small.INSTANCE, wall_s=1.0, plan_path="p.json")
    told = list(rows_of("`plan solve --json`", OUTPUTS))
    of_the_search = {"went_on_s", "ended_by_clock"}  # not of the plan
    assert [name for name in told if name not in of_the_search] == list(figures)
    assert of_the_search <= set(told)
    for key in ("components", "not_on_time"):
        assert list(rows_of(f"`{key}[]`", OUTPUTS)) == list(figures[key][0])
