"""Reports added by several people and through power cuts, plans in force, and the verbs on top of them."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import hub_plan
import pytest
import small
from replans import replanned

from planner.base.clock import parse_instant
from planner.base.errors import InputError
from planner.base.locking import locked
from planner.base.text import set_language
from planner.cli import event, main
from planner.events.adding import add_report
from planner.events.kinds import KINDS
from planner.events.match import match
from planner.events.meaning import LEFT_AT
from planner.events.read import read_events, read_table
from planner.events.schema import COLUMNS
from planner.events.table import add_row
from planner.instance.digest import digest
from planner.instance.schema import Contact
from planner.instance.write import write_instance
from planner.plans.file import plan_digest, short_digest, write_plan
from planner.plans.locate import find
from planner.plans.registry import REGISTRY, Approval, add_approval, approvals, in_force
from planner.replanning.request import Files, request_of

TESTS = Path(__file__).resolve().parent
NOW = small.CLOCK.seconds(parse_instant("2024-11-22T12:00+08:00"))
HEADER = ",".join(COLUMNS[: COLUMNS.index("note") + 1]) + "\n"


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def add(path, **cells):
    return add_report(path, cells, small.INSTANCE, small.PLAN, NOW)


# ---------------------------------------------------------------- adding


def test_a_report_is_added_as_it_was_understood(tmp_path):
    path = tmp_path / "events.csv"
    new = add(path, kind="Delay", subject="truck 1", value="2 jam", time="06.40", note="ferry, slow")
    assert (new.event.id, new.event.subject, new.event.place) == ("E0001", ("TRUCK-01",), "A")
    [row] = rows_of(path)
    assert row == dict.fromkeys(COLUMNS, "") | {
        "id": "E0001",
        "time": "2024-11-22T06:40:00+08:00",
        "kind": "delay",
        "subject": "TRUCK-01",
        "value": "2h",
        "place": "A",
        "note": "ferry, slow",
        "from": "2024-11-22T06:40:00+08:00",
        "trip": "T1",
        "stop": "1",
        "plan": short_digest(plan_digest(small.PLAN, small.CLOCK)),
    }
    assert read_events(path, small.INSTANCE, small.PLAN) == (new.event,)


def test_a_departure_is_stored_with_the_place_that_was_left(tmp_path):
    path = tmp_path / "events.csv"
    for moment, place in (("06.30", "W"), ("07.30", "A")):
        assert add(path, kind="departed", subject="truck 1", time=moment).event.place == place
    assert [row["place"] for row in rows_of(path)] == ["W", "A"]
    add(path, kind="void", subject="E0001", time="07.40")
    [left] = read_events(path, small.INSTANCE, small.PLAN)
    reports, _ = match(small.PLAN, [left])
    assert list(reports["T1"].known) == [LEFT_AT]


def test_a_time_of_day_as_value_is_until_when_a_delay_lasts(tmp_path):
    new = add(tmp_path / "events.csv", kind="delay", subject="TRUCK-01", value="14.30", time="06:40")
    assert (new.event.value, small.CLOCK.text(new.event.until_s)) == ("", "2024-11-22T14:30:00+08:00")


def test_what_is_refused_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "events.csv"
    add(path, kind="closure", subject="e1")
    before = path.read_bytes()
    for cells in (
        {"kind": "delivered", "subject": "TRUCK-01", "from": "05:00"},
        {"kind": "opened", "subject": "e1"},  # in the same second as it was closed
        {"kind": "closure", "subject": "e1", "time": "13:00"},  # after now
        {"kind": "void", "subject": "E0009"},
    ):
        with pytest.raises(InputError):
            add(path, **cells)
    assert path.read_bytes() == before
    with pytest.raises(InputError):
        add(tmp_path / "none.csv", kind="closure", subject="nothing")
    assert not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_column_that_a_kind_needs_is_asked_for(kind, tmp_path):
    """Whatever is left empty: a fault that says what belongs there, for every kind and column."""
    if not KINDS[kind].needs:
        return
    with pytest.raises(InputError) as caught:
        add(tmp_path / "e.csv", kind=kind, subject="A")
    wanted = {(one.code, one.column) for one in caught.value.faults if one.cause}
    assert wanted >= {("E904", column) for column in KINDS[kind].needs}


FOREIGN = {
    "a table of regions": "id,name,warehouse\nR1,One,W\n",
    "a letter": "Dear all,\n\nit rains.\n",
    "a letter without an end": "hello",
    "a program": "#!/bin/sh\nrm -r x\n",
    "no names at all": ",,,\n1,2,3,4\n",
    "JSON": '{"format": "plan/2"}\n',
    "a header that lacks the kind": "id,time,subject\nE0001,x,y\n",
    "a cell without an end": "id,time,kind,subject\nE0001,x,y," + "z" * 140_000 + "\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_is_written_into_a_file_that_is_no_table_of_reports(name, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(FOREIGN[name].encode())
    with pytest.raises(InputError) as caught:
        add(path, kind="closure", subject="e1")
    assert {one.code for one in caught.value.faults} <= {"E901", "E988"}
    assert path.read_bytes() == FOREIGN[name].encode()


def test_a_note_that_would_be_computed_or_steer_is_kept_as_text(tmp_path):
    path = tmp_path / "events.csv"
    new = add(path, kind="closure", subject="e1", note='=HYPERLINK("x")\n\x1b[31mred', by="@SUM(1)")
    assert (new.event.note, new.event.by) == ('=HYPERLINK("x") [31mred', "@SUM(1)")
    assert "'=HYPERLINK" in path.read_text("utf-8")
    assert read_events(path, small.INSTANCE, small.PLAN) == (new.event,)


def test_taking_back(tmp_path):
    path = tmp_path / "events.csv"
    add(path, kind="closure", subject="e1", time="07:00")
    add(path, kind="void", subject="E0001", time="08:00")
    assert read_events(path, small.INSTANCE) == ()
    assert add(path, kind="closure", subject="e1").event.id == "E0003"


def test_taking_back_is_never_refused_for_other_rows(tmp_path):
    """A repair needs its breakdown: without it, it has no effect until the breakdown is told again."""
    path = tmp_path / "events.csv"
    add(path, kind="breakdown", subject="TRUCK-01", time="07:00")
    add(path, kind="repaired", subject="TRUCK-01", time="08:00")
    with pytest.raises(InputError) as caught:
        add(tmp_path / "other.csv", kind="repaired", subject="TRUCK-01", time="08:00")
    assert [one.code for one in caught.value.faults] == ["E923"]
    new = add(path, kind="void", subject="E0001")
    assert [(one.event.id, one.beside, one.code) for one in new.disputed] == [("E0002", "", "E923")]
    found = read_table(path, small.INSTANCE, small.PLAN)
    assert (found.events, [one.event.id for one in found.aside]) == ((), ["E0002"])
    add(path, kind="breakdown", subject="TRUCK-01", **{"from": "07:05"})
    assert [one.id for one in read_events(path, small.INSTANCE, small.PLAN)] == ["E0002", "E0004"]


def test_what_a_replan_believed_can_be_taken_back(tmp_path):
    """The next replan goes on without it; only a row that is deleted is missed (D802)."""
    plan, instance, table = hub_plan.PLAN, hub_plan.INSTANCE, tmp_path / "told.csv"
    write_instance(tmp_path / "tables", instance)
    trip = plan.trips[0]
    loaded = {"kind": "loaded", "subject": trip.id, "time": small.CLOCK.text(trip.depart_s)}
    new = add_report(table, loaded, instance, plan, NOW)
    second = replanned(plan, instance, rows_told(new.others), trip.depart_s + 60)
    write_plan(second, small.CLOCK, tmp_path / "v2.json")
    void = {"kind": "void", "subject": "E0001", "time": small.CLOCK.text(trip.depart_s + 90)}
    add_report(table, void, instance, second, NOW)
    files = Files(plan=tmp_path / "v2.json", base=tmp_path / "tables", events=table, output=tmp_path / "v3")
    asked = (files, small.CLOCK.text(trip.depart_s + 120), {"assume": "planned"})
    assert request_of(*asked, force=True).events == ()
    table.write_text(HEADER)
    with pytest.raises(InputError) as caught:
        request_of(*asked, force=True)
    assert [one.code for one in caught.value.faults] == ["D802"]


def rows_told(events):
    from replans import rows_of

    return rows_of(events, small.CLOCK)


def test_ids_are_never_given_twice(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        HEADER
        + "E0007,2024-11-22T06:00+08:00,closure,e1,,,,,,,\nown,2024-11-22T06:00+08:00,closure,e2,,,,,,,\n"
    )
    assert add(path, kind="opened", subject="e1").event.id == "E0008"
    assert [row["id"] for row in rows_of(path)] == ["E0007", "own", "E0008"]


def test_separator_line_ends_mark_and_columns_of_a_table_stay(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes("\ufeffkind;id;time;subject\r\nclosure;x1;2024-11-22T06:00+08:00;e1\r\n".encode())
    add(path, kind="opened", subject="e1")
    assert path.read_bytes().decode() == (
        "\ufeffkind;id;time;subject\r\nclosure;x1;2024-11-22T06:00+08:00;e1\r\n"
        "opened;E0001;2024-11-22T12:00:00+08:00;e1\r\n"
    )
    add(path, kind="delay", subject="TRUCK-01", value="2h", note="ferry")
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[0] == "kind;id;time;subject;from;value;place;note;trip;stop;plan"
    assert lines[1] == "closure;x1;2024-11-22T06:00+08:00;e1;;;;;;;"
    assert len(read_events(path, small.INSTANCE, small.PLAN)) == 3


@pytest.mark.parametrize("torn", ["E0002,2024-11-22T06:", "E0002,2024-11-22T06:00+08:00,clo\xc3"])
def test_a_line_cut_off_by_a_power_cut_is_taken_out(torn, tmp_path):
    path = tmp_path / "events.csv"
    whole = HEADER + "E0001,2024-11-22T06:00+08:00,closure,e1,,,,,,,\n"
    path.write_bytes(whole.encode() + torn.encode("latin-1"))
    with pytest.raises(InputError):
        read_events(path, small.INSTANCE)
    new = add(path, kind="opened", subject="e1")
    assert new.torn.startswith("E0002,2024-11-22T06:") and new.faults == ()
    assert path.read_text().startswith(whole + "E0002,2024-11-22T12:00:00")
    assert len(read_events(path, small.INSTANCE)) == 2


def test_a_whole_last_line_without_its_end_stays(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "E0001,2024-11-22T06:00+08:00,closure,e1,,,,,,,")
    assert add(path, kind="opened", subject="e1").torn == ""
    assert [row["id"] for row in rows_of(path)] == ["E0001", "E0002"]


def test_a_power_cut_while_writing_leaves_the_old_table_or_the_new(tmp_path, monkeypatch):
    path = tmp_path / "events.csv"
    add(path, kind="closure", subject="e1")
    before = path.read_bytes()

    def cut(*_):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", cut)
        with pytest.raises(SystemExit):
            add(path, kind="opened", subject="e2")
    assert path.read_bytes() == before
    assert add(path, kind="opened", subject="e2").event.id == "E0002"


def _write_many(path, name, number):
    for one in range(number):
        add_row(path, lambda own: {"id": own, "kind": "closure", "note": f"{name}{one}"}, wait_s=60)  # noqa: B023


def test_several_writers_lose_nothing_and_give_no_id_twice(tmp_path):
    path = tmp_path / "events.csv"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_many, args=(path, name, 15)) for name in "ab"]
    for one in writers:
        one.start()
    _write_many(path, "c", 15)
    for one in writers:
        one.join(60)
        assert one.exitcode == 0
    rows = rows_of(path)
    assert sorted(row["id"] for row in rows) == [f"E{number:04d}" for number in range(1, 46)]
    assert {row["note"] for row in rows} == {f"{name}{number}" for name in "abc" for number in range(15)}


HOLDS = """
import sys
from pathlib import Path
from planner.base.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill")
def test_the_lock_of_a_killed_process_is_free(tmp_path):
    path = tmp_path / "events.csv"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )
    assert holder.stdout.readline().strip() == b"held"
    with pytest.raises(InputError) as caught:
        add_row(path, lambda own: {"id": own}, wait_s=0.1)
    assert [one.code for one in caught.value.faults] == ["E931"]
    holder.kill()
    holder.communicate()
    assert add_row(path, lambda own: {"id": own}, wait_s=5).ids == ("E0001",)
    with locked(path):
        pass


