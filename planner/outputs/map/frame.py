"""A frame of a picture, what of the ground lies in it, and the words of SVG that all layers use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from planner.background.geometry import Box, Point, Projection, clipped, simplified, squeeze_at
from planner.background.schema import Background, Feature, GroundKind
from planner.base.safe_text import xml_text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Frame", "Shown", "decimal", "frame_around", "titled"]

_MARGIN = 12.0  # pixels around a frame in which shapes go on, so that no cut is seen
_CORNER = 0.45  # pixels that a border may move
_LOWEST, _HIGHEST = 0.42, 1.25  # of its width
_LEAST = 0.01  # degrees that a frame shows at least


@dataclass(frozen=True)
class Shown:
    """A feature as it lies in a frame."""

    feature: Feature
    shape: BaseGeometry


@dataclass(frozen=True)
class Frame:
    """A map of its own: the main one or an inset.

    Parameters
    ----------
    width, height
        In pixels.
    view
        From degrees to the frame.
    scale
        Of letters and marks against those of a picture of usual width.
    is_inset
        Whether it shows a part of another frame.
    """

    width: float
    height: float
    view: Projection
    scale: float
    is_inset: bool = False

    @cached_property
    def box(self) -> Box:
        """The frame itself: left, top, right, bottom."""
        return 0.0, 0.0, self.width, self.height

    @cached_property
    def around(self) -> Box:
        """The frame and a little more, in degrees."""
        return self.view.ground((-_MARGIN, -_MARGIN, self.width + _MARGIN, self.height + _MARGIN))

    def holds(self, point: Point, inset: float = 0.0) -> bool:
        """Whether a point of the page lies in the frame."""
        x, y = point
        return inset <= x <= self.width - inset and inset <= y <= self.height - inset

    def shown(self, ground: Background, *kinds: GroundKind) -> Sequence[Shown]:
        """Features of some kinds of one form as they lie in the frame; areas keep the borders they share."""
        found = []
        for item in ground.of(*kinds):
            part = clipped(item.geometry, self.around)
            if not part.is_empty:
                found.append((item, self.view.drawn(part)))
        shapes = simplified([shape for _, shape in found], _CORNER)
        return [
            Shown(item, shape) for (item, _), shape in zip(found, shapes, strict=True) if not shape.is_empty
        ]


def frame_around(
    box: Box, width: float, scale: float, *, height: float | None = None, inset: float = 26.0
) -> Frame:
    """A frame that shows a box of degrees.

    Parameters
    ----------
    box
        West, south, east, north.
    width
        Of the frame, in pixels.
    scale
        Of its letters and marks.
    height
        Of the frame, in pixels; None: as much as the box needs, within limits.
    inset
        So many pixels stay free on each side.
    """
    west, south, east, north = box
    squeeze = squeeze_at(box)
    wide, high = max(_LEAST, (east - west) * squeeze), max(_LEAST, north - south)
    if height is None:
        room = width - 2 * inset
        height = min(_HIGHEST * width, max(_LOWEST * width, high * room / wide + 2 * inset))
    lon, lat, half = (west + east) / 2, (south + north) / 2, wide / squeeze / 2
    view = Projection.around(
        (lon - half, lat - high / 2, lon + half, lat + high / 2), width, height, inset=inset
    )
    return Frame(width, height, view, scale)


def decimal(value: float) -> str:
    """A number with at most one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def titled(text: str) -> str:
    """What is said when a mark is pointed at."""
    return f"<title>{xml_text(text)}</title>"
