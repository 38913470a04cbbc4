"""Rule ``cost``: trips, vehicle-days, vehicles, nights with goods, and the prizes of what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ortools.sat.python import cp_model

from planner.compose.options import Driven, Option
from planner.network.calendars import day_index
from planner.problem.problem import Problem

__all__ = ["Lies", "cost_of", "hub_nights", "region_nights"]

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


def region_nights(
    model: cp_model.CpModel, problem: Problem, options: Sequence[Option]
) -> cp_model.LinearExprT:
    """Price of the nights at regions that several trips may come to: from the first of these on.

    Of the others it is part of the price of what comes there (`planner.compose.variants`).
    """
    days: dict[int, dict[int, list[cp_model.IntVar]]] = {}
    for one in options if problem.nights else ():
        for stop, (_, end) in zip(one.trip.stops, one.timing.services, strict=True):
            if problem.nights[stop.region][0] and stop.region not in problem.whole:
                day = day_index(problem.midnights, end)
                days.setdefault(stop.region, {}).setdefault(day, []).append(one.used)
    prices: list[cp_model.LinearExprT] = []
    for region, by_day in days.items():
        price, last = problem.nights[region]
        before: cp_model.IntVar | None = None
        for day in range(min(by_day), last):
            there = model.new_bool_var(f"there{region}d{day}")
            for used in (*by_day.get(day, ()), *(() if before is None else (before,))):
                model.add_implication(used, there)
            prices.append(price * there)
            before = there
    return sum(prices)


class Lies(NamedTuple):
    """What lies at a hub in a model.

    Parameters
    ----------
    comes, leaves
        By local day, what says that it comes, or leaves, on it (a literal, or 1).
    """

    comes: Mapping[int, Sequence[cp_model.LinearExprT]]
    leaves: Mapping[int, Sequence[cp_model.LinearExprT]]


def hub_nights(
    model: cp_model.CpModel, name: str, lies: Iterable[Lies], *, last_day: int
) -> cp_model.LinearExprT:
    """Number of local midnights at which something lies at a hub.

    Parameters
    ----------
    model, name
        What the variables are added to, and the hub in their names.
    lies
        All that may come there; what does not leave stays to the last day.
    last_day
        Day of the end of the horizon.
    """
    nights: dict[int, cp_model.IntVar] = {}
    for one in lies:
        come: list[cp_model.LinearExprT] = []
        left: list[cp_model.LinearExprT] = []
        for day in range(min(one.comes, default=last_day), last_day):
            come += one.comes.get(day, ())
            left += one.leaves.get(day, ())
            if day not in nights:
                nights[day] = model.new_bool_var(f"{name}night{day}")
            model.add(sum([nights[day], *left]) >= sum(come))
    return sum(nights.values())
