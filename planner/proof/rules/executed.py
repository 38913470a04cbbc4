"""The rule that history is kept: what was over before the news of a replan began stays as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from planner.events.amend import OTHERWISE, Amended
from planner.events.apply import shortfalls
from planner.events.as_told import matched_as_it_went
from planner.events.kinds import ON_THE_WAY
from planner.events.meaning import DEPARTED, EACH, LOADED, SERVED_AT, own_order
from planner.events.schema import Event, EventKind
from planner.events.tellings import Matched, in_effect
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip
from planner.proof.evidence import Past
from planner.proof.facts import PlanFacts
from planner.proof.news import Disputed, News, NotThere, Short
from planner.proof.verdict import Recorder
from planner.proof.world import World
from planner.proof.worst.policy import NEVER, Course

__all__ = ["check_executed", "news_of"]

_OF_VEHICLES = frozenset((*ON_THE_WAY, *OTHERWISE))
_MINUTE_S = 60  # reports are told in minutes: what differs by less is as it was
_NOTHING = "nothing"  # what is believed of things that are due and not reported
_Moment = tuple[int, str, int]  # when it was over, where it stands, and its number


def check_executed(facts: PlanFacts, found: Recorder) -> None:
    """Check that loads, legs and stops which were over before anything new was reported are the same.

    Notes
    -----
    New is a report that the plan before did not believe, and one that it believed and that is taken back or
    disputed now. A report about a vehicle may change the thing that it tells of, what follows on that
    vehicle, and what waits for its trips; any other report may change what ends after it began, and nothing
    before. Where nothing is believed that is not reported, only what the plan before had taken for history
    is compared.
    """
    past, now_s = facts.past, facts.now_s
    if past is None or now_s is None or past.before is None or facts.plan.replan is None:
        return
    before = past.before
    earlier = past.ancestry.pasts[-1]
    world = World(facts.files if earlier is None else earlier.instance)
    courses = PlanFacts(before, facts.plan_clock, world).courses
    limits = _limits(before, past, () if earlier is None else earlier.events, courses, facts.files)
    new = {view.trip.id: view for view in facts.trips}
    held = _NOTHING in (facts.plan.replan.assume, "" if before.replan is None else before.replan.assume)
    since_s = 0 if before.replan is None else before.replan.now_s
    for trip in before.trips:
        until_s = min(limits.get(trip.id, limits[""]), now_s)
        if held:
            until_s = min(until_s, since_s if trip.begun else 0)
        view = new.get(trip.id)
        now = {} if view is None or not view.begun else {one[1:]: one[0] for one in _ended(view.trip)}
        for at_s, what, number in _ended(trip):
            if at_s >= until_s:
                break
            place: dict[str, str | int] = {"trip": trip.id}
            if what:
                place[what] = number
            if (what, number) in now:
                found.same_instant(now[what, number], at_s, **place)
            else:
                found.broken("", found.at(at_s), **place)


def news_of(facts: PlanFacts, past: Past) -> News:
    """What is said of a replan's reports.

    Parameters
    ----------
    facts, past
        The replan, and what is behind it.
    """
    revised, bulk = _revised(facts, past)
    return News(
        disputed=tuple(Disputed(one.event.id, one.beside, one.code) for one in past.disputed),
        not_there=tuple(NotThere(one.event.id, one.trip) for one in past.gone),
        short=tuple(
            Short(loss.event.id, loss.warehouse, loss.event.item, loss.told, loss.there)
            for loss in shortfalls(facts.files, past.held, past.net)
        ),
        revised=revised,
        revised_bulk=bulk,
    )


def _revised(facts: PlanFacts, past: Past) -> tuple[int, int]:
    """How many stops were over by the plan before when anything new was told, and are otherwise now."""
    if past.before is None or facts.now_s is None:
        return 0, 0
    earlier = past.ancestry.pasts[-1]
    known = frozenset() if earlier is None else frozenset(one.id for one in earlier.events)
    first_s = min((one.time_s for one in past.held if one.id not in known), default=None)
    if first_s is None:
        return 0, 0
    _, found = matched_as_it_went(past.before, () if earlier is None else earlier.events, facts.files)
    new = {view.trip.id: view.trip for view in facts.trips if view.begun}
    assumed = bulk = 0
    for trip in past.before.trips:
        now = new.get(trip.id)
        ends = [] if now is None else [(stop.node_id, stop.end_s) for stop in now.stops]
        told = found.reports.get(trip.id)
        for number, stop in enumerate(trip.stops):
            same = any(node == stop.node_id and abs(at - stop.end_s) < _MINUTE_S for node, at in ends)
            if stop.end_s < min(first_s, facts.now_s) and not same:
                here = None if told is None else told.known.get(SERVED_AT + EACH * number)
                bulk += here is not None and bool(here.event.bulk)
                assumed += here is None
    return assumed, bulk


def _ended(trip: Trip) -> Iterator[_Moment]:
    """Yield what is over of a trip and when: its loading, its legs and its stops, in order."""
    yield trip.depart_s, "", 0
    for number, stop in enumerate(trip.stops, start=1):
        yield stop.leg.arrive_s, "leg", number
        yield stop.end_s, "stop", number
    last = trip.back if trip.broken is None else trip.broken.leg
    if last is not None:
        yield last.arrive_s, "leg", len(trip.stops) + 1


def _limits(
    before: Plan, past: Past, earlier: Sequence[Event], courses: Iterable[Course], files: Instance
) -> Mapping[str, int]:
    """Until when things of each trip of the plan before must be the same; by "" those of any other trip."""
    known = matched_as_it_went(before, earlier, files)
    now = matched_as_it_went(before, past.events, files)
    then_held = {one.id: one for one in in_effect(earlier, known[1])}
    now_held = {one.id: one for one in in_effect(past.events, now[1])}
    names = then_held.keys() ^ now_held.keys()
    news = [(now_held[one], now) if one in now_held else (then_held[one], known) for one in sorted(names)]
    every = min((_begins_s(one) for one, _ in news if one.kind not in _OF_VEHICLES), default=NEVER)
    by_vehicle: dict[str, int] = {}
    trips = {trip.id: trip for trip in before.trips}
    for event, (went, meant) in news:
        if event.kind in _OF_VEHICLES:
            told = (
                _otherwise(event, before.trips)
                if event.kind in OTHERWISE
                else _told(event, went, meant, trips)
            )
            for vehicle, from_s in told:
                by_vehicle[vehicle] = min(from_s, by_vehicle.get(vehicle, NEVER))
    return {"": every} | {name: min(every, at_s) for name, at_s in _waiting(courses, by_vehicle).items()}


def _begins_s(event: Event) -> int:
    """When something that is no vehicle's may change because of a report."""
    late = event.kind is EventKind.STOCK and not event.value  # what was to come before comes then
    return min(event.begins_s, event.time_s) if late else event.begins_s


