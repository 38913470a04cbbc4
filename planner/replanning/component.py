"""One component of a replan: what is searched, what it is judged by, and what waits for what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.base.rules import claimed_rules
from planner.events.match import match
from planner.events.schema import Event, EventKind
from planner.plans.model import Component, Plan, Trip
from planner.replanning.case import Case
from planner.replanning.changes import region_ways
from planner.replanning.job import ReplanJob
from planner.replanning.judge import Ground, Judge
from planner.replanning.one_day import on_one_day
from planner.replanning.outages import blocked_vehicles
from planner.replanning.state import State, state_of
from planner.replanning.unserved import legs_without_trip
from planner.transshipment.exchange import arrivals_of, seen_by

__all__ = ["case_of", "cases_with_less", "judge_of", "used_ids"]

# Reports of what cannot be used, or is slower, and comes back when it is said.
_COMING_BACK = (
    EventKind.BREAKDOWN,
    EventKind.VEHICLE_LOST,
    EventKind.CLOSURE,
    EventKind.WAREHOUSE,
    EventKind.DOCK,
    EventKind.CALENDAR,
    EventKind.SPEED,
)


def case_of(work: ReplanJob, name: str, inside: frozenset[str] | None, new: Sequence[Trip]) -> Case:
    """What of a component is searched.

    Parameters
    ----------
    work
        The replan.
    name
        Id of the component.
    inside
        Regions that may change; None: all.
    new
        Its trips as they go by themselves.
    """
    regions = tuple(work.regions[one] for one in _component(work, name).regions if one in work.regions)
    old, there = tuple(work.old.get(name, ())), {trip.id for trip in new}
    gone = [trip for trip in old if trip.id not in there and not any(stop.items for stop in trip.stops)]
    lacking = [
        leg
        for leg in legs_without_trip(work, regions, (old, new, gone))
        if inside is None or leg.goods.region_id in inside
    ]
    notice_s = work.options.notice_of(work.files)
    told = match(work.plan, work.state.events)[0]
    ways = region_ways(work.plan)
    return Case(
        instance=seen_by(work.instance, name, (), arrivals_of(_others(work, name))),
        regions=regions,
        old=old,
        trips=tuple(new),
        begun=work.begun,
        lacking=tuple(lacking),
        gone=tuple(gone),
        old_ways={one.id: ways[one.id] for one in regions if one.id in ways},
        now_s=work.now_s,
        tolerance_s=work.options.tolerance_s,
        guarantee=_asked(work.frame),
        blocked=blocked_vehicles(work.world, new),
        inside=inside,
        used_ids=used_ids(work.plan),
        given_up=frozenset(trip.id for trip in gone) & told.keys(),
        notice_s=notice_s,
        delayed=frozenset(name for name, one in told.items() if one.delays),
        one_day=on_one_day(regions if "split" in claimed_rules(work.frame.options) else ()),
    )


def used_ids(plan: Plan) -> frozenset[str]:
    """Ids of all trips of a plan and of those before it, which no other trip may ever have."""
    before = () if plan.replan is None else plan.replan.moved
    return frozenset(trip.id for trip in plan.trips) | {one.trip for one in before}


def judge_of(work: ReplanJob, name: str) -> Judge:
    """What the trips of a component are judged by.

    Parameters
    ----------
    work, name
        The replan, and the id of the component.
    """
    component = _component(work, name)
    return Judge(
        Ground(
            instance=work.instance,
            world=work.world,
            past=work.past,
            component=component,
            regions=tuple(work.regions[one] for one in component.regions if one in work.regions),
            results=work.results,
            frame=work.frame,
            begun=work.begun,
            others=tuple(_others(work, name)),
            old_trips=tuple(work.old.get(name, ())),
            old_results=work.plan.regions,
            tolerance_s=work.options.tolerance_s,
        )
    )


def cases_with_less(work: ReplanJob, name: str, inside: frozenset[str] | None) -> Iterator[Case]:
    """Yield the component where less goes on by itself: others may bring what is late there.

    Parameters
    ----------
    work, name, inside
        As for `case_of`.
    """
    yield from _without_return(work, name, inside)
    yield from _without_delayed(work, name, inside)


def _without_delayed(work: ReplanJob, name: str, inside: frozenset[str] | None) -> Iterator[Case]:
    """Where no trip goes of which a delay is told though it has not begun; nor does its vehicle meanwhile."""
    if not any(one.kind is EventKind.DELAY for one in work.state.events):
        return
    case = case_of(work, name, inside, work.new.get(name, ()))
    late = [
        trip for trip in case.trips if trip.id in case.delayed and not trip.begun and case.may_change(trip)
    ]
    late = [trip for trip in late if not any(stop.items for stop in trip.stops)]
    if not late:
        return
    left = case_of(work, name, inside, [trip for trip in case.trips if trip not in late])
    blocked = {vehicle: list(spans) for vehicle, spans in left.blocked.items()}
    for trip in late:
        blocked.setdefault(trip.vehicle_id, []).append((trip.load_start_s, trip.end_s))
    yield replace(left, blocked=blocked)


def _without_return(work: ReplanJob, name: str, inside: frozenset[str] | None) -> Iterator[Case]:
    """Where what waits for something that comes back does not wait.

    A vehicle that comes back in five hours is better than none: but trips that merely wait for it may be
    later than if others took their goods. So what could not go if it never came back is searched as if it
    had no trip; it may still be driven by what comes back.
    """
    ended = tuple(
        replace(one, until_s=None)
        if one.kind in _COMING_BACK and one.until_s is not None and one.until_s > work.now_s
        else one
        for one in work.state.events
    )
    if ended == work.state.events:
        return
    mine = {trip.id for trip in (*work.old.get(name, ()), *_others(work, name))}
    planned = [one for one in work.plan.trips if one.id in mine]
    never = _state(work, name, ended, planned)
    begun = {one.planned.id for one in work.state.trips if one.begun}
    waiting = never.stuck.keys() - work.state.stuck.keys() - begun
    if not any(trip.id in waiting for trip in work.new.get(name, ())):
        return
    left = _state(work, name, work.state.events, [one for one in planned if one.id not in waiting])
    mine = {trip.id for trip in work.new.get(name, ())} - waiting
    trips = {trip.id: trip for trip in left.projected.trips}
    yield case_of(
        work,
        name,
        inside,
        [replace(trips[one.id], begun=one.begun) for one in work.new[name] if one.id in mine & trips.keys()],
    )


def _state(work: ReplanJob, name: str, events: Sequence[Event], trips: Sequence[Trip]) -> State:
    """Where these trips of a component would stand by some reports."""
    regions = frozenset(_component(work, name).regions)
    plan = replace(
        work.plan,
        trips=tuple(trips),
        regions=tuple(one for one in work.plan.regions if one.region_id in regions),
    )
    options = work.options
    return state_of(plan, work.files, events, work.now_s, options.assume, tolerance_s=options.tolerance_s)


def _asked(plan: Plan) -> int | None:
    """Late legs that each vehicle is to withstand, as the plan was asked for; None: as the files say."""
    text = plan.options.get("guarantee", "")
    return int(text) if text.isdecimal() else None


def _component(work: ReplanJob, name: str) -> Component:
    return next(one for one in work.plan.components if one.id == name)


def _others(work: ReplanJob, name: str) -> list[Trip]:
    """Trips of other components that bring this one something, or to which it brings something."""
    return [
        trip
        for other, trips in work.new.items()
        if other != name
        for trip in trips
        if any(stop.items and stop.node_id == name for stop in trip.stops)
    ]
