"""Runs on an executor: each once, whatever is killed; what is there already is not done again.

The executor may be any with the interface of `concurrent.futures.Executor`, for instance
``dask.distributed.Client(…).get_executor()``, whose workers see the same folders.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from planner.batches.attempts import ATTEMPTS, run_task, write_failure
from planner.batches.failure import FailureKind, Reason
from planner.batches.task import Task, TaskEnd, failure_path, result_path
from planner.batches.worker_process import StoppedError, allow_work, end_all

__all__ = ["BatchProgress", "run_all"]

_LOG = logging.getLogger(__name__)
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is.

    Parameters
    ----------
    done, failed, total
        Runs; what failed for good is not done.
    kept
        Of those done or failed, how many were there before.
    left_s
        Estimate of the seconds left, by the runs so far; None before the first one has ended.
    last
        The run that ended last.
    """

    done: int
    failed: int
    total: int
    kept: int
    left_s: float | None
    last: Task | None = None
    end: TaskEnd | None = None


class _Run:
    """One call of `run_all`."""

    def __init__(
        self, tasks: Sequence[Task], workers: int, tell: Callable[[BatchProgress], None], later: int
    ) -> None:
        self._tell = tell
        self._workers = workers
        self._began = time.monotonic()
        unique = {task.key: task for task in tasks}
        self.open = {
            key: task
            for key, task in unique.items()
            if not result_path(Path(task.output), key).exists()
            and not failure_path(Path(task.output), key).exists()
        }
        there = [task for key, task in unique.items() if key not in self.open]
        self._failed = sum(not result_path(Path(one.output), one.key).exists() for one in there)
        self._done = len(there) - self._failed
        self._kept = len(there)
        self._total = len(unique) + later
        self.ends: list[TaskEnd] = []

    def tell(self, last: Task | None = None, end: TaskEnd | None = None) -> None:
        """Say how far it is."""
        left = None
        if self.ends:
            running = min(self._workers, self._total - self._done - self._failed)
            mean_s = (time.monotonic() - self._began) / len(self.ends)
            left = mean_s * (self._total - self._done - self._failed) if running else 0.0
        self._tell(BatchProgress(self._done, self._failed, self._total, self._kept, left, last, end))

    def ended(self, task: Task, end: TaskEnd) -> None:
        """Note how a run ended."""
        self.ends.append(end)
        self._done += end.ok
        self._failed += not end.ok
        self.tell(task, end)


def run_all(
    tasks: Sequence[Task],
    *,
    workers: int = 2,
    executor: Executor | None = None,
    tell: Callable[[BatchProgress], None] = lambda _: None,
    later: int = 0,
) -> list[TaskEnd]:
    """Do all runs that have no result yet.

    Parameters
    ----------
    tasks
        Runs; several of one key are one.
    workers
        How many at once, each in a process of its own on this machine; not used with an executor.
    executor
        Where else to do them; it is not shut down here.
    tell
        Told of the progress, first before anything has run.
    later
        Further runs that come in another call, for the progress.

    Returns
    -------
    list
        How each run ended that was done now.

    Notes
    -----
    An interrupt (KeyboardInterrupt) ends the processes; what has a result by then keeps it. A run that the
    executor loses (its worker was killed, say) is given to it again, three times in all. An executor that
    takes no more work (a `ProcessPoolExecutor` of which a process was killed) raises its own error here; what
    has a result by then keeps it, and another call with another executor does the rest.
    """
    run = _Run(tasks, workers, tell, later)
    run.tell()
    allow_work()
    own = None if executor is not None else ThreadPoolExecutor(workers, thread_name_prefix="batch")
    try:
        _through(run, executor or own)  # type: ignore[arg-type]
    finally:
        if own is not None:
            end_all()
            own.shutdown(wait=True, cancel_futures=True)
    return run.ends


def _through(run: _Run, executor: Executor) -> None:
    waiting: dict[Future[TaskEnd], tuple[Task, list[Reason]]] = {
        executor.submit(run_task, task): (task, []) for task in run.open.values()
    }
    try:
        while waiting:
            ended, _ = wait(waiting, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for future in ended:
                task, reasons = waiting.pop(future)
                end = _end_of(future, task, reasons)
                if end is None:
                    waiting[executor.submit(run_task, task)] = (task, reasons)
                else:
                    run.ended(task, end)
    finally:
        for future in waiting:
            future.cancel()


def _end_of(future: Future[TaskEnd], task: Task, reasons: list[Reason]) -> TaskEnd | None:
    """How a run ended; None where the executor lost it and it should be tried again."""
    try:
        return future.result()
    except (StoppedError, CancelledError):
        raise KeyboardInterrupt from None
    except Exception as error:
        reasons.append(Reason(FailureKind.EXECUTOR, said=f"{type(error).__name__}: {error}"[:500]))
        _LOG.warning("The executor lost %s: %s", task.name, error)
        if len(reasons) < ATTEMPTS:
            return None
        write_failure(task, reasons)
        return TaskEnd(task.key, False, len(reasons), 0.0, tuple(reasons))
