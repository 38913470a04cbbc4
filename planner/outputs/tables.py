"""Export of a plan as CSV: ``deliveries.csv`` and ``trips.csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from planner.clock import Clock
from planner.files import write_text
from planner.plan import Plan, Trip

__all__ = ["DELIVERY_COLUMNS", "TRIP_COLUMNS", "deliveries_text", "trips_text", "write_tables"]

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
)


def deliveries_text(plan: Plan, clock: Clock) -> str:
    """One row for each consignment; ``margin_s`` is the consignment's own."""
    deadlines = {one.region_id: one.deadline_s for one in plan.regions}
    rows = [
        (
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
            clock.text(deadlines[item.region_id]),
            deadlines[item.region_id] - stop.end_s,
        )
        for trip in plan.trips
        for stop in trip.stops
        for item in stop.deliveries
    ]
    order = {one.region_id: position for position, one in enumerate(plan.regions)}
    rows.sort(key=lambda row: (order[str(row[0])], str(row[1])))
    return _csv(DELIVERY_COLUMNS, rows)


def trips_text(plan: Plan, clock: Clock) -> str:
    """Rows of each trip: its origin (index 0), its stops, its return.

    At the origin ``start`` is the start of loading, and mass and volume are what is loaded; at a stop they
    are what is handed over. What does not happen stays blank.
    """
    return _csv(TRIP_COLUMNS, [row for trip in plan.trips for row in _trip_rows(trip, clock)])


def _trip_rows(trip: Trip, clock: Clock) -> Iterable[Sequence[object]]:
    head = (trip.id, trip.vehicle_id, trip.origin_id)
    legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
    leaves = [clock.text(leg.depart_s) for leg in legs]
    loaded = (_thousandths(trip.mass_g), _thousandths(trip.volume_cm3))
    yield (*head, 0, trip.origin_id, "", clock.text(trip.load_start_s), clock.text(trip.depart_s), *loaded)
    for index, stop in enumerate(trip.stops, start=1):
        leave = leaves[index] if index < len(leaves) else ""
        arrive, start = clock.text(stop.leg.arrive_s), clock.text(stop.start_s)
        given = (
            _thousandths(sum(item.mass_g for item in stop.deliveries)),
            _thousandths(sum(item.volume_cm3 for item in stop.deliveries)),
        )
        yield (*head, index, stop.node_id, arrive, start, leave, *given)
    if trip.back is not None:
        yield (*head, len(trip.stops) + 1, trip.back.to_node, clock.text(trip.back.arrive_s), "", "", "", "")


def _thousandths(value: int) -> str:
    """Grams as kg or cm³ as dm³, exactly.

    Examples
    --------
    >>> _thousandths(31896)
    '31.896'
    """
    return f"{value // 1000}.{value % 1000:03d}"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def write_tables(plan: Plan, clock: Clock, folder: Path) -> tuple[Path, Path]:
    """Write both tables into a folder, each whole or not at all; gives their paths."""
    deliveries, trips = folder / "deliveries.csv", folder / "trips.csv"
    write_text(deliveries, deliveries_text(plan, clock))
    write_text(trips, trips_text(plan, clock))
    return deliveries, trips