def _told(
    event: Event, went: Amended, meant: Matched, trips: Mapping[str, Trip]
) -> Iterator[tuple[str, int]]:
    """Yield the vehicles that a report is about, and from when on it may change what they did."""
    for subject in event.subject:
        known = meant.meant.get((event.id, subject))
        if known is None or event.kind is EventKind.BREAKDOWN:
            yield (subject if known is None else trips[known[0]].vehicle_id), event.begins_s
            continue
        trip, place = trips[known[0]], known[1]
        if trip.id in went.changed:  # other stops, or others first
            yield trip.vehicle_id, trip.load_start_s
            continue
        if event.kind is EventKind.DELAY:
            legs = [*(stop.leg for stop in trip.stops), *([] if trip.back is None else [trip.back])]
            yield trip.vehicle_id, legs[place].depart_s + 1
        elif place in (LOADED, DEPARTED):
            long_s = trip.depart_s - trip.load_start_s
            yield trip.vehicle_id, min(trip.load_start_s, event.begins_s - long_s)
        else:
            planned = next(moment for at, _, moment in own_order(trip) if at == place)
            yield trip.vehicle_id, min(planned, event.begins_s)


def _otherwise(event: Event, trips: Collection[Trip]) -> Iterator[tuple[str, int]]:
    """The same of a report that a stop was not as ordered: of who should have come there, or is named.

    They loaded other goods than was believed, and so may those who loaded at the same place after them.
    """
    names = {*event.subject, event.place} - {""}
    first: dict[str, int] = {}
    for trip in trips:
        if names & {trip.id, trip.vehicle_id, *(stop.node_id for stop in trip.stops)}:
            first[trip.origin_id] = min(trip.load_start_s, first.get(trip.origin_id, NEVER))
    for trip in trips:
        if trip.load_start_s >= first.get(trip.origin_id, NEVER):
            yield trip.vehicle_id, trip.load_start_s


def _waiting(courses: Iterable[Course], by_vehicle: Mapping[str, int]) -> Mapping[str, int]:
    """For trips of some vehicles, and all that wait for them, the first moment that may change."""
    ordered = list(courses)
    found: dict[int, int] = {}
    for idx, course in enumerate(ordered):
        own = by_vehicle.get(course.view.trip.vehicle_id, NEVER)
        limit = min(own, found.get(idx, NEVER))
        if limit < NEVER:
            found[idx] = limit
            for then in course.then:
                found[then] = min(limit, found.get(then, NEVER))
    return {ordered[idx].view.trip.id: limit for idx, limit in found.items()}
