"""The rule of a replan's history: it agrees with the reports it believed, and with the plans before it."""

from __future__ import annotations

from collections import Counter

from planner.events.amend import Amended
from planner.events.meaning import happenings_s, same_report
from planner.events.schema import EventKind
from planner.events.tellings import TripReports
from planner.plans.model import Broken, Delivery, Plan, Stop, Trip
from planner.proof.as_it_went import as_it_went
from planner.proof.evidence import Past
from planner.proof.facts import PlanFacts, TripView
from planner.proof.history import check_times
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_history"]


def check_history(facts: PlanFacts, found: Recorder) -> None:
    """Check that what has begun happened as reported and else as planned before, and that none of it is lost.

    Notes
    -----
    Without the plan before it only the reports are compared; all else is then judged by physics alone, in the
    other rules. With it, trips that have begun have the same vehicle, origin, dock and goods; stops that
    are over, and the leg under way, are the first ones of its order.
    """
    past, now_s = facts.past, facts.now_s
    if past is None or now_s is None:
        return
    for fault in past.faults:
        found.broken(fault, "")
    for event in past.events:
        found.not_before(now_s, event.time_s, event=event.id)
    for mismatch in past.mismatches:
        found.broken(mismatch.event.kind.value, mismatch.code, event=mismatch.event.id)
    _check_gone(facts.plan, past, found)
    for view in facts.trips:
        _check_reports(past, view, now_s, found)
        _check_breakdown(past, view, found)
    if past.before is not None:
        _check_chain(facts, past, found)
        went = _as_it_went(facts, past, past.before)
        _check_kept(facts, went.plan, now_s, found)
        _check_back(facts, went, found)
        check_times(facts, past, went, now_s, found)


def _check_gone(plan: Plan, past: Past, found: Recorder) -> None:
    """Check that trips which are no longer there are told, and that nothing was reported to have happened.

    Notes
    -----
    Who reports by an old plan may tell of a trip that had been given up before.
    """
    moved = {} if plan.replan is None else {one.trip: one for one in plan.replan.moved}
    before = {} if past.before is None else {trip.id: trip for trip in past.before.trips}
    for gone in past.gone:
        given_up = gone.trip in moved and gone.trip not in before
        found.case(given_up, "", gone.event.kind.value, event=gone.event.id, trip=gone.trip)
    kept = {trip.id for trip in plan.trips}
    earlier = () if past.before is None or past.before.replan is None else past.before.replan.moved
    gone_trips = [(one.trip, one.vehicle) for one in earlier]
    gone_trips += [(name, trip.vehicle_id) for name, trip in before.items() if name not in kept]
    for name, vehicle in gone_trips:
        told = moved.get(name)
        found.case(told is not None and told.vehicle == vehicle, "", name, trip=name)


def _check_reports(past: Past, view: TripView, now_s: int, found: Recorder) -> None:
    """Check that everything reported of a trip stands in it with its time, and that it has begun."""
    reports = past.reports.get(view.trip.id)
    if reports is None or not reports.known:
        return
    moments = happenings_s(view.trip)
    for place, happened in sorted(reports.known.items()):
        where: dict[str, str | int] = {"trip": view.trip.id, "event": happened.event.id}
        found.case(view.begun, "", happened.event.kind.value, **where)
        if place in moments:
            found.same_instant(moments[place], happened.at_s, **where)
        found.not_before(now_s, happened.at_s, **where)


def _check_breakdown(past: Past, view: TripView, found: Recorder) -> None:
    """Check that who has broken down was reported to have, then, and that who was reported to has."""
    trip = view.trip
    names = {trip.id, trip.vehicle_id}
    moments = [
        event.begins_s
        for event in past.held
        if event.kind is EventKind.BREAKDOWN and names & set(event.subject)
    ]
    if trip.broken is not None:
        expected = "/".join(found.at(one) for one in moments)
        found.case(trip.broken.at_s in moments, found.at(trip.broken.at_s), expected, trip=trip.id)
    elif view.begun:
        reports = past.reports.get(trip.id) or TripReports()
        known = [one.at_s for one in reports.known.values()]
        for moment_s in moments:  # it may have ended before, by what was known when it broke down
            on_its_way = trip.load_start_s <= moment_s < trip.end_s and not reports.delays
            on_its_way = (
                on_its_way and not past.nothing_assumed and not any(at_s > moment_s for at_s in known)
            )
            found.case(not on_its_way, found.at(trip.end_s), found.at(moment_s), trip=trip.id)


def _check_chain(facts: PlanFacts, past: Past, found: Recorder) -> None:
    """Check that each plan names the one before it, and believed what that had believed."""
    plans = (*past.ancestry.plans, facts.plan)
    for plan, digest in zip(plans[1:], past.ancestry.digests, strict=True):
        claimed = "" if plan.replan is None else plan.replan.previous_digest
        found.case(claimed == digest, claimed, digest)
    for before, after in zip(plans, plans[1:], strict=False):
        if before.replan is not None and after.replan is not None:
            found.not_before(after.replan.now_s, before.replan.now_s)
            now = {row.id: row for row in after.replan.events}
            for row in before.replan.events:  # one that is missing was taken back
                found.case(same_report(now.get(row.id, row), row), row.kind, row.id, event=row.id)


