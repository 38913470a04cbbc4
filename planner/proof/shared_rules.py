"""Rules of what trips share: vehicles, docks, stock, capacity, and the goods themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from planner.instance.schema import VehicleType
from planner.plan import Delivery, RegionStatus, Trip
from planner.proof.kit import Load
from planner.proof.reckoning import Reckoning, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = [
    "check_docks",
    "check_exactly_once",
    "check_mass",
    "check_pieces",
    "check_stock",
    "check_vehicle_overlap",
    "check_volume",
]


def check_vehicle_overlap(reckoning: Reckoning, found: Recorder) -> None:
    """Check that trips of a vehicle follow each other; after an open end there is none."""
    by_vehicle: dict[str, list[TripView]] = {}
    for view in reckoning.trips:
        by_vehicle.setdefault(view.trip.vehicle_id, []).append(view)
    for vehicle, views in by_vehicle.items():
        views.sort(key=lambda one: (one.trip.load_start_s, one.trip.end_s))
        busy_s, ended_open = views[0].trip.end_s, views[0].trip.back is None
        found.good()
        for view in views[1:]:
            trip = view.trip
            found.not_before(trip.load_start_s, busy_s, trip=trip.id, vehicle=vehicle)
            if ended_open:
                found.broken(trip.origin_id, "", trip=trip.id, vehicle=vehicle)
            busy_s, ended_open = max(busy_s, trip.end_s), ended_open or trip.back is None


def check_docks(reckoning: Reckoning, found: Recorder) -> None:
    """Check that docks exist and each holds one load at a time."""
    by_origin: dict[str, list[TripView]] = {}
    for view in reckoning.trips:
        by_origin.setdefault(view.trip.origin_id, []).append(view)
    for origin, views in sorted(by_origin.items()):
        loads_at = reckoning.world.loading_place(origin)
        if loads_at is None:
            continue
        others = len(found.violations)
        for view in views:
            trip = view.trip
            if view.begun:
                continue
            exists = 1 <= trip.dock <= loads_at.docks
            found.case(exists, str(trip.dock), str(loads_at.docks), trip=trip.id, dock=trip.dock)
        _check_each_dock(views, found)
        place = {"hub" if origin in reckoning.world.hubs else "warehouse": origin}
        most = _most_at_once(views)
        if len(found.violations) == others:
            found.at_most(most, loads_at.docks, Measure.CASES, **place)
        else:  # the same is said of a dock already
            found.near(loads_at.docks - most, Measure.CASES, **place)


def _check_each_dock(views: list[TripView], found: Recorder) -> None:
    free_s: dict[int, int] = {}
    for view in sorted(views, key=lambda one: (one.trip.load_start_s, one.trip.depart_s)):
        trip = view.trip
        if trip.dock in free_s and not view.begun:
            overlap_s = free_s[trip.dock] - trip.load_start_s
            if overlap_s > 0 and trip.depart_s > trip.load_start_s:
                start, free = found.at(trip.load_start_s), found.at(free_s[trip.dock])
                found.broken(start, free, overlap_s, Measure.SECONDS, trip=trip.id, dock=trip.dock)
            else:
                found.good()
        free_s[trip.dock] = max(free_s.get(trip.dock, trip.depart_s), trip.depart_s)


def _most_at_once(views: list[TripView]) -> int:
    """Most loads at the same time, at moments when one begins that is no history."""
    changes = sorted(
        change
        for view in views
        if view.trip.depart_s > view.trip.load_start_s
        for change in ((view.trip.load_start_s, 1, view.begun), (view.trip.depart_s, -1, view.begun))
    )
    now = most = 0
    for _, change, begun in changes:
        now += change
        most = most if begun else max(most, now)
    return most


def check_stock(reckoning: Reckoning, found: Recorder) -> None:
    """Check that what is loaded has come to the warehouse before, from another warehouse too.

    Notes
    -----
    What goes to another warehouse is loaded like all else, and has come there at the end of its service. An
    item without rows at a warehouse is always there, but not for others. In a replan, what was loaded before
    its moment is a fact; what is loaded later must be there beside it.
    """
    arrivals: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in reckoning.world.instance.stock:
        arrivals.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, row.quantity))
    loads: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
    for view in reckoning.trips:
        for item, number in view.loaded.items.items():
            load = (view.trip.load_start_s, number, view.begun)
            loads.setdefault((view.trip.origin_id, item), []).append(load)
    _come_from_others(reckoning, arrivals, found)
    for key, rows in sorted(arrivals.items()):
        warehouse, item = key
        taken, least = min(_stock_left(rows, loads.get(key, [])), key=lambda one: one[1] - one[0])
        found.at_most(taken, least, Measure.PIECES, warehouse=warehouse, item=item)


def _come_from_others(
    reckoning: Reckoning, arrivals: dict[tuple[str, str], list[tuple[int, int]]], found: Recorder
) -> None:
    """Add what comes from other warehouses; none sends what it has no rows of."""
    stocked = set(arrivals)
    for view in reckoning.trips:
        for stop in view.stops:
            for item, number in stop.goods.items.items():
                if (view.trip.origin_id, item) not in stocked:
                    place = {"warehouse": view.trip.origin_id, "item": item}
                    found.broken(str(number), "0", number, Measure.PIECES, trip=view.trip.id, **place)
                if (stop.stop.node_id, item) in stocked:
                    arrivals[stop.stop.node_id, item].append((stop.stop.end_s, number))


def _stock_left(rows: list[tuple[int, int]], loads: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """Taken and arrived until each moment at which something is loaded that is no history."""
    yield 0, sum(quantity for _, quantity in rows)
    rows, loads = sorted(rows), sorted(loads)
    free_at = {start_s for start_s, _, begun in loads if not begun}
    taken = arrived = idx = 0
    for number, (start_s, quantity, _) in enumerate(loads):
        taken += quantity
        if number + 1 < len(loads) and loads[number + 1][0] == start_s:
            continue
        while idx < len(rows) and rows[idx][0] <= start_s:
            arrived += rows[idx][1]
            idx += 1
        if start_s in free_at:
            yield taken, arrived


def _check_capacity(
    reckoning: Reckoning,
    found: Recorder,
    measure: Measure,
    figures: Callable[[Load | Trip | Delivery], int],
    capacity: Callable[[VehicleType], int | None],
) -> None:
    for view in reckoning.trips:
        own = figures(view.load)
        found.same(figures(view.trip), own, measure, trip=view.trip.id)
        for stop in view.stops:
            both = (*zip(stop.stop.deliveries, stop.loads, strict=True),)
            for item, load in (*both, *zip(stop.stop.fetched, stop.taken, strict=True)):
                place = {"trip": view.trip.id, "consignment": item.consignment_id}
                found.same(figures(item), figures(load), measure, **place)
        limit = None if view.kind is None or view.begun else capacity(view.kind)
        if limit is not None:
            found.at_most(own, limit, measure, trip=view.trip.id, vehicle=view.trip.vehicle_id)


def check_mass(reckoning: Reckoning, found: Recorder) -> None:
    """Check that masses of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(reckoning, found, Measure.GRAMS, lambda one: one.mass_g, lambda kind: kind.mass_kg * 1000)


