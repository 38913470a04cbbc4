"""For each hand-over a delivery note that travels with the goods, and the record that both sides sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from planner.base.text import words
from planner.outputs.figures import number
from planner.outputs.transshipments import unloaded
from planner.papers.model import Kind, Paper
from planner.papers.qr import qr_text
from planner.papers.run_sheets import vehicle_body
from planner.papers.settings import Letters
from planner.papers.source import Source
from planner.papers.words import ROMAN, clock_time, day_title, item_rows, kg_text, spoken
from planner.plans.model import Delivery, Stop, Trip

__all__ = ["codes_of", "delivery_notes", "records"]

_SIGNERS = {Kind.DELIVERY_NOTE: ("sender", "driver", "receiver"), Kind.HANDOVER: ("first", "second")}


def delivery_notes(source: Source) -> Iterator[Paper]:
    """One for each hand-over, in the language of the driver."""
    for trip, at in _stops(source):
        yield _paper(
            source,
            trip,
            at,
            Kind.DELIVERY_NOTE,
            source.names.driver(trip.vehicle_id, trip.load_start_s).language,
        )


def records(source: Source) -> Iterator[Paper]:
    """One for each hand-over, in the language of the office."""
    for trip, at in _stops(source):
        yield _paper(source, trip, at, Kind.HANDOVER, source.names.language)


def _stops(source: Source) -> Iterator[tuple[Trip, int]]:
    for trips in source.trips_of.values():
        for trip in trips:
            for at, stop in enumerate(trip.stops):
                if stop.deliveries or stop.items:
                    yield trip, at


def _paper(source: Source, trip: Trip, at: int, kind: Kind, code: str) -> Paper:
    stop = trip.stops[at]
    with spoken(code):
        body = _body(source, trip, at, kind)
        groups = source.names.groups(stop.node_id, trip.vehicle_id)
        day = source.day(trip.load_start_s if kind is Kind.DELIVERY_NOTE else stop.leg.arrive_s)
        lines = [
            f"{body['title']} {body['number']}".strip(),
            f"{body['sign']} {trip.vehicle_id} {trip.id}",
            f"{body['from']} – {body['to']}, {body['day']} {body['arrive']}",
            f"{body['pieces']} {words('papers.pieces')}, {body['kg']} kg",
            *(f"{row['region']} {row['units']}" for row in body["regions"]),
        ]
        return Paper(kind, (trip.id, str(at + 1)), code, day, stop.end_s, groups, body, qr_text(lines))


def _body(source: Source, trip: Trip, at: int, kind: Kind) -> dict[str, Any]:
    stop, letters = trip.stops[at], source.letters
    day = source.day(stop.leg.arrive_s)
    sizes = unloaded(trip, stop)
    items = source.boxes.items_of(stop.deliveries)
    for goods in stop.items:
        items[goods.item_id] += goods.quantity
    roles = letters.signers.get(kind) or [words(f"papers.signer.{name}") for name in _SIGNERS[kind]]
    named = [source.names.people(trip.origin_id), source.names.people(stop.node_id)]
    driver = source.names.driver(trip.vehicle_id, stop.leg.arrive_s).name
    names = [named[0][0].name if named[0] else "", driver, named[1][0].name if named[1] else ""]
    return vehicle_body(source, trip, stop.leg.arrive_s) | {
        "title": letters.titles.get(kind) or words(f"papers.title.{kind}"),
        "number": _number_of(source, trip, at, kind),
        "trip": trip.id,
        "stop": number(at + 1),
        "from": source.names.place(trip.origin_id),
        "to": source.names.place(stop.node_id),
        "day": day_title(day),
        "depart": clock_time(trip.depart_s, source.clock, day),
        "arrive": clock_time(stop.leg.arrive_s, source.clock, day),
        "items": item_rows(items, source.instance),
        "pieces": "" if sizes is None else number(sizes[2]),
        "kg": "" if sizes is None else kg_text(sizes[0]),
        "regions": [_region(source, stop, given) for given in stop.deliveries],
        "columns": [*_columns(letters, kind)],
        "signers": [
            {"role": role, "name": who} for role, who in _signed(roles, names, kind, letters.witnesses)
        ],
        "place": letters.place,
        "is_hub": any(given.region_id != stop.node_id for given in stop.deliveries),
    }


def _signed(
    roles: Sequence[str], names: Sequence[str], kind: Kind, witnesses: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Who signs; names are printed where roles are the program's own, else left blank."""
    whose = names if kind is Kind.DELIVERY_NOTE else [names[1], names[2]]
    for at, role in enumerate(roles):
        yield role, whose[at] if at < len(whose) and len(roles) == len(whose) else ""
    if kind is Kind.HANDOVER:
        for witness in witnesses:
            yield witness, ""


def _columns(letters: Letters, kind: Kind) -> Sequence[str]:
    usual = ("unit", "tick") if kind is Kind.DELIVERY_NOTE else ("unit", "seal", "condition")
    return letters.columns.get(kind) or usual


def _region(source: Source, stop: Stop, given: Delivery) -> dict[str, Any]:
    unit = words("papers.unit", unit=source.instance.settings.unit.upper())
    name = source.names.place(given.region_id)
    return {
        "id": given.region_id,
        "region": name,
        "units": f"{unit} {source.boxes.units_text(given)}",
        "pieces": number(given.pieces),
        "kg": kg_text(given.mass_g),
        "here": given.region_id == stop.node_id,
        "codes": codes_of(source, given),
    }


def codes_of(source: Source, given: Delivery) -> list[Mapping[str, str]]:
    """Boxes of a consignment, for a table."""
    names = {item.id: item.name or item.id for item in source.instance.items}
    return [
        {"code": box.code, "unit": box.unit, "item": names[box.item_id], "seal": box.seal}
        for box in source.boxes.of(given)
    ]


def _number_of(source: Source, trip: Trip, at: int, kind: Kind) -> str:
    """Number of a paper by the office's pattern; empty: it is entered by hand."""
    letters, stop = source.letters, trip.stops[at]
    if not letters.number:
        return ""
    day: date = source.day(stop.leg.arrive_s)
    given = stop.deliveries[0].region_id if stop.deliveries else ""
    return letters.number.format(
        kind=letters.abbreviations.get(kind) or words(f"papers.abbreviation.{kind}"),
        trip=trip.id,
        stop=at + 1,
        area=source.names.area_of(given),
        vehicle=source.names.sign(trip.vehicle_id),
        day=f"{day.day:02d}",
        month=f"{day.month:02d}",
        roman=ROMAN[day.month - 1],
        year=day.year,
    )
