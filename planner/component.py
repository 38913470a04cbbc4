"""Solving one component: each layer proposed, composed and evened out, and all of them fitted together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from planner.assemble import build_chain
from planner.bounds.radial import radial_bound
from planner.chain import Layer
from planner.compose.chained import ChainSolution, empty, unloadings
from planner.compose.slack import latest_starts
from planner.compose.solution import Solution
from planner.instance.schema import Instance, Region
from planner.layer_search import FEW_ROUTES, LayerSearch, SearchOptions
from planner.outcome import Outcome, outcome_of
from planner.plan import StopReason
from planner.problem import Problem, Proposal, Route
from planner.propose.engine import Budget
from planner.propose.pool import Pool, every_route

__all__ = ["ComponentSearch", "SearchOptions"]

Hear = Callable[[Outcome], None]

# Seconds of proposing for a quick look, and so many more for each consignment.
_QUICK_S, _QUICK_S_EACH = 0.03, 0.0006
_LEAST_S = 0.5
# No component is searched longer than this, plus so much for each of its consignments.
_MOST_S, _MOST_S_EACH = 2.0, 0.5
# Where goods pass hubs: shares of the time for each round of searching the layers by themselves.
_ROUND_SHARES = (0.6, 0.2)
# Of a round: from the hubs up to the warehouse, and back down with the hours at which goods arrive.
_UP_SHARE = 0.65
# So much of a layer's share is like that of one consignment.
_SIZE_OF_ANY_LAYER = 3
_LEAST_STEP_S = 0.03
# A layer by itself has all its routes where there are no more than this.
_FEW_OF_LAYER = 150
# Routes of each layer that are composed together.
_ROUTES_OF_WAREHOUSE, _ROUTES_OF_HUB = 300, 60


class ComponentSearch:
    """The search of one warehouse and its regions: a quick look, then all the rest.

    Parameters
    ----------
    instance, warehouse_id, regions
        The component.
    options
        How to search.
    hear
        Told of each better outcome on the way.
    """

    def __init__(
        self,
        instance: Instance,
        warehouse_id: str,
        regions: Sequence[Region],
        *,
        options: SearchOptions,
        hear: Hear,
    ) -> None:
        self._instance = instance
        self._regions = regions
        self._options = options
        self._hear = hear
        self._bound: int | None = None
        self._chain = build_chain(instance, warehouse_id, regions)
        self.best = empty(self._chain)
        self._known: dict[int, list[Solution]] = {}  # good solutions of each layer by itself
        self._pools = [Pool(layer.problem) for layer in self._chain.layers]
        self._routes: list[dict[Route, None]] = [{} for _ in self._chain.layers]
        self._held: dict[tuple[int, int], int] = {}  # by layer and consignment: not before, for want of room
        self._single = LayerSearch(self._chain.root, self._alone) if self._chain.is_single else None

    def quick(self) -> None:
        """Find something soon; only for searches by the clock, since its result depends on it."""
        if self._single is not None:
            number = len(self._chain.root.served)
            if number:
                budget = Budget(time_s=_QUICK_S + _QUICK_S_EACH * number)
                self._single.propose(budget, self._options)
                if not self._single.best.assignments:
                    self._single.fall_back()
            return
        number = self._chain.num_consignments
        self._round(_Clock(_QUICK_S * len(self._chain.layers) + _QUICK_S_EACH * number), thorough=False)

    def rest(self, time_s: float | None) -> Outcome:
        """Best outcome.

        Parameters
        ----------
        time_s
            Seconds for it, of which a small component takes only a part; None with an effort. Where none is
            left, what is there is enough.
        """
        served = any(layer.problem.served for layer in self._chain.layers)
        enough = time_s is not None and time_s <= 0 and any(part.assignments for part in self.best.parts)
        if time_s is not None:
            most_s = _MOST_S + _MOST_S_EACH * self._chain.num_consignments
            time_s = min(max(_LEAST_S, time_s), most_s)
        clock = _Clock(None if self._options.effort is not None else time_s, self._options.effort)
        if self._single is not None:
            self._bound = radial_bound(self._instance, self._chain.root, self._regions)
        if served and not enough:
            if self._single is not None:
                self._single.run(clock.left, self._options)
            else:
                self._rounds(clock)
        reason = StopReason.EFFORT if self._options.effort is not None else StopReason.TIME_LIMIT
        return outcome_of(
            self.best, stop_reason=reason if served else StopReason.COMPLETE, lower_bound=self._bound
        )

    def _alone(self, solution: Solution) -> None:
        self._consider(ChainSolution(self._chain, (solution,)))

    def _consider(self, found: ChainSolution) -> bool:
        """Keep what is better and tell of it; whether it is."""
        first = not any(part.assignments for part in self.best.parts)
        if not first and found.score >= self.best.score:
            return False
        self.best = found
        self._hear(outcome_of(found, stop_reason=StopReason.INTERRUPTED, lower_bound=self._bound))
        return True

    # ---------------------------------------------------------------- layers

    def _rounds(self, clock: _Clock) -> None:
        """Search the layers by themselves, then what they share."""
        for share in _ROUND_SHARES:
            self._round(clock.part(share), thorough=True)
        self._join(clock)

    def _round(self, clock: _Clock, *, thorough: bool) -> None:
        """From the hubs up: when goods are needed there; from the warehouse down: when they are there."""
        self._up(clock.part(_UP_SHARE), thorough=thorough)
        self._down(clock, thorough=thorough)

    def _up(self, clock: _Clock, *, thorough: bool) -> None:
        """Search each layer as if goods came as early as they can, the warehouse's last."""
        layers = self._chain.layers
        needed: dict[tuple[int, int], int] = {}  # by layer and place: when goods must have come at the latest
        for number in reversed(range(len(layers))):
            layer = layers[number]
            dues = {stop: due_s for (one, stop), due_s in needed.items() if one == number}
            problem = _with_dues(layer.problem, dues)
            mine = clock.part(self._share(range(number + 1), number))
            found = self._search(number, problem, mine, self._known.get(number, []), thorough=thorough)
            self._known[number] = [found]
            if layer.above >= 0:
                needed[layer.above, layer.stop] = self._needed_s(number, found)

    def _needed_s(self, number: int, found: Solution) -> int:
        """When goods must have come to the hub of a layer so that its trips can go as found."""
        layer = self._chain.layers[number]
        above = self._chain.layers[layer.above].problem
        here = [one.timing.load_start_s for one in self.best.parts[number].assignments]
        due_s = above.horizon_s
        starts = latest_starts(found)
        if found.assignments:
            pieces = _most_at_once(self.best, number) or _most_that_fit(layer, above)
            due_s = min(starts) - layer.transfer_s(pieces) + 1
        late = [
            got - layer.problem.region_deadlines[stop] + 1
            for stop, got in enumerate(self.best.parts[number].received_s)
            if got is not None and got >= layer.problem.region_deadlines[stop]
        ]
        if late and here:  # as things are: earlier by as much as somebody is late
            arrivals = [one.end_s for one in self.best.unloadings(number)]
            due_s = min(due_s, max(arrivals, default=due_s) - max(late))
        return due_s

    def _down(self, clock: _Clock, *, thorough: bool) -> None:
        """Take the warehouse's trips as they are, and search each hub with the hours of its goods."""
        layers = self._chain.layers
        parts: list[Solution] = []
        for number, layer in enumerate(layers):
            if layer.above < 0:
                found = self._known[number][0]
            else:
                ready = {
                    self._chain.below[number, idx]: one.ready_s
                    for one in unloadings(self._chain, number, parts[layer.above].assignments)
                    for idx in one.consignments
                }
                problem = _with_releases(layer.problem, ready)
                mine = clock.part(self._share(range(number, len(layers)), number))
                found = self._search(number, problem, mine, self._known[number], thorough=thorough)
            parts.append(Solution(layer.problem, found.assignments))
        self._consider(ChainSolution(self._chain, tuple(parts)))

    def _share(self, numbers: range, number: int) -> float:
        """Share of a layer's work in that of several layers."""
        sizes = [len(self._chain.layers[one].problem.served) + _SIZE_OF_ANY_LAYER for one in numbers]
        return sizes[number - numbers.start] / sum(sizes)

    def _search(
        self, number: int, problem: Problem, clock: _Clock, known: Sequence[Solution], *, thorough: bool
    ) -> Solution:
        """Search one layer, from solutions that are known of it."""
        search = LayerSearch(problem, lambda _: None, _FEW_OF_LAYER, self._pools[number])
        if not thorough and known and not problem.supplies:
            search.report(_proposals(known[0]))
            if search.best.all_on_time:
                return search.best
        for solution in known:
            search.report(_proposals(solution))
        if not problem.served:
            return search.best
        if not thorough:
            if not known:
                search.propose(clock.left(1.0), self._options)
            if not search.best.assignments:
                search.fall_back()
        else:
            search.run(clock.left, self._options, least_s=_LEAST_STEP_S)
        most = _ROUTES_OF_WAREHOUSE if number == 0 else _ROUTES_OF_HUB
        self._routes[number].update(dict.fromkeys(search.cheapest(most)))
        return search.best

    def _join(self, clock: _Clock) -> None:
        """Compose all layers together."""
        from planner.compose.joint import join

        pools, parts = [], []
        few = FEW_ROUTES // len(self._chain.layers)
        for number, layer in enumerate(self._chain.layers):
            pool = self._pools[number]
            routes = self._routes[number] | dict.fromkeys(every_route(layer.problem, few))
            mine = []
            for one in self.best.parts[number].assignments:
                routes[one.candidate.route] = None
                trip = pool.add([one.candidate.route])[0]
                assert trip is not None  # it was driven with fewer hours to choose from
                trip.timing_at(layer.problem, one.timing.load_start_s)
                mine.append(replace(one, candidate=trip))
            parts.append(Solution(layer.problem, tuple(mine)))
            pools.append([one for one in pool.add(routes) if one is not None])
        best = ChainSolution(self._chain, tuple(parts))
        join(
            self._chain,
            pools,
            best,
            left=clock.left,
            seed=self._options.seed,
            workers=self._options.workers,
            hear=self._consider,
        )


