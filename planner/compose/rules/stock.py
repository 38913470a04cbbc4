"""Rule ``stock``: no more is loaded of a supply than has come."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.compose.options import Option
from planner.problem.problem import Problem

__all__ = ["limit_loads"]


def limit_loads(model: cp_model.CpModel, problem: Problem, options: Sequence[Option]) -> None:
    """Load no more of each supply than has come: all that is loaded before a receipt has to do without it."""
    for supply in problem.supplies:
        needs = [(supply.need_of(one.consignments), one.variant.low_s, one.used) for one in options]
        ends = (*supply.moments[1:], problem.horizon_s)
        for amount, until_s in zip(supply.amounts, ends, strict=True):
            before = [(need, var) for need, low_s, var in needs if need and low_s < until_s]
            if sum(need for need, _ in before) > amount:
                model.add(sum(need * var for need, var in before) <= amount)
