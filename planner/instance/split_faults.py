"""Validation: what may not be split fits into one vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.base.errors import Fault
from planner.instance.draft import Draft
from planner.instance.feasibility import fits, fleets_of, itineraries
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Instance, Split, VehicleType

__all__ = ["split_faults"]


def split_faults(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """I434: each part of a region that is never split fits into one vehicle, on each leg of its way.

    Where no vehicle at all is at home, W506 and W508 say so.
    """
    fleets = fleets_of(instance)
    for line, region in draft.of("regions"):
        if region.split is not Split.NEVER:
            continue
        legs = [
            [fleets[begin] for begin, _ in way if begin in fleets] for way in itineraries(instance, region)
        ]
        for part, units in unit_loads(instance, region).items():
            load = sum(units, Load())
            large = [_too_small(load, way) for way in legs]
            if large[0] is not None and None not in large:
                fault = draft.fault("I434", "regions", line, "split")
                yield replace(fault, params=_figures(region.id, part, load, large[0]))
                break


def _too_small(load: Load, fleets: Sequence[Sequence[VehicleType]]) -> VehicleType | None:
    """The largest vehicle of the first leg on which none takes a load; None: there is no such leg."""
    for fleet in fleets:
        if not any(fits(load, one) for one in fleet):
            return max(fleet, key=lambda one: (one.volume_dm3, one.mass_kg, one.id))
    return None


def _figures(region: str, part: str, load: Load, vehicle: VehicleType) -> dict[str, object]:
    return {
        "region": region,
        "part": part,
        "mass_kg": -(-load.mass_g // 1000),
        "volume_dm3": -(-load.volume_cm3 // 1000),
        "pieces": load.pieces,
        "vehicle": vehicle.id,
        "vehicle_kg": vehicle.mass_kg,
        "vehicle_dm3": vehicle.volume_dm3,
    }
