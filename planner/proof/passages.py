"""The checker's own passages of edges that are closed at times, and its own earliest arrivals over them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping

from planner.instance.schema import Edge, Instance, VehicleType
from planner.proof.calendars import Calendars, Interval
from planner.proof.paths import Ways

__all__ = ["Passages", "never_open"]

# From a moment and for so many seconds: the intervals of driving and the end, None where it never ends.
Drive = Callable[[int, int], tuple[tuple[Interval, ...], int | None]]


def never_open(instance: Instance, calendars: Calendars, barring: frozenset[str]) -> frozenset[str]:
    """Edges that are closed for the whole horizon, by closures that bar all or are named, or by calendar."""
    closures: dict[str, list[Interval]] = {}
    horizon_s = instance.settings.horizon_s
    for row in instance.closures:
        if row.types and row.id not in barring:
            continue
        until_s = horizon_s if row.until_s is None else row.until_s
        closures.setdefault(row.edge, []).append((0 if row.from_s is None else row.from_s, until_s))
    found = set()
    for edge in instance.edges:
        if edge.calendar or edge.id in closures:
            moments = {0, *(until_s for _, until_s in closures.get(edge.id, ()))}
            moments |= {from_s for from_s, _ in calendars.intervals(edge.calendar)}
            if not any(
                0 <= one < horizon_s and _is_open(calendars, closures.get(edge.id, []), edge, one)
                for one in moments
            ):
                found.add(edge.id)
    return frozenset(found)


def _is_open(calendars: Calendars, closures: list[Interval], edge: Edge, moment_s: int) -> bool:
    inside = any(from_s <= moment_s < to_s for from_s, to_s in calendars.intervals(edge.calendar))
    return inside and not any(from_s <= moment_s < to_s for from_s, to_s in closures)


class Passages:
    """When edges with hours or closures may be passed.

    Parameters
    ----------
    ways, calendars
        What the files say.
    """

    def __init__(self, ways: Ways, calendars: Calendars) -> None:
        self._ways, self._calendars = ways, calendars
        self._arrivals: dict[tuple[str, str, int], Mapping[str, int]] = {}

    def shut_s(self, kind: VehicleType, edge: Edge, start_s: int, end_s: int) -> int:
        """Seconds of a passage in which the edge is closed to a type; 0 or less where it may be passed.

        Parameters
        ----------
        kind, edge
            The type, and the edge.
        start_s, end_s
            When it is entered and left, in seconds.
        """
        calendars = self._calendars
        shut = 0
        if not calendars.starts_inside(edge.calendar, start_s):
            shut = calendars.outside(edge.calendar, start_s, end_s, service=True)
        for from_s, until_s in self._ways.closed(kind, edge.id):
            shut = max(shut, min(end_s, until_s) - max(start_s, from_s))
        return max(shut, end_s - start_s) if self._ways.gone(kind, edge.id) else shut

    def first(
        self, kind: VehicleType, edge: Edge, ready_s: int, time_s: int, drive: Drive
    ) -> tuple[tuple[Interval, ...], int | None]:
        """The first passage that may be: it begins at once, or when something opens.

        Parameters
        ----------
        kind, edge
            The type, and the edge.
        ready_s
            When the vehicle is there, in seconds.
        time_s
            Seconds of driving along the edge.
        drive
            How the vehicle drives so long from a moment on.

        Returns
        -------
        tuple
            The intervals of driving, and the end; None if there is no such passage.
        """
        for moment_s in self._moments(kind, edge, ready_s):
            pieces, end_s = drive(moment_s, time_s)
            if end_s is None:
                break
            if self.shut_s(kind, edge, pieces[0][0] if pieces else moment_s, end_s) <= 0:
                return pieces, end_s
        return (), None

    def _moments(self, kind: VehicleType, edge: Edge, ready_s: int) -> Iterator[int]:
        calendars = self._calendars
        moments = {until_s for _, until_s in self._ways.closed(kind, edge.id)}
        for intervals in (calendars.whole_intervals, calendars.start_intervals):
            moments |= {from_s for from_s, _ in intervals(edge.calendar)}
        yield ready_s
        yield from sorted(one for one in moments if one > ready_s)

    def arrivals(
        self, kind: VehicleType, places: frozenset[str], start: str, depart_s: int
    ) -> Mapping[str, int]:
        """Earliest arrival at every node over all ways, for a departure at a moment or later.

        Parameters
        ----------
        kind
            The type.
        places
            Ids of nodes between which known trips hold.
        start, depart_s
            From which node, and the moment in seconds.

        Notes
        -----
        Shifts and working time are left out, and known trips between places are further edges; so no chain
        of legs arrives earlier.
        """
        key = (kind.id, start, depart_s)
        if key not in self._arrivals:
            self._arrivals[key] = self._search(kind, places, start, depart_s)
        return self._arrivals[key]

    def concern(self, kind: VehicleType) -> bool:
        """Whether a type may use an edge that is closed at times."""
        edges = self._ways.edges.values()
        return any(edge.mode in kind.modes and self._ways.timed(kind, edge) for edge in edges)

    def _search(
        self, kind: VehicleType, places: frozenset[str], start: str, depart_s: int
    ) -> Mapping[str, int]:
        earliest: dict[str, int] = {}
        heap = [(depart_s, start)]
        jumps = self._ways.jumps(kind, places)
        while heap:
            now, node = heapq.heappop(heap)
            if node in earliest:
                continue
            earliest[node] = now
            reached = [(other, now + extra_s) for other, extra_s in jumps.get(node, ())]
            for edge, other, time_s in self._ways.onward(kind, node):
                end_s: int | None = now + time_s
                if self._ways.timed(kind, edge):
                    _, end_s = self.first(kind, edge, now, time_s, _straight)
                if end_s is not None:
                    reached.append((other, end_s))
            for other, end_s in reached:
                if other not in earliest:
                    heapq.heappush(heap, (end_s, other))
        return earliest


def _straight(start_s: int, time_s: int) -> tuple[tuple[Interval, ...], int | None]:
    return ((start_s, start_s + time_s),) if time_s > 0 else (), start_s + time_s
