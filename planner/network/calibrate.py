"""Compare a modelled network with published trips, and fit its speeds to half of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.instance.schema import (
    Basis,
    Calibration,
    CalibrationUse,
    Direction,
    Edge,
    Instance,
    Mode,
    Speed,
)
from planner.network.model import model_edges
from planner.network.travel import network_nodes

__all__ = ["CalibrationGroup", "CalibrationReport", "CalibrationRow", "calibration_report", "fit_speeds"]

_Key = tuple[Mode, str, Direction]
_Craft = tuple[frozenset[Mode], int, int | None, int | None]
_ROUNDS = 6
_SWEEPS = 40
_FIRST_STEP = 0.2  # of the logarithm of a speed
_LAST_STEP = 0.002
_RIDGE = 0.1  # pull towards the first guess: a speed moved by 10 % costs what a trip wrong by 0.1 % does
_TOGETHER = 1.0  # pull of the two directions of a class towards the ratio first guessed
_WIDEST = math.log(1.7)  # no speed is fitted further from its first guess


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One published trip beside the model.

    Parameters
    ----------
    trip
        The row of the table ``calibration``.
    modelled_s
        Time of the least-time way over the trip's modes at its speed, and at its ends; ``None`` where there
        is no way.
    """

    trip: Calibration
    modelled_s: int | None

    @property
    def published_s(self) -> int:
        """Middle of the shortest and the longest published time."""
        return (self.trip.hours_min_s + self.trip.hours_max_s) // 2

    @property
    def error(self) -> float | None:
        """Modelled divided by the middle of the published range, minus 1."""
        return None if self.modelled_s is None else self.modelled_s / self.published_s - 1

    @property
    def range_error(self) -> float | None:
        """Modelled divided by the nearest end of the published range, minus 1; 0 inside it."""
        if self.modelled_s is None:
            return None
        nearest_s = min(max(self.modelled_s, self.trip.hours_min_s), self.trip.hours_max_s)
        return self.modelled_s / nearest_s - 1


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """Trips of one use, and perhaps of the same modes, beside the model.

    Parameters
    ----------
    use
        Fitted to, judged by, or neither.
    modes
        Their modes; empty: trips of any.
    rows
        The trips, at least one.
    """

    use: CalibrationUse
    modes: tuple[Mode, ...]
    rows: tuple[CalibrationRow, ...]

    @property
    def without_way(self) -> int:
        """How many of the trips have no way in the network."""
        return sum(row.error is None for row in self.rows)

    @property
    def median_error(self) -> float:
        """Median absolute error against the middles; a trip without a way counts as an error of 100 %."""
        return median(1.0 if row.error is None else abs(row.error) for row in self.rows)

    @property
    def median_range_error(self) -> float:
        """Median absolute error against the nearest ends of the ranges; likewise."""
        return median(1.0 if row.range_error is None else abs(row.range_error) for row in self.rows)

    @property
    def bias(self) -> float | None:
        """Geometric mean of modelled divided by published, minus 1; ``None`` where no trip has a way."""
        logs = [math.log1p(row.error) for row in self.rows if row.error is not None]
        return math.exp(sum(logs) / len(logs)) - 1 if logs else None

    @property
    def share_inside(self) -> float:
        """Share of the trips whose modelled time lies inside the published range, its ends included."""
        return sum(row.range_error == 0 for row in self.rows) / len(self.rows)


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """All published trips beside the model.

    Parameters
    ----------
    rows
        In the order of the table.
    """

    rows: tuple[CalibrationRow, ...]

    def group(self, use: CalibrationUse) -> CalibrationGroup | None:
        """All trips of a use; ``None`` where there are none."""
        rows = tuple(row for row in self.rows if row.trip.use is use)
        return CalibrationGroup(use, (), rows) if rows else None

    def groups(self) -> tuple[CalibrationGroup, ...]:
        """The trips of each use by their modes, in the order of the table, and after them all of the use."""
        found: list[CalibrationGroup] = []
        for use in CalibrationUse:
            whole = self.group(use)
            if whole is None:
                continue
            by_modes: dict[tuple[Mode, ...], list[CalibrationRow]] = defaultdict(list)
            for row in whole.rows:
                by_modes[tuple(sorted(set(row.trip.modes), key=list(Mode).index))].append(row)
            parts = sorted(by_modes.items(), key=lambda item: [list(Mode).index(one) for one in item[0]])
            found += [CalibrationGroup(use, modes, tuple(rows)) for modes, rows in parts]
            found += [whole] if len(parts) > 1 else []
        return tuple(found)


