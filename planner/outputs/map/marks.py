"""Regions as areas and marks, hubs, warehouses and towns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.background.geometry import Point, svg_path
from planner.background.schema import Feature, GroundKind, place_of
from planner.base.text import words
from planner.outputs.figures import duration, moment, number
from planner.outputs.map.classes import ClassRow, Look, class_of
from planner.outputs.map.frame import Frame, Shown, decimal, titled
from planner.outputs.map.scene import Scene
from planner.outputs.transfers import hauls, transfers
from planner.plans.model import RegionResult

__all__ = [
    "FEW",
    "Town",
    "areas",
    "fill_of",
    "house",
    "hub_mark",
    "hubs",
    "mark",
    "marks",
    "patterns",
    "region_shapes",
    "town_mark",
    "towns",
    "warehouses",
]

FEW = 40  # so many things of a kind in a frame are large, and have names
_SEEN = 1.2  # an area is seen without a mark from so many times the area of that on
_ROOMY = 500.0  # pixels: in narrower frames many hubs are small
_ARM = 0.38
_FORMS = {  # corners of marks of size 1
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.2, 0.8), (-1.2, 0.8)),
    "hourglass": ((-1.1, -1.2), (1.1, -1.2), (-1.1, 1.2), (1.1, 1.2)),
    "drop": ((0, 1.2), (-1.2, -0.8), (1.2, -0.8)),
    "diamond": ((0, -1.3), (1.05, 0), (0, 1.3), (-1.05, 0)),
    "plus": (
        *((-_ARM, -1.1), (_ARM, -1.1), (_ARM, -_ARM), (1.1, -_ARM), (1.1, _ARM), (_ARM, _ARM)),
        *((_ARM, 1.1), (-_ARM, 1.1), (-_ARM, _ARM), (-1.1, _ARM), (-1.1, -_ARM), (-_ARM, -_ARM)),
    ),
}
_TILES = {  # what lies on a tile of six pixels
    "rise": "M-1 7L7 -1M-1 1L1 -1M5 7L7 5",
    "fall": "M-1 -1L7 7M5 -1L7 1M-1 5L1 7",
    "level": "M0 3H6",
    "upright": "M3 0V6",
    "grid": "M0 3H6M3 0V6",
    "cross": "M-1 7L7 -1M-1 -1L7 7",
    "dots": "M1.5 1.5h.01M4.5 4.5h.01",
    "rings": "M1.5 3a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0",
}


@dataclass(frozen=True, slots=True)
class Town:
    """A town or seat as it lies in a frame."""

    feature: Feature
    at: Point


def patterns(rows: Iterable[ClassRow]) -> Iterable[str]:
    """Definitions of the fills of classes that have a pattern."""
    for row in rows:
        look = row.look
        if look.pattern:
            width = 1.4 if look.pattern == "dots" else 0.7
            stroke = f'stroke="{look.ink}" stroke-width="{width}" stroke-opacity=".6" stroke-linecap="round"'
            yield (
                f'<pattern id="fill-{row.key}" width="6" height="6" patternUnits="userSpaceOnUse">'
                f'<rect width="6" height="6" fill="{look.fill}"/>'
                f'<path d="{_TILES[look.pattern]}" fill="none" {stroke}/></pattern>'
            )


def fill_of(row: ClassRow) -> str:
    """The paint of a class's areas."""
    return f"url(#fill-{row.key})" if row.look.pattern else row.look.fill


def region_shapes(scene: Scene, frame: Frame) -> Mapping[str, Shown]:
    """Areas of the regions that have borders, as they lie in the frame."""
    wanted = {item.region_id for item in scene.results}
    found = frame.shown(scene.ground, GroundKind.REGION)
    return {item.feature.code: item for item in found if item.feature.code in wanted}


def areas(scene: Scene, shapes: Mapping[str, Shown]) -> Iterable[str]:
    """Regions with borders, filled by class; each says what it is."""
    told = _Told(scene)
    for row in scene.classes.rows:
        names = [name for name in row.regions if name in shapes]
        if names:
            stroke = f'stroke="{row.look.ink}" stroke-opacity=".28" stroke-width=".4"'
            yield f'<g class="area {row.key}" fill="{fill_of(row)}" {stroke}>'
            for name in names:
                yield f'<path d="{svg_path(shapes[name].shape)}">{titled(told.of(name))}</path>'
            yield "</g>"


def marks(scene: Scene, frame: Frame, shapes: Mapping[str, Shown]) -> Iterable[str]:
    """A mark for each region whose area is not seen, and for all that people should look at, these on top."""
    told = _Told(scene)
    large = len(scene.results) <= FEW or frame.is_inset
    for row in sorted(scene.classes.rows, key=lambda row: row.is_alarm):
        size = (4.6 if large else 3.4) if row.is_alarm else (3.6 if large else 2.2)
        size *= frame.scale
        spots = []
        for name in row.regions:
            at = frame.view.at(scene.places[name])
            is_seen = name in shapes and shapes[name].shape.area >= _SEEN * 3.14 * size**2
            if frame.holds(at) and (row.is_alarm or not is_seen):
                spots.append((name, at))
        if spots:
            look = row.look
            paint = f'fill="{look.dot or look.fill}" stroke="{look.ink}" stroke-width=".8"'
            yield f'<g class="mark {row.key}" {paint}>'
            for name, at in spots:
                yield f"{mark(look, at, size)}{titled(told.of(name))}</path>"
            yield "</g>"


