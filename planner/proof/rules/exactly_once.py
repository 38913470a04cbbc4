"""Rule `exactly_once`: every unit of a region is delivered once."""

from __future__ import annotations

from collections import Counter

from planner.plans.model import RegionStatus
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_exactly_once"]


def check_exactly_once(facts: PlanFacts, found: Recorder) -> None:
    """Check that every unit of every part travels once; only a region claimed undelivered lacks some.

    Notes
    -----
    Where there is a chain, no unit leaves its warehouse twice either; what goes on from hubs is rule `chain`.
    """
    _check_consignments(facts, found)
    regions = facts.world.instance.region_of
    planned = {name for component in facts.plan.components for name in component.regions}
    for (name, part), runs in (*facts.runs.items(), *facts.sent.items()):
        region = regions.get(name)
        num = 0 if region is None or name not in planned else facts.world.kit.needs(region).get(part, 0)
        _check_runs(runs, num, {"region": name, "part": part}, found)
    for result in facts.plan.regions:
        region = regions.get(result.region_id)
        if region is not None and result.status is not RegionStatus.UNDELIVERED:
            missing = facts.missing(region)
            units = sum(facts.world.kit.needs(region).values())
            if missing:
                found.broken(str(units - missing), str(units), missing, Measure.UNITS, region=region.id)
            else:
                found.good()


def _check_consignments(facts: PlanFacts, found: Recorder) -> None:
    numbers = Counter(
        (item.consignment_id, "" if stop.hub is None else stop.hub.id)
        for view in facts.trips
        for stop in view.stops
        for item in stop.stop.deliveries
    )
    for (consignment, hub), number in numbers.items():
        place = {"consignment": consignment} | ({"hub": hub} if hub else {})
        found.case(number == 1, str(number), "1", **place)


def _check_runs(
    runs: list[tuple[int, int, str]], num: int, place: dict[str, str | int], found: Recorder
) -> None:
    """Count runs of units that exist and do not overlap, and those that do not."""
    reach = 0
    for first, end, trip in runs:
        claimed = f"{first} … {end - 1}"
        if first < 0 or end <= first or end > num:
            beyond = max(-first, end - num, 1)
            found.broken(claimed, f"0 … {num - 1}" if num else "", beyond, Measure.UNITS, trip=trip, **place)
        elif first < reach:
            doubled = min(end, reach) - first
            left = f"{reach} … {num - 1}" if reach < num else ""
            found.broken(claimed, left, doubled, Measure.UNITS, trip=trip, **place)
        else:
            found.good()
        reach = max(reach, end)
