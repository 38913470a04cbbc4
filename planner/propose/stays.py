"""Trips that stay as they are in a plan: engines do not see them, only the hours that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from planner.network.calendars import Interval, Openings
from planner.problem.fleet import WayChoice
from planner.problem.problem import Problem, Proposal, Route

__all__ = ["fixed_proposals", "without_fixed_trips"]


def fixed_proposals(problem: Problem) -> list[Proposal]:
    """The trips that stay, as an engine would propose them."""
    return [
        Proposal(Route(one.fleet, one.consignments, tuple(WayChoice(by) for by in one.by)), 0, one.start_s)
        for one in problem.fixings.fixed_trips
    ]


def without_fixed_trips(problem: Problem) -> Problem:
    """The problem without what is on trips that stay, in the hours that these leave their vehicles."""
    fixings = problem.fixings
    if not fixings.fixed_trips:
        return problem
    busy: dict[int, list[Interval]] = {}
    for one in fixings.fixed_trips:
        busy.setdefault(one.fleet, []).append((one.start_s, one.free_s))
    fleet = tuple(
        replace(
            kind,
            shifts=Openings(
                () if number in fixings.closed_types else _left(kind.shifts.intervals, busy.get(number, ()))
            ),
        )
        if number in busy or number in fixings.closed_types
        else kind
        for number, kind in enumerate(problem.fleet)
    )
    elsewhere = problem.elsewhere | fixings.fixed_trip_of.keys()
    return replace(problem, fleet=fleet, elsewhere=elsewhere)


def _left(shifts: Sequence[Interval], busy: Sequence[Interval]) -> tuple[Interval, ...]:
    """Shifts without the hours in which something else is done."""
    left = list(shifts)
    for begin, end in busy:
        left = [
            part
            for low, high in left
            for part in ((low, min(high, begin)), (max(low, end), high))
            if part[0] < part[1]
        ]
    return tuple(left)
