"""Slack induction by string removals: ruin, recreate, accept or take back.

References
----------
Christiaens, Vanden Berghe (2020): Slack induction by string removals for vehicle routing problems.
Transportation Science 54(2), 417-433. doi:10.1287/trsc.2019.0914
"""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENCES,
    ABSENT,
    ABSENT_KEPT,
    CAP,
    CHAIN,
    COUNT,
    EAGER,
    FIRST,
    FIRST_KIND,
    GROUP,
    IS_RUINED,
    KIND,
    LENGTH,
    LOAD,
    LOADS,
    MAX_TRIPS,
    N_ABSENT,
    N_ABSENT_BEST,
    N_FREE_TRIPS,
    N_RUINED,
    N_TOUCHED,
    NEXT,
    NXT,
    OF_KIND,
    OPENS,
    ORDER,
    PER_CHAIN,
    PER_DAY,
    PER_LENGTH,
    PER_TRIP,
    PER_VEHICLE,
    PRIZE,
    PRV,
    RIGID,
    ROOMY,
    ROW,
    RUINED_WHEN,
    SHUTS,
    SIZE,
    TOUCHED,
    TRIP,
    TYPE,
    UNSAVED,
    WAY,
    WEIGHT,
    empty_data,
    new_state,
)
from planner.propose.sisr.kernel.cache import njit
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.insertion import (
    AFTER_NODE,
    EVERYWHERE,
    NEW_CHAIN,
    NOWHERE,
    best_place,
    draw,
    draw_below,
    fixed,
    pair_up,
)
from planner.propose.sisr.kernel.local_search import move_jobs, string_at, tails_at
from planner.propose.sisr.kernel.solution import mend, open_trip, put, settle, take_out, touch
from planner.propose.sisr.kernel.times import count_days
from planner.propose.sisr.kernel.vehicles import use_kind, vehicle_left

DEAR_LEFT_OUT = 0.7
# Where trips may pass to larger vehicles, the cheapest place for a job is nearly always in a trip that grows,
# never a new one that others could fill. So new trips seem cheaper at times, and at times no trip may grow.
EAGER_SHARE, EAGER_LEAST, RIGID_SHARE = 0.5, 0.3, 0.25
# Likewise a small vehicle is the cheapest for one job alone: at times larger ones seem cheaper, at most by
# what they hold more. And where there are several kinds, whole trips are removed at times, if their jobs are
# few, for others to replace: a string leaves some of a trip where it is.
ROOMY_SHARE, WHOLE_SHARE, WHOLE_MOST = 0.5, 0.1, 3.0
# How often all trips of a chain are removed, if they have no more jobs than this: only without all of them at
# once is the vehicle's price saved.
CHAIN_SHARE, CHAIN_MOST = 0.05, 60
# How often two of the jobs removed begin a trip together that one alone cannot be, before each looks for the
# cheapest place; and how many times at most it is tried with those left over.
PAIR_SHARE, PAIRS = 0.02, 6


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


@inner
def insert(data, state, job, how, where, kind, stamp):
    """Put a job where `best_place` said."""
    jobs = len(data.job)
    if how == AFTER_NODE:
        trip = state.node[where, TRIP]
        touch(data, state, state.trip[trip, CHAIN], stamp)
        if state.trip[trip, KIND] != kind:
            change_kind(data, state, trip, kind)
        put(data, state, job, where)
        return
    if how == NEW_CHAIN:
        trip = open_trip(data, state, np.int64(-1), np.int64(-1), kind, stamp)
    else:
        chain = -1 - where if where < 0 else state.trip[where, CHAIN]
        touch(data, state, chain, stamp)
        trip = open_trip(data, state, chain, np.int64(-1) if where < 0 else where, kind, stamp)
    put(data, state, job, jobs + 2 * trip)


@inner
def ruin(data, state, average, longest, stamp):
    """Remove strings of jobs near a random one from trips near it."""
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
        wanted += state.chain[state.trip[follows, CHAIN], COUNT]
    whole = len(data.rule) > 1 and draw(state) < WHOLE_SHARE
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
        touch(data, state, state.trip[trip, CHAIN], stamp)
        size = state.trip[trip, SIZE]
        string = 1 + np.int64(draw(state) * min(float(size), most))
        string = min(string, size)
        if empties or (whole and state.number[N_ABSENT] - absent + size <= WHOLE_MOST * average):
            string = size
        remove_string(data, state, job, string, size)
        state.lists[ORDER, ruined] = trip
        state.lists[IS_RUINED, trip] = stamp
        ruined += 1
    for pos in range(ruined):
        trip = state.lists[ORDER, pos]
        if state.trip[trip, SIZE] > 0:
            cheapest_kind(data, state, np.int64(trip))
    state.number[N_RUINED], state.number[RUINED_WHEN] = ruined, stamp
    for pos in range(ruined):
        mend(data, state, np.int64(state.lists[ORDER, pos]))


