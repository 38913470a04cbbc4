"""Where a job may be put, and at what price."""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    AT_PLACE,
    BLINK,
    CAP,
    CHAIN,
    COUNT,
    DELAY,
    DELAYS,
    DN,
    EAGER,
    FAR,
    FIRST,
    FIRST_KIND,
    FROM_S,
    GAMMA,
    GROUP,
    HOME,
    IS_RUINED,
    KIND,
    LAST,
    LATEST,
    LENGTH,
    LENGTHS,
    LENGTHS_TO,
    LOAD,
    LOAD_FIXED,
    LOAD_PIECE,
    LOADS,
    MAX_LENGTH,
    MAX_TIME,
    MAX_TRIPS,
    MAX_WORK,
    N_ABSENT,
    N_FREE_CHAINS,
    N_FREE_TRIPS,
    N_RUINED,
    NEXT,
    NXT,
    OF_KIND,
    OPEN,
    OPENS,
    ORDER,
    ORIGIN,
    PER_CHAIN,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PER_VEHICLE,
    PLACE,
    PRE_D,
    PRE_L,
    PRV,
    RELEASE,
    RIGID,
    ROOM,
    ROOMY,
    ROW,
    RUINED_WHEN,
    SERVE,
    SERVES,
    SHUT,
    SHUTS,
    SLOWER,
    START,
    SUF_D,
    SUF_E,
    TIMES,
    TIMES_TO,
    TN,
    TRIP,
    USED,
    WAIT,
    WORK,
)
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.solution import mend, open_trip, own_seconds, put, touch
from planner.propose.sisr.kernel.time_functions import depart, load_seconds, ride, serve, serve_on
from planner.propose.sisr.kernel.times import (
    arrive,
    begin_at,
    begin_late,
    lasting,
    limit,
    pieces_of,
    ready_by,
    unloaded_before,
    waits,
    worst,
)
from planner.propose.sisr.kernel.vehicles import chain_price, trip_left, vehicle_left

NOWHERE, AFTER_NODE, NEW_TRIP, NEW_CHAIN = range(4)
NO_PRICE = 1e18
EVERYWHERE = -1.0  # in place of a share of places that are overlooked


