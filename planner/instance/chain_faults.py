"""Validation: chains of hubs, and the places where vehicles are at home."""

from __future__ import annotations

from collections.abc import Iterator

from planner.base.errors import Fault
from planner.instance.chains import chain_of
from planner.instance.draft import Draft
from planner.instance.schema import Chain, Echelon, Instance

__all__ = ["chain_faults", "chain_warnings"]


def chain_faults(draft: Draft) -> list[Fault]:
    """All errors of chains of hubs; rows with a faulty cell take no part."""
    faults: list[Fault] = []
    for rule in (_cycles, _two_warehouses, _hub_deadlines_together, _hub_deadline_places):
        faults += rule(draft)
    return faults


def chain_warnings(instance: Instance, draft: Draft) -> list[Fault]:
    """All warnings about homes and hubs of an instance without errors."""
    warnings: list[Fault] = []
    for rule in (_unused_homes, _deserted_hubs, _idle_types):
        warnings += rule(instance, draft)
    return warnings


def _chains_used(draft: Draft) -> bool:
    """Whether goods may pass hubs, as far as plan.toml could be read."""
    settings = draft.settings.settings
    return settings is not None and settings.chain is not Chain.NONE


def _via(draft: Draft) -> dict[str, str]:
    return {hub.id: hub.via for _, hub in draft.of("hubs")}


def _upstream(via: dict[str, str], hub: str) -> list[str]:
    """A hub and those it is supplied through, the last one first; ends where the chain is broken or turns."""
    found: list[str] = []
    while hub in via and hub not in found:
        found.append(hub)
        hub = via[hub]
    return found


def _cycles(draft: Draft) -> Iterator[Fault]:
    """I428: no hub is supplied through itself, neither straight nor through others; each cycle once."""
    via = _via(draft)
    reported: set[str] = set()
    for line, hub in draft.of("hubs"):
        upstream = _upstream(via, hub.id)
        if upstream and via[upstream[-1]] == hub.id and hub.id not in reported:
            reported.update(upstream)
            yield draft.fault("I428", "hubs", line, "via", cycle=" ← ".join((*upstream, hub.id)))


def _two_warehouses(draft: Draft) -> Iterator[Fault]:
    """I429: a hub serves one warehouse: that of its regions, and of the vehicles at home there."""
    if not _chains_used(draft):
        return
    via = _via(draft)
    uses = [("regions", line, "hub", one.warehouse, one.hub) for line, one in draft.of("regions")]
    uses += [("vehicles", line, "home", one.warehouse, one.home) for line, one in draft.of("vehicles")]
    first: dict[str, tuple[str, str, int]] = {}
    reported: set[tuple[str, str]] = set()
    for table, line, column, warehouse, name in uses:
        hubs = _upstream(via, name) if table == "regions" else [name] * (name in via)
        for hub in hubs:
            mine, other, row = first.setdefault(hub, (warehouse, table, line))
            if mine != warehouse and (hub, warehouse) not in reported:
                reported.update((one, warehouse) for one in hubs)
                params = {"hub": hub, "warehouse": warehouse, "mine": mine, "other": other, "first": row}
                yield draft.fault("I429", table, line, column, **params)
                break


def _hub_deadlines_together(draft: Draft) -> Iterator[Fault]:
    """I404: a hub's own row and the row for all hubs leave time between not_before and the deadline."""
    if not _chains_used(draft) or not draft.whole("deadlines", "hubs"):
        return
    rows = {row.place: (line, row) for line, row in draft.of("deadlines") if row.echelon is Echelon.HUB}
    clock = draft.settings.clock
    reported: set[int] = set()
    for _, hub in draft.of("hubs"):
        found = [rows[place] for place in (hub.id, "") if place in rows]
        deadline = next(((row.deadline_s, line) for line, row in found if row.deadline_s is not None), None)
        opens = next(((row.not_before_s, line) for line, row in found if row.not_before_s is not None), None)
        if deadline is None or opens is None or opens[0] < deadline[0] or opens[1] == deadline[1]:
            continue
        if opens[1] not in reported:
            reported.add(opens[1])
            sides = (clock.text(opens[0]), clock.text(deadline[0]))
            yield draft.fault(
                "I404", "deadlines", opens[1], "not_before", not_before=sides[0], deadline=sides[1]
            )


def _hub_deadline_places(draft: Draft) -> Iterator[Fault]:
    """I420: a row for hubs names a hub, not an area or subarea, which only regions belong to."""
    if not draft.whole("hubs"):
        return
    hubs = {hub.id for _, hub in draft.of("hubs")} | {""}
    areas = {name for _, region in draft.of("regions") for name in (region.area, region.subarea)}
    for line, row in draft.of("deadlines"):
        if row.echelon is Echelon.HUB and row.place in areas - hubs:
            yield draft.fault("I420", "deadlines", line, "place", echelon=row.echelon.value, other="regions")


def _used_hubs(instance: Instance) -> dict[str, str]:
    """Hubs that some region is supplied through, each with the first such region's id."""
    used: dict[str, str] = {}
    for region in instance.regions:
        for hub in chain_of(instance, region):
            used.setdefault(hub.id, region.id)
    return used


def _unused_homes(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W507: through the home of vehicles some region is supplied."""
    if instance.settings.chain is Chain.NONE:
        return
    used = _used_hubs(instance)
    for line, kind in draft.of("vehicles"):
        if kind.home and kind.number and kind.home not in used:
            yield draft.warning("W507", "vehicles", line, "home", type=kind.id, warehouse=kind.warehouse)


def _deserted_hubs(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W508: at a hub that regions are supplied through some vehicle is at home."""
    homes = {kind.home for kind in instance.vehicles if kind.number}
    used = _used_hubs(instance)
    for line, hub in draft.of("hubs"):
        if hub.id in used and hub.id not in homes:
            yield draft.warning("W508", "hubs", line, "id", region=used[hub.id])


def _idle_types(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W509: where no goods pass hubs, no vehicle is at home at one."""
    if instance.settings.chain is not Chain.NONE:
        return
    for line, kind in draft.of("vehicles"):
        if kind.home and kind.number:
            yield draft.warning("W509", "vehicles", line, "home", type=kind.id)
