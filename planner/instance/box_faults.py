"""Faults of the tables `boxes` and `units`: units that there are, no code twice, no box too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from planner.base.errors import Fault
from planner.instance.boxes import Boxes, as_scanned, ranges_text
from planner.instance.draft import Draft
from planner.instance.kits import unit_loads
from planner.instance.schema import Instance

__all__ = ["box_faults", "box_warnings"]


def box_faults(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """I440 to I443: codes that are one box's, units of their region, no more boxes than units have.

    Parameters
    ----------
    instance
        An instance without other errors.
    draft
        What it was made of; gives the lines.
    """
    if not instance.boxes:
        return
    bare = Boxes(instance)
    named = {region.id: _units(instance, bare, region.id) for region in instance.regions}
    first: dict[str, int] = {}
    rooms: dict[tuple[str, str, str], int] = {}
    for line, row in draft.of("boxes"):
        same = first.setdefault(as_scanned(row.code), line)
        if same != line and row.code != draft.raw["boxes"].value(same, "code"):
            yield draft.fault("I440", "boxes", line, "code", first=same)
        units = named.get(row.region, {})
        if row.unit not in units:
            known = ranges_text(list(units)) or "-"
            yield draft.fault("I441", "boxes", line, "unit", region=row.region, known=known)
            continue
        key = (row.region, row.unit, row.item)
        rooms[key] = rooms.get(key, 0) + 1
        most = units[row.unit].get(row.item, 0)
        if rooms[key] > most:
            params = {"region": row.region, "unit": row.unit, "most": most, "number": rooms[key]}
            yield draft.fault("I442", "boxes", line, "item", **params)
    yield from _made_twice(instance, draft)


def _units(instance: Instance, boxes: Boxes, region_id: str) -> dict[str, dict[str, int]]:
    """What each unit of a region has of each item, by the unit's number."""
    found: dict[str, dict[str, int]] = {}
    for part, loads in unit_loads(instance, instance.region_of[region_id]).items():
        for index, load in enumerate(loads):
            mine = found.setdefault(boxes.unit_name(region_id, part, index), {})
            for item, number in load.items.items():
                mine[item] = mine.get(item, 0) + number
    return found


def _made_twice(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """I443: a code that is given is none that another box has made."""
    lines = {as_scanned(row.code): line for line, row in draft.of("boxes")}
    rows = Counter(as_scanned(row.code) for row in instance.boxes)
    own = {(row.region, row.unit, row.item) for row in instance.boxes}
    boxes = Boxes(instance, tuple(dict.fromkeys(row.item for row in instance.boxes)))
    every = [box for region in instance.regions for box in boxes.of_region(region)]
    many = Counter(as_scanned(box.code) for box in every)
    for box in sorted(every, key=lambda one: (one.region_id, one.unit, one.item_id) in own):
        line = lines.get(as_scanned(box.code))
        if line is not None and many[as_scanned(box.code)] > rows[as_scanned(box.code)]:
            del lines[as_scanned(box.code)]
            yield draft.fault("I443", "boxes", line, "code", region=box.region_id, unit=box.unit)


def box_warnings(instance: Instance, draft: Draft) -> Iterator[Fault]:
    """W517: a region has as many rows in `units` as it has units."""
    first: dict[str, int] = {}
    rows: dict[str, int] = {}
    for line, row in draft.of("units"):
        first.setdefault(row.region, line)
        rows[row.region] = rows.get(row.region, 0) + 1
    for region, line in first.items():
        units = instance.region_of[region].counts.get(instance.settings.unit, 0)
        if rows[region] != units:
            yield draft.warning("W517", "units", line, "region", rows=rows[region], units=units)