class _Clock:
    """Time or effort that may be spent, and parts of it."""

    def __init__(self, time_s: float | None, effort: int | None = None) -> None:
        self._ends = None if time_s is None else time.monotonic() + time_s
        self._effort = effort

    def left(self, share: float) -> Budget:
        """A share of what is left, for one step."""
        if self._ends is None:
            return Budget(effort=self._effort or 1)
        return Budget(time_s=max(0.02, (self._ends - time.monotonic()) * share))

    def part(self, share: float) -> _Clock:
        """A share of what is left, for several steps."""
        if self._ends is None:
            return self
        return _Clock(max(0.0, (self._ends - time.monotonic()) * share))


def _proposals(solution: Solution) -> list[Proposal]:
    """What an engine would have to propose for a solution."""
    return [
        Proposal(one.candidate.route, one.vehicle, one.timing.load_start_s) for one in solution.assignments
    ]


def _with_dues(problem: Problem, dues: Mapping[int, int]) -> Problem:
    """The problem with earlier deadlines of some places."""
    if not dues:
        return problem
    deadline_s = problem.deadline_s.copy()
    for stop, due_s in dues.items():
        deadline_s[stop] = min(deadline_s[stop], due_s)
    return replace(problem, deadline_s=deadline_s)


def _with_releases(problem: Problem, ready: Mapping[int, int]) -> Problem:
    """The problem with the hours at which its goods can be loaded; what does not come cannot be served."""
    return replace(
        problem,
        consignments=tuple(
            replace(one, release_s=ready.get(idx, one.release_s))
            for idx, one in enumerate(problem.consignments)
        ),
        unserved=problem.unserved | {idx for idx in problem.served if idx not in ready},
    )


def _most_at_once(solution: ChainSolution, number: int) -> int:
    """Most pieces that a trip unloads at the hub of a layer; 0 where none does."""
    return max((one.pieces for one in solution.unloadings(number)), default=0)


def _most_that_fit(layer: Layer, above: Problem) -> int:
    """Most pieces that can be unloaded at a hub at once: all, or what the largest vehicle holds of them."""
    mine = [above.consignments[idx] for idx in layer.source]
    pieces = sum(one.pieces for one in mine)
    volume_cm3 = sum(one.volume_cm3 for one in mine)
    largest_cm3 = max((kind.volume_cm3 for kind in above.fleet), default=0)
    return pieces if volume_cm3 <= largest_cm3 else pieces * largest_cm3 // max(1, volume_cm3)
