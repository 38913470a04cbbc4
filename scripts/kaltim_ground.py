"""What the build of instances/kaltim reads off a map: points inside borders, the Mahakam and its banks.

Borders and the course of the river are those of scripts/data/kaltim/ground.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import shapely.ops
from shapely.geometry import Point, shape

GROUND = Path(__file__).resolve().parent / "data" / "kaltim" / "ground"
KM = 111.195  # a degree; the province lies on the equator, so of longitude too
# The drawn course has a point every 1.2 km and cuts bends off. Long Bagun, where boats end, is 426 km from
# Samarinda along it and 465 km from the sea; 523 km are said to be navigable (Wikipedia, "Mahakam"): 1.13 to
# 1.23 times as much. Judgement.
BENDS = 1.2
APART_KM = 0.5  # along the course, at least, between two places
BANK_KM = 0.3  # from the course, at least, of a place on its bank
NEAR_KM = 30  # from a course, what it keeps apart
STEP = 2e-5  # degrees: more than coordinates are rounded by
WORLD = shapely.box(112, -4, 121, 4)  # round the province


@dataclass(frozen=True)
class Spot:
    """A place on a course: kilometres from its source, and where that is."""

    km: float
    lat: float
    lon: float


def borders() -> dict[str, Any]:
    """Border of each desa, by its code."""
    return {row["code"]: border for row, border in _features("desa.geojson")}


def inside(border: Any, lat: float, lon: float) -> tuple[float, float] | None:
    """A point inside a border where the given one is outside; else None."""
    if shapely.make_valid(border).covers(Point(lon, lat)):
        return None
    found = shapely.make_valid(border).representative_point()
    return round(found.y, 5), round(found.x, 5)


def spots(course: str, places: Mapping[str, tuple[float, float]], own: Mapping[str, Any]) -> dict[str, Spot]:
    """Where places lie on a course, from its source on.

    A place lies where the course comes nearest to it, inside its own border if the course crosses that. Of
    places at the same spot the later ones are put a little on.
    """
    line = _course(course)
    nearest = {}
    for name, (lat, lon) in places.items():
        part = line.intersection(shapely.make_valid(own[name])) if name in own else None
        target = line if part is None or part.is_empty else part
        nearest[name] = line.project(shapely.ops.nearest_points(target, Point(lon, lat))[0]) * KM
    found, last_km = {}, -APART_KM
    for name, km in sorted(nearest.items(), key=lambda item: (round(item[1], 3), item[0])):
        last_km = max(km, last_km + APART_KM)
        at = line.interpolate(last_km / KM)
        found[name] = Spot(last_km, round(at.y, 5), round(at.x, 5))
    return found


def left_bank(course: str) -> Any:
    """What lies left of a course that is seen downstream: here north and east of it."""
    line = _course(course)
    (first, *_), (last, *_) = line.coords[0:1], line.coords[-1:]
    west, _, east, _ = WORLD.bounds
    ends = shapely.LineString([(west - 1, first[1]), *line.coords, (east + 1, last[1])])
    parts = shapely.ops.split(WORLD, ends).geoms
    return max(parts, key=lambda part: part.bounds[3])


def on_bank(border: Any, course: str, bank: Any, lat: float, lon: float) -> tuple[float, float]:
    """The point nearest to a given one of a border's part on a bank; without such a part, of all of it."""
    whole = shapely.make_valid(border)
    river = _course(course).buffer(BANK_KM / KM)
    parts = (whole.intersection(bank).difference(river), whole.intersection(bank), whole)
    return nearest_inside(next(part for part in parts if not part.is_empty), lat, lon)


def nearest_inside(area: Any, lat: float, lon: float) -> tuple[float, float]:
    """The point of an area that is nearest to a point; a step inside, where that is not inside itself."""
    whole = shapely.make_valid(area)
    inner = whole if whole.covers(Point(lon, lat)) else whole.buffer(-STEP)
    found = shapely.ops.nearest_points(whole if inner.is_empty else inner, Point(lon, lat))[0]
    return round(found.y, 5), round(found.x, 5)


def between_banks(course: str, places: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Lines (latitude, longitude) that keep the places on one bank of a course apart from the others.

    They run half-way between the nearest places of the two banks (Voronoi), so that a straight way along a
    bank does not cross them where it cuts off a bend of the river.
    """
    near = _course(course).buffer(NEAR_KM / KM)
    left = left_bank(course)
    points = sorted({(lon, lat) for lat, lon in places if near.contains(Point(lon, lat))})
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), ordered=True, extend_to=near).geoms
    ours = [left.contains(Point(point)) for point in points]
    banks = [
        shapely.union_all([cell for cell, own in zip(cells, ours, strict=True) if own is side])
        for side in (True, False)
    ]
    shared = shapely.line_merge(banks[0].boundary.intersection(banks[1].boundary).intersection(near))
    lines = [line for line in getattr(shared, "geoms", [shared]) if line.length > 0]
    rounded = [[(round(lat, 4), round(lon, 4)) for lon, lat in line.coords] for line in lines]
    return sorted(min(line, line[::-1]) for line in rounded)


def _course(name: str) -> Any:
    """The longest drawn line of a name."""
    rows = (line for row, line in _features("rivers.geojson") if row["name"] == name)
    return max(rows, key=lambda line: line.length)


def _features(name: str) -> Iterable[tuple[dict[str, Any], Any]]:
    rows = json.loads((GROUND / name).read_text(encoding="utf-8"))["features"]
    return ((row["properties"], shape(row["geometry"])) for row in rows)
