"""The register of rules has no gaps."""

import ast
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest

from planner.base.rules import RULES
from planner.base.text import LANGUAGES, catalogue
from planner.proof.check import CHECKS
from tests.rule_runs import runs

ROOT = Path(__file__).parent.parent
SHARED = {"place", "unit"}  # tables of rules.toml that are no rules


def resolve(place):
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)


def runs_with(place, rule):
    """Names of the runs that call a function, and in which a rule is at stake."""
    code = inspect.unwrap(resolve(place)).__code__
    return [run.name for run in runs() if code in run.called and run.judges(rule)]


@cache
def names_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_register_holds_exactly_what_the_checker_can_say():
    assert set(RULES) == set(CHECKS)
    assert all(rule.id == name for name, rule in RULES.items())


def test_the_runs_break_no_rule_and_do_not_all_call_the_same():
    assert [run.name for run in runs() if not run.verdict.passed] == []
    assert runs_with("planner.replanning.state:state_of", "history") == ["replan"]
    assert runs_with("planner.solving.partial:rebase", "keep") == ["area"]
    assert runs_with("planner.solving.partial:rebase", "use") == []  # nothing is decided there
    assert runs_with("planner.plans.file:read_plan", "docks") == []  # none of them reads a plan


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_checked_where_the_register_says(rule):
    function = resolve(rule.checked)
    assert CHECKS[rule.id] is function


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_obeyed_where_the_register_says(rule):
    """Some run calls that function, and its plan holds something that the check judges by the rule."""
    assert runs_with(rule.planned, rule.id)


@pytest.mark.parametrize("rule", [one for one in RULES.values() if one.composed], ids=lambda rule: rule.id)
def test_a_rule_is_composed_where_the_register_says(rule):
    assert runs_with(rule.composed, rule.id)
    assert rule.composed.split(":")[0].split(".")[-1] == rule.id


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_both_tests(rule):
    for place in (rule.satisfied, rule.violated):
        file, name = place.split("::")
        assert name in names_in(file)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_rule_has_its_words(code):
    texts = {key: text for key, text in catalogue(code).items() if key.startswith("rules.")}
    tables = {key.split(".")[1] for key in texts}
    assert tables - SHARED == set(RULES)
    for rule in RULES:
        assert texts[f"rules.{rule}.meaning"]
        used = set(re.findall(r"{(\w+)}", texts[f"rules.{rule}.broken"]))
        assert used <= {"place", "amount", "claimed", "expected"}


def test_the_words_differ_between_the_languages():
    english, indonesian = catalogue("en"), catalogue("id")
    same = [rule for rule in RULES if english[f"rules.{rule}.meaning"] == indonesian[f"rules.{rule}.meaning"]]
    assert same == []
