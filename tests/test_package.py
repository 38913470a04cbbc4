"""A package holds all that is made of a plan, and its index leads to each."""

import json
import re
from pathlib import Path

import pytest

from planner.cli import main

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
pytestmark = pytest.mark.usefixtures("short_searches")


def solve(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["solve", str(TOY), "--effort", "1", "--quiet", *map(str, arguments)])
    return int(ended.value.code)


def test_a_package_holds_everything_and_is_not_written_over(tmp_path):
    folder = tmp_path / "new" / "package"
    assert solve("--output", tmp_path / "plan.json", "--package", folder) in (0, 3)
    index = (folder / "index.html").read_text("utf-8")
    linked = re.findall(r'href="([^"]+)"', index)
    assert {"plan.json", "report.html", "plan.xlsx", "map.svg", "csv/trips.csv"} <= set(linked)
    assert all((folder / name).is_file() for name in linked)
    assert (folder / "plan.json").read_bytes() == (tmp_path / "plan.json").read_bytes()
    assert json.loads((folder / "plan.certificate.json").read_text("utf-8"))
    assert solve("--output", tmp_path / "other.json", "--package", folder) == 2
    tables = tmp_path / "mine" / "csv"
    tables.mkdir(parents=True)  # what somebody else has there is not written over
    assert solve("--output", tmp_path / "other.json", "--package", tables.parent) == 2
    assert solve("--output", tmp_path / "other.json", "--package", folder, "--force") in (0, 3)


@pytest.mark.parametrize("opens", [True, False])
def test_the_report_of_a_package_is_opened_or_its_place_is_said(opens, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda address: (asked.append(address), opens)[1])
    folder = tmp_path / "new package"
    assert solve("--output", folder / "plan.json", "--package", folder, "--open") in (0, 3)
    report = folder / "report.html"
    assert asked == [report.as_uri()]
    assert report.exists()
    assert (str(report) in capsys.readouterr().err) is not opens
    assert solve("--output", tmp_path / "other.json", "--open") == 2


def test_a_package_is_of_one_plan(tmp_path):
    assert solve("--tradeoff", "cost,margin", "--package", tmp_path / "package") == 2
