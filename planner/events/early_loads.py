"""Reports that a vehicle was loaded before its goods had come to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.events.loads import items_of
from planner.events.meaning import LOADED
from planner.events.tellings import Happened, Mismatch, TripReports
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip

__all__ = ["loaded_too_early"]

_Store = tuple[str, str]  # warehouse and item


def loaded_too_early(
    plan: Plan, reports: Mapping[str, TripReports], instance: Instance
) -> Iterator[Mismatch]:
    """Yield reports by which more was loaded than had come until then (E945).

    Parameters
    ----------
    plan, reports
        The plan in force, and what is reported of its trips.
    instance
        The tables with the reports of stock applied: what has come sooner is reported by itself.
    """
    told = {
        trip.id: reports[trip.id].known[LOADED]
        for trip in plan.trips
        if not trip.begun and trip.id in reports and LOADED in reports[trip.id].known
    }
    starts = {trip.id: _start_s(trip, told.get(trip.id)) for trip in plan.trips}
    if all(starts[trip.id] >= trip.load_start_s for trip in plan.trips):
        return
    come = _come(plan, instance)
    taken: dict[_Store, int] = {}
    for trip in sorted(plan.trips, key=lambda one: (starts[one.id], one.id)):
        for item, number in items_of(trip, instance).items():
            store = (trip.origin_id, item)
            if store not in come:
                continue
            taken[store] = taken.get(store, 0) + number
            there = sum(quantity for at_s, quantity in come[store] if at_s <= starts[trip.id])
            if taken[store] > there and starts[trip.id] < trip.load_start_s:
                params = {
                    "trip": trip.id,
                    "warehouse": trip.origin_id,
                    "item": item,
                    "start": instance.clock.text(starts[trip.id]),
                    "there": there,
                    "needed": taken[store],
                }
                yield Mismatch(told[trip.id].event, "E945", params, "from")
                break


def _start_s(trip: Trip, told: Happened | None) -> int:
    """When loading began, at the latest, where it is told when it ended."""
    if told is None:
        return trip.load_start_s
    return min(trip.load_start_s, told.at_s - (trip.depart_s - trip.load_start_s))


def _come(plan: Plan, instance: Instance) -> dict[_Store, list[tuple[int, int]]]:
    """What comes to each warehouse, and when; from another one as planned."""
    found: dict[_Store, list[tuple[int, int]]] = {}
    for row in instance.stock:
        found.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, row.quantity))
    for trip in plan.trips:
        for stop in trip.stops:
            for one in stop.items:
                if (stop.node_id, one.item_id) in found:
                    found[stop.node_id, one.item_id].append((stop.end_s, one.quantity))
    return found
