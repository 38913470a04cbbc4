"""What decisions leave of an echelon's trips, by the numbers of its places and vehicle types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from planner.instance.decisions import Ruling
from planner.network.calendars import Interval, intersect

__all__ = ["NO_FIXINGS", "FixedTrip", "Fixings"]


@dataclass(frozen=True, slots=True)
class FixedTrip:
    """A trip that stays as it is in a plan.

    Parameters
    ----------
    fleet, consignments, by
        Its vehicle type (of one vehicle), what it carries in order, and its choices of ways.
    start_s, free_s
        When it begins to load, and from when its vehicle is free.
    dock
        Where it loads, from 0.
    """

    fleet: int
    consignments: tuple[int, ...]
    by: tuple[str, ...]
    start_s: int
    free_s: int
    dock: int


@dataclass(frozen=True)
class Fixings:
    """What a trip of an echelon must keep because people have decided it.

    Parameters
    ----------
    rulings
        All decisions that bear on the echelon.
    bundles
        Receiving places that are served on the same trips: a trip stops at all of them or at none.
    scattered
        Receiving places of which no trip of this echelon stops at all that go with them.
    barred
        Pairs of a vehicle type and a receiving place that it must not serve.
    left_out
        Receiving places that get nothing, each with the id of the decision.
    departures_to, departures_of
        Moments at which trips to a place, and of a vehicle type, may depart.
    days_at, days_of
        Intervals of which one holds each stop at a place, and each whole trip of a vehicle type.
    bearing
        Decisions that name each receiving place.
    fixed_trips
        Trips that stay as they are; nothing else carries what they carry.
    closed_types
        Vehicle types that drive nothing but such trips.
    """

    rulings: tuple[Ruling, ...] = ()
    bundles: tuple[frozenset[int], ...] = ()
    scattered: frozenset[int] = frozenset()
    barred: frozenset[tuple[int, int]] = frozenset()
    left_out: Mapping[int, str] = field(default_factory=dict)
    departures_to: Mapping[int, frozenset[int]] = field(default_factory=dict)
    departures_of: Mapping[int, frozenset[int]] = field(default_factory=dict)
    days_at: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    days_of: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    bearing: Mapping[int, tuple[Ruling, ...]] = field(default_factory=dict)
    fixed_trips: tuple[FixedTrip, ...] = ()
    closed_types: frozenset[int] = frozenset()

    @cached_property
    def fixed_trip_of(self) -> Mapping[int, FixedTrip]:
        """The trip that stays and carries each consignment that is on one."""
        return {idx: one for one in self.fixed_trips for idx in one.consignments}

    def allows_load(self, fleet: int, consignments: Sequence[int], by: tuple[str, ...]) -> bool:
        """Whether a trip carries just what a trip that stays does, as that does, or nothing of it."""
        mine = {self.fixed_trip_of[idx] for idx in consignments if idx in self.fixed_trip_of}
        if not mine:
            return fleet not in self.closed_types
        one = mine.pop()
        same = (one.fleet, one.consignments, one.by) == (fleet, tuple(consignments), by)
        return not mine and same

    def start_of(self, consignments: Sequence[int]) -> int | None:
        """When a trip that stays begins; None for any other."""
        one = self.fixed_trip_of.get(consignments[0]) if consignments else None
        return None if one is None else one.start_s

    def dock_of(self, consignments: Sequence[int]) -> int | None:
        """At which dock a trip that stays loads; None for any other."""
        one = self.fixed_trip_of.get(consignments[0]) if consignments else None
        return None if one is None else one.dock

    @cached_property
    def bundle_of(self) -> Mapping[int, frozenset[int]]:
        """The bundle of each receiving place that is in one."""
        return {place: one for one in self.bundles for place in one}

    @property
    def limits_times(self) -> bool:
        """Whether anything is decided of the times of trips."""
        return bool(
            self.fixed_trips or self.departures_to or self.departures_of or self.days_at or self.days_of
        )

    def serves(self, fleet: int, place: int) -> bool:
        """Whether a type may serve a place at all."""
        return not (place in self.scattered or place in self.left_out or (fleet, place) in self.barred)

    def allows(self, fleet: int, places: Iterable[int]) -> bool:
        """Whether a trip of a type may stop at these places, and at no others."""
        there = set(places)
        return all(self.serves(fleet, place) for place in there) and all(
            self.bundle_of[place] <= there for place in there if place in self.bundle_of
        )

    def departures(self, fleet: int, places: Iterable[int]) -> frozenset[int] | None:
        """Moments at which a trip may depart; None: whenever it likes."""
        found = self.departures_of.get(fleet)
        for place in places:
            mine = self.departures_to.get(place)
            if mine is not None:
                found = mine if found is None else found & mine
        return found

    def starts(
        self,
        fleet: int,
        places: Sequence[int],
        starts: Sequence[Interval],
        offsets: tuple[int, Sequence[Interval], int],
    ) -> list[Interval]:
        """Of closed intervals of starts, what is left.

        Parameters
        ----------
        fleet, places
            The type and the stops of a trip.
        starts
            Closed intervals of starts, within which all its times are constant offsets later.
        offsets
            Its departure, the intervals of its services, and its end, for a start at 0.
        """
        depart_s, services, end_s = offsets
        departures = self.departures(fleet, places)
        left = list(starts)
        if departures is not None:
            left = intersect(left, [(one - depart_s, one - depart_s) for one in sorted(departures)])
        if fleet in self.days_of:
            left = intersect(left, _inside(self.days_of[fleet], 0, end_s))
        for place, (begin, end) in zip(places, services, strict=True):
            if place in self.days_at:
                left = intersect(left, _inside(self.days_at[place], begin, end))
        return left

    def fits(
        self, fleet: int, places: Sequence[int], start_s: int, times: tuple[int, Sequence[Interval], int]
    ) -> bool:
        """Whether a trip may be driven at these times: departure, services, end.

        Parameters
        ----------
        fleet, places
            The type and the stops of the trip.
        start_s
            When it begins to load, in seconds.
        times
            Its departure, the intervals of its services, and its end, in seconds.
        """
        depart_s, services, end_s = times
        departures = self.departures(fleet, places)
        if departures is not None and depart_s not in departures:
            return False
        if fleet in self.days_of and not _holds(self.days_of[fleet], start_s, end_s):
            return False
        return all(
            _holds(self.days_at[place], *service)
            for place, service in zip(places, services, strict=True)
            if place in self.days_at
        )


NO_FIXINGS = Fixings()


def _inside(intervals: Sequence[Interval], begin: int, end: int) -> list[Interval]:
    """Starts from which what lasts from `begin` to `end` after them lies in one of these intervals."""
    found = [(low - begin, high - end) for low, high in intervals]
    return [(low, high) for low, high in found if low <= high]


def _holds(intervals: Sequence[Interval], begin: int, end: int) -> bool:
    return any(low <= begin and end <= high for low, high in intervals)
