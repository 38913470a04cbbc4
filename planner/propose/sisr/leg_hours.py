"""Legs whose time depends on their departure, as functions for the kernel: as planned, and late.

As planned a leg takes the way that arrives first, whether it waits or goes round, and where vehicles stop for
the night it is driven in one shift, as in `planner.problem.trip_times`. A late one is driven on the
least-time way with all its delay, or on the way that is always open, as in `planner.problem.robust_trip`: a
plan keeps to the way that it has chosen, and which one that is the engine leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from planner.instance.schema import Overnight
from planner.network.arrivals import Arrivals, driving_in, earliest, in_one_shift, sets_out, then
from planner.network.calendars import Interval
from planner.network.pieces import Piece
from planner.network.timed import TimedWays
from planner.problem.fleet import FleetType

__all__ = ["LegHours", "legs_by_hours"]


class LegHours(NamedTuple):
    """Functions from departure to arrival of a leg: as planned, and late (None where no leg need be)."""

    planned: Arrivals
    late: Arrivals | None


def legs_by_hours(
    kind: FleetType, shifts: tuple[Interval, ...], places: Sequence[int]
) -> dict[tuple[int, int], LegHours]:
    """Functions of the legs between places, by both positions in their list; only where hours matter.

    Parameters
    ----------
    kind
        The vehicle type.
    shifts
        When its vehicles drive; of those that are home at the end of each, only that there they end counts.
    places
        Numbers of places of the problem.
    """
    if kind.timed is None:
        return {}
    ways = _Ways(kind, shifts)
    return {
        (row, column): ways.leg(timed, here, there)
        for row, here in enumerate(places)
        for column, there in enumerate(places)
        if here != there
        and (timed := kind.timed_between(here, there)) is not None
        and kind.reaches(here, there)
    }


class _Ways:
    """Functions of the legs of one vehicle type."""

    def __init__(self, kind: FleetType, shifts: tuple[Interval, ...]) -> None:
        self._kind, self._shifts = kind, shifts
        straight, pausing = driving_in(None), driving_in(shifts)
        self._planned = pausing if kind.overnight is Overnight.ANYWHERE else straight
        self._late = straight if kind.overnight is Overnight.HOME else pausing

    def leg(self, timed: TimedWays, here: int, there: int) -> LegHours:
        kind = self._kind
        planned = timed.arrivals(here, there, self._planned)
        if kind.overnight is Overnight.STOP:
            planned = in_one_shift(planned, self._shifts)
        if not kind.gamma:
            return LegHours(planned, None)
        late = self._along(kind.pieces_between(here, there, None))
        around = kind.avoiding
        if not timed.waits and around.reaches(here, there):
            always = Piece(around.time_between(here, there), around.delay_between(here, there), None)
            late = earliest(late, self._along((always,)))
        return LegHours(planned, late)

    def _along(self, pieces: Sequence[Piece]) -> Arrivals:
        """A late leg on one way, piece by piece."""
        found = self._late.free(0)
        if self._kind.overnight is Overnight.STOP:
            found = sets_out(sum(one.time_s for one in pieces), self._shifts)
        for time_s, delay_s, passages in pieces:
            whole_s = time_s + delay_s
            piece = self._late.free(whole_s) if passages is None else self._late.passes(passages, whole_s)
            found = then(found, piece)
        return found