HOLDS_OFTEN = """
import sys, time
from pathlib import Path
from planner.base.locking import locked
path, name, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(number):
    with locked(path, wait_s=60), path.open("a") as tale:
        tale.write(name)
        tale.flush()
        time.sleep(0.01)
"""


def test_who_gives_a_lock_back_lets_others_in_first(tmp_path):
    """Four want it again and again: while all are at work nobody is kept from it."""
    path, names, each = tmp_path / "tale", "abcd", 40
    running = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDS_OFTEN, str(path), name, str(each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
        )
        for name in names
    ]
    for one in running:
        assert one.stdout.readline() == "ready\n"
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    for one in running:
        one.communicate(timeout=120)
    tale = path.read_text("utf-8")
    assert sorted(tale) == sorted(names * each)
    first = next(at for at in range(len(tale)) if max(map(tale[: at + 1].count, names)) == each)
    least = min(tale[: first + 1].count(name) for name in names)
    assert least >= each // 4  # of a fair share of all; who holds it retakes it at once where nobody waits


# ---------------------------------------------------------------- plans in force


@pytest.fixture
def folder(tmp_path):
    """A folder with the tables of one hub, its plan in `plans`, and contacts; it is the working folder."""
    contacts = (Contact(place="TRUCK-01", name="Budi", phone="0812"),)
    instance = replace(hub_plan.INSTANCE, contacts=contacts)
    assert digest(instance) == digest(hub_plan.INSTANCE)
    write_instance(tmp_path / "tables", instance)
    write_plan(hub_plan.PLAN, small.CLOCK, tmp_path / "plans" / "first.json")
    write_plan(replace(hub_plan.PLAN, planner_version="0.2"), small.CLOCK, tmp_path / "plans" / "second.json")
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def call(*arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(one) for one in arguments])
    return caught.value.code


