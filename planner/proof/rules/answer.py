"""Rules of the answer: what is guaranteed, what is proven, and the status that follows."""

from __future__ import annotations

from planner.plans.model import Component, RegionStatus, Status
from planner.proof.facts import PlanFacts
from planner.proof.rules.cost import component_trips
from planner.proof.verdict import Measure, Recorder
from planner.proof.worst.gamma import is_gamma

__all__ = [
    "check_guarantee",
    "check_proof",
    "check_status",
    "component_gamma",
    "component_status",
    "is_guaranteed",
    "proven_regions",
]


def check_guarantee(facts: PlanFacts, found: Recorder) -> None:
    """Check that the plan names the late legs asked for, and says guaranteed exactly where that is so."""
    plan = facts.plan
    found.case(is_gamma(option := plan.options.get("guarantee", "")), option, "")
    own = facts.gamma(facts.trips, facts.world.instance.vehicles)
    found.same(plan.gamma, own, Measure.LEGS)
    owns = [component_status(facts, idx) for idx in range(len(plan.components))]
    for component, status in zip(plan.components, owns, strict=True):
        _check_claim(facts, found, component, status)
    worst = Status.worst_of(owns, default=Status.ON_TIME)
    same = (plan.status is Status.GUARANTEED) == (worst is Status.GUARANTEED)
    found.case(same, plan.status.value, worst.value)


def _check_claim(facts: PlanFacts, found: Recorder, component: Component, own: Status) -> None:
    claimed = component.status is Status.GUARANTEED
    place = {"component": component.id}
    failed = [name for name in component.regions if not _withstands(facts, name)]
    if claimed and own is not Status.GUARANTEED and failed:
        place["region"] = failed[0]
    if claimed == (own is Status.GUARANTEED):
        found.good()
    else:
        found.broken(component.status.value, own.value, len(failed), **place)
    for name in component.regions if claimed else ():
        worst = facts.worst.get(name)
        if worst is not None and worst.margin_s is not None:
            found.near(worst.margin_s, Measure.SECONDS, region=name)


def _withstands(facts: PlanFacts, name: str) -> bool:
    return name in facts.worst and facts.worst[name].guaranteed


def component_gamma(facts: PlanFacts, component: Component) -> int:
    """Late legs that all vehicles of a component must withstand."""
    types = facts.world.types_of(component.id)
    return facts.gamma(component_trips(facts, component), types)


def is_guaranteed(facts: PlanFacts, component: Component) -> bool:
    """Whether all regions of a component are on time as planned and whatever legs are late, at least one."""
    if component_gamma(facts, component) < 1:
        return False
    regions = facts.world.instance.region_of
    return all(
        name in regions and facts.status(regions[name]) is RegionStatus.ON_TIME and _withstands(facts, name)
        for name in component.regions
    )


def check_proof(facts: PlanFacts, found: Recorder) -> None:
    """Check that every proof of impossibility holds."""
    for component, all_flaws in zip(facts.plan.components, facts.flaws, strict=True):
        for proof, flaws in zip(component.proofs, all_flaws, strict=True):
            for flaw in flaws:
                place = {"component": component.id, "proof": proof.kind.value, "region": flaw.region}
                found.broken(flaw.claimed, flaw.expected, flaw.amount, flaw.measure, **place)
            if not flaws:
                found.good()


def proven_regions(facts: PlanFacts, component_idx: int) -> tuple[str, ...]:
    """List the regions of a component that are proven not to be on time."""
    proofs = facts.plan.components[component_idx].proofs
    verified = zip(proofs, facts.flaws[component_idx], strict=True)
    return tuple(sorted({name for proof, flaws in verified if not flaws for name in proof.regions}))


def component_status(facts: PlanFacts, component_idx: int) -> Status:
    """Tell the status of a component as its trips and verified proofs show it.

    Notes
    -----
    A component without any trip is ``NOT_FOUND``, unless a proof holds and it says so.
    """
    component, regions = facts.plan.components[component_idx], facts.world.instance.region_of
    statuses = {facts.status(regions[name]) for name in component.regions if name in regions}
    if statuses <= {RegionStatus.ON_TIME}:
        return Status.GUARANTEED if is_guaranteed(facts, component) else Status.ON_TIME
    proven = bool(proven_regions(facts, component_idx))
    if not any(stop.stop.deliveries for view in component_trips(facts, component) for stop in view.stops):
        return Status.IMPOSSIBLE if proven and component.status is Status.IMPOSSIBLE else Status.NOT_FOUND
    return Status.IMPOSSIBLE if proven else Status.LATE


def check_status(facts: PlanFacts, found: Recorder) -> None:
    """Check that components have the status that regions and proofs show, and the plan the worst of them."""
    plan = facts.plan
    for idx, component in enumerate(plan.components):
        own = component_status(facts, idx)
        found.case(component.status is own, component.status.value, own.value, component=component.id)
    worst = Status.worst_of((one.status for one in plan.components), default=Status.ON_TIME)
    found.case(plan.status is worst, plan.status.value, worst.value)
