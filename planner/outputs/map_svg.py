"""A plan on a map: one self-contained SVG file."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from planner.base.text import language, words
from planner.instance.schema import Basis, Edge, Hub, Instance, Mode, Node, Region, Warehouse
from planner.outputs.figures import moment, number
from planner.outputs.summary import sentence
from planner.outputs.transfers import hauls, hubs_used, is_trunk, transfers, trunk_trips
from planner.plans.model import Leg, Plan, RegionResult, RegionStatus, StepKind, Trip

__all__ = ["map_svg", "mode_uses"]

Point = tuple[float, float]  # degrees: longitude, latitude
Line = tuple[str, str]  # ids of two nodes
_Box = tuple[float, float, float, float]  # left, top, right, bottom

_EDGE_OF_PAGE, _PANEL, _MAP_WIDTH = 28.0, 236.0, 900.0
_LOWEST, _HIGHEST, _INSET = 420.0, 1000.0, 26.0
_METRES_PER_DEGREE = 111_195
_LETTER = 5.9  # width of a letter of a label, on average
_THINNEST, _WIDEST = 0.9, 6.0
_BORDER = 5.0  # both sides of a trunk way together
_FEW = 40  # so many regions have their names on the map

# Told apart in grey too: by lightness and size the regions, by dashes the modes.
_STATUS = {
    RegionStatus.ON_TIME: ("#a6e3d3", "#0b6e5a", 3.0),
    RegionStatus.LATE: ("#f08a00", "#5a3300", 4.6),
    RegionStatus.UNDELIVERED: ("#3b0a1e", "#ffffff", 5.6),
}
_MODE = {
    Mode.ROAD: ("#8d7f70", ""),
    Mode.RIVER: ("#1766b0", ""),
    Mode.SEA: ("#2aa3d8", "9 4"),
    Mode.AIR: ("#b0468c", "2 5"),
    Mode.FOOT: ("#4d7a1f", "3 2"),
}
_STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;fill:#22272b}
.name{font-size:25px;font-weight:700}.says{font-size:15px}.head{font-size:13px;font-weight:700}
.row{font-size:13px}.note{font-size:11.5px;fill:#59636b}
.label{font-size:11.5px;font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:3.5px;stroke-linejoin:round}
.small{font-weight:400}
.net{fill:none;stroke:#dedad1;stroke-width:.7}.way{fill:none;stroke-linecap:round;stroke-linejoin:round}
.trunk{fill:none;stroke:#3a4046;stroke-opacity:.38;stroke-linecap:round;stroke-linejoin:round}
.hub{fill:#f4d03f;stroke:#1b1f23;stroke-width:1.4}
.dash{stroke-linecap:butt}.house{fill:#1b1f23;stroke:#fff;stroke-width:1.6}
"""


def mode_uses(plan: Plan, instance: Instance) -> Mapping[Mode, Counter[Line]]:
    """How many trips use each pair of nodes, by mode; the nodes of a pair are in the order of their ids.

    A known trip, which has no edges, counts as one line of its vehicle's first mode.
    """
    return _uses(plan.trips, instance)


def _uses(trips: Iterable[Trip], instance: Instance) -> Mapping[Mode, Counter[Line]]:
    edges = {edge.id: edge for edge in instance.edges}
    uses: dict[Mode, Counter[Line]] = {mode: Counter() for mode in Mode}
    for trip in trips:
        kind = instance.vehicle_type_of[trip.vehicle_type]
        whole = kind.modes[0]
        legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
        for mode, line in sorted({one for leg in legs for one in _lines(leg, edges, whole)}):
            uses[mode][line] += 1
    return {mode: found for mode, found in uses.items() if found}


def _lines(leg: Leg, edges: Mapping[str, Edge], whole: Mode) -> Iterable[tuple[Mode, Line]]:
    for step in leg.path:
        if step.kind in (StepKind.FORWARD, StepKind.BACK):
            edge = edges[step.ref]
            yield edge.mode, _pair(edge.from_node, edge.to_node)
        elif step.kind is StepKind.KNOWN:
            yield whole, _pair(leg.from_node, leg.to_node)


def _pair(one: str, other: str) -> Line:
    return (one, other) if one <= other else (other, one)


