"""What changes for drivers: which of their trips differ, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.compare.changes import TripPair, VehicleChange, What, together
from planner.plans.model import Plan, Stop, Trip

__all__ = ["Pair", "ahead", "paired", "sheet", "vehicle_changes"]

Pair = tuple[Trip | None, Trip | None]


def vehicle_changes(
    before: Plan, after: Plan, *, tolerance_s: int, from_s: int | None = None
) -> tuple[VehicleChange, ...]:
    """Vehicles of which trips differ that are not over, those first that start first.

    Parameters
    ----------
    before, after
        The plans, read by the same clock.
    tolerance_s
        A start that is later by no more is no change; an earlier one always is. Who is on his way at `from_s`
        knows himself how late he is.
    from_s
        Trips and stops that were over before are history.
    """
    old, new = _by_vehicle(before), _by_vehicle(after)
    found = []
    for vehicle in dict.fromkeys((*new, *old)):
        pairs = tuple(
            TripPair(*pair, what)
            for pair in paired(old.get(vehicle, ()), new.get(vehicle, ()))
            if (what := _pair_what(*pair, tolerance_s=tolerance_s, from_s=from_s))
        )
        if pairs:
            kind = (*new.get(vehicle, ()), *old.get(vehicle, ()))[0].vehicle_type
            found.append(VehicleChange(vehicle, kind, together(one.what for one in pairs), pairs))
    return tuple(sorted(found, key=lambda one: (_start(one.pairs[0][:2]), one.vehicle_id)))


def _by_vehicle(plan: Plan) -> Mapping[str, tuple[Trip, ...]]:
    found: dict[str, list[Trip]] = {}
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        found.setdefault(trip.vehicle_id, []).append(trip)
    return {vehicle: tuple(trips) for vehicle, trips in found.items()}


def paired(old: Sequence[Trip], new: Sequence[Trip]) -> tuple[Pair, ...]:
    """Trips of a vehicle that are the same one or take each other's place, in the order of time.

    Notes
    -----
    Those belong together that are the same but for the id, then those that bring most of the same units to
    the same places; without any such unit, those of the same id that have a stop in common, or of which the
    second is broken off.
    """
    ranked = sorted(_ranked(old, new))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for *_, idx, at in ranked:
        if idx not in partner and at not in taken:
            partner[idx] = at
            taken.add(at)
    pairs: list[Pair] = [(one, new[partner[idx]] if idx in partner else None) for idx, one in enumerate(old)]
    pairs += [(None, one) for at, one in enumerate(new) if at not in taken]
    return tuple(sorted(pairs, key=_start))


def _ranked(old: Sequence[Trip], new: Sequence[Trip]) -> Iterator[tuple[bool, int, bool, int, int, int]]:
    units = [_units(trip) for trip in new]
    for idx, before in enumerate(old):
        own, nodes = _units(before), {stop.node_id for stop in before.stops}
        for at, after in enumerate(new):
            shared, same = len(own & units[at]), before.id == after.id
            alike = sheet(before) == sheet(after)
            common = same and not nodes.isdisjoint(stop.node_id for stop in after.stops)
            common = common or (same and after.broken is not None)  # it may have served none of them
            if shared or alike or common:
                yield not alike, -shared, not same, abs(before.load_start_s - after.load_start_s), idx, at


def _units(trip: Trip) -> frozenset[tuple[str, str, str, int]]:
    """Each single unit that a trip hands over, and where."""
    return frozenset(
        (stop.node_id, item.region_id, item.part, number)
        for stop in trip.stops
        for item in stop.deliveries
        for number in range(item.first_unit, item.first_unit + item.units)
    )


def _start(pair: Pair) -> tuple[int, str]:
    return min((one.load_start_s, one.id) for one in pair if one is not None)


def ahead(before: Trip | None, after: Trip | None, from_s: int | None) -> tuple[list[Stop], list[Stop]]:
    """Stops of both trips that are still to be reached; of the first without what is over in the second."""
    new = [] if after is None else list(after.stops)
    over = [] if from_s is None else [stop.node_id for stop in new if stop.leg.arrive_s <= from_s]
    old = []
    for stop in () if before is None else before.stops:
        if stop.node_id in over:
            over.remove(stop.node_id)
        else:
            old.append(stop)
    return old, [stop for stop in new if from_s is None or stop.leg.arrive_s > from_s]


def _pair_what(
    before: Trip | None, after: Trip | None, *, tolerance_s: int, from_s: int | None
) -> tuple[What, ...]:
    if before is None or after is None:
        over = after is not None and from_s is not None and after.end_s <= from_s
        return () if over else (What.TRIPS,)
    if sheet(before) == sheet(after) or (from_s is not None and after.end_s <= from_s and not after.broken):
        return ()
    on_its_way = from_s is not None and after.load_start_s < from_s
    old, new = ahead(before, after, from_s)
    found = []
    if not on_its_way and (before.origin_id, before.dock) != (after.origin_id, after.dock):
        found.append(What.LOADING)
    if [stop.node_id for stop in old] != [stop.node_id for stop in new] or after.broken != before.broken:
        found.append(What.STOPS)
    if sorted(map(_goods, old)) != sorted(map(_goods, new)):
        found.append(What.GOODS)
    if not on_its_way and _moved(before, after, tolerance_s):
        found.append(What.TIME)
    if not found and (not on_its_way or list(map(_times, old)) != list(map(_times, new))):
        return (What.SLIGHT,)
    return tuple(found)


def _moved(before: Trip, after: Trip, tolerance_s: int) -> bool:
    starts = ((before.load_start_s, after.load_start_s), (before.depart_s, after.depart_s))
    if any(new < old or new > old + tolerance_s for old, new in starts):
        return True
    pairs = zip(before.stops, after.stops, strict=False)
    return any(abs(new.leg.arrive_s - old.leg.arrive_s) > tolerance_s for old, new in pairs)


def _goods(stop: Stop) -> tuple[object, ...]:
    """How many units are handed over, how many pieces unloaded at a hub or elsewhere, and what is fetched."""
    units: dict[tuple[str, str], int] = {}
    for item in stop.deliveries:
        here = item.region_id == stop.node_id
        key = ("gives", item.part) if here else ("unloads", "")
        units[key] = units.get(key, 0) + (item.units if here else item.pieces)
    for item in stop.fetched:
        units["fetches", item.consignment_id] = item.units
    goods = sorted((one.item_id, one.quantity) for one in stop.items)
    return stop.node_id, tuple(sorted(units.items())), tuple(goods)


def _times(stop: Stop) -> tuple[object, ...]:
    return stop.node_id, stop.leg.depart_s, stop.leg.arrive_s, stop.start_s, stop.end_s


def sheet(trip: Trip) -> tuple[object, ...]:
    """What a driver's run sheet says of a trip: all but its id, way and price."""
    return (
        trip.vehicle_id,
        trip.origin_id,
        trip.dock,
        trip.load_start_s,
        trip.depart_s,
        tuple((*_times(stop), stop.deliveries, stop.fetched, stop.items) for stop in trip.stops),
        None if trip.back is None else (trip.back.depart_s, trip.back.arrive_s),
        trip.end_s,
        trip.broken,
    )
