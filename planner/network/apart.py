"""Which places a modelled network leaves apart from their warehouse, and how far away they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

import networkx as nx

from planner.base.errors import Fault, Severity
from planner.instance.schema import Edge, Hub, Instance, Mode, Node, Region, Warehouse
from planner.network.geometry import Floats, great_circle_m

__all__ = ["places_apart"]

_Modes = Mapping[str, Set[Mode]]
_Place = Warehouse | Hub | Region | Node


def places_apart(instance: Instance, edges: Sequence[Edge]) -> tuple[Fault, ...]:
    """Regions that nothing joins to their warehouse, and hubs that nothing joins to any: a warning for each.

    Parameters
    ----------
    instance
        Its own edges are ignored.
    edges
        Modelled ones.

    Returns
    -------
    tuple of Fault
        W550 with the nearest place of the same modes that is joined and its distance; W551 where there is
        none.

    Notes
    -----
    Joined is what edges of any modes and known trips join in either direction; whether a vehicle gets there
    is asked when the whole instance is validated.
    """
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(one.id for one in instance.warehouses)
    ways.add_edges_from((one.from_node, one.to_node) for one in edges)
    ways.add_edges_from((one.from_node, one.to_node) for one in instance.known_trips)
    parts = {name: part for part in nx.connected_components(ways) for name in part}
    modes = _modes(instance, edges)
    every = set().union(*(parts[one.id] for one in instance.warehouses))
    faults = []
    for table, places in (("hubs", instance.hubs), ("regions", instance.regions)):
        for place in places:
            joined = parts[place.warehouse] if isinstance(place, Region) else every
            if place.id not in joined:
                faults.append(_fault(instance, table, place, joined, modes))
    return tuple(faults)


def _modes(instance: Instance, edges: Iterable[Edge]) -> _Modes:
    """The modes of each place: by the most exact row of access, and by its edges."""
    given: dict[str, set[Mode]] = defaultdict(set)
    for row in instance.access:
        given[row.place].add(row.mode)
    found: dict[str, set[Mode]] = defaultdict(set)
    for place in _all_places(instance):
        keys = (place.id, place.subarea, place.area) if isinstance(place, Region) else (place.id,)
        found[place.id] |= next((given[key] for key in keys if key and key in given), set())
    for edge in edges:
        for name in (edge.from_node, edge.to_node):
            found[name].add(edge.mode)
    return found


def _fault(instance: Instance, table: str, place: Hub | Region, joined: Set[str], modes: _Modes) -> Fault:
    names = instance.place_name_of
    about: dict[str, object] = {"name": names[place.id]}
    others = [one for one in _all_places(instance) if one.id in joined and modes[one.id] & modes[place.id]]
    code = "W550" if others else "W551"
    if others:
        metres = great_circle_m(_points([place] * len(others)), _points(others)).tolist()
        least, nearest = min(zip(metres, (names[one.id] for one in others), strict=True))
        about |= {"km": f"{least / 1000:.1f}", "other": nearest}
        about["longest_km"] = f"{instance.settings.model.longest_join_m / 1000:g}"
    return Fault(code, table, value=place.id, params=about, severity=Severity.WARNING)


def _all_places(instance: Instance) -> tuple[_Place, ...]:
    return (*instance.warehouses, *instance.hubs, *instance.regions, *instance.nodes)


def _points(places: Iterable[_Place]) -> Floats:
    import numpy as np

    return np.array([(one.lat, one.lon) for one in places], dtype=np.float64).reshape(-1, 2)
