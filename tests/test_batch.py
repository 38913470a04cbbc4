"""Batches: each run once, whatever dies; results, losses and reports."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from worlds import road, truck, village, world

from planner.base.errors import Fault, InputError
from planner.base.text import LANGUAGES, catalogue, set_language
from planner.batches import attempts, worker, worker_process
from planner.batches.apply import apply_changes
from planner.batches.executor import run_all
from planner.batches.failure import FailureKind, Reason
from planner.batches.lock import FolderLock
from planner.batches.loss_runs import loss_rows, prepare_losses
from planner.batches.losses import How, LossKind, losses_of
from planner.batches.plots import Bar, Cell, Series, bars, grid, lines
from planner.batches.prepare import Setup, prepare, write_manifest
from planner.batches.result_tables import REGION_COLUMNS, _write_parquet, region_rows
from planner.batches.results import Entry, Results, read_results
from planner.batches.scenarios import Scenario, Scenarios, read_scenarios
from planner.batches.single_run import perform
from planner.batches.task import Search, Task, failure_path, files_digest, result_path
from planner.batches.worker_process import Child, DiedError, allow_work, can_limit_memory
from planner.cli import main
from planner.instance.read import raw_instance, read_instance
from planner.instance.write import write_instance
from planner.plans.file import write_plan
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

pytestmark = pytest.mark.usefixtures("short_searches")

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"
QUICK = Search(effort=1)
KILLED, ERROR = Reason(FailureKind.SIGNAL, "9"), Reason(FailureKind.ERROR, said="so")


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    allow_work()


def task(output, key="k", **more):
    return Task(
        **{
            "key": key,
            "name": key,
            "folder": str(TOY),
            "changes": (),
            "files": "",
            "area": "",
            "search": QUICK,
            "output": str(output),
        }
        | more
    )


class FakeChild:
    """A process that does what a list says: dies, answers, or writes a result and dies."""

    plan: list = []
    asked = 0
    closed = 0

    def ask(self, one, attempt, limit_s):
        type(self).asked += 1
        what = self.plan.pop(0)
        if what == "die":
            raise DiedError(Reason(FailureKind.SIGNAL, "9"))
        if what in ("done", "done and die"):
            path = result_path(Path(one.output), one.key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"key": one.key}))
            if what == "done and die":
                raise DiedError(Reason(FailureKind.SIGNAL, "9"))
            return {"ok": True}
        return {"ok": False, "kind": what, "reason": "so", "final": what == "input"}

    def close(self):
        type(self).closed += 1


class HereChild:
    """Does runs in this process."""

    def ask(self, one, attempt, limit_s):
        assert one.memory_mb is None  # it would be the limit of all tests
        order = {"task": one.as_json(), "attempt": attempt, "language": "en"}
        return worker._answer(json.loads(json.dumps(order)), lambda _: None)

    def close(self):
        pass


@pytest.fixture
def here(monkeypatch, no_workers):
    monkeypatch.setattr(attempts, "Child", HereChild)


@pytest.fixture
def fake(monkeypatch):
    def use(*plan):
        FakeChild.plan, FakeChild.asked, FakeChild.closed = list(plan), 0, 0
        monkeypatch.setattr(attempts, "Child", FakeChild)

    return use


# ------------------------------------------------------------------ attempts


@pytest.mark.parametrize(
    ("plan", "ok", "tries", "reasons"),
    [
        (["done"], True, 1, []),
        (["die", "done"], True, 2, [KILLED]),
        (["error", "memory", "done"], True, 3, [ERROR, Reason(FailureKind.MEMORY, said="so")]),
        (["die", "error", "die"], False, 3, [KILLED, ERROR, KILLED]),
        (["input"], False, 1, [Reason(FailureKind.INPUT, said="so")]),
        (["done and die"], True, 1, [KILLED]),
        (["die", "die", "done and die"], True, 3, [KILLED] * 3),
    ],
)
def test_a_run_is_tried_three_times_and_never_lost(tmp_path, fake, plan, ok, tries, reasons):
    fake(*plan)
    end = attempts.run_task(task(tmp_path))
    assert (end.ok, end.attempts, list(end.reasons)) == (ok, tries, reasons)
    assert result_path(tmp_path, "k").exists() is ok
    assert failure_path(tmp_path, "k").exists() is not ok
    assert FakeChild.closed == FakeChild.asked == len(plan)
    if not ok:
        told = json.loads(failure_path(tmp_path, "k").read_text())["reasons"]
        assert [Reason.from_json(one) for one in told] == reasons


def test_runs_that_may_share_a_process_do(tmp_path, fake):
    fake("done", "done", "die", "done")
    for key in "abc":
        assert attempts.run_task(task(tmp_path, key, fresh=False)).ok
    assert FakeChild.closed == 1  # the one that died
    attempts._MINE.child = None


def test_what_is_finished_or_failed_is_not_done_again(tmp_path, fake):
    fake("done", "input")
    first, second = task(tmp_path, "a"), task(tmp_path, "b")
    ends = run_all([first, second, replace(first, name="twin")], workers=1)
    assert [one.ok for one in ends] == [True, False]  # the twin is the same run
    fake()
    told = []
    assert run_all([first, second], tell=told.append) == []
    assert (told[0].done, told[0].failed, told[0].total, told[0].kept) == (1, 1, 2, 2)


class HereExecutor(Executor):
    """Does what it is given at once, in this thread; loses the first so many."""

    def __init__(self, loses=0):
        self.loses = loses

    def submit(self, call, /, *arguments, **named):
        future = Future()
        if self.loses:
            self.loses -= 1
            future.set_exception(RuntimeError("worker lost"))
        else:
            future.set_result(call(*arguments, **named))
        return future


@pytest.mark.parametrize("make", [HereExecutor, lambda: HereExecutor(2), lambda: ThreadPoolExecutor(3)])
def test_any_executor_will_do(tmp_path, fake, make):
    fake(*["done"] * 4)
    told = []
    with make() as executor:
        ends = run_all([task(tmp_path, key) for key in "abcd"], executor=executor, tell=told.append)
    assert sorted(one.key for one in ends) == list("abcd")
    assert all(one.ok for one in ends)
    assert (told[-1].done, told[-1].total, told[-1].left_s) == (4, 4, 0.0)


def test_what_an_executor_loses_three_times_has_failed(tmp_path, fake):
    fake()
    (failed,) = run_all([task(tmp_path)], executor=HereExecutor(3))
    assert not failed.ok
    assert failed.reasons == (Reason(FailureKind.EXECUTOR, said="RuntimeError: worker lost"),) * 3
    assert failure_path(tmp_path, failed.key).exists()


# ------------------------------------------------------------------ processes


def test_a_process_ends_when_nobody_listens_any_more():
    child = Child()
    child._process.stdin.close()
    assert child._process.wait(20) == 0
    child.close()


@pytest.mark.skipif(not can_limit_memory(), reason="this system has no such limit")
def test_a_run_without_memory_fails_and_says_so(tmp_path):
    end = attempts.run_task(task(tmp_path, memory_mb=300, files=files_digest(TOY)))
    assert not end.ok
    assert len(end.reasons) == 3
    assert all("300 MB" in one.text for one in end.reasons), end.reasons


def test_a_process_that_does_not_begin_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_process, "START_S", 0.01)
    child = Child()
    with pytest.raises(DiedError, match="no answer"):
        child.ask(task(tmp_path), 1, None)
    assert child._process.poll() is not None


def test_files_that_changed_meanwhile_are_noticed(tmp_path):
    end = attempts.run_task(task(tmp_path, files="other"))
    assert (end.ok, end.reasons) == (False, (Reason(FailureKind.FILES_CHANGED),))


def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    code = (
        "from pathlib import Path\nfrom planner.batches.lock import FolderLock\n"
        f"FolderLock(Path({str(tmp_path)!r})).__enter__()"
    )
    with FolderLock(tmp_path):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "S450" in done.stderr
    with FolderLock(tmp_path):
        pass


# ------------------------------------------------------------------ a whole batch


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A small batch, run by the command."""
    folder = tmp_path_factory.mktemp("batch")
    source = folder / "toy.toml"
    source.write_text(
        f"""format = "scenarios/1"
title = "Toy <1>"
base = {json.dumps(TOY.as_posix())}
[changes.no-boat]
do = "drop vehicles boat"
note = "The boat is away."
source = "Invented"
[changes.slow]
do = "speed road 0.8"
[scenarios]
no-boat = ["no-boat"]
slow = ["slow"]
firm = ["guarantee 1"]
""",
        encoding="utf-8",
    )
    code = run("batch", source, "--output", folder / "runs", "--effort", 1, "--quiet")
    return folder, source, code


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return int(left.value.code or 0)


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_results_are_a_row_for_each_scenario_and_component(done):
    folder, _, code = done
    rows = {row["scenario"]: row for row in table(folder / "runs" / "results.csv")}
    assert code == 0
    assert list(rows) == ["base", "no-boat", "slow", "firm", "base+"]
    assert {row["state"] for row in rows.values()} == {"done"}
    assert (rows["base"]["status"], rows["no-boat"]["status"]) == ("ON_TIME", "IMPOSSIBLE")
    assert rows["firm"]["status"] == "GUARANTEED"
    assert (rows["no-boat"]["undelivered"], rows["no-boat"]["weight_not_on_time"]) == ("2", "180")
    assert rows["no-boat"]["weight_broken_if_kept"] == "180"
    assert rows["base"]["cost"] == "834000"  # docs/toy.md
    assert (rows["base"]["component"], rows["base"]["component_name"]) == ("store", "Medicine store")
    late = [row["region"] for row in table(folder / "runs" / "regions.csv") if row["status"] != "on_time"]
    assert late == ["gum", "holly"]


