"""When the vehicle of a trip and its dock are out of use: what who is late waits for.

Where only a number of vehicles, or of docks, is out of use, the plan shows which are not: those that it uses
then. Of the others the first ones fill up what is left in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.instance.outages import OutOfUse, out_of_use, vehicle_of
from planner.instance.schema import Hub, Instance, Warehouse
from planner.plans.model import Trip
from planner.proof.calendars import Interval
from planner.proof.worst.working_time import NEVER

__all__ = ["OutagesOfTrips", "first_clear", "vehicles_and_docks_out"]

_Out = Mapping[object, tuple[Interval, ...]]


def vehicles_and_docks_out(
    instance: Instance, trips: Sequence[Trip]
) -> list[tuple[tuple[Interval, ...], tuple[Interval, ...]]]:
    """Of each trip the times in which its vehicle, and its dock, are out of use; in order and disjoint."""
    rows = out_of_use(instance)
    out: dict[object, tuple[Interval, ...]] = {}
    for kind in instance.vehicles:
        if kind.id in rows:
            mine = [trip for trip in trips if trip.vehicle_type == kind.id]
            uses = [(trip.vehicle_id, trip.load_start_s, trip.end_s) for trip in mine]
            names = [f"{kind.id}-{number:02d}" for number in range(1, kind.number + 1)]
            out |= _out(rows[kind.id], names, uses)
    places: list[Warehouse | Hub] = [*instance.warehouses, *instance.hubs]
    for place in places:
        if place.id in rows:
            loads = [
                ((place.id, trip.dock), trip.load_start_s, trip.depart_s)
                for trip in trips
                if trip.origin_id == place.id and trip.depart_s > trip.load_start_s
            ]
            out |= _out(rows[place.id], [(place.id, dock) for dock in range(1, place.docks + 1)], loads)
    return [(out.get(trip.vehicle_id, ()), out.get((trip.origin_id, trip.dock), ())) for trip in trips]


def _out(rows: Sequence[OutOfUse], names: Sequence[object], uses: Iterable[tuple[object, int, int]]) -> _Out:
    """When each of some vehicles, or docks, is out of use."""
    uses = list(uses)
    moments = sorted({moment for row in rows for moment in (row.from_s, row.until_s)})
    found: dict[object, list[Interval]] = {}
    for begin, end in zip(moments, moments[1:], strict=False):
        there = [row for row in rows if row.from_s <= begin and end <= row.until_s]
        if not there:
            continue
        gone = {names[row.vehicle - 1] for row in there if row.vehicle is not None}
        plain = sum(len(names) if row.number is None else row.number for row in there if row.vehicle is None)
        number_left = max(0, len(names) - len(gone) - plain)
        used = {name for name, start_s, end_s in uses if start_s < end and begin < end_s}
        left = [name for name in names if name not in gone]
        left.sort(key=lambda name: name not in used)  # those that are used first, else in their order
        for name in (*gone, *left[number_left:]):
            spans = found.setdefault(name, [])
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin, end))
    return {name: tuple(spans) for name, spans in found.items()}


def first_clear(out: Sequence[Interval], now: int, duration_s: int) -> int:
    """First moment from which something that long meets none of the intervals, which are in order."""
    for from_s, until_s in out:
        if now < until_s and from_s < now + max(1, duration_s):
            now = until_s
    return now


class OutagesOfTrips:
    """Vehicles and docks that are out of use, for trips as they go by themselves.

    Parameters
    ----------
    instance
        Its outages hold.
    """

    def __init__(self, instance: Instance) -> None:
        self._types = instance.vehicle_type_of
        self._docks = {one.id: one.docks for table in (instance.warehouses, instance.hubs) for one in table}
        self._rows = out_of_use(instance)
        self._last_s = instance.settings.horizon_s

    def vehicle_after(self, trip: Trip, from_s: int, until_s: int, *, begun: bool) -> int | None:
        """When a vehicle can be used again that is out of use in a trip's time.

        A trip that is believed to have begun before is under way.

        Parameters
        ----------
        trip
            The trip.
        from_s, until_s
            Its time.
        begun
            Whether it has begun.

        Returns
        -------
        int or None
            None where the vehicle can be used; `NEVER` where it is out of use to the end.
        """
        number = vehicle_of(trip.vehicle_id, self._types)
        for row in self._rows.get(trip.vehicle_type, ()):
            if number is None or not self._concerns(row, trip.vehicle_type, number[1]):
                continue
            if begun and from_s < row.from_s:
                continue
            if row.from_s < until_s and from_s < row.until_s:
                return row.until_s if row.until_s < self._last_s else NEVER
        return None

    def _concerns(self, row: OutOfUse, kind: str, number: int) -> bool:
        if row.vehicle is not None:
            return row.vehicle == number
        return row.number is None or number > self._types[kind].number - row.number

    def docks_in_use(self, place: str, moment_s: int) -> int | None:
        """How many docks of a place can be used at a moment; None: none is out of use."""
        rows = [row for row in self._rows.get(place, ()) if row.from_s <= moment_s < row.until_s]
        if not rows:
            return None
        out = [self._docks[place] if row.number is None else row.number for row in rows]
        return max(0, self._docks[place] - sum(out))

    def docks_again_s(self, place: str, moment_s: int) -> int:
        """When the first of the outages of a place ends."""
        ends = [row.until_s for row in self._rows.get(place, ()) if row.from_s <= moment_s < row.until_s]
        return min(ends, default=moment_s)
