"""A trade-off between cost and smallest margin: table, figures for machines, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from planner.base.clock import DAY_S, HOUR_S
from planner.base.safe_text import xml_text
from planner.base.text import language, words
from planner.instance.schema import Instance
from planner.outputs.figures import duration, money, number
from planner.plans.model import Plan
from planner.solving.pareto import Front, Point, Seen

__all__ = ["FRONT_SPARE", "front_columns", "front_figures", "front_lines", "front_rows", "front_svg"]

_COLUMNS = ("number", "cost", "more", "margin", "tightest", "vehicles", "trips", "status", "file")
FRONT_SPARE = tuple(map(_COLUMNS.index, ("trips", "vehicles", "more", "tightest")))

_WIDTH, _HEIGHT = 900.0, 520.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 150.0, 40.0, 96.0, 70.0
_TICKS = 5
_STYLE = (
    'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;'
    "fill:#22272b;font-size:13px}"
    ".name{font-size:20px;font-weight:700}.note{font-size:12px;fill:#59636b}.label{font-weight:600}"
    ".grid{stroke:#e4e1da;stroke-width:1}.axis{stroke:#59636b;stroke-width:1.2}"
    ".step{fill:none;stroke:#0b6e5a;stroke-width:1.6;stroke-dasharray:5 4}"
    ".point{fill:#0b6e5a;stroke:#fff;stroke-width:1.5}.other{fill:#fff;stroke:#8d959b;stroke-width:1.6}"
)


def front_columns() -> Sequence[tuple[str, bool]]:
    """Headings of the table, and whether each column holds numbers."""
    texts = ("tightest", "status", "file")
    return [(words(f"tradeoff.column.{name}"), name not in texts) for name in _COLUMNS]


def front_rows(front: Front, instance: Instance, files: Sequence[str]) -> Sequence[Sequence[str]]:
    """Rows of the table, the cheapest plan first."""
    cheapest = front.points[0].cost
    return [
        (
            str(position),
            money(one.cost, one.result.plan.currency),
            _more(one.cost, cheapest),
            "" if one.margin_s is None else duration(one.margin_s),
            _tightest(one, instance),
            number(one.result.plan.vehicles_used),
            number(len(one.result.plan.trips)),
            one.result.plan.status.value,
            file,
        )
        for position, (one, file) in enumerate(zip(front.points, files, strict=True), start=1)
    ]


def _more(cost: int, cheapest: int) -> str:
    if not cheapest:
        return ""
    text = f"{100 * (cost - cheapest) / cheapest:.1f}"
    return f"+{text if language() == 'en' else text.replace('.', ',')} %"


def _tightest(one: Point, instance: Instance) -> str:
    """The region whose margin is the smallest."""
    found = [
        result
        for result in one.result.plan.regions
        if result.margin_s is not None and result.margin_s == one.margin_s
    ]
    return instance.region_of[found[0].region_id].name if found else ""


def front_lines(front: Front) -> Sequence[str]:
    """How the plans were found, and what is not known of them."""
    lines = [words("tradeoff.runs", runs=number(front.runs), plans=number(len(front.points)))]
    if front.others:
        lines.append(words("tradeoff.others", number=number(len(front.others))))
    if front.not_run:
        lines.append(words("tradeoff.not_run", number=number(front.not_run)))
    if front.failed:
        lines.append(words("tradeoff.failed", number=number(front.failed)))
    if len(front.points) == 1:
        sought = front.runs > 1 or not front.not_run
        lines.append(words("tradeoff.one" if sought else "tradeoff.none_sought"))
    if front.bound_s is not None:
        lines.append(words("tradeoff.bound", bound=duration(front.bound_s)))
    if front.left_out:
        lines.append(words("tradeoff.left_out", number=number(len(front.left_out))))
    return lines


def front_figures(front: Front, files: Sequence[str], *, picture: str) -> Mapping[str, object]:
    """The object that ``plan solve --tradeoff --json`` prints besides the figures of the cheapest plan."""

    def figures(one: Point | Seen) -> dict[str, object]:
        return {
            "cost": one.cost,
            "smallest_margin_s": one.margin_s,
            "deadlines_earlier_s": one.asked_s,
        }

    def plan_figures(plan: Plan) -> dict[str, object]:
        return {
            "status": plan.status.value,
            "regions_on_time": plan.regions_on_time,
            "vehicles_used": plan.vehicles_used,
            "trips": len(plan.trips),
        }

    return {
        "points": [
            figures(one) | plan_figures(one.result.plan) | {"plan_path": file}
            for one, file in zip(front.points, files, strict=True)
        ],
        "no_better": [figures(one) for one in front.others],
        "runs": front.runs,
        "runs_failed": front.failed,
        "runs_not_made": front.not_run,
        "margin_bound_s": front.bound_s,
        "regions_not_counted": list(front.left_out),
        "picture_path": picture,
    }


def front_svg(front: Front, instance: Instance) -> str:
    """Text of an SVG file with a line end at its end: margins to the right, costs upwards.

    Notes
    -----
    Full dots are the plans of the front, rings those that are no better. Both axes begin near the smallest
    figure, not at 0, and say so.
    """
    points: list[Point | Seen] = [*front.points, *front.others]
    across = _Axis([one.margin_s or 0 for one in points], (_LEFT, _WIDTH - _RIGHT), _unit_s(points))
    up = _Axis([one.cost for one in points], (_HEIGHT - _BOTTOM, _TOP), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" '
        f'width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" role="img" lang="{language()}">',
        f"<title>{xml_text(words('tradeoff.title', name=instance.settings.name))}</title>",
        f"<desc>{xml_text(' '.join(front_lines(front)))}</desc>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(_LEFT, 36, words("tradeoff.title", name=instance.settings.name), "name"),
        _text(_LEFT, 58, front_lines(front)[0], "note"),
        _text(_LEFT, 76, words("tradeoff.axes"), "note"),
        *_grid(across, up, front.points[0].result.plan.currency),
        *_dots(front, across, up),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _unit_s(points: Sequence[Point | Seen]) -> int:
    """Margins are marked in whole days where they are days apart, else in hours or minutes."""
    margins = [one.margin_s or 0 for one in points]
    span_s = max(margins) - min(margins)
    return DAY_S if span_s >= 3 * DAY_S else HOUR_S if span_s >= 3 * HOUR_S else 60


class _Axis:
    """From values to places on the page, and round values to mark."""

    def __init__(self, values: Sequence[int], ends: tuple[float, float], unit: int) -> None:
        low, high = min(values), max(values)
        span = max(high - low, unit)
        step = _round_step(span / unit / _TICKS) * unit
        self._low = floor((low - span * 0.04) / step) * step
        if low >= 0:
            self._low = max(0, self._low)
        self._high = max(ceil((high + span * 0.04) / step) * step, self._low + step)
        self._ends = ends
        count = round((self._high - self._low) / step)
        self.marks = [round(self._low + number * step) for number in range(count + 1)]

    def at(self, value: float) -> float:
        """Place of a value."""
        share = (value - self._low) / (self._high - self._low)
        return self._ends[0] + share * (self._ends[1] - self._ends[0])


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, not less than this and at least 1."""
    power = 10 ** floor(log10(max(least, 1)))
    return float(next(one * power for one in (1, 2, 5, 10) if one * power >= least))


