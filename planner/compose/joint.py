"""CP-SAT picks and schedules the trips of several layers together: what no layer by itself can see.

A trip from a hub starts only after everything that it carries has been unloaded there and transferred, and
what lies at a hub has room. Layers that are not searched keep their trips: they are limits to the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from ortools.sat.python import cp_model

from planner.chain import Chain
from planner.compose.chained import ChainSolution
from planner.compose.model import PickingModel, cp_solver
from planner.compose.naming import NamingFailedError
from planner.compose.rules import deadline, hub_storage, transfer
from planner.compose.rules.chain import one_way
from planner.compose.solution import Solution
from planner.compose.starts import FurtherStarts
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
        self.stages: list[cp_model.LinearExprT] = [self.cost]
        if with_late:
            receipts = list(self._receipts())
            weight = deadline.late_weight(self.model, receipts)
            self.stages = [weight, deadline.lateness_min(self.model, receipts), self.cost]

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
        legs = {first: [(0, first)] for first in self._chain.straight}
        for number, layer in enumerate(self._chain.layers):
            for idx in range(len(layer.source)):
                first = self._chain.first(number, idx)
                if first in legs:
                    legs[first].append((number, idx))
        gone = self._chain.root.unserved
        for first, straight in self._chain.straight.items():
            by_chain = [away for leg in legs[first] for away in self._away(*leg)]
            off = list(self._away(0, straight))
            if 0 not in self.parts:
                off = [straight not in self._best.parts[0].delivered]
            elif straight in gone:
                off.append(True)
            elif first in gone:
                by_chain.append(True)
            var = self.model.new_bool_var(f"chain{first}")
            one_way(self.model, var, chain=by_chain, straight=off)

    def _away(self, number: int, idx: int) -> Iterator[cp_model.IntVar | bool]:
        """Whether a consignment is away from a leg, as far as this layer says anything of it."""
        if number in self.parts:
            yield self.parts[number].away[idx]
        elif number and idx in self._best.parts[number].delivered:
            yield False
        elif number and 0 in self.parts:  # where the warehouse's layer stays too, that says it
            yield True

    # ---------------------------------------------------------------- hubs

    def _link(self, number: int) -> None:
        """The trips of a hub start after their goods have come and been transferred; these have room."""
        layer = self._chain.layers[number]
        below, above = self.parts.get(number), self.parts.get(layer.above)
        if above is not None:
            taken = self._best.parts[number].delivered if below is None else ()
            transfer.only_what_comes(
                self.model, layer, above.missing, {} if below is None else below.missing, taken
            )
            ready = self._starts(number) if below is None else self._ready_of(number, above)
            transfer.bring_by(self.model, transfer.handovers(layer, above.options), ready)
        if below is not None:
            if above is None:
                comes: Mapping[int, transfer.Moment] = self._best.ready_s(number)
            else:
                comes = {
                    idx: self._ready[number, source]
                    for idx, source in enumerate(layer.source)
                    if (number, source) in self._ready
                }
            transfer.load_after(self.model, below.options, comes)
        if self._is_tight(number):
            assert layer.storage_cm3 is not None
            hub_storage.limit_storage(
                self.model,
                list(self._stays(number)),
                room_cm3=layer.storage_cm3,
                horizon_s=layer.problem.horizon_s,
            )

    def _ready_of(self, number: int, above: PickingModel) -> dict[int, cp_model.IntVar]:
        """A moment for each consignment that may come to a hub, by its position above."""
        found: dict[int, cp_model.IntVar] = {}
        for handover in transfer.handovers(self._chain.layers[number], above.options):
            for source in handover.consignments:
                if source not in found:
                    found[source] = self.model.new_int_var(0, above.problem.horizon_s, f"r{number}c{source}")
                    self._ready[number, source] = found[source]
        return found

    def _starts(self, number: int) -> Mapping[int, int]:
        """When the consignments of a layer that is not searched start to be loaded, by their source."""
        source = self._chain.layers[number].source
        return {
            source[idx]: one.timing.load_start_s
            for one in self._best.parts[number].assignments
            for idx in one.candidate.route.consignments
        }

    def _is_tight(self, number: int) -> bool:
        """Whether more passes a hub than it has room for at once."""
        layer = self._chain.layers[number]
        volumes = [one.volume_cm3 for one in layer.problem.consignments]
        return layer.storage_cm3 is not None and sum(volumes) > layer.storage_cm3

    def _stays(self, number: int) -> Iterator[hub_storage.Stay]:
        """How long each consignment lies at a hub."""
        layer = self._chain.layers[number]
        below, above = self.parts.get(number), self.parts.get(layer.above)
        known_come = {idx: one.end_s for one in self._best.unloadings(number) for idx in one.consignments}
        known_leave = self._starts(number)
        horizon_s = layer.problem.horizon_s
        brought = [] if above is None else list(transfer.handovers(layer, above.options))
        for idx in layer.problem.served:
            source = layer.source[idx]
            comes: hub_storage.Moments = known_come.get(source, 0)
            leaves: hub_storage.Moments = known_leave.get(source, horizon_s)
            there: cp_model.LinearExprT = int(source in known_come)
            if above is not None:
                there = 1 - above.missing.get(source, 0)
                comes = [
                    (one.option.used, one.option.start + one.end_s)
                    for one in brought
                    if source in one.consignments
                ]
            if below is not None:
                leaves = [(one.used, one.start) for one in below.options if idx in one.consignments]
                if idx in below.missing:
                    leaves.append((below.missing[idx], horizon_s))
            volume_cm3 = layer.problem.consignments[idx].volume_cm3
            yield hub_storage.Stay(f"{number}c{idx}", volume_cm3, there, comes, leaves)

    # ---------------------------------------------------------------- lateness

    def _receipts(self) -> Iterator[deadline.Receipt]:
        """What makes each region late: trips to it, and to the hubs of its chain."""
        late: dict[str, list[deadline.Late]] = {}
        fixed: dict[str, int] = {}
        for number in range(len(self._chain.layers)):
            part = self.parts.get(number)
            if part is None:
                for name, over_s in self._fixed_late(number):
                    fixed[name] = max(fixed.get(name, 0), over_s)
            else:
                for name, used, over in self._late_options(number, part):
                    late.setdefault(name, []).append((used, over))
        for name, (number, stop) in self._chain.regions.items():
            problem, part = self._chain.layers[number].problem, self.parts.get(number)
            missing: Sequence[cp_model.IntVar] | bool = self._best.undelivered[name] > 0
            if part is not None:
                missing = [part.missing[idx] for idx in problem.consignments_of[stop] if idx in part.missing]
                missing += self._missing_straight(name)
            yield deadline.Receipt(
                name=name,
                weight=int(problem.weight[stop]),
                counts=not (stop in problem.hopeless or stop in problem.given_up),
                missing=missing,
                late=late.get(name, ()),
                over_s=fixed.get(name, 0),
                horizon_s=problem.horizon_s,
            )

    def _missing_straight(self, name: str) -> list[cp_model.IntVar]:
        """What of a region goes straight and is missing."""
        root, stop = self.parts.get(0), self._chain.direct.get(name)
        if root is None or stop is None or self._chain.regions[name] == (0, stop):
            return []
        return [root.missing[idx] for idx in root.problem.consignments_of[stop] if idx in root.missing]

    def _late_options(
        self, number: int, part: PickingModel
    ) -> Iterator[tuple[str, cp_model.IntVar, cp_model.LinearExprT]]:
        """Region, use and seconds of lateness of each option that makes a region late."""
        problem, hubs = part.problem, self._chain.layers[number].hubs
        for one in part.options:
            late = one.variant.late
            for position, stop in enumerate(one.trip.stops):
                if stop.region in late:
                    over_s = one.variant.timing.over_s(position, problem.region_deadlines[stop.region])
                    over = one.start - one.variant.low_s + over_s
                    for name in _names(part, stop.consignments, hubs[stop.region]):
                        yield name, one.used, over

    def _fixed_late(self, number: int) -> Iterator[tuple[str, int]]:
        """Region and seconds of lateness of each stop of a layer that is not searched."""
        part, hubs = self._best.parts[number], self._chain.layers[number].hubs
        for one in part.assignments:
            for position, stop in enumerate(one.candidate.stops):
                over_s = one.timing.over_s(position, part.problem.region_deadlines[stop.region])
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
    one layer and of some of its hubs are searched anew while all others stay. What may wait or pause gets
    further starts from each better solution; all layers are searched again as long as there are new ones.
    """
    neighbourhoods = _Neighbourhoods(chain, pools, Random(seed))
    budget = left(1.0)
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s
    tries = _NEIGHBOURHOODS * (budget.effort or 0)
    number = 0
    whole = neighbourhoods.is_small
    while number < tries if ends is None else time.monotonic() < ends:
        with_late = not best.all_on_time
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
        if whole and proven and not neighbourhoods.add_starts(best):
            break
        whole = whole and proven
    return best


