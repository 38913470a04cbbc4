"""Ways over edges that may be passed at some times only: earliest arrival as a function of departure.

Between such edges a way is free, and its time is always the same. So a way is a chain of free ways and timed
passages, found by Dijkstra's algorithm on the timed arcs alone. Waiting is allowed anywhere, hence nobody
who leaves later arrives earlier, and the first arrival at the head of an arc is the best one.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.network.arrivals import Arrivals, Driving, driving_in, earliest, then
from planner.network.calendars import Interval, intersect
from planner.network.graph import Arc, Graph, Passage, Ways
from planner.plans.model import Step

__all__ = ["Advance", "TimedWay", "TimedWays", "crossing", "straight"]

Pieces = tuple[Interval, ...]
# Driving so far, the moment, and seconds to drive: all driving, and the moment of its end; None: never.
Advance = Callable[[Pieces, int, int], tuple[Pieces, int] | None]
_MOST_KNOWN = 100_000
_MANY_ARCS = 400


def straight(pieces: Pieces, now_s: int, time_s: int) -> tuple[Pieces, int]:
    """Drive without a pause."""
    return ((*pieces, (now_s, now_s + time_s)) if time_s else pieces), now_s + time_s


@dataclass(frozen=True, slots=True)
class TimedWay:
    """A way found for a departure.

    Parameters
    ----------
    pieces
        Intervals of driving, in order; between them the vehicle waits or pauses.
    arrive_s
        When it arrives.
    distance_m, path
        Length and steps of the way.
    """

    pieces: Pieces
    arrive_s: int
    distance_m: int
    path: tuple[Step, ...]


class _Label(NamedTuple):
    """An arrival at the head of an arc; smaller is better by the first three."""

    arrive_s: int
    driven_s: int
    length_m: int
    serial: int
    arc: int
    pieces: Pieces
    before: _Label | None


class TimedWays:
    """Ways of a vehicle type between places, where some edges may be passed at some times only.

    Parameters
    ----------
    least, least_ways
        All arcs as if they were always open, and the least-time ways over them from each place.
    free
        The arcs that are always open.
    arcs
        The others.
    numbers
        Number of each place's node.

    Attributes
    ----------
    affects
        Rows of whether the least-time way between two places has an edge that is closed at times.
        Where it has none, it always arrives first.
    """

    _follows = False  # the least-time ways only

    def __init__(
        self, least: Graph, least_ways: Ways, free: Graph, arcs: Sequence[Arc], numbers: NDArray[np.int64]
    ) -> None:
        self._least_graph, self._least_ways, self._free = least, least_ways, free
        self._arcs = tuple(arcs)
        self._numbers: list[int] = numbers.tolist()
        self._arc_of = {(arc.tail, arc.head, arc.step): arc for arc in arcs}
        timed = {arc.step.ref for arc in arcs}
        affected = crossing(least, least_ways, timed)[:, numbers]
        self.affects: list[list[bool]] = affected.tolist()
        sources = sorted({*self._numbers, *(arc.head for arc in arcs)})
        targets = sorted({*self._numbers, *(arc.tail for arc in arcs)})
        self._row = {node: row for row, node in enumerate(sources)}
        self._column = {node: column for column, node in enumerate(targets)}
        self._ways = free.shortest(np.array(sources, dtype=np.int64))
        times = np.where(self._ways.reachable, self._ways.time_s, -1)[:, targets]
        self._time_rows: list[list[int]] = times.tolist()
        lengths = np.zeros_like(times) if self._ways.length_m is None else self._ways.length_m[:, targets]
        self._length_rows: list[list[int]] = lengths.tolist()
        self._nearest: dict[int, list[tuple[int, int]]] = {}
        self._between: dict[tuple[int, int], list[Arc]] = defaultdict(list)
        for arc in arcs:
            self._between[arc.tail, arc.head].append(arc)
        self._least_left: dict[int, list[int]] = {}
        self._serials = count()  # equal arrivals keep the order in which they were found
        self._known: dict[tuple[int, int, int, Hashable], TimedWay | None] = {}
        self._either: dict[tuple[int, int, int], bool] = {}
        self._functions: dict[tuple[int, int, Driving], Arrivals] = {}
        self._over_arcs: dict[tuple[int, Driving], dict[int, Arrivals]] = {}

    @cached_property
    def waiting(self) -> TimedWays:
        """The same for vehicles that take the least-time way and wait where an edge of it is closed."""
        other = copy(self)
        other._follows, other._known, other._functions = True, {}, {}
        return other

    def way(
        self, start: int, end: int, depart_s: int, advance: Advance = straight, like: Hashable = None
    ) -> TimedWay | None:
        """The way that arrives first, for a departure at a moment or later; None where there is none.

        Parameters
        ----------
        start, end
            Places, by their position.
        depart_s
            The moment, in seconds.
        advance
            How a vehicle drives. With pauses that depend on what was driven before, the way found can be
            driven, but another one may arrive earlier.
        like
            What tells this way of driving from others of this vehicle type.
        """
        search = self._follow if self._follows else self._search
        key = (start, end, depart_s, like)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = search(start, end, depart_s, advance)
        return self._known[key]

    @property
    def waits(self) -> bool:
        """Whether these are the least-time ways only."""
        return self._follows

    def arrivals(self, start: int, end: int, driving: Driving) -> Arrivals:
        """First arrivals by departure, over all ways, or over the least-time way where that is the only one.

        Parameters
        ----------
        start, end
            Places, by their position, with a way between them.
        driving
            How the vehicles drive.

        Notes
        -----
        What `way` finds for one departure, for all of them at once: functions in place of moments.
        """
        key = start, end, driving
        if key not in self._functions:
            found = self._along(*key) if self._follows else self._over_all(*key)
            self._functions[key] = found
        return self._functions[key]

    def latest_s(self, start: int, end: int, by_s: int) -> int:
        """The last departure of who drives straight on that arrives by a moment; -1: there is none.

        Parameters
        ----------
        start, end
            Places, by their position, with a way between them.
        by_s
            The moment, in seconds.

        Notes
        -----
        Of very many arcs the functions of all are dearer than some twenty ways: nobody who leaves later
        arrives earlier.
        """
        driving = driving_in(None)
        if self._follows or len(self._arcs) <= _MANY_ARCS or (start, end, driving) in self._functions:
            return self.arrivals(start, end, driving).latest(by_s)
        low_s, high_s = -1, by_s
        while low_s < high_s:
            middle_s = (low_s + high_s + 1) // 2
            found = self.way(start, end, middle_s)
            if found is not None and found.arrive_s <= by_s:
                low_s = middle_s
            else:
                high_s = middle_s - 1
        return low_s

    def is_either(self, start: int, end: int, around_s: int) -> bool:
        """Whether the way that arrives first is the least-time way, or one that is always open.

        Parameters
        ----------
        start, end
            Places, by their position.
        around_s
            Seconds of the quickest way that is always open.
        """
        key = start, end, around_s
        if key not in self._either:
            driving = driving_in(None)
            two = earliest(self.waiting.arrivals(start, end, driving), driving.free(around_s))
            self._either[key] = self.arrivals(start, end, driving) == two
        return self._either[key]

    def _over_all(self, start: int, end: int, driving: Driving) -> Arrivals:
        last = self._numbers[end]
        found = self._freely_by_departure(self._numbers[start], last, driving)
        for idx, there in self._heads(self._numbers[start], driving).items():
            onward = self._freely_by_departure(self._arcs[idx].head, last, driving)
            if onward is not None:
                found = then(there, onward) if found is None else earliest(found, then(there, onward))
        assert found is not None
        return found

    def parts(self, start: int, end: int) -> list[tuple[int, tuple[Passage, ...] | None]]:
        """Times of the least-time way's parts, in order: edges with hours, and all between them as one."""
        found: list[tuple[int, tuple[Passage, ...] | None]] = []
        for one, arc in self._least(start, end):
            time_s = self._least_graph.time_s[one]
            if arc is None and found and found[-1][1] is None:
                time_s += found.pop()[0]
            found.append((time_s, None if arc is None else arc.passages))
        return found

    def _along(self, start: int, end: int, driving: Driving) -> Arrivals:
        found = driving.free(0)
        for time_s, passages in self.parts(start, end):
            found = then(
                found, driving.free(time_s) if passages is None else driving.passes(passages, time_s)
            )
        return found

    def _freely_by_departure(self, here: int, there: int, driving: Driving) -> Arrivals | None:
        time_s = self._time_rows[self._row[here]][self._column[there]]
        return None if time_s < 0 else driving.free(time_s)

    def _heads(self, node: int, driving: Driving) -> dict[int, Arrivals]:
        """First arrivals at the heads of the arcs from a node, by departure there."""
        key = node, driving
        if key in self._over_arcs:
            return self._over_arcs[key]
        found: dict[int, Arrivals] = {}
        waiting = [(0, -1)]  # the nearest first: so few are improved again
        queued = {-1}
        while waiting:
            _, last = heapq.heappop(waiting)
            queued.remove(last)
            here, reached = (node, driving.free(0)) if last < 0 else (self._arcs[last].head, found[last])
            for time_s, idx in self._near(here):
                arc = self._arcs[idx]
                over = then(then(reached, driving.free(time_s)), driving.passes(arc.passages, arc.time_s))
                best = earliest(found[idx], over) if idx in found else over
                if idx not in found or best != found[idx]:
                    found[idx] = best
                    if idx not in queued:
                        queued.add(idx)
                        heapq.heappush(waiting, (best.least_s, idx))
        self._over_arcs[key] = found
        return found

    def _least(self, start: int, end: int) -> Iterator[tuple[tuple[int, int], Arc | None]]:
        """Arcs of the least-time way, each with its hours if it has some."""
        for one in self._least_ways.arcs(start, self._numbers[start], self._numbers[end]):
            yield one, self._arc_of.get((*one, self._least_graph.steps[one]))

    def _follow(self, start: int, end: int, depart_s: int, advance: Advance) -> TimedWay | None:
        graph, distance_m = self._least_graph, 0
        at: tuple[Pieces, int] = ((), depart_s)
        path: list[Step] = []
        for one, arc in self._least(start, end):
            over = advance(*at, graph.time_s[one]) if arc is None else _pass(arc, *at, advance)
            if over is None:
                return None
            at = over
            distance_m += graph.length_m[one]
            path.append(graph.steps[one])
        return TimedWay(_joined(at[0]), at[1], distance_m, tuple(path))

    def _nearby_s(self, start: int, end: int, depart_s: int, advance: Advance) -> int | None:
        """Arrival along the nodes of the least-time way, over whichever arcs between two come first."""
        pieces: Pieces = ()
        for one, arc in self._least(start, end):
            found = [_pass(each, pieces, depart_s, advance) for each in self._between.get(one, ())]
            if arc is None:
                found.append(advance(pieces, depart_s, self._least_graph.time_s[one]))
            reached = [each for each in found if each is not None]
            if not reached:
                return None
            pieces, depart_s = min(reached, key=lambda each: each[1])
        return depart_s

    def limited_on(self, start: int, end: int) -> dict[str, tuple[Passage, ...]]:
        """Edges of the least-time way that are closed at times, with all chances to pass them."""
        return {arc.step.ref: arc.passages for _, arc in self._least(start, end) if arc is not None}

    def through(self, start: int, end: int) -> list[Interval]:
        """Closed intervals of the departures from which the least-time way needs no waiting."""
        found: list[Interval] = [
            (0, max((p.clear_by_s for arc in self._arcs for p in arc.passages), default=0))
        ]
        offset_s = 0
        for one, arc in self._least(start, end):
            if arc is not None:
                entries = (
                    (chance.opens_s, min(chance.closes_s - 1, chance.clear_by_s - arc.time_s))
                    for chance in arc.passages
                )
                departures = [(low - offset_s, high - offset_s) for low, high in entries if low <= high]
                found = intersect(found, _union(departures))
            offset_s += self._least_graph.time_s[one]
        return found

    def _search(self, start: int, end: int, depart_s: int, advance: Advance) -> TimedWay | None:
        first, last = self._numbers[start], self._numbers[end]
        latest_s = self._nearby_s(start, end, depart_s, advance)  # nothing later is of use
        least_left = self._left(last)
        best: _Label | None = None
        heap: list[_Label] = []
        settled: set[int] = set()
        here = _Label(depart_s, 0, 0, next(self._serials), -1, (), None)
        while True:
            node = first if here.arc < 0 else self._arcs[here.arc].head
            done = self._freely(here, node, last, advance)
            if done is not None and (best is None or done[:3] < best[:3]):
                best = done
                latest_s = done.arrive_s if latest_s is None else min(latest_s, done.arrive_s)
            for time_s, idx in self._near(node):
                if latest_s is not None and here.arrive_s + time_s > latest_s:
                    break
                arc = self._arcs[idx]
                left_s = least_left[arc.head]
                if left_s < 0 or idx in settled:
                    continue
                if latest_s is None or here.arrive_s + time_s + arc.time_s + left_s <= latest_s:
                    self._over(heap, here, node, idx, advance)
            while heap and heap[0].arc in settled:
                heapq.heappop(heap)
            if not heap or (latest_s is not None and heap[0].arrive_s > latest_s):
                break
            here = heapq.heappop(heap)
            settled.add(here.arc)
        return None if best is None else self._made(first, last, best)

    def _left(self, last: int) -> list[int]:
        """Least time to a node from each one, as if all edges were always open; -1: there is no way."""
        if last not in self._least_left:
            self._least_left[last] = self._least_graph.times_to(last).tolist()
        return self._least_left[last]

    def _near(self, node: int) -> list[tuple[int, int]]:
        """Free time to each arc that can be reached from a node, the nearest first."""
        if node not in self._nearest:
            times = self._time_rows[self._row[node]]
            self._nearest[node] = sorted(
                (times[self._column[arc.tail]], idx)
                for idx, arc in enumerate(self._arcs)
                if times[self._column[arc.tail]] >= 0
            )
        return self._nearest[node]

    def _over(self, heap: list[_Label], here: _Label, node: int, idx: int, advance: Advance) -> None:
        """Go on from a label to an arc and over it."""
        arc = self._arcs[idx]
        before = self._freely(here, node, arc.tail, advance)
        over = None if before is None else _pass(arc, before.pieces, before.arrive_s, advance)
        if before is not None and over is not None:
            driven_s, length_m = before.driven_s + arc.time_s, before.length_m + arc.length_m
            label = _Label(over[1], driven_s, length_m, next(self._serials), idx, over[0], here)
            heapq.heappush(heap, label)

    def _freely(self, label: _Label, here: int, there: int, advance: Advance) -> _Label | None:
        """Go on from a label to a node on edges that are always open."""
        row, column = self._row[here], self._column[there]
        time_s = self._time_rows[row][column]
        on = None if time_s < 0 else advance(label.pieces, label.arrive_s, time_s)
        if on is None:
            return None
        driven_s, length_m = label.driven_s + time_s, label.length_m + self._length_rows[row][column]
        return _Label(on[1], driven_s, length_m, label.serial, label.arc, on[0], label.before)

    def _made(self, first: int, last: int, best: _Label) -> TimedWay:
        taken: list[Arc] = []
        label: _Label | None = best
        while label is not None and label.arc >= 0:
            taken.append(self._arcs[label.arc])
            label = label.before
        here, distance_m = first, 0
        path: list[Step] = []
        for arc in (*reversed(taken), None):
            there = last if arc is None else arc.tail
            for one in self._ways.arcs(self._row[here], here, there):
                distance_m += self._free.length_m[one]
                path.append(self._free.steps[one])
            if arc is not None:
                distance_m += arc.length_m
                path.append(arc.step)
                here = arc.head
        return TimedWay(_joined(best.pieces), best.arrive_s, distance_m, tuple(path))


