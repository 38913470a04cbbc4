"""Rules of hubs: which way goods take, how long they rest at a hub, how much room they have there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.instance.schema import Chain, Hub, Region
from planner.proof.facts import Move, PlanFacts, TripView
from planner.proof.verdict import Recorder
from planner.proof.world import World

__all__ = ["check_chain"]


_TO = " → "


def check_chain(facts: PlanFacts, found: Recorder) -> None:
    """Check that goods go along their region's chain of hubs, or straight where that is allowed.

    Notes
    -----
    A consignment keeps its run of units on all its legs, and may end at a hub; whether its region may then
    lack it is rule `exactly_once`.
    """
    if not facts.world.chained:
        _check_no_hubs(facts, found)
        return
    for consignment, moves in facts.moves.items():
        _check_run(consignment, moves, found)
        region = facts.world.instance.region_of.get(moves[0].item.region_id)
        if region is not None:
            _check_way(facts.world, region, consignment, moves, found)


def _check_no_hubs(facts: PlanFacts, found: Recorder) -> None:
    """Without a chain nothing is unloaded or loaded at hubs, and types at home there drive nothing."""
    hubs, regions = facts.world.all_hubs, facts.world.instance.region_of
    for view in facts.trips:
        trip, home = view.trip, "" if view.kind is None else view.kind.home
        found.case(not home, home, "", trip=trip.id, vehicle=trip.vehicle_id)
        at_hub = trip.origin_id in hubs and trip.origin_id not in facts.world.instance.warehouse_of
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


def onward_trip(facts: PlanFacts, move: Move) -> TripView | None:
    """The trip that takes on what is unloaded at a hub, the first to load there; None where it stays."""
    return facts.taken_on.get((move.item.consignment_id, move.stop.stop.node_id))


def at_hubs(facts: PlanFacts) -> Iterator[tuple[Hub, Move]]:
    """Yield what is unloaded at hubs, consignment by consignment."""
    for moves in facts.moves.values():
        for move in moves:
            if move.stop.hub is not None:
                yield move.stop.hub, move
