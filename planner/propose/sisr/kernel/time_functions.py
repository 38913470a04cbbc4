"""Time as functions: from a departure to an arrival, and back from an arrival to the latest departure.

Every function here is monotone, waiting before it is allowed, and its inverse gives the latest moment from
which it still ends in time. `NEVER` and `TOO_EARLY` say that there is none.
"""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    ANYWHERE,
    BY_HOURS,
    FAR,
    LEG_HOURS,
    LOAD_FIXED,
    LOAD_PIECE,
    MODE,
    OPENS,
    PLAIN,
    SHUTS,
)
from planner.propose.sisr.kernel.inner import inlined, inner

NEVER = 2 * FAR
TOO_EARLY = -2 * FAR


# Passing `data` to a function that is not compiled into its caller costs more than what these do: so what is
# called again and again is compiled in, and what has a loop gets spans and their bounds alone.


@inner
def drive(span, first, last, start, seconds):
    """When a drive that pauses outside shifts ends."""
    left = seconds
    for pos in range(first, last):
        begin = max(start, np.int64(span[pos, 0]))
        end = np.int64(span[pos, 1])
        if begin >= end:
            continue
        if begin + left <= end:
            return begin + left
        left -= end - begin
    return np.int64(NEVER)


@inner
def drive_back(span, first, last, until, seconds):
    """Latest begin of a drive that pauses outside shifts and ends by a moment.

    Parameters
    ----------
    until
        The moment.
    """
    left = seconds
    for pos in range(last - 1, first - 1, -1):
        begin = np.int64(span[pos, 0])
        end = min(until, np.int64(span[pos, 1]))
        if begin >= end:
            if left == 0 and begin == end:
                return end
            continue
        if end - left >= begin:
            return end - left
        left -= end - begin
    return np.int64(TOO_EARLY)


@inlined
def ride(data, veh_type, start, seconds, late):
    """When a leg begun at or after `start` ends.

    Parameters
    ----------
    late
        Seconds of delay, which do not count for when it may begin.
    """
    moment = start + seconds + late
    # a leg of no time takes none, also outside shifts
    mode = data.fleet[veh_type, MODE] & (BY_HOURS - 1)
    if mode != PLAIN and seconds + late > 0:
        first, last = data.at[data.shifts + veh_type], data.at[data.shifts + veh_type + 1]
        whole = mode != ANYWHERE and seconds > 0
        moment = ride_in(data.span, first, last, start, seconds, late, whole)
    return moment


@inner
def ride_in(span, first, last, start, seconds, late, whole):
    """`ride` by shifts.

    Parameters
    ----------
    late
        Seconds of delay.
    whole
        Whether what is not late of it must fit into one shift.
    """
    if not whole:
        return drive(span, first, last, start, seconds + late)
    for pos in range(first, last):
        begin = max(start, np.int64(span[pos, 0]))
        if begin + seconds <= span[pos, 1]:
            if late == 0:
                return begin + seconds
            return drive(span, first, last, begin, seconds + late)
    return np.int64(NEVER)


@inlined
def ride_back(data, veh_type, until, seconds, late):
    """Latest moment from which `ride` ends by `until`.

    Parameters
    ----------
    until, late
        A moment, and seconds of delay.
    """
    moment = until - seconds - late
    mode = data.fleet[veh_type, MODE] & (BY_HOURS - 1)
    if mode != PLAIN and seconds + late > 0:
        first, last = data.at[data.shifts + veh_type], data.at[data.shifts + veh_type + 1]
        whole = mode != ANYWHERE and seconds > 0
        moment = ride_back_in(data.span, first, last, until, seconds, late, whole)
    return moment


@inner
def ride_back_in(span, first, last, until, seconds, late, whole):
    """`ride_back` by shifts.

    Parameters
    ----------
    until, late, whole
        A moment, and as for `ride_in`.
    """
    latest = drive_back(span, first, last, until, seconds + late)
    if not whole:
        return latest
    for pos in range(last - 1, first - 1, -1):
        begin = np.int64(span[pos, 0])
        end = np.int64(span[pos, 1]) - seconds
        if end >= begin and latest >= begin:
            return min(end, latest)
    return np.int64(TOO_EARLY)


@inlined
def hours_of(data, veh_type, place, place_there, late):
    """List of the function of a leg whose time depends on its departure; 0: it does not.

    Parameters
    ----------
    place, place_there, late
        Numbers of both places, and seconds of delay.
    """
    which = np.int64(0)
    if data.fleet[veh_type, MODE] >= BY_HOURS:
        plane = data.fleet[veh_type, LEG_HOURS + (1 if late > 0 else 0)]
        which = np.int64(data.ways[plane, place, place_there])
    return which


@inlined
def go(data, veh_type, place, place_there, start, seconds, late):
    """When a leg between two places begun at or after `start` ends: `ride`, or by the hours of its edges.

    Parameters
    ----------
    place, place_there, late
        Numbers of both places, and seconds of delay.
    """
    moment = start + seconds + late
    if data.fleet[veh_type, MODE] != PLAIN:
        which = hours_of(data, veh_type, place, place_there, late)
        if which > 0:
            moment = arrives(data.span, data.at[which], data.at[which + 1], start)
        else:
            moment = ride(data, veh_type, start, seconds, late)
    return moment


@inlined
def go_back(data, veh_type, place, place_there, until, seconds, late):
    """Latest moment from which `go` ends by `until`.

    Parameters
    ----------
    place, place_there, until, late
        Numbers of both places, a moment, and seconds of delay.
    """
    moment = until - seconds - late
    if data.fleet[veh_type, MODE] != PLAIN:
        which = hours_of(data, veh_type, place, place_there, late)
        if which > 0:
            moment = departs(data.span, data.at[which], data.at[which + 1], until)
        else:
            moment = ride_back(data, veh_type, until, seconds, late)
    return moment


