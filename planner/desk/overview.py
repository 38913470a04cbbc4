"""Figures of the overview: what is confirmed, late and at risk, by area; what is due; as rows for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.base.clock import HOUR_S
from planner.desk.lookup import areas_named
from planner.desk.picture import Picture
from planner.outputs.status import StopRow
from planner.papers.bulletin.counts import Count, Figures
from planner.proof.knowledge import Sure
from planner.replanning.state import Known

__all__ = ["AHEAD_S", "Count", "Line", "areas", "due", "total", "unreported"]

AHEAD_S = 6 * HOUR_S


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of all, of an area, or of a part of one.

    Parameters
    ----------
    id, name
        Of the area; empty: all of them.
    is_part
        Whether it is a part of the area before it.
    sure
        How much is how sure.
    late, risk
        How much is expected late or not at all, and how much is in time but may not stay so.
    last_report_s
        The last report about a vehicle that brings something there; None: there is none.
    """

    id: str
    name: str
    is_part: bool
    sure: Mapping[Sure, int]
    late: int
    risk: int
    last_report_s: int | None

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.sure.values())

    def percent(self, sure: Sure) -> int:
        """How many of a hundred, rounded down; 100 only where all are."""
        return 0 if not self.total else 100 * self.sure[sure] // self.total


def total(picture: Picture, count: Count) -> Line:
    """What is known of all."""
    last_s = max((event.time_s for event in picture.state.events), default=None)
    return _line(picture, count, ("", "", False), [*picture.counts], last_s)


def areas(picture: Picture, count: Count) -> Sequence[Line]:
    """A line for each area, each followed by those of its parts."""
    known = picture.instance.region_of
    mine: dict[tuple[str, str], list[str]] = {}
    for name in picture.counts:
        region = known.get(name)
        if region is not None:
            mine.setdefault((region.area, region.subarea), []).append(name)
    names, reported = areas_named(picture.instance), _reported(picture)
    lines = []
    for area in dict.fromkeys(area for area, _ in mine):
        parts = {part: rows for (of, part), rows in mine.items() if of == area}
        every = [name for rows in parts.values() for name in rows]
        lines.append(_line(picture, count, (area, names.get(area, ""), False), every, reported.get(area)))
        if len(parts) > 1 or "" not in parts:
            lines += [
                _line(picture, count, (part, names.get(part, ""), True), rows, reported.get(part))
                for part, rows in parts.items()
            ]
    return lines


def _line(
    picture: Picture, count: Count, whose: tuple[str, str, bool], regions: Sequence[str], last_s: int | None
) -> Line:
    figures, late, risk = Figures(), 0, 0
    for name in regions:
        mine = picture.counts[name][count]
        figures.join(mine)
        late += 0 if picture.state.on_time.get(name, False) else mine.total
        risk += mine.total if name in picture.at_risk else 0
    return Line(*whose, figures.sure, late, risk, last_s)


def _reported(picture: Picture) -> Mapping[str, int]:
    """The last report about a vehicle that brings something to each area or part of one."""
    found: dict[str, int] = {}
    for row in picture.standing.stops:
        at_s = row.trip.last_report_s
        if at_s is not None:
            for name in (row.area, row.subarea):
                found[name] = max(at_s, found.get(name, at_s))
    return found


def unreported(picture: Picture) -> Sequence[StopRow]:
    """Stops that were due and of which nothing is reported, the longest due first."""
    rows = [row for row in picture.standing.stops if row.known in (Known.ASSUMED, Known.OVERDUE)]
    return sorted(rows, key=lambda row: (row.expected_s or row.planned_s, row.trip.planned.id, row.number))


def due(picture: Picture) -> Sequence[StopRow]:
    """Stops that are due in the next hours."""
    now_s = picture.now_s
    return [
        row
        for row in picture.standing.stops
        if row.known is Known.FUTURE
        and row.expected_s is not None
        and now_s <= row.expected_s < now_s + AHEAD_S
    ]
