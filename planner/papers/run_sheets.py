"""Run sheets: what a vehicle does on a day, how late it may be, and what to do then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from planner.base.clock import DAY_S
from planner.base.text import words
from planner.instance.schema import VehicleType
from planner.outputs.figures import duration, number
from planner.outputs.transshipments import goods_text, unloaded
from planner.papers.model import Kind, Paper
from planner.papers.qr import qr_text
from planner.papers.source import Source
from planner.papers.words import clock_time, day_title, item_rows, kg_text, listed, spoken
from planner.plans.model import Leg, Stop, Trip

__all__ = ["broken_text", "days_of", "for_text", "run_sheets", "trip_rows", "vehicle_body", "within_day"]

_CHOICES = 2  # vehicles that are named to take a load over


def run_sheets(source: Source) -> Iterator[Paper]:
    """One for each vehicle and local day on which it loads, arrives or comes back."""
    for vehicle, trips in source.trips_of.items():
        for day in days_of(source, trips):
            mine = [trip for trip in trips if within_day(source, trip, day)]
            begin_s = max(mine[0].load_start_s, source.clock.midnight(day))
            driver = source.names.driver(vehicle, begin_s)
            with spoken(driver.language):
                rows = [_trip(source, trip, day) for trip in mine]
                body = vehicle_body(source, mine[0], begin_s) | {
                    "day": day_title(day),
                    "trips": rows,
                }
                yield Paper(
                    Kind.RUN_SHEET,
                    (vehicle, day.isoformat()),
                    driver.language,
                    day,
                    min(max(trip.end_s for trip in mine), source.clock.midnight(day) + DAY_S),
                    source.names.groups(mine[0].origin_id, vehicle),
                    body,
                    _qr(body),
                )


def vehicle_body(source: Source, trip: Trip, at_s: int) -> dict[str, Any]:
    """Which vehicle it is and who drives at a moment; empty where nothing is known."""
    driver = source.names.driver(trip.vehicle_id, at_s)
    return {
        "sign": source.names.sign(trip.vehicle_id),
        "vehicle": trip.vehicle_id,
        "type": source.names.type_name(trip),
        "plate": driver.plate,
        "driver": driver.name,
        "phone": driver.phone,
    }


def days_of(source: Source, trips: Sequence[Trip]) -> list[date]:
    """Local days on which something begins or ends."""
    return sorted({source.day(moment_s) for trip in trips for moment_s in _moments(trip)})


def within_day(source: Source, trip: Trip, day: date) -> bool:
    """Whether a trip loads, arrives or comes back on a day."""
    return any(source.day(moment_s) == day for moment_s in _moments(trip))


def _moments(trip: Trip) -> Iterator[int]:
    yield trip.load_start_s
    yield from (stop.leg.arrive_s for stop in trip.stops)
    if trip.back is not None:
        yield trip.back.arrive_s
    if trip.broken is not None:
        yield trip.broken.at_s


def _trip(source: Source, trip: Trip, day: date) -> dict[str, Any]:
    given = [row for stop in trip.stops for row in stop.deliveries]
    return {
        "trip": trip.id,
        "origin": source.names.place(trip.origin_id),
        "dock": number(trip.dock),
        "items": item_rows(source.boxes.items_of(given), source.instance),
        "goods": listed(goods_text(stop) for stop in trip.stops),
        "pieces": number(trip.pieces),
        "kg": kg_text(trip.mass_g),
        "rows": [row for _, row in trip_rows(source, trip, day)],
        "broken": broken_text(source, trip, day),
        "choices": _choices(source, trip, day),
    }


def broken_text(source: Source, trip: Trip, day: date) -> str:
    """Where and when a trip's vehicle broke down; empty: it did not."""
    if trip.broken is None:
        return ""
    place, at = source.names.place(trip.broken.node_id), clock_time(trip.broken.at_s, source.clock, day)
    return words("papers.broken", place=place, time=at)


