"""When vehicles drive and arrive: in their shifts, by their working time, and when edges may be passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from planner.instance.schema import Overnight, VehicleType
from planner.proof.calendars import Interval
from planner.proof.views import LegView
from planner.proof.world import World

__all__ = ["Driving"]


class Driving:
    """Drives legs.

    Parameters
    ----------
    world
        What the files say.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def drive(self, view: LegView, kind: VehicleType, used: Mapping[int, int], *, begun: bool) -> None:
        """Enter in a leg when its vehicle drives and arrives.

        Parameters
        ----------
        view
            The leg, with its claimed times.
        kind
            The type of the vehicle.
        used
            Seconds that it has worked by then on each local day.
        begun
            Whether its trip was under way at a replan: then no working time stops it.
        """
        if begun:
            kind = _overtaken(kind)
        time_s, depart_s = view.walk.time_s, view.leg.depart_s
        if time_s is None:
            return
        view.driven, view.arrive_s = self._advance(kind, used, (), depart_s, time_s)
        if view.walk.passages:
            driven, arrive_s = self._drive_by_hours(view, kind, used, time_s)
            if arrive_s is not None and arrive_s <= view.leg.arrive_s:  # else it is taken as it is claimed
                view.driven, view.arrive_s = driven, arrive_s

    def _drive_by_hours(
        self, view: LegView, kind: VehicleType, used: Mapping[int, int], time_s: int
    ) -> tuple[tuple[Interval, ...], int | None]:
        """Drive a leg that waits in front of each edge that is closed, until it may be passed."""
        now: int | None = view.leg.depart_s
        driven: tuple[Interval, ...] = ()
        travelled_s = 0
        for edge, entered_s, left_s in view.walk.passages:
            if now is not None:
                further, now = self._advance(kind, used, driven, now, entered_s - travelled_s)
                driven = (*driven, *further)
            if now is not None:
                drive = partial(self._advance, kind, used, driven)
                further, now = self._world.passages.first(kind, edge, now, left_s - entered_s, drive)
                driven = (*driven, *further)
            travelled_s = left_s
        if now is None:
            return driven, None
        further, now = self._advance(kind, used, driven, now, time_s - travelled_s)
        return (*driven, *further), now

    def _advance(
        self,
        kind: VehicleType,
        used: Mapping[int, int],
        driven: tuple[Interval, ...],
        now: int,
        time_s: int,
    ) -> tuple[tuple[Interval, ...], int | None]:
        """Intervals of driving so long from a moment on, after what was driven of the leg, and their end."""
        if kind.overnight is not Overnight.ANYWHERE:
            return ((now, now + time_s),) if time_s > 0 else (), now + time_s
        calendars = self._world.calendars
        spent = dict(used)
        for day, seconds in calendars.by_day(driven).items():
            spent[day] = spent.get(day, 0) + seconds
        return calendars.travel(kind.calendar, now, time_s, kind.work_s, spent)

    def spend(self, used: dict[int, int], pieces: tuple[Interval, ...]) -> None:
        """Add work to what a vehicle has worked on each local day."""
        for day, seconds in self._world.calendars.by_day(pieces).items():
            used[day] = used.get(day, 0) + seconds


def _overtaken(kind: VehicleType) -> VehicleType:
    """The type as it drives when it is under way at a replan.

    Who is overtaken by the end of his shift pauses where he is, unless a leg of his must fit into one; the
    working time of a day, which may be over already, does not stop him.
    """
    overnight = Overnight.STOP if kind.overnight is Overnight.STOP else Overnight.ANYWHERE
    return replace(kind, overnight=overnight, work_s=None)
