"""Every reason has its texts, every text its reason; and nowhere is a reason a bare string."""

import ast
import json
from dataclasses import replace

import pytest

from planner.base.text import LANGUAGES, catalogue
from planner.plans.file import claims_from_text, plan_from_text, plan_to_text
from planner.plans.model import ReasonCode, RegionStatus, UnknownReason
from planner.proof.check import check_plan
from scripts.structure import modules_of
from tests import small

FILES = modules_of()
NAMES = frozenset(one.value for one in ReasonCode)
# Words that are names of reasons and of other things too, and the modules that use them for those.
ALSO = {
    "capacity": {
        "planner.base.rules",
        "planner.benchmark.conventions",
        "planner.benchmark.read",
        "planner.benchmark.verify",
    },
    "cut_off": {"planner.batches.loss_runs", "planner.batches.record"},
    "stock": {
        "planner.base.rules",
        "planner.batches.conveniences",
        "planner.batches.edits",
        "planner.evaluation.read",
        "planner.instance.feasibility",
        "planner.instance.schema",
        "planner.messages.frames",
        "planner.messages.reading",
        "planner.proof.check",
        "planner.replanning.edits",
    },
}


def values_in(node):
    """Names of reasons that stand as text anywhere below a node."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value in NAMES:
            yield one.value


def names_other_things(node):
    """Whether a statement names words of an enumeration, or functions that others may import."""
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases)
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets)


def bare(tree):
    """All names of reasons in a module that stand as text, and are not the words of an enumeration."""
    return {value for node in tree.body if not names_other_things(node) for value in values_in(node)}


def meant(tree):
    """Those that stand where only a reason can be meant, in any module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            found |= set(values_in(node.value))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RegionResult":
            found |= set(values_in(node))
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(isinstance(one, ast.Attribute) and one.attr == "reason" for one in sides):
                found |= {value for one in sides for value in values_in(one)}
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            found |= {value for one in node.value.elts[:1] for value in values_in(one)}
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_reason_has_its_texts_and_every_text_its_reason(code):
    keys = {key for key in catalogue(code) if key.startswith("reasons.")}
    assert keys == {f"reasons.{one}.{what}" for one in ReasonCode for what in ("why", "action")}


@pytest.mark.parametrize("module", FILES)
def test_no_reason_is_a_bare_string(module):
    tree = ast.parse(FILES[module].read_text("utf-8"))
    assert {value for value in bare(tree) if module not in ALSO.get(value, ())} == set()
    assert meant(tree) == set()


def test_words_that_are_no_reasons_stand_where_they_are_said_to_stand():
    trees = {name: ast.parse(FILES[name].read_text("utf-8")) for names in ALSO.values() for name in names}
    for value, names in ALSO.items():
        assert {name for name in names if value not in bare(trees[name])} == set()


@pytest.mark.parametrize(
    ("text", "is_bare", "is_meant"),
    [
        ('return "stock", {}', True, True),
        ('key = "leg_no_way"', True, False),
        ('RegionResult("A", status, None, 0, "cut_off", {})', True, True),
        ('outcome_of_nothing(reason="capacity")', True, True),
        ('late = [one for one in regions if one.reason in ("cut", "cut_off")]', True, True),
        ('keys = {Kind.CUT: "cut"}', True, False),
        ('class Kind(StrEnum):\n    CUT = "cut"', False, False),
        ('class Kind:\n    CUT = "cut"', True, False),
        ('__all__ = ["left_out"]', False, False),
        ("return ReasonCode.STOCK, {}", False, False),
        ('words(f"reasons.{key}.why", reason="unreadable")', False, False),
    ],
)
def test_bare_strings_are_found(text, is_bare, is_meant):
    tree = ast.parse(text)
    assert (bool(bare(tree)), bool(meant(tree))) == (is_bare, is_meant)


def test_a_file_may_name_any_reason_and_the_check_refuses_what_is_none():
    first, *others = small.PLAN.regions
    known = replace(first, status=RegionStatus.LATE, reason=ReasonCode.FLEET_FULL)
    text = plan_to_text(replace(small.PLAN, regions=(known, *others)), small.CLOCK)
    plan, _ = plan_from_text(text)
    assert plan.regions[0].reason is ReasonCode.FLEET_FULL
    assert plan.regions[1].reason == ""
    assert json.loads(text)["regions"][0]["reason"] == "fleet_full"
    other, clock, claims = claims_from_text(text.replace('"fleet_full"', '"bad_luck"'))
    assert (other.regions[0].reason, type(other.regions[0].reason)) == ("bad_luck", UnknownReason)
    assert plan_to_text(other, clock).count('"bad_luck"') == 1
    assert claims.content_digest in plan_to_text(other, clock)
    broken = [one for one in check_plan(other, clock, small.INSTANCE).violations if one.rule == "reasons"]
    assert [(one.claimed, one.place) for one in broken] == [("bad_luck", {"region": first.region_id})]
