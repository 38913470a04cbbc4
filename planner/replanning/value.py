"""What chosen trips are worth, quickly: the order of the objective over what was opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from planner.network.calendars import days_between
from planner.plans.model import Trip
from planner.replanning.setting import Choice, Picked, Setting, vehicle_id

__all__ = ["Value", "hubs_of", "is_near", "value_of"]


class Value(NamedTuple):
    """Smaller is better, compared from the left; see `planner.replanning.judge.Worth`."""

    undelivered: int
    late: int
    unpromised: int
    lateness_s: int
    changed: int
    people: int
    cost: int


def is_near(setting: Setting, one: Choice, start_s: int, old: Trip) -> bool:
    """Whether a driver would see no difference in the hours.

    Parameters
    ----------
    setting
        What is searched.
    one, start_s
        The new trip, and when it begins to load, in seconds.
    old
        The trip of the plan in force.
    """
    tolerance_s, shift_s = setting.tolerance_s, start_s - one.low_s
    return abs(start_s - old.load_start_s) <= tolerance_s and all(
        abs(end + shift_s - stop.end_s) <= tolerance_s
        for (_, end), stop in zip(one.timing.services, old.stops, strict=False)
    )


def hubs_of(setting: Setting, one: Choice) -> list[str]:
    """Hubs that a choice leaves or reaches."""
    nodes = setting.places[one.origin_id].nodes
    places = (one.origin_id, *(nodes[stop.region] for stop in one.stops))
    return [name for name in dict.fromkeys(places) if name in setting.hubs]


def value_of(setting: Setting, picked: Sequence[Picked]) -> Value:
    """What some choices are worth together."""
    over = {name: case.kept_over_s for name, case in setting.regions.items()}
    last = {name: case.kept_s for name, case in setting.regions.items()}
    late = {name for name, over_s in over.items() if over_s > 0}
    vehicles = {name: set(case.kept_vehicles) for name, case in setting.regions.items()}
    covered: set[tuple[str, int]] = set()
    cost = 0
    days: set[tuple[str, int]] = set()
    for one in picked:
        choice, shift_s = one.choice, one.timing.load_start_s - one.choice.low_s
        place = setting.places[choice.origin_id]
        name = vehicle_id(setting, choice, one.vehicle)
        covered.update((choice.origin_id, position) for position in choice.order)
        cost += choice.cost
        kind = place.problem.fleet[choice.fleet]
        if kind.prices.day:
            for day in days_between(place.problem.midnights, one.timing.load_start_s, one.timing.end_s):
                if day not in setting.taken.line(name).days and (name, day) not in days:
                    days.add((name, day))
                    cost += kind.prices.day
        for position, stop in enumerate(choice.stops):
            due_s = place.problem.region_deadlines[stop.region]
            over_s = choice.timing.over_s(position, due_s) + shift_s
            regions = {place.legs[leg].goods.region_id for leg in stop.consignments}
            for region in regions:
                over[region] = max(over.get(region, 0), over_s)
            late |= regions if one.timing.is_late(position, due_s) else set()
            node = place.nodes[stop.region]
            if node in last:
                last[node] = max(last[node], choice.timing.services[position][1] + shift_s)
                vehicles[node].add(name)
    return Value(*_weights(setting, over, late, last, vehicles, covered), _people(setting, picked), cost)


def _weights(
    setting: Setting,
    over: dict[str, int],
    late: set[str],
    last: dict[str, int],
    vehicles: dict[str, set[str]],
    covered: set[tuple[str, int]],
) -> tuple[int, int, int, int, int]:
    """Weight undelivered, late as planned, not promised, lateness, weight changed."""
    gone = {
        leg.goods.region_id
        for origin, place in setting.places.items()
        for position, leg in enumerate(place.legs)
        if (origin, position) not in covered
    }
    undelivered = is_late = unpromised = lateness = changed = 0
    for name, case in setting.regions.items():
        if name in gone:
            undelivered += case.weight
        elif over[name] > 0:
            is_late += case.weight if name in late else 0
            unpromised += case.weight
            lateness += case.weight * over[name]
        if case.old.received_s is not None and (
            name in gone
            or vehicles[name] != case.old.vehicles
            or not case.same_from_s <= last[name] <= case.same_until_s
        ):
            changed += case.weight
    return undelivered, is_late, unpromised, lateness, changed


def _people(setting: Setting, picked: Sequence[Picked]) -> int:
    """Drivers and hubs that must be called."""
    calls: set[str] = set()
    kept: set[str] = set()
    for one in picked:
        choice = one.choice
        old = setting.opened.get(choice.same_as)
        name = vehicle_id(setting, choice, one.vehicle)
        if choice.rest_of and choice.same_as:
            kept.add(choice.same_as)
        elif (
            old is not None
            and old.vehicle_id == name
            and is_near(setting, choice, one.timing.load_start_s, old)
        ):
            kept.add(old.id)
        else:
            calls.update((name, *hubs_of(setting, choice)))
    for name, trip in setting.opened.items():
        if name not in kept:
            places = (trip.origin_id, *(stop.node_id for stop in trip.stops))
            calls.update((trip.vehicle_id, *(one for one in places if one in setting.hubs)))
    return len(calls)
