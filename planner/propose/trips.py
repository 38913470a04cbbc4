"""The trips of a solution of the kernel, as plain arrays from which `start_from` builds it again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.propose.kernel.layout import COUNT, FIRST, KIND, NEXT, NXT, State

__all__ = ["Trips", "trips_of"]

_Longs = NDArray[np.int64]


class Trips(NamedTuple):
    """Trips, chain after chain.

    Parameters
    ----------
    kinds
        int64, by trip.
    follows
        int64, by trip: 1 where the vehicle is that of the trip before.
    at, order
        int64: the jobs of trip t are ``order[at[t] : at[t + 1]]``.
    """

    kinds: _Longs
    follows: _Longs
    at: _Longs
    order: _Longs


def trips_of(state: State, jobs: int) -> Trips:
    """The trips of a solution with so many jobs, absent ones included."""
    after: list[int] = state.node[:, NXT].tolist()
    kinds: list[int] = []
    follows: list[int] = []
    at, order = [0], []
    for chain in np.flatnonzero(state.chain[:, COUNT] > 0).tolist():
        trip, later = int(state.chain[chain, FIRST]), 0
        while trip >= 0:
            here = after[jobs + 2 * trip]
            while here < jobs:
                order.append(here)
                here = after[here]
            kinds.append(int(state.trip[trip, KIND]))
            follows.append(later)
            at.append(len(order))
            trip, later = int(state.trip[trip, NEXT]), 1
    return Trips(*(np.array(one, dtype=np.int64) for one in (kinds, follows, at, order)))
