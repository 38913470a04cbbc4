"""Moves of jobs in their order: some in a row to another place, or what follows in two trips exchanged.

A ruin takes few jobs and puts them back one by one; longer parts of long trips change places by these moves.

References
----------
Potvin, Rousseau (1995): An exchange heuristic for routeing problems with time windows. Journal of the
Operational Research Society 46(12), 1433-1446. doi:10.1057/jors.1995.204 (2-opt*: tails)
Taillard, Badeau, Gendreau, Guertin, Potvin (1997): A tabu search heuristic for the vehicle routing problem
with soft time windows. Transportation Science 31(2), 170-186. doi:10.1287/trsc.31.2.170 (strings)
"""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    CAP,
    DELAYS,
    DN,
    FROM_S,
    HOURS,
    HOURS_OF,
    JOURNEY,
    LATEST,
    LEG_HOURS,
    LEG_HOURS_LATE,
    LENGTH,
    LENGTHS,
    LOAD,
    LOADS,
    NXT,
    OPEN,
    PER_LENGTH,
    PER_TIME,
    PLACE,
    PRV,
    RELEASE,
    ROW,
    SERVE,
    SET_OF,
    SHUTS,
    SIZE,
    START,
    TIMES,
    TN,
    TRIP,
    VEH_TYPE,
    WORK,
)
from planner.propose.sisr.kernel.draws import draw
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.propagation import recompute
from planner.propose.sisr.kernel.solution import (
    close_trip,
    keeps_limits,
    leg_price,
    link,
    own_seconds,
    touch,
)

STRING = 30  # jobs in a row that change their place together, at most


@inner
def alike(data, veh_type, other):
    """Whether jobs may pass between vehicle types without other ways or windows."""
    fleet = data.fleet
    return veh_type == other or (
        fleet[veh_type, LENGTHS] == fleet[other, LENGTHS]
        and fleet[veh_type, TIMES] == fleet[other, TIMES]
        and fleet[veh_type, DELAYS] == fleet[other, DELAYS]
        and fleet[veh_type, LEG_HOURS] == fleet[other, LEG_HOURS]
        and fleet[veh_type, LEG_HOURS_LATE] == fleet[other, LEG_HOURS_LATE]
        and fleet[veh_type, ROW] == fleet[other, ROW]
        and data.price[veh_type, PER_LENGTH] == data.price[other, PER_LENGTH]
        and data.price[veh_type, PER_TIME] == data.price[other, PER_TIME]
    )


@inner
def string_at(data, state, here, heat):
    """The first and last of jobs in a row that had best pass to after a job; (-1, -1): none.

    Only some of which annealing at a temperature accepts the price, and which times and the first load allow
    as far as that can be told without going through the trips.
    """
    node, ways, jobs = state.node, data.ways, len(data.job)
    none = np.int64(-1)
    if node[here, TRIP] < 0:
        return none, none
    trip = np.int64(node[here, TRIP])
    veh_type, after = state.trip[trip, VEH_TYPE], np.int64(node[here, NXT])
    lengths, times, row = (
        data.fleet[veh_type, LENGTHS],
        data.fleet[veh_type, TIMES],
        data.fleet[veh_type, ROW],
    )
    per_length, per_time = data.price[veh_type, PER_LENGTH], data.price[veh_type, PER_TIME]
    place, place_after = node[here, PLACE], node[after, PLACE]
    gone = np.int64(node[here, START]) + node[here, SERVE]
    room = data.fleet[veh_type, CAP] - state.trip[trip, LOAD]
    best, best_from, best_to = -heat * math.log(1.0 - draw(state)), none, none
    for pos in range(data.width, 2 * data.width):
        there = np.int64(data.near[here, pos])
        if there < 0 or node[there, TRIP] < 0:
            continue
        other = np.int64(node[there, TRIP])
        before = np.int64(node[there, PRV])
        if before == here or not alike(data, veh_type, state.trip[other, VEH_TYPE]):
            continue
        place_before = node[before, PLACE]
        moment = gone + ways[times, place, node[there, PLACE]]
        base = np.int64(ways[lengths, place, node[there, PLACE]]) - node[here, DN] - node[before, DN]
        base_s = np.int64(ways[times, place, node[there, PLACE]]) - node[here, TN] - node[before, TN]
        load = np.int64(0)
        at = there
        for _ in range(STRING):
            if other != trip:
                load += data.job[at, LOADS]
                if load > room:
                    break
            if data.timed and moment > data.window[row, at, SHUTS]:
                break
            moment = max(moment, np.int64(node[at, OPEN])) + node[at, SERVE]
            behind = np.int64(node[at, NXT])
            place_at, place_behind = node[at, PLACE], node[behind, PLACE]
            price = per_length * (
                base
                + ways[lengths, place_at, place_after]
                + ways[lengths, place_before, place_behind]
                - node[at, DN]
            )
            if per_time != 0.0:
                price += per_time * (
                    base_s
                    + ways[times, place_at, place_after]
                    + ways[times, place_before, place_behind]
                    - node[at, TN]
                )
            if price < best and not (
                data.timed
                and other != trip
                and moment + ways[times, place_at, place_after] > node[after, LATEST]
            ):
                best, best_from, best_to = price, there, at
            moment += node[at, TN]
            if behind >= jobs or behind == here:
                break
            at = behind
    return best_from, best_to


