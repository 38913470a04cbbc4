"""What reports mean of the plan in force as it went, those that something went otherwise among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from planner.events.amend import OTHERWISE, Amended, amended
from planner.events.match import matched
from planner.events.meaning import Where, numbered, stop_number
from planner.events.rows import NOWHERE
from planner.events.schema import Event
from planner.events.tellings import Dispute, Matched
from planner.instance.schema import Instance
from planner.plans.model import Plan

__all__ = ["matched_as_it_went", "undisputed"]


def matched_as_it_went(plan: Plan, events: Sequence[Event], instance: Instance) -> tuple[Amended, Matched]:
    """The plan as it went, and what reports mean of it.

    Notes
    -----
    What is disputed has no effect, so nothing went otherwise by it; it stays disputed, whatever would be
    found of it then.
    """
    aside: dict[str, Dispute] = {}
    meant: dict[tuple[str, str], Where] = {}
    while True:
        went = amended(plan, undisputed(events, aside), instance)
        found = matched(went.plan, events)
        new = [one for one in found.disputed if one.event.kind in OTHERWISE and one.event.id not in aside]
        if not new or not went.changed:
            break
        aside |= {one.event.id: one for one in new}
        meant |= went.meant
    known = {one.event.id for one in found.disputed}
    return went, replace(
        found,
        disputed=(*found.disputed, *(one for name, one in aside.items() if name not in known)),
        again=(*found.again, *went.again),
        gone=(*found.gone, *went.gone),
        stops={**_stops(went, found, events), **meant, **went.meant},
    )


def undisputed(events: Iterable[Event], aside: Collection[str]) -> list[Event]:
    """Reports without those by which something is disputed to have gone otherwise than ordered.

    Parameters
    ----------
    events
        All that hold.
    aside
        Ids of those that are disputed.
    """
    return [one for one in events if one.kind not in OTHERWISE or one.id not in aside]


def _stops(went: Amended, found: Matched, events: Sequence[Event]) -> Mapping[tuple[str, str], Where]:
    """By report and subject what reports mean of the plan in force, by what they mean of it as it went."""
    kind_of = {one.id: one.kind for one in events}
    trips = {trip.id: trip for trip in went.plan.trips}
    meant: dict[tuple[str, str], Where] = {}
    for (name, subject), (trip_id, place) in found.meant.items():
        kind, trip = kind_of[name], trips[trip_id]
        nodes = (
            trip.origin_id,
            *(one.node_id for one in trip.stops),
            "" if trip.back is None else trip.back.to_node,
        )
        cell = stop_number(kind, place)
        node = "" if cell == NOWHERE else nodes[min(int(cell), len(nodes) - 1)] or trip.origin_id
        meant[name, subject] = Where(trip_id, numbered(kind, place, trip, went.numbers.get(trip_id)), node)
    return meant
