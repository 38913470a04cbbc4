"""The one builder of problems: places, hours and vehicles where trips begin, before anything is carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.building.places import deadline_of, fleet_type, gamma_of, hub_limits, not_before_of, origin_of
from planner.instance.chains import home_of, hub_of
from planner.instance.schema import Instance
from planner.network.calendars import Openings, day_index, expand, local_midnights, whole_intervals
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem

__all__ = ["Problems"]


@dataclass(frozen=True, slots=True)
class _Receiver:
    """A place where trips stop."""

    name: str
    openings: Openings
    not_before_s: int
    deadline_s: int
    handover_s: int = 0
    weight: int = 1
    price_piece: int = 0
    price_night: int = 0
    is_hub: bool = False


class Problems:
    """Makes the problems of an instance's places; hours, limits and vehicles are worked out once for each.

    Parameters
    ----------
    instance
        Places that are wholly out of use have calendars that say so.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    """

    def __init__(self, instance: Instance, guarantee: int | None = None) -> None:
        self._instance = instance
        self._guarantee = guarantee
        self._hubs = hub_of(instance)
        self._midnights = local_midnights(instance)
        self._hours: dict[tuple[str, bool], Openings] = {}
        self._receivers: dict[str, _Receiver] = {}
        self._fleets: dict[tuple[str, tuple[str, ...]], tuple[FleetType, ...]] = {}

    def empty(
        self,
        origin: str,
        stops: Sequence[str],
        *,
        fleet: Sequence[FleetType] | None = None,
        weights: Mapping[str, int] | None = None,
    ) -> Problem:
        """The problem of a place where trips begin, without consignments.

        Parameters
        ----------
        origin
            Id of a warehouse or a hub.
        stops
            Ids of regions, hubs, warehouses or nodes; the receiving places, in this order.
        fleet
            Vehicle types between these places; None: those at home there.
        weights
            Of receiving places that have another weight than their own.

        Raises
        ------
        KeyError
            If a place is not in the network.
        """
        instance, places = self._instance, (origin, *stops)
        start = instance.warehouse_of.get(origin) or self._hubs[origin]
        kinds = self.fleet(origin, tuple(stops)) if fleet is None else tuple(fleet)
        found = [self._receiver(name) for name in stops]
        mine = [(weights or {}).get(name, one.weight) for name, one in zip(stops, found, strict=True)]
        prices = tuple(one.price_piece for one in found)
        nights = tuple(
            (0 if one.is_hub else one.price_night, day_index(self._midnights, one.deadline_s - 1))
            for one in found
        )
        return Problem(
            id=origin,
            name=start.name,
            clock=instance.clock,
            horizon_s=instance.settings.horizon_s,
            midnights=self._midnights,
            places=places,
            place_names=(start.name, *(one.name for one in found)),
            origins=(origin_of(instance, start, kinds),),
            region_openings=tuple(one.openings for one in found),
            deadline_s=np.array([one.deadline_s for one in found], dtype=np.int64),
            not_before_s=np.array([one.not_before_s for one in found], dtype=np.int64),
            handover_s=np.array([one.handover_s for one in found], dtype=np.int64),
            weight=np.array(mine, dtype=np.int64),
            fleet=kinds,
            consignments=(),
            unserved=frozenset(),
            proofs=(),
            price_pieces=prices if any(prices) else (),
            nights=nights if any(price for price, _ in nights) else (),
            by_day=frozenset(at for at, one in enumerate(found) if one.is_hub and one.price_night),
        )

    def fleet(self, origin: str, stops: tuple[str, ...]) -> tuple[FleetType, ...]:
        """The vehicle types at home at a place, with their ways between it and others."""
        if (origin, stops) not in self._fleets:
            self._fleets[origin, stops] = tuple(
                fleet_type(
                    self._instance, kind, (origin, *stops), gamma_of(self._instance, kind, self._guarantee)
                )
                for kind in self._instance.vehicles
                if home_of(kind) == origin and kind.number > 0
            )
        return self._fleets[origin, stops]

    def _receiver(self, name: str) -> _Receiver:
        if name not in self._receivers:
            self._receivers[name] = self._looked_up(name)
        return self._receivers[name]

    def _looked_up(self, name: str) -> _Receiver:
        instance, region = self._instance, self._instance.region_of.get(name)
        if region is not None:
            return _Receiver(
                region.name,
                self._openings(region.calendar),
                not_before_of(instance, region),
                deadline_of(instance, region),
                region.handover_s,
                instance.weight_of(region),
                price_night=instance.price_night_of(region),
            )
        hub = self._hubs.get(name)
        if hub is not None:
            limits = hub_limits(instance, hub.id)
            prices = {"price_piece": hub.price_piece, "price_night": instance.price_night_of(hub)}
            return _Receiver(hub.name, self._openings(hub.calendar), *limits, **prices, is_hub=True)
        warehouse = instance.warehouse_of.get(name)
        if warehouse is not None:
            hours = self._openings(warehouse.calendar, whole=True)
            return _Receiver(warehouse.name, hours, 0, instance.settings.horizon_s)
        return _Receiver(name, self._openings(""), 0, instance.settings.horizon_s)

    def _openings(self, calendar: str, *, whole: bool = False) -> Openings:
        if (calendar, whole) not in self._hours:
            self._hours[calendar, whole] = (whole_intervals if whole else expand)(self._instance, calendar)
        return self._hours[calendar, whole]