def test_a_failed_run_has_a_row_with_its_seed_versions_and_reason(done, tmp_path, fake, capsys):
    _, source, _ = done
    fake(*["die"] * 12)
    asked = ("batch", source, "--output", tmp_path / "runs", "--effort", 1, "--workers", 1, "--seed", 7)
    assert run(*asked, "--quiet") == 1
    assert "--retry-failed" in capsys.readouterr().err
    _, row, *_ = table(tmp_path / "runs" / "results.csv")
    assert (row["state"], row["attempts"], row["seed"]) == ("failed", "3", "7")
    assert row["planner"]
    assert row["python"]
    assert row["reason"] == "3 × the process was ended by signal 9"
    assert run("--lang", "id", *asked) == 1
    capsys.readouterr()
    _, row, *_ = table(tmp_path / "runs" / "results.csv")
    assert row["reason"] == "3 × proses dihentikan oleh sinyal 9"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", FailureKind)
def test_every_reason_is_told_in_the_language_in_force(kind, code):
    set_language(code)
    try:
        text = Reason(kind, "7", "so it said", 300).text
    finally:
        set_language("en")
    assert text.endswith(": so it said " + {"en": "(memory limit", "id": "(batas memori"}[code] + " 300 MB)")
    assert text.startswith(catalogue(code)[f"batch.failure.{kind}"].format(what="7"))


