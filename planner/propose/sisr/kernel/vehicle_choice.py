"""Which vehicle drives a trip: the cheapest one of its group that holds the load."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    CAP,
    CHAIN,
    COUNT,
    FIRST,
    GROUP,
    KIND,
    LENGTH,
    LOAD,
    N_TOUCHED,
    OF_KIND,
    PER_LENGTH,
    PER_TRIP,
    TOUCHED,
)
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion_tests import fixed
from planner.propose.sisr.kernel.vehicles import use_kind, vehicle_left

__all__ = ["change_kind", "cheapest_kind", "cheapest_kinds"]


@inner
def change_kind(data, state, trip, kind):
    """Drive a trip, the only one of its chain, with another kind of its group."""
    old = state.trip[trip, KIND]
    chain = state.trip[trip, CHAIN]
    use_kind(data, state, old, -1)
    state.chain[chain, OF_KIND] = kind
    use_kind(data, state, kind, 1)
    state.trip[trip, KIND] = kind
    state.cost[0] += data.price[kind, PER_TRIP] - data.price[old, PER_TRIP]
    state.cost[0] += (data.price[kind, PER_LENGTH] - data.price[old, PER_LENGTH]) * state.trip[trip, LENGTH]


@inner
def cheapest_kind(data, state, trip):
    """Give a trip the cheapest kind of its group that holds its load."""
    kind = state.trip[trip, KIND]
    group = data.rule[kind, GROUP]
    if group < 0:
        return
    length = state.trip[trip, LENGTH]
    best, best_kind = data.price[kind, PER_LENGTH] * length + fixed(data, kind), kind
    for other in range(len(data.rule)):
        if data.rule[other, GROUP] != group or other == kind or not vehicle_left(data, state, other):
            continue
        able = True
        for dim in range(data.loads):
            able = able and state.trip[trip, LOAD + dim] <= data.rule[other, CAP + dim]
        price = data.price[other, PER_LENGTH] * length + fixed(data, other)
        if able and price < best:
            best, best_kind = price, other
    if best_kind != kind:
        change_kind(data, state, trip, best_kind)


@inner
def cheapest_kinds(data, state):
    """Give each trip that was touched, the only one of its chain, the cheapest kind of its group."""
    for pos in range(state.number[N_TOUCHED]):
        chain = state.lists[TOUCHED, pos]
        if state.chain[chain, COUNT] > 0:
            cheapest_kind(data, state, np.int64(state.chain[chain, FIRST]))
