"""The draft of a report while its message is read, and what the message has told so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from planner.base.clock import Clock, parse_instant
from planner.events.schema import EventKind
from planner.messages.known import Known
from planner.messages.proposals import Doubt, DoubtKind

__all__ = ["Context", "Draft"]

_MOST_CANDIDATES = 4


@dataclass
class Context:
    """What a message has told so far, and who wrote it when.

    Parameters
    ----------
    known, clock
        Names, and the plan's clock.
    sent_s, dated
        When it was sent, or read; whether it says so itself.
    sender
        The vehicle or place of whoever wrote it; empty: nobody knows.
    vehicle, places
        What was spoken of last.
    """

    known: Known
    clock: Clock
    sent_s: int
    dated: bool
    sender: tuple[str, str] = ("", "")
    vehicle: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def seconds(self, text: str) -> int:
        """A moment of a cell in seconds from the plan's start."""
        return self.clock.seconds(parse_instant(text))


@dataclass
class Draft:
    """A report that is being understood."""

    kind: EventKind
    cells: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(
        self, kind: DoubtKind, column: str = "", told: str = "", names: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Note why it is not sure, once.

        Parameters
        ----------
        kind, column, told, names
            As `Doubt` has them; of many names the first ones are kept, and how many more there are.
        """
        every = tuple(names)
        shown = every[:_MOST_CANDIDATES]
        if len(every) > len(shown):
            shown = (*shown, ("", f"… (+{len(every) - len(shown)})"))
        one = Doubt(kind, column, told, shown)
        if one not in self.doubts:
            self.doubts.append(one)
