"""A network for any region, modelled from coordinates, access modes, a speed table, known lines and barriers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from planner.errors import ExitCode, PlannerError
from planner.instance.schema import (
    Basis,
    Delay,
    Direction,
    Edge,
    Hub,
    Instance,
    Mode,
    Node,
    Region,
    Speed,
    Warehouse,
)
from planner.text import words

__all__ = ["EARTH_M", "NetworkModelError", "model_edges"]

EARTH_M = 6_371_009.0  # mean radius
_LAND = (Mode.ROAD, Mode.FOOT)
_WATER = (Mode.RIVER, Mode.SEA)
_FIRST_CANDIDATES = 16

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class NetworkModelError(PlannerError):
    """The tables do not say enough to model a network."""

    exit_code = ExitCode.BAD_INPUT


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the network, with the class of speed for each mode it has access to."""

    id: str
    lat: float
    lon: float
    subarea: str
    classes: Mapping[Mode, str]


@dataclass(frozen=True, slots=True)
class _Join:
    """Two places to be joined; ``upper`` is the place upstream where that matters."""

    upper: int
    lower: int
    mode: Mode
    class_: str
    entered_s: int | None = None
    source: str = ""


class _Speeds:
    """The speed table by mode, class and direction."""

    def __init__(self, rows: Iterable[Speed]) -> None:
        self._rows = {(row.mode, row.class_, row.direction): row for row in rows}

    def row(self, mode: Mode, class_: str, direction: Direction) -> Speed:
        """Row of a direction; the row for both directions stands in where there is none."""
        for wanted in (direction, Direction.BOTH):
            found = self._rows.get((mode, class_, wanted))
            if found is not None:
                return found
        raise NetworkModelError(words("network.model.no_speed", mode=mode.value, class_=class_))

    def slower(self, mode: Mode, one: str, other: str) -> str:
        """The slower of two classes (upstream); the first in the alphabet where they are equal."""
        return min((self.row(mode, each, Direction.UP).speed_m_per_h, each) for each in (one, other))[1]


def model_edges(instance: Instance) -> tuple[Edge, ...]:
    """Edges of a modelled network.

    Lines are joined first, in their order; their places need no access row for it. Then places with
    road (or foot) access are joined to their nearest neighbours and by a spanning forest, without crossing a
    barrier; places with river (or sea) access off every line are joined to the nearest place on a line of
    that mode and to near ones of their subarea. Aircraft fly along lines only.

    Parameters
    ----------
    instance
        Uses warehouses, hubs, regions, nodes, access, speeds, lines, barriers, delays and
        ``settings.model``; its edges are ignored.

    Returns
    -------
    tuple of Edge
        At most one edge for each mode and pair of places, in a stable order. Rivers run from ``from`` to ``to``.

    Raises
    ------
    NetworkModelError
        If the speed table lacks a class that a place or line has, or a line names an unknown place.

    Notes
    -----
    Length is the great circle times the circuity of the class; the class of a join is the slower one of its
    two ends. Barriers are compared in the plane of longitude and latitude, so that a region across the
    180th meridian or at a pole is not served. A join that touches a barrier counts as crossing it.
    """
    places = _places(instance)
    speeds = _Speeds(instance.speeds)
    joins = _line_joins(instance, places)
    on_line = {(join.mode, idx) for join in joins for idx in (join.upper, join.lower)}
    walls = _walls(instance)
    for mode in Mode:
        if mode in _LAND:
            joins += _land_joins(instance, places, speeds, mode, joins, walls)
        elif mode in _WATER:
            joins += _water_joins(instance, places, speeds, mode, on_line)
    return _edges(instance, places, speeds, joins)


def _places(instance: Instance) -> list[_Place]:
    access: dict[str, dict[Mode, str]] = defaultdict(dict)
    for row in instance.access:
        access[row.place][row.mode] = row.class_
    places = []
    rows: tuple[Warehouse | Hub | Region | Node, ...] = (
        *instance.warehouses,
        *instance.hubs,
        *instance.regions,
        *instance.nodes,
    )
    for one in rows:
        wider = (one.id, one.subarea, one.area) if isinstance(one, Region) else (one.id,)
        classes = next((access[key] for key in wider if key and key in access), {})
        subarea = one.subarea if isinstance(one, Region) else ""
        places.append(_Place(one.id, one.lat, one.lon, subarea, classes))
    return places


