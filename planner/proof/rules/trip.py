"""Rules that each trip keeps by itself: who drives, which way, how long."""

from __future__ import annotations

from collections.abc import Iterator

from planner.events.meaning import ARRIVED_AT, EACH, LOADED, SERVED_AT
from planner.instance.schema import VehicleType
from planner.plans.model import Trip
from planner.proof.facts import LegView, PlanFacts, StopView, TripView
from planner.proof.verdict import Measure, Recorder

__all__ = [
    "check_closed_edge",
    "check_distance",
    "check_fleet",
    "check_known_trip",
    "check_loading_time",
    "check_modes",
    "check_order",
    "check_own_warehouse",
    "check_path",
    "check_service_time",
    "check_stop_node",
    "check_travel_time",
    "check_trip_id",
]


def check_trip_id(facts: PlanFacts, found: Recorder) -> None:
    """Check that every trip has an id of its own, which no other trip of the plans before a replan had."""
    seen: set[str] = set()
    before = None if facts.past is None else facts.past.before
    if before is not None and before.replan is not None:
        seen = {one.trip for one in before.replan.moved} - {trip.id for trip in before.trips}
    for view in facts.trips:
        found.case(view.trip.id not in seen, view.trip.id, "", trip=view.trip.id)
        seen.add(view.trip.id)


def check_fleet(facts: PlanFacts, found: Recorder) -> None:
    """Check that a vehicle is one of its type; of history, by some of the reports that were believed."""
    for view in facts.trips:
        trip, kind = view.trip, view.kind
        if kind is None:
            found.broken(trip.vehicle_type, "", trip=trip.id, vehicle=trip.vehicle_id)
        else:
            expected = f"{kind.id}-01 … {kind.id}-{kind.number:02d}" if kind.number else "0"
            there = trip.vehicle_id in facts.world.fleet(kind)
            if view.begun and not there:
                _check_was_there(facts, view, kind, expected, found)
            else:
                found.case(there, trip.vehicle_id, expected, trip=trip.id, vehicle=trip.vehicle_id)


def _check_was_there(
    facts: PlanFacts, view: TripView, kind: VehicleType, expected: str, found: Recorder
) -> None:
    """Check that a vehicle of history was there by the files, or by reports believed then."""
    place: dict[str, str | int] = {"trip": view.trip.id, "vehicle": view.trip.vehicle_id}
    reports: tuple[str, ...] = ()
    for world, events in facts.worlds:
        other = world.instance.vehicle_type_of.get(kind.id)
        if other is not None and view.trip.vehicle_id in world.fleet(other):
            if not events:
                found.good()
                return
            reports = reports or events
    found.reported(view.trip.vehicle_id, expected, 1, Measure.CASES, reports, **place)


def check_own_warehouse(facts: PlanFacts, found: Recorder) -> None:
    """Check that a trip starts at its vehicle's home, and carries goods of its warehouse's regions."""
    for view in facts.trips:
        trip, kind = view.trip, view.kind
        known = facts.world.loading_place(trip.origin_id) is not None
        home = facts.world.home(kind) if kind is not None else ""
        warehouse = facts.warehouse_of(view)
        found.case(known and trip.origin_id == home, trip.origin_id, home, trip=trip.id)
        for stop in trip.stops:
            for item in stop.deliveries:
                region = facts.world.instance.region_of.get(item.region_id)
                if region is not None:
                    own = region.warehouse == warehouse
                    found.case(own, warehouse, region.warehouse, trip=trip.id, region=region.id)


