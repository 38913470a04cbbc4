"""Which jobs are near which: those that one best follows, those that best follow it, those around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.problem.problem import Problem
from planner.propose.sisr.kernel.arrays import (
    FAR,
    OPENS,
    PER_LENGTH,
    SERVES,
    SHUTS,
)
from planner.propose.sisr.outline import VehType

# Jobs considered before and after a job, where time matters and where not (twice as many where types have
# ways of their own: what is near for one is not for another); jobs around one, to remove. Where jobs share
# more than a few places these are not more than so many of each: else all would be of a job's own.
_NEAR_TIMED, _NEAR = 20, 15
_AROUND = 200
_OF_A_PLACE, _OF_A_PLACE_AROUND, _FEW_PLACES = 12, 4, 2
# A second of waiting, in seconds of driving, when neighbours are chosen (at 0.2 wide windows lose a third).
_WAIT = 0.05
# Jobs whose neighbours are looked for at once.
_ROWS = 1024


def near_each_other(problem: Problem, veh_types: Sequence[VehType], jobs: Sequence[int]) -> list[int]:
    """The jobs in the order of a tour to the nearest neighbour: what is read together lies together."""
    regions = sorted({problem.consignments[idx].region for idx in jobs})
    if not regions or not veh_types:
        return list(jobs)
    places = [problem.place(region) for region in regions]
    types = [problem.fleet[position] for position in sorted({kind.fleet for kind in veh_types})]
    ways = np.min(
        [np.where(one.reach(places, places), one.distances(places, places), FAR) for one in types], axis=0
    )
    rank = np.zeros(len(regions), dtype=np.int64)
    here, left = 0, np.ones(len(regions), dtype=bool)
    for step in range(len(regions)):
        left[here] = False
        rank[here] = step
        here = int(np.argmin(np.where(left, ways[here], 2 * FAR)))
    position = {region: int(rank[pos]) for pos, region in enumerate(regions)}
    return sorted(jobs, key=lambda idx: position[problem.consignments[idx].region])


def neighbours(
    shortest: NDArray[np.int32],
    time: NDArray[np.int32],
    place_of: NDArray[np.int32],
    window: NDArray[np.int32],
    *,
    timed: bool,
    number: int | None,
) -> tuple[NDArray[np.int32], int]:
    """Jobs that a job best follows, that best follow it, that are around it; and how many of the first.

    Parameters
    ----------
    shortest
        int32, shape (places, places): the least metres of any type; `FAR`: no way.
    time
        int32, shape (ways, places, places): seconds, once for types with the same ways.
    place_of
        int32, shape (jobs,): place of each job.
    window
        int32, shape (rows, jobs, 3), as in `Data`.
    timed
        Whether times matter, not only metres.
    number
        How many jobs may stand before, and after, a job; None: see `planner.propose.sisr.flatten.flatten`.

    Returns
    -------
    (int32, shape (jobs, 2 * width + more); width)
        As `near` and `width` of `Data`; -1: there are no more.
    """
    jobs = len(place_of)
    if jobs < 2:
        return np.full((jobs, 3), -1, dtype=np.int32), 1
    rank, many = _ranks(place_of)
    shared = _FEW_PLACES < np.count_nonzero(rank == 0) < jobs
    if number is None:
        number = (_NEAR_TIMED if timed else _NEAR) * (2 if shared or len(time) > 1 else 1)
    width = max(1, min(number, jobs - 1))
    around = max(1, min(_AROUND, jobs - 1))
    ways = _between(shortest, place_of)
    follows = _Follows(ways, _between(time.min(axis=0), place_of), window, len(time) == 1) if timed else None
    found = np.empty((jobs, 2 * width + around), dtype=np.int32)
    for begin in range(0, jobs, _ROWS):  # in parts, for which less memory is needed and the cache is enough
        rows = slice(begin, min(jobs, begin + _ROWS))
        every = slice(0, jobs)
        there, back = ways[rows].astype(np.float64), ways[:, rows].T.astype(np.float64)
        own = np.arange(there.shape[0])
        near = there + back
        after = there if follows is None else follows.between(rows, every)
        if follows is None:
            before = back
        else:  # where all are in one part this is known already
            before = np.ascontiguousarray((after if jobs <= _ROWS else follows.between(every, rows)).T)
        for one in (near, after, before):
            one[own, begin + own] = np.inf
        if shared:  # others of each place for each row
            turn = (rank + (begin + own)[:, None]) % many
            near[turn >= _OF_A_PLACE_AROUND] = np.inf
            for one in (after, before):
                one[turn >= _OF_A_PLACE] = np.inf
        found[rows] = np.hstack([_nearest(before, width), _nearest(after, width), _nearest(near, around)])
    return found, width


def _ranks(place_of: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each job its number among those of its place, and how many these are."""
    order = np.argsort(place_of, kind="stable")
    _, first, each = np.unique(place_of[order], return_index=True, return_counts=True)
    rank = np.empty(len(place_of), dtype=np.int64)
    rank[order] = np.arange(len(place_of)) - np.repeat(first, each)
    many = np.empty(len(place_of), dtype=np.int64)
    many[order] = np.repeat(each, each)
    return rank, many