@inlined
def draw(state):
    """A random number in [0, 1), xorshift128+."""
    one, two = state.random[0], state.random[1]
    state.random[0] = two
    one ^= one << np.uint64(23)
    one ^= one >> np.uint64(17)
    one ^= two ^ (two >> np.uint64(26))
    state.random[1] = one
    return np.float64((one + two) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def draw_below(state, limit):
    """A random whole number below a limit."""
    return np.int64(draw(state) * limit)


@inner
def next_blink(state, rate):
    """After how many places the next one is overlooked."""
    if rate <= 0.0:
        return np.int64(1_000_000)
    return 1 + np.int64(math.log(1.0 - draw(state)) / math.log(1.0 - rate))


@inner
def blinks(state, rate):
    """Whether this place is overlooked; the next time is drawn ahead."""
    state.number[BLINK] -= 1
    if state.number[BLINK] > 0:
        return False
    state.number[BLINK] = next_blink(state, rate)
    return True


@inlined
def fits(data, state, trip, kind, job):
    """Whether the loads of a trip leave room."""
    for dim in range(data.loads):
        if state.trip[trip, LOAD + dim] + data.job[job, LOADS + dim] > data.rule[kind, CAP + dim]:
            return False
    return True


@inner
def regroup(data, state, trip, kind, job, length):
    """Best kind of the group for a trip with one job and so many metres more that its own does not hold."""
    group = data.rule[kind, GROUP]
    now = data.price[kind, PER_LENGTH] * state.trip[trip, LENGTH]
    best, best_kind = NO_PRICE, np.int64(-1)
    for other in range(len(data.rule)):
        if data.rule[other, GROUP] != group:
            continue
        if not fits(data, state, trip, other, job) or not vehicle_left(data, state, other):
            continue
        price = data.price[other, PER_LENGTH] * (state.trip[trip, LENGTH] + length) - now
        price += fixed(data, other) - fixed(data, kind)
        if price < best:
            best, best_kind = price, other
    return best, best_kind


@inlined
def fixed(data, kind):
    """Fixed price of a vehicle of one trip, where types may be exchanged."""
    return data.price[kind, PER_TRIP] + data.price[kind, PER_CHAIN] + data.price[kind, PER_VEHICLE]


@inlined
def starts_through(data, state, kind, before, job, after, start):
    """Whether a job fits between two nodes when service at `before` starts then; plain times, no delays."""
    node = state.node
    row = data.rule[kind, ROW]
    place = data.job[job, AT_PLACE]
    moment = start + node[before, SERVE] + data.ways[data.rule[kind, TIMES], node[before, PLACE], place]
    if moment > data.window[row, job, SHUTS]:
        return False
    moment = max(moment, np.int64(data.window[row, job, OPENS]))
    moment += data.window[row, job, SERVES] + data.ways[data.rule[kind, TIMES], place, node[after, PLACE]]
    return max(moment, np.int64(node[after, OPEN])) <= node[after, LATEST]


@inlined
def in_time(data, state, trip, kind, before, job):
    """Whether a job may stand after a node of a trip as far as time goes (not durations)."""
    node = state.node
    after = node[before, NXT]
    first = len(data.job) + 2 * trip
    pieces = np.int64(data.job[job, data.job.shape[1] - 1])
    moves = data.job[job, FROM_S] > state.trip[trip, RELEASE] or (
        data.rule[kind, LOAD_PIECE] != 0 and pieces > 0
    )
    if not data.general:
        start = np.int64(node[before, START])
        if moves:
            release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
            seconds = load_seconds(data, kind, pieces_of(data, state, trip) + pieces)
            moment = begin_at(data, state, trip, release, seconds)
            here = first
            while here != before:
                there = node[here, NXT]
                moment = max(moment + node[here, SERVE] + node[here, TN], np.int64(node[there, OPEN]))
                if moment > node[there, SHUT]:
                    return False
                here = there
                if moment == node[here, START]:
                    moment = start
                    break
            start = moment
        return starts_through(data, state, kind, before, job, after, start)
    return in_time_generally(data, state, trip, kind, before, job, moves)


@inner
def in_time_generally(data, state, trip, kind, before, job, moves):
    """`in_time` with calendars, several windows and late legs."""
    node = state.node
    gamma = data.rule[kind, GAMMA]
    first = len(data.job) + 2 * trip
    after = np.int64(node[before, NXT])
    start = state.scratch
    if moves or data.rule[kind, MAX_TIME] > 0:
        release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
        pieces = np.int64(data.job[job, data.job.shape[1] - 1])
        seconds = load_seconds(data, kind, pieces_of(data, state, trip) + pieces)
        planned = begin_at(data, state, trip, release, seconds)
        planned = lasting(data, state, kind, trip, before, job, planned, seconds)
        for late in range(gamma + 1):
            start[late] = planned
            if late > 0:
                start[late] = begin_late(data, state, trip, planned, seconds, late)
        here = first
        while here != before:
            there = np.int64(node[here, NXT])
            if not along(data, state, kind, start, here, there):  # from there on all is as it was
                for late in range(gamma + 1):
                    start[late] = worst(data, state, before, late)
                break
            here = there
    else:
        for late in range(gamma + 1):
            start[late] = worst(data, state, before, late)
    place, place_before = data.job[job, AT_PLACE], np.int64(node[before, PLACE])
    before_s = np.int64(0)
    if place_before == place:
        before_s = unloaded_before(state, np.int64(node[before, PRV]), before)
        before_s += node[before, SERVE] + data.ways[data.rule[kind, TIMES], place, place]
    onward(data, kind, start, np.int64(node[before, SERVE]), place_before, job, before_s)
    if start[0] >= FAR:
        return False
    service = np.int64(data.window[data.rule[kind, ROW], job, SERVES])
    while node[after, PLACE] == place:  # what is unloaded there next is one stop with it
        before_s += service + data.ways[data.rule[kind, TIMES], place, place]
        onward(data, kind, start, service, place, after, before_s)
        service, after = np.int64(node[after, SERVE]), np.int64(node[after, NXT])
    onward(data, kind, start, service, place, after, np.int64(0))
    able = True
    for late in range(gamma + 1):
        able = able and start[late] <= limit(data, state, after, gamma - late)
    return able


@inlined
def along(data, state, kind, start, here, there):
    """`onward` to the next node of the trip; whether any start is another than it was."""
    node = state.node
    service, seconds = np.int64(node[here, SERVE]), np.int64(node[here, TN])
    delay = np.int64(node[here, DELAY])
    gone, moved = start[0] + service, False
    for late in range(data.rule[kind, GAMMA] + 1):
        left = start[late] + service
        moment = ride(data, kind, left, seconds, np.int64(0))
        if late > 0:
            moment = max(moment, ride(data, kind, gone, seconds, delay))
        moment = arrive(data, state, kind, here, there, moment)
        start[late] = moment
        moved = moved or moment != worst(data, state, there, late)
        gone = left
    return moved


@inlined
def onward(data, kind, start, service, place, there, before_s):
    """Starts at the next node after service at a place, for each number of late legs, in place.

    `before_s` seconds of unloading at the place of that node went before, if it is the same place.
    """
    jobs, rule = len(data.job), data.rule[kind]
    place_there = data.job[there, AT_PLACE] if there < jobs else rule[HOME]
    seconds = np.int64(data.ways[rule[TIMES], place, place_there])
    delay = np.int64(0)
    if data.gamma > 0:
        delay = np.int64(data.ways[rule[DELAYS], place, place_there])
    gone = start[0] + service
    for late in range(rule[GAMMA] + 1):
        here = start[late] + service
        moment = ride(data, kind, here, seconds, np.int64(0))
        if late > 0:
            moment = max(moment, ride(data, kind, gone, seconds, delay))
        if there < jobs:
            begin = serve(data, rule[ROW], there, moment)
            if begin != moment and before_s > 0:
                begin = serve_on(data, rule[ROW], there, moment, before_s)
            moment = begin
        start[late] = moment
        gone = here


@inlined
def short_enough(data, state, kind, before, job, after, pieces):
    """Whether a trip with a job put in can be driven within its longest duration."""
    node = state.node
    row = data.rule[kind, ROW]
    place = data.job[job, AT_PLACE]
    extra = data.rule[kind, LOAD_PIECE] * pieces
    gone = state.node[before, PRE_D] + data.ways[data.rule[kind, TIMES], node[before, PLACE], place] + extra
    early, late = np.int64(data.window[row, job, OPENS]), np.int64(data.window[row, job, SHUTS])
    prefix_late = np.int64(state.node[before, PRE_L]) - extra
    wait = max(early - gone - prefix_late, 0)
    duration = gone + wait + data.window[row, job, SERVES]
    last = min(late - gone, prefix_late)
    gone = duration + data.ways[data.rule[kind, TIMES], place, node[after, PLACE]]
    wait = max(state.node[after, SUF_E] - gone - last, 0)
    return gone + wait + state.node[after, SUF_D] <= data.rule[kind, MAX_TIME]


@inner
def alone_in_time(data, state, kind, before, chain, job):
    """Whether a trip with one job may follow a trip (`before` < 0: be the first; chain < 0: be alone)."""
    jobs = len(data.job)
    gamma = data.rule[kind, GAMMA]
    row = data.rule[kind, ROW]
    after = np.int64(-1)
    if chain >= 0:
        after = state.chain[chain, FIRST] if before < 0 else state.trip[before, NEXT]
    seconds = load_seconds(data, kind, np.int64(data.job[job, data.job.shape[1] - 1]))
    origin, home, place = data.rule[kind, ORIGIN], data.rule[kind, HOME], data.job[job, AT_PLACE]
    free = np.int64(data.job[job, FROM_S])
    if before >= 0:
        free = max(free, worst(data, state, jobs + 2 * before + 1, np.int64(0)))
    planned = depart(data, kind, free, seconds)
    out, back = (
        np.int64(data.ways[data.rule[kind, TIMES], origin, place]),
        np.int64(data.ways[data.rule[kind, TIMES], place, home]),
    )
    if planned >= FAR:
        return False
    if not data.general:
        moment = planned + out
        if moment > data.window[row, job, SHUTS]:
            return False
        moment = max(moment, np.int64(data.window[row, job, OPENS])) + data.window[row, job, SERVES] + back
        if moment > ready_by(data, state, kind, after, np.int64(0)):
            return False
        busy = seconds + out + data.window[row, job, SERVES] + back
        return data.rule[kind, MAX_TIME] <= 0 or busy <= data.rule[kind, MAX_TIME]
    alone = np.int64(-1)
    planned = lasting(data, state, kind, alone, alone, job, planned, seconds)
    if planned >= FAR:
        return False
    start = state.scratch
    for late in range(gamma + 1):
        start[late] = planned
        if late > 0 and before >= 0:
            free = worst(data, state, jobs + 2 * before + 1, late)
            start[late] = depart(data, kind, max(free, planned - seconds), seconds)
    none = np.int64(0)
    onward(data, kind, start, none, origin, job, none)
    onward(data, kind, start, np.int64(data.window[row, job, SERVES]), place, np.int64(jobs), none)
    able = True
    for late in range(gamma + 1):
        able = able and start[late] <= ready_by(data, state, kind, after, gamma - late)
    return able


@inlined
def waits_with(data, state, trip, kind, before, job):
    """Paid seconds of waiting of a trip with a job put in after a node."""
    release = max(state.trip[trip, RELEASE], np.int64(data.job[job, FROM_S]))
    pieces = pieces_of(data, state, trip) + np.int64(data.job[job, data.job.shape[1] - 1])
    seconds = load_seconds(data, kind, pieces)
    planned = begin_at(data, state, trip, release, seconds)
    planned = lasting(data, state, kind, trip, before, job, planned, seconds)
    return waits(data, state, kind, trip, before, job, planned, seconds, np.int64(FAR))


@inlined
def next_in_trip(data, state, job, here, end, best):
    """The next node of a trip, from one on, after which a job may cost less than a price; `end`: none.

    Numbers without sign, of nodes and places, save the test whether one counts from an array's end.
    """
    node, rule = state.node, data.rule
    trip = node[here, TRIP]
    kind = state.trip[trip, KIND]
    if not fits(data, state, trip, kind, job):
        return end if rule[kind, GROUP] < 0 else here
    place, row = data.job[job, AT_PLACE], rule[kind, ROW]
    there, back = data.ways[rule[kind, LENGTHS_TO], place], data.ways[rule[kind, LENGTHS], place]
    there_s, back_s = data.ways[rule[kind, TIMES_TO], place], data.ways[rule[kind, TIMES], place]
    per_length, per_time = data.price[kind, PER_LENGTH], data.price[kind, PER_TIME]
    more_s = own_seconds(data, kind, job) - state.trip[trip, WAIT]
    opens, shuts = -2 * FAR, 2 * FAR
    if data.timed and not (data.general and rule[kind, MAX_TIME] > 0):
        opens, shuts = np.int64(data.window[row, job, OPENS]), np.int64(data.window[row, job, SHUTS])
    at, last = np.uint64(here), np.uint64(end)
    place_at = np.uint64(node[at, PLACE])
    while at != last and node[at, START] <= shuts:
        after = np.uint64(node[at, NXT])
        place_after = np.uint64(node[after, PLACE])
        price = per_length * (np.int64(there[place_at]) + back[place_after] - node[at, DN])
        if per_time != 0.0:
            price += per_time * (more_s + there_s[place_at] + back_s[place_after] - node[at, TN])
        if price < best and node[after, LATEST] >= opens:
            return np.int64(at)
        at, place_at = after, place_after
    return end


@inlined
def next_near(data, state, job, pos, best):
    """The next of a job's neighbours, from one on, next to which it may cost less; 2 * `width`: none."""
    node, trips, rule = state.node, state.trip, data.rule
    ruined, ruined_when = state.lists[IS_RUINED], state.number[RUINED_WHEN]
    place, load = data.job[job, AT_PLACE], data.job[job, LOADS]
    near = data.near[job]
    width, count = data.width, 2 * data.width
    pos -= 1
    while True:
        pos += 1
        if pos >= count:
            return pos
        if near[pos] < 0:
            continue
        at = np.uint64(near[pos])
        if node[at, TRIP] < 0:
            continue
        trip = np.uint64(node[at, TRIP])
        kind = np.uint64(trips[trip, KIND])
        if ruined[trip] == ruined_when:
            continue
        if trips[trip, LOAD] + load > rule[kind, CAP] or (
            data.loads > 1 and not fits(data, state, trip, kind, job)
        ):
            if rule[kind, GROUP] >= 0:
                return pos
            continue
        if pos >= width:
            at = np.uint64(node[at, PRV])
        place_at, place_after = np.uint64(node[at, PLACE]), np.uint64(node[np.uint64(node[at, NXT]), PLACE])
        there, back = data.ways[rule[kind, LENGTHS_TO], place], data.ways[rule[kind, LENGTHS], place]
        price = data.price[kind, PER_LENGTH] * (np.int64(there[place_at]) + back[place_after] - node[at, DN])
        per_time = data.price[kind, PER_TIME]
        if per_time != 0.0:
            there_s, back_s = data.ways[rule[kind, TIMES_TO], place], data.ways[rule[kind, TIMES], place]
            more_s = own_seconds(data, kind, job) - trips[trip, WAIT]
            price += per_time * (more_s + there_s[place_at] + back_s[place_after] - node[at, TN])
        if price < best:
            return pos


@inner
def best_place(data, state, job, rate):
    """The cheapest place found for a job: next to near ones, and anywhere in the trips that were ruined.

    Without the latter a far job never begins or ends a trip, which is best in some clusters. At a rate of
    `EVERYWHERE` all places are tried.

    Returns
    -------
    (price, how, where, kind)
        `where` is a node, or a trip (or -1 - chain: before its first trip), or unused; by `how`.
    """
    node, trips, rule, ways, window = state.node, state.trip, data.rule, data.ways, data.window
    price_of, number = data.price, state.number
    jobs = len(data.job)
    best, how, where, new_kind = NO_PRICE, np.int64(NOWHERE), np.int64(-1), np.int64(-1)
    place = data.job[job, AT_PLACE]
    release = data.job[job, FROM_S]
    pieces = data.job[job, data.job.shape[1] - 1]
    everywhere = rate == EVERYWHERE
    timed, general, limited = data.timed, data.general, data.limited
    pos, ruined, walk, end = np.int64(-1), np.int64(0), np.int64(-1), np.int64(-1)
    while True:
        if everywhere:
            pos += 1
            if pos >= len(node):
                break
            if node[pos, TRIP] < 0 or (pos >= jobs and (pos - jobs) % 2 == 1):
                continue
            before = np.int64(pos)
        elif walk != end:
            before = next_in_trip(data, state, job, walk, end, best)
            if before == end:
                walk = end
                continue
            walk = np.int64(node[before, NXT])
        elif ruined < number[N_RUINED]:
            trip = np.int64(state.lists[ORDER, ruined])
            ruined += 1
            if trips[trip, CHAIN] >= 0:
                walk, end = jobs + 2 * trip, jobs + 2 * trip + 1
            continue
        else:
            pos = next_near(data, state, job, pos + 1, best)
            if pos >= 2 * data.width:
                break
            before = np.int64(data.near[job, pos])
            if pos >= data.width:
                before = np.int64(node[before, PRV])
        trip = np.int64(node[before, TRIP])
        if trips[trip, CHAIN] < 0:
            continue
        kind = trips[trip, KIND]
        kind_then = kind
        if (
            general
            and window[rule[kind, ROW], job, SHUTS] < node[before, START]
            and rule[kind, MAX_TIME] <= 0
        ):
            continue
        after = np.int64(node[before, NXT])
        place_before, place_after = np.int64(node[before, PLACE]), np.int64(node[after, PLACE])
        length = (
            np.int64(ways[rule[kind, LENGTHS_TO], place, place_before])
            + ways[rule[kind, LENGTHS], place, place_after]
            - node[before, DN]
        )
        price = price_of[kind, PER_LENGTH] * length
        if not fits(data, state, trip, kind, job):
            if rule[kind, GROUP] < 0 or state.cost[RIGID] > 0.0:
                continue
            price, kind_then = regroup(data, state, trip, kind, job, length)
        elif price_of[kind, PER_TIME] != 0.0:
            price += price_of[kind, PER_TIME] * (
                np.int64(ways[rule[kind, TIMES_TO], place, place_before])
                + ways[rule[kind, TIMES], place, place_after]
                + own_seconds(data, kind, job)
                - node[before, TN]
                - trips[trip, WAIT]
            )
        if price >= best:
            continue
        if rate > 0.0 and blinks(state, rate):
            continue
        if timed:
            if general or release > trips[trip, RELEASE] or (rule[kind, LOAD_PIECE] != 0 and pieces > 0):
                if not in_time(data, state, trip, kind, before, job):
                    continue
            else:
                row = rule[kind, ROW]
                moment = (
                    np.int64(node[before, START])
                    + node[before, SERVE]
                    + ways[rule[kind, TIMES_TO], place, place_before]
                )
                if moment > window[row, job, SHUTS]:
                    continue
                moment = max(moment, np.int64(window[row, job, OPENS]))
                moment += np.int64(window[row, job, SERVES]) + ways[rule[kind, TIMES], place, place_after]
                if moment > node[after, LATEST]:
                    continue
            if limited and not within_limits(data, state, trip, kind, before, job, length):
                continue
        if price_of[kind, PER_TIME] != 0.0 and timed:
            price += price_of[kind, PER_TIME] * waits_with(data, state, trip, kind, before, job)
            if price >= best:
                continue
        best, how, where, new_kind = price, np.int64(AFTER_NODE), before, kind_then
    return new_trip(data, state, job, rate, best, how, where, new_kind)


@inlined
def within_limits(data, state, trip, kind, before, job, length):
    """Whether duration, length and working time of a trip stay within their limits with a job put in."""
    rule = data.rule
    if rule[kind, MAX_LENGTH] > 0 and state.trip[trip, LENGTH] + length > rule[kind, MAX_LENGTH]:
        return False
    node = state.node
    after = node[before, NXT]
    pieces = np.int64(data.job[job, data.job.shape[1] - 1])
    if rule[kind, MAX_WORK] > 0:
        place, row = data.job[job, AT_PLACE], rule[kind, ROW]
        work = (
            state.chain[state.trip[trip, CHAIN], WORK]
            + data.ways[data.rule[kind, TIMES], node[before, PLACE], place]
            + data.ways[data.rule[kind, TIMES], place, node[after, PLACE]]
            - node[before, TN]
            + data.window[row, job, SERVES]
            + rule[kind, LOAD_PIECE] * pieces
        )
        if work > rule[kind, MAX_WORK]:
            return False
    if data.segments and rule[kind, MAX_TIME] > 0:
        return short_enough(data, state, kind, before, job, after, pieces)
    return True


@inner
def new_trip(data, state, job, rate, best, how, where, new_kind):
    """The cheapest of a place found and a new trip, in a chain or as a new one."""
    if state.number[N_FREE_TRIPS] == 0:
        return best, how, where, new_kind
    place = data.job[job, AT_PLACE]
    kinds = len(data.rule)
    for turn in range(kinds):
        kind = state.number[FIRST_KIND] + turn
        kind -= kinds if kind >= kinds else 0
        rule = data.rule[kind]
        row = rule[ROW]
        if data.window[row, job, SHUTS] < 0:
            continue
        length = (
            np.int64(data.ways[data.rule[kind, LENGTHS], rule[ORIGIN], place])
            + data.ways[data.rule[kind, LENGTHS], place, rule[HOME]]
        )
        seconds = (
            np.int64(data.ways[data.rule[kind, TIMES], rule[ORIGIN], place])
            + data.ways[data.rule[kind, TIMES], place, rule[HOME]]
        )
        price = data.price[kind, PER_TRIP] + data.price[kind, PER_LENGTH] * length
        pieces = np.int64(data.job[job, data.job.shape[1] - 1])
        seconds += data.window[row, job, SERVES] + data.rule[kind, LOAD_PIECE] * pieces
        price += data.price[kind, PER_TIME] * seconds
        seems = state.cost[EAGER] * (1.0 - state.cost[ROOMY] * (1.0 - data.price[kind, ROOM]))
        price *= seems
        if price >= best:
            continue
        able = rule[MAX_LENGTH] <= 0 or length <= rule[MAX_LENGTH]
        for dim in range(data.loads):
            able = able and data.job[job, LOADS + dim] <= rule[CAP + dim]
        if not able:
            continue
        work = rule[LOAD_FIXED] + seconds
        if rule[MAX_WORK] > 0 and work > rule[MAX_WORK]:
            continue
        if data.timed:
            if state.alone[kind, job] < 0:
                possible = alone_in_time(data, state, kind, np.int64(-1), np.int64(-1), job)
                state.alone[kind, job] = 1 if possible else 0
            if state.alone[kind, job] == 0:
                continue
        if rule[MAX_TRIPS] > 1:
            found, spot = room_in_chains(data, state, kind, job, work)
            if found and not (rate > 0.0 and blinks(state, rate)):
                best, how, where, new_kind = price, np.int64(NEW_TRIP), spot, np.int64(kind)
                continue
        if state.number[N_FREE_CHAINS] == 0 or not trip_left(data, state, kind, np.int64(-1)):
            continue
        price += seems * chain_price(data, state, kind)
        if price >= best or (rate > 0.0 and blinks(state, rate)):
            continue
        best, how, where, new_kind = price, np.int64(NEW_CHAIN), np.int64(-1), np.int64(kind)
    return best, how, where, new_kind


@inner
def room_in_chains(data, state, kind, job, work):
    """A place for a new trip in the chains of a kind: after a trip, or before the first (-1 - chain)."""
    chains = len(state.chain)
    rule = data.rule[kind]
    if state.number[USED + kind] == 0:
        return False, np.int64(-1)
    offset = draw_below(state, chains)
    left = state.number[USED + kind]
    for pos in range(chains):
        chain = (pos + offset) % chains
        if state.chain[chain, COUNT] <= 0 or state.chain[chain, OF_KIND] != kind:
            continue
        left -= 1
        if trip_left(data, state, kind, chain) and (
            rule[MAX_WORK] <= 0 or state.chain[chain, WORK] + work <= rule[MAX_WORK]
        ):
            if alone_in_time(data, state, kind, np.int64(-1), chain, job):
                return True, np.int64(-1 - chain)
            trip = state.chain[chain, FIRST]
            while trip >= 0:
                if alone_in_time(data, state, kind, trip, chain, job):
                    return True, np.int64(trip)
                trip = state.trip[trip, NEXT]
        if left == 0:
            break
    return False, np.int64(-1)


@inner
def may_pair(data, state, kind, job, other):
    """Whether a trip with two jobs, in this order, has ways and room."""
    rule, row = data.rule[kind], data.rule[kind, ROW]
    place, place_other = data.job[job, AT_PLACE], data.job[other, AT_PLACE]
    able = state.number[N_FREE_TRIPS] > 0
    able = able and data.window[row, job, SHUTS] >= 0 and data.window[row, other, SHUTS] >= 0
    able = able and data.ways[rule[TIMES], rule[ORIGIN], place] < FAR
    able = able and data.ways[rule[TIMES], place, place_other] < FAR
    able = able and data.ways[rule[TIMES], place_other, rule[HOME]] < FAR
    for dim in range(data.loads):
        able = able and data.job[job, LOADS + dim] + data.job[other, LOADS + dim] <= rule[CAP + dim]
    return able


@inner
def pair_up(data, state, stamp):
    """Try a new trip, of a kind, of two absent jobs of which one alone can be none."""
    number, absent, chains = state.number, state.lists[ABSENT], state.chain
    kind, one = draw_below(state, len(data.rule)), np.int64(-1)
    begin = draw_below(state, number[N_ABSENT])
    for step in range(number[N_ABSENT]):
        pos = (begin + step) % number[N_ABSENT]
        if state.alone[kind, absent[pos]] == 0:
            one = np.int64(pos)
            break
    if one < 0:
        return
    two = draw_below(state, number[N_ABSENT])
    job, other = np.int64(absent[one]), np.int64(absent[two])
    if draw(state) < 0.5:
        job, other = other, job
    if one == two or not may_pair(data, state, kind, job, other):
        return
    before, chain = np.int64(-1), draw_below(state, len(chains))
    if chains[chain, COUNT] <= 0 or chains[chain, OF_KIND] != kind:
        chain = np.int64(-1)
        if number[N_FREE_CHAINS] == 0:
            return
    if not trip_left(data, state, kind, chain):
        return
    if chain >= 0:
        touch(data, state, chain, stamp)
        before = np.int64(chains[chain, LAST]) if draw(state) < 0.5 else before
    for pos in (max(one, two), min(one, two)):
        number[N_ABSENT] -= 1
        absent[pos] = absent[number[N_ABSENT]]
    trip = open_trip(data, state, chain, before, kind, stamp)
    put(data, state, job, np.int64(len(data.job) + 2 * trip))
    put(data, state, other, job)
    number[SLOWER] = 1  # judge it, and take it apart if it breaks a rule
    mend(data, state, trip)
