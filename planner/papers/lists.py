"""Papers of a place: what is loaded at each dock, what comes to each hub, and the labels of boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from planner.base.clock import DAY_S
from planner.base.text import words
from planner.instance.kits import unit_loads
from planner.instance.schema import Region
from planner.outputs.figures import number
from planner.outputs.transfers import Haul, transfers
from planner.papers.handovers import codes_of
from planner.papers.model import Kind, Paper
from planner.papers.run_sheets import vehicle_body
from planner.papers.source import Source
from planner.papers.words import clock_time, day_title, item_rows, kg_text, listed, spoken
from planner.plans.model import Trip

__all__ = ["labels", "loading_lists", "receiving_lists"]


def loading_lists(source: Source) -> Iterator[Paper]:
    """One for each place, day and dock: which vehicle when, with what; what leaves last is loaded first."""
    with spoken(source.names.language):
        for origin, trips in sorted(source.trips_from.items()):
            docks: dict[tuple[date, int], list[Trip]] = {}
            for trip in trips:
                if trip.pieces or trip.mass_g:
                    docks.setdefault((source.day(trip.load_start_s), trip.dock), []).append(trip)
            for (day, dock), mine in sorted(docks.items()):
                yield _loading_list(source, origin, day, dock, mine)


def _loading_list(source: Source, origin: str, day: date, dock: int, trips: Sequence[Trip]) -> Paper:
    body = {
        "place": source.names.place(origin),
        "dock": number(dock),
        "day": day_title(day),
        "contact": source.names.contact(origin),
        "trips": [_load(source, trip, day) for trip in trips],
    }
    return Paper(
        Kind.LOADING_LIST,
        (origin, day.isoformat(), str(dock)),
        source.names.language,
        day,
        max(trip.depart_s for trip in trips),
        source.names.groups(origin),
        body,
    )


def _load(source: Source, trip: Trip, day: date) -> dict[str, Any]:
    stops = [
        {
            "place": source.names.place(stop.node_id),
            "region": source.names.place(given.region_id),
            "units": source.boxes.units_text(given),
            "pieces": number(given.pieces),
            "kg": kg_text(given.mass_g),
            "codes": codes_of(source, given),
        }
        for stop in reversed(trip.stops)
        for given in stop.deliveries
    ]
    items = source.boxes.items_of(given for stop in trip.stops for given in stop.deliveries)
    for stop in trip.stops:
        for goods in stop.items:
            items[goods.item_id] += goods.quantity
    return vehicle_body(source, trip, trip.load_start_s) | {
        "trip": trip.id,
        "from": clock_time(trip.load_start_s, source.clock, day),
        "until": clock_time(trip.depart_s, source.clock, day),
        "pieces": number(trip.pieces),
        "kg": kg_text(trip.mass_g),
        "items": item_rows(items, source.instance),
        "stops": stops,
    }


def receiving_lists(source: Source) -> Iterator[Paper]:
    """One for each hub and day: what comes when, with whom, for whom, and what takes it on."""
    found: dict[tuple[str, date], list[tuple[Haul, Haul | None]]] = {}
    for haul, taken in transfers(source.plan):
        found.setdefault((haul.stop.node_id, source.day(haul.stop.leg.arrive_s)), []).append((haul, taken))
    with spoken(source.names.language):
        for (hub, day), pairs in sorted(found.items()):
            body = {
                "place": source.names.place(hub),
                "day": day_title(day),
                "contact": source.names.contact(hub),
                "rows": [_received(source, haul, taken, day) for haul, taken in pairs],
                "pieces": number(sum(haul.delivery.pieces for haul, _ in pairs)),
            }
            yield Paper(
                Kind.RECEIVING_LIST,
                (hub, day.isoformat()),
                source.names.language,
                day,
                min(max(haul.stop.end_s for haul, _ in pairs), source.clock.midnight(day) + DAY_S),
                source.names.groups(hub),
                body,
            )


def _received(source: Source, haul: Haul, taken: Haul | None, day: date) -> dict[str, Any]:
    stop, given = haul.stop, haul.delivery
    onward = words("papers.stays")
    if taken is not None:
        time = clock_time(taken.trip.load_start_s, source.clock, day)
        onward = f"{source.names.sign(taken.trip.vehicle_id)} {time}"
    driver = source.names.driver(haul.trip.vehicle_id, stop.leg.arrive_s)
    return {
        "arrive": clock_time(stop.leg.arrive_s, source.clock, day),
        "sign": source.names.sign(haul.trip.vehicle_id),
        "trip": haul.trip.id,
        "people": f"{driver.name} {driver.phone}".strip(),
        "region": source.names.place(given.region_id),
        "units": source.boxes.units_text(given),
        "pieces": number(given.pieces),
        "onward": onward,
        "codes": codes_of(source, given),
    }


def labels(source: Source) -> Iterator[Paper]:
    """One for the regions of each part of an area by the place that supplies them: a label for each box."""
    instance = source.instance
    ends = {row.region_id: row.received_s for row in source.plan.regions}
    groups: dict[tuple[str, str], list[Region]] = {}
    for region in instance.regions:
        if region.id in ends and unit_loads(instance, region):
            groups.setdefault((region.hub or region.warehouse, region.subarea), []).append(region)
    with spoken(source.names.language):
        for key, regions in groups.items():
            last = [ends[region.id] for region in regions]
            never = instance.settings.horizon_s
            body = {
                "columns": source.letters.label_columns,
                "rows": source.letters.label_rows,
                "labels": [label for region in regions for label in _labels(source, region)],
                "unit": words("papers.unit", unit=instance.settings.unit.upper()),
            }
            yield Paper(
                Kind.LABELS,
                key,
                source.names.language,
                None,
                max(never if at_s is None else at_s for at_s in last),
                source.names.groups(regions[0].id),
                body,
            )


def _labels(source: Source, region: Region) -> Iterator[dict[str, str]]:
    boxes = source.boxes.of_region(region)
    many = Counter((box.unit, box.item_id) for box in boxes)
    items = {item.id: item.name or item.id for item in source.instance.items}
    where = (region.subarea_name or region.subarea, region.area_name or region.area)
    for box in boxes:
        yield {
            "code": box.code,
            "unit": box.unit,
            "item": f"{items[box.item_id]} {box.number}/{many[box.unit, box.item_id]}",
            "region": region.name or region.id,
            "where": listed(where),
        }