def map_svg(plan: Plan, instance: Instance) -> str:
    """Text of an SVG file, ending with a line end; the same plan gives the same text.

    Parameters
    ----------
    plan
        A plan for this instance (or for an area of it, which then fills the map).
    instance
        For coordinates and names.

    Notes
    -----
    Equirectangular projection at the mean latitude of what is shown. Regions are dots by status, warehouses
    squares with their names, and each used edge is drawn once for its mode, the wider the more trips use it.
    Where goods pass hubs, these are diamonds, and what trunk trips use has a dark border.
    """
    places = _places(instance)
    uses = mode_uses(plan, instance)
    view = _View.around([places[name] for name in _shown(plan, uses)])
    head = _head(plan, instance)
    top = head.height
    page = (2 * _EDGE_OF_PAGE + _MAP_WIDTH + _PANEL, top + view.height + _EDGE_OF_PAGE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page[0]:.0f} {page[1]:.0f}" '
        f'width="{page[0]:.0f}" height="{page[1]:.0f}" role="img" lang={quoteattr(language())}>',
        f"<title>{escape(instance.settings.name)}</title>",
        f"<desc>{escape(sentence(plan, instance))}</desc>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *head.lines,
        f'<g transform="translate({_EDGE_OF_PAGE:.0f} {top:.0f})">',
        f'<clipPath id="frame"><rect width="{_MAP_WIDTH:.0f}" height="{view.height:.0f}" rx="6"/></clipPath>',
        f'<rect width="{_MAP_WIDTH:.0f}" height="{view.height:.0f}" rx="6" fill="#fbfaf7" stroke="#d9d6cf"/>',
        '<g clip-path="url(#frame)">',
        _network(instance, places, view),
        *_trunk_ways(plan, instance, uses, places, view),
        *_ways(uses, places, view),
        *_regions(plan, instance, places, view),
        *_hubs(plan, instance, places, view),
        *_warehouses(plan, instance, places, view),
        "</g>",
        *_scale_bar(view),
        "</g>",
        f'<g transform="translate({_EDGE_OF_PAGE + _MAP_WIDTH + 22:.0f} {top:.0f})">',
        *_legend(plan, instance, uses),
        "</g>",
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _places(instance: Instance) -> Mapping[str, Point]:
    """Coordinates of all nodes by id; across the 180th meridian longitudes run on."""
    rows: tuple[Node | Hub | Region | Warehouse, ...] = (
        *instance.nodes,
        *instance.hubs,
        *instance.regions,
        *instance.warehouses,
    )
    found = {one.id: (one.lon, one.lat) for one in rows}
    lons = [lon for lon, _ in found.values()]
    if max(lons) - min(lons) > 180:
        found = {name: (lon + 360 if lon < 0 else lon, lat) for name, (lon, lat) in found.items()}
    return found


def _shown(plan: Plan, uses: Mapping[Mode, Counter[Line]]) -> Iterable[str]:
    """What must lie on the map: regions, warehouses, hubs used, and the ends of all used lines."""
    yield from (one.region_id for one in plan.regions)
    yield from (one.id for one in plan.components)
    yield from hubs_used(plan)
    yield from (node for lines in uses.values() for line in lines for node in line)


