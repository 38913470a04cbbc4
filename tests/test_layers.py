"""Who may import whom (`scripts/structure.py` holds the order); and what the program must not know."""

import ast
from functools import cache

import pytest

from scripts import machines
from scripts.structure import ROOMS, arrows, figures, imports_of, in_order, modules_of

# The root: its version, and what is imported when one of its names is used for the first time.
LAZY = {
    ("planner", name)
    for name in ("planner.api", "planner.base", "planner.base.version", "planner.base.errors")
}
# The checker is independent: nothing of the search, no numerical library.
PROOF_MAY = {
    *("planner.base." + name for name in ("version", "errors", "clock", "text", "opening", "rules")),
    *("planner.plans." + name for name in ("model", "reader", "file")),
    *("planner.instance." + name for name in ("schema", "decisions", "digest", "outages")),
    *(
        "planner.events." + name
        for name in ("amend", "apply", "as_told", "kinds", "loads", "match", "meaning")
    ),
    *("planner.events." + name for name in ("schema", "read", "tellings")),
}
# Planning works everything out by itself. It may ask the checker to judge a finished candidate ...
JUDGES = {
    "check.CHECKS", "check.ancestry_of", "check.check_plan", "check.checked", "check.facts_of",
    "evidence.Past", "evidence.past_of", "facts.PlanFacts", "verdict.Recorder", "verdict.Verdict",
    "verdict.Violation", "world.World", "world.world_of",
}  # fmt: skip
# ... where people's routes are judged, what they would have to claim;
ROUTES = {"costs.total_cost", "rules.answer.component_status", "rules.cost.component_trips"}
# who cannot be served in time, or from the stock there is, is proven as the checker proves it;
PROOFS = {
    "impossibility.crossing_edges", "impossibility.earliest_receipt", "impossibility.flaws",
    "impossibility.last_to_come", "impossibility.types_reaching", "stocks.deliverable",
    "stocks.direct_lag_s", "stocks.stock_before",
}  # fmt: skip
# and what has happened, and goes on by itself, is read as the checker reads it.
HAPPENED = {
    "as_it_went.as_it_went", "eras.Eras", "facts.LegView", "told.Told", "worst.delays.Delays",
    "worst.outages.OutagesOfTrips", "worst.pieces.pieces_of", "worst.policy.Course", "worst.policy.Feed",
    "worst.policy.NEVER", "worst.way_home.home_again_s",
}  # fmt: skip
# What was found of plans before is written down as the checker said it.
REMEMBERED = {"measures.Measure", "verdict.Override"}
MAY_BORROW = {
    "replanning.known_checks": REMEMBERED,
    "evaluation.pipeline": ROUTES,
    "building.echelons": PROOFS, "building.infeasibility": PROOFS, "transshipment.orders": PROOFS,
    "solving.pareto": PROOFS,
    "replanning.state": HAPPENED, "replanning.projection": HAPPENED, "replanning.lost_stock": HAPPENED,
    "replanning.outages": HAPPENED,
}  # fmt: skip
NUMERICAL = {"numba", "numpy", "pandas", "ortools", "networkx", "scipy"}
ORTOOLS_IN = {
    "planner.propose.ortools",
    "planner.building.shortage",
    "planner.replanning.driven",
    "planner.replanning.model",
}  # and planner.compose

FILES = modules_of()
ORDER = {name: place for place, name in enumerate(in_order())}
MOST_ARROWS = 210  # between folders; there were 393 when each of 45 modules stood by itself


@cache
def imported(module):
    return frozenset(imports_of(FILES[module], FILES))


def own(module):
    return sorted(name for name in imported(module) if name.split(".")[0] == "planner")


def test_the_order_names_every_module_once_and_nothing_else():
    bare = {name for name, path in FILES.items() if path.name == "__init__.py"} - ORDER.keys()
    assert set(ORDER) | bare == set(FILES)
    assert all(len(ast.parse(FILES[name].read_text("utf-8")).body) == 1 for name in bare - {"planner"})
    assert len(in_order()) == len(ORDER)


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_from_before_it(module):
    """In functions and for types too, so there is no circle of any kind."""
    for name in own(module):
        before = module in ORDER and name in ORDER and ORDER[name] < ORDER[module]
        assert before or (module, name) in LAZY, f"{module} imports {name}"


def test_only_the_root_and_what_marks_the_package_stand_outside_folders():
    assert figures()["files straight under planner/"] == 2


def test_folders_import_few_others():
    assert len(arrows()) <= MOST_ARROWS


def test_folders_are_named_in_the_way_of_the_data():
    places = [name for name in ROOMS if "/" not in name]
    assert all(places.index(one) > places.index(other) for one, other in arrows() if one)


@pytest.mark.parametrize("module", [name for name in FILES if name.startswith("planner.proof")])
def test_the_checker_stands_alone(module):
    assert {name for name in own(module) if not name.startswith("planner.proof")} <= PROOF_MAY
    assert not {name.split(".")[0] for name in imported(module)} & NUMERICAL


def test_what_the_checker_may_import_it_does():
    used = {name for module in FILES if module.startswith("planner.proof") for name in own(module)}
    assert used >= PROOF_MAY


def test_planning_borrows_of_the_checker_only_what_is_named():
    borrowed = {
        (module, name.removeprefix("proof.")) for module, name in machines.borrowed(machines.sources())
    }
    for module, name in borrowed:
        assert name in JUDGES | MAY_BORROW.get(module, set()), f"{module} borrows {name}"
    used = {name for _, name in borrowed}
    assert used == JUDGES | ROUTES | PROOFS | HAPPENED | REMEMBERED


def test_the_checker_has_formulas_of_its_own():
    """Rows of tables know some of what planning works out; the checker does not ask them."""
    for module in FILES:
        if module.startswith("planner.proof."):
            called = {
                node.func.attr
                for node in ast.walk(ast.parse(FILES[module].read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            }
            assert "transfer_s" not in called, module


def test_the_verifier_of_benchmarks_stands_alone():
    """It shares nothing with the search but the fields of a file, and no number of it is a float."""
    assert imported("planner.benchmark.verify") <= {
        "__future__",
        "collections.abc",
        "dataclasses",
        "fractions",
        "math",
        "planner.benchmark.files",
        "re",
        "typing",
    }
    assert own("planner.benchmark.files") == ["planner.base.errors", "planner.base.opening"]


def test_ortools_stays_in_its_adapters():
    users = {module for module in FILES if any(name.split(".")[0] == "ortools" for name in imported(module))}
    assert {name for name in users if not name.startswith("planner.compose.")} == ORTOOLS_IN


def test_a_rule_has_the_same_module_in_the_checker_and_in_the_models():
    assert set(ROOMS["compose/rules"].split()) <= set(ROOMS["proof/rules"].split())


def test_the_package_runs_no_other_copy_of_itself():
    """What is imported by text would escape the table."""
    for module, path in FILES.items():
        called = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        }
        allowed = {"planner.cli"}  # loads the verb that is asked for
        assert module in allowed or not called & {"import_module", "__import__", "exec", "eval"}, module
