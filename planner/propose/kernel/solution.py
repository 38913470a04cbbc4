"""Changing a solution: put a job in, take jobs out, keep times, loads and cost right, take a change back."""

from __future__ import annotations

import numpy as np

from planner.propose.kernel.inner import inlined, inner
from planner.propose.kernel.layout import (
    ABSENT,
    ABSENT_KEPT,
    CHAIN,
    CLOSED,
    COUNT,
    DELAY,
    DELAYS,
    DN,
    END,
    FAR,
    FIRST,
    FREE_CHAINS,
    FREE_TRIPS,
    FROM_S,
    HOME,
    IS_TOUCHED,
    KIND,
    LAST,
    LATE,
    LATEST,
    LENGTH,
    LENGTHS,
    LOAD,
    LOAD_FIXED,
    LOAD_PIECE,
    LOADS,
    MAX_TRIPS,
    N_ABSENT,
    N_CLOSED,
    N_FREE_CHAINS,
    N_FREE_TRIPS,
    N_NODES_TOUCHED,
    N_OPENED,
    N_TOUCHED,
    N_TRIPS_TOUCHED,
    NEXT,
    NODES_TOUCHED,
    NUMBER,
    NXT,
    OF_KIND,
    OPEN,
    OPENED,
    OPENS,
    ORIGIN,
    PER_CHAIN,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLACE,
    PRE_D,
    PRE_E,
    PRE_L,
    PREV,
    PRV,
    RELEASE,
    ROW,
    SERVE,
    SERVES,
    SHUT,
    SHUTS,
    SIZE,
    START,
    SUF_D,
    SUF_E,
    SUF_L,
    TIMES,
    TN,
    TOUCHED,
    TRIP,
    TRIPS_TOUCHED,
    TYPE,
    USED,
    WORK,
)
from planner.propose.kernel.moments import (
    depart,
    depart_back,
    load_seconds,
    ride,
    ride_back,
    serve,
    serve_back,
)


@inlined
def pieces_of(data, state, trip):
    """Pieces on a trip: its last load."""
    return state.trip[trip, LOAD + data.loads - 1]


@inner
def begin_at(data, state, trip, release, seconds, late):
    """Departure of a trip with a release and seconds of loading, when `late` legs before it were late."""
    before = state.trip[trip, PREV]
    kind = state.trip[trip, KIND]
    free = np.int64(0)
    jobs = len(data.job)
    if before >= 0:
        free = np.int64(state.node[jobs + 2 * before + 1, START])
    planned = depart(data, kind, max(free, release), seconds)
    if late == 0 or planned >= FAR:
        return planned
    if before >= 0:
        free = np.int64(state.node[jobs + 2 * before + 1, LATE + late - 1])
    return depart(data, kind, max(free, planned - seconds), seconds)


@inner
def step(data, state, kind, here, there):
    """Recompute the starts of a node from the one before; whether any changed."""
    node = state.node
    jobs = len(data.job)
    gone = np.int64(node[here, START]) + node[here, SERVE]
    moment = ride(data, kind, gone, node[here, TN], 0)
    if there < jobs:
        moment = serve(data, data.rule[kind, ROW], there, moment)
    changed = moment != node[there, START]
    node[there, START] = min(moment, np.int64(2 * FAR))
    for late in range(1, data.gamma + 1):
        gone_late = np.int64(state.node[here, LATE + late - 1]) + node[here, SERVE]
        moment = max(
            ride(data, kind, gone_late, node[here, TN], 0),
            ride(data, kind, gone, node[here, TN], node[here, DELAY]),
        )
        if there < jobs:
            moment = serve(data, data.rule[kind, ROW], there, moment)
        moment = min(moment, np.int64(2 * FAR))
        changed = changed or moment != state.node[there, LATE + late - 1]
        state.node[there, LATE + late - 1] = moment
        gone = gone_late
    return changed


