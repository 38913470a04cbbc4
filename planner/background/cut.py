"""Cuts out of a background what lies behind a part of its instance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.background.geometry import Box, bounds_of, clipped
from planner.background.meridian import ground_beside, middle_of, run_on, told_box, told_shape
from planner.background.schema import KINDS, Background, Feature, Form, GroundKind, Sheet, place_of
from planner.instance.schema import Instance

__all__ = ["background_of"]

_AROUND = 0.25  # so much of its width and height lies around a part
_LEAST = 0.1  # degrees


def background_of(part: Instance, background: Background) -> Background:
    """The ground behind a part of an instance and around it.

    Parameters
    ----------
    part
        As `planner.starting.part.part_of` cuts it.
    background
        That of the whole.

    Returns
    -------
    Background
        Borders of its own areas, subareas and regions whole; of all else what lies in the box around these
        and all its places. Borders of other subareas and regions are left out, those of other areas stay.
    """
    own = {name for place in part.regions for name in (place.id, place.area, place.subarea) if name}
    places: tuple[Any, ...] = (*part.warehouses, *part.hubs, *part.regions, *part.nodes)
    lons = run_on(place.lon for place in places)
    beside = ground_beside(background, middle_of(lons))
    borders = [item.geometry for item in beside.of(*_BORDERS) if item.code in own]
    box = _wider(bounds_of(zip(lons, (place.lat for place in places), strict=True), borders))
    sheets = []
    for sheet in beside.sheets:
        kept = [found for item in sheet.features if (found := _kept(item, own, box))]
        if kept:
            features = tuple(replace(item, geometry=told_shape(item.geometry)) for item in kept)
            known = _meet(sheet, box)
            sheets.append(replace(sheet, features=features, known=known and told_box(known)))
    return Background(tuple(sheets))


_BORDERS = (GroundKind.AREA, GroundKind.SUBAREA, GroundKind.REGION)


def _kept(item: Feature, own: set[str], box: Box) -> Feature | None:
    """A feature, or what of it lies in the box; None: nothing."""
    if item.kind in (GroundKind.SUBAREA, GroundKind.REGION) or item.code in own:
        return item if item.code in own else None
    if KINDS[item.kind].form is Form.POINT:
        x, y = place_of(item)
        return item if box[0] <= x <= box[2] and box[1] <= y <= box[3] else None
    rest = clipped(item.geometry, box)
    return None if rest.is_empty else replace(item, geometry=rest)


def _meet(sheet: Sheet, box: Box) -> Box | None:
    """Where a cut sheet with land knows it: no further than it was cut."""
    if not any(item.kind is GroundKind.LAND for item in sheet.features):
        return sheet.known
    west, south, east, north = sheet.known or box
    return max(west, box[0]), max(south, box[1]), min(east, box[2]), min(north, box[3])


def _wider(box: Box) -> Box:
    west, south, east, north = box
    wide, high = max(_LEAST, _AROUND * (east - west)), max(_LEAST, _AROUND * (north - south))
    return west - wide, max(-90.0, south - high), east + wide, min(90.0, north + high)
