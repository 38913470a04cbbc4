"""What a page tells of one region, vehicle, place or area: its stops, people and reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from planner.desk.picture import Picture
from planner.events.schema import Event
from planner.instance.boxes import Box, Boxes
from planner.instance.crews import crew_of
from planner.instance.schema import Contact, FleetRow, Region
from planner.outputs.causes import Causes
from planner.outputs.event_words import event_in_words
from planner.outputs.status import StopRow
from planner.plans.model import Delivery, RegionResult
from planner.proof.knowledge import Sure
from planner.replanning.state import TripState

__all__ = [
    "Carried",
    "RegionPage",
    "boxes_of",
    "crew",
    "in_words",
    "people_at",
    "region_page",
    "regions_of_area",
    "reports_about",
    "stop_rows",
    "trips_of",
    "ways_of",
]

MOST_REPORTS = 30


@dataclass(frozen=True, slots=True)
class Carried:
    """One consignment on one trip."""

    row: StopRow
    given: Delivery


@dataclass(frozen=True, slots=True)
class RegionPage:
    """What is known of one region.

    Parameters
    ----------
    expected_s
        When it is expected to have received everything, or has; None: something is missing.
    why
        Why it is later than planned; empty: it is not.
    """

    region: Region
    planned: RegionResult
    expected_s: int | None
    on_time: bool
    sure: Sure
    why: str


def region_page(picture: Picture, name: str) -> RegionPage | None:
    """What is known of a region; None: the plan has none of this id."""
    planned = next((one for one in picture.plan.regions if one.region_id == name), None)
    region = picture.instance.region_of.get(name)
    if planned is None or region is None:
        return None
    state = picture.state
    expected_s = state.received_s.get(name)
    why = Causes(state, state.found.reports).of_region(name, planned.received_s, expected_s)
    sure = picture.standing.sure_of_regions.get(name, Sure.FUTURE)
    return RegionPage(region, planned, expected_s, state.on_time.get(name, False), sure, why)


def ways_of(picture: Picture, region: str) -> Sequence[Sequence[Carried]]:
    """The way of each consignment of a region, trip after trip."""
    found: dict[str, list[Carried]] = {}
    for row in picture.standing.stops:
        for given in (*row.stop.deliveries, *row.stop.fetched):
            if given.region_id == region:
                found.setdefault(given.consignment_id, []).append(Carried(row, given))
    for way in found.values():
        way.sort(key=lambda one: one.row.stop.end_s)
    return [found[name] for name in sorted(found)]


def trips_of(picture: Picture, vehicle: str) -> Sequence[TripState]:
    """Trips of a vehicle in time."""
    mine = (one for one in picture.state.trips if one.planned.vehicle_id == vehicle)
    return sorted(mine, key=lambda one: (one.planned.load_start_s, one.planned.id))


def stop_rows(picture: Picture, trip: TripState) -> Sequence[StopRow]:
    """Stops of a trip in their order."""
    return picture.rows_of_trip.get(trip.planned.id, ())


def crew(picture: Picture, vehicle: str) -> FleetRow | None:
    """What the table `fleet` says of a vehicle now."""
    return crew_of(picture.state.effective, vehicle, picture.now_s)


def boxes_of(picture: Picture, region: Region) -> Sequence[Box]:
    """All boxes that a region must receive."""
    return Boxes(picture.state.effective).of_region(region)


def regions_of_area(picture: Picture, area: str) -> Sequence[RegionResult]:
    """Regions of an area or a part of one, in the order of the plan."""
    known = picture.instance.region_of
    return [
        one
        for one in picture.plan.regions
        if (row := known.get(one.region_id)) is not None and area and area in (row.area, row.subarea)
    ]


def people_at(picture: Picture, *places: str) -> Sequence[Contact]:
    """Who may know of places."""
    return picture.standing.contacts_at(*places)


def reports_about(
    picture: Picture, reports: Sequence[Event], ids: Collection[str], most: int = MOST_REPORTS
) -> Sequence[tuple[Event, str]]:
    """Reports that are about some things, the latest first, each with what it was understood to mean.

    Parameters
    ----------
    picture
        What is known.
    reports
        Those that may be shown, the oldest first.
    ids
        Ids of vehicles, trips, places, areas, or whatever else a report may be about.
    most
        How many at most.
    """
    wanted = set(ids)
    found = [one for one in reports if wanted & {*one.subject, one.place, *one.trip.split("+")}]
    return [(one, in_words(picture, one)) for one in found[::-1][:most]]


def in_words(picture: Picture, event: Event) -> str:
    """What a report was understood to mean, in the language in force."""
    state = picture.state
    return event_in_words(
        event, picture.names, picture.instance, picture.plan, state.events, found=state.found
    )
