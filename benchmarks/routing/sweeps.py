"""Sweeps of solvers over benchmark instances; rows go to benchmarks/results/routing.csv.

python benchmarks/routing/sweeps.py FOLDER --sweep ten         10 s, every instance, every solver
python benchmarks/routing/sweeps.py FOLDER --sweep sixty       60 s, twelve instances, PyVRP and ours
python benchmarks/routing/sweeps.py FOLDER --sweep two-cores   10 s, ours on two cores, two seeds of PyVRP
python benchmarks/routing/sweeps.py FOLDER --sweep ablation    10 s, ten instances, ours changed in one thing
python benchmarks/routing/sweeps.py --sweep scaling            60 s, 5,000 to 30,000 generated stops, ours

What has a row for the same solver and version, instance, seed, seconds and cores is not run again (--again
does), so that a sweep can be stopped and started. Two runs go on at a time, each on a core of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from common import ROOT, append_row, environment, facts, read_rows, say  # noqa: E402
from peers import PEERS  # noqa: E402

OURS = "sisr"
SEEDS = {OURS: 3, "pyvrp": 3, "hygese": 3, "ortools": 1, "vroom": 1}
ABLATION = {"CVRP": 3, "VRPTW": 3, "MDVRPTW": 1, "HFVRP": 2, "MTVRPTWR": 1}  # instances of each class
SIXTY = {"CVRP": 3, "VRPTW": 4, "MDVRPTW": 2, "HFVRP": 2, "MTVRPTWR": 1}
SIZES = (5_000, 10_000, 30_000)
LATEST_S = 180.0  # for imports, reading, compiling and ends that come late
MOMENTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)  # of the time, at which costs are kept in the scaling sweep
KEY = ("instance", "solver", "solver_version", "seed", "seconds", "used_cores", "variant")


@dataclass(frozen=True)
class Instance:
    """A file, and what the list of best known costs says of it."""

    path: Path
    set_class: str
    n: int
    bks: float | None


@dataclass(frozen=True)
class Task:
    """One run."""

    instance: Instance
    solver: str
    seed: int
    seconds: float
    cores: int = 1
    variant: str = ""

    @property
    def key(self) -> dict[str, object]:
        """What makes two rows the same."""
        return {
            "class": self.instance.set_class,
            "instance": self.instance.path.stem,
            "n": self.instance.n,
            "bks": self.instance.bks,
            "solver": self.solver,
            "solver_version": solver_version(self.solver),
            "seed": self.seed,
            "seconds": f"{self.seconds:g}",
            "used_cores": self.cores,
        } | ({"variant": self.variant} if self.variant else {})


def main() -> int:
    """Run what has no row yet."""
    options = arguments()
    with contextlib.ExitStack() as stack:
        if options.sweep == "scaling":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            tasks = scaling(options, folder)
        else:
            if options.folder is None:
                sys.exit("which FOLDER of instances?")
            tasks = SWEEPS[options.sweep](options, instances(options.folder, options.bks))
        name = TABLES.get(options.sweep, "routing")
        tasks = [task for task in tasks if options.solvers is None or task.solver in options.solvers]
        tasks = [task for task in tasks if options.only is None or task.instance.path.stem in options.only]
        tasks = installed(tasks)
        left = tasks if options.again else not_done(name, tasks)
        say(f"{len(tasks)} runs, {len(left)} of them to do, about {minutes(left):.0f} min")
        if any(task.solver == OURS for task in left):
            compile_kernel()
        run_all(name, left, options.solutions)
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="folder of instances")
    parser.add_argument("--sweep", choices=[*SWEEPS, "scaling"], required=True)
    parser.add_argument("--bks", type=Path, help="best known costs; without it bks.csv in the folder")
    parser.add_argument("--seconds", type=float, help="in place of the sweep's limit")
    parser.add_argument("--solvers", type=lambda text: text.split(","), help="only these")
    parser.add_argument("--only", type=lambda text: text.split(","), help="only these instances")
    parser.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")], default=SIZES)
    parser.add_argument("--solutions", type=Path, help="keep the solutions in this folder")
    parser.add_argument("--again", action="store_true", help="measure what has a row already")
    return parser.parse_args()


def instances(folder: Path, bks: Path | None) -> list[Instance]:
    """All of a folder, small ones first within their class."""
    from planner.benchmark.conventions import convention_of, set_class
    from planner.benchmark.files import find_files, read_file
    from planner.benchmark.run import best_known

    path = bks or folder / "bks.csv"
    known = best_known(path) if path.exists() else {}
    found = []
    for one in find_files([folder]):
        file = read_file(one)
        kind = set_class(file)
        best = known.get((kind, one.stem))
        same = best is not None and best.is_for(convention_of(file).name, file.num_customers)
        found.append(Instance(one, kind, file.num_customers, best.cost if same else None))
    return sorted(found, key=lambda one: (one.set_class, one.n, one.path.stem))


# ---------------------------------------------------------------- sweeps


def ten(options: argparse.Namespace, found: Sequence[Instance]) -> list[Task]:
    """Every instance and every solver that knows its class."""
    tasks = []
    for one in found:
        for solver in solvers_of(one):
            tasks += [Task(one, solver, seed, options.seconds or 10) for seed in range(1, SEEDS[solver] + 1)]
    return tasks


def sixty(options: argparse.Namespace, found: Sequence[Instance]) -> list[Task]:
    """Some instances of each class, evenly by size, with PyVRP and ours."""
    tasks = []
    for kind, number in SIXTY.items():
        mine = [one for one in found if one.set_class == kind]
        for one in evenly(mine, number):
            tasks += [Task(one, solver, 1, options.seconds or 60) for solver in ("pyvrp", OURS)]
    return tasks


def two_cores(options: argparse.Namespace, found: Sequence[Instance]) -> list[Task]:
    """Ours on two cores, and two seeds of PyVRP, which uses one core, side by side."""
    seconds = options.seconds or 10
    tasks = []
    for one in found:
        tasks.append(Task(one, OURS, 1, seconds, cores=2))
        tasks += [Task(one, "pyvrp", seed, seconds) for seed in (1, 2)]
    return tasks


def ablation(options: argparse.Namespace, found: Sequence[Instance]) -> list[Task]:
    """Some instances of each class, evenly by size, with each variant of ours."""
    from variants import VARIANTS

    tasks = []
    for kind, number in ABLATION.items():
        of_class = [instance for instance in found if instance.set_class == kind]
        for instance in evenly(of_class, number):
            tasks += [Task(instance, OURS, 1, options.seconds or 10, variant=name) for name in VARIANTS]
    return tasks


SWEEPS = {"ten": ten, "sixty": sixty, "two-cores": two_cores, "ablation": ablation}
TABLES = {"scaling": "routing_scaling", "ablation": "routing_ablation"}  # all others: routing


def scaling(options: argparse.Namespace, folder: Path) -> list[Task]:
    """Generated instances, ours on one and on two cores."""
    from planner.benchmark.generate import cvrp_text, vrptw_text

    tasks = []
    for size in options.sizes:
        for kind, make in (("CVRP", cvrp_text), ("VRPTW", vrptw_text)):
            path = folder / f"{kind}-random-{size}.vrp"
            path.write_text(make(size, seed=1), encoding="utf-8")
            one = Instance(path, kind, size, None)
            tasks += [Task(one, OURS, 1, options.seconds or 60, cores) for cores in (1, 2)]
    return tasks


def solvers_of(one: Instance) -> list[str]:
    """Ours, and the others that know the class."""
    return [OURS, *(name for name, peer in PEERS.items() if one.set_class in peer.classes)]


def evenly(found: Sequence[Instance], number: int) -> list[Instance]:
    """So many of a list, the first and the last among them (of one: the middle)."""
    if number >= len(found):
        return list(found)
    if number == 1:
        return [found[len(found) // 2]]
    return [found[round(position * (len(found) - 1) / (number - 1))] for position in range(number)]


def installed(tasks: Sequence[Task]) -> list[Task]:
    """Tasks whose solver is there; says which are not."""
    absent = set()
    for solver in sorted({task.solver for task in tasks} & PEERS.keys()):
        try:
            solver_version(solver)
        except PackageNotFoundError:
            absent.add(solver)
            say(f"{solver} is not installed and left out: pip install .[bench]")
    return [task for task in tasks if task.solver not in absent]


def solver_version(solver: str) -> str:
    """Of a package; of ours the program's, with the first letters of a digest of its engine."""
    if solver in PEERS:
        return PEERS[solver].version
    from planner.base.version import __version__

    digest = hashlib.sha256()
    for path in sorted((ROOT / "planner" / "propose" / "sisr").rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def not_done(name: str, tasks: Sequence[Task]) -> list[Task]:
    """Tasks without a row."""
    done = {tuple(row.get(one, "") for one in KEY) for row in read_rows(name)}
    return [task for task in tasks if tuple(str(task.key.get(one, "")) for one in KEY) not in done]


def minutes(tasks: Sequence[Task]) -> float:
    """How long it will take, about."""
    lanes = max(1, len(cpus()))
    return sum((task.seconds + 3) * task.cores for task in tasks) / lanes / 60


# ---------------------------------------------------------------- running


def compile_kernel() -> None:
    """Compile ours before anything is measured, as its installation does."""
    command = [sys.executable, "-P", "-m", "planner.propose.sisr.kernel.compile"]
    subprocess.run(command, env=environment(), check=True)


def cpus() -> list[int]:
    """The first two cores there are."""
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    return every[:2]


def run_all(name: str, tasks: Sequence[Task], solutions: Path | None) -> None:
    """One-core runs two at a time, then those that use both cores."""
    writing = threading.Lock()
    single = [task for task in tasks if task.cores == 1]
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in single:
        waiting.put(task)

    def work(cpu: int) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                task = waiting.get_nowait()
                record(name, task, run(task, [cpu], solutions), writing)

    threads = [threading.Thread(target=work, args=(cpu,), daemon=True) for cpu in cpus()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for task in tasks:
        if task.cores > 1:
            record(name, task, run(task, cpus()[: task.cores], solutions), writing)


def run(task: Task, on: Sequence[int], solutions: Path | None) -> dict[str, object]:
    """One run in a process of its own, pinned to cores; a run that fails has a row too."""
    command = [
        *(sys.executable, "-P", str(HERE / "one.py"), str(task.instance.path)),
        *("--solver", task.solver, "--seed", str(task.seed), "--seconds", str(task.seconds)),
        *("--cpus", ",".join(map(str, on))),
        *(() if solutions is None else ("--solutions", str(solutions))),
        *(("--variant", task.variant) if task.variant else ()),
    ]
    threads = str(len(on))
    env = environment() | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": threads}
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    began = time.monotonic()
    row: dict[str, object] = {"feasible": False, "note": "no answer in time"}
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            command,
            env=env,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LATEST_S + 3 * task.seconds,
            check=False,
        )
        row = answered(done)
    return row | {
        "wall_s": f"{time.monotonic() - began:.2f}",
        "load": None if busy is None else f"{busy:.1f}",
    }


def answered(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The row that a process printed, or how it ended."""
    lines = done.stdout.splitlines()
    try:
        row = json.loads(lines[-1])
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return {"feasible": False, "note": f"process ended with {done.returncode}: {last[:200]}"}
    return row


def record(name: str, task: Task, row: dict[str, object], writing: threading.Lock) -> None:
    """Append a row and tell it."""
    figures = {one: row.get(one) for one in ("feasible", "cost", "gap_percent", "wall_s", "search_s")}
    figures |= {one: row.get(one) for one in ("read_s", "peak_rss_mb", "iterations", "load", "note")}
    if row.get("feasible") and task.instance.bks:
        figures["gap_percent"] = round(100 * (float(row["cost"]) / task.instance.bks - 1), 4)
    if name == "routing_scaling":
        figures["costs"] = " ".join(course(task, row))
    with writing:
        append_row(name, facts() | task.key | figures)
    shown = ("wall_s", "cost", "gap_percent", "note")
    say(*task.key.values(), *(f"{one}={figures[one]}" for one in shown if figures[one] not in (None, "")))


def course(task: Task, row: dict[str, object]) -> Iterator[str]:
    """Cost at some moments of the time, as second:cost."""
    history = row.get("history") or []
    for share in MOMENTS:
        until = share * task.seconds
        costs = [cost for moment, cost in history if moment <= until or share == MOMENTS[-1]]
        if costs:
            yield f"{until:g}:{costs[-1]:g}"


if __name__ == "__main__":
    sys.exit(main())
