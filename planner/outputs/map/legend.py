"""What marks, colours and lines of a map mean, how much of each there is, and what is only modelled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.background.schema import GroundKind
from planner.base.safe_text import xml_text
from planner.base.text import words
from planner.instance.schema import Basis
from planner.outputs.figures import number
from planner.outputs.map.classes import ClassRow
from planner.outputs.map.fonts import Face, fitted, line_width, wrapped
from planner.outputs.map.frame import decimal
from planner.outputs.map.ground import BORDERS, RIVER
from planner.outputs.map.marks import fill_of, house, hub_mark, mark
from planner.outputs.map.scene import Scene
from planner.outputs.map.ways import LAYERS, TRUNK_BORDER, stroke_of, way_width
from planner.outputs.transfers import is_trunk

__all__ = ["Block", "legend", "num_trips"]

_ROW, _HEAD, _NOTE = 12.5, 12.5, 10.5
_SIGN = 34.0  # pixels for a sign before its words


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the legend that is not torn apart.

    Parameters
    ----------
    lines
        Its SVG, from y = 0 on.
    height
        In pixels.
    """

    lines: Sequence[str]
    height: float


def legend(scene: Scene, width: float, scale: float) -> list[Block]:
    """All blocks of the legend, each as wide as a column.

    Parameters
    ----------
    scene
        What is shown.
    width
        Of a column, in pixels.
    scale
        Of letters against those of a picture of usual width.
    """
    writer = _Writer(width, scale)
    return [
        block
        for block in (
            writer.block(scene.classes.title, _class_rows(scene)),
            writer.block(words("map.places"), _place_rows(scene)),
            writer.block(words("map.trips", trips=num_trips(len(scene.trips))), _way_rows(scene)),
            writer.note(note_of(scene)),
        )
        if block.lines
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    """A sign (SVG around x = 14, y = 0), what it means, and how many there are."""

    sign: str
    label: str
    count: str = ""


class _Writer:
    def __init__(self, width: float, scale: float) -> None:
        self._width, self._scale = width, scale

    def block(self, title: str, rows: Iterable[_Row]) -> Block:
        scale = self._scale
        lines: list[str] = []
        y = 0.0
        for text in wrapped(title, self._width, _HEAD * scale, Face.SEMIBOLD):
            y += 16 * scale
            fit = fitted(text, _HEAD * scale, Face.SEMIBOLD, most=self._width)
            lines.append(_text("head", 0, y, text, fit))
        found = list(rows)
        for row in found:
            room = self._width - _SIGN * scale
            room -= line_width(row.count, _ROW * scale) + 8 if row.count else 0
            y += 5 * scale
            for at, text in enumerate(wrapped(row.label, room, _ROW * scale)):
                y += 15 * scale
                if not at:
                    middle = y - 4.3 * scale
                    lines.append(
                        f'<g transform="translate(0 {decimal(middle)}) scale({scale:.3g})">{row.sign}</g>'
                    )
                    if row.count:
                        fit = f'{fitted(row.count, _ROW * scale)} text-anchor="end"'
                        lines.append(_text("row", self._width, y, row.count, fit))
                lines.append(_text("row", _SIGN * scale, y, text, fitted(text, _ROW * scale, most=room)))
        return Block(lines if found else (), y + 12 * scale)

    def note(self, text: str) -> Block:
        lines: list[str] = []
        y = 0.0
        for line in wrapped(text, self._width, _NOTE * self._scale):
            y += 13.5 * self._scale
            fit = fitted(line, _NOTE * self._scale, most=self._width)
            lines.append(_text("note", 0, y, line, fit))
        return Block(lines, y + 10 * self._scale)


def _text(name: str, x: float, y: float, text: str, fit: str) -> str:
    return f'<text class="{name}" x="{decimal(x)}" y="{decimal(y)}" {fit}>{xml_text(text)}</text>'


def _class_rows(scene: Scene) -> Iterable[_Row]:
    """A row for each class that some region has, and always those of being late or without goods."""
    has_areas = any(True for item in scene.ground.of(GroundKind.REGION) if item.code in scene.areas)
    for row in scene.classes.rows:
        if row.regions or row.key in ("late", "undelivered"):
            yield _Row(_class_sign(row, has_areas=has_areas), row.label, number(len(row.regions)))


def _class_sign(row: ClassRow, *, has_areas: bool) -> str:
    look = row.look
    rim = f'stroke="{look.ink}" stroke-width=".8"'
    dot = (
        f'<g fill="{look.dot or look.fill}" {rim}>{mark(look, (14, 0), 3.6 if has_areas else 5.0)}</path></g>'
    )
    if not has_areas:
        return dot
    size = 'x="1" y="-6.5" width="26" height="13"'
    return f'<rect {size} fill="{fill_of(row)}" stroke="{look.ink}" stroke-width=".5"/>{dot}'


def _place_rows(scene: Scene) -> Iterable[_Row]:
    ground = scene.ground
    yield _Row(
        f'<path class="house" d="{house(14, 0, 6)}"/>', words("map.warehouse"), number(len(scene.warehouses))
    )
    if scene.hubs:
        yield _Row(f"{hub_mark(14, 0, 5)}</path>", words("map.hub"), number(len(scene.hubs)))
    kinds = {item.kind for sheet in ground.sheets for item in sheet.features}
    if GroundKind.SEAT in kinds:
        sign = '<circle class="seat-mark" cx="14" r="4"/><circle cx="14" r="1.6" fill="#1b1f23"/>'
        yield _Row(sign, words("map.seat"))
    if GroundKind.TOWN in kinds:
        yield _Row('<circle class="town-mark" cx="14" r="2.6"/>', words("map.town"))
    for kind, (colour, width, dashes) in BORDERS.items():
        if kind in kinds:
            stroke = f'stroke="{colour}" stroke-width="{width + 0.2:.1f}" stroke-dasharray="{dashes}"'
            yield _Row(f'<path fill="none" {stroke} d="M0 0H28"/>', words(f"map.border.{kind.value}"))
    if kinds & {GroundKind.RIVER, GroundKind.LAKE}:
        stroke = f'stroke="{RIVER}" stroke-width="2.2" stroke-linecap="round"'
        yield _Row(f'<path fill="none" {stroke} d="M1 3C8 -7 18 7 27 -3"/>', words("map.water"))


def num_trips(trips: int) -> str:
    """A number of trips in words."""
    return words(f"map.{'one' if trips == 1 else 'many'}", trips=number(trips))


def _way_rows(scene: Scene) -> Iterable[_Row]:
    grey = 'class="way" stroke="#8d8d8d"'
    for mode in LAYERS:
        if mode in scene.uses:
            yield _Row(f'<path {stroke_of(mode, 2.2)} d="M0 0H28"/>', words(f"report.mode.{mode.value}"))
    most = max((trips for lines in scene.uses.values() for trips in lines.values()), default=0)
    for trips in sorted({1, most} - {0}):
        sign = f'<path {grey} stroke-width="{way_width(scene, trips)}" d="M2 0H26"/>'
        yield _Row(sign, num_trips(trips))
    trunk = sum(is_trunk(trip) for trip in scene.trips)
    if scene.hubs:
        sign = f'<path {grey} stroke-width="2" d="M2 0H26"/>'
        border = f'<path class="trunk" stroke-width="{TRUNK_BORDER + 2:.1f}" d="M2 0H26"/>'
        yield _Row(border + sign, words("map.trunk"), number(trunk))
        yield _Row(sign, words("map.local"), number(len(scene.trips) - trunk))
    if scene.asked.network and scene.instance.edges:
        yield _Row('<path class="net" style="stroke:#a9a498" d="M0 0H28"/>', words("map.network"))


def note_of(scene: Scene) -> str:
    """Whether the network is real, and what the ground is for."""
    bases = {edge.basis for edge in scene.instance.edges}
    doubtful = [basis for basis in (Basis.SYNTHETIC, Basis.MODELLED, Basis.DEFAULT) if basis in bases]
    told = words("map.note")
    if doubtful:
        told = words("map.note_basis", basis=words(f"report.basis.{doubtful[0].value}"))
    return f"{told} {words('map.note_ground')}" if scene.ground else told
