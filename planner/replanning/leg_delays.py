"""How much later the stops of trips that stay may end when legs are late, by and large."""

from __future__ import annotations

from planner.instance.schema import Instance, VehicleType
from planner.network.delays import StepDelays
from planner.plans.model import Leg, Trip

__all__ = ["LegDelays"]


class LegDelays:
    """Largest delays of legs as trips drive them.

    Parameters
    ----------
    instance
        Its edges, known trips and delays hold.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._of_kind: dict[str, StepDelays] = {}

    def of(self, kind: VehicleType, leg: Leg) -> int:
        """Largest delay of a leg, in seconds."""
        if kind.id not in self._of_kind:
            self._of_kind[kind.id] = StepDelays(self._instance, kind)
        return sum(self._of_kind[kind.id].of(step) for step in leg.path)

    def of_trip(self, kind: VehicleType, trip: Trip, gamma: int, now_s: int) -> tuple[tuple[int, ...], int]:
        """By how much each stop, and the end of the trip, may be later with so many late legs.

        Legs that were over at `now_s` are not late any more; one under way may be, like those to come.

        Parameters
        ----------
        kind, trip
            The type of the vehicle, and its trip.
        gamma
            How many legs may be late.
        now_s
            The moment of the replan, in seconds.

        Returns
        -------
        tuple
            Seconds for each stop, and for the end.
        """
        delays: list[int] = []
        found: list[int] = []
        legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
        for leg in legs:
            if leg.depart_s >= now_s or leg.depart_s < now_s < leg.arrive_s:
                delays.append(self.of(kind, leg))
            found.append(sum(sorted(delays)[-gamma:]) if gamma else 0)
        return tuple(found[: len(trip.stops)]), max(found, default=0)
