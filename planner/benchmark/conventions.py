"""How the public sets count: rounding of distances and times, and the unit of the costs that they publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.benchmark.files import SetFile
from planner.network.plane import RoundingRule

__all__ = ["CONVENTIONS", "Convention", "convention_of", "set_class"]


@dataclass(frozen=True, slots=True)
class Convention:
    """How values become integers, and an integer cost the published one.

    Parameters
    ----------
    name
        As in lists of best known costs.
    rounding, scale
        Distances, times and fixed costs are multiplied and then rounded.
    decimals
        The published cost is the integer one with so many digits after the point.
    """

    name: str
    rounding: RoundingRule
    scale: int
    decimals: int

    @property
    def divisor(self) -> int:
        """Units of the integer cost in one of the published cost."""
        return int(10**self.decimals)

    def whole(self, values: ArrayLike) -> NDArray[np.int64]:
        """Values of a file as integers."""
        scaled = self.scale * np.asarray(values, dtype=np.float64)
        cut_off = self.rounding is RoundingRule.TRUNCATED
        return (np.floor(scaled) if cut_off else np.round(scaled)).astype(np.int64)

    def published(self, cost: int) -> float:
        """An integer cost in the published unit."""
        return cost / self.divisor if self.decimals else cost

    def text(self, cost: int) -> str:
        """The same with its decimals."""
        whole, rest = divmod(cost, self.divisor)
        return f"{whole}.{rest:0{self.decimals}d}" if self.decimals else str(whole)


CONVENTIONS: Mapping[str, Convention] = {
    "round": Convention("round", RoundingRule.NEAREST, 1, 0),
    "dimacs": Convention("dimacs/10", RoundingRule.TRUNCATED, 10, 1),
    "exact": Convention("exact/1000", RoundingRule.NEAREST, 1000, 3),
    "exact-costs": Convention("exact/1000, costs/100", RoundingRule.NEAREST, 1000, 5),
}
_BY_CLASS = {
    "CVRP": "round",
    "VRPTW": "dimacs",
    "MTVRPTWR": "dimacs",
    "MDVRPTW": "exact",
    "HFVRP": "exact-costs",
}


def set_class(file: SetFile) -> str:
    """The class of problems that a file belongs to, by what it holds.

    Returns
    -------
    str
        ``CVRP``, ``VRPTW``, ``MDVRPTW``, ``HFVRP`` or ``MTVRPTWR``; another mixture has the
        name that its ``TYPE`` says.
    """
    fields = file.fields
    windows = "time_window" in fields
    depots = file.num_depots > 1
    trips = bool({"release_time", "vehicles_reload_depot"} & fields.keys())
    mixed = np.size(fields.get("capacity", 0)) > 1 or bool(
        {"vehicles_fixed_cost", "vehicles_unit_distance_cost"} & fields.keys()
    )
    found = {
        (False, False, False, False): "CVRP",
        (True, False, False, False): "VRPTW",
        (True, True, False, False): "MDVRPTW",
        (False, False, True, False): "HFVRP",
        (True, False, False, True): "MTVRPTWR",
    }.get((windows, depots, mixed, trips))
    return found or str(fields.get("type", "VRP"))


def convention_of(file: SetFile) -> Convention:
    """The convention of the file's class; classes without one of their own are read in thousandths."""
    return CONVENTIONS[_BY_CLASS.get(set_class(file), "exact")]