def test_every_approval_stays_and_the_last_one_holds(tmp_path):
    one = Approval("a.json", "d1", "x", "../x", "a.events.csv", "Sari", "2024-11-22T06:00+08:00")
    other = replace(one, plan="b.json", digest="d2")
    third = replace(one, plan="y.json", instance_name="y")
    for approval in (one, third, other):
        add_approval(tmp_path, approval)
    assert approvals(tmp_path) == (one, third, other)
    assert in_force(tmp_path) == (other, third)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"format": "in_force/9", "approvals": []}', '{"format": "in_force/1", "approvals": [{}]}'],
)
def test_a_registry_that_cannot_be_read(text, tmp_path):
    (tmp_path / REGISTRY).write_text(text)
    with pytest.raises(InputError) as caught:
        approvals(tmp_path)
    assert [one.code for one in caught.value.faults] == ["E950"]


def test_the_plan_in_force_is_found_with_its_tables_and_reports(folder, capsys):
    assert call("approve", "plans/first.json", "--by", "Sari") == 0
    assert "first.json" in capsys.readouterr().out
    found = find(None)
    assert found.path == Path("plans/first.json")
    assert found.folder.resolve() == (folder / "tables").resolve()
    assert found.events == Path("plans/first.events.csv")
    assert call("approve", "plans/second.json", "--by", "Joko", "--note", "after the flood") == 0
    assert "Sari" in capsys.readouterr().out
    found = find(None)
    assert (found.path.name, found.approval.by, found.approval.note) == (
        "second.json",
        "Joko",
        "after the flood",
    )
    assert found.events == Path("plans/first.events.csv")  # the reports go on
    assert len(approvals(folder / "plans")) == 2


