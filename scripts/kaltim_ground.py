"""What the build of instances/kaltim reads off a map: points inside borders, and ways along the Mahakam.

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
    line = max(
        (row for one, row in _features("rivers.geojson") if one["name"] == course), key=lambda row: row.length
    )
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


def _features(name: str) -> Iterable[tuple[dict[str, Any], Any]]:
    rows = json.loads((GROUND / name).read_text(encoding="utf-8"))["features"]
    return ((row["properties"], shape(row["geometry"])) for row in rows)