@inner
def tails_at(data, state, here, heat):
    """The job that had best follow a job, with all after it, in exchange for what follows now; -1: none.

    As in `string_at`, but all loads are tested.
    """
    node, ways, jobs = state.node, data.ways, len(data.job)
    if node[here, TRIP] < 0:
        return np.int64(-1)
    trip = np.int64(node[here, TRIP])
    veh_type, after = state.trip[trip, VEH_TYPE], np.int64(node[here, NXT])
    lengths, times = data.fleet[veh_type, LENGTHS], data.fleet[veh_type, TIMES]
    per_length, per_time = data.price[veh_type, PER_LENGTH], data.price[veh_type, PER_TIME]
    end = np.int64(jobs + 2 * trip + 1)
    place, place_after, place_end = node[here, PLACE], node[after, PLACE], node[end, PLACE]
    place_last = node[node[end, PRV], PLACE]
    gone = np.int64(node[here, START]) + node[here, SERVE]
    best, best_there = -heat * math.log(1.0 - draw(state)), np.int64(-1)
    for pos in range(data.width, 2 * data.width):
        there = np.int64(data.near[here, pos])
        if there < 0 or node[there, TRIP] < 0 or node[there, TRIP] == trip:
            continue
        other = np.int64(node[there, TRIP])
        before = np.int64(node[there, PRV])
        place_there, place_before = node[there, PLACE], node[before, PLACE]
        other_end = np.int64(jobs + 2 * other + 1)
        place_other_end = node[other_end, PLACE]
        length = np.int64(ways[lengths, place, place_there]) - node[here, DN] - node[before, DN]
        if per_time == 0.0 and per_length * length >= best and place_end == place_other_end:
            continue
        if state.trip[other, JOURNEY] == state.trip[trip, JOURNEY] or not alike(
            data, veh_type, state.trip[other, VEH_TYPE]
        ):
            continue
        seconds = np.int64(ways[times, place, place_there]) - node[here, TN] - node[before, TN]
        if place_end == place_other_end or after != end:
            length += ways[lengths, place_before, place_after]
            seconds += ways[times, place_before, place_after]
        else:
            length += ways[lengths, place_before, place_other_end]
            seconds += ways[times, place_before, place_other_end]
        if place_end != place_other_end:
            place_other_last = node[node[other_end, PRV], PLACE]
            length += (
                ways[lengths, place_other_last, place_end] - ways[lengths, place_other_last, place_other_end]
            )
            seconds += (
                ways[times, place_other_last, place_end] - ways[times, place_other_last, place_other_end]
            )
            if after != end:
                length += ways[lengths, place_last, place_other_end] - ways[lengths, place_last, place_end]
                seconds += ways[times, place_last, place_other_end] - ways[times, place_last, place_end]
        price = per_length * length
        if per_time != 0.0:
            price += per_time * seconds
        if price >= best:
            continue
        if data.timed:
            if gone + ways[times, place, place_there] > node[there, LATEST]:
                continue
            gone_before = np.int64(node[before, START]) + node[before, SERVE]
            if (
                place_end == place_other_end
                and gone_before + ways[times, place_before, place_after] > node[after, LATEST]
                and after != end
            ):
                continue
        if tails_fit(data, state, here, there):
            best, best_there = price, there
    return best_there


