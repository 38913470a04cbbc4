"""Export of a plan as CSV: ``deliveries.csv``, ``trips.csv``, and ``transfers.csv`` where goods pass hubs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from planner.base.clock import Clock
from planner.base.files import write_beside
from planner.base.safe_text import csv_text, from_spreadsheet, spreadsheet_text
from planner.instance.call_signs import CallSigns, call_signs
from planner.instance.schema import Instance
from planner.instance.write import BYTE_ORDER_MARK, writes_commas
from planner.outputs.transfers import Haul, hauls, hubs_used, receivers, transfers
from planner.outputs.transshipments import goods_text, transshipment_trips, unloaded
from planner.plans.model import Plan, Stop, Trip

__all__ = [
    "BETWEEN_COLUMNS",
    "DECIMAL_COLUMNS",
    "DELIVERY_COLUMNS",
    "HUB_DELIVERY_COLUMNS",
    "HUB_TRIP_COLUMNS",
    "NAME_COLUMNS",
    "SIGN_COLUMNS",
    "TABLE_FILES",
    "TRANSFER_COLUMNS",
    "TRIP_COLUMNS",
    "deliveries_text",
    "local_moment",
    "transfers_text",
    "trips_text",
    "with_commas",
    "write_tables",
]

TABLE_FILES = ("deliveries.csv", "trips.csv", "transfers.csv")

DELIVERY_COLUMNS = (
    "region_id",
    "consignment_id",
    "part",
    "units",
    "vehicle_id",
    "trip_id",
    "origin_id",
    "load_start",
    "depart",
    "arrive",
    "received",
    "deadline",
    "margin_s",
)
TRIP_COLUMNS = (
    "trip_id",
    "vehicle_id",
    "origin_id",
    "stop_index",
    "node_id",
    "arrive",
    "start",
    "depart",
    "mass_kg",
    "volume_dm3",
    "dock",
    "consignments",
)


DECIMAL_COLUMNS = ("mass_kg", "volume_dm3")
HUB_DELIVERY_COLUMNS = ("hubs", "at_hubs")  # only in a plan in which goods pass hubs, after the others
HUB_TRIP_COLUMNS = ("for_regions",)
BETWEEN_COLUMNS = ("items",)  # only in a plan with trips to other warehouses, the last one
# Beside the id of a place, only where the plan's instance is given.
NAME_COLUMNS = {
    "region_id": "region_name",
    "origin_id": "origin_name",
    "node_id": "node_name",
    "hub_id": "hub_name",
}
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})[+-]\d{2}:\d{2}")
SIGN_COLUMNS = ("call_sign",)  # only where the plan's instance is given, the last one
TRANSFER_COLUMNS = (
    "hub_id",
    "region_id",
    "consignment_id",
    "part",
    "units",
    "mass_kg",
    "volume_dm3",
    "pieces",
    "origin_id",
    "vehicle_id",
    "trip_id",
    "arrive",
    "unloaded",
    "next_vehicle_id",
    "next_trip_id",
    "load_start",
)


def deliveries_text(plan: Plan, clock: Clock) -> str:
    """One row for each consignment that a region receives; ``margin_s`` is the consignment's own.

    Where goods pass hubs two more columns say through which, and when they were unloaded there.
    """
    deadlines = {one.region_id: one.deadline_s for one in plan.regions}
    through_hubs = bool(hubs_used(plan))
    rows = []
    for its_hauls in hauls(plan).values():
        for one in its_hauls:
            if not one.ends_at_hub:
                row = _delivery_row(one, deadlines[one.delivery.region_id], clock)
                rows.append((*row, *_through(its_hauls, clock)) if through_hubs else row)
    order = {one.region_id: position for position, one in enumerate(plan.regions)}
    rows.sort(key=lambda row: (order[str(row[0])], str(row[1])))
    return _csv((*DELIVERY_COLUMNS, *(HUB_DELIVERY_COLUMNS if through_hubs else ())), rows)


def _delivery_row(one: Haul, deadline_s: int, clock: Clock) -> tuple[object, ...]:
    item, trip, stop = one.delivery, one.trip, one.stop
    return (
        item.region_id,
        item.consignment_id,
        item.part,
        item.units,
        trip.vehicle_id,
        trip.id,
        trip.origin_id,
        clock.text(trip.load_start_s),
        clock.text(trip.depart_s),
        clock.text(stop.leg.arrive_s),
        clock.text(stop.end_s),
        clock.text(deadline_s),
        deadline_s - stop.end_s,
    )


def _through(its_hauls: Sequence[Haul], clock: Clock) -> tuple[str, str]:
    """Hubs that a consignment passed, joined as ids are, and the ends of its unloading there."""
    stops = [one.stop for one in its_hauls if one.ends_at_hub]
    return "+".join(stop.node_id for stop in stops), " ".join(clock.text(stop.end_s) for stop in stops)


def trips_text(plan: Plan, clock: Clock, signs: CallSigns | None = None) -> str:
    """Rows of each trip: its origin (index 0), its stops, its return.

    Parameters
    ----------
    plan, clock
        The plan, and by which clock moments are written.
    signs
        Call signs of the vehicles, for a last column; None: there is no such column.

    Notes
    -----
    At the origin ``start`` is the start of loading, and mass and volume are what is loaded; at a stop they
    are what is handed over or, at a hub, unloaded, and ``consignments`` says which units, the first being 1:
    so the table, edited or not, can be read again (``plan evaluate``). Where goods pass hubs a further column
    says for which regions; where some go to other warehouses, another one which. What does not happen stays
    blank.
    """
    further: list[tuple[str, Callable[[Stop], str]]] = []
    if hubs_used(plan):
        further.append((*HUB_TRIP_COLUMNS, _for))
    if transshipment_trips(plan):
        further.append((*BETWEEN_COLUMNS, goods_text))
    rows = []
    for trip in plan.trips:
        stops = (None, *trip.stops, None)
        for row, stop in zip(_trip_rows(trip, clock), stops, strict=False):
            called = () if signs is None else (signs.of(trip.vehicle_id),)
            rows.append((*row, *("" if stop is None else text(stop) for _, text in further), *called))
    last = () if signs is None else SIGN_COLUMNS
    return _csv((*TRIP_COLUMNS, *(name for name, _ in further), *last), rows)


def _for(stop: Stop) -> str:
    return "+".join(receivers(stop))


def _trip_rows(trip: Trip, clock: Clock) -> Iterable[Sequence[object]]:
    head = (trip.id, trip.vehicle_id, trip.origin_id)
    legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
    leaves = [clock.text(leg.depart_s) for leg in legs]
    loaded = (_thousandths(trip.mass_g), _thousandths(trip.volume_cm3))
    start, depart = clock.text(trip.load_start_s), clock.text(trip.depart_s)
    yield (*head, 0, trip.origin_id, "", start, depart, *loaded, trip.dock, "")
    for index, stop in enumerate(trip.stops, start=1):
        leave = leaves[index] if index < len(leaves) else ""
        arrive, start = clock.text(stop.leg.arrive_s), clock.text(stop.start_s)
        sizes = unloaded(trip, stop)
        given = ("", "") if sizes is None else tuple(_thousandths(one) for one in sizes[:2])
        yield (*head, index, stop.node_id, arrive, start, leave, *given, "", consignments_text(stop))
    if trip.back is not None:
        yield (*head, len(trip.stops) + 1, trip.back.to_node, clock.text(trip.back.arrive_s), *("",) * 6)


def consignments_text(stop: Stop) -> str:
    """What a stop unloads, for a cell: ``R1/main/1:1-5``, the first unit of a region being 1."""
    return "+".join(
        f"{one.consignment_id}:{one.first_unit + 1}-{one.first_unit + one.units}" for one in stop.deliveries
    )


def transfers_text(plan: Plan, clock: Clock) -> str:
    """One row for each consignment at each hub: what brings it and what takes it; blank where it stays."""
    rows = []
    for one, taken in transfers(plan):
        item, trip = one.delivery, one.trip
        load = (_thousandths(item.mass_g), _thousandths(item.volume_cm3), item.pieces)
        brought = (trip.origin_id, trip.vehicle_id, trip.id, clock.text(one.stop.leg.arrive_s))
        on: tuple[str, ...] = ("", "", "")
        if taken is not None:
            on = (taken.trip.vehicle_id, taken.trip.id, clock.text(taken.trip.load_start_s))
        what = (one.stop.node_id, item.region_id, item.consignment_id, item.part, item.units, *load)
        rows.append((*what, *brought, clock.text(one.stop.end_s), *on))
    return _csv(TRANSFER_COLUMNS, rows)


def _thousandths(value: int) -> str:
    """Grams as kg or cm³ as dm³, exactly.

    Examples
    --------
    >>> _thousandths(31896)
    '31.896'
    """
    return f"{value // 1000}.{value % 1000:03d}"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return csv_text((columns, *rows))


def _with_names(text: str, instance: Instance) -> str:
    """A table with the name of each place beside its id."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    names = instance.place_name_of
    for position, column in reversed([*enumerate(rows[0])]):
        if column in NAME_COLUMNS:
            rows[0].insert(position + 1, NAME_COLUMNS[column])
            for row in rows[1:]:
                name = names.get(from_spreadsheet(row[position]), "")
                row.insert(position + 1, spreadsheet_text(name))
    return csv_text(rows, as_is=True)


