"""How many machines of each kind the house has: where the world is booked, built, given to CP-SAT.

    python3 scripts/machines.py [FOLDER]

prints the counts of a checkout (this one, without FOLDER), each with the modules that hold them.
`tests/test_machines.py` says how many there may be. The checker (`planner/proof`), and the simulation that
plays what it has judged, have their own of each: that is intended, and not counted.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PLANNING = (
    "problem", "building", "propose", "bounds", "compose", "reasons", "search", "transshipment", "solving",
    "replanning", "evaluation",
)  # fmt: skip

# A line that enters what somebody takes of a resource, whatever holds it.
BOOKED: Mapping[str, str] = {
    "vehicles and docks": (
        r"\binsort\(|\.busy\.append\(|\bbusy\[-1\] =|vehicles\.setdefault\(.*\)\.(append|extend)\(|"
        r"docks\.setdefault\(.*\)\.append|lines\[lines\.index\("
    ),
    "working time": r"\bwork\[.*\] = .*work\.get\(",
    "stock": r"\bloads\.setdefault\(|_loaded\.setdefault\(|\bleft\[at\] -=|^\s+taken = amount",
    "room at hubs": r"changes\[.*_s\] = .*changes\.get|come_cm3 \+=",
}
# A formula of the world, worked out where it is wanted.
FORMULAS: Mapping[str, str] = {
    "the time of a transfer": r"transfer_piece_s \* |[^_]piece_s \* ",
    "a region's weight": r"counts(\.get\(|\[).*\.weight",
    "the days of a trip": r"day_index\(.*end_s - 1\)\) \+ 1",
    "the id of a vehicle": r"(?<!:02d)\}-\{[^}]*:02d\}",
}


def sources(root: Path = ROOT) -> dict[str, str]:
    """Text of each module outside the checker and the simulation, by its name without `planner.`."""
    found = {}
    for path in sorted((root / "planner").rglob("*.py")):
        name = ".".join(path.relative_to(root / "planner").with_suffix("").parts)
        if name.split(".")[0] not in ("proof", "simulation"):
            found[name] = path.read_text(encoding="utf-8")
    return found


def holding(texts: Mapping[str, str], pattern: str) -> Counter[str]:
    """How many lines of each module hold a pattern."""
    wanted = re.compile(pattern)
    found: Counter[str] = Counter()
    for name, text in texts.items():
        for line in text.splitlines():
            if wanted.search(line):
                found[name] += 1
    return found


def calls(texts: Mapping[str, str], wanted: str) -> Counter[str]:
    """How often each module calls something of this name."""
    found: Counter[str] = Counter()
    for name, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                found[name] += called == wanted
    return +found


def borrowed(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What planning imports of the checker: the module that does, and the name in full."""
    for name, text in texts.items():
        if name.split(".")[0] in PLANNING:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("planner.proof"):
                    for alias in node.names:
                        yield name, f"{(node.module or '').removeprefix('planner.')}.{alias.name}"


def counts(root: Path = ROOT) -> dict[str, Counter[str]]:
    """All counts, by what is counted: so many in each module."""
    texts = sources(root)
    planning = {name: text for name, text in texts.items() if name.split(".")[0] in PLANNING}
    found = {f"booked: {what}": holding(planning, pattern) for what, pattern in BOOKED.items()}
    found["Problem( built of tables"] = Counter(
        {name: many for name, many in calls(planning, "Problem").items() if name != "building.shortage"}
    )
    models = calls(planning, "CpModel")
    found["CP-SAT models for the choice of trips"] = Counter(
        {name: many for name, many in models.items() if name != "building.shortage"}
    )
    found |= {f"formula: {what}": holding(texts, pattern) for what, pattern in FORMULAS.items()}
    found["names of the checker that planning imports"] = Counter(name for name, _ in borrowed(texts))
    return found


def main(root: Path) -> None:
    """Print the counts."""
    files = (root / "planner").rglob("*.py")
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    print(f"{'lines of planner/':46} {lines:>7,}")
    for what, mine in counts(root).items():
        print(f"{what:46} {len(mine):>3} places, {sum(mine.values()):>3} lines  {', '.join(sorted(mine))}")
    names = sorted({name for _, name in borrowed(sources(root))})
    print(f"{'of these, different names':46} {len(names):>3}  {', '.join(names)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
