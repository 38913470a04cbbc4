"""Places and vehicles of a component: who belongs to it, deadlines, docks, vehicle types with their ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from planner.instance.outages import docks_out, vehicles_out
from planner.instance.schema import Echelon, Hub, Instance, Region, VehicleType, Warehouse
from planner.network.calendars import Openings, local_midnights, whole_intervals
from planner.network.delays import with_delays
from planner.network.travel import travel
from planner.plans.model import Trip
from planner.problem.fleet import FleetType, Origin, Prices

__all__ = [
    "component_ids",
    "component_of",
    "deadline_of",
    "fleet_type",
    "gamma_of",
    "hub_limits",
    "late_work_s",
    "not_before_of",
    "origin_of",
    "regions_in_area",
    "release_of",
]


def component_ids(instance: Instance, regions: Iterable[Region]) -> tuple[str, ...]:
    """Warehouses that supply some of the regions, in the order of their table."""
    used = {region.warehouse for region in regions}
    return tuple(one.id for one in instance.warehouses if one.id in used)


def component_of(instance: Instance, trip: Trip) -> str:
    """The warehouse to whose vehicles a trip belongs, whatever its id; empty for a type that is not there."""
    kind = instance.vehicle_type_of.get(trip.vehicle_type)
    return "" if kind is None else kind.warehouse


def regions_in_area(instance: Instance, area: str) -> tuple[Region, ...]:
    """Regions of a comma-separated list of region, subarea and area ids; all for an empty one.

    Raises
    ------
    KeyError
        Naming the ids that are none of these.
    """
    wanted = {part.strip() for part in area.split(",") if part.strip()}
    if not wanted:
        return instance.regions
    known = {name for one in instance.regions for name in (one.id, one.subarea, one.area)}
    if wanted - known:
        raise KeyError(", ".join(sorted(wanted - known)))
    return tuple(one for one in instance.regions if wanted & {one.id, one.subarea, one.area})


def deadline_of(instance: Instance, region: Region) -> int:
    """Deadline of a region by its most exact row, else the instance's."""
    found = _most_exact(instance, region, "deadline_s")
    return instance.settings.deadline_s if found is None else found


def not_before_of(instance: Instance, region: Region) -> int:
    """First allowed moment of receipt of a region by its most exact row, else the instance's."""
    found = _most_exact(instance, region, "not_before_s")
    return instance.settings.not_before_s if found is None else found


def release_of(instance: Instance, region: Region) -> int:
    """First moment at which a region's goods may be loaded at its warehouse by its most exact row, else 0."""
    return _most_exact(instance, region, "release_s") or 0


def _most_exact(instance: Instance, region: Region, field: str) -> int | None:
    for place in (region.id, region.subarea, region.area, ""):
        for row in instance.deadlines_of.get((Echelon.REGION, place), ()):
            value: int | None = getattr(row, field)
            if value is not None:
                return value
    return None


def hub_limits(instance: Instance, hub: str) -> tuple[int, int]:
    """First allowed moment of receipt and deadline of a hub by its own row, else that of all hubs."""
    not_before_s: int | None = None
    deadline_s: int | None = None
    for place in (hub, ""):
        for row in instance.deadlines:
            if row.echelon is Echelon.HUB and row.place == place:
                not_before_s = row.not_before_s if not_before_s is None else not_before_s
                deadline_s = row.deadline_s if deadline_s is None else deadline_s
    horizon_s = instance.settings.horizon_s
    return not_before_s or 0, horizon_s if deadline_s is None else deadline_s


def gamma_of(instance: Instance, kind: VehicleType, guarantee: int | None) -> int:
    """Late legs that each vehicle of a type must withstand: as asked, else its own, else the instance's."""
    if guarantee is not None:
        return guarantee
    return instance.settings.guarantee if kind.gamma is None else kind.gamma


def origin_of(instance: Instance, place: Warehouse | Hub, fleet: Sequence[FleetType]) -> Origin:
    """Docks and hours of a place where trips of these types begin."""
    vehicles = sum(kind.number for kind in fleet)
    docks = min(place.docks, max(1, vehicles))  # more docks than vehicles are never used at once
    out = docks_out(instance, place, docks)
    return Origin(docks, whole_intervals(instance, place.calendar), out, spare=place.docks - docks)


def fleet_type(instance: Instance, kind: VehicleType, places: Sequence[str], gamma: int) -> FleetType:
    """A vehicle type with its ways between places, of which the first is its home.

    Parameters
    ----------
    instance, kind
        The instance, and a row of its vehicle types.
    places
        Ids; the first is where its trips begin.
    gamma
        Late legs that each vehicle must withstand; 0: delays are left out.

    Raises
    ------
    KeyError
        If a place is not in the network.
    """
    ways, shifts = travel(instance, kind, places), whole_intervals(instance, kind.calendar)
    return FleetType(
        id=kind.id,
        number=kind.number,
        mass_g=kind.mass_kg * 1000,
        volume_cm3=kind.volume_dm3 * 1000,
        pieces=kind.pieces,
        load_fixed_s=kind.load_fixed_s,
        load_piece_s=kind.load_piece_s,
        unload_piece_s=kind.unload_piece_s,
        shifts=shifts,
        overnight=kind.overnight,
        work_s=kind.work_s,
        open_end=kind.open_end,
        prices=Prices.of(kind),
        travel=with_delays(instance, kind, ways) if gamma else ways,
        serves=np.zeros(len(places) - 1, dtype=bool),
        gamma=gamma,
        out=vehicles_out(instance, kind),
        late_work_s=late_work_s(instance, kind, shifts) if gamma else None,
    )


def late_work_s(instance: Instance, kind: VehicleType, shifts: Openings) -> int | None:
    """Longest work of a local day for who is late; None where no day's shifts are longer.

    Parameters
    ----------
    instance, kind
        The instance, and a row of its vehicle types.
    shifts
        Those of the type.
    """
    if kind.work_s is None:
        return None
    midnights, limit_s = local_midnights(instance), kind.work_s + kind.work_late_s
    days = zip(midnights, midnights[1:], strict=False)
    return limit_s if any(shifts.overlap_s(*day) > limit_s for day in days) else None