@inner
def step_back(data, state, kind, here, there):
    """Recompute the latest starts of `here` from those of `there`, which follows it; whether any changed."""
    node = state.node
    jobs = len(data.job)
    service = node[here, SERVE]
    moment = ride_back(data, kind, np.int64(node[there, LATEST]), node[here, TN], 0) - service
    if here < jobs:
        moment = serve_back(data, data.rule[kind, ROW], here, moment)
    changed = moment != node[here, LATEST]
    node[here, LATEST] = max(moment, np.int64(-2 * FAR))
    gamma = data.gamma
    for late in range(1, gamma + 1):
        fewer = (
            np.int64(node[there, LATEST])
            if late == 1
            else np.int64(state.node[there, LATE + gamma + late - 2])
        )
        moment = (
            min(
                ride_back(
                    data, kind, np.int64(state.node[there, LATE + gamma + late - 1]), node[here, TN], 0
                ),
                ride_back(data, kind, fewer, node[here, TN], node[here, DELAY]),
            )
            - service
        )
        if here < jobs:
            moment = serve_back(data, data.rule[kind, ROW], here, moment)
        moment = max(moment, np.int64(-2 * FAR))
        changed = changed or moment != state.node[here, LATE + gamma + late - 1]
        state.node[here, LATE + gamma + late - 1] = moment
    return changed


@inner
def set_departure(data, state, trip):
    """Recompute the departure of a trip; whether it changed."""
    first = len(data.job) + 2 * trip
    seconds = load_seconds(data, state.trip[trip, KIND], pieces_of(data, state, trip))
    moment = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds, 0)
    changed = moment != state.node[first, START]
    state.node[first, START] = min(moment, np.int64(2 * FAR))
    for late in range(1, data.gamma + 1):
        moment = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds, late)
        moment = min(moment, np.int64(2 * FAR))
        changed = changed or moment != state.node[first, LATE + late - 1]
        state.node[first, LATE + late - 1] = moment
    return changed


@inner
def set_return(data, state, trip):
    """Recompute the latest end of a trip; whether it changed."""
    last = len(data.job) + 2 * trip + 1
    kind = state.trip[trip, KIND]
    after = state.trip[trip, NEXT]
    gamma = data.gamma
    changed = False
    for late in range(gamma + 1):
        moment = data.rule[kind, END]
        if after >= 0:
            first = len(data.job) + 2 * after
            latest = (
                np.int64(state.node[first, LATEST])
                if late == 0
                else np.int64(state.node[first, LATE + gamma + late - 1])
            )
            seconds = load_seconds(data, kind, pieces_of(data, state, after))
            moment = min(moment, depart_back(data, kind, latest, seconds))
        moment = max(moment, np.int64(-2 * FAR))
        if late == 0:
            changed = changed or moment != state.node[last, LATEST]
            state.node[last, LATEST] = moment
        else:
            changed = changed or moment != state.node[last, LATE + gamma + late - 1]
            state.node[last, LATE + gamma + late - 1] = moment
    return changed


@inner
def forward_plainly(node, here, last, until):
    """`forward` without calendars and late legs."""
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


@inner
def forward(data, state, trip, here, until):
    """Starts of a trip after `here`; stops where nothing changes after `until`. True: the end moved."""
    last = len(data.job) + 2 * trip + 1
    if not data.general:
        return forward_plainly(state.node, here, last, until)
    kind = state.trip[trip, KIND]
    passed = here == until
    while here != last:
        there = np.int64(state.node[here, NXT])
        changed = step(data, state, kind, here, there)
        if passed and not changed:
            return False
        passed = passed or there == until
        here = there
    return True


@inner
def backward_plainly(node, there, first, until):
    """`backward` without calendars and late legs."""
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


@inner
def backward(data, state, trip, there, until):
    """Latest starts of a trip before `there`, like `forward`."""
    first = len(data.job) + 2 * trip
    if not data.general:
        return backward_plainly(state.node, there, first, until)
    kind = state.trip[trip, KIND]
    passed = there == until
    while there != first:
        here = np.int64(state.node[there, PRV])
        changed = step_back(data, state, kind, here, there)
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
        if data.segments:
            set_segments(data, state, trip)
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
        if data.segments:
            set_segments(data, state, trip)
        if not moved:
            return
        trip = state.trip[trip, PREV]


