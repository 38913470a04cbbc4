"""Problems of the places where trips begin, with no more than the goods and places that a replan is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.building.decisions import with_fixings
from planner.building.places import (
    deadline_of,
    fleet_type,
    gamma_of,
    hub_limits,
    not_before_of,
    origin_of,
)
from planner.instance.chains import home_of, hub_of
from planner.instance.decisions import rulings_of
from planner.instance.schema import Hub, Instance, Region, Warehouse
from planner.network.calendars import Openings, expand, local_midnights
from planner.plans.model import Delivery
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType
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
        self._instance = instance
        self._guarantee = guarantee
        self._hubs = hub_of(instance)
        self._openings: dict[str, Openings] = {}
        self._fleets: dict[tuple[str, tuple[str, ...]], tuple[FleetType, ...]] = {}
        self._midnights = local_midnights(instance)
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
        stops = [self._receiver(name) for name in names]
        settings = self._instance.settings
        limits = [self._limits(one) for one in stops]
        fleet = self._fleet(origin, names)
        problem = Problem(
            id=origin,
            name=self._start(origin).name,
            clock=self._instance.clock,
            horizon_s=settings.horizon_s,
            midnights=self._midnights,
            places=(origin, *names),
            place_names=(
                self._start(origin).name,
                *(name if one is None else one.name for name, one in zip(names, stops, strict=True)),
            ),
            origins=(origin_of(self._instance, self._start(origin), fleet),),
            region_openings=tuple(self._hours("" if one is None else one.calendar) for one in stops),
            deadline_s=np.array([deadline for _, deadline in limits], dtype=np.int64),
            not_before_s=np.array([first for first, _ in limits], dtype=np.int64),
            handover_s=np.array(
                [one.handover_s if isinstance(one, Region) else 0 for one in stops], dtype=np.int64
            ),
            weight=np.array([self.weight(name) for name in names], dtype=np.int64),
            fleet=fleet,
            consignments=tuple(
                _consignment(one, names.index(one.node_id), moment)
                for one, moment in zip(legs, release_s, strict=True)
            ),
            unserved=frozenset(),
            proofs=(),
            price_pieces=self._prices(stops),
        )
        return Place(with_fixings(problem, self._rulings, wanted), tuple(legs), names)

    def weight(self, name: str) -> int:
        """Weight of a region in the objective; 1 for other places."""
        region = self._instance.region_of.get(name)
        return 1 if region is None else self._instance.weight_of(region)

    def transfer_s(self, hub: str, pieces: int) -> int:
        """Time from the end of an unloading of so many pieces at a hub to the earliest loading there."""
        place = self._hubs[hub]
        return place.transfer_fixed_s + place.transfer_piece_s * pieces

    def storage_cm3(self, hub: str) -> int | None:
        """Room of a hub; None: enough."""
        room = self._hubs[hub].storage_dm3 if hub in self._hubs else None
        return None if room is None else 1000 * room

    def handling(self, hub: str, goods: Iterable[Delivery]) -> int:
        """Price of unloading goods at a place, if it is a hub that asks for one."""
        price_piece = self._hubs[hub].price_piece if hub in self._hubs else 0
        return price_piece * sum(one.pieces for one in goods)

    def _start(self, origin: str) -> Warehouse | Hub:
        return self._instance.warehouse_of.get(origin) or self._hubs[origin]

    def _receiver(self, name: str) -> Region | Hub | None:
        return self._instance.region_of.get(name) or self._hubs.get(name)

    def _limits(self, one: Region | Hub | None) -> tuple[int, int]:
        """First allowed moment of receipt and deadline."""
        if isinstance(one, Region):
            return not_before_of(self._instance, one), deadline_of(self._instance, one)
        if isinstance(one, Hub):
            return hub_limits(self._instance, one.id)
        return 0, self._instance.settings.horizon_s

    def _hours(self, calendar: str) -> Openings:
        if calendar not in self._openings:
            self._openings[calendar] = expand(self._instance, calendar)
        return self._openings[calendar]

    def _fleet(self, origin: str, names: tuple[str, ...]) -> tuple[FleetType, ...]:
        key = (origin, names)
        if key not in self._fleets:
            self._fleets[key] = tuple(
                fleet_type(
                    self._instance, kind, (origin, *names), gamma_of(self._instance, kind, self._guarantee)
                )
                for kind in self._instance.vehicles
                if home_of(kind) == origin and kind.number > 0
            )
        return self._fleets[key]

    def _prices(self, stops: Sequence[Region | Hub | None]) -> tuple[int, ...]:
        prices = tuple(one.price_piece if isinstance(one, Hub) else 0 for one in stops)
        return prices if any(prices) else ()


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