@inner
def tails_fit(data, state, here, there):
    """Whether the loads allow that what follows `here` and what begins at `there` change trips."""
    node, jobs = state.node, len(data.job)
    trip, other = np.int64(node[here, TRIP]), np.int64(node[there, TRIP])
    veh_type, other_type = state.trip[trip, VEH_TYPE], state.trip[other, VEH_TYPE]
    for dim in range(data.loads):
        tail, other_tail = np.int64(0), np.int64(0)
        at = np.int64(node[here, NXT])
        while at < jobs:
            tail += data.job[at, LOADS + dim]
            at = np.int64(node[at, NXT])
        at = np.int64(there)
        while at < jobs:
            other_tail += data.job[at, LOADS + dim]
            at = np.int64(node[at, NXT])
        if state.trip[trip, LOAD + dim] - tail + other_tail > data.fleet[veh_type, CAP + dim]:
            return False
        if state.trip[other, LOAD + dim] - other_tail + tail > data.fleet[other_type, CAP + dim]:
            return False
    return True


@inner
def move_jobs(data, state, here, there, last, stamp):
    """Put the jobs from one to a last one after a job; or (`last` < 0) all from one on, in exchange.

    Parameters
    ----------
    here
        The job that they come after.
    there, last
        The first and the last of the jobs that move.

    Returns
    -------
    bool
        False: a rule is broken, and all is to be taken back.
    """
    node, jobs = state.node, len(data.job)
    trip, other = np.int64(node[here, TRIP]), np.int64(node[there, TRIP])
    for one in (trip, other):
        touch(data, state, state.trip[one, JOURNEY], stamp)
    count(data, state, trip, other, -1)
    before, after = np.int64(node[there, PRV]), np.int64(node[here, NXT])
    if last >= 0:
        relink(data, state, before, np.int64(node[last, NXT]))
        relink(data, state, last, after)
    else:
        end, other_end = np.int64(jobs + 2 * trip + 1), np.int64(jobs + 2 * other + 1)
        last, other_last = np.int64(node[end, PRV]), np.int64(node[other_end, PRV])
        relink(data, state, other_last, end)
        relink(data, state, last if after != end else before, other_end)
        if after != end:
            relink(data, state, before, after)
    relink(data, state, here, there)
    count(data, state, trip, other, 1)
    if state.trip[other, SIZE] == 0:
        close_trip(data, state, other)
    elif data.timed and other != trip:
        recompute(data, state, other)
    veh_type = state.trip[trip, VEH_TYPE]
    for dim in range(data.loads):
        if state.trip[trip, LOAD + dim] > data.fleet[veh_type, CAP + dim]:
            return False
    if not data.timed:
        return True
    recompute(data, state, trip)
    return keeps_limits(data, state, trip) and (
        state.trip[other, JOURNEY] < 0 or keeps_limits(data, state, other)
    )


@inner
def relink(data, state, here, there):
    """Let one node follow another of whatever trip it was."""
    link(data, state, state.trip[state.node[here, TRIP], VEH_TYPE], here, there)


@inner
def count(data, state, trip, other, sign):
    """Count price and work of two trips (or one) out of the sums (-1) or, after jobs passed, in (1).

    Parameters
    ----------
    other
        The second trip, which may be the same.
    sign
        -1 or 1.
    """
    for pos in range(2 if other != trip else 1):
        one = other if pos == 1 else trip
        price, seconds = recount(data, state, one)
        state.cost[0] += sign * price
        state.journey[state.trip[one, JOURNEY], WORK] += sign * seconds


@inner
def recount(data, state, trip):
    """Jobs, loads, release, hours and length of a trip after jobs passed to it; its price and seconds too."""
    node, row, jobs = state.node, state.trip[trip], len(data.job)
    veh_type = row[VEH_TYPE]
    here = np.int64(jobs + 2 * trip)
    size, release, length, seconds = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    hours = data.fleet[veh_type, HOURS_OF]
    for dim in range(data.loads):
        row[LOAD + dim] = 0
    while node[here, NXT] >= 0:
        length += node[here, DN]
        seconds += node[here, TN]
        here = np.int64(node[here, NXT])
        if here >= jobs:
            break
        node[here, TRIP] = trip
        size += 1
        release = max(release, data.job[here, FROM_S])
        hours = np.int64(data.meet[hours, data.decided[here, SET_OF]])
        seconds += own_seconds(data, veh_type, here)
        for dim in range(data.loads):
            row[LOAD + dim] += data.job[here, LOADS + dim]
    row[SIZE], row[RELEASE], row[LENGTH], row[HOURS] = size, release, length, hours
    return leg_price(data, veh_type, length, seconds), seconds
