"""When the vehicle of a trip and its dock are out of use: what who is late waits for.

Where only a number of vehicles, or of docks, is out of use, the plan shows which are not: those that it uses
then. Of the others the first ones fill up what is left in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.instance.outages import OutOfUse, out_of_use
from planner.instance.schema import Hub, Instance, Warehouse
from planner.plans.model import Trip
from planner.proof.calendars import Interval

__all__ = ["first_clear", "vehicles_and_docks_out"]

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
