"""Two plans side by side, area by area: on time, margin, stretch, cost, vehicles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.base.clock import Clock
from planner.base.text import words
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.outputs.figures import duration, money, number
from planner.plans.model import Component, Plan, RegionStatus, Trip
from planner.proof.check import facts_of
from planner.proof.worst.stretch import Stretch

__all__ = ["AreaFigures", "AreaRow", "area_cells", "area_rows"]


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """One plan in one area; ``cost`` and ``stretch`` are None where it shares vehicles with other areas."""

    regions: int
    on_time: int
    vehicles: int
    cost: int | None
    smallest_margin_s: int | None
    stretch: Stretch | None


@dataclass(frozen=True, slots=True)
class AreaRow:
    """Both plans in one area; ``id`` is empty for all areas together."""

    id: str
    name: str
    before: AreaFigures
    after: AreaFigures


def area_rows(plans: tuple[Plan, Plan], instance: Instance | None, clock: Clock) -> list[AreaRow]:
    """A row for each area in the order of the plans, the last one for all.

    Parameters
    ----------
    clock
        By which both plans are read.
    instance
        Says which areas there are and what plans withstand; without one, each component is an area, and no
        stretch is known. It is neither of a plan that was made for other files.

    Notes
    -----
    Vehicles of an area are those of its warehouses or, where these serve others too, those that come to it.
    """
    made = [_Figures(plan, instance, clock) for plan in plans]
    names = dict.fromkeys(name for one in made for name in one.regions_of)
    rows = [AreaRow(name, _label(instance, name, made), *(one.of(name) for one in made)) for name in names]
    return [*rows, AreaRow("", words("diff.column.total"), *(one.all() for one in made))]


def _label(instance: Instance | None, name: str, made: Sequence[_Figures]) -> str:
    if instance is None:
        return name
    for one in made:
        for region in one.regions_of.get(name, ()):
            if region in instance.region_of and instance.region_of[region].area_name:
                return instance.region_of[region].area_name
    place = instance.warehouse_of.get(name)
    return name if place is None else place.name


class _Figures:
    """Figures of a plan, area by area."""

    def __init__(self, plan: Plan, instance: Instance | None, clock: Clock) -> None:
        self._plan = plan
        self._results = {one.region_id: one for one in plan.regions}
        self.regions_of: dict[str, list[str]] = {}
        self._areas_of: dict[str, set[str]] = {}
        for component in plan.components:
            for region in component.regions:
                area = _area(instance, component, region)
                self.regions_of.setdefault(area, []).append(region)
                self._areas_of.setdefault(component.id, set()).add(area)
        self._components = {one.id: one for one in plan.components}
        self._component_of = _components_of_trips(plan, instance)
        self._facts = None
        if instance is not None and instance.clock.start == clock.start and _is_for(plan, instance):
            self._facts = facts_of(plan, clock, instance)

    def of(self, area: str) -> AreaFigures:
        """Figures of one area."""
        regions = self.regions_of.get(area, [])
        own = [name for name, areas in self._areas_of.items() if area in areas]
        alone = all(self._areas_of[name] == {area} for name in own)
        if alone:
            trips = [one for one in self._plan.trips if self._component_of.get(one.id) in own]
        else:
            trips = [one for one in self._plan.trips if _serves(one, set(regions))]
        return self._figures(
            regions,
            trips,
            sum(self._components[name].cost for name in own) if alone else None,
            self._stretch(regions, trips) if alone else None,
        )

    def all(self) -> AreaFigures:
        """Figures of the whole plan."""
        stretch = None if self._facts is None else self._facts.stretch
        names = [one.region_id for one in self._plan.regions]
        return self._figures(names, self._plan.trips, self._plan.cost, stretch)

    def _figures(
        self, regions: Iterable[str], trips: Iterable[Trip], cost: int | None, stretch: Stretch | None
    ) -> AreaFigures:
        results = [self._results[name] for name in regions if name in self._results]
        margins = [one.margin_s for one in results if one.margin_s is not None]
        return AreaFigures(
            regions=len(results),
            on_time=sum(one.status is RegionStatus.ON_TIME for one in results),
            vehicles=len({one.vehicle_id for one in trips}),
            cost=cost,
            smallest_margin_s=min(margins, default=None),
            stretch=stretch,
        )

    def _stretch(self, regions: Sequence[str], trips: Sequence[Trip]) -> Stretch | None:
        if self._facts is None:
            return None
        ids, known = {one.id for one in trips}, self._facts.world.instance.region_of
        views = [view for view in self._facts.trips if view.trip.id in ids]
        return self._facts.stretch_among([known[name] for name in regions if name in known], views)


def _is_for(plan: Plan, instance: Instance) -> bool:
    return digest(instance) == plan.instance_digest


def _area(instance: Instance | None, component: Component, region: str) -> str:
    known = None if instance is None else instance.region_of.get(region)
    return known.area if known is not None and known.area else component.id


def _components_of_trips(plan: Plan, instance: Instance | None) -> Mapping[str, str]:
    """The component of each trip: by its vehicle's type where it is known, else by whom it serves."""
    homes = {} if instance is None else {one.id: one.warehouse for one in instance.vehicles}
    of_region = {name: one.id for one in plan.components for name in one.regions}
    ids = {one.id for one in plan.components}
    found = {}
    for trip in plan.trips:
        served = (of_region.get(item.region_id, "") for stop in trip.stops for item in stop.deliveries)
        guess = trip.origin_id if trip.origin_id in ids else next(served, trip.origin_id)
        found[trip.id] = homes.get(trip.vehicle_type, guess)
    return found


def _serves(trip: Trip, regions: set[str]) -> bool:
    return any(item.region_id in regions for stop in trip.stops for item in stop.deliveries)


def area_cells(row: AreaRow, currency: str) -> tuple[str, ...]:
    """A row of the table: area, regions, on time, vehicles, cost, margin, stretch; both plans in each."""
    pairs = zip(_cells(row.before, currency), _cells(row.after, currency), strict=True)
    return (row.name, *(_both(before, after) for before, after in pairs))


def _cells(one: AreaFigures, currency: str) -> tuple[str, ...]:
    return (
        number(one.regions),
        number(one.on_time),
        number(one.vehicles),
        "" if one.cost is None else money(one.cost, currency),
        "" if one.smallest_margin_s is None else duration(one.smallest_margin_s),
        _stretch_text(one.stretch),
    )


def _stretch_text(one: Stretch | None) -> str:
    if one is None:
        return ""
    if one.percent is None:
        return words("diff.column.any_percent")
    return words("diff.column.percent", percent=number(one.percent))


def _both(before: str, after: str) -> str:
    return after if before == after else words("diff.column.both", before=before or "–", after=after or "–")
