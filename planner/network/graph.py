"""The graph of a vehicle type's ways, and the hours in which edges may be entered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from planner.instance.closures import bars
from planner.instance.schema import Edge, Instance, Mode, VehicleType
from planner.network.calendars import Interval, expand
from planner.plans.model import Step, StepKind

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = [
    "Arc",
    "Graph",
    "Passage",
    "Ways",
    "arcs_of",
    "build_graph",
    "closed_edges",
    "edge_time_s",
    "edge_times_s",
    "limited_edges",
    "network_nodes",
    "passages",
]

_EXACT_BITS = 53  # integers up to 2**53 are exact in the floats that scipy's Dijkstra adds


class Passage(NamedTuple):
    """One chance to pass an edge: entered in [opens_s, closes_s), left at clear_by_s or before."""

    opens_s: int
    closes_s: int
    clear_by_s: int


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge in one direction that may be passed at some times only."""

    tail: int
    head: int
    time_s: int
    length_m: int
    step: Step
    passages: tuple[Passage, ...]


def network_nodes(instance: Instance) -> tuple[str, ...]:
    """Ids of all warehouses, hubs, regions and further nodes, in this order, each once."""
    tables = (instance.warehouses, instance.hubs, instance.regions, instance.nodes)
    # a warehouse may receive what another one sends, like a region (`planner.transshipment.exchange`)
    return tuple(dict.fromkeys(row.id for table in tables for row in table))


