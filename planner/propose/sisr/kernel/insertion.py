"""Where a job may be put, and at what price."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ABSENT,
    AT_PLACE,
    CAP,
    COUNT,
    DN,
    EAGER,
    FAR,
    FIRST,
    FIRST_VEH_TYPE,
    FROM_S,
    GROUP,
    HOME,
    IS_RUINED,
    JOURNEY,
    LAST,
    LATEST,
    LENGTHS,
    LENGTHS_TO,
    LOAD,
    LOAD_FIXED,
    LOAD_PIECE,
    LOADS,
    MATE,
    MAX_LENGTH,
    MAX_TIME,
    MAX_TRIPS,
    MAX_WORK,
    N_ABSENT,
    N_FREE_JOURNEYS,
    N_FREE_TRIPS,
    N_RUINED,
    NEXT,
    NXT,
    OF_VEH_TYPE,
    OPENS,
    ORDER,
    ORIGIN,
    PER_LENGTH,
    PER_TIME,
    PER_TRIP,
    PLACE,
    PRV,
    RELEASE,
    RIGID,
    ROOM,
    ROOMY,
    ROW,
    RUINED_WHEN,
    SERVE,
    SERVES,
    SHUTS,
    SLOWER,
    START,
    TIMES,
    TIMES_TO,
    TN,
    TRIP,
    USED,
    VEH_TYPE,
    WAIT,
    WORK,
)
from planner.propose.sisr.kernel.draws import blinks, draw, draw_below
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.insertion_tests import (
    NO_PRICE,
    alone_in_time,
    fits,
    in_time,
    regroup,
    waits_with,
    within_limits,
)
from planner.propose.sisr.kernel.solution import mend, open_trip, own_seconds, put, touch
from planner.propose.sisr.kernel.vehicles import journey_price, trip_left

__all__ = ["NO_PRICE"]

NOWHERE, AFTER_NODE, NEW_TRIP, NEW_JOURNEY = range(4)
EVERYWHERE = -1.0  # in place of a share of places that are overlooked


@inlined
def next_in_trip(data, state, job, here, end, best):
    """The next node of a trip, from one on, after which a job may cost less than a price; `end`: none.

    Numbers without sign, of nodes and places, save the test whether one counts from an array's end.

    Parameters
    ----------
    end
        The end of the trip.
    best
        The price to beat.
    """
    node, fleet = state.node, data.fleet
    trip = node[here, TRIP]
    veh_type = state.trip[trip, VEH_TYPE]
    if not fits(data, state, trip, veh_type, job):
        return end if fleet[veh_type, GROUP] < 0 else here
    place, row = data.job[job, AT_PLACE], fleet[veh_type, ROW]
    there, back = data.ways[fleet[veh_type, LENGTHS_TO], place], data.ways[fleet[veh_type, LENGTHS], place]
    there_s, back_s = data.ways[fleet[veh_type, TIMES_TO], place], data.ways[fleet[veh_type, TIMES], place]
    per_length, per_time = data.price[veh_type, PER_LENGTH], data.price[veh_type, PER_TIME]
    more_s = own_seconds(data, veh_type, job) - state.trip[trip, WAIT]
    opens, shuts = -2 * FAR, 2 * FAR
    if data.timed and not (data.general and fleet[veh_type, MAX_TIME] > 0):
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
    """The next of a job's neighbours, from one on, next to which it may cost less; 2 * `width`: none.

    Parameters
    ----------
    pos
        Column of `Data.near` from which on they are looked at.
    best
        The price to beat.
    """
    node, trips, fleet = state.node, state.trip, data.fleet
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
        veh_type = np.uint64(trips[trip, VEH_TYPE])
        if ruined[trip] == ruined_when:
            continue
        if trips[trip, LOAD] + load > fleet[veh_type, CAP] or (
            data.loads > 1 and not fits(data, state, trip, veh_type, job)
        ):
            if fleet[veh_type, GROUP] >= 0:
                return pos
            continue
        if pos >= width:
            at = np.uint64(node[at, PRV])
        place_at, place_after = np.uint64(node[at, PLACE]), np.uint64(node[np.uint64(node[at, NXT]), PLACE])
        there, back = (
            data.ways[fleet[veh_type, LENGTHS_TO], place],
            data.ways[fleet[veh_type, LENGTHS], place],
        )
        price = data.price[veh_type, PER_LENGTH] * (
            np.int64(there[place_at]) + back[place_after] - node[at, DN]
        )
        per_time = data.price[veh_type, PER_TIME]
        if per_time != 0.0:
            there_s, back_s = (
                data.ways[fleet[veh_type, TIMES_TO], place],
                data.ways[fleet[veh_type, TIMES], place],
            )
            more_s = own_seconds(data, veh_type, job) - trips[trip, WAIT]
            price += per_time * (more_s + there_s[place_at] + back_s[place_after] - node[at, TN])
        if price < best:
            return pos


@inner
def best_place(data, state, job, rate):
    """The cheapest place found for a job: next to near ones, and anywhere in the trips that were ruined.

    Without the latter a far job never begins or ends a trip, which is best in some clusters.

    Parameters
    ----------
    data, state
        The problem, and the solution.
    job
        Number of the job; it is in no trip.
    rate
        Share of the possible places that are overlooked, from 0 to 1; `EVERYWHERE`: none, and all places are
        tried.

    Returns
    -------
    (price, how, where, vehicle type)
        `where` is a node, or a trip (or -1 - journey: before its first trip), or unused; by `how`.
    """
    node, trips, fleet, ways, window = state.node, state.trip, data.fleet, data.ways, data.window
    price_of, number = data.price, state.number
    jobs = len(data.job)
    best, how, where, new_type = NO_PRICE, np.int64(NOWHERE), np.int64(-1), np.int64(-1)
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
            if trips[trip, JOURNEY] >= 0:
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
        if trips[trip, JOURNEY] < 0:
            continue
        veh_type = trips[trip, VEH_TYPE]
        veh_type_then = veh_type
        if (
            general
            and window[fleet[veh_type, ROW], job, SHUTS] < node[before, START]
            and fleet[veh_type, MAX_TIME] <= 0
        ):
            continue
        after = np.int64(node[before, NXT])
        place_before, place_after = np.int64(node[before, PLACE]), np.int64(node[after, PLACE])
        length = (
            np.int64(ways[fleet[veh_type, LENGTHS_TO], place, place_before])
            + ways[fleet[veh_type, LENGTHS], place, place_after]
            - node[before, DN]
        )
        price = price_of[veh_type, PER_LENGTH] * length
        if not fits(data, state, trip, veh_type, job):
            if fleet[veh_type, GROUP] < 0 or state.cost[RIGID] > 0.0:
                continue
            price, veh_type_then = regroup(data, state, trip, veh_type, job, length)
        elif price_of[veh_type, PER_TIME] != 0.0:
            price += price_of[veh_type, PER_TIME] * (
                np.int64(ways[fleet[veh_type, TIMES_TO], place, place_before])
                + ways[fleet[veh_type, TIMES], place, place_after]
                + own_seconds(data, veh_type, job)
                - node[before, TN]
                - trips[trip, WAIT]
            )
        if price >= best:
            continue
        if rate > 0.0 and blinks(state, rate):
            continue
        if timed:
            if general or release > trips[trip, RELEASE] or (fleet[veh_type, LOAD_PIECE] != 0 and pieces > 0):
                if not in_time(data, state, trip, veh_type, before, job):
                    continue
            else:
                row = fleet[veh_type, ROW]
                moment = (
                    np.int64(node[before, START])
                    + node[before, SERVE]
                    + ways[fleet[veh_type, TIMES_TO], place, place_before]
                )
                if moment > window[row, job, SHUTS]:
                    continue
                moment = max(moment, np.int64(window[row, job, OPENS]))
                moment += (
                    np.int64(window[row, job, SERVES]) + ways[fleet[veh_type, TIMES], place, place_after]
                )
                if moment > node[after, LATEST]:
                    continue
            if limited and not within_limits(data, state, trip, veh_type, before, job, length):
                continue
        if price_of[veh_type, PER_TIME] != 0.0 and timed:
            price += price_of[veh_type, PER_TIME] * waits_with(data, state, trip, veh_type, before, job)
            if price >= best:
                continue
        best, how, where, new_type = price, np.int64(AFTER_NODE), before, veh_type_then
    return new_trip(data, state, job, rate, best, how, where, new_type)


@inner
def new_trip(data, state, job, rate, best, how, where, new_type):
    """The cheapest of a place found and a new trip, in a journey or as a new one.

    Parameters
    ----------
    best, how, where, new_type
        The place found, as `best_place` gives it.
    """
    if state.number[N_FREE_TRIPS] == 0:
        return best, how, where, new_type
    place = data.job[job, AT_PLACE]
    veh_types = len(data.fleet)
    for turn in range(veh_types):
        veh_type = state.number[FIRST_VEH_TYPE] + turn
        veh_type -= veh_types if veh_type >= veh_types else 0
        fleet = data.fleet[veh_type]
        row = fleet[ROW]
        if data.window[row, job, SHUTS] < 0:
            continue
        length = (
            np.int64(data.ways[data.fleet[veh_type, LENGTHS], fleet[ORIGIN], place])
            + data.ways[data.fleet[veh_type, LENGTHS], place, fleet[HOME]]
        )
        seconds = (
            np.int64(data.ways[data.fleet[veh_type, TIMES], fleet[ORIGIN], place])
            + data.ways[data.fleet[veh_type, TIMES], place, fleet[HOME]]
        )
        price = data.price[veh_type, PER_TRIP] + data.price[veh_type, PER_LENGTH] * length
        pieces = np.int64(data.job[job, data.job.shape[1] - 1])
        seconds += data.window[row, job, SERVES] + data.fleet[veh_type, LOAD_PIECE] * pieces
        price += data.price[veh_type, PER_TIME] * seconds
        seems = state.cost[EAGER] * (1.0 - state.cost[ROOMY] * (1.0 - data.price[veh_type, ROOM]))
        price *= seems
        if price >= best:
            continue
        able = fleet[MAX_LENGTH] <= 0 or length <= fleet[MAX_LENGTH]
        for dim in range(data.loads):
            able = able and data.job[job, LOADS + dim] <= fleet[CAP + dim]
        if not able:
            continue
        work = fleet[LOAD_FIXED] + seconds
        if fleet[MAX_WORK] > 0 and work > fleet[MAX_WORK]:
            continue
        if data.timed:
            if state.alone[veh_type, job] < 0 or data.moments > 0:  # docks may be needed by others
                possible = alone_in_time(data, state, veh_type, np.int64(-1), np.int64(-1), job)
                state.alone[veh_type, job] = 1 if possible else 0
            if state.alone[veh_type, job] == 0:
                continue
        if fleet[MAX_TRIPS] > 1:
            found, spot = room_in_journeys(data, state, veh_type, job, work)
            if found and not (rate > 0.0 and blinks(state, rate)):
                best, how, where, new_type = price, np.int64(NEW_TRIP), spot, np.int64(veh_type)
                continue
        if state.number[N_FREE_JOURNEYS] == 0 or not trip_left(data, state, veh_type, np.int64(-1)):
            continue
        price += seems * journey_price(data, state, veh_type)
        if price >= best or (rate > 0.0 and blinks(state, rate)):
            continue
        best, how, where, new_type = price, np.int64(NEW_JOURNEY), np.int64(-1), np.int64(veh_type)
    return best, how, where, new_type


@inner
def room_in_journeys(data, state, veh_type, job, work):
    """A place for a new trip in journeys of a type: after a trip, or before the first (-1 - journey).

    Parameters
    ----------
    work
        Seconds of loading, driving and service of the new trip.
    """
    journeys = len(state.journey)
    fleet = data.fleet[veh_type]
    if state.number[USED + veh_type] == 0:
        return False, np.int64(-1)
    offset = draw_below(state, journeys)
    left = state.number[USED + veh_type]
    for pos in range(journeys):
        journey = (pos + offset) % journeys
        if state.journey[journey, COUNT] <= 0 or state.journey[journey, OF_VEH_TYPE] != veh_type:
            continue
        left -= 1
        if trip_left(data, state, veh_type, journey) and (
            fleet[MAX_WORK] <= 0 or state.journey[journey, WORK] + work <= fleet[MAX_WORK]
        ):
            if alone_in_time(data, state, veh_type, np.int64(-1), journey, job):
                return True, np.int64(-1 - journey)
            trip = state.journey[journey, FIRST]
            while trip >= 0:
                if alone_in_time(data, state, veh_type, trip, journey, job):
                    return True, np.int64(trip)
                trip = state.trip[trip, NEXT]
        if left == 0:
            break
    return False, np.int64(-1)


@inner
def may_pair(data, state, veh_type, job, other):
    """Whether a trip with two jobs, in this order, has ways and room.

    Parameters
    ----------
    other
        The job after `job`.
    """
    fleet, row = data.fleet[veh_type], data.fleet[veh_type, ROW]
    place, place_other = data.job[job, AT_PLACE], data.job[other, AT_PLACE]
    able = state.number[N_FREE_TRIPS] > 0
    able = able and data.window[row, job, SHUTS] >= 0 and data.window[row, other, SHUTS] >= 0
    able = able and data.ways[fleet[TIMES], fleet[ORIGIN], place] < FAR
    able = able and data.ways[fleet[TIMES], place, place_other] < FAR
    able = able and data.ways[fleet[TIMES], place_other, fleet[HOME]] < FAR
    for dim in range(data.loads):
        able = able and data.job[job, LOADS + dim] + data.job[other, LOADS + dim] <= fleet[CAP + dim]
    return able


@inner
def pair_up(data, state, stamp):
    """Try a new trip, of a vehicle type, of two absent jobs of which one alone can be none."""
    number, absent, journeys = state.number, state.lists[ABSENT], state.journey
    veh_type, one = draw_below(state, len(data.fleet)), np.int64(-1)
    begin = draw_below(state, number[N_ABSENT])
    for step in range(number[N_ABSENT]):
        pos = (begin + step) % number[N_ABSENT]
        if state.alone[veh_type, absent[pos]] == 0:
            one = np.int64(pos)
            break
    if one < 0:
        return
    two = draw_below(state, number[N_ABSENT])
    job, other = np.int64(absent[one]), np.int64(absent[two])
    if draw(state) < 0.5:
        job, other = other, job
    bundled = data.decided[job, MATE] >= 0 or data.decided[other, MATE] >= 0
    if one == two or bundled or not may_pair(data, state, veh_type, job, other):
        return
    before, journey = np.int64(-1), draw_below(state, len(journeys))
    if journeys[journey, COUNT] <= 0 or journeys[journey, OF_VEH_TYPE] != veh_type:
        journey = np.int64(-1)
        if number[N_FREE_JOURNEYS] == 0:
            return
    if not trip_left(data, state, veh_type, journey):
        return
    if journey >= 0:
        touch(data, state, journey, stamp)
        before = np.int64(journeys[journey, LAST]) if draw(state) < 0.5 else before
    for pos in (max(one, two), min(one, two)):
        number[N_ABSENT] -= 1
        absent[pos] = absent[number[N_ABSENT]]
    trip = open_trip(data, state, journey, before, veh_type, stamp)
    put(data, state, job, np.int64(len(data.job) + 2 * trip))
    put(data, state, other, job)
    number[SLOWER] = 1  # judge it, and take it apart if it breaks a rule
    mend(data, state, trip)
