"""Borders and waters as short lists of numbers, for pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from planner.background.geometry import Box, clipped, parts, simplified
from planner.background.schema import Background, Feature, GroundKind, place_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["UNIT", "encoded", "ground_document"]

UNIT = 10_000  # of a degree: some 11 m
_LARGEST = 900_000  # bytes that the ground of a page may have; what is larger loses corners
_COARSEST = 0.05  # degrees that a border moves at most for that
_SHAPES = (
    GroundKind.LAND,
    GroundKind.AREA,
    GroundKind.SUBAREA,
    GroundKind.REGION,
    GroundKind.RIVER,
    GroundKind.LAKE,
)
_POINTS = (GroundKind.SEAT, GroundKind.TOWN)


def encoded(line: Iterable[tuple[float, float]]) -> list[int]:
    """A line as numbers of ten thousandths of a degree: its first point, then the step to each next one.

    Examples
    --------
    >>> encoded([(117.0, -0.5), (117.001, -0.5), (117.001, -0.4998)])
    [1170000, -5000, 10, 0, 0, 2]
    """
    found: list[int] = []
    x = y = 0
    for lon, lat in line:
        east, north = round(lon * UNIT) - x, round(lat * UNIT) - y
        if not found or east or north:
            found += [east, north]
            x, y = x + east, y + north
    return found


def ground_document(ground: Background, box: Box) -> dict[str, Any]:
    """What of the ground lies in a box of degrees, by kind; corners are left out until it is small enough.

    Areas and lines have ``lines``: of each polygon its rings, of each line itself. Points have ``at``.
    """
    kept = {kind: [*_inside(ground, kind, box)] for kind in _SHAPES}
    tolerance = 0.0
    while True:
        found = {kind.value: _rows(rows, tolerance) for kind, rows in kept.items()}
        if tolerance >= _COARSEST or len(json.dumps(found)) <= _LARGEST:
            break
        tolerance = max(0.000_5, tolerance * 2)
    for kind in _POINTS:
        found[kind.value] = [
            {"name": item.name, "rank": item.rank, "at": encoded([place_of(item)])}
            for item in ground.of(kind)
            if _holds(box, place_of(item))
        ]
    return found


def _inside(ground: Background, kind: GroundKind, box: Box) -> Iterable[tuple[Feature, BaseGeometry]]:
    for item in ground.of(kind):
        shape = clipped(item.geometry, box)
        if not shape.is_empty:
            yield item, shape


def _rows(rows: Sequence[tuple[Feature, BaseGeometry]], tolerance: float) -> list[dict[str, Any]]:
    shapes = [shape for _, shape in rows]
    if tolerance:
        shapes = simplified(shapes, tolerance)
    return [
        {"name": item.name, "code": item.code, "lines": [_lines(part) for part in parts(shape)]}
        for (item, _), shape in zip(rows, shapes, strict=True)
        if not shape.is_empty
    ]


def _lines(part: BaseGeometry) -> list[list[int]]:
    """The rings of a polygon, or a line as the only one."""
    exterior = getattr(part, "exterior", None)
    lines = [part] if exterior is None else [exterior, *getattr(part, "interiors", ())]
    return [encoded((x, y) for x, y, *_ in line.coords) for line in lines]


def _holds(box: Box, at: tuple[float, float]) -> bool:
    west, south, east, north = box
    return west <= at[0] <= east and south <= at[1] <= north