@dataclass(frozen=True, slots=True)
class _View:
    """From degrees to the map's own units."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    left: float
    top: float
    height: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> _View:
        west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
        south, north = min(lat for _, lat in points), max(lat for _, lat in points)
        squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
        wide, high = max(0.01, (east - west) * squeeze), max(0.01, north - south)
        room = _MAP_WIDTH - 2 * _INSET
        height = min(_HIGHEST, max(_LOWEST, high * room / wide + 2 * _INSET))
        scale = min(room / wide, (height - 2 * _INSET) / high)
        left = (_MAP_WIDTH - (east - west) * squeeze * scale) / 2
        top = (height - (north - south) * scale) / 2
        return cls(west, north, squeeze * scale, scale, left, top, height)

    def at(self, point: Point) -> Point:
        return (
            self.left + (point[0] - self.west) * self.per_lon,
            self.top + (self.north - point[1]) * self.per_lat,
        )

    def text(self, point: Point) -> str:
        x, y = self.at(point)
        return f"{x:.1f} {y:.1f}"


@dataclass(frozen=True, slots=True)
class _Head:
    lines: Sequence[str]
    height: float


def _head(plan: Plan, instance: Instance) -> _Head:
    """Name of the instance and the answer in one sentence, in as many lines as it takes."""
    lines = [f'<text class="name" x="{_EDGE_OF_PAGE:.0f}" y="48">{escape(instance.settings.name)}</text>']
    y = 74
    for line in textwrap.wrap(sentence(plan, instance), 150):
        lines.append(f'<text class="says" x="{_EDGE_OF_PAGE:.0f}" y="{y}">{escape(line)}</text>')
        y += 21
    return _Head(lines, y - 3)


def _network(instance: Instance, places: Mapping[str, Point], view: _View) -> str:
    """All edges, used or not, as a faint ground."""
    lines = {_pair(edge.from_node, edge.to_node) for edge in instance.edges}
    return f'<path class="net" d="{_drawn(sorted(lines), places, view)}"/>' if lines else ""


def _drawn(lines: Iterable[Line], places: Mapping[str, Point], view: _View) -> str:
    return "".join(f"M{view.text(places[one])}L{view.text(places[other])}" for one, other in lines)


def _ways(uses: Mapping[Mode, Counter[Line]], places: Mapping[str, Point], view: _View) -> Iterable[str]:
    """Each used line once for each mode, those of one width as one path."""
    for mode, lines in uses.items():
        by_width: dict[float, list[Line]] = {}
        for line, trips in sorted(lines.items()):
            by_width.setdefault(_width(trips), []).append(line)
        for width, some in sorted(by_width.items()):
            yield f'<path {_stroke(mode, width)} d="{_drawn(some, places, view)}"/>'


def _trunk_ways(
    plan: Plan,
    instance: Instance,
    uses: Mapping[Mode, Counter[Line]],
    places: Mapping[str, Point],
    view: _View,
) -> Iterable[str]:
    """A dark border, under the line itself, of each line that trunk trips use."""
    for mode, lines in _uses(filter(is_trunk, plan.trips), instance).items():
        by_width: dict[float, list[Line]] = {}
        for line in sorted(lines):
            by_width.setdefault(_width(uses[mode][line]), []).append(line)
        for width, some in sorted(by_width.items()):
            drawn = _drawn(some, places, view)
            yield f'<path class="trunk" stroke-width="{width + _BORDER:.1f}" d="{drawn}"/>'


def _stroke(mode: Mode, width: float) -> str:
    color, dashes = _MODE[mode]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    names = f"way dash {mode.value}" if dashes else f"way {mode.value}"
    return f'class="{names}" stroke="{color}" stroke-width="{width:.1f}"{dashed}'


def _width(trips: int) -> float:
    return round(min(_WIDEST, _THINNEST + 0.75 * math.log2(trips)), 1)


def _regions(plan: Plan, instance: Instance, places: Mapping[str, Point], view: _View) -> Iterable[str]:
    """Dots by status, those on time first, so that no other is hidden; each says what it is."""
    through = _through(plan, instance)
    for status, (fill, edge, radius) in _STATUS.items():
        found = [one for one in plan.regions if one.status is status]
        if found:
            yield f'<g class="{status.value}" fill="{fill}" stroke="{edge}" stroke-width="1">'
            for one in found:
                x, y = view.at(places[one.region_id])
                title = escape(_told(one, instance) + through.get(one.region_id, ""))
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{title}</title></circle>'
            yield "</g>"


def _told(one: RegionResult, instance: Instance) -> str:
    """What a region's dot says when pointed at."""
    region = instance.region_of[one.region_id]
    name = f"{region.name} ({region.subarea_name})" if region.subarea_name else region.name
    told = words(f"report.map.{one.status.value}")
    when = "" if one.received_s is None else f", {moment(one.received_s, instance.clock)}"
    return f"{name}: {told}{when}"


def _through(plan: Plan, instance: Instance) -> Mapping[str, str]:
    """Through which hubs the goods of a region came, and when the last ones reached each."""
    reached: dict[str, dict[str, int]] = {}
    for (region_id, _), its_hauls in hauls(plan).items():
        for one in its_hauls:
            if one.ends_at_hub:
                mine = reached.setdefault(region_id, {})
                mine[one.stop.node_id] = max(one.stop.end_s, mine.get(one.stop.node_id, 0))
    return {
        region_id: "".join(
            "; " + words("report.map.through", hub=instance.place_name_of[hub], at=moment(at, instance.clock))
            for hub, at in sorted(mine.items(), key=lambda pair: pair[1])
        )
        for region_id, mine in reached.items()
    }


