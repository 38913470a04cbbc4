"""What ``plan network`` says of a modelled network and of its calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from planner.base.text import words
from planner.instance.schema import Edge, Instance
from planner.network.calibrate import CalibrationReport
from planner.network.travel import network_nodes

__all__ = ["ModelReport", "calibration_json", "calibration_lines", "calibration_rows", "model_report"]

_MOST_NAMED = 10


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
        Regions that no edge touches.
    """

    places: int
    edges_by_mode: dict[str, int]
    length_m_by_mode: dict[str, int]
    apart: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "places": self.places,
            "edges": self.edges_by_mode,
            "length_m": self.length_m_by_mode,
            "regions_apart": list(self.apart),
        }

    def lines(self) -> list[str]:
        """For people."""
        lines = [words("network.model.done", edges=sum(self.edges_by_mode.values()), places=self.places)]
        for mode, number in self.edges_by_mode.items():
            km = self.length_m_by_mode[mode] // 1000
            lines.append(words("network.model.by_mode", mode=mode, edges=number, km=km))
        if self.apart:
            named = ", ".join(self.apart[:_MOST_NAMED]) + (" …" if len(self.apart) > _MOST_NAMED else "")
            lines.append(words("network.model.apart", number=len(self.apart), regions=named))
        return [*lines, words("network.model.notice")]


def model_report(instance: Instance, edges: Sequence[Edge]) -> ModelReport:
    """Figures of modelled edges."""
    numbers: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    for edge in edges:
        numbers[edge.mode.value] += 1
        lengths[edge.mode.value] += edge.length_m
    touched = {node for edge in edges for node in (edge.from_node, edge.to_node)}
    apart = tuple(region.id for region in instance.regions if region.id not in touched)
    return ModelReport(len(network_nodes(instance)), dict(numbers), dict(lengths), apart)


def calibration_rows(instance: Instance, report: CalibrationReport) -> list[tuple[str, ...]]:
    """Cells of the table, trip by trip."""
    names = instance.place_name_of
    rows: list[tuple[str, ...]] = []
    for row in report.rows:
        trip = row.trip
        published = f"{trip.hours_min_s / 3600:.1f}–{trip.hours_max_s / 3600:.1f}"
        modelled = (
            words("network.calibrate.no_way") if row.modelled_s is None else f"{row.modelled_s / 3600:.1f}"
        )
        rows.append(
            (
                trip.id,
                words(f"network.calibrate.{trip.use.value}"),
                "+".join(mode.value for mode in trip.modes),
                names[trip.from_node],
                names[trip.to_node],
                f"{trip.speed_percent} %",
                published,
                modelled,
                "" if row.error is None else f"{100 * row.error:+.0f} %",
            )
        )
    return rows


def calibration_lines(report: CalibrationReport) -> list[str]:
    """The medians in words."""
    lines = []
    for use, error in (("fit", report.fit_error), ("judge", report.judge_error)):
        number = sum(row.trip.use.value == use for row in report.rows)
        if error is not None:
            lines.append(words(f"network.calibrate.{use}_error", percent=f"{100 * error:.1f}", number=number))
    return lines or [words("network.calibrate.no_trips")]


def calibration_json(report: CalibrationReport) -> dict[str, object]:
    """For machines."""
    return {
        "fit_error": report.fit_error,
        "judge_error": report.judge_error,
        "trips": [
            {
                "id": row.trip.id,
                "use": row.trip.use.value,
                "published_s": row.published_s,
                "modelled_s": row.modelled_s,
                "error": row.error,
            }
            for row in report.rows
        ],
    }
