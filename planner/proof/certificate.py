"""The certificate: what was checked, with which result, so that a second person can verify it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from planner import __version__
from planner.clock import Clock
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.plan import Plan
from planner.plan_file import FileClaims, plan_to_text
from planner.proof.verdict import RuleResult, Verdict, Violation

__all__ = ["FORMAT", "certificate"]

FORMAT = "certificate/1"


def certificate(
    plan: Plan,
    clock: Clock,
    instance: Instance,
    verdict: Verdict,
    claims: FileClaims | None = None,
    *,
    simulation: Mapping[str, Any] | None = None,
) -> str:
    """JSON text of a certificate, ending with a line end; the same input gives the same text.

    Parameters
    ----------
    plan, clock
        The plan and the clock it is written in.
    instance, verdict
        The files, and what the check of the plan against them found.
    claims
        What the plan's file says of its digest; None for a plan that is in no file.
    simulation
        What a simulation found, as it shall stand there; it is no part of the check.
    """
    own = json.loads(plan_to_text(plan, clock))["digest"] if claims is None else claims.content_digest
    document = {
        "format": FORMAT,
        "instance": {"name": instance.settings.name, "digest": digest(instance)},
        "plan": {
            "digest": own,
            "status": plan.status.value,
            "options": dict(plan.options),
        },
        "versions": {"planner": plan.planner_version, "checker": __version__},
        "passed": verdict.passed,
        "status": verdict.status.value,
        "components": {name: status.value for name, status in verdict.components.items()},
        "proven_impossible": list(verdict.proven),
        "figures": asdict(verdict.figures),
        "rules": [_rule(result) for result in verdict.rules.values()],
        "violations": [_violation(one) for one in verdict.violations],
        "simulation": simulation,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rule(result: RuleResult) -> Mapping[str, Any]:
    tightest = result.tightest
    shown = None
    if tightest is not None:
        shown = {"place": dict(tightest.place), "amount": tightest.amount, "unit": tightest.measure.value}
    return {"rule": result.rule, "passed": result.passed, "cases": result.cases, "tightest": shown}


def _violation(one: Violation) -> Mapping[str, Any]:
    return {
        "rule": one.rule,
        "place": dict(one.place),
        "amount": one.amount,
        "unit": one.measure.value,
        "claimed": one.claimed,
        "expected": one.expected,
    }
