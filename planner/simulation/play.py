"""Playing the plan: when everything happens in each run, given how late each leg is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np

from planner.instance.schema import Mode
from planner.proof.worst.working_time import Reached
from planner.simulation.distributions import Floats
from planner.simulation.hours import NEVER, Gate, Moments
from planner.simulation.legs import Stretch
from planner.simulation.model import LegModel, Model, ServiceModel, TripModel
from planner.simulation.working_time import Crews, WorkingDays

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
    what is later anywhere makes nothing earlier; with working
    time, in the order of `planner.proof.worst.working_time`.
    """
    free: dict[object, Crews] = {}  # vehicles and docks
    ready: dict[int, Moments] = {}  # goods of trips from hubs
    nobody = np.zeros(num_runs, dtype=np.int64)
    for trip in model.trips:
        now = np.full(num_runs, trip.load_start_s, dtype=np.int64)
        for held in (trip.vehicle, trip.dock):
            if held in free:
                now = np.maximum(now, free[held].at_s)
        if trip.number in ready:
            now = np.maximum(now, ready.pop(trip.number))
        crews = _loaded(trip, free.get(trip.vehicle, Crews(nobody, nobody)), now)
        if trip.dock is not None:
            free[trip.dock] = crews
        before = trip.planned
        for stop, (leg, service) in enumerate(zip(trip.legs, trip.services, strict=False)):
            crews = _served(trip, service, _driven(trip, leg, lateness, crews, before))
            yield Served(trip.number, stop, service, crews.at_s)
            before = service.planned
            for number in service.onward:
                goods = _ended(crews.at_s, service.transfer_s)
                ready[number] = np.maximum(goods, ready.get(number, goods))
        if len(trip.legs) > len(trip.services):
            crews = _driven(trip, trip.legs[-1], lateness, crews, before)
        free[trip.vehicle] = crews


def _loaded(trip: TripModel, crews: Crews, now: Moments) -> Crews:
    """Ends of the loading of crews for whom all else is there at some moments."""
    if trip.days is None:
        return Crews(_ended(trip.load_starts.first(now), trip.load_s), crews.worked_s)
    there = trip.days.at(crews, now)
    return trip.days.do(there, trip.load_starts, trip.load_start_s, trip.load_s, trip.planned)


def _served(trip: TripModel, service: ServiceModel, crews: Crews) -> Crews:
    """Ends of a service of those who arrive."""
    if trip.days is None:
        starts = service.starts.first(np.maximum(crews.at_s, service.start_s))
        return Crews(_ended(starts, service.time_s), crews.worked_s)
    return trip.days.do(crews, service.starts, service.start_s, service.time_s, service.planned)


def _driven(trip: TripModel, leg: LegModel, lateness: Lateness, crews: Crews, before: Reached) -> Crews:
    """Arrivals of a leg for who is ready to set out; as planned, `before` was reached then."""
    late, days = lateness.of(leg), trip.days
    now = np.maximum(crews.at_s, leg.depart_s)
    if leg.sets_out is not None and days is not None:
        now = days.sets_out(crews, leg.sets_out, leg.depart_s, leg.way.time_s, before)
    elif leg.sets_out is not None:
        now = leg.sets_out.first(now)
    crews = Crews(now, crews.worked_s) if days is None else days.at(crews, now)
    repair_s = late.repair_s
    for stretch in leg.way.stretches:
        times = _times(stretch, late.relative, len(now))
        if stretch.gate is None:
            times = times if repair_s is None else times + repair_s
            repair_s = None  # the first stretch is none with a gate
        crews = _passed(leg, stretch.gate, days, crews, times)
    if days is None:
        return Crews(np.minimum(crews.at_s, NEVER), crews.worked_s)
    return days.latest(crews, leg.planned)


def _passed(
    leg: LegModel, gate: Gate | None, days: WorkingDays | None, crews: Crews, times: Moments
) -> Crews:
    """Arrivals after a part of a leg."""
    if days is not None:
        return days.drive(crews, times) if gate is None else days.passed(gate, crews, times)
    if gate is None:
        return Crews(leg.shifts.drive(crews.at_s, times), crews.worked_s)
    return Crews(gate.passed(leg.shifts, crews.at_s, times), crews.worked_s)


def _times(stretch: Stretch, relative: Mapping[Mode, Floats], num_runs: int) -> Moments:
    times = np.full(num_runs, stretch.time_s, dtype=np.int64)
    for mode, largest_s in stretch.largest_s.items():
        times += np.rint(relative[mode] * largest_s).astype(np.int64)
    return times


def _ended(starts: Moments, time_s: int) -> Moments:
    """Ends of activities; what never begins never ends."""
    return np.minimum(starts + time_s, NEVER)
