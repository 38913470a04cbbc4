"""What it would cost to promise more: promises that were given up so that nobody is late as planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from planner.plans.model import RegionStatus
from planner.proof.verdict import Verdict
from planner.solving.incumbent import IncumbentPlan, checked_with_base

__all__ = ["GivenUp", "promises_given_up"]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What a component could be promised if some of its regions may be late.

    Parameters
    ----------
    component
        Id of the component.
    regions
        Ids of the regions that could be promised to be on time whatever legs are late, and are not.
    late_s
        By how much each of those would be late, by its id; None: it would go without.
    """

    component: str
    regions: tuple[str, ...]
    late_s: Mapping[str, int | None]


def promises_given_up(state: IncumbentPlan, verdict: Verdict) -> tuple[GivenUp, ...]:
    """Which promises were given up, by a check of the plan that keeps them.

    Parameters
    ----------
    state
        What was found.
    verdict
        The check of the plan that was chosen.

    Notes
    -----
    Nothing is said where the other plan does not pass the check, as it may not where its transfers are later.
    """
    other = {name: one.promising for name, one in state.best.items() if one.promising is not None}
    if not other or state.staying is not None:
        return ()
    plan, judged = checked_with_base(
        replace(state, best=state.best | other).plan(), state.instance, state.options.base
    )
    if judged.violations:
        return ()
    could = set(judged.robustness.guaranteed) - set(verdict.robustness.guaranteed)
    results = {one.region_id: one for one in plan.regions}
    found = []
    for name, one in other.items():
        regions = tuple(region for region in one.component.regions if region in could)
        late = [results[region] for region in one.component.regions if region in results]
        late_s = {
            result.region_id: None if result.margin_s is None else max(0, -result.margin_s)
            for result in late
            if result.status is not RegionStatus.ON_TIME
        }
        if regions and late_s:
            found.append(GivenUp(name, regions, late_s))
    return tuple(found)
