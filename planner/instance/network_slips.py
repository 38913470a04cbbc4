"""Warnings: figures of edges that cannot be, and how they were probably mistyped; ids that look alike."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from planner.base.errors import Fault, Severity
from planner.instance.draft import Draft
from planner.instance.kinds import Basis, Mode
from planner.instance.schema import TABLES, Edge, Instance

__all__ = ["SPEEDS_KMH", "slip_warnings"]

SPEEDS_KMH: Mapping[Mode, tuple[float, float]] = {
    Mode.ROAD: (1.0, 140.0),
    Mode.RIVER: (0.5, 90.0),
    Mode.SEA: (0.5, 110.0),
    Mode.AIR: (40.0, 1000.0),
    Mode.FOOT: (0.3, 30.0),
}
"""Slowest and fastest that an edge can be meant to be at speed_percent 100: wide bounds, of judgement.

Slower would be a loaded raft or a porter on a mountain path; on paths bicycles and motorcycles go, too.
"""
_EARTH_M = 6_371_008.8
# A length may be so much shorter than the straight line between positions: both are rounded.
_SHORTER, _SHORTER_M = 0.02, 200.0
# A warehouse is far off if its nearest region is so far, and so many times the distance between its regions.
_FAR_M, _FAR_TIMES = 200_000.0, 3.0


def slip_warnings(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """All of them; of each kind the first row, with the number of rows like it.

    Parameters
    ----------
    instance, draft
        As for `planner.instance.feasibility.warnings_of`.
    """
    yield from _edges(instance, draft)
    yield from _twice(draft)
    yield from _places(instance, draft)
    yield from _alike(draft)


def _edges(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W540 to W544: speeds and lengths."""
    at = _positions(instance)
    kinds: dict[str, list[tuple[int, str, dict[str, object]]]] = defaultdict(list)
    for line, edge in draft.of("edges"):
        code = _speed_slip(edge)
        low, high = SPEEDS_KMH[edge.mode]
        straight_m = _straight_m(at.get(edge.from_node), at.get(edge.to_node))
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
        elif edge.basis is Basis.MODELLED:
            pass  # along a drawn course it joins landings, which may lie kilometres from a village's point
        elif edge.length_m < straight_m * (1 - _SHORTER) - _SHORTER_M:
            kinds["W544"].append((line, "length_m", figures))
    for code, found in sorted(kinds.items()):
        line, column, figures = found[0]
        yield _warning(draft, code, "edges", line, column, **figures, number=len(found))


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
    low, high = SPEEDS_KMH[edge.mode]
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
        yield _warning(draft, "W545", "edges", line, "id", id=name, first=known, number=len(again))


def _places(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W546, W547: all places lie at one point; a warehouse lies far from all of its regions."""
    regions = instance.regions
    if len(regions) > 2 and len(set(_positions(instance).values())) == 1:
        line = next(line for line, _ in draft.of("regions"))
        yield _warning(draft, "W546", "regions", line, "lat", number=len(regions))
        return
    mine: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in regions:
        mine[one.warehouse].append((one.lat, one.lon))
    for line, home in draft.of("warehouses"):
        away = sorted(_straight_m((home.lat, home.lon), place) for place in mine[home.id])
        if not away or away[0] < _FAR_M:
            continue
        centre = mine[home.id][0]
        spread = max(_straight_m(centre, place) for place in mine[home.id])
        if away[0] > _FAR_TIMES * spread:
            params = {"id": home.id, "away_km": round(away[0] / 1000), "spread_km": round(spread / 1000)}
            yield _warning(draft, "W547", "warehouses", line, "lat", **params)


def _alike(draft: Draft) -> Iterator[Fault]:
    """W548: ids of one table, or of places, differ only by case or by the Unicode form of their letters."""
    groups: dict[str, list[str]] = {name: [name] for name in draft.raw if TABLES[name].key == ("id",)}
    places: list[str] = [name for name in ("warehouses", "hubs", "regions", "nodes") if name in groups]
    for name in places:
        groups.pop(name)
    alike: list[list[str]] = [places, *groups.values()]
    for names in alike:
        first: dict[str, str] = {}
        for name in names:
            raw = draft.raw[name]
            if "id" not in raw.index:
                continue
            for row in raw.rows:
                one = row.cells[raw.index["id"]]
                other = first.setdefault(unicodedata.normalize("NFKC", one).casefold(), one)
                if other != one:
                    yield _warning(draft, "W548", name, row.line, "id", id=one, other=other)


def _positions(instance: Instance) -> dict[str, tuple[float, float]]:
    tables = (instance.warehouses, instance.hubs, instance.regions, instance.nodes)
    return {one.id: (one.lat, one.lon) for table in tables for one in table}


def _straight_m(here: tuple[float, float] | None, there: tuple[float, float] | None) -> float:
    """Great circle between two positions; 0 where one is not known."""
    if here is None or there is None:
        return 0.0
    (lat, lon), (other_lat, other_lon) = (
        (math.radians(one), math.radians(two)) for one, two in (here, there)
    )
    half = math.sin((other_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def _warning(draft: Draft, code: str, table: str, line: int, column: str, **params: object) -> Fault:
    return draft.fault(code, table, line, column, severity=Severity.WARNING, **params)
