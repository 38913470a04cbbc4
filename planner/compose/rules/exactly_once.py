"""Rule ``exactly_once``: every consignment by one trip, or missing where that is allowed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.problem.problem import Problem

_Thing = TypeVar("_Thing", bound=Hashable)

__all__ = ["cover", "holders", "once"]


def once(
    model: cp_model.CpModel,
    ways: Mapping[_Thing, list[cp_model.IntVar]],
    may_miss: Collection[_Thing] = (),
    away: Mapping[_Thing, cp_model.IntVar] | None = None,
) -> dict[_Thing, cp_model.IntVar]:
    """Each thing in one of its ways, missing, or away; gives whether it is missing, of what may be.

    Parameters
    ----------
    model
        What the rule is added to.
    ways
        For each thing, whether each of its ways is taken.
    may_miss
        Things that may be missing.
    away
        Whether a thing is away, of those that may be; None: none may.
    """
    missing: dict[_Thing, cp_model.IntVar] = {}
    for idx, literals in ways.items():
        if idx in may_miss:
            missing[idx] = model.new_bool_var(f"m{idx}")
        others = [found[idx] for found in (missing, away or {}) if idx in found]
        model.add_exactly_one([*literals, *others])
    return missing


def holders(served: Iterable[int], options: Iterable[Driven]) -> dict[int, list[cp_model.IntVar]]:
    """Use of the options that carry each consignment."""
    found: dict[int, list[cp_model.IntVar]] = {idx: [] for idx in served}
    for one in options:
        for idx in one.consignments:
            found[idx].append(one.used)
    return found


def cover(
    model: cp_model.CpModel,
    problem: Problem,
    options: Iterable[Driven],
    *,
    all_may_miss: bool,
    away: Mapping[int, cp_model.IntVar] | None = None,
) -> dict[int, cp_model.IntVar]:
    """Every consignment that can be served by one option; gives whether it is missing, of what may be.

    Parameters
    ----------
    model, problem, options
        The echelon, and what may be driven.
    all_may_miss
        Whether everything may be missing; what has a prize always may, what is on trips that stay never.
    away
        Whether it goes another way than by this echelon, of what may.
    """
    may_miss = (
        frozenset(problem.served if all_may_miss else problem.prizes) - problem.fixings.fixed_trip_of.keys()
    )
    return once(model, holders(problem.served, options), may_miss, away)
