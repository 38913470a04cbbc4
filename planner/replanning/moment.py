"""The moment of a replan, which does not lie before that of the plan that it replaces."""

from __future__ import annotations

from planner.base.errors import Fault, InputError
from planner.instance.schema import Instance
from planner.plans.model import Plan

__all__ = ["MOST_BEFORE_S", "moment_after"]

MOST_BEFORE_S = 300  # clocks of two desks differ by no more


def moment_after(plan: Plan, instance: Instance, now_s: int) -> int:
    """The moment of a replan: as asked, but not before that of the plan in force.

    Parameters
    ----------
    plan
        The plan in force; one that is no replan has no moment.
    instance
        Its clock tells the moments.
    now_s
        The moment that is asked for, in seconds.

    Returns
    -------
    int
        The plan's own moment where that is later by no more than clocks differ.

    Raises
    ------
    InputError
        D807 if it lies more than five minutes before the plan's own moment: what that plan took for history
        would be undone.
    """
    if plan.replan is None or now_s >= plan.replan.now_s:
        return now_s
    if now_s < plan.replan.now_s - MOST_BEFORE_S:
        params = {"plan": instance.clock.text(plan.replan.now_s), "most": str(MOST_BEFORE_S // 60)}
        raise InputError([Fault("D807", "--now", value=instance.clock.text(now_s), params=params)])
    return plan.replan.now_s
