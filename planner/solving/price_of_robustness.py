"""How much can be guaranteed at all, and what each further late leg costs and brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from planner.instance.schema import Instance
from planner.plans.file import write_plan
from planner.plans.model import Plan, Status
from planner.solving.incumbent import Written, checked_with_base
from planner.solving.options import SolveOptions
from planner.solving.pipeline import Progress, SolveResult, solve
from planner.solving.worker_pool import WorkerPool

__all__ = ["Step", "best_for_each", "most_legs", "steps", "withstands"]

_RUNS = 2000  # of the simulation of each step


@dataclass(frozen=True, slots=True)
class Step:
    """A plan that was to withstand so many late legs, and the simulated chance that all are on time.

    Parameters
    ----------
    late_legs, result, chance
        The best that any step until then has found for so many.
    beside
        What the step's own search found where that is another plan, at the most late legs that it withstands.
    """

    late_legs: int
    result: SolveResult
    chance: float
    beside: Step | None = None

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return withstands(self.result, self.late_legs)

    @property
    def withstands_all(self) -> bool:
        """Whether all legs of each vehicle may be late."""
        return self.is_good and self.late_legs >= most_legs(self.result.plan)


def steps(
    instance: Instance,
    options: SolveOptions,
    *,
    output: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_written: Callable[[Written], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    worker_pool: WorkerPool | None = None,
) -> Iterator[Step]:
    """Plans that withstand 0, 1, 2, … late legs of each vehicle, until that cannot be had.

    Each search goes on from the plan of the step before. What one finds counts for all numbers of late legs
    that it withstands, so a later step never shows a dearer plan than one that is known to withstand as many.

    Parameters
    ----------
    instance, options
        As for `planner.solving.pipeline.solve`; the limit holds for each step.
    output
        Where the last plan that is as asked is written.
    on_progress, on_written, cancelled, worker_pool
        See `planner.solving.pipeline.solve`.

    Yields
    ------
    Step
        The last one is not guaranteed, unless all legs of a vehicle may be late or somebody asked to stop.

    Raises
    ------
    InputError, CheckFailedError
        As `planner.solving.pipeline.solve` does.
    """
    found: list[SolveResult] = []
    number, ends = 0, False
    while not ends:
        now = replace(options, guarantee=number)
        if found and options.base is None:
            now = replace(now, base=found[-1].plan, base_stays=False)
        result = solve(
            instance,
            now,
            output=None if number else output,
            on_progress=on_progress,
            on_written=on_written,
            cancelled=cancelled,
            worker_pool=worker_pool,
        )
        result = _for_legs(instance, options, result, number)
        found.append(_best(instance, options, [*found, result], number))
        step = _step(instance, options, number, found[-1], result)
        if output is not None and number and step.is_good:
            write_plan(result.plan, instance.clock, output)
        yield step
        ends = not step.is_good or result.interrupted or step.withstands_all
        number += 1


def _for_legs(instance: Instance, options: SolveOptions, result: SolveResult, late_legs: int) -> SolveResult:
    """The same plan as one that was asked to withstand so many late legs."""
    own = {key: text for key, text in result.plan.options.items() if key != "base" or options.base}
    asked = replace(result.plan, options=own | {"guarantee": str(late_legs)})
    plan, verdict = checked_with_base(asked, instance, options.base)
    return replace(result, plan=plan, verdict=verdict)


def _best(
    instance: Instance, options: SolveOptions, found: Sequence[SolveResult], late_legs: int
) -> SolveResult:
    """The cheapest plan that withstands so many late legs; the last one where none does."""
    asked = [*(_for_legs(instance, options, one, late_legs) for one in found[:-1]), found[-1]]
    good = [one for one in asked if withstands(one, late_legs)]
    return min(reversed(good), key=lambda one: _rank(one.plan), default=found[-1])


def _step(
    instance: Instance, options: SolveOptions, late_legs: int, best: SolveResult, own: SolveResult
) -> Step:
    """The step of a search, and what it found itself where that is worse for so many late legs."""
    beside = None
    if best is not own:
        fewer = (_for_legs(instance, options, own, number) for number in range(late_legs, -1, -1))
        other = next((one for one in fewer if withstands(one, one.plan.gamma)), None)
        if other is not None:
            chance = _chance(instance, other.plan, options.seed)
            beside = Step(other.plan.gamma, other, chance)
    return Step(late_legs, best, _chance(instance, best.plan, options.seed), beside)


def withstands(result: SolveResult, late_legs: int) -> bool:
    """Whether all are on time with so many late legs in a plan that was asked to withstand them."""
    status = result.plan.status
    return status is Status.GUARANTEED or (not late_legs and status is Status.ON_TIME)


def best_for_each(taken: Sequence[Step]) -> list[Step]:
    """The best plan that was found for each number of late legs: who withstands more withstands less too.

    Parameters
    ----------
    taken
        All steps, the least number first.

    Returns
    -------
    list
        As many; none costs more than one that withstands more, nor as much with a smaller margin.
    """
    beside = [one.beside for one in taken if one.beside is not None]
    found: list[Step] = []
    for step in reversed(taken):
        others = [one for one in (*found, *beside) if one.is_good and one.late_legs >= step.late_legs]
        able = (step, *others) if step.is_good else others or (step,)
        found.append(replace(min(able, key=lambda one: _rank(one.result.plan)), late_legs=step.late_legs))
    return found[::-1]


def _rank(plan: Plan) -> tuple[int, int]:
    return plan.cost, -(plan.smallest_margin_s or 0)


def _chance(instance: Instance, plan: Plan, seed: int) -> float:
    """Simulated chance that all regions are on time, with breakdowns."""
    from planner.proof.check import facts_of
    from planner.simulation.run import simulate

    found = simulate(facts_of(plan, instance.clock, instance), _RUNS, seed=seed, breakdowns=True)
    return found.plan.share


def most_legs(plan: Plan) -> int:
    """Legs of the vehicle that has most of them."""
    legs: Counter[str] = Counter()
    for trip in plan.trips:
        legs[trip.vehicle_id] += len(trip.stops) + (trip.back is not None)
    return max(legs.values(), default=0)
