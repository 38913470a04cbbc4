"""Layers: a component's trips from its warehouse, and from each of the hubs that its goods pass.

Each layer is a `Problem` of its own, with one origin. A hub is a receiving place in the layer above (its
consignments are those of all regions beyond it) and the origin of its own. Where nothing passes hubs there is
one layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.problem.problem import Problem

__all__ = ["Chain", "Layer"]


@dataclass(frozen=True)
class Layer:
    """Trips that begin at one place.

    Parameters
    ----------
    problem
        Its receiving places are regions and further hubs. The deadline of a hub is the one of its own, or
        the end of the horizon.
    above
        Position of the layer whose trips bring its goods; -1 for the warehouse's own.
    stop
        Which receiving place of the layer above this hub is.
    source
        Of each consignment the position of the same one in the layer above.
    transfer_fixed_s, transfer_piece_s
        What is unloaded at one stop may be loaded after so much, and so much for each piece of it.
    storage_cm3
        Most that may lie at the hub; None: enough.
    hubs
        Of each receiving place the layer that begins there; -1 for a region.
    """

    problem: Problem
    above: int = -1
    stop: int = -1
    source: tuple[int, ...] = ()
    transfer_fixed_s: int = 0
    transfer_piece_s: int = 0
    storage_cm3: int | None = None
    hubs: tuple[int, ...] = ()

    def transfer_s(self, pieces: int) -> int:
        """Time from the end of unloading to the begin of loading."""
        return self.transfer_fixed_s + self.transfer_piece_s * pieces

    def by_promise(self, consignments: tuple[int, ...]) -> Iterator[tuple[bool, tuple[int, ...]]]:
        """Of what comes from the layer above: what is to be counted on in the worst case, then the rest."""
        unsure = {self.source[idx] for idx in self.problem.unsure}
        for is_sure in (True, False):
            mine = tuple(idx for idx in consignments if (idx not in unsure) == is_sure)
            if mine:
                yield is_sure, mine


@dataclass(frozen=True)
class Chain:
    """A component: its layers, the warehouse's first, each hub's after the one above it.

    Parameters
    ----------
    straight
        Positions of consignments in the warehouse's layer that may go by hubs, and of the same ones straight
        to their region.
    blocked
        Why goods of a region cannot go on, where that is so (`planner.building.blocked`), by its id.
    """

    layers: tuple[Layer, ...]
    straight: Mapping[int, int] = field(default_factory=dict)
    blocked: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def root(self) -> Problem:
        """Problem of the warehouse's own trips."""
        return self.layers[0].problem

    @property
    def is_single(self) -> bool:
        """Whether nothing passes a hub."""
        return len(self.layers) == 1

    @cached_property
    def below(self) -> Mapping[tuple[int, int], int]:
        """Position in a layer of what is the same consignment above, by layer and position there."""
        return {
            (number, source): idx
            for number, layer in enumerate(self.layers)
            for idx, source in enumerate(layer.source)
        }

    @cached_property
    def regions(self) -> Mapping[str, tuple[int, int]]:
        """Layer and receiving place of each region, by its id."""
        return {
            layer.problem.places[layer.problem.place(stop)]: (number, stop)
            for number, layer in enumerate(self.layers)
            for stop, hub in enumerate(layer.hubs)
            if hub < 0
        }

    @cached_property
    def direct(self) -> Mapping[str, int]:
        """Receiving place in the warehouse's layer of each region that has one there, by its id."""
        problem = self.root
        return {
            problem.places[problem.place(stop)]: stop
            for stop, hub in enumerate(self.layers[0].hubs)
            if hub < 0
        }

    def without_promise(self, regions: Collection[str]) -> Chain:
        """The same chain, where nothing is promised of what these regions are to receive."""
        layers = []
        for layer in self.layers:
            problem = layer.problem
            names = [
                one.for_region or problem.places[problem.place(one.region)] for one in problem.consignments
            ]
            unsure = frozenset(idx for idx, name in enumerate(names) if name in regions)
            layers.append(replace(layer, problem=replace(problem, unsure=unsure)))
        return replace(self, layers=tuple(layers))

    def legs(self, region: str) -> list[tuple[int, int]]:
        """Layer and receiving place of each leg of a region's chain, the last one first."""
        number, stop = self.regions[region]
        found = [(number, stop)]
        while self.layers[number].above >= 0:
            layer = self.layers[number]
            found.append((layer.above, layer.stop))
            number = layer.above
        return found

    def first(self, number: int, idx: int) -> int:
        """Position in the warehouse's layer of a consignment of some layer."""
        while number:
            idx, number = self.layers[number].source[idx], self.layers[number].above
        return idx

    @cached_property
    def servable(self) -> frozenset[str]:
        """Ids of the consignments that can be delivered, by their chain or straight."""
        return frozenset(
            one.id
            for layer in self.layers
            for idx, one in enumerate(layer.problem.consignments)
            if idx not in layer.problem.unserved and layer.hubs[one.region] < 0
        )

    @cached_property
    def num_consignments(self) -> int:
        """Consignments of all layers, each counted on each leg."""
        return sum(len(layer.problem.consignments) for layer in self.layers)
