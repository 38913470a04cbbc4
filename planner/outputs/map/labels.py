"""Names on a map: where each stands so that none lies on another, and which find no room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.background.geometry import Boxes, Point, turned_box
from planner.base.safe_text import xml_text
from planner.outputs.map.fonts import ASCENT, Face, line_width
from planner.outputs.map.frame import Frame, decimal

if TYPE_CHECKING:
    from shapely import LineString, Polygon
    from shapely.geometry.base import BaseGeometry

__all__ = ["STYLES", "Placer", "Style", "line_places"]

_AIR = 1.5  # pixels around a name
_LINE = 1.14  # height of a line, as part of the size of its letters
_DESCENT = 0.24
_MOST_LINES = 3
_MOST_OUT = 0.35  # of a name that may lie beyond what it names
_INNER = 6.0  # pixels that a name is better away from the border of what it names, both sides together
_SPARE = 2.0  # pixels between a name and the frame
_STRAIGHT = 0.9  # of a river's course beside its name: chord by length


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of names is written.

    Parameters
    ----------
    name
        Class of the texts in the file.
    size
        Of the letters, in pixels of a picture of usual width.
    face
        The font.
    spacing
        Between letters, in pixels.
    capitals
        Whether small letters become capitals.
    """

    name: str
    size: float
    face: Face
    spacing: float = 0.0
    capitals: bool = False

    def text(self, name: str) -> str:
        """A name as it is written."""
        return name.upper() if self.capitals else name


STYLES = {
    "alarm": Style("alarm", 11.5, Face.SEMIBOLD),
    "capital": Style("capital", 14.0, Face.SEMIBOLD),
    "seat": Style("seat", 13.0, Face.SEMIBOLD),
    "town": Style("town", 11.5, Face.REGULAR),
    "house": Style("house", 11.5, Face.SEMIBOLD),
    "hub": Style("hub-name", 10.5, Face.REGULAR),
    "region": Style("region", 10.5, Face.REGULAR),
    "area": Style("area-name", 12.5, Face.SEMIBOLD, 2.4, capitals=True),
    "small-area": Style("small-area-name", 9.5, Face.SEMIBOLD, 0.6, capitals=True),
    "subarea": Style("subarea-name", 10.0, Face.ITALIC),
    "water": Style("water-name", 11.5, Face.ITALIC),
    "sea": Style("sea-name", 14.0, Face.ITALIC, 2.0),
    "neighbour": Style("neighbour-name", 11.5, Face.REGULAR, 3.0, capitals=True),
}


