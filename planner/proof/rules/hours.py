"""Rules of opening hours, shifts, working time and the horizon."""

from __future__ import annotations

from planner.instance.schema import Overnight
from planner.proof.facts import PlanFacts, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = [
    "check_horizon",
    "check_not_before",
    "check_overnight",
    "check_region_hours",
    "check_release",
    "check_vehicle_shift",
    "check_warehouse_hours",
]


def _in_hours(
    facts: PlanFacts,
    found: Recorder,
    calendar: str,
    activity: tuple[int, int],
    *,
    service: bool = False,
    **place: str | int,
) -> None:
    """Count a case in which an activity (or a service at a region) must lie in one interval of a calendar."""
    start_s, end_s = activity
    slack = facts.world.calendars.slack(calendar, start_s, end_s, service=service)
    if slack is None:
        claimed = f"{found.at(start_s)} – {found.at(end_s)}"
        amount = facts.world.calendars.outside(calendar, start_s, end_s, service=service)
        found.broken(claimed, calendar, amount, Measure.SECONDS, **place)
    else:
        if calendar:
            found.near(slack, Measure.SECONDS, **place)
        found.good()


def check_warehouse_hours(facts: PlanFacts, found: Recorder) -> None:
    """Check that loading, and unloading from another warehouse, lie in one opening interval of the place."""
    for view in facts.trips:
        origin = facts.world.loading_place(view.trip.origin_id)
        if origin is not None and not view.begun and not view.loads_nothing:
            load = (view.trip.load_start_s, view.trip.depart_s)
            kind = "hub" if origin.id in facts.world.hubs else "warehouse"
            place: dict[str, str | int] = {"trip": view.trip.id, kind: origin.id}
            _in_hours(facts, found, origin.calendar, load, service=False, **place)
        for stop in view.stops:
            if stop.warehouse is not None and facts.free(view, stop.stop.start_s):
                service = (stop.stop.start_s, stop.stop.end_s)
                place = {"trip": view.trip.id, "warehouse": stop.warehouse.id}
                _in_hours(facts, found, stop.warehouse.calendar, service, service=False, **place)


def check_vehicle_shift(facts: PlanFacts, found: Recorder) -> None:
    """Check that loading, each service, and each leg that may not pause lie in one shift of the vehicle.

    Notes
    -----
    Who was under way at a replan and must be home, but is overtaken by the end of his shift, pauses where
    he is.
    """
    for view in facts.trips:
        if view.kind is None:
            continue
        trip, calendar = view.trip, view.kind.calendar
        if not view.begun:
            _in_hours(facts, found, calendar, (trip.load_start_s, trip.depart_s), trip=trip.id)
        for stop in view.stops:
            service = (stop.stop.start_s, stop.stop.end_s)
            if facts.free(view, stop.stop.start_s):
                _in_hours(facts, found, calendar, service, trip=trip.id, stop=stop.name)
        if view.overnight is not Overnight.ANYWHERE:
            _check_legs(facts, found, view, calendar)


def _check_legs(facts: PlanFacts, found: Recorder, view: TripView, calendar: str) -> None:
    for leg in view.legs:
        pauses = view.begun and view.overnight is Overnight.HOME
        drives = facts.free(view, leg.leg.depart_s) and not facts.never(view, leg.leg.arrive_s)
        if leg.arrive_s is not None and drives and not pauses:
            way = (leg.leg.depart_s, leg.arrive_s)
            _in_hours(facts, found, calendar, way, trip=view.trip.id, leg=leg.name)


def check_region_hours(facts: PlanFacts, found: Recorder) -> None:
    """Check that service lies in an opening interval of region or hub, or starts there if that is enough."""
    for view in facts.trips:
        for stop in view.stops:
            receiver = stop.region or stop.hub
            if receiver is None or stop.only_fetches or not facts.free(view, stop.stop.start_s):
                continue
            calendar, start_s = receiver.calendar, stop.stop.start_s
            if facts.world.calendars.starts_inside(calendar, start_s):
                found.good()
            else:
                service = (start_s, stop.stop.end_s)
                kind = "region" if stop.hub is None else "hub"
                place: dict[str, str | int] = {"trip": view.trip.id, kind: receiver.id}
                _in_hours(facts, found, calendar, service, service=True, **place)


def check_overnight(facts: PlanFacts, found: Recorder) -> None:
    """Check that a vehicle that must be home lies with its whole trip in one shift; not who is under way."""
    for view in facts.trips:
        if not view.begun and view.kind is not None and view.overnight is Overnight.HOME:
            whole = (view.trip.load_start_s, view.trip.end_s)
            _in_hours(facts, found, view.kind.calendar, whole, trip=view.trip.id)


def check_horizon(facts: PlanFacts, found: Recorder) -> None:
    """Check that everything happens between the start and the horizon."""
    for view in facts.trips:
        first_s, last_s = min(view.instants), max(view.instants)
        found.not_before(first_s, 0, trip=view.trip.id)
        horizon_s = facts.world.horizon_s
        if last_s > horizon_s:
            late_s = last_s - horizon_s
            found.broken(found.at(last_s), found.at(horizon_s), late_s, Measure.SECONDS, trip=view.trip.id)


def check_release(facts: PlanFacts, found: Recorder) -> None:
    """Check that no trip that has not begun loads goods at a warehouse before they may leave."""
    for view in facts.trips:
        if view.begun or view.trip.origin_id not in facts.world.instance.warehouse_of:
            continue
        for name in dict.fromkeys(item.region_id for item in view.taken_on):
            region = facts.world.instance.region_of.get(name)
            release_s = 0 if region is None else facts.world.release_s(region)
            if release_s:
                found.not_before(view.trip.load_start_s, release_s, trip=view.trip.id, region=name)


def check_not_before(facts: PlanFacts, found: Recorder) -> None:
    """Check that no delivery ends before its region or hub may receive."""
    for view in facts.trips:
        for stop in view.stops:
            place: dict[str, str | int] = {"trip": view.trip.id}
            earliest_s: int | None = None
            if stop.region is not None:
                earliest_s = facts.world.not_before_s(stop.region)
                place["region"] = stop.region.id
            elif stop.hub is not None:
                earliest_s = facts.world.hub_not_before_s(stop.hub)
                place["hub"] = stop.hub.id
            if earliest_s is not None and not stop.only_fetches and facts.free(view, stop.stop.start_s):
                found.not_before(stop.stop.end_s, earliest_s, **place)
