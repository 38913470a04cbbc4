"""The pages that are made from the program are up to date."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from planner.base.rules import RULES
from planner.base.text import catalogue
from planner.instance.schema import TABLES
from scripts.structure import ROOMS

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "make_docs.py"


def test_pages_are_up_to_date() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_stale_page_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    made = runpy.run_path(str(SCRIPT), run_name="made")
    root = tmp_path / "dókumen baru"
    (root / "docs").mkdir(parents=True)
    main = made["main"]
    monkeypatch.setitem(main.__globals__, "ROOT", root)
    assert main([]) == 0
    assert main(["--check"]) == 0
    page = root / "docs" / "errors.md"
    page.write_text(page.read_text("utf-8") + "\nby hand\n", "utf-8")
    assert main(["--check"]) == 1
    assert "docs/errors.md is out of date" in capsys.readouterr().out


def test_every_column_and_code_is_told() -> None:
    page = (ROOT / "docs" / "instance_format.md").read_text("utf-8")
    for table in TABLES.values():
        section = page.split(f"\n### {table.name}\n")[1].split("\n### ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [column.name for column in table.columns]
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    codes = {key.split(".")[1] for key in catalogue("en") if key.startswith("faults.")}
    assert set(re.findall(r"\*\*(\w\d{3})\*\*", errors)) == codes


PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def anchors(page: Path) -> set[str]:
    """Names that headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


def test_each_word_of_the_glossary_stands_there_once() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8").split("## Words of Indonesian")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", page, re.M)
    english = [word for words, _ in rows for word in words.split(", ") if words not in ("English", "---")]
    assert len(english) > 60
    assert sorted(english) == sorted(set(english))


def names_of(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """What a module or a class defines, by its names."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update((one.id, node) for one in targets if isinstance(one, ast.Name))
    return found


def is_there(name: str) -> bool:
    """Whether a folder, a module, or something that a module or a class holds has this dotted name."""
    parts = name.removeprefix("planner.").split(".")
    place, depth = ROOT / "planner", 0
    while depth < len(parts) and (place / parts[depth]).is_dir():
        place, depth = place / parts[depth], depth + 1
    if depth < len(parts) and (place / f"{parts[depth]}.py").exists():
        place, depth = place / f"{parts[depth]}.py", depth + 1
    rest = parts[depth:]
    if not rest:
        return True
    body = ast.parse(place.read_text("utf-8")).body if place.suffix == ".py" else []
    for one in rest:
        node = names_of(body).get(one)
        if node is None:
            return False
        body = node.body if isinstance(node, ast.ClassDef) else []
    return True


FILES = (".csv", ".json", ".md", ".py", ".svg", ".toml", ".xlsx")


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/algorithm.md", "CONTRIBUTING.md"])
def test_dotted_names_are_those_of_modules_and_what_they_hold(page: str) -> None:
    names = set(re.findall(r"`((?:\w+\.)+\w+)`", (ROOT / page).read_text("utf-8")))
    columns = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns}
    texts = {key.replace(key.split(".")[1], "ID") for key in catalogue("en") if key.startswith("rules.")}
    known = columns | texts
    assert not {one for one in names - known if not one.endswith(FILES) and not is_there(one)}


def test_the_architecture_has_every_room_in_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    each = page.split("\n## Rooms\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)/` \|", each, re.M) == [name for name in ROOMS if "/" not in name]


def test_the_architecture_leads_from_each_table_to_its_rules() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    each = page.split("\n## A table, what it holds, which rules\n")[1].split("\n## ")[0]
    told = set()
    for line in re.findall(r"^\| `.+\|$", each, re.M):
        tables, _, checked, rules = (re.findall(r"`([\w.]+)`", cell) for cell in line.split("|")[1:-1])
        told.update(tables)
        for rule in rules:
            assert RULES[rule].checked.split(":")[0].removeprefix("planner.") in checked, (tables, rule)
    assert told - {"plan.toml"} == set(TABLES)


def test_the_algorithm_names_what_there_is() -> None:
    """A module before the colon; then `:name` is in the same module, `.name` in the same class."""
    page = (ROOT / "docs" / "algorithm.md").read_text("utf-8")
    module = holder = ""
    number = 0
    for first, name, method in re.findall(r"`(?:([\w.]*):([\w.]+)|\.(\w+))`", page):
        module = first or module
        if name:
            holder = f"{module}.{name.split('.')[0]}"
        assert is_there(f"{module}.{name}" if name else f"{holder}.{method}"), (module, name, method)
        number += 1
    assert number > 100


def test_each_work_that_the_algorithm_lists_is_cited() -> None:
    text, listed = (ROOT / "docs" / "algorithm.md").read_text("utf-8").split("\n## References\n")
    works = re.findall(r"^- ([^,(]+?)(?: et al\.|,[^(]*)? \((\d{4})\)", listed, re.M)
    assert len(works) == len(re.findall(r"^- ", listed, re.M)) > 20
    for author, year in works:
        assert re.search(rf"{author}(?: et al\.| and [\w ]+)? {year}", " ".join(text.split())), author


def _commands(page: str) -> tuple[list[str], str]:
    """The commands in the first cells of a page's tables, and its first block of commands."""
    text = (ROOT / page).read_text("utf-8")
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return [one for one in cells if " " in one], text.split("```\n")[1]


def test_the_readmes_of_both_languages_have_the_same_commands() -> None:
    ours, theirs = _commands("README.md"), _commands("README.id.md")
    assert ours == theirs
    assert len(ours[0]) > 20
