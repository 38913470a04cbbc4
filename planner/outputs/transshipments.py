"""What a plan sends from one warehouse to another."""

from __future__ import annotations

from collections.abc import Sequence

from planner.base.text import words
from planner.instance.schema import Instance
from planner.outputs.figures import moment, number
from planner.plans.model import Plan, Stop, Trip

__all__ = ["goods_text", "transshipment_figures", "transshipment_lines", "transshipment_trips", "unloaded"]


def transshipment_trips(plan: Plan) -> Sequence[Trip]:
    """Trips to other warehouses."""
    return [trip for trip in plan.trips if any(stop.items for stop in trip.stops)]


def goods_text(stop: Stop) -> str:
    """What is unloaded at another warehouse, for a cell: ``5 box+2 sign``; empty elsewhere."""
    return "+".join(f"{one.quantity} {one.item_id}" for one in stop.items)


def unloaded(trip: Trip, stop: Stop) -> tuple[int, int, int] | None:
    """Mass, volume and pieces of what is handed over or unloaded at a stop.

    Notes
    -----
    At another warehouse it is what the trip's other stops leave of its load; a plan does not say it (None)
    where it goes to several warehouses.
    """
    if not stop.items:
        return _handed_over(stop)
    if sum(bool(one.items) for one in trip.stops) > 1:
        return None
    others = [_handed_over(one) for one in trip.stops if one is not stop]
    mass_g, volume_cm3, pieces = (sum(one[number] for one in others) for number in range(3))
    return trip.mass_g - mass_g, trip.volume_cm3 - volume_cm3, trip.pieces - pieces


def _handed_over(stop: Stop) -> tuple[int, int, int]:
    return (
        sum(item.mass_g for item in stop.deliveries),
        sum(item.volume_cm3 for item in stop.deliveries),
        sum(item.pieces for item in stop.deliveries),
    )


def transshipment_lines(plan: Plan, instance: Instance) -> list[str]:
    """A line for each trip to another warehouse: what, from where, to where, by which vehicle, until when."""
    names = {item.id: item.name for item in instance.items}
    places = {one.id: one.name for one in instance.warehouses}
    return [
        words(
            "report.between",
            items=", ".join(f"{number(one.quantity)} {names[one.item_id]}" for one in stop.items),
            giver=places[trip.origin_id],
            taker=places[stop.node_id],
            vehicle=trip.vehicle_id,
            done=moment(stop.end_s, instance.clock),
        )
        for trip in transshipment_trips(plan)
        for stop in trip.stops
        if stop.items
    ]


def transshipment_figures(plan: Plan) -> list[dict[str, object]]:
    """The same for machines, one object for each item of each trip."""
    return [
        {
            "trip": trip.id,
            "from": trip.origin_id,
            "to": stop.node_id,
            "item": one.item_id,
            "quantity": one.quantity,
        }
        for trip in transshipment_trips(plan)
        for stop in trip.stops
        for one in stop.items
    ]
