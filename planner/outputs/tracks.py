"""A plan for phones and map programs: places and ways as GeoJSON, the way of each vehicle as GPX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from planner.base.safe_text import json_text, xml_text
from planner.base.version import __version__
from planner.outputs.figures import moment
from planner.outputs.map.scene import Scene
from planner.outputs.transfers import is_trunk
from planner.plans.model import Leg, StepKind, Trip

__all__ = ["geojson_text", "gpx_texts"]

_DIGITS = 6  # of degrees: some 0.1 m


def geojson_text(scene: Scene) -> str:
    """Regions, hubs and warehouses as points, trips as lines (RFC 7946).

    Notes
    -----
    The same scene gives the same text. It holds no contacts. Lines join the nodes of the network straight.
    """
    instance, clock = scene.instance, scene.instance.clock
    features = []
    for item in scene.results:
        region = instance.region_of[item.region_id]
        features.append(
            _point(
                scene,
                region.id,
                kind="region",
                name=region.name,
                area=region.area_name or region.area,
                subarea=region.subarea_name or region.subarea,
                status=item.status.value,
                received=None if item.received_s is None else clock.text(item.received_s),
                deadline=clock.text(item.deadline_s),
                margin_s=item.margin_s,
            )
        )
    names = instance.place_name_of
    features += [_point(scene, one, kind="hub", name=names.get(one, one)) for one in scene.hubs]
    features += [_point(scene, one, kind="warehouse", name=names.get(one, one)) for one in scene.warehouses]
    features += [_line(scene, trip) for trip in scene.trips]
    return json_text({"type": "FeatureCollection", "features": features}) + "\n"


def gpx_texts(scene: Scene) -> Mapping[str, str]:
    """By vehicle, a file with its trips as routes (GPX 1.1): places in order, with when it arrives."""
    trips: dict[str, list[Trip]] = {}
    for trip in scene.trips:
        trips.setdefault(trip.vehicle_id, []).append(trip)
    return {
        name: _gpx(scene, name, sorted(mine, key=lambda one: one.load_start_s))
        for name, mine in trips.items()
    }


def _position(scene: Scene, name: str) -> list[float]:
    lon, lat = scene.places[name]
    return [round(lon - 360 if lon > 180 else lon, _DIGITS), round(lat, _DIGITS)]


def _point(scene: Scene, place: str, **told: object) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": _position(scene, place)}
    return {"type": "Feature", "id": place, "geometry": geometry, "properties": told}


def _line(scene: Scene, trip: Trip) -> dict[str, Any]:
    clock = scene.instance.clock
    told = {
        "kind": "trip",
        "vehicle": trip.vehicle_id,
        "vehicle_type": trip.vehicle_type,
        "trunk": is_trunk(trip),
        "load_start": clock.text(trip.load_start_s),
        "depart": clock.text(trip.depart_s),
        "end": clock.text(trip.end_s),
        "stops": [stop.node_id for stop in trip.stops],
        "distance_m": trip.distance_m,
    }
    nodes = [trip.origin_id, *(name for leg in _legs(trip) for name in _nodes(scene, leg))]
    parts = _cut([_position(scene, name) for name in nodes])
    geometry = (
        {"type": "LineString", "coordinates": parts[0]}
        if len(parts) == 1
        else {"type": "MultiLineString", "coordinates": parts}
    )
    return {"type": "Feature", "id": trip.id, "geometry": geometry, "properties": told}


def _cut(line: Sequence[list[float]]) -> list[list[list[float]]]:
    """A line in parts, none of which crosses the 180th meridian (RFC 7946, 3.1.9)."""
    found = [[line[0]]]
    for before, after in zip(line, line[1:], strict=False):
        east = after[0] + 360 if after[0] - before[0] < -180 else after[0] - 360
        if abs(after[0] - before[0]) > 180:
            side = 180.0 if before[0] > 0 else -180.0
            share = (side - before[0]) / (east - before[0]) if east != before[0] else 0.0
            lat = round(before[1] + (after[1] - before[1]) * share, _DIGITS)
            found[-1].append([side, lat])
            found.append([[-side, lat]])
        found[-1].append(after)
    return found


def _legs(trip: Trip) -> Iterable[Leg]:
    yield from (stop.leg for stop in trip.stops)
    if trip.broken is not None and trip.broken.leg is not None:
        yield trip.broken.leg
    if trip.back is not None:
        yield trip.back


def _nodes(scene: Scene, leg: Leg) -> Iterable[str]:
    """Nodes of a leg after the one where it begins."""
    last = leg.from_node
    for step in leg.path:
        if step.kind is StepKind.KNOWN:
            last = leg.to_node
        else:
            edge = scene.edge_of[step.ref]
            last = edge.to_node if step.kind is StepKind.FORWARD else edge.from_node
        yield last
    if last != leg.to_node:
        yield leg.to_node


def _gpx(scene: Scene, vehicle: str, trips: Sequence[Trip]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<gpx version="1.1" creator="planner {xml_text(__version__)}" xmlns="http://www.topografix.com/GPX/1/1">',
        f"<metadata><name>{xml_text(vehicle)}: {xml_text(scene.instance.settings.name)}</name></metadata>",
    ]
    for trip in trips:
        lines.append(f"<rte><name>{xml_text(trip.id)}</name>")
        lines.append(_route_point(scene, trip.origin_id, trip.depart_s, is_stop=True))
        for leg in _legs(trip):
            *between, end = [*_nodes(scene, leg)] or [leg.to_node]
            lines += [_route_point(scene, name) for name in between]
            lines.append(_route_point(scene, end, leg.arrive_s, is_stop=True))
        lines.append("</rte>")
    return "\n".join([*lines, "</gpx>"]) + "\n"


def _route_point(scene: Scene, name: str, at_s: int | None = None, *, is_stop: bool = False) -> str:
    lon, lat = _position(scene, name)
    told = ""
    if at_s is not None:
        at: datetime = scene.instance.clock.instant(at_s).astimezone(UTC)
        told += f"<time>{at:%Y-%m-%dT%H:%M:%SZ}</time>"
    if is_stop:
        label = scene.instance.place_name_of.get(name, name)
        when = "" if at_s is None else f" {moment(at_s, scene.instance.clock)}"
        told += f"<name>{xml_text(label + when)}</name>"
    return f'<rtept lat="{lat}" lon="{lon}">{told}</rtept>'
