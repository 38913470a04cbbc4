"""Cuts an area out of an instance, with all that it needs beyond its border."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.base.errors import Fault, InputError
from planner.instance.area_names import area_ids, near_areas
from planner.instance.chains import chain_of, hub_of
from planner.instance.kits import region_load
from planner.instance.outages import vehicle_of
from planner.instance.schema import (
    Decision,
    Hub,
    Instance,
    Node,
    Region,
    Source,
    Stock,
    VehicleType,
    Warehouse,
)
from planner.network.travel import Travel, travel

__all__ = ["part_of", "regions_of"]


def regions_of(instance: Instance, area: str) -> tuple[Region, ...]:
    """Regions of some areas, subareas or regions, joined by commas.

    Raises
    ------
    InputError
        X342 for each that the instance does not have.
    """
    names = [one.strip() for one in area_ids(instance, area).split(",") if one.strip()]
    known = {name for one in instance.regions for name in (one.id, one.area, one.subarea)}
    if unknown := [name for name in names if name not in known]:
        some = ", ".join(sorted({one.area or one.subarea or one.id for one in instance.regions})[:20])
        raise InputError(
            Fault("X342", "--area", value=name, params={"known": near_areas(instance, name) or some})
            for name in unknown
        )
    wanted = set(names)
    return tuple(one for one in instance.regions if wanted & {one.id, one.area, one.subarea})


def part_of(instance: Instance, area: str, *, name: str = "", source: Source | None = None) -> Instance:
    """Cut an area out of an instance.

    Parameters
    ----------
    instance
        The whole.
    area
        Ids of areas, subareas or regions, joined by commas.
    name
        Name of the part; that of the whole and the area if empty.
    source
        Where its network comes from.

    Returns
    -------
    Instance
        Its regions, their warehouses with all vehicles, and the hubs that they are supplied through; where a
        warehouse has too little stock for them, also those that could send some, with their vehicles and what
        their own regions leave. Of the network there is what the least-time ways of these vehicles between
        these places need, whichever area it lies in; places where nothing stops are plain nodes. What the
        network was modelled of stays with the whole.

    Raises
    ------
    InputError
        X342 if an area is unknown.

    Notes
    -----
    The part is planned as with ``--area``: as if the other regions of its warehouses needed nothing.
    """
    places = regions_of(instance, area)
    homes = {one.warehouse for one in places}
    givers = _givers(instance, places, homes)
    stores = homes | givers
    kinds = tuple(one for one in instance.vehicles if one.warehouse in stores)
    used = {hub.id for place in places for hub in chain_of(instance, place)}
    used |= {hub for kind in kinds if kind.home for hub in _supply_of(instance, kind.home)}
    own = {*stores, *used, *(one.id for one in places)}
    kept = own | _between(instance, kinds, sorted(own))
    edges = tuple(one for one in instance.edges if {one.from_node, one.to_node} <= kept)
    edge_ids = {one.id for one in edges}
    kind_ids = {one.id for one in kinds}
    areas = {name for one in places for name in (one.area, one.subarea)} | {""}
    whole = instance.settings
    sources = whole.sources if source is None else (*whole.sources, source)
    others: tuple[Warehouse | Hub | Region | Node, ...]
    others = (*instance.warehouses, *instance.hubs, *instance.regions, *instance.nodes)
    return Instance(
        settings=replace(whole, name=name or f"{whole.name}: {area}", sources=sources),
        warehouses=tuple(one for one in instance.warehouses if one.id in stores),
        hubs=tuple(one for one in instance.hubs if one.id in used),
        regions=places,
        vehicles=kinds,
        items=instance.items,
        nodes=tuple(
            one
            if isinstance(one, Node)
            else Node(id=one.id, name=one.name, lat=one.lat, lon=one.lon, source="On the way; nothing stops")
            for one in others
            if one.id in kept - own
        ),
        edges=edges,
        known_trips=tuple(
            row
            for row in instance.known_trips
            if {row.from_node, row.to_node} <= own and row.vehicle in {"", *kind_ids}
        ),
        delays=tuple(
            row for row in instance.delays if row.edge in {"", *edge_ids} and row.vehicle in {"", *kind_ids}
        ),
        closures=tuple(row for row in instance.closures if row.edge in edge_ids),
        calendars=instance.calendars,
        deadlines=tuple(row for row in instance.deadlines if row.place in areas | own),
        stock=_stock(instance, homes, givers),
        escorts=tuple(row for row in instance.escorts if row.warehouse in stores and row.area in areas),
        decisions=tuple(
            row for row in instance.decisions if _is_within(instance, row, own | areas, kind_ids)
        ),
        outages=tuple(
            row
            for row in instance.outages
            if row.subject in own | kind_ids or _type_of(instance, row.subject) in kind_ids
        ),
        extra=tuple(row for row in instance.extra if row.region in own),
        units=tuple(row for row in instance.units if row.region in own),
        boxes=tuple(row for row in instance.boxes if row.region in own),
        fleet=tuple(row for row in instance.fleet if _type_of(instance, row.vehicle) in kind_ids),
        contacts=tuple(
            row
            for row in instance.contacts
            if row.place in own | kind_ids or _type_of(instance, row.place) in kind_ids
        ),
        aliases=tuple(
            row
            for row in instance.aliases
            if row.id in own | kept | areas | kind_ids | edge_ids or _type_of(instance, row.id) in kind_ids
        ),
        preparation=tuple(row for row in instance.preparation if row.warehouse in stores),
        problems=tuple(row for row in instance.problems if row.area in areas | own),
    )


def _supply_of(instance: Instance, hub: str) -> Iterable[str]:
    """A hub and those that it is supplied through."""
    hubs = hub_of(instance)
    while hub:
        yield hub
        hub = hubs[hub].via


def _between(instance: Instance, kinds: Sequence[VehicleType], places: Sequence[str]) -> set[str]:
    """Nodes of the least-time ways of vehicles between any two of the places."""
    alike = {
        (kind.modes, kind.speed_percent, kind.upstream_percent): kind for kind in kinds
    }  # these go the same ways
    ends = {edge.id: (edge.from_node, edge.to_node) for edge in instance.edges}
    found: set[str] = set()
    for kind in alike.values():
        ways: Travel | None = travel(instance, kind, list(places))
        while ways is not None:  # then those over the edges that are open throughout
            count = range(len(ways.nodes))
            pairs = ((i, j) for i in count for j in count if i != j and ways.reachable[i, j])
            found |= {node for i, j in pairs for step in ways.path(i, j) for node in ends.get(step.ref, ())}
            ways = ways.avoiding
    return found


# ---- stock of other warehouses -------------------------------------------------------------------


def _needed(instance: Instance, places: Iterable[Region]) -> dict[str, int]:
    """How much of each item some regions need together."""
    found: dict[str, int] = {}
    for place in places:
        for item, number in region_load(instance, place).items.items():
            found[item] = found.get(item, 0) + number
    return found


def _there(instance: Instance, warehouse: str) -> dict[str, int]:
    """How much of each item lies or comes at a warehouse; items that are not limited there are left out."""
    found: dict[str, int] = {}
    for row in instance.stock:
        if row.warehouse == warehouse:
            found[row.item] = found.get(row.item, 0) + row.quantity
    return found


def _givers(instance: Instance, places: Sequence[Region], homes: set[str]) -> set[str]:
    """Other warehouses with more of what the area lacks than their own regions need."""
    lacking: set[str] = set()
    for home in homes:
        need = _needed(instance, (one for one in places if one.warehouse == home))
        there = _there(instance, home)
        lacking |= {item for item, number in there.items() if need.get(item, 0) > number}
    if not lacking:
        return set()
    found = set()
    for one in instance.warehouses:
        own = _needed(instance, (region for region in instance.regions if region.warehouse == one.id))
        there = _there(instance, one.id)
        if one.id not in homes and any(there.get(item, 0) > own.get(item, 0) for item in lacking):
            found.add(one.id)
    return found


def _stock(instance: Instance, homes: set[str], givers: set[str]) -> tuple[Stock, ...]:
    """Stock of the area's warehouses, and of givers what comes beyond their own regions' need."""
    left = {
        giver: _needed(instance, (one for one in instance.regions if one.warehouse == giver))
        for giver in givers
    }
    rows = []
    reduced: dict[int, int] = {}
    order = sorted(range(len(instance.stock)), key=lambda at: (instance.stock[at].available_s or 0, at))
    for at in order:  # what comes first stays for the giver's own regions
        row = instance.stock[at]
        if row.warehouse in givers:
            taken = min(row.quantity, left[row.warehouse].get(row.item, 0))
            left[row.warehouse][row.item] = left[row.warehouse].get(row.item, 0) - taken
            reduced[at] = row.quantity - taken
    for at, row in enumerate(instance.stock):
        if row.warehouse in homes:
            rows.append(row)
        elif at in reduced:
            rows.append(replace(row, quantity=reduced[at]))
    return tuple(rows)


def _is_within(instance: Instance, row: Decision, kept: set[str], kinds: set[str]) -> bool:
    """Whether a decision names nothing that is left behind."""
    behind = set(instance.point_of) - kept
    behind |= {name for one in instance.regions for name in (one.area, one.subarea)} - kept
    gone = {one.id for one in instance.vehicles} - kinds
    named = {part.strip() for text in (row.subject, row.value) for part in text.split("+")}
    vehicles = {_type_of(instance, name) for name in named} | named
    return not named & behind and not vehicles & gone


def _type_of(instance: Instance, name: str) -> str:
    """Type of the vehicle that people name `truck-03` or `truck/3`; empty where it is no vehicle."""
    found = None if name in instance.vehicle_type_of else vehicle_of(name, instance.vehicle_type_of)
    return "" if found is None else found[0]
