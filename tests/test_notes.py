"""Tables of problems and preparation: rows noted by commands, what is refused and warned of, what stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from planner.base.errors import InputError
from planner.cli import main
from planner.instance.digest import digest
from planner.instance.noting import note
from planner.instance.read import read_instance, read_tables
from planner.instance.schema import Preparation
from planner.instance.workbook.write import write_workbook
from planner.outputs.preparation import latest

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
HOSTILE = "=1+1 <script>alert(1)</script>, \"; 'x' \u202eabc\n\U0001f600 مرحبا " + "x" * 200


@pytest.fixture
def folder(tmp_path):
    return copytree(TOY, tmp_path / "toy")


def told(capsys, *line):
    with pytest.raises(SystemExit) as left:
        main([*map(str, line), "--json"])
    return left.value.code, json.loads(capsys.readouterr().out)


def test_problems_are_added_listed_and_closed(folder, capsys):
    before = digest(read_instance(folder))
    assert told(capsys, "problem", "list", folder) == (0, {"problems": []})
    line = ("--area", "Elm hospital", "--kind", "ferry", "--responsible", "Sari", "--action", "call")
    code, first = told(
        capsys, "problem", "add", folder, "No ferry", *line, "--date", "2025-03-03", "--due", "2025-03-04"
    )
    row = {"id": "P001", "date": "2025-03-03", "area": "elm", "text": "No ferry", "kind": "ferry"}
    row |= {"responsible": "Sari", "action": "call", "due": "2025-03-04"}
    assert (code, first["row"]) == (0, row)
    told(capsys, "problem", "add", folder, "No fuel")
    _, listed = told(capsys, "problem", "list", folder)
    assert [one["id"] for one in listed["problems"]] == ["P001", "P002"]
    assert listed["problems"][0] == row | {"closed": ""}
    assert told(capsys, "problem", "close", folder, "P001", "--date", "2025-03-05")[0] == 0
    _, rest = told(capsys, "problem", "list", folder)
    assert [one["id"] for one in rest["problems"]] == ["P002"]
    _, every = told(capsys, "problem", "list", folder, "--all")
    assert [one["closed"] for one in every["problems"]] == ["2025-03-05", ""]
    code, refused = told(capsys, "problem", "close", folder, "P001")
    assert (code, [one["code"] for one in refused["faults"]]) == (2, ["C746"])
    assert "P002" in refused["faults"][0]["action"]
    assert digest(read_instance(folder)) == before


def test_ids_of_other_forms_and_gaps_are_no_matter(folder):
    (folder / "problems.csv").write_text("id,date,text\nP007,2025-03-03,a\nflood,2025-03-03,b\n", "utf-8")
    with pytest.raises(SystemExit):
        main(["problem", "add", str(folder), "c"])
    assert [one.id for one in read_instance(folder).problems] == ["P007", "flood", "P008"]


def test_what_people_write_comes_back_as_one_line_that_nothing_computes(folder):
    with pytest.raises(SystemExit):
        main(["problem", "add", str(folder), HOSTILE])
    (row,) = read_instance(folder).problems
    assert row.text == " ".join(HOSTILE.replace("\u202e", "").split())
    assert "'=1+1" in (folder / "problems.csv").read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["problem", "close", str(folder), "P001"])
    assert read_instance(folder).problems[0].text == row.text


@pytest.mark.parametrize("line", [(("x", "--due", "never")), ((" ",)), (("x", "--date", "2025-02-30"))])
def test_a_row_with_a_fault_changes_nothing(folder, line, capsys):
    (folder / "problems.csv").write_text("id,date,text\nP001,2025-03-03,a\n", "utf-8")
    code, answer = told(capsys, "problem", "add", folder, *line)
    assert code == 2
    assert {one["table"] for one in answer["faults"]} == {"problems"}
    assert (folder / "problems.csv").read_text("utf-8") == "id,date,text\nP001,2025-03-03,a\n"


@pytest.mark.parametrize(
    ("start", "mark", "end"),
    [("", "", "\n"), ("Kendala minggu ini;;\r\n", "\ufeff", "\r\n"), ("sep=;\n", "", "\n")],
)
def test_a_table_keeps_its_form(folder, start, mark, end):
    head = f"id;date;text{end}P001;3/3/2025;a{end}"
    (folder / "problems.csv").write_bytes(f"{mark}{start}{head}".encode())
    note(folder, "problems", lambda _: {"id": "P002", "date": "2025-03-04", "text": "b; c"})
    text = (folder / "problems.csv").read_bytes().decode()
    assert text == f'{mark}{start}{head}P002;2025-03-04;"b; c"{end}'
    assert [one.date for one in read_instance(folder).problems] == ["2025-03-03", "2025-03-04"]


def test_where_numbers_have_commas_a_new_table_is_as_the_others(folder):
    text = (folder / "plan.toml").read_text("utf-8")
    (folder / "plan.toml").write_text(text.replace("name =", 'number_format = "id"\nname =', 1), "utf-8")
    path, _ = note(folder, "problems", lambda _: {"id": "P001", "date": "2025-03-04", "text": "b"})
    assert path.read_text("utf-8") == "\ufeffid;date;text\nP001;2025-03-04;b\n"
    assert read_instance(folder).problems[0].date == "2025-03-04"


def test_a_workbook_is_left_to_excel(tmp_path, capsys):
    book = write_workbook(tmp_path / "book.xlsx", read_instance(TOY))
    code, answer = told(capsys, "problem", "add", book, "x")
    assert (code, [one["code"] for one in answer["faults"]]) == (2, ["C745"])


def test_several_desks_at_once_lose_nothing(folder):
    script = "import sys; from planner.cli import main; main(sys.argv[1:])"
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", script, "problem", "add", str(folder), f"text {at}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for at in range(6)
    ]
    assert [job.wait() for job in jobs] == [0] * 6
    rows = read_instance(folder).problems
    assert [one.id for one in rows] == [f"P00{at}" for at in range(1, 7)]
    assert sorted(one.text for one in rows) == [f"text {at}" for at in range(6)]


def test_a_second_report_of_a_day_takes_the_place_of_the_first(folder, capsys):
    for received in (3, 4):
        line = ("--needed", 9, "--received", received, "--date", "2025-03-02")
        told(capsys, "preparation", "add", folder, "store", "box", *line)
    told(capsys, "preparation", "add", folder, "store", "box", "--needed", 9, "--date", "2025-03-01")
    rows = read_instance(folder).preparation
    assert [(one.date, one.received) for one in rows] == [("2025-03-02", 4), ("2025-03-01", 0)]
    _, listed = told(capsys, "preparation", "list", folder)
    assert [(one["date"], one["received"]) for one in listed["preparation"]] == [("2025-03-02", 4)]


def test_the_last_report_until_a_day_counts():
    def row(day, item, received):
        return Preparation(warehouse="W", item=item, date=f"2025-03-0{day}", needed=9, received=received)

    rows = [row(3, "a", 5), row(1, "a", 1), row(2, "b", 2), row(4, "b", 7)]
    assert [one.received for one in latest(rows)] == [5, 7]
    assert [one.received for one in latest(rows, "2025-03-03")] == [5, 2]
    assert [one.received for one in latest(rows, "2025-03-01")] == [1]
    assert latest(rows, "2025-02-28") == ()


@pytest.mark.parametrize(
    ("table", "text", "found"),
    [
        ("problems", "id,date,text,area\nP1,2025-03-03,a,elmm\n", [("W528", 2, "area")]),
        ("problems", "id,date,text,area\nP1,2025-03-03,a,ELM\nP2,2025-03-03,a,Elm hospital\n", []),
        ("problems", "id,date,text,area\nP1,2025-03-03,a,west\nP2,2025-03-03,a,store\n", []),
        ("problems", "id,date,text,due\nP1,2025-03-03,a,2025-03-02\n", [("W529", 2, "due")]),
        ("problems", "id,date,text,closed\nP1,2025-03-03,a,2025-03-02\n", [("W529", 2, "closed")]),
        ("problems", "id,date,text,due,closed\nP1,2025-03-03,a,2025-03-03,2025-03-03\n", []),
        (
            "preparation",
            "warehouse,item,date,needed,received,sorted,packed\nstore,box,2025-03-03,9,4,5,6\n",
            [("W530", 2, "packed"), ("W530", 2, "sorted")],
        ),
        (
            "preparation",
            "warehouse,item,date,needed,received,sorted,packed\nstore,box,2025-03-03,1,4,4,4\n",
            [],
        ),
    ],
)
def test_slips_are_warned_of(folder, table, text, found):
    (folder / f"{table}.csv").write_text(text, "utf-8")
    instance, faults = read_tables(folder)
    assert instance is not None
    assert sorted((one.code, one.row, one.column) for one in faults) == found


def test_a_table_that_is_wrong_is_refused_as_it_is(folder):
    (folder / "problems.csv").write_text("id,text\nP001,a\n", "utf-8")
    with pytest.raises(InputError) as refused:
        note(folder, "problems", lambda _: {"id": "P002", "date": "2025-03-04", "text": "b"})
    assert {one.table for one in refused.value.faults} == {"problems"}
    assert (folder / "problems.csv").read_text("utf-8") == "id,text\nP001,a\n"
