"""A plan's trips as a solution of a component: where a search goes on from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.building.stations import Given
from planner.compose.component_solution import ComponentSolution, unloadings
from planner.compose.delay_propagation import with_working_time
from planner.compose.list_scheduling import ListScheduler, Wish
from planner.compose.solution import Assignment, Solution
from planner.network.calendars import day_index
from planner.plans.model import Trip
from planner.problem.echelons import Echelons
from planner.problem.fixings import FixedTrip
from planner.problem.one_day import received
from planner.problem.problem import Lot, Problem, Route
from planner.propose.alternatives import on_every_way
from planner.propose.pool import Candidate, Pool

__all__ = ["Warm", "given_of", "seen_as", "solution_of", "vehicle_number", "with_releases"]


@dataclass(frozen=True)
class Warm:
    """What a component keeps of a plan, and the ids of the trips that it cannot drive as they are.

    Parameters
    ----------
    kept
        Echelon and assignment of each trip that it drives.
    """

    solution: ComponentSolution
    moved: tuple[str, ...]
    left_out: tuple[str, ...]
    kept: Mapping[str, tuple[int, Assignment]] = field(default_factory=dict)


def solution_of(echelons: Echelons, trips: Sequence[Trip], pools: Sequence[Pool] | None = None) -> Warm:
    """The trips of a plan as a solution: the same vehicles, docks and hours wherever these are possible.

    Parameters
    ----------
    echelons
        The component, of the same or of a changed instance.
    trips
        Of a plan; those of other components are passed over.
    pools
        Of the chain's echelons, to be used for the candidates.

    Notes
    -----
    A trip that cannot start when it did starts as soon after as it can, by the same vehicle if that is free
    (`Warm.moved`); one that carries what the component does not know, or that has no place, is left out.
    """
    pools = [Pool(echelon.problem) for echelon in echelons.each] if pools is None else pools
    parts: list[Solution] = []
    moved: list[str] = []
    left_out: list[str] = []
    kept: dict[str, tuple[int, Assignment]] = {}
    for number, echelon in enumerate(echelons.each):
        problem = echelon.problem
        if echelon.above >= 0:
            ready = {
                echelons.below[number, idx]: one.ready_s
                for one in unloadings(echelons, number, parts[echelon.above].assignments)
                for idx in one.consignments
            }
            problem = with_releases(problem, ready)
        mine = [
            one for one in trips if one.origin_id == problem.places[0] and not any(s.items for s in one.stops)
        ]
        keeper = _Keeper(problem, Pool(problem, pools[number]))
        for trip in sorted(mine, key=lambda one: (one.load_start_s, one.id)):
            found = keeper.keep(trip)
            if found is None:
                left_out.append(trip.id)
            elif found.timing.load_start_s != trip.load_start_s:
                moved.append(trip.id)
            if found is not None:
                kept[trip.id] = (number, found)
        solution = Solution(problem, with_working_time(problem, keeper.kept))
        parts.append(seen_as(solution, pools[number]))
    return Warm(ComponentSolution(echelons, tuple(parts)), tuple(moved), tuple(left_out), kept)


class _Keeper:
    """Places the trips of one echelon, one after another."""

    def __init__(self, problem: Problem, pool: Pool) -> None:
        self._problem = problem
        self._pool = pool
        self._scheduler = ListScheduler(problem)
        self._vehicles = {
            kind.vehicle_id(vehicle): (fleet, vehicle)
            for fleet, kind in enumerate(problem.fleet)
            for vehicle in range(kind.number)
        }
        self._known = {
            _key(problem, idx, problem.places[problem.place(one.region)]): idx
            for idx, one in enumerate(problem.consignments)
        }
        self._taken: set[int] = set(problem.unserved)
        self.kept: list[Assignment] = []

    def keep(self, trip: Trip) -> Assignment | None:
        """A trip as it was, or as near to it as can be; None where it has no place."""
        fleet, vehicle = self._vehicles.get(trip.vehicle_id, (None, None))
        one = None if fleet is None else self._candidate(trip, fleet)
        if one is None or vehicle is None:
            return None
        timing = one.timing_at(self._problem, trip.load_start_s)
        found = None
        if timing is not None:
            found = self._scheduler.take_if_free(one, timing, vehicle, trip.dock - 1)
        if found is None:
            found = next(iter(self._scheduler.place(one, wish=Wish(trip.load_start_s, vehicle))), None)
        if found is not None:
            self._taken.update(one.route.consignments)
            self.kept.append(found)
        return found

    def _candidate(self, trip: Trip, fleet: int) -> Candidate | None:
        """The candidate of a trip, by the ways on which it is driven as it was if there are such."""
        keys = [
            (one.region_id, one.part, one.first_unit, one.units, stop.node_id)
            for stop in trip.stops
            for one in stop.deliveries
        ]
        if not keys:
            return None  # a transfer between warehouses
        order = tuple(self._known[key] for key in keys if key in self._known)
        if len(order) < len(keys) or not self._taken.isdisjoint(order):
            return None
        route = Route(fleet, order)
        able = [one for one in self._pool.add(on_every_way(self._problem, route)) if one is not None]
        return min(able, key=lambda one: self._unlike(one, trip), default=None)

    def _unlike(self, one: Candidate, trip: Trip) -> tuple[bool, bool, bool]:
        """Whether a trip of a plan ends at another moment, has other services, and costs something else."""
        timing = one.timing_at(self._problem, trip.load_start_s)
        if timing is None:
            return True, True, True
        services = tuple((stop.start_s, stop.end_s) for stop in trip.stops)
        cost = one.cost(self._problem.fleet[one.route.fleet], timing)
        return timing.end_s != trip.end_s, timing.services != services, cost != trip.cost


def given_of(
    trips: Sequence[Trip], fixed: Collection[str], closed_vehicles: Collection[tuple[str, int]]
) -> Given:
    """What a component's echelons take over so that trips may stay: their vehicles apart, and their runs.

    Parameters
    ----------
    trips, fixed
        Trips of a plan, and the ids of those that stay.
    closed_vehicles
        Vehicles, by type and number, that get no further trips.
    """
    staying = [one for one in trips if one.id in fixed]
    vehicles = {(one.vehicle_type, vehicle_number(one)) for one in staying}.union(closed_vehicles)
    regions = {item.region_id for one in staying for stop in one.stops for item in stop.deliveries}
    runs: dict[tuple[str, str], dict[tuple[int, int], str]] = {}
    for one in trips:
        for stop in one.stops:
            for item in stop.deliveries:
                if item.region_id in regions:
                    mine = runs.setdefault((item.region_id, item.part), {})
                    mine[item.first_unit, item.units] = item.consignment_id
    return Given(
        tuple(sorted(vehicles)),
        {key: [(name, *run) for run, name in sorted(mine.items())] for key, mine in runs.items()},
    )


def _key(problem: Problem, idx: int, node: str) -> tuple[str, str, int, int, str]:
    """What makes a consignment the same in a plan: its region, part, units and where it is handed over."""
    one = problem.consignments[idx]
    return (one.for_region or node, one.part, one.first_unit, one.units, node)


def vehicle_number(trip: Trip) -> int:
    """Number of a trip's vehicle within its type, from 1; 0 for a name that has none."""
    number = trip.vehicle_id.removeprefix(f"{trip.vehicle_type}-")
    return int(number) if number.isdecimal() else 0