def check_stop_node(facts: PlanFacts, found: Recorder) -> None:
    """Check that a stop is where its deliveries go, or a hub on their way; none is for nothing.

    Notes
    -----
    Of history it may be: there receipt was refused, or who was to go there did not.
    """
    for view in facts.trips:
        if not view.stops and view.trip.broken is None:
            found.broken("0", "1", trip=view.trip.id)
        for stop in view.stops:
            place: dict[str, str | int] = {"trip": view.trip.id, "stop": stop.name}
            if stop.only_fetches:
                continue  # rule `fetched` says where that may be
            if stop.stop.items or stop.warehouse is not None:
                _check_other_warehouse(facts, view, stop, found)
            elif (stop.region is None and stop.hub is None) or _is_for_nothing(facts, view, stop):
                found.broken(stop.stop.node_id, "", **place)
            for item in stop.stop.deliveries:
                fits = item.region_id == stop.stop.node_id or _on_the_way(facts, stop, item.region_id)
                found.case(fits, stop.stop.node_id, item.region_id, **place)


def _is_for_nothing(facts: PlanFacts, view: TripView, stop: StopView) -> bool:
    """Whether a stop is for nothing, not in a replan's history, nor of who is on his way with nothing."""
    if stop.stop.deliveries or facts.now_s is None or not view.begun:
        return not stop.stop.deliveries
    return stop.stop.start_s > facts.now_s and next(view.carried, None) is not None


def _check_other_warehouse(facts: PlanFacts, view: TripView, stop: StopView, found: Recorder) -> None:
    """Check that items go from a warehouse to another one, at a stop of their own and each once."""
    place: dict[str, str | int] = {"trip": view.trip.id, "stop": stop.name}
    warehouses, names = facts.world.instance.warehouse_of, [one.item_id for one in stop.stop.items]
    other = stop.warehouse is not None and stop.stop.node_id != view.trip.origin_id
    good = other and not stop.stop.deliveries and bool(names) and view.trip.origin_id in warehouses
    found.case(good, stop.stop.node_id, view.trip.origin_id, **place)
    known = {one.id for one in facts.world.instance.items}
    for one in stop.stop.items:
        fits = one.item_id in known and one.quantity >= 1 and names.count(one.item_id) == 1
        found.case(fits, f"{one.quantity} {one.item_id}", "", **place)


def _on_the_way(facts: PlanFacts, stop: StopView, name: str) -> bool:
    region = facts.world.instance.region_of.get(name)
    return stop.hub is not None and region is not None and stop.hub in facts.world.chain_of(region)


def _legs(facts: PlanFacts) -> Iterator[tuple[TripView, LegView, dict[str, str | int]]]:
    for view in facts.trips:
        for leg in view.legs:
            yield view, leg, {"trip": view.trip.id, "leg": leg.name}


def _walk_faults(facts: PlanFacts, found: Recorder) -> None:
    """Report what walking the legs found against the recorder's rule."""
    for view, leg, place in _legs(facts):
        if view.kind is None:
            continue
        mine = [fault for fault in leg.walk.faults if fault[0] == found.rule]
        for _, claimed, expected in mine:
            found.broken(claimed, expected, **place)
        if not mine:
            found.good()


def check_path(facts: PlanFacts, found: Recorder) -> None:
    """Check that legs join the origin, the stops and the way back; their steps join up along edges.

    Notes
    -----
    Who has broken down has no way back, perhaps one to where he stands.
    """
    for view in facts.trips:
        _check_ends(view, found)
    _walk_faults(facts, found)


def _check_ends(view: TripView, found: Recorder) -> None:
    trip = view.trip
    nodes = [trip.origin_id, *(stop.node_id for stop in trip.stops)]
    if trip.broken is not None:
        nodes += [] if trip.broken.leg is None and trip.broken.node_id == nodes[-1] else [trip.broken.node_id]
        found.case(trip.back is None, trip.origin_id, trip.broken.node_id, trip=trip.id)
        found.case(len(view.legs) == len(nodes) - 1, nodes[-1], trip.broken.node_id, trip=trip.id)
    elif trip.back is not None:
        nodes.append(trip.origin_id)
    elif view.kind is not None and not view.kind.open_end:
        found.broken(nodes[-1], trip.origin_id, trip=trip.id)
    for leg, begin, end in zip(view.legs, nodes, nodes[1:], strict=False):
        place: dict[str, str | int] = {"trip": trip.id, "leg": leg.name}
        found.case(leg.leg.from_node == begin, leg.leg.from_node, begin, **place)
        found.case(leg.leg.to_node == end, leg.leg.to_node, end, **place)


