"""Changing a solution: put a job in, take jobs out, keep loads and cost right, take a change back."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    ABSENT_KEPT,
    CLOSED,
    COUNT,
    DAYS,
    DELAY,
    DELAYS,
    DN,
    FAR,
    FIRST,
    FREE_JOURNEYS,
    FREE_TRIPS,
    FROM_S,
    GAMMA,
    HOME,
    HOURS,
    HOURS_OF,
    IS_TOUCHED,
    JOURNEY,
    LAST,
    LENGTH,
    LENGTHS,
    LOAD,
    LOAD_FIXED,
    LOAD_PIECE,
    LOADS,
    MAX_LENGTH,
    MAX_TIME,
    MAX_WORK,
    N_ABSENT,
    N_CLOSED,
    N_FREE_JOURNEYS,
    N_FREE_TRIPS,
    N_NODES_TOUCHED,
    N_OPENED,
    N_TOUCHED,
    N_TRIPS_TOUCHED,
    NEXT,
    NODES_TOUCHED,
    NXT,
    OF_VEH_TYPE,
    OPEN,
    OPENED,
    OPENS,
    ORIGIN,
    PAID,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PLACE,
    PRE_D,
    PREV,
    PRV,
    RELEASE,
    ROW,
    SERVE,
    SERVES,
    SET_OF,
    SHUT,
    SHUTS,
    SIZE,
    SLOWER,
    TIMES,
    TN,
    TOUCHED,
    TRIP,
    TRIPS_TOUCHED,
    USED,
    VEH_TYPE,
    WAIT,
    WORK,
)
from planner.propose.sisr.kernel.hours import leave_slot
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.propagation import (
    backward,
    earlier_trips,
    forward,
    later_trips,
    recompute,
    segments_after,
    segments_before,
    set_departure,
    set_return,
    set_wait,
)
from planner.propose.sisr.kernel.times import limit, worst
from planner.propose.sisr.kernel.vehicles import use_veh_type


@inner
def touch(data, state, journey, stamp):
    """Remember what a journey's trips and nodes are, once in an iteration."""
    if state.lists[IS_TOUCHED, journey] == stamp:
        return
    state.lists[IS_TOUCHED, journey] = stamp
    number = state.number
    state.lists[TOUCHED, number[N_TOUCHED]] = journey
    number[N_TOUCHED] += 1
    jobs = len(data.job)
    trip = state.journey[journey, FIRST]
    while trip >= 0:
        state.lists[TRIPS_TOUCHED, number[N_TRIPS_TOUCHED]] = trip
        number[N_TRIPS_TOUCHED] += 1
        here = jobs + 2 * trip
        while True:
            state.lists[NODES_TOUCHED, number[N_NODES_TOUCHED]] = here
            number[N_NODES_TOUCHED] += 1
            if here == jobs + 2 * trip + 1:
                break
            here = state.node[here, NXT]
        trip = state.trip[trip, NEXT]


@inner
def open_trip(data, state, journey, before, veh_type, stamp):
    """A new trip without jobs, after `before` in a journey or as its first; a new journey if that is < 0.

    Parameters
    ----------
    before
        The trip that it comes after; less than 0: it is the first.
    """
    number = state.number
    if journey < 0:
        number[N_FREE_JOURNEYS] -= 1
        journey = state.lists[FREE_JOURNEYS, number[N_FREE_JOURNEYS]]
        state.lists[IS_TOUCHED, journey] = stamp
        state.lists[TOUCHED, number[N_TOUCHED]] = journey
        number[N_TOUCHED] += 1
        state.journey[journey, FIRST] = state.journey[journey, LAST] = -1
        for column in (COUNT, WORK, DAYS, PAID):
            state.journey[journey, column] = 0
        state.journey[journey, OF_VEH_TYPE] = veh_type
        use_veh_type(data, state, veh_type, 1)
    number[N_FREE_TRIPS] -= 1
    trip = np.int64(state.lists[FREE_TRIPS, number[N_FREE_TRIPS]])
    state.lists[OPENED, number[N_OPENED]] = trip
    number[N_OPENED] += 1
    after = state.journey[journey, FIRST] if before < 0 else state.trip[before, NEXT]
    row = state.trip[trip]
    for column in range(state.trip.shape[1]):
        row[column] = 0
    row[JOURNEY], row[VEH_TYPE], row[NEXT], row[PREV] = journey, veh_type, after, before
    row[HOURS] = data.fleet[veh_type, HOURS_OF]
    if before < 0:
        state.journey[journey, FIRST] = trip
    else:
        state.trip[before, NEXT] = trip
    if after < 0:
        state.journey[journey, LAST] = trip
    else:
        state.trip[after, PREV] = trip
    state.journey[journey, COUNT] += 1
    first = len(data.job) + 2 * trip
    node = state.node
    for here in range(first, first + 2):
        node[here, TRIP] = trip
        node[here, OPEN] = 0
        node[here, SHUT] = FAR
        node[here, SERVE] = 0
    node[first, PLACE] = data.fleet[veh_type, ORIGIN]
    node[first + 1, PLACE] = data.fleet[veh_type, HOME]
    node[first, NXT], node[first, PRV] = first + 1, -1
    node[first + 1, NXT], node[first + 1, PRV] = -1, first
    node[first, DN] = 0
    node[first, TN] = 0
    node[first, DELAY] = 0
    state.cost[0] += data.price[veh_type, PER_TRIP]
    state.journey[journey, WORK] += data.fleet[veh_type, LOAD_FIXED]
    set_departure(data, state, trip)
    forward(data, state, trip, first, first + 1)
    set_return(data, state, trip)
    backward(data, state, trip, first + 1, first)
    return trip


