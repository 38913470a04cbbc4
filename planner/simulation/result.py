"""What a simulation found, with how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.simulation.distributions import VERSION

__all__ = ["Chance", "RegionChance", "Simulation", "wilson"]

_Z95 = 1.959963984540054  # both sides 2.5 %


def wilson(count: int, runs: int) -> tuple[float, float]:
    """95 % Wilson score interval of a share.

    Parameters
    ----------
    count, runs
        Successes, and of how many; at least one run.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    share, square = count / runs, _Z95 * _Z95 / runs
    middle = share + square / 2
    half = _Z95 * math.sqrt(share * (1 - share) / runs + square / runs / 4)
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if count == 0 else low), (1.0 if count == runs else high)


@dataclass(frozen=True, slots=True)
class Chance:
    """In how many of the runs something was so."""

    count: int
    runs: int

    @property
    def share(self) -> float:
        """Share of the runs."""
        return self.count / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval."""
        return wilson(self.count, self.runs)

    @property
    def document(self) -> Mapping[str, Any]:
        """As it stands in a certificate."""
        low, high = self.interval
        return {
            "on_time": self.count,
            "late": self.runs - self.count,
            "chance": round(self.share, 6),
            "low": round(low, 6),
            "high": round(high, 6),
        }


@dataclass(frozen=True, slots=True)
class RegionChance:
    """How often a region was on time."""

    region_id: str
    chance: Chance


@dataclass(frozen=True, slots=True)
class Simulation:
    """Outcome of all runs.

    Parameters
    ----------
    plan
        Runs in which all regions were on time.
    regions
        All regions, worst first.
    late_mean, late_most
        Late regions of a run: on average and at most.
    """

    runs: int
    seed: int
    breakdowns: bool
    plan: Chance
    regions: tuple[RegionChance, ...]
    late_mean: float
    late_most: int

    @property
    def document(self) -> Mapping[str, Any]:
        """As it stands in a certificate."""
        return {
            "distributions": VERSION,
            "runs": self.runs,
            "seed": self.seed,
            "breakdowns": self.breakdowns,
            "plan": self.plan.document,
            "late_regions": {"mean": round(self.late_mean, 6), "most": self.late_most},
            "regions": [{"region": one.region_id, **one.chance.document} for one in self.regions],
        }
