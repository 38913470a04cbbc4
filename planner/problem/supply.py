"""What comes to a warehouse after the start: how much is there when, who may have it, and where it is cut."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from planner.instance.kits import Load
from planner.instance.schema import Instance
from planner.problem.ledger import Stock
from planner.problem.problem import Problem

__all__ = [
    "Curve",
    "Stores",
    "arrivals",
    "at_moments",
    "by_urgency",
    "needed",
    "needed_from",
    "released",
    "split",
]

Curve = tuple[tuple[int, ...], tuple[int, ...]]
"""Moments, and all that has come from each of them on."""
_Runs = list[tuple[int, int]]
_Key = tuple[int, str]  # region and part
# Where that makes no more consignments than this, runs are cut so finely that any number can go earlier.
_MOST_FINE = 48


def arrivals(instance: Instance, warehouse: str, *, sure: bool = False) -> dict[str, Curve]:
    """How much of each item has come to a warehouse, and when; only what comes before the horizon ends.

    With `sure` when what others send can be counted on, whatever legs are late.
    """
    rows: dict[str, dict[int, int]] = {}
    for row in instance.stock:
        if row.warehouse == warehouse:
            coming = rows.setdefault(row.item, {0: 0})
            moment = max(0, row.available_s or 0)
            if sure and row.sure_s is not None:
                moment = max(moment, row.sure_s)
            if moment < instance.settings.horizon_s:
                coming[moment] = coming.get(moment, 0) + row.quantity
    found: dict[str, Curve] = {}
    for item, coming in rows.items():
        moments = tuple(sorted(coming))
        amounts, total = [], 0
        for moment in moments:
            total += coming[moment]
            amounts.append(total)
        found[item] = moments, tuple(amounts)
    return found


def at_moments(curve: Curve, moments: Iterable[int]) -> tuple[int, ...]:
    """How much has come at each of some moments.

    Examples
    --------
    >>> at_moments(((0, 60), (2, 5)), (0, 30, 60, 90))
    (2, 2, 5, 5)
    """
    return tuple(curve[1][bisect_right(curve[0], moment) - 1] for moment in moments)


def needed(items: Iterable[str], loads: Iterable[Sequence[Load]]) -> dict[str, int]:
    """How much of each of these items some loads hold together."""
    found = dict.fromkeys(items, 0)
    for units in loads:
        for unit in units:
            for item in found:
                found[item] += unit.items.get(item, 0)
    return found


def needed_from(curves: Mapping[str, Curve], needs: Mapping[str, int]) -> tuple[int | None, str]:
    """When all of this has come (None: never), and the item that comes last; no item where all is there.

    Examples
    --------
    >>> boxes = {"box": ((0, 60), (2, 5))}
    >>> [needed_from(boxes, {"box": number}) for number in (0, 2, 3, 5, 6)]
    [(0, ''), (0, ''), (60, 'box'), (60, 'box'), (None, 'box')]
    """
    last, late = 0, ""
    for item, (moments, amounts) in curves.items():
        come = (
            moment for moment, amount in zip(moments, amounts, strict=True) if amount >= needs.get(item, 0)
        )
        moment = next(come, None)
        if moment is None:
            return None, item
        if moment > last:
            last, late = moment, item
    return last, late


class Stores:
    """What is left of each supply while trips are loaded."""

    def __init__(self, problem: Problem) -> None:
        self._unsure = problem.unsure
        self._stores = [
            (one, Stock(one.moments, one.amounts, None if one.is_sure else one.sure))
            for one in problem.supplies
        ]

    def allows(self, consignments: Iterable[int], start_s: int) -> bool:
        """Whether these may be loaded from a moment on, so that there is enough for what is loaded later."""
        mine = tuple(consignments) if self._stores else ()
        promised = not self._unsure.issuperset(mine)
        return all(
            not (need := one.need_of(mine)) or stock.allows(need, start_s, promised=promised)
            for one, stock in self._stores
        )

    def take(self, consignments: Iterable[int], start_s: int) -> None:
        """Load these from a moment on."""
        mine = tuple(consignments) if self._stores else ()
        for one, stock in self._stores:
            stock.take(one.need_of(mine), start_s, promised=not self._unsure.issuperset(mine))

    def earliest(self, consignments: Sequence[int]) -> tuple[int | None, str]:
        """First moment at which these may be loaded (None: never), and the item that says so."""
        latest, item = 0, ""
        promised = not self._unsure.issuperset(consignments)
        for one, stock in self._stores:
            need = one.need_of(consignments)
            start_s = stock.earliest(need, promised=promised) if need else 0
            if start_s is None:
                return None, one.item
            if start_s > latest:
                latest, item = start_s, one.item
        return latest, item


def by_urgency(problem: Problem) -> list[int]:
    """The consignments, those first whose vehicles must leave first."""
    ways, deadlines = problem.shortest_ways_s, problem.region_deadlines
    regions = [one.region for one in problem.consignments]
    return sorted(problem.served, key=lambda idx: (deadlines[regions[idx]] - ways[regions[idx]], idx))


def released(problem: Problem, order: Iterable[int]) -> Problem:
    """The problem with a share of the supplies for each consignment, in this order: a release each.

    Notes
    -----
    Whatever keeps the releases never loads more than has come. The converse does not hold: other orders
    allow other plans. A consignment for which nothing is left is released at the end of the horizon.
    """
    stores, found = Stores(problem), list(problem.consignments)
    for idx in order:
        start_s = stores.earliest((idx,))[0]
        if start_s is None:
            start_s = problem.horizon_s
        else:
            stores.take((idx,), start_s)
        found[idx] = replace(found[idx], release_s=max(found[idx].release_s, start_s))
    return replace(problem, consignments=tuple(found), supplies=())


def split(
    runs: Mapping[_Key, _Runs], loads: Mapping[_Key, Sequence[Load]], curves: Mapping[str, Curve]
) -> dict[_Key, _Runs]:
    """Cut runs of units where a part of them may have to wait for what comes later.

    Parameters
    ----------
    runs
        (first unit, number of units) of what travels together, the most urgent first.
    loads
        Of each unit.
    curves
        Items that are short at the start.

    Notes
    -----
    What all comes at once needs no cut. Few runs are cut into 1, 2, 4, … units, so that any number of
    units may go earlier; many only where, in their order, one receipt is used up.
    """
    found = {key: list(mine) for key, mine in runs.items()}
    wanted = needed(curves, [loads[key] for key in runs])
    parted = [item for item, (_, amounts) in curves.items() if any(0 < one < wanted[item] for one in amounts)]
    mine = [key for key in runs if any(unit.items.get(item, 0) for unit in loads[key] for item in parted)]
    finer = {key: [*_doubling(*runs[key][0]), *runs[key][1:]] for key in mine if runs[key]}
    if sum(len(one) for one in finer.values()) <= _MOST_FINE:
        return found | finer
    for item in parted:
        found |= _cut_at_levels({key: found[key] for key in mine}, loads, item, curves[item][1])
    return found


def _doubling(first: int, count: int) -> _Runs:
    """Runs of 1, 2, 4, … units, and the rest: every number up to all of them is a sum of some."""
    found, size = [], 1
    while count > 0:
        size = min(size, count)
        found.append((first, size))
        first, count, size = first + size, count - size, 2 * size
    return found


def _cut_at_levels(
    runs: Mapping[_Key, _Runs], loads: Mapping[_Key, Sequence[Load]], item: str, amounts: Sequence[int]
) -> dict[_Key, _Runs]:
    """Cut before each unit with which, in this order, more is taken than one of these amounts."""
    found: dict[_Key, _Runs] = {}
    taken = 0
    for key, mine in runs.items():
        found[key] = []
        for first, count in mine:
            begin = first
            for unit in range(first, first + count):
                need = loads[key][unit].items.get(item, 0)
                if unit > begin and any(taken <= one < taken + need for one in amounts):
                    found[key].append((begin, unit - begin))
                    begin = unit
                taken += need
            found[key].append((begin, first + count - begin))
    return found
