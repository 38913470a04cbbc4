"""Rule ``stock``: no more is loaded of a supply than has come."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.problem.problem import Problem

__all__ = ["limit_loads", "load_no_more"]


def limit_loads(model: cp_model.CpModel, problem: Problem, options: Sequence[Driven]) -> None:
    """Load no more of each supply than has come: all that is loaded before a receipt has to do without it.

    Where a promised load begins until then, all that is loaded by then can be counted on.
    """
    for supply in problem.supplies:
        needs = [(supply.need_of(one.consignments), one.timing.load_start_s, one) for one in options]
        begins, ends = supply.moments, (*supply.moments[1:], problem.horizon_s)
        for amount, sure, from_s, until_s in zip(supply.amounts, supply.sure, begins, ends, strict=True):
            before = [(need, one.used) for need, low_s, one in needs if need and low_s < until_s]
            most = load_no_more(model, before, amount)
            if sure == amount or most <= sure:
                continue
            for need, low_s, one in needs:
                if need and from_s <= low_s < until_s and not problem.unsure.issuperset(one.consignments):
                    model.add(sum(part * var for part, var in before) <= sure).only_enforce_if(one.used)


def load_no_more(model: cp_model.CpModel, before: Sequence[tuple[int, cp_model.IntVar]], amount: int) -> int:
    """No more than has come of what would be loaded by then; gives how much that is in all."""
    most = sum(need for need, _ in before)
    if most > amount:
        model.add(sum(need * var for need, var in before) <= amount)
    return most