def check_modes(facts: PlanFacts, found: Recorder) -> None:
    """Check that a vehicle moves on edges of its modes only."""
    _walk_faults(facts, found)


def check_known_trip(facts: PlanFacts, found: Recorder) -> None:
    """Check that a leg with the ends of a known trip takes it, and no other leg does."""
    _walk_faults(facts, found)


def check_closed_edge(facts: PlanFacts, found: Recorder) -> None:
    """Check that no edge is passed while it is closed."""
    for view, leg, place in _legs(facts):
        if view.kind is None or not facts.free(view, leg.leg.depart_s):
            continue
        if facts.never(view, leg.leg.arrive_s):
            continue
        for edge, entered_s, left_s in leg.walk.passages:
            start_s = leg.moment(entered_s, entering=True)
            end_s = leg.moment(left_s, entering=False)
            if start_s is None or end_s is None:
                continue
            shut = facts.world.passages.shut_s(view.kind, edge, start_s, end_s)
            if shut > 0:
                found.broken(edge.id, "", shut, Measure.SECONDS, **place, edge=edge.id)
            else:
                found.good()


def check_travel_time(facts: PlanFacts, found: Recorder) -> None:
    """Check that a leg ends when its travelling time, with its pauses, is over.

    Notes
    -----
    Who was under way at a replan arrives then, or later: nobody is earlier than he was planned to be. What he
    had driven by then took the least time of its way or more, unless a report says that he was there. Of a
    leg that is still to come a report may say that it will take longer.
    """
    for view, leg, place in _legs(facts):
        if facts.is_history(view, leg.leg.depart_s):
            _check_driven(facts, view, leg, found, place)
        if view.kind is None or leg.walk.time_s is None or not facts.free(view, leg.leg.depart_s):
            continue
        if facts.never(view, leg.leg.arrive_s):
            found.good()
        elif leg.arrive_s is None:
            found.broken(found.at(leg.leg.arrive_s), "", leg.walk.time_s, Measure.SECONDS, **place)
        elif view.begun or facts.is_delayed(view, leg):
            found.not_before(leg.leg.arrive_s, leg.arrive_s, **place)
        else:
            found.same_instant(leg.leg.arrive_s, leg.arrive_s, **place)


def _check_driven(
    facts: PlanFacts, view: TripView, leg: LegView, found: Recorder, place: dict[str, str | int]
) -> None:
    took_s, own_s = leg.leg.arrive_s - leg.leg.depart_s, leg.walk.time_s
    if own_s is None or took_s >= own_s:
        found.good()
        return
    events = facts.explains(view, ARRIVED_AT + EACH * (leg.name - 1), leg.leg.arrive_s)
    for time_s, reports in facts.least_times(view, leg):
        if took_s >= time_s:
            if not reports:
                found.good()
                return
            events = events or reports
    arrived, earliest = found.at(leg.leg.arrive_s), found.at(leg.leg.depart_s + own_s)
    found.reported(arrived, earliest, own_s - took_s, Measure.SECONDS, events, **place)


def check_distance(facts: PlanFacts, found: Recorder) -> None:
    """Check that lengths of legs and trips are those of the edges."""
    for _, leg, place in _legs(facts):
        if leg.walk.distance_m is not None:
            found.same(leg.leg.distance_m, leg.walk.distance_m, Measure.METRES, **place)
    for view in facts.trips:
        if all(leg.walk.distance_m is not None for leg in view.legs):
            own_m = sum(leg.walk.distance_m or 0 for leg in view.legs)
            found.same(view.trip.distance_m, own_m, Measure.METRES, trip=view.trip.id)


