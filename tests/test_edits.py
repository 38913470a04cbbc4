"""Edited tables as reports: each difference once, what no report can say refused, labels no difference."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from hub_plan import INSTANCE, PLAN

from planner.base.errors import InputError
from planner.building.places import deadline_of, hub_limits
from planner.cli import main
from planner.events.apply import effective
from planner.events.schema import EventKind
from planner.instance.digest import digest, table_digests
from planner.instance.kinds import DecisionRule, Mode
from planner.instance.schema import (
    CalendarRow,
    Closure,
    Contact,
    Deadline,
    Decision,
    Delay,
    Echelon,
    Stock,
)
from planner.proof.check import check_plan
from planner.replanning.edits import events_between, hours_on

TRUCK, VAN = INSTANCE.vehicles
A = INSTANCE.regions[0]
STOCKED = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=9),))
SHUT = replace(INSTANCE, closures=(Closure(id="c", edge="e3", from_s=0, until_s=90_000),))


def more_of_a(units):
    counts = {"tps": A.counts["tps"] + units, "voters": A.counts["voters"] + 10 * units}
    return replace(INSTANCE, regions=(replace(A, counts=counts), *INSTANCE.regions[1:]))


def trucks(number):
    return replace(INSTANCE, vehicles=(replace(TRUCK, number=number), VAN))


def docks(number):
    return replace(INSTANCE, hubs=(replace(INSTANCE.hubs[0], docks=number), *INSTANCE.hubs[1:]))


def boxes(number):
    return replace(STOCKED, stock=(replace(STOCKED.stock[0], quantity=number),))


CASES = {
    "more vehicles": (INSTANCE, trucks(2), trucks(4), (EventKind.VEHICLE_ADDED, "TRUCK", "1"), "2"),
    "fewer vehicles": (trucks(3), trucks(2), trucks(1), (EventKind.VEHICLE_LOST, "TRUCK", "1"), "1"),
    "more demand": (
        INSTANCE, more_of_a(1), more_of_a(3), (EventKind.DEMAND, "A", "tps=1 voters=10"), "tps=2 voters=20",
    ),
    "more docks": (INSTANCE, docks(2), docks(3), (EventKind.DOCK, "H", "2"), "3"),
    "less stock": (STOCKED, boxes(7), boxes(4), (EventKind.STOCK, "W", "-2"), "-3"),
    "a closure": (INSTANCE, SHUT, SHUT, (EventKind.CLOSURE, "e3", ""), None),
    "no closure": (SHUT, INSTANCE, INSTANCE, (EventKind.OPENED, "e3", ""), None),
}  # fmt: skip


def said(events):
    return [(one.kind, *one.subject, one.value) for one in events]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("now_s", [0, 20_000])
def test_a_difference_becomes_a_report_once(name, now_s):
    before, after, later, report, further = CASES[name]
    first = events_between(before, after, (), now_s, set())
    assert said(first) == [report]
    assert effective(before, first) != before
    taken = {one.id for one in first}
    assert events_between(before, after, first, now_s + 600, taken) == ()
    second = events_between(before, later, first, now_s + 600, taken)
    assert said(second) == ([] if further is None else [(*report[:2], further)])
    assert taken.isdisjoint(one.id for one in second)


def test_reports_from_the_field_are_no_difference_between_tables():
    told = replace(events_between(INSTANCE, trucks(2), (), 0, set())[0], id="e1")
    assert said(events_between(INSTANCE, trucks(2), (told,), 600, {"e1"})) == [
        (EventKind.VEHICLE_ADDED, "TRUCK", "1")
    ]
    assert events_between(INSTANCE, INSTANCE, (told,), 600, {"e1"}) == ()


def test_names_and_telephone_numbers_change_nothing():
    contacts = (Contact(place="W", name="Sari", phone="0812"),)
    regions = (replace(A, name="Desa lain"), *INSTANCE.regions[1:])
    assert events_between(INSTANCE, replace(INSTANCE, contacts=contacts, regions=regions), (), 0, set()) == ()


@pytest.mark.parametrize(
    ("after", "table", "row"),
    [
        (replace(INSTANCE, vehicles=(replace(TRUCK, mass_kg=1), VAN)), "vehicles", "TRUCK"),
        (replace(INSTANCE, regions=INSTANCE.regions[1:]), "regions", "A"),
        (
            replace(INSTANCE, regions=(replace(A, counts={**A.counts, "voters": 1}), *INSTANCE.regions[1:])),
            "regions",
            "A",
        ),
        (replace(INSTANCE, edges=INSTANCE.edges[1:]), "edges", None),
    ],
)
def test_what_no_report_can_say_is_refused(after, table, row):
    with pytest.raises(InputError) as caught:
        events_between(INSTANCE, after, (), 0, set())
    assert {(one.code, one.table) for one in caught.value.faults} == {("D806", table)}
    assert row is None or caught.value.faults[0].row in (row, None)


# ---------------------------------------------------------------- deadlines, hours, people, fewer units

HOUR, DAY = 3600, 86_400
NOW = 20_000


def news(before, after, told=(), now_s=NOW):
    return events_between(before, after, tuple(told), now_s, {one.id for one in told})


def once(before, after):
    """What an edit says; told already, it says nothing, and what follows of it is the edited table."""
    events = news(before, after)
    assert news(before, after, events) == ()
    return events, effective(before, events)


def test_deadlines_that_moved_are_said_for_whom_they_hold():
    rows = (
        *INSTANCE.deadlines,
        Deadline(place="A", deadline_s=50_000),
        Deadline(place="B", deadline_s=50_000),
    )
    events, then = once(INSTANCE, replace(INSTANCE, deadlines=rows))
    assert [(one.kind, one.subject, one.until_s) for one in events] == [
        (EventKind.DEADLINE, ("A", "B"), 50_000)
    ]
    assert deadline_of(then, then.region_of["A"]) == 50_000
    all_of_them = replace(INSTANCE, settings=replace(INSTANCE.settings, deadline_s=70_000))
    events, then = once(INSTANCE, all_of_them)
    assert all(deadline_of(then, one) == deadline_of(all_of_them, one) for one in then.regions)
    hub = replace(INSTANCE, deadlines=(Deadline(echelon=Echelon.HUB, place="H", deadline_s=30_000),))
    events, then = once(INSTANCE, hub)
    assert hub_limits(then, "H")[1] == 30_000
    for column in ("not_before_s", "release_s"):
        later = replace(INSTANCE, deadlines=(*INSTANCE.deadlines, Deadline(place="A", **{column: 9})))
        with pytest.raises(InputError, match="D806"):
            news(INSTANCE, later)


def test_hours_that_changed_are_said_day_by_day():
    """B closes at 10:00 on the second day; then the van works other hours throughout."""
    rows = (
        CalendarRow(calendar="b", opens_s=6 * HOUR, closes_s=18 * HOUR),
        CalendarRow(calendar="b", days="2024-11-23", opens_s=6 * HOUR, closes_s=10 * HOUR),
    )
    b = replace(INSTANCE.region_of["B"], calendar="b")
    others = tuple(b if one.id == "B" else one for one in INSTANCE.regions)
    before = replace(INSTANCE, regions=others, calendars=(*INSTANCE.calendars, rows[0]))
    events, then = once(before, replace(before, calendars=(*INSTANCE.calendars, *rows)))
    assert [(one.kind, one.subject, one.value) for one in events] == [
        (EventKind.CALENDAR, ("b",), "06:00-10:00")
    ]
    day = before.clock.day(DAY)
    assert (hours_on(then, "b", day), hours_on(then, "b", before.clock.day(NOW))) == (
        "06:00-10:00",
        "06:00-18:00",
    )
    other = replace(before, regions=INSTANCE.regions)  # B has no calendar: always open
    events, then = once(other, before)
    own = then.region_of["B"].calendar
    assert {hours_on(then, own, before.clock.day(at)) for at in (NOW, DAY)} == {"06:00-18:00"}
    assert all(one.begins_s >= NOW for one in events)


def test_people_and_fewer_units_are_news():
    people = replace(INSTANCE, contacts=(Contact(place="A", name="Bu Ani", phone="0812 999 111"),))
    events, then = once(INSTANCE, people)
    assert said(events) == [(EventKind.CONTACT, "A", "Bu Ani 0812 999 111")]
    fewer = replace(
        INSTANCE,
        regions=(
            replace(A, counts={"tps": A.counts["tps"] - 1, "voters": A.counts["voters"]}),
            *INSTANCE.regions[1:],
        ),
    )
    events, then = once(INSTANCE, fewer)
    assert said(events) == [(EventKind.FEWER, "A", "1")]
    assert {name for name, _, _ in then.waived} == {"A"}


# ---------------------------------------------------------------- on the command line


def run(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    said_now = capsys.readouterr()
    return caught.value.code, " ".join((said_now.out + said_now.err).replace("│", " ").split())


def test_decisions_made_and_lifted_are_news():
    held = Decision(id="D1", subject="A", rule=DecisionRule.USE, value="VAN")
    made = Decision(id="D2", subject="B+C", rule=DecisionRule.TOGETHER)
    before = replace(INSTANCE, decisions=(held,))
    events, then = once(before, replace(INSTANCE, decisions=(made,)))
    assert [(one.kind, one.subject, one.type, one.value) for one in events] == [
        (EventKind.DECISION, ("B", "C"), "together", ""),
        (EventKind.DECISION, ("D1",), "lifted", ""),
    ]
    assert [(one.rule, one.subject, one.value) for one in then.decisions] == [
        (DecisionRule.TOGETHER, "B+C", "")
    ]
    other = replace(held, value="TRUCK")
    events, then = once(before, replace(INSTANCE, decisions=(other,)))
    assert [(one.type, one.subject) for one in events] == [("use", ("A",)), ("lifted", ("D1",))]
    # what the field has lifted is not lifted twice
    field = replace(events[1], id="E0001")
    assert [one.type for one in news(before, replace(INSTANCE, decisions=(other,)), (field,))] == ["use"]
    back = news(before, before, events)  # and the edit taken back
    assert [(one.type, one.subject) for one in back] == [("use", ("A",)), ("lifted", (events[0].id,))]


def test_largest_delays_are_news():
    rows = (
        Delay(id="1", mode=Mode.ROAD, percent=30, fixed_s=600),
        Delay(id="2", vehicle="VAN", percent=10),
        Delay(id="3", mode=Mode.RIVER, season="dry", percent=90),  # of another season
    )
    before = replace(INSTANCE, delays=rows)
    after = replace(
        before, delays=(replace(rows[0], percent=5), rows[2], Delay(id="4", edge="e5", fixed_s=60))
    )
    events, then = once(before, after)
    assert {(one.subject, one.value) for one in events} == {
        (("road",), "5 600"), (("VAN",), "0 0"), (("e5",), "0 60")
    }  # fmt: skip
    said = {(row.mode, row.edge, row.vehicle, row.season, row.percent, row.fixed_s) for row in then.delays}
    assert said == {
        (row.mode, row.edge, row.vehicle, row.season, row.percent, row.fixed_s) for row in after.delays
    }
    everywhere = replace(before, delays=(Delay(id="5", percent=3),))
    with pytest.raises(InputError) as caught:
        news(before, everywhere)
    assert {(one.code, one.table) for one in caught.value.faults} == {("D806", "delays")}


def test_edited_tables_are_named_and_are_news(tmp_path, monkeypatch, capsys):
    """Edited in place: E954 says which table; an edited copy is news, and the replan passes the check."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    toy = Path(__file__).resolve().parents[1] / "instances" / "toy"
    copytree(toy, tmp_path / "toy")
    routes = "vehicle,trip,order,stop\n" + "".join(
        f"{trip},{order},{stop}\n"
        for trip, stops in {"van/1,1": "fig elm", "van/1,2": "cedar birch ash", "boat,1": "gum holly"}.items()
        for order, stop in enumerate(stops.split(), 1)
    )
    (tmp_path / "routes.csv").write_text(routes, encoding="utf-8")
    assert run(["evaluate", "routes.csv", "--instance", "toy", "--output", "plan.json"], capsys)[0] in (0, 3)
    assert run(["approve", "plan.json", "--by", "Sari"], capsys)[0] == 0
    copytree(tmp_path / "toy", tmp_path / "edited" / "toy")
    deadlines = tmp_path / "edited" / "toy" / "deadlines.csv"
    text = (
        deadlines.read_text("utf-8") if deadlines.exists() else "echelon,place,deadline,not_before,source\n"
    )
    header = text.splitlines()[0].split(",")
    row = {"echelon": "region", "place": "ash", "deadline": "2025-03-03T18:00+03:00"}
    line = ",".join(row.get(name, "") for name in header)
    deadlines.write_text(text.rstrip("\n") + f"\n{line}\n", encoding="utf-8")
    asked = ["replan", "--now", "2025-03-03T09:05+03:00", "--effort", "1", "--output", "new.json"]
    code, said_now = run([*asked, "--instance", "edited/toy"], capsys)
    assert code in (0, 3), said_now
    assert "deadline 1" in said_now
    code, said_now = run(["check", "new.json", "--instance", "toy", "--previous", "plan.json"], capsys)
    assert code in (0, 3), said_now
    (tmp_path / "toy" / "deadlines.csv").write_text(deadlines.read_text("utf-8"), encoding="utf-8")
    rmtree(tmp_path / "edited")
    code, said_now = run(["status", "--now", "2025-03-03T09:05+03:00"], capsys)
    assert code == 2
    assert "E954" in said_now and "deadlines.csv" in said_now


def test_the_check_names_the_tables_that_differ():
    plan = replace(PLAN, instance_digest=digest(INSTANCE), instance_tables=table_digests(INSTANCE))
    assert check_plan(plan, INSTANCE.clock, INSTANCE).violations == ()
    found = check_plan(plan, INSTANCE.clock, trucks(4)).violations
    assert [one.place.get("table", "") for one in found if one.rule == "instance_digest"] == ["", "vehicles"]
    assert any("vehicles" in one.text for one in found if one.rule == "instance_digest")
