"""Rule ``docks``: no more loads at once at an origin than it has docks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ortools.sat.python import cp_model

from planner.compose.options import Option
from planner.compose.rules import outage
from planner.problem.problem import Problem

__all__ = ["limit_docks"]


def limit_docks(
    model: cp_model.CpModel,
    problem: Problem,
    options: Iterable[Option],
    until: Callable[[int], cp_model.LinearExprT | None] = lambda _: None,
) -> None:
    """A dock for each load, from its start to the departure, or to what is given for an option.

    Parameters
    ----------
    model, problem, options
        The echelon, and what may be driven.
    until
        Gives when the option at a position has loaded for sure, or None: when it departs. By default all
        depart as planned.
    """
    loads: list[list[cp_model.IntervalVar]] = [[] for _ in problem.origins]
    for idx, one in enumerate(options):
        timing = one.variant.timing
        length = timing.depart_s - timing.load_start_s
        there, end = loads[problem.fleet[one.fleet].origin], until(idx)
        if end is not None and length:
            size = model.new_int_var(0, problem.horizon_s, f"l{idx}")
            there.append(model.new_optional_interval_var(one.start, size, end, one.used, f"d{idx}"))
            continue
        there.append(model.new_optional_fixed_size_interval_var(one.start, length, one.used, f"d{idx}"))
    for origin, there in zip(problem.origins, loads, strict=True):
        if there:
            away, numbers = outage.docks_away(model, origin)
            model.add_cumulative([*there, *away], [1] * len(there) + numbers, origin.docks)
