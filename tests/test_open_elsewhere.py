"""Files that another program holds open: a clear message, a second name, and the old file as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planner.base.files import write_beside
from planner.cli import main

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"


def refuse(monkeypatch, *names):
    """Files of these names cannot be replaced, as on Windows while Excel shows them."""
    replace = os.replace

    def refusing(source, target):
        if Path(target).name in names:
            raise PermissionError(13, "Access is denied", str(source), None, str(target))
        replace(source, target)

    monkeypatch.setattr("planner.base.files.os.replace", refusing)


def lock(path, pattern):
    (path.parent / pattern.format(path.name)).touch()


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(one) for one in arguments])
    return leaving.value.code, *capsys.readouterr()


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    import planner

    result = planner.solve(TOY, effort=1, workers=0)
    return planner.export(result, tmp_path_factory.mktemp("rencana") / "plan.json", format="json")[0]


def test_the_first_name_that_is_free(tmp_path, monkeypatch):
    path = tmp_path / "daftar.xlsx"
    for one in (path, tmp_path / "daftar (2).xlsx"):
        one.write_bytes(b"old")
    refuse(monkeypatch, path.name)
    lock(tmp_path / "daftar (2).xlsx", "~${}")
    assert write_beside(path, b"new").name == "daftar (3).xlsx"
    assert path.read_bytes() == b"old"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("pattern", ["~${}", ".~lock.{}#"])  # of Excel, of LibreOffice
def test_exported_tables(plan, pattern, tmp_path, capsys):
    assert run(capsys, "export", plan, "--format", "csv", "--output", tmp_path)[0] == 0
    path = tmp_path / "trips.csv"
    path.write_text("mine", "utf-8")
    lock(path, pattern)
    code, out, err = run(capsys, "export", plan, "--format", "csv", "--output", tmp_path, "--force")
    assert code == 0
    assert path.read_text("utf-8") == "mine"
    assert (tmp_path / "trips (2).csv").read_text("utf-8").startswith("trip_id,")
    assert "trips (2).csv" in out
    assert "open in another program" in err


@pytest.mark.parametrize("name", ["mine.xlsx", "faults.xlsx"])
def test_workbooks(name, tmp_path, monkeypatch, capsys):
    path = tmp_path / name
    path.write_bytes(b"old")
    refuse(monkeypatch, name)
    commands = {"mine.xlsx": ["init", path, "--force"], "faults.xlsx": ["validate", TOY, "--mark", path]}
    code, _, err = run(capsys, *commands[name])
    assert code == 0
    assert path.read_bytes() == b"old"
    assert path.with_name(f"{path.stem} (2).xlsx").exists()
    assert "open in another program" in err


def test_what_has_no_second_name_says_what_to_do(plan, tmp_path, monkeypatch, capsys):
    refuse(monkeypatch, "plan.svg")
    target = tmp_path / "plan.svg"
    code, _, err = run(capsys, "export", plan, "--format", "svg", "--instance", TOY, "--output", target)
    assert code == 2
    assert err.startswith(f"{target} cannot be read or written")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
