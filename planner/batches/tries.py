"""A run fairly searched: by several seeds, longer while somebody is late, never worse than what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from planner.batches.record import weight_of
from planner.batches.task import MOST_ROUNDS
from planner.instance.schema import Instance
from planner.plans.model import Plan, RegionStatus, Status
from planner.proof.verdict import Verdict
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

__all__ = ["Harm", "Tried", "best_of"]

_SEEDS_APART, _ROUNDS_APART = 1, 15_485_863


class Harm(NamedTuple):
    """How bad a plan is; less is better: weights that go without, are late, are not guaranteed; then cost."""

    undelivered: int
    late: int
    unsure: int
    cost: int


@dataclass(frozen=True, slots=True)
class Tried:
    """The best plan of several tries, and the figures of each.

    Parameters
    ----------
    plan, verdict
        The best one, checked.
    tries
        Of each seed: its harm, who is late or goes without, how many searches it took, and whether these came
        to an end by themselves (nobody is late, that is proven, or the last one found nothing better).
    is_kept
        Whether the best is the plan that was kept as it was.
    """

    plan: Plan
    verdict: Verdict
    tries: tuple[dict[str, Any], ...]
    is_kept: bool


def best_of(
    instance: Instance,
    options: SolveOptions,
    *,
    seeds: int,
    kept: tuple[Plan, Verdict] | None,
    refuse: Callable[[Plan], None],
) -> Tried:
    """Search a run with several seeds.

    Parameters
    ----------
    instance, options
        As for `planner.solving.pipeline.solve`; the options' seed is the first one.
    seeds
        How many.
    kept
        What becomes of a plan that nobody makes anew, checked; the answer is not worse than that.
    refuse
        Raises where a plan is no answer.
    """
    found = []
    for number in range(seeds):
        mine = replace(options, seed=options.seed + number * _SEEDS_APART)
        found.append(_settled(instance, mine, refuse))
    plan, verdict, _ = min(found, key=lambda one: _harm(instance, one[0], one[1]))
    tries = tuple(one[2] for one in found)
    if kept is not None and _harm(instance, *kept) < _harm(instance, plan, verdict):
        return Tried(*kept, tries, is_kept=True)
    return Tried(plan, verdict, tries, is_kept=False)


def _settled(
    instance: Instance, options: SolveOptions, refuse: Callable[[Plan], None]
) -> tuple[Plan, Verdict, dict[str, Any]]:
    """A search, and more of it from what it found while somebody is late and that helps."""
    found = solve(instance, options)
    refuse(found.plan)
    harm, rounds, is_settled = _harm(instance, found.plan, found.verdict), 1, False
    while _may_help(found.plan) and rounds < MOST_ROUNDS and not is_settled:
        seed = options.seed + rounds * _ROUNDS_APART
        again = solve(instance, replace(options, base=found.plan, base_stays=False, seed=seed))
        rounds += 1
        new = _harm(instance, again.plan, again.verdict)
        is_settled = new[:2] >= harm[:2]
        if new < harm:
            found, harm = again, new
    return (
        found.plan,
        found.verdict,
        {
            "seed": options.seed,
            **harm._asdict(),
            "late_regions": [
                one.region_id for one in found.plan.regions if one.status is not RegionStatus.ON_TIME
            ],
            "rounds": rounds,
            "settled": is_settled or not _may_help(found.plan),
        },
    )


def _may_help(plan: Plan) -> bool:
    """Whether somebody is late or goes without of whom it is not proven to be unavoidable."""
    return any(one.status in (Status.LATE, Status.NOT_FOUND) for one in plan.components)


def _harm(instance: Instance, plan: Plan, verdict: Verdict) -> Harm:
    weights = dict.fromkeys(RegionStatus, 0)
    for one in plan.regions:
        weights[one.status] += weight_of(instance, one.region_id)
    unsure = sum(weight_of(instance, name) for name in verdict.robustness.not_guaranteed)
    return Harm(weights[RegionStatus.UNDELIVERED], weights[RegionStatus.LATE], unsure, plan.cost)