class _Neighbourhoods:
    """Parts of a solution that are searched anew, and the trips to choose from."""

    def __init__(self, chain: Chain, pools: Sequence[Sequence[Candidate]], random: Random) -> None:
        self._chain = chain
        self._pools = pools
        self._random = random
        self._held = [[frozenset(one.route.consignments) for one in pool] for pool in pools]
        self._variants: dict[int, list[Variant]] = {}
        self._starts = FurtherStarts(chain)

    @property
    def is_small(self) -> bool:
        """Whether all layers can be searched together."""
        return sum(len(one) for one in self._pools) <= _TOGETHER

    def whole(self, best: ChainSolution, with_late: bool) -> dict[int, Free]:
        """Everything."""
        self.add_starts(best)
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
        inside = {number: self._inside(number, frozenset(mine)) for number, mine in sorted(loose.items())}
        self._add_starts(best, inside)
        return {
            number: self._free(number, mine, best.parts[number], frozenset(loose[number]), with_late)
            for number, mine in inside.items()
        }

    def add_starts(self, best: ChainSolution) -> bool:
        """Let what may wait or pause start when vehicle and goods may be there; whether that is new."""
        return self._add_starts(best, {number: range(len(pool)) for number, pool in enumerate(self._pools)})

    def _add_starts(self, best: ChainSolution, inside: Mapping[int, Iterable[int]]) -> bool:
        """The same for some trips of each layer, by their positions."""
        trips = {number: [self._pools[number][one] for one in mine] for number, mine in inside.items()}
        changed = self._starts.add(best, trips)
        for one in changed:
            self._variants.pop(id(one), None)
        return bool(changed)

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
