"""Rule `transfer`: what leaves a hub has come there, and its transfer is over."""

from __future__ import annotations

from planner.instance.schema import Hub
from planner.proof.facts import PlanFacts, StopView
from planner.proof.rules.chain import at_hubs, onward_trip
from planner.proof.verdict import Recorder

__all__ = ["check_transfer"]


def check_transfer(facts: PlanFacts, found: Recorder) -> None:
    """Check that nothing is loaded at a hub before its transfer there is over, history apart."""
    for hub, move in at_hubs(facts):
        onward = onward_trip(facts, move)
        if onward is not None and not onward.begun:
            trip, ready_s = onward.trip, _ready_s(hub, move.stop)
            place = {"trip": trip.id, "hub": hub.id, "consignment": move.item.consignment_id}
            found.not_before(trip.load_start_s, ready_s, **place)


def _ready_s(hub: Hub, stop: StopView) -> int:
    """When what is unloaded at a stop may be loaded again."""
    return stop.stop.end_s + hub.transfer_fixed_s + hub.transfer_piece_s * stop.load.pieces
