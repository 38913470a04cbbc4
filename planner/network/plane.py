"""Places on a plane: distances and times are rounded Euclidean lengths, computed when they are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["PlaneTravel", "RoundingRule"]


_WHOLE = 1e-9  # so much below a whole number a length is taken for it


class RoundingRule(Enum):
    """How a length becomes an integer."""

    NEAREST = "nearest"  # floor(scale * length + 0.5)
    TRUNCATED = "truncated"  # floor(scale * length + 1e-9): floats of whole lengths may lie below them


@dataclass(frozen=True)
class PlaneTravel:
    """Ways between places on a plane, all of them reachable.

    Parameters
    ----------
    x, y
        float64, by place.
    rounding, scale
        Both the metres and the seconds between two places are scale times their distance, rounded.

    Notes
    -----
    `pair` and `block` agree to the last bit: both take the square root of dx * dx + dy * dy in float64.
    A truncated length may break the triangle inequality.

    Examples
    --------
    >>> ways = PlaneTravel(np.array([0.0, 1.0]), np.array([0.0, 1.0]), RoundingRule.TRUNCATED, scale=10)
    >>> ways.pair(0, 1)
    14
    >>> ways.block([0, 1], [1]).tolist()
    [[14], [0]]
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    rounding: RoundingRule = RoundingRule.NEAREST
    scale: float = 1.0

    @cached_property
    def _points(self) -> list[tuple[float, float]]:
        return list(zip(self.x.tolist(), self.y.tolist(), strict=True))

    @cached_property
    def _shift(self) -> float:
        return 0.5 if self.rounding is RoundingRule.NEAREST else _WHOLE

    def pair(self, i: int, j: int) -> int:
        """Metres, which are also the seconds, between two places."""
        (x, y), (u, v) = self._points[i], self._points[j]
        dx, dy = x - u, y - v
        return math.floor(self.scale * math.sqrt(dx * dx + dy * dy) + self._shift)

    def block(self, rows: ArrayLike, cols: ArrayLike) -> NDArray[np.int64]:
        """`pair` of each of some places (rows) with each of others (columns)."""
        rows, cols = np.asarray(rows, dtype=np.int64), np.asarray(cols, dtype=np.int64)
        lengths: NDArray[np.float64] = self.x[rows][:, None] - self.x[cols][None, :]
        dy = self.y[rows][:, None] - self.y[cols][None, :]
        lengths *= lengths
        dy *= dy
        lengths += dy
        np.sqrt(lengths, out=lengths)
        lengths *= self.scale
        lengths += self._shift
        np.floor(lengths, out=lengths)
        return lengths.astype(np.int64)
