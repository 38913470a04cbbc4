"""Whom to call after a replan: drivers and hubs with other orders, who needs it soonest first."""

from __future__ import annotations

from dataclasses import dataclass

from planner.base.text import words
from planner.events.told import with_contacts
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.outputs.diff_names import DiffNames
from planner.outputs.figures import moment, number
from planner.outputs.now_what import contacts_text
from planner.plans.model import Plan
from planner.replanning.changes import Changes

__all__ = ["Calls", "calls_of"]

_MOST = 10


@dataclass(frozen=True, slots=True)
class Calls:
    """A table of calls, and what stands below it.

    Parameters
    ----------
    columns
        Headings, and whether a column is of numbers.
    notes
        How many calls are left out and where they stand; that nobody is known.
    """

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def calls_of(plan: Plan, changes: Changes, instance: Instance, now_s: int) -> Calls:
    """Drivers and hubs whose orders are others now, with who answers there.

    Parameters
    ----------
    plan
        The new one.
    changes
        Against the one in force.
    instance
        Its call signs, names and contacts; those of reports stand before them.
    now_s
        The moment of the replan: the order is that of what begins at each after it.
    """
    instance = with_contacts(instance, plan)
    names, signs = DiffNames(instance), call_signs(instance)
    first = _first_moments(plan, now_s)
    found = []
    for vehicle in changes.vehicles:
        people = names.contacts(vehicle, vehicle.rpartition("-")[0])
        found.append((first.get(vehicle), signs.of(vehicle) or vehicle, contacts_text(people)))
    for hub in changes.hubs:
        found.append((first.get(hub), names.place(hub), contacts_text(names.contacts(hub))))
    found.sort(key=lambda one: (one[0] is None, one[0] or 0, one[1]))
    nothing = words("replan.call.nothing")
    rows = tuple(
        (who, nothing if at_s is None else moment(at_s, instance.clock), people or "–")
        for at_s, who, people in found
    )
    notes = []
    if len(rows) > _MOST:
        notes.append(words("replan.call.more", number=number(len(rows) - _MOST)))
    if found and not all(people for _, _, people in found):
        notes.append(words("replan.call.nobody"))
    columns = tuple((words(f"replan.call.{name}"), False) for name in ("who", "first", "people"))
    return Calls(columns, rows[:_MOST], tuple(notes))


def _first_moments(plan: Plan, now_s: int) -> dict[str, int]:
    """When the first trip of each vehicle begins, and something comes to each place or leaves it."""
    found: dict[str, int] = {}
    for trip in plan.trips:
        moments = [(trip.vehicle_id, trip.load_start_s), (trip.origin_id, trip.load_start_s)]
        moments += [(stop.node_id, stop.leg.arrive_s) for stop in trip.stops]
        for name, at_s in moments:
            if at_s >= now_s:
                found[name] = min(at_s, found.get(name, at_s))
    return found
