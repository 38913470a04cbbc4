"""Slack induction by string removals: ruin, recreate, accept or take back.

References
----------
Christiaens, Vanden Berghe (2020): Slack induction by string removals for vehicle routing problems.
Transportation Science 54(2), 417-433. doi:10.1287/trsc.2019.0914
"""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.acceptance import decide, save_best, state_before
from planner.propose.sisr.kernel.arrays import (
    N_ABSENT,
    UNSAVED,
    empty_data,
    new_state,
)
from planner.propose.sisr.kernel.cache import njit
from planner.propose.sisr.kernel.draws import draw, draw_below
from planner.propose.sisr.kernel.local_search import move_jobs, string_at, tails_at
from planner.propose.sisr.kernel.recreate import recreate
from planner.propose.sisr.kernel.ruin import ruin
from planner.propose.sisr.kernel.vehicle_choice import cheapest_veh_types


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
    """Run iterations while the temperature falls from `hot` to `cold`.

    In each, so many random jobs look whether strings or tails of other trips should follow them; then some
    are removed and put back.

    `state.cost` begins with the cost without prizes, the best cost with prizes, and the weight of the jobs
    that must be delivered and are absent, now and in the best.

    Parameters
    ----------
    data
        The problem.
    state, best
        The solution that is changed, and the one that keeps the best; both of `new_state`, of one size.
    iterations
        How many.
    hot, cold
        Temperatures at the begin and at the end: prices, more than 0.
    average
        Jobs that a ruin removes, on average.
    longest_least, longest_most
        Between these the longest string of a ruin is drawn, in jobs.
    rate
        Share of the possible places that are overlooked, from 0 to 1.
    strings, tails
        In each iteration, how many jobs look for strings and for tails of other trips.
    weights
        float64, shape (7,): heaped chances of the orders in which jobs come back; see `sort_absent`.
    stamp
        Number of the last change so far.

    Returns
    -------
    int
        Number of the last change now.
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
                    cheapest_veh_types(data, state)
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