@inner
def close_trip(data, state, trip):
    """Take a trip without jobs out of its journey, and the journey away if it was its last."""
    number = state.number
    journey, before, after = state.trip[trip, JOURNEY], state.trip[trip, PREV], state.trip[trip, NEXT]
    veh_type = state.trip[trip, VEH_TYPE]
    if before < 0:
        state.journey[journey, FIRST] = after
    else:
        state.trip[before, NEXT] = after
    if after < 0:
        state.journey[journey, LAST] = before
    else:
        state.trip[after, PREV] = before
    state.journey[journey, COUNT] -= 1
    state.journey[journey, WORK] -= data.fleet[veh_type, LOAD_FIXED]
    state.cost[0] -= data.price[veh_type, PER_TRIP] + data.price[veh_type, PER_TIME] * state.trip[trip, WAIT]
    leave_slot(data, state, trip)
    state.lists[CLOSED, number[N_CLOSED]] = trip
    number[N_CLOSED] += 1
    state.trip[trip, JOURNEY] = -1
    if state.journey[journey, COUNT] == 0:
        use_veh_type(data, state, state.journey[journey, OF_VEH_TYPE], -1)
        return
    if after >= 0:
        first = len(data.job) + 2 * after
        if set_departure(data, state, after):
            if forward(data, state, after, first, first):
                later_trips(data, state, after)
            set_wait(data, state, after)
    if before >= 0:
        last = len(data.job) + 2 * before + 1
        if set_return(data, state, before):
            if backward(data, state, before, last, last):
                earlier_trips(data, state, before)
            if data.gamma > 0:
                set_wait(data, state, before)


@inlined
def link(data, state, veh_type, here, there):
    """Length, time and delay of the leg between two nodes."""
    node = state.node
    from_place, to_place = node[here, PLACE], node[there, PLACE]
    node[here, NXT], node[there, PRV] = there, here
    node[here, DN] = data.ways[data.fleet[veh_type, LENGTHS], from_place, to_place]
    node[here, TN] = data.ways[data.fleet[veh_type, TIMES], from_place, to_place]
    if data.gamma > 0:
        node[here, DELAY] = data.ways[data.fleet[veh_type, DELAYS], from_place, to_place]


@inlined
def leg_price(data, veh_type, length, seconds):
    """Price of metres and seconds."""
    return data.price[veh_type, PER_LENGTH] * length + data.price[veh_type, PER_TIME] * seconds


@inlined
def own_seconds(data, veh_type, job):
    """Seconds of service and loading of a job on a trip."""
    pieces = data.job[job, data.job.shape[1] - 1]
    return data.window[data.fleet[veh_type, ROW], job, SERVES] + data.fleet[veh_type, LOAD_PIECE] * pieces


@inner
def keeps_limits(data, state, trip):
    """Whether a trip, and all that its vehicle does after it, keeps times, length and working time."""
    veh_type, first = state.trip[trip, VEH_TYPE], len(data.job) + 2 * trip
    fleet = data.fleet
    if fleet[veh_type, MAX_LENGTH] > 0 and state.trip[trip, LENGTH] > fleet[veh_type, MAX_LENGTH]:
        return False
    if (
        fleet[veh_type, MAX_WORK] > 0
        and state.journey[state.trip[trip, JOURNEY], WORK] > fleet[veh_type, MAX_WORK]
    ):
        return False
    if (
        data.segments
        and fleet[veh_type, MAX_TIME] > 0
        and state.node[first + 1, PRE_D] > fleet[veh_type, MAX_TIME]
    ):
        return False
    here = np.int64(first)
    while here >= 0:
        for late in range(fleet[veh_type, GAMMA] + 1):
            if worst(data, state, here, late) > limit(data, state, here, fleet[veh_type, GAMMA] - late):
                return False
        here = np.int64(state.node[here, NXT])
    return True


