"""One number of the version, wherever it stands; and what a newcomer finds at the door."""

import re
import tomllib
from pathlib import Path

import planner
from planner.base.version import __version__

ROOT = Path(__file__).resolve().parents[1]


def test_the_version_is_the_same_everywhere():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    number, date = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", changelog, re.M).groups()
    assert __version__ == planner.__version__ == pyproject["project"]["version"] == number
    assert f"\nversion: {number}\n" in citation
    assert f"\ndate-released: {date}\n" in citation


def test_versions_of_the_changelog_go_down():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heads = re.findall(r"^## \[(.+)\] - (.+)$", changelog, re.M)
    numbers = [tuple(map(int, number.split("."))) for number, _ in heads]
    assert numbers == sorted(set(numbers), reverse=True)
    assert [date for _, date in heads] == sorted((date for _, date in heads), reverse=True)
    assert len(heads) == changelog.count("\n## ")


def test_the_checks_before_a_commit_are_the_quick_ones_of_the_test_command():
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    [entry] = re.findall(r"entry: python (.+)", config)
    assert entry == "scripts/run.py check"
    assert '"check": run_check' in (ROOT / "scripts" / "run.py").read_text("utf-8")
