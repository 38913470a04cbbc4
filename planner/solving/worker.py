"""What a worker process does: it loads an engine, takes its work on stdin, and tells on stdout what it finds.

`planner.solving.worker_pool` starts it. It never imports the script, notebook or program that asked for it:
scripts need no guard against being run again by their own workers. Importing this is quick.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import threading
from typing import IO, Any, NoReturn

__all__ = ["main", "read_message", "write_message"]

_LENGTH = struct.Struct("<Q")


def write_message(stream: IO[bytes], data: bytes) -> None:
    """Write the bytes of one message, after their number.

    Raises
    ------
    OSError
        Where the other side is gone.
    """
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes | None:
    """The bytes of the next message; None where the other side ended, also in the middle of one."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length: int = _LENGTH.unpack(head)[0]
    data = stream.read(length)
    return data if len(data) == length else None


def main(engine: str) -> NoReturn:
    """Work of one process: load an engine, take one order, tell what is found, and at last None."""
    orders, results = _streams()

    def tell(what: object) -> None:
        try:
            write_message(results, pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
        except OSError:  # nobody listens any more
            os._exit(1)

    from planner.propose.engines import warm_up  # heavy, and not for the parent
    from planner.solving.jobs import work_through

    warm_up(engine)
    data = read_message(orders)
    if data is None:  # nothing to do: the parent is gone
        os._exit(0)
    instance, jobs, options, seconds = pickle.loads(data)
    _end_with_parent(orders)
    work_through(instance, jobs, options, seconds, tell)
    tell(None)
    os._exit(0)  # a thread still waits for the parent's end


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Own copies of stdin and stdout; what libraries print goes to stderr from now on."""
    sys.stdout.flush()
    orders, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    try:
        os.dup2(2, 1)
    except OSError:  # a program without windows of text has no stderr
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return orders, results


def _end_with_parent(orders: Any) -> None:  # noqa: ANN401
    """End at once where the parent is killed; on Windows with the next thing that is told.

    There a library cannot be loaded while a thread waits for a pipe that is stdin.
    """
    if os.name == "nt":
        return

    def wait() -> None:
        read_message(orders)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
