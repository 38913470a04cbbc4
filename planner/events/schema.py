"""What a report from the field is: its kind, its columns, and the row in memory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ANY_KIND", "COLUMNS", "MEANING", "Event", "EventKind"]

MEANING = ("trip", "stop", "plan")  # what a report about a vehicle was understood to mean
ANY_KIND = ("note", "by", "bulk")  # columns that a row of any kind may have
COLUMNS = (
    "id", "time", "kind", "subject", "from", "until", "value", "item", "type", "place", *ANY_KIND, *MEANING,
)  # fmt: skip


class EventKind(StrEnum):
    """What is reported; ``docs/events.md`` says which columns each kind needs."""

    LOADED = "loaded"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    DAMAGED = "damaged"
    MISSING = "missing"
    RECALL = "recall"
    FETCHED = "fetched"
    SKIPPED = "skipped"
    REFUSED = "refused"
    PARTLY = "partly"
    RETURNED = "returned"
    TAKEN_OVER = "taken_over"
    MISDELIVERED = "misdelivered"
    FOUND = "found"
    FEWER = "fewer"
    DELAY = "delay"
    BREAKDOWN = "breakdown"
    REPAIRED = "repaired"
    CLOSURE = "closure"
    OPENED = "opened"
    SPEED = "speed"
    DEMAND = "demand"
    STOCK = "stock"
    VEHICLE_ADDED = "vehicle_added"
    VEHICLE_LOST = "vehicle_lost"
    ESCORT = "escort"
    DOCK = "dock"
    WAREHOUSE = "warehouse"
    CALENDAR = "calendar"
    DEADLINE = "deadline"
    CONTACT = "contact"
    DECISION = "decision"
    LONGEST_DELAY = "longest_delay"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One report, as read: ids in place of names, seconds from the plan's start.

    Parameters
    ----------
    id
        Unique in its file.
    time_s
        When it was reported.
    kind
        What is reported.
    subject
        Ids of what it is about; one or more.
    from_s, until_s
        When it happened or holds; None: see the kind (mostly: from the time of the report, for good).
    value
        The kind's figure as canonical text: seconds of a delay, percent of a speed, …
    item, type, place, note
        As in the table; empty where there is none.
    trip, stop, plan
        What a report about a vehicle was understood to mean when it was entered: for each subject the trip
        (``-``: on none) and its stop (0: the origin, the number after the last stop: the end of the way
        back, ``-``: no stop of its own), joined by ``+``, and the short digest of the plan then in force.
        Empty: it is matched by its time.
    by
        Who reports; empty: it is not said.
    bulk
        Empty: the report is about this one thing, told by somebody who saw it or heard of it (a *single*
        confirmation). Else the row was made with others by one confirmation of all that was due
        (``plan event confirm VEHICLE --until now``), and this is the id of the first of them. Such a
        row says that a thing happened when it was expected, and no more: of its moment nobody was asked. So
        it counts as confirmed, but apart; a single report of the same thing stands before it, whichever came
        first, and one that contradicts it is not disputed.
    """

    id: str
    time_s: int
    kind: EventKind
    subject: tuple[str, ...]
    from_s: int | None = None
    until_s: int | None = None
    value: str = ""
    item: str = ""
    type: str = ""
    place: str = ""
    trip: str = ""
    stop: str = ""
    plan: str = ""
    note: str = ""
    by: str = ""
    bulk: str = ""

    @property
    def begins_s(self) -> int:
        """When it happened or begins to hold."""
        return self.time_s if self.from_s is None else self.from_s

    @property
    def order(self) -> tuple[int, str]:
        """The canonical order of reports: by time, then id."""
        return (self.time_s, self.id)
