"""One region, hub, vehicle or trip of a plan as a table: what comes when, by which trip, from where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from planner.base.nearest import folded, nearest
from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.outputs.figures import duration, moment, number
from planner.outputs.summary import late_lines
from planner.outputs.transfers import Haul, hauls, receivers, transfers
from planner.outputs.transshipments import goods_text, unloaded
from planner.plans.model import Plan, RegionStatus, Trip

__all__ = ["Shown", "near_names", "shown"]

_WAY = ("consignment", "units", "from", "vehicle", "trip", "load_start", "depart", "to", "arrive", "done")
_TRIP = ("trip", "place", "arrive", "begin", "done", "leave", "kg", "pieces", "for")
_HUB = ("region", "consignment", "units", "brought_by", "arrive", "done", "taken_by", "load_start")
_WAY_SPARE = tuple(map(_WAY.index, ("units", "depart", "trip", "consignment", "done", "load_start")))
_TRIP_SPARE = tuple(map(_TRIP.index, ("begin", "pieces", "trip", "for", "kg")))
_HUB_SPARE = tuple(map(_HUB.index, ("units", "consignment", "done")))
_NUMBERS = frozenset({"units", "kg", "pieces"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A table with its heading and what stands below: texts, ready to print.

    Parameters
    ----------
    heading
        What is shown.
    columns
        Headings of the columns, each with whether it is a number.
    rows
        The cells.
    notes
        Lines below the table.
    spare
        Positions of the columns that are left out first where there is no room.
    """

    heading: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    spare: Sequence[int] = ()


def shown(plan: Plan, instance: Instance, name: str) -> Shown | None:
    """What the plan does for a region, at a hub, or with a vehicle or trip; None where none has this id."""
    if any(one.region_id == name for one in plan.regions):
        return _region(plan, instance, name)
    if any(hub.id == name for hub in instance.hubs):
        return _hub(plan, instance, name)
    called = call_signs(instance).vehicle(name)
    vehicle = name if called is None else vehicle_id(*called)
    trips = [trip for trip in plan.trips if trip.vehicle_id == vehicle or trip.id == name]
    if trips:
        return _trips(trips, instance, name)
    meant = _id_of(instance, plan, name)
    return None if meant == name else shown(plan, instance, meant)


def _id_of(instance: Instance, plan: Plan, name: str) -> str:
    """The id of the region or hub of a name; the name itself where there is none, or several."""
    planned = {one.region_id for one in plan.regions}
    places = [(hub.id, hub.name) for hub in instance.hubs]
    places += [(place.id, place.name) for place in instance.regions if place.id in planned]
    wanted = folded(name)
    found = {one for one, called in places if wanted in (folded(one), folded(called))}
    return found.pop() if len(found) == 1 else name


def near_names(plan: Plan, instance: Instance, name: str) -> str:
    """What can be shown and is called nearly so; a hyphen where nothing is."""
    known = {hub.id: hub.name for hub in instance.hubs} | {place.id: place.name for place in instance.regions}
    ids = {called: place for place, called in known.items()} | {place: place for place in known}
    ids |= {trip.vehicle_id: trip.vehicle_id for trip in plan.trips}
    near = dict.fromkeys(ids[word] for word in nearest(name, ids))
    return ", ".join(f"{known[one]} ({one})" if known.get(one, one) != one else one for one in near) or "-"


def _columns(names: Iterable[str]) -> Sequence[tuple[str, bool]]:
    return [(words(f"report.show.{name}"), name in _NUMBERS) for name in names]


def _region(plan: Plan, instance: Instance, name: str) -> Shown:
    """The whole way of each consignment, haul by haul."""
    result = next(one for one in plan.regions if one.region_id == name)
    region = instance.region_of[name]
    ways = [its_hauls for (region_id, _), its_hauls in hauls(plan).items() if region_id == name]
    ways.sort(key=lambda its_hauls: _order(its_hauls[-1]))
    rows = [_way_row(one, instance) for its_hauls in ways for one in its_hauls]
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
    return Shown(heading, _columns(_WAY), rows, notes, _WAY_SPARE)


