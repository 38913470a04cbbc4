"""List scheduling in other orders: trips moved, joined and cut while that makes the plan better."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random

from planner.compose.list_scheduling import Others, in_order, lateness_of, urgency
from planner.compose.solution import Solution
from planner.problem.problem import Problem
from planner.propose.engine import Budget
from planner.propose.pool import Candidate

__all__ = ["reorder"]

_REORDER_STEPS = 600
_BAD_SHARE, _CHANGE_SHARE = 0.7, 0.5
_FEW = 6
Change = Callable[[Candidate, Random], list[Candidate] | None]


def reorder(
    problem: Problem,
    chosen: Sequence[Candidate],
    *,
    others: Others | None,
    change: Change,
    budget: Budget,
    seed: int,
) -> Solution:
    """Better schedules by placing trips in other orders, and by changing those that come late.

    Parameters
    ----------
    problem, chosen
        The trips to begin with.
    others
        See `schedule_all`.
    change
        Gives other trips for the consignments of one (another type, two halves), or none.
    budget, seed
        How long, and from where.

    Notes
    -----
    Hill climbing from the order of `schedule_all`. In each step a trip, most of the time one that is late or
    left out, moves to an earlier place, or is replaced by what `change` gives; what is not worse stays.
    """
    order = sorted(chosen, key=lambda one: urgency(problem, one))
    best = in_order(problem, order, others)
    random = Random(seed)
    known: dict[tuple[int, ...], Solution] = {}
    ends = None if budget.time_s is None else time.monotonic() + budget.time_s
    for _ in range(_REORDER_STEPS * (budget.effort or 1) if order else 0):
        if ends is not None and time.monotonic() >= ends:
            break
        tried = _neighbour(problem, best, order, change, random)
        key = tuple(id(one) for one in tried)
        found = known.get(key) or in_order(problem, tried, others)
        if len(order) <= _FEW:
            known[key] = found
        if found.score <= best.score:
            best, order = found, tried
        if best.all_on_time:
            break
    return best


def _neighbour(
    problem: Problem, best: Solution, order: Sequence[Candidate], change: Change, random: Random
) -> list[Candidate]:
    """The order with one trip moved or changed."""
    fine = {
        consignment
        for one in best.assignments
        if lateness_of(problem, one.candidate, one.timing) == 0
        for consignment in one.candidate.route.consignments
    }
    bad = [idx for idx, one in enumerate(order) if not fine.issuperset(one.route.consignments)]
    moved = random.choice(bad) if bad and random.random() < _BAD_SHARE else random.randrange(len(order))
    tried = list(order)
    taken = tried.pop(moved)
    others = change(taken, random) if random.random() < _CHANGE_SHARE else None
    for one in others or [taken]:
        tried.insert(random.randrange(min(moved, len(tried)) + 1), one)
    return tried
