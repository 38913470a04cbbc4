"""Figures of the overview: what is confirmed, late and at risk, by area; what is due; as rows for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.base.clock import HOUR_S
from planner.desk.picture import Picture
from planner.outputs.status import StopRow
from planner.plans.model import Delivery
from planner.proof.knowledge import Sure
from planner.replanning.state import Known

__all__ = ["AHEAD_S", "Count", "Line", "areas", "at_risk", "due", "total", "unreported"]

AHEAD_S = 6 * HOUR_S
_LITTLE_S = HOUR_S  # a margin below this is little


class Count(StrEnum):
    """What is counted."""

    REGIONS = "regions"
    UNITS = "units"
    PIECES = "pieces"


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


def at_risk(picture: Picture) -> frozenset[str]:
    """Regions that are expected in time and may not stay so.

    Notes
    -----
    Not confirmed, and either less than an hour is left between expected receipt and deadline, or a vehicle
    that brings something has a stop overdue, or is silent.
    """
    standing, state = picture.standing, picture.state
    deadlines = {result.region_id: result.deadline_s for result in state.plan.regions}
    unheard = {row.row.trip.planned.vehicle_id for row in standing.overdue}
    unheard |= {row.vehicle for row in standing.vehicles if row.silent_since_s is not None}
    found = set()
    for row in standing.stops:
        name = row.stop.node_id
        if name not in deadlines or not state.on_time.get(name, False) or row.known is Known.CONFIRMED:
            continue
        expected_s = state.received_s.get(name)
        little = expected_s is not None and deadlines[name] - expected_s < _LITTLE_S
        if little or row.trip.planned.vehicle_id in unheard:
            found.add(name)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Portion:
    """So much of a region, and how sure it is."""

    region: str
    amount: int
    sure: Sure


def _portions(picture: Picture, count: Count) -> Iterator[_Portion]:
    if count is Count.REGIONS:
        for name, sure in picture.standing.sure_of_regions.items():
            yield _Portion(name, 1, sure)
        return
    for row in picture.standing.stops:
        for given in (*row.stop.deliveries, *row.stop.fetched):
            if given.region_id == row.stop.node_id:
                yield _Portion(given.region_id, _amount(given, count), row.sure)


def _amount(given: Delivery, count: Count) -> int:
    return given.units if count is Count.UNITS else given.pieces


def total(picture: Picture, count: Count) -> Line:
    """What is known of all."""
    last_s = max((event.time_s for event in picture.state.events), default=None)
    return _line(picture, ("", "", False), list(_portions(picture, count)), last_s)


def areas(picture: Picture, count: Count) -> Sequence[Line]:
    """A line for each area, each followed by those of its parts."""
    known = picture.instance.region_of
    mine: dict[tuple[str, str], list[_Portion]] = {}
    for portion in _portions(picture, count):
        region = known.get(portion.region)
        if region is not None:
            mine.setdefault((region.area, region.subarea), []).append(portion)
    names = {
        name: label or name
        for region in picture.instance.regions
        for name, label in ((region.area, region.area_name), (region.subarea, region.subarea_name))
    }
    reported = _reported(picture)
    lines = []
    for area in dict.fromkeys(area for area, _ in mine):
        parts = {part: rows for (of, part), rows in mine.items() if of == area}
        every = [portion for rows in parts.values() for portion in rows]
        lines.append(_line(picture, (area, names[area], False), every, reported.get(area)))
        if len(parts) > 1 or "" not in parts:
            lines += [
                _line(picture, (part, names[part], True), rows, reported.get(part))
                for part, rows in parts.items()
            ]
    return lines


def _line(
    picture: Picture, whose: tuple[str, str, bool], portions: Sequence[_Portion], last_s: int | None
) -> Line:
    on_time, risky = picture.state.on_time, at_risk(picture)
    sure = dict.fromkeys(Sure, 0)
    for portion in portions:
        sure[portion.sure] += portion.amount
    late = sum(row.amount for row in portions if not on_time.get(row.region, False))
    risk = sum(row.amount for row in portions if row.region in risky)
    return Line(*whose, sure, late, risk, last_s)


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
