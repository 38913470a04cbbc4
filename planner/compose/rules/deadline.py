"""Rule ``deadline``: which regions are late, by how much, and what that weighs in the objective."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.compose.options import Option
from planner.compose.solution import Solution
from planner.problem import Problem
from planner.schedule import UNPROMISED_S

__all__ = [
    "Late",
    "Receipt",
    "late_weight",
    "late_weight_of",
    "lateness_min",
    "lateness_min_of",
    "receipts",
]

Late = tuple[cp_model.IntVar, cp_model.LinearExprT]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What makes a region late in a model.

    Parameters
    ----------
    name
        For the names of variables.
    counts
        Whether it counts as late; not where it is late in every plan (how much, counts).
    missing
        Whether each of its consignments is missing; or, where that is given, whether any is.
    late
        Use of each option that makes it late, and by how many seconds.
    over_s
        By how much trips that stay make it late; 0 or less: not.
    horizon_s
        No lateness is larger.
    """

    name: str
    weight: int
    counts: bool
    missing: Sequence[cp_model.IntVar] | bool
    late: Sequence[Late]
    horizon_s: int
    over_s: int = 0


def receipts(
    problem: Problem, options: Sequence[Option], missing: dict[int, cp_model.IntVar]
) -> Iterator[Receipt]:
    """What makes each region of one layer late."""
    late: dict[int, list[Late]] = {}
    for one in options:
        for region in one.variant.late:
            over_s = one.start - one.variant.low_s + one.variant.over_s(one.trip, region)
            late.setdefault(region, []).append((one.used, over_s))
    for region, mine in enumerate(problem.consignments_of):
        yield Receipt(
            name=str(region),
            weight=int(problem.weight[region]),
            counts=region not in problem.hopeless and region not in problem.given_up,
            missing=[missing[idx] for idx in mine if idx in missing and idx in problem.required],
            late=late.get(region, []),
            horizon_s=problem.horizon_s,
        )


def late_weight(model: cp_model.CpModel, regions: Sequence[Receipt]) -> cp_model.LinearExprT:
    """Weight of the regions with something missing or late; missing counts more than all lateness."""
    terms: list[cp_model.LinearExprT] = []
    scale = sum(one.weight for one in regions) + 1
    for one in regions:
        gone = model.new_bool_var(f"gone{one.name}")
        if isinstance(one.missing, bool):
            model.add(gone == one.missing)
        else:
            model.add_max_equality(gone, [*one.missing, 0])
        terms.append(scale * one.weight * gone)
        if not one.counts:
            continue
        is_late = model.new_bool_var(f"late{one.name}")
        for used, _ in one.late:
            model.add_bool_or(~used, is_late, gone)
        if one.over_s > 0:
            model.add(is_late == 1)
        terms.append(one.weight * is_late)
    return sum(terms)


def lateness_min(model: cp_model.CpModel, regions: Sequence[Receipt]) -> cp_model.LinearExprT:
    """Weighted minutes of lateness."""
    terms: list[cp_model.LinearExprT] = []
    for one in regions:
        over_min = model.new_int_var(0, _minutes(one.horizon_s + 3 * UNPROMISED_S), f"over{one.name}")
        for used, over_s in one.late:
            model.add(60 * over_min >= over_s).only_enforce_if(used)
        if one.over_s > 0:
            model.add(over_min >= _minutes(one.over_s))
        if one.late or one.over_s > 0:
            terms.append(one.weight * over_min)
    return sum(terms)


def late_weight_of(solution: Solution) -> int:
    """`late_weight` of a solution of one layer."""
    problem = solution.problem
    total, scale = 0, int(problem.weight.sum()) + 1
    worst = _worst_over_s(solution)
    for region, mine in enumerate(problem.consignments_of):
        if not solution.delivered.issuperset(problem.required.intersection(mine)):
            total += scale * int(problem.weight[region])
        elif region in worst and region not in problem.hopeless and region not in problem.given_up:
            total += int(problem.weight[region])
    return total


def lateness_min_of(solution: Solution) -> int:
    """`lateness_min` of a solution of one layer."""
    worst = _worst_over_s(solution)
    return sum(int(solution.problem.weight[region]) * _minutes(over_s) for region, over_s in worst.items())


def _minutes(over_s: int) -> int:
    return -(-over_s // 60)


def _worst_over_s(solution: Solution) -> dict[int, int]:
    """Largest lateness of each region to which something comes late."""
    return {region: over_s for region, over_s in enumerate(solution.over_s) if over_s > 0}