def test_a_region_that_breaks_only_if_the_plan_is_kept_has_its_weight(tmp_path):
    toy = read_instance(TOY)
    result = {"regions": [], "kept": {"broken": [{"id": "cedar", "weight": 130}], "weight": 130}}
    results = Results(tmp_path, {}, (Entry({"name": "road"}, result, None, ""),))
    (row,) = region_rows(results, toy)
    assert (row["region"], row["status"], row["broken_if_kept"], row["weight"]) == (
        "cedar",
        "on_time",
        "yes",
        130,
    )


def test_parquet_keeps_the_types_of_empty_columns(tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = _write_parquet(tmp_path / "x.parquet", REGION_COLUMNS, [{"scenario": "a", "region": "b"}])
    kinds = {one.name: str(one.type) for one in parquet.read_schema(path)}
    assert (kinds["scenario"], kinds["margin_s"], kinds["weight"]) == ("string", "int64", "int64")


def test_every_plan_passes_the_check_with_its_changes(done):
    folder, _, _ = done
    results = read_results(folder / "runs")
    for entry in results.entries:
        changes = [part for one in entry.about["changes"] for part in ("--change", one)]
        plan = folder / "runs" / entry.plan
        assert run("check", plan, "--instance", TOY, *changes, "--output", folder / f"{entry.name}.json") == 0


def test_the_same_command_again_does_nothing_and_more_scenarios_only_these(done, capsys, monkeypatch):
    folder, source, _ = done
    results = sorted((folder / "runs" / "results").iterdir())
    before = {path: path.stat().st_mtime_ns for path in results}
    monkeypatch.setattr(attempts, "Child", None)  # nothing is run
    assert run("batch", source, "--output", folder / "runs", "--effort", 1) == 0
    assert {path: path.stat().st_mtime_ns for path in results} == before
    assert "Done: 4; failed: 0; open: 0." in capsys.readouterr().out
    more = folder / "more.toml"
    more.write_text(source.read_text("utf-8") + 'new = ["deadline -1h"]\n', encoding="utf-8")
    assert run("batch", more, "--output", folder / "runs", "--effort", 1, "--dry-run") == 0
    assert "different runs: 5; not done yet: 1" in capsys.readouterr().out


def test_a_given_plan_is_what_all_are_compared_with(done, tmp_path, capsys, here):
    folder, source, _ = done
    results = read_results(folder / "runs")
    given = folder / "runs" / next(one.plan for one in results.entries if one.name == "slow")
    texts = source.read_text("utf-8").replace('"Toy <1>"', '"Toy"\nnote = "Read & judge."')
    mine = tmp_path / "mine.toml"
    mine.write_text(texts, encoding="utf-8")
    asked = ("batch", mine, "--output", tmp_path / "runs", "--effort", 1, "--workers", 1, "--quiet")
    assert run(*asked, "--base", given) == 2  # made with the change "slow"
    assert "P103" in capsys.readouterr().err
    assert run(*asked, "--base", given, "--change", "speed road 0.8") == 0
    rows = {row["scenario"]: row for row in table(tmp_path / "runs" / "results.csv")}
    assert {row["state"] for row in rows.values()} == {"done"}
    assert rows["no-boat"]["weight_broken_if_kept"] == "180"
    found = read_results(tmp_path / "runs")
    assert found.base["mode"] == "keep"
    trips = [
        json.loads(path.read_text("utf-8"))["trips"]
        for path in (given, tmp_path / "runs" / found.entries[0].plan)
    ]
    assert trips[0] == trips[1]
    capsys.readouterr()
    assert run("batch", "report", tmp_path / "runs", "--markdown") == 0
    page = capsys.readouterr().out
    assert f"--base {given.name}" in page
    assert "Read & judge." in page
    assert run("batch", "report", tmp_path / "runs") == 0
    assert "Read &amp; judge." in (tmp_path / "runs" / "report.html").read_text("utf-8")


def test_the_report_is_one_page_that_needs_nothing_else(done):
    folder, _, _ = done
    assert run("batch", "report", folder / "runs") == 0
    page = (folder / "runs" / "report.html").read_text("utf-8")
    assert "Toy &lt;1&gt;" in page
    assert page.count("<svg") >= 3  # harm, map, cost against guarantee
    assert not re.search(r"(src|href|url)\s*[=(]", page)
    for words in ("What breaks", "Which scenario breaks which part", "Cost against guarantee", "Gum clinic"):
        assert words in page
    assert run("--lang", "id", "batch", "report", folder / "runs", "--output", folder / "id.html") == 0
    assert "Biaya terhadap jaminan" in (folder / "id.html").read_text("utf-8")


def test_the_report_fits_a_narrow_screen(done):
    """What is wide scrolls in a box of its own; a long name breaks rather than widen the page."""
    folder, _, _ = done
    assert run("batch", "report", folder / "runs") == 0
    page = (folder / "runs" / "report.html").read_text("utf-8")
    outside = re.sub(r'<div class="scroll">.*?</div>', "", page, flags=re.DOTALL)
    assert page.count("<table") >= 2
    assert not re.search("<(table|svg)", outside)
    (wrapped,) = re.findall(r"([\w,]+)\{overflow-wrap:anywhere\}", page)
    assert set(re.findall(r"<(h1|h2|p)\b", outside)) <= set(wrapped.split(","))


def test_the_report_in_markdown(done, capsys):
    folder, _, _ = done
    capsys.readouterr()
    assert run("batch", "report", folder / "runs", "--markdown") == 0
    page = capsys.readouterr().out
    late = "2 (180): Gum clinic, Holly clinic"
    assert f"| no-boat | IMPOSSIBLE | 5 of 7 | {late} | {late} | 0 |" in page
    assert "The boat is away." in page
    assert "| Gum clinic (gum) | 1 | no-boat |" in page


def test_a_folder_that_is_no_batch(tmp_path, capsys):
    assert run("batch", "report", tmp_path) == 2
    assert "S454" in capsys.readouterr().err


def test_all_faults_of_all_scenarios_come_before_any_run(tmp_path, capsys):
    source = tmp_path / "s.toml"
    source.write_text(
        'format = "scenarios/1"\n[changes]\na = "drop vehicles lorry"\nb = "drop regions elm"\n'
        'c = "setting horizon_end=2020-01-01T00:00+03:00"\n[changes.d]\ndo = "seed 1"\narea = "moon"\n'
    )
    assert run("batch", source, "--instance", TOY, "--output", tmp_path / "runs") == 2
    said = capsys.readouterr().err
    for word in ("a", "S409", "b: ", "c: plan.toml", "C701"):
        assert word in said
    assert not (tmp_path / "runs").exists()
    assert run("batch", source) == 2  # of which instance?
    assert "S442" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_killed_workers_and_a_killed_parent_lose_and_double_nothing(tmp_path):
    source = tmp_path / "s.toml"
    source.write_text(
        f'format = "scenarios/1"\nbase = {json.dumps(TOY.as_posix())}\n[grid]\n'
        'speed = { do = "speed road {}", values = [0.9, 0.8, 0.7, 0.6] }\n'
        'seed = { do = "seed {}", values = [1, 2] }\n'
    )
    output = tmp_path / "runs"
    code = "from planner.cli import main; main()"
    command = [sys.executable, "-c", code, "batch", str(source), "--output", str(output), "--effort", "1"]

    def children(parent):
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
        )
        return [int(one) for one in found.stdout.split()]

    def finished():
        return {path: path.stat().st_mtime_ns for path in (output / "results").glob("*.json")}

    parent = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    killed = 0
    while len(finished()) < 4:
        time.sleep(0.3)
        assert parent.poll() is None
        mine = children(parent.pid)
        if mine and killed < 2 and len(finished()) > killed:
            subprocess.run(["kill", "-9", str(mine[0])], check=False)
            killed += 1
    mine = children(parent.pid)
    parent.kill()
    parent.wait()
    there = finished()
    deadline = time.monotonic() + 20  # its processes end by themselves
    while time.monotonic() < deadline and any(Path(f"/proc/{one}").exists() for one in mine):
        time.sleep(0.2)
    assert not any(Path(f"/proc/{one}").exists() for one in mine)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert there.items() <= finished().items()  # nothing was done twice
    rows = table(output / "results.csv")
    assert len(rows) == len({row["scenario"] for row in rows}) == 9
    assert {row["state"] for row in rows} == {"done"}
    assert not list(output.rglob("*.part"))


