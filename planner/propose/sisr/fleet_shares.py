"""Vehicles shared out among the parts of a problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.problem.problem import Problem
from planner.propose.sisr.outline import VehType
from planner.propose.sisr.points import least_ways

__all__ = ["VehiclePools", "shares"]

_Longs = NDArray[np.int64]
# When free vehicles are shared out: what a job counts at an origin not its nearest, and one without a place.
_ELSEWHERE, _LOST = 0.1, 20.0


def shares(total: int, weight: NDArray[np.float64]) -> _Longs:
    """A whole number shared out in proportion to weights, to the last unit.

    Examples
    --------
    >>> shares(5, np.array([1.0, 1.0, 2.0])).tolist()
    [1, 1, 3]
    """
    exact = total * weight / weight.sum()
    found: _Longs = np.floor(exact).astype(np.int64)
    order = np.argsort(found - exact, kind="stable")
    found[order[: total - int(found.sum())]] += 1
    return found


class VehiclePools:
    """The vehicles of each type; those of one trip in all are counted over all its shifts."""

    def __init__(self, problem: Problem, veh_types: Sequence[VehType]) -> None:
        regions = np.array([problem.consignments[idx].region for idx in problem.served], dtype=np.int64)
        ways = least_ways(problem, list(range(problem.num_origins)), regions)
        self._nearest = np.argmin(ways, axis=0)
        self._pool: list[tuple[int, int, list[int]]] = []  # origin, number and vehicle types
        pool_of: dict[tuple[int, int], int] = {}
        for position, kind in enumerate(veh_types):
            fleet = problem.fleet[kind.fleet]
            once = fleet.open_end or fleet.max_trips == 1
            key = (kind.fleet, -1 if once else position)
            if key not in pool_of:
                pool_of[key] = len(self._pool)
                self._pool.append((fleet.origin, fleet.number, []))
            self._pool[pool_of[key]][2].append(position)

    def shared(self, used: _Longs, part: _Longs, lost: NDArray[np.bool_]) -> _Longs:
        """Vehicles of each type for each part: those in use there, and a share of those that are free.

        Parameters
        ----------
        used
            int64, shape (parts, vehicle types).
        part, lost
            Of each job: its part, and whether it found no place.
        """
        parts = len(used)
        every = np.bincount(part, minlength=parts).astype(np.float64)
        absent = np.bincount(part[lost], minlength=parts)
        found = np.zeros_like(used)
        for origin, number, veh_types in self._pool:
            mine = used[:, veh_types].sum(axis=1)
            near = np.bincount(part[self._nearest == origin], minlength=parts)
            free = max(0, number - int(mine.sum()))
            found[:, veh_types] = (mine + shares(free, near + _ELSEWHERE * every + _LOST * absent))[:, None]
        return found
