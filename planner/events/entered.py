"""What reports say of the goods of stops, beside each other: which repeat others, which contradict them."""

from __future__ import annotations

from collections.abc import Sequence

from planner.events.drafts import Draft, Halt
from planner.events.meaning import Where
from planner.events.rows import NOWHERE
from planner.events.schema import Event, EventKind
from planner.events.tellings import CLOCKS_S
from planner.plans.model import Stop

__all__ = ["Entered"]


class Entered:
    """Reports that something went otherwise, as they are entered one after the other.

    Attributes
    ----------
    against
        Pairs of reports that cannot both be.
    again
        Reports of what another one, the second of each pair, has told before.
    meaning
        By report and subject what it means of the plan in force.
    """

    def __init__(self) -> None:
        self.against: list[tuple[Event, Event]] = []
        self.again: list[tuple[Event, Event]] = []
        self.meaning: dict[tuple[str, str], Where] = {}
        self._at: dict[int, list[Event]] = {}  # by the stop as ordered

    def at(self, stop: Stop) -> Sequence[Event]:
        """What was entered of a stop."""
        return self._at.get(id(stop), ())

    def enter(self, stop: Stop, event: Event) -> None:
        """Enter a report of a stop."""
        self._at.setdefault(id(stop), []).append(event)

    def means(self, event: Event, subject: str, draft: Draft, halt: Halt) -> None:
        """Keep which stop a report means.

        Parameters
        ----------
        event, subject
            The report, and which of its subjects.
        draft, halt
            The trip, and the stop of it.
        """
        number = draft.number(halt) or draft.halts.index(halt) + 1
        self.meaning[event.id, subject] = Where(draft.trip.id, str(number), halt.stop.node_id)

    def is_told(self, event: Event, halt: Halt) -> bool:
        """Whether a report is one more of what was told of a stop, or stands against it."""
        done = halt.served
        for other in (*self.at(halt.stop), *(() if done is None else (done,))):
            if other is event or (other.kind is EventKind.TAKEN_OVER) != (event.kind is EventKind.TAKEN_OVER):
                continue
            if abs(other.begins_s - event.begins_s) > CLOCKS_S:
                continue
            if (other.kind, other.value) == (event.kind, event.value):
                self.again.append((event, other))
                return True
            self.against.append((event, other))
        if done is not None and event.kind in (EventKind.RETURNED, EventKind.TAKEN_OVER):
            self.against.append((event, done))
        return False

    def is_over(self, event: Event, subject: str, place: str, drafts: Sequence[Draft]) -> bool:
        """Whether what a report says of goods was told before, or was over by another report.

        Parameters
        ----------
        event, subject
            The report, and which of its subjects.
        place
            Where; empty: anywhere.
        drafts
            The trips that it may be about.
        """
        nearest = self._nearest(event, place, drafts)
        if nearest is None:
            return False
        other, draft, number = nearest
        same = (other.kind, other.value) == (event.kind, event.value)
        near = abs(other.begins_s - event.begins_s) <= CLOCKS_S
        (self.again if same and near else self.against).append((event, other))
        if place or event.kind is not EventKind.RETURNED:
            node = draft.trip.stops[number - 1].node_id
            self.meaning[event.id, subject] = Where(draft.trip.id, str(number), node)
        else:
            self.meaning[event.id, subject] = Where(draft.trip.id, str(len(draft.trip.stops) + 1))
        return True

    def _nearest(self, event: Event, place: str, drafts: Sequence[Draft]) -> tuple[Event, Draft, int] | None:
        """What was told of a stop of some trips nearest in time, with the trip and the stop's number."""
        known = (
            (other, draft, number)
            for draft in drafts
            for number, stop in enumerate(draft.trip.stops, start=1)
            if place in ("", stop.node_id)
            for other in (
                *self.at(stop),
                *(one.served for one in draft.halts if one.stop is stop and one.served is not None),
            )
        )
        return min(
            known,
            key=lambda one: (abs(one[0].begins_s - event.begins_s), one[0].order, one[1].trip.id),
            default=None,
        )

    def takes(self, event: Event, to: Draft, source: Draft, number: int) -> None:
        """What it means: the trip that takes over, on none of its stops, and the one that had the goods.

        Parameters
        ----------
        event
            The report.
        to
            The trip that takes over.
        source, number
            The trip that had the goods, and the number of its stop.
        """
        trips, stops = f"{to.trip.id}+{source.trip.id}", f"{NOWHERE}+{number}"
        self.meaning[event.id, event.subject[0]] = Where(trips, stops, event.place)

    def was_taken(self, event: Event, to: Draft, others: Sequence[Draft]) -> bool:
        """Whether the goods that were taken over were handed over, or taken by somebody, as is told."""
        nearest = self._nearest(event, event.place, others)
        if nearest is None:
            return False
        other, draft, number = nearest
        self.takes(event, to, draft, number)
        near = abs(other.begins_s - event.begins_s) <= CLOCKS_S
        again = (other.kind, other.subject) == (event.kind, event.subject) and near
        (self.again if again else self.against).append((event, other))
        return True
