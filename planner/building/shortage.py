"""Who goes without where a warehouse has too little of something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["regions_to_leave"]


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
    short = [item for item in stock if sum(need[item] for need in needs) > stock[item]]
    if not short:
        return ()
    from ortools.sat.python import cp_model  # heavy, and needed only here

    model = cp_model.CpModel()
    keep = [model.new_bool_var(f"keep{idx}") for idx in range(len(needs))]
    for item in short:
        model.add(sum(need[item] * var for need, var in zip(needs, keep, strict=True)) <= stock[item])
    model.maximize(sum(weight * var for weight, var in zip(weights, keep, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = 20
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    kept = {idx for idx, var in enumerate(keep) if found and solver.value(var)}
    left = {item: stock[item] - sum(needs[idx][item] for idx in kept) for item in short}
    for idx in sorted(set(range(len(needs))) - kept, key=lambda one: (-weights[one], one)):
        if all(needs[idx][item] <= left[item] for item in short):
            kept.add(idx)
            left = {item: left[item] - needs[idx][item] for item in short}
    return tuple(idx for idx in range(len(needs)) if idx not in kept)
