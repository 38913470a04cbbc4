"""Reports from the field in words: what the program understood."""

from __future__ import annotations

from collections.abc import Sequence

from planner.base.text import words
from planner.events.kinds import KINDS
from planner.events.match import ARRIVED_AT, EACH, TripReports, match
from planner.events.names import Names
from planner.events.schema import Event, EventKind
from planner.events.values import counts_of
from planner.instance.schema import Instance
from planner.outputs.figures import duration, moment
from planner.plans.model import Plan, Trip

__all__ = ["event_in_words"]


def event_in_words(
    event: Event,
    names: Names,
    instance: Instance,
    plan: Plan | None = None,
    others: Sequence[Event] = (),
) -> str:
    """One sentence that says what a report means, with names, in the language in force.

    Parameters
    ----------
    event
        The report.
    names, instance
        What reports may be about, and the instance that they are told of.
    plan, others
        The plan in force and all reports that hold, by which the trip and the stop are found.
    """
    parts = [
        words(
            f"events.told.{_key(event)}",
            subject=", ".join(_label(names, event, one) for one in event.subject),
            value=_value(event, instance),
            item=names.label("item", event.item) if event.item else "",
            type=names.label("type", event.type) if event.type else "",
            begins=moment(event.begins_s, instance.clock),
            until="" if event.until_s is None else moment(event.until_s, instance.clock),
        )
    ]
    if event.until_s is not None and event.kind is not EventKind.DELAY:
        parts.append(words("events.told.until", until=moment(event.until_s, instance.clock)))
    where = _where(event, names, plan, others)
    if where:
        parts.append(where)
    if event.note:
        parts.append(words("events.told.note", note=event.note))
    return words("events.told.sentence", id=event.id, what="; ".join(parts))


def _key(event: Event) -> str:
    """The text of a kind, of which some depend on what is filled in."""
    kind = event.kind
    spoilt = (EventKind.DAMAGED, EventKind.MISSING, EventKind.RECALL, EventKind.DEMAND)
    endings = (
        ("_until", kind is EventKind.DELAY and event.until_s is not None),
        ("_late", kind is EventKind.STOCK and not event.value),
        ("_gone", kind is EventKind.STOCK and event.value.startswith("-")),
        ("_item", kind in spoilt and bool(event.item)),
        ("_open", kind is EventKind.WAREHOUSE and event.value == "open"),
        ("_closed", kind is EventKind.CALENDAR and event.value == "closed"),
        ("_number", kind is EventKind.VEHICLE_LOST and bool(event.value)),
        ("_at", kind is EventKind.VEHICLE_ADDED and bool(event.type)),
    )
    return kind.value + next((ending for ending, holds in endings if holds), "")


def _label(names: Names, event: Event, subject: str) -> str:
    for kind in KINDS[event.kind].subjects:
        if kind in ("event", "mode"):
            return subject
        label = names.label(kind, subject)
        if label != subject:
            return label
    return subject


def _value(event: Event, instance: Instance) -> str:
    if event.kind is EventKind.DELAY:
        return duration(int(event.value)) if event.value else ""
    if event.kind in (EventKind.DEMAND, EventKind.DAMAGED, EventKind.MISSING, EventKind.RECALL):
        counts = counts_of(event.value)
        unit = "" if event.item else instance.settings.unit
        return ", ".join(f"{number} {name or unit}".strip() for name, number in counts.items())
    if event.kind is EventKind.VEHICLE_ADDED:
        return event.value or "1"
    if event.kind is EventKind.STOCK:
        return event.value.lstrip("-")
    return event.value


def _where(event: Event, names: Names, plan: Plan | None, others: Sequence[Event]) -> str:
    """Which trip and which place a report about a vehicle on its way means."""
    if plan is None:
        return ""
    reports, _ = match(plan, {one.id: one for one in (*others, event)}.values())
    trips = {trip.id: trip for trip in plan.trips}
    found = []
    for name, one in reports.items():
        place = _place(event, one)
        if place is not None:
            found.append(_of_trip(trips[name], place, names))
    return "; ".join(found)


def _place(event: Event, reports: TripReports) -> int | None:
    """Which stop of a trip a report is about, -1 where it is none; None where it is not about the trip."""
    for leg, one in reports.delays.items():
        if one is event:
            return leg
    for place, known in reports.known.items():
        if known.event is event:
            return (place - ARRIVED_AT) // EACH if place >= ARRIVED_AT else -1
    return -1 if reports.broken is event else None


def _of_trip(trip: Trip, stop: int, names: Names) -> str:
    if stop < 0:
        return words("events.told.trip", trip=trip.id)
    place = trip.stops[stop].node_id if stop < len(trip.stops) else trip.origin_id
    return words("events.told.trip_at", trip=trip.id, place=_place_label(names, place))


def _place_label(names: Names, place: str) -> str:
    for kind in ("region", "hub", "warehouse", "node"):
        label = names.label(kind, place)
        if label != place:
            return label
    return place
