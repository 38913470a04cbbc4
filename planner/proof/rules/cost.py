"""Rules `trip_cost`, `cost` and `bound`: what trips and the fleet cost, and what they must cost at least."""

from __future__ import annotations

from planner.plans.model import Component, RegionStatus
from planner.proof.costs import own_paid_s, total_cost, trip_cost
from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_bound", "check_cost", "check_trip_cost", "component_trips"]


def check_trip_cost(facts: PlanFacts, found: Recorder) -> None:
    """Check that a trip's paid time and price are those of the files."""
    for view in facts.trips:
        if view.kind is not None:
            trip = view.trip
            found.same(trip.paid_s, own_paid_s(facts, view, view.kind), Measure.SECONDS, trip=trip.id)
            found.same(trip.cost, trip_cost(facts, view, view.kind), Measure.MONEY, trip=trip.id)


def component_trips(facts: PlanFacts, component: Component) -> list[TripView]:
    """Trips that start at the warehouse of a component's regions, or at a hub with a type of it."""
    regions = facts.world.instance.region_of
    origins = {component.id} | {regions[name].warehouse for name in component.regions if name in regions}
    return [view for view in facts.trips if facts.warehouse_of(view) in origins]


def check_cost(facts: PlanFacts, found: Recorder) -> None:
    """Check that the costs of components and plan are those of their trips, vehicles and days."""
    for component in facts.plan.components:
        own = total_cost(facts, component_trips(facts, component))
        found.same(component.cost, own, Measure.MONEY, component=component.id)
    found.same(facts.plan.cost, total_cost(facts, facts.trips), Measure.MONEY)


def check_bound(facts: PlanFacts, found: Recorder) -> None:
    """Check that a lower bound is claimed only where all receive, late or not, and exceeds no such cost."""
    regions = facts.world.instance.region_of
    for component in facts.plan.components:
        bound = component.lower_bound
        if bound is None:
            continue
        members = [regions[name] for name in component.regions if name in regions]
        if any(facts.status(one) is RegionStatus.UNDELIVERED for one in members):
            found.broken(str(bound), "null", max(1, bound), Measure.MONEY, component=component.id)
        else:
            cost = total_cost(facts, component_trips(facts, component))
            found.at_most(bound, cost, Measure.MONEY, component=component.id)
