"""Problems of the places where trips begin, with no more than the goods and places that a replan is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.building.decisions import with_fixings
from planner.building.problems import Problems
from planner.instance.chains import hub_of
from planner.instance.decisions import rulings_of
from planner.instance.schema import Instance
from planner.plans.model import Delivery
from planner.problem.consignment import Consignment
from planner.problem.problem import Problem
from planner.propose.pool import Pool
from planner.replanning.goods import GoodsLeg

__all__ = ["Place", "Places"]


@dataclass
class Place:
    """A place where trips begin.

    Parameters
    ----------
    problem
        Its vehicles by types, and what is to be brought from there: consignment k is ``legs[k]``.
    nodes
        Ids of its receiving places, and of the nodes where vehicles stand, in the order of the problem.
    """

    problem: Problem
    legs: tuple[GoodsLeg, ...]
    nodes: tuple[str, ...]

    @cached_property
    def pool(self) -> Pool:
        """Its candidates."""
        return Pool(self.problem)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Number of each receiving place, by its id."""
        return {name: number for number, name in enumerate(self.nodes)}

    @property
    def undecided(self) -> Problem:
        """The problem without decisions: what is under way cannot be decided otherwise."""
        return self.problem.unfixed or self.problem

    def fleet_position(self, kind: str, vehicle: int) -> int | None:
        """Number of the type in the problem that a vehicle (from 1) belongs to; None: it drives nothing."""
        return next(
            (
                number
                for number, one in enumerate(self.problem.fleet)
                if one.id == kind and vehicle in one.vehicle_numbers
            ),
            None,
        )

    def as_planned(self) -> Place:
        """The same without late legs."""
        unfixed = None if self.problem.unfixed is None else _without_late_legs(self.problem.unfixed)
        problem = replace(_without_late_legs(self.problem), unfixed=unfixed)
        return Place(problem, self.legs, self.nodes)


def _without_late_legs(problem: Problem) -> Problem:
    return replace(problem, fleet=tuple(replace(kind, gamma=0) for kind in problem.fleet))


class Places:
    """Makes the problems of an instance's places; hours and vehicles are worked out once for each.

    Parameters
    ----------
    instance
        The effective one.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    """

    def __init__(self, instance: Instance, guarantee: int | None) -> None:
        self._hubs = hub_of(instance)
        self._problems = Problems(instance, guarantee)
        self._rulings = rulings_of(instance)

    def place(
        self,
        origin: str,
        legs: Sequence[GoodsLeg],
        release_s: Sequence[int],
        nodes: Iterable[str] = (),
        wanted: Collection[str] = (),
    ) -> Place:
        """A place with these goods.

        Parameters
        ----------
        origin
            Warehouse or hub.
        legs, release_s
            What is to be brought from there, and when each may be loaded.
        nodes
            Further nodes that matter: where vehicles stand.
        wanted
            Regions that are brought something, from here or elsewhere: of these decisions may say that they
            go together.
        """
        receivers = dict.fromkeys(one.node_id for one in legs)
        names = tuple(sorted({*receivers, *nodes}))  # a vehicle may stand at the place itself
        consignments = tuple(
            _consignment(one, names.index(one.node_id), moment)
            for one, moment in zip(legs, release_s, strict=True)
        )
        problem = replace(self._problems.empty(origin, names), consignments=consignments)
        return Place(with_fixings(problem, self._rulings, wanted), tuple(legs), names)

    def storage_cm3(self, hub: str) -> int | None:
        """Room of a hub; None: enough."""
        room = self._hubs[hub].storage_dm3 if hub in self._hubs else None
        return None if room is None else 1000 * room

    def handling(self, hub: str, goods: Iterable[Delivery]) -> int:
        """Price of unloading goods at a place, if it is a hub that asks for one."""
        price_piece = self._hubs[hub].price_piece if hub in self._hubs else 0
        return price_piece * sum(one.pieces for one in goods)


def _consignment(leg: GoodsLeg, region: int, release_s: int) -> Consignment:
    goods = leg.goods
    return Consignment(
        id=goods.consignment_id,
        region=region,
        part=goods.part,
        first_unit=goods.first_unit,
        units=goods.units,
        mass_g=goods.mass_g,
        volume_cm3=goods.volume_cm3,
        pieces=goods.pieces,
        release_s=release_s,
        for_region="" if goods.region_id == leg.node_id else goods.region_id,
    )