def _line_joins(instance: Instance, places: list[_Place]) -> list[_Join]:
    index = {place.id: idx for idx, place in enumerate(places)}
    by_line = defaultdict(list)
    for row in instance.lines:
        by_line[row.line].append(row)
    joins = []
    for rows in by_line.values():
        ordered = sorted(rows, key=lambda row: row.seq)
        for row in ordered:
            if row.node not in index:
                raise NetworkModelError(words("network.model.no_node", line=row.line, node=row.node))
        for here, after in zip(ordered, ordered[1:], strict=False):
            ends = index[here.node], index[after.node]
            joins.append(_Join(*ends, here.mode, here.class_, here.minutes_s, here.source))
    return joins


def _land_joins(
    instance: Instance,
    places: list[_Place],
    speeds: _Speeds,
    mode: Mode,
    lines: list[_Join],
    walls: Floats,
) -> list[_Join]:
    members = [idx for idx, place in enumerate(places) if mode in place.classes]
    if len(members) < 2:
        return []
    local = {idx: at for at, idx in enumerate(members)}
    known = [
        (local[join.upper], local[join.lower])
        for join in lines
        if join.mode is mode and join.upper in local and join.lower in local
    ]
    coordinates = np.array([(places[idx].lat, places[idx].lon) for idx in members])
    settings = instance.settings.model
    pairs = _near_pairs(coordinates, settings.neighbours, settings.longest_join_m, walls)
    pairs |= _forest(coordinates, known, walls)
    return [_land_join(places, speeds, mode, members[one], members[other]) for one, other in sorted(pairs)]


def _land_join(places: list[_Place], speeds: _Speeds, mode: Mode, one: int, other: int) -> _Join:
    class_ = speeds.slower(mode, places[one].classes[mode], places[other].classes[mode])
    return _Join(one, other, mode, class_)


def _near_pairs(coordinates: Floats, neighbours: int, longest_m: int, walls: Floats) -> set[tuple[int, int]]:
    """Each point with its nearest ones, as far as length and barriers allow."""
    pairs = _candidates(coordinates, neighbours)
    short = _metres(coordinates[pairs[:, 0]], coordinates[pairs[:, 1]]) <= longest_m
    pairs = pairs[short]
    free = ~_crossing(coordinates[pairs[:, 0]], coordinates[pairs[:, 1]], walls)
    return {(int(one), int(other)) for one, other in pairs[free]}


def _candidates(coordinates: Floats, neighbours: int) -> Ints:
    """Pairs (smaller, larger index) of each point and its nearest ones, without repetition."""
    num_near = min(neighbours, len(coordinates) - 1)
    if num_near < 1:
        return np.empty((0, 2), dtype=np.int64)
    # One more than asked for, since a point is its own nearest neighbour (or another at the same place is).
    _, near = cKDTree(_on_sphere(coordinates)).query(_on_sphere(coordinates), k=num_near + 1)
    own = np.repeat(np.arange(len(coordinates)), num_near + 1)
    pairs = np.column_stack([own, near.reshape(-1)]).astype(np.int64)
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


def _forest(coordinates: Floats, known: list[tuple[int, int]], walls: Floats) -> set[tuple[int, int]]:
    """Shortest joins that connect everything that barriers do not keep apart."""
    groups = _Groups(len(coordinates))
    for one, other in known:
        groups.unite(one, other)
    pairs = _candidates(coordinates, _FIRST_CANDIDATES)
    metres = _metres(coordinates[pairs[:, 0]], coordinates[pairs[:, 1]])
    blocked = _crossing(coordinates[pairs[:, 0]], coordinates[pairs[:, 1]], walls)
    chosen = set()
    for at in np.lexsort((pairs[:, 1], pairs[:, 0], metres)):
        one, other = int(pairs[at, 0]), int(pairs[at, 1])
        if not blocked[at] and groups.unite(one, other):
            chosen.add((one, other))
    return chosen | _bridges(coordinates, groups, walls)


def _bridges(coordinates: Floats, groups: _Groups, walls: Floats) -> set[tuple[int, int]]:
    """Join what is still apart: always the smallest group to its nearest outsider."""
    chosen: set[tuple[int, int]] = set()
    closed: set[int] = set()  # groups that barriers surround
    while True:
        open_ = [members for members in groups.members() if members[0] not in closed]
        if len(open_) < 2:
            return chosen
        inside = min(open_, key=lambda members: (len(members), members))
        outside = sorted(set(range(len(coordinates))) - set(inside))
        best = _nearest_free(coordinates, inside, outside, walls)
        if best is None:
            closed.add(inside[0])
            continue
        groups.unite(*best)
        chosen.add((min(best), max(best)))


