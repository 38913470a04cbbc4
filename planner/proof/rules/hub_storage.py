"""Rule `hub_storage`: what lies at a hub has room there."""

from __future__ import annotations

from planner.proof.facts import PlanFacts
from planner.proof.rules.chain import at_hubs, onward_trip
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_hub_storage"]


def check_hub_storage(facts: PlanFacts, found: Recorder) -> None:
    """Check that what lies at a hub has room there at every moment.

    Notes
    -----
    In a replan it is checked whenever something comes that was not under way: what was, has to be unloaded.
    Where no reports were believed, all went as planned, and it is checked of that too.
    """
    past = facts.past
    as_planned = past is not None and past.judged and not past.events
    changes: dict[str, list[tuple[int, int, bool]]] = {hub.id: [] for hub in facts.world.hubs.values()}
    for hub, move in at_hubs(facts):
        onward = onward_trip(facts, move)
        from_s = move.stop.stop.end_s
        until_s = facts.world.horizon_s if onward is None else onward.trip.load_start_s
        if from_s < until_s:
            volume_cm3, begun = move.load.volume_cm3, move.view.begun and not as_planned
            changes[hub.id] += [(from_s, volume_cm3, begun), (until_s, -volume_cm3, begun)]
    for hub in facts.world.hubs.values():
        if hub.storage_dm3 is not None:
            most = _most_at_once(changes[hub.id])
            found.at_most(most, hub.storage_dm3 * 1000, Measure.CUBIC_CM, hub=hub.id)


def _most_at_once(changes: list[tuple[int, int, bool]]) -> int:
    now = most = 0
    order = sorted(changes, key=lambda one: (one[0], one[1] > 0, not one[2], one[1]))
    for _, change, begun in order:  # what leaves at a moment makes room for what comes then
        now += change
        most = most if begun else max(most, now)
    return most
