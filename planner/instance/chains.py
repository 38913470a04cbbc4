"""Chains of hubs: through which hubs a region is supplied, and where vehicles are stationed."""

from __future__ import annotations

from collections.abc import Mapping

from planner.instance.schema import Chain, Hub, Instance, Region, VehicleType

__all__ = ["chain_of", "home_of", "hub_of"]


def hub_of(instance: Instance) -> Mapping[str, Hub]:
    """Hubs by id."""
    return {one.id: one for one in instance.hubs}


def chain_of(instance: Instance, region: Region) -> tuple[Hub, ...]:
    """Hubs that a region is supplied through, the first one after its warehouse first.

    Empty where the instance's chain is `none`, or the region names no hub.
    """
    if instance.settings.chain is Chain.NONE:
        return ()
    hubs = hub_of(instance)
    found: list[Hub] = []
    name = region.hub
    while name:
        found.append(hubs[name])
        name = hubs[name].via
    return tuple(reversed(found))


def home_of(kind: VehicleType) -> str:
    """Place where trips of a type begin: its hub, else its warehouse."""
    return kind.home or kind.warehouse
