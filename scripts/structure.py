"""The house: which folder of `planner/` may import which, how modules are ordered, how large it all is.

    python3 scripts/structure.py [FOLDER]

prints the figures of a checkout (this one, without FOLDER). `tests/test_layers.py` enforces the order, and
`scripts/make_docs.py` draws the picture of docs/architecture.md from it.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Folders in the way of the data, each with its modules in order: a module imports only from what stands
# before it here. The name of a folder inside a folder stands for all that it holds; `__init__` is named where
# it does more than tell what its folder is.
ROOMS: dict[str, str] = {
    "base": "version nearest safe_text text errors clock opening files locking strict_json rules",
    "base/text": "__init__",
    "instance": (
        "kinds keywords rows network_rows schema call_signs sheet_names cells number_formats settings raw "
        "local explain draft chains closures kits subjects decisions outages crews aliases box_codes boxes "
        "box_faults called digest references chain_faults decision_faults slips edge_slips "
        "notes feasibility split_faults validate workbook read write noting area_names"
    ),
    "instance/workbook": "formats package grid texts values settings_sheet read write mark",
    "background": "geometry schema meridian read write cut",
    "store": "place folders chain tables ledger people inbox mirror books copying erasing reports",
    "plans": "model writer reader file registry locate lineage",
    "events": (
        "schema kinds moments names values decisions rows meaning tellings downstream loads match "
        "early_arrivals early_loads clocks calendars deadlines delays docks goods ways apply drafts entered "
        "units amend as_told repeated together read told table adding bulk"
    ),
    "messages": (
        "lexicon chats known sentences times frames slots proposals drafts report_times report_cells "
        "reading inbox"
    ),
    "compare": "changes places regions vehicles comparison",
    "proof": (
        "calendars kit paths passages world views needs stocks chain_bounds worst measures knowledge news "
        "verdict impossibility as_it_went evidence taken told reported driving facts nights costs eras "
        "history rules check certificate certificate_check"
    ),
    "proof/worst": "gamma delays pieces working_time outages way_home stock_feeds policy case stretch",
    "proof/rules": (
        "header chain transfer hub_storage trip hours work_limit capacity vehicle_overlap docks outage "
        "stock exactly_once split decisions keep replan history executed deadline cost answer file"
    ),
    "simulation": "distributions hours legs working_time model play draws result run",
    "network": (
        "geometry model apart calendars graph arrivals timed pieces travel delays plane calibrate report"
    ),
    "starting": "example template folder list_file counts part begin network_file",
    "problem": (
        "fleet consignment fixings problem echelons visits trip_times one_day ledger supply start_windows "
        "late_work late_crews robust_trip"
    ),
    "building": (
        "places problems decisions direct_trips blocked shortage infeasibility stations demand echelons"
    ),
    "propose": "engine alternatives pool stays rooms bundles loading_moments ortools sisr engines",
    "propose/sisr": (
        "kernel decided outline neighbours leg_hours flatten trip_arrays points fleet_shares division engine"
    ),
    "propose/sisr/kernel": (
        "cache inner arrays draws time_functions hours times propagation vehicles solution insertion_tests "
        "bundles insertion local_search vehicle_choice ruin recreate acceptance search start compile"
    ),
    "bounds": "radial",
    "compose": (
        "variants options solution delay_propagation delay_model list_scheduling reordering "
        "relaxation slack rules stages vehicle_naming vehicle_assignment master margins component_solution "
        "starts neighbourhoods hub_nights joint_model"
    ),
    "compose/rules": (
        "chain transfer hub_storage work_limit vehicle_overlap outage docks stock exactly_once split "
        "deadline cost"
    ),
    "reasons": "decisions regions legs outcome lifts",
    "search": "search_clock warm_start echelon hub_capacity top_down rounds component",
    "transshipment": "orders exchange",
    "solving": (
        "options unsupported jobs worker worker_pool dispatch partial incumbent promises limits phases "
        "pipeline price_of_robustness pareto_parts pareto"
    ),
    "replanning": (
        "moment work_clock changes edits goods moved outages breakdowns decided projection lost_stock "
        "nights results state due options leg_delays scope places routes commitments setting one_day "
        "hub_capacity rests choices trips value judge known_checks net greedy driven model case hopeless "
        "outlook search job unserved component pipeline request stability outdated "
        "approving"
    ),
    "evaluation": "routes cells read relaxed_trip goods timing pipeline",
    "outputs": (
        "figures knowledge preparation diff_names diff_areas diff_places diff_regions diff_words "
        "diff_json diff_list transfers transshipments causes chances event_words event_list history "
        "robustness tables summary shown day_lists plan_book replan_summary itineraries status now_what "
        "replan_calls status_text status_document tradeoff map tracks"
    ),
    "outputs/map": ("fonts frame classes scene ground ways marks labels names insets legend page png files"),
    "pages": "shapes money document against public html",
    "papers": (
        "model settings qr names words source run_sheets handovers lists typeset filing parts messages "
        "bulletin"
    ),
    "papers/bulletin": "situation counts tables document since choropleth sheet forms pdf made",
    "custody": "ways lists ledger reading desk box_way",
    "desk": (
        "now lookup people picture gate overview subjects look trial proposals ask showing telling deciding "
        "pages server"
    ),
    "benchmark": "files conventions read generate solution verify run",
    "batches": (
        "changes text_sheet workbench edits conveniences apply scenarios failure task losses lock "
        "record tries single_run worker worker_process attempts executor prepare results pipeline "
        "result_tables summary loss_runs text_tables markdown plots report"
    ),
    "api": "dataframes objects reading changing judging solving tradeoffs afterwards __init__",
    "cli": (
        "usage terminal click_words printing failure __init__ options changes pair package progress "
        "batch_view init validate network tradeoff solve evaluate check days store approve in_force show "
        "people desk export report "
        "papers messages notes problem preparation bulletin confirm paste event scan status replan diff "
        "batch bench"
    ),
}

LONG_FUNCTION, LONG_FILE = 60, 500


def modules_of(root: Path = ROOT) -> dict[str, Path]:
    """Modules of the package in a checkout, by their dotted names."""
    found = {}
    for path in sorted((root / "planner").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, modules: dict[str, Path]) -> set[str]:
    """Modules of the package, and others, that a file imports anywhere: in functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in modules else str(node.module) for name in whole}
    return found


