"""Vehicles of each vehicle type: how many are used, whether one is left, and what one more costs."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    COUNT,
    DAY,
    FLEET_TYPE,
    MAX_TRIPS,
    NUMBER,
    OF_VEH_TYPE,
    PER_JOURNEY,
    PER_VEHICLE,
    SHARED,
    USED,
    VEHICLE,
)
from planner.propose.sisr.kernel.inner import inner


@inner
def most_used(data, state, veh_type):
    """Most vehicles of a vehicle type's type used in any shift."""
    most = np.int64(0)
    for other in range(len(data.fleet)):
        if data.fleet[other, FLEET_TYPE] == data.fleet[veh_type, FLEET_TYPE]:
            most = max(most, state.number[USED + other])
    return most


@inner
def vehicle_left(data, state, veh_type):
    """Whether a vehicle type has a vehicle that is not used yet.

    A vehicle of one trip in all that comes home is gone for its type's other shifts too.
    """
    used = state.number[USED + veh_type]
    if data.fleet[veh_type, MAX_TRIPS] == 1:
        used = np.int64(0)
        for other in range(len(data.fleet)):
            if data.fleet[other, FLEET_TYPE] == data.fleet[veh_type, FLEET_TYPE]:
                used += state.number[USED + other]
    return used < data.fleet[veh_type, NUMBER]


@inner
def trip_left(data, state, veh_type, journey):
    """Whether a vehicle type has a vehicle for a trip more in a journey, or (-1) in a new one."""
    fleet = data.fleet[veh_type]
    if journey < 0 and not vehicle_left(data, state, veh_type):
        return False
    if journey >= 0 and state.journey[journey, COUNT] >= fleet[MAX_TRIPS]:
        return False
    return fleet[SHARED] == 0 or vehicles_do(data, state, veh_type, journey)


@inner
def vehicles_do(data, state, veh_type, more):
    """Whether vehicles that come home can drive all journeys of their type's shifts, and a trip more in one.

    The longest first, each by the first vehicle that has no other in the shift and so many trips left.

    Parameters
    ----------
    more
        Journey that has a trip more; -1: a new one.
    """
    journeys, vehicle_of = state.journey, state.lists[VEHICLE]
    most = data.fleet[veh_type, MAX_TRIPS]
    count = len(journeys) + 1  # the last stands for a new one
    for size in range(most, 0, -1):
        for one in range(count):
            new = one == count - 1
            if (new and more >= 0) or (not new and journeys[one, COUNT] <= 0):
                continue
            of_veh_type = veh_type if new else journeys[one, OF_VEH_TYPE]
            trips = np.int64(1) if new else journeys[one, COUNT] + (1 if one == more else 0)
            if trips != size or data.fleet[of_veh_type, FLEET_TYPE] != data.fleet[veh_type, FLEET_TYPE]:
                continue
            vehicle_of[one] = -1
            for vehicle in range(data.fleet[veh_type, NUMBER]):
                left = most - size
                for other in range(count - 1):
                    if journeys[other, COUNT] <= 0 or other == one or vehicle_of[other] != vehicle:
                        continue
                    other_type = journeys[other, OF_VEH_TYPE]
                    if data.fleet[other_type, FLEET_TYPE] != data.fleet[veh_type, FLEET_TYPE]:
                        continue
                    trips = journeys[other, COUNT] + (1 if other == more else 0)
                    if trips > size or (trips == size and other < one):
                        left = left - trips if other_type != of_veh_type else np.int64(-1)
                if left >= 0:
                    vehicle_of[one] = vehicle
                    break
            if vehicle_of[one] < 0:
                return False
    return True


@inner
def journey_price(data, state, veh_type):
    """What one vehicle more of a vehicle type costs."""
    price = data.price[veh_type, PER_JOURNEY]
    if price != 0.0 and data.fleet[veh_type, DAY] >= 0:
        for other in range(len(data.fleet)):
            same = data.fleet[other, FLEET_TYPE] == data.fleet[veh_type, FLEET_TYPE]
            same = same and data.fleet[other, DAY] == data.fleet[veh_type, DAY]
            if same and state.number[USED + other] > state.number[USED + veh_type]:
                price = 0.0
    again = data.fleet[veh_type, MAX_TRIPS] > 1  # in another shift, by the same vehicle
    if data.price[veh_type, PER_VEHICLE] != 0.0 and not (
        again and state.number[USED + veh_type] + 1 <= most_used(data, state, veh_type)
    ):
        price += data.price[veh_type, PER_VEHICLE]
    return price


@inner
def use_veh_type(data, state, veh_type, by):
    """Count a vehicle of a vehicle type in (1) or out (-1), with its price.

    Parameters
    ----------
    by
        1 or -1.
    """
    if by > 0:
        state.cost[0] += journey_price(data, state, veh_type)
        state.number[USED + veh_type] += 1
    else:
        state.number[USED + veh_type] -= 1
        state.cost[0] -= journey_price(data, state, veh_type)
