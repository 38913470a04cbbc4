"""The checker's own ways: walking a claimed path edge by edge, and its own least times."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod

from planner.instance.schema import Closure, Edge, Instance, KnownTrip, Mode, VehicleType
from planner.plans.model import Leg, Step, StepKind

__all__ = ["Walk", "Ways", "step_s"]

Percent = int | Fraction


@dataclass(slots=True)
class Walk:
    """A claimed way, followed step by step.

    ``time_s`` and ``distance_m`` are None where a step cannot be followed. ``faults`` holds for
    each rule what was claimed and what was expected. ``passages`` lists the edges with hours or
    closures, each with the seconds of travelling time at which it is entered and left.
    """

    time_s: int | None = 0
    distance_m: int | None = 0
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    passages: list[tuple[Edge, int, int]] = field(default_factory=list)

    def fault(self, rule: str, claimed: str, expected: str) -> None:
        """Remember what is wrong with a step."""
        self.faults.append((rule, claimed, expected))

    def lost(self) -> None:
        """Give up time and length of the whole way."""
        self.time_s = self.distance_m = None

    def add(self, time_s: int, distance_m: int) -> None:
        """Go on by a step."""
        if self.time_s is not None and self.distance_m is not None:
            self.time_s += time_s
            self.distance_m += distance_m


class Ways:
    """Edges, closures and known trips of an instance.

    Parameters
    ----------
    instance
        Its edges, closures, known trips and horizon are used.
    never
        Gives the edges that are closed throughout, by closures that bar all or are among some (by their id).
    """

    def __init__(self, instance: Instance, never: Callable[[frozenset[str]], frozenset[str]]) -> None:
        self._never_by = never
        self._never: dict[frozenset[str], frozenset[str]] = {}
        self.edges: Mapping[str, Edge] = {edge.id: edge for edge in instance.edges}
        self.known: Mapping[str, KnownTrip] = {row.id: row for row in instance.known_trips}
        self._horizon_s = instance.settings.horizon_s
        self._closures: dict[str, list[Closure]] = {}
        for row in instance.closures:
            self._closures.setdefault(row.edge, []).append(row)
        self._by_ends: dict[tuple[str, str], list[KnownTrip]] = {}
        for trip in instance.known_trips:
            self._by_ends.setdefault((trip.from_node, trip.to_node), []).append(trip)
        self._at: dict[str, list[Edge]] = {}
        for edge in instance.edges:
            self._at.setdefault(edge.from_node, []).append(edge)
            if edge.to_node != edge.from_node:
                self._at.setdefault(edge.to_node, []).append(edge)
        self._barring: dict[str, frozenset[str]] = {}
        self._open_at: dict[frozenset[str], Mapping[str, list[Edge]]] = {}
        self._searches: dict[tuple[str, str, bool], Mapping[str, int]] = {}
        self._pooled: dict[tuple[str, tuple[str, ...], frozenset[str]], Mapping[str, int]] = {}
        self._legs_to: dict[
            tuple[frozenset[Mode], frozenset[str], tuple[Percent, Percent], str], Mapping[str, int]
        ] = {}
        self._onward: dict[
            tuple[frozenset[Mode], frozenset[str], tuple[Percent, Percent], bool],
            dict[str, list[tuple[str, int]]],
        ] = {}

    def barring(self, kind: VehicleType) -> frozenset[str]:
        """Closures that name vehicle types or modes, and a type among them."""
        if kind.id not in self._barring:
            names = {kind.id, *(mode.value for mode in kind.modes)}
            rows = (row for rows in self._closures.values() for row in rows)
            self._barring[kind.id] = frozenset(row.id for row in rows if names.intersection(row.types))
        return self._barring[kind.id]

    def gone(self, kind: VehicleType, edge: str) -> bool:
        """Whether an edge is closed to a type for the whole horizon."""
        return edge in self._gone(self.barring(kind))

    def _gone(self, barring: frozenset[str]) -> frozenset[str]:
        if barring not in self._never:
            self._never[barring] = self._never_by(barring)
        return self._never[barring]

    def timed(self, kind: VehicleType, edge: Edge) -> bool:
        """Whether an edge has hours, or closures that bar a type."""
        return bool(edge.calendar) or any(True for _ in self.closed(kind, edge.id))

    def closed(self, kind: VehicleType, edge: str) -> Iterator[tuple[int, int]]:
        """Yield the times in which an edge is closed to a type."""
        for row in self._closures.get(edge, ()):
            if not row.types or row.id in self.barring(kind):
                from_s = 0 if row.from_s is None else row.from_s
                yield from_s, self._horizon_s if row.until_s is None else row.until_s

    def _open_edges(self, barring: frozenset[str], node: str) -> list[Edge]:
        """Edges at a node that are open at some time, by closures that bar all or are named."""
        if barring not in self._open_at:
            gone = self._gone(barring)
            self._open_at[barring] = {
                one: [edge for edge in edges if edge.id not in gone] for one, edges in self._at.items()
            }
        return self._open_at[barring].get(node, [])

    def at(self, node: str) -> list[Edge]:
        """All edges of the table at a node, closed ones too."""
        return self._at.get(node, [])

    def known_for(self, vehicle: str, from_node: str, to_node: str) -> list[KnownTrip]:
        """Known trips that hold for a leg: the type's own, else those for all types."""
        rows = self._by_ends.get((from_node, to_node))
        if not rows:
            return []
        own = [row for row in rows if row.vehicle == vehicle]
        return own or [row for row in rows if not row.vehicle]

    def walk(self, kind: VehicleType, leg: Leg) -> Walk:
        """Follow the claimed path of a leg."""
        walk = Walk()
        rows = self.known_for(kind.id, leg.from_node, leg.to_node)
        if rows:
            self._walk_known_only(walk, rows, leg.path)
        elif any(step.kind is StepKind.KNOWN for step in leg.path):
            refs = "+".join(step.ref for step in leg.path)
            walk.fault("known_trip", refs, "")
            walk.lost()
        else:
            node = leg.from_node
            for step in leg.path:
                node = self._walk_edge(walk, kind, step, node)
            if node != leg.to_node:
                walk.fault("path", node, leg.to_node)
        return walk

    def _walk_known_only(self, walk: Walk, rows: list[KnownTrip], path: tuple[Step, ...]) -> None:
        ids = [row.id for row in rows]
        if len(path) == 1 and path[0].kind is StepKind.KNOWN and path[0].ref in ids:
            row = self.known[path[0].ref]
            walk.add(row.time_s, row.distance_m)
        else:
            walk.fault("known_trip", "+".join(step.ref for step in path), "/".join(ids))
            walk.lost()

    def _walk_edge(self, walk: Walk, kind: VehicleType, step: Step, node: str) -> str:
        edge = self.edges.get(step.ref)
        if edge is None:
            walk.fault("path", step.ref, node)
            walk.lost()
            return node
        forward = step.kind is StepKind.FORWARD
        begin, end = (edge.from_node, edge.to_node) if forward else (edge.to_node, edge.from_node)
        time_s = edge.time_s if forward else edge.time_back_s
        if begin != node:
            walk.fault("path", f"{edge.id}: {begin}", node)
        if edge.mode not in kind.modes:
            walk.fault("modes", f"{edge.id}: {edge.mode}", "+".join(kind.modes))
        if time_s is None:
            walk.fault(
                "path", f"{edge.id}: {edge.to_node} → {edge.from_node}", f"{edge.from_node} → {edge.to_node}"
            )
            walk.lost()
            return end
        entered = walk.time_s
        walk.add(step_s(kind, edge, forward=forward), edge.length_m)
        if entered is not None and walk.time_s is not None and self.timed(kind, edge):
            walk.passages.append((edge, entered, walk.time_s))
        return end

    def least_times(
        self, kind: VehicleType, places: frozenset[str], *, back: bool = False
    ) -> Mapping[str, int]:
        """Least travelling times from a type's home to every node (or back from it).

        Parameters
        ----------
        places
            Where legs may begin and end: the home and its regions. Known trips between them are
            further edges, which keeps every time a lower bound of what any chain of legs takes.
        back
            Times from each node to the home instead.
        """
        key = (kind.id, kind.warehouse, back)
        if key not in self._searches:
            jumps = self.jumps(kind, places, back=back)
            self._searches[key] = self._search(kind, kind.warehouse, jumps, back=back)
        return self._searches[key]

    def pooled_times(
        self, start: str, kinds: Collection[VehicleType], places: frozenset[str]
    ) -> Mapping[str, int]:
        """Least times from a node over edges that any of these types may use, each at its fastest type.

        Notes
        -----
        Vehicles change anywhere in no time; known trips of any type between places are further edges.
        """
        key = (start, tuple(kind.id for kind in kinds), places)
        if key not in self._pooled:
            self._pooled[key] = self._search_pooled(start, kinds, places)
        return self._pooled[key]

    def _search_pooled(
        self, start: str, kinds: Collection[VehicleType], places: frozenset[str]
    ) -> Mapping[str, int]:
        percents: dict[
            frozenset[str], dict[tuple[Mode, bool], Percent]
        ] = {}  # by closures that bar some types
        for kind in kinds:
            fastest = percents.setdefault(self.barring(kind), {})
            for mode, forward in product(kind.modes, (True, False)):
                percent = _percent(kind, mode, forward=forward)
                fastest[mode, forward] = max(fastest.get((mode, forward), 0), percent)
        jumps: dict[str, list[tuple[str, int]]] = {}
        for from_node, to_node in self._by_ends:
            if from_node in places and to_node in places:
                rows = [row for kind in kinds for row in self.known_for(kind.id, from_node, to_node)]
                jumps.setdefault(from_node, []).extend((to_node, row.time_s) for row in rows)
        return _least_from(start, lambda node: (*self._pooled_steps(node, percents), *jumps.get(node, ())))

    def _pooled_steps(
        self, node: str, percents: Mapping[frozenset[str], Mapping[tuple[Mode, bool], Percent]]
    ) -> Iterator[tuple[str, int]]:
        for barring, fastest in percents.items():
            for edge in self._open_edges(barring, node):
                if (edge.mode, True) in fastest:
                    if edge.from_node == node:
                        yield edge.to_node, _scaled(edge.time_s, fastest[edge.mode, True], edge)
                    if edge.to_node == node and edge.time_back_s is not None:
                        yield edge.from_node, _scaled(edge.time_back_s, fastest[edge.mode, False], edge)

    def border(self, reached: Collection[str], node: str) -> set[str]:
        """Edges of the table between what is reached and the side of a node, that is not."""
        crossing: set[str] = set()
        side, pending = {node}, [node]
        while pending:
            for edge in self.at(here := pending.pop()):
                other = edge.to_node if edge.from_node == here else edge.from_node
                if other in reached:
                    crossing.add(edge.id)
                elif other not in side:
                    side.add(other)
                    pending.append(other)
        return crossing

    def leg_times_to(self, kind: VehicleType, node: str, places: frozenset[str]) -> Mapping[str, int]:
        """Least time of a single leg to a node from each place that has one; a known trip overrides."""
        key = (frozenset(kind.modes), self.barring(kind), _percents(kind), node)
        if key not in self._legs_to:
            self._legs_to[key] = self._search(kind, node, {}, back=True)
        found = self._legs_to[key]
        times = {place: found[place] for place in places if place in found}
        for place in places:
            rows = self.known_for(kind.id, place, node)
            if rows:
                times[place] = min(row.time_s for row in rows)
        return {place: time_s for place, time_s in times.items() if place != node}

    def has_known_to(self, kind: VehicleType, node: str, places: frozenset[str]) -> bool:
        """Whether a known trip from one of the places to a node holds for a type."""
        return any(self.known_for(kind.id, place, node) for place in places)

    def _search(
        self, kind: VehicleType, start: str, jumps: Mapping[str, list[tuple[str, int]]], *, back: bool
    ) -> Mapping[str, int]:
        """Find least times of a type from a node to all others, or back from all others to it."""
        alike = (frozenset(kind.modes), self.barring(kind), _percents(kind), back)
        known = self._onward.setdefault(alike, {})

        def steps(node: str) -> Iterable[tuple[str, int]]:
            if node not in known:
                known[node] = [(other, time_s) for _, other, time_s in self.onward(kind, node, back=back)]
            return (*known[node], *jumps.get(node, ()))

        return _least_from(start, steps)

    def onward(self, kind: VehicleType, node: str, *, back: bool = False) -> Iterator[tuple[Edge, str, int]]:
        """Yield edge, other end and time of each step from a node, or to it."""
        for edge in self._open_edges(self.barring(kind), node):
            if edge.mode not in kind.modes:
                continue
            ends = (
                (edge.from_node, edge.to_node, edge.time_s, True),
                (edge.to_node, edge.from_node, edge.time_back_s, False),
            )
            for begin, end, time_s, forward in ends:
                here, there = (end, begin) if back else (begin, end)
                if here == node and time_s is not None:
                    yield edge, there, step_s(kind, edge, forward=forward)

    def jumps(
        self, kind: VehicleType, places: frozenset[str], *, back: bool = False
    ) -> Mapping[str, list[tuple[str, int]]]:
        """Known trips between places, from each of them (or to it)."""
        jumps: dict[str, list[tuple[str, int]]] = {}
        for from_node, to_node in self._by_ends:
            if from_node not in places or to_node not in places:
                continue
            for row in self.known_for(kind.id, from_node, to_node):
                here, there = (to_node, from_node) if back else (from_node, to_node)
                jumps.setdefault(here, []).append((there, row.time_s))
        return jumps


