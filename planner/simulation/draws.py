"""Drawing how late legs are: weather, stage of the rivers, the leg's own, breakdowns."""

from __future__ import annotations

import math

import numpy as np

from planner.simulation.distributions import (
    BREAKDOWNS,
    DAY_AFTER_DAY,
    SHARES,
    Floats,
    relative_delay,
    repair_s,
)
from planner.simulation.hours import Moments
from planner.simulation.model import LegModel, Model
from planner.simulation.play import Late

__all__ = ["Draws"]

_WEATHER, _LEGS, _BREAKDOWNS = range(3)  # streams


class Draws:
    """Lateness of the legs in one block of runs.

    Parameters
    ----------
    seed, block
        Start of the random numbers. Weather, legs and breakdowns have streams of their own, and a leg takes
        as many numbers whatever its largest delay, so that two plays of the same seed have the same draws.
    breakdowns
        Whether there are any.
    """

    def __init__(self, model: Model, num_runs: int, *, seed: int, block: int, breakdowns: bool) -> None:
        self._num_runs, self._breaks = num_runs, breakdowns
        streams = [
            np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(block, stream))))
            for stream in (_WEATHER, _LEGS, _BREAKDOWNS)
        ]
        self._legs, self._repairs = streams[_LEGS], streams[_BREAKDOWNS]
        self._stage: Floats = streams[_WEATHER].standard_normal(num_runs)
        self._weather = _weather(streams[_WEATHER], model, num_runs)

    def of(self, leg: LegModel) -> Late:
        """Lateness of a leg in all runs."""
        own = self._legs.standard_normal(self._num_runs)
        relative = {}
        for mode in sorted(leg.way.modes):
            shares = SHARES[mode]
            scores = math.sqrt(shares.own) * own
            scores += math.sqrt(shares.weather) * self._weather[leg.day, leg.area]
            if shares.stage:
                scores += math.sqrt(shares.stage) * self._stage
            relative[mode] = relative_delay(scores)
        return Late(relative, self._repair_s(leg) if self._breaks else None)

    def _repair_s(self, leg: LegModel) -> Moments | None:
        """Seconds of repair; None where no run has a breakdown.

        One number says whether and in which mode, modes in proportion to their expected number; another,
        how long it takes.
        """
        whether, how_long = self._repairs.random((2, self._num_runs))
        expected = {
            mode: time_s / 3600.0 / BREAKDOWNS[mode].every_h for mode, time_s in leg.way.time_of.items()
        }
        total = sum(expected.values())
        chance = -math.expm1(-total)
        if not (whether < chance).any():
            return None
        seconds = np.zeros(self._num_runs)
        upper = 0.0
        for mode, number in expected.items():
            lower, upper = upper, upper + chance * number / total
            broken = (lower <= whether) & (whether < upper)
            seconds[broken] = repair_s(BREAKDOWNS[mode], how_long[broken])
        return np.rint(seconds).astype(np.int64)


def _weather(stream: np.random.Generator, model: Model, num_runs: int) -> Floats:
    """Scores of days and areas, of shape (days, areas, runs): half the plan's, half the area's own."""
    days = stream.standard_normal((model.num_days, model.num_areas + 1, num_runs))
    fresh = math.sqrt(1.0 - DAY_AFTER_DAY**2)
    for day in range(1, model.num_days):
        days[day] = DAY_AFTER_DAY * days[day - 1] + fresh * days[day]
    return (days[:, 1:] + days[:, :1]) * math.sqrt(0.5)
