"""The whole picture: head, map, insets, legend, sources; one self-contained SVG file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.base.safe_text import xml_text
from planner.base.text import language, words
from planner.outputs.figures import number
from planner.outputs.map.fonts import FAMILY, Face, fitted, line_width, wrapped
from planner.outputs.map.frame import Frame, decimal, frame_around
from planner.outputs.map.ground import PAPER, ground_below, water_and_borders
from planner.outputs.map.insets import Inset, insets_of
from planner.outputs.map.labels import STYLES
from planner.outputs.map.legend import Block, legend, num_trips
from planner.outputs.map.marks import (
    areas,
    hubs,
    marks,
    patterns,
    region_shapes,
    town_mark,
    towns,
    warehouses,
)
from planner.outputs.map.names import names
from planner.outputs.map.scene import Scene
from planner.outputs.map.ways import network, trunk_ways, ways
from planner.outputs.summary import sentence

__all__ = ["credits_of", "map_svg", "notices_of"]

_USUAL = 1200.0
_SMALLEST, _LARGEST = 0.8, 1.6  # scale of letters
_STACKED_BELOW = 900  # pixels: the legend stands below the map
_PANEL, _EDGE, _GUTTER = 236.0, 26.0, 20.0
_MOST_INSETS, _FEW_INSETS = 3, 2
_LETTERS = 10.5  # size of what stands beside the scale
_MOST_HIGHER = 0.5  # of its height, that a map may grow to end with its legend
_HALO = "#ffffff"
"""Colour of the light rim around names."""


def map_svg(scene: Scene) -> str:
    """Text of an SVG file, ending with a line end; the same plan gives the same text.

    Notes
    -----
    Equirectangular projection, true to scale along the parallel in the middle of what is shown. Regions whose
    borders the background has are areas filled by class, all others marks. Each used line is drawn once for
    its mode, the wider the more trips use it; modes lie on each other in the order road, river, sea, foot,
    air. Names never lie on each other: those for which there is no room are left out, the least important
    first.
    """
    return _Page(scene).text()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece of the page and where it is."""

    left: float
    top: float
    lines: Sequence[str]


