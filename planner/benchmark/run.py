"""An engine on benchmark instances: one process for each run, its solution verified, one row of figures."""

from __future__ import annotations

import csv
import io
import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.opening import FileSort, content_of
from planner.base.version import __version__
from planner.benchmark.conventions import CONVENTIONS
from planner.benchmark.files import read_file
from planner.benchmark.read import SetInstance, read_instance
from planner.benchmark.solution import integer_cost, num_missing, solution_text
from planner.benchmark.verify import Broken, verify
from planner.problem.problem import Problem, Proposal
from planner.propose.engines import entry_of

__all__ = [
    "BenchOptions",
    "Best",
    "BestKnown",
    "KnownCost",
    "Row",
    "best_known",
    "judged",
    "peak_rss_mb",
    "run_all",
    "run_once",
]

Row = dict[str, Any]


class KnownCost(NamedTuple):
    """A best known cost in the published unit, the convention and the number of customers it is for."""

    cost: float
    convention: str
    n: int | None = None

    def is_for(self, convention: str, n: int) -> bool:
        """Whether it may be compared with a cost of this convention and so many customers."""
        return self.convention == convention and self.n in {None, n}


BestKnown = Mapping[tuple[str, str], KnownCost]

_START_S = 180.0  # for imports, reading and compiling, before a run counts as hanging
_MOST_BROKEN = 5
_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How to run.

    Parameters
    ----------
    convention
        A key of `planner.benchmark.conventions.CONVENTIONS`; empty: that of the instance's class.
    solutions
        Folder for the solutions, ``INSTANCE.SEED.sol``; None: they are not kept.
    history
        Whether rows hold all costs on the way, as pairs of seconds and cost.
    """

    engine: str
    time_limit_s: float
    workers: int = 1
    convention: str = ""
    solutions: Path | None = None
    history: bool = False


@dataclass
class Best:
    """Hears an engine and keeps its best proposal: the fewest left out, then the least cost.

    Parameters
    ----------
    history
        Seconds, number left out and cost of each better one.
    """

    problem: Problem
    began: float = field(default_factory=time.monotonic)
    proposals: tuple[Proposal, ...] = ()
    history: list[tuple[float, int, int]] = field(default_factory=list)

    def report(self, proposals: Sequence[Proposal]) -> bool:
        """Take a proposal; says whether it leaves nothing out."""
        missing, cost = num_missing(self.problem, proposals), integer_cost(self.problem, proposals)
        if not self.history or (missing, cost) < self.history[-1][1:]:
            self.history.append((time.monotonic() - self.began, missing, cost))
            self.proposals = tuple(proposals)
        return missing == 0


def best_known(path: Path) -> dict[tuple[str, str], KnownCost]:
    """Best known costs of a CSV file with the columns class, instance, bks, convention and perhaps n.

    Returns
    -------
    dict
        By class and instance.

    Raises
    ------
    InputError
        If the file is not there or is of another form, or a cost is no number above 0.
    """
    try:
        text = content_of(path, FileSort.TABLE).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = [(reader.line_num, row) for row in reader]
        found = {
            (row["class"], row["instance"]): KnownCost(
                _number(row["bks"]), row["convention"], int(row["n"]) if row.get("n") else None
            )
            for _, row in rows
        }
    except FileNotFoundError as error:
        raise InputError([Fault("B800", path.name, value=str(path))]) from error
    except (KeyError, ValueError, TypeError, OSError, csv.Error) as error:
        raise InputError([Fault("B811", path.name, value=str(path))]) from error
    faults = [
        Fault("B817", path.name, row=line, column="bks", value=row["bks"][:_MOST_SHOWN] or '""')
        for line, row in rows
        if not 0 < _number(row["bks"]) < math.inf
    ]
    if faults:
        raise InputError(faults)
    return found


def _number(text: str) -> float:
    """A number as it stands there; no number (NaN) where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def run_once(path: Path, seed: int, options: BenchOptions) -> Row:
    """One run in this process: read, search, write, verify.

    Raises
    ------
    InputError
        If the file cannot be read as a problem.
    """
    from planner.propose.engine import Budget  # engines are heavy
    from planner.propose.engines import engine_named  # engines are heavy

    began = time.monotonic()
    instance = read_instance(read_file(path), CONVENTIONS[options.convention] if options.convention else None)
    engine = engine_named(options.engine)
    read_s = time.monotonic() - began
    best = Best(instance.problem)
    engine.propose(
        instance.problem,
        budget=Budget(time_s=options.time_limit_s),
        seed=seed,
        report=best.report,
        workers=options.workers,
    )
    search_s = time.monotonic() - best.began
    row = _row(path, seed, options) | {
        "class": instance.set_class,
        "n": instance.problem.num_regions,
        "convention": instance.convention.name,
        "note": "nothing found",
        "read_s": round(read_s, 2),
        "search_s": round(search_s, 2),
    }
    if best.proposals:
        text = solution_text(instance, best.proposals)
        if options.solutions is not None:  # kept whatever the verifier says
            options.solutions.mkdir(parents=True, exist_ok=True)
            write_text(options.solutions / f"{path.stem}.{seed}.sol", text)
        row |= judged(instance, text)
    row["iterations"] = getattr(engine, "iterations", None)
    if options.history:
        row["history"] = [
            [round(moment, 2), instance.convention.published(cost)]
            for moment, missing, cost in best.history
            if not missing
        ]
    return row