def in_order() -> list[str]:
    """All modules, each before those that may import it."""

    def inside(folder: str) -> list[str]:
        prefix, found = "planner." + folder.replace("/", "."), []
        words = ROOMS[folder].split()
        for word in words if "__init__" in words else ["__init__", *words]:
            if word == "__init__":
                found.append(prefix)
            elif f"{folder}/{word}" in ROOMS:
                found += inside(f"{folder}/{word}")
            else:
                found.append(f"{prefix}.{word}")
        return found

    return [name for folder in ROOMS if "/" not in folder for name in inside(folder)]


def room_of(module: str) -> str:
    """The folder straight under `planner/` that holds a module, or its own name where none does."""
    return module.split(".")[1] if "." in module else ""


def arrows(root: Path = ROOT) -> set[tuple[str, str]]:
    """Pairs of folders (and of modules straight under `planner/`) of which the first imports the second."""
    modules = modules_of(root)
    found = set()
    for module, path in modules.items():
        for other in imports_of(path, modules):
            if other in modules and room_of(other) != room_of(module):
                found.add((room_of(module), room_of(other)))
    return found


def _lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    words = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (function.end_lineno or 0) - function.lineno + 1 - words


def figures(root: Path = ROOT) -> dict[str, int]:
    """What the closing table of a change of the house compares."""
    files = list((root / "planner").rglob("*.py"))
    sizes = [len(path.read_text(encoding="utf-8").splitlines()) for path in files]
    functions = [
        _lines_of_code(node)
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {
        "lines of planner/": sum(sizes),
        "modules": len(files),
        "files straight under planner/": sum(1 for path in (root / "planner").iterdir() if path.is_file()),
        "folders": len({path.parent for path in files}) - 1,
        "imports between folders": len(arrows(root)),
        f"functions above {LONG_FUNCTION} lines": sum(1 for size in functions if size > LONG_FUNCTION),
        f"files above {LONG_FILE} lines": sum(1 for size in sizes if size > LONG_FILE),
    }


if __name__ == "__main__":
    for name, number in figures(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT).items():
        print(f"{name:32} {number:>8,}")