def test_a_plan_that_the_check_rejects_is_not_put_in_force(folder, capsys):
    broken = replace(hub_plan.PLAN, cost=1)
    write_plan(broken, small.CLOCK, folder / "plans" / "broken.json")
    assert call("approve", "plans/broken.json", "--by", "Sari") == 4
    assert "not put in force" in capsys.readouterr().err
    assert not (folder / "plans" / REGISTRY).exists()
    assert call("approve", "plans/first.json", "--by", " ") == 2


def test_a_plan_that_was_changed_after_approval_is_noticed(folder, capsys):
    call("approve", "plans/first.json", "--by", "Sari")
    write_plan(replace(hub_plan.PLAN, planner_version="9"), small.CLOCK, folder / "plans" / "first.json")
    assert call("status") == 2
    assert "E953" in capsys.readouterr().err
    assert call("approve", "plans/first.json", "--by", "Sari") == 0


def test_what_cannot_be_found_is_said(folder, capsys):
    assert call("status") == 2
    assert "E951" in capsys.readouterr().err
    write_plan(
        replace(hub_plan.PLAN, instance_digest="sha256:0"), small.CLOCK, folder / "plans" / "other.json"
    )
    assert call("status", "plans/other.json") == 2
    assert "E954" in capsys.readouterr().err
    assert call("status", "plans/other.json", "--instance", "tables") == 2
    assert "P103" in capsys.readouterr().err
    add_approval(folder / "plans", Approval("a", "d", "x", ".", "e", "by", "at"))
    add_approval(folder / "plans", Approval("b", "d", "y", ".", "e", "by", "at"))
    assert call("status") == 2
    assert "E952" in capsys.readouterr().err


