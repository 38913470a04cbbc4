"""Changing a solution: put a job in, take jobs out, keep times, loads and cost right, take a change back."""

from __future__ import annotations

import numpy as np

from planner.propose.kernel.inner import inlined, inner
from planner.propose.kernel.layout import (
    ABSENT,
    ABSENT_KEPT,
    AT_PLACE,
    CHAIN,
    CLOSED,
    COUNT,
    DAY,
    DAYS,
    DELAY,
    DELAYS,
    DN,
    END,
    FAR,
    FIRST,
    FREE_CHAINS,
    FREE_TRIPS,
    FROM_S,
    GAMMA,
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
    MAX_LENGTH,
    MAX_TIME,
    MAX_TRIPS,
    MAX_WORK,
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
    PAID,
    PER_CHAIN,
    PER_DAY,
    PER_DAY_S,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLACE,
    PRE_D,
    PRE_L,
    PREV,
    PRV,
    RELEASE,
    ROW,
    SERVE,
    SERVES,
    SHARED,
    SHUT,
    SHUTS,
    SIZE,
    SLOWER,
    START,
    SUF_D,
    SUF_E,
    TIMES,
    TN,
    TOUCHED,
    TRIP,
    TRIPS_TOUCHED,
    TYPE,
    USED,
    VEHICLE,
    WAIT,
    WORK,
)
from planner.propose.kernel.moments import (
    NEVER,
    depart,
    depart_back,
    load_seconds,
    ride,
    ride_back,
    serve,
    serve_back,
    serve_back_on,
    serve_on,
    working,
)


@inlined
def pieces_of(data, state, trip):
    """Pieces on a trip: its last load."""
    return state.trip[trip, LOAD + data.loads - 1]


@inlined
def worst(data, state, here, late):
    """Latest start of service at a node when so many legs before it were late."""
    return np.int64(state.node[here, START]) if late == 0 else np.int64(state.node[here, LATE + late - 1])


@inlined
def limit(data, state, here, late):
    """Latest start of service at a node that leaves time though so many legs after it are late."""
    if late == 0:
        return np.int64(state.node[here, LATEST])
    return np.int64(state.node[here, LATE + data.gamma + late - 1])


@inlined
def begin_at(data, state, trip, release, seconds):
    """First departure of a trip with a release and seconds of loading."""
    before = state.trip[trip, PREV]
    free = np.int64(release)
    if before >= 0:
        free = max(free, np.int64(state.node[len(data.job) + 2 * before + 1, START]))
    return depart(data, state.trip[trip, KIND], free, seconds)


@inlined
def begin_late(data, state, trip, planned, seconds, late):
    """Departure of a trip planned for a moment when `late` legs before it were late."""
    before = state.trip[trip, PREV]
    if before < 0 or planned >= FAR:
        return planned
    free = worst(data, state, len(data.job) + 2 * before + 1, late)
    return depart(data, state.trip[trip, KIND], max(free, planned - seconds), seconds)


@inner
def unloaded_before(state, here, there):
    """Seconds of unloading at the place of a node since its vehicle came there."""
    node, seconds = state.node, np.int64(0)
    while node[here, PLACE] == node[there, PLACE]:
        seconds += np.int64(node[here, SERVE]) + node[here, TN]
        here, there = np.int64(node[here, PRV]), here
    return seconds


@inner
def unloaded_after(state, here, there, jobs):
    """Seconds of unloading at the place of a node until its vehicle leaves it, without its own."""
    node, seconds = state.node, np.int64(0)
    while there < jobs and node[here, PLACE] == node[there, PLACE]:
        seconds += np.int64(node[there, SERVE]) + node[here, TN]
        here, there = there, np.int64(node[there, NXT])
    return seconds


@inlined
def arrive(data, state, kind, here, there, moment):
    """Begin of service at a node when its vehicle, from the one before, is there at a moment.

    Neighbours of one place are one stop, which pauses for nothing: those that were earlier wait too.
    """
    begin = moment
    if there < len(data.job):
        begin = serve(data, data.rule[kind, ROW], there, moment)
        if begin != moment and state.node[here, PLACE] == state.node[there, PLACE]:
            before_s = unloaded_before(state, here, there)
            begin = serve_on(data, data.rule[kind, ROW], there, moment, before_s)
    return begin


