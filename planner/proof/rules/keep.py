"""Rule `keep`: what stays of the plan that another one goes on from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from planner.instance.schema import DecisionRule
from planner.plans.file import plan_digest
from planner.plans.model import Plan, Trip
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Recorder

__all__ = ["check_keep"]


def check_keep(facts: PlanFacts, found: Recorder) -> None:
    """Check that what is kept, and all outside the area planned anew, is as in the plan before.

    Notes
    -----
    A plan that goes on from none is what later ones may keep, and keeps nothing itself.
    """
    plan, base = facts.plan, facts.base
    keeps = [one for one in facts.world.rulings if one.rule is DecisionRule.KEEP]
    named = plan.options.get("base", "")
    if base is None:
        return
    for one in keeps:
        found.case(bool(named), "", one.text, decision=one.id)
    if not named:
        return
    found.case(plan_digest(base, facts.plan_clock) == named, named, "")
    area = plan.options.get("planned_anew", "")
    if area:
        _check_outside(facts, found, base, area)
    served = {item.region_id for trip in base.trips for stop in trip.stops for item in stop.deliveries}
    for one in keeps:
        regions = set(one.regions) & served

        def of_vehicle(trip: Trip, kinds: Collection[tuple[str, int]] = one.vehicles) -> bool:
            return any(
                trip.vehicle_type == kind and (not number or trip.vehicle_id == f"{kind}-{number:02d}")
                for kind, number in kinds
            )

        for name in sorted(regions):
            _check_same(found, plan, base, _brings_to({name}), decision=one.id, region=name)
        if one.vehicles:
            _check_same(found, plan, base, of_vehicle, decision=one.id)


def _brings_to(regions: Collection[str]) -> Callable[[Trip], bool]:
    def brings(trip: Trip) -> bool:
        return any(item.region_id in regions for stop in trip.stops for item in stop.deliveries)

    return brings


def _check_outside(facts: PlanFacts, found: Recorder, base: Plan, area: str) -> None:
    """Check trips and results of regions that are not in an area, to the byte."""
    names = {name.strip() for name in area.split(",")}
    inside = {one.id for one in facts.world.instance.regions if names & {one.id, one.subarea, one.area}}
    now = {trip.id: trip for trip in facts.plan.trips}
    for trip in base.trips:
        if any(item.region_id not in inside for stop in trip.stops for item in stop.deliveries):
            found.case(now.get(trip.id) == trip, trip.id, trip.vehicle_id, trip=trip.id)
    results = {one.region_id: one for one in facts.plan.regions}
    for one in base.regions:
        if one.region_id not in inside:
            same = results.get(one.region_id) == one
            found.case(same, one.region_id, one.status.value, region=one.region_id)
    outside = {one.region_id for one in base.regions} - inside
    known = {trip.id for trip in base.trips}
    for trip in filter(_brings_to(outside), facts.plan.trips):
        found.case(trip.id in known, trip.id, "", trip=trip.id)


def _check_same(
    found: Recorder, plan: Plan, base: Plan, wanted: Callable[[Trip], bool], **place: str
) -> None:
    """Check that some trips are the same in both plans, whatever they are called."""
    before = [replace(one, id="") for one in base.trips if wanted(one)]
    for trip in filter(wanted, plan.trips):
        same = replace(trip, id="") in before
        found.case(same, trip.id, "", **place | {"trip": trip.id})
        if same:
            before.remove(replace(trip, id=""))
    for lost in before:
        found.broken("", f"{lost.vehicle_id} {found.at(lost.load_start_s)}", **place)