@inner
def set_segments(data, state, trip):
    """Least durations of all that lies before and after each node of a trip."""
    node = state.node
    first = len(data.job) + 2 * trip
    last = first + 1
    seconds = load_seconds(data, state.trip[trip, KIND], pieces_of(data, state, trip))
    state.node[first, PRE_D] = seconds
    state.node[first, PRE_E] = node[first, START] - seconds
    state.node[first, PRE_L] = FAR
    here = first
    while here != last:
        there = node[here, NXT]
        gone = state.node[here, PRE_D] + node[here, TN]
        early, late = np.int64(node[there, OPEN]), np.int64(node[there, SHUT])
        wait = max(early - gone - state.node[here, PRE_L], 0)
        state.node[there, PRE_D] = gone + wait + node[there, SERVE]
        state.node[there, PRE_E] = max(early - gone, np.int64(state.node[here, PRE_E])) - wait
        state.node[there, PRE_L] = min(late - gone, np.int64(state.node[here, PRE_L]))
        here = there
    state.node[last, SUF_D] = 0
    state.node[last, SUF_E] = 0
    state.node[last, SUF_L] = node[last, LATEST]
    while here != first:
        before = node[here, PRV]
        gone = node[before, SERVE] + node[before, TN]
        early, late = np.int64(node[before, OPEN]), np.int64(node[before, SHUT])
        wait = max(state.node[here, SUF_E] - gone - late, 0)
        state.node[before, SUF_D] = gone + state.node[here, SUF_D] + wait
        state.node[before, SUF_E] = max(state.node[here, SUF_E] - gone, early) - wait
        state.node[before, SUF_L] = min(state.node[here, SUF_L] - gone, late)
        here = before


@inner
def recompute(data, state, trip):
    """All times of a trip and, where it moves them, of its chain."""
    first = len(data.job) + 2 * trip
    set_departure(data, state, trip)
    forward(data, state, trip, first, first + 1)
    later_trips(data, state, trip)
    set_return(data, state, trip)
    backward(data, state, trip, first + 1, first)
    earlier_trips(data, state, trip)
    if data.segments:
        set_segments(data, state, trip)


@inner
def touch(data, state, chain, stamp):
    """Remember what a chain's trips and nodes are, once in an iteration."""
    if state.lists[IS_TOUCHED, chain] == stamp:
        return
    state.lists[IS_TOUCHED, chain] = stamp
    number = state.number
    state.lists[TOUCHED, number[N_TOUCHED]] = chain
    number[N_TOUCHED] += 1
    jobs = len(data.job)
    trip = state.chain[chain, FIRST]
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
def most_used(data, state, kind):
    """Most vehicles of a kind's type used in any shift."""
    most = np.int64(0)
    for other in range(len(data.rule)):
        if data.rule[other, TYPE] == data.rule[kind, TYPE]:
            most = max(most, state.number[USED + other])
    return most


@inner
def vehicle_left(data, state, kind):
    """Whether a kind has a vehicle that is not used yet.

    A vehicle of one trip in all that comes home is gone for its type's other shifts too.
    """
    used = state.number[USED + kind]
    if data.rule[kind, MAX_TRIPS] == 1:
        used = np.int64(0)
        for other in range(len(data.rule)):
            if data.rule[other, TYPE] == data.rule[kind, TYPE]:
                used += state.number[USED + other]
    return used < data.rule[kind, NUMBER]


@inner
def chain_price(data, state, kind):
    """What one vehicle more of a kind costs."""
    price = data.price[kind, PER_CHAIN]
    if data.price[kind, PER_VEHICLE] != 0.0 and state.number[USED + kind] + 1 > most_used(data, state, kind):
        price += data.price[kind, PER_VEHICLE]
    return price


@inner
def use_kind(data, state, kind, by):
    """Count a vehicle of a kind in (1) or out (-1), with its price."""
    if by > 0:
        state.cost[0] += chain_price(data, state, kind)
        state.number[USED + kind] += 1
    else:
        state.number[USED + kind] -= 1
        state.cost[0] -= chain_price(data, state, kind)