def _least_from(start: str, steps: Callable[[str], Iterable[tuple[str, int]]]) -> dict[str, int]:
    """Least times from a node to all others (Dijkstra), given the steps from each and their times."""
    least: dict[str, int] = {}
    heap = [(0, start)]
    while heap:
        now, node = heapq.heappop(heap)
        if node not in least:
            least[node] = now
            for other, time_s in steps(node):
                if other not in least:
                    heapq.heappush(heap, (now + time_s, other))
    return least


def step_s(kind: VehicleType, edge: Edge, *, forward: bool) -> int:
    """Seconds of a type on an edge in a direction that it has, rounded half up."""
    time_s = (edge.time_s if forward else edge.time_back_s) or 0
    return _scaled(time_s, _percent(kind, edge.mode, forward=forward), edge)


def _percent(kind: VehicleType, mode: Mode, *, forward: bool) -> Percent:
    """Speed against the times of edges; rivers flow from `from` to `to`."""
    against_the_stream = mode is Mode.RIVER and not forward
    return _percents(kind)[1 if against_the_stream else 0]


def _percents(kind: VehicleType) -> tuple[Percent, Percent]:
    """Speed as a rule, and against the stream, by all that reports say of it."""
    usual, upstream = kind.speed_percent, kind.upstream_percent
    against = usual if upstream is None else upstream
    return _told(max(1, usual), kind.told_percents), _told(max(1, against), kind.told_percents)


def _told(percent: Percent, told: Sequence[int]) -> Percent:
    """A speed times what reports say of it, in percent: exact."""
    return percent * Fraction(prod(told), 100 ** len(told)) if told else percent


def _scaled(time_s: int, speed: Percent, edge: Edge) -> int:
    percent = _told(speed, edge.told_percents)
    return int((200 * time_s + percent) // (2 * percent))
