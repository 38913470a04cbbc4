"""Planning a part anew: what of a plan stays as it is, and the new plan with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from planner.base.errors import Fault, InputError
from planner.building.places import regions_in_area
from planner.instance.decisions import rulings_of
from planner.instance.digest import digest
from planner.instance.schema import DecisionRule, Instance, Region
from planner.plans.model import Component, Plan, RegionResult, RegionStatus, Status, Trip
from planner.reasons.outcome import Outcome
from planner.search.warm_start import vehicle_number

__all__ = ["PartialBase", "rebase"]


@dataclass(frozen=True)
class PartialBase:
    """A plan of which some regions are planned anew.

    Parameters
    ----------
    base
        The plan.
    free
        Ids of the regions that are planned anew.
    regions
        All regions of the new plan.
    area
        What the new plan is for, as an area.
    fixed
        Trips of the plan that stay as they are, by their id.
    closed_vehicles
        Vehicles, by type and number, that get no further trips.
    """

    base: Plan
    free: frozenset[str]
    regions: tuple[Region, ...]
    area: str
    fixed: Mapping[str, Trip]
    closed_vehicles: frozenset[tuple[str, int]]

    @property
    def guarantee(self) -> int | None:
        """Late legs that the plan was asked to withstand; None: as the files say."""
        text = self.base.options.get("guarantee", "")
        return int(text) if text.isdecimal() else None

    def touched(self, warehouse: str) -> bool:
        """Whether something of a warehouse is planned anew."""
        return any(one.warehouse == warehouse and one.id in self.free for one in self.regions)

    def trips_of(self, warehouse: str, instance: Instance) -> tuple[Trip, ...]:
        """The plan's trips of a component."""
        kinds = instance.vehicle_type_of
        return tuple(one for one in self.base.trips if kinds[one.vehicle_type].warehouse == warehouse)

    @property
    def absent(self) -> tuple[str, ...]:
        """Regions that are not planned anew and get nothing by the plan."""
        stops = (stop for trip in self.base.trips for stop in trip.stops)
        served = {item.region_id for stop in stops for item in stop.deliveries}
        return tuple(one for one in self.lacking if one not in served)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Regions that are not planned anew and do not get all of their goods by the plan."""
        undelivered = (one for one in self.base.regions if one.status is RegionStatus.UNDELIVERED)
        return tuple(one.region_id for one in undelivered if one.region_id not in self.free)

    def outcome(self, warehouse: str, found: Outcome | None, instance: Instance) -> Outcome:
        """What is planned for a component, with all that stays; the plan's own where nothing else is.

        Notes
        -----
        A trip that stays is the plan's to the byte. New trips get ids that none of them has.
        """
        if found is None or not self.touched(warehouse):
            return self._as_it_was(warehouse, instance)
        known = {(one.vehicle_id, one.load_start_s): one for one in self.fixed.values()}
        mine = {one.id for one in self.trips_of(warehouse, instance)} & self.fixed.keys()
        trips: list[Trip] = []
        number = 0
        for one in found.trips:
            stays = known.get((one.vehicle_id, one.load_start_s))
            if stays is None:
                number += 1
                while f"{warehouse}/{number:03d}" in self.fixed:
                    number += 1
                trips.append(replace(one, id=f"{warehouse}/{number:03d}"))
            else:
                trips.append(stays)
                mine.discard(stays.id)
        if mine:
            return self._as_it_was(warehouse, instance)
        old = {one.region_id: one for one in self.base.regions}
        regions = tuple(
            one if one.region_id in self.free else old.get(one.region_id, one) for one in found.regions
        )
        return replace(found, trips=tuple(trips), regions=regions)

    def _as_it_was(self, warehouse: str, instance: Instance) -> Outcome:
        """A component of the plan itself."""
        component = next((one for one in self.base.components if one.id == warehouse), None)
        if component is None:
            component = Component(warehouse, Status.ON_TIME, self.base.components[0].stop_reason, (), 0, 0)
        names = set(component.regions)
        results: tuple[RegionResult, ...] = tuple(one for one in self.base.regions if one.region_id in names)
        return Outcome(component, self.trips_of(warehouse, instance), results)


def rebase(instance: Instance, base: Plan, area: str) -> PartialBase:
    """What stays of a plan where an area is planned anew, or where decisions keep some of it.

    Parameters
    ----------
    instance
        What the plan was made for.
    base
        The plan.
    area
        Comma-separated ids of areas, subareas or regions to plan anew; empty: all but what is kept.

    Raises
    ------
    InputError
        V240 where the plan was made for other files; C701 where the area is unknown.

    Notes
    -----
    A trip stays when it carries anything for a region that is not planned anew or for another warehouse, or
    is driven by a vehicle that is kept, or brings to a hub what a trip that stays takes from there. A region
    that is to be kept and gets nothing by the plan has nothing to keep, and is planned as others are.
    """
    own = digest(instance)
    if base.instance_digest != own:
        params = {"expected": own}
        raise InputError([Fault("V240", "--base", value=base.instance_digest, params=params)])
    try:
        wanted = regions_in_area(instance, area)
    except KeyError as error:
        raise InputError([Fault("C701", "--area", value=str(error.args[0]))]) from error
    planned = {one.region_id for one in base.regions}
    if not area:
        wanted = tuple(one for one in wanted if one.id in planned)
    keeps = [one for one in rulings_of(instance) if one.rule is DecisionRule.KEEP]
    kept = {name for one in keeps for name in one.regions}
    served = {item.region_id for trip in base.trips for stop in trip.stops for item in stop.deliveries}
    free = frozenset(one.id for one in wanted) - (kept & served)
    closed_vehicles = frozenset(
        (kind.id, number)
        for kind in instance.vehicles
        for number in range(1, kind.number + 1)
        if any(one.about_vehicle(kind.id, number) for one in keeps)
    )
    fixed = _closed(base, {one.id for one in base.trips if _stays(one, free, closed_vehicles)})
    regions = tuple(one for one in instance.regions if one.id in planned or one.id in free)
    return PartialBase(base, free, regions, _joined(instance, base, regions, area), fixed, closed_vehicles)


def _stays(trip: Trip, free: Collection[str], closed_vehicles: Collection[tuple[str, int]]) -> bool:
    if any(stop.items for stop in trip.stops):
        return True  # it sends something to another warehouse
    others = any(item.region_id not in free for stop in trip.stops for item in stop.deliveries)
    return others or (trip.vehicle_type, vehicle_number(trip)) in closed_vehicles


def _closed(base: Plan, fixed: set[str]) -> dict[str, Trip]:
    """These trips with those that bring to hubs what they take from there."""
    brought: dict[tuple[str, str], str] = {
        (stop.node_id, item.consignment_id): trip.id
        for trip in base.trips
        for stop in trip.stops
        for item in stop.deliveries
        if stop.node_id != item.region_id
    }
    by_id = {one.id: one for one in base.trips}
    waiting = sorted(fixed)
    while waiting:
        trip = by_id[waiting.pop()]
        for stop in trip.stops:
            for item in stop.deliveries:
                before = brought.get((trip.origin_id, item.consignment_id))
                if before is not None and before not in fixed:
                    fixed.add(before)
                    waiting.append(before)
    return {one.id: one for one in base.trips if one.id in fixed}


def _joined(instance: Instance, base: Plan, regions: Iterable[Region], area: str) -> str:
    """The area of the new plan: that of the plan, with what is new to it."""
    names = {one.id for one in regions}
    if len(names) == len(instance.regions):
        return ""
    for text in (base.options.get("area", ""), f"{base.options.get('area', '')},{area}"):
        if text and {one.id for one in regions_in_area(instance, text)} == names:
            return text
    return ",".join(one.id for one in instance.regions if one.id in names)
