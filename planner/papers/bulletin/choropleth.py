"""A small map of a bulletin: areas shaded by the percentage of regions confirmed; told apart in grey too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.background.geometry import Boxes, Point, bounds_of, label_points, svg_path, turned_box
from planner.background.meridian import ground_beside, lon_beside, middle_of, run_on
from planner.background.schema import Background, GroundKind
from planner.base.safe_text import xml_text
from planner.instance.schema import Region
from planner.outputs.map.fonts import FAMILY, Face, line_width
from planner.outputs.map.frame import Frame, decimal, frame_around
from planner.papers.bulletin.counts import By
from planner.papers.bulletin.situation import Situation

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["alternative", "choropleth", "percent"]

_WIDTH = 330.0
_SIZE = 11.0
_ROOMY = 9.0  # radius of an area that holds its label
# From nothing to all; the last three are dark enough for white letters.
_SHADES = ("#ffffff", "#e2ece6", "#bcd6c8", "#84b69e", "#3f8468", "#1c5a44")
_DARK = 4
_INK = "#22272b"
_EDGE = f'stroke="{_INK}" stroke-width=".6" stroke-linejoin="round"'
_STEPS = 28  # places around its middle that are tried for a label
_GROUND = {By.AREA: GroundKind.AREA, By.SUBAREA: GroundKind.SUBAREA}


@dataclass(frozen=True)
class _Place:
    """A row's area on the map: its border (None: the background has none), its middle, the room there."""

    shape: BaseGeometry | None
    middle: Point
    radius: float = 0.0


def percent(part: int, total: int) -> int:
    """How many of a hundred, rounded down; 100 only where all are."""
    return 0 if not total else 100 * part // total


def choropleth(
    document: Mapping[str, Any], situations: Sequence[Situation], grounds: Sequence[Background]
) -> str:
    """The map as SVG, each area with the number of its row and its percent; the same input, the same text.

    Parameters
    ----------
    document
        The bulletin.
    situations, grounds
        Its plans, and what lies behind each of them.
    """
    by = By(document["by"])
    kind = _GROUND[by]
    rows = [(row, _regions(situations[row["plan"]], by, row["id"])) for row in document["groups"]]
    middle = middle_of(run_on(region.lon for _, regions in rows for region in regions))
    grounds = [ground_beside(ground, middle) for ground in grounds]
    shapes = [
        item.geometry
        for ground in grounds
        for item in ground.of(kind)
        if item.code in {row["id"] for row, _ in rows}
    ]
    points = [(lon_beside(region.lon, middle), region.lat) for _, regions in rows for region in regions]
    frame = frame_around(bounds_of(points, shapes), _WIDTH, 1.0, inset=8)
    places = [
        _place(
            [
                item.shape
                for item in frame.shown(grounds[row["plan"]], kind)
                if item.feature.code == row["id"]
            ],
            frame,
            [(lon_beside(region.lon, middle), region.lat) for region in regions],
        )
        for row, regions in rows
    ]
    size = f"0 0 {decimal(frame.width)} {decimal(frame.height)}"
    told = xml_text(alternative(document))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img" aria-label="{told}">'
    return "\n".join([head, *_areas(document, places), *_labels(document, places, frame), "</svg>"]) + "\n"


def alternative(document: Mapping[str, Any]) -> str:
    """The map in words."""
    return "; ".join(f"{at} {row['name']}: {_share(row)} %" for at, row in enumerate(document["groups"], 1))


def _share(row: Mapping[str, Any]) -> int:
    return percent(row["regions"]["confirmed"], row["regions"]["total"])


def _shade(row: Mapping[str, Any]) -> int:
    """Which shade: none, up to a quarter, half, three quarters, less than all, all."""
    if not row["regions"]["confirmed"]:
        return 0
    return 5 if _share(row) == 100 else 1 + min(3, _share(row) // 25)


def _regions(one: Situation, by: By, name: str) -> Sequence[Region]:
    known = {result.region_id for result in one.found.plan.regions}
    return [
        region
        for region in one.found.instance.regions
        if region.id in known and (region.area if by is By.AREA else region.subarea) == name
    ]


def _place(shown: Sequence[BaseGeometry], frame: Frame, points: Sequence[Point]) -> _Place:
    """Of the borders that are shown the first one, else the middle of some points."""
    if shown and (found := label_points(shown[0])):
        return _Place(shown[0], found[0].point, found[0].radius)
    lons, lats = zip(*points, strict=True)
    return _Place(None, frame.view.at((sum(lons) / len(lons), sum(lats) / len(lats))))


def _areas(document: Mapping[str, Any], places: Sequence[_Place]) -> Iterator[str]:
    for row, place in zip(document["groups"], places, strict=True):
        fill = _SHADES[_shade(row)]
        if place.shape is not None:
            path = svg_path(place.shape)
            yield f'<path d="{path}" fill="{fill}" {_EDGE}/>'
        else:
            x, y = map(decimal, place.middle)
            yield f'<circle cx="{x}" cy="{y}" r="7" fill="{fill}" {_EDGE}/>'


def _labels(document: Mapping[str, Any], places: Sequence[_Place], frame: Frame) -> Iterator[str]:
    """A label for each area, apart from the others, with a line to its area where it stands beside it."""
    boxes = Boxes()
    for at, (row, place) in enumerate(zip(document["groups"], places, strict=True), 1):
        text = f"{at}: {_share(row)} %"
        wide = line_width(text, _SIZE, Face.SEMIBOLD) + 4
        x, y = _free(boxes, place, frame, wide)
        boxes.place(turned_box((x, y), wide, _SIZE + 2))
        beside = (x, y) != place.middle
        if beside:
            ends = " ".join(decimal(one) for one in (*place.middle, x, y))
            yield f'<path d="M{ends}" stroke="{_INK}" stroke-width=".6"/>'
            left, top = map(decimal, (x - wide / 2, y - _SIZE / 2))
            size = f'width="{decimal(wide)}" height="{decimal(_SIZE)}"'
            yield f'<rect x="{left}" y="{top}" {size} fill="#ffffff"/>'
        dark = _shade(row) >= _DARK and not beside and place.shape is not None
        ink, halo = ("#ffffff", "none") if dark else (_INK, "#ffffff")
        yield (
            f'<text x="{decimal(x)}" y="{decimal(y + _SIZE * 0.36)}" text-anchor="middle" fill="{ink}" '
            f'stroke="{halo}" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke" '
            f'font-family="{FAMILY}, \'Noto Sans\', Arial, sans-serif" font-size="{decimal(_SIZE)}" '
            f'font-weight="600">{xml_text(text)}</text>'
        )


def _free(boxes: Boxes, place: _Place, frame: Frame, wide: float) -> Point:
    """Where a label meets no other one, as near as can be; its middle where there is no such place."""
    x, y = place.middle
    starts = [(0.0, 0.0)] if place.radius >= _ROOMY else []
    rings = [(dx * reach, dy * reach) for reach in range(14, 14 * _STEPS // 4, 14) for dx, dy in _AROUND]
    for dx, dy in (*starts, *rings):
        where = (x + dx, y + dy)
        if frame.holds(where, inset=wide / 2) and boxes.is_free(turned_box(where, wide, _SIZE + 2)):
            return where
    return place.middle


_AROUND = (
    (1.6, 0.0),
    (-1.6, 0.0),
    (0.0, 1.0),
    (0.0, -1.0),
    (1.4, 0.8),
    (-1.4, 0.8),
    (1.4, -0.8),
    (-1.4, -0.8),
)
