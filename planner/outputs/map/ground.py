"""The layers of the ground: sea and land at the bottom; water and borders above what is filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from planner.background.geometry import svg_path
from planner.background.schema import GroundKind
from planner.outputs.map.frame import Frame, Shown, decimal
from planner.outputs.map.scene import Scene

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["BORDERS", "PAPER", "RIVER", "ground_below", "water_and_borders"]

PAPER, SEA, LAND, COAST = "#fbfaf7", "#dcebf3", "#f6f2e7", "#7d9fb3"
WATER, RIVER = "#b9d9ea", "#6fa8cf"
BORDERS = {GroundKind.AREA: ("#6d5a7e", 1.5, "7 2 1.5 2"), GroundKind.SUBAREA: ("#9a8fa3", 0.7, "3 2")}
_BAND = "#8a76a0"  # a light band along the borders of areas
_EDGE = 0.7  # pixels from the edge of the known ground within which a border of land is that edge
_SHORE = 1.6  # pixels from the coast within which a border is the coast itself
_RIVER_WIDTHS = (2.6, 1.5, 0.9)  # by rank


def ground_below(scene: Scene, frame: Frame) -> Iterable[str]:
    """Sea and land, if the background tells them apart."""
    land = frame.shown(scene.ground, GroundKind.LAND)
    box = scene.ground.known
    if not land and box is None:
        return
    if box is None:
        yield f'<rect width="{decimal(frame.width)}" height="{decimal(frame.height)}" fill="{SEA}"/>'
    else:
        (left, top), (right, bottom) = frame.view.at((box[0], box[3])), frame.view.at((box[2], box[1]))
        left, top = max(left, -1), max(top, -1)
        wide, high = min(right, frame.width + 1) - left, min(bottom, frame.height + 1) - top
        if wide > 0 and high > 0:
            place = f'x="{decimal(left)}" y="{decimal(top)}" width="{decimal(wide)}" height="{decimal(high)}"'
            yield f'<rect {place} fill="{SEA}"/>'
    path = "".join(svg_path(item.shape) for item in land)
    yield f'<path class="land" fill="{LAND}" d="{path}"/>'


def water_and_borders(scene: Scene, frame: Frame) -> Iterable[str]:
    """Coast, lakes, rivers and roads of the ground, and borders by rank."""
    land = frame.shown(scene.ground, GroundKind.LAND)
    subareas = [
        item for item in frame.shown(scene.ground, GroundKind.SUBAREA) if item.feature.code in scene.areas
    ]
    areas = frame.shown(scene.ground, GroundKind.AREA)
    shores = [item.shape for item in land]
    yield from _lines("border subarea", _inner(subareas, areas, shores), *BORDERS[GroundKind.SUBAREA])
    yield from _roads(scene, frame)
    yield from _waters(scene, frame)
    border = _inner(areas, (), shores)
    if border is not None:
        stroke = f'stroke="{_BAND}" stroke-opacity=".22" stroke-width="5"'
        yield f'<path fill="none" {stroke} d="{svg_path(border)}"/>'
    yield from _lines("border area", border, *BORDERS[GroundKind.AREA])
    if land:
        coast = "".join(svg_path(shape) for shape in _without_edges(shores, scene, frame))
        yield f'<path class="coast" fill="none" stroke="{COAST}" stroke-width=".9" d="{coast}"/>'


def _without_edges(shores: Sequence[BaseGeometry], scene: Scene, frame: Frame) -> Iterable[BaseGeometry]:
    """Coasts without the edges of what the ground knows, where land is cut and no sea begins."""
    import shapely

    box = scene.ground.known
    if box is None:
        return shores
    (left, top), (right, bottom) = frame.view.at((box[0], box[3])), frame.view.at((box[2], box[1]))
    edges = shapely.box(left, top, right, bottom).exterior
    if not edges.intersects(shapely.box(*frame.box)):
        return shores
    return [shape.boundary.difference(edges.buffer(_EDGE, join_style="mitre")) for shape in shores]


def _lines(name: str, border: BaseGeometry | None, colour: str, width: float, dashes: str) -> Iterable[str]:
    if border is not None:
        stroke = f'stroke="{colour}" stroke-width="{decimal(width)}" stroke-dasharray="{dashes}"'
        yield f'<path class="{name}" fill="none" {stroke} d="{svg_path(border)}"/>'


def _inner(
    items: Sequence[Shown], larger: Sequence[Shown], shores: Sequence[BaseGeometry]
) -> BaseGeometry | None:
    """Borders of areas, each once, without those of larger ones and without the coast; None: none."""
    import shapely

    if not items:
        return None
    lines = shapely.union_all([item.shape.boundary for item in items])
    beside = [shape.boundary for shape in (*shores, *(item.shape for item in larger))]
    if beside:
        rough = [shape.simplify(_SHORE / 2, preserve_topology=False) for shape in beside]
        near = shapely.union_all(rough).buffer(_SHORE, quad_segs=1, join_style="bevel")
        lines = lines.difference(near)
    merged: BaseGeometry = shapely.line_merge(lines)
    return None if merged.is_empty else merged


def _roads(scene: Scene, frame: Frame) -> Iterable[str]:
    roads = frame.shown(scene.ground, GroundKind.ROAD)
    if roads:
        path = "".join(svg_path(item.shape) for item in roads)
        yield f'<path class="road-ground" fill="none" stroke="#cfc4b4" stroke-width="1" d="{path}"/>'


def _waters(scene: Scene, frame: Frame) -> Iterable[str]:
    lakes = frame.shown(scene.ground, GroundKind.LAKE)
    if lakes:
        path = "".join(svg_path(item.shape) for item in lakes)
        yield f'<path class="lake" fill="{WATER}" stroke="{RIVER}" stroke-width=".7" d="{path}"/>'
    rivers = frame.shown(scene.ground, GroundKind.RIVER)
    for rank in sorted({item.feature.rank for item in rivers}, reverse=True):
        width = _RIVER_WIDTHS[min(rank, len(_RIVER_WIDTHS)) - 1] * (1.4 if frame.is_inset else 1)
        path = "".join(svg_path(item.shape) for item in rivers if item.feature.rank == rank)
        stroke = (
            f'stroke="{RIVER}" stroke-width="{decimal(width)}" stroke-linecap="round" stroke-linejoin="round"'
        )
        yield f'<path class="river-ground" fill="none" {stroke} d="{path}"/>'
