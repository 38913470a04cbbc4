"""CP-SAT gives chosen trips to named vehicles: explicit chains, working time and docks, at least cost."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.compose.roster import Docks
from planner.compose.solution import Assignment, Solution, days_of
from planner.compose.variants import Variant, limit_loads, variants_of
from planner.problem import FleetType, Problem
from planner.propose.pool import Candidate

__all__ = ["ExplicitModel", "assign_explicitly"]


class ExplicitModel:
    """Every trip once, on one vehicle of its type, within one of its variants."""

    def __init__(self, problem: Problem, trips: Sequence[Candidate]) -> None:
        self.problem = problem
        self.trips = list(trips)
        self.variants = variants_of(problem, self.trips, with_late=False)
        self.model = cp_model.CpModel()
        self.start = [
            self.model.new_int_var(one.low_s, one.high_s, f"s{idx}") for idx, one in enumerate(self.variants)
        ]
        self.chosen: dict[tuple[int, int], cp_model.IntVar] = {}  # (variant, vehicle)
        self.used: list[cp_model.IntVar] = []  # of each variant
        self._choices()
        self._docks()
        limit_loads(self.model, problem, self.trips, list(zip(self.variants, self.used, strict=True)))
        self.cost = self._chains()

    def _choices(self) -> None:
        of_trip: dict[int, list[cp_model.IntVar]] = {number: [] for number in range(len(self.trips))}
        for idx, variant in enumerate(self.variants):
            for vehicle in range(self._vehicles(variant)):
                var = self.model.new_bool_var(f"w{idx}v{vehicle}")
                self.chosen[idx, vehicle] = var
                of_trip[variant.candidate].append(var)
        for literals in of_trip.values():
            self.model.add_exactly_one(literals)

    def _trips_of(self, fleet: int) -> int:
        return sum(one.route.fleet == fleet for one in self.trips)

    def _vehicles(self, variant: Variant) -> int:
        """Vehicles of the variant's type that may be of use: no more than the type has trips."""
        return min(self._kind(variant).number, self._trips_of(self.trips[variant.candidate].route.fleet))

    def _kind(self, variant: Variant) -> FleetType:
        return self.problem.fleet[self.trips[variant.candidate].route.fleet]

    def _docks(self) -> None:
        loads: list[list[cp_model.IntervalVar]] = [[] for _ in self.problem.origins]
        for idx, variant in enumerate(self.variants):
            used = self.model.new_bool_var(f"x{idx}")
            self.used.append(used)
            self.model.add(
                sum(self.chosen[idx, vehicle] for vehicle in range(self._vehicles(variant))) == used
            )
            length = variant.timing.depart_s - variant.timing.load_start_s
            loads[self._kind(variant).origin].append(
                self.model.new_optional_fixed_size_interval_var(self.start[idx], length, used, f"d{idx}")
            )
        for origin, there in zip(self.problem.origins, loads, strict=True):
            self.model.add_cumulative(there, [1] * len(there), origin.docks)

    def _chains(self) -> cp_model.LinearExprT:
        """No overlap, number of trips and working time of each vehicle; gives the cost."""
        terms: list[cp_model.LinearExprT] = []
        for (idx, _), var in self.chosen.items():
            terms.append(self.variants[idx].cost * var)
        for fleet, kind in enumerate(self.problem.fleet):
            mine = [
                idx for idx, one in enumerate(self.variants) if self.trips[one.candidate].route.fleet == fleet
            ]
            before: cp_model.IntVar | None = None
            for vehicle in range(min(kind.number, self._trips_of(fleet))) if mine else ():
                used = self._one_chain(fleet, vehicle, mine, terms)
                if before is not None:
                    self.model.add_implication(used, before)
                before = used
        return sum(terms)

    def _one_chain(
        self, fleet: int, vehicle: int, mine: Sequence[int], terms: list[cp_model.LinearExprT]
    ) -> cp_model.IntVar:
        kind = self.problem.fleet[fleet]
        used = self.model.new_bool_var(f"u{fleet}v{vehicle}")
        terms.append(kind.prices.vehicle * used)
        intervals: list[cp_model.IntervalVar] = []
        by_day: dict[int, list[int]] = {}
        for idx in mine:
            one, var = self.variants[idx], self.chosen[idx, vehicle]
            self.model.add_implication(var, used)
            length = one.timing.end_s - one.timing.load_start_s
            if kind.open_end:
                length = self.problem.horizon_s - one.low_s
            intervals.append(
                self.model.new_optional_fixed_size_interval_var(
                    self.start[idx], length, var, f"i{idx}v{vehicle}"
                )
            )
            for day in days_of(self.problem, one.timing):
                by_day.setdefault(day, []).append(idx)
        self.model.add_no_overlap(intervals)
        if kind.max_trips is not None:
            self.model.add(sum(self.chosen[idx, vehicle] for idx in mine) <= kind.max_trips)
        for day, there in by_day.items():
            on_day = self.model.new_bool_var(f"u{fleet}v{vehicle}d{day}")
            terms.append(kind.prices.day * on_day)
            for idx in there:
                self.model.add_implication(self.chosen[idx, vehicle], on_day)
            if kind.work_s is not None:
                work = [dict(self.variants[idx].timing.work).get(day, 0) for idx in there]
                parts = [part * self.chosen[idx, vehicle] for part, idx in zip(work, there, strict=True)]
                self.model.add(sum(parts) <= kind.work_s)
        return used

    def hint(self, solution: Solution) -> None:
        """Start from a solution of these trips."""
        position = {id(trip): number for number, trip in enumerate(self.trips)}
        wanted = {position.get(id(one.candidate)): one for one in solution.assignments}
        for (idx, vehicle), var in self.chosen.items():
            one, at = self.variants[idx], wanted.get(self.variants[idx].candidate)
            here = (
                at is not None and at.vehicle == vehicle and one.low_s <= at.timing.load_start_s <= one.high_s
            )
            self.model.add_hint(var, here)
            if here and at is not None:
                self.model.add_hint(self.start[idx], at.timing.load_start_s)

    def solution(self, solver: cp_model.CpSolver) -> Solution:
        """The solver's solution; docks are named in the order of loading."""
        found: list[Assignment] = []
        docks = [Docks(origin.docks) for origin in self.problem.origins]
        picked = [
            (solver.value(self.start[idx]), idx, vehicle)
            for (idx, vehicle), var in self.chosen.items()
            if solver.value(var)
        ]
        for start, idx, vehicle in sorted(picked):
            one = self.variants[idx]
            trip = self.trips[one.candidate]
            timing = one.timing if start == one.low_s else trip.rigid_timing(self.problem, start)
            origin = self._kind(one).origin
            dock = docks[origin].free(timing)
            assert dock is not None  # no more load at once than there are docks
            docks[origin].occupy(dock, timing)
            found.append(Assignment(trip, timing, vehicle, dock))
        return Solution(self.problem, tuple(found))


def assign_explicitly(
    problem: Problem, trips: Sequence[Candidate], hint: Solution, solver: cp_model.CpSolver
) -> Solution | None:
    """Cheapest solution found that drives exactly these trips, all on time; None where none was found."""
    model = ExplicitModel(problem, trips)
    model.hint(hint)
    model.model.minimize(model.cost)
    if solver.solve(model.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return model.solution(solver)
