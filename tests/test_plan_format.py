"""docs/plan_format.md tells every key of a plan and of a certificate, and no other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import small

from planner.plan import Component, Proof, ProofKind, Status, StopReason
from planner.plan_file import FORMAT, plan_to_text
from planner.proof import certificate as certificates
from planner.proof.check import check_plan
from planner.solve import SolveOptions

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "plan_format.md").read_text("utf-8")
MAPS = {"params", "place", "components"}  # their keys are ids, or depend on a reason
OPEN = {"components[].proofs[].figures", "certificate.plan.options"}


def told() -> dict[str, set[str]]:
    """Keys by the path in their section's heading; `.` is the plan itself."""
    found: dict[str, set[str]] = {}
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        heading, body = section.split("\n", 1)
        keys = set(re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE))
        for path in re.findall(r"`([^`]+)`", heading):
            found[path] = keys
    return found


def keys_of(value: object, path: str, found: dict[str, set[str]]) -> None:
    """Collect the keys of all objects by their paths."""
    if isinstance(value, list):
        for one in value:
            keys_of(one, f"{path}[]", found)
    elif isinstance(value, dict):
        name = path.rsplit(".", 1)[-1]
        if (name in MAPS and path != "components") or path in OPEN:
            return
        found.setdefault(path or ".", set()).update(value)
        for key, one in value.items():
            keys_of(one, f"{path}.{key}" if path else key, found)


def real_plan():
    """The small plan with a proof and with what `plan solve` writes as options."""
    first, second = small.PLAN.components
    proof = Proof(ProofKind.CUT, ("G",), ("e8",))
    second = Component(second.id, Status.IMPOSSIBLE, StopReason.COMPLETE, second.regions, 0, None, (proof,))
    return replace(small.PLAN, components=(first, second), options=SolveOptions().as_text())


def test_every_key_of_a_plan_is_told():
    found: dict[str, set[str]] = {}
    keys_of(json.loads(plan_to_text(real_plan(), small.CLOCK)), "", found)
    page = {path: keys for path, keys in told().items() if not path.startswith("certificate")}
    assert found == page


def test_every_key_of_a_certificate_is_told():
    plan = real_plan()  # its proof and digest are wrong, so that there are violations
    verdict = check_plan(plan, small.CLOCK, small.INSTANCE)
    assert verdict.violations
    found: dict[str, set[str]] = {}
    text = certificates.certificate(plan, small.CLOCK, small.INSTANCE, verdict)
    keys_of(json.loads(text), "certificate", found)
    assert found == {path: keys for path, keys in told().items() if path.startswith("certificate")}


def test_formats_and_words_are_told():
    assert f"`{FORMAT}`" in PAGE
    assert f"`{certificates.FORMAT}`" in PAGE
    for words in (Status, StopReason, ProofKind):
        assert [one.value for one in words if f"`{one.value}`" not in PAGE] == []
