"""Which parts of a map are so dense that they are shown once more, larger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from planner.background.geometry import Box, Point, bounds_of, squeeze_at
from planner.background.schema import GroundKind
from planner.outputs.map.frame import Frame
from planner.outputs.map.scene import Scene

__all__ = ["Inset", "insets_of"]

_CROWDED = 7.0  # pixels to the nearest other region below which a place is crowded
_FEWEST = 9  # crowded places that make an inset
_LARGER = 4.5  # an inset shows its places at least so many times larger


@dataclass(frozen=True, slots=True)
class Inset:
    """A part of a frame that is shown larger.

    Parameters
    ----------
    name
        What it shows.
    window
        In pixels of the frame: left, top, right, bottom.
    ground
        West, south, east, north in degrees.
    """

    name: str
    window: Box
    ground: Box


def insets_of(scene: Scene, frame: Frame, width: float, height: float, most: int) -> Sequence[Inset]:
    """The densest parts of a frame, the densest first, none on another.

    Parameters
    ----------
    scene, frame
        What is shown.
    width, height
        Of an inset, in pixels.
    most
        How many there is room for.
    """
    spots = {item.region_id: frame.view.at(scene.places[item.region_id]) for item in scene.results}
    crowded = _crowded(spots)
    found: list[Inset] = []
    while len(found) < most and len(crowded) >= _FEWEST:
        members = _densest(crowded, width / _LARGER, height / _LARGER)
        if len(members) < _FEWEST:
            break
        inset = _inset(scene, frame, members, width / height)
        for name in members:
            crowded.pop(name, None)
        if not any(_meet(inset.window, other.window) for other in found):
            found.append(inset)
    return found


def _crowded(spots: dict[str, Point]) -> dict[str, Point]:
    """Places whose nearest other one is so near that both can hardly be told apart."""
    cells: dict[tuple[int, int], list[Point]] = {}
    for x, y in spots.values():
        cells.setdefault((int(x // _CROWDED), int(y // _CROWDED)), []).append((x, y))
    found = {}
    for name, (x, y) in spots.items():
        column, row = int(x // _CROWDED), int(y // _CROWDED)
        near = [
            point
            for right in (-1, 0, 1)
            for down in (-1, 0, 1)
            for point in cells.get((column + right, row + down), ())
            if (point[0] - x) ** 2 + (point[1] - y) ** 2 < _CROWDED**2
        ]
        if len(near) > 1:  # itself among them
            found[name] = (x, y)
    return found


def _densest(crowded: dict[str, Point], wide: float, high: float) -> list[str]:
    """Places in the window around one of them that holds the most."""
    best: list[str] = []
    for x, y in sorted(crowded.values()):
        inside = [
            name for name, (u, v) in crowded.items() if abs(u - x) <= wide / 2 and abs(v - y) <= high / 2
        ]
        if len(inside) > len(best):
            best = inside
    return best


def _inset(scene: Scene, frame: Frame, members: Sequence[str], aspect: float) -> Inset:
    """The box around some places, with air around it, as wide against its height as asked."""
    box = bounds_of(scene.places[name] for name in members)
    west, south, east, north = box
    squeeze = squeeze_at(box)
    wide, high = (east - west) * squeeze * 1.15, (north - south) * 1.15
    wide, high = max(wide, high * aspect, 1e-3), max(high, wide / aspect, 1e-3)
    lon, lat = (west + east) / 2, (south + north) / 2
    ground = (lon - wide / squeeze / 2, lat - high / 2, lon + wide / squeeze / 2, lat + high / 2)
    (left, top), (right, bottom) = (
        frame.view.at((ground[0], ground[3])),
        frame.view.at((ground[2], ground[1])),
    )
    return Inset(_name(scene, members), (left, top, right, bottom), ground)


def _name(scene: Scene, members: Sequence[str]) -> str:
    """The area that most of the places lie in; the subarea, where only one area is shown."""
    is_one = len({scene.instance.region_of[item.region_id].area for item in scene.results}) == 1
    rows = [scene.instance.region_of[name] for name in members]
    keys = [(row.subarea, row.subarea_name) if is_one else (row.area, row.area_name) for row in rows]
    (code, name), _ = max(Counter(keys).items(), key=lambda pair: (pair[1], pair[0]))
    known = {item.code: item.name for item in scene.ground.of(GroundKind.AREA, GroundKind.SUBAREA)}
    return known.get(code, name or code)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
