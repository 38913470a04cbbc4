"""Jobs that go on the same trip by decision: put in together, taken out together."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    CAP,
    COUNT,
    DN,
    FIRST,
    IS_TOUCHED,
    IS_TRIED,
    JOURNEY,
    LENGTHS,
    LOAD,
    LOADS,
    MATE,
    N_ABSENT,
    N_CLOSED,
    N_FREE_JOURNEYS,
    N_FREE_TRIPS,
    N_OPENED,
    N_RUINED,
    N_TOUCHED,
    NEXT,
    NXT,
    OF_VEH_TYPE,
    ORDER,
    PER_LENGTH,
    PER_TIME,
    PLACE,
    ROW,
    SHUTS,
    SLOWER,
    TIMES,
    TN,
    TRIED,
    TRIP,
    VEH_TYPE,
)
from planner.propose.sisr.kernel.draws import blinks, draw_below
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion_tests import NO_PRICE, fits, in_time, within_limits
from planner.propose.sisr.kernel.solution import (
    close_trip,
    open_trip,
    own_seconds,
    put,
    recompute_all,
    take_out,
    touch,
)
from planner.propose.sisr.kernel.vehicles import trip_left

__all__ = ["insert_bundle", "is_whole", "take_mates"]


@inner
def is_whole(data, state, trip):
    """Whether all that goes with a trip's jobs is on it."""
    here = np.int64(state.node[len(data.job) + 2 * trip, NXT])
    while here < len(data.job):
        mate = np.int64(data.decided[here, MATE])
        if mate >= 0 and state.node[mate, TRIP] != trip:
            return False
        here = np.int64(state.node[here, NXT])
    return True


@inner
def take_mates(data, state, trip, begin):
    """Take out of a trip what goes with the jobs that are absent, from a position in their list on.

    Parameters
    ----------
    begin
        The position.
    """
    pos = np.int64(begin)
    while pos < state.number[N_ABSENT]:  # which grows meanwhile
        mate = np.int64(data.decided[state.lists[ABSENT, pos], MATE])
        if mate >= 0 and state.node[mate, TRIP] == trip:
            take_out(data, state, mate)
        pos += 1


@inner
def may_hold(data, state, trip, veh_type, job):
    """Whether a vehicle type serves a whole bundle, and holds it beside what is on a trip (-1: nothing).

    Parameters
    ----------
    job
        One of the bundle.
    """
    for dim in range(data.loads):
        load = state.trip[trip, LOAD + dim] if trip >= 0 else np.int64(0)
        here, left = np.int64(job), True
        while left:
            load += data.job[here, LOADS + dim]
            here = np.int64(data.decided[here, MATE])
            left = here != job
        if load > data.fleet[veh_type, CAP + dim]:
            return False
    here, left = np.int64(job), True
    while left:
        if data.window[data.fleet[veh_type, ROW], here, SHUTS] < 0:
            return False
        here = np.int64(data.decided[here, MATE])
        left = here != job
    return True


@inner
def place_in(data, state, trip, job):
    """The node of a trip after which a job costs least; -1: there is none."""
    node, ways, jobs = state.node, data.ways, len(data.job)
    veh_type, place = state.trip[trip, VEH_TYPE], node[job, PLACE]
    lengths, times = data.fleet[veh_type, LENGTHS], data.fleet[veh_type, TIMES]
    best, best_node = NO_PRICE, np.int64(-1)
    if not fits(data, state, trip, veh_type, job):
        return best_node
    here, end = np.int64(jobs + 2 * trip), np.int64(jobs + 2 * trip + 1)
    while here != end:
        after = np.int64(node[here, NXT])
        place_here, place_after = node[here, PLACE], node[after, PLACE]
        length = (
            np.int64(ways[lengths, place_here, place]) + ways[lengths, place, place_after] - node[here, DN]
        )
        seconds = np.int64(ways[times, place_here, place]) + ways[times, place, place_after] - node[here, TN]
        price = data.price[veh_type, PER_LENGTH] * length
        price += data.price[veh_type, PER_TIME] * (seconds + own_seconds(data, veh_type, job))
        able = price < best
        if able and data.timed:
            able = in_time(data, state, trip, veh_type, here, job)
            if able and data.limited:
                able = within_limits(data, state, trip, veh_type, here, job, length)
        if able:
            best, best_node = price, here
        here = after
    return best_node


@inner
def put_all(data, state, trip, job, most):
    """Put a bundle into a trip, one job after another from a first one on; how many found a place.

    Parameters
    ----------
    job
        The first one.
    most
        Cost beyond which it is not worth going on.
    """
    count, here, left = np.int64(0), np.int64(job), True
    while left:
        before = place_in(data, state, trip, here)
        if before < 0 or state.cost[0] >= most:
            return count, False
        put(data, state, here, before)
        count += 1
        here = np.int64(data.decided[here, MATE])
        left = here != job
    return count, state.cost[0] < most


@inner
def take_back(data, state, trip, job, count):
    """Undo `put_all`, but for the cost.

    Parameters
    ----------
    count
        How many jobs found a place.
    """
    absent, slower = state.number[N_ABSENT], state.number[SLOWER]
    here = np.int64(job)
    for _ in range(count):
        take_out(data, state, here)
        here = np.int64(data.decided[here, MATE])
    state.number[N_ABSENT], state.number[SLOWER] = absent, slower
    if data.timed:
        recompute_all(data, state, trip)