@inner
def first_to_empty(data, state, job):
    """The first trip of a job's chain if all of them are to lose their jobs this time, else -1."""
    trip = state.node[job, TRIP]
    if trip < 0:
        return np.int64(-1)
    chain = state.trip[trip, CHAIN]
    kind = state.chain[chain, OF_KIND]
    price = data.price[kind, PER_CHAIN] + data.price[kind, PER_VEHICLE] + data.price[kind, PER_DAY]
    if price == 0.0 or data.rule[kind, MAX_TRIPS] == 1 or draw(state) >= CHAIN_SHARE:
        return np.int64(-1)
    size = np.int64(0)
    trip = state.chain[chain, FIRST]
    while trip >= 0:
        size += state.trip[trip, SIZE]
        trip = state.trip[trip, NEXT]
    return np.int64(state.chain[chain, FIRST]) if size <= CHAIN_MOST else np.int64(-1)


@inner
def remove_string(data, state, job, string, size):
    """Remove a string that holds a job, or a longer one of which the middle stays."""
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


@inner
def sort_absent(data, state, weights):
    """Order of reinsertion: random, by load, far, close, by window's length, start, end."""
    count = state.number[N_ABSENT]
    absent, key = state.lists[ABSENT], state.key
    pick = draw(state) * weights[6]
    way = 0
    while way < 6 and pick >= weights[way]:
        way += 1
    row = data.rule[0, ROW]
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
def recreate(data, state, rate, weights, stamp):
    """Put every absent job where it is cheapest; what finds no place stays absent."""
    if data.timed and state.number[N_ABSENT] > 1 and draw(state) < PAIR_SHARE:
        pair_up(data, state, stamp)
    sort_absent(data, state, weights)
    if data.grouped:
        state.cost[EAGER] = 1.0
        if draw(state) < EAGER_SHARE:
            state.cost[EAGER] = EAGER_LEAST + (1.0 - EAGER_LEAST) * draw(state)
        state.cost[RIGID] = 1.0 if draw(state) < RIGID_SHARE else 0.0
    first = draw_below(state, len(data.rule)) if len(data.rule) > 1 else 0
    while first > 0 and data.rule[first - 1, TYPE] == data.rule[first, TYPE]:
        first -= 1
    state.number[FIRST_KIND] = first  # of types that cost the same, each comes first at times
    if data.mixed:
        state.cost[ROOMY] = draw(state) if draw(state) < ROOMY_SHARE else 0.0
    count = state.number[N_ABSENT]
    left = 0
    for pos in range(count):
        job = np.int64(state.lists[ABSENT, pos])
        price, how, where, kind = best_place(data, state, job, rate)
        if how == NOWHERE and (count <= 4 or draw(state) < 0.05):
            price, how, where, kind = best_place(data, state, job, EVERYWHERE)
        prize = data.worth[job, PRIZE]
        # Some that cost more than their prize come in all the same: others may pay for the way together.
        if how == NOWHERE or (prize >= 0.0 and price >= prize and draw(state) < DEAR_LEFT_OUT):
            state.lists[ABSENT, left] = job
            left += 1
            continue
        insert(data, state, job, how, where, kind, stamp)
    state.number[N_ABSENT] = left
    if data.timed:
        for _ in range(min(left, PAIRS)):
            if state.number[N_ABSENT] > 1:
                pair_up(data, state, stamp)


@inner
def absent_price(data, state):
    """Weight of the jobs that must be delivered and are absent, prizes of the others, and absences so far."""
    weight, prize = 0.0, 0.0
    absences = np.int64(0)
    for pos in range(state.number[N_ABSENT]):
        job = state.lists[ABSENT, pos]
        if data.worth[job, PRIZE] >= 0.0:
            prize += data.worth[job, PRIZE]
        else:
            weight += data.worth[job, WEIGHT]
            absences += state.lists[ABSENCES, job]
    return weight, prize, absences


