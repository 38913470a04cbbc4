"""Pictures as files: one of the whole, or one for each area."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.files import write_bytes
from planner.events.clocks import now_among
from planner.events.read import read_events
from planner.instance.schema import Instance
from planner.outputs.map.page import credits_of, map_svg, notices_of
from planner.outputs.map.png import png_bytes
from planner.outputs.map.scene import Asked, Scene, scene_of
from planner.outputs.status import Standing
from planner.plans.model import Plan
from planner.replanning.state import state_of

__all__ = ["PICTURES", "Each", "areas_of", "picture_files", "standing_at", "write_picture"]

PICTURES = ("svg", "png")


class Each(StrEnum):
    """What pictures are made of one by one."""

    AREA = "area"
    SUBAREA = "subarea"


def areas_of(scene: Scene, each: Each) -> Sequence[str]:
    """Ids of the areas, or parts of areas, that have regions in a picture, in the order of the regions."""
    rows = [scene.instance.region_of[item.region_id] for item in scene.results]
    return tuple(
        dict.fromkeys(name for row in rows if (name := row.area if each is Each.AREA else row.subarea))
    )


def standing_at(plan: Plan, instance: Instance, events: Path, now_s: int) -> Standing:
    """What is known of a plan by a table of reports at a moment, no sooner than the last report.

    Parameters
    ----------
    plan, instance
        A plan, and what it was made for.
    events
        The table.
    now_s
        The moment, in seconds from the plan's start.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    held = read_events(events, instance, plan, now_s)
    return Standing(state_of(plan, instance, held, now_among(held, now_s)))


def picture_files(folder: Path, areas: Sequence[str], form: str) -> dict[str, Path]:
    """The file of each area's picture: its id, with other signs where a file's name may not have them."""
    found: dict[str, Path] = {}
    for area in areas:
        stem = re.sub(r"[^\w.-]+", "_", area).strip(".") or "_"
        taken = {path.name.lower() for path in found.values()}
        names = (f"{stem}{'' if at == 1 else f'-{at}'}.{form}" for at in range(1, len(areas) + 2))
        found[area] = folder / next(name for name in names if name.lower() not in taken)
    return found


def write_picture(scene: Scene, path: Path, form: str, *, area: str | None = None) -> Path:
    """Draw a scene, or one area of it, and write it in the place of the old file.

    Parameters
    ----------
    scene
        What is drawn.
    path, form
        The file, and its format: one of `PICTURES`.
    area
        The area alone that is drawn; None: all of the scene.

    Raises
    ------
    InputError
        X342 if the area is unknown, C709 if the plan has none of its regions.
    """
    asked = scene.asked if area is None else replace(scene.asked, area=area)
    shown = scene if area is None else _again(scene, asked)
    if not shown.results:
        raise InputError([Fault("C709", "--area", value=asked.area)])
    svg = map_svg(shown)
    if form == "svg":
        return write_bytes(path, svg.encode("utf-8"))
    texts = {
        "Title": shown.instance.settings.name,
        "Source": "\n".join(credits_of(shown)),
        "Copyright": notices_of(shown),
    }
    return write_bytes(path, png_bytes(svg, texts))


def _again(scene: Scene, asked: Asked) -> Scene:
    return scene_of(scene.plan, scene.instance, ground=scene.ground, asked=asked, standing=scene.standing)
