"""Reports from the field in words: what the program understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.base.clock import DAY_S, Clock
from planner.base.text import words
from planner.events.as_told import matched_as_it_went
from planner.events.decisions import LIFTED, bound
from planner.events.kinds import KINDS, ValueKind
from planner.events.names import Names
from planner.events.rows import NOWHERE
from planner.events.schema import Event, EventKind
from planner.events.tellings import Matched
from planner.events.values import counts_of, hours_of, value_cell
from planner.instance.schema import Instance
from planner.outputs.figures import day_text, duration, moment
from planner.plans.model import Plan, Trip
from planner.replanning.state import state_of

__all__ = ["event_in_words"]

_UNTIL_SAID = (EventKind.DELAY, EventKind.DEADLINE, EventKind.CALENDAR)


def event_in_words(
    event: Event,
    names: Names,
    instance: Instance,
    plan: Plan | None = None,
    others: Sequence[Event] = (),
    *,
    found: Matched | None = None,
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
    found
        What all reports mean, where that is known.
    """
    parts = [
        words(
            f"events.told.{_key(event)}",
            subject=", ".join(_label(names, event, one) for one in event.subject),
            value=_value(event, instance),
            item=names.label("item", event.item) if event.item else "",
            type=names.label("type", event.type) if event.type else "",
            place=_place_label(names, event.place) if event.place else "",
            begins=moment(event.begins_s, instance.clock),
            until="" if event.until_s is None else moment(event.until_s, instance.clock),
            days=_days(event, instance.clock),
        )
    ]
    if event.until_s is not None and event.kind not in _UNTIL_SAID:
        parts.append(words("events.told.until", until=moment(event.until_s, instance.clock)))
    if plan is not None:
        every = tuple({one.id: one for one in (*others, event)}.values())
        if _is_aboard(event, instance, plan, every):
            parts.append(words("events.told.aboard"))
        found = matched_as_it_went(plan, every, instance)[1] if found is None else found
        parts += _where(event, names, instance, plan, found)
    if event.bulk:
        parts.append(words("events.told.bulk", bulk=event.bulk, by=event.by or "–"))
    elif event.by:
        parts.append(words("events.told.by", by=event.by))
    if event.note:
        parts.append(words("events.told.note", note=event.note))
    return words("events.told.sentence", id=event.id, what="; ".join(parts))


def _key(event: Event) -> str:
    """The text of a kind, of which some depend on what is filled in."""
    kind = event.kind
    endings = (
        ("_until", kind is EventKind.DELAY and event.until_s is not None),
        ("_late", kind is EventKind.STOCK and not event.value),
        ("_gone", kind is EventKind.STOCK and event.value.startswith("-")),
        ("_item", KINDS[kind].value == ValueKind.COUNTS and bool(event.item)),
        ("_open", kind is EventKind.WAREHOUSE and event.value == "open"),
        ("_closed", kind is EventKind.CALENDAR and event.value == "closed"),
        ("_open", kind is EventKind.CALENDAR and hours_of(event.value or "closed") == ((0, DAY_S),)),
        ("_number", kind is EventKind.VEHICLE_LOST and bool(event.value)),
        ("_at", kind is EventKind.VEHICLE_ADDED and bool(event.type)),
        ("_lifted", kind is EventKind.DECISION and event.type == LIFTED),
    )
    return kind.value + next((ending for ending, holds in endings if holds), "")


def _is_aboard(event: Event, instance: Instance, plan: Plan, every: Sequence[Event]) -> bool:
    """Whether a vehicle that broke down stands with goods that nobody has fetched."""
    if event.kind is not EventKind.BREAKDOWN:
        return False
    now_s = max(one.time_s for one in every)
    stand = state_of(plan, instance, every, now_s).broken
    return any(one.vehicle_id in event.subject and one.deliveries for one in stand)


def _days(event: Event, clock: Clock) -> str:
    """The days on which other hours hold."""
    first = clock.day(event.begins_s)
    if event.until_s is None:
        return words("events.told.after_day", day=day_text(first))
    last = clock.day(max(event.begins_s, event.until_s - 1))
    key = "events.told.on_day" if first == last else "events.told.on_days"
    return words(key, day=day_text(first), last=day_text(last))


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
    if KINDS[event.kind].value == ValueKind.COUNTS:
        counts = counts_of(event.value)
        unit = "" if event.item else instance.settings.unit
        return ", ".join(f"{number} {name or unit}".strip() for name, number in counts.items())
    if event.kind in (EventKind.PARTLY, EventKind.FEWER):
        return f"{event.value} {instance.settings.unit}"
    if event.kind is EventKind.VEHICLE_ADDED:
        return event.value or "1"
    if event.kind is EventKind.STOCK:
        return event.value.lstrip("-")
    return value_cell(KINDS[event.kind].value, event.value)


def _where(event: Event, names: Names, instance: Instance, plan: Plan, found: Matched) -> Iterator[str]:
    """Yield which trip and which place a report about a vehicle means, and whether it has effect."""
    trips = {trip.id: trip for trip in plan.trips}
    for trip, stop in _meant(event, found):
        if trip in trips:
            yield _of_trip(trips[trip], stop, event, names, instance)
    if event.plan:
        yield words("events.told.of_plan", plan=event.plan)
    if trips_bound := bound(event, instance, plan):
        yield words(
            "events.told.begun", trips=", ".join(f"{one.id} ({one.vehicle_id})" for one in trips_bound)
        )
    for gone in found.gone:
        if gone.event.id == event.id:
            yield words("events.told.gone", trip=gone.trip)
    for one in found.disputed:
        if one.event.id == event.id:
            key = "events.told.disputed" if one.beside else "events.told.without_effect"
            yield words(key, other=one.beside)
    for again, other in found.again:
        if again.id == event.id:
            yield words("events.told.repeated", other=other.id)


def _meant(event: Event, found: Matched) -> Iterator[tuple[str, str]]:
    """Yield the trips and the numbers of the stops that a report means in the plan in force."""
    known = [found.stops[event.id, one] for one in event.subject if (event.id, one) in found.stops]
    cells = [(one.trip, one.stop) for one in known] or [(event.trip, event.stop)]
    for trips, stops in cells:
        yield from zip(trips.split("+"), stops.split("+"), strict=True)


def _of_trip(trip: Trip, stop: str, event: Event, names: Names, instance: Instance) -> str:
    """A trip of the plan in force, and its stop; of one that it has not there the trip alone."""
    number = 0 if stop == NOWHERE else int(stop)
    back = trip.origin_id if trip.back is None else trip.back.to_node
    if number == len(trip.stops) + 1:
        planned = moment(trip.end_s if trip.back is None else trip.back.arrive_s, instance.clock)
        return words("events.told.trip_back", trip=trip.id, place=_place_label(names, back), planned=planned)
    node = trip.stops[number - 1].node_id if 1 <= number <= len(trip.stops) else ""
    if not node or (event.place and event.place != node):
        return words("events.told.trip", trip=trip.id)
    planned = moment(trip.stops[number - 1].leg.arrive_s, instance.clock)
    return words(
        "events.told.trip_at", trip=trip.id, stop=stop, place=_place_label(names, node), planned=planned
    )


def _place_label(names: Names, place: str) -> str:
    for kind in ("region", "hub", "warehouse", "node"):
        label = names.label(kind, place)
        if label != place:
            return label
    return place
