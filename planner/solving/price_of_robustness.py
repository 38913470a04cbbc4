"""How much can be guaranteed at all, and what each further late leg costs and brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from planner.instance.schema import Instance
from planner.plans.file import write_plan
from planner.plans.model import Plan, Status
from planner.solving.incumbent import Written
from planner.solving.options import SolveOptions
from planner.solving.pipeline import Progress, SolveResult, solve
from planner.solving.worker_pool import WorkerPool

__all__ = ["Step", "best_for_each", "most_legs", "steps"]

_RUNS = 2000  # of the simulation of each step


@dataclass(frozen=True, slots=True)
class Step:
    """A plan that was to withstand so many late legs, and the simulated chance that all are on time."""

    late_legs: int
    result: SolveResult
    chance: float

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        status = self.result.plan.status
        return status is Status.GUARANTEED or (not self.late_legs and status is Status.ON_TIME)

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
    number, ends = 0, False
    while not ends:
        now = replace(options, guarantee=number)
        result = solve(
            instance,
            now,
            output=None if number else output,
            on_progress=on_progress,
            on_written=on_written,
            cancelled=cancelled,
            worker_pool=worker_pool,
        )
        step = Step(number, result, _chance(instance, result.plan, options.seed))
        if output is not None and number and step.is_good:
            write_plan(result.plan, instance.clock, output)
        yield step
        ends = not step.is_good or result.interrupted or step.withstands_all
        number += 1


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
    found: list[Step] = []
    for step in reversed(taken):
        above = found[-1] if found and found[-1].is_good else None
        is_better = above is not None and _rank(above) < _rank(step)
        found.append(replace(above, late_legs=step.late_legs) if above is not None and is_better else step)
    return found[::-1]


def _rank(step: Step) -> tuple[int, int]:
    plan = step.result.plan
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
