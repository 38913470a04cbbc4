"""The pages that are made from the program are up to date."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from planner.instance.schema import TABLES
from planner.text import catalogue

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "make_docs.py"


def test_pages_are_up_to_date() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_stale_page_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    made = runpy.run_path(str(SCRIPT), run_name="made")
    root = tmp_path / "dókumen baru"
    (root / "docs").mkdir(parents=True)
    main = made["main"]
    monkeypatch.setitem(main.__globals__, "ROOT", root)
    assert main([]) == 0
    assert main(["--check"]) == 0
    page = root / "docs" / "errors.md"
    page.write_text(page.read_text("utf-8") + "\nby hand\n", "utf-8")
    assert main(["--check"]) == 1
    assert "docs/errors.md is out of date" in capsys.readouterr().out


def test_every_column_and_code_is_told() -> None:
    page = (ROOT / "docs" / "instance_format.md").read_text("utf-8")
    for table in TABLES.values():
        section = page.split(f"\n### {table.name}\n")[1].split("\n### ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [column.name for column in table.columns]
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    codes = {key.split(".")[1] for key in catalogue("en") if key.startswith("faults.")}
    assert set(re.findall(r"\*\*(\w\d{3})\*\*", errors)) == codes
