"""Which names a map has, in the order in which they get room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.background.geometry import Point, label_points
from planner.background.schema import GroundKind, place_of
from planner.outputs.map.frame import Frame, Shown
from planner.outputs.map.labels import STYLES, Placer, line_places
from planner.outputs.map.marks import FEW, Town, towns
from planner.outputs.map.scene import Scene

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["names"]

_MAIN_RANK = 3  # towns up to this rank come before the names of areas
_NARROW = 500.0  # pixels: in frames that are narrower only those of rank 1
_SAME = 16.0  # pixels: a warehouse no further from a town is that town's (in an inset, three times as many)
_AREA_TRIES = 10
_AREA_STYLES = ("area", "small-area")
_DOWN, _RIGHT = (0, -30, 30, -60, 60), (0, -40, 40, -80, 80)  # pixels from where a name is wanted
_EVERY = 420.0  # pixels after which a river's name stands there again
_BESIDE = 16.0  # pixels from a lake to the middle of its name beside it
_ROOM = 0.9  # of an inscribed circle's width that a subarea's name may have


def names(scene: Scene, frame: Frame, kept_free: Sequence[tuple[Point, float]] = ()) -> Sequence[str]:
    """Texts of all names that find room.

    Parameters
    ----------
    scene, frame
        What is named.
    kept_free
        Middles and radii of what no name may cover.
    """
    shown_towns = towns(scene, frame)
    placer = Placer(frame, _obstacles(scene, frame))
    for middle, size in kept_free:
        placer.keep_free(middle, size)
    houses = {name: frame.view.at(scene.places[name]) for name in scene.warehouses}
    houses = {name: at for name, at in houses.items() if frame.holds(at)}
    for at in houses.values():
        placer.keep_free(at, 5.5 * frame.scale)
    for town in shown_towns:
        placer.keep_free(town.at, 2.5 * frame.scale)
    alarmed = _alarms(scene, frame, placer)
    first = _MAIN_RANK if frame.width >= _NARROW else 1
    _towns(placer, frame, [town for town in shown_towns if town.feature.rank <= first])
    _houses(scene, frame, placer, houses, shown_towns)
    _areas(scene, frame, placer)
    _waters(scene, frame, placer)
    _towns(placer, frame, [town for town in shown_towns if town.feature.rank > first])
    _beyond(scene, frame, placer)
    known = {town.feature.name for town in shown_towns}
    if frame.is_inset:  # where names of regions would leave no room for them
        _subareas(scene, frame, placer, known)
    _few(scene, frame, placer, known, alarmed)
    if not frame.is_inset:
        _subareas(scene, frame, placer, known)
    return placer.texts


def _obstacles(scene: Scene, frame: Frame) -> list[BaseGeometry]:
    """Marks and ways that names should not hide."""
    from shapely import LineString
    from shapely import Point as Dot

    found: list[BaseGeometry] = []
    points = [*(item.region_id for item in scene.results), *scene.hubs]
    for name in points:
        at = frame.view.at(scene.places[name])
        if frame.holds(at):
            found.append(Dot(at).buffer(2.5 * frame.scale, quad_segs=2))
    for lines in scene.uses.values():
        for start, end in lines:
            ends = [frame.view.at(scene.places[start]), frame.view.at(scene.places[end])]
            if any(frame.holds(at) for at in ends) and ends[0] != ends[1]:
                found.append(LineString(ends))
    return found


def _alarms(scene: Scene, frame: Frame, placer: Placer) -> set[str]:
    """Who is late, gets nothing or is not heard of, where that are few; whose names are written."""
    alarmed = [name for row in scene.classes.rows if row.is_alarm for name in row.regions]
    written = set()
    for name in alarmed if len(alarmed) <= FEW else ():
        at = frame.view.at(scene.places[name])
        label = scene.instance.region_of[name].name
        if frame.holds(at) and placer.beside(STYLES["alarm"], label, at, 5 * frame.scale):
            written.add(name)
    return written


def _towns(placer: Placer, frame: Frame, some: Iterable[Town]) -> None:
    for town in some:
        is_seat = town.feature.kind is GroundKind.SEAT
        style = "capital" if is_seat and town.feature.rank == 1 else "seat" if is_seat else "town"
        placer.beside(STYLES[style], town.feature.name, town.at, (4.0 if is_seat else 2.6) * frame.scale)


def _houses(
    scene: Scene, frame: Frame, placer: Placer, houses: Mapping[str, Point], shown_towns: Sequence[Town]
) -> None:
    """Names of warehouses that stand in no town of the map."""
    same = _SAME * (3 if frame.is_inset else 1)
    for name, (x, y) in sorted(houses.items(), key=lambda pair: pair[1]):
        near = any(max(abs(x - town.at[0]), abs(y - town.at[1])) <= same for town in shown_towns)
        if not near:
            label = scene.instance.warehouse_of[name].name
            placer.beside(STYLES["house"], label, (x, y), 6 * frame.scale)


def _areas(scene: Scene, frame: Frame, placer: Placer) -> None:
    """Names of areas in the middle of them, the largest first; in an inset its own name is its title.

    Where one finds no room its letters are smaller.
    """
    if frame.is_inset:
        return
    shown = sorted(frame.shown(scene.ground, GroundKind.AREA), key=lambda item: -item.shape.area)
    seats = {item.name for item in scene.ground.of(GroundKind.SEAT)}
    for item in shown:
        if item.feature.name not in seats or item.shape.area > 90_000 * frame.scale**2:
            points = [found.point for found in label_points(item.shape, most=_AREA_TRIES)]
            _ = any(
                placer.inside(STYLES[style], item.feature.name, points, item.shape) for style in _AREA_STYLES
            )


def _waters(scene: Scene, frame: Frame, placer: Placer) -> None:
    """Names along rivers, and in or beside lakes."""
    import shapely

    courses: dict[str, list[BaseGeometry]] = {}
    for item in frame.shown(scene.ground, GroundKind.RIVER):
        if item.feature.name:
            courses.setdefault(item.feature.name, []).append(item.shape)
    style = STYLES["water"]
    for name, shapes in courses.items():
        length = placer.width_of(style, name)
        lines = [shapely.simplify(line, 2.0) for shape in shapes for line in shapely.get_parts(shape)]
        places = [place for line in lines for place in line_places(line, length)]
        done: list[Point] = []
        for place in places:
            far = all(abs(place[0][0] - x) + abs(place[0][1] - y) > _EVERY for x, y in done)
            if far and placer.along(style, name, [place]):
                done.append(place[0])
    for item in frame.shown(scene.ground, GroundKind.LAKE):
        if item.feature.name and item.shape.area > 60:
            (x, y), away = (found := label_points(item.shape)[0]).point, found.radius + _BESIDE * frame.scale
            tries = [(x, y), (x, y + away), (x, y - away), (x + 2 * away, y), (x - 2 * away, y)]
            is_short = placer.width_of(style, item.feature.name) <= 4 * away
            if not placer.inside(style, item.feature.name, tries) and is_short:
                placer.beside(style, item.feature.name, (x, y), found.radius)


def _beyond(scene: Scene, frame: Frame, placer: Placer) -> None:
    """Names on the sea, off the land, and beyond the border, off the areas; near where they are wanted."""
    import shapely

    page = shapely.box(*frame.box)
    for kind, covered, style in (
        (GroundKind.SEA, GroundKind.LAND, "sea"),
        (GroundKind.NEIGHBOUR, GroundKind.AREA, "neighbour"),
    ):
        wanted = [(item.name, frame.view.at(place_of(item))) for item in scene.ground.of(kind)]
        wanted = [(name, at) for name, at in wanted if frame.holds(at)]
        if wanted:
            shapes = [item.shape for item in frame.shown(scene.ground, covered)]
            free = page.difference(shapely.union_all(shapes))
            for name, (x, y) in wanted:
                tries = [(x + right, y + down) for down in _DOWN for right in _RIGHT]
                placer.inside(STYLES[style], name, tries, free)


def _few(scene: Scene, frame: Frame, placer: Placer, known: set[str], written: set[str]) -> None:
    """Names of hubs and regions where there are few of them in the frame."""
    regions = {item.region_id: scene.instance.region_of[item.region_id].name for item in scene.results}
    hub_names = {} if frame.is_inset else {name: scene.instance.place_name_of[name] for name in scene.hubs}
    for style, found, most in (("hub", hub_names, FEW // 2), ("region", regions, FEW)):
        spots = {name: frame.view.at(scene.places[name]) for name in found}
        spots = {name: at for name, at in spots.items() if frame.holds(at)}
        if len(spots) <= most * (2 if frame.is_inset else 1):
            for name, at in sorted(spots.items(), key=lambda pair: pair[1]):
                if name not in written and found[name] not in known:
                    placer.beside(STYLES[style], found[name], at, 4.5 * frame.scale)


def _subareas(scene: Scene, frame: Frame, placer: Placer, known: set[str]) -> None:
    """Names of subareas where they fit into their borders."""
    style = STYLES["subarea"]
    items: Sequence[Shown] = frame.shown(scene.ground, GroundKind.SUBAREA)
    for item in sorted(items, key=lambda item: -item.shape.area):
        name = item.feature.name
        if item.feature.code in scene.areas and name not in known:
            longest = max(placer.width_of(style, word) for word in name.split())
            fitting = [
                found
                for found in label_points(item.shape, most=4)
                if 2 * found.radius * _ROOM >= longest * 0.55
            ]
            placer.inside(style, name, [found.point for found in fitting], item.shape)
