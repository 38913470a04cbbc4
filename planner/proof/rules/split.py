"""Rule `split`: on how many trips and days each part of a region's demand is handed over."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from planner.base.rules import claimed_rules
from planner.instance.schema import Region, Split
from planner.proof.facts import PlanFacts, StopView, TripView
from planner.proof.verdict import Recorder

__all__ = ["check_split"]

_Stop = tuple[TripView, StopView]


def check_split(facts: PlanFacts, found: Recorder) -> None:
    """Check that a part comes on one trip (`never`) or on one local day (`same_day`) where that is asked.

    Notes
    -----
    In a replan it holds for what is neither delivered nor aboard: what it orders anew adds no trip, and no
    day, to those of trips that go on as the plan before has them, whichever these are. Plans that do not
    claim the rule were made before it: for them every region is as `free`.
    """
    if "split" not in claimed_rules(facts.plan.options):
        return
    parts: dict[tuple[str, str], list[_Stop]] = {}
    for view, stop, part in _handed_over(facts):
        parts.setdefault((stop.stop.node_id, part), []).append((view, stop))
    before = _before(facts)
    for (name, part), stops in parts.items():
        region = facts.world.instance.region_of[name]
        if region.split is not Split.FREE:
            _check_part(facts, found, region, part, stops, before)


def _handed_over(facts: PlanFacts) -> Iterator[tuple[TripView, StopView, str]]:
    """Yield each stop at a region and each part for it there, of what is neither delivered nor aboard."""
    for view in facts.trips:
        aboard = {item.consignment_id for stop in view.trip.stops for item in stop.fetched}
        for stop in () if view.begun else view.stops:
            if stop.region is not None:
                free = (one for one in stop.stop.deliveries if one.consignment_id not in aboard)
                for part in dict.fromkeys(item.part for item in free):
                    yield view, stop, part


def _before(facts: PlanFacts) -> Collection[str] | None:
    """Ids of the trips of the plan before a replan; None where that is not there, so that all may be."""
    if facts.past is None:
        return ()
    plans = facts.past.ancestry.plans
    return {trip.id for trip in plans[-1].trips} if plans else None


def _check_part(
    facts: PlanFacts,
    found: Recorder,
    region: Region,
    part: str,
    stops: list[_Stop],
    before: Collection[str] | None,
) -> None:
    goes_on = [before is None or view.trip.id in before for view, _ in stops]
    old = [one for one, same in zip(stops, goes_on, strict=True) if same]
    new = [one for one, same in zip(stops, goes_on, strict=True) if not same]
    calendars = facts.world.calendars

    def on(some: list[_Stop]) -> set[str]:
        if region.split is Split.NEVER:
            return {view.trip.id for view, _ in some}
        return {calendars.day_name(calendars.day_index(stop.stop.end_s)) for _, stop in some}

    there, more = on(old), on(new) - on(old)
    all_of_them, limit = ", ".join(sorted(there | more)), max(1, len(there))
    expected = ", ".join(sorted(there)) or "1"
    if len(there | more) > limit:
        over = len(there | more) - limit
        found.broken(all_of_them, expected, over, region=region.id, part=part)
    else:
        found.good()