def mark(look: Look, at: Point, size: float) -> str:
    """The open tag of a region's mark; its form is that of its class."""
    x, y = at
    if look.mark == "circle":
        size = round(size, 1)  # two halves of a circle, which would be more of it with a shorter chord
        radius, double = decimal(size), decimal(2 * size)
        turn = f"a{radius} {radius} 0 1 0"
        return f'<path d="M{decimal(x - size)} {decimal(y)}{turn} {double} 0{turn} -{double} 0z">'
    corners = (f"{decimal(x + size * right)} {decimal(y + size * down)}" for right, down in _FORMS[look.mark])
    return f'<path d="M{"L".join(corners)}z">'


def hub_mark(x: float, y: float, size: float) -> str:
    """The open tag of a hub's mark."""
    s = decimal(size)
    return f'<path class="hub" d="M{decimal(x)} {decimal(y - size)}l{s} {s} -{s} {s} -{s} -{s}z">'


def hubs(scene: Scene, frame: Frame) -> Iterable[str]:
    """A diamond for each hub used, which says for how many regions goods pass it."""
    served: dict[str, set[str]] = {name: set() for name in scene.hubs}
    for haul, _ in transfers(scene.plan):
        if haul.stop.node_id in served:
            served[haul.stop.node_id].add(haul.delivery.region_id)
    few = len(scene.hubs) <= FEW or frame.is_inset
    size = (5.0 if few else 3.0 if frame.width >= _ROOMY else 1.8) * frame.scale
    for name, regions in served.items():
        at = frame.view.at(scene.places[name])
        if frame.holds(at):
            title = words(
                "map.hub_title", hub=scene.instance.place_name_of[name], regions=number(len(regions))
            )
            yield f"{hub_mark(*at, size)}{titled(title)}</path>"


def warehouses(scene: Scene, frame: Frame) -> Iterable[str]:
    """A house for each warehouse."""
    for name in scene.warehouses:
        x, y = frame.view.at(scene.places[name])
        if frame.holds((x, y)):
            title = titled(scene.instance.warehouse_of[name].name)
            yield f'<path class="house" d="{house(x, y, 5.5 * frame.scale)}">{title}</path>'


def house(x: float, y: float, size: float) -> str:
    """Commands of a warehouse's mark."""
    roof, wall = decimal(size), decimal(size * 1.1)
    return f"M{decimal(x - size)} {decimal(y + size)}v-{wall}l{roof} -{roof} {roof} {roof}v{wall}z"


def towns(scene: Scene, frame: Frame) -> Sequence[Town]:
    """Seats and towns in the frame, the most important first."""
    found = [
        Town(item, frame.view.at(place_of(item)))
        for item in scene.ground.of(GroundKind.SEAT, GroundKind.TOWN)
    ]
    inside = [town for town in found if frame.holds(town.at, 3)]
    return sorted(inside, key=lambda town: (town.feature.rank, town.feature.kind.value, town.feature.name))


class _Told:
    """What a region says when it is pointed at."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._class = class_of(scene.classes)
        self._results = {item.region_id: item for item in scene.results}
        self._through = _through(scene)

    def of(self, name: str) -> str:
        """Its name, its class, when it receives, by which hubs, and its margin."""
        scene, result = self._scene, self._results[name]
        region = scene.instance.region_of[name]
        label = f"{region.name} ({region.subarea_name})" if region.subarea_name else region.name
        told = words(f"map.class.{result.status.value}")
        if scene.standing is not None and name in self._class:
            told = self._class[name].label
        return f"{label}: {told}{self._when(result)}{self._through.get(name, '')}"

    def _when(self, result: RegionResult) -> str:
        if result.received_s is None or result.margin_s is None:
            return ""
        at = moment(result.received_s, self._scene.instance.clock)
        return f", {at}; {words('map.margin', margin=duration(result.margin_s))}"


def _through(scene: Scene) -> Mapping[str, str]:
    """Through which hubs the goods of a region came, and when the last ones reached each."""
    clock, names = scene.instance.clock, scene.instance.place_name_of
    reached: dict[str, dict[str, int]] = {}
    for (region_id, _), its_hauls in hauls(scene.plan).items():
        for haul in its_hauls:
            if haul.ends_at_hub:
                mine = reached.setdefault(region_id, {})
                mine[haul.stop.node_id] = max(haul.stop.end_s, mine.get(haul.stop.node_id, 0))
    return {
        region_id: "".join(
            "; " + words("map.through", hub=names[hub], at=moment(at, clock))
            for hub, at in sorted(mine.items(), key=lambda pair: pair[1])
        )
        for region_id, mine in reached.items()
    }


def town_mark(town: Town, scale: float) -> str:
    """A ring for a town, a filled one within a ring for a seat."""
    (x, y), title = town.at, titled(town.feature.name)
    middle = f'cx="{decimal(x)}" cy="{decimal(y)}"'
    if town.feature.kind is not GroundKind.SEAT:
        return f'<circle class="town-mark" {middle} r="{decimal(2.4 * scale)}">{title}</circle>'
    size = (4.6 if town.feature.rank == 1 else 3.8) * scale
    inner = f'<circle {middle} r="{decimal(size * 0.4)}" fill="#1b1f23"/>'
    return f'<circle class="seat-mark" {middle} r="{decimal(size)}">{title}</circle>{inner}'
