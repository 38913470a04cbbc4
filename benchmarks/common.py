"""What the benchmarks share: running the command line and measuring it, facts, rows in CSV files."""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(os.environ.get("BENCH_RESULTS") or ROOT / "benchmarks" / "results")
RUN = "import sys; from planner.cli import main; sys.argv[0] = 'plan'; main()"
SAMPLE_S = 0.1
sys.path.insert(0, str(ROOT))


def plan_command(*arguments: object) -> list[str]:
    """The command line as `scripts/run.py plan` starts it."""
    return [sys.executable, "-P", "-c", RUN, *map(str, arguments)]


def environment() -> dict[str, str]:
    """English texts, this checkout's package."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLAN_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


@dataclass
class Measured:
    """One run: its end, its seconds, its most memory, and what it said and when."""

    code: int
    wall_s: float
    peak_rss_mb: float | None
    out: str
    said: list[tuple[float, str]] = field(default_factory=list)

    @property
    def figures(self) -> dict:
        """The object that `--json` printed; empty without one."""
        try:
            found = json.loads(self.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def measure(command: Sequence[str]) -> Measured:
    """Run a command; its memory is the resident one of all its processes together, at the worst sample."""
    began = time.monotonic()
    child = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    said: list[tuple[float, str]] = []
    peak = [0.0]

    def listen() -> None:
        for line in child.stderr:
            said.append((time.monotonic() - began, line.rstrip("\n")))

    def watch() -> None:
        while child.poll() is None:
            peak[0] = max(peak[0], tree_rss_mb(child.pid))
            time.sleep(SAMPLE_S)

    threads = [threading.Thread(target=listen), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    out = child.stdout.read()
    code = child.wait()
    wall_s = time.monotonic() - began
    for thread in threads:
        thread.join()
    child.stdout.close()
    child.stderr.close()
    return Measured(code, wall_s, round(peak[0], 1) if peak[0] else None, out, said)


def tree_rss_mb(pid: int) -> float:
    """Resident megabytes of a process and all below it (Linux; elsewhere 0). Shared pages count in each."""
    children: dict[int, list[int]] = {}
    sizes: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(folder.name))
        sizes[int(folder.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        total += sizes.get(one, 0)
        waiting += children.get(one, [])
    return total / 2**20


def facts() -> dict[str, object]:
    """When, with what, on what: nothing that names the machine or a path."""
    from planner.base.version import __version__

    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "planner": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "ortools": version("ortools"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def commit() -> str:
    """Short name of the commit, with + where program or instances differ from it; empty without git."""
    try:
        name = git("rev-parse", "--short", "HEAD")
        return name + ("+" if git("status", "--porcelain", "--", "planner", "instances") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def git(*arguments: str) -> str:
    """What git answers."""
    asked = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def instance_digest(folder: Path) -> str:
    """First letters of the instance's digest."""
    from planner.instance.digest import digest
    from planner.instance.read import read_instance

    return digest(read_instance(folder)).removeprefix("sha256:")[:12]


def read_rows(name: str, results: Path = RESULTS) -> list[dict[str, str]]:
    """Rows of one file; none where it is not there."""
    path = results / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def append_row(name: str, row: Mapping[str, object], results: Path = RESULTS) -> None:
    """Add one row; old rows stay, new columns come at the end."""
    old = read_rows(name, results)
    columns = list(dict.fromkeys([*(old[0] if old else ()), *row]))
    text = {key: "" if value is None else str(value) for key, value in row.items()}
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"{name}.csv"
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*old, text])
    temporary.replace(path)


def is_done(name: str, key: Mapping[str, object], results: Path = RESULTS) -> bool:
    """Whether a row with this key is there already, so that a stopped benchmark goes on where it was."""
    wanted = {one: str(value) for one, value in key.items()}
    return any(
        all(row.get(one) == value for one, value in wanted.items()) for row in read_rows(name, results)
    )


def say(*parts: object) -> None:
    """Tell what is being done."""
    print(*parts, file=sys.stderr, flush=True)


def reasons_of(figures: Mapping) -> str:
    """Names of the reasons that regions have, with how many each."""
    counts: dict[str, int] = {}
    for one in figures.get("not_on_time", ()):
        counts[one["reason"]] = counts.get(one["reason"], 0) + 1
    return " ".join(f"{name}:{number}" for name, number in sorted(counts.items()))


def first_guaranteed_s(said: Iterable[tuple[float, str]]) -> float | None:
    """When a guaranteed plan was first checked and written, by the lines of progress; None: it never was."""
    moments = (moment for moment, line in said if line.startswith("GUARANTEED after "))
    return next((round(moment, 1) for moment in moments), None)


def first_complete_s(said: Iterable[tuple[float, str]], regions_total: int) -> float | None:
    """When the progress first had every region planned, by the lines of progress; None if it never had."""
    planned: dict[str, int] = {}
    for moment, line in said:
        found = re.match(r"(.+): ([\d,]+) of ([\d,]+) regions, ", line)
        if found:
            planned[found[1]] = int(found[2].replace(",", ""))
            if sum(planned.values()) >= regions_total:
                return round(moment, 1)
    return None
