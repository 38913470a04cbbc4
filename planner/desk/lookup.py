"""What people look for: places, vehicles, drivers, areas and boxes, by whatever they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from planner.base.nearest import folded, nearest
from planner.instance.boxes import Boxes, as_scanned
from planner.instance.call_signs import call_signs
from planner.instance.crews import people_of
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.plans.model import Plan

__all__ = ["Hit", "Sought", "address", "areas_named", "index_of", "sought", "stop_address"]

_LONGEST = 120  # signs of what is looked for
_MOST = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that can be looked for.

    Parameters
    ----------
    kind
        What it is: region, hub, warehouse, vehicle, area.
    label, more
        What it is called, and what tells it from others.
    text
        All that it is called by, folded.
    """

    kind: str
    id: str
    label: str
    more: str
    text: str

    @property
    def where(self) -> str:
        """Address of its page."""
        return address(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Sought:
    """What was found.

    Parameters
    ----------
    hits
        The likeliest first.
    more
        How many are left out.
    near
        Names that are like what was looked for, where nothing was found.
    """

    hits: Sequence[Hit] = ()
    more: int = 0
    near: Sequence[str] = ()


def address(kind: str, name: str) -> str:
    """Address of the page of something."""
    page = {"hub": "place", "warehouse": "place", "node": "place"}.get(kind, kind)
    return f"/{page}?{urlencode({'id': name})}"


def stop_address(trip: str, at: int, **more: str) -> str:
    """Address of the page on which one tells of a place on a trip: 0 where it loads, then its stops."""
    return f"/stop?{urlencode({'trip': trip, 'at': str(at), **more})}"


def areas_named(instance: Instance) -> Mapping[str, str]:
    """Names of all areas and their parts by id."""
    found: dict[str, str] = {}
    for row in instance.regions:
        for name, label in ((row.area, row.area_name), (row.subarea, row.subarea_name)):
            if name:
                found[name] = found.get(name) or label or name
    return found


def index_of(instance: Instance, plan: Plan, *, with_people: bool = True) -> Sequence[Hit]:
    """Everything that can be looked for, in the order in which it is shown where it fits equally well."""
    return (*_places(instance, plan), *_vehicles(instance, plan, with_people=with_people))


def _places(instance: Instance, plan: Plan) -> Iterator[Hit]:
    for name, label in areas_named(instance).items():
        yield _hit("area", name, label)
    planned = {one.region_id for one in plan.regions}
    units: dict[str, list[str]] = {}
    for unit in instance.units:
        units.setdefault(unit.region, []).extend((unit.number, unit.code))
    for region in instance.regions:
        if region.id in planned:
            part = ", ".join(filter(None, (region.subarea_name, region.area_name)))
            yield _hit("region", region.id, region.name, part, *units.get(region.id, ()))
    for hub in instance.hubs:
        yield _hit("hub", hub.id, hub.name)
    for house in instance.warehouses:
        yield _hit("warehouse", house.id, house.name)


def _vehicles(instance: Instance, plan: Plan, *, with_people: bool) -> Iterator[Hit]:
    used, signs = {trip.vehicle_id for trip in plan.trips}, call_signs(instance)
    called: dict[str, list[str]] = {}
    for who in people_of(instance) if with_people else ():
        called.setdefault(who.place, []).append(who.name)
    for row in instance.fleet:
        called.setdefault(row.vehicle, []).extend((row.plate, row.plate.replace(" ", "")))
    for kind in instance.vehicles:
        for number in range(1, kind.number + 1):
            name = vehicle_id(kind.id, number)
            if name in used:
                drivers = dict.fromkeys(
                    row.driver for row in instance.fleet if row.vehicle == name and with_people
                )
                more = " · ".join(filter(None, (kind.name, name, *drivers)))
                yield _hit(
                    "vehicle",
                    name,
                    signs.of(name),
                    more,
                    *called.get(name, ()),
                    *(signs.words_of(name) if with_people else ()),
                )


def _hit(kind: str, name: str, label: str, more: str = "", *called: str) -> Hit:
    words = dict.fromkeys(folded(one) for one in (label, name, more, *called) if one)
    return Hit(kind, name, label or name, more or (name if label != name else ""), "\n".join(words))


def sought(index: Sequence[Hit], instance: Instance, text: str) -> Sought:
    """What a text may mean.

    Parameters
    ----------
    index
        Everything that can be looked for.
    instance
        Says which boxes there are.
    text
        A name or a part of one, words in any order, a plate, a call sign, or the code of a box.
    """
    wanted = folded(text[:_LONGEST])
    if not wanted:
        return Sought()
    found = [one for one in index if all(word in one.text for word in wanted.split())]
    found.sort(key=lambda one: _fit(one, wanted))
    if not found:
        regions = _with_box(instance, text)
        found = [one for one in index if one.kind == "region" and one.id in regions]
    if found:
        return Sought(found[:_MOST], max(0, len(found) - _MOST))
    return Sought(near=nearest(wanted, [one.label for one in index], most=5))


def _fit(hit: Hit, wanted: str) -> int:
    """How well something fits: 0 as it is called, then where it begins so, then anywhere."""
    lines = hit.text.split("\n")
    if wanted in lines:
        return 0
    return 1 if any(line.startswith(wanted) for line in lines) else 2


def _with_box(instance: Instance, text: str) -> frozenset[str]:
    """Regions with a box of this code: of the table `boxes`, or by the id with which a made code begins."""
    code = as_scanned(text)
    found = {row.region for row in instance.boxes if as_scanned(row.code) == code}
    boxes = Boxes(instance)
    for region in instance.regions:
        if code.startswith(f"{as_scanned(region.id)}-"):
            found |= {box.region_id for box in boxes.of_region(region) if as_scanned(box.code) == code}
    return frozenset(found)
