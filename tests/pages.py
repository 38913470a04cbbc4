"""Pages of docs/ whose files are written and whose commands are run, in the order of the page."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from planner.base.errors import ExitCode
from planner.cli import main
from tests.quick_searches import search_here

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ plan (.*?)(?:\s+# exit code (\d))?")


def blocks(page):
    """Kind, file (or nothing) and text of each block of a page."""
    return BLOCK.findall((DOCS / page).read_text("utf-8"))


def commands(text):
    """Arguments, exit code and shown lines of each command of a block."""
    found = []
    for line in text.splitlines():
        if match := COMMAND.fullmatch(line):
            found.append((shlex.split(match[1]), int(match[2] or ExitCode.OK), []))
        else:
            found[-1][2].append(line)
    return found


def verbs(page):
    """First word of every command of a page."""
    consoles = [text for kind, _, text in blocks(page) if kind == "console"]
    return {arguments[0] for text in consoles for arguments, *_ in commands(text)}


def plain(line):
    """A line without what depends on the width of a table or on the system."""
    return re.sub(r"\s+", " ", line.replace("\\", "/")).strip()


def is_shown(line, output):
    """Whether an output has a line like this one, in which `…` stands for anything."""
    pattern = ".*".join(re.escape(part.strip()) for part in plain(line).split("…"))
    return any(re.match(pattern.replace(r".*\ ", ".*"), plain(one)) for one in output.splitlines())


def follow(page, folder, language="en"):
    """Do all of a page in a folder; gives for each command what was shown and what it said."""
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        search_here(patch)
        patch.setenv("PLAN_LANG", language)
        for kind, name, text in blocks(page):
            if name:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
            elif kind == "console":
                said += [(*one, *run(one[0])) for one in commands(text)]
    return said


def run(arguments):
    """Exit code and output of a command."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main(arguments)
        except SystemExit as leaving:
            return leaving.code, output.getvalue()
    raise AssertionError


def assert_true(said):
    """Every command ends and says as its page shows."""
    for arguments, code, shown, found, output in said:
        assert found == code, (arguments, output)
        for line in shown:
            assert is_shown(line, output), (arguments, line, output)
