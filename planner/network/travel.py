"""Least-time matrices and ways of a vehicle type over the edges of an instance.

A relay (see ``docs/concepts.md``) is a walk in a graph of two layers: the first layer holds the edges of
``modes``, the second those of ``relay_modes``; arcs between them stand at ``relay_at``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.instance.schema import Edge, Instance, KnownTrip, Mode, VehicleType
from planner.plan import Step, StepKind

__all__ = ["Travel", "closed_edges", "edge_time_s", "network_nodes", "shortest_distances_m", "travel"]

_Add = Callable[[int, int, int, int, Step], None]
_EXACT_BITS = 53  # integers up to 2**53 are exact in the floats that scipy's Dijkstra adds


def network_nodes(instance: Instance) -> tuple[str, ...]:
    """Ids of all warehouses, hubs, regions and further nodes, in this order."""
    tables = (instance.warehouses, instance.hubs, instance.regions, instance.nodes)
    return tuple(row.id for table in tables for row in table)


def closed_edges(instance: Instance) -> frozenset[str]:
    """Ids of the edges that are closed for the whole horizon."""
    horizon_s = instance.settings.horizon_s
    return frozenset(
        one.edge
        for one in instance.closures
        if (one.from_s is None or one.from_s <= 0) and (one.until_s is None or one.until_s >= horizon_s)
    )


def edge_time_s(time_s: int, speed_percent: int) -> int:
    """Time of a vehicle on an edge: the edge's time x 100 / speed_percent, rounded half up.

    Examples
    --------
    >>> edge_time_s(100, 80)
    125
    >>> edge_time_s(5, 200)
    3
    """
    return (200 * time_s + speed_percent) // (2 * speed_percent)


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

    Notes
    -----
    What `travel` makes knows the ways themselves; matrices from elsewhere know none, and `path` is empty.
    """

    nodes: tuple[str, ...]
    time_s: NDArray[np.int64]
    distance_m: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    _graph: _Graph | None = None
    _states: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _predecessors: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    _known: Mapping[tuple[int, int], str] = field(default_factory=dict)
    delay_s: NDArray[np.int64] | None = None

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
        if self._graph is None:
            return ()
        steps: list[Step] = []
        state = int(self._states[end])
        first = int(self._states[start])
        while state != first:
            before = int(self._predecessors[start, state])
            steps.append(self._graph.steps[before, state])
            state = before
        return tuple(reversed(steps))


@dataclass(frozen=True)
class _Graph:
    """Arcs between states; state = layer x nodes + node."""

    num_nodes: int
    node_idx: Mapping[str, int]
    last_layer: int
    steps: Mapping[tuple[int, int], Step]
    time_s: Mapping[tuple[int, int], int]
    length_m: Mapping[tuple[int, int], int]

    def matrix(self, weights: NDArray[np.float64]) -> csr_array:
        size = self.num_nodes * (self.last_layer + 1)
        arcs = np.array(list(self.steps), dtype=np.int64).reshape(-1, 2)
        return csr_array((weights, (arcs[:, 0], arcs[:, 1])), shape=(size, size))

    def states(self, nodes: Sequence[str]) -> NDArray[np.int64]:
        """Layer 0 at home (the first place), the last layer at every other."""
        idx = np.array([self.node_idx[node] for node in nodes], dtype=np.int64)
        idx[1:] += self.last_layer * self.num_nodes
        return idx


def _graph(instance: Instance, kind: VehicleType, *, by_length: bool = False) -> _Graph:
    names = network_nodes(instance)
    node_idx = {name: position for position, name in enumerate(names)}
    closed = closed_edges(instance)
    layers: list[tuple[Mode, ...]] = [kind.modes]
    if kind.relay_modes:
        layers.append(kind.relay_modes)
    best: dict[tuple[int, int], tuple[int, int, Step]] = {}

    def add(start: int, end: int, time_s: int, length_m: int, step: Step) -> None:
        found = best.get((start, end))
        rank = (length_m, time_s) if by_length else (time_s, length_m)
        if found is None or rank < ((found[1], found[0]) if by_length else (found[0], found[1])):
            best[start, end] = (time_s, length_m, step)

    for layer, modes in enumerate(layers):
        base = layer * len(names)
        for edge in instance.edges:
            if edge.mode in modes and edge.id not in closed:
                _add_edge(edge, base, node_idx, kind.speed_percent, add)
    if kind.relay_modes:
        for hub in kind.relay_at:
            here, there = node_idx[hub], node_idx[hub] + len(names)
            step = Step(StepKind.TRANSFER, hub)
            add(here, there, kind.relay_s, 0, step)
            add(there, here, kind.relay_s, 0, step)
    return _Graph(
        num_nodes=len(names),
        node_idx=node_idx,
        last_layer=len(layers) - 1,
        steps={arc: step for arc, (_, _, step) in best.items()},
        time_s={arc: time_s for arc, (time_s, _, _) in best.items()},
        length_m={arc: length_m for arc, (_, length_m, _) in best.items()},
    )


