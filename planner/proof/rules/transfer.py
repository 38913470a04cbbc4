"""Rule `transfer`: what leaves a hub has come there, and its transfer is over."""

from __future__ import annotations

from planner.events.meaning import LOADED
from planner.instance.schema import Hub
from planner.proof.facts import PlanFacts, StopView
from planner.proof.rules.chain import at_hubs, onward_trip
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_transfer"]


def check_transfer(facts: PlanFacts, found: Recorder) -> None:
    """Check that nothing is loaded at a hub before its transfer there is over.

    Notes
    -----
    Of history, a report may say that it was loaded when all was there, though the transfer takes longer. All
    other reports of the one trip contradict what is believed of the other.
    """
    for hub, move in at_hubs(facts):
        onward = onward_trip(facts, move)
        if onward is None:
            continue
        trip, ready_s = onward.trip, _ready_s(hub, move.stop)
        place = {"trip": trip.id, "hub": hub.id, "consignment": move.item.consignment_id}
        if not onward.begun:
            found.not_before(trip.load_start_s, ready_s, **place)
        elif facts.is_history(onward, trip.load_start_s):
            if trip.load_start_s >= ready_s:
                found.good()
                continue
            loaded, ready = found.at(trip.load_start_s), found.at(ready_s)
            events, late_s = facts.explains(onward, LOADED, trip.depart_s), ready_s - trip.load_start_s
            sooner = bool(events) and trip.depart_s >= move.stop.stop.end_s
            if sooner:
                found.reported(loaded, ready, late_s, Measure.SECONDS, events, **place)
            else:
                reports = facts.reaches(move.view, onward)
                found.contradicted(loaded, ready, late_s, Measure.SECONDS, reports, **place)


def _ready_s(hub: Hub, stop: StopView) -> int:
    """When what is unloaded at a stop may be loaded again."""
    return stop.stop.end_s + hub.transfer_fixed_s + hub.transfer_piece_s * stop.load.pieces
