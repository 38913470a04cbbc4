"""Which trips of a new plan have what trips of the plans before it carried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from planner.plans.model import Moved, Plan, Trip

__all__ = ["moved_trips"]

_Unit = tuple[str, str, str, int]  # node, region, part and number of a unit that is handed over there


def moved_trips(before: Plan, trips: Iterable[Trip]) -> tuple[Moved, ...]:
    """Trips of the plan before, and of those before it, that are gone or have given something away.

    Parameters
    ----------
    before
        The plan that is replaced.
    trips
        Those of the new plan.
    """
    new = {trip.id: trip for trip in trips}
    carriers: dict[_Unit, list[str]] = {}
    for trip in new.values():
        for unit in _units(trip):
            carriers.setdefault(unit, []).append(trip.id)
    step: dict[str, Moved] = {}
    for trip in before.trips:
        others = dict.fromkeys(
            name for unit in _units(trip) for name in carriers.get(unit, ()) if name != trip.id
        )
        if others or trip.id not in new:
            step[trip.id] = Moved(trip.id, trip.vehicle_id, tuple(others))
    earlier = () if before.replan is None else before.replan.moved
    found = {one.trip: Moved(one.trip, one.vehicle, tuple(_now(one, new, step))) for one in earlier}
    for name, one in step.items():
        to = dict.fromkeys((*(found[name].to if name in found else ()), *one.to))
        found[name] = Moved(name, one.vehicle, tuple(to))
    return tuple(found[name] for name in sorted(found))


def _now(one: Moved, new: Mapping[str, Trip], step: Mapping[str, Moved]) -> Iterator[str]:
    """Yield, each once, the trips of the new plan that stand for a trip moved before."""
    seen: dict[str, None] = {}
    for name in one.to:
        if name in new:
            seen[name] = None
        seen |= dict.fromkeys(step[name].to if name in step else ())
    yield from seen


def _units(trip: Trip) -> Iterator[_Unit]:
    for stop in trip.stops:
        for goods in stop.deliveries:
            for unit in range(goods.first_unit, goods.first_unit + goods.units):
                yield stop.node_id, goods.region_id, goods.part, unit
