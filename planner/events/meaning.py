"""The things of a trip that reports are about, and which of them a report was understood to mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from planner.events.rows import NOWHERE, row_of
from planner.events.schema import Event, EventKind
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan, Trip

__all__ = [
    "ARRIVED_AT",
    "DEPARTED",
    "EACH",
    "LEFT_AT",
    "LOADED",
    "PLACE_OF",
    "SERVED_AT",
    "Meaning",
    "Trips",
    "Where",
    "happenings_s",
    "is_of",
    "meaning_of",
    "numbered",
    "own_order",
    "remembered",
    "same_report",
    "stop_number",
]

LOADED, DEPARTED = 0, 1  # places in the order of a trip; then three for each stop
ARRIVED_AT, SERVED_AT, LEFT_AT = 2, 3, 4
EACH = 3
PLACE_OF = {
    EventKind.LOADED: (LOADED,),
    EventKind.DEPARTED: (DEPARTED, LEFT_AT),
    EventKind.ARRIVED: (ARRIVED_AT,),
    EventKind.DELIVERED: (SERVED_AT,),
    EventKind.FETCHED: (SERVED_AT,),
    EventKind.SKIPPED: (SERVED_AT,),
    EventKind.REFUSED: (SERVED_AT,),
    EventKind.PARTLY: (SERVED_AT,),
    EventKind.RETURNED: (SERVED_AT,),
}


def own_order(trip: Trip) -> Sequence[tuple[int, str, int]]:
    """What happens on a trip, in order: place in the order, node, and planned moment."""
    found = [(LOADED, trip.origin_id, trip.depart_s), (DEPARTED, trip.origin_id, trip.depart_s)]
    for number, stop in enumerate(trip.stops):
        found += [
            (ARRIVED_AT + EACH * number, stop.node_id, stop.leg.arrive_s),
            (SERVED_AT + EACH * number, stop.node_id, stop.end_s),
            (LEFT_AT + EACH * number, stop.node_id, stop.end_s),
        ]
    if trip.back is not None:
        found[-1] = (found[-1][0], found[-1][1], trip.back.depart_s)
        found.append((ARRIVED_AT + EACH * len(trip.stops), trip.back.to_node, trip.back.arrive_s))
    if trip.broken is not None and trip.broken.leg is not None:  # it may have come to its next stop
        leg = trip.broken.leg
        found.append((ARRIVED_AT + EACH * len(trip.stops), leg.to_node, leg.arrive_s))
    return found


def happenings_s(trip: Trip) -> Mapping[int, int]:
    """When the things happened that can be reported of a trip, in seconds, by their place in its order."""
    found = {LOADED: trip.depart_s}
    legs = [stop.leg for stop in trip.stops]
    if legs:
        found[DEPARTED] = legs[0].depart_s
    elif trip.broken is not None and trip.broken.leg is not None:
        found[DEPARTED] = trip.broken.leg.depart_s
    for number, stop in enumerate(trip.stops):
        found[ARRIVED_AT + EACH * number] = stop.leg.arrive_s
        found[SERVED_AT + EACH * number] = stop.end_s
        after = legs[number + 1] if number + 1 < len(legs) else trip.back
        if after is not None:
            found[LEFT_AT + EACH * number] = after.depart_s
    if trip.back is not None:
        found[ARRIVED_AT + EACH * len(trip.stops)] = trip.back.arrive_s
    return found


def is_of(place: int, kind: EventKind) -> bool:
    """Whether a place in the order of a trip is of a kind of report."""
    if place in (LOADED, DEPARTED):
        return place in PLACE_OF[kind]
    return ARRIVED_AT + (place - ARRIVED_AT) % EACH in PLACE_OF[kind]


def stop_number(kind: EventKind, place: int) -> str:
    """The cell `stop` of a place in the order of a trip; of a delay the place is its leg."""
    if kind is EventKind.BREAKDOWN:
        return NOWHERE
    if kind is EventKind.DELAY:
        return str(place + 1)
    return "0" if place < ARRIVED_AT else str((place - ARRIVED_AT) // EACH + 1)


class Where(NamedTuple):
    """What a report means of the plan in force.

    Parameters
    ----------
    trip, stop
        As the cells of its row say it.
    node
        The place; empty where it is about none, or about the way of several.
    """

    trip: str
    stop: str
    node: str = ""


def numbered(kind: EventKind, place: int, trip: Trip, numbers: Sequence[int] | None) -> str:
    """The cell `stop` by the plan in force, of a place in the order of a trip as it went.

    Parameters
    ----------
    kind, place
        As for `stop_number`.
    trip
        The trip as it went.
    numbers
        The number in the plan in force of each of its stops, 0 where it had none there; None: it is the same.
    """
    cell = stop_number(kind, place)
    if numbers is None or cell in ("0", NOWHERE):
        return cell
    at = int(cell)
    if at > len(trip.stops):  # the way back
        return str(max(numbers, default=0) + 1 if 0 not in numbers else at)
    return str(numbers[at - 1] or at)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a report was understood to mean of one of its subjects.

    Parameters
    ----------
    trip
        Id of the trip, by the plan of then; empty: it is about none.
    stop
        Number of the stop, from 1; 0: the origin; None: it is about none.
    """

    trip: str
    stop: int | None


