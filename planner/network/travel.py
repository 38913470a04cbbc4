"""Least-time matrices and ways of a vehicle type over the edges of an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.instance.schema import Instance, KnownTrip, VehicleType
from planner.network.graph import (
    Graph,
    Ways,
    arcs_of,
    build_graph,
    closed_edges,
    edge_time_s,
    limited_edges,
    network_nodes,
)
from planner.network.pieces import PathDelays
from planner.network.timed import TimedWays
from planner.plans.model import Step, StepKind

__all__ = ["Travel", "closed_edges", "edge_time_s", "network_nodes", "shortest_distances_m", "travel"]


@dataclass(frozen=True)
class Travel:
    """Least times of one vehicle type between places.

    Parameters
    ----------
    nodes
        Ids of the places; the first is the vehicle's home.
    time_s, distance_m
        int64, shape (places, places): time and length of the least-time way (the shorter one of
        equally quick ways); 0 where there is none.
    reachable
        bool, same shape.
    delay_s
        int64, same shape: so much longer each way may take at most; None: none is known.
    timed
        Ways by departure, where some edges may be passed at some times only: then `time_s` holds as if
        these were always open. None where all are open throughout.
    avoiding
        Least times over the edges that are open throughout; None where all are.
    paths
        Times and delays along single ways; None where no delays are known.

    Notes
    -----
    What `travel` makes knows the ways themselves; matrices from elsewhere know none, and `path` is empty.
    """

    nodes: tuple[str, ...]
    time_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    _graph: Graph | None = None
    _numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _predecessors: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    _known: Mapping[tuple[int, int], str] = field(default_factory=dict)
    delay_s: NDArray[np.int64] | None = None
    timed: TimedWays | None = None
    avoiding: Travel | None = None
    paths: PathDelays | None = None

    @cached_property
    def time_rows(self) -> list[list[int]]:
        """`time_s` as plain lists, which Python reads faster one by one."""
        rows: list[list[int]] = self.time_s.tolist()
        return rows

    @cached_property
    def distance_rows(self) -> list[list[int]]:
        """`distance_m` as plain lists."""
        rows: list[list[int]] = self.distance_m.tolist()
        return rows

    @cached_property
    def reach_rows(self) -> list[list[bool]]:
        """`reachable` as plain lists."""
        rows: list[list[bool]] = self.reachable.tolist()
        return rows

    @cached_property
    def least_times_s(self) -> NDArray[np.float64]:
        """Least times from home to each place and back, over any chain of legs.

        Returns
        -------
        ndarray
            float64, shape (2, places); infinite where there is no way. Less than `time_s` only where a
            known trip is slower than the way over another place.
        """
        legs = np.where(self.reachable, self.time_s, np.inf)
        least = np.stack([legs[0], legs[:, 0]])
        while True:
            there = np.minimum(least[0], (least[0][:, None] + legs).min(axis=0))
            back = np.minimum(least[1], (legs + least[1][None, :]).min(axis=1))
            shorter = np.stack([there, back])
            if (shorter == least).all():
                return least
            least = shorter

    def path(self, start: int, end: int) -> tuple[Step, ...]:
        """Way between two places, by their position in `nodes`.

        Raises
        ------
        ValueError
            If there is no way.
        """
        if (start, end) in self._known:
            return (Step(StepKind.KNOWN, self._known[start, end]),)
        if not self.reachable[start, end]:
            msg = f"no way from {self.nodes[start]} to {self.nodes[end]}"
            raise ValueError(msg)
        return tuple(self.step(*ends) for ends in self.nodes_between(start, end))

    def nodes_between(self, start: int, end: int) -> list[tuple[int, int]]:
        """Ends of the edges of the way between two places, by the numbers of the graph's nodes."""
        if self._graph is None:
            return []
        found: list[tuple[int, int]] = []
        node = int(self._numbers[end])
        first = int(self._numbers[start])
        while node != first:
            before = int(self._predecessors[start, node])
            found.append((before, node))
            node = before
        return found[::-1]

    def step(self, before: int, node: int) -> Step:
        """The edge between two nodes of the graph that are neighbours on a way."""
        assert self._graph is not None
        return self._graph.steps[before, node]


