"""A run until it has a result, or has failed three times; this is what an executor is given to do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from planner.base.files import write_text
from planner.batches.failure import FailureKind, Reason
from planner.batches.record import versions
from planner.batches.task import FORMAT, MOST_ROUNDS, Task, TaskEnd, failure_path, result_path
from planner.batches.worker_process import Child, DiedError

__all__ = ["ATTEMPTS", "run_task", "write_failure"]

ATTEMPTS = 3
# A run of which each search takes so many times its limit, and so much more in all, hangs.
_PATIENCE, _PATIENCE_S = 4.0, 120.0
_MINE = threading.local()  # the process that this thread's runs share


def run_task(task: Task) -> TaskEnd:
    """Do a run in a process of its own and see to it that something is known of it in the end.

    Returns
    -------
    TaskEnd
        With a result, which stands in its file; or after three attempts without one, which stand in another.

    Notes
    -----
    Whatever is killed in the middle leaves no half result: files are written whole or not at all. A result
    that is there already is kept.
    """
    began = time.monotonic()
    output = Path(task.output)
    reasons: list[Reason] = []
    for attempt in range(1, ATTEMPTS + 1):
        if result_path(output, task.key).exists():
            return TaskEnd(task.key, True, attempt - 1, time.monotonic() - began, tuple(reasons))
        final = False
        try:
            answer = _ask(task, attempt)
        except DiedError as died:
            reasons.append(replace(died.reason, memory_mb=task.memory_mb))
        else:
            if answer["ok"]:
                return TaskEnd(task.key, True, attempt, time.monotonic() - began, tuple(reasons))
            final = bool(answer["final"])
            kind = FailureKind(str(answer["kind"]))
            limit = None if final else task.memory_mb
            reasons.append(Reason(kind, said=str(answer["reason"]), memory_mb=limit))
        if final:
            break
    if result_path(output, task.key).exists():  # written just before its process died
        return TaskEnd(task.key, True, len(reasons), time.monotonic() - began, tuple(reasons))
    write_failure(task, reasons)
    return TaskEnd(task.key, False, len(reasons), time.monotonic() - began, tuple(reasons))


def _ask(task: Task, attempt: int) -> dict[str, object]:
    seconds = task.search.time_limit_s * task.search.seeds * MOST_ROUNDS
    limit_s = None if task.search.effort is not None else _PATIENCE * seconds + _PATIENCE_S
    child = None if task.fresh else getattr(_MINE, "child", None)
    child = child or Child()
    _MINE.child = None
    try:
        answer = child.ask(task, attempt, limit_s)
    except BaseException:
        child.close()
        raise
    if task.fresh or not answer["ok"]:
        child.close()
    else:
        _MINE.child = child
    return answer


def write_failure(task: Task, reasons: Sequence[Reason]) -> None:
    """Note that a run has failed for good, and why."""
    record = {
        "format": FORMAT,
        "key": task.key,
        "changes": list(task.changes),
        "area": task.area,
        "seed": task.search.seed,
        "attempts": len(reasons),
        "reasons": [one.as_json() for one in reasons],
        "versions": versions(),
    }
    path = failure_path(Path(task.output), task.key)
    write_text(path, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
