"""What ``plan network`` says of a modelled network and of its calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from planner.base.errors import Fault
from planner.base.safe_text import csv_text
from planner.base.text import words
from planner.instance.schema import CalibrationUse, Edge, Instance, Mode
from planner.instance.write import BYTE_ORDER_MARK, writes_commas
from planner.network.apart import places_apart
from planner.network.calibrate import CalibrationGroup, CalibrationReport, CalibrationRow
from planner.network.travel import network_nodes

__all__ = [
    "ModelReport",
    "calibration_csv",
    "calibration_group_rows",
    "calibration_json",
    "calibration_lines",
    "calibration_rows",
    "model_report",
]

_MOST_NAMED = 10
_CSV = (
    *("id", "use", "modes", "from", "from_name", "to", "to_name"),
    *("speed_percent", "river_percent", "upstream_percent", "ends_min"),
    *("published_min_s", "published_max_s", "published_s", "modelled_s"),
    *("error_percent", "range_error_percent", "inside", "note", "source"),
)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Figures of a modelled network.

    Parameters
    ----------
    places
        Number of warehouses, hubs, regions and nodes.
    edges_by_mode, length_m_by_mode
        By mode.
    apart
        Warnings of the places that the network leaves apart, of `places_apart`.
    """

    places: int
    edges_by_mode: dict[str, int]
    length_m_by_mode: dict[str, int]
    apart: tuple[Fault, ...]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "places": self.places,
            "edges": self.edges_by_mode,
            "length_m": self.length_m_by_mode,
            "regions_apart": [one.value for one in self.apart if one.table == "regions"],
        }

    def lines(self) -> list[str]:
        """For people."""
        lines = [words("network.model.done", edges=sum(self.edges_by_mode.values()), places=self.places)]
        for mode, number in self.edges_by_mode.items():
            km = self.length_m_by_mode[mode] // 1000
            lines.append(words("network.model.by_mode", mode=mode, edges=number, km=km))
        return [*lines, words("network.model.notice")]


def model_report(instance: Instance, edges: Sequence[Edge]) -> ModelReport:
    """Figures of modelled edges."""
    numbers: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    for edge in edges:
        numbers[edge.mode.value] += 1
        lengths[edge.mode.value] += edge.length_m
    apart = places_apart(instance, edges)
    return ModelReport(len(network_nodes(instance)), dict(numbers), dict(lengths), apart)


def calibration_rows(instance: Instance, rows: Sequence[CalibrationRow]) -> list[tuple[str, ...]]:
    """Cells of the table of some trips: id, way, published and modelled hours, both errors."""
    names = instance.place_name_of
    found: list[tuple[str, ...]] = []
    for row in rows:
        trip = row.trip
        modelled = words("network.calibrate.no_way") if row.modelled_s is None else _hours(row.modelled_s)
        published = [_hours(trip.hours_min_s), _hours(trip.hours_max_s)]
        found.append(
            (
                trip.id,
                f"{names[trip.from_node]} → {names[trip.to_node]} ({_modes(trip.modes)})",
                "–".join(dict.fromkeys(published)),
                modelled,
                _signed(row.error),
                _signed(row.range_error),
            )
        )
    return found


def calibration_group_rows(report: CalibrationReport) -> list[tuple[str, ...]]:
    """Cells of the table of medians, by use and modes."""
    return [
        (
            words(f"network.calibrate.{group.use.value}"),
            _modes(group.modes) or words("network.calibrate.all"),
            _number(group),
            f"{100 * group.median_error:.1f} %",
            f"{100 * group.median_range_error:.1f} %",
            _signed(group.bias),
            f"{100 * group.share_inside:.0f} %",
        )
        for group in report.groups()
    ]


def _number(group: CalibrationGroup) -> str:
    """How many trips, and how many of them have no way."""
    if not group.without_way:
        return str(len(group.rows))
    return words("network.calibrate.some_no_way", number=len(group.rows), without=group.without_way)


def _modes(modes: Sequence[Mode]) -> str:
    return "+".join(mode.value for mode in modes)


def _hours(seconds: int) -> str:
    """Hours, with minutes where it is a short way."""
    return f"{seconds / 3600:.1f}" if seconds >= 36_000 else f"{seconds / 3600:.2f}"


def _signed(error: float | None) -> str:
    return "" if error is None else f"{round(100 * error):+d} %"


def calibration_lines(report: CalibrationReport) -> list[str]:
    """The medians in words."""
    lines = []
    for use in (CalibrationUse.FIT, CalibrationUse.JUDGE):
        group = report.group(use)
        if group is not None:
            percent, number = f"{100 * group.median_error:.1f}", len(group.rows)
            lines.append(words(f"network.calibrate.{use.value}_error", percent=percent, number=number))
    if not report.rows:
        return [words("network.calibrate.no_trips")]
    return [*lines, words("network.calibrate.notice")]


def calibration_json(report: CalibrationReport) -> dict[str, object]:
    """For machines."""
    fit, judge = report.group(CalibrationUse.FIT), report.group(CalibrationUse.JUDGE)
    return {
        "fit_error": None if fit is None else fit.median_error,
        "judge_error": None if judge is None else judge.median_error,
        "groups": [
            {
                "use": group.use.value,
                "modes": [mode.value for mode in group.modes],
                "trips": len(group.rows),
                "without_way": group.without_way,
                "median_error": group.median_error,
                "median_range_error": group.median_range_error,
                "bias": group.bias,
                "share_inside": group.share_inside,
            }
            for group in report.groups()
        ],
        "trips": [
            {
                "id": row.trip.id,
                "use": row.trip.use.value,
                "published_s": row.published_s,
                "published_min_s": row.trip.hours_min_s,
                "published_max_s": row.trip.hours_max_s,
                "modelled_s": row.modelled_s,
                "error": row.error,
                "range_error": row.range_error,
            }
            for row in report.rows
        ],
    }


def calibration_csv(instance: Instance, report: CalibrationReport) -> str:
    """CSV text, a row for each trip; seconds, and errors in percent with a decimal."""
    rows: list[Sequence[object]] = [_CSV]
    names = instance.place_name_of
    commas = writes_commas(instance.settings)
    for row in report.rows:
        trip = row.trip
        errors = (
            "" if one is None else f"{100 * one:.1f}".replace(".", "," if commas else ".")
            for one in (row.error, row.range_error)
        )
        inside = "" if row.range_error is None else "yes" if row.range_error == 0 else "no"
        rows.append(
            (
                *(trip.id, trip.use.value, _modes(trip.modes)),
                *(trip.from_node, names[trip.from_node], trip.to_node, names[trip.to_node]),
                *(trip.speed_percent, trip.river_percent, trip.upstream_percent, trip.ends_s // 60),
                *(trip.hours_min_s, trip.hours_max_s, row.published_s, row.modelled_s),
                *(*errors, inside, trip.note, trip.source),
            )
        )
    return BYTE_ORDER_MARK + csv_text(rows, separator=";") if commas else csv_text(rows)
