"""Rules of the plan file itself: what it says beside the plan that is read from it."""

from __future__ import annotations

from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["check_margin", "check_plan_digest"]


def check_plan_digest(facts: PlanFacts, found: Recorder) -> None:
    """Check that the file's digest fits its content; a plan that is in no file has no case."""
    claims = facts.claims
    if claims is not None:
        found.case(claims.digest == claims.content_digest, claims.digest, claims.content_digest)


def check_margin(facts: PlanFacts, found: Recorder) -> None:
    """Check that the file's margins are deadline less receipt, both as the plan states them."""
    if facts.claims is None:
        return
    for result, claimed_s in zip(facts.plan.regions, facts.claims.margins, strict=True):
        own_s = result.margin_s
        if claimed_s is not None and own_s is not None:
            found.same(claimed_s, own_s, Measure.SECONDS, region=result.region_id)
        else:
            found.case(claimed_s is own_s, _seconds(claimed_s), _seconds(own_s), region=result.region_id)


def _seconds(value: int | None) -> str:
    return "" if value is None else str(value)
