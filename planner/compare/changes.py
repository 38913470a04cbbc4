"""What a change is: of a region, of a vehicle's trips, of the work at a warehouse or hub."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from planner.plans.model import RegionResult, Trip

__all__ = [
    "Calling",
    "CallingPair",
    "Differences",
    "PlaceChange",
    "RegionChange",
    "TripPair",
    "VehicleChange",
    "Visit",
    "What",
    "counts",
    "together",
]


class What(StrEnum):
    """What has changed for somebody."""

    STATUS = "status"  # of a region: on time, late, undelivered; its deadline
    VEHICLE = "vehicle"  # which vehicles come
    DAY = "day"  # the local day on which they come
    TIME = "time"  # a moment, by more than the tolerance
    GOODS = "goods"  # how much of what
    WAY = "way"  # through which hubs, from which warehouse
    TRIPS = "trips"  # a trip more or less
    STOPS = "stops"  # where a trip goes, in which order
    LOADING = "loading"  # where it is loaded, at which dock
    SLIGHT = "slight"  # nothing of these, only moments by no more than the tolerance


def counts(what: Iterable[What]) -> bool:
    """Whether something changes that people must hear of."""
    return any(one is not What.SLIGHT for one in what)


def together(every: Iterable[tuple[What, ...]]) -> tuple[What, ...]:
    """What several changes are together, in the order of the words; slight only where all are."""
    found = {one for what in every for one in what}
    return tuple(one for one in What if one in found and (one is not What.SLIGHT or len(found) == 1))


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle that hands something over at a region: units by part."""

    trip_id: str
    vehicle_id: str
    vehicle_type: str
    origin_id: str
    arrive_s: int
    end_s: int
    units: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RegionChange:
    """What changes for a region.

    Parameters
    ----------
    past
        All that it receives in the second plan had come before the moment from which plans are compared, and
        in the first plan too: nothing of it is news.
    before, after
        Its results; None where a plan does not know it.
    """

    region_id: str
    what: tuple[What, ...]
    past: bool
    before: RegionResult | None
    after: RegionResult | None
    visits_before: tuple[Visit, ...]
    visits_after: tuple[Visit, ...]

    @property
    def counts(self) -> bool:
        """Whether its people must hear of it."""
        return not self.past and counts(self.what)


class TripPair(NamedTuple):
    """Two trips that are the same one or take each other's place, and what differs; None: there is none."""

    before: Trip | None
    after: Trip | None
    what: tuple[What, ...]


@dataclass(frozen=True, slots=True)
class VehicleChange:
    """What changes for a vehicle: those of its trips that differ and are not over, in the order of time."""

    vehicle_id: str
    vehicle_type: str
    what: tuple[What, ...]
    pairs: tuple[TripPair, ...]

    @property
    def counts(self) -> bool:
        """Whether its driver must be called."""
        return counts(self.what)


@dataclass(frozen=True, slots=True)
class Calling:
    """A vehicle at a warehouse or hub: it loads there, or unloads for the regions beyond.

    ``at_s`` is the start of its loading, or its arrival; ``dock`` is None where it unloads.
    """

    vehicle_id: str
    vehicle_type: str
    trip_id: str
    loads: bool
    at_s: int
    end_s: int
    dock: int | None
    pieces: int
    regions: tuple[str, ...]


class CallingPair(NamedTuple):
    """Two callings that are the same one, and what differs; None: there is none."""

    before: Calling | None
    after: Calling | None
    what: tuple[What, ...]


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What changes at a warehouse or hub: callings that differ and are not over, in the order of time."""

    place_id: str
    what: tuple[What, ...]
    pairs: tuple[CallingPair, ...]

    @property
    def counts(self) -> bool:
        """Whether its people must be called."""
        return counts(self.what)


@dataclass(frozen=True, slots=True)
class Differences:
    """All that changes from one plan to another.

    Parameters
    ----------
    from_s
        What was over before is no change; None: everything counts.
    """

    tolerance_s: int
    from_s: int | None
    regions: tuple[RegionChange, ...]
    vehicles: tuple[VehicleChange, ...]
    places: tuple[PlaceChange, ...]

    @property
    def regions_changed(self) -> tuple[str, ...]:
        """Regions whose people must hear of it."""
        return tuple(one.region_id for one in self.regions if one.counts)

    @property
    def nothing(self) -> bool:
        """Whether nothing at all changes."""
        return not (self.regions or self.vehicles or self.places)
