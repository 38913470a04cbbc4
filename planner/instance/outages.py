"""What the rows of `outages` are about, and what is wrong with them and with the rows of `extra`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from planner.base.clock import DAY_S, Clock
from planner.base.errors import Fault
from planner.instance.cells import WEEKDAYS
from planner.instance.draft import Draft
from planner.instance.schema import CalendarRow, Hub, Instance, VehicleType, Warehouse, WindowRule

__all__ = [
    "OutOfUse",
    "docks_out",
    "extra_faults",
    "out_of_use",
    "outage_faults",
    "vehicle_of",
    "vehicles_out",
    "with_closed_hours",
]


@dataclass(frozen=True, slots=True)
class OutOfUse:
    """A row of `outages` by what it is about.

    Parameters
    ----------
    from_s, until_s
        [from, until) within the horizon.
    vehicle
        Number of the vehicle within its type, from 1; None: `number` of the type.
    number
        How many vehicles, or docks; None: all.
    """

    from_s: int
    until_s: int
    vehicle: int | None
    number: int | None


def vehicle_of(subject: str, types: Mapping[str, VehicleType]) -> tuple[str, int] | None:
    """Type and number of the vehicle that `truck-03` or `truck/3` names; None: none of these types has it."""
    for mark in ("/", "-"):
        name, _, number = subject.rpartition(mark)
        if (
            name in types
            and number.isascii()
            and number.isdigit()
            and len(number) <= 9
            and 1 <= int(number) <= types[name].number
        ):
            return name, int(number)
    return None


def out_of_use(instance: Instance) -> Mapping[str, tuple[OutOfUse, ...]]:
    """Outages of vehicle types, warehouses and hubs, by id; empty where there is no row."""
    found: dict[str, list[OutOfUse]] = {}
    horizon_s = instance.settings.horizon_s
    places = {*instance.warehouse_of, *(hub.id for hub in instance.hubs)}
    for row in instance.outages:
        from_s = max(0, row.from_s or 0)
        until_s = horizon_s if row.until_s is None else min(row.until_s, horizon_s)
        if from_s >= until_s:
            continue
        name, vehicle = row.subject, None
        if name not in places and name not in instance.vehicle_type_of:
            known = vehicle_of(name, instance.vehicle_type_of)
            if known is None:
                continue  # said by validation
            name, vehicle = known
        found.setdefault(name, []).append(OutOfUse(from_s, until_s, vehicle, row.number))
    return {name: tuple(rows) for name, rows in found.items()}


def docks_out(instance: Instance, place: Warehouse | Hub, docks: int) -> tuple[tuple[int, int, int], ...]:
    """How many of so many docks that are used at most are out of use at a place, in disjoint intervals.

    Where all of a place is out of use, its hours say so (`with_closed_hours`).
    """
    rows = [row for row in out_of_use(instance).get(place.id, ()) if row.number is not None]
    moments = sorted({moment for row in rows for moment in (row.from_s, row.until_s)})
    found = []
    for begin, end in zip(moments, moments[1:], strict=False):
        number = sum(row.number or 0 for row in rows if row.from_s <= begin and end <= row.until_s)
        out = docks - max(0, place.docks - number)
        if out > 0:
            found.append((begin, end, out))
    return tuple(found)


def vehicles_out(instance: Instance, kind: VehicleType) -> tuple[tuple[int, int, int], ...]:
    """Vehicles of a type (from 0) and when they are out of use; of a mere number, the last ones are taken."""
    found: dict[int, list[tuple[int, int]]] = {}
    rows = out_of_use(instance).get(kind.id, ())
    for row in rows:
        if row.vehicle is not None:
            found.setdefault(row.vehicle - 1, []).append((row.from_s, row.until_s))
    plain = [row for row in rows if row.vehicle is None]
    for row in sorted(plain, key=lambda one: (one.from_s, one.until_s)):
        left = kind.number if row.number is None else min(row.number, kind.number)
        for vehicle in range(kind.number - 1, -1, -1):
            there = found.setdefault(vehicle, [])
            used = not any(low < row.until_s and row.from_s < high for low, high in there)
            if left and (used or row.number is None):
                there.append((row.from_s, row.until_s))
                left -= 1
    return tuple((vehicle, *span) for vehicle in sorted(found) for span in _merged(found[vehicle]))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def outage_faults(draft: Draft) -> Iterator[Fault]:
    """E981 to E984: each row is about something that there is, and ends after it begins."""
    if not draft.of("outages"):
        return
    types: dict[str, VehicleType] = {row.id: row for _, row in draft.of("vehicles")}
    places = {row.id for table in ("warehouses", "hubs") for _, row in draft.of(table)}
    whole = draft.whole("warehouses", "hubs", "vehicles")
    for line, row in draft.of("outages"):
        vehicle = None if row.subject in places or row.subject in types else vehicle_of(row.subject, types)
        if row.subject in types and vehicle_of(row.subject, types) is not None:
            yield draft.fault("E982", "outages", line, "subject")
        elif whole and row.subject not in places and row.subject not in types and vehicle is None:
            example = next((f"{one.id}-01" for one in types.values()), "truck-01")
            yield draft.fault("E981", "outages", line, "subject", example=example)
        if vehicle is not None and row.number is not None:
            yield draft.fault("E984", "outages", line, "number", subject=row.subject)
        if row.until_s is not None and row.until_s <= (row.from_s or 0) and draft.settings.seconds:
            begins = draft.settings.clock.text(row.from_s or 0)
            yield draft.fault("E983", "outages", line, "until", begins=begins)


def extra_faults(draft: Draft) -> Iterator[Fault]:
    """E985, E986: extra goods have a name of their own, and their units no gaps."""
    parts = {row.part for _, row in draft.of("items")}
    units: dict[tuple[str, str], dict[int, int]] = {}
    for line, row in draft.of("extra"):
        if row.id in parts:
            yield draft.fault("E985", "extra", line, "id")
        units.setdefault((row.id, row.region), {}).setdefault(row.unit, line)
    if draft.whole("extra"):
        for (name, region), lines in units.items():
            missing = next(number for number in range(len(lines) + 1) if number not in lines)
            if missing < max(lines):
                line = lines[max(lines)]
                yield draft.fault("E986", "extra", line, "unit", id=name, region=region, missing=missing)


def with_closed_hours(instance: Instance) -> Instance:
    """The same instance in which places that are wholly out of use have calendars that say so.

    Notes
    -----
    Their hours are those of their calendar less the outages. Where a service need only begin within its
    hours, the piece before an outage must hold it whole.
    """
    shut = {
        name: [(row.from_s, row.until_s) for row in rows if row.number is None]
        for name, rows in out_of_use(instance).items()
        if name not in instance.vehicle_type_of
    }
    done = {one.id for table in (instance.warehouses, instance.hubs) for one in table if _is_own(one)}
    shut = {name: spans for name, spans in shut.items() if spans and name not in done}
    if not shut:
        return instance
    rows = list(instance.calendars)
    for table in (instance.warehouses, instance.hubs):
        for place in table:
            if place.id in shut:
                rows += _open_rows(instance, place.calendar, _own_calendar(place.id), shut[place.id])
    return replace(
        instance,
        warehouses=tuple(
            replace(one, calendar=_own_calendar(one.id)) if one.id in shut else one
            for one in instance.warehouses
        ),
        hubs=tuple(
            replace(one, calendar=_own_calendar(one.id)) if one.id in shut else one for one in instance.hubs
        ),
        calendars=tuple(rows),
    )


def _is_own(place: Warehouse | Hub) -> bool:
    return place.calendar == _own_calendar(place.id)


def _own_calendar(place: str) -> str:
    return f"{place}~open"


def _open_rows(
    instance: Instance, calendar: str, own: str, shut: list[tuple[int, int]]
) -> Iterator[CalendarRow]:
    """Rows of a calendar day by day, less the times in which a place is shut."""
    clock = instance.clock
    mine = [row for row in instance.calendars if row.calendar == calendar]
    if not calendar:
        mine = [CalendarRow(calendar="", opens_s=0, closes_s=DAY_S)]
    day, last = clock.day(0) - timedelta(days=1), clock.day(instance.settings.horizon_s) + timedelta(days=1)
    while day <= last:
        pieces = 0
        for row in _rows_of_day(mine, day):
            if row.opens_s is None or row.closes_s is None:
                continue
            for opens_s, closes_s, cut in _pieces(clock, day, (row.opens_s, row.closes_s), shut):
                window = WindowRule.WHOLE if cut else row.window
                yield CalendarRow(
                    calendar=own, days=day.isoformat(), opens_s=opens_s, closes_s=closes_s, window=window
                )
                pieces += 1
        if not pieces:
            yield CalendarRow(calendar=own, days=day.isoformat())
        day += timedelta(days=1)


def _rows_of_day(rows: list[CalendarRow], day: date) -> list[CalendarRow]:
    for wanted in (day.isoformat(), WEEKDAYS[day.weekday()], "daily"):
        found = [row for row in rows if wanted in row.days.split("+")]
        if found:
            return found
    return []


def _pieces(
    clock: Clock, day: date, hours: tuple[int, int], shut: list[tuple[int, int]]
) -> Iterator[tuple[int, int, bool]]:
    """What is left of a day's hours, as seconds after midnight, and whether something was cut off its end."""
    begin, end = hours
    for from_s, until_s in sorted(shut):
        low, high = _wall(clock, day, from_s), _wall(clock, day, until_s)
        if high <= begin or low >= end:
            continue
        if low > begin:
            yield begin, low, True
        begin = max(begin, high)
    if begin < end:
        yield begin, end, False


def _wall(clock: Clock, day: date, moment_s: int) -> int:
    """What clocks show at a moment, in seconds after a day's midnight; bounded by the day."""
    there = clock.day(moment_s)
    if there != day:
        return 0 if there < day else DAY_S
    local = clock.instant(moment_s)
    return local.hour * 3600 + local.minute * 60 + local.second
