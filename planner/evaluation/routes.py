"""Routes as they were given: trips, stops in their order, and what is said of goods, docks and hours."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RouteRun", "RouteStop", "RouteTrip"]


@dataclass(frozen=True, slots=True)
class RouteRun:
    """Units of one part of a region, under the name that they have in a plan.

    Parameters
    ----------
    first_unit, units
        The run; the first unit is 0.
    """

    consignment_id: str
    region_id: str
    part: str
    first_unit: int
    units: int


@dataclass(frozen=True, slots=True)
class RouteStop:
    """A stop.

    Parameters
    ----------
    line
        Where it was read.
    place
        Id of a region, a hub, or another warehouse.
    runs
        What is said to be unloaded there; empty: nothing is said.
    units
        So many units are said to be handed over; None: nothing is said.
    for_regions
        At a hub: for whom; empty: nothing is said.
    items
        At another warehouse: quantities by item.
    """

    line: int
    place: str
    runs: tuple[RouteRun, ...] = ()
    units: int | None = None
    for_regions: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RouteTrip:
    """A trip.

    Parameters
    ----------
    id
        Its name in the routes.
    vehicle_type, vehicle
        The type, and the number of the vehicle (from 1); None: any of the type.
    origin
        Where it loads.
    load_start_s
        When its loading starts; None: as early as can be.
    dock
        At which dock; None: any.
    starts_s
        When services are said to begin; of use only to tell apart ways on which one may wait.
    """

    id: str
    line: int
    vehicle_type: str
    vehicle: int | None
    origin: str
    stops: tuple[RouteStop, ...]
    load_start_s: int | None = None
    dock: int | None = None
    starts_s: tuple[int | None, ...] = ()
