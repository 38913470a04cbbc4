"""CP-SAT picks trips from the pool and gives them days and hours.

Each candidate enters as timed variants: an interval of starts on one day within which all its offsets are
constant, or a single start where it waits or pauses. Identical vehicles are one cumulative resource first; naming
(`planner.compose.naming`) is a second step, and where it fails a cut goes back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.compose.naming import NamingFailedError, name_resources
from planner.compose.solution import Solution, days_of, shortest_way_s
from planner.problem import Problem
from planner.propose.engine import Budget
from planner.propose.pool import Candidate
from planner.schedule import Timing

__all__ = ["compose", "even_out"]

_DETERMINISTIC_S_PER_EFFORT = 2.0
_NAMING_TRIES = 4
Hear = Callable[[Solution], None]


@dataclass(frozen=True)
class _Variant:
    """One candidate within one interval of starts."""

    candidate: int
    low_s: int
    high_s: int
    timing: Timing  # for a start at low_s
    cost: int
    late: tuple[int, ...]  # regions late from every start of the interval


def _variants(problem: Problem, candidates: Sequence[Candidate], *, with_late: bool) -> list[_Variant]:
    found: list[_Variant] = []
    for position, one in enumerate(candidates):
        kind = problem.fleet[one.route.fleet]
        pieces = [
            (low, high, one.rigid_timing(problem, low)) for low, high in _cut_at_deadlines(problem, one)
        ] + [(point.load_start_s, point.load_start_s, point) for point in one.points]
        for low, high, timing in pieces:
            late = tuple(
                sorted(
                    {
                        stop.region
                        for stop, (_, end) in zip(one.stops, timing.services, strict=True)
                        if end >= problem.region_deadlines[stop.region]
                    }
                )
            )
            if with_late or not late:
                found.append(_Variant(position, low, high, timing, one.cost(kind, timing), late))
    return found


def _cut_at_deadlines(problem: Problem, one: Candidate) -> list[tuple[int, int]]:
    """Rigid starts, cut by days and where a further region becomes late."""
    if one.offsets is None:
        return []
    cuts = {
        problem.region_deadlines[stop.region] - end
        for stop, (_, end) in zip(one.stops, one.offsets.services, strict=True)
    }
    moments = sorted(cuts | set(problem.midnights))
    found: list[tuple[int, int]] = []
    for low, high in one.starts:
        begin = low
        for moment in moments:
            if begin < moment <= high:
                found.append((begin, moment - 1))
                begin = moment
        found.append((begin, high))
    return found


class _Model:
    """The model of one component over some candidates."""

    def __init__(self, problem: Problem, candidates: Sequence[Candidate], *, with_late: bool) -> None:
        self.problem = problem
        self.candidates = list(candidates)
        self.variants = _variants(problem, self.candidates, with_late=with_late)
        self.model = cp_model.CpModel()
        self.used = [self.model.new_bool_var(f"x{idx}") for idx in range(len(self.variants))]
        self.start = [
            self.model.new_int_var(one.low_s, one.high_s, f"s{idx}") for idx, one in enumerate(self.variants)
        ]
        self.missing: dict[int, cp_model.IntVar] = {}
        self.fleet_size: dict[tuple[int, int], cp_model.IntVar] = {}
        self.vehicles: dict[int, cp_model.IntVar] = {}
        self._cover(with_late=with_late)
        self._fleet()
        self._docks()

    def _cover(self, *, with_late: bool) -> None:
        """Every consignment exactly once; it may be missing only where not all can be on time."""
        holds: dict[int, list[cp_model.IntVar]] = {idx: [] for idx in self.problem.served}
        for variant, var in zip(self.variants, self.used, strict=True):
            for idx in self.candidates[variant.candidate].route.consignments:
                holds[idx].append(var)
        for idx, literals in holds.items():
            if with_late:
                self.missing[idx] = self.model.new_bool_var(f"m{idx}")
                literals.append(self.missing[idx])
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
                self.model.add_cumulative([intervals[idx] for idx in mine], [1] * len(mine), self.vehicles[fleet])
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
        loads = [
            self.model.new_optional_fixed_size_interval_var(
                self.start[idx],
                variant.timing.depart_s - variant.timing.load_start_s,
                self.used[idx],
                f"d{idx}",
            )
            for idx, variant in enumerate(self.variants)
        ]
        if loads:
            self.model.add_cumulative(loads, [1] * len(loads), self.problem.docks)

    def cost(self) -> cp_model.LinearExprT:
        """Trips, vehicle-days and vehicles."""
        trips = sum(variant.cost * var for variant, var in zip(self.variants, self.used, strict=True))
        prices = [kind.prices for kind in self.problem.fleet]
        days = sum(prices[fleet].day * size for (fleet, _), size in self.fleet_size.items())
        return trips + days + sum(prices[fleet].vehicle * var for fleet, var in self.vehicles.items())

    def late_weight(self) -> cp_model.LinearExprT:
        """Weight of the regions with something missing or late; missing counts more than all lateness."""
        problem, terms = self.problem, []
        scale = int(problem.weight.sum()) + 1
        for region, mine in enumerate(problem.consignments_of):
            missing = [self.missing[idx] for idx in mine if idx in self.missing]
            weight = int(problem.weight[region])
            if missing:
                gone = self.model.new_bool_var(f"gone{region}")
                self.model.add_max_equality(gone, missing)
                terms.append(scale * weight * gone)
            late = [var for variant, var in zip(self.variants, self.used, strict=True) if region in variant.late]
            if late:
                is_late = self.model.new_bool_var(f"late{region}")
                self.model.add_max_equality(is_late, late)
                terms.append(weight * is_late)
        return sum(terms)

    def lateness_min(self) -> cp_model.LinearExprT:
        """Weighted minutes of lateness."""
        problem, terms = self.problem, []
        for region in range(problem.num_regions):
            over = self.model.new_int_var(0, problem.horizon_s // 60 + 1, f"over{region}")
            mine = [idx for idx, variant in enumerate(self.variants) if region in variant.late]
            for idx in mine:
                one = self.variants[idx]
                ends = self._receipt(one, region) - one.low_s
                late_s = self.start[idx] + ends + 1 - problem.region_deadlines[region]
                self.model.add(60 * over >= late_s).only_enforce_if(self.used[idx])
            if mine:
                terms.append(int(problem.weight[region]) * over)
        return sum(terms)

    def _receipt(self, one: _Variant, region: int) -> int:
        """Last receipt of a region in a variant, for a start at low_s."""
        stops = self.candidates[one.candidate].stops
        return max(
            end for stop, (_, end) in zip(stops, one.timing.services, strict=True) if stop.region == region
        )

    def margins(self, regions: Sequence[int], bottom: cp_model.IntVar) -> None:
        """`bottom` is at most the relative margin (in thousandths) of each of these regions."""
        wanted = set(regions)
        for idx, one in enumerate(self.variants):
            for region in {stop.region for stop in self.candidates[one.candidate].stops} & wanted:
                ends = self._receipt(one, region) - one.low_s
                margin = self.problem.region_deadlines[region] - ends - self.start[idx]
                way = shortest_way_s(self.problem, region)
                self.model.add(bottom * way <= 1000 * margin).only_enforce_if(self.used[idx])

    def hint(self, solution: Solution) -> None:
        """Start from a solution whose candidates are among the model's."""
        self.model.clear_hints()
        position = {id(one): idx for idx, one in enumerate(self.candidates)}
        wanted = {position.get(id(one.candidate)): one.timing.load_start_s for one in solution.assignments}
        for idx, one in enumerate(self.variants):
            start = wanted.get(one.candidate)
            chosen = start is not None and one.low_s <= start <= one.high_s
            self.model.add_hint(self.used[idx], chosen)
            self.model.add_hint(self.start[idx], start if chosen and start is not None else one.low_s)

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

    def forbid(self, failed: NamingFailedError) -> None:
        """Cut: these trips on this day do not fit so many vehicles."""
        fleet, day = failed.fleet, failed.day
        size = self.fleet_size[fleet, day]
        trips = {id(one) for one in failed.candidates}
        for_trip = [
            var
            for variant, var in zip(self.variants, self.used, strict=True)
            if id(self.candidates[variant.candidate]) in trips and day in days_of(self.problem, variant.timing)
        ]
        enough = self.model.new_bool_var("enough")
        self.model.add(size >= failed.vehicles + 1).only_enforce_if(enough)
        self.model.add(sum(for_trip) <= len(trips) - 1).only_enforce_if(~enough)


