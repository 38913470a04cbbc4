"""A worker's own process: ``python -m planner.batches.worker`` reads runs from its input and does them.

Each line of the input is a run, each line of the output how it ended. When the input ends, whoever asked is
gone (killed, perhaps), and so the process ends at once, whatever it is doing.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from planner.batches.failure import FailureKind
from planner.batches.task import Task

__all__ = ["main"]

_MEGABYTE = 1 << 20


def main() -> None:
    """Do runs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between the answers
    orders: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()

    def tell(answer: Mapping[str, Any]) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()

    while True:
        tell(_answer(json.loads(orders.get()), tell))


def _listen(source: BinaryIO, orders: queue.Queue[bytes]) -> None:
    for line in source:
        orders.put(line)
    os._exit(0)  # nobody is left who would hear the answer


def _answer(order: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Tell that a run begins, and then how it ended: `ok`, else why and whether to try again is of no use."""
    task = Task.from_json(order["task"])
    if task.memory_mb is not None:
        _limit_memory(task.memory_mb)
    from planner.base.text import set_language

    set_language(order["language"])
    try:
        from planner.base.errors import InputError
        from planner.batches.single_run import (  # heavy: after the limit
            OtherInputsError,
            SearchFailedError,
            perform,
        )
    except MemoryError:
        return _failed(FailureKind.MEMORY)
    tell({"begun": True})
    try:
        perform(task, order["attempt"])
    except InputError as error:
        said = "; ".join(f"{one.code} {one.table}: {one.cause}" for one in error.faults[:5])
        return _failed(FailureKind.INPUT, said, final=True)
    except OtherInputsError:
        return _failed(FailureKind.FILES_CHANGED, final=True)
    except MemoryError:
        return _failed(FailureKind.MEMORY)
    except Exception as error:
        kind, said = FailureKind.ERROR, f"{type(error).__name__}: {error}"
        if isinstance(error, SearchFailedError):
            said = str(error)
            kind = FailureKind.SEARCH_FAILED if said else FailureKind.NOT_SEARCHED
        return _failed(_or_memory(kind, said), said)
    return {"ok": True}


def _failed(kind: FailureKind, said: str = "", *, final: bool = False) -> dict[str, Any]:
    return {"ok": False, "kind": kind.value, "reason": said[:500], "final": final}


def _or_memory(kind: FailureKind, said: str) -> FailureKind:
    """Libraries have words of their own for a lack of memory."""
    return FailureKind.MEMORY if "MemoryError" in said or "bad_alloc" in said else kind


def _limit_memory(megabytes: int) -> None:
    """Limit the address space; `worker_process.can_limit_memory` says where that is possible."""
    import resource

    most = megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
