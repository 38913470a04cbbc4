"""Rules of what people have decided: vehicles, days, hours, what goes together, who is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from planner.base.clock import DAY_S
from planner.instance.decisions import Hour, Ruling, unclear_rows
from planner.instance.schema import DecisionRule
from planner.plans.model import Trip
from planner.proof.calendars import Interval
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder
from planner.proof.views import StopView, TripView

__all__ = [
    "check_day",
    "check_depart_at",
    "check_leave_out",
    "check_never_use",
    "check_together",
    "check_use",
]


def check_use(facts: PlanFacts, found: Recorder) -> None:
    """Check that stops at a place are made by the vehicles decided for it."""
    for one in _rulings(facts, found, DecisionRule.USE):
        for view, stop in _stops(facts, one.places):
            place = _place(one, view, stop)
            found.case(_is_named(one, view.trip), view.trip.vehicle_id, _names(one), **place)


def check_never_use(facts: PlanFacts, found: Recorder) -> None:
    """Check that vehicles are used nowhere, or make no stop at a place, where that is decided."""
    for one in _rulings(facts, found, DecisionRule.NEVER_USE):
        if one.places:
            for view, stop in _stops(facts, one.places):
                found.case(not _is_named(one, view.trip), view.trip.vehicle_id, "", **_place(one, view, stop))
        else:
            _check_unused(facts, found, one)


def check_leave_out(facts: PlanFacts, found: Recorder) -> None:
    """Check that nothing goes to a region, and no trip is made by a vehicle, that is left out."""
    for one in _rulings(facts, found, DecisionRule.LEAVE_OUT):
        regions = set(one.regions)
        for view in _ahead(facts) if regions else ():
            for stop in view.stops:
                for item in stop.stop.deliveries:
                    good = item.region_id not in regions
                    place = _place(one, view, stop) | {"region": item.region_id}
                    found.case(good, item.consignment_id, "", **place)
        if one.vehicles:
            _check_unused(facts, found, one)


def check_day(facts: PlanFacts, found: Recorder) -> None:
    """Check that stops at a place, and whole trips of a vehicle, lie on the days decided for them."""
    for one in _rulings(facts, found, DecisionRule.DAY):
        days = _whole_days(facts, one)
        for view, stop in _stops(facts, one.places):
            _check_inside(found, days, (stop.stop.start_s, stop.stop.end_s), _place(one, view, stop))
        for view in _ahead(facts):
            if _is_named(one, view.trip):
                _check_inside(found, days, (view.trip.load_start_s, view.trip.end_s), _place(one, view))


def check_depart_at(facts: PlanFacts, found: Recorder) -> None:
    """Check that trips to a place, or of a vehicle, depart at the hours decided for them."""
    for one in _rulings(facts, found, DecisionRule.DEPART_AT):
        places = set(one.places)
        for view in _ahead(facts):
            there = any(stop.stop.node_id in places for stop in view.stops)
            if there or _is_named(one, view.trip):
                _check_hours(facts, found, one, view)


def check_together(facts: PlanFacts, found: Recorder) -> None:
    """Check that a trip that stops at one of the regions that go together stops at all of them."""
    gone = {name for one in _rulings(facts, None, DecisionRule.LEAVE_OUT) for name in one.regions}
    begun = (stop.stop for view in facts.trips if view.begun for stop in view.stops)
    gone |= {item.region_id for stop in begun for item in stop.deliveries if item.region_id == stop.node_id}
    wanted = {one.id for one in facts.planned if facts.world.kit.needs(one)} - gone
    for one in _rulings(facts, found, DecisionRule.TOGETHER):
        members = wanted.intersection(one.regions)
        for view in _ahead(facts):
            there = {stop.stop.node_id for stop in view.stops} & members
            if there:
                missing = sorted(members - there)
                claimed, expected = "+".join(sorted(there)), "+".join(sorted(members))
                if missing:
                    place = _place(one, view) | {"region": missing[0]}
                    found.broken(claimed, expected, len(missing), **place)
                else:
                    found.good()


# ---------------------------------------------------------------- what decisions name


def _rulings(facts: PlanFacts, found: Recorder | None, rule: DecisionRule) -> Sequence[Ruling]:
    """Decisions of a rule; one that cannot be meant is broken."""
    instance = facts.world.instance
    for fault in unclear_rows(instance) if found is not None else ():
        row = instance.decisions[(fault.row or 2) - 2]
        if row.rule is rule and found is not None:
            found.broken(fault.value or "", "", decision=row.id)
    return [one for one in facts.world.rulings if one.rule is rule]


def _ahead(facts: PlanFacts) -> Iterator[TripView]:
    """Yield the trips that can be decided otherwise: in a replan those that have not begun."""
    return (view for view in facts.trips if not view.begun)


def _stops(facts: PlanFacts, places: Iterable[str]) -> Iterator[tuple[TripView, StopView]]:
    wanted = set(places)
    for view in _ahead(facts) if wanted else ():
        for stop in view.stops:
            if stop.stop.node_id in wanted:
                yield view, stop


def _is_named(one: Ruling, trip: Trip) -> bool:
    """Whether the vehicle of a trip is among those that a decision names."""
    return any(
        trip.vehicle_type == kind and (number == 0 or trip.vehicle_id == f"{kind}-{number:02d}")
        for kind, number in one.vehicles
    )


def _names(one: Ruling) -> str:
    return "+".join(kind if number == 0 else f"{kind}-{number:02d}" for kind, number in sorted(one.vehicles))


def _place(one: Ruling, view: TripView, stop: StopView | None = None) -> dict[str, str | int]:
    place: dict[str, str | int] = {"decision": one.id, "trip": view.trip.id}
    return place if stop is None else place | {"stop": stop.name}


def _check_unused(facts: PlanFacts, found: Recorder, one: Ruling) -> None:
    for view in _ahead(facts):
        found.case(not _is_named(one, view.trip), view.trip.vehicle_id, "", **_place(one, view))


# ---------------------------------------------------------------- days and hours


def _whole_days(facts: PlanFacts, one: Ruling) -> list[Interval]:
    """The days of a decision; those that follow each other are one."""
    clock = facts.world.clock
    found: list[Interval] = []
    for day in sorted(one.days):
        begin, end = clock.midnight(day), clock.at(day, DAY_S)
        if found and found[-1][1] == begin:
            begin, _ = found.pop()
        found.append((begin, end))
    return found


def _check_inside(
    found: Recorder, days: Sequence[Interval], when: Interval, place: dict[str, str | int]
) -> None:
    begin, end = when
    over_s = min((max(low - begin, end - high, 0) for low, high in days), default=1)
    if over_s <= 0:
        found.near(max(min(begin - low, high - end) for low, high in days), Measure.SECONDS, **place)
        found.good()
        return
    expected = " / ".join(f"{found.at(low)} – {found.at(high)}" for low, high in days)
    found.broken(f"{found.at(begin)} – {found.at(end)}", expected, over_s, Measure.SECONDS, **place)


def _check_hours(facts: PlanFacts, found: Recorder, one: Ruling, view: TripView) -> None:
    departs_s = view.trip.depart_s
    moments = [moment for hour in one.hours for moment in _moments(facts, hour, departs_s)]
    nearest = min(moments, key=lambda moment: abs(moment - departs_s), default=departs_s)
    found.same_instant(departs_s, nearest, **_place(one, view))


def _moments(facts: PlanFacts, hour: Hour, near_s: int) -> list[int]:
    """The moment of an hour, or that hour on a day and on those before and after it."""
    if hour.moment_s is not None:
        return [hour.moment_s]
    calendars, clock = facts.world.calendars, facts.world.clock
    today = calendars.day_index(near_s)
    days = [clock.day(calendars.midnight(idx)) for idx in (today - 1, today, today + 1) if idx >= 0]
    return [clock.at(day, hour.clock_s or 0) for day in days]
