"""From a plan to the tree of its JSON file."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from planner.base.clock import Clock
from planner.plans.model import (
    Broken,
    Component,
    Delivery,
    EventRow,
    Goods,
    Leg,
    Moved,
    Plan,
    RegionResult,
    Replan,
    Stop,
    Trip,
)

__all__ = ["FORMAT"]


FORMAT = "plan/2"


EVENT_COLUMNS = ["id", "time", "kind", "subject", "from", "until", "value", "item", "type", "place", "note"]
# Plans were made before there were these: written where they are filled.
EVENT_COLUMNS_LATER = ["by", "bulk", "trip", "stop", "plan"]


class PlanWriter:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._texts: dict[int, str] = {}

    def _at(self, seconds: int) -> str:
        text = self._texts.get(seconds)
        if text is None:
            text = self._texts[seconds] = self._clock.text(seconds)
        return text

    def plan(self, plan: Plan) -> dict[str, Any]:
        tables = {"tables": dict(plan.instance_tables)} if plan.instance_tables else {}
        replan = {} if plan.replan is None else {"replan": self._replan(plan.replan)}
        return {
            "instance": {"name": plan.instance_name, "digest": plan.instance_digest} | tables,
            "planner_version": plan.planner_version,
            "start": self._at(0),
            "time_zone": self._clock.time_zone,
            "options": dict(plan.options),
            "status": plan.status.value,
            "gamma": plan.gamma,
            "currency": plan.currency,
            "cost": plan.cost,
            "components": [self._component(one) for one in plan.components],
            "regions": [self._region(one) for one in plan.regions],
            "trips": [self._trip(one) for one in plan.trips],
        } | replan

    def _replan(self, one: Replan) -> dict[str, Any]:
        return {
            "now": self._at(one.now_s),
            "previous": one.previous_digest,
            "assume": one.assume,
            "tolerance_s": one.tolerance_s,
            "events": [_event(row) for row in one.events],
        } | ({"moved": [_moved(row) for row in one.moved]} if one.moved else {})

    def _component(self, one: Component) -> dict[str, Any]:
        return {
            "id": one.id,
            "status": one.status.value,
            "stop_reason": one.stop_reason.value,
            "cost": one.cost,
            "lower_bound": one.lower_bound,
            "regions": list(one.regions),
            "proofs": [
                {
                    "kind": proof.kind.value,
                    "regions": list(proof.regions),
                    "edges": list(proof.edges),
                    "figures": dict(proof.figures),
                }
                for proof in one.proofs
            ],
        }

    def _region(self, one: RegionResult) -> dict[str, Any]:
        return {
            "id": one.region_id,
            "status": one.status.value,
            "received": None if one.received_s is None else self._at(one.received_s),
            "deadline": self._at(one.deadline_s),
            "margin_s": one.margin_s,
            "reason": str(one.reason),
            "params": dict(one.params),
        }

    def _trip(self, one: Trip) -> dict[str, Any]:
        more: dict[str, Any] = {"begun": True} if one.begun else {}
        if one.broken is not None:
            more["broken"] = self._broken(one.broken)
        return {
            "id": one.id,
            "vehicle": one.vehicle_id,
            "vehicle_type": one.vehicle_type,
            "origin": one.origin_id,
            "dock": one.dock,
            "load_start": self._at(one.load_start_s),
            "depart": self._at(one.depart_s),
            "stops": [self._stop(stop) for stop in one.stops],
            "back": None if one.back is None else self._leg(one.back),
            "end": self._at(one.end_s),
            "mass_g": one.mass_g,
            "volume_cm3": one.volume_cm3,
            "pieces": one.pieces,
            "distance_m": one.distance_m,
            "paid_s": one.paid_s,
            "cost": one.cost,
        } | more

    def _broken(self, one: Broken) -> dict[str, Any]:
        return {
            "at": self._at(one.at_s),
            "node": one.node_id,
            "leg": None if one.leg is None else self._leg(one.leg),
            "deliveries": [_delivery(item) for item in one.deliveries],
            "items": _goods(one.items),
        }

    def _stop(self, one: Stop) -> dict[str, Any]:
        more: dict[str, Any] = {"items": _goods(one.items)} if one.items else {}
        if one.fetched:
            more["fetched"] = [_delivery(item) for item in one.fetched]
        return {
            "node": one.node_id,
            "leg": self._leg(one.leg),
            "start": self._at(one.start_s),
            "end": self._at(one.end_s),
            "deliveries": [_delivery(item) for item in one.deliveries],
        } | more

    def _leg(self, one: Leg) -> dict[str, Any]:
        return {
            "from": one.from_node,
            "to": one.to_node,
            "depart": self._at(one.depart_s),
            "arrive": self._at(one.arrive_s),
            "distance_m": one.distance_m,
            "path": [[step.kind.value, step.ref] for step in one.path],
        }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "consignment": one.consignment_id,
        "region": one.region_id,
        "part": one.part,
        "first_unit": one.first_unit,
        "units": one.units,
        "mass_g": one.mass_g,
        "volume_cm3": one.volume_cm3,
        "pieces": one.pieces,
    }


def _goods(items: tuple[Goods, ...]) -> list[dict[str, Any]]:
    return [{"item": one.item_id, "quantity": one.quantity} for one in items]


def _event(row: EventRow) -> dict[str, str]:
    cells = dict(zip((*EVENT_COLUMNS, *EVENT_COLUMNS_LATER), astuple(row), strict=True))
    return {name: cell for name, cell in cells.items() if cell or name not in EVENT_COLUMNS_LATER}


def _moved(one: Moved) -> dict[str, Any]:
    return {"trip": one.trip, "vehicle": one.vehicle, "to": list(one.to)}
