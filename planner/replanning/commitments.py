"""What the trips that stay take: vehicles, working time, docks, stock, and room at hubs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.network.calendars import Interval, Openings, days_between, merged, spread_over_days
from planner.plans.model import Trip
from planner.problem.ledger import Ledger

__all__ = ["commitments_of", "work_of"]


def commitments_of(
    found: Ledger,
    trips: Iterable[Trip],
    *,
    shifts: Mapping[str, Openings],
    midnights: tuple[int, ...],
    ends_s: Mapping[str, int],
    open_ends: Iterable[str],
    horizon_s: int,
    blocked: Mapping[str, Sequence[Interval]],
) -> Ledger:
    """What some trips take, by the ids of vehicles and of places.

    Parameters
    ----------
    found
        With the docks of the places that matter; the trips are entered.
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
    gone = set(open_ends)
    spans: dict[str, list[Interval]] = {name: list(intervals) for name, intervals in blocked.items()}
    for trip in trips:
        name = trip.vehicle_id
        end_s = max(trip.end_s, ends_s.get(trip.id, 0))
        if trip.vehicle_type in gone and trip.broken is None:
            end_s = horizon_s
        spans.setdefault(name, []).append((trip.load_start_s, end_s))
        found.line(name).works(
            work_of(trip, shifts[trip.vehicle_type], midnights),
            days_between(midnights, trip.load_start_s, trip.end_s),
        )
        if trip.depart_s > trip.load_start_s and trip.origin_id in found.docks:
            found.docks[trip.origin_id].keep(trip.dock - 1, trip.load_start_s, trip.depart_s)
    for name, intervals in spans.items():
        found.line(name).busy = merged(intervals)
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
