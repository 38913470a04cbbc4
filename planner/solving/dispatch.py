"""Components on processes: each is searched in one, what is found on the way is told to the parent.

A worker that dies is replaced once for what it had not finished; what it told before is kept.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from planner.instance.schema import Instance
from planner.search.component import SearchOptions
from planner.solving.jobs import Heard, Job, Listen, Seconds, work_through
from planner.solving.worker_pool import WorkerPool, new_process

__all__ = ["Heard", "Job", "Seconds", "run_jobs"]

_POLL_S = 0.1


def run_jobs(
    instance: Instance,
    jobs: Sequence[Job],
    *,
    options: SearchOptions,
    seconds: Seconds | None,
    workers: int,
    listen: Listen,
    tick: Callable[[], None],
    worker_pool: WorkerPool | None = None,
) -> None:
    """Search all jobs, on `workers` processes (0: in this one).

    Parameters
    ----------
    instance, jobs
        What to search.
    options
        How; the same for every job.
    seconds
        What it may take; None: the options' effort says how long.
    workers
        Processes; each component runs in one.
    listen
        Told of each outcome, in this process.
    tick
        Called several times a second; may raise KeyboardInterrupt to stop.
    worker_pool
        Processes to use first; None: all are started here.
    """
    ordered = sorted(jobs, key=lambda job: (-job.size, job.warehouse_id))
    if workers == 0:
        work_through(instance, ordered, options, seconds, listen)
        return
    lanes = _lanes(ordered, workers)
    threads = max(1, workers // max(1, len(lanes)))
    search = replace(options, workers=threads)
    _Parent(instance, lanes, search, seconds, listen, tick, worker_pool).run()


def _lanes(ordered: Sequence[Job], workers: int) -> list[list[Job]]:
    """Longest first, each to the lane with the least work."""
    lanes: list[list[Job]] = [[] for _ in range(min(workers, len(ordered)))]
    for job in ordered:
        min(lanes, key=lambda lane: sum(one.size for one in lane)).append(job)
    return lanes


class _Parent:
    """Starts the processes, hears them, replaces a lost one once."""

    def __init__(
        self,
        instance: Instance,
        lanes: Sequence[Sequence[Job]],
        options: SearchOptions,
        seconds: Seconds | None,
        listen: Listen,
        tick: Callable[[], None],
        worker_pool: WorkerPool | None = None,
    ) -> None:
        self._instance = instance
        self._options = options
        self._seconds = seconds
        self._began = time.monotonic()
        self._listen = listen
        self._tick = tick
        self._worker_pool = worker_pool
        self._open: dict[int, dict[str, Job]] = {
            number: {job.warehouse_id: job for job in lane} for number, lane in enumerate(lanes)
        }
        self._tries: dict[int, int] = dict.fromkeys(self._open, 0)
        self._processes: dict[int, Any] = {}
        self._queues: dict[int, Any] = {}

    def run(self) -> None:
        """Until every job is finished or given up."""
        try:
            for lane in self._open:
                self._start(lane)
            while self._processes:
                for lane in list(self._processes):
                    self._hear(lane)
                self._tick()
        finally:
            for process in self._processes.values():
                process.terminate()
            for process in self._processes.values():
                process.join()

    def _start(self, lane: int) -> None:
        self._tries[lane] += 1
        seconds = self._seconds
        if seconds is not None:
            left_s = max(1.0, seconds.time_s - (time.monotonic() - self._began))
            seconds = replace(seconds, time_s=left_s)
        started = (self._worker_pool.take() if self._worker_pool else None) or new_process(
            self._options.engine
        )
        self._processes[lane], self._queues[lane] = started.process, started.results
        with suppress(OSError):  # it ended already; that is noticed later
            jobs = tuple(self._open[lane].values())
            started.orders.send((self._instance, jobs, self._options, seconds))

    def _hear(self, lane: int) -> None:
        try:
            heard = self._queues[lane].get(timeout=_POLL_S / max(1, len(self._processes)))
        except queue.Empty:
            if self._processes[lane].is_alive():
                return
            try:  # what it said between the wait and its end
                heard = self._queues[lane].get(timeout=_POLL_S)
            except queue.Empty:
                self._lost(lane)
                return
        if heard is None:
            self._processes.pop(lane).join()
            return
        if heard.final:
            self._open[lane].pop(heard.warehouse_id, None)
        self._listen(heard)

    def _lost(self, lane: int) -> None:
        """A process ended without saying so (killed, out of memory)."""
        process = self._processes.pop(lane)
        process.terminate()
        process.join()
        if not self._open[lane]:
            return
        if self._tries[lane] < 2:
            self._start(lane)
            return
        for warehouse_id in self._open[lane]:
            self._listen(Heard(warehouse_id, None, final=True))
