"""Times at one place of a trip: departure, arrival, service, return; earliest and latest; late legs."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    AT_PLACE,
    END,
    FAR,
    GAMMA,
    HOME,
    HOURS,
    LATE,
    LATEST,
    LOAD,
    MAX_TIME,
    NXT,
    ORIGIN,
    PLACE,
    PREV,
    PRV,
    ROW,
    SERVE,
    SERVES,
    START,
    TIMES,
    TN,
    VEH_TYPE,
)
from planner.propose.sisr.kernel.hours import back_at_hour, depart_at_hour, hours_with
from planner.propose.sisr.kernel.inner import inlined, inner
from planner.propose.sisr.kernel.time_functions import (
    NEVER,
    depart,
    depart_back,
    go,
    go_back,
    load_seconds,
    serve,
    serve_back,
    serve_back_on,
    serve_on,
    working,
)

__all__ = [
    "arrive",
    "arrive_back",
    "begin_at",
    "begin_late",
    "begins_at",
    "lasting",
    "limit",
    "pieces_of",
    "ready_by",
    "waits",
]


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
def begin_at(data, state, trip, release, seconds, job):
    """First departure of a trip with a release and seconds of loading, and a job put in (< 0: none).

    Parameters
    ----------
    release
        From which moment all that it carries may be loaded.
    """
    before = state.trip[trip, PREV]
    free = np.int64(release)
    if before >= 0:
        free = max(free, np.int64(state.node[len(data.job) + 2 * before + 1, START]))
    veh_type = state.trip[trip, VEH_TYPE]
    if data.moments > 0:
        hours = hours_with(data, state, trip, veh_type, job)
        return depart_at_hour(data, state, trip, veh_type, hours, free, seconds)
    return depart(data, veh_type, free, seconds)


@inlined
def begin_late(data, state, trip, planned, seconds, late):
    """Departure of a trip planned for a moment when `late` legs before it were late.

    Parameters
    ----------
    planned
        The moment.
    """
    before = state.trip[trip, PREV]
    if before < 0 or planned >= FAR:
        return planned
    free = worst(data, state, len(data.job) + 2 * before + 1, late)
    return depart(data, state.trip[trip, VEH_TYPE], max(free, planned - seconds), seconds)


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
    """Seconds of unloading at the place of a node until its vehicle leaves it, without its own.

    Parameters
    ----------
    jobs
        Number of all jobs.
    """
    node, seconds = state.node, np.int64(0)
    while there < jobs and node[here, PLACE] == node[there, PLACE]:
        seconds += np.int64(node[there, SERVE]) + node[here, TN]
        here, there = there, np.int64(node[there, NXT])
    return seconds


@inlined
def arrive(data, state, veh_type, here, there, moment):
    """Begin of service at a node when its vehicle, from the one before, is there at a moment.

    Neighbours of one place are one stop, which pauses for nothing: those that were earlier wait too.
    """
    begin = moment
    if there < len(data.job):
        begin = serve(data, data.fleet[veh_type, ROW], there, moment)
        if begin != moment and state.node[here, PLACE] == state.node[there, PLACE]:
            before_s = unloaded_before(state, here, there)
            begin = serve_on(data, data.fleet[veh_type, ROW], there, moment, before_s)
    return begin


@inlined
def arrive_back(data, state, veh_type, here, there, moment):
    """Latest begin of service at a node, before another, that is over by a moment less its service."""
    begin = moment
    if here < len(data.job):
        begin = serve_back(data, data.fleet[veh_type, ROW], here, moment)
        if begin != moment and state.node[here, PLACE] == state.node[there, PLACE]:
            after_s = unloaded_after(state, here, there, len(data.job))
            begin = serve_back_on(data, data.fleet[veh_type, ROW], here, moment, after_s)
    return begin


@inner
def ends_at(data, state, veh_type, trip, before, job, moment):
    """When a trip that departs at a moment ends, and its seconds of driving and service.

    A job stands after a node of it (`before` < -1: after none); `trip` and `before` are -1: it stands alone.
    """
    jobs = len(data.job)
    row, times = data.fleet[veh_type, ROW], data.fleet[veh_type, TIMES]
    here, last, after = np.int64(-1), np.int64(jobs), np.int64(jobs)
    if trip >= 0:
        here, last = np.int64(jobs + 2 * trip), np.int64(jobs + 2 * trip + 1)
        if before >= 0:
            after = np.int64(state.node[before, NXT])
    place, service, busy, before_s = data.fleet[veh_type, ORIGIN], np.int64(0), np.int64(0), np.int64(0)
    while here != last:
        if here == before:
            there = np.int64(job)
        elif here == job:
            there = after
        else:
            there = np.int64(state.node[here, NXT])
        place_there = data.job[there, AT_PLACE] if there < jobs else data.fleet[veh_type, HOME]
        seconds = np.int64(data.ways[times, place, place_there])
        moment = go(data, veh_type, place, place_there, moment + service, seconds, np.int64(0))
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
def begins_at(data, state, veh_type, trip, before, job, moment):
    """Latest departure of a trip that ends by a moment; a job is put in as in `ends_at`."""
    jobs = len(data.job)
    row, times = data.fleet[veh_type, ROW], data.fleet[veh_type, TIMES]
    here, first, after = np.int64(jobs), np.int64(-1), np.int64(jobs)
    if trip >= 0:
        here, first = np.int64(jobs + 2 * trip + 1), np.int64(jobs + 2 * trip)
        after = np.int64(state.node[before, NXT]) if before >= 0 else np.int64(-2)
    place, after_s = data.fleet[veh_type, HOME], np.int64(0)
    while here != first:
        if here == after:
            there = np.int64(job)
        elif here == job:
            there = np.int64(before)
        else:
            there = np.int64(state.node[here, PRV])
        serves = 0 <= there < jobs
        place_there = data.job[there, AT_PLACE] if serves else data.fleet[veh_type, ORIGIN]
        seconds = np.int64(data.ways[times, place_there, place])
        moment = go_back(data, veh_type, place_there, place, moment, seconds, np.int64(0))
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
def lasting(data, state, veh_type, trip, before, job, departure, seconds):
    """First departure, not before one, from which a trip lasts no longer than it may.

    Without calendars the longest time is judged by `set_segments` alone: there a later departure that
    shortens a trip does not change when it ends. A job is put in as in `ends_at`.
    """
    if not data.general or data.fleet[veh_type, MAX_TIME] <= 0:
        return departure
    return put_off(data, state, veh_type, trip, before, job, departure, seconds)


@inner
def put_off(data, state, veh_type, trip, before, job, departure, seconds):
    """`lasting` where there is a longest time."""
    longest = data.fleet[veh_type, MAX_TIME]
    while departure < FAR:
        end, busy = ends_at(data, state, veh_type, trip, before, job, departure)
        if end >= FAR or busy + seconds > longest:
            return np.int64(NEVER)
        if end - departure + seconds <= longest:
            break
        departure = depart(data, veh_type, end - longest, seconds)
    return departure


@inner
def put_back(data, state, veh_type, trip, begin, seconds):
    """Latest begin of loading, not after one, from which a trip lasts no longer than it may."""
    longest, none = data.fleet[veh_type, MAX_TIME], np.int64(-2)
    while begin >= 0:
        departure = begins_at(data, state, veh_type, trip, none, none, begin + longest)
        latest = depart_back(data, veh_type, departure, seconds)
        if latest >= begin:
            break
        begin = latest
    return begin


@inlined
def ready_by(data, state, veh_type, after, late):
    """Latest end of a trip before one (< 0: before none) when `late` of the legs that follow are late.

    Parameters
    ----------
    after
        The trip that follows.
    """
    if after < 0:
        return data.fleet[veh_type, END]
    seconds = load_seconds(data, veh_type, pieces_of(data, state, after))
    begin = depart_back(data, veh_type, limit(data, state, len(data.job) + 2 * after, late), seconds)
    if data.moments > 0 and late == data.fleet[veh_type, GAMMA]:
        departure = limit(data, state, len(data.job) + 2 * after, late)
        begin = back_at_hour(data, veh_type, state.trip[after, HOURS], departure, seconds)
    # Only where nothing was late before does this decide when the trip is planned, and how long it lasts.
    if data.general and data.fleet[veh_type, MAX_TIME] > 0 and late == data.fleet[veh_type, GAMMA]:
        begin = put_back(data, state, veh_type, after, begin, seconds)
    return min(data.fleet[veh_type, END], begin)


@inlined
def waits(data, state, veh_type, trip, before, job, departure, seconds, latest):
    """Paid seconds of waiting of a trip that ends as early as it can, and departs as late as that allows.

    A job is put in as in `ends_at`.

    Parameters
    ----------
    latest
        Moment after which it cannot depart.
    """
    end, busy = ends_at(data, state, veh_type, trip, before, job, departure)
    if end >= FAR:
        return np.int64(0)
    if data.moments > 0 and hours_with(data, state, trip, veh_type, job) > 0:
        return working(data, veh_type, departure - seconds, end) - busy - seconds
    begin = min(latest, begins_at(data, state, veh_type, trip, before, job, end))
    begin = max(departure - seconds, depart_back(data, veh_type, begin, seconds))
    return working(data, veh_type, begin, end) - busy - seconds
