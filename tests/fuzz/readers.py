"""Every reader of the program and its file, as the command line calls it; and what must hold."""

from __future__ import annotations

import contextlib
import io
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from planner.base.text import set_language
from planner.cli import main
from tests.fuzz.mutations import mutated

LONGEST_S = 20
_STEERING = {*map(chr, (*range(9), *range(11, 32), *range(127, 160), *range(0x2028, 0x202F)))}
_PLAN = "plans/plan.json"
_AT = "2024-11-22T12:00:00+08:00"
TABLES = (
    "warehouses", "hubs", "regions", "vehicles", "items", "edges", "known_trips", "closures", "stock",
    "calendars", "deadlines",
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """One file that is spoilt, and the command that reads it; `writes` are files that it may change."""

    file: str
    command: Sequence[str]
    writes: Sequence[str] = ()


READERS: dict[str, Reader] = {
    **{f"table {name}": Reader(f"instance/{name}.csv", ("validate", "instance")) for name in TABLES},
    "plan.toml": Reader("instance/plan.toml", ("validate", "instance")),
    "plan.toml, status": Reader(
        "instance/plan.toml", ("status", _PLAN, "--instance", "instance", "--now", _AT)
    ),
    "background": Reader("instance/background/land.geojson", ("validate", "instance")),
    "workbook": Reader("book.xlsx", ("validate", "book.xlsx")),
    "plan, check": Reader(_PLAN, ("check", _PLAN, "--instance", "instance", "--output", "made.json")),
    "plan, status": Reader(_PLAN, ("status", _PLAN, "--instance", "instance", "--now", _AT)),
    "plan, show": Reader(_PLAN, ("show", _PLAN, "A", "--instance", "instance")),
    "plan, diff": Reader("plans/other.json", ("diff", _PLAN, "plans/other.json", "--instance", "instance")),
    "registry": Reader("plans/in_force.json", ("status", "plans", "--now", _AT)),
    "reports, check": Reader("plans/plan.events.csv", ("event", "check", _PLAN)),
    "reports, list": Reader("plans/plan.events.csv", ("event", "list", _PLAN)),
    "reports, add": Reader(
        "plans/plan.events.csv",
        ("event", "add", _PLAN, "closure", "e1", "--from", "2024-11-22T09:00+08:00", "--time", _AT),
        ("plans/plan.events.csv", "plans/.plan.events.csv.lock"),
    ),
    "certificate": Reader(
        "certificate.json",
        (
            "check",
            _PLAN,
            "--instance",
            "instance",
            "--certificate",
            "certificate.json",
            "--output",
            "made.json",
        ),
    ),
    "routes": Reader(
        "routes.csv", ("evaluate", "routes.csv", "--instance", "instance", "--output", "made.json")
    ),
    "counts": Reader("counts.csv", ("init", "new", "--from", "instance", "--counts", "counts.csv")),
    "scenarios": Reader("scenarios.toml", ("batch", "scenarios.toml", "--instance", "instance", "--dry-run")),
    "scenario table": Reader(
        "scenarios.csv", ("batch", "scenarios.csv", "--instance", "instance", "--dry-run")
    ),
    "batch": Reader("runs/batch.json", ("batch", "report", "runs", "--markdown")),
}
MADE = ("made.json", "new")


@dataclass
class Found:
    """What came of the cases of a reader."""

    ends: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


@contextlib.contextmanager
def restored(world: Path, name: str) -> Iterator[Path]:
    """The reader's file, which is put back at the end; what was made is taken away."""
    reader = READERS[name]
    path = world / reader.file
    good = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(good)
        for one in {*MADE, *reader.writes} - {reader.file}:
            made = world / one
            shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)


def run_case(world: Path, name: str, seed: int, found: Found) -> None:
    """Spoil the reader's file, run its command in the folder, and put all back."""
    with restored(world, name) as path:
        path.write_bytes(mutated(path.read_bytes(), Random(f"{name} {seed}")))
        spoilt = path.read_bytes()
        before = time.monotonic()
        code, said = call(READERS[name].command)
        took_s = time.monotonic() - before
        found.longest_s = max(found.longest_s, took_s)
        found.ends[{0: "accepted", 2: "refused", 3: "accepted", 4: "rejected"}.get(code, "unexpected")] += 1
        wrong = faults(code, said, took_s)
        if not READERS[name].writes and path.read_bytes() != spoilt:
            wrong.append("the file was changed")
        if READERS[name].writes and code != 0 and path.read_bytes() != spoilt:
            wrong.append("refused, and changed")
        found.wrong += [f"{name}, seed {seed}: {one}" for one in wrong]


def call(command: Sequence[str]) -> tuple[int, str]:
    """Exit code of a command, run here, and what it said on both streams."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(list(command))
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            set_language("en")
    return code, said.getvalue()


def faults(code: int, said: str, took_s: float) -> list[str]:
    """What of the oracle a case breaks: no traceback, nothing unexpected, no hang, nothing that steers."""
    wrong = []
    if code == 1 or "Traceback" in said or "Something unexpected" in said:
        wrong.append(f"exit {code}: {said[-300:]}")
    if took_s > LONGEST_S:
        wrong.append(f"{took_s:.0f} s")
    if set(said) & _STEERING:
        wrong.append(f"steers: {sorted(set(said) & _STEERING)!r}")
    return wrong
