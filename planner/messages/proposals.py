"""What a message was understood to report: cells of a row, and why somebody must be asked first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from planner.base.text import words

__all__ = ["Doubt", "DoubtKind", "Proposal", "Reading"]


class DoubtKind(StrEnum):
    """Why a proposed report is not sure."""

    QUESTION = "question"
    NEGATION = "negation"
    CONDITION = "condition"
    FUTURE = "future"
    HEARSAY = "hearsay"
    HEDGE = "hedge"
    REQUEST = "request"
    PROGRESS = "progress"
    CORRECTION = "correction"
    FORWARDED = "forwarded"  # at a time, and by somebody, that is not said
    WHICH = "which"  # a name is that of several things
    LIKE = "like"  # a name is nobody's
    LACKING = "lacking"  # something that the kind needs is not said
    SEVERAL = "several"  # it may be of several kinds, or of several things in one
    MOMENT = "moment"  # when it was is not said well enough
    SENT = "sent"  # when the message was sent is not known
    AMOUNT = "amount"  # other numbers are expected
    UNKNOWN = "unknown"  # too many words are unknown
    LONG = "long"  # of a text that is too long nothing is read
    DISPUTED = "disputed"  # another report says what cannot be beside it
    REFUSED = "refused"  # the table does not take it


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a report is not sure.

    Parameters
    ----------
    kind
        Why.
    column
        Which cell is in doubt; empty: the whole.
    told
        The words that are in doubt, or what is said about them.
    candidates
        What the cell may be, each by its id and by what people call it, the likeliest first.
    """

    kind: DoubtKind
    column: str = ""
    told: str = ""
    candidates: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The doubt in the language in force."""
        column = words(f"inbox.column.{self.column}") if self.column else ""
        said = words(f"inbox.doubt.{self.kind.value}", told=self.told, column=column)
        if not self.candidates:
            return said
        return words("inbox.perhaps", said=said, names="; ".join(label for _, label in self.candidates))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One report that a message may be.

    Parameters
    ----------
    cells
        As `planner.events.adding.add_report` takes them.
    doubts
        Why it is not sure; none: it was understood.
    """

    cells: Mapping[str, str]
    doubts: tuple[Doubt, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nothing about it is in doubt."""
        return not self.doubts


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a text.

    Parameters
    ----------
    proposals
        Reports, in the order in which they are told.
    left
        Why sentences that might be reports are none.
    """

    proposals: tuple[Proposal, ...] = ()
    left: tuple[Doubt, ...] = field(default=())
