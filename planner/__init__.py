"""Plan how supplies reach every village on time.

``planner.init``, ``read``, ``validate``, ``change``, ``network_model``, ``solve``, ``tradeoff``,
``evaluate``, ``check``, ``replan``, ``diff`` and ``export`` are the verbs of the command line as functions
(see ``docs/python.md``). They are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.base.version import __version__

if TYPE_CHECKING:
    from planner.api import Difference as Difference
    from planner.api import Progress as Progress
    from planner.api import ReplanResult as ReplanResult
    from planner.api import Result as Result
    from planner.api import Tradeoff as Tradeoff
    from planner.api import Validation as Validation
    from planner.api import change as change
    from planner.api import check as check
    from planner.api import diff as diff
    from planner.api import evaluate as evaluate
    from planner.api import export as export
    from planner.api import frames as frames
    from planner.api import init as init
    from planner.api import network_model as network_model
    from planner.api import places_left_apart as places_left_apart
    from planner.api import read as read
    from planner.api import replan as replan
    from planner.api import solve as solve
    from planner.api import tradeoff as tradeoff
    from planner.api import validate as validate
    from planner.api import write as write
    from planner.base.errors import CheckFailedError as CheckFailedError
    from planner.base.errors import InputError as InputError
    from planner.base.errors import PlannerError as PlannerError

_VERBS = (
    *("Difference", "Progress", "ReplanResult", "Result", "Tradeoff", "Validation"),
    *(
        "change",
        "check",
        "diff",
        "evaluate",
        "export",
        "frames",
        "init",
        "network_model",
        "places_left_apart",
    ),
    *("read", "replan", "solve", "tradeoff", "validate", "write"),
)
_ERRORS = ("CheckFailedError", "InputError", "PlannerError")

__all__ = ["__version__", *_ERRORS, *_VERBS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a verb or an error when it is used for the first time."""
    if name in _VERBS:
        from planner import api as source
    elif name in _ERRORS:
        from planner.base import errors as source  # type: ignore[no-redef]
    else:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = found = getattr(source, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
