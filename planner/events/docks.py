"""Reports of how many docks can be used: levels over time, as a number of docks and outages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from planner.events.schema import Event
from planner.instance.schema import Hub, Instance, Outage, Warehouse

__all__ = ["with_docks"]


def with_docks(instance: Instance, events: Sequence[Event]) -> Instance:
    """`dock`: so many docks of a place can be used from then on (until then); the later report holds."""
    places = {name for event in events for name in event.subject}
    for name in sorted(places):
        mine = [event for event in events if name in event.subject]
        mine.sort(key=lambda event: event.order)
        instance = _with_levels(instance, name, mine)
    return instance


def _with_levels(instance: Instance, name: str, events: Sequence[Event]) -> Instance:
    place: Warehouse | Hub = instance.warehouse_of.get(name) or next(
        one for one in instance.hubs if one.id == name
    )
    last_s = instance.settings.horizon_s
    ends = {0, last_s}
    for one in events:
        ends |= {min(max(0, moment), last_s) for moment in (one.begins_s, one.until_s) if moment is not None}
    spans = []
    moments = sorted(ends)
    for from_s, until_s in zip(moments, moments[1:], strict=False):
        level = place.docks
        for one in events:
            if one.begins_s <= from_s and (one.until_s is None or until_s <= one.until_s):
                level = int(one.value)
        spans.append((from_s, until_s, level))
    docks = max([place.docks, *(level for _, _, level in spans)])
    outages = tuple(
        Outage(
            id=f"docks:{name}:{from_s}",
            subject=name,
            from_s=from_s or None,
            until_s=until_s if until_s < last_s else None,
            number=docks - level,
        )
        for from_s, until_s, level in spans
        if level < docks
    )
    return replace(
        instance,
        warehouses=tuple(replace(one, docks=docks) if one.id == name else one for one in instance.warehouses),
        hubs=tuple(replace(one, docks=docks) if one.id == name else one for one in instance.hubs),
        outages=(*instance.outages, *outages),
    )
