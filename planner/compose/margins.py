"""Evening out: larger smallest relative margins at the same cost (the objective's last tie)."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.compose.solution import Solution
from planner.compose.stages import cp_solver
from planner.compose.vehicle_assignment import ExplicitModel
from planner.compose.vehicle_naming import NamingFailedError
from planner.problem.problem import Problem
from planner.propose.engine import Budget

__all__ = ["even_out"]

_ROUNDS = 6
_LARGEST = 10_000_000


def even_out(
    problem: Problem, solution: Solution, *, budget: Budget, seed: int, propagate_more: bool = True
) -> Solution:
    """The same trips at the same cost with larger smallest relative margins (leximin).

    Parameters
    ----------
    problem, solution
        What was composed.
    budget
        Time or effort for all rounds together.
    seed
        For CP-SAT.
    propagate_more
        Whether trips may overlap (`planner.compose.delay_propagation`) that do not yet.

    Notes
    -----
    Round after round the smallest relative margin is made as large as can be, then the regions that
    hold it down are set aside with it, and the others go on. Plans with somebody late are left as they are.
    """
    if not solution.assignments or not solution.all_on_time:
        return solution
    open_regions = {region for region, received in enumerate(solution.received_s) if received is not None}
    fixed: list[tuple[Sequence[int], int]] = []
    best = solution
    for _ in range(_ROUNDS):
        if not open_regions:
            break
        model = ExplicitModel(
            problem, [one.candidate for one in solution.assignments], best, propagate_more=propagate_more
        )
        model.model.add(model.cost <= solution.cost)
        for regions, floor in fixed:
            _at_least(model, regions, model.model.new_constant(floor))
        bottom = model.model.new_int_var(-_LARGEST, _LARGEST, "bottom")
        _at_least(model, sorted(open_regions), bottom)
        model.model.maximize(bottom)
        model.hint(best)
        solver = cp_solver(budget, 1 / _ROUNDS, seed)
        if solver.solve(model.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        try:
            found = model.solution(solver)
        except NamingFailedError:
            break
        if found.score > best.score:
            break
        best, floor = found, solver.value(bottom)
        held = sorted(region for region in open_regions if _relative_margin(best, region) <= floor)
        fixed.append((held, floor))
        open_regions -= set(held)
    return best


def _at_least(model: ExplicitModel, regions: Sequence[int], bottom: cp_model.IntVar) -> None:
    """`bottom` is at most the relative margin (in thousandths) of each of these regions."""
    wanted = set(regions)
    for one in model.options:
        for region in {stop.region for stop in one.trip.stops} & wanted:
            ends = one.variant.receipt_s(one.trip, region) - one.variant.low_s
            margin = model.problem.region_deadlines[region] - ends - one.start
            way = model.problem.shortest_ways_s[region]
            model.model.add(bottom * way <= 1000 * margin).only_enforce_if(one.used)


def _relative_margin(solution: Solution, region: int) -> int:
    received = solution.received_s[region]
    assert received is not None
    margin = solution.problem.region_deadlines[region] - received
    return margin * 1000 // solution.problem.shortest_ways_s[region]
