"""Single vehicles of the table `fleet`: who drives one when, whom to call, and the table's faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from planner.base.errors import Fault
from planner.base.nearest import folded, nearest
from planner.base.text import LANGUAGES
from planner.instance.call_signs import CallSigns
from planner.instance.draft import Draft
from planner.instance.outages import vehicle_of
from planner.instance.schema import Contact, FleetRow, Instance, VehicleType
from planner.instance.subjects import vehicle_id

__all__ = ["DRIVES", "crew_of", "fleet_faults", "fleet_warnings", "people_of", "with_driver"]

DRIVES = "driver"  # the role of those whom `fleet` names
_NAMED = ("regions", "hubs", "warehouses", "nodes", "vehicles")


def crew_of(instance: Instance, vehicle: str, at_s: int | None = None) -> FleetRow | None:
    """What the table says of a vehicle at a moment; None: nothing.

    Parameters
    ----------
    instance, vehicle
        Its table, and the vehicle as plans name it.
    at_s
        The moment; None: the first row of the vehicle.
    """
    rows = (row for row in instance.fleet if row.vehicle == vehicle)
    return next((row for row in rows if at_s is None or _holds(row, at_s)), None)


def _holds(row: FleetRow, at_s: int) -> bool:
    return (row.from_s is None or row.from_s <= at_s) and (row.until_s is None or at_s < row.until_s)


def people_of(instance: Instance, at_s: int | None = None) -> tuple[Contact, ...]:
    """Whom to call: drivers of `fleet` for their vehicles, then `contacts`.

    Parameters
    ----------
    instance
        Its tables.
    at_s
        When; None: whoever drives at any time.
    """
    rows = (row for row in instance.fleet if row.driver and (at_s is None or _holds(row, at_s)))
    drivers = dict.fromkeys((row.vehicle, row.driver, row.phone) for row in rows)
    of_fleet = (Contact(place=one, name=name, role=DRIVES, phone=phone) for one, name, phone in drivers)
    return (*of_fleet, *instance.contacts)


def with_driver(instance: Instance, vehicle: str, name: str, phone: str, at_s: int) -> Instance:
    """The same instance in which somebody else drives a vehicle of the table, until the next one does.

    Parameters
    ----------
    instance, vehicle
        Its table, and the vehicle as plans name it.
    name, phone
        Who drives it.
    at_s
        From when.
    """
    rows = (
        replace(row, driver=name, phone=phone) if row.vehicle == vehicle and _holds(row, at_s) else row
        for row in instance.fleet
    )
    return replace(instance, fleet=tuple(rows))


def fleet_faults(draft: Draft) -> Iterator[Fault]:
    """I435 to I439: vehicles that there are, each with one row at a time, one sign and a plate of its own."""
    rows: tuple[tuple[int, FleetRow], ...] = draft.of("fleet")
    if not rows or not draft.whole("vehicles"):
        return
    types: dict[str, VehicleType] = {row.id: row for _, row in draft.of("vehicles")}
    known = [vehicle_id(kind.id, number) for kind in types.values() for number in range(1, kind.number + 1)]
    for line, row in rows:
        if vehicle_of(row.vehicle, types) is None:
            near = ", ".join(nearest(row.vehicle, known)) or "-"
            yield draft.fault("I435", "fleet", line, "vehicle", nearest=near)
        if row.from_s is not None and row.until_s is not None and row.until_s <= row.from_s:
            yield draft.fault("I436", "fleet", line, "until")
        if row.language and row.language not in LANGUAGES:
            yield draft.fault("I439", "fleet", line, "language", known=", ".join(LANGUAGES))
    yield from _at_once(draft, "I436", "vehicle", lambda row: row.vehicle)
    yield from _at_once(draft, "I438", "plate", lambda row: folded(row.plate))
    yield from _signs(draft, types, known)


def _at_once(draft: Draft, code: str, column: str, key: Callable[[FleetRow], str]) -> Iterator[Fault]:
    """Rows that are alike in something at one moment; for plates, of different vehicles."""
    groups: dict[str, list[tuple[int, FleetRow]]] = {}
    for line, row in draft.of("fleet"):
        if key(row):
            groups.setdefault(key(row), []).append((line, row))
    for rows in groups.values():
        told = set()
        for (first, one), (line, other) in combinations(rows, 2):
            same = one.vehicle == other.vehicle
            repeated = same and one.from_s == other.from_s  # that is I304
            wanted = same if column == "vehicle" else not same
            if wanted and not repeated and line not in told and _overlap(one, other):
                told.add(line)
                yield draft.fault(code, "fleet", line, column, first=first)


def _overlap(one: FleetRow, other: FleetRow) -> bool:
    early = (one.from_s is None, other.until_s is None)
    late = (other.from_s is None, one.until_s is None)
    begins = any(early) or (one.from_s or 0) < (other.until_s or 0)
    ends = any(late) or (other.from_s or 0) < (one.until_s or 0)
    return begins and ends


def _words(draft: Draft) -> list[tuple[str, str]]:
    """Ids and names of places and vehicle types, each with the id of its row."""
    rows = (row for table in _NAMED for _, row in draft.of(table))
    return [(word, row.id) for row in rows for word in (row.id, row.name) if word]


def _signs(draft: Draft, types: Mapping[str, VehicleType], known: list[str]) -> Iterator[Fault]:
    """I437: a call sign is of one vehicle, of nothing else, and a vehicle has one."""
    words = _words(draft)
    names = {folded(word): name for word, name in words}
    signs = CallSigns(types.values(), (word for word, _ in words))
    given = {row.vehicle for _, row in draft.of("fleet") if row.call_sign}
    taken = names | {signs.made(one): one for one in known if one not in given}
    own: dict[str, str] = {}
    for line, row in draft.of("fleet"):
        word = folded(row.call_sign)
        if not word:
            continue
        other = taken.setdefault(word, row.vehicle)
        if other == row.vehicle:
            other = "" if own.setdefault(row.vehicle, word) == word else own[row.vehicle]
        if other:
            yield draft.fault("I437", "fleet", line, "call_sign", other=other)


def fleet_warnings(draft: Draft) -> Iterator[Fault]:
    """W516: who drives tells vehicles apart, or is a word that names something else."""
    names = {folded(word) for word, _ in _words(draft)}
    first: dict[str, str] = {}
    for line, row in draft.of("fleet"):
        word = folded(row.driver)
        if word and (first.setdefault(word, row.vehicle) != row.vehicle or word in names):
            other = first[word] if first[word] != row.vehicle else row.driver
            yield draft.warning("W516", "fleet", line, "driver", other=other)
