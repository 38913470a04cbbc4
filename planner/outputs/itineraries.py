"""A region, area, place, vehicle or trip of a plan as a table: what comes when, by which trip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from planner.base.nearest import folded, nearest
from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.outputs.day_lists import in_area, of_place
from planner.outputs.figures import duration, moment, number
from planner.outputs.shown import Shown, columns_of, place_text, vehicle_text
from planner.outputs.summary import late_lines
from planner.outputs.transfers import Haul, hauls, receivers, transfers
from planner.outputs.transshipments import goods_text, unloaded
from planner.plans.model import Plan, RegionStatus, Trip

__all__ = ["near_names", "shown"]

_WAY = ("consignment", "units", "from", "vehicle", "trip", "load_start", "depart", "to", "arrive", "done")
_TRIP = ("trip", "place", "arrive", "begin", "done", "leave", "kg", "pieces", "for")
_HUB = ("region", "consignment", "units", "brought_by", "arrive", "done", "taken_by", "load_start")
_WAY_SPARE = tuple(map(_WAY.index, ("units", "depart", "trip", "consignment", "done", "load_start")))
_TRIP_SPARE = tuple(map(_TRIP.index, ("begin", "pieces", "trip", "for", "kg")))
_HUB_SPARE = tuple(map(_HUB.index, ("units", "consignment", "done")))


def shown(plan: Plan, instance: Instance, name: str, day: date | None = None) -> Shown | None:
    """What a plan does for a region or an area, at a hub or warehouse, or with a vehicle or trip.

    Parameters
    ----------
    plan, instance
        A plan and its tables.
    name
        An id, a name, or what a vehicle is called.
    day
        Only what begins on this local day; None: all.

    Returns
    -------
    Shown or None
        None where nothing, or several things, are called so.
    """
    if any(one.region_id == name for one in plan.regions):
        return _region(plan, instance, name, day)
    if any(hub.id == name for hub in instance.hubs):
        return _hub(plan, instance, name) if day is None else of_place(plan, instance, name, day)
    if name in instance.warehouse_of:
        return of_place(plan, instance, name, day)
    if any(name in (one.area, one.subarea) for one in instance.regions if name):
        return in_area(plan, instance, name, day)
    called = call_signs(instance).vehicle(name)
    vehicle = name if called is None else vehicle_id(*called)
    trips = [trip for trip in plan.trips if trip.vehicle_id == vehicle or trip.id == name]
    if trips:
        return _trips(trips, instance, name, day)
    meant = _id_of(instance, plan, name)
    return None if meant == name else shown(plan, instance, meant, day)


def _id_of(instance: Instance, plan: Plan, name: str) -> str:
    """The id of what is called so: a place, else an area; the name itself where none is, or several are."""
    planned = {one.region_id for one in plan.regions}
    places = [(hub.id, hub.name) for hub in instance.hubs]
    places += [(one.id, one.name) for one in instance.warehouses]
    places += [(place.id, place.name) for place in instance.regions if place.id in planned]
    areas = [(one.area, one.area_name) for one in instance.regions]
    areas += [(one.subarea, one.subarea_name) for one in instance.regions]
    wanted = folded(name)
    for things in (places, areas):
        found = {one for one, called in things if one and wanted in (folded(one), folded(called))}
        if found:
            return found.pop() if len(found) == 1 else name
    return name


def near_names(plan: Plan, instance: Instance, name: str) -> str:
    """What can be shown and is called nearly so; a hyphen where nothing is."""
    known = {one.area: one.area_name for one in instance.regions if one.area}
    known |= {one.subarea: one.subarea_name for one in instance.regions if one.subarea}
    known |= {hub.id: hub.name for hub in instance.hubs}
    known |= {house.id: house.name for house in instance.warehouses}
    known |= {place.id: place.name for place in instance.regions}
    ids = [(called, place) for place, called in known.items()] + [(place, place) for place in known]
    ids += [(trip.vehicle_id, trip.vehicle_id) for trip in plan.trips]
    words_near = nearest(name, [word for word, _ in ids])
    near = dict.fromkeys(place for word in words_near for called, place in ids if called == word)
    return ", ".join(f"{known[one]} ({one})" if known.get(one, one) != one else one for one in near) or "-"


def _region(plan: Plan, instance: Instance, name: str, day: date | None) -> Shown:
    """The whole way of each consignment, haul by haul."""
    result = next(one for one in plan.regions if one.region_id == name)
    region = instance.region_of[name]
    ways = [its_hauls for (region_id, _), its_hauls in hauls(plan).items() if region_id == name]
    ways.sort(key=lambda its_hauls: _order(its_hauls[-1]))
    rows = [
        _way_row(one, instance)
        for its_hauls in ways
        for one in its_hauls
        if day is None or day in {instance.clock.day(at) for at in (one.trip.load_start_s, one.stop.end_s)}
    ]
    received = "" if result.received_s is None else f", {moment(result.received_s, instance.clock)}"
    margin = "" if result.margin_s is None else duration(result.margin_s)
    heading = words(
        "report.show.region_heading",
        id=name,
        name=region.name,
        status=words(f"map.class.{result.status.value}"),
        received=received,
        deadline=moment(result.deadline_s, instance.clock),
    )
    notes = [words("report.show.margin", margin=margin)] if margin else []
    if result.status is not RegionStatus.ON_TIME:
        notes += late_lines(replace(plan, regions=(result,)), instance)
    return Shown(heading, columns_of(_WAY), rows, notes, _WAY_SPARE)


def _order(last: Haul) -> tuple[bool, int, str]:
    """By the moment of receipt; what stays at a hub at the end."""
    return last.ends_at_hub, last.stop.end_s, last.delivery.consignment_id


def _way_row(one: Haul, instance: Instance) -> Sequence[str]:
    trip, clock = one.trip, instance.clock
    return (
        one.delivery.consignment_id,
        number(one.delivery.units),
        place_text(trip.origin_id, instance),
        vehicle_text(trip, instance),
        trip.id,
        moment(trip.load_start_s, clock),
        moment(trip.depart_s, clock),
        place_text(one.stop.node_id, instance),
        moment(one.stop.leg.arrive_s, clock),
        moment(one.stop.end_s, clock),
    )


def _trips(trips: Sequence[Trip], instance: Instance, name: str, day: date | None) -> Shown:
    """Loading, stops and return of each trip."""
    mine = [one for one in trips if day is None or day in _days(one, instance)]
    rows = [row for trip in sorted(mine, key=lambda one: one.load_start_s) for row in _stops(trip, instance)]
    kind = instance.vehicle_type_of[trips[0].vehicle_type]
    one = name if name == trips[0].id else vehicle_text(trips[0], instance)
    heading = words("report.show.vehicle_heading", id=one, name=kind.name, trips=number(len(mine)))
    return Shown(heading, columns_of(_TRIP), rows, spare=_TRIP_SPARE)


def _days(trip: Trip, instance: Instance) -> set[date]:
    """The local days from the begin of loading to the end."""
    return {
        instance.clock.day(at) for at in (trip.load_start_s, *(one.end_s for one in trip.stops), trip.end_s)
    }


def _stops(trip: Trip, instance: Instance) -> Iterable[Sequence[str]]:
    def at(seconds: int) -> str:
        return moment(seconds, instance.clock)

    legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
    leaves = [at(leg.depart_s) for leg in legs]
    loaded = (number(trip.mass_g // 1000), number(trip.pieces))
    origin = place_text(trip.origin_id, instance)
    yield (trip.id, origin, "", at(trip.load_start_s), at(trip.depart_s), leaves[0], *loaded, "")
    for index, stop in enumerate(trip.stops, start=1):
        times = (at(stop.leg.arrive_s), at(stop.start_s), at(stop.end_s))
        sizes = unloaded(trip, stop)
        given = ("", "") if sizes is None else (number(sizes[0] // 1000), number(sizes[2]))
        leave = leaves[index] if index < len(leaves) else ""
        meant = [one for one in receivers(stop) if one != stop.node_id]
        yield (
            trip.id,
            place_text(stop.node_id, instance),
            *times,
            leave,
            *given,
            goods_text(stop) or ", ".join(meant),
        )
    if trip.back is not None:
        yield (trip.id, place_text(trip.back.to_node, instance), at(trip.back.arrive_s), *[""] * 6)


def _hub(plan: Plan, instance: Instance, name: str) -> Shown:
    """What is unloaded there for whom, and which trips take it on."""
    rows = [_transfer_row(one, taken, instance) for one, taken in transfers(plan) if one.stop.node_id == name]
    label = place_text(name, instance)
    heading = words("report.show.hub_heading", hub=label, consignments=number(len(rows)))
    return Shown(heading, columns_of(_HUB), rows, spare=_HUB_SPARE)


def _transfer_row(one: Haul, taken: Haul | None, instance: Instance) -> Sequence[str]:
    clock = instance.clock
    on = ("", "")
    if taken is not None:
        on = (f"{vehicle_text(taken.trip, instance)} {taken.trip.id}", moment(taken.trip.load_start_s, clock))
    return (
        place_text(one.delivery.region_id, instance),
        one.delivery.consignment_id,
        number(one.delivery.units),
        f"{vehicle_text(one.trip, instance)} {one.trip.id}",
        moment(one.stop.leg.arrive_s, clock),
        moment(one.stop.end_s, clock),
        *on,
    )
