"""The certificate: what was checked, with which result, so that a second person can verify it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from planner.base.clock import Clock
from planner.base.version import __version__
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.plans.file import plan_digest
from planner.plans.model import Plan
from planner.plans.reader import FileClaims
from planner.proof.knowledge import Knowledge
from planner.proof.verdict import History, Robustness, RuleResult, Verdict, Violation, instant_text
from planner.proof.worst.case import Failure, WorstCase

__all__ = [
    "FORMAT",
    "FORMAT_1",
    "LATER_IN_2",
    "as_before",
    "as_format_1",
    "certificate",
    "content_digest",
    "document_of",
    "knowledge_document",
]

FORMAT = "certificate/2"
FORMAT_1 = "certificate/1"
"""The format before, which knew no worst case; it is still read."""

LATER_IN_2 = ("as_claimed",)
"""What certificates of this format that were written before the version 0.2.0 lack."""

_NEW_IN_2 = (
    "digest",
    "bounds",
    "as_claimed",
    "guarantee",
    "stretch",
    "delay_figures",
    "worst_cases",
    "simulation",
)


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
    plan, clock, instance, verdict, claims, simulation
        As for `document_of`.
    """
    document = document_of(plan, clock, instance, verdict, claims, simulation=simulation)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def document_of(
    plan: Plan,
    clock: Clock,
    instance: Instance,
    verdict: Verdict,
    claims: FileClaims | None = None,
    *,
    simulation: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that a certificate says.

    Parameters
    ----------
    plan, clock
        The plan and the clock it is written in.
    instance, verdict
        The files, and what the check of the plan against them found.
    claims
        What the plan's file says of its digest; None for a plan that is in no file.
    simulation
        What a simulation found, as it shall stand there.
    """
    own = plan_digest(plan, clock) if claims is None else claims.content_digest
    body: dict[str, Any] = {
        "instance": {"name": instance.settings.name, "digest": digest(instance)},
        "plan": {
            "digest": own,
            "status": plan.status.value,
            "gamma": plan.gamma,
            "options": dict(plan.options),
        },
        "versions": {"planner": plan.planner_version, "checker": __version__},
        "passed": verdict.passed,
        "status": verdict.answer.value,
        "components": {name: verdict.answer_of(status).value for name, status in verdict.components.items()},
        "proven_impossible": list(verdict.proven),
        "bounds": {one.id: one.lower_bound for one in plan.components},
        "as_claimed": _as_claimed(plan),
        "figures": asdict(verdict.figures),
        "guarantee": _guarantee(verdict.robustness),
        "stretch": asdict(verdict.robustness.stretch),
        "delay_figures": dict(verdict.robustness.delay_figures),
        "worst_cases": [_worst(one, instance.clock) for one in verdict.robustness.worst],
        "rules": [_rule(result) for result in verdict.rules.values()],
        "violations": [_violation(one) for one in verdict.violations],
        "simulation": simulation,
    }
    if plan.replan is not None:
        body["replan"] = {
            "now": instant_text(plan.replan.now_s, clock),
            "assume": plan.replan.assume,
            "tolerance_s": plan.replan.tolerance_s,
            "events": len(plan.replan.events),
            "previous": plan.replan.previous_digest,
            **_history(verdict.history or History()),
            "knowledge": None if verdict.knowledge is None else knowledge_document(verdict.knowledge, clock),
        }
    return {"format": FORMAT, "digest": content_digest(body), **body}


def _as_claimed(plan: Plan) -> list[str]:
    """What of this stands as the plan says it: the check does not recompute it."""
    bounds = ["bounds"] if any(one.lower_bound is not None for one in plan.components) else []
    return [*bounds, "plan.options", "versions.planner"]


def knowledge_document(one: Knowledge, clock: Clock) -> dict[str, Any]:
    """What is known and what is believed, as certificates and answers for machines say it."""
    return {
        "regions": asdict(one.regions),
        "stops": asdict(one.stops),
        "bulk_by": [{"by": by, "stops": stops} for by, stops in one.bulk_by],
        "silent": [
            {"vehicle": row.vehicle, "since": instant_text(row.since_s, clock), "overdue": row.overdue}
            for row in one.silent
        ],
    }


def _history(one: History) -> Mapping[str, Any]:
    return {
        "compared": list(one.compared),
        "missing": one.missing,
        "failed": list(one.failed),
        "as_reported": one.as_reported,
        "only_told": list(one.only_told),
        "overrides": [
            {
                "rule": override.rule,
                "place": dict(override.place),
                "amount": override.amount,
                "unit": override.measure.value,
                "claimed": override.claimed,
                "expected": override.expected,
                "events": list(override.events),
                "contradiction": override.contradiction,
            }
            for override in one.overrides
        ],
        "disputed": [{"event": it.event, "other": it.other, "code": it.code} for it in one.news.disputed],
        "not_there": [{"event": it.event, "trip": it.trip} for it in one.news.not_there],
        "short": [
            {
                "event": it.event,
                "warehouse": it.warehouse,
                "item": it.item,
                "told": it.told,
                "there": it.there,
            }
            for it in one.news.short
        ],
        "revised": one.news.revised,
        "revised_bulk": one.news.revised_bulk,
    }


def content_digest(document: Mapping[str, Any]) -> str:
    """Digest of a certificate's content, whatever the order of its keys and its spaces."""
    body = {key: value for key, value in document.items() if key not in {"format", "digest"}}
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def as_format_1(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the format before would have said: one case of the guarantee, none of what withstands what."""
    found = {key: value for key, value in document.items() if key not in _NEW_IN_2}
    found["plan"] = {key: value for key, value in document["plan"].items() if key != "gamma"}
    found["rules"] = [
        {**one, "cases": 1, "tightest": None} if one["rule"] == "guarantee" else one
        for one in document["rules"]
    ]
    return found | {"format": FORMAT_1}


def as_before(document: Mapping[str, Any], claimed: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate would have said that was written before those of this format had all these keys."""
    guarantee = claimed.get("guarantee")
    found = dict(document)
    if isinstance(guarantee, dict) and "work_late_s" not in guarantee:
        found["guarantee"] = {key: one for key, one in document["guarantee"].items() if key != "work_late_s"}
    replan = claimed.get("replan")
    if isinstance(replan, dict) and "knowledge" not in replan and "replan" in document:
        found["replan"] = {key: one for key, one in document["replan"].items() if key != "knowledge"}
    return found


def _guarantee(one: Robustness) -> Mapping[str, Any]:
    return {
        "gamma": one.gamma,
        "vehicle_types": dict(one.gammas),
        "guaranteed": len(one.guaranteed),
        "not_guaranteed": list(one.not_guaranteed),
        "work_late_s": dict(one.work_late_s),
    }


def _worst(one: WorstCase, clock: Clock) -> Mapping[str, Any]:
    return {
        "region": one.region,
        "received": _at(one.received_s, clock),
        "margin_s": one.margin_s,
        "exact": one.exact,
        "late_legs": [list(leg) for leg in one.late_legs],
        "failure": None if one.failure is None else _failure(one.failure, clock),
    }


def _failure(one: Failure, clock: Clock) -> Mapping[str, Any]:
    return {
        "kind": one.kind.value,
        "place": dict(one.place),
        "moment": _at(one.moment_s, clock),
        "limit": _at(one.limit_s, clock),
        "late_legs": [list(leg) for leg in one.late_legs],
    }


def _at(seconds: int | None, clock: Clock) -> str | None:
    return None if seconds is None else instant_text(seconds, clock)


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