@inner
def try_trip(data, state, trip, job, best, stamp):
    """What a bundle costs in a trip, if that is less than a price, else no price; all is as it was.

    Parameters
    ----------
    best
        The price.
    """
    touch(data, state, state.trip[trip, JOURNEY], stamp)
    cost = state.cost[0]
    count, able = put_all(data, state, trip, job, cost + best)
    price = state.cost[0] - cost if able else NO_PRICE
    take_back(data, state, trip, job, count)
    state.cost[0] = cost
    return price


@inner
def try_new_trip(data, state, journey, before, veh_type, job, best, stamp):
    """`try_trip` with a new trip, after one of a journey or as its first; journey -1: a new one.

    Parameters
    ----------
    before
        The trip that it comes after; less than 0: it is the first.
    job, best
        One of the bundle, and the price to beat.
    """
    number = state.number
    cost, touched = state.cost[0], number[N_TOUCHED]
    if journey >= 0:
        touch(data, state, journey, stamp)
        touched = number[N_TOUCHED]
    trip = open_trip(data, state, journey, before, veh_type, stamp)
    own = state.trip[trip, JOURNEY]
    count, able = put_all(data, state, trip, job, cost + best)
    price = state.cost[0] - cost if able else NO_PRICE
    take_back(data, state, trip, job, count)
    close_trip(data, state, trip)
    number[N_OPENED] -= 1
    number[N_CLOSED] -= 1
    number[N_FREE_TRIPS] += 1
    if journey < 0:
        state.lists[IS_TOUCHED, own] = 0
        number[N_TOUCHED] = touched
        number[N_FREE_JOURNEYS] += 1
    state.cost[0] = cost
    return price


@inner
def best_trip(data, state, job, rate, stamp):
    """The trip in which a bundle costs least, of those that were ruined or have jobs near to one of it.

    Returns
    -------
    (price, trip)
        No price and -1 where there is none.
    """
    best, best_one, here, left = NO_PRICE, np.int64(-1), np.int64(job), True
    state.number[TRIED] += 1
    mark, ruined = state.number[TRIED], state.number[N_RUINED]
    while left:
        for pos in range(2 * data.width + (ruined if here == job else 0)):
            trip = np.int64(-1)
            if pos < 2 * data.width:
                near = np.int64(data.near[here, pos])
                trip = np.int64(state.node[near, TRIP]) if near >= 0 else trip
            else:
                trip = np.int64(state.lists[ORDER, pos - 2 * data.width])
            if trip < 0 or state.trip[trip, JOURNEY] < 0 or state.lists[IS_TRIED, trip] == mark:
                continue
            state.lists[IS_TRIED, trip] = mark
            veh_type = state.trip[trip, VEH_TYPE]
            if not may_hold(data, state, trip, veh_type, job) or blinks(state, rate):
                continue
            price = try_trip(data, state, trip, job, best, stamp)
            if price < best:
                best, best_one = price, trip
        here = np.int64(data.decided[here, MATE])
        left = here != job
    return best, best_one


@inner
def best_new_trip(data, state, job, rate, best, stamp):
    """The new trip of a bundle alone that costs least, and less than a price.

    Parameters
    ----------
    best
        The price to beat.

    Returns
    -------
    (price, journey, trip before, vehicle type)
        Vehicle type -1 where there is none.
    """
    none, first = np.int64(-1), draw_below(state, len(data.fleet))
    best_journey, best_before, best_type = none, none, none
    for turn in range(len(data.fleet)):
        veh_type = np.int64((first + turn) % len(data.fleet))
        if state.number[N_FREE_TRIPS] == 0 or not may_hold(data, state, none, veh_type, job):
            continue
        if state.number[N_FREE_JOURNEYS] > 0 and trip_left(data, state, veh_type, none):
            price = try_new_trip(data, state, none, none, veh_type, job, best, stamp)
            if price < best and not blinks(state, rate):
                best, best_journey, best_before, best_type = price, none, none, veh_type
        for journey in range(len(state.journey)):
            if state.journey[journey, COUNT] <= 0 or state.journey[journey, OF_VEH_TYPE] != veh_type:
                continue
            if not trip_left(data, state, veh_type, np.int64(journey)) or blinks(state, rate):
                continue
            before, after = none, np.int64(state.journey[journey, FIRST])
            going = True
            while going:
                price = try_new_trip(data, state, np.int64(journey), before, veh_type, job, best, stamp)
                if price < best:
                    best, best_journey, best_before, best_type = price, np.int64(journey), before, veh_type
                before = after
                going = before >= 0
                after = np.int64(state.trip[before, NEXT]) if going else none
    return best, best_journey, best_before, best_type


@inner
def insert_bundle(data, state, job, rate, stamp):
    """Put a bundle, of which all jobs are absent, where it is cheapest; whether there is a place.

    Its jobs go into one trip one after another, each where it is cheapest there.

    Parameters
    ----------
    job
        One of the bundle.
    rate
        Share of the possible trips that are overlooked, from 0 to 1.
    """
    for _ in range(draw_below(state, 4)):  # another one is first at times
        job = np.int64(data.decided[job, MATE])
    price, trip = best_trip(data, state, job, rate, stamp)
    _, journey, before, veh_type = best_new_trip(data, state, job, rate, price, stamp)
    if veh_type >= 0:
        trip = open_trip(data, state, journey, before, veh_type, stamp)
    if trip < 0:
        return False
    put_all(data, state, trip, job, NO_PRICE)
    return True