def check_loading_time(facts: PlanFacts, found: Recorder) -> None:
    """Check that loading lasts as long as type and pieces ask for; who takes nothing leaves at once.

    Notes
    -----
    Of history it may have lasted longer, and shorter where a report says that it was over. What was taken
    over on the way was not loaded.
    """
    for view in facts.trips:
        if view.kind is None:
            continue
        trip = view.trip
        own_s = 0 if view.loads_nothing else _loading_s(view.kind, view.loaded.pieces)
        claimed_s = trip.depart_s - trip.load_start_s
        if not view.begun:
            found.same(claimed_s, own_s, Measure.SECONDS, trip=trip.id)
        elif facts.is_history(view, trip.load_start_s):
            _check_lasted(facts, view, (trip.load_start_s, trip.depart_s), own_s, LOADED, found)


def _check_lasted(
    facts: PlanFacts,
    view: TripView,
    activity: tuple[int, int],
    own_s: int,
    place: int,
    found: Recorder,
    **where: str | int,
) -> None:
    """Check that loading or service of history lasted as long as it must, or was reported to be over."""
    start_s, end_s = activity
    short_s = own_s - (end_s - start_s)
    if short_s <= 0:
        found.good()
        return
    events = facts.explains(view, place, end_s)
    claimed, expected = found.at(end_s), found.at(start_s + own_s)
    found.reported(claimed, expected, short_s, Measure.SECONDS, events, trip=view.trip.id, **where)


def _loading_s(kind: VehicleType, pieces: int) -> int:
    return kind.load_fixed_s + kind.load_piece_s * pieces


def check_service_time(facts: PlanFacts, found: Recorder) -> None:
    """Check that service lasts as long as region, type and pieces ask for.

    Notes
    -----
    At a hub or at another warehouse there is no hand-over. What is fetched takes the time of its loading. Of
    history it may have lasted longer, and shorter where a report says that it was over.
    """
    for view in facts.trips:
        for stop in view.stops:
            known = stop.region is not None or stop.hub is not None or stop.warehouse is not None
            known = known or stop.only_fetches
            if view.kind is None or not known:
                continue
            own_s, start_s, end_s = _service_s(view.kind, stop), stop.stop.start_s, stop.stop.end_s
            if facts.free(view, start_s):
                found.same(end_s - start_s, own_s, Measure.SECONDS, trip=view.trip.id, stop=stop.name)
            elif facts.is_history(view, start_s):
                place = SERVED_AT + EACH * (stop.name - 1)
                _check_lasted(facts, view, (start_s, end_s), own_s, place, found, stop=stop.name)


def _service_s(kind: VehicleType, stop: StopView) -> int:
    handover_s = 0 if stop.region is None or stop.only_fetches else stop.region.handover_s
    fetching_s = _loading_s(kind, stop.fetched.pieces) if stop.stop.fetched else 0
    return handover_s + kind.unload_piece_s * stop.load.pieces + fetching_s


def check_order(facts: PlanFacts, found: Recorder) -> None:
    """Check that nothing in a trip begins before what comes before it has ended."""
    for view in facts.trips:
        trip, ready_s = view.trip, view.trip.depart_s
        for leg in view.legs:
            place: dict[str, str | int] = {"trip": trip.id, "leg": leg.name}
            found.not_before(leg.leg.depart_s, ready_s, **place)
            ready_s = leg.leg.arrive_s
            if leg.name <= len(trip.stops):
                stop = trip.stops[leg.name - 1]
                found.not_before(stop.start_s, ready_s, trip=trip.id, stop=leg.name)
                ready_s = stop.end_s
        if trip.broken is not None:
            found.not_before(trip.broken.at_s, ready_s, trip=trip.id)
        found.same_instant(trip.end_s, _own_end(trip), trip=trip.id)


def _own_end(trip: Trip) -> int:
    if trip.broken is not None:
        return trip.broken.at_s
    if trip.back is not None:
        return trip.back.arrive_s
    return trip.stops[-1].end_s if trip.stops else trip.depart_s
