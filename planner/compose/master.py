"""CP-SAT picks trips from the pool and gives them days and hours.

Each candidate enters as timed variants: an interval of starts on one day within which all its offsets are
constant, or a single start where it waits or pauses. Identical vehicles are one cumulative resource first;
naming (`planner.compose.vehicle_naming`) is a second step, and where it fails a cut goes back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from ortools.sat.python import cp_model

from planner.compose.delay_model import DelayModel
from planner.compose.list_scheduling import schedule_all
from planner.compose.options import options_of
from planner.compose.rules import (
    cost,
    deadline,
    docks,
    exactly_once,
    outage,
    split,
    stock,
    vehicle_overlap,
    work_limit,
)
from planner.compose.rules.deadline import late_weight_of, lateness_min_of, unpromised_weight_of
from planner.compose.solution import Solution, days_of
from planner.compose.stages import cp_solver, stage_after_stage
from planner.compose.variants import Variant, undominated, variants_of
from planner.compose.vehicle_assignment import assign_explicitly
from planner.compose.vehicle_naming import NamingFailedError, name_resources
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.propose.engine import Budget
from planner.propose.pool import Candidate

__all__ = ["PickingModel", "compose"]

_NAMING_TRIES = 4
_PICKING_SHARE = 0.6
_BUILDING_SHARE = 0.5  # no longer than this the hours of trips are looked for
_LEAST_S = 0.2
Hear = Callable[[Solution], None]


class PickingModel:
    """The model of one echelon over some candidates; several echelons may share one CP-SAT model."""

    def __init__(
        self,
        problem: Problem,
        candidates: Sequence[Candidate],
        *,
        with_late: bool,
        model: cp_model.CpModel | None = None,
        variants: Sequence[Variant] | None = None,
        optional: Collection[int] = (),
        base: Solution | None = None,
        propagate_more: bool = True,
    ) -> None:
        self.problem, self.propagate_more = problem, propagate_more
        self.candidates = list(candidates)
        self.variants = list(
            variants_of(problem, self.candidates, with_late=with_late) if variants is None else variants
        )
        self.model = cp_model.CpModel() if model is None else model
        self.options = options_of(self.model, self.candidates, self.variants)
        self.away = {idx: self.model.new_bool_var(f"a{idx}") for idx in optional}
        self.missing = exactly_once.cover(
            self.model, problem, self.options, all_may_miss=with_late, away=self.away
        )
        self.fleet_size: dict[tuple[int, int], cp_model.IntVar] = {}
        self.vehicles: dict[int, cp_model.IntVar] = {}
        self.delays = DelayModel(self.model, problem, self.options, base, for_each=1 if propagate_more else 0)
        self._fleet()
        docks.limit_docks(self.model, problem, self.options, self.delays.loaded_until)
        stock.limit_loads(self.model, problem, self.options)
        if model is None:
            split.one_day(
                self.model, problem.midnights, split.receipts(problem, self.options), split.given(problem)
            )

    def _fleet(self) -> None:
        """No more trips at once than vehicles; the day's number is paid, its working time kept on average."""
        problem, model = self.problem, self.model
        driving = vehicle_overlap.driving(model, problem, self.options, until=self.delays.busy_until)
        of_fleet: dict[int, list[int]] = {fleet: [] for fleet in range(len(problem.fleet))}
        by_day: dict[tuple[int, int], list[int]] = {}
        for idx, one in enumerate(self.options):
            of_fleet[one.fleet].append(idx)
            for day in days_of(problem, one.variant.timing):
                by_day.setdefault((one.fleet, day), []).append(idx)
        for fleet, mine in of_fleet.items():
            kind = problem.fleet[fleet]
            number = self.vehicles[fleet] = model.new_int_var(0, kind.number, f"n{fleet}")
            vehicle_overlap.at_once(model, [driving[idx] for idx in mine], number)
            outage.limit_vehicles(model, kind, [driving[idx] for idx in mine])
            vehicle_overlap.limit_trips(model, kind, [self.options[idx] for idx in mine], number)
        for (fleet, day), mine in by_day.items():
            kind = problem.fleet[fleet]
            number = self.fleet_size[fleet, day] = model.new_int_var(0, kind.number, f"n{fleet}d{day}")
            model.add(number <= self.vehicles[fleet])
            vehicle_overlap.at_once(model, [driving[idx] for idx in mine], number)
            work_limit.limit_work(model, kind, day, [self.options[idx] for idx in mine], number)

    def cost(self) -> cp_model.LinearExprT:
        """Trips, vehicle-days and vehicles, nights at regions, and the prizes of what is left out."""
        days = ((fleet, number) for (fleet, _), number in self.fleet_size.items())
        driven = cost.cost_of(
            self.problem, self.options, days=days, vehicles=self.vehicles.items(), missing=self.missing
        )
        return sum([driven, cost.region_nights(self.model, self.problem, self.options)])

    def late_weights(self) -> list[cp_model.LinearExprT]:
        """Weight missing or late as planned, then weight not promised; see `deadline.late_weights`."""
        return deadline.late_weights(self.model, self._receipts)

    def lateness_min(self) -> cp_model.LinearExprT:
        """Weighted minutes of lateness."""
        return deadline.lateness_min(self.model, self._receipts)

    @cached_property
    def _receipts(self) -> list[deadline.Receipt]:
        return list(deadline.receipts(self.problem, self.options, self.missing))

    def hint(self, solution: Solution) -> None:
        """Start from a solution whose candidates are among the model's."""
        position = {id(one): idx for idx, one in enumerate(self.candidates)}
        wanted = {position.get(id(one.candidate)): one.timing.load_start_s for one in solution.assignments}
        starts: dict[int, int] = {}
        for idx, (one, option) in enumerate(zip(self.variants, self.options, strict=True)):
            start = wanted.get(one.candidate)
            chosen = start is not None and one.low_s <= start <= one.high_s
            self.model.add_hint(option.used, chosen)
            self.model.add_hint(option.start, start if chosen and start is not None else one.low_s)
            if chosen and start is not None:
                starts[idx] = start
        self.delays.hint(starts, solution)
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
        chosen: dict[int, tuple[Candidate, Timing]] = {}
        for idx, one in enumerate(self.options):
            if solver.value(one.used):
                chosen[idx] = one.trip, one.timing_from(self.problem, solver.value(one.start))
        position = {idx: number for number, idx in enumerate(chosen)}
        follows = self.delays.follows(solver)
        after = {position[idx]: position[before] for idx, before in follows.items()}
        return name_resources(self.problem, list(chosen.values()), after)

    def picked(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> list[Candidate]:
        """Trips that the solver picked."""
        return [one.trip for one in self.options if solver.value(one.used)]

    def forbid(self, failed: NamingFailedError) -> None:
        """Cut: these trips (on this day) do not fit so many vehicles."""
        fleet, day = failed.fleet, failed.day
        size = self.vehicles[fleet] if day is None else self.fleet_size[fleet, day]
        trips = {id(one) for one in failed.candidates}
        for_trip = [
            one.used
            for one in self.options
            if id(one.trip) in trips and (day is None or day in days_of(self.problem, one.variant.timing))
        ]
        enough = self.model.new_bool_var("enough")
        self.model.add(size >= failed.vehicles + 1).only_enforce_if(enough)
        self.model.add(sum(for_trip) <= len(trips) - 1).only_enforce_if(~enough)


def compose(
    problem: Problem,
    candidates: Sequence[Candidate],
    hint: Solution,
    *,
    budget: Budget,
    seed: int,
    hear: Hear | None = None,
    propagate_more: bool = True,
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
    seed
        For CP-SAT.
    hear
        Told of each better solution.
    propagate_more
        Whether trips may overlap (`planner.compose.delay_propagation`) that do not yet.

    Notes
    -----
    The objective is lexicographic, one stage after the other: weight undelivered and late, weight not
    promised, lateness, cost. Where the hint has everybody on time only variants on time enter and only cost
    is searched.
    """
    known = {id(one) for one in candidates}
    extra = [one.candidate for one in hint.assignments if id(one.candidate) not in known]
    with_late = not hint.all_on_time
    trips = [*candidates, *extra]
    left, needed = _clock(budget), {id(one.candidate) for one in hint.assignments}
    model = PickingModel(
        problem,
        trips,
        with_late=with_late,
        variants=_useful(
            problem,
            trips,
            hint,
            with_late=with_late,
            skips=lambda one: id(one) not in needed and left(_BUILDING_SHARE) <= 0,
        ),
        base=hint,
        propagate_more=propagate_more,
    )
    if budget.time_s is not None:
        budget = replace(budget, time_s=max(_LEAST_S, left(1.0)))
    best = hint
    stages = [_Stage(model.cost(), lambda one: one.cost)]
    if with_late or problem.hopeless:
        stages.insert(0, _Stage(model.lateness_min(), lateness_min_of))
    if with_late:
        measures = late_weight_of, unpromised_weight_of
        stages[:0] = [_Stage(*pair) for pair in zip(model.late_weights(), measures, strict=False)]
    share = 1 / len(stages)

    def search(number: int) -> int | None:
        nonlocal best
        stage = stages[number]
        if number + 1 < len(stages) and stage.measure(best) == 0:
            return 0
        _hint(model, best)
        found, some = _search(
            model,
            stage.measure,
            best,
            budget=budget,
            share=share,
            seed=seed,
            hear=hear,
        )
        best = found if found.score < best.score else best
        return stage.measure(best) if some else None

    stage_after_stage(model.model, [stage.objective for stage in stages], search)
    return best


def _clock(budget: Budget) -> Callable[[float], float]:
    """Tells the seconds that are left of a share of a budget from now on; where it is effort, always some."""
    begun, time_s = time.monotonic(), math.inf if budget.time_s is None else budget.time_s
    return lambda share: begun + time_s * share - time.monotonic()


def _useful(
    problem: Problem,
    trips: Sequence[Candidate],
    hint: Solution,
    *,
    with_late: bool,
    skips: Callable[[Candidate], bool],
) -> list[Variant]:
    """Variants of trips that may make a solution better, as many as there is time for; those of the solution.

    Parameters
    ----------
    problem, trips, hint
        The echelon, trips of it, the best ones first, and the solution.
    with_late, skips
        As for `variants_of`.
    """
    every = variants_of(problem, trips, with_late=with_late, skips=skips)
    kept = {id(one) for one in undominated(problem, trips, every)}
    known = {(id(one.candidate), one.timing.load_start_s) for one in hint.assignments}
    return [one for one in every if id(one) in kept or (id(trips[one.candidate]), one.low_s) in known]


def _hint(model: PickingModel, best: Solution) -> None:
    model.model.clear_hints()  # type: ignore[no-untyped-call]
    model.hint(best)


class _Stage(NamedTuple):
    """One part of the objective: in the model, and of a solution."""

    objective: cp_model.LinearExprT
    measure: Callable[[Solution], int]


def _search(
    model: PickingModel,
    measure: Callable[[Solution], int],
    best: Solution,
    *,
    budget: Budget,
    share: float,
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
        solver = cp_solver(now, share / _NAMING_TRIES if left is None else 1.0, seed)
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
        exact = cp_solver(now, share / _NAMING_TRIES if left is None else 1.0, seed)
        named = _name_exactly(model, listener.picked, exact)
        if named.score < best.score:
            best = named
            if hear is not None:
                hear(best)
        if measure(best) <= value or listener.failed is None:
            break
        model.forbid(listener.failed)
        _hint(model, best)
    return best, some


def _name_exactly(model: PickingModel, trips: Sequence[Candidate], solver: cp_model.CpSolver) -> Solution:
    """The trips placed one after another, or by the explicit model, whichever is better."""
    rough = schedule_all(model.problem, trips)
    exact = assign_explicitly(model.problem, trips, rough, solver, propagate_more=model.propagate_more)
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
