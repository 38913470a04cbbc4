"""The pages on reports and replanning are true: their commands are run, in the order of each page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pages import DOCS, assert_true, blocks, follow, verbs

from planner.events.kinds import KINDS

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


@pytest.mark.parametrize(
    ("page", "promised"),
    [
        ("events.md", {"solve", "approve", "event"}),
        ("replanning.md", {"solve", "approve", "event", "status", "replan", "diff", "check"}),
    ],
)
def test_every_command_ends_and_says_as_the_page_shows(page, promised, tmp_path):
    assert verbs(page) >= promised
    assert all(kind == "console" for kind, *_ in blocks(page))
    shutil.copytree(TOY, tmp_path / "instances" / "toy")
    assert_true(follow(page, tmp_path))


def test_the_table_of_kinds_has_every_kind_with_its_columns():
    page = (DOCS / "events.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `\w+` \|(.*?)\|(.*?)\|(.*?)\|", page, re.M)
    assert [row[0] for row in rows] == [kind.value for kind in KINDS]
    for kind, _, needs, may in rows:
        rule = KINDS[kind]
        assert tuple(re.findall(r"`(\w+)`", needs)) == rule.needs
        assert tuple(re.findall(r"`(\w+)`", may.split("(")[0])) == rule.may
