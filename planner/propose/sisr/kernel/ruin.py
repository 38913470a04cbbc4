"""Ruin: strings of adjacent jobs leave a few trips near a random one, now and then whole trips."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    COUNT,
    FIRST,
    IS_RUINED,
    JOURNEY,
    MAX_TRIPS,
    N_ABSENT,
    N_FREE_TRIPS,
    N_RUINED,
    NEXT,
    NXT,
    OF_VEH_TYPE,
    ORDER,
    PER_DAY,
    PER_JOURNEY,
    PER_VEHICLE,
    PRV,
    RUINED_WHEN,
    SIZE,
    TRIP,
)
from planner.propose.sisr.kernel.bundles import take_mates
from planner.propose.sisr.kernel.draws import draw, draw_below
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.solution import mend, take_out, touch
from planner.propose.sisr.kernel.vehicle_choice import cheapest_veh_type

__all__ = ["ruin"]

# Where there are several vehicle types, whole trips are removed at times, if their jobs are few, for others
# to replace: a string leaves some of a trip where it is.
WHOLE_SHARE, WHOLE_MOST = 0.1, 3.0
# How often all trips of a journey are removed, if they have no more jobs than this: only without all of them
# at once is the vehicle's price saved.
JOURNEY_SHARE, JOURNEY_MOST = 0.05, 60


@inner
def ruin(data, state, average, longest, stamp):
    """Remove strings of jobs near a random one from trips near it.

    Parameters
    ----------
    data, state
        The problem, and the solution.
    average
        Jobs to be removed, on average.
    longest
        Jobs of a string, at most.
    stamp
        Number of this change.
    """
    jobs = len(data.job)
    node = state.node
    here = draw_below(state, jobs)
    absent = state.number[N_ABSENT]
    if absent > 0 and draw(state) < 0.5:
        here = np.int64(state.lists[ABSENT, draw_below(state, absent)])
    present = jobs - absent
    open_trips = len(state.trip) - state.number[N_FREE_TRIPS]
    mean_size = present / max(1, open_trips)
    most = min(longest, max(1.0, mean_size))
    limit = 4.0 * average / (1.0 + most) - 1.0
    wanted = max(np.int64(draw(state) * limit + 1.0), 2 + draw_below(state, 2))
    ruined = 0
    follows = first_to_empty(data, state, here)
    if follows >= 0:
        wanted += state.journey[state.trip[follows, JOURNEY], COUNT]
    whole = len(data.fleet) > 1 and draw(state) < WHOLE_SHARE
    pos = -2
    while ruined < wanted:
        empties = follows >= 0
        if empties:
            trip = follows
            job = np.int64(node[jobs + 2 * trip, NXT])
            follows = np.int64(state.trip[trip, NEXT])
        else:
            pos += 1
            if pos >= data.near.shape[1] - 2 * data.width:
                break
            job = here if pos < 0 else np.int64(data.near[here, 2 * data.width + pos])
            if job < 0:
                break
            trip = np.int64(node[job, TRIP])
            if trip < 0 or state.lists[IS_RUINED, trip] == stamp:
                continue
        touch(data, state, state.trip[trip, JOURNEY], stamp)
        size = state.trip[trip, SIZE]
        string = 1 + np.int64(draw(state) * min(float(size), most))
        string = min(string, size)
        if empties or (whole and state.number[N_ABSENT] - absent + size <= WHOLE_MOST * average):
            string = size
        listed = state.number[N_ABSENT]
        remove_string(data, state, job, string, size)
        if data.bundled:
            take_mates(data, state, trip, listed)
        state.lists[ORDER, ruined] = trip
        state.lists[IS_RUINED, trip] = stamp
        ruined += 1
    for pos in range(ruined):
        trip = state.lists[ORDER, pos]
        if state.trip[trip, SIZE] > 0:
            cheapest_veh_type(data, state, np.int64(trip))
    state.number[N_RUINED], state.number[RUINED_WHEN] = ruined, stamp
    for pos in range(ruined):
        mend(data, state, np.int64(state.lists[ORDER, pos]))


@inner
def first_to_empty(data, state, job):
    """The first trip of a job's journey if all of them are to lose their jobs this time, else -1."""
    trip = state.node[job, TRIP]
    if trip < 0:
        return np.int64(-1)
    journey = state.trip[trip, JOURNEY]
    veh_type = state.journey[journey, OF_VEH_TYPE]
    price = (
        data.price[veh_type, PER_JOURNEY] + data.price[veh_type, PER_VEHICLE] + data.price[veh_type, PER_DAY]
    )
    if price == 0.0 or data.fleet[veh_type, MAX_TRIPS] == 1 or draw(state) >= JOURNEY_SHARE:
        return np.int64(-1)
    size = np.int64(0)
    trip = state.journey[journey, FIRST]
    while trip >= 0:
        size += state.trip[trip, SIZE]
        trip = state.trip[trip, NEXT]
    return np.int64(state.journey[journey, FIRST]) if size <= JOURNEY_MOST else np.int64(-1)


@inner
def remove_string(data, state, job, string, size):
    """Remove a string that holds a job, or a longer one of which the middle stays.

    Parameters
    ----------
    string, size
        How many jobs are removed, and how many their trip has.
    """
    node = state.node
    jobs = len(data.job)
    kept = 0
    if string > 1 and string < size and draw(state) < 0.5:
        kept = 1
        while string + kept < size and draw(state) < 0.01:
            kept += 1
    whole = string + kept
    back = 0  # how many jobs stand before this one, as far as that matters
    here = np.int64(job)
    while back < whole - 1 and node[here, PRV] < jobs:
        here = np.int64(node[here, PRV])
        back += 1
    ahead = 0
    there = np.int64(job)
    while ahead < whole - 1 and node[there, NXT] < jobs:
        there = np.int64(node[there, NXT])
        ahead += 1
    least = max(0, whole - 1 - ahead)
    steps = least + draw_below(state, back - least + 1)
    here = np.int64(job)
    for _ in range(steps):
        here = np.int64(node[here, PRV])
    skip = -1
    if kept > 0:
        skip = draw_below(state, string + 1)
    for pos in range(whole):
        there = np.int64(node[here, NXT])
        if not (skip >= 0 and pos >= skip and pos < skip + kept):
            take_out(data, state, here)
        here = there