# ---------------------------------------------------------------- the verbs


def test_event_and_status_on_the_plan_in_force(folder, capsys):
    call("approve", "plans/first.json", "--by", "Sari")
    capsys.readouterr()
    late = ["delay", "truk 1", "2h", "--time", "2024-11-22T06:40", "--note", "ferry"]
    assert call("event", "add", ".", *late) == 2  # no plan is in force in this folder itself
    assert call("event", "add", "plans", *late) == 0
    said = capsys.readouterr().out
    assert "E0001: Truk 1 (TRUCK-01) is delayed by 2 h" in said
    assert "trip T1, stop 1, Kantor H (H), planned 22 Nov 06:59" in said
    assert call("--lang", "id", "event", "list", "plans") == 0
    assert "tertunda 2 j 0 mnt" in capsys.readouterr().out
    assert call("event", "check", "plans") == 0
    capsys.readouterr()
    assert call("status", "--now", "2024-11-22T08:00", "--json", "--output", "stops.csv") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stops"] == {"confirmed": 0, "bulk": 0, "assumed": 0, "overdue": 0, "future": 5}
    assert found["regions"] == {"on_time": 3, "late": 0, "missing": 0}
    [late] = [one for one in found["arrivals"] if one["region"] == "B"]
    assert late["expected"] == small.CLOCK.text(29_500 + 7200)
    assert late["why"] == "2 h 0 min later: tru1, report E0001 (ferry)"
    with Path("stops.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["place"], row["late"]) for row in rows] == [
        ("H", ""), ("C", "no"), ("A", "no"), ("B", "no"), ("A", "no"),
    ]  # fmt: skip
    assert call("status", "--now", "2024-11-22T08:00", "--output", "stops.csv") == 2
    capsys.readouterr()
    assert call("status", "--now", "2024-11-22T09:45", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stops"] == {"confirmed": 0, "bulk": 0, "assumed": 1, "overdue": 1, "future": 3}
    [one] = found["overdue"]
    assert (one["trip"], one["place"], one["contacts"][0]["phone"]) == ("T1", "H", "0812")
    assert call("status", "--now", "2024-11-22T09:45") == 0
    assert "Budi 0812" in capsys.readouterr().out


def test_the_plan_in_force_need_not_be_named(folder, capsys):
    call("approve", "plans/first.json", "--by", "Sari")
    assert call("event", "add", "delay", "tru1", "2h", "--time", "2024-11-22T06:40", "--by", "Budi") == 0
    assert "TRUCK-01" in capsys.readouterr().out
    assert call("event", "list") == 0
    assert "told by Budi" in capsys.readouterr().out
    assert call("event", "check") == 0
    assert call("event", "confirm", "tru1", "--by", "Sari", "--time", "2024-11-22T09:30") == 0
    assert call("event", "undo", "--time", "2024-11-22T09:31") == 0
    assert call("event", "list") == 0
    assert "in bulk" not in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("value", ["-100", "-2", "-1,5", "100"])
def test_a_value_below_zero_is_no_option(value):
    add_command = event.command().commands["add"]
    cells = ["plan.json", "stock", "store", value, "--note", "-5", "--item", "box"]
    asked = add_command.make_context("add", cells).params
    assert (asked["value"], asked["note_"], asked["item_"]) == (value, "-5", "box")
    with pytest.raises(click.NoSuchOption):
        add_command.make_context("add", [*cells, "-x"])


def test_another_plan_than_the_one_in_force_is_said(folder, capsys):
    call("approve", "plans/first.json", "--by", "Sari")
    capsys.readouterr()
    assert call("status", "plans/second.json", "--now", "2024-11-22T08:00") == 0
    assert "first.json, approved by Sari" in capsys.readouterr().err


@pytest.mark.parametrize("code", ["en", "id"])
def test_status_says_everything_in_both_languages(code, folder, capsys):
    path = folder / "plans" / "first.events.csv"
    path.write_text(
        HEADER
        + "a,2024-11-22T08:50+08:00,breakdown,TRUCK-01,2024-11-22T06:50+08:00,,,,,,\n"
        + "b,2024-11-22T08:55+08:00,recall,B,,,1,,,,\n"
        + "c,2024-11-22T08:55+08:00,vehicle_lost,VAN,,,,,,,\n"
    )
    assert (
        call("--lang", code, "status", "plans/first.json", "--now", "09:00", "--all") == 2
    )  # the year is another
    capsys.readouterr()
    arguments = ["status", "plans/first.json", "--now", "2024-11-22T09:00", "--all", "--by", "subarea"]
    assert call("--lang", code, *arguments, "--assume", "nothing") == 0
    assert call("--lang", code, *arguments) == 0
    said = capsys.readouterr().out
    for part in ("TRUCK-01", "VAN-01", "Desa B", "Gudang W"):
        assert part in said


def test_faults_of_other_rows_do_not_keep_a_report_away(folder, capsys):
    path = folder / "plans" / "first.events.csv"
    path.write_text(HEADER + "x,soon,closure,e1,,,,,,,\n")
    more = ["--time", "2024-11-22T06:40"]
    assert call("event", "add", "plans/first.json", "closure", "e2", *more) == 0
    assert "E906" in capsys.readouterr().err
    assert call("event", "check", "plans/first.json", "--json") == 2
    assert json.loads(capsys.readouterr().out)["valid"] is False


def test_a_delay_reported_again_and_again_stays_on_its_leg(tmp_path):
    path = tmp_path / "events.csv"
    places = [
        add(path, kind="delay", subject="TRUCK-01", value=value, time=time).event.place
        for value, time in (("2h", "07:15"), ("3h", "07:20"), ("2h30", "07:25"))
    ]
    assert places == ["B", "B", "B"]
