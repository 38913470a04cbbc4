"""What reports explain of a replan's history: when something was over at the latest, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.events.amend import OTHERWISE
from planner.events.match import match
from planner.events.schema import Event, EventKind
from planner.events.tellings import TripReports
from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip
from planner.proof.evidence import Past
from planner.proof.told import Told
from planner.proof.worst.policy import Course

__all__ = ["Reported"]

_NOTHING = "nothing"  # what is believed of things that are due and not reported
_Limit = tuple[int, str]  # moment, and the report that tells it


class Reported:
    """What the reports that a replan and the plans before it believed say of the trips of the replan.

    Parameters
    ----------
    plan, past
        The replan, and what is behind it.
    files
        What the files say, without any report.
    courses
        Its trips, in the order of their loading, with what each waits for.

    Notes
    -----
    What is not reported happened not after what is reported of later things. So a moment may be sooner than
    is usual exactly where it is that of the first later report.
    """

    def __init__(self, plan: Plan, past: Past, files: Instance, courses: Sequence[Course]) -> None:
        plans = (plan, *past.ancestry.plans)
        self._held = any(one.replan is not None and one.replan.assume == _NOTHING for one in plans)
        self._told: list[Mapping[str, TripReports]] = [past.reports]
        for before, earlier in zip(past.ancestry.plans, past.ancestry.pasts, strict=True):
            if earlier is not None and earlier.events != past.events:
                self._told.append(match(before, earlier.events)[0])
        self._idx = {course.view.trip.id: idx for idx, course in enumerate(courses)}
        self._limits = [Told(courses, reports, feeds=self._held) for reports in self._told]
        self._broken = _breakdowns(courses, past)
        self._reaching = self._reached(courses, _places_of_docks(past, files), _otherwise(courses, past))

    def explains(self, trip: str, place: int, moment_s: int) -> tuple[str, ...]:
        """Reports by which something of a trip ended at a moment, though that is sooner than is usual.

        Parameters
        ----------
        trip
            Its id.
        place
            Which thing, by its place in the order of the trip (`planner.events.meaning`).
        moment_s
            When it ended, by the plan.
        """
        idx = self._idx.get(trip)
        found = [] if idx is None else [told.limit(idx, place) for told in self._limits]
        known = [(one.at_s, one.event) for one in found if one is not None]
        known += self._broken.get(trip, ())
        return next(((event,) for at_s, event in known if at_s == moment_s), ())

    def reaches(self, *trips: str) -> tuple[str, ...] | None:
        """Reports that bear on the moments of some trips: their own, and those of trips they wait for.

        None where there are none; empty where what nobody reported was believed not to have happened yet.
        """
        found = tuple(dict.fromkeys(one for trip in trips for one in self._reaching.get(trip, ())))
        return found or (() if self._held else None)

    def _reached(
        self,
        courses: Sequence[Course],
        docks: Mapping[str, tuple[str, ...]],
        otherwise: Mapping[str, tuple[str, ...]],
    ) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for idx, course in enumerate(courses):
            trip = course.view.trip
            own = [
                event
                for reports, told in zip(self._told, self._limits, strict=True)
                for event in (*_ids(reports.get(trip.id)), *told.later(idx)[:1])
            ]
            waits = [one for one in (course.before, course.dock) if one is not None]
            waits += [feed.course for feed in (*course.feeds, *course.stock)]
            heard = [found[courses[one].view.trip.id] for one in waits]
            own += (*docks.get(trip.origin_id, ()), *otherwise.get(trip.id, ()))
            found[trip.id] = tuple(dict.fromkeys(own)) or next((one for one in heard if one), ())
        return found


def _otherwise(courses: Sequence[Course], past: Past) -> dict[str, tuple[str, ...]]:
    """For each trip the reports that its goods went otherwise than ordered."""
    events = [one for one in past.events if one.kind in OTHERWISE]
    found: dict[str, tuple[str, ...]] = {}
    for trip in (course.view.trip for course in courses) if events else ():
        names = {trip.id, trip.vehicle_id, *(stop.node_id for stop in trip.stops)}
        found[trip.id] = tuple(one.id for one in events if names & {one.place, *one.subject})
    return found


def _breakdowns(courses: Sequence[Course], past: Past) -> dict[str, list[_Limit]]:
    """For each trip when its vehicle was reported to have broken down on another one, or where it stands."""
    pasts = (past, *(one for one in past.ancestry.pasts if one is not None))
    events = [one for each in pasts for one in each.events if one.kind is EventKind.BREAKDOWN]
    vehicle_of = {course.view.trip.id: course.view.trip.vehicle_id for course in courses}
    found: dict[str, list[_Limit]] = {}
    for event in events:
        vehicles = {vehicle_of.get(name, name) for name in event.subject}
        for course in courses:
            trip = course.view.trip
            own = trip.broken is not None and trip.broken.at_s == event.begins_s
            if trip.vehicle_id in vehicles and (not own or _says_where(event, trip)):
                found.setdefault(trip.id, []).append((event.begins_s, event.id))
    return found


def _says_where(event: Event, trip: Trip) -> bool:
    """Whether a report of a breakdown names the place where the vehicle stands."""
    return trip.broken is not None and event.place == trip.broken.node_id


def _ids(reports: TripReports | None) -> list[str]:
    """Ids of all reports of a trip."""
    if reports is None:
        return []
    found = [happened.event.id for happened in reports.known.values()]
    found += [delay.id for delay in reports.delays.values()]
    return found if reports.broken is None else [*found, reports.broken.id]


def _places_of_docks(past: Past, files: Instance) -> dict[str, tuple[str, ...]]:
    """Reports by which docks of a place were out of use: people may have taken others then."""
    known = {one.id for table in (files.warehouses, files.hubs) for one in table}
    found: dict[str, tuple[str, ...]] = {}
    pasts = (past, *(one for one in past.ancestry.pasts if one is not None))
    for event in (event for one in pasts for event in one.events):
        if event.kind in (EventKind.DOCK, EventKind.WAREHOUSE):
            for name in known.intersection(event.subject):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), event.id)))
    return found