def _solver(budget: Budget, share: float, workers: int, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = workers
    parameters.random_seed = seed % 2_147_483_647
    parameters.catch_sigint_signal = False
    parameters.interleave_search = True
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
    with_late = hint.score[:2] != (0, 0)
    model = _Model(problem, [*candidates, *extra], with_late=with_late)
    best = hint
    stages = [model.late_weight, model.lateness_min, model.cost] if with_late else [model.cost]
    share = 1 / len(stages)
    for number, stage in enumerate(stages):
        objective = stage()
        model.model.minimize(objective)
        model.hint(best)
        found, value = _search(model, budget, share, workers, seed, hear, best)
        best = found if found.score < best.score else best
        if number + 1 < len(stages):
            if value is None:
                break
            model.model.clear_objective()
            model.model.add(objective <= value)
    return best


def _search(
    model: _Model, budget: Budget, share: float, workers: int, seed: int, hear: Hear | None, best: Solution
) -> tuple[Solution, int | None]:
    """One stage; tries again with a cut where naming fails."""
    value: int | None = None
    for _ in range(_NAMING_TRIES):
        solver = _solver(budget, share, workers, seed)
        listener = _Listener(model, best, hear)
        status = solver.solve(model.model, listener)
        best = listener.best
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return best, value
        value = math.ceil(solver.objective_value - 1e-6)
        if listener.failed is None or budget.time_s is not None:
            return best, value
        model.forbid(listener.failed)
        model.hint(best)
    return best, value


class _Listener(cp_model.CpSolverSolutionCallback):
    """Names each solution as it comes, and keeps the best that can be named."""

    def __init__(self, model: _Model, best: Solution, hear: Hear | None) -> None:
        super().__init__()
        self._model = model
        self.best = best
        self._hear = hear
        self.failed: NamingFailedError | None = None

    def on_solution_callback(self) -> None:
        """Called by CP-SAT."""
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


def even_out(problem: Problem, solution: Solution, *, budget: Budget, seed: int) -> Solution:
    """The same trips at the same cost with larger smallest relative margins (leximin).

    Parameters
    ----------
    problem, solution
        What was composed.
    budget
        Time or effort for all rounds together.
    seed
        For CP-SAT.

    Notes
    -----
    Round after round the smallest relative margin is made as large as can be, then the regions that
    hold it down are set aside with it, and the others go on.
    """
    if not solution.assignments or solution.score.undelivered or solution.score.late:
        return solution
    rounds = 6
    open_regions = {region for region, received in enumerate(solution.received_s) if received is not None}
    fixed: list[tuple[tuple[int, ...], int]] = []
    best = solution
    for _ in range(rounds):
        if not open_regions:
            break
        model = _Model(problem, [one.candidate for one in best.assignments], with_late=False)
        model.model.add(model.cost() <= solution.cost)
        for regions, floor in fixed:
            model.margins(regions, model.model.new_constant(floor))
        bottom = model.model.new_int_var(-10_000_000, 10_000_000, "bottom")
        model.margins(sorted(open_regions), bottom)
        model.model.maximize(bottom)
        model.hint(best)
        solver = _solver(budget, 1 / rounds, 1, seed)
        if solver.solve(model.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        try:
            found = model.solution(solver)
        except NamingFailedError:
            break
        floor = solver.value(bottom)
        if found.cost > solution.cost or found.score > best.score:
            break
        best = found
        held = tuple(sorted(region for region in open_regions if relative_margin(best, region) <= floor))
        fixed.append((held or tuple(sorted(open_regions)), floor))
        open_regions -= set(held) if held else open_regions
    return best


def relative_margin(solution: Solution, region: int) -> int:
    """Margin of a region in thousandths of its shortest one-way time."""
    received = solution.received_s[region]
    if received is None:
        return -10_000_000
    margin = solution.problem.region_deadlines[region] - received
    return margin * 1000 // shortest_way_s(solution.problem, region)
