"""Rule ``deadline``: which regions are late, by how much, and what that weighs in the objective."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.compose.options import Option
from planner.compose.solution import Solution
from planner.problem.problem import Problem
from planner.problem.visits import UNPROMISED_S

__all__ = [
    "Late",
    "Receipt",
    "late_weight_of",
    "late_weights",
    "lateness_min",
    "lateness_min_of",
    "receipts",
    "unpromised_weight_of",
]


@dataclass(frozen=True, slots=True)
class Late:
    """What makes a region late where it is used, by how many seconds, and whether it does so as planned."""

    used: cp_model.IntVar
    over_s: cp_model.LinearExprT
    as_planned: bool


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
        Each option that makes it late.
    over_s
        By how much trips that stay make it late; 0 or less: not.
    is_late
        Whether they do so as planned.
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
    is_late: bool = False


def receipts(
    problem: Problem, options: Sequence[Option], missing: dict[int, cp_model.IntVar]
) -> Iterator[Receipt]:
    """What makes each region of one echelon late."""
    late: dict[int, list[Late]] = {}
    for one in options:
        for region in one.variant.late:
            over_s = one.start - one.variant.low_s + one.variant.over_s(one.trip, region)
            planned = one.variant.is_late(one.trip, region)
            late.setdefault(region, []).append(Late(one.used, over_s, planned))
    for region, mine in enumerate(problem.consignments_of):
        yield Receipt(
            name=str(region),
            weight=int(problem.weight[region]),
            counts=region not in problem.hopeless and region not in problem.given_up,
            missing=[missing[idx] for idx in mine if idx in missing and idx in problem.required],
            late=late.get(region, []),
            horizon_s=problem.horizon_s,
        )


def late_weights(model: cp_model.CpModel, regions: Sequence[Receipt]) -> list[cp_model.LinearExprT]:
    """Weight with something missing or late as planned, then weight with something not promised.

    Missing counts more than all lateness. The second is left out where no region could be late in the worst
    case alone.
    """
    late_terms: list[cp_model.LinearExprT] = []
    unpromised_terms: list[cp_model.LinearExprT] = []
    scale = sum(one.weight for one in regions) + 1
    for one in regions:
        gone = model.new_bool_var(f"gone{one.name}")
        if isinstance(one.missing, bool):
            model.add(gone == one.missing)
        else:
            model.add_max_equality(gone, [*one.missing, 0])
        late_terms.append(scale * one.weight * gone)
        if not one.counts:
            continue
        is_late = model.new_bool_var(f"late{one.name}")
        unpromised = model.new_bool_var(f"unpromised{one.name}")
        for late in one.late:
            model.add_bool_or(~late.used, is_late if late.as_planned else unpromised, gone)
        model.add_implication(is_late, unpromised)
        if one.is_late:
            model.add(is_late == 1)
        elif one.over_s > 0:
            model.add(unpromised == 1)
        late_terms.append(one.weight * is_late)
        unpromised_terms.append(one.weight * unpromised)
    if all(late.as_planned for one in regions for late in one.late):
        return [sum(late_terms)]
    return [sum(late_terms), sum(unpromised_terms)]


def lateness_min(model: cp_model.CpModel, regions: Sequence[Receipt]) -> cp_model.LinearExprT:
    """Weighted minutes of lateness."""
    terms: list[cp_model.LinearExprT] = []
    for one in regions:
        over_min = model.new_int_var(0, _minutes(one.horizon_s + 3 * UNPROMISED_S), f"over{one.name}")
        for late in one.late:
            model.add(60 * over_min >= late.over_s).only_enforce_if(late.used)
        if one.over_s > 0:
            model.add(over_min >= _minutes(one.over_s))
        if one.late or one.over_s > 0:
            terms.append(one.weight * over_min)
    return sum(terms)


def late_weight_of(solution: Solution) -> int:
    """The first of `late_weights` of a solution of one echelon."""
    problem = solution.problem
    gone = sum(int(problem.weight[region]) for region in _missing(solution))
    return (int(problem.weight.sum()) + 1) * gone + _weight(solution, solution.late)


def unpromised_weight_of(solution: Solution) -> int:
    """The second of `late_weights` of a solution of one echelon."""
    return _weight(solution, _worst_over_s(solution))


def _missing(solution: Solution) -> frozenset[int]:
    """Regions with something missing that must be delivered."""
    problem = solution.problem
    return frozenset(
        region
        for region, mine in enumerate(problem.consignments_of)
        if not solution.delivered.issuperset(problem.required.intersection(mine))
    )


def _weight(solution: Solution, regions: Iterable[int]) -> int:
    """Weight of those regions that count as late: nothing is missing, and it could be otherwise."""
    problem = solution.problem
    counted = set(regions) - _missing(solution) - problem.hopeless - problem.given_up
    return sum(int(problem.weight[region]) for region in counted)


def lateness_min_of(solution: Solution) -> int:
    """`lateness_min` of a solution of one echelon."""
    worst = _worst_over_s(solution)
    return sum(int(solution.problem.weight[region]) * _minutes(over_s) for region, over_s in worst.items())


def _minutes(over_s: int) -> int:
    return -(-over_s // 60)


def _worst_over_s(solution: Solution) -> dict[int, int]:
    """Largest lateness of each region to which something comes late."""
    return {region: over_s for region, over_s in enumerate(solution.over_s) if over_s > 0}
