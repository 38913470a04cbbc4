"""Engine: OR-Tools routing. No name, index or status of OR-Tools leaves this module."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from planner.instance.schema import Overnight
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem, Proposal, Route
from planner.propose.engine import Budget, Report

__all__ = ["OrtoolsRouting"]

_STARTS = (
    routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION,
    routing_enums_pb2.FirstSolutionStrategy.SAVINGS,
    routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION,
)
# With an effort in place of time: accepted steps of a start heuristic and, for each effort, of guided local
# search;
# and failures after which either gives up (a start heuristic that backtracks has no other end).
_SOLUTIONS_OF_START = 30
_SOLUTIONS_PER_EFFORT = 50
_MOST_FAILURES = 20_000
# Seconds of a first look, and so many more for each consignment: a start heuristic has no other end that is
# soon.
_LOOK_S, _LOOK_S_EACH = 0.03, 0.0007
_FAILURES_PER_SOLUTION = 100  # where no neighbour is left, guided local search would never end by solutions
# Rounds: the share of its time that all trips of a type may take together (None: that is not asked), and
# whether that is the time until the deadlines or until the horizon. The next round is tried where with the
# one before not everybody is on time. Asking costs much in large problems, hence the two orders.
_ROUNDS_SMALL = ((0.92, False), (None, False), (0.78, False), (None, True))
_ROUNDS_LARGE = ((None, False), (0.92, False), (None, True))
_SMALL = 100
# Share of a round's time for guided local search; it looks at cost, which is not what counts where some are
# late.
_SHARE, _LATE_SHARE = 0.7, 0.25
_LEAST_START_S = 0.6
_NO_WAY_S = 10**9
_MISSING_FACTOR = 50  # leaving a consignment out costs so many times its dearest direct trip


@dataclass(frozen=True, slots=True)
class _Slots:
    """Trips that may be driven: how many of a type, how long each and together, with which consignments."""

    fleet: int
    number: int
    longest_s: int
    together_s: int
    allowed: NDArray[np.bool_]


class _Ways(NamedTuple):
    """Between nodes: seconds with what is done at the later one, costs, and metres."""

    spent_s: NDArray[np.int64]
    cost: NDArray[np.int64]
    metres: NDArray[np.int64]


class OrtoolsRouting:
    """Routes for one trip each: several start heuristics, then guided local search.

    Notes
    -----
    A routing vehicle here is one trip ("slot") of a real one. Time runs from the start of loading
    and counts only moments inside shifts; the days on which a region may receive decide which slots it may
    use. What the model leaves out (docks, opening hours, pauses, releases, and how many of a type's trips one
    vehicle drives) is judged afterwards by `planner.problem.trip_times`, and by composition.
    """

    name = "ortools"

    def propose(
        self,
        problem: Problem,
        *,
        budget: Budget,
        seed: int,
        report: Report,
        workers: int = 1,
        start: Sequence[Proposal] = (),
    ) -> None:
        """Report the trips of each better solution.

        One thread does it all, and begins anew.

        Parameters
        ----------
        problem, budget, seed, report
            As for `planner.propose.engine.Engine`.
        workers, start
            Not used.
        """
        served = problem.served
        if budget.is_first_look:
            look_s = _LOOK_S + _LOOK_S_EACH * len(served)
            budget = Budget(time_s=look_s if budget.time_s is None else min(look_s, budget.time_s))
        left = budget
        rounds = _ROUNDS_SMALL if len(served) <= _SMALL else _ROUNDS_LARGE
        for number, (fill, late) in enumerate(rounds):
            began = time.monotonic()
            until_s = _until(problem, late=late)
            slots = _slots(problem, served, until_s)
            if not slots:
                return
            by_effort = budget.time_s is None
            model = _RoutingModel(problem, served, slots, fill, report, by_effort=by_effort)
            last = number + 1 == len(rounds)
            share = _LATE_SHARE if late else _SHARE
            self._round(model, left, seed, share=share, may_be_short=not last)
            if model.all_on_time or last:
                return
            if left.time_s is not None:
                rest_s = left.time_s - (time.monotonic() - began)
                if rest_s <= 0:
                    return
                left = Budget(time_s=rest_s)

    def _round(
        self,
        model: _RoutingModel,
        budget: Budget,
        seed: int,
        *,
        share: float,
        may_be_short: bool,
    ) -> None:
        """Start heuristics, then guided local search from the best, unless another round is better."""
        start_s = (
            None
            if budget.time_s is None
            else max(min(_LEAST_START_S, 0.15 * budget.time_s), 0.08 * budget.time_s)
        )
        best: tuple[int, list[list[int]]] | None = None
        for strategy in _STARTS:
            found = model.search(
                strategy, None, start_s, None if start_s is not None else _SOLUTIONS_OF_START, seed
            )
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        if best is None:
            return
        if may_be_short and not model.all_on_time:
            return
        time_s = None if budget.time_s is None else share * budget.time_s
        solutions = None if budget.effort is None else budget.effort * _SOLUTIONS_PER_EFFORT
        model.search(None, best[1], time_s, solutions, seed)


def _compressed_s(problem: Problem, kind: FleetType, until_s: int) -> int:
    """Seconds inside shifts (and working time) until a moment."""
    total = 0
    for begin, end in zip(problem.midnights, problem.midnights[1:], strict=False):
        inside = kind.shifts.overlap_s(begin, min(end, until_s)) if begin < until_s else 0
        total += inside if kind.work_s is None else min(inside, kind.work_s)
    return total


def _until(problem: Problem, *, late: bool) -> NDArray[np.int64]:
    """When each region must have received: its deadline, or the horizon where that is beyond hope."""
    if late:
        return np.full(problem.num_regions, problem.horizon_s, dtype=np.int64)
    until_s = problem.deadline_s.copy()
    until_s[list(problem.hopeless)] = problem.horizon_s
    return until_s


def _slots(problem: Problem, served: Sequence[int], until_s: NDArray[np.int64]) -> list[_Slots]:
    found: list[_Slots] = []
    for position, kind in enumerate(problem.fleet):
        serves = np.array([bool(kind.serves[problem.consignments[idx].region]) for idx in served])
        if not serves.any():
            continue
        typical = _typical_trip_s(problem, kind, [idx for idx, ok in zip(served, serves, strict=True) if ok])
        if kind.overnight is Overnight.HOME:
            found.extend(_daily_slots(problem, position, served, serves, until_s, typical))
        else:
            longest = _compressed_s(problem, kind, problem.horizon_s)
            number = _at_most(kind, kind.number * max(1, min(6, 1 + longest // max(1, typical))))
            regions = [problem.consignments[idx].region for idx, ok in zip(served, serves, strict=True) if ok]
            together = kind.number * _compressed_s(problem, kind, int(until_s[regions].max()))
            number = min(number, int(serves.sum()))
            found.append(_Slots(position, number, _trip_s(kind, longest), together, serves))
    return found


def _at_most(kind: FleetType, number: int) -> int:
    """No more trips than the vehicles of a type may drive."""
    return number if kind.most_trips is None else min(number, kind.most_trips)


def _trip_s(kind: FleetType, longest_s: int) -> int:
    """How long one trip may take."""
    return longest_s if kind.max_trip_s is None else min(longest_s, kind.max_trip_s)


def _typical_trip_s(problem: Problem, kind: FleetType, served: Sequence[int]) -> int:
    """Median time of a trip to one region with a full load."""
    there = [problem.place(problem.consignments[idx].region) for idx in served]
    ways = sorted(kind.time_between(kind.origin, one) + kind.time_between(one, kind.origin) for one in there)
    heaviest_g = max((problem.consignments[idx].mass_g for idx in served), default=0)
    loads = max(1, min(kind.mass_g // max(1, heaviest_g), 8))
    pieces = max(problem.consignments[idx].pieces for idx in served) * loads
    handling = kind.load_fixed_s + (kind.load_piece_s + kind.unload_piece_s) * pieces
    return ways[len(ways) // 2] + handling + int(problem.handover_s.mean()) * loads


def _daily_slots(
    problem: Problem,
    position: int,
    served: Sequence[int],
    serves: NDArray[np.bool_],
    until_s: NDArray[np.int64],
    typical: int,
) -> list[_Slots]:
    """Slots of a type that is home every night; shifts with the same consignments are counted together."""
    kind = problem.fleet[position]
    regions = np.array([problem.consignments[idx].region for idx in served])
    groups: dict[tuple[bytes, int], tuple[int, NDArray[np.bool_]]] = {}
    for begin, end in kind.shifts.intervals:
        opens = (problem.not_before_s[regions] < end) & (until_s[regions] > begin)
        allowed = serves & opens
        longest = (end - begin) if kind.work_s is None else min(end - begin, kind.work_s)
        if allowed.any():
            key = (allowed.tobytes(), longest)
            groups[key] = (groups.get(key, (0, allowed))[0] + 1, allowed)
    found = []
    for (_, longest), (shifts, allowed) in groups.items():
        a_day = max(1, min(6, 1 + longest // max(1, typical)))
        number = min(_at_most(kind, kind.number * shifts * a_day), int(allowed.sum()))
        together = kind.number * shifts * longest
        found.append(_Slots(position, number, _trip_s(kind, longest), together, allowed))
    return found


class _RoutingModel:
    def __init__(
        self,
        problem: Problem,
        served: Sequence[int],
        slots: Sequence[_Slots],
        fill: float | None,
        report: Report,
        *,
        by_effort: bool,
    ) -> None:
        self._problem = problem
        self._served = list(served)
        self._report = report
        self._fleet_of = [slot.fleet for slot in slots for _ in range(slot.number)]
        # Nodes are the origins and then the consignments that are served.
        homes = [problem.fleet[fleet].origin for fleet in self._fleet_of]
        self._first = problem.num_origins
        self._manager = pywrapcp.RoutingIndexManager(
            self._first + len(served), len(self._fleet_of), homes, homes
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._best: int | None = None
        self._solution: list[list[int]] = []
        self.all_on_time = False
        self._raised: BaseException | None = None
        self._ways = {slot.fleet: self._matrices(problem.fleet[slot.fleet]) for slot in slots}
        self._add_costs_and_times(slots, fill)
        self._add_lengths()
        self._add_capacities()
        self._add_choices(slots)
        self._routing.AddAtSolutionCallback(self._on_solution)
        if by_effort:
            self._routing.AddSearchMonitor(self._routing.solver().FailuresLimit(_MOST_FAILURES))

    def _add_costs_and_times(self, slots: Sequence[_Slots], fill: float | None) -> None:
        routing, problem = self._routing, self._problem
        times = {
            fleet: routing.RegisterTransitMatrix(ways.spent_s.tolist()) for fleet, ways in self._ways.items()
        }
        costs = {
            fleet: routing.RegisterTransitMatrix(ways.cost.tolist()) for fleet, ways in self._ways.items()
        }
        limits = []
        vehicle = 0
        for slot in slots:
            kind = problem.fleet[slot.fleet]
            fixed = kind.prices.trip
            for _ in range(slot.number):
                routing.SetArcCostEvaluatorOfVehicle(costs[slot.fleet], vehicle)
                routing.SetFixedCostOfVehicle(fixed, vehicle)
                limits.append(slot.longest_s)
                vehicle += 1
        routing.AddDimensionWithVehicleTransitAndCapacity(
            [times[fleet] for fleet in self._fleet_of], 0, limits, True, "time"
        )
        dimension = routing.GetDimensionOrDie("time")
        vehicle = 0
        for slot in slots if fill is not None else ():
            ends = [dimension.CumulVar(routing.End(vehicle + number)) for number in range(slot.number)]
            together_s = int(slot.together_s * (fill or 1.0))
            routing.solver().Add(routing.solver().Sum(ends) <= together_s)
            vehicle += slot.number
        away = [
            problem.fleet[slot.fleet]
            for slot in slots
            if problem.fleet[slot.fleet].overnight is not Overnight.HOME
        ]
        timely_s = _until(problem, late=False)  # also where not all can be in time: no trip takes longer
        for node, idx in enumerate(self._served, start=self._first):
            until = int(timely_s[problem.consignments[idx].region])
            latest = max((_compressed_s(problem, kind, until) for kind in away), default=0)
            if latest > 0:
                dimension.CumulVar(self._manager.NodeToIndex(node)).SetMax(latest)

    def _rate(self, kind: FleetType) -> float:
        """Price of a second: the hour's, and the day's spread over a shift."""
        longest = max((end - begin for begin, end in kind.shifts.intervals), default=86_400)
        return kind.prices.hour / 3600 + kind.prices.day / min(longest, 86_400)

    def _matrices(self, kind: FleetType) -> _Ways:
        """Times (with service and loading at the later node), costs and lengths between nodes."""
        problem, first = self._problem, self._first
        loads = [problem.consignments[idx] for idx in self._served]
        places = [*range(first), *(problem.place(one.region) for one in loads)]
        pieces = np.array([0] * first + [one.pieces for one in loads])
        regions = np.array([one.region for one in loads])
        handover = np.concatenate([[0] * first, problem.handover_s[regions]])
        metres = kind.distances(places, places)
        reachable = kind.reach(places, places)
        at = np.array(places)
        other = at[:, None] != at[None, :]
        spent = (
            kind.times(places, places)
            + other * handover[None, :]
            + (kind.load_piece_s + kind.unload_piece_s) * pieces[None, :]
        )
        spent[kind.origin, first:] += kind.load_fixed_s
        cost = kind.prices.km * metres // 1000 + (self._rate(kind) * spent).astype(np.int64)
        if kind.open_end:
            spent[:, kind.origin] = cost[:, kind.origin] = metres[:, kind.origin] = 0
            reachable[:, kind.origin] = True
        return _Ways(np.where(reachable, spent, _NO_WAY_S), np.where(reachable, cost, _NO_WAY_S), metres)

    def _add_lengths(self) -> None:
        """Metres of a trip, where a type limits them."""
        limits = [self._problem.fleet[fleet].max_trip_m for fleet in self._fleet_of]
        if all(limit is None for limit in limits):
            return
        metres = {
            fleet: self._routing.RegisterTransitMatrix(ways.metres.tolist())
            for fleet, ways in self._ways.items()
        }
        any_length = sum(int(ways.metres.max()) for ways in self._ways.values()) * (len(self._served) + 1)
        self._routing.AddDimensionWithVehicleTransitAndCapacity(
            [metres[fleet] for fleet in self._fleet_of],
            0,
            [any_length if limit is None else limit for limit in limits],
            True,
            "metres",
        )

    def _add_capacities(self) -> None:
        problem = self._problem
        loads = [problem.consignments[idx] for idx in self._served]
        fleet = [problem.fleet[position] for position in self._fleet_of]
        all_pieces = sum(one.pieces for one in loads) + 1
        self._add_dimension("mass", [one.mass_g for one in loads], [kind.mass_g for kind in fleet])
        self._add_dimension("volume", [one.volume_cm3 for one in loads], [kind.volume_cm3 for kind in fleet])
        if any(kind.pieces is not None for kind in fleet):
            limits = [all_pieces if kind.pieces is None else kind.pieces for kind in fleet]
            self._add_dimension("pieces", [one.pieces for one in loads], limits)

    def _add_dimension(self, name: str, demand: list[int], limits: list[int]) -> None:
        callback = self._routing.RegisterUnaryTransitVector([0] * self._first + demand)
        self._routing.AddDimensionWithVehicleCapacity(callback, 0, limits, True, name)

    def _add_choices(self, slots: Sequence[_Slots]) -> None:
        routing, problem = self._routing, self._problem
        dearest = max(
            problem.fleet[fleet].prices.trip + problem.fleet[fleet].prices.day + 2 * self._dearest_leg(fleet)
            for fleet in self._ways
        )
        penalty = max(1, dearest, *problem.prizes.values()) * _MISSING_FACTOR
        for position, idx in enumerate(self._served):
            vehicles: list[int] = []
            first = 0
            for slot in slots:
                if slot.allowed[position]:
                    vehicles.extend(range(first, first + slot.number))
                first += slot.number
            index = self._manager.NodeToIndex(self._first + position)
            routing.AddDisjunction([index], problem.prizes.get(idx, penalty))
            if len(vehicles) < len(self._fleet_of):
                routing.VehicleVar(index).SetValues([-1, *vehicles])

    def _dearest_leg(self, fleet: int) -> int:
        """Price of the longest and slowest leg there might be."""
        kind, ways = self._problem.fleet[fleet], self._ways[fleet]
        slowest_s = int(ways.spent_s[ways.spent_s < _NO_WAY_S].max(initial=0))
        return kind.prices.km * int(ways.metres.max()) // 1000 + kind.prices.hour * slowest_s // 3600

    def search(
        self,
        strategy: Any,  # noqa: ANN401 - an enum of OR-Tools
        start: list[list[int]] | None,
        time_s: float | None,
        solutions: int | None,
        seed: int,
    ) -> tuple[int, list[list[int]]] | None:
        """Search from a start heuristic, or by guided local search from a solution."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        if strategy is not None:
            parameters.first_solution_strategy = strategy
            parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        else:
            parameters.local_search_metaheuristic = (
                routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
            )
        if time_s is not None and solutions is None:
            parameters.time_limit.FromMilliseconds(max(50, int(time_s * 1000)))
        if solutions is not None:
            parameters.solution_limit = solutions
            if strategy is None:
                most = self._routing.solver().FailuresLimit(_FAILURES_PER_SOLUTION * solutions)
                self._routing.AddSearchMonitor(most)
        parameters.log_search = False
        self._routing.solver().ReSeed(seed)
        self._forget()
        if start is None:
            self._routing.SolveWithParameters(parameters)
        else:
            # None, whatever its stub says, where the routes do not fit the model
            assignment = cast("Any | None", self._routing.ReadAssignmentFromRoutes(start, True))
            if assignment is None:
                self._routing.SolveWithParameters(parameters)
            else:
                self._routing.SolveFromAssignmentWithParameters(assignment, parameters)
        if self._raised is not None:
            raise self._raised
        return None if self._best is None else (self._best, self._solution)

    def _forget(self) -> None:
        self._best, self._solution = None, []

    def _on_solution(self) -> None:
        """Called by OR-Tools, which would swallow what is raised here."""
        try:
            self._take_solution()
        except BaseException as error:
            self._raised = self._raised or error
            self._routing.solver().FinishCurrentSearch()

    def _take_solution(self) -> None:
        value = self._routing.CostVar().Value()
        if self._best is not None and value >= self._best:
            return
        self._best = value
        self._solution = [self._nodes_of(vehicle) for vehicle in range(len(self._fleet_of))]
        self.all_on_time |= self._report(
            [
                Proposal(
                    Route(self._fleet_of[vehicle], tuple(self._served[node - self._first] for node in nodes))
                )
                for vehicle, nodes in enumerate(self._solution)
                if nodes
            ]
        )

    def _nodes_of(self, vehicle: int) -> list[int]:
        nodes: list[int] = []
        index = self._routing.NextVar(self._routing.Start(vehicle)).Value()
        while not self._routing.IsEnd(index):
            nodes.append(self._manager.IndexToNode(index))
            index = self._routing.NextVar(index).Value()
        return nodes
