"""What a new plan changes for people: regions, drivers, hubs, against the plan in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from planner.base.clock import Clock
from planner.plans.model import Plan, Trip

__all__ = ["Changes", "RegionWay", "changes_between", "is_changed", "region_ways"]


@dataclass(frozen=True, slots=True)
class RegionWay:
    """How a region receives: by which vehicles, and when it has everything (None: it does not)."""

    vehicles: frozenset[str] = frozenset()
    received_s: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two plans.

    Parameters
    ----------
    regions
        Regions whose vehicle, day or arrival (by more than the tolerance) changes.
    vehicles
        Vehicles whose trips that had not begun are others now: their drivers must be called.
    hubs
        Hubs that other goods reach or leave, or at other hours.
    """

    regions: frozenset[str]
    vehicles: frozenset[str]
    hubs: frozenset[str]

    @property
    def people(self) -> int:
        """People to be called anew."""
        return len(self.vehicles) + len(self.hubs)


def region_ways(plan: Plan) -> Mapping[str, RegionWay]:
    """How each region of a plan receives."""
    return ways_of(plan.trips, {one.region_id: one.received_s for one in plan.regions})


def ways_of(trips: Iterable[Trip], received_s: Mapping[str, int | None]) -> dict[str, RegionWay]:
    """How regions receive by some trips, by their receipts."""
    vehicles: dict[str, set[str]] = {}
    for trip in trips:
        for stop in trip.stops:
            for one in stop.deliveries:
                if one.region_id == stop.node_id:
                    vehicles.setdefault(one.region_id, set()).add(trip.vehicle_id)
    return {name: RegionWay(frozenset(vehicles.get(name, ())), moment) for name, moment in received_s.items()}


def is_changed(old: RegionWay, new: RegionWay, tolerance_s: int, clock: Clock) -> bool:
    """Whether a region's vehicle, day or arrival (by more than the tolerance) is another.

    Parameters
    ----------
    old, new
        How the region receives in both plans.
    tolerance_s
        Seconds; an arrival that moves by no more is the same.
    clock
        Says which local day a moment is on.
    """
    if old.received_s is None or new.received_s is None:
        return old.received_s is not new.received_s
    return (
        old.vehicles != new.vehicles
        or abs(old.received_s - new.received_s) > tolerance_s
        or clock.day(old.received_s) != clock.day(new.received_s)
    )


def changes_between(
    old: Plan, new: Plan, tolerance_s: int, clock: Clock, *, begun: Collection[str] = ()
) -> Changes:
    """What differs between two plans.

    Parameters
    ----------
    old, new
        The plan in force, and the new one.
    tolerance_s
        Hours that move by no more are the same.
    clock
        Says which local day a moment is on.
    begun
        Ids of the trips that had begun when the new plan was made. That these go as they went needs no call,
        unless their stops have another order.
    """
    return changes_of(
        old.trips,
        new.trips,
        region_ways(old),
        region_ways(new),
        tolerance_s=tolerance_s,
        clock=clock,
        begun=begun,
    )


def changes_of(
    old_trips: Iterable[Trip],
    new_trips: Iterable[Trip],
    old_ways: Mapping[str, RegionWay],
    new_ways: Mapping[str, RegionWay],
    *,
    tolerance_s: int,
    clock: Clock,
    begun: Collection[str],
) -> Changes:
    """What differs, as `changes_between` says, for some trips and regions of two plans.

    Parameters
    ----------
    old_trips, new_trips
        Of the plan in force, and of the new one.
    old_ways, new_ways
        How each region receives, by its id.
    tolerance_s, clock, begun
        As for `changes_between`.
    """
    regions = frozenset(
        name
        for name in old_ways.keys() | new_ways.keys()
        if is_changed(old_ways.get(name, RegionWay()), new_ways.get(name, RegionWay()), tolerance_s, clock)
    )
    sheets: dict[str, tuple[list[Trip], list[Trip]]] = {}
    for side, trips in enumerate((old_trips, new_trips)):
        for trip in trips:
            sheets.setdefault(trip.vehicle_id, ([], []))[side].append(trip)
    vehicles: set[str] = set()
    places: set[str] = set()
    for name, (before, after) in sheets.items():
        other = [
            trip
            for mine, others in ((before, after), (after, before))
            for trip in mine
            if not any(_alike(trip, one, tolerance_s, begun) for one in others)
        ]
        if other:
            vehicles.add(name)
        for trip in other:
            if trip.id not in begun:
                places.add(trip.origin_id)
                places.update(stop.node_id for stop in trip.stops)
    hubs = places.intersection(_hubs([*sheets.values()]))
    return Changes(regions, frozenset(vehicles), frozenset(hubs))


def _hubs(sheets: Iterable[tuple[list[Trip], list[Trip]]]) -> set[str]:
    """Places that goods for others reach."""
    return {
        stop.node_id
        for pair in sheets
        for trips in pair
        for trip in trips
        for stop in trip.stops
        if any(one.region_id != stop.node_id for one in stop.deliveries)
    }


def _alike(one: Trip, other: Trip, tolerance_s: int, begun: Collection[str]) -> bool:
    """Whether a driver would call both the same trip."""
    if (one.origin_id, one.dock) != (other.origin_id, other.dock) or len(one.stops) != len(other.stops):
        return False
    known = one.id in begun and other.id == one.id
    if not known and abs(one.load_start_s - other.load_start_s) > tolerance_s:
        return False
    return all(
        mine.node_id == its.node_id
        and {goods.consignment_id for goods in mine.deliveries}
        == {goods.consignment_id for goods in its.deliveries}
        and mine.items == its.items
        and (known or abs(mine.end_s - its.end_s) <= tolerance_s)
        for mine, its in zip(one.stops, other.stops, strict=True)
    )