def _joined(pieces: Pieces) -> Pieces:
    """Pieces that follow each other at once as one."""
    found: list[Interval] = []
    for begin, end in pieces:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return tuple(found)


def _pass(arc: Arc, pieces: Pieces, now: int, advance: Advance) -> tuple[Pieces, int] | None:
    """Over an arc as early as one of its passages allows."""
    for one in arc.passages:
        if one.closes_s <= now:
            continue
        over = advance(pieces, max(now, one.opens_s), arc.time_s)
        if over is None:
            return None
        entered_s = over[0][len(pieces)][0] if len(over[0]) > len(pieces) else max(now, one.opens_s)
        if entered_s < one.closes_s and over[1] <= one.clear_by_s:
            return over
    return None


def _union(intervals: Collection[Interval]) -> list[Interval]:
    """Closed intervals, sorted, those that overlap or follow each other at once as one."""
    found: list[Interval] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def crossing(graph: Graph, ways: Ways, edges: Collection[str]) -> NDArray[np.bool_]:
    """Whether the way from each source to each node passes one of some edges; bool matrix."""
    wanted = np.array([arc for arc, step in graph.steps.items() if step.ref in edges], dtype=np.int64)
    before = ways.before.astype(np.int64)
    here = np.arange(before.shape[1])[None, :]
    before = np.where(before < 0, here, before)  # the source itself, and what is not reached
    keys = before * before.shape[1] + here
    wanted = wanted.reshape(-1, 2)
    found = np.isin(keys, wanted[:, 0] * before.shape[1] + wanted[:, 1])
    while True:
        further = found | np.take_along_axis(found, before, axis=1)
        onward = np.take_along_axis(before, before, axis=1)
        if (onward == before).all():
            return further
        found, before = further, onward
