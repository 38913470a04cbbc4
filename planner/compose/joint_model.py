"""CP-SAT picks and schedules the trips of several echelons together: what no echelon by itself can see.

A trip from a hub starts only after everything that it carries has been unloaded there and transferred, and
what lies at a hub has room. Echelons that are not searched keep their trips: they are limits to the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from random import Random

from ortools.sat.python import cp_model

from planner.compose.component_solution import ComponentSolution
from planner.compose.hub_nights import with_fewer_hub_nights
from planner.compose.master import PickingModel
from planner.compose.neighbourhoods import Free, Neighbourhoods, names_of
from planner.compose.rules import cost, deadline, hub_storage, split, transfer
from planner.compose.rules.chain import one_way
from planner.compose.solution import Solution
from planner.compose.stages import cp_solver, stage_after_stage
from planner.compose.vehicle_naming import NamingFailedError
from planner.network.calendars import day_index
from planner.problem.echelons import Echelons
from planner.problem.one_day import received
from planner.propose.engine import Budget
from planner.propose.pool import Candidate

__all__ = ["JointModel", "join"]

# Where not all echelons are searched together: so long at most each time.
_LONGEST_S = 1.0
_NEIGHBOURHOODS, _EFFORT_OF_WHOLE = 12, 0.5  # of an effort of 1
_NAMING_TRIES = 4
_SHARE_OF_STAGE = 0.5  # of what is left, by the clock
Hear = Callable[[ComponentSolution], object]


class JointModel:
    """One model over trips of some echelons, with what joins them.

    Parameters
    ----------
    echelons, best
        The component, and the solution whose other echelons stay as they are.
    free
        What is searched, by echelon.
    with_late
        Whether trips may be late and consignments missing.
    propagate_more
        Whether trips may overlap (`planner.compose.delay_propagation`) that do not yet.
    """

    def __init__(
        self,
        echelons: Echelons,
        best: ComponentSolution,
        free: Mapping[int, Free],
        *,
        with_late: bool,
        propagate_more: bool = True,
    ) -> None:
        self._echelons = echelons
        self._best = best
        self.model = cp_model.CpModel()
        self._ready: dict[tuple[int, int], cp_model.IntVar] = {}  # by echelon and position in the one above
        self.parts = {
            number: PickingModel(
                echelons.each[number].problem,
                mine.candidates,
                with_late=with_late,
                model=self.model,
                variants=mine.variants,
                optional=self._optional(number),
                base=best.parts[number],
                propagate_more=propagate_more,
            )
            for number, mine in free.items()
        }
        self._choose_ways()
        for number, echelon in enumerate(echelons.each):
            if echelon.above >= 0 and (number in self.parts or echelon.above in self.parts):
                self._link(number)
        self._one_day()
        self.cost = sum([*(one.cost() for one in self.parts.values()), *self._hub_nights()])
        self.stages: list[cp_model.LinearExprT] = [self.cost]
        if with_late or any(echelon.problem.hopeless for echelon in echelons.each):
            receipts = list(self._receipts())
            self.stages.insert(0, deadline.lateness_min(self.model, receipts))
            if with_late:
                weights = deadline.late_weights(self.model, receipts)
                if len(weights) > 1 and not any(best.score[:2]):
                    self.model.add(weights.pop(0) <= 0)
                self.stages[:0] = weights

    # ---------------------------------------------------------------- chain or straight

    def _optional(self, number: int) -> list[int]:
        """Consignments of an echelon that may go another way than by its trips."""
        echelons = self._echelons
        if number == 0:
            return [*echelons.straight, *echelons.straight.values()]
        return [
            idx
            for idx in range(len(echelons.each[number].source))
            if echelons.first(number, idx) in echelons.straight
        ]

    def _choose_ways(self) -> None:
        """What may go by its chain or straight does one of both, on all its legs."""
        legs = {first: [(0, first)] for first in self._echelons.straight}
        for number, echelon in enumerate(self._echelons.each):
            for idx in range(len(echelon.source)):
                first = self._echelons.first(number, idx)
                if first in legs:
                    legs[first].append((number, idx))
        gone = self._echelons.root.unserved
        for first, straight in self._echelons.straight.items():
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
        """Whether a consignment is away from a leg, as far as this echelon says anything of it."""
        if number in self.parts:
            yield self.parts[number].away[idx]
        elif number and idx in self._best.parts[number].delivered:
            yield False
        elif number and 0 in self.parts:  # where the warehouse's echelon stays too, that says it
            yield True

    # ---------------------------------------------------------------- days

    def _one_day(self) -> None:
        """What is for one part of a region comes on one day, also by its chain and straight."""
        given: dict[Hashable, set[int]] = {}
        for number, part in enumerate(self._best.parts):
            problem = part.problem
            given |= split.given(problem)
            for one in () if number in self.parts else part.assignments:
                for (region, name), end_s in received(problem, one.candidate.stops, one.timing):
                    days = given.setdefault((problem.places[problem.place(region)], name), set())
                    days.add(day_index(problem.midnights, end_s))
        found = [it for part in self.parts.values() for it in split.receipts(part.problem, part.options)]
        split.one_day(self.model, self._echelons.root.midnights, found, given)

    # ---------------------------------------------------------------- hubs

    def _link(self, number: int) -> None:
        """The trips of a hub start after their goods have come and been transferred; these have room."""
        echelon = self._echelons.each[number]
        below, above = self.parts.get(number), self.parts.get(echelon.above)
        if above is not None:
            taken = self._best.parts[number].delivered if below is None else ()
            transfer.only_what_comes(
                self.model, echelon, above.missing, {} if below is None else below.missing, taken
            )
            ready = self._starts(number) if below is None else self._ready_of(number, above)
            brought = transfer.handovers(echelon, above.options)
            transfer.bring_by(self.model, brought, ready, above.delays.served)
        if below is not None:
            if above is None:
                comes: Mapping[int, transfer.Moment] = self._best.ready_s(number)
            else:
                comes = {
                    idx: self._ready[number, source]
                    for idx, source in enumerate(echelon.source)
                    if (number, source) in self._ready
                }
            transfer.load_after(self.model, below.options, comes)
        if self._is_tight(number):
            assert echelon.storage_cm3 is not None
            hub_storage.limit_storage(
                self.model,
                list(self._stays(number)),
                room_cm3=echelon.storage_cm3,
                horizon_s=echelon.problem.horizon_s,
            )

    def _ready_of(self, number: int, above: PickingModel) -> dict[int, cp_model.IntVar]:
        """A moment for each consignment that may come to a hub, by its position above."""
        found: dict[int, cp_model.IntVar] = {}
        for handover in transfer.handovers(self._echelons.each[number], above.options):
            for source in handover.consignments:
                if source not in found:
                    found[source] = self.model.new_int_var(0, above.problem.horizon_s, f"r{number}c{source}")
                    self._ready[number, source] = found[source]
        return found

    def _starts(self, number: int) -> Mapping[int, int]:
        """When the consignments of an echelon that is not searched start to be loaded, by their source."""
        source = self._echelons.each[number].source
        return {
            source[idx]: one.timing.load_start_s
            for one in self._best.parts[number].assignments
            for idx in one.candidate.route.consignments
        }

    def _is_tight(self, number: int) -> bool:
        """Whether more passes a hub than it has room for at once."""
        echelon = self._echelons.each[number]
        volumes = [one.volume_cm3 for one in echelon.problem.consignments]
        return echelon.storage_cm3 is not None and sum(volumes) > echelon.storage_cm3

    def _stays(self, number: int) -> Iterator[hub_storage.Stay]:
        """How long each consignment lies at a hub."""
        echelon = self._echelons.each[number]
        below, above = self.parts.get(number), self.parts.get(echelon.above)
        known_come = {idx: one.end_s for one in self._best.unloadings(number) for idx in one.consignments}
        known_leave = self._starts(number)
        horizon_s = echelon.problem.horizon_s
        brought = [] if above is None else list(transfer.handovers(echelon, above.options))
        for idx in echelon.problem.served:
            source = echelon.source[idx]
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
            volume_cm3 = echelon.problem.consignments[idx].volume_cm3
            yield hub_storage.Stay(f"{number}c{idx}", volume_cm3, there, comes, leaves)

    def _hub_nights(self) -> Iterator[cp_model.LinearExprT]:
        """Price of the nights at each hub, where what is searched says anything of it."""
        for number, echelon in enumerate(self._echelons.each):
            if echelon.price_night and (number in self.parts or echelon.above in self.parts):
                horizon_s = echelon.problem.horizon_s
                last = day_index(echelon.problem.midnights, horizon_s)
                nights = cost.hub_nights(self.model, f"h{number}", self._lies(number), last_day=last)
                yield echelon.price_night * nights

    def _lies(self, number: int) -> Iterator[cost.Lies]:
        """On which days what may come to a hub does so, and leaves it."""
        echelon = self._echelons.each[number]
        midnights = echelon.problem.midnights
        below, above = self.parts.get(number), self.parts.get(echelon.above)
        comes: dict[int, dict[int, list[cp_model.LinearExprT]]] = {}
        leaves: dict[int, dict[int, list[cp_model.LinearExprT]]] = {}
        if above is None:
            for known in self._best.unloadings(number):
                for source in known.consignments:
                    comes.setdefault(source, {})[day_index(midnights, known.end_s)] = [1]
        else:
            for one in transfer.handovers(echelon, above.options):
                day = day_index(midnights, one.option.timing.load_start_s + one.end_s)
                for source in one.consignments:
                    comes.setdefault(source, {}).setdefault(day, []).append(one.option.used)
        if below is None:
            for source, start_s in self._starts(number).items():
                leaves.setdefault(source, {})[day_index(midnights, start_s)] = [1]
        else:
            for option in below.options:
                day = day_index(midnights, option.timing.load_start_s)
                for idx in option.consignments:
                    leaves.setdefault(echelon.source[idx], {}).setdefault(day, []).append(option.used)
        for source, mine in comes.items():
            yield cost.Lies(mine, leaves.get(source, {}))

    # ---------------------------------------------------------------- lateness

    def _receipts(self) -> Iterator[deadline.Receipt]:
        """What makes each region late: trips to it, and to the hubs of its chain."""
        late: dict[str, list[deadline.Late]] = {}
        fixed: dict[str, int] = {}
        fixed_late: set[str] = set()
        for number in range(len(self._echelons.each)):
            part = self.parts.get(number)
            if part is None:
                for name, over_s, planned in self._fixed_late(number):
                    fixed[name] = max(fixed.get(name, 0), over_s)
                    fixed_late.update([name] if planned else [])
            else:
                for name, one in self._late_options(number, part):
                    late.setdefault(name, []).append(one)
        for name, (number, stop) in self._echelons.regions.items():
            problem, part = self._echelons.each[number].problem, self.parts.get(number)
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
                is_late=name in fixed_late,
                horizon_s=problem.horizon_s,
            )

    def _missing_straight(self, name: str) -> list[cp_model.IntVar]:
        """What of a region goes straight and is missing."""
        root, stop = self.parts.get(0), self._echelons.direct.get(name)
        if root is None or stop is None or self._echelons.regions[name] == (0, stop):
            return []
        return [root.missing[idx] for idx in root.problem.consignments_of[stop] if idx in root.missing]

    def _late_options(self, number: int, part: PickingModel) -> Iterator[tuple[str, deadline.Late]]:
        """Region, and the option, of each that makes a region late."""
        problem, hubs = part.problem, self._echelons.each[number].hubs
        for one in part.options:
            late = one.variant.late
            for position, stop in enumerate(one.trip.stops):
                if stop.region in late:
                    timing, due_s = one.variant.timing, problem.region_deadlines[stop.region]
                    over = one.start - one.variant.low_s + timing.over_s(position, due_s)
                    for name in names_of(part.problem, stop.consignments, hubs[stop.region]):
                        yield name, deadline.Late(one.used, over, timing.is_late(position, due_s))

    def _fixed_late(self, number: int) -> Iterator[tuple[str, int, bool]]:
        """Region, seconds of lateness, and whether late as planned, of each stop of an echelon that stays."""
        part, hubs = self._best.parts[number], self._echelons.each[number].hubs
        for one in part.assignments:
            for position, stop in enumerate(one.candidate.stops):
                due_s = part.problem.region_deadlines[stop.region]
                over_s, planned = one.timing.over_s(position, due_s), one.timing.is_late(position, due_s)
                for name in names_of(part.problem, stop.consignments, hubs[stop.region]):
                    yield name, over_s, planned

    # ---------------------------------------------------------------- solutions

    def hint(self, solution: ComponentSolution) -> None:
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


def join(
    echelons: Echelons,
    pools: Sequence[Sequence[Candidate]],
    best: ComponentSolution,
    *,
    left: Callable[[float], Budget],
    seed: int,
    hear: Hear,
) -> ComponentSolution:
    """Best solution found over the pools of all echelons, never worse than the one given.

    Parameters
    ----------
    echelons
        The component.
    pools
        Candidates of each echelon; those of the solution must be among them.
    best
        A solution.
    left
        Gives a share of what may still be spent.
    seed
        For the choice of neighbourhoods, and for CP-SAT.
    hear
        Told of each better solution.

    Notes
    -----
    All echelons together where they have few candidates; else neighbourhood after neighbourhood: the trips of
    one echelon and of some of its hubs are searched anew while all others stay. What may wait or pause gets
    further starts from each better solution; all echelons are searched again as long as there are new ones.
    """
    neighbourhoods = Neighbourhoods(echelons, pools, Random(seed))
    budget = left(1.0)
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s
    best = _later_at_hubs(best, hear)
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
        joint = JointModel(echelons, best, free, with_late=with_late, propagate_more=whole)
        found, proven = _search(joint, best, budget=now, share=share, seed=seed + number, hear=hear)
        best = _later_at_hubs(found if found.score < best.score else best, hear)
        number += 1
        if whole and proven and not neighbourhoods.add_starts(best):
            break
        whole = whole and proven
    return best


def _later_at_hubs(best: ComponentSolution, hear: Hear) -> ComponentSolution:
    """`with_fewer_hub_nights`; who hears of better solutions hears of this one."""
    found = with_fewer_hub_nights(best)
    if found is not best:
        hear(found)
    return found


def _search(
    joint: JointModel,
    best: ComponentSolution,
    *,
    budget: Budget,
    share: float,
    seed: int,
    hear: Hear,
) -> tuple[ComponentSolution, bool]:
    """Search what is free, stage after stage of the objective; and whether nothing better is there.

    By the clock a stage has half of what is left, the last one all: what comes first is what is hard.
    """
    proven = True
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s * share

    def search(position: int) -> int | None:
        nonlocal best, proven
        is_last = position + 1 == len(joint.stages)
        for _ in range(_NAMING_TRIES):
            joint.hint(best)
            listener = _Listener(joint, best, hear)
            if ends is None:
                solver = cp_solver(budget, share / len(joint.stages), seed)
            else:
                left = Budget(time_s=ends - time.monotonic())
                solver = cp_solver(left, 1.0 if is_last else _SHARE_OF_STAGE, seed)
            status = solver.solve(joint.model, listener)
            best = listener.best
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return None
            proven = proven and status == cp_model.OPTIMAL and listener.failed is None
            if listener.failed is None or budget.effort is None:
                break
            number, failed = listener.failed
            joint.parts[number].forbid(failed)
        return round(solver.objective_value)

    every = stage_after_stage(joint.model, joint.stages, search)
    return best, every and proven


class _Listener(cp_model.CpSolverSolutionCallback):
    """Names each solution as it comes, and keeps the best that can be named."""

    def __init__(self, joint: JointModel, best: ComponentSolution, hear: Hear) -> None:
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
        found = ComponentSolution(self.best.echelons, tuple(parts))
        if not found.goods_are_there:  # what a crew had worked before was not in the model
            return
        if found.score < self.best.score:
            self.best = found
            self._hear(found)