def trip_rows(source: Source, trip: Trip, day: date) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of the day, loading, stops and return, each with the moment at which it begins."""
    legs: list[Leg | None] = [*(stop.leg for stop in trip.stops), trip.back]
    slacks = _slacks(source, trip)

    def leave(at: int, else_s: int) -> dict[str, str]:
        leg = legs[at] if at < len(legs) else None
        if leg is None:
            return {"leave": "", "latest": "", "way": ""}
        slack_s = slacks[at] if at < len(slacks) else None
        latest = ""
        if slack_s is not None:
            latest_s = max(leg.depart_s, else_s) + slack_s
            latest = clock_time(latest_s, source.clock, day) if slack_s >= 0 else words("papers.late")
        way = words("papers.way.to", place=source.names.place(leg.to_node), way=source.way_text(leg, trip))
        return {"leave": clock_time(leg.depart_s, source.clock, day), "latest": latest, "way": way}

    def on_day(at_s: int) -> bool:
        return source.day(at_s) == day

    if on_day(trip.load_start_s):
        is_empty = trip.depart_s == trip.load_start_s and any(stop.fetched for stop in trip.stops)
        row = {
            "what": words("papers.row.empty" if is_empty else "papers.row.load", dock=number(trip.dock)),
            "place": source.names.place(trip.origin_id),
            "contact": source.names.contact(trip.origin_id),
            "arrive": clock_time(trip.load_start_s, source.clock, day),
            "done": clock_time(trip.depart_s, source.clock, day),
            "goods": "" if is_empty else _amount(trip.pieces, trip.mass_g),
            "margin": "",
        }
        yield trip.load_start_s, row | leave(0, trip.depart_s)
    for at, stop in enumerate(trip.stops):
        if on_day(stop.leg.arrive_s):
            yield stop.leg.arrive_s, _stop(source, trip, stop, day) | leave(at + 1, stop.end_s)
    if trip.back is not None and on_day(trip.back.arrive_s):
        row = {
            "what": words("papers.row.back"),
            "place": source.names.place(trip.back.to_node),
            "contact": "",
            "arrive": clock_time(trip.back.arrive_s, source.clock, day),
            **dict.fromkeys(("done", "goods", "margin", "leave", "latest", "way"), ""),
        }
        yield trip.back.arrive_s, row


def _stop(source: Source, trip: Trip, stop: Stop, day: date) -> dict[str, str]:
    sizes = unloaded(trip, stop)
    parts = []
    if stop.fetched:
        parts.append(words("papers.row.fetch", pieces=number(sum(row.pieces for row in stop.fetched))))
    if sizes is not None and (stop.deliveries or stop.items):
        parts.append(_amount(sizes[2], sizes[0]))
    parts.append(for_text(source, stop))
    slack_s = source.slack_s(trip, stop)
    return {
        "what": words("papers.row.fetching" if stop.fetched and not stop.deliveries else "papers.row.stop"),
        "place": source.names.place(stop.node_id),
        "contact": source.names.contact(stop.node_id),
        "arrive": clock_time(stop.leg.arrive_s, source.clock, day),
        "done": clock_time(stop.end_s, source.clock, day),
        "goods": listed(parts),
        "margin": "" if slack_s is None else duration(slack_s),
    }


def _amount(pieces: int, mass_g: int) -> str:
    return words("papers.row.pieces", pieces=number(pieces), kg=kg_text(mass_g))


def for_text(source: Source, stop: Stop) -> str:
    """Whose units are unloaded: at a hub the places further on; at another warehouse the items."""
    unit = words("papers.unit", unit=source.instance.settings.unit.upper())
    texts = []
    for given in stop.deliveries:
        units = source.boxes.units_text(given)
        where = "" if given.region_id == stop.node_id else f"{source.names.place(given.region_id)} "
        texts.append(f"{where}{unit} {units}")
    return listed(dict.fromkeys([*texts, goods_text(stop)]))


def _slacks(source: Source, trip: Trip) -> list[int | None]:
    """For each departure, the origin's first, how much later it may be: the least of what stops allow."""
    found: list[int | None] = []
    least: int | None = None
    for stop in reversed(trip.stops):
        own = source.slack_s(trip, stop)
        known = [slack for slack in (own, least) if slack is not None]
        least = min(known, default=None)
        found.append(least)
    return found[::-1]


def _choices(source: Source, trip: Trip, day: date) -> list[str]:
    """What to do when late: go on, else whom the goods could go with, else whom to ask."""
    found = (
        [words("papers.choice.go_on")] if any(slack is not None for slack in _slacks(source, trip)) else []
    )
    for other in _others(source, trip)[:_CHOICES]:
        driver = source.names.driver(other.vehicle_id, other.depart_s)
        found.append(
            words(
                "papers.choice.other",
                sign=source.names.sign(other.vehicle_id),
                place=source.names.place(other.origin_id),
                time=clock_time(other.depart_s, source.clock, day),
                people=f"{driver.name} {driver.phone}".strip() or words("papers.unknown"),
            )
        )
    if len(found) <= 1:
        found.append(words("papers.choice.nobody", place=source.names.place(trip.origin_id)))
    desk = source.names.contact(trip.origin_id) or words("papers.unknown")
    return [*found, words("papers.choice.call", people=desk)]


def _others(source: Source, trip: Trip) -> list[Trip]:
    """Later trips of others from there that move on the same kinds of ways and have room for it all."""
    kinds = source.instance.vehicle_type_of
    mine = kinds.get(trip.vehicle_type)
    if mine is None or trip.broken is not None:
        return []
    return [
        other
        for other in source.trips_from.get(trip.origin_id, ())
        if other.vehicle_id != trip.vehicle_id
        and other.depart_s > trip.depart_s
        and (kind := kinds.get(other.vehicle_type)) is not None
        and set(mine.modes) <= set(kind.modes)
        and _has_room(kind, other, trip)
    ]


def _has_room(kind: VehicleType, other: Trip, trip: Trip) -> bool:
    return (
        other.mass_g + trip.mass_g <= 1000 * kind.mass_kg
        and other.volume_cm3 + trip.volume_cm3 <= 1000 * kind.volume_dm3
        and (kind.pieces is None or other.pieces + trip.pieces <= kind.pieces)
    )


def _qr(body: dict[str, Any]) -> str:
    """Call sign, day, and each stop with its hour."""
    lines = [f"{body['sign']} {body['vehicle']}", body["day"]]
    lines += [
        f"{row['arrive']} {row['place']}: {row['goods'] or row['what']}"
        for trip in body["trips"]
        for row in trip["rows"]
    ]
    return qr_text(lines)
