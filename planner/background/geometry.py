"""Geometry of pictures and pages: projection, simpler and cut shapes, room for names, boxes that lie apart.

Shapes are those of shapely. On the ground they are in degrees (longitude, latitude), on a page in its units,
x to the right and y down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "METRES_PER_DEGREE",
    "Box",
    "Boxes",
    "LabelPoint",
    "Point",
    "Projection",
    "bounds_of",
    "clipped",
    "label_points",
    "parts",
    "polygonal",
    "shifted",
    "simplified",
    "squeeze_at",
    "svg_path",
    "turned_box",
]

METRES_PER_DEGREE = 111_195  # of a great circle on a sphere of mean radius
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # west, south, east, north; on a page left, top, right, bottom
_FLATTEST = 0.05  # narrowest degree of longitude that is drawn, as part of one at the equator


@dataclass(frozen=True, slots=True)
class Projection:
    """From degrees to a page: equirectangular, true to scale along the parallel in the middle.

    Parameters
    ----------
    west, north
        Corner that lies at (`left`, `top`), in degrees.
    per_lon, per_lat
        Units of the page for each degree.
    left, top
        In units of the page.

    Examples
    --------
    >>> view = Projection.around((117.0, -1.0, 119.0, 1.0), 220.0, 220.0, inset=10.0)
    >>> [round(value) for value in view.at((118.0, 0.0))]
    [110, 110]
    """

    west: float
    north: float
    per_lon: float
    per_lat: float
    left: float
    top: float

    @classmethod
    def around(cls, box: Box, width: float, height: float, *, inset: float = 0.0) -> Projection:
        """The largest scale at which a box of degrees fits a page, in its middle.

        Parameters
        ----------
        box
            West, south, east, north in degrees.
        width, height
            Of the page, in its units.
        inset
            So much stays free on each side.
        """
        west, south, east, north = box
        squeeze = squeeze_at(box)
        wide, high = max(1e-9, (east - west) * squeeze), max(1e-9, north - south)
        scale = min((width - 2 * inset) / wide, (height - 2 * inset) / high)
        left = (width - (east - west) * squeeze * scale) / 2
        top = (height - (north - south) * scale) / 2
        return cls(west, north, squeeze * scale, scale, left, top)

    @property
    def per_metre(self) -> float:
        """Units of the page for a metre."""
        return self.per_lat / METRES_PER_DEGREE

    def at(self, point: Point) -> Point:
        """Where a point lies on the page."""
        return (
            self.left + (point[0] - self.west) * self.per_lon,
            self.top + (self.north - point[1]) * self.per_lat,
        )

    def ground(self, box: Box) -> Box:
        """What box of degrees (west, south, east, north) one of the page (left, top, right, bottom) shows."""
        left, top, right, bottom = box
        return (
            self.west + (left - self.left) / self.per_lon,
            self.north - (bottom - self.top) / self.per_lat,
            self.west + (right - self.left) / self.per_lon,
            self.north - (top - self.top) / self.per_lat,
        )

    def drawn(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape on the page."""
        import numpy as np
        import shapely

        scale = np.array([self.per_lon, -self.per_lat])
        shift = np.array([self.left - self.west * self.per_lon, self.top + self.north * self.per_lat])
        found: BaseGeometry = shapely.transform(shape, lambda points: points * scale + shift)
        return found


def squeeze_at(box: Box) -> float:
    """How long a degree of longitude is in the middle of a box of degrees, as part of one of latitude."""
    return max(_FLATTEST, math.cos(math.radians((box[1] + box[3]) / 2)))


def bounds_of(points: Iterable[Point], shapes: Iterable[BaseGeometry] = ()) -> Box:
    """The smallest box around points and shapes; at least one of them must be there."""
    boxes = [(x, y, x, y) for x, y in points] + [shape.bounds for shape in shapes if not shape.is_empty]
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def polygonal(shape: BaseGeometry) -> BaseGeometry:
    """The areas of a shape, mended where its border crosses itself; empty where it has none."""
    import shapely

    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    found = _polygons(shape)
    if len(found) == 1:
        return found[0]
    joined: BaseGeometry = shapely.MultiPolygon(found) if shape.is_valid else shapely.union_all(found)
    return joined


def parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Points, lines and polygons that a shape is made of."""
    import shapely

    found: list[BaseGeometry] = []
    for part in shapely.get_parts(shape):
        found += parts(part) if hasattr(part, "geoms") else [part]
    return found


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    from shapely import Polygon as PolygonClass

    return [part for part in parts(shape) if isinstance(part, PolygonClass)]


def shifted(shape: BaseGeometry, degrees: float) -> BaseGeometry:
    """A shape moved to the east."""
    from shapely.affinity import translate

    found: BaseGeometry = translate(shape, xoff=degrees)
    return found


def clipped(shape: BaseGeometry, box: Box) -> BaseGeometry:
    """The part of a shape inside a box; empty where there is none."""
    import shapely

    west, south, east, north = shape.bounds if not shape.is_empty else box
    if box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3]:
        return shape
    if "Polygon" in shape.geom_type:
        return polygonal(shapely.intersection(polygonal(shape), shapely.box(*box)))
    found: BaseGeometry = shapely.intersection(shape, shapely.box(*box))
    return found


def simplified(shapes: Sequence[BaseGeometry], tolerance: float) -> list[BaseGeometry]:
    """Shapes with fewer corners; areas that share borders still share them.

    Parameters
    ----------
    shapes
        All areas, or all lines.
    tolerance
        About how far, in the units of the shapes, a border may move.

    Notes
    -----
    Borders by Visvalingam and Whyatt's rule over the whole coverage: they lose corners, never neighbours.
    Lines by Douglas and Peucker's.
    """
    import numpy as np
    import shapely

    if not shapes:
        return []
    if "Polygon" in shapes[0].geom_type:
        return list(shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance))
    return [shapely.simplify(shape, tolerance) for shape in shapes]


@dataclass(frozen=True, slots=True)
class LabelPoint:
    """Where a name may stand in an area, and how much room there is: radius of the circle that fits."""

    point: Point
    radius: float


def label_points(shape: BaseGeometry, *, most: int = 1) -> list[LabelPoint]:
    """Middles of the largest circles that fit into an area, each outside of those before it.

    Parameters
    ----------
    shape
        An area on a page.
    most
        How many are looked for.
    """
    import shapely

    rest = polygonal(shape)
    found: list[LabelPoint] = []
    while len(found) < most and not rest.is_empty:
        largest = max(_polygons(rest), key=lambda part: part.area)
        if largest.area < 1e-12:
            break
        line = shapely.maximum_inscribed_circle(largest, tolerance=math.sqrt(largest.area) / 100)
        (x, y), radius = line.coords[0], line.length
        if radius <= 0:
            break
        found.append(LabelPoint((x, y), radius))
        rest = polygonal(rest.difference(shapely.Point(x, y).buffer(radius * 0.8, quad_segs=4)))
    return found


def turned_box(middle: Point, wide: float, high: float, degrees: float = 0.0) -> Polygon:
    """A box around a point.

    Parameters
    ----------
    middle
        The point, on a page.
    wide, high
        Its sides, in the unit of the page.
    degrees
        How far it is turned, clockwise.
    """
    from shapely import Polygon

    turn = math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    corners = [(x * wide / 2, y * high / 2) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return Polygon([(middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos) for x, y in corners])


class Boxes:
    """Boxes on a page that lie apart.

    Parameters
    ----------
    obstacles
        Shapes that no box should cover, though it may where there is no other place.
    """

    def __init__(self, obstacles: Sequence[BaseGeometry] = ()) -> None:
        from shapely import STRtree

        self._obstacles = STRtree(obstacles)
        self._taken: list[Polygon] = []

    def is_free(self, box: Polygon) -> bool:
        """Whether a box meets none that was placed."""
        return not any(box.intersects(other) for other in self._taken)

    def hidden(self, box: Polygon) -> int:
        """How many obstacles a box covers."""
        return len(self._obstacles.query(box, predicate="intersects"))

    def place(self, box: Polygon) -> None:
        """Take the room of a box."""
        self._taken.append(box)

    @property
    def placed(self) -> Sequence[Polygon]:
        """All boxes so far."""
        return tuple(self._taken)


def svg_path(shape: BaseGeometry) -> str:
    """Commands of an SVG path, in tenths of the page's unit; empty where nothing is left.

    Examples
    --------
    >>> from shapely import LineString
    >>> svg_path(LineString([(0, 0), (1.26, 0), (1.26, 2)]))
    'M0 0h1.3v2'
    """
    import shapely

    commands: list[str] = []
    for part in parts(shape):
        is_area = isinstance(part, shapely.Polygon)
        rings = [part.exterior, *part.interiors] if isinstance(part, shapely.Polygon) else [part]
        commands += [_drawn_line(shapely.get_coordinates(ring), closed=is_area) for ring in rings]
    return "".join(commands)


def _drawn_line(points: NDArray[np.float64], *, closed: bool) -> str:
    tenths = [(round(x * 10), round(y * 10)) for x, y in points.tolist()]
    corners = [point for at, point in enumerate(tenths) if at == 0 or point != tenths[at - 1]]
    if closed and len(corners) < 4:
        return ""
    if closed:
        corners.pop()
    (x, y), words = corners[0], [f"M{_tenths(corners[0][0])} {_tenths(corners[0][1])}"]
    for to_x, to_y in corners[1:]:
        right, down = to_x - x, to_y - y
        if not down:
            words.append(f"h{_tenths(right)}")
        elif not right:
            words.append(f"v{_tenths(down)}")
        else:
            words.append(f"l{_tenths(right)} {_tenths(down)}")
        x, y = to_x, to_y
    return "".join(words) + ("z" if closed else "")


def _tenths(value: int) -> str:
    """A number of tenths as short as it can be written: 5 is ``.5``, -12 is ``-1.2``."""
    sign, whole, rest = "-" if value < 0 else "", abs(value) // 10, abs(value) % 10
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{rest}"
