"""CP-SAT gives chosen trips to named vehicles: explicit chains, working time and docks, at least cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ortools.sat.python import cp_model

from planner.compose.delay_model import DelayModel
from planner.compose.delay_propagation import with_working_time
from planner.compose.list_scheduling import stays
from planner.compose.options import Option, options_of
from planner.compose.rules import cost, docks, exactly_once, outage, split, stock, vehicle_overlap, work_limit
from planner.compose.solution import Solution, days_of
from planner.compose.variants import variants_of
from planner.compose.vehicle_naming import NamingFailedError, at_docks, runs_of, with_delays_propagated
from planner.problem.problem import Problem
from planner.propose.pool import Candidate

__all__ = ["ExplicitModel", "assign_explicitly"]


class ExplicitModel:
    """Every trip once, on one vehicle of its type, within one of its variants.

    What overlaps (`planner.compose.delay_propagation`) in the base may do so again, and perhaps more.
    """

    def __init__(
        self, problem: Problem, trips: Sequence[Candidate], base: Solution, *, propagate_more: bool = True
    ) -> None:
        self.problem = problem
        self.trips = list(trips)
        self.variants = variants_of(problem, self.trips, with_late=False)
        self.model = cp_model.CpModel()
        self.options = options_of(self.model, self.trips, self.variants)
        self.chosen: dict[tuple[int, int], Option] = {}  # by variant and vehicle
        self._choices()
        most = max((self._num_vehicles(fleet) for fleet in range(len(problem.fleet))), default=1)
        self._delays = DelayModel(
            self.model, problem, self.options, base, for_each=max(1, most) if propagate_more else 0
        )
        self._overlap_on_one_vehicle()
        docks.limit_docks(self.model, problem, self.options, self._delays.loaded_until)
        stock.limit_loads(self.model, problem, self.options)
        split.one_day(
            self.model, problem.midnights, split.receipts(problem, self.options), split.given(problem)
        )
        self._days: list[tuple[int, cp_model.IntVar]] = []
        self._vehicles: list[tuple[int, cp_model.IntVar]] = []
        self._fleet()
        driven = cost.cost_of(problem, self.options, days=self._days, vehicles=self._vehicles, missing={})
        self.cost = sum([driven, cost.region_nights(self.model, problem, self.options)])

    def _choices(self) -> None:
        """Every trip once, by one vehicle."""
        of_trip: dict[int, list[cp_model.IntVar]] = {number: [] for number in range(len(self.trips))}
        for idx, one in enumerate(self.options):
            by_vehicle = []
            for vehicle in range(self._num_vehicles(one.fleet)):
                by_vehicle.append(self.model.new_bool_var(f"w{idx}v{vehicle}"))
                self.chosen[idx, vehicle] = replace(one, used=by_vehicle[-1])
            self.model.add(sum(by_vehicle) == one.used)
            of_trip[one.variant.candidate] += by_vehicle
        exactly_once.once(self.model, of_trip)

    def _overlap_on_one_vehicle(self) -> None:
        for link in self._delays.links:
            for vehicle in range(self._num_vehicles(self.options[link.before].fleet)):
                before, after = (self.chosen[idx, vehicle].used for idx in (link.before, link.after))
                self.model.add(before == after).only_enforce_if(link.used)

    def _num_vehicles(self, fleet: int) -> int:
        """Vehicles of a type that may be of use: no more than it has trips, unless some are out of use."""
        num_trips = sum(one.route.fleet == fleet for one in self.trips)
        kind = self.problem.fleet[fleet]
        return kind.number if kind.out and num_trips else min(kind.number, num_trips)

    def _fleet(self) -> None:
        for fleet in range(len(self.problem.fleet)):
            mine = [idx for idx, one in enumerate(self.options) if one.fleet == fleet]
            before: cp_model.IntVar | None = None
            for vehicle in range(self._num_vehicles(fleet)) if mine else ():
                used = self._vehicle(fleet, vehicle, mine)
                if before is not None and not self.problem.fleet[fleet].out:
                    self.model.add_implication(used, before)
                before = used

    def _vehicle(self, fleet: int, vehicle: int, numbers: Sequence[int]) -> cp_model.IntVar:
        """What one vehicle may drive; gives whether it is used."""
        kind, name = self.problem.fleet[fleet], f"{fleet}v{vehicle}"
        mine = [self.chosen[idx, vehicle] for idx in numbers]
        until = {
            position: self._delays.busy_until[idx]
            for position, idx in enumerate(numbers)
            if idx in self._delays.busy_until
        }
        used = self.model.new_bool_var(f"u{name}")
        self._vehicles.append((fleet, used))
        by_day: dict[int, list[Option]] = {}
        for one in mine:
            self.model.add_implication(one.used, used)
            for day in days_of(self.problem, one.variant.timing):
                by_day.setdefault(day, []).append(one)
        busy = vehicle_overlap.driving(self.model, self.problem, mine, name, until)
        vehicle_overlap.at_once(self.model, [*busy, *outage.away(self.model, kind, vehicle)], 1)
        vehicle_overlap.limit_trips(self.model, kind, mine, 1)
        for day, there in by_day.items():
            on_day = self.model.new_bool_var(f"u{name}d{day}")
            self._days.append((fleet, on_day))
            for one in there:
                self.model.add_implication(one.used, on_day)
            work_limit.limit_work(self.model, kind, day, there, 1)
        return used

    def hint(self, solution: Solution) -> None:
        """Start from a solution of these trips."""
        position = {id(trip): number for number, trip in enumerate(self.trips)}
        wanted = {position.get(id(one.candidate)): one for one in solution.assignments}
        starts: dict[int, int] = {}
        for (idx, vehicle), option in self.chosen.items():
            one, at = self.variants[idx], wanted.get(self.variants[idx].candidate)
            here = (
                at is not None and at.vehicle == vehicle and one.low_s <= at.timing.load_start_s <= one.high_s
            )
            self.model.add_hint(option.used, here)
            if here and at is not None:
                self.model.add_hint(option.start, at.timing.load_start_s)
                starts[idx] = at.timing.load_start_s
        self._delays.hint(starts, solution)

    def solution(self, solver: cp_model.CpSolver) -> Solution:
        """The solver's solution; docks are named in the order of loading. Raises NamingFailedError."""
        picked = [
            (solver.value(one.start), idx, vehicle)
            for (idx, vehicle), one in self.chosen.items()
            if solver.value(one.used)
        ]
        picked.sort(key=lambda one: (not stays(self.problem, self.options[one[1]].trip), one))
        chosen = [
            (self.options[idx].trip, self.options[idx].timing_from(self.problem, start_s))
            for start_s, idx, _ in picked
        ]
        position = {idx: number for number, (_, idx, _) in enumerate(picked)}
        follows = self._delays.follows(solver)
        runs = runs_of(len(picked), {position[idx]: position[before] for idx, before in follows.items()})
        chosen = with_delays_propagated(self.problem, chosen, runs)
        found = at_docks(self.problem, chosen, (vehicle for _, _, vehicle in picked))
        return Solution(self.problem, with_working_time(self.problem, found))


def assign_explicitly(
    problem: Problem,
    trips: Sequence[Candidate],
    hint: Solution,
    solver: cp_model.CpSolver,
    *,
    propagate_more: bool = True,
) -> Solution | None:
    """Cheapest solution found that drives exactly these trips, all on time; None where none was found.

    Parameters
    ----------
    problem, trips
        The echelon, and its trips.
    hint
        A solution of them to begin from.
    solver
        With its limits set.
    propagate_more
        Whether trips may overlap (`planner.compose.delay_propagation`) that do not in the hint.
    """
    model = ExplicitModel(problem, trips, hint, propagate_more=propagate_more)
    model.hint(hint)
    model.model.minimize(model.cost)
    if solver.solve(model.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    try:
        return model.solution(solver)
    except NamingFailedError:
        return None