def meaning_of(event: Event, subject: str) -> Meaning | None:
    """What a report says that it was understood to mean; None: it does not say."""
    if not event.trip:
        return None
    at = event.subject.index(subject)
    trip, stop = event.trip.split("+")[at], event.stop.split("+")[at]
    return Meaning("" if trip == NOWHERE else trip, None if stop == NOWHERE else int(stop))


class Trips:
    """The trips of a plan, and which of them stand for trips of the plans before it.

    Parameters
    ----------
    plan
        The plan in force.
    """

    def __init__(self, plan: Plan) -> None:
        self.of_id: Mapping[str, Trip] = {trip.id: trip for trip in plan.trips}
        moved = () if plan.replan is None else plan.replan.moved
        self._moved = {one.trip: one for one in moved}

    def names(self, trip: str) -> Sequence[str]:
        """Ids of a trip of this plan or of one before, and of those of the same vehicle that it became."""
        moved, own = self._moved.get(trip), self.of_id.get(trip)
        vehicle = own.vehicle_id if own is not None else "" if moved is None else moved.vehicle
        others = () if moved is None else moved.to
        later = [one for one in others if one in self.of_id and self.of_id[one].vehicle_id == vehicle]
        return tuple(dict.fromkeys((*(() if own is None else (trip,)), *later)))

    def find(self, event: Event, subject: str, meant: Meaning) -> tuple[Trip, int] | None:
        """Trip and place (of a delay the leg, of a breakdown 0) that were meant; None: no longer there.

        A trip that took over what was meant counts where the same vehicle drives it.
        """
        moved = self._moved.get(meant.trip)
        own = self.of_id.get(meant.trip)
        vehicle = own.vehicle_id if own is not None else moved.vehicle if moved is not None else subject
        others = () if moved is None else moved.to
        later = [self.of_id[one] for one in others if one in self.of_id]
        for trip in ([] if own is None else [own]) + [one for one in later if one.vehicle_id == vehicle]:
            place = _place(event, subject, trip, meant.stop)
            if place is not None:
                return trip, place
        return None


def _place(event: Event, subject: str, trip: Trip, stop: int | None) -> int | None:
    """Where on a trip something was meant: at the same place, be it the stop of that number or not."""
    if event.kind is EventKind.BREAKDOWN:
        return 0
    nodes = [trip.origin_id, *(one.node_id for one in trip.stops)]
    nodes += [] if trip.back is None else [trip.back.to_node]
    if event.kind is EventKind.ARRIVED and trip.broken is not None and trip.broken.leg is not None:
        nodes.append(trip.broken.leg.to_node)  # it may have come to its next stop
    node = event.place or (subject if subject in nodes else "")
    if event.kind is EventKind.RETURNED and not node:  # home, however many stops are left
        return None if trip.back is None else ARRIVED_AT + EACH * len(trip.stops)
    first = 0 if event.kind in (EventKind.LOADED, EventKind.DEPARTED) and stop == 0 else 1
    able = [number for number in range(first, len(nodes)) if not node or nodes[number] == node]
    if stop is None or not able or (stop not in able and not node):
        return None
    number = stop if stop in able else able[0]
    if event.kind is EventKind.DELAY:
        return number - 1
    kinds = PLACE_OF[event.kind]
    if number == 0:
        return kinds[0] if kinds[0] < ARRIVED_AT else None
    found = kinds[-1] + EACH * (number - 1)
    return found if number <= len(trip.stops) or event.kind is EventKind.ARRIVED else None


def same_report(row: EventRow, told: EventRow) -> bool:
    """Whether a report of a plan is one that is told, though only the plan's says what it means."""
    if any(
        getattr(row, name) != getattr(told, name)
        for name in ("id", "kind", "time", "subject", "until", "value", "item", "type", "note", "by", "bulk")
    ):
        return False
    begins = told.from_time or told.time
    return (
        (row.from_time or row.time) == begins
        and told.place in ("", row.place)
        and told.trip in ("", row.trip)
        and told.stop in ("", row.stop)
        and told.plan in ("", row.plan)
    )


def remembered(event: Event, plan: Plan, instance: Instance) -> Event:
    """A report with what it was understood to mean when a replan believed it; else the same object."""
    if event.trip or plan.replan is None:
        return event
    known = next((one for one in plan.replan.events if one.id == event.id and one.trip), None)
    if known is None or not same_report(known, row_of(event, instance.clock)):
        return event
    return replace(
        event,
        from_s=event.begins_s,
        place=known.place,
        trip=known.trip,
        stop=known.stop,
        plan=known.plan,
    )
