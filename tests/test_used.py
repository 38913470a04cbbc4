"""What only tests call is no part of the program: it stands with the tests, or nowhere."""

import ast

import pytest

from scripts.structure import ROOT, modules_of

FILES = modules_of()
OF_PYTHON = (ROOT / "docs" / "python.md").read_text("utf-8")  # what people may call
CALLED_BY_NUMBA = {"planner.propose.sisr.kernel.cache", "planner.propose.sisr.kernel.inner"}
OWN_BASES = {"NamedTuple", "Enum", "StrEnum", "Exception", "ValueError"}
DEFINED = (ast.FunctionDef, ast.ClassDef)


class Uses:
    """Which names some files read: by themselves, behind a dot, or by importing them."""

    def __init__(self, trees):
        self.read, self.imported = {}, set()
        for file, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    self.read.setdefault(node.id, []).append((file, node.lineno))
                elif isinstance(node, ast.Attribute):
                    self.read.setdefault("." + node.attr, []).append((file, node.lineno))
                elif isinstance(node, ast.ImportFrom):
                    self.imported |= {(node.module, alias.name) for alias in node.names}

    def has(self, file, node, owner=None):
        """Whether something of a file (a method: of its owner) is read outside of its own definition."""
        places = list(self.read.get("." + node.name, []))
        if owner is None:
            if (file, node.name) in self.imported:
                return True
            places += [place for place in self.read.get(node.name, []) if place[0] == file]
        return any(other != file or not node.lineno <= line <= node.end_lineno for other, line in places)


def unused(file, tree, uses, classes):
    """Functions, classes and methods of a file that nothing reads, but for what libraries call."""
    for node in tree.body:
        if not isinstance(node, DEFINED) or node.name.startswith("__"):
            continue
        called = {getattr(getattr(one, "func", one), "attr", "") for one in node.decorator_list}
        if not called & {"command", "group"} and not uses.has(file, node):
            yield node.name
        bases = {ast.unparse(base) for base in getattr(node, "bases", ())}
        if isinstance(node, ast.ClassDef) and bases <= classes:
            own = [one for one in node.body if isinstance(one, DEFINED) and not one.name.startswith("__")]
            yield from (f"{node.name}.{one.name}" for one in own if not uses.has(file, one, owner=node))


TREES = {module: ast.parse(path.read_text("utf-8")) for module, path in FILES.items()}
OTHERS = {
    path.as_posix(): ast.parse(path.read_text("utf-8"))
    for folder in ("scripts", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
}
USES = Uses(TREES | OTHERS)
CLASSES = OWN_BASES | {
    node.name for tree in TREES.values() for node in tree.body if isinstance(node, ast.ClassDef)
}


@pytest.mark.parametrize("module", [name for name in FILES if name not in CALLED_BY_NUMBA])
def test_everything_is_called_by_more_than_tests(module):
    found = set(unused(module, TREES[module], USES, CLASSES))
    if module.startswith("planner.api"):
        found = {name for name in found if name.rsplit(".", maxsplit=1)[-1] not in OF_PYTHON}
    assert found == set()


def test_what_nobody_calls_is_found():
    text = """
import click
class Used:
    def read(self): pass
    def alone(self): return self.alone()
class Verbs(click.Group):
    def called_by_click(self): pass
def again(): return again() + 1
def helper(): return Used().read
def result(): pass
def imported(): pass
@click.command()
def command(): return helper(), Verbs
"""
    other = "from m import imported\nresult = 1\nprint(result)"
    trees = {"m": ast.parse(text), "n": ast.parse(other)}
    assert list(unused("m", trees["m"], Uses(trees), OWN_BASES)) == ["Used.alone", "again", "result"]
