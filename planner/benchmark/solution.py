"""Trips of an engine as a solution file, in the form and the unit of each set."""

from __future__ import annotations

from collections.abc import Sequence

from planner.benchmark.read import SetInstance
from planner.problem.problem import Problem, Proposal
from planner.problem.visits import trip_cost, trip_distance_m, visits

__all__ = ["integer_cost", "num_missing", "solution_text"]


def integer_cost(problem: Problem, proposals: Sequence[Proposal]) -> int:
    """Cost of trips in the convention's integers: for their lengths, and for each vehicle or trip."""
    total = 0
    for one in proposals:
        kind = problem.fleet[one.route.fleet]
        length = trip_distance_m(problem, kind, visits(problem, one.route.consignments))
        total += trip_cost(kind, length, 0)
    return total + sum(problem.fleet[fleet].prices.vehicle for fleet, _ in _by_vehicle(proposals))


def num_missing(problem: Problem, proposals: Sequence[Proposal]) -> int:
    """Consignments that no trip carries."""
    carried = {idx for one in proposals for idx in one.route.consignments}
    return len(problem.consignments) - len(carried)


def _by_vehicle(proposals: Sequence[Proposal]) -> dict[tuple[int, int], list[Proposal]]:
    """Trips by type and vehicle, in their order; each trip of which no vehicle is told has one of its own."""
    found: dict[tuple[int, int], list[Proposal]] = {}
    for one in proposals:
        if one.vehicle is not None:
            found.setdefault((one.route.fleet, one.vehicle), []).append(one)
    free: dict[int, int] = {}
    for one in proposals:
        if one.vehicle is None:
            fleet, number = one.route.fleet, free.get(one.route.fleet, 0)
            while (fleet, number) in found:
                number += 1
            found[fleet, number] = [one]
            free[fleet] = number + 1
    for trips in found.values():
        if all(one.load_start_s is not None for one in trips):
            trips.sort(key=lambda one: one.load_start_s or 0)
    return found


def solution_text(instance: SetInstance, proposals: Sequence[Proposal]) -> str:
    """The solution file.

    Notes
    -----
    Places are numbered from 0, depots first. Where all vehicles are alike, the routes are listed as they
    come; where they differ, there is a line for every vehicle, in the order of the instance's file. Trips of
    one vehicle are parted by its depot. A vehicle that does not exist gets a line all the same, behind all
    others: the verifier is to see it.
    """
    problem = instance.problem
    lines: dict[int, str] = {}
    beyond = sum(len(numbers) for numbers in instance.vehicles)
    for (fleet, vehicle), trips in sorted(_by_vehicle(proposals).items(), key=lambda item: item[0]):
        depot = f" {problem.fleet[fleet].origin} "
        text = depot.join(_places(problem, trip) for trip in trips)
        numbers = instance.vehicles[fleet]
        if vehicle < len(numbers):
            lines[numbers[vehicle]] = text
        else:
            lines[beyond] = text
            beyond += 1
    if len(problem.fleet) > 1:
        every = [lines.get(number, "") for number in range(beyond)]
    else:
        every = [lines[number] for number in sorted(lines)]
    routes = [f"Route #{number}: {text}".rstrip() for number, text in enumerate(every, start=1)]
    return "\n".join([*routes, _cost_line(instance, integer_cost(problem, proposals)), ""])


def _places(problem: Problem, trip: Proposal) -> str:
    regions = (problem.consignments[idx].region for idx in trip.route.consignments)
    return " ".join(str(problem.place(region)) for region in regions)


def _cost_line(instance: SetInstance, cost: int) -> str:
    """As the sets write it: the classic ones in the published unit, PyVRP's dialect in integers."""
    if instance.set_class in ("CVRP", "VRPTW"):
        return f"Cost {instance.convention.text(cost)}"
    return f"Cost: {cost}"