def with_releases(problem: Problem, ready: Mapping[int, int]) -> Problem:
    """The problem with the hours at which its goods can be loaded; what does not come cannot be served."""
    return replace(
        problem,
        consignments=tuple(
            replace(one, release_s=ready.get(idx, one.release_s))
            for idx, one in enumerate(problem.consignments)
        ),
        unserved=problem.unserved | {idx for idx in problem.served if idx not in ready},
    )


def seen_as(part: Solution, pool: Pool) -> Solution:
    """The same trips as candidates of another pool of the echelon, which has no fewer hours for them."""
    found = []
    for one in part.assignments:
        trip = pool.add([one.candidate.route])[0]
        assert trip is not None
        trip.timing_at(pool.problem, one.timing.load_start_s)
        found.append(replace(one, candidate=trip))
    return Solution(pool.problem, tuple(found))


def with_fixed(
    echelons: Echelons,
    trips: Sequence[Trip],
    fixed: Collection[str],
    closed_vehicles: Collection[tuple[str, int]],
) -> Echelons:
    """The component with trips of a plan that stay as they are, and vehicles that get no further ones.

    Parameters
    ----------
    echelons
        The component.
    trips, fixed
        Trips of the plan, and the ids of those that stay.
    closed_vehicles
        Vehicles that get no further trips, by type and number (from 1).

    Raises
    ------
    ValueError
        Naming trips that cannot be driven as they are.
    """
    warm = solution_of(echelons, trips)
    lost = [name for name in sorted(fixed) if name not in warm.kept or name in warm.moved]
    if lost:
        msg = f"cannot stay as they are: {', '.join(lost)}"
        raise ValueError(msg)
    each = []
    for number, echelon in enumerate(echelons.each):
        mine = [one for name, (at, one) in warm.kept.items() if at == number and name in fixed]
        problem, days = echelon.problem, dict[Lot, set[int]]()
        for one in mine:
            for lot, end_s in received(problem, one.candidate.stops, one.timing):
                days.setdefault(lot, set()).add(day_index(problem.midnights, end_s))
        fixings = replace(
            problem.fixings,
            fixed_trips=tuple(_fixed_trip(one) for one in mine),
            closed_types=frozenset(
                fleet
                for fleet, kind in enumerate(problem.fleet)
                if kind.number == 1 and (kind.id, kind.vehicle_numbers[0]) in closed_vehicles
            ),
        )
        several = {region for (region, _), theirs in days.items() if len(theirs) > 1}
        problem = replace(
            problem,
            fixings=fixings,
            one_day=problem.one_day - several,  # as the plan has it
            days={lot: min(theirs) for lot, theirs in days.items() if lot[0] not in several},
        )
        each.append(replace(echelon, problem=problem))
    return replace(echelons, each=tuple(each))


def _fixed_trip(one: Assignment) -> FixedTrip:
    """A trip as it is."""
    route, timing = one.candidate.route, one.timing
    by = tuple(one.value for one in route.by)
    return FixedTrip(route.fleet, route.consignments, by, timing.load_start_s, timing.free_s, one.dock)