@inner
def open_trip(data, state, chain, before, kind, stamp):
    """A new trip without jobs, after `before` in a chain, or as its first; a new chain if `chain` < 0."""
    number = state.number
    if chain < 0:
        number[N_FREE_CHAINS] -= 1
        chain = state.lists[FREE_CHAINS, number[N_FREE_CHAINS]]
        state.lists[IS_TOUCHED, chain] = stamp
        state.lists[TOUCHED, number[N_TOUCHED]] = chain
        number[N_TOUCHED] += 1
        state.chain[chain, FIRST] = state.chain[chain, LAST] = -1
        state.chain[chain, COUNT] = state.chain[chain, WORK] = 0
        state.chain[chain, OF_KIND] = kind
        use_kind(data, state, kind, 1)
    number[N_FREE_TRIPS] -= 1
    trip = state.lists[FREE_TRIPS, number[N_FREE_TRIPS]]
    state.lists[OPENED, number[N_OPENED]] = trip
    number[N_OPENED] += 1
    after = state.chain[chain, FIRST] if before < 0 else state.trip[before, NEXT]
    row = state.trip[trip]
    for column in range(state.trip.shape[1]):
        row[column] = 0
    row[CHAIN], row[KIND], row[NEXT], row[PREV] = chain, kind, after, before
    if before < 0:
        state.chain[chain, FIRST] = trip
    else:
        state.trip[before, NEXT] = trip
    if after < 0:
        state.chain[chain, LAST] = trip
    else:
        state.trip[after, PREV] = trip
    state.chain[chain, COUNT] += 1
    first = len(data.job) + 2 * trip
    node = state.node
    for here in range(first, first + 2):
        node[here, TRIP] = trip
        node[here, OPEN] = 0
        node[here, SHUT] = FAR
        node[here, SERVE] = 0
    node[first, PLACE] = data.rule[kind, ORIGIN]
    node[first + 1, PLACE] = data.rule[kind, HOME]
    node[first, NXT], node[first, PRV] = first + 1, -1
    node[first + 1, NXT], node[first + 1, PRV] = -1, first
    node[first, DN] = 0
    node[first, TN] = 0
    node[first, DELAY] = 0
    state.cost[0] += data.price[kind, PER_TRIP]
    state.chain[chain, WORK] += data.rule[kind, LOAD_FIXED]
    set_departure(data, state, trip)
    forward(data, state, trip, first, first + 1)
    set_return(data, state, trip)
    backward(data, state, trip, first + 1, first)
    return trip


@inner
def close_trip(data, state, trip):
    """Take a trip without jobs out of its chain, and the chain away if it was its last."""
    number = state.number
    chain, before, after = state.trip[trip, CHAIN], state.trip[trip, PREV], state.trip[trip, NEXT]
    kind = state.trip[trip, KIND]
    if before < 0:
        state.chain[chain, FIRST] = after
    else:
        state.trip[before, NEXT] = after
    if after < 0:
        state.chain[chain, LAST] = before
    else:
        state.trip[after, PREV] = before
    state.chain[chain, COUNT] -= 1
    state.chain[chain, WORK] -= data.rule[kind, LOAD_FIXED]
    state.cost[0] -= data.price[kind, PER_TRIP]
    state.lists[CLOSED, number[N_CLOSED]] = trip
    number[N_CLOSED] += 1
    state.trip[trip, CHAIN] = -1
    if state.chain[chain, COUNT] == 0:
        use_kind(data, state, state.chain[chain, OF_KIND], -1)
        return
    if after >= 0:
        first = len(data.job) + 2 * after
        if set_departure(data, state, after):
            if forward(data, state, after, first, first):
                later_trips(data, state, after)
            if data.segments:
                set_segments(data, state, after)
    if before >= 0:
        last = len(data.job) + 2 * before + 1
        if set_return(data, state, before):
            if backward(data, state, before, last, last):
                earlier_trips(data, state, before)
            if data.segments:
                set_segments(data, state, before)


@inner
def link(data, state, kind, here, there):
    """Length, time and delay of the leg between two nodes."""
    node = state.node
    from_place, to_place = node[here, PLACE], node[there, PLACE]
    node[here, NXT], node[there, PRV] = there, here
    node[here, DN] = data.ways[data.rule[kind, LENGTHS], from_place, to_place]
    node[here, TN] = data.ways[data.rule[kind, TIMES], from_place, to_place]
    if data.gamma > 0:
        node[here, DELAY] = data.ways[data.rule[kind, DELAYS], from_place, to_place]


@inlined
def leg_price(data, kind, length, seconds):
    """Price of metres and seconds."""
    return data.price[kind, PER_LENGTH] * length + data.price[kind, PER_TIME] * seconds


@inner
def put(data, state, job, before):
    """Put a job after a node of a trip."""
    node = state.node
    trip = node[before, TRIP]
    kind = state.trip[trip, KIND]
    row = data.rule[kind, ROW]
    after = node[before, NXT]
    length, seconds = -np.int64(node[before, DN]), -np.int64(node[before, TN])
    node[job, TRIP] = trip
    node[job, OPEN] = data.window[row, job, OPENS]
    node[job, SHUT] = data.window[row, job, SHUTS]
    node[job, SERVE] = data.window[row, job, SERVES]
    link(data, state, kind, before, job)
    link(data, state, kind, job, after)
    length += np.int64(node[before, DN]) + node[job, DN]
    seconds += np.int64(node[before, TN]) + node[job, TN]
    state.cost[0] += leg_price(data, kind, length, seconds)
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] += 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] += data.job[job, LOADS + dim]
    state.trip[trip, RELEASE] = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
    if not data.timed:
        return
    state.chain[state.trip[trip, CHAIN], WORK] += (
        seconds + node[job, SERVE] + data.rule[kind, LOAD_PIECE] * data.job[job, data.job.shape[1] - 1]
    )
    first = len(data.job) + 2 * trip
    start = first if set_departure(data, state, trip) else before
    if forward(data, state, trip, start, job):
        later_trips(data, state, trip)
    if backward(data, state, trip, after, job) or data.rule[kind, LOAD_PIECE] != 0:
        earlier_trips(data, state, trip)
    if data.segments:
        set_segments(data, state, trip)