# ------------------------------------------------------------------ losses


OPTIONS = SolveOptions(effort=1, workers=0)


def lost(tmp_path, instance, kind):
    """Plan an instance and try all losses of a kind, in this process."""
    folder, output = tmp_path / "instance", tmp_path / "runs"
    write_instance(folder, instance)
    instance = read_instance(folder)
    plan = solve(instance, OPTIONS).plan
    path = tmp_path / "plan.json"
    write_plan(plan, instance.clock, path)
    setup = Setup(folder, output, QUICK)
    batch = prepare_losses(plan, path, instance, kind, setup)
    write_manifest(batch, setup, path)
    tasks = {task.key: task for task in (batch.first, *batch.rest)}
    for task in tasks.values():
        perform(task, 1)
    rows = loss_rows(read_results(output), plan, instance)
    return plan, instance, {row["loss"]: row for row in rows}


def test_losing_an_edge_cuts_off_what_networkx_says(tmp_path):
    ways = [("W", "A"), ("A", "B"), ("B", "C"), ("C", "A"), ("C", "D"), ("D", "E"), ("W", "F")]
    names = "ABCDEF"
    instance = world(
        [village(one) for one in names],
        [truck(number=3, mass_kg=100)],
        [road(here + there, here, there) for here, there in ways],
    )
    _, _, rows = lost(tmp_path, instance, LossKind.EDGES)
    graph = nx.Graph(ways)
    bridges = {frozenset(one) for one in nx.bridges(graph)}
    assert bridges == {frozenset(one) for one in ("WA", "CD", "DE", "WF")}
    for here, there in ways:
        rest = graph.copy()
        rest.remove_edge(here, there)
        cut = set(names) - nx.node_connected_component(rest, "W")
        row = rows[here + there]
        assert set(row["cut_off"].split()) == set(row["newly_late"].split()) == cut
        assert (frozenset((here, there)) in bridges) is bool(cut)
        assert row["checked"] == "yes"
    order = sorted(rows.values(), key=lambda row: row["rank"])
    assert order[0]["loss"] == "WA"  # five villages
    assert [row["weight"] for row in order] == sorted((row["weight"] for row in order), reverse=True)


