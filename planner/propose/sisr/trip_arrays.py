"""The trips of a solution of the kernel, as plain arrays from which `start_from` builds it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.problem.problem import Proposal
from planner.propose.sisr.flatten import Flat
from planner.propose.sisr.kernel.arrays import COUNT, FIRST, NEXT, NXT, VEH_TYPE, State

__all__ = ["Trips", "trips_from", "trips_of"]

_Longs = NDArray[np.int64]


class Trips(NamedTuple):
    """Trips, journey after journey.

    Parameters
    ----------
    veh_types
        int64, by trip: vehicle type.
    follows
        int64, by trip: 1 where the vehicle is that of the trip before.
    at, order
        int64: the jobs of trip t are ``order[at[t] : at[t + 1]]``.
    """

    veh_types: _Longs
    follows: _Longs
    at: _Longs
    order: _Longs


def trips_of(state: State, jobs: int) -> Trips:
    """The trips of a solution with so many jobs, absent ones included."""
    after: list[int] = state.node[:, NXT].tolist()
    veh_types: list[int] = []
    follows: list[int] = []
    at, order = [0], []
    for journey in np.flatnonzero(state.journey[:, COUNT] > 0).tolist():
        trip, later = int(state.journey[journey, FIRST]), 0
        while trip >= 0:
            here = after[jobs + 2 * trip]
            while here < jobs:
                order.append(here)
                here = after[here]
            veh_types.append(int(state.trip[trip, VEH_TYPE]))
            follows.append(later)
            at.append(len(order))
            trip, later = int(state.trip[trip, NEXT]), 1
    return _as_arrays(veh_types, follows, at, order)


def trips_from(flat: Flat, proposals: Sequence[Proposal]) -> Trips:
    """Proposed trips that say when they start, and on which vehicle; the others are left out.

    Of a type that comes home the vehicle type is that of the shift; any other type is one vehicle type.
    """
    job = {idx: position for position, idx in enumerate(flat.jobs)}
    found = []
    for one in proposals:
        load = [job[idx] for idx in one.route.consignments if idx in job]
        start_s, vehicle = one.load_start_s, one.vehicle
        if not load or start_s is None or vehicle is None:
            continue
        mine = [number for number, kind in enumerate(flat.veh_types) if kind.fleet == one.route.fleet]
        for number in mine:
            shifts = flat.veh_types[number].shifts
            if len(mine) == 1 or any(low <= start_s < high for low, high in shifts):
                found.append((number, vehicle, start_s, load))
                break
    found.sort(key=lambda trip: trip[:3])
    at, order = [0], list[int]()
    for *_, load in found:
        order += load
        at.append(len(order))
    journeys = [trip[:2] for trip in found]
    follows = [int(number > 0 and journeys[number - 1] == one) for number, one in enumerate(journeys)]
    return _as_arrays([number for number, _ in journeys], follows, at, order)


def _as_arrays(veh_types: list[int], follows: list[int], at: list[int], order: list[int]) -> Trips:
    return Trips(*(np.array(one, dtype=np.int64) for one in (veh_types, follows, at, order)))