@inner
def take_out(data, state, job):
    """Take a job out of its trip; times are not recomputed, and its release is not."""
    node = state.node
    trip = node[job, TRIP]
    kind = state.trip[trip, KIND]
    before, after = node[job, PRV], node[job, NXT]
    length, seconds = -np.int64(node[before, DN]) - node[job, DN], -np.int64(node[before, TN]) - node[job, TN]
    link(data, state, kind, before, after)
    length += node[before, DN]
    seconds += node[before, TN]
    state.cost[0] += leg_price(data, kind, length, seconds)
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] -= 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] -= data.job[job, LOADS + dim]
    state.chain[state.trip[trip, CHAIN], WORK] += (
        seconds - node[job, SERVE] - data.rule[kind, LOAD_PIECE] * data.job[job, data.job.shape[1] - 1]
    )
    node[job, TRIP] = -1
    state.lists[ABSENT, state.number[N_ABSENT]] = job
    state.number[N_ABSENT] += 1


@inner
def mend(data, state, trip):
    """After jobs were taken out of a trip: its release and times; the trip is closed where none is left."""
    if state.trip[trip, SIZE] == 0:
        close_trip(data, state, trip)
        return
    if not data.timed:
        return
    first = len(data.job) + 2 * trip
    release = np.int64(0)
    here = state.node[first, NXT]
    while here != first + 1:
        release = max(release, np.int64(data.job[here, FROM_S]))
        here = state.node[here, NXT]
    state.trip[trip, RELEASE] = release
    recompute(data, state, trip)


@inner
def copy_rows(target, source, rows, count):
    """Copy some rows of an array."""
    for pos in range(count):
        row = rows[pos]
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@inner
def copy_used(data, state, keep):
    """Keep the numbers of vehicles used, or take them back."""
    kinds = len(data.rule)
    for kind in range(kinds):
        if keep:
            state.number[USED + kinds + kind] = state.number[USED + kind]
        else:
            state.number[USED + kind] = state.number[USED + kinds + kind]


@inner
def settle(data, state, keep, absent_before):
    """End an iteration: keep what was changed, or take it back."""
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
    nodes, trips, chains = number[N_NODES_TOUCHED], number[N_TRIPS_TOUCHED], number[N_TOUCHED]
    if keep:
        copy_rows(state.node_kept, state.node, state.lists[NODES_TOUCHED], nodes)
        copy_rows(state.trip_kept, state.trip, state.lists[TRIPS_TOUCHED], trips)
        copy_rows(state.chain_kept, state.chain, state.lists[TOUCHED], chains)
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
        copy_rows(state.chain, state.chain_kept, state.lists[TOUCHED], chains)
        copy_used(data, state, False)
        for pos in range(number[N_OPENED] - 1, -1, -1):
            state.lists[FREE_TRIPS, number[N_FREE_TRIPS]] = state.lists[OPENED, pos]
            number[N_FREE_TRIPS] += 1
        number[N_ABSENT] = absent_before
        for pos in range(absent_before):
            state.lists[ABSENT, pos] = state.lists[ABSENT_KEPT, pos]
    for pos in range(chains):  # a chain without trips is free, whichever way that came about
        chain = state.lists[TOUCHED, pos]
        if state.chain[chain, COUNT] <= 0:
            state.lists[FREE_CHAINS, number[N_FREE_CHAINS]] = chain
            number[N_FREE_CHAINS] += 1
    number[N_TOUCHED] = number[N_OPENED] = number[N_CLOSED] = number[N_TRIPS_TOUCHED] = number[
        N_NODES_TOUCHED
    ] = 0


__all__ = [
    "chain_price",
    "leg_price",
    "mend",
    "put",
    "open_trip",
    "settle",
    "take_out",
    "touch",
    "use_kind",
]
