"""Rules of hubs: which way goods take, how long they rest at a hub, how much room they have there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.instance.schema import Chain, Hub, Region
from planner.proof.reckoning import Move, Reckoning, StopView, TripView
from planner.proof.verdict import Measure, Recorder
from planner.proof.world import World

__all__ = ["check_chain", "check_hub_storage", "check_transfer"]

_TO = " → "


def check_chain(reckoning: Reckoning, found: Recorder) -> None:
    """Check that goods go along their region's chain of hubs, or straight where that is allowed.

    Notes
    -----
    A consignment keeps its run of units on all its legs, and may end at a hub; whether its region may then
    lack it is rule `exactly_once`.
    """
    if not reckoning.world.chained:
        _check_no_hubs(reckoning, found)
        return
    for consignment, moves in reckoning.moves.items():
        _check_run(consignment, moves, found)
        region = reckoning.world.instance.region_of.get(moves[0].item.region_id)
        if region is not None:
            _check_way(reckoning.world, region, consignment, moves, found)


def _check_no_hubs(reckoning: Reckoning, found: Recorder) -> None:
    """Without a chain nothing is unloaded or loaded at hubs, and types at home there drive nothing."""
    hubs, regions = reckoning.world.all_hubs, reckoning.world.instance.region_of
    for view in reckoning.trips:
        trip, home = view.trip, "" if view.kind is None else view.kind.home
        found.case(not home, home, "", trip=trip.id, vehicle=trip.vehicle_id)
        at_hub = trip.origin_id in hubs and trip.origin_id not in reckoning.world.instance.warehouse_of
        found.case(not at_hub, trip.origin_id, "", trip=trip.id)
        for stop in view.stops:
            node = stop.stop.node_id
            found.case(node not in hubs or node in regions, node, "", trip=trip.id, stop=stop.name)


def _check_run(consignment: str, moves: Sequence[Move], found: Recorder) -> None:
    first = moves[0].item
    for move in moves[1:]:
        item = move.item
        same = (item.region_id, item.part, item.first_unit, item.units) == (
            first.region_id,
            first.part,
            first.first_unit,
            first.units,
        )
        claimed = f"{item.region_id} {item.part} {item.first_unit} + {item.units}"
        expected = f"{first.region_id} {first.part} {first.first_unit} + {first.units}"
        found.case(same, claimed, expected, trip=move.view.trip.id, consignment=consignment)


def _check_way(
    world: World, region: Region, consignment: str, moves: Sequence[Move], found: Recorder
) -> None:
    """Check that the legs of a consignment are the first ones of its chain, or the straight one."""
    way = world.way_of(region)
    legs = list(zip(way, way[1:], strict=False))
    straight = (region.warehouse, region.id)
    allowed = {*legs, straight} if world.chain is Chain.ALLOWED else set(legs)
    ends = [move.ends for move in moves]
    for move in moves:
        claimed, place = _TO.join(move.ends), {"trip": move.view.trip.id, "consignment": consignment}
        found.case(move.ends in allowed, claimed, _TO.join(way), **place)
    if set(ends) <= allowed:
        whole = set(ends) == {straight} or set(ends) == set(legs[: len(set(ends))])
        claimed = "; ".join(_TO.join(one) for one in ends)
        found.case(whole, claimed, _TO.join(way), consignment=consignment)


def _onward(reckoning: Reckoning, move: Move) -> TripView | None:
    """The trip that takes on what is unloaded at a hub, the first to load there; None where it stays."""
    return reckoning.taken_on.get((move.item.consignment_id, move.stop.stop.node_id))


def _at_hubs(reckoning: Reckoning) -> Iterator[tuple[Hub, Move]]:
    """Yield what is unloaded at hubs, consignment by consignment."""
    for moves in reckoning.moves.values():
        for move in moves:
            if move.stop.hub is not None:
                yield move.stop.hub, move


def check_transfer(reckoning: Reckoning, found: Recorder) -> None:
    """Check that nothing is loaded at a hub before its transfer there is over, history apart."""
    for hub, move in _at_hubs(reckoning):
        onward = _onward(reckoning, move)
        if onward is not None and not onward.begun:
            trip, ready_s = onward.trip, _ready_s(hub, move.stop)
            place = {"trip": trip.id, "hub": hub.id, "consignment": move.item.consignment_id}
            found.not_before(trip.load_start_s, ready_s, **place)


def _ready_s(hub: Hub, stop: StopView) -> int:
    """When what is unloaded at a stop may be loaded again."""
    return stop.stop.end_s + hub.transfer_fixed_s + hub.transfer_piece_s * stop.load.pieces


def check_hub_storage(reckoning: Reckoning, found: Recorder) -> None:
    """Check that what lies at a hub has room there at every moment.

    Notes
    -----
    In a replan it is checked whenever something comes that was not under way: what was, has to be unloaded.
    """
    changes: dict[str, list[tuple[int, int, bool]]] = {hub.id: [] for hub in reckoning.world.hubs.values()}
    for hub, move in _at_hubs(reckoning):
        onward = _onward(reckoning, move)
        from_s = move.stop.stop.end_s
        until_s = reckoning.world.horizon_s if onward is None else onward.trip.load_start_s
        if from_s < until_s:
            volume_cm3, begun = move.load.volume_cm3, move.view.begun
            changes[hub.id] += [(from_s, volume_cm3, begun), (until_s, -volume_cm3, begun)]
    for hub in reckoning.world.hubs.values():
        if hub.storage_dm3 is not None:
            most = _most_at_once(changes[hub.id])
            found.at_most(most, hub.storage_dm3 * 1000, Measure.CUBIC_CM, hub=hub.id)


def _most_at_once(changes: list[tuple[int, int, bool]]) -> int:
    now = most = 0
    order = sorted(changes, key=lambda one: (one[0], one[1] > 0, not one[2], one[1]))
    for _, change, begun in order:  # what leaves at a moment makes room for what comes then
        now += change
        most = most if begun else max(most, now)
    return most
