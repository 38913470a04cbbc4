"""A batch from its manifest to its results: first what is as it is, then all that is compared with it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.batches.executor import BatchProgress, run_all
from planner.batches.lock import FolderLock
from planner.batches.prepare import Batch, Setup, write_manifest
from planner.batches.results import Results, read_results
from planner.batches.task import Mode, failure_path, result_path

__all__ = ["carry_out"]


def carry_out(
    batch: Batch,
    setup: Setup,
    source: Path,
    *,
    workers: int = 2,
    retry_failed: bool = False,
    executor: Executor | None = None,
    tell: Callable[[BatchProgress], None] = lambda _: None,
) -> tuple[Results, bool]:
    """Do all runs of a batch that have no result yet.

    Parameters
    ----------
    batch, setup, source
        See `planner.batches.prepare.write_manifest`.
    workers, executor, tell
        See `planner.batches.executor.run_all`.
    retry_failed
        Whether runs that failed for good before are tried again.

    Returns
    -------
    tuple
        What there is now, and whether it is complete; it is not after an interrupt.

    Raises
    ------
    InputError
        S450 if another program uses the folder; S455 if a plan that is given does not pass its check.
    """
    with FolderLock(setup.output):
        if retry_failed:
            for task in (batch.first, *batch.rest, *batch.alone, *batch.references.values()):
                failure_path(setup.output, task.key).unlink(missing_ok=True)
        write_manifest(batch, setup, source)
        complete = True
        try:
            _run(batch, setup, source, workers, executor, tell)
        except KeyboardInterrupt:
            complete = False
        return read_results(setup.output), complete


def _run(
    batch: Batch,
    setup: Setup,
    source: Path,
    workers: int,
    executor: Executor | None,
    tell: Callable[[BatchProgress], None],
) -> None:
    compared = tuple(batch.references.values())
    later = len({task.key for task in (*batch.rest, *compared)} - {batch.first.key})
    run_all([batch.first], workers=workers, executor=executor, tell=tell, later=later)
    rest = (*compared, *batch.rest)
    if not result_path(setup.output, batch.first.key).exists():
        if batch.first.mode is Mode.KEEP:
            raise InputError([Fault("S455", Path(batch.first.base).name)])
        rest = batch.alone
        keys = [batch.first.key, *(task.key for task in rest)]
        named = tuple((one, key) for (one, _), key in zip(batch.scenarios, keys, strict=True))
        write_manifest(replace(batch, scenarios=named, references={}), setup, source)
    run_all((batch.first, *rest), workers=workers, executor=executor, tell=tell)