def check_volume(reckoning: Reckoning, found: Recorder) -> None:
    """Check that volumes of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(
        reckoning, found, Measure.CUBIC_CM, lambda one: one.volume_cm3, lambda kind: kind.volume_dm3 * 1000
    )


def check_pieces(reckoning: Reckoning, found: Recorder) -> None:
    """Check that pieces of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(reckoning, found, Measure.PIECES, lambda one: one.pieces, lambda kind: kind.pieces)


def check_exactly_once(reckoning: Reckoning, found: Recorder) -> None:
    """Check that every unit of every part travels once; only a region claimed undelivered lacks some.

    Notes
    -----
    Where there is a chain, no unit leaves its warehouse twice either; what goes on from hubs is rule `chain`.
    """
    _check_consignments(reckoning, found)
    regions = reckoning.world.instance.region_of
    planned = {name for component in reckoning.plan.components for name in component.regions}
    for (name, part), runs in (*reckoning.runs.items(), *reckoning.sent.items()):
        region = regions.get(name)
        num = 0 if region is None or name not in planned else reckoning.world.kit.needs(region).get(part, 0)
        _check_runs(runs, num, {"region": name, "part": part}, found)
    for result in reckoning.plan.regions:
        region = regions.get(result.region_id)
        if region is not None and result.status is not RegionStatus.UNDELIVERED:
            missing = reckoning.missing(region)
            units = sum(reckoning.world.kit.needs(region).values())
            if missing:
                found.broken(str(units - missing), str(units), missing, Measure.UNITS, region=region.id)
            else:
                found.good()


def _check_consignments(reckoning: Reckoning, found: Recorder) -> None:
    numbers = Counter(
        (item.consignment_id, "" if stop.hub is None else stop.hub.id)
        for view in reckoning.trips
        for stop in view.stops
        for item in stop.stop.deliveries
    )
    for (consignment, hub), number in numbers.items():
        place = {"consignment": consignment} | ({"hub": hub} if hub else {})
        found.case(number == 1, str(number), "1", **place)


def _check_runs(
    runs: list[tuple[int, int, str]], num: int, place: dict[str, str | int], found: Recorder
) -> None:
    """Count runs of units that exist and do not overlap, and those that do not."""
    reach = 0
    for first, end, trip in runs:
        claimed = f"{first} … {end - 1}"
        if first < 0 or end <= first or end > num:
            beyond = max(-first, end - num, 1)
            found.broken(claimed, f"0 … {num - 1}" if num else "", beyond, Measure.UNITS, trip=trip, **place)
        elif first < reach:
            doubled = min(end, reach) - first
            left = f"{reach} … {num - 1}" if reach < num else ""
            found.broken(claimed, left, doubled, Measure.UNITS, trip=trip, **place)
        else:
            found.good()
        reach = max(reach, end)
