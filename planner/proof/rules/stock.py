"""Rule `stock`: no more of an item is loaded than lies in the warehouse by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.instance.schema import Instance
from planner.proof.facts import PlanFacts, TripView
from planner.proof.kit import Load
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_stock"]

_Store = tuple[str, str]  # warehouse and item


def check_stock(facts: PlanFacts, found: Recorder) -> None:
    """Check that what is loaded has come to the warehouse before, from another warehouse too.

    Notes
    -----
    What goes to another warehouse is loaded like all else, and has come there at the end of its service. An
    item without rows at a warehouse is always there, but not for others. In a replan, what was loaded before
    its moment had come by the files, or by the reports that were believed then; what is loaded later must be
    there beside it. No report of a loading makes more of what had come.
    """
    arrivals = _rows_of(facts.world.instance)
    loads: dict[_Store, list[tuple[int, int, bool]]] = {}
    for view in facts.trips:
        for moment_s, loaded in _loaded(view):
            for item, number in loaded.items.items():
                load = (moment_s, number, view.begun)
                loads.setdefault((view.trip.origin_id, item), []).append(load)
    _come_from_others(facts, arrivals, found)
    for key, rows in sorted(arrivals.items()):
        warehouse, item = key
        taken, least = min(_stock_left(rows, loads.get(key, [])), key=lambda one: one[1] - one[0])
        found.at_most(taken, least, Measure.PIECES, warehouse=warehouse, item=item)
    if facts.past is not None and facts.past.judged:
        _check_history(facts, arrivals, loads, found)


def _loaded(view: TripView) -> Iterator[tuple[int, Load]]:
    """What a trip loads, and when; what it took over from another vehicle had been loaded by then."""
    yield view.trip.load_start_s, view.loaded
    yield from ((one.since_s, one.load) for one in view.took)


def _rows_of(instance: Instance) -> dict[_Store, list[tuple[int, int]]]:
    """What comes to each warehouse of each item, and when."""
    found: dict[_Store, list[tuple[int, int]]] = {}
    for row in instance.stock:
        found.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, row.quantity))
    return found


def _check_history(
    facts: PlanFacts,
    arrivals: Mapping[_Store, list[tuple[int, int]]],
    loads: Mapping[_Store, list[tuple[int, int, bool]]],
    found: Recorder,
) -> None:
    """Check that what was loaded had come, by any of the worlds that may have held.

    Notes
    -----
    Where a transfer from another warehouse was late by a report, the report contradicts what is believed of
    who loaded its goods.
    """
    by_world: list[tuple[Mapping[_Store, list[tuple[int, int]]], tuple[str, ...]]] = [(arrivals, ())]
    for world, events in facts.worlds[1:]:
        rows = _rows_of(world.instance)
        _come_from_others(facts, rows, None)
        by_world.append((rows, events))
    for key, rows_of_loads in sorted(loads.items()):
        if any(key not in one for one, _ in by_world):
            continue  # somewhere it is always there
        taken = 0
        for start_s, quantity, begun in sorted(rows_of_loads):
            taken += quantity
            if begun:
                come = [(_come(one[key], start_s), events) for one, events in by_world]
                _check_come(facts, key, taken, come, found)


def _come(rows: list[tuple[int, int]], moment_s: int) -> int:
    """How much has come until a moment."""
    return sum(quantity for available_s, quantity in rows if available_s <= moment_s)


def _check_come(
    facts: PlanFacts, key: _Store, taken: int, come: list[tuple[int, tuple[str, ...]]], found: Recorder
) -> None:
    """Check that so much had come by one of the worlds."""
    if any(taken <= number for number, events in come if not events):
        found.good()
        return
    warehouse, item = key
    reports = next((events for number, events in come if taken <= number), ())
    to_here = [
        view
        for view in facts.trips
        if view.is_transfer and any(stop.node_id == warehouse for stop in view.trip.stops)
    ]
    known = max(number for number, events in come if not events)
    place = {"warehouse": warehouse, "item": item}
    if reports:
        found.reported(str(taken), str(known), taken - known, Measure.PIECES, reports, **place)
    else:
        events = facts.reaches(*to_here)
        found.contradicted(str(taken), str(known), taken - known, Measure.PIECES, events, **place)


def _come_from_others(
    facts: PlanFacts, arrivals: dict[_Store, list[tuple[int, int]]], found: Recorder | None
) -> None:
    """Add what comes from other warehouses; none sends what it has no rows of."""
    stocked = set(arrivals)
    for view in facts.trips:
        for stop in view.stops:
            for item, number in stop.goods.items.items():
                if found is not None and (view.trip.origin_id, item) not in stocked:
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
