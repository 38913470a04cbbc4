"""Sweeps over routing benchmarks run, and go on where they were; their tables say what the rows say."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_sets

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def made(monkeypatch):
    """The modules of benchmarks/, which are no package."""
    for folder in ("benchmarks/routing", "benchmarks"):
        monkeypatch.syspath_prepend(ROOT / folder)
    import peers
    import routing_page

    return peers, routing_page


@pytest.fixture
def folder(tmp_path) -> Path:
    found = tmp_path / "kumpulan é"
    found.mkdir()
    (found / "small.vrp").write_text(tiny_sets.CVRP, "utf-8")
    (found / "odd.vrp").write_text(tiny_sets.CVRP.replace("CAPACITY", "DISTANCE : 3\nCAPACITY"), "utf-8")
    (found / "bks.csv").write_text("class,instance,bks,convention\nCVRP,small,25,round\n", "utf-8")
    return found


def sweep(results: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "routing" / "sweeps.py"), *map(str, arguments)],
        env=os.environ | {"BENCH_RESULTS": str(results), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_a_sweep_has_a_row_for_each_run_and_makes_it_once(folder, tmp_path):
    asked = (folder, "--sweep", "ten", "--solvers", "ortools", "--seconds", 1)
    done = sweep(tmp_path, *asked, "--solutions", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "routing.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["instance"]: row for row in csv.DictReader(file)}
    small, odd = rows["small"], rows["odd"]
    assert (small["feasible"], small["cost"], small["gap_percent"]) == ("True", "31", "24.0")
    assert (small["class"], small["n"], small["seconds"], small["used_cores"]) == ("CVRP", "4", "1", "1")
    assert 1 <= float(small["search_s"]) <= float(small["wall_s"])
    assert (odd["feasible"], "B804" in odd["note"]) == ("False", True)
    assert str(ROOT) not in (tmp_path / "routing.csv").read_text("utf-8")
    assert [one.name for one in (tmp_path / "s").iterdir()] == ["small.ortools.1.sol"]
    assert "2 runs, 0 of them to do" in sweep(tmp_path, *asked).stderr


@pytest.mark.parametrize("kind", ["CVRP", "VRPTW", "MDVRPTW", "HFVRP"])
@pytest.mark.parametrize("solver", ["ortools", "pyvrp", "hygese", "vroom"])
def test_other_solvers_mean_what_we_mean(made, kind, solver):
    """Their routes are feasible, and the cost that they claim is ours (where they are installed)."""
    peers, _ = made
    peer = peers.PEERS[solver]
    if kind not in peer.classes:
        pytest.skip("it does not know this class")
    if solver != "ortools":
        pytest.importorskip(solver)
    from planner.benchmark.files import parse_text
    from planner.benchmark.read import read_instance
    from planner.benchmark.run import judged

    convention, text, _, cost = tiny_sets.KINDS[kind]
    instance = read_instance(parse_text(text, "tiny"))
    answer = peer.solve(instance, 1, 0.3)
    found = judged(instance, answer.text(instance))
    assert found == {"feasible": True, "cost": instance.convention.published(cost), "note": ""}, convention
    assert answer.cost in (None, cost)


def row(instance: str, solver: str, gap: float | None, **more: object) -> dict[str, str]:
    base = {
        "class": "CVRP",
        "instance": instance,
        "n": 100,
        "bks": 25.0,
        "solver": solver,
        "solver_version": "2",
        "seed": 1,
        "seconds": 10,
        "used_cores": 1,
        "feasible": gap is not None,
        "gap_percent": gap,
        "python": "3",
        "system": "x",
        "cores": 2,
        "date": "2024-01-01T00:00Z",
    } | more
    return {key: "" if value is None else str(value) for key, value in base.items()}


ROWS = [
    row("a", "sisr", 9, solver_version="1"),
    row("a", "sisr", 1),
    row("a", "sisr", 2, seed=2),
    row("b", "sisr", 4),
    row("b", "sisr", None, seed=2),
    row("a", "pyvrp", 1.2),
    row("b", "pyvrp", 6),
    row("b", "pyvrp", 5, seed=2),
    row("a", "sisr", 1.1, used_cores=2),
    row("b", "sisr", 7, used_cores=2),
    row("c", "hygese", 0.5),
    row("c", "sisr", None),
]


def test_means_are_over_instances_and_failures_are_counted(made):
    _, page = made
    single = [one for one in page.newest(ROWS) if one["used_cores"] == "1"]
    assert len(single) == 9  # the row of the older version is not shown
    text = "\n".join(page.means(single, ["sisr", "pyvrp", "hygese", "vroom"]))
    assert "| CVRP, fewer than 400 | 3 | 2.75 (2 of 5 without) | 3.35 | **0.50** | – |" in text
    each = page.each_instance(single, ["sisr", "pyvrp"])
    assert "| CVRP | a | 100 | 25 | 1.50 | **1.20** |" in each
    assert "| CVRP | b | 100 | 25 | 4.00 (1 of 2 without) | 5.50 |" in each
    assert page.losses(single) == (
        "PyVRP is better on 1 of 2 instances (a); HGS-CVRP is better on 1 of 1 instances (c)."
    )


def test_how_busy_the_machine_was_is_told(made):
    _, page = made
    rows = [
        row("a", "sisr", 1, load="2.0"),
        row("b", "sisr", 1, load="5.0"),
        row("a", "pyvrp", 1, load="3.0"),
    ]
    assert "ours 3.5, PyVRP 3.0;" in page.busy(rows)
    assert page.busy(ROWS) == "How busy the machine was is not known."


def test_two_cores_are_compared_with_the_better_of_two_seeds(made):
    _, page = made
    text = "\n".join(page.two_cores(page.newest(ROWS), "10"))
    assert "| CVRP, fewer than 400 | 2 | 2.50 | 4.05 | **3.10** |" in text


def test_the_ablation_has_a_line_for_each_variant(made, tmp_path):
    _, page = made
    import common

    for variant, gap in (("as it is", 1.0), ("no blinks", 2.0), ("no blinks", 2.5), ("types", None)):
        common.append_row("routing_ablation", row("r", "sisr", gap, variant=variant), tmp_path)
    text = page.routing(tmp_path)
    assert "| changed | CVRP (1) | all |" in text
    assert "| as it is | 1.00 | 1.00 |" in text
    assert "| no blinks | 2.50 | 2.50 |" in text  # of the same run the last row
    assert "| types | – | – (1 of 1 without) |" in text


@pytest.mark.parametrize("variant", ["no blinks", "new trips at their price", "trips keep their types"])
def test_ours_can_be_changed_in_one_thing(folder, variant):
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "routing" / "one.py"), str(folder / "small.vrp")]
        + ["--solver", "sisr", "--seconds", "0.2", "--variant", variant],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert '"feasible": true' in done.stdout, done.stderr


def test_each_variant_changes_something(made):
    from variants import VARIANTS

    from planner.propose.sisr import engine, flatten, neighbours

    modules = (engine, flatten, neighbours)

    for name, change in VARIANTS.items():
        before = [dict(vars(module)) for module in modules]
        change()
        changed = [
            key
            for module, known in zip(modules, before, strict=True)
            for key, value in known.items()
            if vars(module)[key] is not value
        ]
        for module, known in zip(modules, before, strict=True):
            vars(module).update(known)
        assert (not changed) == (name == "as it is"), name


def test_costs_over_time_are_shown(made, tmp_path):
    _, page = made
    import common

    more = {"search_s": 10, "iterations": 5000, "wall_s": 12, "peak_rss_mb": 99, "costs": "1:500 10:400.5"}
    common.append_row("routing_scaling", row("r", "sisr", None, **more), tmp_path)
    assert "| CVRP | 100 | 1 | 10 | 12 | 500 | 99 | 1 s 500, 10 s 400 |" in page.routing(tmp_path)
    assert "No rows yet." in page.routing(tmp_path / "none")


def test_the_course_of_a_run_is_kept_at_some_moments(made, tmp_path):
    import sweeps

    one = sweeps.Instance(tmp_path / "x.vrp", "CVRP", 9, None)
    task = sweeps.Task(one, sweeps.OURS, 1, 10.0)
    history = [[0.5, 90], [2.5, 80], [10.2, 70]]
    found = list(sweeps.course(task, {"history": history}))
    assert found == ["1:90", "2:90", "3:80", "5:80", "7:80", "10:70"]
    assert list(sweeps.course(task, {"note": "broken"})) == []


def test_instances_are_chosen_evenly(made):
    import sweeps

    assert sweeps.evenly("abcdefg", 3) == list("adg")
    assert sweeps.evenly("abcdefg", 1) == ["d"]
    assert sweeps.evenly("ab", 3) == ["a", "b"]