def test_closing_all_edges_at_a_place_cuts_off_what_lies_behind_a_cut_node(tmp_path):
    ways = [("W", "A"), ("A", "B"), ("B", "C"), ("C", "A"), ("C", "D"), ("W", "E"), ("E", "A")]
    names = "ABCDE"
    folder = tmp_path / "instance"
    instance = world([village(one) for one in names], [truck(number=3)], [road(a + b, a, b) for a, b in ways])
    write_instance(folder, instance)
    graph = nx.Graph(ways)
    nodes = list(nx.articulation_points(graph))
    assert sorted(nodes) == ["A", "C"]
    from planner.batches.apply import parse_changes

    scenarios = [Scenario(name, parse_changes([f"close edges where at={name}"], name)[0]) for name in names]
    setup = Setup(folder, tmp_path / "runs", QUICK)
    batch = prepare(Scenarios("", folder, (Scenario("base", ()), *scenarios)), setup)
    for one in (batch.first, *batch.rest):
        perform(one, 1)
    for (one, key), name in zip(batch.scenarios[1:], names, strict=True):
        rest = graph.copy()
        rest.remove_node(name)
        cut = set(names) - nx.node_connected_component(rest, "W")
        record = json.loads(result_path(setup.output, key).read_text("utf-8"))
        assert set(record["cut_off"]) == cut
        assert (len(cut) > 1) is (one.name in nodes)