def _row(path: Path, seed: int, options: BenchOptions) -> Row:
    """What is known of a run before it begins."""
    return {
        "class": None,
        "instance": path.stem,
        "n": None,
        "seed": seed,
        "seconds": options.time_limit_s,
        "cost": None,
        "bks": None,
        "gap_percent": None,
        "feasible": False,
        "refused": False,
        "wall_s": None,
        "peak_rss_mb": None,
        "read_s": None,
        "search_s": None,
        "iterations": None,
        "engine": options.engine,
        "workers": options.workers,
        "version": _version(options.engine),
        "convention": options.convention and CONVENTIONS[options.convention].name,
        "note": "",
    }


def _version(engine: str) -> str:
    package = entry_of(engine).package
    try:
        return f"{__version__} ({package} {version(package)})" if package else __version__
    except PackageNotFoundError:
        return __version__


def judged(instance: SetInstance, text: str) -> Row:
    """What the verifier says of a solution: whether it is feasible, its published cost, and remarks."""
    verdict = verify(instance.file, instance.convention.name, text)
    if not verdict.feasible:
        return {"feasible": False, "cost": None, "note": _told(verdict.broken)}
    return {"feasible": True, "cost": instance.convention.published(verdict.cost), "note": ""}


def _told(broken: Sequence[Broken]) -> str:
    """The first broken rules, with route, place and amount."""
    parts = []
    for one in broken[:_MOST_BROKEN]:
        where = "".join(
            f" {name} {value}"
            for name, value in (("route", one.route), ("place", one.place))
            if value is not None
        )
        parts.append(f"{one.rule}{where} by {one.amount}")
    more = len(broken) - len(parts)
    return "; ".join(parts) + (f"; and {more} more" if more else "")


def run_all(
    runs: Iterable[tuple[Path, int]],
    options: BenchOptions,
    known: BestKnown,
    hear: Callable[[Row], None],
) -> list[Row]:
    """Runs one after another, each in a process of its own.

    Parameters
    ----------
    runs
        Files and seeds.
    options
        How to run each of them.
    known
        See `best_known`.
    hear
        Told of each row.

    Notes
    -----
    A run that fails, or whose process ends or hangs, has a row that says so; the others go on.
    """
    rows = []
    for path, seed in runs:
        began = time.monotonic()
        row = _row(path, seed, options) | _in_own_process(path, seed, options)
        row["wall_s"] = round(time.monotonic() - began, 2)
        _compare(row, known)
        rows.append(row)
        hear(row)
    return rows


def _compare(row: Row, known: BestKnown) -> None:
    """Fill in the best known cost and the gap to it, or a remark why there are none."""
    best = known.get((row["class"], row["instance"]))
    if best is not None and best.is_for(row["convention"], row["n"]):
        row["bks"] = best.cost
        if row["feasible"]:
            row["gap_percent"] = round(100 * (row["cost"] - best.cost) / best.cost, 4)
        return
    if not known or row["class"] is None:
        return
    others = sorted(one or "?" for one, instance in known if instance == row["instance"])
    if best is not None and best.convention != row["convention"]:
        remark = f"best known cost is for convention {best.convention}"
    elif best is not None:
        remark = f"best known cost is for {best.n} customers"
    elif others:
        remark = f"best known cost is for class {', '.join(others)}"
    else:
        remark = "no best known cost in the list"
    row["note"] = "; ".join(filter(None, (row["note"], remark)))


def _in_own_process(path: Path, seed: int, options: BenchOptions) -> Row:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(path, seed, options, theirs))
    process.start()
    theirs.close()
    try:
        if not mine.poll(_START_S + 3 * options.time_limit_s):
            return {"note": "no answer in time"}
        row: Row = mine.recv()
        return row
    except EOFError:
        process.join()
        return {"note": f"process ended with {process.exitcode}"}
    finally:
        if process.is_alive():
            process.join(1)
        if process.is_alive():
            process.kill()
        process.join()
        mine.close()


def _child(path: Path, seed: int, options: BenchOptions, answer: Any) -> None:  # noqa: ANN401
    """Work of one process; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        row = run_once(path, seed, options)
    except InputError as error:
        row = {"note": str(error), "refused": True}
    except Exception as error:
        if os.environ.get("PLAN_DEBUG"):
            raise
        row = {"note": f"{type(error).__name__}: {error}"}
    answer.send(row | {"peak_rss_mb": peak_rss_mb()})
    answer.close()


def peak_rss_mb() -> float | None:
    """Most resident memory of this process, in megabytes; None where the system does not tell."""
    try:  # the kernel's own mark: `resource` would count the parent's memory too, as of the fork
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / 2**20 if sys.platform == "darwin" else most / 2**10, 1)
