"""The activities of a plan and what each waits for, made ready to be played many times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from planner.instance.schema import Overnight, Region, VehicleType
from planner.plans.model import RegionStatus
from planner.proof.facts import LegView, PlanFacts, StopView, TripView
from planner.proof.worst.delays import Delays
from planner.proof.worst.working_time import Reached
from planner.simulation.hours import Hours, Shifts, Starts
from planner.simulation.legs import LegWay, leg_way
from planner.simulation.working_time import WorkingDays

__all__ = ["LegModel", "Model", "ServiceModel", "TripModel", "make_model"]


@dataclass(frozen=True, slots=True)
class LegModel:
    """A leg: not before `depart_s`, and where it may not pause on purpose, only at moments of `sets_out`.

    ``planned`` is its end with the work of that day.
    """

    depart_s: int
    planned: Reached
    way: LegWay
    shifts: Shifts
    sets_out: Starts | None
    day: int  # local day of the plan's departure, for the weather
    area: int  # number of its trip's warehouse, for the weather


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A service: for whom, by when, and which trips take the goods on and how long after it."""

    start_s: int
    time_s: int
    starts: Starts
    planned: Reached
    deadline_s: int | None
    regions: tuple[int, ...]  # numbers in Model.regions
    transfer_s: int = 0
    onward: tuple[int, ...] = ()  # numbers of trips


@dataclass(frozen=True, slots=True)
class TripModel:
    """A trip; `number` is its place in the plan. `dock` is None where loading takes no time.

    ``planned`` is the end of its loading with the work of that day; ``days`` is None where work has no limit.
    """

    number: int
    vehicle: str
    dock: tuple[str, int] | None
    load_start_s: int
    load_s: int
    load_starts: Starts
    planned: Reached
    days: WorkingDays | None
    legs: tuple[LegModel, ...]
    services: tuple[ServiceModel, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Trips in an order in which each comes after all that it waits for.

    ``delivered`` says for each region whether the plan brings it all that it needs.
    """

    trips: tuple[TripModel, ...]
    regions: tuple[str, ...]
    delivered: tuple[bool, ...]
    num_days: int
    num_areas: int


def make_model(facts: PlanFacts) -> Model:
    """The model of a plan that passed the check."""
    return _Maker(facts).model()


class _Maker:
    def __init__(self, facts: PlanFacts) -> None:
        self._facts, self._world = facts, facts.world
        instance = self._world.instance
        self._hours = Hours(self._world.calendars, self._world.ways)
        self._delays = Delays(self._world.instance)
        self._areas = {one.id: number for number, one in enumerate(instance.warehouses)}
        names = (name for one in facts.plan.components for name in one.regions)
        self._regions: tuple[Region, ...] = tuple(instance.region_of[name] for name in dict.fromkeys(names))
        self._number_of = {one.id: number for number, one in enumerate(self._regions)}
        self._takers = _takers(facts)
        self._courses = {id(one.view): one for one in facts.courses}
        self._days: dict[tuple[str, int], WorkingDays] = {}

    def model(self) -> Model:
        trips = [
            self._trip(number, view, view.kind)
            for number, view in enumerate(self._facts.trips)
            if view.kind is not None
        ]
        status = self._facts.status
        return Model(
            tuple(_in_order(trips)),
            tuple(one.id for one in self._regions),
            tuple(status(one) is not RegionStatus.UNDELIVERED for one in self._regions),
            self._world.calendars.num_days,
            len(self._areas),
        )

    def _trip(self, number: int, view: TripView, kind: VehicleType) -> TripModel:
        trip, course = view.trip, self._courses[id(view)]
        origin = self._world.loading_place(trip.origin_id)
        hours, load_s = "" if origin is None else origin.calendar, trip.depart_s - trip.load_start_s
        return TripModel(
            number,
            trip.vehicle_id,
            (trip.origin_id, trip.dock) if load_s else None,
            trip.load_start_s,
            load_s,
            self._hours.starts(kind.calendar, hours, load_s),
            course.loaded,
            self._working_days(kind, course.limit_s),
            tuple(self._leg(*one, kind) for one in zip(view.legs, course.arrived, strict=True)),
            tuple(self._service(*one, kind) for one in zip(view.stops, course.served, strict=True)),
        )

    def _working_days(self, kind: VehicleType, limit_s: int | None) -> WorkingDays | None:
        if limit_s is None:
            return None
        key = kind.calendar, limit_s
        if key not in self._days:
            calendars = self._world.calendars
            self._days[key] = WorkingDays(calendars, calendars.intervals(kind.calendar), limit_s)
        return self._days[key]

    def _leg(self, view: LegView, planned: Reached, kind: VehicleType) -> LegModel:
        way = leg_way(self._world, self._delays, self._hours, kind, view)
        stops = kind.overnight is Overnight.STOP
        return LegModel(
            view.leg.depart_s,
            planned,
            way,
            self._hours.shifts(kind.calendar),
            self._hours.starts(kind.calendar, "", way.time_s) if stops else None,
            self._world.calendars.day_index(view.leg.depart_s),
            self._areas[kind.warehouse],
        )

    def _service(self, view: StopView, planned: Reached, kind: VehicleType) -> ServiceModel:
        stop, hub, world = view.stop, view.hub, self._world
        receiver = view.region or hub or view.warehouse
        hours = "" if receiver is None else receiver.calendar
        deadline_s = None if hub is None else world.hub_deadline_s(hub)
        if view.region is not None:
            deadline_s = world.deadline_s(view.region)
        names = dict.fromkeys(item.region_id for item in stop.deliveries)
        transfer_s = 0 if hub is None else hub.transfer_fixed_s + hub.transfer_piece_s * view.load.pieces
        takers = (self._takers.get((item.consignment_id, stop.node_id)) for item in stop.deliveries)
        return ServiceModel(
            stop.start_s,
            stop.end_s - stop.start_s,
            self._hours.starts(kind.calendar, hours, stop.end_s - stop.start_s, service=True),
            planned,
            deadline_s,
            tuple(self._number_of[name] for name in names if name in self._number_of),
            transfer_s,
            () if hub is None else tuple(dict.fromkeys(one for one in takers if one is not None)),
        )


def _takers(facts: PlanFacts) -> Mapping[tuple[str, str], int]:
    """The trip, by number, that takes a consignment on from where it loads: the first one."""
    found: dict[tuple[str, str], int] = {}
    views = enumerate(facts.trips)
    for number, view in sorted(views, key=lambda one: one[1].trip.load_start_s):
        for stop in view.trip.stops:
            for item in stop.deliveries:
                found.setdefault((item.consignment_id, view.trip.origin_id), number)
    return found


def _in_order(trips: Iterable[TripModel]) -> list[TripModel]:
    """Each trip after those before it on its vehicle and dock, and those that bring its goods."""
    of = {trip.number: trip for trip in trips}
    before: dict[int, list[int]] = {number: [] for number in of}
    last: dict[object, int] = {}
    for trip in sorted(of.values(), key=lambda one: (one.load_start_s, one.load_s, one.number)):
        for shared in (trip.vehicle, trip.dock):
            if shared is not None:
                if shared in last:
                    before[trip.number].append(last[shared])
                last[shared] = trip.number
    for trip in of.values():
        for service in trip.services:
            for number in service.onward:
                before[number].append(trip.number)
    return [of[number] for number in TopologicalSorter(before).static_order()]