@inlined
def arrive_back(data, state, kind, here, there, moment):
    """Latest begin of service at a node, before another, that is over by a moment less its service."""
    begin = moment
    if here < len(data.job):
        begin = serve_back(data, data.rule[kind, ROW], here, moment)
        if begin != moment and state.node[here, PLACE] == state.node[there, PLACE]:
            after_s = unloaded_after(state, here, there, len(data.job))
            begin = serve_back_on(data, data.rule[kind, ROW], here, moment, after_s)
    return begin


@inner
def ends_at(data, state, kind, trip, before, job, moment):
    """When a trip that departs at a moment ends, and its seconds of driving and service.

    A job stands after a node of it (`before` < -1: after none); `trip` and `before` are -1: it stands alone.
    """
    jobs = len(data.job)
    row, times = data.rule[kind, ROW], data.rule[kind, TIMES]
    here, last, after = np.int64(-1), np.int64(jobs), np.int64(jobs)
    if trip >= 0:
        here, last = np.int64(jobs + 2 * trip), np.int64(jobs + 2 * trip + 1)
        if before >= 0:
            after = np.int64(state.node[before, NXT])
    place, service, busy, before_s = data.rule[kind, ORIGIN], np.int64(0), np.int64(0), np.int64(0)
    while here != last:
        if here == before:
            there = np.int64(job)
        elif here == job:
            there = after
        else:
            there = np.int64(state.node[here, NXT])
        place_there = data.job[there, AT_PLACE] if there < jobs else data.rule[kind, HOME]
        seconds = np.int64(data.ways[times, place, place_there])
        moment = ride(data, kind, moment + service, seconds, np.int64(0))
        busy += service + seconds
        before_s = before_s + service + seconds if place == place_there else np.int64(0)
        if there < jobs:
            begin = serve(data, row, there, moment)
            if data.general and begin != moment and before_s > 0:
                begin = serve_on(data, row, there, moment, before_s)
            moment = begin
            service = np.int64(data.window[row, there, SERVES])
        here, place = there, place_there
    return moment, busy


@inner
def begins_at(data, state, kind, trip, before, job, moment):
    """Latest departure of a trip that ends by a moment; a job is put in as in `ends_at`."""
    jobs = len(data.job)
    row, times = data.rule[kind, ROW], data.rule[kind, TIMES]
    here, first, after = np.int64(jobs), np.int64(-1), np.int64(jobs)
    if trip >= 0:
        here, first = np.int64(jobs + 2 * trip + 1), np.int64(jobs + 2 * trip)
        after = np.int64(state.node[before, NXT]) if before >= 0 else np.int64(-2)
    place, after_s = data.rule[kind, HOME], np.int64(0)
    while here != first:
        if here == after:
            there = np.int64(job)
        elif here == job:
            there = np.int64(before)
        else:
            there = np.int64(state.node[here, PRV])
        serves = 0 <= there < jobs
        place_there = data.job[there, AT_PLACE] if serves else data.rule[kind, ORIGIN]
        seconds = np.int64(data.ways[times, place_there, place])
        moment = ride_back(data, kind, moment, seconds, np.int64(0))
        if place == place_there and here < jobs:
            after_s += data.window[row, here, SERVES] + seconds
        else:
            after_s = np.int64(0)
        if serves:
            moment -= data.window[row, there, SERVES]
            begin = serve_back(data, row, there, moment)
            if data.general and begin != moment and after_s > 0:
                begin = serve_back_on(data, row, there, moment, after_s)
            moment = begin
        here, place = there, place_there
    return moment


@inlined
def lasting(data, state, kind, trip, before, job, departure, seconds):
    """First departure, not before one, from which a trip lasts no longer than it may.

    Without calendars the longest time is judged by `set_segments` alone: there a later departure that
    shortens a trip does not change when it ends. A job is put in as in `ends_at`.
    """
    if not data.general or data.rule[kind, MAX_TIME] <= 0:
        return departure
    return put_off(data, state, kind, trip, before, job, departure, seconds)


@inner
def put_off(data, state, kind, trip, before, job, departure, seconds):
    """`lasting` where there is a longest time."""
    longest = data.rule[kind, MAX_TIME]
    while departure < FAR:
        end, busy = ends_at(data, state, kind, trip, before, job, departure)
        if end >= FAR or busy + seconds > longest:
            return np.int64(NEVER)
        if end - departure + seconds <= longest:
            break
        departure = depart(data, kind, end - longest, seconds)
    return departure


