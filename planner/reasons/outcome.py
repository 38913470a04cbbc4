"""From a composed solution to the parts of a plan: trips with their ways, regions with their reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from planner.compose.component_solution import ComponentSolution
from planner.compose.slack import latest_starts
from planner.compose.solution import Assignment
from planner.network.timed import TimedWay
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Proof,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Status,
    Stop,
    StopReason,
    Trip,
)
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import Visit
from planner.reasons.legs import reason_in_chain
from planner.reasons.regions import late_stock_proofs

__all__ = ["Outcome", "leg_of", "outcome_of", "outcome_of_nothing", "status_of", "stops_of", "trip_of"]


@dataclass(frozen=True)
class Outcome:
    """What was found for one component, as it stands in a plan.

    Parameters
    ----------
    component, trips, regions
        As in the plan.
    is_promised
        Whether the search promises that everybody is on time of whom the contrary is not proven.
    sure_s
        Of each trip, by its id, when its services have ended for sure, whatever legs are late.
    latest_s
        Of each trip from the warehouse, how late it could begin; only where that is asked for.
    promising
        The best that was found by a search that promises as much as was asked, where somebody is late in it
        who is on time here.
    """

    component: Component
    trips: tuple[Trip, ...]
    regions: tuple[RegionResult, ...]
    is_promised: bool = False
    sure_s: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    latest_s: Mapping[str, int] = field(default_factory=dict)
    promising: Outcome | None = None

    @property
    def smallest_margin_s(self) -> int | None:
        """Smallest margin of the regions that receive."""
        return min((one.margin_s for one in self.regions if one.margin_s is not None), default=None)

    @property
    def regions_planned(self) -> int:
        """Regions that receive everything."""
        return sum(one.status is not RegionStatus.UNDELIVERED for one in self.regions)


def outcome_of(
    found: ComponentSolution,
    *,
    stop_reason: StopReason,
    lower_bound: int | None,
    with_latest: bool = False,
) -> Outcome:
    """The parts of a plan for a solution.

    Parameters
    ----------
    found
        The solution.
    stop_reason
        Why the search ended.
    lower_bound
        Of the cost; it is told only where every region receives what it needs.
    with_latest
        Whether to say how late the trips from the warehouse could begin.
    """
    proofs = (*found.echelons.root.proofs, *late_stock_proofs(found))
    parts = tuple(
        replace(one, problem=replace(one.problem, proofs=proofs))
        if len(proofs) > len(one.problem.proofs)
        else one
        for one in found.parts
    )
    found = replace(found, parts=parts)
    order = sorted(
        found.assignments,
        key=lambda pair: (
            pair[1].timing.load_start_s,
            pair[0],
            pair[1].candidate.route.fleet,
            pair[1].vehicle,
        ),
    )
    root = found.echelons.root
    trips = tuple(
        trip_of(found.parts[echelon].problem, one, f"{root.id}/{number:03d}")
        for number, (echelon, one) in enumerate(order, start=1)
    )
    regions = tuple(_region(found, name) for name in found.echelons.regions)
    return Outcome(
        Component(
            id=root.id,
            status=status_of(proofs, trips, regions),
            stop_reason=stop_reason,
            regions=tuple(found.echelons.regions),
            cost=found.cost,
            lower_bound=None
            if any(one.status is RegionStatus.UNDELIVERED for one in regions)
            else lower_bound,
            proofs=proofs,
        ),
        trips,
        regions,
        is_promised=found.all_on_time,
        latest_s=_latest_starts(found, order) if with_latest else {},
        sure_s={trip.id: one.timing.promised_s for trip, (_, one) in zip(trips, order, strict=True)},
    )


def _latest_starts(found: ComponentSolution, order: Sequence[tuple[int, Assignment]]) -> dict[str, int]:
    """How late each trip from the warehouse could begin, by the name it has in this order."""
    root = found.parts[0]
    latest = {id(one): moment for one, moment in zip(root.assignments, latest_starts(root), strict=True)}
    return {
        f"{root.problem.id}/{number:03d}": latest[id(one)]
        for number, (echelon, one) in enumerate(order, start=1)
        if not echelon
    }


def outcome_of_nothing(
    warehouse_id: str,
    regions: Sequence[str],
    deadlines: Sequence[int],
    *,
    needing: Collection[str],
    reason: ReasonCode,
    params: Mapping[str, str],
    stop_reason: StopReason,
) -> Outcome:
    """An outcome for a component that has none (yet).

    Parameters
    ----------
    warehouse_id
        Id of the component.
    regions, deadlines
        Ids of its regions, and the deadline of each in seconds.
    needing
        Ids of those that need something.
    reason, params
        Key of why they get nothing, and what its text needs.
    stop_reason
        Why the search ended.
    """
    results = tuple(
        RegionResult(region, RegionStatus.UNDELIVERED, None, deadline, reason, params)
        if region in needing
        else RegionResult(region, RegionStatus.ON_TIME, None, deadline)
        for region, deadline in zip(regions, deadlines, strict=True)
    )
    status = Status.NOT_FOUND if needing else Status.ON_TIME
    return Outcome(Component(warehouse_id, status, stop_reason, tuple(regions), 0, None), (), results)


def status_of(proofs: Sequence[Proof], trips: Sequence[Trip], regions: Sequence[RegionResult]) -> Status:
    """Answer for a component, as the search may give it."""
    if proofs:
        return Status.IMPOSSIBLE
    if all(one.status is RegionStatus.ON_TIME for one in regions):
        return Status.ON_TIME
    return Status.LATE if trips else Status.NOT_FOUND


def _region(found: ComponentSolution, name: str) -> RegionResult:
    number, stop = found.echelons.regions[name]
    problem = found.echelons.each[number].problem
    deadline = problem.region_deadlines[stop]
    got = found.received[name]
    if not problem.consignments_of[stop]:
        return RegionResult(name, RegionStatus.ON_TIME, None, deadline)
    received = got.received_s
    if received is not None and received < deadline and got.hub_over_s <= 0:
        return RegionResult(name, RegionStatus.ON_TIME, received, deadline)
    reason, params = reason_in_chain(found, name)
    status = RegionStatus.UNDELIVERED if received is None else RegionStatus.LATE
    return RegionResult(name, status, received, deadline, reason, params)


def trip_of(problem: Problem, one: Assignment, name: str) -> Trip:
    """A trip as it stands in a plan."""
    kind, timing = problem.kind_of(one.candidate.route), one.timing
    loads = [problem.consignments[idx] for idx in one.candidate.route.consignments]
    stops, back = stops_of(problem, kind, timing, one.candidate.stops, kind.origin)
    return Trip(
        id=name,
        vehicle_id=kind.vehicle_id(one.vehicle),
        vehicle_type=kind.id,
        origin_id=problem.places[kind.origin],
        dock=one.dock + 1,
        load_start_s=timing.load_start_s,
        depart_s=timing.depart_s,
        stops=stops,
        back=back,
        end_s=timing.end_s,
        mass_g=sum(load.mass_g for load in loads),
        volume_cm3=sum(load.volume_cm3 for load in loads),
        pieces=sum(load.pieces for load in loads),
        distance_m=one.candidate.distance_m + timing.further_m,
        paid_s=timing.paid_s,
        cost=one.candidate.cost(kind, timing),
    )


def stops_of(
    problem: Problem, kind: FleetType, timing: Timing, visits: Sequence[Visit], here: int
) -> tuple[tuple[Stop, ...], Leg | None]:
    """Stops as they stand in a plan, and the way home.

    Parameters
    ----------
    problem, kind
        The problem, and a vehicle type of it.
    timing, visits
        The times of the legs and services, and what is handed over.
    here
        Number of the place where the first leg begins.
    """
    ways = timing.ways or (None,) * len(timing.legs)
    places = [here, *(problem.place(stop.region) for stop in visits)]
    legs = [
        leg_of(problem, kind, ends, when, way)
        for ends, when, way in zip(pairwise(places), timing.legs, ways, strict=False)
    ]
    home = (places[-1], kind.origin)
    back = None if kind.open_end else leg_of(problem, kind, home, timing.legs[-1], ways[-1])
    stops = tuple(
        Stop(
            node_id=problem.places[problem.place(visit.region)],
            leg=leg,
            start_s=start,
            end_s=end,
            deliveries=tuple(_delivery(problem, idx) for idx in visit.consignments),
        )
        for visit, leg, (start, end) in zip(visits, legs, timing.services, strict=True)
    )
    return stops, back


def _delivery(problem: Problem, idx: int) -> Delivery:
    one = problem.consignments[idx]
    return Delivery(
        consignment_id=one.id,
        region_id=one.for_region or problem.places[problem.place(one.region)],
        part=one.part,
        first_unit=one.first_unit,
        units=one.units,
        mass_g=one.mass_g,
        volume_cm3=one.volume_cm3,
        pieces=one.pieces,
    )


def leg_of(
    problem: Problem, kind: FleetType, ends: tuple[int, int], when: tuple[int, int], way: TimedWay | None
) -> Leg:
    """A leg between two places of a problem.

    Parameters
    ----------
    problem, kind
        The problem, and a vehicle type of it.
    ends, when
        Numbers of both places; departure and arrival, in seconds.
    way
        The way taken; None: the least-time way.

    Raises
    ------
    ValueError
        If that is to be taken and there is none.
    """
    return Leg(
        from_node=problem.places[ends[0]],
        to_node=problem.places[ends[1]],
        depart_s=when[0],
        arrive_s=when[1],
        distance_m=kind.distance_between(*ends) if way is None else way.distance_m,
        path=kind.path(*ends) if way is None else way.path,
    )
