"""Which vehicle drives a trip: the cheapest one of its group that holds the load."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    CAP,
    COUNT,
    FIRST,
    GROUP,
    JOURNEY,
    LENGTH,
    LOAD,
    N_TOUCHED,
    OF_VEH_TYPE,
    PER_LENGTH,
    PER_TRIP,
    TOUCHED,
    VEH_TYPE,
)
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion_tests import fixed
from planner.propose.sisr.kernel.vehicles import use_veh_type, vehicle_left

__all__ = ["change_veh_type", "cheapest_veh_type", "cheapest_veh_types"]


@inner
def change_veh_type(data, state, trip, veh_type):
    """Drive a trip, the only one of its journey, with another vehicle type of its group."""
    old = state.trip[trip, VEH_TYPE]
    journey = state.trip[trip, JOURNEY]
    use_veh_type(data, state, old, -1)
    state.journey[journey, OF_VEH_TYPE] = veh_type
    use_veh_type(data, state, veh_type, 1)
    state.trip[trip, VEH_TYPE] = veh_type
    state.cost[0] += data.price[veh_type, PER_TRIP] - data.price[old, PER_TRIP]
    state.cost[0] += (data.price[veh_type, PER_LENGTH] - data.price[old, PER_LENGTH]) * state.trip[
        trip, LENGTH
    ]


@inner
def cheapest_veh_type(data, state, trip):
    """Give a trip the cheapest vehicle type of its group that holds its load."""
    veh_type = state.trip[trip, VEH_TYPE]
    group = data.fleet[veh_type, GROUP]
    if group < 0:
        return
    length = state.trip[trip, LENGTH]
    best, best_type = data.price[veh_type, PER_LENGTH] * length + fixed(data, veh_type), veh_type
    for other in range(len(data.fleet)):
        if data.fleet[other, GROUP] != group or other == veh_type or not vehicle_left(data, state, other):
            continue
        able = True
        for dim in range(data.loads):
            able = able and state.trip[trip, LOAD + dim] <= data.fleet[other, CAP + dim]
        price = data.price[other, PER_LENGTH] * length + fixed(data, other)
        if able and price < best:
            best, best_type = price, other
    if best_type != veh_type:
        change_veh_type(data, state, trip, best_type)


@inner
def cheapest_veh_types(data, state):
    """Give each trip that was touched, the only one of its journey, the cheapest type of its group."""
    for pos in range(state.number[N_TOUCHED]):
        journey = state.lists[TOUCHED, pos]
        if state.journey[journey, COUNT] > 0:
            cheapest_veh_type(data, state, np.int64(state.journey[journey, FIRST]))
