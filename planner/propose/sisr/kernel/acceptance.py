"""Acceptance: a change is kept or taken back, by simulated annealing and by who is absent."""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENCES,
    ABSENT,
    ABSENT_KEPT,
    COUNT,
    FIRST,
    N_ABSENT,
    N_ABSENT_BEST,
    N_TOUCHED,
    NEXT,
    PRIZE,
    TOUCHED,
    UNSAVED,
    WEIGHT,
)
from planner.propose.sisr.kernel.bundles import is_whole
from planner.propose.sisr.kernel.draws import draw
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.propagation import count_days
from planner.propose.sisr.kernel.solution import keeps_limits, settle

__all__ = ["decide", "save_best", "state_before"]


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
    copy_all(best.journey, state.journey_kept)
    best.number[N_ABSENT] = state.number[N_ABSENT_BEST]
    for pos in range(state.number[N_ABSENT_BEST]):
        best.lists[ABSENT, pos] = state.lists[ABSENT_KEPT, pos]
    best.cost[1] = state.cost[1]
    best.cost[3] = state.cost[3]
    state.number[UNSAVED] = 0


@inner
def keeps_decisions(data, state):
    """Whether the trips of the journeys touched depart in time at decided hours, and hold whole bundles.

    What docks others need decides when trips depart: that is known for certain only when all is in its place.
    """
    for pos in range(state.number[N_TOUCHED]):
        journey = state.lists[TOUCHED, pos]
        trip = state.journey[journey, FIRST] if state.journey[journey, COUNT] > 0 else np.int64(-1)
        while trip >= 0:
            if not is_whole(data, state, trip):
                return False
            if data.moments > 0 and not keeps_limits(data, state, trip):
                return False
            trip = state.trip[trip, NEXT]
    return True


@inner
def decide(data, state, best, before, absent_before, heat, able, counted):
    """Keep what was changed since `before`, or take it back.

    Parameters
    ----------
    data, state
        The problem, and the solution that was changed.
    best
        `State` that the best solution is copied into.
    before
        Cost, weight, prizes and absences then, as `state_before` gave them.
    absent_before
        How many jobs were absent then.
    heat
        Temperature of the annealing: a price.
    able
        Whether no rule is broken.
    counted
        Whether those who are absent had a chance to come in.
    """
    cost = state.cost
    if data.bundled or data.moments > 0:
        able = able and keeps_decisions(data, state)
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
