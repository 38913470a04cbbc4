"""`one` is one thing: no line binds it twice, and no short statement uses it for two things."""

import ast
from collections import Counter

import pytest

from scripts.structure import ROOT

FILES = {
    path.relative_to(ROOT).as_posix(): path
    for folder in ("planner", "scripts", "benchmarks", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
NAME = "one"
SHORT = 3  # lines of a statement that is read at a glance
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def lines_that_bind(*nodes):
    """The line of each place that gives the name to something: a target, or a parameter."""
    for node in nodes:
        for part in ast.walk(node):
            target = isinstance(part, ast.Name) and part.id == NAME and isinstance(part.ctx, ast.Store)
            if target or (isinstance(part, ast.arg) and part.arg == NAME):
                yield part.lineno


def bound_twice(tree):
    """Lines that give the name to two things."""
    return sorted(line for line, number in Counter(lines_that_bind(tree)).items() if number > 1)


def meanings(node, outer):
    """What gives the name its meaning, for each place below a node that says it."""
    parts, own = list(ast.iter_child_nodes(node)), outer
    if isinstance(node, COMPREHENSIONS):
        first = node.generators[0].iter  # the only part that stands outside of it
        yield from meanings(first, outer)
        loops = [part for loop in node.generators for part in (loop.target, loop.iter, *loop.ifs)]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        parts = [part for part in (*loops, *values) if part is not first]
        own = node if any(lines_that_bind(*(loop.target for loop in node.generators))) else outer
    elif isinstance(node, ast.Lambda):
        own = node if any(lines_that_bind(node.args)) else outer
    elif (isinstance(node, ast.Name) and node.id == NAME) or (isinstance(node, ast.arg) and node.arg == NAME):
        yield outer
    for part in parts:
        yield from meanings(part, own)


def used_for_two(tree):
    """First lines of short statements (of long ones' heads) in which the name means two things."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.ExceptHandler) or isinstance(node, SCOPES):
            continue
        inside = (ast.stmt, ast.ExceptHandler, ast.match_case)
        head = [part for part in ast.iter_child_nodes(node) if not isinstance(part, inside)]
        last = max((part.end_lineno for part in head if hasattr(part, "end_lineno")), default=node.lineno)
        found = {id(meaning) for part in head for meaning in meanings(part, node)}
        if len(found) > 1 and last - node.lineno < SHORT:
            yield node.lineno


@pytest.mark.parametrize("file", FILES)
def test_one_is_one_thing(file):
    tree = ast.parse(FILES[file].read_text("utf-8"))
    assert bound_twice(tree) == []
    assert list(used_for_two(tree)) == []


@pytest.mark.parametrize(
    ("text", "twice", "two"),
    [
        ("a = [one for one in rows] + [one for one in others]", [1], [1]),
        ("a = sorted((one for one in rows), key=lambda one: one.id)", [1], [1]),
        ("a = [one for one in rows] + [\n    one for one in others\n]", [], [1]),
        ("a = [one for one in rows] + [\n\n\n    one for one in others\n]", [], []),
        ("for one in rows:\n    a = [one for one in one.rows]", [], [2]),
        ("for one in rows:\n    a = one\n    b = [one for one in others]", [], []),
        ("for one in [one for one in rows]:\n    pass", [1], [1]),
        ("a = [other for one in rows for other in one if other is one]", [], []),
        ("a = max(rows, key=lambda one: (one.id, [x for x in one.parts]))", [], []),
        ("a = {one: 1 for one in rows}", [], []),
        ("a = [one for row in rows for one in row]; b = [one for one in rows]", [1], []),
        ("if any(one for one in rows):\n    a = [one for one in others]", [], []),
    ],
)
def test_a_name_of_two_things_is_found(text, twice, two):
    tree = ast.parse(text)
    assert (bound_twice(tree), list(used_for_two(tree))) == (twice, two)
