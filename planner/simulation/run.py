"""All runs of a simulation, block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.proof.facts import PlanFacts
from planner.simulation.draws import Draws
from planner.simulation.model import Model, make_model
from planner.simulation.play import Lateness, play
from planner.simulation.result import Chance, RegionChance, Simulation

__all__ = ["on_time", "simulate"]

_BLOCK = 5000  # runs at once; bounds the memory, and is part of what a seed means


def simulate(facts: PlanFacts, runs: int, *, seed: int, breakdowns: bool = True) -> Simulation:
    """Play a plan so many times with delays drawn by chance.

    Parameters
    ----------
    facts
        The checker's own view of the plan. The plan must have passed the check: what a plan that breaks rules
        would do is not defined.
    runs
        At least 1.
    seed
        At least 0. The same plan, files, runs, seed and numpy give the same result.
    breakdowns
        Whether vehicles break down.

    Notes
    -----
    Distributions and policy: ``docs/simulation.md``.
    """
    model = make_model(facts)
    counts = np.zeros(len(model.regions), dtype=np.int64)
    all_good = late_sum = late_most = 0
    for block, first in enumerate(range(0, runs, _BLOCK)):
        num_runs = min(_BLOCK, runs - first)
        draws = Draws(model, num_runs, seed=seed, block=block, breakdowns=breakdowns)
        good = on_time(model, draws, num_runs)
        counts += good.sum(axis=1)
        late = (~good).sum(axis=0)
        all_good += int((late == 0).sum())
        late_sum += int(late.sum())
        late_most = max(late_most, int(late.max(initial=0)))
    regions = [
        RegionChance(name, Chance(int(count), runs))
        for name, count in zip(model.regions, counts, strict=True)
    ]
    regions.sort(key=lambda one: (one.chance.count, one.region_id))
    plan = Chance(all_good, runs)
    return Simulation(runs, seed, breakdowns, plan, tuple(regions), late_sum / runs, late_most)


def on_time(model: Model, lateness: Lateness, num_runs: int) -> NDArray[np.bool_]:
    """Whether each region is on time in each run; of shape (regions, runs)."""
    good = np.repeat(np.array(model.delivered, dtype=np.bool_)[:, None], num_runs, axis=1)
    for served in play(model, lateness, num_runs):
        if served.service.deadline_s is not None:
            in_time = served.ends_s < served.service.deadline_s
            for region in served.service.regions:
                good[region] &= in_time
    return good