def _check_kept(facts: PlanFacts, before: Plan, now_s: int, found: Recorder) -> None:
    """Check that trips that have begun are those of the plan before; see `check_times` for those lost."""
    old = {trip.id: trip for trip in before.trips}
    for view in facts.trips:
        if view.begun:
            trip = old.get(view.trip.id)
            found.case(trip is not None, view.trip.id, "", trip=view.trip.id)
            if trip is not None:
                _check_same(view.trip, trip, now_s, found)


def _as_it_went(facts: PlanFacts, past: Past, before: Plan) -> Amended:
    """The plan before as it went; what stayed aboard was brought, or came back, as the new plan says."""
    went = as_it_went(before, past.events, facts.files, facts.world)
    brought = {view.trip.id: _aboard(view.trip) for view in facts.trips}
    home = {
        trip.id
        for trip in went.plan.trips
        if trip.id in went.aboard and (_aboard(trip) - brought.get(trip.id, Counter())).total()
    }
    return as_it_went(before, past.events, facts.files, facts.world, home) if home else went


def _check_back(facts: PlanFacts, went: Amended, found: Recorder) -> None:
    """Check that goods that come back to where they were loaded are not loaded again before."""
    ends = {view.trip.id: view.trip for view in facts.trips}
    for goods, name in went.back_with:
        if name not in ends:
            continue
        for view in facts.trips:
            for one in (
                view.taken_on if not view.begun and view.trip.origin_id == ends[name].origin_id else ()
            ):
                last = min(goods.first_unit + goods.units, one.first_unit + one.units)
                meant = (goods.region_id, goods.part) == (one.region_id, one.part)
                if meant and last > max(goods.first_unit, one.first_unit):
                    place = {"trip": view.trip.id, "consignment": one.consignment_id}
                    found.not_before(view.trip.load_start_s, ends[name].end_s, **place)


def _check_same(trip: Trip, old: Trip, now_s: int, found: Recorder) -> None:
    for claimed, expected in zip(_what(trip), _what(old), strict=True):
        found.case(claimed == expected, claimed, expected, trip=trip.id)
    own, others = (_aboard(one) for one in (trip, old))
    lost = (own - others).total() + (others - own).total()
    if lost:
        found.broken(str(own.total()), str(others.total()), lost, Measure.CASES, trip=trip.id)
    else:
        found.good()
    for number, stop in enumerate(trip.stops):
        if stop.leg.depart_s >= now_s:
            break
        # he had no other orders before now
        planned = old.stops[number] if number < len(old.stops) else None
        under_way = stop.leg.arrive_s > now_s
        same = planned is not None and stop.node_id == planned.node_id and stop.leg.path == planned.leg.path
        same = same and (under_way or planned is None or _handled(stop) == _handled(planned))
        expected_stop = "" if planned is None else planned.node_id
        found.case(same, stop.node_id, expected_stop, trip=trip.id, stop=number + 1)
    if trip.back is not None and trip.back.depart_s < now_s:
        same = old.back is not None and trip.back.path == old.back.path
        found.case(same, trip.back.to_node, old.origin_id, trip=trip.id, leg=len(trip.stops) + 1)
    if trip.broken is not None:
        _check_stands(trip, trip.broken, old, found)


def _check_stands(trip: Trip, broken: Broken, old: Trip, found: Recorder) -> None:
    """Check that who has broken down stands on the way that he was ordered to go."""
    if old.broken is not None:
        found.case(broken == old.broken, broken.node_id, old.broken.node_id, trip=trip.id)
        return
    legs = [stop.leg for stop in old.stops] + ([] if old.back is None else [old.back])
    ordered = legs[len(trip.stops)].path if len(trip.stops) < len(legs) else ()
    path = () if broken.leg is None else broken.leg.path
    found.case(path == ordered[: len(path)], broken.node_id, trip.origin_id, trip=trip.id)


def _what(trip: Trip) -> tuple[str, ...]:
    return trip.vehicle_id, trip.vehicle_type, trip.origin_id, str(trip.dock)


def _aboard(trip: Trip) -> Counter[object]:
    """All that a trip carried from its beginning: handed over, or aboard where it broke down."""
    ends = (*trip.stops, *(() if trip.broken is None else (trip.broken,)))
    return Counter(one for end in ends for one in (*map(_run, end.deliveries), *end.items))


def _handled(stop: Stop) -> tuple[object, ...]:
    """What was done at a stop."""
    return (*map(_run, stop.deliveries), None, *map(_run, stop.fetched), None, *stop.items)


def _run(item: Delivery) -> tuple[str, str, str, int, int]:
    return item.consignment_id, item.region_id, item.part, item.first_unit, item.units
