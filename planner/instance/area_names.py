"""What ``--area`` names: areas, subareas and regions, by their ids or by their names."""

from __future__ import annotations

from planner.base.errors import Fault, InputError
from planner.base.nearest import folded, nearest
from planner.instance.schema import Instance

__all__ = ["area_ids", "near_areas"]


def area_ids(instance: Instance, area: str) -> str:
    """The ids of areas, subareas or regions that are named by id or by name.

    Parameters
    ----------
    instance
        What there is.
    area
        Ids or names, joined by commas.

    Returns
    -------
    str
        Ids joined by commas. What names nothing stays as it is.

    Raises
    ------
    InputError
        X345 where a name is that of several things.
    """
    words = [one.strip() for one in area.split(",") if one.strip()]
    called = _called(instance)
    ids = {one for found in called.values() for one in found}
    if all(word in ids for word in words):
        return area
    found = {word: sorted(called.get(folded(word), ())) for word in words if word not in ids}
    if several := [(word, some) for word, some in found.items() if len(some) > 1]:
        raise InputError(
            Fault("X345", "--area", value=word, params={"ids": ", ".join(some)}) for word, some in several
        )
    return ",".join((found.get(word) or [word])[0] for word in words)


def near_areas(instance: Instance, word: str) -> str:
    """Ids and names of areas, subareas and regions like a word; empty: there are none."""
    pairs = {
        name: one
        for region in instance.regions
        for one, name in (
            (region.id, region.name),
            (region.subarea, region.subarea_name),
            (region.area, region.area_name),
        )
        if one
    }
    found = nearest(word, [*pairs, *pairs.values()])
    return ", ".join(f"{one} ({pairs[one]})" if pairs.get(one, one) != one else one for one in found if one)


def _called(instance: Instance) -> dict[str, set[str]]:
    """Ids by what they are called."""
    called: dict[str, set[str]] = {}
    for one in instance.regions:
        for key, name in ((one.id, one.name), (one.subarea, one.subarea_name), (one.area, one.area_name)):
            for word in (key, name):
                if key and word:
                    called.setdefault(folded(word), set()).add(key)
    return called
