"""Which parts of a map are so dense that they are shown once more, larger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.background.geometry import Box, Point, bounds_of, squeeze_at
from planner.background.schema import GroundKind
from planner.outputs.map.frame import Frame
from planner.outputs.map.scene import Scene

__all__ = ["Inset", "insets_of"]

_CROWDED = 7.0  # pixels to the nearest other region below which a place is crowded
_FEWEST = 9  # crowded places that make an inset
_SHARED = 0.25  # of the smaller of two windows that may lie in the other one
_LETTER = 14.0  # pixels that the letter of a window takes
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
    crowds = _crowds(spots)
    found: list[Inset] = []
    while len(found) < most and len(crowds) >= _FEWEST:
        members = _densest({name: spots[name] for name in crowds}, crowds, width / _LARGER, height / _LARGER)
        if len(members) < _FEWEST:
            break
        inset = _inset(scene, frame, {name: crowds.pop(name) for name in members}, width / height)
        if all(_are_apart(inset.window, other.window) for other in found):
            found.append(inset)
    return found


def _crowds(spots: Mapping[str, Point]) -> dict[str, int]:
    """How many others lie so near to a place that they can hardly be told apart; those with none left out."""
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
            found[name] = len(near) - 1
    return found


def _densest(
    spots: Mapping[str, Point], crowds: Mapping[str, int], wide: float, high: float
) -> Sequence[str]:
    """Places in the window around one of them in which they are crowded most; in fewer no inset is made."""
    best: tuple[int, Sequence[str]] = (0, ())
    for x, y in sorted(spots.values()):
        inside = [name for name, (u, v) in spots.items() if abs(u - x) <= wide / 2 and abs(v - y) <= high / 2]
        crowd = sum(crowds[name] for name in inside)
        if crowd > best[0] and len(inside) >= _FEWEST:
            best = (crowd, inside)
    return best[1]


def _inset(scene: Scene, frame: Frame, members: Mapping[str, int], aspect: float) -> Inset:
    """The box around some crowded places, with air around it, as wide against its height as asked."""
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


def _name(scene: Scene, members: Mapping[str, int]) -> str:
    """The area in which the places are crowded most; the subarea, where only one area is shown."""
    is_one = len({scene.instance.region_of[item.region_id].area for item in scene.results}) == 1
    crowds: Counter[tuple[str, str]] = Counter()
    for member, crowd in members.items():
        row = scene.instance.region_of[member]
        crowds[(row.subarea, row.subarea_name) if is_one else (row.area, row.area_name)] += crowd
    (code, name), _ = max(crowds.items(), key=lambda pair: (pair[1], pair[0]))
    known = {item.code: item.name for item in scene.ground.of(GroundKind.AREA, GroundKind.SUBAREA)}
    return known.get(code, name or code)


def _are_apart(one: Box, other: Box) -> bool:
    """Whether two windows share hardly anything, and their letters lie apart."""
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return True
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    letters = max(abs(one[0] - other[0]), abs(one[1] - other[1]))
    return wide * high <= _SHARED * least and letters > _LETTER
