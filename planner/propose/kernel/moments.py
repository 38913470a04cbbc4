"""Time as functions: from a departure to an arrival, and back from an arrival to the latest departure.

Every function here is monotone, waiting before it is allowed, and its inverse gives the latest moment from
which it still ends in time. `NEVER` and `TOO_EARLY` say that there is none.
"""

from __future__ import annotations

import numpy as np

from planner.propose.kernel.inner import inlined, inner
from planner.propose.kernel.layout import ANYWHERE, FAR, LOAD_FIXED, LOAD_PIECE, MODE, OPENS, PLAIN, SHUTS

NEVER = 2 * FAR
TOO_EARLY = -2 * FAR


@inner
def drive(data, kind, start, seconds):
    """When a drive that pauses outside shifts ends."""
    left = seconds
    for pos in range(data.at[data.shifts + kind], data.at[data.shifts + kind + 1]):
        begin = max(start, np.int64(data.span[pos, 0]))
        end = np.int64(data.span[pos, 1])
        if begin >= end:
            continue
        if begin + left <= end:
            return begin + left
        left -= end - begin
    return np.int64(NEVER)


@inner
def drive_back(data, kind, until, seconds):
    """Latest begin of a drive that pauses outside shifts and ends by a moment."""
    left = seconds
    for pos in range(data.at[data.shifts + kind + 1] - 1, data.at[data.shifts + kind] - 1, -1):
        begin = np.int64(data.span[pos, 0])
        end = min(until, np.int64(data.span[pos, 1]))
        if begin >= end:
            if left == 0 and begin == end:
                return end
            continue
        if end - left >= begin:
            return end - left
        left -= end - begin
    return np.int64(TOO_EARLY)


@inner
def ride(data, kind, start, seconds, late):
    """When a leg begun at or after `start` ends; `late` seconds do not count for when it may begin."""
    mode = data.rule[kind, MODE]
    if mode == PLAIN or seconds + late <= 0:  # a leg of no time takes none, also outside shifts
        return start + seconds + late
    if mode == ANYWHERE or seconds <= 0:
        return drive(data, kind, start, seconds + late)
    for pos in range(data.at[data.shifts + kind], data.at[data.shifts + kind + 1]):
        begin = max(start, np.int64(data.span[pos, 0]))
        if begin + seconds <= data.span[pos, 1]:
            if late == 0:
                return begin + seconds
            return drive(data, kind, begin, seconds + late)
    return np.int64(NEVER)


@inner
def ride_back(data, kind, until, seconds, late):
    """Latest moment from which `ride` ends by `until`."""
    mode = data.rule[kind, MODE]
    if mode == PLAIN or seconds + late <= 0:
        return until - seconds - late
    if mode == ANYWHERE or seconds <= 0:
        return drive_back(data, kind, until, seconds + late)
    latest = drive_back(data, kind, until, seconds + late)
    for pos in range(data.at[data.shifts + kind + 1] - 1, data.at[data.shifts + kind] - 1, -1):
        begin = np.int64(data.span[pos, 0])
        last = np.int64(data.span[pos, 1]) - seconds
        if last >= begin and latest >= begin:
            return min(last, latest)
    return np.int64(TOO_EARLY)


@inner
def serve(data, row, job, moment):
    """First begin of service at or after a moment."""
    if data.general:
        where = row * len(data.job) + job
        for pos in range(data.at[where], data.at[where + 1]):
            if data.span[pos, 1] >= moment:
                return max(moment, np.int64(data.span[pos, 0]))
        return np.int64(NEVER)
    if moment > data.window[row, job, SHUTS]:
        return np.int64(NEVER)
    return max(moment, np.int64(data.window[row, job, OPENS]))


@inner
def serve_back(data, row, job, moment):
    """Last begin of service at or before a moment."""
    if data.general:
        where = row * len(data.job) + job
        for pos in range(data.at[where + 1] - 1, data.at[where] - 1, -1):
            if data.span[pos, 0] <= moment:
                return min(moment, np.int64(data.span[pos, 1]))
        return np.int64(TOO_EARLY)
    if moment < data.window[row, job, OPENS]:
        return np.int64(TOO_EARLY)
    return min(moment, np.int64(data.window[row, job, SHUTS]))


@inlined
def load_seconds(data, kind, pieces):
    """How long loading takes."""
    return data.rule[kind, LOAD_FIXED] + data.rule[kind, LOAD_PIECE] * pieces


@inner
def depart(data, kind, moment, seconds):
    """First departure of a trip that can begin to load at or after a moment."""
    for pos in range(data.at[data.docks + kind], data.at[data.docks + kind + 1]):
        begin = max(moment, np.int64(data.span[pos, 0]))
        if begin + seconds <= data.span[pos, 1]:
            return begin + seconds
    return np.int64(NEVER)


@inner
def depart_back(data, kind, departure, seconds):
    """Latest begin of loading with a departure at or before a moment."""
    for pos in range(data.at[data.docks + kind + 1] - 1, data.at[data.docks + kind] - 1, -1):
        begin = min(departure, np.int64(data.span[pos, 1])) - seconds
        if begin >= data.span[pos, 0]:
            return begin
    return np.int64(TOO_EARLY)


@inner
def working(data, kind, begin, end):
    """Seconds between two moments that lie in shifts."""
    total = np.int64(0)
    for pos in range(data.at[data.shifts + kind], data.at[data.shifts + kind + 1]):
        total += max(0, min(end, np.int64(data.span[pos, 1])) - max(begin, np.int64(data.span[pos, 0])))
    return total
