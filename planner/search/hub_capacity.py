"""Hubs that cannot hold all their goods at once: the rest comes when the first trips from there have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planner.compose.component_solution import ComponentSolution
from planner.compose.slack import latest_starts
from planner.compose.solution import Solution
from planner.problem.echelons import EchelonProblem, Echelons
from planner.problem.problem import Problem

__all__ = ["HubDueDates", "is_tight"]


def is_tight(echelons: Echelons, number: int) -> bool:
    """Whether an echelon's hub cannot hold all its goods at once."""
    echelon = echelons.each[number]
    volumes = (one.volume_cm3 for one in echelon.problem.consignments)
    return echelon.storage_cm3 is not None and sum(volumes) > echelon.storage_cm3


@dataclass
class HubDueDates:
    """When the trips of each echelon want its goods at the hubs, so that all of them can go as they do.

    Parameters
    ----------
    dues
        Of each echelon: before when some consignments must be handed over, by their position.
    not_before
        Before when some consignments may not be loaded, by echelon and position: they would come to a hub
        that is still full.
    planned
        Trips that make room at hubs if they go as they do, by echelon.
    """

    dues: Sequence[dict[int, int]]
    not_before: dict[tuple[int, int], int] = field(default_factory=dict)
    planned: dict[int, Solution] = field(default_factory=dict)

    @classmethod
    def nothing(cls, echelons: Echelons) -> HubDueDates:
        """Nothing is wanted yet."""
        return cls([{} for _ in echelons.each])

    @classmethod
    def as_in(cls, known: ComponentSolution) -> HubDueDates:
        """Goods must come in time for the trips of a solution to go when they do, and no sooner."""
        echelons = known.echelons
        hub_dues = cls.nothing(echelons)
        for number, echelon in enumerate(echelons.each[1:], start=1):
            unloaded = known.unloadings(number)
            taken_s = {idx: one.ready_s - one.end_s for one in unloaded for idx in one.consignments}
            for one in known.parts[number].assignments:
                for idx in one.candidate.route.consignments:
                    source = echelon.source[idx]
                    hub_dues.dues[echelon.above][source] = one.timing.load_start_s - taken_s[source] + 1
        return hub_dues

    def ask(self, echelons: Echelons, number: int, part: Solution, transfer_s: int) -> bool:
        """Enter what the trips from a hub ask of those that bring its goods; whether these have time for it.

        Parameters
        ----------
        echelons
            The component.
        number, part
            The hub's echelon, and its trips.
        transfer_s
            Time from the end of unloading to the begin of loading.

        Notes
        -----
        Goods are due at the latest starts of their trips. Where they have no room at the hub together, they
        come in the order of the trips that take them on: each when so much has left that there is room for
        all that come before it, and for it; what no trip takes on comes last. What must leave for that leaves
        as planned. As long as it does, the hub is never too full, whichever trips bring the goods.
        """
        echelon = echelons.each[number]
        above = echelons.each[echelon.above].problem
        turns, leaving = _turns(echelon, above, part)
        for source in echelon.source:
            self.not_before.pop((echelon.above, source), None)
            self.dues[echelon.above].pop(source, None)
        self.planned.pop(number, None)
        if turns:
            self.planned[number] = part
            last_s = max(one.timing.load_start_s for one in part.assignments)
            for idx in set(range(len(echelon.source))) - part.delivered:
                source = echelon.source[idx]
                self.not_before[echelon.above, source] = last_s - _way_s(above, source)
        due_of, able = self.dues[echelon.above], True
        for one, latest_s in zip(part.assignments, latest_starts(part), strict=True):
            for idx in one.candidate.route.consignments:
                source = echelon.source[idx]
                start_s = one.timing.load_start_s if idx in leaving else latest_s
                due_of[source] = start_s - transfer_s + 1
                if source in turns:
                    self.not_before[echelon.above, source] = turns[source] - _way_s(above, source)
                    last_s = min(due_of[source], above.region_deadlines[echelon.stop])
                    able = able and turns[source] < last_s
        return able


def _turns(
    echelon: EchelonProblem, above: Problem, part: Solution
) -> tuple[Mapping[int, int], frozenset[int]]:
    """From when goods find room at a hub, by their position above; and those that must leave for it."""
    order = sorted(part.assignments, key=lambda one: one.timing.load_start_s)
    goods = [(idx, one.timing.load_start_s) for one in order for idx in one.candidate.route.consignments]
    volumes = [above.consignments[echelon.source[idx]].volume_cm3 for idx, _ in goods]
    if echelon.storage_cm3 is None or sum(volumes) <= echelon.storage_cm3:
        return {}, frozenset()
    turns: dict[int, int] = {}
    come_cm3 = left_cm3 = left = 0
    for (idx, _), volume_cm3 in zip(goods, volumes, strict=True):
        come_cm3 += volume_cm3
        while come_cm3 - left_cm3 > echelon.storage_cm3:
            left_cm3 += volumes[left]
            left += 1
        if left:
            turns[echelon.source[idx]] = goods[left - 1][1]
    return turns, frozenset(idx for idx, start_s in goods if start_s <= goods[left - 1][1])


def _way_s(above: Problem, idx: int) -> int:
    """Least time from the begin of loading of a consignment to the end of its unloading at its hub."""
    one = above.consignments[idx]
    return min(
        (
            kind.load_fixed_s
            + kind.load_piece_s * one.pieces
            + kind.time_between(kind.origin, above.place(one.region))
            + int(above.handover_s[one.region])
            + kind.unload_piece_s * one.pieces
            for kind in above.fleet
            if kind.serves[one.region]
        ),
        default=0,
    )
