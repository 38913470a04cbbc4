"""CP-SAT as composition, joint search and replans use it: one solver, stages of an objective in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from planner.propose.engine import Budget

__all__ = ["cp_solver", "stage_after_stage"]

_DETERMINISTIC_S_PER_EFFORT = 1.0


def cp_solver(budget: Budget, share: float, seed: int) -> cp_model.CpSolver:
    """CP-SAT with a share of a budget, on one thread; repeatable where the budget is an effort.

    Notes
    -----
    With more threads, version 9.15 ends the whole process (``Check failed: heuristics.fixed_search``) where a
    model with a hint is found to be infeasible while it is loaded (google/or-tools#5025).
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.random_seed = seed % 2_147_483_647
    parameters.catch_sigint_signal = False
    parameters.interleave_search = True
    parameters.cp_model_probing_level = 0
    parameters.max_presolve_iterations = 1
    parameters.symmetry_level = 0
    if budget.effort is not None:
        parameters.max_deterministic_time = _DETERMINISTIC_S_PER_EFFORT * budget.effort * share
    elif budget.time_s is not None:
        parameters.max_time_in_seconds = max(0.05, budget.time_s * share)
    return solver


def stage_after_stage(
    model: cp_model.CpModel, stages: Sequence[cp_model.LinearExprT], search: Callable[[int], int | None]
) -> bool:
    """Make each stage of an objective as small as can be found, at no loss of those before it.

    Parameters
    ----------
    model
        What is searched.
    stages
        In the order of the objective.
    search
        Searches the model for the stage with a number; gives the value that the following stages must keep,
        or None where nothing was found or no more should be searched.

    Returns
    -------
    bool
        Whether all stages were searched.
    """
    for number, objective in enumerate(stages):
        model.minimize(objective)
        value = search(number)
        if value is None:
            return False
        if number + 1 < len(stages):
            model.clear_objective()  # type: ignore[no-untyped-call]
            model.add(objective <= value)
    return True