def _grid(across: _Axis, up: _Axis, currency: str) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for value in up.marks:
        y = up.at(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 10, y + 4, number(value), "", "end"))
    for value in across.marks:
        x = across.at(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 20, duration(value), "", "middle"))
    parts.append(f'<path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>')
    middle = (_LEFT + right) / 2
    parts.append(_text(middle, _HEIGHT - 18, words("tradeoff.margin_axis"), "label", "middle"))
    cost = words("tradeoff.cost_axis", currency=currency).strip()
    turned = f"translate(26 {(_TOP + bottom) / 2:.0f}) rotate(-90)"
    parts.append(f'<text class="label" text-anchor="middle" transform="{turned}">{xml_text(cost)}</text>')
    return parts


def _dots(front: Front, across: _Axis, up: _Axis) -> list[str]:
    places = [(across.at(one.margin_s or 0), up.at(one.cost)) for one in front.points]
    # whoever asks for a margin between two plans pays for the next one
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}" + "".join(f"V{y:.1f}H{x:.1f}" for x, y in places[1:])
    parts = [f'<path class="step" d="{path}"/>']
    for one in front.others:
        x, y = across.at(one.margin_s or 0), up.at(one.cost)
        parts.append(f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    for position, (x, y) in enumerate(places, start=1):
        parts.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="7"/>')
        anchor, shift = ("end", -12) if x > _WIDTH - _RIGHT - 60 else ("start", 12)
        parts.append(_text(x + shift, y + 18, str(position), "label", anchor))
    return parts


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{xml_text(text)}</text>'
