"""Who keeps a guarantee from now on, if a plan under way goes on by itself."""

from __future__ import annotations

from dataclasses import replace

from planner.events.rows import row_of
from planner.events.tellings import understood
from planner.instance.outages import with_closed_hours
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import Plan, Replan
from planner.proof.evidence import past_of
from planner.proof.facts import PlanFacts
from planner.proof.world import World
from planner.replanning.state import State

__all__ = ["at_risk"]


def at_risk(state: State) -> frozenset[str] | None:
    """Regions that are expected in time, but are not if each vehicle has its late legs from now on.

    Parameters
    ----------
    state
        Where the plan stands.

    Returns
    -------
    frozenset of str
        None where no late legs are asked to be withstood.

    Notes
    -----
    The checker's worst case of what a replan would make that changes nothing: legs that have ended are as
    they were, a delay that is reported is a fact and no late leg.
    """
    clock = state.instance.clock
    plan = _going_on(state)
    world = World(with_closed_hours(state.effective))
    facts = PlanFacts(plan, clock, world, past=past_of(plan, state.instance, judged=False))
    if not any(facts.gammas.values()):
        return None
    return frozenset(
        name
        for name, one in facts.worst.items()
        if not one.guaranteed and state.on_time.get(name, False) and not _received(state, name)
    )


def _received(state: State, region: str) -> bool:
    at_s = state.received_s.get(region)
    return at_s is None or at_s <= state.now_s


def _going_on(state: State) -> Plan:
    """The plan as a replan that changes nothing would have it."""
    clock = state.instance.clock
    begun = {one.planned.id for one in state.trips if one.begun}
    before = plan_digest(state.plan, clock)
    meant = [understood(one, state.found, short_digest(before)) for one in state.events]
    told = Replan(
        now_s=state.now_s,
        previous_digest=before,
        assume=state.assume.value,
        tolerance_s=state.tolerance_s,
        events=tuple(row_of(one, clock) for one in meant),
    )
    trips = (
        trip if trip.begun == (trip.id in begun) else replace(trip, begun=not trip.begun)
        for trip in state.projected.trips
    )
    return replace(state.projected, trips=tuple(trips), replan=told)
