"""Rule ``docks``: no more loads at once at an origin than it has docks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.compose.rules import outage
from planner.network.calendars import Interval
from planner.problem.problem import Problem

__all__ = ["limit_docks"]


def limit_docks(
    model: cp_model.CpModel,
    problem: Problem,
    options: Iterable[Driven],
    until: Callable[[int], cp_model.LinearExprT | None] = lambda _: None,
    *,
    kept: Sequence[Interval] = (),
    from_s: int = 0,
) -> None:
    """A dock for each load, from its start to the departure, or to what is given for an option.

    Parameters
    ----------
    model, problem, options
        The echelon, and what may be driven.
    until
        Gives when the option at a position has loaded for sure, or None: when it departs. By default all
        depart as planned.
    kept
        Loads that stay, at an origin that is the only one; where more load at once than there are docks, so
        many may.
    from_s
        What is over before this is left out, in seconds.
    """
    loads: list[list[cp_model.IntervalVar]] = [[] for _ in problem.origins]
    for idx, one in enumerate(options):
        timing = one.timing
        length = timing.depart_s - timing.load_start_s
        there, end = loads[problem.fleet[one.fleet].origin], until(idx)
        if end is not None and length:
            size = model.new_int_var(0, problem.horizon_s, f"l{idx}")
            there.append(model.new_optional_interval_var(one.start, size, end, one.used, f"d{idx}"))
            continue
        there.append(model.new_optional_fixed_size_interval_var(one.start, length, one.used, f"d{idx}"))
    for origin, there in zip(problem.origins, loads, strict=True):
        if there:
            stays = [(max(begin, from_s), end, 1) for begin, end in kept if end > from_s]
            out = [(max(begin, from_s), end, number) for begin, end, number in origin.out if end > from_s]
            away, numbers = outage.docks_away(model, [*stays, *out])
            most = max(origin.docks, _peak([*stays, *out]))
            model.add_cumulative([*there, *away], [1] * len(there) + numbers, most)


def _peak(spans: Iterable[tuple[int, int, int]]) -> int:
    """Most that is taken at once."""
    changes: dict[int, int] = {}
    for begin, end, number in spans:
        changes[begin] = changes.get(begin, 0) + number
        changes[end] = changes.get(end, 0) - number
    return max(accumulate((changes[moment] for moment in sorted(changes)), initial=0))
