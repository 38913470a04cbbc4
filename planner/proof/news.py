"""What reports cannot do: contradict each other, be about what is not there, or take what is not there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Disputed", "News", "NotThere", "Short"]


@dataclass(frozen=True, slots=True)
class Disputed:
    """A report without effect, beside one that was told before and says what cannot be beside it."""

    event: str
    other: str
    code: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """A report about a trip that there is no more."""

    event: str
    trip: str


@dataclass(frozen=True, slots=True)
class Short:
    """A loss of more than lay at a warehouse: so many were told to be gone, so many were there."""

    event: str
    warehouse: str
    item: str
    told: int
    there: int


@dataclass(frozen=True, slots=True)
class News:
    """What is said of the reports of a replan.

    Parameters
    ----------
    disputed, not_there, short
        Reports with no effect, or less than they tell.
    revised, revised_bulk
        Stops that were believed to be over when the first new report was told and are otherwise by it: of
        those that nobody had confirmed, and of those confirmed in bulk. A report counts against both.
    """

    disputed: tuple[Disputed, ...] = ()
    not_there: tuple[NotThere, ...] = ()
    short: tuple[Short, ...] = ()
    revised: int = 0
    revised_bulk: int = 0