def test_losing_vehicles_unused_spare_and_needed(tmp_path):
    instance = world(
        [village("A", boxes=5), village("B", boxes=5)],
        [truck("T", number=3, mass_kg=50), truck("U", number=1, mass_kg=50, price_vehicle=10**6)],
        [road("wa", "W", "A", time_s=30_000), road("wb", "W", "B", time_s=30_000)],
        deadline_s=40_000,
    )
    plan, instance, rows = lost(tmp_path, instance, LossKind.VEHICLES)
    assert {one.vehicle_id for one in plan.trips} == {"T-01", "T-02"}
    assert {name: row["how"] for name, row in rows.items()} == {
        "T-01": How.SPARE,
        "T-02": How.SPARE,
        "T-03": How.UNUSED,
        "U-01": How.UNUSED,
    }
    for row in rows.values():
        assert (row["weight"], row["cost_change"], row["checked"]) == (0, 0, "yes")
    few = replace(instance, vehicles=(replace(instance.vehicles[0], number=2),))
    _, _, rows = lost(tmp_path / "few", few, LossKind.VEHICLES)
    assert {row["how"] for row in rows.values()} == {How.PLANNED}
    assert {(row["weight"], row["weight_if_kept"]) for row in rows.values()} == {(1, 1)}
    assert rows["T-01"]["key"] == rows["T-02"]["key"]  # alike, so one run says it for both


