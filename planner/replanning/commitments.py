"""What the trips that stay take: vehicles, working time, docks, stock, and room at hubs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from planner.network.calendars import Interval, Openings, days_between, merged, spread_over_days
from planner.plans.model import Trip

__all__ = ["Commitments", "commitments_of", "work_of"]


@dataclass
class Commitments:
    """What is not free.

    Parameters
    ----------
    vehicles
        When each vehicle is on a trip or out of use, by its id; disjoint, in order.
    work
        Seconds that each vehicle works on each local day.
    days
        Local days on which it is used.
    docks
        (from, until, dock) of each loading, by the place.
    """

    vehicles: dict[str, list[Interval]] = field(default_factory=dict)
    work: dict[tuple[str, int], int] = field(default_factory=dict)
    days: dict[str, set[int]] = field(default_factory=dict)
    docks: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)


def commitments_of(
    trips: Iterable[Trip],
    *,
    shifts: Mapping[str, Openings],
    midnights: tuple[int, ...],
    ends_s: Mapping[str, int],
    open_ends: Iterable[str],
    horizon_s: int,
    blocked: Mapping[str, Sequence[Interval]],
) -> Commitments:
    """What some trips take.

    Parameters
    ----------
    trips
        Those that stay.
    shifts
        Of each vehicle type.
    midnights
        When local days begin.
    ends_s
        When a trip's vehicle is free again, where that is later than its end.
    open_ends
        Types whose vehicles stay where their trip ends.
    horizon_s
        The plan's end.
    blocked
        When vehicles are out of use.
    """
    found = Commitments()
    gone = set(open_ends)
    for vehicle, intervals in blocked.items():
        found.vehicles.setdefault(vehicle, []).extend(intervals)
    for trip in trips:
        name = trip.vehicle_id
        end_s = max(trip.end_s, ends_s.get(trip.id, 0))
        if trip.vehicle_type in gone and trip.broken is None:
            end_s = horizon_s
        found.vehicles.setdefault(name, []).append((trip.load_start_s, end_s))
        found.days.setdefault(name, set()).update(days_between(midnights, trip.load_start_s, trip.end_s))
        for day, part in work_of(trip, shifts[trip.vehicle_type], midnights):
            found.work[name, day] = found.work.get((name, day), 0) + part
        if trip.depart_s > trip.load_start_s:
            found.docks.setdefault(trip.origin_id, []).append(
                (trip.load_start_s, trip.depart_s, trip.dock - 1)
            )
    found.vehicles = {name: merged(intervals) for name, intervals in found.vehicles.items()}
    return found


def work_of(trip: Trip, shifts: Openings, midnights: tuple[int, ...]) -> list[tuple[int, int]]:
    """(local day, seconds) of loading, driving inside the shifts, and service of a trip."""
    pieces: list[Interval] = [(trip.load_start_s, trip.depart_s)]
    legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
    if trip.broken is not None and trip.broken.leg is not None:
        legs.append(trip.broken.leg)
    for leg in legs:
        pieces += [
            (max(begin, leg.depart_s), min(end, leg.arrive_s))
            for begin, end in shifts.intervals
            if begin < leg.arrive_s and leg.depart_s < end
        ]
    pieces += [(stop.start_s, stop.end_s) for stop in trip.stops]
    found: dict[int, int] = {}
    for begin, end in pieces:
        for day, part in spread_over_days(midnights, begin, end) if begin < end else ():
            found[day] = found.get(day, 0) + part
    return sorted(found.items())
