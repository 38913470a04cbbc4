"""Whatever names hold, what the program says and writes is text: in terminal, CSV, SVG, HTML, Markdown."""

import csv
import io
import os
import re
from xml.etree import ElementTree

import pytest

from planner.base.safe_text import spreadsheet_text
from planner.instance.read import read_instance
from planner.instance.write import write_table
from tests.fuzz.readers import call, faults
from tests.fuzz.world import make_world

AT = "2024-11-22T12:00:00+08:00"
NAMES = {
    "escape": "Desa\x1b[31m\x1b]0;pwned\x07",
    "C1": "Desa\x9b2J",
    "direction": "Desa\u202eLIVE",
    "vertical tab": "Desa\vHilir",
    "line": "Desa\nGUARANTEED: all",
    "formula": '=HYPERLINK("http://x")',
    "at": "@SUM(1)",
    "plus": "+1+cmd|' /C calc'!A0",
    "element": "<script>alert(1)</script>",
    "attribute": "\" onload='alert(1)'",
    "entity": "&lt;&#x41;",
    "shell": "x$(touch pwned)`touch pwned`",
}
COMMANDS = (
    ("validate", "instance"),
    ("status", "plans", "--now", AT),
    ("status", "plans", "--now", AT, "--now-what"),
    ("status", "plans", "--now", AT, "--json"),
    ("event", "list", "plans"),
    ("show", "plans/plan.json", "A", "--instance", "instance"),
    ("show", "plans/plan.json", "TRUCK-01", "--instance", "instance"),
    ("diff", "plans/plan.json", "plans/other.json", "--instance", "instance"),
    ("check", "plans/plan.json", "--instance", "instance", "--output", "made.json", "--force"),
    ("evaluate", "routes.csv", "--instance", "instance", "--output", "out.json", "--force"),
    ("export", "plans/plan.json", "--format", "csv", "--instance", "instance", "--output", "out"),
    ("export", "plans/plan.json", "--format", "svg", "--instance", "instance", "--output", "out.svg"),
    ("batch", "report", "runs", "--markdown"),
    ("batch", "report", "runs", "--output", "out.html"),
)


@pytest.fixture
def here(tmp_path):
    before = os.getcwd()
    yield tmp_path
    os.chdir(before)


@pytest.mark.parametrize("kind", NAMES)
def test_names_are_text_wherever_they_come_out(here, kind):
    """Labels change no digest of what affects the plan, so the plan stays one of these files."""
    name = NAMES[kind]
    world = make_world(here)
    os.chdir(world)
    instance = read_instance(world / "instance")
    counts = instance.settings.counts
    for table, rows in (("regions", instance.regions), ("vehicles", instance.vehicles)):
        path = write_table(world / "instance", table, rows, counts if table == "regions" else ())
        with path.open(encoding="utf-8", newline="") as file:
            cells = list(csv.reader(file))
        at = cells[0].index("name")
        for row in cells[1:]:
            row[at] = spreadsheet_text(f"{name} {row[0]}")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(cells)
    wrong = []
    for command in COMMANDS:
        code, said = call(command)
        wrong += [f"{command}: {one}" for one in faults(code, said, 0)]
        if code == 2:
            wrong.append(f"{command}: {said[-300:]}")
        if "GUARANTEED: all" in said:
            wrong += [line for line in said.splitlines() if line.startswith("GUARANTEED: all")]
        if "--markdown" in command:
            assert not re.search(r"(?<!\\)<script", said)
    assert not wrong, "\n".join(wrong)
    ElementTree.parse(world / "out.svg")
    assert "<script" not in (world / "out.svg").read_text("utf-8")
    assert "<script" not in (world / "out.html").read_text("utf-8")
    for path in world.glob("out*/*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
            assert not [cell for cell in row if re.match(r"[=@\t\r]|[+-](?![\d .,:]*$)", cell)]
    assert not (world / "pwned").exists()
