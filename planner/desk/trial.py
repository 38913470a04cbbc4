"""The process in which a new plan is tried: of low priority, not on all cores, gone with its server.

It gets its order as one line of JSON on stdin and answers in lines of JSON on stdout. When stdin ends, the
server has gone, and so does it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError

__all__ = ["faults_of", "main"]

_NICE = 10


def main() -> None:
    """Take the order, plan anew, and say where the plan is, or why there is none."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_server, daemon=True).start()
    _step_back()
    try:
        _say({"told": "done", **_tried(order)})
    except InputError as error:
        _say({"told": "failed", "faults": [_as_json(fault) for fault in error.faults]})


def _tried(order: dict[str, Any]) -> dict[str, Any]:
    from planner.base.files import give_back
    from planner.replanning.known_checks import folder_of_user
    from planner.replanning.pipeline import replan
    from planner.replanning.request import Files, request_of
    from planner.store.place import use_database

    use_database(order["database"], explicit=False)
    files = Files(
        plan=Path(order["plan"]), folder=None, events=Path(order["events"]) if order["events"] else None
    )
    options = {
        **{"time_limit_s": order["time_limit_s"], "longest_s": None, "effort": None, "seed": 1},
        **{"tolerance_s": order["tolerance_s"], "assume": "planned", "notice_s": None, "area": ""},
        **{"guarantee": None, "most_changes": None, "checks_folder": folder_of_user()},
    }
    case = request_of(files, order["now"], options, force=False)
    _say({"told": "began", "path": str(case.output)})
    try:
        result = replan(
            *(case.plan, case.instance, case.events, case.now_s, case.options),
            previous=case.previous,
            output=case.output,
        )
    finally:
        give_back(case.output)  # where no plan was made
    answer = result.verdict.answer.value
    return {"path": str(case.output), "answer": answer, "as_reported": result.verdict.as_reported}


def _end_with_server() -> None:
    """Wait until nobody is there any more who would hear the answer."""
    with suppress(OSError, ValueError):
        sys.stdin.read()
    os._exit(1)


def _step_back() -> None:
    """Leave one core, and let whoever serves people go first."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICE)
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with suppress(OSError):
            os.sched_setaffinity(0, cores[1:] or cores)


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _as_json(fault: Fault) -> dict[str, Any]:
    params = {name: value if isinstance(value, int) else str(value) for name, value in fault.params.items()}
    place = {"table": fault.table, "row": fault.row, "column": fault.column, "value": fault.value}
    return {"code": fault.code, **place, "params": params}


def faults_of(document: dict[str, Any]) -> tuple[Fault, ...]:
    """Faults that such a process told."""
    return tuple(Fault(**one) for one in document["faults"])
