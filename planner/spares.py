"""Processes that can be started before there is work for them; importing this is quick."""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import dataclass
from typing import Any

__all__ = ["Spares", "StartedProcess", "new_process"]


@dataclass(frozen=True)
class StartedProcess:
    """A process, the way to give it its work, and what it answers by."""

    process: Any
    orders: Any
    results: Any


def new_process(engine: str) -> StartedProcess:
    """Start a process that loads an engine and waits for its work."""
    context = multiprocessing.get_context("spawn")  # the same on every system
    theirs, mine = context.Pipe(duplex=False)
    results = context.Queue()
    process = context.Process(target=_child, args=(theirs, results, engine), daemon=True)
    process.start()
    theirs.close()
    return StartedProcess(process, mine, results)


def _child(orders: Any, results: Any, engine: str) -> None:  # noqa: ANN401
    """Work of one process; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from planner.propose.engine import warm_up  # heavy, and not for the parent
    from planner.work import work_through

    try:
        warm_up(engine)
        instance, jobs, options, time_s = orders.recv()
    except EOFError:  # nothing to do: the parent is gone
        return
    deadline = None if time_s is None else time.monotonic() + time_s
    work_through(instance, jobs, options, deadline, results.put)
    results.put(None)


class Spares:
    """Processes that are started before there is work for them, so that what they need is loaded by then."""

    def __init__(self, number: int, engine: str) -> None:
        self._waiting = [new_process(engine) for _ in range(number)]

    def __enter__(self) -> Spares:
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._waiting:
            one.process.terminate()
            one.process.join()
        self._waiting = []

    def take(self) -> StartedProcess | None:
        """One of them, if one is left."""
        return self._waiting.pop(0) if self._waiting else None
