"""Pages that show: overview, search, one region, vehicle, place or area, the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from planner.desk import overview, subjects
from planner.desk.ask import Ask
from planner.desk.gate import Refused
from planner.desk.lookup import areas_named, sought
from planner.desk.overview import Count
from planner.outputs.now_what import tasks
from planner.outputs.status_text import status_lines
from planner.proof.knowledge import Sure

__all__ = ["area", "home", "map_data", "map_page", "place", "region", "search", "vehicle"]

_SHOWN = 30  # rows of a list on the overview
_STAYS = ("ground", "ground_box", "texts")  # of the document of a map: what no report changes


def _address(ask: Ask, **query: str) -> str:
    """The address of a page, by which it asks for itself again."""
    return f"{ask.path}?{urlencode(query)}"


def _count(ask: Ask) -> Count:
    chosen = ask.query.get("count", "")
    return Count(chosen) if chosen in list(Count) else Count.REGIONS


def home(ask: Ask) -> Response:
    """The overview."""
    picture, count = ask.picture, _count(ask)
    unreported, due = overview.unreported(picture), overview.due(picture)
    return ask.page(
        "overview.html",
        here="overview",
        here_address=_address(ask, count=count.value),
        count=count,
        sentences=list(status_lines(picture.standing, picture.found.path.name)),
        totals=[(kind, overview.total(picture, kind)) for kind in Count],
        lines=overview.areas(picture, count),
        tasks=tasks(picture.standing),
        unreported=unreported[:_SHOWN],
        unreported_more=max(0, len(unreported) - _SHOWN),
        due=due[:_SHOWN],
        due_more=max(0, len(due) - _SHOWN),
    )


def search(ask: Ask) -> Response:
    """What is looked for."""
    text = ask.query.get("q", "")
    return ask.page(
        "search.html",
        here="search",
        here_address=_address(ask, q=text),
        text=text,
        found=sought(ask.picture.index(with_people=ask.session.shows_people), ask.picture.instance, text),
    )


def _id(ask: Ask) -> str:
    return ask.query.get("id", "")


def region(ask: Ask) -> Response:
    """One region: where its goods are, when they come, whom to call."""
    picture, name = ask.picture, _id(ask)
    found = subjects.region_page(picture, name)
    if found is None:
        raise Refused(404, "unknown")
    ways = subjects.ways_of(picture, name)
    near = [one.row.trip.planned.vehicle_id for way in ways for one in way]
    near += [one.row.stop.node_id for way in ways for one in way]
    near += [one.row.trip.planned.origin_id for way in ways for one in way]
    return ask.page(
        "region.html",
        here_address=_address(ask, id=name),
        found=found,
        ways=ways,
        boxes=subjects.boxes_of(picture, found.region),
        people=[(one, subjects.people_at(picture, one)) for one in dict.fromkeys((name, *near))],
        reports=subjects.reports_about(picture, ask.reports, {name}),
    )


def vehicle(ask: Ask) -> Response:
    """One vehicle: its trips, where it is, who drives it."""
    picture, name = ask.picture, _id(ask)
    trips = subjects.trips_of(picture, name)
    if not trips:
        raise Refused(404, "unknown")
    standing = picture.standing
    return ask.page(
        "vehicle.html",
        here_address=_address(ask, id=name),
        name=name,
        kind=picture.instance.vehicle_type_of.get(trips[0].planned.vehicle_type),
        crew=subjects.crew(picture, name),
        trips=[(trip, subjects.stop_rows(picture, trip)) for trip in trips],
        last_s=max((one.last_report_s for one in trips if one.last_report_s is not None), default=None),
        silent_s=standing.silent_since_s(name),
        people=[(name, standing.contacts_of(name))],
        reports=subjects.reports_about(picture, ask.reports, {name, *(one.planned.id for one in trips)}),
    )


def place(ask: Ask) -> Response:
    """One hub or warehouse: what comes there, and what leaves."""
    picture, name = ask.picture, _id(ask)
    if name not in picture.instance.place_name_of:
        raise Refused(404, "unknown")
    leaves = sorted(
        (one for one in picture.state.trips if one.planned.origin_id == name),
        key=lambda one: (one.trip.load_start_s, one.planned.id),
    )
    return ask.page(
        "place.html",
        here_address=_address(ask, id=name),
        name=name,
        comes=[row for row in picture.standing.stops if row.stop.node_id == name],
        leaves=leaves,
        people=[(name, subjects.people_at(picture, name))],
        reports=subjects.reports_about(picture, ask.reports, {name}),
    )


def area(ask: Ask) -> Response:
    """An area or a part of one: its figures, its regions, what is due."""
    picture, name = ask.picture, _id(ask)
    results = subjects.regions_of_area(picture, name)
    names = {one.region_id for one in results}
    if not results:
        raise Refused(404, "unknown")
    rows = [subjects.region_page(picture, one.region_id) for one in results]
    known = picture.instance.region_of[results[0].region_id]
    return ask.page(
        "area.html",
        here_address=_address(ask, id=name),
        name=name,
        label=areas_named(picture.instance)[name],
        of=known if name == known.subarea else None,
        counts=[(kind, line) for kind in Count for line in overview.areas(picture, kind) if line.id == name],
        rows=[one for one in rows if one is not None],
        unreported=[row for row in overview.unreported(picture) if _serves(row.stop, names)],
        due=[row for row in overview.due(picture) if _serves(row.stop, names)],
        reports=subjects.reports_about(picture, ask.reports, {name, *names}),
    )


def _serves(stop: Any, names: set[str]) -> bool:  # noqa: ANN401
    return any(given.region_id in names for given in (*stop.deliveries, *stop.fetched))


def map_page(ask: Ask) -> Response:
    """The map, on which vehicles are where they are expected to be."""
    return ask.page(
        "map.html", here="map", here_address="/map", document=ask.picture.map_document, sure=list(Sure)
    )


def map_data(ask: Ask) -> Response:
    """What reports change of the document of the map."""
    picture = ask.picture
    document: Mapping[str, Any] = picture.map_document
    changing = {key: value for key, value in document.items() if key not in _STAYS}
    return JSONResponse({"revision": ask.keeper.mark, "document": changing})