class _Page:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._width = float(scene.asked.width)
        self._scale = min(_LARGEST, max(_SMALLEST, (self._width / _USUAL) ** 0.5))
        self._edge = _EDGE if self._width >= _STACKED_BELOW else 10.0
        self._is_stacked = self._width < _STACKED_BELOW

    def text(self) -> str:
        """The file."""
        scene = self._scene
        inner = self._width - 2 * self._edge
        head = self._head(inner)
        panel = _PANEL * self._scale
        wide = inner if self._is_stacked else inner - panel - _GUTTER
        frame = frame_around(scene.bounds, wide, self._scale)
        column = self._column(inner) if self._is_stacked else panel
        blocks = legend(scene, column, self._scale)
        if self._is_stacked:
            pieces, bottom = self._below(frame, head.height, blocks, column)
        else:
            frame = self._as_high_as(frame, sum(block.height for block in blocks))
            pieces, bottom = self._beside(frame, head.height, blocks, panel)
        foot = self._foot(inner)
        pieces.append(_Placed(self._edge, bottom, foot.lines))
        return self._written(head, pieces, bottom + foot.height + 8)

    def _as_high_as(self, frame: Frame, height: float) -> Frame:
        """A frame that reaches down to the end of the legend, as far as the ground is known around it."""
        known = self._scene.ground.known
        for share in (1.0, 0.75, 0.5, 0.25):
            more = share * min(height - frame.height, _MOST_HIGHER * frame.height)
            if more <= 0:
                return frame
            taller = frame_around(self._scene.bounds, frame.width, frame.scale, height=frame.height + more)
            west, south, east, north = taller.view.ground(taller.box)
            if known is None or (
                known[0] <= west and known[1] <= south and east <= known[2] and north <= known[3]
            ):
                return taller
        return frame

    def _column(self, inner: float) -> float:
        """Width of a column of the legend below the map."""
        columns = max(1, int((inner + _GUTTER) // (210 * self._scale + _GUTTER)))
        return (inner - _GUTTER * (columns - 1)) / columns

    def _beside(
        self, frame: Frame, top: float, blocks: Sequence[Block], panel: float
    ) -> tuple[list[_Placed], float]:
        """Map, to the right of it legend and insets, below it insets that found no room there; the end."""
        room = frame.height - sum(block.height for block in blocks)
        high = panel * 0.72
        insets = insets_of(self._scene, frame, panel, high, _MOST_INSETS)
        fitting = int(max(0, room) // (high + 14))
        is_row = fitting < min(len(insets), _FEW_INSETS)
        insets = insets if is_row else insets[:fitting]
        left = self._edge + frame.width + _GUTTER
        pieces = [_Placed(self._edge, top, list(self._map(frame, insets, "main")))]
        y = top - 6
        for block in blocks:
            pieces.append(_Placed(left, y, block.lines))
            y += block.height
        bottom = max(top + frame.height + is_row * (high + 14), y)
        if is_row:
            for at, inset in enumerate(insets):
                lines = list(self._inset(inset, panel, high, at))
                pieces.append(_Placed(self._edge + at * (panel + _GUTTER), bottom - high, lines))
            return pieces, bottom + 8
        y = bottom - len(insets) * (high + 14) + 14 if insets else y
        for at, inset in enumerate(insets):
            pieces.append(_Placed(left, y, list(self._inset(inset, panel, high, at))))
            y += high + 14
        return pieces, bottom + 8

    def _below(
        self, frame: Frame, top: float, blocks: Sequence[Block], column: float
    ) -> tuple[list[_Placed], float]:
        """Map, and below it insets and then the legend in columns; where that ends."""
        inner = frame.width
        wide = (inner - 12) / 2
        insets = insets_of(self._scene, frame, wide, wide * 0.82, 2)
        pieces = [_Placed(self._edge, top, list(self._map(frame, insets, "main")))]
        y = top + frame.height + 12
        for at, inset in enumerate(insets):
            lines = list(self._inset(inset, wide, wide * 0.82, at))
            pieces.append(_Placed(self._edge + at * (wide + 12), y, lines))
        y += (wide * 0.82 + 8) if insets else 0
        columns = max(1, round((inner + _GUTTER) / (column + _GUTTER)))
        ends = [y] * columns
        for block in blocks:
            at = ends.index(min(ends))
            pieces.append(_Placed(self._edge + at * (column + _GUTTER), ends[at], block.lines))
            ends[at] += block.height
        return pieces, max(ends) + 4

    def _head(self, inner: float) -> Block:
        """Name of the instance, or of the area, and the answer in one sentence, each wrapped."""
        scene, scale = self._scene, self._scale
        large, small = 23 * scale, 14 * scale
        y, lines = 14.0, []
        for line in wrapped(_title(scene), inner, large, Face.SEMIBOLD):
            y += large * 1.2
            lines.append(self._line("name", y, line, fitted(line, large, Face.SEMIBOLD, most=inner)))
        for text in (sentence(scene.plan, scene.instance), *_area_line(scene)):
            y += 4 * scale
            for line in wrapped(text, inner, small):
                y += small * 1.35
                lines.append(self._line("says", y, line, fitted(line, small, most=inner)))
        return Block(lines, y + 16 * scale)

    def _line(self, name: str, y: float, text: str, fit: str) -> str:
        place = f'x="{decimal(self._edge)}" y="{decimal(y)}"'
        return f'<text class="{name}" {place} {fit}>{xml_text(text)}</text>'

    def _foot(self, inner: float) -> Block:
        """Sources and licences of what the ground is drawn from."""
        size = 9.5 * self._scale
        lines: list[str] = []
        y = 0.0
        for text in credits_of(self._scene):
            for line in wrapped(text, inner, size):
                y += size * 1.35
                fit = fitted(line, size, most=inner)
                lines.append(f'<text class="source" y="{decimal(y)}" {fit}>{xml_text(line)}</text>')
        return Block(lines, y + 8)

    def _map(self, frame: Frame, insets: Sequence[Inset], name: str) -> Iterable[str]:
        """All layers of a frame from the bottom up, and its names."""
        scene = self._scene
        wide, high = decimal(frame.width), decimal(frame.height)
        shapes = region_shapes(scene, frame)
        shown = towns(scene, frame)
        windows = list(_windows(insets))
        kept = [((inset.window[0] + 4, inset.window[1] + 4), 7.0) for inset in insets]
        yield f'<clipPath id="{name}"><rect width="{wide}" height="{high}" rx="5"/></clipPath>'
        yield f'<rect class="frame" width="{wide}" height="{high}" rx="5" fill="{PAPER}"/>'
        yield f'<g clip-path="url(#{name})">'
        yield from ground_below(scene, frame)
        yield from areas(scene, shapes)
        yield from water_and_borders(scene, frame)
        yield from network(scene, frame)
        yield from trunk_ways(scene, frame)
        yield from ways(scene, frame)
        yield from hubs(scene, frame)
        yield from marks(scene, frame, shapes)
        yield from warehouses(scene, frame)
        yield from (town_mark(town, self._scale) for town in shown)
        yield from windows
        bar, bar_at = _scale_bar(frame)
        yield from bar
        yield '<g class="names">'
        yield from names(scene, frame, [*kept, *bar_at])
        yield "</g></g>"
        yield f'<rect width="{wide}" height="{high}" rx="5" fill="none" stroke="#b9b4a8"/>'

    def _inset(self, inset: Inset, width: float, height: float, at: int) -> Iterable[str]:
        """An inset with its letter and name above it."""
        title = 17 * self._scale
        base = frame_around(inset.ground, width, self._scale, height=height - title, inset=8)
        frame = Frame(base.width, base.height, base.view, self._scale * 0.92, is_inset=True)
        label = f"{_letter(at)}  {inset.name}"
        fit = fitted(label, 12.5 * self._scale, Face.SEMIBOLD, most=width)
        yield f'<text class="head" x="0" y="{decimal(12 * self._scale)}" {fit}>{xml_text(label)}</text>'
        yield f'<g transform="translate(0 {decimal(title)})">'
        yield from self._map(frame, (), f"inset-{at}")
        yield "</g>"

    def _written(self, head: Block, pieces: Sequence[_Placed], height: float) -> str:
        scene = self._scene
        wide, high = f"{self._width:.0f}", f"{height:.0f}"
        described = sentence(scene.plan, scene.instance)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
            f'width="{wide}" height="{high}" role="img" lang="{language()}">',
            f"<title>{xml_text(_title(scene))}</title>",
            f"<desc>{xml_text(described)}</desc>",
            *_metadata(scene),
            f"<style>{_style(self._scale)}</style>",
            f"<defs>{''.join(patterns(scene.classes.rows))}</defs>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *head.lines,
        ]
        for piece in pieces:
            parts.append(f'<g transform="translate({decimal(piece.left)} {decimal(piece.top)})">')
            parts += piece.lines
            parts.append("</g>")
        return "\n".join(part for part in (*parts, "</svg>") if part) + "\n"


def _letter(at: int) -> str:
    return "ABCDEFG"[at]


def _windows(insets: Sequence[Inset]) -> Iterable[str]:
    """Where the insets lie on the map."""
    for at, inset in enumerate(insets):
        left, top, right, bottom = inset.window
        size = f'width="{decimal(right - left)}" height="{decimal(bottom - top)}"'
        yield f'<rect class="window" x="{decimal(left)}" y="{decimal(top)}" {size}/>'
        yield f'<rect class="tag" x="{decimal(left - 2)}" y="{decimal(top - 2)}" width="12" height="12"/>'
        yield f'<text class="letter" x="{decimal(left + 4)}" y="{decimal(top + 7.6)}">{_letter(at)}</text>'


def _title(scene: Scene) -> str:
    """Name of the instance, and of the areas where only some are shown."""
    name = scene.instance.settings.name
    if not scene.asked.area:
        return name
    return f"{name}: {', '.join(_area_names(scene))}"


def _area_names(scene: Scene) -> list[str]:
    wanted = [part.strip() for part in scene.asked.area.split(",") if part.strip()]
    names: dict[str, str] = {}
    for region in scene.instance.regions:
        names.setdefault(region.area, region.area_name)
        names.setdefault(region.subarea, region.subarea_name)
        names.setdefault(region.id, region.name)
    return [names.get(part) or part for part in wanted]


def _area_line(scene: Scene) -> Iterable[str]:
    """How many of the regions that are shown are on time, where only some are."""
    if scene.asked.area:
        on_time = sum(item.status.value == "on_time" for item in scene.results)
        yield words(
            "map.here",
            on_time=number(on_time),
            total=number(len(scene.results)),
            trips=num_trips(len(scene.trips)),
        )


def credits_of(scene: Scene) -> Sequence[str]:
    """Sources of the ground with their licences, each once; empty without a background."""
    found: dict[tuple[str, str], set[str]] = {}
    for sheet in scene.ground.sheets:
        for item in sheet.features:
            found.setdefault((item.source, item.licence), set()).add(item.kind.value)
    if not found:
        return ()
    by_licence: dict[str, list[str]] = {}
    for source, licence in found:
        by_licence.setdefault(licence, []).append(source)
    told = "; ".join(f"{_shortened(sources)} ({licence})" for licence, sources in by_licence.items())
    return (words("map.sources", sources=told),)


def _shortened(sources: Sequence[str]) -> str:
    """Sources joined; of many that begin alike what they begin with."""
    if len(sources) <= 2:
        return ", ".join(sources)
    heads = dict.fromkeys(source.split(": ")[0] for source in sources)
    return ", ".join(heads)


def notices_of(scene: Scene) -> str:
    """Texts that must travel with what is drawn, each once; empty where there is none."""
    texts = dict.fromkeys(sheet.notice for sheet in scene.ground.sheets if sheet.notice and sheet.features)
    return "\n".join(texts)


def _metadata(scene: Scene) -> Iterable[str]:
    if notices := notices_of(scene):
        yield f"<metadata>{xml_text(notices)}</metadata>"


def _scale_bar(frame: Frame) -> tuple[Sequence[str], Sequence[tuple[tuple[float, float], float]]]:
    """A bar of a round number of kilometres (or metres) in the lower left corner, and its room."""
    per_metre = frame.view.per_metre
    longest = 0.2 * frame.width / per_metre
    metres = max(
        (size * 10**power for size in (1, 2, 5) for power in range(8) if size * 10**power <= longest),
        default=1,
    )
    wide, y = metres * per_metre, frame.height - 12
    told = f"{number(metres // 1000)} km" if metres >= 1000 else f"{number(metres)} m"
    path = f"M12 {decimal(y - 5)}V{decimal(y)}H{decimal(12 + wide)}V{decimal(y - 5)}"
    size = _LETTERS * frame.scale
    place = f'x="{decimal(12 + wide + 6)}" y="{decimal(y)}" {fitted(told, size)}'
    lines = (f'<path class="bar" d="{path}"/>', f'<text class="letters" {place}>{told}</text>')
    end = 12 + wide + 6 + line_width(told, size) + 6
    steps = int(end // 12) + 1
    return lines, [((12.0 * at + 6, y - 4), 6.5) for at in range(steps)]


def _style(scale: float) -> str:
    """Rules of the file's style sheet."""

    def px(size: float) -> str:
        return f"{decimal(size * scale)}px"

    fonts = f'"{FAMILY}","Noto Sans","Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
    colours = {
        "alarm": "#7a1f00",
        "area-name": "#5d4a70",
        "small-area-name": "#5d4a70",
        "subarea-name": "#6d6378",
        "water-name": "#1f6a9c",
        "sea-name": "#4f8fb5",
        "neighbour-name": "#8d8778",
        "hub-name": "#5a4a10",
    }
    rules = [
        f"text{{font-family:{fonts};fill:#22272b}}",
        f".name{{font-size:{px(23)};font-weight:600}}.says{{font-size:{px(14)}}}",
        f".head{{font-size:{px(12.5)};font-weight:600}}.row{{font-size:{px(12.5)}}}",
        f".note{{font-size:{px(10.5)};fill:#59636b}}.source{{font-size:{px(9.5)};fill:#59636b}}",
        ".letter{font-size:9px;font-weight:600;text-anchor:middle;fill:#fff}",
        f".letters{{font-size:{px(_LETTERS)};fill:#3f464b}}",
        f".letters,.names text{{paint-order:stroke;stroke:{_HALO};stroke-width:{px(2.8)};"
        "stroke-opacity:.88;stroke-linejoin:round}",
        ".net{fill:none;stroke:#b5b0a4;stroke-width:.6}",
        ".way{fill:none;stroke-linecap:round;stroke-linejoin:round;stroke-opacity:.9}.dash{stroke-linecap:butt}",
        ".trunk{fill:none;stroke:#2c3136;stroke-opacity:.2;stroke-linecap:round;stroke-linejoin:round}",
        ".hub{fill:#f4d03f;stroke:#1b1f23;stroke-width:.9}.house{fill:#1b1f23;stroke:#fff;stroke-width:1.4}",
        ".seat-mark{fill:#fff;stroke:#1b1f23;stroke-width:1.3}.town-mark{fill:#fff;stroke:#1b1f23;stroke-width:1.1}",
        ".window{fill:none;stroke:#1b1f23;stroke-width:1}.tag{fill:#1b1f23}",
        ".bar{fill:none;stroke:#3f464b;stroke-width:1.2}",
    ]
    for style in STYLES.values():
        weight = ";font-weight:600" if style.face is Face.SEMIBOLD else ""
        slope = ";font-style:italic" if style.face is Face.ITALIC else ""
        colour = f";fill:{colours[style.name]}" if style.name in colours else ""
        rules.append(f".names .{style.name}{{font-size:{px(style.size)}{weight}{slope}{colour}}}")
    return "\n" + "\n".join(rules) + "\n"
