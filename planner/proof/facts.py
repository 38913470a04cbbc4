"""The checker's own facts of a plan, done once and read by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from planner.base.clock import Clock
from planner.events.amend import Amended
from planner.events.kinds import ON_THE_WAY
from planner.instance.schema import Instance, Region, VehicleType
from planner.plans.model import (
    Broken,
    Component,
    Delivery,
    Leg,
    Plan,
    Proof,
    ProofKind,
    RegionStatus,
    Stop,
    Trip,
)
from planner.plans.reader import FileClaims
from planner.proof.driving import Driving
from planner.proof.evidence import Past
from planner.proof.impossibility import Flaw, flaws
from planner.proof.kit import Load
from planner.proof.paths import Walk
from planner.proof.reported import Reported
from planner.proof.taken import taken, taken_over
from planner.proof.views import LateHub, LegView, Move, StopView, TripView
from planner.proof.world import World
from planner.proof.worst.case import WorstCase, WorstCases
from planner.proof.worst.gamma import gamma_of, smallest_gamma
from planner.proof.worst.policy import Course, courses
from planner.proof.worst.stretch import Stretch, stretch_of

__all__ = ["LateHub", "LegView", "Move", "PlanFacts", "StopView", "TripView"]


class PlanFacts:
    """The checker's own view of a whole plan.

    Parameters
    ----------
    plan
        What is claimed; or a plan as it went, which says what vehicles took over from others.
    plan_clock
        The clock that the plan was written in.
    world
        What the files say.
    claims
        What the plan's file says beside the plan; None for a plan that is in no file.
    past
        What a replan is judged by beside that; None for a plan that is none.
    files
        What the files say, where `world` is of something that follows from them.
    base
        The plan that it goes on from, where it is to be compared with it.
    before
        Facts of the same world, done with: its views of the same trips are taken over.
    """

    def __init__(
        self,
        plan: Plan | Amended,
        plan_clock: Clock,
        world: World,
        claims: FileClaims | None = None,
        past: Past | None = None,
        *,
        files: Instance | None = None,
        base: Plan | None = None,
        before: PlanFacts | None = None,
    ) -> None:
        plan, self.took = (plan.plan, plan.took) if isinstance(plan, Amended) else (plan, {})
        self.plan = plan
        self.base = base
        self.claims = claims
        self.plan_clock = plan_clock
        self.world = world
        self.driving = Driving(world)
        self.past = past
        self.files = world.instance if files is None else files
        known = {} if before is None else {id(view.trip): view for view in before.trips}
        self.trips: tuple[TripView, ...] = tuple(
            known.get(id(trip)) or self._trip(trip) for trip in plan.trips
        )
        self.work_begun: dict[
            tuple[str, int], int
        ] = {}  # of it what trips have that are history or under way
        self.work: Mapping[tuple[str, int], int] = self._drive()

    def _trip(self, trip: Trip) -> TripView:
        kind = self.world.instance.vehicle_type_of.get(trip.vehicle_type)
        stops = tuple(self._stop(stop, name) for name, stop in enumerate(trip.stops, start=1))
        aboard = () if trip.broken is None else self._aboard(trip.broken)
        load = Load.total((*(view.load for view in stops), *aboard))
        last = (trip.back, None if trip.broken is None else trip.broken.leg)
        legs: list[LegView] = []
        for leg in (*(stop.leg for stop in trip.stops), *(one for one in last if one is not None)):
            legs.append(LegView(leg, len(legs) + 1, self._walk(kind, leg)))
        view = TripView(trip, kind, stops, tuple(legs), load, self.has_begun(trip))
        places = taken_over(trip, self.past) if view.begun else {}
        view.took = tuple(taken(view, self.world, self.took.get(trip.id, frozenset()), places))
        return view

    def has_begun(self, trip: Trip) -> bool:
        """Whether a trip that is said to have begun did so before the moment of the replan.

        It may be that very moment where something is reported of it.
        """
        now_s, past = self.now_s, self.past
        if not trip.begun or now_s is None or trip.load_start_s > now_s:
            return False
        return trip.load_start_s < now_s or past is None or self._told_of_now

    @cached_property
    def _told_of_now(self) -> bool:
        """Whether something that happens on the way is reported of the very moment of the replan."""
        held = () if self.past is None else self.past.held
        return any(one.begins_s == self.now_s and one.kind in ON_THE_WAY for one in held)

    def _aboard(self, broken: Broken) -> tuple[Load, ...]:
        goods = (self.world.kit.goods(one.item_id, one.quantity) for one in broken.items)
        return (*self._loads(broken.deliveries), *goods)

    def _loads(self, deliveries: Iterable[Delivery]) -> tuple[Load, ...]:
        regions = self.world.instance.region_of
        return tuple(
            self.world.kit.load(regions[item.region_id], item.part, item.first_unit, item.units)
            if item.region_id in regions
            else Load()
            for item in deliveries
        )

    @property
    def now_s(self) -> int | None:
        """The moment of a replan; None for a plan that is none."""
        return None if self.plan.replan is None else self.plan.replan.now_s

    def free(self, view: TripView, start_s: int) -> bool:
        """Whether the rules judge what begins then on a trip: in a replan no history, nothing under way.

        What begins at the very moment of the replan is over where something was reported of that moment.
        """
        now_s = self.now_s
        if self.never(view, start_s):
            return False
        if not view.begun or now_s is None or start_s != now_s or self.past is None:
            return not view.begun or now_s is None or start_s >= now_s
        return not self._told_of_now

    def is_delayed(self, view: TripView, leg: LegView) -> bool:
        """Whether a report says that a leg will take longer than its way does."""
        reports = None if self.past is None else self.past.reports.get(view.trip.id)
        return reports is not None and leg.name - 1 in reports.delays

    def never(self, view: TripView, moment_s: int) -> bool:
        """Whether what a trip under way does at a moment never happens: the horizon stands for that.

        Its way is closed for good, say, and what is aboard stays there: nobody receives it.
        """
        return view.begun and moment_s >= self.world.horizon_s

    def is_history(self, view: TripView, start_s: int) -> bool:
        """Whether physics alone judges what begins then on a trip; nothing where history is not judged."""
        judged = self.past is not None and self.past.judged
        return judged and not self.free(view, start_s) and not self.never(view, start_s)

    @cached_property
    def worlds(self) -> tuple[tuple[World, tuple[str, ...]], ...]:
        """All worlds of which one held when something of history happened, its own first.

        With each the ids of reports that only it holds, and that are not believed any more.
        """
        return ((self.world, ()), *(() if self.past is None else self.past.others))

    def least_times(self, view: TripView, leg: LegView) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the least time of a leg by each world that has its way, and the reports of that world."""
        for world, events in self.worlds:
            kind = world.instance.vehicle_type_of.get(view.trip.vehicle_type)
            time_s = None if kind is None else world.ways.walk(kind, leg.leg).time_s
            if time_s is not None:
                yield time_s, events

    @cached_property
    def reported(self) -> Reported | None:
        """What reports explain of a replan's history; None for a plan that is no replan."""
        return None if self.past is None else Reported(self.plan, self.past, self.files, self.courses)

    def explains(self, view: TripView, place: int, moment_s: int) -> tuple[str, ...]:
        """Reports by which a thing of a trip's history had ended at a moment."""
        return () if self.reported is None else self.reported.explains(view.trip.id, place, moment_s)

    def reaches(self, *views: TripView) -> tuple[str, ...] | None:
        """Reports that bear on the moments of some trips; see `Reported.reaches`."""
        return None if self.reported is None else self.reported.reaches(*(view.trip.id for view in views))

    def _stop(self, stop: Stop, name: int) -> StopView:
        regions = self.world.instance.region_of
        loads = self._loads(stop.deliveries)
        region = regions.get(stop.node_id)
        hub = self.world.hubs.get(stop.node_id) if region is None else None
        other = None
        if region is None and hub is None:
            other = self.world.instance.warehouse_of.get(stop.node_id)
        goods = Load.total(self.world.kit.goods(one.item_id, one.quantity) for one in stop.items)
        return StopView(stop, name, region, loads, hub, other, goods, self._loads(stop.fetched))

    def _walk(self, kind: VehicleType | None, leg: Leg) -> Walk:
        if kind is None:
            walk = Walk()
            walk.lost()
            return walk
        return self.world.ways.walk(kind, leg)

    def _drive(self) -> dict[tuple[str, int], int]:
        """Travel all legs, vehicle by vehicle in order of time; the work of each vehicle and day."""
        work: dict[tuple[str, int], int] = {}
        used: dict[str, dict[int, int]] = {}
        for view in sorted(self.trips, key=lambda one: (one.trip.load_start_s, one.trip.end_s)):
            if view.kind is not None:
                days = used.setdefault(view.trip.vehicle_id, {})
                self._drive_trip(view, view.kind, days)
                if view.begun:
                    self.work_begun |= {(view.trip.vehicle_id, day): days[day] for day in days}
        for vehicle, days in used.items():
            for day, seconds in days.items():
                work[vehicle, day] = seconds
        return work

    def _drive_trip(self, view: TripView, kind: VehicleType, used: dict[int, int]) -> None:
        self.driving.spend(used, ((view.trip.load_start_s, view.trip.depart_s),))
        for idx, leg in enumerate(view.legs):
            self.driving.drive(leg, kind, used, begun=view.begun)
            self.driving.spend(used, leg.driven)
            if idx < len(view.trip.stops):
                self.driving.spend(used, ((view.trip.stops[idx].start_s, view.trip.stops[idx].end_s),))

    @cached_property
    def flaws(self) -> Sequence[Sequence[Sequence[Flaw]]]:
        """What is wrong with each proof of each component; nothing where it is verified."""
        return [
            [flaws(self.world, proof, one.regions, _left_out(one, proof)) for proof in one.proofs]
            for one in self.plan.components
        ]

    def warehouse_of(self, view: TripView) -> str:
        """Whose trip it is: the warehouse it starts at; from a hub, that of its type."""
        if view.trip.origin_id in self.world.hubs:
            return view.kind.warehouse if view.kind is not None else ""
        return view.trip.origin_id

    @cached_property
    def moves(self) -> Mapping[str, Sequence[Move]]:
        """Legs of each consignment, in the order of their unloading."""
        found: dict[str, list[Move]] = {}
        for view in self.trips:
            for stop in view.stops:
                for item, load in zip(stop.stop.deliveries, stop.loads, strict=True):
                    move = Move(view, stop, item, load, self.loaded_at(view, item.consignment_id))
                    found.setdefault(item.consignment_id, []).append(move)
        return {name: sorted(moves, key=lambda one: one.stop.stop.end_s) for name, moves in found.items()}

    def loaded_at(self, view: TripView, consignment: str) -> str:
        """Where what a trip hands over was loaded, back through all that had broken down with it."""
        seen: set[str] = set()
        while view.trip.id not in seen:
            seen.add(view.trip.id)
            fetched = {item.consignment_id for stop in view.trip.stops for item in stop.fetched}
            earlier = [one for one in self.stranded.get(consignment, ()) if one is not view]
            if consignment not in fetched or not earlier:
                break
            view = earlier[0]
        return view.trip.origin_id

    @cached_property
    def stranded(self) -> Mapping[str, Sequence[TripView]]:
        """Trips that have broken down with a consignment aboard, the first one first."""
        found: dict[str, list[TripView]] = {}
        for view in sorted(self.trips, key=lambda one: one.trip.end_s):
            if view.trip.broken is not None:
                for item in view.trip.broken.deliveries:
                    found.setdefault(item.consignment_id, []).append(view)
        return found

    @cached_property
    def taken_on(self) -> Mapping[tuple[str, str], TripView]:
        """The first trip that takes a consignment on at a place, be it handed over or broken down with it."""
        found: dict[tuple[str, str], TripView] = {}
        for view in sorted(self.trips, key=lambda one: one.trip.load_start_s):
            for item in view.taken_on:
                found.setdefault((item.consignment_id, view.trip.origin_id), view)
        return found

    @cached_property
    def late_hubs(self) -> Mapping[str, LateHub]:
        """For each region of which a hub had something too late: that hub, the one most over its deadline."""
        found: dict[str, LateHub] = {}
        for view in self.trips:
            for stop in view.stops:
                deadline_s = None if stop.hub is None else self.world.hub_deadline_s(stop.hub)
                if deadline_s is None or stop.stop.end_s < deadline_s:
                    continue
                late = LateHub(stop.stop.node_id, stop.stop.end_s, deadline_s)
                for item in stop.stop.deliveries:
                    other = found.get(item.region_id)
                    if other is None or other.end_s - other.deadline_s < late.end_s - late.deadline_s:
                        found[item.region_id] = late
        return found

    def _final(self) -> Iterator[tuple[TripView, StopView]]:
        """Yield the stops that are no hubs: what is unloaded there has arrived."""
        for view in self.trips:
            for stop in view.stops:
                if stop.hub is None:
                    yield view, stop

    @cached_property
    def received(self) -> Mapping[str, int | None]:
        """Receipt of each region of the instance; None where units are missing or nothing is needed."""
        last: dict[str, int] = {}
        for view, stop in self._final():
            if self.never(view, stop.stop.end_s):
                continue
            end_s = stop.stop.end_s
            for item in stop.stop.deliveries:
                if self.world.is_waived(item.region_id, item.part, item.first_unit, item.units):
                    continue
                last[item.region_id] = max(end_s, last.get(item.region_id, end_s))
        return {
            region.id: last.get(region.id) if not self.missing(region) else None
            for region in self.world.instance.regions
        }

    @cached_property
    def runs(self) -> Mapping[tuple[str, str], list[tuple[int, int, str]]]:
        """Runs of units [first, end) of each region and part that are said to arrive, with their trip."""
        found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        for view, stop in self._final():
            for item in stop.stop.deliveries:
                run = (item.first_unit, item.first_unit + item.units, view.trip.id)
                found.setdefault((item.region_id, item.part), []).append(run)
        return {key: sorted(runs) for key, runs in found.items()}

    @cached_property
    def _stuck(self) -> Mapping[str, frozenset[str]]:
        """Trips that never come to a region to which they carry something, by region."""
        found: dict[str, set[str]] = {}
        for view, stop in self._final():
            if self.never(view, stop.stop.end_s):
                for item in stop.stop.deliveries:
                    found.setdefault(item.region_id, set()).add(view.trip.id)
        return {name: frozenset(trips) for name, trips in found.items()}

    @cached_property
    def sent(self) -> Mapping[tuple[str, str], list[tuple[int, int, str]]]:
        """The same of what warehouses send, straight or to a hub; empty where the instance has no chain."""
        found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        for view in self.trips if self.world.chained else ():
            if view.trip.origin_id not in self.world.hubs:
                for stop in view.trip.stops:
                    for item in stop.deliveries:
                        run = (item.first_unit, item.first_unit + item.units, view.trip.id)
                        found.setdefault((item.region_id, item.part), []).append(run)
        return {key: sorted(runs) for key, runs in found.items()}

    def missing(self, region: Region) -> int:
        """Units of all parts that no delivery brings to a region, or one that never comes."""
        stuck, lacking = self._stuck.get(region.id, ()), 0
        waived = self.world.instance.waived
        for part, num in self.world.kit.needs(region).items():
            runs = [run for run in self.runs.get((region.id, part), []) if run[2] not in stuck]
            lacking += num - _covered(runs, num)
            if waived:
                units = (unit for unit in range(num) if (region.id, part, unit) in waived)
                lacking -= sum(not any(first <= unit < end for first, end, _ in runs) for unit in units)
        return lacking

    def status(self, region: Region) -> RegionStatus:
        """Tell what the plan does for a region, in the checker's own facts."""
        if not self.world.is_needed(region):
            return RegionStatus.ON_TIME
        received_s = self.received[region.id]
        if received_s is None:
            return RegionStatus.UNDELIVERED
        on_time = received_s < self.world.deadline_s(region) and region.id not in self.late_hubs
        return RegionStatus.ON_TIME if on_time else RegionStatus.LATE

    @cached_property
    def courses(self) -> tuple[Course, ...]:
        """Trips with what they wait for when something is late."""
        return courses(self.world, self.trips, self.moves, self.now_s)

    @cached_property
    def gammas(self) -> Mapping[str, int]:
        """Late legs that each vehicle must withstand, by the types that drive."""
        kinds = (view.kind for view in self.trips)
        return {kind.id: gamma_of(self.plan, self.world.instance, kind) for kind in kinds if kind is not None}

    @cached_property
    def work_late_s(self) -> Mapping[str, int]:
        """So much longer may late crews work on a day, by the types that drive and have a working time."""
        kinds = (view.kind for view in self.trips)
        return {one.id: one.work_late_s for one in kinds if one is not None and one.work_s is not None}

    def gamma(self, views: Iterable[TripView], others: Iterable[VehicleType]) -> int:
        """Late legs that the vehicles of these trips must all withstand; without trips, the others."""
        driving = [view.kind for view in views if view.kind is not None]
        return smallest_gamma(self.plan, self.world.instance, driving, others)

    @cached_property
    def worst(self) -> Mapping[str, WorstCase]:
        """Worst case of each region of the plan."""
        cases = WorstCases(self.world, self.courses, [self.gammas[one.kind.id] for one in self.courses])
        found: dict[str, WorstCase] = {}
        for region in self.planned:
            if self.world.is_needed(region):
                found[region.id] = cases.of(region, delivered=self.received[region.id] is not None)
            else:
                found[region.id] = WorstCase(region.id, None, None, exact=True)
        return found

    @cached_property
    def planned(self) -> Sequence[Region]:
        """Regions of the plan's components, in the order of the files."""
        names = {name for one in self.plan.components for name in one.regions}
        return [region for region in self.world.instance.regions if region.id in names]

    @cached_property
    def stretch(self) -> Stretch:
        """What the plan withstands of longer travel and later starts."""
        return self._stretch(self.planned, self.courses)

    def stretch_among(self, regions: Iterable[Region], views: Iterable[TripView]) -> Stretch:
        """The same of some regions and trips that depend on no others."""
        return self._stretch(regions, courses(self.world, views, self.moves, self.now_s))

    def _stretch(self, regions: Iterable[Region], among: Sequence[Course]) -> Stretch:
        on_time = {one.id for one in regions if self.status(one) is RegionStatus.ON_TIME}
        limits: dict[int, list[tuple[int, int]]] = {}
        for idx, course in enumerate(among):
            for number, stop in enumerate(course.view.stops):
                meant = {item.region_id for item in stop.stop.deliveries} & on_time
                if stop.hub is not None:
                    moments = [self.world.hub_deadline_s(stop.hub)] if meant else []
                else:
                    regions_of = self.world.instance.region_of
                    moments = [self.world.deadline_s(regions_of[name]) for name in sorted(meant)]
                limits.setdefault(idx, []).extend((number, one) for one in moments if one is not None)
        return stretch_of(self.world, among, {idx: found for idx, found in limits.items() if found})


def _left_out(component: Component, proof: Proof) -> frozenset[str]:
    """Regions that stock proofs list; beside who goes without, not those that are only late."""
    return frozenset(
        name
        for one in component.proofs
        if one.kind is ProofKind.STOCK and ("before" in proof.figures or "before" not in one.figures)
        for name in one.regions
    )


def _covered(runs: list[tuple[int, int, str]], num: int) -> int:
    covered = reach = 0
    for first, end, _ in runs:
        begin, stop = max(first, reach, 0), min(end, num)
        if begin < stop:
            covered += stop - begin
            reach = stop
    return covered
