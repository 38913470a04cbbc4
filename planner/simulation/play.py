"""Playing the plan: when everything happens in each run, given how late each leg is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np

from planner.instance.schema import Mode
from planner.simulation.distributions import Floats
from planner.simulation.hours import NEVER, Moments
from planner.simulation.legs import Stretch
from planner.simulation.model import LegModel, Model, ServiceModel, TripModel

__all__ = ["Late", "Lateness", "Served", "play"]


class Late(NamedTuple):
    """How late a leg is in each run: delay ÷ largest delay by mode; seconds of repair, if any."""

    relative: Mapping[Mode, Floats]
    repair_s: Moments | None = None


class Lateness(Protocol):
    """Gives the lateness of legs, asked once for each in the order of the model."""

    def of(self, leg: LegModel) -> Late:
        """Lateness of a leg in all runs."""


class Served(NamedTuple):
    """A service that was played, and its end in each run; NEVER where it does not take place."""

    trip: int
    stop: int
    service: ServiceModel
    ends_s: Moments


def play(model: Model, lateness: Lateness, num_runs: int) -> Iterator[Served]:
    """Yield every service with its ends, trip by trip in the model's order.

    Notes
    -----
    The policy is that of ``docs/simulation.md``. All functions from a moment to a later one are monotone:
    what is later anywhere makes nothing earlier.
    """
    free: dict[object, Moments] = {}  # vehicles and docks
    ready: dict[int, Moments] = {}  # goods of trips from hubs
    for trip in model.trips:
        now = np.full(num_runs, trip.load_start_s, dtype=np.int64)
        for held in (free.get(trip.vehicle), free.get(trip.dock), ready.pop(trip.number, None)):
            if held is not None:
                now = np.maximum(now, held)
        now = _ended(trip.load_starts.first(now), trip.load_s)
        if trip.dock is not None:
            free[trip.dock] = now
        for served in _stops(trip, lateness, now):
            yield served
            now = served.ends_s
            for number in served.service.onward:
                goods = _ended(now, served.service.transfer_s)
                ready[number] = np.maximum(goods, ready.get(number, goods))
        if len(trip.legs) > len(trip.services):
            now = _driven(trip.legs[-1], lateness, now)
        free[trip.vehicle] = now


def _stops(trip: TripModel, lateness: Lateness, now: Moments) -> Iterator[Served]:
    for stop, (leg, service) in enumerate(zip(trip.legs, trip.services, strict=False)):
        arrivals = _driven(leg, lateness, now)
        now = _ended(service.starts.first(np.maximum(arrivals, service.start_s)), service.time_s)
        yield Served(trip.number, stop, service, now)


def _driven(leg: LegModel, lateness: Lateness, now: Moments) -> Moments:
    """Arrivals of a leg for who is ready to set out at each moment."""
    late = lateness.of(leg)
    now = np.maximum(now, leg.depart_s)
    if leg.sets_out is not None:
        now = leg.sets_out.first(now)
    repair_s = late.repair_s
    for stretch in leg.way.stretches:
        times = _times(stretch, late.relative, len(now))
        if stretch.gate is not None:
            now = stretch.gate.passed(leg.shifts, now, times)
        else:
            now = leg.shifts.drive(now, times if repair_s is None else times + repair_s)
            repair_s = None  # the first stretch is none with a gate
    return np.minimum(now, NEVER)


def _times(stretch: Stretch, relative: Mapping[Mode, Floats], num_runs: int) -> Moments:
    times = np.full(num_runs, stretch.time_s, dtype=np.int64)
    for mode, largest_s in stretch.largest_s.items():
        times += np.rint(relative[mode] * largest_s).astype(np.int64)
    return times


def _ended(starts: Moments, time_s: int) -> Moments:
    """Ends of activities; what never begins never ends."""
    return np.minimum(starts + time_s, NEVER)