@inner
def copy_all(target, source):
    """Copy an array."""
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@inner
def save_best(data, state, best):
    """Copy what was kept last into another state: it was the best."""
    copy_all(best.node, state.node_kept)
    copy_all(best.trip, state.trip_kept)
    copy_all(best.chain, state.chain_kept)
    best.number[N_ABSENT] = state.number[N_ABSENT_BEST]
    for pos in range(state.number[N_ABSENT_BEST]):
        best.lists[ABSENT, pos] = state.lists[ABSENT_KEPT, pos]
    best.cost[1] = state.cost[1]
    best.cost[3] = state.cost[3]
    state.number[UNSAVED] = 0


@inner
def decide(data, state, best, before, absent_before, heat, able, counted):
    """Keep what was changed since `before` (cost, weight, prizes and absences then), or take it back.

    `able`: whether no rule is broken; `counted`: whether those who are absent had a chance to come in.
    """
    cost = state.cost
    count_days(data, state)
    before_cost, before_weight, before_prize, before_absences = before
    weight, prize = 0.0, 0.0
    absences = np.int64(0)
    if state.number[N_ABSENT] > 0:
        weight, prize, absences = absent_price(data, state)
    cost[2] = weight
    total, total_before = cost[0] + prize, before_cost + before_prize
    if not able:
        keep = False
    elif weight < before_weight:
        keep = True
    elif weight > before_weight:
        keep = before_weight > 0.0 and absences < before_absences
    elif weight > 0.0 and absences < before_absences:
        keep = True
    else:
        keep = total < total_before - heat * math.log(1.0 - draw(state))
    if weight > 0.0 and counted:
        for pos in range(state.number[N_ABSENT]):
            state.lists[ABSENCES, state.lists[ABSENT, pos]] += 1
    better = keep and (weight < cost[3] or (weight == cost[3] and total < cost[1] - 1e-6))
    if keep and not better and state.number[UNSAVED] > 0:
        save_best(data, state, best)
    settle(data, state, keep, absent_before)
    if not keep:
        cost[0], cost[2] = before_cost, before_weight
    elif better:
        cost[1], cost[3] = total, weight
        state.number[UNSAVED] = 1
        state.number[N_ABSENT_BEST] = state.number[N_ABSENT]


@inner
def state_before(data, state):
    """Cost, weight of absent jobs, their prizes and absences, before a change."""
    prize, absences = 0.0, np.int64(0)
    if state.number[N_ABSENT] > 0:
        _, prize, absences = absent_price(data, state)
    return state.cost[0], state.cost[2], prize, absences


@njit(nogil=True, _nrt=False)
def search(
    data,
    state,
    best,
    iterations,
    hot,
    cold,
    average,
    longest_least,
    longest_most,
    rate,
    strings,
    tails,
    weights,
    stamp,
):
    """Run iterations while the temperature falls from `hot` to `cold`; returns the next stamp.

    In each, so many random jobs look whether strings or tails of other trips should follow them; then some
    are removed and put back.

    `state.cost` holds (cost with prizes, best cost, absent weight, best absent weight).
    """
    jobs = len(data.job)
    if jobs == 0:
        return stamp
    factor = (cold / hot) ** (1.0 / max(1, iterations))
    heat = hot
    spread = math.log(longest_most / longest_least)
    for _ in range(iterations):
        for turn in range(strings + tails + 1):
            here, there, last = draw_below(state, jobs), np.int64(-1), np.int64(-1)
            if turn < strings:
                there, last = string_at(data, state, here, heat)
            elif turn < strings + tails:
                there = tails_at(data, state, here, heat)
            if there < 0 and turn < strings + tails:
                continue
            stamp += 1
            before, absent_before = state_before(data, state), state.number[N_ABSENT]
            able, ruined = True, turn == strings + tails
            if ruined:
                longest = longest_least * math.exp(draw(state) * spread)
                ruin(data, state, average, longest, stamp)
                recreate(data, state, rate, weights, stamp)
            else:
                able = move_jobs(data, state, here, there, last, stamp)
                if able and data.grouped:
                    cheapest_kinds(data, state)
            decide(data, state, best, before, absent_before, heat, able, ruined)
        heat *= factor
    if state.number[UNSAVED] > 0:
        save_best(data, state, best)
    return stamp


def warm_up() -> None:
    """Compile the search: one call without iterations."""
    data = empty_data()
    weights = np.ones(7)
    search(
        data,
        new_state(data, 2, 2, 1),
        new_state(data, 2, 2, 1),
        0,
        1.0,
        1.0,
        1.0,
        1.0,
        2.0,
        0.01,
        0,
        0,
        weights,
        0,
    )
