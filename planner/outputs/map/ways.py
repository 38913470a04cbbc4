"""The ways of trips by mode, the wider the more trips use them, and perhaps the rest of the network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from planner.background.geometry import Point
from planner.instance.schema import Mode
from planner.outputs.map.frame import Frame, decimal
from planner.outputs.map.scene import Line, Scene, line_of

__all__ = ["LAYERS", "TRUNK_BORDER", "network", "stroke_of", "trunk_ways", "way_width", "ways"]

# From the bottom: what flies over all else lies on top. Told apart in grey too: by dashes.
LAYERS = (Mode.ROAD, Mode.RIVER, Mode.SEA, Mode.FOOT, Mode.AIR)
_STROKES = {
    Mode.ROAD: ("#8f7d69", ""),
    Mode.RIVER: ("#1766b0", ""),
    Mode.SEA: ("#1b7fb8", "8 4"),
    Mode.AIR: ("#b0468c", "2 5"),
    Mode.FOOT: ("#4d7a1f", "3 2"),
}
_THINNEST, _WIDEST = 0.7, 3.6
TRUNK_BORDER = 2.4  # both sides of a trunk way together


def network(scene: Scene, frame: Frame) -> Iterable[str]:
    """All edges, used or not, if they are asked for."""
    lines = sorted({line_of(edge.from_node, edge.to_node) for edge in scene.instance.edges})
    if scene.asked.network and lines:
        path = _drawn(lines, scene.places, frame)
        yield f'<path class="net" d="{path}"/>'


def trunk_ways(scene: Scene, frame: Frame) -> Iterable[str]:
    """A dark border, under the line itself, of each line that trunk trips use."""
    for mode in LAYERS:
        by_width: dict[float, list[Line]] = {}
        for line in sorted(scene.trunk_uses.get(mode, ())):
            by_width.setdefault(way_width(scene, scene.uses[mode][line]), []).append(line)
        for width, some in sorted(by_width.items()):
            if path := _drawn(some, scene.places, frame):
                yield f'<path class="trunk" stroke-width="{decimal(width + TRUNK_BORDER)}" d="{path}"/>'


def ways(scene: Scene, frame: Frame) -> Iterable[str]:
    """Each used line once for each mode, those of one width as one path, modes in the order of `LAYERS`."""
    for mode in LAYERS:
        by_width: dict[float, list[Line]] = {}
        for line, trips in sorted(scene.uses.get(mode, {}).items()):
            by_width.setdefault(way_width(scene, trips), []).append(line)
        for width, some in sorted(by_width.items()):
            if path := _drawn(some, scene.places, frame):
                yield f'<path {stroke_of(mode, width)} d="{path}"/>'


def stroke_of(mode: Mode, width: float) -> str:
    """Class and stroke of a way."""
    colour, dashes = _STROKES[mode]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    names = f"way dash {mode.value}" if dashes else f"way {mode.value}"
    return f'class="{names}" stroke="{colour}" stroke-width="{decimal(width)}"{dashed}'


def way_width(scene: Scene, trips: int) -> float:
    """How wide the way of so many trips is, in pixels."""
    weight = scene.weight
    return round(min(_WIDEST, _THINNEST * weight + 0.5 * min(1.0, weight) * math.log2(trips)), 1)


def _drawn(lines: Iterable[Line], places: Mapping[str, Point], frame: Frame) -> str:
    """Those of the lines that may be seen in the frame."""
    found = []
    for start, end in lines:
        (x, y), (u, v) = frame.view.at(places[start]), frame.view.at(places[end])
        if max(x, u) >= 0 and min(x, u) <= frame.width and max(y, v) >= 0 and min(y, v) <= frame.height:
            found.append(f"M{decimal(x)} {decimal(y)}L{decimal(u)} {decimal(v)}")
    return "".join(found)
