"""The radial lower bound: each unit pays its share of the shortest way there and back.

A trip that carries units with shares f of a capacity (sum f ≤ 1) is at least as long as the way to its
farthest
stop and back, hence as the sum of f × (way to each stop and back). The same holds for its time, its loading
and its
hand-overs. Summed over all units, with the cheapest vehicle type for each, this bounds the cost of every plan
(Haimovich and Rinnooy Kan 1985, Mathematics of Operations Research 10(4), for one vehicle type).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Instance, Region
from planner.network.travel import Travel, shortest_distances_m
from planner.problem import FleetType, Problem

__all__ = ["radial_bound"]

_DIMENSIONS: tuple[Callable[[Load, FleetType], Fraction], ...] = (
    lambda load, kind: Fraction(load.mass_g, kind.mass_g),
    lambda load, kind: Fraction(load.volume_cm3, kind.volume_cm3),
    lambda load, kind: Fraction(load.pieces, kind.pieces) if kind.pieces else Fraction(0),
)


def radial_bound(instance: Instance, problem: Problem, regions: Sequence[Region]) -> int | None:
    """Cost that no plan of the component can undercut; None where some region cannot be served.

    Parameters
    ----------
    instance, problem, regions
        The component; `regions` in the problem's order.

    Notes
    -----
    The component of an instance has one origin, its first place, and travels by matrices.
    Prices of days enter by the paid time, which fills at most the longest shift time of a local day; prices
    of vehicles by one vehicle. Half a unit of money is taken off for each possible trip, because trips
    are rounded.
    """
    if problem.unserved:
        return None
    kinds = [
        Counter(unit for part in unit_loads(instance, region).values() for unit in part) for region in regions
    ]
    if not any(kinds):
        return 0
    ways = [
        shortest_distances_m(instance, instance.vehicle_type_of[kind.id], problem.places)
        for kind in problem.fleet
    ]
    totals = [_total(problem, kinds, ways, share) for share in _DIMENSIONS]
    best = max(totals)
    exact = all(kind.prices.km % 1000 == 0 and kind.prices.hour % 3600 == 0 for kind in problem.fleet)
    num_units = sum(sum(one.values()) for one in kinds)
    rounding = Fraction(0) if exact else Fraction(num_units, 2)
    vehicle = min(kind.prices.vehicle for kind in problem.fleet)
    return max(0, int(best - rounding) + vehicle)


def _total(
    problem: Problem,
    kinds: Sequence[Mapping[Load, int]],
    ways: Sequence[NDArray[np.float64]],
    share: Callable[[Load, FleetType], Fraction],
) -> Fraction:
    total = Fraction(0)
    days_s = [_longest_day_s(problem, kind) for kind in problem.fleet]
    for region, units in enumerate(kinds):
        for load, number in units.items():
            prices = [
                _price(problem, kind, way, region, load, share(load, kind), day_s)
                for kind, way, day_s in zip(problem.fleet, ways, days_s, strict=True)
                if _may_carry(kind, way[:, problem.place(region)], load)
            ]
            total += number * min(prices, default=Fraction(0))
    return total


def _may_carry(kind: FleetType, way: NDArray[np.float64], load: Load) -> bool:
    """Whether some plan could send one unit with this type; hours are not looked at."""
    ways = way[:1] if kind.open_end else way
    return bool(np.isfinite(ways).all()) and all(share(load, kind) <= 1 for share in _DIMENSIONS)


def _price(
    problem: Problem,
    kind: FleetType,
    way: NDArray[np.float64],
    region: int,
    load: Load,
    share: Fraction,
    longest_day_s: int,
) -> Fraction:
    """What one unit pays at least when it goes with this type."""
    prices, place = kind.prices, problem.place(region)
    metres = int(way[0, place]) + (0 if kind.open_end else int(way[1, place]))
    assert isinstance(kind.travel, Travel)
    there_s, back_s = kind.travel.least_times_s[:, place].tolist()
    travel_s = int(there_s) + (0 if kind.open_end else int(back_s))
    fixed_s = travel_s + kind.load_fixed_s + int(problem.handover_s[region])
    per_piece_s = (kind.load_piece_s + kind.unload_piece_s) * load.pieces
    rate = Fraction(prices.hour, 3600) + Fraction(prices.day, longest_day_s)
    fixed = prices.trip + Fraction(prices.km * metres, 1000) + rate * fixed_s
    return share * fixed + rate * per_piece_s


def _longest_day_s(problem: Problem, kind: FleetType) -> int:
    """Most seconds of one local day that lie inside shifts."""
    days = zip(problem.midnights, problem.midnights[1:], strict=False)
    return max(1, *(kind.shifts.overlap_s(begin, end) for begin, end in days))
