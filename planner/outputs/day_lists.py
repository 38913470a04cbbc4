"""What is done at a warehouse or hub, or comes into an area, on a day or on all: by the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planner.base.text import words
from planner.instance.schema import Instance
from planner.outputs.figures import day_text, moment, number
from planner.outputs.shown import Shown, columns_of, place_text, vehicle_text
from planner.outputs.transfers import receivers
from planner.outputs.transshipments import goods_text, unloaded
from planner.plans.model import Plan, Stop, Trip

__all__ = ["in_area", "of_place"]

_PLACE = ("at", "done", "work", "vehicle", "trip", "dock", "kg", "pieces", "for")
_PLACE_SPARE = tuple(map(_PLACE.index, ("pieces", "trip", "for", "done", "dock", "kg")))
_AREA = ("arrive", "done", "region", "vehicle", "trip", "from", "units", "kg", "pieces")
_AREA_SPARE = tuple(map(_AREA.index, ("pieces", "from", "trip", "kg", "done", "units")))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with the moment at which it begins."""

    at_s: int
    cells: Sequence[str]


def of_place(plan: Plan, instance: Instance, place: str, day: date | None) -> Shown:
    """What is loaded and unloaded at a warehouse or hub.

    Parameters
    ----------
    plan, instance
        A plan and its tables.
    place
        Id of the warehouse or hub.
    day
        The local day on which it begins; None: all days.
    """
    rows = [row for trip in plan.trips for row in _at_place(trip, place, instance)]
    heading = words(
        "report.show.day_heading", what=place_text(place, instance), **_counted(rows, instance, day)
    )
    return _table(heading, _PLACE, rows, instance, day, _PLACE_SPARE)


def in_area(plan: Plan, instance: Instance, area: str, day: date | None) -> Shown:
    """What comes to the regions of an area, or of a part of one.

    Parameters
    ----------
    plan, instance, day
        As for `of_place`; a delivery is on the day on which its vehicle arrives.
    area
        Id of the area or subarea.
    """
    inside = [one for one in instance.regions if area in (one.area, one.subarea)]
    names = {one.id for one in inside}
    rows = [
        row
        for trip in plan.trips
        for stop in trip.stops
        if stop.node_id in names and any(one.region_id == stop.node_id for one in stop.deliveries)
        for row in _to_region(trip, stop, instance)
    ]
    first = inside[0]
    called = first.area_name if area == first.area else first.subarea_name
    what = f"{area} {called}" if called and called != area else area
    heading = words("report.show.area_heading", what=what, **_counted(rows, instance, day))
    return _table(heading, _AREA, rows, instance, day, _AREA_SPARE)


def _at_place(trip: Trip, place: str, instance: Instance) -> Iterator[_Row]:
    clock, vehicle = instance.clock, vehicle_text(trip, instance)
    if trip.origin_id == place:
        meant = dict.fromkeys(name for stop in trip.stops for name in receivers(stop))
        goods = [text for stop in trip.stops if (text := goods_text(stop))]
        yield _Row(
            trip.load_start_s,
            (
                moment(trip.load_start_s, clock),
                moment(trip.depart_s, clock),
                words("report.show.loads"),
                vehicle,
                trip.id,
                str(trip.dock),
                number(trip.mass_g // 1000),
                number(trip.pieces),
                ", ".join((*(instance.place_name_of.get(one, one) for one in meant), *goods)),
            ),
        )
    for stop in trip.stops:
        if stop.node_id != place:
            continue
        sizes = unloaded(trip, stop)
        given = ("", "") if sizes is None else (number(sizes[0] // 1000), number(sizes[2]))
        named = [instance.place_name_of.get(one, one) for one in receivers(stop) if one != place]
        yield _Row(
            stop.leg.arrive_s,
            (
                moment(stop.leg.arrive_s, clock),
                moment(stop.end_s, clock),
                words("report.show.unloads"),
                vehicle,
                trip.id,
                "",
                *given,
                goods_text(stop) or ", ".join(named),
            ),
        )


def _to_region(trip: Trip, stop: Stop, instance: Instance) -> Iterator[_Row]:
    clock = instance.clock
    mine = [one for one in stop.deliveries if one.region_id == stop.node_id]
    yield _Row(
        stop.leg.arrive_s,
        (
            moment(stop.leg.arrive_s, clock),
            moment(stop.end_s, clock),
            place_text(stop.node_id, instance),
            vehicle_text(trip, instance),
            trip.id,
            place_text(trip.origin_id, instance),
            number(sum(one.units for one in mine)),
            number(sum(one.mass_g for one in mine) // 1000),
            number(sum(one.pieces for one in mine)),
        ),
    )


def _counted(rows: Sequence[_Row], instance: Instance, day: date | None) -> dict[str, str]:
    found = _on(rows, instance, day)
    when = words("report.show.all_days") if day is None else day_text(day)
    return {"day": when, "rows": number(len(found))}


def _on(rows: Sequence[_Row], instance: Instance, day: date | None) -> list[_Row]:
    found = [row for row in rows if day is None or instance.clock.day(row.at_s) == day]
    return sorted(found, key=lambda row: (row.at_s, *row.cells))


def _table(
    heading: str,
    names: Sequence[str],
    rows: Sequence[_Row],
    instance: Instance,
    day: date | None,
    spare: Sequence[int],
) -> Shown:
    found = _on(rows, instance, day)
    others = sorted({instance.clock.day(row.at_s) for row in rows} - {day})
    notes = []
    if day is not None and others:
        notes = [words("report.show.other_days", days=", ".join(one.isoformat() for one in others))]
    return Shown(heading, columns_of(names), [row.cells for row in found], notes, spare)