@inner
def arrives(span, first, last, start):
    """Arrival by a function, for who is ready to depart at `start`."""
    if start >= FAR:
        return np.int64(NEVER)
    low, high = np.int64(first), np.int64(last)
    while high - low > 1:
        middle = (low + high) // 2
        if span[middle, 0] <= start:
            low = middle
        else:
            high = middle
    value = np.int64(span[low, 1])
    return value if value >= 0 else np.int64(start - 1 - value)


@inner
def departs(span, first, last, until):
    """Latest departure from which one arrives by a moment: the pseudo-inverse of `arrives`.

    Parameters
    ----------
    until
        The moment.
    """
    low, high = np.int64(first), np.int64(last)
    while low < high:
        middle = (low + high) // 2
        value = np.int64(span[middle, 1])
        soonest = value if value >= 0 else span[middle, 0] - 1 - value
        if soonest <= until:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return np.int64(TOO_EARLY)
    latest = np.int64(span[low, 0]) - 1 if low < last else np.int64(FAR)
    value = np.int64(span[low - 1, 1])
    return latest if value >= 0 else min(latest, np.int64(until + 1 + value))


@inlined
def serve(data, row, job, moment):
    """First begin of service at or after a moment."""
    begin = max(moment, np.int64(data.window[row, job, OPENS]))
    if data.general:
        where = row * len(data.job) + job
        begin = serve_in(data.span, data.at[where], data.at[where + 1], moment)
    elif moment > data.window[row, job, SHUTS]:
        begin = np.int64(NEVER)
    return begin


@inner
def serve_in(span, first, last, moment):
    """`serve` in one of several windows."""
    for pos in range(first, last):
        if span[pos, 1] >= moment:
            return max(moment, np.int64(span[pos, 0]))
    return np.int64(NEVER)


@inlined
def serve_back(data, row, job, moment):
    """Last begin of service at or before a moment."""
    begin = min(moment, np.int64(data.window[row, job, SHUTS]))
    if data.general:
        where = row * len(data.job) + job
        begin = serve_back_in(data.span, data.at[where], data.at[where + 1], moment)
    elif moment < data.window[row, job, OPENS]:
        begin = np.int64(TOO_EARLY)
    return begin


@inner
def serve_back_in(span, first, last, moment):
    """`serve_back` in one of several windows."""
    for pos in range(last - 1, first - 1, -1):
        if span[pos, 0] <= moment:
            return min(moment, np.int64(span[pos, 1]))
    return np.int64(TOO_EARLY)


@inner
def serve_on(data, row, job, moment, before_s):
    """`serve` of a job at the place of the one before: what was unloaded there since lies in its window too.

    All of it waits together, so `before_s` after the window opens; only where `Data.general`.

    Parameters
    ----------
    before_s
        Seconds of unloading there before.
    """
    first = data.at[row * len(data.job) + job]
    for pos in range(first, data.at[row * len(data.job) + job + 1]):
        begin = max(moment, data.span[pos, 0] + before_s)
        if begin <= data.span[pos, 1]:
            return np.int64(begin)
    return np.int64(NEVER)


@inner
def serve_back_on(data, row, job, moment, after_s):
    """`serve_back` of a job with others behind it at its place; only where `Data.general`.

    Parameters
    ----------
    after_s
        Seconds of unloading there after it, without its own.
    """
    first = data.at[row * len(data.job) + job]
    for pos in range(data.at[row * len(data.job) + job + 1] - 1, first - 1, -1):
        begin = min(moment, data.span[pos, 1] - after_s)
        if begin >= data.span[pos, 0]:
            return np.int64(begin)
    return np.int64(TOO_EARLY)


@inlined
def load_seconds(data, veh_type, pieces):
    """How long loading takes."""
    return data.fleet[veh_type, LOAD_FIXED] + data.fleet[veh_type, LOAD_PIECE] * pieces


@inlined
def depart(data, veh_type, moment, seconds):
    """First departure of a trip that can begin to load at or after a moment."""
    where = data.docks + veh_type
    return depart_in(data.span, data.at[where], data.at[where + 1], moment, seconds)


@inner
def depart_in(span, first, last, moment, seconds):
    """`depart` by the hours of the dock."""
    for pos in range(first, last):
        begin = max(moment, np.int64(span[pos, 0]))
        if begin + seconds <= span[pos, 1]:
            return begin + seconds
    return np.int64(NEVER)


@inlined
def depart_back(data, veh_type, departure, seconds):
    """Latest begin of loading with a departure at or before a moment."""
    where = data.docks + veh_type
    return depart_back_in(data.span, data.at[where], data.at[where + 1], departure, seconds)


@inner
def depart_back_in(span, first, last, departure, seconds):
    """`depart_back` by the hours of the dock."""
    for pos in range(last - 1, first - 1, -1):
        begin = min(departure, np.int64(span[pos, 1])) - seconds
        if begin >= span[pos, 0]:
            return begin
    return np.int64(TOO_EARLY)


@inlined
def working(data, veh_type, begin, end):
    """Seconds between two moments that lie in shifts."""
    where = data.shifts + veh_type
    return working_in(data.span, data.at[where], data.at[where + 1], begin, end)


@inner
def working_in(span, first, last, begin, end):
    """`working` by the shifts."""
    total = np.int64(0)
    for pos in range(first, last):
        total += max(0, min(end, np.int64(span[pos, 1])) - max(begin, np.int64(span[pos, 0])))
    return total
