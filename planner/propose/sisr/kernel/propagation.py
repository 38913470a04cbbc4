"""Times of a solution kept right: forward and backward through trips, and from trip to trip."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    COUNT,
    DAYS,
    DELAY,
    END,
    FAR,
    FIRST,
    GAMMA,
    HOURS,
    LATE,
    LATEST,
    N_TOUCHED,
    NEXT,
    NXT,
    OF_VEH_TYPE,
    OPEN,
    PAID,
    PER_DAY,
    PER_DAY_S,
    PER_TIME,
    PLACE,
    PRE_D,
    PRE_L,
    PREV,
    PRV,
    RELEASE,
    SERVE,
    SHUT,
    START,
    SUF_D,
    SUF_E,
    TN,
    TOUCHED,
    VEH_TYPE,
    WAIT,
    WORK,
)
from planner.propose.sisr.kernel.hours import hold_slot
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.time_functions import (
    depart_back,
    go,
    go_back,
    load_seconds,
)
from planner.propose.sisr.kernel.times import (
    arrive,
    arrive_back,
    begin_at,
    begin_late,
    begins_at,
    lasting,
    limit,
    pieces_of,
    ready_by,
    waits,
)


@inner
def begins(data, state, trip):
    """Begin of loading of a trip that ends as early as it can, and begins as late as that allows."""
    veh_type, none = state.trip[trip, VEH_TYPE], np.int64(-2)
    first = len(data.job) + 2 * trip
    seconds = load_seconds(data, veh_type, pieces_of(data, state, trip))
    if data.moments > 0 and state.trip[trip, HOURS] > 0:
        return np.int64(state.node[first, START]) - seconds
    until = begins_at(data, state, veh_type, trip, none, none, np.int64(state.node[first + 1, START]))
    for late in range(data.fleet[veh_type, GAMMA] + 1):
        until = min(until, limit(data, state, first, late))
    return max(np.int64(state.node[first, START]) - seconds, depart_back(data, veh_type, until, seconds))


@inlined
def count_days(data, state):
    """Put the price of the days of vehicles that stay out in place of the seconds that stood for it.

    Of the journeys touched, as they are now; `Data.stays` says whether any vehicle has such a price.
    """
    if data.stays:
        for pos in range(state.number[N_TOUCHED]):
            count_days_of(data, state, np.int64(state.lists[TOUCHED, pos]))


@inner
def count_days_of(data, state, journey):
    """`count_days` of a journey."""
    row = state.journey[journey]
    veh_type = row[OF_VEH_TYPE]
    if data.price[veh_type, PER_DAY] == 0.0:
        return
    days, paid_s, day = np.int64(0), np.int64(0), data.at[data.docks + len(data.fleet)]
    last_day = data.at[data.docks + len(data.fleet) + 1]
    if row[COUNT] > 0:
        paid_s = row[WORK]
        trip = row[FIRST]
        while trip >= 0:
            paid_s += state.trip[trip, WAIT]
            begin = begins(data, state, trip)
            end = max(begin + 1, np.int64(state.node[len(data.job) + 2 * trip + 1, START]))
            while day < last_day and data.span[day, 0] < end:
                if data.span[day, 1] > begin:
                    days += 1
                day += 1
            trip = state.trip[trip, NEXT]
    state.cost[0] += data.price[veh_type, PER_DAY] * (days - row[DAYS])
    state.cost[0] -= data.price[veh_type, PER_DAY_S] * (paid_s - row[PAID])
    row[DAYS], row[PAID] = days, paid_s


@inlined
def set_wait(data, state, trip):
    """Seconds of waiting of a trip that are paid, and their price."""
    if data.price[state.trip[trip, VEH_TYPE], PER_TIME] != 0.0:
        count_wait(data, state, trip)


@inner
def count_wait(data, state, trip):
    """`set_wait` where time has a price."""
    veh_type, none = state.trip[trip, VEH_TYPE], np.int64(-2)
    first = len(data.job) + 2 * trip
    latest = np.int64(FAR)
    for late in range(data.fleet[veh_type, GAMMA] + 1 if data.gamma > 0 else 0):
        latest = min(latest, limit(data, state, first, late))
    seconds = load_seconds(data, veh_type, pieces_of(data, state, trip))
    wait = waits(data, state, veh_type, trip, none, none, np.int64(state.node[first, START]), seconds, latest)
    state.cost[0] += data.price[veh_type, PER_TIME] * (wait - state.trip[trip, WAIT])
    state.trip[trip, WAIT] = wait


@inlined
def step(data, state, veh_type, here, there):
    """Recompute the starts of a node from the one before; whether any changed."""
    node = state.node
    gone = np.int64(node[here, START]) + node[here, SERVE]
    seconds, delay = np.int64(node[here, TN]), np.int64(node[here, DELAY])
    place, place_there = node[here, PLACE], node[there, PLACE]
    moment = go(data, veh_type, place, place_there, gone, seconds, np.int64(0))
    moment = arrive(data, state, veh_type, here, there, moment)
    changed = moment != node[there, START]
    node[there, START] = min(moment, np.int64(2 * FAR))
    for late in range(1, data.gamma + 1):
        gone_late = np.int64(state.node[here, LATE + late - 1]) + node[here, SERVE]
        moment = max(
            go(data, veh_type, place, place_there, gone_late, seconds, np.int64(0)),
            go(data, veh_type, place, place_there, gone, seconds, delay),
        )
        moment = min(arrive(data, state, veh_type, here, there, moment), np.int64(2 * FAR))
        changed = changed or moment != state.node[there, LATE + late - 1]
        state.node[there, LATE + late - 1] = moment
        gone = gone_late
    return changed


@inlined
def step_back(data, state, veh_type, here, there):
    """Recompute the latest starts of `here` from those of `there`, which follows it; whether any changed."""
    node = state.node
    service = node[here, SERVE]
    seconds, delay = np.int64(node[here, TN]), np.int64(node[here, DELAY])
    place, place_there, none = node[here, PLACE], node[there, PLACE], np.int64(0)
    latest = np.int64(node[there, LATEST])
    moment = go_back(data, veh_type, place, place_there, latest, seconds, none) - service
    moment = arrive_back(data, state, veh_type, here, there, moment)
    changed = moment != node[here, LATEST]
    node[here, LATEST] = max(moment, np.int64(-2 * FAR))
    gamma = data.gamma
    for late in range(1, gamma + 1):
        moment = (
            min(
                go_back(data, veh_type, place, place_there, limit(data, state, there, late), seconds, none),
                go_back(
                    data, veh_type, place, place_there, limit(data, state, there, late - 1), seconds, delay
                ),
            )
            - service
        )
        moment = max(arrive_back(data, state, veh_type, here, there, moment), np.int64(-2 * FAR))
        changed = changed or moment != state.node[here, LATE + gamma + late - 1]
        state.node[here, LATE + gamma + late - 1] = moment
    return changed


@inlined
def set_departure(data, state, trip):
    """Recompute the departure of a trip; whether it changed."""
    if data.general:
        return set_departure_generally(data, state, trip)
    first = len(data.job) + 2 * trip
    seconds = load_seconds(data, state.trip[trip, VEH_TYPE], pieces_of(data, state, trip))
    planned = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds, np.int64(-1))
    changed = planned != state.node[first, START]
    state.node[first, START] = min(planned, np.int64(2 * FAR))
    return changed


@inner
def set_departure_generally(data, state, trip):
    """`set_departure` with calendars, several windows and late legs."""
    first = len(data.job) + 2 * trip
    veh_type, none = state.trip[trip, VEH_TYPE], np.int64(-2)
    seconds = load_seconds(data, veh_type, pieces_of(data, state, trip))
    planned = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds, none)
    planned = lasting(data, state, veh_type, trip, none, none, planned, seconds)
    if data.moments > 0:
        hold_slot(data, state, trip, veh_type, planned)
    changed = planned != state.node[first, START]
    state.node[first, START] = min(planned, np.int64(2 * FAR))
    for late in range(1, data.gamma + 1):
        moment = begin_late(data, state, trip, planned, seconds, late)
        moment = min(moment, np.int64(2 * FAR))
        changed = changed or moment != state.node[first, LATE + late - 1]
        state.node[first, LATE + late - 1] = moment
    return changed


@inlined
def set_return(data, state, trip):
    """Recompute the latest end of a trip; whether it changed."""
    if data.general:
        return set_return_generally(data, state, trip)
    last = len(data.job) + 2 * trip + 1
    veh_type, after = state.trip[trip, VEH_TYPE], state.trip[trip, NEXT]
    moment = data.fleet[veh_type, END]
    if after >= 0:
        latest = np.int64(state.node[len(data.job) + 2 * after, LATEST])
        seconds = load_seconds(data, veh_type, pieces_of(data, state, after))
        moment = max(min(moment, depart_back(data, veh_type, latest, seconds)), np.int64(-2 * FAR))
    changed = moment != state.node[last, LATEST]
    state.node[last, LATEST] = moment
    return changed


@inner
def set_return_generally(data, state, trip):
    """`set_return` with calendars, several windows and late legs."""
    last = len(data.job) + 2 * trip + 1
    gamma = data.gamma
    changed = False
    for late in range(gamma + 1):
        moment = ready_by(data, state, state.trip[trip, VEH_TYPE], state.trip[trip, NEXT], late)
        moment = max(moment, np.int64(-2 * FAR))
        changed = changed or moment != limit(data, state, last, late)
        if late == 0:
            state.node[last, LATEST] = moment
        else:
            state.node[last, LATE + gamma + late - 1] = moment
    return changed


@inner
def forward_plainly(node, here, last, until):
    """`forward` without calendars and late legs.

    Parameters
    ----------
    last
        The end of the trip.
    """
    passed = here == until
    moment = np.int64(node[here, START])
    while here != last:
        there = np.int64(node[here, NXT])
        moment = max(moment + node[here, SERVE] + node[here, TN], np.int64(node[there, OPEN]))
        if moment == node[there, START]:
            if passed:
                return False
        else:
            node[there, START] = min(moment, np.int64(2 * FAR))
        passed = passed or there == until
        here = there
    return True


@inlined
def forward(data, state, trip, here, until):
    """Starts of a trip after `here`; stops where nothing changes after `until`. True: the end moved."""
    if data.general:
        return forward_generally(data, state, trip, here, until)
    return forward_plainly(state.node, here, len(data.job) + 2 * trip + 1, until)


@inner
def forward_generally(data, state, trip, here, until):
    """`forward` with calendars, several windows and late legs."""
    last = len(data.job) + 2 * trip + 1
    veh_type = state.trip[trip, VEH_TYPE]
    passed = here == until
    while here != last:
        there = np.int64(state.node[here, NXT])
        changed = step(data, state, veh_type, here, there)
        if passed and not changed:
            return False
        passed = passed or there == until
        here = there
    return True


@inner
def backward_plainly(node, there, first, until):
    """`backward` without calendars and late legs.

    Parameters
    ----------
    first
        The start of the trip.
    """
    passed = there == until
    moment = np.int64(node[there, LATEST])
    while there != first:
        here = np.int64(node[there, PRV])
        moment = min(moment - node[here, TN] - node[here, SERVE], np.int64(node[here, SHUT]))
        if moment == node[here, LATEST]:
            if passed:
                return False
        else:
            node[here, LATEST] = max(moment, np.int64(-2 * FAR))
        passed = passed or here == until
        there = here
    return True


@inlined
def backward(data, state, trip, there, until):
    """Latest starts of a trip before `there`, like `forward`."""
    if data.general:
        return backward_generally(data, state, trip, there, until)
    return backward_plainly(state.node, there, len(data.job) + 2 * trip, until)


@inner
def backward_generally(data, state, trip, there, until):
    """`backward` with calendars, several windows and late legs."""
    first = len(data.job) + 2 * trip
    veh_type = state.trip[trip, VEH_TYPE]
    passed = there == until
    while there != first:
        here = np.int64(state.node[there, PRV])
        changed = step_back(data, state, veh_type, here, there)
        if passed and not changed:
            return False
        passed = passed or here == until
        there = here
    return True


@inner
def later_trips(data, state, trip):
    """Starts of the trips after one whose end moved."""
    trip = state.trip[trip, NEXT]
    while trip >= 0:
        first = len(data.job) + 2 * trip
        if not set_departure(data, state, trip):
            return
        moved = forward(data, state, trip, first, first)
        set_wait(data, state, trip)
        if not moved:
            return
        trip = state.trip[trip, NEXT]


@inner
def earlier_trips(data, state, trip):
    """Latest starts of the trips before one whose latest departure or loading moved."""
    trip = state.trip[trip, PREV]
    while trip >= 0:
        last = len(data.job) + 2 * trip + 1
        if not set_return(data, state, trip):
            return
        moved = backward(data, state, trip, last, last)
        if data.gamma > 0:
            set_wait(data, state, trip)
        if not moved:
            return
        trip = state.trip[trip, PREV]


@inner
def set_segments(data, state, trip):
    """Least durations of all that lies before and after each node of a trip."""
    first = len(data.job) + 2 * trip
    segments_before(data, state, trip, first, first + 1)
    segments_after(data, state, first + 1, first)


@inner
def segments_before(data, state, trip, here, until):
    """Least durations of what lies before the nodes after `here`, which is right unless it is the first.

    Stops where nothing changes after `until`.
    """
    node = state.node
    first = len(data.job) + 2 * trip
    if here == first:
        seconds = load_seconds(data, state.trip[trip, VEH_TYPE], pieces_of(data, state, trip))
        node[first, PRE_D], node[first, PRE_L] = seconds, FAR
    passed = here == until
    duration, latest = np.int64(node[here, PRE_D]), np.int64(node[here, PRE_L])
    while here != first + 1:
        there = np.int64(node[here, NXT])
        gone = duration + node[here, TN]
        duration = gone + max(node[there, OPEN] - gone - latest, 0) + node[there, SERVE]
        latest = min(node[there, SHUT] - gone, latest)
        if passed and duration == node[there, PRE_D] and latest == node[there, PRE_L]:
            return
        node[there, PRE_D], node[there, PRE_L] = duration, latest
        passed = passed or there == until
        here = there


@inner
def segments_after(data, state, here, until):
    """Least durations of what lies after the nodes before `here`, which is right unless it is the last.

    Stops where nothing changes before `until`.
    """
    node = state.node
    if node[here, NXT] < 0:
        node[here, SUF_D], node[here, SUF_E] = 0, 0
    passed = here == until
    duration, early = np.int64(node[here, SUF_D]), np.int64(node[here, SUF_E])
    while node[here, PRV] >= 0:
        before = np.int64(node[here, PRV])
        gone = np.int64(node[before, SERVE]) + node[before, TN]
        wait = max(early - gone - node[before, SHUT], 0)
        duration += gone + wait
        early = max(early - gone, np.int64(node[before, OPEN])) - wait
        if passed and duration == node[before, SUF_D] and early == node[before, SUF_E]:
            return
        node[before, SUF_D], node[before, SUF_E] = duration, early
        passed = passed or before == until
        here = before


@inner
def recompute(data, state, trip):
    """All times of a trip and, where it moves them, of its journey."""
    first = len(data.job) + 2 * trip
    set_departure(data, state, trip)
    forward(data, state, trip, first, first + 1)
    later_trips(data, state, trip)
    set_return(data, state, trip)
    backward(data, state, trip, first + 1, first)
    earlier_trips(data, state, trip)
    if data.segments:
        set_segments(data, state, trip)
    set_wait(data, state, trip)
