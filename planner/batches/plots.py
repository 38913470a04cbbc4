"""Plots as SVG inside a page: bars, a grid of cells, lines. Colours can be told apart by the colour-blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.base.safe_text import xml_text
from planner.outputs.figures import number

__all__ = ["Bar", "Cell", "Series", "bars", "grid", "lines"]

# Okabe and Ito's colours, https://jfly.uni-koeln.de/color/
_FIRST, _SECOND = "#0072B2", "#E69F00"
_SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_INK, _FAINT = "#222222", "#d9d9d9"
_WIDTH, _ROW, _LABEL, _LETTER = 980, 22, 300, 6.6
_MOST_LABEL = 44


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label, what it is worth in words, and perhaps a second, paler one behind it."""

    label: str
    value: int
    said: str
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid: how dark (0 to 1; None: nothing known), and what a pointer shows."""

    share: float | None
    said: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A line through points (place, height, what a pointer shows)."""

    name: str
    points: Sequence[tuple[int, int, str]]


def _svg(height: float, body: Sequence[str], label: str, width: float = _WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{xml_text(label)}">' + "".join(body) + "</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK, more: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{more}>{xml_text(text)}</text>'
    )


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LABEL else text[: _MOST_LABEL - 1] + "…"


def bars(rows: Sequence[Bar], label: str) -> str:
    """Bars one below another; the first of a pair in front is what `value` says."""
    most = max([*(row.value for row in rows), *(row.behind or 0 for row in rows), 1])
    said = max((len(row.said) for row in rows), default=0) * _LETTER + 12
    room = _WIDTH - _LABEL - said
    body = []
    for at, row in enumerate(rows):
        y = at * _ROW + 4
        body.append(_text(_LABEL - 8, y + 13, _short(row.label), anchor="end"))
        if row.behind is not None:
            width = room * row.behind / most
            body.append(_bar(y, width, _SECOND))
        body.append(_bar(y + (4 if row.behind is not None else 0), room * row.value / most, _FIRST, 10))
        longest = max(row.value, row.behind or 0)
        body.append(_text(_LABEL + room * longest / most + 6, y + 13, row.said))
    body.append(f'<line x1="{_LABEL}" y1="0" x2="{_LABEL}" y2="{len(rows) * _ROW}" stroke="{_INK}"/>')
    return _svg(len(rows) * _ROW + 6, body, label)


def _bar(y: float, width: float, colour: str, height: float = 18) -> str:
    return (
        f'<rect x="{_LABEL}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.0f}" fill="{colour}"/>'
    )


def grid(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], label: str) -> str:
    """Cells by row and column, the darker the worse.

    Parameters
    ----------
    rows, columns
        Their names.
    cells
        A cell for each column, row by row.
    label
        What the picture shows, for those who cannot see it.
    """
    longest = max((len(one) for one in columns), default=0)
    head = min(longest, _MOST_LABEL) * _LETTER * 0.72 + 20
    side = max(22.0, min(64.0, (_WIDTH - _LABEL - head) / max(1, len(columns))))
    body = []
    for at, name in enumerate(columns):
        x = _LABEL + at * side + side / 2
        turn = f' transform="rotate(-45 {x:.1f} {head - 6:.1f})"'
        body.append(_text(x, head - 6, _short(name), more=turn))
    for down, (name, mine) in enumerate(zip(rows, cells, strict=True)):
        y = head + down * _ROW
        body.append(_text(_LABEL - 8, y + 15, _short(name), anchor="end"))
        for across, cell in enumerate(mine):
            body.append(_cell(_LABEL + across * side, y, side, cell))
    width = max(_WIDTH, _LABEL + len(columns) * side + head)
    return _svg(head + len(rows) * _ROW + 6, body, label, width)


def _cell(x: float, y: float, side: float, cell: Cell) -> str:
    fill = "#ffffff" if cell.share is None else _shade(cell.share)
    ink = "#ffffff" if cell.share is not None and cell.share > 0.5 else _INK
    mark = _text(x + side / 2, y + 15, cell.mark, anchor="middle", colour=ink)
    box = (
        f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{side - 2:.1f}" height="{_ROW - 2}" fill="{fill}" '
        f'stroke="{_FAINT}"/>'
    )
    return f"<g><title>{xml_text(cell.said)}</title>{box}{mark}</g>"


def _shade(share: float) -> str:
    """White-green where nothing is late, then from pale to dark orange-red."""
    if share <= 0:
        return "#e3f3ec"
    deep = min(1.0, 0.15 + 0.85 * share)
    red, green, blue = (round(255 + (end - 255) * deep) for end in (176, 58, 0))
    return f"#{red:02x}{green:02x}{blue:02x}"


def lines(series: Sequence[Series], label: str, across: str, upward: str) -> str:
    """Lines over whole numbers; the names stand below.

    Parameters
    ----------
    series
        The lines; one of them at least has a point.
    label
        What the picture shows, for those who cannot see it.
    across, upward
        Names of the axes.
    """
    left, top, width, height = 120.0, 24.0, _WIDTH - 160.0, 260.0
    places = sorted({place for one in series for place, _, _ in one.points})
    heights = [value for one in series for _, value, _ in one.points]
    low, high = min(heights), max(heights)
    low, high = (low - 1, high + 1) if low == high else (low, high)
    step = width / max(1, len(places) - 1)
    x = {place: left + at * step for at, place in enumerate(places)}

    def y(value: int) -> float:
        return top + height - height * (value - low) / (high - low)

    body = [
        f'<line x1="{left}" y1="{top + height}" x2="{left + width}" y2="{top + height}" stroke="{_INK}"/>',
        *(_text(x[place], top + height + 18, str(place), anchor="middle") for place in places),
        _text(left + width / 2, top + height + 38, across, anchor="middle"),
        _text(left - 8, top - 10, upward, anchor="end"),
    ]
    for part in range(5):
        value = round(low + (high - low) * part / 4)
        ends = f'x1="{left}" y1="{y(value):.1f}" x2="{left + width}" y2="{y(value):.1f}"'
        body.append(f'<line {ends} stroke="{_FAINT}"/>')
        body.append(_text(left - 8, y(value) + 4, number(value), anchor="end"))
    for at, one in enumerate(series):
        colour = _SERIES[at % len(_SERIES)]
        track = " ".join(f"{x[place]:.1f},{y(value):.1f}" for place, value, _ in one.points)
        body.append(f'<polyline points="{track}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for place, value, said in one.points:
            body.append(
                f'<circle cx="{x[place]:.1f}" cy="{y(value):.1f}" r="5" fill="{colour}">'
                f"<title>{xml_text(said)}</title></circle>"
            )
        line_y = top + height + 62 + at * _ROW
        body.append(f'<rect x="{left}" y="{line_y - 10:.0f}" width="14" height="10" fill="{colour}"/>')
        body.append(_text(left + 22, line_y, one.name))
    return _svg(top + height + 62 + len(series) * _ROW, body, label)
