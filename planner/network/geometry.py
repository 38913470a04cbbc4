"""Straight lines on the globe: lengths, crossings, near neighbours and spanning forests.

Points are rows (latitude, longitude) in degrees, walls rows (lat, lon, lat, lon), one for each segment.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

__all__ = ["EARTH_M", "NO_WALLS", "crossing", "forest", "great_circle_m", "near_pairs", "nearest"]

EARTH_M = 6_371_009.0  # mean radius
_FIRST_CANDIDATES = 16
_SPARE = 8  # more neighbours than wanted, to settle which of equally near ones count
_CHUNK = 512
_CELLS = 1_000_000  # joins x walls looked at together

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Pair = tuple[int, int]

NO_WALLS: Floats = np.empty((0, 4))


def great_circle_m(starts: Floats, ends: Floats) -> Floats:
    """Great circle between points, in metres, whole millimetres (so that order is the same anywhere)."""
    lat1, lon1 = np.radians(starts[:, 0]), np.radians(starts[:, 1])
    lat2, lon2 = np.radians(ends[:, 0]), np.radians(ends[:, 1])
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    length: Floats = np.round(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))), 3)
    return length


def nearest(points: Floats, targets: Floats) -> Ints:
    """Position of the nearest target of each point; of equally near ones the first."""
    num_near = min(1 + _SPARE, len(targets))
    near = _tree_query(points, targets, num_near)
    own = np.repeat(np.arange(len(points)), num_near)
    metres = great_circle_m(points[own], targets[near.reshape(-1)]).reshape(near.shape)
    first = np.lexsort((near, metres), axis=1)[:, 0]
    return near[np.arange(len(points)), first]


def near_pairs(points: Floats, neighbours: int, longest_m: int, walls: Floats) -> set[Pair]:
    """Pairs (smaller, larger position) of each point and its nearest ones that length and walls allow.

    Parameters
    ----------
    points
        float64, shape (points, 2): latitude and longitude, in degrees.
    neighbours
        How many nearest ones each point has.
    longest_m
        A pair is no further apart.
    walls
        float64, shape (walls, 4): both ends of segments that no pair may cross, like points.
    """
    pairs = _candidates(points, neighbours)
    pairs = pairs[great_circle_m(points[pairs[:, 0]], points[pairs[:, 1]]) <= longest_m]
    free = ~crossing(points[pairs[:, 0]], points[pairs[:, 1]], walls)
    return {(int(one), int(other)) for one, other in pairs[free]}


def forest(points: Floats, known: list[Pair], longest_m: int, walls: Floats) -> set[Pair]:
    """Short pairs that, with the known ones, connect all points that length and walls do not keep apart.

    Parameters
    ----------
    points, longest_m, walls
        As for `near_pairs`.
    known
        Pairs that are joined already, however far apart.
    """
    groups = _Groups(len(points))
    for one, other in known:
        groups.unite(one, other)
    pairs = _candidates(points, _FIRST_CANDIDATES)
    lengths = great_circle_m(points[pairs[:, 0]], points[pairs[:, 1]])
    blocked = (lengths > longest_m) | crossing(points[pairs[:, 0]], points[pairs[:, 1]], walls)
    chosen: set[Pair] = set()
    for at in np.lexsort((pairs[:, 1], pairs[:, 0], lengths)):
        one, other = int(pairs[at, 0]), int(pairs[at, 1])
        if not blocked[at] and groups.unite(one, other):
            chosen.add((one, other))
    return chosen | _bridges(points, groups, longest_m, walls)


def crossing(starts: Floats, ends: Floats, walls: Floats) -> Bools:
    """Which segments starts[i]-ends[i] cross or touch any wall, in the plane of longitude and latitude."""
    crossed = np.zeros(len(starts), dtype=np.bool_)
    if not len(walls):
        return crossed
    step = max(1, _CELLS // len(walls))
    for first in range(0, len(starts), step):
        part = slice(first, first + step)
        crossed[part] = _meet(starts[part, None], ends[part, None], walls[None, :, :2], walls[None, :, 2:])
    return crossed


def _meet(p: Floats, q: Floats, r: Floats, s: Floats) -> Bools:
    """Whether segments pq and rs share a point: each has the other's ends on both sides."""
    sides = (_side(p, q, r) * _side(p, q, s) <= 0) & (_side(r, s, p) * _side(r, s, q) <= 0)
    # Boxes that overlap tell apart segments that lie on one line.
    boxes = (np.minimum(p, q) <= np.maximum(r, s)) & (np.minimum(r, s) <= np.maximum(p, q))
    met: Bools = np.any(sides & np.all(boxes, axis=2), axis=1)
    return met