def _hubs(plan: Plan, instance: Instance, places: Mapping[str, Point], view: _View) -> Iterable[str]:
    """A diamond for each hub used, which says for how many regions goods pass it."""
    served: dict[str, set[str]] = {name: set() for name in hubs_used(plan)}
    for one, _ in transfers(plan):
        served[one.stop.node_id].add(one.delivery.region_id)
    for name, regions in served.items():
        title = words("report.map.hub_title", hub=instance.place_name_of[name], regions=number(len(regions)))
        yield f"{_diamond(*view.at(places[name]))}<title>{escape(title)}</title></path>"


def _diamond(x: float, y: float) -> str:
    """The open tag of a hub's marker."""
    return f'<path class="hub" d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5 -6.5 6.5 -6.5 -6.5z">'


def _warehouses(plan: Plan, instance: Instance, places: Mapping[str, Point], view: _View) -> Iterable[str]:
    """Squares with names; where there are few regions or hubs, these have names too."""
    houses = {one.id: view.at(places[one.id]) for one in plan.components}
    dots = {one.region_id: view.at(places[one.region_id]) for one in plan.regions}
    for x, y in houses.values():
        yield f'<rect class="house" x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11"/>'
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in houses.values()]
    taken += [(x - 2, y - 2, x + 2, y + 2) for x, y in dots.values()]
    hubs = {name: view.at(places[name]) for name in hubs_used(plan)}
    taken += [(x - 7, y - 7, x + 7, y + 7) for x, y in hubs.values()]
    for name, at in sorted(houses.items(), key=lambda one: one[1]):
        yield _label("label", instance.warehouse_of[name].name, at, taken, view)
    if len(hubs) <= _FEW:
        for name, at in sorted(hubs.items(), key=lambda one: one[1]):
            yield _label("label small", instance.place_name_of[name], at, taken, view)
    if len(dots) <= _FEW:
        for name, at in sorted(dots.items(), key=lambda one: one[1]):
            yield _label("label small", instance.region_of[name].name, at, taken, view)


