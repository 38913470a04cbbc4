"""What is drawn: the distributions of ``docs/simulation.md``, which gives their reasons and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from planner.instance.schema import Mode

__all__ = [
    "BREAKDOWNS",
    "DAY_AFTER_DAY",
    "SHARES",
    "VERSION",
    "Breakdown",
    "Floats",
    "Shares",
    "relative_delay",
    "repair_s",
]

Floats = NDArray[np.float64]

VERSION = "simulation/1"  # a change of any figure is a new one
_BEYOND = 0.02  # of the legs take more than their largest delay
_SHAPE = (2.0, 4.0)  # of the Beta within it
DAY_AFTER_DAY = 0.5  # correlation of the weather with that of the day before


@dataclass(frozen=True, slots=True)
class Shares:
    """What of the variance of a leg's score is the weather's and the rivers'; the rest is its own."""

    weather: float
    stage: float

    @property
    def own(self) -> float:
        """Share of the leg itself."""
        return 1.0 - self.weather - self.stage


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How often a vehicle breaks down, and the triangular distribution of its repair."""

    every_h: float
    least_h: float
    often_h: float
    most_h: float


SHARES: Mapping[Mode, Shares] = {
    Mode.ROAD: Shares(0.4, 0.1),
    Mode.RIVER: Shares(0.2, 0.5),
    Mode.SEA: Shares(0.6, 0.0),
    Mode.AIR: Shares(0.6, 0.0),
    Mode.FOOT: Shares(0.4, 0.1),
}
BREAKDOWNS: Mapping[Mode, Breakdown] = {
    Mode.ROAD: Breakdown(400, 0.5, 2, 12),
    Mode.RIVER: Breakdown(150, 0.5, 1, 8),
    Mode.SEA: Breakdown(200, 0.5, 2, 12),
    Mode.AIR: Breakdown(500, 2, 6, 48),
    Mode.FOOT: Breakdown(1000, 0, 1, 4),
}


def _table() -> tuple[Floats, Floats]:
    """Scores, close together, and the relative delay at each."""
    scores = np.sort(np.append(np.linspace(-8.0, 8.0, 6401), ndtri(1.0 - _BEYOND)))
    within = betaincinv(*_SHAPE, np.minimum(ndtr(scores) / (1.0 - _BEYOND), 1.0))
    over = np.maximum(-np.log(ndtr(-scores) / _BEYOND), 0.0)
    return scores, within + over


_SCORES, _DELAYS = _table()


def relative_delay(scores: Floats) -> Floats:
    """Delay ÷ largest delay at normal scores.

    Notes
    -----
    Interpolated in a table with steps of 0.0025; beyond ±8, which nobody draws, the table's ends.
    """
    return np.interp(scores, _SCORES, _DELAYS)


def repair_s(kind: Breakdown, chances: Floats) -> Floats:
    """Seconds of repair at uniform numbers from 0 to 1."""
    least, often, most = kind.least_h, kind.often_h, kind.most_h
    below = (often - least) / (most - least)
    rising = least + np.sqrt(chances * (most - least) * (often - least))
    falling = most - np.sqrt((1.0 - chances) * (most - least) * (most - often))
    return np.asarray(np.where(chances < below, rising, falling) * 3600.0, dtype=np.float64)
