"""A composed solution of one component and its score in the order of the objective."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from planner.network.calendars import day_index, days_between
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER
from planner.propose.pool import Candidate

__all__ = ["Assignment", "RegionScore", "Score", "Solution", "fleet_cost", "score_of"]


class Score(NamedTuple):
    """Smaller is better, compared from the left (``docs/concepts.md``, Objective).

    What is proven cannot be changed and does not count: regions that cannot receive, and that a region is
    late for certain (its lateness counts). What has a prize and is left out is not undelivered: its prize
    is part of the cost. ``late`` is what is late as planned, ``unpromised`` what is so in the
    worst case that the plan is to withstand (the same where no legs may be late). ``margin`` is the negative
    of the smallest relative margin, in thousandths.
    """

    undelivered: int
    late: int
    unpromised: int
    lateness: int
    cost: int
    margin: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One trip with its times, the number of its vehicle within the type, and its dock (both from 0)."""

    candidate: Candidate
    timing: Timing
    vehicle: int
    dock: int


@dataclass(frozen=True)
class Solution:
    """Trips of a component that together keep every rule but the deadlines."""

    problem: Problem
    assignments: tuple[Assignment, ...]

    @cached_property
    def delivered(self) -> frozenset[int]:
        """Positions of the consignments on its trips."""
        return frozenset(idx for one in self.assignments for idx in one.candidate.route.consignments)

    @cached_property
    def received_s(self) -> tuple[int | None, ...]:
        """Receipt of each region; None where something of it is missing that has no prize, or all of it."""
        last: list[int] = [0] * self.problem.num_regions
        for one in self.assignments:
            for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True):
                last[stop.region] = max(last[stop.region], end)
        return tuple(
            last[region] if self._has_received(mine) else None
            for region, mine in enumerate(self.problem.consignments_of)
        )

    @cached_property
    def over_s(self) -> tuple[int, ...]:
        """By how much something for each region is late, at worst; 0 or less: nothing is."""
        found = [-NEVER] * self.problem.num_regions
        for one in self.assignments:
            for number, stop in enumerate(one.candidate.stops):
                found[stop.region] = max(found[stop.region], one.timing.over_s(number, stop.due_s))
        return tuple(found)

    @cached_property
    def late(self) -> frozenset[int]:
        """Regions to which something comes late as planned."""
        return frozenset(
            stop.region
            for one in self.assignments
            for number, stop in enumerate(one.candidate.stops)
            if one.timing.is_late(number, stop.due_s)
        )

    def _has_received(self, mine: Sequence[int]) -> bool:
        prizes, delivered = self.problem.prizes, self.delivered
        return not delivered.isdisjoint(mine) and all(idx in delivered or idx in prizes for idx in mine)

    @cached_property
    def cost(self) -> int:
        """Trips, vehicle-days and vehicles, nights at regions, and the prizes of what is left out."""
        kinds = self.problem.fleet
        trips = sum(
            one.candidate.cost(kinds[one.candidate.route.fleet], one.timing) for one in self.assignments
        )
        left_out = sum(prize for idx, prize in self.problem.prizes.items() if idx not in self.delivered)
        nights = sum(self.problem.guard_of(*one) for one in self.first_days.items())
        return trips + fleet_cost(self.problem, self.assignments) + nights + left_out

    @cached_property
    def first_days(self) -> Mapping[int, int]:
        """Local day of the first receipt of each region whose nights have a price."""
        nights, found = self.problem.nights, dict[int, int]()
        for one in self.assignments if nights else ():
            for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True):
                if nights[stop.region][0]:
                    day = day_index(self.problem.midnights, end)
                    found[stop.region] = min(day, found.get(stop.region, day))
        return found

    @property
    def all_on_time(self) -> bool:
        """Whether everybody is on time of whom the contrary is not proven."""
        return self.score.undelivered == 0 and self.score.unpromised == 0

    @cached_property
    def score(self) -> Score:
        """Score over the regions that have something to receive."""
        return score_of(self._regions(), self.cost)

    def _regions(self) -> Iterator[RegionScore]:
        problem = self.problem
        for region, received in enumerate(self.received_s):
            mine = problem.consignments_of[region]
            over_s, is_late = self.over_s[region], region in self.late
            if not mine or region in problem.given_up:  # of the latter, what can be carried must be
                all_there = self.delivered.issuperset(problem.required.intersection(mine))
                yield RegionScore(problem, region, None, over_s, is_late, gone=not all_there)
            else:
                gone = received is None and not problem.required.isdisjoint(mine)
                yield RegionScore(problem, region, received, over_s, is_late, gone=gone)


class RegionScore(NamedTuple):
    """What counts of a region: receipt (None: none that counts), how late, whether it goes without."""

    problem: Problem
    region: int
    received_s: int | None
    over_s: int
    is_late: bool
    gone: bool


def score_of(regions: Iterable[RegionScore], cost: int) -> Score:
    """The score of an echelon or of a whole component."""
    undelivered = late = unpromised = lateness = 0
    smallest: int | None = None
    for one in regions:
        problem, weight = one.problem, int(one.problem.weight[one.region])
        undelivered += weight if one.gone else 0
        if one.received_s is None:
            continue
        if one.over_s > 0:
            counted = 0 if one.region in problem.hopeless else weight
            late += counted if one.is_late else 0
            unpromised += counted
            lateness += weight * one.over_s
        margin_s = problem.region_deadlines[one.region] - one.received_s
        relative = margin_s * 1000 // problem.shortest_ways_s[one.region]
        smallest = relative if smallest is None else min(smallest, relative)
    return Score(undelivered, late, unpromised, lateness, cost, -(smallest or 0))


def days_of(problem: Problem, timing: Timing) -> range:
    """Local days on which a trip is on its way."""
    return days_between(problem.midnights, timing.load_start_s, timing.end_s)


def fleet_cost(problem: Problem, assignments: Iterable[Assignment]) -> int:
    """Prices of the vehicles and vehicle-days used."""
    vehicles: set[tuple[int, int]] = set()
    vehicle_days: set[tuple[int, int, int]] = set()
    for one in assignments:
        key = (one.candidate.route.fleet, one.vehicle)
        vehicles.add(key)
        vehicle_days.update((*key, day) for day in days_of(problem, one.timing))
    prices = [kind.prices for kind in problem.fleet]
    return sum(prices[fleet].vehicle for fleet, _ in vehicles) + sum(
        prices[fleet].day for fleet, _, _ in vehicle_days
    )