def calibration_report(instance: Instance) -> CalibrationReport:
    """Compare each row of the table ``calibration`` with the instance's edges.

    Parameters
    ----------
    instance
        Uses its edges as they are, closures and known trips aside.

    Raises
    ------
    KeyError
        If a trip starts or ends at an unknown place.
    """
    graph = _Graph(instance, instance.edges)
    rows = []
    for trip in instance.calibration:
        way = graph.way(trip)
        modelled_s = None
        if way is not None:
            modelled_s = trip.ends_s + round(sum(_craft_s(trip, arc) for arc in way))
        rows.append(CalibrationRow(trip, modelled_s))
    return CalibrationReport(tuple(rows))


def _craft_s(trip: Calibration, arc: _Arc) -> float:
    """Seconds of a trip's craft on an edge."""
    return arc.time_s * 100 / _percent(trip, arc)


def _percent(trip: Calibration, arc: _Arc) -> int:
    """Speed of a trip's craft on an edge, against the reference."""
    river = trip.speed_percent if trip.river_percent is None else trip.river_percent
    upstream = river if trip.upstream_percent is None else trip.upstream_percent
    if arc.edge.mode is not Mode.RIVER:
        return trip.speed_percent
    return river if arc.direction is Direction.DOWN else upstream


@dataclass(frozen=True, slots=True)
class _Arc:
    """An edge in one direction."""

    edge: Edge
    direction: Direction
    time_s: int


