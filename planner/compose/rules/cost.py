"""Rule ``cost``: trips, vehicle-days and vehicles, and the prizes of what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.problem.problem import Problem

__all__ = ["cost_of"]

_Numbers = Iterable[tuple[int, cp_model.IntVar]]


def cost_of(
    problem: Problem,
    options: Sequence[Driven],
    *,
    days: _Numbers,
    vehicles: _Numbers,
    missing: Mapping[int, cp_model.IntVar],
) -> cp_model.LinearExprT:
    """Cost of what is driven.

    Parameters
    ----------
    problem, options
        The echelon, and what may be driven.
    days, vehicles
        Types, and how many vehicles of them are used on a day, and at all.
    missing
        Whether consignments are missing, of what may be.
    """
    prices = [kind.prices for kind in problem.fleet]
    trips = sum(one.price * one.used for one in options)
    for_days = sum(prices[fleet].day * number for fleet, number in days)
    for_vehicles = sum(prices[fleet].vehicle * number for fleet, number in vehicles)
    fixed = sum(prize for idx, prize in problem.prizes.items() if idx in problem.unserved)
    left_out = sum(prize * missing[idx] for idx, prize in problem.prizes.items() if idx in missing)
    return trips + for_days + for_vehicles + left_out + fixed
