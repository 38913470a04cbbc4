"""Processes that do runs, one at a time, seen from the side that asks.

Not `multiprocessing`: executors of clusters run their work in processes that may have no such children
(https://github.com/dask/distributed/issues/2142), and `concurrent.futures.ProcessPoolExecutor` gives up all
its work when one of its processes is killed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from planner.base.text import language
from planner.batches.failure import FailureKind, Reason
from planner.batches.task import Task

__all__ = ["START_S", "Child", "DiedError", "StoppedError", "allow_work", "can_limit_memory", "end_all"]

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_SAID_BYTES = 600  # of what a process said last, in a reason
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_END_S = 5.0
START_S = 120.0  # a process that has not begun by then hangs; with far too little memory some libraries do


class DiedError(Exception):
    """A process ended without an answer, or was ended because it took too long."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.text)


class StoppedError(Exception):
    """All processes were ended on purpose."""


class _Live:
    """The processes of this program that live now."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.children: set[Child] = set()
        self.stopping = False


_LIVE = _Live()


def allow_work() -> None:
    """Let new processes start again after `end_all`."""
    with _LIVE.lock:
        _LIVE.stopping = False


def end_all() -> None:
    """End all processes and let none start."""
    with _LIVE.lock:
        _LIVE.stopping = True
        children = list(_LIVE.children)
    for one in children:
        one.close()


def can_limit_memory() -> bool:
    """Whether this system can hold a process to a limit of memory (Windows and macOS cannot, this way)."""
    return importlib.util.find_spec("resource") is not None and sys.platform != "darwin"


class Child:
    """A process that does runs until it is closed or dies."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        environment = dict.fromkeys(_THREADS, "1") | dict(os.environ)
        paths = [str(_PACKAGE_ROOT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        with _LIVE.lock:
            if _LIVE.stopping:
                self._said.close()
                raise StoppedError
            self._process = subprocess.Popen(
                [sys.executable, "-m", "planner.batches.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=environment,
            )
            _LIVE.children.add(self)
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put(b"")

    def ask(self, task: Task, attempt: int, limit_s: float | None) -> dict[str, Any]:
        """Have a run done and wait for how it ended.

        Parameters
        ----------
        task, attempt
            The run, and which attempt it is.
        limit_s
            The process is ended when the run takes longer; None: it may take for ever.

        Raises
        ------
        DiedError
            If there is no answer.
        StoppedError
            If all processes are ended on purpose.
        """
        order = {"task": task.as_json(), "attempt": attempt, "language": language()}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None
        answer = self._line(START_S)
        return self._line(limit_s) if "begun" in answer else answer

    def _line(self, limit_s: float | None) -> dict[str, Any]:
        """What the process says next."""
        try:
            line = self._answers.get(timeout=limit_s)
        except queue.Empty:
            self.close()
            raise DiedError(Reason(FailureKind.NO_ANSWER, f"{limit_s:.0f}")) from None
        if not line:
            raise self._died()
        said: dict[str, Any] = json.loads(line)
        return said

    def _died(self) -> Exception:
        try:
            code = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            code = None
        said = self._last_words()
        self.close()
        if _LIVE.stopping:
            return StoppedError()
        if code is not None and code < 0:
            return DiedError(Reason(FailureKind.SIGNAL, f"{-code}", said))
        return DiedError(Reason(FailureKind.EXIT_CODE, f"{code}", said))

    def _last_words(self) -> str:
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - _SAID_BYTES))
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    def close(self) -> None:
        """End the process, whatever it does."""
        with _LIVE.lock:
            if self not in _LIVE.children:
                return
            _LIVE.children.discard(self)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
