"""What a replan is judged by beside its own claims: files, the reports it believed, the plans before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from planner.base.clock import Clock
from planner.events.apply import effective
from planner.events.match import Mismatch, TripReports, match
from planner.events.read import row_faults, rows_of
from planner.events.schema import Event, EventKind
from planner.instance.schema import Instance
from planner.plans.file import plan_digest
from planner.plans.model import EventRow, Plan

__all__ = ["Past", "past_of"]

_OF_TRIPS = (
    "E919",
    "E920",
    "E921",
    "E922",
    "E942",
    "E943",
)  # reports that fit no trip, or not what happened before


@dataclass(frozen=True, slots=True)
class Past:
    """What has been before a replan.

    Parameters
    ----------
    instance
        What the future obeys: the files with the reports applied.
    events
        The reports that the plan believed, in their order.
    faults
        What is wrong with them, in words.
    reports
        What they say of each trip of the plan.
    mismatches
        Reports of things that happened which fit no trip of the plan.
    previous
        The plans before it that are given, the oldest first.
    digests
        Their digests.
    """

    instance: Instance
    events: tuple[Event, ...]
    faults: tuple[str, ...] = ()
    reports: Mapping[str, TripReports] = field(default_factory=dict)
    mismatches: tuple[Mismatch, ...] = ()
    previous: tuple[Plan, ...] = ()
    digests: tuple[str, ...] = ()


def past_of(plan: Plan, clock: Clock, files: Instance, previous: Sequence[Plan] = ()) -> Past | None:
    """What is behind a replan; None for a plan that is none.

    Parameters
    ----------
    plan, clock
        The plan, and the clock that it was written in.
    files
        What the files say, without any report.
    previous
        The plans before it that are given, the oldest first, by the same clock.

    Notes
    -----
    What a report about a vehicle means is read off the plan itself, which holds all trips that have begun.
    """
    if plan.replan is None:
        return None
    rows = tuple(_about(plan, plan.replan.events))
    events, faults = row_faults(rows_of(rows), files, plan)
    faults = [one for one in faults if one.code not in _OF_TRIPS]
    reports, mismatches = match(plan, events)
    return Past(
        instance=effective(files, events),
        events=events,
        faults=tuple(f"{one.code}: {one.cause}" for one in faults),
        reports=reports,
        mismatches=tuple(one for one in mismatches if one.event.kind is not EventKind.DELAY),
        previous=tuple(previous),
        digests=tuple(plan_digest(one, clock) for one in previous),
    )


def _about(plan: Plan, rows: Iterable[EventRow]) -> Iterator[EventRow]:
    """Rows but delays of trips that the plan does not have: they had not begun, and are planned otherwise."""
    known = {name for trip in plan.trips for name in (trip.id, trip.vehicle_id)}
    types = {trip.vehicle_type for trip in plan.trips}
    for row in rows:
        parts = {part.strip() for part in row.subject.split("+")}
        vehicles = {part for part in parts if part.rsplit("-", 1)[0] in types}
        if row.kind != EventKind.DELAY or parts <= known | vehicles:
            yield row
