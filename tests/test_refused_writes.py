"""A full disk, a folder in which nobody may write: the file is named, nothing is left half written."""

from __future__ import annotations

import errno
import json
import os
import shutil

import every_verb
import pytest

import planner
from planner.base.files import write_bytes
from planner.cli import main

TOY = every_verb.ROOT / "instances" / "toy"


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def files_of(folder):
    return {one.relative_to(folder): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def refused(*words):
    """What a command says with --json that ends with 2."""
    with pytest.raises(SystemExit) as left:
        main([*map(str, words), "--json"])
    assert left.value.code == 2


def test_the_old_file_stays_and_the_one_that_is_meant_is_named(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    monkeypatch.setattr("planner.base.files.os.fsync", full)
    with pytest.raises(OSError, match=r"plan\.json'$") as refusal:
        write_bytes(path, b"new" * 1000)
    assert (refusal.value.errno, refusal.value.filename) == (errno.ENOSPC, str(path))
    assert files_of(tmp_path) == {path.relative_to(tmp_path): b"old"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("export hub.json --format csv --output out", "deliveries.csv"),
        ("export hub.json --format xlsx --instance hub", "hub.xlsx"),
        ("export hub.json --format svg --instance hub", "hub.svg"),
        ("export hub.json --format png --instance hub", "hub.png"),
        ("export hub.json --format geojson --instance hub", "hub.geojson"),
        ("report hub.json --instance hub", "hub.html"),
        ("check hub.json --instance hub", "hub.certificate.json"),
        ("evaluate heavy.csv --instance toy", "heavy.evaluated.json"),
        ("network calibrate calibrated --output trips.csv", "trips.csv"),
    ],
)
def test_a_full_disk_is_told_of_every_writer(tmp_path, monkeypatch, capsys, line, name):
    folder = every_verb.laid_out(tmp_path)
    monkeypatch.chdir(folder)
    before = files_of(folder)
    monkeypatch.setattr("planner.base.files.os.fsync", full)
    refused(*line.split())
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "C724"
    assert fault["value"].endswith(name)
    assert files_of(folder) == before


@pytest.mark.parametrize("more", [(), ("--excel",)])
@pytest.mark.parametrize("number", [0, 1, 3])
@pytest.mark.parametrize("there", [False, True])
def test_a_new_instance_is_whole_or_not_there(tmp_path, monkeypatch, capsys, more, number, there):
    shutil.copytree(TOY, tmp_path / "toy")
    if there:
        (tmp_path / "mine").mkdir()
    before, done = files_of(tmp_path), []

    def full_after(_):
        done.append(1)
        if len(done) > number or more:
            full()

    monkeypatch.setattr("planner.base.files.os.fsync", full_after)
    refused("init", tmp_path / "mine", "--from", tmp_path / "toy", *more)
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "C724"
    assert "mine" in fault["value"]
    assert files_of(tmp_path) == before
    assert (tmp_path / "mine").exists() is there


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_told(tmp_path, capsys):
    shutil.copytree(TOY, tmp_path / "toy")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    refused("init", closed / "mine", "--from", tmp_path / "toy")
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["code"], str(closed) in fault["cause"]) == ("C721", True)


def test_a_disk_that_is_read_only_is_told(tmp_path, monkeypatch, capsys):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    folder = every_verb.laid_out(tmp_path)
    monkeypatch.chdir(folder)
    monkeypatch.setattr("planner.base.files.tempfile.mkstemp", read_only)
    refused("report", "hub.json", "--instance", "hub")
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["code"], fault["value"]) == ("C721", "hub.html")
    assert str(folder) in fault["cause"]
    assert "--output" in fault["action"]


@pytest.mark.parametrize("given", [None, 3, ["regions"]])
@pytest.mark.parametrize(
    ("function", "says"),
    [
        (planner.read, "an instance is a path or a mapping"),
        (planner.validate, "an instance is a path or a mapping"),
        (planner.solve, "an instance is a path or a mapping"),
        (planner.frames, "an instance is needed"),
        (lambda one: planner.write(one, "out"), "an instance is needed"),
        (planner.check, "a plan is a result, a plan or the path"),
        (lambda one: planner.export(one, "out"), "a plan is a result, a plan or the path"),
    ],
)
def test_what_is_no_instance_and_no_plan_is_told(function, says, given):
    with pytest.raises(TypeError, match=f"{says}.*not {type(given).__name__}"):
        function(given)


def test_what_a_notebook_shows_is_short(tmp_path):
    every_verb.laid_out(tmp_path)
    found = planner.check(tmp_path / "hub.json", tmp_path / "hub")
    assert repr(found).startswith(f"<Result {found.status.value}: 3 of 3 regions on time, ")
    assert len(repr(found)) < 100
    assert repr(planner.validate(TOY)) == "<Validation: 0 errors, 0 warnings>"