@inner
def put_back(data, state, kind, trip, begin, seconds):
    """Latest begin of loading, not after one, from which a trip lasts no longer than it may."""
    longest, none = data.rule[kind, MAX_TIME], np.int64(-2)
    while begin >= 0:
        departure = begins_at(data, state, kind, trip, none, none, begin + longest)
        latest = depart_back(data, kind, departure, seconds)
        if latest >= begin:
            break
        begin = latest
    return begin


@inlined
def ready_by(data, state, kind, after, late):
    """Latest end of a trip before one (< 0: before none) when `late` of the legs that follow are late."""
    if after < 0:
        return data.rule[kind, END]
    seconds = load_seconds(data, kind, pieces_of(data, state, after))
    begin = depart_back(data, kind, limit(data, state, len(data.job) + 2 * after, late), seconds)
    # Only where nothing was late before does this decide when the trip is planned, and how long it lasts.
    if data.general and data.rule[kind, MAX_TIME] > 0 and late == data.rule[kind, GAMMA]:
        begin = put_back(data, state, kind, after, begin, seconds)
    return min(data.rule[kind, END], begin)


@inlined
def waits(data, state, kind, trip, before, job, departure, seconds, latest):
    """Paid seconds of waiting of a trip that ends as early as it can, and departs as late as that allows.

    `latest` is a departure that it cannot put off; a job is put in as in `ends_at`.
    """
    end, busy = ends_at(data, state, kind, trip, before, job, departure)
    if end >= FAR:
        return np.int64(0)
    begin = min(latest, begins_at(data, state, kind, trip, before, job, end))
    begin = max(departure - seconds, depart_back(data, kind, begin, seconds))
    return working(data, kind, begin, end) - busy - seconds


@inner
def begins(data, state, trip):
    """Begin of loading of a trip that ends as early as it can, and begins as late as that allows."""
    kind, none = state.trip[trip, KIND], np.int64(-2)
    first = len(data.job) + 2 * trip
    seconds = load_seconds(data, kind, pieces_of(data, state, trip))
    until = begins_at(data, state, kind, trip, none, none, np.int64(state.node[first + 1, START]))
    for late in range(data.rule[kind, GAMMA] + 1):
        until = min(until, limit(data, state, first, late))
    return max(np.int64(state.node[first, START]) - seconds, depart_back(data, kind, until, seconds))


@inlined
def count_days(data, state):
    """Put the price of the days of vehicles that stay out in place of the seconds that stood for it.

    Of the chains touched, as they are now; `Data.stays` says whether any vehicle has such a price.
    """
    if data.stays:
        for pos in range(state.number[N_TOUCHED]):
            count_days_of(data, state, np.int64(state.lists[TOUCHED, pos]))


@inner
def count_days_of(data, state, chain):
    """`count_days` of a chain."""
    row = state.chain[chain]
    kind = row[OF_KIND]
    if data.price[kind, PER_DAY] == 0.0:
        return
    days, paid_s, day = np.int64(0), np.int64(0), data.at[data.docks + len(data.rule)]
    last_day = data.at[data.docks + len(data.rule) + 1]
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
    state.cost[0] += data.price[kind, PER_DAY] * (days - row[DAYS])
    state.cost[0] -= data.price[kind, PER_DAY_S] * (paid_s - row[PAID])
    row[DAYS], row[PAID] = days, paid_s


@inlined
def set_wait(data, state, trip):
    """Seconds of waiting of a trip that are paid, and their price."""
    if data.price[state.trip[trip, KIND], PER_TIME] != 0.0:
        count_wait(data, state, trip)


@inner
def count_wait(data, state, trip):
    """`set_wait` where time has a price."""
    kind, none = state.trip[trip, KIND], np.int64(-2)
    first = len(data.job) + 2 * trip
    latest = np.int64(FAR)
    for late in range(data.rule[kind, GAMMA] + 1 if data.gamma > 0 else 0):
        latest = min(latest, limit(data, state, first, late))
    seconds = load_seconds(data, kind, pieces_of(data, state, trip))
    wait = waits(data, state, kind, trip, none, none, np.int64(state.node[first, START]), seconds, latest)
    state.cost[0] += data.price[kind, PER_TIME] * (wait - state.trip[trip, WAIT])
    state.trip[trip, WAIT] = wait


