"""Recreate: jobs without a trip are put in one after another, each where it is cheapest."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    EAGER,
    FIRST_VEH_TYPE,
    FLEET_TYPE,
    JOURNEY,
    LOADS,
    MATE,
    N_ABSENT,
    OPENS,
    PRIZE,
    RIGID,
    ROOMY,
    ROW,
    SHUTS,
    TRIP,
    VEH_TYPE,
    WAY,
)
from planner.propose.sisr.kernel.bundles import insert_bundle
from planner.propose.sisr.kernel.draws import draw, draw_below
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion import (
    AFTER_NODE,
    EVERYWHERE,
    NEW_JOURNEY,
    NOWHERE,
    best_place,
    pair_up,
)
from planner.propose.sisr.kernel.solution import open_trip, put, touch
from planner.propose.sisr.kernel.vehicle_choice import change_veh_type

__all__ = ["recreate"]

DEAR_LEFT_OUT = 0.7
# Where trips may pass to larger vehicles, the cheapest place for a job is nearly always in a trip that grows,
# never a new one that others could fill. So new trips seem cheaper at times, and at times no trip may grow.
EAGER_SHARE, EAGER_LEAST, RIGID_SHARE = 0.5, 0.3, 0.25
# Likewise a small vehicle is the cheapest for one job alone: at times larger ones seem cheaper, at most by
# what they hold more.
ROOMY_SHARE = 0.5
# How often two of the jobs removed begin a trip together that one alone cannot be, before each looks for the
# cheapest place; and how many times at most it is tried with those left over.
PAIR_SHARE, PAIRS = 0.02, 6


@inner
def insert(data, state, job, how, where, veh_type, stamp):
    """Put a job where `best_place` said.

    Parameters
    ----------
    how, where, veh_type
        As `best_place` gave them.
    """
    jobs = len(data.job)
    if how == AFTER_NODE:
        trip = state.node[where, TRIP]
        touch(data, state, state.trip[trip, JOURNEY], stamp)
        if state.trip[trip, VEH_TYPE] != veh_type:
            change_veh_type(data, state, trip, veh_type)
        put(data, state, job, where)
        return
    if how == NEW_JOURNEY:
        trip = open_trip(data, state, np.int64(-1), np.int64(-1), veh_type, stamp)
    else:
        journey = -1 - where if where < 0 else state.trip[where, JOURNEY]
        touch(data, state, journey, stamp)
        trip = open_trip(data, state, journey, np.int64(-1) if where < 0 else where, veh_type, stamp)
    put(data, state, job, jobs + 2 * trip)


@inner
def sort_absent(data, state, weights):
    """Order of reinsertion: random, by load, far, close, by window's length, start, end."""
    count = state.number[N_ABSENT]
    absent, key = state.lists[ABSENT], state.key
    pick = draw(state) * weights[6]
    way = 0
    while way < 6 and pick >= weights[way]:
        way += 1
    row = data.fleet[0, ROW]
    for pos in range(count):
        job = absent[pos]
        if way == 0:
            key[pos] = draw(state)
        elif way == 1:
            key[pos] = -np.float64(data.job[job, LOADS])
        elif way == 2:
            key[pos] = -data.worth[job, WAY]
        elif way == 3:
            key[pos] = data.worth[job, WAY]
        elif way == 4:
            key[pos] = np.float64(data.window[row, job, SHUTS]) - data.window[row, job, OPENS]
        elif way == 5:
            key[pos] = np.float64(data.window[row, job, OPENS])
        else:
            key[pos] = -np.float64(data.window[row, job, SHUTS])
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for pos in range(gap, count):
            job, value = absent[pos], key[pos]
            before = pos - gap
            while before >= 0 and key[before] > value:
                key[before + gap] = key[before]
                absent[before + gap] = absent[before]
                before -= gap
            key[before + gap] = value
            absent[before + gap] = job
        gap //= 3


@inner
def is_first(data, job):
    """Whether a job is the one of its bundle that looks for a place for all."""
    mate = np.int64(data.decided[job, MATE])
    while mate > job:
        mate = np.int64(data.decided[mate, MATE])
    return mate == job


@inner
def still_absent(state, count):
    """Of the first jobs listed as absent, those that are so, in their order; gives how many these are.

    Parameters
    ----------
    count
        How many are listed.
    """
    left = 0
    for pos in range(count):
        job = state.lists[ABSENT, pos]
        if state.node[job, TRIP] < 0:
            state.lists[ABSENT, left] = job
            left += 1
    return left


@inner
def recreate(data, state, rate, weights, stamp):
    """Put every absent job where it is cheapest; what finds no place stays absent.

    Parameters
    ----------
    data, state
        The problem, and the solution.
    rate
        Share of the possible places that are overlooked, from 0 to 1.
    weights
        float64, shape (7,): heaped chances of the orders of `sort_absent`.
    stamp
        Number of this change.
    """
    if data.timed and state.number[N_ABSENT] > 1 and draw(state) < PAIR_SHARE:
        pair_up(data, state, stamp)
    sort_absent(data, state, weights)
    if data.grouped:
        state.cost[EAGER] = 1.0
        if draw(state) < EAGER_SHARE:
            state.cost[EAGER] = EAGER_LEAST + (1.0 - EAGER_LEAST) * draw(state)
        state.cost[RIGID] = 1.0 if draw(state) < RIGID_SHARE else 0.0
    first = draw_below(state, len(data.fleet)) if len(data.fleet) > 1 else 0
    while first > 0 and data.fleet[first - 1, FLEET_TYPE] == data.fleet[first, FLEET_TYPE]:
        first -= 1
    state.number[FIRST_VEH_TYPE] = first  # of types that cost the same, each comes first at times
    if data.mixed:
        state.cost[ROOMY] = draw(state) if draw(state) < ROOMY_SHARE else 0.0
    count = state.number[N_ABSENT]
    left = 0
    for pos in range(count):
        job = np.int64(state.lists[ABSENT, pos])
        if data.bundled and data.decided[job, MATE] >= 0:
            if state.node[job, TRIP] < 0:
                if is_first(data, job):
                    insert_bundle(data, state, job, rate, stamp)
                state.lists[ABSENT, left] = job
                left += 1
            continue
        price, how, where, veh_type = best_place(data, state, job, rate)
        if how == NOWHERE and (count <= 4 or draw(state) < 0.05):
            price, how, where, veh_type = best_place(data, state, job, EVERYWHERE)
        prize = data.worth[job, PRIZE]
        # Some that cost more than their prize come in all the same: others may pay for the way together.
        if how == NOWHERE or (prize >= 0.0 and price >= prize and draw(state) < DEAR_LEFT_OUT):
            state.lists[ABSENT, left] = job
            left += 1
            continue
        insert(data, state, job, how, where, veh_type, stamp)
    if data.bundled:
        left = still_absent(state, left)
    state.number[N_ABSENT] = left
    if data.timed:
        for _ in range(min(left, PAIRS)):
            if state.number[N_ABSENT] > 1:
                pair_up(data, state, stamp)
