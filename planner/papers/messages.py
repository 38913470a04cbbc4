"""Messages for drivers: their orders of a day, or what a replan changes, as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planner.base.text import words
from planner.compare.changes import Differences, TripPair
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_words import DriverWords, driver_words
from planner.outputs.figures import day_text, moment
from planner.papers.names import Driver
from planner.papers.run_sheets import broken_text, days_of, trip_rows, within_day
from planner.papers.source import Source
from planner.papers.words import day_title, listed, spoken
from planner.plans.model import Trip

__all__ = ["Message", "change_messages", "order_messages"]


@dataclass(frozen=True, slots=True)
class Message:
    """What one driver is told.

    Parameters
    ----------
    day
        Local day of the orders; None: what changes, on all days.
    head
        Whom and what it is about, short enough to stand on each part.
    blocks
        Lines of which none may be broken: a stop with its hours and goods.
    places
        Where the trips load and stop.
    """

    vehicle: str
    sign: str
    driver: Driver
    day: date | None
    head: str
    blocks: tuple[str, ...]
    places: frozenset[str]


def order_messages(
    source: Source, *, from_s: int | None = None, day: date | None = None
) -> Iterator[Message]:
    """One for each vehicle and local day on which something of it begins or ends.

    Parameters
    ----------
    source
        The plan.
    from_s
        Days on which all was over by then have none; None: all have one.
    day
        This day alone; None: all.
    """
    for vehicle, trips in source.trips_of.items():
        sign = source.names.sign(vehicle)
        for one in days_of(source, trips):
            mine = [trip for trip in trips if within_day(source, trip, one)]
            rows = [*_moments(source, mine, one)]
            if (day is not None and one != day) or (from_s is not None and max(rows) <= from_s):
                continue
            driver = source.names.driver(vehicle, min(rows))
            with spoken(driver.language):
                blocks = [f"{vehicle}, {day_title(one)}"]
                for trip in mine:
                    blocks += _orders(source, trip, one, None)
                blocks.append(_desk(source, mine[0]))
                head = words("messages.head", sign=sign, day=day_text(one))
                yield _message(source, vehicle, driver, one, head, blocks, mine)


def _moments(source: Source, trips: Sequence[Trip], day: date) -> Iterator[int]:
    for trip in trips:
        yield from (at_s for at_s, _ in trip_rows(source, trip, day))
        if trip.broken is not None:
            yield trip.broken.at_s


def change_messages(source: Source, found: Differences, *, day: date | None = None) -> Iterator[Message]:
    """One for each vehicle whose driver must be told what another plan changes.

    Parameters
    ----------
    source
        The second plan.
    found
        What changes.
    day
        Changes of trips of this local day alone; None: of all.
    """
    for change in found.vehicles:
        pairs = [pair for pair in change.pairs if day is None or _of_day(source, pair, day)]
        if not change.counts or not pairs:
            continue
        trips = [trip for pair in pairs for trip in pair[:2] if trip is not None]
        vehicle = change.vehicle_id
        begins = [max(trip.load_start_s, found.from_s or 0) for trip in trips]
        driver, sign = source.names.driver(vehicle, min(begins)), source.names.sign(vehicle)
        with spoken(driver.language):
            told = driver_words(found, source.plan, DiffNames(source.instance), source.clock)
            blocks = [f"{vehicle}. {words('messages.instead')}"]
            for pair in sorted(pairs, key=lambda one: (one.after or one.before or trips[0]).load_start_s):
                blocks += _changed(source, told, pair)
            blocks.append(_desk(source, trips[-1]))
            when = "" if found.from_s is None else moment(found.from_s, source.clock)
            head = words("messages.changed", sign=sign, time=when).strip()
            yield _message(source, vehicle, driver, None, head, blocks, trips)


def _message(
    source: Source,
    vehicle: str,
    driver: Driver,
    day: date | None,
    head: str,
    blocks: Sequence[str],
    trips: Sequence[Trip],
) -> Message:
    places = {trip.origin_id for trip in trips} | {stop.node_id for trip in trips for stop in trip.stops}
    sign = source.names.sign(vehicle)
    return Message(vehicle, sign, driver, day, head, tuple(filter(None, blocks)), frozenset(places))


def _of_day(source: Source, pair: TripPair, day: date) -> bool:
    return any(trip is not None and within_day(source, trip, day) for trip in pair[:2])


def _changed(source: Source, told: DriverWords, pair: TripPair) -> Iterator[str]:
    """What is other, and then all that is still ahead of the trip."""
    before, after, _ = pair
    if after is None:
        yield "" if before is None else _sentence(told.dropped(before))
        return
    if before is None:
        yield words("messages.new_trip")
    else:
        stops = listed(source.names.place(stop.node_id) for stop in after.stops or before.stops)
        yield words("messages.trip", stops=stops)
        yield from (_sentence(clause) for clause in told.clauses(before, after))
    if after.broken is not None:
        yield words("messages.over")
        return
    for day in days_of(source, [after]):
        yield from _orders(source, after, day, told.from_s)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _orders(source: Source, trip: Trip, day: date, from_s: int | None) -> Iterator[str]:
    """A block for each thing of a day that is still ahead."""
    for at_s, row in trip_rows(source, trip, day):
        if from_s is not None and at_s < from_s:
            continue
        hours = "–".join(dict.fromkeys(hour for hour in (row["arrive"], row["done"]) if hour))
        if from_s is not None:
            hours = f"{day_text(day)} {hours}"
        what = listed((row["what"], row["place"]))
        yield words("messages.row", hours=hours, what=what) + "".join(
            words(f"messages.{key}", text=row[key]) for key in ("goods", "leave", "latest") if row[key]
        )
    if trip.broken is not None and source.day(trip.broken.at_s) == day:
        yield f"{broken_text(source, trip, day)} {words('messages.over')}"


def _desk(source: Source, trip: Trip) -> str:
    people = source.names.contact(trip.origin_id)
    return words("messages.desk", people=people) if people else ""
