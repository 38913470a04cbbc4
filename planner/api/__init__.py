"""The verbs of the command line as functions: they take and return objects, and print nothing.

``import planner`` has them as ``planner.read``, ``planner.solve`` and so on; ``docs/python.md`` shows how
they are used. Faults of the input are raised as `planner.base.errors.InputError`, which carries all of them.
"""

from planner.api.judging import check, evaluate, export
from planner.api.objects import CancelFlag, PlanSource, Result, Rows, Source, Tables, Validation
from planner.api.reading import frames, init, read, validate, write
from planner.api.solving import solve
from planner.solving.pipeline import Progress

__all__ = [
    "CancelFlag",
    "PlanSource",
    "Progress",
    "Result",
    "Rows",
    "Source",
    "Tables",
    "Validation",
    "check",
    "evaluate",
    "export",
    "frames",
    "init",
    "read",
    "solve",
    "validate",
    "write",
]
