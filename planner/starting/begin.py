"""A first instance: the template, a whole one, or an area of it, perhaps with the counts of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from planner.base.text import words
from planner.instance.keywords import zone_name
from planner.instance.schema import Instance, Source
from planner.starting.counts import Matched, with_counts
from planner.starting.list_file import NamedList
from planner.starting.part import part_of
from planner.starting.template import template

__all__ = ["Begun", "begin"]

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun, and what came of the list of counts."""

    instance: Instance
    matched: Matched | None = None


def begin(
    whole: Instance | None, *, area: str = "", counts: NamedList | None = None, time_zone: str = ""
) -> Begun:
    """Begin an instance.

    Parameters
    ----------
    whole
        What it is made from; None for the template, whose days begin today.
    area
        Ids of areas, subareas or regions of it, joined by commas; empty for all.
    counts
        Counts in the place of those that it has.
    time_zone
        IANA name of the template's zone; UTC if empty.

    Raises
    ------
    InputError
        X342 if an area is unknown, X331 to X335 for the list, I126 for the zone.
    """
    if whole is None:
        zone = zone_name(time_zone) or DEFAULT_ZONE
        return Begun(template(_today(zone), zone))
    instance = whole
    if area:
        title = words("init.network_source", name=whole.settings.name)
        instance = part_of(whole, area, source=Source(title=title))
    if counts is None:
        return Begun(instance)
    matched = with_counts(instance, counts, whole.regions)
    return Begun(matched.instance, matched)


def _today(zone: str) -> datetime:
    try:
        return datetime.now(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return datetime.now(ZoneInfo(DEFAULT_ZONE))