def passages(instance: Instance, edge: Edge, kind: VehicleType) -> tuple[Passage, ...] | None:
    """All chances of a vehicle type to pass an edge, by their begin; None where it is open throughout.

    Notes
    -----
    A passage lies whole in one interval of the edge's calendar, or is only entered there where the row says
    ``window = start``; and it overlaps no closure. Times before the start and after the horizon count as
    neither open nor closed, since no plan uses them.
    """
    horizon_s = instance.settings.horizon_s
    hours = expand(instance, edge.calendar)
    clear = _clear(instance, edge.id, kind)
    whole = _joined(one for one in hours.intervals if one not in hours.starts_only)
    if clear == [(0, horizon_s)] and whole == [(0, horizon_s)]:
        return None
    found = []
    for starts_only, intervals in ((False, whole), (True, _joined(hours.starts_only))):
        for interval in intervals:
            for begin, end in clear:
                opens, closes = max(begin, interval[0]), min(end, interval[1])
                if opens < closes:
                    found.append(Passage(opens, closes, end if starts_only else closes))
    return tuple(sorted(found))


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Those that touch or overlap as one."""
    found: list[Interval] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _clear(instance: Instance, edge: str, kind: VehicleType) -> list[Interval]:
    """Times between the closures of an edge that bar a vehicle type."""
    horizon_s = instance.settings.horizon_s
    closed = sorted(
        (0 if one.from_s is None else one.from_s, horizon_s if one.until_s is None else one.until_s)
        for one in instance.closures_of.get(edge, ())
        if bars(one, kind)
    )
    found, begin = [], 0
    for from_s, until_s in closed:
        if begin < min(from_s, horizon_s):
            found.append((begin, min(from_s, horizon_s)))
        begin = max(begin, until_s)
    if begin < horizon_s:
        found.append((begin, horizon_s))
    return found


def limited_edges(instance: Instance, kind: VehicleType) -> dict[str, tuple[Passage, ...]]:
    """Chances of a vehicle type to pass each edge that is not open throughout; none if it is never open."""
    shut = {one.edge for one in instance.closures if bars(one, kind)}
    found: dict[str, tuple[Passage, ...]] = {}
    for edge in instance.edges:
        if edge.calendar or edge.id in shut:
            chances = passages(instance, edge, kind)
            if chances is not None:
                found[edge.id] = chances
    return found


def closed_edges(instance: Instance, kind: VehicleType) -> frozenset[str]:
    """Ids of the edges that are closed to a vehicle type throughout, by closures or by their calendar."""
    return frozenset(edge for edge, chances in limited_edges(instance, kind).items() if not chances)


def edge_time_s(time_s: int, speed_percent: int, told_percents: Sequence[int] = ()) -> int:
    """Time of a vehicle on an edge: the edge's time x 100 / speed_percent, rounded half up.

    Its speed is that of the tables times what reports say of it, in percent.

    Examples
    --------
    >>> edge_time_s(100, 80)
    125
    >>> edge_time_s(5, 200)
    3
    >>> edge_time_s(100, 80, (50, 25))
    1000
    """
    for percent in told_percents:
        time_s, speed_percent = 100 * time_s, percent * speed_percent
    return (200 * time_s + speed_percent) // (2 * speed_percent)


def edge_times_s(kind: VehicleType, edge: Edge) -> tuple[int, int | None]:
    """Time of a vehicle type on an edge in each direction: there and, where there is one, back."""
    back = kind.speed_percent
    if edge.mode is Mode.RIVER and kind.upstream_percent is not None:
        back = kind.upstream_percent
    told = (*kind.told_percents, *edge.told_percents)
    there_s = edge_time_s(edge.time_s, kind.speed_percent, told)
    return there_s, None if edge.time_back_s is None else edge_time_s(edge.time_back_s, back, told)


@dataclass(frozen=True)
class Graph:
    """Arcs between nodes, which are numbered; made of the rows of `edges`."""

    edges: tuple[Edge, ...]
    node_idx: Mapping[str, int]
    steps: Mapping[tuple[int, int], Step]
    time_s: Mapping[tuple[int, int], int]
    length_m: Mapping[tuple[int, int], int]

    @cached_property
    def _packed(self) -> tuple[csr_array, int | None]:
        """Time and length of each arc in one number, and the bits that lengths have of it."""
        from scipy.sparse import csr_array  # heavy

        size = len(self.node_idx)
        times = np.array(list(self.time_s.values()), dtype=np.int64)
        lengths = np.array(list(self.length_m.values()), dtype=np.int64)
        arcs = np.array(list(self.steps), dtype=np.int64).reshape(-1, 2)
        shift = _length_bits(_longest(arcs[:, 0], times, size), _longest(arcs[:, 0], lengths, size))
        packed = times if shift is None else (times << shift) + lengths
        weights = packed.astype(np.float64)  # a stored 0 is an arc of weight 0
        return csr_array((weights, (arcs[:, 0], arcs[:, 1])), shape=(size, size)), shift

    def numbers(self, nodes: Sequence[str]) -> NDArray[np.int64]:
        """Number of each node."""
        return np.array([self.node_idx[node] for node in nodes], dtype=np.int64)

    def shortest(self, sources: NDArray[np.int64]) -> Ways:
        """Least-time ways from some nodes to all.

        Notes
        -----
        Dijkstra's algorithm (scipy.sparse.csgraph) on time, ties broken by length: both are packed into
        one float that stays an exact integer. Where they do not fit, ties are broken arbitrarily but
        repeatably, and lengths are None.
        """
        size = len(self.node_idx)
        if not self.steps:
            total = np.where(sources[:, None] == np.arange(size)[None, :], 0.0, np.inf)
            nobody = np.full((len(sources), size), -9999, dtype=np.int32)
            return Ways(np.zeros(total.shape, np.int64), np.zeros(total.shape, np.int64), total == 0, nobody)
        from scipy.sparse.csgraph import dijkstra  # heavy, and not needed where nothing is searched

        weights, shift = self._packed
        total, before = dijkstra(weights, indices=sources, return_predecessors=True)
        reachable = np.isfinite(total)
        exact = np.where(reachable, total, 0).astype(np.int64)
        if shift is None:
            return Ways(exact, None, reachable, before)
        return Ways(exact >> shift, exact & ((1 << shift) - 1), reachable, before)

    def times_to(self, node: int) -> NDArray[np.int64]:
        """Least time from each node to one, in seconds; -1 where there is no way."""
        from scipy.sparse.csgraph import dijkstra  # heavy

        weights, shift = self._packed
        total, _ = dijkstra(weights.T.tocsr(), indices=np.array([node]), return_predecessors=True)
        total = total[0]
        reachable = np.isfinite(total)
        return np.where(reachable, np.where(reachable, total, 0).astype(np.int64) >> (shift or 0), -1)


def _longest(tails: NDArray[np.int64], values: NDArray[np.int64], num_nodes: int) -> int:
    """No way that leaves each node at most once has more than this."""
    most = np.zeros(num_nodes, dtype=np.int64)
    np.maximum.at(most, tails, values)
    return int(most.sum())


def _length_bits(slowest_s: int, longest_m: int) -> int | None:
    """Bits to leave for lengths below times, or None where both do not fit into an exact float."""
    bits = max(1, longest_m.bit_length())
    return bits if bits + slowest_s.bit_length() < _EXACT_BITS else None


@dataclass(frozen=True, slots=True)
class Ways:
    """Least times (0 where there is no way), their lengths where known, and the nodes before, by source."""

    time_s: NDArray[np.int64]
    length_m: NDArray[np.int64] | None
    reachable: NDArray[np.bool_]
    before: NDArray[np.int32]

    def arcs(self, row: int, first: int, last: int) -> list[tuple[int, int]]:
        """Arcs of the way between two nodes, `first` being the source of the row."""
        found: list[tuple[int, int]] = []
        while last != first:
            previous = int(self.before[row, last])
            found.append((previous, last))
            last = previous
        return found[::-1]


# Graphs that somebody still holds, so that vehicle types with the same ways share one; a graph keeps its
# edges, whose identity therefore tells instances apart as long as it is here.
_HELD: WeakValueDictionary[tuple[object, ...], Graph] = WeakValueDictionary()


def build_graph(
    instance: Instance, kind: VehicleType, without: Collection[str], *, by_length: bool = False
) -> Graph:
    """Arcs of a vehicle type between nodes, the best of parallel ones.

    Parameters
    ----------
    instance, kind
        The instance and the vehicle type; types of the same modes and speed share a graph.
    without
        Ids of edges that are left out.
    by_length
        Whether the best of parallel arcs is the shortest; else it is the quickest.
    """
    nodes = network_nodes(instance)
    speeds = (kind.speed_percent, kind.upstream_percent, kind.told_percents)
    key = (id(instance.edges), nodes, kind.modes, speeds, frozenset(without), by_length)
    found = _HELD.get(key)
    if found is None:
        found = _HELD[key] = _built(instance, kind, without, by_length=by_length)
    return found


def _built(instance: Instance, kind: VehicleType, without: Collection[str], *, by_length: bool) -> Graph:
    node_idx = {name: number for number, name in enumerate(network_nodes(instance))}
    best: dict[tuple[int, int], tuple[int, int, Step]] = {}
    for edge in instance.edges:
        if edge.mode not in kind.modes or edge.id in without:
            continue
        for here, there, time_s, step in _directions(edge, kind):
            ends = node_idx[here], node_idx[there]
            found = best.get(ends)
            rank = (edge.length_m, time_s) if by_length else (time_s, edge.length_m)
            if found is None or rank < ((found[1], found[0]) if by_length else (found[0], found[1])):
                best[ends] = (time_s, edge.length_m, step)
    return Graph(
        edges=instance.edges,
        node_idx=node_idx,
        steps={arc: step for arc, (_, _, step) in best.items()},
        time_s={arc: time_s for arc, (time_s, _, _) in best.items()},
        length_m={arc: length_m for arc, (_, length_m, _) in best.items()},
    )


def _directions(edge: Edge, kind: VehicleType) -> Iterator[tuple[str, str, int, Step]]:
    """(from, to, time, step) of each direction in which an edge may be used."""
    there_s, back_s = edge_times_s(kind, edge)
    yield edge.from_node, edge.to_node, there_s, Step(StepKind.FORWARD, edge.id)
    if back_s is not None:
        yield edge.to_node, edge.from_node, back_s, Step(StepKind.BACK, edge.id)


def arcs_of(
    instance: Instance, kind: VehicleType, graph: Graph, limited: Mapping[str, tuple[Passage, ...]]
) -> tuple[Arc, ...]:
    """Arcs of a vehicle type over edges that may be passed at some times only, parallel ones each.

    Parameters
    ----------
    instance, kind
        The instance and the vehicle type.
    graph
        Its numbers of nodes hold.
    limited
        By edge, when it may be passed; edges that are not in it, or never open, give no arcs.
    """
    number = graph.node_idx
    return tuple(
        Arc(number[here], number[there], time_s, edge.length_m, step, limited[edge.id])
        for edge in instance.edges
        if edge.mode in kind.modes and limited.get(edge.id)
        for here, there, time_s, step in _directions(edge, kind)
    )
