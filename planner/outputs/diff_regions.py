"""What changes for a region, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.base.clock import Clock
from planner.base.text import words
from planner.compare.changes import RegionChange, Visit, What
from planner.outputs.diff_names import DiffNames
from planner.outputs.figures import duration, moment
from planner.plans.model import RegionResult, RegionStatus
from planner.proof.verdict import Measure, amount_text

__all__ = ["region_text"]


def region_text(change: RegionChange, names: DiffNames, clock: Clock) -> str:
    """Who comes when with how much, and who would have come before; whether that is on time."""
    return "; ".join(_clauses(change, names, clock))


def _clauses(change: RegionChange, names: DiffNames, clock: Clock) -> Iterator[str]:
    old, new = change.visits_before, change.visits_after
    if old and not new:
        yield words("diff.region.none", old=_all(old, names, clock))
    elif new and not old:
        yield words("diff.region.new", visits=_all(new, names, clock))
    elif len(old) == len(new) == 1 and What.GOODS not in change.what:
        time, before = moment(new[0].arrive_s, clock), moment(old[0].arrive_s, clock)
        vehicle = names.vehicle(new[0].vehicle_id, new[0].vehicle_type)
        other = names.vehicle(old[0].vehicle_id, old[0].vehicle_type)
        if What.VEHICLE in change.what:
            before = f"{other}, {before}"
        if time != before:
            yield words("diff.region.comes", vehicle=vehicle, time=time, old=before)
    elif _all(new, names, clock) != _all(old, names, clock):
        now, before = _all(new, names, clock), _all(old, names, clock)
        yield words("diff.region.instead", visits=now, old=before)
    if What.WAY in change.what:
        pairs = (change.visits_before, change.visits_after)
        places = [", ".join(dict.fromkeys(names.place(one.origin_id) for one in some)) for some in pairs]
        if all(places):
            yield words("diff.region.way", old=places[0], places=places[1])
    if What.STATUS in change.what:
        yield from _answer(change.before, change.after, clock)


def _all(visits: Sequence[Visit], names: DiffNames, clock: Clock) -> str:
    parts = {part for visit in visits for part, _ in visit.units}
    told = []
    for one in visits:
        some = ", ".join(part for part, _ in one.units)
        units = amount_text(sum(units for _, units in one.units), Measure.UNITS)
        told.append(
            words(
                "diff.region.visit",
                vehicle=names.vehicle(one.vehicle_id, one.vehicle_type),
                time=moment(one.arrive_s, clock),
                units=units if len(parts) < 2 else f"{units} ({some})",
            )
        )
    return ", ".join(told)


def _answer(before: RegionResult | None, after: RegionResult | None, clock: Clock) -> Iterator[str]:
    if _status(before) != _status(after):
        yield words("diff.region.status", status=_status(after), old=_status(before))
    if before is not None and after is not None and before.deadline_s != after.deadline_s:
        time, old = moment(after.deadline_s, clock), moment(before.deadline_s, clock)
        yield words("diff.region.deadline", time=time, old=old)


def _status(result: RegionResult | None) -> str:
    if result is None:
        return words("diff.region.unknown")
    if result.status is not RegionStatus.LATE:
        return words(f"diff.region.{result.status.value}")
    margin_s = result.margin_s
    if margin_s is None or margin_s > 0:
        return words("diff.region.late_hub")
    return words("diff.region.late", late=duration(-margin_s))
