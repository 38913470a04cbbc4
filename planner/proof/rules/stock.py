"""Rule `stock`: no more of an item is loaded than lies in the warehouse by then."""

from __future__ import annotations

from collections.abc import Iterator

from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_stock"]


def check_stock(facts: PlanFacts, found: Recorder) -> None:
    """Check that what is loaded has come to the warehouse before, from another warehouse too.

    Notes
    -----
    What goes to another warehouse is loaded like all else, and has come there at the end of its service. An
    item without rows at a warehouse is always there, but not for others. In a replan, what was loaded before
    its moment is a fact; what is loaded later must be there beside it.
    """
    arrivals: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in facts.world.instance.stock:
        arrivals.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, row.quantity))
    loads: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
    for view in facts.trips:
        for item, number in view.loaded.items.items():
            load = (view.trip.load_start_s, number, view.begun)
            loads.setdefault((view.trip.origin_id, item), []).append(load)
    _come_from_others(facts, arrivals, found)
    for key, rows in sorted(arrivals.items()):
        warehouse, item = key
        taken, least = min(_stock_left(rows, loads.get(key, [])), key=lambda one: one[1] - one[0])
        found.at_most(taken, least, Measure.PIECES, warehouse=warehouse, item=item)


def _come_from_others(
    facts: PlanFacts, arrivals: dict[tuple[str, str], list[tuple[int, int]]], found: Recorder
) -> None:
    """Add what comes from other warehouses; none sends what it has no rows of."""
    stocked = set(arrivals)
    for view in facts.trips:
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