def _side(a: Floats, b: Floats, c: Floats) -> Floats:
    """Sign of the turn a, b, c."""
    turn: Floats = np.sign(
        (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    )
    return turn


def _tree_query(points: Floats, targets: Floats, num_near: int) -> Ints:
    """Positions of the nearest targets, shape (points, num_near)."""
    from scipy.spatial import cKDTree  # heavy

    _, near = cKDTree(_on_sphere(targets)).query(_on_sphere(points), k=num_near)
    return np.asarray(near, dtype=np.int64).reshape(len(points), num_near)


def _on_sphere(points: Floats) -> Floats:
    """Make unit vectors, whose straight distances order as great circles do."""
    lat, lon = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _candidates(points: Floats, neighbours: int) -> Ints:
    """Pairs (smaller, larger position) of each point and its nearest ones, without repetition."""
    num_near = min(neighbours + 1 + _SPARE, len(points))
    if min(neighbours, len(points) - 1) < 1:
        return np.empty((0, 2), dtype=np.int64)
    near = _tree_query(points, points, num_near)
    own = np.repeat(np.arange(len(points)), num_near)
    lengths = great_circle_m(points[own], points[near.reshape(-1)]).reshape(near.shape)
    lengths[near == np.arange(len(points))[:, None]] = np.inf  # not itself
    order = np.lexsort((near, lengths), axis=1)[:, : min(neighbours, num_near - 1)]
    chosen = np.take_along_axis(near, order, axis=1)
    pairs = np.column_stack([np.repeat(np.arange(len(points)), chosen.shape[1]), chosen.reshape(-1)])
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)


def _bridges(points: Floats, groups: _Groups, longest_m: int, walls: Floats) -> set[Pair]:
    """Join what is still apart: always the smallest group to its nearest outsider."""
    chosen: set[Pair] = set()
    closed: set[int] = set()  # groups that walls surround, or too far from all others
    while True:
        apart = [members for members in groups.members() if members[0] not in closed]
        if len(apart) < 2:
            return chosen
        inside = min(apart, key=lambda members: (len(members), members))
        outside = sorted(set(range(len(points))).difference(inside))
        best = _nearest_free(points, inside, outside, longest_m, walls)
        if best is None:
            closed.add(inside[0])
            continue
        groups.unite(*best)
        chosen.add((min(best), max(best)))


def _nearest_free(
    points: Floats, inside: list[int], outside: list[int], longest_m: int, walls: Floats
) -> Pair | None:
    """Nearest pair of two groups that no wall keeps apart, if it is near enough."""
    one, other = np.repeat(inside, len(outside)), np.tile(outside, len(inside))
    lengths = great_circle_m(points[one], points[other])
    order = np.lexsort((other, one, lengths))
    order = order[lengths[order] <= longest_m]
    for first in range(0, len(order), _CHUNK):
        chunk = order[first : first + _CHUNK]
        free = ~crossing(points[one[chunk]], points[other[chunk]], walls)
        if free.any():
            at = chunk[int(np.argmax(free))]
            return int(one[at]), int(other[at])
    return None


class _Groups:
    """Union-find whose roots are the smallest members."""

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
        """List the groups, each sorted, in the order of their first members."""
        groups = defaultdict(list)
        for item in range(len(self._parent)):
            groups[self.find(item)].append(item)
        return list(groups.values())
