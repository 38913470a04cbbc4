"""Another plan beside that of a page: figures of both by area, and each region that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from planner.base.text import words
from planner.compare.changes import Differences, RegionChange, What
from planner.compare.comparison import differences
from planner.outputs.diff_areas import AreaFigures, area_rows
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_regions import region_text
from planner.outputs.map.scene import Scene
from planner.pages.document import both
from planner.plans.model import Plan, RegionResult, RegionStatus

__all__ = ["with_other"]


class _Change(StrEnum):
    """What the page's plan is for a region, beside the other one; the worst first."""

    WORSE = "worse"  # on time no more, or not delivered any more
    LATER = "later"
    OTHERWISE = "otherwise"  # by another vehicle or way, or another load
    SOONER = "sooner"
    BETTER = "better"
    SAME = "same"


_RANK = {RegionStatus.ON_TIME: 0, RegionStatus.LATE: 1, RegionStatus.UNDELIVERED: 2}
_LOOKS = {
    _Change.WORSE: ("#c2500a", "#3d1600", "triangle"),
    _Change.LATER: ("#f4c95a", "#6b3f00", "square"),
    _Change.OTHERWISE: ("#d9cdea", "#4f2f6b", "plus"),
    _Change.SOONER: ("#9cc4e8", "#1f4e78", "circle"),
    _Change.BETTER: ("#4fb394", "#0b4f40", "diamond"),
    _Change.SAME: ("#f1efe9", "#8a857a", "circle"),
}


def with_other(document: Mapping[str, Any], scene: Scene, other: Plan, name: str) -> dict[str, Any]:
    """A page's document with another plan beside its own.

    Parameters
    ----------
    document
        As `planner.pages.document.page_document` makes it.
    scene
        What it was made of.
    other
        The other plan, by the clock of the first.
    name
        What the other one is called.
    """
    clock = scene.instance.clock
    numbers = {item.region_id: at for at, item in enumerate(scene.results)}
    found = differences(other, scene.plan, clock)
    kinds = {one.region_id: _kind(one, found) for one in found.regions if one.region_id in numbers}
    names = DiffNames(scene.instance)
    rows = [
        {
            "region": numbers[one.region_id],
            "change": kinds[one.region_id].value,
            "before": _result(one.before),
            "told": both(partial(region_text, one, names, clock)),
        }
        for one in sorted(found.regions, key=lambda change: _order(change, kinds))
        if one.region_id in numbers and kinds[one.region_id] is not _Change.SAME
    ]
    against = {
        "name": name,
        "same_instance": other.instance_digest == scene.plan.instance_digest,
        "tolerance_s": found.tolerance_s,
        "status": {"before": other.status.value, "after": document["answer"]["status"]},
        "areas": [*_areas(scene, other)],
        "regions": rows,
    }
    colours = {**document["colours"], "change": _classes(numbers, kinds)}
    return {**document, "against": against, "colours": colours}


def _kind(one: RegionChange, found: Differences) -> _Change:
    before, after = one.before, one.after
    old, new = (3 if side is None else _RANK[side.status] for side in (before, after))
    if old != new:
        return _Change.WORSE if new > old else _Change.BETTER
    if not one.counts:
        return _Change.SAME
    moved_s = _moved_s(one)
    if abs(moved_s) > found.tolerance_s:
        return _Change.LATER if moved_s > 0 else _Change.SOONER
    return _Change.OTHERWISE if set(one.what) != {What.SLIGHT} else _Change.SAME


def _moved_s(one: RegionChange) -> int:
    """By how much a region receives later; 0 where one of the plans does not tell."""
    ends = [None if side is None else side.received_s for side in (one.before, one.after)]
    return 0 if ends[0] is None or ends[1] is None else ends[1] - ends[0]


def _order(one: RegionChange, kinds: Mapping[str, _Change]) -> tuple[int, int, str]:
    """The worst first, then who is moved most."""
    kind = kinds.get(one.region_id, _Change.SAME)
    return [*_Change].index(kind), -abs(_moved_s(one)), one.region_id


def _result(one: RegionResult | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"status": one.status.value, "received_s": one.received_s, "margin_s": one.margin_s}


def _areas(scene: Scene, other: Plan) -> Iterable[dict[str, Any]]:
    """Both plans by area; the first row, without an id, is for all, where all are shown."""
    shown = {scene.instance.region_of[item.region_id].area for item in scene.results}
    *rows, total = area_rows((other, scene.plan), scene.instance, scene.instance.clock)
    for row in (total, *rows):
        if row.id in shown or not scene.asked.area:
            yield {
                "id": row.id,
                "name": row.name if row.id else both(partial(words, "diff.column.total")),
                "before": _figures(row.before),
                "after": _figures(row.after),
            }


def _figures(one: AreaFigures) -> dict[str, int | None]:
    return {
        "regions": one.regions,
        "on_time": one.on_time,
        "vehicles": one.vehicles,
        "cost": one.cost,
        "smallest_margin_s": one.smallest_margin_s,
        "stretch_percent": None if one.stretch is None else one.stretch.percent,
    }


def _classes(numbers: Mapping[str, int], kinds: Mapping[str, _Change]) -> dict[str, Any]:
    """Regions by what changes, as the map colours them."""
    rows = []
    for kind, (fill, ink, mark) in _LOOKS.items():
        mine = [at for name, at in numbers.items() if kinds.get(name, _Change.SAME) is kind]
        look = {"fill": fill, "ink": ink, "mark": mark, "is_alarm": kind is _Change.WORSE}
        label = both(partial(words, f"web.against.{kind.value}"))
        rows.append({"key": kind.value, "label": label, "regions": mine} | look)
    return {"title": both(partial(words, "web.against.title_map")), "classes": rows}
