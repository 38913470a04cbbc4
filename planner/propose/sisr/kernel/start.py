"""A search that begins from given trips in place of an empty solution."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.acceptance import absent_price, save_best
from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    AT_PLACE,
    CAP,
    COUNT,
    DN,
    JOURNEY,
    LAST,
    LENGTHS,
    LOAD,
    MATE,
    N_ABSENT,
    N_ABSENT_BEST,
    N_FREE_JOURNEYS,
    N_FREE_TRIPS,
    NXT,
    OF_VEH_TYPE,
    PLACE,
    PRV,
    ROW,
    SHUTS,
    SIZE,
    TRIP,
    VEH_TYPE,
    empty_data,
    new_state,
)
from planner.propose.sisr.kernel.bundles import is_whole
from planner.propose.sisr.kernel.cache import njit
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion_tests import fits, in_time, within_limits
from planner.propose.sisr.kernel.propagation import count_days, recompute
from planner.propose.sisr.kernel.solution import (
    close_trip,
    keeps_limits,
    open_trip,
    put,
    recompute_all,
    settle,
    take_out,
)
from planner.propose.sisr.kernel.vehicles import trip_left


@inner
def keeps_rules(data, state, trip):
    """Whether a trip with all its jobs keeps every rule."""
    veh_type = state.trip[trip, VEH_TYPE]
    fleet, jobs = data.fleet, len(data.job)
    for dim in range(data.loads):
        if state.trip[trip, LOAD + dim] > fleet[veh_type, CAP + dim]:
            return False
    if not is_whole(data, state, trip):
        return False
    if not data.timed:
        return True
    if not keeps_limits(data, state, trip):
        return False
    here = np.int64(state.node[jobs + 2 * trip, NXT])
    while here < jobs:
        if data.window[fleet[veh_type, ROW], here, SHUTS] < 0:
            return False
        here = np.int64(state.node[here, NXT])
    return True


@inner
def may_follow(data, state, trip, job):
    """Whether a job may be the last of a trip."""
    veh_type = state.trip[trip, VEH_TYPE]
    before = np.int64(state.node[len(data.job) + 2 * trip + 1, PRV])
    if data.window[data.fleet[veh_type, ROW], job, SHUTS] < 0 or not fits(data, state, trip, veh_type, job):
        return False
    if data.timed and not in_time(data, state, trip, veh_type, before, job):
        return False
    if not data.limited:
        return True
    after, place = state.node[before, NXT], data.job[job, AT_PLACE]
    lengths = data.fleet[veh_type, LENGTHS]
    length = (
        np.int64(data.ways[lengths, state.node[before, PLACE], place])
        + data.ways[lengths, place, state.node[after, PLACE]]
        - state.node[before, DN]
    )
    return within_limits(data, state, trip, veh_type, before, job, length)


@inner
def new_trip_of(data, state, journey, veh_type, stamp):
    """A trip without jobs at the end of a journey, if that may go on, or of a new one; -1: none is left."""
    if state.number[N_FREE_TRIPS] == 0:
        return np.int64(-1)
    rows = state.journey
    if journey >= 0 and rows[journey, OF_VEH_TYPE] == veh_type and trip_left(data, state, veh_type, journey):
        return np.int64(open_trip(data, state, journey, np.int64(rows[journey, LAST]), veh_type, stamp))
    if state.number[N_FREE_JOURNEYS] == 0 or not trip_left(data, state, veh_type, np.int64(-1)):
        return np.int64(-1)
    return np.int64(open_trip(data, state, np.int64(-1), np.int64(-1), veh_type, stamp))


@inner
def fill(data, state, trip, order, begin, end):
    """Give an empty trip its jobs: all, if that keeps every rule, else one by one what fits at the end.

    Then what goes together by decision stays absent.

    Parameters
    ----------
    order, begin, end
        The jobs are ``order[begin : end]``.
    """
    last = len(data.job) + 2 * trip + 1
    cost = state.cost[0]
    for pos in range(begin, end):
        if state.node[order[pos], TRIP] < 0:
            put(data, state, order[pos], np.int64(state.node[last, PRV]))
    if data.timed:
        recompute(data, state, trip)
    if keeps_rules(data, state, trip):
        return
    here = np.int64(state.node[last, PRV])
    while here < len(data.job):
        take_out(data, state, here)
        here = np.int64(state.node[last, PRV])
    state.number[N_ABSENT] = 0
    mend_empty(data, state, trip)
    state.cost[0] = cost  # ways that do not exist are so long that adding and taking them is not exact
    for pos in range(begin, end):
        if state.node[order[pos], TRIP] >= 0 or data.decided[order[pos], MATE] >= 0:
            continue
        if may_follow(data, state, trip, order[pos]):
            put(data, state, order[pos], np.int64(state.node[last, PRV]))


@inner
def mend_empty(data, state, trip):
    """Release, hours and times of a trip that lost all jobs and stays."""
    if data.timed:
        recompute_all(data, state, trip)


@njit(nogil=True, _nrt=False)
def start_from(data, state, best, veh_types, follows, at, order, stamp):
    """Build trips in an empty solution, which becomes the best too.

    Trip t is of vehicle type ``veh_types[t]``, in the journey of the trip before it if ``follows[t]``, and
    has the jobs ``order[at[t] : at[t + 1]]``. What does not fit at its place stays absent.

    Parameters
    ----------
    data
        The problem.
    state, best
        Empty solutions of `new_state`, of one size.
    veh_types, follows
        int64, shape (trips,): vehicle type of each, and whether (1 or 0) it follows the one before.
    at, order
        int64, shape (trips + 1,) and (jobs carried,): jobs trip after trip, and where each trip's begin.
    stamp
        Number of the last change so far.

    Returns
    -------
    int
        Number of the last change now.
    """
    jobs = len(data.job)
    stamp += 1
    state.number[N_ABSENT] = 0
    journey = np.int64(-1)
    for pos in range(len(veh_types)):
        if follows[pos] == 0:
            journey = np.int64(-1)
        cost = state.cost[0]
        trip = new_trip_of(data, state, journey, veh_types[pos], stamp)
        if trip < 0:
            continue
        fill(data, state, trip, order, at[pos], at[pos + 1])
        journey = np.int64(state.trip[trip, JOURNEY])
        if state.trip[trip, SIZE] == 0:
            close_trip(data, state, trip)
            state.cost[0] = cost
            if state.journey[journey, COUNT] == 0:
                journey = np.int64(-1)
    state.number[N_ABSENT] = 0
    for job in range(jobs):
        if state.node[job, TRIP] < 0:
            state.lists[ABSENT, state.number[N_ABSENT]] = job
            state.number[N_ABSENT] += 1
    weight, prize, _ = absent_price(data, state)
    state.cost[2] = weight
    count_days(data, state)
    settle(data, state, True, np.int64(jobs))
    state.cost[1], state.cost[3] = state.cost[0] + prize, weight
    state.number[N_ABSENT_BEST] = state.number[N_ABSENT]
    save_best(data, state, best)
    return stamp


def warm_up() -> None:
    """Compile it: one call without trips."""
    data = empty_data()
    none = np.zeros(0, dtype=np.int64)
    start_from(data, new_state(data, 2, 2, 1), new_state(data, 2, 2, 1), none, none, none, none, 0)
