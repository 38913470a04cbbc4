"""CP-SAT picks and schedules the trips of several layers together: what no layer by itself can see.

A trip from a hub starts only after everything that it carries has been unloaded there and transferred, and
what lies at a hub has room. Layers that are not searched keep their trips: they are limits to the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from ortools.sat.python import cp_model

from planner.chain import Chain
from planner.compose.chained import ChainSolution
from planner.compose.model import PickingModel, cp_solver
from planner.compose.naming import NamingFailedError
from planner.compose.solution import Solution
from planner.compose.variants import Variant, variant_at, variants_of_one
from planner.propose.engine import Budget
from planner.propose.pool import Candidate

__all__ = ["Free", "JointModel", "join"]

# All layers are searched together, first, up to so many candidates.
_TOGETHER = 300
# Else, and afterwards, some trips with what they share goods with: so many, and not longer each time.
_MOST_TRIPS = 4
_AT_ONCE = 150
_LONGEST_S = 1.0
_NEIGHBOURHOODS, _EFFORT_OF_WHOLE = 12, 0.5  # of an effort of 1
_NAMING_TRIES = 4
Hear = Callable[[ChainSolution], object]


@dataclass(frozen=True)
class Free:
    """What of a layer is searched anew: trips to choose from; all its other trips stay, when they are.

    Parameters
    ----------
    candidates
        The trips to choose from, and then those that stay.
    variants
        Of all of them; of those that stay only the one that they are.
    """

    candidates: tuple[Candidate, ...]
    variants: tuple[Variant, ...]


class JointModel:
    """One model over trips of some layers, with what joins them.

    Parameters
    ----------
    chain, best
        The component, and the solution whose other layers stay as they are.
    free
        What is searched, by layer.
    with_late
        Whether trips may be late and consignments missing.
    """

    def __init__(
        self, chain: Chain, best: ChainSolution, free: Mapping[int, Free], *, with_late: bool
    ) -> None:
        self._chain = chain
        self._best = best
        self.model = cp_model.CpModel()
        self._ready: dict[tuple[int, int], cp_model.IntVar] = {}  # by layer and position in the one above
        self.parts = {
            number: PickingModel(
                chain.layers[number].problem,
                mine.candidates,
                with_late=with_late,
                model=self.model,
                variants=mine.variants,
                optional=self._optional(number),
            )
            for number, mine in free.items()
        }
        self._choose_ways()
        for number, layer in enumerate(chain.layers):
            if layer.above >= 0 and (number in self.parts or layer.above in self.parts):
                self._link(number)
        self.cost = sum(one.cost() for one in self.parts.values())
        self.stages: list[cp_model.LinearExprT] = [*(self._lateness() if with_late else ()), self.cost]

    # ---------------------------------------------------------------- chain or straight

    def _optional(self, number: int) -> list[int]:
        """Consignments of a layer that may go another way than by its trips."""
        chain = self._chain
        if number == 0:
            return [*chain.straight, *chain.straight.values()]
        return [
            idx
            for idx in range(len(chain.layers[number].source))
            if chain.first(number, idx) in chain.straight
        ]

    def _choose_ways(self) -> None:
        """What may go by its chain or straight does one of both, on all its legs."""
        chain = self._chain
        root = self.parts.get(0)
        goes = {straight for straight in chain.straight.values() if straight in self._best.parts[0].delivered}
        by_chain: dict[int, cp_model.IntVar] = {}
        for first, straight in chain.straight.items():
            var = self.model.new_bool_var(f"chain{first}")
            by_chain[first] = var
            if root is None:
                self.model.add(var == (straight not in goes))
            else:
                self.model.add(root.away[first] == ~var)
                self.model.add(root.away[straight] == var)
                if straight in chain.root.unserved:
                    self.model.add(var == 1)
                elif first in chain.root.unserved:
                    self.model.add(var == 0)
        for number, layer in enumerate(chain.layers):
            part = self.parts.get(number)
            for idx in range(len(layer.source)):
                chosen = by_chain.get(chain.first(number, idx))
                if chosen is None:
                    continue
                if part is not None:
                    self.model.add(part.away[idx] == ~chosen)
                elif idx in self._best.parts[number].delivered:
                    self.model.add(chosen == 1)
                else:
                    self.model.add(chosen == 0)

    # ---------------------------------------------------------------- transfers

    def _link(self, number: int) -> None:
        """The trips of a hub start after their goods have come and been transferred."""
        layer = self._chain.layers[number]
        below, above = self.parts.get(number), self.parts.get(layer.above)
        limited = self._is_tight(number)
        if above is not None:
            self._missing(number, above, below)
        if above is None:
            assert below is not None
            ready = self._best.ready_s(number)
            for idx, variant in enumerate(below.variants):
                mine = below.candidates[variant.candidate].route.consignments
                if any(one not in ready for one in mine):
                    self.model.add(below.used[idx] == 0)
                    continue
                earliest_s = max(ready[one] for one in mine)
                self.model.add(below.start[idx] >= earliest_s).only_enforce_if(below.used[idx])
        elif below is None:
            starts = self._fixed_starts(number)
            for idx, _, ready_s, consignments in self._unloadings(number, above):
                latest_s = min((starts[one] for one in consignments if one in starts), default=None)
                if latest_s is not None:
                    self.model.add(above.start[idx] + ready_s <= latest_s).only_enforce_if(above.used[idx])
        else:
            self._link_free(number, above, below)
        if limited:
            self._limit_storage(number)

    def _link_free(self, number: int, above: PickingModel, below: PickingModel) -> None:
        """Both layers are searched: one moment for each consignment joins them."""
        horizon_s = above.problem.horizon_s
        ready: dict[int, cp_model.IntVar] = {}
        for idx, _, ready_s, consignments in self._unloadings(number, above):
            for one in consignments:
                if one not in ready:
                    ready[one] = self.model.new_int_var(0, horizon_s, f"r{number}c{one}")
                    self._ready[number, one] = ready[one]
                self.model.add(ready[one] >= above.start[idx] + ready_s).only_enforce_if(above.used[idx])
        for idx, variant in enumerate(below.variants):
            for one in below.candidates[variant.candidate].route.consignments:
                source = self._chain.layers[number].source[one]
                if source in ready:
                    self.model.add(below.start[idx] >= ready[source]).only_enforce_if(below.used[idx])
                else:
                    self.model.add(below.used[idx] == 0)

    def _missing(self, number: int, above: PickingModel, below: PickingModel | None) -> None:
        """What does not come to a hub does not leave it."""
        layer = self._chain.layers[number]
        taken = self._best.parts[number].delivered if below is None else frozenset()
        for idx, source in enumerate(layer.source):
            if source not in above.missing:
                continue
            if below is None and idx in taken:
                self.model.add(above.missing[source] == 0)
            elif below is not None and idx in below.missing:
                self.model.add_implication(above.missing[source], below.missing[idx])

    def _unloadings(
        self, number: int, above: PickingModel
    ) -> Iterator[tuple[int, int, int, tuple[int, ...]]]:
        """Variant, end of unloading and end of transfer after its start, and consignments, at a hub."""
        layer = self._chain.layers[number]
        for idx, variant in enumerate(above.variants):
            stops = above.candidates[variant.candidate].stops
            for stop, (_, end) in zip(stops, variant.timing.services, strict=True):
                if stop.region == layer.stop:
                    after_s = end - variant.low_s
                    yield idx, after_s, after_s + layer.transfer_s(stop.pieces), stop.consignments

    def _fixed_starts(self, number: int) -> Mapping[int, int]:
        """When the consignments of a layer that is not searched start to be loaded, by their source."""
        source = self._chain.layers[number].source
        return {
            source[idx]: one.timing.load_start_s
            for one in self._best.parts[number].assignments
            for idx in one.candidate.route.consignments
        }

    # ---------------------------------------------------------------- storage

    def _is_tight(self, number: int) -> bool:
        """Whether more passes a hub than it has room for at once."""
        layer = self._chain.layers[number]
        volumes = [one.volume_cm3 for one in layer.problem.consignments]
        return layer.storage_cm3 is not None and sum(volumes) > layer.storage_cm3

    def _limit_storage(self, number: int) -> None:
        """What lies at a hub, from its unloading to its loading, has room."""
        layer = self._chain.layers[number]
        below, above = self.parts.get(number), self.parts.get(layer.above)
        horizon_s = layer.problem.horizon_s
        known_come = {idx: one.end_s for one in self._best.unloadings(number) for idx in one.consignments}
        known_leave = self._fixed_starts(number)
        intervals, volumes = [], []
        for idx, source in enumerate(layer.source):
            if idx not in layer.problem.served:
                continue
            come = self.model.new_int_var(0, horizon_s, f"come{number}c{idx}")
            leave = self.model.new_int_var(0, horizon_s, f"leave{number}c{idx}")
            lies = self.model.new_int_var(0, horizon_s, f"lies{number}c{idx}")
            there = self.model.new_bool_var(f"there{number}c{idx}")
            if above is None:
                self.model.add(there == (source in known_come))
                self.model.add(come == known_come.get(source, 0))
            else:
                self.model.add(there == 1 - above.missing.get(source, 0))
                for variant, after_s, _, consignments in self._unloadings(number, above):
                    if source in consignments:
                        moment = above.start[variant] + after_s
                        self.model.add(come == moment).only_enforce_if(above.used[variant])
            if below is None:
                self.model.add(leave == known_leave.get(source, horizon_s))
            else:
                for variant, one in enumerate(below.variants):
                    if idx in below.candidates[one.candidate].route.consignments:
                        self.model.add(leave == below.start[variant]).only_enforce_if(below.used[variant])
                if idx in below.missing:
                    self.model.add(leave == horizon_s).only_enforce_if(below.missing[idx])
            intervals.append(
                self.model.new_optional_interval_var(come, lies, leave, there, f"at{number}c{idx}")
            )
            volumes.append(layer.problem.consignments[idx].volume_cm3)
        assert layer.storage_cm3 is not None
        self.model.add_cumulative(intervals, volumes, layer.storage_cm3)

    # ---------------------------------------------------------------- lateness

    def _lateness(self) -> tuple[cp_model.LinearExprT, cp_model.LinearExprT]:
        """Weight of the regions late or without something (which counts more), and weighted minutes."""
        chain, weights, minutes = self._chain, [], []
        problems = [layer.problem for layer in chain.layers]
        total = sum(int(problems[number].weight[stop]) for number, stop in chain.regions.values()) + 1
        late: dict[str, list[tuple[cp_model.IntVar, cp_model.LinearExprT]]] = {}
        fixed: dict[str, int] = {}
        for number in range(len(chain.layers)):
            part = self.parts.get(number)
            if part is None:
                for name, over_s in self._fixed_late(number):
                    fixed[name] = max(fixed.get(name, 0), over_s)
            else:
                for name, used, over in self._late_variants(number, part):
                    late.setdefault(name, []).append((used, over))
        for name, (number, stop) in chain.regions.items():
            problem, weight = problems[number], int(problems[number].weight[stop])
            gone = self.model.new_bool_var(f"gone{name}")
            part = self.parts.get(number)
            if part is None:
                got = self._best.undelivered[name] == 0
                self.model.add(gone == (not got))
            else:
                mine = [part.missing[idx] for idx in problem.consignments_of[stop] if idx in part.missing]
                mine += self._missing_straight(name)
                self.model.add_max_equality(gone, [*mine, 0])
            weights.append(total * weight * gone)
            is_late = self.model.new_bool_var(f"late{name}")
            over_min = self.model.new_int_var(0, problem.horizon_s // 60 + 1, f"over{name}")
            for used, over in late.get(name, ()):
                self.model.add_bool_or(~used, is_late, gone)
                self.model.add(60 * over_min >= over).only_enforce_if(used)
            if fixed.get(name, 0) > 0:
                self.model.add(is_late == 1)
                self.model.add(over_min >= -(-fixed[name] // 60))
            if not (stop in problem.hopeless or stop in problem.given_up):
                weights.append(weight * is_late)
            minutes.append(weight * over_min)
        return sum(weights), sum(minutes)

    def _missing_straight(self, name: str) -> list[cp_model.IntVar]:
        """What of a region goes straight and is missing."""
        root, stop = self.parts.get(0), self._chain.direct.get(name)
        if root is None or stop is None or self._chain.regions[name] == (0, stop):
            return []
        return [root.missing[idx] for idx in root.problem.consignments_of[stop] if idx in root.missing]

    def _late_variants(
        self, number: int, part: PickingModel
    ) -> Iterator[tuple[str, cp_model.IntVar, cp_model.LinearExprT]]:
        """Region, use and seconds of lateness of each variant that makes a region late."""
        problem, hubs = part.problem, self._chain.layers[number].hubs
        for idx, variant in enumerate(part.variants):
            if not variant.late:
                continue
            for stop, (_, end) in zip(
                part.candidates[variant.candidate].stops, variant.timing.services, strict=True
            ):
                if stop.region in variant.late:
                    after_s = end - variant.low_s
                    over = part.start[idx] + after_s + 1 - problem.region_deadlines[stop.region]
                    for name in _names(part, stop.consignments, hubs[stop.region]):
                        yield name, part.used[idx], over

    def _fixed_late(self, number: int) -> Iterator[tuple[str, int]]:
        """Region and seconds of lateness of each stop of a layer that is not searched."""
        part, hubs = self._best.parts[number], self._chain.layers[number].hubs
        for one in part.assignments:
            for stop, (_, end) in zip(one.candidate.stops, one.timing.services, strict=True):
                over_s = end + 1 - part.problem.region_deadlines[stop.region]
                for name in _names(part, stop.consignments, hubs[stop.region]):
                    yield name, over_s

    # ---------------------------------------------------------------- solutions

    def hint(self, solution: ChainSolution) -> None:
        """Start from a solution whose candidates are among the model's."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for number, part in self.parts.items():
            part.hint(solution.parts[number])
            delivered = solution.parts[number].delivered
            for idx, away in part.away.items():
                self.model.add_hint(away, idx not in delivered)
        for number in self.parts:
            for unloading in solution.unloadings(number):
                for idx in unloading.consignments:
                    if (number, idx) in self._ready:
                        self.model.add_hint(self._ready[number, idx], unloading.ready_s)

    def solution(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> ChainSolution:
        """Named solution of what the solver found; raises NamingFailedError."""
        parts = [
            self.parts[number].solution(solver) if number in self.parts else part
            for number, part in enumerate(self._best.parts)
        ]
        return ChainSolution(self._chain, tuple(parts))


def _names(part: PickingModel | Solution, consignments: Sequence[int], hub: int) -> set[str]:
    """Regions for which consignments are, handed over at a region or at a hub."""
    problem = part.problem
    mine = [problem.consignments[idx] for idx in consignments]
    return {one.for_region if hub >= 0 else problem.places[problem.place(one.region)] for one in mine}


def join(
    chain: Chain,
    pools: Sequence[Sequence[Candidate]],
    best: ChainSolution,
    *,
    left: Callable[[float], Budget],
    seed: int,
    workers: int,
    hear: Hear,
) -> ChainSolution:
    """Best solution found over the pools of all layers, never worse than the one given.

    Parameters
    ----------
    chain
        The component.
    pools
        Candidates of each layer; those of the solution must be among them.
    best
        A solution.
    left
        Gives a share of what may still be spent.
    seed, workers
        For the choice of neighbourhoods, and for CP-SAT.
    hear
        Told of each better solution.

    Notes
    -----
    All layers together where they have few candidates; else neighbourhood after neighbourhood: the trips of
    one layer and of some of its hubs are searched anew while all others stay.
    """
    neighbourhoods = _Neighbourhoods(chain, pools, Random(seed))
    budget = left(1.0)
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s
    tries = _NEIGHBOURHOODS * (budget.effort or 0)
    number = 0
    while number < tries if ends is None else time.monotonic() < ends:
        with_late = not best.all_on_time
        whole = neighbourhoods.is_small and number == 0
        free = neighbourhoods.whole(best, with_late) if whole else neighbourhoods.some(best, with_late)
        time_s = None if ends is None else ends - time.monotonic()
        if time_s is not None and not whole:
            time_s = min(time_s, _LONGEST_S)
        share = 1.0 if ends is not None else _EFFORT_OF_WHOLE if whole else 1 / tries
        now = Budget(time_s=time_s, effort=None if ends is not None else budget.effort)
        joint = JointModel(chain, best, free, with_late=with_late)
        found, proven = _search(
            joint, best, budget=now, share=share, workers=workers, seed=seed + number, hear=hear
        )
        best = found if found.score < best.score else best
        number += 1
        if whole and proven:
            break
    return best


class _Neighbourhoods:
    """Parts of a solution that are searched anew, and the trips to choose from."""

    def __init__(self, chain: Chain, pools: Sequence[Sequence[Candidate]], random: Random) -> None:
        self._chain = chain
        self._pools = pools
        self._random = random
        self._held = [[frozenset(one.route.consignments) for one in pool] for pool in pools]
        self._variants: dict[int, list[Variant]] = {}

    @property
    def is_small(self) -> bool:
        """Whether all layers can be searched together."""
        return sum(len(one) for one in self._pools) <= _TOGETHER

    def whole(self, best: ChainSolution, with_late: bool) -> dict[int, Free]:
        """Everything."""
        return {
            number: self._free(number, list(range(len(pool))), best.parts[number], frozenset(), with_late)
            for number, pool in enumerate(self._pools)
        }

    def some(self, best: ChainSolution, with_late: bool) -> dict[int, Free]:
        """Some trips of a layer, with those of other layers that carry the same goods."""
        chain, random = self._chain, self._random
        with_trips = [number for number, part in enumerate(best.parts) if part.assignments]
        if not with_trips:
            return self.whole(best, with_late)
        centre = random.choice(with_trips)
        trips = list(best.parts[centre].assignments)
        missing = set(chain.layers[centre].problem.served) - best.parts[centre].delivered
        chosen = random.sample(trips, min(len(trips), random.randint(1, _MOST_TRIPS)))
        loose: dict[int, set[int]] = {
            centre: {idx for one in chosen for idx in one.candidate.route.consignments} | missing
        }
        if centre == 0:
            loose[0] = self._with_other_ways(loose[0])
        loose |= self._beside(loose[centre], centre, best)
        return {
            number: self._free(number, self._inside(number, mine), best.parts[number], mine, with_late)
            for number, mine in sorted((number, frozenset(mine)) for number, mine in loose.items())
        }

    def _with_other_ways(self, goods: set[int]) -> set[int]:
        """Goods of the warehouse's layer, and the same ones by their other way."""
        straight = self._chain.straight
        other = {one: two for pair in straight.items() for one, two in (pair, pair[::-1])}
        return goods | {other[idx] for idx in goods if idx in other}

    def _beside(self, goods: set[int], centre: int, best: ChainSolution) -> dict[int, set[int]]:
        """The trips above and below that carry the same goods, as many as can be searched at once."""
        chain = self._chain
        found: dict[int, set[int]] = {}
        size = len(self._inside(centre, frozenset(goods)))
        number, mine = centre, goods
        while chain.layers[number].above >= 0:  # upwards
            source = chain.layers[number].source
            number = chain.layers[number].above
            mine = _with_their_trips(best.parts[number], {source[idx] for idx in mine})
            mine = mine if number else self._with_other_ways(mine)
            size += len(self._inside(number, frozenset(mine)))
            if size > _AT_ONCE:
                break
            found[number] = mine
        hubs = [number for number, layer in enumerate(chain.layers) if layer.above == centre]
        self._random.shuffle(hubs)
        for hub in hubs:  # downwards
            source = chain.layers[hub].source
            mine = _with_their_trips(best.parts[hub], {idx for idx, one in enumerate(source) if one in goods})
            inside = len(self._inside(hub, frozenset(mine)))
            if mine and size + inside <= _AT_ONCE:
                size += inside
                found[hub] = mine
        return found

    def _inside(self, number: int, goods: frozenset[int]) -> list[int]:
        """Positions in a layer's pool of the trips with nothing but these goods."""
        return [position for position, held in enumerate(self._held[number]) if held <= goods]

    def _free(
        self,
        number: int,
        positions: Sequence[int],
        part: Solution,
        goods: frozenset[int],
        with_late: bool,
    ) -> Free:
        problem, pool = self._chain.layers[number].problem, self._pools[number]
        candidates = [pool[position] for position in positions]
        variants: list[Variant] = []
        for position, one in enumerate(candidates):
            if id(one) not in self._variants:
                self._variants[id(one)] = variants_of_one(problem, one, 0)
            variants += [
                replace(variant, candidate=position)
                for variant in self._variants[id(one)]
                if with_late or problem.hopeless.issuperset(variant.late)
            ]
        whole = len(candidates) == len(pool)
        at = {id(one): position for position, one in enumerate(candidates)}
        there = {(variant.candidate, variant.low_s): variant for variant in variants}
        for trip in part.assignments:
            loose = whole or not goods.isdisjoint(trip.candidate.route.consignments)
            position = at.get(id(trip.candidate), -1)
            if not loose or (position, trip.timing.load_start_s) not in there:
                variants.append(variant_at(problem, trip.candidate, len(candidates), trip.timing))
                candidates.append(trip.candidate)
        return Free(tuple(candidates), tuple(variants))


def _with_their_trips(part: Solution, goods: set[int]) -> set[int]:
    """Goods, and all that travels with some of them."""
    found = set(goods)
    for one in part.assignments:
        if not goods.isdisjoint(one.candidate.route.consignments):
            found.update(one.candidate.route.consignments)
    return found


def _search(
    joint: JointModel,
    best: ChainSolution,
    *,
    budget: Budget,
    share: float,
    workers: int,
    seed: int,
    hear: Hear,
) -> tuple[ChainSolution, bool]:
    """Search what is free, stage after stage of the objective; and whether nothing better is there."""
    proven = True
    for position, objective in enumerate(joint.stages):
        joint.model.minimize(objective)
        for _ in range(_NAMING_TRIES):
            joint.hint(best)
            listener = _Listener(joint, best, hear)
            solver = cp_solver(budget, share / len(joint.stages), workers, seed)
            status = solver.solve(joint.model, listener)
            best = listener.best
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return best, False
            proven = proven and status == cp_model.OPTIMAL and listener.failed is None
            if listener.failed is None or budget.effort is None:
                break
            number, failed = listener.failed
            joint.parts[number].forbid(failed)
        if position + 1 < len(joint.stages):
            joint.model.clear_objective()  # type: ignore[no-untyped-call]
            joint.model.add(objective <= round(solver.objective_value))
    return best, proven


class _Listener(cp_model.CpSolverSolutionCallback):
    """Names each solution as it comes, and keeps the best that can be named."""

    def __init__(self, joint: JointModel, best: ChainSolution, hear: Hear) -> None:
        super().__init__()
        self._joint = joint
        self.best = best
        self._hear = hear
        self.failed: tuple[int, NamingFailedError] | None = None

    def on_solution_callback(self) -> None:
        """Called by CP-SAT."""
        self.failed = None
        parts: list[Solution] = []
        for number, part in enumerate(self.best.parts):
            model = self._joint.parts.get(number)
            try:
                parts.append(part if model is None else model.solution(self))
            except NamingFailedError as failed:
                self.failed = (number, failed)
                return
        found = ChainSolution(self.best.chain, tuple(parts))
        if found.score < self.best.score:
            self.best = found
            self._hear(found)