@inner
def put(data, state, job, before):
    """Put a job after a node of a trip."""
    node = state.node
    trip = np.int64(node[before, TRIP])
    veh_type = state.trip[trip, VEH_TYPE]
    row = data.fleet[veh_type, ROW]
    after = np.int64(node[before, NXT])
    length, seconds = -np.int64(node[before, DN]), -np.int64(node[before, TN])
    node[job, TRIP] = trip
    node[job, OPEN] = data.window[row, job, OPENS]
    node[job, SHUT] = data.window[row, job, SHUTS]
    node[job, SERVE] = data.window[row, job, SERVES]
    link(data, state, veh_type, before, job)
    link(data, state, veh_type, job, after)
    length += np.int64(node[before, DN]) + node[job, DN]
    seconds += np.int64(node[before, TN]) + node[job, TN] + own_seconds(data, veh_type, job)
    state.cost[0] += leg_price(data, veh_type, length, seconds)
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] += 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] += data.job[job, LOADS + dim]
    state.trip[trip, RELEASE] = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
    state.trip[trip, HOURS] = data.meet[state.trip[trip, HOURS], data.decided[job, SET_OF]]
    if not data.timed:
        return
    state.journey[state.trip[trip, JOURNEY], WORK] += seconds
    first = len(data.job) + 2 * trip
    start = first if set_departure(data, state, trip) else before
    if forward(data, state, trip, start, job):
        later_trips(data, state, trip)
    # How long loading and the trip last decides too when the trip before must end.
    lasts = data.fleet[veh_type, LOAD_PIECE] + data.fleet[veh_type, MAX_TIME]
    if backward(data, state, trip, after, job) or lasts != 0 or data.moments > 0:
        earlier_trips(data, state, trip)
    if data.segments:
        segments_before(data, state, trip, first if data.fleet[veh_type, LOAD_PIECE] != 0 else before, job)
        segments_after(data, state, after, job)
    set_wait(data, state, trip)


@inner
def take_out(data, state, job):
    """Take a job out of its trip; times are not recomputed, and its release is not."""
    node = state.node
    trip = np.int64(node[job, TRIP])
    veh_type = state.trip[trip, VEH_TYPE]
    before, after = np.int64(node[job, PRV]), np.int64(node[job, NXT])
    length, seconds = -np.int64(node[before, DN]) - node[job, DN], -np.int64(node[before, TN]) - node[job, TN]
    link(data, state, veh_type, before, after)
    length += node[before, DN]
    seconds += node[before, TN] - own_seconds(data, veh_type, job)
    state.cost[0] += leg_price(data, veh_type, length, seconds)
    if length > 0 or seconds > 0:
        state.number[SLOWER] = 1
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] -= 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] -= data.job[job, LOADS + dim]
    state.journey[state.trip[trip, JOURNEY], WORK] += seconds
    node[job, TRIP] = -1
    state.lists[ABSENT, state.number[N_ABSENT]] = job
    state.number[N_ABSENT] += 1


@inner
def recompute_all(data, state, trip):
    """`recompute` of a trip from which jobs were taken, with its release and set of departures."""
    first = len(data.job) + 2 * trip
    release, hours = np.int64(0), data.fleet[state.trip[trip, VEH_TYPE], HOURS_OF]
    here = state.node[first, NXT]
    while here != first + 1:
        release = max(release, np.int64(data.job[here, FROM_S]))
        hours = np.int64(data.meet[hours, data.decided[here, SET_OF]])
        here = state.node[here, NXT]
    state.trip[trip, RELEASE], state.trip[trip, HOURS] = release, hours
    recompute(data, state, trip)


