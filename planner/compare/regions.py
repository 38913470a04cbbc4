"""What changes for regions: who comes, when, with how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from planner.base.clock import Clock
from planner.compare.changes import RegionChange, Visit, What
from planner.plans.model import Plan, RegionResult

__all__ = ["region_changes", "visits_of"]


def region_changes(
    before: Plan, after: Plan, clock: Clock, *, tolerance_s: int, from_s: int | None = None
) -> tuple[RegionChange, ...]:
    """Regions of which anything differs, in the order of the second plan; at last those only in the first.

    Parameters
    ----------
    before, after
        The plans.
    clock
        By which both plans are read, and by which days begin.
    tolerance_s
        An arrival that moves by no more is no change.
    from_s
        What had been received before in both plans is history.
    """
    old, new = visits_of(before), visits_of(after)
    results = tuple({one.region_id: one for one in plan.regions} for plan in (before, after))
    found = []
    for name in dict.fromkeys((*results[1], *results[0])):
        pair = (results[0].get(name), results[1].get(name))
        visits = (old.get(name, ()), new.get(name, ()))
        what = _what(pair, visits, clock, tolerance_s)
        if what:
            found.append(RegionChange(name, what, _is_past(visits, from_s), *pair, *visits))
    return tuple(found)


def visits_of(plan: Plan) -> Mapping[str, tuple[Visit, ...]]:
    """Who hands over what at each region, in the order of time."""
    found: dict[str, list[Visit]] = {}
    for trip in plan.trips:
        for stop in trip.stops:
            units: dict[str, int] = {}
            for item in stop.deliveries:
                if item.region_id == stop.node_id:
                    units[item.part] = units.get(item.part, 0) + item.units
            if units:
                visit = Visit(
                    trip_id=trip.id,
                    vehicle_id=trip.vehicle_id,
                    vehicle_type=trip.vehicle_type,
                    origin_id=trip.origin_id,
                    arrive_s=stop.leg.arrive_s,
                    end_s=stop.end_s,
                    units=tuple(sorted(units.items())),
                )
                found.setdefault(stop.node_id, []).append(visit)
    return {name: tuple(sorted(visits, key=_order)) for name, visits in found.items()}


def _order(visit: Visit) -> tuple[int, str, str]:
    return visit.arrive_s, visit.vehicle_id, visit.trip_id


def _days(clock: Clock, visits: Sequence[Visit]) -> list[date]:
    return [clock.day(visit.arrive_s) for visit in visits]


def _is_past(visits: tuple[Sequence[Visit], Sequence[Visit]], from_s: int | None) -> bool:
    """Whether all that comes in the second plan had come before, and nothing more was to come."""
    if from_s is None or not visits[1]:
        return False
    return all(one.end_s <= from_s for one in visits[1]) and len(visits[0]) <= len(visits[1])


def _what(
    results: tuple[RegionResult | None, RegionResult | None],
    visits: tuple[Sequence[Visit], Sequence[Visit]],
    clock: Clock,
    tolerance_s: int,
) -> tuple[What, ...]:
    old, new = visits
    differs = {
        What.STATUS: _answer(results[0]) != _answer(results[1]),
        What.VEHICLE: _sorted(old, "vehicle_id") != _sorted(new, "vehicle_id"),
        What.GOODS: _units(old) != _units(new),
        What.WAY: {visit.origin_id for visit in old} != {visit.origin_id for visit in new},
        What.DAY: _days(clock, old) != _days(clock, new),
        What.TIME: _apart_s(old, new) > tolerance_s,
    }
    found = tuple(what for what, does in differs.items() if does)
    times = [(one.vehicle_id, one.arrive_s, one.end_s, one.units) for one in old]
    if not found and times != [(one.vehicle_id, one.arrive_s, one.end_s, one.units) for one in new]:
        return (What.SLIGHT,)
    return found


def _answer(result: RegionResult | None) -> tuple[str, int] | None:
    return None if result is None else (result.status.value, result.deadline_s)


def _sorted(visits: Iterable[Visit], field: str) -> list[str]:
    return sorted(str(getattr(one, field)) for one in visits)


def _units(visits: Iterable[Visit]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for visit in visits:
        for part, units in visit.units:
            found[part] = found.get(part, 0) + units
    return found


def _apart_s(old: Sequence[Visit], new: Sequence[Visit]) -> int:
    """By how much arrivals and ends move at most; first with first, second with second."""
    pairs = tuple(zip(old, new, strict=False))
    arrivals = (abs(one.arrive_s - other.arrive_s) for one, other in pairs)
    ends = (abs(one.end_s - other.end_s) for one, other in pairs)
    return max((*arrivals, *ends), default=0)
