"""What to do now about a plan under way: whom to call and what to decide, what harms most first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Contact, Instance
from planner.outputs.figures import moment, number
from planner.outputs.status import Overdue, Standing
from planner.plans.model import Trip
from planner.replanning.state import Known, TripState

__all__ = ["BETWEEN_PEOPLE", "Act", "Task", "contacts_text", "tasks"]

BETWEEN_PEOPLE = "; "
_MOST_NAMES = 3


class Act(StrEnum):
    """What is to be done."""

    CALL = "call"  # somebody, since nothing is heard
    REPLAN = "replan"  # the plan in force, since somebody is late or goes without
    SETTLE = "settle"  # reports that contradict each other


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Parameters
    ----------
    weight
        Of the regions at stake: whose goods are concerned and not known to be received.
    subject
        Id of the vehicle, or of the report; empty: the plan.
    regions
        Ids of these regions.
    text
        What it is about, in the language in force.
    contacts
        Who may know.
    """

    act: Act
    weight: int
    subject: str
    regions: tuple[str, ...]
    text: str
    contacts: tuple[Contact, ...] = ()


def tasks(standing: Standing) -> tuple[Task, ...]:
    """Everything to do, what harms most first.

    Notes
    -----
    A region weighs its count that the instance names, at least 1. It is at stake in a call if the vehicle has
    goods for it that are not confirmed to be handed over, even by way of hubs; in a decision if it is late or
    goes without, or has goods on the trip that two reports disagree about.
    """
    found = [*_calls(standing), *_replan(standing), *_disputes(standing)]
    return tuple(sorted(found, key=lambda one: (-one.weight, one.act, one.subject)))


def contacts_text(contacts: Iterable[Contact]) -> str:
    """Names and telephone numbers in one line; empty where nobody is known."""
    return BETWEEN_PEOPLE.join(f"{one.name} {one.phone}".strip() for one in contacts)


def _weight(instance: Instance, regions: Collection[str]) -> int:
    name, known = instance.settings.weight, instance.region_of
    return sum(known[one].counts.get(name, 0) or 1 for one in regions if one in known)


def _regions_of(trip: Trip) -> dict[str, None]:
    """Regions for which a trip has goods."""
    return dict.fromkeys(one.region_id for stop in trip.stops for one in (*stop.deliveries, *stop.fetched))


def _open(one: TripState) -> Iterator[str]:
    """Yield regions for which a trip has goods that are not confirmed to be handed over."""
    for stop, known in zip(one.planned.stops, one.stops, strict=True):
        if known is not Known.CONFIRMED:
            yield from (item.region_id for item in (*stop.deliveries, *stop.fetched))


def _calls(standing: Standing) -> Iterator[Task]:
    """Yield a call for each vehicle that has stops overdue, or of which nothing is heard on its way."""
    state = standing.state
    overdue: dict[str, list[Overdue]] = {}
    for row in standing.overdue:
        overdue.setdefault(row.row.trip.planned.vehicle_id, []).append(row)
    silent = {one.vehicle for one in standing.vehicles if one.silent_since_s is not None}
    for vehicle in dict.fromkeys((*overdue, *sorted(silent))):
        rows = overdue.get(vehicle, [])
        trips = (one for one in state.trips if one.planned.vehicle_id == vehicle and one.begun)
        known = standing.known_of_regions
        regions = [
            name
            for name in dict.fromkeys(name for one in trips for name in _open(one))
            if known.get(name) is not Known.CONFIRMED
        ]
        contacts = dict.fromkeys(who for row in rows for who in row.contacts)
        for who in () if rows else standing.contacts_of(vehicle):
            contacts[who] = None
        yield Task(
            Act.CALL,
            _weight(state.instance, regions),
            vehicle,
            tuple(regions),
            _of_call(standing, vehicle, rows),
            tuple(contacts),
        )


def _of_call(standing: Standing, vehicle: str, rows: list[Overdue]) -> str:
    instance = standing.state.instance
    clock, since_s = instance.clock, standing.silent_since_s(vehicle)
    parts = [_sign(instance, vehicle)]
    if since_s is not None:
        parts.append(words("status.task.silent", since=moment(since_s, clock)))
    if rows:
        places = dict.fromkeys(instance.place_name_of.get(row.row.stop.node_id, "") for row in rows)
        names = ", ".join(list(places)[:_MOST_NAMES])
        more = "" if len(places) <= _MOST_NAMES else words("status.task.more", more=len(places) - _MOST_NAMES)
        parts.append(words("status.task.overdue", places=names + more, since=moment(rows[0].since_s, clock)))
    return ", ".join(parts)


def _sign(instance: Instance, vehicle: str) -> str:
    return call_signs(instance).of(vehicle) or vehicle


def _replan(standing: Standing) -> Iterator[Task]:
    """Yield the decision to replan, where somebody is late or goes without."""
    state = standing.state
    late = [name for name, on_time in state.on_time.items() if not on_time]
    if not late:
        return
    missing = sum(state.received_s[name] is None for name in late)
    parts = [words("status.task.late", late=number(len(late) - missing), missing=number(missing))]
    for one in state.broken:
        place = state.instance.place_name_of.get(one.node_id, one.node_id)
        vehicle = _sign(state.instance, one.vehicle_id)
        parts.append(words("status.task.stands", vehicle=vehicle, place=place))
    for name, why in state.stuck.items():
        trip = next(one.planned for one in state.trips if one.planned.id == name)
        vehicle = _sign(state.instance, trip.vehicle_id)
        parts.append(words(f"status.stuck.{why.value}", trip=name, vehicle=vehicle))
    more = len(parts) - 1 - _MOST_NAMES
    shown = parts[: _MOST_NAMES + 1] + ([words("status.task.others", more=more)] if more > 0 else [])
    yield Task(Act.REPLAN, _weight(state.instance, late), "", tuple(late), "; ".join(shown))


def _disputes(standing: Standing) -> Iterator[Task]:
    """Yield a decision for each report that contradicts another one."""
    state = standing.state
    trips = {one.planned.id: one.planned for one in state.trips}
    for one in state.found.disputed:
        trip = trips.get(str(one.params.get("trip", "")))
        regions = {} if trip is None else _regions_of(trip)
        key = "status.task.disputed" if one.beside else "status.task.without_effect"
        text = words(key, event=one.event.id, other=one.beside)
        yield Task(Act.SETTLE, _weight(state.instance, regions), one.event.id, tuple(regions), text)
