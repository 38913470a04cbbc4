"""`--json`: every command has it, and says exactly one object, whether it can do what it is asked or not."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys

import every_verb
import pytest

from planner.base.text import set_language
from planner.cli import main

sys.path.insert(0, str(every_verb.ROOT))

from scripts.json_answers import ANSWERS, schema

FAULT = ["code", "severity", "table", "row", "column", "value", "cause", "action"]
STEPS = (*every_verb.GOOD, *every_verb.BAD)
LEAVES = dict(every_verb.leaves())


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each step says on stdout, and its exit code."""
    from tests.quick_searches import propose_shortly, search_here

    folder = every_verb.laid_out(tmp_path_factory.mktemp("every"))
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        propose_shortly(patch)
        search_here(patch)
        patch.chdir(folder)
        for step in (*every_verb.GOOD, *every_verb.BAD):
            if step.verb == "store init" and not step.fault:
                shutil.copy("toy.json", "desk/toy.json")
            found[step] = _said(step)
    return found


def _said(step):
    out, err = io.StringIO(), io.StringIO()
    to_text = (contextlib.redirect_stdout(out), contextlib.redirect_stderr(err))
    with to_text[0], to_text[1], pytest.raises(SystemExit) as left:
        main([*step.line, "--json"])
    return out.getvalue(), left.value.code


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_it(name):
    options = [one for param in LEAVES[name].params for one in param.opts]
    assert "--json" in options
    assert any(one.verb == name for one in every_verb.GOOD), "a command that no step tries"
    assert any(one.verb == name for one in every_verb.BAD), "a command that no step tries with bad input"


@pytest.mark.parametrize("step", every_verb.GOOD, ids=lambda step: " ".join(step.line)[:60])
def test_an_answer_is_one_object(answers, step):
    text, code = answers[step]
    assert (text.count("\n"), code) == (1, step.code), text
    document = json.loads(text)
    assert isinstance(document, dict)
    assert "faults" not in document or all(list(one) == FAULT for one in document["faults"])


@pytest.mark.parametrize("step", every_verb.BAD, ids=lambda step: " ".join(step.line)[:60])
def test_bad_input_is_one_object_with_its_faults(answers, step):
    text, code = answers[step]
    assert (text.count("\n"), code) == (1, step.code), text
    document = json.loads(text)
    assert step.fault in [one["code"] for one in document["faults"]]
    assert all(list(one) == FAULT and one["cause"] and one["action"] for one in document["faults"])
    if step.verb not in ("validate", "event check"):
        assert sorted(document) == ["exit_code", "faults", "violations"]
        assert document["exit_code"] == code


@pytest.fixture(scope="module")
def refused():
    """Says what the documented schema of a command has against an answer; empty: nothing."""
    library = pytest.importorskip("fastjsonschema")  # `scripts/run.py test` installs it
    definitions = schema()["definitions"]
    compiled = {
        name: library.compile({"$ref": f"#/definitions/plan {name}", "definitions": definitions})
        for name in LEAVES
    }

    def why(name, document):
        try:
            compiled[name](document)
        except library.JsonSchemaException as error:
            return str(error)
        return ""

    return why


def test_every_command_has_its_schema():
    assert set(ANSWERS) == set(LEAVES)


@pytest.mark.parametrize(
    "step", (*every_verb.GOOD, *every_verb.BAD), ids=lambda step: " ".join(step.line)[:60]
)
def test_an_answer_is_as_its_schema_says_and_the_schema_refuses_others(answers, refused, step):
    document = json.loads(answers[step][0])
    assert refused(step.verb, document) == ""
    for one in _broken(document):
        assert refused(step.verb, one), one


def _broken(document):
    """The same with a key too many, with a value of another type, and without each of its usual keys."""
    yield document | {"no_such": 1}
    for key in document:
        yield document | {key: object}
        if key in _ALWAYS:
            yield {name: one for name, one in document.items() if name != key}


_ALWAYS = {
    "path",
    "valid",
    "faults",
    "status",
    "cost",
    "components",
    "events_path",
    "files",
    "rules",
    "exit_code",
}


def test_what_the_program_does_not_expect_is_told_as_a_fault(monkeypatch, capsys):
    def broken(*_, **__):
        raise RuntimeError("boom")

    monkeypatch.setattr("planner.background.read.validate_all", broken)
    with pytest.raises(SystemExit) as left:
        main(["validate", "x", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (left.value.code, document["faults"][0]["code"]) == (1, "C728")
    assert "boom" in document["faults"][0]["cause"]


def test_an_answer_is_not_said_where_something_goes_wrong_after_it(monkeypatch, capsys, tmp_path):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "out.xlsx")

    folder = shutil.copytree(every_verb.ROOT / "instances" / "toy", tmp_path / "toy")
    monkeypatch.setattr("planner.instance.workbook.mark.mark", full)
    with pytest.raises(SystemExit) as left:
        main(["validate", str(folder), "--mark", str(tmp_path / "out.xlsx"), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (left.value.code, document["faults"][0]["code"]) == (2, "C724")
    assert document["faults"][0]["value"] == "out.xlsx"