class _Graph:
    """Least-time ways over the edges of given modes."""

    def __init__(self, instance: Instance, edges: Sequence[Edge]) -> None:
        self._index = {name: at for at, name in enumerate(network_nodes(instance))}
        self._edges = edges
        self._arcs_of: dict[_Craft, dict[tuple[int, int], _Arc]] = {}

    def way(self, trip: Calibration) -> list[_Arc] | None:
        """Arcs of the least-time way of a trip; ``None`` where there is none."""
        arcs = self._arcs(trip)
        start, end = self._index[trip.from_node], self._index[trip.to_node]
        pairs = np.array(list(arcs), dtype=np.int64).reshape(-1, 2)
        weights = np.array([_craft_s(trip, arc) for arc in arcs.values()], dtype=np.float64)
        size = len(self._index)
        matrix = csr_array((weights, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        times, before = dijkstra(matrix, indices=np.array([start]), return_predecessors=True)
        if not np.isfinite(times[0, end]):
            return None
        way = []
        while end != start:
            way.append(arcs[int(before[0, end]), end])
            end = int(before[0, end])
        return way[::-1]

    def _arcs(self, trip: Calibration) -> dict[tuple[int, int], _Arc]:
        """Quickest arc of a trip's craft between each pair of places."""
        craft = (frozenset(trip.modes), trip.speed_percent, trip.river_percent, trip.upstream_percent)
        if craft not in self._arcs_of:
            arcs: dict[tuple[int, int], _Arc] = {}
            for edge in (edge for edge in self._edges if edge.mode in trip.modes):
                one, other = self._index[edge.from_node], self._index[edge.to_node]
                ways = [((one, other), _Arc(edge, Direction.DOWN, edge.time_s))]
                if edge.time_back_s is not None:
                    ways.append(((other, one), _Arc(edge, Direction.UP, edge.time_back_s)))
                for ends, arc in ways:
                    known = arcs.get(ends)
                    if known is None or _craft_s(trip, arc) < _craft_s(trip, known):
                        arcs[ends] = arc
            self._arcs_of[craft] = arcs
        return self._arcs_of[craft]


def fit_speeds(instance: Instance, *, free: Sequence[Speed] | None = None) -> tuple[Speed, ...]:
    """Fit speeds to the trips whose ``use`` is ``fit``.

    Parameters
    ----------
    instance
        Its speeds are the first guess; its network is modelled anew in each round.
    free
        Rows that may change; without it, all.

    Returns
    -------
    tuple of Speed
        All rows in their order, the fitted ones rounded to 0.1 km/h and saying in ``source`` what they
        were fitted to.

    Notes
    -----
    Minimises the sum of |log(modelled / published)|, which a few odd trips do not govern, by coordinate
    search over the logarithms of the speeds; a small quadratic pull towards the first guess, and one that
    keeps up- and downstream in proportion, settle what the trips leave open. A speed stays within a factor
    of 1.7 of its first guess, and the order of the speeds of one mode and direction stays as it was, so that
    the slower class of a join stays the slower. Ways are found anew after each search, until they no longer
    change; the best round counts. The trips for judging are not looked at. Nothing is random.
    """
    chosen = {_key(row) for row in (instance.speeds if free is None else free)}
    trips = [trip for trip in instance.calibration if trip.use is CalibrationUse.FIT]
    first = {_key(row): math.log(row.speed_m_per_h) for row in instance.speeds}
    now, best, best_loss = dict(first), dict(first), math.inf
    for _ in range(_ROUNDS):
        rounded = replace(instance, speeds=_rows(instance.speeds, now, chosen, 0))
        samples = _samples(rounded, trips)
        loss = _loss(samples, now, first)
        if loss < best_loss:
            best, best_loss = dict(now), loss
        after = _search(samples, now, first, [key for key in first if key in chosen])
        if after == now:
            break
        now = after
    return _rows(instance.speeds, best, chosen, len(trips))


def _key(row: Speed) -> _Key:
    return (row.mode, row.class_, row.direction)


def _rows(
    rows: Iterable[Speed], logs: Mapping[_Key, float], chosen: set[_Key], num_trips: int
) -> tuple[Speed, ...]:
    note = f"fitted to {num_trips} published trips; first guess "
    return tuple(
        replace(
            row,
            speed_m_per_h=round(math.exp(logs[_key(row)]) / 100) * 100,
            source=f"{note}{row.speed_m_per_h / 1000:g} km/h, {row.source}",
        )
        if _key(row) in chosen
        else row
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    """A trip as the metres it would go at each speed with a craft of 100 %, and the seconds beside them."""

    published_s: float
    metres: Mapping[_Key, float]
    other_s: float

    def log_ratio(self, logs: Mapping[_Key, float]) -> float:
        seconds = self.other_s + sum(
            3600 * length / math.exp(logs[key]) for key, length in self.metres.items()
        )
        return math.log(max(seconds, 1) / self.published_s)


def _samples(instance: Instance, trips: Iterable[Calibration]) -> list[_Sample]:
    """Lay the trips on the network that the instance's speeds give."""
    graph = _Graph(instance, model_edges(instance))
    known = {_key(row) for row in instance.speeds}
    samples = []
    for trip in trips:
        metres: dict[_Key, float] = defaultdict(float)
        other_s = float(trip.ends_s)
        for arc in graph.way(trip) or ():
            slower = 100 / _percent(trip, arc)
            if arc.edge.basis is Basis.ENTERED:
                other_s += arc.time_s * slower
                continue
            key = (arc.edge.mode, arc.edge.class_, arc.direction)
            metres[key if key in known else (*key[:2], Direction.BOTH)] += arc.edge.length_m * slower
        if metres:
            published_s = (trip.hours_min_s + trip.hours_max_s) // 2
            samples.append(_Sample(published_s, dict(metres), other_s))
    return samples


def _loss(samples: Iterable[_Sample], logs: Mapping[_Key, float], first: Mapping[_Key, float]) -> float:
    moved = {key: logs[key] - first[key] for key in first}
    pull = _RIDGE * sum(change**2 for change in moved.values())
    for (mode, class_, direction), change in moved.items():
        if direction is Direction.UP and (mode, class_, Direction.DOWN) in moved:
            pull += _TOGETHER * (change - moved[mode, class_, Direction.DOWN]) ** 2
    return sum(abs(sample.log_ratio(logs)) for sample in samples) + pull


def _search(
    samples: Sequence[_Sample], start: Mapping[_Key, float], first: Mapping[_Key, float], keys: Sequence[_Key]
) -> dict[_Key, float]:
    """Coordinate search on fixed ways, with a step that shrinks."""
    now, loss, step = dict(start), _loss(samples, start, first), _FIRST_STEP
    for _ in range(_SWEEPS):
        if step < _LAST_STEP:
            break
        moved = False
        for key in keys:
            for change in (step, -step):
                tried = now | {key: now[key] + change}
                if not _plausible(tried, first, key):
                    continue
                tried_loss = _loss(samples, tried, first)
                if tried_loss < loss - 1e-12:
                    now, loss, moved = tried, tried_loss, True
                    break
        if not moved:
            step /= 2
    return now


def _plausible(tried: Mapping[_Key, float], first: Mapping[_Key, float], key: _Key) -> bool:
    """Whether a speed is near its first guess and keeps its rank among its mode and direction."""
    if abs(tried[key] - first[key]) > _WIDEST:
        return False
    peers = (other for other in first if other != key and (other[0], other[2]) == (key[0], key[2]))
    return all((tried[key] - tried[peer]) * (first[key] - first[peer]) >= 0 for peer in peers)
