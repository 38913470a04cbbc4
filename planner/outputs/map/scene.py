"""What a picture of a plan shows: regions and their classes, trips and their ways, places, the ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.background.geometry import Box, Point, bounds_of
from planner.background.meridian import ground_beside, middle_of, run_on
from planner.background.schema import NO_BACKGROUND, Background, GroundKind
from planner.base.errors import Fault, InputError
from planner.instance.area_names import area_ids
from planner.instance.schema import Edge, Hub, Instance, Mode, Node, Region, Warehouse
from planner.outputs.map.classes import Classes, Colour, classes_of
from planner.outputs.status import Standing
from planner.outputs.transfers import hubs_used, is_trunk
from planner.plans.model import Leg, Plan, RegionResult, StepKind, Trip
from planner.starting.part import regions_of

__all__ = ["NARROWEST", "WIDEST", "Asked", "Line", "Scene", "line_of", "scene_of"]

_FEW_LINES = 60
_LIGHTEST, _USUAL = 0.55, 1200  # part of the usual width of ways, and pixels of a picture that has it
NARROWEST, WIDEST = 320, 4000  # pixels

Line = tuple[str, str]  # ids of two nodes, in their order
Uses = Mapping[Mode, Counter[Line]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What picture is asked for.

    Parameters
    ----------
    colour
        What the colours of regions mean.
    area
        Ids of areas, subareas or regions, joined by commas; empty: all.
    width
        Of the whole picture, in pixels.
    network
        Whether edges are drawn that no trip uses.
    """

    colour: Colour = Colour.STATUS
    area: str = ""
    width: int = 1200
    network: bool = False

    def __post_init__(self) -> None:
        if not NARROWEST <= self.width <= WIDEST:
            msg = f"a map is {NARROWEST} to {WIDEST} pixels wide, not {self.width}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Scene:
    """All that is drawn.

    Parameters
    ----------
    plan, instance, ground, asked
        What it is made of.
    places
        Longitude and latitude of all nodes by id; across the 180th meridian longitudes run on.
    results
        The regions that are drawn.
    trips
        The trips that bring them something.
    classes
        What the regions are coloured by.
    standing
        What is known by reports; None: none are drawn.
    """

    plan: Plan
    instance: Instance
    ground: Background
    asked: Asked
    places: Mapping[str, Point]
    results: Sequence[RegionResult]
    trips: Sequence[Trip]
    classes: Classes
    standing: Standing | None = None

    @cached_property
    def uses(self) -> Uses:
        """How many trips use each line, by mode."""
        return _uses(self.trips, self.instance)

    @cached_property
    def edge_of(self) -> Mapping[str, Edge]:
        """Edges by id."""
        return {edge.id: edge for edge in self.instance.edges}

    @cached_property
    def weight(self) -> float:
        """How heavily ways are drawn: few of them more than many, and less on a small picture."""
        lines = sum(len(found) for found in self.uses.values())
        few = 2.0 if lines <= _FEW_LINES else 1.4 if lines <= 3 * _FEW_LINES else 1.0
        return few * min(1.0, max(_LIGHTEST, self.asked.width / _USUAL))

    @cached_property
    def trunk_uses(self) -> Uses:
        """The same for trips that bring goods to hubs alone."""
        return _uses([trip for trip in self.trips if is_trunk(trip)], self.instance)

    @cached_property
    def hubs(self) -> Sequence[str]:
        """Hubs at which these trips unload goods."""
        return hubs_used(replace(self.plan, trips=tuple(self.trips)))

    @cached_property
    def warehouses(self) -> Sequence[str]:
        """Warehouses of the regions, and those that these trips begin at."""
        homes = [self.instance.region_of[item.region_id].warehouse for item in self.results]
        known = self.instance.warehouse_of
        starts = [trip.origin_id for trip in self.trips if trip.origin_id in known]
        return tuple(dict.fromkeys((*homes, *starts)))

    @cached_property
    def areas(self) -> set[str]:
        """Ids of the areas, subareas and regions that are drawn."""
        rows = [self.instance.region_of[item.region_id] for item in self.results]
        return {name for row in rows for name in (row.id, row.area, row.subarea) if name}

    @cached_property
    def bounds(self) -> Box:
        """What must lie on the map, in degrees: places, used lines, and borders of what is asked for."""
        names = [item.region_id for item in self.results]
        names += [*self.warehouses, *self.hubs]
        names += [node for lines in self.uses.values() for line in lines for node in line]
        wanted = {name.strip() for name in self.asked.area.split(",") if name.strip()} or self.areas
        borders = (GroundKind.AREA, GroundKind.SUBAREA, GroundKind.REGION)
        shapes = [item.geometry for item in self.ground.of(*borders) if item.code in wanted]
        return bounds_of((self.places[name] for name in names), shapes)


