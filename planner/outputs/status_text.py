"""A status as tables for people, as an object of JSON, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from planner.base.clock import Clock
from planner.base.text import words
from planner.instance.schema import Instance
from planner.outputs.figures import duration, moment, number
from planner.outputs.status import Arrival, Overdue, Standing, StopRow
from planner.replanning.state import Assume, Known

__all__ = ["Table", "status_csv", "status_document", "status_lines", "status_tables"]

_FEW = 15
CSV_COLUMNS = (
    "trip", "vehicle", "place", "place_name", "area", "subarea", "regions", "state", "planned", "expected",
    "deadline", "late",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be printed; each column has a heading and whether it is a number."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


def status_lines(standing: Standing, plan: str) -> Iterator[str]:
    """The sentences before the tables."""
    state, clock = standing.state, standing.state.instance.clock
    counts = {known.value: number(many) for known, many in standing.counts.items()}
    yield words("status.sentence", plan=plan, now=moment(state.now_s, clock), **counts)
    late = [name for name, on_time in state.on_time.items() if not on_time]
    missing = sum(state.received_s[name] is None for name in late)
    yield words(
        "status.expected",
        on_time=number(len(state.on_time) - len(late)),
        regions=number(len(state.on_time)),
        late=number(len(late) - missing),
        missing=number(missing),
    )
    yield words("status.assume" if state.assume is Assume.PLANNED else "status.assume_nothing")
    if state.events:
        last = max(one.time_s for one in state.events)
        yield words("status.reports", number=len(state.events), age=duration(state.now_s - last))
    else:
        yield words("status.no_reports")


def status_tables(standing: Standing, *, everything: bool = False) -> Iterator[Table]:
    """The tables, each with its first rows only unless everything is asked for."""
    yield _areas(standing)
    most = None if everything else _FEW
    for table in (
        _arrivals(standing),
        _overdue(standing),
        _vehicles(standing),
        _broken(standing),
        _stuck(standing),
    ):
        if table.rows:
            kept = table.rows if most is None else table.rows[:most]
            yield Table(table.title, table.columns, kept, len(table.rows) - len(kept))


def _columns(*names: str, numbers: Sequence[str] = ()) -> tuple[tuple[str, bool], ...]:
    return tuple((words(f"status.column.{name}"), name in numbers) for name in names)


def _ago(standing: Standing, moment_s: int | None) -> str:
    if moment_s is None:
        return "–"
    return words("status.ago", duration=duration(max(0, standing.state.now_s - moment_s)))


def _at(moment_s: int | None, clock: Clock) -> str:
    return words("status.never") if moment_s is None else moment(moment_s, clock)


def _areas(standing: Standing) -> Table:
    figures = ("confirmed", "assumed", "overdue", "future", "on_time", "late", "missing")
    rows = tuple(
        (
            one.name or "–",
            *(number(one.stops[known]) for known in Known),
            number(one.on_time),
            number(one.late),
            number(one.missing),
            _ago(standing, one.last_report_s),
        )
        for one in standing.areas
    )
    columns = _columns("area", *figures, "report", numbers=figures)
    return Table(words("status.title.areas"), columns, rows)


def _region_name(one: Arrival) -> str:
    part = one.region.subarea_name or one.region.subarea
    return f"{one.region.name} ({part})" if part else one.region.name


def _arrivals(standing: Standing) -> Table:
    clock = standing.state.instance.clock
    rows = tuple(
        (
            _region_name(one),
            "–" if one.planned_s is None else moment(one.planned_s, clock),
            _at(one.expected_s, clock),
            moment(one.deadline_s, clock),
            words("status.column.on_time" if one.on_time else "status.column.late"),
            words(f"status.known.{one.known.value}"),
            one.why,
        )
        for one in standing.arrivals
    )
    names = ("region", "planned", "expected", "deadline", "in_time", "known", "why")
    return Table(words("status.title.arrivals"), _columns(*names), rows)


def _name(instance: Instance, node: str) -> str:
    return instance.place_name_of.get(node, node)


def _call(one: Overdue) -> str:
    found = [f"{who.name} {who.phone}".strip() for who in one.contacts]
    return "; ".join(found) or words("status.no_contact")


def _overdue(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            one.row.trip.planned.vehicle_id,
            one.row.trip.planned.id,
            _name(instance, one.row.stop.node_id),
            f"{moment(one.since_s, instance.clock)}, {_ago(standing, one.since_s)}",
            _ago(standing, one.row.trip.last_report_s),
            _call(one),
        )
        for one in standing.overdue
    )
    columns = _columns("vehicle", "trip", "place", "since", "report", "call")
    return Table(words("status.title.overdue"), columns, rows)


def _vehicles(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            one.vehicle,
            one.trip,
            _name(instance, one.next_place),
            _at(one.next_s, instance.clock),
            number(one.overdue),
            _ago(standing, one.last_report_s),
        )
        for one in standing.vehicles
    )
    columns = _columns("vehicle", "trip", "next", "arrives", "overdue", "report", numbers=("overdue",))
    return Table(words("status.title.vehicles"), columns, rows)


def _broken(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            one.vehicle_id,
            one.trip_id,
            _name(instance, one.node_id),
            moment(one.at_s, instance.clock),
            ", ".join(dict.fromkeys(_name(instance, item.region_id) for item in one.deliveries)),
        )
        for one in standing.state.broken
    )
    return Table(
        words("status.title.broken"), _columns("vehicle", "trip", "stands", "stopped", "aboard"), rows
    )


def _stuck(standing: Standing) -> Table:
    of_trip = {one.planned.id: one.planned for one in standing.state.trips}
    rows = tuple(
        (
            of_trip[name].vehicle_id,
            name,
            words(f"status.stuck.{why.value}", trip=name, vehicle=of_trip[name].vehicle_id),
        )
        for name, why in standing.state.stuck.items()
    )
    return Table(words("status.title.stuck"), _columns("vehicle", "trip", "why"), rows)


def status_document(standing: Standing, plan: str, events: str) -> dict[str, Any]:
    """The status as an object; instants as ISO 8601 text."""
    state, clock = standing.state, standing.state.instance.clock

    def at(moment_s: int | None) -> str | None:
        return None if moment_s is None else clock.text(moment_s)

    late = [name for name, on_time in state.on_time.items() if not on_time]
    missing = sum(state.received_s[name] is None for name in late)
    return {
        "plan": plan,
        "events_path": events,
        "now": at(state.now_s),
        "assume": state.assume.value,
        "tolerance_s": state.tolerance_s,
        "reports": len(state.events),
        "last_report": at(max((one.time_s for one in state.events), default=None)),
        "stops": {known.value: many for known, many in standing.counts.items()},
        "regions": {
            "on_time": len(state.on_time) - len(late),
            "late": len(late) - missing,
            "missing": missing,
        },
        "areas": [
            {
                "id": one.id,
                "name": one.name,
                "stops": {known.value: many for known, many in one.stops.items()},
                "regions": {"on_time": one.on_time, "late": one.late, "missing": one.missing},
                "last_report": at(one.last_report_s),
            }
            for one in standing.areas
        ],
        "arrivals": [
            {
                "region": one.region.id,
                "name": one.region.name,
                "planned": at(one.planned_s),
                "expected": at(one.expected_s),
                "deadline": at(one.deadline_s),
                "on_time": one.on_time,
                "state": one.known.value,
                "why": one.why,
            }
            for one in standing.arrivals
        ],
        "overdue": [
            {
                "trip": one.row.trip.planned.id,
                "vehicle": one.row.trip.planned.vehicle_id,
                "place": one.row.stop.node_id,
                "due": at(one.since_s),
                "last_report": at(one.row.trip.last_report_s),
                "contacts": [
                    {"place": who.place, "name": who.name, "role": who.role, "phone": who.phone}
                    for who in one.contacts
                ],
            }
            for one in standing.overdue
        ],
        "vehicles": [
            {
                "vehicle": one.vehicle,
                "trip": one.trip,
                "next": one.next_place,
                "arrives": at(one.next_s),
                "overdue": one.overdue,
                "last_report": at(one.last_report_s),
            }
            for one in standing.vehicles
        ],
        "broken": [
            {
                "vehicle": one.vehicle_id,
                "trip": one.trip_id,
                "at": at(one.at_s),
                "place": one.node_id,
                "consignments": [item.consignment_id for item in one.deliveries],
            }
            for one in state.broken
        ],
        "stuck": {name: why.value for name, why in state.stuck.items()},
    }


def status_csv(standing: Standing) -> str:
    """All stops as CSV, in the order in which they are expected."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    deadlines = {one.region_id: one.deadline_s for one in standing.state.plan.regions}
    for row in standing.stops:
        writer.writerow(_csv_row(standing, row, deadlines.get(row.stop.node_id)))
    return target.getvalue()


def _csv_row(standing: Standing, row: StopRow, deadline_s: int | None) -> Sequence[str]:
    instance = standing.state.instance
    clock, trip = instance.clock, row.trip.planned
    late = ""
    if deadline_s is not None:
        late = "yes" if row.expected_s is None or row.expected_s >= deadline_s else "no"
    return (
        trip.id,
        trip.vehicle_id,
        row.stop.node_id,
        _name(instance, row.stop.node_id),
        row.area,
        row.subarea,
        "+".join(dict.fromkeys(one.region_id for one in row.stop.deliveries)),
        row.known.value,
        clock.text(row.planned_s),
        "" if row.expected_s is None else clock.text(row.expected_s),
        "" if deadline_s is None else clock.text(deadline_s),
        late,
    )
