"""A workbook is an instance for every verb, as a folder is."""

import json
import os
import shutil

import openpyxl
import pytest

from planner.batches.task import files_digest
from planner.instance.read import raw_instance
from planner.plans.locate import find
from tests.fuzz.readers import call
from tests.fuzz.world import make_world


@pytest.fixture
def world(tmp_path):
    """A workbook alone in a folder of its own, and a plan of it in force."""
    folder = make_world(tmp_path)
    shutil.rmtree(folder / "instance")
    (folder / "small").mkdir()
    (folder / "book.xlsx").rename(folder / "small/book.xlsx")
    here = os.getcwd()
    os.chdir(folder)
    yield folder
    os.chdir(here)


def saved_again(path):
    openpyxl.load_workbook(path).save(path)


@pytest.mark.parametrize("where", ["../small", "../small/book.xlsx", "../gone"])
def test_status_and_reports_find_the_workbook_of_the_plan_in_force(world, where):
    registry = world / "plans/in_force.json"
    document = json.loads(registry.read_text("utf-8"))
    document["approvals"][0]["instance"] = where
    registry.write_text(json.dumps(document), encoding="utf-8")
    for _ in range(2):
        assert find(world / "plans").folder.resolve().parts[len(world.resolve().parts)] == "small"
        for command in (
            ("status", "plans", "--now", "2024-11-22T12:00:00+08:00"),
            ("event", "list", "plans"),
        ):
            code, said = call(command)
            assert code in (0, 3), said
        saved_again(world / "small/book.xlsx")


@pytest.mark.parametrize("book", ["small", "small/book.xlsx"])
def test_a_batch_runs_on_a_workbook(world, book):
    code, said = call(("batch", "scenarios.csv", "--instance", book, "--dry-run", "--json"))
    assert code == 0, said
    assert len(json.loads(said[said.index("{") :])["scenarios"]) == 3


def test_saving_a_workbook_without_a_change_changes_no_digest(world):
    path = world / "small/book.xlsx"
    before = files_digest(path)
    saved_again(path)
    assert files_digest(path) == files_digest(path.parent) == before
    book = openpyxl.load_workbook(path)
    book["regions"].cell(2, 2).value = "Another name"
    book.save(path)
    assert files_digest(path) != before


def test_a_stray_cell_in_the_last_column_widens_no_row(world):
    path = world / "small/book.xlsx"
    book = openpyxl.load_workbook(path)
    book["regions"].cell(5, 16_384).value = "stray"
    book.save(path)
    raw = raw_instance(path)
    assert len(raw.tables["regions"].header) < 40
    assert [(one.code, one.row, one.column) for one in raw.faults] == [("I115", 5, "XFD")]
    code, said = call(("validate", "small"))
    assert code == 2
    assert "I115" in said
