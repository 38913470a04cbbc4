"""Places as points, so that any problem can be divided by where its regions are.

References
----------
de Silva, Tenenbaum (2004): Sparse multidimensional scaling using landmark points. Technical report, Stanford
University.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.problem.problem import Problem

__all__ = ["bisected", "least_ways", "points_of", "turned"]

_Floats = NDArray[np.float64]
_Longs = NDArray[np.int64]
_LANDMARKS, _DIMENSIONS = 12, 3
_SMALL = 0.01  # a dimension of less than this share of the first says nothing


def least_ways(problem: Problem, places: list[int], regions: _Longs) -> _Floats:
    """Mean of the least ways from each place to regions and back, in metres; infinite where there is none.

    Where nothing is any metre away, they are seconds.
    """
    there = (problem.num_origins + regions).tolist()
    found = np.full((len(places), len(there)), np.inf)
    seconds = found.copy()
    for kind in {id(one.travel): one for one in problem.fleet}.values():
        able = kind.reach(places, there) & kind.reach(there, places).T
        for ways, total in ((kind.distances, found), (kind.times, seconds)):
            both = (ways(places, there) + ways(there, places).T) / 2
            np.minimum(total, np.where(able, both, np.inf), out=total)
    return seconds if not np.any(found[np.isfinite(found)] > 0) else found


def points_of(problem: Problem, regions: _Longs) -> _Floats:
    """A point for each of some regions (they may repeat): far apart where the ways between them are long.

    On a plane these are the places, turned and shifted. Ways to a few landmarks are all that is asked for.
    """
    every, back = np.unique(regions, return_inverse=True)
    marks = [int(every[0])]
    rows = [least_ways(problem, [problem.place(marks[0])], every)[0]]
    while len(marks) < min(_LANDMARKS, len(every)):  # each as far as can be from those before
        nearest = np.min(rows, axis=0)
        marks.append(int(every[np.argmax(np.where(np.isfinite(nearest), nearest, -1.0))]))
        rows.append(least_ways(problem, [problem.place(marks[-1])], every)[0])
    ways = np.array(rows)
    longest = np.max(ways, where=np.isfinite(ways), initial=0.0)
    square = np.where(np.isfinite(ways), ways, 2 * longest) ** 2  # by landmark and region
    between = square[:, np.searchsorted(every, marks)]
    mean = between.mean(axis=1)
    centred = -0.5 * (between - mean[:, None] - mean[None, :] + mean.mean())
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    order = [one for one in np.argsort(-values)[:_DIMENSIONS] if values[one] > _SMALL * values.max() > 0]
    if not order:
        return np.zeros((len(regions), 1))
    scaled = vectors[:, order] / np.sqrt(values[order])
    points: _Floats = -0.5 * (square - mean[:, None]).T @ scaled
    return points[back]


def turned(points: _Floats, random: np.random.Generator) -> _Floats:
    """The points, turned at random."""
    turn, _ = np.linalg.qr(random.normal(size=(points.shape[1], points.shape[1])))
    found: _Floats = points @ turn
    return found


def bisected(points: _Floats, weight: _Floats, number: int) -> list[_Longs]:
    """So many groups of points, about equally heavy, halved again and again across their longer side.

    Groups one after another are neighbours. There are fewer where points are too few or too heavy.
    """
    found: list[_Longs] = []
    todo: list[tuple[_Longs, int]] = [(np.arange(len(points)), number)]
    while todo:
        group, parts = todo.pop()
        if parts <= 1 or len(group) < 2:
            found.append(group)
            continue
        mine = points[group]
        axis = int(np.argmax(mine.max(axis=0) - mine.min(axis=0)))
        group = group[np.argsort(mine[:, axis], kind="stable")]
        heap = np.cumsum(weight[group])
        first = parts // 2
        cut = int(np.searchsorted(heap, heap[-1] * first / parts))
        cut = min(max(1, cut), len(group) - 1)
        todo += [(group[cut:], parts - first), (group[:cut], first)]
    return found
