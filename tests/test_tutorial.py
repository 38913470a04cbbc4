"""The tutorial is true: its files are written and its commands run, in the order of the page."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from planner.cli import main
from planner.errors import ExitCode

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ plan (.*?)(?:\s+# exit code (\d))?")


def blocks():
    """Kind, file (or nothing) and text of each block of the page."""
    return BLOCK.findall(PAGE.read_text("utf-8"))


def commands(text):
    """Arguments, exit code and shown lines of each command of a block."""
    found = []
    for line in text.splitlines():
        if match := COMMAND.fullmatch(line):
            found.append((shlex.split(match[1]), int(match[2] or ExitCode.OK), []))
        else:
            found[-1][2].append(line)
    return found


def plain(line):
    """A line without what depends on the width of a table or on the system."""
    return re.sub(r"\s+", " ", line.replace("\\", "/")).strip()


def is_shown(line, output):
    pattern = ".*".join(re.escape(part.strip()) for part in plain(line).split("…"))
    return any(re.match(pattern.replace(r".*\ ", ".*"), plain(one)) for one in output.splitlines())


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder in which all of the page was done; gives it with what each command said."""
    folder = tmp_path_factory.mktemp("tutorial dengan spasi")
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("PLAN_LANG", raising=False)
        for kind, name, text in blocks():
            if name:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
            elif kind == "console":
                said += [(*one, *run(one[0])) for one in commands(text)]
    return folder, said


def run(arguments):
    """Exit code and output of a command."""
    import contextlib
    import io

    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main(arguments)
        except SystemExit as leaving:
            return leaving.code, output.getvalue()
    raise AssertionError


def test_the_page_has_commands_of_every_kind_that_it_promises():
    consoles = [text for kind, _, text in blocks() if kind == "console"]
    verbs = {arguments[0] for text in consoles for arguments, *_ in commands(text)}
    assert verbs >= {"validate", "network", "solve", "check", "show", "export"}
    assert all(name or kind == "console" for kind, name, _ in blocks())


def test_every_command_ends_and_says_as_the_page_shows(followed):
    _, said = followed
    assert len(said) >= 10
    for arguments, code, shown, found, output in said:
        assert found == code, (arguments, output)
        for line in shown:
            assert is_shown(line, output), (arguments, line, output)


def test_what_is_not_said_is_not_shown():
    output = "│ I208 │ regions, row 3 │ x │\nWritten: a\\b.csv\n"
    assert is_shown("│ I208 │ regions … │", output)
    assert is_shown("Written: a/b.csv", output)
    assert not is_shown("│ I208 │ vehicles … │", output)
    assert not is_shown("Written: a/c.csv", output)


def test_the_tables_open_as_the_page_says(followed):
    folder, _ = followed
    with (folder / "tables" / "deliveries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["region_id"] for row in rows} == {f"d{number:02d}" for number in range(1, 11)}
    assert sum(int(row["units"]) for row in rows) == 25
    assert all(int(row["margin_s"]) > 0 for row in rows)
    assert (folder / "plan.svg").read_text("utf-8").rstrip().endswith("</svg>")
