"""A status as an object of JSON, and its stops as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.base.safe_text import csv_text
from planner.instance.call_signs import call_signs
from planner.instance.schema import Contact
from planner.instance.write import writes_commas
from planner.outputs.history import news_of_state
from planner.outputs.now_what import Task, tasks
from planner.outputs.status import Standing, StopRow
from planner.outputs.tables import with_commas

__all__ = ["status_csv", "status_document"]

CSV_COLUMNS = (
    "trip", "vehicle", "place", "place_name", "area", "subarea", "regions", "state", "planned", "expected",
    "deadline", "late", "call_sign",
)  # fmt: skip


def status_document(standing: Standing, plan: str, events: str) -> dict[str, Any]:
    """The status as an object; instants as ISO 8601 text."""
    state, clock = standing.state, standing.state.instance.clock
    news = news_of_state(state)

    def at(moment_s: int | None) -> str | None:
        return None if moment_s is None else clock.text(moment_s)

    signs = call_signs(state.instance)
    late = [name for name, on_time in state.on_time.items() if not on_time]
    missing = sum(state.received_s[name] is None for name in late)
    return {
        "plan": plan,
        "events_path": events,
        "now": at(state.now_s),
        "assume": state.assume.value,
        "tolerance_s": state.tolerance_s,
        "reports": len(state.events),
        "disputed": [{"event": one.event, "other": one.other} for one in news.disputed],
        "without_trip": [{"event": one.event, "trip": one.trip} for one in news.not_there],
        "lost_less": [
            {"event": one.event, "warehouse": one.warehouse, "told": one.told, "there": one.there}
            for one in news.short
        ],
        "last_report": at(max((one.time_s for one in state.events), default=None)),
        "stops": {sure.value: many for sure, many in standing.counts.items()},
        "regions": {
            "on_time": len(state.on_time) - len(late),
            "late": len(late) - missing,
            "missing": missing,
        },
        "bulk_by": dict(standing.bulk_by),
        "received": {sure.value: many for sure, many in standing.received.items()},
        "areas": [
            {
                "id": one.id,
                "name": one.name,
                "stops": {sure.value: many for sure, many in one.stops.items()},
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
                "call_sign": signs.of(one.row.trip.planned.vehicle_id),
                "place": one.row.stop.node_id,
                "due": at(one.since_s),
                "last_report": at(one.row.trip.last_report_s),
                "contacts": [_contact(who) for who in one.contacts],
            }
            for one in standing.overdue
        ],
        "vehicles": [
            {
                "vehicle": one.vehicle,
                "call_sign": signs.of(one.vehicle),
                "trip": one.trip,
                "next": one.next_place,
                "arrives": at(one.next_s),
                "overdue": one.overdue,
                "last_report": at(one.last_report_s),
                "silent_since": at(one.silent_since_s),
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
        "now_what": [_task(one) for one in tasks(standing)],
    }


def _task(one: Task) -> dict[str, Any]:
    return {
        "act": one.act.value,
        "weight": one.weight,
        "subject": one.subject,
        "regions": list(one.regions),
        "text": one.text,
        "contacts": [_contact(who) for who in one.contacts],
    }


def _contact(who: Contact) -> dict[str, str]:
    return {"place": who.place, "name": who.name, "role": who.role, "phone": who.phone}


def status_csv(standing: Standing) -> str:
    """All stops as CSV, in the order in which they are expected."""
    deadlines = {one.region_id: one.deadline_s for one in standing.state.plan.regions}
    rows = (_csv_row(standing, row, deadlines.get(row.stop.node_id)) for row in standing.stops)
    text = csv_text((CSV_COLUMNS, *rows))
    return with_commas(text) if writes_commas(standing.state.instance.settings) else text


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
        instance.place_name_of.get(row.stop.node_id, row.stop.node_id),
        row.area,
        row.subarea,
        "+".join(dict.fromkeys(one.region_id for one in row.stop.deliveries)),
        row.sure.value,
        clock.text(row.planned_s),
        "" if row.expected_s is None else clock.text(row.expected_s),
        "" if deadline_s is None else clock.text(deadline_s),
        late,
        call_signs(instance).of(trip.vehicle_id),
    )
