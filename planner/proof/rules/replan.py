"""Rules of a replan: nothing but what had begun begins before its moment, and stranded goods are fetched."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plans.model import Delivery, Trip
from planner.proof.facts import PlanFacts, StopView, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_begun", "check_fetched"]


def check_begun(facts: PlanFacts, found: Recorder) -> None:
    """Check that trips said to have begun began before the replan's moment, and no other one does.

    Notes
    -----
    In a plan that is no replan no trip has begun, has broken down, or fetches anything.
    """
    now_s = facts.now_s
    for view in facts.trips:
        trip = view.trip
        if now_s is None:
            found.case(not trip.begun, found.at(trip.load_start_s), "", trip=trip.id)
        elif not trip.begun:
            found.not_before(trip.load_start_s, now_s, trip=trip.id)
        elif view.begun:
            found.good()
        else:
            late_s = trip.load_start_s - now_s + 1
            start, now = found.at(trip.load_start_s), found.at(now_s)
            found.broken(start, now, late_s, Measure.SECONDS, trip=trip.id)
        if trip.broken is not None:
            _check_broken(trip, now_s, found)
        if now_s is None:
            for stop in view.stops:
                fetches = bool(stop.stop.fetched)
                found.case(not fetches, str(len(stop.stop.fetched)), "0", trip=trip.id, stop=stop.name)


def _check_broken(trip: Trip, now_s: int | None, found: Recorder) -> None:
    """Check that who has broken down did so on his way, and not later than now."""
    broken = trip.broken
    if broken is None:
        return
    good = now_s is not None and trip.begun and trip.load_start_s <= broken.at_s <= now_s
    found.case(good, found.at(broken.at_s), "" if now_s is None else found.at(now_s), trip=trip.id)


def check_fetched(facts: PlanFacts, found: Recorder) -> None:
    """Check that goods aboard a vehicle that has broken down go on only with who fetches them there.

    Notes
    -----
    What is fetched is aboard such a vehicle at that place by then, as the same run of units; it is taken over
    once, by a stop that does nothing else, and the trip hands it over afterwards (or breaks down with it).
    Units that are aboard go on in no other way.
    """
    taken: dict[tuple[str, str], str] = {}  # trip that broke down and consignment: who took it over
    for view in sorted(facts.trips, key=lambda one: one.trip.load_start_s):
        for stop in view.stops:
            for item in stop.stop.fetched:
                _check_source(facts, view, stop, item, taken, found)
                _check_goes_on(view, stop, item, found)
            if stop.stop.fetched:
                place: dict[str, str | int] = {"trip": view.trip.id, "stop": stop.name}
                found.case(stop.only_fetches, str(len(stop.stop.deliveries)), "0", **place)
    for view, item in _stranded(facts):
        _check_no_other_way(facts, view, item, found)


def _stranded(facts: PlanFacts) -> Iterator[tuple[TripView, Delivery]]:
    for view in facts.trips:
        if view.trip.broken is not None:
            for item in view.trip.broken.deliveries:
                yield view, item


def _run(item: Delivery) -> tuple[str, str, str, int, int]:
    return item.consignment_id, item.region_id, item.part, item.first_unit, item.units


def _check_source(
    facts: PlanFacts,
    view: TripView,
    stop: StopView,
    item: Delivery,
    taken: dict[tuple[str, str], str],
    found: Recorder,
) -> None:
    """Check that what is fetched stands there, and nobody else has fetched it."""
    place: dict[str, str | int] = {
        "trip": view.trip.id,
        "stop": stop.name,
        "consignment": item.consignment_id,
    }
    sources = [
        (one, one.trip.broken)
        for one in facts.stranded.get(item.consignment_id, ())
        if one is not view and (one.trip.id, item.consignment_id) not in taken
    ]
    for one, broken in sources:
        if broken is None or broken.node_id != stop.stop.node_id:
            continue
        taken[one.trip.id, item.consignment_id] = view.trip.id
        same = any(_run(other) == _run(item) for other in broken.deliveries)
        found.case(same, f"{item.first_unit} + {item.units}", item.consignment_id, **place)
        found.not_before(stop.stop.start_s, broken.at_s, **place)
        return
    nodes = sorted({broken.node_id for _, broken in sources if broken is not None})
    found.broken(stop.stop.node_id, "/".join(nodes), **place)


def _check_goes_on(view: TripView, stop: StopView, item: Delivery, found: Recorder) -> None:
    """Check that a trip hands over later on what it fetches, or breaks down with it."""
    later = [one for other in view.stops if other.name > stop.name for one in other.stop.deliveries]
    aboard = () if view.trip.broken is None else view.trip.broken.deliveries
    goes_on = any(_run(one) == _run(item) for one in (*later, *aboard))
    place = {"trip": view.trip.id, "consignment": item.consignment_id}
    found.case(goes_on, item.consignment_id, item.region_id, **place)


def _check_no_other_way(facts: PlanFacts, view: TripView, item: Delivery, found: Recorder) -> None:
    """Check that units aboard a vehicle that stands are not loaded a second time where it had loaded them."""
    first, end = item.first_unit, item.first_unit + item.units
    origin = facts.loaded_at(view, item.consignment_id)
    for other in facts.trips:
        if other is view or other.trip.origin_id != origin:
            continue
        for one in other.taken_on:
            meant = (one.region_id, one.part) == (item.region_id, item.part)
            double = min(end, one.first_unit + one.units) - max(first, one.first_unit)
            if meant and double > 0:
                place = {"trip": other.trip.id, "consignment": one.consignment_id}
                found.broken(other.trip.id, view.trip.id, double, Measure.UNITS, **place)
    found.good()