class Placer:
    """Places names one after another; each takes its room.

    Parameters
    ----------
    frame
        Where they stand.
    obstacles
        What they had better not hide.
    """

    def __init__(self, frame: Frame, obstacles: Sequence[BaseGeometry]) -> None:
        self._frame = frame
        self._boxes = Boxes(obstacles)
        self.texts: list[str] = []

    def keep_free(self, middle: Point, size: float) -> None:
        """Let no name cover a mark."""
        self._boxes.place(turned_box(middle, 2 * size, 2 * size))

    def beside(self, style: Style, name: str, at: Point, away: float) -> bool:
        """Write a name beside a mark; whether there is room.

        Parameters
        ----------
        style, name
            What is written.
        at
            Where the mark is.
        away
            Its radius.
        """
        wide, high = self._size(style, [style.text(name)])
        x, y = at
        gap, side = away + 2.5, wide / 2
        across, down = gap + side, gap + high / 2
        tries = [
            (x + across, y),
            (x - across, y),
            (x, y - down),
            (x, y + down),
            (x + side + gap * 0.7, y - down * 0.85),
            (x + side + gap * 0.7, y + down * 0.85),
            (x - side - gap * 0.7, y - down * 0.85),
            (x - side - gap * 0.7, y + down * 0.85),
            *((x + side * share, y + down * turn) for share in (0.5, -0.5, 1.0, -1.0) for turn in (-1, 1)),
        ]
        return self._write(style, [style.text(name)], [(point, 0.0) for point in tries])

    def inside(
        self, style: Style, name: str, points: Sequence[Point], within: BaseGeometry | None = None
    ) -> bool:
        """Write a name around one of some points, in up to three lines; whether there is room.

        Parameters
        ----------
        style, name
            What is written.
        points
            Where its middle may be, the best first.
        within
            The area that it names: it reaches no more than a little beyond it.
        """
        words = style.text(name).split()
        tries = []
        for lines in range(1, min(_MOST_LINES, len(words)) + 1):
            rows = _shared(words, lines, style)
            wide, high = self._size(style, rows)
            for at, point in enumerate(points):
                box = turned_box(point, wide, high)
                roomy = turned_box(point, wide + _INNER, high + _INNER)
                out = _beyond(roomy, within)
                if not out or _beyond(box, within) <= _MOST_OUT:
                    tries.append((math.ceil(10 * out), self._boxes.hidden(box), lines + at, rows, point))
        tries.sort(key=lambda found: found[:3])
        return any(self._write(style, rows, [(point, 0.0)]) for *_, rows, point in tries)

    def along(self, style: Style, name: str, places: Sequence[tuple[Point, float]]) -> bool:
        """Write a name turned, at the first of some middles and angles (degrees) where there is room."""
        return self._write(style, [style.text(name)], places)

    def width_of(self, style: Style, name: str) -> float:
        """How long a name is, in pixels."""
        return self._size(style, [style.text(name)])[0]

    def _size(self, style: Style, lines: Sequence[str]) -> tuple[float, float]:
        size = style.size * self._frame.scale
        wide = max(self._line_width(style, line) for line in lines)
        return wide + 2 * _AIR, (ASCENT + _DESCENT + _LINE * (len(lines) - 1)) * size + 2 * _AIR

    def _line_width(self, style: Style, line: str) -> float:
        scale = self._frame.scale
        return line_width(line, style.size * scale, style.face, spacing=style.spacing * scale)

    def _write(self, style: Style, lines: Sequence[str], places: Sequence[tuple[Point, float]]) -> bool:
        """Where it hides least: of equally good places the first."""
        wide, high = self._size(style, lines)
        best: tuple[int, int] | None = None
        for at, (middle, turn) in enumerate(places):
            box = turned_box(middle, wide, high, turn)
            left, top, right, bottom = box.bounds
            frame = self._frame
            if (
                left < _SPARE
                or top < _SPARE
                or right > frame.width - _SPARE
                or bottom > frame.height - _SPARE
            ):
                continue
            if self._boxes.is_free(box):
                hidden = self._boxes.hidden(box)
                if best is None or hidden < best[0]:
                    best = (hidden, at)
                if not hidden:
                    break
        if best is None:
            return False
        middle, turn = places[best[1]]
        self._boxes.place(turned_box(middle, wide, high, turn))
        self.texts += self._drawn(style, lines, middle, turn, high)
        return True

    def _drawn(
        self, style: Style, lines: Sequence[str], middle: Point, turn: float, high: float
    ) -> Iterable[str]:
        size = style.size * self._frame.scale
        x, y = middle
        base = y - high / 2 + _AIR + ASCENT * size
        turned = f' transform="rotate({decimal(turn)} {decimal(x)} {decimal(y)})"' if round(turn, 1) else ""
        fit = "spacing" if style.spacing else "spacingAndGlyphs"
        for at, line in enumerate(lines):
            wide = self._line_width(style, line)
            place = f'x="{decimal(x - wide / 2)}" y="{decimal(base + at * _LINE * size)}"'
            length = f'textLength="{decimal(wide)}" lengthAdjust="{fit}"'
            yield f'<text class="{style.name}" {place} {length}{turned}>{xml_text(line)}</text>'


def _beyond(box: Polygon, within: BaseGeometry | None) -> float:
    """Share of a box that lies beyond an area, if there is one; a thousandth is nothing."""
    share = 0.0 if within is None else box.difference(within).area / box.area
    return share if share > 0.001 else 0.0


def _shared(words: Sequence[str], lines: int, style: Style) -> list[str]:
    """Words shared out over lines as evenly as can be."""
    best: tuple[float, list[str]] | None = None
    for cuts in _cuts(len(words), lines):
        found = [
            " ".join(words[start:end]) for start, end in zip((0, *cuts), (*cuts, len(words)), strict=True)
        ]
        widest = max(line_width(line, style.size, style.face, spacing=style.spacing) for line in found)
        if best is None or widest < best[0]:
            best = (widest, found)
    return [] if best is None else best[1]


def _cuts(words: int, lines: int) -> Iterable[tuple[int, ...]]:
    from itertools import combinations

    return combinations(range(1, words), lines - 1)


def line_places(line: LineString, length: float, *, step: float = 12.0) -> list[tuple[Point, float]]:
    """Places on a line where a name of a length may stand: middles and angles, the straightest first.

    Parameters
    ----------
    line
        A course on a page.
    length
        Of the name, in the unit of the page.
    step
        How far the places are apart.
    """
    import shapely

    found = []
    at = 0.0
    while at + length <= line.length:
        start, end = (shapely.line_interpolate_point(line, at + share * length) for share in (0.0, 1.0))
        chord = math.hypot(end.x - start.x, end.y - start.y)
        if chord >= _STRAIGHT * length:
            angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
            turn = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
            middle = shapely.line_interpolate_point(line, at + length / 2)
            x, y = (start.x + end.x + 2 * middle.x) / 4, (start.y + end.y + 2 * middle.y) / 4
            found.append((-chord / length, abs(turn), ((x, y), turn)))
        at += step
    return [place for _, _, place in sorted(found)]
