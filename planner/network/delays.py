"""Largest delays of edges and legs, from the tables `edges` and `delays`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Delay, Edge, Instance, KnownTrip, VehicleType
from planner.network.graph import edge_times_s, passages
from planner.network.pieces import PathDelays, Piece
from planner.network.travel import Travel, known_trips_of
from planner.plans.model import Step, StepKind

__all__ = ["StepDelays", "with_delays"]


def with_delays(instance: Instance, kind: VehicleType, travel: Travel) -> Travel:
    """The same travel with the largest delay of each leg.

    Parameters
    ----------
    instance, kind
        Whose tables and vehicle type.
    travel
        Least times and ways of the type.

    Notes
    -----
    The delay of a leg is the sum of those of its edges; see `docs/concepts.md`, "When something is late".
    """
    delays = StepDelays(instance, kind)
    avoiding = None if travel.avoiding is None else with_delays(instance, kind, travel.avoiding)
    return replace(travel, delay_s=delays.matrix(travel), avoiding=avoiding, paths=PathDelays(delays.of_step))


class StepDelays:
    """Largest delays of the steps of ways, for one type of vehicle.

    Parameters
    ----------
    instance, kind
        Whose tables and vehicle type.
    """

    def __init__(self, instance: Instance, kind: VehicleType) -> None:
        self._instance = instance
        self._kind = kind
        seasons = ("", instance.settings.season)
        self._rows = [
            row for row in instance.delays if row.season in seasons and row.vehicle in ("", kind.id)
        ]
        self._edges = {edge.id: edge for edge in instance.edges}
        self._known = {row.id: row for row in instance.known_trips}
        self._of_step: dict[tuple[StepKind, str], int] = {}

    def matrix(self, travel: Travel) -> NDArray[np.int64]:
        """Delay of each leg; int64, shape (places, places)."""
        size = len(travel.nodes)
        found = np.zeros((size, size), dtype=np.int64)
        known = known_trips_of(self._instance, self._kind)
        for start, begin in enumerate(travel.nodes):
            sums: dict[int, int] = {}
            for end, other in enumerate(travel.nodes):
                row = known.get((begin, other))
                if row is not None:
                    found[start, end] = self._known_s(row)
                elif start != end and travel.reachable[start, end]:
                    found[start, end] = self._leg_s(travel, start, end, sums)
        return found

    def _leg_s(self, travel: Travel, start: int, end: int, sums: dict[int, int]) -> int:
        way = travel.nodes_between(start, end)
        total = 0
        for before, node in way:
            if node not in sums:
                sums[node] = total + self._step_s(travel, before, node)
            total = sums[node]
        return total

    def _step_s(self, travel: Travel, before: int, node: int) -> int:
        return self.of(travel.step(before, node))

    def of(self, step: Step) -> int:
        """Largest delay of one step, in seconds; 0 where its edge or known trip is not there any more."""
        key = (step.kind, step.ref)
        if key not in self._of_step:
            self._of_step[key] = self._looked_up(step)
        return self._of_step[key]

    def _looked_up(self, step: Step) -> int:
        if step.kind is StepKind.KNOWN:
            return self._known_s(self._known[step.ref]) if step.ref in self._known else 0
        edge = self._edges.get(step.ref)
        return 0 if edge is None else self._edge_s(edge, forward=step.kind is StepKind.FORWARD)

    def _known_s(self, row: KnownTrip) -> int:
        rows = [one for one in self._rows if not one.edge and one.mode in (None, *self._kind.modes)]
        return _largest(rows, row.time_s)

    def of_step(self, step: Step) -> Piece:
        """Time, delay and chances of one step, which is an edge."""
        edge, forward = self._edges[step.ref], step.kind is StepKind.FORWARD
        return Piece(
            self._time_s(edge, forward=forward),
            self._edge_s(edge, forward=forward),
            passages(self._instance, edge, self._kind),
        )

    def _time_s(self, edge: Edge, *, forward: bool) -> int:
        there_s, back_s = edge_times_s(self._kind, edge)
        return there_s if forward else back_s or 0

    def _edge_s(self, edge: Edge, *, forward: bool) -> int:
        own_s = edge.delay_max_s if forward else edge.delay_back_max_s
        rows = [one for one in self._rows if one.mode in (None, edge.mode) and one.edge in ("", edge.id)]
        return max(own_s, _largest(rows, self._time_s(edge, forward=forward)))


def _largest(rows: Sequence[Delay], time_s: int) -> int:
    """Largest delay of these rows for a way of so much time, percents rounded half up."""
    return max(((row.percent * time_s + 50) // 100 + row.fixed_s for row in rows), default=0)
