"""Echelons: a component's trips from its warehouse, and from each of the hubs that its goods pass.

Each echelon is a `Problem` of its own, with one origin. A hub is a receiving place in the echelon above (its
consignments are those of all regions beyond it) and the origin of its own. Where nothing passes hubs there is
one echelon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.instance.schema import Hub
from planner.plans.model import ReasonCode
from planner.problem.problem import Problem

__all__ = ["EchelonProblem", "Echelons"]


@dataclass(frozen=True)
class EchelonProblem:
    """Trips that begin at one place.

    Parameters
    ----------
    problem
        Its receiving places are regions and further hubs. The deadline of a hub is the one of its own, or
        the end of the horizon.
    above
        Position of the echelon whose trips bring its goods; -1 for the warehouse's own.
    stop
        Which receiving place of the echelon above this hub is.
    source
        Of each consignment the position of the same one in the echelon above.
    hub
        The hub where its trips begin; None: at the warehouse.
    storage_cm3
        Most that may lie at the hub; None: enough.
    price_night
        Price of each local midnight at which something lies at the hub.
    hubs
        Of each receiving place the echelon that begins there; -1 for a region.
    """

    problem: Problem
    above: int = -1
    stop: int = -1
    source: tuple[int, ...] = ()
    hub: Hub | None = None
    storage_cm3: int | None = None
    price_night: int = 0
    hubs: tuple[int, ...] = ()

    def transfer_s(self, pieces: int) -> int:
        """Time from the end of unloading to the begin of loading."""
        return 0 if self.hub is None else self.hub.transfer_s(pieces)

    def by_promise(self, consignments: tuple[int, ...]) -> Iterator[tuple[bool, tuple[int, ...]]]:
        """Of what comes from the echelon above: what is to be counted on in the worst case, then the rest."""
        unsure = {self.source[idx] for idx in self.problem.unsure}
        for is_sure in (True, False):
            mine = tuple(idx for idx in consignments if (idx not in unsure) == is_sure)
            if mine:
                yield is_sure, mine


@dataclass(frozen=True)
class Echelons:
    """A component: its echelons, the warehouse's first, each hub's after the one above it.

    Parameters
    ----------
    straight
        Positions of consignments in the warehouse's echelon that may go by hubs, and of the same ones
        straight to their region.
    blocked
        Why goods of a region cannot go on, where that is so (`planner.building.blocked`), by its id.
    """

    each: tuple[EchelonProblem, ...]
    straight: Mapping[int, int] = field(default_factory=dict)
    blocked: Mapping[str, tuple[ReasonCode, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def root(self) -> Problem:
        """Problem of the warehouse's own trips."""
        return self.each[0].problem

    @property
    def is_single(self) -> bool:
        """Whether nothing passes a hub."""
        return len(self.each) == 1

    @cached_property
    def below(self) -> Mapping[tuple[int, int], int]:
        """Position in an echelon of what is the same consignment above, by echelon and position there."""
        return {
            (number, source): idx
            for number, echelon in enumerate(self.each)
            for idx, source in enumerate(echelon.source)
        }

    @cached_property
    def regions(self) -> Mapping[str, tuple[int, int]]:
        """Echelon and receiving place of each region, by its id."""
        return {
            echelon.problem.places[echelon.problem.place(stop)]: (number, stop)
            for number, echelon in enumerate(self.each)
            for stop, hub in enumerate(echelon.hubs)
            if hub < 0
        }

    @cached_property
    def direct(self) -> Mapping[str, int]:
        """Receiving place in the warehouse's echelon of each region that has one there, by its id."""
        problem = self.root
        return {
            problem.places[problem.place(stop)]: stop for stop, hub in enumerate(self.each[0].hubs) if hub < 0
        }

    def without_promise(self, regions: Collection[str]) -> Echelons:
        """The same component, where nothing is promised of what these regions are to receive."""
        each = []
        for echelon in self.each:
            problem = echelon.problem
            names = [
                one.for_region or problem.places[problem.place(one.region)] for one in problem.consignments
            ]
            unsure = frozenset(idx for idx, name in enumerate(names) if name in regions)
            each.append(replace(echelon, problem=replace(problem, unsure=unsure)))
        return replace(self, each=tuple(each))

    def legs(self, region: str) -> list[tuple[int, int]]:
        """Echelon and receiving place of each leg of a region's chain, the last one first."""
        number, stop = self.regions[region]
        found = [(number, stop)]
        while self.each[number].above >= 0:
            echelon = self.each[number]
            found.append((echelon.above, echelon.stop))
            number = echelon.above
        return found

    def first(self, number: int, idx: int) -> int:
        """Position in the warehouse's echelon of a consignment of some echelon."""
        while number:
            idx, number = self.each[number].source[idx], self.each[number].above
        return idx

    @cached_property
    def servable(self) -> frozenset[str]:
        """Ids of the consignments that can be delivered, by their chain or straight."""
        return frozenset(
            one.id
            for echelon in self.each
            for idx, one in enumerate(echelon.problem.consignments)
            if idx not in echelon.problem.unserved and echelon.hubs[one.region] < 0
        )

    @cached_property
    def num_consignments(self) -> int:
        """Consignments of all echelons, each counted on each leg."""
        return sum(len(echelon.problem.consignments) for echelon in self.each)
