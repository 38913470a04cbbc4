"""Longitudes that run on across the 180th meridian, and backgrounds moved beside the places they belong to.

Files have longitudes from -180 to 180 degrees, and what crosses the meridian is cut there into parts (RFC
7946, 3.1.9) or has a box whose west is larger than its east (5.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.background.geometry import Box, clipped, parts, polygonal, shifted
from planner.background.schema import Background

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["ground_beside", "lon_beside", "middle_of", "run_on", "shape_beside", "told_box", "told_shape"]

_TURN, _HALF = 360.0, 180.0


def run_on(lons: Iterable[float]) -> list[float]:
    """Longitudes of some places; where these lie on both sides of the meridian those west of it go on to 360.

    Examples
    --------
    >>> run_on([179.5, -179.5]), run_on([-60.0, 100.0])
    ([179.5, 180.5], [-60.0, 100.0])
    """
    found = list(lons)
    if max(found) - min(found) <= _HALF:
        return found
    return [lon + _TURN if lon < 0 else lon for lon in found]


def middle_of(lons: Iterable[float]) -> float:
    """The longitude in the middle of places whose longitudes run on."""
    found = list(lons)
    return (min(found) + max(found)) / 2


def lon_beside(lon: float, middle: float) -> float:
    """A longitude, moved by whole turns so that it lies as near to another one as it can."""
    return lon + _TURN * round((middle - lon) / _TURN)


def shape_beside(shape: BaseGeometry, lon: float) -> BaseGeometry:
    """A shape whose parts are moved by whole turns, so that each lies as near to a longitude as it can.

    Parts of an area that were cut apart at the 180th meridian are one again.
    """
    import shapely

    west, _, east, _ = shape.bounds
    if lon - _HALF <= west and east <= lon + _HALF:
        return shape
    moved = [found for part in parts(shape) for found in _turned(part, lon)]
    joined: BaseGeometry = shapely.union_all(moved)
    return polygonal(joined) if "Polygon" in shape.geom_type else joined


def _turned(part: BaseGeometry, lon: float) -> Iterable[BaseGeometry]:
    """A part where it is nearest; one that goes half round the earth wherever it can be seen."""
    west, _, east, _ = part.bounds
    if east - west <= _HALF:
        yield shifted(part, lon_beside((west + east) / 2, lon) - (west + east) / 2)
        return
    for turns in (-1, 0, 1):
        if west + turns * _TURN < lon + _HALF and east + turns * _TURN > lon - _HALF:
            yield shifted(part, turns * _TURN)


def ground_beside(ground: Background, lon: float) -> Background:
    """A background of which everything lies as near to a longitude as it can."""
    return Background(
        tuple(
            replace(
                sheet,
                features=tuple(
                    replace(item, geometry=shape_beside(item.geometry, lon)) for item in sheet.features
                ),
                known=None if sheet.known is None else _box_beside(sheet.known, lon),
            )
            for sheet in ground.sheets
        )
    )


def _box_beside(box: Box, lon: float) -> Box:
    west, south, east, north = box
    east += _TURN * (west > east)
    if lon - _HALF <= west and east <= lon + _HALF:
        return west, south, east, north
    if east - west >= _TURN:
        return lon - _HALF, south, lon + _HALF, north
    turns = round((lon - (west + east) / 2) / _TURN)
    return west + turns * _TURN, south, east + turns * _TURN, north


def told_shape(shape: BaseGeometry) -> BaseGeometry:
    """A shape as files have it: from -180 to 180 degrees, cut apart at the 180th meridian."""
    import shapely

    west, south, east, north = shape.bounds
    if west >= -_HALF and east <= _HALF:
        return shape
    strips = ((turns * _TURN - _HALF, turns * _TURN + _HALF) for turns in (-1, 0, 1))
    found = [
        shifted(part, -(start + _HALF))
        for start, end in strips
        if west < end and east > start
        for part in parts(clipped(shape, (start, south - 1, end, north + 1)))
    ]
    joined: BaseGeometry = shapely.union_all(found)
    return polygonal(joined) if "Polygon" in shape.geom_type else joined


def told_box(box: Box) -> Box:
    """A box as files have it: its west is larger than its east where it crosses the 180th meridian."""
    west, south, east, north = box
    if east - west >= _TURN:
        return -_HALF, south, _HALF, north
    return _told(west), south, _told(east), north


def _told(lon: float) -> float:
    return lon if -_HALF <= lon <= _HALF else (lon + _HALF) % _TURN - _HALF
