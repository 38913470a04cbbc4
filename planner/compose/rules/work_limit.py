"""Rule ``work_limit``: what vehicles work on a local day."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.problem.fleet import FleetType

__all__ = ["limit_work"]


def limit_work(
    model: cp_model.CpModel,
    kind: FleetType,
    day: int,
    options: Sequence[Driven],
    vehicles: cp_model.IntVar | int,
    *,
    done_s: int = 0,
) -> None:
    """No more work on a day than these vehicles may do together; of each of several, naming sees to it.

    Parameters
    ----------
    model
        What the rule is added to.
    kind, options
        Their type, and what these vehicles may drive.
    day
        Number of the local day.
    vehicles
        How many they are.
    done_s
        What they work that day in any case, in seconds; no more than they may.
    """
    if kind.work_s is None:
        return
    work = [dict(one.timing.work).get(day, 0) for one in options]
    terms = [part * one.used for part, one in zip(work, options, strict=True)]
    model.add(sum(terms) <= kind.work_s * vehicles - done_s)
