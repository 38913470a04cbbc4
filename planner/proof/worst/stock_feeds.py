"""Which transfers between warehouses a loading waits for: goods go out of a store in the order of the plan.

What comes to a warehouse is numbered piece by piece in the order in which the plan has it come, and given to
loadings in the order in which the plan has them load. A loading waits for all that comes up to the last piece
of its own, so that nobody is given what somebody before him waits for.
"""

from __future__ import annotations

from collections.abc import Sequence

from planner.instance.schema import Instance
from planner.proof.views import TripView

__all__ = ["transfers_before"]

_Store = tuple[str, str]  # warehouse and item
_Receipt = tuple[int, int, int, int]  # when, trip and stop that bring it (-1: none), how much


def transfers_before(instance: Instance, views: Sequence[TripView]) -> list[list[tuple[int, int]]]:
    """Of each trip the stops of others, by trip and number, that bring what it or one before it loads.

    Parameters
    ----------
    instance
        Its table of stock is used; what has no rows at a warehouse is always there.
    views
        Trips in the order of their loading.
    """
    come: dict[_Store, list[_Receipt]] = {}
    for row in instance.stock:
        come.setdefault((row.warehouse, row.item), []).append((row.available_s or 0, -1, -1, row.quantity))
    with_transfers = set()
    for idx, view in enumerate(views):
        for number, stop in enumerate(view.stops):
            for item, quantity in stop.goods.items.items():
                store = stop.stop.node_id, item
                if store in come:
                    come[store].append((stop.stop.end_s, idx, number, quantity))
                    with_transfers.add(store)
    found: list[list[tuple[int, int]]] = [[] for _ in views]
    for warehouse, item in sorted(with_transfers):
        _number(sorted(come[warehouse, item]), warehouse, item, views, found)
    return found


def _number(
    come: Sequence[_Receipt],
    warehouse: str,
    item: str,
    views: Sequence[TripView],
    found: list[list[tuple[int, int]]],
) -> None:
    """Add the transfers of one item to one warehouse, in time, to each trip that waits for them."""
    position = taken = there = 0
    transfers: list[tuple[int, int]] = []
    for idx, view in enumerate(views):
        own = view.loaded.items.get(item, 0) if view.trip.origin_id == warehouse else 0
        if not own:
            continue
        taken += own
        while there < taken and position < len(come):
            _, trip, stop, quantity = come[position]
            transfers += [(trip, stop)] if trip >= 0 else []
            there += quantity
            position += 1
        found[idx] += transfers
