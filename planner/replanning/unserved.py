"""Goods that no trip carries in a replan: of trips that are gone, of broken vehicles, and new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from planner.building.decisions import left_out
from planner.instance.chains import chain_of
from planner.instance.decisions import rulings_of
from planner.instance.schema import Region
from planner.plans.model import (
    Delivery,
    Trip,
)
from planner.replanning.goods import GoodsLeg, legs_of_trips, missing_units, new_legs, reloaded
from planner.replanning.job import ReplanJob

__all__ = ["legs_without_trip"]


def legs_without_trip(
    work: ReplanJob, regions: Sequence[Region], trips: tuple[Sequence[Trip], Sequence[Trip], Sequence[Trip]]
) -> list[GoodsLeg]:
    """Legs of goods that no trip carries: of trips that are gone, of broken vehicles, and new ones."""
    old, new, gone = trips
    found = legs_of_trips(work.instance, gone)
    mine = {one.id for one in regions}
    fetched = {one.consignment_id for trip in new for stop in trip.stops for one in stop.fetched}
    planned = {one.planned.id: one.planned for one in work.state.trips}
    for one in work.state.broken:
        trip = planned[one.trip_id]
        ends = {goods.consignment_id: stop.node_id for stop in trip.stops for goods in stop.deliveries}
        for goods in one.deliveries:
            name = goods.consignment_id
            if goods.region_id in mine and name not in fetched and name in ends:
                found.append(
                    GoodsLeg(
                        trip.origin_id, ends[name], *reloaded(work.instance, goods), fetched_from=one.node_id
                    )
                )
    known = {one.consignment_id for trip in old for stop in trip.stops for one in stop.deliveries}
    found += _onward(work, mine, new, found)
    reached = [leg.goods for leg in found if leg.node_id == leg.goods.region_id]
    reached += [
        goods
        for trip in new
        for stop in trip.stops
        for goods in stop.deliveries
        if goods.region_id == stop.node_id
    ]
    held: dict[str, list[Delivery]] = {}
    for goods in reached:
        held.setdefault(goods.region_id, []).append(goods)
    for region in regions:
        runs = missing_units(work.instance, region, held.get(region.id, ()))
        found += new_legs(work.instance, region, runs, known)
    gone_by_decision = left_out(rulings_of(work.instance))
    return [
        _when_back(work, leg)
        for leg in found
        if leg.goods.units > 0 and leg.goods.region_id not in gone_by_decision
    ]


def _when_back(work: ReplanJob, leg: GoodsLeg) -> GoodsLeg:
    """A leg of goods that come back to where they were loaded: not before they are there."""
    ends_s = {one.planned.id: one.trip for one in work.state.trips}
    free_s = leg.free_s
    for goods, name in work.state.back_with:
        trip = ends_s[name]
        same = (goods.region_id, goods.part) == (leg.goods.region_id, leg.goods.part)
        last = min(goods.first_unit + goods.units, leg.goods.first_unit + leg.goods.units)
        if same and trip.origin_id == leg.origin_id and last > max(goods.first_unit, leg.goods.first_unit):
            free_s = max(free_s, trip.end_s)
    return replace(leg, free_s=free_s)


def _onward(
    work: ReplanJob, mine: Collection[str], new: Sequence[Trip], known: Iterable[GoodsLeg]
) -> list[GoodsLeg]:
    """Legs from a hub on of goods that come there and that nothing takes on."""
    taken = {(leg.origin_id, leg.goods.consignment_id) for leg in known}
    for trip in new:
        carried = [one for stop in trip.stops for one in stop.deliveries]
        carried += [] if trip.broken is None else trip.broken.deliveries
        taken |= {(trip.origin_id, one.consignment_id) for one in carried}
    found: list[GoodsLeg] = []
    for trip in new:
        for stop in trip.stops:
            for one in stop.deliveries:
                there = (stop.node_id, one.consignment_id)
                units = range(one.first_unit, one.first_unit + one.units)
                if all((one.region_id, one.part, unit) in work.instance.waived for unit in units):
                    continue  # not needed any more
                if one.region_id not in mine or stop.node_id == one.region_id or there in taken:
                    continue
                region = work.regions[one.region_id]
                hubs = [hub.id for hub in chain_of(work.instance, region)]
                if stop.node_id not in hubs:
                    continue
                places = [*hubs[hubs.index(stop.node_id) :], region.id]
                goods, needs = reloaded(work.instance, one)
                found += [GoodsLeg(*ends, goods, needs) for ends in zip(places, places[1:], strict=False)]
    return found
