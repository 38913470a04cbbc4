"""The radial lower bound: each unit pays its share of the shortest way there and back.

A trip that carries units with shares f of a capacity (sum f ≤ 1) is at least as long as the way to its
farthest stop and back, hence as the sum of f × (way to each stop and back). The same holds for its time, its
loading and its hand-overs. Summed over all units, with the cheapest vehicle type for each, this bounds the
cost of every plan (Haimovich and Rinnooy Kan 1985, Mathematics of Operations Research 10(4), for one
vehicle type).
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
from planner.problem.echelons import Echelons
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem

__all__ = ["radial_bound"]

_DIMENSIONS: tuple[Callable[[Load, FleetType], Fraction], ...] = (
    lambda load, kind: Fraction(load.mass_g, kind.mass_g),
    lambda load, kind: Fraction(load.volume_cm3, kind.volume_cm3),
    lambda load, kind: Fraction(load.pieces, kind.pieces) if kind.pieces else Fraction(0),
)


def radial_bound(instance: Instance, echelons: Echelons, regions: Sequence[Region]) -> int | None:
    """Cost that no plan of the component can undercut; None where some region cannot be served.

    Parameters
    ----------
    instance, echelons, regions
        The component.

    Notes
    -----
    Each leg of a chain is paid for by itself; what may go by its chain or straight takes the cheaper of both.
    Each echelon has one origin, its first place, and travels by matrices.
    Prices of days enter by the paid time, which fills at most the longest shift time of a local day; prices
    of vehicles by one vehicle of each echelon that all plans need. Half a unit of money is taken off for each
    possible trip, because trips are rounded.
    """
    if any(echelon.problem.unserved for echelon in echelons.each):
        return None
    kinds = {
        region.id: Counter(unit for part in unit_loads(instance, region).values() for unit in part)
        for region in regions
    }
    if not any(kinds.values()):
        return 0
    each = [_Prices(instance, echelon.problem) for echelon in echelons.each]
    totals = [_total(echelons, kinds, each, share) for share in _DIMENSIONS]
    num_legs = sum(
        len(echelons.legs(name)) * number for name, units in kinds.items() for number in units.values()
    )
    fleet = [kind.prices for echelon in echelons.each for kind in echelon.problem.fleet]
    exact = all(prices.km % 1000 == 0 and prices.hour % 3600 == 0 for prices in fleet)
    rounding = Fraction(0) if exact else Fraction(num_legs, 2)
    needed = {0}
    if not echelons.straight:
        needed = {number for name, units in kinds.items() if units for number, _ in echelons.legs(name)}
    fixed = sum(min(kind.prices.vehicle for kind in echelons.each[number].problem.fleet) for number in needed)
    return max(0, int(max(totals) - rounding) + fixed)


def _total(
    echelons: Echelons,
    kinds: Mapping[str, Mapping[Load, int]],
    each: Sequence[_Prices],
    share: Callable[[Load, FleetType], Fraction],
) -> Fraction:
    total = Fraction(0)
    for name, units in kinds.items():
        legs = echelons.legs(name)
        for load, number in units.items():
            ways = [sum((each[one].least(stop, load, share) for one, stop in legs), Fraction(0))]
            if len(legs) > 1 and name in echelons.direct:
                ways.append(each[0].least(echelons.direct[name], load, share))
            total += number * min(ways)
    return total


class _Prices:
    """What units pay at least on the legs of an echelon."""

    def __init__(self, instance: Instance, problem: Problem) -> None:
        self._problem = problem
        self._ways = [
            shortest_distances_m(instance, instance.vehicle_type_of[kind.id], problem.places)
            for kind in problem.fleet
        ]
        self._days_s = [_longest_day_s(problem, kind) for kind in problem.fleet]

    def least(self, stop: int, load: Load, share: Callable[[Load, FleetType], Fraction]) -> Fraction:
        """What a unit pays at least on its leg to a place, with the price of unloading it there."""
        problem, place = self._problem, self._problem.place(stop)
        prices = [
            _price(problem, kind, way, stop, load, share(load, kind), day_s)
            for kind, way, day_s in zip(problem.fleet, self._ways, self._days_s, strict=True)
            if _may_carry(kind, way[:, place], load)
        ]
        handling = problem.handling_of(stop, load.pieces)
        return handling + min(prices, default=Fraction(0))


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
