"""Who goes without where a warehouse has too little of something."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver, CpSolverStatus, IntVar

__all__ = ["least_weight_to_leave", "regions_to_leave"]

# How long is looked for who goes without, in seconds as CP-SAT counts them, and for how many at least.
_MOST_WORK, _LITTLE_WORK = 20, 1


def regions_to_leave(
    needs: Sequence[Mapping[str, int]], weights: Sequence[int], stock: Mapping[str, int]
) -> tuple[int, ...]:
    """Positions of the regions to leave out so that the others' needs are in stock.

    Parameters
    ----------
    needs
        For each region the quantity of each item of `stock`.
    weights
        Weight of each region; the total weight left out is least.
    stock
        Quantity of each item.

    Returns
    -------
    tuple of int
        Empty where there is enough. Regions that need nothing of a short item are never left out.

    Notes
    -----
    A knapsack of several dimensions, solved by CP-SAT with one worker; repeatable. Also where its search is
    cut short, nobody is left out for whom there is enough: the checker demands it.
    """
    short = _short(needs, stock)
    if not short:
        return ()
    status, solver, keep = _solved(needs, weights, stock, short, _MOST_WORK)
    found = status.name in ("OPTIMAL", "FEASIBLE")
    kept = {idx for idx, var in enumerate(keep) if found and solver.value(var)}
    left = {item: stock[item] - sum(needs[idx][item] for idx in kept) for item in short}
    for idx in sorted(set(range(len(needs))) - kept, key=lambda one: (-weights[one], one)):
        if all(needs[idx][item] <= left[item] for item in short):
            kept.add(idx)
            left = {item: left[item] - needs[idx][item] for item in short}
    return tuple(idx for idx in range(len(needs)) if idx not in kept)


def least_weight_to_leave(
    needs: Sequence[Mapping[str, int]], weights: Sequence[int], stock: Mapping[str, int]
) -> int:
    """A lower bound of the weight of regions that must go without, which is nearly always the least weight.

    Parameters
    ----------
    needs, weights, stock
        See `regions_to_leave`.
    """
    short = _short(needs, stock)
    if not short:
        return 0
    _, solver, _ = _solved(needs, weights, stock, short, _LITTLE_WORK)
    return max(0, sum(weights) - math.floor(solver.best_objective_bound + 1e-6))


def _short(needs: Sequence[Mapping[str, int]], stock: Mapping[str, int]) -> list[str]:
    return [item for item in stock if sum(need[item] for need in needs) > stock[item]]


def _solved(
    needs: Sequence[Mapping[str, int]],
    weights: Sequence[int],
    stock: Mapping[str, int],
    short: Sequence[str],
    work: float,
) -> tuple[CpSolverStatus, CpSolver, list[IntVar]]:
    """The knapsack of who keeps what is short, solved as far as some work (CP-SAT's own seconds) goes."""
    from ortools.sat.python import cp_model  # heavy, and needed only here

    model = cp_model.CpModel()
    keep = [model.new_bool_var(f"keep{idx}") for idx in range(len(needs))]
    for item in short:
        model.add(sum(need[item] * var for need, var in zip(needs, keep, strict=True)) <= stock[item])
    model.maximize(sum(weight * var for weight, var in zip(weights, keep, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = work
    return solver.solve(model), solver, keep
