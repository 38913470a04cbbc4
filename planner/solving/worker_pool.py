"""Processes that can be started before there is work for them; importing this is quick."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.spawn import get_executable
from typing import IO, Any

from planner.solving.worker import read_message, write_message

__all__ = ["StartedProcess", "WorkerPool", "new_process"]

# Ctrl-C is the parent's to handle. The parent's own places to import from come first, so that the child
# finds the same package; `multiprocessing` is not used, since its children run the user's script again.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "engine, sys.path[:] = sys.argv[1], sys.argv[2:]; "
    "from planner.solving.worker import main; main(engine)"
)


@dataclass(frozen=True)
class StartedProcess:
    """A process, the way to give it its work, and what it answers by."""

    process: _Process
    orders: _Orders
    results: queue.Queue[Any]


class _Orders:
    """Gives a process its work, without waiting until it takes it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._thread: threading.Thread | None = None

    def send(self, work: object) -> None:
        """Give it its only piece of work; where the process ended already, nothing happens."""
        data = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._thread = threading.Thread(target=self._write, args=(data,), daemon=True)
        self._thread.start()

    def _write(self, data: bytes) -> None:
        with suppress(OSError):
            write_message(self._stream, data)

    def close(self) -> None:
        """Once the process ended."""
        if self._thread is not None:
            self._thread.join()
        with suppress(OSError):
            self._stream.close()


class _Process:
    """A running worker; the answers that it has given are all heard before it counts as ended."""

    def __init__(self, popen: subprocess.Popen[bytes], orders: _Orders, results: queue.Queue[Any]) -> None:
        self._popen = popen
        self._orders = orders
        self._results = results
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._popen.pid

    def is_alive(self) -> bool:
        """Whether it may still say something."""
        return self._reader.is_alive()

    def terminate(self) -> None:
        """End it at once."""
        self._popen.kill()

    def join(self) -> None:
        """Wait for its end, and give back what it held."""
        self._popen.wait()
        self._reader.join()
        self._orders.close()

    def _read(self) -> None:
        stream = self._popen.stdout
        assert stream is not None
        with stream:
            while (data := read_message(stream)) is not None:
                self._results.put(pickle.loads(data))


def new_process(engine: str) -> StartedProcess:
    """Start a process that loads an engine and waits for its work.

    Raises
    ------
    OSError
        If the system starts no process.
    """
    places = [os.path.abspath(place) for place in sys.path]
    popen = subprocess.Popen(
        [os.fsdecode(get_executable()), "-P", "-c", _START, engine, *places],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert popen.stdin is not None
    orders = _Orders(popen.stdin)
    results: queue.Queue[Any] = queue.Queue()
    return StartedProcess(_Process(popen, orders, results), orders, results)


class WorkerPool:
    """Processes that are started before there is work for them, so that what they need is loaded by then."""

    def __init__(self, number: int, engine: str) -> None:
        self._waiting = [new_process(engine) for _ in range(number)]

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._waiting:
            one.process.terminate()
        for one in self._waiting:
            one.process.join()
        self._waiting = []

    def take(self) -> StartedProcess | None:
        """One of them, if one is left."""
        return self._waiting.pop(0) if self._waiting else None
