"""Trips that unload more at a hub than there is room for, as several trips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.problem.problem import Problem, Proposal, Route
from planner.problem.visits import fits_rooms

__all__ = ["within_rooms"]


def within_rooms(problem: Problem, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals; one that unloads too much somewhere becomes several, the first with its hours."""
    found: list[Proposal] = []
    for one in proposals:
        if fits_rooms(problem, one.route):
            found.append(one)
            continue
        first, *others = _parts(problem, one.route)
        found.append(replace(one, route=first))
        found += [Proposal(other) for other in others]
    return found


def _parts(problem: Problem, route: Route) -> Iterator[Route]:
    """As much of each stop as there is room for, then as much of the rest."""
    left = list(route.consignments)
    while left:
        taken: list[int] = []
        for idx in left:
            if not taken or fits_rooms(problem, replace(route, consignments=(*taken, idx))):
                taken.append(idx)
        left = [idx for idx in left if idx not in taken]
        yield replace(route, consignments=tuple(taken))