def scene_of(
    plan: Plan,
    instance: Instance,
    *,
    ground: Background = NO_BACKGROUND,
    asked: Asked | None = None,
    standing: Standing | None = None,
) -> Scene:
    """Gather what a picture shows.

    Parameters
    ----------
    plan, instance
        A plan, and what it was made for.
    ground
        What lies behind it.
    asked
        What picture is asked for; None: the usual one.
    standing
        What is known by reports; None: none are drawn.

    Raises
    ------
    InputError
        X342 for each area that the instance does not have; C712 where reports are known and colours are not
        by status.
    """
    if standing is not None and asked is not None and asked.colour is not Colour.STATUS:
        raise InputError([Fault("C712", "--events", value=asked.colour.value)])
    asked = Asked() if asked is None else replace(asked, area=area_ids(instance, asked.area))
    results: Sequence[RegionResult] = plan.regions
    trips: Sequence[Trip] = plan.trips
    if asked.area:
        names = {region.id for region in regions_of(instance, asked.area)}
        results = [item for item in plan.regions if item.region_id in names]
        trips = [trip for trip in plan.trips if names & set(_served(trip))]
    places, ground = _places(instance, ground)
    classes = classes_of(asked.colour, plan, instance, results, standing)
    return Scene(plan, instance, ground, asked, places, results, trips, classes, standing)


def _served(trip: Trip) -> Iterable[str]:
    """Regions that a trip brings something to, or nearer to them."""
    return (given.region_id for stop in trip.stops for given in (*stop.deliveries, *stop.fetched))


def _uses(trips: Iterable[Trip], instance: Instance) -> Uses:
    """How many trips use each pair of nodes, by mode; the nodes of a pair are in the order of their ids.

    A known trip, which has no edges, counts as one line of its vehicle's first mode.
    """
    edges = {edge.id: edge for edge in instance.edges}
    uses: dict[Mode, Counter[Line]] = {mode: Counter() for mode in Mode}
    for trip in trips:
        whole = instance.vehicle_type_of[trip.vehicle_type].modes[0]
        legs = [stop.leg for stop in trip.stops] + ([] if trip.back is None else [trip.back])
        for mode, line in sorted({found for leg in legs for found in _lines(leg, edges, whole)}):
            uses[mode][line] += 1
    return {mode: found for mode, found in uses.items() if found}


def _lines(leg: Leg, edges: Mapping[str, Edge], whole: Mode) -> Iterable[tuple[Mode, Line]]:
    for step in leg.path:
        if step.kind in (StepKind.FORWARD, StepKind.BACK):
            edge = edges[step.ref]
            yield edge.mode, line_of(edge.from_node, edge.to_node)
        elif step.kind is StepKind.KNOWN:
            yield whole, line_of(leg.from_node, leg.to_node)


def line_of(start: str, end: str) -> Line:
    """A line between two nodes, whichever way it is driven."""
    return (start, end) if start <= end else (end, start)


def _places(instance: Instance, ground: Background) -> tuple[Mapping[str, Point], Background]:
    """Coordinates of all nodes by id, and the ground; both run on across the 180th meridian."""
    rows: tuple[Node | Hub | Region | Warehouse, ...] = (
        *instance.nodes,
        *instance.hubs,
        *instance.regions,
        *instance.warehouses,
    )
    lons = run_on(row.lon for row in rows)
    found = {row.id: (lon, row.lat) for row, lon in zip(rows, lons, strict=True)}
    return found, ground_beside(ground, middle_of(lons))