def test_numbers_move_up_behind_a_lost_vehicle(tmp_path):
    instance = world([village("A")], [truck("T", number=3)], [road("wa", "W", "A")])
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    third = replace(plan, trips=tuple(replace(one, vehicle_id="T-03") for one in plan.trips))
    found = {one.name: dict(one.renamed) for one in losses_of(LossKind.VEHICLES, third, instance)}
    assert found == {"T-01": {"T-03": "T-02"}, "T-02": {"T-03": "T-02"}, "T-03": {"T-03": "T-01"}}


def test_losing_docks(tmp_path):
    regions = [village(one, boxes=5) for one in "AB"]
    edges = [road("w" + one, "W", one) for one in "AB"]
    two = world(regions, [truck(number=2)], edges)
    two = replace(two, warehouses=(replace(two.warehouses[0], docks=2),))
    _, _, rows = lost(tmp_path / "two", two, LossKind.DOCKS)
    assert set(rows) == {"W#1", "W#2"}
    assert all(row["weight"] == 0 for row in rows.values())
    one = replace(two, warehouses=(replace(two.warehouses[0], docks=1),))
    _, _, rows = lost(tmp_path / "one", one, LossKind.DOCKS)
    assert rows["W#1"]["weight"] == 2  # nothing can be loaded any more


def test_losing_hubs(tmp_path):
    from worlds import hub

    from planner.instance.schema import Chain

    instance = world(
        [village("A", hub="J"), village("B", hub="K")],
        [truck(number=2, mass_kg=10), truck("S", home="J"), truck("R", home="K")],
        [road("wj", "W", "J"), road("ja", "J", "A"), road("wk", "W", "K"), road("kb", "K", "B")],
        hubs=(hub("J"), hub("K")),
        settings={"chain": Chain.REQUIRED},
    )
    plan, _, rows = lost(tmp_path, instance, LossKind.HUBS)
    assert {one.vehicle_type for one in plan.trips} == {"T", "S", "R"}
    assert {name: (row["how"], row["weight"], row["weight_if_kept"]) for name, row in rows.items()} == {
        "J": (How.PLANNED, 0, 1),  # trucks bring it straight
        "K": (How.PLANNED, 0, 1),
    }


def test_a_plan_that_has_begun_has_no_losses(tmp_path):
    instance = world([village("A")], [truck()], [road("wa", "W", "A")])
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    begun = replace(plan, trips=tuple(replace(one, begun=True) for one in plan.trips))
    with pytest.raises(InputError) as error:
        prepare_losses(begun, tmp_path / "p", instance, LossKind.VEHICLES, Setup(tmp_path, tmp_path, QUICK))
    assert [one.code for one in error.value.faults] == ["S452"]


