"""The tutorial is true: its files are written and its commands run, in the order of the page."""

from __future__ import annotations

import csv

import pytest
from pages import assert_true, blocks, commands, follow, is_shown, verbs

from planner.base.text import set_language

PAGE = "tutorial.md"
PAGES = {"en": PAGE, "id": "id/tutorial.md"}


@pytest.fixture(scope="module", params=PAGES)
def followed(request, tmp_path_factory):
    """The folder in which all of a page was done; gives it with what each command said."""
    folder = tmp_path_factory.mktemp("tutorial dengan spasi")
    yield folder, follow(PAGES[request.param], folder, request.param)
    set_language("en")


def test_both_languages_have_the_same_files_and_commands():
    pages = [
        [
            (name, [(one[0], one[1]) for one in commands(text)] if kind == "console" else [])
            for kind, name, text in blocks(page)
        ]
        for page in PAGES.values()
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 15


def test_the_page_has_commands_of_every_kind_that_it_promises():
    assert verbs(PAGE) >= {"validate", "network", "solve", "check", "show", "export"}
    assert all(name or kind == "console" for kind, name, _ in blocks(PAGE))


def test_every_command_ends_and_says_as_the_page_shows(followed):
    _, said = followed
    assert len(said) >= 10
    assert_true(said)


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
