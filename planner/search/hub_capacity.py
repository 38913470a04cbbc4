"""Hubs that cannot hold all their goods at once: the rest comes when the first trips from there have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planner.compose.echelon_solution import ChainSolution
from planner.compose.slack import latest_starts
from planner.compose.solution import Solution
from planner.problem.echelons import Chain, Layer
from planner.problem.problem import Problem

__all__ = ["Wanted", "is_tight"]


def is_tight(chain: Chain, number: int) -> bool:
    """Whether a layer's hub cannot hold all its goods at once."""
    layer = chain.layers[number]
    volumes = (one.volume_cm3 for one in layer.problem.consignments)
    return layer.storage_cm3 is not None and sum(volumes) > layer.storage_cm3


@dataclass(frozen=True)
class Wanted:
    """When the trips of each layer want its goods at the hubs, so that all of them can go as they do.

    Parameters
    ----------
    dues
        Of each layer: before when some consignments must be handed over, by their position.
    held
        Before when some consignments may not be loaded, by layer and position: they would come to a hub that
        is still full.
    planned
        Trips that make room at hubs if they go as they do, by layer.
    """

    dues: Sequence[dict[int, int]]
    held: dict[tuple[int, int], int] = field(default_factory=dict)
    planned: dict[int, Solution] = field(default_factory=dict)

    @classmethod
    def nothing(cls, chain: Chain) -> Wanted:
        """Nothing is wanted yet."""
        return cls([{} for _ in chain.layers])

    @classmethod
    def as_in(cls, known: ChainSolution) -> Wanted:
        """Goods must come in time for the trips of a solution to go when they do, and no sooner."""
        chain = known.chain
        wanted = cls.nothing(chain)
        for number, layer in enumerate(chain.layers[1:], start=1):
            unloaded = known.unloadings(number)
            taken_s = {idx: one.ready_s - one.end_s for one in unloaded for idx in one.consignments}
            for one in known.parts[number].assignments:
                for idx in one.candidate.route.consignments:
                    source = layer.source[idx]
                    wanted.dues[layer.above][source] = one.timing.load_start_s - taken_s[source] + 1
        return wanted

    def ask(self, chain: Chain, number: int, part: Solution, transfer_s: int) -> bool:
        """Enter what the trips from a hub ask of those that bring its goods; whether these have time for it.

        Parameters
        ----------
        number, part
            The hub's layer, and its trips.
        transfer_s
            Time from the end of unloading to the begin of loading.

        Notes
        -----
        Goods are due at the latest starts of their trips. Where they have no room at the hub together, they
        come in the order of the trips that take them on: each when so much has left that there is room for
        all that come before it, and for it; what no trip takes on comes last. What must leave for that leaves
        as planned. As long as it does, the hub is never too full, whichever trips bring the goods.
        """
        layer = chain.layers[number]
        above = chain.layers[layer.above].problem
        turns, leaving = _turns(layer, above, part)
        for source in layer.source:
            self.held.pop((layer.above, source), None)
            self.dues[layer.above].pop(source, None)
        self.planned.pop(number, None)
        if turns:
            self.planned[number] = part
            last_s = max(one.timing.load_start_s for one in part.assignments)
            for idx in set(range(len(layer.source))) - part.delivered:
                source = layer.source[idx]
                self.held[layer.above, source] = last_s - _way_s(above, source)
        due_of, able = self.dues[layer.above], True
        for one, latest_s in zip(part.assignments, latest_starts(part), strict=True):
            for idx in one.candidate.route.consignments:
                source = layer.source[idx]
                start_s = one.timing.load_start_s if idx in leaving else latest_s
                due_of[source] = start_s - transfer_s + 1
                if source in turns:
                    self.held[layer.above, source] = turns[source] - _way_s(above, source)
                    last_s = min(due_of[source], above.region_deadlines[layer.stop])
                    able = able and turns[source] < last_s
        return able


def _turns(layer: Layer, above: Problem, part: Solution) -> tuple[Mapping[int, int], frozenset[int]]:
    """From when goods find room at a hub, by their position above; and those that must leave for it."""
    order = sorted(part.assignments, key=lambda one: one.timing.load_start_s)
    goods = [(idx, one.timing.load_start_s) for one in order for idx in one.candidate.route.consignments]
    volumes = [above.consignments[layer.source[idx]].volume_cm3 for idx, _ in goods]
    if layer.storage_cm3 is None or sum(volumes) <= layer.storage_cm3:
        return {}, frozenset()
    turns: dict[int, int] = {}
    come_cm3 = left_cm3 = left = 0
    for (idx, _), volume_cm3 in zip(goods, volumes, strict=True):
        come_cm3 += volume_cm3
        while come_cm3 - left_cm3 > layer.storage_cm3:
            left_cm3 += volumes[left]
            left += 1
        if left:
            turns[layer.source[idx]] = goods[left - 1][1]
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
