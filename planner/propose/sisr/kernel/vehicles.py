"""Vehicles of each kind: how many are used, whether one is left, and what one more costs."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    COUNT,
    DAY,
    MAX_TRIPS,
    NUMBER,
    OF_KIND,
    PER_CHAIN,
    PER_VEHICLE,
    SHARED,
    TYPE,
    USED,
    VEHICLE,
)
from planner.propose.sisr.kernel.inner import inner


@inner
def most_used(data, state, kind):
    """Most vehicles of a kind's type used in any shift."""
    most = np.int64(0)
    for other in range(len(data.rule)):
        if data.rule[other, TYPE] == data.rule[kind, TYPE]:
            most = max(most, state.number[USED + other])
    return most


@inner
def vehicle_left(data, state, kind):
    """Whether a kind has a vehicle that is not used yet.

    A vehicle of one trip in all that comes home is gone for its type's other shifts too.
    """
    used = state.number[USED + kind]
    if data.rule[kind, MAX_TRIPS] == 1:
        used = np.int64(0)
        for other in range(len(data.rule)):
            if data.rule[other, TYPE] == data.rule[kind, TYPE]:
                used += state.number[USED + other]
    return used < data.rule[kind, NUMBER]


@inner
def trip_left(data, state, kind, chain):
    """Whether a kind has a vehicle for a trip more in a chain, or (-1) in a new one."""
    rule = data.rule[kind]
    if chain < 0 and not vehicle_left(data, state, kind):
        return False
    if chain >= 0 and state.chain[chain, COUNT] >= rule[MAX_TRIPS]:
        return False
    return rule[SHARED] == 0 or vehicles_do(data, state, kind, chain)


@inner
def vehicles_do(data, state, kind, more):
    """Whether vehicles that come home can drive all chains of their type's shifts, and a trip more in one.

    The longest first, each by the first vehicle that has no other in the shift and so many trips left.
    """
    chains, vehicle_of = state.chain, state.lists[VEHICLE]
    most = data.rule[kind, MAX_TRIPS]
    count = len(chains) + 1  # the last stands for a new one
    for size in range(most, 0, -1):
        for one in range(count):
            new = one == count - 1
            if (new and more >= 0) or (not new and chains[one, COUNT] <= 0):
                continue
            of_kind = kind if new else chains[one, OF_KIND]
            trips = np.int64(1) if new else chains[one, COUNT] + (1 if one == more else 0)
            if trips != size or data.rule[of_kind, TYPE] != data.rule[kind, TYPE]:
                continue
            vehicle_of[one] = -1
            for vehicle in range(data.rule[kind, NUMBER]):
                left = most - size
                for other in range(count - 1):
                    if chains[other, COUNT] <= 0 or other == one or vehicle_of[other] != vehicle:
                        continue
                    other_kind = chains[other, OF_KIND]
                    if data.rule[other_kind, TYPE] != data.rule[kind, TYPE]:
                        continue
                    trips = chains[other, COUNT] + (1 if other == more else 0)
                    if trips > size or (trips == size and other < one):
                        left = left - trips if other_kind != of_kind else np.int64(-1)
                if left >= 0:
                    vehicle_of[one] = vehicle
                    break
            if vehicle_of[one] < 0:
                return False
    return True


@inner
def chain_price(data, state, kind):
    """What one vehicle more of a kind costs."""
    price = data.price[kind, PER_CHAIN]
    if price != 0.0 and data.rule[kind, DAY] >= 0:
        for other in range(len(data.rule)):
            same = data.rule[other, TYPE] == data.rule[kind, TYPE]
            same = same and data.rule[other, DAY] == data.rule[kind, DAY]
            if same and state.number[USED + other] > state.number[USED + kind]:
                price = 0.0
    again = data.rule[kind, MAX_TRIPS] > 1  # in another shift, by the same vehicle
    if data.price[kind, PER_VEHICLE] != 0.0 and not (
        again and state.number[USED + kind] + 1 <= most_used(data, state, kind)
    ):
        price += data.price[kind, PER_VEHICLE]
    return price


@inner
def use_kind(data, state, kind, by):
    """Count a vehicle of a kind in (1) or out (-1), with its price."""
    if by > 0:
        state.cost[0] += chain_price(data, state, kind)
        state.number[USED + kind] += 1
    else:
        state.number[USED + kind] -= 1
        state.cost[0] -= chain_price(data, state, kind)
