"""The worst of some statuses: one place that knows the order."""

import ast

import pytest

from planner.plans.model import Status
from scripts.structure import modules_of

FILES = modules_of()


def test_the_worst_of_some_statuses():
    assert Status.worst_of([Status.ON_TIME, Status.IMPOSSIBLE, Status.LATE]) is Status.IMPOSSIBLE
    assert Status.worst_of(Status) is Status.NOT_FOUND
    assert Status.worst_of(iter([Status.GUARANTEED]), default=Status.LATE) is Status.GUARANTEED
    assert Status.worst_of([], default=Status.ON_TIME) is Status.ON_TIME
    with pytest.raises(ValueError, match="no status"):
        Status.worst_of([])


def takes_the_worst(tree):
    """Whether a module takes the largest rank of some statuses itself."""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "max"
        and any(
            isinstance(one.value, ast.Lambda) and getattr(one.value.body, "attr", "") == "rank"
            for one in node.keywords
        )
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("module", FILES)
def test_nobody_else_looks_for_the_worst(module):
    there = takes_the_worst(ast.parse(FILES[module].read_text("utf-8")))
    assert there == (module == "planner.plans.model")
