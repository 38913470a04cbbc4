"""What is frozen changes nothing of itself: no method of a frozen class writes into one of its fields."""

import ast
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).resolve().parents[1] / "planner").rglob("*.py"))
CHANGES = {"append", "extend", "update", "setdefault", "pop", "add", "remove", "discard", "clear", "insert"}


def of_itself(node):
    """Whether something is, or lies in, an attribute of `self`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def changes(source):
    """Writes into their own fields by methods of frozen dataclasses."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    frozen = [one for one in classes if any("frozen=True" in ast.unparse(by) for by in one.decorator_list)]
    for one in frozen:
        for node in ast.walk(one):
            calls = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if calls and node.func.attr in CHANGES and of_itself(node.func.value):
                yield f"{one.name}: {ast.unparse(node)}"
            targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else ()
            targets = (node.target,) if isinstance(node, ast.AugAssign) else targets
            for target in targets:
                if isinstance(target, ast.Subscript) and of_itself(target):
                    yield f"{one.name}: {ast.unparse(node)}"
            if calls and ast.unparse(node.func) in ("object.__setattr__", "vars"):
                yield f"{one.name}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.as_posix().split("planner/", 1)[1])
def test_nothing_frozen_changes(path):
    source = path.read_text("utf-8")
    assert list(changes(source)) == []
    assert "vars(instance)[" not in source


@pytest.mark.parametrize(
    "line",
    [
        "self.known[1] = 2",
        "self.known.pop(1)",
        "self.known[1].append(2)",
        "del self.known[1]",
        "self.n[0] += 1",
    ],
)
def test_a_hidden_change_is_found(line):
    text = "@dataclass(frozen=True)\nclass One:\n    known: dict\n\n    def get(self):\n        "
    assert list(changes(text + line))
    assert not list(changes(text.replace("(frozen=True)", "") + line))
    assert not list(changes(text + "known = dict(self.known)\n        known.pop(1)"))