def _add_edge(edge: Edge, base: int, node_idx: Mapping[str, int], speed_percent: int, add: _Add) -> None:
    here, there = base + node_idx[edge.from_node], base + node_idx[edge.to_node]
    add(here, there, edge_time_s(edge.time_s, speed_percent), edge.length_m, Step(StepKind.FORWARD, edge.id))
    if edge.time_back_s is not None:
        time_s = edge_time_s(edge.time_back_s, speed_percent)
        add(there, here, time_s, edge.length_m, Step(StepKind.BACK, edge.id))


def travel(instance: Instance, kind: VehicleType, nodes: Sequence[str]) -> Travel:
    """Least times and ways of a vehicle type between places.

    Parameters
    ----------
    instance
        Its edges, closures and known trips hold.
    kind
        The vehicle type.
    nodes
        Ids of places; the first is the home of the type (a relay is on its first modes there, on its
        last ones at all others).

    Raises
    ------
    KeyError
        If a place is not in the network.

    Notes
    -----
    Dijkstra's algorithm (scipy.sparse.csgraph) on time, ties broken by length: both are packed into
    one float that stays an exact integer. Where they do not fit, ties are broken arbitrarily but
    repeatably, and lengths are added up along the ways.
    """
    graph = _graph(instance, kind)
    times = np.array(list(graph.time_s.values()), dtype=np.int64)
    lengths = np.array(list(graph.length_m.values()), dtype=np.int64)
    shift = _length_bits(times, lengths, graph.num_nodes * (graph.last_layer + 1))
    packed = times if shift is None else (times << shift) + lengths
    states = graph.states(nodes)
    if len(packed) == 0:
        total = np.where(np.eye(len(nodes), dtype=bool), 0.0, np.inf)
        predecessors = np.full((len(nodes), graph.num_nodes * (graph.last_layer + 1)), -9999, dtype=np.int32)
    else:
        weights = graph.matrix(packed.astype(np.float64))  # a stored 0 is an arc of weight 0
        full, predecessors = dijkstra(weights, indices=states, return_predecessors=True)
        total = full[:, states]
    reachable = np.isfinite(total)
    exact = np.where(reachable, total, 0).astype(np.int64)
    time_s = exact if shift is None else exact >> shift
    distance_m = np.zeros_like(exact) if shift is None else exact & ((1 << shift) - 1)
    result = Travel(tuple(nodes), time_s, distance_m, reachable, graph, states, predecessors, {})
    if shift is None:
        _add_up_lengths(result)
    return _with_known_trips(instance, kind, result)


def _length_bits(times: NDArray[np.int64], lengths: NDArray[np.int64], num_states: int) -> int | None:
    """Bits to leave for lengths below times, or None where both do not fit into an exact float."""
    if len(times) == 0:
        return 0
    longest = int(lengths.max()) * num_states
    slowest = int(times.max()) * num_states
    bits = max(1, longest.bit_length())
    return bits if bits + slowest.bit_length() < _EXACT_BITS else None


def _add_up_lengths(result: Travel) -> None:
    graph = result._graph
    assert graph is not None
    states: list[int] = result._states.tolist()
    for start, first in enumerate(states):
        before: list[int] = result._predecessors[start].tolist()
        lengths_m = {first: 0}  # of the ways from here, as far as they are known
        for end, last in enumerate(states):
            if start == end or not result.reachable[start, end]:
                continue
            state, way = last, []
            while state not in lengths_m:
                way.append(state)
                state = before[state]
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
    return Travel(
        result.nodes,
        result.time_s,
        result.distance_m,
        result.reachable,
        result._graph,
        result._states,
        result._predecessors,
        known,
    )


def shortest_distances_m(instance: Instance, kind: VehicleType, nodes: Sequence[str]) -> NDArray[np.float64]:
    """Lengths of the shortest (not the quickest) ways from home to each place and back.

    Returns
    -------
    ndarray
        float64, shape (2, places): there and back; infinite where there is no way. Known trips count
        as further arcs, so that no plan's way is shorter.
    """
    graph = _graph(instance, kind, by_length=True)
    length_m = dict(graph.length_m)
    offset = graph.last_layer * graph.num_nodes
    home = nodes[0]
    for (start, end), row in known_trips_of(instance, kind).items():
        first = graph.node_idx[start] + (0 if start == home else offset)
        last = graph.node_idx[end] + (0 if end == home else offset)
        arc = (first, last)
        length_m[arc] = min(row.distance_m, length_m.get(arc, row.distance_m))
    size = graph.num_nodes * (graph.last_layer + 1)
    states = graph.states(nodes)
    if not length_m:
        alone = np.full((2, len(nodes)), np.inf)
        alone[:, 0] = 0
        return alone
    arcs = np.array(list(length_m), dtype=np.int64)
    weights = np.array(list(length_m.values()), dtype=np.float64)
    there = dijkstra(csr_array((weights, (arcs[:, 0], arcs[:, 1])), shape=(size, size)), indices=states[0])
    back = dijkstra(csr_array((weights, (arcs[:, 1], arcs[:, 0])), shape=(size, size)), indices=states[0])
    return np.stack([there[states], back[states]])