@inlined
def step(data, state, kind, here, there):
    """Recompute the starts of a node from the one before; whether any changed."""
    node = state.node
    gone = np.int64(node[here, START]) + node[here, SERVE]
    seconds, delay = np.int64(node[here, TN]), np.int64(node[here, DELAY])
    moment = arrive(data, state, kind, here, there, ride(data, kind, gone, seconds, np.int64(0)))
    changed = moment != node[there, START]
    node[there, START] = min(moment, np.int64(2 * FAR))
    for late in range(1, data.gamma + 1):
        gone_late = np.int64(state.node[here, LATE + late - 1]) + node[here, SERVE]
        moment = max(
            ride(data, kind, gone_late, seconds, np.int64(0)),
            ride(data, kind, gone, seconds, delay),
        )
        moment = min(arrive(data, state, kind, here, there, moment), np.int64(2 * FAR))
        changed = changed or moment != state.node[there, LATE + late - 1]
        state.node[there, LATE + late - 1] = moment
        gone = gone_late
    return changed


@inlined
def step_back(data, state, kind, here, there):
    """Recompute the latest starts of `here` from those of `there`, which follows it; whether any changed."""
    node = state.node
    service = node[here, SERVE]
    seconds, delay = np.int64(node[here, TN]), np.int64(node[here, DELAY])
    moment = ride_back(data, kind, np.int64(node[there, LATEST]), seconds, np.int64(0)) - service
    moment = arrive_back(data, state, kind, here, there, moment)
    changed = moment != node[here, LATEST]
    node[here, LATEST] = max(moment, np.int64(-2 * FAR))
    gamma = data.gamma
    for late in range(1, gamma + 1):
        moment = (
            min(
                ride_back(data, kind, limit(data, state, there, late), seconds, np.int64(0)),
                ride_back(data, kind, limit(data, state, there, late - 1), seconds, delay),
            )
            - service
        )
        moment = max(arrive_back(data, state, kind, here, there, moment), np.int64(-2 * FAR))
        changed = changed or moment != state.node[here, LATE + gamma + late - 1]
        state.node[here, LATE + gamma + late - 1] = moment
    return changed


@inlined
def set_departure(data, state, trip):
    """Recompute the departure of a trip; whether it changed."""
    if data.general:
        return set_departure_generally(data, state, trip)
    first = len(data.job) + 2 * trip
    seconds = load_seconds(data, state.trip[trip, KIND], pieces_of(data, state, trip))
    planned = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds)
    changed = planned != state.node[first, START]
    state.node[first, START] = min(planned, np.int64(2 * FAR))
    return changed


@inner
def set_departure_generally(data, state, trip):
    """`set_departure` with calendars, several windows and late legs."""
    first = len(data.job) + 2 * trip
    kind, none = state.trip[trip, KIND], np.int64(-2)
    seconds = load_seconds(data, kind, pieces_of(data, state, trip))
    planned = begin_at(data, state, trip, state.trip[trip, RELEASE], seconds)
    planned = lasting(data, state, kind, trip, none, none, planned, seconds)
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
    kind, after = state.trip[trip, KIND], state.trip[trip, NEXT]
    moment = data.rule[kind, END]
    if after >= 0:
        latest = np.int64(state.node[len(data.job) + 2 * after, LATEST])
        seconds = load_seconds(data, kind, pieces_of(data, state, after))
        moment = max(min(moment, depart_back(data, kind, latest, seconds)), np.int64(-2 * FAR))
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
        moment = ready_by(data, state, state.trip[trip, KIND], state.trip[trip, NEXT], late)
        moment = max(moment, np.int64(-2 * FAR))
        changed = changed or moment != limit(data, state, last, late)
        if late == 0:
            state.node[last, LATEST] = moment
        else:
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
        seconds = load_seconds(data, state.trip[trip, KIND], pieces_of(data, state, trip))
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
    set_wait(data, state, trip)


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
def trip_left(data, state, kind, chain):
    """Whether a kind has a vehicle for a trip more in a chain, or (-1) in a new one."""
    rule = data.rule[kind]
    if chain < 0 and not vehicle_left(data, state, kind):
        return False
    if chain >= 0 and state.chain[chain, COUNT] >= rule[MAX_TRIPS]:
        return False
    return rule[SHARED] == 0 or vehicles_do(data, state, kind, chain)