class _Follows:
    """How well a job follows another: by the way, and by waiting; infinite where it would be too late."""

    def __init__(
        self, ways: NDArray[np.int32], seconds: NDArray[np.int32], window: NDArray[np.int32], one_time: bool
    ) -> None:
        self._ways, self._seconds = ways, seconds
        never = window[:, :, SHUTS] < 0
        self._opens = np.where(never, FAR, window[:, :, OPENS]).min(axis=0).astype(np.float64)
        self._shuts = window[:, :, SHUTS].max(axis=0).astype(np.float64)
        self._serve = window[:, :, SERVES].min(axis=0).astype(np.float64)
        able = seconds < FAR
        metres_all = ways.sum(dtype=np.int64, where=able)
        self._per_second = _WAIT * float(metres_all / max(1, seconds.sum(dtype=np.int64, where=able)))
        self._one_time = one_time

    def between(self, rows: slice, columns: slice) -> NDArray[np.float64]:
        """Of each column's job after each row's job."""
        seconds = self._seconds[rows, columns]
        found: NDArray[np.float64] = seconds + (self._shuts + self._serve)[rows, None]
        np.subtract(self._opens[None, columns], found, out=found)
        np.maximum(found, 0, out=found)
        found *= self._per_second
        found += self._ways[rows, columns]
        if self._one_time:
            begins = seconds + (self._opens + self._serve)[rows, None]
            known = (self._shuts >= 0)[rows, None] & (self._shuts >= 0)[None, columns]
            found[(begins > self._shuts[None, columns]) & known] = np.inf
        return found


def _between(matrix: NDArray[np.int32], place_of: NDArray[np.int32]) -> NDArray[np.int32]:
    """A matrix of places as one of jobs; a view of it where each job has a place of its own, in order."""
    first, last = int(place_of[0]), int(place_of[-1]) + 1
    if last - first == len(place_of) and bool((np.diff(place_of) == 1).all()):
        return matrix[first:last, first:last]
    return matrix[np.ix_(place_of, place_of)]


def _nearest(far: NDArray[np.float64], width: int) -> NDArray[np.int32]:
    """The columns with the least values of each row, in order; -1 where a value is infinite."""
    part = np.argpartition(far, width - 1, axis=1)[:, :width]
    values = np.take_along_axis(far, part, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    found = np.take_along_axis(part, order, axis=1).astype(np.int32)
    found[np.isinf(np.take_along_axis(values, order, axis=1))] = -1
    return found


def mean_price(shortest: NDArray[np.int32], price: NDArray[np.float64], place_of: NDArray[np.int32]) -> float:
    """Mean price of the way between two jobs."""
    if len(place_of) == 0:
        return 1.0
    ways = _between(shortest, place_of)
    able = ways < FAR
    mean = ways.sum(dtype=np.int64, where=able) / max(1, np.count_nonzero(able))
    return max(1e-9, float(mean) * float(price[:, PER_LENGTH].mean()))