def with_commas(text: str) -> str:
    """A table as spreadsheets save it where the comma is the decimal sign; moments as they know them."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    decimal = [position for position, name in enumerate(rows[0]) if name in DECIMAL_COLUMNS]
    for row in rows[1:]:
        for position in decimal:
            row[position] = row[position].replace(".", ",")
        row[:] = map(local_moment, row)
    return BYTE_ORDER_MARK + csv_text(rows, separator=";", as_is=True)


def local_moment(cell: str) -> str:
    """An instant as every spreadsheet program knows it, by the local clock; all else as it is.

    Examples
    --------
    >>> local_moment("2024-11-24T08:00:00+08:00"), local_moment("2024-11-24T08:00:30+08:00")
    ('2024-11-24 08:00', '2024-11-24 08:00:30')
    """
    found = _INSTANT.fullmatch(cell)
    if found is None:
        return cell
    time = found[2][:5] if found[2].endswith(":00") else found[2]
    return f"{found[1]} {time}"


def write_tables(
    plan: Plan, clock: Clock, folder: Path, *, instance: Instance | None = None
) -> tuple[Path, ...]:
    """Write the tables into a folder, each whole or not at all; gives their paths.

    A table that is open in another program stays as it is, and a second name beside it is taken.
    ``transfers.csv`` is written where goods pass hubs, or where such a file of another plan would stay.

    Parameters
    ----------
    plan, clock
        The plan, and by which clock moments are written.
    folder
        Made if it is not there.
    instance
        The plan's instance: names and call signs stand beside ids; where its `number_format` has decimal
        commas, so have the tables, semicolons separate, and moments are as spreadsheets know them.

    Raises
    ------
    OSError
        As for `planner.base.files.write_beside`.
    """
    signs = None if instance is None else call_signs(instance)
    texts = [deliveries_text(plan, clock), trips_text(plan, clock, signs)]
    if hubs_used(plan) or (folder / TABLE_FILES[2]).exists():
        texts.append(transfers_text(plan, clock))
    if instance is not None:
        texts = [_with_names(text, instance) for text in texts]
    if instance is not None and writes_commas(instance.settings):
        texts = [with_commas(text) for text in texts]
    return tuple(
        write_beside(folder / name, text.encode("utf-8"))
        for name, text in zip(TABLE_FILES, texts, strict=False)
    )
