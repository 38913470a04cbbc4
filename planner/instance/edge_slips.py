"""Validation: warnings about figures of edges that cannot be, and how they were probably mistyped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from planner.base.errors import Fault
from planner.instance.draft import Draft
from planner.instance.kinds import Mode
from planner.instance.schema import Edge, Instance
from planner.instance.slips import km_between

__all__ = ["edge_slips"]

_SPEEDS_KMH: Mapping[Mode, tuple[float, float]] = {
    Mode.ROAD: (1.0, 140.0),
    Mode.RIVER: (0.5, 90.0),
    Mode.SEA: (0.5, 110.0),
    Mode.AIR: (40.0, 1000.0),
    Mode.FOOT: (0.3, 30.0),
}
"""Slowest and fastest that an edge can be meant to be at speed_percent 100: wide bounds, of judgement.

Slower would be a loaded raft or a porter on a mountain path; on paths bicycles and motorcycles go, too.
"""
# A length may be so much shorter than the straight line between positions: both are rounded.
_SHORTER, _SHORTER_M = 0.02, 200.0


def edge_slips(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """All of them; of each kind the first row, with the number of rows like it.

    Parameters
    ----------
    instance, draft
        As for `planner.instance.feasibility.warnings_of`.
    """
    yield from _figures(instance, draft)
    yield from _twice(draft)


def _figures(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W540 to W544: speeds and lengths."""
    at = instance.point_of
    kinds: dict[str, list[tuple[int, str, dict[str, object]]]] = defaultdict(list)
    for line, edge in draft.of("edges"):
        code = _speed_slip(edge)
        low, high = _SPEEDS_KMH[edge.mode]
        straight_m = 1000 * km_between(at[edge.from_node], at[edge.to_node])
        figures: dict[str, object] = {
            "id": edge.id,
            "length_m": edge.length_m,
            "speed_kmh": f"{_kmh(edge.length_m, edge.time_s):.1f}",
            "low": f"{low:g}",
            "high": f"{high:g}",
            "straight_m": round(straight_m),
        }
        if code:
            kinds[code].append((line, "time_s", figures))
        elif edge.length_m < straight_m * (1 - _SHORTER) - _SHORTER_M:
            kinds["W544"].append((line, "length_m", figures))
    for code, found in sorted(kinds.items()):
        line, column, figures = found[0]
        yield draft.warning(code, "edges", line, column, **figures, number=len(found))


def _speed_slip(edge: Edge) -> str:
    """The slip that makes an edge too fast or too slow (units, columns changed about); W540: none of them."""
    if edge.length_m == 0 or _fits(edge, lambda length, time_s: (length, time_s)):
        return ""
    for code, meant in _SLIPS.items():
        if _fits(edge, meant):
            return code
    return "W540"


# What the figures may have been meant as (the first that fits is named): minutes, kilometres, turned about.
_SLIPS: Mapping[str, Callable[[float, float], tuple[float, float]]] = {
    "W541": lambda length, time_s: (length, 60 * time_s),
    "W542": lambda length, time_s: (1000 * length, time_s),
    "W543": lambda length, time_s: (time_s, length),
}


def _fits(edge: Edge, meant: Callable[[float, float], tuple[float, float]]) -> bool:
    low, high = _SPEEDS_KMH[edge.mode]
    times = [one for one in (edge.time_s, edge.time_back_s) if one is not None]
    return all(low <= _kmh(*meant(edge.length_m, time_s)) <= high for time_s in times)


def _kmh(length_m: float, time_s: float) -> float:
    return 3.6 * length_m / time_s


def _twice(draft: Draft) -> Iterator[Fault]:
    """W545: two edges of the same mode and class lead the same way, and no hours tell them apart."""
    first: dict[tuple[object, ...], int] = {}
    again: list[tuple[int, str, int]] = []
    for line, edge in draft.of("edges"):
        ways = [(edge.from_node, edge.to_node)]
        if edge.time_back_s is not None:
            ways.append((edge.to_node, edge.from_node))
        keys = [(*way, edge.mode, edge.class_, edge.calendar) for way in ways]
        known = next((first[key] for key in keys if key in first), None)
        if known is not None:
            again.append((line, edge.id, known))
        for key in keys:
            first.setdefault(key, line)
    if again:
        line, name, known = again[0]
        yield draft.warning("W545", "edges", line, "id", id=name, first=known, number=len(again))