@inner
def vehicles_do(data, state, kind, more):
    """Whether vehicles that come home can drive all chains of their type's shifts, and a trip more in one.

    The longest first, each by the first vehicle that has no other in the shift and so many trips left.
    """
    chains, vehicle_of = state.chain, state.lists[VEHICLE]
    most = data.rule[kind, MAX_TRIPS]
    count = len(chains) + 1  # the last stands for a new one
    for size in range(most, 0, -1):
        for one in range(count):
            new = one == count - 1
            if (new and more >= 0) or (not new and chains[one, COUNT] <= 0):
                continue
            of_kind = kind if new else chains[one, OF_KIND]
            trips = np.int64(1) if new else chains[one, COUNT] + (1 if one == more else 0)
            if trips != size or data.rule[of_kind, TYPE] != data.rule[kind, TYPE]:
                continue
            vehicle_of[one] = -1
            for vehicle in range(data.rule[kind, NUMBER]):
                left = most - size
                for other in range(count - 1):
                    if chains[other, COUNT] <= 0 or other == one or vehicle_of[other] != vehicle:
                        continue
                    other_kind = chains[other, OF_KIND]
                    if data.rule[other_kind, TYPE] != data.rule[kind, TYPE]:
                        continue
                    trips = chains[other, COUNT] + (1 if other == more else 0)
                    if trips > size or (trips == size and other < one):
                        left = left - trips if other_kind != of_kind else np.int64(-1)
                if left >= 0:
                    vehicle_of[one] = vehicle
                    break
            if vehicle_of[one] < 0:
                return False
    return True


@inner
def chain_price(data, state, kind):
    """What one vehicle more of a kind costs."""
    price = data.price[kind, PER_CHAIN]
    if price != 0.0 and data.rule[kind, DAY] >= 0:
        for other in range(len(data.rule)):
            same = data.rule[other, TYPE] == data.rule[kind, TYPE]
            same = same and data.rule[other, DAY] == data.rule[kind, DAY]
            if same and state.number[USED + other] > state.number[USED + kind]:
                price = 0.0
    again = data.rule[kind, MAX_TRIPS] > 1  # in another shift, by the same vehicle
    if data.price[kind, PER_VEHICLE] != 0.0 and not (
        again and state.number[USED + kind] + 1 <= most_used(data, state, kind)
    ):
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
        for column in (COUNT, WORK, DAYS, PAID):
            state.chain[chain, column] = 0
        state.chain[chain, OF_KIND] = kind
        use_kind(data, state, kind, 1)
    number[N_FREE_TRIPS] -= 1
    trip = np.int64(state.lists[FREE_TRIPS, number[N_FREE_TRIPS]])
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
    state.cost[0] -= data.price[kind, PER_TRIP] + data.price[kind, PER_TIME] * state.trip[trip, WAIT]
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
            set_wait(data, state, after)
    if before >= 0:
        last = len(data.job) + 2 * before + 1
        if set_return(data, state, before):
            if backward(data, state, before, last, last):
                earlier_trips(data, state, before)
            if data.gamma > 0:
                set_wait(data, state, before)


@inlined
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


@inlined
def own_seconds(data, kind, job):
    """Seconds of service and loading of a job on a trip."""
    pieces = data.job[job, data.job.shape[1] - 1]
    return data.window[data.rule[kind, ROW], job, SERVES] + data.rule[kind, LOAD_PIECE] * pieces


@inner
def keeps_limits(data, state, trip):
    """Whether a trip, and all that its vehicle does after it, keeps times, length and working time."""
    kind, first = state.trip[trip, KIND], len(data.job) + 2 * trip
    rule = data.rule
    if rule[kind, MAX_LENGTH] > 0 and state.trip[trip, LENGTH] > rule[kind, MAX_LENGTH]:
        return False
    if rule[kind, MAX_WORK] > 0 and state.chain[state.trip[trip, CHAIN], WORK] > rule[kind, MAX_WORK]:
        return False
    if data.segments and rule[kind, MAX_TIME] > 0 and state.node[first + 1, PRE_D] > rule[kind, MAX_TIME]:
        return False
    here = np.int64(first)
    while here >= 0:
        for late in range(rule[kind, GAMMA] + 1):
            if worst(data, state, here, late) > limit(data, state, here, rule[kind, GAMMA] - late):
                return False
        here = np.int64(state.node[here, NXT])
    return True


