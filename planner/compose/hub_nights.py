"""Fewer nights at hubs: trips that bring goods there leave as late as what goes on from there allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from planner.compose.component_solution import ComponentSolution
from planner.compose.list_scheduling import Wish, schedule_all
from planner.compose.solution import Assignment, Solution
from planner.network.calendars import day_index
from planner.problem.problem import Problem
from planner.problem.visits import visits

__all__ = ["with_fewer_hub_nights"]


def with_fewer_hub_nights(best: ComponentSolution) -> ComponentSolution:
    """The solution, or a better one in which trips to hubs whose nights have a price begin later.

    All trips from the hubs stay when they are, and so do those that bring nothing to such hubs.
    """
    above = {one.above for one in best.echelons.each if one.price_night}
    for number in sorted(above, reverse=True):
        part = _later(best, number)
        if part is not None:
            found = replace(best, parts=(*best.parts[:number], part, *best.parts[number + 1 :]))
            fits = found.goods_are_there and (not found.full or best.full)
            best = found if fits and found.score < best.score else best
    return best


def _later(best: ComponentSolution, number: int) -> Solution | None:
    """The trips of an echelon with those to hubs as late as can be; None where they find no place so."""
    problem, trips = best.parts[number].problem, best.parts[number].assignments
    asked, hubs = _asked(best, number)
    chosen = [replace(one.candidate, stops=visits(asked, one.candidate.route.consignments)) for one in trips]
    at = [
        None
        if any(stop.region in hubs for stop in one.candidate.stops)
        else Wish(one.timing.load_start_s, one.vehicle)
        for one in trips
    ]
    found = schedule_all(asked, chosen, at=at)
    before = {one.candidate.route: one.candidate for one in trips}
    if len(found.assignments) != len(trips) or any(
        one.candidate.route not in before for one in found.assignments
    ):
        return None
    placed = (
        Assignment(before[one.candidate.route], one.timing, one.vehicle, one.dock)
        for one in found.assignments
    )
    return Solution(problem, tuple(placed))


def _asked(best: ComponentSolution, number: int) -> tuple[Problem, Mapping[int, int]]:
    """The problem with what hubs ask for: before when goods must come, and nights until they are loaded.

    And the hubs whose nights have a price, with the last day on which something leaves them.
    """
    problem = best.parts[number].problem
    due: dict[int, int] = {}
    last: dict[int, int] = {}
    prices: dict[int, int] = {}
    for below, echelon in enumerate(best.echelons.each):
        if echelon.above != number:
            continue
        leaves = {
            echelon.source[idx]: one.timing.load_start_s
            for one in best.parts[below].assignments
            for idx in one.candidate.route.consignments
        }
        for unloading in best.unloadings(below):
            for idx in unloading.consignments:
                if idx in leaves:
                    due[idx] = leaves[idx] - (unloading.ready_s - unloading.end_s) + 1
        if echelon.price_night and leaves:
            prices[echelon.stop] = echelon.price_night
            last[echelon.stop] = day_index(problem.midnights, max(leaves.values()))
    nights = problem.nights or ((0, 0),) * problem.num_regions
    asked = replace(
        problem,
        consignments=tuple(
            one if idx not in due else replace(one, due_s=min(due[idx], problem.dues_s[idx]))
            for idx, one in enumerate(problem.consignments)
        ),
        nights=tuple(
            (prices[stop], last[stop]) if stop in prices else mine for stop, mine in enumerate(nights)
        ),
    )
    return asked, last
