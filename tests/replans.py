"""Replans that only shift: the plan in force, as the reports say and the policy goes on, made a replan."""

from dataclasses import replace

from planner.events.read import events_of
from planner.events.rows import cells_of
from planner.events.tellings import understood
from planner.plans.file import plan_digest, short_digest
from planner.plans.model import EventRow, ReasonCode, Replan, Status
from planner.proof.check import facts_of
from planner.proof.costs import total_cost, trip_cost
from planner.proof.rules.answer import component_status
from planner.proof.rules.cost import component_trips
from planner.replanning.moved import moved_trips
from planner.replanning.state import Assume, state_of


def row(name, time_s, kind, subject, clock, **more):
    """A report; instants as seconds."""
    for key in ("from_time", "until"):
        if key in more:
            more[key] = clock.text(more[key])
    return EventRow(name, clock.text(time_s), kind, subject, **more)


def rows_of(events, clock):
    found = []
    for event in events:
        cells = cells_of(event, clock)
        cells["from_time"] = cells.pop("from")
        found.append(EventRow(**cells))
    return tuple(found)


def replanned(plan, instance, rows=(), now_s=0, assume="planned", tolerance_s=1800):
    """The plan at a moment, merely shifted, as a replan that says what is true of itself."""
    events = events_of(rows, instance, plan, now_s)
    state = state_of(plan, instance, events, now_s, Assume(assume))
    digest = plan_digest(plan, instance.clock)
    meant = [understood(one, state.found, short_digest(digest)) for one in events]
    trips = tuple(replace(one.trip, begun=one.begun) for one in state.trips if one.begun or one.stuck is None)
    regions = state.projected.regions
    replan = Replan(
        now_s=now_s,
        previous_digest=digest,
        assume=assume,
        tolerance_s=tolerance_s,
        events=rows_of(meant, instance.clock),
        moved=moved_trips(plan, trips),
    )
    return settled(replace(plan, trips=trips, regions=regions, replan=replan), instance)


def settled(plan, instance):
    """The plan with the costs, receipts and statuses that its trips have."""
    seen = facts_of(plan, instance.clock, instance)
    trips = tuple(
        replace(view.trip, cost=trip_cost(seen, view, view.kind)) if view.kind else view.trip
        for view in seen.trips
    )
    regions = []
    for one in plan.regions:
        region = instance.region_of[one.region_id]
        status, received_s = seen.status(region), seen.received[region.id]
        reason = "" if status == "on_time" else one.reason or ReasonCode.NOT_DETERMINED
        deadline_s = seen.world.deadline_s(region)
        regions.append(
            replace(one, status=status, received_s=received_s, reason=reason, deadline_s=deadline_s)
        )
    plan = replace(plan, trips=trips, regions=tuple(regions), gamma=seen.gamma(seen.trips, ()))
    seen = facts_of(plan, instance.clock, instance)
    components = tuple(
        replace(
            one,
            cost=total_cost(seen, component_trips(seen, one)),
            status=component_status(seen, idx),
            lower_bound=None,
        )
        for idx, one in enumerate(plan.components)
    )
    status = Status.worst_of((one.status for one in components), default=Status.ON_TIME)
    return replace(plan, components=components, status=status, cost=total_cost(seen, seen.trips))
