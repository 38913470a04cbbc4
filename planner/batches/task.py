"""One run of a batch: what a worker needs to know of it, and the files by which it is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from planner.base.opening import FileSort, content_of
from planner.base.version import __version__
from planner.batches.failure import Reason
from planner.instance.read import raw_instance
from planner.instance.sheet_names import book_path
from planner.propose.engines import DEFAULT_ENGINE

__all__ = [
    "FORMAT",
    "MOST_ROUNDS",
    "Mode",
    "Search",
    "Task",
    "TaskEnd",
    "failure_path",
    "files_digest",
    "key_of",
    "plan_path",
    "result_path",
]

FORMAT = "batch-result/1"
# So many searches with a seed, each from what the last one found, while somebody is late and that helps.
MOST_ROUNDS = 5


class Mode(StrEnum):
    """What is done with the changed instance."""

    SOLVE = "solve"  # planned, from the base plan where one is given
    KEEP = "keep"  # the base plan is kept, its vehicles renamed, and checked


@dataclass(frozen=True, slots=True)
class Search:
    """How each run of a batch is searched; as in `planner.solving.options.SolveOptions`.

    Parameters
    ----------
    seeds
        With so many seeds, from ``seed`` on, each with the time or effort given (`planner.batches.tries`).
    """

    time_limit_s: float = 45.0
    effort: int | None = None
    seed: int = 1
    engine: str = DEFAULT_ENGINE
    guarantee: int | None = None
    seeds: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """One run.

    Parameters
    ----------
    key
        Digest of all that its result depends on; its files are named by it.
    name
        The scenario's, for messages.
    folder
        The instance.
    changes
        Their canonical texts.
    files
        Digest of the instance's files, as they were when the batch was prepared.
    area
        What is planned of it.
    search
        How.
    base
        File of the plan that the search goes on from, and that is kept for comparison; empty: none.
    from_base
        Whether the search goes on from it.
    renamed
        For `Mode.KEEP`: vehicles of the base plan that get another name.
    output
        Folder of the batch.
    memory_mb
        Most memory of the process; None: no limit.
    fresh
        Whether it has a process of its own, or may share one with others before and after it.
    """

    key: str
    name: str
    folder: str
    changes: tuple[str, ...]
    files: str
    area: str
    search: Search
    output: str
    base: str = ""
    from_base: bool = False
    mode: Mode = Mode.SOLVE
    renamed: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int | None = None
    fresh: bool = True

    def as_json(self) -> dict[str, Any]:
        """For the worker, which reads it with `from_json`."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Task:
        """Read what `as_json` wrote."""
        given = {one.name: data[one.name] for one in fields(Task)}
        given["changes"] = tuple(given["changes"])
        given["search"] = Search(**given["search"])
        given["mode"] = Mode(given["mode"])
        return Task(**given)


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a run ended: with a result, or after so many attempts without one, and why."""

    key: str
    ok: bool
    attempts: int
    wall_s: float
    reasons: tuple[Reason, ...] = ()


def key_of(
    instance_digest: str,
    changes: Sequence[str],
    area: str,
    search: Search,
    *,
    base: str = "",
    mode: Mode = Mode.SOLVE,
    renamed: Mapping[str, str] | None = None,
) -> str:
    """Digest of what a run's result depends on: inputs, options, and the version of the program.

    Parameters
    ----------
    instance_digest
        Of the instance without changes.
    changes, area, search, mode, renamed
        See `Task`.
    base
        Digest or key of the plan that the run has to do with.
    """
    parts = [
        FORMAT,
        __version__,
        instance_digest,
        list(changes),
        area,
        asdict(search),
        base,
        mode.value,
        sorted((renamed or {}).items()),
    ]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def files_digest(folder: Path) -> str:
    """Digest of an instance's files, by which it is known whether somebody wrote into it meanwhile.

    That of CSV files is over their bytes; that of a workbook over what its sheets hold, so that saving it
    without a change changes nothing.
    """
    total = hashlib.sha256()
    if (book := book_path(folder)) is not None:
        raw = raw_instance(book)
        total.update(repr(sorted((raw.settings or {}).items())).encode("utf-8", "replace"))
        for name, table in sorted(raw.tables.items()):
            rows = [row.cells for row in table.rows]
            total.update(repr((name, table.header, rows)).encode("utf-8", "replace"))
        return total.hexdigest()
    names = sorted(one.name for one in folder.iterdir() if one.suffix.lower() in (".csv", ".toml"))
    for name in names:
        content = content_of(folder / name, FileSort.TABLE)
        total.update(f"{name}:{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()


def result_path(output: Path, key: str) -> Path:
    """File of a finished run; that it is there says that the run is finished."""
    return output / "results" / f"{key}.json"


def failure_path(output: Path, key: str) -> Path:
    """File of a run that failed for good."""
    return output / "results" / f"{key}.failed.json"


def plan_path(output: Path, key: str) -> Path:
    """File of a run's plan."""
    return output / "plans" / f"{key}.json"
