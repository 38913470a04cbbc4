"""Who may import whom; and what the program must not know."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "planner"

# In this order a module or package imports only from those before it, or from its own package.
ORDER = (
    "base",
    "instance",
    "plans",
    "events",
    "compare",
    "proof",
    "simulation",
    "network",
    "starting",
    "problem",
    "building",
    "propose",
    "bounds",
    "compose",
    "reasons",
    "search",
    "transshipment",
    "solving",
    "replanning",
    "evaluation",
    "outputs",
    "benchmark",
    "batches",
    "api",
    "cli",
)
# The root: its version, and what is imported when one of its names is used for the first time.
LAZY = {("planner", "planner.api"), ("planner", "planner.base"), ("planner", "planner.base.version")}
# The checker is independent: nothing of the search, no numerical library.
PROOF_MAY = {
    "planner.base.version",
    "planner.base.errors",
    "planner.base.clock",
    "planner.base.text",
    "planner.base.rules",
    "planner.plans.model",
    "planner.plans.file",
    "planner.instance.schema",
    "planner.instance.subjects",  # what a decision names is a matter of reading
    "planner.instance.decisions",
    "planner.instance.read",
    "planner.instance.digest",
    "planner.instance.outages",
    "planner.events.apply",
    "planner.events.match",
    "planner.events.schema",
    "planner.events.read",
}
NUMERICAL = {"numba", "numpy", "pandas", "ortools", "networkx", "scipy"}
ORTOOLS_IN = {
    "planner.propose.ortools",
    "planner.building.shortage",
    "planner.replanning.model",
}  # and planner.compose


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree_of(module):
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


@cache
def imports_of(module):
    """All modules that a module imports anywhere, functions included."""
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in FILES else node.module for name in whole}
    return frozenset(found)


def layer_of(module):
    """Its place in the order; the package's own root, which holds only the version, is before all."""
    parts = module.split(".")
    return ORDER.index(parts[1]) if len(parts) > 1 else -1


def test_the_order_names_every_module_and_nothing_else():
    assert {module.split(".")[1] for module in FILES if "." in module} == set(ORDER)
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_from_before_it(module):
    for name in imports_of(module):
        if name.split(".")[0] == "planner":
            own = name.split(".")[:2] == module.split(".")[:2] or (module, name) in LAZY
            assert own or layer_of(name) < layer_of(module), f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in FILES if name.startswith("planner.proof")])
def test_the_checker_stands_alone(module):
    for name in imports_of(module):
        if name.split(".")[0] == "planner":
            assert name in PROOF_MAY or name.split(".")[1:2] == ["proof"], f"{module} imports {name}"
        assert name.split(".")[0] not in NUMERICAL, f"{module} imports {name}"


def test_the_verifier_of_benchmarks_stands_alone():
    """It shares nothing with the search but the fields of a file, and no number of it is a float."""
    assert imports_of("planner.benchmark.verify") <= {
        "__future__",
        "collections.abc",
        "dataclasses",
        "fractions",
        "math",
        "planner.benchmark.files",
        "re",
        "typing",
    }
    assert {name for name in imports_of("planner.benchmark.files") if name.startswith("planner")} == {
        "planner.base.errors"
    }


def test_ortools_stays_in_its_adapters():
    users = {
        module for module in FILES if any(name.split(".")[0] == "ortools" for name in imports_of(module))
    }
    assert {name for name in users if not name.startswith("planner.compose.")} == ORTOOLS_IN


def test_the_package_runs_no_other_copy_of_itself():
    """What is imported by text would escape the table."""
    for module in FILES:
        called = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(tree_of(module))
            if isinstance(node, ast.Call)
        }
        allowed = {"planner.cli"}  # loads the verb that is asked for
        assert module in allowed or not called & {"import_module", "__import__", "exec", "eval"}, module