@inner
def mend(data, state, trip):
    """After jobs were taken out of a trip: its release, hours and times; closed is a trip where none is left.

    Where a way is longer than the way round by others, or does not fit into a shift, less can take more
    time: if it is too much, all jobs come out.
    """
    first = len(data.job) + 2 * trip
    if state.trip[trip, SIZE] > 0 and data.timed:
        recompute_all(data, state, trip)
        if (not data.general and state.number[SLOWER] == 0) or keeps_limits(data, state, trip):
            return
        while state.trip[trip, SIZE] > 0:
            take_out(data, state, np.int64(state.node[first, NXT]))
    if state.trip[trip, SIZE] == 0:
        close_trip(data, state, trip)


@inner
def copy_rows(target, source, rows, count):
    """Copy some rows of an array.

    Parameters
    ----------
    target, source
        Arrays of the same shape.
    rows, count
        Numbers of rows, of which the first `count` are meant.
    """
    for pos in range(count):
        row = rows[pos]
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@inner
def copy_used(data, state, keep):
    """Keep the numbers of vehicles used, or take them back."""
    veh_types = len(data.fleet)
    for veh_type in range(veh_types):
        if keep:
            state.number[USED + veh_types + veh_type] = state.number[USED + veh_type]
        else:
            state.number[USED + veh_type] = state.number[USED + veh_types + veh_type]


@inner
def settle(data, state, keep, absent_before):
    """End an iteration: keep what was changed, or take it back.

    Parameters
    ----------
    keep
        Whether it is kept.
    absent_before
        How many jobs were absent before.
    """
    number = state.number
    jobs = len(data.job)
    for pos in range(absent_before):
        state.lists[NODES_TOUCHED, number[N_NODES_TOUCHED]] = state.lists[ABSENT_KEPT, pos]
        number[N_NODES_TOUCHED] += 1
    for pos in range(number[N_OPENED]):
        trip = state.lists[OPENED, pos]
        state.lists[TRIPS_TOUCHED, number[N_TRIPS_TOUCHED]] = trip
        number[N_TRIPS_TOUCHED] += 1
        for here in range(jobs + 2 * trip, jobs + 2 * trip + 2):
            state.lists[NODES_TOUCHED, number[N_NODES_TOUCHED]] = here
            number[N_NODES_TOUCHED] += 1
    nodes, trips, journeys = number[N_NODES_TOUCHED], number[N_TRIPS_TOUCHED], number[N_TOUCHED]
    if keep:
        copy_rows(state.node_kept, state.node, state.lists[NODES_TOUCHED], nodes)
        copy_rows(state.trip_kept, state.trip, state.lists[TRIPS_TOUCHED], trips)
        copy_rows(state.journey_kept, state.journey, state.lists[TOUCHED], journeys)
        copy_used(data, state, True)
        for pos in range(number[N_CLOSED]):
            trip = state.lists[CLOSED, pos]
            state.lists[FREE_TRIPS, number[N_FREE_TRIPS]] = trip
            number[N_FREE_TRIPS] += 1
        for pos in range(number[N_ABSENT]):
            state.lists[ABSENT_KEPT, pos] = state.lists[ABSENT, pos]
    else:
        copy_rows(state.node, state.node_kept, state.lists[NODES_TOUCHED], nodes)
        copy_rows(state.trip, state.trip_kept, state.lists[TRIPS_TOUCHED], trips)
        copy_rows(state.journey, state.journey_kept, state.lists[TOUCHED], journeys)
        copy_used(data, state, False)
        for pos in range(number[N_OPENED] - 1, -1, -1):
            state.lists[FREE_TRIPS, number[N_FREE_TRIPS]] = state.lists[OPENED, pos]
            number[N_FREE_TRIPS] += 1
        number[N_ABSENT] = absent_before
        for pos in range(absent_before):
            state.lists[ABSENT, pos] = state.lists[ABSENT_KEPT, pos]
    for pos in range(journeys):  # a journey without trips is free, whichever way that came about
        journey = state.lists[TOUCHED, pos]
        if state.journey[journey, COUNT] <= 0:
            state.lists[FREE_JOURNEYS, number[N_FREE_JOURNEYS]] = journey
            number[N_FREE_JOURNEYS] += 1
    if data.moments > 0:
        now, kept = np.int64(0 if keep else 1), np.int64(1 if keep else 0)
        for slot in range(state.slots.shape[1]):
            state.slots[kept, slot] = state.slots[now, slot]
    number[SLOWER] = 0
    number[N_TOUCHED] = number[N_OPENED] = number[N_CLOSED] = number[N_TRIPS_TOUCHED] = number[
        N_NODES_TOUCHED
    ] = 0


__all__ = [
    "leg_price",
    "mend",
    "open_trip",
    "put",
    "recompute_all",
    "settle",
    "take_out",
    "touch",
]
