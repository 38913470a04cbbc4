"""What changes at warehouses and hubs: which vehicles load there and unload, when, at which dock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.compare.changes import Calling, CallingPair, PlaceChange, What, together
from planner.plans.model import Delivery, Plan, Trip

__all__ = ["callings_of", "place_changes"]

Pair = tuple[Calling | None, Calling | None]


def place_changes(
    before: Plan, after: Plan, *, tolerance_s: int, from_s: int | None = None
) -> tuple[PlaceChange, ...]:
    """Places at which anything differs that is not over, those first where something happens first.

    Parameters
    ----------
    before, after
        The plans, read by the same clock.
    tolerance_s
        Seconds; a moment that moves by no more is no change, but an earlier loading always is.
    from_s
        What was over by then in the second plan is history; None: nothing is.
    """
    old, new = callings_of(before), callings_of(after)
    found = []
    for place in dict.fromkeys((*new, *old)):
        pairs = tuple(
            CallingPair(*pair, what)
            for pair in _paired(old.get(place, ()), new.get(place, ()))
            if (what := _pair_what(*pair, tolerance_s=tolerance_s, from_s=from_s))
        )
        if pairs:
            found.append(PlaceChange(place, together(one.what for one in pairs), pairs))
    return tuple(sorted(found, key=lambda one: (_start(one.pairs[0][:2]), one.place_id)))


def callings_of(plan: Plan) -> Mapping[str, tuple[Calling, ...]]:
    """Who loads and unloads at each warehouse and hub, in the order of time."""
    found: dict[str, list[Calling]] = {}
    for trip in plan.trips:
        for place, calling in _callings(trip):
            found.setdefault(place, []).append(calling)
    return {place: tuple(sorted(some, key=_order)) for place, some in found.items()}


def _order(one: Calling) -> tuple[int, str, str, bool]:
    return one.at_s, one.vehicle_id, one.trip_id, one.loads


def _callings(trip: Trip) -> Iterator[tuple[str, Calling]]:
    fetched = sum(item.pieces for stop in trip.stops for item in stop.fetched)
    all_items = [item for stop in trip.stops for item in stop.deliveries]
    if trip.broken is not None:
        all_items += trip.broken.deliveries
    own = {item.consignment_id for stop in trip.stops for item in stop.fetched}
    taken = [item for item in all_items if item.consignment_id not in own]
    if taken or any(stop.items for stop in trip.stops):
        yield (
            trip.origin_id,
            Calling(
                vehicle_id=trip.vehicle_id,
                vehicle_type=trip.vehicle_type,
                trip_id=trip.id,
                loads=True,
                at_s=trip.load_start_s,
                end_s=trip.depart_s,
                dock=trip.dock,
                pieces=trip.pieces - fetched,
                regions=_regions(taken),
            ),
        )
    for stop in trip.stops:
        beyond = [item for item in stop.deliveries if item.region_id != stop.node_id]
        if beyond or stop.items:
            yield (
                stop.node_id,
                Calling(
                    vehicle_id=trip.vehicle_id,
                    vehicle_type=trip.vehicle_type,
                    trip_id=trip.id,
                    loads=False,
                    at_s=stop.leg.arrive_s,
                    end_s=stop.end_s,
                    dock=None,
                    pieces=sum(item.pieces for item in beyond) if beyond else trip.pieces,
                    regions=_regions(beyond),
                ),
            )


def _regions(items: Sequence[Delivery]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.region_id for item in items))


def _paired(old: Sequence[Calling], new: Sequence[Calling]) -> tuple[Pair, ...]:
    """Callings of a vehicle for the same regions, the nearest ones first; the others have no partner."""
    ranked = sorted(
        (-len(set(one.regions) & set(other.regions)), abs(one.at_s - other.at_s), idx, at)
        for idx, one in enumerate(old)
        for at, other in enumerate(new)
        if (one.vehicle_id, one.loads) == (other.vehicle_id, other.loads)
        and (not one.regions or not other.regions or set(one.regions) & set(other.regions))
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for *_, idx, at in ranked:
        if idx not in partner and at not in taken:
            partner[idx] = at
            taken.add(at)
    pairs: list[Pair] = [(one, new[partner[idx]] if idx in partner else None) for idx, one in enumerate(old)]
    pairs += [(None, one) for at, one in enumerate(new) if at not in taken]
    return tuple(sorted(pairs, key=_start))


def _start(pair: Pair) -> tuple[int, str]:
    return min((one.at_s, one.vehicle_id) for one in pair if one is not None)


def _pair_what(
    before: Calling | None, after: Calling | None, *, tolerance_s: int, from_s: int | None
) -> tuple[What, ...]:
    if after is not None and from_s is not None and after.end_s <= from_s:
        return ()
    if before is None or after is None:
        return (What.TRIPS,)
    found = []
    if before.dock != after.dock:
        found.append(What.LOADING)
    if before.pieces != after.pieces or set(before.regions) != set(after.regions):
        found.append(What.GOODS)
    earlier = after.loads and after.at_s < before.at_s
    if earlier or abs(after.at_s - before.at_s) > tolerance_s:
        found.append(What.TIME)
    if not found and (before.at_s, before.end_s) != (after.at_s, after.end_s):
        return (What.SLIGHT,)
    return tuple(found)