def _label(names: str, text: str, at: Point, taken: list[_Box], view: _View) -> str:
    """A label where it covers the least; takes its room."""
    box, anchor = _label_box(text, *at, taken, view)
    taken.append(box)
    x = {"start": box[0], "end": box[2], "middle": (box[0] + box[2]) / 2}[anchor]
    return (
        f'<text class="{names}" x="{x:.1f}" y="{box[3] - 4:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _label_box(text: str, x: float, y: float, taken: Sequence[_Box], view: _View) -> tuple[_Box, str]:
    """Where a label beside a point hides least of what is there, and how it is anchored."""
    wide, high = len(text) * _LETTER + 2, 15.0
    tries = [
        ((x + 9, y - 8, x + 9 + wide, y + 7), "start"),
        ((x - 9 - wide, y - 8, x - 9, y + 7), "end"),
        ((x - wide / 2, y - 9 - high, x + wide / 2, y - 9), "middle"),
        ((x - wide / 2, y + 9, x + wide / 2, y + 9 + high), "middle"),
        ((x + 6, y - 7 - high, x + 6 + wide, y - 7), "start"),
        ((x + 6, y + 7, x + 6 + wide, y + 7 + high), "start"),
        ((x - 6 - wide, y - 7 - high, x - 6, y - 7), "end"),
        ((x - 6 - wide, y + 7, x - 6, y + 7 + high), "end"),
    ]

    def hidden(box: _Box) -> float:
        outside = max(0.0, 4 - box[0]) + max(0.0, box[2] - _MAP_WIDTH + 4)
        outside += max(0.0, 4 - box[1]) + max(0.0, box[3] - view.height + 4)
        return 1000 * outside + sum(_overlap(box, other) for other in taken)

    return min(tries, key=lambda one: hidden(one[0]))


def _overlap(one: _Box, other: _Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def _scale_bar(view: _View) -> Iterable[str]:
    """A bar of a round number of kilometres (metres where these are few) in the lower left corner."""
    per_metre = view.per_lat / _METRES_PER_DEGREE
    longest = 190 / per_metre
    metres = max(size * 10**power for size in (1, 2, 5) for power in range(8) if size * 10**power <= longest)
    wide, y = metres * per_metre, view.height - 16
    told = f"{number(metres // 1000)} km" if metres >= 1000 else f"{number(metres)} m"
    yield f'<path d="M16 {y - 5:.1f}V{y:.1f}H{16 + wide:.1f}V{y - 5:.1f}" fill="none" stroke="#22272b"/>'
    yield f'<text class="note" x="{16 + wide + 7:.1f}" y="{y:.1f}">{told}</text>'


def _legend(plan: Plan, instance: Instance, uses: Mapping[Mode, Counter[Line]]) -> Iterable[str]:
    """What dots, squares and lines mean, and where the ways come from."""
    counts = Counter(one.status for one in plan.regions)
    y = 12.0
    yield _text("head", 0, y, words("report.column.regions"))
    for status, (fill, edge, radius) in _STATUS.items():
        y += 23
        yield f'<circle cx="14" cy="{y - 4:.1f}" r="{radius + 1}" fill="{fill}" stroke="{edge}"/>'
        yield _text("row", 36, y, words(f"report.map.{status.value}"))
        yield _text("row", _PANEL - 26, y, number(counts[status]), anchor="end")
    y += 25
    yield f'<rect class="house" x="8.5" y="{y - 10:.1f}" width="11" height="11"/>'
    yield _text("row", 36, y, words("report.map.warehouse"))
    yield _text("row", _PANEL - 26, y, number(len(plan.components)), anchor="end")
    if hubs := hubs_used(plan):
        y += 25
        yield f"{_diamond(14, y - 4.5)}</path>"
        yield _text("row", 36, y, words("report.map.hub"))
        yield _text("row", _PANEL - 26, y, number(len(hubs)), anchor="end")
    y += 40
    yield _text("head", 0, y, words("report.map.trips", trips=number(len(plan.trips))))
    for mode in uses:
        y += 23
        yield f'<path {_stroke(mode, 2.6)} d="M0 {y - 4.5:.1f}H28"/>'
        yield _text("row", 36, y, words(f"report.mode.{mode.value}"))
    most = max((trips for lines in uses.values() for trips in lines.values()), default=0)
    for trips in sorted({1, most} - {0}) if most else ():
        y += 23
        yield f'<path class="way" stroke="#8d8d8d" stroke-width="{_width(trips)}" d="M2 {y - 4.5:.1f}H26"/>'
        yield _text("row", 36, y, words(f"report.map.{'one' if trips == 1 else 'many'}", trips=number(trips)))
    if hubs:
        for key, trips in (("trunk", trunk_trips(plan)), ("local", len(plan.trips) - trunk_trips(plan))):
            y += 23
            if key == "trunk":
                yield f'<path class="trunk" stroke-width="{_BORDER + 2:.1f}" d="M2 {y - 4.5:.1f}H26"/>'
            yield f'<path class="way" stroke="#8d8d8d" stroke-width="2.0" d="M2 {y - 4.5:.1f}H26"/>'
            yield _text("row", 36, y, words(f"report.map.{key}"))
            yield _text("row", _PANEL - 26, y, number(trips), anchor="end")
    if instance.edges:
        y += 23
        yield f'<path class="net" style="stroke:#c9c5bb" d="M0 {y - 4.5:.1f}H28"/>'
        yield _text("row", 36, y, words("report.map.network"))
    y += 40
    for line in textwrap.wrap(_note(instance), 36):
        yield _text("note", 0, y, line)
        y += 16


def _note(instance: Instance) -> str:
    """Whether the network is real."""
    bases = {edge.basis for edge in instance.edges}
    doubtful = [one for one in (Basis.SYNTHETIC, Basis.MODELLED, Basis.DEFAULT) if one in bases]
    if not doubtful:
        return words("report.map.note")
    return words("report.map.note_basis", basis=words(f"report.basis.{doubtful[0].value}"))


def _text(name: str, x: float, y: float, text: str, *, anchor: str = "") -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{name}" x="{x:.0f}" y="{y:.1f}"{more}>{escape(text)}</text>'
