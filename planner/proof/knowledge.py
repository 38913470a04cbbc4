"""What of a replan is known and what only believed at its moment, recomputed from trips and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.events.meaning import EACH, SERVED_AT
from planner.events.tellings import TripReports
from planner.plans.model import Plan, Trip

__all__ = ["Counts", "Knowledge", "Silence", "Sure", "knowledge_of"]


class Sure(StrEnum):
    """How sure a thing of a plan is."""

    CONFIRMED = "confirmed"  # by a report of its own
    BULK = "bulk"  # by one confirmation of all that was due
    ASSUMED = "assumed"  # due, and not reported
    OVERDUE = "overdue"  # due since longer than the tolerance, and not reported
    FUTURE = "future"  # it is not due


_LEAST_SURE = (Sure.CONFIRMED, Sure.BULK, Sure.ASSUMED, Sure.OVERDUE, Sure.FUTURE)  # the last one


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things are how sure; none stands in two of the figures.

    Parameters
    ----------
    confirmed
        By reports of their own.
    bulk
        By confirmations of many at once.
    assumed, overdue
        Believed to have happened as planned: due, and due since longer than the tolerance.
    future
        Not due, or not to be had at all.
    """

    confirmed: int
    bulk: int
    assumed: int
    overdue: int
    future: int


@dataclass(frozen=True, slots=True)
class Silence:
    """A vehicle that should be under way, or done, of which nothing is heard.

    Parameters
    ----------
    vehicle
        Its id.
    since_s
        Its last report, or where none is later the beginning of the first trip that is not known to be over;
        in seconds.
    overdue
        Stops of it that are overdue.
    """

    vehicle: str
    since_s: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known and what is believed at the moment of a replan.

    Parameters
    ----------
    regions
        By the least sure of the stops that bring a region something.
    stops
        By their end of service.
    silent
        Vehicles of which nothing was heard for longer than the tolerance, the longest silent first.
    bulk_by
        Who confirmed in bulk, and how many stops; empty where it is not said who.
    """

    regions: Counts
    stops: Counts
    silent: tuple[Silence, ...]
    bulk_by: tuple[tuple[str, int], ...] = ()


def knowledge_of(plan: Plan, reports: Mapping[str, TripReports]) -> Knowledge | None:
    """What is known of a replan; None for a plan that is none.

    Parameters
    ----------
    plan
        The replan; its moment and tolerance stand in it.
    reports
        What the reports that it believed say of each of its trips.

    Notes
    -----
    Of a region that gets nothing by any trip, nothing is due; one that lacks something that nobody brings has
    not received, whatever was handed over.
    """
    if plan.replan is None:
        return None
    now_s, tolerance_s = plan.replan.now_s, plan.replan.tolerance_s
    stops = {trip.id: tuple(_sure(trip, reports.get(trip.id), now_s, tolerance_s)) for trip in plan.trips}
    of_region: dict[str, Sure] = {}
    for trip in plan.trips:
        for stop, sure in zip(trip.stops, stops[trip.id], strict=True):
            if any(one.region_id == stop.node_id for one in stop.deliveries):
                last = of_region.get(stop.node_id, sure)
                of_region[stop.node_id] = max(last, sure, key=_LEAST_SURE.index)
    return Knowledge(
        regions=_counted(
            [
                Sure.FUTURE if one.received_s is None else of_region.get(one.region_id, Sure.FUTURE)
                for one in plan.regions
            ]
        ),
        stops=_counted([one for found in stops.values() for one in found]),
        silent=tuple(_silent(plan, reports, stops, now_s - tolerance_s)),
        bulk_by=tuple(sorted(_bulk_by(plan, reports).items())),
    )


def _sure(trip: Trip, reports: TripReports | None, now_s: int, tolerance_s: int) -> Iterator[Sure]:
    for number, stop in enumerate(trip.stops):
        told = None if reports is None else reports.known.get(SERVED_AT + EACH * number)
        if told is not None:
            yield Sure.BULK if told.event.bulk else Sure.CONFIRMED
        elif stop.end_s > now_s:
            yield Sure.FUTURE
        else:
            yield Sure.OVERDUE if stop.end_s + tolerance_s < now_s else Sure.ASSUMED


def _bulk_by(plan: Plan, reports: Mapping[str, TripReports]) -> Mapping[str, int]:
    """Stops confirmed in bulk, by who did."""
    found: Counter[str] = Counter()
    for trip in plan.trips:
        told = {} if trip.id not in reports else reports[trip.id].known
        places = (told.get(SERVED_AT + EACH * number) for number in range(len(trip.stops)))
        found.update(one.event.by for one in places if one is not None and one.event.bulk)
    return found


def _counted(found: Sequence[Sure]) -> Counts:
    return Counts(**{one.value: found.count(one) for one in Sure})


def _silent(
    plan: Plan, reports: Mapping[str, TripReports], stops: Mapping[str, Sequence[Sure]], before_s: int
) -> Iterator[Silence]:
    """Yield vehicles last heard of before a moment that are on their way, or have stops overdue."""
    heard: dict[str, int] = {}
    since: dict[str, int] = {}
    overdue: dict[str, int] = {}
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        told = None if trip.id not in reports else reports[trip.id].last_report_s
        if told is not None:
            heard[trip.vehicle_id] = max(told, heard.get(trip.vehicle_id, told))
        late = sum(one is Sure.OVERDUE for one in stops[trip.id])
        if trip.begun and trip.broken is None and (late or trip.end_s > before_s):
            since.setdefault(trip.vehicle_id, trip.load_start_s)
            overdue[trip.vehicle_id] = overdue.get(trip.vehicle_id, 0) + late
    last = {name: max(start_s, heard.get(name, start_s)) for name, start_s in since.items()}
    for name in sorted(last, key=lambda one: (last[one], one)):
        if last[name] < before_s:
            yield Silence(name, last[name], overdue[name])
