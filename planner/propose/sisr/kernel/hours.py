"""Hours that are decided: trips that depart at certain moments only, one from each dock at a moment."""

from __future__ import annotations

import numpy as np

from planner.propose.sisr.kernel.arrays import DOCKS_OF, HOURS, HOURS_OF, ORIGIN, SET_OF, SLOT
from planner.propose.sisr.kernel.inner import inner
from planner.propose.sisr.kernel.time_functions import NEVER, TOO_EARLY, depart, depart_back

__all__ = ["back_at_hour", "depart_at_hour", "hold_slot", "hours_with", "leave_slot"]


@inner
def hours_with(data, state, trip, veh_type, job):
    """Set of departures of a trip (-1: a new one) with a job put in (less than 0: with none)."""
    hours = data.fleet[veh_type, HOURS_OF] if trip < 0 else state.trip[trip, HOURS]
    return hours if job < 0 else np.int64(data.meet[hours, data.decided[job, SET_OF]])


@inner
def docks_left(data, state, veh_type, own, departure, seconds):
    """Whether a dock is left to load for a departure, beside others at decided moments that load as long.

    What loads when its loading begins departs before it is over; what loads when it is over, from then on.

    Parameters
    ----------
    own
        1 + the slot that does not count, since it is left; 0: none.
    """
    sets = data.hours + len(data.meet)
    first = data.fleet[veh_type, ORIGIN] * data.moments
    before, after = np.int64(0), np.int64(0)
    for pos in range(data.at[sets], data.at[sets + 1]):
        moment, slot = np.int64(data.span[pos, 0]), first + data.span[pos, 1]
        count = state.slots[0, slot] - (1 if own == slot + 1 else 0)
        if departure - seconds < moment <= departure:
            before += count
        if departure <= moment < departure + seconds:
            after += count
    return max(before, after) < data.fleet[veh_type, DOCKS_OF]


@inner
def depart_at_hour(data, state, trip, veh_type, hours, moment, seconds):
    """`depart` of a trip (-1: a new one) with a set of departures, at one for which a dock is left.

    Parameters
    ----------
    hours
        Number of the set; 0: whenever it likes.
    """
    if hours == 0:
        return depart(data, veh_type, moment, seconds)
    own = state.trip[trip, SLOT] if trip >= 0 else np.int64(0)
    for pos in range(data.at[data.hours + hours], data.at[data.hours + hours + 1]):
        departure = np.int64(data.span[pos, 0])
        if departure - seconds < moment or depart(data, veh_type, departure - seconds, seconds) != departure:
            continue
        if docks_left(data, state, veh_type, own, departure, seconds):
            return departure
    return np.int64(NEVER)


@inner
def back_at_hour(data, veh_type, hours, departure, seconds):
    """`depart_back` of a trip with a set of departures, whatever docks others need.

    Parameters
    ----------
    hours
        Number of the set; 0: whenever it likes.
    """
    if hours == 0:
        return depart_back(data, veh_type, departure, seconds)
    for pos in range(data.at[data.hours + hours + 1] - 1, data.at[data.hours + hours] - 1, -1):
        moment = np.int64(data.span[pos, 0])
        if moment <= departure and depart(data, veh_type, moment - seconds, seconds) == moment:
            return moment - seconds
    return np.int64(TOO_EARLY)


@inner
def leave_slot(data, state, trip):
    """A trip needs no dock any more at the moment of its departure."""
    if state.trip[trip, SLOT] > 0:
        state.slots[0, state.trip[trip, SLOT] - 1] -= 1
        state.trip[trip, SLOT] = 0


@inner
def hold_slot(data, state, trip, veh_type, departure):
    """A trip whose departures are decided needs a dock at a moment, and no other one."""
    leave_slot(data, state, trip)
    hours = state.trip[trip, HOURS]
    if hours == 0:
        return
    for pos in range(data.at[data.hours + hours], data.at[data.hours + hours + 1]):
        if data.span[pos, 0] == departure:
            slot = data.fleet[veh_type, ORIGIN] * data.moments + data.span[pos, 1]
            state.slots[0, slot] += 1
            state.trip[trip, SLOT] = slot + 1
            return
