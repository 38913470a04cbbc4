"""What tests read out of a picture: texts, classes, and the boxes of names, measured by themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import small
from shapely import Polygon
from shapely.affinity import rotate, translate

from planner.instance.schema import Instance
from planner.outputs.map.page import map_svg
from planner.outputs.map.scene import Asked, scene_of
from planner.plans.model import Plan, RegionResult, RegionStatus

SVG = "{http://www.w3.org/2000/svg}"


def drawn(plan=small.PLAN, instance=small.INSTANCE, *, standing=None, **more) -> ET.Element:
    return ET.fromstring(picture(plan, instance, standing=standing, **more))


def picture(plan=small.PLAN, instance=small.INSTANCE, *, standing=None, ground=None, **asked) -> str:
    known = {} if ground is None else {"ground": ground}
    return map_svg(scene_of(plan, instance, asked=Asked(**asked), standing=standing, **known))


def texts(root: ET.Element) -> list[str]:
    return [item.text or "" for item in root.iter(f"{SVG}text")]


def names(root: ET.Element, style: str = "") -> list[str]:
    """Names on all maps of a picture, or those of a style."""
    groups = [group for group in root.iter(f"{SVG}g") if group.get("class") == "names"]
    found = [item for group in groups for item in group.iter(f"{SVG}text")]
    return [item.text for item in found if not style or item.get("class") == style]


def name_boxes(root: ET.Element) -> list[list[tuple[str, Polygon]]]:
    """Boxes of the letters of all names, for each map of a picture, measured from what the file says."""
    rules = dict(re.findall(r"\.names \.([\w-]+)\{font-size:([\d.]+)px", root.find(f"{SVG}style").text))
    found = []
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == "names":
            found.append(
                [
                    (item.text, _box(item, float(rules[item.get("class")])))
                    for item in group.iter(f"{SVG}text")
                ]
            )
    return found


def _box(item: ET.Element, size: float) -> Polygon:
    x, y, wide = (float(item.get(key)) for key in ("x", "y", "textLength"))
    top, bottom = y - 0.73 * size, y + 0.22 * size  # capitals and letters like g
    box = Polygon([(x, top), (x + wide, top), (x + wide, bottom), (x, bottom)])
    turned = re.match(r"rotate\((-?[\d.]+) (-?[\d.]+) (-?[\d.]+)\)", item.get("transform", ""))
    if turned is None:
        return box
    angle, left, down = (float(text) for text in turned.groups())
    return rotate(box, angle, origin=(left, down))


def text_boxes(root: ET.Element) -> list[tuple[str, Polygon]]:
    """Boxes of all texts on the page, as wide as the file says that they are in whatever font."""
    sizes = dict(re.findall(r"\.([\w-]+)\{font-size:([\d.]+)px", root.find(f"{SVG}style").text))

    def found(item: ET.Element, right: float, down: float):
        for child in item:
            moved = re.match(r"translate\((-?[\d.]+) (-?[\d.]+)\)", child.get("transform", ""))
            x, y = (float(text) for text in moved.groups()) if moved else (0.0, 0.0)
            if child.tag == f"{SVG}g":
                yield from found(child, right + x, down + y)
            elif child.tag == f"{SVG}text" and child.get("class") != "letter":
                text = ET.Element("text", {"x": "0", **child.attrib})
                if child.get("text-anchor") == "end":
                    text.set("x", str(float(child.get("x")) - float(child.get("textLength"))))
                box = _box(text, float(sizes[child.get("class")]))
                yield child.text, translate(box, right, down)

    return list(found(root, 0.0, 0.0))


def overlapping(root: ET.Element) -> list[tuple[str, str]]:
    """Pairs of names of one map that lie on each other."""
    return [
        (one, other)
        for boxes in name_boxes(root)
        for at, (one, box) in enumerate(boxes)
        for other, second in boxes[at + 1 :]
        if box.intersection(second).area > 0.05
    ]


def plan_of_all(instance: Instance, *, late: int = 0) -> Plan:
    """A plan without trips in which each region receives at an hour of its own."""
    deadline = instance.settings.deadline_s
    results = tuple(
        RegionResult(region.id, RegionStatus.ON_TIME, deadline - 3600 * (2 + at * 7 % 96), deadline)
        for at, region in enumerate(instance.regions)
    )
    changed = tuple(
        replace(item, status=RegionStatus.LATE, received_s=deadline + 60) for item in results[:late]
    )
    return replace(small.PLAN, regions=(*changed, *results[late:]), trips=())