def _nearest_free(
    coordinates: Floats, inside: list[int], outside: list[int], walls: Floats
) -> tuple[int, int] | None:
    one = np.repeat(inside, len(outside))
    other = np.tile(outside, len(inside))
    order = np.lexsort((other, one, _metres(coordinates[one], coordinates[other])))
    for chunk in np.array_split(order, max(1, len(order) // 512)):
        free = ~_crossing(coordinates[one[chunk]], coordinates[other[chunk]], walls)
        if free.any():
            at = chunk[int(np.argmax(free))]
            return int(one[at]), int(other[at])
    return None


class _Groups:
    """Union-find."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def unite(self, one: int, other: int) -> bool:
        """Join two groups; false if they were one already."""
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first
        return first != second

    def members(self) -> list[list[int]]:
        """Groups, each sorted, in the order of their first members."""
        groups = defaultdict(list)
        for item in range(len(self._parent)):
            groups[self.find(item)].append(item)
        return list(groups.values())


def _water_joins(
    instance: Instance, places: list[_Place], speeds: _Speeds, mode: Mode, on_line: set[tuple[Mode, int]]
) -> list[_Join]:
    """Join places off the lines to the nearest place on one, and to near ones of their subarea."""
    settings = instance.settings.model
    coordinates = np.array([(place.lat, place.lon) for place in places]).reshape(-1, 2)
    line_idx = [idx for idx in range(len(places)) if (mode, idx) in on_line]
    off_idx = [
        idx for idx, place in enumerate(places) if mode in place.classes and (mode, idx) not in on_line
    ]
    if not off_idx:
        return []
    if not line_idx:
        return _still_water_joins(instance, places, speeds, mode, off_idx)
    tree = cKDTree(_on_sphere(coordinates[line_idx]))
    _, near = tree.query(_on_sphere(coordinates[off_idx]))
    gate = {idx: line_idx[int(at)] for idx, at in zip(off_idx, near, strict=True)}
    inland = {idx: float(_metres(coordinates[[idx]], coordinates[[gate[idx]]])[0]) for idx in off_idx}
    pairs = {(idx, gate[idx]) for idx in off_idx}
    by_subarea = defaultdict(list)
    for idx in off_idx:
        by_subarea[places[idx].subarea or places[idx].id].append(idx)
    for members in by_subarea.values():
        local = _near_pairs(
            coordinates[members], settings.neighbours, settings.longest_join_m, np.empty((0, 4))
        )
        for pair in local:
            one, other = members[pair[0]], members[pair[1]]
            pairs.add((other, one) if inland[one] < inland[other] else (one, other))
    return [_water_join(places, speeds, mode, upper, lower) for upper, lower in sorted(pairs)]


def _still_water_joins(
    instance: Instance, places: list[_Place], speeds: _Speeds, mode: Mode, members: list[int]
) -> list[_Join]:
    """Without any line of the mode nothing says where it flows: neighbours and a spanning tree."""
    settings = instance.settings.model
    coordinates = np.array([(places[idx].lat, places[idx].lon) for idx in members])
    walls = np.empty((0, 4))
    pairs = _near_pairs(coordinates, settings.neighbours, settings.longest_join_m, walls)
    pairs |= _forest(coordinates, [], walls)
    return [_water_join(places, speeds, mode, members[one], members[other]) for one, other in sorted(pairs)]


def _water_join(places: list[_Place], speeds: _Speeds, mode: Mode, upper: int, lower: int) -> _Join:
    own = places[upper].classes[mode]
    return _Join(upper, lower, mode, speeds.slower(mode, own, places[lower].classes.get(mode, own)))


def _edges(instance: Instance, places: list[_Place], speeds: _Speeds, joins: list[_Join]) -> tuple[Edge, ...]:
    """Edges of the joins; the first join of a mode and pair counts."""
    taken: set[tuple[Mode, int, int]] = set()
    edges = []
    for join in joins:
        key = (join.mode, min(join.upper, join.lower), max(join.upper, join.lower))
        if key in taken or join.upper == join.lower:
            continue
        taken.add(key)
        edges.append(_edge(places, speeds, join, instance.delays))
    return tuple(edges)


def _edge(places: list[_Place], speeds: _Speeds, join: _Join, delays: Iterable[Delay]) -> Edge:
    upper, lower = places[join.upper], places[join.lower]
    straight_m = float(_metres(np.array([[upper.lat, upper.lon]]), np.array([[lower.lat, lower.lon]]))[0])
    down = speeds.row(join.mode, join.class_, Direction.DOWN)
    up = speeds.row(join.mode, join.class_, Direction.UP)
    length_m = _length(straight_m, down)
    time_s = join.entered_s or _time(length_m, down)
    back_s = join.entered_s or _time(_length(straight_m, up), up)
    return Edge(
        id=f"{join.mode.value}:{upper.id}:{lower.id}",
        from_node=upper.id,
        to_node=lower.id,
        mode=join.mode,
        class_=join.class_,
        length_m=length_m,
        time_s=time_s,
        time_back_s=back_s,
        delay_max_s=_delay(delays, join.mode, time_s),
        delay_back_max_s=_delay(delays, join.mode, back_s),
        basis=Basis.MODELLED if join.entered_s is None else Basis.ENTERED,
        source=_source(join, down, up),
    )


def _length(straight_m: float, row: Speed) -> int:
    return int(straight_m * row.circuity_milli / 1000 + 0.5)


def _time(length_m: int, row: Speed) -> int:
    return max(1, (2 * length_m * 3600 + row.speed_m_per_h) // (2 * row.speed_m_per_h))


def _delay(delays: Iterable[Delay], mode: Mode, time_s: int) -> int:
    """Largest delay of the rows that hold for every edge of the mode."""
    rows = (row for row in delays if row.mode in (None, mode) and not (row.edge or row.vehicle or row.season))
    return max((-(-time_s * row.percent // 100) + row.fixed_s for row in rows), default=0)


def _source(join: _Join, down: Speed, up: Speed) -> str:
    if join.entered_s is not None:
        return join.source
    directions = down.direction.value if down is up else f"{down.direction.value}, {up.direction.value}"
    return f"speeds: {join.mode.value} {join.class_} ({directions})".replace("  ", " ")


def _walls(instance: Instance) -> Floats:
    """Segments of all barriers, each (lat, lon, lat, lon)."""
    by_barrier = defaultdict(list)
    for row in instance.barriers:
        by_barrier[row.barrier].append(row)
    segments = []
    for rows in by_barrier.values():
        ordered = sorted(rows, key=lambda row: row.seq)
        segments += [(a.lat, a.lon, b.lat, b.lon) for a, b in zip(ordered, ordered[1:], strict=False)]
    return np.array(segments, dtype=np.float64).reshape(-1, 4)


def _crossing(starts: Floats, ends: Floats, walls: Floats) -> Bools:
    """Which of the segments starts[i]-ends[i] cross or touch any wall."""
    if not len(walls) or not len(starts):
        return np.zeros(len(starts), dtype=np.bool_)
    p, q = starts[:, None, :], ends[:, None, :]
    r, s = walls[None, :, :2], walls[None, :, 2:]
    sides_of_join = _side(p, q, r) * _side(p, q, s) <= 0
    sides_of_wall = _side(r, s, p) * _side(r, s, q) <= 0
    boxes = ((np.minimum(p, q) <= np.maximum(r, s)) & (np.minimum(r, s) <= np.maximum(p, q))).all(
        axis=2
    )  # tells apart what lies on one line
    crossed: Bools = (sides_of_join & sides_of_wall & boxes).any(axis=1)
    return crossed


def _side(a: Floats, b: Floats, c: Floats) -> Floats:
    """Sign of the turn a, b, c."""
    turn: Floats = np.sign(
        (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    )
    return turn


def _on_sphere(coordinates: Floats) -> Floats:
    """Unit vectors of (lat, lon), so that straight distances order as great circles do."""
    lat, lon = np.radians(coordinates[:, 0]), np.radians(coordinates[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _metres(one: Floats, other: Floats) -> Floats:
    """Great circle between rows of (lat, lon)."""
    lat1, lon1, lat2, lon2 = (np.radians(part) for part in (one[:, 0], one[:, 1], other[:, 0], other[:, 1]))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    metres: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(half))
    return metres