@inner
def put(data, state, job, before):
    """Put a job after a node of a trip."""
    node = state.node
    trip = np.int64(node[before, TRIP])
    kind = state.trip[trip, KIND]
    row = data.rule[kind, ROW]
    after = np.int64(node[before, NXT])
    length, seconds = -np.int64(node[before, DN]), -np.int64(node[before, TN])
    node[job, TRIP] = trip
    node[job, OPEN] = data.window[row, job, OPENS]
    node[job, SHUT] = data.window[row, job, SHUTS]
    node[job, SERVE] = data.window[row, job, SERVES]
    link(data, state, kind, before, job)
    link(data, state, kind, job, after)
    length += np.int64(node[before, DN]) + node[job, DN]
    seconds += np.int64(node[before, TN]) + node[job, TN] + own_seconds(data, kind, job)
    state.cost[0] += leg_price(data, kind, length, seconds)
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] += 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] += data.job[job, LOADS + dim]
    state.trip[trip, RELEASE] = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
    if not data.timed:
        return
    state.chain[state.trip[trip, CHAIN], WORK] += seconds
    first = len(data.job) + 2 * trip
    start = first if set_departure(data, state, trip) else before
    if forward(data, state, trip, start, job):
        later_trips(data, state, trip)
    # How long loading and the trip last decides too when the trip before must end.
    lasts = data.rule[kind, LOAD_PIECE] + data.rule[kind, MAX_TIME]
    if backward(data, state, trip, after, job) or lasts != 0:
        earlier_trips(data, state, trip)
    if data.segments:
        segments_before(data, state, trip, first if data.rule[kind, LOAD_PIECE] != 0 else before, job)
        segments_after(data, state, after, job)
    set_wait(data, state, trip)


@inner
def take_out(data, state, job):
    """Take a job out of its trip; times are not recomputed, and its release is not."""
    node = state.node
    trip = np.int64(node[job, TRIP])
    kind = state.trip[trip, KIND]
    before, after = np.int64(node[job, PRV]), np.int64(node[job, NXT])
    length, seconds = -np.int64(node[before, DN]) - node[job, DN], -np.int64(node[before, TN]) - node[job, TN]
    link(data, state, kind, before, after)
    length += node[before, DN]
    seconds += node[before, TN] - own_seconds(data, kind, job)
    state.cost[0] += leg_price(data, kind, length, seconds)
    if length > 0 or seconds > 0:
        state.number[SLOWER] = 1
    state.trip[trip, LENGTH] += length
    state.trip[trip, SIZE] -= 1
    for dim in range(data.loads):
        state.trip[trip, LOAD + dim] -= data.job[job, LOADS + dim]
    state.chain[state.trip[trip, CHAIN], WORK] += seconds
    node[job, TRIP] = -1
    state.lists[ABSENT, state.number[N_ABSENT]] = job
    state.number[N_ABSENT] += 1


@inner
def mend(data, state, trip):
    """After jobs were taken out of a trip: its release and times; the trip is closed where none is left.

    Where a way is longer than the way round by others, or does not fit into a shift, less can take more
    time: if it is too much, all jobs come out.
    """
    first = len(data.job) + 2 * trip
    if state.trip[trip, SIZE] > 0 and data.timed:
        release = np.int64(0)
        here = state.node[first, NXT]
        while here != first + 1:
            release = max(release, np.int64(data.job[here, FROM_S]))
            here = state.node[here, NXT]
        state.trip[trip, RELEASE] = release
        recompute(data, state, trip)
        if (not data.general and state.number[SLOWER] == 0) or keeps_limits(data, state, trip):
            return
        while state.trip[trip, SIZE] > 0:
            take_out(data, state, np.int64(state.node[first, NXT]))
    if state.trip[trip, SIZE] == 0:
        close_trip(data, state, trip)


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
    number[SLOWER] = 0
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