def travel(instance: Instance, kind: VehicleType, nodes: Sequence[str]) -> Travel:
    """Least times and ways of a vehicle type between places.

    Parameters
    ----------
    instance
        Its edges, closures and known trips hold.
    kind
        The vehicle type.
    nodes
        Ids of places; the first is the home of the type.

    Raises
    ------
    KeyError
        If a place is not in the network.

    Notes
    -----
    See `Graph.shortest`; lengths that do not fit there are added up along the ways. Known trips keep their
    times whatever the hours of edges.
    """
    limited = limited_edges(instance, kind)
    graph = build_graph(instance, kind, {edge for edge, chances in limited.items() if not chances})
    ways = graph.shortest(graph.numbers(nodes))
    result = _with_known_trips(instance, kind, _matrices(graph, ways, nodes))
    arcs = arcs_of(instance, kind, graph, limited)
    if not arcs:
        return result
    free = build_graph(instance, kind, limited)
    timed = TimedWays(graph, ways, free, arcs, graph.numbers(nodes))
    for start, end in result._known:
        timed.affects[start][end] = False
    avoiding = _matrices(free, free.shortest(graph.numbers(nodes)), nodes)
    return replace(result, timed=timed, avoiding=_with_known_trips(instance, kind, avoiding))


def _matrices(graph: Graph, ways: Ways, nodes: Sequence[str]) -> Travel:
    numbers = graph.numbers(nodes)
    distance_m = np.zeros_like(ways.time_s) if ways.length_m is None else ways.length_m
    result = Travel(
        nodes=tuple(nodes),
        time_s=ways.time_s[:, numbers],
        distance_m=distance_m[:, numbers],
        reachable=ways.reachable[:, numbers],
        _graph=graph,
        _numbers=numbers,
        _predecessors=ways.before,
    )
    if ways.length_m is None:
        _add_up_lengths(result)
    return result


def _add_up_lengths(result: Travel) -> None:
    graph = result._graph
    assert graph is not None
    numbers: list[int] = result._numbers.tolist()
    for start, first in enumerate(numbers):
        before: list[int] = result._predecessors[start].tolist()
        lengths_m = {first: 0}  # of the ways from here, as far as they are known
        for end, last in enumerate(numbers):
            if start == end or not result.reachable[start, end]:
                continue
            node, way = last, []
            while node not in lengths_m:
                way.append(node)
                node = before[node]
            for one in reversed(way):
                lengths_m[one] = lengths_m[before[one]] + graph.length_m[before[one], one]
            result.distance_m[start, end] = lengths_m[last]


def known_trips_of(instance: Instance, kind: VehicleType) -> dict[tuple[str, str], KnownTrip]:
    """Known trips that hold for a vehicle type, by their two places; the type's own row wins."""
    rows = [row for row in instance.known_trips if row.vehicle in ("", kind.id)]
    rows.sort(key=lambda row: row.vehicle)  # stable: rows for all types first, overwritten by the type's own
    return {(row.from_node, row.to_node): row for row in rows}


def _with_known_trips(instance: Instance, kind: VehicleType, result: Travel) -> Travel:
    position = {node: idx for idx, node in enumerate(result.nodes)}
    known: dict[tuple[int, int], str] = {}
    for (start, end), row in known_trips_of(instance, kind).items():
        if start in position and end in position:
            pair = position[start], position[end]
            known[pair] = row.id
            result.time_s[pair], result.distance_m[pair], result.reachable[pair] = (
                row.time_s,
                row.distance_m,
                True,
            )
    return replace(result, _known=known)


def shortest_distances_m(instance: Instance, kind: VehicleType, nodes: Sequence[str]) -> NDArray[np.float64]:
    """Lengths of the shortest (not the quickest) ways from home to each place and back.

    Returns
    -------
    ndarray
        float64, shape (2, places): there and back; infinite where there is no way. Known trips count
        as further arcs, so that no plan's way is shorter.
    """
    graph = build_graph(instance, kind, closed_edges(instance, kind), by_length=True)
    length_m = dict(graph.length_m)
    for (start, end), row in known_trips_of(instance, kind).items():
        arc = (graph.node_idx[start], graph.node_idx[end])
        length_m[arc] = min(row.distance_m, length_m.get(arc, row.distance_m))
    size = len(graph.node_idx)
    numbers = graph.numbers(nodes)
    if not length_m:
        alone = np.full((2, len(nodes)), np.inf)
        alone[:, 0] = 0
        return alone
    from scipy.sparse import csr_array  # heavy
    from scipy.sparse.csgraph import dijkstra

    arcs = np.array(list(length_m), dtype=np.int64)
    weights = np.array(list(length_m.values()), dtype=np.float64)
    there = dijkstra(csr_array((weights, (arcs[:, 0], arcs[:, 1])), shape=(size, size)), indices=numbers[0])
    back = dijkstra(csr_array((weights, (arcs[:, 1], arcs[:, 0])), shape=(size, size)), indices=numbers[0])
    return np.stack([there[numbers], back[numbers]])
