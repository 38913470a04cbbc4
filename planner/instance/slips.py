"""Validation: warnings about figures that can be read, but are probably slips of the pen, each named.

Figures are compared with others of the instance and with what is physically usual, never with outside data.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

from planner.base.errors import Fault
from planner.instance.draft import Draft
from planner.instance.schema import TABLES, Hub, Instance, Node, Region, Warehouse

__all__ = ["km_between", "slips_of"]

Point = tuple[float, float]  # latitude and longitude, degrees
Place = Warehouse | Hub | Region | Node

_KM_DEGREE = 111.2
_FEWEST = 4  # places of a group whose spread says something
_FAR = 2.5  # times the group's spread
_NEAREST_KM = 10.0  # a smaller spread counts as this
_APART_KM = 30.0  # who has another of his group as near as this lies well
_ALONE_KM = 60.0  # the same, where no slip of the pen explains it
# Mass and volume that belong together: grams for each dm³ at least and at most, and of both the column with
# the unit that was perhaps typed and the one that is meant. Feathers weigh 3, mercury 13,600.
_TOGETHER = (
    ("items", (4, 15_000), "mass_g", ("kg", "g"), "volume_cm3", ("dm³", "cm³")),
    ("vehicles", (20, 12_000), "mass_kg", ("t", "kg"), "volume_dm3", ("m³", "dm³")),
)
_TIMES = 6  # a count (for each unit) that many times another's is strange


def slips_of(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """All warnings of this kind.

    Parameters
    ----------
    instance
        An instance without errors.
    draft
        What it was made of; gives the lines.
    """
    for rule in (_places, _units, _counts, _alike):
        yield from rule(instance, draft)


def km_between(one: Point, other: Point) -> float:
    """Distance as on a plane, good enough to tell near from far.

    Parameters
    ----------
    one, other
        Latitude and longitude, in degrees.
    """
    turn = abs(one[1] - other[1])
    east = min(turn, 360 - turn) * cos(radians((one[0] + other[0]) / 2))
    return _KM_DEGREE * hypot(one[0] - other[0], east)


def _middle(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


@dataclass(frozen=True, slots=True)
class _Group:
    """Where the places of a group lie."""

    centre: Point
    spread_km: float
    points: Sequence[Point]

    def apart_km(self, point: Point) -> float:
        """How far off its nearest member is; 0 where it lies among the others as its members do."""
        if self.far(point) <= _FAR:
            return 0.0
        apart = min((km_between(point, one) for one in self.points if one != point), default=0.0)
        return apart if apart > max(_APART_KM, self.spread_km) else 0.0

    def far(self, point: Point) -> float:
        """Distance from the centre, in spreads."""
        return km_between(point, self.centre) / self.spread_km


def _group(points: Sequence[Point]) -> _Group:
    """The middle of points, and within how many km of it four of five lie."""
    centre = (_middle(lat for lat, _ in points), _middle(lon for _, lon in points))
    apart = sorted(km_between(one, centre) for one in points)
    return _Group(centre, max(_NEAREST_KM, apart[(4 * (len(apart) - 1)) // 5]), points)


class _Groups:
    """The groups of an instance, by which a place is judged."""

    def __init__(self, instance: Instance) -> None:
        members: dict[tuple[str, str], list[Point]] = defaultdict(list)
        everyone: tuple[Place, ...] = (
            *instance.warehouses,
            *instance.hubs,
            *instance.regions,
            *instance.nodes,
        )
        for place in everyone:
            members["", ""].append((place.lat, place.lon))
        for region in instance.regions:
            for kind in ("subarea", "area", "hub", "warehouse"):
                if getattr(region, kind):
                    members[kind, getattr(region, kind)].append((region.lat, region.lon))
        self.of = {
            key: _group(points) for key, points in members.items() if len(points) >= _FEWEST or not key[0]
        }
        self.enough = len(everyone) >= _FEWEST

    def nearest_to(self, place: Place) -> tuple[_Group, str]:
        """The smallest group that is large enough, and the name of it."""
        if isinstance(place, Region):
            keys = [("subarea", place.subarea), ("area", place.area)]
        elif isinstance(place, Hub):
            keys = [("hub", place.id)]
        else:
            keys = [("warehouse", place.id)]
        return next(((self.of[key], key[1]) for key in keys if key in self.of), (self.of["", ""], ""))

    def other_area(self, region: Region) -> str:
        """Another area in whose midst a region lies, though outside its own; else nothing."""
        own = self.of.get(("area", region.area))
        point = (region.lat, region.lon)
        if own is None or own.far(point) <= _FAR:
            return ""
        others = {name: one.far(point) for (kind, name), one in self.of.items() if kind == "area"}
        best = min(others, key=lambda name: others[name])
        return best if best != region.area and others[best] < 1 else ""


def _places(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W505, W521 to W524, W546: places lie near those they belong to; else the likely slip is named."""
    points = set(instance.point_of.values())
    if len(instance.regions) > 2 and len(points) == 1:
        line = next(line for line, _ in draft.of("regions"))
        yield draft.warning("W546", "regions", line, "lat", number=len(instance.regions))
        return
    groups = _Groups(instance)
    if not groups.enough:
        return
    for table in ("warehouses", "hubs", "regions", "nodes"):
        for line, place in draft.of(table):
            group, name = groups.nearest_to(place)
            point = (place.lat, place.lon)
            apart_km = group.apart_km(point)
            if not apart_km:
                continue
            code, column, better = _slip(point, group)
            other = groups.other_area(place) if isinstance(place, Region) else ""
            if code in ("W522", "W523") and other:
                yield draft.warning("W524", table, line, "area", name=place.name, other=other)
                continue
            if code == "W523" and apart_km <= _ALONE_KM:
                continue
            params = {"lat": place.lat, "lon": place.lon, "better": better, "group": name or "-"}
            params |= {"km": round(km_between(point, group.centre)), "name": place.name}
            yield draft.warning(code, table, line, column, **params)


