"""Rule ``split`` where plans are made: the day on which all of a region's part is handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.network.calendars import Interval, day_index
from planner.problem.problem import Lot, Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER, Visit

__all__ = ["Days", "received"]


def received(problem: Problem, stops: Sequence[Visit], timing: Timing) -> Iterator[tuple[Lot, int]]:
    """Yield what of a trip's goods has one day, with the moment of its receipt."""
    if problem.lot_of:
        for stop, (_, end) in zip(stops, timing.services, strict=True):
            for lot in dict.fromkeys(problem.lot_of.get(idx) for idx in stop.consignments):
                if lot is not None:
                    yield lot, end


class Days:
    """The days that are taken, one trip after another.

    Parameters
    ----------
    problem
        The echelon.
    days
        Days that are to be, beside the problem's own.
    """

    def __init__(self, problem: Problem, days: Mapping[Lot, int] | None = None) -> None:
        self._problem = problem
        self._days = {**(days or {}), **problem.days}

    def wanted(self, stops: Sequence[Visit], timing: Timing) -> dict[Lot, int] | None:
        """The days of what a trip hands over; None where these are not one for each."""
        found: dict[Lot, int] = {}
        for lot, end_s in received(self._problem, stops, timing):
            day = day_index(self._problem.midnights, end_s)
            if found.setdefault(lot, day) != day:
                return None
        return found

    def allow(self, stops: Sequence[Visit], timing: Timing) -> bool:
        """Whether a trip hands over everything on the day that is taken for it, if one is."""
        if not self._problem.lot_of:
            return True
        wanted = self.wanted(stops, timing)
        return wanted is not None and all(self._days.get(lot, day) == day for lot, day in wanted.items())

    def take(self, stops: Sequence[Visit], timing: Timing) -> None:
        """Enter a trip."""
        self._days.update(self.wanted(stops, timing) or {})

    def within(
        self, starts: Sequence[Interval], stops: Sequence[Visit], offsets: Timing
    ) -> Sequence[Interval]:
        """Of closed intervals of starts, what is left where everything comes on the day taken for it.

        Parameters
        ----------
        starts
            In seconds.
        stops, offsets
            A trip's stops, and its times for a start at 0.
        """
        midnights = (*self._problem.midnights, NEVER)
        for lot, end_s in received(self._problem, stops, offsets):
            if (day := self._days.get(lot)) is not None:
                low_s, high_s = midnights[day] - end_s, midnights[day + 1] - 1 - end_s
                starts = [
                    (max(low, low_s), min(high, high_s))
                    for low, high in starts
                    if low <= high_s and low_s <= high
                ]
        return starts
