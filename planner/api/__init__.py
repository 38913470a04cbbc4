"""The verbs of the command line as functions: they take and return objects, and print nothing.

``import planner`` has them as ``planner.read``, ``planner.solve`` and so on; ``docs/python.md`` shows how
they are used. Faults of the input are raised as `planner.base.errors.InputError`, which carries all of them.
"""

from planner.api.afterwards import Difference, ReplanResult, diff, replan
from planner.api.changing import change, network_model, places_left_apart
from planner.api.judging import check, evaluate, export
from planner.api.objects import CancelFlag, PlanSource, Result, Rows, Source, Tables, Validation
from planner.api.reading import frames, init, read, validate, write
from planner.api.solving import solve
from planner.api.tradeoffs import Tradeoff, tradeoff
from planner.solving.pipeline import Progress

__all__ = [
    "CancelFlag",
    "Difference",
    "PlanSource",
    "Progress",
    "ReplanResult",
    "Result",
    "Rows",
    "Source",
    "Tables",
    "Tradeoff",
    "Validation",
    "change",
    "check",
    "diff",
    "evaluate",
    "export",
    "frames",
    "init",
    "network_model",
    "places_left_apart",
    "read",
    "replan",
    "solve",
    "tradeoff",
    "validate",
    "write",
]
