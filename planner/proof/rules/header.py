"""Rules of what a plan says it is for: which instance, which clock, which regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from planner.instance.digest import digest, table_digests
from planner.instance.schema import Region
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_header", "check_instance_digest", "check_regions_complete"]


def check_instance_digest(facts: PlanFacts, found: Recorder) -> None:
    """Check that the plan was made for what the files say now, without any report."""
    own = digest(facts.files)
    found.case(facts.plan.instance_digest == own, facts.plan.instance_digest, own)
    tables, claimed = table_digests(facts.files), facts.plan.instance_tables
    for name in dict.fromkeys((*claimed, *tables)) if claimed else ():
        found.case(
            claimed.get(name) == tables.get(name), claimed.get(name, ""), tables.get(name, ""), table=name
        )


def check_header(facts: PlanFacts, found: Recorder) -> None:
    """Check that the plan's start, time zone and currency are the instance's."""
    claimed, own = facts.plan_clock, facts.world.clock
    apart = abs(claimed.start - own.start) // timedelta(seconds=1)
    if apart:
        found.broken(claimed.start.isoformat(), own.start.isoformat(), apart, Measure.SECONDS)
    else:
        found.good()
    found.case(claimed.time_zone == own.time_zone, claimed.time_zone, own.time_zone)
    currency = facts.world.instance.settings.currency
    found.case(facts.plan.currency == currency, facts.plan.currency, currency)


def check_regions_complete(facts: PlanFacts, found: Recorder) -> None:
    """Check that components and results hold each region asked for, once and in its warehouse's component."""
    plan, regions = facts.plan, facts.world.instance.region_of
    asked = {region.id for region in _asked(facts)}
    in_components = Counter(name for component in plan.components for name in component.regions)
    in_results = Counter(result.region_id for result in plan.regions)
    for name in sorted(asked | set(in_components) | set(in_results)):
        expected = 1 if name in asked else 0
        for number in (in_components[name], in_results[name]):
            if number == expected:
                found.good()
            else:
                found.broken(str(number), str(expected), abs(number - expected), region=name)
    ids = Counter(component.id for component in plan.components)
    for component in plan.components:
        found.case(ids[component.id] == 1, str(ids[component.id]), "1", component=component.id)
        for name in component.regions:
            if name in regions:
                warehouse = regions[name].warehouse
                found.case(component.id == warehouse, component.id, warehouse, region=name)


def _asked(facts: PlanFacts) -> Iterator[Region]:
    area = facts.plan.options.get("area", "")
    names = {name.strip() for name in area.split(",")} - {""}
    for region in facts.world.instance.regions:
        if not names or names & {region.id, region.subarea, region.area}:
            yield region
