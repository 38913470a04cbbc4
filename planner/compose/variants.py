"""Timed variants: what a candidate looks like within one interval of starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.problem import Problem
from planner.propose.pool import Candidate
from planner.schedule import Timing

__all__ = ["Variant", "limit_loads", "variants_of"]


@dataclass(frozen=True)
class Variant:
    """One candidate within one interval of starts."""

    candidate: int
    low_s: int
    high_s: int
    timing: Timing  # for a start at low_s
    cost: int
    late: tuple[int, ...]  # regions late from every start of the interval

    def receipt_s(self, candidates: Sequence[Candidate], region: int) -> int:
        """Last receipt of a region, for a start at low_s."""
        stops = candidates[self.candidate].stops
        return max(
            end for stop, (_, end) in zip(stops, self.timing.services, strict=True) if stop.region == region
        )


def variants_of(problem: Problem, candidates: Sequence[Candidate], *, with_late: bool) -> list[Variant]:
    """Variants of all candidates; without `with_late` only those that have every stop on time."""
    found: list[Variant] = []
    for position, one in enumerate(candidates):
        kind = problem.fleet[one.route.fleet]
        pieces = [
            (low, high, one.rigid_timing(problem, low)) for low, high in _cut_at_deadlines(problem, one)
        ] + [(point.load_start_s, point.load_start_s, point) for point in one.all_points()]
        for low, high, timing in pieces:
            late = tuple(
                sorted(
                    {
                        stop.region
                        for stop, (_, end) in zip(one.stops, timing.services, strict=True)
                        if end >= problem.region_deadlines[stop.region]
                    }
                )
            )
            if with_late or problem.hopeless.issuperset(late):
                found.append(Variant(position, low, high, timing, one.cost(kind, timing), late))
    return found


def limit_loads(
    model: cp_model.CpModel,
    problem: Problem,
    candidates: Sequence[Candidate],
    pairs: Sequence[tuple[Variant, cp_model.IntVar]],
) -> None:
    """Load no more of each supply than has come: all that is loaded before a receipt has to do without it."""
    for supply in problem.supplies:
        needs = [
            (supply.need_of(candidates[one.candidate].route.consignments), one.low_s, var)
            for one, var in pairs
        ]
        ends = (*supply.moments[1:], problem.horizon_s)
        for amount, until_s in zip(supply.amounts, ends, strict=True):
            before = [(need, var) for need, low_s, var in needs if need and low_s < until_s]
            if sum(need for need, _ in before) > amount:
                model.add(sum(need * var for need, var in before) <= amount)


def _cut_at_deadlines(problem: Problem, one: Candidate) -> list[tuple[int, int]]:
    """Rigid starts, cut by days, where a further region becomes late, and where something comes."""
    if one.offsets is None:
        return []
    cuts = {
        problem.region_deadlines[stop.region] - end
        for stop, (_, end) in zip(one.stops, one.offsets.services, strict=True)
    }
    moments = sorted(cuts.union(problem.midnights, problem.arrivals))
    found: list[tuple[int, int]] = []
    for low, high in one.starts:
        begin = low
        for moment in moments:
            if begin < moment <= high:
                found.append((begin, moment - 1))
                begin = moment
        found.append((begin, high))
    return found