def _order(last: Haul) -> tuple[bool, int, str]:
    """By the moment of receipt; what stays at a hub at the end."""
    return last.ends_at_hub, last.stop.end_s, last.delivery.consignment_id


def _way_row(one: Haul, instance: Instance) -> Sequence[str]:
    trip, clock = one.trip, instance.clock
    return (
        one.delivery.consignment_id,
        number(one.delivery.units),
        _place(trip.origin_id, instance),
        _vehicle(trip, instance),
        trip.id,
        moment(trip.load_start_s, clock),
        moment(trip.depart_s, clock),
        _place(one.stop.node_id, instance),
        moment(one.stop.leg.arrive_s, clock),
        moment(one.stop.end_s, clock),
    )


def _vehicle(trip: Trip, instance: Instance) -> str:
    """A vehicle's call sign and id."""
    return f"{call_signs(instance).of(trip.vehicle_id)} {trip.vehicle_id}".strip()


def _place(name: str, instance: Instance) -> str:
    known = instance.place_name_of.get(name, name)
    return known if known == name else f"{name} {known}"


def _trips(trips: Sequence[Trip], instance: Instance, name: str) -> Shown:
    """Loading, stops and return of each trip."""
    rows = [row for trip in sorted(trips, key=lambda one: one.load_start_s) for row in _stops(trip, instance)]
    kind = instance.vehicle_type_of[trips[0].vehicle_type]
    one = name if name == trips[0].id else _vehicle(trips[0], instance)
    heading = words("report.show.vehicle_heading", id=one, name=kind.name, trips=number(len(trips)))
    return Shown(heading, _columns(_TRIP), rows, spare=_TRIP_SPARE)


def _stops(trip: Trip, instance: Instance) -> Iterable[Sequence[str]]:
    def at(seconds: int) -> str:
        return moment(seconds, instance.clock)

    legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
    leaves = [at(leg.depart_s) for leg in legs]
    loaded = (number(trip.mass_g // 1000), number(trip.pieces))
    origin = _place(trip.origin_id, instance)
    yield (trip.id, origin, "", at(trip.load_start_s), at(trip.depart_s), leaves[0], *loaded, "")
    for index, stop in enumerate(trip.stops, start=1):
        times = (at(stop.leg.arrive_s), at(stop.start_s), at(stop.end_s))
        sizes = unloaded(trip, stop)
        given = ("", "") if sizes is None else (number(sizes[0] // 1000), number(sizes[2]))
        leave = leaves[index] if index < len(leaves) else ""
        meant = [one for one in receivers(stop) if one != stop.node_id]
        yield (
            trip.id,
            _place(stop.node_id, instance),
            *times,
            leave,
            *given,
            goods_text(stop) or ", ".join(meant),
        )
    if trip.back is not None:
        yield (trip.id, _place(trip.back.to_node, instance), at(trip.back.arrive_s), *[""] * 6)


def _hub(plan: Plan, instance: Instance, name: str) -> Shown:
    """What is unloaded there for whom, and which trips take it on."""
    rows = [_transfer_row(one, taken, instance) for one, taken in transfers(plan) if one.stop.node_id == name]
    label = _place(name, instance)
    heading = words("report.show.hub_heading", hub=label, consignments=number(len(rows)))
    return Shown(heading, _columns(_HUB), rows, spare=_HUB_SPARE)


def _transfer_row(one: Haul, taken: Haul | None, instance: Instance) -> Sequence[str]:
    clock = instance.clock
    on = ("", "")
    if taken is not None:
        on = (f"{_vehicle(taken.trip, instance)} {taken.trip.id}", moment(taken.trip.load_start_s, clock))
    return (
        _place(one.delivery.region_id, instance),
        one.delivery.consignment_id,
        number(one.delivery.units),
        f"{_vehicle(one.trip, instance)} {one.trip.id}",
        moment(one.stop.leg.arrive_s, clock),
        moment(one.stop.end_s, clock),
        *on,
    )
