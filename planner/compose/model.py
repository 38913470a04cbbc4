"""CP-SAT picks trips from the pool and gives them days and hours.

Each candidate enters as timed variants: an interval of starts on one day within which all its offsets are
constant, or a single start where it waits or pauses. Identical vehicles are one cumulative resource first;
naming (`planner.compose.naming`) is a second step, and where it fails a cut goes back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from ortools.sat.python import cp_model

from planner.compose.explicit import assign_explicitly
from planner.compose.naming import NamingFailedError, name_resources
from planner.compose.roster import schedule_all
from planner.compose.solution import Solution, days_of
from planner.compose.variants import Variant, limit_loads, variants_of
from planner.problem import Problem
from planner.propose.engine import Budget
from planner.propose.pool import Candidate
from planner.schedule import Timing

__all__ = ["PickingModel", "compose", "cp_solver"]

_DETERMINISTIC_S_PER_EFFORT = 1.0
_NAMING_TRIES = 4
_PICKING_SHARE = 0.6
_LEAST_S = 0.2
Hear = Callable[[Solution], None]


class PickingModel:
    """The model of one layer over some candidates; several layers may share one CP-SAT model."""

    def __init__(
        self,
        problem: Problem,
        candidates: Sequence[Candidate],
        *,
        with_late: bool,
        model: cp_model.CpModel | None = None,
        variants: Sequence[Variant] | None = None,
        optional: Collection[int] = (),
    ) -> None:
        self.problem = problem
        self.candidates = list(candidates)
        self.variants = list(
            variants_of(problem, self.candidates, with_late=with_late) if variants is None else variants
        )
        self.model = cp_model.CpModel() if model is None else model
        self.used = [self.model.new_bool_var(f"x{idx}") for idx in range(len(self.variants))]
        self.start = [
            self.model.new_int_var(one.low_s, one.high_s, f"s{idx}") for idx, one in enumerate(self.variants)
        ]
        self.missing: dict[int, cp_model.IntVar] = {}
        self.away: dict[int, cp_model.IntVar] = {idx: self.model.new_bool_var(f"a{idx}") for idx in optional}
        self.fleet_size: dict[tuple[int, int], cp_model.IntVar] = {}
        self.vehicles: dict[int, cp_model.IntVar] = {}
        self._cover(with_late=with_late)
        self._fleet()
        self._docks()
        pairs = list(zip(self.variants, self.used, strict=True))
        limit_loads(self.model, problem, self.candidates, pairs)

    def _cover(self, *, with_late: bool) -> None:
        """Every consignment once, or it goes another way.

        It may be missing where not all can be on time, or for its prize.
        """
        holds: dict[int, list[cp_model.IntVar]] = {idx: [] for idx in self.problem.served}
        for variant, var in zip(self.variants, self.used, strict=True):
            for idx in self.candidates[variant.candidate].route.consignments:
                holds[idx].append(var)
        for idx, literals in holds.items():
            if with_late or idx in self.problem.prizes:
                self.missing[idx] = self.model.new_bool_var(f"m{idx}")
                literals.append(self.missing[idx])
            if idx in self.away:
                literals.append(self.away[idx])
            self.model.add_exactly_one(literals)

    def _fleet(self) -> None:
        """No more trips at once than vehicles; the day's number is paid, its working time kept on average."""
        by_day: dict[tuple[int, int], list[int]] = {}
        intervals: list[cp_model.IntervalVar] = []
        for idx, variant in enumerate(self.variants):
            fleet = self.candidates[variant.candidate].route.fleet
            length = variant.timing.end_s - variant.timing.load_start_s
            # an open end keeps the vehicle to the horizon's end
            if self.problem.fleet[fleet].open_end:
                length = self.problem.horizon_s - variant.low_s
            intervals.append(
                self.model.new_optional_fixed_size_interval_var(
                    self.start[idx], length, self.used[idx], f"v{idx}"
                )
            )
            for day in days_of(self.problem, variant.timing):
                by_day.setdefault((fleet, day), []).append(idx)
        for fleet, kind in enumerate(self.problem.fleet):
            self.vehicles[fleet] = self.model.new_int_var(0, kind.number, f"n{fleet}")
            mine = [
                idx
                for idx, one in enumerate(self.variants)
                if self.candidates[one.candidate].route.fleet == fleet
            ]
            if mine:
                self.model.add_cumulative(
                    [intervals[idx] for idx in mine], [1] * len(mine), self.vehicles[fleet]
                )
            if (
                mine and kind.max_trips is not None
            ):  # of all vehicles together; of each one, naming sees to it
                most = kind.max_trips * self.vehicles[fleet]
                self.model.add(sum(self.used[idx] for idx in mine) <= most)
        for (fleet, day), mine in by_day.items():
            kind = self.problem.fleet[fleet]
            size = self.model.new_int_var(0, kind.number, f"n{fleet}d{day}")
            self.fleet_size[fleet, day] = size
            self.model.add(size <= self.vehicles[fleet])
            self.model.add_cumulative([intervals[idx] for idx in mine], [1] * len(mine), size)
            if kind.work_s is not None:
                work = [dict(self.variants[idx].timing.work).get(day, 0) for idx in mine]
                terms = [part * self.used[idx] for part, idx in zip(work, mine, strict=True)]
                self.model.add(sum(terms) <= kind.work_s * size)

    def _docks(self) -> None:
        loads: list[list[cp_model.IntervalVar]] = [[] for _ in self.problem.origins]
        for idx, variant in enumerate(self.variants):
            kind = self.problem.fleet[self.candidates[variant.candidate].route.fleet]
            length = variant.timing.depart_s - variant.timing.load_start_s
            loads[kind.origin].append(
                self.model.new_optional_fixed_size_interval_var(
                    self.start[idx], length, self.used[idx], f"d{idx}"
                )
            )
        for origin, there in zip(self.problem.origins, loads, strict=True):
            if there:
                self.model.add_cumulative(there, [1] * len(there), origin.docks)

    def cost(self) -> cp_model.LinearExprT:
        """Trips, vehicle-days and vehicles, and the prizes of what is left out."""
        problem = self.problem
        trips = sum(variant.cost * var for variant, var in zip(self.variants, self.used, strict=True))
        prices = [kind.prices for kind in self.problem.fleet]
        days = sum(prices[fleet].day * size for (fleet, _), size in self.fleet_size.items())
        fixed = sum(prize for idx, prize in problem.prizes.items() if idx in problem.unserved)
        left_out = sum(
            prize * self.missing[idx] for idx, prize in problem.prizes.items() if idx in self.missing
        )
        vehicles = sum(prices[fleet].vehicle * var for fleet, var in self.vehicles.items())
        return trips + days + vehicles + left_out + fixed

    def late_weight(self) -> cp_model.LinearExprT:
        """Weight of the regions with something missing or late; missing counts more than all lateness."""
        problem, terms = self.problem, []
        scale = int(problem.weight.sum()) + 1
        for region, mine in enumerate(problem.consignments_of):
            missing = [self.missing[idx] for idx in mine if idx in self.missing and idx in problem.required]
            weight = int(problem.weight[region])
            gone = self.model.new_bool_var(f"gone{region}")
            self.model.add_max_equality(gone, [*missing, 0])
            terms.append(scale * weight * gone)
            if region in problem.hopeless or region in problem.given_up:
                continue  # late in every plan
            is_late = self.model.new_bool_var(f"late{region}")
            for variant, var in zip(self.variants, self.used, strict=True):
                if region in variant.late:
                    self.model.add_bool_or(~var, is_late, gone)
            terms.append(weight * is_late)
        return sum(terms)

    def late_weight_of(self, solution: Solution) -> int:
        """`late_weight` of a solution."""
        problem, total = self.problem, 0
        scale = int(problem.weight.sum()) + 1
        worst = _worst_over_s(problem, solution)
        for region, mine in enumerate(problem.consignments_of):
            if not solution.delivered.issuperset(problem.required.intersection(mine)):
                total += scale * int(problem.weight[region])
            elif region in worst and region not in problem.hopeless and region not in problem.given_up:
                total += int(problem.weight[region])
        return total

    def lateness_min(self) -> cp_model.LinearExprT:
        """Weighted minutes of lateness."""
        problem, terms = self.problem, []
        for region in range(problem.num_regions):
            over = self.model.new_int_var(0, problem.horizon_s // 60 + 1, f"over{region}")
            mine = [idx for idx, variant in enumerate(self.variants) if region in variant.late]
            for idx in mine:
                one = self.variants[idx]
                late_s = self.start[idx] - one.low_s + one.over_s(self.candidates, region)
                self.model.add(60 * over >= late_s).only_enforce_if(self.used[idx])
            if mine:
                terms.append(int(problem.weight[region]) * over)
        return sum(terms)

    def lateness_min_of(self, solution: Solution) -> int:
        """`lateness_min` of a solution."""
        worst = _worst_over_s(self.problem, solution)
        return sum(int(self.problem.weight[region]) * -(-over_s // 60) for region, over_s in worst.items())

    def hint(self, solution: Solution) -> None:
        """Start from a solution whose candidates are among the model's."""
        position = {id(one): idx for idx, one in enumerate(self.candidates)}
        wanted = {position.get(id(one.candidate)): one.timing.load_start_s for one in solution.assignments}
        for idx, one in enumerate(self.variants):
            start = wanted.get(one.candidate)
            chosen = start is not None and one.low_s <= start <= one.high_s
            self.model.add_hint(self.used[idx], chosen)
            self.model.add_hint(self.start[idx], start if chosen and start is not None else one.low_s)
        for idx, missing in self.missing.items():
            self.model.add_hint(missing, idx not in solution.delivered)
        days: dict[tuple[int, int], set[int]] = {}
        for trip in solution.assignments:
            for day in days_of(self.problem, trip.timing):
                days.setdefault((trip.candidate.route.fleet, day), set()).add(trip.vehicle)
        for key, size in self.fleet_size.items():
            self.model.add_hint(size, len(days.get(key, ())))
        for fleet, number in self.vehicles.items():
            used = {one.vehicle for one in solution.assignments if one.candidate.route.fleet == fleet}
            self.model.add_hint(number, len(used))

    def solution(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> Solution:
        """Named solution of what the solver found; raises NamingFailedError."""
        chosen: list[tuple[Candidate, Timing]] = []
        for idx, one in enumerate(self.variants):
            if solver.value(self.used[idx]):
                start = solver.value(self.start[idx])
                trip = self.candidates[one.candidate]
                timing = one.timing if start == one.low_s else trip.rigid_timing(self.problem, start)
                chosen.append((trip, timing))
        return name_resources(self.problem, chosen)

    def picked(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> list[Candidate]:
        """Trips that the solver picked."""
        return [
            self.candidates[one.candidate]
            for one, var in zip(self.variants, self.used, strict=True)
            if solver.value(var)
        ]

    def forbid(self, failed: NamingFailedError) -> None:
        """Cut: these trips (on this day) do not fit so many vehicles."""
        fleet, day = failed.fleet, failed.day
        size = self.vehicles[fleet] if day is None else self.fleet_size[fleet, day]
        trips = {id(one) for one in failed.candidates}
        for_trip = [
            var
            for variant, var in zip(self.variants, self.used, strict=True)
            if id(self.candidates[variant.candidate]) in trips
            and (day is None or day in days_of(self.problem, variant.timing))
        ]
        enough = self.model.new_bool_var("enough")
        self.model.add(size >= failed.vehicles + 1).only_enforce_if(enough)
        self.model.add(sum(for_trip) <= len(trips) - 1).only_enforce_if(~enough)


def _worst_over_s(problem: Problem, solution: Solution) -> dict[int, int]:
    """Largest lateness of each region to which something comes late."""
    worst: dict[int, int] = {}
    for one in solution.assignments:
        for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True):
            over_s = end + 1 - stop.due_s
            if over_s > 0:
                worst[stop.region] = max(over_s, worst.get(stop.region, 0))
    return worst


def cp_solver(budget: Budget, share: float, workers: int, seed: int) -> cp_model.CpSolver:
    """CP-SAT with a share of a budget; repeatable where the budget is an effort."""
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = workers
    parameters.random_seed = seed % 2_147_483_647
    parameters.catch_sigint_signal = False
    parameters.interleave_search = True
    parameters.cp_model_probing_level = 0
    parameters.max_presolve_iterations = 1
    parameters.symmetry_level = 0
    if budget.effort is not None:
        parameters.max_deterministic_time = _DETERMINISTIC_S_PER_EFFORT * budget.effort * share
    elif budget.time_s is not None:
        parameters.max_time_in_seconds = max(0.05, budget.time_s * share)
    return solver


def compose(
    problem: Problem,
    candidates: Sequence[Candidate],
    hint: Solution,
    *,
    budget: Budget,
    seed: int,
    workers: int = 1,
    hear: Hear | None = None,
) -> Solution:
    """Best solution found over the candidates, never worse than the hint.

    Parameters
    ----------
    problem
        The component.
    candidates
        Trips to pick from; those of the hint are added.
    hint
        A solution.
    budget
        Time or effort for all stages together.
    seed, workers
        For CP-SAT.
    hear
        Told of each better solution.

    Notes
    -----
    The objective is lexicographic, one stage after the other: weight undelivered and late, lateness,
    cost. Where the hint has everybody on time only variants on time enter and only cost is searched.
    """
    known = {id(one) for one in candidates}
    extra = [one.candidate for one in hint.assignments if id(one.candidate) not in known]
    with_late = not hint.all_on_time
    model = PickingModel(problem, [*candidates, *extra], with_late=with_late)
    best = hint
    stages = [_Stage(model.cost, lambda one: one.cost)]
    if with_late or problem.hopeless:
        stages.insert(0, _Stage(model.lateness_min, model.lateness_min_of))
    if with_late:
        stages.insert(0, _Stage(model.late_weight, model.late_weight_of))
    share = 1 / len(stages)
    for number, stage in enumerate(stages):
        objective = stage.objective()
        model.model.minimize(objective)
        _hint(model, best)
        found, some = _search(
            model,
            stage.measure,
            best,
            budget=budget,
            share=share,
            workers=workers,
            seed=seed,
            hear=hear,
        )
        best = found if found.score < best.score else best
        if number + 1 < len(stages):
            if not some:
                break
            model.model.clear_objective()  # type: ignore[no-untyped-call]
            model.model.add(objective <= stage.measure(best))
    return best


def _hint(model: PickingModel, best: Solution) -> None:
    model.model.clear_hints()  # type: ignore[no-untyped-call]
    model.hint(best)


class _Stage(NamedTuple):
    """One part of the objective: in the model, and of a solution."""

    objective: Callable[[], cp_model.LinearExprT]
    measure: Callable[[Solution], int]


def _search(
    model: PickingModel,
    measure: Callable[[Solution], int],
    best: Solution,
    *,
    budget: Budget,
    share: float,
    workers: int,
    seed: int,
    hear: Hear | None,
) -> tuple[Solution, bool]:
    """One stage: pick trips; where naming them fails, name them by an exact model or cut and pick again.

    The flag tells whether the model had a solution.
    """
    some = False
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s * share
    for tries_left in range(_NAMING_TRIES, 0, -1):
        left = None if ends is None else ends - time.monotonic()
        if left is not None and left < _LEAST_S:
            break
        now = budget if left is None else Budget(time_s=left * _PICKING_SHARE)
        solver = cp_solver(now, share / _NAMING_TRIES if left is None else 1.0, workers, seed)
        listener = _Listener(model, best, hear)
        status = solver.solve(model.model, listener)
        best = listener.best
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        some, value = True, math.ceil(solver.objective_value - 1e-6)
        if measure(best) <= value:
            break
        left = None if ends is None else max(_LEAST_S, ends - time.monotonic())
        now = budget if left is None else Budget(time_s=left / tries_left)
        exact = cp_solver(now, share / _NAMING_TRIES if left is None else 1.0, workers, seed)
        named = _name_exactly(model.problem, listener.picked, exact)
        if named.score < best.score:
            best = named
            if hear is not None:
                hear(best)
        if measure(best) <= value or listener.failed is None:
            break
        model.forbid(listener.failed)
        _hint(model, best)
    return best, some


def _name_exactly(problem: Problem, trips: Sequence[Candidate], solver: cp_model.CpSolver) -> Solution:
    """The trips placed one after another, or by the explicit model, whichever is better."""
    rough = schedule_all(problem, trips)
    exact = assign_explicitly(problem, trips, rough, solver)
    return rough if exact is None or rough.score < exact.score else exact


class _Listener(cp_model.CpSolverSolutionCallback):
    """Names each solution as it comes, and keeps the best that can be named."""

    def __init__(self, model: PickingModel, best: Solution, hear: Hear | None) -> None:
        super().__init__()
        self._model = model
        self.best = best
        self._hear = hear
        self.failed: NamingFailedError | None = None
        self.picked: list[Candidate] = []

    def on_solution_callback(self) -> None:
        """Called by CP-SAT."""
        self.picked = self._model.picked(self)
        try:
            found = self._model.solution(self)
        except NamingFailedError as failed:
            self.failed = failed
            return
        self.failed = None
        if found.score < self.best.score:
            self.best = found
            if self._hear is not None:
                self._hear(found)
