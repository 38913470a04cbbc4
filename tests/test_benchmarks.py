"""The benchmarks run, go on where they were, and their page fits their rows."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"


def bench(results: Path, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *map(str, arguments)],
        env=os.environ | {"BENCH_RESULTS": str(results), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_fits_the_rows():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "tables.py"), "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cut_is_measured_once(tmp_path):
    asked = ("kaltim", TOY, "--cut", "--time-limit", 1)
    first = bench(tmp_path, *asked)
    assert first.returncode == 0, first.stderr
    (row,) = rows(tmp_path / "kaltim_cut.csv")
    assert (row["status"], row["region"], row["region_reason"]) == ("IMPOSSIBLE", "holly", "cut_off")
    assert (row["regions_on_time"], row["others_not_on_time"], row["checked"]) == ("6", "0", "passed")
    assert str(ROOT) not in (tmp_path / "kaltim_cut.csv").read_text("utf-8")
    assert "there already" in bench(tmp_path, *asked).stderr
    assert len(rows(tmp_path / "kaltim_cut.csv")) == 1


@pytest.mark.slow
def test_short_commands_and_half_fleets_are_measured(tmp_path):
    done = bench(tmp_path, "startup", TOY, "--repeats", 1, "--time-limit", 1)
    assert done.returncode == 0, done.stderr
    assert [row["command"] for row in rows(tmp_path / "startup.csv")] == [
        "import click",
        "plan --help",
        "plan validate",
        "plan check",
    ]
    done = bench(tmp_path, "kaltim", TOY, "--halve", "--areas", "lake", "--time-limit", 1)
    assert done.returncode == 0, done.stderr
    (row,) = rows(tmp_path / "kaltim_halve.csv")
    assert (row["area_regions"], row["area_undelivered"], row["others_not_on_time"]) == ("2", "2", "0")
    assert bench(tmp_path, "kaltim", TOY, "--time-limit", 1).returncode == 0
    assert rows(tmp_path / "kaltim.csv")[0]["cost"] == "834000"
    assert bench(tmp_path, "kaltim", TOY, "--engines", "--time-limit", 1).returncode == 0
    both = rows(tmp_path / "kaltim_engines.csv")
    assert sorted({row["engine"] for row in both}) == ["ortools", "sisr"]
    assert sum(int(row["cost"]) for row in both) == 2 * 834000


def test_both_engines_are_compared_by_component(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import common
    import tables

    base = {"commit": "c", "instance_digest": "d", "instance": "i", "planner": "1", "python": "3", "cores": 2}
    base |= {"system": "x", "ortools": "9", "date": "2024-01-01", "seed": 1, "time_limit_s": 60, "wall_s": 61}
    base |= {"regions_on_time": 3, "regions_total": 3, "checked": "passed"}
    costs = {("sisr", "a"): 90, ("sisr", "b"): 30, ("ortools", "a"): 100, ("ortools", "b"): 20}
    for (engine, component), cost in costs.items():
        row = base | {"engine": engine, "component": component, "cost": cost}
        common.append_row("kaltim_engines", row, tmp_path)
    text = tables.engines(tmp_path)
    assert "| a | 90 | 100 | 0.900 | yes |" in text
    assert "| b | 30 | 20 | 1.500 | **no** |" in text
    told = "Ours: 120 in all, 3 of 3 on time, limit 60 s, 61 s wall time, check passed; "
    assert text[-2].startswith(told + "the OR-Tools engine: 120")


def test_days_in_words(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import realism

    assert realism.short("2024-11-24", "2024-11-24") == "24 Nov"
    assert realism.short("2024-11-23", "2024-11-26") == "23–26 Nov"
    assert realism.short("", "2024-11-25") == "by 25 Nov"
    row = {"desa": "10", "kept": "10", "allowed_first": "2024-11-24", "allowed_last": "2024-11-25"}
    said = {"first": "2024-11-24", "last": "2024-11-25"}
    assert realism.verdict(row, said) == "agrees (put in)"
    assert realism.verdict(row | {"allowed_first": "2024-11-22"}, said) == "agrees"
    assert realism.verdict(row | {"kept": "5"}, said) == "partly"
    assert realism.verdict(row | {"kept": "4"}, said) == "**disagrees**"


def test_rows_of_an_instance_that_has_changed_since_say_so(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import common
    import tables

    now = common.instance_digest(ROOT / "instances" / "mahulu")
    assert tables.as_then({"instance": "mahulu", "instance_digest": now}) == ""
    assert "as it was then (0123456789ab" in tables.as_then(
        {"instance": "mahulu", "instance_digest": "0123456789ab"}
    )
    assert tables.as_then({"instance": "small+hub", "instance_digest": "0123456789ab"}) == ""
    assert tables.as_then({"instance": "mahulu"}) == ""


def test_nights_are_local_midnights_and_rho_is_that_of_the_first_departures(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import realism_figures as figures

    from planner.instance.read import read_instance

    kaltim = read_instance(ROOT / "instances" / "kaltim")
    hour, day = 3600, 86_400
    for start_s, end_s, nights in (
        (0, 0, 0),
        (1, day, 0),  # the end is no longer part of it
        (1, day + 1, 1),
        (23 * hour, 3 * day - 1, 2),
        (5 * day, 5 * day, 0),
    ):
        assert figures.midnights(kaltim, start_s, end_s) == nights
    assert figures.days_between(kaltim, 0, 2 * day) == figures.days_between(kaltim, day - 1, 2 * day + 9)
    for one in figures.published_loads():
        assert any(f"{region.id}.".startswith(f"{one['places']}.") for region in kaltim.regions)
    rows = [
        {"kind": "rho", "name": "A", "tables": view, "seed": seed, "spearman": rho}
        for view, seed, rho in (("v", "1", "-0.50"), ("v", "2", "-0.70"), ("w", "1", ""))
    ]
    head, _, line, _ = figures.rho_lines(rows)
    assert "v, 2 seeds | w, 1 seeds" in head
    assert line == "| A | -0.60 (-0.70 to -0.50) | one day |"


def test_published_days_name_places_of_the_instance(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import realism

    from planner.instance.read import read_instance

    regions = read_instance(ROOT / "instances" / "kaltim").regions
    for one in realism.published():
        places = one["places"].split("+")
        assert all(any(realism.is_in(region, place) for region in regions) for place in places), one["id"]
        assert one["step"] in realism.STEPS
        assert bool(one["source"]) == (one["when"] != "none found")


@pytest.mark.slow
def test_a_plan_is_compared_with_its_own_trips_and_with_published_days(tmp_path):
    plan, folder = tmp_path / "plan.json", ROOT / "instances" / "mahulu"
    code = "import sys; from planner.cli import main; main()"
    asked = ["solve", folder, "--time-limit", 4, "--workers", 1, "--output", plan, "--quiet"]
    subprocess.run([sys.executable, "-c", code, *map(str, asked)], check=True)
    done = bench(tmp_path, "kaltim", folder, "--composition", "--plan", plan)
    assert done.returncode == 0, done.stderr
    (row,) = rows(tmp_path / "kaltim_composition.csv")
    assert row["component"] == "gudang-64.11"
    assert {row[f"{side}_trips"] for side in ("greedy", "told")} == {row["plan_trips"]}
    assert not row["against_greedy"].startswith("loses")
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- made by benchmarks/realism.py -->\n<!-- end -->\nafter\n", "utf-8")
    done = bench(tmp_path, "realism", plan, "--instance", folder, "--page", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "| Mahakam Ulu | none found | – | 50 |" in text


def test_new_columns_keep_old_rows(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import common

    common.append_row("x", {"a": 1, "b": None}, tmp_path)
    common.append_row("x", {"a": 2, "c": "é, \n"}, tmp_path)
    assert common.read_rows("x", tmp_path) == [
        {"a": "1", "b": "", "c": ""},
        {"a": "2", "b": "", "c": "é, \n"},
    ]
    assert common.is_done("x", {"a": 2}, tmp_path)
    assert not common.is_done("x", {"a": 2, "c": ""}, tmp_path)


def test_first_complete_plan(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import common

    said = [
        (0.1, "Planning Toy (regions: 7, …"),
        (2.0, "A: 3 of 4 regions, cost UGX 1"),
        (3.0, "B: 1,000 of 1,000 regions, cost UGX 1"),
        (4.04, "A: 4 of 4 regions, cost UGX 1"),
    ]
    assert common.first_complete_s(said, 1004) == 4.0
    assert common.first_complete_s(said[:3], 1004) is None


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kill -9, and processes found in /proc")
def test_batches_are_killed_and_cuts_compared(tmp_path):
    done = bench(tmp_path, "batch", TOY, "--kill", "--number", 8, "--time-limit", 1)
    assert done.returncode == 0, done.stderr
    (row,) = rows(tmp_path / "batch_kill.csv")
    assert (row["results"], row["twice"], row["failed"], row["done_again"]) == ("8", "0", "0", "0")
    assert int(row["workers_killed"]) > 0
    done = bench(tmp_path, "batch", TOY, "--cuts", "--workers", 1)
    assert done.returncode == 0, done.stderr
    edges, places = rows(tmp_path / "batch_cuts.csv")
    assert (edges["agree"], edges["cutting"]) == (edges["lost"], "2")
    assert places["agree"] == places["lost"] == "8"
