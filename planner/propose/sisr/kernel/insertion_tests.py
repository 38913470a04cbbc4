"""Whether a job may be put at a place: load, times, also with late legs, durations, limits."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    AT_PLACE,
    CAP,
    DELAY,
    DELAYS,
    FAR,
    FIRST,
    FROM_S,
    GAMMA,
    GROUP,
    HOME,
    HOURS,
    JOURNEY,
    LATEST,
    LENGTH,
    LOAD,
    LOAD_PIECE,
    LOADS,
    MAX_LENGTH,
    MAX_TIME,
    MAX_WORK,
    NEXT,
    NXT,
    OPEN,
    OPENS,
    ORIGIN,
    PER_JOURNEY,
    PER_LENGTH,
    PER_TRIP,
    PER_VEHICLE,
    PLACE,
    PRE_D,
    PRE_L,
    PRV,
    RELEASE,
    ROW,
    SERVE,
    SERVES,
    SHUT,
    SHUTS,
    START,
    SUF_D,
    SUF_E,
    TIMES,
    TN,
    WORK,
)
from planner.propose.sisr.kernel.hours import depart_at_hour, hours_with
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.time_functions import depart, go, load_seconds, serve, serve_on
from planner.propose.sisr.kernel.times import (
    arrive,
    begin_at,
    begin_late,
    lasting,
    limit,
    pieces_of,
    ready_by,
    unloaded_before,
    waits,
    worst,
)
from planner.propose.sisr.kernel.vehicles import vehicle_left

__all__ = ["alone_in_time", "fits", "in_time", "regroup", "waits_with", "within_limits"]


NO_PRICE = 1e18


@inlined
def fits(data, state, trip, veh_type, job):
    """Whether the loads of a trip leave room."""
    for dim in range(data.loads):
        if state.trip[trip, LOAD + dim] + data.job[job, LOADS + dim] > data.fleet[veh_type, CAP + dim]:
            return False
    return True


@inner
def regroup(data, state, trip, veh_type, job, length):
    """Best type of the group for a trip with a job and metres more, which its own does not hold."""
    group = data.fleet[veh_type, GROUP]
    now = data.price[veh_type, PER_LENGTH] * state.trip[trip, LENGTH]
    best, best_type = NO_PRICE, np.int64(-1)
    for other in range(len(data.fleet)):
        if data.fleet[other, GROUP] != group:
            continue
        if not fits(data, state, trip, other, job) or not vehicle_left(data, state, other):
            continue
        price = data.price[other, PER_LENGTH] * (state.trip[trip, LENGTH] + length) - now
        price += fixed(data, other) - fixed(data, veh_type)
        if price < best:
            best, best_type = price, other
    return best, best_type


@inlined
def fixed(data, veh_type):
    """Fixed price of a vehicle of one trip, where types may be exchanged."""
    return (
        data.price[veh_type, PER_TRIP] + data.price[veh_type, PER_JOURNEY] + data.price[veh_type, PER_VEHICLE]
    )


@inlined
def starts_through(data, state, veh_type, before, job, after, start):
    """Whether a job fits between two nodes when service at `before` starts then; plain times, no delays."""
    node = state.node
    row = data.fleet[veh_type, ROW]
    place = data.job[job, AT_PLACE]
    moment = start + node[before, SERVE] + data.ways[data.fleet[veh_type, TIMES], node[before, PLACE], place]
    if moment > data.window[row, job, SHUTS]:
        return False
    moment = max(moment, np.int64(data.window[row, job, OPENS]))
    moment += (
        data.window[row, job, SERVES] + data.ways[data.fleet[veh_type, TIMES], place, node[after, PLACE]]
    )
    return max(moment, np.int64(node[after, OPEN])) <= node[after, LATEST]


@inlined
def in_time(data, state, trip, veh_type, before, job):
    """Whether a job may stand after a node of a trip as far as time goes (not durations)."""
    node = state.node
    after = node[before, NXT]
    first = len(data.job) + 2 * trip
    pieces = np.int64(data.job[job, data.job.shape[1] - 1])
    moves = data.job[job, FROM_S] > state.trip[trip, RELEASE] or (
        data.fleet[veh_type, LOAD_PIECE] != 0 and pieces > 0
    )
    if data.moments > 0:
        moves = moves or hours_with(data, state, trip, veh_type, job) != state.trip[trip, HOURS]
    if not data.general:
        start = np.int64(node[before, START])
        if moves:
            release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
            seconds = load_seconds(data, veh_type, pieces_of(data, state, trip) + pieces)
            moment = begin_at(data, state, trip, release, seconds, job)
            here = first
            while here != before:
                there = node[here, NXT]
                moment = max(moment + node[here, SERVE] + node[here, TN], np.int64(node[there, OPEN]))
                if moment > node[there, SHUT]:
                    return False
                here = there
                if moment == node[here, START]:
                    moment = start
                    break
            start = moment
        return starts_through(data, state, veh_type, before, job, after, start)
    return in_time_generally(data, state, trip, veh_type, before, job, moves)


@inner
def in_time_generally(data, state, trip, veh_type, before, job, moves):
    """`in_time` with calendars, several windows and late legs.

    Parameters
    ----------
    moves
        Whether loading takes longer with the job, or begins at other hours.
    """
    node = state.node
    gamma = data.fleet[veh_type, GAMMA]
    first = len(data.job) + 2 * trip
    after = np.int64(node[before, NXT])
    start = state.scratch
    if moves or data.fleet[veh_type, MAX_TIME] > 0:
        release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
        pieces = np.int64(data.job[job, data.job.shape[1] - 1])
        seconds = load_seconds(data, veh_type, pieces_of(data, state, trip) + pieces)
        planned = begin_at(data, state, trip, release, seconds, job)
        planned = lasting(data, state, veh_type, trip, before, job, planned, seconds)
        for late in range(gamma + 1):
            start[late] = planned
            if late > 0:
                start[late] = begin_late(data, state, trip, planned, seconds, late)
        here = first
        while here != before:
            there = np.int64(node[here, NXT])
            if not along(data, state, veh_type, start, here, there):  # from there on all is as it was
                for late in range(gamma + 1):
                    start[late] = worst(data, state, before, late)
                break
            here = there
    else:
        for late in range(gamma + 1):
            start[late] = worst(data, state, before, late)
    place, place_before = data.job[job, AT_PLACE], np.int64(node[before, PLACE])
    before_s = np.int64(0)
    if place_before == place:
        before_s = unloaded_before(state, np.int64(node[before, PRV]), before)
        before_s += node[before, SERVE] + data.ways[data.fleet[veh_type, TIMES], place, place]
    onward(data, veh_type, start, np.int64(node[before, SERVE]), place_before, job, before_s)
    if start[0] >= FAR:
        return False
    service = np.int64(data.window[data.fleet[veh_type, ROW], job, SERVES])
    while node[after, PLACE] == place:  # what is unloaded there next is one stop with it
        before_s += service + data.ways[data.fleet[veh_type, TIMES], place, place]
        onward(data, veh_type, start, service, place, after, before_s)
        service, after = np.int64(node[after, SERVE]), np.int64(node[after, NXT])
    onward(data, veh_type, start, service, place, after, np.int64(0))
    able = True
    for late in range(gamma + 1):
        able = able and start[late] <= limit(data, state, after, gamma - late)
    return able


@inlined
def along(data, state, veh_type, start, here, there):
    """`onward` to the next node of the trip; whether any start is another than it was.

    Parameters
    ----------
    start
        int64, shape (at least gamma + 1,): starts at `here` by the number of late legs before, then at
        `there`.
    """
    node = state.node
    service, seconds = np.int64(node[here, SERVE]), np.int64(node[here, TN])
    delay = np.int64(node[here, DELAY])
    place, place_there = node[here, PLACE], node[there, PLACE]
    gone, moved = start[0] + service, False
    for late in range(data.fleet[veh_type, GAMMA] + 1):
        left = start[late] + service
        moment = go(data, veh_type, place, place_there, left, seconds, np.int64(0))
        if late > 0:
            moment = max(moment, go(data, veh_type, place, place_there, gone, seconds, delay))
        moment = arrive(data, state, veh_type, here, there, moment)
        start[late] = moment
        moved = moved or moment != worst(data, state, there, late)
        gone = left
    return moved


@inlined
def onward(data, veh_type, start, service, place, there, before_s):
    """Starts at the next node after service at a place, for each number of late legs, in place.

    Parameters
    ----------
    start
        int64, shape (at least gamma + 1,): starts at the place by the number of late legs before.
    service, place
        Seconds of service at the place, and its number.
    before_s
        Seconds of unloading at the place of `there` that went before, if it is the same place; else 0.
    """
    jobs, fleet = len(data.job), data.fleet[veh_type]
    place_there = data.job[there, AT_PLACE] if there < jobs else fleet[HOME]
    seconds = np.int64(data.ways[fleet[TIMES], place, place_there])
    delay = np.int64(0)
    if data.gamma > 0:
        delay = np.int64(data.ways[fleet[DELAYS], place, place_there])
    gone = start[0] + service
    for late in range(fleet[GAMMA] + 1):
        here = start[late] + service
        moment = go(data, veh_type, place, place_there, here, seconds, np.int64(0))
        if late > 0:
            moment = max(moment, go(data, veh_type, place, place_there, gone, seconds, delay))
        if there < jobs:
            begin = serve(data, fleet[ROW], there, moment)
            if begin != moment and before_s > 0:
                begin = serve_on(data, fleet[ROW], there, moment, before_s)
            moment = begin
        start[late] = moment
        gone = here


@inlined
def short_enough(data, state, veh_type, before, job, after, pieces):
    """Whether a trip with a job put in can be driven within its longest duration.

    Parameters
    ----------
    pieces
        Pieces of the job.
    """
    node = state.node
    row = data.fleet[veh_type, ROW]
    place = data.job[job, AT_PLACE]
    extra = data.fleet[veh_type, LOAD_PIECE] * pieces
    gone = (
        state.node[before, PRE_D] + data.ways[data.fleet[veh_type, TIMES], node[before, PLACE], place] + extra
    )
    early, late = np.int64(data.window[row, job, OPENS]), np.int64(data.window[row, job, SHUTS])
    prefix_late = np.int64(state.node[before, PRE_L]) - extra
    wait = max(early - gone - prefix_late, 0)
    duration = gone + wait + data.window[row, job, SERVES]
    last = min(late - gone, prefix_late)
    gone = duration + data.ways[data.fleet[veh_type, TIMES], place, node[after, PLACE]]
    wait = max(state.node[after, SUF_E] - gone - last, 0)
    return gone + wait + state.node[after, SUF_D] <= data.fleet[veh_type, MAX_TIME]


@inner
def alone_in_time(data, state, veh_type, before, journey, job):
    """Whether a trip with one job may follow a trip.

    Parameters
    ----------
    before, journey
        The trip that it follows (< 0: it is the first), and the journey (< 0: it is alone).
    """
    jobs = len(data.job)
    gamma = data.fleet[veh_type, GAMMA]
    row = data.fleet[veh_type, ROW]
    after = np.int64(-1)
    if journey >= 0:
        after = state.journey[journey, FIRST] if before < 0 else state.trip[before, NEXT]
    seconds = load_seconds(data, veh_type, np.int64(data.job[job, data.job.shape[1] - 1]))
    origin, home, place = data.fleet[veh_type, ORIGIN], data.fleet[veh_type, HOME], data.job[job, AT_PLACE]
    free = np.int64(data.job[job, FROM_S])
    if before >= 0:
        free = max(free, worst(data, state, jobs + 2 * before + 1, np.int64(0)))
    planned = depart(data, veh_type, free, seconds)
    if data.moments > 0:
        new = np.int64(-1)
        hours = hours_with(data, state, new, veh_type, job)
        planned = depart_at_hour(data, state, new, veh_type, hours, free, seconds)
    out, back = (
        np.int64(data.ways[data.fleet[veh_type, TIMES], origin, place]),
        np.int64(data.ways[data.fleet[veh_type, TIMES], place, home]),
    )
    if planned >= FAR:
        return False
    if not data.general:
        moment = planned + out
        if moment > data.window[row, job, SHUTS]:
            return False
        moment = max(moment, np.int64(data.window[row, job, OPENS])) + data.window[row, job, SERVES] + back
        if moment > ready_by(data, state, veh_type, after, np.int64(0)):
            return False
        busy = seconds + out + data.window[row, job, SERVES] + back
        return data.fleet[veh_type, MAX_TIME] <= 0 or busy <= data.fleet[veh_type, MAX_TIME]
    alone = np.int64(-1)
    planned = lasting(data, state, veh_type, alone, alone, job, planned, seconds)
    if planned >= FAR:
        return False
    start = state.scratch
    for late in range(gamma + 1):
        start[late] = planned
        if late > 0 and before >= 0:
            free = worst(data, state, jobs + 2 * before + 1, late)
            start[late] = depart(data, veh_type, max(free, planned - seconds), seconds)
    none = np.int64(0)
    onward(data, veh_type, start, none, origin, job, none)
    onward(data, veh_type, start, np.int64(data.window[row, job, SERVES]), place, np.int64(jobs), none)
    able = True
    for late in range(gamma + 1):
        able = able and start[late] <= ready_by(data, state, veh_type, after, gamma - late)
    return able


@inlined
def waits_with(data, state, trip, veh_type, before, job):
    """Paid seconds of waiting of a trip with a job put in after a node."""
    release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
    pieces = pieces_of(data, state, trip) + np.int64(data.job[job, data.job.shape[1] - 1])
    seconds = load_seconds(data, veh_type, pieces)
    planned = begin_at(data, state, trip, release, seconds, job)
    planned = lasting(data, state, veh_type, trip, before, job, planned, seconds)
    return waits(data, state, veh_type, trip, before, job, planned, seconds, np.int64(FAR))


@inlined
def within_limits(data, state, trip, veh_type, before, job, length):
    """Whether duration, length and working time of a trip stay within their limits with a job put in."""
    fleet = data.fleet
    if fleet[veh_type, MAX_LENGTH] > 0 and state.trip[trip, LENGTH] + length > fleet[veh_type, MAX_LENGTH]:
        return False
    node = state.node
    after = node[before, NXT]
    pieces = np.int64(data.job[job, data.job.shape[1] - 1])
    if fleet[veh_type, MAX_WORK] > 0:
        place, row = data.job[job, AT_PLACE], fleet[veh_type, ROW]
        work = (
            state.journey[state.trip[trip, JOURNEY], WORK]
            + data.ways[data.fleet[veh_type, TIMES], node[before, PLACE], place]
            + data.ways[data.fleet[veh_type, TIMES], place, node[after, PLACE]]
            - node[before, TN]
            + data.window[row, job, SERVES]
            + fleet[veh_type, LOAD_PIECE] * pieces
        )
        if work > fleet[veh_type, MAX_WORK]:
            return False
    if data.segments and fleet[veh_type, MAX_TIME] > 0:
        return short_enough(data, state, veh_type, before, job, after, pieces)
    return True
