"""The independent check of a plan: every rule of the world, recomputed from the files alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from planner.base.clock import Clock
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Instance
from planner.plans.file import plan_digest
from planner.plans.model import EventRow, Plan, RegionStatus, Status
from planner.plans.reader import FileClaims
from planner.proof.costs import own_distance_m, total_cost
from planner.proof.evidence import Ancestry, Past, easing, past_of
from planner.proof.facts import PlanFacts
from planner.proof.knowledge import knowledge_of
from planner.proof.rules import (
    answer,
    capacity,
    chain,
    cost,
    deadline,
    decisions,
    docks,
    exactly_once,
    executed,
    file,
    header,
    history,
    hours,
    hub_storage,
    keep,
    outage,
    replan,
    split,
    stock,
    transfer,
    trip,
    vehicle_overlap,
    work_limit,
)
from planner.proof.verdict import Figures, History, Override, Recorder, Robustness, Verdict
from planner.proof.world import World
from planner.proof.worst.delays import delay_figures

__all__ = ["CHECKS", "ancestry_of", "check_plan", "checked", "facts_of"]

CHECKS: Mapping[str, Callable[[PlanFacts, Recorder], None]] = {
    "plan_digest": file.check_plan_digest,
    "instance_digest": header.check_instance_digest,
    "header": header.check_header,
    "regions_complete": header.check_regions_complete,
    "trip_id": trip.check_trip_id,
    "begun": replan.check_begun,
    "history": history.check_history,
    "executed": executed.check_executed,
    "fetched": replan.check_fetched,
    "fleet": trip.check_fleet,
    "own_warehouse": trip.check_own_warehouse,
    "stop_node": trip.check_stop_node,
    "chain": chain.check_chain,
    "path": trip.check_path,
    "modes": trip.check_modes,
    "known_trip": trip.check_known_trip,
    "closed_edge": trip.check_closed_edge,
    "travel_time": trip.check_travel_time,
    "distance": trip.check_distance,
    "loading_time": trip.check_loading_time,
    "service_time": trip.check_service_time,
    "order": trip.check_order,
    "warehouse_hours": hours.check_warehouse_hours,
    "vehicle_shift": hours.check_vehicle_shift,
    "region_hours": hours.check_region_hours,
    "overnight": hours.check_overnight,
    "work_limit": work_limit.check_work_limit,
    "horizon": hours.check_horizon,
    "not_before": hours.check_not_before,
    "release": hours.check_release,
    "transfer": transfer.check_transfer,
    "vehicle_overlap": vehicle_overlap.check_vehicle_overlap,
    "docks": docks.check_docks,
    "outage": outage.check_outage,
    "hub_storage": hub_storage.check_hub_storage,
    "stock": stock.check_stock,
    "mass": capacity.check_mass,
    "volume": capacity.check_volume,
    "pieces": capacity.check_pieces,
    "exactly_once": exactly_once.check_exactly_once,
    "split": split.check_split,
    "use": decisions.check_use,
    "never_use": decisions.check_never_use,
    "day": decisions.check_day,
    "depart_at": decisions.check_depart_at,
    "together": decisions.check_together,
    "leave_out": decisions.check_leave_out,
    "keep": keep.check_keep,
    "received": deadline.check_received,
    "deadline": deadline.check_deadline,
    "margin": file.check_margin,
    "reasons": deadline.check_reasons,
    "trip_cost": cost.check_trip_cost,
    "cost": cost.check_cost,
    "bound": cost.check_bound,
    "guarantee": answer.check_guarantee,
    "proof": answer.check_proof,
    "status": answer.check_status,
}


class Known(Protocol):
    """What was found before of plans that keep all rules."""

    def find(self, plan: str, before: Sequence[str]) -> Sequence[Override] | None:
        """Where reports stand against a plan; None: it is not known."""

    def keep(self, plan: str, before: Sequence[str], overrides: Sequence[Override]) -> None:
        """Remember a plan that keeps all rules."""


def facts_of(
    plan: Plan,
    clock: Clock,
    instance: Instance,
    claims: FileClaims | None = None,
    previous: Sequence[Plan] | Ancestry = (),
    *,
    outside: Collection[EventRow] | None = (),
) -> PlanFacts:
    """The checker's view of a plan; a replan obeys the files with the reports applied that it believed.

    Parameters
    ----------
    plan, clock, instance, claims, previous, outside
        As for `check_plan`.

    Notes
    -----
    Places that are out of use are closed, for who comes there late too.
    """
    base = None
    if plan.replan is None:
        plans = previous.plans if isinstance(previous, Ancestry) else previous
        base = plans[-1] if plans else None
        past = None
    else:
        if not isinstance(previous, Ancestry):
            previous = ancestry_of(plan, previous, clock, instance, outside)
        past = past_of(plan, instance, previous)
    world = World(with_closed_hours(instance if past is None else past.instance))
    return PlanFacts(plan, clock, world, claims, past, files=instance, base=base)


def ancestry_of(
    plan: Plan,
    previous: Sequence[Plan],
    clock: Clock,
    instance: Instance,
    outside: Collection[EventRow] | None = (),
    known: Known | None = None,
) -> Ancestry:
    """The plans before a replan, as far as they count: each is checked itself, with those before it.

    Parameters
    ----------
    plan, previous, clock, instance, outside
        As for `check_plan`.
    known
        What was found of plans before; None: each is judged.
    """
    found = Ancestry(missing=_replaced(plan), outside=outside)
    failed: list[str] = []
    for one in previous:
        own = plan_digest(one, clock)
        before = found if one.replan is not None else Ancestry(outside=outside)
        overrides = None if known is None else known.find(own, before.digests)
        if overrides is not None:
            past = None if one.replan is None else past_of(one, instance, before)
        else:
            facts = facts_of(one, clock, instance, None, before)
            past = facts.past
            recorders = _judged(facts, clock)
            if any(recorder.violations for recorder in recorders):
                failed.append(own)
                found = replace(found, plans=(), digests=(), pasts=(), overrides=())
                continue
            overrides = tuple(override for recorder in recorders for override in recorder.overrides)
            if known is not None:
                known.keep(own, before.digests, overrides)
        first = not found.plans
        found = replace(
            found,
            plans=(*found.plans, one),
            digests=(*found.digests, own),
            pasts=(*found.pasts, past),
            missing=_replaced(one) if first else found.missing,
            overrides=(*found.overrides, *(it for it in overrides if it not in found.overrides)),
        )
    if not found.plans:
        found = replace(found, missing=_replaced(plan))
    return replace(found, failed=tuple(failed))


def _replaced(plan: Plan) -> str | None:
    """Digest of the plan that a replan replaces; None for a plan that is none."""
    return None if plan.replan is None else plan.replan.previous_digest


def check_plan(
    plan: Plan,
    clock: Clock,
    instance: Instance,
    claims: FileClaims | None = None,
    previous: Sequence[Plan] | Ancestry = (),
    *,
    outside: Collection[EventRow] | None = (),
) -> Verdict:
    """Check a plan against the files it was made for.

    Parameters
    ----------
    plan
        What is claimed, as read from its file.
    clock
        The clock that the plan was written in.
    instance
        What the files say.
    claims
        What the plan's file says of its digest and margins; None for a plan that is in no file.
    previous
        For a replan, the plans before it, the oldest first, by the same clock; without them its history is
        judged by physics and the reports alone, and the answer is only as reported. Only those count that
        pass the check themselves. For another plan, the one that it goes on from; without it what is to stay
        is not compared.
    outside
        Reports that are told outside of plans too, as their rows; None: all that the plan believed are.

    Returns
    -------
    Verdict
        Every rule with its cases, every violation with place and amount, and own figures. A plan
        of senseless figures or unknown ids gets violations, never an exception.
    """
    return _verdict(facts_of(plan, clock, instance, claims, previous, outside=outside), instance.clock)


def _judged(facts: PlanFacts, clock: Clock) -> list[Recorder]:
    """All rules, with what they found."""
    before = () if facts.past is None else facts.past.explained(facts.plan)
    recorders = [Recorder(rule, clock, before) for rule in CHECKS]
    for recorder in recorders:
        CHECKS[recorder.rule](facts, recorder)
    return recorders


def _verdict(facts: PlanFacts, clock: Clock) -> Verdict:
    plan = facts.plan
    recorders = _judged(facts, clock)
    violations = tuple(violation for recorder in recorders for violation in recorder.violations)
    overrides = tuple(override for recorder in recorders for override in recorder.overrides)
    components = {one.id: answer.component_status(facts, idx) for idx, one in enumerate(plan.components)}
    proven = {name for idx in range(len(plan.components)) for name in answer.proven_regions(facts, idx)}
    worst = Status.worst_of(components.values(), default=Status.ON_TIME)
    return Verdict(
        status=Status.NOT_FOUND if violations else worst,
        rules={recorder.rule: recorder.result for recorder in recorders},
        violations=violations,
        figures=_figures(facts),
        robustness=_robustness(facts),
        components=components,
        proven=tuple(sorted(proven)),
        history=None if facts.past is None else _history(facts.past, facts, overrides),
        knowledge=None if facts.past is None else knowledge_of(plan, facts.past.reports),
    )


def _history(past: Past, facts: PlanFacts, own: Sequence[Override]) -> History:
    """By what the history of a replan was judged."""
    plan, files = facts.plan, facts.files
    ancestry = past.ancestry
    overrides = (*own, *(one for one in ancestry.overrides if one not in own))
    rows = {row.id: row for one in (*ancestry.plans, plan) if one.replan for row in one.replan.events}
    resting = {name for one in overrides for name in one.events}
    resting |= {event.id for event in easing(past.events, files)}
    only_told = [name for name in sorted(resting) if name not in rows or not ancestry.is_told(rows[name])]
    return History(
        compared=ancestry.digests,
        missing=ancestry.missing,
        failed=ancestry.failed,
        overrides=overrides,
        only_told=tuple(only_told),
        news=executed.news_of(facts, past),
    )


def _figures(facts: PlanFacts) -> Figures:
    regions = facts.world.instance.region_of
    planned = {name for one in facts.plan.components for name in one.regions if name in regions}
    margins: list[tuple[int, str]] = []
    on_time = 0
    for name in sorted(planned):
        on_time += facts.status(regions[name]) is RegionStatus.ON_TIME
        received_s = facts.received[name]
        if received_s is not None:
            margins.append((facts.world.deadline_s(regions[name]) - received_s, name))
    smallest = min(margins, default=None)
    return Figures(
        cost=total_cost(facts, facts.trips),
        distance_m=sum(own_distance_m(view) for view in facts.trips),
        trips=len(facts.trips),
        vehicles_used=len({view.trip.vehicle_id for view in facts.trips}),
        regions_total=len(planned),
        regions_on_time=on_time,
        smallest_margin_s=None if smallest is None else smallest[0],
        smallest_margin_region="" if smallest is None else smallest[1],
    )


def checked(
    plan: Plan, clock: Clock, instance: Instance, previous: Sequence[Plan] | Ancestry = ()
) -> tuple[Plan, Verdict]:
    """A plan as it may call itself, and the check of that, with one facts of the trips.

    Parameters
    ----------
    plan
        Its components are at best ``ON_TIME``; the late legs asked for stand in its options. It gets its
        number of late legs, and GUARANTEED where the worst case says so.
    clock, instance, previous
        See `check_plan`.
    """
    facts = facts_of(plan, clock, instance, None, previous)
    facts.plan = _with_guarantee(facts)
    return facts.plan, _verdict(facts, clock)


def _with_guarantee(facts: PlanFacts) -> Plan:
    plan = facts.plan
    names = (Status.ON_TIME, Status.GUARANTEED)
    components = tuple(
        replace(one, status=names[answer.is_guaranteed(facts, one)]) if one.status in names else one
        for one in plan.components
    )
    status = Status.worst_of((one.status for one in components), default=plan.status)
    gamma = facts.gamma(facts.trips, facts.world.instance.vehicles)
    return replace(plan, components=components, status=status, gamma=gamma)


def _robustness(facts: PlanFacts) -> Robustness:
    asked = any(facts.gammas.values())
    worst = tuple(facts.worst.values()) if asked else ()
    return Robustness(
        gamma=facts.gamma(facts.trips, facts.world.instance.vehicles),
        gammas=facts.gammas,
        guaranteed=tuple(one.region for one in worst if one.guaranteed),
        not_guaranteed=tuple(one.region for one in worst if not one.guaranteed),
        worst=worst,
        stretch=facts.stretch,
        delay_figures=delay_figures(facts.world.instance),
        work_late_s=facts.work_late_s,
    )