def _slip(point: Point, group: _Group) -> tuple[str, str, str]:
    """Code of the likeliest slip, the column, and the figure that would lie among the others."""
    lat, lon = point
    if group.far((lon, lat)) <= 1 or group.far((-lon, lat)) <= 1 or group.far((lon, -lat)) <= 1:
        return "W505", "lat", f"{lon:g}, {lat:g}"
    for column, at in (("lat", 0), ("lon", 1)):
        turned = tuple(-value if idx == at else value for idx, value in enumerate(point))
        if group.far((turned[0], turned[1])) <= 1:
            return "W521", column, f"{turned[at]:g}"
    found = [
        (group.far(place), column, f"{place[at]:g}")
        for column, at in (("lat", 0), ("lon", 1))
        for digits in _misread(point[at])
        for place in [(digits, lon) if at == 0 else (lat, digits)]
    ]
    distance, column, better = min(found, default=(2.0, "", ""))
    return ("W522", column, better) if distance <= 1 else ("W523", "lat", "")


def _misread(value: float) -> Iterator[float]:
    """Figures that become this one by one wrong, lost, doubled or turned digit, or a shifted point."""
    for factor in (10, 100, 1000, 10_000, 100_000, 0.1, 0.01):
        yield value * factor
    text = f"{abs(value):f}".rstrip("0").rstrip(".")
    sign = -1 if value < 0 else 1
    whole = len(text.split(".")[0])
    digits = [idx for idx, one in enumerate(text) if one.isdigit() and idx < whole + 2]
    variants = {text[:idx] + other + text[idx + 1 :] for idx in digits for other in "0123456789"}
    variants |= {text[:idx] + text[idx + 1 :] for idx in digits}
    variants |= {text[:idx] + other + text[idx:] for idx in digits for other in "0123456789"}
    for one, after in pairwise(digits):
        turned = list(text)
        turned[one], turned[after] = turned[after], turned[one]
        variants.add("".join(turned))
    for changed in sorted(variants - {text}):
        if changed.strip("."):
            yield sign * float(changed)
            yield -sign * float(changed)


def _units(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W525: mass and volume belong together, of an item, and of what a vehicle takes."""
    for table, (least, most), mass, light, volume, small in _TOGETHER:
        for line, row in draft.of(table):
            figures: dict[str, Any] = {
                "id": row.id,
                "figures": f"{getattr(row, mass)} {light[1]}, {getattr(row, volume)} {small[1]}",
            }
            if not (getattr(row, mass) and getattr(row, volume)):
                continue
            ratio = 1000 * getattr(row, mass) / getattr(row, volume)
            if not least <= ratio <= most:
                column, (typed, meant) = (mass, light) if ratio < least else (volume, small)
                figures |= {"unit_typed": typed, "unit_meant": meant}
                yield draft.warning("W525", table, line, column, **figures)


def _counts(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W526, W527: a region has about as much weight for each unit as others have."""
    unit, weight = instance.settings.unit, instance.settings.weight
    rows = [
        (line, region.counts[unit], region.counts[weight])
        for line, region in draft.of("regions")
        if region.counts[unit] and region.counts[weight]
    ]
    if unit == weight or len(rows) < _FEWEST:
        return
    usual = _middle(heavy / units for _, units, heavy in rows)
    for line, units, heavy in rows:
        if usual / _TIMES <= heavy / units <= usual * _TIMES:
            continue
        swapped = usual / _TIMES <= units / heavy <= usual * _TIMES
        params = {"unit_count": unit, "weight": weight, "units": units, "heavy": heavy, "usual": round(usual)}
        yield draft.warning("W526" if swapped else "W527", "regions", line, weight, **params)


def _alike(_instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W548: ids of one table, or of places, differ only by case or by the Unicode form of their letters."""
    groups: dict[str, list[str]] = {name: [name] for name in draft.raw if TABLES[name].key == ("id",)}
    places: list[str] = [name for name in ("warehouses", "hubs", "regions", "nodes") if name in groups]
    for name in places:
        groups.pop(name)
    for names in (places, *groups.values()):
        first: dict[str, str] = {}
        for name in names:
            raw = draft.raw[name]
            if "id" not in raw.index:
                continue
            for row in raw.rows:
                one = row.cells[raw.index["id"]]
                other = first.setdefault(unicodedata.normalize("NFKC", one).casefold(), one)
                if other != one:
                    yield draft.warning("W548", name, row.line, "id", id=one, other=other)
