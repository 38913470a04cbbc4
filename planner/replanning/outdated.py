"""What is lost by putting a plan in force that does not go on from the one in force and its reports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from planner.base.clock import Clock
from planner.plans.file import plan_digest
from planner.plans.model import Plan
from planner.replanning.changes import Changes, changes_between
from planner.replanning.state import TOLERANCE_S

__all__ = ["Loss", "loss_of"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What would be lost.

    Parameters
    ----------
    not_believed
        Ids of reports that hold now and that the plan does not know.
    taken_back
        Ids of reports that the plan believes and that were taken back since.
    from_another
        It was not made from the plan in force.
    sibling
        It was made from the same plan as the one in force.
    undone
        What the plan in force has otherwise; None: it cannot be compared.
    """

    not_believed: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    from_another: bool = False
    sibling: bool = False
    undone: Changes | None = None


def loss_of(
    plan: Plan,
    line: Collection[str],
    in_force: str,
    current: Plan | None,
    reports: tuple[Collection[str], Collection[str]],
    clock: Clock,
) -> Loss:
    """What is lost when a plan takes the place of the one in force.

    Parameters
    ----------
    plan
        The new one.
    line
        Digests of the plans from which it was made, one from the other.
    in_force, current
        Digest of the plan in force, and that plan; None: it cannot be read.
    reports
        Ids of the reports of the table in force: those that hold, and those of all rows.
    clock
        By which both plans are read.

    Notes
    -----
    A plan made from nothing may replace another one made from nothing as long as nothing is reported.
    """
    if plan_digest(plan, clock) == in_force:
        return Loss()
    held, told = reports
    believed = () if plan.replan is None else tuple(one.id for one in plan.replan.events)
    not_believed = tuple(sorted(set(held) - set(believed)))
    taken_back = tuple(sorted(one for one in set(told) - set(held) if one in believed))
    before = None if current is None or current.replan is None else current.replan.previous_digest
    from_another = before is not None if plan.replan is None else in_force not in line
    return Loss(
        not_believed=not_believed,
        taken_back=taken_back,
        from_another=from_another,
        sibling=from_another and plan.replan is not None and plan.replan.previous_digest == before,
        undone=changes_between(current, plan, TOLERANCE_S, clock) if current is not None else None,
    )