def test_lose_each_by_the_command(tmp_path, capsys, here):
    plan = tmp_path / "toy.json"
    assert run("solve", TOY, "--effort", 1, "--workers", 1, "--output", plan, "--quiet") == 0
    asked = ("batch", plan, "--lose-each", "vehicles", "--instance", TOY, "--effort", 1, "--workers", 1)
    assert run(*asked) == 0
    assert {"Gum", "Holly", "clinic,"} <= set(capsys.readouterr().out.split())
    rows = table(tmp_path / "toy-vehicles" / "losses.csv")
    assert [(row["rank"], row["loss"], row["how"], row["weight"]) for row in rows] == [
        ("1", "boat-01", "planned", "180"),
        ("2", "van-01", "spare", "0"),
        ("3", "van-02", "unused", "0"),
    ]
    assert run("batch", "report", tmp_path / "toy-vehicles", "--markdown") == 0
    assert (
        "| 1 | boat-01 | planned anew | IMPOSSIBLE | 180 | Gum clinic, Holly clinic |"
        in capsys.readouterr().out
    )
    assert run("batch", "report", tmp_path / "toy-vehicles") == 0
    page = (tmp_path / "toy-vehicles" / "report.html").read_text("utf-8")
    assert "boat-01" in page
    assert "<svg" in page
    assert run("batch", plan, "--lose-each", "hubs", "--instance", TOY) == 2
    assert "S453" in capsys.readouterr().err
    assert run(*asked, "--guarantee", 1) == 2
    assert "--guarantee" in capsys.readouterr().err
    assert run(*asked, "--area", "moon") == 2
    assert "C701" in capsys.readouterr().err
    assert run(*asked, "--area", "lake", "--dry-run") == 0
    assert "not done yet: 0" in capsys.readouterr().out


# ------------------------------------------------------------------ plots


def test_plots_hold_what_they_are_given_and_escape_it():
    picture = bars([Bar("<a>", 3, "three", 5), Bar("b", 0, "")], "x & y")
    assert "&lt;a&gt;" in picture
    assert 'aria-label="x &amp; y"' in picture
    assert picture.count("<rect") == 3
    picture = grid(["r"], ["c", "d"], [[Cell(0.5, "half", "50"), Cell(None, "nothing")]], "x")
    assert "<title>half</title>" in picture
    assert picture.count("<rect") == 2
    two = [Series("one", [(0, 10, "a"), (2, 20, "b")]), Series("two", [(0, 15, "c")])]
    picture = lines(two, "x", "y", "z")
    assert picture.count("<circle") == 3
    assert picture.count("<polyline") == 2
    set_language("id")
    assert "12.500" in lines([Series("one", [(0, 10_000, "a"), (1, 20_000, "b")])], "x", "y", "z")
    assert "<svg" in lines([Series("flat", [(1, 5, "a"), (2, 5, "b")])], "x", "y", "z")


def test_scenarios_of_the_instances_fit_them():
    """Every one says why and where from, and each change does something to the tables."""
    files = sorted(ROOT.glob("instances/*/scenarios/*.toml"))
    assert files
    for path in files:
        found = read_scenarios(path)
        assert found.base is not None
        raw = raw_instance(found.base)
        regions = list(raw.tables["regions"].index)
        areas = {row.cells[regions.index("area")] for row in raw.tables["regions"].rows}
        assert len(found.scenarios) > 20
        for one in found.scenarios[1:]:
            assert one.note, one.name
            assert one.source, one.name
            assert set(filter(None, one.area.split(","))) <= areas, one.name
            last = raw
            for change in one.changes:
                applied = apply_changes(last, [change], Fault("", one.name))
                assert applied.faults == (), one.name
                asks = applied.guarantee, applied.seed
                assert applied.raw != last or asks != (None, None), change.text
                last = applied.raw


@pytest.mark.slow
def test_scenarios_of_the_instances_can_be_run(tmp_path, capsys):
    for path in sorted(ROOT.glob("instances/*/scenarios/*.toml")):
        assert run("batch", path, "--output", tmp_path, "--dry-run", "--json") == 0
        found = json.loads(capsys.readouterr().out)["scenarios"]
        assert len(found) == len({one["key"] for one in found}) == len(read_scenarios(path).scenarios)
