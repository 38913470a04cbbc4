"""Rules `mass`, `volume` and `pieces`: what a vehicle carries fits into it."""

from __future__ import annotations

from collections.abc import Callable

from planner.instance.schema import VehicleType
from planner.plans.model import Delivery, Trip
from planner.proof.facts import PlanFacts, TripView
from planner.proof.kit import Load
from planner.proof.taken import taken_over
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_mass", "check_pieces", "check_volume"]


def _check_capacity(
    facts: PlanFacts,
    found: Recorder,
    measure: Measure,
    figures: Callable[[Load | Trip | Delivery], int],
    capacity: Callable[[VehicleType], int | None],
) -> None:
    """Compare figures, and what is aboard with what the vehicle takes.

    Notes
    -----
    Who was under way at a replan may fetch something on the rest of his way: of him that counts which is
    aboard at once.
    """
    for view in facts.trips:
        own = figures(view.load)
        found.same(figures(view.trip), own, measure, trip=view.trip.id)
        for stop in view.stops:
            both = (*zip(stop.stop.deliveries, stop.loads, strict=True),)
            for item, load in (*both, *zip(stop.stop.fetched, stop.taken, strict=True)):
                place = {"trip": view.trip.id, "consignment": item.consignment_id}
                found.same(figures(item), figures(load), measure, **place)
        limit = None if view.kind is None else capacity(view.kind)
        if limit is not None:
            place = {"trip": view.trip.id, "vehicle": view.trip.vehicle_id}
            later = taken_over(view.trip, facts.past) if view.took else {}
            most = _most_aboard(view, figures) if view.begun else own
            if later and most > limit:
                events = tuple(dict.fromkeys(name for _, name in later.values()))
                found.reported(str(most), str(limit), most - limit, measure, events, **place)
            else:
                found.at_most(most, limit, measure, **place)


def _most_aboard(view: TripView, figures: Callable[[Load | Trip | Delivery], int]) -> int:
    """The most that is aboard at once, from loading to the last stop; what was taken over, since then."""
    aboard = most = figures(view.loaded)
    waiting = sorted(view.took, key=lambda one: one.since_s)
    for stop in view.stops:
        while waiting and waiting[0].since_s <= stop.stop.start_s:
            aboard += figures(waiting.pop(0).load)
            most = max(most, aboard)
        aboard += figures(stop.fetched)
        aboard -= figures(stop.load)
        aboard += sum(figures(one.load) for one in waiting if one.stop == stop.name)
        waiting = [one for one in waiting if one.stop != stop.name]
        most = max(most, aboard)
    return max(most, aboard + sum(figures(one.load) for one in waiting))


def check_mass(facts: PlanFacts, found: Recorder) -> None:
    """Check that masses of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(facts, found, Measure.GRAMS, lambda one: one.mass_g, lambda kind: kind.mass_kg * 1000)


def check_volume(facts: PlanFacts, found: Recorder) -> None:
    """Check that volumes of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(
        facts, found, Measure.CUBIC_CM, lambda one: one.volume_cm3, lambda kind: kind.volume_dm3 * 1000
    )


def check_pieces(facts: PlanFacts, found: Recorder) -> None:
    """Check that pieces of loads and deliveries are as claimed and within the vehicle's capacity."""
    _check_capacity(facts, found, Measure.PIECES, lambda one: one.pieces, lambda kind: kind.pieces)
